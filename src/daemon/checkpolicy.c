/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/daemon/checkpolicy.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "src/base/buf.h"
#include "src/base/cleanup.h"
#include "src/daemon/check.h"
#include "src/daemon/signames.h"
#include "src/policy/policy.h"

/* A file and what came of it. */
struct checked {
	const char *path;
	struct hawk_policy *policy; /* NULL: it is bad */
	struct hawk_diags diags;
};

static int check(struct checked *c, const struct hawk_policy_signatures *signatures)
{
	_cleanup_(hawk_buf_done) struct hawk_buf text = { .max = HAWK_POLICY_TEXT_MAX + 65536 };
	int r = hawk_check_read(c->path, HAWK_POLICY_TEXT_MAX, &text);

	c->diags.path = strcmp(c->path, "-") == 0 ? "standard input" : c->path;
	if (r < 0) {
		hawk_check_unread(&c->diags, r);
		return -EINVAL;
	}
	return hawk_policy_parse(&c->policy, text.len ? text.data : "", text.len, c->diags.path, signatures,
				 &c->diags);
}

static size_t pending_of(const struct hawk_policy *p)
{
	size_t n = p->n_pending;

	for (size_t i = 0; i < p->n_rules; i++)
		n += p->rules[i].n_pending;
	return n;
}

static void put_pending(struct hawk_buf *out, const struct hawk_policy *p)
{
	for (size_t i = 0; i < p->n_pending; i++)
		hawk_buf_printf(out, "%s: pending: scope: %s\n", p->path, p->pending[i]);
	for (size_t i = 0; i < p->n_rules; i++)
		for (size_t k = 0; k < p->rules[i].n_pending; k++)
			hawk_buf_printf(out, "%s:%u:%u: pending: %s\n", p->path, p->rules[i].line,
					p->rules[i].column, p->rules[i].pending[k]);
}

static void put_text(struct hawk_buf *out, const struct checked *c, enum hawk_check_output output)
{
	const struct hawk_policy *p = c->policy;

	hawk_diags_print(&c->diags, out);
	if (!p) {
		hawk_buf_printf(out, "%s: not a policy that can be loaded\n", c->diags.path);
		return;
	}
	put_pending(out, p);
	hawk_buf_printf(out, "%s: policy %s is good, %zu rules", c->diags.path, p->name, p->n_rules);
	if (pending_of(p))
		hawk_buf_printf(out, ", %zu parts pending", pending_of(p));
	hawk_buf_putc(out, '\n');
	if (output == HAWK_CHECK_IR)
		hawk_policy_print(p, out);
}

static void put_json_pending(struct hawk_buf *out, const struct hawk_policy *p)
{
	bool first = true;

	hawk_buf_lit(out, ",\"pending\":[");
	for (size_t i = 0; i < p->n_pending; i++) {
		hawk_buf_puts(out, first ? "{" : ",{");
		hawk_check_string(out, "scope", p->pending[i]);
		hawk_buf_putc(out, '}');
		first = false;
	}
	for (size_t i = 0; i < p->n_rules; i++)
		for (size_t k = 0; k < p->rules[i].n_pending; k++) {
			hawk_buf_printf(out, "%s\"line\":%u,", first ? "{" : ",{", p->rules[i].line);
			hawk_check_string(out, "rule", p->rules[i].pending[k]);
			hawk_buf_putc(out, '}');
			first = false;
		}
	hawk_buf_putc(out, ']');
}

static void put_json(struct hawk_buf *out, const struct checked *c, bool first)
{
	hawk_buf_puts(out, first ? "{" : ",\n{");
	hawk_check_string(out, "file", c->diags.path);
	hawk_buf_printf(out, ",\"good\":%s", c->policy ? "true" : "false");
	if (c->policy) {
		hawk_buf_putc(out, ',');
		hawk_check_string(out, "name", c->policy->name);
		hawk_buf_putc(out, ',');
		hawk_check_string(out, "dialect", c->policy->dialect);
		hawk_buf_printf(out, ",\"rules\":%zu", c->policy->n_rules);
		put_json_pending(out, c->policy);
	}
	hawk_check_diags(out, &c->diags);
	hawk_buf_putc(out, '}');
}

/* Two files with the same policy: a directory with both would load one of them. */
static void check_names(struct checked *all, size_t i)
{
	for (size_t k = 0; k < i; k++) {
		struct hawk_diag diag = { .warning = true };

		if (!all[k].policy || !all[i].policy || strcmp(all[k].policy->name, all[i].policy->name) != 0)
			continue;
		snprintf(diag.message, sizeof(diag.message),
			 "the policy %.100s is in %.100s, too: only one of them can be loaded",
			 all[i].policy->name, all[k].diags.path);
		hawk_diags_add(&all[i].diags, &diag);
		return;
	}
}

static int run(struct checked *all, char *const *files, size_t n, enum hawk_check_output output)
{
	_cleanup_(hawk_signames_done) struct hawk_signames names = { .read = false };
	const struct hawk_policy_signatures signatures = hawk_signames_installed(&names);
	bool bad = false;

	if (output == HAWK_CHECK_JSON)
		fputs("[", stdout);
	for (size_t i = 0; i < n; i++) {
		_cleanup_(hawk_buf_done) struct hawk_buf out = { .max = 64 * 1024 * 1024 };
		int r;

		all[i].path = files[i];
		r = check(&all[i], &signatures);
		if (r == -ENOMEM || out.error) {
			fprintf(stderr, "sechawkd: %s: no memory\n", files[i]);
			return 1;
		}
		bad |= r < 0;
		check_names(all, i);
		if (output == HAWK_CHECK_JSON)
			put_json(&out, &all[i], i == 0);
		else
			put_text(&out, &all[i], output);
		fwrite(out.data, 1, out.len, stdout);
	}
	if (output == HAWK_CHECK_JSON)
		fputs("]\n", stdout);
	return fflush(stdout) == 0 && !bad ? 0 : 1;
}

int hawk_checkpolicy_run(char *const *files, size_t n, const char *format)
{
	const int output = hawk_check_output_parse(format);
	struct checked *all;
	int r;

	if (!n || output < 0) {
		fputs("usage: sechawkd --check-policy [--output text|ir|json] FILE...\n", stderr);
		return 2;
	}
	all = calloc(n, sizeof(*all));
	if (!all)
		return 1;
	r = run(all, files, n, (enum hawk_check_output)output);
	for (size_t i = 0; i < n; i++) {
		hawk_policy_free(all[i].policy);
		hawk_diags_done(&all[i].diags);
	}
	free(all);
	return r;
}
