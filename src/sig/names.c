/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Words of the language, and what a word may look like. */
#include <ctype.h>

#include "src/sig/reader.h"

static const char *const severities[] = {
#define SEVERITY(token, value, name, doc) [value] = name,
#include "src/event/severity.def"
};

static const char *const keys[] = {
	[HAWK_SIG_BY_VALUE] = NULL,
#define BY(token, name, doc) [HAWK_SIG_BY_##token] = name,
#include "src/sig/by.def"
};

const char *hawk_severity_name(enum hawk_severity severity)
{
	return (size_t)severity < ARRAY_SIZE(severities) ? severities[severity] : NULL;
}

int hawk_severity_parse(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(severities); i++)
		if (strcmp(severities[i], name) == 0)
			return (int)i;
	return -1;
}

const char *hawk_sig_by_name(enum hawk_sig_by by)
{
	return (size_t)by < ARRAY_SIZE(keys) ? keys[by] : NULL;
}

static bool is_made_of(const char *text, size_t max, const char *marks, bool capitals)
{
	const size_t len = strlen(text);

	for (size_t i = 0; i < len; i++) {
		const unsigned char c = (unsigned char)text[i];

		if (!islower(c) && !isdigit(c) && !(capitals && isupper(c)) && !strchr(marks, c))
			return false;
	}
	return len && len <= max;
}

bool hawk_sig_is_word(const char *text)
{
	return islower((unsigned char)*text) && is_made_of(text, HAWK_SIG_ID_MAX, "_", false);
}

bool hawk_sig_is_id(const char *text)
{
	return isalnum((unsigned char)*text) && is_made_of(text, HAWK_SIG_ID_MAX, "._-", true);
}

bool hawk_sig_is_list_name(const char *text)
{
	const size_t len = strlen(text);

	for (size_t i = 0; i < len; i++)
		if (!isupper((unsigned char)text[i]) && (!i || (!isdigit((unsigned char)text[i]) && text[i] != '_')))
			return false;
	return len && len <= HAWK_SIG_ID_MAX;
}

bool hawk_sig_is_version(const char *text)
{
	size_t dots = 0;

	if (!is_made_of(text, 32, ".", false))
		return false;
	for (const char *c = text; *c; c++) {
		if (*c == '.' && (c == text || c[1] == '.' || !c[1]))
			return false;
		if (*c != '.' && !isdigit((unsigned char)*c))
			return false;
		dots += *c == '.';
	}
	return dots == 1 || dots == 2;
}
