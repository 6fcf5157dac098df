/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_DAEMON_STDIOSOCK_H
#define HAWK_DAEMON_STDIOSOCK_H
/* Whom a descriptor of another process talks to. */
#include <stddef.h>
#include <stdint.h>

/*
 * The address of the socket that descriptor FD of the living process PID is, as
 * text: of the other end, "10.0.0.1:4444", "[fe80::1]:80", "unix:/run/x" or
 * "unix:@abstract"; of this end where there is no other. Returns its length, 0
 * when FD is no socket or not open, or -ENODATA when that cannot be known.
 */
int hawk_stdiosock_read(uint32_t pid, unsigned int fd, char *out, size_t size);

/*
 * The address of the other end of the first descriptor of the living process PID that is a connection to another
 * program over IPv4 or IPv6, as text. Looks at HAWK_STDIOSOCK_FDS_MAX descriptors. Returns its length, 0 when there is
 * none, or -ENODATA when that cannot be known.
 */
#define HAWK_STDIOSOCK_FDS_MAX 256
int hawk_stdiosock_any(uint32_t pid, char *out, size_t size);

#endif
