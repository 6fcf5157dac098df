/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Events as Tracee writes them. What is there for which event is worked out
 * once (tracee.def, tracee_events.def); an event is then a walk over a list.
 */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "src/base/cleanup.h"
#include "src/event/names.h"
#include "src/format/foreign.h"

/* Events that Tracee does not have: its own numbers end below. */
#define FOREIGN_ID 10000U

/* The types of Tracee that have a value of their own; of any other type the value is that of the native JSON. */
enum how { NATIVE, UNSIGNED, SIGNED, BOOLEAN, STRING, STRINGS, BYTES, ADDRESS, TIME, SECONDS, PAIR };

static const struct kind {
	const char *name;
	uint8_t how; /* enum how */
	uint8_t bits;
} kinds[] = {
	{ "object", NATIVE, 0 }, /* first */
	{ "uint8", UNSIGNED, 8 },
	{ "uint16", UNSIGNED, 16 },
	{ "uint32", UNSIGNED, 32 },
	{ "uint64", UNSIGNED, 64 },
	{ "trace.Pointer", UNSIGNED, 64 },
	{ "int8", SIGNED, 8 },
	{ "int16", SIGNED, 16 },
	{ "int32", SIGNED, 32 },
	{ "int64", SIGNED, 64 },
	{ "bool", BOOLEAN, 0 },
	{ "string", STRING, 0 },
	{ "[]string", STRINGS, 0 },
	{ "[]byte", BYTES, 0 },
	{ "SockAddr", ADDRESS, 0 },
	{ "time.Time", TIME, 0 },
	{ "float64", SECONDS, 0 },
	{ "[2]int", PAIR, 0 },
};

struct arg {
	struct hawk_json_key key; /* {"name":"…","type":"…","value": and the type of the field */
	const struct kind *kind;
	uint16_t field;
};

#define ARGS_MAX (2 * HAWK_EVENT_FIELDS_MAX)

struct keys {
	const char *name, *id, *syscall;
	int retval; /* field of the result; -1: none */
	size_t n;
	struct arg arg[]; /* n of them */
};

static const struct event_row {
	const char *name;
	uint32_t id;
	const char *args;
} events[] = {
#define TRACEE(name, id, args) { name, id, args },
#include "src/format/tracee_events.def"
#undef TRACEE
};

static const struct {
	const char *event, *argument, *field;
} arguments[] = {
#define ARGUMENT(event, argument, field) { event, argument, field },
#include "src/format/tracee.def"
};

static const struct {
	enum hawk_type type;
	const char *kind;
} memory[] = {
#define FITS(type, kind) { HAWK_T_##type, kind },
#include "src/format/tracee.def"
};

static struct keys *keys_of_id[HAWK_EVENT_ID_MAX];
static pthread_once_t once = PTHREAD_ONCE_INIT;
static int prepared;

static const struct kind *kind_named(const char *name, size_t len)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (strncmp(kinds[i].name, name, len) == 0 && !kinds[i].name[len])
			return &kinds[i];
	return &kinds[0];
}

