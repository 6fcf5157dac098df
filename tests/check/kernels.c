/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The table of events and kernels in the manual (man/kernels.def) has every event and no other, and a cell
 * for each kernel. On the kernel FULL all were triggered, but those that nobody can.
 */
#include <stdio.h>
#include <string.h>

#include "man/kernels.h"
#include "src/base/cleanup.h"
#include "src/event/event.h"

#define FULL "6.12"
static const char *const never[] = {
	"dirty_pipe_splice", /* a fault that all these kernels have mended */
	/* What the stand-in for a rootkit does, tests/vm/cases/signatures.sh, which adds nothing to this table. */
	"hidden_kernel_module", "hooked_interrupt", "hooked_proc_fops", "hooked_seq_ops", "hooked_syscall",
	"finding", /* signatures have tests of their own */
};

static bool is_never_triggered(const char *event)
{
	for (size_t i = 0; i < ARRAY_SIZE(never); i++)
		if (!strcmp(never[i], event))
			return true;
	return false;
}

/* True when the CELL of EVENT on KERNEL says that something has to be done. */
static bool is_fault(const char *event, const char *kernel, const char *cell)
{
	if (!strcmp(kernel, FULL) && !is_never_triggered(event))
		return strchr("-(?", *cell);
	return *cell == '?';
}

/* Returns how many faults the cells of EVENT have. */
static unsigned int check_cells(const char *event)
{
	const struct shown *s = shown_of(event);
	unsigned int faults = 0;

	if (!s) {
		printf("kernels: %s is missing\n", event);
		return 1;
	}
	for (size_t k = 0; k < ARRAY_SIZE(kernels); k++) {
		const char *cell = s->on[k] ? s->on[k] : "?";

		if (is_fault(event, kernels[k], cell)) {
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
		puts("kernels: in a build with the prefix /usr: sudo make kernels-update");
	return !!faults;
}
