/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_PROTO_PROTO_H
#define HAWK_PROTO_PROTO_H
/*
 * The control interface as data, expanded from verbs.def; linked by the daemon
 * and by sechawkctl.
 */
#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

#include "src/base/buf.h"

#define HAWK_INTERFACE "org.sechawk.Control"
#define HAWK_SERVICE_INTERFACE "org.varlink.service"
#define HAWK_CONTROL_SOCKET "/run/sechawk/control.sock"

enum hawk_verb_id {
#define VERB(token, method, words, role, kind, help, details) HAWK_VERB_##token,
#include "src/proto/verbs.def"
	HAWK_VERB_MAX,
};

enum hawk_failure_id {
#define FAILURE(token, name, doc) HAWK_FAILURE_##token,
#include "src/proto/verbs.def"
	HAWK_FAILURE_MAX,
};

/* In order of power. */
enum hawk_role { HAWK_ROLE_NONE, HAWK_ROLE_READ, HAWK_ROLE_ADMIN };

enum hawk_verb_kind { HAWK_KIND_ONCE, HAWK_KIND_MANY, HAWK_KIND_STREAM, HAWK_KIND_LOCAL };

enum hawk_arg_where { HAWK_ARG_POSITIONAL, HAWK_ARG_OPTION, HAWK_ARG_HIDDEN };

enum hawk_base_type {
	HAWK_BASE_BOOL,
	HAWK_BASE_INT,
	HAWK_BASE_FLOAT,
	HAWK_BASE_STRING,
	HAWK_BASE_OBJECT,
	HAWK_BASE_STRUCT,
};

/* A type as verbs.def writes it, taken apart. */
struct hawk_type_info {
	enum hawk_base_type base;
	bool optional, list;
	const char *name; /* without ? and [] */
};

struct hawk_verb_arg {
	const char *name, *type;
	enum hawk_arg_where where;
	char letter;         /* 0: none */
	const char *option;  /* long option without dashes; "" when it is not an option */
	const char *metavar;
	const char *help;
	enum hawk_role role; /* needed to give it; ADMIN only for ADMIN_ARG rows */
	bool local;          /* never sent to the daemon */
};

struct hawk_member {
	const char *name, *type, *doc;
};

struct hawk_verb_desc {
	enum hawk_verb_id id;
	const char *method; /* without the interface; "" for LOCAL */
	const char *words;  /* "event enable" */
	enum hawk_role role;
	enum hawk_verb_kind kind;
	const char *help, *details;
	const struct hawk_verb_arg *args;
	size_t n_args;
	const struct hawk_member *results;
	size_t n_results;
};

/* A named type or an error of the interface. */
struct hawk_struct_desc {
	const char *name, *doc;
	const struct hawk_member *members;
	size_t n_members;
};

struct hawk_global_option {
	char letter; /* 0: none */
	const char *option, *metavar, *help;
};

/* The verb; never NULL for a valid id. */
const struct hawk_verb_desc *hawk_verb(enum hawk_verb_id id);
/* The verb of a method, named without its interface ("EventList"), or NULL. Never a LOCAL one. */
const struct hawk_verb_desc *hawk_verb_by_method(const char *method);
/*
 * The verb whose words the arguments begin with ("event", "enable", …); the
 * number of words goes to *ret_used. NULL: none.
 */
const struct hawk_verb_desc *hawk_verb_by_words(int n, const char *const *words, int *ret_used);

/* Takes a type text of verbs.def apart. */
struct hawk_type_info hawk_type_info(const char *type);
/* The named types, the errors (by enum hawk_failure_id) and the global options; *ret_n is their number. */
const struct hawk_struct_desc *hawk_structs(size_t *ret_n);
const struct hawk_struct_desc *hawk_failures(size_t *ret_n);
const struct hawk_global_option *hawk_global_options(size_t *ret_n);

/*
 * Checks the arguments of a call against the table: an object, no unknown and
 * no LOCAL member, nothing required missing, types right; null counts as left
 * out. Returns 0, or -EINVAL with the offending member's name in *ret_name
 * (borrowed from PARAMETERS or static). PARAMETERS may be NULL: none given.
 */
int hawk_args_check(const struct hawk_verb_desc *verb, const json_t *parameters, const char **ret_name);
/* The role that a call with these (checked) arguments needs. */
enum hawk_role hawk_args_role(const struct hawk_verb_desc *verb, const json_t *parameters);
/* An argument, or NULL when it was left out or is null. Borrowed. */
json_t *hawk_args_get(const json_t *parameters, const char *name);

/*
 * Appends the interface description (Varlink IDL) of HAWK_INTERFACE or HAWK_SERVICE_INTERFACE. Returns 0,
 * -ENOENT or the buffer's error.
 */
int hawk_idl_write(struct hawk_buf *out, const char *interface);

#endif
