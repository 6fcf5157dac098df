/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A policy per line for an event that the bytes choose: the programs are such as a verifier takes, as far as
 * can be seen.
 */
#include <linux/bpf.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/buf.h"
#include "src/base/cleanup.h"
#include "src/cgen/cgen.h"
#include "src/ir/ir.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define REQUIRE(what) \
	do { \
		if (!(what)) \
			abort(); \
	} while (0)

#define POLICIES 16

static struct hawk_buf text;

static bool is_jump(const struct bpf_insn *i)
{
	return BPF_CLASS(i->code) == BPF_JMP && BPF_OP(i->code) != BPF_CALL && BPF_OP(i->code) != BPF_EXIT;
}

/* Jumps go forward to the begin of an instruction, every instruction is reached, memory is in the slot. */
static void check_program(const struct hawk_cgen_program *p, size_t n_maps)
{
	_cleanup_free_ bool *reached = calloc(p->n_insns + 1, 1);
	size_t at, wide;

	REQUIRE(reached && p->n_insns <= HAWK_CGEN_INSNS_MAX + 4096);
	REQUIRE(p->insns[p->n_insns - 1].code == (BPF_JMP | BPF_EXIT));
	reached[0] = true;
	for (at = 0; at < p->n_insns; at += 1 + wide) {
		const struct bpf_insn *i = &p->insns[at];

		wide = i->code == (BPF_LD | BPF_IMM | BPF_DW);
		REQUIRE(reached[at]);
		REQUIRE(!wide || p->insns[at + 1].code == 0);
		if (is_jump(i)) {
			REQUIRE(i->off >= 0 && at + 1 + (size_t)i->off < p->n_insns);
			reached[at + 1 + (size_t)i->off] = true;
		}
		if (i->code != (BPF_JMP | BPF_JA) && i->code != (BPF_JMP | BPF_EXIT))
			reached[at + 1 + wide] = true;
		if (BPF_CLASS(i->code) == BPF_LDX && i->src_reg == BPF_REG_6)
			REQUIRE(i->off >= 0 && (size_t)i->off + 8 <= sizeof(struct hawk_abi_scratch));
		if ((BPF_CLASS(i->code) == BPF_ST || BPF_CLASS(i->code) == BPF_STX) &&
		    i->dst_reg == BPF_REG_6)
			REQUIRE((size_t)i->off >= offsetof(struct hawk_abi_scratch, judge) &&
				(size_t)i->off + 8 <= offsetof(struct hawk_abi_scratch, bytes));
	}
	REQUIRE(at == p->n_insns && !reached[at]);
	for (size_t i = 0; i < p->n_relocs; i++)
		REQUIRE(p->relocs[i].insn < p->n_insns && p->relocs[i].map < HAWK_CGEN_OWN + n_maps &&
			p->insns[p->relocs[i].insn].src_reg == BPF_PSEUDO_MAP_FD);
}

static void build(const struct hawk_event_desc *desc, const struct hawk_cgen_rule *rules, size_t n)
{
	struct hawk_cgen *cg = NULL;

	REQUIRE(hawk_cgen_build(&cg, desc, rules, n) == 0);
	REQUIRE(cg->programs[0].insns || !n);
	hawk_buf_reset(&text);
	for (unsigned int point = 0; point < HAWK_JUDGE_POINTS; point++) {
		if (!cg->programs[point].insns)
			continue;
		check_program(&cg->programs[point], cg->n_maps);
		REQUIRE(hawk_cgen_print(cg, point, &text) == 0);
	}
	for (size_t i = 0; i < cg->n_left; i++)
		REQUIRE(cg->left[i].rule < n && cg->left[i].text && cg->left[i].why);
	hawk_cgen_free(cg);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_free_ char *all = strndup((const char *)data, size);
	struct hawk_cgen_rule rules[POLICIES] = { { .bit = 0 } };
	struct hawk_ir *trees[POLICIES], *learned;
	struct hawk_ir_error error;
	size_t n = 0, n_descs, which = size;
	const struct hawk_event_desc *const *descs = hawk_event_descs(&n_descs);
	char *rest;

	REQUIRE(all);
	text.max = 64 << 20;
	rest = all;
	for (char *line = strsep(&rest, "\n"); line && n < POLICIES; line = strsep(&rest, "\n")) {
		if (hawk_ir_parse(&trees[n], line, &error) < 0)
			continue;
		which = which * 31 + strlen(line);
		rules[n] = (struct hawk_cgen_rule){ .bit = (unsigned int)(n * 67 % HAWK_POLICIES_MAX /
									  (1 + size % 2)) };
		*(n % 2 ? &rules[n].scope : &rules[n].filter) = trees[n];
		n++;
	}
	for (size_t i = 0; i < 3; i++)
		build(descs[(which + 7 * i) % n_descs], rules, n);
	for (size_t i = 0; i < n; i++) {
		REQUIRE(hawk_cgen_learned(&learned, trees[i]) == 0);
		hawk_ir_free(learned);
		hawk_ir_free(trees[i]);
	}
	return 0;
}
