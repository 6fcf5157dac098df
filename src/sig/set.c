/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Sets: their signatures taken apart for the index. */
#include "src/sig/set.h"

#include <errno.h>
#include <stdlib.h>

#include "src/base/buf.h"
#include "src/base/cleanup.h"
#include "src/sig/hash.h"

#define NONE UINT32_MAX

DEFINE_CLEANUP(struct hawk_sig_set, hawk_sig_set_free)

/* Texts and the numbers that they got. */
struct names {
	struct {
		uint64_t hash;
		size_t at, len; /* in text */
		uint32_t number;
	} *slots;
	size_t n, size; /* size: a power of two, more than twice N */
	struct hawk_buf text;
	uint64_t seed;
};

static int names_new(struct names *t, size_t max)
{
	*t = (struct names){ .size = 16, .seed = hawk_sig_seed(), .text = { .max = SIZE_MAX / 2 } };
	while (t->size < max * 2)
		t->size *= 2;
	t->slots = calloc(t->size, sizeof(*t->slots));
	return t->slots ? 0 : -ENOMEM;
}

static void names_done(struct names *t)
{
	free(t->slots);
	hawk_buf_done(&t->text);
}

/* The number of what stands in the text behind START; the next free number when it is new. */
static int names_number(struct names *t, size_t start, uint32_t *ret, bool *ret_new)
{
	size_t len = t->text.len - start;
	uint64_t hash = hawk_sig_hash(t->seed, t->text.data + start, len) | 1;
	size_t at = hash >> 8 & (t->size - 1);

	if (t->text.error)
		return -ENOMEM;
	while (t->slots[at].hash && (t->slots[at].hash != hash || t->slots[at].len != len ||
				     memcmp(t->text.data + t->slots[at].at, t->text.data + start, len) != 0))
		at = (at + 1) & (t->size - 1);
	*ret_new = !t->slots[at].hash;
	if (*ret_new) {
		t->slots[at].hash = hash;
		t->slots[at].at = start;
		t->slots[at].len = len;
		t->slots[at].number = (uint32_t)t->n++;
	} else {
		t->text.len = start;
	}
	*ret = t->slots[at].number;
	return 0;
}

/* --- groups and atoms --- */

struct making {
	struct hawk_sig_set *s;
	struct names groups, atoms;
};

/* Gives each condition of a guard the number of all that are written like it. */
static int number_atoms(struct making *m, struct hawk_sig_group *g)
{
	const struct hawk_ir *ir = g->guard;

	g->atoms = ir ? calloc(ir->n_nodes ? ir->n_nodes : 1, sizeof(*g->atoms)) : NULL;
	if (ir && !g->atoms)
		return -ENOMEM;
	for (size_t i = 0; ir && i < ir->n_nodes; i++) {
		/* A tree whose root is this node; it owns nothing. */
		const struct hawk_ir view = { ir->nodes, ir->n_nodes, (uint16_t)i };
		size_t start = m->atoms.text.len;
		bool new;
		int r;

		if (ir->nodes[i].kind != HAWK_IR_CONDITION)
			continue;
		hawk_ir_print(&view, &m->atoms.text);
		r = names_number(&m->atoms, start, &g->atoms[i], &new);
		if (r < 0)
			return r;
		if (new)
			m->s->atoms[m->s->n_atoms++] = view;
	}
	return 0;
}

/* The group of a match; those that name findings have one each. */
static int find_group(struct making *m, const struct hawk_sig_match *match, uint32_t matcher, uint32_t *ret, bool *ret_new)
{
	struct hawk_buf *text = &m->groups.text;
	size_t start = text->len;

	hawk_buf_put(text, match->events, sizeof(match->events));
	if (match->n_findings)
		hawk_buf_put(text, &matcher, sizeof(matcher));
	else if (match->guard)
		hawk_ir_print(match->guard, text);
	return names_number(&m->groups, start, ret, ret_new);
}

