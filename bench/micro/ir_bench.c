/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How long a predicate takes for a file_open that it is false for: a line with nanoseconds for each kind. */
#include <stdio.h>
#include <stdlib.h>

#include "bench/micro/measure.h"
#include "src/base/buf.h"
#include "src/base/cleanup.h"
#include "src/ir/ir.h"
#include "tests/unit/format/sample.h"

#define ROUNDS 9
#define EVENTS 200000
#define MANY 10000

/* Prints the median of the time that one evaluation of TEXT takes. */
static int measure(const char *name, const char *text)
{
	struct hawk_ir_error error;
	double ns[ROUNDS];
	struct hawk_ir *ir;
	struct sample s;
	size_t yes = 0;

	if (!text || hawk_ir_parse(&ir, text, &error) < 0) {
		fprintf(stderr, "ir_bench: %s: %s\n", name, text ? error.message : "out of memory");
		return -1;
	}
	sample_file_open(&s);
	for (size_t r = 0; r < ROUNDS; r++) {
		double start = cpu_ns();

		for (size_t i = 0; i < EVENTS; i++)
			yes += hawk_ir_eval(ir, &s.event, NULL);
		ns[r] = (cpu_ns() - start) / EVENTS;
	}
	printf("{\"name\":\"ir_%s_ns\",\"value\":%.1f}\n", name, median(ns, ROUNDS));
	hawk_ir_free(ir);
	sample_done(&s);
	return yes ? -1 : 0;
}

/* The same for MANY values, "FIELD=" and each value as FORMAT says. */
static int measure_many(const char *name, const char *field, const char *before, const char *behind)
{
	_cleanup_(hawk_buf_done) struct hawk_buf text = HAWK_BUF_INIT;

	hawk_buf_puts(&text, field);
	for (unsigned int i = 0; i < MANY; i++)
		hawk_buf_printf(&text, "%s%s%u%s", i ? "|" : "=", before, 100000 + i * 7919 % MANY, behind);
	return measure(name, hawk_buf_str(&text));
}

int main(void)
{
	int r = measure("number", "uid=17");

	r |= measure("path", "data.pathname=/etc/shadow");
	r |= measure("ten_conditions", "uid!=17 gid!=17 pid!=17 comm!=x exe!=/bin/x data.flags!&O_TRUNC data.inode!=5 "
				       "data.pathname!=/x* data.pathname!=*.x data.pathname=/y");
	r |= measure("glob", "data.pathname=/usr/*/lib[a-d]*.so");
	r |= measure("regex", "data.pathname~='^/usr/.*/lib[a-d]+\\.so$'");
	r |= measure_many("10000_numbers", "pid", "", "");
	r |= measure_many("10000_paths", "data.pathname", "/srv/data/", "");
	r |= measure_many("10000_prefixes", "data.pathname", "/srv/data/", "/*");
	return r ? EXIT_FAILURE : EXIT_SUCCESS;
}
