/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/event/names.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/bpf.h>
#include <linux/capability.h>
#include <linux/fcntl.h> /* not <fcntl.h>: its O_LARGEFILE is 0 on 64-bit systems */
#include <linux/memfd.h>
#include <linux/openat2.h>
#include <linux/ptrace.h>
#include <linux/sched.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>

#include "src/base/cleanup.h"
#include "src/event/structs.h"

#define NS_PER_S 1000000000ULL

enum kind { KIND_NONE, KIND_BITS, KIND_ENUM, KIND_CODE, KIND_PAIR, KIND_CAPS, KIND_ERRNO };

struct name {
	const char *name;
	uint64_t value;
	uint64_t mask; /* 0: the bits of value; of a PAIR the context */
};

#define NAMES(type, kind) static const struct name names_##type[] = {
#define NAME(macro) { .name = #macro, .value = (uint64_t)(macro) },
#define NAME_OF(text, number) { .name = text, .value = (uint64_t)(number) },
#define NAME_MASKED(macro, bits) { .name = #macro, .value = (macro), .mask = (bits) },
#define NAME_OF_MASKED(text, number, bits) { .name = text, .value = (number), .mask = (bits) },
#define NAME_OF_PAIR(context, text, number) { .name = text, .value = (number), .mask = (context) },
#define NAMES_END(type) };
#include "src/event/names.def"

static const struct table {
	enum kind kind;
	const struct name *names;
	size_t n;
} tables[HAWK_T_MAX] = {
#define NAMES(type, k) \
	[HAWK_T_##type] = { .kind = KIND_##k, .names = names_##type, .n = ARRAY_SIZE(names_##type) },
#include "src/event/names.def"
};

static const char *name_of_number(enum hawk_type type, uint64_t v)
{
	for (size_t i = 0; i < tables[type].n; i++)
		if (tables[type].names[i].value == v)
			return tables[type].names[i].name;
	return NULL;
}

/* The same where the name depends on CONTEXT. IPv6 sockets have the protocols of IPv4. */
static const char *name_of_pair(enum hawk_type type, uint32_t context, uint64_t v)
{
	if (type == HAWK_T_PROTOCOL && context == AF_INET6)
		context = AF_INET;
	for (size_t i = 0; i < tables[type].n; i++)
		if (tables[type].names[i].value == v && tables[type].names[i].mask == context)
			return tables[type].names[i].name;
	return NULL;
}

const char *hawk_errno_name(int err)
{
	return err > 0 ? name_of_number(HAWK_T_ERRNO, (uint64_t)err) : NULL;
}

static void put_hex(struct hawk_buf *out, uint64_t v)
{
	char digits[2 + 16], *p = digits + sizeof(digits);

	do {
		*--p = "0123456789abcdef"[v & 15];
		v >>= 4;
	} while (v);
	*--p = 'x';
	*--p = '0';
	hawk_buf_put(out, p, digits + sizeof(digits) - p);
}

/* Names of the set bits joined by '|'; the rest in hexadecimal; "0" when nothing is set. */
static void put_bits(struct hawk_buf *out, enum hawk_type type, uint64_t v)
{
	const struct table *t = &tables[type];
	uint64_t rest = v;
	bool any = false;

	for (size_t i = 0; i < t->n; i++) {
		uint64_t value = t->kind == KIND_CAPS ? 1ULL << t->names[i].value : t->names[i].value;
		uint64_t mask = t->names[i].mask ? t->names[i].mask : value;

		/* A masked row looks at V, since the value 0 leaves nothing behind in REST. */
		if (t->names[i].mask ? (v & mask) != value : (rest & mask) != value)
			continue;
		if (any)
			hawk_buf_putc(out, '|');
		hawk_buf_puts(out, t->names[i].name);
		rest &= ~mask;
		any = true;
	}
	if (rest && any)
		hawk_buf_putc(out, '|');
	if (rest)
		put_hex(out, rest);
	else if (!any)
		hawk_buf_putc(out, '0');
}

/* Signal N is bit N - 1. Most of them as "ALL" and those that are not in the set: sets are often full. */
static void put_signals(struct hawk_buf *out, uint64_t v)
{
	bool most = __builtin_popcountll(v) > 32;
	uint64_t listed = most ? ~v : v;
	const char *bar = most ? "|" : "";

	if (most)
		hawk_buf_lit(out, "ALL");
	else if (!v)
		hawk_buf_putc(out, '0');
	for (; listed; listed &= listed - 1, bar = "|") {
		const char *name = name_of_number(HAWK_T_SIGNAL, (uint64_t)__builtin_ctzll(listed) + 1);

		hawk_buf_puts(out, bar);
		if (most)
			hawk_buf_putc(out, '-');
		if (name)
			hawk_buf_puts(out, name);
		else
			put_hex(out, listed & -listed);
	}
}

static char *put_digits(char *p, uint64_t v, int n)
{
	for (int i = n; i-- > 0; v /= 10)
		p[i] = '0' + v % 10;
	return p + n;
}

/* RFC 3339 in UTC with nanoseconds. By hand: one is printed for every event. */
static void put_time(struct hawk_buf *out, uint64_t ns)
{
	uint64_t s = ns / NS_PER_S, day = s / 86400, second = s % 86400;
	/* Days to date in the proleptic Gregorian calendar, years that begin on the first of March. */
	uint64_t z = day + 719468, era = z / 146097, doe = z % 146097;
	uint64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	uint64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100), mp = (5 * doy + 2) / 153;
	uint64_t month = mp < 10 ? mp + 3 : mp - 9, year = yoe + era * 400 + (month <= 2);
	char *start = hawk_buf_room(out, sizeof("2024-01-02T03:04:05.000000000Z")), *p = start;

	if (!p)
		return;
	p = put_digits(p, year, 4); /* 64 bits of nanoseconds end in 2554 */
	*p++ = '-';
	p = put_digits(p, month, 2);
	*p++ = '-';
	p = put_digits(p, doy - (153 * mp + 2) / 5 + 1, 2);
	*p++ = 'T';
	p = put_digits(p, second / 3600, 2);
	*p++ = ':';
	p = put_digits(p, second / 60 % 60, 2);
	*p++ = ':';
	p = put_digits(p, second % 60, 2);
	*p++ = '.';
	p = put_digits(p, ns % NS_PER_S, 9);
	*p++ = 'Z';
	out->len += p - start;
}

