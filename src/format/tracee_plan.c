/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which arguments an event has for Tracee, from src/event/tracee.h and by rule. */
#include "src/format/tracee.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "src/base/cleanup.h"
#include "src/event/tracee.h"

/* Events that Tracee does not have: its own numbers end below. */
#define FOREIGN_ID 10000U

static const struct hawk_tracee_kind kinds[] = {
	{ "object", HAWK_TRACEE_NATIVE, 0 }, /* first */
	{ "uint8", HAWK_TRACEE_UNSIGNED, 8 },
	{ "uint16", HAWK_TRACEE_UNSIGNED, 16 },
	{ "uint32", HAWK_TRACEE_UNSIGNED, 32 },
	{ "uint64", HAWK_TRACEE_UNSIGNED, 64 },
	{ "trace.Pointer", HAWK_TRACEE_UNSIGNED, 64 },
	{ "int8", HAWK_TRACEE_SIGNED, 8 },
	{ "int16", HAWK_TRACEE_SIGNED, 16 },
	{ "int32", HAWK_TRACEE_SIGNED, 32 },
	{ "int64", HAWK_TRACEE_SIGNED, 64 },
	{ "bool", HAWK_TRACEE_BOOLEAN, 0 },
	{ "string", HAWK_TRACEE_STRING, 0 },
	{ "[]string", HAWK_TRACEE_STRINGS, 0 },
	{ "[]byte", HAWK_TRACEE_BYTES, 0 },
	{ "SockAddr", HAWK_TRACEE_ADDRESS, 0 },
	{ "time.Time", HAWK_TRACEE_TIME, 0 },
	{ "float64", HAWK_TRACEE_SECONDS, 0 },
	{ "[2]int", HAWK_TRACEE_PAIR, 0 },
	{ "constant", HAWK_TRACEE_CONSTANT, 0 },
	{ "bit0", HAWK_TRACEE_BIT, 0 },
	{ "bit1", HAWK_TRACEE_BIT, 1 },
	{ "bit2", HAWK_TRACEE_BIT, 2 },
	{ "bit3", HAWK_TRACEE_BIT, 3 },
	{ "bit4", HAWK_TRACEE_BIT, 4 },
	{ "bit5", HAWK_TRACEE_BIT, 5 },
	{ "bit6", HAWK_TRACEE_BIT, 6 },
	{ "bit7", HAWK_TRACEE_BIT, 7 },
	{ "bit8", HAWK_TRACEE_BIT, 8 },
	{ "bit9", HAWK_TRACEE_BIT, 9 },
	{ "bit10", HAWK_TRACEE_BIT, 10 },
	{ "bit15", HAWK_TRACEE_BIT, 15 },
	{ "words", HAWK_TRACEE_WORDS, 0 },
	{ "direction", HAWK_TRACEE_DIRECTION, 0 },
	{ "transport", HAWK_TRACEE_TRANSPORT, 0 },
	{ "headers", HAWK_TRACEE_HEADERS, 0 },
	{ "questions", HAWK_TRACEE_QUESTIONS, 0 },
	{ "records", HAWK_TRACEE_RECORDS, 0 },
	{ "answers", HAWK_TRACEE_ANSWERS, 0 },
};

#define ARGS_MAX (2 * HAWK_EVENT_FIELDS_MAX)

static const struct {
	enum hawk_type type;
	const char *kind;
} memory[] = {
#define FITS(type, kind) { HAWK_T_##type, kind },
#include "src/format/tracee.def"
};

static struct hawk_tracee_keys *keys_of_id[HAWK_EVENT_ID_MAX];
static pthread_once_t once = PTHREAD_ONCE_INIT;
static int prepared;

static const struct hawk_tracee_kind *kind_named(const char *name, size_t len)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (strncmp(kinds[i].name, name, len) == 0 && !kinds[i].name[len])
			return &kinds[i];
	return &kinds[0];
}

static const struct hawk_tracee_kind *number_kind(enum hawk_type type)
{
	const struct hawk_type_desc *desc = hawk_type_desc(type);
	const bool negative = desc->vclass == HAWK_V_SINT;
	const enum hawk_tracee_how how = negative ? HAWK_TRACEE_SIGNED : HAWK_TRACEE_UNSIGNED;

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (kinds[i].how == how && kinds[i].bits == 8 * desc->size)
			return &kinds[i];
	return &kinds[0];
}

static bool is_number(enum hawk_type type)
{
	enum hawk_vclass vclass = hawk_type_desc(type)->vclass;

	return vclass == HAWK_V_UINT || vclass == HAWK_V_SINT;
}

