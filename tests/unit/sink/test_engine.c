/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/sink/common.h"

#include <errno.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <time.h>

#define LINE "template=%{seq}"

/* Lines of FILE, each of which must be the number that follows the one before. */
static size_t count_lines(const char *path, uint64_t first)
{
	char *text = read_file(path, NULL), *p = text, *end;
	size_t n = 0;

	for (; *p; p = end + 1, n++) {
		assert_int_equal(strtoull(p, &end, 10), first + n);
		assert_int_equal(*end, '\n');
	}
	free(text);
	return n;
}

static void everything_arrives(void **state)
{
	struct hawk_sinks *sinks = make_sinks();

	(void)state;
	add_sink(sinks, &(struct hawk_sink_options){
				.type = "file", .name = "a", .path = in_dir("a"), .format = LINE });
	add_sink(sinks, &(struct hawk_sink_options){
				.type = "file", .name = "b", .path = in_dir("b"), .format = LINE });
	for (uint64_t i = 0; i < 20000; i += 100)
		send_events(sinks, "file_open", i, i + 100);
	assert_int_equal(stats_of(sinks, "a").lost, 0);
	hawk_sinks_free(sinks);
	assert_int_equal(count_lines(in_dir("a"), 0), 20000);
	assert_int_equal(count_lines(in_dir("b"), 0), 20000);
}

static void refused(void **state)
{
	static const char *const nonsense[] = { "nonsense" };
	static const struct {
		struct hawk_sink_options options;
		const char *why;
	} rows[] = {
		{ { .type = "file", .name = "x" }, "sink x: path must be given and absolute" },
		{ { .type = "file", .name = "x", .path = "/tmp/../etc/passwd" },
		  "sink x: path must not contain \"..\"" },
		{ { .type = "file", .name = "x", .path = "/tmp/" },
		  "sink x: path must name a file, not a directory" },
		{ { .type = "tape", .name = "x" }, "sink x: \"tape\" is not a type; one of" },
		{ { .type = "stdout" }, "sink without a name: a sink needs a name" },
		{ { .type = "stdout", .name = "x", .format = "nonsense" }, "" },
		{ { .type = "stdout", .name = "x", .filters = nonsense, .n_filters = 1 },
		  "sink x: filter \"nonsense\": line 1, column " },
	};
	struct hawk_sinks *sinks = make_sinks();

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *why = NULL;

		assert_int_equal(hawk_sinks_add(sinks, &rows[i].options, &why), -EINVAL);
		assert_non_null(why);
		if (strncmp(why, rows[i].why, strlen(rows[i].why)))
			fail_msg("row %zu: %s", i, why);
		free(why);
	}
	assert_int_equal(hawk_sinks_stats(sinks, NULL, 0), 0);
	hawk_sinks_free(sinks);
}

static void filters_select(void **state)
{
	const char *filters[] = { "event=sched_process_exit", "event=sched_process_fork" };
	struct hawk_sinks *sinks = make_sinks();
	char *text;

	(void)state;
	add_sink(sinks, &(struct hawk_sink_options){ .type = "file",
						     .name = "a",
						     .path = in_dir("a"),
						     .filters = filters,
						     .n_filters = 2,
						     .format = LINE });
	send_events(sinks, "file_open", 0, 5);
	send_events(sinks, "sched_process_exit", 5, 6);
	send_events(sinks, "sched_process_fork", 6, 7);
	send_events(sinks, "events.lost", 7, 8); /* never filtered away */
	assert_int_equal(stats_of(sinks, "a").filtered, 5);
	hawk_sinks_free(sinks);
	text = read_file(in_dir("a"), NULL);
	assert_string_equal(text, "5\n6\n7\n");
	free(text);
}

static uint64_t *bits_of(const char *name, uint64_t bits[static HAWK_EVENT_ID_MAX / 64])
{
	size_t n;
	const struct hawk_event_desc *const *descs = hawk_event_descs(&n);

	memset(bits, 0, HAWK_EVENT_ID_MAX / 8);
	for (size_t i = 0; i < n; i++)
		if (strcmp(descs[i]->name, name) == 0)
			bits[i / 64] |= 1ULL << (i % 64);
	return bits;
}

