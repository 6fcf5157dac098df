/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Names of fields, events and sets. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/buf.h"
#include "src/base/cleanup.h"
#include "src/base/nearest.h"
#include "src/ir/check.h"

static uint16_t rows[HAWK_EVENT_ID_MAX];

/* Before main: asked for each condition of each event, by those who never parsed anything, too. */
__attribute__((constructor)) static void fill_rows(void)
{
	size_t n;
	const struct hawk_event_desc *const *descs = hawk_event_descs(&n);

	for (size_t i = 0; i < n; i++)
		rows[descs[i]->id] = (uint16_t)i;
}

size_t hawk_ir_row(const struct hawk_event_desc *desc)
{
	return rows[desc->id];
}

static const char *const special[] = {
	[HAWK_IR_EVENT] = "event",
	[HAWK_IR_SET] = "set",
	[HAWK_IR_TREE] = "tree",
};

#define ANCESTOR "ancestor."
#define PARENT "parent."

void hawk_ir_print_name(const struct hawk_ir_condition *c, struct hawk_buf *out)
{
	if (c->subject == HAWK_IR_FIELD && c->field.scope == HAWK_SCOPE_DATA)
		hawk_buf_lit(out, "data.");
	if (c->subject == HAWK_IR_FIELD && c->field.scope == HAWK_SCOPE_PREVIOUS)
		hawk_buf_lit(out, "data.previous.");
	if (c->subject == HAWK_IR_ANCESTOR)
		hawk_buf_printf(out, ANCESTOR "%s", c->field.name + strlen(PARENT));
	else
		hawk_buf_puts(out, c->subject == HAWK_IR_FIELD ? c->field.name : special[c->subject]);
	if (c->part) {
		hawk_buf_putc(out, '.');
		hawk_buf_puts(out, c->part);
	}
}

static void offer_data(struct hawk_nearest *near)
{
	size_t n;
	const struct hawk_event_desc *const *descs = hawk_event_descs(&n);

	for (size_t i = 0; i < n; i++)
		for (size_t f = 0; f < descs[i]->n_fields; f++)
			hawk_nearest_offer(near, descs[i]->fields[f].name);
}

static void offer_previous(struct hawk_nearest *near)
{
	size_t n;
	const struct hawk_task_fact *facts = hawk_task_credentials(&n);

	for (size_t i = 0; i < n; i++)
		hawk_nearest_offer(near, facts[i].name);
}

static bool is_data(const char *name)
{
	size_t n;
	const struct hawk_event_desc *const *descs = hawk_event_descs(&n);

	for (size_t i = 0; i < n; i++)
		if (hawk_event_field(descs[i], name) >= 0)
			return true;
	return false;
}

/* Says that there is no field NAME, and the nearest name with the same head ("data.", "parent.", …). */
static int refuse_name(const char *name, struct hawk_ir_fault *fault)
{
	static const char *const heads[] = { "data.previous.", "data.", PARENT, ANCESTOR, "process.", "" };
	const size_t skip = strlen("process.");
	const char *head = "";
	struct hawk_nearest near;

	for (size_t i = 0; i < ARRAY_SIZE(heads); i++) {
		head = heads[i];
		if (strncmp(name, head, strlen(head)) == 0)
			break;
	}
	near = hawk_nearest_start(name + strlen(head));
	if (!*head && is_data(name)) {
		head = "data.";
		near.best = name;
	} else if (strcmp(head, "data.") == 0) {
		offer_data(&near);
	} else if (strcmp(head, "data.previous.") == 0) {
		offer_previous(&near);
	} else {
		for (size_t i = 0; i < hawk_process_fields(); i++)
			hawk_nearest_offer(&near, hawk_process_field(i)->name + skip);
		for (size_t i = HAWK_IR_EVENT; !*head && i < ARRAY_SIZE(special); i++)
			hawk_nearest_offer(&near, special[i]);
	}
	return hawk_ir_refuse(fault, "there is no field \"%.64s\"%s%s%s", name,
			      near.best ? "; did you mean " : "", near.best ? head : "",
			      near.best ? near.best : "");
}

/*
 * PART of the data field that C has. Returns 0 when some event has such a field with such a part, else -EINVAL with
 * the message set.
 */
static int resolve_part(struct hawk_ir_condition *c, const char *part, struct hawk_ir_fault *fault)
{
	struct hawk_nearest near = hawk_nearest_start(part);
	struct hawk_part one;
	bool any = false;
	size_t n;
	const struct hawk_event_desc *const *descs = hawk_event_descs(&n);

	for (size_t i = 0; i < n; i++) {
		int column = hawk_event_field(descs[i], c->field.name);

		for (size_t k = 0; column >= 0 && hawk_part_nth(descs[i]->fields[column].type, k, &one) == 0; k++) {
			if (*part && strcmp(one.name, part) == 0) {
				c->part = one.name;
				return 0;
			}
			hawk_nearest_offer(&near, one.name);
			any |= *one.name;
		}
	}
	if (!any)
		return hawk_ir_refuse(fault, "data.%s has no members: it is %s", c->field.name,
				      hawk_type_desc(c->field.type)->doc);
	return hawk_ir_refuse(fault, "data.%s has no member \"%.64s\"%s%s%s%s", c->field.name, part,
			      near.best ? "; did you mean data." : "", near.best ? c->field.name : "",
			      near.best ? "." : "", near.best ? near.best : "");
}

