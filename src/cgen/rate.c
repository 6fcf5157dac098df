/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Limits per second. The daemon keeps them, over all CPUs; the kernel leaves out what one CPU alone has too much of,
 * which the daemon would not tell either: it sees the records of a CPU in their order, and counts each.
 */
#include "src/cgen/internal.h"

#define PASS(word) (HAWK_CGEN_AT(judge.pass) + 8 * (size_t)(word))
#define TEXT_BITS(i) (HAWK_CGEN_AT(judge.text[0].bits) + (i) * sizeof(struct hawk_abi_text))
#define NS 1000000000

/* Of bytes that may hold a NUL some are not decided, where nothing shows it. */
static bool has_bytes(const struct hawk_cgen_plan *p, size_t rule)
{
	for (size_t i = 0; i < p->n_atoms; i++) {
		const struct hawk_cgen_source *s = &p->tables[p->atoms[i].table].source;

		if (p->atoms[i].rule == rule && s->where == HAWK_CGEN_STRING && s->type != HAWK_T_UPATH)
			return true;
	}
	return false;
}

void hawk_cgen_find_rated(struct hawk_cgen_plan *p)
{
	for (size_t i = 0; i < p->n_rules; i++) {
		const unsigned int bit = p->rules[i].bit;
		size_t same = 0;

		for (size_t k = 0; k < p->n_rules; k++)
			same += p->rules[k].bit == bit;
		if (p->rules[i].per_second && same == 1 && bit < HAWK_POLICIES_MAX && !has_bytes(p, i))
			p->out->rated[bit / 64] |= 1ULL << bit % 64;
	}
}

static uint32_t limit_of(const struct hawk_cgen_plan *p, unsigned int bit)
{
	for (size_t i = 0; i < p->n_rules; i++)
		if (p->rules[i].bit == bit)
			return p->rules[i].per_second;
	return 0;
}

/* *(r0 + OFFSET) += 1. Other programs may come between. */
static void count(struct hawk_cgen_asm *a, size_t offset)
{
	hawk_cgen_set(a, BPF_REG_1, 1);
	hawk_cgen_ins(a, BPF_STX | BPF_XADD | BPF_DW, BPF_REG_0, BPF_REG_1, (int16_t)offset, 0);
}

/* r7: the second. The policy has had enough of it on this CPU: then it does not want the record. */
static void one(struct hawk_cgen_asm *a, uint32_t map, uint32_t element, unsigned int bit, uint32_t limit)
{
	struct hawk_cgen_jumps done = { .at = NULL };
	size_t same, over;

	hawk_cgen_load(a, BPF_REG_1, BPF_REG_6, PASS(bit / 64), 8);
	hawk_cgen_set(a, BPF_REG_2, 1ULL << bit % 64);
	hawk_cgen_ins(a, BPF_ALU64 | BPF_AND | BPF_X, BPF_REG_1, BPF_REG_2, 0, 0);
	hawk_cgen_later(a, &done, hawk_cgen_jump(a, BPF_JEQ, BPF_REG_1, 0));
	hawk_cgen_ins(a, BPF_ST | BPF_MEM | BPF_W, BPF_REG_10, 0, -4, (int32_t)element);
	hawk_cgen_map_fd(a, BPF_REG_1, map);
	hawk_cgen_mov(a, BPF_REG_2, BPF_REG_10);
	hawk_cgen_alu(a, BPF_ADD, BPF_REG_2, -4);
	hawk_cgen_call(a, BPF_FUNC_map_lookup_elem);
	hawk_cgen_later(a, &done, hawk_cgen_jump(a, BPF_JEQ, BPF_REG_0, 0));
	hawk_cgen_load(a, BPF_REG_1, BPF_REG_0, offsetof(struct hawk_cgen_rate, second), 8);
	same = hawk_cgen_ins(a, BPF_JMP | BPF_JEQ | BPF_X, BPF_REG_1, BPF_REG_7, 0, 0);
	hawk_cgen_store(a, BPF_REG_0, offsetof(struct hawk_cgen_rate, second), BPF_REG_7, 8);
	hawk_cgen_ins(a, BPF_ST | BPF_MEM | BPF_DW, BPF_REG_0, 0, offsetof(struct hawk_cgen_rate, sent), 0);
	hawk_cgen_land(a, same);
	hawk_cgen_load(a, BPF_REG_1, BPF_REG_0, offsetof(struct hawk_cgen_rate, sent), 8);
	over = hawk_cgen_jump_u64(a, BPF_JGE, BPF_REG_1, limit);
	count(a, offsetof(struct hawk_cgen_rate, sent));
	hawk_cgen_later(a, &done, hawk_cgen_jump(a, BPF_JA, 0, 0));
	hawk_cgen_land(a, over);
	count(a, offsetof(struct hawk_cgen_rate, left_out));
	hawk_cgen_load(a, BPF_REG_1, BPF_REG_6, PASS(bit / 64), 8);
	hawk_cgen_set(a, BPF_REG_2, ~(1ULL << bit % 64));
	hawk_cgen_ins(a, BPF_ALU64 | BPF_AND | BPF_X, BPF_REG_1, BPF_REG_2, 0, 0);
	hawk_cgen_store(a, BPF_REG_6, PASS(bit / 64), BPF_REG_1, 8);
	hawk_cgen_land_all(a, &done);
	hawk_cgen_jumps_done(&done);
}

