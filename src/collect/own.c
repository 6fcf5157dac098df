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

/* All functions of the call in one load; only the native one must succeed. Returns 0 or -errno. */
static int attach(struct hawk_collect *c, struct hawk_own *own, const struct hawk_event_desc *desc)
{
	const char *targets[HAWK_PROG_MAX] = { NULL };
	bool programs[HAWK_PROG_MAX] = { false };
	struct hawk_load load = { HAWK_OBJ_syscall_fexit, programs, targets };
	struct hawk_instance *instance = NULL;
	int r;

	own->event = desc->id;
	for (int i = 0; i < HAWK_OWN_FUNCTIONS; i++) {
		hawk_features_own_function(i, desc->name, own->target[i], sizeof(own->target[i]));
		targets[hawk_own_program(i)] = own->target[i];
		programs[hawk_own_program(i)] = c->features.own[desc->id] >> i & 1;
	}
	r = hawk_instance_load(c, &load, &instance);
	for (int i = 0; r == 0 && i < HAWK_OWN_FUNCTIONS; i++) {
		const char *name = hawk_prog_desc(hawk_own_program(i))->name;
		struct bpf_link *link;

		if (!programs[hawk_own_program(i)])
			continue;
		link = bpf_program__attach(bpf_object__find_program_by_name(instance->object, name));
		if (libbpf_get_error(link)) {
			r = i == 0 ? (int)libbpf_get_error(link) : 0;
			continue;
		}
		pthread_mutex_lock(&c->lock);
		instance->users++;
		own->on[i] = (struct hawk_attached){ instance, link };
		pthread_mutex_unlock(&c->lock);
	}
	hawk_instance_put(instance);
	if (r < 0)
		detach(c, own);
	return r;
}

static struct hawk_own *find(struct hawk_collect *c, uint16_t event)
{
	for (size_t i = 0; i < HAWK_OWN_MAX; i++)
		if (c->own[i].event == event)
			return &c->own[i];
	return NULL;
}

int hawk_own_plan(struct hawk_collect *c)
{
	const struct hawk_event_desc *const *descs;
	bool failed = false;
	size_t n;

	descs = hawk_event_descs(&n);
	for (size_t row = 0; row < n; row++) {
		struct hawk_own *own = find(c, descs[row]->id);
		bool wanted = hawk_plan_own(&c->plan, row);
		int r = 0;

		if (own && !wanted)
			detach(c, own);
		if (own || !wanted)
			continue;
		own = find(c, 0);
		r = own ? attach(c, own, descs[row]) : -ENOSPC;
		if (r < 0) {
			hawk_notice("%s cannot be hooked on its own function (%s): all system calls pay for it",
				    descs[row]->name, strerror(-r));
			c->features.own[descs[row]->id] = 0;
			failed = true;
		}
	}
	return failed;
}

void hawk_own_detach_all(struct hawk_collect *c)
{
	for (size_t i = 0; i < HAWK_OWN_MAX; i++)
		if (c->own[i].event)
			detach(c, &c->own[i]);
}
