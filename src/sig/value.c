/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Values of keys: texts, lists of them, times, numbers. */
#include <ctype.h>
#include <stdarg.h>

#include "src/base/duration.h"
#include "src/sig/reader.h"

struct hawk_yaml_node *hawk_sig_get(struct hawk_yaml_node *map, const char *key)
{
	struct hawk_yaml_node *node = hawk_yaml_get(map, key);

	return node && !hawk_yaml_is_null(node) ? node : NULL;
}

char *hawk_sig_text(struct hawk_sig_reader *r, struct hawk_yaml_node *map, const char *key, size_t max)
{
	const struct hawk_yaml_node *node = hawk_sig_get(map, key) ? hawk_yaml_text(&r->yaml, map, key) : NULL;
	size_t len = node ? strlen(node->text) : 0;

	if (!node)
		return NULL;
	if (len > max) {
		hawk_sig_refuse(r, node, "%s: a text of %zu bytes: at most %zu", key, len, max);
		return NULL;
	}
	while (len && isspace((unsigned char)node->text[len - 1]))
		len--;
	if (len)
		return hawk_sig_kept(r, strndup(node->text, len));
	hawk_sig_refuse(r, node, "%s: expected a text", key);
	return NULL;
}

char *hawk_sig_need(struct hawk_sig_reader *r, struct hawk_yaml_node *map, const char *key, size_t max)
{
	if (hawk_sig_get(map, key))
		return hawk_sig_text(r, map, key, max);
	hawk_sig_refuse(r, map, "there is no %s: here", key);
	return NULL;
}

void hawk_sig_strings(struct hawk_sig_reader *r, struct hawk_yaml_node *map, const char *key, char ***ret,
		      size_t *ret_n)
{
	const struct hawk_yaml_node *node = hawk_sig_get(map, key);

	if (!node)
		return;
	if (node->kind != HAWK_YAML_LIST) {
		hawk_sig_refuse(r, node, "%s: expected a list, not %s", key, hawk_yaml_kind_name(node));
		return;
	}
	for (const struct hawk_yaml_node *one = node->first; one; one = one->next) {
		if (one->kind != HAWK_YAML_SCALAR || hawk_yaml_is_null(one)) {
			hawk_sig_refuse(r, one, "%s: expected a text, not %s", key, hawk_yaml_kind_name(one));
		} else if (*ret_n == HAWK_SIG_STRINGS_MAX) {
			hawk_sig_refuse(r, one, "%s: more than %d", key, HAWK_SIG_STRINGS_MAX);
			return;
		} else if (hawk_yaml_push(ret, ret_n, one->text) < 0) {
			r->error = -ENOMEM;
			return;
		}
	}
}

bool hawk_sig_bool(struct hawk_sig_reader *r, struct hawk_yaml_node *map, const char *key, bool fallback)
{
	const struct hawk_yaml_node *node = hawk_sig_get(map, key);

	if (!node)
		return fallback;
	if (node->kind == HAWK_YAML_SCALAR && strcmp(node->text, "true") == 0)
		return true;
	if (node->kind != HAWK_YAML_SCALAR || strcmp(node->text, "false") != 0)
		hawk_sig_refuse(r, node, "%s: expected true or false", key);
	return false;
}

static bool has_unit(const char *text)
{
	return text[strspn(text, "0123456789")];
}

uint64_t hawk_sig_duration(struct hawk_sig_reader *r, struct hawk_yaml_node *map, const char *key)
{
	const struct hawk_yaml_node *node = hawk_sig_get(map, key);
	uint64_t ns;

	if (!node)
		return 0;
	if (node->kind == HAWK_YAML_SCALAR && has_unit(node->text) &&
	    hawk_duration_parse(node->text, strlen(node->text), &ns) == 0 && ns && ns <= HAWK_SIG_WITHIN_MAX)
		return ns;
	hawk_sig_refuse(r, node, "%s: expected a time such as 500ms, 10s, 5min or 1h, at most 30d", key);
	return 0;
}

uint32_t hawk_sig_count(struct hawk_sig_reader *r, struct hawk_yaml_node *map, const char *key)
{
	const struct hawk_yaml_node *node = hawk_sig_get(map, key);
	unsigned long v = 0;
	char *end;

	if (!node)
		return 0;
	if (node->kind == HAWK_YAML_SCALAR && isdigit((unsigned char)*node->text)) {
		errno = 0;
		v = strtoul(node->text, &end, 10);
		if (errno || *end || v > HAWK_SIG_COUNT_MAX)
			v = 0;
	}
	if (!v)
		hawk_sig_refuse(r, node, "%s: expected a whole number from 1 to %d", key, HAWK_SIG_COUNT_MAX);
	return (uint32_t)v;
}

void hawk_sig_pending(struct hawk_sig_reader *r, const char *fmt, ...)
{
	_cleanup_free_ char *text = NULL;
	struct hawk_sig *sig = r->sig;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&text, fmt, ap);
	va_end(ap);
	if (n < 0)
		text = NULL;
	for (size_t i = 0; text && i < sig->n_pending; i++)
		if (strcmp(sig->pending[i], text) == 0)
			return;
	if (!text || hawk_yaml_push(&sig->pending, &sig->n_pending, text) < 0)
		r->error = -ENOMEM;
}

void *hawk_sig_grow(struct hawk_sig_reader *r, void *array, size_t *n, size_t size, size_t max,
		    const struct hawk_yaml_node *node, const char *what)
{
	uint8_t **v = array, *grown;

	if (*n >= max) {
		hawk_sig_refuse(r, node, "more than %zu %s", max, what);
		return NULL;
	}
	grown = hawk_sig_kept(r, reallocarray(*v, *n + 1, size));
	if (!grown)
		return NULL;
	*v = grown;
	memset(grown + *n * size, 0, size);
	return grown + (*n)++ * size;
}
