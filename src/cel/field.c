/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Fields by name: where they are in the events of the scope, and as what. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/nearest.h"
#include "src/cel/node.h"
#include "src/event/tracee.h"

#define NAME_BYTES (2 * HAWK_NEAREST_MAX)

static enum hawk_cel_kind kind_of(enum hawk_type type)
{
	switch (type) {
	case HAWK_T_TIME:
		return HAWK_CEL_KIND_TIME;
	case HAWK_T_WALLTIME:
		return HAWK_CEL_KIND_WALLTIME;
	case HAWK_T_DURATION:
		return HAWK_CEL_KIND_DURATION;
	case HAWK_T_BOOL:
		return HAWK_CEL_KIND_BOOL;
	case HAWK_T_SOCKADDR:
	case HAWK_T_SOCKADDR_OUT:
		return HAWK_CEL_KIND_SOCKADDR;
	case HAWK_T_OPEN_HOW:
		return HAWK_CEL_KIND_OPEN_HOW;
	default:
		break;
	}
	switch (hawk_type_desc(type)->vclass) {
	case HAWK_V_SINT:
		return HAWK_CEL_KIND_SINT;
	case HAWK_V_IP:
		return HAWK_CEL_KIND_IP;
	case HAWK_V_BYTES:
		return HAWK_CEL_KIND_STRING;
	case HAWK_V_STRV:
		return HAWK_CEL_KIND_STRINGS;
	case HAWK_V_UINT:
	case HAWK_V_TASK:
		break;
	}
	return HAWK_CEL_KIND_UINT;
}

static enum hawk_cel_type type_of(const struct hawk_cel_shape *s)
{
	static const enum hawk_cel_type types[] = {
		[HAWK_CEL_KIND_UINT] = HAWK_CEL_UINT, [HAWK_CEL_KIND_SINT] = HAWK_CEL_INT,
		[HAWK_CEL_KIND_BOOL] = HAWK_CEL_BOOL, [HAWK_CEL_KIND_TIME] = HAWK_CEL_TIME,
		[HAWK_CEL_KIND_WALLTIME] = HAWK_CEL_TIME, [HAWK_CEL_KIND_DURATION] = HAWK_CEL_DURATION,
		[HAWK_CEL_KIND_IP] = HAWK_CEL_IP, [HAWK_CEL_KIND_STRING] = HAWK_CEL_STRING,
		[HAWK_CEL_KIND_STRINGS] = HAWK_CEL_LIST, [HAWK_CEL_KIND_SOCKADDR] = HAWK_CEL_UNKNOWN,
		[HAWK_CEL_KIND_OPEN_HOW] = HAWK_CEL_UINT,
	};

	return s->many ? HAWK_CEL_LIST : types[s->kind];
}

/* Lists of descriptors, and of what stands behind a pointer more than once. */
static bool is_many(const struct hawk_part *part)
{
	return strcmp(part->name, "fds") == 0 || part->owner == HAWK_T_FDPAIR || part->owner == HAWK_T_CAPDATA;
}

/* The shape of fields of TYPE, of which PART (NULL: all) is read. Returns false when they have no such part. */
static bool make_shape(enum hawk_type type, const char *part, struct hawk_cel_shape *ret)
{
	*ret = (struct hawk_cel_shape){ .owner = (uint8_t)type, .type = (uint8_t)type };
	if (hawk_type_desc(type)->vclass == HAWK_V_TASK)
		return false;
	ret->inside = hawk_part_find(type, part ? part : "", &ret->part) == 0;
	if (part && !ret->inside)
		return false;
	if (ret->inside) {
		ret->type = ret->part.type;
		ret->many = is_many(&ret->part);
	}
	ret->kind = (uint8_t)kind_of(ret->type);
	return true;
}

/* The number of SHAPE in F, added if it is new; -ENOMEM. */
static int add_shape(struct hawk_cel *cel, struct hawk_cel_field *f, const struct hawk_cel_shape *shape)
{
	struct hawk_cel_shape *all;

	for (size_t i = 0; i < f->n_shapes; i++)
		if (f->shapes[i].owner == shape->owner)
			return (int)i;
	all = hawk_cel_own(cel, (f->n_shapes + 1) * sizeof(*all));
	if (!all)
		return -ENOMEM;
	if (f->n_shapes)
		memcpy(all, f->shapes, f->n_shapes * sizeof(*all));
	all[f->n_shapes] = *shape;
	f->shapes = all;
	return (int)f->n_shapes++;
}

static bool in_scope(const struct hawk_cel_scope *scope, size_t row)
{
	return !scope->events || (scope->events[row / 64] >> row % 64 & 1);
}

/* The column of the data field FIELD; of Tracee's name for one when it is an ARGUMENT. */
static int column_of(const struct hawk_event_desc *desc, const char *field, bool argument)
{
	if (!argument)
		return hawk_event_field(desc, field);
	/* the arguments of a finding are its outputs */
	return desc->id == HAWK_EV_FINDING ? -1 : hawk_tracee_field(desc, field, strlen(field));
}

