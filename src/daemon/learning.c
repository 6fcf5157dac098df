/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/daemon/learning.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "src/event/process.h"

/* Findings that are not alike. */
#define KINDS_MAX 1024
/* Longer texts are in no exception. */
#define TEXT_MAX 512

/* What all findings of a kind have in common; len 0: they differ, or have none. */
struct text {
	uint16_t len;
	uint8_t bytes[TEXT_MAX];
};

/* The findings of a signature about one program, in one container or outside of them. */
struct kind {
	char signature[HAWK_SIG_ID_MAX + 1];
	struct text exe, container, unit, package, path;
	uint32_t uid;
	bool one_uid;
	uint64_t findings;
};

struct hawk_learning {
	struct hawk_learning_state state;
	struct kind *kinds; /* KINDS_MAX of them, while there is something to know */
	size_t n;
};

int hawk_learning_new(struct hawk_learning **ret)
{
	*ret = calloc(1, sizeof(**ret));
	return *ret ? 0 : -ENOMEM;
}

struct hawk_learning *hawk_learning_free(struct hawk_learning *l)
{
	if (l)
		free(l->kinds);
	free(l);
	return NULL;
}

void hawk_learning_begin(struct hawk_learning *l, uint64_t time)
{
	free(l->kinds);
	l->kinds = NULL;
	l->n = 0;
	l->state = (struct hawk_learning_state){ .on = true, .began = time };
}

void hawk_learning_end(struct hawk_learning *l, uint64_t time)
{
	if (!l->state.on)
		return;
	l->state.on = false;
	l->state.ended = time;
}

struct hawk_learning_state hawk_learning_state(const struct hawk_learning *l)
{
	return l->state;
}

static struct text text_of(const void *bytes, size_t len)
{
	struct text t = { .len = 0 };

	if (len <= sizeof(t.bytes)) {
		t.len = (uint16_t)len;
		if (len)
			memcpy(t.bytes, bytes, len);
	}
	return t;
}

static struct text of_process(const struct hawk_bytes *b)
{
	return b->flags & HAWK_VAL_TRUNCATED ? text_of(NULL, 0) : text_of(b->data, b->len);
}

static bool same(const struct text *a, const struct text *b)
{
	return a->len == b->len && memcmp(a->bytes, b->bytes, a->len) == 0;
}

/* The field "pathname" of the event, where it has one. */
static struct text path_of(const struct hawk_event *event)
{
	for (size_t i = 0; i < event->desc->n_fields; i++) {
		const struct hawk_value *v = &event->data[i];

		if (strcmp(event->desc->fields[i].name, "pathname") == 0 && !(v->flags & (HAWK_VAL_ABSENT | HAWK_VAL_TRUNCATED)))
			return text_of(v->bytes, v->len);
	}
	return text_of(NULL, 0);
}

static struct text package_of(const struct hawk_process *p, const struct hawk_model *model)
{
	struct hawk_model_package package;

	if (!p->exe.len || !model->package || !model->package(model->ctx, p, p->exe.data, p->exe.len, &package))
		return text_of(NULL, 0);
	return text_of(package.name, strnlen(package.name, sizeof(package.name)));
}

/* Where paths differ what they have in common up to a slash stays, with the slash. */
static void narrow_path(struct text *path, const struct text *other)
{
	size_t n = 0;

	if (same(path, other))
		return;
	while (n < path->len && n < other->len && path->bytes[n] == other->bytes[n])
		n++;
	while (n > 0 && path->bytes[n - 1] != '/')
		n--;
	path->len = n > 1 ? (uint16_t)n : 0; /* not of the root */
}

static struct kind *find(struct hawk_learning *l, const char *signature, const struct text *exe, const struct text *container)
{
	for (size_t i = 0; i < l->n; i++)
		if (strcmp(l->kinds[i].signature, signature) == 0 && same(&l->kinds[i].exe, exe) &&
		    same(&l->kinds[i].container, container))
			return &l->kinds[i];
	return NULL;
}

