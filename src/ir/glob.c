/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Patterns with * ? and [..]. */
#include "src/ir/value.h"

/* Whether C is in the set of LEN characters, "[!a-z]". */
static bool in_set(const char *set, size_t len, uint8_t c)
{
	bool negated = set[1] == '!' || set[1] == '^', found = false;
	const char *at = set + 1 + negated, *end = set + len - 1;

	while (at < end && !found) {
		if (end - at > 2 && at[1] == '-') {
			found = c >= (uint8_t)at[0] && c <= (uint8_t)at[2];
			at += 3;
		} else {
			found = c == (uint8_t)*at++;
		}
	}
	return found != negated;
}

/* Whether the byte C fits what is at *AT, which is no star; moves *AT behind that. */
static bool one_fits(const struct hawk_ir_value *v, size_t *at, uint8_t c)
{
	const char *text = v->text + *at;
	size_t set;

	switch (*text) {
	case '?':
		(*at)++;
		return true;
	case '[':
		set = hawk_ir_glob_set(text, v->len - *at);
		*at += set;
		return in_set(text, set, c);
	case '\\':
		*at += 2;
		return c == (uint8_t)text[1];
	default:
		(*at)++;
		return c == (uint8_t)*text;
	}
}

bool hawk_ir_glob_match(const struct hawk_ir_value *v, const uint8_t *p, size_t len)
{
	size_t at = 0, i = 0, star = 0, from = 0; /* what follows the last star, and where that was tried */
	bool starred = false;

	while (i < len) {
		if (at < v->len && v->text[at] == '*') {
			star = ++at;
			from = i;
			starred = true;
			if (at == v->len)
				return true;
		} else if (at < v->len && one_fits(v, &at, p[i])) {
			i++;
		} else if (starred) {
			at = star;
			i = ++from;
		} else {
			return false;
		}
	}
	while (at < v->len && v->text[at] == '*')
		at++;
	return at == v->len;
}
