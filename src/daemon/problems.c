/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/daemon/problems.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/buf.h"
#include "src/base/log.h"
#include "src/base/textfile.h"
#include "src/control/server.h"

/* What the faults of a file are told in. */
#define FAULTS_MAX ((size_t)16 * 1024)

void hawk_problems_log(int level, const char *what, const char *text)
{
	while (*text) {
		size_t len = strcspn(text, "\n");

		hawk_log(level, "%s: %.*s", what, (int)len, text);
		text += len + (text[len] == '\n');
	}
}

void hawk_problems_add(struct hawk_problems *p, const char *path, char *text)
{
	struct hawk_problem *grown = realloc(p->v, (p->n + 1) * sizeof(*grown));

	hawk_error("%s: %s is not loaded", p->what, path);
	hawk_problems_log(LOG_ERR, p->what, text ? text : strerror(ENOMEM));
	if (grown)
		p->v = grown;
	if (grown && text) {
		grown[p->n] = (struct hawk_problem){ strdup(path), text };
		p->n++;
		return;
	}
	free(text);
}

char *hawk_problems_unread(const char *path, int error)
{
	char *why = NULL;

	if (asprintf(&why, "%s: %s", path, hawk_textfile_why(error)) < 0)
		return NULL;
	return why;
}

char *hawk_problems_text(const struct hawk_diags *diags)
{
	struct hawk_buf text = { .max = FAULTS_MAX };

	if (!diags->errors && !diags->warnings)
		return NULL;
	hawk_diags_print(diags, &text);
	if (text.error == -E2BIG) /* what fits */
		text.error = 0;
	while (text.len && text.data[text.len - 1] == '\n')
		text.len--;
	if (!hawk_buf_str(&text))
		hawk_buf_done(&text);
	return text.data;
}

char *hawk_problems_summary(const struct hawk_problems *p, const char *command)
{
	char *text = NULL;

	if (!p->n)
		return NULL;
	if (asprintf(&text, "%s: %zu file%s not loaded, %s%s (%s)", p->what, p->n, p->n > 1 ? "s are" : " is",
		     p->v[0].path ? p->v[0].path : "", p->n > 1 ? ", ..." : "", command) < 0)
		return NULL;
	return text;
}

json_t *hawk_problems_json(const struct hawk_problems *p)
{
	json_t *list = json_array();

	for (size_t i = 0; i < p->n; i++)
		json_array_append_new(list, json_pack("{s:o, s:o}", "path", hawk_json_text(p->v[i].path ?: ""), "message",
						      hawk_json_text(p->v[i].text)));
	return list;
}

void hawk_problems_done(struct hawk_problems *p)
{
	for (size_t i = 0; i < p->n; i++) {
		free(p->v[i].path);
		free(p->v[i].text);
	}
	free(p->v);
	p->v = NULL;
	p->n = 0;
}
