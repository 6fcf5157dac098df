/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Policies: what is loaded and what became of it, loading, switching on and off. */
#include <errno.h>
#include <string.h>

#include "src/base/cleanup.h"
#include "src/control/server.h"

int hawk_reply_none(struct hawk_session *s, const char *kind, const char *name)
{
	return hawk_reply_failed(s, "there is no %s \"%s\" (%s list)", kind, name, kind);
}

int hawk_do_POLICY_LIST(struct hawk_session *s, const json_t *args)
{
	(void)args;
	return hawk_reply(s, s->control->ops->policy_list(s->control->ctx));
}

int hawk_do_POLICY_SHOW(struct hawk_session *s, const json_t *args)
{
	const char *name = json_string_value(hawk_args_get(args, "name"));
	bool none = false;
	json_t *answer = s->control->ops->policy_show(s->control->ctx, name, &none);

	return none ? hawk_reply_none(s, "policy", name) : hawk_reply(s, answer);
}

/* Adds to the rows of events what this room knows of them. */
static void add_events(struct hawk_control *c, json_t *answer)
{
	size_t n, i;
	const struct hawk_event_desc *const *descs = hawk_event_descs(&n);
	json_t *event;

	json_array_foreach(json_object_get(answer, "events"), i, event) {
		const struct hawk_event_desc *d =
			hawk_event_by_name(json_string_value(json_object_get(event, "event")));
		size_t row = 0;

		while (descs[row] != d)
			row++;
		hawk_json_add_plan(c, d, row, event);
		json_object_set_new(event, "counts", hawk_json_event_counts(c, d));
		json_object_set_new(event, "costs", hawk_json_event_costs(c, d, row));
	}
}

int hawk_do_POLICY_EXPLAIN(struct hawk_session *s, const json_t *args)
{
	const char *name = json_string_value(hawk_args_get(args, "name"));
	bool none = false;
	json_t *answer = s->control->ops->policy_explain(s->control->ctx, name, &none);

	if (none)
		return hawk_reply_none(s, "policy", name);
	add_events(s->control, answer);
	return hawk_reply(s, answer);
}

/* Without a policy the call failed; the first line says so, as the message of a failure is one text. */
static int reply_problems(struct hawk_session *s, const json_t *problems)
{
	_cleanup_(hawk_buf_done) struct hawk_buf text = { .max = HAWK_FRAME_MAX_CALL };

	for (size_t i = 0; i < json_array_size(problems); i++) {
		const char *message = json_string_value(json_object_get(json_array_get(problems, i), "message"));

		if (text.len)
			hawk_buf_putc(&text, '\n');
		hawk_buf_puts(&text, message ? message : "");
	}
	if (!hawk_buf_str(&text)) /* more than anybody reads */
		return hawk_reply_failed(s, "none of the policies is loaded");
	return hawk_reply_failed(s, "the %s not loaded: %s", json_array_size(problems) == 1 ? "policy is" : "policies are",
				 text.data);
}

int hawk_args_texts(const json_t *args, struct hawk_policy_texts *ret, char **ret_why)
{
	const json_t *list = hawk_args_get(args, "texts"), *paths = hawk_args_get(args, "paths");
	const size_t n = json_array_size(list);

	*ret_why = NULL;
	*ret = (struct hawk_policy_texts){ .n = n, .replace = json_is_true(hawk_args_get(args, "replace")) };
	if (!n || n != json_array_size(paths)) {
		if (asprintf(ret_why, "there are %zu texts and %zu paths", n, json_array_size(paths)) < 0)
			*ret_why = NULL;
		return -EINVAL;
	}
	ret->v = calloc(n, sizeof(*ret->v));
	if (!ret->v)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		ret->v[i].path = json_string_value(json_array_get(paths, i));
		ret->v[i].text = json_string_value(json_array_get(list, i));
		ret->v[i].len = json_string_length(json_array_get(list, i));
	}
	return 0;
}

int hawk_do_POLICY_LOAD(struct hawk_session *s, const json_t *args)
{
	json_t *loaded = NULL, *problems = NULL;
	struct hawk_policy_texts texts;
	char *why;
	int r = hawk_args_texts(args, &texts, &why);

	if (r < 0)
		return hawk_reply_why(s, "no policy is loaded", r, why);
	r = s->control->ops->policy_load(s->control->ctx, &texts, &loaded, &problems);
	free(texts.v);
	if (r < 0)
		return hawk_reply_why(s, "no policy is loaded", r, NULL);
	if (json_array_size(loaded))
		return hawk_reply(s, json_pack("{s:o, s:o}", "policies", loaded, "problems", problems));
	r = reply_problems(s, problems);
	json_decref(loaded);
	json_decref(problems);
	return r;
}

int hawk_reply_each(struct hawk_session *s, const json_t *args, const char *kind,
		    int (*fn)(struct hawk_control *c, const char *name, char **ret_why))
{
	const json_t *names = hawk_args_get(args, "names");
	json_t *changed = json_array();

	for (size_t i = 0; i < json_array_size(names); i++) {
		const char *name = json_string_value(json_array_get(names, i));
		char *why = NULL;
		int r = fn(s->control, name, &why);

		if (r >= 0) {
			if (r == 0)
				json_array_append_new(changed, json_string(name));
			continue;
		}
		json_decref(changed);
		return r == -ENOENT && !why ? hawk_reply_none(s, kind, name) : hawk_reply_why(s, name, r, why);
	}
	return hawk_reply(s, json_pack("{s:o}", "changed", changed));
}

static int unload(struct hawk_control *c, const char *name, char **ret_why)
{
	return c->ops->policy_unload(c->ctx, name, ret_why);
}

static int enable(struct hawk_control *c, const char *name, char **ret_why)
{
	return c->ops->policy_enable(c->ctx, name, true, ret_why);
}

static int disable(struct hawk_control *c, const char *name, char **ret_why)
{
	return c->ops->policy_enable(c->ctx, name, false, ret_why);
}

int hawk_do_POLICY_UNLOAD(struct hawk_session *s, const json_t *args)
{
	return hawk_reply_each(s, args, "policy", unload);
}

int hawk_do_POLICY_ENABLE(struct hawk_session *s, const json_t *args)
{
	return hawk_reply_each(s, args, "policy", enable);
}

int hawk_do_POLICY_DISABLE(struct hawk_session *s, const json_t *args)
{
	return hawk_reply_each(s, args, "policy", disable);
}
