/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Of events that are alike the first is told, in each window. */
#include "tests/unit/ir/fixture.h"

#include "src/policy/policy.h"
#include "src/policy/set.h"

#define NS_PER_S 1000000000ULL

struct fixture {
	struct hawk_policy *policy;
	struct hawk_policy_counts *counts;
	struct hawk_policy_set *set;
	struct hawk_event event;
};

static int setup(void **state)
{
	static const char text[] = "type: policy\nname: test\nscope: [global]\nrules:\n- event: openat\n"
				   "  aggregate: { window: 10s, by: [ data.pathname, process.uid ] }\n";
	struct hawk_diags diags = { .path = "test" };
	struct fixture *f = calloc(1, sizeof(*f));
	struct hawk_policy_member member;

	assert_non_null(f);
	assert_int_equal(hawk_policy_parse(&f->policy, text, sizeof(text) - 1, "test", &diags), 0);
	f->counts = hawk_policy_counts_new(f->policy);
	assert_non_null(f->counts);
	member = (struct hawk_policy_member){ .policy = f->policy, .counts = f->counts };
	assert_int_equal(hawk_policy_set_new(&f->set, &member, 1), 0);
	f->event = make_event("openat");
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	hawk_policy_set_free(f->set);
	free(f->counts);
	hawk_policy_free(f->policy);
	free(f);
	return 0;
}

/* Whether an open of PATH at second TIME is told. */
static bool told(struct fixture *f, const char *path, uint64_t time)
{
	put(&f->event, "pathname", path, strlen(path));
	f->event.time = time * NS_PER_S;
	return hawk_policy_set_match(f->set, &f->event, false, NULL);
}

static void windows(void **state)
{
	struct fixture *f = *state;

	assert_true(told(f, "/a", 100));
	assert_false(told(f, "/a", 101));
	assert_true(told(f, "/b", 101));
	assert_false(told(f, "/a", 109));
	assert_true(told(f, "/a", 110)); /* the next window begins with it */
	assert_false(told(f, "/a", 119));
	assert_false(told(f, "/b", 110));
	process.task.uid = 5;
	assert_true(told(f, "/b", 110));
	process.task.uid = 1000;
	/* A path that is not known is one of its own. */
	set(&f->event, "pathname", (struct hawk_value){ .flags = HAWK_VAL_ABSENT });
	f->event.time = 120 * NS_PER_S;
	assert_true(hawk_policy_set_match(f->set, &f->event, false, NULL));
	assert_int_equal(f->counts->rules[0].hits, 5);
	assert_int_equal(f->counts->rules[0].seen, 9);
}

/* With more kinds than are remembered some are told again, and none is lost. */
static void many(void **state)
{
	struct fixture *f = *state;
	char path[32];

	for (size_t i = 0; i < 20000; i++) {
		snprintf(path, sizeof(path), "/tmp/file/number/%zu", i);
		assert_true(told(f, path, 200));
		assert_false(told(f, path, 200));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(windows, setup, teardown),
		cmocka_unit_test_setup_teardown(many, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
