/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Rare system calls, each on its own function. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "src/base/cleanup.h"
#include "src/base/log.h"
#include "src/collect/features.h"
#include "src/collect/internal.h"

static void detach(struct hawk_collect *c, struct hawk_own *own)
{
	struct hawk_own old = *own;

	pthread_mutex_lock(&c->lock);
	*own = (struct hawk_own){ .event = 0 };
	pthread_mutex_unlock(&c->lock);
	for (int i = 0; i < HAWK_OWN_FUNCTIONS; i++) {
		bpf_link__destroy(old.on[i].link);
		hawk_instance_put(old.on[i].instance);
	}
}

/* A call that is to be hooked, and what is loaded for it: all its functions at once. */
struct request {
	struct hawk_own *own;
	const char *targets[HAWK_PROG_MAX];
	bool programs[HAWK_PROG_MAX];
};

static void prepare(struct hawk_collect *c, struct request *q, const struct hawk_event_desc *desc)
{
	q->own->event = desc->id;
	for (int i = 0; i < HAWK_OWN_FUNCTIONS; i++) {
		hawk_features_own_function(i, desc->name, q->own->target[i], sizeof(q->own->target[i]));
		q->targets[hawk_own_program(i)] = q->own->target[i];
		q->programs[hawk_own_program(i)] = c->features.own[desc->id] >> i & 1;
	}
}

/* Takes over the instance. Only the native function must be there. Returns 0 or -errno. */
static int attach(struct hawk_collect *c, const struct request *q, struct hawk_instance *instance)
{
	int r = 0;

	for (int i = 0; r == 0 && i < HAWK_OWN_FUNCTIONS; i++) {
		const char *name = hawk_prog_desc(hawk_own_program(i))->name;
		struct bpf_link *link;

		if (!q->programs[hawk_own_program(i)])
			continue;
		link = bpf_program__attach(bpf_object__find_program_by_name(instance->object, name));
		if (libbpf_get_error(link)) {
			r = i == 0 ? (int)libbpf_get_error(link) : 0;
			continue;
		}
		pthread_mutex_lock(&c->lock);
		instance->users++;
		q->own->on[i] = (struct hawk_attached){ instance, link };
		pthread_mutex_unlock(&c->lock);
	}
	hawk_instance_put(instance);
	return r;
}

static struct hawk_own *find(struct hawk_collect *c, uint16_t event)
{
	for (size_t i = 0; i < HAWK_OWN_MAX; i++)
		if (c->own[i].event == event)
			return &c->own[i];
	return NULL;
}

/* Detaches what is not wanted any more. Returns how many are wanted and not hooked yet: their rows are in ROWS. */
static size_t changes(struct hawk_collect *c, size_t rows[static HAWK_OWN_MAX])
{
	const struct hawk_event_desc *const *descs;
	size_t n, wanted = 0;

	descs = hawk_event_descs(&n);
	for (size_t row = 0; row < n; row++) {
		struct hawk_own *own = find(c, descs[row]->id);

		if (own && !hawk_plan_own(&c->plan, row))
			detach(c, own);
		else if (!own && hawk_plan_own(&c->plan, row) && wanted < HAWK_OWN_MAX)
			rows[wanted++] = row;
	}
	return wanted;
}

int hawk_own_plan(struct hawk_collect *c)
{
	const struct hawk_event_desc *const *descs = hawk_event_descs(&(size_t){ 0 });
	struct request requests[HAWK_OWN_MAX] = { 0 };
	struct hawk_load_job jobs[HAWK_OWN_MAX] = { 0 };
	size_t rows[HAWK_OWN_MAX], n = changes(c, rows);
	bool failed = false;

	/* together: each load is a tenth of a second of one processor */
	for (size_t i = 0; i < n; i++) {
		requests[i].own = find(c, 0);
		prepare(c, &requests[i], descs[rows[i]]);
		jobs[i].load = (struct hawk_load){ HAWK_OBJ_syscall_fexit, requests[i].programs, requests[i].targets };
	}
	hawk_load_all(c, jobs, n);
	for (size_t i = 0; i < n; i++) {
		const struct hawk_event_desc *desc = descs[rows[i]];
		int r = jobs[i].result < 0 ? jobs[i].result : attach(c, &requests[i], jobs[i].instance);

		if (r == 0)
			continue;
		detach(c, requests[i].own);
		hawk_notice("%s cannot be hooked on its own function (%s): all system calls pay for it", desc->name,
			    strerror(-r));
		c->features.own[desc->id] = 0;
		failed = true;
	}
	return failed;
}

void hawk_own_detach_all(struct hawk_collect *c)
{
	for (size_t i = 0; i < HAWK_OWN_MAX; i++)
		if (c->own[i].event)
			detach(c, &c->own[i]);
}
