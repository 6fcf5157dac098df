/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/daemon/signatures.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/cleanup.h"
#include "src/base/log.h"
#include "src/daemon/sigfiles.h"

/* Somebody switched it by hand; of a signature that is loaded or not: a file may come back. */
struct switched {
	char *name;
	bool on;
};

struct hawk_signatures {
	struct hawk_interest *interest;
	struct hawk_policies *policies;
	struct hawk_pipeline *pipeline; /* NULL: none yet */
	struct hawk_sig_engine *engine;
	struct hawk_sigfiles loaded;
	const struct hawk_sig **by_name; /* all of them */
	struct hawk_sig_set *set; /* of the enabled ones; NULL: none */
	struct switched *switched;
	size_t n_switched;
	struct hawk_problems problems;
	char *summary; /* of the problems; NULL: none */
};

int hawk_signatures_new(struct hawk_signatures **ret, struct hawk_interest *interest, struct hawk_policies *policies,
			size_t state_bytes)
{
	const struct hawk_sig_limits limits = { .state_bytes = state_bytes };
	struct hawk_signatures *s = calloc(1, sizeof(*s));
	int r = s ? hawk_sig_engine_new(&s->engine, &limits) : -ENOMEM;

	if (r < 0) {
		free(s);
		return r;
	}
	s->interest = interest;
	s->policies = policies;
	*ret = s;
	return 0;
}

struct hawk_signatures *hawk_signatures_free(struct hawk_signatures *s)
{
	if (!s)
		return NULL;
	hawk_sig_engine_free(s->engine);
	hawk_sig_set_free(s->set);
	hawk_sigfiles_done(&s->loaded);
	free(s->by_name);
	while (s->n_switched)
		free(s->switched[--s->n_switched].name);
	free(s->switched);
	hawk_problems_done(&s->problems);
	free(s->summary);
	free(s);
	return NULL;
}

/* --- switching --- */

static struct switched *find_switched(const struct hawk_signatures *s, const char *name)
{
	for (size_t i = 0; i < s->n_switched; i++)
		if (strcmp(s->switched[i].name, name) == 0)
			return &s->switched[i];
	return NULL;
}

bool hawk_signatures_enabled(const struct hawk_signatures *s, const struct hawk_sig *sig)
{
	const struct switched *by_hand = find_switched(s, sig->name);

	return by_hand ? by_hand->on : sig->enabled;
}

static int set_switched(struct hawk_signatures *s, const char *name, bool on)
{
	struct switched *at = find_switched(s, name);

	if (!at) {
		struct switched *grown = realloc(s->switched, (s->n_switched + 1) * sizeof(*grown));

		if (!grown)
			return -ENOMEM;
		s->switched = grown;
		at = &grown[s->n_switched];
		at->name = strdup(name);
		if (!at->name)
			return -ENOMEM;
		s->n_switched++;
	}
	at->on = on;
	return 0;
}

/* --- sets --- */

static int compare_names(const void *a, const void *b)
{
	return strcmp((*(const struct hawk_sig *const *)a)->name, (*(const struct hawk_sig *const *)b)->name);
}

/* The signatures of FILES in the order of their names, then a NULL. */
static int sort_names(const struct hawk_sigfiles *files, const struct hawk_sig ***ret)
{
	const struct hawk_sig **v = calloc(files->held.n_signatures + 1, sizeof(*v));

	if (!v)
		return -ENOMEM;
	for (size_t i = 0; i < files->held.n_signatures; i++)
		v[i] = files->held.signatures[i];
	qsort(v, files->held.n_signatures, sizeof(*v), compare_names);
	*ret = v;
	return 0;
}

static int make_set(const struct hawk_signatures *s, const struct hawk_sigfiles *files, struct hawk_sig_set **ret)
{
	_cleanup_free_ struct hawk_sig **enabled = calloc(files->held.n_signatures + 1, sizeof(struct hawk_sig *));
	size_t n = 0;

	if (!enabled)
		return -ENOMEM;
	for (size_t i = 0; i < files->held.n_signatures; i++)
		if (hawk_signatures_enabled(s, files->held.signatures[i]))
			enabled[n++] = files->held.signatures[i];
	return hawk_sig_set_new(ret, enabled, n);
}

/* Puts SET in force; the one before is nobody's any more when this returns. */
static int put_in_force(struct hawk_signatures *s, struct hawk_sig_set *set)
{
	uint64_t events[HAWK_EVENT_WORDS];
	int r;

	if (s->pipeline)
		hawk_pipeline_set_signatures(s->pipeline, set);
	else
		hawk_sig_engine_use(s->engine, set);
	r = hawk_policies_set_signatures(s->policies, set);
	if (r < 0)
		hawk_warning("signatures: the kernel goes on sending what those before wanted: %s", strerror(-r));
	memcpy(events, hawk_sig_set_events(set), sizeof(events));
	r = hawk_interest_set_judged(s->interest, HAWK_SIGNATURES, events);
	hawk_sig_set_free(s->set);
	s->set = set;
	/* without any process event nothing is found, which is told by who starts the daemon */
	return r == -EOPNOTSUPP ? 0 : r;
}

