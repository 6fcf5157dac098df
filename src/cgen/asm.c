/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Instructions one after the other. */
#include "src/cgen/internal.h"

void *hawk_cgen_more(void **p, size_t n, size_t *cap, size_t size, int *error)
{
	size_t want = *cap ? *cap * 2 : 16;
	void *more;

	if (n == *cap) {
		more = reallocarray(*p, want, size);
		if (!more) {
			*error = -ENOMEM;
			return NULL;
		}
		*p = more;
		*cap = want;
	}
	return memset((char *)*p + n * size, 0, size);
}

size_t hawk_cgen_ins(struct hawk_cgen_asm *a, uint8_t code, uint8_t dst, uint8_t src, int16_t off,
		     int32_t imm)
{
	struct bpf_insn *i = a->error ? NULL : HAWK_CGEN_MORE(a->insns, a->n, a->cap, &a->error);

	if (!i)
		return 0;
	a->insns[a->n] = (struct bpf_insn){
		.code = code, .dst_reg = dst & 15, .src_reg = src & 15, .off = off, .imm = imm
	};
	return a->n++;
}

void hawk_cgen_mov(struct hawk_cgen_asm *a, uint8_t dst, uint8_t src)
{
	hawk_cgen_ins(a, BPF_ALU64 | BPF_MOV | BPF_X, dst, src, 0, 0);
}

void hawk_cgen_set(struct hawk_cgen_asm *a, uint8_t dst, uint64_t v)
{
	if ((uint64_t)(int64_t)(int32_t)v == v) {
		hawk_cgen_ins(a, BPF_ALU64 | BPF_MOV | BPF_K, dst, 0, 0, (int32_t)v);
		return;
	}
	hawk_cgen_ins(a, BPF_LD | BPF_IMM | BPF_DW, dst, 0, 0, (int32_t)v);
	hawk_cgen_ins(a, 0, 0, 0, 0, (int32_t)(v >> 32));
}

void hawk_cgen_alu(struct hawk_cgen_asm *a, uint8_t op, uint8_t dst, int32_t imm)
{
	hawk_cgen_ins(a, BPF_ALU64 | op | BPF_K, dst, 0, 0, imm);
}

static uint8_t size_bits(size_t size)
{
	switch (size) {
	case 1:
		return BPF_B;
	case 2:
		return BPF_H;
	case 4:
		return BPF_W;
	default:
		return BPF_DW;
	}
}

void hawk_cgen_load(struct hawk_cgen_asm *a, uint8_t dst, uint8_t src, size_t offset, size_t size)
{
	hawk_cgen_ins(a, BPF_LDX | BPF_MEM | size_bits(size), dst, src, (int16_t)offset, 0);
}

void hawk_cgen_store(struct hawk_cgen_asm *a, uint8_t dst, size_t offset, uint8_t src, size_t size)
{
	hawk_cgen_ins(a, BPF_STX | BPF_MEM | size_bits(size), dst, src, (int16_t)offset, 0);
}

void hawk_cgen_map_fd(struct hawk_cgen_asm *a, uint8_t dst, uint32_t map)
{
	struct hawk_cgen_reloc *r = HAWK_CGEN_MORE(a->relocs, a->n_relocs, a->relocs_cap, &a->error);

	if (!r)
		return;
	a->relocs[a->n_relocs++] = (struct hawk_cgen_reloc){ .insn = (uint32_t)a->n, .map = map };
	hawk_cgen_ins(a, BPF_LD | BPF_IMM | BPF_DW, dst, BPF_PSEUDO_MAP_FD, 0, 0);
	hawk_cgen_ins(a, 0, 0, 0, 0, 0);
}

void hawk_cgen_call(struct hawk_cgen_asm *a, int32_t function)
{
	hawk_cgen_ins(a, BPF_JMP | BPF_CALL, 0, 0, 0, function);
}

size_t hawk_cgen_jump(struct hawk_cgen_asm *a, uint8_t op, uint8_t dst, int32_t imm)
{
	return hawk_cgen_ins(a, BPF_JMP | op | BPF_K, dst, 0, 0, imm);
}

size_t hawk_cgen_jump_u64(struct hawk_cgen_asm *a, uint8_t op, uint8_t dst, uint64_t v)
{
	if ((uint64_t)(int64_t)(int32_t)v == v)
		return hawk_cgen_jump(a, op, dst, (int32_t)v);
	hawk_cgen_set(a, BPF_REG_2, v);
	return hawk_cgen_ins(a, BPF_JMP | op | BPF_X, dst, BPF_REG_2, 0, 0);
}

void hawk_cgen_land(struct hawk_cgen_asm *a, size_t index)
{
	size_t distance = a->n - index - 1;

	if (a->error)
		return;
	a->landed = a->n;
	if (distance > INT16_MAX)
		a->error = -E2BIG;
	else
		a->insns[index].off = (int16_t)distance;
}

void hawk_cgen_later(struct hawk_cgen_asm *a, struct hawk_cgen_jumps *jumps, size_t index)
{
	uint32_t *at = HAWK_CGEN_MORE(jumps->at, jumps->n, jumps->cap, &a->error);

	if (at)
		jumps->at[jumps->n++] = (uint32_t)index;
}

void hawk_cgen_land_all(struct hawk_cgen_asm *a, struct hawk_cgen_jumps *jumps)
{
	size_t last = jumps->n ? jumps->at[jumps->n - 1] : 0;

	/* a jump to where it ends, unless another one already ends there */
	if (a->error == 0 && last && last + 1 == a->n && a->landed != a->n &&
	    a->insns[last].code == (BPF_JMP | BPF_JA)) {
		a->n--;
		jumps->n--;
	}
	for (size_t i = 0; i < jumps->n; i++)
		hawk_cgen_land(a, jumps->at[i]);
	jumps->n = 0;
}

void hawk_cgen_jumps_done(struct hawk_cgen_jumps *jumps)
{
	free(jumps->at);
	*jumps = (struct hawk_cgen_jumps){ .at = NULL };
}

void hawk_cgen_asm_done(struct hawk_cgen_asm *a)
{
	free(a->insns);
	free(a->relocs);
	*a = (struct hawk_cgen_asm){ .insns = NULL };
}
