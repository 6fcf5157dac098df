/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Files of signatures: what they become, and what is said of those that are wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "src/base/buf.h"
#include "src/base/cleanup.h"
#include "src/sig/test.h"

#define HEAD \
	"id: T-1\nname: one\nversion: 1.0.0\ntitle: One\ndescription: what\nseverity: high\n" /* lines 1 to 6 */

#define FILES_MAX 8

static struct hawk_sig_files files;
static struct hawk_buf said;

/* Reads texts as a.yaml, b.yaml, …, but those that begin with "#!NAME" and a new line as NAME. */
static void read_texts(const char *const *texts)
{
	struct hawk_sig_source sources[FILES_MAX];
	struct hawk_diags diags[FILES_MAX] = { 0 };
	char paths[FILES_MAX][64];
	size_t n = 0;

	hawk_sig_files_done(&files);
	hawk_buf_reset(&said);
	for (; texts[n]; n++) {
		const char *text = texts[n];

		snprintf(paths[n], sizeof(paths[n]), "%c.yaml", 'a' + (int)n);
		if (sscanf(text, "#!%63s", paths[n]) == 1)
			text = strchr(text, '\n') + 1;
		sources[n] = (struct hawk_sig_source){ paths[n], text, strlen(text) };
	}
	assert_int_equal(hawk_sig_read(&files, sources, n, diags), 0);
	for (size_t i = 0; i < n; i++) {
		hawk_diags_print(&diags[i], &said);
		hawk_diags_done(&diags[i]);
	}
}

#define READ(...) read_texts((const char *const[]){ __VA_ARGS__, NULL })

static const struct hawk_sig *good(const char *text)
{
	READ(text);
	if (said.len || files.n_signatures != 1)
		fail_msg("%s\n%s", text, hawk_buf_str(&said));
	return files.signatures[0];
}

static void wrong(const char *text, const char *want)
{
	READ(text);
	if (files.n_signatures || !said.len || !strstr(hawk_buf_str(&said), want))
		fail_msg("%s\nexpected %s, not\n%s", text, want, hawk_buf_str(&said));
}

static bool looks_at(const struct hawk_sig_match *m, const char *event)
{
	size_t n;
	const struct hawk_event_desc *const *descs = hawk_event_descs(&n);

	for (size_t i = 0; i < n; i++)
		if (strcmp(descs[i]->name, event) == 0)
			return m->events[i / 64] >> i % 64 & 1;
	fail_msg("there is no %s", event);
	return false;
}

static const char *guard_of(const struct hawk_sig *s)
{
	hawk_buf_reset(&said);
	assert_non_null(s->steps[0].matches[0].guard);
	assert_int_equal(hawk_ir_print(s->steps[0].matches[0].guard, &said), 0);
	return hawk_buf_str(&said);
}

static void about(void **state)
{
	const struct hawk_sig *s = good(HEAD "mitre: {tactic: Execution, technique: T1059.004}\nlayer: host\n"
					     "author: me\nreferences: [a, b]\ntags: [x]\nenabled: false\n"
					     "what_to_do: |\n  look\nfalse_positives: none\nkind: signature\n"
					     "events: [openat]\n");

	(void)state;
	assert_string_equal(s->id, "T-1");
	assert_string_equal(s->name, "one");
	assert_string_equal(s->version, "1.0.0");
	assert_string_equal(s->title, "One");
	assert_string_equal(s->description, "what");
	assert_string_equal(s->tactic, "Execution");
	assert_string_equal(s->technique, "T1059.004");
	assert_string_equal(s->layer, "host");
	assert_string_equal(s->author, "me");
	assert_string_equal(s->what_to_do, "look");
	assert_string_equal(s->false_positives, "none");
	assert_string_equal(s->path, "a.yaml");
	assert_string_equal(s->dialect, "sechawk");
	assert_int_equal(s->severity, HAWK_SEVERITY_HIGH);
	assert_int_equal(s->n_references, 2);
	assert_int_equal(s->n_tags, 1);
	assert_false(s->enabled);
	assert_non_null(s->message); /* the title */
	assert_true(good(HEAD "event: openat\n")->enabled);
}

