/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Tracee's detectors: read as they are, and what they look at. */
#include "tests/unit/ir/fixture.h"

#include "src/sig/signature.h"

static struct hawk_sig_files files;
static struct hawk_buf said;

/* A detector with EVENTS, a list in the flow form, and REST: lines behind it. */
static const struct hawk_sig *made(const char *events, const char *rest)
{
	_cleanup_(hawk_buf_done) struct hawk_buf text = HAWK_BUF_INIT;
	struct hawk_sig_source source = { .path = "a.yaml" };
	struct hawk_diags diags = { .path = "a.yaml" };

	hawk_buf_printf(&text, "type: detector\nid: yaml-001\nproduced_event: {name: made, version: 1.0.0}\n"
			       "requirements:\n  events: %s\n%s", events, rest);
	source.text = hawk_buf_str(&text);
	source.len = text.len;
	hawk_sig_files_done(&files);
	hawk_buf_reset(&said);
	assert_int_equal(hawk_sig_read(&files, &source, 1, &diags), 0);
	hawk_diags_print(&diags, &said);
	hawk_diags_done(&diags);
	return files.n_signatures ? files.signatures[0] : NULL;
}

/* What the engine does with one step. */
static bool fits(const struct hawk_sig *s, const struct hawk_event *e)
{
	static _Alignas(16) uint8_t room[65536];
	struct hawk_cel_arena arena = { .data = room, .size = sizeof(room) };
	const struct hawk_cel_input in = { .event = e, .arena = &arena };
	size_t n, row = 0;
	const struct hawk_event_desc *const *descs = hawk_event_descs(&n);

	while (descs[row] != e->desc)
		row++;
	for (size_t i = 0; !s->n_pending && i < s->steps[0].n_matches; i++) {
		const struct hawk_sig_match *m = &s->steps[0].matches[i];

		if ((m->events[row / 64] >> row % 64 & 1) && (!m->guard || hawk_ir_eval(m->guard, e, NULL)) &&
		    (!m->where || hawk_cel_test(m->where, &in)))
			return true;
	}
	return false;
}

static void is(const char *events, const char *rest, const struct hawk_event *e, bool want)
{
	const struct hawk_sig *s = made(events, rest);

	if (!s)
		fail_msg("%s\n%s\n%s", events, rest, hawk_buf_str(&said));
	if (fits(s, e) != want)
		fail_msg("%s\n%s\nis not %s", events, rest, want ? "true" : "false");
}

static void about(void **state)
{
	const struct hawk_sig *s = made("[{name: sched_process_exec}]\n  min_tracee_version: 0.24.0",
					"threat:\n  name: Bad\n  description: very {bad}\n  severity: critical\n"
					"  mitre: {tactic: {name: Execution}, technique: {id: T1059, name: x}}\n"
					"  properties: {any: thing}\n"
					"auto_populate: {threat: true, detected_from: true, process_ancestry: true}\n");

	(void)state;
	assert_non_null(s);
	assert_string_equal(s->id, "yaml-001");
	assert_string_equal(s->name, "made");
	assert_string_equal(s->title, "Bad");
	assert_string_equal(s->description, "very {bad}");
	assert_string_equal(s->tactic, "Execution");
	assert_string_equal(s->technique, "T1059");
	assert_string_equal(s->dialect, "tracee");
	assert_int_equal(s->severity, HAWK_SEVERITY_CRITICAL);
	assert_true(s->enabled);
	assert_int_equal(s->n_pending, 0);
	s = made("[{name: sched_process_exec}]", "");
	assert_non_null(s);
	assert_int_equal(s->severity, HAWK_SEVERITY_INFO);
}

static void wrong(const char *events, const char *rest, const char *want)
{
	if (made(events, rest) || !strstr(hawk_buf_str(&said), want))
		fail_msg("%s\n%s\nexpected %s, not\n%s", events, rest, want, hawk_buf_str(&said));
}

/* A detector of what "base" finds; there is no such one here, which would be all that is pending. */
static void is_chained(const char *filters, const struct hawk_event *e, bool want)
{
	_cleanup_(hawk_buf_done) struct hawk_buf events = HAWK_BUF_INIT;

	hawk_buf_printf(&events, "[{name: base, dependency: optional%s}]", filters);
	is(hawk_buf_str(&events), "", e, want);
}

