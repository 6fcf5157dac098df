/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_CGEN_INTERNAL_H
#define HAWK_CGEN_INTERNAL_H
/*
 * Inside of cgen. A predicate is brought to columns (plan.c): each column is the
 * AND of atoms, and an OR is made of columns of its alternatives, put together
 * at the end (a fold). An atom is a condition on one field. All atoms on one field,
 * of all columns, make one table (number.c, text.c): a value leads to a bitmap that
 * is ANDed into hawk_abi_judge.pass.
 *
 * Registers: r6 the scratch slot, r7 and r8 the value, r0 to r5 for anybody.
 * Verdicts live in memory only: in registers they would double the states that
 * the verifier looks at, per column.
 */
#include <errno.h>
#include <linux/bpf.h>
#include <stdlib.h>

#include "bpf/abi/abi.h"
#include "src/base/buf.h"
#include "src/base/cleanup.h"
#include "src/cgen/cgen.h"
#include "src/ir/node.h"

#define HAWK_CGEN_WORDS (HAWK_COLUMNS / 64)
#define HAWK_CGEN_SUFFIX_BYTES 32 /* of a pattern at the end of a text */
#define HAWK_CGEN_GLOB_BYTES 32   /* of the beginning of a pattern with wildcards */
#define HAWK_CGEN_TREE_MAX 1024   /* leaves of a decision tree */
#define HAWK_CGEN_TREE_POINTS 16  /* single values beyond this go to a hash map */
#define HAWK_CGEN_VALUES_MAX 100000 /* of all atoms of a table; of texts some 30 MB of kernel memory */

/* Offset of a member in the slot. */
#define HAWK_CGEN_AT(member) offsetof(struct hawk_abi_scratch, member)
#define HAWK_CGEN_REC (HAWK_CGEN_AT(bytes))

/* A growing program. Errors are sticky. */
struct hawk_cgen_asm {
	struct bpf_insn *insns;
	size_t n, cap;
	struct hawk_cgen_reloc *relocs;
	size_t n_relocs, relocs_cap;
	size_t landed; /* the last place that a jump leads to */
	int error;
};

/* Forward jumps to one place that is not there yet. */
struct hawk_cgen_jumps {
	uint32_t *at;
	size_t n, cap;
};

/* How the values of a table are looked up. */
enum hawk_cgen_class {
	HAWK_CGEN_NUMBER, /* by value */
	HAWK_CGEN_BITS,   /* by bits in it */
	HAWK_CGEN_PREFIX, /* by its first bits */
	HAWK_CGEN_SUFFIX, /* by its last bytes */
};

enum hawk_cgen_where {
	HAWK_CGEN_FIXED,  /* at .offset in the slot, .size bytes */
	HAWK_CGEN_TEXT,   /* hawk_abi_judge.text[.offset] */
	HAWK_CGEN_STRING, /* variable field .offset of the record */
};

/* Where a value is in the kernel. Compared as bytes: no padding. */
struct hawk_cgen_source {
	uint8_t where; /* enum hawk_cgen_where */
	uint8_t type;  /* enum hawk_type */
	uint8_t size;
	bool sint, late; /* late: at the second point only */
	bool data;       /* a field of the record's fixed part */
	bool zero_absent; /* 0, or a text that begins with it, is none */
	uint8_t reserved;
	uint32_t mask;    /* of a number: what is looked at; 0: all */
	uint32_t offset;
	uint32_t need; /* HAWK_NEED_* */
	uint32_t reserved2;
};

struct hawk_cgen_table {
	enum hawk_cgen_class class;
	struct hawk_cgen_source source;
};

/* What is made of a number before it is compared. */
enum hawk_cgen_as {
	HAWK_CGEN_PLAIN,
	HAWK_CGEN_SAME,  /* 1 when it is the pivot, else 0 */
	HAWK_CGEN_ABOVE, /* 1 when it is above the pivot, else 0 */
};

