/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/daemon/announce.h"

#include <string.h>

#include "src/base/cleanup.h"
#include "src/base/host.h"
#include "src/event/process.h"

static void set(struct hawk_event *e, const char *field, uint64_t value)
{
	e->data[hawk_event_field(e->desc, field)] = (struct hawk_value){ .u = value };
}

/* An empty TEXT is not known. */
static void set_text(struct hawk_event *e, const char *field, const char *text)
{
	struct hawk_value v = hawk_value_text(text);

	v.flags = v.len ? 0 : HAWK_VAL_ABSENT;
	e->data[hawk_event_field(e->desc, field)] = v;
}

static void init_namespaces(const struct hawk_announce *a, struct hawk_event *e)
{
	size_t n;
	const struct hawk_namespace *ns = hawk_namespaces(&n);
	uint32_t inode;

	(void)a;
	for (size_t i = 0; i < n; i++) {
		memcpy(&inode, (const char *)hawk_host_ns() + ns[i].of_host, sizeof(inode));
		set(e, ns[i].name, inode);
	}
}

static void sechawk_info(const struct hawk_announce *a, struct hawk_event *e)
{
	/* the boot is where CLOCK_BOOTTIME is 0 */
	set(e, "boot_time", (uint64_t)a->clock->boot_offset);
	set(e, "start_time", a->started);
	set_text(e, "version", HAWK_VERSION);
	set_text(e, "boot_id", hawk_host_ids()->boot_id);
	set_text(e, "machine_id", hawk_host_ids()->machine_id);
}

static const struct {
	uint16_t event;
	void (*fill)(const struct hawk_announce *a, struct hawk_event *e);
} rows[] = {
	{ HAWK_EV_INIT_NAMESPACES, init_namespaces },
	{ HAWK_EV_SECHAWK_INFO, sechawk_info },
};
_Static_assert(ARRAY_SIZE(rows) == HAWK_ANNOUNCEMENTS, "a mark for each");

void hawk_announce_init(struct hawk_announce *a, const struct hawk_clock *clock)
{
	*a = (struct hawk_announce){ .clock = clock, .started = hawk_clock_now(clock) };
}

void hawk_announce_check(struct hawk_announce *a, bool (*wants)(void *ctx, uint16_t event),
			 void (*emit)(void *ctx, struct hawk_event *event), void *ctx)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct hawk_event e = { .desc = hawk_event_by_id(rows[i].event) };
		bool wanted = wants(ctx, rows[i].event);

		if (wanted && !a->told[i]) {
			rows[i].fill(a, &e);
			emit(ctx, &e);
		}
		a->told[i] = wanted;
	}
}
