/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_CEL_MODEL_H
#define HAWK_CEL_MODEL_H
/*
 * What expressions may ask beyond the event: other processes, names of
 * addresses, containers, packages, descriptors. Answered by the owner of these
 * on the thread that evaluates; a replay and the tests inside of signatures
 * bring their own answers. A question that nobody answers (a NULL function, or
 * one that says so) is unknown, and a condition on it is never true.
 */
#include <sys/types.h>

#include "src/event/event.h"
#include "src/ir/ir.h"

/* What is known of a container (which is a cgroup that a runtime made). */
struct hawk_model_container {
	uint64_t started; /* CLOCK_BOOTTIME ns of the first exec in it; 0: it is older than the daemon, unknown */
	bool runtime;     /* the process that was asked about came into it with the program it runs */
};

/* Which package a file came from. */
struct hawk_model_package {
	char name[128];  /* "" : none owns it */
	enum { HAWK_ORIGIN_UNKNOWN, HAWK_ORIGIN_INTACT, HAWK_ORIGIN_CHANGED } state; /* does the file still match it */
};

struct hawk_model {
	struct hawk_ir_env env; /* trees and parents */
	/* The process that is known as (PID, START), or NULL. */
	const struct hawk_process *(*process)(void *ctx, uint32_t pid, uint64_t start);
	/* The I-th name that ADDRESS (16 bytes, v4 mapped) is known by; false: there are no more. Borrowed until the next event. */
	bool (*dns_name)(void *ctx, const uint8_t address[16], size_t i, const char **ret, size_t *ret_len);
	/* What is known of the container of PROCESS. Returns false when it is in none. */
	bool (*container)(void *ctx, const struct hawk_process *process, struct hawk_model_container *ret);
	/* The package of the file at PATH as PROCESS sees it. Returns false: not known (yet). Must not block. */
	bool (*package)(void *ctx, const struct hawk_process *process, const uint8_t *path, size_t len,
			struct hawk_model_package *ret);
	/*
	 * The address of the socket that descriptor FD (0, 1 or 2) of PROCESS is, as text ("10.0.0.1:4444", "unix:/run/x");
	 * 0 when it is none, its length, or -ENODATA: not known.
	 */
	int (*stdio_socket)(void *ctx, const struct hawk_process *process, unsigned int fd, char *out, size_t size);
	/* The same of the first descriptor of PROCESS that has another end on the network (IPv4, IPv6); 0 when none has. */
	int (*connection)(void *ctx, const struct hawk_process *process, char *out, size_t size);
	void *ctx;
};

#endif
