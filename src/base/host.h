/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_BASE_HOST_H
#define HAWK_BASE_HOST_H
/* Which host this is, and which boot of it: machine-id(5), random(4). */
#include <stdint.h>

#define HAWK_ID_LEN 32 /* hexadecimal digits */

/* As systemd writes them, and as bytes; an id that cannot be had is empty, and zero. */
struct hawk_host_ids {
	char boot_id[HAWK_ID_LEN + 1], machine_id[HAWK_ID_LEN + 1];
	uint8_t boot[HAWK_ID_LEN / 2], machine[HAWK_ID_LEN / 2];
};

/* Those of this host, read once. Any thread. */
const struct hawk_host_ids *hawk_host_ids(void);

#endif
