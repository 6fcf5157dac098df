/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_DAEMON_TESTSIGNATURE_H
#define HAWK_DAEMON_TESTSIGNATURE_H
#include <stddef.h>

/*
 * Runs the tests inside of signature files: of PATHS (N of them), in directories of all
 * that they hold. A signature may use what others of these find. FORMAT: text, with a
 * line for each test, or json. Returns an exit status: 0, 1 when a test failed or a file
 * is wrong, 2 for wrong arguments.
 */
int hawk_testsignature_run(char *const *paths, size_t n, const char *format);

#endif
