/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How many file_open events per second one core writes as native JSON, their processes being cached. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "src/base/cleanup.h"
#include "src/format/format.h"
#include "tests/unit/format/sample.h"

#define LIMIT 1500000
#define EVENTS 200000
#define ROUNDS 9

static double cpu_seconds(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/* Writes EVENTS of them, each with a time and an inode of its own. Returns events per second or 0. */
static double round_of(struct hawk_format *f, struct sample *s, struct hawk_buf *out)
{
	double start = cpu_seconds();

	for (int i = 0; i < EVENTS; i++) {
		s->event.time += 3333;
		s->event.walltime += 3333;
		s->event.seq++;
		sample_number(s, "inode", 1000000 + i % 5000);
		hawk_buf_reset(out);
		if (hawk_format_event(f, &s->event, out) < 0)
			return 0;
	}
	return EVENTS / (cpu_seconds() - start);
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

int main(void)
{
	struct hawk_buf out = HAWK_BUF_INIT;
	struct hawk_format *f = NULL;
	char *why = NULL;
	struct sample s;
	double rate[ROUNDS];

	sample_file_open(&s);
	if (hawk_format_new(&f, "json", false, &why) < 0) {
		fprintf(stderr, "json_bench: %s\n", why ? why : "out of memory");
		free(why);
		return EXIT_FAILURE;
	}
	for (int i = 0; i < ROUNDS; i++)
		rate[i] = round_of(f, &s, &out);
	qsort(rate, ROUNDS, sizeof(rate[0]), compare);
	printf("{\"name\":\"json_events_per_s\",\"value\":%.0f,\"limit\":%d,\"ok\":%s}\n",
	       rate[ROUNDS / 2], LIMIT, rate[ROUNDS / 2] >= LIMIT ? "true" : "false");
	if (getenv("JSON_BENCH_SHOW"))
		fwrite(out.data, 1, out.len, stderr);
	hawk_format_free(f);
	hawk_buf_done(&out);
	sample_done(&s);
	return EXIT_SUCCESS;
}
