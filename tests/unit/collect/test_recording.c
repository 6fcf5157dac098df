/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "src/base/cleanup.h"
#include "src/collect/recording.h"

/* Opens the bytes of B as a recording. */
static int open_buf(struct hawk_recording **ret, const void *data, size_t len, char **ret_why)
{
	FILE *f = tmpfile();

	assert_non_null(f);
	if (len)
		assert_int_equal(fwrite(data, len, 1, f), 1);
	rewind(f);
	return hawk_recording_open_stream(ret, f, ret_why);
}

static struct hawk_abi_rec record_of(size_t size, uint64_t time)
{
	return (struct hawk_abi_rec){ .size = (uint32_t)size, .time = time };
}

/* A header and N records that are nothing but their own headers. */
static void make(struct hawk_buf *b, size_t n)
{
	struct hawk_recording_header h;

	hawk_buf_reset(b);
	hawk_recording_header_fill(&h);
	assert_int_equal(hawk_recording_put_header(b, &h), 0);
	for (size_t i = 0; i < n; i++) {
		struct hawk_abi_rec r = record_of(sizeof(r), i);

		assert_int_equal(hawk_recording_put(b, &r, sizeof(r)), 0);
	}
}

static void schema(void **state)
{
	assert_true(hawk_schema_hash() != 0);
	assert_true(hawk_schema_hash() == hawk_schema_hash());
}

static void header(void **state)
{
	const struct hawk_host_ns ns = { .mnt = 4026531841U, .user = 7 };
	struct hawk_recording_header h;

	hawk_host_ns_set(&ns);
	hawk_recording_header_fill(&h);
	assert_memory_equal(h.magic, HAWK_RECORDING_MAGIC, 8);
	assert_true(h.schema_hash == hawk_schema_hash());
	assert_true(h.started > 0);
	assert_true(h.arch[0] != '\0');
	assert_true(h.boot_offset > 0);
	assert_int_equal(hawk_recording_host_ns(&h).mnt, 4026531841U);
	assert_int_equal(hawk_recording_host_ns(&h).user, 7);
}

static void records(void **state)
{
	struct hawk_buf b = HAWK_BUF_INIT;
	struct hawk_recording *r;
	struct hawk_abi_rec rec;
	const void *p;
	char *why;

	make(&b, 3);
	assert_int_equal(open_buf(&r, b.data, b.len, &why), 0);
	for (uint64_t i = 0; i < 3; i++) {
		assert_int_equal(hawk_recording_next(r, &p), sizeof(rec));
		assert_int_equal((uintptr_t)p % 8, 0);
		memcpy(&rec, p, sizeof(rec));
		assert_int_equal(rec.time, i);
	}
	assert_int_equal(hawk_recording_next(r, &p), 0);
	assert_int_equal(hawk_recording_next(r, &p), 0);
	assert_int_equal(hawk_recording_header(r)->abi_version, HAWK_ABI_VERSION);
	hawk_recording_free(r);
	hawk_buf_done(&b);
	assert_int_equal(hawk_recording_put(&b, &rec, sizeof(rec) - 1), -EINVAL);
	assert_int_equal(hawk_recording_put(&b, &rec, HAWK_RECORD_MAX + 1), -EINVAL);
}

static void cut_everywhere(void **state)
{
	struct hawk_buf b = HAWK_BUF_INIT;
	size_t one;

	make(&b, 1);
	one = b.len - sizeof(struct hawk_recording_header);
	make(&b, 2);
	for (size_t len = 0; len < b.len; len++) {
		struct hawk_recording *r = NULL;
		const void *p;
		char *why;
		long n;
		int e = open_buf(&r, b.data, len, &why);

		if (len < sizeof(struct hawk_recording_header)) {
			assert_int_equal(e, -EBADMSG);
			assert_non_null(why);
			assert_null(r);
			free(why);
			continue;
		}
		assert_int_equal(e, 0);
		while ((n = hawk_recording_next(r, &p)) > 0)
			;
		assert_int_equal(n, (len - sizeof(struct hawk_recording_header)) % one ? -EBADMSG : 0);
		assert_int_equal(hawk_recording_next(r, &p), n);
		hawk_recording_free(r);
	}
	hawk_buf_done(&b);
}

