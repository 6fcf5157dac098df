/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A recording through the same stages as live records, with its own clock and without /proc. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/cleanup.h"
#include "src/base/clock.h"
#include "src/base/log.h"
#include "src/collect/recording.h"
#include "src/daemon/daemon.h"
#include "src/daemon/facts.h"
#include "src/daemon/rejudge.h"
#include "src/decode/decode.h"
#include "src/derive/derive.h"
#include "src/enrich/proctab.h"
#include "src/format/format.h"
#include "src/ir/ir.h"

struct replay {
	struct hawk_recording *recording;
	struct hawk_decoder *decoder;
	struct hawk_proctab *proctab;
	struct hawk_derive *derive;
	struct hawk_format *format;
	struct hawk_ir *filter;
	struct hawk_ir_env env;
	struct hawk_rejudge *rejudge;
	struct hawk_clock clock;
	struct hawk_buf out;
	struct hawk_event event;
	uint64_t now, seq, rejected;
	int error; /* the first one of the output */
};

static uint64_t recorded_time(void *ctx)
{
	return ((struct replay *)ctx)->now;
}

/* Writes an event that passes the filter. */
static void put(struct replay *p, const struct hawk_event *event)
{
	int r;

	if (p->error || !hawk_ir_eval(p->filter, event, &p->env))
		return;
	hawk_buf_reset(&p->out);
	r = hawk_format_event(p->format, event, &p->out);
	if (r == 0 && fwrite(p->out.data, 1, p->out.len, stdout) != p->out.len)
		r = -EIO;
	p->error = r;
}

/* Judges an event, or what was found, and tells it. */
static void deliver(void *ctx, struct hawk_event *event)
{
	struct replay *p = ctx;

	hawk_rejudge_match(p->rejudge, event);
	event->seq = ++p->seq;
	put(p, event);
	hawk_rejudge_detect(p->rejudge, event);
}

/* What an aggregation left out: an event of a daemon, of now, without its process. */
static void tell(void *ctx, struct hawk_event *event)
{
	struct replay *p = ctx;

	event->time = p->now;
	event->walltime = p->now + (uint64_t)p->clock.boot_offset;
	event->seq = ++p->seq;
	put(p, event);
}

static int play_one(struct replay *p, const void *record, size_t len)
{
	int r;

	hawk_rejudge_record(p->rejudge, record, len);
	r = hawk_decode(p->decoder, record, len, &p->event);
	if (r != 0) {
		p->rejected += r < 0;
		return 0;
	}
	p->now = p->event.time;
	if (p->event.desc->id == HAWK_EV_RECORDED_UNTIL) {
		hawk_rejudge_advance(p->rejudge, p->now);
		hawk_rejudge_end(p->rejudge, p->now);
		return p->error;
	}
	r = hawk_proctab_apply(p->proctab, &p->event);
	if (r < 0)
		return r;
	hawk_rejudge_follow(p->rejudge, &p->event);
	hawk_derive_event(p->derive, &p->event, deliver, p);
	if (!p->event.desc->internal)
		deliver(p, &p->event);
	return p->error;
}

/* Policies and signatures. */
static int open_judges(struct replay *p, const struct hawk_replay_options *options, char **ret_why)
{
	const struct hawk_rejudge_options judges = {
		.policies = options->policies,
		.signatures = options->signatures,
		.proctab = p->proctab,
		.derive = p->derive,
		.deliver = deliver,
		.tell = tell,
		.ctx = p,
	};

	p->env = hawk_facts_env(p->proctab);
	return hawk_rejudge_new(&p->rejudge, &judges, ret_why);
}

static int open_all(struct replay *p, const struct hawk_replay_options *options, char **ret_why)
{
	struct hawk_proctab_options table = { .proc_fd = -1, .clock = &p->clock };
	const struct hawk_recording_header *h;
	struct hawk_ir_error error;
	struct hawk_host_ns ns;
	int r;

	r = hawk_recording_open(&p->recording, options->path, ret_why);
	if (r < 0)
		return r;
	h = hawk_recording_header(p->recording);
	ns = hawk_recording_host_ns(h);
	hawk_host_ns_set(&ns);
	hawk_watch_since_set(h->started);
	p->clock = (struct hawk_clock){ recorded_time, p, h->boot_offset };
	r = hawk_format_new(&p->format, options->format, false, ret_why);
	if (r < 0)
		return r;
	r = hawk_ir_parse(&p->filter, options->filter, &error);
	if (r == -EINVAL && asprintf(ret_why, "filter, column %u: %s", error.column, error.message) < 0)
		*ret_why = NULL;
	if (r == 0)
		r = hawk_decoder_new(&p->decoder, h->boot_offset);
	if (r == 0)
		r = hawk_proctab_new(&p->proctab, &table);
	if (r == 0)
		r = hawk_derive_new(&p->derive);
	return r < 0 ? r : open_judges(p, options, ret_why);
}

static int play(struct replay *p)
{
	const void *record;
	long n = 0;
	int r;

	r = hawk_format_head(p->format, &p->out);
	if (r == 0 && p->out.len)
		fwrite(p->out.data, 1, p->out.len, stdout);
	while (r == 0 && (n = hawk_recording_next(p->recording, &record)) > 0)
		r = play_one(p, record, (size_t)n);
	hawk_rejudge_end(p->rejudge, UINT64_MAX);
	return r < 0 ? r : (int)n;
}

int hawk_replay_run(const struct hawk_replay_options *options)
{
	struct replay p = { .seq = 0 };
	_cleanup_free_ char *why = NULL;
	const char *path = options->path;
	int r = open_all(&p, options, &why);

	if (r == 0)
		r = play(&p);
	if (r == -EBADMSG && !why)
		hawk_error("%s: the recording is damaged or its end is missing; what comes before was played",
			   path);
	else if (r < 0)
		hawk_error("%s: %s", path, why ? why : strerror(-r));
	if (p.rejected)
		hawk_warning("%s: %llu records are damaged and were left out", path, (unsigned long long)p.rejected);
	if (fflush(stdout) != 0 && r == 0)
		r = -errno;
	hawk_buf_done(&p.out);
	hawk_rejudge_free(p.rejudge);
	hawk_derive_free(p.derive);
	hawk_proctab_free(p.proctab);
	hawk_decoder_free(p.decoder);
	hawk_ir_free(p.filter);
	hawk_format_free(p.format);
	hawk_recording_free(p.recording);
	return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
