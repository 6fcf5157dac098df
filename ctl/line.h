/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_CTL_LINE_H
#define HAWK_CTL_LINE_H
#include <stdbool.h>
#include <stddef.h>

#include "src/base/buf.h"

/*
 * The short way for the reply that a stream is made of,
 * {"parameters":{"line":"…"},"continues":true}: a full parser takes ten times
 * as long, and who reads too slowly loses events. Puts the line into OUT, which
 * it empties first. False: TEXT is not exactly this, or not plain ASCII; parse it.
 */
bool hawk_line_take(struct hawk_buf *out, const char *text, size_t len);

#endif
