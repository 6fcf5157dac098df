/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_CTL_TABLE_H
#define HAWK_CTL_TABLE_H
/*
 * Text in aligned columns. Everything put in is taken for hostile: control
 * characters and bytes that are not UTF-8 are escaped.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "ctl/term.h"

#define HAWK_TABLE_COLUMNS 12

struct hawk_table;

/* HEADS: names of the columns, comma separated; with '>' before it, aligned to the right. NULL: no memory. */
struct hawk_table *hawk_table_new(const char *heads);
struct hawk_table *hawk_table_free(struct hawk_table *t);
/* Appends a cell; the row is full after as many as there are columns. NULL or "" shows as "-". Copied. */
void hawk_table_put(struct hawk_table *t, const char *text);
void hawk_table_put_len(struct hawk_table *t, const char *text, size_t len);
void hawk_table_put_u64(struct hawk_table *t, uint64_t v);
/* The style of the cell put last. */
void hawk_table_style(struct hawk_table *t, enum hawk_style style);
/*
 * Writes head and rows. WIDTH: the last column is cut to make lines fit; 0:
 * nothing is cut. Returns 0, or -ENOMEM when a cell was lost for want of memory.
 */
int hawk_table_print(struct hawk_table *t, FILE *to, size_t width);

/* Columns that TEXT (valid UTF-8) takes on a terminal; unprintable characters count as one. */
size_t hawk_text_width(const char *text);

#endif
