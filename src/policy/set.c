/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/policy/set.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/cleanup.h"
#include "src/policy/aggregate.h"

/* A rule that can match. */
struct rule {
	const struct hawk_ir *filter; /* NULL: true */
	struct hawk_policy_rate rate;
	const struct hawk_policy_aggregate *aggregate; /* NULL: none */
	uint16_t bit, number;         /* policy, and which of its rules */
};

struct hawk_policy_set {
	size_t n, n_rules;
	struct hawk_policy_member *members;
	const char **names;
	char *text; /* of the names of those that matched, each with its NUL; room for all */
	struct rule *rules; /* in the order of the bits */
	/* By event id: its rules are RULES[refs[first[id]]] and on, up to first[id + 1]. */
	uint32_t first[HAWK_EVENT_ID_MAX + 1];
	uint32_t *refs;
	uint64_t events[HAWK_POLICY_EVENT_WORDS];
	bool follows;
	/* By event id, HAWK_POLICY_WORDS each, made when there is something to say. */
	uint64_t *exact[HAWK_EVENT_ID_MAX];
};

static bool get_bit(const uint64_t *bits, size_t i)
{
	return bits[i / 64] >> i % 64 & 1;
}

static void set_bit(uint64_t *bits, size_t i)
{
	bits[i / 64] |= 1ULL << i % 64;
}

/* One writer: no locked instruction needed. */
static void count(_Atomic uint64_t *c)
{
	atomic_store_explicit(c, atomic_load_explicit(c, memory_order_relaxed) + 1, memory_order_relaxed);
}

struct hawk_policy_counts *hawk_policy_counts_new(const struct hawk_policy *policy)
{
	struct hawk_policy_counts *c;
	const size_t size = sizeof(*c) + policy->n_rules * sizeof(c->rules[0]);
	struct hawk_policy_alike *alike;
	size_t n = 0;

	for (size_t i = 0; i < policy->n_rules; i++)
		n += policy->rules[i].aggregate.window != 0;
	c = calloc(1, size + n * sizeof(*alike));
	if (!c)
		return NULL;
	c->n_rules = policy->n_rules;
	/* both have members of eight bytes and no more */
	alike = (struct hawk_policy_alike *)((uint8_t *)c + size);
	for (size_t i = 0; i < policy->n_rules; i++)
		if (policy->rules[i].aggregate.window)
			c->rules[i].alike = alike++;
	return c;
}

struct hawk_policy_set *hawk_policy_set_free(struct hawk_policy_set *s)
{
	if (!s)
		return NULL;
	for (size_t i = 0; i < HAWK_EVENT_ID_MAX; i++)
		free(s->exact[i]);
	free(s->members);
	free(s->names);
	free(s->text);
	free(s->rules);
	free(s->refs);
	free(s);
	return NULL;
}

/* Takes the events out of BITS that IR is never true for. */
static void narrow(const struct hawk_ir *ir, uint64_t bits[static HAWK_POLICY_EVENT_WORDS])
{
	uint64_t can[HAWK_POLICY_EVENT_WORDS] = { 0 };

	if (!ir || !hawk_ir_events(ir, can))
		return;
	for (size_t w = 0; w < HAWK_POLICY_EVENT_WORDS; w++)
		bits[w] &= can[w];
}

/* The events, by row, that RULE of POLICY can match; false: none. */
static bool events_of(const struct hawk_policy *policy, const struct hawk_policy_rule *rule,
		      uint64_t bits[static HAWK_POLICY_EVENT_WORDS])
{
	uint64_t any = 0;

	if (policy->n_pending || rule->n_pending)
		return false;
	memset(bits, 0, HAWK_POLICY_EVENT_WORDS * sizeof(*bits));
	memcpy(bits, rule->events, sizeof(rule->events));
	narrow(rule->filter, bits);
	if (!policy->follow)
		narrow(policy->scope, bits);
	for (size_t w = 0; w < HAWK_POLICY_EVENT_WORDS; w++)
		any |= bits[w];
	return any;
}

/*
 * Goes over all events of all rules. Without refs it counts them, in first[id + 1];
 * with refs first[id] is the next free place of the event.
 */
