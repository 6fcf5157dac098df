/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Policies about what signatures find. */
#include "tests/unit/policy/fixture.h"

static struct hawk_event finding_of(const char *name, const char *id, uint64_t severity)
{
	struct hawk_event e = make_event("finding");

	put(&e, "signature", name, (uint32_t)strlen(name));
	put(&e, "signature_id", id, (uint32_t)strlen(id));
	set(&e, "severity", (struct hawk_value){ .u = severity });
	put(&e, "technique", "T1055.008", 9);
	put(&e, "tactic", "Defense Evasion", 15);
	put(&e, "title", "Code was injected", 17);
	put(&e, "tags", "container\0web\0", 14);
	put(&e, "output", "path=/tmp/x\0uid=7\0", 18);
	return e;
}

static bool selects_finding(const char *event, const struct hawk_event *e, const char *const *filters)
{
	struct hawk_policy *p = made("global", event, filters);
	const bool is = matches(p, e);

	hawk_policy_free(p);
	return is;
}

#define taken(event, e, ...) selects_finding(event, e, (const char *const[]){ __VA_ARGS__ __VA_OPT__(,) NULL })

/* Events of detectors are findings of signatures. */
static void detectors(void **state)
{
	struct hawk_event e = finding_of("anti_debugging", "TRC-102", 1), mine = finding_of("mine", "M-1", 3);
	struct hawk_policy *p;

	(void)state;
	assert_true(taken("anti_debugging", &e));
	assert_true(taken("TRC-102", &e));
	assert_false(taken("TRC-103", &e));
	assert_false(taken("anti_debugging", &mine));
	assert_true(taken("mine", &mine));
	assert_true(taken("M-1", &mine));
	assert_true(taken("ptrace,mine", &mine));
	assert_true(taken("anti_debugging,mine", &mine));
	assert_true(taken("anti_*", &e));
	assert_false(taken("anti_*", &mine));
	assert_false(taken("signatures,-mine", &mine));
	assert_true(taken("signatures,-mine", &e));
	assert_false(taken("-anti_debugging", &e)); /* the default set but for it */
	assert_true(taken("-anti_debugging", &mine));
	assert_true(taken("web", &mine));
	assert_true(taken("tag=web", &mine));
	assert_false(taken("finding", &e, "data.signature=mine"));
	assert_true(taken("finding", &mine, "data.signature=mine"));
	p = made("global", "anti_debugging,mine", NULL);
	assert_int_equal(p->rules[0].n_signatures, 2);
	assert_string_equal(p->rules[0].signatures[1], "mine");
	hawk_policy_free(p);
}

static void threats(void **state)
{
	struct hawk_event low = finding_of("anti_debugging", "TRC-102", 1), high = finding_of("mine", "M-1", 3);

	(void)state;
	assert_true(taken("threat.severity>=high", &high));
	assert_false(taken("threat.severity>=high", &low));
	assert_true(taken("threat.severity>2", &high));
	assert_true(taken("threat.severity=LOW,medium", &low));
	assert_false(taken("threat.severity!=low", &low));
	assert_true(taken("threat.severity!=low,medium", &high));
	assert_true(taken("threat.mitre.technique=T1055.008", &low));
	assert_true(taken("threat.mitre.technique=T1055", &low)); /* sub-techniques are of it */
	assert_false(taken("threat.mitre.technique=T105", &low));
	assert_false(taken("threat.mitre.technique!=T1055", &low));
	assert_true(taken("threat.mitre.tactic=Defense Evasion", &low));
	assert_false(taken("threat.mitre.tactic=Execution", &low));
	assert_true(taken("threat.name=anti_debugging", &low));
	assert_true(taken("threat.name=Code was injected", &low));
	assert_false(taken("threat.name=Code", &low));
	assert_true(taken("mine,threat.severity=low", &low));
	assert_false(taken("signatures,-threat.severity=low", &low));
	assert_true(taken("signatures,-threat.severity=low", &high));
}

/* Data of such an event is what the signature tells; who did it is the process. */
static void found_data(void **state)
{
	struct hawk_event e = finding_of("mine", "M-1", 3);

	(void)state;
	assert_true(taken("mine", &e, "data.path=/tmp/x"));
	assert_true(taken("mine", &e, "args.path=/tmp/*", "data.uid=7"));
	assert_false(taken("mine", &e, "data.path=/tmp/*", "data.uid=8"));
	assert_false(taken("mine", &e, "data.path!=/tmp/x"));
	assert_true(taken("mine", &e, "data.path!=/bin/x"));
	assert_false(taken("mine", &e, "data.nothing!=/bin/x"));
	assert_true(taken("mine", &e, "uid=1000"));
	assert_false(taken("mine", &e, "uid=0"));
	assert_false(taken("mine", &e, "syscall=openat"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(detectors), cmocka_unit_test(threats), cmocka_unit_test(found_data),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
