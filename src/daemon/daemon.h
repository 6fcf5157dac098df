/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_DAEMON_DAEMON_H
#define HAWK_DAEMON_DAEMON_H
/* The running daemon: owns every stage, starts them in order and stops them in reverse. */
#include <stdbool.h>

struct hawk_daemon_options {
	const char *config; /* one file; NULL: the system's */
	const char *socket; /* of a private instance; NULL: handed over by systemd, or that of the configuration */
	const char *btf;    /* file with the types of the kernel; NULL: the one of the configuration */
	bool foreground;    /* messages to standard error without priorities */
};

/* Runs until SIGTERM or SIGINT. Returns the exit status. */
int hawk_daemon_run(const struct hawk_daemon_options *options);

struct hawk_replay_options {
	const char *path, *format, *filter;
	/* That it is judged by: directories or files, with commas between; NULL: none. */
	const char *policies, *signatures;
};
/* replay.c: plays a recording through the pipeline to standard output. Returns the exit status. */
int hawk_replay_run(const struct hawk_replay_options *options);

/*
 * privilege.c: drops every capability that the daemon does not need; call before any thread
 * starts. Returns 0 or -errno.
 */
int hawk_privilege_bound(void);

/*
 * Raises the limit of open files to what is allowed: each attached program is
 * two descriptors, each client one; shells and systemd give 1024 and allow more.
 */
void hawk_privilege_descriptors(void);

#endif
