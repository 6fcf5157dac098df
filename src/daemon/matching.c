/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/daemon/matching.h"

#include <string.h>

#include "src/policy/aggregate.h"

/* How long after a switch a program may still run that began before it: none waits, but it may lose its CPU. */
#define SWITCH_NS (1000ULL * 1000 * 1000)

/* An event of the daemon, which belongs to the policy. */
static void on_rest(void *ctx, const char *policy, const struct hawk_policy_rest *rest)
{
	static const struct hawk_value absent = { .flags = HAWK_VAL_ABSENT };
	const struct hawk_matching *m = ctx;
	struct hawk_event e = { .desc = hawk_event_by_id(HAWK_EV_ALIKE), .matched = { 1 }, .policies = hawk_value_text(policy) };
	const bool known = rest->since;

	e.policies.len++; /* with its NUL */
	e.policies.full++;
	e.data[hawk_event_field(e.desc, "count")] = (struct hawk_value){ .u = rest->count };
	e.data[hawk_event_field(e.desc, "since")] = known ? (struct hawk_value){ .u = rest->since } : absent;
	e.data[hawk_event_field(e.desc, "policy")] = hawk_value_text(policy);
	e.data[hawk_event_field(e.desc, "name")] = known ? hawk_value_text(hawk_event_by_id(rest->event)->name) : absent;
	e.data[hawk_event_field(e.desc, "by")] = known ? rest->by : absent;
	m->tell(m->ctx, &e);
}

void hawk_matching_end(const struct hawk_matching *m, uint64_t time)
{
	if (m->sets[0].set)
		hawk_policy_set_end(m->sets[0].set, time, NULL, 0, on_rest, (void *)(uintptr_t)m);
	for (size_t i = 1; time == UINT64_MAX && i < HAWK_MATCHING_SETS; i++)
		if (m->sets[i].set)
			hawk_policy_set_end(m->sets[i].set, time, NULL, 0, on_rest, (void *)(uintptr_t)m);
}

/* No record belongs to set I any more: what policies left out that are in no other set is told. */
static void forget(struct hawk_matching *m, size_t i)
{
	const struct hawk_policy_set *gone = m->sets[i].set, *others[HAWK_MATCHING_SETS];

	m->sets[i].set = NULL;
	for (size_t k = 0; k < HAWK_MATCHING_SETS; k++)
		others[k] = m->sets[k].set;
	if (gone)
		hawk_policy_set_end(gone, UINT64_MAX, others, HAWK_MATCHING_SETS, on_rest, m);
}

void hawk_matching_switch(struct hawk_matching *m, const struct hawk_policy_set *set, uint32_t generation,
			  const uint64_t fresh[static HAWK_POLICY_WORDS], uint64_t now)
{
	hawk_proctab_unfollow(m->proctab, fresh);
	forget(m, HAWK_MATCHING_SETS - 1);
	m->sets[0].until = now;
	memmove(m->sets + 1, m->sets, (HAWK_MATCHING_SETS - 1) * sizeof(*m->sets));
	m->sets[0].set = set;
	m->sets[0].generation = generation;
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
			forget(m, i);
}

/*
 * That of the generation that the record carries while we have it, else the one
 * in force; then what the kernel says of it is of no use.
 */
static const struct hawk_policy_set *set_of(const struct hawk_matching *m, const struct hawk_event *event,
					    bool *ret_judged)
{
	for (size_t i = 0; i < HAWK_MATCHING_SETS && m->sets[i].set; i++)
		if (m->sets[i].generation == event->generation) {
			*ret_judged = event->rec_flags & HAWK_REC_JUDGED;
			return m->sets[i].set;
		}
	*ret_judged = false;
	return m->sets[0].set;
}

bool hawk_matching_wants(const struct hawk_matching *m, uint16_t event)
{
	return m->sets[0].set && hawk_policy_set_wants(m->sets[0].set, event);
}

bool hawk_matching_event(const struct hawk_matching *m, struct hawk_event *event)
{
	bool judged;
	const struct hawk_policy_set *set = set_of(m, event, &judged);

	if (set)
		return hawk_policy_set_match(set, event, judged, &m->env);
	memset(event->matched, 0, sizeof(event->matched));
	event->policies.len = 0;
	event->alike = 0;
	return false;
}

/*
 * What is told stays for this image in this cgroup, so it must be sure: not what was guessed from a header, nor of a
 * thread that is elsewhere.
 */
static bool is_sure(const struct hawk_event *event)
{
	const struct hawk_process *p = event->process;

	return (p->source == HAWK_FROM_EVENT || p->source == HAWK_FROM_SEED) && (p->exe.len || p->task.kthread) &&
	       event->cgroup == p->task.cgroup && event->start == p->task.start;
}

bool hawk_matching_known(struct hawk_matching *m, const struct hawk_event *event, struct hawk_abi_known_key *ret_key,
			 struct hawk_abi_known *ret_known)
{
	const struct hawk_policy_set *set;
	uint64_t bits[HAWK_POLICY_WORDS];
	bool judged;

	if (!(event->rec_flags & HAWK_REC_UNKNOWN))
		return false;
	set = set_of(m, event, &judged);
	if (!judged || !is_sure(event))
		return false;
	*ret_key = (struct hawk_abi_known_key){ .start = event->start, .cgroup = event->cgroup, .tgid = event->tgid,
						.exec_id = event->process->task.exec_id };
	if (m->told.generation == event->generation && memcmp(&m->told.key, ret_key, sizeof(*ret_key)) == 0)
		return false;
	m->told.key = *ret_key;
	m->told.generation = event->generation;
	hawk_policy_set_learned(set, event, &m->env, bits);
	memcpy(ret_known->pass, bits, sizeof(bits));
	return true;
}

void hawk_matching_follow(const struct hawk_matching *m, const struct hawk_event *event)
{
	bool judged;
	const struct hawk_policy_set *set = set_of(m, event, &judged);
	bool fork = event->desc->id == HAWK_EV_SCHED_PROCESS_FORK;
	uint64_t bits[HAWK_POLICY_WORDS];

	if (!set || !event->task || !(fork || event->desc->id == HAWK_EV_SCHED_PROCESS_EXEC) ||
	    !hawk_policy_set_follow(set, event, &m->env, bits))
		return;
	hawk_proctab_follow(m->proctab, (uint32_t)event->task->pid, event->task->start, bits);
}
