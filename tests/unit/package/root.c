/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/package/root.h"

#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include "src/base/cleanup.h"

#define LONG_S 60
#define AGAIN_MS 20 /* an answer may hold for a time, with nothing that tells of its end */

static char dir[64];

int root_make(void)
{
	int fd;

	strcpy(dir, "/tmp/test_packages.XXXXXX");
	assert_non_null(mkdtemp(dir));
	fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	assert_true(fd >= 0);
	return fd;
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	(void)st;
	(void)kind;
	(void)ftw;
	return remove(path);
}

void root_remove(void)
{
	nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

const char *root_path(const char *path)
{
	static char full[4352];

	snprintf(full, sizeof(full), "%s%s", dir, path);
	return full;
}

static void make_dirs(const char *path)
{
	char part[4096];

	for (const char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		snprintf(part, sizeof(part), "%.*s", (int)(slash - path), path);
		mkdir(root_path(part), 0755);
	}
}

void root_write(const char *path, const char *text)
{
	_cleanup_fclose_ FILE *f = NULL;

	make_dirs(path);
	f = fopen(root_path(path), "we");
	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
}

void root_replace(const char *path, const char *text)
{
	char from[4096], *full;

	snprintf(from, sizeof(from), "%s.new", path);
	root_write(from, text);
	full = strdup(root_path(from));
	assert_int_equal(rename(full, root_path(path)), 0);
	free(full);
}

void root_link(const char *to, const char *path)
{
	make_dirs(path);
	assert_int_equal(symlink(to, root_path(path)), 0);
}

static time_t now_s(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec;
}

/* Until something came, or a moment. */
static void wait_a_bit(struct hawk_packages *p)
{
	struct pollfd fd = { hawk_packages_fd(p), POLLIN, 0 };
	uint64_t drained;

	if (poll(&fd, 1, AGAIN_MS) > 0)
		assert_int_equal(read(fd.fd, &drained, sizeof(drained)), sizeof(drained));
}

void root_want(struct hawk_packages *p, const char *path, const char *name, enum hawk_packaged state)
{
	time_t end = now_s() + LONG_S;
	struct hawk_package is;
	bool known;

	for (;;) {
		known = hawk_packages_ask(p, (const uint8_t *)path, strlen(path), &is);
		if (known && strcmp(is.name, name) == 0 && is.state == state)
			return;
		if (now_s() > end)
			fail_msg("%s: %s %s %d, error %d", path, known ? "known" : "not known", is.name, is.state,
				 hawk_packages_stats(p).error);
		wait_a_bit(p);
	}
}

void root_wait_read(struct hawk_packages *p, int error)
{
	time_t end = now_s() + LONG_S;

	for (;;) {
		struct hawk_packages_stats s = hawk_packages_stats(p);

		if (error ? s.error == error : s.packages && !s.error)
			return;
		if (now_s() > end)
			fail_msg("%d packages, error %d", (int)s.packages, s.error);
		wait_a_bit(p);
	}
}