static void enabled_events_only(void **state)
{
	uint64_t bits[HAWK_EVENT_ID_MAX / 64];
	struct hawk_sinks *sinks = make_sinks();
	struct hawk_subscriber *own = NULL, *follows = NULL;
	struct hawk_buf out = HAWK_BUF_INIT;
	char *text;

	(void)state;
	add_sink(sinks, &(struct hawk_sink_options){
				.type = "file", .name = "a", .path = in_dir("a"), .format = LINE });
	assert_int_equal(hawk_subscriber_new(&own, sinks, &(struct hawk_subscriber_options){
		.format = LINE, .events = bits_of("file_open", bits) }, NULL), 0);
	hawk_sinks_set_enabled(sinks, bits_of("sched_process_exit", bits));
	assert_int_equal(hawk_subscriber_new(&follows, sinks,
					     &(struct hawk_subscriber_options){ .format = LINE }, NULL),
			 0);
	send_events(sinks, "file_open", 1, 2);
	send_events(sinks, "sched_process_exit", 2, 3);
	send_events(sinks, "events.lost", 3, 4);
	while (hawk_subscriber_take(own, &out) > 0) {
	}
	assert_string_equal(hawk_buf_str(&out), "1\n3\n");
	hawk_buf_reset(&out);
	while (hawk_subscriber_take(follows, &out) > 0) {
	}
	assert_string_equal(hawk_buf_str(&out), "2\n3\n");
	hawk_subscriber_free(own);
	hawk_subscriber_free(follows);
	hawk_sinks_free(sinks);
	text = read_file(in_dir("a"), NULL);
	assert_string_equal(text, "2\n3\n");
	free(text);
	hawk_buf_done(&out);
}

