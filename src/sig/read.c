/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* From files to signatures: lists first, then what names them, then what signatures want of each other. */
#include <strings.h>

#include "src/sig/reader.h"

DEFINE_CLEANUP(struct hawk_sig, hawk_sig_free)

enum kind { KIND_NONE, KIND_LIST, KIND_EXCEPTIONS, KIND_OWN, KIND_TRACEE };

/* One of the texts. */
struct document {
	const struct hawk_sig_source *source;
	struct hawk_diags *diags;
	struct hawk_yaml_node *root; /* NULL: it cannot be read, or has lines */
	enum kind kind;
	const char *excepts; /* the signature that its exceptions are of */
};

/* Names that are taken, with the file that has each. */
struct taken {
	struct {
		const char *name, *path;
	} *v;
	size_t mask;
};

struct reading {
	struct hawk_sig_files *files;
	struct document *docs;
	size_t n;
	struct hawk_cel_list *lists; /* for our signatures, and for Tracee's detectors: their own come first */
	struct hawk_cel_list *tracee_lists;
	struct taken names, ids;
	int error;
};

static uint64_t hash(uint64_t h, const void *data, size_t len)
{
	for (size_t i = 0; i < len; i++)
		h = (h ^ ((const uint8_t *)data)[i]) * 0x100000001b3ULL; /* FNV-1a */
	return h;
}
#define HASH_START 0xcbf29ce484222325ULL

static int taken_init(struct taken *t, size_t n)
{
	size_t size = 16;

	while (size < 2 * n)
		size *= 2;
	t->v = calloc(size, sizeof(*t->v));
	t->mask = size - 1;
	return t->v ? 0 : -ENOMEM;
}

/* The file that has NAME, or NULL: then it is PATH (with one). */
static const char *take(struct taken *t, const char *name, const char *path)
{
	size_t i = hash(HASH_START, name, strlen(name)) & t->mask;

	for (; t->v[i].name; i = (i + 1) & t->mask)
		if (strcmp(t->v[i].name, name) == 0)
			return t->v[i].path;
	if (path) {
		t->v[i].name = name;
		t->v[i].path = path;
	}
	return NULL;
}

static bool has_suffix(const char *text, const char *suffix)
{
	const size_t len = strlen(text), n = strlen(suffix);

	return len > n && strcmp(text + len - n, suffix) == 0;
}

static bool is_word(struct hawk_yaml_node *root, const char *key, const char *word)
{
	const struct hawk_yaml_node *node = hawk_yaml_get(root, key);

	return node && node->kind == HAWK_YAML_SCALAR && strcasecmp(node->text, word) == 0;
}

static enum kind kind_of(struct document *d)
{
	struct hawk_yaml_reader yaml = { .diags = d->diags };
	const struct hawk_yaml_node *kind, *type;

	if (d->root->kind != HAWK_YAML_MAP) {
		hawk_yaml_refuse(&yaml, d->root, 0, "expected a signature: a mapping with id, name and events, not %s",
				   hawk_yaml_kind_name(d->root));
		return KIND_NONE;
	}
	if (is_word(d->root, "kind", "list") || is_word(d->root, "type", "string_list"))
		return KIND_LIST;
	if (is_word(d->root, "kind", "exceptions"))
		return KIND_EXCEPTIONS;
	if (is_word(d->root, "type", "detector") || is_word(d->root, "kind", "Detector"))
		return KIND_TRACEE;
	kind = hawk_yaml_get(d->root, "kind");
	type = hawk_yaml_get(d->root, "type");
	if (!kind && !type && hawk_yaml_get(d->root, "produced_event")) /* before there were types */
		return KIND_TRACEE;
	if (type && !kind) {
		hawk_yaml_refuse(&yaml, type, 0, "expected type: detector or type: string_list");
		return KIND_NONE;
	}
	if (!kind || is_word(d->root, "kind", "signature"))
		return KIND_OWN;
	hawk_yaml_refuse(&yaml, kind, 0, "expected kind: signature, list or exceptions");
	return KIND_NONE;
}

/* Adds a list, unless another has its name. Takes it over. */
static void keep_list(struct reading *r, struct document *d, struct hawk_sig_list *list)
{
	struct hawk_sig_files *f = r->files;
	struct hawk_diag diag = { .line = d->root ? 1 : 0, .column = d->root ? 1 : 0 };

	for (size_t i = 0; r->error == 0 && !d->diags->errors && i < f->n_lists; i++)
		if (f->lists[i].tracee == list->tracee && strcmp(f->lists[i].name, list->name) == 0) {
			snprintf(diag.message, sizeof(diag.message), "the list %.64s is in %.128s, too", list->name,
				 f->lists[i].path);
			hawk_diags_add(d->diags, &diag);
		}
	list->path = strdup(d->source->path);
	if (!list->path)
		r->error = -ENOMEM;
	if (r->error < 0 || d->diags->errors)
		hawk_sig_list_done(list);
	else
		f->lists[f->n_lists++] = *list;
}

