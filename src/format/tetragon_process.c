/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A process as Tetragon exports it. It is large and changes rarely: a formatter
 * keeps the encodings of the processes that it wrote last.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "src/base/cleanup.h"
#include "src/event/names.h"
#include "src/event/process.h"
#include "src/format/redact.h"
#include "src/format/tetragon.h"

#define ROWS 128
/* A longer encoding (a huge argv) is made for each event: memory is dearer than that. */
#define KEPT_MAX 8192

/* All that an encoding is made of. Strings by address: a process replaces them, it does not change them. */
struct key {
	struct hawk_abi_task task;
	struct hawk_bytes exe, argv, cwd;
	uint64_t exec_time, parent_exec_id;
	int64_t boot_offset;
	uint32_t redacted;
	enum hawk_process_source source;
};

struct hawk_tetragon_cached {
	struct key key;
	struct hawk_buf text; /* members, each with a comma first; empty: unused */
	size_t head;          /* how much of it a parent has */
};

static bool same_bytes(const struct hawk_bytes *a, const struct hawk_bytes *b)
{
	return a->data == b->data && a->len == b->len && a->flags == b->flags;
}

static bool same(const struct key *a, const struct key *b)
{
	return memcmp(&a->task, &b->task, sizeof(a->task)) == 0 && same_bytes(&a->exe, &b->exe) &&
	       same_bytes(&a->argv, &b->argv) && same_bytes(&a->cwd, &b->cwd) && a->exec_time == b->exec_time &&
	       a->parent_exec_id == b->parent_exec_id &&
	       a->boot_offset == b->boot_offset && a->redacted == b->redacted && a->source == b->source;
}

static const char *flags_of(const struct hawk_process *p)
{
	const bool cut = p->argv.flags & HAWK_VAL_TRUNCATED;
	const char *execve = cut ? "execve truncArgs" : "execve";

	switch (p->source) {
	case HAWK_FROM_EVENT:
		return p->exec_time ? execve : "clone";
	case HAWK_FROM_SEED:
	case HAWK_FROM_PROC:
		return p->exec_time ? execve : cut ? "procFS truncArgs" : "procFS";
	case HAWK_FROM_HEADER:
		break;
	}
	return "unknown";
}

struct id {
	uint64_t start, image;
	int32_t pid;
};

/*
 * One number for a process and its image, as Tetragon's is: no two processes
 * of one pid start within so few nanoseconds. Nothing in it depends on when
 * the daemon began to look.
 */
static void put_EXEC_ID(struct hawk_tetragon *s, struct id id, struct hawk_buf *out)
{
	char text[HOST_NAME_MAX + 48];
	int n = snprintf(text, sizeof(text), "%s:%llu:%d", s->host, (unsigned long long)(id.start + id.image), id.pid);

	hawk_json_base64(out, (const uint8_t *)text, (size_t)n);
}

static void put_argument(struct hawk_buf *out, const uint8_t *text, size_t len)
{
	const bool quote = !len || memchr(text, ' ', len);

	if (quote)
		hawk_buf_putc(out, '"');
	hawk_buf_put(out, text, len);
	if (quote)
		hawk_buf_putc(out, '"');
}

void hawk_tetragon_arguments(struct hawk_tetragon *s, const struct hawk_value *strv, size_t skip,
			     struct hawk_buf *out)
{
	struct hawk_buf *line = &s->json.scratch, *clean = &s->json.redacted;
	const uint8_t *text = strv->bytes;
	size_t len = strv->len, n = 0;
	int r;

	clean->max = HAWK_FORMAT_VALUE_MAX;
	r = hawk_redact_strv(clean, text, len);
	if (r > 0) {
		text = (const uint8_t *)clean->data;
		len = clean->len;
	}
	hawk_buf_reset(line);
	line->max = HAWK_FORMAT_VALUE_MAX;
	/* Rather nothing than a secret. */
	for (size_t i = 0; i < len && r >= 0; n++) {
		const uint8_t *nul = memchr(text + i, '\0', len - i);
		const size_t end = nul ? (size_t)(nul - text) : len;

		if (n > skip)
			hawk_buf_putc(line, ' ');
		if (n >= skip)
			put_argument(line, text + i, end - i);
		i = end + 1;
	}
	hawk_json_string(out, (const uint8_t *)line->data, line->error ? 0 : line->len);
}

static void put_ARGUMENTS(struct hawk_tetragon *s, const struct hawk_bytes *argv, struct hawk_buf *out)
{
	const struct hawk_value v = { .bytes = argv->data, .len = argv->len };

	hawk_tetragon_arguments(s, &v, 1, out);
}

