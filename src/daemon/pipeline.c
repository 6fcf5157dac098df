/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "src/base/cleanup.h"
#include "src/base/log.h"
#include "src/collect/filter.h"
#include "src/daemon/learning.h"
#include "src/daemon/pipelinestate.h"
#include "src/enrich/hostns.h"

#define BATCH_MAX 8192
/*
 * While events flow the thread looks every 5 ms and the kernel wakes nobody
 * (120-200 ns per record saved). After some empty looks it sleeps, and the
 * first record wakes it.
 */
#define LOOK_MS 5
#define LOOKS_BEFORE_SLEEP 4
/* Asleep, it still turns this often: for the watchdog and for counters that changed without a record. */
#define HEARTBEAT_MS 1000
#define SAMPLE_EVERY 64 /* records per timed one */
/* How long after the last seed an exit that is under way may still come. */
#define SETTLE_NS (2ULL * 1000 * 1000 * 1000)

/* Whether a sink or a client may see the event with this id, or a policy or a signature is about it. */
static bool wants(void *ctx, uint16_t event)
{
	struct hawk_pipeline *p = ctx;

	return hawk_sinks_wants(p->parts.sinks, event) || hawk_matching_wants(&p->matching, event) ||
	       hawk_detecting_wants(&p->detecting, event);
}

/* The kernel asks of a process that it has not been told of. */
static void tell_known(struct hawk_pipeline *p, const struct hawk_event *event)
{
	struct hawk_abi_known_key key;
	struct hawk_abi_known known;
	int r;

	if (!hawk_matching_known(&p->matching, event, &key, &known))
		return;
	r = hawk_collect_know(p->parts.collect, event->generation, &key, &known);
	if (r < 0 && r != -ESTALE)
		hawk_debug("policies: what is known of process %u: %s", event->tgid, strerror(-r));
}

/* Whether anybody is to see EVENT: what only policies and signatures want is told when a policy matches. */
static bool match(struct hawk_pipeline *p, struct hawk_event *event)
{
	if (hawk_matching_event(&p->matching, event) || event->desc->id == HAWK_EV_LOST ||
	    hawk_sinks_wants(p->parts.sinks, event->desc->id))
		return true;
	p->now.unmatched++;
	return false;
}

/* Now, when times are taken. */
static uint64_t time_of(const struct hawk_pipeline *p)
{
	return p->timed ? hawk_pipeline_now(p) : 0;
}

/* Time that is in the books of the stages within the one that takes it. */
static uint64_t booked(const struct hawk_pipeline *p)
{
	return p->now.ns_signatures + p->now.ns_sink;
}

static void tell(struct hawk_pipeline *p, struct hawk_event *event)
{
	uint64_t since = time_of(p);

	event->seq = ++p->seq;
	p->now.events++;
	hawk_sinks_event(p->parts.sinks, event);
	p->now.ns_sink += (time_of(p) - since) * SAMPLE_EVERY;
}

/* A finding is told, and looked at, meanwhile. */
static void detect(struct hawk_pipeline *p, struct hawk_event *event)
{
	uint64_t since = time_of(p), before = booked(p);

	hawk_detecting_event(&p->detecting, event);
	p->now.ns_signatures += (time_of(p) - since) * SAMPLE_EVERY - (booked(p) - before);
}

static void deliver(struct hawk_pipeline *p, struct hawk_event *event)
{
	tell_known(p, event);
	if (match(p, event))
		tell(p, event);
	detect(p, event);
}

/* A signature has found what it is about. */
static void on_found(void *ctx, const struct hawk_sig_found *found)
{
	struct hawk_pipeline *p = ctx;
	struct hawk_event told;

	p->now.findings++;
	hawk_learning_found(p->parts.learning, found, p->detecting.model);
	hawk_findings_add(p->parts.findings, found, p->detecting.model, &told);
	deliver(p, &told);
}

/* An event that was made of another one. */
static void on_derived(void *ctx, struct hawk_event *derived)
{
	/* the kernel has judged what it was made of */
	derived->rec_flags &= (uint8_t)~(HAWK_REC_JUDGED | HAWK_REC_UNKNOWN);
	deliver(ctx, derived);
}

/* What libraries export is read by another thread: what comes of it is told later. */
static void ask_symbols(struct hawk_pipeline *p, const struct hawk_event *event)
{
	unsigned int wanted = 0;

	if (wants(p, HAWK_EV_SYMBOLS_LOADED))
		wanted |= HAWK_SYMBOLS_LOADED;
	if (wants(p, HAWK_EV_SYMBOLS_COLLISION))
		wanted |= HAWK_SYMBOLS_COLLISION;
	if (wanted)
		hawk_symbols_ask(p->parts.symbols, event, wanted);
}

