/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What names and functions of Tracee's detectors are here. */
#include <errno.h>
#include <string.h>
#include <sys/utsname.h>

#include "src/base/cleanup.h"
#include "src/base/nearest.h"
#include "src/cel/node.h"
#include "src/event/tracee.h"

static const struct {
	const char *name, *target;
} names[] = {
#define NAME(tracee, here) { tracee, here },
#include "src/cel/tracee_names.def"
}, members[] = {
#define MEMBER(tracee, here) { tracee, here },
#include "src/cel/tracee_names.def"
};

static const char *const stores[] = {
#define STORE(function) function,
#include "src/cel/tracee_names.def"
};

/* A value that is never known. */
static int make_missing(struct hawk_cel_compiler *c, uint16_t node, const char *name)
{
	struct hawk_cel_node *n = hawk_cel_leaf(c, node, HAWK_CEL_OP_CONST, HAWK_CEL_UNKNOWN);

	n->value = (struct hawk_cel_value){ .type = HAWK_CEL_UNKNOWN, .named = HAWK_T_MAX };
	if (!c->cel->missing)
		c->cel->missing = name;
	return 0;
}

static int make_const(struct hawk_cel_compiler *c, uint16_t node, const char *text)
{
	const char *copy = hawk_cel_own_text(c->cel, text, strlen(text));
	struct hawk_cel_node *n = hawk_cel_leaf(c, node, HAWK_CEL_OP_CONST, HAWK_CEL_STRING);

	if (!copy)
		return -ENOMEM;
	n->value = (struct hawk_cel_value){ .type = HAWK_CEL_STRING, .named = HAWK_T_MAX, .len = (uint32_t)strlen(copy),
					    .bytes = (const uint8_t *)copy };
	return 0;
}

/* Makes of a field whether there is one. */
static int make_has(struct hawk_cel_compiler *c, uint16_t node)
{
	hawk_cel_leaf(c, node, HAWK_CEL_OP_HAS, HAWK_CEL_BOOL);
	return 0;
}

int hawk_cel_tracee_name(struct hawk_cel_compiler *c, uint16_t node, size_t at, const char *name)
{
	struct hawk_nearest near = hawk_nearest_start(name);
	const char *plain = strncmp(name, "event.workload.", 15) == 0 ? name + strlen("event.") : name;
	int r;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		const char *target = names[i].target;

		hawk_nearest_offer(&near, names[i].name);
		if (strcmp(names[i].name, plain) != 0)
			continue;
		if (!*target)
			return make_missing(c, node, names[i].name);
		if (*target == '@')
			return hawk_cel_make_function(c, node, (unsigned int)hawk_cel_find_function(target + 1,
												    strlen(target + 1)));
		r = hawk_cel_resolve_field(c, node, target + (*target == '!'));
		return r == 0 && *target == '!' ? make_has(c, node) : r;
	}
	return hawk_cel_refuse(c, at, "Tracee has no list or field %s%s%s", name,
			       near.best ? "; did you mean " : "", near.best ? near.best : "");
}

/* Whether NAME is an argument that Tracee has in an event of the scope, which Sechawk does not tell. */
static bool is_argument(const struct hawk_cel_scope *scope, const char *name)
{
	const size_t len = strlen(name);
	size_t n;
	const struct hawk_event_desc *const *descs = hawk_event_descs(&n);

	for (size_t i = 0; i < n; i++) {
		const struct hawk_tracee_event *row = NULL;

		if (!scope->events || (scope->events[i / 64] >> i % 64 & 1))
			row = hawk_tracee_event(descs[i]);
		for (const char *at = row ? row->args : ""; *at; at += strcspn(at, " "), at += *at == ' ')
			if (strncmp(at, name, len) == 0 && at[len] == ':')
				return true;
	}
	return false;
}

/* Data that no event of the scope has here; to Tracee that is null, whatever the name. */
static int no_argument(struct hawk_cel_compiler *c, uint16_t node, const char *name, bool has)
{
	if (!has || is_argument(c->scope, name))
		make_missing(c, node, name);
	if (has)
		hawk_cel_leaf(c, node, HAWK_CEL_OP_CONST, HAWK_CEL_BOOL)->value =
			(struct hawk_cel_value){ .type = HAWK_CEL_BOOL, .named = HAWK_T_MAX };
	return 0;
}

/* The number of the field with the outputs of findings, if these are in the scope; makes NODE that. */
static int find_outputs(struct hawk_cel_compiler *c, uint16_t node)
{
	int r = hawk_cel_resolve_field(c, node, "data.output");
	const int8_t *columns = r == 0 ? c->cel->fields[c->cel->nodes[node].index].columns : NULL;

	if (r < 0)
		return r;
	return columns && columns[HAWK_EV_FINDING] >= 0 ? c->cel->nodes[node].index : -ENOENT;
}

static bool is_named(const struct hawk_cel *cel, const struct hawk_cel_node *n, const char *name)
{
	return n->len == strlen(name) && memcmp(cel->text + n->at, name, n->len) == 0;
}

/* The argument with the name of the data: the only one, or the one behind "event". */
static const struct hawk_cel_node *data_name(const struct hawk_cel *cel, const struct hawk_cel_node *call)
{
	const struct hawk_cel_node *first = call->n ? &cel->nodes[call->first] : NULL;

	if (call->n == 2 && first->op == HAWK_CEL_OP_NAME && is_named(cel, first, "event"))
		return &cel->nodes[first->next];
	return call->n == 1 ? first : NULL;
}

