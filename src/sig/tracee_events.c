/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Detectors as Tracee has them: what they require. */
#include "src/sig/tracee.h"

#if defined(__x86_64__)
#define ARCHITECTURE "amd64" /* as Go calls it */
#elif defined(__aarch64__)
#define ARCHITECTURE "arm64"
#else
#define ARCHITECTURE ""
#endif

static void take_filters(struct hawk_sig_reader *r, struct hawk_tracee_lowered *filters, bool optional)
{
	for (size_t i = 0; i < filters->n_pending && !optional; i++)
		hawk_sig_pending(r, "%s", filters->pending[i]);
}

/* DESC: NULL for the event of another detector. */
static void read_filters(struct hawk_sig_reader *r, struct hawk_yaml_node *node, const struct hawk_event_desc *desc,
			 struct hawk_tracee_lowered *ret, bool optional)
{
	const int e = hawk_tracee_lower(&r->yaml, desc, hawk_sig_list(r, node, "data_filters"),
					hawk_sig_list(r, node, "scope_filters"), ret);

	if (e == -ENOMEM)
		r->error = e;
	take_filters(r, ret, optional);
}

static bool is_optional(struct hawk_sig_reader *r, struct hawk_yaml_node *node)
{
	const struct hawk_yaml_node *dependency = hawk_sig_get(node, "dependency") ?
							  hawk_yaml_text(&r->yaml, node, "dependency") : NULL;

	if (!dependency || strcmp(dependency->text, "required") == 0)
		return false;
	if (strcmp(dependency->text, "optional") != 0)
		hawk_sig_refuse(r, dependency, "dependency: expected required or optional");
	return true;
}

static void read_event(struct hawk_sig_reader *r, struct hawk_yaml_node *node)
{
	static const char *const keys[] = { "name",	    "dependency",   "min_version", "max_version",
					    "data_filters", "scope_filters", NULL };
	struct hawk_sig_step *step = &r->sig->steps[0];
	const struct hawk_yaml_node *name;
	const struct hawk_event_desc *desc;
	const struct hawk_pending_desc *pending;
	struct hawk_sig_match *m;
	bool optional;

	hawk_yaml_check_keys(&r->yaml, node, keys, "an event of a detector");
	name = node->kind == HAWK_YAML_MAP ? hawk_yaml_text(&r->yaml, node, "name") : NULL;
	if (!name || !*name->text) {
		hawk_sig_refuse(r, node, "expected an event: {name: NAME}");
		return;
	}
	optional = is_optional(r, node);
	pending = hawk_event_pending(name->text);
	if (pending) {
		if (!optional)
			hawk_sig_pending(r, "%s: %s", name->text, pending->reason);
		return;
	}
	m = hawk_sig_grow(r, &step->matches, &step->n_matches, sizeof(*m), HAWK_SIG_MATCHES_MAX, node, "events");
	if (!m)
		return;
	m->line = name->line;
	m->column = name->column;
	m->optional = optional;
	desc = hawk_event_by_name(name->text);
	if (desc && desc->internal)
		desc = NULL;
	if (desc)
		hawk_sig_select(r, name, m);
	else /* names of other detectors are known when all files were read */
		hawk_sig_select_finding(r, node, name->text, m);
	read_filters(r, node, desc, &r->filters[step->n_matches - 1], optional);
}

static void read_events(struct hawk_sig_reader *r, struct hawk_yaml_node *requirements)
{
	struct hawk_yaml_node *events = hawk_sig_list(r, requirements, "events");
	struct hawk_sig *sig = r->sig;
	struct hawk_sig_step *step =
		hawk_sig_grow(r, &sig->steps, &sig->n_steps, sizeof(*step), 1, requirements, "steps");

	if (!step)
		return;
	step->count = 1;
	if (!events || !events->first)
		hawk_sig_refuse(r, requirements, "requirements: expected events: with at least one {name: NAME}");
	for (struct hawk_yaml_node *one = events ? events->first : NULL; one; one = one->next)
		read_event(r, one);
	memcpy(r->trigger, r->all, sizeof(r->trigger));
}

/* What Tracee has to be told to look at, by the names of now and before. Hashes are not computed. */
static const struct {
	const char *name, *before;
	bool there;
} enrichments[] = {
	{ "environment", "exec-env", true },
	{ "executable-hash", "exec-hash", false },
	{ "container", "container", true },
};

static void check_enrichment(struct hawk_sig_reader *r, const char *name, bool optional)
{
	for (size_t i = 0; i < ARRAY_SIZE(enrichments); i++) {
		if (strcmp(name, enrichments[i].name) != 0 && strcmp(name, enrichments[i].before) != 0)
			continue;
		if (!enrichments[i].there && !optional)
			hawk_sig_pending(r, "%s: hashes of programs are not known", name);
		return;
	}
	if (!optional)
		hawk_sig_pending(r, "%.64s: there is no such enrichment", name);
}

static void check_enrichments(struct hawk_sig_reader *r, struct hawk_yaml_node *requirements)
{
	static const char *const keys[] = { "name", "dependency", "config", NULL };
	struct hawk_yaml_node *list = hawk_sig_list(r, requirements, "enrichments");

	for (struct hawk_yaml_node *one = list ? list->first : NULL; one; one = one->next) {
		const struct hawk_yaml_node *name = one->kind == HAWK_YAML_MAP ? hawk_yaml_get(one, "name") : one;

		if (!name || name->kind != HAWK_YAML_SCALAR) {
			hawk_sig_refuse(r, one, "enrichments: expected environment, executable-hash or container");
			continue;
		}
		hawk_yaml_check_keys(&r->yaml, one, keys, "an enrichment");
		check_enrichment(r, name->text, one->kind == HAWK_YAML_MAP && is_optional(r, one));
	}
}

static void check_architectures(struct hawk_sig_reader *r, struct hawk_yaml_node *requirements)
{
	const struct hawk_yaml_node *list = hawk_sig_list(r, requirements, "architectures");
	bool fits = !list || !list->first;

	for (const struct hawk_yaml_node *one = list ? list->first : NULL; one; one = one->next) {
		if (one->kind != HAWK_YAML_SCALAR)
			hawk_sig_refuse(r, one, "architectures: expected amd64 or arm64");
		else
			fits |= strcmp(one->text, ARCHITECTURE) == 0;
	}
	if (!fits)
		hawk_sig_pending(r, "it is for machines of another architecture");
}

void hawk_sig_read_requirements(struct hawk_sig_reader *r, struct hawk_yaml_node *root)
{
	static const char *const keys[] = { "events",	     "enrichments",	   "architectures", "data_stores",
					    "min_tracee_version", "max_tracee_version", NULL };
	struct hawk_yaml_node *requirements = hawk_sig_map(r, root, "requirements");

	if (!requirements) {
		hawk_sig_refuse(r, root, "there is no requirements: with events here");
		return;
	}
	hawk_yaml_check_keys(&r->yaml, requirements, keys, "requirements");
	read_events(r, requirements);
	check_enrichments(r, requirements);
	check_architectures(r, requirements);
	hawk_sig_list(r, requirements, "data_stores");
}
