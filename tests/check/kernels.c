/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The table of events and kernels in the manual (man/kernels.def) has every event and no other, and a cell for each
 * kernel. On the kernel FULL all were triggered.
 */
#include <stdio.h>
#include <string.h>

#include "src/base/cleanup.h"
#include "src/event/event.h"

#define FULL "6.12"

static const char *const kernels[] = {
#define KERNELS(...) __VA_ARGS__
#define SHOWN(event, ...)
#include "man/kernels.def"
#undef KERNELS
#undef SHOWN
};

static const struct shown {
	const char *event, *on[ARRAY_SIZE(kernels)];
} shown[] = {
#define KERNELS(...)
#define SHOWN(event, ...) { event, { __VA_ARGS__ } },
#include "man/kernels.def"
	{ NULL, { NULL } },
};

static const struct shown *find(const char *event)
{
	for (const struct shown *s = shown; s->event; s++)
		if (!strcmp(s->event, event))
			return s;
	return NULL;
}

/* Returns how many faults the cells of EVENT have. */
static unsigned int check_cells(const char *event)
{
	const struct shown *s = find(event);
	unsigned int faults = 0;

	if (!s) {
		printf("kernels: %s is missing\n", event);
		return 1;
	}
	for (size_t k = 0; k < ARRAY_SIZE(kernels); k++) {
		const char *cell = s->on[k] ? s->on[k] : "?";

		if (*cell == '?' || (strchr("-(", *cell) && !strcmp(kernels[k], FULL))) {
			printf("kernels: %s on %s: \"%s\"\n", event, kernels[k], cell);
			faults++;
		}
	}
	return faults;
}

int main(void)
{
	size_t n;
	const struct hawk_event_desc *const *descs = hawk_event_descs(&n);
	unsigned int faults = 0;

	for (size_t i = 0; i < n; i++)
		if (!descs[i]->internal)
			faults += check_cells(descs[i]->name);
	for (const struct shown *s = shown; s->event; s++) {
		const struct hawk_event_desc *desc = hawk_event_by_name(s->event);

		if (!desc || desc->internal || strcmp(desc->name, s->event) != 0) {
			printf("kernels: %s is no event\n", s->event);
			faults++;
		}
	}
	printf("kernels: %zu events and %zu kernels, %u faults\n", n, ARRAY_SIZE(kernels), faults);
	if (faults)
		printf("kernels: in a build with the prefix /usr, make the table man/kernels.def anew: sudo make "
		       "kernels-update\n");
	return !!faults;
}
