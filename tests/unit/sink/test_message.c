/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The ids of messages, and that the catalog has a text with valid fields for each. */
#include "tests/unit/sink/common.h"

#include "src/event/field.h"
#include "src/sink/message.h"

static void ids(void **state)
{
	char a[33], b[33], longer[33];

	(void)state;
	hawk_sink_message_id("ptrace", a);
	hawk_sink_message_id("ptrace", b);
	assert_string_equal(a, b);
	assert_int_equal(strlen(a), 32);
	assert_int_equal(a[12], '5');
	assert_non_null(strchr("89ab", a[16]));
	/*
	 * Names around the end of a block of SHA-1 (16 bytes of name space before them); from Python's
	 * uuid.uuid5().
	 */
	hawk_sink_message_id("0123456789012345678901234567890123456789", longer);
	assert_string_equal(longer, "c0622f3ac29c5f8ca1ecb846a098ff65");
	hawk_sink_message_id("012345678901234567890123456789012345678901234567", longer);
	assert_string_equal(longer, "964c4335706c5ebe9e4c101b605304eb");
}

/* True when NAME, as in @NAME@, is a field that an entry about DESC has. */
static bool known_field(const struct hawk_event_desc *desc, const char *name, size_t len)
{
	static const char *const all[] = {
#define FIELD(row, field) "SECHAWK_" #row,
#include "src/sink/message.def"
#undef FIELD
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (strlen(all[i]) == len && memcmp(all[i], name, len) == 0)
			return true;
	for (int i = 0; i < desc->n_fields; i++) {
		char data[128];

		snprintf(data, sizeof(data), "SECHAWK_DATA_%s", desc->fields[i].name);
		for (char *p = data; *p; p++)
			if (*p >= 'a' && *p <= 'z')
				*p -= 'a' - 'A';
		if (strlen(data) == len && memcmp(data, name, len) == 0)
			return true;
	}
	return false;
}

static void check_entry(const struct hawk_event_desc *desc, const char *entry)
{
	const char *end = strstr(entry, "\n-- ");
	size_t len = end ? (size_t)(end - entry) : strlen(entry);
	char *text = strndup(entry, len);

	assert_non_null(text);
	assert_non_null(strstr(text, "\nSubject: "));
	assert_non_null(strstr(text, "\nDefined-By: sechawk\n"));
	assert_non_null(strstr(text, "\n\n"));
	for (char *p = strchr(text, '@'), *q; p; p = strchr(q + 1, '@')) {
		q = strchr(p + 1, '@');
		assert_non_null(q);
		if (!known_field(desc, p + 1, (size_t)(q - p - 1)))
			fail_msg("%s: no field %.*s", desc->name, (int)(q - p + 1), p);
	}
	free(text);
}

static void catalog_is_complete(void **state)
{
	size_t n, entries = 0, wanted = 0;
	const struct hawk_event_desc *const *descs = hawk_event_descs(&n);
	const char *builddir = getenv("BUILDDIR");
	char path[4096], *catalog;

	(void)state;
	snprintf(path, sizeof(path), "%s/systemd/sechawk.catalog", builddir ? builddir : ".");
	catalog = read_file(path, NULL);
	for (const char *p = catalog; (p = strstr(p, "\n-- ")); p++)
		entries++;
	for (const char *p = catalog; (p = strstr(p, "\nDocumentation: man:sechawk-signature(5)\n")); p++)
		entries--;
	for (size_t i = 0; i < n; i++) {
		char line[64], id[33];
		const char *entry;

		if (!hawk_event_is_seen(descs[i]) || descs[i]->id == HAWK_EV_FINDING)
			continue; /* nobody sees those; findings have the texts of their signatures */
		hawk_sink_message_id(descs[i]->name, id);
		snprintf(line, sizeof(line), "\n-- %s\n", id);
		entry = strstr(catalog, line);
		if (!entry)
			fail_msg("systemd/sechawk.catalog has no text for %s: it wants the id %s",
				 descs[i]->name, id);
		check_entry(descs[i], entry + 1);
		wanted++;
	}
	assert_int_equal(entries, wanted);
	free(catalog);
}

static void text_is_bounded(void **state)
{
	struct hawk_event e = make_event("sched_process_exec", 1);
	struct hawk_buf out = HAWK_BUF_INIT, value = HAWK_BUF_INIT, redacted = HAWK_BUF_INIT;
	static uint8_t noise[100000];

	(void)state;
	memset(noise, '\n', sizeof(noise));
	for (int i = 0; i < e.desc->n_fields; i++)
		if (hawk_type_desc(e.desc->fields[i].type)->var)
			e.data[i] = (struct hawk_value){ .bytes = noise, .len = sizeof(noise) };
	assert_int_equal(hawk_message_text(&out, &value, &redacted, &e), 0);
	assert_in_range(out.len, 200, 4096);
	for (size_t i = 0; i < out.len; i++)
		assert_true((unsigned char)out.data[i] >= ' ');
	hawk_buf_done(&out);
	hawk_buf_done(&value);
	hawk_buf_done(&redacted);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ids),
		cmocka_unit_test(catalog_is_complete),
		cmocka_unit_test(text_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