static double seconds(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/* A file sink that never opens: its queue fills, the rest is counted exactly, others get everything. */
static void overflow_is_exact(void **state)
{
	struct hawk_sinks *sinks = make_sinks();
	struct hawk_sink_stats st;
	char name[64];
	uint64_t n = 20000, fit;

	(void)state;
	add_sink(sinks, &(struct hawk_sink_options){ .type = "file",
						     .name = "stuck",
						     .path = in_dir("no/such/dir"),
						     .format = LINE,
						     .queue_bytes = 65536 });
	add_sink(sinks, &(struct hawk_sink_options){
				.type = "file", .name = "good", .path = in_dir("good"), .format = LINE });
	for (uint64_t i = 0; i < n; i += 1000)
		send_events(sinks, "sched_process_exit", 10000 + i, 11000 + i); /* six bytes each */
	st = stats_of(sinks, "stuck");
	fit = 65536 / 32; /* this short, lengths run out first */
	assert_int_equal(st.lost, n - fit);
	assert_int_equal(st.queued_bytes, 6 * fit);
	assert_int_equal(st.events, 0);
	assert_int_equal(stats_of(sinks, "good").lost, 0);
	assert_int_equal(hawk_sinks_take_lost(sinks, name), n - fit);
	assert_string_equal(name, "stuck");
	assert_int_equal(hawk_sinks_take_lost(sinks, name), 0);
	send_events(sinks, "events.lost", 30000, 30001);
	assert_int_equal(stats_of(sinks, "stuck").lost, n - fit + 1);
	assert_int_equal(hawk_sinks_take_lost(sinks, name), 0);
	hawk_sinks_free(sinks);
	assert_int_equal(count_lines(in_dir("good"), 10000), n + 1);
}

/* Bulk events leave a part of the queue to the life cycle. */
static void bulk_goes_first(void **state)
{
	struct hawk_sinks *sinks = make_sinks();
	struct hawk_subscriber *s = NULL;
	uint64_t lost;

	(void)state;
	assert_int_equal(hawk_subscriber_new(&s, sinks, &(struct hawk_subscriber_options){
		.format = "json", .queue_bytes = 65536 }, NULL), 0);
	send_events(sinks, "file_open", 0, 5000);
	lost = hawk_subscriber_lost(s);
	assert_in_range(lost, 1, 4999);
	send_events(sinks, "file_open", 0, 10);
	assert_int_equal(hawk_subscriber_lost(s), 10);
	send_events(sinks, "sched_process_exit", 0, 5);
	assert_int_equal(hawk_subscriber_lost(s), 0);
	hawk_subscriber_free(s);
	hawk_sinks_free(sinks);
}

static void assert_lines(struct hawk_subscriber *s, const char *wanted)
{
	struct hawk_buf out = HAWK_BUF_INIT;

	while (hawk_subscriber_take(s, &out) > 0)
		;
	assert_string_equal(hawk_buf_str(&out), wanted);
	hawk_buf_done(&out);
}

/* An outlet gets the view that it asked for, and shares no text with those of the other one. */
static void views_of_paths(void **state)
{
	static const char format[] = "template=%{data.pathname}";
	static const char own[] = "/data/file", host[] = "/srv/volume/file";
	struct hawk_sinks *sinks = make_sinks();
	struct hawk_event e = make_event("file_open", 1);
	int at = hawk_event_field(e.desc, "pathname");
	struct hawk_subscriber_options options = { .format = format, .view = HAWK_VIEW_OF_PROCESS };
	struct hawk_subscriber *plain = NULL, *of_host = NULL;

	(void)state;
	assert_int_equal(hawk_subscriber_new(&plain, sinks, &options, NULL), 0);
	assert_false(hawk_sinks_want_other(sinks));
	options.view = HAWK_VIEW_OF_HOST;
	assert_int_equal(hawk_subscriber_new(&of_host, sinks, &options, NULL), 0);
	assert_true(hawk_sinks_want_other(sinks));
	set_bytes(&e, "pathname", own, strlen(own));
	hawk_sinks_event(sinks, &e);
	e.others = 1U << at;
	e.other[at] = (struct hawk_value){ .bytes = (const uint8_t *)host, .len = strlen(host) };
	hawk_sinks_event(sinks, &e);
	hawk_sinks_batch_end(sinks);
	assert_lines(plain, "/data/file\n/data/file\n");
	assert_lines(of_host, "/data/file\n/srv/volume/file\n");
	hawk_subscriber_free(of_host);
	assert_false(hawk_sinks_want_other(sinks));
	hawk_subscriber_free(plain);
	hawk_sinks_free(sinks);
}

static void notify_count(void *ctx)
{
	++*(unsigned int *)ctx;
}

static void notified_when_not_empty(void **state)
{
	struct hawk_sinks *sinks = make_sinks();
	struct hawk_subscriber *s = NULL;
	struct hawk_buf out = HAWK_BUF_INIT;
	unsigned int notified = 0;

	(void)state;
	assert_int_equal(hawk_subscriber_new(&s, sinks, &(struct hawk_subscriber_options){
		.format = LINE, .notify = notify_count, .ctx = &notified }, NULL), 0);
	assert_int_equal(hawk_subscriber_take(s, &out), 0);
	send_events(sinks, "file_open", 0, 3);
	assert_int_equal(notified, 1);
	send_events(sinks, "file_open", 3, 4);
	assert_int_equal(notified, 1); /* it was not empty */
	for (int i = 0; i < 4; i++)
		assert_int_equal(hawk_subscriber_take(s, &out), 2);
	assert_int_equal(hawk_subscriber_take(s, &out), 0);
	assert_string_equal(hawk_buf_str(&out), "0\n1\n2\n3\n");
	hawk_sinks_batch_end(sinks);
	assert_int_equal(notified, 1);
	send_events(sinks, "file_open", 4, 5);
	assert_int_equal(notified, 2);
	hawk_subscriber_free(s);
	hawk_sinks_free(sinks);
	hawk_buf_done(&out);
}

/* One in a thousand reads; the rest are slow or dead. Nobody else suffers. */
static void thousand_subscribers(void **state)
{
	enum { N = 1000, EVENTS = 2000 };
	static struct hawk_subscriber *subs[N];
	struct hawk_sinks *sinks = make_sinks();
	struct hawk_buf out = HAWK_BUF_INIT;
	uint64_t got = 0, lost;

	(void)state;
	out.max = 16 * 1024 * 1024;
	add_sink(sinks, &(struct hawk_sink_options){
				.type = "file", .name = "good", .path = in_dir("good"), .format = LINE });
	for (int i = 0; i < N; i++)
		assert_int_equal(hawk_subscriber_new(&subs[i], sinks, &(struct hawk_subscriber_options){
			.format = LINE, .queue_bytes = 4096 }, NULL), 0);
	assert_int_equal(hawk_sinks_stats(sinks, NULL, 0), N + 1);
	for (int i = 0; i < EVENTS; i += 50) {
		send_events(sinks, "sched_process_exit", 1000 + i, 1050 + i);
		while (hawk_subscriber_take(subs[7], &out) > 0)
			got++;
	}
	assert_int_equal(got, EVENTS);
	assert_int_equal(hawk_subscriber_lost(subs[7]), 0);
	for (int i = 0; i < N; i++) {
		lost = hawk_subscriber_lost(subs[i]);
		if (i != 7)
			assert_int_equal(lost, EVENTS - 4096 / 32);
		hawk_subscriber_free(subs[i]);
	}
	assert_int_equal(stats_of(sinks, "good").lost, 0);
	hawk_sinks_free(sinks);
	assert_int_equal(count_lines(in_dir("good"), 1000), EVENTS);
	hawk_buf_done(&out);
}

/*
 * CPU time of the pipeline thread per event, in nanoseconds, with N file sinks
 * of the same format, at 300,000 events a second.
 */
static double cost(int n)
{
	enum { EVENTS = 100000, BATCH = 1500, BATCH_NS = 5000000 };
	struct hawk_sinks *sinks = make_sinks();
	struct hawk_event e = make_event("file_open", 0);
	static char name[600];
	struct timespec a, b, next;
	uint64_t lost;

	memset(name, 'x', sizeof(name));
	set_bytes(&e, "pathname", name, sizeof(name));
	for (int i = 0; i < n; i++) {
		char s[2] = { (char)('a' + i), '\0' };

		add_sink(sinks, &(struct hawk_sink_options){ .type = "file", .name = s, .path = in_dir(s),
							     .rotate_bytes = 16 << 20, .rotate_keep = 1 });
	}
	clock_gettime(CLOCK_MONOTONIC, &next);
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &a);
	for (int i = 0; i < EVENTS; i++) {
		hawk_sinks_event(sinks, &e);
		if (i % BATCH)
			continue;
		hawk_sinks_batch_end(sinks);
		next.tv_nsec += BATCH_NS; /* the pace is part of what is measured */
		next.tv_sec += next.tv_nsec / 1000000000;
		next.tv_nsec %= 1000000000;
		clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &next, NULL);
	}
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &b);
	lost = stats_of(sinks, "a").lost;
	print_message("%d sinks: %llu of %d lost\n", n, (unsigned long long)lost, EVENTS);
	hawk_sinks_free(sinks);
	return ((double)(b.tv_sec - a.tv_sec) * 1e9 + (double)(b.tv_nsec - a.tv_nsec)) / EVENTS;
}

