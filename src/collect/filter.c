/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Generated programs in the places where programs of bpf/ call them. An array of
 * programs belongs to one kind of them, of those on functions to one function:
 * so an event has a pair of programs for all raw tracepoints, one for all
 * kprobes, and one for each program on a function that tells it.
 */
#include "src/collect/filter.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "src/base/cleanup.h"
#include "src/base/log.h"
#include "src/cgen/cgen.h"
#include "src/collect/internal.h"
#include "src/collect/judge.h"

#define KNOWN_ENTRIES 16384

/* A filter that is in force, or being made. */
struct entry {
	struct hawk_filter filter;
	int map_fd[HAWK_CGEN_MAPS_MAX]; /* -1: not made */
	const char *why;                /* refused */
	unsigned int places;
};

struct hawk_filters {
	uint32_t generation;
	int known_fd;
	struct entry *entries;
	size_t n;
};

static void close_entry(struct entry *e)
{
	for (size_t m = 0; m < HAWK_CGEN_MAPS_MAX; m++)
		if (e->map_fd[m] >= 0)
			close(e->map_fd[m]);
}

static struct hawk_filters *filters_free(struct hawk_filters *set)
{
	if (!set)
		return NULL;
	for (size_t i = 0; i < set->n; i++)
		close_entry(&set->entries[i]);
	if (set->known_fd >= 0)
		close(set->known_fd);
	free(set->entries);
	free(set);
	return NULL;
}
DEFINE_CLEANUP(struct hawk_filters, filters_free)

static int fill_map(int fd, const struct hawk_cgen_map *map)
{
	for (size_t i = 0; i < map->n; i++)
		if (bpf_map_update_elem(fd, map->keys + i * map->key_size, map->values + i * map->value_size, BPF_ANY) < 0)
			return -errno;
	return bpf_map_freeze(fd) < 0 ? -errno : 0;
}

static int make_rate(const struct hawk_cgen_map *map, int *ret_fd)
{
	*ret_fd = bpf_map_create(BPF_MAP_TYPE_PERCPU_ARRAY, map->name, map->key_size, map->value_size,
				 (uint32_t)map->n, NULL);
	return *ret_fd < 0 ? -errno : 0;
}

static int make_map(const struct hawk_cgen_map *map, int *ret_fd)
{
	bool lpm = map->kind == HAWK_CGEN_LPM;
	LIBBPF_OPTS(bpf_map_create_opts, opts, .map_flags = lpm ? BPF_F_NO_PREALLOC : 0);
	_cleanup_close_ int fd = bpf_map_create(lpm ? BPF_MAP_TYPE_LPM_TRIE : BPF_MAP_TYPE_HASH, map->name, map->key_size,
						map->value_size, map->n ? (uint32_t)map->n : 1, &opts);
	int r = fd < 0 ? -errno : fill_map(fd, map);

	if (r == 0)
		*ret_fd = TAKE_FD(fd);
	return r;
}

static bool wants_known(const struct hawk_cgen *code)
{
	uint64_t any = 0;

	for (size_t i = 0; i < ARRAY_SIZE(code->known); i++)
		any |= code->known[i];
	return any;
}

static int make_known(struct hawk_filters *set)
{
	if (set->known_fd >= 0)
		return 0;
	set->known_fd = bpf_map_create(BPF_MAP_TYPE_LRU_HASH, "hawk_known", sizeof(struct hawk_abi_known_key),
				       sizeof(struct hawk_abi_known), KNOWN_ENTRIES, NULL);
	return set->known_fd < 0 ? -errno : 0;
}

static int make_tables(struct hawk_filters *set, struct entry *e)
{
	const struct hawk_cgen *code = e->filter.code;
	int r = wants_known(code) ? make_known(set) : 0;

	for (size_t m = 0; r == 0 && m < code->n_maps; m++)
		r = code->maps[m].kind == HAWK_CGEN_RATE ? make_rate(&code->maps[m], &e->map_fd[m]) :
							   make_map(&code->maps[m], &e->map_fd[m]);
	return r;
}

static int map_of(const struct hawk_collect *c, const struct hawk_filters *set, const struct entry *e, uint32_t map)
{
	switch (map) {
	case HAWK_CGEN_NOW:
		return c->map_fd[HAWK_MAP_hawk_now];
	case HAWK_CGEN_SCRATCH:
		return c->map_fd[HAWK_MAP_hawk_scratch];
	case HAWK_CGEN_KNOWN:
		return set->known_fd;
	default:
		return e->map_fd[map - HAWK_CGEN_OWN];
	}
}

