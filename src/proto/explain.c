/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "src/base/cleanup.h"
#include "src/proto/message.h"

/* Errors that every service can give. %s is the member named, as far as there is one. */
static const struct {
	const char *error, *member, *text;
} service_errors[] = {
	{ "InterfaceNotFound", "interface", "the daemon does not know the interface \"%s\"" },
	{ "MethodNotFound", "method",
	  "the daemon does not know the method \"%s\"; is it older than this program?" },
	{ "MethodNotImplemented", "method", "the daemon cannot do \"%s\"" },
	{ "InvalidParameter", "parameter", "the daemon does not accept the parameter \"%s\" or its value" },
	{ "PermissionDenied", NULL, "permission denied: see \"Access\" in sechawkctl(1)" },
	{ "ExpectedMore", NULL, "the method must be called with \"more\"" },
};

/* A text of the other side, safe for a terminal. */
static void put_safe(struct hawk_buf *out, const char *s)
{
	for (; *s; s++) {
		unsigned char c = *s;

		if (c < 0x20 || c == 0x7f)
			hawk_buf_printf(out, "\\x%02x", c);
		else if (c == 0xc2 && (unsigned char)s[1] < 0xa0) /* C1 control characters */
			hawk_buf_printf(out, "\\x%02x\\x%02x", c, (unsigned char)*++s);
		else
			hawk_buf_putc(out, c);
	}
}

static void put_service(struct hawk_buf *out, size_t row, const json_t *parameters)
{
	const char *text = service_errors[row].text, *mark = strstr(text, "%s");
	const char *value = NULL;

	if (service_errors[row].member)
		value = json_string_value(json_object_get(parameters, service_errors[row].member));
	if (!mark) {
		hawk_buf_puts(out, text);
		return;
	}
	hawk_buf_put(out, text, mark - text);
	put_safe(out, value ?: "?");
	hawk_buf_puts(out, mark + 2);
}

/* Errors of verbs.def: their message, or their doc line with the members. */
static void put_failure(struct hawk_buf *out, const struct hawk_struct_desc *failure,
			const json_t *parameters)
{
	const char *message = json_string_value(json_object_get(parameters, "message"));

	if (message)
		put_safe(out, message);
	else
		hawk_buf_puts(out, failure->doc);
	for (size_t i = 0; i < failure->n_members; i++) {
		const struct hawk_member *m = &failure->members[i];
		const json_t *v = json_object_get(parameters, m->name);

		if (!strcmp(m->name, "message") || !v)
			continue;
		hawk_buf_printf(out, "%s%s ", i ? ", " : ": ", m->name);
		if (json_is_integer(v))
			hawk_buf_s64(out, json_integer_value(v));
		else
			put_safe(out, json_string_value(v) ?: "?");
	}
}

void hawk_error_explain(struct hawk_buf *out, const char *error, const json_t *parameters)
{
	const struct hawk_struct_desc *failures;
	const char *name = strrchr(error, '.');
	size_t n, prefix;

	name = name ? name + 1 : error;
	prefix = name - error;
	if (prefix == sizeof(HAWK_SERVICE_INTERFACE) && !strncmp(error, HAWK_SERVICE_INTERFACE, prefix - 1))
		for (size_t i = 0; i < ARRAY_SIZE(service_errors); i++)
			if (!strcmp(service_errors[i].error, name)) {
				put_service(out, i, parameters);
				return;
			}
	failures = hawk_failures(&n);
	if (prefix == sizeof(HAWK_INTERFACE) && !strncmp(error, HAWK_INTERFACE, prefix - 1))
		for (size_t i = 0; i < n; i++)
			if (!strcmp(failures[i].name, name)) {
				put_failure(out, &failures[i], parameters);
				return;
			}
	hawk_buf_lit(out, "the daemon answered ");
	put_safe(out, error);
}
