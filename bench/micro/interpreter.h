/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_BENCH_INTERPRETER_H
#define HAWK_BENCH_INTERPRETER_H
/* The table of bench/micro/interpreter.bpf.c. */

#define INTERPRETER_CONDITIONS 1536
#define INTERPRETER_PATHS 256
#define INTERPRETER_WORDS 8 /* of a prefix: 64 bytes */

enum { INTERPRETER_EQ, INTERPRETER_NE, INTERPRETER_GE, INTERPRETER_LE, INTERPRETER_BITS };

struct interpreter_condition {
	__u16 offset, column; /* in the slot */
	__u32 op;
	__u64 mask, value; /* the field's size; what it is compared with */
};

struct interpreter_path {
	__u64 words[INTERPRETER_WORDS], masks[INTERPRETER_WORDS];
};

struct interpreter_table {
	__u64 start[HAWK_COLUMNS / 64];
	__u64 n;
	struct interpreter_condition conditions[INTERPRETER_CONDITIONS];
	struct interpreter_path paths[INTERPRETER_PATHS];
};

#endif
