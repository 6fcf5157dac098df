/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef TEST_SINK_COMMON_H
#define TEST_SINK_COMMON_H
/* Events, a directory and sinks for the tests of this room. Included by one source file per program. */
#include <dirent.h>
#include <fcntl.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "src/base/buf.h"
#include "src/base/log.h"
#include "src/event/event.h"
#include "src/event/process.h"
#include "src/sink/sink.h"

#define UNUSED __attribute__((unused))

static struct hawk_process test_process = {
	.task = { .pid = 4242, .ppid = 1, .uid = 1000, .euid = 1000, .start = 77000000000ULL },
	.comm = "tester",
	.exe = { .data = (uint8_t *)"/usr/bin/tester", .len = 15 },
};

/* An exit (class life) or a file_open (class bulk), number SEQ. */
static UNUSED struct hawk_event make_event(const char *name, uint64_t seq)
{
	struct hawk_event e = {
		.desc = hawk_event_by_name(name),
		.time = 100000000000ULL + seq,
		.walltime = 1700000000123456789ULL + seq,
		.seq = seq,
		.start = test_process.task.start,
		.tgid = (uint32_t)test_process.task.pid,
		.tid = (uint32_t)test_process.task.pid,
		.process = &test_process,
	};

	assert_non_null(e.desc);
	for (int i = 0; i < e.desc->n_fields; i++)
		e.data[i].flags = HAWK_VAL_ABSENT;
	return e;
}

static UNUSED void set_bytes(struct hawk_event *e, const char *field, const void *bytes, size_t len)
{
	int i = hawk_event_field(e->desc, field);

	assert_true(i >= 0);
	e->data[i] = (struct hawk_value){ .bytes = bytes, .len = (uint32_t)len };
}

static UNUSED void set_number(struct hawk_event *e, const char *field, uint64_t v)
{
	int i = hawk_event_field(e->desc, field);

	assert_true(i >= 0);
	e->data[i] = (struct hawk_value){ .u = v };
}

/* Offers events FROM … TO-1 as one batch. */
static UNUSED void send_events(struct hawk_sinks *sinks, const char *name, uint64_t from, uint64_t to)
{
	for (uint64_t i = from; i < to; i++) {
		struct hawk_event e = make_event(name, i);

		hawk_sinks_event(sinks, &e);
	}
	hawk_sinks_batch_end(sinks);
}

static UNUSED struct hawk_sinks *make_sinks(void)
{
	struct hawk_sinks *sinks = NULL;

	assert_int_equal(hawk_sinks_new(&sinks, NULL, HAWK_VIEW_OF_PROCESS), 0);
	return sinks;
}

static UNUSED void add_sink(struct hawk_sinks *sinks, const struct hawk_sink_options *o)
{
	char *why = NULL;
	int r = hawk_sinks_add(sinks, o, &why);

	if (r < 0)
		fail_msg("%s: %s", strerror(-r), why ? why : "");
}

static UNUSED struct hawk_sink_stats stats_of(struct hawk_sinks *sinks, const char *name)
{
	static struct hawk_sink_stats all[2048];
	size_t n = hawk_sinks_stats(sinks, all, 2048);

	for (size_t i = 0; i < n; i++)
		if (strcmp(all[i].name, name) == 0)
			return all[i];
	fail_msg("no sink %s", name);
	return all[0];
}

/* A directory for one test, made by setup_dir() and removed by teardown_dir(). */
static char test_dir[64];

static UNUSED const char *in_dir(const char *name)
{
	static char paths[16][512];
	static unsigned int next;
	char *p = paths[next++ % 16];

	snprintf(p, sizeof(paths[0]), "%s/%s", test_dir, name);
	return p;
}

static UNUSED int setup_dir(void **state)
{
	(void)state;
	hawk_log_set_level(LOG_ERR); /* failures are provoked here */
	snprintf(test_dir, sizeof(test_dir), "/tmp/sechawk-sink-XXXXXX");
	return mkdtemp(test_dir) ? 0 : -1;
}

static UNUSED int teardown_dir(void **state)
{
	DIR *d = opendir(test_dir);
	struct dirent *e;

	(void)state;
	while (d && (e = readdir(d)))
		if (e->d_name[0] != '.')
			remove(in_dir(e->d_name));
	if (d)
		closedir(d);
	return rmdir(test_dir);
}

/* The contents of a file, to be freed; empty when it does not exist. */
static UNUSED char *read_file(const char *path, size_t *ret_len)
{
	size_t len = 0, cap = 64 * 1024 * 1024;
	char *data = malloc(cap);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	assert_non_null(data);
	while (fd >= 0 && (n = read(fd, data + len, cap - 1 - len)) > 0)
		len += (size_t)n;
	if (fd >= 0)
		close(fd);
	data[len] = '\0';
	if (ret_len)
		*ret_len = len;
	return data;
}

#endif
