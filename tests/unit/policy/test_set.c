/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Sets of policies made by hand: which of them an event matches, exactly. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "src/base/cleanup.h"
#include "src/event/process.h"
#include "src/policy/set.h"

#define RULES_MAX 4

static struct hawk_process process;

/* One policy and what belongs to it. */
struct made {
	struct hawk_policy policy;
	struct hawk_policy_rule rules[RULES_MAX];
	struct hawk_policy_counts *counts;
};

static struct hawk_ir *ir(const char *text)
{
	struct hawk_ir_error error;
	struct hawk_ir *tree = NULL;

	if (!text)
		return NULL;
	assert_int_equal(hawk_ir_parse(&tree, text, &error), 0);
	return tree;
}

static void make(struct made *m, char *name, const char *scope)
{
	*m = (struct made){ .policy = { .name = name, .scope = ir(scope), .rules = m->rules } };
}

static size_t row_of(const char *event)
{
	size_t n, row = 0;
	const struct hawk_event_desc *const *descs = hawk_event_descs(&n);

	while (strcmp(descs[row]->name, event) != 0)
		assert_true(++row < n);
	return row;
}

/* Adds a rule; returns it. */
static struct hawk_policy_rule *add(struct made *m, const char *event, const char *filter)
{
	struct hawk_policy_rule *rule = &m->rules[m->policy.n_rules++];

	rule->events[row_of(event) / 64] |= 1ULL << row_of(event) % 64;
	rule->filter = ir(filter);
	return rule;
}

static struct hawk_policy_set *set_of(struct made *m, size_t n)
{
	struct hawk_policy_member members[8];
	struct hawk_policy_set *s = NULL;

	for (size_t i = 0; i < n; i++) {
		m[i].counts = hawk_policy_counts_new(&m[i].policy);
		assert_non_null(m[i].counts);
		members[i] = (struct hawk_policy_member){ &m[i].policy, m[i].counts, (unsigned int)i, NULL };
	}
	assert_int_equal(hawk_policy_set_new(&s, members, n), 0);
	return s;
}

static void done(struct hawk_policy_set *s, struct made *m, size_t n)
{
	hawk_policy_set_free(s);
	for (size_t i = 0; i < n; i++) {
		hawk_ir_free(m[i].policy.scope);
		for (size_t k = 0; k < m[i].policy.n_rules; k++)
			hawk_ir_free(m[i].rules[k].filter);
		free(m[i].counts);
	}
}

static struct hawk_event event(const char *name)
{
	struct hawk_event e = { .desc = hawk_event_by_name(name), .time = 5000000000, .process = &process };

	assert_non_null(e.desc);
	for (int i = 0; i < e.desc->n_fields; i++)
		e.data[i].flags = HAWK_VAL_ABSENT;
	return e;
}

static struct hawk_event file_open(const char *path)
{
	struct hawk_event e = event("file_open");
	int field = hawk_event_field(e.desc, "pathname");

	assert_true(field >= 0);
	e.data[field] = (struct hawk_value){ .bytes = (const uint8_t *)path, .len = (uint32_t)strlen(path) };
	return e;
}

/* The first word of what matches; nothing else may. */
static uint64_t match(const struct hawk_policy_set *s, struct hawk_event *e)
{
	bool any = hawk_policy_set_match(s, e, false, NULL);

	assert_int_equal(any, e->matched[0] != 0);
	assert_int_equal(e->matched[1] | e->matched[2] | e->matched[3], 0);
	return e->matched[0];
}

static void use(uint32_t uid)
{
	process = (struct hawk_process){ .task = { .pid = 42, .uid = uid } };
}

/* Scope and filter must both be true; a policy matches by any of its rules. */
static void scope_and_filter(void **state)
{
	struct made m[3];
	struct hawk_policy_set *s;
	struct hawk_event e;

	(void)state;
	make(&m[0], "root-etc", "uid=0");
	add(&m[0], "file_open", "data.pathname=/etc/*");
	add(&m[0], "file_open", "data.pathname=/root/*");
	make(&m[1], "all", NULL);
	add(&m[1], "file_open", NULL);
	make(&m[2], "exec", NULL);
	add(&m[2], "sched_process_exec", NULL);
	s = set_of(m, 3);
	assert_int_equal(hawk_policy_set_size(s), 3);
	use(0);
	e = file_open("/etc/passwd");
	assert_int_equal(match(s, &e), 3);
	assert_int_equal(e.policies.len, sizeof("root-etc\0all"));
	assert_memory_equal(e.policies.bytes, "root-etc\0all", e.policies.len);
	e = file_open("/root/x");
	assert_int_equal(match(s, &e), 3);
	e = file_open("/tmp/x");
	assert_int_equal(match(s, &e), 2);
	e = event("sched_process_exec");
	assert_int_equal(match(s, &e), 4);
	e = event("ptrace");
	assert_int_equal(match(s, &e), 0);
	use(1000);
	e = file_open("/etc/passwd");
	assert_int_equal(match(s, &e), 2);
	assert_int_equal(m[0].counts->hits, 2);
	assert_int_equal(m[0].counts->rules[1].hits, 1);
	assert_int_equal(m[1].counts->hits, 4);
	done(s, m, 3);
}

