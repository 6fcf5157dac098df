/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Field values as JSON. Needs no allocation once its buffers are warm. */
#include <errno.h>
#include <stdlib.h>

#include "src/base/cleanup.h"
#include "src/event/names.h"
#include "src/format/json_struct.h"
#include "src/format/redact.h"
#include "src/format/render.h"
#include "src/format/sockaddr.h"

void hawk_json_done(struct hawk_json *j)
{
	hawk_buf_done(&j->scratch);
	hawk_buf_done(&j->redacted);
	hawk_buf_done(&j->process);
}

/* Numbers that have names: sets are lists. */
#define OF_BITS HAWK_JSON_LIST
#define OF_CAPS HAWK_JSON_LIST
#define OF_ENUM HAWK_JSON_NAME
#define OF_CODE HAWK_JSON_NAME
#define OF_PAIR HAWK_JSON_NAME
#define OF_ERRNO HAWK_JSON_NAME

/* By type; other memory is a structure. TASK has none: it is no value. The unit test asks for every other. */
static const uint8_t how_of[HAWK_T_MAX] = {
#define NAMES(type, kind) [HAWK_T_##type] = OF_##kind,
#include "src/event/names.def"
	[HAWK_T_U8] = HAWK_JSON_UINT,
	[HAWK_T_U16] = HAWK_JSON_UINT,
	[HAWK_T_U32] = HAWK_JSON_UINT,
	[HAWK_T_U64] = HAWK_JSON_UINT,
	[HAWK_T_DURATION] = HAWK_JSON_UINT,
	[HAWK_T_UID] = HAWK_JSON_UINT,
	[HAWK_T_PORT] = HAWK_JSON_UINT,
	[HAWK_T_S32] = HAWK_JSON_SINT,
	[HAWK_T_S64] = HAWK_JSON_SINT,
	[HAWK_T_LOFF] = HAWK_JSON_SINT,
	[HAWK_T_FD] = HAWK_JSON_SINT,
	[HAWK_T_PID] = HAWK_JSON_SINT,
	[HAWK_T_RETVAL] = HAWK_JSON_SINT,
	[HAWK_T_BOOL] = HAWK_JSON_BOOL,
	[HAWK_T_HEX] = HAWK_JSON_HEX,
	[HAWK_T_TIME] = HAWK_JSON_BOOTTIME,
	[HAWK_T_WALLTIME] = HAWK_JSON_WALLTIME,
	[HAWK_T_MODE] = HAWK_JSON_TEXT,
	[HAWK_T_DEV] = HAWK_JSON_TEXT,
	[HAWK_T_IP] = HAWK_JSON_IP,
	[HAWK_T_STR] = HAWK_JSON_STRING,
	[HAWK_T_PATH] = HAWK_JSON_STRING,
	[HAWK_T_STRV] = HAWK_JSON_STRINGS,
	[HAWK_T_UPATH] = HAWK_JSON_STRING,
	[HAWK_T_ABSPATH] = HAWK_JSON_STRING,
	[HAWK_T_TEXT_OUT] = HAWK_JSON_STRING,
	[HAWK_T_BYTES_N] = HAWK_JSON_STRING,
	[HAWK_T_BYTES_OUT] = HAWK_JSON_STRING,
	[HAWK_T_BYTES] = HAWK_JSON_BYTES,
	[HAWK_T_SIGNALS] = HAWK_JSON_LIST,
	[HAWK_T_SOCKADDR] = HAWK_JSON_SOCKADDR,
	[HAWK_T_SOCKADDR_OUT] = HAWK_JSON_SOCKADDR,
};

enum hawk_json_how hawk_json_how(enum hawk_type type)
{
	const struct hawk_type_desc *t = hawk_type_desc(type);

	return how_of[type] || t->vclass != HAWK_V_BYTES ? (enum hawk_json_how)how_of[type] : HAWK_JSON_STRUCT;
}

int hawk_json_key_init(struct hawk_json_key *key, const char *name, enum hawk_type type)
{
	size_t len = strlen(name), size = len + sizeof(",\"\":");
	char *text = calloc(1, size > HAWK_JSON_KEY_ROOM ? size : HAWK_JSON_KEY_ROOM);

	if (!text)
		return -ENOMEM;
	memcpy(text, ",\"", 2);
	memcpy(text + 2, name, len);
	memcpy(text + 2 + len, "\":", 3);
	*key = (struct hawk_json_key){
		.text = text,
		.len = (uint16_t)(len + 4),
		.type = (uint8_t)type,
		.how = (uint8_t)hawk_json_how(type),
		.roomy = len + 4 <= HAWK_JSON_KEY_ROOM,
	};
	return 0;
}

const struct hawk_buf *hawk_json_print(struct hawk_json *j, enum hawk_type type, const struct hawk_value *v)
{
	hawk_buf_reset(&j->scratch);
	j->scratch.max = HAWK_FORMAT_VALUE_MAX;
	return hawk_value_print(&j->scratch, type, v, j->boot_offset) < 0 ? NULL : &j->scratch;
}

static void put_text(struct hawk_buf *out, const char *text, size_t len)
{
	hawk_json_string(out, (const uint8_t *)text, len);
}

