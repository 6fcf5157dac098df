/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the daemon offers to the control server. */
#include <errno.h>
#include <stdio.h>

#include "src/base/cleanup.h"
#include "src/daemon/policyshow.h"
#include "src/daemon/signatureshow.h"
#include "src/daemon/state.h"

static void op_in_pipeline(void *ctx, void (*fn)(void *arg, struct hawk_proctab *proctab), void *arg)
{
	hawk_pipeline_call(((struct hawk_daemon *)ctx)->pipeline, fn, arg);
}

static void op_pipeline_stats(void *ctx, struct hawk_pipeline_stats *ret)
{
	*ret = hawk_pipeline_stats(((struct hawk_daemon *)ctx)->pipeline);
}

static int op_events_enable(void *ctx, const uint64_t *bits, bool on)
{
	return hawk_interest_enable(((struct hawk_daemon *)ctx)->interest, bits, on);
}

static bool op_event_enabled(void *ctx, size_t row)
{
	return hawk_interest_enabled(((struct hawk_daemon *)ctx)->interest, row);
}

static int op_interest_add(void *ctx, const uint64_t *bits)
{
	return hawk_interest_add(((struct hawk_daemon *)ctx)->interest, bits);
}

static void op_interest_drop(void *ctx, int handle)
{
	hawk_interest_drop(((struct hawk_daemon *)ctx)->interest, handle);
}

static const char *impossible(const struct hawk_daemon *d)
{
	return d->interest ? hawk_interest_impossible(d->interest) : NULL;
}

const char *hawk_daemon_passing(const struct hawk_daemon *d, size_t i)
{
	const char *policies = d->policies ? hawk_policies_problem(d->policies) : NULL;
	const char *signatures = d->signatures ? hawk_signatures_problem(d->signatures) : NULL;
	const char *unloaded = d->policies ? hawk_policies_unloaded(d->policies) : NULL;
	const char *const lines[] = { impossible(d), d->unchecked, d->unpackaged, policies, signatures, unloaded };

	for (size_t k = 0; k < ARRAY_SIZE(lines); k++)
		if (lines[k] && i-- == 0)
			return lines[k];
	return NULL;
}

static bool op_degraded(void *ctx, size_t i, const char **ret)
{
	struct hawk_daemon *d = ctx;

	*ret = i < d->n_degraded ? d->degraded[i] : hawk_daemon_passing(d, i - d->n_degraded);
	return *ret;
}

static int op_reload(void *ctx, char **ret_why)
{
	return hawk_daemon_reload(ctx, ret_why);
}

static int op_tap_set(void *ctx, void (*tap)(void *tap_ctx, const void *record, size_t len), void *tap_ctx)
{
	struct hawk_daemon *d = ctx;

	if (d->interest)
		hawk_interest_set_recorded(d->interest, tap);
	hawk_pipeline_tap(d->pipeline, tap, tap_ctx);
	return 0;
}

static struct hawk_collect *op_collect(void *ctx)
{
	return ((struct hawk_daemon *)ctx)->collect;
}

static struct hawk_sinks *op_sinks(void *ctx)
{
	return ((struct hawk_daemon *)ctx)->sinks;
}

static struct hawk_packages *op_packages(void *ctx)
{
	return ((struct hawk_daemon *)ctx)->packages;
}

static struct hawk_findings *op_findings(void *ctx)
{
	return ((struct hawk_daemon *)ctx)->findings;
}

static struct hawk_derive *op_derive(void *ctx)
{
	return ((struct hawk_daemon *)ctx)->derive;
}

static void op_inspect(void *ctx, struct hawk_inspection *i)
{
	hawk_inspect_begin(((struct hawk_daemon *)ctx)->inspect, i);
}

static bool op_inspected(void *ctx, const struct hawk_inspection *i)
{
	return hawk_inspect_finished(((struct hawk_daemon *)ctx)->inspect, i);
}

static void op_inspect_end(void *ctx, struct hawk_inspection *i)
{
	hawk_inspect_end(((struct hawk_daemon *)ctx)->inspect, i);
}

static json_t *op_policy_list(void *ctx)
{
	return hawk_policyshow_list(((struct hawk_daemon *)ctx)->policies);
}

static json_t *op_policy_show(void *ctx, const char *name, bool *ret_none)
{
	struct hawk_daemon *d = ctx;
	const struct hawk_policies_entry *e = hawk_policies_find(d->policies, name);

	*ret_none = !e;
	return e ? hawk_policyshow_show(d->policies, e) : NULL;
}

static json_t *op_policy_explain(void *ctx, const char *name, bool *ret_none)
{
	struct hawk_daemon *d = ctx;
	const struct hawk_policies_entry *e = hawk_policies_find(d->policies, name);

	*ret_none = !e;
	return e ? hawk_policyshow_explain(d->policies, e) : NULL;
}

static int op_policy_load(void *ctx, const struct hawk_policy_texts *texts, json_t **ret, json_t **ret_problems)
{
	struct hawk_daemon *d = ctx;
	_cleanup_free_ const struct hawk_policies_entry **loaded = calloc(texts->n, sizeof(*loaded));
	_cleanup_(hawk_problems_done) struct hawk_problems problems = { .what = "policies" };
	int r = loaded ? hawk_policies_load(d->policies, texts, loaded, &problems) : -ENOMEM;

	if (r < 0)
		return r;
	*ret = json_array();
	for (size_t i = 0; i < texts->n; i++)
		if (loaded[i])
			json_array_append_new(*ret, hawk_policyshow_row(d->policies, loaded[i]));
	*ret_problems = hawk_problems_json(&problems);
	return 0;
}

