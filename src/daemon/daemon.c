/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/daemon/daemon.h"

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-daemon.h>
#include <systemd/sd-event.h>
#include <unistd.h>

#include "src/base/cleanup.h"
#include "src/base/host.h"
#include "src/base/log.h"
#include "src/daemon/checkconf.h"
#include "src/daemon/state.h"
#include "src/daemon/symbolconf.h"
#include "src/enrich/hostns.h"

#define TICK_US (2ULL * 1000 * 1000)
/*
 * The processes are read anew when records of the life cycle were lost, at most
 * so often, and so that reading them takes no more than a fiftieth of the time.
 */
#define RESEED_NS (10ULL * 1000 * 1000 * 1000)
#define RESEED_SHARE 50
/* How often it is looked whether the programs are told what we told them. */
#define GUARD_NS (10ULL * 1000 * 1000 * 1000)
/* A pipeline that made no turn for so long is not reported as alive. */
#define STALLED_NS (10ULL * 1000 * 1000 * 1000)

void hawk_daemon_degraded(struct hawk_daemon *d, const char *fmt, ...)
{
	char *text = NULL;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) < 0)
		text = NULL;
	va_end(ap);
	if (!text)
		return;
	hawk_warning("degraded: %s", text);
	if (d->n_degraded < HAWK_DEGRADED_MAX)
		d->degraded[d->n_degraded++] = TAKE_PTR(text);
	free(text);
}

static void on_policies_changed(void *ctx)
{
	struct hawk_daemon *d = ctx;
	int r = hawk_policies_read(d->policies, d->config);

	if (r < 0)
		hawk_error("policies: the directories cannot be read, all stays as it was: %s", strerror(-r));
}

void hawk_daemon_new_signatures(struct hawk_daemon *d)
{
	on_policies_changed(d);
}

static void on_signatures_changed(void *ctx)
{
	struct hawk_daemon *d = ctx;
	int r = hawk_signatures_read(d->signatures, d->config);

	if (r < 0)
		hawk_error("signatures: the directories cannot be read, all stays as it was: %s", strerror(-r));
	else
		hawk_daemon_new_signatures(d);
}

/* The view that all paths are told in. */
static enum hawk_view view_of_paths(const struct hawk_config *config)
{
	bool host = strcmp(config->kernel.paths, "host") == 0 && hawk_host_ns()->mnt;

	return host ? HAWK_VIEW_OF_HOST : HAWK_VIEW_OF_PROCESS;
}

/* Without them signatures that ask for the origin of a file do not know it. */
static int start_packages(struct hawk_daemon *d)
{
	_cleanup_close_ int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	int r = root < 0 ? -errno : hawk_packages_new(&d->packages, root);

	if (r < 0 && r != -ENOMEM)
		hawk_daemon_degraded(d, "the packages of this host cannot be read: %s", strerror(-r));
	hawk_facts_set_packages(d->facts, d->packages);
	return r == -ENOMEM ? r : 0;
}

/* Their ids say which run of the daemon they are of. */
static int start_findings(struct hawk_daemon *d)
{
	char prefix[HAWK_FINDING_PREFIX_MAX + 1];
	const struct hawk_findings_limits limits = { .prefix = prefix };
	int r;

	hawk_findings_prefix(hawk_host_ids()->boot_id, hawk_watch_since(), prefix);
	r = hawk_findings_new(&d->findings, &limits);
	return r < 0 ? r : hawk_learning_new(&d->learning);
}

/* What stands on the process table. */
static int start_facts(struct hawk_daemon *d)
{
	const struct hawk_ir_env env = hawk_facts_env(d->proctab);
	struct hawk_facts_parts parts = { .proctab = d->proctab, .live = true };
	int r = hawk_derive_new(&d->derive);

	parts.derive = d->derive;
	if (r == 0)
		r = hawk_facts_new(&d->facts, &parts);
	if (r == 0)
		r = start_findings(d);
	return r < 0 ? r : hawk_sinks_new(&d->sinks, &env, view_of_paths(d->config));
}

