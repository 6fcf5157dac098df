/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "src/base/cleanup.h"
#include "src/probe/plan.h"

static const struct hawk_event_desc *const *descs;
static size_t n_descs;

static size_t row_of(uint16_t id)
{
	for (size_t i = 0; i < n_descs; i++)
		if (descs[i]->id == id)
			return i;
	fail_msg("no event %u", id);
	return 0;
}

static void want(uint64_t *wanted, uint16_t id)
{
	size_t row = row_of(id);

	wanted[row / 64] |= 1ULL << (row % 64);
}

/* A kernel that has everything, each function under its first name. */
static struct hawk_features all_of_them(void)
{
	struct hawk_features f = { .kind = { false } };

	for (int k = 0; k < HAWK_PROG_KIND_MAX; k++)
		f.kind[k] = true;
	for (int p = 0; p < HAWK_PROG_MAX; p++)
		if (hawk_prog_hooks_function(hawk_prog_desc(p)->kind))
			snprintf(f.target[p], sizeof(f.target[p]), "f");
	memset(f.own, 1, sizeof(f.own));
	return f;
}

static struct hawk_features only(const enum hawk_prog_kind *kinds, size_t n)
{
	struct hawk_features f = all_of_them();

	memset(f.kind, 0, sizeof(f.kind));
	for (size_t i = 0; i < n; i++)
		f.kind[kinds[i]] = true;
	return f;
}

/* True when the program is in the list of the alternative. */
static bool needs(const struct hawk_alt_desc *alt, enum hawk_prog_id id)
{
	const char *name = hawk_prog_desc(id)->name, *at = alt->programs;
	size_t len = strlen(name);

	for (; *at; at += strcspn(at, ","), at += *at == ',')
		if (strncmp(at, name, len) == 0 && (at[len] == ',' || !at[len]))
			return true;
	return false;
}

/*
 * What holds for every plan: a program is in it exactly when a chosen
 * alternative needs it, all of them are usable, the chosen one is the first
 * usable, and an internal event is planned only when others are made of it.
 */
static void check_plan(const struct hawk_plan *plan, const struct hawk_features *f)
{
	bool needed[HAWK_PROG_MAX] = { false };
	char why[200];

	for (size_t row = 0; row < n_descs; row++) {
		size_t n;
		const struct hawk_alt_desc *alts = hawk_plan_alts(descs[row], &n);
		int alt = plan->alt[row];

		if (descs[row]->internal && !n)
			assert_int_equal(alt, -1);
		assert_true(alt < (int)n);
		for (int i = 0; i < (int)n; i++) {
			bool usable = hawk_plan_usable(f, descs[row], i, why, sizeof(why));

			assert_int_equal(usable, why[0] == '\0');
			if (alt == i)
				assert_true(usable);
			if (alt == -2 || i < alt)
				assert_false(usable);
		}
		for (int p = 0; alt >= 0 && p < HAWK_PROG_MAX; p++)
			needed[p] |= needs(&alts[alt], p);
	}
	for (int p = 0; p < HAWK_PROG_MAX; p++)
		assert_int_equal(plan->program[p], needed[p]);
}

static void plan_for(struct hawk_plan *plan, const struct hawk_features *f, uint16_t id)
{
	uint64_t wanted[HAWK_EVENTS_MAX / 64] = { 0 };

	want(wanted, id);
	hawk_plan_make(plan, f, wanted);
	check_plan(plan, f);
}

static void model_is_always_planned(void **state)
{
	static const uint16_t model[] = {
		HAWK_EV_PROCESS_CONTEXT, HAWK_EV_SCHED_PROCESS_FORK, HAWK_EV_SCHED_PROCESS_EXEC,
		HAWK_EV_SCHED_PROCESS_EXIT,
	};
	uint64_t none[HAWK_EVENTS_MAX / 64] = { 0 };
	struct hawk_features f = all_of_them();
	struct hawk_plan plan;

	hawk_plan_make(&plan, &f, none);
	check_plan(&plan, &f);
	for (size_t row = 0; row < n_descs; row++) {
		bool in = false;

		for (size_t i = 0; i < ARRAY_SIZE(model); i++)
			in |= descs[row]->id == model[i];
		assert_int_equal(plan.alt[row] == 0, in);
	}
	assert_false(plan.program[HAWK_PROG_sys_enter_rtp]);
	assert_false(plan.program[HAWK_PROG_sys_exit_rtp]);
}