static void refused(void **state)
{
	static const struct {
		size_t offset;
		int error;
		const char *word;
	} cases[] = {
		{ offsetof(struct hawk_recording_header, magic), -EBADMSG, "not a recording" },
		{ offsetof(struct hawk_recording_header, abi_version), -EPROTONOSUPPORT, "version" },
		{ offsetof(struct hawk_recording_header, header_bytes), -EPROTONOSUPPORT, "version" },
		{ offsetof(struct hawk_recording_header, schema_hash), -EPROTONOSUPPORT, "schema" },
		{ offsetof(struct hawk_recording_header, arch), -EPROTONOSUPPORT, "architecture" },
	};
	struct hawk_buf b = HAWK_BUF_INIT;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct hawk_recording *r = NULL;
		char *why;

		make(&b, 1);
		b.data[cases[i].offset] ^= 1;
		assert_int_equal(open_buf(&r, b.data, b.len, &why), cases[i].error);
		assert_non_null(strstr(why, cases[i].word));
		assert_null(r);
		free(why);
	}
	hawk_buf_done(&b);
}

static void bad_lengths(void **state)
{
	static const uint32_t lengths[] = {
		0, 1, sizeof(struct hawk_abi_rec) - 1, sizeof(struct hawk_abi_rec) + 1,
		HAWK_RECORD_MAX + 1, UINT32_MAX,
	};
	struct hawk_buf b = HAWK_BUF_INIT;

	for (size_t i = 0; i < ARRAY_SIZE(lengths); i++) {
		struct hawk_recording *r;
		const void *p;
		char *why;

		make(&b, 2);
		memcpy(b.data + sizeof(struct hawk_recording_header), &lengths[i], 4);
		assert_int_equal(open_buf(&r, b.data, b.len, &why), 0);
		assert_int_equal(hawk_recording_next(r, &p), -EBADMSG);
		assert_int_equal(hawk_recording_next(r, &p), -EBADMSG);
		hawk_recording_free(r);
	}
	hawk_buf_done(&b);
}

static void files(void **state)
{
	char path[] = "/tmp/hawk-recording-XXXXXX";
	struct hawk_buf b = HAWK_BUF_INIT;
	struct hawk_recording *r = NULL;
	int fd = mkstemp(path);
	char *why;

	assert_true(fd >= 0);
	make(&b, 1);
	assert_int_equal(write(fd, b.data, b.len), (ssize_t)b.len);
	close(fd);
	assert_int_equal(hawk_recording_open(&r, path, &why), 0);
	hawk_recording_free(r);
	unlink(path);
	assert_int_equal(hawk_recording_open(&r, path, &why), -ENOENT);
	assert_non_null(why);
	free(why);
	assert_int_equal(hawk_recording_open(&r, "/", &why), -EISDIR);
	free(why);
	assert_null(hawk_recording_free(NULL));
	hawk_buf_done(&b);
}

static void set(struct hawk_bytes *b, const char *text)
{
	b->data = (uint8_t *)text;
	b->len = (uint32_t)strlen(text);
}

