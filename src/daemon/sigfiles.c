/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/daemon/sigfiles.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/cleanup.h"
#include "src/base/log.h"
#include "src/base/textfile.h"
#include "src/daemon/filedir.h"

static void text_done(struct hawk_sigtext *text)
{
	free(text->path);
	free(text->text);
}

void hawk_sigfiles_done(struct hawk_sigfiles *f)
{
	hawk_sig_files_done(&f->held);
	for (size_t i = 0; i < f->n; i++)
		text_done(&f->v[i]);
	free(f->v);
	*f = (struct hawk_sigfiles){ .v = NULL };
}

int hawk_sigfiles_add(struct hawk_sigfiles *f, const struct hawk_sig_source *source, bool by_hand, bool fresh)
{
	struct hawk_sigtext *grown = realloc(f->v, (f->n + 1) * sizeof(*grown));
	struct hawk_sigtext text = { .len = source->len, .by_hand = by_hand, .fresh = fresh };

	if (!grown)
		return -ENOMEM;
	f->v = grown;
	text.path = strdup(source->path);
	text.text = malloc(source->len + 1);
	if (!text.path || !text.text) {
		text_done(&text);
		return -ENOMEM;
	}
	memcpy(text.text, source->text, source->len);
	text.text[source->len] = 0;
	f->v[f->n++] = text;
	return 0;
}

struct hawk_sigtext *hawk_sigfiles_find(const struct hawk_sigfiles *f, const char *path, bool by_hand)
{
	for (size_t i = 0; i < f->n; i++)
		if (f->v[i].by_hand == by_hand && strcmp(f->v[i].path, path) == 0)
			return &f->v[i];
	return NULL;
}

void hawk_sigfiles_remove(struct hawk_sigfiles *f, struct hawk_sigtext *text)
{
	text_done(text);
	memmove(text, text + 1, (size_t)(&f->v[--f->n] - text) * sizeof(*text));
}

static int add_copy(struct hawk_sigfiles *f, const struct hawk_sigtext *old)
{
	const struct hawk_sig_source source = { old->path, old->text, old->len };

	return hawk_sigfiles_add(f, &source, old->by_hand, false);
}

int hawk_sigfiles_keep(struct hawk_sigfiles *f, const struct hawk_sigfiles *old)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < old->n; i++)
		if (old->v[i].by_hand)
			r = add_copy(f, &old->v[i]);
	return r;
}

static bool same_text(const struct hawk_sigtext *a, const char *text, size_t len)
{
	return a && a->len == len && memcmp(a->text, text, len) == 0;
}

static int add_file(struct hawk_sigfiles *f, const char *path, const struct hawk_sigfiles *old,
		    struct hawk_problems *problems)
{
	const struct hawk_sigtext *before = hawk_sigfiles_find(old, path, false);
	_cleanup_free_ char *text = NULL;
	struct hawk_sig_source source = { .path = path };
	int r = hawk_textfile_read(path, HAWK_SIG_TEXT_MAX, &text, &source.len);

	if (r == -ENOMEM)
		return r;
	if (r < 0) {
		hawk_problems_add(problems, path, hawk_problems_unread(path, r));
		return before ? add_copy(f, before) : 0;
	}
	source.text = text;
	return hawk_sigfiles_add(f, &source, false, !same_text(before, text, source.len));
}

int hawk_sigfiles_list(struct hawk_sigfiles *f, char *const *dirs, size_t n, const struct hawk_sigfiles *old,
		       struct hawk_problems *problems)
{
	static const char *const endings[] = { ".yaml", ".yml", ".json", ".list", NULL };
	_cleanup_(hawk_filedir_done) struct hawk_filedir d = { .v = NULL };
	int r = hawk_filedir_list(&d, dirs, n, endings);

	for (size_t i = 0; r == 0 && i < d.n; i++)
		if (!d.v[i].masked)
			r = add_file(f, d.v[i].path, old, problems);
	if (r == 0 && d.problem)
		hawk_problems_add(problems, d.problem, strdup("the directory cannot be read"));
	return r;
}

static int read_all(struct hawk_sigfiles *f, struct hawk_diags *diags)
{
	_cleanup_free_ struct hawk_sig_source *sources = calloc(f->n + 1, sizeof(*sources));

	if (!sources)
		return -ENOMEM;
	for (size_t i = 0; i < f->n; i++) {
		sources[i] = (struct hawk_sig_source){ f->v[i].path, f->v[i].text, f->v[i].len };
		diags[i].path = f->v[i].path;
	}
	return hawk_sig_read(&f->held, sources, f->n, diags);
}

static void tell(const struct hawk_sigtext *text, const struct hawk_diags *diags, struct hawk_problems *problems)
{
	char *lines = hawk_problems_text(diags);

	if (diags->errors) {
		hawk_problems_add(problems, text->path, lines);
		return;
	}
	if (lines && text->fresh)
		hawk_problems_log(LOG_WARNING, problems->what, lines);
	free(lines);
}

/*
 * What is wrong goes; a slip in a file does not switch off what was in force. Returns whether a text before came
 * back, which has to be read, or -ENOMEM.
 */
static int put_right(struct hawk_sigfiles *f, const struct hawk_sigfiles *old, const struct hawk_diags *diags)
{
	int back = 0;

	for (size_t i = f->n; i-- > 0;) {
		struct hawk_sigtext *text = &f->v[i], *before;
		_cleanup_free_ char *copy = NULL;

		if (!diags[i].errors)
			continue;
		before = hawk_sigfiles_find(old, text->path, text->by_hand);
		if (!before || same_text(before, text->text, text->len)) {
			hawk_sigfiles_remove(f, text);
			continue;
		}
		copy = malloc(before->len + 1);
		if (!copy)
			return -ENOMEM;
		memcpy(copy, before->text, before->len + 1);
		free(text->text);
		text->text = TAKE_PTR(copy);
		text->len = before->len;
		text->fresh = false;
		back = 1;
	}
	return back;
}

int hawk_sigfiles_parse(struct hawk_sigfiles *f, const struct hawk_sigfiles *old, struct hawk_problems *problems)
{
	/* the second time with texts of before: what is wrong then goes, and nothing comes back */
	const struct hawk_sigfiles none = { .v = NULL };
	const size_t n = f->n;
	int r = 1;

	for (int round = 0; r == 1 && round < 2; round++) {
		_cleanup_free_ struct hawk_diags *diags = calloc(n + 1, sizeof(*diags));
		const size_t texts = f->n;

		hawk_sig_files_done(&f->held);
		r = diags ? read_all(f, diags) : -ENOMEM;
		for (size_t i = 0; r == 0 && i < texts; i++)
			tell(&f->v[i], &diags[i], problems);
		if (r == 0)
			r = put_right(f, round == 0 ? old : &none, diags);
		for (size_t i = 0; diags && i < texts; i++)
			hawk_diags_done(&diags[i]);
	}
	return r;
}
