/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* DNS messages: every record is read and printed. */
#include <stdlib.h>
#include <string.h>

#include "src/net/dns.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct hawk_buf out = { .max = 1024 * 1024 };
	static struct hawk_dns_record r;
	char target[HAWK_DNS_NAME_MAX];
	size_t records = 0;
	struct hawk_dns d;

	if (hawk_dns_parse(&d, data, size) < 0)
		return 0;
	while (hawk_dns_next(&d, &r) > 0) {
		if (++records > size || strlen(r.name) >= sizeof(r.name) || !r.name[0])
			abort();
		for (const char *p = r.name; *p; p++)
			if (*p <= ' ' || *p >= 0x7f)
				abort();
		if (r.section == HAWK_DNS_QUESTION)
			continue;
		hawk_buf_reset(&out);
		hawk_dns_put_data(&d, &r, &out);
		hawk_dns_target(&d, &r, target);
	}
	if (hawk_dns_next(&d, &r) != 0)
		abort();
	hawk_buf_done(&out);
	return 0;
}
