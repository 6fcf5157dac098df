/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/base/host.h"

#include <pthread.h>
#include <string.h>
#include <systemd/sd-id128.h>

_Static_assert(HAWK_ID_LEN + 1 == SD_ID128_STRING_MAX, "an id as text");

static struct hawk_host_ids ids;

static void keep(int (*get)(sd_id128_t *ret), uint8_t bytes[HAWK_ID_LEN / 2], char text[HAWK_ID_LEN + 1])
{
	sd_id128_t id;

	if (get(&id) < 0)
		return;
	memcpy(bytes, id.bytes, sizeof(id.bytes));
	sd_id128_to_string(id, text);
}

static void read_ids(void)
{
	keep(sd_id128_get_boot, ids.boot, ids.boot_id);
	keep(sd_id128_get_machine, ids.machine, ids.machine_id);
}

const struct hawk_host_ids *hawk_host_ids(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, read_ids);
	return &ids;
}
