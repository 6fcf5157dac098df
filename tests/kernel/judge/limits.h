/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_TEST_LIMITS_H
#define HAWK_TEST_LIMITS_H
/* The largest sets that there may be. */
#include "tests/kernel/judge/set.h"

struct limit {
	const char *name;
	uint16_t event;
	size_t rules;
	bool left; /* something must be left to user space; else nothing may */
	/* Writes the predicate of rule I. */
	void (*put)(struct hawk_buf *out, size_t i);
};

extern const struct limit limits[];
extern const size_t n_limits;

/* Generates, loads, compares with eval. Returns 0 or -errno. */
int limit_check(struct run *run, const struct limit *limit);
/* Loads programs with the kinds of maps that the daemon has. */
int limit_percpu(void);

#endif
