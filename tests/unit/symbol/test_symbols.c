/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Libraries of this process, read by the helper thread. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include "src/base/cleanup.h"
#include "src/event/process.h"
#include "src/symbol/symbols.h"
#include "tests/unit/symbol/sample.h"

#define LONG_MS 60000
#define FUNCTION(name) { name, STB_GLOBAL, STT_FUNC, STV_DEFAULT, 1 }
#define BOTH (HAWK_SYMBOLS_LOADED | HAWK_SYMBOLS_COLLISION)

static char dir[] = "/tmp/test_symbols.XXXXXX";
static struct hawk_symbols *symbols;
static atomic_bool stand_still;
static atomic_llong later_s; /* added to the clock */
static int stopped[2], go_on[2]; /* a byte for each reader that stands still; closed to let them go */

int __real_openat(int at, const char *path, int flags, ...);
int __wrap_openat(int at, const char *path, int flags, ...);
int __real_clock_gettime(clockid_t clock, struct timespec *ts);
int __wrap_clock_gettime(clockid_t clock, struct timespec *ts);

/* The root of the process that has a library; never makes a file. */
int __wrap_openat(int at, const char *path, int flags, ...)
{
	char byte = 0;

	if (stand_still && (write(stopped[1], &byte, 1) != 1 || read(go_on[0], &byte, 1) != 0))
		abort();
	return __real_openat(at, path, flags);
}

int __wrap_clock_gettime(clockid_t clock, struct timespec *ts)
{
	int r = __real_clock_gettime(clock, ts);

	ts->tv_sec += later_s;
	return r;
}

static void write_library(const char *name, const struct sample_symbol *y, char path[128])
{
	struct sample s = { .wide = true, .symbols = y };
	FILE *f;

	sample_build(&s);
	snprintf(path, 128, "%s/%s", dir, name);
	f = fopen(path, "we");
	assert_non_null(f);
	assert_int_equal(fwrite(s.bytes, 1, s.len, f), s.len);
	fclose(f);
}

static void set(struct hawk_event *e, const char *field, uint64_t v)
{
	e->data[hawk_event_field(e->desc, field)] = (struct hawk_value){ .u = v };
}

/* The event of a mapping of the file at PATH; LATER is added to the time of its last change. */
static void load(const char *path, uint64_t exec_id, uint64_t later)
{
	struct hawk_process process = { .task.exec_id = exec_id };
	static struct hawk_event e;
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	memset(&e, 0, sizeof(e));
	e.desc = hawk_event_by_id(HAWK_EV_SHARED_OBJECT_LOADED);
	e.process = &process;
	e.tgid = e.tid = (uint32_t)getpid();
	e.time = e.start = 1;
	set(&e, "inode", st.st_ino);
	set(&e, "dev", major(st.st_dev) << 20 | minor(st.st_dev));
	set(&e, "ctime", (uint64_t)st.st_ctim.tv_sec * 1000000000ULL + (uint64_t)st.st_ctim.tv_nsec + later);
	e.data[hawk_event_field(e.desc, "pathname")] = (struct hawk_value){
		.bytes = (const uint8_t *)path, .len = (uint32_t)strlen(path),
	};
	hawk_symbols_ask(symbols, &e, BOTH);
}

static void assert_text(const struct hawk_event *e, const char *field, const char *text, size_t len)
{
	const struct hawk_value *v = &e->data[hawk_event_field(e->desc, field)];

	assert_int_equal(v->len, len);
	assert_memory_equal(v->bytes, text, len);
}

static const struct hawk_event *take(void)
{
	for (;;) {
		struct pollfd p = { .fd = hawk_symbols_fd(symbols), .events = POLLIN };
		const struct hawk_event *e = hawk_symbols_take(symbols);

		if (e)
			return e;
		assert_int_equal(poll(&p, 1, LONG_MS), 1);
	}
}

/* Questions are answered in their order: what came before this library is told. */
static void expect_marker(void)
{
	static const struct sample_symbol marker[] = { FUNCTION("watched_marker"), { NULL, 0, 0, 0, 0 } };
	static unsigned int n;
	char name[32], path[128];

	snprintf(name, sizeof(name), "marker%u.so", n++);
	write_library(name, marker, path);
	load(path, 1000 + n, 0);
	assert_text(take(), "library_path", path, strlen(path));
}

static void told(void **state)
{
	static const struct sample_symbol first[] = { FUNCTION("watched_one"), FUNCTION("both"), { NULL, 0, 0, 0, 0 } };
	static const struct sample_symbol second[] = { FUNCTION("both"), FUNCTION("other"), { NULL, 0, 0, 0, 0 } };
	char one[128], two[128], allowed[128];
	const struct hawk_event *e;

	(void)state;
	write_library("one.so", first, one);
	write_library("two.so", second, two);
	write_library("liballowed.so.1", first, allowed);
	load(one, 1, 0);
	e = take();
	assert_int_equal(e->desc->id, HAWK_EV_SYMBOLS_LOADED);
	assert_int_equal(e->tgid, getpid());
	assert_text(e, "library_path", one, strlen(one));
	assert_text(e, "symbols", "watched_one", sizeof("watched_one"));
	load(one, 1, 0); /* the process has it */
	load(two, 1, 0);
	e = take();
	assert_int_equal(e->desc->id, HAWK_EV_SYMBOLS_COLLISION);
	assert_text(e, "loaded_path", two, strlen(two));
	assert_text(e, "collision_path", one, strlen(one));
	assert_text(e, "symbols", "both", sizeof("both"));
	load(two, 2, 0); /* another image */
	load(allowed, 3, 0);
	expect_marker();
	assert_int_equal(hawk_symbols_stats(symbols).failed, 0);
}

