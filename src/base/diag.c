/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/base/diag.h"

#include <stdlib.h>
#include <string.h>

#include "src/base/buf.h"

void hawk_diags_add(struct hawk_diags *d, const struct hawk_diag *diag)
{
	struct hawk_diag *v;

	for (size_t i = 0; i < d->n; i++)
		if (d->v[i].line == diag->line && d->v[i].column == diag->column &&
		    strcmp(d->v[i].message, diag->message) == 0)
			return;
	*(diag->warning ? &d->warnings : &d->errors) += 1;
	if (d->n == HAWK_DIAGS_MAX)
		return;
	v = realloc(d->v, (d->n + 1) * sizeof(*v));
	if (!v)
		return;
	d->v = v;
	v[d->n] = *diag;
	/* What is quoted comes from the file, and goes to terminals. */
	for (char *c = v[d->n].message; *c; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			*c = '?';
	d->n++;
}

void hawk_diags_print(const struct hawk_diags *d, struct hawk_buf *out)
{
	for (size_t i = 0; i < d->n; i++) {
		const struct hawk_diag *one = &d->v[i];

		hawk_buf_puts(out, d->path ? d->path : "-");
		if (one->line)
			hawk_buf_printf(out, ":%u:%u", one->line, one->column);
		hawk_buf_printf(out, ": %s: %s\n", one->warning ? "warning" : "error", one->message);
	}
	if (d->errors + d->warnings > d->n)
		hawk_buf_printf(out, "%s: and %zu more\n", d->path ? d->path : "-",
				d->errors + d->warnings - d->n);
}

void hawk_diags_done(struct hawk_diags *d)
{
	free(d->v);
	*d = (struct hawk_diags){ .path = d->path };
}
