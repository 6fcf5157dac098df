/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Loading objects. Each costs a tenth of a second: libbpf reads the types of
 * the kernel and looks for ours among them, the kernel checks the programs. The
 * objects know nothing of each other, so several are loaded at a time.
 */
#include <assert.h>
#include <errno.h>
#include <linux/bpf.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "src/base/cleanup.h"
#include "src/collect/internal.h"
#include "src/collect/objects.h"

/* With the caller; each has the types of the kernel in memory. */
#define LOADERS_MAX 4

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
		struct bpf_map *array;
		char name[32];

		if (desc->object != load->object)
			continue;
		prog = bpf_object__find_program_by_name(object, desc->name);
		assert(prog); /* probes.def and the object disagree */
		bpf_program__set_autoload(prog, load->programs[p]);
		snprintf(name, sizeof(name), "%s_j", desc->name); /* OWN_ARRAY, bpf/lib/judge.h */
		array = bpf_object__find_map_by_name(object, name);
		if (array)
			bpf_map__set_autocreate(array, load->programs[p]);
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

/*
 * Whether a program that is to be loaded reads the kernel's memory, which a kernel locked down for
 * confidentiality refuses (bpf_tracing_func_proto()) after having read and checked all of it.
 */
static bool reads_kernel(struct bpf_object *object)
{
	struct bpf_program *prog;

	bpf_object__for_each_program(prog, object) {
		const struct bpf_insn *insns = bpf_program__insns(prog);
		size_t n = bpf_program__autoload(prog) ? bpf_program__insn_cnt(prog) : 0;

		for (size_t i = 0; i < n; i++)
			if (insns[i].code == (BPF_JMP | BPF_CALL) && insns[i].src_reg == 0 &&
			    (insns[i].imm == BPF_FUNC_probe_read_kernel || insns[i].imm == BPF_FUNC_probe_read_kernel_str))
				return true;
	}
	return false;
}

int hawk_instance_load(struct hawk_collect *c, const struct hawk_load *load, struct hawk_instance **ret)
{
	LIBBPF_OPTS(bpf_object_open_opts, opts, .object_name = hawk_object_name(load->object),
		    .btf_custom_path = c->types_path);
	struct hawk_instance *i;
	size_t size;
	const void *elf = hawk_object_elf(load->object, c->features.typed, &size);
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
	if (r == 0 && c->confidential && reads_kernel(i->object))
		r = -EPERM;
	if (r == 0)
		r = bpf_object__load(i->object);
	if (r < 0) {
		hawk_instance_put(i);
		return r;
	}
	*ret = i;
	return 0;
}

/* What the loaders share: each takes the next job. */
struct queue {
	struct hawk_collect *c;
	struct hawk_load_job *jobs;
	size_t n;
	atomic_size_t next;
};

static void *work(void *arg)
{
	struct queue *q = arg;
	size_t i;

	while ((i = atomic_fetch_add(&q->next, 1)) < q->n)
		q->jobs[i].result = hawk_instance_load(q->c, &q->jobs[i].load, &q->jobs[i].instance);
	return NULL;
}

void hawk_load_all(struct hawk_collect *c, struct hawk_load_job *jobs, size_t n)
{
	struct queue q = { .c = c, .jobs = jobs, .n = n };
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	pthread_t threads[LOADERS_MAX - 1];
	size_t helpers = 0;

	while (helpers + 1 < n && (long)helpers + 1 < cpus && helpers < ARRAY_SIZE(threads) &&
	       pthread_create(&threads[helpers], NULL, work, &q) == 0)
		helpers++;
	work(&q);
	while (helpers)
		pthread_join(threads[--helpers], NULL);
}
