/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Signatures: what is loaded and what it found, loading, switching on and off, learning. */
#include <errno.h>
#include <string.h>

#include "src/base/cleanup.h"
#include "src/control/server.h"

int hawk_do_SIGNATURE_LIST(struct hawk_session *s, const json_t *args)
{
	(void)args;
	return hawk_reply(s, s->control->ops->signature_list(s->control->ctx));
}

int hawk_do_SIGNATURE_SHOW(struct hawk_session *s, const json_t *args)
{
	const char *name = json_string_value(hawk_args_get(args, "name"));
	bool none = false;
	json_t *answer = s->control->ops->signature_show(s->control->ctx, name, &none);

	return none ? hawk_reply_none(s, "signature", name) : hawk_reply(s, answer);
}

int hawk_do_SIGNATURE_STATS(struct hawk_session *s, const json_t *args)
{
	(void)args;
	return hawk_reply(s, s->control->ops->signature_stats(s->control->ctx));
}

int hawk_do_SIGNATURE_LOAD(struct hawk_session *s, const json_t *args)
{
	struct hawk_policy_texts texts;
	json_t *loaded = NULL;
	char *why;
	int r = hawk_args_texts(args, &texts, &why);

	if (r == 0)
		r = s->control->ops->signature_load(s->control->ctx, &texts, &loaded, &why);
	free(texts.v);
	if (r < 0)
		return hawk_reply_why(s, "nothing is loaded", r, why);
	return hawk_reply(s, json_pack("{s:o}", "signatures", loaded));
}

static int unload(struct hawk_control *c, const char *name, char **ret_why)
{
	return c->ops->signature_unload(c->ctx, name, ret_why);
}

static int enable(struct hawk_control *c, const char *name, char **ret_why)
{
	return c->ops->signature_enable(c->ctx, name, true, ret_why);
}

static int disable(struct hawk_control *c, const char *name, char **ret_why)
{
	return c->ops->signature_enable(c->ctx, name, false, ret_why);
}

int hawk_do_SIGNATURE_UNLOAD(struct hawk_session *s, const json_t *args)
{
	return hawk_reply_each(s, args, "signature", unload);
}

int hawk_do_SIGNATURE_ENABLE(struct hawk_session *s, const json_t *args)
{
	return hawk_reply_each(s, args, "signature", enable);
}

int hawk_do_SIGNATURE_DISABLE(struct hawk_session *s, const json_t *args)
{
	return hawk_reply_each(s, args, "signature", disable);
}

int hawk_do_SIGNATURE_LEARN(struct hawk_session *s, const json_t *args)
{
	bool start = json_is_true(hawk_args_get(args, "start")), stop = json_is_true(hawk_args_get(args, "stop"));

	if (start && stop)
		return hawk_reply_failed(s, "start and stop at once: it is one or the other");
	return hawk_reply(s, s->control->ops->signature_learn(s->control->ctx, start, stop));
}
