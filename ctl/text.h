/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_CTL_TEXT_H
#define HAWK_CTL_TEXT_H
/* What the daemon sent, made fit to be shown or handed on. */
#include <stdbool.h>
#include <stdio.h>

#include <jansson.h>

#include "src/base/buf.h"

/*
 * Appends TEXT for a terminal: the private-use characters that stand for bad
 * bytes on the wire (proto/message.h) become bytes again, and they and control
 * characters are escaped.
 */
void hawk_text_safe(struct hawk_buf *out, const char *text, size_t len);
/* Writes text of several lines, each made safe, and a newline at the end if there is none. */
void hawk_text_write(FILE *to, const char *text, size_t len);
/*
 * Writes a line that the daemon has already formatted and ends it. On a TERMINAL
 * control characters other than tabs and colours are escaped; the daemon does
 * not send any, but one on a socket of somebody's choice may.
 */
void hawk_text_write_line(FILE *to, const char *text, size_t len, bool terminal);
/* Writes JSON and a newline, bad bytes as \udcXX like all our JSON. Returns 0 or -ENOMEM. */
int hawk_text_write_json(FILE *to, const json_t *json, bool pretty);
/* Appends a duration as people say it: "3 days 4 h", "2 min 5 s", "87 ms". */
void hawk_text_duration(struct hawk_buf *out, uint64_t ms);
/* Appends bytes as people say it: "512 B", "3.4 MiB". */
void hawk_text_bytes(struct hawk_buf *out, uint64_t n);

#endif
