/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Carrying a plan out: objects are opened on first use, one failure stays with its program. */
#include <assert.h>
#include <bpf/bpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/cleanup.h"
#include "src/base/log.h"
#include "src/collect/cgroup.h"
#include "src/collect/internal.h"
#include "src/collect/objects.h"

static const char *const map_names[] = {
#define MAP(name, type, key, value, entries, flags, doc) #name,
#include "bpf/abi/maps.def"
#undef MAP
};

void hawk_instance_put(struct hawk_instance *i)
{
	if (!i || --i->users)
		return;
	bpf_object__close(i->object);
	free(i);
}

/* Gives the object the shared maps, and loads only what is asked for. */
static int prepare(struct hawk_collect *c, struct bpf_object *object, const struct hawk_load *load)
{
	for (int m = 0; m < HAWK_MAP_MAX; m++) {
		struct bpf_map *map = bpf_object__find_map_by_name(object, map_names[m]);
		int r = map ? bpf_map__reuse_fd(map, c->map_fd[m]) : 0;

		if (r < 0)
			return r;
	}
	for (int p = 0; p < HAWK_PROG_MAX; p++) {
		const struct hawk_prog_desc *desc = hawk_prog_desc(p);
		struct bpf_program *prog;

		if (desc->object != load->object)
			continue;
		prog = bpf_object__find_program_by_name(object, desc->name);
		assert(prog); /* probes.def and the object disagree */
		bpf_program__set_autoload(prog, load->programs[p]);
		if (load->programs[p] && (desc->kind == HAWK_PROG_FEXIT || desc->kind == HAWK_PROG_FENTRY ||
					  desc->kind == HAWK_PROG_LSM)) {
			int r = bpf_program__set_attach_target(prog, 0,
							       load->targets ? load->targets[p] : c->features.target[p]);

			if (r < 0)
				return r;
		}
	}
	return 0;
}

int hawk_instance_load(struct hawk_collect *c, const struct hawk_load *load, struct hawk_instance **ret)
{
	LIBBPF_OPTS(bpf_object_open_opts, opts, .object_name = hawk_object_name(load->object),
		    .btf_custom_path = c->options.btf);
	struct hawk_instance *i;
	size_t size;
	const void *elf = hawk_object_elf(load->object, c->options.btf, &size);
	int r;

	i = calloc(1, sizeof(*i));
	if (!i)
		return -ENOMEM;
	i->users = 1;
	i->object = bpf_object__open_mem(elf, size, &opts);
	r = (int)libbpf_get_error(i->object);
	if (r) {
		free(i);
		return r;
	}
	r = prepare(c, i->object, load);
	if (r == 0)
		r = bpf_object__load(i->object);
	if (r < 0) {
		hawk_instance_put(i);
		return r;
	}
	*ret = i;
	return 0;
}

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

static void detach_one(struct hawk_collect *c, int prog)
{
	struct hawk_attached old = c->attached[prog];

	pthread_mutex_lock(&c->lock);
	c->attached[prog] = (struct hawk_attached){ NULL, NULL };
	pthread_mutex_unlock(&c->lock);
	bpf_link__destroy(old.link);
	hawk_instance_put(old.instance);
}

/* Loads the programs of one object together (one pass over the kernel's BTF); one by one when that fails. */
static bool attach_object(struct hawk_collect *c, enum hawk_object_id id, const bool *missing)
{
	struct hawk_instance *instance = NULL;
	bool failed = false;
	int r = hawk_instance_load(c, &(struct hawk_load){ .object = id, .programs = missing }, &instance);

	for (int p = 0; p < HAWK_PROG_MAX; p++) {
		bool alone[HAWK_PROG_MAX] = { false };
		struct hawk_instance *own = instance;
		const char *what = "attaching it";
		int r2 = 0;

		if (!missing[p])
			continue;
		if (r < 0) {
			alone[p] = true;
			own = NULL;
			what = "loading it";
			r2 = hawk_instance_load(c, &(struct hawk_load){ .object = id, .programs = alone }, &own);
		}
		if (r2 == 0) {
			what = "attaching it";
			r2 = attach_one(c, p, own);
		}
		if (r2 < 0) {
			mark_failed(c, p, what, r2);
			failed = true;
		}
		if (own != instance)
			hawk_instance_put(own);
	}
	hawk_instance_put(instance);
	return failed;
}

int hawk_attach_plan(struct hawk_collect *c)
{
	bool failed = hawk_own_plan(c) > 0;

	for (int id = 0; id < HAWK_OBJ_MAX; id++) {
		bool missing[HAWK_PROG_MAX] = { false }, any = false;

		for (int p = 0; p < HAWK_PROG_MAX; p++) {
			if ((int)hawk_prog_desc(p)->object != id || !c->plan.program[p] || c->attached[p].link ||
			    id == HAWK_OBJ_syscall_fexit) /* own.c */
				continue;
			missing[p] = any = true;
		}
		if (any)
			failed |= attach_object(c, id, missing);
	}
	if (failed)
		return 1;
	/* only now: what takes over is already there, so no event falls between two probes */
	for (int p = 0; p < HAWK_PROG_MAX; p++)
		if (!c->plan.program[p] && c->attached[p].link)
			detach_one(c, p);
	return 0;
}

void hawk_detach_all(struct hawk_collect *c)
{
	hawk_own_detach_all(c);
	for (int p = 0; p < HAWK_PROG_MAX; p++)
		if (c->attached[p].link)
			detach_one(c, p);
}
