/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Policies as Tracee has them: the rules. */
#include <ctype.h>
#include <errno.h>

#include "src/base/duration.h"
#include "src/policy/tracee_data.h"

#define NO_CALL "the system call that an event happened in is not known"

/* A rule as it is written. */
struct rule {
	const struct hawk_yaml_node *event, *where;
	struct hawk_tracee_events events;
	struct hawk_tracee_data data;
	struct hawk_tracee_groups context;
	struct hawk_policy_rate rate;
	struct hawk_policy_aggregate aggregate;
	char **pending; /* of its filters */
	size_t n_pending;
};

static void rule_done(struct rule *rule)
{
	hawk_tracee_events_done(&rule->events);
	hawk_tracee_groups_done(&rule->context);
	for (size_t i = 0; i < rule->aggregate.n_by; i++)
		free(rule->aggregate.by[i]);
	for (size_t i = 0; i < rule->n_pending; i++)
		free(rule->pending[i]);
	free(rule->pending);
}

static int read_filter(struct hawk_policy_reader *r, struct rule *rule, const struct hawk_yaml_node *node)
{
	const struct hawk_tracee_key *key;
	struct hawk_filter f;
	int e = hawk_filter_split(r, node, &f);

	if (e < 0)
		return e;
	if (hawk_tracee_is_data(&f)) {
		if (rule->data.n == HAWK_TRACEE_FILTERS_MAX)
			return hawk_yaml_refuse(&r->yaml, node, 0, "more than %d filters on data",
						  HAWK_TRACEE_FILTERS_MAX);
		rule->data.v[rule->data.n++] = f;
		return 0;
	}
	key = hawk_tracee_context_key(&f);
	if (!key)
		return hawk_tracee_refuse_key(r, &f, false);
	if (key->how != HAWK_TRACEE_SYSCALL)
		return hawk_tracee_groups_add(r, &rule->context, key, &f);
	if (f.op != HAWK_OP_EQ && f.op != HAWK_OP_NE)
		return hawk_yaml_refuse(&r->yaml, node, f.key_len,
					  "behind syscall expected = or != and names of system calls");
	if (rule->data.n_syscall == ARRAY_SIZE(rule->data.syscall))
		return hawk_yaml_refuse(&r->yaml, node, 0, "more than %zu filters on syscall",
					  ARRAY_SIZE(rule->data.syscall));
	rule->data.syscall[rule->data.n_syscall++] = f;
	return 0;
}

/* Until Tracee 0.14 the key was "filter". */
static int read_filters(struct hawk_policy_reader *r, struct rule *rule, struct hawk_yaml_node *node)
{
	const struct hawk_yaml_node *filters = hawk_yaml_get(node, "filters"), *older = hawk_yaml_get(node, "filter");
	int bad = 0;

	if (filters && older)
		return hawk_yaml_refuse(&r->yaml, older, 0, "filter and filters are the same: one of them is enough");
	filters = filters ? filters : older;
	if (!filters || hawk_yaml_is_null(filters))
		return 0;
	if (filters->kind != HAWK_YAML_LIST)
		return hawk_yaml_refuse(&r->yaml, filters, 0, "filters: expected a list, not %s",
					  hawk_yaml_kind_name(filters));
	for (const struct hawk_yaml_node *one = filters->first; one; one = one->next) {
		int e = read_filter(r, rule, one);

		if (e == -ENOMEM)
			return e;
		if (e < 0)
			bad = e;
	}
	return bad;
}

/* Appends a rule that OUT may be filled into; the policy owns it. */
static int new_rule(struct hawk_policy_reader *r, const struct rule *rule, struct hawk_policy_rule **ret)
{
	struct hawk_policy *p = r->policy;
	struct hawk_policy_rule *rules;

	if (p->n_rules == HAWK_POLICY_RULES_MAX)
		return hawk_yaml_refuse(&r->yaml, rule->event, 0, "more than %d rules", HAWK_POLICY_RULES_MAX);
	rules = realloc(p->rules, (p->n_rules + 1) * sizeof(*rules));
	if (!rules)
		return -ENOMEM;
	p->rules = rules;
	rules += p->n_rules++;
	*rules = (struct hawk_policy_rule){
		.line = rule->event->line,
		.column = rule->event->column,
		.rate = rule->rate,
	};
	rules->event = strdup(rule->event->text);
	rules->aggregate.window = rule->aggregate.window;
	if (!rules->event)
		return -ENOMEM;
	for (size_t i = 0; i < rule->aggregate.n_by; i++) {
		rules->aggregate.fields[i] = rule->aggregate.fields[i];
		rules->aggregate.by[i] = strdup(rule->aggregate.by[i]);
		if (!rules->aggregate.by[i])
			return -ENOMEM;
		rules->aggregate.n_by++;
	}
	*ret = rules;
	return 0;
}