static void take_symbols(struct hawk_pipeline *p)
{
	struct hawk_event *event;

	while ((event = hawk_symbols_take(p->parts.symbols)))
		if (hawk_proctab_apply(p->parts.proctab, event) == 0)
			on_derived(p, event);
}

/* Makes EVENT one of the daemon itself, now. Returns 0 or as hawk_proctab_apply(). */
static int make_own(struct hawk_pipeline *p, struct hawk_event *event)
{
	const struct hawk_process *self = hawk_proctab_by_pid(p->parts.proctab, (uint32_t)getpid());

	event->start = self ? self->task.start : 0;
	event->cgroup = self ? self->task.cgroup : 0;
	event->time = hawk_pipeline_now(p);
	event->walltime = event->time + (uint64_t)p->parts.clock->boot_offset;
	event->tgid = event->tid = (uint32_t)getpid();
	memcpy(event->comm, "sechawkd", sizeof("sechawkd"));
	return hawk_proctab_apply(p->parts.proctab, event);
}

void hawk_pipeline_own(void *ctx, struct hawk_event *event)
{
	if (make_own(ctx, event) == 0)
		deliver(ctx, event);
}

/* What an aggregation left out: the policy is known already. */
static void on_rest(void *ctx, struct hawk_event *event)
{
	struct hawk_pipeline *p = ctx;

	if (make_own(p, event) == 0)
		tell(p, event);
}

/*
 * Where /proc/1/ns may not be read the seed of PID 1 tells the host's
 * namespaces, or that of a kernel thread: those have the initial ones.
 */
static void learn_host(const struct hawk_abi_task *task)
{
	if (task->pid == 1 || (task->kthread && !hawk_host_ns()->mnt)) {
		struct hawk_host_ns ns = hawk_hostns_from_task(task);

		hawk_host_ns_set(&ns);
	}
}

/* One record in the order of the data path. Each arrow of ARCHITECTURE.md is one call here, or in deliver(). */
static void take_record(struct hawk_pipeline *p, const void *record, size_t len)
{
	struct hawk_event *event = &p->event;
	uint64_t t0 = time_of(p), t1, t2, before = booked(p);
	int r;

	if (p->tap)
		p->tap(p->tap_ctx, record, len);
	hawk_findings_record(p->parts.findings, record, len);
	r = hawk_decode(p->decoder, record, len, event);
	if (r != 0) {
		p->now.rejected += r < 0;
		return;
	}
	t1 = time_of(p);
	if (hawk_proctab_apply(p->parts.proctab, event) < 0)
		return;
	t2 = time_of(p);
	if (event->desc->id == HAWK_EV_PROCESS_SEED)
		learn_host(event->task);
	hawk_matching_follow(&p->matching, event);
	hawk_facts_event(p->parts.facts, event);
	hawk_derive_event(p->parts.derive, event, on_derived, p);
	if (event->desc->id == HAWK_EV_SHARED_OBJECT_LOADED)
		ask_symbols(p, event);
	if (!event->desc->internal)
		deliver(p, event);
	if (p->timed) {
		uint64_t t3 = hawk_pipeline_now(p), latency = t3 - event->time;

		p->now.ns_decode += (t1 - t0) * SAMPLE_EVERY;
		p->now.ns_enrich += (t2 - t1) * SAMPLE_EVERY;
		p->now.ns_policies += (t3 - t2) * SAMPLE_EVERY - (booked(p) - before);
		p->now.sum_latency_ns += latency * SAMPLE_EVERY;
		if (latency > p->now.max_latency_ns)
			p->now.max_latency_ns = latency;
	}
}

static void on_record(void *ctx, const void *record, size_t len)
{
	struct hawk_pipeline *p = ctx;

	p->timed = ++p->now.records % SAMPLE_EVERY == 0;
	take_record(p, record, len);
	p->timed = false;
}

/* What other threads want, and what they may know. */
static void serve_callers(struct hawk_pipeline *p)
{
	pthread_mutex_lock(&p->lock);
	p->now.lost = p->loss.total;
	p->now.lost_life = p->loss.life;
	p->stats = p->now;
	if (p->call) {
		p->call->fn(p->call->arg, p->parts.proctab);
		p->call->done = true;
		p->call = NULL;
		pthread_cond_broadcast(&p->called);
	}
	pthread_mutex_unlock(&p->lock);
}

