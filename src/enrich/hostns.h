/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_ENRICH_HOSTNS_H
#define HAWK_ENRICH_HOSTNS_H
/* The namespaces of the host: those of PID 1. */
#include "src/event/process.h"

/*
 * Reads them from 1/ns below PROC_FD, a directory fd of /proc, for
 * hawk_host_ns_set(). A namespace that the kernel does not have is 0. Returns
 * 0, or -errno when /proc does not tell (-EACCES without CAP_SYS_PTRACE); the
 * seed record of PID 1 still does then.
 */
int hawk_hostns_read(int proc_fd, struct hawk_host_ns *ret);
/* Takes them from the facts of PID 1. */
struct hawk_host_ns hawk_hostns_from_task(const struct hawk_abi_task *task);

#endif
