/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/daemon/signatures.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/buf.h"
#include "src/base/cleanup.h"
#include "src/base/log.h"
#include "src/daemon/sigfiles.h"
#include "src/daemon/signames.h"

#define PROBLEMS_BYTES (64 * 1024) /* of a text about files that are not loaded */

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
	struct {
		struct hawk_sigfiles files;
		struct hawk_problems problems;
		bool there;
	} parsed; /* to be put in force */
	struct hawk_policy_signatures names;
	const struct hawk_sig **by_name; /* all of them */
	struct hawk_sig_set *set; /* of the enabled ones; NULL: none */
	struct switched *switched;
	size_t n_switched;
	struct hawk_problems problems;
	char *summary; /* of the problems; NULL: none */
};

/* --- names --- */

/* What is loaded, or about to be. */
static const struct hawk_sig_files *held(const struct hawk_signatures *s)
{
	return s->parsed.there ? &s->parsed.files.held : &s->loaded.held;
}

static enum hawk_policy_signature find_name(void *ctx, const char *name)
{
	const struct hawk_signatures *s = ctx;
	const struct hawk_sig *sig = hawk_signames_find(held(s), name);

	if (!sig)
		return HAWK_POLICY_NO_SIGNATURE;
	return hawk_signatures_enabled(s, sig) && !sig->n_pending ? HAWK_POLICY_SIGNATURE_ON : HAWK_POLICY_SIGNATURE_OFF;
}

static bool has_tag(void *ctx, size_t i, const char *tag)
{
	return hawk_signames_has_tag(held(ctx), i, tag);
}

static const char *name_at(void *ctx, size_t i)
{
	const struct hawk_sig_files *files = held(ctx);

	return i < files->n_signatures ? files->signatures[i]->name : NULL;
}

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
	s->parsed.problems.what = "signatures";
	s->names = (struct hawk_policy_signatures){ find_name, name_at, has_tag, s };
	hawk_policies_set_names(policies, &s->names);
	*ret = s;
	return 0;
}

struct hawk_signatures *hawk_signatures_free(struct hawk_signatures *s)
{
	if (!s)
		return NULL;
	hawk_sig_engine_free(s->engine);
	hawk_sig_set_free(s->set);
	hawk_policies_set_names(s->policies, NULL);
	hawk_sigfiles_done(&s->loaded);
	hawk_sigfiles_done(&s->parsed.files);
	hawk_problems_done(&s->parsed.problems);
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

/*
 * Puts SET in force; the one before is nobody's any more when this returns. The kernel first: what is in both sets
 * is sent by both. Returns 0, or -errno when that fails: then nothing has changed, and SET is freed.
 */
static int put_in_force(struct hawk_signatures *s, struct hawk_sig_set *set)
{
	uint64_t events[HAWK_EVENT_WORDS];
	int r = hawk_policies_set_signatures(s->policies, set);

	if (r < 0) {
		hawk_sig_set_free(set);
		return r;
	}
	if (s->pipeline)
		hawk_pipeline_set_signatures(s->pipeline, set);
	else
		hawk_sig_engine_use(s->engine, set);
	memcpy(events, hawk_sig_set_events(set), sizeof(events));
	r = hawk_interest_set_judged(s->interest, HAWK_SIGNATURES, events);
	hawk_sig_set_free(s->set);
	s->set = set;
	/* without any process event nothing is found, which is told by who starts the daemon */
	if (r < 0 && r != -EOPNOTSUPP)
		hawk_warning("signatures: not all of their events are collected: %s", strerror(-r));
	return 0;
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
	if (r < 0) {
		free(by_name);
		return r;
	}
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

static void forget_parsed(struct hawk_signatures *s)
{
	hawk_sigfiles_done(&s->parsed.files);
	hawk_problems_done(&s->parsed.problems);
	s->parsed.problems = (struct hawk_problems){ .what = "signatures" };
	s->parsed.there = false;
}

int hawk_signatures_parse(struct hawk_signatures *s, const struct hawk_config *config)
{
	const struct hawk_config_list *dirs = &config->signatures.directories;
	struct hawk_sigfiles *next = &s->parsed.files;
	int r;

	forget_parsed(s);
	r = hawk_sigfiles_keep(next, &s->loaded);
	if (r == 0 && config->signatures.enabled)
		r = hawk_sigfiles_list(next, dirs->v, dirs->n, &s->loaded, &s->parsed.problems);
	if (r == 0)
		r = hawk_sigfiles_parse(next, &s->loaded, &s->parsed.problems);
	s->parsed.there = r == 0;
	if (r < 0)
		forget_parsed(s);
	return r;
}

int hawk_signatures_read(struct hawk_signatures *s, const struct hawk_config *config)
{
	int r = s->parsed.there ? 0 : hawk_signatures_parse(s, config);

	s->parsed.there = false;
	if (r == 0)
		r = replace(s, &s->parsed.files);
	if (r == 0) {
		tell_changes(&s->parsed.files, &s->loaded);
		hawk_problems_done(&s->problems);
		free(s->summary);
		s->problems = s->parsed.problems;
		s->parsed.problems = (struct hawk_problems){ .what = "signatures" };
		s->summary = hawk_problems_summary(&s->problems, "sechawkctl signature list");
	}
	forget_parsed(s);
	return r;
}

/* --- by hand --- */

/* What is wrong with all of them, or NULL without memory. */
static char *all_problems(const struct hawk_problems *problems)
{
	struct hawk_buf text = { .max = PROBLEMS_BYTES };

	for (size_t i = 0; i < problems->n; i++)
		hawk_buf_printf(&text, "%s%s", i ? "\n" : "", problems->v[i].text ?: problems->v[i].path);
	if (!hawk_buf_str(&text)) /* more than anybody reads */
		hawk_buf_done(&text);
	return text.data;
}

static bool is_one_of(const struct hawk_policy_texts *texts, size_t n, const char *path)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(texts->v[i].path, path) == 0)
			return true;
	return false;
}