/* Loads the program of POINT for PLACE. Returns its fd, or -errno. */
static int load_point(const struct hawk_collect *c, const struct hawk_filters *set, const struct entry *e,
		      const struct hawk_judge_place *place, unsigned int point)
{
	const struct hawk_cgen_program *p = &e->filter.code->programs[point];
	const struct hawk_event_desc *desc;
	_cleanup_free_ struct bpf_insn *insns = NULL;
	char name[BPF_OBJ_NAME_LEN];
	size_t n;

	desc = hawk_event_descs(&n)[e->filter.row];
	snprintf(name, sizeof(name), "%s_%.9s", point == HAWK_JUDGE_SCOPE ? "scope" : "args", desc->name);
	insns = malloc(p->n_insns * sizeof(*insns));
	if (!insns)
		return -ENOMEM;
	memcpy(insns, p->insns, p->n_insns * sizeof(*insns));
	for (size_t i = 0; i < p->n_relocs; i++)
		insns[p->relocs[i].insn].imm = map_of(c, set, e, p->relocs[i].map);
	return hawk_judge_load(place, name, insns, p->n_insns);
}

/* Puts both programs of the filter into the array of PLACE. Returns 0 or -errno. */
static int fill_place(const struct hawk_collect *c, const struct hawk_filters *set, const struct entry *e,
		      const struct hawk_judge_place *place)
{
	for (unsigned int point = 0; point < HAWK_JUDGE_POINTS; point++) {
		uint32_t i = hawk_judge_index(place, set->generation, point, e->filter.row);
		_cleanup_close_ int fd = -1;

		if (!e->filter.code->programs[point].insns)
			continue;
		fd = load_point(c, set, e, place, point);
		if (fd < 0)
			return fd;
		if (bpf_map_update_elem(place->array_fd, &i, &fd, BPF_ANY) < 0)
			return -errno;
	}
	return 0;
}

/* True when the kernel did not like the program, which says nothing about the others. */
static bool is_refusal(int r)
{
	return r == -EINVAL || r == -EACCES || r == -E2BIG || r == -ENOTSUP || r == -ESRCH || r == -ENOENT ||
	       r == -ENOSPC || r == -EFAULT;
}

static void refuse(struct entry *e, int r)
{
	size_t n;

	if (r == -E2BIG)
		e->why = "too complex for the verifier of this kernel";
	else
		e->why = is_refusal(r) ? "the verifier of this kernel does not take it" :
					 "the kernel has no room for it, or no descriptor is left";
	hawk_notice("filters of %s are not loaded: %s (%s); the daemon decides alone", hawk_event_descs(&n)[e->filter.row]->name,
		    e->why, strerror(-r));
}

/* What the walk over places needs. */
struct filling {
	struct hawk_collect *c;
	struct hawk_filters *set;
	struct entry *e;
	bool missing; /* only where there is no program yet */
	int result;
};

static void fill(void *ctx, const struct hawk_judge_place *place)
{
	struct filling *f = ctx;
	uint32_t i = hawk_judge_index(place, f->set->generation, HAWK_JUDGE_SCOPE, f->e->filter.row), id;

	if (f->e->why || f->result < 0 || (f->missing && bpf_map_lookup_elem(place->array_fd, &i, &id) == 0))
		return;
	f->result = fill_place(f->c, f->set, f->e, place);
	if (f->result == 0)
		f->e->places++;
}

/* What cannot be loaded is left out: its event is sent unjudged, so that nothing is missed. */
static void fill_entry(struct hawk_collect *c, struct hawk_filters *set, struct entry *e, bool missing)
{
	struct filling f = { c, set, e, missing, 0 };

	hawk_judge_places(c, e->filter.row, fill, &f);
	if (f.result < 0)
		refuse(e, f.result);
}

/* Events that others are made of are sent whatever the policies say. */
static void find_needed(const struct hawk_collect *c, bool needed[HAWK_EVENT_ID_MAX])
{
	size_t n;

	hawk_event_descs(&n);
	memset(needed, 0, HAWK_EVENT_ID_MAX * sizeof(*needed));
	for (size_t row = 0; row < n; row++)
		hawk_plan_needed(&c->plan, row, needed);
}

