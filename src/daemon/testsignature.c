/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/daemon/testsignature.h"

#include <errno.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "src/base/buf.h"
#include "src/base/cleanup.h"
#include "src/daemon/filedir.h"
#include "src/format/format.h"
#include "src/sig/engine.h"
#include "src/sig/test.h"

static const char *const all_endings[] = { ".yaml", ".yml", ".json", ".list", NULL };
static const char *const list_endings[] = { ".list", NULL };

/* What was read. */
struct texts {
	struct hawk_sig_source *v;
	struct hawk_diags *diags; /* one for each */
	size_t n;
	bool json;
	size_t passed, failed, skipped, untested;
	struct hawk_buf out;
};

static int add(struct texts *t, const char *path)
{
	struct hawk_diag diag = { .line = 0 };
	char *text = NULL, *name = NULL;
	size_t len = 0;
	int r;

	for (size_t i = 0; i < t->n; i++)
		if (strcmp(t->v[i].path, path) == 0)
			return 0;
	/* at powers of two only */
	if (!(t->n & (t->n - 1))) {
		void *v = realloc(t->v, (t->n ? t->n * 2 : 1) * sizeof(*t->v));
		void *diags = v ? realloc(t->diags, (t->n ? t->n * 2 : 1) * sizeof(*t->diags)) : NULL;

		t->v = v ? v : t->v;
		t->diags = diags ? diags : t->diags;
		if (!v || !diags)
			return -ENOMEM;
	}
	r = hawk_filedir_read(path, HAWK_SIG_TEXT_MAX, &text, &len);
	name = r == -ENOMEM ? NULL : strdup(path);
	if (!name) {
		free(text);
		return -ENOMEM;
	}
	t->v[t->n] = (struct hawk_sig_source){ name, text, len };
	t->diags[t->n] = (struct hawk_diags){ .path = name };
	if (r < 0) {
		snprintf(diag.message, sizeof(diag.message), "cannot be read: %s", strerror(-r));
		hawk_diags_add(&t->diags[t->n], &diag);
	}
	t->n++;
	return 0;
}

static int add_dir(struct texts *t, char *dir, const char *const *endings)
{
	struct hawk_filedir d = { .n = 0 };
	int r = hawk_filedir_list(&d, &dir, 1, endings);

	for (size_t i = 0; i < d.n && r == 0; i++)
		if (!d.v[i].masked)
			r = add(t, d.v[i].path);
	if (d.problem)
		fprintf(stderr, "sechawkd: %s\n", d.problem);
	hawk_filedir_done(&d);
	return r;
}

static int add_path(struct texts *t, char *path)
{
	_cleanup_free_ char *copy = NULL;
	struct stat st;
	int r;

	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		return add_dir(t, path, all_endings);
	r = add(t, path);
	/* The lists beside a file are those that it names. */
	copy = strdup(path);
	if (r < 0 || !copy)
		return r < 0 ? r : -ENOMEM;
	return add_dir(t, dirname(copy), list_endings);
}

static void put_string(struct hawk_buf *out, const char *key, const char *text, size_t len)
{
	hawk_buf_printf(out, "\"%s\":", key);
	hawk_json_string(out, (const uint8_t *)text, len);
}

/* A line about a test, or a file. WHY may have several lines. */
static void put(struct texts *t, const char *result, const char *path, unsigned int line, const char *signature,
		const char *test, const struct hawk_buf *why)
{
	size_t len = why->len;

	while (len && why->data[len - 1] == '\n')
		len--;
	if (!t->json) {
		hawk_buf_printf(&t->out, "%s %s:%u: %s: %s", result, path, line, signature, test);
		if (len)
			hawk_buf_printf(&t->out, ": %.*s", (int)len, why->data);
		hawk_buf_putc(&t->out, '\n');
		return;
	}
	hawk_buf_puts(&t->out, t->passed + t->failed + t->skipped > 1 ? ",\n{" : "{");
	put_string(&t->out, "result", result, strlen(result));
	hawk_buf_putc(&t->out, ',');
	put_string(&t->out, "file", path, strlen(path));
	hawk_buf_printf(&t->out, ",\"line\":%u,", line);
	put_string(&t->out, "signature", signature, strlen(signature));
	hawk_buf_putc(&t->out, ',');
	put_string(&t->out, "test", test, strlen(test));
	hawk_buf_putc(&t->out, ',');
	put_string(&t->out, "message", len ? why->data : "", len);
	hawk_buf_putc(&t->out, '}');
}