/* The events that a set wants are those that a rule names and can be true for. */
static void wanted_events(void **state)
{
	char *missing[] = { "containers" };
	struct hawk_policy_set_rule rule;
	struct made m[4];
	struct hawk_policy_set *s;
	const uint64_t *bits;
	struct hawk_event e;
	size_t n = 0;

	(void)state;
	make(&m[0], "one", NULL);
	add(&m[0], "file_open", NULL);
	add(&m[0], "ptrace", "data.pathname=/x"); /* it has none */
	make(&m[1], "pending scope", NULL);
	m[1].policy.pending = missing;
	m[1].policy.n_pending = 1;
	add(&m[1], "sched_process_exit", NULL);
	make(&m[2], "pending rule", NULL);
	add(&m[2], "sched_process_exec", NULL)->n_pending = 1;
	add(&m[2], "sched_process_fork", NULL);
	make(&m[3], "empty", NULL);
	s = set_of(m, 4);
	bits = hawk_policy_set_events(s);
	for (size_t i = 0; i < HAWK_POLICY_EVENT_WORDS; i++)
		n += (size_t)__builtin_popcountll(bits[i]);
	assert_int_equal(n, 2);
	assert_true(bits[row_of("file_open") / 64] >> row_of("file_open") % 64 & 1);
	assert_true(bits[row_of("sched_process_fork") / 64] >> row_of("sched_process_fork") % 64 & 1);
	use(0);
	e = event("sched_process_exec");
	assert_int_equal(match(s, &e), 0);
	e = event("sched_process_exit");
	assert_int_equal(match(s, &e), 0);
	assert_true(hawk_policy_set_rule(s, hawk_event_by_name("sched_process_fork"), 0, &rule));
	assert_int_equal(rule.bit, 2);
	assert_false(hawk_policy_set_rule(s, hawk_event_by_name("sched_process_fork"), 1, &rule));
	assert_false(hawk_policy_set_rule(s, hawk_event_by_name("ptrace"), 0, &rule));
	done(s, m, 4);
}

/* Who is followed is in scope whatever the scope says; the filter counts still. */
static void followed(void **state)
{
	uint64_t bits[HAWK_POLICY_WORDS];
	struct made m[2];
	struct hawk_policy_set *s;
	struct hawk_event e;

	(void)state;
	make(&m[0], "plain", "uid=1000");
	add(&m[0], "file_open", NULL);
	make(&m[1], "follow", "uid=1000");
	m[1].policy.follow = true;
	add(&m[1], "file_open", "data.pathname=/etc/*");
	s = set_of(m, 2);
	use(0);
	e = event("sched_process_fork");
	assert_false(hawk_policy_set_follow(s, &e, NULL, bits));
	use(1000);
	assert_true(hawk_policy_set_follow(s, &e, NULL, bits));
	assert_int_equal(bits[0], 2);
	use(0);
	process.followed[0] = bits[0];
	e = file_open("/etc/x");
	assert_int_equal(match(s, &e), 2);
	e = file_open("/tmp/x");
	assert_int_equal(match(s, &e), 0);
	e = event("sched_process_fork");
	assert_true(hawk_policy_set_follow(s, &e, NULL, bits)); /* and its children */
	done(s, m, 2);
}

