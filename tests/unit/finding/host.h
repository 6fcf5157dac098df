/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_TESTS_FINDING_HOST_H
#define HAWK_TESTS_FINDING_HOST_H
/*
 * A host with few processes, for findings about them:
 *
 *	1 systemd ─ 50 sshd (ssh.service) ─ 60 sshd: ann (session-3.scope) ─ 100 bash ─ 101 curl
 *	         │                                                                   └ 102 cat
 *	         └ 200 cron (cron.service)
 *
 * Each started at its pid in milliseconds.
 */
#include "src/finding/finding.h"
#include "tests/lib/record.h"

#define MS 1000000ULL
#define BOOT_OFFSET 1700000000000000000LL

extern const struct hawk_model host_model;
struct hawk_process *host_process(uint32_t pid);
/* A file_open of PATH by PID at TIME, as a record for R. */
void host_open(struct test_record *r, uint32_t pid, uint64_t time, const char *path);
/* The same given to F, and as an event that the host's process did. */
void host_see(struct hawk_findings *f, uint32_t pid, uint64_t time, const char *path);
struct hawk_event host_event(uint32_t pid, uint64_t time, const char *path);

#endif