/* Where FIELD is in the events of the scope. Returns how many have it, or -ENOMEM. */
static int find_places(struct hawk_cel_compiler *c, const char *field, const char *part, bool argument,
		       struct hawk_cel_field *f)
{
	int8_t *columns = hawk_cel_own(c->cel, HAWK_EVENT_ID_MAX);
	uint8_t *places = hawk_cel_own(c->cel, HAWK_EVENT_ID_MAX);
	size_t n;
	const struct hawk_event_desc *const *descs = hawk_event_descs(&n);
	int found = 0;

	if (!columns || !places)
		return -ENOMEM;
	memset(columns, -1, HAWK_EVENT_ID_MAX);
	f->columns = columns;
	f->places = places;
	for (size_t i = 0; i < n; i++) {
		int column = in_scope(c->scope, i) ? column_of(descs[i], field, argument) : -1, shape;
		struct hawk_cel_shape one;

		if (column < 0 || !make_shape(descs[i]->fields[column].type, part, &one))
			continue;
		shape = add_shape(c->cel, f, &one);
		if (shape < 0)
			return shape;
		columns[descs[i]->id] = (int8_t)column;
		places[descs[i]->id] = (uint8_t)shape;
		found++;
	}
	return found;
}

/* Makes NODE the field F. */
static int add_field(struct hawk_cel_compiler *c, uint16_t node, struct hawk_cel_field *f, const char *name)
{
	struct hawk_cel *cel = c->cel;
	struct hawk_cel_field *fields = realloc(cel->fields, (cel->n_fields + 1) * sizeof(*fields));
	struct hawk_cel_node *n = &cel->nodes[node];

	if (!fields)
		return -ENOMEM;
	cel->fields = fields;
	f->name = hawk_cel_own_text(cel, name, strlen(name));
	if (!f->name)
		return -ENOMEM;
	n->op = HAWK_CEL_OP_FIELD;
	n->first = HAWK_CEL_NONE;
	n->n = 0;
	n->index = (uint16_t)cel->n_fields;
	n->type = (uint8_t)type_of(&f->shapes[0]);
	n->elem = HAWK_CEL_STRING;
	for (size_t i = 0; i < f->n_shapes; i++) {
		if (type_of(&f->shapes[i]) != n->type)
			n->type = HAWK_CEL_UNKNOWN;
		if (f->shapes[i].many)
			n->elem = HAWK_CEL_UNKNOWN;
	}
	fields[cel->n_fields++] = *f;
	return 0;
}

static bool same_field(const struct hawk_cel_field *f, const char *name)
{
	return strcmp(f->name, name) == 0;
}

/* A field of the data of events: FIELD, or PART of it. -ENOENT: none of the scope's events has it. */
static int resolve_data(struct hawk_cel_compiler *c, uint16_t node, const char *name, const char *field,
			const char *part)
{
	struct hawk_cel_field f = { .field.scope = HAWK_SCOPE_DATA };
	int r = find_places(c, field, part, false, &f);

	if (r <= 0)
		return r < 0 ? r : -ENOENT;
	return add_field(c, node, &f, name);
}

/* "data.addr.sin_port": a dot behind the name of a data field. */
static int resolve_part(struct hawk_cel_compiler *c, uint16_t node, const char *name)
{
	const char *dot = strchr(name + strlen("data."), '.');
	char field[NAME_BYTES];
	int r = -ENOENT;

	for (; r == -ENOENT && dot && (size_t)(dot - name) < sizeof(field); dot = strchr(dot + 1, '.')) {
		memcpy(field, name, (size_t)(dot - name));
		field[dot - name] = '\0';
		r = resolve_data(c, node, name, field + strlen("data."), dot + 1);
	}
	return r;
}

int hawk_cel_resolve_field(struct hawk_cel_compiler *c, uint16_t node, const char *name)
{
	struct hawk_cel_field f = { .n_shapes = 0 };
	struct hawk_cel_shape shape;
	char full[NAME_BYTES];
	int r;

	if (strncmp(name, "data.", 5) == 0 && strncmp(name, "data.previous.", 14) != 0) {
		for (size_t i = 0; i < c->cel->n_fields; i++) {
			if (!same_field(&c->cel->fields[i], name))
				continue;
			f = c->cel->fields[i];
			return add_field(c, node, &f, name);
		}
		r = resolve_data(c, node, name, name + 5, NULL);
		return r == -ENOENT ? resolve_part(c, node, name) : r;
	}
	if (hawk_field_find(name, &f.field) < 0)
		return -ENOENT;
	make_shape(f.field.type, NULL, &shape);
	r = add_shape(c->cel, &f, &shape);
	snprintf(full, sizeof(full), "%s%s", f.field.scope == HAWK_SCOPE_PREVIOUS ? "data.previous." : "", f.field.name);
	return r < 0 ? r : add_field(c, node, &f, full);
}

/* The name of the data field that F is in all events of the scope, with none that has such a field and another F. */
static const char *common_name(struct hawk_cel_compiler *c, const struct hawk_cel_field *f)
{
	size_t n;
	const struct hawk_event_desc *const *descs = hawk_event_descs(&n);
	const char *name = NULL;

	for (size_t i = 0; i < n && !name; i++)
		if (f->columns[descs[i]->id] >= 0)
			name = descs[i]->fields[f->columns[descs[i]->id]].name;
	for (size_t i = 0; i < n && name; i++)
		if (in_scope(c->scope, i) && hawk_event_field(descs[i], name) != f->columns[descs[i]->id])
			return NULL;
	return name;
}