/* What the kernel does not know may be decided otherwise by the daemon: such a record counts for nobody. */
static void leave_unsure(const struct hawk_cgen_plan *p, struct hawk_cgen_asm *a, struct hawk_cgen_jumps *out)
{
	hawk_cgen_load(a, BPF_REG_1, BPF_REG_6, HAWK_CGEN_AT(judge.unknown), 4);
	hawk_cgen_later(a, out, hawk_cgen_jump(a, BPF_JNE, BPF_REG_1, 0));
	for (size_t i = 0; i < ARRAY_SIZE(p->text_var); i++) {
		if (p->text_var[i] < 0)
			continue;
		hawk_cgen_load(a, BPF_REG_1, BPF_REG_6, TEXT_BITS(i), 4);
		hawk_cgen_later(a, out, hawk_cgen_jump(a, BPF_JEQ, BPF_REG_1, 0));
		hawk_cgen_later(a, out, hawk_cgen_jump(a, BPF_JGE, BPF_REG_1, 8 * HAWK_TEXT_BYTES));
	}
	for (size_t i = 0; i < p->n_tables; i++) {
		const struct hawk_cgen_source *s = &p->tables[i].source;
		const size_t var = HAWK_CGEN_REC + sizeof(struct hawk_abi_rec) + p->desc->fixed_size +
				   s->offset * sizeof(struct hawk_abi_var);

		if (s->where != HAWK_CGEN_STRING || s->type != HAWK_T_UPATH)
			continue;
		hawk_cgen_load(a, BPF_REG_1, BPF_REG_6, var + offsetof(struct hawk_abi_var, len), 4);
		hawk_cgen_load(a, BPF_REG_2, BPF_REG_6, var + offsetof(struct hawk_abi_var, info), 4);
		hawk_cgen_later(a, out, hawk_cgen_ins(a, BPF_JMP | BPF_JNE | BPF_X, BPF_REG_1, BPF_REG_2, 0, 0));
		hawk_cgen_later(a, out, hawk_cgen_jump(a, BPF_JGE, BPF_REG_1, HAWK_TEXT_BYTES));
	}
}

void hawk_cgen_rates(struct hawk_cgen_plan *p, struct hawk_cgen_asm *a)
{
	struct hawk_cgen_jumps out = { .at = NULL };
	struct hawk_cgen_map *m;
	uint32_t map, n = 0;

	/* a table that was left out since may have been one of theirs */
	for (size_t w = 0; w < ARRAY_SIZE(p->out->rated); w++) {
		p->out->rated[w] &= p->out->exact[w] & p->start[w];
		n += (uint32_t)__builtin_popcountll(p->out->rated[w]);
	}
	if (!n)
		return;
	if (p->out->n_maps == HAWK_CGEN_MAPS_MAX ||
	    !(m = hawk_cgen_add_map(p, HAWK_CGEN_RATE, "rate", sizeof(uint32_t), sizeof(struct hawk_cgen_rate)))) {
		memset(p->out->rated, 0, sizeof(p->out->rated));
		return;
	}
	m->n = n;
	p->out->timed = true;
	map = HAWK_CGEN_OWN + (uint32_t)p->out->n_maps - 1;
	leave_unsure(p, a, &out);
	hawk_cgen_load(a, BPF_REG_7, BPF_REG_6, HAWK_CGEN_REC + offsetof(struct hawk_abi_rec, time), 8);
	hawk_cgen_alu(a, BPF_DIV, BPF_REG_7, NS);
	for (unsigned int bit = 0, element = 0; bit < HAWK_POLICIES_MAX; bit++)
		if (p->out->rated[bit / 64] >> bit % 64 & 1)
			one(a, map, element++, bit, limit_of(p, bit));
	hawk_cgen_land_all(a, &out);
	hawk_cgen_jumps_done(&out);
}
