/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A process table that goes through a recording comes out as it was, and records after it find it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "src/base/cleanup.h"
#include "src/collect/recording.h"
#include "src/decode/decode.h"
#include "src/enrich/proctab.h"

struct replay {
	struct hawk_recording *file;
	struct hawk_decoder *decoder;
	struct hawk_proctab *table;
	struct hawk_event event;
};

static void replay_start(struct replay *r, const struct hawk_buf *bytes)
{
	const struct hawk_proctab_options o = { .proc_fd = -1 };
	FILE *f = tmpfile();
	char *why;

	assert_non_null(f);
	assert_int_equal(fwrite(bytes->data, bytes->len, 1, f), 1);
	rewind(f);
	assert_int_equal(hawk_recording_open_stream(&r->file, f, &why), 0);
	assert_int_equal(hawk_decoder_new(&r->decoder, hawk_recording_header(r->file)->boot_offset), 0);
	assert_int_equal(hawk_proctab_new(&r->table, &o), 0);
}

/* Plays all that is left. Returns the number of events. */
static size_t replay_all(struct replay *r)
{
	const void *record;
	size_t n = 0;
	long len;

	while ((len = hawk_recording_next(r->file, &record)) > 0) {
		int e = hawk_decode(r->decoder, record, (size_t)len, &r->event);

		assert_true(e >= 0);
		if (e == 0) {
			assert_int_equal(hawk_proctab_apply(r->table, &r->event), 0);
			n++;
		}
	}
	assert_int_equal(len, 0);
	assert_int_equal(hawk_decoder_stats(r->decoder).rejected, 0);
	assert_int_equal(hawk_decoder_stats(r->decoder).chains_incomplete, 0);
	return n;
}

static void replay_end(struct replay *r)
{
	hawk_recording_free(r->file);
	hawk_decoder_free(r->decoder);
	hawk_proctab_free(r->table);
}

static struct hawk_bytes bytes_of(const char *text)
{
	return (struct hawk_bytes){ .data = (uint8_t *)text, .len = (uint32_t)strlen(text) };
}

static void same_bytes(const struct hawk_bytes *a, const struct hawk_bytes *b)
{
	assert_int_equal(a->len, b->len);
	if (a->len)
		assert_memory_equal(a->data, b->data, a->len);
	assert_int_equal(a->flags & ~HAWK_VAL_ABSENT, b->flags & ~HAWK_VAL_ABSENT);
	if (a->flags & HAWK_VAL_TRUNCATED)
		assert_int_equal(a->full, b->full);
}

static void same_process(const struct hawk_process *a, const struct hawk_process *b)
{
	assert_non_null(b);
	assert_memory_equal(&a->task, &b->task, sizeof(a->task));
	assert_memory_equal(a->comm, b->comm, sizeof(a->comm));
	same_bytes(&a->exe, &b->exe);
	same_bytes(&a->argv, &b->argv);
	same_bytes(&a->cwd, &b->cwd);
	same_bytes(&a->tty, &b->tty);
	same_bytes(&a->cgroup, &b->cgroup);
}

/* Some process with number N; argv is set by the caller. */
static struct hawk_process process(uint32_t n, uint32_t parent)
{
	struct hawk_process p = {
		.task = { .pid = (int32_t)n, .start = n * 100, .ppid = (int32_t)parent,
			  .parent_start = parent * 100, .uid = n, .cap_permitted = ~0ULL, .exec_id = 3,
			  .ns_user = 7, .loginuid = UINT32_MAX },
		.comm = "demo",
		.exe = bytes_of("/usr/bin/demo"),
		.cwd = bytes_of("/"),
		.tty = bytes_of("pts0"),
		.cgroup = bytes_of("/system.slice/demo.service"),
	};

	return p;
}

