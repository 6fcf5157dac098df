/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Tables of numbers. The values that an atom is true for are ranges; the ends of
 * all ranges of all columns cut the numbers into pieces, on each of which every
 * column has one value: a tree of comparisons finds the piece. Where many single
 * values differ from what is around them, they go to a hash map and the tree is
 * for the rest.
 */
#include "src/cgen/ranges.h"

/* A piece: from .from to the next one. */
struct piece {
	uint64_t from;
	struct hawk_cgen_mask mask;
	uint32_t leaf; /* the first piece with this mask */
};

struct number {
	struct hawk_cgen_plan *p;
	struct hawk_cgen_asm *a;
	size_t table;
	bool sint;
	struct hawk_cgen_values *values; /* per atom of the plan; empty for those of other tables */
	struct piece *pieces;
	size_t n_pieces;
	struct hawk_cgen_jumps *to_leaf; /* per piece */
	bool *over, any_over; /* per atom: it does not fit */
};

/*
 * Makes the ranges of all atoms. Returns the number of single values. Atoms that
 * are too many for one table are marked.
 */
static size_t collect(struct number *t)
{
	struct hawk_cgen_plan *p = t->p;
	size_t points = 0, ends = 0;

	for (size_t i = 0; i < p->n_atoms && p->error == 0; i++) {
		struct hawk_cgen_values *v = &t->values[i];

		if (p->atoms[i].table != t->table)
			continue;
		hawk_cgen_collect(p, &p->atoms[i], t->sint, v);
		points += v->points.n;
		ends += 2 * v->ranges.n;
		if (points <= HAWK_CGEN_VALUES_MAX && ends <= HAWK_CGEN_TREE_MAX)
			continue;
		points -= v->points.n;
		ends -= 2 * v->ranges.n;
		v->points.n = v->ranges.n = 0;
		t->over[i] = t->any_over = true;
	}
	return points;
}

static int by_from(const void *a, const void *b)
{
	const struct piece *x = a, *y = b;

	return (x->from > y->from) - (x->from < y->from);
}

static struct hawk_cgen_mask all_ones(void)
{
	struct hawk_cgen_mask m;

	memset(&m, 0xff, sizeof(m));
	return m;
}

static void clear(struct hawk_cgen_mask *m, unsigned int column)
{
	m->w[column / 64] &= ~(1ULL << column % 64);
}

/* Clears the atom's column in the pieces that it is false for. */
static void mark_pieces(struct number *t, size_t atom)
{
	const struct hawk_cgen_ranges *s = &t->values[atom].ranges;
	size_t k = 0;

	for (size_t i = 0; i < t->n_pieces; i++) {
		while (k < s->n && s->r[k].hi < t->pieces[i].from)
			k++;
		if (k == s->n || t->pieces[i].from < s->r[k].lo)
			clear(&t->pieces[i].mask, t->p->atoms[atom].column);
	}
}

/* Pieces with the same mask beside each other become one; others with the same mask share their leaf. */
static void merge_pieces(struct number *t)
{
	size_t n = 0;

	for (size_t i = 1; i < t->n_pieces; i++)
		if (memcmp(&t->pieces[i].mask, &t->pieces[n].mask, sizeof(t->pieces[n].mask)) != 0)
			t->pieces[++n] = t->pieces[i];
	t->n_pieces = n + 1;
	for (uint32_t i = 0; i < t->n_pieces; i++) {
		t->pieces[i].leaf = i;
		for (uint32_t k = 0; k < i; k++) {
			if (memcmp(&t->pieces[i].mask, &t->pieces[k].mask, sizeof(t->pieces[i].mask)) != 0)
				continue;
			t->pieces[i].leaf = k;
			break;
		}
	}
}