static void without_anything_all_is_impossible(void **state)
{
	uint64_t wanted[HAWK_EVENTS_MAX / 64];
	struct hawk_features f = { .kind = { false }, .kind_why = { [HAWK_PROG_RAW_TP] = "locked down" } };
	struct hawk_plan plan;
	char why[200];

	memset(wanted, 0xff, sizeof(wanted));
	hawk_plan_make(&plan, &f, wanted);
	check_plan(&plan, &f);
	for (size_t row = 0; row < n_descs; row++) {
		size_t n;
		const struct hawk_alt_desc *alts = hawk_plan_alts(descs[row], &n);
		bool needs_none = n && !alts[0].programs[0]; /* made by the daemon */

		assert_int_equal(plan.alt[row], needs_none ? 0 : descs[row]->internal && !descs[row]->n_alts ? -1 : -2);
	}
	assert_false(hawk_plan_usable(&f, hawk_event_by_id(HAWK_EV_SCHED_PROCESS_EXEC), 0, why, sizeof(why)));
	assert_non_null(strstr(why, "raw_tp"));
	assert_non_null(strstr(why, "locked down"));
}

/*
 * All events on every set of kinds (but for calls that are made seldom, which
 * share programs then), and each alone where at most one kind is there or
 * missing: check_plan holds, and with all kinds the first alternative is taken.
 */
static void every_event_on_every_kernel(void **state)
{
	uint64_t all[HAWK_EVENTS_MAX / 64] = { 0 };

	for (size_t row = 0; row < n_descs; row++)
		if (!descs[row]->syscall || !hawk_plan_rare(descs[row]->id))
			want(all, descs[row]->id);
	for (uint32_t set = 0; set < 1U << HAWK_PROG_KIND_MAX; set++) {
		struct hawk_features f = all_of_them();
		int kinds = __builtin_popcount(set);
		struct hawk_plan whole;

		for (int k = 0; k < HAWK_PROG_KIND_MAX; k++)
			f.kind[k] = set >> k & 1;
		hawk_plan_make(&whole, &f, all);
		check_plan(&whole, &f);
		for (size_t row = 0; row < n_descs && (kinds <= 1 || kinds >= HAWK_PROG_KIND_MAX - 1); row++) {
			struct hawk_plan plan;

			/* an internal one cannot be wanted */
			plan_for(&plan, &f, descs[row]->id);
			if (!descs[row]->internal && set == (1U << HAWK_PROG_KIND_MAX) - 1)
				assert_int_equal(plan.alt[row], 0);
		}
	}
}

static void raw_tp_alone_sees_files_and_connections(void **state)
{
	static const enum hawk_prog_kind kinds[] = { HAWK_PROG_RAW_TP };
	struct hawk_features f = only(kinds, ARRAY_SIZE(kinds));
	size_t n, open = row_of(HAWK_EV_FILE_OPEN);
	struct hawk_plan plan;

	plan_for(&plan, &f, HAWK_EV_FILE_OPEN);
	assert_true(plan.program[HAWK_PROG_sys_exit_rtp]);
	assert_false(plan.program[HAWK_PROG_sys_enter_rtp]);
	assert_string_equal(hawk_plan_alts(descs[open], &n)[plan.alt[open]].name, "raw_tp");
	plan_for(&plan, &f, HAWK_EV_NET_TCP_CONNECT);
	assert_true(plan.program[HAWK_PROG_sys_exit_rtp]);
	plan_for(&plan, &f, HAWK_EV_SECURITY_FILE_OPEN);
	assert_int_equal(plan.alt[row_of(HAWK_EV_SECURITY_FILE_OPEN)], -2);
	plan_for(&plan, &f, hawk_event_by_name("execve")->id);
	assert_false(plan.program[HAWK_PROG_sys_enter_rtp]);
	assert_true(plan.program[HAWK_PROG_sys_image_rtp]);
	assert_true(plan.program[HAWK_PROG_sys_exit_rtp]);
}

static void failed_programs_fall_through(void **state)
{
	struct hawk_features f = all_of_them();
	size_t row = row_of(HAWK_EV_FILE_OPEN), n;
	struct hawk_plan plan;
	char why[200];

	hawk_plan_alts(descs[row], &n);
	for (size_t alt = 0; alt <= n; alt++) {
		plan_for(&plan, &f, HAWK_EV_FILE_OPEN);
		if (alt == n) {
			assert_int_equal(plan.alt[row], -2);
			break;
		}
		/* alternatives that share the failed program fall with it */
		assert_true(plan.alt[row] >= (int)alt || plan.alt[row] == -2);
		for (int p = 0; p < HAWK_PROG_MAX; p++) {
			if (!needs(&hawk_plan_alts(descs[row], &n)[alt], p))
				continue;
			f.failed[p] = true;
			snprintf(f.failed_why[p], sizeof(f.failed_why[p]), "the verifier says no");
		}
		assert_false(hawk_plan_usable(&f, descs[row], (int)alt, why, sizeof(why)));
		assert_non_null(strstr(why, "the verifier says no"));
	}
}