static int add_pending(struct hawk_policy_rule *made, char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (hawk_yaml_push(&made->pending, &made->n_pending, list[i]) < 0)
			return -ENOMEM;
	return 0;
}

/* How the filters on data read for an event: events with the same text take the same predicate. NULL: no memory. */
static char *signature(const struct rule *rule, const struct hawk_event_desc *desc)
{
	struct hawk_buf out = HAWK_BUF_INIT;

	for (size_t i = 0; i < rule->data.n; i++) {
		const struct hawk_tracee_place place = hawk_tracee_place(desc, &rule->data.v[i]);

		hawk_buf_printf(&out, "%s:%d ", place.field, (int)place.type);
	}
	/* There a filter is more than that, or reads otherwise. */
	if (rule->data.n && hawk_tracee_has_parameters(desc))
		hawk_buf_u64(&out, desc->id);
	if (!hawk_buf_str(&out))
		hawk_buf_done(&out);
	return out.data;
}

/*
 * Returns 1 when DESC has all the data that filters are about, 0 when not; an event that was named gets a word about
 * it. -EINVAL (told; with REFUSE) or -ENOMEM.
 */
static int has_data(struct hawk_policy_reader *r, struct rule *rule, const struct hawk_event_desc *desc, bool refuse)
{
	for (size_t i = 0; i < rule->data.n; i++) {
		const struct hawk_filter *f = &rule->data.v[i];

		if (*hawk_tracee_place(desc, f).field)
			continue;
		if (hawk_tracee_promises(desc, f))
			return hawk_tracee_lack(desc, f, &rule->events.pending, &rule->events.n_pending);
		if (refuse)
			return hawk_tracee_refuse_field(r, desc, f);
		if (rule->events.listed)
			hawk_yaml_warn(&r->yaml, f->node, 0, "%s has no %.*s: the rule is not about it",
					 desc->name, (int)f->key_len, f->key);
		return 0;
	}
	return 1;
}

/* Makes the rule for the events in BITS, which DESC is one of. CONTEXT: the filters on all but data. */
static int make_rule(struct hawk_policy_reader *r, const struct rule *rule,
		     const struct hawk_event_desc *desc, const uint64_t *bits, const struct hawk_buf *context)
{
	_cleanup_(hawk_buf_done) struct hawk_buf text = HAWK_BUF_INIT;
	struct hawk_ir_error error = { .line = 0 };
	struct hawk_policy_rule *made;
	int e = new_rule(r, rule, &made);

	if (e < 0)
		return e;
	memcpy(made->events, bits, sizeof(made->events));
	hawk_buf_put(&text, context->data, context->len);
	e = hawk_tracee_data_print(r, &rule->data, desc, &text);
	if (e == 0)
		e = add_pending(made, rule->pending, rule->n_pending);
	if (e < 0 || !text.len)
		return e;
	e = hawk_buf_str(&text) ? hawk_ir_parse(&made->filter, text.data, &error) : -ENOMEM;
	return e == -EINVAL ? hawk_yaml_refuse(&r->yaml, rule->event, 0, "%s", error.message) : e;
}

/* Adds the rule for what detectors find: an event of one kind, told apart by what it says. */
static int make_found_rule(struct hawk_policy_reader *r, const struct rule *rule, const struct hawk_buf *context)
{
	const struct hawk_tracee_findings *f = &rule->events.findings;
	_cleanup_(hawk_buf_done) struct hawk_buf text = HAWK_BUF_INIT;
	struct hawk_ir_error error = { .line = 0 };
	struct hawk_policy_rule *made;
	size_t n, row = 0;
	const struct hawk_event_desc *const *descs = hawk_event_descs(&n);
	int e = new_rule(r, rule, &made);

	while (e == 0 && descs[row]->id != HAWK_EV_FINDING)
		row++;
	if (e < 0)
		return e;
	made->events[row / 64] |= 1ULL << row % 64;
	hawk_buf_put(&text, context->data, context->len);
	e = hawk_tracee_findings_print(f, &text);
	if (e == 0)
		e = hawk_tracee_output_print(r, &rule->data, &text);
	if (e == 0)
		e = add_pending(made, rule->pending, rule->n_pending);
	if (e == 0 && rule->data.n_syscall)
		e = hawk_yaml_push(&made->pending, &made->n_pending, NO_CALL);
	for (size_t i = 0; e == 0 && i < f->n_signatures; i++)
		e = hawk_yaml_push(&made->signatures, &made->n_signatures, f->signatures[i]);
	if (e < 0 || !text.len)
		return e;
	e = hawk_buf_str(&text) ? hawk_ir_parse(&made->filter, text.data, &error) : -ENOMEM;
	return e == -EINVAL ? hawk_yaml_refuse(&r->yaml, rule->event, 0, "%s", error.message) : e;
}

