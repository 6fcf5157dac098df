/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What other threads ask of the pipeline: it is done between two batches, on its thread. */
#include "src/daemon/pipelinestate.h"

/* Of starting up: turns to read the seeds (of at most BATCH_MAX), wait for command lines. */
#define SETTLE_TURNS 1000
#define SETTLE_ARGV_NS (100ULL * 1000 * 1000)
/* How long a flood may keep the thread from what was sent before somebody asked. */
#define CATCH_UP_NS (1ULL * 1000 * 1000 * 1000)

void hawk_pipeline_call(struct hawk_pipeline *p, void (*fn)(void *arg, struct hawk_proctab *proctab), void *arg)
{
	struct hawk_pipeline_caller call = { .fn = fn, .arg = arg };

	pthread_mutex_lock(&p->callers);
	pthread_mutex_lock(&p->lock);
	p->call = &call;
	hawk_pipeline_wake(p);
	while (!call.done)
		pthread_cond_wait(&p->called, &p->lock);
	pthread_mutex_unlock(&p->lock);
	pthread_mutex_unlock(&p->callers);
}

struct tell {
	struct hawk_pipeline *p;
	void (*fn)(void *arg, hawk_pipeline_emit emit, void *emit_ctx);
	void *arg;
};

static void tell(void *arg, struct hawk_proctab *proctab)
{
	struct tell *t = arg;

	(void)proctab;
	hawk_sinks_batch_begin(t->p->parts.sinks);
	t->fn(t->arg, hawk_pipeline_own, t->p);
	hawk_sinks_batch_end(t->p->parts.sinks);
}

void hawk_pipeline_tell(struct hawk_pipeline *p, void (*fn)(void *arg, hawk_pipeline_emit emit, void *emit_ctx),
			void *arg)
{
	struct tell t = { p, fn, arg };

	hawk_pipeline_call(p, tell, &t);
}

struct settle {
	struct hawk_collect *collect;
	bool seeds;
};

static void look_for_seeds(void *arg, struct hawk_proctab *proctab)
{
	struct settle *s = arg;

	(void)proctab;
	s->seeds = hawk_collect_has_seeds(s->collect);
}

void hawk_pipeline_settle(struct hawk_pipeline *p)
{
	struct settle s = { .collect = p->parts.collect };

	/* each call comes after a turn, which reads what there is */
	for (int turns = 0; turns == 0 || (s.seeds && turns < SETTLE_TURNS); turns++)
		hawk_pipeline_call(p, look_for_seeds, &s);
	hawk_cmdline_settle(p->parts.cmdline, SETTLE_ARGV_NS);
	hawk_pipeline_call(p, look_for_seeds, &s);
}

struct catch_up {
	struct hawk_pipeline *p;
	uint64_t read_until;
};

static void look_how_far(void *arg, struct hawk_proctab *proctab)
{
	struct catch_up *c = arg;

	(void)proctab;
	c->read_until = c->p->read_until;
}

void hawk_pipeline_catch_up(struct hawk_pipeline *p)
{
	struct catch_up c = { .p = p };
	uint64_t asked = hawk_pipeline_now(p);

	do
		hawk_pipeline_call(p, look_how_far, &c);
	while (c.read_until < asked && hawk_pipeline_now(p) < asked + CATCH_UP_NS);
}

struct hawk_pipeline_stats hawk_pipeline_stats(struct hawk_pipeline *p)
{
	struct hawk_pipeline_stats copy;

	pthread_mutex_lock(&p->lock);
	copy = p->stats;
	pthread_mutex_unlock(&p->lock);
	return copy;
}

/* What other threads change or ask between two batches. */
struct asked {
	struct hawk_pipeline *p;
	void (*tap)(void *ctx, const void *record, size_t len);
	void *tap_ctx;
	const struct hawk_policy_set *policies;
	uint32_t generation;
	const uint64_t *fresh;
	bool found;
	const struct hawk_sig_set *signatures;
};

static void set_tap(void *arg, struct hawk_proctab *proctab)
{
	struct asked *s = arg;

	(void)proctab;
	s->p->tap = s->tap;
	s->p->tap_ctx = s->tap_ctx;
}

void hawk_pipeline_tap(struct hawk_pipeline *p, void (*tap)(void *ctx, const void *record, size_t len), void *ctx)
{
	struct asked s = { .p = p, .tap = tap, .tap_ctx = ctx };

	hawk_pipeline_call(p, set_tap, &s);
}

static void set_policies(void *arg, struct hawk_proctab *proctab)
{
	struct asked *s = arg;

	(void)proctab;
	hawk_matching_switch(&s->p->matching, s->policies, s->generation, s->fresh, hawk_pipeline_now(s->p));
}

void hawk_pipeline_set_policies(struct hawk_pipeline *p, const struct hawk_policy_set *set, uint32_t generation,
				const uint64_t fresh[static HAWK_POLICY_WORDS])
{
	struct asked s = { .p = p, .policies = set, .generation = generation, .fresh = fresh };

	hawk_pipeline_call(p, set_policies, &s);
}

static void has_policies(void *arg, struct hawk_proctab *proctab)
{
	struct asked *s = arg;

	(void)proctab;
	s->found = hawk_matching_has(&s->p->matching, s->policies);
}

bool hawk_pipeline_has_policies(struct hawk_pipeline *p, const struct hawk_policy_set *set)
{
	struct asked s = { .p = p, .policies = set };

	hawk_pipeline_call(p, has_policies, &s);
	return s.found;
}

static void set_signatures(void *arg, struct hawk_proctab *proctab)
{
	struct asked *s = arg;

	(void)proctab;
	hawk_detecting_switch(&s->p->detecting, s->signatures);
}

void hawk_pipeline_set_signatures(struct hawk_pipeline *p, const struct hawk_sig_set *set)
{
	struct asked s = { .p = p, .signatures = set };

	hawk_pipeline_call(p, set_signatures, &s);
}