static int add_matcher(struct making *m, uint32_t run, uint8_t step, const struct hawk_sig_match *match)
{
	struct hawk_sig_set *s = m->s;
	uint32_t number = (uint32_t)s->n_matchers++, group;
	struct hawk_sig_group *g;
	bool new;
	int r;

	s->matchers[number] = (struct hawk_sig_matcher){ match, run, NONE, step };
	r = find_group(m, match, number, &group, &new);
	if (r < 0)
		return r;
	g = &s->groups[group];
	if (!new) {
		s->matchers[g->last].next = number;
		g->last = number;
		return 0;
	}
	s->n_groups++;
	*g = (struct hawk_sig_group){ .guard = match->guard, .events = match->events, .names = match->n_findings > 0,
				      .first = number, .last = number };
	r = number_atoms(m, g);
	return r < 0 ? r : hawk_sig_index_group(s, group);
}

static int add_signature(struct making *m, uint32_t run)
{
	const struct hawk_sig *sig = m->s->runs[run].sig;
	int r = 0;

	/* What is missing would make it find what it is not about, or nothing. */
	if (sig->n_pending)
		return 0;
	for (size_t i = 0; i < sig->n_steps && r == 0; i++)
		for (size_t k = 0; k < sig->steps[i].n_matches && r == 0; k++)
			r = add_matcher(m, run, (uint8_t)i, &sig->steps[i].matches[k]);
	return r;
}

/* --- signatures --- */

static void describe(struct hawk_sig_run *run, const struct hawk_sig *sig)
{
	size_t events = 0;

	*run = (struct hawk_sig_run){ .sig = sig };
	for (size_t i = 0; i < sig->n_steps; i++)
		if (!sig->steps[i].absent)
			events += sig->steps[i].count ? sig->steps[i].count : 1;
	run->plain = sig->n_steps == 1 && events == 1;
	events = events ? events : 1;
	run->n_evidence = (uint8_t)(events < HAWK_SIG_EVIDENCES_MAX ? events : HAWK_SIG_EVIDENCES_MAX);
	for (size_t i = 0; i < sig->n_by; i++)
		run->tree |= sig->by[i].by == HAWK_SIG_BY_TREE;
}

static int by_id(const void *a, const void *b, void *ctx)
{
	const struct hawk_sig_run *runs = ctx;

	return strcmp(runs[*(const uint32_t *)a].sig->id, runs[*(const uint32_t *)b].sig->id);
}

static int allocate(struct hawk_sig_set *s, size_t n, size_t matches, size_t nodes, size_t output)
{
	s->runs = calloc(n + 1, sizeof(*s->runs));
	s->by_id = calloc(n + 1, sizeof(*s->by_id));
	s->matchers = calloc(matches + 1, sizeof(*s->matchers));
	s->groups = calloc(matches + 1, sizeof(*s->groups));
	s->atoms = calloc(nodes + 1, sizeof(*s->atoms));
	s->scratch = calloc(1, sizeof(*s->scratch));
	if (!s->runs || !s->by_id || !s->matchers || !s->groups || !s->atoms || !s->scratch)
		return -ENOMEM;
	s->scratch->atoms = calloc(nodes + 1, sizeof(*s->scratch->atoms));
	s->scratch->groups = calloc(matches + 1, sizeof(*s->scratch->groups));
	s->scratch->hits = calloc(matches + 1, sizeof(*s->scratch->hits));
	s->scratch->output = calloc(output + 1, sizeof(*s->scratch->output));
	return s->scratch->atoms && s->scratch->groups && s->scratch->hits && s->scratch->output ? 0 : -ENOMEM;
}