static int start_model(struct hawk_daemon *d)
{
	struct hawk_proctab_options table = {
		.max_entries = d->config->process.max_entries,
		.max_bytes = d->config->process.max_bytes,
		.exited_keep_ns = d->config->process.exited_keep * 1000000000ULL,
		.clock = &d->clock,
	};
	struct hawk_host_ns ns;
	int r;

	hawk_watch_since_set(hawk_clock_now(&d->clock));
	d->proc_fd = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	table.proc_fd = d->proc_fd;
	if (d->proc_fd < 0)
		return hawk_err(-errno, "/proc: %m");
	if (hawk_hostns_read(d->proc_fd, &ns) == 0)
		hawk_host_ns_set(&ns); /* else the seeds tell */
	else if (strcmp(d->config->kernel.paths, "host") == 0)
		hawk_warning("kernel.paths = host: /proc/1/ns cannot be read; paths are as processes see them");
	r = hawk_symbols_new(&d->symbols, d->proc_fd);
	if (r < 0)
		return r;
	r = hawk_cmdline_new(&d->cmdline, d->proc_fd, d->config->process.max_entries);
	table.cmdline = d->cmdline;
	if (r == 0)
		r = hawk_proctab_new(&d->proctab, &table);
	return r < 0 ? r : start_facts(d);
}

static char *join(const struct hawk_config_list *list)
{
	size_t size = 1;
	char *text;

	for (size_t i = 0; i < list->n; i++)
		size += strlen(list->v[i]) + 1;
	text = calloc(1, size);
	for (size_t i = 0; text && i < list->n; i++) {
		strcat(text, i ? "," : "");
		strcat(text, list->v[i]);
	}
	return text;
}

static int start_collect(struct hawk_daemon *d)
{
	_cleanup_free_ char *kinds = join(&d->config->kernel.disable_kinds), *why = NULL;
	struct hawk_collect_options options = {
		.life_ring_bytes = (uint32_t)d->config->kernel.life_ring_bytes,
		.bulk_ring_bytes = (uint32_t)d->config->kernel.bulk_ring_bytes,
		.wake_bytes = (uint32_t)d->config->kernel.wake_bytes,
		.argv_max = (uint32_t)d->config->kernel.argv_max,
		.env_max = (uint32_t)d->config->kernel.environment_max,
		.exclude_self = d->config->kernel.exclude_self,
		.host_view = view_of_paths(d->config) == HAWK_VIEW_OF_HOST,
		.disable_kinds = kinds,
		.btf = d->options.btf ? d->options.btf : d->config->kernel.btf,
	};
	int r = hawk_collect_new(&d->collect, &options, &why);

	if (r < 0)
		return hawk_err(r, "%s", why ? why : strerror(-r));
	r = hawk_interest_new(&d->interest, d->collect, d->sinks, d->derive);
	if (r == 0)
		hawk_interest_tell_findings(d->interest, d->findings);
	if (r == 0)
		r = hawk_policies_new(&d->policies, d->interest, d->collect);
	if (r == 0)
		r = hawk_signatures_new(&d->signatures, d->interest, d->policies, d->config->signatures.state_bytes);
	if (r < 0)
		return r;
	hawk_policies_on_change(d->policies, hawk_daemon_apply_params, d);
	hawk_policies_await_signatures(d->policies);
	/* first the probes, then the processes that exist: one that is born in between is seen by both, and merged */
	free(TAKE_PTR(why));
	hawk_interest_hold(d->interest);
	r = hawk_daemon_apply(d, d->config, &why);
	if (r == 0)
		r = hawk_daemon_collect(d);
	if (r < 0)
		return hawk_err(r, "%s", why ? why : strerror(-r));
	/* not before: the databases are some 50 ms of work, which the loading of programs would share the CPUs with */
	r = start_packages(d);
	if (r < 0)
		return r;
	r = hawk_collect_seed(d->collect);
	if (r < 0)
		hawk_daemon_degraded(d, "the processes that exist cannot be read by an iterator (%s): they come from /proc one by one",
			 strerror(-r));
	malloc_trim(0); /* loading parsed the kernel's types, some tens of megabytes */
	return 0;
}