/* Column &= (the value matches) ^ flip, or &= absent. */
struct hawk_cgen_atom {
	uint16_t table, column;
	uint32_t rule;
	bool flip, absent;
	enum hawk_cgen_as as;
	uint64_t pivot;
	uint64_t mask, bits; /* HAWK_CGEN_BITS: (value & mask) == bits */
	const struct hawk_ir_variant *variant;
	const struct hawk_ir *ir;
	uint16_t node; /* a condition; of HAWK_CGEN_NUMBER whatever is about one number: then .flip is only
			  that of NOT */
};

/* Column target &= OR of the columns from[first .. first + n - 1]. */
struct hawk_cgen_fold {
	uint16_t target;
	uint32_t first, n;
	bool late;
};

/* A column that stands for a whole sub-expression. */
struct hawk_cgen_common {
	char *text;
	uint16_t column;
};

struct hawk_cgen_plan {
	const struct hawk_event_desc *desc;
	const struct hawk_cgen_rule *rules;
	size_t n_rules, rule; /* the rule that is being planned */
	struct hawk_cgen_table *tables;
	struct hawk_cgen_atom *atoms;
	struct hawk_cgen_fold *folds;
	uint16_t *from;
	struct hawk_cgen_common *common;
	size_t n_tables, n_atoms, n_folds, n_from, n_common;
	size_t tables_cap, atoms_cap, folds_cap, from_cap, common_cap, left_cap, maps_cap;
	unsigned int n_columns; /* the next one that is free behind those of policies */
	int text_var[2];        /* variable field that each text holds, or -1 */
	uint64_t start[HAWK_CGEN_WORDS]; /* columns that are in use */
	struct hawk_cgen *out;
	int error; /* -ENOMEM */
};

/* Room for one more element behind the *n of *P; NULL and the error set without memory. */
void *hawk_cgen_more(void **p, size_t n, size_t *cap, size_t size, int *error);
#define HAWK_CGEN_MORE(array, n, cap, error) \
	((__typeof__(array))hawk_cgen_more((void **)&(array), n, &(cap), sizeof(*(array)), error))

/* asm.c. Each appends; those that jump return the index for hawk_cgen_land(). */
size_t hawk_cgen_ins(struct hawk_cgen_asm *a, uint8_t code, uint8_t dst, uint8_t src, int16_t off,
		     int32_t imm);
void hawk_cgen_mov(struct hawk_cgen_asm *a, uint8_t dst, uint8_t src);
void hawk_cgen_set(struct hawk_cgen_asm *a, uint8_t dst, uint64_t v);
void hawk_cgen_alu(struct hawk_cgen_asm *a, uint8_t op, uint8_t dst, int32_t imm);
void hawk_cgen_load(struct hawk_cgen_asm *a, uint8_t dst, uint8_t src, size_t offset, size_t size);
void hawk_cgen_store(struct hawk_cgen_asm *a, uint8_t dst, size_t offset, uint8_t src, size_t size);
void hawk_cgen_map_fd(struct hawk_cgen_asm *a, uint8_t dst, uint32_t map);
void hawk_cgen_call(struct hawk_cgen_asm *a, int32_t function);
size_t hawk_cgen_jump(struct hawk_cgen_asm *a, uint8_t op, uint8_t dst, int32_t imm);
/* Compares with any 64-bit number; uses r2 when it does not fit. */
size_t hawk_cgen_jump_u64(struct hawk_cgen_asm *a, uint8_t op, uint8_t dst, uint64_t v);
/* The jump at INDEX goes to the next instruction. */
void hawk_cgen_land(struct hawk_cgen_asm *a, size_t index);
void hawk_cgen_later(struct hawk_cgen_asm *a, struct hawk_cgen_jumps *jumps, size_t index);
/* All of them go to the next instruction; JUMPS is empty then. */
void hawk_cgen_land_all(struct hawk_cgen_asm *a, struct hawk_cgen_jumps *jumps);
void hawk_cgen_jumps_done(struct hawk_cgen_jumps *jumps);
void hawk_cgen_asm_done(struct hawk_cgen_asm *a);

/* A bitmap over columns. */
struct hawk_cgen_mask {
	uint64_t w[HAWK_CGEN_WORDS];
};
/* True when a column in use is not in MASK. */
bool hawk_cgen_changes(const struct hawk_cgen_plan *p, const struct hawk_cgen_mask *mask);
/* pass &= MASK. */
void hawk_cgen_and(const struct hawk_cgen_plan *p, struct hawk_cgen_asm *a,
		   const struct hawk_cgen_mask *mask);

