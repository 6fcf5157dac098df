/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/daemon/testsignature.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "src/base/buf.h"
#include "src/base/cleanup.h"
#include "src/daemon/check.h"
#include "src/daemon/sigargs.h"
#include "src/format/format.h"
#include "src/sig/engine.h"
#include "src/sig/test.h"

/* What came of them. */
struct results {
	bool json;
	size_t passed, failed, skipped, untested;
	struct hawk_buf out;
};

/* A line about a test, or a file. WHY may have several lines. */
static void put(struct results *t, const char *result, const char *path, unsigned int line, const char *signature,
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
	hawk_check_string(&t->out, "result", result);
	hawk_buf_putc(&t->out, ',');
	hawk_check_string(&t->out, "file", path);
	hawk_buf_printf(&t->out, ",\"line\":%u,", line);
	hawk_check_string(&t->out, "signature", signature);
	hawk_buf_putc(&t->out, ',');
	hawk_check_string(&t->out, "test", test);
	hawk_buf_putc(&t->out, ',');
	hawk_buf_lit(&t->out, "\"message\":");
	hawk_json_string(&t->out, (const uint8_t *)(len ? why->data : ""), len);
	hawk_buf_putc(&t->out, '}');
}

static int run_test(struct results *t, const struct hawk_sig *sig, size_t i, const struct hawk_sig_set *set)
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

/* Beside the results, not among them. */
static void report_files(const struct hawk_sigargs *a)
{
	_cleanup_(hawk_buf_done) struct hawk_buf text = { .max = 16 * 1024 * 1024 };

	for (size_t i = 0; i < a->n + a->n_unread; i++)
		hawk_diags_print(&a->diags[i], &text);
	fwrite(text.data, 1, text.len, stderr);
}

static int run_tests(struct results *t, const struct hawk_sig_files *files)
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

static int run(struct results *t, char *const *paths, size_t n)
{
	_cleanup_(hawk_sigargs_done) struct hawk_sigargs a = { .sources = NULL };
	int r = hawk_sigargs_read(&a, paths, n);

	if (r == 0) {
		report_files(&a);
		r = run_tests(t, &a.held);
	}
	if (r < 0) {
		fprintf(stderr, "sechawkd: %s\n", strerror(-r));
		return 1;
	}
	fwrite(t->out.data, 1, t->out.len, stdout);
	return fflush(stdout) == 0 && !hawk_sigargs_bad(&a) && !t->failed ? 0 : 1;
}

int hawk_testsignature_run(char *const *paths, size_t n, const char *format)
{
	struct results t = { .json = strcmp(format, "json") == 0, .out = { .max = 64 * 1024 * 1024 } };
	int r;

	if (!n || (!t.json && strcmp(format, "text") != 0)) {
		fputs("usage: sechawkd --test-signature [--output text|json] FILE|DIR...\n", stderr);
		return 2;
	}
	r = run(&t, paths, n);
	hawk_buf_done(&t.out);
	return r;
}