int hawk_cel_resolve_argument(struct hawk_cel_compiler *c, uint16_t node, const char *name)
{
	struct hawk_cel_field f = { .field.scope = HAWK_SCOPE_DATA };
	int found = find_places(c, name, NULL, true, &f), r;
	char full[NAME_BYTES] = "";

	if (found <= 0)
		return found;
	name = common_name(c, &f);
	if (name)
		snprintf(full, sizeof(full), "data.%s", name);
	r = add_field(c, node, &f, full);
	/* what is a number or an address here may be text there */
	if (c->cel->nodes[node].type != HAWK_CEL_STRING && c->cel->nodes[node].type != HAWK_CEL_LIST &&
	    c->cel->nodes[node].type != HAWK_CEL_BOOL)
		c->cel->nodes[node].type = HAWK_CEL_UNKNOWN;
	return r < 0 ? r : found;
}

/* Offers the fields of the scope's events, and whether any event at all has NAME. */
static bool offer_data(struct hawk_cel_compiler *c, struct hawk_nearest *near, const char *name)
{
	size_t n;
	const struct hawk_event_desc *const *descs = hawk_event_descs(&n);
	bool elsewhere = false;

	for (size_t i = 0; i < n; i++) {
		elsewhere |= hawk_event_field(descs[i], name) >= 0;
		for (size_t f = 0; in_scope(c->scope, i) && f < descs[i]->n_fields; f++)
			hawk_nearest_offer(near, descs[i]->fields[f].name);
	}
	return elsewhere;
}

/* Offers the parts of the data field that NAME begins with. */
static void offer_parts(struct hawk_cel_compiler *c, struct hawk_nearest *near, const char *field, size_t len)
{
	size_t n;
	const struct hawk_event_desc *const *descs = hawk_event_descs(&n);
	struct hawk_part part;

	for (size_t i = 0; i < n; i++)
		for (size_t f = 0; in_scope(c->scope, i) && f < descs[i]->n_fields; f++) {
			const char *name = descs[i]->fields[f].name;

			if (strncmp(name, field, len) != 0 || name[len])
				continue;
			for (size_t k = 0; hawk_part_nth(descs[i]->fields[f].type, k, &part) == 0; k++)
				hawk_nearest_offer(near, part.name);
		}
}

static int refuse_data(struct hawk_cel_compiler *c, size_t at, const char *name)
{
	struct hawk_nearest near = hawk_nearest_start(name);
	const char *dot = strchr(name, '.');
	bool elsewhere = offer_data(c, &near, name);

	if (dot && !near.best) {
		near = hawk_nearest_start(dot + 1);
		offer_parts(c, &near, name, (size_t)(dot - name));
		return hawk_cel_refuse(c, at, "none of these events has data.%s%s%.*s%s%s", name,
				       near.best ? "; did you mean data." : "", near.best ? (int)(dot - name) : 0, name,
				       near.best ? "." : "", near.best ? near.best : "");
	}
	return hawk_cel_refuse(c, at, "%s data.%s%s%s", elsewhere ? "other events have, but none of these has," :
			       c->scope->events ? "none of these events has" : "no event has",
			       name, near.best ? "; did you mean data." : "", near.best ? near.best : "");
}

static void offer_scope(const struct hawk_cel_scope *scope, struct hawk_nearest *near)
{
	for (size_t i = 0; i < scope->n_variables; i++)
		hawk_nearest_offer(near, scope->variables[i].name);
	for (size_t i = 0; i < scope->n_lists; i++)
		hawk_nearest_offer(near, scope->lists[i].name);
}

int hawk_cel_refuse_name(struct hawk_cel_compiler *c, size_t at, const char *name)
{
	static const char *const heads[] = { "parent.", "process.", "" };
	const size_t skip = strlen("process.");
	struct hawk_nearest near;
	const char *head = "";

	if (strncmp(name, "data.", 5) == 0)
		return refuse_data(c, at, name + 5);
	for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++) {
		head = heads[i];
		if (strncmp(name, head, strlen(head)) == 0)
			break;
	}
	near = hawk_nearest_start(name + strlen(head));
	if (!*head) {
		if (offer_data(c, &near, name))
			return hawk_cel_refuse(c, at, "there is no field %s; did you mean data.%s", name, name);
		near = hawk_nearest_start(name);
		offer_scope(c->scope, &near);
		hawk_nearest_offer(&near, "event");
		hawk_nearest_offer(&near, "ancestors");
	}
	for (size_t i = 0; i < hawk_process_fields(); i++)
		hawk_nearest_offer(&near, hawk_process_field(i)->name + skip);
	return hawk_cel_refuse(c, at, "there is no field, list or variable %s%s%s%s", name,
			       near.best ? "; did you mean " : "", near.best ? head : "", near.best ? near.best : "");
}
