/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whom state belongs to. */
#include <netinet/in.h>
#include <sys/socket.h>

#include "src/event/process.h"
#include "src/sig/hash.h"
#include "src/sig/internal.h"

#define NO_ID UINT32_MAX

static uint64_t of_process(const struct hawk_sig_engine *e, const struct hawk_process *p)
{
	return hawk_sig_mix(e->seed ^ (uint32_t)p->task.pid, p->task.start);
}

static uint64_t of_text(const struct hawk_sig_engine *e, const struct hawk_bytes *b)
{
	return hawk_sig_hash(e->seed, b->data, b->len);
}

static uint64_t of_session(const struct hawk_sig_engine *e, const struct hawk_process *p)
{
	if (p->task.sessionid != NO_ID)
		return hawk_sig_mix(e->seed, p->task.sessionid);
	/* Terminals of containers have the same names. */
	return hawk_sig_mix(e->seed ^ p->task.cgroup, p->tty.len ? of_text(e, &p->tty) : 0);
}

static bool of_sockaddr(const struct hawk_sig_engine *e, const struct hawk_value *v, uint64_t *ret)
{
	uint8_t ip[16] = { [10] = 0xff, [11] = 0xff };
	sa_family_t family;

	if (v->len < sizeof(family))
		return false;
	memcpy(&family, v->bytes, sizeof(family));
	if (family == AF_INET && v->len >= offsetof(struct sockaddr_in, sin_zero))
		memcpy(ip + 12, v->bytes + offsetof(struct sockaddr_in, sin_addr), 4);
	else if (family == AF_INET6 && v->len >= offsetof(struct sockaddr_in6, sin6_scope_id))
		memcpy(ip, v->bytes + offsetof(struct sockaddr_in6, sin6_addr), 16);
	else
		return false;
	*ret = hawk_sig_hash(e->seed, ip, 16);
	return true;
}

/* The other end, by the names that the tables give it. */
static bool of_address(const struct hawk_sig_engine *e, uint64_t *ret)
{
	static const char *const names[] = { "remote_addr", "dest_addr", "src_addr", "addr", "dst", "src" };
	const struct hawk_event *event = e->event;
	/* Who came to us stands where it comes from. */
	const bool in = event->desc->id == HAWK_EV_NET_TCP_ACCEPT;

	for (size_t i = in ? 5 : 0; i < sizeof(names) / sizeof(names[0]); i++) {
		int column = hawk_event_field(event->desc, names[i]);
		const struct hawk_value *v = column < 0 ? NULL : &event->data[column];

		if (!v || v->flags & (HAWK_VAL_ABSENT | HAWK_VAL_UNREADABLE | HAWK_VAL_NULL))
			continue;
		if (event->desc->fields[column].type == HAWK_T_IP) {
			*ret = hawk_sig_hash(e->seed, v->bytes, 16);
			return true;
		}
		if (event->desc->fields[column].type == HAWK_T_SOCKADDR ||
		    event->desc->fields[column].type == HAWK_T_SOCKADDR_OUT)
			return of_sockaddr(e, v, ret);
	}
	return false;
}

static bool of_value(struct hawk_sig_engine *e, const struct hawk_cel *cel, const struct hawk_sig_captures *captures,
		     uint64_t *ret)
{
	struct hawk_cel_input in = hawk_sig_input(e, captures);
	struct hawk_cel_value v;

	hawk_cel_eval(cel, &in, &v);
	*ret = hawk_cel_hash(&v, e->seed);
	return v.type != HAWK_CEL_UNKNOWN;
}

/* Returns false when it is not known. Of a tree it is the process. */
static bool of_key(struct hawk_sig_engine *e, const struct hawk_sig_key *key, const struct hawk_sig_captures *captures,
		   uint64_t *ret)
{
	const struct hawk_process *p = e->event->process;

	if (!p && key->by != HAWK_SIG_BY_VALUE && key->by != HAWK_SIG_BY_ADDRESS)
		return false;
	switch (key->by) {
	case HAWK_SIG_BY_VALUE:
		return of_value(e, key->value, captures, ret);
	case HAWK_SIG_BY_PROCESS:
	case HAWK_SIG_BY_TREE:
		*ret = of_process(e, p);
		return true;
	case HAWK_SIG_BY_CONTAINER: /* the host is one, too */
		*ret = of_text(e, &p->container_id);
		return true;
	case HAWK_SIG_BY_USER:
		*ret = hawk_sig_mix(e->seed, p->task.loginuid != NO_ID ? p->task.loginuid : p->task.uid);
		return true;
	case HAWK_SIG_BY_SESSION:
		*ret = of_session(e, p);
		return true;
	case HAWK_SIG_BY_ADDRESS:
		return of_address(e, ret);
	}
	return false;
}

/* The parent of P, which is the I-th of the line of the event's process. */
static const struct hawk_process *parent_of(const struct hawk_sig_engine *e, const struct hawk_process *p, size_t i)
{
	const struct hawk_ir_env *env = e->model ? &e->model->env : NULL;
	const struct hawk_process *up = env && env->parent ? env->parent(env->ctx, p) : NULL;

	if (up || (env && env->parent && i))
		return up;
	if (i == 0)
		return e->event->parent;
	return i <= e->event->n_ancestors ? e->event->ancestors[i - 1] : NULL;
}

size_t hawk_sig_keys(struct hawk_sig_engine *e, const struct hawk_sig_run *run,
		     uint64_t ret[static HAWK_SIG_ANCESTORS_MAX + 1])
{
	const struct hawk_process *p = e->event->process;
	uint64_t base = run->salt, one;
	size_t n = 0;

	for (size_t i = 0; i < run->sig->n_by; i++) {
		if (!of_key(e, &run->sig->by[i], NULL, &one))
			return 0;
		if (run->sig->by[i].by != HAWK_SIG_BY_TREE)
			base = hawk_sig_mix(base, one);
	}
	if (!run->tree) {
		ret[0] = base;
		return 1;
	}
	for (; p && n <= HAWK_SIG_ANCESTORS_MAX; p = parent_of(e, p, n++))
		ret[n] = hawk_sig_mix(base, of_process(e, p));
	return n;
}

uint64_t hawk_sig_suppress_key(struct hawk_sig_engine *e, const struct hawk_sig_run *run,
			       const struct hawk_sig_captures *captures)
{
	const struct hawk_sig *sig = run->sig;
	/* Not a key of what is still under way. */
	uint64_t key = hawk_sig_mix(run->salt, e->seed), one;

	if (!sig->n_suppress_by && e->event->process)
		key = hawk_sig_mix(key, of_text(e, &e->event->process->exe));
	for (size_t i = 0; i < sig->n_suppress_by; i++)
		key = hawk_sig_mix(key, of_key(e, &sig->suppress_by[i], captures, &one) ? one : i);
	return key;
}
