/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/golden/cases.h"

#include <errno.h>

#include "src/base/cleanup.h"

#define LINE_MAX_BYTES 4096

static int refuse(const char *line, const char *why)
{
	fprintf(stderr, "%s: %s\n", line, why);
	return -EINVAL;
}

static int add_tree(struct golden_case *c, const char *text, const struct hawk_ir **ret)
{
	struct hawk_ir_error error;

	if (text[strspn(text, " ")] == '\0')
		return 0;
	if (hawk_ir_parse(&c->trees[c->n_trees], text, &error) < 0)
		return refuse(text, error.message);
	*ret = c->trees[c->n_trees++];
	return 0;
}

/* "SCOPE ; FILTER" */
static int add_policy(struct golden_case *c, char *line)
{
	char *semicolon = strchr(line, ';');
	struct hawk_cgen_rule *rule = &c->rules[c->n];
	int r;

	if (!semicolon || c->n == HAWK_POLICIES_MAX)
		return refuse(line, semicolon ? "too many policies" : "no ;");
	*semicolon = '\0';
	*rule = (struct hawk_cgen_rule){ .bit = (unsigned int)c->n++ };
	r = add_tree(c, line, &rule->scope);
	return r < 0 ? r : add_tree(c, semicolon + 1, &rule->filter);
}

static int take_line(struct golden_case *c, char *line)
{
	if (line[0] == '#') {
		snprintf(c->name, sizeof(c->name), "%.79s", line + 2);
		return 0;
	}
	if (strncmp(line, "event ", 6) != 0)
		return c->desc ? add_policy(c, line) : refuse(line, "no event before it");
	c->desc = hawk_event_by_name(line + 6);
	return c->desc ? 0 : refuse(line, "no such event");
}

int golden_case_read(FILE *f, struct golden_case *ret)
{
	char line[LINE_MAX_BYTES];

	*ret = (struct golden_case){ .n = 0 };
	while (fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\n")] = '\0';
		if (!line[0] && ret->n)
			return 1;
		if (line[0] && take_line(ret, line) < 0) {
			golden_case_done(ret);
			return -EINVAL;
		}
	}
	return ret->n > 0;
}

void golden_case_done(struct golden_case *c)
{
	for (size_t i = 0; i < c->n_trees; i++)
		hawk_ir_free(c->trees[i]);
	c->n_trees = c->n = 0;
}