static void put_address(struct hawk_buf *out, int family, const uint8_t *address)
{
	char text[INET6_ADDRSTRLEN];

	hawk_buf_puts(out, inet_ntop(family, address, text, sizeof(text)));
}

static void put_ip(struct hawk_buf *out, const uint8_t *ip)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

	if (memcmp(ip, mapped, sizeof(mapped)) == 0)
		put_address(out, AF_INET, ip + 12);
	else
		put_address(out, AF_INET6, ip);
}

static void put_octal(struct hawk_buf *out, uint64_t v)
{
	char digits[1 + 22], *p = digits + sizeof(digits);

	for (; v; v >>= 3)
		*--p = '0' + (v & 7);
	*--p = '0';
	hawk_buf_put(out, p, digits + sizeof(digits) - p);
}

/* Those of addresses.def. False: it is none. */
static bool put_plain_address(struct hawk_buf *out, const struct hawk_value *v)
{
	struct hawk_value value;
	size_t n;
	const struct hawk_member *m = hawk_address_members(v, &n);

	for (size_t i = 0; i < n; i++, m++) {
		hawk_member_get(m, v, HAWK_T_SOCKADDR, &value);
		hawk_buf_putc(out, i ? ' ' : ':');
		hawk_buf_puts(out, m->name);
		hawk_buf_putc(out, '=');
		hawk_value_print(out, m->type, &value, 0);
	}
	return n;
}

/*
 * "10.0.0.1:80", "[::1]:80", "/run/x" (a name that begins with NUL, which lives
 * in no directory, with "@" for it), "AF_VSOCK:svm_cid=2 svm_port=22 svm_flags=0", else the family and the bytes
 * behind it.
 */
static void put_sockaddr(struct hawk_buf *out, const struct hawk_value *v)
{
	uint16_t family = 0;
	const uint8_t *rest;
	size_t n;

	if (v->len < sizeof(family))
		return;
	memcpy(&family, v->bytes, sizeof(family));
	rest = v->bytes + sizeof(family);
	n = v->len - sizeof(family);
	if (family == AF_INET && v->len >= offsetof(struct sockaddr_in, sin_zero)) {
		put_address(out, AF_INET, v->bytes + offsetof(struct sockaddr_in, sin_addr));
		hawk_buf_putc(out, ':');
		hawk_buf_u64(out, rest[0] << 8 | rest[1]);
	} else if (family == AF_INET6 && v->len >= offsetof(struct sockaddr_in6, sin6_scope_id)) {
		hawk_buf_putc(out, '[');
		put_address(out, AF_INET6, v->bytes + offsetof(struct sockaddr_in6, sin6_addr));
		hawk_buf_lit(out, "]:");
		hawk_buf_u64(out, rest[0] << 8 | rest[1]);
	} else if (family == AF_UNIX && n && !rest[0]) {
		hawk_buf_putc(out, '@');
		hawk_buf_put(out, rest + 1, n - 1);
	} else if (family == AF_UNIX) {
		hawk_buf_put(out, rest, strnlen((const char *)rest, n));
	} else {
		const char *name = name_of_number(HAWK_T_FAMILY, family);

		hawk_buf_puts(out, name ? name : "AF_");
		if (!name)
			hawk_buf_u64(out, family);
		if (put_plain_address(out, v))
			return;
		for (size_t i = 0; i < n; i++) {
			hawk_buf_putc(out, i ? ' ' : ':');
			hawk_buf_putc(out, "0123456789abcdef"[rest[i] >> 4]);
			hawk_buf_putc(out, "0123456789abcdef"[rest[i] & 15]);
		}
	}
}

