/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Tables of texts and addresses: one LPM trie for the beginnings that all columns
 * ask for. An exact text is the beginning that ends in its NUL. The longest one that
 * fits tells about all shorter ones, too, so its value is the bitmap of them all. Ends
 * are beginnings of the reversed text.
 */
#include "src/cgen/internal.h"

/* Where a key is made, so that what follows its length is aligned. */
#define KEY ((HAWK_CGEN_AT(judge.key) + 4 + 7) / 8 * 8 - 4)
#define KEY_BYTES (KEY + sizeof(uint32_t))
#define LAST_BYTES (KEY_BYTES + 64) /* the end of a text, before it is reversed */
#define FEW 8 /* entries that are compared one by one */
#define TAG 8 /* bytes before the bitmap in a value: bits of an exact text, 0 for a beginning */

/* A beginning that an atom asks for; bits behind its length are zero. */
struct pattern {
	const uint8_t *bytes;
	uint32_t bits;
	uint32_t atom;
};

struct text {
	struct hawk_cgen_plan *p;
	size_t table;
	const struct hawk_cgen_source *source;
	enum hawk_cgen_class class;
	size_t key_bytes; /* of a key, without its length */
	struct pattern *patterns;
	size_t n, cap;
	uint8_t *arena; /* bytes of patterns that are not as in the tree */
	size_t arena_used;
	uint32_t *atoms; /* of this table */
	size_t n_atoms;
};

static size_t key_bytes(const struct hawk_cgen_source *s, enum hawk_cgen_class class)
{
	if (class == HAWK_CGEN_SUFFIX)
		return HAWK_CGEN_SUFFIX_BYTES;
	return s->where == HAWK_CGEN_FIXED ? s->size : HAWK_TEXT_BYTES;
}

static void add(struct text *t, const uint8_t *bytes, size_t bits, uint32_t atom)
{
	if (HAWK_CGEN_MORE(t->patterns, t->n, t->cap, &t->p->error))
		t->patterns[t->n++] = (struct pattern){ bytes, (uint32_t)bits, atom };
}

static void add_ip(struct text *t, const struct hawk_ir_operand *o, uint32_t atom)
{
	uint8_t *to = t->arena + t->arena_used;
	size_t whole = o->ip_bits / 8;

	t->arena_used += sizeof(o->ip);
	memcpy(to, o->ip, whole);
	if (whole < sizeof(o->ip))
		to[whole] = o->ip[whole] & (uint8_t)(0xff00 >> o->ip_bits % 8);
	add(t, to, o->ip_bits, atom);
}

static void add_reversed(struct text *t, const struct hawk_ir_value *v, uint32_t atom)
{
	uint8_t *to = t->arena + t->arena_used;

	t->arena_used += HAWK_CGEN_SUFFIX_BYTES;
	for (uint32_t i = 0; i < v->len; i++)
		to[i] = (uint8_t)v->text[v->len - 1 - i];
	add(t, to, v->len * 8, atom);
}

size_t hawk_cgen_glob_head(const struct hawk_ir_value *v, uint8_t *to)
{
	size_t n = 0;

	for (uint32_t i = 0; i < v->len && n < HAWK_CGEN_GLOB_BYTES; i++) {
		if (v->text[i] == '\0' || strchr("*?[", v->text[i]))
			break;
		i += v->text[i] == '\\' && i + 1 < v->len;
		if (v->text[i] == '\0')
			break;
		to[n++] = (uint8_t)v->text[i];
	}
	return n;
}

static void add_glob(struct text *t, const struct hawk_ir_value *v, uint32_t atom)
{
	uint8_t *to = t->arena + t->arena_used;
	size_t n = hawk_cgen_glob_head(v, to);

	t->arena_used += HAWK_CGEN_GLOB_BYTES;
	if (n <= t->key_bytes)
		add(t, to, n * 8, atom);
	else
		add(t, to, t->key_bytes * 8, atom);
}

