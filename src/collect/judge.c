/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/collect/judge.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "src/base/cleanup.h"
#include "src/base/log.h"

uint32_t hawk_judge_index(const struct hawk_judge_place *place, uint32_t generation, unsigned int point, size_t row)
{
	size_t n;

	return HAWK_JUDGE_INDEX(generation, point, place->events, hawk_event_descs(&n)[row]->id);
}

static bool is_tied(enum hawk_prog_kind kind)
{
	return kind == HAWK_PROG_FENTRY || kind == HAWK_PROG_FEXIT || kind == HAWK_PROG_LSM;
}

/* The array of PROG in an object (OWN_ARRAY in bpf/lib/judge.h), or -1. */
static int own_array(const struct hawk_instance *instance, const struct hawk_prog_desc *prog)
{
	char name[32];
	struct bpf_map *map;

	snprintf(name, sizeof(name), "%s_j", prog->name);
	map = bpf_object__find_map_by_name(instance->object, name);
	return map ? bpf_map__fd(map) : -1;
}

/* The id of TARGET among the types of the kernel, which are read once. 0: it is not there. */
static uint32_t function_id(struct hawk_collect *c, enum hawk_prog_kind kind, const char *target)
{
	char name[96];
	int id;

	if (!c->types)
		c->types = btf__load_vmlinux_btf();
	if (libbpf_get_error(c->types)) {
		c->types = NULL;
		return 0;
	}
	snprintf(name, sizeof(name), "%s%s", kind == HAWK_PROG_LSM ? "bpf_lsm_" : "", target);
	id = btf__find_by_name_kind(c->types, name, BTF_KIND_FUNC);
	return id > 0 ? (uint32_t)id : 0;
}

void hawk_judge_forget(struct hawk_collect *c)
{
	btf__free(c->types);
	c->types = NULL;
}

struct walk {
	struct hawk_collect *c;
	void (*fn)(void *ctx, const struct hawk_judge_place *place);
	void *ctx;
	bool rtp, kp; /* told already: many programs share them */
	bool every;
};

/* One attached program. FUNCTION: its BTF id when it is known, else where it is kept. */
static void visit(struct walk *w, const struct hawk_prog_desc *prog, const struct hawk_attached *on, const char *target,
		  uint32_t *function)
{
	bool kp = prog->kind == HAWK_PROG_KPROBE || prog->kind == HAWK_PROG_KRETPROBE;
	struct hawk_judge_place place = { .events = HAWK_EVENT_ID_MAX, .kind = prog->kind };

	if (is_tied(prog->kind)) {
		place.array_fd = own_array(on->instance, prog);
		place.events = HAWK_JUDGE_EVENTS;
		if (place.array_fd < 0)
			return;
		if (!w->every && !*function)
			*function = function_id(w->c, prog->kind, target);
		place.function = *function;
		w->fn(w->ctx, &place);
	} else if (kp && !w->kp) {
		w->kp = true;
		place.array_fd = w->c->map_fd[HAWK_MAP_hawk_judge_kp];
		w->fn(w->ctx, &place);
	} else if (prog->kind == HAWK_PROG_RAW_TP && !w->rtp) {
		w->rtp = true;
		place.array_fd = w->c->map_fd[HAWK_MAP_hawk_judge_rtp];
		w->fn(w->ctx, &place);
	}
}

/* EVENT: the system call whose programs are meant; 0: all. */
static void visit_own(struct walk *w, uint16_t event)
{
	for (size_t i = 0; i < HAWK_OWN_MAX; i++) {
		struct hawk_own *own = &w->c->own[i];

		for (int f = 0; f < HAWK_OWN_FUNCTIONS; f++)
			if (own->on[f].link && (!event || own->event == event))
				visit(w, hawk_prog_desc(hawk_own_program(own->kind, f)), &own->on[f], own->target[f], &own->function[f]);
	}
}

void hawk_judge_places(struct hawk_collect *c, size_t row, void (*fn)(void *ctx, const struct hawk_judge_place *place),
		       void *ctx)
{
	struct walk w = { .c = c, .fn = fn, .ctx = ctx };
	bool programs[HAWK_PROG_MAX];
	size_t n;

	hawk_plan_programs(&c->plan, row, programs);
	for (int p = 0; p < HAWK_PROG_MAX; p++)
		if (programs[p] && c->attached[p].link)
			visit(&w, hawk_prog_desc(p), &c->attached[p], c->features.target[p], &c->function[p]);
	if (hawk_plan_own(&c->plan, row))
		visit_own(&w, hawk_event_descs(&n)[row]->id);
}

