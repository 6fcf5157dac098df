/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_CTL_GRAPH_H
#define HAWK_CTL_GRAPH_H
/*
 * The story of a finding as a picture. REPLY is what FindingShow answers; it is
 * taken for hostile: everything is escaped, and there is a bound to all.
 */
#include <stdio.h>

#include <jansson.h>

#include "src/base/buf.h"

/* Graphviz, dot(1). */
void hawk_graph_dot(FILE *to, const json_t *reply);
/* An SVG 1.1 document with nothing in it that runs or is loaded. */
void hawk_graph_svg(FILE *to, const json_t *reply);

/* --- fmt_finding.c: what the pictures and the text have in common --- */

#define HAWK_GRAPH_PROCESSES 24
#define HAWK_GRAPH_EVENTS 60 /* of those before the finding, the last ones */

/* Appends the data of an event as "name=value name=value", safe, at most about MAX bytes. */
void hawk_graph_data(struct hawk_buf *out, const json_t *item, size_t max);
/* Appends the arguments of a process, or else its program or name, safe, at most about MAX bytes. */
void hawk_graph_command(struct hawk_buf *out, const json_t *process, size_t max);
/* Appends TEXT, safe, at most about MAX bytes and then "…". */
void hawk_graph_text(struct hawk_buf *out, const char *text, size_t max);
/* "-12.345s" of the member before_us. */
void hawk_graph_before(struct hawk_buf *out, const json_t *item);
/* The process at I of the chain that leads to the finding: 0 is the one that it comes from most remotely. */
const json_t *hawk_graph_process(const json_t *reply, size_t i, size_t *ret_n);

#endif