static int run_test(struct texts *t, const struct hawk_sig *sig, size_t i, const struct hawk_sig_set *set)
{
	_cleanup_(hawk_buf_done) struct hawk_buf why = HAWK_BUF_INIT;
	struct hawk_diags diags = { .path = sig->path };
	int r = 0;

	if (sig->n_pending) {
		t->skipped++;
		hawk_buf_puts(&why, sig->pending[0]);
		put(t, "skipped", sig->path, sig->tests[i].line, sig->name, sig->tests[i].name, &why);
		return 0;
	}
	r = hawk_sig_test_run(sig, i, set, &why, &diags);
	hawk_diags_print(&diags, &why);
	hawk_diags_done(&diags);
	if (r == -ENOMEM)
		return r;
	*(r == 1 ? &t->passed : &t->failed) += 1;
	put(t, r == 1 ? "ok" : "not ok", sig->path, sig->tests[i].line, sig->name, sig->tests[i].name, &why);
	return 0;
}

static size_t report_files(struct texts *t)
{
	_cleanup_(hawk_buf_done) struct hawk_buf text = { .max = 16 * 1024 * 1024 };
	size_t errors = 0;

	for (size_t i = 0; i < t->n; i++) {
		hawk_diags_print(&t->diags[i], &text);
		errors += t->diags[i].errors;
	}
	/* Beside the results, not among them. */
	fwrite(text.data, 1, text.len, stderr);
	return errors;
}

static int run_tests(struct texts *t, const struct hawk_sig_files *files)
{
	struct hawk_sig_set *set = NULL;
	int r = hawk_sig_set_new(&set, files->signatures, files->n_signatures);

	hawk_buf_puts(&t->out, t->json ? "[" : "");
	for (size_t i = 0; i < files->n_signatures && r == 0; i++) {
		const struct hawk_sig *sig = files->signatures[i];

		t->untested += sig->n_tests == 0;
		for (size_t k = 0; k < sig->n_tests && r == 0; k++)
			r = run_test(t, sig, k, set);
	}
	hawk_sig_set_free(set);
	if (t->json)
		hawk_buf_puts(&t->out, "]\n");
	else
		hawk_buf_printf(&t->out,
				"%zu signatures, %zu without tests; %zu tests passed, %zu failed, %zu skipped\n",
				files->n_signatures, t->untested, t->passed, t->failed, t->skipped);
	return r < 0 ? r : t->out.error;
}

static int run(struct texts *t, char *const *paths, size_t n)
{
	struct hawk_sig_files files = { .n_signatures = 0 };
	size_t errors = 0;
	int r = 0;

	for (size_t i = 0; i < n && r == 0; i++)
		r = add_path(t, paths[i]);
	if (r == 0)
		r = hawk_sig_read(&files, t->v, t->n, t->diags);
	if (r == 0) {
		errors = report_files(t);
		r = run_tests(t, &files);
	}
	hawk_sig_files_done(&files);
	if (r < 0) {
		fprintf(stderr, "sechawkd: %s\n", strerror(-r));
		return 1;
	}
	fwrite(t->out.data, 1, t->out.len, stdout);
	return fflush(stdout) == 0 && !errors && !t->failed ? 0 : 1;
}

int hawk_testsignature_run(char *const *paths, size_t n, const char *format)
{
	struct texts t = { .json = strcmp(format, "json") == 0, .out = { .max = 64 * 1024 * 1024 } };
	int r;

	if (!n || (!t.json && strcmp(format, "text") != 0)) {
		fputs("usage: sechawkd --test-signature [--output text|json] FILE|DIR...\n", stderr);
		return 2;
	}
	r = run(&t, paths, n);
	for (size_t i = 0; i < t.n; i++) {
		hawk_diags_done(&t.diags[i]);
		free((char *)(uintptr_t)t.v[i].path);
		free((char *)(uintptr_t)t.v[i].text);
	}
	free(t.v);
	free(t.diags);
	hawk_buf_done(&t.out);
	return r;
}
