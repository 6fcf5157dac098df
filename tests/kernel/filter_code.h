/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef TESTS_KERNEL_FILTER_CODE_H
#define TESTS_KERNEL_FILTER_CODE_H
/* Judging programs, written by hand. */
#include <linux/bpf.h>
#include <stddef.h>

#include "src/cgen/cgen.h"

/* A program under construction. */
struct code {
	struct bpf_insn insn[256];
	size_t n;
	struct hawk_cgen_reloc reloc[8];
	size_t n_reloc;
	size_t out[64]; /* jumps to the end */
	size_t n_out;
};

static inline void add(struct code *c, uint8_t op, uint8_t dst, uint8_t src, int16_t off, int32_t imm)
{
	c->insn[c->n++] = (struct bpf_insn){ .code = op, .dst_reg = dst, .src_reg = src, .off = off, .imm = imm };
}

static inline void load(struct code *c, uint8_t size, uint8_t dst, uint8_t src, size_t off)
{
	add(c, BPF_LDX | BPF_MEM | size, dst, src, (int16_t)off, 0);
}

static inline void store(struct code *c, uint8_t size, uint8_t dst, size_t off, uint8_t src)
{
	add(c, BPF_STX | BPF_MEM | size, dst, src, (int16_t)off, 0);
}

static inline void constant(struct code *c, uint8_t dst, uint64_t value)
{
	add(c, BPF_LD | BPF_DW | BPF_IMM, dst, 0, 0, (int32_t)(uint32_t)value);
	add(c, 0, 0, 0, 0, (int32_t)(value >> 32));
}

/* Leaves the program when the comparison OP of DST with IMM is true. */
static inline void leave_if(struct code *c, uint8_t op, uint8_t dst, int32_t imm)
{
	c->out[c->n_out++] = c->n;
	add(c, BPF_JMP | op | BPF_K, dst, 0, 0, imm);
}

static inline void leave_if_reg(struct code *c, uint8_t op, uint8_t dst, uint8_t src)
{
	c->out[c->n_out++] = c->n;
	add(c, BPF_JMP | op | BPF_X, dst, src, 0, 0);
}

/* r0 = map_lookup(MAP, key in the four bytes below the frame) */
static inline void look_up(struct code *c, uint32_t map)
{
	c->reloc[c->n_reloc++] = (struct hawk_cgen_reloc){ (uint32_t)c->n, map };
	add(c, BPF_LD | BPF_DW | BPF_IMM, BPF_REG_1, BPF_PSEUDO_MAP_FD, 0, 0);
	add(c, 0, 0, 0, 0, 0);
	add(c, BPF_ALU64 | BPF_MOV | BPF_X, BPF_REG_2, BPF_REG_10, 0, 0);
	add(c, BPF_ALU64 | BPF_ADD | BPF_K, BPF_REG_2, 0, 0, -4);
	add(c, BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_map_lookup_elem);
	leave_if(c, BPF_JEQ, BPF_REG_0, 0);
}

#define JUDGE(member) (offsetof(struct hawk_abi_scratch, judge) + offsetof(struct hawk_abi_judge, member))
#define PASS(i) (JUDGE(pass) + 8 * (size_t)(i))

/* r7: the slot */
static inline void prologue(struct code *c)
{
	add(c, BPF_ST | BPF_MEM | BPF_W, BPF_REG_10, 0, -4, 0);
	look_up(c, HAWK_CGEN_NOW);
	load(c, BPF_DW, BPF_REG_7, BPF_REG_0, offsetof(struct hawk_abi_now, task));
	load(c, BPF_W, BPF_REG_8, BPF_REG_0, offsetof(struct hawk_abi_now, slot));
	add(c, BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_get_current_task);
	leave_if_reg(c, BPF_JNE, BPF_REG_0, BPF_REG_7);
	store(c, BPF_W, BPF_REG_10, (size_t)-4, BPF_REG_8);
	look_up(c, HAWK_CGEN_SCRATCH);
	add(c, BPF_ALU64 | BPF_MOV | BPF_X, BPF_REG_7, BPF_REG_0, 0, 0);
}

static inline void set_pass(struct code *c, unsigned int word, uint64_t value)
{
	constant(c, BPF_REG_1, value);
	store(c, BPF_DW, BPF_REG_7, PASS(word), BPF_REG_1);
}

static inline void judged(struct code *c, unsigned int point)
{
	load(c, BPF_W, BPF_REG_1, BPF_REG_7, JUDGE(judged));
	add(c, BPF_ALU64 | BPF_OR | BPF_K, BPF_REG_1, 0, 0, 1 << point);
	store(c, BPF_W, BPF_REG_7, JUDGE(judged), BPF_REG_1);
}

/* Ends the program, and gives it to CG. */
static inline void finish(struct code *c, struct hawk_cgen *cg, unsigned int point)
{
	for (size_t i = 0; i < c->n_out; i++)
		c->insn[c->out[i]].off = (int16_t)(c->n - c->out[i] - 1);
	add(c, BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_0, 0, 0, 0);
	add(c, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
	cg->programs[point] = (struct hawk_cgen_program){
		.insns = c->insn, .n_insns = c->n, .relocs = c->reloc, .n_relocs = c->n_reloc,
	};
}

#endif