static void put_TIME(struct hawk_tetragon *s, uint64_t boottime, struct hawk_buf *out)
{
	hawk_buf_putc(out, '"');
	hawk_stamp_put(&s->json.stamps, out, boottime + (uint64_t)s->json.boot_offset);
	hawk_buf_putc(out, '"');
}

static const char *capability_name(struct hawk_tetragon *s, unsigned int bit)
{
	static const struct {
		const char *ours, *theirs;
	} renamed[] = {
#define CAPABILITY(ours, theirs) { ours, theirs },
#include "src/format/tetragon.def"
	};
	const struct hawk_value one = { .u = 1ULL << bit };
	const char *name = hawk_json_print(&s->json, HAWK_T_CAPS, &one) ? hawk_buf_str(&s->json.scratch) : NULL;

	for (size_t i = 0; name && i < ARRAY_SIZE(renamed); i++)
		if (strcmp(renamed[i].ours, name) == 0)
			return renamed[i].theirs;
	return name ? name : "";
}

static void put_set(struct hawk_tetragon *s, const char *key, uint64_t caps, struct hawk_buf *out)
{
	const char *before = "[\"";

	if (!caps)
		return;
	hawk_buf_puts(out, key);
	for (unsigned int bit = 0; caps >> bit; bit++) {
		if (!(caps >> bit & 1))
			continue;
		hawk_buf_puts(out, before);
		hawk_buf_puts(out, capability_name(s, bit));
		before = "\",\"";
		if (bit == 63)
			break;
	}
	hawk_buf_lit(out, "\"]");
}

static void put_CAPS(struct hawk_tetragon *s, const struct hawk_abi_task *t, struct hawk_buf *out)
{
	const size_t start = out->len;

	put_set(s, ",\"permitted\":", t->cap_permitted, out);
	put_set(s, ",\"effective\":", t->cap_effective, out);
	put_set(s, ",\"inheritable\":", t->cap_inheritable, out);
	hawk_json_close(out, start);
}

static void put_NAMESPACES(struct hawk_tetragon *s, const struct hawk_abi_task *t, struct hawk_buf *out)
{
	const uint8_t *task = (const uint8_t *)t, *host = (const uint8_t *)hawk_host_ns();
	const size_t start = out->len;
	size_t n;
	const struct hawk_namespace *kinds = hawk_namespaces(&n);

	(void)s;
	for (size_t i = 0; i < n; i++) {
		uint32_t inode, of_host;

		memcpy(&inode, task + kinds[i].offset, sizeof(inode));
		memcpy(&of_host, host + kinds[i].of_host, sizeof(of_host));
		hawk_buf_lit(out, ",\"");
		hawk_buf_puts(out, kinds[i].name);
		hawk_buf_lit(out, "\":{\"inum\":");
		hawk_buf_u64(out, inode);
		hawk_buf_puts(out, inode == of_host ? ",\"is_host\":true}" : "}");
	}
	hawk_json_close(out, start);
}

