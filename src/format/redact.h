/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_FORMAT_REDACT_H
#define HAWK_FORMAT_REDACT_H
/*
 * Secrets in argv and environment are replaced by "[redacted]" before any
 * output. Patterns are names, matched without case: "password" hides the value
 * of --password=x, --password x, -password=x, PASSWORD=x, DB_PASSWORD=x and
 * the password of a URL (scheme://user:password@host is always hidden). The
 * same forms are found inside a string (sh -c "x --password=y", "a=b&token=c",
 * "Authorization: Bearer x"); '-' and '_' count as the same letter.
 */
#include <stddef.h>
#include <stdint.h>

#include "src/base/buf.h"

/* The patterns in force until hawk_redact_set is called, and the default of the configuration. */
const char *const *hawk_redact_defaults(size_t *ret_n);

/*
 * Sets the patterns (copied), process-wide; any thread, at any time. Returns 0
 * or -ENOMEM (the old ones stay).
 */
int hawk_redact_set(const char *const *patterns, size_t n);
/* Changes with every hawk_redact_set: what was encoded under another number is stale. Never 0. */
uint32_t hawk_redact_generation(void);

/*
 * Writes the strings of STRV (each ended by NUL, LEN bytes in all) with secrets
 * replaced to OUT, in the same form. Returns 1 when something was replaced, 0
 * when nothing was (OUT is then left empty: use the input), or the buffer's error.
 */
int hawk_redact_strv(struct hawk_buf *out, const uint8_t *strv, size_t len);

#endif
