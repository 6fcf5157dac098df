/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_TESTS_FAKE_PROC_H
#define HAWK_TESTS_FAKE_PROC_H
/* A tree in a temporary directory that looks like /proc. */
#include <stddef.h>
#include <stdint.h>

struct fake_proc {
	char dir[64];
	int fd;
};

void fake_proc_init(struct fake_proc *f);
void fake_proc_done(struct fake_proc *f);
/* Writes a file below PID. */
void fake_file(struct fake_proc *f, uint32_t pid, const char *name, const void *data, size_t len);
/* Makes a link below PID. */
void fake_link(struct fake_proc *f, uint32_t pid, const char *name, const char *target);
/* stat with the name COMM and the given parent and start (ticks). */
void fake_stat(struct fake_proc *f, uint32_t pid, const char *comm, uint32_t ppid, uint64_t ticks);
/* A whole process: uid 1000, /usr/bin/demo --flag, in demo.service, child of PPID. */
void fake_process(struct fake_proc *f, uint32_t pid, uint32_t ppid, uint64_t ticks);

#endif
