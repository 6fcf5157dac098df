/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_CONTROL_PEER_H
#define HAWK_CONTROL_PEER_H
/* Who is at the other end of a connection, and what that allows. */
#include <sys/types.h>

#include "src/base/buf.h"
#include "src/proto/proto.h"

#define HAWK_PEER_GROUPS_MAX 1024

struct hawk_peer {
	uid_t uid;
	gid_t gid;
	pid_t pid;
	int pidfd;      /* -1 where the kernel has no SO_PEERPIDFD */
	gid_t *groups;  /* supplementary groups, n_groups of them */
	size_t n_groups;
};

#define HAWK_PEER_INIT { .uid = (uid_t)-1, .gid = (gid_t)-1, .pidfd = -1 }

/* Whom the daemon trusts. A gid of -1: no such group. */
struct hawk_access {
	uid_t owner; /* of the daemon; may change things like root */
	gid_t admin_gid, read_gid;
};

/* Reads the credentials of the peer as they were at connect(2). Returns 0 or -errno. */
int hawk_peer_read(struct hawk_peer *ret, int fd);
void hawk_peer_done(struct hawk_peer *peer);

/* Resolves the groups (name service: call at start only). Empty or unknown names give no access. */
void hawk_access_init(struct hawk_access *access, const char *admin_group, const char *read_group);
/* The gid of a group, or -1. */
gid_t hawk_group_id(const char *name);

/* What PEER may do. */
enum hawk_role hawk_peer_role(const struct hawk_peer *peer, const struct hawk_access *access);

/*
 * Appends the systemd unit that PEER runs in ("sshd.service",
 * "session-3.scope"), or "-" when that is unknown or PEER is gone.
 */
void hawk_peer_unit(const struct hawk_peer *peer, struct hawk_buf *out);
/* The unit in the text of /proc/PID/cgroup, as above. Pure. */
void hawk_cgroup_unit(const char *text, size_t len, struct hawk_buf *out);

#endif
