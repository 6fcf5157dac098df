/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Random events against random signatures: two engines, whose hashes differ, find the same, however state is
 * pressed out, sets are exchanged and time jumps; and neither takes more memory than it may.
 */
#include <stdlib.h>

#include "src/base/buf.h"
#include "src/base/cleanup.h"
#include "src/event/process.h"
#include "src/sig/engine.h"
#include "tests/unit/ir/fixture.h"

#define SIGNATURES 24
#define PATHS 6
#define PROCESSES 40
#define EVENTS 20000
#define STATE ((size_t)64 * 1024)

static uint32_t seed;

static uint32_t draw(uint32_t n)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % n;
}

static void add_match(struct hawk_buf *out, bool captured)
{
	static const char *const events[] = { "file_open", "sched_process_exec", "[file_open, sched_process_exec]" };

	hawk_buf_printf(out, "event: %s, where: '", events[draw(3)]);
	if (captured && draw(2))
		hawk_buf_puts(out, "data.pathname == captured.path0");
	else if (draw(3))
		hawk_buf_printf(out, "data.pathname == \"/p%u\"", draw(PATHS));
	else
		hawk_buf_printf(out, "data.pathname.endsWith(\"%u\") || uid == %u", draw(PATHS), draw(3));
	hawk_buf_putc(out, '\'');
}

static void add_steps(struct hawk_buf *out, bool unordered)
{
	unsigned int n = 2 + draw(3), absent = !unordered && draw(4) == 0;

	hawk_buf_printf(out, "unordered: %s\nsteps:\n", unordered ? "true" : "false");
	for (unsigned int i = 0; i < n; i++) {
		hawk_buf_puts(out, "  - {");
		add_match(out, i && !unordered);
		if (!unordered && i + 1 < n && (i == 0 || draw(2)))
			hawk_buf_printf(out, ", capture: {path%u: data.pathname}", i);
		if (absent && i + 1 == n)
			hawk_buf_puts(out, ", absent: true");
		else if (draw(3) == 0)
			hawk_buf_printf(out, ", count: %u%s", 2 + draw(4), draw(2) ? ", distinct: data.pathname" : "");
		hawk_buf_puts(out, "}\n");
	}
}

/* One text, in the language. */
static void make(struct hawk_buf *out, unsigned int i)
{
	static const char *const keys[] = { "process", "tree", "user", "session", "container", "process.uid" };

	hawk_buf_printf(out, "id: r%u\nname: r%u\nversion: 1.0.0\ntitle: t\ndescription: d\nseverity: low\n", i, i);
	if (i && draw(5) == 0) {
		hawk_buf_printf(out, "event: finding=r%u\ncount: 2\n", draw(i));
	} else if (draw(3) == 0) {
		hawk_buf_puts(out, "events:\n  - {");
		add_match(out, false);
		hawk_buf_printf(out, "}\ncount: %u\n%s", 2 + draw(5), draw(2) ? "distinct: data.pathname\n" : "");
	} else {
		add_steps(out, draw(3) == 0);
	}
	hawk_buf_printf(out, "within: %ums\nby: [%s]\n", 1 + draw(3000), keys[draw(6)]);
	if (draw(3) == 0)
		hawk_buf_printf(out, "suppress: {within: %ums, by: [process]}\n", 1 + draw(500));
	hawk_buf_puts(out, "output: {pid: process.pid}\nmessage: '{process.pid} {process.comm}'\n");
}

struct loaded {
	struct hawk_buf texts[SIGNATURES];
	struct hawk_sig_files files;
	struct hawk_sig_set *sets[2];
};

static void load(struct loaded *l)
{
	struct hawk_sig_source sources[SIGNATURES];
	struct hawk_diags diags[SIGNATURES] = { { .path = "r" } };

	*l = (struct loaded){ .sets = { NULL } };
	for (unsigned int i = 0; i < SIGNATURES; i++) {
		make(&l->texts[i], i);
		sources[i] = (struct hawk_sig_source){ "r", l->texts[i].data, l->texts[i].len };
	}
	assert_int_equal(hawk_sig_read(&l->files, sources, SIGNATURES, diags), 0);
	for (size_t i = 0; i < SIGNATURES; i++)
		hawk_diags_done(&diags[i]);
	assert_int_equal(l->files.n_signatures, SIGNATURES);
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(hawk_sig_set_new(&l->sets[i], l->files.signatures, l->files.n_signatures), 0);
}

static void unload(struct loaded *l)
{
	for (size_t i = 0; i < 2; i++)
		hawk_sig_set_free(l->sets[i]);
	hawk_sig_files_done(&l->files);
	for (size_t i = 0; i < SIGNATURES; i++)
		hawk_buf_done(&l->texts[i]);
}

static void tell(void *ctx, const struct hawk_sig_found *f)
{
	struct hawk_buf *out = ctx;

	hawk_buf_printf(out, "%s %llu+%u %.*s", f->sig->name, (unsigned long long)f->time, f->suppressed,
			(int)f->message_len, f->message);
	for (size_t i = 0; i < f->n_evidence; i++)
		hawk_buf_printf(out, " %s@%llu:%zu", f->evidence[i].event, (unsigned long long)f->evidence[i].time,
				f->evidence[i].len);
	hawk_buf_putc(out, '\n');
}

