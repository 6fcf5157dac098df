/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Expressions: refused with a place in the text, or the normal form parses to itself and can be evaluated. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/buf.h"
#include "src/base/cleanup.h"
#include "src/ir/ir.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define REQUIRE(what) \
	do { \
		if (!(what)) \
			abort(); \
	} while (0)

static struct hawk_buf first, second;

/* An event of every kind whose variable fields hold DATA. */
static void eval_all(const struct hawk_ir *ir, const uint8_t *data, size_t size)
{
	static const uint8_t zero[16];
	struct hawk_process process = { .exe = { .data = (uint8_t *)(uintptr_t)data,
						 .len = (uint32_t)size } };
	uint64_t bits[HAWK_EVENT_ID_MAX / 64] = { 0 };
	bool restricts = hawk_ir_events(ir, bits);
	size_t n;
	const struct hawk_event_desc *const *descs = hawk_event_descs(&n);

	process.argv = process.exe;
	for (size_t i = 0; i < n; i++) {
		struct hawk_event e = { .desc = descs[i], .process = &process };

		for (size_t f = 0; f < descs[i]->n_fields; f++) {
			enum hawk_vclass class = hawk_type_desc(descs[i]->fields[f].type)->vclass;

			if (class == HAWK_V_BYTES || class == HAWK_V_STRV)
				e.data[f] = (struct hawk_value){ .bytes = data, .len = (uint32_t)size };
			else if (class == HAWK_V_IP)
				e.data[f] = (struct hawk_value){ .bytes = zero, .len = sizeof(zero) };
		}
		if (hawk_ir_eval(ir, &e, NULL))
			REQUIRE(!restricts || bits[i / 64] >> i % 64 & 1);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_free_ char *text = strndup((const char *)data, size);
	struct hawk_ir_error error = { .line = 0 };
	struct hawk_ir *a = NULL, *b = NULL;
	int r;

	REQUIRE(text);
	r = hawk_ir_parse(&a, text, &error);
	if (r < 0) {
		REQUIRE(r == -EINVAL && error.line && error.column && *error.message);
		return 0;
	}
	hawk_buf_reset(&first);
	hawk_buf_reset(&second);
	REQUIRE(hawk_ir_print(a, &first) == 0);
	REQUIRE(hawk_ir_parse(&b, hawk_buf_str(&first) ?: "", &error) == 0);
	REQUIRE(hawk_ir_print(b, &second) == 0);
	REQUIRE(first.len == second.len && (!first.len || memcmp(first.data, second.data, first.len) == 0));
	eval_all(a, data, size < HAWK_PATH_BYTES ? size : HAWK_PATH_BYTES);
	hawk_ir_free(a);
	hawk_ir_free(b);
	return 0;
}
