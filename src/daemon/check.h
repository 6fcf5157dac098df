/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_DAEMON_CHECK_H
#define HAWK_DAEMON_CHECK_H
/* What checks of files on the command line have in common. */
#include "src/base/buf.h"
#include "src/base/diag.h"

/* TEXT: what is wrong, and a line per file; IR: what each became, too; JSON: a list. */
enum hawk_check_output { HAWK_CHECK_TEXT, HAWK_CHECK_IR, HAWK_CHECK_JSON };

/* "text", "ir" or "json"; -1: neither. */
int hawk_check_output_parse(const char *name);
/* Reads a regular file of at most MAX bytes, or as many from standard input, "-". Returns 0 or as hawk_textfile_read(). */
int hawk_check_read(const char *path, size_t max, struct hawk_buf *out);
/* Notes that a file cannot be read. */
void hawk_check_unread(struct hawk_diags *d, int error);
/* Appends "KEY":"TEXT". */
void hawk_check_string(struct hawk_buf *out, const char *key, const char *text);
/* Appends ,"errors":[…],"errors_total":N and the same for warnings. */
void hawk_check_diags(struct hawk_buf *out, const struct hawk_diags *d);

#endif
