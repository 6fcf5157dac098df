/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_COLLECT_PEEK_H
#define HAWK_COLLECT_PEEK_H
/* Kernel memory at an address, read by a program that is run for it. */
#include "src/collect/collect.h"

struct hawk_peek;

/*
 * Loads the program; C must live longer. Any thread; one reader at a time, as
 * all share a map. Returns 0 or -errno.
 */
int hawk_peek_new(struct hawk_peek **ret, struct hawk_collect *c);
struct hawk_peek *hawk_peek_free(struct hawk_peek *p);
/* Copies LEN bytes (at most sizeof(struct hawk_abi_peek)). Returns 0, or -errno; -EFAULT: no such memory. */
int hawk_peek_read(struct hawk_peek *p, uint64_t address, void *to, size_t len);
/* Where the kernel has the first page of the file that descriptor FD of this process is. Returns 0 or -errno. */
int hawk_peek_page(struct hawk_peek *p, int fd, struct hawk_abi_page *ret);

#endif