static void wrong_about(void **state)
{
	(void)state;
	wrong("- a\n", "a.yaml:1:1: error: expected a signature: a mapping with id, name and events, not a list");
	wrong("kind: policy\n", "a.yaml:1:7: error: expected kind: signature, list or exceptions");
	wrong("type: policy\n", "a.yaml:1:7: error: expected type: detector or type: string_list");
	wrong(HEAD "event: openat\nexeptions: []\n",
	      "a.yaml:8:1: error: a signature has no key \"exeptions\"; did you mean exceptions");
	wrong("id: T 1\nname: A\nversion: new\ntitle: a\ndescription: b\nseverity: hihg\nevent: openat\n",
	      "a.yaml:6:11: error: there is no severity \"hihg\"; did you mean high: expected one of info, low");
	assert_non_null(strstr(said.data, "a.yaml:1:5: error: id: expected letters"));
	assert_non_null(strstr(said.data, "a.yaml:2:7: error: name: expected small letters"));
	assert_non_null(strstr(said.data, "a.yaml:3:10: error: version: expected numbers"));
	wrong("event: openat\n", "a.yaml:1:1: error: there is no id: here");
	assert_non_null(strstr(said.data, "there is no severity: here"));
	assert_non_null(strstr(said.data, "there is no description: here"));
	wrong(HEAD "event: openat\nmitre: {technique: T59}\n", "8:8: error: the technique \"T59\": expected the form T1059");
	wrong(HEAD "event: openat\nmitre: {technique: T1059.04}\n", "the technique \"T1059.04\"");
	wrong(HEAD "event: openat\nlayer: hosts\n", "8:8: error: there is no layer \"hosts\"; did you mean host");
	wrong(HEAD "event: openat\nenabled: yes\n", "8:10: error: enabled: expected true or false");
	wrong(HEAD "event: openat\ntags: x\n", "8:7: error: tags: expected a list, not a text");
}

static void events(void **state)
{
	const struct hawk_sig *s = good(HEAD "events:\n  - openat\n  - creat\n  - {event: [ptrace, kill], where: uid == 0}\n"
					     "  - set=proc\n");

	(void)state;
	assert_int_equal(s->n_steps, 1);
	assert_int_equal(s->steps[0].count, 1);
	assert_int_equal(s->steps[0].n_matches, 3);
	assert_true(looks_at(&s->steps[0].matches[0], "openat"));
	assert_true(looks_at(&s->steps[0].matches[0], "creat"));
	assert_false(looks_at(&s->steps[0].matches[0], "kill"));
	assert_null(s->steps[0].matches[0].guard);
	assert_true(looks_at(&s->steps[0].matches[1], "ptrace"));
	assert_true(looks_at(&s->steps[0].matches[1], "kill"));
	assert_non_null(s->steps[0].matches[1].guard);
	assert_null(s->steps[0].matches[1].where); /* the guard says it all */
	assert_int_equal(s->steps[0].matches[1].line, 10);
	wrong(HEAD "event: opneat\n", "a.yaml:7:8: error: there is no event \"opneat\"; did you mean openat");
	wrong(HEAD "event: set=nothing\n", "7:8: error: there is no set of events \"nothing\"");
	wrong(HEAD "events: []\n", "7:9: error: events: expected at least one");
	wrong(HEAD "tags: [a]\n", "1:1: error: expected events: with a list of events");
	wrong(HEAD "event: openat\nevents: [openat]\n", "expected event: or events:, not both");
	wrong(HEAD "events: [{evnt: openat}]\n", "an event of a signature has no key \"evnt\"; did you mean event");
	assert_non_null(strstr(said.data, "7:10: error: expected event: NAME"));
}