/* rate.c. Which policies the kernel can count: before any program is made. */
void hawk_cgen_find_rated(struct hawk_cgen_plan *p);
/* Appends the limits of those that are still wanted, and makes their map; at the second point, behind all else. */
void hawk_cgen_rates(struct hawk_cgen_plan *p, struct hawk_cgen_asm *a);

/* source.c. Finds where the kernel has what C compares with VARIANT; returns NULL, or why it has not. */
const char *hawk_cgen_find(struct hawk_cgen_plan *p, const struct hawk_ir_condition *c,
			   const struct hawk_ir_variant *variant, struct hawk_cgen_source *ret,
			   struct hawk_cgen_atom *atom);
/* The comparison of C in this event; NULL: it has none, so C is false. */
const struct hawk_ir_variant *hawk_cgen_variant(const struct hawk_cgen_plan *p,
						const struct hawk_ir_condition *c);
/*
 * True when all conditions below NODE compare the same number; *FIRST, HAWK_IR_NONE before, is one of them.
 */
bool hawk_cgen_one_number(const struct hawk_cgen_plan *p, const struct hawk_ir *ir, uint16_t node,
			  uint16_t *first);
/* Loads a number into r7; jumps to ABSENT where the event does not have it. */
void hawk_cgen_load_number(const struct hawk_cgen_plan *p, struct hawk_cgen_asm *a,
			   const struct hawk_cgen_source *s, struct hawk_cgen_jumps *absent);
/* True for what describes a process and stays as long as struct hawk_abi_known_key. */
bool hawk_cgen_is_learned(const struct hawk_ir_condition *c);

/* plan.c. Makes atoms, tables and folds of all rules. Returns 0 or -ENOMEM. */
int hawk_cgen_plan(struct hawk_cgen_plan *p);
void hawk_cgen_plan_done(struct hawk_cgen_plan *p);
/* Notes that a part of a rule is left to user space. */
void hawk_cgen_leave(struct hawk_cgen_plan *p, size_t rule, const struct hawk_ir *ir, uint16_t node,
		     const char *why);
/*
 * The same for the atoms of a table that WHICH is true for, by their number; NULL: for all. They decide
 * nothing then.
 */
void hawk_cgen_drop(struct hawk_cgen_plan *p, size_t table, const bool *which, const char *why);

/* A map of ours: appended to those of the result. NULL: no memory. */
struct hawk_cgen_map *hawk_cgen_add_map(struct hawk_cgen_plan *p, enum hawk_cgen_map_kind kind,
					const char *name, uint32_t key_size, uint32_t value_size);
/* Takes the last one back. */
void hawk_cgen_drop_map(struct hawk_cgen_plan *p);
/* Space for one more entry; its key and value are zero. Returns its index, or SIZE_MAX without memory. */
size_t hawk_cgen_add_entry(struct hawk_cgen_map *m, size_t *cap);

/* The words of pass that a table has columns in. */
struct hawk_cgen_words {
	uint8_t w[HAWK_CGEN_WORDS];
	size_t n;
};
struct hawk_cgen_words hawk_cgen_words(const struct hawk_cgen_plan *p, size_t table);
/* pass &= the words at OFFSET of the value in r0. */
void hawk_cgen_and_value(struct hawk_cgen_asm *a, const struct hawk_cgen_words *words, size_t offset);

/* number.c, text.c. Append the look-up of one table, and make its map. */
void hawk_cgen_number(struct hawk_cgen_plan *p, struct hawk_cgen_asm *a, size_t table);
void hawk_cgen_bits(struct hawk_cgen_plan *p, struct hawk_cgen_asm *a, size_t table);
/* What all texts that fit a glob begin with, at most HAWK_CGEN_GLOB_BYTES of it. Returns its length. */
size_t hawk_cgen_glob_head(const struct hawk_ir_value *v, uint8_t *to);
void hawk_cgen_text(struct hawk_cgen_plan *p, struct hawk_cgen_asm *a, size_t table);

#endif