static void filters(void **state)
{
	struct hawk_event e = make_event("sched_process_exec"), open = make_event("security_file_open");

	(void)state;
	set(&e, "pathname", (struct hawk_value){ TEXT("/usr/bin/ncat") });
	is("[{name: sched_process_exec}]", "", &e, true);
	is("[{name: security_file_open}]", "", &e, false);
	is("[{name: sched_process_exec, data_filters: ['pathname=/usr/bin/nc*']}]", "", &e, true);
	is("[{name: sched_process_exec, data_filters: ['data.pathname=/usr/bin/nc*']}]", "", &e, true);
	is("[{name: sched_process_exec, data_filters: ['pathname!=/usr/bin/nc*']}]", "", &e, false);
	is("[{name: sched_process_exec, data_filters: [pathname=/bin/*]}]", "", &e, false);
	is("[{name: sched_process_exec, data_filters: ['pathname=/bin/*', 'pathname=*ncat']}]", "", &e, true);
	is("[{name: sched_process_exec, scope_filters: [uid=1000]}]", "", &e, true);
	is("[{name: sched_process_exec, scope_filters: [uid=0]}]", "", &e, false);
	is("[{name: sched_process_exec, scope_filters: [container]}]", "", &e, false);
	is("[{name: sched_process_exec, scope_filters: [not-container]}]", "", &e, true);
	/* Filters are those of their event. */
	set(&open, "pathname", (struct hawk_value){ TEXT("/etc/passwd") });
	is("[{name: sched_process_exec, data_filters: [pathname=/x]}, {name: security_file_open}]", "", &open, true);
	is("[{name: sched_process_exec}, {name: security_file_open, data_filters: [pathname=/x]}]", "", &open, false);
	/* No model knows that the container started. */
	is("[{name: sched_process_exec, scope_filters: [container=started]}]", "", &e, false);
	assert_non_null(files.signatures[0]->steps[0].matches[0].where);
}

/* The filters of a detector that consumes another are of it, not of what that looks at. */
static void chained(void **state)
{
	struct hawk_event e = make_event("finding");

	(void)state;
	put(&e, "signature", "base", 4);
	put(&e, "output", "path=/tmp/x y\0id=7\0", 19);
	is_chained("", &e, true);
	is_chained(", scope_filters: [uid=1000]", &e, true);
	is_chained(", scope_filters: [uid=33]", &e, false);
	is_chained(", scope_filters: [container]", &e, false);
	is_chained(", scope_filters: [container=true]", &e, false);
	is_chained(", scope_filters: [container=false]", &e, true);
	is_chained(", data_filters: ['path=/tmp/*']", &e, true);
	is_chained(", data_filters: ['path=/tmp/x y']", &e, true);
	is_chained(", data_filters: ['path=/tmp/x']", &e, false);
	is_chained(", data_filters: ['path=*x y', 'data.id=7']", &e, true);
	is_chained(", data_filters: ['path=*x y', 'id=8']", &e, false);
	is_chained(", data_filters: ['id=8', 'id=7']", &e, true);
	is_chained(", data_filters: ['id!=8']", &e, true);
	is_chained(", data_filters: ['id!=7']", &e, false);
	is_chained(", data_filters: ['nothing!=7']", &e, false);
	is_chained(", data_filters: ['path=*mp/x*']", &e, true);
	wrong("[{name: base, data_filters: ['id>7']}]", "", "what a detector tells is text");
	wrong("[{name: base, data_filters: ['retval=0']}]", "", "has no result");
	wrong("[{name: base, data_filters: ['id=*']}]", "", "expected more than wildcards");
}

static void pending(const char *events, const char *rest, const char *want)
{
	const struct hawk_sig *s = made(events, rest);

	if (!s || s->n_pending != 1 || !strstr(s->pending[0], want))
		fail_msg("%s\n%s: %s\n%s", events, rest, s && s->n_pending ? s->pending[0] : "not pending",
			 hawk_buf_str(&said));
}

static void missing(void **state)
{
	(void)state;
	pending("[{name: of_the_future}]", "", "finding=of_the_future: there is no such signature");
	pending("[{name: sched_process_exec}]\n  enrichments: [environment, container, executable-hash]", "",
		"hashes of programs are not known");
	pending("[{name: sched_process_exec}]\n  architectures: [pdp11]", "", "another architecture");
	pending("[{name: sched_process_exec, scope_filters: ['containerName=x']}]", "", "names of containers");
	pending("[{name: sched_process_exec}]", "conditions: ['workload.k8s.pod.name == \"x\"']\n", "a condition asks for");
	assert_int_equal(made("[{name: sched_process_exec}, {name: of_the_future, dependency: optional}]", "")->n_pending, 0);
	assert_int_equal(made("[{name: sched_process_exec}]\n  architectures: [amd64, arm64]", "")->n_pending, 0);
}

/* Tracee does not look at keys that it does not know. */
static void warned(const char *events, const char *rest, const char *want)
{
	if (!made(events, rest) || !strstr(hawk_buf_str(&said), want))
		fail_msg("%s\n%s\nexpected the warning %s, not\n%s", events, rest, want, hawk_buf_str(&said));
}

