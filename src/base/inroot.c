/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/base/inroot.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "src/base/cleanup.h"

#define LINKS_MAX 40 /* as the kernel */
#define DEPTH_MAX 128

struct walk {
	int fds[DEPTH_MAX]; /* the directories from the root's on; the first is not ours */
	int depth;
	int links;
	char rest[PATH_MAX]; /* what is left to go */
};

static void climb(struct walk *w, int depth)
{
	while (w->depth > depth)
		close(w->fds[w->depth--]);
}

/* Takes the next name off the rest. Returns its length, 0: there is none. */
static size_t next_name(struct walk *w, char name[NAME_MAX + 1])
{
	size_t at = strspn(w->rest, "/"), len = strcspn(w->rest + at, "/");

	if (len > NAME_MAX)
		return len;
	memcpy(name, w->rest + at, len);
	name[len] = '\0';
	memmove(w->rest, w->rest + at + len, strlen(w->rest + at + len) + 1);
	return len;
}

/* Puts the target of the link NAME before the rest. */
static int follow(struct walk *w, const char *name)
{
	char target[PATH_MAX];
	ssize_t n = readlinkat(w->fds[w->depth], name, target, sizeof(target));
	size_t rest = strlen(w->rest);

	if (n < 0)
		return -errno;
	if (++w->links > LINKS_MAX)
		return -ELOOP;
	if ((size_t)n + rest + 1 > sizeof(w->rest))
		return -ENAMETOOLONG;
	memmove(w->rest + n, w->rest, rest + 1);
	memcpy(w->rest, target, (size_t)n);
	if (target[0] == '/')
		climb(w, 0);
	return 0;
}

static bool is_link(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISLNK(st.st_mode);
}

/* One name. Returns a file when it was the last one, -EAGAIN: go on, or another -errno. */
static int enter(struct walk *w, const char *name, int flags)
{
	bool last = strspn(w->rest, "/") == strlen(w->rest), directory = last && w->rest[0] == '/';
	int how = last ? flags | (directory ? O_DIRECTORY : 0) : O_PATH | O_DIRECTORY, r, e;
	_cleanup_close_ int fd = openat(w->fds[w->depth], name, how | O_NOFOLLOW | O_CLOEXEC);

	e = errno;
	if (fd >= 0 && !(last && !(flags & O_NOFOLLOW) && is_link(fd))) {
		if (last)
			return TAKE_FD(fd);
		if (w->depth + 1 >= DEPTH_MAX)
			return -ENAMETOOLONG;
		w->fds[++w->depth] = TAKE_FD(fd);
		return -EAGAIN;
	}
	/* A link says that it is one, or that it is no directory. */
	if (fd < 0 && e != ELOOP && e != ENOTDIR)
		return -e;
	if (last && !directory && flags & O_NOFOLLOW)
		return -e;
	r = follow(w, name);
	return r == -EINVAL ? -e : r < 0 ? r : -EAGAIN;
}

static int go(struct walk *w, int flags)
{
	char name[NAME_MAX + 1];
	size_t len;
	int r;

	for (;;) {
		len = next_name(w, name);
		if (len > NAME_MAX)
			return -ENAMETOOLONG;
		if (len == 0 || (strcmp(name, ".") == 0 && w->rest[0] == '\0')) {
			r = openat(w->fds[w->depth], ".", flags | O_CLOEXEC);
			return r < 0 ? -errno : r;
		}
		if (strcmp(name, ".") == 0)
			continue;
		if (strcmp(name, "..") == 0) {
			climb(w, w->depth > 0 ? w->depth - 1 : 0);
			continue;
		}
		r = enter(w, name, flags);
		if (r != -EAGAIN)
			return r;
	}
}

int hawk_walk_in_root(int root_fd, const char *path, int flags)
{
	struct walk w = { .fds = { root_fd } };
	int r;

	if (!path[0])
		return -ENOENT;
	if (strlen(path) >= sizeof(w.rest))
		return -ENAMETOOLONG;
	memcpy(w.rest, path, strlen(path) + 1);
	r = go(&w, flags);
	climb(&w, 0);
	return r;
}

int hawk_open_in_root(int root_fd, const char *path, int flags, uint64_t how)
{
	struct open_how h = {
		.flags = (unsigned int)(flags | O_CLOEXEC),
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS | how,
	};
	long fd = syscall(SYS_openat2, root_fd, path, &h, sizeof(h));

	if (fd >= 0 || errno != ENOSYS)
		return fd < 0 ? -errno : (int)fd;
	/* RestrictSUIDSGID= of the unit forbids the call, as a filter cannot look at its modes. */
	return how ? -EINVAL : hawk_walk_in_root(root_fd, path, flags);
}