/* The strings of a list with a space between them. */
static void put_strv(struct hawk_buf *out, const struct hawk_value *v)
{
	size_t len = v->len;
	char *to;

	if (len && !v->bytes[len - 1])
		len--;
	to = len ? hawk_buf_room(out, len) : NULL;
	if (!to)
		return;
	for (size_t i = 0; i < len; i++)
		to[i] = v->bytes[i] ? (char)v->bytes[i] : ' ';
	out->len += len;
}

static void put_number(struct hawk_buf *out, enum hawk_type type, const struct hawk_value *v)
{
	enum kind kind = tables[type].kind;
	const char *name;

	if (kind == KIND_BITS || kind == KIND_CAPS) {
		put_bits(out, type, v->u);
		return;
	}
	if (kind == KIND_PAIR)
		name = name_of_pair(type, v->context, v->u);
	else
		name = kind == KIND_NONE ? NULL : name_of_number(type, kind == KIND_ERRNO ? -v->u : v->u);
	if (name)
		hawk_buf_puts(out, name);
	else if (kind == KIND_CODE)
		put_hex(out, v->u);
	else if (hawk_type_desc(type)->vclass == HAWK_V_SINT)
		hawk_buf_s64(out, v->s);
	else
		hawk_buf_u64(out, v->u);
}

int hawk_value_print(struct hawk_buf *out, enum hawk_type type, const struct hawk_value *v,
		     int64_t boot_offset)
{
	switch (type) {
	case HAWK_T_BOOL:
		hawk_buf_puts(out, v->u ? "true" : "false");
		break;
	case HAWK_T_HEX:
		put_hex(out, v->u);
		break;
	case HAWK_T_TIME:
		put_time(out, v->u + (uint64_t)boot_offset);
		break;
	case HAWK_T_WALLTIME:
		put_time(out, v->u);
		break;
	case HAWK_T_MODE:
		put_octal(out, v->u);
		break;
	case HAWK_T_DEV:
		hawk_buf_u64(out, v->u >> 20);
		hawk_buf_putc(out, ':');
		hawk_buf_u64(out, v->u & 0xfffff);
		break;
	case HAWK_T_IP:
		put_ip(out, v->bytes);
		break;
	case HAWK_T_SOCKADDR:
	case HAWK_T_SOCKADDR_OUT:
		put_sockaddr(out, v);
		break;
	case HAWK_T_SIGNALS:
		put_signals(out, v->u);
		break;
	case HAWK_T_STRV:
		put_strv(out, v);
		break;
	case HAWK_T_TASK:
		break;
	default:
		if (hawk_type_desc(type)->vclass != HAWK_V_BYTES)
			put_number(out, type, v);
		else if (!hawk_struct_print(out, type, v))
			hawk_buf_put(out, v->bytes, v->len);
	}
	return out->error;
}

/* A whole number in LEN bytes of TEXT, to BASE (0: as in C), negative ones as two's complement. */
static int parse_digits(const char *text, size_t len, int base, bool *ret_negative, uint64_t *ret)
{
	char copy[32], *end;
	bool negative = len && text[0] == '-';
	unsigned long long v;

	if (len >= sizeof(copy))
		return -EINVAL;
	memcpy(copy, text, len);
	copy[len] = '\0';
	/* strtoull() would take white space and a second sign. */
	if (copy[negative] < '0' || copy[negative] > '9')
		return -EINVAL;
	errno = 0;
	v = strtoull(copy + negative, &end, base);
	if (errno || *end || (negative && v > 1ULL << 63))
		return -EINVAL;
	*ret_negative = negative;
	*ret = negative ? -(uint64_t)v : v;
	return 0;
}

/* Whether V, which was written with or without a minus, fits the type. */
static bool fits(enum hawk_type type, uint64_t v, bool negative)
{
	const struct hawk_type_desc *t = hawk_type_desc(type);
	unsigned int bits = t->size * 8;

	if (t->vclass == HAWK_V_SINT) {
		int64_t s = (int64_t)v;

		if (negative != (s < 0) && v)
			return false;
		return bits >= 64 || (s >= -(1LL << (bits - 1)) && s < 1LL << (bits - 1));
	}
	return !negative && (bits >= 64 || v < 1ULL << bits);
}

