/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/control/peer.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "src/base/cleanup.h"

/* Linux 6.5 and libraries newer than those that we build with; include/uapi/asm-generic/socket.h. */
#ifndef SO_PEERPIDFD
#define SO_PEERPIDFD 77
#endif

/* What is read of /proc/PID/cgroup: a v1 host has some 13 lines. */
#define CGROUP_TEXT_MAX 8192

void hawk_peer_done(struct hawk_peer *peer)
{
	if (peer->pidfd >= 0)
		close(peer->pidfd);
	free(peer->groups);
	*peer = (struct hawk_peer)HAWK_PEER_INIT;
}

static int read_groups(struct hawk_peer *peer, int fd)
{
	_cleanup_free_ gid_t *groups = malloc(HAWK_PEER_GROUPS_MAX * sizeof(*groups));
	socklen_t len = HAWK_PEER_GROUPS_MAX * sizeof(*groups);

	if (!groups)
		return -ENOMEM;
	/*
	 * ERANGE: in more groups than we look at. The primary group alone then
	 * decides, which can only give less.
	 */
	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &len) < 0)
		return errno == ERANGE || errno == ENOPROTOOPT ? 0 : -errno;
	peer->n_groups = len / sizeof(*groups);
	peer->groups = realloc(groups, len ?: 1);
	if (peer->groups)
		TAKE_PTR(groups);
	else
		peer->groups = TAKE_PTR(groups);
	return 0;
}

int hawk_peer_read(struct hawk_peer *ret, int fd)
{
	struct hawk_peer peer = HAWK_PEER_INIT;
	struct ucred cred;
	socklen_t len = sizeof(cred);
	int r;

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len) < 0)
		return -errno;
	peer.uid = cred.uid;
	peer.gid = cred.gid;
	peer.pid = cred.pid;
	r = read_groups(&peer, fd);
	if (r < 0)
		return r;
	len = sizeof(peer.pidfd);
	if (getsockopt(fd, SOL_SOCKET, SO_PEERPIDFD, &peer.pidfd, &len) < 0)
		peer.pidfd = -1;
	*ret = peer;
	return 0;
}

gid_t hawk_group_id(const char *name)
{
	struct group group, *found = NULL;
	char buf[16 * 1024];

	if (!name || !*name || getgrnam_r(name, &group, buf, sizeof(buf), &found) || !found)
		return (gid_t)-1;
	return found->gr_gid;
}

void hawk_access_init(struct hawk_access *access, const char *admin_group, const char *read_group)
{
	access->owner = geteuid();
	access->admin_gid = hawk_group_id(admin_group);
	access->read_gid = hawk_group_id(read_group);
}

static bool in_group(const struct hawk_peer *peer, gid_t gid)
{
	if (gid == (gid_t)-1)
		return false;
	if (peer->gid == gid)
		return true;
	for (size_t i = 0; i < peer->n_groups; i++)
		if (peer->groups[i] == gid)
			return true;
	return false;
}

enum hawk_role hawk_peer_role(const struct hawk_peer *peer, const struct hawk_access *access)
{
	/* (uid_t)-1: no credentials were to be had. */
	if (peer->uid == (uid_t)-1)
		return HAWK_ROLE_NONE;
	if (peer->uid == 0 || peer->uid == access->owner || in_group(peer, access->admin_gid))
		return HAWK_ROLE_ADMIN;
	return in_group(peer, access->read_gid) ? HAWK_ROLE_READ : HAWK_ROLE_NONE;
}

static bool is_unit(const char *name, size_t len)
{
	static const char *const suffixes[] = { ".service", ".scope" };

	for (size_t i = 0; i < ARRAY_SIZE(suffixes); i++) {
		size_t n = strlen(suffixes[i]);

		if (len > n && !memcmp(name + len - n, suffixes[i], n))
			return true;
	}
	return false;
}

/* The first unit on a path: below it there may be cgroups of the unit's own, or a user manager's units. */
static bool path_unit(const char *path, const char *end, struct hawk_buf *out)
{
	while (path < end) {
		const char *slash = memchr(path, '/', end - path) ?: end;

		if (is_unit(path, slash - path)) {
			hawk_buf_put(out, path, slash - path);
			return true;
		}
		path = slash + 1;
	}
	return false;
}

void hawk_cgroup_unit(const char *text, size_t len, struct hawk_buf *out)
{
	const char *end = text + len;

	/* "0::PATH" is v2, "N:name=systemd:PATH" v1; systemd's tree comes first in importance. */
	for (const char *line = text; line < end;) {
		const char *eol = memchr(line, '\n', end - line) ?: end;
		const char *first = memchr(line, ':', eol - line);
		const char *second = first ? memchr(first + 1, ':', eol - first - 1) : NULL;

		if (second &&
		    (second == first + 1 || !strncmp(first + 1, "name=systemd", second - first - 1)) &&
		    path_unit(second + 1, eol, out))
			return;
		line = eol + 1;
	}
	hawk_buf_putc(out, '-');
}

/* With a pidfd: whether the process that connected still has its pid. */
static bool still_there(const struct hawk_peer *peer)
{
	return peer->pidfd < 0 || syscall(SYS_pidfd_send_signal, peer->pidfd, 0, NULL, 0) == 0 ||
	       errno == EPERM;
}

void hawk_peer_unit(const struct hawk_peer *peer, struct hawk_buf *out)
{
	_cleanup_close_ int fd = -1;
	char path[64], text[CGROUP_TEXT_MAX];
	ssize_t n = 0;

	snprintf(path, sizeof(path), "/proc/%d/cgroup", (int)peer->pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0)
		n = read(fd, text, sizeof(text));
	if (n < 0 || !still_there(peer))
		n = 0;
	hawk_cgroup_unit(text, n, out);
}
