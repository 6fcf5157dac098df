/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/daemon/checksignature.h"

#include <errno.h>
#include <stdio.h>

#include "src/base/cleanup.h"
#include "src/daemon/check.h"
#include "src/daemon/sigargs.h"

/* What the file at PATH holds, or NULL. */
static const struct hawk_sig *signature_of(const struct hawk_sigargs *a, const char *path)
{
	for (size_t i = 0; i < a->held.n_signatures; i++)
		if (strcmp(a->held.signatures[i]->path, path) == 0)
			return a->held.signatures[i];
	return NULL;
}

static const struct hawk_sig_list *list_of(const struct hawk_sigargs *a, const char *path)
{
	for (size_t i = 0; i < a->held.n_lists; i++)
		if (strcmp(a->held.lists[i].path, path) == 0)
			return &a->held.lists[i];
	return NULL;
}

static void put_text(struct hawk_buf *out, const struct hawk_sigargs *a, const struct hawk_diags *d,
		     enum hawk_check_output output)
{
	const struct hawk_sig *sig = d->errors ? NULL : signature_of(a, d->path);
	const struct hawk_sig_list *list = d->errors ? NULL : list_of(a, d->path);

	hawk_diags_print(d, out);
	if (list)
		hawk_buf_printf(out, "%s: list %s is good, %zu values\n", d->path, list->name, list->n);
	if (!sig && !list)
		hawk_buf_printf(out, "%s: not a signature that can be loaded\n", d->path);
	if (!sig)
		return;
	for (size_t i = 0; i < sig->n_pending; i++)
		hawk_buf_printf(out, "%s: pending: %s\n", d->path, sig->pending[i]);
	hawk_buf_printf(out, "%s: signature %s is good, %zu %s%s\n", d->path, sig->name, sig->n_tests,
			sig->n_tests == 1 ? "test" : "tests", sig->n_pending ? ", pending: it finds nothing" : "");
	if (output == HAWK_CHECK_IR)
		hawk_sig_print(sig, out);
}

static void put_signature(struct hawk_buf *out, const struct hawk_sig *sig)
{
	hawk_buf_putc(out, ',');
	hawk_check_string(out, "id", sig->id);
	hawk_buf_putc(out, ',');
	hawk_check_string(out, "name", sig->name);
	hawk_buf_putc(out, ',');
	hawk_check_string(out, "dialect", sig->dialect);
	hawk_buf_putc(out, ',');
	hawk_check_string(out, "severity", hawk_severity_name(sig->severity));
	hawk_buf_printf(out, ",\"steps\":%zu,\"tests\":%zu,\"pending\":[", sig->n_steps, sig->n_tests);
	for (size_t i = 0; i < sig->n_pending; i++) {
		hawk_buf_puts(out, i ? ",{" : "{");
		hawk_check_string(out, "missing", sig->pending[i]);
		hawk_buf_putc(out, '}');
	}
	hawk_buf_putc(out, ']');
}

static void put_json(struct hawk_buf *out, const struct hawk_sigargs *a, const struct hawk_diags *d)
{
	const struct hawk_sig *sig = d->errors ? NULL : signature_of(a, d->path);
	const struct hawk_sig_list *list = d->errors ? NULL : list_of(a, d->path);

	hawk_buf_putc(out, '{');
	hawk_check_string(out, "file", d->path);
	hawk_buf_printf(out, ",\"good\":%s", sig || list ? "true" : "false");
	if (sig)
		put_signature(out, sig);
	if (list) {
		hawk_buf_putc(out, ',');
		hawk_check_string(out, "list", list->name);
		hawk_buf_printf(out, ",\"values\":%zu", list->n);
	}
	hawk_check_diags(out, d);
	hawk_buf_putc(out, '}');
}

static int tell(const struct hawk_sigargs *a, enum hawk_check_output output)
{
	bool first = true;

	for (size_t i = 0; i < a->n + a->n_unread; i++) {
		_cleanup_(hawk_buf_done) struct hawk_buf out = { .max = 64 * 1024 * 1024 };

		if (i >= a->n_asked && i < a->n)
			continue;
		if (output == HAWK_CHECK_JSON) {
			hawk_buf_puts(&out, first ? "[" : ",\n");
			put_json(&out, a, &a->diags[i]);
		} else {
			put_text(&out, a, &a->diags[i], output);
		}
		first = false;
		if (out.error)
			return -ENOMEM;
		fwrite(out.data, 1, out.len, stdout);
	}
	if (output == HAWK_CHECK_JSON)
		fputs(first ? "[]\n" : "]\n", stdout);
	return 0;
}

int hawk_checksignature_run(char *const *paths, size_t n, const char *format)
{
	_cleanup_(hawk_sigargs_done) struct hawk_sigargs a = { .sources = NULL };
	const int output = hawk_check_output_parse(format);
	int r;

	if (!n || output < 0) {
		fputs("usage: sechawkd --check-signature [--output text|ir|json] FILE|DIRECTORY...\n", stderr);
		return 2;
	}
	r = hawk_sigargs_read(&a, paths, n);
	if (r == 0)
		r = tell(&a, (enum hawk_check_output)output);
	if (r < 0) {
		fputs("sechawkd: no memory\n", stderr);
		return 1;
	}
	return fflush(stdout) == 0 && !hawk_sigargs_bad(&a) ? 0 : 1;
}