/* Time of the stages behind reading, as sampled. */
static uint64_t stages_ns(const struct hawk_pipeline_stats *s)
{
	return s->ns_decode + s->ns_enrich + s->ns_policies + s->ns_signatures + s->ns_sink;
}

/*
 * Once all that a seeding told is in the table, and exits that were under way have come:
 * what it did not show is gone.
 */
static void sweep(struct hawk_pipeline *p)
{
	uint64_t seeded = hawk_collect_seeded(p->parts.collect);
	size_t n;

	if (seeded != p->seeded) {
		p->seeded = seeded;
		p->seeded_at = p->now.heartbeat;
		p->swept = false;
	}
	if (!seeded || p->swept || p->now.heartbeat < p->seeded_at + SETTLE_NS)
		return;
	p->swept = true;
	n = hawk_proctab_sweep(p->parts.proctab, seeded);
	if (n)
		hawk_notice("%zu processes were gone whose exit was not seen", n);
}

/* So that a recording says how long nothing came. */
static void record_time(struct hawk_pipeline *p, uint64_t time)
{
	const struct {
		struct hawk_abi_rec rec;
		struct hawk_abi_RECORDED_UNTIL fixed;
	} until = { .rec = { .time = time, .size = sizeof(until), .event = HAWK_EV_RECORDED_UNTIL } };

	if (p->tap)
		p->tap(p->tap_ctx, &until, sizeof(until));
}

static long turn(struct hawk_pipeline *p)
{
	uint64_t start = hawk_pipeline_now(p), stages = stages_ns(&p->now), spent;
	struct hawk_symbols_stats libraries;
	long n;

	hawk_sinks_batch_begin(p->parts.sinks);
	hawk_proctab_take_argv(p->parts.proctab);
	take_symbols(p);
	n = hawk_collect_read(p->parts.collect, on_record, p, BATCH_MAX);
	p->now.heartbeat = hawk_pipeline_now(p);
	p->read_until = n < BATCH_MAX ? start : p->event.time;
	hawk_matching_advance(&p->matching, p->read_until);
	hawk_detecting_advance(&p->detecting, p->read_until);
	if (n > 0) {
		p->now.batches++;
		spent = p->now.heartbeat - start;
		stages = stages_ns(&p->now) - stages;
		p->now.ns_read += spent > stages ? spent - stages : 0; /* samples may say more than was spent */
	}
	if (p->now.heartbeat - p->checked >= HEARTBEAT_MS * 1000000ULL) {
		p->checked = p->now.heartbeat;
		record_time(p, p->read_until);
		hawk_matching_end(&p->matching, p->read_until);
		/* filters may ask for the process: not before its seed is read */
		if (hawk_proctab_by_pid(p->parts.proctab, (uint32_t)getpid()))
			hawk_announce_check(&p->announce, wants, hawk_pipeline_own, p);
		hawk_loss_check(&p->loss, p->parts.collect, p->parts.sinks, hawk_pipeline_own, p);
		libraries = hawk_symbols_stats(p->parts.symbols);
		hawk_loss_libraries(&p->loss, &libraries, hawk_pipeline_own, p);
		sweep(p);
	}
	hawk_sinks_batch_end(p->parts.sinks);
	serve_callers(p);
	return n;
}

/* Somebody set the clock: the times of events to come are those of the new one. */
static void follow_clock(struct hawk_pipeline *p)
{
	int64_t by = hawk_clock_renew(p->parts.clock, p->clock_fd);

	hawk_decoder_set_boot_offset(p->decoder, p->parts.clock->boot_offset);
	hawk_notice("the clock was set by %+.6f s: the times of events follow it, those told before do not", (double)by / 1e9);
}

static void wait_for(struct hawk_pipeline *p, int ms)
{
	struct epoll_event ev[4];
	uint64_t drained;
	int n = epoll_wait(p->epoll_fd, ev, ARRAY_SIZE(ev), ms);

	for (int i = 0; i < n; i++) {
		if (ev[i].data.fd == p->wake_fd) {
			if (read(p->wake_fd, &drained, sizeof(drained)) < 0 && errno != EAGAIN)
				hawk_debug("pipeline: %m");
		} else if (ev[i].data.fd == p->clock_fd) {
			follow_clock(p);
		} else if (ev[i].data.fd == hawk_cmdline_fd(p->parts.cmdline) ||
			   ev[i].data.fd == hawk_symbols_fd(p->parts.symbols)) {
			continue; /* the next turn takes what came */
		} else { /* takes the edge, so that the next wait waits */
			struct epoll_event inner[2];

			epoll_wait(ev[i].data.fd, inner, 2, 0);
		}
	}
}

