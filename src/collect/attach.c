/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Carrying a plan out: one failure stays with its program. */
#include <bpf/bpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/cleanup.h"
#include "src/base/log.h"
#include "src/collect/cgroup.h"
#include "src/collect/internal.h"

/* People see the first reason in `sechawkctl probe list`; the log has the verifier's words at debug level. */
static void mark_failed(struct hawk_collect *c, int prog, const char *what, int r)
{
	const struct hawk_prog_desc *desc = hawk_prog_desc(prog);

	c->features.failed[prog] = true;
	snprintf(c->features.failed_why[prog], sizeof(c->features.failed_why[prog]), "%s failed: %s", what,
		 strerror(-r));
	hawk_warning("probe %s (%s %s): %s; using the next alternative where there is one", desc->name,
		     hawk_prog_kind_name(desc->kind), desc->target, c->features.failed_why[prog]);
}

static struct bpf_link *attach_cgroup(const struct bpf_program *p)
{
	_cleanup_close_ int root = hawk_cgroup_root();

	if (root < 0) {
		errno = -root;
		return NULL;
	}
	return bpf_program__attach_cgroup(p, root);
}

static int attach_one(struct hawk_collect *c, int prog, struct hawk_instance *instance)
{
	struct bpf_program *p = bpf_object__find_program_by_name(instance->object, hawk_prog_desc(prog)->name);
	enum hawk_prog_kind kind = hawk_prog_desc(prog)->kind;
	struct bpf_link *link;
	int r;

	if (kind == HAWK_PROG_KPROBE || kind == HAWK_PROG_KRETPROBE)
		link = bpf_program__attach_kprobe(p, kind == HAWK_PROG_KRETPROBE, c->features.target[prog]);
	else if (kind == HAWK_PROG_CGROUP)
		link = attach_cgroup(p);
	else
		link = bpf_program__attach(p);
	r = (int)libbpf_get_error(link);
	if (r)
		return r;
	pthread_mutex_lock(&c->lock);
	instance->users++;
	c->attached[prog] = (struct hawk_attached){ instance, link };
	pthread_mutex_unlock(&c->lock);
	return 0;
}

void hawk_detach_one(struct hawk_collect *c, int prog)
{
	struct hawk_attached old = c->attached[prog];

	pthread_mutex_lock(&c->lock);
	c->attached[prog] = (struct hawk_attached){ NULL, NULL };
	pthread_mutex_unlock(&c->lock);
	bpf_link__destroy(old.link);
	hawk_instance_put(old.instance);
}

/* The objects that are to be loaded, each with those of its programs that are not attached yet. */
struct missing {
	bool programs[HAWK_OBJ_MAX][HAWK_PROG_MAX];
	struct hawk_load_job job[HAWK_OBJ_MAX];
	size_t n;
};

/* Attaches what was loaded together; when that failed, loads one by one to find what is to blame. */
static bool attach_object(struct hawk_collect *c, const struct hawk_load_job *job)
{
	bool failed = false;

	for (int p = 0; p < HAWK_PROG_MAX; p++) {
		bool alone[HAWK_PROG_MAX] = { false };
		struct hawk_load load = { .object = job->load.object, .programs = alone };
		struct hawk_instance *own = job->instance;
		const char *what = "attaching it";
		int r = 0;

		if (!job->load.programs[p])
			continue;
		if (job->result < 0) {
			alone[p] = true;
			what = "loading it";
			r = hawk_instance_load(c, &load, &own);
		}
		if (r == 0) {
			what = "attaching it";
			r = attach_one(c, p, own);
		}
		if (r < 0) {
			mark_failed(c, p, what, r);
			failed = true;
		}
		if (own != job->instance)
			hawk_instance_put(own);
	}
	return failed;
}

static void find_missing(const struct hawk_collect *c, struct missing *m)
{
	m->n = 0;
	for (int id = 0; id < HAWK_OBJ_MAX; id++) {
		bool *programs = m->programs[m->n], any = false;

		for (int p = 0; p < HAWK_PROG_MAX; p++) {
			programs[p] = (int)hawk_prog_desc(p)->object == id && c->plan.program[p] &&
				      !c->attached[p].link && id != HAWK_OBJ_syscall_fexit &&
				      id != HAWK_OBJ_syscall_kprobe; /* own.c */
			any |= programs[p];
		}
		if (any)
			m->job[m->n++] = (struct hawk_load_job){ .load = { id, programs, NULL } };
	}
}

int hawk_attach_plan(struct hawk_collect *c)
{
	struct missing m;
	bool failed;
	int r;

	c->attaching = true;
	failed = hawk_own_plan(c) > 0;
	find_missing(c, &m);
	hawk_load_all(c, m.job, m.n);
	for (size_t i = 0; i < m.n; i++) {
		failed |= attach_object(c, &m.job[i]);
		hawk_instance_put(m.job[i].instance);
	}
	if (failed)
		return 1;
	/* Before, an exec would return whose entry nothing keeps yet; later, one whose entry nothing keeps any more. */
	r = hawk_sysrows_write(c);
	if (r < 0)
		return r;
	/* only now: what takes over is already there, so no event falls between two probes */
	for (int p = 0; p < HAWK_PROG_MAX; p++)
		if (!c->plan.program[p] && c->attached[p].link)
			hawk_detach_one(c, p);
	return 0;
}

void hawk_detach_all(struct hawk_collect *c)
{
	hawk_own_detach_all(c);
	for (int p = 0; p < HAWK_PROG_MAX; p++)
		if (c->attached[p].link)
			hawk_detach_one(c, p);
}