/* What is enabled of what is loaded becomes what is in force. */
static int apply(struct hawk_signatures *s)
{
	struct hawk_sig_set *set;
	int r = make_set(s, &s->loaded, &set);

	return r < 0 ? r : put_in_force(s, set);
}

/* Puts NEXT in the place of what is loaded, and that into NEXT. Fails before anything has changed. */
static int replace(struct hawk_signatures *s, struct hawk_sigfiles *next)
{
	struct hawk_sigfiles old = s->loaded;
	const struct hawk_sig **by_name;
	struct hawk_sig_set *set;
	int r = sort_names(next, &by_name);

	if (r < 0)
		return r;
	r = make_set(s, next, &set);
	if (r < 0) {
		free(by_name);
		return r;
	}
	r = put_in_force(s, set);
	if (r < 0)
		hawk_warning("signatures: not all of their events are collected: %s", strerror(-r));
	free(s->by_name);
	s->by_name = by_name;
	s->loaded = *next;
	*next = old;
	return 0;
}

/* --- directories --- */

static const struct hawk_sig *by_id(const struct hawk_sigfiles *files, const char *id)
{
	for (size_t i = 0; i < files->held.n_signatures; i++)
		if (strcmp(files->held.signatures[i]->id, id) == 0)
			return files->held.signatures[i];
	return NULL;
}

/* Who changes a file is not known, but what changed is. At the start it is a number only. */
static void tell_changes(const struct hawk_sigfiles *old, const struct hawk_sigfiles *new)
{
	if (!old->held.n_signatures && new->held.n_signatures)
		hawk_info("signatures: %zu are loaded", new->held.n_signatures);
	for (size_t i = 0; i < old->held.n_signatures; i++) {
		const struct hawk_sig *sig = old->held.signatures[i];

		if (!by_id(new, sig->id))
			hawk_log_audit("signatures: \"%s\" of %s is gone", sig->name, sig->path);
	}
	for (size_t i = 0; old->held.n_signatures && i < new->held.n_signatures; i++) {
		const struct hawk_sig *sig = new->held.signatures[i], *before = by_id(old, sig->id);

		if (!before || before->digest != sig->digest)
			hawk_log_audit("signatures: \"%s\" of %s is %s", sig->name, sig->path,
				       before ? "changed" : "loaded");
	}
}

int hawk_signatures_read(struct hawk_signatures *s, const struct hawk_config *config)
{
	const struct hawk_config_list *dirs = &config->signatures.directories;
	struct hawk_problems problems = { .what = "signatures" };
	struct hawk_sigfiles next = { .v = NULL };
	int r = hawk_sigfiles_keep(&next, &s->loaded);

	if (r == 0 && config->signatures.enabled)
		r = hawk_sigfiles_list(&next, dirs->v, dirs->n, &s->loaded, &problems);
	if (r == 0)
		r = hawk_sigfiles_parse(&next, &s->loaded, &problems);
	if (r == 0)
		r = replace(s, &next);
	if (r == 0) {
		tell_changes(&next, &s->loaded);
		hawk_problems_done(&s->problems);
		free(s->summary);
		s->problems = problems;
		s->summary = hawk_problems_summary(&problems, "sechawkctl signature list");
	} else {
		hawk_problems_done(&problems);
	}
	hawk_sigfiles_done(&next);
	return r;
}

/* --- by hand --- */

static char *first_problem(struct hawk_problems *problems)
{
	return problems->n ? TAKE_PTR(problems->v[0].text) : NULL;
}

/* All that is loaded but, with REPLACE, a text of the same path that was loaded by hand. */
static int copy_others(const struct hawk_signatures *s, const char *path, bool replace, struct hawk_sigfiles *next)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < s->loaded.n; i++) {
		const struct hawk_sigtext *t = &s->loaded.v[i];
		const struct hawk_sig_source source = { t->path, t->text, t->len };

		if (!replace || !t->by_hand || strcmp(t->path, path) != 0)
			r = hawk_sigfiles_add(next, &source, t->by_hand, false);
	}
	return r;
}

