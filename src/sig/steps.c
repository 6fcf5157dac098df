/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Steps: events, conditions, and what they keep for later ones. */
#include "src/sig/reader.h"

#define CONDITIONS_MAX 3 /* of all steps, of a step, of an event */

static void select_list(struct hawk_sig_reader *r, const struct hawk_yaml_node *node, struct hawk_sig_match *m)
{
	m->line = node->line;
	m->column = node->column;
	if (node->kind != HAWK_YAML_LIST) {
		hawk_sig_select(r, node, m);
		return;
	}
	if (!node->first)
		hawk_sig_refuse(r, node, "expected the name of an event");
	for (const struct hawk_yaml_node *one = node->first; one; one = one->next)
		hawk_sig_select(r, one, m);
}

static struct hawk_sig_match *new_match(struct hawk_sig_reader *r, struct hawk_sig_step *step,
					const struct hawk_yaml_node *node)
{
	return hawk_sig_grow(r, &step->matches, &step->n_matches, sizeof(*step->matches), HAWK_SIG_MATCHES_MAX, node,
			     "entries of events");
}

/* Names that follow each other have no condition of their own: they are one match. */
static void read_entry(struct hawk_sig_reader *r, struct hawk_sig_draft *draft, struct hawk_sig_step *step,
		       struct hawk_yaml_node *node, bool *open)
{
	static const char *const keys[] = { "event", "where", NULL };
	const struct hawk_yaml_node *event;
	struct hawk_sig_match *m;

	if (node->kind != HAWK_YAML_MAP) {
		m = *open ? &step->matches[step->n_matches - 1] : new_match(r, step, node);
		*open = m;
		if (m && !m->line)
			select_list(r, node, m);
		else if (m)
			hawk_sig_select(r, node, m);
		return;
	}
	*open = false;
	hawk_yaml_only_keys(&r->yaml, node, keys, "an event of a signature");
	event = hawk_sig_get(node, "event");
	if (!event) {
		hawk_sig_refuse(r, node, "expected event: NAME");
		return;
	}
	m = new_match(r, step, node);
	if (!m)
		return;
	draft->wheres[step->n_matches - 1] = hawk_sig_get(node, "where");
	select_list(r, event, m);
}

static void read_events(struct hawk_sig_reader *r, struct hawk_sig_draft *draft, struct hawk_sig_step *step,
			struct hawk_yaml_node *node)
{
	bool open = false;

	if (node->kind != HAWK_YAML_LIST) {
		read_entry(r, draft, step, node, &open);
		return;
	}
	if (!node->first)
		hawk_sig_refuse(r, node, "events: expected at least one");
	for (struct hawk_yaml_node *one = node->first; one; one = one->next)
		read_entry(r, draft, step, one, &open);
}

/* The names of what a step captures; the expressions come later. */
static void read_captures(struct hawk_sig_reader *r, struct hawk_sig_step *step, const struct hawk_yaml_node *map)
{
	struct hawk_sig *sig = r->sig;

	if (map->kind != HAWK_YAML_MAP) {
		hawk_sig_refuse(r, map, "capture: expected NAME: EXPRESSION, not %s", hawk_yaml_kind_name(map));
		return;
	}
	for (const struct hawk_yaml_node *one = map->first; one; one = one->next) {
		struct hawk_sig_capture *c;

		if (!hawk_sig_is_word(one->key)) {
			hawk_sig_refuse(r, one, "capture: the name \"%.64s\": expected small letters, digits and _",
					one->key);
			continue;
		}
		for (size_t i = 0; i < sig->n_captures; i++)
			if (strcmp(sig->captures[i], one->key) == 0)
				hawk_sig_refuse(r, one, "capture: \"%s\" is captured before", one->key);
		if (sig->n_captures == HAWK_CEL_CAPTURES_MAX) {
			hawk_sig_refuse(r, one, "capture: more than %d values", HAWK_CEL_CAPTURES_MAX);
			return;
		}
		c = hawk_sig_grow(r, &step->captures, &step->n_captures, sizeof(*c), HAWK_CEL_CAPTURES_MAX, one,
				  "values to capture");
		if (!c)
			return;
		c->index = (unsigned int)sig->n_captures;
		if (hawk_yaml_push(&sig->captures, &sig->n_captures, one->key) < 0)
			r->error = -ENOMEM;
	}
}

