/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "src/base/cleanup.h"
#include "src/base/nearest.h"
#include "src/config/config.h"
#include "src/format/redact.h"
#include "src/config/option.h"

DEFINE_CLEANUP(struct hawk_config, hawk_config_free)
#define _cleanup_config_ _cleanup_(hawk_config_freep)
#define _cleanup_errors_ _cleanup_(hawk_config_errors_done)

static void defaults_are_in_range(void **state)
{
	_cleanup_config_ struct hawk_config *c = NULL;
	_cleanup_errors_ struct hawk_config_errors e = { .n = 0 };
	size_t n, n_sinks;
	const struct hawk_option *options = hawk_options(&n), *sinks = hawk_sink_options(&n_sinks);

	(void)state;
	for (size_t i = 0; i < n; i++) {
		const struct hawk_option *o = &options[i];

		if (o->type == HAWK_OPTION_INT)
			assert_true(o->min <= o->number && o->number <= o->max);
		if (o->type == HAWK_OPTION_STRING || o->type == HAWK_OPTION_ENUM)
			assert_null(hawk_option_check_text(o, o->text));
		assert_int_equal(o->doc[strlen(o->doc) - 1], '.');
	}
	for (size_t i = 0; i < n_sinks; i++)
		if (sinks[i].type == HAWK_OPTION_INT)
			assert_true(sinks[i].min <= sinks[i].number && sinks[i].number <= sinks[i].max);
	assert_int_equal(hawk_config_parse(&c, "none", "", &e), 0);
	assert_int_equal(c->kernel.bulk_ring_bytes, 16 * 1024 * 1024);
	assert_int_equal(c->events.enabled.n, 6);
	assert_string_equal(c->events.enabled.v[5], "ptrace");
	assert_null(c->events.enabled.v[6]);
	assert_string_equal(c->control.admin_group, "");
	assert_int_equal(c->kernel.disable_kinds.n, 0);
	assert_false(c->sinks_given);
	assert_string_equal(hawk_config_where(c, "kernel.argv_max"), "default");
}

static void every_kind_of_value(void **state)
{
	_cleanup_config_ struct hawk_config *c = NULL;
	_cleanup_errors_ struct hawk_config_errors e = { .n = 0 };
	static const char text[] =
		"kernel = { bulk_ring_bytes = \"32M\"; life_ring_bytes = 65536; exclude_self = false;\n"
		"  disable_kinds = ( \"lsm\", \"fexit\" ); };\n"
		"process = { exited_keep = \"10min\"; max_bytes = 4294967296L; };\n"
		"log : { level = \"debug\"; };\n"
		"sinks = ( { type = \"file\"; path = \"/x\"; rotate_bytes = \"1G\"; filter = [ \"a\" ]; },\n"
		"  { rate_burst = 7; name = \"j\"; type = \"journald\"; enabled = false; } );\n";

	(void)state;
	assert_int_equal(hawk_config_parse(&c, "f", text, &e), 0);
	assert_int_equal(c->kernel.bulk_ring_bytes, 33554432);
	assert_int_equal(c->kernel.life_ring_bytes, 65536);
	assert_false(c->kernel.exclude_self);
	assert_int_equal(c->kernel.disable_kinds.n, 2);
	assert_string_equal(c->kernel.disable_kinds.v[1], "fexit");
	assert_int_equal(c->process.exited_keep, 600);
	assert_int_equal(c->process.max_bytes, 4294967296);
	assert_string_equal(c->log.level, "debug");
	assert_true(c->sinks_given);
	assert_int_equal(c->n_sinks, 2);
	assert_string_equal(c->sinks[0].name, "file");
	assert_int_equal(c->sinks[0].rotate_bytes, 1 << 30);
	assert_int_equal(c->sinks[0].queue_bytes, 8 << 20);
	assert_string_equal(c->sinks[0].filter.v[0], "a");
	assert_string_equal(c->sinks[1].name, "j");
	assert_int_equal(c->sinks[1].rate_burst, 7);
	assert_string_equal(c->sinks[1].where, "f:6");
	assert_string_equal(hawk_config_where(c, "process.max_bytes"), "f:3");
}

