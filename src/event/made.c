/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/event/made.h"

#include "src/base/cleanup.h"

static const struct hawk_made rows[] = {
#define MADE(token, name) { .event = HAWK_EV_##token, .call = HAWK_EV_SYS_##name, .items = {
#define ASKED(token, name) { .event = HAWK_EV_##token, .call = HAWK_EV_SYS_##name, .asked = true, .items = {
#define TAKE(f, s) { .how = HAWK_MADE_TAKE, .field = #f, .source = #s },
#define BITS(f, s, mask) { .how = HAWK_MADE_BITS, .field = #f, .source = #s, .value = (mask) },
#define NUMBER(f, s, at, n) { .how = HAWK_MADE_NUMBER, .field = #f, .source = #s, .value = (at), .size = (n) },
#define TEXT(f, s, at, n) { .how = HAWK_MADE_TEXT, .field = #f, .source = #s, .value = (at), .size = (n) },
#define CONST(f, number) { .how = HAWK_MADE_CONST, .field = #f, .value = (number) },
#define ONLY_WITH(s, bits) { .how = HAWK_MADE_ONLY_WITH, .source = #s, .value = (bits) },
#define ONLY_WITHOUT(s, bits) { .how = HAWK_MADE_ONLY_WITHOUT, .source = #s, .value = (bits) },
#define ONLY_IS(s, number) { .how = HAWK_MADE_ONLY_IS, .source = #s, .value = (number) },
#define MADE_END } },
#include "bpf/abi/made.def"
};

const struct hawk_made *hawk_made_rows(size_t *ret_n)
{
	*ret_n = ARRAY_SIZE(rows);
	return rows;
}

bool hawk_made_alt(const struct hawk_alt_desc *alt)
{
	return strcmp(alt->name, "syscalls") == 0;
}
