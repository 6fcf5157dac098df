/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_CTL_BASE64_H
#define HAWK_CTL_BASE64_H
#include <stddef.h>

#include "src/base/buf.h"

/*
 * Appends what the base64 text (RFC 4648 section 4, padded, without white
 * space) stands for. Returns 0 or -EINVAL, or the buffer's error.
 */
int hawk_base64_decode(struct hawk_buf *out, const char *text, size_t len);

#endif