/* One bad text each, and what the message must say. */
static const struct {
	const char *text, *says;
} bad[] = {
	{ "kernel = { argv_max = 1;", "t:1: syntax error" },
	{ "\nkernel = { argv_max = 1; argv_max = 2; };", "t:2: duplicate setting name" },
	{ "kernel = {}; kernel = {};", "duplicate setting name" },
	{ "kernel = { argv_mx = 1; };",
	  "t:1: kernel.argv_mx: there is no such option; did you mean argv_max" },
	{ "kernal = { };", "kernal: there is no such section; did you mean kernel" },
	{ "zzzzzzzz = 1;", "t:1: zzzzzzzz: there is no such section" },
	{ "kernel = 1;", "kernel: is a number; expected a section" },
	{ "kernel = {\nargv_max = 131073; };",
	  "t:2: kernel.argv_max: is out of range; expected bytes from 0 to 128K" },
	{ "kernel = { argv_max = -1; };", "is out of range" },
	{ "kernel = { argv_max = \"99999999999999999999\"; };", "is out of range" },
	{ "kernel = { argv_max = \"99999999999T\"; };", "is out of range" },
	{ "kernel = { argv_max = \"1min\"; };", "\"1min\" is not such a number" },
	{ "kernel = { argv_max = \"\"; };", "is not such a number" },
	{ "kernel = { argv_max = 1.5; };", "is a number with a fraction; expected bytes" },
	{ "kernel = { bulk_ring_bytes = 65537; };", "is not a power of two" },
	{ "kernel = { exclude_self = 1; };", "is a number; expected true or false" },
	{ "log = { level = \"loud\"; };",
	  "\"loud\" is not a choice; expected one of debug, info, notice, warning, error" },
	{ "log = { level = \"debug|info\"; };", "is not a choice" },
	{ "log = { level = \"\"; };", "is not a choice" },
	{ "control = { socket = \"x\"; };", "\"x\" is not an absolute path" },
	{ "control = { socket = [\"/x\"]; };", "is a list; expected a string" },
	{ "control = { read_group = \"a b\"; };", "has a character that names do not have" },
	{ "control = { socket = \"/a\\x01\"; };", "has a control character" },
	{ "control = { socket = \"/a\\x00b\"; };", "\\x00 is not allowed" },
	{ "events = { enabled = \"ptrace\"; };", "is a string; expected a list" },
	{ "events = { enabled = [ 1 ]; };", "is a number; expected a list of strings" },
	{ "events = { enabled = [ \"\" ]; };", "is empty" },
	{ "a = 1;\n\t @include \"/etc/passwd\"\n", "t:2: @include is not allowed" },
	{ "sinks = [];", "sinks: is a list; expected a list of groups" },
	{ "sinks = ( 1 );", "sinks: element 1 is a number" },
	{ "sinks = ( { } );", "sinks.type: must be given" },
	{ "sinks = ( { type = \"fil\"; } );",
	  "\"fil\" is not a choice; expected one of journald, syslog, file, stdout" },
	{ "sinks = ( { type = \"file\"; } );", "sinks.path: must be given" },
	{ "sinks = ( { type = \"stdout\"; path = \"/x\"; } );", "sinks.path: only a sink of type file" },
	{ "sinks = ( { path = \"/x\"; type = \"stdout\"; } );", "sinks.path: only a sink of type file" },
	{ "sinks = ( { type = \"stdout\"; nmae = \"x\"; } );",
	  "sinks.nmae: there is no such option; did you mean name" },
	{ "sinks = ( { type = \"stdout\"; },\n{ type = \"stdout\"; } );",
	  "t:2: sinks.name: there is a sink \"stdout\" at t:1" },
};

static void bad_texts_are_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		_cleanup_errors_ struct hawk_config_errors e = { .n = 0 };
		struct hawk_config *c = (void *)&e;

		if (hawk_config_parse(&c, "t", bad[i].text, &e) != -EINVAL || (void *)c != (void *)&e)
			fail_msg("accepted: %s", bad[i].text);
		if (e.n == 0 || !strstr(e.text[0], bad[i].says))
			fail_msg("%s\nsays: %s\nnot: %s", bad[i].text, e.n ? e.text[0] : "", bad[i].says);
		assert_int_equal(e.n, 1);
	}
}

static void all_faults_are_told(void **state)
{
	_cleanup_errors_ struct hawk_config_errors e = { .n = 0 };
	struct hawk_config *c;
	char text[4096] = "log = { level = 1; };\nkernel = {\n";

	(void)state;
	for (int i = 0; i < 30; i++)
		sprintf(text + strlen(text), "x%d = 1;\n", i);
	strcat(text, "};");
	assert_int_equal(hawk_config_parse(&c, "t", text, &e), -EINVAL);
	assert_int_equal(e.n, 20);
	assert_int_equal(e.total, 31);
	assert_non_null(strstr(e.text[19], "t:21: kernel.x18"));
}