/* A value that is longer than the field can be is never there. */
static void add_value(struct text *t, const struct hawk_ir_value *v, uint32_t atom)
{
	const uint8_t *bytes = (const uint8_t *)v->text;
	const size_t room = t->key_bytes;

	if (t->class == HAWK_CGEN_SUFFIX) {
		if (v->pattern == HAWK_IR_SUFFIX && v->len <= HAWK_CGEN_SUFFIX_BYTES)
			add_reversed(t, v, atom);
		return;
	}
	if (v->pattern == HAWK_IR_GLOB) {
		/* else its opposite is asked for, which the beginning does not tell */
		if (!t->p->atoms[t->atoms[atom]].flip)
			add_glob(t, v, atom);
		return;
	}
	if (memchr(v->text, '\0', v->len) || v->len > room)
		return;
	if (v->pattern == HAWK_IR_PREFIX)
		add(t, bytes, v->len * 8, atom);
	else if (v->pattern == HAWK_IR_EXACT)
		add(t, bytes, (v->len < room ? v->len + 1 : v->len) * 8, atom);
}

static void collect(struct text *t)
{
	for (size_t i = 0; i < t->n_atoms && t->p->error == 0; i++) {
		const struct hawk_cgen_atom *atom = &t->p->atoms[t->atoms[i]];
		const struct hawk_ir_condition *c = &atom->ir->nodes[atom->node].condition;

		for (size_t k = 0; k < c->n_values; k++) {
			if (atom->variant->how != HAWK_IR_IP)
				add_value(t, &c->values[k], (uint32_t)i);
			else if (c->values->pattern == HAWK_IR_ANY)
				add(t, t->arena, 0, (uint32_t)i);
			else
				add_ip(t, &atom->variant->operands[k], (uint32_t)i);
		}
	}
}

/* A beginning comes before all that it is the beginning of, and those stand together. */
static int by_bytes(const void *a, const void *b)
{
	const struct pattern *x = a, *y = b;
	const uint32_t bits = x->bits < y->bits ? x->bits : y->bits;
	int order = bits ? memcmp(x->bytes, y->bytes, (bits + 7) / 8) : 0;

	return order ? order : (x->bits > y->bits) - (x->bits < y->bits);
}

static bool begins(const struct pattern *all, const struct pattern *begin)
{
	const uint32_t whole = begin->bits / 8, rest = begin->bits % 8;

	if (begin->bits > all->bits || memcmp(all->bytes, begin->bytes, whole) != 0)
		return false;
	return !rest || !((all->bytes[whole] ^ begin->bytes[whole]) & (uint8_t)(0xff00 >> rest));
}

/* Beginnings of the entry that is being made, each with the atoms that it or a shorter one fits. */
struct nest {
	const struct pattern **of;
	uint64_t *fits; /* words of each */
	size_t depth, cap, words, of_cap, fits_cap;
};

static uint64_t *push(struct nest *n, const struct pattern *p, int *error)
{
	if (!HAWK_CGEN_MORE(n->of, n->depth, n->of_cap, error))
		return NULL;
	if (n->depth == n->fits_cap) {
		size_t cap = n->fits_cap ? 2 * n->fits_cap : 16;
		uint64_t *fits = reallocarray(n->fits, cap * n->words, sizeof(*fits));

		if (!fits) {
			*error = -ENOMEM;
			return NULL;
		}
		n->fits = fits;
		n->fits_cap = cap;
	}
	n->of[n->depth] = p;
	if (n->depth)
		memcpy(n->fits + n->depth * n->words, n->fits + (n->depth - 1) * n->words, n->words * 8);
	else
		memset(n->fits, 0, n->words * 8);
	return n->fits + n->depth++ * n->words;
}

static struct hawk_cgen_mask mask_of(const struct text *t, const uint64_t *fits)
{
	struct hawk_cgen_mask m;

