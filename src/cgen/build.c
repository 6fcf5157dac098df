/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The two programs of an event. */
#include "src/cgen/internal.h"

DEFINE_CLEANUP(struct hawk_cgen, hawk_cgen_free)

#define INTEREST_WORD (HAWK_INTEREST_COLUMN / 64)
#define PASS(word) (HAWK_CGEN_AT(judge.pass) + 8 * (size_t)(word))

static void free_map(struct hawk_cgen_map *m)
{
	free(m->keys);
	free(m->values);
}

struct hawk_cgen *hawk_cgen_free(struct hawk_cgen *cg)
{
	if (!cg)
		return NULL;
	for (size_t i = 0; i < HAWK_JUDGE_POINTS; i++) {
		free(cg->programs[i].insns);
		free(cg->programs[i].relocs);
	}
	for (size_t i = 0; i < cg->n_maps; i++)
		free_map(&cg->maps[i]);
	for (size_t i = 0; i < cg->n_left; i++)
		free(cg->left[i].text);
	free(cg->maps);
	free(cg->left);
	free(cg);
	return NULL;
}

struct hawk_cgen_map *hawk_cgen_add_map(struct hawk_cgen_plan *p, enum hawk_cgen_map_kind kind,
					const char *name, uint32_t key_size, uint32_t value_size)
{
	struct hawk_cgen_map *m = HAWK_CGEN_MORE(p->out->maps, p->out->n_maps, p->maps_cap, &p->error);

	if (!m)
		return NULL;
	p->out->n_maps++;
	m->kind = kind;
	m->key_size = key_size;
	m->value_size = value_size;
	snprintf(m->name, sizeof(m->name), "%s", name);
	return m;
}

void hawk_cgen_drop_map(struct hawk_cgen_plan *p)
{
	free_map(&p->out->maps[--p->out->n_maps]);
}

size_t hawk_cgen_add_entry(struct hawk_cgen_map *m, size_t *cap)
{
	size_t want = *cap ? 2 * *cap : 16;
	uint8_t *keys, *values;

	if (m->n == *cap) {
		keys = reallocarray(m->keys, want, m->key_size);
		if (!keys)
			return SIZE_MAX;
		m->keys = keys;
		values = reallocarray(m->values, want, m->value_size);
		if (!values)
			return SIZE_MAX;
		m->values = values;
		*cap = want;
	}
	memset(m->keys + m->n * m->key_size, 0, m->key_size);
	memset(m->values + m->n * m->value_size, 0, m->value_size);
	return m->n++;
}

bool hawk_cgen_changes(const struct hawk_cgen_plan *p, const struct hawk_cgen_mask *mask)
{
	for (size_t w = 0; w < HAWK_CGEN_WORDS; w++)
		if (~mask->w[w] & p->start[w])
			return true;
	return false;
}

void hawk_cgen_and(const struct hawk_cgen_plan *p, struct hawk_cgen_asm *a, const struct hawk_cgen_mask *mask)
{
	for (size_t w = 0; w < HAWK_CGEN_WORDS; w++) {
		uint64_t m = mask->w[w];

		if (!(~m & p->start[w]))
			continue;
		if (!(m & p->start[w])) {
			hawk_cgen_ins(a, BPF_ST | BPF_MEM | BPF_DW, BPF_REG_6, 0, (int16_t)PASS(w), 0);
			continue;
		}
		hawk_cgen_load(a, BPF_REG_1, BPF_REG_6, PASS(w), 8);
		if ((uint64_t)(int64_t)(int32_t)m == m) {
			hawk_cgen_alu(a, BPF_AND, BPF_REG_1, (int32_t)m);
		} else {
			hawk_cgen_set(a, BPF_REG_2, m);
			hawk_cgen_ins(a, BPF_ALU64 | BPF_AND | BPF_X, BPF_REG_1, BPF_REG_2, 0, 0);
		}
		hawk_cgen_store(a, BPF_REG_6, PASS(w), BPF_REG_1, 8);
	}
}

struct hawk_cgen_words hawk_cgen_words(const struct hawk_cgen_plan *p, size_t table)
{
	struct hawk_cgen_words words = { .n = 0 };
	bool used[HAWK_CGEN_WORDS] = { false };

	for (size_t i = 0; i < p->n_atoms; i++)
		if (p->atoms[i].table == table)
			used[p->atoms[i].column / 64] = true;
	for (uint8_t w = 0; w < HAWK_CGEN_WORDS; w++)
		if (used[w])
			words.w[words.n++] = w;
	return words;
}

