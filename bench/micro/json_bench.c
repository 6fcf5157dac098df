/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * How many file_open events per second one core writes in each format of JSON, their processes being cached: a
 * line with the figure for each.
 */
#include <stdio.h>
#include <stdlib.h>

#include "bench/micro/measure.h"
#include "src/base/cleanup.h"
#include "src/format/format.h"
#include "tests/unit/format/sample.h"

#define LIMIT 1500000
#define EVENTS 200000
#define ROUNDS 9

/* Writes EVENTS of them, each with a time and an inode of its own. Returns events per second or 0. */
static double round_of(struct hawk_format *f, struct sample *s, struct hawk_buf *out)
{
	double start = cpu_ns();

	for (int i = 0; i < EVENTS; i++) {
		s->event.time += 3333;
		s->event.walltime += 3333;
		s->event.seq++;
		sample_number(s, "inode", 1000000 + i % 5000);
		hawk_buf_reset(out);
		if (hawk_format_event(f, &s->event, out) < 0)
			return 0;
	}
	return EVENTS * 1e9 / (cpu_ns() - start);
}

/* LIMIT: what is promised; 0: nothing. */
static int measure(const char *description, int limit)
{
	_cleanup_(hawk_buf_done) struct hawk_buf out = HAWK_BUF_INIT;
	struct hawk_format *f = NULL;
	char *why = NULL;
	struct sample s;
	double rate[ROUNDS], per_second;

	sample_file_open(&s);
	if (hawk_format_new(&f, description, false, &why) < 0) {
		fprintf(stderr, "json_bench: %s\n", why ? why : "out of memory");
		free(why);
		return -1;
	}
	for (int i = 0; i < ROUNDS; i++)
		rate[i] = round_of(f, &s, &out);
	per_second = median(rate, ROUNDS);
	printf("{\"name\":\"%s_events_per_s\",\"value\":%.0f", description, per_second);
	if (limit)
		printf(",\"limit\":%d,\"ok\":%s", limit, per_second >= limit ? "true" : "false");
	puts("}");
	if (getenv("JSON_BENCH_SHOW"))
		fwrite(out.data, 1, out.len, stderr);
	hawk_format_free(f);
	sample_done(&s);
	return 0;
}

int main(void)
{
	int r = measure("json", LIMIT);

	if (!r)
		r = measure("tracee", 0);
	if (!r)
		r = measure("tetragon", 0);
	return r ? EXIT_FAILURE : EXIT_SUCCESS;
}