/* Encoding is shared: what a second sink adds is the queueing. Shown; the bound is loose for slow machines. */
static void queueing_is_cheap(void **state)
{
	double one, two;

	(void)state;
	cost(1); /* warm */
	one = cost(1);
	two = cost(2);
	print_message("one sink: %.0f ns per event with encoding; a second: %.0f more\n", one, two - one);
	assert_true(two - one < 5000);
}

static void configure_keeps_and_replaces(void **state)
{
	struct hawk_sinks *sinks = make_sinks();
	struct hawk_sink_options o[2] = {
		{ .type = "file", .name = "a", .path = in_dir("a"), .format = LINE },
		{ .type = "file", .name = "b", .path = in_dir("b"), .format = LINE },
	};
	char *why = NULL;

	(void)state;
	assert_int_equal(hawk_sinks_configure(sinks, o, 2, &why), 0);
	send_events(sinks, "file_open", 0, 10);
	o[1].rotate_bytes = 1000000;
	assert_int_equal(hawk_sinks_configure(sinks, o, 2, &why), 0); /* a is kept, b is made again */
	send_events(sinks, "file_open", 10, 20);
	assert_int_equal(hawk_sinks_stats(sinks, NULL, 0), 2);
	o[1].path = "relative";
	assert_int_equal(hawk_sinks_configure(sinks, o, 2, &why), -EINVAL);
	assert_string_equal(why, "sink b: path must be given and absolute");
	free(why);
	send_events(sinks, "file_open", 20, 30);
	o[1] = o[0];
	assert_int_equal(hawk_sinks_configure(sinks, o, 2, &why), -EINVAL);
	free(why);
	send_events(sinks, "file_open", 30, 40);
	assert_int_equal(hawk_sinks_configure(sinks, o, 1, &why), 0); /* b goes, with what it had queued */
	assert_int_equal(count_lines(in_dir("b"), 0), 40);
	assert_int_equal(hawk_sinks_configure(sinks, NULL, 0, &why), 0);
	assert_int_equal(count_lines(in_dir("a"), 0), 40);
	assert_int_equal(hawk_sinks_stats(sinks, NULL, 0), 0);
	hawk_sinks_free(sinks);
}