static void *run(void *arg)
{
	struct hawk_pipeline *p = arg;
	int empty = 0;

	while (!atomic_load(&p->stop)) {
		long n = turn(p);

		if (n >= BATCH_MAX)
			continue;
		empty = n > 0 ? 0 : empty + 1;
		if (empty < LOOKS_BEFORE_SLEEP) {
			wait_for(p, LOOK_MS);
		} else if (hawk_collect_sleep(p->parts.collect, true)) {
			wait_for(p, HEARTBEAT_MS);
			hawk_collect_sleep(p->parts.collect, false);
		}
	}
	while (turn(p) > 0)
		;
	/* what was lost since the last look is told, too */
	hawk_loss_check(&p->loss, p->parts.collect, p->parts.sinks, hawk_pipeline_own, p);
	hawk_matching_end(&p->matching, UINT64_MAX);
	hawk_sinks_batch_end(p->parts.sinks);
	return NULL;
}

static int watch(struct hawk_pipeline *p, int fd)
{
	struct epoll_event ev = { .events = EPOLLIN, .data.fd = fd };

	return epoll_ctl(p->epoll_fd, EPOLL_CTL_ADD, fd, &ev) < 0 ? -errno : 0;
}

static struct hawk_pipeline *pipeline_free(struct hawk_pipeline *p)
{
	hawk_decoder_free(p->decoder);
	if (p->wake_fd >= 0)
		close(p->wake_fd);
	if (p->clock_fd >= 0)
		close(p->clock_fd);
	if (p->epoll_fd >= 0)
		close(p->epoll_fd);
	pthread_mutex_destroy(&p->lock);
	pthread_mutex_destroy(&p->callers);
	pthread_cond_destroy(&p->called);
	free(p);
	return NULL;
}

int hawk_pipeline_start(struct hawk_pipeline **ret, const struct hawk_pipeline_parts *parts)
{
	struct hawk_pipeline *p = calloc(1, sizeof(*p));
	int r;

	if (!p)
		return -ENOMEM;
	p->parts = *parts;
	p->matching = (struct hawk_matching){ .proctab = parts->proctab, .env = hawk_facts_env(parts->proctab), .tell = on_rest, .ctx = p };
	p->detecting = (struct hawk_detecting){ .engine = parts->engine, .set = parts->signatures, .tell = on_found, .ctx = p };
	p->detecting.model = hawk_facts_model(parts->facts);
	p->matching.sets[0].set = parts->policies;
	p->matching.sets[0].generation = parts->generation;
	hawk_announce_init(&p->announce, parts->clock);
	pthread_mutex_init(&p->lock, NULL);
	pthread_mutex_init(&p->callers, NULL);
	pthread_cond_init(&p->called, NULL);
	p->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	p->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	r = p->epoll_fd < 0 || p->wake_fd < 0 ? -errno : 0;
	p->clock_fd = hawk_clock_watch();
	if (r == 0 && p->clock_fd < 0)
		r = p->clock_fd;
	if (r == 0)
		r = hawk_decoder_new(&p->decoder, parts->clock->boot_offset);
	if (r == 0)
		r = watch(p, p->wake_fd);
	if (r == 0)
		r = watch(p, p->clock_fd);
	if (r == 0)
		r = watch(p, hawk_collect_fd(parts->collect));
	if (r == 0)
		r = watch(p, hawk_cmdline_fd(parts->cmdline));
	if (r == 0)
		r = watch(p, hawk_symbols_fd(parts->symbols));
	if (r == 0)
		r = -pthread_create(&p->thread, NULL, run, p);
	if (r < 0) {
		pipeline_free(p);
		return r;
	}
	pthread_setname_np(p->thread, "pipeline");
	*ret = p;
	return 0;
}

void hawk_pipeline_wake(struct hawk_pipeline *p)
{
	uint64_t one = 1;

	if (write(p->wake_fd, &one, sizeof(one)) < 0)
		hawk_debug("pipeline: %m");
}

struct hawk_pipeline *hawk_pipeline_stop(struct hawk_pipeline *p)
{
	if (!p)
		return NULL;
	atomic_store(&p->stop, true);
	hawk_pipeline_wake(p);
	pthread_join(p->thread, NULL);
	return pipeline_free(p);
}
