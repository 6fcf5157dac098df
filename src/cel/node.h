/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_CEL_NODE_H
#define HAWK_CEL_NODE_H
/* Inside of cel: the tree, and what the parts of the compiler share. */
#include <stdatomic.h>

#include "src/cel/cel.h"
#include "src/event/part.h"
#include "src/ir/value.h"

#define HAWK_CEL_TREE_DEPTH_MAX 128 /* of the tree with those of its variables; the evaluator calls itself so often */
#define HAWK_CEL_ARGS_MAX 8
#define HAWK_CEL_NONE UINT16_MAX

enum hawk_cel_op {
	/* As parsed; the checker makes others of these. */
	HAWK_CEL_OP_NAME,
	HAWK_CEL_OP_SELECT, /* .name of its child */
	HAWK_CEL_OP_CALL,   /* .name; the receiver, if .receiver, is its first child */
	/* Values. */
	HAWK_CEL_OP_CONST,    /* .value */
	HAWK_CEL_OP_FIELD,    /* .index in fields */
	HAWK_CEL_OP_CAPTURE,  /* .index in the input's */
	HAWK_CEL_OP_LOCAL,    /* .index of the macro's variable */
	HAWK_CEL_OP_VARIABLE, /* .variable */
	HAWK_CEL_OP_MEMBER,   /* .index in fields, of the process that its child is */
	HAWK_CEL_OP_OUTPUT,   /* .value.bytes: the name of an output of a finding; .index: the field that has them */
	HAWK_CEL_OP_ARGUMENT, /* field .index; where there is none as OUTPUT, of field .value.context */
	HAWK_CEL_OP_LIST,
	HAWK_CEL_OP_INDEX,
	HAWK_CEL_OP_HAS,        /* of its child; without one of the field .index */
	HAWK_CEL_OP_HAS_OUTPUT, /* as OUTPUT */
	HAWK_CEL_OP_HAS_ARGUMENT,
	/* Operators. */
	HAWK_CEL_OP_NOT,
	HAWK_CEL_OP_NEG,
	HAWK_CEL_OP_MUL,
	HAWK_CEL_OP_DIV,
	HAWK_CEL_OP_MOD,
	HAWK_CEL_OP_ADD,
	HAWK_CEL_OP_SUB,
	HAWK_CEL_OP_LT,
	HAWK_CEL_OP_LE,
	HAWK_CEL_OP_GT,
	HAWK_CEL_OP_GE,
	HAWK_CEL_OP_EQ,
	HAWK_CEL_OP_NE,
	HAWK_CEL_OP_IN,
	HAWK_CEL_OP_AND, /* of two or more, as OR */
	HAWK_CEL_OP_OR,
	HAWK_CEL_OP_COND,
	/* Macros: the list and the body; .index is their variable. */
	HAWK_CEL_OP_EXISTS,
	HAWK_CEL_OP_EXISTS_ONE,
	HAWK_CEL_OP_ALL,
	HAWK_CEL_OP_FILTER,
	HAWK_CEL_OP_MAP,
	HAWK_CEL_OP_FUNCTION, /* .index in hawk_cel_functions */
};

/* What a function wants of constant arguments, made once. */
struct hawk_cel_network {
	uint8_t ip[16];
	uint8_t bits; /* of 128 */
};
struct hawk_cel_bits { /* of one type */
	enum hawk_type type;
	struct {
		uint64_t v, mask; /* (number & mask) == v */
		bool any;         /* any bit of mask */
	} *flags;
};
struct hawk_cel_prepared {
	const struct hawk_ir_value *pattern; /* regular expressions and globs */
	const struct hawk_cel_network *networks;
	const struct hawk_cel_bits *bits;
	size_t n, n_flags;
	const char *text; /* of flags as ir writes them; of a glob; of networks, with | between them */
};

struct hawk_cel_node {
	uint8_t op;
	uint8_t type, elem; /* enum hawk_cel_type, as far as it is known; elem: of what a list has */
	bool receiver;
	bool asks;   /* it or what is below it is not of the event and its process alone */
	bool marks;  /* it or what is below it changes what was seen */
	uint16_t first, next, n; /* children are a list through .next; n of them */
	uint16_t index;
	uint32_t at, len; /* in the text: of the name, of others where they begin */
	union {
		struct hawk_cel_value value;
		const struct hawk_cel *variable;
		const struct hawk_cel_prepared *prepared;
	};
};

