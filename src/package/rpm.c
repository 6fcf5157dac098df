/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The rpm database: a table "Packages" of sqlite whose rows are headers. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/base/cleanup.h"
#include "src/base/inroot.h"
#include "src/package/table.h"

/* Where distributions have it; the last two are formats of before, which nothing here reads. */
static const char *const places[] = { "/var/lib/rpm/", "/usr/lib/sysimage/rpm/" };
static const char *const others[] = { "Packages.db", "Packages" };

static bool find(int root_fd, const char *name, char *path, size_t size, struct stat *st)
{
	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		_cleanup_close_ int fd = -1;

		snprintf(path, size, "%s%s", places[i], name);
		fd = hawk_open_in_root(root_fd, path, O_PATH, 0);
		if (fd >= 0 && fstat(fd, st) == 0 && S_ISREG(st->st_mode))
			return true;
	}
	return false;
}

static int find_other(int root_fd)
{
	char path[64];
	struct stat st;

	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		if (find(root_fd, others[i], path, sizeof(path), &st))
			return -EOPNOTSUPP;
	return -ENOENT;
}

#ifdef HAVE_SQLITE
#include <sqlite3.h>

#define HEADER_MAX (64 * 1024 * 1024)
#define WAIT_MS 100

struct hawk_rpm {
	sqlite3 *db;
	sqlite3_stmt *header;
	uint64_t inode;
};

static int from_sqlite(int r)
{
	return r == SQLITE_NOMEM ? -ENOMEM : r == SQLITE_BUSY || r == SQLITE_LOCKED ? -EBUSY :
	       r == SQLITE_CANTOPEN || r == SQLITE_PERM || r == SQLITE_AUTH ? -EACCES : -EBADMSG;
}

static int open_as(struct hawk_rpm *rpm, const char *uri)
{
	int r = sqlite3_open_v2(uri, &rpm->db, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX, NULL);

	if (r == SQLITE_OK)
		sqlite3_busy_timeout(rpm->db, WAIT_MS);
	if (r == SQLITE_OK)
		r = sqlite3_exec(rpm->db, "PRAGMA cache_size = -128", NULL, NULL, NULL);
	if (r == SQLITE_OK)
		r = sqlite3_prepare_v2(rpm->db, "SELECT blob FROM Packages WHERE hnum = ?", -1, &rpm->header, NULL);
	if (r != SQLITE_OK) {
		sqlite3_close(rpm->db);
		rpm->db = NULL;
	}
	return r;
}

int hawk_rpm_open(struct hawk_rpm **ret, int root_fd)
{
	struct hawk_rpm *rpm;
	char path[64], uri[128];
	struct stat st;
	int r;

	if (!find(root_fd, "rpmdb.sqlite", path, sizeof(path), &st))
		return find_other(root_fd);
	rpm = calloc(1, sizeof(*rpm));
	if (!rpm)
		return -ENOMEM;
	rpm->inode = st.st_ino;
	snprintf(uri, sizeof(uri), "file:/proc/self/fd/%d%s?mode=ro&readonly_shm=1", root_fd, path);
	r = open_as(rpm, uri);
	/* its log cannot be read where nobody may write: then without what rpm is just writing */
	if (r != SQLITE_OK && r != SQLITE_NOMEM && r != SQLITE_BUSY) {
		strcat(uri, "&immutable=1");
		r = open_as(rpm, uri);
	}
	if (r != SQLITE_OK) {
		free(rpm);
		return from_sqlite(r);
	}
	*ret = rpm;
	return 0;
}

struct hawk_rpm *hawk_rpm_close(struct hawk_rpm *r)
{
	if (!r)
		return NULL;
	sqlite3_finalize(r->header);
	sqlite3_close(r->db);
	free(r);
	return NULL;
}

int hawk_rpm_list(struct hawk_rpm *rpm, struct hawk_table *t)
{
	sqlite3_stmt *list;
	int r = sqlite3_prepare_v2(rpm->db, "SELECT hnum, length(blob) FROM Packages", -1, &list, NULL), e = 0;

	if (r != SQLITE_OK)
		return from_sqlite(r);
	while (e == 0 && (r = sqlite3_step(list)) == SQLITE_ROW) {
		uint64_t row = (uint64_t)sqlite3_column_int64(list, 0), length = (uint64_t)sqlite3_column_int64(list, 1);
		/* numbers are given anew when the database is rebuilt, into another file */
		uint64_t stamp[2] = { rpm->inode, length };

		e = hawk_table_add_origin(t, &(struct hawk_origin){
			.rpm = true, .id = row | HAWK_ORIGIN_RPM, .row = row,
			.stamp = hawk_siphash(&t->key, stamp, sizeof(stamp)),
		});
	}
	sqlite3_finalize(list);
	return e < 0 || r == SQLITE_DONE ? e : from_sqlite(r);
}

int hawk_rpm_header(struct hawk_rpm *rpm, uint64_t row, int (*fn)(void *ctx, const uint8_t *data, size_t len), void *ctx)
{
	int r, e = -ENOENT;

	sqlite3_reset(rpm->header);
	sqlite3_bind_int64(rpm->header, 1, (sqlite3_int64)row);
	r = sqlite3_step(rpm->header);
	if (r == SQLITE_ROW) {
		const void *blob = sqlite3_column_blob(rpm->header, 0);
		int len = sqlite3_column_bytes(rpm->header, 0);

		e = blob && len <= HEADER_MAX ? fn(ctx, blob, (size_t)len) : -EBADMSG;
	} else if (r != SQLITE_DONE) {
		e = from_sqlite(r);
	}
	sqlite3_reset(rpm->header);
	return e;
}

#else

int hawk_rpm_open(struct hawk_rpm **ret, int root_fd)
{
	char path[64];
	struct stat st;

	(void)ret;
	return find(root_fd, "rpmdb.sqlite", path, sizeof(path), &st) ? -EOPNOTSUPP : find_other(root_fd);
}

struct hawk_rpm *hawk_rpm_close(struct hawk_rpm *r)
{
	(void)r;
	return NULL;
}

int hawk_rpm_list(struct hawk_rpm *r, struct hawk_table *t)
{
	(void)r;
	(void)t;
	return -EOPNOTSUPP;
}

int hawk_rpm_header(struct hawk_rpm *r, uint64_t row, int (*fn)(void *ctx, const uint8_t *data, size_t len), void *ctx)
{
	(void)r;
	(void)row;
	(void)fn;
	(void)ctx;
	return -EOPNOTSUPP;
}

#endif