static int fill(struct hawk_sig_set *s, struct making *m, struct hawk_sig *const *signatures, size_t n)
{
	int r = 0;

	for (size_t i = 0; i < n; i++) {
		describe(&s->runs[i], signatures[i]);
		s->by_id[i] = (uint32_t)i;
	}
	s->n_runs = n;
	qsort_r(s->by_id, n, sizeof(*s->by_id), by_id, s->runs);
	for (size_t i = 0; i < n && r == 0; i++)
		r = add_signature(m, (uint32_t)i);
	return r;
}

static void measure(const struct hawk_sig *sig, size_t *matches, size_t *nodes)
{
	for (size_t i = 0; i < sig->n_steps; i++) {
		*matches += sig->steps[i].n_matches;
		for (size_t k = 0; k < sig->steps[i].n_matches; k++)
			*nodes += sig->steps[i].matches[k].guard ? sig->steps[i].matches[k].guard->n_nodes : 0;
	}
}

int hawk_sig_set_new(struct hawk_sig_set **ret, struct hawk_sig *const *signatures, size_t n)
{
	_cleanup_(hawk_sig_set_freep) struct hawk_sig_set *s = calloc(1, sizeof(*s));
	struct making m = { .s = s };
	size_t matches = 0, nodes = 0, output = 0;
	int r;

	if (!s)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		measure(signatures[i], &matches, &nodes);
		output = signatures[i]->n_output > output ? signatures[i]->n_output : output;
	}
	s->seed = hawk_sig_seed();
	r = allocate(s, n, matches, nodes, output);
	if (r == 0)
		r = names_new(&m.groups, matches);
	if (r == 0)
		r = names_new(&m.atoms, nodes);
	if (r == 0)
		r = fill(s, &m, signatures, n);
	names_done(&m.groups);
	names_done(&m.atoms);
	if (r == 0)
		*ret = TAKE_PTR(s);
	return r;
}

static void free_scratch(struct hawk_sig_scratch *scratch)
{
	if (!scratch)
		return;
	free(scratch->atoms);
	free(scratch->groups);
	free(scratch->hits);
	free(scratch->output);
	free(scratch);
}

struct hawk_sig_set *hawk_sig_set_free(struct hawk_sig_set *s)
{
	if (!s)
		return NULL;
	for (size_t i = 0; i < s->n_groups; i++)
		free(s->groups[i].atoms);
	for (size_t i = 0; i < s->n_probes; i++)
		free(s->probes[i].grams);
	for (size_t i = 0; i < HAWK_EVENT_ID_MAX; i++) {
		free(s->rows[i].probes);
		free(s->rows[i].groups);
		free(s->rows[i].guards);
	}
	free_scratch(s->scratch);
	free(s->runs);
	free(s->by_id);
	free(s->matchers);
	free(s->groups);
	free(s->atoms);
	free(s->probes);
	free(s->slots);
	free(s->targets);
	free(s);
	return NULL;
}

const uint64_t *hawk_sig_set_events(const struct hawk_sig_set *s)
{
	return s->events;
}

bool hawk_sig_set_wants(const struct hawk_sig_set *s, uint16_t event)
{
	const struct hawk_event_desc *desc = hawk_event_by_id(event);
	size_t row = desc ? hawk_ir_row(desc) : 0;

	return desc && (s->events[row / 64] >> row % 64 & 1);
}

bool hawk_sig_set_guard(const struct hawk_sig_set *s, const struct hawk_event_desc *desc, size_t i,
			const struct hawk_ir **ret)
{
	const struct hawk_sig_row *row = &s->rows[hawk_ir_row(desc)];

	if (i >= (row->all ? 1 : row->n_guards))
		return false;
	*ret = row->all ? NULL : row->guards[i];
	return true;
}

struct hawk_sig_run *hawk_sig_set_run(const struct hawk_sig_set *s, const char *id)
{
	size_t low = 0, high = s->n_runs;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		int c = strcmp(id, s->runs[s->by_id[mid]].sig->id);

		if (c == 0)
			return &s->runs[s->by_id[mid]];
		if (c < 0)
			high = mid;
		else
			low = mid + 1;
	}
	return NULL;
}
