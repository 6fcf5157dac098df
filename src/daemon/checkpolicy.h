/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_DAEMON_CHECKPOLICY_H
#define HAWK_DAEMON_CHECKPOLICY_H
/* sechawkd --check-policy: needs no daemon, no root and no kernel. */
#include <stddef.h>

/*
 * Checks N files and tells on standard output. FORMAT: "text" (what is wrong, and a line per file), "ir"
 * (what each policy became, too), "json" (a list). Returns the exit code: 0 when all are good, 1 when one is
 * not, 2 for a wrong FORMAT or no files.
 */
int hawk_checkpolicy_run(char *const *files, size_t n, const char *format);

#endif
