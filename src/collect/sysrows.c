/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The map of system calls, out of syscalls.def and the plan. */
#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/cleanup.h"
#include "src/collect/internal.h"
#include "src/event/made.h"

/* The FACT column of syscalls.def. */
enum facts {
	FACTS_NONE,
	FACTS_OPENED,
	FACTS_CONNECTED,
	FACTS_ACCEPTED,
	FACTS_DUPLICATED,
	FACTS_CONTROLLED,
	FACTS_MAPPED,
	FACTS_WRITTEN,
	FACTS_MOVED,
	FACTS_COPIED,
};

struct call {
	uint16_t event;
	uint8_t facts; /* a group */
	int native, compat;
	uint8_t how;
};

#if defined(__x86_64__)
#define NUMBERS(x64, i386, arm64) .native = (x64), .compat = (i386)
#define CLONE_BACKWARDS false
#elif defined(__aarch64__)
#define NUMBERS(x64, i386, arm64) .native = (arm64), .compat = -1
#define CLONE_BACKWARDS true
#else
#error "system call numbers of this architecture are not in syscalls.def"
#endif

static const struct call calls[] = {
#define SYSCALL(name, id, x64, i386, arm64, h, f, aliases, sets, doc) \
	{ .event = (id), .facts = FACTS_##f, NUMBERS(x64, i386, arm64), .how = HAWK_HOW_##h },
#define ARG(call, index, type, name, doc)
#define SYSCALL_END(name)
#include "bpf/abi/syscalls.def"
#undef SYSCALL
#undef ARG
#undef SYSCALL_END
};

/* The rows of argtypes.def, for native and for 32-bit callers; 0: a plain word. */
#define FLAG_IN 0
#define FLAG_OUT HAWK_ARG_OUT
#define SPEC(kind, when, size) (HAWK_ARG_##kind | FLAG_##when | (uint32_t)(size) << 16)
static const uint32_t specs[HAWK_T_MAX][2] = {
#define ARGTYPE(type, kind, when, size, size32) \
	[HAWK_T_##type] = { SPEC(kind, when, size), SPEC(kind, when, size32) },
#include "bpf/abi/argtypes.def"
#undef ARGTYPE
};

static void fill_arg(struct hawk_abi_sysrow *row, uint8_t index, uint32_t spec, bool compat)
{
	bool wide = HAWK_ARG_KIND(spec) == HAWK_ARG_WIDE;

	row->arg[index] = wide ? HAWK_ARG_WORD : spec;
	row->nargs = index + 1;
	if (wide && compat)
		row->wide |= 1U << index;
}

static void fill_args(struct hawk_abi_sysrow *row, uint16_t event, bool compat)
{
	/* CONFIG_CLONE_BACKWARDS, kernel/fork.c: tls is before child_tid but on x86_64 */
	if (event == HAWK_EV_SYS_clone && (compat || CLONE_BACKWARDS))
		row->wide = HAWK_WIDE_SWAP;
#define SYSCALL(name, id, x64, i386, arm64, how, fact, aliases, sets, doc) \
	if (event == (id)) {
#define ARG(call, index, type, name, doc) fill_arg(row, index, specs[HAWK_T_##type][compat], compat);
#define SYSCALL_END(name) }
#include "bpf/abi/syscalls.def"
#undef SYSCALL
#undef ARG
#undef SYSCALL_END
}

/* The row of an event in hawk_event_descs(). */
static size_t desc_row(uint16_t event)
{
	const struct hawk_event_desc *const *descs;
	size_t n, row = 0;

	descs = hawk_event_descs(&n);
	while (row < n - 1 && descs[row]->id != event)
		row++;
	return row;
}

static bool is_wanted(const struct hawk_collect *c, const struct call *call)
{
	size_t row = desc_row(call->event);

	return hawk_plan_own(&c->plan, row) || hawk_plan_by_return(&c->plan, row) || hawk_plan_by_entry(&c->plan, row);
}

/* The return of an exec does not show which call it was: when one is wanted, all are kept while they still show it. */
static bool keep_exec(const struct hawk_collect *c)
{
	for (size_t i = 0; i < ARRAY_SIZE(calls); i++)
		if (calls[i].how == HAWK_HOW_EXEC && is_wanted(c, &calls[i]))
			return true;
	return false;
}

static bool is_used(const struct hawk_abi_sysrow *row)
{
	return row->event || row->facts || row->keep || row->mux;
}

/* The facts of a group that are planned by the return of system calls. */
static uint16_t wanted_facts(const struct hawk_collect *c, enum facts group)
{
	static const struct {
		enum facts group;
		enum hawk_fact fact;
		uint16_t event;
	} facts[] = {
#define FACT(group, bit, token) { FACTS_##group, HAWK_FACT_##bit, HAWK_EV_##token },
#include "bpf/abi/facts.def"
#undef FACT
	};
	uint16_t wanted = 0;

	for (size_t i = 0; i < ARRAY_SIZE(facts); i++)
		if (facts[i].group == group && hawk_plan_by_return(&c->plan, desc_row(facts[i].event)))
			wanted |= (uint16_t)facts[i].fact;
	return wanted;
}

/* HAWK_REC_MAKES when an event is planned to be made of CALL. */
static uint8_t makes(const struct hawk_collect *c, uint16_t call)
{
	size_t n;
	const struct hawk_made *made = hawk_made_rows(&n);

	for (size_t i = 0; i < n; i++)
		if (made[i].call == call && hawk_plan_made(&c->plan, desc_row(made[i].event)))
			return HAWK_REC_MAKES;
	return 0;
}

/* What is looked at when the call in ROW of hawk_event_descs() is made. */
static uint8_t wanted_checks(const struct hawk_collect *c, size_t row)
{
	uint8_t checks = 0;

	if (!(c->checked[row / 64] >> row % 64 & 1))
		return 0;
	if (c->plan.alt[desc_row(HAWK_EV_SUSPICIOUS_SYSCALL_SOURCE)] >= 0)
		checks |= HAWK_CHECK_SOURCE;
	if (c->plan.alt[desc_row(HAWK_EV_STACK_PIVOT)] >= 0)
		checks |= HAWK_CHECK_STACK;
	return checks;
}

/* The row of CALL. COMPAT: for 32-bit callers, whose structures have other sizes. */
static struct hawk_abi_sysrow make_row(const struct hawk_collect *c, const struct call *call, bool compat)
{
	struct hawk_abi_sysrow row = { .how = call->how, .id = call->event };

	row.own = hawk_plan_own(&c->plan, desc_row(call->event));
	row.check = wanted_checks(c, desc_row(call->event));
	if (is_wanted(c, call))
		row.event = call->event;
	row.facts = wanted_facts(c, call->facts);
	row.makes = makes(c, call->event);
	fill_args(&row, call->event, compat);
	return row;
}

#if defined(__x86_64__)
/* Calls that are one of many: BASE is where those of this kind begin, NUMBER the 32-bit call that they are behind. */
struct mux {
	uint16_t event;
	int number, base, call;
	uint32_t order;
};
static const struct mux muxes[] = {
#define SOCKETCALL(call, name, n) { HAWK_EV_SYS_##name, 102, HAWK_MUX_SOCKETCALL, call, n },
#define IPC(call, name, order) { HAWK_EV_SYS_##name, 117, HAWK_MUX_IPC, call, order },
#include "bpf/abi/mux.def"
#undef SOCKETCALL
#undef IPC
};

static void add_muxes(const struct hawk_collect *c, struct hawk_abi_sysrow *rows)
{
	/* Through these even 64-bit time has 32 bits, but only here: rather not read than wrong. */
	const uint32_t time64 = specs[HAWK_T_TIMESPEC64][true];

	for (size_t i = 0; i < ARRAY_SIZE(muxes); i++) {
		const struct mux *m = &muxes[i];
		struct hawk_abi_sysrow *row = &rows[HAWK_SYSROW_MUX + m->base + m->call];
		size_t n = 0;

		while (calls[n].event != m->event)
			n++;
		*row = make_row(c, &calls[n], true);
		row->order = m->order;
		row->own = 0;
		for (int a = 0; a < HAWK_SYSCALL_ARGS; a++)
			if (row->arg[a] == time64)
				row->arg[a] = 0;
		if (is_used(row))
			rows[HAWK_SYSCALL_NR_MAX + m->number].mux = (uint8_t)(m->base + 1);
	}
}
#else
static void add_muxes(const struct hawk_collect *c, struct hawk_abi_sysrow *rows)
{
}
#endif

int hawk_sysrows_write(struct hawk_collect *c)
{
	_cleanup_free_ struct hawk_abi_sysrow *rows = calloc(HAWK_SYSROWS, sizeof(*rows));
	bool keep = keep_exec(c);

	if (!rows)
		return -ENOMEM;
	for (size_t i = 0; i < ARRAY_SIZE(calls); i++) {
		for (int compat = 0; compat < 2; compat++) {
			int number = compat ? calls[i].compat : calls[i].native;
			struct hawk_abi_sysrow row;

			if (number < 0)
				continue;
			row = make_row(c, &calls[i], compat);
			row.keep = keep && calls[i].how == HAWK_HOW_EXEC;
			rows[compat * HAWK_SYSCALL_NR_MAX + number] = row;
		}
	}
	add_muxes(c, rows);
	for (size_t nr = 0; nr < HAWK_SYSCALL_NR_MAX; nr++) {
		rows[nr].any = is_used(&rows[nr]) || is_used(&rows[nr + HAWK_SYSCALL_NR_MAX]);
		rows[nr].check |= (uint8_t)(rows[nr + HAWK_SYSCALL_NR_MAX].check << HAWK_CHECK_COMPAT);
	}
	return hawk_guard_write(c, &(struct hawk_rows){ HAWK_MAP_hawk_sysrow, 0, HAWK_SYSROWS, rows });
}