	memset(&m, 0xff, sizeof(m));
	for (size_t i = 0; i < t->n_atoms; i++) {
		const struct hawk_cgen_atom *atom = &t->p->atoms[t->atoms[i]];
		bool fit = fits && fits[i / 64] >> i % 64 & 1;

		if (fit == atom->flip)
			m.w[atom->column / 64] &= ~(1ULL << atom->column % 64);
	}
	return m;
}

static void put_entry(struct text *t, struct hawk_cgen_map *m, size_t at, const struct hawk_cgen_words *words,
		      const struct pattern *p, const uint64_t *fits)
{
	const bool exact = t->class == HAWK_CGEN_PREFIX && p->bits >= 8 && p->bits % 8 == 0 &&
			   !p->bytes[p->bits / 8 - 1];
	struct hawk_cgen_mask mask = mask_of(t, fits);
	uint64_t tag = exact ? p->bits : 0;

	memcpy(m->keys + at * m->key_size, &p->bits, 4);
	memcpy(m->keys + at * m->key_size + 4, p->bytes, (p->bits + 7) / 8);
	memcpy(m->values + at * m->value_size, &tag, TAG);
	for (size_t w = 0; w < words->n; w++)
		memcpy(m->values + at * m->value_size + TAG + 8 * w, &mask.w[words->w[w]], 8);
}

/* Fills the trie: an entry per beginning. */
static void fill(struct text *t, struct hawk_cgen_map *m, const struct hawk_cgen_words *words)
{
	struct nest nest = { .words = (t->n_atoms + 63) / 64 };
	size_t cap = 0, run;

	if (t->n)
		qsort(t->patterns, t->n, sizeof(*t->patterns), by_bytes);
	for (size_t i = 0; i < t->n && t->p->error == 0; i += run) {
		const struct pattern *p = &t->patterns[i];
		uint64_t *fits;
		size_t at;

		while (nest.depth && !begins(p, nest.of[nest.depth - 1]))
			nest.depth--;
		fits = push(&nest, p, &t->p->error);
		at = fits ? hawk_cgen_add_entry(m, &cap) : SIZE_MAX;
		if (at == SIZE_MAX) {
			t->p->error = -ENOMEM;
			break;
		}
		for (run = 0; i + run < t->n && by_bytes(p, &p[run]) == 0; run++)
			fits[p[run].atom / 64] |= 1ULL << p[run].atom % 64;
		put_entry(t, m, at, words, p, fits);
	}
	free(nest.of);
	free(nest.fits);
}

/* Length of a text in r7, at most 32 of it count: the first word of a key of its end. */
static void put_last_bits(struct hawk_cgen_asm *a, uint8_t len)
{
	size_t fits;

	hawk_cgen_mov(a, BPF_REG_1, len);
	fits = hawk_cgen_jump(a, BPF_JLE, BPF_REG_1, HAWK_CGEN_SUFFIX_BYTES);
	hawk_cgen_set(a, BPF_REG_1, HAWK_CGEN_SUFFIX_BYTES);
	hawk_cgen_land(a, fits);
	hawk_cgen_alu(a, BPF_LSH, BPF_REG_1, 3);
	hawk_cgen_store(a, BPF_REG_6, KEY, BPF_REG_1, 4);
}

/* The 32 bytes that end at r3, in reversed order. */
static void reverse(struct hawk_cgen_asm *a)
{
	for (size_t i = 0; i < HAWK_CGEN_SUFFIX_BYTES; i += 8) {
		hawk_cgen_load(a, BPF_REG_1, BPF_REG_3, (size_t)-8 - i, 8);
		hawk_cgen_ins(a, BPF_ALU | BPF_END | BPF_TO_BE, BPF_REG_1, 0, 0, 64);
		hawk_cgen_store(a, BPF_REG_6, KEY_BYTES + i, BPF_REG_1, 8);
	}
}

