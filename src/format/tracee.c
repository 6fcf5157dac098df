/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Events as Tracee writes them. What is there for which event was worked out
 * before (tracee_plan.c); an event is a walk over a list.
 */
#include <ctype.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "src/base/cleanup.h"
#include "src/format/finding.h"
#include "src/event/process.h"
#include "src/format/tracee.h"

struct state {
	struct hawk_json json;
	struct hawk_buf host; /* as a JSON string */
};

static void put_number(const struct state *s, const struct hawk_tracee_value *a, const struct hawk_value *v,
		       struct hawk_buf *out)
{
	const int unused = 64 - a->kind->bits;
	uint64_t u = v->u;

	if (a->key.how == HAWK_JSON_BOOTTIME)
		u += (uint64_t)s->json.boot_offset;
	if (a->kind->how == HAWK_TRACEE_SIGNED)
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

static void put_time(struct state *s, const struct hawk_tracee_value *a, const struct hawk_value *v,
		     struct hawk_buf *out)
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

/* A number of ours as Tracee tells it of a packet. */
static uint64_t packet_number(const struct hawk_tracee_kind *kind, uint64_t v)
{
	switch ((enum hawk_tracee_how)kind->how) {
	case HAWK_TRACEE_BIT:
		return v >> kind->bits & 1;
	case HAWK_TRACEE_WORDS:
		return v / 4;
	case HAWK_TRACEE_DIRECTION: /* 0 is none there */
		return v + 1;
	case HAWK_TRACEE_TRANSPORT:
		return v ? IPPROTO_TCP : IPPROTO_UDP;
	default:
		return v;
	}
}

static void put_list(struct state *s, const struct hawk_tracee_value *a, const struct hawk_value *v,
		     struct hawk_buf *out)
{
	const uint8_t *strv;
	size_t len;

	if (hawk_json_hidden(&s->json, v, &strv, &len) < 0)
		hawk_buf_lit(out, "null");
	else
		hawk_tracee_list((enum hawk_tracee_how)a->kind->how, strv, len, out);
}

static void put_value(struct state *s, const struct hawk_tracee_value *a, const struct hawk_value *v,
		      struct hawk_buf *out)
{
	const uint32_t gone = a->kind->how == HAWK_TRACEE_CONSTANT ? 0 : HAWK_VAL_NULL | HAWK_VAL_UNREADABLE;

	if (v->flags & gone && !(hawk_type_desc(a->key.type)->var && v->len)) {
		hawk_buf_lit(out, "null");
		return;
	}
	switch ((enum hawk_tracee_how)a->kind->how) {
	case HAWK_TRACEE_UNSIGNED:
	case HAWK_TRACEE_SIGNED:
		put_number(s, a, v, out);
		break;
	case HAWK_TRACEE_BOOLEAN:
		hawk_buf_puts(out, v->u ? "true" : "false");
		break;
	case HAWK_TRACEE_STRING:
		if (hawk_type_desc(a->key.type)->vclass == HAWK_V_BYTES)
			hawk_json_string(out, v->bytes, v->len);
		else
			hawk_json_quoted(&s->json, a->key.type, v, out);
		break;
	case HAWK_TRACEE_BYTES:
		hawk_json_base64(out, v->bytes, v->len);
		break;
	case HAWK_TRACEE_ADDRESS:
		put_address(s, v, out);
		break;
	case HAWK_TRACEE_TIME:
		put_time(s, a, v, out);
		break;
	case HAWK_TRACEE_SECONDS:
		hawk_buf_printf(out, "%.9f", (double)half(v, 0) + (double)half(v, 1) / 1e9);
		break;
	case HAWK_TRACEE_PAIR:
		hawk_buf_printf(out, "[%lld,%lld]", (long long)half(v, 0), (long long)half(v, 1));
		break;
	case HAWK_TRACEE_CONSTANT:
		break;
	case HAWK_TRACEE_BIT:
	case HAWK_TRACEE_WORDS:
	case HAWK_TRACEE_DIRECTION:
	case HAWK_TRACEE_TRANSPORT:
		hawk_buf_u64(out, packet_number(a->kind, v->u));
		break;
	case HAWK_TRACEE_HEADERS:
	case HAWK_TRACEE_QUESTIONS:
	case HAWK_TRACEE_RECORDS:
	case HAWK_TRACEE_ANSWERS:
		put_list(s, a, v, out);
		break;
	case HAWK_TRACEE_STRINGS:
	case HAWK_TRACEE_NATIVE:
		hawk_json_value(&s->json, &a->key, v, out);
		break;
	}
}

/* True when the event has what the argument is made of. */
static bool is_there(const struct hawk_tracee_arg *a, const struct hawk_event *event)
{
	for (size_t i = 0; i < a->n_parts; i++)
		if (!(event->data[a->parts[i].field].flags & HAWK_VAL_ABSENT))
			return true;
	return !a->parts && !(event->data[a->value.field].flags & HAWK_VAL_ABSENT);
}

/* Both are NULL or have the same text up to the dot. */
static bool same_group(const char *a, const char *b)
{
	const size_t len = a ? strcspn(a, ".") : 0;

	return a && b ? strncmp(a, b, len + 1) == 0 : a == b;
}

/* ,"group": of an object in the structure; returns where that begins. */
static size_t begin_group(const char *group, struct hawk_buf *out)
{
	if (group) {
		hawk_buf_lit(out, ",\"");
		hawk_buf_put(out, group, strcspn(group, "."));
		hawk_buf_lit(out, "\":");
	}
	return out->len;
}

static void put_structure(struct state *s, const struct hawk_tracee_arg *a, const struct hawk_event *event,
			  struct hawk_buf *out)
{
	const char *group = NULL;
	size_t start, inner = 0;

