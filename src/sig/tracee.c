/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Detectors as Tracee has them: what they say of themselves, their conditions and what they tell. */
#include "src/sig/tracee.h"

#define LINE_MAX_BYTES 200
#define TEXT_MAX_BYTES 16384
#define NAME_MAX_BYTES 256
#define API_VERSION "tracee.aquasec.com/v1beta1"

struct hawk_yaml_node *hawk_sig_map(struct hawk_sig_reader *r, struct hawk_yaml_node *in, const char *key)
{
	struct hawk_yaml_node *node = hawk_sig_get(in, key);

	if (!node || node->kind == HAWK_YAML_MAP)
		return node;
	hawk_sig_refuse(r, node, "%s: expected a mapping, not %s", key, hawk_yaml_kind_name(node));
	return NULL;
}

struct hawk_yaml_node *hawk_sig_list(struct hawk_sig_reader *r, struct hawk_yaml_node *in, const char *key)
{
	struct hawk_yaml_node *node = hawk_sig_get(in, key);

	if (!node || node->kind == HAWK_YAML_LIST)
		return node;
	hawk_sig_refuse(r, node, "%s: expected a list, not %s", key, hawk_yaml_kind_name(node));
	return NULL;
}

static void check_fields(struct hawk_sig_reader *r, struct hawk_yaml_node *produced)
{
	static const char *const keys[] = { "name", "type", "description", "optional", NULL };
	struct hawk_yaml_node *fields = hawk_sig_list(r, produced, "fields");

	for (struct hawk_yaml_node *one = fields ? fields->first : NULL; one; one = one->next) {
		hawk_yaml_check_keys(&r->yaml, one, keys, "a field");
		if (one->kind != HAWK_YAML_MAP || !hawk_sig_get(one, "name"))
			hawk_sig_refuse(r, one, "expected a field: {name: NAME, type: TYPE}");
	}
}

static void read_produced(struct hawk_sig_reader *r, struct hawk_yaml_node *root)
{
	static const char *const keys[] = { "name", "version", "description", "tags", "fields", NULL };
	struct hawk_yaml_node *produced = hawk_sig_map(r, root, "produced_event");
	struct hawk_sig *sig = r->sig;

	if (!produced) {
		hawk_sig_refuse(r, root, "there is no produced_event: with a name here");
		return;
	}
	hawk_yaml_check_keys(&r->yaml, produced, keys, "produced_event");
	sig->name = hawk_sig_need(r, produced, "name", HAWK_SIG_ID_MAX);
	sig->version = hawk_sig_need(r, produced, "version", HAWK_SIG_ID_MAX);
	sig->description = hawk_sig_text(r, produced, "description", TEXT_MAX_BYTES);
	hawk_sig_strings(r, produced, "tags", &sig->tags, &sig->n_tags);
	if (sig->name && !hawk_sig_is_id(sig->name))
		hawk_sig_refuse(r, hawk_sig_get(produced, "name"), "name: expected letters, digits and _");
	if (sig->version && !hawk_sig_is_version(sig->version))
		hawk_sig_refuse(r, hawk_sig_get(produced, "version"), "version: expected numbers such as 1.0.0");
	check_fields(r, produced);
}

static void read_severity(struct hawk_sig_reader *r, struct hawk_yaml_node *threat)
{
	const struct hawk_yaml_node *node = hawk_yaml_text(&r->yaml, threat, "severity");
	const int severity = node ? hawk_severity_parse(node->text) : -1;

	if (severity >= 0)
		r->sig->severity = (enum hawk_severity)severity;
	else
		hawk_sig_refuse(r, node ? node : threat, "expected severity: low, medium, high or critical");
}

