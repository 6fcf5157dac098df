/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Literals as values of the field that they are compared with. */
#include <errno.h>
#include <linux/fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/buf.h"
#include "src/base/cleanup.h"
#include "src/base/duration.h"
#include "src/base/nearest.h"
#include "src/cel/node.h"
#include "src/event/names.h"

#define NAME_MAX_BYTES 128

int hawk_cel_parse_name(enum hawk_type type, const uint8_t *text, size_t len, uint64_t *ret)
{
	char copy[NAME_MAX_BYTES];

	if (len >= sizeof(copy) || memchr(text, '\0', len))
		return -EINVAL;
	memcpy(copy, text, len);
	copy[len] = '\0';
	if (type == HAWK_T_RETVAL && strncmp(copy, "-E", 2) == 0)
		return hawk_value_parse_number(HAWK_T_ERRNO, copy + 1, ret);
	return hawk_value_parse_number(type, copy, ret);
}

int hawk_cel_parse_ip(const uint8_t *text, size_t len, uint8_t ret[16])
{
	char copy[64];

	if (!len || len >= sizeof(copy) || memchr(text, '\0', len))
		return -EINVAL;
	memcpy(copy, text, len);
	copy[len] = '\0';
	return hawk_ip_parse(copy, ret);
}

int hawk_cel_parse_duration(const uint8_t *text, size_t len, int64_t *ret)
{
	bool negative = len && *text == '-';
	uint64_t ns;

	if (hawk_duration_parse((const char *)text + negative, len - negative, &ns) < 0 || ns > INT64_MAX)
		return -EINVAL;
	*ret = negative ? -(int64_t)ns : (int64_t)ns;
	return 0;
}

/* The types that NODE may have, as shapes; N is 0 when that is not known. */
static const struct hawk_cel_shape *shapes_of(const struct hawk_cel *cel, uint16_t node, size_t *ret_n)
{
	const struct hawk_cel_node *n = &cel->nodes[node];

	*ret_n = 0;
	if (n->op != HAWK_CEL_OP_FIELD && n->op != HAWK_CEL_OP_MEMBER)
		return NULL;
	*ret_n = cel->fields[n->index].n_shapes;
	return cel->fields[n->index].shapes;
}

static bool is_number(const struct hawk_cel_shape *s)
{
	return s->kind == HAWK_CEL_KIND_UINT || s->kind == HAWK_CEL_KIND_SINT || s->kind == HAWK_CEL_KIND_OPEN_HOW;
}

static enum hawk_type name_type(const struct hawk_cel_shape *s)
{
	return s->kind == HAWK_CEL_KIND_OPEN_HOW ? HAWK_T_OPEN_FLAGS : (enum hawk_type)s->type;
}

/* Says that TEXT is nothing of the field's types. */
static int refuse_name(struct hawk_cel_compiler *c, size_t at, const struct hawk_cel_shape *s, const char *text,
		       size_t len)
{
	char word[HAWK_NEAREST_MAX + 1];
	struct hawk_nearest near;
	const char *name;

	snprintf(word, sizeof(word), "%.*s", (int)(len < HAWK_NEAREST_MAX ? len : HAWK_NEAREST_MAX), text);
	near = hawk_nearest_start(word);
	for (size_t i = 0; (name = hawk_value_name(name_type(s), i)); i++)
		hawk_nearest_offer(&near, name);
	return hawk_cel_refuse(c, at, "\"%s\" does not fit this field: %s%s%s", word,
			       hawk_type_desc(name_type(s))->doc, near.best ? "; did you mean " : "",
			       near.best ? near.best : "");
}

/* "event" is compared by canonical name. */
static int convert_event(struct hawk_cel_compiler *c, size_t at, struct hawk_cel_value *v)
{
	char name[HAWK_NEAREST_MAX + 1];
	const struct hawk_event_desc *desc;
	struct hawk_nearest near;
	size_t n;
	const struct hawk_event_desc *const *descs = hawk_event_descs(&n);

	snprintf(name, sizeof(name), "%.*s", (int)(v->len < HAWK_NEAREST_MAX ? v->len : HAWK_NEAREST_MAX), v->bytes);
	desc = hawk_event_by_name(name);
	if (desc) {
		v->bytes = (const uint8_t *)desc->name;
		v->len = (uint32_t)strlen(desc->name);
		return 0;
	}
	near = hawk_nearest_start(name);
	for (size_t i = 0; i < n; i++)
		hawk_nearest_offer(&near, descs[i]->name);
	return hawk_cel_refuse(c, at, "there is no event \"%s\"%s%s", name, near.best ? "; did you mean " : "",
			       near.best ? near.best : "");
}

