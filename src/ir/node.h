/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_IR_NODE_H
#define HAWK_IR_NODE_H
/* Inside of ir: the tree. */
#include "src/event/part.h"
#include "src/ir/ir.h"

#define HAWK_IR_TEXT_MAX (1024 * 1024) /* bytes of a text, and of the normal form */
#define HAWK_IR_NODES_MAX 1024
#define HAWK_IR_DEPTH_MAX 32 /* nested parentheses and NOTs */
#define HAWK_IR_VALUES_MAX 16384
/* What is not found by its place in an order costs time for each event, and anybody who may watch can ask for it. */
#define HAWK_IR_SEARCHES_MAX 512 /* values with a pattern that is tried one by one */
#define HAWK_IR_REGEXES_MAX 16
#define HAWK_IR_PATTERN_MAX 4096 /* bytes of a glob or a regular expression */
#define HAWK_IR_ANCESTORS_MAX 1024 /* that are looked at */
#define HAWK_IR_ROW_WORDS (HAWK_EVENT_ID_MAX / 64) /* enough for a bit per event */

enum hawk_ir_compare { HAWK_IR_EQ, HAWK_IR_NE, HAWK_IR_LT, HAWK_IR_LE, HAWK_IR_GT, HAWK_IR_GE };

enum hawk_ir_pattern {
	HAWK_IR_EXACT,
	HAWK_IR_PREFIX,
	HAWK_IR_SUFFIX,
	HAWK_IR_CONTAINS,
	HAWK_IR_ANY, /* "*": whatever value, but there is one */
	HAWK_IR_GLOB,    /* * ? [..] anywhere; what means itself has a backslash before it */
	HAWK_IR_REGEX,   /* of "~=" */
	HAWK_IR_ANY_BIT, /* of "&=": any of these flags */
	HAWK_IR_WHOLE,   /* of "==": these flags and no others */
	HAWK_IR_PATTERNS,
};

/* One of the values behind a comparison, as text. */
struct hawk_ir_value {
	enum hawk_ir_pattern pattern;
	uint32_t len;
	char *text; /* owned; has a NUL at the end and maybe others */
	void *code;  /* of a regular expression; owned */
	uint32_t at; /* offset in the text, for messages */
};

/* A value as the evaluator wants it. */
struct hawk_ir_operand {
	uint64_t v, mask;  /* number; bits: (field & mask) == v; range: from v to mask, both in it */
	uint8_t ip[16];
	uint8_t ip_bits;   /* length of the network part */
	bool is_ip;
	bool any;          /* HAWK_IR_ANY_BITS: any bit of mask */
};

/* How a type is compared. */
enum hawk_ir_how {
	HAWK_IR_UINT,
	HAWK_IR_SINT,
	HAWK_IR_BOOTTIME, /* the operand is wall time */
	HAWK_IR_BITS,     /* one operand for all values */
	HAWK_IR_IP,
	HAWK_IR_STRING,
	HAWK_IR_STRINGS,
	HAWK_IR_SOCKADDR, /* address or path of a Unix socket */
	HAWK_IR_OPEN_HOW, /* bits of the flags in it */
	HAWK_IR_ANY_BITS, /* one operand for each value: any of them */
	/* Of these three a value is a range; others are one of a single number. */
	HAWK_IR_UINT_RANGE,
	HAWK_IR_SINT_RANGE,
	HAWK_IR_BOOTTIME_RANGE,
};

/* The comparison for one type: a data field may have different types in different events. */
struct hawk_ir_variant {
	enum hawk_type owner; /* of the field */
	enum hawk_type type;  /* of what is compared */
	enum hawk_ir_how how;
	/*
	 * One per value, or one for bits. Numbers, ranges and networks are in ascending order, not in that of the
	 * values, and nothing in them overlaps: what did is replaced by what covers it, as often.
	 */
	struct hawk_ir_operand *operands;
	bool inside;                      /* PART of the field is compared, not all of it */
	struct hawk_part part;
};