struct split {
	uint64_t todo[HAWK_POLICY_EVENT_WORDS];
	uint64_t unknown[HAWK_POLICY_EVENT_WORDS]; /* whose system call is not known */
	bool any_unknown;
	bool never, nothing; /* some events, or all, do not happen in such a call */
	size_t n_selected;
	char **signatures; /* of events to do, by row */
	size_t n_signatures;
};

static void split_done(struct split *s)
{
	for (size_t i = 0; i < s->n_signatures; i++)
		free(s->signatures[i]);
	free(s->signatures);
}

/* Sorts event ROW of those that the rule selects. Returns whether the filters can fit it, or as has_data(). */
static int sort_event(struct hawk_policy_reader *r, struct rule *rule, struct split *s, size_t row)
{
	size_t n;
	const struct hawk_event_desc *desc = hawk_event_descs(&n)[row];
	const enum hawk_tracee_verdict call = hawk_tracee_syscall(&rule->data, desc);
	const uint64_t bit = 1ULL << row % 64;
	int e;

	s->never |= call == HAWK_TRACEE_NEVER;
	if (call == HAWK_TRACEE_NEVER)
		return 0;
	e = has_data(r, rule, desc, s->n_selected == 1 && !hawk_tracee_finds(&rule->events.findings));
	if (e <= 0)
		return e;
	s->any_unknown |= call == HAWK_TRACEE_NOT_KNOWN;
	(call == HAWK_TRACEE_NOT_KNOWN ? s->unknown : s->todo)[row / 64] |= bit;
	return 1;
}

/* Leaves the events that the filters can fit. With a single event that they do not fit it says why. */
static int find_events(struct hawk_policy_reader *r, struct rule *rule, struct split *s)
{
	const size_t waiting = rule->events.n_pending;
	bool any = false;

	for (size_t i = 0; i < HAWK_POLICY_EVENT_WORDS; i++)
		s->n_selected += (size_t)__builtin_popcountll(rule->events.bits[i]);
	for (size_t i = 0; i < HAWK_POLICY_EVENT_WORDS * 64; i++) {
		int e = rule->events.bits[i / 64] >> i % 64 & 1 ? sort_event(r, rule, s, i) : 0;

		if (e < 0)
			return e;
		any |= e > 0;
	}
	if (any || !s->n_selected || hawk_tracee_finds(&rule->events.findings) || rule->events.n_pending > waiting)
		return 0;
	if (!s->never)
		return hawk_yaml_refuse(&r->yaml, rule->event, 0, "the filters fit none of these events");
	s->nothing = true;
	hawk_yaml_warn(&r->yaml, rule->event, 0, "none of these events happens in such a system call: the rule matches nothing");
	return 0;
}

/* Takes those events out of what is to do that read the filters as event FROM does, into BITS. */
static void take_alike(struct split *s, size_t from, size_t n, uint64_t *bits)
{
	for (size_t i = from; i < n; i++)
		if (s->signatures[i] && strcmp(s->signatures[i], s->signatures[from]) == 0) {
			bits[i / 64] |= 1ULL << i % 64;
			s->todo[i / 64] &= ~(1ULL << i % 64);
		}
}

/* One rule for each way in which the filters read. */
static int make_rules(struct hawk_policy_reader *r, const struct rule *rule, struct split *s,
		      const struct hawk_buf *context)
{
	size_t n;
	const struct hawk_event_desc *const *descs = hawk_event_descs(&n);

	s->signatures = calloc(n, sizeof(*s->signatures));
	s->n_signatures = n;
	if (!s->signatures)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		if (!(s->todo[i / 64] >> i % 64 & 1))
			continue;
		s->signatures[i] = signature(rule, descs[i]);
		if (!s->signatures[i])
			return -ENOMEM;
	}
	for (size_t i = 0; i < n; i++) {
		uint64_t bits[HAWK_POLICY_EVENT_WORDS] = { 0 };
		int e;

		if (!(s->todo[i / 64] >> i % 64 & 1))
			continue;
		take_alike(s, i, n, bits);
		e = make_rule(r, rule, descs[i], bits, context);
		if (e < 0)
			return e;
	}
	return 0;
}