static void read_document(struct reading *r, struct document *d)
{
	struct hawk_sig_list list = { .name = NULL };
	struct hawk_yaml_reader yaml;
	int e = 0;

	if (has_suffix(d->source->path, ".list")) {
		hawk_sig_read_list_file(d->source, &list, d->diags, &r->error);
		keep_list(r, d, &list);
		return;
	}
	e = hawk_yaml_parse(&d->root, d->source->text, d->source->len, d->diags);
	if (e == -ENOMEM)
		r->error = e;
	if (e < 0)
		return;
	d->kind = kind_of(d);
	yaml = (struct hawk_yaml_reader){ d->diags, d->source->text, d->source->len };
	if (d->kind == KIND_LIST) {
		list.tracee = is_word(d->root, "type", "string_list");
		hawk_sig_read_list(&yaml, d->root, &list, &r->error);
		keep_list(r, d, &list);
	} else if (d->kind == KIND_EXCEPTIONS) {
		d->excepts = hawk_sig_excepted(&yaml, d->root);
	}
}

/* The text, and the lists that it names: what only looks like a name costs the state at worst. */
static uint64_t digest_of(const struct reading *r, const struct hawk_sig_source *source)
{
	uint64_t h = hash(HASH_START, source->text, source->len);

	for (size_t i = 0; i < r->files->n_lists; i++) {
		const struct hawk_sig_list *l = &r->files->lists[i];

		if (!memmem(source->text, source->len, l->name, strlen(l->name)))
			continue;
		for (size_t k = 0; k < l->n; k++)
			h = hash(h, l->values[k], strlen(l->values[k]) + 1);
	}
	return h;
}

static void check_taken(struct hawk_sig_reader *r, struct reading *all, struct hawk_yaml_node *root)
{
	struct hawk_sig *sig = r->sig;
	const char *id_in, *name_in;

	if (r->yaml.diags->errors || r->error < 0)
		return;
	id_in = take(&all->ids, sig->id, NULL);
	name_in = take(&all->names, sig->name, NULL);
	if (id_in)
		hawk_sig_refuse(r, root, "the id %s is that of the signature in %.128s", sig->id, id_in);
	if (name_in)
		hawk_sig_refuse(r, root, "the name %s is that of the signature in %.128s", sig->name, name_in);
	if (id_in || name_in)
		return;
	take(&all->ids, sig->id, sig->path);
	take(&all->names, sig->name, sig->path);
}

/*
 * Adds what other files except from the signature. A file with an error adds nothing, and is no fault of the
 * signature. Part of the digest: what is excepted now must not wait for a change of the signature.
 */
static void read_exceptions_of_others(struct reading *all, struct hawk_sig_reader *r, struct document *d)
{
	struct hawk_sig *sig = r->sig;

	for (size_t i = 0; sig->name && !d->diags->errors && i < all->n; i++) {
		const struct document *x = &all->docs[i];
		const size_t n = sig->n_exceptions;

		if (x->kind != KIND_EXCEPTIONS || !x->excepts || x->diags->errors || strcmp(x->excepts, sig->name) != 0)
			continue;
		r->yaml = (struct hawk_yaml_reader){ x->diags, x->source->text, x->source->len };
		hawk_sig_read_exceptions(r, x->root);
		while (x->diags->errors && sig->n_exceptions > n)
			hawk_sig_exception_done(&sig->exceptions[--sig->n_exceptions]);
		sig->digest = hash(sig->digest, x->source->text, x->source->len);
	}
	r->yaml = (struct hawk_yaml_reader){ d->diags, d->source->text, d->source->len };
}

static void read_signature(struct reading *all, struct document *d)
{
	_cleanup_(hawk_sig_freep) struct hawk_sig *sig = calloc(1, sizeof(*sig));
	_cleanup_free_ struct hawk_sig_reader *r = calloc(1, sizeof(*r));

	if (!sig || !r) {
		all->error = -ENOMEM;
		return;
	}
	r->yaml = (struct hawk_yaml_reader){ d->diags, d->source->text, d->source->len };
	r->sig = sig;
	r->lists = d->kind == KIND_TRACEE ? all->tracee_lists : all->lists;
	r->n_lists = all->files->n_lists;
	sig->path = hawk_sig_kept(r, strdup(d->source->path));
	if (d->kind == KIND_TRACEE)
		hawk_sig_read_tracee(r, d->root);
	else
		hawk_sig_read_own(r, d->root);
	sig->digest = digest_of(all, d->source);
	read_exceptions_of_others(all, r, d);
	for (size_t i = 0; i < HAWK_SIG_MATCHES_MAX; i++)
		hawk_tracee_lowered_done(&r->filters[i]);
	for (size_t i = 0; i < r->n_variables; i++)
		hawk_cel_free((struct hawk_cel *)r->variables[i].expr);
	check_taken(r, all, d->root);
	if (r->error < 0)
		all->error = r->error;
	if (r->error < 0 || d->diags->errors)
		return;
	all->files->signatures[all->files->n_signatures++] = TAKE_PTR(sig);
}