/* Cuts the numbers where any range begins or ends. False when that makes too many pieces. */
static bool cut(struct number *t)
{
	struct hawk_cgen_ranges at = { .r = NULL };
	bool fits;

	hawk_cgen_push(&at, 0, 0, &t->p->error);
	for (size_t i = 0; i < t->p->n_atoms; i++) {
		for (size_t k = 0; k < t->values[i].ranges.n; k++) {
			const struct hawk_cgen_range *r = &t->values[i].ranges.r[k];

			hawk_cgen_push(&at, r->lo, r->lo, &t->p->error);
			if (r->hi != UINT64_MAX)
				hawk_cgen_push(&at, r->hi + 1, r->hi + 1, &t->p->error);
		}
	}
	t->pieces = t->p->error ? NULL : calloc(at.n, sizeof(*t->pieces));
	for (size_t i = 0; t->pieces && i < at.n; i++)
		t->pieces[i] = (struct piece){ .from = at.r[i].lo, .mask = all_ones() };
	if (t->pieces) {
		qsort(t->pieces, at.n, sizeof(*t->pieces), by_from);
		for (size_t i = 0; i < at.n; i++)
			if (i == 0 || t->pieces[i].from != t->pieces[t->n_pieces - 1].from)
				t->pieces[t->n_pieces++] = t->pieces[i];
	} else {
		t->p->error = -ENOMEM;
	}
	fits = t->n_pieces <= 2 * HAWK_CGEN_TREE_MAX;
	for (size_t i = 0; fits && i < t->p->n_atoms; i++)
		if (t->p->atoms[i].table == t->table)
			mark_pieces(t, i);
	if (fits && t->n_pieces)
		merge_pieces(t);
	free(at.r);
	return fits && t->n_pieces <= HAWK_CGEN_TREE_MAX;
}

static void to_leaf(struct number *t, size_t piece, size_t jump)
{
	hawk_cgen_later(t->a, &t->to_leaf[t->pieces[piece].leaf], jump);
}

/* One value between two pieces that are the same. */
static bool is_equality(const struct number *t, size_t first, size_t last)
{
	const struct piece *p = &t->pieces[first];

	return last - first == 2 && p[0].leaf == p[2].leaf && p[2].from == p[1].from + 1;
}

/* Value in r7: goes to the leaf of its piece among FIRST to LAST. */
static void tree(struct number *t, size_t first, size_t last)
{
	const size_t middle = first + (last - first + 1) / 2;
	size_t right;

	if (first == last || is_equality(t, first, last)) {
		if (first != last)
			to_leaf(t, first + 1,
				hawk_cgen_jump_u64(t->a, BPF_JEQ, BPF_REG_7,
						   hawk_cgen_order(t->sint, t->pieces[first + 1].from)));
		to_leaf(t, first, hawk_cgen_jump(t->a, BPF_JA, 0, 0));
		return;
	}
	right = hawk_cgen_jump_u64(t->a, t->sint ? BPF_JSGE : BPF_JGE, BPF_REG_7,
				   hawk_cgen_order(t->sint, t->pieces[middle].from));
	if (middle == last)
		to_leaf(t, last, right);
	tree(t, first, middle - 1);
	if (middle == last)
		return;
	hawk_cgen_land(t->a, right);
	tree(t, middle, last);
}

static void leaves(struct number *t, struct hawk_cgen_jumps *end)
{
	for (size_t i = 0; i < t->n_pieces; i++) {
		if (t->pieces[i].leaf != i)
			continue;
		if (!hawk_cgen_changes(t->p, &t->pieces[i].mask)) {
			for (size_t k = 0; k < t->to_leaf[i].n; k++)
				hawk_cgen_later(t->a, end, t->to_leaf[i].at[k]);
			continue;
		}
		hawk_cgen_land_all(t->a, &t->to_leaf[i]);
		hawk_cgen_and(t->p, t->a, &t->pieces[i].mask);
		hawk_cgen_later(t->a, end, hawk_cgen_jump(t->a, BPF_JA, 0, 0));
	}
}

/* A single value of one atom. */
struct point {
	uint64_t at;
	uint32_t atom;
};

static int by_at(const void *a, const void *b)
{
	const struct point *x = a, *y = b;

	return (x->at > y->at) - (x->at < y->at);
}

static struct point *all_points(struct number *t, size_t n)
{
	struct point *points = calloc(n, sizeof(*points));
	size_t at = 0;

	for (uint32_t i = 0; points && i < t->p->n_atoms; i++)
		for (size_t k = 0; k < t->values[i].points.n; k++)
			points[at++] = (struct point){ t->values[i].points.r[k].lo, i };
	if (points)
		qsort(points, n, sizeof(*points), by_at);
	return points;
}

