/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Processes. The table belongs to the pipeline thread, so a list is made in
 * two steps: the keys of all processes at once, then their contents in small
 * pieces, each when the client has taken the one before. A process that is
 * forgotten in between is left out.
 */
#include <errno.h>
#include <stdlib.h>

#include "src/base/cleanup.h"
#include "src/base/clock.h"
#include "src/control/server.h"

/* Processes encoded in one visit of the pipeline thread: some 100 µs. */
#define PIECE 64
#define ANCESTORS_MAX 64
#define CHILDREN_MAX 4096

struct key {
	uint32_t pid, ppid;
	uint64_t start, parent_start;
	uint32_t depth;
	uint32_t child, sibling; /* index of the first child and the next sibling plus 1; 0: none */
};

struct keys {
	struct key *v;
	size_t n, size;
	bool exited; /* those, too */
	int error;
};

struct list {
	struct hawk_job job;
	struct keys keys;
	const char *member; /* name of the array in a reply */
	bool tree;
	size_t next;
	size_t end;         /* of the piece being made */
	int64_t boot_offset;
	struct hawk_buf *text;
};

static int add_key(const struct hawk_process *p, void *ctx)
{
	struct keys *k = ctx;

	if (p->exit_time && !k->exited)
		return 0;
	if (k->n == k->size) {
		size_t size = k->size ? 2 * k->size : 1024;
		struct key *v = reallocarray(k->v, size, sizeof(*v));

		if (!v)
			return k->error = -ENOMEM;
		k->v = v;
		k->size = size;
	}
	k->v[k->n++] = (struct key){
		.pid = p->task.pid, .ppid = p->task.ppid,
		.start = p->task.start, .parent_start = p->task.parent_start,
	};
	return 0;
}

static void collect_keys(void *arg, struct hawk_proctab *proctab)
{
	hawk_proctab_each(proctab, add_key, arg);
}

static int by_start(const void *a, const void *b)
{
	const struct key *x = a, *y = b;

	if (x->start != y->start)
		return x->start < y->start ? -1 : 1;
	return x->pid < y->pid ? -1 : x->pid > y->pid;
}

static struct key *find_key(const struct keys *k, uint32_t pid, uint64_t start)
{
	struct key wanted = { .pid = pid, .start = start };

	return k->n ? bsearch(&wanted, k->v, k->n, sizeof(wanted), by_start) : NULL;
}

/* Links children to parents; children come in order of start, for they are added from the last. */
static void link_children(struct keys *k)
{
	for (size_t i = k->n; i-- > 0;) {
		struct key *parent = find_key(k, k->v[i].ppid, k->v[i].parent_start);

		/* A parent starts before its child: what does not is a reused pid, and would make a ring. */
		if (!parent || parent >= &k->v[i])
			continue;
		k->v[i].sibling = parent->child;
		parent->child = i + 1;
		k->v[i].depth = 1; /* has a parent, until the walk knows better */
	}
}

/*
 * Appends the tree below and with ROOT (an index) to ORDER. Children start
 * later than their parents, so every key is visited once.
 */
static size_t walk(struct keys *k, uint32_t root, struct key *order, size_t n, uint32_t *stack)
{
	size_t top = 0;

	k->v[root].depth = 0;
	stack[top++] = root;
	while (top) {
		uint32_t i = stack[--top];
		size_t first = top;

		order[n++] = k->v[i];
		for (uint32_t child = k->v[i].child; child; child = k->v[child - 1].sibling) {
			k->v[child - 1].depth = k->v[i].depth + 1;
			stack[top++] = child - 1;
		}
		for (size_t a = first, b = top; a + 1 < b; a++, b--) {
			uint32_t swap = stack[a];

			stack[a] = stack[b - 1];
			stack[b - 1] = swap;
		}
	}
	return n;
}

