/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/daemon/policies.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "src/base/buf.h"
#include "src/base/cleanup.h"
#include "src/base/log.h"
#include "src/base/textfile.h"
#include "src/collect/filter.h"
#include "src/daemon/filedir.h"
#include "src/daemon/policysets.h"

/* A reading of the directories, under way. */
struct reading {
	struct hawk_policies *p;
	struct hawk_policylist next;
	struct hawk_problems problems;
};

static bool is_disabled(const struct hawk_policies *p, const char *name)
{
	for (size_t i = 0; i < p->disabled.n; i++)
		if (strcmp(p->disabled.v[i], name) == 0)
			return true;
	return false;
}

/* Gives E its follow bit; L is what it comes to beside what is loaded. */
static void give_follow_bit(struct hawk_policies *p, const struct hawk_policylist *l, struct hawk_policies_entry *e)
{
	const struct hawk_policylist *lists[] = { &p->loaded, l };

	if (e->policy->follow && hawk_policylist_follow_bit(lists, ARRAY_SIZE(lists), e))
		p->fresh[e->follow_bit / 64] |= 1ULL << e->follow_bit % 64;
}

/* --- sets --- */

static struct hawk_policies_held *held_free(struct hawk_policies_held *h)
{
	hawk_policycode_free(h->code);
	free(h->filters);
	hawk_policy_set_free(h->set);
	for (size_t i = 0; i < h->n; i++)
		hawk_policyentry_put(h->entries[i]);
	free(h);
	return NULL;
}

void hawk_policies_tick(struct hawk_policies *p)
{
	struct hawk_policies_held **at = p->sets ? &p->sets->next : NULL;

	while (at && *at) {
		struct hawk_policies_held *h = *at;

		if (p->pipeline && hawk_pipeline_has_policies(p->pipeline, h->set)) {
			at = &h->next;
			continue;
		}
		*at = h->next;
		held_free(h);
	}
}

/* Makes a set of the enabled ones. */
static int make_set(struct hawk_policies *p, struct hawk_policies_held **ret)
{
	_cleanup_free_ struct hawk_policies_held *h = calloc(1, sizeof(*h));
	struct hawk_policy_member members[HAWK_POLICIES_MAX];
	int r;

	if (!h)
		return -ENOMEM;
	for (size_t i = 0; i < p->loaded.n; i++) {
		struct hawk_policies_entry *e = p->loaded.v[i];

		e->policy->enabled = !is_disabled(p, e->policy->name);
		if (!e->policy->enabled)
			continue;
		members[h->n] = (struct hawk_policy_member){ e->policy, e->counts, e->follow_bit, e->learned };
		h->entries[h->n++] = e;
	}
	r = hawk_policy_set_new(&h->set, members, h->n);
	if (r == 0)
		r = hawk_policycode_new(&h->code, h->set, p->signatures, p->interest);
	if (r == 0 && !(h->filters = hawk_policies_filters(p)))
		r = -ENOMEM;
	if (r < 0) {
		hawk_policycode_free(h->code);
		hawk_policy_set_free(h->set);
		return r;
	}
	for (size_t i = 0; i < h->n; i++)
		hawk_policyentry_get(h->entries[i]);
	*ret = TAKE_PTR(h);
	return 0;
}

static bool same_members(const struct hawk_policies_held *a, const struct hawk_policies_held *b)
{
	return a && a->n == b->n && memcmp(a->entries, b->entries, a->n * sizeof(a->entries[0])) == 0;
}

/*
 * Puts H in force as the next generation, in the pipeline first: then it knows
 * whose bits the records have that come. When the kernel does not take it
 * the pipeline goes back to what is in force.
 */
static int put_in_force(struct hawk_policies *p, struct hawk_policies_held *h)
{
	const struct hawk_policies_held *before = p->sets;
	int r;

	if (p->pipeline)
		hawk_pipeline_set_policies(p->pipeline, h->set, p->generation + 1, p->fresh);
	r = hawk_policycode_load(h->code, p->collect, p->generation + 1);
	if (r == 0) {
		p->generation++;
		return 0;
	}
	hawk_warning("policies: the filters of the kernel cannot be replaced: %s", strerror(-r));
	if (before && p->pipeline)
		hawk_pipeline_set_policies(p->pipeline, before->set, p->generation, p->fresh);
	/* with none before it leaves nothing out, and all is decided here */
	return before ? r : 0;
}