static int listen_socket(struct hawk_daemon *d)
{
	const char *path = d->options.socket ? d->options.socket : d->config->control.socket;
	int fd;

	if (!d->options.socket && sd_listen_fds(1) == 1)
		return SD_LISTEN_FDS_START;
	fd = hawk_control_bind(path, d->options.socket ? "" : d->config->control.read_group);
	if (fd == -EADDRINUSE)
		return hawk_err(fd, "%s: another instance serves this socket; stop it, or use --socket PATH", path);
	if (fd < 0)
		return hawk_err(fd, "%s: %s", path, strerror(-fd));
	d->bound = strdup(path);
	return fd;
}

static int on_stop(sd_event_source *s, const struct signalfd_siginfo *si, void *ctx)
{
	(void)si;
	(void)ctx;
	return sd_event_exit(sd_event_source_get_event(s), 0);
}

static int on_hup(sd_event_source *s, const struct signalfd_siginfo *si, void *ctx)
{
	_cleanup_free_ char *why = NULL;

	(void)s;
	(void)si;
	hawk_daemon_reload(ctx, &why);
	return 0;
}

/* After lost records: new processes and images come in as seeds, and the table drops what is gone (pipeline.c). */
static void reseed(struct hawk_daemon *d, uint64_t lost, uint64_t now)
{
	uint64_t took;
	int r;

	if (lost == d->reseeded_for || now < d->reseed_at)
		return;
	r = hawk_collect_seed(d->collect);
	if (r < 0)
		hawk_debug("reading the processes anew: %s", strerror(-r));
	took = hawk_clock_now(&d->clock) - now;
	d->reseeded_for = lost;
	d->reseed_at = now + (took * RESEED_SHARE > RESEED_NS ? took * RESEED_SHARE : RESEED_NS);
}

static void check_cmdlines(struct hawk_daemon *d)
{
	uint64_t hung = hawk_cmdline_stats(d->cmdline).hung;

	if (hung && !d->cmdlines_hung)
		hawk_daemon_degraded(d, "the memory of a process does not answer when its command line is read: arguments of "
			    "processes that are older than the daemon can be missing (sechawkctl stats)");
	else if (hung > d->cmdlines_hung)
		hawk_warning("the memory of %llu processes does not answer", (unsigned long long)hung);
	d->cmdlines_hung = hung;
}

/* The checks whose events are wanted, and what became of the last ones. */
static void check_integrity(struct hawk_daemon *d, uint64_t now)
{
	const struct hawk_event_desc *const *descs;
	_cleanup_free_ char *before = TAKE_PTR(d->unchecked), *problem = NULL;
	unsigned int wanted = 0;
	size_t n;

	descs = hawk_event_descs(&n);
	for (size_t row = 0; row < n; row++)
		for (int i = 0; i < HAWK_CHECK_MAX; i++)
			if (descs[row]->id == hawk_check_desc(i)->event && hawk_interest_wanted(d->interest, row))
				wanted |= 1U << i;
	hawk_inspect_tick(d->inspect, wanted, d->config->integrity.interval * 1000000000ULL, now);
	problem = hawk_inspect_problem(d->inspect);
	if (problem && asprintf(&d->unchecked, "integrity checks see only a part: %s", problem) < 0)
		d->unchecked = NULL;
	if (d->unchecked && (!before || strcmp(before, d->unchecked) != 0))
		hawk_warning("degraded: %s", d->unchecked);
}

/* While the packages cannot be read conditions on where a file comes from are unknown. */
static void check_packages(struct hawk_daemon *d)
{
	int error = hawk_packages_stats(d->packages).error;

	if (error == d->packages_error)
		return;
	d->packages_error = error;
	free(d->unpackaged);
	d->unpackaged = NULL;
	if (!error) {
		hawk_notice("the packages of this host are read");
		return;
	}
	if (asprintf(&d->unpackaged, "the packages of this host cannot be read, signatures do not know where files come from: %s",
		     strerror(error)) < 0)
		d->unpackaged = NULL;
	else
		hawk_warning("degraded: %s", d->unpackaged);
}

/* The databases were read, or files compared. */
static int on_packages(sd_event_source *s, int fd, uint32_t revents, void *ctx)
{
	uint64_t drained;

	(void)s;
	(void)revents;
	if (read(fd, &drained, sizeof(drained)) < 0 && errno != EAGAIN)
		hawk_debug("packages: %m");
	check_packages(ctx);
	return 0;
}