static void absent_functions_are_named(void **state)
{
	struct hawk_features f = all_of_them();
	const struct hawk_event_desc *open = hawk_event_by_id(HAWK_EV_FILE_OPEN);
	struct hawk_plan plan;
	char why[200], small[8];

	f.target[HAWK_PROG_file_open_fx][0] = '\0';
	assert_false(hawk_plan_usable(&f, open, 0, why, sizeof(why)));
	assert_non_null(strstr(why, "do_filp_open"));
	assert_false(hawk_plan_usable(&f, open, 0, small, sizeof(small)));
	assert_true(strlen(small) < sizeof(small));
	plan_for(&plan, &f, HAWK_EV_FILE_OPEN);
	assert_true(plan.alt[row_of(HAWK_EV_FILE_OPEN)] > 0);
}

static void rare_calls_have_a_function_of_their_own(void **state)
{
	uint16_t ptrace = hawk_event_by_name("ptrace")->id;
	struct hawk_features f = all_of_them();
	struct hawk_plan plan;

	assert_true(hawk_plan_rare(ptrace));
	assert_false(hawk_plan_rare(hawk_event_by_name("openat")->id));
	plan_for(&plan, &f, ptrace);
	assert_true(hawk_plan_own(&plan, row_of(ptrace)));
	assert_false(hawk_plan_by_return(&plan, row_of(ptrace)));
	assert_false(plan.program[HAWK_PROG_sys_exit_rtp]);
	assert_int_equal(hawk_plan_own_kind(&plan, row_of(ptrace)), HAWK_PROG_KRETPROBE);
	f.kind[HAWK_PROG_KRETPROBE] = false;
	plan_for(&plan, &f, ptrace);
	assert_true(hawk_plan_own(&plan, row_of(ptrace)));
	assert_int_equal(hawk_plan_own_kind(&plan, row_of(ptrace)), HAWK_PROG_FEXIT);
	f.own[ptrace] = 0; /* the function is not there, or cannot be hooked */
	plan_for(&plan, &f, ptrace);
	assert_false(hawk_plan_own(&plan, row_of(ptrace)));
	assert_true(hawk_plan_by_return(&plan, row_of(ptrace)));
	assert_true(plan.program[HAWK_PROG_sys_exit_rtp]);
}

static void many_rare_calls_share_one_program(void **state)
{
	struct hawk_features f = all_of_them();
	uint64_t wanted[HAWK_EVENTS_MAX / 64] = { 0 };
	struct hawk_plan plan;
	size_t rare = 0;

	for (size_t row = 0; row < n_descs; row++) {
		if (!descs[row]->syscall || !hawk_plan_rare(descs[row]->id))
			continue;
		wanted[row / 64] |= UINT64_C(1) << (row % 64);
		rare++;
		hawk_plan_make(&plan, &f, wanted);
		assert_int_equal(plan.share_rare, rare > HAWK_PLAN_OWN_MAX);
		assert_int_equal(hawk_plan_own(&plan, row), rare <= HAWK_PLAN_OWN_MAX);
		assert_int_equal(plan.program[HAWK_PROG_sys_exit_rtp], rare > HAWK_PLAN_OWN_MAX);
	}
	if (rare <= HAWK_PLAN_OWN_MAX)
		skip(); /* until the table has so many */
}

static void wanted_events_share_programs(void **state)
{
	static const enum hawk_prog_kind kinds[] = { HAWK_PROG_RAW_TP };
	struct hawk_features f = only(kinds, ARRAY_SIZE(kinds));
	uint64_t wanted[HAWK_EVENTS_MAX / 64];
	struct hawk_plan plan;

	memset(wanted, 0xff, sizeof(wanted)); /* bits of internal rows and behind the last row mean nothing */
	hawk_plan_make(&plan, &f, wanted);
	check_plan(&plan, &f);
	for (int p = 0; p < HAWK_PROG_MAX; p++)
		if (plan.program[p])
			assert_int_equal(hawk_prog_desc(p)->kind, HAWK_PROG_RAW_TP);
}