static void each_event(struct hawk_policy_set *s)
{
	uint64_t bits[HAWK_POLICY_EVENT_WORDS];
	size_t n, at = 0;
	const struct hawk_event_desc *const *descs = hawk_event_descs(&n);

	for (size_t i = 0; i < s->n; i++) {
		const struct hawk_policy *policy = s->members[i].policy;

		for (size_t k = 0; k < policy->n_rules; k++) {
			const struct hawk_policy_rule *rule = &policy->rules[k];

			if (!events_of(policy, rule, bits))
				continue;
			s->rules[at] = (struct rule){
				.filter = rule->filter,
				.rate = rule->rate,
				.aggregate = rule->aggregate.window ? &rule->aggregate : NULL,
				.bit = (uint16_t)i,
				.number = (uint16_t)k,
			};
			for (size_t row = 0; row < n; row++) {
				if (!get_bit(bits, row))
					continue;
				if (s->refs)
					s->refs[s->first[descs[row]->id]++] = (uint32_t)at;
				else
					s->first[descs[row]->id + 1]++;
				set_bit(s->events, row);
			}
			at++;
		}
	}
	s->n_rules = at;
}

static int index_rules(struct hawk_policy_set *s)
{
	each_event(s);
	for (size_t id = 0; id < HAWK_EVENT_ID_MAX; id++)
		s->first[id + 1] += s->first[id];
	s->refs = calloc(s->first[HAWK_EVENT_ID_MAX] + 1, sizeof(*s->refs));
	if (!s->refs)
		return -ENOMEM;
	each_event(s);
	/* each has moved to where the next one began */
	memmove(s->first + 1, s->first, HAWK_EVENT_ID_MAX * sizeof(*s->first));
	s->first[0] = 0;
	return 0;
}

int hawk_policy_set_new(struct hawk_policy_set **ret, const struct hawk_policy_member *members, size_t n)
{
	struct hawk_policy_set *s;
	size_t rules = 0, text = 0;
	int r = -ENOMEM;

	if (n > HAWK_POLICIES_MAX)
		return -E2BIG;
	s = calloc(1, sizeof(*s));
	if (!s)
		return -ENOMEM;
	s->n = n;
	for (size_t i = 0; i < n; i++) {
		rules += members[i].policy->n_rules;
		text += strlen(members[i].policy->name) + 1;
	}
	s->members = calloc(n + 1, sizeof(*s->members));
	s->names = calloc(n + 1, sizeof(*s->names));
	s->text = malloc(text + 1);
	s->rules = calloc(rules + 1, sizeof(*s->rules));
	if (s->members && s->names && s->text && s->rules) {
		for (size_t i = 0; i < n; i++) {
			s->members[i] = members[i];
			s->names[i] = members[i].policy->name;
			s->follows |= members[i].policy->follow && !members[i].policy->n_pending;
		}
		r = index_rules(s);
	}
	if (r < 0)
		hawk_policy_set_free(s);
	else
		*ret = s;
	return r;
}

const char *const *hawk_policy_set_names(const struct hawk_policy_set *s)
{
	return s->names;
}

size_t hawk_policy_set_size(const struct hawk_policy_set *s)
{
	return s->n;
}

bool hawk_policy_set_wants(const struct hawk_policy_set *s, uint16_t event)
{
	return s->first[event] != s->first[event + 1];
}

const uint64_t *hawk_policy_set_events(const struct hawk_policy_set *s)
{
	return s->events;
}

bool hawk_policy_set_rule(const struct hawk_policy_set *s, const struct hawk_event_desc *desc, size_t i,
			  struct hawk_policy_set_rule *ret)
{
	const struct hawk_policy_member *m;
	const struct rule *rule;

	if (s->first[desc->id] + i >= s->first[desc->id + 1])
		return false;
	rule = &s->rules[s->refs[s->first[desc->id] + i]];
	m = &s->members[rule->bit];
	*ret = (struct hawk_policy_set_rule){
		.bit = rule->bit,
		.scope = m->policy->scope,
		.filter = rule->filter,
		.follow = m->policy->follow,
		.follow_bit = m->follow_bit,
		.number = rule->number,
		.per_second = rule->aggregate || rule->rate.one_of > 1 || m->policy->follow ? 0 : rule->rate.per_second,
	};
	return true;
}

