/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Signatures in the language of sechawk-signature(5). */
#include <ctype.h>

#include "src/event/field.h"
#include "src/sig/reader.h"

#define LINE_MAX_BYTES 200

static const char *const layers[] = { "common", "host", "container", "container-threats" };

static void refuse_word(struct hawk_sig_reader *r, const struct hawk_yaml_node *node, const char *what,
			const char *const *words, size_t n)
{
	struct hawk_nearest near = hawk_nearest_start(node->text);
	_cleanup_(hawk_buf_done) struct hawk_buf list = HAWK_BUF_INIT;

	for (size_t i = 0; i < n; i++) {
		hawk_nearest_offer(&near, words[i]);
		hawk_buf_printf(&list, "%s%s", i ? ", " : "", words[i]);
	}
	hawk_sig_refuse(r, node, "there is no %s \"%.64s\"%s%s: expected one of %s", what, node->text,
			near.best ? "; did you mean " : "", near.best ? near.best : "", hawk_buf_str(&list) ?: "");
}

static void read_severity(struct hawk_sig_reader *r, struct hawk_yaml_node *root)
{
	const struct hawk_yaml_node *node = hawk_yaml_text(&r->yaml, root, "severity");
	const char *names[HAWK_SEVERITY_CRITICAL + 1];
	int severity;

	if (!node) {
		if (!hawk_sig_get(root, "severity"))
			hawk_sig_refuse(r, root, "there is no severity: here");
		return;
	}
	severity = hawk_severity_parse(node->text);
	if (severity >= 0) {
		r->sig->severity = (enum hawk_severity)severity;
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		names[i] = hawk_severity_name((enum hawk_severity)i);
	refuse_word(r, node, "severity", names, ARRAY_SIZE(names));
}

/* T1059 or T1059.004. */
static bool is_technique(const char *text)
{
	const char *const form = strlen(text) == 5 ? "T####" : "T####.###";

	if (strlen(text) != strlen(form))
		return false;
	for (size_t i = 0; form[i]; i++)
		if (form[i] == '#' ? !isdigit((unsigned char)text[i]) : text[i] != form[i])
			return false;
	return true;
}

static void read_mitre(struct hawk_sig_reader *r, struct hawk_yaml_node *root)
{
	static const char *const keys[] = { "tactic", "technique", NULL };
	struct hawk_yaml_node *node = hawk_sig_get(root, "mitre");

	if (!node)
		return;
	if (node->kind != HAWK_YAML_MAP) {
		hawk_sig_refuse(r, node, "mitre: expected {tactic: NAME, technique: T1234.001}, not %s",
				hawk_yaml_kind_name(node));
		return;
	}
	hawk_yaml_only_keys(&r->yaml, node, keys, "mitre");
	r->sig->tactic = hawk_sig_text(r, node, "tactic", HAWK_SIG_ID_MAX);
	r->sig->technique = hawk_sig_text(r, node, "technique", HAWK_SIG_ID_MAX);
	hawk_sig_technique(r, node);
}

void hawk_sig_technique(struct hawk_sig_reader *r, const struct hawk_yaml_node *node)
{
	if (r->sig->technique && !is_technique(r->sig->technique))
		hawk_sig_refuse(r, node, "the technique \"%.64s\": expected the form T1059 or T1059.004",
				r->sig->technique);
}

static void read_layer(struct hawk_sig_reader *r, struct hawk_yaml_node *root)
{
	r->sig->layer = hawk_sig_text(r, root, "layer", HAWK_SIG_ID_MAX);
	for (size_t i = 0; r->sig->layer && i < ARRAY_SIZE(layers); i++)
		if (strcmp(r->sig->layer, layers[i]) == 0)
			return;
	if (r->sig->layer)
		refuse_word(r, hawk_sig_get(root, "layer"), "layer", layers, ARRAY_SIZE(layers));
}

static void read_identity(struct hawk_sig_reader *r, struct hawk_yaml_node *root)
{
	struct hawk_sig *sig = r->sig;

	sig->id = hawk_sig_need(r, root, "id", HAWK_SIG_ID_MAX);
	sig->name = hawk_sig_need(r, root, "name", HAWK_SIG_ID_MAX);
	sig->version = hawk_sig_need(r, root, "version", HAWK_SIG_ID_MAX);
	if (sig->id && !hawk_sig_is_id(sig->id))
		hawk_sig_refuse(r, hawk_sig_get(root, "id"), "id: expected letters, digits, . _ and -, such as SHK-1017");
	if (sig->name && !hawk_sig_is_word(sig->name))
		hawk_sig_refuse(r, hawk_sig_get(root, "name"), "name: expected small letters, digits and _");
	if (sig->version && !hawk_sig_is_version(sig->version))
		hawk_sig_refuse(r, hawk_sig_get(root, "version"), "version: expected numbers such as 1.0.0");
}

static void read_about(struct hawk_sig_reader *r, struct hawk_yaml_node *root)
{
	struct hawk_sig *sig = r->sig;

	read_identity(r, root);
	sig->title = hawk_sig_need(r, root, "title", LINE_MAX_BYTES);
	if (sig->title && strchr(sig->title, '\n'))
		hawk_sig_refuse(r, hawk_sig_get(root, "title"), "title: expected one line");
	sig->description = hawk_sig_need(r, root, "description", HAWK_SIG_WHY_MAX);
	sig->author = hawk_sig_text(r, root, "author", LINE_MAX_BYTES);
	sig->what_to_do = hawk_sig_text(r, root, "what_to_do", HAWK_SIG_WHY_MAX);
	sig->false_positives = hawk_sig_text(r, root, "false_positives", HAWK_SIG_WHY_MAX);
	hawk_sig_strings(r, root, "references", &sig->references, &sig->n_references);
	hawk_sig_strings(r, root, "tags", &sig->tags, &sig->n_tags);
	sig->enabled = hawk_sig_bool(r, root, "enabled", true);
	read_severity(r, root);
	read_mitre(r, root);
	read_layer(r, root);
}

/* The members of the mapping KEY, or NULL. */
static struct hawk_yaml_node *members(struct hawk_sig_reader *r, struct hawk_yaml_node *root, const char *key)
{
	struct hawk_yaml_node *node = hawk_sig_get(root, key);

	if (!node || node->kind == HAWK_YAML_MAP)
		return node ? node->first : NULL;
	hawk_sig_refuse(r, node, "%s: expected NAME: EXPRESSION, not %s", key, hawk_yaml_kind_name(node));
	return NULL;
}

static void read_variables(struct hawk_sig_reader *r, struct hawk_yaml_node *root)
{
	for (const struct hawk_yaml_node *one = members(r, root, "variables"); one; one = one->next) {
		struct hawk_field field;
		struct hawk_cel *expr;

		if (!hawk_sig_is_word(one->key)) {
			hawk_sig_refuse(r, one, "variables: the name \"%.64s\": expected small letters, digits and _",
					one->key);
			continue;
		}
		if (hawk_field_find(one->key, &field) == 0) {
			hawk_sig_refuse(r, one, "variables: \"%s\" is the name of a field", one->key);
			continue;
		}
		if (r->n_variables == HAWK_SIG_VARIABLES_MAX) {
			hawk_sig_refuse(r, one, "variables: more than %d", HAWK_SIG_VARIABLES_MAX);
			return;
		}
		expr = hawk_sig_compile(r, one, r->all, r->sig->n_captures, false);
		if (expr)
			r->variables[r->n_variables++] = (struct hawk_cel_variable){ one->key, expr };
	}
}

static void read_suppress(struct hawk_sig_reader *r, struct hawk_yaml_node *root)
{
	static const char *const keys[] = { "within", "by", NULL };
	struct hawk_yaml_node *node = hawk_sig_get(root, "suppress");
	struct hawk_sig *sig = r->sig;

	if (!node)
		return;
	if (node->kind != HAWK_YAML_MAP) {
		hawk_sig_refuse(r, node, "suppress: expected {within: TIME, by: [...]}, not %s",
				hawk_yaml_kind_name(node));
		return;
	}
	hawk_yaml_only_keys(&r->yaml, node, keys, "suppress");
	sig->suppress = hawk_sig_duration(r, node, "within");
	if (!hawk_sig_get(node, "within"))
		hawk_sig_refuse(r, node, "suppress: expected within: TIME");
	hawk_sig_read_keys(r, node, r->trigger, sig->suppress_by, &sig->n_suppress_by);
}

/* "name?" may be missing from a finding. */
static void read_output(struct hawk_sig_reader *r, struct hawk_yaml_node *root)
{
	struct hawk_sig *sig = r->sig;

	for (const struct hawk_yaml_node *one = members(r, root, "output"); one; one = one->next) {
		const size_t len = strlen(one->key);
		struct hawk_sig_field *f = hawk_sig_grow(r, &sig->output, &sig->n_output, sizeof(*f),
							 HAWK_SIG_OUTPUT_MAX, one, "output fields");

		if (!f)
			return;
		f->optional = len && one->key[len - 1] == '?';
		f->name = hawk_sig_kept(r, strndup(one->key, len - f->optional));
		if (f->name && !hawk_sig_is_word(f->name))
			hawk_sig_refuse(r, one, "output: the name \"%.64s\": expected small letters, digits and _",
					one->key);
		f->value = hawk_sig_compile(r, one, r->trigger, sig->n_captures, false);
	}
}

static void read_told(struct hawk_sig_reader *r, struct hawk_yaml_node *root)
{
	const struct hawk_yaml_node *message = hawk_sig_get(root, "message");
	struct hawk_yaml_node *tests = hawk_sig_get(root, "tests");
	struct hawk_sig *sig = r->sig;

	read_suppress(r, root);
	hawk_sig_read_exceptions(r, root);
	read_output(r, root);
	if (message)
		sig->message = hawk_sig_template(r, message);
	else if (sig->title)
		sig->message = hawk_sig_plain_template(r, sig->title);
	if (tests && hawk_sig_tests_read(&sig->tests, &sig->n_tests, tests, r->yaml.diags) == -ENOMEM)
		r->error = -ENOMEM;
}

void hawk_sig_read_own(struct hawk_sig_reader *r, struct hawk_yaml_node *root)
{
	static const char *const keys[] = {
		"kind",	     "id",	  "name",     "version",    "title",	       "description", "severity", "mitre",
		"layer",     "author",	  "references", "tags",	    "enabled",	       "variables",   "events",	  "event",
		"where",     "steps",	  "unordered", "within",    "by",	       "count",	      "distinct", "capture",
		"suppress",  "exceptions", "output",   "message",   "what_to_do",      "false_positives", "tests", NULL
	};

	r->sig->dialect = "sechawk";
	hawk_yaml_only_keys(&r->yaml, root, keys, "a signature");
	read_about(r, root);
	hawk_sig_read_steps(r, root);
	read_variables(r, root);
	hawk_sig_finish_steps(r, root);
	read_told(r, root);
}
