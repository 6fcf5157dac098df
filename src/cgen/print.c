/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Programs and tables as text. */
#include <inttypes.h>

#include "src/cgen/internal.h"

/* Places in the slot by name; the last one that begins before an offset has it. */
static const struct {
	size_t at;
	const char *name;
} places[] = {
	{ 0, "slot" },
	{ HAWK_CGEN_AT(judge.pass), "pass" },
	{ HAWK_CGEN_AT(judge.judged), "judged" },
	{ HAWK_CGEN_AT(judge.unknown), "unknown" },
	{ HAWK_CGEN_AT(judge.known), "known" },
#define FACT(type, member, name, doc) { HAWK_CGEN_AT(judge.task.member), "task." #member },
#include "bpf/abi/task.def"
#undef FACT
	{ HAWK_CGEN_AT(judge.comm), "comm" },
	{ HAWK_CGEN_AT(judge.nodename), "nodename" },
	{ HAWK_CGEN_AT(judge.text[0]), "text0" },
	{ HAWK_CGEN_AT(judge.text[1]), "text1" },
	{ HAWK_CGEN_AT(judge.key), "key" },
	{ HAWK_CGEN_REC, "rec" },
};

static void print_place(struct hawk_buf *out, size_t offset)
{
	size_t i = ARRAY_SIZE(places) - 1;

	while (offset < places[i].at)
		i--;
	hawk_buf_puts(out, places[i].name);
	if (offset > places[i].at)
		hawk_buf_printf(out, "+%zu", offset - places[i].at);
}

/* The memory that an instruction is about. */
static void print_memory(struct hawk_buf *out, uint8_t code, uint8_t reg, int16_t off)
{
	static const char *const sizes[] = { [BPF_W >> 3] = "u32", [BPF_H >> 3] = "u16", [BPF_B >> 3] = "u8",
					     [BPF_DW >> 3] = "u64" };

	hawk_buf_printf(out, "%s ", sizes[BPF_SIZE(code) >> 3]);
	if (reg == BPF_REG_6)
		print_place(out, (size_t)off);
	else
		hawk_buf_printf(out, "[r%u%+d]", reg, off);
}

static const char *operator_of(uint8_t code)
{
	static const char *const alu[16] = {
		[BPF_ADD >> 4] = "+=",    [BPF_SUB >> 4] = "-=",  [BPF_OR >> 4] = "|=",
		[BPF_AND >> 4] = "&=",    [BPF_LSH >> 4] = "<<=", [BPF_RSH >> 4] = ">>=",
		[BPF_ARSH >> 4] = "s>>=", [BPF_MOV >> 4] = "=",  [BPF_DIV >> 4] = "/=",
	};
	static const char *const jump[16] = {
		[BPF_JEQ >> 4] = "==", [BPF_JGT >> 4] = ">", [BPF_JGE >> 4] = ">=", [BPF_JSET >> 4] = "&",
		[BPF_JNE >> 4] = "!=", [BPF_JSGT >> 4] = "s>", [BPF_JSGE >> 4] = "s>=", [BPF_JLT >> 4] = "<",
		[BPF_JLE >> 4] = "<=", [BPF_JSLT >> 4] = "s<", [BPF_JSLE >> 4] = "s<=",
	};
	const char *name = BPF_CLASS(code) == BPF_JMP ? jump[BPF_OP(code) >> 4] : alu[BPF_OP(code) >> 4];

	return name ? name : "?";
}

static void print_operand(struct hawk_buf *out, const struct bpf_insn *i)
{
	if (BPF_SRC(i->code) == BPF_X)
		hawk_buf_printf(out, "r%u", i->src_reg);
	else
		hawk_buf_printf(out, "%d", i->imm);
}

/* OF_SLOT: the register holds the address of the slot. */
static void print_alu(struct hawk_buf *out, const struct bpf_insn *i, bool of_slot)
{
	if (BPF_OP(i->code) == BPF_END) {
		hawk_buf_printf(out, "r%u = be%d r%u", i->dst_reg, i->imm, i->dst_reg);
		return;
	}
	if (BPF_OP(i->code) == BPF_NEG) {
		hawk_buf_printf(out, "w%u = -w%u", i->dst_reg, i->dst_reg);
		return;
	}
	if (i->code == (BPF_ALU64 | BPF_ADD | BPF_K) && of_slot) {
		hawk_buf_printf(out, "r%u = &", i->dst_reg);
		print_place(out, (size_t)i->imm);
		return;
	}
	hawk_buf_printf(out, "r%u %s ", i->dst_reg, operator_of(i->code));
	print_operand(out, i);
}

static void print_jump(struct hawk_buf *out, const struct bpf_insn *i, size_t at)
{
	switch (BPF_OP(i->code)) {
	case BPF_EXIT:
		hawk_buf_puts(out, "exit");
		return;
	case BPF_CALL:
		hawk_buf_printf(out, "call %s", i->imm == BPF_FUNC_map_lookup_elem ? "map_lookup_elem" :
						i->imm == BPF_FUNC_get_current_task ? "get_current_task" :
										      "probe_read_kernel");
		return;
	case BPF_JA:
		break;
	default:
		hawk_buf_printf(out, "if r%u %s ", i->dst_reg, operator_of(i->code));
		print_operand(out, i);
		hawk_buf_putc(out, ' ');
	}
	hawk_buf_printf(out, "goto %zu", at + 1 + (size_t)i->off);
}