void hawk_policy_set_exact(struct hawk_policy_set *s, const struct hawk_event_desc *desc,
			   const uint64_t bits[static HAWK_POLICY_WORDS])
{
	uint64_t **at = &s->exact[desc->id];

	/* without memory nothing is a defect */
	if (!*at)
		*at = calloc(HAWK_POLICY_WORDS, sizeof(**at));
	if (*at)
		memcpy(*at, bits, HAWK_POLICY_WORDS * sizeof(**at));
}

static bool in_scope(const struct hawk_policy_member *m, const struct hawk_event *event,
		     const struct hawk_ir_env *env)
{
	if (m->policy->follow && event->process && get_bit(event->process->followed, m->follow_bit))
		return true;
	return !m->policy->scope || hawk_ir_eval(m->policy->scope, event, env);
}

/* Sampling and the limit per second. Time is the event's, so that a replay tells the same. */
static bool rate_allows(struct hawk_policy_counts *counts, const struct rule *rule, uint64_t time)
{
	uint64_t seen = atomic_load_explicit(&counts->rules[rule->number].seen, memory_order_relaxed);
	uint64_t second = time / 1000000000;

	count(&counts->rules[rule->number].seen);
	if (rule->rate.one_of > 1 && seen % rule->rate.one_of)
		return false;
	if (!rule->rate.per_second)
		return true;
	/* it may step back a little between CPUs */
	if (second > counts->rules[rule->number].second) {
		counts->rules[rule->number].second = second;
		counts->rules[rule->number].told = 0;
	}
	return counts->rules[rule->number].told++ < rule->rate.per_second;
}

/* Whether the event passes a rule whose scope it is in, and is one of those that are taken. */
static bool passes(const struct hawk_policy_set *s, const struct rule *rule, struct hawk_event *event,
		   const struct hawk_ir_env *env, bool *ret_true)
{
	struct hawk_policy_counts *counts = s->members[rule->bit].counts;

	if (rule->filter && !hawk_ir_eval(rule->filter, event, env))
		return false;
	*ret_true = true;
	if (rule->aggregate && !hawk_policy_alike_first(counts->rules[rule->number].alike, rule->aggregate, event)) {
		count(&counts->rules[rule->number].seen);
		return false;
	}
	if (!rate_allows(counts, rule, event->time))
		return false;
	count(&counts->rules[rule->number].hits);
	return true;
}

/* All rules of one policy, from *AT on to the first of another; returns whether one took the event. */
static bool match_policy(const struct hawk_policy_set *s, uint32_t *at, uint32_t end, struct hawk_event *event,
			 const struct hawk_ir_env *env, bool *ret_true)
{
	uint16_t bit = s->rules[s->refs[*at]].bit;
	bool in = in_scope(&s->members[bit], event, env), took = false;

	*ret_true = false;
	/* every rule counts, also behind the first that is true */
	for (; *at < end && s->rules[s->refs[*at]].bit == bit; ++*at)
		if (in && passes(s, &s->rules[s->refs[*at]], event, env, ret_true))
			took = true;
	return took;
}

/* Adds the name of a policy to those that matched. */
static void put_name(const struct hawk_policy_set *s, uint16_t bit, struct hawk_value *names)
{
	size_t size = strlen(s->names[bit]) + 1;

	memcpy(s->text + names->len, s->names[bit], size);
	names->len += (uint32_t)size;
	names->full = names->len;
}

/* Whether the kernel had V as it is here. The name of a pipe or socket is made of its number, here and not there. */
static bool is_known(enum hawk_type type, const struct hawk_value *v)
{
	if (v->flags)
		return false;
	if (type == HAWK_T_PATH && (!v->len || *v->bytes != '/'))
		return false;
	return hawk_type_desc(type)->vclass != HAWK_V_BYTES || v->len < HAWK_TEXT_BYTES;
}

