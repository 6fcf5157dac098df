/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/sig/test.h"

#include <errno.h>

#include "src/base/nearest.h"
#include "src/sig/testworld.h"

#define STATE_BYTES ((size_t)4 * 1024 * 1024)
#define SEEN_ENTRIES 4096
#define DEFAULT_AFTER 1000000 /* ns from event to event */
#define FOUND_MAX 256

/* A test that runs. */
struct running {
	struct hawk_sig_world world;
	const struct hawk_sig *sig;
	struct hawk_sig_engine *engine;
	uint64_t time;
	size_t found;        /* findings of SIG */
	struct hawk_buf log; /* what they say */
};

static void tell(void *ctx, const struct hawk_sig_found *found)
{
	struct running *r = ctx;

	if (found->sig != r->sig || r->found++ >= FOUND_MAX)
		return;
	hawk_buf_printf(&r->log, "\n    found at %.3f s: ",
			((double)found->time - (double)HAWK_SIG_WORLD_BOOT) / 1e9);
	hawk_buf_put(&r->log, found->message, found->message_len);
}

static int unknown_field(struct running *r, const struct hawk_event_desc *desc, const struct hawk_yaml_node *node)
{
	struct hawk_nearest near = hawk_nearest_start(node->key);

	for (size_t i = 0; i < desc->n_fields; i++)
		hawk_nearest_offer(&near, desc->fields[i].name);
	return hawk_yaml_refuse(&r->world.yaml, node, 0, "%s has no field %.64s%s%s%s", desc->name, node->key,
				near.best ? "; did you mean " : "", near.best ? near.best : "", near.best ? "?" : "");
}

static int set_data(struct running *r, struct hawk_event *event, struct hawk_yaml_node *data)
{
	if (data && data->kind != HAWK_YAML_MAP)
		return hawk_yaml_refuse(&r->world.yaml, data, 0, "data: expected fields of the event, not %s",
					hawk_yaml_kind_name(data));
	for (struct hawk_yaml_node *one = data ? data->first : NULL; one; one = one->next) {
		int column = hawk_event_field(event->desc, one->key);

		if (column < 0 || hawk_type_desc(event->desc->fields[column].type)->vclass == HAWK_V_TASK)
			return unknown_field(r, event->desc, one);
		if (hawk_yaml_is_null(one))
			continue;
		if (hawk_sig_world_value(&r->world, one, event->desc->fields[column].type, &event->data[column]) < 0)
			return -EINVAL;
	}
	return 0;
}

/* What the process table makes of it. */
static void apply(struct running *r, struct hawk_event *event, struct hawk_process *p)
{
	int child = hawk_event_field(event->desc, "child_pid");

	if (event->desc->id == HAWK_EV_SCHED_PROCESS_FORK && child >= 0 && !(event->data[child].flags & HAWK_VAL_ABSENT) &&
	    !hawk_sig_world_by_pid(&r->world, (int32_t)event->data[child].u))
		hawk_sig_world_fork(&r->world, p, (int32_t)event->data[child].u, event->time);
	if (event->desc->id != HAWK_EV_SCHED_PROCESS_EXEC)
		return;
	p->exec_time = event->time;
	hawk_sig_world_exec(&r->world, p, event->time);
}

static void set_process(struct running *r, struct hawk_event *event, struct hawk_process *p,
			const struct hawk_process *ancestors[static HAWK_ANCESTORS_MAX])
{
	const struct hawk_process *up;

	event->process = p;
	event->parent = hawk_sig_world_parent(&r->world, p);
	event->tgid = event->tid = (uint32_t)p->task.pid;
	event->start = p->task.start;
	event->cgroup = p->task.cgroup;
	memcpy(event->comm, p->comm, sizeof(event->comm));
	if (event->desc->id != HAWK_EV_SCHED_PROCESS_EXEC && event->desc->id != HAWK_EV_SCHED_PROCESS_EXIT)
		return;
	event->ancestors = ancestors;
	for (up = event->parent; up && event->n_ancestors < HAWK_ANCESTORS_MAX;) {
		up = hawk_sig_world_parent(&r->world, up);
		if (up)
			ancestors[event->n_ancestors++] = up;
	}
}

static const struct hawk_event_desc *event_of(struct running *r, struct hawk_yaml_node *node)
{
	struct hawk_yaml_node *name = hawk_yaml_get(node, "event");
	const struct hawk_event_desc *desc = NULL;
	struct hawk_nearest near;
	size_t n;
	const struct hawk_event_desc *const *descs = hawk_event_descs(&n);

	if (name && name->kind == HAWK_YAML_SCALAR)
		desc = hawk_event_by_name(name->text);
	if (desc)
		return desc;
	if (!name || name->kind != HAWK_YAML_SCALAR) {
		hawk_yaml_refuse(&r->world.yaml, name ? name : node, 0, "expected event: and the name of one");
		return NULL;
	}
	near = hawk_nearest_start(name->text);
	for (size_t i = 0; i < n; i++)
		hawk_nearest_offer(&near, descs[i]->name);
	hawk_yaml_refuse(&r->world.yaml, name, 0, "there is no event %.64s%s%s%s", name->text,
			 near.best ? "; did you mean " : "", near.best ? near.best : "", near.best ? "?" : "");
	return NULL;
}