static const struct kind *number_kind(enum hawk_type type)
{
	const struct hawk_type_desc *desc = hawk_type_desc(type);
	const enum how how = desc->vclass == HAWK_V_SINT ? SIGNED : UNSIGNED;

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
static const struct kind *own_kind(enum hawk_type type)
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
static bool fits(const struct kind *kind, enum hawk_type type)
{
	for (size_t i = 0; i < ARRAY_SIZE(memory); i++)
		if (memory[i].type == type && strcmp(memory[i].kind, kind->name) == 0)
			return true;
	switch ((enum how)kind->how) {
	case UNSIGNED:
	case SIGNED:
	case BOOLEAN:
		return is_number(type);
	case TIME:
		return type == HAWK_T_TIME || type == HAWK_T_WALLTIME;
	case STRING:
		return is_number(type) || own_kind(type)->how == STRING;
	case STRINGS:
	case BYTES:
	case ADDRESS:
		return own_kind(type)->how == kind->how;
	case NATIVE:
	case SECONDS:
	case PAIR:
		break;
	}
	return false;
}

static int add(struct keys *k, const struct hawk_event_desc *desc, const char *word, uint16_t field)
{
	struct hawk_buf text = HAWK_BUF_INIT;
	const size_t name = strcspn(word, ":");
	const enum hawk_type type = desc->fields[field].type;
	const struct kind *kind = &kinds[0];
	struct arg *a = &k->arg[k->n];

	if (word[name])
		kind = kind_named(word + name + 1, strcspn(word + name + 1, " "));
	if (!fits(kind, type))
		kind = own_kind(type);
	hawk_buf_printf(&text, ",{\"name\":\"%.*s\",\"type\":\"%s\",\"value\":", (int)name, word, kind->name);
	if (text.error)
		return text.error;
	*a = (struct arg){ .kind = kind, .field = field };
	a->key = (struct hawk_json_key){
		.text = text.data,
		.len = (uint16_t)text.len,
		.type = (uint8_t)type,
		.how = (uint8_t)hawk_json_how(type),
	};
	k->n++;
	return 0;
}

/* The number of words in TEXT, a blank between. */
static size_t words(const char *text)
{
	size_t n = *text != '\0';

	for (; *text; text++)
		n += *text == ' ';
	return n;
}

/* A system call has its arguments before its result. */
static size_t call_arguments(const struct hawk_event_desc *desc)
{
	size_t n = 0;

	while (n < desc->n_fields && desc->fields[n].type != HAWK_T_RETVAL)
		n++;
	return n;
}

/*
 * The data field for argument I, WORD in its row; -1: none. It has the same name, or one that tracee.def says; of
 * system calls with as many arguments the same place.
 */
static int field_of(const struct hawk_event_desc *desc, const struct event_row *row, const char *word, size_t i)
{
	const size_t len = strcspn(word, ":");
	char name[64];
	int field;

	for (size_t a = 0; a < ARRAY_SIZE(arguments); a++)
		if (strcmp(arguments[a].event, row->name) == 0 && strlen(arguments[a].argument) == len &&
		    strncmp(arguments[a].argument, word, len) == 0)
			return hawk_event_field(desc, arguments[a].field);
	snprintf(name, sizeof(name), "%.*s", (int)len, word);
	field = hawk_event_field(desc, name);
	if (field < 0 && desc->syscall && words(row->args) == call_arguments(desc))
		return (int)i;
	return field;
}

static bool skipped(const struct hawk_field_desc *field)
{
	return !hawk_field_shown(field) || field->type == HAWK_T_RETVAL || field->type == HAWK_T_ERRNO;
}

/* The arguments as Tracee has them, then what is left of our fields. */
static int add_args(struct keys *k, const struct hawk_event_desc *desc, const struct event_row *row)
{
	bool used[HAWK_EVENT_FIELDS_MAX] = { false };
	const char *word = row ? row->args : "";
	int r = 0;

	for (size_t i = 0; *word && !r && k->n < HAWK_EVENT_FIELDS_MAX; i++) {
		int field = field_of(desc, row, word, i);

		if (field >= 0) {
			r = add(k, desc, word, (uint16_t)field);
			used[field] = true;
		}
		word += strcspn(word, " ");
		word += *word == ' ';
	}
	for (uint16_t i = 0; i < desc->n_fields && !r; i++)
		if (!used[i] && !skipped(&desc->fields[i]))
			r = add(k, desc, desc->fields[i].name, i);
	return r;
}

static int prepare_event(const struct hawk_event_desc *desc, const struct event_row *row)
{
	struct keys *k = calloc(1, sizeof(*k) + ARGS_MAX * sizeof(k->arg[0]));
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
	static const struct event_row *row_of_id[HAWK_EVENT_ID_MAX];
	size_t n;
	const struct hawk_event_desc *const *descs = hawk_event_descs(&n);

	/* Tracee's name may be an alias of ours; the same name goes before. */
	for (size_t i = 0; i < ARRAY_SIZE(events); i++) {
		const struct hawk_event_desc *desc = hawk_event_by_name(events[i].name);

		if (desc && (!row_of_id[desc->id] || strcmp(desc->name, events[i].name) == 0))
			row_of_id[desc->id] = &events[i];
	}
	for (size_t i = 0; i < n && !prepared; i++)
		prepared = prepare_event(descs[i], row_of_id[descs[i]->id]);
}

struct state {
	struct hawk_json json;
	struct hawk_buf host; /* as a JSON string */
};

static void put_number(const struct state *s, const struct arg *a, const struct hawk_value *v, struct hawk_buf *out)
{
	const int unused = 64 - a->kind->bits;
	uint64_t u = v->u;

	if (a->key.how == HAWK_JSON_BOOTTIME)
		u += (uint64_t)s->json.boot_offset;
	if (a->kind->how == SIGNED)
		hawk_buf_s64(out, (int64_t)(u << unused) >> unused);
	else
		hawk_buf_u64(out, u << unused >> unused);
}

static void put_quoted_number(struct hawk_buf *out, const char *key, uint64_t v)
{
	hawk_buf_puts(out, key);
	hawk_buf_u64(out, v);
	hawk_buf_putc(out, '"');
}

/* A map of strings, numbers too. */
static void put_address(struct state *s, const struct hawk_value *v, struct hawk_buf *out)
{
	struct hawk_address a;

	if (!hawk_address_read(v, &a)) {
		hawk_buf_lit(out, "{}");
		return;
	}
	hawk_buf_lit(out, "{\"sa_family\":");
	hawk_address_family(&s->json, &a, out);
	if (a.ip[0]) {
		const bool v6 = a.family == AF_INET6;

		hawk_buf_puts(out, v6 ? ",\"sin6_addr\":\"" : ",\"sin_addr\":\"");
		hawk_buf_puts(out, a.ip);
		put_quoted_number(out, v6 ? "\",\"sin6_port\":\"" : "\",\"sin_port\":\"", a.port);
		if (v6) {
			put_quoted_number(out, ",\"sin6_flowinfo\":\"", a.flowinfo);
			put_quoted_number(out, ",\"sin6_scopeid\":\"", a.scope);
		}
	}
	if (a.path) {
		hawk_buf_lit(out, ",\"sun_path\":");
		hawk_address_path(&a, out);
	}
	hawk_buf_putc(out, '}');
}

static void put_time(struct state *s, const struct arg *a, const struct hawk_value *v, struct hawk_buf *out)
{
	hawk_buf_putc(out, '"');
	hawk_stamp_put(&s->json.stamps, out,
		       v->u + (a->key.type == HAWK_T_TIME ? (uint64_t)s->json.boot_offset : 0));
	hawk_buf_putc(out, '"');
}

/* Word I of the two that V holds, each half of it: those of 32-bit callers are shorter. */
static int64_t half(const struct hawk_value *v, size_t i)
{
	struct hawk_value word = { .u = 0 };

	if (v->len == 2 * sizeof(int32_t) || v->len == 2 * sizeof(int64_t))
		hawk_value_load(&word, HAWK_V_SINT, v->len / 2, v->bytes + i * v->len / 2);
	return word.s;
}

static void put_value(struct state *s, const struct arg *a, const struct hawk_value *v, struct hawk_buf *out)
{
	const uint32_t gone = HAWK_VAL_NULL | HAWK_VAL_UNREADABLE;

	if (v->flags & gone && !(hawk_type_desc(a->key.type)->var && v->len)) {
		hawk_buf_lit(out, "null");
		return;
	}
	switch ((enum how)a->kind->how) {
	case UNSIGNED:
	case SIGNED:
		put_number(s, a, v, out);
		break;
	case BOOLEAN:
		hawk_buf_puts(out, v->u ? "true" : "false");
		break;
	case STRING:
		if (hawk_type_desc(a->key.type)->vclass == HAWK_V_BYTES)
			hawk_json_string(out, v->bytes, v->len);
		else
			hawk_json_quoted(&s->json, a->key.type, v, out);
		break;
	case BYTES:
		hawk_json_base64(out, v->bytes, v->len);
		break;
	case ADDRESS:
		put_address(s, v, out);
		break;
	case TIME:
		put_time(s, a, v, out);
		break;
	case SECONDS:
		hawk_buf_printf(out, "%.9f", (double)half(v, 0) + (double)half(v, 1) / 1e9);
		break;
	case PAIR:
		hawk_buf_printf(out, "[%lld,%lld]", (long long)half(v, 0), (long long)half(v, 1));
		break;
	case STRINGS:
	case NATIVE:
		hawk_json_value(&s->json, &a->key, v, out);
		break;
	}
}

static void put_args(struct state *s, const struct keys *k, const struct hawk_event *event, struct hawk_buf *out)
{
	size_t start = out->len;

	for (size_t i = 0; i < k->n; i++) {
		const struct arg *a = &k->arg[i];
		const struct hawk_value *v = &event->data[a->field];

		if (v->flags & HAWK_VAL_ABSENT)
			continue;
		hawk_buf_put(out, a->key.text, a->key.len);
		put_value(s, a, v, out);
		hawk_buf_putc(out, '}');
	}
	hawk_json_close_list(out, start);
}

/* The values of CONTEXT rows. */

static uint64_t epoch(const struct hawk_event *e, uint64_t boottime)
{
	return boottime ? boottime + (e->walltime - e->time) : 0;
}

/* Of other threads the number in their own namespace is not in the records. */
static uint64_t ns_tid(const struct hawk_event *e, const struct hawk_abi_task *t)
{
	if (t->ns_pid == t->pid)
		return e->tid;
	return e->tid == e->tgid ? (uint64_t)t->ns_pid : 0;
}

static uint64_t count(const struct keys *k, const struct hawk_event *e)
{
	uint64_t n = 0;

	for (size_t i = 0; i < k->n; i++)
		n += !(e->data[k->arg[i].field].flags & HAWK_VAL_ABSENT);
	return n;
}

static int64_t returned(const struct keys *k, const struct hawk_event *e)
{
	return k->retval < 0 || e->data[k->retval].flags ? 0 : e->data[k->retval].s;
}

/*
 * MurmurHash3_x86_32 (public domain) with Tracee's seed over pid and start time, both big-endian, the time cut
 * to tenths of a second: pkg/utils/hash.go.
 */
static uint32_t entity(const struct hawk_event *e, uint32_t pid, uint64_t start)
{
	const uint64_t tenth = 100000000, when = epoch(e, start) / tenth * tenth;
	const uint32_t words[] = { pid, (uint32_t)(when >> 32), (uint32_t)when };
	uint32_t h = 0x18273645;

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		uint32_t k = __builtin_bswap32(words[i]) * 0xcc9e2d51;

		k = (k << 15 | k >> 17) * 0x1b873593;
		h ^= k;
		h = (h << 13 | h >> 19) * 5 + 0xe6546b64;
	}
	h ^= sizeof(words);
	h = (h ^ h >> 16) * 0x85ebca6b;
	h = (h ^ h >> 13) * 0xc2b2ae35;
	return h ^ h >> 16;
}

