/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* open_all DIR: opens the same file through each system call, and a file that is not there. */
#include <linux/openat2.h>

#include "tests/kernel/triggers/trigger.h"

#ifndef SYS_openat2
#define SYS_openat2 437
#endif

static char path[4096];

static void done(const char *call, long ret, const char *file)
{
	report("{\"call\":\"%s\",\"retval\":%ld,\"path\":\"%s\"}", call, ret < 0 ? -errno : ret, file);
}

static long by_handle(const char *dir)
{
	struct file_handle *handle;
	int mount_id, dirfd = (int)must(open(dir, O_PATH | O_DIRECTORY), "open directory");

	handle = calloc(1, sizeof(*handle) + MAX_HANDLE_SZ);
	if (!handle)
		fail("calloc");
	handle->handle_bytes = MAX_HANDLE_SZ;
	if (name_to_handle_at(AT_FDCWD, path, handle, &mount_id, 0) < 0)
		return -1; /* the file system has no handles; told in the report */
	close(dirfd);
	dirfd = (int)must(open(dir, O_RDONLY | O_DIRECTORY), "open directory");
	return syscall(SYS_open_by_handle_at, dirfd, handle, O_RDONLY);
}

int main(int argc, char **argv)
{
	struct open_how how = { .flags = O_RDWR | O_CLOEXEC, .resolve = RESOLVE_NO_MAGICLINKS };
	char missing[4096];

	if (argc < 2)
		return 2;
	snprintf(path, sizeof(path), "%s/file", argv[1]);
	snprintf(missing, sizeof(missing), "%s/missing", argv[1]);
#ifdef SYS_creat
	done("creat", syscall(SYS_creat, path, 0640), path);
	done("open", syscall(SYS_open, path, O_RDONLY | O_NOFOLLOW, 0), path);
#else
	close((int)must(openat(AT_FDCWD, path, O_CREAT | O_WRONLY, 0640), "openat"));
#endif
	done("openat", syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_APPEND, 0), path);
	done("openat2", syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof(how)), path);
	done("open_by_handle_at", by_handle(argv[1]), path);
	done("openat", syscall(SYS_openat, AT_FDCWD, missing, O_RDONLY, 0), missing);
	unlink(path);
	return 0;
}