void hawk_cgen_and_value(struct hawk_cgen_asm *a, const struct hawk_cgen_words *words, size_t offset)
{
	for (size_t i = 0; i < words->n; i++) {
		hawk_cgen_load(a, BPF_REG_1, BPF_REG_6, PASS(words->w[i]), 8);
		hawk_cgen_load(a, BPF_REG_2, BPF_REG_0, offset + 8 * i, 8);
		hawk_cgen_ins(a, BPF_ALU64 | BPF_AND | BPF_X, BPF_REG_1, BPF_REG_2, 0, 0);
		hawk_cgen_store(a, BPF_REG_6, PASS(words->w[i]), BPF_REG_1, 8);
	}
}

/* r6: the slot of the record that is being judged. Another task's, after a preemption, is left alone. */
static void begin(struct hawk_cgen_asm *a, struct hawk_cgen_jumps *out)
{
	hawk_cgen_ins(a, BPF_ST | BPF_MEM | BPF_W, BPF_REG_10, 0, -4, 0);
	hawk_cgen_map_fd(a, BPF_REG_1, HAWK_CGEN_NOW);
	hawk_cgen_mov(a, BPF_REG_2, BPF_REG_10);
	hawk_cgen_alu(a, BPF_ADD, BPF_REG_2, -4);
	hawk_cgen_call(a, BPF_FUNC_map_lookup_elem);
	hawk_cgen_later(a, out, hawk_cgen_jump(a, BPF_JEQ, BPF_REG_0, 0));
	hawk_cgen_mov(a, BPF_REG_7, BPF_REG_0);
	hawk_cgen_call(a, BPF_FUNC_get_current_task);
	hawk_cgen_load(a, BPF_REG_1, BPF_REG_7, offsetof(struct hawk_abi_now, task), 8);
	hawk_cgen_later(a, out, hawk_cgen_ins(a, BPF_JMP | BPF_JNE | BPF_X, BPF_REG_0, BPF_REG_1, 0, 0));
	hawk_cgen_load(a, BPF_REG_1, BPF_REG_7, offsetof(struct hawk_abi_now, slot), 4);
	hawk_cgen_store(a, BPF_REG_10, (size_t)-4, BPF_REG_1, 4);
	hawk_cgen_map_fd(a, BPF_REG_1, HAWK_CGEN_SCRATCH);
	hawk_cgen_mov(a, BPF_REG_2, BPF_REG_10);
	hawk_cgen_alu(a, BPF_ADD, BPF_REG_2, -4);
	hawk_cgen_call(a, BPF_FUNC_map_lookup_elem);
	hawk_cgen_later(a, out, hawk_cgen_jump(a, BPF_JEQ, BPF_REG_0, 0));
	hawk_cgen_mov(a, BPF_REG_6, BPF_REG_0);
}

/* r1: is there still a policy, or a signature? */
static void load_wanted(const struct hawk_cgen_plan *p, struct hawk_cgen_asm *a)
{
	bool first = true;

	for (size_t w = 0; w <= INTEREST_WORD; w++) {
		if (!(w == INTEREST_WORD ? p->start[w] & 1 : p->start[w]))
			continue;
		hawk_cgen_load(a, first ? BPF_REG_1 : BPF_REG_2, BPF_REG_6, PASS(w), 8);
		if (w == INTEREST_WORD)
			hawk_cgen_alu(a, BPF_AND, first ? BPF_REG_1 : BPF_REG_2, 1);
		if (!first)
			hawk_cgen_ins(a, BPF_ALU64 | BPF_OR | BPF_X, BPF_REG_1, BPF_REG_2, 0, 0);
		first = false;
	}
	if (first)
		hawk_cgen_set(a, BPF_REG_1, 0);
}

/* The columns behind that of signatures go. */
static void keep_interest(struct hawk_cgen_asm *a)
{
	hawk_cgen_load(a, BPF_REG_1, BPF_REG_6, PASS(INTEREST_WORD), 8);
	hawk_cgen_alu(a, BPF_AND, BPF_REG_1, 1);
	hawk_cgen_store(a, BPF_REG_6, PASS(INTEREST_WORD), BPF_REG_1, 8);
}

