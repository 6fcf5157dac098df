/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/daemon/sinkconf.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "src/base/cleanup.h"

static const char *given(const char *s)
{
	return s[0] ? s : NULL;
}

static struct hawk_sink_options from_config(const struct hawk_config_sink *c)
{
	return (struct hawk_sink_options){
		.type = c->type,
		.name = c->name[0] ? c->name : c->type,
		.filters = (const char *const *)c->filter.v,
		.n_filters = c->filter.n,
		.format = c->format,
		.view = (enum hawk_view)hawk_view_parse(c->paths),
		.queue_bytes = c->queue_bytes,
		.path = given(c->path),
		.rotate_bytes = c->rotate_bytes,
		.rotate_seconds = c->rotate_seconds,
		.rotate_keep = (unsigned int)c->rotate_keep,
		.socket = strcmp(c->type, "syslog") == 0 ? given(c->socket) : NULL, /* it has a default */
		.rfc5424 = c->rfc5424,
		.cee = c->cee,
		.journal_socket = given(c->journal_socket),
		.rate_per_second = strcmp(c->type, "journald") == 0 ? (unsigned int)c->rate_per_second : 0,
		.rate_burst = strcmp(c->type, "journald") == 0 ? (unsigned int)c->rate_burst : 0,
	};
}

static int configure(struct hawk_sinks *sinks, const struct hawk_config *config, char **ret_why)
{
	_cleanup_free_ struct hawk_sink_options *options = calloc(config->n_sinks + 1, sizeof(*options));
	size_t n = 0;

	if (!options)
		return -ENOMEM;
	for (size_t i = 0; i < config->n_sinks; i++)
		if (config->sinks[i].enabled)
			options[n++] = from_config(&config->sinks[i]);
	return hawk_sinks_configure(sinks, options, n, ret_why);
}

int hawk_sinkconf_apply(struct hawk_sinks *sinks, const struct hawk_config *config, char **ret_why)
{
	struct hawk_config_errors errors = { .n = 0 };
	struct hawk_config *ours;
	int r;

	if (config->sinks_given || access("/run/systemd/journal/socket", F_OK) < 0)
		return configure(sinks, config, ret_why);
	r = hawk_config_parse(&ours, "default", hawk_config_default_sinks, &errors);
	hawk_config_errors_done(&errors);
	if (r < 0)
		return r;
	r = configure(sinks, ours, ret_why);
	hawk_config_free(ours);
	return r;
}