/* All that is loaded but those loaded by hand whose path is one of LEAVE. */
static int copy_others(const struct hawk_signatures *s, const struct hawk_policy_texts *leave, struct hawk_sigfiles *next)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < s->loaded.n; i++) {
		const struct hawk_sigtext *t = &s->loaded.v[i];
		const struct hawk_sig_source source = { t->path, t->text, t->len };

		if (!t->by_hand || !is_one_of(leave, leave->n, t->path))
			r = hawk_sigfiles_add(next, &source, t->by_hand, false);
	}
	return r;
}

/* Why TEXTS cannot be added as they are (malloc'ed); NULL: they can, or no memory. */
static char *refusal(const struct hawk_signatures *s, const struct hawk_policy_texts *texts)
{
	char *why = NULL;

	for (size_t i = 0; i < texts->n && !why; i++) {
		const char *path = texts->v[i].path, *is = NULL;

		if (is_one_of(texts, i, path))
			is = "it is there twice";
		else if (!texts->replace && hawk_sigfiles_find(&s->loaded, path, true))
			is = "it is loaded already; load it with --replace";
		if (is && asprintf(&why, "%s: %s", path, is) < 0)
			why = NULL;
	}
	return why;
}

int hawk_signatures_load(struct hawk_signatures *s, const struct hawk_policy_texts *texts, char **ret_why)
{
	const struct hawk_sigfiles none = { .v = NULL };
	struct hawk_problems problems = { .what = "signatures" };
	struct hawk_sigfiles next = { .v = NULL };
	int r;

	*ret_why = refusal(s, texts);
	if (*ret_why)
		return -EINVAL;
	r = copy_others(s, texts, &next);
	/* the last ones: a name that another has refuses them */
	for (size_t i = 0; r == 0 && i < texts->n; i++) {
		const struct hawk_sig_source source = { texts->v[i].path, texts->v[i].text, texts->v[i].len };

		r = hawk_sigfiles_add(&next, &source, true, true);
	}
	if (r == 0)
		r = hawk_sigfiles_parse(&next, &none, &problems);
	if (r == 0 && problems.n) {
		*ret_why = all_problems(&problems);
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
	r = copy_others(s, &(struct hawk_policy_texts){ .v = &(struct hawk_policy_text){ .path = sig->path }, .n = 1 }, &next);
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
	if (r == 0)
		r = apply(s);
	if (r < 0 && find_switched(s, sig->name))
		set_switched(s, sig->name, !on);
	return r;
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
