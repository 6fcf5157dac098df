/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A configuration is put in force: at the start, and by a reload. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-daemon.h>

#include "src/base/cleanup.h"
#include "src/base/log.h"
#include "src/collect/features.h"
#include "src/daemon/checkconf.h"
#include "src/daemon/params.h"
#include "src/daemon/sinkconf.h"
#include "src/daemon/state.h"
#include "src/daemon/steps.h"
#include "src/format/redact.h"

int hawk_daemon_apply_params(void *ctx)
{
	struct hawk_daemon *d = ctx;

	return hawk_params_apply(d->collect, d->symbols, d->applied ? d->applied : d->config, d->policies);
}

static int step_redaction(void *ctx, const struct hawk_config *config, char **ret_why)
{
	(void)ctx;
	(void)ret_why;
	return hawk_redact_set((const char *const *)config->redact.patterns.v, config->redact.patterns.n);
}

static int step_sinks(void *ctx, const struct hawk_config *config, char **ret_why)
{
	return hawk_sinkconf_apply(((struct hawk_daemon *)ctx)->sinks, config, ret_why);
}

static int step_level(void *ctx, const struct hawk_config *config, char **ret_why)
{
	(void)ctx;
	(void)ret_why;
	hawk_log_set_level(hawk_log_level_parse(config->log.level));
	return 0;
}

/* What policies want besides is asked for when they change, too. */
static int step_params(void *ctx, const struct hawk_config *config, char **ret_why)
{
	struct hawk_daemon *d = ctx;

	(void)ret_why;
	d->applied = config;
	return hawk_daemon_apply_params(d);
}

/* Before the policies, which may name them, and behind them in force: the kernel is told of both at once. */
static int step_parse_signatures(void *ctx, const struct hawk_config *config, char **ret_why)
{
	(void)ret_why;
	return hawk_signatures_parse(((struct hawk_daemon *)ctx)->signatures, config);
}

static int step_policies(void *ctx, const struct hawk_config *config, char **ret_why)
{
	(void)ret_why;
	return hawk_policies_read(((struct hawk_daemon *)ctx)->policies, config);
}

static int step_signatures(void *ctx, const struct hawk_config *config, char **ret_why)
{
	(void)ret_why;
	return hawk_signatures_read(((struct hawk_daemon *)ctx)->signatures, config);
}

/* R: what came of collecting. Without any process event the daemon goes on, and says that it watches nothing. */
static int degrade(struct hawk_daemon *d, int r)
{
	const char *lockdown, *why;

	if (r != -EOPNOTSUPP)
		return r;
	lockdown = hawk_features_lockdown();
	why = hawk_collect_features(d->collect)->kind_why[HAWK_PROG_RAW_TP];
	hawk_daemon_degraded(d, "the kernel gives no process events%s%s: nothing is watched%s%s",
		 lockdown ? ", lockdown is " : "", lockdown ? lockdown : "", why ? "; " : "", why ? why : "");
	return 0;
}

int hawk_daemon_collect(struct hawk_daemon *d)
{
	return degrade(d, hawk_interest_release(d->interest));
}

/* The last one: events that somebody enabled since would not come back by BEFORE. */
static int step_events(void *ctx, const struct hawk_config *config, char **ret_why)
{
	struct hawk_daemon *d = ctx;
	uint64_t enabled[HAWK_EVENT_WORDS];
	const char *unknown;
	int r = hawk_interest_parse(config->events.enabled.v, config->events.enabled.n, enabled, &unknown);

	(void)ret_why;
	if (r < 0) /* not after hawk_checkconf_load */
		return r;
	return degrade(d, hawk_interest_set_enabled(d->interest, enabled));
}

/* Redaction before the sinks: a new one must not see what a new pattern hides. */
static hawk_step *const steps[] = {
	step_redaction, step_sinks, step_level, step_params, step_parse_signatures, step_policies,
	step_signatures, step_events,
};
#define STEPS_WITHOUT_KERNEL 3 /* what there is when nothing is collected */

int hawk_daemon_apply(struct hawk_daemon *d, const struct hawk_config *config, char **ret_why)
{
	int r = hawk_steps_take(steps, d->interest ? ARRAY_SIZE(steps) : STEPS_WITHOUT_KERNEL, d, config, d->config,
				ret_why);

	d->applied = NULL;
	return r;
}

void hawk_daemon_watch_files(struct hawk_daemon *d)
{
	const struct hawk_config_list *policies = &d->config->policies.directories;
	const struct hawk_config_list *signatures = &d->config->signatures.directories;
	int r = hawk_filewatch_set(d->policywatch, policies->v, d->config->policies.enabled ? policies->n : 0);

	if (r < 0)
		hawk_warning("policies: changes of files are not noticed until a reload: %s", strerror(-r));
	r = hawk_filewatch_set(d->signaturewatch, signatures->v, d->config->signatures.enabled ? signatures->n : 0);
	if (r < 0)
		hawk_warning("signatures: changes of files are not noticed until a reload: %s", strerror(-r));
}

static void say_restart(void *ctx, const char *option)
{
	(void)ctx;
	hawk_notice("reload: %s is in force after a restart", option);
}

int hawk_daemon_reload(struct hawk_daemon *d, char **ret_why)
{
	struct hawk_config *config = NULL;
	int r;

	*ret_why = NULL;
	sd_notify(0, "RELOADING=1");
	r = hawk_checkconf_load(&config, d->options.config, ret_why);
	if (r == 0)
		r = hawk_daemon_apply(d, config, ret_why);
	if (r < 0) {
		hawk_error("reload failed, the old configuration stays: %s", *ret_why ? *ret_why : strerror(-r));
		hawk_config_free(config);
	} else {
		hawk_config_restart_options(d->config, config, say_restart, NULL);
		hawk_config_free(d->config);
		d->config = config;
		hawk_daemon_watch_files(d);
		hawk_sinks_reopen(d->sinks);
		hawk_notice("configuration reloaded");
	}
	sd_notify(0, "READY=1");
	return r;
}
