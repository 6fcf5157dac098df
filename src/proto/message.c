/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/proto/message.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "src/base/cleanup.h"

static const char *const failure_names[] = {
#define FAILURE(token, name, doc) [HAWK_FAILURE_##token] = HAWK_INTERFACE "." name,
#include "src/proto/verbs.def"
};

const char *hawk_failure_name(enum hawk_failure_id id)
{
	return failure_names[id];
}

static void json_freep(json_t **j)
{
	json_decref(*j);
}

/*
 * jansson's own limit is 2048 levels; ours is checked before it runs, on the
 * text: brackets outside of strings.
 */
static bool depth_fits(const char *text, size_t len)
{
	size_t depth = 0;
	bool quoted = false;

	for (size_t i = 0; i < len; i++) {
		char c = text[i];

		if (quoted && c == '\\')
			i++;
		else if (c == '"')
			quoted = !quoted;
		else if (!quoted && (c == '{' || c == '['))
			depth++;
		else if (!quoted && (c == '}' || c == ']') && depth)
			depth--;
		if (depth > HAWK_MESSAGE_DEPTH_MAX)
			return false;
	}
	return true;
}

static int parse(json_t **ret, const char *text, size_t len, const char **ret_why)
{
	json_error_t error;

	if (!depth_fits(text, len)) {
		*ret_why = "nested too deeply";
		return -EBADMSG;
	}
	*ret = json_loadb(text, len, JSON_REJECT_DUPLICATES, &error);
	if (!*ret && json_error_code(&error) == json_error_out_of_memory)
		return -ENOMEM;
	if (!json_is_object(*ret)) {
		json_decref(*ret);
		*ret = NULL;
		*ret_why = "not a JSON object";
		return -EBADMSG;
	}
	return 0;
}

static int take_bool(const json_t *v, bool *ret)
{
	if (!json_is_boolean(v))
		return -EBADMSG;
	*ret = json_is_true(v);
	return 0;
}

/* One member of a call. */
static int call_member(struct hawk_call *call, const char *key, const json_t *value)
{
	bool upgrade = false;
	int r;

	if (!strcmp(key, "method")) {
		call->method = json_string_value(value);
		return call->method ? 0 : -EBADMSG;
	}
	if (!strcmp(key, "parameters")) {
		call->parameters = json_is_null(value) ? NULL : value;
		return json_is_null(value) || json_is_object(value) ? 0 : -EBADMSG;
	}
	if (!strcmp(key, "more"))
		return take_bool(value, &call->more);
	if (!strcmp(key, "oneway"))
		return take_bool(value, &call->oneway);
	if (strcmp(key, "upgrade"))
		return -EBADMSG;
	r = take_bool(value, &upgrade);
	return r < 0 || upgrade ? -EBADMSG : 0;
}

int hawk_call_parse(struct hawk_call *ret, const char *text, size_t len, const char **ret_why)
{
	_cleanup_(json_freep) json_t *json = NULL;
	struct hawk_call call = { .json = NULL };
	const char *key;
	json_t *value;
	int r;

	r = parse(&json, text, len, ret_why);
	if (r < 0)
		return r;
	json_object_foreach(json, key, value)
		if (call_member(&call, key, value) < 0) {
			*ret_why = "unknown member, or one of the wrong type";
			return -EBADMSG;
		}
	if (!call.method) {
		*ret_why = "no method";
		return -EBADMSG;
	}
	if (call.more && call.oneway) {
		*ret_why = "\"more\" and \"oneway\" exclude each other";
		return -EBADMSG;
	}
	call.json = TAKE_PTR(json);
	*ret = call;
	return 0;
}

void hawk_call_done(struct hawk_call *call)
{
	json_decref(call->json);
	*call = (struct hawk_call){ .json = NULL };
}

