/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#include "src/base/cleanup.h"
#include "src/sink/internal.h"

#define SEND_WAIT_US 200000
#define SEND_BYTES (1024 * 1024) /* wanted; the kernel gives what it allows */

const char *hawk_sink_socket_check(const char *path)
{
	if (path[0] != '/')
		return "the path of a socket must be absolute";
	if (strlen(path) >= sizeof(((struct sockaddr_un *)NULL)->sun_path))
		return "the path of a socket has at most 107 bytes";
	return NULL;
}

int hawk_sink_connect(const char *path, int type)
{
	const struct timeval wait = { .tv_usec = SEND_WAIT_US };
	_cleanup_close_ int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int bytes = SEND_BYTES;

	if (fd < 0)
		return -errno;
	if (strlen(path) >= sizeof(a.sun_path))
		return -ENAMETOOLONG;
	memcpy(a.sun_path, path, strlen(path) + 1);
	/* The time also bounds connect() to a stream socket whose backlog is full. */
	if (setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof(wait)) < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof(bytes)) < 0 ||
	    connect(fd, (struct sockaddr *)&a, sizeof(a)) < 0)
		return -errno;
	return TAKE_FD(fd);
}