/* What there is not yet, or never, becomes a rule that does not match, so that people see it. */
static int make_pending(struct hawk_policy_reader *r, const struct rule *rule, const struct split *s)
{
	struct hawk_policy_rule *made;
	int e;

	if (s->nothing)
		return new_rule(r, rule, &made);
	if (s->any_unknown) {
		e = new_rule(r, rule, &made);
		if (e == 0)
			e = hawk_yaml_push(&made->pending, &made->n_pending, NO_CALL);
		if (e < 0)
			return e;
		memcpy(made->events, s->unknown, sizeof(made->events));
	}
	if (!rule->events.n_pending)
		return 0;
	e = new_rule(r, rule, &made);
	if (e == 0)
		e = add_pending(made, rule->events.pending, rule->events.n_pending);
	return e;
}

static int lower(struct hawk_policy_reader *r, struct rule *rule)
{
	_cleanup_(hawk_buf_done) struct hawk_buf context = HAWK_BUF_INIT;
	_cleanup_(split_done) struct split s = { .any_unknown = false };
	int e = hawk_tracee_groups_print(r, &rule->context, &context, &rule->pending, &rule->n_pending);

	if (e == 0)
		e = hawk_tracee_where(r, rule->where, &context);
	if (e == 0)
		e = find_events(r, rule, &s);
	if (e == 0)
		e = make_rules(r, rule, &s, &context);
	if (e == 0 && hawk_tracee_finds(&rule->events.findings))
		e = make_found_rule(r, rule, &context);
	return e < 0 ? e : make_pending(r, rule, &s);
}

/* A whole number from 1; 0: it is none, told. */
static uint32_t read_count(struct hawk_policy_reader *r, const struct hawk_yaml_node *node, const char *what)
{
	char *end;
	unsigned long v = 0;

	if (node->kind == HAWK_YAML_SCALAR && isdigit((unsigned char)*node->text)) {
		errno = 0;
		v = strtoul(node->text, &end, 10);
		if (errno || *end || v > UINT32_MAX)
			v = 0;
	}
	if (!v)
		hawk_yaml_refuse(&r->yaml, node, 0, "%s: expected a whole number from 1 to 4294967295", what);
	return (uint32_t)v;
}

static int read_rate(struct hawk_policy_reader *r, struct hawk_yaml_node *node, struct hawk_policy_rate *ret)
{
	static const char *const keys[] = { "one_of", "per_second", NULL };
	const struct hawk_yaml_node *one;

	if (!node || hawk_yaml_is_null(node))
		return 0;
	if (node->kind != HAWK_YAML_MAP)
		return hawk_yaml_refuse(&r->yaml, node, 0, "rate: expected one_of: N or per_second: N, not %s",
					  hawk_yaml_kind_name(node));
	hawk_yaml_check_keys(&r->yaml, node, keys, "rate");
	one = hawk_yaml_get(node, "one_of");
	if (one)
		ret->one_of = read_count(r, one, "one_of");
	one = hawk_yaml_get(node, "per_second");
	if (one)
		ret->per_second = read_count(r, one, "per_second");
	return 0;
}

/* "1500ms", "10s", "5min". */
static int read_window(struct hawk_policy_reader *r, const struct hawk_yaml_node *node, uint64_t *ret)
{
	const uint64_t day = 24ULL * 3600 * 1000000000;

	if (node->kind == HAWK_YAML_SCALAR && hawk_duration_parse(node->text, strlen(node->text), ret) == 0 &&
	    *ret >= 1000000 && *ret <= day)
		return 0;
	return hawk_yaml_refuse(&r->yaml, node, 0,
				  "window: expected a time such as 500ms, 10s, 5min or 1h, at most 24h");
}