static void read_mitre(struct hawk_sig_reader *r, struct hawk_yaml_node *threat)
{
	static const char *const keys[] = { "tactic", "technique", NULL };
	static const char *const tactic_keys[] = { "name", "id", NULL }, *const technique_keys[] = { "id", "name", NULL };
	struct hawk_yaml_node *mitre = hawk_sig_map(r, threat, "mitre");
	struct hawk_yaml_node *tactic = mitre ? hawk_sig_map(r, mitre, "tactic") : NULL;
	struct hawk_yaml_node *technique = mitre ? hawk_sig_map(r, mitre, "technique") : NULL;

	if (mitre)
		hawk_yaml_check_keys(&r->yaml, mitre, keys, "mitre");
	if (tactic) {
		hawk_yaml_check_keys(&r->yaml, tactic, tactic_keys, "tactic");
		r->sig->tactic = hawk_sig_text(r, tactic, "name", HAWK_SIG_ID_MAX);
	}
	if (!technique)
		return;
	hawk_yaml_check_keys(&r->yaml, technique, technique_keys, "technique");
	r->sig->technique = hawk_sig_text(r, technique, "id", HAWK_SIG_ID_MAX);
	hawk_sig_technique(r, technique);
}

/* Without a threat it only makes an event, for other detectors. */
static void read_threat(struct hawk_sig_reader *r, struct hawk_yaml_node *root)
{
	static const char *const keys[] = { "name", "description", "severity", "mitre", "properties", NULL };
	struct hawk_yaml_node *threat = hawk_sig_map(r, root, "threat");
	struct hawk_sig *sig = r->sig;
	char *description;

	if (threat) {
		hawk_yaml_check_keys(&r->yaml, threat, keys, "threat");
		sig->title = hawk_sig_text(r, threat, "name", LINE_MAX_BYTES);
		description = hawk_sig_need(r, threat, "description", TEXT_MAX_BYTES);
		if (description) {
			free(sig->description);
			sig->description = description;
		}
		read_severity(r, threat);
		read_mitre(r, threat);
		hawk_sig_map(r, threat, "properties");
	}
	if (!sig->description && sig->name)
		sig->description = hawk_sig_kept(r, strdup(sig->name));
	if (!sig->title && sig->name)
		sig->title = hawk_sig_kept(r, strdup(sig->name));
	if (sig->title)
		sig->title[strcspn(sig->title, "\n")] = '\0';
}

/* All of them hold, for each event. What is of an event alone becomes a guard. */
static size_t read_conditions(struct hawk_sig_reader *r, struct hawk_yaml_node *root, struct hawk_cel **ret)
{
	const struct hawk_yaml_node *list = hawk_sig_list(r, root, "conditions");
	struct hawk_cel *all = NULL;

	for (const struct hawk_yaml_node *one = list ? list->first : NULL; one; one = one->next) {
		struct hawk_cel *parts[2] = { all, hawk_sig_compile(r, one, r->all, 0, true) };

		if (!parts[1])
			continue;
		all = all ? hawk_sig_and(r, one, parts, 2) : parts[1];
	}
	*ret = all;
	return all != NULL;
}

static void finish_match(struct hawk_sig_reader *r, struct hawk_yaml_node *root, size_t i)
{
	struct hawk_sig_match *m = &r->sig->steps[0].matches[i];
	struct hawk_tracee_lowered *filters = &r->filters[i];
	struct hawk_cel *parts[2];
	size_t n = read_conditions(r, root, parts);

	if (filters->started) {
		parts[n] = hawk_sig_compile_text(r, root, "container.started");
		n += parts[n] != NULL;
	}
	hawk_sig_lower(r, m, n ? hawk_sig_and(r, root, parts, n) : NULL, TAKE_PTR(filters->ir));
}