/* What is told of before its end is hooked, and ends meanwhile, would live in the table (probes.def). */
static void the_end_is_hooked_first(void **state)
{
	(void)state;
	assert_int_equal(HAWK_PROG_proc_exit_rtp, 0);
	assert_int_equal(HAWK_OBJ_process_tp, 0);
	for (int p = 0; p < HAWK_PROG_MAX; p++)
		if (p != HAWK_PROG_proc_exit_tp && hawk_prog_desc(p)->object == HAWK_OBJ_process_perf)
			assert_true(p > HAWK_PROG_proc_exit_tp);
}

static void descriptions_are_complete(void **state)
{
	for (int p = 0; p < HAWK_PROG_MAX; p++) {
		const struct hawk_prog_desc *d = hawk_prog_desc(p);

		assert_int_equal(d->id, p);
		bool own = false;

		for (int i = 0; i < HAWK_OWN_FUNCTIONS; i++)
			own |= hawk_own_program(HAWK_PROG_FEXIT, i) == d->id || hawk_own_program(HAWK_PROG_KRETPROBE, i) == d->id;
		assert_true(strlen(d->name) <= 15);
		own |= d->id == HAWK_PROG_kern_peek_rtp || d->id == HAWK_PROG_kern_page_rtp; /* are run, not attached */
		assert_int_equal(d->target[0] == '\0', own);
		assert_non_null(hawk_prog_kind_name(d->kind));
		assert_non_null(hawk_object_name(d->object));
	}
}

/* The plan of one event when only alternative ALT is left to it. */
static void programs_of(size_t row, int alt, bool ret[HAWK_PROG_MAX])
{
	struct hawk_plan plan = { .share_rare = false };

	plan.alt[row] = (int16_t)alt;
	hawk_plan_programs(&plan, row, ret);
}

/* In the array of a program that is tied to one function the events that it tells have places of their own. */
static void judged_events_do_not_share_places(void **state)
{
	static uint16_t at[HAWK_PROG_MAX][HAWK_JUDGE_EVENTS];
	size_t judged = 0;

	(void)state;
	for (size_t row = 0; row < n_descs; row++) {
		bool programs[HAWK_PROG_MAX];
		size_t n;

		hawk_plan_alts(descs[row], &n);
		if (!hawk_plan_judged(descs[row]))
			continue;
		judged++;
		for (size_t alt = 0; alt < n && !descs[row]->syscall; alt++) {
			programs_of(row, (int)alt, programs);
			for (int p = 0; p < HAWK_PROG_MAX; p++) {
				uint16_t *place = &at[p][descs[row]->id % HAWK_JUDGE_EVENTS];
				enum hawk_prog_kind kind = hawk_prog_desc(p)->kind;

				if (!programs[p] || kind == HAWK_PROG_RAW_TP || kind == HAWK_PROG_KPROBE ||
				    kind == HAWK_PROG_KRETPROBE)
					continue;
				if (*place && *place != descs[row]->id)
					fail_msg("%s: %s has the place of event %u", hawk_prog_desc(p)->name,
						 descs[row]->name, *place);
				*place = descs[row]->id;
			}
		}
	}
	assert_true(judged > 400); /* the system calls alone */
	assert_true(hawk_plan_judged(descs[row_of(HAWK_EV_SECURITY_FILE_OPEN)]));
	assert_false(hawk_plan_judged(descs[row_of(HAWK_EV_SCHED_PROCESS_EXEC)]));
	assert_false(hawk_plan_judged(descs[row_of(HAWK_EV_NET_PACKET_BASE)]));
	assert_false(hawk_plan_judged(descs[row_of(HAWK_EV_NET_FLOW_TCP_BEGIN)]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(model_is_always_planned),
		cmocka_unit_test(without_anything_all_is_impossible),
		cmocka_unit_test(every_event_on_every_kernel),
		cmocka_unit_test(raw_tp_alone_sees_files_and_connections),
		cmocka_unit_test(failed_programs_fall_through),
		cmocka_unit_test(absent_functions_are_named),
		cmocka_unit_test(rare_calls_have_a_function_of_their_own),
		cmocka_unit_test(many_rare_calls_share_one_program),
		cmocka_unit_test(wanted_events_share_programs),
		cmocka_unit_test(the_end_is_hooked_first),
		cmocka_unit_test(descriptions_are_complete),
		cmocka_unit_test(judged_events_do_not_share_places),
	};

	descs = hawk_event_descs(&n_descs);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
