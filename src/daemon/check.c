/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/daemon/check.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "src/base/cleanup.h"
#include "src/base/textfile.h"
#include "src/format/format.h"

int hawk_check_output_parse(const char *name)
{
	static const char *const names[] = {
		[HAWK_CHECK_TEXT] = "text", [HAWK_CHECK_IR] = "ir", [HAWK_CHECK_JSON] = "json"
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (strcmp(names[i], name) == 0)
			return (int)i;
	return -1;
}

int hawk_check_read(const char *path, size_t max, struct hawk_buf *out)
{
	_cleanup_free_ char *text = NULL;
	char chunk[16384];
	size_t len;
	ssize_t n;
	int r;

	if (strcmp(path, "-") != 0) {
		r = hawk_textfile_read(path, max, &text, &len);
		if (r == 0)
			hawk_buf_put(out, text, len);
		return r < 0 ? r : out->error;
	}
	while ((n = read(STDIN_FILENO, chunk, sizeof(chunk))) > 0 && out->len <= max)
		hawk_buf_put(out, chunk, (size_t)n);
	if (n < 0)
		return -errno;
	return out->len > max ? -E2BIG : out->error;
}

void hawk_check_unread(struct hawk_diags *d, int error)
{
	struct hawk_diag diag = { .line = 0 };

	snprintf(diag.message, sizeof(diag.message), "cannot be read: %s%s", hawk_textfile_why(error),
		 error == -EINVAL ? "; what a command writes is read from standard input, as -" : "");
	hawk_diags_add(d, &diag);
}

void hawk_check_string(struct hawk_buf *out, const char *key, const char *text)
{
	hawk_buf_printf(out, "\"%s\":", key);
	hawk_json_string(out, (const uint8_t *)text, strlen(text));
}

static void put_diags(struct hawk_buf *out, const struct hawk_diags *d, bool warnings)
{
	const size_t all = warnings ? d->warnings : d->errors;
	bool first = true;

	hawk_buf_printf(out, ",\"%s\":[", warnings ? "warnings" : "errors");
	for (size_t i = 0; i < d->n; i++) {
		if (d->v[i].warning != warnings)
			continue;
		hawk_buf_puts(out, first ? "{" : ",{");
		if (d->v[i].line)
			hawk_buf_printf(out, "\"line\":%u,\"column\":%u,", d->v[i].line, d->v[i].column);
		hawk_check_string(out, "message", d->v[i].message);
		hawk_buf_putc(out, '}');
		first = false;
	}
	hawk_buf_printf(out, "],\"%s_total\":%zu", warnings ? "warnings" : "errors", all);
}

void hawk_check_diags(struct hawk_buf *out, const struct hawk_diags *d)
{
	put_diags(out, d, false);
	put_diags(out, d, true);
}
