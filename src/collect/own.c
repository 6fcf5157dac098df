/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Rare system calls, each on its own function. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "src/base/cleanup.h"
#include "src/base/log.h"
#include "src/collect/features.h"
#include "src/collect/internal.h"

/* The native function first: without it the alternative is not used. The others serve 32-bit callers. */
static const char *const prefixes[HAWK_OWN_FUNCTIONS] = {
	HAWK_SYSCALL_PREFIX,
	"__ia32_sys_",
	"__ia32_compat_sys_",
};

static int attach_function(struct hawk_collect *c, struct hawk_own *own, int i)
{
	bool programs[HAWK_PROG_MAX] = { [HAWK_PROG_sys_own_fexit] = true };
	struct hawk_load load = { .object = HAWK_OBJ_syscall_fexit, .programs = programs, .target = own->target[i] };
	struct hawk_instance *instance = NULL;
	struct bpf_link *link;
	int r = hawk_instance_load(c, &load, &instance);

	if (r < 0)
		return r;
	link = bpf_program__attach(bpf_object__find_program_by_name(instance->object, "sys_own_fexit"));
	r = (int)libbpf_get_error(link);
	if (r) {
		hawk_instance_put(instance);
		return r;
	}
	pthread_mutex_lock(&c->lock);
	own->on[i] = (struct hawk_attached){ instance, link };
	pthread_mutex_unlock(&c->lock);
	return 0;
}

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

/* Returns 0, or -errno when the native function cannot be hooked. */
static int attach(struct hawk_collect *c, struct hawk_own *own, const struct hawk_event_desc *desc)
{
	own->event = desc->id;
	for (int i = 0; i < HAWK_OWN_FUNCTIONS; i++) {
		int r;

		snprintf(own->target[i], sizeof(own->target[i]), "%s%s", prefixes[i], desc->name);
		r = attach_function(c, own, i);
		if (r < 0 && i == 0) {
			detach(c, own);
			return r;
		}
	}
	return 0;
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
			c->features.own[descs[row]->id] = false;
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
