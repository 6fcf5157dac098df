/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The daemon itself: status, version, log level, reload. */
#include <errno.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "src/base/clock.h"
#include "src/base/log.h"
#include "src/control/server.h"

/* A pipeline that made no turn for so long hangs, or the machine does. */
#define RESPONSIVE_NS (5ULL * 1000 * 1000 * 1000)

static uint64_t now_ns(void)
{
	struct hawk_clock clock = hawk_clock_system();

	return hawk_clock_now(&clock);
}

static json_t *enabled_json(struct hawk_control *c)
{
	size_t n;
	const struct hawk_event_desc *const *descs = hawk_event_descs(&n);
	json_t *names = json_array();

	for (size_t row = 0; row < n; row++)
		if (!descs[row]->internal && c->ops->event_enabled(c->ctx, row))
			json_array_append_new(names, json_string(descs[row]->name));
	return names;
}

static json_t *degraded_json(struct hawk_control *c)
{
	json_t *lines = json_array();
	const char *line;

	for (size_t i = 0; i < 256 && c->ops->degraded(c->ctx, i, &line); i++)
		json_array_append_new(lines, hawk_json_text(line));
	return lines;
}

static void count_alive(void *arg, struct hawk_proctab *proctab)
{
	struct hawk_proctab_stats stats = hawk_proctab_stats(proctab);

	*(uint64_t *)arg = stats.entries - stats.exited;
}

int hawk_do_STATUS(struct hawk_session *s, const json_t *args)
{
	struct hawk_control *c = s->control;
	struct hawk_pipeline_stats stats;
	struct utsname uts;
	uint64_t now = now_ns(), alive = 0;
	bool responsive;
	json_t *status;

	(void)args;
	if (uname(&uts) < 0)
		return -errno;
	c->ops->pipeline_stats(c->ctx, &stats);
	responsive = now < stats.heartbeat + RESPONSIVE_NS;
	/* Status is asked for most when something hangs: it must not wait for that. */
	if (responsive)
		c->ops->in_pipeline(c->ctx, count_alive, &alive);
	status = json_pack("{s:s, s:i, s:o, s:s, s:o}", "version", c->options.version, "pid", (int)getpid(),
			   "uptime_ms", hawk_json_u64((now - c->options.started) / 1000000), "kernel",
			   uts.release, "enabled", enabled_json(c));
	if (!status)
		return -ENOMEM;
	json_object_set_new(status, "events", hawk_json_u64(stats.events));
	json_object_set_new(status, "lost", hawk_json_u64(stats.lost));
	json_object_set_new(status, "signatures", hawk_json_u64(c->ops->signatures_enabled(c->ctx)));
	json_object_set_new(status, "findings", hawk_json_u64(stats.findings));
	json_object_set_new(status, "processes", hawk_json_u64(alive));
	json_object_set_new(status, "clients", hawk_json_u64(c->n_sessions));
	json_object_set_new(status, "refused", hawk_json_u64(c->refused));
	json_object_set_new(status, "responsive", json_boolean(responsive));
	json_object_set_new(status, "sinks", hawk_json_sinks(c));
	json_object_set_new(status, "degraded", degraded_json(c));
	return hawk_reply(s, status);
}

int hawk_do_VERSION(struct hawk_session *s, const json_t *args)
{
	(void)args;
	return hawk_reply(s, json_pack("{s:s, s:i}", "version", s->control->options.version, "abi",
				       HAWK_ABI_VERSION));
}

int hawk_do_RELOAD(struct hawk_session *s, const json_t *args)
{
	char *why = NULL;
	int r = s->control->ops->reload(s->control->ctx, &why);

	(void)args;
	if (r < 0)
		return hawk_reply_why(s, "the configuration stays as it was", r, why);
	free(why);
	return hawk_reply(s, json_object());
}

int hawk_do_LOG_LEVEL(struct hawk_session *s, const json_t *args)
{
	const char *text = json_string_value(hawk_args_get(args, "level"));

	if (text) {
		int level = hawk_log_level_parse(text);

		if (level < 0)
			return hawk_reply_error(s, HAWK_SERVICE_INTERFACE ".InvalidParameter",
						json_pack("{s:s}", "parameter", "level"));
		hawk_log_set_level(level);
	}
	return hawk_reply(s, json_pack("{s:s}", "level", hawk_log_level_name(hawk_log_level())));
}
