/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_IR_VALUE_H
#define HAWK_IR_VALUE_H
/* Inside of ir: values as text, their patterns, and whether text fits them. */
#include "src/ir/check.h"

/*
 * Reads one value of TEXT at *AT, up to "|" or its end, into OUT, and moves *AT behind it. *RET is its pattern:
 * EXACT, PREFIX, SUFFIX, CONTAINS, ANY or GLOB; with PLAIN, where * ? and [ mean themselves, EXACT. Returns 0 or
 * -EINVAL with the fault set; other errors are in OUT.
 */
int hawk_ir_scan(const char *text, size_t *at, bool plain, struct hawk_buf *out, enum hawk_ir_pattern *ret,
		 struct hawk_ir_fault *fault);

/* Compiles the regular expression V. Returns 0, -EINVAL with the message set, or -ENOMEM. */
int hawk_ir_regex_compile(struct hawk_ir_value *v, struct hawk_ir_fault *fault);
/* A copy of CODE, or NULL when there is no memory. */
void *hawk_ir_regex_copy(const void *code);
void hawk_ir_regex_free(void *code);
/* True when it fits within its limits of steps and memory. No allocation. */
bool hawk_ir_regex_match(const void *code, const uint8_t *p, size_t len);

/* True when all of P fits the glob V. */
bool hawk_ir_glob_match(const struct hawk_ir_value *v, const uint8_t *p, size_t len);
/* The length of the set, "[a-z]", that TEXT begins with; 0 when it has no end. */
size_t hawk_ir_glob_set(const char *text, size_t len);

/* Brings the values into order, each once, and notes where each pattern begins. */
void hawk_ir_order_values(struct hawk_ir_condition *c);
/* True when LEN bytes at P fit any of the values. */
bool hawk_ir_match_any(const struct hawk_ir_condition *c, const uint8_t *p, size_t len);
/* Frees what V owns. */
void hawk_ir_value_done(struct hawk_ir_value *v);

/*
 * Makes the operands of V from the values of C; V knows its type and how that is compared, which may change here.
 * Returns 0, -EINVAL with the fault set, or -ENOMEM.
 */
int hawk_ir_make_operands(const struct hawk_ir_condition *c, struct hawk_ir_variant *v, struct hawk_ir_fault *fault);
/* Brings operands of HOW into order and replaces what others cover. */
void hawk_ir_order_operands(enum hawk_ir_how how, struct hawk_ir_operand *o, size_t n);
/* True when V is one of N operands in order, or in one of these ranges. */
bool hawk_ir_has_number(enum hawk_ir_how how, const struct hawk_ir_operand *o, size_t n, uint64_t v);
/* True when the address is in one of N networks in order. */
bool hawk_ir_has_ip(const struct hawk_ir_operand *o, size_t n, const uint8_t ip[16]);

#endif
