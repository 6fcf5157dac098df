/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/format/redact.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/cleanup.h"

static const char mark[] = "[redacted]";

static const char *const defaults[] = {
	"password", "passwd", "passphrase", "secret", "token", "apikey", "api_key",
	"access_key", "private_key", "credential", "authorization", "bearer",
};

/*
 * Patterns in the form of fold(), one after the other, each ended by NUL; an
 * empty one ends them. NULL: the defaults.
 */
static char *patterns;
static size_t shortest; /* of them; most names in arguments are shorter */
/* By the first character of a pattern what may be the second, a bit each by its low six: few names have such a pair. */
static uint64_t second[256];
static pthread_rwlock_t patterns_lock = PTHREAD_RWLOCK_INITIALIZER;
static atomic_uint generation = 1;

/* A string that is searched for secrets. */
struct text {
	const uint8_t *s;
	size_t len;
};

/* A part of a text that must not be shown. */
struct range {
	size_t from, to;
};

static char fold(char c)
{
	if (c >= 'A' && c <= 'Z')
		return (char)(c - 'A' + 'a');
	return c == '-' ? '_' : c;
}

const char *const *hawk_redact_defaults(size_t *ret_n)
{
	*ret_n = ARRAY_SIZE(defaults);
	return defaults;
}

uint32_t hawk_redact_generation(void)
{
	return atomic_load_explicit(&generation, memory_order_relaxed);
}

static void index_patterns(void)
{
	memset(second, 0, sizeof(second));
	for (const char *p = patterns; *p; p += strlen(p) + 1)
		second[(uint8_t)p[0]] |= p[1] ? 1ULL << (p[1] & 63) : UINT64_MAX;
}

int hawk_redact_set(const char *const *names, size_t n)
{
	size_t size = 1, at = 0, least = SIZE_MAX;
	char *set;

	for (size_t i = 0; i < n; i++)
		size += strlen(names[i]) + 1;
	set = calloc(1, size);
	if (!set)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		/* An empty pattern would end the list here and hide everything elsewhere. */
		if (!*names[i])
			continue;
		for (const char *c = names[i]; *c; c++)
			set[at++] = fold(*c);
		at++;
		if (strlen(names[i]) < least)
			least = strlen(names[i]);
	}
	pthread_rwlock_wrlock(&patterns_lock);
	free(patterns);
	patterns = set;
	shortest = least;
	index_patterns();
	/* Zero would look like "never encoded". */
	if (atomic_fetch_add(&generation, 1) == UINT32_MAX)
		atomic_fetch_add(&generation, 1);
	pthread_rwlock_unlock(&patterns_lock);
	return 0;
}

static bool name_char(uint8_t c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' ||
	       c == '-' || c == '.';
}