static char *dumped(const struct hawk_config *c)
{
	char *text = NULL;
	size_t len;
	FILE *to = open_memstream(&text, &len);

	assert_int_equal(hawk_config_dump(c, to), 0);
	fclose(to);
	return text;
}

static void collect_name(void *ctx, const char *option)
{
	strcat(ctx, option);
	strcat(ctx, " ");
}

static void dump_parses_to_the_same(void **state)
{
	_cleanup_config_ struct hawk_config *a = NULL, *b = NULL;
	_cleanup_errors_ struct hawk_config_errors e = { .n = 0 };
	_cleanup_free_ char *first = NULL, *second = NULL;
	size_t n;
	const struct hawk_option *options = hawk_options(&n);
	static const char text[] =
		"kernel = { argv_max = 1000; wake_bytes = \"3K\"; disable_kinds = [\"lsm\"]; };\n"
		"process = { max_bytes = 4294967295L; };\n"
		"sinks = ( { type = \"file\"; path = \"/a\\\"b\\\\c\\xc3\\xa9\"; filter = [ \"x=\\\"y\\\"\", "
		"\"z\" ]; },\n"
		"{ type = \"syslog\"; rfc5424 = true; } );";

	(void)state;
	assert_int_equal(hawk_config_parse(&a, "t", text, &e), 0);
	first = dumped(a);
	if (hawk_config_parse(&b, "t", first, &e) < 0)
		fail_msg("%s\n%s", e.text[0], first);
	second = dumped(b);
	assert_string_equal(first, second);
	for (size_t i = 0; i < n; i++)
		assert_true(hawk_option_equal(&options[i], a, b));
	assert_int_equal(b->n_sinks, 2);
	assert_string_equal(b->sinks[0].path, "/a\"b\\c\xc3\xa9");
	assert_string_equal(b->sinks[0].filter.v[0], "x=\"y\"");
	assert_true(b->sinks[1].rfc5424);
}

/* Whoever takes over the list of the defaults loses neither findings nor what policies match. */
static void default_sinks(void **state)
{
	static const char *const wanted[] = {
		"event=finding", "policy=*", "event=ptrace", "event=sched_process_exec data.flags=memfd",
	};
	_cleanup_config_ struct hawk_config *c = NULL, *empty = NULL;
	_cleanup_errors_ struct hawk_config_errors e = { .n = 0 };
	_cleanup_free_ char *text = NULL;
	char comment[1024] = "", *to = comment;

	(void)state;
	assert_int_equal(hawk_config_parse(&c, "t", hawk_config_default_sinks, &e), 0);
	assert_int_equal(c->n_sinks, 1);
	assert_string_equal(c->sinks[0].type, "journald");
	assert_int_equal(c->sinks[0].filter.n, sizeof(wanted) / sizeof(wanted[0]));
	for (size_t i = 0; i < c->sinks[0].filter.n; i++)
		assert_string_equal(c->sinks[0].filter.v[i], wanted[i]);
	assert_int_equal(c->sinks[0].rate_per_second, 100);
	/* The dump shows it, as a comment: it holds only where journald runs. */
	assert_int_equal(hawk_config_parse(&empty, "t", "", &e), 0);
	text = dumped(empty);
	for (const char *line = hawk_config_default_sinks; *line; line += strcspn(line, "\n") + 1)
		to += sprintf(to, "#%.*s\n", (int)strcspn(line, "\n"), line);
	assert_non_null(strstr(text, comment));
}

static void restart_options(void **state)
{
	_cleanup_config_ struct hawk_config *a = NULL, *b = NULL;
	_cleanup_errors_ struct hawk_config_errors e = { .n = 0 };
	char names[256] = "";

	(void)state;
	assert_int_equal(hawk_config_parse(&a, "t", "", &e), 0);
	assert_int_equal(hawk_config_parse(&b, "t",
					   "log = { level = \"debug\"; }; kernel = { argv_max = 5; "
					   "disable_kinds = [\"lsm\"]; }; control = { socket = \"/s\"; };",
					   &e),
			 0);
	assert_int_equal(hawk_config_restart_options(a, b, collect_name, names), 3);
	assert_string_equal(names, "kernel.argv_max kernel.disable_kinds control.socket ");
	assert_int_equal(hawk_config_restart_options(a, a, collect_name, names), 0);
}

