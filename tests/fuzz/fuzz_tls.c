/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* ClientHellos: everything that is found lies in the message. */
#include <errno.h>
#include <stdlib.h>

#include "src/net/tls.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const uint8_t *p, size_t len, const uint8_t *data, size_t size)
{
	if (p < data || p > data + size || len > (size_t)(data + size - p))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	long need = hawk_tls_need(data, size);
	struct hawk_tls_hello h;
	int r = hawk_tls_parse(&h, data, size);

	if (need < 0 && need != -EAGAIN && need != -EBADMSG)
		abort();
	if (r == 0 && (need < 0 || (size_t)need > size))
		abort();
	if (r < 0)
		return 0;
	if (h.server_name)
		check(h.server_name, h.server_name_len, data, size);
	for (size_t i = 0; i < h.n_alpn; i++)
		check(h.alpn[i].name, h.alpn[i].len, data, size);
	return 0;
}