static void not_that_file(void **state)
{
	static const struct sample_symbol y[] = { FUNCTION("watched_one"), { NULL, 0, 0, 0, 0 } };
	char path[128];

	(void)state;
	write_library("changed.so", y, path);
	load(path, 4, 1);
	expect_marker();
	assert_int_equal(hawk_symbols_stats(symbols).failed, 1);
	load(dir, 4, 0);
	expect_marker();
	assert_int_equal(hawk_symbols_stats(symbols).failed, 2);
}

static int configure(const char *watched)
{
	char *watch[] = { (char *)watched, "watched_marker" }, *allowed[] = { "liballowed" };

	return hawk_symbols_configure(symbols, &(struct hawk_symbols_config){ { watch, 2 }, { allowed, 1 }, { NULL, 0 } });
}

static void reconfigured(void **state)
{
	static const struct sample_symbol y[] = { FUNCTION("later"), { NULL, 0, 0, 0, 0 } };
	char path[128];

	(void)state;
	write_library("later.so", y, path);
	load(path, 5, 0);
	expect_marker();
	assert_int_equal(configure("later"), 0);
	load(path, 5, 0);
	assert_text(take(), "library_path", path, strlen(path));
}

/* Nobody takes what is found: it is counted, and what comes later is told again. */
static void without_room(void **state)
{
	enum { N = 800 };
	char name[4001], path[128];
	const struct sample_symbol y[] = { FUNCTION(name), { NULL, 0, 0, 0, 0 } };
	struct pollfd none = { .fd = -1 };
	uint64_t told = 0, dropped;

	(void)state;
	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	assert_int_equal(configure(name), 0);
	write_library("long.so", y, path);
	for (unsigned int i = 0; i < N; i++)
		load(path, 100000 + i, 0);
	for (int ms = 0; !hawk_symbols_stats(symbols).dropped && ms < LONG_MS; ms += 10)
		poll(&none, 1, 10);
	while (told + (dropped = hawk_symbols_stats(symbols).dropped) < N) {
		struct pollfd p = { .fd = hawk_symbols_fd(symbols), .events = POLLIN };

		if (hawk_symbols_take(symbols))
			told++;
		else if (told + hawk_symbols_stats(symbols).dropped < N)
			assert_int_equal(poll(&p, 1, LONG_MS), 1);
	}
	assert_true(told > 100);
	assert_true(dropped > 1);
	assert_null(hawk_symbols_take(symbols));
	expect_marker();
}

static void wait_stopped(void)
{
	char byte;

	assert_int_equal(read(stopped[0], &byte, 1), 1);
}

/* Makes the reader be left behind that stands still. */
static void leave_behind(uint64_t hung, uint64_t dropped)
{
	later_s += 11;
	assert_null(hawk_symbols_take(symbols));
	assert_int_equal(hawk_symbols_stats(symbols).hung, hung);
	assert_int_equal(hawk_symbols_stats(symbols).dropped, dropped);
}

/* A disk that does not answer: each question that a reader takes with it is counted, and those that none is left for. */
static void hung(void **state)
{
	static const struct sample_symbol y[] = { FUNCTION("watched_one"), { NULL, 0, 0, 0, 0 } };
	char path[128], fresh[128];
	uint64_t dropped = hawk_symbols_stats(symbols).dropped;

	(void)state;
	assert_int_equal(configure("watched_one"), 0);
	write_library("hung.so", y, path);
	write_library("fresh.so", y, fresh);
	assert_int_equal(pipe(stopped), 0);
	assert_int_equal(pipe(go_on), 0);
	stand_still = true;
	load(path, 1, 0);
	wait_stopped();
	load(path, 2, 0);
	load(path, 3, 0);
	leave_behind(1, dropped + 1);
	wait_stopped(); /* the next one has both */
	leave_behind(2, dropped + 3);
	load(path, 4, 0);
	wait_stopped();
	load(path, 5, 0);
	leave_behind(3, dropped + 4);
	wait_stopped();
	load(path, 6, 0);
	load(path, 7, 0);
	leave_behind(4, dropped + 7); /* one that it had and two that waited */
	load(path, 8, 0);
	assert_int_equal(hawk_symbols_stats(symbols).dropped, dropped + 8);
	stand_still = false;
	close(go_on[1]); /* what they find late is not told */
	load(fresh, 9, 0);
	assert_null(hawk_symbols_take(symbols));
	assert_int_equal(hawk_symbols_stats(symbols).dropped, dropped + 9);
}

static int begin(void **state)
{
	_cleanup_close_ int proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	(void)state;
	return !mkdtemp(dir) || hawk_symbols_new(&symbols, proc) < 0 || configure("watched_one") < 0;
}

static int end(void **state)
{
	char command[64];

	(void)state;
	hawk_symbols_free(symbols);
	snprintf(command, sizeof(command), "rm -r %s", dir);
	return system(command);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(told),
		cmocka_unit_test(not_that_file),
		cmocka_unit_test(reconfigured),
		cmocka_unit_test(without_room),
		cmocka_unit_test(hung), /* leaves no reader */
	};

	return cmocka_run_group_tests(tests, begin, end);
}
