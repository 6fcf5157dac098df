/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The process part of the native JSON. pid, tid and comm come first and from
 * the event; the rest changes rarely and is encoded once per change, into
 * hawk_process.json:
 *
 *   ,"start_time":"…","exe":"…"  ,"ppid":…,"uid":…, … }
 *   '---------- head ---------'
 *
 * A parent shows pid, comm and the head, so that one encoding serves both.
 */
#include <errno.h>
#include <stdlib.h>

#include "src/base/cleanup.h"
#include "src/format/redact.h"
#include "src/format/render.h"

#define DEPTH_MAX 4
/* A longer encoding (a huge argv) is made for each event: memory is dearer than that. */
#define CACHE_MAX 8192

/* Keys that begin the object and are not encoded here. */
static const char *const before[] = { "process.pid", "process.tid", "process.comm" };
/* Fields of the head, in this order. */
static const char *const head[] = { "process.start_time", "process.exe" };

/* One field: the objects to leave and to enter before it, then the member. */
struct step {
	struct hawk_json_key key;
	uint16_t field;  /* index for hawk_process_get */
	uint8_t depth;   /* objects around it, below "process" */
	struct hawk_json_key object[DEPTH_MAX]; /* steps in the same object share the text of its key */
};

static struct {
	struct step *step;
	size_t n;
	size_t facts; /* from here on: credentials and namespaces, which struct hawk_json_facts has together */
} plan;

static bool listed(const char *const *list, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(list[i], name) == 0)
			return true;
	return false;
}

/* The key of the object whose name is the first LEN bytes of NAME, PART the last of them; shared when there is one. */
static int object_key(struct hawk_json_key *ret, const char *name, size_t len, const char *part)
{
	char text[64];
	uint8_t depth = 0;

	for (const char *c = name; c < part; c++)
		depth += *c == '.';
	for (size_t i = 0; i < plan.n; i++) {
		const char *other = strchr(hawk_process_field(plan.step[i].field)->name, '.') + 1;

		if (plan.step[i].depth > depth && strncmp(other, name, len) == 0 && other[len] == '.') {
			*ret = plan.step[i].object[depth];
			return 0;
		}
	}
	len -= (size_t)(part - name);
	if (len >= sizeof(text))
		return -ENAMETOOLONG;
	memcpy(text, part, len);
	text[len] = '\0';
	return hawk_json_key_init(ret, text, HAWK_T_U32);
}

static int plan_add(size_t field)
{
	const struct hawk_field *f = hawk_process_field(field);
	struct step *s = &plan.step[plan.n];
	const char *whole = strchr(f->name, '.') + 1, *name = whole;
	int r = 0;

	*s = (struct step){ .field = (uint16_t)field };
	for (const char *dot; r == 0 && s->depth < DEPTH_MAX && (dot = strchr(name, '.')); name = dot + 1)
		r = object_key(&s->object[s->depth++], whole, (size_t)(dot - whole), name);
	plan.n++;
	return r < 0 ? r : hawk_json_key_init(&s->key, name, f->type);
}

/* Is this made of what facts_of() leaves, and of the host's namespaces, alone? */
static bool is_fact(const struct step *s)
{
	const struct hawk_field *f = hawk_process_field(s->field);

	return f->type == HAWK_T_UID || f->type == HAWK_T_CAPS || strcmp(f->name, "process.securebits") == 0 ||
	       strncmp(f->name, "process.ns.", strlen("process.ns.")) == 0;
}

int hawk_json_process_prepare(void)
{
	size_t n = hawk_process_fields();
	int r = 0;

	plan.step = calloc(n, sizeof(*plan.step));
	if (!plan.step)
		return -ENOMEM;
	for (size_t h = 0; h < ARRAY_SIZE(head); h++)
		for (size_t i = 0; i < n && !r; i++)
			if (strcmp(hawk_process_field(i)->name, head[h]) == 0)
				r = plan_add(i);
	for (size_t i = 0; i < n && !r; i++) {
		const char *name = hawk_process_field(i)->name;

		if (!listed(before, ARRAY_SIZE(before), name) && !listed(head, ARRAY_SIZE(head), name))
			r = plan_add(i);
	}
	plan.facts = plan.n;
	while (plan.facts > ARRAY_SIZE(head) && is_fact(&plan.step[plan.facts - 1]))
		plan.facts--;
	return r;
}

/* The objects that are open while members are written. */
struct path {
	const char *object[DEPTH_MAX]; /* texts of their keys */
	size_t start[DEPTH_MAX]; /* where the members of the object begin in the buffer */
	uint8_t depth;
};

/* Leaves the objects that S is not in, enters those that it is in. */
static void go_to(struct path *at, const struct step *s, struct hawk_buf *out)
{
	uint8_t common = 0;

	while (common < at->depth && common < s->depth && at->object[common] == s->object[common].text)
		common++;
	while (at->depth > common)
		hawk_json_close(out, at->start[--at->depth]);
	while (at->depth < s->depth) {
		const struct hawk_json_key *object = &s->object[at->depth];

		hawk_buf_put(out, object->text, object->len);
		at->object[at->depth] = object->text;
		at->start[at->depth++] = out->len;
	}
}

/* Appends the members of the steps from FROM to TO - 1. */
static void put_steps(struct hawk_json *j, const struct hawk_process *p, size_t from, size_t to, struct hawk_buf *out)
{
	struct path at = { .depth = 0 };
	const struct step nowhere = { .depth = 0 };

	for (size_t i = from; i < to; i++) {
		const struct step *s = &plan.step[i];
		struct hawk_value v;

		if (hawk_process_get(s->field, p, &v) < 0 || v.flags & HAWK_VAL_ABSENT)
			continue;
		go_to(&at, s, out);
		hawk_json_member(j, &s->key, &v, out);
	}
	go_to(&at, &nowhere, out);
}

