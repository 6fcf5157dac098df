/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_CONTROL_STATS_H
#define HAWK_CONTROL_STATS_H
/* Numbers that stats and metrics both show. */
#include "src/control/server.h"
#include "src/package/package.h"

/* Sinks and subscribers shown. */
#define HAWK_STATS_SINKS_MAX 256

struct hawk_memory {
	uint64_t resident, anonymous, kernel, clients; /* bytes */
};

/* A copy of the counters of the process table, made between two batches. */
struct hawk_proctab_stats hawk_table_stats(struct hawk_control *c);
struct hawk_memory hawk_memory_stats(struct hawk_control *c);
/* Where packages are not known all is zero but .error. */
struct hawk_packages_stats hawk_package_stats(struct hawk_control *c);

#endif