/* At a point an atom is the opposite of what it is around it. Atoms of one column: all of them. */
static struct hawk_cgen_mask mask_at(const struct number *t, const struct point *points, size_t n)
{
	struct hawk_cgen_mask m = all_ones();
	size_t k = 0;

	for (uint32_t i = 0; i < t->p->n_atoms; i++) {
		bool true_here;

		if (t->p->atoms[i].table != t->table)
			continue;
		true_here = hawk_cgen_has(&t->values[i].ranges, points->at);
		if (k < n && points[k].atom == i) {
			true_here = !true_here;
			k++;
		}
		if (!true_here)
			clear(&m, t->p->atoms[i].column);
	}
	return m;
}

static int by_atom(const void *a, const void *b)
{
	const struct point *x = a, *y = b;

	return (x->atom > y->atom) - (x->atom < y->atom);
}

/* The hash map of single values. */
static void fill(struct number *t, size_t n_points, const struct hawk_cgen_words *words)
{
	struct hawk_cgen_map *m =
		hawk_cgen_add_map(t->p, HAWK_CGEN_HASH, "hawk_numbers", 8, 8 * (uint32_t)words->n);
	_cleanup_free_ struct point *points = m ? all_points(t, n_points) : NULL;
	size_t cap = 0, run;

	if (!points)
		t->p->error = -ENOMEM;
	for (size_t i = 0; i < n_points && t->p->error == 0; i += run) {
		struct hawk_cgen_mask mask;
		size_t at = hawk_cgen_add_entry(m, &cap);
		uint64_t key = hawk_cgen_order(t->sint, points[i].at);

		for (run = 1; i + run < n_points && points[i + run].at == points[i].at; run++)
			;
		qsort(&points[i], run, sizeof(*points), by_atom);
		mask = mask_at(t, &points[i], run);
		if (at == SIZE_MAX) {
			t->p->error = -ENOMEM;
			break;
		}
		memcpy(m->keys + at * 8, &key, 8);
		for (size_t w = 0; w < words->n; w++)
			memcpy(m->values + (at * words->n + w) * 8, &mask.w[words->w[w]], 8);
	}
}

static void look_up(struct number *t, size_t n_points, struct hawk_cgen_jumps *end)
{
	const struct hawk_cgen_words words = hawk_cgen_words(t->p, t->table);
	size_t miss;

	fill(t, n_points, &words);
	hawk_cgen_store(t->a, BPF_REG_10, (size_t)-16, BPF_REG_7, 8);
	hawk_cgen_map_fd(t->a, BPF_REG_1, (uint32_t)(HAWK_CGEN_OWN + t->p->out->n_maps - 1));
	hawk_cgen_mov(t->a, BPF_REG_2, BPF_REG_10);
	hawk_cgen_alu(t->a, BPF_ADD, BPF_REG_2, -16);
	hawk_cgen_call(t->a, BPF_FUNC_map_lookup_elem);
	miss = hawk_cgen_jump(t->a, BPF_JEQ, BPF_REG_0, 0);
	hawk_cgen_and_value(t->a, &words, 0);
	hawk_cgen_later(t->a, end, hawk_cgen_jump(t->a, BPF_JA, 0, 0));
	hawk_cgen_land(t->a, miss);
}

/* What is true without a value. */
static struct hawk_cgen_mask absent_mask(const struct hawk_cgen_plan *p, size_t table)
{
	struct hawk_cgen_mask m = all_ones();

	for (size_t i = 0; i < p->n_atoms; i++)
		if (p->atoms[i].table == table && !p->atoms[i].absent)
			clear(&m, p->atoms[i].column);
	return m;
}

static void finish(struct hawk_cgen_plan *p, struct hawk_cgen_asm *a, size_t table,
		   struct hawk_cgen_jumps *absent, struct hawk_cgen_jumps *end)
{
	struct hawk_cgen_mask mask = absent_mask(p, table);

	if (absent->n) {
		hawk_cgen_land_all(a, absent);
		hawk_cgen_and(p, a, &mask);
	}
	hawk_cgen_land_all(a, end);
	hawk_cgen_jumps_done(absent);
	hawk_cgen_jumps_done(end);
}

