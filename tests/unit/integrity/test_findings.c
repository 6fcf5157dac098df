/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "src/integrity/integrity.h"

static void add(struct hawk_anomalies *f, uint64_t number, const char *text)
{
	struct hawk_anomaly *g = hawk_anomaly_add(f, HAWK_EV_HOOKED_SYSCALL);

	hawk_anomaly_number(g, number);
	hawk_anomaly_text(f, g, text);
}

static void kept_are_those_of_both(void **state)
{
	struct hawk_anomalies a = { .n = 0 }, b = { .n = 0 };

	(void)state;
	add(&a, 1, "one");
	add(&a, 2, "two");
	add(&a, 3, "three");
	add(&b, 9, "something longer before it");
	add(&b, 2, "two");
	add(&b, 3, "Three");
	hawk_anomalies_keep(&a, &b);
	assert_int_equal(a.n, 1);
	assert_int_equal(a.v[0].number[0], 2);
	hawk_anomalies_done(&a);
	hawk_anomalies_done(&b);
}

static void bounds(void **state)
{
	struct hawk_anomalies f = { .n = 0 };
	static char big[900 * 1024];
	struct hawk_event e;

	(void)state;
	for (int i = 0; i < HAWK_ANOMALIES_MAX + 5; i++)
		add(&f, 1, "x");
	assert_int_equal(f.n, HAWK_ANOMALIES_MAX);
	assert_int_equal(f.dropped, 5);
	hawk_anomalies_done(&f);
	memset(big, 'a', sizeof(big) - 1);
	add(&f, 1, big);
	add(&f, 2, big); /* no room: empty, and marked */
	add(&f, 3, "x");
	assert_int_equal(f.n, 2);
	assert_int_equal(f.dropped, 1);
	hawk_anomaly_event(&f, &f.v[1], &e);
	assert_int_equal(e.data[1].len, 0);
	assert_true(e.data[1].flags & HAWK_VAL_TRUNCATED);
	hawk_anomalies_done(&f);
}

/* Findings give values in the order of fields: numbers first, as many as there is room for. */
static void events_fit(void **state)
{
	static const uint16_t events[] = {
#define CHECK(token, name, event, doc) HAWK_EV_##event,
#include "src/integrity/checks.def"
		HAWK_EV_PRINT_MEM_DUMP,
	};

	(void)state;
	for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++) {
		const struct hawk_event_desc *d = hawk_event_by_id(events[i]);

		assert_true(d->n_vars <= HAWK_ANOMALY_TEXTS);
		assert_true(d->n_fields - d->n_vars <= HAWK_ANOMALY_NUMBERS);
		for (size_t k = 0; k < d->n_fields; k++)
			if (!hawk_type_desc(d->fields[k].type)->var)
				assert_int_equal(hawk_type_desc(d->fields[k].type)->size, 8);
	}
}

static void checks_by_name(void **state)
{
	(void)state;
	for (int i = 0; i < HAWK_CHECK_MAX; i++) {
		assert_int_equal(hawk_check_by_name(hawk_check_desc(i)->name), i);
		assert_int_equal(hawk_check_by_name(hawk_event_by_id(hawk_check_desc(i)->event)->name), i);
	}
	assert_int_equal(hawk_check_by_name("module"), -1);
	assert_int_equal(hawk_check_by_name("print_mem_dump"), -1);
}

static void what_was_missed(void **state)
{
	struct hawk_check_result result[HAWK_CHECK_MAX] = {
		[HAWK_CHECK_proc] = { .state = HAWK_CHECK_PARTLY, .note = "a" },
		[HAWK_CHECK_seq] = { .state = HAWK_CHECK_SKIPPED, .note = "b" },
		[HAWK_CHECK_ftrace] = { .note = "by the way" },
	};
	char *line = hawk_integrity_missed(result, HAWK_CHECKS_ALL);

	(void)state;
	assert_string_equal(line, "proc: a; seq: b");
	free(line);
	line = hawk_integrity_missed(result, HAWK_CHECKS_ALL & ~(1U << HAWK_CHECK_proc));
	assert_string_equal(line, "seq: b");
	free(line);
	result[HAWK_CHECK_seq].state = HAWK_CHECK_DONE;
	assert_null(hawk_integrity_missed(result, 1U << HAWK_CHECK_seq));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kept_are_those_of_both),
		cmocka_unit_test(bounds),
		cmocka_unit_test(events_fit),
		cmocka_unit_test(checks_by_name),
		cmocka_unit_test(what_was_missed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