/* Puts H in force, and keeps it: the pipeline may have it still when that fails, and gives it back in time. */
static int take(struct hawk_policies *p, struct hawk_policies_held *h)
{
	uint64_t whole[HAWK_EVENT_WORDS];
	int r;

	hawk_interest_whole(p->interest, whole);
	hawk_policycode_set_unfiltered(h->code, whole);
	r = put_in_force(p, h);
	h->next = r < 0 ? p->sets->next : p->sets;
	*(r < 0 ? &p->sets->next : &p->sets) = h;
	return r;
}

/* What is loaded and enabled becomes what is in force; also when that is the same, when NEWS says so. */
static int apply(struct hawk_policies *p, bool news)
{
	struct hawk_policies_held *h;
	int r, collected;

	if (p->awaiting)
		return 0;
	r = make_set(p, &h);
	if (r < 0)
		return r;
	if (!news && same_members(p->sets, h)) {
		held_free(h);
		return 0;
	}
	r = p->changed ? p->changed(p->ctx) : 0;
	if (r < 0) {
		held_free(h);
		return r;
	}
	r = take(p, h);
	memset(p->fresh, 0, sizeof(p->fresh));
	collected = r == 0 ? hawk_interest_set_judged(p->interest, HAWK_POLICIES, hawk_policy_set_events(h->set)) : 0;
	/* without any process event nothing is matched, which is told by who starts the daemon */
	if (collected < 0 && collected != -EOPNOTSUPP)
		hawk_warning("policies: not all of their events are collected: %s", strerror(-collected));
	hawk_policies_tick(p);
	return r;
}

/* What the kernel should decide and does not: all of these events come here, which costs more and loses nothing. */
static void tell_unloaded(struct hawk_policies *p)
{
	_cleanup_free_ char *before = TAKE_PTR(p->unloaded);

	p->unloaded = p->sets ? hawk_policycode_unloaded(p->sets->code, p->collect) : NULL;
	if (p->unloaded && (!before || strcmp(before, p->unloaded) != 0))
		hawk_warning("degraded: %s", p->unloaded);
	else if (before && !p->unloaded)
		hawk_notice("all filters of policies and signatures are in the kernel");
}

/* What filters of sinks and clients ask has changed: the same policies with other programs. */
static int remake(struct hawk_policies *p)
{
	struct hawk_policies_held *h;
	int r = make_set(p, &h);

	return r < 0 ? r : take(p, h);
}

/* Who wants events whatever the policies say has changed, or what is attached. */
static void on_interest(void *ctx)
{
	struct hawk_policies *p = ctx;
	_cleanup_free_ char *filters = p->sets ? hawk_policies_filters(p) : NULL;
	uint64_t bits[HAWK_EVENT_WORDS];

	if (p->sets && (!filters || strcmp(filters, p->sets->filters) != 0) && remake(p) < 0) {
		hawk_warning("filters of sinks and clients are not left to the kernel, it sends all of their events");
		hawk_interest_unfiltered(p->interest, bits);
		hawk_policycode_set_unfiltered(p->sets->code, bits);
		put_in_force(p, p->sets);
	} else if (p->sets) {
		hawk_interest_whole(p->interest, bits);
		if (hawk_policycode_set_unfiltered(p->sets->code, bits))
			put_in_force(p, p->sets);
	}
	tell_unloaded(p);
}

/* --- directories --- */

