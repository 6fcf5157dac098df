/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Headers of packets: once as they are, once as the beginning of a longer packet. */
#include <stdlib.h>
#include <string.h>

#include "src/net/ip.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const uint8_t *data, size_t size, size_t full)
{
	struct hawk_net_packet p;

	if (hawk_net_parse(&p, data, size, full) < 0)
		return;
	if (p.payload < data || p.payload_len > (size_t)(data + size - p.payload) || p.payload_len > full)
		abort();
	if (p.later_fragment && p.transport != HAWK_NET_NONE)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	check(data, size, size);
	check(data, size, size + 3000);
	return 0;
}