static void read_field(struct hawk_sig_reader *r, struct hawk_yaml_node *node)
{
	static const char *const keys[] = { "name", "expression", "optional", NULL };
	struct hawk_sig *sig = r->sig;
	struct hawk_sig_field *f;

	hawk_yaml_check_keys(&r->yaml, node, keys, "a field of output");
	if (node->kind != HAWK_YAML_MAP || !hawk_sig_get(node, "expression")) {
		hawk_sig_refuse(r, node, "expected a field: {name: NAME, expression: EXPRESSION}");
		return;
	}
	f = hawk_sig_grow(r, &sig->output, &sig->n_output, sizeof(*f), HAWK_SIG_OUTPUT_MAX, node, "fields of output");
	if (!f)
		return;
	f->name = hawk_sig_need(r, node, "name", NAME_MAX_BYTES);
	f->optional = hawk_sig_bool(r, node, "optional", false);
	f->value = hawk_sig_compile(r, hawk_sig_get(node, "expression"), r->trigger, 0, false);
}

static void read_output(struct hawk_sig_reader *r, struct hawk_yaml_node *root)
{
	static const char *const keys[] = { "fields", NULL };
	struct hawk_yaml_node *output = hawk_sig_map(r, root, "output");
	struct hawk_yaml_node *fields = output ? hawk_sig_list(r, output, "fields") : NULL;

	if (output)
		hawk_yaml_check_keys(&r->yaml, output, keys, "output");
	for (struct hawk_yaml_node *one = fields ? fields->first : NULL; one; one = one->next)
		read_field(r, one);
	if (r->sig->description)
		r->sig->message = hawk_sig_plain_template(r, r->sig->description);
}

/* A finding always carries all of this. */
static void check_populate(struct hawk_sig_reader *r, struct hawk_yaml_node *root)
{
	static const char *const keys[] = { "threat", "detected_from", "process_ancestry", NULL };
	struct hawk_yaml_node *map = hawk_sig_map(r, root, "auto_populate");

	if (!map)
		return;
	hawk_yaml_check_keys(&r->yaml, map, keys, "auto_populate");
	for (size_t i = 0; keys[i]; i++)
		hawk_sig_bool(r, map, keys[i], false);
}

/* What is the detector: all of the mapping, or what Kubernetes has below spec. NULL: told. */
static struct hawk_yaml_node *find_body(struct hawk_sig_reader *r, struct hawk_yaml_node *root)
{
	static const char *const keys[] = { "apiVersion", "kind", "metadata", "spec", NULL };
	const struct hawk_yaml_node *version;
	struct hawk_yaml_node *spec;

	if (!hawk_sig_get(root, "kind"))
		return root;
	hawk_yaml_check_keys(&r->yaml, root, keys, "a detector");
	version = hawk_yaml_text(&r->yaml, root, "apiVersion");
	if (!version || strcmp(version->text, API_VERSION) != 0)
		hawk_sig_refuse(r, version ? version : root, "expected apiVersion: %s", API_VERSION);
	spec = hawk_sig_map(r, root, "spec");
	if (!spec)
		hawk_sig_refuse(r, root, "there is no spec: with id, produced_event and requirements here");
	return spec;
}

static void read_body(struct hawk_sig_reader *r, struct hawk_yaml_node *root)
{
	static const char *const keys[] = { "type",	     "id",	   "produced_event", "requirements", "threat",
					    "auto_populate", "conditions", "output",	     NULL };
	struct hawk_sig *sig = r->sig;

	hawk_yaml_check_keys(&r->yaml, root, keys, "a detector");
	sig->id = hawk_sig_need(r, root, "id", HAWK_SIG_ID_MAX);
	if (sig->id && !hawk_sig_is_id(sig->id))
		hawk_sig_refuse(r, hawk_sig_get(root, "id"), "id: expected letters, digits, . _ and -");
	read_produced(r, root);
	read_threat(r, root);
	check_populate(r, root);
	hawk_sig_read_requirements(r, root);
	for (size_t i = 0; sig->n_steps && i < sig->steps[0].n_matches; i++)
		finish_match(r, root, i);
	read_output(r, root);
}

void hawk_sig_read_tracee(struct hawk_sig_reader *r, struct hawk_yaml_node *root)
{
	struct hawk_yaml_node *body;

	r->sig->dialect = "tracee";
	r->sig->enabled = true;
	r->tracee = true;
	body = find_body(r, root);
	if (body)
		read_body(r, body);
}