/* Reads PATH into the next list, or keeps what was read of it before. */
static int read_file(struct reading *g, const char *path)
{
	struct hawk_policies_entry *before = hawk_policylist_by_path(&g->p->loaded, path), *e = NULL;
	_cleanup_free_ char *text = NULL;
	char *why = NULL;
	size_t len = 0;
	int r = hawk_textfile_read(path, HAWK_POLICY_TEXT_MAX, &text, &len);

	if (r < 0)
		why = hawk_problems_unread(path, r) ?: strdup("the file cannot be read");
	if (r == 0 && before && before->policy->len == len && memcmp(before->policy->text, text, len) == 0)
		e = hawk_policyentry_again(before, g->p->names);
	else if (r == 0)
		r = hawk_policyentry_new(&e, path, text, len, g->p->names, &why);
	if (r == -ENOMEM)
		return r;
	if (!why)
		why = hawk_policylist_refusal(&g->next, e);
	if (!why) {
		if (e != before)
			give_follow_bit(g->p, &g->next, e);
		if (e != before && e->warnings)
			hawk_problems_log(LOG_WARNING, "policies", e->warnings);
		hawk_policylist_add(&g->next, e);
		return 0;
	}
	hawk_policyentry_put(e);
	hawk_problems_add(&g->problems, path, why);
	/* a slip in a file does not switch off what was in force */
	if (before && !hawk_policylist_find(&g->next, before->policy->name) && g->next.n < HAWK_POLICIES_MAX)
		hawk_policylist_add(&g->next, hawk_policyentry_get(before));
	return 0;
}

/* Those loaded by hand stay and come first: a file does not push them out. */
static int read_all(struct reading *g, const struct hawk_filedir *d)
{
	int r = 0;

	for (size_t i = 0; i < g->p->loaded.n; i++) {
		struct hawk_policies_entry *e = g->p->loaded.v[i], *now;

		if (!e->by_hand)
			continue;
		now = hawk_policyentry_again(e, g->p->names);
		if (now != e)
			give_follow_bit(g->p, &g->next, now);
		hawk_policylist_add(&g->next, now);
	}
	for (size_t i = 0; r == 0 && i < d->n; i++)
		if (!d->v[i].masked)
			r = read_file(g, d->v[i].path);
	return r;
}

/* Who changes a file is not known, but what changed is. */
static void tell_changes(const struct hawk_policylist *old, const struct hawk_policylist *new)
{
	for (size_t i = 0; i < old->n; i++)
		if (!hawk_policylist_find(new, old->v[i]->policy->name))
			hawk_log_audit("policies: \"%s\" of %s is gone", old->v[i]->policy->name,
				       old->v[i]->policy->path);
	for (size_t i = 0; i < new->n; i++) {
		const struct hawk_policies_entry *before = hawk_policylist_find(old, new->v[i]->policy->name);

		if (before != new->v[i])
			hawk_log_audit("policies: \"%s\" of %s is %s", new->v[i]->policy->name,
				       new->v[i]->policy->path, before ? "changed" : "loaded");
	}
}

/* Puts NEXT in the place of what is loaded, or back when that fails. */
static int replace(struct hawk_policies *p, struct hawk_policylist *next)
{
	struct hawk_policylist old = p->loaded;
	int r;

	p->loaded = *next;
	r = apply(p, false);
	if (r < 0) {
		p->loaded = old;
		return r;
	}
	*next = old;
	return 0;
}

int hawk_policies_read(struct hawk_policies *p, const struct hawk_config *config)
{
	static const char *const endings[] = { ".yaml", ".yml", ".json", NULL };
	_cleanup_(hawk_filedir_done) struct hawk_filedir d = { .v = NULL };
	struct reading g = { .p = p, .problems.what = "policies" };
	int r = 0;

	if (config->policies.enabled)
		r = hawk_filedir_list(&d, config->policies.directories.v, config->policies.directories.n, endings);
	if (r == 0)
		r = read_all(&g, &d);
	if (r == 0 && d.problem)
		hawk_problems_add(&g.problems, d.problem, strdup("the directory cannot be read"));
	if (r == 0)
		r = replace(p, &g.next);
	if (r == 0) {
		tell_changes(&g.next, &p->loaded);
		hawk_problems_done(&p->problems);
		free(p->summary);
		p->problems = g.problems;
		p->summary = hawk_problems_summary(&p->problems, "sechawkctl policy list");
	} else {
		hawk_problems_done(&g.problems);
	}
	hawk_policylist_done(&g.next);
	return r;
}

