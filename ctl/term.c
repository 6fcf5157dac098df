/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "ctl/term.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* Kept, since standard output may later be the pipe to the pager. */
static struct {
	bool known, colour;
	size_t width;
} term;

static void term_find(void)
{
	const char *no_colour = getenv("NO_COLOR"), *name = getenv("TERM");
	struct winsize size;

	if (term.known)
		return;
	term.known = true;
	if (!isatty(STDOUT_FILENO))
		return;
	term.colour = !(no_colour && *no_colour) && name && strcmp(name, "dumb");
	term.width = ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col ? size.ws_col : 80;
}

bool hawk_term_colour(void)
{
	term_find();
	return term.colour;
}

size_t hawk_term_width(void)
{
	term_find();
	return term.width;
}

void hawk_term_set(bool colour, size_t width)
{
	term.known = true;
	term.colour = colour;
	term.width = width;
}

const char *hawk_term_style(enum hawk_style style)
{
	static const char *const codes[HAWK_STYLE_MAX] = {
		[HAWK_PLAIN] = "\033[0m",  [HAWK_BOLD] = "\033[1m",   [HAWK_DIM] = "\033[2m",
		[HAWK_RED] = "\033[31m", [HAWK_GREEN] = "\033[32m", [HAWK_YELLOW] = "\033[33m",
	};

	return hawk_term_colour() ? codes[style] : "";
}
