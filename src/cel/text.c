/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Functions of expressions over text, lists and numbers. */
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "src/cel/run.h"
#include "src/ir/check.h"


static bool starts_with(const struct hawk_cel_value *v, const struct hawk_cel_value *head)
{
	return v->len >= head->len && (!head->len || memcmp(v->bytes, head->bytes, head->len) == 0);
}

static bool ends_with(const struct hawk_cel_value *v, const struct hawk_cel_value *tail)
{
	return v->len >= tail->len &&
	       (!tail->len || memcmp(v->bytes + v->len - tail->len, tail->bytes, tail->len) == 0);
}

static bool contains(const struct hawk_cel_value *v, const struct hawk_cel_value *part)
{
	return !part->len || (v->len && memmem(v->bytes, v->len, part->bytes, part->len));
}

/* All letters of ASCII in one case. */
static void change_case(struct hawk_cel_run *run, const struct hawk_cel_value *v, bool upper,
			struct hawk_cel_value *ret)
{
	const uint8_t first = upper ? 'a' : 'A';
	uint8_t *room = hawk_cel_room(run, v->len);

	if (!room)
		return;
	for (uint32_t i = 0; i < v->len; i++)
		room[i] = v->bytes[i] >= first && v->bytes[i] < first + 26 ? v->bytes[i] ^ 0x20 : v->bytes[i];
	hawk_cel_set_text(ret, room, v->len);
}

/* What is behind the last slash. Tracee's is that of Go: without slashes at the end, "." of nothing. */
static void basename_of(const struct hawk_cel_run *run, const struct hawk_cel_value *v, struct hawk_cel_value *ret)
{
	const uint8_t *p = v->bytes, *slash;
	size_t len = v->len;

	if (run->cel->tracee) {
		while (len > 1 && p[len - 1] == '/')
			len--;
		if (len <= 1) {
			hawk_cel_set_text(ret, len ? (const char *)p : ".", 1);
			return;
		}
	}
	slash = len ? memrchr(p, '/', len) : NULL;
	if (slash) {
		len -= (size_t)(slash + 1 - p);
		p = slash + 1;
	}
	hawk_cel_set_text(ret, p, len);
}

static void dirname_of(const struct hawk_cel_value *v, struct hawk_cel_value *ret)
{
	const uint8_t *slash = v->len ? memrchr(v->bytes, '/', v->len) : NULL;
	size_t len = slash ? (size_t)(slash - v->bytes) : 0;

	while (len > 1 && v->bytes[len - 1] == '/')
		len--;
	if (slash)
		hawk_cel_set_text(ret, v->bytes, len ? len : 1);
	else
		hawk_cel_set_text(ret, ".", 1);
}

