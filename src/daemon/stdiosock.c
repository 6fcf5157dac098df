/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A copy of the descriptor is asked itself: that is right in whatever network
 * namespace it is, and costs the same however many sockets there are.
 */
#include "src/daemon/stdiosock.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include "src/base/cleanup.h"

DEFINE_CLEANUP(DIR, closedir)

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
	struct sockaddr_un local;
	struct sockaddr_storage space;
};

/* Most descriptors are no sockets: a link tells, before anything is copied. */
static int is_socket(uint32_t pid, unsigned int fd)
{
	char path[64], target[16];
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%u/fd/%u", pid, fd);
	n = readlink(path, target, sizeof(target));
	if (n < 0) /* not open, or gone altogether */
		return errno == ENOENT && (snprintf(path, sizeof(path), "/proc/%u", pid), access(path, F_OK) == 0) ? 0 : -ENODATA;
	return n >= 7 && memcmp(target, "socket:", 7) == 0;
}

static int copy_of(uint32_t pid, unsigned int fd)
{
#if defined(SYS_pidfd_open) && defined(SYS_pidfd_getfd)
	_cleanup_close_ int process = (int)syscall(SYS_pidfd_open, (pid_t)pid, 0);

	return process < 0 ? -1 : (int)syscall(SYS_pidfd_getfd, process, (int)fd, 0);
#else
	(void)pid;
	(void)fd;
	return -1;
#endif
}

static int print_local(const struct sockaddr_un *a, socklen_t len, char *out, size_t size)
{
	size_t n = len > offsetof(struct sockaddr_un, sun_path) ? len - offsetof(struct sockaddr_un, sun_path) : 0;
	bool abstract = n && !a->sun_path[0];

	return snprintf(out, size, "unix:%s%.*s", abstract ? "@" : "", (int)(n - abstract), a->sun_path + abstract);
}

static int print(const union address *a, socklen_t len, char *out, size_t size)
{
	char text[INET6_ADDRSTRLEN];

	switch (a->any.sa_family) {
	case AF_INET:
		inet_ntop(AF_INET, &a->v4.sin_addr, text, sizeof(text));
		return snprintf(out, size, "%s:%u", text, ntohs(a->v4.sin_port));
	case AF_INET6:
		if (IN6_IS_ADDR_V4MAPPED(&a->v6.sin6_addr)) {
			inet_ntop(AF_INET, &a->v6.sin6_addr.s6_addr[12], text, sizeof(text));
			return snprintf(out, size, "%s:%u", text, ntohs(a->v6.sin6_port));
		}
		inet_ntop(AF_INET6, &a->v6.sin6_addr, text, sizeof(text));
		return snprintf(out, size, "[%s]:%u", text, ntohs(a->v6.sin6_port));
	case AF_UNIX:
		return print_local(&a->local, len, out, size);
	default:
		return snprintf(out, size, "socket");
	}
}

int hawk_stdiosock_read(uint32_t pid, unsigned int fd, char *out, size_t size)
{
	_cleanup_close_ int copy = -1;
	union address a = { .space = { 0 } };
	socklen_t len = sizeof(a);
	int r = is_socket(pid, fd);

	if (r <= 0)
		return r;
	copy = copy_of(pid, fd);
	if (copy < 0)
		return -ENODATA;
	if (getpeername(copy, &a.any, &len) < 0) {
		len = sizeof(a);
		if (getsockname(copy, &a.any, &len) < 0)
			return -ENODATA;
	}
	r = print(&a, len, out, size);
	return r < 0 || (size_t)r >= size ? -ENODATA : r;
}

/* Returns the length of the text, 0 for a socket that is no connection over the network. */
static int connected(uint32_t pid, unsigned int fd, char *out, size_t size)
{
	_cleanup_close_ int copy = copy_of(pid, fd);
	union address a = { .space = { 0 } };
	socklen_t len = sizeof(a);
	int r;

	if (copy < 0 || getpeername(copy, &a.any, &len) < 0 || (a.any.sa_family != AF_INET && a.any.sa_family != AF_INET6))
		return 0;
	r = print(&a, len, out, size);
	return r < 0 || (size_t)r >= size ? 0 : r;
}

int hawk_stdiosock_any(uint32_t pid, char *out, size_t size)
{
	_cleanup_(closedirp) DIR *dir = NULL;
	char path[64];
	int r = 0;

	snprintf(path, sizeof(path), "/proc/%u/fd", pid);
	dir = opendir(path);
	if (!dir)
		return -ENODATA;
	for (unsigned int n = 0; r == 0 && n < HAWK_STDIOSOCK_FDS_MAX; n++) {
		const struct dirent *entry = readdir(dir);
		unsigned int fd;

		if (!entry)
			break;
		if (sscanf(entry->d_name, "%u", &fd) == 1 && is_socket(pid, fd) == 1)
			r = connected(pid, fd, out, size);
	}
	return r;
}