void hawk_json_list(struct hawk_buf *out, const char *text, size_t len)
{
	if (len == 1 && *text == '0')
		len = 0;
	hawk_buf_putc(out, '[');
	for (size_t i = 0; i < len;) {
		const char *bar = memchr(text + i, '|', len - i);
		size_t n = bar ? (size_t)(bar - text) - i : len - i;

		if (i)
			hawk_buf_putc(out, ',');
		put_text(out, text + i, n);
		i += n + 1;
	}
	hawk_buf_putc(out, ']');
}

/* True when TEXT is a JSON number as it stands: what has no name prints as one. */
static bool is_number(const char *text, size_t len)
{
	size_t i = len > 1 && text[0] == '-';

	if (len == i || (text[i] == '0' && len > i + 1))
		return false;
	for (; i < len; i++)
		if (text[i] < '0' || text[i] > '9')
			return false;
	return true;
}

/*
 * Every capability that there is, or all but a few, as ["ALL","-CAP_SYS_MODULE"]: 41 names in three sets would
 * be most of each line.
 */
#define CAPS_ALL ((1ULL << 41) - 1)
#define CAPS_FEW 4

static bool put_most_caps(struct hawk_json *j, const struct hawk_value *v, struct hawk_buf *out)
{
	struct hawk_value without = { .u = CAPS_ALL & ~v->u };

	if (v->u & ~CAPS_ALL || __builtin_popcountll(without.u) > CAPS_FEW)
		return false;
	hawk_buf_lit(out, "[\"ALL\"");
	for (; without.u; without.u &= without.u - 1) {
		const struct hawk_value one = { .u = without.u & -without.u };
		const struct hawk_buf *name = hawk_json_print(j, HAWK_T_CAPS, &one);

		if (!name)
			break;
		hawk_buf_lit(out, ",\"-");
		hawk_buf_put(out, name->data, name->len);
		hawk_buf_putc(out, '"');
	}
	hawk_buf_putc(out, ']');
	return true;
}

static void put_named(struct hawk_json *j, const struct hawk_json_key *key, const struct hawk_value *v,
		      struct hawk_buf *out)
{
	const struct hawk_buf *text;

	if (key->type == HAWK_T_CAPS && put_most_caps(j, v, out))
		return;
	text = hawk_json_print(j, key->type, v);
	if (!text)
		hawk_buf_lit(out, "null");
	else if (key->how == HAWK_JSON_LIST)
		hawk_json_list(out, text->data, text->len);
	else if (key->how == HAWK_JSON_NAME && is_number(text->data, text->len))
		hawk_buf_put(out, text->data, text->len);
	else
		put_text(out, text->data, text->len);
}

/* The same, remembered. */
static void put_snippet(struct hawk_json *j, const struct hawk_json_key *key, const struct hawk_value *v,
			struct hawk_buf *out)
{
	uint64_t mix = (v->u + key->type + v->context) * 0x9e3779b97f4a7c15ULL;
	__typeof__(j->snippets.row[0]) *row = &j->snippets.row[mix >> 58];
	size_t start = out->len, len;

	_Static_assert(ARRAY_SIZE(j->snippets.row) == 1 << (64 - 58), "the top bits are the row");
	if (row->len && row->value == v->u && row->context == v->context && row->type == key->type) {
		char *to = hawk_buf_room(out, sizeof(row->text));

		/* all of it, since a copy of a constant length is a few moves */
		if (to) {
			memcpy(to, row->text, sizeof(row->text));
			out->len += row->len;
		}
		return;
	}
	put_named(j, key, v, out);
	len = out->len - start;
	if (out->error || len > sizeof(row->text))
		return;
	memcpy(row->text, out->data + start, len);
	row->value = v->u;
	row->context = v->context;
	row->type = key->type;
	row->len = (uint8_t)len;
}

int hawk_json_hidden(struct hawk_json *j, const struct hawk_value *v, const uint8_t **ret_strv, size_t *ret_len)
{
	int r;

	j->redacted.max = HAWK_FORMAT_VALUE_MAX;
	r = hawk_redact_strv(&j->redacted, v->bytes, v->len);
	if (r < 0)
		return r;
	*ret_strv = r > 0 ? (const uint8_t *)j->redacted.data : v->bytes;
	*ret_len = r > 0 ? j->redacted.len : v->len;
	return 0;
}

static void put_strings(struct hawk_json *j, const struct hawk_value *v, struct hawk_buf *out)
{
	const uint8_t *s;
	size_t len;

	if (hawk_json_hidden(j, v, &s, &len) < 0) {
		/* Rather nothing than a secret. */
		hawk_buf_lit(out, "null");
		return;
	}
	hawk_buf_putc(out, '[');
	for (size_t i = 0; i < len;) {
		const uint8_t *nul = memchr(s + i, '\0', len - i);
		size_t n = nul ? (size_t)(nul - s) - i : len - i;

		if (i)
			hawk_buf_putc(out, ',');
		hawk_json_string(out, s + i, n);
		i += n + 1;
	}
	hawk_buf_putc(out, ']');
}