static void address(struct hawk_cgen_asm *a, uint8_t dst, size_t offset)
{
	hawk_cgen_mov(a, dst, BPF_REG_6);
	hawk_cgen_alu(a, BPF_ADD, dst, (int32_t)offset);
}

static void path_key(const struct text *t, struct hawk_cgen_asm *a, struct hawk_cgen_jumps *skip)
{
	const size_t at = HAWK_CGEN_AT(judge.text) + t->source->offset * sizeof(struct hawk_abi_text);

	hawk_cgen_load(a, BPF_REG_7, BPF_REG_6, at, 4);
	hawk_cgen_later(a, skip, hawk_cgen_jump(a, BPF_JEQ, BPF_REG_7, 0));
	if (t->class == HAWK_CGEN_PREFIX) {
		address(a, BPF_REG_2, at);
		return;
	}
	/* the end of a path that fills its place is not known */
	hawk_cgen_alu(a, BPF_RSH, BPF_REG_7, 3);
	hawk_cgen_alu(a, BPF_ADD, BPF_REG_7, -1);
	hawk_cgen_later(a, skip, hawk_cgen_jump(a, BPF_JGT, BPF_REG_7, HAWK_TEXT_BYTES - 2));
	address(a, BPF_REG_3, at + offsetof(struct hawk_abi_text, bytes));
	hawk_cgen_ins(a, BPF_ALU64 | BPF_ADD | BPF_X, BPF_REG_3, BPF_REG_7, 0, 0);
	reverse(a);
	put_last_bits(a, BPF_REG_7);
	address(a, BPF_REG_2, KEY);
}

/*
 * r7: where a variable field begins in the record; r8: its length. Skips what was cut or could not be read.
 */
static void find_string(const struct text *t, struct hawk_cgen_asm *a, struct hawk_cgen_jumps *skip)
{
	const struct hawk_event_desc *desc = t->p->desc;
	const size_t vars = sizeof(struct hawk_abi_rec) + desc->fixed_size;
	const size_t at = HAWK_CGEN_REC + vars + t->source->offset * sizeof(struct hawk_abi_var);

	hawk_cgen_load(a, BPF_REG_8, BPF_REG_6, at + offsetof(struct hawk_abi_var, len), 4);
	hawk_cgen_load(a, BPF_REG_1, BPF_REG_6, at + offsetof(struct hawk_abi_var, info), 4);
	hawk_cgen_later(a, skip, hawk_cgen_ins(a, BPF_JMP | BPF_JNE | BPF_X, BPF_REG_1, BPF_REG_8, 0, 0));
	hawk_cgen_set(a, BPF_REG_7, vars + desc->n_vars * sizeof(struct hawk_abi_var));
	for (uint32_t i = 0; i < t->source->offset; i++) {
		hawk_cgen_load(a, BPF_REG_1, BPF_REG_6,
			       HAWK_CGEN_REC + vars + i * sizeof(struct hawk_abi_var), 4);
		hawk_cgen_ins(a, BPF_ALU64 | BPF_ADD | BPF_X, BPF_REG_7, BPF_REG_1, 0, 0);
	}
	hawk_cgen_later(a, skip, hawk_cgen_jump(a, BPF_JGT, BPF_REG_7, HAWK_RECORD_MAX));
}

