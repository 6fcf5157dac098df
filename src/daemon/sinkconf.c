/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/daemon/sinkconf.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "src/base/cleanup.h"

/* What the journal gets: findings, what policies match, ptrace, and programs that run from a memfd. */
static const char *const journal_filters[] = {
	"event=finding",
	"policy=*",
	"event=ptrace",
	"event=sched_process_exec data.flags=memfd",
};

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

int hawk_sinkconf_apply(struct hawk_sinks *sinks, const struct hawk_config *config, char **ret_why)
{
	_cleanup_free_ struct hawk_sink_options *options = calloc(config->n_sinks + 1, sizeof(*options));
	size_t n = 0;

	if (!options)
		return -ENOMEM;
	for (size_t i = 0; i < config->n_sinks; i++)
		if (config->sinks[i].enabled)
			options[n++] = from_config(&config->sinks[i]);
	if (!config->sinks_given && access("/run/systemd/journal/socket", F_OK) == 0)
		options[n++] = (struct hawk_sink_options){
			.type = "journald",
			.name = "journald",
			.filters = journal_filters,
			.n_filters = ARRAY_SIZE(journal_filters),
			.format = "json",
			.rate_per_second = 100,
			.rate_burst = 1000,
		};
	return hawk_sinks_configure(sinks, options, n, ret_why);
}
