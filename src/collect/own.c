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

static struct hawk_own *find(struct hawk_collect *c, uint16_t event)
{
	for (size_t i = 0; i < HAWK_OWN_MAX; i++)
		if (c->own[i].event == event)
			return &c->own[i];
	return NULL;
}

/* A call that is to be hooked, and what is loaded for it: all its functions at once. */
struct request {
	struct hawk_own *own;
	const char *targets[HAWK_PROG_MAX];
	bool programs[HAWK_PROG_MAX];
	bool has[HAWK_OWN_FUNCTIONS]; /* the kernel has these functions */
};

static void prepare(struct hawk_collect *c, struct request *q, size_t row)
{
	const struct hawk_event_desc *desc = hawk_event_descs(&(size_t){ 0 })[row];
	struct hawk_own *own = q->own = find(c, 0);

	own->event = desc->id;
	own->kind = hawk_plan_own_kind(&c->plan, row);
	for (int i = 0; i < HAWK_OWN_FUNCTIONS; i++) {
		enum hawk_prog_id prog = hawk_own_program(own->kind, i);

		hawk_features_own_function(i, desc->name, own->target[i], sizeof(own->target[i]));
		q->targets[prog] = own->target[i];
		q->has[i] = c->features.own[desc->id] >> i & 1;
		q->programs[prog] |= q->has[i];
	}
}

/* Only the native function must be there. Returns 0 or -errno. */
static int attach(struct hawk_collect *c, const struct request *q, struct hawk_instance *instance)
{
	struct hawk_own *own = q->own;
	int r = 0;

	for (int i = 0; r == 0 && i < HAWK_OWN_FUNCTIONS; i++) {
		const char *name = hawk_prog_desc(hawk_own_program(own->kind, i))->name;
		struct bpf_program *prog = bpf_object__find_program_by_name(instance->object, name);
		struct bpf_link *link;

		if (!q->has[i])
			continue;
		link = own->kind == HAWK_PROG_KRETPROBE ? bpf_program__attach_kprobe(prog, true, own->target[i]) :
							  bpf_program__attach(prog);
		if (libbpf_get_error(link)) {
			r = i == 0 ? (int)libbpf_get_error(link) : 0;
			continue;
		}
		pthread_mutex_lock(&c->lock);
		instance->users++;
		own->on[i] = (struct hawk_attached){ instance, link };
		pthread_mutex_unlock(&c->lock);
	}
	return r;
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

/* The kretprobe that other calls are hooked with already, or a new one; the caller puts it. Returns 0 or -errno. */
static int get_kretprobe(struct hawk_collect *c, const struct request *q, struct hawk_instance **ret)
{
	struct hawk_load load = { HAWK_OBJ_syscall_kprobe, q->programs, q->targets };

	for (size_t i = 0; i < HAWK_OWN_MAX; i++)
		if (c->own[i].kind == HAWK_PROG_KRETPROBE && c->own[i].on[0].instance) {
			*ret = c->own[i].on[0].instance;
			(*ret)->users++;
			return 0;
		}
	return hawk_instance_load(c, &load, ret);
}

/* The call is served by the next alternative: that for all calls when its function is at fault, else another kind. */
static void give_up(struct hawk_collect *c, const struct request *q, const char *call, bool loaded, int error)
{
	const enum hawk_prog_id prog = HAWK_PROG_sys_own_krp;

	if (!loaded && q->own->kind == HAWK_PROG_KRETPROBE) {
		c->features.failed[prog] = true;
		snprintf(c->features.failed_why[prog], sizeof(c->features.failed_why[prog]), "loading it failed: %s",
			 strerror(-error));
		hawk_notice("probe %s: %s; using the next alternative", hawk_prog_desc(prog)->name,
			    c->features.failed_why[prog]);
	} else {
		hawk_notice("%s cannot be hooked on its own function (%s): all system calls pay for it", call,
			    strerror(-error));
		c->features.own[q->own->event] = 0;
	}
	detach(c, q->own);
}

int hawk_own_plan(struct hawk_collect *c)
{
	struct request requests[HAWK_OWN_MAX] = { 0 };
	struct hawk_load_job jobs[HAWK_OWN_MAX] = { 0 };
	size_t rows[HAWK_OWN_MAX], n = changes(c, rows), n_jobs = 0;
	bool failed = false;

	/* together: each load is a tenth of a second of one processor */
	for (size_t i = 0; i < n; i++) {
		prepare(c, &requests[i], rows[i]);
		if (requests[i].own->kind == HAWK_PROG_FEXIT)
			jobs[n_jobs++].load = (struct hawk_load){ HAWK_OBJ_syscall_fexit, requests[i].programs,
								  requests[i].targets };
	}
	hawk_load_all(c, jobs, n_jobs);
	n_jobs = 0;
	for (size_t i = 0; i < n; i++) {
		const char *call = hawk_event_descs(&(size_t){ 0 })[rows[i]]->name;
		struct hawk_load_job shared = { 0 }, *job = &shared;
		int r;

		if (requests[i].own->kind == HAWK_PROG_FEXIT)
			job = &jobs[n_jobs++];
		else
			job->result = get_kretprobe(c, &requests[i], &job->instance);
		r = job->result < 0 ? job->result : attach(c, &requests[i], job->instance);
		hawk_instance_put(job->instance);
		if (r < 0) {
			give_up(c, &requests[i], call, job->result >= 0, r);
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