static void places(void **state)
{
	(void)state;
	wrong(HEAD "event: openat\nwhere: nothing == 1\n", "a.yaml:8:8: error: ");
	wrong(HEAD "event: openat\nwhere: uid == 0 && nothing == 1\n", "a.yaml:8:20: error: ");
	wrong(HEAD "event: openat\nwhere: 'uid == 0 && nothing == 1'\n", "a.yaml:8:21: error: ");
	wrong(HEAD "event: openat\nwhere: >\n  uid == 0 &&\n  nothing == 1\n", "a.yaml:10:3: error: ");
	wrong(HEAD "event: openat\nwhere: |\n    uid == 0 &&\n\n      nothing == 1\n", "a.yaml:11:7: error: ");
	wrong(HEAD "event: openat\nwhere: uid == 0 &&\n  nothing == 1\n", "a.yaml:9:3: error: ");
	wrong(HEAD "event: openat\nmessage: \"{uid} and {nothing}\"\n", "a.yaml:8:22: error: ");
	wrong(HEAD "event: openat\nwhere: basename(comm)\n", "8:8: error: expected a condition: something that is true or false");
	wrong(HEAD "event: openat\noutput: {'a b': uid}\n", "8:17: error: output: the name \"a b\"");
}

static void steps(void **state)
{
	const struct hawk_sig *s = good(HEAD "steps:\n  - {name: a, event: ptrace, capture: {target: data.pid}}\n"
					     "  - {event: kill, where: data.pid == captured.target, count: 3, distinct: data.sig}\n"
					     "  - {absent: true, event: openat}\nwithin: 90s\nby: [process, data.pid]\n");

	(void)state;
	assert_int_equal(s->n_steps, 3);
	assert_int_equal(s->within, 90 * 1000000000ULL);
	assert_int_equal(s->n_captures, 1);
	assert_string_equal(s->captures[0], "target");
	assert_string_equal(s->steps[0].name, "a");
	assert_non_null(s->steps[0].captures[0].value);
	assert_int_equal(s->steps[1].count, 3);
	assert_non_null(s->steps[1].distinct);
	assert_non_null(s->steps[1].matches[0].where);
	assert_true(s->steps[2].absent);
	assert_int_equal(s->n_by, 2);
	assert_int_equal(s->by[0].by, HAWK_SIG_BY_PROCESS);
	assert_int_equal(s->by[1].by, HAWK_SIG_BY_VALUE);
	s = good(HEAD "event: openat\ncount: 20\ndistinct: data.pathname\nwithin: 1min\nby: container\n");
	assert_int_equal(s->steps[0].count, 20);
	assert_non_null(s->steps[0].distinct);
	assert_int_equal(s->by[0].by, HAWK_SIG_BY_CONTAINER);
}

static void wrong_steps(void **state)
{
	(void)state;
	wrong(HEAD "steps: [{event: kill}, {event: ptrace}]\n", "1:1: error: there is no within: here");
	wrong(HEAD "event: kill\ncount: 5\n", "there is no within: here");
	wrong(HEAD "event: kill\nwithin: 5s\n", "8:9: error: within: there is nothing to wait for");
	wrong(HEAD "event: kill\nby: process\n", "8:5: error: by: there is no state");
	wrong(HEAD "event: kill\ndistinct: data.pid\n", "8:11: error: distinct: needs count:");
	wrong(HEAD "event: kill\ncount: 5000\nwithin: 5s\n", "8:8: error: count: expected a whole number from 1 to 4096");
	wrong(HEAD "event: kill\ncount: 5\nwithin: 5\n", "9:9: error: within: expected a time such as 500ms");
	wrong(HEAD "event: kill\ncount: 5\nwithin: 31d\n", "9:9: error: within: expected a time");
	wrong(HEAD "steps: [{event: kill, absent: true}, {event: kill}]\nwithin: 5s\n", "7:31: error: absent: only the last");
	wrong(HEAD "steps: [{event: kill}, {event: kill, absent: true, count: 2}]\nwithin: 5s\n", "absent: has no count");
	wrong(HEAD "steps: [{event: kill}, {event: kill, where: data.pid == captured.x}]\nwithin: 5s\n",
	      "nothing is captured as x");
	wrong(HEAD "steps: [{event: kill, where: data.pid == captured.x}, {event: kill, capture: {x: data.pid}}]\n"
		   "within: 5s\n", "nothing is captured as x"); /* it comes later */
	wrong(HEAD "steps: [{event: kill, capture: {x: data.pid}}, {event: kill}]\nwithin: 5s\nunordered: true\n",
	      "9:12: error: unordered: steps in any order cannot capture");
	wrong(HEAD "steps: [{event: kill}]\ncount: 5\nwithin: 5s\n", "8:8: error: count: belongs into a step");
	wrong(HEAD "steps: [{event: kill}, {event: kill, wher: uid == 0}]\nwithin: 5s\n",
	      "a step has no key \"wher\"; did you mean where");
	wrong(HEAD "steps: [1,1,1,1,1,1,1,1,1]\nwithin: 5s\n", "7:9: error: expected a step");
}