/* --- by hand --- */

/* Adds one to NEXT. Returns 0, with *RET NULL when it is wrong, or -ENOMEM. */
static int load_one(struct hawk_policies *p, struct hawk_policylist *next, const struct hawk_policy_text *text,
		    bool replacing, struct hawk_problems *problems, const struct hawk_policies_entry **ret)
{
	struct hawk_policies_entry *e, *old;
	char *why = NULL;
	int r = hawk_policyentry_new(&e, text->path, text->text, text->len, p->names, &why);

	*ret = NULL;
	if (r == -EINVAL)
		hawk_problems_add(problems, text->path, why);
	if (r < 0)
		return r == -EINVAL ? 0 : r;
	e->by_hand = true;
	old = replacing ? hawk_policylist_find(next, e->policy->name) : NULL;
	/* one that came with this very call is not replaced: both cannot be meant */
	if (old && (!old->by_hand || hawk_policylist_find(&p->loaded, e->policy->name) != old))
		old = NULL;
	if (old)
		hawk_policylist_remove(next, old);
	why = hawk_policylist_refusal(next, e);
	if (why) {
		if (old)
			hawk_policylist_add(next, old);
		hawk_problems_add(problems, text->path, why);
		hawk_policyentry_put(e);
		return 0;
	}
	give_follow_bit(p, next, e);
	hawk_policylist_add(next, e);
	*ret = e;
	return 0;
}

/* Gives back those of A that are not in B. */
static void put_others(const struct hawk_policylist *a, const struct hawk_policylist *b)
{
	for (size_t i = 0; i < a->n; i++)
		if (hawk_policylist_find(b, a->v[i]->policy->name) != a->v[i])
			hawk_policyentry_put(a->v[i]);
}

int hawk_policies_load(struct hawk_policies *p, const struct hawk_policy_texts *texts,
		       const struct hawk_policies_entry **ret, struct hawk_problems *problems)
{
	struct hawk_policylist next = p->loaded;
	bool any = false;
	int r = 0;

	for (size_t i = 0; r == 0 && i < texts->n; i++) {
		r = load_one(p, &next, &texts->v[i], texts->replace, problems, &ret[i]);
		any = any || (r == 0 && ret[i]);
	}
	if (r == 0 && any)
		r = replace(p, &next);
	/* NEXT has what was in force before, or, when that failed, what was to be */
	put_others(&next, &p->loaded);
	return r;
}

int hawk_policies_unload(struct hawk_policies *p, const char *name)
{
	struct hawk_policies_entry *e = hawk_policylist_find(&p->loaded, name);
	struct hawk_policylist next = p->loaded;
	int r;

	if (!e)
		return -ENOENT;
	if (!e->by_hand)
		return -EPERM;
	hawk_policylist_remove(&next, e);
	r = replace(p, &next);
	if (r == 0)
		hawk_policyentry_put(e);
	return r;
}