/* Columns that are neither end with them: the caller asks for any bit. */
static void clear_extra(const struct hawk_cgen_plan *p, struct hawk_cgen_asm *a, unsigned int point)
{
	size_t any = 0;

	if (p->n_columns == HAWK_INTEREST_COLUMN + 1)
		return;
	if (point == HAWK_JUDGE_SCOPE) {
		load_wanted(p, a);
		any = hawk_cgen_jump(a, BPF_JNE, BPF_REG_1, 0);
	}
	for (size_t w = INTEREST_WORD; w < HAWK_CGEN_WORDS; w++)
		if (w == INTEREST_WORD && p->start[w] & 1)
			keep_interest(a);
		else if (p->start[w])
			hawk_cgen_ins(a, BPF_ST | BPF_MEM | BPF_DW, BPF_REG_6, 0, (int16_t)PASS(w), 0);
	if (any)
		hawk_cgen_land(a, any);
}

static void end(const struct hawk_cgen_plan *p, struct hawk_cgen_asm *a, unsigned int point,
		struct hawk_cgen_jumps *judged, struct hawk_cgen_jumps *out)
{
	hawk_cgen_land_all(a, judged);
	clear_extra(p, a, point);
	hawk_cgen_load(a, BPF_REG_1, BPF_REG_6, HAWK_CGEN_AT(judge.judged), 4);
	hawk_cgen_alu(a, BPF_OR, BPF_REG_1, 1 << point);
	hawk_cgen_store(a, BPF_REG_6, HAWK_CGEN_AT(judge.judged), BPF_REG_1, 4);
	hawk_cgen_land_all(a, out);
	hawk_cgen_set(a, BPF_REG_0, 0);
	hawk_cgen_ins(a, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
}

static void start_columns(const struct hawk_cgen_plan *p, struct hawk_cgen_asm *a)
{
	for (size_t w = 0; w < HAWK_CGEN_WORDS; w++) {
		if (p->start[w] <= INT32_MAX) {
			hawk_cgen_ins(a, BPF_ST | BPF_MEM | BPF_DW, BPF_REG_6, 0, (int16_t)PASS(w),
				      (int32_t)p->start[w]);
			continue;
		}
		hawk_cgen_set(a, BPF_REG_1, p->start[w]);
		hawk_cgen_store(a, BPF_REG_6, PASS(w), BPF_REG_1, 8);
	}
}

/* What user space knows of the process; a process that it has not spoken of passes, and says so. */
static void known(const struct hawk_cgen_plan *p, struct hawk_cgen_asm *a)
{
	size_t miss, done;

	hawk_cgen_map_fd(a, BPF_REG_1, HAWK_CGEN_KNOWN);
	hawk_cgen_mov(a, BPF_REG_2, BPF_REG_6);
	hawk_cgen_alu(a, BPF_ADD, BPF_REG_2, (int32_t)HAWK_CGEN_AT(judge.known));
	hawk_cgen_call(a, BPF_FUNC_map_lookup_elem);
	miss = hawk_cgen_jump(a, BPF_JEQ, BPF_REG_0, 0);
	for (size_t w = 0; w < ARRAY_SIZE(p->out->known); w++) {
		if (!p->out->known[w])
			continue;
		hawk_cgen_load(a, BPF_REG_1, BPF_REG_0, 8 * w, 8);
		hawk_cgen_set(a, BPF_REG_2, ~p->out->known[w]);
		hawk_cgen_ins(a, BPF_ALU64 | BPF_OR | BPF_X, BPF_REG_1, BPF_REG_2, 0, 0);
		hawk_cgen_load(a, BPF_REG_2, BPF_REG_6, PASS(w), 8);
		hawk_cgen_ins(a, BPF_ALU64 | BPF_AND | BPF_X, BPF_REG_1, BPF_REG_2, 0, 0);
		hawk_cgen_store(a, BPF_REG_6, PASS(w), BPF_REG_1, 8);
	}
	done = hawk_cgen_jump(a, BPF_JA, 0, 0);
	hawk_cgen_land(a, miss);
	hawk_cgen_ins(a, BPF_ST | BPF_MEM | BPF_W, BPF_REG_6, 0, (int16_t)HAWK_CGEN_AT(judge.unknown), 1);
	hawk_cgen_land(a, done);
}

static void fold(const struct hawk_cgen_plan *p, struct hawk_cgen_asm *a, const struct hawk_cgen_fold *f)
{
	struct hawk_cgen_jumps any = { .at = NULL };
	struct hawk_cgen_mask from = { .w = { 0 } }, to;

	for (uint32_t i = 0; i < f->n; i++)
		from.w[p->from[f->first + i] / 64] |= 1ULL << p->from[f->first + i] % 64;
	for (size_t w = 0; w < HAWK_CGEN_WORDS; w++) {
		if (!from.w[w])
			continue;
		hawk_cgen_load(a, BPF_REG_1, BPF_REG_6, PASS(w), 8);
		hawk_cgen_set(a, BPF_REG_2, from.w[w]);
		hawk_cgen_later(a, &any,
				hawk_cgen_ins(a, BPF_JMP | BPF_JSET | BPF_X, BPF_REG_1, BPF_REG_2, 0, 0));
	}
	memset(&to, 0xff, sizeof(to));
	to.w[f->target / 64] &= ~(1ULL << f->target % 64);
	hawk_cgen_and(p, a, &to);
	hawk_cgen_land_all(a, &any);
	hawk_cgen_jumps_done(&any);
}

/* Nothing sets a bit again: when nobody wants it the rest need not run. */
static void stop_if_none(const struct hawk_cgen_plan *p, struct hawk_cgen_asm *a, struct hawk_cgen_jumps *to)
{
	load_wanted(p, a);
	hawk_cgen_later(a, to, hawk_cgen_jump(a, BPF_JEQ, BPF_REG_1, 0));
}

static bool is_number(const struct hawk_cgen_table *t)
{
	return t->class == HAWK_CGEN_NUMBER || t->class == HAWK_CGEN_BITS;
}

static bool in_use(const struct hawk_cgen_plan *p, size_t table)
{
	for (size_t i = 0; i < p->n_atoms; i++)
		if (p->atoms[i].table == table)
			return true;
	return false;
}

static void one_table(struct hawk_cgen_plan *p, struct hawk_cgen_asm *a, size_t table)
{
	p->out->needs |= p->tables[table].source.need;
	switch (p->tables[table].class) {
	case HAWK_CGEN_NUMBER:
		hawk_cgen_number(p, a, table);
		break;
	case HAWK_CGEN_BITS:
		hawk_cgen_bits(p, a, table);
		break;
	case HAWK_CGEN_PREFIX:
	case HAWK_CGEN_SUFFIX:
		hawk_cgen_text(p, a, table);
		break;
	}
}

/* Where a program was before a table came to it. */
struct before {
	size_t n, n_relocs, n_maps, n_judged;
};

/* Takes a table back that makes the program too long. */
static void keep_short(struct hawk_cgen_plan *p, struct hawk_cgen_asm *a, size_t table,
		       const struct before *b, struct hawk_cgen_jumps *judged)
{
	if (a->n <= HAWK_CGEN_INSNS_MAX && a->error != -E2BIG)
		return;
	a->error = a->error == -E2BIG ? 0 : a->error;
	a->n = b->n;
	a->n_relocs = b->n_relocs;
	judged->n = b->n_judged;
	while (p->out->n_maps > b->n_maps)
		hawk_cgen_drop_map(p);
	hawk_cgen_drop(p, table, NULL, "the program would be too long");
}

/* What is cheap comes first. */
static void tables(struct hawk_cgen_plan *p, struct hawk_cgen_asm *a, bool late,
		   struct hawk_cgen_jumps *judged)
{
	bool any = false;