/* How the value of a type of fields becomes one of expressions. */
enum hawk_cel_kind {
	HAWK_CEL_KIND_UINT,
	HAWK_CEL_KIND_SINT,
	HAWK_CEL_KIND_BOOL,
	HAWK_CEL_KIND_TIME,
	HAWK_CEL_KIND_WALLTIME,
	HAWK_CEL_KIND_DURATION,
	HAWK_CEL_KIND_IP,
	HAWK_CEL_KIND_STRING,
	HAWK_CEL_KIND_STRINGS,
	HAWK_CEL_KIND_SOCKADDR, /* the address, or the path of a Unix socket */
	HAWK_CEL_KIND_OPEN_HOW, /* the flags in it */
};

/* A type that a field has in some event, and what is read of it. */
struct hawk_cel_shape {
	uint8_t owner, type; /* enum hawk_type: of the field; of what is read */
	uint8_t kind;        /* enum hawk_cel_kind */
	bool inside, many;   /* a part of the field; a list of such parts */
	struct hawk_part part;
};

struct hawk_cel_field {
	struct hawk_field field;
	const char *name;       /* as ir names it; owned by the expression. "": it has no name for it */
	const int8_t *columns;  /* by id of the event; -1: it does not have the field. NULL: no data field */
	const uint8_t *places;  /* by id of the event: which shape */
	struct hawk_cel_shape *shapes;
	size_t n_shapes;
};

struct hawk_cel_block;
struct hawk_cel_pattern;

struct hawk_cel {
	atomic_uint refs;
	char *text; /* with a NUL */
	size_t len;
	uint64_t place; /* of its text, for first_seen() */
	struct hawk_cel_node *nodes;
	size_t n_nodes;
	uint16_t root;
	uint16_t depth, locals;
	bool tracee;
	const char *missing; /* see hawk_cel_missing() */
	struct hawk_cel_field *fields;
	size_t n_fields;
	const struct hawk_cel **variables; /* references */
	size_t n_variables;
	struct hawk_cel_block *blocks;     /* memory of the constants */
	struct hawk_cel_pattern *patterns;
};

enum hawk_cel_function {
#define FUNCTION(id, name, arguments, result, elem, asks) HAWK_CEL_F_##id,
#include "src/cel/function.def"
	HAWK_CEL_FUNCTIONS,
	HAWK_CEL_F_TRACEE = HAWK_CEL_F_SELF, /* the first that only its detectors have */
};

enum hawk_cel_token_kind { HAWK_CEL_END, HAWK_CEL_WORD, HAWK_CEL_LITERAL, HAWK_CEL_SIGN };

struct hawk_cel_token {
	enum hawk_cel_token_kind kind;
	size_t at, len;
	unsigned int sign;           /* its characters, the first in the low byte */
	struct hawk_cel_value value; /* of a literal */
};

/* A variable of a macro. */
struct hawk_cel_local {
	uint32_t at, len; /* its name */
	uint8_t type, elem;
};

/* A compilation. */
struct hawk_cel_compiler {
	struct hawk_cel *cel;
	const struct hawk_cel_scope *scope;
	struct hawk_cel_error *error;
	size_t at; /* of the lexer */
	struct hawk_cel_token token;
	unsigned int depth;
	struct hawk_cel_local locals[HAWK_CEL_DEPTH_MAX];
	unsigned int n_locals;
};