/* The type of Tracee that a type of ours has by rule. */
static const struct hawk_tracee_kind *own_kind(enum hawk_type type)
{
	const char *name = NULL;

	switch (hawk_json_how(type)) {
	case HAWK_JSON_BOOL:
		name = "bool";
		break;
	case HAWK_JSON_HEX:
		name = "trace.Pointer";
		break;
	case HAWK_JSON_BOOTTIME:
		name = "time.Time";
		break;
	case HAWK_JSON_STRING:
	case HAWK_JSON_IP:
		name = "string";
		break;
	case HAWK_JSON_STRINGS:
		name = "[]string";
		break;
	case HAWK_JSON_BYTES:
		name = "[]byte";
		break;
	case HAWK_JSON_SOCKADDR:
		name = "SockAddr";
		break;
	default:
		return is_number(type) ? number_kind(type) : &kinds[0];
	}
	return kind_named(name, strlen(name));
}

/* True when a value of TYPE can be written as KIND. */
static bool fits(const struct hawk_tracee_kind *kind, enum hawk_type type)
{
	for (size_t i = 0; i < ARRAY_SIZE(memory); i++)
		if (memory[i].type == type && strcmp(memory[i].kind, kind->name) == 0)
			return true;
	switch ((enum hawk_tracee_how)kind->how) {
	case HAWK_TRACEE_UNSIGNED:
	case HAWK_TRACEE_SIGNED:
	case HAWK_TRACEE_BOOLEAN:
		return is_number(type);
	case HAWK_TRACEE_TIME:
		return type == HAWK_T_TIME || type == HAWK_T_WALLTIME;
	case HAWK_TRACEE_STRING:
		return is_number(type) || own_kind(type)->how == HAWK_TRACEE_STRING;
	case HAWK_TRACEE_STRINGS:
	case HAWK_TRACEE_BYTES:
	case HAWK_TRACEE_ADDRESS:
		return own_kind(type)->how == kind->how;
	case HAWK_TRACEE_BIT:
	case HAWK_TRACEE_WORDS:
		return is_number(type);
	case HAWK_TRACEE_DIRECTION:
		return type == HAWK_T_PACKET_DIRECTION;
	case HAWK_TRACEE_TRANSPORT:
		return type == HAWK_T_BOOL;
	case HAWK_TRACEE_HEADERS:
	case HAWK_TRACEE_QUESTIONS:
	case HAWK_TRACEE_RECORDS:
	case HAWK_TRACEE_ANSWERS:
		return type == HAWK_T_STRV;
	case HAWK_TRACEE_CONSTANT:
		return true;
	case HAWK_TRACEE_NATIVE:
	case HAWK_TRACEE_SECONDS:
	case HAWK_TRACEE_PAIR:
		break;
	}
	return false;
}

/* A value of TYPE, written as KIND behind the text PREFIX, which it takes over. */
static void prepare_value(struct hawk_tracee_value *v, enum hawk_type type,
			  const struct hawk_tracee_kind *kind, struct hawk_buf *prefix)
{
	v->kind = kind;
	v->key = (struct hawk_json_key){
		.text = prefix->data,
		.len = (uint16_t)prefix->len,
		.type = (uint8_t)type,
		.how = (uint8_t)hawk_json_how(type),
	};
}

/* The kind that WORD, "name:type …", wants for a value of TYPE. */
static const struct hawk_tracee_kind *kind_for(const char *word, enum hawk_type type)
{
	const size_t name = strcspn(word, ":");
	const struct hawk_tracee_kind *kind = &kinds[0];

	if (word[name])
		kind = kind_named(word + name + 1, strcspn(word + name + 1, " "));
	return fits(kind, type) ? kind : own_kind(type);
}

static int add(struct hawk_tracee_keys *k, const struct hawk_event_desc *desc, const char *word,
	       uint16_t field)
{
	struct hawk_buf text = HAWK_BUF_INIT;
	const enum hawk_type type = desc->fields[field].type;
	const struct hawk_tracee_kind *kind = kind_for(word, type);
	struct hawk_tracee_arg *a = &k->arg[k->n];

	hawk_buf_printf(&text, ",{\"name\":\"%.*s\",\"type\":\"%s\",\"value\":", (int)strcspn(word, ":"),
											      word,
			kind->name);
	if (text.error)
		return text.error;
	a->value.field = field;
	prepare_value(&a->value, type, kind, &text);
	k->n++;
	return 0;
}

/* What stands behind the sign in "member=constant"; NULL: it is no constant. */
static const char *constant_in(const char *member)
{
	const size_t name = strcspn(member, ":=");

	return member[name] == '=' ? member + name + 1 : NULL;
}

static int add_part(struct hawk_tracee_arg *a, const struct hawk_event_desc *desc, const char *member,
		    int field)
{
	struct hawk_buf text = HAWK_BUF_INIT;
	const enum hawk_type type = desc->fields[field].type;
	struct hawk_tracee_value *v = &a->parts[a->n_parts];
	const size_t dot = strcspn(member, ".:");

	if (member[dot] == '.') {
		v->group = member;
		member += dot + 1;
	}
	hawk_buf_printf(&text, ",\"%.*s\":%s", (int)strcspn(member, ":="), member,
			constant_in(member) ? constant_in(member) : "");
	if (text.error)
		return text.error;
	v->field = (uint16_t)field;
	prepare_value(v, type, constant_in(member) ? kind_named("constant", strlen("constant")) :
		      kind_for(member, type), &text);
	a->n_parts++;
	return 0;
}

