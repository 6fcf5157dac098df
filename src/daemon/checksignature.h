/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_DAEMON_CHECKSIGNATURE_H
#define HAWK_DAEMON_CHECKSIGNATURE_H
/* sechawkd --check-signature: needs no daemon, no root and no kernel. */
#include <stddef.h>

/*
 * Checks N files or directories, all together, and tells on standard output. FORMAT: as src/daemon/check.h has it.
 * Returns the exit code: 0 when all are good, 1 when one is not, 2 for a wrong FORMAT or no files.
 */
int hawk_checksignature_run(char *const *paths, size_t n, const char *format);

#endif
