/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Policies as Tracee has them: filters on what a detector tells, which here are the outputs of a finding. */
#include <errno.h>

#include "src/policy/tracee_data.h"

static const char *output_name(const struct hawk_filter *f, size_t *ret_len)
{
	*ret_len = f->key_len - (f->bare ? 0 : 5);
	return f->key + (f->bare ? 0 : 5);
}

/* "name=value" of a list of them; the value may have wildcards at its ends. */
static int add_value(struct hawk_policy_reader *r, struct hawk_group *g, const struct hawk_filter *f,
		     const char *value, size_t len)
{
	_cleanup_(hawk_buf_done) struct hawk_buf text = HAWK_BUF_INIT;
	size_t name_len;
	const char *name = output_name(f, &name_len);
	int e = hawk_tracee_check_value(r, f, value, len);

	if (e < 0)
		return e;
	hawk_policy_quote(&text, name, name_len, false);
	hawk_buf_putc(&text, '=');
	hawk_policy_quote(&text, value, len, true);
	return hawk_buf_str(&text) ? hawk_group_term(g, f, value, "data.output=%s", text.data) : -ENOMEM;
}

static int add_filter(struct hawk_policy_reader *r, struct hawk_group *g, const struct hawk_filter *f)
{
	const char *p = f->values, *value;
	size_t len;
	int e = 0;

	if (f->op != HAWK_OP_EQ && f->op != HAWK_OP_NE)
		return hawk_yaml_refuse(&r->yaml, f->node, f->key_len,
					  "what a detector tells is text: expected = or != and values");
	while (e == 0 && (value = hawk_tracee_next_value(&p, &len)))
		e = add_value(r, g, f, value, len);
	return e;
}

static bool same_output(const struct hawk_filter *a, const struct hawk_filter *b)
{
	size_t a_len, b_len;
	const char *a_name = output_name(a, &a_len), *b_name = output_name(b, &b_len);

	return a_len == b_len && memcmp(a_name, b_name, a_len) == 0;
}

/* An output that is not there is not equal to anything, and not unequal either. */
static void print_there(const struct hawk_filter *f, struct hawk_buf *out)
{
	size_t len;
	const char *name = output_name(f, &len);

	hawk_buf_puts(out, out->len ? " AND data.output=" : "data.output=");
	hawk_policy_quote(out, name, len, false);
	hawk_buf_lit(out, "=*");
}

/* All filters on the output that filter I is the first one on. */
static int print_output(struct hawk_policy_reader *r, const struct hawk_tracee_data *data, size_t i,
			struct hawk_buf *out)
{
	_cleanup_(hawk_group_done) struct hawk_group g = { .fields = { "data.output" } };
	int bad = 0, e;

	for (size_t k = 0; k < data->n; k++) {
		if (!same_output(&data->v[i], &data->v[k]))
			continue;
		if (k < i)
			return 0; /* it was with that one */
		e = add_filter(r, &g, &data->v[k]);
		if (e == -ENOMEM)
			return e;
		if (e < 0)
			bad = e;
	}
	if (bad < 0)
		return bad;
	print_there(&data->v[i], out);
	e = hawk_group_print(&g, out);
	return e < 0 ? e : hawk_group_check(r, &g);
}

int hawk_tracee_output_print(struct hawk_policy_reader *r, const struct hawk_tracee_data *data, struct hawk_buf *out)
{
	int bad = 0;

	for (size_t i = 0; i < data->n; i++) {
		const struct hawk_filter *f = &data->v[i];
		int e = !f->bare && f->key_len == strlen("retval") && strncmp(f->key, "retval", f->key_len) == 0 ?
				hawk_yaml_refuse(&r->yaml, f->node, 0, "the event of a detector has no result") :
				print_output(r, data, i, out);

		if (e == -ENOMEM)
			return e;
		if (e < 0)
			bad = e;
	}
	return bad;
}