static int reply_member(struct hawk_reply *reply, const char *key, json_t *value)
{
	if (!strcmp(key, "parameters")) {
		reply->parameters = json_is_null(value) ? NULL : value;
		return json_is_null(value) || json_is_object(value) ? 0 : -EBADMSG;
	}
	if (!strcmp(key, "error")) {
		reply->error = json_string_value(value);
		return reply->error ? 0 : -EBADMSG;
	}
	if (!strcmp(key, "continues"))
		return take_bool(value, &reply->continues);
	return -EBADMSG;
}

int hawk_reply_parse(struct hawk_reply *ret, const char *text, size_t len, const char **ret_why)
{
	_cleanup_(json_freep) json_t *json = NULL;
	struct hawk_reply reply = { .json = NULL };
	const char *key;
	json_t *value;
	int r;

	r = parse(&json, text, len, ret_why);
	if (r < 0)
		return r;
	json_object_foreach(json, key, value)
		if (reply_member(&reply, key, value) < 0) {
			*ret_why = "unknown member, or one of the wrong type";
			return -EBADMSG;
		}
	reply.json = TAKE_PTR(json);
	*ret = reply;
	return 0;
}

void hawk_reply_done(struct hawk_reply *reply)
{
	json_decref(reply->json);
	*reply = (struct hawk_reply){ .json = NULL };
}

static int dump_piece(const char *piece, size_t len, void *out)
{
	hawk_buf_put(out, piece, len);
	return ((struct hawk_buf *)out)->error;
}

static void put_json(struct hawk_buf *out, const json_t *json)
{
	if (json_dump_callback(json, dump_piece, out, JSON_COMPACT | JSON_ENCODE_ANY) < 0 && !out->error)
		out->error = -ENOMEM;
}

/* Ends a message that began at START, or takes it back. */
static int finish(struct hawk_buf *out, size_t start)
{
	int r;

	hawk_buf_lit(out, "}\0");
	r = out->error;
	if (r < 0) {
		out->len = start;
		out->error = 0;
	}
	return r;
}

static void put_parameters(struct hawk_buf *out, const json_t *parameters)
{
	hawk_buf_lit(out, "\"parameters\":");
	if (parameters)
		put_json(out, parameters);
	else
		hawk_buf_lit(out, "{}");
}

/* Names of methods and errors go through the same writer as all strings. */
static void put_name(struct hawk_buf *out, const char *name)
{
	_cleanup_(json_freep) json_t *string = json_string(name);

	if (string)
		put_json(out, string);
	else if (!out->error)
		out->error = -ENOMEM;
}

int hawk_call_write(struct hawk_buf *out, const char *method, const json_t *parameters, bool more)
{
	size_t start = out->len;

	hawk_buf_lit(out, "{\"method\":");
	put_name(out, method);
	hawk_buf_putc(out, ',');
	put_parameters(out, parameters);
	if (more)
		hawk_buf_lit(out, ",\"more\":true");
	return finish(out, start);
}

int hawk_reply_write(struct hawk_buf *out, const json_t *parameters, bool continues)
{
	size_t start = out->len;

	hawk_buf_putc(out, '{');
	put_parameters(out, parameters);
	if (continues)
		hawk_buf_lit(out, ",\"continues\":true");
	return finish(out, start);
}

int hawk_error_write(struct hawk_buf *out, const char *error, const json_t *parameters)
{
	size_t start = out->len;

	hawk_buf_lit(out, "{\"error\":");
	put_name(out, error);
	hawk_buf_putc(out, ',');
	put_parameters(out, parameters);
	return finish(out, start);
}

/* An escaped bad byte: \udc80 to \udcff. */
static bool is_bad_byte(const char *p, size_t len)
{
	return len >= 6 && !strncmp(p, "\\udc", 4) && p[4] && strchr("89abcdef", p[4]) &&
	       isxdigit((unsigned char)p[5]);
}

void hawk_wire_json(char *json, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (json[i] != '\\')
			continue;
		if (is_bad_byte(json + i, len - i))
			memcpy(json + i, "\\uef", 4);
		i++;
	}
}