static struct hawk_process processes[PROCESSES];
static uint8_t container[] = "abcdef";

static void make_processes(void)
{
	for (int i = 0; i < PROCESSES; i++) {
		struct hawk_process *p = &processes[i];

		free(p->json.data);
		*p = (struct hawk_process){ .task = { .pid = 100 + i, .start = 1 + (uint64_t)i, .uid = (uint32_t)i % 4,
						      .ppid = 100 + i / 3, .loginuid = UINT32_MAX,
						      .sessionid = i % 2 ? UINT32_MAX : (uint32_t)i / 4 },
					    .comm = "p" };
		if (i % 5 == 0)
			p->container_id = (struct hawk_bytes){ .data = container, .len = 1 + (uint32_t)i % 6 };
	}
}

static const struct hawk_process *parent_of(void *ctx, const struct hawk_process *p)
{
	(void)ctx;
	return p->task.pid == 100 ? NULL : &processes[p->task.ppid - 100];
}

static const struct hawk_model model = { .env = { .parent = parent_of } };

static void random_event(struct hawk_event *e, uint64_t *now)
{
	static const char *const names[] = { "file_open", "file_open", "sched_process_exec", "ptrace" };
	static char paths[PATHS][4];
	const char *name = names[draw(4)];
	unsigned int path = draw(PATHS);

	*now += draw(50) == 0 ? draw(2000000000) : draw(20000000);
	*e = make_event(name);
	e->time = *now - draw(3) * 1000; /* those of several CPUs are not quite in order */
	e->process = &processes[draw(PROCESSES)];
	e->parent = parent_of(NULL, e->process);
	e->tgid = e->tid = (uint32_t)e->process->task.pid;
	e->start = e->process->task.start;
	snprintf(paths[path], sizeof(paths[path]), "/p%u", path);
	if (strcmp(name, "ptrace") != 0)
		put(e, "pathname", paths[path], 3);
}

static void once(uint32_t first)
{
	const struct hawk_sig_limits limits = { .state_bytes = STATE, .seen_entries = 64 };
	struct hawk_buf found[2] = { { .max = SIZE_MAX / 2 }, { .max = SIZE_MAX / 2 } };
	struct hawk_sig_engine *engines[2];
	struct loaded l;
	uint64_t now = 1000000000;

	seed = first;
	make_processes();
	load(&l);
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(hawk_sig_engine_new(&engines[i], &limits), 0);
		hawk_sig_engine_use(engines[i], l.sets[i]);
	}
	for (int n = 0; n < EVENTS; n++) {
		struct hawk_event e;

		random_event(&e, &now);
		for (size_t i = 0; i < 2; i++) {
			hawk_sig_engine_event(engines[i], &e, &model, tell, &found[i]);
			assert_true(hawk_sig_engine_stats(engines[i]).bytes <= STATE);
		}
		assert_int_equal(found[0].len, found[1].len);
	}
	assert_memory_equal(found[0].data, found[1].data, found[0].len);
	assert_true(found[0].len > 0);
	for (size_t i = 0; i < 2; i++) {
		hawk_sig_engine_advance(engines[i], now + (1ULL << 50), &model, tell, &found[i]);
		assert_int_equal(hawk_sig_engine_stats(engines[i]).instances, 0);
		hawk_sig_engine_free(engines[i]);
		hawk_buf_done(&found[i]);
	}
	unload(&l);
}

static void same_twice(void **state)
{
	(void)state;
	for (uint32_t i = 1; i <= 12; i++)
		once(i * 7919);
}

/* A stream of two halves with an exchange of sets between, against one without. */
static void exchanged(void **state)
{
	const struct hawk_sig_limits limits = { .state_bytes = STATE };
	struct hawk_buf found[2] = { { .max = SIZE_MAX / 2 }, { .max = SIZE_MAX / 2 } };
	struct hawk_sig_engine *engines[2];
	struct hawk_sig_set *other = NULL;
	struct loaded l;
	uint64_t now = 1000000000;

	(void)state;
	seed = 4711;
	make_processes();
	load(&l);
	assert_int_equal(hawk_sig_set_new(&other, l.files.signatures, l.files.n_signatures), 0);
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(hawk_sig_engine_new(&engines[i], &limits), 0);
		hawk_sig_engine_use(engines[i], l.sets[i]);
	}
	for (int n = 0; n < EVENTS; n++) {
		struct hawk_event e;

		random_event(&e, &now);
		if (n % 500 == 0)
			hawk_sig_engine_use(engines[1], n % 1000 ? other : l.sets[1]);
		for (size_t i = 0; i < 2; i++)
			hawk_sig_engine_event(engines[i], &e, &model, tell, &found[i]);
	}
	assert_int_equal(found[0].len, found[1].len);
	assert_memory_equal(found[0].data, found[1].data, found[0].len);
	for (size_t i = 0; i < 2; i++) {
		hawk_sig_engine_free(engines[i]);
		hawk_buf_done(&found[i]);
	}
	hawk_sig_set_free(other);
	unload(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(same_twice), cmocka_unit_test(exchanged) };
	int r = cmocka_run_group_tests(tests, NULL, NULL);

	for (size_t i = 0; i < PROCESSES; i++)
		free(processes[i].json.data);
	return r;
}