/* One name of TYPE, or a number. */
static int parse_one(enum hawk_type type, const char *text, size_t len, uint64_t *ret)
{
	const struct table *t = &tables[type];
	bool negative;
	uint64_t v;
	int r;

	if (type == HAWK_T_SIGNALS && parse_one(HAWK_T_SIGNAL, text, len, &v) == 0 && v - 1 < 64 && text[0] == 'S') {
		*ret = 1ULL << (v - 1);
		return 0;
	}
	for (size_t i = 0; i < t->n; i++) {
		if (strlen(t->names[i].name) != len || memcmp(t->names[i].name, text, len) != 0)
			continue;
		v = t->names[i].value;
		*ret = t->kind == KIND_ERRNO ? -v : t->kind == KIND_CAPS ? 1ULL << v : v;
		return 0;
	}
	r = parse_digits(text, len, type == HAWK_T_MODE && !memchr(text, 'x', len) ? 8 : 0, &negative, &v);
	if (r < 0)
		return r;
	if (type == HAWK_T_UID && negative && v == UINT64_MAX) /* how people and chown(2) write "unset" */
		v = UINT32_MAX, negative = false;
	if (!fits(type, v, negative))
		return -EINVAL;
	*ret = v;
	return 0;
}

static int parse_bits(enum hawk_type type, const char *text, uint64_t *ret)
{
	uint64_t all = 0, one;

	for (;;) {
		size_t len = strcspn(text, "|");
		int r = parse_one(type, text, len, &one);

		if (r < 0)
			return r;
		all |= one;
		text += len;
		if (!*text)
			break;
		text++;
	}
	*ret = all;
	return 0;
}

static int parse_dev(const char *text, uint64_t *ret)
{
	size_t len = strcspn(text, ":");
	uint64_t major, minor;
	bool negative[2];

	if (!text[len] || parse_digits(text, len, 10, &negative[0], &major) < 0 ||
	    parse_digits(text + len + 1, strlen(text + len + 1), 10, &negative[1], &minor) < 0)
		return parse_one(HAWK_T_DEV, text, strlen(text), ret);
	if (negative[0] || negative[1] || major >> 12 || minor >> 20)
		return -EINVAL;
	*ret = major << 20 | minor;
	return 0;
}

/* "2024-01-02T03:04:05.5Z" (RFC 3339, UTC only) or a number of nanoseconds. */
static int parse_time(const char *text, uint64_t *ret)
{
	struct tm tm = { 0 };
	uint64_t ns = 0, unit = NS_PER_S / 10;
	const char *p = strptime(text, "%Y-%m-%dT%H:%M:%S", &tm);
	time_t s;

	if (!p)
		return parse_one(HAWK_T_WALLTIME, text, strlen(text), ret);
	if (*p == '.')
		for (p++; *p >= '0' && *p <= '9'; p++, unit /= 10)
			ns += (*p - '0') * unit;
	s = timegm(&tm);
	if (strcmp(p, "Z") != 0 || s < 0 || (uint64_t)s >= UINT64_MAX / NS_PER_S)
		return -EINVAL;
	*ret = (uint64_t)s * NS_PER_S + ns;
	return 0;
}

bool hawk_type_is_bits(enum hawk_type type)
{
	return type == HAWK_T_SIGNALS || tables[type].kind == KIND_BITS || tables[type].kind == KIND_CAPS;
}

int hawk_value_parse_number(enum hawk_type type, const char *text, uint64_t *ret)
{
	enum hawk_vclass class = hawk_type_desc(type)->vclass;

	if (class != HAWK_V_UINT && class != HAWK_V_SINT)
		return -EINVAL;
	if (type == HAWK_T_BOOL && (strcmp(text, "true") == 0 || strcmp(text, "false") == 0)) {
		*ret = text[0] == 't';
		return 0;
	}
	if (type == HAWK_T_DEV)
		return parse_dev(text, ret);
	if (type == HAWK_T_WALLTIME)
		return parse_time(text, ret);
	if (hawk_type_is_bits(type))
		return parse_bits(type, text, ret);
	return parse_one(type, text, strlen(text), ret);
}

const char *hawk_value_name(enum hawk_type type, size_t i)
{
	return i < tables[type].n ? tables[type].names[i].name : NULL;
}

int hawk_ip_parse(const char *text, uint8_t ret[16])
{
	struct in_addr v4;
	struct in6_addr v6;

	if (inet_pton(AF_INET, text, &v4) == 1) {
		memset(ret, 0, 10);
		memset(ret + 10, 0xff, 2);
		memcpy(ret + 12, &v4, sizeof(v4));
		return 0;
	}
	if (inet_pton(AF_INET6, text, &v6) != 1)
		return -EINVAL;
	memcpy(ret, &v6, sizeof(v6));
	return 0;
}
