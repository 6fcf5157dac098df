/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/yaml/reader.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/nearest.h"
#include "src/yaml/place.h"

static void tell(struct hawk_yaml_reader *r, const struct hawk_yaml_node *node, size_t offset,
		 struct hawk_diag *diag)
{
	const struct hawk_yaml_place place = hawk_yaml_place(r->text, r->len, node, offset);

	diag->line = place.line;
	diag->column = place.column;
	hawk_diags_add(r->diags, diag);
}

int hawk_yaml_refuse(struct hawk_yaml_reader *r, const struct hawk_yaml_node *node, size_t offset,
		       const char *fmt, ...)
{
	struct hawk_diag diag = { .line = 0 };
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(diag.message, sizeof(diag.message), fmt, ap);
	va_end(ap);
	tell(r, node, offset, &diag);
	return -EINVAL;
}

void hawk_yaml_warn(struct hawk_yaml_reader *r, const struct hawk_yaml_node *node, size_t offset,
		      const char *fmt, ...)
{
	struct hawk_diag diag = { .warning = true };
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(diag.message, sizeof(diag.message), fmt, ap);
	va_end(ap);
	tell(r, node, offset, &diag);
}

static void tell_keys(struct hawk_yaml_reader *r, const struct hawk_yaml_node *map, const char *const *known,
		      const char *where, bool warning)
{
	for (const struct hawk_yaml_node *m = map->kind == HAWK_YAML_MAP ? map->first : NULL; m;
	     m = m->next) {
		struct hawk_nearest near = hawk_nearest_start(m->key);
		struct hawk_diag diag = { .line = m->key_line, .column = m->key_column, .warning = warning };
		const char *const *k = known;

		while (*k && strcmp(*k, m->key) != 0)
			hawk_nearest_offer(&near, *k++);
		if (*k)
			continue;
		snprintf(diag.message, sizeof(diag.message), "%s has no key \"%.64s\"%s%s%s", where, m->key,
			 near.best ? "; did you mean " : "", near.best ? near.best : "",
			 warning ? ": it is ignored" : "");
		hawk_diags_add(r->diags, &diag);
	}
}

void hawk_yaml_check_keys(struct hawk_yaml_reader *r, const struct hawk_yaml_node *map,
			    const char *const *known, const char *where)
{
	tell_keys(r, map, known, where, true);
}

void hawk_yaml_only_keys(struct hawk_yaml_reader *r, const struct hawk_yaml_node *map, const char *const *known,
			   const char *where)
{
	tell_keys(r, map, known, where, false);
}

const struct hawk_yaml_node *hawk_yaml_text(struct hawk_yaml_reader *r, struct hawk_yaml_node *map,
					      const char *key)
{
	struct hawk_yaml_node *node = hawk_yaml_get(map, key);

	if (!node || node->kind == HAWK_YAML_SCALAR)
		return node;
	hawk_yaml_refuse(r, node, 0, "%s: expected a text, not %s", key, hawk_yaml_kind_name(node));
	return NULL;
}

int hawk_yaml_push(char ***list, size_t *n, const char *text)
{
	/* There is room up to the next power of two. */
	if ((*n & (*n - 1)) == 0) {
		char **grown = realloc(*list, (*n ? 2 * *n : 1) * sizeof(*grown));

		if (!grown)
			return -ENOMEM;
		*list = grown;
	}
	(*list)[*n] = strdup(text);
	if (!(*list)[*n])
		return -ENOMEM;
	++*n;
	return 0;
}