/* Where a data field is in an event; column < 0: not there, or its type does not take the value. */
struct hawk_ir_place {
	int8_t column;
	uint8_t variant;
};

enum hawk_ir_subject { HAWK_IR_FIELD, HAWK_IR_EVENT, HAWK_IR_SET, HAWK_IR_TREE, HAWK_IR_ANCESTOR };

struct hawk_ir_condition {
	enum hawk_ir_subject subject;
	enum hawk_ir_compare compare;
	struct hawk_field field; /* HAWK_IR_FIELD; HAWK_IR_ANCESTOR: that of the parent */
	const char *part;        /* what is compared of a data field: data.FIELD.PART; NULL: all of it */
	struct hawk_ir_value *values; /* in the order of their patterns */
	size_t n_values;
	size_t from[HAWK_IR_PATTERNS + 1]; /* the first value of each pattern and, at the end, n_values */
	struct hawk_ir_variant *variants; /* HAWK_IR_FIELD, HAWK_IR_ANCESTOR; HAWK_IR_TREE has one, numbers */
	size_t n_variants;
	struct hawk_ir_place *places; /* data fields: by row of hawk_event_descs() */
	uint64_t *events;             /* HAWK_IR_EVENT, HAWK_IR_SET: those that "=" is true for */
};

enum hawk_ir_kind { HAWK_IR_CONDITION, HAWK_IR_NOT, HAWK_IR_AND, HAWK_IR_OR };

#define HAWK_IR_NONE UINT16_MAX

/*
 * A node; children are a list through .next. NOT has one child, AND and OR have
 * two or more and none of their own kind.
 */
struct hawk_ir_node {
	enum hawk_ir_kind kind;
	uint16_t first, next;
	uint32_t at; /* offset in the text, for messages */
	struct hawk_ir_condition condition;
};

struct hawk_ir {
	struct hawk_ir_node *nodes;
	size_t n_nodes;
	uint16_t root; /* HAWK_IR_NONE: always true */
};

/* What is wrong, and where in the text. */
struct hawk_ir_fault {
	size_t at;
	char message[256];
};

/* Adds a node of KIND. Returns its number, -E2BIG when there are HAWK_IR_NODES_MAX, or -ENOMEM. */
int hawk_ir_add_node(struct hawk_ir *ir, enum hawk_ir_kind kind, size_t at);
/*
 * Joins NEXT to ALL, which have no parents, in a node of KIND (AND or OR), which ALL may be already. Returns that
 * node's number or an error of hawk_ir_add_node().
 */
int hawk_ir_join_nodes(struct hawk_ir *ir, enum hawk_ir_kind kind, int all, int next);
/* Copies all that FROM owns. Returns 0 or -ENOMEM. */
int hawk_ir_condition_copy(struct hawk_ir_condition *ret, const struct hawk_ir_condition *from);
/*
 * Finds the field NAME, which may be a special one. Returns 0, or -EINVAL with
 * the message set.
 */
int hawk_ir_resolve(struct hawk_ir_condition *c, const char *name, struct hawk_ir_fault *fault);
/*
 * Brings the values into order and makes the variants. Returns 0, -EINVAL with
 * the message set, or -ENOMEM.
 */
int hawk_ir_check(struct hawk_ir_condition *c, struct hawk_ir_fault *fault);
void hawk_ir_condition_done(struct hawk_ir_condition *c);
/* Writes the field's name. */
void hawk_ir_print_name(const struct hawk_ir_condition *c, struct hawk_buf *out);

/* Index of DESC in hawk_event_descs(). Constant time. */
size_t hawk_ir_row(const struct hawk_event_desc *desc);
/* The events that NODE may be true for, by row. Sound: one that is missing is never true. */
void hawk_ir_true_events(const struct hawk_ir *ir, uint16_t node, uint64_t bits[static HAWK_IR_ROW_WORDS]);

#endif
