/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Values: compared, printed, hashed. */
#include <pthread.h>
#include <string.h>

#include "src/base/buf.h"
#include "src/base/siphash.h"
#include "src/cel/node.h"
#include "src/event/names.h"

#define NS_PER_S 1000000000LL

static bool is_number(const struct hawk_cel_value *v)
{
	return v->type == HAWK_CEL_INT || v->type == HAWK_CEL_UINT || v->type == HAWK_CEL_DOUBLE;
}

static double as_double(const struct hawk_cel_value *v)
{
	return v->type == HAWK_CEL_DOUBLE ? v->d : v->type == HAWK_CEL_INT ? (double)v->i : (double)v->u;
}

int hawk_cel_compare_text(const struct hawk_cel_value *a, const struct hawk_cel_value *b)
{
	uint32_t len = a->len < b->len ? a->len : b->len;
	int r = len ? memcmp(a->bytes, b->bytes, len) : 0;

	return r ? r : (a->len > b->len) - (a->len < b->len);
}

static bool order_numbers(const struct hawk_cel_value *a, const struct hawk_cel_value *b, int *ret)
{
	if (a->type == HAWK_CEL_DOUBLE || b->type == HAWK_CEL_DOUBLE) {
		double x = as_double(a), y = as_double(b);

		*ret = (x > y) - (x < y);
		return x == x && y == y; /* not a number is not even equal to itself */
	}
	if (a->type == HAWK_CEL_INT && b->type == HAWK_CEL_INT) {
		*ret = (a->i > b->i) - (a->i < b->i);
		return true;
	}
	/* a negative number is below all that have no sign */
	if (a->type == HAWK_CEL_INT && a->i < 0)
		*ret = -1;
	else if (b->type == HAWK_CEL_INT && b->i < 0)
		*ret = 1;
	else
		*ret = (a->u > b->u) - (a->u < b->u);
	return true;
}

/* TEXT as a value of the type of OTHER. */
static bool read_text(const struct hawk_cel_value *text, const struct hawk_cel_value *other,
		      struct hawk_cel_value *ret, uint8_t ip[16])
{
	*ret = *other;
	switch (other->type) {
	case HAWK_CEL_INT:
	case HAWK_CEL_UINT:
		return other->named != HAWK_T_MAX &&
		       hawk_cel_parse_name(other->named, text->bytes, text->len, &ret->u) == 0;
	case HAWK_CEL_DURATION:
		return hawk_cel_parse_duration(text->bytes, text->len, &ret->i) == 0;
	case HAWK_CEL_TIME:
		if (hawk_cel_parse_name(HAWK_T_WALLTIME, text->bytes, text->len, &ret->u) < 0)
			return false;
		ret->u -= (uint64_t)other->wall;
		return true;
	case HAWK_CEL_IP:
		ret->bytes = ip;
		return hawk_cel_parse_ip(text->bytes, text->len, ip) == 0;
	default:
		return false;
	}
}

bool hawk_cel_order(const struct hawk_cel_value *a, const struct hawk_cel_value *b, int *ret)
{
	struct hawk_cel_value read;
	uint8_t ip[16];

	if (is_number(a) && is_number(b))
		return order_numbers(a, b, ret);
	if (a->type != b->type && b->type == HAWK_CEL_STRING)
		return read_text(b, a, &read, ip) && hawk_cel_order(a, &read, ret);
	if (a->type != b->type && a->type == HAWK_CEL_STRING)
		return read_text(a, b, &read, ip) && hawk_cel_order(&read, b, ret);
	if (a->type != b->type)
		return false;
	switch (a->type) {
	case HAWK_CEL_STRING:
		*ret = hawk_cel_compare_text(a, b);
		return true;
	case HAWK_CEL_DURATION:
	case HAWK_CEL_TIME: /* file times may lie before the boot: below 0 */
		*ret = (a->i > b->i) - (a->i < b->i);
		return true;
	case HAWK_CEL_IP:
		*ret = memcmp(a->bytes, b->bytes, 16);
		return true;
	case HAWK_CEL_BOOL:
		*ret = a->b - b->b;
		return true;
	default:
		return false;
	}
}

static int equal_lists(const struct hawk_cel_value *a, const struct hawk_cel_value *b)
{
	int r = 1;

	if (a->len != b->len)
		return 0;
	for (uint32_t i = 0; i < a->len && r == 1; i++)
		r = hawk_cel_equal(&a->items[i], &b->items[i]);
	return r;
}

int hawk_cel_equal(const struct hawk_cel_value *a, const struct hawk_cel_value *b)
{
	int order;

	if (a->type == HAWK_CEL_STRING && b->type == HAWK_CEL_STRING)
		return a->len == b->len && (!a->len || memcmp(a->bytes, b->bytes, a->len) == 0);
	if (a->type == HAWK_CEL_UNKNOWN || b->type == HAWK_CEL_UNKNOWN)
		return -1;
	if (a->type == HAWK_CEL_LIST && b->type == HAWK_CEL_LIST)
		return equal_lists(a, b);
	if (a->type == HAWK_CEL_PROCESS && b->type == HAWK_CEL_PROCESS)
		return a->process == b->process;
	return hawk_cel_order(a, b, &order) ? order == 0 : -1;
}