static int op_policy_unload(void *ctx, const char *name, char **ret_why)
{
	struct hawk_policies *policies = ((struct hawk_daemon *)ctx)->policies;
	const struct hawk_policies_entry *e = hawk_policies_find(policies, name);
	int r = hawk_policies_unload(policies, name);

	if (r == -EPERM && asprintf(ret_why, "it comes from %s: remove that file, mask it by a link to /dev/null, or "
					     "use \"policy disable\"", e->policy->path) < 0)
		*ret_why = NULL;
	return r;
}

static int op_policy_enable(void *ctx, const char *name, bool on, char **ret_why)
{
	struct hawk_policies *policies = ((struct hawk_daemon *)ctx)->policies;
	const struct hawk_policies_entry *e = hawk_policies_find(policies, name);

	*ret_why = NULL;
	if (e && e->policy->enabled == on)
		return 1;
	return hawk_policies_enable(policies, name, on);
}

static json_t *op_signature_list(void *ctx)
{
	return hawk_signatureshow_list(((struct hawk_daemon *)ctx)->signatures);
}

static size_t op_signatures_enabled(void *ctx)
{
	const struct hawk_signatures *signatures = ((struct hawk_daemon *)ctx)->signatures;
	const struct hawk_sig *sig;
	size_t n = 0;

	for (size_t i = 0; (sig = hawk_signatures_at(signatures, i)); i++)
		n += hawk_signatures_enabled(signatures, sig) && !sig->n_pending;
	return n;
}

static json_t *op_signature_show(void *ctx, const char *name, bool *ret_none)
{
	struct hawk_daemon *d = ctx;
	const struct hawk_sig *sig = hawk_signatures_find(d->signatures, name);

	*ret_none = !sig;
	return sig ? hawk_signatureshow_show(d->signatures, sig) : NULL;
}

static json_t *op_signature_stats(void *ctx)
{
	struct hawk_daemon *d = ctx;

	return hawk_signatureshow_stats(d->signatures, hawk_clock_now(&d->clock));
}

static int op_signature_load(void *ctx, const struct hawk_policy_texts *texts, json_t **ret, char **ret_why)
{
	struct hawk_daemon *d = ctx;
	int r = hawk_signatures_load(d->signatures, texts, ret_why);

	if (r < 0)
		return r;
	*ret = json_array();
	for (size_t i = 0; i < texts->n; i++) {
		json_t *rows = hawk_signatureshow_rows(d->signatures, texts->v[i].path);

		json_array_extend(*ret, rows);
		json_decref(rows);
	}
	hawk_daemon_new_signatures(d);
	return 0;
}

static int op_signature_unload(void *ctx, const char *name, char **ret_why)
{
	struct hawk_daemon *d = ctx;
	const struct hawk_sig *sig = hawk_signatures_find(d->signatures, name);
	int r = hawk_signatures_unload(d->signatures, name);

	if (r == 0)
		hawk_daemon_new_signatures(d);
	if (r == -EPERM && asprintf(ret_why, "it comes from %s: remove that file, mask it by a link to /dev/null, or "
					     "use \"signature disable\"", sig->path) < 0)
		*ret_why = NULL;
	return r;
}

static int op_signature_enable(void *ctx, const char *name, bool on, char **ret_why)
{
	*ret_why = NULL;
	return hawk_signatures_enable(((struct hawk_daemon *)ctx)->signatures, name, on);
}

/* On the pipeline's thread, whose the learning is. */
struct learn {
	struct hawk_daemon *d;
	bool start, stop;
	json_t *answer;
};

static void learn(void *arg, struct hawk_proctab *proctab)
{
	struct learn *l = arg;
	uint64_t now = hawk_clock_now(&l->d->clock);

	(void)proctab;
	if (l->start)
		hawk_learning_begin(l->d->learning, now);
	if (l->stop)
		hawk_learning_end(l->d->learning, now);
	l->answer = hawk_signatureshow_learn(l->d->signatures, l->d->learning, now);
}

static json_t *op_signature_learn(void *ctx, bool start, bool stop)
{
	struct learn l = { ctx, start, stop, NULL };

	hawk_pipeline_call(l.d->pipeline, learn, &l);
	return l.answer;
}

const struct hawk_control_ops hawk_daemon_ops = {
	.in_pipeline = op_in_pipeline,
	.pipeline_stats = op_pipeline_stats,
	.events_enable = op_events_enable,
	.event_enabled = op_event_enabled,
	.interest_add = op_interest_add,
	.interest_drop = op_interest_drop,
	.reload = op_reload,
	.degraded = op_degraded,
	.tap_set = op_tap_set,
	.collect = op_collect,
	.sinks = op_sinks,
	.derive = op_derive,
	.packages = op_packages,
	.findings = op_findings,
	.inspect = op_inspect,
	.inspected = op_inspected,
	.inspect_end = op_inspect_end,
	.policy_list = op_policy_list,
	.policy_show = op_policy_show,
	.policy_explain = op_policy_explain,
	.policy_load = op_policy_load,
	.policy_unload = op_policy_unload,
	.policy_enable = op_policy_enable,
	.signature_list = op_signature_list,
	.signatures_enabled = op_signatures_enabled,
	.signature_show = op_signature_show,
	.signature_stats = op_signature_stats,
	.signature_load = op_signature_load,
	.signature_unload = op_signature_unload,
	.signature_enable = op_signature_enable,
	.signature_learn = op_signature_learn,
};
