/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_TESTS_INTEGRITY_KERNEL_H
#define HAWK_TESTS_INTEGRITY_KERNEL_H
/*
 * A made-up kernel: memory at addresses, symbols, modules, /proc. It is sound;
 * tests change it. Offsets in its structures are those of the made-up layout.
 */
#include "src/integrity/integrity.h"

#define KERNEL_TEXT 0xffffffff81000000ULL
#define KERNEL_TEXT_END 0xffffffff82000000ULL
#define KERNEL_DATA 0xffffffff83000000ULL
#define KERNEL_DATA_SIZE (256 * 1024)
#define KERNEL_IDT 0xfffffe0000000000ULL
#define MODULE_TEXT(i) (0xffffffffc0000000ULL + (uint64_t)(i) * 0x100000)
#define MODULE_DATA(i) (MODULE_TEXT(i) + 0x10000)
#define MODULES 3
/* struct module_memory as in 6.12: base, size, and a node of mod_tree behind them; its array in a module at M. */
#define MODULE_MEMORY 72
#define MODULE_MEM(m, i) ((m) + 104 + (uint64_t)(i) * MODULE_MEMORY)
/* Functions of the kernel: in its text. */
#define FUNCTION(i) (KERNEL_TEXT + 0x1000 + (uint64_t)(i) * 0x10)

struct kernel {
	uint8_t data[KERNEL_DATA_SIZE], idt[4096], module_data[MODULES][4096];
	size_t used;
	struct hawk_layout layout;
	struct hawk_integrity env;
	const char *enabled[2];
	char dir[64], kallsyms[96], modules[96], hooks[96];
	/* addresses */
	uint64_t module[MODULES], node[MODULES]; /* struct module, and its node in mod_tree */
	uint64_t modules_head, kset, root_pde, net_pde, file_pde, file_ops, tcp_ops, calls;
	/* After so many more reads the word at REPAIR becomes REPAIRED; 0: never. */
	size_t reads_left;
	uint64_t repair, repaired;

	struct hawk_anomalies findings;
	struct hawk_check_result result[HAWK_CHECK_MAX];
};

/* Aborts when the files cannot be made. */
void kernel_make(struct kernel *k);
void kernel_done(struct kernel *k);
/* Room in its data, zeroed; the address. */
uint64_t kernel_alloc(struct kernel *k, size_t size);
void kernel_set(struct kernel *k, uint64_t address, uint64_t word);
uint64_t kernel_get(struct kernel *k, uint64_t address);
/* Replaces the contents of a file of its. */
void kernel_write(const char *path, const char *text);
/* Adds a line of /proc/kallsyms. */
void kernel_symbol(struct kernel *k, uint64_t address, const char *name_and_owner);
/* Takes a node out of a list or the tree: MODULE is found there no more. */
void kernel_unlist(struct kernel *k, int module);
void kernel_unset(struct kernel *k, int module);
/* An entry in a directory of /proc; the address. OPS: its operations. */
uint64_t kernel_pde(struct kernel *k, uint64_t parent, const char *name, uint16_t mode);
/* Runs the checks in MASK, after forgetting what was found. Returns how many findings there are. */
size_t kernel_check(struct kernel *k, unsigned int mask);
/* A text of a finding by the name of its field; a number likewise. */
const char *kernel_text(struct kernel *k, size_t finding, const char *field);
uint64_t kernel_number(struct kernel *k, size_t finding, const char *field);

#endif