/* A name with a dot behind that of a data field: "data.addr.sun_path". Returns -ENOENT when it is none. */
static int resolve_inside(struct hawk_ir_condition *c, const char *name, struct hawk_ir_fault *fault)
{
	const char *dot = strncmp(name, "data.", 5) == 0 ? strchr(name + 5, '.') : NULL;
	char field[HAWK_NEAREST_MAX + 1];

	for (; dot && (size_t)(dot - name) < sizeof(field); dot = strchr(dot + 1, '.')) {
		memcpy(field, name, (size_t)(dot - name));
		field[dot - name] = '\0';
		if (hawk_field_find(field, &c->field) == 0)
			return resolve_part(c, dot + 1, fault);
	}
	return -ENOENT;
}

/* "ancestor.exe" is "parent.exe" of any of them. */
static bool resolve_ancestor(struct hawk_ir_condition *c, const char *name)
{
	char parent[HAWK_NEAREST_MAX + sizeof(PARENT)];

	if (strncmp(name, ANCESTOR, strlen(ANCESTOR)) != 0)
		return false;
	if ((size_t)snprintf(parent, sizeof(parent), PARENT "%s", name + strlen(ANCESTOR)) >= sizeof(parent) ||
	    hawk_field_find(parent, &c->field) < 0)
		return false;
	c->subject = HAWK_IR_ANCESTOR;
	return true;
}

int hawk_ir_resolve(struct hawk_ir_condition *c, const char *name, struct hawk_ir_fault *fault)
{
	int r;

	for (size_t i = HAWK_IR_EVENT; i < ARRAY_SIZE(special); i++)
		if (strcmp(name, special[i]) == 0) {
			c->subject = (enum hawk_ir_subject)i;
			return 0;
		}
	c->subject = HAWK_IR_FIELD;
	if (hawk_field_find(name, &c->field) == 0)
		return 0;
	if (resolve_ancestor(c, name))
		return 0;
	r = resolve_inside(c, name, fault);
	return r == -ENOENT ? refuse_name(name, fault) : r;
}

static bool matches(const struct hawk_ir_value *v, const char *name)
{
	return hawk_ir_match(v, (const uint8_t *)name, strlen(name));
}

/* The events named by V; a pattern is compared with canonical names. */
static bool select_events(const struct hawk_ir_value *v, uint64_t *bits)
{
	size_t n;
	const struct hawk_event_desc *const *descs = hawk_event_descs(&n);
	const struct hawk_event_desc *one = v->pattern == HAWK_IR_EXACT ? hawk_event_by_name(v->text) : NULL;
	bool any = false;

	for (size_t i = 0; i < n; i++) {
		if (one ? descs[i] != one : !matches(v, descs[i]->name))
			continue;
		bits[i / 64] |= 1ULL << i % 64;
		any = true;
	}
	return any;
}

static bool select_set(const struct hawk_ir_value *v, uint64_t *bits)
{
	size_t n;
	const struct hawk_event_desc *const *descs = hawk_event_descs(&n);
	bool any = false;

	for (size_t i = 0; i < n; i++) {
		if (!hawk_event_in_set(descs[i], v->text))
			continue;
		bits[i / 64] |= 1ULL << i % 64;
		any = true;
	}
	return any;
}

/* Offers each name of a comma-separated list. KEEP owns the copies that stay offered. */
static void offer_list(struct hawk_nearest *near, const char *list, char keep[HAWK_NEAREST_MAX + 1])
{
	while (*list) {
		char name[HAWK_NEAREST_MAX + 1];
		size_t len = strcspn(list, ",");

		if (len < sizeof(name)) {
			memcpy(name, list, len);
			name[len] = '\0';
			hawk_nearest_offer(near, name);
			if (near->best == name) {
				memcpy(keep, name, len + 1);
				near->best = keep;
			}
		}
		list += len + (list[len] == ',');
	}
}

static int refuse_event(const struct hawk_ir_condition *c, const struct hawk_ir_value *v,
			struct hawk_ir_fault *fault)
{
	struct hawk_nearest near = hawk_nearest_start(v->text);
	char keep[HAWK_NEAREST_MAX + 1];
	size_t n;
	const struct hawk_event_desc *const *descs = hawk_event_descs(&n);

	for (size_t i = 0; i < n; i++) {
		if (c->subject == HAWK_IR_SET) {
			offer_list(&near, descs[i]->sets, keep);
			continue;
		}
		hawk_nearest_offer(&near, descs[i]->name);
		offer_list(&near, descs[i]->aliases, keep);
	}
	return hawk_ir_refuse(fault, "there is no %s \"%.64s\"%s%s", special[c->subject], v->text,
		      near.best ? "; did you mean " : "", near.best ? near.best : "");
}

int hawk_ir_check_events(struct hawk_ir_condition *c, struct hawk_ir_fault *fault)
{
	c->events = calloc(HAWK_IR_ROW_WORDS, sizeof(*c->events));
	if (!c->events)
		return -ENOMEM;
	if (c->compare != HAWK_IR_EQ && c->compare != HAWK_IR_NE)
		return hawk_ir_refuse(fault, "%s takes = and != only", special[c->subject]);
	for (size_t i = 0; i < c->n_values; i++) {
		const struct hawk_ir_value *v = &c->values[i];

		fault->at = v->at;
		if (c->subject == HAWK_IR_SET && v->pattern != HAWK_IR_EXACT)
			return hawk_ir_refuse(fault, "set takes whole names only, without *");
		if (v->pattern >= HAWK_IR_ANY_BIT)
			return hawk_ir_refuse(fault, "event takes = != ~= and !~ only");
		if (!(c->subject == HAWK_IR_SET ? select_set : select_events)(v, c->events))
			return refuse_event(c, v, fault);
	}
	return 0;
}