static void put_CREDENTIALS(struct hawk_tetragon *s, const struct hawk_abi_task *t, struct hawk_buf *out)
{
	static const char *const bits[] = {
#define SECUREBIT(name) name,
#include "src/format/tetragon.def"
	};
	const size_t start = out->len;
	const char *before = ",\"securebits\":[\"";

	(void)s;
#define IDENTITY(member) \
	hawk_buf_lit(out, ",\"" #member "\":"); \
	hawk_buf_u64(out, t->member);
#include "src/format/tetragon.def"
	for (size_t i = 0; i < ARRAY_SIZE(bits); i++) {
		if (!(t->securebits >> i & 1))
			continue;
		hawk_buf_puts(out, before);
		hawk_buf_puts(out, bits[i]);
		before = "\",\"";
	}
	if (t->securebits & ((1U << ARRAY_SIZE(bits)) - 1))
		hawk_buf_lit(out, "\"]");
	hawk_json_close(out, start);
}

static void put_UINT(struct hawk_tetragon *s, uint32_t v, struct hawk_buf *out)
{
	(void)s;
	hawk_buf_u64(out, v);
}

static void put_TEXT(struct hawk_tetragon *s, const char *text, struct hawk_buf *out)
{
	(void)s;
	hawk_buf_putc(out, '"');
	hawk_buf_puts(out, text);
	hawk_buf_putc(out, '"');
}

static void put_BYTES(struct hawk_tetragon *s, const struct hawk_bytes *bytes, struct hawk_buf *out)
{
	(void)s;
	hawk_json_string(out, bytes->data, bytes->len);
}

/* Tetragon keeps so much of an id. */
static void put_CONTAINER(struct hawk_tetragon *s, const struct hawk_bytes *id, struct hawk_buf *out)
{
	(void)s;
	hawk_json_string(out, id->data, id->len < 31 ? id->len : 31);
}

/* Takes back the member that began at START when its value is an empty string: Tetragon leaves those out. */
static void drop_empty(struct hawk_buf *out, size_t start, size_t key_len)
{
	static const char empty[] = { '"', '"' };

	if (!out->error && out->len == start + key_len + sizeof(empty) &&
	    memcmp(out->data + start + key_len, empty, sizeof(empty)) == 0)
		out->len = start;
}

/* Appends the members; returns how much of them a parent has. */
static size_t encode(struct hawk_tetragon *s, const struct hawk_process *P, struct hawk_buf *out)
{
	const struct hawk_abi_task *T = &P->task;
	const size_t start = out->len;
	size_t head, at;

#define ID(started, program, number) ((struct id){ .start = (started), .image = (program), .pid = (number) })
#define PUT(key, how, value) \
	at = out->len; \
	hawk_buf_lit(out, ",\"" #key "\":"); \
	put_##how(s, value, out); \
	drop_empty(out, at, sizeof(",\"" #key "\":") - 1);
#define MEMBER(key, how, value, doc) PUT(key, how, value)
#include "src/format/tetragon.def"
	head = out->len - start;
#define DETAIL(key, how, value, doc) PUT(key, how, value)
#include "src/format/tetragon.def"
#undef PUT
#undef ID
	return head;
}

/* Members of a process, and how much of them a parent has. */
struct encoding {
	const void *data;
	size_t len, head;
};

static struct encoding encoding_of(struct hawk_tetragon *s, const struct hawk_process *p)
{
	struct hawk_tetragon_cached *row = &s->cached[(uint32_t)p->task.pid % ROWS];
	const struct key key = {
		.task = p->task,
		.exe = p->exe,
		.argv = p->argv,
		.cwd = p->cwd,
		.exec_time = p->exec_time,
		.parent_exec_id = p->parent_exec_id,
		.boot_offset = s->json.boot_offset,
		.redacted = hawk_redact_generation(),
		.source = p->source,
	};
	size_t head;

	if (row->text.len && same(&row->key, &key))
		return (struct encoding){ row->text.data, row->text.len, row->head };
	hawk_buf_reset(&s->process);
	s->process.max = HAWK_FORMAT_EVENT_MAX;
	head = encode(s, p, &s->process);
	if (s->process.error)
		return (struct encoding){ .data = NULL };
	hawk_buf_reset(&row->text);
	if (s->process.len <= KEPT_MAX) {
		hawk_buf_put(&row->text, s->process.data, s->process.len);
		row->key = key;
		row->head = head;
	}
	if (row->text.error)
		row->text.len = 0;
	return (struct encoding){ s->process.data, s->process.len, head };
}

void hawk_tetragon_process(struct hawk_tetragon *s, const struct hawk_event *event, const struct hawk_buf *extra,
			   struct hawk_buf *out)
{
	const struct encoding e = encoding_of(s, event->process);
	const size_t start = out->len;

	hawk_buf_put(out, e.data, e.len);
	hawk_buf_lit(out, ",\"tid\":");
	hawk_buf_u64(out, event->tid);
	hawk_buf_put(out, extra->data, extra->len);
	hawk_json_close(out, start);
}

void hawk_tetragon_parent(struct hawk_tetragon *s, const struct hawk_process *parent, struct hawk_buf *out)
{
	const struct encoding e = encoding_of(s, parent);
	const size_t start = out->len;

	hawk_buf_put(out, e.data, e.head);
	hawk_buf_lit(out, ",\"tid\":");
	hawk_buf_s64(out, parent->task.pid);
	hawk_json_close(out, start);
}

int hawk_tetragon_init(struct hawk_tetragon *s)
{
	hawk_format_host(s->host);
	s->cached = calloc(ROWS, sizeof(*s->cached));
	hawk_buf_lit(&s->tail, "},\"node_name\":");
	hawk_json_host(&s->tail);
	hawk_buf_lit(&s->tail, ",\"time\":\"");
	return s->cached ? s->tail.error : -ENOMEM;
}

void hawk_tetragon_done(struct hawk_tetragon *s)
{
	for (size_t i = 0; s->cached && i < ROWS; i++)
		hawk_buf_done(&s->cached[i].text);
	free(s->cached);
	hawk_json_done(&s->json);
	hawk_buf_done(&s->tail);
	hawk_buf_done(&s->process);
	hawk_buf_done(&s->extra);
}
