/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdlib.h>
#include "src/ir/ir.h"
struct hawk_ir { int x; };
int hawk_ir_parse(struct hawk_ir **ret, const char *text, struct hawk_ir_error *error) { *ret = calloc(1, 4); return 0; }
struct hawk_ir *hawk_ir_free(struct hawk_ir *ir) { free(ir); return NULL; }
bool hawk_ir_eval(const struct hawk_ir *ir, const struct hawk_event *event, const struct hawk_ir_env *env) { return true; }
bool hawk_ir_events(const struct hawk_ir *ir, uint64_t *bits) { return false; }
int hawk_ir_print(const struct hawk_ir *ir, struct hawk_buf *out) { return 0; }
