/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/lib/record.h"

#include <stdio.h>
#include <stdlib.h>

#include "src/event/names.h"

#define REQUIRE(what) \
	do { \
		if (!(what)) { \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #what); \
			abort(); \
		} \
	} while (0)

static const struct hawk_field_desc *field_of(const struct test_record *r, const char *name)
{
	int i = hawk_event_field(r->desc, name);

	if (i < 0)
		fprintf(stderr, "%s has no field %s\n", r->desc->name, name);
	REQUIRE(i >= 0);
	return &r->desc->fields[i];
}

static const struct hawk_field_desc *var_of(const struct test_record *r, const char *name)
{
	const struct hawk_field_desc *f = field_of(r, name);

	REQUIRE(hawk_type_desc(f->type)->var);
	return f;
}

/* What a descriptor is travels in place of a path. */
static bool is_path(enum hawk_type type)
{
	return type == HAWK_T_PATH || type == HAWK_T_SOCKET;
}

void test_record_init(struct test_record *r, uint16_t event)
{
	memset(r, 0, sizeof(*r));
	r->desc = hawk_event_by_id(event);
	REQUIRE(r->desc);
	REQUIRE(r->desc->fixed_size <= sizeof(r->fixed) && r->desc->n_vars <= TEST_RECORD_VARS);
	r->header = (struct hawk_abi_rec){ .time = 1000000000, .start = 5, .cgroup = 7, .tgid = 100,
					   .tid = 100, .event = event, .comm = "test" };
	/* Variable fields of a system call that have no argument are empty. */
	for (size_t i = 0; i < r->desc->n_fields; i++) {
		const struct hawk_field_desc *f = &r->desc->fields[i];

		if (hawk_type_desc(f->type)->var)
			r->var[f->var].info = is_path(f->type) ? HAWK_PATH_ABSENT : HAWK_VAR_ABSENT;
	}
	if (r->desc->syscall)
		r->var[HAWK_SYSCALL_VAR_CWD].info = HAWK_PATH_ABSENT;
}

void test_record_number(struct test_record *r, const char *field, uint64_t value)
{
	const struct hawk_field_desc *f = field_of(r, field);
	const struct hawk_type_desc *t = hawk_type_desc(f->type);

	REQUIRE(t->vclass == HAWK_V_UINT || t->vclass == HAWK_V_SINT);
	/* The collector keeps whole words of a system call. */
	memcpy(r->fixed + f->offset, &value, r->desc->syscall ? sizeof(value) : t->size);
}

void test_record_bytes(struct test_record *r, const char *field, const void *bytes, size_t len)
{
	const struct hawk_field_desc *f = var_of(r, field);

	REQUIRE(len <= sizeof(r->tail[0]));
	if (len)
		memcpy(r->tail[f->var], bytes, len);
	r->var[f->var] = (struct hawk_abi_var){ .len = len, .info = is_path(f->type) ? 0 : len };
}

void test_record_text(struct test_record *r, const char *field, const char *text)
{
	test_record_bytes(r, field, text, strlen(text));
}

void test_record_ip(struct test_record *r, const char *field, const char *text)
{
	const struct hawk_field_desc *f = field_of(r, field);

	REQUIRE(f->type == HAWK_T_IP);
	REQUIRE(hawk_ip_parse(text, r->fixed + f->offset) == 0);
}

void test_record_task(struct test_record *r, const struct hawk_abi_task *task)
{
	const struct hawk_field_desc *f = field_of(r, "task");

	memcpy(r->fixed + f->offset, task, sizeof(*task));
}

void test_record_path(struct test_record *r, const char *field, const char *path)
{
	uint8_t bytes[HAWK_PATH_BYTES];
	size_t n = 0, end = strlen(path);

	REQUIRE(path[0] == '/' && end < sizeof(bytes));
	while (end > 1) {
		size_t begin = end;

		while (path[begin - 1] != '/')
			begin--;
		memcpy(bytes + n, path + begin, end - begin);
		n += end - begin;
		bytes[n++] = '\0';
		end = begin - 1;
	}
	test_record_bytes(r, field, bytes, n);
}

void test_record_strv(struct test_record *r, const char *field, const char *const *strings)
{
	uint8_t bytes[HAWK_CHUNK_BYTES];
	size_t n = 0;

	for (; *strings; strings++) {
		size_t len = strlen(*strings) + 1;

		REQUIRE(len <= sizeof(bytes) - n);
		memcpy(bytes + n, *strings, len);
		n += len;
	}
	test_record_bytes(r, field, bytes, n);
}

void test_record_info(struct test_record *r, const char *field, uint32_t info)
{
	r->var[var_of(r, field)->var].info = info;
}

size_t test_record_size(const struct test_record *r)
{
	size_t size = sizeof(r->header) + r->desc->fixed_size + r->desc->n_vars * sizeof(r->var[0]);

	size += r->padding;

	for (size_t i = 0; i < r->desc->n_vars; i++)
		size += r->var[i].len;
	return size;
}

const void *test_record_raw(struct test_record *r)
{
	uint8_t *p = (uint8_t *)r->raw;

	r->header.size = test_record_size(r);
	REQUIRE(r->header.size <= sizeof(r->raw));
	p = (uint8_t *)memcpy(p, &r->header, sizeof(r->header)) + sizeof(r->header);
	p = (uint8_t *)memcpy(p, r->fixed, r->desc->fixed_size) + r->desc->fixed_size;
	for (size_t i = 0; i < r->desc->n_vars; i++, p += sizeof(r->var[0]))
		memcpy(p, &r->var[i], sizeof(r->var[0]));
	for (size_t i = 0; i < r->desc->n_vars; p += r->var[i++].len)
		memcpy(p, r->tail[i], r->var[i].len);
	memset(p, 0, r->padding);
	return r->raw;
}

void test_record_chain(struct test_record *r, const struct test_record *owner, const char *field,
		       uint32_t offset, const void *bytes, size_t len)
{
	test_record_init(r, HAWK_EV_CHAIN);
	r->header.time = owner->header.time;
	r->header.tid = owner->header.tid;
	r->header.tgid = owner->header.tgid;
	test_record_number(r, "field", var_of(owner, field)->var);
	test_record_number(r, "offset", offset);
	test_record_number(r, "for_event", owner->header.event);
	test_record_bytes(r, "data", bytes, len);
}