static void string_head(struct hawk_cgen_asm *a, struct hawk_cgen_jumps *skip)
{
	size_t fits = hawk_cgen_jump(a, BPF_JLE, BPF_REG_8, HAWK_TEXT_BYTES), cut;

	hawk_cgen_set(a, BPF_REG_8, HAWK_TEXT_BYTES);
	hawk_cgen_land(a, fits);
	address(a, BPF_REG_1, KEY_BYTES);
	hawk_cgen_mov(a, BPF_REG_2, BPF_REG_8);
	address(a, BPF_REG_3, HAWK_CGEN_REC);
	hawk_cgen_ins(a, BPF_ALU64 | BPF_ADD | BPF_X, BPF_REG_3, BPF_REG_7, 0, 0);
	hawk_cgen_call(a, BPF_FUNC_probe_read_kernel);
	hawk_cgen_later(a, skip, hawk_cgen_jump(a, BPF_JNE, BPF_REG_0, 0));
	hawk_cgen_mov(a, BPF_REG_2, BPF_REG_8);
	cut = hawk_cgen_jump(a, BPF_JGT, BPF_REG_8, HAWK_TEXT_BYTES - 1);
	address(a, BPF_REG_1, KEY_BYTES);
	hawk_cgen_ins(a, BPF_ALU64 | BPF_ADD | BPF_X, BPF_REG_1, BPF_REG_8, 0, 0);
	hawk_cgen_ins(a, BPF_ST | BPF_MEM | BPF_B, BPF_REG_1, 0, 0, 0);
	hawk_cgen_alu(a, BPF_ADD, BPF_REG_2, 1);
	hawk_cgen_land(a, cut);
	hawk_cgen_alu(a, BPF_LSH, BPF_REG_2, 3);
	hawk_cgen_store(a, BPF_REG_6, KEY, BPF_REG_2, 4);
}

static void string_tail(struct hawk_cgen_asm *a, struct hawk_cgen_jumps *skip)
{
	hawk_cgen_ins(a, BPF_ALU64 | BPF_ADD | BPF_X, BPF_REG_7, BPF_REG_8, 0, 0);
	hawk_cgen_later(a, skip, hawk_cgen_jump(a, BPF_JGT, BPF_REG_7, HAWK_RECORD_MAX));
	address(a, BPF_REG_1, LAST_BYTES);
	hawk_cgen_set(a, BPF_REG_2, HAWK_CGEN_SUFFIX_BYTES);
	address(a, BPF_REG_3, HAWK_CGEN_REC - HAWK_CGEN_SUFFIX_BYTES);
	hawk_cgen_ins(a, BPF_ALU64 | BPF_ADD | BPF_X, BPF_REG_3, BPF_REG_7, 0, 0);
	hawk_cgen_call(a, BPF_FUNC_probe_read_kernel);
	hawk_cgen_later(a, skip, hawk_cgen_jump(a, BPF_JNE, BPF_REG_0, 0));
	address(a, BPF_REG_3, LAST_BYTES + HAWK_CGEN_SUFFIX_BYTES);
	reverse(a);
	put_last_bits(a, BPF_REG_8);
}

static void skip_empty(const struct text *t, struct hawk_cgen_asm *a, struct hawk_cgen_jumps *skip)
{
	if (!t->source->zero_absent)
		return;
	hawk_cgen_load(a, BPF_REG_1, BPF_REG_6, t->source->offset, 1);
	hawk_cgen_later(a, skip, hawk_cgen_jump(a, BPF_JEQ, BPF_REG_1, 0));
}

/* Makes the key; r2 points to it. */
static void make_key(const struct text *t, struct hawk_cgen_asm *a, struct hawk_cgen_jumps *skip)
{
	if (t->source->where == HAWK_CGEN_TEXT) {
		path_key(t, a, skip);
		return;
	}
	if (t->source->where == HAWK_CGEN_STRING) {
		find_string(t, a, skip);
		if (t->class == HAWK_CGEN_PREFIX)
			string_head(a, skip);
		else
			string_tail(a, skip);
	} else {
		skip_empty(t, a, skip);
		hawk_cgen_ins(a, BPF_ST | BPF_MEM | BPF_W, BPF_REG_6, 0, (int16_t)KEY, t->source->size * 8);
		for (size_t i = 0; i < t->source->size; i += 8) {
			hawk_cgen_load(a, BPF_REG_1, BPF_REG_6, t->source->offset + i, 8);
			hawk_cgen_store(a, BPF_REG_6, KEY_BYTES + i, BPF_REG_1, 8);
		}
	}
	address(a, BPF_REG_2, KEY);
}