/* Puts the keys into the order of a printed tree; with PID only that tree. */
static int make_tree(struct keys *k, uint32_t pid)
{
	_cleanup_free_ struct key *order = malloc((k->n + 1) * sizeof(*order));
	_cleanup_free_ uint32_t *stack = malloc((k->n + 1) * sizeof(*stack));
	size_t n = 0, root = k->n;

	if (!order || !stack)
		return -ENOMEM;
	link_children(k);
	/* The latest process of that number: keys are in order of start. */
	for (size_t i = 0; pid && i < k->n; i++)
		if (k->v[i].pid == pid)
			root = i;
	if (pid && root == k->n)
		return -ESRCH;
	if (pid)
		n = walk(k, root, order, n, stack);
	else
		for (size_t i = 0; i < k->n; i++)
			if (!k->v[i].depth)
				n = walk(k, i, order, n, stack);
	free(k->v);
	k->v = TAKE_PTR(order);
	k->size = k->n + 1;
	k->n = n;
	return 0;
}

/* Pipeline thread: encodes the keys from next to end. */
static void encode_piece(void *arg, struct hawk_proctab *proctab)
{
	struct list *l = arg;

	if (l->text->error)
		return;
	for (; l->next < l->end; l->next++) {
		const struct key *k = &l->keys.v[l->next];
		const struct hawk_process *p = hawk_proctab_find(proctab, k->pid, k->start);

		if (!p)
			continue;
		if (l->text->data[l->text->len - 1] != '[')
			hawk_buf_putc(l->text, ',');
		if (l->tree)
			hawk_buf_printf(l->text, "{\"depth\":%u,\"process\":", k->depth);
		hawk_format_process(l->text, p, l->boot_offset);
		if (l->tree)
			hawk_buf_putc(l->text, '}');
		if (l->text->error)
			return;
	}
}

static int list_run(struct hawk_session *s, struct hawk_job *job)
{
	struct list *l = (struct list *)job;
	int r;

	hawk_buf_reset(l->text);
	hawk_buf_printf(l->text, "{\"%s\":[", l->member);
	do {
		l->end = l->next + PIECE < l->keys.n ? l->next + PIECE : l->keys.n;
		s->control->ops->in_pipeline(s->control->ctx, encode_piece, l);
	} while (!s->call.more && l->next < l->keys.n && !l->text->error);
	hawk_buf_lit(l->text, "]}");
	r = hawk_reply_text(s, l->text, l->next < l->keys.n);
	if (r == -E2BIG && !s->broken)
		r = hawk_reply_failed(s, "too many processes for one reply: ask for "
					 "more (varlinkctl --more)");
	else if (r == 0 && l->next < l->keys.n)
		return 0;
	return r < 0 ? r : 1;
}

static void list_free(struct hawk_session *s, struct hawk_job *job)
{
	struct list *l = (struct list *)job;

	(void)s;
	free(l->keys.v);
	free(l);
}

/* The keys in order of start. Returns 0 with a list to fill in, or -errno. */
static int list_new(struct list **ret, struct hawk_session *s, bool exited)
{
	struct list *l = calloc(1, sizeof(*l));
	int r;

	if (!l)
		return -ENOMEM;
	l->job = (struct hawk_job){ .run = list_run, .free = list_free };
	l->keys.exited = exited;
	l->boot_offset = hawk_clock_boot_offset();
	l->text = &s->control->one_reply;
	s->control->ops->in_pipeline(s->control->ctx, collect_keys, &l->keys);
	r = l->keys.error;
	l->job.bytes = sizeof(*l) + l->keys.size * sizeof(*l->keys.v);
	if (r == 0 && l->job.bytes > hawk_session_room_for_job(s))
		r = -ENOBUFS;
	if (r < 0) {
		list_free(s, &l->job);
		return r;
	}
	if (l->keys.n)
		qsort(l->keys.v, l->keys.n, sizeof(*l->keys.v), by_start);
	*ret = l;
	return 0;
}

