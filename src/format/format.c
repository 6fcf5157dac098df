/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/format/format.h"

#include <errno.h>
#include <stdio.h>

#include "src/base/cleanup.h"
#include "src/format/render.h"

enum kind { KIND_JSON, KIND_CSV, KIND_TABLE, KIND_WIDE, KIND_TEMPLATE };

static const char *const kinds[] = {
	[KIND_JSON] = "json",
	[KIND_CSV] = "csv",
	[KIND_TABLE] = "table",
	[KIND_WIDE] = "wide",
};

#define TEMPLATE "template="

struct hawk_format {
	enum kind kind;
	char *description;
	struct hawk_json json;
	struct hawk_text text;
	struct hawk_table table;
	struct hawk_template *template;
};

DEFINE_CLEANUP(struct hawk_format, hawk_format_free)

struct hawk_format *hawk_format_free(struct hawk_format *f)
{
	if (!f)
		return NULL;
	free(f->description);
	hawk_json_done(&f->json);
	hawk_text_done(&f->text);
	hawk_template_free(f->template);
	free(f);
	return NULL;
}

static int parse(struct hawk_format *f, const char *description, char **ret_why)
{
	if (strncmp(description, TEMPLATE, strlen(TEMPLATE)) == 0) {
		f->kind = KIND_TEMPLATE;
		return hawk_template_new(&f->template, description + strlen(TEMPLATE), ret_why);
	}
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		if (strcmp(description, kinds[i]) != 0)
			continue;
		f->kind = (enum kind)i;
		return 0;
	}
	if (asprintf(ret_why, "there is no format \"%s\"; use json, csv, table, wide or template=TEXT",
		     description) < 0) {
		*ret_why = NULL;
		return -ENOMEM;
	}
	return -EINVAL;
}

int hawk_format_new(struct hawk_format **ret, const char *description, bool terminal, char **ret_why)
{
	_cleanup_(hawk_format_freep) struct hawk_format *f = calloc(1, sizeof(*f));
	int r;

	if (!f)
		return -ENOMEM;
	r = parse(f, description, ret_why);
	if (r < 0)
		return r;
	r = hawk_json_prepare();
	if (r < 0)
		return r;
	r = hawk_text_init(&f->text);
	if (r < 0)
		return r;
	f->description = strdup(description);
	if (!f->description)
		return -ENOMEM;
	f->table = (struct hawk_table){ .wide = f->kind == KIND_WIDE, .terminal = terminal };
	*ret = TAKE_PTR(f);
	return 0;
}

const char *hawk_format_description(const struct hawk_format *f)
{
	return f->description;
}

bool hawk_format_is_json(const struct hawk_format *f)
{
	return f->kind == KIND_JSON;
}

int hawk_format_head(struct hawk_format *f, struct hawk_buf *out)
{
	if (f->kind == KIND_CSV)
		hawk_csv_head(out);
	else if (f->kind == KIND_TABLE || f->kind == KIND_WIDE)
		hawk_table_head(out, &f->table);
	return out->error;
}

int hawk_format_event(struct hawk_format *f, const struct hawk_event *event, struct hawk_buf *out)
{
	size_t start = out->len;

	switch (f->kind) {
	case KIND_JSON:
		hawk_json_event(&f->json, event, out);
		break;
	case KIND_CSV:
		hawk_csv_event(&f->text, event, out);
		break;
	case KIND_TABLE:
	case KIND_WIDE:
		hawk_table_event(&f->text, &f->table, event, out);
		break;
	case KIND_TEMPLATE:
		hawk_template_event(&f->text, f->template, event, out);
		break;
	}
	/* Half a line is worse than none. */
	if (out->error)
		out->len = start;
	return out->error;
}