/* "1.5s", "-3s" */
static void print_duration(int64_t ns, struct hawk_buf *out)
{
	uint64_t n = ns < 0 ? -(uint64_t)ns : (uint64_t)ns, rest = n % NS_PER_S;
	int places = 9;

	if (ns < 0)
		hawk_buf_putc(out, '-');
	hawk_buf_u64(out, n / NS_PER_S);
	for (; rest && rest % 10 == 0; places--)
		rest /= 10;
	if (rest)
		hawk_buf_printf(out, ".%0*llu", places, (unsigned long long)rest);
	hawk_buf_putc(out, 's');
}

static void print_number(const struct hawk_cel_value *v, struct hawk_buf *out)
{
	const struct hawk_value number = { .u = v->u, .context = v->context };

	if (v->type == HAWK_CEL_DOUBLE)
		hawk_buf_printf(out, "%.15g", v->d);
	else if (v->named != HAWK_T_MAX)
		hawk_value_print(out, v->named, &number, 0);
	else if (v->type == HAWK_CEL_INT)
		hawk_buf_s64(out, v->i);
	else
		hawk_buf_u64(out, v->u);
}

static void print_process(const struct hawk_process *p, struct hawk_buf *out)
{
	if (p->exe.len)
		hawk_buf_put(out, p->exe.data, p->exe.len);
	else
		hawk_buf_put(out, p->comm, strnlen((const char *)p->comm, HAWK_COMM_LEN));
	hawk_buf_printf(out, " (pid %d)", p->task.pid);
}

void hawk_cel_print_value(const struct hawk_cel_value *v, struct hawk_buf *out)
{
	const struct hawk_value raw = { .u = v->u, .len = v->type == HAWK_CEL_IP ? v->len : 0 };

	switch (v->type) {
	case HAWK_CEL_UNKNOWN:
		hawk_buf_putc(out, '?');
		break;
	case HAWK_CEL_NULL:
		hawk_buf_lit(out, "null");
		break;
	case HAWK_CEL_BOOL:
		hawk_buf_puts(out, v->b ? "true" : "false");
		break;
	case HAWK_CEL_INT:
	case HAWK_CEL_UINT:
	case HAWK_CEL_DOUBLE:
		print_number(v, out);
		break;
	case HAWK_CEL_STRING:
		hawk_buf_put(out, v->bytes, v->len);
		break;
	case HAWK_CEL_DURATION:
		print_duration(v->i, out);
		break;
	case HAWK_CEL_TIME:
		hawk_value_print(out, HAWK_T_TIME, &raw, v->wall);
		break;
	case HAWK_CEL_IP:
		hawk_value_print(out, HAWK_T_IP, &raw, 0);
		break;
	case HAWK_CEL_LIST: /* of lists at most as deep as the expression */
		for (uint32_t i = 0; i < v->len; i++) {
			if (i)
				hawk_buf_putc(out, ' ');
			hawk_cel_print_value(&v->items[i], out);
		}
		break;
	case HAWK_CEL_PROCESS:
		print_process(v->process, out);
		break;
	}
}

static struct hawk_siphash_key key;
static pthread_once_t key_once = PTHREAD_ONCE_INIT;

static void make_key(void)
{
	hawk_siphash_new_key(&key);
}

/* The kind of a value that HASH is of; numbers that are equal are of one kind. */
enum { NOTHING, TRUTH, NUMBER, NEGATIVE, FRACTION, TEXT, DURATION, TIME, ADDRESS, LIST, PROCESS };

static uint64_t mix(uint64_t seed, unsigned int kind, const void *data, size_t len)
{
	const struct hawk_siphash_key k = { { key.k[0] ^ seed, key.k[1] + kind } };

	return hawk_siphash(&k, data, len);
}

static uint64_t hash_number(const struct hawk_cel_value *v, uint64_t seed)
{
	uint64_t u = v->u;

	if (v->type == HAWK_CEL_DOUBLE) {
		if (v->d >= -9e18 && v->d <= 9e18 && (double)(int64_t)v->d == v->d)
			u = (uint64_t)(int64_t)v->d;
		else
			return mix(seed, FRACTION, &v->d, sizeof(v->d));
	}
	return mix(seed, v->type != HAWK_CEL_UINT && (int64_t)u < 0 ? NEGATIVE : NUMBER, &u, sizeof(u));
}

uint64_t hawk_cel_hash(const struct hawk_cel_value *v, uint64_t seed)
{
	pthread_once(&key_once, make_key);
	switch (v->type) {
	case HAWK_CEL_UNKNOWN:
	case HAWK_CEL_NULL:
		return mix(seed, NOTHING, NULL, 0);
	case HAWK_CEL_BOOL:
		return mix(seed, TRUTH, &v->b, sizeof(v->b));
	case HAWK_CEL_INT:
	case HAWK_CEL_UINT:
	case HAWK_CEL_DOUBLE:
		return hash_number(v, seed);
	case HAWK_CEL_STRING:
		return mix(seed, TEXT, v->bytes, v->len);
	case HAWK_CEL_DURATION:
		return mix(seed, DURATION, &v->i, sizeof(v->i));
	case HAWK_CEL_TIME:
		return mix(seed, TIME, &v->u, sizeof(v->u));
	case HAWK_CEL_IP:
		return mix(seed, ADDRESS, v->bytes, v->len);
	case HAWK_CEL_LIST:
		for (uint32_t i = 0; i < v->len; i++)
			seed = hawk_cel_hash(&v->items[i], seed);
		return mix(seed, LIST, &v->len, sizeof(v->len));
	case HAWK_CEL_PROCESS:
		seed = mix(seed, PROCESS, &v->process->task.pid, sizeof(v->process->task.pid));
		return mix(seed, PROCESS, &v->process->task.start, sizeof(v->process->task.start));
	}
	return seed;
}
