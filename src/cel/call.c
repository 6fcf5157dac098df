/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Calls of functions: their arguments, and what is made of the constant ones once. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/buf.h"
#include "src/base/cleanup.h"
#include "src/base/nearest.h"
#include "src/cel/node.h"

static const struct {
	const char *name, *arguments;
	uint8_t result, elem;
	bool asks;
} functions[] = {
#define FUNCTION(id, text, args, res, el, ask) \
	[HAWK_CEL_F_##id] = { text, args, HAWK_CEL_##res, HAWK_CEL_##el, ask },
#include "src/cel/function.def"
};

int hawk_cel_find_function(const char *name, size_t len)
{
	for (size_t i = 0; i < ARRAY_SIZE(functions); i++)
		if (strlen(functions[i].name) == len && memcmp(functions[i].name, name, len) == 0)
			return (int)i;
	return -1;
}

bool hawk_cel_is_value(int row)
{
	return *functions[row].arguments == '-';
}

const char *hawk_cel_function_name(unsigned int row)
{
	return functions[row].name;
}

const char *hawk_cel_function_arguments(unsigned int row)
{
	return functions[row].arguments;
}

int hawk_cel_refuse_function(struct hawk_cel_compiler *c, uint16_t node)
{
	static const char *const macros[] = { "exists", "exists_one", "all", "filter", "map" };
	const struct hawk_cel_node *n = &c->cel->nodes[node];
	char name[HAWK_NEAREST_MAX + 1];
	struct hawk_nearest near;

	snprintf(name, sizeof(name), "%.*s", (int)n->len, c->cel->text + n->at);
	near = hawk_nearest_start(name);
	for (size_t i = 0; i < ARRAY_SIZE(macros); i++) {
		if (strcmp(name, macros[i]) == 0)
			return hawk_cel_refuse(c, n->at, "expected list.%s(item, expression)", name);
		hawk_nearest_offer(&near, macros[i]);
	}
	for (size_t i = 0; i < ARRAY_SIZE(functions); i++)
		if (!hawk_cel_is_value((int)i) && i < HAWK_CEL_F_TRACEE)
			hawk_nearest_offer(&near, functions[i].name);
	return hawk_cel_refuse(c, n->at, "there is no function %s%s%s", name, near.best ? "; did you mean " : "",
			       near.best ? near.best : "");
}

int hawk_cel_make_function(struct hawk_cel_compiler *c, uint16_t node, unsigned int row)
{
	struct hawk_cel_node *n = &c->cel->nodes[node];

	n->op = HAWK_CEL_OP_FUNCTION;
	n->index = (uint16_t)row;
	n->type = functions[row].result;
	n->elem = functions[row].elem;
	n->asks |= functions[row].asks;
	n->marks |= row == HAWK_CEL_F_FIRST_SEEN;
	if (hawk_cel_is_value((int)row)) {
		n->first = HAWK_CEL_NONE;
		n->n = 0;
	}
	return 0;
}

/* What a letter of the signature takes, in words; NULL: TYPE fits. */
static const char *misfit(char letter, const struct hawk_cel_node *n)
{
	const enum hawk_cel_type type = n->type;
	const bool constant = n->op == HAWK_CEL_OP_CONST;

	switch (letter) {
	case 's':
		return type == HAWK_CEL_STRING || type == HAWK_CEL_UNKNOWN ? NULL : "text";
	case 'n':
		return type == HAWK_CEL_INT || type == HAWK_CEL_UINT || type == HAWK_CEL_UNKNOWN ? NULL : "a number";
	case 'l':
		return type == HAWK_CEL_LIST || type == HAWK_CEL_UNKNOWN ? NULL : "a list";
	case 'z':
		return type == HAWK_CEL_LIST || type == HAWK_CEL_STRING || type == HAWK_CEL_UNKNOWN ? NULL : "text or a list";
	case 'a':
		return type == HAWK_CEL_IP || type == HAWK_CEL_STRING || type == HAWK_CEL_UNKNOWN ? NULL : "an address";
	case 'r':
		return constant && type == HAWK_CEL_STRING ? NULL : "a regular expression in quotes";
	case 'g':
		return constant && type == HAWK_CEL_STRING ? NULL : "a pattern in quotes";
	case 'f':
		return constant && type == HAWK_CEL_STRING ? NULL : "names of flags in quotes";
	case 'd':
		return constant && type == HAWK_CEL_STRING ? NULL : "a duration in quotes, such as \"5s\"";
	case 'c':
		return constant && (type == HAWK_CEL_STRING || type == HAWK_CEL_LIST) ? NULL :
		       "a network in quotes, such as \"10.0.0.0/8\", or a list of them";
	default:
		return NULL;
	}
}

static int refuse_count(struct hawk_cel_compiler *c, const struct hawk_cel_node *n, const char *args)
{
	/* what may be left out is behind a ?, and * says that there may be more of the last */
	size_t least = strcspn(args, "?*"), most = strlen(args) - (args[least] == '?');

	if (args[least] == '*')
		return hawk_cel_refuse(c, n->at, "%.*s() takes at least %zu and at most %d arguments, with what stands before "
				       "its dot", (int)n->len, c->cel->text + n->at, least, HAWK_CEL_ARGS_MAX);
	return hawk_cel_refuse(c, n->at, "%.*s() takes %zu%s arguments, with what stands before its dot",
			       (int)n->len, c->cel->text + n->at, most, least < most ? " or one less" : "");
}

static int check_arguments(struct hawk_cel_compiler *c, const struct hawk_cel_node *n, const char *args)
{
	size_t least = strcspn(args, "?*"), i = 0;

	if (n->n < least || n->n > HAWK_CEL_ARGS_MAX ||
	    (args[least] != '*' && n->n > strlen(args) - (args[least] == '?')))
		return refuse_count(c, n, args);
	for (uint16_t k = n->first; k != HAWK_CEL_NONE; k = c->cel->nodes[k].next, i++) {
		char letter = i < least ? args[i] : args[least] == '?' ? args[i + 1] : args[least - 1];
		const char *wanted = misfit(letter, &c->cel->nodes[k]);

		if (wanted)
			return hawk_cel_refuse(c, c->cel->nodes[k].at, "%.*s() takes %s here, not %s", (int)n->len,
					       c->cel->text + n->at, wanted,
					       c->cel->nodes[k].op == HAWK_CEL_OP_CONST || strstr(wanted, "quotes") == NULL ?
					       hawk_cel_type_name(c->cel->nodes[k].type) : "what depends on the event");
	}
	return 0;
}

/* The text of a regular expression or, as ir writes it, of a glob. */
static int write_glob(struct hawk_cel_compiler *c, const struct hawk_cel_node *n, struct hawk_buf *out)
{
	const char *text = (const char *)n->value.bytes;
	size_t len = n->value.len;

	for (size_t i = 0; i < len;) {
		size_t plain = strcspn(text + i, "*?[\\"), set;

		plain = plain < len - i ? plain : len - i;
		if (plain)
			hawk_ir_quote(out, text + i, plain);
		i += plain;
		if (i == len)
			break;
		set = text[i] == '[' ? hawk_ir_glob_set(text + i, len - i) : 1;
		if (!set)
			return hawk_cel_refuse(c, n->at, "the set in the pattern has no end: expected ]");
		if (text[i] == '\\' && i + 1 < len)
			hawk_ir_quote(out, text + i++ + 1, 1);
		else if (text[i] == '\\')
			return hawk_cel_refuse(c, n->at, "nothing follows the last \\ of the pattern");
		else
			hawk_buf_put(out, text + i, set);
		i += set;
	}
	if (!len)
		hawk_ir_quote(out, "", 0);
	hawk_buf_putc(out, '\0');
	return out->error ? -ENOMEM : 0;
}

static int prepare_glob(struct hawk_cel_compiler *c, const struct hawk_cel_node *n, struct hawk_cel_prepared *p,
			struct hawk_ir_value *v)
{
	_cleanup_(hawk_buf_done) struct hawk_buf text = HAWK_BUF_INIT;
	_cleanup_(hawk_buf_done) struct hawk_buf value = HAWK_BUF_INIT;
	struct hawk_ir_fault fault;
	size_t at = 0;
	int r = write_glob(c, n, &text);

	if (r < 0)
		return r;
	r = hawk_ir_scan(text.data, &at, false, &value, &v->pattern, &fault);
	if (r < 0)
		return hawk_cel_refuse(c, n->at, "%s", fault.message);
	p->text = hawk_cel_own_text(c->cel, text.data, text.len - 1);
	v->len = (uint32_t)value.len;
	hawk_buf_putc(&value, '\0');
	if (value.error || !p->text)
		return -ENOMEM;
	v->text = TAKE_PTR(value.data);
	return 0;
}

static int prepare_pattern(struct hawk_cel_compiler *c, const struct hawk_cel_node *n, bool glob,
			   struct hawk_cel_prepared *p)
{
	struct hawk_ir_value *v = hawk_cel_own_pattern(c->cel);
	struct hawk_ir_fault fault = { .at = 0 };
	int r;

	if (!v)
		return -ENOMEM;
	if (n->value.len > HAWK_IR_PATTERN_MAX)
		return hawk_cel_refuse(c, n->at, "the pattern is longer than %d bytes", HAWK_IR_PATTERN_MAX);
	p->pattern = v;
	p->n = 1;
	if (glob)
		return prepare_glob(c, n, p, v);
	v->pattern = HAWK_IR_REGEX;
	v->text = calloc(1, n->value.len + 1U);
	if (!v->text)
		return -ENOMEM;
	memcpy(v->text, n->value.bytes, n->value.len);
	v->len = n->value.len;
	r = hawk_ir_regex_compile(v, &fault);
	return r == -EINVAL ? hawk_cel_refuse(c, n->at, "%s", fault.message) : r;
}

/* "10.0.0.0/8" or an address. */
static int parse_network(const struct hawk_cel_value *v, struct hawk_cel_network *ret)
{
	const uint8_t *slash = v->len ? memchr(v->bytes, '/', v->len) : NULL;
	size_t len = slash ? (size_t)(slash - v->bytes) : v->len, rest = slash ? v->len - len - 1 : 0;
	unsigned int max = v->len && memchr(v->bytes, ':', len) ? 128 : 32, bits = max;

	if (v->type != HAWK_CEL_STRING || hawk_cel_parse_ip(v->bytes, len, ret->ip) < 0)
		return -EINVAL;
	if (slash) {
		if (!rest || rest > 3)
			return -EINVAL;
		bits = 0;
		for (size_t i = 0; i < rest; i++) {
			if (slash[i + 1] < '0' || slash[i + 1] > '9')
				return -EINVAL;
			bits = bits * 10 + (unsigned int)(slash[i + 1] - '0');
		}
	}
	ret->bits = (uint8_t)(bits + 128 - max);
	return bits > max ? -EINVAL : 0;
}

static int prepare_networks(struct hawk_cel_compiler *c, const struct hawk_cel_node *n, struct hawk_cel_prepared *p)
{
	_cleanup_(hawk_buf_done) struct hawk_buf text = HAWK_BUF_INIT;
	struct hawk_cel_network *networks;
	size_t all = 0;

	for (const struct hawk_cel_node *k = n;; k = &c->cel->nodes[k->next]) {
		all += k->value.type == HAWK_CEL_LIST ? k->value.len : 1;
		if (k->next == HAWK_CEL_NONE)
			break;
	}
	networks = hawk_cel_own(c->cel, all * sizeof(*networks));
	if (!networks)
		return -ENOMEM;
	p->networks = networks;
	for (const struct hawk_cel_node *k = n;; k = &c->cel->nodes[k->next]) {
		bool list = k->value.type == HAWK_CEL_LIST;

		for (size_t i = 0; i < (list ? k->value.len : 1); i++) {
			const struct hawk_cel_value *v = list ? &k->value.items[i] : &k->value;

			if (parse_network(v, &networks[p->n++]) < 0)
				return hawk_cel_refuse(c, k->at, "expected an address or a network such as \"10.0.0.0/8\"");
			hawk_buf_put(&text, "|", text.len > 0);
			hawk_buf_put(&text, v->bytes, v->len);
		}
		if (k->next == HAWK_CEL_NONE)
			break;
	}
	p->text = hawk_cel_own_text(c->cel, text.data, text.len);
	return p->text && !text.error ? 0 : -ENOMEM;
}

static int prepare_duration(struct hawk_cel_compiler *c, uint16_t node)
{
	struct hawk_cel_node *n = &c->cel->nodes[node];
	const struct hawk_cel_value *text = &c->cel->nodes[n->first].value;
	int64_t ns;

	if (hawk_cel_parse_duration(text->bytes, text->len, &ns) < 0)
		return hawk_cel_refuse(c, c->cel->nodes[n->first].at, "expected a duration: 5s, 100ms, 5min, 1h, 7d");
	n->op = HAWK_CEL_OP_CONST;
	n->first = HAWK_CEL_NONE;
	n->n = 0;
	n->value = (struct hawk_cel_value){ .type = HAWK_CEL_DURATION, .named = HAWK_T_MAX, .i = ns };
	return 0;
}

int hawk_cel_check_call(struct hawk_cel_compiler *c, uint16_t node, unsigned int row)
{
	const char *args = functions[row].arguments;
	struct hawk_cel_node *n = &c->cel->nodes[node];
	const struct hawk_cel_node *second;
	struct hawk_cel_prepared *p;
	int r;

	if (hawk_cel_is_value((int)row))
		return hawk_cel_refuse(c, n->at, "%s is a value: expected no ( behind it", functions[row].name);
	r = check_arguments(c, n, args);
	if (r < 0)
		return r;
	hawk_cel_make_function(c, node, row);
	if (*args == 'd')
		return prepare_duration(c, node);
	if (*args == 'n' && args[1] != 'f')
		return 0;
	if (!args[0] || !args[1] || !strchr("rgcf", args[1]))
		return 0;
	second = &c->cel->nodes[hawk_cel_second(c->cel, n)];
	p = hawk_cel_own(c->cel, sizeof(*p));
	if (!p)
		return -ENOMEM;
	n->prepared = p;
	if (args[1] == 'c')
		return prepare_networks(c, second, p);
	if (args[1] == 'f')
		return hawk_cel_prepare_flags(c, node, p);
	return prepare_pattern(c, second, args[1] == 'g', p);
}