/* What a step and the short form, which is one, have in common. */
static void read_body(struct hawk_sig_reader *r, struct hawk_sig_draft *draft, struct hawk_sig_step *step,
		      struct hawk_yaml_node *node)
{
	struct hawk_yaml_node *events = hawk_sig_get(node, "events"), *event = hawk_sig_get(node, "event");
	const struct hawk_yaml_node *capture = hawk_sig_get(node, "capture");

	draft->node = node;
	step->count = hawk_sig_count(r, node, "count");
	if (hawk_sig_get(node, "distinct") && step->count < 2)
		hawk_sig_refuse(r, hawk_sig_get(node, "distinct"), "distinct: needs count: with how many, from 2");
	step->count = step->count ? step->count : 1;
	if (capture)
		read_captures(r, step, capture);
	if (events && event) {
		hawk_sig_refuse(r, event, "expected event: or events:, not both");
	} else if (events) {
		read_events(r, draft, step, events);
	} else if (event) {
		struct hawk_sig_match *m = new_match(r, step, event);

		if (m)
			select_list(r, event, m);
	} else {
		hawk_sig_refuse(r, node, "expected events: with a list of events");
	}
}

static void read_step(struct hawk_sig_reader *r, struct hawk_yaml_node *node, bool last)
{
	static const char *const keys[] = { "name",    "events",   "event",  "where", "capture",
					    "count",   "distinct", "absent", NULL };
	struct hawk_sig *sig = r->sig;
	struct hawk_sig_step *step;
	struct hawk_sig_draft *draft;

	if (node->kind != HAWK_YAML_MAP) {
		hawk_sig_refuse(r, node, "expected a step: event: and where:, not %s", hawk_yaml_kind_name(node));
		return;
	}
	hawk_yaml_only_keys(&r->yaml, node, keys, "a step");
	step = hawk_sig_grow(r, &sig->steps, &sig->n_steps, sizeof(*step), HAWK_SIG_STEPS_MAX, node, "steps");
	if (!step)
		return;
	draft = &r->drafts[sig->n_steps - 1];
	step->name = hawk_sig_text(r, node, "name", HAWK_SIG_ID_MAX);
	step->absent = hawk_sig_bool(r, node, "absent", false);
	draft->where = hawk_sig_get(node, "where");
	read_body(r, draft, step, node);
	if (!step->absent)
		return;
	if (!last || sig->n_steps == 1)
		hawk_sig_refuse(r, hawk_sig_get(node, "absent"),
				"absent: only the last step, behind one that comes");
	if (step->count > 1 || step->n_captures)
		hawk_sig_refuse(r, hawk_sig_get(node, "absent"), "absent: has no count and captures nothing");
}

static void set_trigger(struct hawk_sig_reader *r)
{
	const struct hawk_sig *sig = r->sig;
	size_t last = sig->n_steps - 1;

	if (sig->n_steps && sig->steps[last].absent)
		last--;
	for (size_t i = 0; i < sig->n_steps; i++)
		for (size_t k = 0; (sig->unordered || i == last) && k < sig->steps[i].n_matches; k++)
			for (size_t w = 0; w < HAWK_SIG_EVENT_WORDS; w++)
				r->trigger[w] |= sig->steps[i].matches[k].events[w];
}

static void read_list(struct hawk_sig_reader *r, struct hawk_yaml_node *root, struct hawk_yaml_node *steps)
{
	static const char *const others[] = { "events", "event", "count", "distinct", "capture" };

	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		if (hawk_sig_get(root, others[i]))
			hawk_sig_refuse(r, hawk_sig_get(root, others[i]), "%s: belongs into a step where there are steps:",
					others[i]);
	if (steps->kind != HAWK_YAML_LIST || !steps->first) {
		hawk_sig_refuse(r, steps, "steps: expected a list, each with event: and where:");
		return;
	}
	for (struct hawk_yaml_node *one = steps->first; one; one = one->next)
		read_step(r, one, !one->next);
}

static bool has_state(const struct hawk_sig *sig)
{
	return sig->n_steps > 1 || (sig->n_steps && sig->steps[0].count > 1);
}