static bool is_event(const struct hawk_cel *cel, uint16_t node)
{
	const struct hawk_cel_node *n = &cel->nodes[node];

	return n->op == HAWK_CEL_OP_FIELD && strcmp(cel->fields[n->index].name, "event") == 0;
}

/* A name for a number. It stays text when the types differ in what they make of it. */
static int convert_name(struct hawk_cel_compiler *c, size_t at, const struct hawk_cel_shape *s, size_t n,
			struct hawk_cel_value *v)
{
	uint64_t first = 0, one;
	bool same = true;
	size_t fits = 0;

	for (size_t i = 0; i < n; i++) {
		if (!is_number(&s[i])) {
			same = false;
			fits += s[i].kind != HAWK_CEL_KIND_BOOL;
		} else if (hawk_cel_parse_name(name_type(&s[i]), v->bytes, v->len, &one) == 0) {
			same &= !i || (one == first && s[i].kind == s[0].kind);
			first = one;
			fits++;
		} else {
			same = false;
		}
	}
	if (!fits)
		return refuse_name(c, at, s, (const char *)v->bytes, v->len);
	if (!same)
		return 0;
	v->type = s->kind == HAWK_CEL_KIND_SINT ? HAWK_CEL_INT : HAWK_CEL_UINT;
	v->u = first;
	return 0;
}

/* The literal V at AT for a value with the shapes S. */
static int convert_one(struct hawk_cel_compiler *c, uint16_t node, size_t at, struct hawk_cel_value *v)
{
	const enum hawk_cel_type type = c->cel->nodes[node].type;
	uint8_t ip[16];
	size_t n;
	const struct hawk_cel_shape *s = shapes_of(c->cel, node, &n);
	int64_t ns;

	if (v->type == HAWK_CEL_INT && v->i == -1 && n == 1 && s->type == HAWK_T_UID) {
		v->type = HAWK_CEL_UINT; /* how people and chown(2) write "unset" */
		v->u = UINT32_MAX;
	}
	if (v->type != HAWK_CEL_STRING)
		return 0;
	if (is_event(c->cel, node))
		return convert_event(c, at, v);
	if (type == HAWK_CEL_IP || (n == 1 && s->kind == HAWK_CEL_KIND_IP && hawk_cel_parse_ip(v->bytes, v->len, ip) == 0)) {
		uint8_t *copy;

		if (hawk_cel_parse_ip(v->bytes, v->len, ip) < 0)
			return hawk_cel_refuse(c, at, "expected an address; of a network: cidr(address, \"10.0.0.0/8\")");
		copy = hawk_cel_own(c->cel, sizeof(ip));
		if (!copy)
			return -ENOMEM;
		memcpy(copy, ip, sizeof(ip));
		v->type = HAWK_CEL_IP;
		v->bytes = copy;
		v->len = sizeof(ip);
		return 0;
	}
	if (type == HAWK_CEL_DURATION) {
		if (hawk_cel_parse_duration(v->bytes, v->len, &ns) < 0)
			return hawk_cel_refuse(c, at, "expected a duration: 5s, 100ms, 5min, 1h, 7d");
		v->type = HAWK_CEL_DURATION;
		v->i = ns;
		return 0;
	}
	for (size_t i = 0; i < n; i++)
		if (is_number(&s[i]) && !s[i].many)
			return convert_name(c, at, s, n, v);
	return 0;
}

static int compare_items(const void *a, const void *b)
{
	return hawk_cel_compare_text(a, b);
}

/* A copy of a list with each item converted, in order when all are text. */
static int convert_list(struct hawk_cel_compiler *c, uint16_t node, struct hawk_cel_node *list)
{
	struct hawk_cel_value *items = hawk_cel_own(c->cel, (list->value.len + 1U) * sizeof(*items));
	bool texts = list->value.len > 0;

	if (!items)
		return -ENOMEM;
	for (size_t i = 0; i < list->value.len; i++) {
		int r;

		items[i] = list->value.items[i];
		r = convert_one(c, node, list->at, &items[i]);
		if (r < 0)
			return r;
		texts &= items[i].type == HAWK_CEL_STRING;
	}
	if (texts)
		qsort(items, list->value.len, sizeof(*items), compare_items);
	list->value.items = items;
	list->value.context = texts;
	return 0;
}