int hawk_signatures_load(struct hawk_signatures *s, const struct hawk_sig_source *source, bool replace_it, char **ret_why)
{
	const struct hawk_sigfiles none = { .v = NULL };
	struct hawk_problems problems = { .what = "signatures" };
	struct hawk_sigfiles next = { .v = NULL };
	int r = 0;

	if (!replace_it && hawk_sigfiles_find(&s->loaded, source->path, true)) {
		if (asprintf(ret_why, "%s: it is loaded already; load it with --replace", source->path) < 0)
			*ret_why = NULL;
		return -EINVAL;
	}
	r = copy_others(s, source->path, replace_it, &next);
	/* the last one: a name that another has refuses this one */
	if (r == 0)
		r = hawk_sigfiles_add(&next, source, true, true);
	if (r == 0)
		r = hawk_sigfiles_parse(&next, &none, &problems);
	if (r == 0 && problems.n) {
		*ret_why = first_problem(&problems);
		r = -EINVAL;
	}
	if (r == 0)
		r = replace(s, &next);
	if (r == 0)
		tell_changes(&next, &s->loaded);
	hawk_problems_done(&problems);
	hawk_sigfiles_done(&next);
	return r;
}

bool hawk_signatures_by_hand(const struct hawk_signatures *s, const struct hawk_sig *sig)
{
	return hawk_sigfiles_find(&s->loaded, sig->path, true) && !hawk_sigfiles_find(&s->loaded, sig->path, false);
}

int hawk_signatures_unload(struct hawk_signatures *s, const char *name)
{
	const struct hawk_sig *sig = hawk_signatures_find(s, name);
	const struct hawk_sigfiles none = { .v = NULL };
	struct hawk_problems problems = { .what = "signatures" };
	struct hawk_sigfiles next = { .v = NULL };
	int r;

	if (!sig)
		return -ENOENT;
	if (!hawk_signatures_by_hand(s, sig))
		return -EPERM;
	r = copy_others(s, sig->path, true, &next);
	if (r == 0)
		r = hawk_sigfiles_parse(&next, &none, &problems);
	if (r == 0)
		r = replace(s, &next);
	if (r == 0)
		tell_changes(&next, &s->loaded);
	hawk_problems_done(&problems);
	hawk_sigfiles_done(&next);
	return r;
}

int hawk_signatures_enable(struct hawk_signatures *s, const char *name, bool on)
{
	const struct hawk_sig *sig = hawk_signatures_find(s, name);
	int r;

	if (!sig)
		return -ENOENT;
	if (hawk_signatures_enabled(s, sig) == on)
		return 1;
	r = set_switched(s, sig->name, on);
	return r < 0 ? r : apply(s);
}

/* --- looking --- */

struct hawk_sig_engine *hawk_signatures_engine(const struct hawk_signatures *s)
{
	return s->engine;
}

const struct hawk_sig_set *hawk_signatures_set(const struct hawk_signatures *s)
{
	return s->set;
}

void hawk_signatures_set_pipeline(struct hawk_signatures *s, struct hawk_pipeline *pipeline)
{
	s->pipeline = pipeline;
}

const char *hawk_signatures_problem(const struct hawk_signatures *s)
{
	return s->summary;
}

const struct hawk_problems *hawk_signatures_problems(const struct hawk_signatures *s)
{
	return &s->problems;
}

const struct hawk_sig *hawk_signatures_at(const struct hawk_signatures *s, size_t i)
{
	return s->by_name ? s->by_name[i] : NULL;
}

const struct hawk_sig *hawk_signatures_find(const struct hawk_signatures *s, const char *name)
{
	const struct hawk_sig *sig;

	for (size_t i = 0; (sig = hawk_signatures_at(s, i)); i++)
		if (strcmp(sig->name, name) == 0 || strcmp(sig->id, name) == 0)
			return sig;
	return NULL;
}

/* A question to the engine, which is the pipeline's. */
struct question {
	const struct hawk_signatures *s;
	struct hawk_sig_stats *stats;
	struct hawk_sig_counts *each;
};

static void answer(void *arg, struct hawk_proctab *proctab)
{
	struct question *q = arg;
	const struct hawk_sig *sig;

	(void)proctab;
	*q->stats = hawk_sig_engine_stats(q->s->engine);
	for (size_t i = 0; q->each && (sig = hawk_signatures_at(q->s, i)); i++)
		if (!hawk_sig_engine_counts(q->s->engine, sig->id, &q->each[i]))
			q->each[i] = (struct hawk_sig_counts){ 0 };
}

void hawk_signatures_count(const struct hawk_signatures *s, struct hawk_sig_stats *ret, struct hawk_sig_counts **ret_each)
{
	struct question q = { s, ret, calloc(s->loaded.held.n_signatures + 1, sizeof(**ret_each)) };

	if (s->pipeline)
		hawk_pipeline_call(s->pipeline, answer, &q);
	else
		answer(&q, NULL);
	*ret_each = q.each;
}