	for (int pass = 0; pass < 2; pass++) {
		bool numbers = pass == 0;

		if (!numbers && !late && p->out->needs & HAWK_NEED_KNOWN) {
			stop_if_none(p, a, judged);
			known(p, a);
			any = true;
		}
		for (size_t i = 0; i < p->n_tables && p->error == 0; i++) {
			const struct before b = { a->n, a->n_relocs, p->out->n_maps, judged->n };

			if (p->tables[i].source.late != late || is_number(&p->tables[i]) != numbers ||
			    !in_use(p, i))
				continue;
			if (any && !numbers)
				stop_if_none(p, a, judged);
			one_table(p, a, i);
			keep_short(p, a, i, &b, judged);
			any = true;
		}
	}
}

static int program(struct hawk_cgen_plan *p, unsigned int point)
{
	const bool late = point == HAWK_JUDGE_ARGS;
	struct hawk_cgen_jumps out = { .at = NULL }, judged = { .at = NULL };
	struct hawk_cgen_asm a = { .insns = NULL };
	size_t empty;
	int r;

	begin(&a, &out);
	if (!late)
		start_columns(p, &a);
	empty = a.n;
	tables(p, &a, late, &judged);
	for (size_t i = 0; i < p->n_folds; i++)
		if (p->folds[i].late == late)
			fold(p, &a, &p->folds[i]);
	if (late)
		hawk_cgen_rates(p, &a);
	empty = late && a.n == empty;
	end(p, &a, point, &judged, &out);
	r = a.error ? a.error : p->error;
	if (r == 0 && !empty) {
		p->out->programs[point] = (struct hawk_cgen_program){ a.insns, a.n, a.relocs, a.n_relocs };
		a.insns = NULL;
		a.relocs = NULL;
	}
	hawk_cgen_asm_done(&a);
	hawk_cgen_jumps_done(&out);
	hawk_cgen_jumps_done(&judged);
	return r;
}

/*
 * The policies whose process conditions are learned: all rules of one have the same scope, else the bit has
 * no meaning.
 */
static int find_known(struct hawk_cgen_plan *p)
{
	for (size_t i = 0; i < p->n_rules; i++) {
		const struct hawk_cgen_rule *rule = &p->rules[i];
		struct hawk_ir *part = NULL;
		bool same = true;

		for (size_t k = 0; k < p->n_rules; k++)
			same = same && (p->rules[k].bit != rule->bit || p->rules[k].scope == rule->scope);
		if (!same || !rule->scope || rule->bit >= HAWK_POLICIES_MAX)
			continue;
		if (hawk_cgen_learned(&part, rule->scope) < 0)
			return -ENOMEM;
		if (part)
			p->out->known[rule->bit / 64] |= 1ULL << rule->bit % 64;
		hawk_ir_free(part);
	}
	for (size_t w = 0; w < ARRAY_SIZE(p->out->known); w++)
		if (p->out->known[w])
			p->out->needs |= HAWK_NEED_KNOWN;
	return 0;
}

/* Whether the first point can clear a column. */
static bool is_early(const struct hawk_cgen_plan *p, unsigned int column)
{
	if (column < HAWK_POLICIES_MAX && p->out->known[column / 64] >> column % 64 & 1)
		return true;
	for (size_t i = 0; i < p->n_atoms; i++)
		if (p->atoms[i].column == column && !p->tables[p->atoms[i].table].source.late)
			return true;
	for (size_t i = 0; i < p->n_folds; i++)
		if (p->folds[i].target == column && !p->folds[i].late)
			return true;
	return false;
}

/* Whether it can clear those of all policies and of signatures, looking at what is remembered of a task alone. */
static bool is_by_task(const struct hawk_cgen_plan *p)
{
	if (p->out->needs & ~HAWK_NEEDS_REMEMBERED)
		return false;
	for (unsigned int c = 0; c <= HAWK_INTEREST_COLUMN; c++)
		if (p->start[c / 64] >> c % 64 & 1 && !is_early(p, c))
			return false;
	return true;
}

static void summary(struct hawk_cgen_plan *p)
{
	p->out->by_task = is_by_task(p);
	for (size_t w = 0; w < HAWK_CGEN_WORDS; w++)
		p->out->columns += (unsigned int)__builtin_popcountll(p->start[w]);
	for (size_t i = 0; i < ARRAY_SIZE(p->text_var); i++)
		if (p->text_var[i] >= 0)
			p->out->text_at[i] = (uint16_t)(sizeof(struct hawk_abi_rec) + p->desc->fixed_size +
							(size_t)p->text_var[i] * sizeof(struct hawk_abi_var));
}

int hawk_cgen_build(struct hawk_cgen **ret, const struct hawk_event_desc *desc,
		    const struct hawk_cgen_rule *rules, size_t n)
{
	_cleanup_(hawk_cgen_freep) struct hawk_cgen *cg = calloc(1, sizeof(*cg));
	struct hawk_cgen_plan p = { .desc = desc, .rules = rules, .n_rules = n, .out = cg };
	int r;

	if (!cg)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		if (rules[i].bit > HAWK_INTEREST_COLUMN)
			return -EINVAL;
	r = hawk_cgen_plan(&p);
	if (r == 0)
		r = find_known(&p);
	hawk_cgen_find_rated(&p);
	for (unsigned int point = 0; point < HAWK_JUDGE_POINTS && r == 0 && n; point++)
		r = program(&p, point);
	if (r == 0) {
		summary(&p);
		*ret = TAKE_PTR(cg);
	}
	hawk_cgen_plan_done(&p);
	return r;
}
