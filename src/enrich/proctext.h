/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_ENRICH_PROCTEXT_H
#define HAWK_ENRICH_PROCTEXT_H
/*
 * The texts of /proc/PID. Pure functions on untrusted bytes: a process chooses
 * its name and writes over its command line as it likes.
 */
#include "src/enrich/procfs.h"

/* stat, into P: ppid, tty, kthread, start_ticks, start_stack, state, comm. Returns 0 or -EBADMSG. */
int hawk_proctext_stat(struct hawk_procfs *p, const char *s, size_t len);
/* status: ids and capabilities. Returns 0 or -EBADMSG, also when a row is missing. */
int hawk_proctext_status(struct hawk_abi_task *t, const char *s, size_t len);
/* A number of 32 bits at the beginning, as in loginuid. Returns 0 or -EBADMSG. */
int hawk_proctext_id(uint32_t *ret, const char *s, size_t len);
/* The inode in the target of a link in ns: "mnt:[4026531841]". Returns 0 or -EBADMSG. */
int hawk_proctext_namespace(uint32_t *ret, const char *s, size_t len);
/*
 * Whether a command line ends in empty strings: arguments, or what is left when a title was
 * written over them.
 */
bool hawk_proctext_argv_padded(const char *s, size_t len);
/*
 * How many bytes of a command line are arguments, of which there were ARGC at
 * the start of the program (0: not known). As many strings as arguments, and
 * nothing was written over them; else the empty strings at the end are padding.
 */
size_t hawk_proctext_argv_len(const char *s, size_t len, uint32_t argc);

#endif