	if (a->list)
		hawk_buf_putc(out, '[');
	start = out->len;
	for (size_t i = 0; i < a->n_parts; i++) {
		const struct hawk_tracee_value *part = &a->parts[i];

		if (event->data[part->field].flags & HAWK_VAL_ABSENT)
			continue;
		if (!same_group(group, part->group)) {
			if (group)
				hawk_json_close(out, inner);
			group = part->group;
			inner = begin_group(group, out);
		}
		hawk_buf_put(out, part->key.text, part->key.len);
		put_value(s, part, &event->data[part->field], out);
	}
	if (group)
		hawk_json_close(out, inner);
	hawk_json_close(out, start);
	if (a->list)
		hawk_buf_putc(out, ']');
}

static void put_args(struct state *s, const struct hawk_tracee_keys *k, const struct hawk_event *event,
		     struct hawk_buf *out)
{
	size_t start = out->len;

	for (size_t i = 0; i < k->n; i++) {
		const struct hawk_tracee_arg *a = &k->arg[i];

		if (!is_there(a, event))
			continue;
		hawk_buf_put(out, a->value.key.text, a->value.key.len);
		if (a->parts)
			put_structure(s, a, event, out);
		else
			put_value(s, &a->value, &event->data[a->value.field], out);
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

static uint64_t count_found(const struct hawk_event *event);

static uint64_t count(const struct hawk_tracee_keys *k, const struct hawk_event *e)
{
	uint64_t n = 0;

	if (e->desc->id == HAWK_EV_FINDING)
		return count_found(e);
	for (size_t i = 0; i < k->n; i++)
		n += is_there(&k->arg[i], e);
	return n;
}

static int64_t returned(const struct hawk_tracee_keys *k, const struct hawk_event *e)
{
	return k->retval < 0 || e->data[k->retval].flags ? 0 : e->data[k->retval].s;
}

/* --- findings: what their signature tells, and the event that completed it --- */

/* Numbers of findings: Tracee gives them out from here on as it loads its signatures. */
#define FINDING_ID 6000U
#define FINDING_IDS 1000U
#define NAME_BYTES 64

/* A finding has the name of its signature, and a number that follows from its id. */
struct found {
	char name[NAME_BYTES + 1], id[16];
	struct hawk_tracee_keys keys; /* without arguments */
};

static void prepare_found(struct found *f, const struct hawk_event *event)
{
	const struct hawk_value *name = hawk_found_value(event, "signature"), *id = hawk_found_value(event, "signature_id");
	uint32_t h = 2166136261U; /* FNV-1a */
	size_t n = 0;

	for (; name && n < name->len && n < NAME_BYTES; n++)
		f->name[n] = isalnum(name->bytes[n]) || name->bytes[n] == '-' ? (char)name->bytes[n] : '_';
	f->name[n] = '\0';
	for (size_t i = 0; id && i < id->len; i++)
		h = (h ^ id->bytes[i]) * 16777619U;
	snprintf(f->id, sizeof(f->id), "%u", FINDING_ID + h % FINDING_IDS);
	f->keys.name = f->name;
	f->keys.id = f->id;
	f->keys.syscall = event->trigger ? hawk_tracee_keys(event->trigger->desc)->syscall : "";
	f->keys.retval = -1;
	f->keys.n = 0;
}

static void put_trigger(struct state *s, const struct hawk_event *trigger, struct hawk_buf *out)
{
	const struct hawk_tracee_keys *k = hawk_tracee_keys(trigger->desc);

	hawk_buf_lit(out, ",{\"name\":\"detectedFrom\",\"type\":\"unknown\",\"value\":{\"args\":");
	put_args(s, k, trigger, out);
	hawk_buf_printf(out, ",\"id\":%s,\"name\":\"%s\",\"returnValue\":%lld}}", k->id, k->name,
			(long long)returned(k, trigger));
}

static void put_found_args(struct state *s, const struct hawk_event *event, struct hawk_buf *out)
{
	struct hawk_found_output part;
	size_t start = out->len;

	for (size_t at = 0; hawk_found_output(event, &at, &part);) {
		hawk_buf_lit(out, ",{\"name\":");
		hawk_json_string(out, (const uint8_t *)part.name, part.name_len);
		hawk_buf_lit(out, ",\"type\":\"string\",\"value\":");
		hawk_json_string(out, (const uint8_t *)part.value, part.value_len);
		hawk_buf_putc(out, '}');
	}
	if (event->trigger)
		put_trigger(s, event->trigger, out);
	hawk_json_close_list(out, start);
}

static uint64_t count_found(const struct hawk_event *event)
{
	struct hawk_found_output part;
	uint64_t n = event->trigger ? 1 : 0;

	for (size_t at = 0; hawk_found_output(event, &at, &part);)
		n++;
	return n;
}

static void put_property(struct hawk_buf *out, const struct hawk_event *event, const char *key, const char *field)
{
	const struct hawk_value *v = hawk_found_value(event, field);

	hawk_buf_printf(out, ",\"%s\":", key);
	hawk_json_string(out, v ? v->bytes : NULL, v ? v->len : 0);
}

/* "Defense Evasion" is defense-evasion there. */
static void put_category(struct hawk_buf *out, const struct hawk_event *event)
{
	const struct hawk_value *v = hawk_found_value(event, "tactic");
	uint8_t text[NAME_BYTES];
	size_t n = 0;

	for (; v && n < v->len && n < sizeof(text); n++)
		text[n] = v->bytes[n] == ' ' ? '-' : (uint8_t)tolower(v->bytes[n]);
	hawk_buf_lit(out, ",\"Category\":");
	hawk_json_string(out, text, n);
}

static void put_tags(struct hawk_buf *out, const struct hawk_event *event)
{
	const struct hawk_value *v = hawk_found_value(event, "tags");
	size_t start;

	hawk_buf_lit(out, ",\"Tags\":");
	if (!v || !v->len) {
		hawk_buf_lit(out, "null");
		return;
	}
	start = out->len;
	for (size_t at = 0; at < v->len; at += strnlen((const char *)v->bytes + at, v->len - at) + 1) {
		hawk_buf_putc(out, ',');
		hawk_json_string(out, v->bytes + at, strnlen((const char *)v->bytes + at, v->len - at));
	}
	hawk_json_close_list(out, start);
}

static void put_metadata(const struct hawk_event *event, struct hawk_buf *out)
{
	const struct hawk_value *severity = hawk_found_value(event, "severity");
	size_t start;

	hawk_buf_lit(out, ",\"metadata\":");
	start = out->len;
	put_property(out, event, "Version", "version");
	put_property(out, event, "Description", "message");
	put_tags(out, event);
	hawk_buf_lit(out, ",\"Properties\":{\"Severity\":");
	hawk_buf_u64(out, severity ? severity->u : 0);
	put_category(out, event);
	hawk_buf_lit(out, ",\"Kubernetes_Technique\":\"\"");
	put_property(out, event, "Technique", "technique");
	put_property(out, event, "external_id", "technique");
	put_property(out, event, "signatureID", "signature_id");
	put_property(out, event, "signatureName", hawk_found_value(event, "title") ? "title" : "signature");
	put_property(out, event, "finding", "id");
	hawk_buf_putc(out, '}');
	hawk_json_close(out, start);
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
#define PUT_STRV(out, v) hawk_json_policies(v, out)
#define PUT_COMM(out, v) hawk_json_string(out, v, strnlen((const char *)(v), HAWK_COMM_LEN))
#define PUT_TEXT(out, v) \
	do { \
		hawk_buf_putc(out, '"'); \
		hawk_buf_puts(out, v); \
		hawk_buf_putc(out, '"'); \
	} while (0)
#define PUT_BYTES(out, v) hawk_json_string(out, (v)->data, (v)->len)
#define PUT_HOST(out, v) \
	do { \
		if ((v)->len) \
			hawk_json_string(out, (v)->data, (v)->len); \
		else \
			hawk_buf_puts(out, S->host.data); \
	} while (0)
#define PUT_OBJECT(out, v) \
	do { \
		hawk_buf_lit(out, "{"); \
		if ((v)->len) { \
			hawk_buf_lit(out, "\"id\":"); \
			hawk_json_string(out, (v)->data, (v)->len); \
		} \
		hawk_buf_putc(out, '}'); \
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
	const struct hawk_tracee_keys *K = hawk_tracee_keys(event->desc);
	struct state *S = state;
	size_t start = out->len;
	struct found found;

	if (event->desc->id == HAWK_EV_FINDING) {
		prepare_found(&found, event);
		K = &found.keys;
	}

	S->json.boot_offset = (int64_t)(event->walltime - event->time);
#define CONTEXT(key, how, value, doc) \
	hawk_buf_lit(out, ",\"" #key "\":"); \
	PUT_##how(out, value);
#include "src/format/tracee.def"
	hawk_buf_lit(out, ",\"args\":");
	if (event->desc->id == HAWK_EV_FINDING) {
		put_found_args(S, E, out);
		put_metadata(E, out);
	} else {
		put_args(S, K, E, out);
	}
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
	int r = s ? hawk_tracee_prepare() : -ENOMEM;

	(void)wish;
	(void)ret_why;
	if (r < 0)
		return r;
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