static struct hawk_abi_filter_row row_of(const struct entry *e, bool needed)
{
	const struct hawk_cgen *code = e->filter.code;
	struct hawk_abi_filter_row row = { .needs = code->needs };
	bool late = code->programs[HAWK_JUDGE_ARGS].insns;

	if (e->why || !code->programs[HAWK_JUDGE_SCOPE].insns)
		return (struct hawk_abi_filter_row){ 0 };
	row.mode = HAWK_FILTER_JUDGE | (late ? HAWK_FILTER_ARGS : 0) | (late && !code->timed ? HAWK_FILTER_LATE : 0) |
		   (e->filter.all || needed ? HAWK_FILTER_ALL : 0) | (code->by_task ? HAWK_FILTER_BY_TASK : 0);
	memcpy(row.text_at, code->text_at, sizeof(row.text_at));
	return row;
}

/* All rows of the generation: what the one before the last left there is not of this one. */
static int write_rows(struct hawk_collect *c, const struct hawk_filters *set)
{
	struct hawk_abi_filter_row rows[HAWK_EVENT_ID_MAX] = { { 0 } };
	const struct hawk_event_desc *const *descs;
	bool needed[HAWK_EVENT_ID_MAX];
	size_t n;

	descs = hawk_event_descs(&n);
	find_needed(c, needed);
	for (size_t i = 0; i < set->n; i++) {
		uint16_t id = descs[set->entries[i].filter.row]->id;

		rows[id] = row_of(&set->entries[i], needed[id]);
	}
	return hawk_guard_write(c, &(struct hawk_rows){ HAWK_MAP_hawk_filter, HAWK_FILTER_ROW(set->generation, 0),
							HAWK_EVENT_ID_MAX, rows });
}

static struct hawk_filters *filters_new(const struct hawk_filter *filters, size_t n, uint32_t generation)
{
	_cleanup_(filters_freep) struct hawk_filters *set = calloc(1, sizeof(*set));

	if (!set)
		return NULL;
	set->generation = generation;
	set->known_fd = -1;
	set->entries = calloc(n ? n : 1, sizeof(*set->entries));
	if (!set->entries)
		return NULL;
	set->n = n;
	for (size_t i = 0; i < n; i++) {
		set->entries[i].filter = filters[i];
		for (size_t m = 0; m < HAWK_CGEN_MAPS_MAX; m++)
			set->entries[i].map_fd[m] = -1;
	}
	return TAKE_PTR(set);
}

static void clear(void *ctx, const struct hawk_judge_place *place)
{
	const struct filling *f = ctx;

	for (unsigned int point = 0; point < HAWK_JUDGE_POINTS; point++) {
		uint32_t i = hawk_judge_index(place, f->set->generation, point, f->e->filter.row);

		bpf_map_delete_elem(place->array_fd, &i);
	}
}

/* Takes the programs of a generation that no record is judged by (any more) out of all arrays. */
static void clear_places(struct hawk_collect *c, struct hawk_filters *set)
{
	struct filling f = { .c = c, .set = set };

	for (size_t i = 0; set && i < set->n; i++) {
		f.e = &set->entries[i];
		hawk_judge_all_places(c, clear, &f);
	}
}

static int make_set(struct hawk_collect *c, struct hawk_filters *set)
{
	for (size_t i = 0; i < set->n; i++) {
		struct entry *e = &set->entries[i];
		int r = make_tables(set, e);

		if (r < 0)
			refuse(e, r);
		else
			fill_entry(c, set, e, false);
	}
	return write_rows(c, set);
}

/* Over all CPUs; 0 when the filter has no limit for the policy with BIT. */
static uint64_t left_out(const struct hawk_collect *c, const struct entry *e, unsigned int bit)
{
	_cleanup_free_ struct hawk_cgen_rate *v = NULL;
	const struct hawk_cgen *code = e->filter.code;
	uint32_t element = 0;
	uint64_t sum = 0;
	size_t m = 0;

	if (!(code->rated[bit / 64] >> bit % 64 & 1))
		return 0;
	while (m < code->n_maps && code->maps[m].kind != HAWK_CGEN_RATE)
		m++;
	for (unsigned int i = 0; i < bit; i++)
		element += code->rated[i / 64] >> i % 64 & 1;
	v = calloc((size_t)c->cpus, sizeof(*v));
	if (!v || m == code->n_maps || bpf_map_lookup_elem(e->map_fd[m], &element, v) < 0)
		return 0;
	for (int cpu = 0; cpu < c->cpus; cpu++)
		sum += v[cpu].left_out;
	return sum;
}

