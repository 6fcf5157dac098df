/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* No format allocates for an event once its buffers are warm. The linker leads allocations of ours through here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "src/base/cleanup.h"
#include "src/format/format.h"
#include "tests/unit/format/sample.h"

static unsigned int allocations;

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t size);

void *__wrap_malloc(size_t size)
{
	allocations++;
	return __real_malloc(size);
}

void *__wrap_calloc(size_t n, size_t size)
{
	allocations++;
	return __real_calloc(n, size);
}

void *__wrap_realloc(void *p, size_t size)
{
	allocations++;
	return __real_realloc(p, size);
}

static void fill(struct sample *s, const struct hawk_event_desc *desc)
{
	static const uint8_t bytes[] = "\2\0some text --password secret";

	sample_init(s, desc->name);
	for (size_t i = 0; i < desc->n_fields; i++) {
		struct hawk_value *v = &s->event.data[i];

		*v = (struct hawk_value){ .u = 1 };
		if (hawk_type_desc(desc->fields[i].type)->vclass >= HAWK_V_IP)
			*v = (struct hawk_value){ .bytes = bytes, .len = sizeof(bytes) };
	}
}

/* Every event, twice with one process and once after it changed. */
static void all_events(struct hawk_format *f, struct hawk_buf *out)
{
	size_t n;
	const struct hawk_event_desc *const *descs = hawk_event_descs(&n);

	for (size_t i = 0; i < n; i++) {
		struct sample s;

		fill(&s, descs[i]);
		hawk_buf_reset(out);
		assert_int_equal(hawk_format_event(f, &s.event, out), 0);
		s.process.task.euid = 0;
		hawk_buf_reset(out);
		assert_int_equal(hawk_format_event(f, &s.event, out), 0);
		sample_done(&s);
	}
}

static void format_is_warm(const char *description)
{
	_cleanup_(hawk_buf_done) struct hawk_buf out = HAWK_BUF_INIT;
	struct hawk_format *f = NULL;
	char *why = NULL;
	unsigned int before;

	assert_int_equal(hawk_format_new(&f, description, false, &why), 0);
	all_events(f, &out);
	before = allocations;
	all_events(f, &out);
	if (allocations != before)
		fail_msg("%s allocates: %u times", description, allocations - before);
	hawk_format_free(f);
}

static void warm(void **state)
{
	const char *name, *argument, *doc;

	(void)state;
	/* Native JSON keeps what it encoded with the process, and these processes are new each time. */
	for (size_t i = 0; (name = hawk_format_name(i, &argument, &doc)); i++)
		if (strcmp(name, "json") != 0)
			format_is_warm(*argument ? "template=%{time} %{event} %{process.argv} %{data.pathname}" : name);
	assert_true(allocations > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(warm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
