/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/daemon/checkpolicy.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "src/base/buf.h"
#include "src/base/cleanup.h"
#include "src/format/format.h"
#include "src/policy/policy.h"

enum output { OUTPUT_TEXT, OUTPUT_IR, OUTPUT_JSON };

/* A file and what came of it. */
struct checked {
	const char *path;
	struct hawk_policy *policy; /* NULL: it is bad */
	struct hawk_diags diags;
};

/* Reads a file, "-" is standard input, up to one byte more than a policy may have. */
static int read_file(const char *path, struct hawk_buf *out)
{
	_cleanup_close_ int fd = -1;
	char chunk[16384];
	ssize_t n;

	fd = strcmp(path, "-") == 0 ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return -errno;
	while ((n = read(fd, chunk, sizeof(chunk))) > 0 && out->len <= HAWK_POLICY_TEXT_MAX)
		hawk_buf_put(out, chunk, (size_t)n);
	return n < 0 ? -errno : out->error;
}

static int check(struct checked *c)
{
	_cleanup_(hawk_buf_done) struct hawk_buf text = { .max = HAWK_POLICY_TEXT_MAX + 65536 };
	int r = read_file(c->path, &text);

	c->diags.path = strcmp(c->path, "-") == 0 ? "standard input" : c->path;
	if (r < 0) {
		struct hawk_diag diag = { .line = 0 };

		snprintf(diag.message, sizeof(diag.message), "cannot be read: %s", strerror(-r));
		hawk_diags_add(&c->diags, &diag);
		return -EINVAL;
	}
	return hawk_policy_parse(&c->policy, text.len ? text.data : "", text.len, c->diags.path, &c->diags);
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

static void put_text(struct hawk_buf *out, const struct checked *c, enum output output)
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
	if (output == OUTPUT_IR)
		hawk_policy_print(p, out);
}

static void put_string(struct hawk_buf *out, const char *key, const char *text)
{
	hawk_buf_printf(out, "\"%s\":", key);
	hawk_json_string(out, (const uint8_t *)text, strlen(text));
}

static void put_diags(struct hawk_buf *out, const struct hawk_diags *d, bool warnings)
{
	const size_t all = warnings ? d->warnings : d->errors;
	bool first = true;

	hawk_buf_printf(out, ",\"%s\":[", warnings ? "warnings" : "errors");
	for (size_t i = 0; i < d->n; i++) {
		if (d->v[i].warning != warnings)
			continue;
		hawk_buf_puts(out, first ? "{" : ",{");
		if (d->v[i].line)
			hawk_buf_printf(out, "\"line\":%u,\"column\":%u,", d->v[i].line, d->v[i].column);
		put_string(out, "message", d->v[i].message);
		hawk_buf_putc(out, '}');
		first = false;
	}
	hawk_buf_printf(out, "],\"%s_total\":%zu", warnings ? "warnings" : "errors", all);
}

static void put_json_pending(struct hawk_buf *out, const struct hawk_policy *p)
{
	bool first = true;

	hawk_buf_lit(out, ",\"pending\":[");
	for (size_t i = 0; i < p->n_pending; i++) {
		hawk_buf_puts(out, first ? "{" : ",{");
		put_string(out, "scope", p->pending[i]);
		hawk_buf_putc(out, '}');
		first = false;
	}
	for (size_t i = 0; i < p->n_rules; i++)
		for (size_t k = 0; k < p->rules[i].n_pending; k++) {
			hawk_buf_printf(out, "%s\"line\":%u,", first ? "{" : ",{", p->rules[i].line);
			put_string(out, "rule", p->rules[i].pending[k]);
			hawk_buf_putc(out, '}');
			first = false;
		}
	hawk_buf_putc(out, ']');
}

static void put_json(struct hawk_buf *out, const struct checked *c, bool first)
{
	hawk_buf_puts(out, first ? "{" : ",\n{");
	put_string(out, "file", c->diags.path);
	hawk_buf_printf(out, ",\"good\":%s", c->policy ? "true" : "false");
	if (c->policy) {
		hawk_buf_putc(out, ',');
		put_string(out, "name", c->policy->name);
		hawk_buf_putc(out, ',');
		put_string(out, "dialect", c->policy->dialect);
		hawk_buf_printf(out, ",\"rules\":%zu", c->policy->n_rules);
		put_json_pending(out, c->policy);
	}
	put_diags(out, &c->diags, false);
	put_diags(out, &c->diags, true);
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

static int run(struct checked *all, char *const *files, size_t n, enum output output)
{
	bool bad = false;

	if (output == OUTPUT_JSON)
		fputs("[", stdout);
	for (size_t i = 0; i < n; i++) {
		_cleanup_(hawk_buf_done) struct hawk_buf out = { .max = 64 * 1024 * 1024 };
		int r;

		all[i].path = files[i];
		r = check(&all[i]);
		if (r == -ENOMEM || out.error) {
			fprintf(stderr, "sechawkd: %s: no memory\n", files[i]);
			return 1;
		}
		bad |= r < 0;
		check_names(all, i);
		if (output == OUTPUT_JSON)
			put_json(&out, &all[i], i == 0);
		else
			put_text(&out, &all[i], output);
		fwrite(out.data, 1, out.len, stdout);
	}
	if (output == OUTPUT_JSON)
		fputs("]\n", stdout);
	return fflush(stdout) == 0 && !bad ? 0 : 1;
}

int hawk_checkpolicy_run(char *const *files, size_t n, const char *format)
{
	static const char *const formats[] = {
		[OUTPUT_TEXT] = "text", [OUTPUT_IR] = "ir", [OUTPUT_JSON] = "json"
	};
	struct checked *all;
	size_t output = 0;
	int r;

	while (output < ARRAY_SIZE(formats) && strcmp(formats[output], format) != 0)
		output++;
	if (!n || output == ARRAY_SIZE(formats)) {
		fputs("usage: sechawkd --check-policy [--output text|ir|json] FILE...\n", stderr);
		return 2;
	}
	all = calloc(n, sizeof(*all));
	if (!all)
		return 1;
	r = run(all, files, n, (enum output)output);
	for (size_t i = 0; i < n; i++) {
		hawk_policy_free(all[i].policy);
		hawk_diags_done(&all[i].diags);
	}
	free(all);
	return r;
}