/* getEventData("name"), of a finding one of its outputs; hasData("name"). */
static int event_data(struct hawk_cel_compiler *c, uint16_t node, bool has)
{
	const struct hawk_cel_node *call = &c->cel->nodes[node];
	const struct hawk_cel_node *arg = data_name(c->cel, call);
	const size_t at = call->at;
	const char *name;
	int r, outputs;

	if (!arg || !hawk_cel_is_const(arg, HAWK_CEL_STRING))
		return hawk_cel_refuse(c, at, "expected the name of a field in quotes");
	name = (const char *)arg->value.bytes;
	outputs = find_outputs(c, node);
	r = outputs == -ENOMEM ? outputs : hawk_cel_resolve_argument(c, node, name);
	if (r > 0 && outputs >= 0) {
		struct hawk_cel_node *n = hawk_cel_leaf(c, node, has ? HAWK_CEL_OP_HAS_ARGUMENT : HAWK_CEL_OP_ARGUMENT,
							has ? HAWK_CEL_BOOL : HAWK_CEL_UNKNOWN);

		n->value = (struct hawk_cel_value){ .type = HAWK_CEL_STRING, .named = HAWK_T_MAX,
						    .len = (uint32_t)strlen(name), .context = (uint32_t)outputs,
						    .bytes = (const uint8_t *)name };
		return 0;
	}
	if (r > 0)
		return has ? make_has(c, node) : 0;
	if (r < 0)
		return r;
	if (outputs < 0)
		return no_argument(c, node, name, has);
	r = hawk_cel_resolve_output(c, node, name);
	if (r == 0 && has)
		hawk_cel_leaf(c, node, HAWK_CEL_OP_HAS_OUTPUT, HAWK_CEL_BOOL);
	return r;
}

/* "process.get": the name of a function of a data store. */
static bool store_name(const struct hawk_cel *cel, const struct hawk_cel_node *call, char *ret, size_t size)
{
	const struct hawk_cel_node *head = call->receiver ? &cel->nodes[call->first] : NULL;

	return head && head->op == HAWK_CEL_OP_NAME &&
	       (size_t)snprintf(ret, size, "%.*s.%.*s", (int)head->len, cel->text + head->at, (int)call->len,
				cel->text + call->at) < size;
}

int hawk_cel_tracee_call(struct hawk_cel_compiler *c, uint16_t node, int *ret_row)
{
	struct hawk_cel_node *n = &c->cel->nodes[node];
	char name[64];
	int row;

	/* getData is what it was called at first */
	if (!n->receiver && (is_named(c->cel, n, "getEventData") || is_named(c->cel, n, "getData")))
		return event_data(c, node, false);
	if (!n->receiver && is_named(c->cel, n, "hasData"))
		return event_data(c, node, true);
	if (!store_name(c->cel, n, name, sizeof(name)))
		return -ENOENT;
	for (size_t i = 0; i < ARRAY_SIZE(stores); i++)
		if (strcmp(stores[i], name) == 0)
			return make_missing(c, node, stores[i]);
	row = hawk_cel_find_function(name, strlen(name));
	if (row >= HAWK_CEL_F_TRACEE && !hawk_cel_is_value(row)) {
		*ret_row = row;
		n->first = c->cel->nodes[n->first].next;
		n->n--;
		n->receiver = false;
	}
	return -ENOENT;
}

static int system_info(struct hawk_cel_compiler *c, uint16_t node, const char *name)
{
	struct utsname u;

	if (uname(&u) < 0)
		return make_missing(c, node, "system.info");
	if (strcmp(name, "architecture") == 0)
		return make_const(c, node, u.machine);
	if (strcmp(name, "kernel_release") == 0)
		return make_const(c, node, u.release);
	if (strcmp(name, "hostname") == 0)
		return make_const(c, node, u.nodename);
	return make_missing(c, node, "system.info");
}

/* Makes NODE what FROM is. */
static int make_same(struct hawk_cel_compiler *c, uint16_t node, uint16_t from)
{
	uint16_t next = c->cel->nodes[node].next;

	c->cel->nodes[node] = c->cel->nodes[from];
	c->cel->nodes[node].next = next;
	return 0;
}

int hawk_cel_tracee_member(struct hawk_cel_compiler *c, uint16_t node, uint16_t from, const char **name)
{
	const struct hawk_cel_node *f = &c->cel->nodes[from];

	if (hawk_cel_is_const(f, HAWK_CEL_UNKNOWN))
		return make_same(c, node, from);
	if (f->op == HAWK_CEL_OP_FUNCTION && f->index == HAWK_CEL_F_SYSTEM_INFO)
		return system_info(c, node, *name);
	if (f->op == HAWK_CEL_OP_FUNCTION && f->index == HAWK_CEL_F_DNS_RESPONSE) {
		if (strcmp(*name, "query") == 0)
			return make_same(c, node, f->first);
		if (strcmp(*name, "domains") != 0)
			return make_missing(c, node, "dns.getResponse");
		make_same(c, node, from);
		return hawk_cel_make_function(c, node, HAWK_CEL_F_DNS_NAMES);
	}
	if (f->type == HAWK_CEL_UNKNOWN) /* an item of what is never known, or no such thing */
		return make_missing(c, node, "the member of a value");
	for (size_t i = 0; i < ARRAY_SIZE(members) && f->type == HAWK_CEL_PROCESS; i++) {
		if (strcmp(members[i].name, *name) != 0)
			continue;
		if (!*members[i].target)
			return make_same(c, node, from);
		*name = members[i].target;
		break;
	}
	return -ENOENT;
}