static int run_event(struct running *r, struct hawk_yaml_node *node)
{
	static const char *const keys[] = { "event", "process", "data", "after", NULL };
	const struct hawk_process *ancestors[HAWK_ANCESTORS_MAX];
	struct hawk_event event = { .n_ancestors = 0 };
	struct hawk_yaml_node *after;
	struct hawk_process *p;
	int64_t ns = DEFAULT_AFTER;

	if (node->kind != HAWK_YAML_MAP)
		return hawk_yaml_refuse(&r->world.yaml, node, 0, "expected an event: {event, process, data}, not %s",
					hawk_yaml_kind_name(node));
	hawk_yaml_only_keys(&r->world.yaml, node, keys, "an event");
	after = hawk_yaml_get(node, "after");
	if (after && hawk_sig_world_duration(&r->world, after, &ns) < 0)
		return -EINVAL;
	event.desc = event_of(r, node);
	p = event.desc ? hawk_sig_world_process(&r->world, hawk_yaml_get(node, "process")) : NULL;
	if (!p)
		return r->world.no_memory ? -ENOMEM : -EINVAL;
	r->time += ns > 0 ? (uint64_t)ns : 0;
	event.time = r->time;
	event.walltime = event.time - HAWK_SIG_WORLD_BOOT + HAWK_SIG_WORLD_WALL;
	for (size_t i = 0; i < event.desc->n_fields; i++)
		event.data[i].flags = HAWK_VAL_ABSENT;
	if (set_data(r, &event, hawk_yaml_get(node, "data")) < 0)
		return r->world.no_memory ? -ENOMEM : -EINVAL;
	apply(r, &event, p);
	set_process(r, &event, p, ancestors);
	hawk_sig_engine_event(r->engine, &event, &r->world.model, tell, r);
	return 0;
}

/* Returns 1: it found what it is to find. */
static int judge(const struct running *r, const struct hawk_sig_test *test, struct hawk_buf *out)
{
	size_t right = 0;

	for (size_t i = 0; i < test->n_finds; i++)
		right += strcmp(test->finds[i], r->sig->name) == 0 || strcmp(test->finds[i], r->sig->id) == 0;
	if (right == test->n_finds && right == r->found)
		return 1;
	for (size_t i = 0; i < test->n_finds; i++)
		if (strcmp(test->finds[i], r->sig->name) != 0 && strcmp(test->finds[i], r->sig->id) != 0)
			hawk_buf_printf(out, "%s is not the name of this signature, which is %s; ", test->finds[i],
					r->sig->name);
	hawk_buf_printf(out, "expected %zu findings, there were %zu", test->n_finds, r->found);
	hawk_buf_put(out, r->log.data, r->log.len);
	hawk_buf_putc(out, '\n');
	return 0;
}

static int run_events(struct running *r, const struct hawk_sig_test *test, const struct hawk_sig_set *set)
{
	const struct hawk_sig_limits limits = { STATE_BYTES, SEEN_ENTRIES };
	int e = hawk_sig_engine_new(&r->engine, &limits);

	if (e == 0)
		e = hawk_sig_world_model(&r->world);
	if (e < 0)
		return e;
	hawk_sig_engine_use(r->engine, set);
	for (struct hawk_yaml_node *one = test->events->first; one && e == 0; one = one->next)
		e = run_event(r, one);
	/* Whatever was waited for did not come. */
	if (e == 0)
		hawk_sig_engine_advance(r->engine, r->time + 366ULL * 24 * 3600 * 1000000000, &r->world.model, tell, r);
	return e;
}

int hawk_sig_test_run(const struct hawk_sig *sig, size_t i, const struct hawk_sig_set *set, struct hawk_buf *out,
		      struct hawk_diags *diags)
{
	struct running r = { .sig = sig, .time = HAWK_SIG_WORLD_BOOT };
	const size_t errors = diags->errors;
	int e;

	hawk_sig_world_init(&r.world, sig->tests[i].model, diags);
	e = run_events(&r, &sig->tests[i], set);
	/* Keys that nobody knows are told and left out; what is found without them says nothing. */
	if (e == 0 && diags->errors > errors)
		e = -EINVAL;
	if (e == 0)
		e = judge(&r, &sig->tests[i], out);
	hawk_sig_engine_free(r.engine);
	hawk_sig_world_done(&r.world);
	hawk_buf_done(&r.log);
	return e;
}
