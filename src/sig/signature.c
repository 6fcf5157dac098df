/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The end of signatures. */
#include "src/sig/reader.h"

static void free_strings(char **v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(v[i]);
	free(v);
}

static void match_done(struct hawk_sig_match *m)
{
	free_strings(m->findings, m->n_findings);
	hawk_ir_free(m->guard);
	hawk_cel_free(m->where);
}

static void step_done(struct hawk_sig_step *s)
{
	free(s->name);
	for (size_t i = 0; i < s->n_matches; i++)
		match_done(&s->matches[i]);
	free(s->matches);
	for (size_t i = 0; i < s->n_captures; i++)
		hawk_cel_free(s->captures[i].value);
	free(s->captures);
	hawk_cel_free(s->distinct);
}

static void told_done(struct hawk_sig *s)
{
	for (size_t i = 0; i < HAWK_SIG_KEYS_MAX; i++) {
		hawk_cel_free(s->by[i].value);
		hawk_cel_free(s->suppress_by[i].value);
	}
	for (size_t i = 0; i < s->n_exceptions; i++)
		hawk_sig_exception_done(&s->exceptions[i]);
	free(s->exceptions);
	for (size_t i = 0; i < s->n_output; i++) {
		free(s->output[i].name);
		hawk_cel_free(s->output[i].value);
	}
	free(s->output);
	hawk_cel_template_free(s->message);
	hawk_sig_tests_free(s->tests, s->n_tests);
}

struct hawk_sig *hawk_sig_free(struct hawk_sig *s)
{
	if (!s)
		return NULL;
	free(s->id);
	free(s->name);
	free(s->version);
	free(s->title);
	free(s->description);
	free(s->author);
	free(s->what_to_do);
	free(s->false_positives);
	free(s->tactic);
	free(s->technique);
	free(s->layer);
	free(s->path);
	free_strings(s->references, s->n_references);
	free_strings(s->tags, s->n_tags);
	for (size_t i = 0; i < s->n_steps; i++)
		step_done(&s->steps[i]);
	free(s->steps);
	free_strings(s->captures, s->n_captures);
	free_strings(s->pending, s->n_pending);
	told_done(s);
	free(s);
	return NULL;
}

void hawk_sig_files_done(struct hawk_sig_files *f)
{
	for (size_t i = 0; i < f->n_signatures; i++)
		hawk_sig_free(f->signatures[i]);
	free(f->signatures);
	for (size_t i = 0; i < f->n_lists; i++)
		hawk_sig_list_done(&f->lists[i]);
	free(f->lists);
	*f = (struct hawk_sig_files){ .signatures = NULL };
}
