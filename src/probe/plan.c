/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/probe/plan.h"

#include <assert.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "src/base/cleanup.h"
#include "src/event/made.h"

static const char *const object_names[] = {
#define OBJECT(name) [HAWK_OBJ_##name] = #name,
#define PROGRAM(program, object, kind, target)
#include "bpf/abi/probes.def"
#undef OBJECT
#undef PROGRAM
};

static const struct hawk_prog_desc progs[] = {
#define OBJECT(name)
#define PROGRAM(program, object, kind, target) \
	[HAWK_PROG_##program] = { HAWK_PROG_##program, #program, HAWK_OBJ_##object, HAWK_PROG_##kind, target },
#include "bpf/abi/probes.def"
#undef OBJECT
#undef PROGRAM
};

static const char *const kind_names[] = {
	[HAWK_PROG_RAW_TP] = "raw_tp", [HAWK_PROG_TP] = "tp",   [HAWK_PROG_FEXIT] = "fexit",
	[HAWK_PROG_FENTRY] = "fentry", [HAWK_PROG_LSM] = "lsm", [HAWK_PROG_KPROBE] = "kprobe",
	[HAWK_PROG_KRETPROBE] = "kretprobe", [HAWK_PROG_ITER] = "iter", [HAWK_PROG_CGROUP] = "cgroup",
};
_Static_assert(ARRAY_SIZE(kind_names) == HAWK_PROG_KIND_MAX, "kind without a name");

/* Names are at most 15 characters, or bpftool would not show them whole. */
#define OBJECT(name)
#define PROGRAM(program, object, kind, target) _Static_assert(sizeof(#program) <= 16, #program " is too long");
#include "bpf/abi/probes.def"
#undef OBJECT
#undef PROGRAM

/* Every system call has the same alternatives; exec also needs its arguments from the entry. */
static const struct hawk_alt_desc alt_syscall = {
	.name = "raw_tp",
	.programs = "sys_exit_rtp",
	.sees = "every call with its result",
	.misses = "memory that another thread changes before the call returns",
};
/* A rare call pays for itself. Its 32-bit twins are hooked as well, where the kernel has them. */
static const struct hawk_alt_desc alts_syscall_rare[] = {
	{
		.name = "kretprobe",
		.programs = "sys_own_krp",
		.sees = "every call with its result, at no cost for other calls; used while at most 16 such calls are wanted",
		.misses = "memory that another thread changes before the call returns; more than some ten calls of a kind at a time",
	},
	{
		.name = "fexit",
		.programs = "sys_own_fexit",
		.sees = "every call with its result, at no cost for other calls; used while at most 16 such calls are wanted",
		.misses = "memory that another thread changes before the call returns",
	},
	{
		.name = "raw_tp",
		.programs = "sys_exit_rtp",
		.sees = "every call with its result",
		.misses = "memory that another thread changes before the call returns",
	},
};
static const struct hawk_alt_desc alt_syscall_enter = {
	.name = "raw_tp",
	.programs = "sys_enter_rtp",
	.sees = "every call, when it begins: it does not return",
	.misses = "",
};
static const struct hawk_alt_desc alt_syscall_enterfd = {
	.name = "raw_tp",
	.programs = "sys_enter_rtp,sys_exit_rtp",
	.sees = "every call with its result, and what the descriptor was before it",
	.misses = "the descriptor, when more than a thousand tasks are in such a call",
};
static const struct hawk_alt_desc alt_syscall_exec = {
	.name = "raw_tp",
	.programs = "sys_image_rtp,sys_exit_rtp",
	.sees = "every call with its result",
	.misses = "",
};

const struct hawk_prog_desc *hawk_prog_desc(enum hawk_prog_id id)
{
	return &progs[id];
}

const char *hawk_prog_kind_name(enum hawk_prog_kind kind)
{
	return kind_names[kind];
}

bool hawk_prog_hooks_function(enum hawk_prog_kind kind)
{
	return kind == HAWK_PROG_FEXIT || kind == HAWK_PROG_FENTRY || kind == HAWK_PROG_KPROBE ||
	       kind == HAWK_PROG_KRETPROBE || kind == HAWK_PROG_LSM;
}

const char *hawk_object_name(enum hawk_object_id id)
{
	return object_names[id];
}

static enum hawk_syscall_how how_of(uint16_t event)
{
	switch (event) {
#define SYSCALL(name, id, x64, i386, arm64, how, fact, aliases, sets, doc) \
	case id:                                                  \
		return HAWK_HOW_##how;
#define ARG(call, index, type, name, doc)
#define SYSCALL_END(name)
#include "bpf/abi/syscalls.def"
#undef SYSCALL
#undef ARG
#undef SYSCALL_END
	default:
		return HAWK_HOW_EXIT;
	}
}

enum hawk_prog_id hawk_own_program(enum hawk_prog_kind kind, int i)
{
	static const enum hawk_prog_id ids[HAWK_OWN_FUNCTIONS] = {
		HAWK_PROG_sys_own_fexit,
		HAWK_PROG_sys_own32_fx,
		HAWK_PROG_sys_own32c_fx,
	};

	return kind == HAWK_PROG_KRETPROBE ? HAWK_PROG_sys_own_krp : ids[i];
}

bool hawk_plan_rare(uint16_t event)
{
	return how_of(event) == HAWK_HOW_RARE;
}

const struct hawk_alt_desc *hawk_plan_alts(const struct hawk_event_desc *desc, size_t *ret_n)
{
	if (desc->syscall) {
		*ret_n = 1;
		switch (how_of(desc->id)) {
		case HAWK_HOW_RARE:
			*ret_n = ARRAY_SIZE(alts_syscall_rare);
			return alts_syscall_rare;
		case HAWK_HOW_EXEC:
			return &alt_syscall_exec;
		case HAWK_HOW_ENTER:
			return &alt_syscall_enter;
		case HAWK_HOW_ENTERFD:
			return &alt_syscall_enterfd;
		default:
			return &alt_syscall;
		}
	}
	/* derived from another event: observed as that is */
	if (!desc->n_alts && desc->needs)
		return hawk_plan_alts(hawk_event_by_id(desc->needs[0]), ret_n);
	*ret_n = desc->n_alts;
	return desc->alts;
}

/* The programs by name: the lists of alternatives are walked for each event of each plan. */
static struct {
	pthread_once_t once;
	uint16_t slot[2048]; /* id + 1; 0: free */
} by_name = { .once = PTHREAD_ONCE_INIT };
_Static_assert(HAWK_PROG_MAX < 1024, "more programs than the table is made for");

static uint32_t hash_name(const char *name, size_t len)
{
	uint32_t h = 2166136261U; /* FNV-1a */

	for (size_t i = 0; i < len; i++)
		h = (h ^ (uint8_t)name[i]) * 16777619U;
	return h % ARRAY_SIZE(by_name.slot);
}

static void index_names(void)
{
	for (int i = 0; i < HAWK_PROG_MAX; i++) {
		uint32_t at = hash_name(progs[i].name, strlen(progs[i].name));

		while (by_name.slot[at])
			at = (at + 1) % ARRAY_SIZE(by_name.slot);
		by_name.slot[at] = (uint16_t)(i + 1);
	}
}

/* Takes the next program off a comma-separated list. Returns its id, or -1 at the end. */
static int next_program(const char **list)
{
	size_t len = strcspn(*list, ",");

	if (len == 0)
		return -1;
	pthread_once(&by_name.once, index_names);
	for (uint32_t at = hash_name(*list, len); by_name.slot[at]; at = (at + 1) % ARRAY_SIZE(by_name.slot)) {
		const struct hawk_prog_desc *p = &progs[by_name.slot[at] - 1];

		if (strncmp(p->name, *list, len) == 0 && !p->name[len]) {
			*list += len + ((*list)[len] == ',');
			return p->id;
		}
	}
	assert(!"alternative names a program that probes.def does not have");
	return -1;
}

static bool program_usable(const struct hawk_features *f, int id, char *why, size_t size)
{
	const struct hawk_prog_desc *p = &progs[id];

	if (!f->kind[p->kind])
		snprintf(why, size, "no %s: %s", kind_names[p->kind],
			 f->kind_why[p->kind] ? f->kind_why[p->kind] : "not available");
	else if (hawk_prog_hooks_function(p->kind) && p->target[0] && !f->target[id][0])
		snprintf(why, size, "this kernel has no %s %s", p->kind == HAWK_PROG_LSM ? "LSM hook" : "function",
			 p->target);
	else if (f->failed[id])
		snprintf(why, size, "%s: %s", p->name, f->failed_why[id]);
	else
		return true;
	return false;
}

bool hawk_plan_usable(const struct hawk_features *features, const struct hawk_event_desc *desc, int alt, char *why,
		      size_t size)
{
	size_t n;
	const struct hawk_alt_desc *alts = hawk_plan_alts(desc, &n);
	const char *list = alts[alt].programs;
	int id;

	if (size)
		why[0] = '\0';
	while ((id = next_program(&list)) >= 0) {
		if (!program_usable(features, id, why, size))
			return false;
		if ((id == HAWK_PROG_sys_own_krp || id == HAWK_PROG_sys_own_fexit) && !(features->own[desc->id] & 1)) {
			snprintf(why, size, "the function of %s cannot be hooked", desc->name);
			return false;
		}
	}
	return true;
}

static bool alt_has(const struct hawk_plan *plan, size_t row, enum hawk_prog_id program)
{
	size_t n_descs, n_alts;
	const struct hawk_alt_desc *alts = hawk_plan_alts(hawk_event_descs(&n_descs)[row], &n_alts);
	const char *list;
	int id;

	if (plan->alt[row] < 0)
		return false;
	list = alts[plan->alt[row]].programs;
	while ((id = next_program(&list)) >= 0)
		if (id == (int)program)
			return true;
	return false;
}

void hawk_plan_programs(const struct hawk_plan *plan, size_t row, bool ret[HAWK_PROG_MAX])
{
	size_t n_descs, n_alts;
	const struct hawk_alt_desc *alts = hawk_plan_alts(hawk_event_descs(&n_descs)[row], &n_alts);
	const char *list = plan->alt[row] < 0 ? "" : alts[plan->alt[row]].programs;
	int id;

	memset(ret, 0, HAWK_PROG_MAX * sizeof(*ret));
	while ((id = next_program(&list)) >= 0)
		ret[id] = true;
}

static bool judges(const struct hawk_prog_desc *p)
{
	return p->object != HAWK_OBJ_process_tp && p->object != HAWK_OBJ_net_flow && p->kind != HAWK_PROG_TP &&
	       p->kind != HAWK_PROG_ITER && p->kind != HAWK_PROG_CGROUP;
}

bool hawk_plan_judged(const struct hawk_event_desc *desc)
{
	size_t n;
	const struct hawk_alt_desc *alts = hawk_plan_alts(desc, &n);
	bool any = false;

	if (desc->class != HAWK_CLASS_BULK || desc->internal || (!desc->syscall && !desc->n_alts))
		return false;
	for (size_t i = 0; i < n; i++) {
		const char *list = alts[i].programs;
		int id;

		while ((id = next_program(&list)) >= 0) {
			if (!judges(&progs[id]))
				return false;
			any = true;
		}
	}
	return any;
}

bool hawk_plan_own(const struct hawk_plan *plan, size_t row)
{
	return alt_has(plan, row, HAWK_PROG_sys_own_krp) || alt_has(plan, row, HAWK_PROG_sys_own_fexit);
}

enum hawk_prog_kind hawk_plan_own_kind(const struct hawk_plan *plan, size_t row)
{
	return alt_has(plan, row, HAWK_PROG_sys_own_krp) ? HAWK_PROG_KRETPROBE : HAWK_PROG_FEXIT;
}

bool hawk_plan_by_entry(const struct hawk_plan *plan, size_t row)
{
	return alt_has(plan, row, HAWK_PROG_sys_enter_rtp);
}

bool hawk_plan_by_return(const struct hawk_plan *plan, size_t row)
{
	return alt_has(plan, row, HAWK_PROG_sys_exit_rtp);
}

bool hawk_plan_made(const struct hawk_plan *plan, size_t row)
{
	size_t n_descs, n_alts;
	const struct hawk_alt_desc *alts = hawk_plan_alts(hawk_event_descs(&n_descs)[row], &n_alts);

	return plan->alt[row] >= 0 && hawk_made_alt(&alts[plan->alt[row]]);
}

void hawk_plan_needed(const struct hawk_plan *plan, size_t row, bool ret_needed[HAWK_EVENT_ID_MAX])
{
	size_t n;
	const struct hawk_event_desc *desc = hawk_event_descs(&n)[row];
	const struct hawk_made *made = hawk_made_rows(&n);

	if (plan->alt[row] < 0)
		return;
	for (const uint16_t *id = desc->needs; id && *id; id++)
		ret_needed[*id] = true;
	for (size_t i = 0; hawk_plan_made(plan, row) && i < n; i++)
		if (made[i].event == desc->id)
			ret_needed[made[i].call] = true;
}

static void plan_event(struct hawk_plan *plan, const struct hawk_features *features, size_t row);

/* Plans the event and what it needs. The tables have no cycles (checked when they are built). */
static void plan_needs(struct hawk_plan *plan, const struct hawk_features *features,
		       const struct hawk_event_desc *desc)
{
	const struct hawk_event_desc *const *descs;
	size_t n;

	descs = hawk_event_descs(&n);
	for (const uint16_t *need = desc->needs; need && *need; need++)
		for (size_t row = 0; row < n; row++)
			if (descs[row]->id == *need)
				plan_event(plan, features, row);
}

/* Plans the system calls that the event is made of. */
static void plan_calls(struct hawk_plan *plan, const struct hawk_features *features, uint16_t event)
{
	size_t n, n_made;
	const struct hawk_event_desc *const *descs = hawk_event_descs(&n);
	const struct hawk_made *made = hawk_made_rows(&n_made);

	for (size_t i = 0; i < n_made; i++)
		for (size_t row = 0; made[i].event == event && row < n; row++)
			if (descs[row]->id == made[i].call)
				plan_event(plan, features, row);
}

static void plan_event(struct hawk_plan *plan, const struct hawk_features *features, size_t row)
{
	size_t n_descs, n_alts;
	const struct hawk_event_desc *desc = hawk_event_descs(&n_descs)[row];
	const struct hawk_alt_desc *alts = hawk_plan_alts(desc, &n_alts);
	char why[1];

	if (plan->alt[row] != -1)
		return;
	plan->alt[row] = -2;
	plan_needs(plan, features, desc);
	for (size_t i = 0; i < n_alts; i++) {
		const char *list = alts[i].programs;
		int id;

		if (!hawk_plan_usable(features, desc, (int)i, why, sizeof(why)))
			continue;
		if (plan->share_rare && alts == alts_syscall_rare && i + 1 < n_alts)
			continue;
		plan->alt[row] = (int16_t)i;
		while ((id = next_program(&list)) >= 0)
			plan->program[id] = true;
		if (hawk_made_alt(&alts[i]))
			plan_calls(plan, features, desc->id);
		return;
	}
}

static bool many_rare(const uint64_t *wanted)
{
	size_t n, rare = 0;
	const struct hawk_event_desc *const *descs = hawk_event_descs(&n);

	for (size_t row = 0; row < n; row++)
		rare += (wanted[row / 64] >> (row % 64) & 1) && descs[row]->syscall && hawk_plan_rare(descs[row]->id);
	return rare > HAWK_PLAN_OWN_MAX;
}

void hawk_plan_make(struct hawk_plan *plan, const struct hawk_features *features, const uint64_t *wanted)
{
	static const uint16_t always[] = {
		HAWK_EV_PROCESS_CONTEXT,
		HAWK_EV_SCHED_PROCESS_FORK,
		HAWK_EV_SCHED_PROCESS_EXEC,
		HAWK_EV_SCHED_PROCESS_EXIT,
	};
	const struct hawk_event_desc *const *descs;
	size_t n;

	descs = hawk_event_descs(&n);
	assert(n <= HAWK_EVENTS_MAX);
	memset(plan, 0, sizeof(*plan));
	plan->share_rare = many_rare(wanted);
	for (size_t row = 0; row < HAWK_EVENTS_MAX; row++)
		plan->alt[row] = -1;
	for (size_t row = 0; row < n; row++) {
		bool want = !descs[row]->internal && (wanted[row / 64] >> (row % 64) & 1);

		for (size_t i = 0; i < ARRAY_SIZE(always); i++)
			want |= descs[row]->id == always[i];
		if (want)
			plan_event(plan, features, row);
	}
}