static void add_to(struct kind *k, const struct hawk_event *event)
{
	const struct text unit = of_process(&event->process->unit), path = path_of(event);

	if (!same(&k->unit, &unit))
		k->unit.len = 0;
	narrow_path(&k->path, &path);
	k->one_uid = k->one_uid && k->uid == event->process->task.uid;
}

void hawk_learning_found(struct hawk_learning *l, const struct hawk_sig_found *found, const struct hawk_model *model)
{
	const struct hawk_process *p = found->event->process;
	struct text exe, container;
	struct kind *k;

	if (!l->state.on || !p)
		return;
	l->state.findings += 1 + found->suppressed;
	exe = of_process(&p->exe);
	container = of_process(&p->container_id);
	if (!l->kinds)
		l->kinds = calloc(KINDS_MAX, sizeof(*l->kinds));
	k = l->kinds ? find(l, found->sig->name, &exe, &container) : NULL;
	if (k) {
		add_to(k, found->event);
	} else if (l->kinds && l->n < KINDS_MAX) {
		k = &l->kinds[l->n++];
		*k = (struct kind){ .exe = exe, .container = container, .unit = of_process(&p->unit),
				    .package = package_of(p, model), .path = path_of(found->event),
				    .uid = p->task.uid, .one_uid = true };
		strncpy(k->signature, found->sig->name, sizeof(k->signature) - 1);
	} else {
		l->state.left_out += 1 + found->suppressed;
		return;
	}
	k->findings += 1 + found->suppressed;
}

/* A text of an expression, within a text of YAML between single quotes. */
static void put_text(struct hawk_buf *out, const struct text *t)
{
	hawk_buf_putc(out, '"');
	for (size_t i = 0; i < t->len; i++) {
		uint8_t c = t->bytes[i];

		if (c == '"' || c == '\\')
			hawk_buf_printf(out, "\\%c", c);
		else if (c == '\'')
			hawk_buf_lit(out, "''");
		else if (c < ' ' || c >= 0x7f)
			hawk_buf_printf(out, "\\x%02x", c);
		else
			hawk_buf_putc(out, (char)c);
	}
	hawk_buf_putc(out, '"');
}

static void put_equal(struct hawk_buf *out, const char *field, const struct text *t)
{
	if (!t->len)
		return;
	hawk_buf_printf(out, " && %s == ", field);
	put_text(out, t);
}

static void put_where(struct hawk_buf *out, const struct kind *k)
{
	const bool whole = k->path.len && k->path.bytes[k->path.len - 1] != '/';

	if (k->exe.len) {
		hawk_buf_lit(out, "process.exe == ");
		put_text(out, &k->exe);
	} else {
		hawk_buf_lit(out, "!has(process.exe)");
	}
	put_equal(out, "process.container_id", &k->container);
	put_equal(out, "process.unit", &k->unit);
	put_equal(out, "package(process.exe)", &k->package);
	if (k->one_uid)
		hawk_buf_printf(out, " && process.uid == %u", k->uid);
	if (whole) {
		put_equal(out, "data.pathname", &k->path);
	} else if (k->path.len) {
		hawk_buf_lit(out, " && startsWith(data.pathname, ");
		put_text(out, &k->path);
		hawk_buf_putc(out, ')');
	}
}

static int by_name(const void *a, const void *b)
{
	const struct kind *x = a, *y = b;
	int r = strcmp(x->signature, y->signature);

	return r ? r : (x->findings < y->findings) - (x->findings > y->findings);
}

bool hawk_learning_propose(struct hawk_learning *l, size_t i, struct hawk_learning_proposal *ret, struct hawk_buf *out)
{
	const struct kind *k;

	if (i >= l->n)
		return false;
	if (i == 0)
		qsort(l->kinds, l->n, sizeof(*l->kinds), by_name);
	k = &l->kinds[i];
	*ret = (struct hawk_learning_proposal){ k->signature, k->findings };
	hawk_buf_printf(out, "  - name: learned-%zu\n    where: '", i + 1);
	put_where(out, k);
	hawk_buf_printf(out, "'\n    why: seen %" PRIu64 " times while learning\n", k->findings);
	return true;
}