static void tables_survive(void **state)
{
	static const uint32_t lengths[] = {
		0, 1, HAWK_CHUNK_BYTES - 1, HAWK_CHUNK_BYTES, HAWK_CHUNK_BYTES + 1, 3 * HAWK_CHUNK_BYTES,
		HAWK_LONG_BYTES - 1, HAWK_LONG_BYTES, HAWK_LONG_BYTES + 1,
	};
	_cleanup_free_ uint8_t *argv = malloc(HAWK_LONG_BYTES + 1);
	struct hawk_buf b = { .max = 64 * 1024 * 1024 };
	struct hawk_process p[ARRAY_SIZE(lengths)];
	struct hawk_recording_header h;
	struct replay r;

	hawk_recording_header_fill(&h);
	hawk_recording_put_header(&b, &h);
	for (uint32_t i = 0; i < ARRAY_SIZE(lengths); i++) {
		p[i] = process(10 + i, i ? 9 + i : 1);
		memset(argv, 'x', HAWK_LONG_BYTES + 1);
		if (lengths[i]) {
			argv[lengths[i] - 1] = '\0';
			p[i].argv = (struct hawk_bytes){ .data = malloc(lengths[i]), .len = lengths[i] };
			memcpy(p[i].argv.data, argv, lengths[i]);
		}
		if (lengths[i] >= HAWK_LONG_BYTES) {
			p[i].argv.flags = HAWK_VAL_TRUNCATED;
			p[i].argv.full = 500000;
		}
	}
	p[1].exe = bytes_of("/tmp/new\nline//\xff");
	p[1].exe.flags = HAWK_VAL_DELETED;
	p[2].exe = bytes_of("memfd:x");
	p[2].cwd = (struct hawk_bytes){ .flags = HAWK_VAL_UNREADABLE };
	p[3].tty = (struct hawk_bytes){ .len = 0 };
	p[3].cgroup = p[3].exe = p[3].tty;
	for (size_t i = ARRAY_SIZE(lengths); i-- > 0;) /* children first: any order does */
		assert_int_equal(hawk_recording_put_seed(&b, &p[i]), 0);

	replay_start(&r, &b);
	assert_int_equal(replay_all(&r), ARRAY_SIZE(lengths));
	assert_int_equal(hawk_proctab_stats(r.table).entries, ARRAY_SIZE(lengths));
	for (size_t i = 0; i < ARRAY_SIZE(lengths); i++) {
		const struct hawk_process *q = hawk_proctab_by_pid(r.table, (uint32_t)p[i].task.pid);

		same_process(&p[i], q);
		assert_int_equal(q->source, HAWK_FROM_SEED);
		assert_int_equal(q->unit.len, i == 3 ? 0 : strlen("demo.service"));
		assert_true(hawk_proctab_in_tree(r.table, q, 10));
		free(p[i].argv.data);
	}
	replay_end(&r);
	hawk_buf_done(&b);
}

static void records_follow(void **state)
{
	struct {
		struct hawk_abi_rec head;
		struct hawk_abi_SCHED_PROCESS_EXIT fixed;
	} exited = {
		.head = { .event = HAWK_EV_SCHED_PROCESS_EXIT, .size = sizeof(exited), .tgid = 10, .tid = 10,
			  .start = 1000, .time = 5000, .comm = "demo" },
		.fixed = { .exit_code = 3 },
	};
	struct hawk_buf b = HAWK_BUF_INIT;
	struct hawk_process p = process(10, 1);
	struct hawk_recording_header h;
	struct replay r;

	hawk_recording_header_fill(&h);
	hawk_recording_put_header(&b, &h);
	hawk_recording_put_seed(&b, &p);
	assert_int_equal(hawk_recording_put(&b, &exited, sizeof(exited)), 0);
	replay_start(&r, &b);
	assert_int_equal(replay_all(&r), 2);
	assert_int_equal(r.event.desc->id, HAWK_EV_SCHED_PROCESS_EXIT);
	assert_int_equal(r.event.process->exit_time, 5000);
	assert_int_equal(r.event.process->exit_code, 3);
	assert_memory_equal(r.event.process->exe.data, "/usr/bin/demo", 13);
	assert_int_equal(hawk_proctab_stats(r.table).from_header, 0);
	replay_end(&r);
	hawk_buf_done(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tables_survive),
		cmocka_unit_test(records_follow),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