static int read_by(struct hawk_policy_reader *r, const struct hawk_yaml_node *by,
		   struct hawk_policy_aggregate *ret)
{
	if (!by || hawk_yaml_is_null(by))
		return 0;
	if (by->kind != HAWK_YAML_LIST)
		return hawk_yaml_refuse(&r->yaml, by, 0, "by: expected a list of fields, not %s",
					  hawk_yaml_kind_name(by));
	for (const struct hawk_yaml_node *one = by->first; one; one = one->next) {
		struct hawk_field field;

		if (one->kind != HAWK_YAML_SCALAR || hawk_field_find(one->text, &field) < 0)
			return hawk_yaml_refuse(&r->yaml, one, 0,
						  "expected the name of a field, such as process.exe");
		if (ret->n_by == HAWK_POLICY_BY_MAX)
			return hawk_yaml_refuse(&r->yaml, one, 0, "more than %d fields", HAWK_POLICY_BY_MAX);
		ret->fields[ret->n_by] = field;
		ret->by[ret->n_by] = strdup(one->text);
		if (!ret->by[ret->n_by])
			return -ENOMEM;
		ret->n_by++;
	}
	return 0;
}

static int read_aggregate(struct hawk_policy_reader *r, struct hawk_yaml_node *node,
			  struct hawk_policy_aggregate *ret)
{
	static const char *const keys[] = { "window", "by", NULL };
	const struct hawk_yaml_node *window;
	int e;

	if (!node || hawk_yaml_is_null(node))
		return 0;
	window = hawk_yaml_get(node, "window");
	if (!window)
		return hawk_yaml_refuse(&r->yaml, node, 0,
					  "aggregate: expected window: TIME and by: with a list of fields");
	hawk_yaml_check_keys(&r->yaml, node, keys, "aggregate");
	e = read_window(r, window, &ret->window);
	return e < 0 ? e : read_by(r, hawk_yaml_get(node, "by"), ret);
}

/* What Tracee would do with a match: nothing, in both. */
static void check_actions(struct hawk_policy_reader *r, const struct hawk_yaml_node *actions)
{
	if (!actions || hawk_yaml_is_null(actions))
		return;
	if (actions->kind != HAWK_YAML_LIST) {
		hawk_yaml_refuse(&r->yaml, actions, 0, "expected a list of actions: log or print");
		return;
	}
	for (const struct hawk_yaml_node *one = actions->first; one; one = one->next)
		if (one->kind != HAWK_YAML_SCALAR ||
		    (strcmp(one->text, "log") != 0 && strcmp(one->text, "print") != 0))
			hawk_yaml_refuse(&r->yaml, one, 0, "expected log or print: sinks decide where events go");
}

static int read_parts(struct hawk_policy_reader *r, struct hawk_yaml_node *node, struct rule *rule)
{
	int e = hawk_tracee_select(r, rule->event, &rule->events), other;

	other = read_filters(r, rule, node);
	if (e == 0 || other == -ENOMEM)
		e = other;
	if (e == 0)
		e = read_rate(r, hawk_yaml_get(node, "rate"), &rule->rate);
	if (e == 0)
		e = read_aggregate(r, hawk_yaml_get(node, "aggregate"), &rule->aggregate);
	check_actions(r, hawk_yaml_get(node, "actions"));
	return e < 0 ? e : lower(r, rule);
}

static int read_rule(struct hawk_policy_reader *r, struct hawk_yaml_node *node)
{
	static const char *const keys[] = {
		"event", "filters", "filter", "actions", "where", "rate", "aggregate", NULL
	};
	struct rule *rule;
	int e;

	if (node->kind != HAWK_YAML_MAP)
		return hawk_yaml_refuse(&r->yaml, node, 0, "expected event: NAME, not %s",
					  hawk_yaml_kind_name(node));
	hawk_yaml_check_keys(&r->yaml, node, keys, "a rule");
	rule = calloc(1, sizeof(*rule));
	if (!rule)
		return -ENOMEM;
	rule->event = hawk_yaml_text(&r->yaml, node, "event");
	rule->where = hawk_yaml_text(&r->yaml, node, "where");
	if (rule->event && *rule->event->text)
		e = read_parts(r, node, rule);
	else
		e = hawk_yaml_refuse(&r->yaml, node, 0, "the rule has no event: expected event: NAME");
	rule_done(rule);
	free(rule);
	return e;
}

int hawk_tracee_rules(struct hawk_policy_reader *r, struct hawk_yaml_node *body)
{
	const struct hawk_yaml_node *rules = hawk_yaml_get(body, "rules");

	if (!rules || rules->kind != HAWK_YAML_LIST || !rules->first)
		return hawk_yaml_refuse(&r->yaml, rules ? rules : body, 0,
					  "expected rules: with a list of event: NAME");
	for (struct hawk_yaml_node *one = rules->first; one; one = one->next)
		if (read_rule(r, one) == -ENOMEM)
			return -ENOMEM;
	check_actions(r, hawk_yaml_get(body, "defaultActions"));
	return 0;
}