void hawk_judge_all_places(struct hawk_collect *c, void (*fn)(void *ctx, const struct hawk_judge_place *place), void *ctx)
{
	struct walk w = { .c = c, .fn = fn, .ctx = ctx, .every = true, .rtp = true, .kp = true };
	struct hawk_judge_place shared = { .events = HAWK_EVENT_ID_MAX };

	shared.array_fd = c->map_fd[HAWK_MAP_hawk_judge_rtp];
	fn(ctx, &shared);
	shared.array_fd = c->map_fd[HAWK_MAP_hawk_judge_kp];
	fn(ctx, &shared);
	for (int p = 0; p < HAWK_PROG_MAX; p++)
		if (c->attached[p].link)
			visit(&w, hawk_prog_desc(p), &c->attached[p], c->features.target[p], &c->function[p]);
	visit_own(&w, 0);
}

static enum bpf_prog_type type_of(enum hawk_prog_kind kind)
{
	if (kind == HAWK_PROG_LSM)
		return BPF_PROG_TYPE_LSM;
	if (is_tied(kind))
		return BPF_PROG_TYPE_TRACING;
	return kind == HAWK_PROG_RAW_TP ? BPF_PROG_TYPE_RAW_TRACEPOINT : BPF_PROG_TYPE_KPROBE;
}

static enum bpf_attach_type attach_of(enum hawk_prog_kind kind)
{
	switch (kind) {
	case HAWK_PROG_LSM:
		return BPF_LSM_MAC;
	case HAWK_PROG_FENTRY:
		return BPF_TRACE_FENTRY;
	case HAWK_PROG_FEXIT:
		return BPF_TRACE_FEXIT;
	default:
		return 0;
	}
}

/* What the verifier says, for debugging only. */
static void explain(enum bpf_prog_type type, const char *name, const struct bpf_insn *insns, size_t n,
		    struct bpf_prog_load_opts *opts)
{
	_cleanup_free_ char *text = NULL;
	const size_t size = 4 << 20;
	size_t len;
	int fd;

	if (hawk_log_level() < LOG_DEBUG || !(text = calloc(1, size)))
		return;
	opts->log_buf = text;
	opts->log_size = (uint32_t)size;
	opts->log_level = 1;
	fd = bpf_prog_load(type, name, "Dual BSD/GPL", insns, n, opts);
	if (fd >= 0)
		close(fd);
	len = strlen(text);
	text = len > 4096 ? memmove(text, text + len - 4096, 4097) : text;
	for (char *line, *rest = text; (line = strsep(&rest, "\n"));)
		if (*line)
			hawk_debug("%s: %s", name, line);
}

int hawk_judge_load(const struct hawk_judge_place *place, const char *name, const struct bpf_insn *insns, size_t n)
{
	LIBBPF_OPTS(bpf_prog_load_opts, opts, .expected_attach_type = attach_of(place->kind),
		    .attach_btf_id = place->function);
	enum bpf_prog_type type = type_of(place->kind);
	int fd, r;

	if (is_tied(place->kind) && !place->function)
		return -ESRCH;
	fd = bpf_prog_load(type, name, "Dual BSD/GPL", insns, n, &opts);
	if (fd >= 0)
		return fd;
	r = -errno;
	explain(type, name, insns, n, &opts);
	return r;
}

/*
 * An update of a map of maps waits for all running programs (maybe_wait_bpf_programs(),
 * kernel/bpf/syscall.c); membarrier(2), which does that, too, is refused where
 * CPUs run without a tick.
 */
void hawk_judge_wait(struct hawk_collect *c)
{
	LIBBPF_OPTS(bpf_map_create_opts, opts, .inner_map_fd = (uint32_t)c->map_fd[HAWK_MAP_hawk_now]);
	uint32_t key = 0, fd = (uint32_t)c->map_fd[HAWK_MAP_hawk_now];

	if (!c->attaching)
		return;
	if (c->grace_fd < 0)
		c->grace_fd = bpf_map_create(BPF_MAP_TYPE_ARRAY_OF_MAPS, "hawk_grace", sizeof(key), sizeof(fd), 1, &opts);
	if (c->grace_fd < 0 || bpf_map_update_elem(c->grace_fd, &key, &fd, BPF_ANY) < 0) {
		hawk_notice("cannot wait for running programs: %s", strerror(errno));
		usleep(100 * 1000); /* longer than any program runs */
	}
}