/* Sets the error for the place AT in the text and gives back -EINVAL. */
int hawk_cel_refuse(struct hawk_cel_compiler *c, size_t at, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* N bytes of zeroes that live as long as the expression, or NULL. */
void *hawk_cel_own(struct hawk_cel *cel, size_t n);
/* A copy with a NUL behind it, or NULL. */
char *hawk_cel_own_text(struct hawk_cel *cel, const char *text, size_t len);
/* A pattern of the expression to be filled, or NULL; it is freed with it. */
struct hawk_ir_value *hawk_cel_own_pattern(struct hawk_cel *cel);

/* Reads the next token into c->token. Returns 0, -EINVAL or -ENOMEM. */
int hawk_cel_lex(struct hawk_cel_compiler *c);
/* Parses all of the text. Returns the number of the root, -EINVAL or -ENOMEM. */
int hawk_cel_parse(struct hawk_cel_compiler *c);
/* Adds a node. Returns its number, -EINVAL when there are too many, or -ENOMEM. */
int hawk_cel_add_node(struct hawk_cel_compiler *c, enum hawk_cel_op op, size_t at);
/* Makes CHILD the last child of PARENT. */
void hawk_cel_add_child(struct hawk_cel *cel, int parent, int child);
/* Checks NODE and what is below it, at DEPTH, and makes it ready for the evaluator. Returns 0, -EINVAL or -ENOMEM. */
int hawk_cel_check(struct hawk_cel_compiler *c, uint16_t node, unsigned int depth);
/* Makes of NODE, a name or a chain of selections, what it stands for. */
int hawk_cel_resolve(struct hawk_cel_compiler *c, uint16_t node, unsigned int depth);
/* The same for the field NAME. Returns 0, -ENOENT, -EINVAL or -ENOMEM. */
int hawk_cel_resolve_field(struct hawk_cel_compiler *c, uint16_t node, const char *name);
/*
 * An argument of Tracee's events: places the field in those of the scope. Returns how many have it, or -ENOMEM; makes
 * NODE that field.
 */
int hawk_cel_resolve_argument(struct hawk_cel_compiler *c, uint16_t node, const char *name);
/* The names of Tracee's detectors, src/cel/tracee.c. -ENOENT: it is none of them. */
int hawk_cel_tracee_name(struct hawk_cel_compiler *c, uint16_t node, size_t at, const char *name);
int hawk_cel_tracee_call(struct hawk_cel_compiler *c, uint16_t node, int *ret_row);
int hawk_cel_tracee_member(struct hawk_cel_compiler *c, uint16_t node, uint16_t from, const char **name);
/* An output NAME of a finding. */
int hawk_cel_resolve_output(struct hawk_cel_compiler *c, uint16_t node, const char *name);
/* Makes NODE, which was an expression with children, one without. */
struct hawk_cel_node *hawk_cel_leaf(struct hawk_cel_compiler *c, uint16_t node, enum hawk_cel_op op,
				    enum hawk_cel_type type);
/* Says that there is no such name at AT, and the nearest. */
int hawk_cel_refuse_name(struct hawk_cel_compiler *c, size_t at, const char *name);
/* The same for the row ROW of the functions. */
int hawk_cel_make_function(struct hawk_cel_compiler *c, uint16_t node, unsigned int row);
/* Says that there is no such function, and the nearest. */
int hawk_cel_refuse_function(struct hawk_cel_compiler *c, uint16_t node);
/* Flags by name for each type that the first argument of the call NODE may have. */
int hawk_cel_prepare_flags(struct hawk_cel_compiler *c, uint16_t node, struct hawk_cel_prepared *p);
/* Checks a call whose children are checked, and prepares its constant arguments. */
int hawk_cel_check_call(struct hawk_cel_compiler *c, uint16_t node, unsigned int row);
/* The row of the function NAME of LEN bytes, or -1. */
int hawk_cel_find_function(const char *name, size_t len);
/* True when that is a value, named without parentheses. */
bool hawk_cel_is_value(int row);
/* Its name. */
const char *hawk_cel_function_name(unsigned int row);
/* Its signature, as in function.def. */
const char *hawk_cel_function_arguments(unsigned int row);
/*
 * Makes the literal OTHER (or each in a list of them), which is compared with NODE, a value of NODE's type:
 * names become numbers, text addresses and durations. Refuses what NODE can never be.
 */
int hawk_cel_convert(struct hawk_cel_compiler *c, uint16_t node, uint16_t other);
/* The number that TEXT names for TYPE. Returns 0 or -EINVAL. */
int hawk_cel_parse_name(enum hawk_type type, const uint8_t *text, size_t len, uint64_t *ret);
int hawk_cel_parse_ip(const uint8_t *text, size_t len, uint8_t ret[16]);
/* "1500ms", "-5s", "1h30m". */
int hawk_cel_parse_duration(const uint8_t *text, size_t len, int64_t *ret);
/* True when the node is a constant of TYPE. */
static inline bool hawk_cel_is_const(const struct hawk_cel_node *n, enum hawk_cel_type type)
{
	return n->op == HAWK_CEL_OP_CONST && n->value.type == type;
}
static inline uint16_t hawk_cel_second(const struct hawk_cel *cel, const struct hawk_cel_node *n)
{
	return cel->nodes[n->first].next;
}
/* "text", "a number", … */
const char *hawk_cel_type_name(enum hawk_cel_type type);

/* Networks that are not of the internet, as ir writes them. */
extern const char hawk_cel_private_text[];

/* -1 unknown, else whether they are equal. */
int hawk_cel_equal(const struct hawk_cel_value *a, const struct hawk_cel_value *b);
/* Returns false when they have no order; else *ret is negative, 0 or positive. */
bool hawk_cel_order(const struct hawk_cel_value *a, const struct hawk_cel_value *b, int *ret);
/* Order of two texts. */
int hawk_cel_compare_text(const struct hawk_cel_value *a, const struct hawk_cel_value *b);

#endif
