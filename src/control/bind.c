/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "src/base/cleanup.h"
#include "src/control/control.h"
#include "src/control/peer.h"

static int set_address(struct sockaddr_un *a, const char *path)
{
	size_t len = strlen(path);

	if (!len)
		return -EINVAL;
	if (len >= sizeof(a->sun_path))
		return -ENAMETOOLONG;
	*a = (struct sockaddr_un){ .sun_family = AF_UNIX };
	memcpy(a->sun_path, path, len + 1);
	return 0;
}

/*
 * Locks the directory of PATH, so that two instances that start together do
 * not both take a dead socket away. Returns the fd that holds the lock.
 */
static int lock_directory(const char *path)
{
	_cleanup_close_ int fd = -1;
	_cleanup_free_ char *dir = strdup(path);
	char *slash;

	if (!dir)
		return -ENOMEM;
	slash = strrchr(dir, '/');
	if (slash)
		slash[slash == dir] = 0;
	fd = open(slash ? dir : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (flock(fd, LOCK_EX) < 0)
		return -errno;
	return TAKE_FD(fd);
}

/* Removes the socket at the address when nobody serves it. */
static int remove_stale(const struct sockaddr_un *a)
{
	_cleanup_close_ int fd = -1;
	struct stat st;

	if (lstat(a->sun_path, &st) < 0)
		return errno == ENOENT ? 0 : -errno;
	if (!S_ISSOCK(st.st_mode))
		return -EEXIST;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	/* Full backlog (EAGAIN), no permission: somebody is there. */
	if (connect(fd, (const struct sockaddr *)a, sizeof(*a)) == 0 || errno == EAGAIN || errno == EACCES)
		return -EADDRINUSE;
	if (errno != ECONNREFUSED)
		return -errno;
	return unlink(a->sun_path) < 0 && errno != ENOENT ? -errno : 0;
}

/* Lets GROUP in. A private instance may lack the right to: then its owner alone can connect. */
static int open_to_group(const char *path, const char *group)
{
	gid_t gid = hawk_group_id(group);

	if (gid == (gid_t)-1)
		return 0;
	if (lchown(path, (uid_t)-1, gid) < 0)
		return errno == EPERM ? 0 : -errno;
	return chmod(path, 0660) < 0 ? -errno : 0;
}

int hawk_control_bind(const char *path, const char *group)
{
	_cleanup_close_ int fd = -1, lock = -1;
	struct sockaddr_un a;
	int r;

	r = set_address(&a, path);
	if (r < 0)
		return r;
	lock = lock_directory(path);
	if (lock < 0)
		return lock;
	r = remove_stale(&a);
	if (r < 0)
		return r;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	/* The mode of the socket file follows that of the descriptor: closed until the group is set. */
	if (fd < 0 || fchmod(fd, 0600) < 0 || bind(fd, (struct sockaddr *)&a, sizeof(a)) < 0)
		return -errno;
	r = open_to_group(path, group);
	if (r == 0 && listen(fd, SOMAXCONN) < 0)
		r = -errno;
	if (r < 0) {
		unlink(path);
		return r;
	}
	return TAKE_FD(fd);
}