static void variables_and_lists(void **state)
{
	static const char *const text = HEAD "event: openat\nvariables:\n  shell: basename(process.exe) in SHELLS\n"
					     "  root_shell: shell && uid == 0\nwhere: root_shell\n";

	(void)state;
	READ(text, "kind: list\nname: SHELLS\nvalues: [sh, bash]\n");
	assert_int_equal(files.n_signatures, 1);
	assert_int_equal(files.n_lists, 1);
	assert_int_equal(said.len, 0);
	wrong(text, "a.yaml:9:35: error: ");
	wrong(HEAD "event: openat\nvariables: {uid: 1}\n", "8:18: error: variables: \"uid\" is the name of a field");
	wrong(HEAD "event: openat\nvariables: {Shell: 1}\n", "variables: the name \"Shell\"");
	READ("#!dir/SHELLS.list\n# what\n sh  # comment\n\nba#sh\n", "#!NAMES.list\n", "type: string_list\nname: X\nvalues: [a]\n");
	assert_int_equal(files.n_lists, 3);
	assert_string_equal(files.lists[0].name, "SHELLS");
	assert_int_equal(files.lists[0].n, 2);
	assert_string_equal(files.lists[0].values[0], "sh");
	assert_string_equal(files.lists[0].values[1], "ba#sh");
	wrong("#!shells.list\nsh\n", "shells.list: error: the name of the file is that of the list");
	wrong("kind: list\nname: shells\nvalues: [a]\n", "2:7: error: expected name: with capital letters");
	wrong("kind: list\nname: A\nvalue: [a]\n", "a list has no key \"value\"; did you mean values");
	/* Tracee's lists are their own. */
	READ("#!A.list\na\n", "type: string_list\nname: A\nvalues: [b, c]\n", HEAD "event: openat\nwhere: comm in A\n",
	     "type: detector\nid: d\nproduced_event: {name: d, version: 1.0.0}\nrequirements: {events: [{name: openat}]}\n"
	     "conditions: ['workload.process.thread.name in A']\n");
	assert_int_equal(files.n_lists, 2);
	assert_int_equal(files.n_signatures, 2);
	assert_string_equal(guard_of(files.signatures[0]), "process.comm=a");
	assert_string_equal(guard_of(files.signatures[1]), "process.comm=b|c");
	READ("#!A.list\na\n", "kind: list\nname: A\nvalues: [b]\n");
	assert_int_equal(files.n_lists, 1);
	assert_non_null(strstr(hawk_buf_str(&said), "b.yaml:1:1: error: the list A is in A.list, too"));
}

