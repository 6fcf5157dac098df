/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_BASE_DURATION_H
#define HAWK_BASE_DURATION_H
/* Times as people write them: "1500ms", "10s", "5min"; ns us ms s min h d. */
#include <stddef.h>
#include <stdint.h>

/* The nanoseconds that the LEN bytes at TEXT say; a number without a unit is of nanoseconds. Returns 0 or -EINVAL. */
int hawk_duration_parse(const char *text, size_t len, uint64_t *ret_ns);

#endif
