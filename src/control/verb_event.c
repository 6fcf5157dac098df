/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Events: what there is, what is collected, turning on and off. */
#include <errno.h>
#include <string.h>

#include "src/control/server.h"

static bool matches(const struct hawk_event_desc *d, const char *name, const struct hawk_event_desc *named)
{
	return !d->internal && (d == named || hawk_event_in_set(d, name));
}

int hawk_events_resolve(const json_t *list, uint64_t bits[static HAWK_EVENT_WORDS], const char **ret_name)
{
	size_t n, i;
	const struct hawk_event_desc *const *descs = hawk_event_descs(&n);
	const json_t *item;

	json_array_foreach((json_t *)list, i, item) {
		const char *name = json_string_value(item);
		const struct hawk_event_desc *named = hawk_event_by_name(name);
		bool found = false;

		for (size_t row = 0; row < n; row++)
			if (matches(descs[row], name, named)) {
				hawk_bit_set(bits, row);
				found = true;
			}
		if (!found) {
			*ret_name = name;
			return -ENOENT;
		}
	}
	return 0;
}

/* The event that is to come with this name, or the first one of this set; else NULL. */
static const struct hawk_pending_desc *pending(const char *name)
{
	size_t n;
	const struct hawk_pending_desc *descs = hawk_event_pending_descs(&n), *one = hawk_event_pending(name);

	for (size_t i = 0; !one && i < n; i++)
		if (hawk_event_pending_in_set(&descs[i], name))
			one = &descs[i];
	return one;
}

int hawk_reply_no_event(struct hawk_session *s, const char *name)
{
	const struct hawk_pending_desc *p = pending(name);

	return hawk_reply_error(s, hawk_failure_name(HAWK_FAILURE_NO_SUCH_EVENT),
				json_pack("{s:s, s:s*}", "event", name, "pending", p ? p->reason : NULL));
}

/* Those of SET; NULL: all. */
static json_t *pending_json(const char *set)
{
	size_t n;
	const struct hawk_pending_desc *descs = hawk_event_pending_descs(&n);
	json_t *list = json_array();

	for (size_t i = 0; i < n; i++)
		if ((!set || hawk_event_pending_in_set(&descs[i], set)) && !hawk_event_by_name(descs[i].name))
			json_array_append_new(list, json_pack("{s:s, s:o, s:s}", "name", descs[i].name, "sets",
							      hawk_json_words(descs[i].sets), "reason",
							      descs[i].reason));
	return list;
}

void hawk_json_add_plan(struct hawk_control *c, const struct hawk_event_desc *d, size_t row, json_t *event)
{
	struct hawk_collect *collect = c->ops->collect(c->ctx);
	const struct hawk_plan *plan = collect ? hawk_collect_plan(collect) : NULL;
	int alt = plan ? plan->alt[row] : -1;
	size_t n_alts;
	const struct hawk_alt_desc *alts = hawk_plan_alts(d, &n_alts);
	char why[256] = "";

	if (alt >= 0 && (size_t)alt < n_alts)
		json_object_set_new(event, "probe", json_string(alts[alt].name));
	if (alt != -2)
		return;
	/* The best alternative's reason is the one that people can do something about. */
	if (n_alts)
		hawk_plan_usable(hawk_collect_features(collect), d, 0, why, sizeof(why));
	json_object_set_new(event, "problem",
			    hawk_json_text(*why ? why : "nothing on this kernel can observe it"));
}

static json_t *event_json(struct hawk_control *c, size_t row)
{
	size_t n;
	const struct hawk_event_desc *d = hawk_event_descs(&n)[row];
	json_t *event = json_pack("{s:s, s:o, s:o, s:s, s:b}", "name", d->name, "aliases",
				  hawk_json_words(d->aliases), "sets", hawk_json_words(d->sets), "doc",
				  d->doc, "enabled", (int)c->ops->event_enabled(c->ctx, row));
	struct hawk_collect *collect = c->ops->collect(c->ctx);

	json_object_set_new(event, "collected", json_boolean(collect && hawk_collect_plan(collect)->alt[row] >= 0));
	hawk_json_add_plan(c, d, row, event);
	return event;
}

int hawk_do_EVENT_LIST(struct hawk_session *s, const json_t *args)
{
	struct hawk_control *c = s->control;
	const char *set = json_string_value(hawk_args_get(args, "set"));
	bool enabled = json_is_true(hawk_args_get(args, "enabled"));
	size_t n;
	const struct hawk_event_desc *const *descs = hawk_event_descs(&n);
	json_t *events = json_array(), *to_come = enabled ? json_array() : pending_json(set);
	bool any = !set || json_array_size(to_come);

	for (size_t row = 0; row < n; row++) {
		if (descs[row]->internal || (set && !hawk_event_in_set(descs[row], set)))
			continue;
		any = true;
		if (!enabled || c->ops->event_enabled(c->ctx, row))
			json_array_append_new(events, event_json(c, row));
	}
	if (!any) {
		json_decref(events);
		json_decref(to_come);
		return hawk_reply_no_event(s, set);
	}
	return hawk_reply(s, json_pack("{s:o, s:o}", "events", events, "pending", to_come));
}

