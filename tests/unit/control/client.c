/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/control/client.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>

#include "src/base/cleanup.h"
#include "src/base/log.h"

struct fake fake;

int start(void **state)
{
	(void)state;
	hawk_log_set_level(LOG_NOTICE);
	fake_role = HAWK_ROLE_ADMIN;
	fake_start(&fake, NULL);
	return 0;
}

int stop(void **state)
{
	(void)state;
	fake_stop(&fake);
	return 0;
}

void restart(const struct hawk_control_options *options)
{
	fake_stop(&fake);
	fake_start(&fake, options);
}

struct client connect_client(void)
{
	struct client c = { .fd = fake_connect(&fake) };

	hawk_frames_init(&c.in, HAWK_FRAME_MAX_REPLY);
	return c;
}

void disconnect(struct client *c)
{
	close(c->fd);
	hawk_frames_done(&c->in);
	fake_pump(&fake);
}

void send_bytes(struct client *c, const void *data, size_t len)
{
	assert_int_equal(send(c->fd, data, len, MSG_NOSIGNAL), (ssize_t)len);
}

void call(struct client *c, const char *method, const char *parameters, const char *flags)
{
	_cleanup_free_ char *text = NULL;
	int n = asprintf(&text, "{\"method\":\"%s%s\",\"parameters\":%s%s}",
			 strchr(method, '.') ? "" : HAWK_INTERFACE ".", method, parameters, flags);

	assert_true(n > 0);
	send_bytes(c, text, n + 1);
}

bool next(struct client *c, struct hawk_reply *reply)
{
	const char *text, *why = "";
	size_t len;

	for (;;) {
		long n;

		if (hawk_frames_next(&c->in, &text, &len)) {
			if (hawk_reply_parse(reply, text, len, &why) < 0)
				fail_msg("%s: %s", why, text);
			return true;
		}
		fake_pump(&fake);
		n = hawk_frames_read(&c->in, c->fd);
		if (n <= 0) {
			c->gone = n != -EAGAIN;
			return false;
		}
	}
}

void expect_error(struct client *c, const char *error)
{
	struct hawk_reply reply;

	assert_true(next(c, &reply));
	if (!reply.error || strcmp(reply.error, error))
		fail_msg("%s instead of %s", reply.error ? reply.error : "success", error);
	assert_false(reply.continues);
	hawk_reply_done(&reply);
}

void expect_invalid(struct client *c, const char *parameter)
{
	struct hawk_reply reply;

	assert_true(next(c, &reply));
	assert_non_null(reply.error);
	assert_string_equal(reply.error, "org.varlink.service.InvalidParameter");
	assert_string_equal(json_string_value(json_object_get(reply.parameters, "parameter")), parameter);
	hawk_reply_done(&reply);
}

static void check_members(const struct hawk_member *m, size_t n, const json_t *v);

static void check_type(const char *text, const json_t *v)
{
	struct hawk_type_info type = hawk_type_info(text);
	size_t n;
	const struct hawk_struct_desc *structs = hawk_structs(&n);

	if (type.list) {
		assert_true(json_is_array(v));
		for (size_t i = 0; i < json_array_size(v); i++)
			check_type(type.name, json_array_get(v, i));
		return;
	}
	switch (type.base) {
	case HAWK_BASE_BOOL:
		assert_true(json_is_boolean(v));
		break;
	case HAWK_BASE_INT:
		assert_true(json_is_integer(v) && json_integer_value(v) >= 0);
		break;
	case HAWK_BASE_STRING:
		assert_true(json_is_string(v));
		break;
	case HAWK_BASE_STRUCT:
		for (size_t i = 0; i < n; i++)
			if (!strcmp(structs[i].name, type.name))
				check_members(structs[i].members, structs[i].n_members, v);
		break;
	default:
		assert_true(json_is_object(v));
	}
}

/* An object against the table: all that must be there, nothing that is not described, right types. */
static void check_members(const struct hawk_member *m, size_t n, const json_t *v)
{
	size_t found = 0;

	assert_true(json_is_object(v));
	for (size_t i = 0; i < n; i++) {
		const json_t *member = json_object_get(v, m[i].name);

		if (!member && *m[i].type == '?')
			continue;
		if (!member)
			fail_msg("no %s in the reply", m[i].name);
		check_type(m[i].type, member);
		found++;
	}
	assert_int_equal(json_object_size(v), found);
}

struct hawk_reply expect_reply(struct client *c, const char *method)
{
	const struct hawk_verb_desc *verb = hawk_verb_by_method(method);
	struct hawk_reply reply;

	if (!next(c, &reply))
		fail_msg("no reply to %s", method);
	if (reply.error)
		fail_msg("%s: %s", method, reply.error);
	check_members(verb->results, verb->n_results, reply.parameters);
	return reply;
}

void expect_success(struct client *c, const char *method)
{
	struct hawk_reply reply = expect_reply(c, method);

	assert_false(reply.continues);
	hawk_reply_done(&reply);
}

void expect_nothing(struct client *c)
{
	struct hawk_reply reply;

	assert_false(next(c, &reply));
	assert_false(c->gone);
}
