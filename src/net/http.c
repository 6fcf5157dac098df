/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/net/http.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#define METHOD_MAX 32

bool hawk_http_line(struct hawk_slice *rest, struct hawk_slice *ret)
{
	const uint8_t *end = rest->len ? memchr(rest->data, '\n', rest->len) : NULL;
	size_t step = end ? (size_t)(end - rest->data) + 1 : rest->len;

	if (!rest->len)
		return false;
	*ret = (struct hawk_slice){ rest->data, end ? step - 1 : step };
	if (end && ret->len && ret->data[ret->len - 1] == '\r')
		ret->len--;
	rest->data += step;
	rest->len -= step;
	return true;
}

/* The bytes of LINE before a space, which is taken off with them. */
static struct hawk_slice word(struct hawk_slice *line)
{
	const uint8_t *space = line->len ? memchr(line->data, ' ', line->len) : NULL;
	struct hawk_slice w = { line->data, space ? (size_t)(space - line->data) : line->len };
	size_t step = w.len + (space ? 1 : 0);

	line->data += step;
	line->len -= step;
	return w;
}

static bool is_version(const struct hawk_slice *s)
{
	return s->len == 8 && memcmp(s->data, "HTTP/1.", 7) == 0 && s->data[7] >= '0' && s->data[7] <= '9';
}

/* "HTTP/1.1 200 OK"; the reason may be missing. */
static int status_line(struct hawk_http *h, struct hawk_slice line)
{
	struct hawk_slice code;

	h->version = word(&line);
	code = word(&line);
	if (!is_version(&h->version) || code.len != 3)
		return -EBADMSG;
	for (size_t i = 0; i < 3; i++) {
		if (code.data[i] < '0' || code.data[i] > '9')
			return -EBADMSG;
		h->status = (uint16_t)(h->status * 10 + (code.data[i] - '0'));
	}
	h->reason = line;
	h->response = true;
	return 0;
}

/* "GET /path HTTP/1.1". Of a line that is cut off, what is there is the target. */
static int request_line(struct hawk_http *h, struct hawk_slice line, bool whole)
{
	h->method = word(&line);
	if (!h->method.len || h->method.len > METHOD_MAX || !line.len)
		return -EBADMSG;
	for (size_t i = 0; i < h->method.len; i++)
		if (h->method.data[i] < 'A' || h->method.data[i] > 'Z')
			return -EBADMSG;
	h->target = word(&line);
	h->version = line;
	if (whole)
		return is_version(&h->version) && h->target.len ? 0 : -EBADMSG;
	h->version.len = 0;
	return h->target.len ? 0 : -EBADMSG;
}

/* When LINE is the header NAME: its value without the white space around it, unless there was one before. */
static void take(struct hawk_slice *ret, const struct hawk_slice *line, const char *name)
{
	size_t len = strlen(name);
	struct hawk_slice v;

	if (ret->len || line->len <= len || line->data[len] != ':' ||
	    strncasecmp((const char *)line->data, name, len) != 0)
		return;
	v = (struct hawk_slice){ line->data + len + 1, line->len - len - 1 };
	while (v.len && (v.data[0] == ' ' || v.data[0] == '\t'))
		v.data++, v.len--;
	while (v.len && (v.data[v.len - 1] == ' ' || v.data[v.len - 1] == '\t'))
		v.len--;
	*ret = v;
}

int hawk_http_parse(struct hawk_http *h, const uint8_t *data, size_t len)
{
	struct hawk_slice rest = { data, len }, line, lines;
	bool whole = len && memchr(data, '\n', len);
	int r;

	*h = (struct hawk_http){ .status = 0 };
	if (!hawk_http_line(&rest, &line))
		return -EBADMSG;
	if (line.len >= 5 && memcmp(line.data, "HTTP/", 5) == 0)
		r = status_line(h, line);
	else
		r = request_line(h, line, whole);
	if (r < 0)
		return r;
	h->headers = (struct hawk_slice){ rest.data, 0 };
	for (lines = rest; hawk_http_line(&lines, &line);) {
		if (!line.len) {
			h->complete = true;
			break;
		}
		h->headers.len = (size_t)(lines.data - rest.data);
		take(&h->host, &line, "Host");
		take(&h->user_agent, &line, "User-Agent");
		take(&h->content_type, &line, "Content-Type");
	}
	return 0;
}
