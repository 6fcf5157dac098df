/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/cleanup.h"
#include "src/sink/internal.h"

#define SINK(type) extern const struct hawk_sink_ops hawk_sink_##type;
#include "src/sink/sinks.def"
#undef SINK

static const struct hawk_sink_ops *const types[] = {
#define SINK(type) &hawk_sink_##type,
#include "src/sink/sinks.def"
#undef SINK
};

/* Every member of struct hawk_sink_options but the filters. */
#define STRINGS(X) X(type) X(name) X(format) X(path) X(socket) X(journal_socket)
#define SCALARS(X) \
	X(queue_bytes) X(rotate_bytes) X(rotate_seconds) X(rotate_keep) X(rfc5424) X(cee) \
	X(rate_per_second) X(rate_burst) X(view)

const struct hawk_sink_ops *hawk_sink_type(const char *type)
{
	for (size_t i = 0; type && i < ARRAY_SIZE(types); i++)
		if (strcmp(types[i]->type, type) == 0)
			return types[i];
	return NULL;
}

static int refuse(char **ret_why, const struct hawk_sink_options *o, const char *why)
{
	if (asprintf(ret_why, "sink %s: %s", o->name && *o->name ? o->name : "without a name", why) < 0)
		return -ENOMEM;
	return -EINVAL;
}

int hawk_sink_options_check(const struct hawk_sink_options *o, char **ret_why)
{
	const struct hawk_sink_ops *ops = hawk_sink_type(o->type);
	const char *why = NULL;

	if (!o->name || !*o->name)
		return refuse(ret_why, o, "a sink needs a name");
	if (!ops) {
		struct hawk_buf b = HAWK_BUF_INIT;
		int r;

		hawk_buf_printf(&b, "\"%s\" is not a type; one of", o->type ? o->type : "");
		for (size_t i = 0; i < ARRAY_SIZE(types); i++)
			hawk_buf_printf(&b, "%s %s", i ? "," : "", types[i]->type);
		r = hawk_buf_str(&b) ? refuse(ret_why, o, b.data) : -ENOMEM;
		hawk_buf_done(&b);
		return r;
	}
	if (ops->check)
		why = ops->check(o);
	return why ? refuse(ret_why, o, why) : 0;
}

void hawk_sink_options_done(struct hawk_sink_options *o)
{
#define FREE(member) free((char *)o->member);
	STRINGS(FREE)
#undef FREE
	for (size_t i = 0; o->filters && i < o->n_filters; i++)
		free((char *)o->filters[i]);
	free((char **)o->filters);
	*o = (struct hawk_sink_options){ .type = NULL };
}

int hawk_sink_options_copy(struct hawk_sink_options *ret, const struct hawk_sink_options *o)
{
	struct hawk_sink_options copy = { .n_filters = o->n_filters };
	char **filters = calloc(o->n_filters + 1, sizeof(*filters));
	bool failed = !filters;

	copy.filters = (const char *const *)filters;
	for (size_t i = 0; filters && i < o->n_filters; i++)
		failed |= !(filters[i] = strdup(o->filters[i]));
#define COPY_STRING(member) failed |= o->member && !(copy.member = strdup(o->member));
	STRINGS(COPY_STRING)
#undef COPY_STRING
#define COPY(member) copy.member = o->member;
	SCALARS(COPY)
#undef COPY
	if (failed) {
		hawk_sink_options_done(&copy);
		return -ENOMEM;
	}
	*ret = copy;
	return 0;
}

static bool equal(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

bool hawk_sink_options_equal(const struct hawk_sink_options *a, const struct hawk_sink_options *b)
{
#define DIFFERS(member) if (!equal(a->member, b->member)) return false;
	STRINGS(DIFFERS)
#undef DIFFERS
#define DIFFERS(member) if (a->member != b->member) return false;
	SCALARS(DIFFERS)
#undef DIFFERS
	if (a->n_filters != b->n_filters)
		return false;
	for (size_t i = 0; i < a->n_filters; i++)
		if (!equal(a->filters[i], b->filters[i]))
			return false;
	return true;
}
