/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/collect/internal.h"

static const struct {
	uint16_t event;
	uint32_t class;
} packets[] = {
#define PACKET(token, class) { HAWK_EV_##token, HAWK_PKT_##class },
#include "bpf/abi/packet_class.def"
#undef PACKET
};

/* The row of an event in hawk_event_descs(). */
static size_t row_of(uint16_t event)
{
	const struct hawk_event_desc *const *descs;
	size_t n, row = 0;

	descs = hawk_event_descs(&n);
	while (row < n - 1 && descs[row]->id != event)
		row++;
	return row;
}

void hawk_packets_write(struct hawk_collect *c)
{
	uint32_t wanted = 0;

	for (size_t i = 0; i < sizeof(packets) / sizeof(packets[0]); i++)
		if (c->plan.alt[row_of(packets[i].event)] >= 0)
			wanted |= packets[i].class;
	__atomic_store_n(&c->config->packets, wanted, __ATOMIC_RELAXED);
}
