/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/daemon/sigargs.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "src/base/buf.h"
#include "src/base/cleanup.h"
#include "src/daemon/check.h"
#include "src/daemon/filedir.h"

#define SHIPPED "/usr/share/sechawk/signatures"

static const char *base_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static bool has_base(const struct hawk_sigargs *a, const char *base)
{
	for (size_t i = 0; i < a->n; i++)
		if (strcmp(base_of(a->sources[i].path), base) == 0)
			return true;
	return false;
}

/* Unread ones keep their place until all were looked at: their text is NULL. */
static int add_file(struct hawk_sigargs *a, const char *path)
{
	_cleanup_(hawk_buf_done) struct hawk_buf text = { .max = HAWK_SIG_TEXT_MAX + 65536 };
	struct hawk_sig_source *sources = reallocarray(a->sources, a->n + 1, sizeof(*sources));
	struct hawk_diags *diags;
	struct hawk_sig_source one = { .path = strdup(path) };
	int r;

	if (sources)
		a->sources = sources;
	diags = reallocarray(a->diags, a->n + 1, sizeof(*diags));
	if (diags)
		a->diags = diags;
	if (!sources || !diags || !one.path) {
		free((char *)one.path);
		return -ENOMEM;
	}
	diags[a->n] = (struct hawk_diags){ .path = one.path };
	r = hawk_check_read(path, HAWK_SIG_TEXT_MAX, &text);
	if (r < 0)
		hawk_check_unread(&diags[a->n], r);
	else
		one.text = hawk_buf_str(&text);
	one.len = text.len;
	if (r == 0)
		text.data = NULL;
	sources[a->n++] = one;
	return r == 0 && !one.text ? -ENOMEM : 0;
}

/* ONCE: not those whose name is there. */
static int add_dir(struct hawk_sigargs *a, char *path, const char *const *endings, bool once)
{
	_cleanup_(hawk_filedir_done) struct hawk_filedir d = { .v = NULL };
	int r = hawk_filedir_list(&d, &path, 1, endings);

	for (size_t i = 0; r == 0 && i < d.n; i++)
		if (!d.v[i].masked && !(once && has_base(a, d.v[i].name)))
			r = add_file(a, d.v[i].path);
	return r;
}

static bool is_dir(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static int add_lists(struct hawk_sigargs *a, char *const *paths, size_t n)
{
	static const char *const endings[] = { ".list", NULL };
	char shipped[] = SHIPPED;
	int r = 0;

	for (size_t i = 0; r == 0 && i < n; i++) {
		_cleanup_free_ char *dir = NULL;

		if (is_dir(paths[i]) || strcmp(paths[i], "-") == 0)
			continue;
		dir = base_of(paths[i]) == paths[i] ? strdup(".") :
						      strndup(paths[i], (size_t)(base_of(paths[i]) - paths[i]) - 1);
		r = dir ? add_dir(a, dir, endings, true) : -ENOMEM;
	}
	return r == 0 ? add_dir(a, shipped, endings, true) : r;
}

/* Those that cannot be read go behind the others. */
static int part(struct hawk_sigargs *a)
{
	const size_t all = a->n;
	struct hawk_sig_source *sources = calloc(all + 1, sizeof(*sources));
	struct hawk_diags *diags = calloc(all + 1, sizeof(*diags));
	size_t asked = 0, n = 0;

	if (!sources || !diags) {
		free(sources);
		free(diags);
		return -ENOMEM;
	}
	for (int unread = 0; unread < 2; unread++)
		for (size_t i = 0; i < all; i++) {
			if ((a->sources[i].text ? 0 : 1) != unread)
				continue;
			asked += !unread && i < a->n_asked;
			sources[n] = a->sources[i];
			diags[n++] = a->diags[i];
			a->n_unread += (size_t)unread;
		}
	free(a->sources);
	free(a->diags);
	a->sources = sources;
	a->diags = diags;
	a->n = all - a->n_unread;
	a->n_asked = asked;
	return 0;
}

int hawk_sigargs_read(struct hawk_sigargs *a, char *const *paths, size_t n)
{
	static const char *const endings[] = { ".yaml", ".yml", ".json", ".list", NULL };
	int r = 0;

	*a = (struct hawk_sigargs){ .sources = NULL };
	for (size_t i = 0; r == 0 && i < n; i++)
		r = is_dir(paths[i]) ? add_dir(a, paths[i], endings, false) : add_file(a, paths[i]);
	a->n_asked = a->n;
	if (r == 0)
		r = add_lists(a, paths, n);
	if (r == 0)
		r = part(a);
	return r == 0 ? hawk_sig_read(&a->held, a->sources, a->n, a->diags) : r;
}

size_t hawk_sigargs_bad(const struct hawk_sigargs *a)
{
	size_t bad = a->n_unread;

	for (size_t i = 0; i < a->n_asked; i++)
		bad += a->diags[i].errors > 0;
	return bad;
}

void hawk_sigargs_done(struct hawk_sigargs *a)
{
	hawk_sig_files_done(&a->held);
	for (size_t i = 0; a->sources && i < a->n + a->n_unread; i++) {
		free((char *)a->sources[i].path);
		free((char *)a->sources[i].text);
		hawk_diags_done(&a->diags[i]);
	}
	free(a->sources);
	free(a->diags);
	*a = (struct hawk_sigargs){ .sources = NULL };
}
