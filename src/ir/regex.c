/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Regular expressions of PCRE2, interpreted: the daemon may not make memory executable. */
#include <errno.h>
#include <string.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "src/ir/value.h"

/*
 * Bounds of one match. The text is hostile: with an expression that is unlucky
 * each more byte of it could double the time.
 */
#define STEPS_MAX 5000
#define ARENA_BYTES ((size_t)192 * 1024) /* PCRE2 asks for 20 KiB, then for twice as much as it had */
#define NESTED_MAX 32

/* Memory of one match, on the stack. */
struct arena {
	size_t used;
	_Alignas(16) uint8_t bytes[ARENA_BYTES];
};

static void *take(size_t size, void *data)
{
	struct arena *a = data;
	uint8_t *p = a->bytes + a->used;

	size = (size + 15) & ~(size_t)15;
	if (size > ARENA_BYTES - a->used)
		return NULL;
	a->used += size;
	return p;
}

static void leave(void *p, void *data)
{
	(void)p;
	(void)data;
}

int hawk_ir_regex_compile(struct hawk_ir_value *v, struct hawk_ir_fault *fault)
{
	/* A line break in a name is a byte like others: it must not hide what is behind it. */
	const uint32_t options = PCRE2_DOTALL | PCRE2_DOLLAR_ENDONLY | PCRE2_NEVER_UTF | PCRE2_NEVER_UCP |
				 PCRE2_NO_AUTO_CAPTURE;
	pcre2_compile_context *context = pcre2_compile_context_create(NULL);
	char message[128] = "";
	PCRE2_SIZE at;
	int error;

	if (!context)
		return -ENOMEM;
	pcre2_set_parens_nest_limit(context, NESTED_MAX);
	v->code = pcre2_compile((PCRE2_SPTR)v->text, v->len, options, &error, &at, context);
	pcre2_compile_context_free(context);
	if (v->code)
		return 0;
	pcre2_get_error_message(error, (PCRE2_UCHAR *)message, sizeof(message));
	return hawk_ir_refuse(fault, "expected a regular expression: %s, at its character %zu", message, at + 1);
}

void *hawk_ir_regex_copy(const void *code)
{
	return pcre2_code_copy(code);
}

void hawk_ir_regex_free(void *code)
{
	pcre2_code_free(code);
}

bool hawk_ir_regex_match(const void *code, const uint8_t *p, size_t len)
{
	struct arena arena;
	pcre2_general_context *general;
	pcre2_match_context *context;
	pcre2_match_data *data;

	arena.used = 0;
	general = pcre2_general_context_create(take, leave, &arena);
	context = pcre2_match_context_create(general);
	data = pcre2_match_data_create(1, general);
	if (!context || !data)
		return false;
	pcre2_set_match_limit(context, STEPS_MAX);
	return pcre2_match(code, p, len, 0, 0, data, context) >= 0;
}
