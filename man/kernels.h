/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_MAN_KERNELS_H
#define HAWK_MAN_KERNELS_H
/* The table of events and kernels (kernels.def), for the manual and for who checks it. */
#include <stddef.h>
#include <string.h>

#include "src/base/cleanup.h"

static const char *const kernels[] = {
#define KERNELS(...) __VA_ARGS__
#define SHOWN(event, ...)
#include "man/kernels.def"
#undef KERNELS
#undef SHOWN
};

/* How an event was seen on each of the kernels; NULL: it was not tried. */
static const struct shown {
	const char *event, *on[ARRAY_SIZE(kernels)];
} shown[] = {
#define KERNELS(...)
#define SHOWN(event, ...) { event, { __VA_ARGS__ } },
#include "man/kernels.def"
#undef KERNELS
#undef SHOWN
	{ NULL, { NULL } },
};

/* The row of EVENT; NULL: there is none. */
static const struct shown *shown_of(const char *event)
{
	for (const struct shown *s = shown; s->event; s++)
		if (!strcmp(s->event, event))
			return s;
	return NULL;
}

#endif
