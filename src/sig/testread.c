/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The tests in a signature's file, as they are written. */

#include "src/sig/reader.h"

void hawk_sig_tests_free(struct hawk_sig_test *tests, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		free(tests[i].name);
		hawk_yaml_free(tests[i].events);
		hawk_yaml_free(tests[i].model);
		for (size_t k = 0; k < tests[i].n_finds; k++)
			free(tests[i].finds[k]);
		free(tests[i].finds);
	}
	free(tests);
}

static void read_finds(struct hawk_sig_reader *r, struct hawk_yaml_node *node, struct hawk_sig_test *test)
{
	if (!hawk_sig_get(node, "finds"))
		hawk_sig_refuse(r, node, "there is no finds: here: the signatures that find something, [] for none");
	else
		hawk_sig_strings(r, node, "finds", &test->finds, &test->n_finds);
}

static void read_test(struct hawk_sig_reader *r, struct hawk_yaml_node *node, struct hawk_sig_test *test)
{
	static const char *const keys[] = { "name", "events", "finds", "model", NULL };
	struct hawk_yaml_node *events, *model;

	if (node->kind != HAWK_YAML_MAP) {
		hawk_sig_refuse(r, node, "expected a test: {name, events, finds}, not %s", hawk_yaml_kind_name(node));
		return;
	}
	hawk_yaml_only_keys(&r->yaml, node, keys, "a test");
	test->line = node->line;
	test->column = node->column;
	test->name = hawk_sig_need(r, node, "name", 1024);
	events = hawk_sig_get(node, "events");
	model = hawk_sig_get(node, "model");
	if (!events || events->kind != HAWK_YAML_LIST || !events->first)
		hawk_sig_refuse(r, events ? events : node, "events: expected a list of events");
	else
		test->events = hawk_sig_kept(r, hawk_yaml_copy(events));
	if (model && model->kind != HAWK_YAML_MAP)
		hawk_sig_refuse(r, model, "model: expected a mapping, not %s", hawk_yaml_kind_name(model));
	else if (model)
		test->model = hawk_sig_kept(r, hawk_yaml_copy(model));
	read_finds(r, node, test);
}

int hawk_sig_tests_read(struct hawk_sig_test **ret, size_t *ret_n, struct hawk_yaml_node *tests,
			struct hawk_diags *diags)
{
	struct hawk_sig_reader r = { .yaml = { .diags = diags } };
	const size_t errors = diags->errors;

	if (tests->kind != HAWK_YAML_LIST)
		hawk_sig_refuse(&r, tests, "tests: expected a list, not %s", hawk_yaml_kind_name(tests));
	for (struct hawk_yaml_node *one = tests->kind == HAWK_YAML_LIST ? tests->first : NULL; one; one = one->next) {
		struct hawk_sig_test *test =
			hawk_sig_grow(&r, ret, ret_n, sizeof(*test), HAWK_SIG_TESTS_MAX, one, "tests");

		if (!test)
			break;
		read_test(&r, one, test);
	}
	if (r.error < 0)
		return r.error;
	return diags->errors > errors ? -EINVAL : 0;
}
