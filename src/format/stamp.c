/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/base/cleanup.h"
#include "src/event/names.h"
#include "src/format/render.h"

#define NS 1000000000ULL
#define DATE 19 /* length of "2026-01-02T03:04:05" */
#define LENGTH (DATE + sizeof(".123456789Z") - 1)

void hawk_stamp_put(struct hawk_stamps *stamps, struct hawk_buf *out, uint64_t ns)
{
	uint64_t second = ns / NS;
	uint32_t fraction = (uint32_t)(ns % NS);
	__typeof__(stamps->row[0]) *row = &stamps->row[second % ARRAY_SIZE(stamps->row)];
	char *to = hawk_buf_room(out, LENGTH);

	_Static_assert(sizeof(row->text) == DATE, "a row is a date");
	if (!to)
		return;
	if (row->next != second + 1) {
		const struct hawk_value v = { .u = ns };
		size_t start = out->len;

		hawk_value_print(out, HAWK_T_WALLTIME, &v, 0);
		if (out->error)
			return;
		memcpy(row->text, out->data + start, DATE);
		row->next = second + 1;
		return;
	}
	memcpy(to, row->text, DATE);
	to[DATE] = '.';
	hawk_digits_put(to + DATE + 1, fraction, 9);
	to[LENGTH - 1] = 'Z';
	out->len += LENGTH;
}