static bool is_space(uint8_t c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static void trim(const struct hawk_cel_value *v, struct hawk_cel_value *ret)
{
	const uint8_t *p = v->bytes;
	size_t len = v->len;

	while (len && is_space(p[len - 1]))
		len--;
	for (; len && is_space(*p); len--)
		p++;
	hawk_cel_set_text(ret, p, len);
}

/* Where SEP is next in LEN bytes at P, or its end. */
static size_t next_part(const uint8_t *p, size_t len, const struct hawk_cel_value *sep)
{
	const uint8_t *found = len ? memmem(p, len, sep->bytes, sep->len) : NULL;

	return found ? (size_t)(found - p) : len;
}

static size_t count_parts(const struct hawk_cel_value *v, const struct hawk_cel_value *sep)
{
	size_t n = 1, at = 0, part;

	while ((part = next_part(v->bytes + at, v->len - at, sep)) < v->len - at) {
		at += part + sep->len;
		n++;
	}
	return n;
}

static void split(struct hawk_cel_run *run, const struct hawk_cel_value *v, const struct hawk_cel_value *sep,
		  struct hawk_cel_value *ret)
{
	struct hawk_cel_value *items;
	size_t n, at = 0;

	if (!sep->len)
		return;
	n = count_parts(v, sep);
	items = hawk_cel_room(run, n * sizeof(*items));
	if (!items)
		return;
	for (size_t i = 0; i < n; i++) {
		size_t part = next_part(v->bytes + at, v->len - at, sep);

		hawk_cel_set_text(&items[i], v->bytes + at, part);
		at += part + sep->len;
	}
	hawk_cel_set_list(ret, items, n);
}

static void join(struct hawk_cel_run *run, const struct hawk_cel_value *list, const struct hawk_cel_value *sep,
		 struct hawk_cel_value *ret)
{
	struct hawk_buf text = hawk_cel_open_text(run);

	for (uint32_t i = 0; i < list->len; i++) {
		if (i && sep)
			hawk_buf_put(&text, sep->bytes, sep->len);
		hawk_cel_print_value(&list->items[i], &text);
	}
	hawk_cel_take_text(run, &text, ret);
}

static void replace(struct hawk_cel_run *run, const struct hawk_cel_value *v, const struct hawk_cel_value *old,
		    const struct hawk_cel_value *new, struct hawk_cel_value *ret)
{
	struct hawk_buf text = hawk_cel_open_text(run);
	size_t at = 0;

	if (!old->len)
		return;
	while (at <= v->len) {
		size_t part = next_part(v->bytes + at, v->len - at, old);

		hawk_buf_put(&text, v->bytes + at, part);
		at += part;
		if (at == v->len)
			break;
		hawk_buf_put(&text, new->bytes, new->len);
		at += old->len;
	}
	hawk_cel_take_text(run, &text, ret);
}

static void to_text(struct hawk_cel_run *run, const struct hawk_cel_value *v, struct hawk_cel_value *ret)
{
	struct hawk_buf text; /* V may be *RET */

	if (v->type == HAWK_CEL_STRING) {
		*ret = *v;
		return;
	}
	text = hawk_cel_open_text(run);
	hawk_cel_print_value(v, &text);
	hawk_cel_take_text(run, &text, ret);
}

/* TEXT as a number: decimal, of int() and double() with a sign. */
static void read_number(const struct hawk_cel_value *text, struct hawk_cel_value *ret)
{
	char copy[64], *end;
	const enum hawk_cel_type type = ret->type;
	uint64_t u;

	hawk_cel_set_unknown(ret);
	if (!text->len || text->len >= sizeof(copy) || memchr(text->bytes, '\0', text->len))
		return;
	memcpy(copy, text->bytes, text->len);
	copy[text->len] = '\0';
	if (type == HAWK_CEL_DOUBLE) {
		double d = strtod(copy, &end);

		if (!*end && !is_space((uint8_t)*copy) && isfinite(d))
			*ret = (struct hawk_cel_value){ .type = type, .named = HAWK_T_MAX, .d = d };
	} else if (hawk_cel_parse_name(type == HAWK_CEL_INT ? HAWK_T_S64 : HAWK_T_U64, text->bytes, text->len, &u) == 0) {
		*ret = (struct hawk_cel_value){ .type = type, .named = HAWK_T_MAX, .u = u };
	}
}

/* A double without its fraction. */
static void truncate_number(double d, enum hawk_cel_type type, struct hawk_cel_value *ret)
{
	if (type == HAWK_CEL_INT && d > -9.3e18 && d < 9.2233720368547748e18 && d >= -9.2233720368547758e18)
		hawk_cel_set_int(ret, (int64_t)d);
	else if (type == HAWK_CEL_UINT && d >= 0 && d < 1.8446744073709550e19)
		*ret = (struct hawk_cel_value){ .type = type, .named = HAWK_T_MAX, .u = (uint64_t)d };
}

/* int(x), uint(x), double(x): durations and times in seconds. */
static void to_number(const struct hawk_cel_value *v, enum hawk_cel_type type, struct hawk_cel_value *ret)
{
	const int64_t second = 1000000000;
	struct hawk_cel_value seconds = { .type = HAWK_CEL_INT, .i = v->i / second };

	if (v->type == HAWK_CEL_STRING) {
		ret->type = type;
		read_number(v, ret);
	} else if (v->type == HAWK_CEL_DURATION || v->type == HAWK_CEL_TIME) {
		if (v->type == HAWK_CEL_TIME)
			seconds.i = (v->i + v->wall) / second;
		to_number(&seconds, type, ret);
	} else if (v->type == HAWK_CEL_BOOL) {
		seconds.i = v->b;
		to_number(&seconds, type, ret);
	} else if (v->type == HAWK_CEL_DOUBLE) {
		if (type == HAWK_CEL_DOUBLE)
			*ret = *v;
		else
			truncate_number(v->d, type, ret);
	} else if (v->type == HAWK_CEL_INT || v->type == HAWK_CEL_UINT) {
		if (type == HAWK_CEL_DOUBLE)
			*ret = (struct hawk_cel_value){ .type = type, .named = HAWK_T_MAX,
							.d = v->type == HAWK_CEL_INT ? (double)v->i : (double)v->u };
		else if (v->type == type || v->i >= 0)
			*ret = (struct hawk_cel_value){ .type = type, .named = HAWK_T_MAX, .u = v->u };
	}
}

static bool in_network(const struct hawk_cel_network *net, const uint8_t ip[16])
{
	const unsigned int whole = net->bits / 8, rest = net->bits % 8;

	return memcmp(net->ip, ip, whole) == 0 &&
	       (!rest || ((net->ip[whole] ^ ip[whole]) & (0xff00 >> rest & 0xff)) == 0);
}

static void in_networks(const struct hawk_cel_network *nets, size_t n, const struct hawk_cel_value *v,
			struct hawk_cel_value *ret)
{
	uint8_t space[16];
	const uint8_t *ip = space;
	bool in = false;

	if (v->type == HAWK_CEL_IP)
		ip = v->bytes;
	else if (hawk_cel_parse_ip(v->bytes, v->len, space) < 0)
		return;
	for (size_t i = 0; i < n && !in; i++)
		in = in_network(&nets[i], ip);
	hawk_cel_set_bool(ret, in);
}

const struct hawk_cel_network hawk_cel_private[] = {
#define V4(a, b, c, d, len) { { [10] = 0xff, [11] = 0xff, [12] = a, [13] = b, [14] = c, [15] = d }, 96 + (len) }
	V4(10, 0, 0, 0, 8), V4(172, 16, 0, 0, 12), V4(192, 168, 0, 0, 16), V4(100, 64, 0, 0, 10),
	V4(127, 0, 0, 0, 8), V4(169, 254, 0, 0, 16), V4(0, 0, 0, 0, 8),
#undef V4
	{ { 0xfc }, 7 }, { { 0xfe, 0x80 }, 10 }, { { [15] = 1 }, 128 }, { { 0 }, 128 },
};

const char hawk_cel_private_text[] = "10.0.0.0/8|172.16.0.0/12|192.168.0.0/16|100.64.0.0/10|127.0.0.0/8|169.254.0.0/16|"
				     "0.0.0.0/8|fc00::/7|fe80::/10|::1|::";

static void check_flags(const struct hawk_cel_prepared *p, const struct hawk_cel_value *v, bool all,
			struct hawk_cel_value *ret)
{
	for (size_t i = 0; i < p->n; i++) {
		const struct hawk_cel_bits *bits = &p->bits[i];
		uint64_t set = 0, mask = 0;
		bool any = false;

		if (bits->type != v->named)
			continue;
		for (size_t f = 0; f < p->n_flags; f++) {
			set |= bits->flags[f].v;
			mask |= bits->flags[f].mask;
			/* any of "0x30" is one of its bits */
			any |= bits->flags[f].any ? (v->u & bits->flags[f].mask) != 0 :
						    (v->u & bits->flags[f].mask) == bits->flags[f].v;
		}
		hawk_cel_set_bool(ret, all ? (v->u & mask) == set : any);
		return;
	}
}

/* The access mode in flags of open(2): 0 reads, 1 writes, 2 does both. With O_PATH there is none. */
static void check_mode(const struct hawk_cel_value *v, bool write, struct hawk_cel_value *ret)
{
	const uint64_t mode = v->u & 3;

	hawk_cel_set_bool(ret, (mode == 2 || mode == (write ? 1 : 0)) && !(v->u & O_PATH));
}

static void size_of(const struct hawk_cel_value *v, struct hawk_cel_value *ret)
{
	hawk_cel_set_int(ret, v->len);
}

static void call_text(struct hawk_cel_run *run, enum hawk_cel_function f, const struct hawk_cel_value *a, size_t n,
		      struct hawk_cel_value *ret)
{
	switch (f) {
	case HAWK_CEL_F_STARTS_WITH:
		hawk_cel_set_bool(ret, starts_with(&a[0], &a[1]));
		break;
	case HAWK_CEL_F_ENDS_WITH:
		hawk_cel_set_bool(ret, ends_with(&a[0], &a[1]));
		break;
	case HAWK_CEL_F_CONTAINS:
		hawk_cel_set_bool(ret, contains(&a[0], &a[1]));
		break;
	case HAWK_CEL_F_LOWER:
	case HAWK_CEL_F_UPPER:
		change_case(run, a, f == HAWK_CEL_F_UPPER, ret);
		break;
	case HAWK_CEL_F_BASENAME:
		basename_of(run, a, ret);
		break;
	case HAWK_CEL_F_DIRNAME:
		dirname_of(a, ret);
		break;
	case HAWK_CEL_F_TRIM:
		trim(a, ret);
		break;
	case HAWK_CEL_F_SPLIT:
		split(run, &a[0], &a[1], ret);
		break;
	case HAWK_CEL_F_JOIN:
		join(run, &a[0], n > 1 ? &a[1] : NULL, ret);
		break;
	case HAWK_CEL_F_REPLACE:
		replace(run, &a[0], &a[1], &a[2], ret);
		break;
	default:
		break;
	}
}

/* Those whose other arguments were prepared, and conversions. */
static void call_other(struct hawk_cel_run *run, const struct hawk_cel_node *node, const struct hawk_cel_value *a,
		       struct hawk_cel_value *ret)
{
	const struct hawk_cel_prepared *p = node->prepared;

	switch ((enum hawk_cel_function)node->index) {
	case HAWK_CEL_F_MATCHES:
	case HAWK_CEL_F_GLOB:
		hawk_cel_set_bool(ret, hawk_ir_match(p->pattern, a->bytes, a->len));
		break;
	case HAWK_CEL_F_SIZE:
		size_of(a, ret);
		break;
	case HAWK_CEL_F_INT:
		to_number(a, HAWK_CEL_INT, ret);
		break;
	case HAWK_CEL_F_UINT:
		to_number(a, HAWK_CEL_UINT, ret);
		break;
	case HAWK_CEL_F_DOUBLE:
		to_number(a, HAWK_CEL_DOUBLE, ret);
		break;
	case HAWK_CEL_F_STRING:
		to_text(run, a, ret);
		break;
	case HAWK_CEL_F_CIDR:
		in_networks(p->networks, p->n, a, ret);
		break;
	case HAWK_CEL_F_PRIVATE:
		in_networks(hawk_cel_private, sizeof(hawk_cel_private) / sizeof(hawk_cel_private[0]), a, ret);
		break;
	case HAWK_CEL_F_HAS:
	case HAWK_CEL_F_ANY:
		check_flags(p, a, node->index == HAWK_CEL_F_HAS, ret);
		break;
	case HAWK_CEL_F_OPENED_FOR_WRITE:
	case HAWK_CEL_F_OPENED_FOR_READ:
		check_mode(a, node->index == HAWK_CEL_F_OPENED_FOR_WRITE, ret);
		break;
	default:
		break;
	}
}

/* Whether V is what the letter of a signature takes. */
static bool fits(char letter, const struct hawk_cel_value *v)
{
	switch (letter) {
	case 's':
		return v->type == HAWK_CEL_STRING;
	case 'n':
		return v->type == HAWK_CEL_INT || v->type == HAWK_CEL_UINT;
	case 'l':
		return v->type == HAWK_CEL_LIST;
	case 'z':
		return v->type == HAWK_CEL_LIST || v->type == HAWK_CEL_STRING;
	case 'a':
		return v->type == HAWK_CEL_IP || v->type == HAWK_CEL_STRING;
	default:
		return v->type != HAWK_CEL_UNKNOWN;
	}
}

void hawk_cel_run_call(struct hawk_cel_run *run, const struct hawk_cel_node *n, struct hawk_cel_value *ret)
{
	const char *letters = hawk_cel_function_arguments(n->index);
	struct hawk_cel_value args[HAWK_CEL_ARGS_MAX];
	size_t i = 0;

	hawk_cel_set_unknown(ret);
	for (uint16_t k = n->first; k != HAWK_CEL_NONE; k = run->cel->nodes[k].next) {
		if (*letters == '?')
			letters++;
		if (*letters && strchr("rgcf", *letters))
			break; /* prepared */
		hawk_cel_run(run, k, &args[i]);
		if (run->cel->tracee && *letters == 's' && args[i].type != HAWK_CEL_STRING &&
		    args[i].type != HAWK_CEL_UNKNOWN)
			to_text(run, &args[i], &args[i]); /* names and addresses are text there */
		if (!fits(*letters, &args[i]))
			return;
		i++;
		letters += letters[0] && letters[1] != '*';
	}
	if (n->index <= HAWK_CEL_F_REPLACE && n->index != HAWK_CEL_F_MATCHES && n->index != HAWK_CEL_F_GLOB &&
	    n->index != HAWK_CEL_F_SIZE)
		call_text(run, n->index, args, i, ret);
	else if (n->index < HAWK_CEL_F_TREE)
		call_other(run, n, args, ret);
	else
		hawk_cel_ask(run, n, args, i, ret);
}
