/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/format/format.h"

#include <errno.h>
#include <stdio.h>

#include "src/base/cleanup.h"
#include "src/format/render.h"

struct row {
	const char *name;
	bool json;
	const char *argument;
	const char *doc;
	const struct hawk_format_ops *ops;
};

static const struct row rows[] = {
#define FORMAT(name, json, argument, doc) { #name, json, argument, doc, &hawk_format_##name },
#include "src/format/formats.def"
#undef FORMAT
};

struct hawk_format {
	const struct row *row;
	char *description;
	void *state;
};

DEFINE_CLEANUP(struct hawk_format, hawk_format_free)

struct hawk_format *hawk_format_free(struct hawk_format *f)
{
	if (!f)
		return NULL;
	free(f->description);
	if (f->state)
		f->row->ops->close(f->state);
	free(f);
	return NULL;
}

const char *hawk_format_name(size_t i, const char **ret_argument, const char **ret_doc)
{
	if (i >= ARRAY_SIZE(rows))
		return NULL;
	*ret_argument = rows[i].argument;
	*ret_doc = rows[i].doc;
	return rows[i].name;
}

/* "json, csv or template=TEXT" */
static void put_names(struct hawk_buf *out)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		if (i)
			hawk_buf_puts(out, i + 1 < ARRAY_SIZE(rows) ? ", " : " or ");
		hawk_buf_puts(out, rows[i].name);
		if (*rows[i].argument)
			hawk_buf_printf(out, "=%s", rows[i].argument);
	}
}

static int unknown(const char *description, char **ret_why)
{
	_cleanup_(hawk_buf_done) struct hawk_buf why = HAWK_BUF_INIT;

	hawk_buf_printf(&why, "there is no format \"%s\"; use ", description);
	put_names(&why);
	if (!hawk_buf_str(&why))
		return -ENOMEM;
	*ret_why = TAKE_PTR(why.data);
	return -EINVAL;
}

/* The row that DESCRIPTION names; *RET_TEXT is what follows the equals sign, or NULL. */
static const struct row *find(const char *description, const char **ret_text)
{
	const size_t len = strcspn(description, "=");

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		if (strncmp(rows[i].name, description, len) || rows[i].name[len])
			continue;
		if ((description[len] == '=') != (*rows[i].argument != '\0'))
			return NULL;
		*ret_text = description[len] ? description + len + 1 : NULL;
		return &rows[i];
	}
	return NULL;
}

static char host[HOST_NAME_MAX + 1];

void hawk_format_set_host(const char *name)
{
	host[0] = '\0';
	if (name)
		strncat(host, name, sizeof(host) - 1);
}

void hawk_format_host(char ret[HOST_NAME_MAX + 1])
{
	ret[0] = '\0';
	if (host[0])
		memcpy(ret, host, sizeof(host));
	else if (gethostname(ret, HOST_NAME_MAX + 1) < 0)
		ret[0] = '\0';
	/* A name that was cut may lack its NUL. */
	ret[HOST_NAME_MAX] = '\0';
}

int hawk_format_new(struct hawk_format **ret, const char *description, bool terminal, char **ret_why)
{
	_cleanup_(hawk_format_freep) struct hawk_format *f = calloc(1, sizeof(*f));
	struct hawk_format_wish wish = { .terminal = terminal };
	int r;

	if (!f)
		return -ENOMEM;
	f->row = find(description, &wish.text);
	if (!f->row)
		return unknown(description, ret_why);
	f->description = strdup(description);
	if (!f->description)
		return -ENOMEM;
	r = f->row->ops->open(&f->state, &wish, ret_why);
	if (r < 0)
		return r;
	*ret = TAKE_PTR(f);
	return 0;
}

const char *hawk_format_description(const struct hawk_format *f)
{
	return f->description;
}

bool hawk_format_is_json(const struct hawk_format *f)
{
	return f->row->json;
}

int hawk_format_head(struct hawk_format *f, struct hawk_buf *out)
{
	if (f->row->ops->head)
		f->row->ops->head(f->state, out);
	return out->error;
}

int hawk_format_event(struct hawk_format *f, const struct hawk_event *event, struct hawk_buf *out)
{
	size_t start = out->len;

	f->row->ops->event(f->state, event, out);
	/* Half a line is worse than none. */
	if (out->error)
		out->len = start;
	return out->error;
}
