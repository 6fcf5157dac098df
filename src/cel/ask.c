/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is asked of the model and of the owner of the expression. */
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "src/cel/run.h"
#include "src/event/names.h"

#define STDIO_BYTES 256

/* The ancestor behind P, which is the I-th; as filters walk them. */
static const struct hawk_process *next_ancestor(const struct hawk_cel_input *in, const struct hawk_process *p, size_t i)
{
	const struct hawk_ir_env *env = in->model ? &in->model->env : NULL;

	if (env && env->parent)
		return env->parent(env->ctx, p);
	return i < in->event->n_ancestors ? in->event->ancestors[i] : NULL;
}

static void ancestors(struct hawk_cel_run *run, struct hawk_cel_value *ret)
{
	struct hawk_cel_value *items = NULL;
	size_t n = 0;

	for (const struct hawk_process *p = run->in->event->parent; p && n < HAWK_IR_ANCESTORS_MAX;
	     p = next_ancestor(run->in, p, n++))
		;
	items = hawk_cel_room(run, n * sizeof(*items));
	if (!items)
		return;
	n = 0;
	for (const struct hawk_process *p = run->in->event->parent; p && n < HAWK_IR_ANCESTORS_MAX;
	     p = next_ancestor(run->in, p, n++))
		items[n] = (struct hawk_cel_value){ .type = HAWK_CEL_PROCESS, .named = HAWK_T_MAX, .process = p };
	hawk_cel_set_list(ret, items, n);
}

/* Tracee's: the process itself and the ancestors behind it, at most so many. */
static void ancestry(struct hawk_cel_run *run, const struct hawk_cel_value *of, const struct hawk_cel_value *depth,
		     struct hawk_cel_value *ret)
{
	struct hawk_cel_value all, *items;
	size_t n;

	if (of->type != HAWK_CEL_PROCESS || of->process != run->in->event->process || depth->i < 0)
		return;
	hawk_cel_set_unknown(&all);
	ancestors(run, &all);
	if (all.type != HAWK_CEL_LIST)
		return;
	n = depth->u < all.len + 1U ? depth->u : all.len + 1U;
	items = hawk_cel_room(run, (n + 1) * sizeof(*items));
	if (!items)
		return;
	items[0] = *of;
	for (size_t i = 1; i < n; i++)
		items[i] = all.items[i - 1];
	hawk_cel_set_list(ret, items, n);
}

/* System calls by number and by name. */
static void system_call(struct hawk_cel_run *run, const struct hawk_cel_value *v, struct hawk_cel_value *ret)
{
	struct hawk_cel_value named = *v;
	uint64_t number;

	if (v->type == HAWK_CEL_STRING) {
		if (hawk_cel_parse_name(HAWK_T_SYSCALL_NR, v->bytes, v->len, &number) == 0)
			hawk_cel_set_int(ret, (int64_t)number);
		return;
	}
	struct hawk_buf text = hawk_cel_open_text(run);

	named.named = HAWK_T_SYSCALL_NR;
	hawk_cel_print_value(&named, &text);
	hawk_cel_take_text(run, &text, ret);
}

static void tree(const struct hawk_cel_run *run, const struct hawk_cel_value *pid, struct hawk_cel_value *ret)
{
	const struct hawk_ir_env *env = run->in->model ? &run->in->model->env : NULL;

	if (env && env->in_tree && run->in->event->process && pid->u <= UINT32_MAX)
		hawk_cel_set_bool(ret, env->in_tree(env->ctx, run->in->event->process, (uint32_t)pid->u));
}

static void dns_names(struct hawk_cel_run *run, const struct hawk_cel_value *v, struct hawk_cel_value *ret)
{
	const struct hawk_model *m = run->in->model;
	struct hawk_cel_value *items;
	uint8_t ip[16];
	const char *name;
	size_t n = 0, len;

	if (!m || !m->dns_name)
		return;
	if (v->type == HAWK_CEL_IP)
		memcpy(ip, v->bytes, sizeof(ip));
	else if (hawk_cel_parse_ip(v->bytes, v->len, ip) < 0)
		return;
	while (n < HAWK_CEL_STEPS_MAX && m->dns_name(m->ctx, ip, n, &name, &len))
		n++;
	items = hawk_cel_room(run, n * sizeof(*items));
	if (!items)
		return;
	for (size_t i = 0; i < n; i++) {
		if (!m->dns_name(m->ctx, ip, i, &name, &len))
			return;
		hawk_cel_set_text(&items[i], name, len);
	}
	hawk_cel_set_list(ret, items, n);
}

