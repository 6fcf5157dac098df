/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/cel/fixture.h"

struct hawk_cel_scope scope;
const struct hawk_model *model;
struct hawk_cel_value captures[2];
static uint64_t rows[HAWK_EVENT_ID_MAX / 64];
static uint8_t memory[65536] __attribute__((aligned(16)));
static struct hawk_cel_arena arena = { .data = memory, .size = sizeof(memory) };

void only(const char *names)
{
	size_t n;
	const struct hawk_event_desc *const *descs = hawk_event_descs(&n);

	memset(rows, 0, sizeof(rows));
	scope.events = names ? rows : NULL;
	for (; names && *names; names += strcspn(names, ","), names += *names == ',') {
		char name[64];

		snprintf(name, sizeof(name), "%.*s", (int)strcspn(names, ","), names);
		assert_non_null(hawk_event_by_name(name));
		for (size_t i = 0; i < n; i++)
			if (descs[i] == hawk_event_by_name(name))
				rows[i / 64] |= 1ULL << i % 64;
	}
}

struct hawk_cel *compiled(const char *source)
{
	struct hawk_cel_error e = { .line = 0 };
	struct hawk_cel *cel = NULL;

	if (hawk_cel_compile(&cel, source, strlen(source), &scope, &e) < 0)
		fail_msg("%s\n%u:%u: %s", source, e.line, e.column, e.message);
	return cel;
}

void refused(const char *source, unsigned int column, const char *want)
{
	struct hawk_cel_error e = { .line = 0 };
	struct hawk_cel *cel = NULL;

	if (hawk_cel_compile(&cel, source, strlen(source), &scope, &e) != -EINVAL)
		fail_msg("not refused: %s", source);
	if (!strstr(e.message, want) || e.column != column)
		fail_msg("%s\n%u:%u: %s\nwanted %u: %s", source, e.line, e.column, e.message, column, want);
}

struct hawk_cel_input input(const struct hawk_event *e)
{
	return (struct hawk_cel_input){ .event = e, .model = model, .captures = captures, .n_captures = 2,
					.arena = &arena };
}

void expect(const struct hawk_event *e, const char *source, const char *want)
{
	_cleanup_(hawk_buf_done) struct hawk_buf got = HAWK_BUF_INIT;
	struct hawk_cel *cel = compiled(source);
	struct hawk_cel_input in = input(e);
	struct hawk_cel_value v;

	arena.used = 0;
	hawk_cel_eval(cel, &in, &v);
	hawk_cel_print_value(&v, &got);
	if (strcmp(hawk_buf_str(&got) ?: "", want) != 0)
		fail_msg("%s\ngives %s, not %s", source, hawk_buf_str(&got), want);
	if (v.type != HAWK_CEL_UNKNOWN && hawk_cel_type(cel) != HAWK_CEL_UNKNOWN && v.type != hawk_cel_type(cel))
		fail_msg("%s\nis of type %d, and gives %d", source, hawk_cel_type(cel), v.type);
	assert_int_equal(hawk_cel_test(cel, &in), v.type == HAWK_CEL_BOOL && v.b);
	hawk_cel_free(cel);
}

void lowers(const char *source, const char *want, bool exact)
{
	_cleanup_(hawk_buf_done) struct hawk_buf got = HAWK_BUF_INIT;
	struct hawk_cel *cel = compiled(source);
	struct hawk_ir *ir = NULL;
	bool is_exact;

	assert_int_equal(hawk_cel_lower(cel, &ir, &is_exact), 0);
	if (ir)
		hawk_ir_print(ir, &got);
	if (strcmp(hawk_buf_str(&got) ?: "", want) != 0 || is_exact != exact)
		fail_msg("%s\ngives %s %s\nnot   %s %s", source, hawk_buf_str(&got), is_exact ? "(exact)" : "(more)", want,
			 exact ? "(exact)" : "(more)");
	hawk_ir_free(ir);
	hawk_cel_free(cel);
}
