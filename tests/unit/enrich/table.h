/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_TEST_ENRICH_TABLE_H
#define HAWK_TEST_ENRICH_TABLE_H
/* A process table with a clock of the test's own, and what is done to it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "src/enrich/proctab.h"
#include "tests/unit/enrich/make_event.h"

static uint64_t now_ns;

static inline uint64_t fake_now(void *ctx)
{
	return now_ns;
}

static const struct hawk_clock fake_clock = { .boot_ns = fake_now };

static inline struct hawk_proctab *new_table(size_t entries, size_t bytes)
{
	struct hawk_proctab_options o = {
		.max_entries = entries, .max_bytes = bytes, .exited_keep_ns = 1000000,
		.proc_fd = -1, .clock = &fake_clock,
	};
	struct hawk_proctab *t;

	now_ns = 0;
	assert_int_equal(hawk_proctab_new(&t, &o), 0);
	return t;
}

static inline const struct hawk_process *apply(struct hawk_proctab *t, struct made *m)
{
	assert_int_equal(hawk_proctab_apply(t, &m->event), 0);
	assert_non_null(m->event.process);
	return m->event.process;
}

static inline void fork_of(struct hawk_proctab *t, uint32_t ppid, uint64_t pstart, uint32_t pid, uint64_t start)
{
	struct made m;

	make_fork(&m, ppid, pstart, pid, start);
	apply(t, &m);
}

static inline void exit_of(struct hawk_proctab *t, uint32_t pid, uint64_t start, uint64_t time)
{
	struct made m;

	make_event(&m, HAWK_EV_SCHED_PROCESS_EXIT, pid, start, time);
	make_number(&m, "exit_code", 3);
	make_number(&m, "signal", 0);
	apply(t, &m);
}

static inline void is_bytes(const struct hawk_bytes *b, const void *want, size_t len)
{
	assert_int_equal(b->len, len);
	if (len)
		assert_memory_equal(b->data, want, len);
}
#define IS(b, text) is_bytes(&(b), text, sizeof(text) - 1)

#endif