static void errors(void **state)
{
	(void)state;
	wrong("[]", "", "requirements: expected events:");
	wrong("[{name: sched_process_exec, data_filters: [pathnam=/x]}]", "",
	      "a.yaml:5:54: error: sched_process_exec has no data.pathnam; did you mean data.pathname");
	wrong("[{name: sched_process_exec, scope_filters: [contaner]}]", "", "did you mean container");
	warned("[{name: sched_process_exec, filters: [a]}]", "", "an event of a detector has no key \"filters\"");
	wrong("[{name: sched_process_exec, dependency: maybe}]", "", "dependency: expected required or optional");
	warned("[{name: sched_process_exec}]", "condition: ['true']\n", "a detector has no key \"condition\"; did you mean conditions");
	wrong("[{name: sched_process_exec}]", "threat: {description: x, severity: bad}\n", "expected severity: low");
	wrong("[{name: sched_process_exec}]", "conditions: ['uid + ']\n", "a.yaml:6:");
	wrong("[{name: sched_process_exec}]", "conditions: true\n", "conditions: expected a list");
}

static void conditions(void **state)
{
	struct hawk_event e = make_event("sched_process_exec");

	(void)state;
	set(&e, "pathname", (struct hawk_value){ TEXT("/tmp/x") });
	is("[{name: sched_process_exec}]", "conditions: ['getEventData(\"pathname\").startsWith(\"/tmp\")']\n", &e, true);
	is("[{name: sched_process_exec}]", "conditions: ['getEventData(\"pathname\") == \"/tmp\"']\n", &e, false);
	is("[{name: sched_process_exec}]", "conditions: ['true', 'hasData(\"pathname\")']\n", &e, true);
	is("[{name: sched_process_exec}]", "conditions: ['hasData(\"pathname\")', 'false']\n", &e, false);
	is("[{name: sched_process_exec}]", "conditions: ['hasData(\"nothing\")']\n", &e, false);
	is("[{name: sched_process_exec, data_filters: [pathname=/bin/*]}]", "conditions: ['true']\n", &e, false);
	is("[{name: sched_process_exec}]",
	   "output: {fields: [{name: path, expression: 'getEventData(\"pathname\")', optional: true}]}\n", &e, true);
	assert_string_equal(files.signatures[0]->output[0].name, "path");
	assert_true(files.signatures[0]->output[0].optional);
}

/* A whole file. */
static const struct hawk_sig *read_text(const char *text)
{
	const struct hawk_sig_source source = { .path = "a.yaml", .text = text, .len = strlen(text) };
	struct hawk_diags diags = { .path = "a.yaml" };

	hawk_sig_files_done(&files);
	hawk_buf_reset(&said);
	assert_int_equal(hawk_sig_read(&files, &source, 1, &diags), 0);
	hawk_diags_print(&diags, &said);
	hawk_diags_done(&diags);
	return files.n_signatures ? files.signatures[0] : NULL;
}

#define BODY(indent) \
	indent "id: D-1\n" indent "produced_event: {name: told, version: 1.0.0, fields: [{name: a, type: string, optional: true}]}\n" \
	indent "requirements: {events: [{name: sched_process_exec}]}\n"

/* The three ways in which a detector is written. */
static void forms(void **state)
{
	const struct hawk_sig *s = read_text(BODY(""));

	(void)state;
	assert_non_null(s);
	assert_string_equal(s->dialect, "tracee");
	s = read_text("apiVersion: tracee.aquasec.com/v1beta1\nkind: Detector\nmetadata: {name: x}\nspec:\n" BODY("  "));
	assert_non_null(s);
	assert_string_equal(s->name, "told");
	assert_string_equal(s->dialect, "tracee");
	assert_null(read_text("apiVersion: tracee.aquasec.com/v2\nkind: Detector\nspec:\n" BODY("  ")));
	assert_non_null(strstr(hawk_buf_str(&said), "a.yaml:1:13: error: expected apiVersion: tracee.aquasec.com/v1beta1"));
	assert_null(read_text("apiVersion: tracee.aquasec.com/v1beta1\nkind: Detector\n"));
	assert_non_null(strstr(hawk_buf_str(&said), "there is no spec:"));
}

static void enrichments(void **state)
{
	(void)state;
	assert_int_equal(made("[{name: execve}]\n  enrichments: [{name: exec-env}, {name: exec-hash, dependency: optional, "
			      "config: digest-inode}]", "")->n_pending, 0);
	pending("[{name: execve}]\n  enrichments: [{name: exec-hash}]", "", "hashes of programs are not known");
	pending("[{name: execve}]\n  enrichments: [{name: taste}]", "", "there is no such enrichment");
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
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(about),   cmocka_unit_test(filters), cmocka_unit_test(missing),
		cmocka_unit_test(errors), cmocka_unit_test(conditions),
		cmocka_unit_test(chained), cmocka_unit_test(forms),   cmocka_unit_test(enrichments),
	};

	return cmocka_run_group_tests(tests, NULL, teardown);
}
