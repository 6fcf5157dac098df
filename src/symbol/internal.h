/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_SYMBOL_INTERNAL_H
#define HAWK_SYMBOL_INTERNAL_H
/* Between the two sides of the helper thread. */
#include "src/symbol/symbols.h"

/* The head of the event that asks, and of the one that is made. */
struct hawk_symbols_head {
	uint64_t time, walltime, start, cgroup;
	uint64_t exec_id; /* of the image: an exec has other libraries */
	uint32_t tgid, tid;
	uint8_t cpu, rec_flags;
	uint8_t comm[HAWK_COMM_LEN];
};

/* Begins with its size in all; PATH with a NUL behind it. Lies in buffers, at multiples of 8. */
struct hawk_symbols_question {
	uint32_t size, wanted;
	struct hawk_symbols_head head;
	uint64_t inode, ctime;
	uint32_t dev, reserved;
	char path[];
};

/* Behind it the texts: path, path of the other library (with NULs), names with a NUL each. */
struct hawk_symbols_answer {
	uint32_t size;
	uint16_t event;
	uint8_t cut; /* there are more names */
	uint8_t reserved;
	struct hawk_symbols_head head;
	uint32_t path_len, other_len, names_len, reserved2;
	char text[];
};

/* The libraries that a reader knows, and which process has which. */
struct hawk_known;
int hawk_known_new(struct hawk_known **ret, int proc_fd);
struct hawk_known *hawk_known_free(struct hawk_known *k);
/* Forgets all; RULES are borrowed from now on. */
void hawk_known_set_rules(struct hawk_known *k, const struct hawk_rules *rules);
/* Looks at the library; adds answers. Reads files: may stand still. */
void hawk_known_look(struct hawk_known *k, const struct hawk_symbols_question *q, struct hawk_buf *answers,
		     struct hawk_symbols_stats *stats);

#endif