static void put_hex(struct hawk_buf *out, uint64_t v)
{
	char text[20], *p = text + sizeof(text);

	*--p = '"';
	do
		*--p = "0123456789abcdef"[v & 15];
	while (v >>= 4);
	*--p = 'x';
	*--p = '0';
	*--p = '"';
	hawk_buf_put(out, p, (size_t)(text + sizeof(text) - p));
}

void hawk_json_value(struct hawk_json *j, const struct hawk_json_key *key, const struct hawk_value *v,
		     struct hawk_buf *out)
{
	const struct hawk_buf *text;

	switch ((enum hawk_json_how)key->how) {
	case HAWK_JSON_UINT:
		hawk_buf_u64(out, v->u);
		break;
	case HAWK_JSON_SINT:
		hawk_buf_s64(out, v->s);
		break;
	case HAWK_JSON_BOOL:
		hawk_buf_puts(out, v->u ? "true" : "false");
		break;
	case HAWK_JSON_HEX:
		put_hex(out, v->u);
		break;
	case HAWK_JSON_BOOTTIME:
	case HAWK_JSON_WALLTIME:
		hawk_buf_putc(out, '"');
		hawk_stamp_put(&j->stamps, out,
			       v->u + (key->how == HAWK_JSON_BOOTTIME ? (uint64_t)j->boot_offset : 0));
		hawk_buf_putc(out, '"');
		break;
	case HAWK_JSON_LIST:
	case HAWK_JSON_NAME:
	case HAWK_JSON_TEXT:
		put_snippet(j, key, v, out);
		break;
	case HAWK_JSON_IP:
		text = hawk_json_print(j, key->type, v);
		put_text(out, text ? text->data : "", text ? text->len : 0);
		break;
	case HAWK_JSON_STRING:
		hawk_json_string(out, v->bytes, v->len);
		break;
	case HAWK_JSON_STRINGS:
		put_strings(j, v, out);
		break;
	case HAWK_JSON_BYTES:
		hawk_json_bytes(out, v->bytes, v->len);
		break;
	case HAWK_JSON_SOCKADDR:
		hawk_json_sockaddr(j, v, out);
		break;
	case HAWK_JSON_STRUCT:
		hawk_json_struct(j, key->type, v, out);
		break;
	case HAWK_JSON_NONE:
		hawk_buf_lit(out, "null");
		break;
	}
}

const struct hawk_json_mark *hawk_json_marks(size_t *ret_n)
{
	static const struct hawk_json_mark marks[] = {
		{ HAWK_VAL_TRUNCATED, "truncated" },
		{ HAWK_VAL_UNREADABLE, "unreadable" },
		{ HAWK_VAL_DELETED, "deleted" },
		{ HAWK_VAL_INCOMPLETE, "incomplete" },
		{ HAWK_VAL_UNREACHABLE, "unreachable" },
		{ HAWK_VAL_ANY_MOUNT, "any_mount" },
	};

	*ret_n = ARRAY_SIZE(marks);
	return marks;
}

/* ,"NAME_marked":true for each mark; keys are text up to the colon: ,"NAME": */
static void put_marks(const struct hawk_json_key *key, const struct hawk_value *v, struct hawk_buf *out)
{
	const size_t name = key->len - strlen("\":");
	size_t n;
	const struct hawk_json_mark *marks = hawk_json_marks(&n);

	for (size_t i = 0; i < n; i++) {
		if (!(v->flags & marks[i].flag))
			continue;
		hawk_buf_put(out, key->text, name);
		hawk_buf_putc(out, '_');
		hawk_buf_puts(out, marks[i].name);
		hawk_buf_lit(out, "\":true");
	}
	/* Of a path only the end is known, not how long it was. */
	if (v->flags & HAWK_VAL_TRUNCATED && v->full) {
		hawk_buf_put(out, key->text, name);
		hawk_buf_lit(out, "_length\":");
		hawk_buf_u64(out, v->full);
	}
}

static void put_key(const struct hawk_json_key *key, struct hawk_buf *out)
{
	char *to;

	if (!key->roomy) {
		hawk_buf_put(out, key->text, key->len);
		return;
	}
	to = hawk_buf_room(out, HAWK_JSON_KEY_ROOM);
	if (to) {
		memcpy(to, key->text, HAWK_JSON_KEY_ROOM);
		out->len += key->len;
	}
}

void hawk_json_member(struct hawk_json *j, const struct hawk_json_key *key, const struct hawk_value *v,
		      struct hawk_buf *out)
{
	const uint32_t gone = HAWK_VAL_NULL | HAWK_VAL_UNREADABLE;
	bool var;

	if (key->how == HAWK_JSON_NONE || v->flags & HAWK_VAL_ABSENT)
		return;
	put_key(key, out);
	if (__builtin_expect(!v->flags, 1)) {
		hawk_json_value(j, key, v, out);
		return;
	}
	var = hawk_type_desc(key->type)->var;
	if (v->flags & gone && !(var && v->len))
		hawk_buf_lit(out, "null");
	else
		hawk_json_value(j, key, v, out);
	put_marks(key, v, out);
}