int hawk_do_PROCESS_LIST(struct hawk_session *s, const json_t *args)
{
	struct list *l;
	int r = list_new(&l, s, json_is_true(hawk_args_get(args, "exited")));

	if (r < 0)
		return r;
	l->member = "processes";
	s->job = &l->job;
	return 0;
}

static int no_such_process(struct hawk_session *s, json_int_t pid)
{
	return hawk_reply_error(s, hawk_failure_name(HAWK_FAILURE_NO_SUCH_PROCESS),
				json_pack("{s:I}", "pid", pid));
}

int hawk_do_PROCESS_TREE(struct hawk_session *s, const json_t *args)
{
	const json_t *arg = hawk_args_get(args, "pid");
	json_int_t pid = json_integer_value(arg);
	struct list *l;
	int r;

	if (arg && (pid < 1 || pid > INT32_MAX))
		return no_such_process(s, pid);
	r = list_new(&l, s, json_is_true(hawk_args_get(args, "exited")));
	if (r < 0)
		return r;
	l->member = "nodes";
	l->tree = true;
	r = make_tree(&l->keys, pid);
	if (r < 0) {
		list_free(s, &l->job);
		return r == -ESRCH ? no_such_process(s, pid) : r;
	}
	s->job = &l->job;
	return 0;
}

struct shown {
	struct hawk_derive *derive;
	uint32_t pid;
	bool found;
	uint64_t start;
	size_t n_children;
	uint32_t children[CHILDREN_MAX];
	int64_t boot_offset;
	struct hawk_buf text;
};

static int add_child(const struct hawk_process *p, void *ctx)
{
	struct shown *shown = ctx;

	if (!p->exit_time && (uint32_t)p->task.ppid == shown->pid && p->task.parent_start == shown->start &&
	    shown->n_children < CHILDREN_MAX)
		shown->children[shown->n_children++] = p->task.pid;
	return 0;
}

/* Pipeline thread. */
static void show(void *arg, struct hawk_proctab *proctab)
{
	struct shown *shown = arg;
	const struct hawk_process *p = hawk_proctab_by_pid(proctab, shown->pid), *a = p;

	if (!p)
		return;
	shown->found = true;
	shown->start = p->task.start;
	hawk_buf_lit(&shown->text, "{\"process\":");
	hawk_format_process(&shown->text, p, shown->boot_offset);
	hawk_buf_lit(&shown->text, ",\"ancestors\":[");
	for (size_t i = 0; i < ANCESTORS_MAX && (a = hawk_proctab_parent(proctab, a)); i++) {
		if (i)
			hawk_buf_putc(&shown->text, ',');
		hawk_format_process(&shown->text, a, shown->boot_offset);
	}
	hawk_proctab_each(proctab, add_child, shown);
	hawk_buf_lit(&shown->text, "],\"children\":[");
	for (size_t i = 0; i < shown->n_children; i++)
		hawk_buf_printf(&shown->text, i ? ",%u" : "%u", shown->children[i]);
	hawk_buf_lit(&shown->text, "],\"targets\":");
	hawk_put_targets(&shown->text, shown->derive, p);
	hawk_buf_putc(&shown->text, '}');
}

int hawk_do_PROCESS_SHOW(struct hawk_session *s, const json_t *args)
{
	json_int_t pid = json_integer_value(hawk_args_get(args, "pid"));
	_cleanup_free_ struct shown *shown = calloc(1, sizeof(*shown));
	int r;

	if (!shown)
		return -ENOMEM;
	if (pid < 1 || pid > INT32_MAX)
		return no_such_process(s, pid);
	shown->pid = pid;
	shown->derive = s->control->ops->derive(s->control->ctx);
	shown->boot_offset = hawk_clock_boot_offset();
	shown->text.max = s->control->options.client_bytes;
	s->control->ops->in_pipeline(s->control->ctx, show, shown);
	r = shown->found ? hawk_reply_text(s, &shown->text, false) : no_such_process(s, pid);
	hawk_buf_done(&shown->text);
	return r;
}
