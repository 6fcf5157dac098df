/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <bpf/bpf.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "src/base/cleanup.h"
#include "src/base/log.h"
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

/* Runs the iterator over the open files of all processes: it notes whose the sockets are. */
static int seed_owners(struct hawk_collect *c)
{
	bool programs[HAWK_PROG_MAX] = { [HAWK_PROG_net_seed_iter] = true };
	struct hawk_instance *instance = NULL;
	_cleanup_close_ int fd = -1;
	struct bpf_link *link;
	char nothing[64];
	int r = hawk_instance_load(c, &(struct hawk_load){ .object = HAWK_OBJ_net_iter, .programs = programs }, &instance);

	if (r < 0)
		return r;
	link = bpf_program__attach_iter(bpf_object__find_program_by_name(instance->object, "net_seed_iter"), NULL);
	r = (int)libbpf_get_error(link);
	if (r == 0) {
		fd = bpf_iter_create(bpf_link__fd(link));
		r = fd < 0 ? -errno : 0;
	}
	while (r == 0) {
		ssize_t n = read(fd, nothing, sizeof(nothing));

		if (n == 0)
			break;
		if (n < 0 && errno != EAGAIN)
			r = -errno;
	}
	bpf_link__destroy(link);
	hawk_instance_put(instance);
	return r;
}

static bool planned(const struct hawk_collect *c, uint16_t event)
{
	return c->plan.alt[row_of(event)] >= 0;
}

static uint32_t wanted_packets(const struct hawk_collect *c)
{
	uint32_t wanted = 0;

	for (size_t i = 0; i < ARRAY_SIZE(packets); i++)
		if (planned(c, packets[i].event))
			wanted |= packets[i].class;
	if (planned(c, HAWK_EV_NET_FLOW_TCP_BEGIN) || planned(c, HAWK_EV_NET_FLOW_TCP_END))
		wanted |= HAWK_PKT_FLOW;
	return wanted;
}

bool hawk_packets_check(struct hawk_collect *c)
{
	const uint32_t wanted = wanted_packets(c);

	if (c->config->packets == wanted)
		return false;
	__atomic_store_n(&c->config->packets, wanted, __ATOMIC_RELAXED);
	return true;
}

void hawk_packets_write(struct hawk_collect *c)
{
	uint32_t wanted = wanted_packets(c), before = c->config->packets;
	int r;

	__atomic_store_n(&c->config->packets, wanted, __ATOMIC_RELAXED);
	if (before || !wanted)
		return;
	r = seed_owners(c);
	if (r < 0)
		hawk_info("the sockets that are open already cannot be read (%s): their packets are told without a process",
			  strerror(-r));
}
