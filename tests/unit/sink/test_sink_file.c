/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/sink/common.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <time.h>

#define LINE "template=%{seq}"

static struct hawk_sink_options file_options(const char *path)
{
	return (struct hawk_sink_options){ .type = "file", .name = "f", .path = path, .format = LINE };
}

/* Waits until the statistics of the sink satisfy DONE, at most ten seconds. */
static struct hawk_sink_stats wait_for(struct hawk_sinks *sinks, bool (*done)(const struct hawk_sink_stats *))
{
	struct hawk_sink_stats st;

	for (int i = 0; i < 1000; i++) {
		st = stats_of(sinks, "f");
		if (done(&st))
			return st;
		poll(NULL, 0, 10);
	}
	fail_msg("still not: events %llu errors %llu", (unsigned long long)st.events,
		 (unsigned long long)st.errors);
	return st;
}

static bool drained(const struct hawk_sink_stats *st)
{
	return st->queued_bytes == 0;
}

static bool failing(const struct hawk_sink_stats *st)
{
	return st->last_error != 0 && st->retries >= 1;
}

/*
 * Appends the files PATH.N … PATH.1, PATH and checks that the numbers FROM … TO-1 stand there once each,
 * whole.
 */
static void expect_series(const char *path, int files, uint64_t from, uint64_t to, size_t max_size)
{
	for (int i = files; i-- > 0;) {
		char name[600], *text, *p, *end;
		size_t len;

		snprintf(name, sizeof(name), i ? "%s.%d" : "%s", path, i);
		text = read_file(name, &len);
		assert_true(len > 0);
		assert_true(len <= max_size);
		for (p = text; *p; p = end + 1) {
			assert_int_equal(strtoull(p, &end, 10), from++);
			assert_int_equal(*end, '\n');
		}
		free(text);
	}
	assert_int_equal(from, to);
}

