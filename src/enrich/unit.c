/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/enrich/unit.h"

#include <stdbool.h>
#include <string.h>

#include "src/base/cleanup.h"

#define UNIT_NAME_MAX 255 /* systemd.unit(5) */

/* What is left to read of a path, or one component of it. */
typedef struct hawk_unit_name span;

static bool is(span s, const char *text)
{
	return s.len == strlen(text) && memcmp(s.name, text, s.len) == 0;
}

static bool starts(span s, const char *prefix)
{
	size_t n = strlen(prefix);

	return s.len >= n && memcmp(s.name, prefix, n) == 0;
}

static bool ends(span s, const char *suffix)
{
	size_t n = strlen(suffix);

	return s.len >= n && memcmp(s.name + s.len - n, suffix, n) == 0;
}

/* The first component of REST, which is moved behind it. Empty at the end. */
static span next_component(span *rest)
{
	span c;

	while (rest->len && *rest->name == '/') {
		rest->name++;
		rest->len--;
	}
	c = *rest;
	for (c.len = 0; c.len < rest->len && c.name[c.len] != '/';)
		c.len++;
	rest->name += c.len;
	rest->len -= c.len;
	return c;
}

static span unescape(span c)
{
	if (c.len && *c.name == '_') {
		c.name++;
		c.len--;
	}
	return c;
}

static bool valid_char(uint8_t ch)
{
	return (ch >= '0' && ch <= '9') || (ch >= 'A' && ch <= 'Z') || (ch >= 'a' && ch <= 'z') ||
	       (ch && strchr(":-_.\\@", ch));
}

static bool valid_unit(span c)
{
	static const char *const types[] = {
		".service", ".scope", ".slice", ".socket", ".mount", ".swap",
		".target", ".device", ".automount", ".timer", ".path",
	};
	const uint8_t *at = NULL;
	size_t i, stem = 0;

	for (i = 0; i < ARRAY_SIZE(types); i++)
		if (ends(c, types[i]))
			stem = c.len - strlen(types[i]);
	if (!stem || c.len > UNIT_NAME_MAX)
		return false;
	for (i = 0; i < stem; i++)
		if (!valid_char(c.name[i]))
			return false;
	at = memchr(c.name, '@', stem);
	/* neither "@x.service" nor the template "x@.service" can run */
	return !at || (at > c.name && at + 1 < c.name + stem);
}

static bool is_slice(span c)
{
	size_t stem, i;

	c = unescape(c);
	if (!ends(c, ".slice") || !valid_unit(c))
		return false;
	if (is(c, "-.slice"))
		return true;
	/* every "-" stands for a level, so none may be empty */
	stem = c.len - strlen(".slice");
	if (c.name[0] == '-' || c.name[stem - 1] == '-' || memchr(c.name, '@', stem))
		return false;
	for (i = 1; i < stem; i++)
		if (c.name[i] == '-' && c.name[i - 1] == '-')
			return false;
	return true;
}

/* The component behind the slices at the front of REST. */
static span skip_slices(span *rest)
{
	span c;

	do
		c = next_component(rest);
	while (c.len && is_slice(c));
	return c;
}

static span unit_or_none(span c)
{
	c = unescape(c);
	return valid_unit(c) && !ends(c, ".slice") ? c : (span){ .len = 0 };
}

static bool all_digits(const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (p[i] < '0' || p[i] > '9')
			return false;
	return n > 0;
}

static bool alphanumeric(const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!valid_char(p[i]) || strchr(":-_.\\@", p[i]))
			return false;
	return n > 0;
}

/* True for the cgroup below which a user's own units live: a user manager or a login session. */
static bool is_user_prefix(span c)
{
	const size_t user = strlen("user@"), session = strlen("session-");

	if (starts(c, "user@") && ends(c, ".service") && c.len > user + strlen(".service"))
		return all_digits(c.name + user, c.len - user - strlen(".service"));
	if (starts(c, "session-") && ends(c, ".scope") && c.len > session + strlen(".scope"))
		return alphanumeric(c.name + session, c.len - session - strlen(".scope"));
	return false;
}

struct hawk_unit hawk_unit_from_cgroup(const uint8_t *path, size_t len)
{
	span rest = { .name = path, .len = len }, c;
	struct hawk_unit u = { .unit.len = 0 };

	if (!len) /* PATH may be NULL */
		return u;
	c = skip_slices(&rest);
	u.unit = unit_or_none(c);
	if (is_user_prefix(unescape(c)))
		u.user_unit = unit_or_none(skip_slices(&rest));
	return u;
}

/* One line of /proc/PID/cgroup, "ID:CONTROLLERS:PATH". */
struct line {
	span id, controllers, path;
};

static bool split_line(span text, struct line *ret)
{
	const uint8_t *a = memchr(text.name, ':', text.len);
	const uint8_t *end = text.name + text.len;
	const uint8_t *b = a ? memchr(a + 1, ':', (size_t)(end - a - 1)) : NULL;

	if (!b || b + 1 == end || b[1] != '/')
		return false;
	ret->id = (span){ text.name, (size_t)(a - text.name) };
	ret->controllers = (span){ a + 1, (size_t)(b - a - 1) };
	ret->path = (span){ b + 1, (size_t)(end - b - 1) };
	if (ends(ret->path, " (deleted)"))
		ret->path.len -= strlen(" (deleted)");
	return true;
}

static bool has_controller(span list, const char *name)
{
	size_t i, from = 0;

	for (i = 0; i <= list.len; i++)
		if (i == list.len || list.name[i] == ',') {
			if (is((span){ list.name + from, i - from }, name))
				return true;
			from = i + 1;
		}
	return false;
}

struct hawk_unit_name hawk_unit_cgroup_path(const char *text, size_t len)
{
	span found[4] = { { .len = 0 } }; /* by preference */
	const char *end = text + len;

	while (text < end) {
		const char *nl = memchr(text, '\n', (size_t)(end - text));
		span whole = { (const uint8_t *)text, (size_t)((nl ? nl : end) - text) };
		struct line l;

		text = nl ? nl + 1 : end;
		if (!split_line(whole, &l))
			continue;
		if (is(l.id, "0") && !l.controllers.len)
			found[is(l.path, "/") ? 3 : 0] = l.path;
		else if (has_controller(l.controllers, "name=systemd"))
			found[1] = l.path;
		else if (has_controller(l.controllers, "pids"))
			found[2] = l.path;
	}
	for (size_t i = 0; i < ARRAY_SIZE(found); i++)
		if (found[i].len)
			return found[i];
	return (span){ .len = 0 };
}