static void package(struct hawk_cel_run *run, const struct hawk_cel_value *path, bool state, struct hawk_cel_value *ret)
{
	const struct hawk_model *m = run->in->model;
	struct hawk_model_package p;
	char *name;

	if (!m || !m->package || !run->in->event->process ||
	    !m->package(m->ctx, run->in->event->process, path->bytes, path->len, &p))
		return;
	if (!state) {
		size_t len = strnlen(p.name, sizeof(p.name));

		name = hawk_cel_room(run, len);
		if (!name)
			return;
		memcpy(name, p.name, len);
		hawk_cel_set_text(ret, name, len);
	} else if (!p.name[0]) {
		hawk_cel_set_text(ret, "none", strlen("none"));
	} else if (p.state == HAWK_ORIGIN_INTACT) {
		hawk_cel_set_text(ret, "intact", strlen("intact"));
	} else if (p.state == HAWK_ORIGIN_CHANGED) {
		hawk_cel_set_text(ret, "changed", strlen("changed"));
	}
}

/* A v4-mapped address is written as the one that it stands for. */
static void print_peer(const struct hawk_value *v, struct hawk_buf *out)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET };
	struct hawk_value as_v4 = *v;
	struct sockaddr_in6 v6;
	sa_family_t family = 0;

	if (v->len >= sizeof(family))
		memcpy(&family, v->bytes, sizeof(family));
	if (family == AF_UNIX)
		hawk_buf_lit(out, "unix:");
	if (family == AF_INET6 && v->len >= sizeof(v6)) {
		memcpy(&v6, v->bytes, sizeof(v6));
		if (IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr)) {
			v4.sin_port = v6.sin6_port;
			memcpy(&v4.sin_addr, &v6.sin6_addr.s6_addr[12], sizeof(v4.sin_addr));
			as_v4.bytes = (const uint8_t *)&v4;
			as_v4.len = sizeof(v4);
		}
	}
	hawk_value_print(out, HAWK_T_SOCKADDR, &as_v4, 0);
}

/* What the kernel saw at an exec. Returns false when the event does not say. */
static bool recorded_stdio(struct hawk_cel_run *run, uint64_t fd, struct hawk_cel_value *ret)
{
	static const char *const types[] = { "stdin_type", "stdout_type", "stderr_type" };
	static const char *const peers[] = { "stdin_addr", "stdout_addr", "stderr_addr" };
	const struct hawk_event *e = run->in->event;
	const int type = hawk_event_field(e->desc, types[fd]), peer = hawk_event_field(e->desc, peers[fd]);
	struct hawk_buf text;

	if (type < 0 || peer < 0 || e->data[type].flags & HAWK_VAL_ABSENT)
		return false;
	if (!S_ISSOCK(e->data[type].u)) {
		hawk_cel_set_text(ret, "", 0);
		return true;
	}
	if (e->data[peer].flags & HAWK_VAL_ABSENT)
		return false;
	text = hawk_cel_open_text(run);
	print_peer(&e->data[peer], &text);
	hawk_cel_take_text(run, &text, ret);
	return true;
}

static void stdio_socket(struct hawk_cel_run *run, const struct hawk_cel_value *fd, struct hawk_cel_value *ret)
{
	const struct hawk_model *m = run->in->model;
	char *room;
	int len;

	if (fd->u > 2 || recorded_stdio(run, fd->u, ret) || !m || !m->stdio_socket || !run->in->event->process)
		return;
	room = hawk_cel_room(run, STDIO_BYTES);
	len = room ? m->stdio_socket(m->ctx, run->in->event->process, (unsigned int)fd->u, room, STDIO_BYTES) : -1;
	if (len >= 0 && len <= STDIO_BYTES)
		hawk_cel_set_text(ret, room, (size_t)len);
}

static void ancestor_connection(struct hawk_cel_run *run, const struct hawk_cel_value *nth, struct hawk_cel_value *ret)
{
	const struct hawk_process *p = run->in->event->parent;
	const struct hawk_model *m = run->in->model;
	char *room;
	int len;

	if (nth->u < 1 || nth->u > HAWK_IR_ANCESTORS_MAX)
		return;
	for (size_t n = 1; p && n < nth->u; n++)
		p = next_ancestor(run->in, p, n - 1);
	if (!p || !m || !m->connection)
		return;
	room = hawk_cel_room(run, STDIO_BYTES);
	len = room ? m->connection(m->ctx, p, room, STDIO_BYTES) : -1;
	if (len >= 0 && len <= STDIO_BYTES)
		hawk_cel_set_text(ret, room, (size_t)len);
}