static void rotates_by_size(void **state)
{
	struct hawk_sink_options o = file_options(in_dir("log"));
	struct hawk_sinks *sinks = make_sinks();
	struct stat st;

	(void)state;
	o.rotate_bytes = 1000; /* 200 lines of five bytes */
	o.rotate_keep = 3;
	add_sink(sinks, &o);
	send_events(sinks, "file_open", 1000, 1800); /* four files full */
	wait_for(sinks, drained);
	send_events(sinks, "file_open", 1800, 1801); /* pushes the oldest out */
	hawk_sinks_free(sinks);
	expect_series(in_dir("log"), 4, 1200, 1801, 1000);
	assert_int_equal(stat(in_dir("log.4"), &st), -1);
	assert_int_equal(stat(in_dir("log"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640 & ~umask(umask(0)));
}

static void rotates_by_time(void **state)
{
	struct hawk_sink_options o = file_options(in_dir("log"));
	struct hawk_sinks *sinks = make_sinks();

	(void)state;
	o.rotate_seconds = 1;
	add_sink(sinks, &o);
	send_events(sinks, "file_open", 0, 5);
	wait_for(sinks, drained);
	poll(NULL, 0, 2100); /* the age is what is tested */
	send_events(sinks, "file_open", 5, 7);
	hawk_sinks_free(sinks);
	expect_series(in_dir("log"), 2, 0, 7, 1000);
}

/* logrotate moves the file away and sends SIGHUP. */
static void reopens(void **state)
{
	struct hawk_sink_options o = file_options(in_dir("log"));
	struct hawk_sinks *sinks = make_sinks();

	(void)state;
	add_sink(sinks, &o);
	send_events(sinks, "file_open", 0, 5);
	wait_for(sinks, drained);
	assert_int_equal(rename(in_dir("log"), in_dir("log.1")), 0);
	send_events(sinks, "file_open", 5, 7); /* still the same file */
	wait_for(sinks, drained);
	hawk_sinks_reopen(sinks);
	for (int i = 0; i < 1000 && access(in_dir("log"), F_OK) < 0; i++)
		poll(NULL, 0, 10);
	send_events(sinks, "file_open", 7, 9);
	hawk_sinks_free(sinks);
	expect_series(in_dir("log"), 2, 0, 9, 1000);
}

static void links_and_fifos_are_refused(void **state)
{
	struct hawk_sinks *sinks = make_sinks();
	struct hawk_sink_options o = file_options(in_dir("link")), p = file_options(in_dir("fifo"));
	struct stat st;

	(void)state;
	assert_int_equal(symlink(in_dir("victim"), in_dir("link")), 0);
	assert_int_equal(mkfifo(in_dir("fifo"), 0600), 0);
	add_sink(sinks, &o);
	send_events(sinks, "file_open", 0, 5);
	assert_int_equal(wait_for(sinks, failing).last_error, ELOOP);
	p.name = "g";
	add_sink(sinks, &p);
	hawk_sinks_free(sinks); /* does not hang on the fifo */
	assert_int_equal(stat(in_dir("victim"), &st), -1);
}

static void head_in_every_file(void **state)
{
	struct hawk_sink_options o = file_options(in_dir("log"));
	struct hawk_sinks *sinks = make_sinks();
	char *a, *b;

	(void)state;
	o.format = "csv";
	o.rotate_bytes = 1500;
	add_sink(sinks, &o);
	send_events(sinks, "file_open", 0, 60);
	hawk_sinks_free(sinks);
	a = read_file(in_dir("log"), NULL);
	b = read_file(in_dir("log.1"), NULL);
	assert_int_equal(strcspn(a, "\n"), strcspn(b, "\n"));
	assert_memory_equal(a, b, strcspn(a, "\n"));
	assert_int_not_equal(strcspn(a, "\n"), 0);
	free(a);
	free(b);
}

/*
 * Fills the file until it can hold no more, then gives room: whole lines only, nothing twice, nothing
 * missing.
 */
static void full_disk(struct hawk_sinks *sinks, const char *path, void (*give_room)(void))
{
	struct hawk_sink_stats st;
	char *text;
	size_t len;

	send_events(sinks, "file_open", 10000, 20000); /* 60,000 bytes */
	st = wait_for(sinks, failing);
	assert_true(st.last_error == ENOSPC || st.last_error == EFBIG);
	text = read_file(path, &len);
	assert_true(len < 60000);
	assert_int_equal(len % 6, 0); /* the last line is whole */
	free(text);
	give_room();
	hawk_sinks_reopen(sinks); /* tries at once */
	wait_for(sinks, drained);
	assert_int_equal(stats_of(sinks, "f").last_error, 0);
	assert_int_equal(stats_of(sinks, "f").lost, 0);
	hawk_sinks_free(sinks);
	expect_series(path, 1, 10000, 20000, 60000);
}

static void more_tmpfs(void)
{
	assert_int_equal(mount("none", test_dir, "tmpfs", MS_REMOUNT, "size=1m"), 0);
}

static void full_file_system(void **state)
{
	struct hawk_sinks *sinks;
	struct hawk_sink_options o;

	(void)state;
	if (mount("none", test_dir, "tmpfs", 0, "size=40k") < 0)
		skip(); /* not root */
	sinks = make_sinks();
	o = file_options(in_dir("log"));
	add_sink(sinks, &o);
	full_disk(sinks, in_dir("log"), more_tmpfs);
	umount2(test_dir, MNT_DETACH);
}

static void limit_file_size(rlim_t bytes)
{
	struct rlimit l;

	assert_int_equal(getrlimit(RLIMIT_FSIZE, &l), 0);
	l.rlim_cur = bytes == RLIM_INFINITY ? l.rlim_max : bytes;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &l), 0);
}

static void no_limit(void)
{
	limit_file_size(RLIM_INFINITY);
}

/* The limit lies in the middle of a line. */
static void file_size_limit(void **state)
{
	struct hawk_sinks *sinks;
	struct hawk_sink_options o = file_options(in_dir("log"));

	(void)state;
	signal(SIGXFSZ, SIG_IGN); /* of cmocka's own output, not of the sink: its thread needs nothing */
	sinks = make_sinks();
	add_sink(sinks, &o);
	limit_file_size(20002);
	full_disk(sinks, in_dir("log"), no_limit);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup_dir, teardown_dir)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(rotates_by_size),
		TEST(rotates_by_time),
		TEST(reopens),
		TEST(links_and_fifos_are_refused),
		TEST(head_in_every_file),
		TEST(full_file_system),
		TEST(file_size_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