/* The limit counts in event time: a burst, then so many a second. */
static void rate_is_limited(void **state)
{
	struct hawk_sinks *sinks = make_sinks();
	struct hawk_event e = make_event("file_open", 0);

	(void)state;
	add_sink(sinks, &(struct hawk_sink_options){ .type = "file",
						     .name = "a",
						     .path = in_dir("a"),
						     .format = LINE,
						     .rate_per_second = 10,
						     .rate_burst = 5 });
	for (int i = 0; i < 8; i++)
		hawk_sinks_event(sinks, &e);
	assert_int_equal(stats_of(sinks, "a").rate_limited, 3);
	e.time += 200000000; /* two more */
	for (int i = 0; i < 3; i++)
		hawk_sinks_event(sinks, &e);
	assert_int_equal(stats_of(sinks, "a").rate_limited, 4);
	hawk_sinks_batch_end(sinks);
	hawk_sinks_free(sinks);
}

/* Standard output is a pipe that nobody reads: events go on, the end comes in time. */
static void blocked_stdout(void **state)
{
	int keep = dup(STDOUT_FILENO), p[2];
	struct hawk_sinks *sinks = make_sinks();
	double start;
	uint64_t lost;

	(void)state;
	assert_int_equal(pipe2(p, O_CLOEXEC), 0);
	fflush(stdout);
	dup2(p[1], STDOUT_FILENO);
	add_sink(sinks, &(struct hawk_sink_options){
				.type = "stdout", .name = "out", .format = "json", .queue_bytes = 65536 });
	start = seconds();
	for (int i = 0; i < 100; i++)
		send_events(sinks, "file_open", 0, 1000);
	assert_true(seconds() - start < 5);
	lost = stats_of(sinks, "out").lost;
	hawk_sinks_free(sinks);
	dup2(keep, STDOUT_FILENO);
	close(keep);
	close(p[0]);
	close(p[1]);
	assert_true(lost > 10000);
	assert_true(seconds() - start < 10);
}