/* The bytes of a variable field of the record at P. */
static const uint8_t *var_of(const uint8_t *p, size_t fixed, size_t n, size_t index, struct hawk_abi_var *ret)
{
	struct hawk_abi_var vars[8];
	const uint8_t *at = p + sizeof(struct hawk_abi_rec) + fixed;

	memcpy(vars, at, n * sizeof(*vars));
	at += n * sizeof(*vars);
	for (size_t i = 0; i < index; i++)
		at += vars[i].len;
	*ret = vars[index];
	return at;
}
#define SEED_VAR(p, name, ret) \
	var_of(p, sizeof(struct hawk_abi_PROCESS_SEED), HAWK_VARS_PROCESS_SEED, \
	       HAWK_VAR_PROCESS_SEED_##name, ret)

static void seed_paths(void **state)
{
	struct hawk_process proc = { .task = { .pid = 5, .start = 50 }, .comm = "demo" };
	struct hawk_buf b = HAWK_BUF_INIT;
	struct hawk_abi_var v;
	const uint8_t *p;

	set(&proc.exe, "/usr/bin/demo");
	proc.exe.flags = HAWK_VAL_DELETED;
	set(&proc.cwd, "/");
	set(&proc.other_cwd, "/srv/root");
	set(&proc.cgroup, "odd");
	assert_int_equal(hawk_recording_put_seed(&b, &proc), 0);
	p = (const uint8_t *)b.data + 4;
	assert_memory_equal(SEED_VAR(p, pathname, &v), "demo\0bin\0usr", 13);
	assert_int_equal(v.len, 13);
	assert_int_equal(v.info, HAWK_PATH_DELETED);
	assert_memory_equal(SEED_VAR(p, cwd, &v), "root\0srv", 9);
	assert_int_equal(v.len, 9);
	assert_int_equal(v.info, HAWK_PATH_OTHER(0, 0));
	assert_memory_equal(SEED_VAR(p, cgroup_path, &v), "odd", 4);
	assert_int_equal(v.info, HAWK_PATH_PSEUDO);
	SEED_VAR(p, argv, &v);
	assert_int_equal(v.len, 0);
	assert_int_equal(v.info, HAWK_VAR_ABSENT);
	hawk_buf_done(&b);
}

static void seed_links(void **state)
{
	const uint32_t len = 3 * HAWK_CHUNK_BYTES + 5;
	struct hawk_process proc = { .task = { .pid = 5, .start = 50 } };
	struct hawk_buf file = HAWK_BUF_INIT;
	struct hawk_recording *r;
	struct hawk_abi_CHAIN chain;
	struct hawk_abi_rec rec;
	struct hawk_abi_var v;
	const void *p;
	char *why;

	proc.argv = (struct hawk_bytes){
		.data = calloc(1, len), .len = len, .full = 900000, .flags = HAWK_VAL_TRUNCATED,
	};
	make(&file, 0);
	assert_int_equal(hawk_recording_put_seed(&file, &proc), 0);
	assert_int_equal(open_buf(&r, file.data, file.len, &why), 0);
	for (uint32_t at = HAWK_CHUNK_BYTES; at < len; at += HAWK_CHUNK_BYTES) {
		assert_true(hawk_recording_next(r, &p) > 0);
		memcpy(&rec, p, sizeof(rec));
		memcpy(&chain, (const uint8_t *)p + sizeof(rec), sizeof(chain));
		assert_int_equal(rec.event, HAWK_EV_CHAIN);
		assert_int_equal(rec.tid, 5);
		assert_int_equal(chain.offset, at);
		assert_int_equal(chain.for_event, HAWK_EV_PROCESS_SEED);
	}
	assert_true(hawk_recording_next(r, &p) > 0);
	memcpy(&rec, p, sizeof(rec));
	assert_int_equal(rec.event, HAWK_EV_PROCESS_SEED);
	SEED_VAR(p, argv, &v);
	assert_int_equal(v.len, HAWK_CHUNK_BYTES);
	assert_int_equal(v.info, 900000);
	assert_int_equal(hawk_recording_next(r, &p), 0);
	hawk_recording_free(r);
	free(proc.argv.data);
	hawk_buf_done(&file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(schema),
		cmocka_unit_test(header),
		cmocka_unit_test(records),
		cmocka_unit_test(cut_everywhere),
		cmocka_unit_test(refused),
		cmocka_unit_test(bad_lengths),
		cmocka_unit_test(files),
		cmocka_unit_test(seed_paths),
		cmocka_unit_test(seed_links),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