/* An exact text that is followed by more than its NUL holds a NUL: nothing is decided. */
static void check_tag(struct hawk_cgen_asm *a, struct hawk_cgen_jumps *skip)
{
	size_t begin;

	hawk_cgen_load(a, BPF_REG_1, BPF_REG_0, 0, 8);
	begin = hawk_cgen_jump(a, BPF_JEQ, BPF_REG_1, 0);
	hawk_cgen_load(a, BPF_REG_2, BPF_REG_6, KEY, 4);
	hawk_cgen_later(a, skip, hawk_cgen_ins(a, BPF_JMP | BPF_JNE | BPF_X, BPF_REG_1, BPF_REG_2, 0, 0));
	hawk_cgen_land(a, begin);
}

/* r1: word I of the value, as far as the first BITS bits of KEY go. Jumps when they are others. */
static size_t compare_word(struct hawk_cgen_asm *a, const uint8_t *key, uint32_t bits, uint32_t i)
{
	const uint8_t reg = i ? BPF_REG_8 : BPF_REG_7;
	uint8_t mask[8] = { 0 };
	uint64_t m, v;

	for (uint32_t k = 0; k < 8; k++)
		if (bits > 64 * i + 8 * k)
			mask[k] = bits >= 64 * i + 8 * k + 8 ? 0xff : (uint8_t)(0xff00 >> bits % 8);
	memcpy(&m, mask, 8);
	memcpy(&v, key + 8 * i, 8);
	if (m == UINT64_MAX)
		return hawk_cgen_jump_u64(a, BPF_JNE, reg, v);
	hawk_cgen_mov(a, BPF_REG_1, reg);
	hawk_cgen_set(a, BPF_REG_2, m);
	hawk_cgen_ins(a, BPF_ALU64 | BPF_AND | BPF_X, BPF_REG_1, BPF_REG_2, 0, 0);
	return hawk_cgen_jump_u64(a, BPF_JNE, BPF_REG_1, v);
}

/*
 * Few entries of two words are compared one by one, longer ones before what they begin with: half the time of
 * a trie.
 */
static void compare_each(struct text *t, struct hawk_cgen_asm *a, const struct hawk_cgen_map *m,
			 const struct hawk_cgen_words *words)
{
	struct hawk_cgen_mask mask = mask_of(t, NULL);
	struct hawk_cgen_jumps end = { .at = NULL }, next = { .at = NULL };

	skip_empty(t, a, &end);
	for (uint32_t i = 0; i < 2; i++)
		hawk_cgen_load(a, BPF_REG_7 + (uint8_t)i, BPF_REG_6, t->source->offset + 8 * i, 8);
	for (size_t at = m->n; at-- > 0;) {
		const uint8_t *key = m->keys + at * m->key_size,
			      *value = m->values + at * m->value_size + TAG;
		struct hawk_cgen_mask fits;
		uint32_t bits;

		memset(&fits, 0xff, sizeof(fits));
		memcpy(&bits, key, 4);
		for (size_t w = 0; w < words->n; w++)
			memcpy(&fits.w[words->w[w]], value + 8 * w, 8);
		if (!bits) { /* the last one: nothing misses it */
			mask = fits;
			break;
		}
		for (uint32_t i = 0; i < 2 && bits > 64 * i; i++)
			hawk_cgen_later(a, &next, compare_word(a, key + 4, bits, i));
		hawk_cgen_and(t->p, a, &fits);
		hawk_cgen_later(a, &end, hawk_cgen_jump(a, BPF_JA, 0, 0));
		hawk_cgen_land_all(a, &next);
	}
	hawk_cgen_and(t->p, a, &mask);
	hawk_cgen_land_all(a, &end);
	hawk_cgen_jumps_done(&end);
	hawk_cgen_jumps_done(&next);
}