static void print_map(const struct hawk_cgen *cg, uint32_t map, struct hawk_buf *out)
{
	static const char *const shared[] = { [HAWK_CGEN_NOW] = "hawk_now",
					      [HAWK_CGEN_SCRATCH] = "hawk_scratch",
					      [HAWK_CGEN_KNOWN] = "hawk_known" };

	if (map < HAWK_CGEN_OWN)
		hawk_buf_puts(out, shared[map]);
	else
		hawk_buf_printf(out, "%s_%u", cg->maps[map - HAWK_CGEN_OWN].name, map - HAWK_CGEN_OWN);
}

static void print_one(const struct hawk_cgen *cg, const struct hawk_cgen_program *p, size_t at, size_t *reloc,
		      struct hawk_buf *out)
{
	const struct bpf_insn *i = &p->insns[at], *last = at ? i - 1 : i;
	const bool of_slot = last->code == (BPF_ALU64 | BPF_MOV | BPF_X) && last->src_reg == BPF_REG_6;

	hawk_buf_printf(out, "%5zu: ", at);
	switch (BPF_CLASS(i->code)) {
	case BPF_LD:
		hawk_buf_printf(out, "r%u = ", i->dst_reg);
		if (*reloc < p->n_relocs && p->relocs[*reloc].insn == at)
			print_map(cg, p->relocs[(*reloc)++].map, out);
		else
			hawk_buf_printf(out, "0x%" PRIx64,
					(uint64_t)(uint32_t)i[1].imm << 32 | (uint32_t)i->imm);
		break;
	case BPF_LDX:
		hawk_buf_printf(out, "r%u = ", i->dst_reg);
		print_memory(out, i->code, i->src_reg, i->off);
		break;
	case BPF_ST:
		print_memory(out, i->code, i->dst_reg, i->off);
		hawk_buf_printf(out, " = %d", i->imm);
		break;
	case BPF_STX:
		print_memory(out, i->code, i->dst_reg, i->off);
		hawk_buf_printf(out, " %s r%u", BPF_MODE(i->code) == BPF_XADD ? "+=" : "=", i->src_reg);
		break;
	case BPF_JMP:
		print_jump(out, i, at);
		break;
	default:
		print_alu(out, i, of_slot && last->dst_reg == i->dst_reg);
	}
	hawk_buf_putc(out, '\n');
}

#define ENTRIES_SHOWN 8

static void print_bytes(struct hawk_buf *out, const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		hawk_buf_printf(out,
				p[i] >= ' ' && p[i] < 0x7f && p[i] != '\\' && p[i] != '"' ? "%c" : "\\x%02x",
				p[i]);
}

static void print_entry(const struct hawk_cgen_map *m, size_t at, struct hawk_buf *out)
{
	const uint8_t *key = m->keys + at * m->key_size, *value = m->values + at * m->value_size;
	uint64_t word;
	uint32_t bits;

	if (m->kind == HAWK_CGEN_HASH) {
		memcpy(&word, key, 8);
		hawk_buf_printf(out, "  %" PRIu64, word);
	} else {
		memcpy(&bits, key, 4);
		hawk_buf_puts(out, "  \"");
		print_bytes(out, key + 4, (bits + 7) / 8);
		hawk_buf_printf(out, "\"/%u", bits);
	}
	for (size_t i = m->kind == HAWK_CGEN_LPM ? 8 : 0; i < m->value_size; i += 8) {
		memcpy(&word, value + i, 8);
		hawk_buf_printf(out, " %016" PRIx64, word);
	}
	hawk_buf_putc(out, '\n');
}

static void print_table(const struct hawk_cgen *cg, uint32_t map, struct hawk_buf *out)
{
	static const char *const kinds[] = { [HAWK_CGEN_HASH] = "hash", [HAWK_CGEN_LPM] = "lpm",
					     [HAWK_CGEN_RATE] = "a count per second" };
	const struct hawk_cgen_map *m = &cg->maps[map - HAWK_CGEN_OWN];

	print_map(cg, map, out);
	hawk_buf_printf(out, ": %s, %zu entries\n", kinds[m->kind], m->n);
	for (size_t i = 0; m->kind != HAWK_CGEN_RATE && i < m->n && i < ENTRIES_SHOWN; i++)
		print_entry(m, i, out);
	if (m->kind != HAWK_CGEN_RATE && m->n > ENTRIES_SHOWN)
		hawk_buf_puts(out, "  ...\n");
}

int hawk_cgen_print(const struct hawk_cgen *cg, unsigned int point, struct hawk_buf *out)
{
	const struct hawk_cgen_program *p = &cg->programs[point];
	size_t reloc = 0;

	for (size_t at = 0; at < p->n_insns; at++) {
		print_one(cg, p, at, &reloc, out);
		if (p->insns[at].code == (BPF_LD | BPF_IMM | BPF_DW))
			at++;
	}
	for (size_t i = 0; i < p->n_relocs; i++)
		if (p->relocs[i].map >= HAWK_CGEN_OWN)
			print_table(cg, p->relocs[i].map, out);
	return out->error;
}