static void told(void **state)
{
	const struct hawk_sig *s = good(HEAD "event: openat\nsuppress: {within: 10min, by: [data.pathname]}\n"
					     "exceptions:\n  - {name: dpkg, where: process.exe == \"/usr/bin/dpkg\", why: files}\n"
					     "output: {path: data.pathname, 'by?': comm}\nmessage: '{{x}} {comm}'\n");

	(void)state;
	assert_int_equal(s->suppress, 600 * 1000000000ULL);
	assert_int_equal(s->n_suppress_by, 1);
	assert_int_equal(s->n_exceptions, 1);
	assert_string_equal(s->exceptions[0].why, "files");
	assert_int_equal(s->n_output, 2);
	assert_false(s->output[0].optional);
	assert_string_equal(s->output[1].name, "by");
	assert_true(s->output[1].optional);
	wrong(HEAD "event: openat\nsuppress: {by: [uid]}\n", "8:11: error: suppress: expected within: TIME");
	wrong(HEAD "event: openat\nsuppress: {within: 5s, by: [1,2,3,4,uid]}\n", "8:37: error: by: more than 4");
	wrong(HEAD "event: openat\nexceptions: [{name: a}]\n", "8:14: error: there is no where: here");
	wrong(HEAD "event: openat\nexceptions: [{name: a, where: uid == 0}, {name: a, where: uid == 1}]\n",
	      "there is an exception \"a\" before this");
	wrong(HEAD "event: openat\nexceptions: [{name: a, wher: uid == 0}]\n", "an exception has no key \"wher\"");
}

/* A file of exceptions is about a signature of another file; one with an error adds nothing, and spoils nothing. */
static void exceptions_of_others(void **state)
{
	static const char *const good_ones = "kind: exceptions\nsignature: one\nexceptions:\n"
					     "  - {name: dpkg, where: is_dpkg, why: files}\n  - {name: root, where: uid == 0}\n";
	uint64_t digest;

	(void)state;
	READ(HEAD "event: openat\nvariables: {is_dpkg: comm == \"dpkg\"}\n");
	digest = files.signatures[0]->digest;
	READ(good_ones, HEAD "event: openat\nvariables: {is_dpkg: comm == \"dpkg\"}\n");
	assert_int_equal(files.n_signatures, 1);
	assert_string_equal(hawk_buf_str(&said), "");
	assert_int_equal(files.signatures[0]->n_exceptions, 2);
	assert_string_equal(files.signatures[0]->exceptions[0].why, "files");
	assert_true(files.signatures[0]->digest != digest);
	READ(HEAD "event: openat\n", "kind: exceptions\nsignature: one\nexceptions: [{name: a, where: uid == 0}, {name: b, where: x}]\n");
	assert_int_equal(files.n_signatures, 1);
	assert_int_equal(files.signatures[0]->n_exceptions, 0);
	assert_non_null(strstr(hawk_buf_str(&said), "b.yaml:3:59: error: "));
	READ("kind: exceptions\nsignature: none\nexceptions: []\n", HEAD "event: openat\n");
	assert_non_null(strstr(hawk_buf_str(&said), "a.yaml:1:1: warning: there is no signature none"));
	READ("kind: exceptions\nexception: []\n", HEAD "event: openat\n");
	assert_non_null(strstr(hawk_buf_str(&said), "did you mean exceptions"));
	assert_non_null(strstr(said.data, "expected signature: with the name of the signature"));
}

static void names_are_unique(void **state)
{
	(void)state;
	READ(HEAD "event: openat\n", HEAD "event: openat\n");
	assert_int_equal(files.n_signatures, 1);
	assert_non_null(strstr(hawk_buf_str(&said), "b.yaml:1:1: error: the id T-1 is that of the signature in a.yaml"));
	assert_non_null(strstr(said.data, "b.yaml:1:1: error: the name one is that of the signature in a.yaml"));
}