static void first_seen(struct hawk_cel_run *run, const struct hawk_cel_node *n, const struct hawk_cel_value *args,
		       size_t n_args, struct hawk_cel_value *ret)
{
	uint64_t hash = run->cel->place + n->at;

	if (!run->in->first_seen)
		return;
	for (size_t i = 0; i < n_args; i++)
		hash = hawk_cel_hash(&args[i], hash);
	hawk_cel_set_bool(ret, run->in->first_seen(run->in->ctx, hash));
}

/* What is known of the container of PROCESS. Returns false when it is in none, or nobody knows. */
static bool container(const struct hawk_cel_run *run, const struct hawk_process *process, struct hawk_model_container *ret)
{
	const struct hawk_model *m = run->in->model;

	return m && m->container && m->container(m->ctx, process, ret);
}

/* What comes from a runtime comes from outside, also when that is in already. */
static bool from_outside(const struct hawk_cel_run *run, const struct hawk_process *p, const struct hawk_process *parent)
{
	struct hawk_model_container c;

	return !hawk_process_same_container(p, parent) || (container(run, parent, &c) && c.runtime);
}

static void container_value(struct hawk_cel_run *run, enum hawk_cel_function f, struct hawk_cel_value *ret)
{
	const struct hawk_event *e = run->in->event;
	const struct hawk_process *p = e->process;
	struct hawk_model_container c;

	if (!p)
		return;
	if (f == HAWK_CEL_F_CONTAINER_ID) {
		hawk_cel_set_text(ret, p->container_id.data, p->container_id.len);
	} else if (f == HAWK_CEL_F_CONTAINER_ENTRY) {
		if (!p->container_id.len)
			hawk_cel_set_bool(ret, false);
		else if (e->parent)
			hawk_cel_set_bool(ret, from_outside(run, p, e->parent));
	} else if (f != HAWK_CEL_F_CONTAINER_AGE && !p->container_id.len) {
		hawk_cel_set_bool(ret, false);
	} else if (container(run, p, &c)) {
		if (f == HAWK_CEL_F_CONTAINER_RUNTIME)
			hawk_cel_set_bool(ret, c.runtime);
		else if (c.started && f == HAWK_CEL_F_CONTAINER_STARTED)
			hawk_cel_set_bool(ret, c.started < e->time);
		else if (c.started)
			*ret = (struct hawk_cel_value){ .type = HAWK_CEL_DURATION, .named = HAWK_T_MAX,
							.i = (int64_t)(e->time - c.started) };
	}
}

void hawk_cel_ask(struct hawk_cel_run *run, const struct hawk_cel_node *n, const struct hawk_cel_value *args, size_t n_args,
		  struct hawk_cel_value *ret)
{
	switch ((enum hawk_cel_function)n->index) {
	case HAWK_CEL_F_TREE:
		tree(run, args, ret);
		break;
	case HAWK_CEL_F_DNS_NAMES:
		dns_names(run, args, ret);
		break;
	case HAWK_CEL_F_PACKAGE:
	case HAWK_CEL_F_PACKAGE_STATE:
		package(run, args, n->index == HAWK_CEL_F_PACKAGE_STATE, ret);
		break;
	case HAWK_CEL_F_STDIO_SOCKET:
		stdio_socket(run, args, ret);
		break;
	case HAWK_CEL_F_ANCESTOR_CONNECTION:
		ancestor_connection(run, args, ret);
		break;
	case HAWK_CEL_F_FIRST_SEEN:
		first_seen(run, n, args, n_args, ret);
		break;
	case HAWK_CEL_F_ANCESTORS:
		ancestors(run, ret);
		break;
	case HAWK_CEL_F_SELF:
		if (run->in->event->process)
			*ret = (struct hawk_cel_value){ .type = HAWK_CEL_PROCESS, .named = HAWK_T_MAX,
							.process = run->in->event->process };
		break;
	case HAWK_CEL_F_PROCESS_GET:
		if (args->type == HAWK_CEL_PROCESS)
			*ret = *args;
		break;
	case HAWK_CEL_F_ANCESTRY:
		ancestry(run, &args[0], &args[1], ret);
		break;
	case HAWK_CEL_F_SYSCALL_NAME:
	case HAWK_CEL_F_SYSCALL_ID:
		system_call(run, args, ret);
		break;
	case HAWK_CEL_F_DNS_RESPONSE:
	case HAWK_CEL_F_SYSTEM_INFO:
		break; /* what is selected from it has a value */
	default:
		container_value(run, n->index, ret);
	}
}
