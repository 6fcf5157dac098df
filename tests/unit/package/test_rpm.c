/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A database of rpm made here: packages with headers as rpm writes them. */
#include <endian.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include <sqlite3.h>

#include "src/base/buf.h"
#include "src/base/cleanup.h"
#include "src/package/rpmheader.h"
#include "tests/unit/package/root.h"

#define SHA256_ABC "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

struct header {
	struct hawk_buf index, data;
	uint32_t n;
};

static void put32(struct hawk_buf *b, uint32_t v)
{
	v = htobe32(v);
	hawk_buf_put(b, &v, sizeof(v));
}

static void entry(struct header *h, uint32_t tag, uint32_t type, uint32_t n)
{
	while (h->data.len % 4)
		hawk_buf_putc(&h->data, '\0');
	put32(&h->index, tag);
	put32(&h->index, type);
	put32(&h->index, (uint32_t)h->data.len);
	put32(&h->index, n);
	h->n++;
}

/* TEXTS: each with a NUL behind it. */
static void texts(struct header *h, uint32_t tag, uint32_t type, uint32_t n, const char *texts)
{
	entry(h, tag, type, n);
	for (uint32_t i = 0; i < n; i++, texts += strlen(texts) + 1)
		hawk_buf_put(&h->data, texts, strlen(texts) + 1);
}

static void numbers(struct header *h, uint32_t tag, uint32_t n, const uint32_t *v)
{
	entry(h, tag, 4, n);
	for (uint32_t i = 0; i < n; i++)
		put32(&h->data, v[i]);
}

/* Five files: an intact one, a changed one, a directory, configuration, one that was not installed. */
static void make_header(struct hawk_buf *out, const char *name)
{
	static const uint16_t modes[] = { 0100755, 0100755, 0040755, 0100644, 0100644 };
	struct header h = { .n = 0 };

	texts(&h, 1000, 6, 1, name);
	texts(&h, 1117, 8, 5, "a\0b\0bin\0tools.conf\0doc");
	texts(&h, 1118, 8, 3, "/bin/\0/usr/\0/etc/");
	numbers(&h, 1116, 5, (const uint32_t[]){ 0, 0, 1, 2, 1 });
	texts(&h, 1035, 8, 5, SHA256_ABC "\0" SHA256_ABC "\0\0" SHA256_ABC "\0" SHA256_ABC);
	numbers(&h, 1037, 5, (const uint32_t[]){ 0, 0, 0, 1, 2 });
	numbers(&h, 5011, 1, (const uint32_t[]){ 8 });
	entry(&h, 1030, 3, 5);
	for (size_t i = 0; i < 5; i++) {
		uint16_t v = htobe16(modes[i]);

		hawk_buf_put(&h.data, &v, sizeof(v));
	}
	entry(&h, 1029, 1, 5);
	hawk_buf_put(&h.data, "\0\0\0\0\2", 5);
	put32(out, h.n);
	put32(out, (uint32_t)h.data.len);
	hawk_buf_put(out, h.index.data, h.index.len);
	hawk_buf_put(out, h.data.data, h.data.len);
	hawk_buf_done(&h.index);
	hawk_buf_done(&h.data);
}

static void add_package(sqlite3 *db, const char *name)
{
	struct hawk_buf b = HAWK_BUF_INIT;
	sqlite3_stmt *s;

	make_header(&b, name);
	assert_int_equal(sqlite3_prepare_v2(db, "INSERT INTO Packages(blob) VALUES(?)", -1, &s, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_bind_blob(s, 1, b.data, (int)b.len, SQLITE_STATIC), SQLITE_OK);
	assert_int_equal(sqlite3_step(s), SQLITE_DONE);
	sqlite3_finalize(s);
	hawk_buf_done(&b);
}

static void test_database(void **state)
{
	struct hawk_packages *p;
	int root_fd = root_make();
	sqlite3 *db;

	(void)state;
	root_link("usr/bin", "/bin");
	root_write("/usr/bin/a", "abc");
	root_write("/usr/bin/b", "abd");
	root_write("/etc/tools.conf", "mine");
	root_write("/usr/lib/sysimage/rpm/rpmdb.sqlite", "");
	assert_int_equal(sqlite3_open(root_path("/usr/lib/sysimage/rpm/rpmdb.sqlite"), &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "PRAGMA journal_mode = WAL; CREATE TABLE Packages(hnum INTEGER PRIMARY KEY, "
					  "blob BLOB NOT NULL)", NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(hawk_packages_new(&p, root_fd), 0);
	root_want(p, "/usr/bin/a", "", HAWK_PACKAGED_NONE);
	/* seen while rpm has the database open still */
	add_package(db, "tools");
	root_want(p, "/usr/bin/a", "tools", HAWK_PACKAGED_INTACT);
	root_want(p, "/bin/b", "tools", HAWK_PACKAGED_CHANGED);
	root_want(p, "/etc/tools.conf", "tools", HAWK_PACKAGED_INTACT);
	root_want(p, "/usr/bin", "", HAWK_PACKAGED_NONE);
	root_want(p, "/usr/doc", "", HAWK_PACKAGED_NONE);
	assert_int_equal(hawk_packages_stats(p).packages, 1);
	sqlite3_close(db);
	hawk_packages_free(p);
	close(root_fd);
	root_remove();
}

static void test_damaged(void **state)
{
	struct hawk_packages *p;
	int root_fd = root_make();

	(void)state;
	root_write("/var/lib/rpm/rpmdb.sqlite", "This is no database, and longer than the head of one would be: "
						"................................................................");
	assert_int_equal(hawk_packages_new(&p, root_fd), 0);
	root_wait_read(p, EBADMSG);
	hawk_packages_free(p);
	close(root_fd);
	root_remove();
}

static int count(void *ctx, const struct hawk_rpm_file *file)
{
	assert_int_equal(strlen(file->path), file->path_len);
	++*(int *)ctx;
	return 0;
}

/* A header that ends early is refused, or its lists are. */
static void test_cut(void **state)
{
	struct hawk_buf b = HAWK_BUF_INIT;
	struct hawk_rpm_header h;
	int n = 0;

	(void)state;
	make_header(&b, "tools");
	for (size_t len = 0; len < b.len; len++)
		assert_int_equal(hawk_rpm_header_open(&h, (const uint8_t *)b.data, len), -EBADMSG);
	assert_int_equal(hawk_rpm_header_open(&h, (const uint8_t *)b.data, b.len), 0);
	assert_string_equal(h.name, "tools");
	assert_int_equal(hawk_rpm_header_files(&h, count, &n), 0);
	assert_int_equal(n, 3);
	hawk_buf_done(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_database),
		cmocka_unit_test(test_damaged),
		cmocka_unit_test(test_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