static int disable(struct hawk_policies *p, const char *name)
{
	char **grown = realloc(p->disabled.v, (p->disabled.n + 1) * sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	p->disabled.v = grown;
	grown[p->disabled.n] = strdup(name);
	if (!grown[p->disabled.n])
		return -ENOMEM;
	p->disabled.n++;
	return 0;
}

static void undo_disable(struct hawk_policies *p, const char *name)
{
	for (size_t i = 0; i < p->disabled.n; i++)
		if (strcmp(p->disabled.v[i], name) == 0) {
			free(p->disabled.v[i]);
			p->disabled.v[i] = p->disabled.v[--p->disabled.n];
			return;
		}
}

int hawk_policies_enable(struct hawk_policies *p, const char *name, bool on)
{
	int r = 0;

	if (!hawk_policylist_find(&p->loaded, name))
		return -ENOENT;
	if (is_disabled(p, name) != on)
		return 0;
	if (on)
		undo_disable(p, name);
	else
		r = disable(p, name);
	return r < 0 ? r : apply(p, false);
}

void hawk_policies_set_names(struct hawk_policies *p, const struct hawk_policy_signatures *signatures)
{
	p->names = signatures;
}

const struct hawk_policy_signatures *hawk_policies_names(const struct hawk_policies *p)
{
	return p->names;
}

void hawk_policies_await_signatures(struct hawk_policies *p)
{
	p->awaiting = true;
}

int hawk_policies_set_signatures(struct hawk_policies *p, const struct hawk_sig_set *signatures)
{
	const struct hawk_sig_set *before = p->signatures;
	int r;

	p->signatures = signatures;
	p->awaiting = false;
	r = apply(p, true);
	if (r < 0)
		p->signatures = before;
	return r;
}

/* --- looking --- */

int hawk_policies_new(struct hawk_policies **ret, struct hawk_interest *interest, struct hawk_collect *collect)
{
	struct hawk_policies *p = calloc(1, sizeof(*p));

	if (!p)
		return -ENOMEM;
	p->interest = interest;
	p->collect = collect;
	p->generation = 1; /* that of the kernel side before there is a set */
	hawk_interest_on_change(interest, on_interest, p);
	hawk_collect_on_left_out(collect, hawk_policies_on_left_out, p);
	*ret = p;
	return 0;
}

void hawk_policies_on_change(struct hawk_policies *p, int (*fn)(void *ctx), void *ctx)
{
	p->changed = fn;
	p->ctx = ctx;
}

struct hawk_policies *hawk_policies_free(struct hawk_policies *p)
{
	if (!p)
		return NULL;
	hawk_interest_on_change(p->interest, NULL, NULL);
	hawk_collect_on_left_out(p->collect, NULL, NULL);
	for (struct hawk_policies_held *next; p->sets; p->sets = next) {
		next = p->sets->next;
		held_free(p->sets);
	}
	hawk_policylist_done(&p->loaded);
	hawk_problems_done(&p->problems);
	while (p->disabled.n)
		free(p->disabled.v[--p->disabled.n]);
	free(p->disabled.v);
	free(p->summary);
	free(p->unloaded);
	free(p);
	return NULL;
}

const struct hawk_policy_set *hawk_policies_set(const struct hawk_policies *p, uint32_t *ret_generation)
{
	*ret_generation = p->generation;
	return p->sets ? p->sets->set : NULL;
}

const struct hawk_cgen *hawk_policies_code(const struct hawk_policies *p, size_t row)
{
	/* what the daemon makes of system calls passes no program */
	if (!p->sets || hawk_plan_made(hawk_collect_plan(p->collect), row))
		return NULL;
	return hawk_policycode_of(p->sets->code, row);
}

bool hawk_policies_rule(const struct hawk_policies *p, const struct hawk_event_desc *desc, size_t i,
			struct hawk_policy_set_rule *ret)
{
	return p->sets && hawk_policy_set_rule(p->sets->set, desc, i, ret);
}

int hawk_policies_bit(const struct hawk_policies *p, const struct hawk_policies_entry *e)
{
	for (size_t i = 0; p->sets && i < p->sets->n; i++)
		if (p->sets->entries[i] == e)
			return (int)i;
	return -1;
}

void hawk_policies_set_pipeline(struct hawk_policies *p, struct hawk_pipeline *pipeline)
{
	p->pipeline = pipeline;
}

const char *hawk_policies_problem(const struct hawk_policies *p)
{
	return p->summary;
}

const char *hawk_policies_unloaded(const struct hawk_policies *p)
{
	return p->unloaded;
}

const struct hawk_policies_entry *hawk_policies_disagreed(const struct hawk_policies *p)
{
	for (size_t i = 0; i < p->loaded.n; i++)
		if (p->loaded.v[i]->counts->disagreed)
			return p->loaded.v[i];
	return NULL;
}

const struct hawk_policies_entry *hawk_policies_entry(const struct hawk_policies *p, size_t i)
{
	return i < p->loaded.n ? p->loaded.v[i] : NULL;
}

const struct hawk_policies_entry *hawk_policies_find(const struct hawk_policies *p, const char *name)
{
	return hawk_policylist_find(&p->loaded, name);
}

const struct hawk_problems *hawk_policies_problems(const struct hawk_policies *p)
{
	return &p->problems;
}