int hawk_cel_convert(struct hawk_cel_compiler *c, uint16_t node, uint16_t other)
{
	struct hawk_cel_node *n = &c->cel->nodes[other];
	int r;

	if (n->value.type == HAWK_CEL_LIST)
		return convert_list(c, node, n);
	r = convert_one(c, node, n->at, &n->value);
	n->type = (uint8_t)n->value.type;
	return r;
}

/* What must be set for the flag TEXT, as ir has it. */
static int parse_flag(enum hawk_type type, const char *text, size_t len, uint64_t *v, uint64_t *mask, bool *any)
{
	const bool named = text[0] < '0' || text[0] > '9';

	if (hawk_cel_parse_name(type, (const uint8_t *)text, len, v) < 0)
		return -EINVAL;
	*any = !named;
	*mask = *v;
	/* The access mode is a number in the flags, and O_RDONLY is 0. */
	if (type == HAWK_T_OPEN_FLAGS && named && *v <= O_ACCMODE)
		*mask = O_ACCMODE;
	else if (*v == 0)
		*mask = UINT64_MAX;
	*any &= *v != 0;
	return 0;
}

/* The flags of all arguments behind the first, with | between them. */
static int write_flags(struct hawk_cel_compiler *c, const struct hawk_cel_node *call, struct hawk_cel_prepared *p)
{
	_cleanup_(hawk_buf_done) struct hawk_buf text = HAWK_BUF_INIT;

	for (uint16_t k = hawk_cel_second(c->cel, call); k != HAWK_CEL_NONE; k = c->cel->nodes[k].next) {
		const struct hawk_cel_value *v = &c->cel->nodes[k].value;

		hawk_buf_put(&text, "|", text.len > 0);
		for (size_t i = 0; i < v->len; i++)
			if (v->bytes[i] != ' ')
				hawk_buf_putc(&text, (char)v->bytes[i]);
	}
	p->n_flags = 1;
	for (size_t i = 0; i < text.len; i++)
		p->n_flags += text.data[i] == '|';
	p->text = hawk_cel_own_text(c->cel, text.data, text.len);
	return text.error || !p->text ? -ENOMEM : 0;
}

/* Fills the flags of one type; *ret_bad: the first that it does not have. */
static int fill_flags(struct hawk_cel_compiler *c, const struct hawk_cel_prepared *p, struct hawk_cel_bits *bits,
		      const char **ret_bad)
{
	const char *text = p->text;

	bits->flags = hawk_cel_own(c->cel, p->n_flags * sizeof(*bits->flags));
	if (!bits->flags)
		return -ENOMEM;
	for (size_t i = 0; i < p->n_flags; i++) {
		size_t len = strcspn(text, "|");

		if (parse_flag(bits->type, text, len, &bits->flags[i].v, &bits->flags[i].mask, &bits->flags[i].any) < 0) {
			*ret_bad = text;
			return -EINVAL;
		}
		text += len + (text[len] == '|');
	}
	return 0;
}

int hawk_cel_prepare_flags(struct hawk_cel_compiler *c, uint16_t node, struct hawk_cel_prepared *p)
{
	const struct hawk_cel_node *call = &c->cel->nodes[node];
	const size_t at = c->cel->nodes[hawk_cel_second(c->cel, call)].at;
	size_t n;
	const struct hawk_cel_shape *s = shapes_of(c->cel, call->first, &n), *last = NULL;
	struct hawk_cel_bits *bits = hawk_cel_own(c->cel, (n + 1) * sizeof(*bits));
	const char *bad = NULL;
	int r = write_flags(c, call, p);

	if (!bits || r < 0)
		return -ENOMEM;
	if (!n)
		return hawk_cel_refuse(c, call->at, "expected a field with flags before it, such as data.flags");
	p->bits = bits;
	for (size_t i = 0; i < n; i++) {
		if (!is_number(&s[i]) || !hawk_type_is_bits(name_type(&s[i])))
			continue;
		bits[p->n].type = name_type(&s[i]);
		r = fill_flags(c, p, &bits[p->n], &bad);
		if (r == -ENOMEM)
			return r;
		last = &s[i];
		p->n += r == 0;
	}
	if (p->n)
		return 0;
	if (last)
		return refuse_name(c, at, last, bad, strcspn(bad, "|"));
	return hawk_cel_refuse(c, call->at, "this field has no flags: it is %s", hawk_type_desc(s->type)->doc);
}
