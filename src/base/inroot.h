/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_BASE_INROOT_H
#define HAWK_BASE_INROOT_H
/* Files below a root that is not our own: symbolic links and ".." never lead out of it. */
#include <stdint.h>

/*
 * Opens PATH, which may begin with "/", below the directory ROOT_FD. FLAGS: those of open(2) but for creating, O_CLOEXEC is
 * added; HOW: RESOLVE_* of openat2(2) besides. Returns the file, which is the caller's, or -errno; -EINVAL: this kernel, or
 * what confines us, does not do HOW.
 */
int hawk_open_in_root(int root_fd, const char *path, int flags, uint64_t how);
/* The same in steps, without openat2(2). */
int hawk_walk_in_root(int root_fd, const char *path, int flags);

#endif
