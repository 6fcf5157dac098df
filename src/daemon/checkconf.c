/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/daemon/checkconf.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/cleanup.h"
#include "src/base/log.h"
#include "src/daemon/interest.h"
#include "src/format/format.h"
#include "src/ir/ir.h"

struct check {
	void (*fn)(void *ctx, const char *fault);
	void *ctx;
	size_t faults;
};

static void fault(struct check *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void fault(struct check *c, const char *fmt, ...)
{
	char text[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	c->faults++;
	c->fn(c->ctx, text);
}

static void check_events(struct check *c, const struct hawk_config *config)
{
	uint64_t bits[HAWK_EVENT_WORDS];
	const char *unknown;

	/* one by one, so that every unknown name is told */
	for (size_t i = 0; i < config->events.enabled.n; i++)
		if (hawk_interest_parse(&config->events.enabled.v[i], 1, bits, &unknown) < 0)
			fault(c, "%s: events.enabled: \"%s\" is %s; see sechawk-events(7)",
			      hawk_config_where(config, "events.enabled"), unknown,
			      hawk_event_pending(unknown) ? "not watched yet" : "no event, alias or set");
}

static void check_syscalls(struct check *c, const struct hawk_config *config)
{
	uint64_t bits[HAWK_EVENT_WORDS];
	const char *unknown;

	for (size_t i = 0; i < config->events.checked_syscalls.n; i++)
		if (hawk_interest_parse_syscalls(&config->events.checked_syscalls.v[i], 1, bits, &unknown) < 0)
			fault(c, "%s: events.checked_syscalls: \"%s\" is no system call and no set with any; see "
				 "sechawk-events(7)", hawk_config_where(config, "events.checked_syscalls"), unknown);
}

static void check_sink(struct check *c, const struct hawk_config_sink *sink)
{
	_cleanup_free_ char *why = NULL;
	struct hawk_format *format = NULL;

	for (size_t i = 0; i < sink->filter.n; i++) {
		struct hawk_ir_error error = { .line = 0 };
		struct hawk_ir *ir = NULL;

		if (hawk_ir_parse(&ir, sink->filter.v[i], &error) < 0)
			fault(c, "%s: sinks.filter: \"%s\": line %u, column %u: %s", sink->where, sink->filter.v[i],
			      error.line, error.column, error.message);
		hawk_ir_free(ir);
	}
	if (hawk_format_new(&format, sink->format, false, &why) < 0)
		fault(c, "%s: sinks.format: %s", sink->where, why ? why : "no memory");
	hawk_format_free(format);
}

size_t hawk_checkconf(const struct hawk_config *config, void (*fn)(void *ctx, const char *fault), void *ctx)
{
	struct check c = { .fn = fn, .ctx = ctx };

	check_events(&c, config);
	check_syscalls(&c, config);
	for (size_t i = 0; i < config->n_sinks; i++)
		check_sink(&c, &config->sinks[i]);
	return c.faults;
}

/* What is wrong with a configuration: logged, and the first fault remembered for who asked for a reload. */
struct faults {
	char *first;
	size_t n;
};

static void say_fault(void *ctx, const char *fault)
{
	struct faults *f = ctx;

	hawk_error("%s", fault);
	if (!f->n++)
		f->first = strdup(fault);
}

/* Without memory for more *ret_why stays NULL, and the log has it all. */
static void explain(const struct faults *f, char **ret_why)
{
	int r = 0;

	if (f->n > 1 && f->first)
		r = asprintf(ret_why, "%s (and %zu more, see the log)", f->first, f->n - 1);
	else if (f->first)
		r = asprintf(ret_why, "%s", f->first);
	if (r < 0)
		*ret_why = NULL;
}

int hawk_checkconf_load(struct hawk_config **ret, const char *path, char **ret_why)
{
	struct hawk_config_errors errors = { .n = 0 };
	struct faults faults = { .n = 0 };
	int r = hawk_config_load(ret, path, &errors);

	for (size_t i = 0; i < errors.n; i++)
		say_fault(&faults, errors.text[i]);
	if (errors.total > errors.n)
		hawk_error("and %zu more", errors.total - errors.n);
	hawk_config_errors_done(&errors);
	if (r == 0 && hawk_checkconf(*ret, say_fault, &faults) > 0) {
		*ret = hawk_config_free(*ret);
		r = -EINVAL;
	}
	explain(&faults, ret_why);
	free(faults.first);
	return r;
}