/* How CONTEXT rows are written. */
#define PUT_UINT(out, v) hawk_buf_u64(out, v)
#define PUT_SINT(out, v) hawk_buf_s64(out, v)
#define PUT_JSON(out, v) hawk_buf_puts(out, v)
#define PUT_COMM(out, v) hawk_json_string(out, v, strnlen((const char *)(v), HAWK_COMM_LEN))
#define PUT_TEXT(out, v) \
	do { \
		hawk_buf_putc(out, '"'); \
		hawk_buf_puts(out, v); \
		hawk_buf_putc(out, '"'); \
	} while (0)
#define PUT_FILE(out, v) \
	do { \
		hawk_buf_lit(out, "{\"path\":"); \
		hawk_json_string(out, (v)->data, (v)->len); \
		hawk_buf_putc(out, '}'); \
	} while (0)

static void put_event(void *state, const struct hawk_event *event, struct hawk_buf *out)
{
	static const struct hawk_process nobody;
	const struct hawk_event *E = event;
	const struct hawk_process *P = event->process ? event->process : &nobody;
	const struct hawk_abi_task *T = &P->task;
	const struct keys *K = keys_of_id[event->desc->id];
	struct state *S = state;
	size_t start = out->len;

	S->json.boot_offset = (int64_t)(event->walltime - event->time);
#define CONTEXT(key, how, value, doc) \
	hawk_buf_lit(out, ",\"" #key "\":"); \
	PUT_##how(out, value);
#include "src/format/tracee.def"
	hawk_buf_lit(out, ",\"args\":");
	put_args(S, K, E, out);
	hawk_json_close(out, start);
	hawk_buf_putc(out, '\n');
}

static void close_tracee(void *state)
{
	struct state *s = state;

	hawk_json_done(&s->json);
	hawk_buf_done(&s->host);
	free(s);
}
DEFINE_CLEANUP(struct state, close_tracee)

static int open_tracee(void **ret, const struct hawk_format_wish *wish, char **ret_why)
{
	_cleanup_(close_traceep) struct state *s = calloc(1, sizeof(*s));

	(void)wish;
	(void)ret_why;
	pthread_once(&once, prepare);
	if (!s || prepared)
		return s ? prepared : -ENOMEM;
	hawk_json_host(&s->host);
	if (!hawk_buf_str(&s->host))
		return s->host.error;
	*ret = TAKE_PTR(s);
	return 0;
}

const struct hawk_format_ops hawk_format_tracee = {
	.open = open_tracee,
	.close = close_tracee,
	.event = put_event,
};