static void check_policies(struct hawk_daemon *d)
{
	const struct hawk_policies_entry *e = hawk_policies_disagreed(d->policies);

	hawk_policies_tick(d->policies);
	if (e && !d->disagreed)
		hawk_daemon_degraded(d, "policies: the kernel sent events for \"%s\" that it should have left out; nothing is missing, "
			    "but please report it with \"sechawkctl policy explain\"", e->policy->name);
	d->disagreed = e;
}

/* Another one with our rights could make us blind without ending us. */
static void check_guard(struct hawk_daemon *d, uint64_t now)
{
	const char *changed;

	if (now < d->guard_at)
		return;
	d->guard_at = now + GUARD_NS;
	changed = hawk_collect_guard(d->collect);
	if (changed && !d->attacked)
		hawk_daemon_degraded(d, "somebody changed what the kernel is told to collect (%s): it was put back, but events "
			    "of the seconds before are missing; look for who did it", changed);
	else if (changed)
		hawk_warning("somebody changed what the kernel is told to collect once more (%s)", changed);
	d->attacked |= changed != NULL;
}

/* The watchdog must not be fed by this thread alone: a pipeline that stands still is what it is for. */
static int on_tick(sd_event_source *s, uint64_t usec, void *ctx)
{
	struct hawk_daemon *d = ctx;
	struct hawk_pipeline_stats stats = hawk_pipeline_stats(d->pipeline);
	const char *libraries = hawk_symbolconf_problem(d->symbols, &d->libraries_hung);
	uint64_t now = hawk_clock_now(&d->clock);
	int r;

	(void)usec;
	if (now < stats.heartbeat + STALLED_NS)
		sd_notify(0, "WATCHDOG=1");
	sd_notifyf(0, "STATUS=%llu events, %llu lost%s", (unsigned long long)stats.events,
		   (unsigned long long)stats.lost, d->n_degraded || hawk_daemon_passing(d, 0) ? ", degraded (sechawkctl status)" : "");
	reseed(d, stats.lost_life, now);
	check_cmdlines(d);
	if (libraries)
		hawk_daemon_degraded(d, "%s", libraries);
	check_integrity(d, now);
	check_policies(d);
	check_guard(d, now);
	/* A timer goes off once unless it is set and switched on again. */
	r = sd_event_source_set_time_relative(s, TICK_US);
	return r < 0 ? r : sd_event_source_set_enabled(s, SD_EVENT_ONESHOT);
}

static int start_loop(struct hawk_daemon *d, int listen_fd)
{
	struct hawk_control_options options = {
		.admin_group = d->config->control.admin_group,
		.read_group = d->options.socket ? "" : d->config->control.read_group,
		.max_clients = (unsigned int)d->config->control.max_clients,
		.client_bytes = d->config->control.client_queue_bytes,
		.clients_bytes = d->config->control.clients_bytes,
		.started = hawk_clock_now(&d->clock),
		.version = HAWK_VERSION,
	};
	int r = sd_event_new(&d->loop);

	if (r < 0) {
		close(listen_fd);
		return r;
	}
	r = hawk_control_new(&d->control, d->loop, listen_fd, &options, &hawk_daemon_ops, d);
	if (r == 0)
		r = sd_event_add_signal(d->loop, NULL, SIGTERM, on_stop, d);
	if (r >= 0)
		r = sd_event_add_signal(d->loop, NULL, SIGINT, on_stop, d);
	if (r >= 0)
		r = sd_event_add_signal(d->loop, NULL, SIGHUP, on_hup, d);
	if (r >= 0)
		r = sd_event_add_time(d->loop, NULL, CLOCK_MONOTONIC, 0, 0, on_tick, d);
	if (r >= 0 && d->packages)
		r = sd_event_add_io(d->loop, NULL, hawk_packages_fd(d->packages), EPOLLIN, on_packages, d);
	if (r >= 0)
		r = hawk_filewatch_new(&d->policywatch, d->loop, on_policies_changed, d);
	if (r >= 0)
		r = hawk_filewatch_new(&d->signaturewatch, d->loop, on_signatures_changed, d);
	if (r >= 0)
		hawk_daemon_watch_files(d);
	return r < 0 ? r : 0;
}

static void catch_up(void *ctx)
{
	const struct hawk_daemon *d = ctx;

	hawk_pipeline_catch_up(d->pipeline);
}

