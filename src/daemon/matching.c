/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/daemon/matching.h"

#include <string.h>

/* How long after a switch a program may still run that began before it: none waits, but it may lose its CPU. */
#define SWITCH_NS (1000ULL * 1000 * 1000)

void hawk_matching_switch(struct hawk_matching *m, const struct hawk_policy_set *set,
			  const uint64_t fresh[static HAWK_POLICY_WORDS], uint64_t now)
{
	hawk_proctab_unfollow(m->proctab, fresh);
	m->sets[0].until = now;
	memmove(m->sets + 1, m->sets, (HAWK_MATCHING_SETS - 1) * sizeof(*m->sets));
	m->sets[0].set = set;
}

bool hawk_matching_has(const struct hawk_matching *m, const struct hawk_policy_set *set)
{
	for (size_t i = 0; i < HAWK_MATCHING_SETS; i++)
		if (m->sets[i].set == set)
			return true;
	return false;
}

void hawk_matching_advance(struct hawk_matching *m, uint64_t time)
{
	if (time > m->frontier)
		m->frontier = time;
	for (size_t i = 1; i < HAWK_MATCHING_SETS; i++)
		if (m->frontier > m->sets[i].until + SWITCH_NS)
			m->sets[i].set = NULL;
}

/* That of the generation that the record carries while we have it, else the one in force. */
static const struct hawk_policy_set *set_of(const struct hawk_matching *m, const struct hawk_event *event)
{
	for (size_t i = 0; i < HAWK_MATCHING_SETS && m->sets[i].set; i++)
		if (hawk_policy_set_generation(m->sets[i].set) == event->generation)
			return m->sets[i].set;
	return m->sets[0].set;
}

bool hawk_matching_wants(const struct hawk_matching *m, uint16_t event)
{
	return m->sets[0].set && hawk_policy_set_wants(m->sets[0].set, event);
}

bool hawk_matching_event(const struct hawk_matching *m, struct hawk_event *event)
{
	const struct hawk_policy_set *set = set_of(m, event);

	if (set)
		return hawk_policy_set_match(set, event, false, &m->env);
	memset(event->matched, 0, sizeof(event->matched));
	event->policies.len = 0;
	return false;
}

void hawk_matching_follow(const struct hawk_matching *m, const struct hawk_event *event)
{
	const struct hawk_policy_set *set = set_of(m, event);
	bool fork = event->desc->id == HAWK_EV_SCHED_PROCESS_FORK;
	uint64_t bits[HAWK_POLICY_WORDS];

	if (!set || !event->task || !(fork || event->desc->id == HAWK_EV_SCHED_PROCESS_EXEC) ||
	    !hawk_policy_set_follow(set, event, &m->env, bits))
		return;
	hawk_proctab_follow(m->proctab, (uint32_t)event->task->pid, event->task->start, bits);
}