static struct hawk_abi_task facts_of(const struct hawk_process *p)
{
	struct hawk_abi_task facts = p->task;

	facts.start = facts.parent_start = facts.cgroup = facts.exec_id = 0;
	facts.pid = facts.ppid = facts.ns_pid = facts.ns_ppid = 0;
	return facts;
}

static void put_facts(struct hawk_json *j, const struct hawk_process *p, struct hawk_buf *out)
{
	const struct hawk_abi_task facts = facts_of(p);
	struct hawk_json_facts *same =
		&j->facts[(facts.uid ^ facts.ns_mnt ^ facts.ns_net ^ facts.cap_effective) % HAWK_JSON_FACTS];
	size_t start = out->len;

	if (p->source == HAWK_FROM_HEADER) { /* these are not known */
		put_steps(j, p, plan.facts, plan.n, out);
		return;
	}
	if (same->len && memcmp(&same->task, &facts, sizeof(facts)) == 0 &&
	    memcmp(&same->host, hawk_host_ns(), sizeof(same->host)) == 0) {
		hawk_buf_put(out, same->text, same->len);
		return;
	}
	put_steps(j, p, plan.facts, plan.n, out);
	if (out->error || out->len - start > sizeof(same->text))
		return;
	same->task = facts;
	same->host = *hawk_host_ns();
	same->len = (uint16_t)(out->len - start);
	memcpy(same->text, out->data + start, same->len);
}

/* Appends the members of P from the head on and the closing brace. Returns the length of the head. */
static size_t encode(struct hawk_json *j, const struct hawk_process *p, struct hawk_buf *out)
{
	size_t start = out->len, head_len;

	put_steps(j, p, 0, ARRAY_SIZE(head), out);
	head_len = out->len - start;
	put_steps(j, p, ARRAY_SIZE(head), plan.facts, out);
	put_facts(j, p, out);
	hawk_buf_putc(out, '}');
	return head_len;
}

/* Where the encoding of a process lies: in its cache or, until the next one is made, in hawk_json.process. */
struct encoding {
	const void *data;
	size_t len, head;
};

/*
 * The cache belongs to the formatter although the process is const to everybody
 * but the process table: this is the one place that writes to it. It runs in the
 * pipeline thread, which owns the table; no other thread may come here. json.full
 * holds the number of the redaction patterns, json.flags the length of the head.
 */
static void store(const struct hawk_process *p, const struct encoding *e)
{
	struct hawk_process *writable = (struct hawk_process *)(uintptr_t)p;
	uint8_t *data = realloc(p->json.data, e->len);

	if (!data)
		return;
	memcpy(data, e->data, e->len);
	writable->json = (struct hawk_bytes){
		.data = data,
		.len = (uint32_t)e->len,
		.full = hawk_redact_generation(),
		.flags = (uint32_t)e->head,
	};
	writable->json_valid = true;
}

static struct encoding encoding_of(struct hawk_json *j, const struct hawk_process *p)
{
	struct encoding e = { .head = 0 };

	if (__builtin_expect(p->json_valid && p->json.full == hawk_redact_generation(), 1))
		return (struct encoding){ p->json.data, p->json.len, p->json.flags };
	hawk_buf_reset(&j->process);
	j->process.max = HAWK_FORMAT_EVENT_MAX;
	e.head = encode(j, p, &j->process);
	if (j->process.error)
		return (struct encoding){ .len = 0 };
	e.data = j->process.data;
	e.len = j->process.len;
	if (e.len <= CACHE_MAX && !p->borrowed)
		store(p, &e);
	return e;
}

static void put_comm(struct hawk_buf *out, const uint8_t *comm)
{
	hawk_buf_lit(out, ",\"comm\":");
	hawk_json_string(out, comm, strnlen((const char *)comm, HAWK_COMM_LEN));
}

static void put_process(struct hawk_json *j, const struct hawk_event *event, struct hawk_buf *out)
{
	struct encoding e = { .len = 0 };

	hawk_buf_lit(out, ",\"process\":{\"pid\":");
	hawk_buf_u64(out, event->tgid);
	hawk_buf_lit(out, ",\"tid\":");
	hawk_buf_u64(out, event->tid);
	put_comm(out, event->comm);
	if (event->process)
		e = encoding_of(j, event->process);
	if (e.len)
		hawk_buf_put(out, e.data, e.len);
	else
		hawk_buf_putc(out, '}');
}

static void put_parent(struct hawk_json *j, const struct hawk_process *p, struct hawk_buf *out)
{
	struct encoding e = encoding_of(j, p);

	hawk_buf_lit(out, ",\"parent\":{\"pid\":");
	hawk_buf_s64(out, p->task.pid);
	put_comm(out, p->comm);
	hawk_buf_put(out, e.data, e.head);
	hawk_buf_putc(out, '}');
}

void hawk_json_processes(struct hawk_json *j, const struct hawk_event *event, struct hawk_buf *out)
{
	/* What the daemon reports itself has no process. */
	if (event->tgid || event->process)
		put_process(j, event, out);
	if (event->parent)
		put_parent(j, event->parent, out);
}

int hawk_format_process(struct hawk_buf *out, const struct hawk_process *p, int64_t boot_offset)
{
	struct hawk_json j = { .boot_offset = boot_offset };
	size_t start = out->len;
	int r = hawk_json_prepare();

	if (r < 0)
		return r;
	hawk_buf_lit(out, "{\"pid\":");
	hawk_buf_s64(out, p->task.pid);
	put_comm(out, p->comm);
	encode(&j, p, out);
	hawk_json_done(&j);
	if (out->error)
		out->len = start;
	return out->error;
}
