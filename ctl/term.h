/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_CTL_TERM_H
#define HAWK_CTL_TERM_H
/* What is special about writing for a person: colour, width, paging. */
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum hawk_style { HAWK_PLAIN, HAWK_BOLD, HAWK_DIM, HAWK_RED, HAWK_GREEN, HAWK_YELLOW, HAWK_STYLE_MAX };

/* True when standard output is a terminal and neither NO_COLOR nor TERM=dumb forbids colour. */
bool hawk_term_colour(void);
/* The escape sequence of STYLE, or "" without colour. */
const char *hawk_term_style(enum hawk_style style);
/* Columns of the terminal on standard output; 0 when it is none. */
size_t hawk_term_width(void);
/* Makes colour and width those of a terminal of this size (0: none), for tests. */
void hawk_term_set(bool colour, size_t width);

/*
 * Sends standard output through a pager ($SECHAWK_PAGER, $PAGER or less) when
 * it is a terminal. Nothing happens when a pager cannot be started: the output
 * then goes to the terminal.
 */
void hawk_pager_start(void);
/* Closes standard output and waits until the reader has left the pager. Does nothing without one. */
void hawk_pager_finish(void);

#endif