static void stdout_is_whole(void **state)
{
	int keep = dup(STDOUT_FILENO), p[2];
	struct hawk_sinks *sinks = make_sinks();
	struct hawk_buf got = { .max = 8 * 1024 * 1024 };
	const char *head, *last;
	ssize_t n;
	uint64_t lines = 0;

	(void)state;
	assert_int_equal(pipe2(p, O_CLOEXEC), 0);
	fflush(stdout);
	dup2(p[1], STDOUT_FILENO);
	close(p[1]);
	add_sink(sinks, &(struct hawk_sink_options){ .type = "stdout", .name = "out", .format = "csv" });
	send_events(sinks, "file_open", 0, 3000);
	while (lines < 3001) { /* with the head */
		char *to = hawk_buf_room(&got, 65536);

		assert_non_null(to);
		n = read(p[0], to, 65536);
		assert_true(n > 0);
		for (ssize_t i = 0; i < n; i++)
			lines += to[i] == '\n';
		got.len += (size_t)n;
	}
	close(p[0]); /* from now on EPIPE */
	send_events(sinks, "file_open", 0, 10);
	hawk_sinks_free(sinks);
	dup2(keep, STDOUT_FILENO);
	close(keep);
	assert_int_equal(lines, 3001);
	head = strchr(hawk_buf_str(&got), '\n');
	assert_non_null(head);
	assert_null(strstr(head, "time,")); /* once */
	last = got.data + got.len - 1;
	assert_int_equal(*last, '\n');
	hawk_buf_done(&got);
}

static size_t filters_of(const struct hawk_sinks *sinks, const char *event)
{
	const struct hawk_ir *filters[3];
	size_t n = 0;

	return hawk_sinks_filters(sinks, hawk_event_by_name(event)->id, filters, 3, &n) ? n : 0;
}

static struct hawk_subscriber *subscribe(struct hawk_sinks *sinks, const char *filter, enum hawk_view view)
{
	const struct hawk_subscriber_options options = { .filter = filter, .format = "json", .view = view };
	struct hawk_subscriber *s = NULL;
	char *why = NULL;

	assert_int_equal(hawk_subscriber_new(&s, sinks, &options, &why), 0);
	return s;
}

/* What may be left out of an event before it comes here: nothing, as soon as one asks nothing of it. */
static void filters_are_told(void **state)
{
	static const char *const two[] = { "event=file_open", "event=kill" };
	struct hawk_sinks *sinks = make_sinks();
	struct hawk_subscriber *third, *all;

	(void)state;
	assert_int_equal(filters_of(sinks, "file_open"), 0);
	add_sink(sinks, &(struct hawk_sink_options){ .type = "file", .name = "a", .path = in_dir("a"), .filters = two,
						     .n_filters = 2 });
	assert_int_equal(filters_of(sinks, "file_open"), 2);
	third = subscribe(sinks, "event=file_open", HAWK_VIEW_DEFAULT);
	assert_int_equal(filters_of(sinks, "file_open"), 3);
	all = subscribe(sinks, "event=file_open", HAWK_VIEW_DEFAULT);
	assert_int_equal(filters_of(sinks, "file_open"), 0); /* too many */
	hawk_subscriber_free(all);
	all = subscribe(sinks, "", HAWK_VIEW_DEFAULT);
	assert_int_equal(filters_of(sinks, "file_open"), 0);
	hawk_subscriber_free(all);
	hawk_subscriber_free(third);
	third = subscribe(sinks, "event=file_open", HAWK_VIEW_OF_HOST);
	assert_int_equal(filters_of(sinks, "file_open"), 0);
	hawk_subscriber_free(third);
	hawk_sinks_free(sinks);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup_dir, teardown_dir)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(filters_are_told), TEST(everything_arrives), TEST(refused), TEST(filters_select),
		TEST(enabled_events_only),
		TEST(overflow_is_exact), TEST(bulk_goes_first), TEST(views_of_paths),
		TEST(notified_when_not_empty),
		TEST(thousand_subscribers), TEST(queueing_is_cheap), TEST(configure_keeps_and_replaces),
		TEST(rate_is_limited), TEST(blocked_stdout), TEST(stdout_is_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