static json_t *fields_json(const struct hawk_event_desc *d)
{
	json_t *fields = json_array();

	for (size_t i = 0; i < d->n_fields; i++) {
		const struct hawk_field_desc *f = &d->fields[i];

		/* Places that only align the record, and the task, which becomes "process". */
		if (!*f->doc || hawk_type_desc(f->type)->vclass == HAWK_V_TASK)
			continue;
		json_array_append_new(fields, json_pack("{s:s, s:s, s:s}", "name", f->name, "type",
							hawk_type_desc(f->type)->name, "doc", f->doc));
	}
	return fields;
}

static json_t *needs_json(const struct hawk_event_desc *d)
{
	json_t *needs = json_array();

	for (const uint16_t *id = d->needs; id && *id; id++)
		json_array_append_new(needs, json_string(hawk_event_by_id(*id)->name));
	return needs;
}

json_t *hawk_json_event_counts(struct hawk_control *c, const struct hawk_event_desc *d)
{
	struct hawk_abi_counts counts = { .seen = 0 };

	/* Without counters they are zero, as they are for an event that was never on. */
	if (hawk_event_counts(c, d->id, &counts) < 0)
		counts = (struct hawk_abi_counts){ .seen = 0 };
	return hawk_json_counts(d->name, &counts);
}

static bool has_word(const char *words, const char *word)
{
	size_t len = strlen(word);

	for (; *words; words += strcspn(words, ","), words += *words == ',')
		if (strncmp(words, word, len) == 0 && (!words[len] || words[len] == ','))
			return true;
	return false;
}

json_t *hawk_json_event_costs(struct hawk_control *c, const struct hawk_event_desc *d, size_t row)
{
	struct hawk_collect *collect = c->ops->collect(c->ctx);
	int alt = collect ? hawk_collect_plan(collect)->alt[row] : -1;
	struct hawk_prog_cost costs[HAWK_COSTS_MAX];
	json_t *array = json_array();
	size_t n = 0, n_alts;
	const struct hawk_alt_desc *alts = hawk_plan_alts(d, &n_alts);

	if (alt >= 0 && (size_t)alt < n_alts)
		n = hawk_collect_costs(collect, costs, HAWK_COSTS_MAX);
	for (size_t i = 0; i < n; i++)
		if (has_word(alts[alt].programs, costs[i].prog->name) &&
		    (!costs[i].event || costs[i].event == d->id))
			json_array_append_new(array, hawk_json_cost(&costs[i]));
	return array;
}

int hawk_do_EVENT_SHOW(struct hawk_session *s, const json_t *args)
{
	const char *name = json_string_value(hawk_args_get(args, "event"));
	const struct hawk_event_desc *d = hawk_event_by_name(name);
	size_t n, row = 0;
	const struct hawk_event_desc *const *descs = hawk_event_descs(&n);

	if (!d || d->internal)
		return hawk_reply_no_event(s, name);
	while (descs[row] != d)
		row++;
	return hawk_reply(s, json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "event", event_json(s->control, row),
				       "fields", fields_json(d), "needs", needs_json(d), "alternatives",
				       hawk_json_alternatives(s->control, row), "counts",
				       hawk_json_event_counts(s->control, d), "costs", hawk_json_event_costs(s->control, d, row)));
}

static int set_events(struct hawk_session *s, const json_t *args, bool on)
{
	struct hawk_control *c = s->control;
	uint64_t bits[HAWK_EVENT_WORDS] = { 0 };
	size_t n;
	const struct hawk_event_desc *const *descs = hawk_event_descs(&n);
	const char *bad;
	json_t *changed;
	int r;

	if (hawk_events_resolve(hawk_args_get(args, "events"), bits, &bad) < 0)
		return hawk_reply_no_event(s, bad);
	changed = json_array();
	for (size_t row = 0; row < n; row++)
		if (hawk_bit(bits, row) && c->ops->event_enabled(c->ctx, row) != on)
			json_array_append_new(changed, json_string(descs[row]->name));
	r = json_array_size(changed) ? c->ops->events_enable(c->ctx, bits, on) : 0;
	if (r < 0) {
		json_decref(changed);
		return hawk_reply_failed(s, "the events cannot be %s: %s; nothing is changed", on ? "enabled" : "disabled",
					 strerror(-r));
	}
	return hawk_reply(s, json_pack("{s:o}", "changed", changed));
}

int hawk_do_EVENT_ENABLE(struct hawk_session *s, const json_t *args)
{
	return set_events(s, args, true);
}

int hawk_do_EVENT_DISABLE(struct hawk_session *s, const json_t *args)
{
	return set_events(s, args, false);
}
