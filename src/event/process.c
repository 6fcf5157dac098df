/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/event/process.h"

static struct hawk_host_ns host_ns;

void hawk_host_ns_set(const struct hawk_host_ns *ns)
{
	host_ns = *ns;
}

const struct hawk_host_ns *hawk_host_ns(void)
{
	return &host_ns;
}
