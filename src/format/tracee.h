/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_FORMAT_TRACEE_H
#define HAWK_FORMAT_TRACEE_H
/* What the format "tracee" writes for which event, worked out once. Private to this room. */
#include "src/format/foreign.h"

/* How values of a type of Tracee are written; NATIVE: as in the native JSON. */
enum hawk_tracee_how {
	HAWK_TRACEE_NATIVE,
	HAWK_TRACEE_UNSIGNED,
	HAWK_TRACEE_SIGNED,
	HAWK_TRACEE_BOOLEAN,
	HAWK_TRACEE_STRING,
	HAWK_TRACEE_STRINGS,
	HAWK_TRACEE_BYTES,
	HAWK_TRACEE_ADDRESS,
	HAWK_TRACEE_TIME,
	HAWK_TRACEE_SECONDS,
	HAWK_TRACEE_PAIR,
	/* Of packets */
	HAWK_TRACEE_CONSTANT,  /* stands in the key already */
	HAWK_TRACEE_BIT,       /* one of the number: kind.bits is which */
	HAWK_TRACEE_WORDS,     /* bytes told in words of four */
	HAWK_TRACEE_DIRECTION, /* 1: ingress, 2: egress */
	HAWK_TRACEE_TRANSPORT, /* true: TCP, false: UDP; as protocol numbers */
	HAWK_TRACEE_HEADERS,
	HAWK_TRACEE_QUESTIONS,
	HAWK_TRACEE_RECORDS,
	HAWK_TRACEE_ANSWERS,
};

/* A type of Tracee. */
struct hawk_tracee_kind {
	const char *name;
	uint8_t how; /* enum hawk_tracee_how */
	uint8_t bits;
};

/* A value and the text before it: ,{"name":"…","type":"…","value": or ,"member": */
struct hawk_tracee_value {
	struct hawk_json_key key;
	const struct hawk_tracee_kind *kind;
	uint16_t field;
	const char *group; /* the object in the structure that it is a member of, up to the dot; NULL: none */
};

/* An element of args. */
struct hawk_tracee_arg {
	struct hawk_tracee_value value;
	struct hawk_tracee_value *parts; /* of a structure; NULL: it is a value */
	size_t n_parts;
	bool list; /* the structure is the only element of a list */
};

/* An event. */
struct hawk_tracee_keys {
	const char *name, *id, *syscall;
	int retval; /* field of the result; -1: none */
	size_t n;
	struct hawk_tracee_arg arg[]; /* n of them */
};

/* Works all out; in any thread, once. Returns 0 or -ENOMEM. */
int hawk_tracee_prepare(void);
/*
 * Appends a list of strings as HEADERS (an object), QUESTIONS, RECORDS or ANSWERS; each string as src/derive
 * writes it.
 */
void hawk_tracee_list(enum hawk_tracee_how how, const uint8_t *strv, size_t len, struct hawk_buf *out);
/* What was worked out for an event. */
const struct hawk_tracee_keys *hawk_tracee_keys(const struct hawk_event_desc *desc);

#endif
