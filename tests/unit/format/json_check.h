/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_TESTS_UNIT_FORMAT_JSON_CHECK_H
#define HAWK_TESTS_UNIT_FORMAT_JSON_CHECK_H
/*
 * A reader of RFC 8259, as strict as can be but for one thing: a lone low
 * surrogate \udc80 … \udcff is taken for the byte that it stands for, which
 * other readers refuse or replace.
 */
#include <stdbool.h>
#include <stddef.h>

#include "src/base/buf.h"

/* True when TEXT is one JSON value and at most a newline, without control characters or bad UTF-8. */
bool json_check(const char *text, size_t len);
/* Appends the bytes that the JSON string TEXT (with its quotes) stands for. False when it is not one. */
bool json_unescape(const char *text, size_t len, struct hawk_buf *out);

#endif