static void generate(struct number *t, size_t n_points)
{
	struct hawk_cgen_jumps absent = { .at = NULL }, end = { .at = NULL };

	hawk_cgen_load_number(t->p, t->a, &t->p->tables[t->table].source, &absent);
	if (n_points)
		look_up(t, n_points, &end);
	tree(t, 0, t->n_pieces - 1);
	leaves(t, &end);
	finish(t->p, t->a, t->table, &absent, &end);
}

static void number_done(struct number *t, size_t n_atoms)
{
	for (size_t i = 0; t->to_leaf && i < t->n_pieces; i++)
		hawk_cgen_jumps_done(&t->to_leaf[i]);
	for (size_t i = 0; t->values && i < n_atoms; i++) {
		free(t->values[i].ranges.r);
		free(t->values[i].points.r);
	}
	free(t->to_leaf);
	free(t->pieces);
	free(t->values);
	free(t->over);
}

/* False when some atoms were too many: they are dropped, and what is left can be tried again. */
static bool make_number(struct number *t)
{
	struct hawk_cgen_plan *p = t->p;
	size_t n_points = collect(t);
	const bool few = n_points <= HAWK_CGEN_TREE_POINTS;

	for (size_t i = 0; few && i < p->n_atoms; i++)
		hawk_cgen_give_points(&t->values[i], &p->error);
	if (p->error == 0 && t->any_over) {
		hawk_cgen_drop(p, t->table, t->over, "too many values");
		return false;
	}
	if (!cut(t) || (!few && p->out->n_maps == HAWK_CGEN_MAPS_MAX)) {
		if (p->error == 0)
			hawk_cgen_drop(p, t->table, NULL, "too many values");
		return true;
	}
	t->to_leaf = calloc(t->n_pieces, sizeof(*t->to_leaf));
	if (!t->to_leaf)
		p->error = -ENOMEM;
	if (p->error == 0)
		generate(t, few ? 0 : n_points);
	return true;
}

void hawk_cgen_number(struct hawk_cgen_plan *p, struct hawk_cgen_asm *a, size_t table)
{
	bool done = false;

	while (!done && p->error == 0) {
		struct number t = { .p = p, .a = a, .table = table, .sint = p->tables[table].source.sint };
		const size_t n_atoms = p->n_atoms; /* drop() takes some away */

		t.values = calloc(n_atoms, sizeof(*t.values));
		t.over = calloc(n_atoms, sizeof(*t.over));
		if (t.values && t.over)
			done = make_number(&t);
		else
			p->error = -ENOMEM;
		number_done(&t, n_atoms);
	}
}

/* One test for each mask and value that is asked for. */
void hawk_cgen_bits(struct hawk_cgen_plan *p, struct hawk_cgen_asm *a, size_t table)
{
	struct hawk_cgen_jumps absent = { .at = NULL }, end = { .at = NULL };

	hawk_cgen_load_number(p, a, &p->tables[table].source, &absent);
	for (size_t i = 0; i < p->n_atoms; i++) {
		const struct hawk_cgen_atom *o = &p->atoms[i];
		struct hawk_cgen_mask yes = all_ones(), no = all_ones();
		bool seen = false;
		size_t other;

		if (o->table != table)
			continue;
		for (size_t k = 0; k < p->n_atoms; k++) {
			const struct hawk_cgen_atom *q = &p->atoms[k];

			if (q->table != table || q->bits != o->bits || q->mask != o->mask)
				continue;
			seen = seen || k < i;
			clear(q->flip ? &yes : &no, q->column);
		}
		if (seen)
			continue;
		hawk_cgen_mov(a, BPF_REG_1, BPF_REG_7);
		hawk_cgen_set(a, BPF_REG_2, o->mask);
		hawk_cgen_ins(a, BPF_ALU64 | BPF_AND | BPF_X, BPF_REG_1, BPF_REG_2, 0, 0);
		other = hawk_cgen_jump_u64(a, BPF_JNE, BPF_REG_1, o->bits);
		hawk_cgen_and(p, a, &yes);
		hawk_cgen_later(a, &end, hawk_cgen_jump(a, BPF_JA, 0, 0));
		hawk_cgen_land(a, other);
		hawk_cgen_and(p, a, &no);
		hawk_cgen_land_all(a, &end);
	}
	if (absent.n)
		hawk_cgen_later(a, &end, hawk_cgen_jump(a, BPF_JA, 0, 0));
	finish(p, a, table, &absent, &end);
}
