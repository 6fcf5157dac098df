/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_COLLECT_CGROUP_H
#define HAWK_COLLECT_CGROUP_H

/*
 * Opens the root of the cgroup2 hierarchy, to attach programs to. Where it is
 * mounted nowhere a mount is made that nobody else sees and that goes with the
 * fd. Returns an fd that the caller closes, or -errno.
 */
int hawk_cgroup_root(void);

#endif
