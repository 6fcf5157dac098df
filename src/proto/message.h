/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_PROTO_MESSAGE_H
#define HAWK_PROTO_MESSAGE_H
/*
 * Calls and replies of Varlink. Parsing is strict: no duplicate keys, no
 * unknown members, bounded depth, nothing after the object.
 */
#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

#include "src/base/buf.h"
#include "src/proto/proto.h"

#define HAWK_MESSAGE_DEPTH_MAX 32

struct hawk_call {
	json_t *json;             /* owner of the rest */
	const char *method;       /* with its interface */
	const json_t *parameters; /* an object, or NULL */
	bool more, oneway;
};

struct hawk_reply {
	json_t *json;
	json_t *parameters; /* an object, or NULL */
	const char *error;  /* NULL: none */
	bool continues;
};

/* Parses one message. Returns 0, or -EBADMSG (*ret_why, static, says what is wrong), or -ENOMEM. */
int hawk_call_parse(struct hawk_call *ret, const char *text, size_t len, const char **ret_why);
void hawk_call_done(struct hawk_call *call);
int hawk_reply_parse(struct hawk_reply *ret, const char *text, size_t len, const char **ret_why);
void hawk_reply_done(struct hawk_reply *reply);

/*
 * Append one message with its NUL. PARAMETERS may be NULL. They return 0,
 * -ENOMEM or the buffer's error; then the buffer is as it was before.
 */
int hawk_call_write(struct hawk_buf *out, const char *method, const json_t *parameters, bool more);
int hawk_reply_write(struct hawk_buf *out, const json_t *parameters, bool continues);
int hawk_error_write(struct hawk_buf *out, const char *error, const json_t *parameters);

/* The full name of an error of verbs.def: "org.sechawk.Control.Failed". */
const char *hawk_failure_name(enum hawk_failure_id id);

/*
 * An explanation for people of an error reply, appended: for the errors of
 * org.varlink.service and of verbs.def alike. Control characters are escaped.
 */
void hawk_error_explain(struct hawk_buf *out, const char *error, const json_t *parameters);

/*
 * Bytes that are not UTF-8 are written as \udcXX in our JSON (format.h), which
 * strict parsers refuse. On the wire, where JSON is embedded as objects, they
 * travel as \uefXX (private use) instead. In place, same length.
 */
void hawk_wire_json(char *json, size_t len);

#endif