static void generate(struct text *t, struct hawk_cgen_asm *a, const struct hawk_cgen_words *words)
{
	const struct hawk_cgen_mask miss_mask = mask_of(t, NULL);
	struct hawk_cgen_jumps skip = { .at = NULL };
	size_t miss;

	make_key(t, a, &skip);
	hawk_cgen_map_fd(a, BPF_REG_1, (uint32_t)(HAWK_CGEN_OWN + t->p->out->n_maps - 1));
	hawk_cgen_call(a, BPF_FUNC_map_lookup_elem);
	miss = hawk_cgen_jump(a, BPF_JEQ, BPF_REG_0, 0);
	if (t->source->where == HAWK_CGEN_STRING && t->class == HAWK_CGEN_PREFIX)
		check_tag(a, &skip);
	hawk_cgen_and_value(a, words, TAG);
	hawk_cgen_later(a, &skip, hawk_cgen_jump(a, BPF_JA, 0, 0));
	hawk_cgen_land(a, miss);
	hawk_cgen_and(t->p, a, &miss_mask);
	hawk_cgen_land_all(a, &skip);
	hawk_cgen_jumps_done(&skip);
}

/* Finds the atoms, and room for their values. False when some were too many, which are dropped. */
static bool prepare(struct text *t)
{
	struct hawk_cgen_plan *p = t->p;
	_cleanup_free_ bool *over = calloc(p->n_atoms, sizeof(*over));
	bool any_over = false;
	size_t n = 0;

	t->atoms = calloc(p->n_atoms, sizeof(*t->atoms));
	for (uint32_t i = 0; t->atoms && over && i < p->n_atoms; i++) {
		const struct hawk_cgen_atom *atom = &p->atoms[i];
		const size_t values = atom->ir->nodes[atom->node].condition.n_values;

		if (atom->table != t->table)
			continue;
		if (n + values > HAWK_CGEN_VALUES_MAX) {
			over[i] = any_over = true;
			continue;
		}
		t->atoms[t->n_atoms++] = i;
		n += values;
	}
	if (any_over) {
		hawk_cgen_drop(p, t->table, over, "too many values");
		return false;
	}
	t->arena = calloc(n + 1, HAWK_CGEN_SUFFIX_BYTES);
	if (!t->atoms || !over || !t->arena)
		p->error = -ENOMEM;
	return true;
}

static void make_text(struct text *t, struct hawk_cgen_asm *a)
{
	const struct hawk_cgen_words words = hawk_cgen_words(t->p, t->table);
	struct hawk_cgen_map *m;

	collect(t);
	m = hawk_cgen_add_map(t->p, HAWK_CGEN_LPM, "hawk_texts", (uint32_t)(4 + t->key_bytes),
			      TAG + 8 * (uint32_t)words.n);
	if (!m)
		return;
	fill(t, m, &words);
	if (m->n <= FEW && t->key_bytes == 16) {
		compare_each(t, a, m, &words);
		hawk_cgen_drop_map(t->p);
	} else {
		generate(t, a, &words);
	}
}

void hawk_cgen_text(struct hawk_cgen_plan *p, struct hawk_cgen_asm *a, size_t table)
{
	const struct hawk_cgen_table *of = &p->tables[table];
	bool done = false;

	if (p->out->n_maps == HAWK_CGEN_MAPS_MAX) {
		hawk_cgen_drop(p, table, NULL, "too many tables");
		return;
	}
	while (!done && p->error == 0) {
		struct text t = { .p = p, .table = table, .source = &of->source, .class = of->class,
				  .key_bytes = key_bytes(&of->source, of->class) };

		done = prepare(&t);
		if (done && p->error == 0)
			make_text(&t, a);
		free(t.patterns);
		free(t.arena);
		free(t.atoms);
	}
}
