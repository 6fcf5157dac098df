/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Expressions of CEL and templates: refused with a place in the text, or evaluated for every kind of event, where
 * what follows from one is true whenever it is.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/buf.h"
#include "src/base/cleanup.h"
#include "src/cel/cel.h"
#include "src/cel/model.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define REQUIRE(what) \
	do { \
		if (!(what)) \
			abort(); \
	} while (0)

static uint8_t memory[32768] __attribute__((aligned(16)));
static struct hawk_cel_arena arena = { .data = memory, .size = sizeof(memory) };
static struct hawk_buf text;

static bool first_seen(void *ctx, uint64_t hash)
{
	(void)ctx;
	return hash & 1;
}

static bool in_tree(void *ctx, const struct hawk_process *p, uint32_t ancestor)
{
	(void)ctx;
	return (uint32_t)p->task.pid == ancestor;
}

static const struct hawk_model model = { .env.in_tree = in_tree };

static void eval_one(const struct hawk_cel *cel, const struct hawk_ir *ir, bool exact, const struct hawk_event *e)
{
	static const struct hawk_cel_value captures[1] = { { .type = HAWK_CEL_INT, .named = HAWK_T_MAX, .i = 5 } };
	const struct hawk_cel_input in = {
		.event = e, .model = &model, .captures = captures, .n_captures = 1, .first_seen = first_seen,
		.arena = &arena,
	};
	struct hawk_cel_value v;
	uint64_t exhausted = arena.exhausted;
	bool holds;

	arena.used = 0;
	holds = hawk_cel_test(cel, &in);
	REQUIRE(!arena.used);
	hawk_cel_eval(cel, &in, &v);
	hawk_cel_hash(&v, 1);
	hawk_buf_reset(&text);
	hawk_cel_print_value(&v, &text);
	REQUIRE(!holds || !ir || hawk_ir_eval(ir, e, &model.env));
	if (exact && arena.exhausted == exhausted)
		REQUIRE(holds == (!ir || hawk_ir_eval(ir, e, &model.env)));
}

/* Events whose variable fields hold DATA; every kind of them would be slow. */
static void eval_all(const struct hawk_cel *cel, const uint8_t *data, size_t size)
{
	static const uint8_t zero[16];
	struct hawk_process process = { .comm = "zsh", .exe = { .data = (uint8_t *)(uintptr_t)data,
								.len = (uint32_t)size } };
	struct hawk_ir *ir;
	bool exact;
	size_t n;
	const struct hawk_event_desc *const *descs = hawk_event_descs(&n);

	process.argv = process.container_id = process.exe;
	REQUIRE(hawk_cel_lower(cel, &ir, &exact) == 0);
	for (size_t i = size % 7; i < n; i += 7) {
		struct hawk_event e = { .desc = descs[i], .process = &process, .parent = &process };

		for (size_t f = 0; f < descs[i]->n_fields; f++) {
			enum hawk_vclass class = hawk_type_desc(descs[i]->fields[f].type)->vclass;

			if (class == HAWK_V_BYTES || class == HAWK_V_STRV)
				e.data[f] = (struct hawk_value){ .bytes = data, .len = (uint32_t)size };
			else if (class == HAWK_V_IP)
				e.data[f] = (struct hawk_value){ .bytes = zero, .len = sizeof(zero) };
		}
		eval_one(cel, ir, exact, &e);
	}
	hawk_ir_free(ir);
}

static void try_template(const char *data, size_t size, const struct hawk_cel_scope *scope)
{
	struct hawk_process process = { .comm = "zsh" };
	const struct hawk_event e = { .desc = hawk_event_by_name("file_open"), .process = &process };
	const struct hawk_cel_input in = { .event = &e, .arena = &arena };
	struct hawk_cel_error error = { .line = 0 };
	struct hawk_cel_template *t;

	if (hawk_cel_template_compile(&t, data, size, scope, &error) < 0) {
		REQUIRE(error.line && error.column && *error.message);
		return;
	}
	arena.used = 0;
	hawk_buf_reset(&text);
	hawk_cel_template_print(t, &in, &text);
	hawk_cel_template_free(t);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const values[] = { "/bin/sh", "/bin/bash" }, *const captures[] = { "pid" };
	static const struct hawk_cel_list list = { "SHELLS", values, 2 };
	struct hawk_cel_scope scope = { .lists = &list, .n_lists = 1, .captures = captures, .n_captures = 1 };
	_cleanup_free_ char *copy = malloc(size + 1);
	struct hawk_cel_error error = { .line = 0 };
	struct hawk_cel *cel;

	/* the first byte chooses the dialect; a copy, so that reading behind it is seen */
	if (!size)
		return 0;
	REQUIRE(copy);
	size--;
	memcpy(copy, data + 1, size);
	scope.tracee = data[0] == 'T';
	if (data[0] == '{') {
		try_template(copy, size, &scope);
		return 0;
	}
	if (hawk_cel_compile(&cel, copy, size, &scope, &error) < 0) {
		REQUIRE(error.line && error.column && *error.message);
		return 0;
	}
	eval_all(cel, (const uint8_t *)copy, size < HAWK_PATH_BYTES ? size : HAWK_PATH_BYTES);
	hawk_cel_free(cel);
	return 0;
}
