/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/yaml/reader.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/nearest.h"

static void tell(struct hawk_yaml_reader *r, const struct hawk_yaml_node *node, size_t offset,
		 struct hawk_diag *diag)
{
	diag->line = node->line;
	diag->column = node->column;
	/* In a block the text begins in the next line, at a column that is not known. */
	if (!node->block && !node->shared)
		diag->column += (unsigned int)offset + (offset && !node->plain);
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

void hawk_yaml_check_keys(struct hawk_yaml_reader *r, const struct hawk_yaml_node *map,
			    const char *const *known, const char *where)
{
	for (const struct hawk_yaml_node *m = map->kind == HAWK_YAML_MAP ? map->first : NULL; m;
	     m = m->next) {
		struct hawk_nearest near = hawk_nearest_start(m->key);
		struct hawk_diag diag = { .line = m->key_line, .column = m->key_column, .warning = true };
		const char *const *k = known;

		while (*k && strcmp(*k, m->key) != 0)
			hawk_nearest_offer(&near, *k++);
		if (*k)
			continue;
		snprintf(diag.message, sizeof(diag.message), "%s has no key \"%.64s\"%s%s: it is ignored",
			 where, m->key, near.best ? "; did you mean " : "", near.best ? near.best : "");
		hawk_diags_add(r->diags, &diag);
	}
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
	char **grown = realloc(*list, (*n + 1) * sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	*list = grown;
	grown[*n] = strdup(text);
	if (!grown[*n])
		return -ENOMEM;
	++*n;
	return 0;
}
