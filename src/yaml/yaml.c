/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/yaml/yaml.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <yaml.h>

#include "src/base/cleanup.h"

struct anchor {
	char *name;
	struct hawk_yaml_node *node;
};

struct reader {
	yaml_parser_t parser;
	const char *text;
	size_t len;
	struct hawk_diags *diags;
	struct anchor anchors[HAWK_YAML_ANCHORS_MAX];
	size_t n_anchors;
	size_t nodes;
	unsigned int depth;
};

static int refuse(struct reader *r, const yaml_mark_t *mark, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
static int refuse(struct reader *r, const yaml_mark_t *mark, const char *fmt, ...)
{
	struct hawk_diag diag = { .line = (unsigned int)mark->line + 1,
				  .column = (unsigned int)mark->column + 1 };
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(diag.message, sizeof(diag.message), fmt, ap);
	va_end(ap);
	hawk_diags_add(r->diags, &diag);
	return -EINVAL;
}

struct hawk_yaml_node *hawk_yaml_free(struct hawk_yaml_node *root)
{
	while (root) {
		struct hawk_yaml_node *next = root->next;

		if (!root->shared) {
			hawk_yaml_free(root->first);
			free(root->text);
		}
		free(root->key);
		free(root);
		root = next;
	}
	return NULL;
}

DEFINE_CLEANUP(struct hawk_yaml_node, hawk_yaml_free)

struct hawk_yaml_node *hawk_yaml_copy(const struct hawk_yaml_node *node)
{
	_cleanup_(hawk_yaml_freep) struct hawk_yaml_node *copy = malloc(sizeof(*copy));
	struct hawk_yaml_node **end;

	if (!copy)
		return NULL;
	*copy = *node;
	copy->key = copy->text = NULL;
	copy->first = copy->next = NULL;
	copy->shared = false;
	if (node->text) {
		copy->text = strdup(node->text);
		if (!copy->text)
			return NULL;
	}
	end = &copy->first;
	for (const struct hawk_yaml_node *one = node->first; one; one = one->next, end = &(*end)->next) {
		*end = hawk_yaml_copy(one);
		if (!*end)
			return NULL;
		(*end)->key = one->key ? strdup(one->key) : NULL;
		if (one->key && !(*end)->key)
			return NULL;
	}
	return TAKE_PTR(copy);
}

static void event_done(yaml_event_t *event)
{
	yaml_event_delete(event);
}

/* libyaml tells where it stopped reading as an offset, and what does not parse as a mark. */
static int refuse_syntax(struct reader *r)
{
	const yaml_parser_t *p = &r->parser;
	yaml_mark_t mark = p->problem_mark;

	if (p->error == YAML_MEMORY_ERROR)
		return -ENOMEM;
	if (p->error == YAML_READER_ERROR) {
		mark = (yaml_mark_t){ .line = 0 };
		for (size_t i = 0; i < p->problem_offset && i < r->len; i++) {
			mark.column++;
			if (r->text[i] == '\n') {
				mark.line++;
				mark.column = 0;
			}
		}
		return refuse(r, &mark, "%s (expected UTF-8 text)",
			      p->problem ? p->problem : "cannot be read");
	}
	if (p->error == YAML_SCANNER_ERROR && mark.index < r->len && r->text[mark.index] == '\t')
		return refuse(r, &mark, "a tab: YAML is indented with spaces");
	if (p->context)
		return refuse(r, &mark, "%s, %s", p->problem ? p->problem : "this is no YAML", p->context);
	return refuse(r, &mark, "%s", p->problem ? p->problem : "this is no YAML");
}

static int next_event(struct reader *r, yaml_event_t *event)
{
	return yaml_parser_parse(&r->parser, event) ? 0 : refuse_syntax(r);
}

static struct hawk_yaml_node *new_node(struct reader *r, const yaml_event_t *event, enum hawk_yaml_kind kind)
{
	struct hawk_yaml_node *node = calloc(1, sizeof(*node));

	if (!node)
		return NULL;
	node->kind = kind;
	node->line = (unsigned int)event->start_mark.line + 1;
	node->column = (unsigned int)event->start_mark.column + 1;
	node->weight = 1;
	r->nodes++;
	return node;
}

/* Tags of YAML itself say nothing that the place does not say; others would be lost. */
static int check_tag(struct reader *r, const yaml_event_t *event, const yaml_char_t *tag)
{
	static const char *const known[] = { "!",           YAML_STR_TAG,   YAML_INT_TAG,
					     YAML_BOOL_TAG, YAML_FLOAT_TAG, YAML_NULL_TAG,
					     YAML_MAP_TAG,  YAML_SEQ_TAG };

	for (size_t i = 0; tag && i < ARRAY_SIZE(known); i++)
		if (strcmp((const char *)tag, known[i]) == 0)
			return 0;
	return tag ? refuse(r, &event->start_mark, "the tag %.64s is not known: leave it out", tag) : 0;
}

static int remember(struct reader *r, const yaml_event_t *event, const yaml_char_t *name,
		    struct hawk_yaml_node *node)
{
	char *copy;

	if (!name)
		return 0;
	for (size_t i = 0; i < r->n_anchors; i++)
		if (strcmp(r->anchors[i].name, (const char *)name) == 0) {
			r->anchors[i].node = node;
			return 0;
		}
	if (r->n_anchors == HAWK_YAML_ANCHORS_MAX)
		return refuse(r, &event->start_mark, "more than %d anchors", HAWK_YAML_ANCHORS_MAX);
	copy = strdup((const char *)name);
	if (!copy)
		return -ENOMEM;
	r->anchors[r->n_anchors++] = (struct anchor){ copy, node };
	return 0;
}

static int read_scalar(struct reader *r, const yaml_event_t *event, struct hawk_yaml_node **ret)
{
	_cleanup_(hawk_yaml_freep) struct hawk_yaml_node *node = NULL;
	const size_t len = event->data.scalar.length;
	int e = check_tag(r, event, event->data.scalar.tag);

	if (e < 0)
		return e;
	if (len > HAWK_YAML_SCALAR_MAX)
		return refuse(r, &event->start_mark, "a text of %zu bytes: at most %d", len,
			      HAWK_YAML_SCALAR_MAX);
	if (memchr(event->data.scalar.value, '\0', len))
		return refuse(r, &event->start_mark, "there is a NUL in this text");
	node = new_node(r, event, HAWK_YAML_SCALAR);
	if (!node)
		return -ENOMEM;
	node->text = strdup((const char *)event->data.scalar.value);
	if (!node->text)
		return -ENOMEM;
	node->plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
	node->block = event->data.scalar.style == YAML_LITERAL_SCALAR_STYLE ||
		      event->data.scalar.style == YAML_FOLDED_SCALAR_STYLE;
	e = remember(r, event, event->data.scalar.anchor, node);
	if (e < 0)
		return e;
	*ret = TAKE_PTR(node);
	return 0;
}

/* An alias shows what its anchor has; an anchor is known when its node is complete, so there is no circle. */
static int read_alias(struct reader *r, const yaml_event_t *event, struct hawk_yaml_node **ret)
{
	const char *name = (const char *)event->data.alias.anchor;
	const struct hawk_yaml_node *from = NULL;
	struct hawk_yaml_node *node;

	for (size_t i = 0; i < r->n_anchors; i++)
		if (strcmp(r->anchors[i].name, name) == 0)
			from = r->anchors[i].node;
	if (!from)
		return refuse(r, &event->start_mark, "there is no anchor &%.64s before this", name);
	if (r->nodes + from->weight > HAWK_YAML_NODES_MAX)
		return refuse(r, &event->start_mark, "with what aliases stand for more than %d values",
			      HAWK_YAML_NODES_MAX);
	node = new_node(r, event, from->kind);
	if (!node)
		return -ENOMEM;
	r->nodes += from->weight - 1;
	node->weight = from->weight;
	node->plain = from->plain;
	node->block = from->block;
	node->text = from->text;
	node->first = from->first;
	node->shared = true;
	*ret = node;
	return 0;
}

static int read_node(struct reader *r, const yaml_event_t *event, struct hawk_yaml_node **ret);

static void append(struct hawk_yaml_node *parent, struct hawk_yaml_node ***end, struct hawk_yaml_node *child)
{
	parent->weight += child->weight;
	**end = child;
	*end = &child->next;
}

static int read_list(struct reader *r, struct hawk_yaml_node *list)
{
	struct hawk_yaml_node **end = &list->first;

	for (;;) {
		_cleanup_(event_done) yaml_event_t event = { .type = YAML_NO_EVENT };
		struct hawk_yaml_node *child;
		int e = next_event(r, &event);

		if (e < 0 || event.type == YAML_SEQUENCE_END_EVENT)
			return e;
		e = read_node(r, &event, &child);
		if (e < 0)
			return e;
		append(list, &end, child);
	}
}

static int check_key(struct reader *r, const struct hawk_yaml_node *map, const yaml_event_t *event)
{
	const char *key = (const char *)event->data.scalar.value;
	size_t n = 0;

	if (event->type != YAML_SCALAR_EVENT)
		return refuse(r, &event->start_mark, "expected a word as key");
	if (event->data.scalar.length != strlen(key) || event->data.scalar.length > 256)
		return refuse(r, &event->start_mark, "expected a word of at most 256 bytes as key");
	for (const struct hawk_yaml_node *m = map->first; m; m = m->next, n++)
		if (strcmp(m->key, key) == 0)
			return refuse(
				r, &event->start_mark,
				"the key \"%.64s\" is here for the second time; the first is in line %u", key,
				m->key_line);
	/* they are compared with each other: a bound keeps that cheap */
	return n < HAWK_YAML_KEYS_MAX
		       ? 0
		       : refuse(r, &event->start_mark, "a mapping of more than %d keys", HAWK_YAML_KEYS_MAX);
}

static int read_map(struct reader *r, struct hawk_yaml_node *map)
{
	struct hawk_yaml_node **end = &map->first;

	for (;;) {
		_cleanup_(event_done) yaml_event_t key = { .type = YAML_NO_EVENT };
		_cleanup_(event_done) yaml_event_t event = { .type = YAML_NO_EVENT };
		struct hawk_yaml_node *child;
		int e = next_event(r, &key);

		if (e < 0 || key.type == YAML_MAPPING_END_EVENT)
			return e;
		e = check_key(r, map, &key);
		if (e == 0)
			e = next_event(r, &event);
		if (e == 0)
			e = read_node(r, &event, &child);
		if (e < 0)
			return e;
		child->key_line = (unsigned int)key.start_mark.line + 1;
		child->key_column = (unsigned int)key.start_mark.column + 1;
		append(map, &end, child);
		child->key = strdup((const char *)key.data.scalar.value);
		if (!child->key)
			return -ENOMEM;
	}
}

static int read_children(struct reader *r, const yaml_event_t *event, struct hawk_yaml_node **ret)
{
	const bool list = event->type == YAML_SEQUENCE_START_EVENT;
	const yaml_char_t *tag = list ? event->data.sequence_start.tag : event->data.mapping_start.tag;
	const yaml_char_t *anchor =
		list ? event->data.sequence_start.anchor : event->data.mapping_start.anchor;
	_cleanup_(hawk_yaml_freep) struct hawk_yaml_node *node = NULL;
	int e = check_tag(r, event, tag);

	if (e < 0)
		return e;
	if (r->depth == HAWK_YAML_DEPTH_MAX)
		return refuse(r, &event->start_mark, "nested more than %d deep", HAWK_YAML_DEPTH_MAX);
	node = new_node(r, event, list ? HAWK_YAML_LIST : HAWK_YAML_MAP);
	if (!node)
		return -ENOMEM;
	r->depth++;
	e = list ? read_list(r, node) : read_map(r, node);
	r->depth--;
	if (e == 0)
		e = remember(r, event, anchor, node);
	if (e < 0)
		return e;
	*ret = TAKE_PTR(node);
	return 0;
}

/* The node that EVENT begins. On failure anchors may point to what is freed: nothing is read after it. */
static int read_node(struct reader *r, const yaml_event_t *event, struct hawk_yaml_node **ret)
{
	if (r->nodes >= HAWK_YAML_NODES_MAX)
		return refuse(r, &event->start_mark, "more than %d values", HAWK_YAML_NODES_MAX);
	switch (event->type) {
	case YAML_SCALAR_EVENT:
		return read_scalar(r, event, ret);
	case YAML_ALIAS_EVENT:
		return read_alias(r, event, ret);
	default:
		return read_children(r, event, ret);
	}
}

static void warn_of_more(struct reader *r, const yaml_event_t *event)
{
	struct hawk_diag diag = { .line = (unsigned int)event->start_mark.line + 1,
				  .column = 1,
				  .warning = true };

	snprintf(diag.message, sizeof(diag.message),
		 "only the first document of a file is read: put each in a file of its own");
	hawk_diags_add(r->diags, &diag);
}

static int read_document(struct reader *r, struct hawk_yaml_node **ret)
{
	_cleanup_(hawk_yaml_freep) struct hawk_yaml_node *root = NULL;

	for (;;) {
		_cleanup_(event_done) yaml_event_t event = { .type = YAML_NO_EVENT };
		int e = next_event(r, &event);

		if (e < 0)
			return e;
		switch (event.type) {
		case YAML_STREAM_START_EVENT:
		case YAML_DOCUMENT_END_EVENT:
			break;
		case YAML_DOCUMENT_START_EVENT:
			if (!root)
				break;
			warn_of_more(r, &event);
			*ret = TAKE_PTR(root);
			return 0;
		case YAML_STREAM_END_EVENT:
			if (!root)
				return refuse(r, &event.start_mark, "the file is empty");
			*ret = TAKE_PTR(root);
			return 0;
		default:
			e = read_node(r, &event, &root);
			if (e < 0)
				return e;
		}
	}
}

int hawk_yaml_parse(struct hawk_yaml_node **ret, const char *text, size_t len, struct hawk_diags *diags)
{
	_cleanup_free_ struct reader *r = calloc(1, sizeof(*r));
	const yaml_mark_t start = { .line = 0 };
	int e;

	if (!r)
		return -ENOMEM;
	r->text = text;
	r->len = len;
	r->diags = diags;
	if (len > HAWK_YAML_TEXT_MAX)
		return refuse(r, &start, "longer than %d bytes", HAWK_YAML_TEXT_MAX);
	if (!yaml_parser_initialize(&r->parser))
		return -ENOMEM;
	yaml_parser_set_input_string(&r->parser, (const unsigned char *)text, len);
	e = read_document(r, ret);
	yaml_parser_delete(&r->parser);
	for (size_t i = 0; i < r->n_anchors; i++)
		free(r->anchors[i].name);
	return e;
}

struct hawk_yaml_node *hawk_yaml_get(struct hawk_yaml_node *map, const char *key)
{
	for (struct hawk_yaml_node *m = map->kind == HAWK_YAML_MAP ? map->first : NULL; m; m = m->next)
		if (strcmp(m->key, key) == 0) {
			m->used = true;
			return m;
		}
	return NULL;
}

bool hawk_yaml_is_null(const struct hawk_yaml_node *node)
{
	return node->kind == HAWK_YAML_SCALAR && node->plain &&
	       (!*node->text || strcmp(node->text, "~") == 0 || strcmp(node->text, "null") == 0);
}

const char *hawk_yaml_kind_name(const struct hawk_yaml_node *node)
{
	if (hawk_yaml_is_null(node))
		return "nothing";
	if (node->kind == HAWK_YAML_LIST)
		return "a list";
	return node->kind == HAWK_YAML_MAP ? "a mapping" : "a text";
}
