/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Writes the corpus of fuzz_decode to a directory: a record of every event
 * with its fields filled, and long fields in links. Made anew by each build, so
 * that it follows the tables.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "src/base/cleanup.h"
#include "tests/lib/record.h"

#define CHUNK 512 /* short links: more of them in a small input */

static FILE *open_input(const char *dir, const char *name)
{
	char path[4096];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "we");
	if (!f) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		exit(1);
	}
	putc(1, f);
	return f;
}

static void put(FILE *f, struct test_record *r)
{
	const void *raw = test_record_raw(r);
	uint32_t size = test_record_size(r);

	fwrite(&size, sizeof(size), 1, f);
	fwrite(raw, size, 1, f);
}

static void fill(struct test_record *r, uint16_t event)
{
	static const char *const list[] = { "ls", "-l", "/tmp/x y", "", NULL };
	const struct hawk_abi_task task = { .pid = 100, .ppid = 1, .uid = 1000, .cap_effective = UINT64_MAX };

	test_record_init(r, event);
	for (size_t i = 0; i < r->desc->n_fields; i++) {
		const struct hawk_field_desc *f = &r->desc->fields[i];

		switch (hawk_type_desc(f->type)->vclass) {
		case HAWK_V_UINT:
			test_record_number(r, f->name, i + 1);
			break;
		case HAWK_V_SINT:
			test_record_number(r, f->name, -(uint64_t)i);
			break;
		case HAWK_V_IP:
			test_record_ip(r, f->name, i & 1 ? "192.0.2.1" : "2001:db8::1");
			break;
		case HAWK_V_TASK:
			test_record_task(r, &task);
			break;
		case HAWK_V_STRV:
			test_record_strv(r, f->name, list);
			break;
		case HAWK_V_BYTES:
			if (f->type == HAWK_T_PATH)
				test_record_path(r, f->name, "/usr/bin/some thing");
			else if (f->type == HAWK_T_SOCKADDR || f->type == HAWK_T_SOCKADDR_OUT)
				test_record_bytes(r, f->name, "\2\0\0\120\177\0\0\1\0\0\0\0\0\0\0\0", 16);
			else
				test_record_text(r, f->name, "text");
			break;
		}
	}
}

/* Its paths in two views. */
static void fill_views(struct test_record *r)
{
	static const char both[] = "file\0data\0file\0volume\0srv";

	for (size_t i = 0; i < r->desc->n_fields; i++) {
		if (r->desc->fields[i].type != HAWK_T_PATH)
			continue;
		test_record_bytes(r, r->desc->fields[i].name, both, sizeof(both));
		test_record_info(r, r->desc->fields[i].name, HAWK_PATH_OTHER(10U, 0U));
	}
}

/* An exec with ARGV of 20 chunks, the links but number SKIP before it. */
static void put_long(FILE *f, int skip)
{
	static struct test_record owner, link;
	uint8_t bytes[20 * CHUNK];

	memset(bytes, 'a', sizeof(bytes));
	for (size_t i = 63; i < sizeof(bytes); i += 64)
		bytes[i] = '\0';
	fill(&owner, HAWK_EV_SCHED_PROCESS_EXEC);
	test_record_bytes(&owner, "argv", bytes, CHUNK);
	test_record_info(&owner, "argv", sizeof(bytes));
	for (int i = 1; i < 20; i++) {
		if (i == skip)
			continue;
		test_record_chain(&link, &owner, "argv", i * CHUNK, bytes + i * CHUNK, CHUNK);
		put(f, &link);
	}
	put(f, &owner);
}

int main(int argc, char **argv)
{
	static struct test_record r;
	size_t n;
	const struct hawk_event_desc *const *descs = hawk_event_descs(&n);

	if (argc != 2 || (mkdir(argv[1], 0755) < 0 && errno != EEXIST)) {
		fprintf(stderr, "usage: %s DIR\n", argv[0]);
		return 1;
	}
	for (size_t i = 0; i < n; i++) {
		_cleanup_fclose_ FILE *f = open_input(argv[1], descs[i]->name);

		if (descs[i]->id == HAWK_EV_CHAIN) {
			put_long(f, 0);
			put_long(f, 1);
			put_long(f, 7);
			continue;
		}
		fill(&r, descs[i]->id);
		put(f, &r);
		fill_views(&r);
		put(f, &r);
		test_record_init(&r, descs[i]->id);
		put(f, &r);
	}
	return 0;
}