/* No program counts in SET any more. */
static void tell_left_out(const struct hawk_collect *c, const struct hawk_filters *set)
{
	for (size_t i = 0; set && c->on_left_out && i < set->n; i++)
		for (unsigned int bit = 0; bit < HAWK_POLICIES_MAX; bit++) {
			uint64_t n = left_out(c, &set->entries[i], bit);

			if (n)
				c->on_left_out(c->on_left_out_ctx, set->entries[i].filter.code, bit, n);
		}
}

void hawk_collect_on_left_out(struct hawk_collect *c,
			      void (*fn)(void *ctx, const struct hawk_cgen *code, unsigned int bit, uint64_t n), void *ctx)
{
	c->on_left_out = fn;
	c->on_left_out_ctx = ctx;
}

uint64_t hawk_collect_left_out(const struct hawk_collect *c, size_t row, unsigned int bit)
{
	for (size_t i = 0; c->filters && i < c->filters->n; i++)
		if (c->filters->entries[i].filter.row == row)
			return left_out(c, &c->filters->entries[i], bit);
	return 0;
}

int hawk_collect_set_filters(struct hawk_collect *c, const struct hawk_filter *filters, size_t n,
			     uint32_t *ret_generation)
{
	_cleanup_(filters_freep) struct hawk_filters *set = filters_new(filters, n, c->config->generation + 1);
	_cleanup_(filters_freep) struct hawk_filters *old = NULL;
	int r = set ? make_set(c, set) : -ENOMEM;

	hawk_judge_forget(c);
	if (r < 0) {
		clear_places(c, set);
		return r;
	}
	pthread_mutex_lock(&c->lock);
	old = c->filters;
	c->filters = TAKE_PTR(set);
	pthread_mutex_unlock(&c->lock);
	if (n)
		c->config->judging = 1;
	__atomic_store_n(&c->config->generation, c->filters->generation, __ATOMIC_RELEASE);
	hawk_judge_wait(c);
	c->config->judging = n != 0;
	clear_places(c, old);
	tell_left_out(c, old);
	*ret_generation = c->filters->generation;
	return 0;
}

void hawk_filters_follow(struct hawk_collect *c)
{
	struct hawk_filters *set = c->filters;

	if (!set)
		return;
	for (size_t i = 0; i < set->n; i++)
		fill_entry(c, set, &set->entries[i], true);
	hawk_judge_forget(c);
	if (write_rows(c, set) < 0)
		hawk_notice("filters could not be brought in line with what is attached");
}

void hawk_filters_free(struct hawk_collect *c)
{
	c->filters = filters_free(c->filters);
}

int hawk_collect_know(struct hawk_collect *c, uint32_t generation, const struct hawk_abi_known_key *key,
		      const struct hawk_abi_known *known)
{
	int r = -ESTALE;

	pthread_mutex_lock(&c->lock);
	if (c->filters && c->filters->generation == generation && c->filters->known_fd >= 0)
		r = bpf_map_update_elem(c->filters->known_fd, key, known, BPF_ANY) < 0 ? -errno : 0;
	pthread_mutex_unlock(&c->lock);
	return r;
}

static uint64_t entry_memory(const struct entry *e)
{
	uint64_t sum = 0;

	for (size_t m = 0; m < e->filter.code->n_maps; m++)
		sum += hawk_map_memory(e->map_fd[m]);
	return sum;
}

void hawk_collect_filter_state(const struct hawk_collect *c, size_t row, struct hawk_filter_state *ret)
{
	*ret = (struct hawk_filter_state){ 0 };
	for (size_t i = 0; c->filters && i < c->filters->n; i++) {
		const struct entry *e = &c->filters->entries[i];

		if (e->filter.row != row)
			continue;
		ret->set = true;
		ret->places = e->places;
		ret->why = e->why;
		for (size_t m = 0; m < e->filter.code->n_maps; m++)
			ret->entries += e->filter.code->maps[m].n;
		ret->bytes = entry_memory(e);
	}
}

uint64_t hawk_filters_memory(const struct hawk_collect *c)
{
	uint64_t sum = c->filters && c->filters->known_fd >= 0 ? hawk_map_memory(c->filters->known_fd) : 0;

	for (size_t i = 0; c->filters && i < c->filters->n; i++)
		sum += entry_memory(&c->filters->entries[i]);
	return sum;
}
