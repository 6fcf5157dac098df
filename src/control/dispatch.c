/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* From a call to its handler: the table decides what exists, who may and which arguments fit. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "src/base/cleanup.h"
#include "src/control/server.h"

/*
 * Audit entries about refused callers: so many in so many seconds, a member of no group shall not fill the
 * journal.
 */
#define DENIALS_MAX 10
#define DENIALS_NS (10ULL * 1000 * 1000 * 1000)
/* Of the arguments in an audit entry. */
#define AUDIT_ARGS_MAX 300

typedef int (*handler)(struct hawk_session *s, const json_t *args);

static const handler handlers[HAWK_VERB_MAX] = {
#define HANDLER_ONCE(token) [HAWK_VERB_##token] = hawk_do_##token,
#define HANDLER_MANY(token) HANDLER_ONCE(token)
#define HANDLER_STREAM(token) HANDLER_ONCE(token)
#define HANDLER_LOCAL(token)
#define VERB(token, method, words, role, kind, help, details) HANDLER_##kind(token)
#include "src/proto/verbs.def"
};

static int service_error(struct hawk_session *s, const char *error, const char *member, const char *value)
{
	return hawk_reply_error(s, error, member ? json_pack("{s:s}", member, value) : json_object());
}

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_BOOTTIME, &t);
	return (uint64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* Whether one more refusal may be written down. */
static bool denial_fits(struct hawk_control *c)
{
	uint64_t now = now_ns();

	if (now - c->denials_since > DENIALS_NS) {
		c->denials_since = now;
		c->denials = 0;
	}
	return ++c->denials <= DENIALS_MAX;
}

static void audit(struct hawk_session *s)
{
	_cleanup_(hawk_buf_done) struct hawk_buf unit = HAWK_BUF_INIT;
	_cleanup_free_ char *args = NULL;
	char text[1024];

	hawk_peer_unit(&s->peer, &unit);
	args = s->call.parameters ? json_dumps(s->call.parameters, JSON_COMPACT | JSON_SORT_KEYS) : NULL;
	snprintf(text, sizeof(text), "control: uid=%u pid=%d unit=%s verb=%s parameters=%.*s outcome=%s",
		 (unsigned int)s->peer.uid, (int)s->peer.pid, hawk_buf_str(&unit) ?: "-", s->verb->method,
		 AUDIT_ARGS_MAX, args ?: "{}", *s->outcome ? s->outcome : "ok");
	s->control->audit(text);
}

static int denied(struct hawk_session *s)
{
	int r = service_error(s, HAWK_SERVICE_INTERFACE ".PermissionDenied", NULL, NULL);

	if (denial_fits(s->control))
		audit(s);
	return r;
}

static int call_verb(struct hawk_session *s)
{
	const json_t *args = s->call.parameters;
	const char *bad;
	int r;

	/* Who may do nothing learns nothing about arguments either. */
	if (s->role < s->verb->role)
		return denied(s);
	if (hawk_args_check(s->verb, args, &bad) < 0)
		return service_error(s, HAWK_SERVICE_INTERFACE ".InvalidParameter", "parameter", bad);
	if (s->role < hawk_args_role(s->verb, args))
		return denied(s);
	if (s->verb->kind == HAWK_KIND_STREAM && !s->call.more)
		return service_error(s, HAWK_SERVICE_INTERFACE ".ExpectedMore", NULL, NULL);
	s->audit = hawk_args_role(s->verb, args) == HAWK_ROLE_ADMIN;
	r = handlers[s->verb->id](s, args);
	if (r == -ENOBUFS && !s->broken)
		r = hawk_reply_too_large(s);
	else if (r == -E2BIG && !s->broken)
		r = hawk_reply_failed(s, "the answer does not fit in one reply");
	else if (r < 0 && !s->broken)
		r = hawk_reply_failed(s, "%s", strerror(-r));
	if (s->audit)
		audit(s);
	return r;
}

static int get_info(struct hawk_session *s)
{
	return hawk_reply(s, json_pack("{s:s, s:s, s:s, s:s, s:[s, s]}", "vendor", "Sechawk", "product",
				       "sechawkd", "version", s->control->options.version ?: "", "url", "",
				       "interfaces", HAWK_SERVICE_INTERFACE, HAWK_INTERFACE));
}

static int get_description(struct hawk_session *s)
{
	_cleanup_(hawk_buf_done) struct hawk_buf idl = HAWK_BUF_INIT;
	const char *interface = json_string_value(json_object_get(s->call.parameters, "interface"));
	int r;

	if (!interface || json_object_size(s->call.parameters) != 1)
		return service_error(s, HAWK_SERVICE_INTERFACE ".InvalidParameter", "parameter", "interface");
	r = hawk_idl_write(&idl, interface);
	if (r == -ENOENT)
		return service_error(s, HAWK_SERVICE_INTERFACE ".InterfaceNotFound", "interface", interface);
	if (r < 0)
		return r;
	return hawk_reply(s, json_pack("{s:s#}", "description", idl.data, (int)idl.len));
}

static int call_method(struct hawk_session *s)
{
	const char *method = s->call.method, *dot = strrchr(method, '.');
	size_t interface = dot ? (size_t)(dot - method) : 0;

	if (!strcmp(method, HAWK_SERVICE_INTERFACE ".GetInfo"))
		return get_info(s);
	if (!strcmp(method, HAWK_SERVICE_INTERFACE ".GetInterfaceDescription"))
		return get_description(s);
	if (interface == strlen(HAWK_INTERFACE) && !strncmp(method, HAWK_INTERFACE, interface)) {
		s->verb = hawk_verb_by_method(dot + 1);
		if (s->verb)
			return call_verb(s);
	} else if (interface != strlen(HAWK_SERVICE_INTERFACE) ||
		   strncmp(method, HAWK_SERVICE_INTERFACE, interface) != 0) {
		return service_error(s, HAWK_SERVICE_INTERFACE ".InterfaceNotFound", "interface", method);
	}
	return service_error(s, HAWK_SERVICE_INTERFACE ".MethodNotFound", "method", method);
}

void hawk_dispatch(struct hawk_session *s)
{
	s->verb = NULL;
	s->audit = false;
	*s->outcome = 0;
	/* Not even an error could be told. */
	if (call_method(s) < 0)
		s->broken = true;
}