/* A signature that wants findings of others needs one of them. */
static void check_findings(struct reading *all, struct hawk_sig *sig, struct hawk_sig_step *step)
{
	struct hawk_sig_reader r = { .sig = sig };

	for (size_t m = 0; m < step->n_matches; m++)
		for (size_t i = 0; i < step->matches[m].n_findings; i++)
			if (!step->matches[m].optional && !take(&all->names, step->matches[m].findings[i], NULL))
				hawk_sig_pending(&r, "finding=%s: there is no such signature",
						 step->matches[m].findings[i]);
	if (r.error < 0)
		all->error = r.error;
}

/* The signature may have gone with an update: that is told and no error. */
static void check_excepted(struct reading *all, const struct document *d)
{
	struct hawk_diag diag = { .line = 1, .column = 1, .warning = true };

	if (!d->excepts || d->diags->errors || take(&all->names, d->excepts, NULL))
		return;
	snprintf(diag.message, sizeof(diag.message), "there is no signature %.64s to except anything from", d->excepts);
	hawk_diags_add(d->diags, &diag);
}

static int prepare(struct reading *r, const struct hawk_sig_source *sources, size_t n, struct hawk_diags *diags)
{
	r->docs = calloc(n + 1, sizeof(*r->docs));
	r->files->signatures = calloc(n + 1, sizeof(*r->files->signatures));
	r->files->lists = calloc(n + 1, sizeof(*r->files->lists));
	r->n = n;
	if (!r->docs || !r->files->signatures || !r->files->lists || taken_init(&r->names, n) < 0 ||
	    taken_init(&r->ids, n) < 0)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		r->docs[i] = (struct document){ .source = &sources[i], .diags = &diags[i] };
		if (!diags[i].path)
			diags[i].path = sources[i].path;
	}
	return 0;
}

/* The first one with a name is the one that is meant. */
static struct hawk_cel_list *list_lists(const struct hawk_sig_files *f, bool tracee_first)
{
	struct hawk_cel_list *lists = calloc(f->n_lists + 1, sizeof(*lists));
	size_t n = 0;

	for (int others = 0; lists && others < 2; others++)
		for (size_t i = 0; i < f->n_lists; i++)
			if ((f->lists[i].tracee != tracee_first) == others)
				lists[n++] = (struct hawk_cel_list){ .name = f->lists[i].name,
								     .values = (const char *const *)f->lists[i].values,
								     .n = f->lists[i].n };
	return lists;
}

static void reading_done(struct reading *r)
{
	for (size_t i = 0; r->docs && i < r->n; i++)
		hawk_yaml_free(r->docs[i].root);
	free(r->docs);
	free(r->lists);
	free(r->tracee_lists);
	free(r->names.v);
	free(r->ids.v);
	if (r->error < 0)
		hawk_sig_files_done(r->files);
}

int hawk_sig_read(struct hawk_sig_files *ret, const struct hawk_sig_source *sources, size_t n,
		  struct hawk_diags *diags)
{
	struct reading r = { .files = ret };

	*ret = (struct hawk_sig_files){ .signatures = NULL };
	r.error = prepare(&r, sources, n, diags);
	for (size_t i = 0; i < n && r.error == 0; i++)
		read_document(&r, &r.docs[i]);
	if (r.error == 0) {
		r.lists = list_lists(ret, false);
		r.tracee_lists = list_lists(ret, true);
		r.error = r.lists && r.tracee_lists ? 0 : -ENOMEM;
	}
	for (size_t i = 0; i < n && r.error == 0; i++) {
		if (r.docs[i].kind >= KIND_OWN) {
			read_signature(&r, &r.docs[i]);
			r.docs[i].root = hawk_yaml_free(r.docs[i].root);
		}
	}
	for (size_t i = 0; i < n && r.error == 0; i++)
		check_excepted(&r, &r.docs[i]);
	for (size_t i = 0; i < ret->n_signatures && r.error == 0; i++)
		for (size_t k = 0; k < ret->signatures[i]->n_steps; k++)
			check_findings(&r, ret->signatures[i], &ret->signatures[i]->steps[k]);
	reading_done(&r);
	return r.error;
}
