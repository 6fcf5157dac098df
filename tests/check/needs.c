/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The dependencies between events (NEEDS rows of bpf/abi) have no cycle: the planner follows them. */
#include <stdio.h>

#include "src/base/cleanup.h"
#include "src/event/event.h"

#define EVENTS_MAX 4096

struct walk {
	const struct hawk_event_desc *const *descs;
	size_t n;
	enum { NEW, OPEN, DONE } state[EVENTS_MAX]; /* OPEN: on the way from the first event to this one */
};

static size_t row_of(const struct walk *w, uint16_t id)
{
	for (size_t i = 0; i < w->n; i++)
		if (w->descs[i]->id == id)
			return i;
	return w->n;
}

/* Follows the needs of a row; prints the way back and returns true when it meets itself. */
static bool has_cycle(struct walk *w, size_t row)
{
	if (w->state[row] != NEW)
		return w->state[row] == OPEN;
	w->state[row] = OPEN;
	for (const uint16_t *id = w->descs[row]->needs; id && *id; id++) {
		size_t next = row_of(w, *id);

		if (next == w->n || has_cycle(w, next)) {
			printf("%s needs %s\n", w->descs[row]->name,
			       next == w->n ? "nothing known" : w->descs[next]->name);
			return true;
		}
	}
	w->state[row] = DONE;
	return false;
}

static bool any_cycle(const struct hawk_event_desc *const *descs, size_t n)
{
	static struct walk w;

	w = (struct walk){ .descs = descs, .n = n };
	for (size_t i = 0; i < n; i++)
		if (has_cycle(&w, i))
			return true;
	return false;
}

/* The check itself can fail: a circle of three is found, two ways to one event are fine. */
static bool check_works(void)
{
	static const uint16_t to_1[] = { 1, 0 }, to_2[] = { 2, 0 }, to_3[] = { 3, 0 };
	static const uint16_t to_2_and_3[] = { 2, 3, 0 };
	static const struct hawk_event_desc a = { .id = 1, .name = "a", .needs = to_2 },
					    b = { .id = 2, .name = "b", .needs = to_3 },
					    c = { .id = 3, .name = "c", .needs = to_1 },
					    end = { .id = 3, .name = "end" },
					    two = { .id = 1, .name = "two", .needs = to_2_and_3 };
	const struct hawk_event_desc *const circle[] = { &a, &b, &c }, *const fine[] = { &two, &b, &end };

	return any_cycle(circle, ARRAY_SIZE(circle)) && !any_cycle(fine, ARRAY_SIZE(fine));
}

int main(void)
{
	size_t n;
	const struct hawk_event_desc *const *descs = hawk_event_descs(&n);

	if (n > EVENTS_MAX || !check_works()) {
		printf("needs: the check is broken\n");
		return 2;
	}
	if (any_cycle(descs, n)) {
		printf("needs: the NEEDS rows of bpf/abi go round in a circle\n");
		return 1;
	}
	return 0;
}
