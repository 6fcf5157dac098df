/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a reader remembers: all libraries of a process; and what it says of those that it forgot. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>
#include <cmocka.h>

#include "src/symbol/internal.h"
#include "tests/unit/symbol/sample.h"

#define KNOWN_MAX 512 /* libraries, of all processes */
#define MANY 200      /* of one process */

static char dir[] = "/tmp/test_known.XXXXXX";
static int proc_fd;
static struct hawk_known *known;
static struct hawk_rules *rules;
static struct hawk_buf answers;
static struct hawk_symbols_stats stats;
static char long_name[2001];

static void write_library(const char *name, const char *symbol)
{
	const struct sample_symbol y[] = { { symbol, STB_GLOBAL, STT_FUNC, STV_DEFAULT, 1 }, { NULL, 0, 0, 0, 0 } };
	struct sample s = { .wide = true, .symbols = y };
	char path[128];
	FILE *f;

	sample_build(&s);
	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "we");
	assert_non_null(f);
	assert_int_equal(fwrite(s.bytes, 1, s.len, f), s.len);
	fclose(f);
}

/* The image EXEC_ID maps the library. */
static void look(const char *name, uint64_t exec_id)
{
	union {
		struct hawk_symbols_question q;
		char room[sizeof(struct hawk_symbols_question) + 128];
	} u = { .q = { .wanted = HAWK_SYMBOLS_LOADED | HAWK_SYMBOLS_COLLISION } };
	struct stat st;

	snprintf(u.q.path, 128, "%s/%s", dir, name);
	assert_int_equal(stat(u.q.path, &st), 0);
	u.q.head = (struct hawk_symbols_head){ .start = 1, .exec_id = exec_id, .tgid = (uint32_t)getpid() };
	u.q.inode = st.st_ino;
	u.q.dev = major(st.st_dev) << 20 | minor(st.st_dev);
	u.q.ctime = (uint64_t)st.st_ctim.tv_sec * 1000000000ULL + (uint64_t)st.st_ctim.tv_nsec;
	hawk_known_look(known, &u.q, &answers, &stats);
}

/* The one answer that there is. */
static void expect(uint16_t event, const char *name, const char *other)
{
	const struct hawk_symbols_answer *a = (const void *)answers.data;
	char path[128];

	assert_true(answers.len > sizeof(*a));
	assert_int_equal(a->size, answers.len);
	assert_int_equal(a->event, event);
	snprintf(path, sizeof(path), "%s/%s", dir, name);
	assert_string_equal(a->text, path);
	snprintf(path, sizeof(path), "%s%s%s", other ? dir : "", other ? "/" : "", other ? other : "");
	assert_string_equal(a->text + a->path_len + 1, path);
	hawk_buf_reset(&answers);
}

static void answer_without_room(void **state)
{
	(void)state;
	write_library("long", long_name);
	write_library("short", "watched");
	answers.max = 1024;
	look("long", 1);
	assert_int_equal(answers.len, 0);
	assert_int_equal(stats.dropped, 1);
	look("short", 1); /* there is room for that */
	expect(HAWK_EV_SYMBOLS_LOADED, "short", NULL);
	assert_int_equal(stats.dropped, 1);
}

static void many_libraries(void **state)
{
	char name[32], symbol[32];

	(void)state;
	for (int i = 0; i < MANY; i++) {
		snprintf(name, sizeof(name), "many%d", i);
		snprintf(symbol, sizeof(symbol), "many_%d", i);
		write_library(name, symbol);
		look(name, 1);
	}
	assert_int_equal(answers.len, 0);
	write_library("one_more", symbol);
	look("one_more", 1);
	expect(HAWK_EV_SYMBOLS_COLLISION, "one_more", name);
	look("one_more", 1); /* the process has it */
	write_library("alert", "watched");
	look("alert", 1);
	expect(HAWK_EV_SYMBOLS_LOADED, "alert", NULL);
	look("alert", 1);
	assert_int_equal(answers.len, 0);
	assert_int_equal(stats.partly, 0);
}

/* More libraries than are known at all: comparisons that lack one of them are counted. */
static void forgotten(void **state)
{
	char name[32], symbol[32];

	(void)state;
	write_library("first", "first");
	write_library("same", "first");
	look("first", 1);
	for (int i = 0; i < KNOWN_MAX; i++) {
		snprintf(name, sizeof(name), "another%d", i);
		snprintf(symbol, sizeof(symbol), "another_%d", i);
		write_library(name, symbol);
		look(name, 1);
	}
	assert_int_equal(stats.partly, 1); /* the last one took the place of the first */
	look(name, 1);
	assert_int_equal(stats.partly, 1); /* nothing was compared */
	look("same", 1);
	assert_int_equal(stats.partly, 2);
	assert_int_equal(answers.len, 0);
}

static int begin(void **state)
{
	(void)state;
	answers = (struct hawk_buf)HAWK_BUF_INIT;
	stats = (struct hawk_symbols_stats){ 0 };
	if (hawk_known_new(&known, proc_fd) < 0)
		return -1;
	hawk_known_set_rules(known, rules);
	return 0;
}

static int end(void **state)
{
	(void)state;
	known = hawk_known_free(known);
	hawk_buf_done(&answers);
	return 0;
}

static int begin_all(void **state)
{
	char *watched[] = { long_name, (char *)"watched" };

	(void)state;
	proc_fd = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	memset(long_name, 'n', sizeof(long_name) - 1);
	return !mkdtemp(dir) ||
	       hawk_rules_new(&rules, &(struct hawk_symbols_config){ { watched, 2 }, { NULL, 0 }, { NULL, 0 } }) < 0;
}

static int end_all(void **state)
{
	char command[64];

	(void)state;
	hawk_rules_free(rules);
	close(proc_fd);
	snprintf(command, sizeof(command), "rm -r %s", dir);
	return system(command);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(answer_without_room),
		TEST(many_libraries),
		TEST(forgotten),
	};

	return cmocka_run_group_tests(tests, begin_all, end_all);
}