/* A scratch directory with admin/ and vendor/. */
static int make_dirs(void **state)
{
	char *dir = strdup("/tmp/test_config.XXXXXX");

	if (!mkdtemp(dir) || chdir(dir) < 0)
		return -1;
	mkdir("admin", 0755);
	mkdir("admin/conf.d", 0755);
	mkdir("vendor", 0755);
	mkdir("vendor/conf.d", 0755);
	*state = dir;
	return 0;
}

static int remove_dirs(void **state)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -r '%s'", (char *)*state);
	free(*state);
	return chdir("/") < 0 || system(command) != 0;
}

static void put(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static void drop_ins(void **state)
{
	_cleanup_config_ struct hawk_config *c = NULL, *none = NULL;
	_cleanup_errors_ struct hawk_config_errors e = { .n = 0 };

	(void)state;
	put("vendor/sechawk.conf", "syntax error, hidden by the admin's");
	put("admin/sechawk.conf", "kernel = { argv_max = 1; wake_bytes = 1; environment_max = 1; };\n"
	    "sinks = ( { type = \"stdout\"; } );");
	put("vendor/conf.d/10-a.conf", "kernel = { argv_max = 2; wake_bytes = 2; };");
	put("admin/conf.d/20-b.conf", "kernel = { argv_max = 3; };\n"
	    "sinks = ( { type = \"journald\"; }, { type = \"stdout\"; format = \"csv\"; } );");
	put("vendor/conf.d/20-b.conf", "also hidden");
	put("vendor/conf.d/30-c.conf", "masked");
	assert_int_equal(symlink("/dev/null", "admin/conf.d/30-c.conf"), 0);
	put("admin/conf.d/notes.txt", "not read");
	put("admin/conf.d/.hidden.conf", "not read");
	if (hawk_config_load_dirs(&c, "admin", "vendor", &e) < 0)
		fail_msg("%s", e.text[0]);
	assert_int_equal(c->kernel.argv_max, 3);
	assert_int_equal(c->kernel.wake_bytes, 2);
	assert_int_equal(c->kernel.environment_max, 1);
	assert_int_equal(c->files.n, 3);
	assert_string_equal(hawk_config_where(c, "kernel.wake_bytes"), "vendor/conf.d/10-a.conf:1");
	assert_int_equal(c->n_sinks, 2);
	assert_string_equal(c->sinks[0].format, "csv");
	assert_string_equal(c->sinks[1].type, "journald");
	put("admin/conf.d/40-d.conf", "sinks = ();");
	assert_int_equal(hawk_config_load_dirs(&none, "admin", "vendor", &e), 0);
	assert_int_equal(none->n_sinks, 0);
	assert_true(none->sinks_given);
}

static void files_that_are_none(void **state)
{
	_cleanup_config_ struct hawk_config *c = NULL;
	_cleanup_errors_ struct hawk_config_errors e = { .n = 0 };
	FILE *f = fopen("nul", "w");

	(void)state;
	fwrite("log = { };\0", 1, 11, f);
	fclose(f);
	f = fopen("large", "w");
	assert_int_equal(ftruncate(fileno(f), HAWK_CONFIG_FILE_MAX + 1), 0);
	fclose(f);
	assert_int_equal(mkfifo("fifo", 0600), 0);
	assert_int_equal(hawk_config_load_dirs(&c, "absent", "absent", &e), 0);
	assert_int_equal(hawk_config_load(&c, "absent", &e), -EINVAL);
	assert_int_equal(hawk_config_load(&c, "nul", &e), -EINVAL);
	assert_int_equal(hawk_config_load(&c, "large", &e), -EINVAL);
	assert_int_equal(hawk_config_load(&c, "fifo", &e), -EINVAL);
	assert_int_equal(hawk_config_load(&c, "admin", &e), -EINVAL);
	assert_int_equal(e.n, 5);
	assert_string_equal(e.text[0], "absent: does not exist");
	assert_string_equal(e.text[1], "nul: has a NUL byte: not a text file");
	assert_string_equal(e.text[2], "large: is larger than 1048576 bytes");
	assert_string_equal(e.text[3], "fifo: is not a regular file");
	assert_string_equal(e.text[4], "admin: is not a regular file");
}

/*
 * etc/sechawk.conf is what the table says. After a change of the table:
 * HAWK_UPDATE=1 make check TESTS=tests/unit/config/test_config
 */
static void shipped_file_agrees(void **state)
{
	_cleanup_free_ char *want = NULL, *have = NULL, *path = NULL;
	_cleanup_config_ struct hawk_config *c = NULL;
	_cleanup_errors_ struct hawk_config_errors e = { .n = 0 };
	size_t len;
	FILE *f = open_memstream(&want, &len);

	(void)state;
	assert_int_equal(hawk_config_print_example(f), 0);
	fclose(f);
	assert_true(asprintf(&path, "%s/etc/sechawk.conf", getenv("SRCDIR") ?: ".") > 0);
	if (getenv("HAWK_UPDATE"))
		put(path, want);
	have = calloc(1, len + 2);
	f = fopen(path, "r");
	assert_non_null(f);
	assert_true(fread(have, 1, len + 1, f) > 0);
	fclose(f);
	assert_string_equal(have, want);
	assert_int_equal(hawk_config_parse(&c, path, have, &e), 0);
	/* Every line that is commented out is right, too. */
	for (char *p = want; (p = strchr(p, '#')); p++)
		if (p[1] != ' ' && p[1] != '\n') /* "#name", not "# text" */
			*p = ' ';
	hawk_config_free(TAKE_PTR(c));
	if (hawk_config_parse(&c, "example", want, &e) < 0)
		fail_msg("%s\n%s", e.text[0], want);
	assert_int_equal(c->n_sinks, 1);
}

static void manual_has_every_option(void **state)
{
	_cleanup_free_ char *text = NULL;
	size_t len, n;
	const struct hawk_option *options = hawk_options(&n);
	FILE *f = open_memstream(&text, &len);

	(void)state;
	assert_int_equal(hawk_config_print_man(f), 0);
	fclose(f);
	for (size_t i = 0; i < n; i++) {
		char want[128];

		snprintf(want, sizeof(want), ".B %s\n", options[i].name);
		assert_non_null(strstr(text, want));
	}
	assert_non_null(strstr(text, "\\-\\-password=x"));
}

static void near_names(void **state)
{
	struct hawk_nearest n = hawk_nearest_start("pathnmae");

	(void)state;
	hawk_nearest_offer(&n, "path");
	hawk_nearest_offer(&n, "pathname");
	hawk_nearest_offer(&n, "name");
	assert_string_equal(n.best, "pathname");
	assert_int_equal(n.distance, 1);
	/* a third of the letters and one more: so much longer may a name be */
	n = hawk_nearest_start("abcd");
	hawk_nearest_offer(&n, "abcdefg");
	assert_null(n.best);
	hawk_nearest_offer(&n, "abcdef");
	assert_string_equal(n.best, "abcdef");
	hawk_nearest_offer(&n, "ab");
	assert_int_equal(n.distance, 2);
	hawk_nearest_offer(&n, "abc");
	assert_string_equal(n.best, "abc");
	n = hawk_nearest_start("xyz");
	hawk_nearest_offer(&n, "uid");
	assert_null(n.best);
	assert_int_equal(hawk_edit_distance("kitten", "sitting"), 3);
	assert_int_equal(hawk_edit_distance("", "abc"), 3);
	assert_int_equal(hawk_edit_distance("abc", "abc"), 0);
}

/* Redaction works before a configuration is read and in a replay: with the same names as the default option. */
static void redaction_defaults_agree(void **state)
{
	struct hawk_config_errors errors = { .n = 0 };
	struct hawk_config *config = NULL;
	const char *const *names;
	size_t n;

	(void)state;
	names = hawk_redact_defaults(&n);
	assert_int_equal(hawk_config_parse(&config, "t", "", &errors), 0);
	assert_int_equal(config->redact.patterns.n, n);
	for (size_t i = 0; i < n; i++)
		assert_string_equal(config->redact.patterns.v[i], names[i]);
	hawk_config_free(config);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults_are_in_range),
		cmocka_unit_test(every_kind_of_value),
		cmocka_unit_test(bad_texts_are_refused),
		cmocka_unit_test(all_faults_are_told),
		cmocka_unit_test(dump_parses_to_the_same),
		cmocka_unit_test(default_sinks),
		cmocka_unit_test(restart_options),
		cmocka_unit_test(shipped_file_agrees),
		cmocka_unit_test(manual_has_every_option),
		cmocka_unit_test(near_names),
		cmocka_unit_test(redaction_defaults_agree),
		cmocka_unit_test_setup_teardown(drop_ins, make_dirs, remove_dirs),
		cmocka_unit_test_setup_teardown(files_that_are_none, make_dirs, remove_dirs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