void hawk_sig_read_steps(struct hawk_sig_reader *r, struct hawk_yaml_node *root)
{
	struct hawk_yaml_node *steps = hawk_sig_get(root, "steps");
	struct hawk_sig *sig = r->sig;
	struct hawk_sig_step *step;

	sig->unordered = hawk_sig_bool(r, root, "unordered", false);
	sig->within = hawk_sig_duration(r, root, "within");
	if (steps) {
		read_list(r, root, steps);
	} else {
		step = hawk_sig_grow(r, &sig->steps, &sig->n_steps, sizeof(*step), 1, root, "steps");
		if (step)
			read_body(r, &r->drafts[0], step, root);
	}
	if (sig->unordered && sig->n_captures)
		hawk_sig_refuse(r, hawk_sig_get(root, "unordered"),
				"unordered: steps in any order cannot capture values for later ones");
	if (sig->unordered && sig->n_steps && sig->steps[sig->n_steps - 1].absent)
		hawk_sig_refuse(r, hawk_sig_get(root, "unordered"), "unordered: a step that is absent is the last");
	if (has_state(sig) && !hawk_sig_get(root, "within"))
		hawk_sig_refuse(r, root, "there is no within: here: the time from the first step to the last");
	if (!has_state(sig) && hawk_sig_get(root, "within"))
		hawk_sig_refuse(r, hawk_sig_get(root, "within"), "within: there is nothing to wait for: one step, once");
	if (!has_state(sig) && hawk_sig_get(root, "by"))
		hawk_sig_refuse(r, hawk_sig_get(root, "by"), "by: there is no state that could belong to anything");
	set_trigger(r);
}

static bool any_event(const struct hawk_sig_match *m)
{
	for (size_t i = 0; i < HAWK_SIG_EVENT_WORDS; i++)
		if (m->events[i])
			return true;
	return false;
}

static void finish_match(struct hawk_sig_reader *r, const struct hawk_yaml_node *top,
			 const struct hawk_sig_draft *draft, struct hawk_sig_match *m, size_t i, size_t n_captures)
{
	const struct hawk_yaml_node *const nodes[CONDITIONS_MAX] = { top, draft->where, draft->wheres[i] };
	const struct hawk_yaml_node *at = NULL;
	struct hawk_cel *parts[CONDITIONS_MAX];
	size_t n = 0;

	if (!any_event(m))
		return;
	for (size_t k = 0; k < CONDITIONS_MAX; k++) {
		if (!nodes[k])
			continue;
		at = nodes[k];
		parts[n] = hawk_sig_compile(r, at, m->events, n_captures, true);
		n += parts[n] != NULL;
	}
	hawk_sig_lower(r, m, n ? hawk_sig_and(r, at, parts, n) : NULL, NULL);
}

/* The events that a step looks at. */
static void events_of(const struct hawk_sig_step *step, uint64_t *ret)
{
	for (size_t i = 0; i < step->n_matches; i++)
		for (size_t w = 0; w < HAWK_SIG_EVENT_WORDS; w++)
			ret[w] |= step->matches[i].events[w];
}

static void finish_step(struct hawk_sig_reader *r, const struct hawk_yaml_node *top, size_t s, size_t n_captures)
{
	struct hawk_sig_draft *draft = &r->drafts[s];
	struct hawk_sig_step *step = &r->sig->steps[s];
	const struct hawk_yaml_node *distinct = draft->node ? hawk_sig_get(draft->node, "distinct") : NULL;
	struct hawk_yaml_node *capture = draft->node ? hawk_sig_get(draft->node, "capture") : NULL;
	uint64_t events[HAWK_SIG_EVENT_WORDS] = { 0 };
	size_t k = 0;

	events_of(step, events);
	for (size_t i = 0; i < step->n_matches; i++)
		finish_match(r, top, draft, &step->matches[i], i, n_captures);
	if (distinct)
		step->distinct = hawk_sig_compile(r, distinct, events, n_captures, false);
	for (const struct hawk_yaml_node *one = capture ? capture->first : NULL; one && k < step->n_captures;
	     one = one->next)
		if (hawk_sig_is_word(one->key))
			step->captures[k++].value = hawk_sig_compile(r, one, events, n_captures, false);
}

void hawk_sig_finish_steps(struct hawk_sig_reader *r, struct hawk_yaml_node *root)
{
	const struct hawk_yaml_node *where = hawk_sig_get(root, "where");
	size_t n_captures = 0;

	for (size_t i = 0; i < r->sig->n_steps; i++) {
		finish_step(r, where, i, n_captures);
		n_captures += r->sig->steps[i].n_captures;
	}
	if (has_state(r->sig))
		hawk_sig_read_keys(r, root, r->all, r->sig->by, &r->sig->n_by);
}