static void rates(void **state)
{
	struct made m[2];
	struct hawk_policy_set *s;
	unsigned int sampled = 0, limited = 0;

	(void)state;
	make(&m[0], "sampled", NULL);
	add(&m[0], "file_open", NULL)->rate.one_of = 10;
	make(&m[1], "limited", NULL);
	add(&m[1], "file_open", NULL)->rate.per_second = 3;
	s = set_of(m, 2);
	use(0);
	for (int i = 0; i < 100; i++) {
		struct hawk_event e = file_open("/x");

		e.time += (uint64_t)i * 20000000; /* fifty in a second */
		match(s, &e);
		sampled += e.matched[0] & 1;
		limited += e.matched[0] >> 1 & 1;
		assert_int_equal(e.matched[0] & 1, i % 10 == 0);
	}
	assert_int_equal(sampled, 10);
	assert_int_equal(limited, 6);
	assert_int_equal(m[0].counts->rules[0].seen, 100);
	assert_int_equal(m[0].counts->hits, 10);
	done(s, m, 2);
}

/* What the kernel has ruled out stays out; what it wrongly let through is counted. */
static void judged_by_the_kernel(void **state)
{
	const uint64_t first[HAWK_POLICY_WORDS] = { 1 };
	struct made m[2];
	struct hawk_policy_set *s;
	struct hawk_event e;

	(void)state;
	make(&m[0], "etc", NULL);
	add(&m[0], "file_open", "data.pathname=/etc/*");
	make(&m[1], "var", NULL);
	add(&m[1], "file_open", "data.pathname=/var/*");
	s = set_of(m, 2);
	hawk_policy_set_exact(s, hawk_event_by_name("file_open"), first);
	use(0);
	e = file_open("/etc/x");
	e.matched[0] = 3;
	assert_true(hawk_policy_set_match(s, &e, true, NULL));
	assert_int_equal(e.matched[0], 1);
	e = file_open("/etc/x");
	e.matched[0] = 2;
	assert_false(hawk_policy_set_match(s, &e, true, NULL));
	assert_int_equal(m[0].counts->disagreed + m[1].counts->disagreed, 0);
	e = file_open("/tmp/x");
	e.matched[0] = 3;
	assert_false(hawk_policy_set_match(s, &e, true, NULL));
	assert_int_equal(m[0].counts->disagreed, 0); /* it has fields that are not there */
	e = file_open("pipe:[4711]");
	for (int i = 0; i < e.desc->n_fields; i++)
		e.data[i].flags = 0;
	e.matched[0] = 3;
	assert_false(hawk_policy_set_match(s, &e, true, NULL));
	assert_int_equal(m[0].counts->disagreed, 0); /* the kernel has a number, and no such name */
	e = file_open("/tmp/x");
	for (int i = 0; i < e.desc->n_fields; i++)
		e.data[i].flags = 0;
	e.matched[0] = 3;
	assert_false(hawk_policy_set_match(s, &e, true, NULL));
	assert_int_equal(m[0].counts->disagreed, 1);
	assert_int_equal(m[1].counts->disagreed, 0);
	done(s, m, 2);
}

static void bounds(void **state)
{
	static struct made m[HAWK_POLICIES_MAX];
	struct hawk_policy_member members[HAWK_POLICIES_MAX + 1];
	struct hawk_policy_set *s = NULL;
	struct hawk_event e;

	(void)state;
	for (size_t i = 0; i < HAWK_POLICIES_MAX; i++) {
		make(&m[i], "p", NULL);
		add(&m[i], "file_open", NULL);
		m[i].counts = hawk_policy_counts_new(&m[i].policy);
		members[i] = (struct hawk_policy_member){ &m[i].policy, m[i].counts, 0, NULL };
	}
	members[HAWK_POLICIES_MAX] = members[0];
	assert_int_equal(hawk_policy_set_new(&s, members, HAWK_POLICIES_MAX + 1), -E2BIG);
	assert_int_equal(hawk_policy_set_new(&s, members, HAWK_POLICIES_MAX), 0);
	use(0);
	e = file_open("/x");
	assert_true(hawk_policy_set_match(s, &e, false, NULL));
	for (size_t i = 0; i < HAWK_POLICY_WORDS; i++)
		assert_int_equal(e.matched[i], UINT64_MAX);
	done(s, m, HAWK_POLICIES_MAX);
	assert_int_equal(hawk_policy_set_new(&s, NULL, 0), 0);
	e = file_open("/x");
	e.matched[0] = 1;
	assert_false(hawk_policy_set_match(s, &e, false, NULL));
	assert_int_equal(e.matched[0], 0);
	hawk_policy_set_free(s);
	hawk_policy_set_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(scope_and_filter), cmocka_unit_test(wanted_events),
		cmocka_unit_test(followed), cmocka_unit_test(rates),
		cmocka_unit_test(judged_by_the_kernel), cmocka_unit_test(bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