static int start(struct hawk_daemon *d)
{
	struct hawk_pipeline_parts parts;
	int listen_fd, r;

	d->clock = hawk_clock_system();
	/* before anything is loaded: a second instance is refused without side effects */
	listen_fd = listen_socket(d);
	if (listen_fd < 0)
		return listen_fd;
	r = start_model(d);
	if (r == 0)
		r = start_collect(d);
	if (r == 0) {
		parts = (struct hawk_pipeline_parts){ d->collect, d->sinks, d->proctab, d->derive, d->cmdline,
						      d->symbols, &d->clock, d->facts, NULL, 0,
						      hawk_signatures_engine(d->signatures),
						      hawk_signatures_set(d->signatures), d->findings,
						      d->learning };
		parts.policies = hawk_policies_set(d->policies, &parts.generation);
		r = hawk_pipeline_start(&d->pipeline, &parts);
	}
	if (r == 0) {
		hawk_policies_set_pipeline(d->policies, d->pipeline);
		hawk_signatures_set_pipeline(d->signatures, d->pipeline);
		hawk_interest_on_less(d->interest, catch_up, d);
		r = hawk_inspect_start(&d->inspect, d->collect, d->pipeline);
	}
	if (r < 0) {
		close(listen_fd);
		return r;
	}
	return start_loop(d, listen_fd);
}

static void stop(struct hawk_daemon *d)
{
	sd_notify(0, "STOPPING=1");
	/* else it is another's; first, since once we do not listen the next instance may put its own there */
	if (d->bound)
		unlink(d->bound);
	free(d->bound);
	hawk_control_free(d->control);
	d->inspect = hawk_inspect_stop(d->inspect);
	/* else a flood would keep the pipeline reading for ever */
	if (d->collect)
		hawk_collect_detach(d->collect);
	hawk_filewatch_free(d->policywatch);
	hawk_filewatch_free(d->signaturewatch);
	if (d->interest)
		hawk_interest_on_less(d->interest, NULL, NULL);
	d->pipeline = hawk_pipeline_stop(d->pipeline);
	hawk_signatures_free(d->signatures);
	hawk_policies_free(d->policies);
	hawk_interest_free(d->interest);
	hawk_collect_free(d->collect);
	hawk_sinks_free(d->sinks);
	hawk_learning_free(d->learning);
	hawk_findings_free(d->findings);
	hawk_facts_free(d->facts);
	hawk_packages_free(d->packages);
	free(d->unpackaged);
	hawk_derive_free(d->derive);
	hawk_proctab_free(d->proctab);
	hawk_cmdline_free(d->cmdline);
	hawk_symbols_free(d->symbols);
	sd_event_unref(d->loop);
	if (d->proc_fd >= 0)
		close(d->proc_fd);
	for (size_t i = 0; i < d->n_degraded; i++)
		free(d->degraded[i]);
	free(d->unchecked);
	hawk_config_free(d->config);
}

int hawk_daemon_run(const struct hawk_daemon_options *options)
{
	struct hawk_daemon d = { .options = *options, .proc_fd = -1 };
	_cleanup_free_ char *why = NULL; /* all of it is in the log already */
	sigset_t mask;
	int r;

	/* blocked before threads start: only the control loop takes signals */
	sigemptyset(&mask);
	sigaddset(&mask, SIGTERM);
	sigaddset(&mask, SIGINT);
	sigaddset(&mask, SIGHUP);
	sigprocmask(SIG_BLOCK, &mask, NULL);
	signal(SIGPIPE, SIG_IGN);
	hawk_log_set_journal(!options->foreground && getenv("JOURNAL_STREAM") ? HAWK_LOG_JOURNAL : NULL);
	r = hawk_checkconf_load(&d.config, options->config, &why);
	if (r == 0) {
		hawk_log_set_level(hawk_log_level_parse(d.config->log.level));
		hawk_privilege_descriptors();
		r = hawk_privilege_bound();
	}
	if (r == 0)
		r = start(&d);
	if (r == 0) {
		hawk_pipeline_settle(d.pipeline);
		hawk_info("watching, version %s", HAWK_VERSION);
		sd_notify(0, "READY=1");
		r = sd_event_loop(d.loop);
		hawk_info("stopped");
	}
	stop(&d);
	return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