/* Whether the kernel had every value of the record as it is: what it does not know decides nothing there. */
static bool all_known(const struct hawk_event *event)
{
	if (event->rec_flags & HAWK_REC_UNKNOWN)
		return false;
	for (uint16_t i = 0; i < event->desc->n_fields; i++)
		if (!is_known(event->desc->fields[i].type, &event->data[i]))
			return false;
	return true;
}

bool hawk_policy_set_match(const struct hawk_policy_set *s, struct hawk_event *event, bool judged,
			   const struct hawk_ir_env *env)
{
	uint32_t at = s->first[event->desc->id], end = s->first[event->desc->id + 1];
	const uint64_t *exact = s->exact[event->desc->id];
	uint64_t matched[HAWK_POLICY_WORDS] = { 0 };
	bool any = false, is_true;

	event->policies = (struct hawk_value){ .bytes = (const uint8_t *)s->text };
	event->alike = 0;
	while (at < end) {
		uint16_t bit = s->rules[s->refs[at]].bit;

		if (judged && !get_bit(event->matched, bit)) {
			at++;
			continue;
		}
		if (match_policy(s, &at, end, event, env, &is_true)) {
			set_bit(matched, bit);
			put_name(s, bit, &event->policies);
			count(&s->members[bit].counts->hits);
			any = true;
		} else if (judged && exact && !is_true && get_bit(exact, bit) && all_known(event)) {
			count(&s->members[bit].counts->disagreed);
		}
	}
	memcpy(event->matched, matched, sizeof(matched));
	return any;
}

void hawk_policy_set_learned(const struct hawk_policy_set *s, const struct hawk_event *event,
			     const struct hawk_ir_env *env, uint64_t ret_bits[static HAWK_POLICY_WORDS])
{
	memset(ret_bits, 0, HAWK_POLICY_WORDS * sizeof(*ret_bits));
	for (size_t i = 0; i < s->n; i++)
		if (!s->members[i].learned || hawk_ir_eval(s->members[i].learned, event, env))
			set_bit(ret_bits, i);
}

bool hawk_policy_set_follow(const struct hawk_policy_set *s, const struct hawk_event *event,
			    const struct hawk_ir_env *env, uint64_t ret_bits[static HAWK_POLICY_WORDS])
{
	bool any = false;

	if (!s->follows)
		return false;
	memset(ret_bits, 0, HAWK_POLICY_WORDS * sizeof(*ret_bits));
	for (size_t i = 0; i < s->n; i++) {
		const struct hawk_policy_member *m = &s->members[i];

		if (!m->policy->follow || m->policy->n_pending || !in_scope(m, event, env))
			continue;
		set_bit(ret_bits, m->follow_bit);
		any = true;
	}
	return any;
}

/* What hawk_policy_alike_end() gives, with the name. */
struct ending {
	const char *policy;
	hawk_policy_rest_fn fn;
	void *ctx;
};

static void on_rest(void *ctx, const struct hawk_policy_rest *rest)
{
	const struct ending *e = ctx;

	e->fn(e->ctx, e->policy, rest);
}

static bool has_member(const struct hawk_policy_set *s, const struct hawk_policy_counts *counts)
{
	for (size_t i = 0; s && i < s->n; i++)
		if (s->members[i].counts == counts)
			return true;
	return false;
}

void hawk_policy_set_end(const struct hawk_policy_set *s, uint64_t now, const struct hawk_policy_set *const others[],
			 size_t n, hawk_policy_rest_fn fn, void *ctx)
{
	for (size_t i = 0; i < s->n_rules; i++) {
		const struct rule *rule = &s->rules[i];
		const struct hawk_policy_counts *counts = s->members[rule->bit].counts;
		struct ending ending = { s->names[rule->bit], fn, ctx };
		bool goes_on = false;

		if (!rule->aggregate)
			continue;
		for (size_t k = 0; k < n && !goes_on; k++)
			goes_on = has_member(others[k], counts);
		if (!goes_on)
			hawk_policy_alike_end(counts->rules[rule->number].alike, rule->aggregate, now, on_rest, &ending);
	}
}