static void findings_of_others(void **state)
{
	static const char *const other = "id: T-2\nname: two\nversion: 1.0.0\ntitle: T\ndescription: d\nseverity: low\n"
					 "event: finding=one\n";

	(void)state;
	READ(other, HEAD "event: openat\n"); /* whatever their order */
	assert_int_equal(files.n_signatures, 2);
	assert_int_equal(files.signatures[0]->n_pending, 0);
	assert_string_equal(files.signatures[0]->steps[0].matches[0].findings[0], "one");
	assert_true(looks_at(&files.signatures[0]->steps[0].matches[0], "finding"));
	READ(other);
	assert_int_equal(files.signatures[0]->n_pending, 1);
	assert_string_equal(files.signatures[0]->pending[0], "finding=one: there is no such signature");
}

static void digests(void **state)
{
	static const char *const text = HEAD "event: openat\nwhere: comm in SHELLS\n";
	uint64_t first;

	(void)state;
	READ(text, "#!SHELLS.list\nsh\n", "#!OTHER.list\na\n");
	first = files.signatures[0]->digest;
	READ("#!OTHER.list\nb\n", text, "#!SHELLS.list\nsh\n");
	assert_true(files.signatures[0]->digest == first);
	READ(text, "#!SHELLS.list\nsh\nbash\n");
	assert_true(files.signatures[0]->digest != first);
	READ(HEAD "event: openat\nwhere: comm in  SHELLS\n", "#!SHELLS.list\nsh\n");
	assert_true(files.signatures[0]->digest != first);
}

static void tests(void **state)
{
	const struct hawk_sig *s = good(HEAD "event: openat\ntests:\n  - name: a\n    events:\n      - &e {event: openat, data: {pathname: /x}}\n"
					     "      - *e\n    finds: [one, one]\n    model: {dns: {10.0.0.1: [a]}}\n"
					     "  - {name: b, events: [*e], finds: []}\n");
	const struct hawk_yaml_node *second;

	(void)state;
	assert_int_equal(s->n_tests, 2);
	assert_string_equal(s->tests[0].name, "a");
	assert_int_equal(s->tests[0].n_finds, 2);
	assert_int_equal(s->tests[1].n_finds, 0);
	assert_int_equal(s->tests[1].line, 15);
	assert_non_null(s->tests[0].model);
	second = s->tests[1].events->first; /* of an anchor in a tree that is gone */
	assert_string_equal(second->first->text, "openat");
	assert_string_equal(second->first->next->first->key, "pathname");
	wrong(HEAD "event: openat\ntests: [{name: a, events: [{event: openat}]}]\n", "8:9: error: there is no finds: here");
	wrong(HEAD "event: openat\ntests: [{name: a, finds: []}]\n", "8:9: error: events: expected a list of events");
	wrong(HEAD "event: openat\ntests: [{name: a, event: [], finds: []}]\n", "a test has no key \"event\"; did you mean events");
}

static void severities(void **state)
{
	(void)state;
	assert_string_equal(hawk_severity_name(HAWK_SEVERITY_INFO), "info");
	assert_string_equal(hawk_severity_name(HAWK_SEVERITY_CRITICAL), "critical");
	assert_null(hawk_severity_name((enum hawk_severity)5));
	assert_int_equal(hawk_severity_parse("medium"), HAWK_SEVERITY_MEDIUM);
	assert_int_equal(hawk_severity_parse("Medium"), -1);
}

static int teardown(void **state)
{
	(void)state;
	hawk_sig_files_done(&files);
	hawk_buf_done(&said);
	return 0;
}

int main(void)
{
	const struct CMUnitTest all[] = {
		cmocka_unit_test(about),
		cmocka_unit_test(wrong_about),
		cmocka_unit_test(events),
		cmocka_unit_test(places),
		cmocka_unit_test(steps),
		cmocka_unit_test(wrong_steps),
		cmocka_unit_test(variables_and_lists),
		cmocka_unit_test(told),
		cmocka_unit_test(exceptions_of_others),
		cmocka_unit_test(names_are_unique),
		cmocka_unit_test(findings_of_others),
		cmocka_unit_test(digests),
		cmocka_unit_test(tests),
		cmocka_unit_test(severities),
	};

	return cmocka_run_group_tests(all, NULL, teardown);
}
