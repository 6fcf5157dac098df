/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* From text to an expression, and its memory. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/cleanup.h"
#include "src/base/siphash.h"
#include "src/cel/node.h"

struct hawk_cel_block {
	struct hawk_cel_block *next;
	_Alignas(16) uint8_t data[];
};

struct hawk_cel_pattern {
	struct hawk_cel_pattern *next;
	struct hawk_ir_value value;
};

DEFINE_CLEANUP(struct hawk_cel, hawk_cel_free)

int hawk_cel_refuse(struct hawk_cel_compiler *c, size_t at, const char *format, ...)
{
	va_list args;

	*c->error = (struct hawk_cel_error){ .line = 1, .column = 1 };
	for (size_t i = 0; i < at && i < c->cel->len; i++) {
		c->error->column++;
		if (c->cel->text[i] == '\n') {
			c->error->line++;
			c->error->column = 1;
		}
	}
	va_start(args, format);
	vsnprintf(c->error->message, sizeof(c->error->message), format, args);
	va_end(args);
	return -EINVAL;
}

void *hawk_cel_own(struct hawk_cel *cel, size_t n)
{
	struct hawk_cel_block *block = calloc(1, sizeof(*block) + n);

	if (!block)
		return NULL;
	block->next = cel->blocks;
	cel->blocks = block;
	return block->data;
}

char *hawk_cel_own_text(struct hawk_cel *cel, const char *text, size_t len)
{
	char *copy = hawk_cel_own(cel, len + 1);

	if (copy && len)
		memcpy(copy, text, len);
	return copy;
}

struct hawk_ir_value *hawk_cel_own_pattern(struct hawk_cel *cel)
{
	struct hawk_cel_pattern *p = calloc(1, sizeof(*p));

	if (!p)
		return NULL;
	p->next = cel->patterns;
	cel->patterns = p;
	return &p->value;
}

struct hawk_cel *hawk_cel_free(struct hawk_cel *cel)
{
	if (!cel || atomic_fetch_sub(&cel->refs, 1) > 1)
		return NULL;
	for (size_t i = 0; i < cel->n_variables; i++)
		hawk_cel_free((struct hawk_cel *)(uintptr_t)cel->variables[i]);
	while (cel->patterns) {
		struct hawk_cel_pattern *p = cel->patterns;

		cel->patterns = p->next;
		hawk_ir_value_done(&p->value);
		free(p);
	}
	while (cel->blocks) {
		struct hawk_cel_block *block = cel->blocks;

		cel->blocks = block->next;
		free(block);
	}
	free(cel->variables);
	free(cel->fields);
	free(cel->nodes);
	free(cel->text);
	free(cel);
	return NULL;
}

static uint64_t place_of(const char *text, size_t len)
{
	const struct hawk_siphash_key key = { { 0, 0 } };

	return hawk_siphash(&key, text, len);
}

int hawk_cel_compile(struct hawk_cel **ret, const char *text, size_t len, const struct hawk_cel_scope *scope,
		     struct hawk_cel_error *error)
{
	_cleanup_(hawk_cel_freep) struct hawk_cel *cel = calloc(1, sizeof(*cel));
	struct hawk_cel_compiler c = { .cel = cel, .scope = scope, .error = error };
	int root, r;

	if (!cel)
		return -ENOMEM;
	cel->refs = 1;
	cel->tracee = scope->tracee;
	if (len > HAWK_CEL_TEXT_MAX || memchr(text, '\0', len))
		return hawk_cel_refuse(&c, 0, len > HAWK_CEL_TEXT_MAX ? "longer than %d bytes" :
				       "expected text without NUL bytes, at most %d", HAWK_CEL_TEXT_MAX);
	cel->text = strndup(text, len);
	if (!cel->text)
		return -ENOMEM;
	cel->len = len;
	cel->place = place_of(text, len);
	root = hawk_cel_parse(&c);
	if (root < 0)
		return root;
	cel->root = (uint16_t)root;
	r = hawk_cel_check(&c, cel->root, 0);
	if (r < 0)
		return r;
	*ret = TAKE_PTR(cel);
	return 0;
}

enum hawk_cel_type hawk_cel_type(const struct hawk_cel *cel)
{
	return cel->nodes[cel->root].type;
}

const char *hawk_cel_missing(const struct hawk_cel *cel)
{
	return cel->missing;
}

bool hawk_cel_impure(const struct hawk_cel *cel)
{
	return cel->nodes[cel->root].asks;
}
