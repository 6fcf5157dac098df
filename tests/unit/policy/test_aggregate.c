/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Of events that are alike the first is told, in each window. */
#include "tests/unit/ir/fixture.h"

#include "src/policy/aggregate.h"
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
	assert_int_equal(hawk_policy_parse(&f->policy, text, sizeof(text) - 1, "test", NULL, &diags), 0);
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
	assert_int_equal(f->event.alike, 0);
	assert_true(told(f, "/a", 110)); /* the next window begins with it */
	assert_int_equal(f->event.alike, 2);
	assert_false(told(f, "/a", 119));
	assert_false(told(f, "/b", 110));
	process.task.uid = 5;
	assert_true(told(f, "/b", 110));
	process.task.uid = 1000;
	/* A path that is not known is one of its own. */
	set(&f->event, "pathname", (struct hawk_value){ .flags = HAWK_VAL_ABSENT });
	f->event.time = 120 * NS_PER_S;
	assert_true(hawk_policy_set_match(f->set, &f->event, false, NULL));
	assert_true(told(f, "/a", 125));
	assert_int_equal(f->event.alike, 1);
	assert_true(told(f, "/a", 135));
	assert_int_equal(f->event.alike, 0);
	assert_int_equal(f->counts->rules[0].hits, 7);
	assert_int_equal(f->counts->rules[0].seen, 11);
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

struct rests {
	struct {
		uint64_t count, since;
		char by[64];
	} v[8];
	size_t n;
};

static void on_rest(void *ctx, const char *policy, const struct hawk_policy_rest *rest)
{
	struct rests *r = ctx;

	assert_string_equal(policy, "test");
	assert_true(r->n < ARRAY_SIZE(r->v));
	r->v[r->n].count = rest->count;
	r->v[r->n].since = rest->since / NS_PER_S;
	if (rest->since)
		assert_string_equal(hawk_event_by_id(rest->event)->name, "openat");
	assert_true(rest->by.len < sizeof(r->v->by));
	for (size_t i = 0; i + 1 < rest->by.len; i++) /* a list: NULs between */
		r->v[r->n].by[i] = rest->by.bytes[i] ? (char)rest->by.bytes[i] : ' ';
	r->n++;
}

static size_t end_at(struct fixture *f, uint64_t time, struct rests *r)
{
	*r = (struct rests){ .n = 0 };
	hawk_policy_set_end(f->set, time == UINT64_MAX ? time : time * NS_PER_S, NULL, 0, on_rest, r);
	return r->n;
}

/* What no later event tells of is told when the window has ended, once. */
static void rests(void **state)
{
	struct fixture *f = *state;
	const struct hawk_policy_set *others[] = { NULL, f->set };
	struct rests r;

	assert_true(told(f, "/a", 100));
	assert_true(told(f, "/b", 104));
	assert_int_equal(end_at(f, 200, &r), 0); /* nothing was left out */
	assert_false(told(f, "/a", 105));
	assert_false(told(f, "/a", 106));
	assert_false(told(f, "/b", 107));
	assert_int_equal(end_at(f, 109, &r), 0);
	assert_int_equal(end_at(f, 110, &r), 1);
	assert_int_equal(r.v[0].count, 2);
	assert_int_equal(r.v[0].since, 100);
	assert_string_equal(r.v[0].by, "data.pathname=/a process.uid=1000");
	assert_int_equal(end_at(f, 110, &r), 0);
	/* a later event told of it: nothing is left */
	assert_true(told(f, "/b", 115));
	assert_int_equal(f->event.alike, 1);
	assert_int_equal(end_at(f, UINT64_MAX, &r), 0);
	/* of a policy that goes on nothing is told, of one that ends all */
	assert_false(told(f, "/b", 116));
	hawk_policy_set_end(f->set, UINT64_MAX, others, 2, on_rest, &r);
	assert_int_equal(r.n, 0);
	assert_int_equal(end_at(f, UINT64_MAX, &r), 1);
	assert_true(told(f, "/a", 117));
	assert_int_equal(f->event.alike, 0);
}

/* Nor is lost what was left out of a kind that had to be forgotten. */
static void forgotten(void **state)
{
	struct fixture *f = *state;
	uint64_t sum = 0;
	struct rests r;
	char path[32];

	for (size_t i = 0; i < 20000; i++) {
		snprintf(path, sizeof(path), "/tmp/file/number/%zu", i);
		told(f, path, 200);
		told(f, path, 200);
		if (i % 4 == 3) {
			end_at(f, UINT64_MAX, &r);
			for (size_t k = 0; k < r.n; k++)
				sum += r.v[k].count;
		}
	}
	assert_int_equal(sum, 20000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(windows, setup, teardown),
		cmocka_unit_test_setup_teardown(many, setup, teardown),
		cmocka_unit_test_setup_teardown(rests, setup, teardown),
		cmocka_unit_test_setup_teardown(forgotten, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
