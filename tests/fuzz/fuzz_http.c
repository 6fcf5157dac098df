/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Heads of HTTP messages: every slice lies in the message. */
#include <stdlib.h>

#include "src/net/http.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct hawk_slice *s, const uint8_t *data, size_t size)
{
	if (s->len && (s->data < data || s->data > data + size || s->len > (size_t)(data + size - s->data)))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct hawk_slice rest, line;
	struct hawk_http h;

	if (hawk_http_parse(&h, data, size) < 0)
		return 0;
	check(&h.method, data, size);
	check(&h.target, data, size);
	check(&h.version, data, size);
	check(&h.reason, data, size);
	check(&h.headers, data, size);
	check(&h.host, data, size);
	check(&h.user_agent, data, size);
	check(&h.content_type, data, size);
	if (h.response ? h.status > 999 : !h.method.len || !h.target.len)
		abort();
	for (rest = h.headers; hawk_http_line(&rest, &line);)
		check(&line, data, size);
	return 0;
}
