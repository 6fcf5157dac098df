/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/collect/cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "src/base/cleanup.h"

/* fsopen(2) and its kin came with 5.2; the C library has wrappers since 2.36 only. */
#define FSOPEN_CLOEXEC_ 1
#define FSMOUNT_CLOEXEC_ 1
#define FSCONFIG_CMD_CREATE_ 6 /* include/uapi/linux/mount.h */

/*
 * A place where the whole hierarchy is mounted: in /proc/self/mountinfo,
 * proc_pid_mountinfo(5), the fourth word is the root of the mount in its file
 * system, the fifth the mount point. Spaces in it are escaped, as no place of
 * the hierarchy has them, so an odd one is left out.
 */
static int open_mounted(void)
{
	_cleanup_fclose_ FILE *f = fopen("/proc/self/mountinfo", "re");
	char line[4096], root[1024], point[1024];

	while (f && fgets(line, sizeof(line), f)) {
		int fd;

		if (!strstr(line, " - cgroup2 ") || sscanf(line, "%*s %*s %*s %1023s %1023s", root, point) != 2 ||
		    strcmp(root, "/") != 0 || strchr(point, '\\'))
			continue;
		fd = open(point, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (fd >= 0)
			return fd;
	}
	return -ENOENT;
}

static int mount_privately(void)
{
	_cleanup_close_ int fs = (int)syscall(SYS_fsopen, "cgroup2", FSOPEN_CLOEXEC_);
	int fd;

	if (fs < 0 || syscall(SYS_fsconfig, fs, FSCONFIG_CMD_CREATE_, NULL, NULL, 0) < 0)
		return -errno;
	fd = (int)syscall(SYS_fsmount, fs, FSMOUNT_CLOEXEC_, 0);
	return fd < 0 ? -errno : fd;
}

int hawk_cgroup_root(void)
{
	int fd = open_mounted();

	return fd >= 0 ? fd : mount_privately();
}