/* False when the field has more to tell than the member of the structure does. */
static bool tells_all(const struct hawk_tracee_value *part)
{
	switch ((enum hawk_tracee_how)part->kind->how) {
	case HAWK_TRACEE_CONSTANT:
	case HAWK_TRACEE_BIT:
	case HAWK_TRACEE_RECORDS: /* data of many types have no member */
	case HAWK_TRACEE_ANSWERS: /* nor has the name */
		return false;
	default:
		return true;
	}
}

/* Adds argument WORD as a structure of fields when it is one (tracee_args.def). */
static int add_structure(struct hawk_tracee_keys *k, const struct hawk_event_desc *desc, const char *word,
			 bool *used)
{
	const char *type = word + strcspn(word, ":");
	const size_t len = *type ? strcspn(++type, " ") : 0;
	struct hawk_tracee_arg *a = &k->arg[k->n];
	struct hawk_buf text = HAWK_BUF_INIT;
	size_t n_parts;
	const struct hawk_tracee_part *parts = hawk_tracee_parts(&n_parts);
	int r = 0;

	a->parts = calloc(n_parts, sizeof(*a->parts));
	if (!a->parts)
		return -ENOMEM;
	for (size_t i = 0; i < n_parts && !r; i++) {
		const bool other = strncmp(parts[i].type, type, len) != 0 || parts[i].type[len];
		int field = other ? -1 : hawk_tracee_part_field(desc, &parts[i], word, strcspn(word, ":"));

		if (field < 0)
			continue;
		r = add_part(a, desc, parts[i].member, field);
		used[field] |= r == 0 && tells_all(&a->parts[a->n_parts - 1]);
	}
	if (r || !a->n_parts) {
		free(a->parts);
		a->parts = NULL;
		return r;
	}
	hawk_buf_printf(&text, ",{\"name\":\"%.*s\",\"type\":\"%.*s\",\"value\":", (int)strcspn(word, ":"),
												word,
			(int)len, type);
	a->value.key = (struct hawk_json_key){ .text = text.data, .len = (uint16_t)text.len };
	a->list = *type == '[';
	k->n++;
	return text.error;
}

static bool skipped(const struct hawk_field_desc *field)
{
	return !hawk_field_shown(field) || field->type == HAWK_T_RETVAL || field->type == HAWK_T_ERRNO;
}

/* The arguments as Tracee has them, then what is left of our fields. */
static int add_args(struct hawk_tracee_keys *k, const struct hawk_event_desc *desc,
		    const struct hawk_tracee_event *row)
{
	bool used[HAWK_EVENT_FIELDS_MAX] = { false };
	const char *word = row ? row->args : "";
	int r = 0;

	while (*word && !r && k->n < HAWK_EVENT_FIELDS_MAX) {
		int field = hawk_tracee_field(desc, word, strcspn(word, ":"));

		if (field >= 0) {
			r = add(k, desc, word, (uint16_t)field);
			used[field] = true;
		} else {
			r = add_structure(k, desc, word, used);
		}
		word += strcspn(word, " ");
		word += *word == ' ';
	}
	for (uint16_t i = 0; i < desc->n_fields && !r; i++)
		if (!used[i] && !skipped(&desc->fields[i]))
			r = add(k, desc, desc->fields[i].name, i);
	return r;
}

static int prepare_event(const struct hawk_event_desc *desc, const struct hawk_tracee_event *row)
{
	struct hawk_tracee_keys *k = calloc(1, sizeof(*k) + ARGS_MAX * sizeof(k->arg[0]));
	char *id;

	if (!k)
		return -ENOMEM;
	keys_of_id[desc->id] = k;
	if (asprintf(&id, "%u", row ? row->id : FOREIGN_ID + desc->id) < 0)
		return -ENOMEM;
	k->id = id;
	k->name = row ? row->name : desc->name;
	k->syscall = desc->syscall ? k->name : "";
	k->retval = -1;
	for (int i = 0; i < desc->n_fields; i++)
		if (desc->fields[i].type == HAWK_T_RETVAL)
			k->retval = i;
	return add_args(k, desc, row);
}

static void prepare(void)
{
	size_t n;
	const struct hawk_event_desc *const *descs = hawk_event_descs(&n);

	for (size_t i = 0; i < n && !prepared; i++)
		prepared = prepare_event(descs[i], hawk_tracee_event(descs[i]));
}

int hawk_tracee_prepare(void)
{
	pthread_once(&once, prepare);
	return prepared;
}

const struct hawk_tracee_keys *hawk_tracee_keys(const struct hawk_event_desc *desc)
{
	return keys_of_id[desc->id];
}