static bool blank(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Is there a pattern at NAME? */
static bool begins_secret(const uint8_t *name, size_t len)
{
	for (const char *p = patterns; *p; p += strlen(p) + 1) {
		size_t k = 0;

		while (k < len && p[k] && fold((char)name[k]) == p[k])
			k++;
		if (!p[k])
			return true;
	}
	return false;
}

static bool contains(const uint8_t *name, size_t len, const char *pattern, size_t n)
{
	for (size_t i = 0; i + n <= len; i++) {
		size_t k = 0;

		while (k < n && fold((char)name[i + k]) == pattern[k])
			k++;
		if (k == n)
			return true;
	}
	return false;
}

/* True when a pattern occurs in the name. The caller holds the lock. */
static bool secret_name(const uint8_t *name, size_t len)
{
	if (patterns) {
		if (len < shortest)
			return false;
		for (size_t i = 0; i + shortest <= len; i++) {
			uint64_t may = second[(uint8_t)fold((char)name[i])];

			if (may && (i + 1 == len || may >> (fold((char)name[i + 1]) & 63) & 1) &&
			    begins_secret(name + i, len - i))
				return true;
		}
		return false;
	}
	for (size_t i = 0; i < ARRAY_SIZE(defaults); i++)
		if (contains(name, len, defaults[i], strlen(defaults[i])))
			return true;
	return false;
}

/* True when the whole string is a flag whose value is the next string. */
static bool secret_flag(const struct text *t)
{
	if (t->len < 2 || t->s[0] != '-')
		return false;
	for (size_t i = 0; i < t->len; i++)
		if (!name_char(t->s[i]))
			return false;
	return secret_name(t->s, t->len);
}

/*
 * Where the value starting at FROM ends. WHOLE: it goes on to the end of the
 * string, blanks included, as in the argument --password=a b.
 */
static size_t value_end(const struct text *t, size_t from, bool whole)
{
	size_t i = from;

	if (whole)
		return t->len;
	if (i < t->len && (t->s[i] == '"' || t->s[i] == '\'')) {
		uint8_t quote = t->s[i++];

		while (i < t->len && t->s[i] != quote)
			i += t->s[i] == '\\' && quote == '"' ? 2 : 1;
		return i < t->len ? i : t->len;
	}
	while (i < t->len && !blank(t->s[i]) && t->s[i] != '&' && t->s[i] != ';')
		i++;
	return i;
}

/* Is the secret name at NAME followed by a value? Then *ret is the value. */
static bool value_after(const struct text *t, struct range name, struct range *ret)
{
	bool first = name.from == 0, flag = t->s[name.from] == '-';
	size_t i = name.to;
	/* {"token":"x"} */
	bool quoted = i + 1 < t->len && (t->s[i] == '"' || t->s[i] == '\'') && t->s[i + 1] == ':';
	bool whole;

	i += quoted;
	if (i >= t->len)
		return false;
	if (t->s[i] == '=') {
		i++;
		whole = first;
	} else if (t->s[i] == ':' && (first || quoted || (i + 1 < t->len && blank(t->s[i + 1])))) {
		/* A header's value has blanks of its own; that of a JSON key is quoted. */
		i++;
		whole = true;
	} else if (blank(t->s[i]) && (first || flag)) {
		whole = first && !flag;
	} else {
		return false;
	}
	while (i < t->len && blank(t->s[i]))
		i++;
	if (whole && !first && i < t->len && t->s[i] == '"')
		whole = false;
	*ret = (struct range){ i, value_end(t, i, whole) };
	if (ret->to > i && (t->s[i] == '"' || t->s[i] == '\'') && !whole)
		ret->from++;
	return ret->to > ret->from;
}

/* Is there scheme://user:password@ with its "://" at COLON? Then *ret is the password. */
static bool url_password(const struct text *t, size_t colon, struct range *ret)
{
	size_t i = colon + 3, user_end = 0, at = 0;

	if (colon + 3 > t->len || memcmp(t->s + colon, "://", 3) != 0)
		return false;
	for (; i < t->len && t->s[i] != '/' && t->s[i] != '?' && t->s[i] != '#' && !blank(t->s[i]); i++) {
		if (t->s[i] == ':' && !user_end)
			user_end = i + 1;
		if (t->s[i] == '@')
			at = i;
	}
	*ret = (struct range){ user_end, at };
	return user_end && at > user_end;
}

/* The first secret at or after FROM. Linear: each byte is looked at a bounded number of times. */
static bool next_secret(const struct text *t, size_t from, struct range *ret)
{
	for (size_t i = from; i < t->len; i++) {
		struct range name = { i, i };

		if (t->s[i] == ':' && url_password(t, i, ret))
			return true;
		while (name.to < t->len && name_char(t->s[name.to]))
			name.to++;
		if (name.to == i)
			continue;
		if (name.to < t->len && secret_name(t->s + i, name.to - i) && value_after(t, name, ret))
			return true;
		/* The loop steps over the byte after the name, which may begin "://". */
		i = name.to - 1;
	}
	return false;
}

/* Where redacted strings go; nothing is copied before the first secret. */
struct copy {
	struct hawk_buf *out;
	const uint8_t *from; /* first byte not yet copied */
	bool any;
};

static void hide(struct copy *c, const uint8_t *from, const uint8_t *to)
{
	hawk_buf_put(c->out, c->from, (size_t)(from - c->from));
	hawk_buf_lit(c->out, mark);
	c->from = to;
	c->any = true;
}

static void redact_string(struct copy *c, const struct text *t, bool whole)
{
	struct range r;

	if (whole) {
		hide(c, t->s, t->s + t->len);
		return;
	}
	for (size_t i = 0; next_secret(t, i, &r); i = r.to)
		hide(c, t->s + r.from, t->s + r.to);
}

int hawk_redact_strv(struct hawk_buf *out, const uint8_t *strv, size_t len)
{
	struct copy c = { .out = out, .from = strv };
	bool hide_next = false;

	hawk_buf_reset(out);
	pthread_rwlock_rdlock(&patterns_lock);
	for (size_t i = 0; i < len;) {
		const uint8_t *nul = memchr(strv + i, '\0', len - i);
		struct text t = { strv + i, nul ? (size_t)(nul - strv) - i : len - i };
		bool flag = secret_flag(&t);

		redact_string(&c, &t, hide_next);
		hide_next = flag;
		i += t.len + 1;
	}
	pthread_rwlock_unlock(&patterns_lock);
	if (!c.any)
		return 0;
	hawk_buf_put(out, c.from, (size_t)(strv + len - c.from));
	return out->error ? out->error : 1;
}
