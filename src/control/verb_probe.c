/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Probes: what the planner chose, what the kernel offers, what is attached. */
#include "src/control/server.h"

static json_t *alternative_json(struct hawk_collect *collect, size_t row, size_t i)
{
	size_t n;
	const struct hawk_event_desc *d = hawk_event_descs(&n)[row];
	const struct hawk_alt_desc *a = &hawk_plan_alts(d, &n)[i];
	bool chosen = collect && hawk_collect_plan(collect)->alt[row] == (int)i;
	char why[256] = "";
	json_t *alt;

	alt = json_pack("{s:s, s:o, s:b, s:s, s:s, s:b}", "name", a->name, "programs",
			hawk_json_words(a->programs), "before", (int)a->before, "sees", a->sees, "misses",
			a->misses, "chosen", (int)chosen);
	if (alt && collect && !hawk_plan_usable(hawk_collect_features(collect), d, (int)i, why, sizeof(why)))
		json_object_set_new(alt, "problem", hawk_json_text(why));
	return alt;
}

json_t *hawk_json_alternatives(struct hawk_control *c, size_t row)
{
	struct hawk_collect *collect = c->ops->collect(c->ctx);
	json_t *array = json_array();
	size_t n;

	hawk_plan_alts(hawk_event_descs(&n)[row], &n);
	for (size_t i = 0; i < n; i++)
		json_array_append_new(array, alternative_json(collect, row, i));
	return array;
}

static json_t *probe_json(struct hawk_control *c, const struct hawk_plan *plan, size_t row)
{
	size_t n, n_alts;
	const struct hawk_event_desc *d = hawk_event_descs(&n)[row];
	const struct hawk_alt_desc *alts = hawk_plan_alts(d, &n_alts);
	json_t *probe = json_pack("{s:s, s:b, s:o}", "event", d->name, "wanted", plan->alt[row] != -1,
				  "alternatives", hawk_json_alternatives(c, row));

	if (probe && plan->alt[row] >= 0 && (size_t)plan->alt[row] < n_alts)
		json_object_set_new(probe, "chosen", json_string(alts[plan->alt[row]].name));
	return probe;
}

static json_t *kinds_json(const struct hawk_features *features)
{
	json_t *kinds = json_array();

	for (int k = 0; k < HAWK_PROG_KIND_MAX; k++) {
		json_t *kind = json_pack("{s:s, s:b}", "name", hawk_prog_kind_name(k), "usable",
					 (int)features->kind[k]);

		if (kind && !features->kind[k])
			json_object_set_new(kind, "problem",
					    hawk_json_text(features->kind_why[k] ?: "not there"));
		json_array_append_new(kinds, kind);
	}
	return kinds;
}

static void add_program(void *ctx, const struct hawk_link_info *link)
{
	json_array_append_new(ctx, json_pack("{s:s, s:s, s:s, s:I}", "name", link->prog->name, "kind",
					     hawk_prog_kind_name(link->prog->kind), "target", link->target, "id",
					     (json_int_t)link->prog_id));
}

int hawk_do_PROBE_LIST(struct hawk_session *s, const json_t *args)
{
	struct hawk_control *c = s->control;
	struct hawk_collect *collect = c->ops->collect(c->ctx);
	bool all = json_is_true(hawk_args_get(args, "all"));
	const struct hawk_event_desc *const *descs;
	const struct hawk_plan *plan;
	json_t *events, *programs;
	size_t n;

	if (!collect)
		return hawk_reply_failed(s, "a replay has no probes");
	plan = hawk_collect_plan(collect);
	descs = hawk_event_descs(&n);
	events = json_array();
	for (size_t row = 0; row < n; row++)
		if (!descs[row]->internal && (all || plan->alt[row] != -1))
			json_array_append_new(events, probe_json(c, plan, row));
	programs = json_array();
	hawk_collect_each_link(collect, add_program, programs);
	return hawk_reply(s, json_pack("{s:o, s:o, s:o}", "kinds", kinds_json(hawk_collect_features(collect)),
				       "events", events, "programs", programs));
}
