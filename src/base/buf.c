/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/base/buf.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define BUF_MAX_DEFAULT ((size_t)1024 * 1024)

void hawk_buf_done(struct hawk_buf *b)
{
	free(b->data);
	b->data = NULL;
	b->len = b->cap = 0;
	b->error = 0;
}

int hawk_buf_grow(struct hawk_buf *b, size_t n)
{
	size_t max = b->max ? b->max : BUF_MAX_DEFAULT, cap = b->cap ? b->cap : 256;
	char *data;

	if (b->error)
		return b->error;
	if (n > max || b->len > max - n)
		return b->error = -E2BIG;
	while (cap < b->len + n)
		cap *= 2;
	if (cap > max)
		cap = max;
	data = realloc(b->data, cap);
	if (!data)
		return b->error = -ENOMEM;
	b->data = data;
	b->cap = cap;
	return 0;
}

void hawk_buf_puts(struct hawk_buf *b, const char *s)
{
	hawk_buf_put(b, s, strlen(s));
}

/* Two digits at a time: the divisions, each waiting for the one before it, are what takes time. */
void hawk_digits_put(char *to, uint64_t v, size_t n)
{
	static const char pairs[] = "00010203040506070809"
				    "10111213141516171819"
				    "20212223242526272829"
				    "30313233343536373839"
				    "40414243444546474849"
				    "50515253545556575859"
				    "60616263646566676869"
				    "70717273747576777879"
				    "80818283848586878889"
				    "90919293949596979899";

	for (; n >= 2; n -= 2, v /= 100)
		memcpy(to + n - 2, pairs + v % 100 * 2, 2);
	if (n)
		*to = (char)('0' + v % 10);
}

/* How many digits V has, 0 one: log10(2) is a little more than 1233/4096. */
static size_t digits_of(uint64_t v)
{
	static const uint64_t least[] = {
		0, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000, 1000000000, 10000000000,
		100000000000, 1000000000000, 10000000000000, 100000000000000, 1000000000000000, 10000000000000000,
		100000000000000000, 1000000000000000000, 10000000000000000000ULL,
	};
	size_t n = (size_t)(64 - __builtin_clzll(v | 1)) * 1233 >> 12;

	return n + (v >= least[n]);
}

void hawk_buf_u64(struct hawk_buf *b, uint64_t v)
{
	size_t n = digits_of(v);
	char *to = hawk_buf_room(b, n);

	if (!to)
		return;
	hawk_digits_put(to, v, n);
	b->len += n;
}

void hawk_buf_s64(struct hawk_buf *b, int64_t v)
{
	if (v < 0)
		hawk_buf_putc(b, '-');
	hawk_buf_u64(b, v < 0 ? 0 - (uint64_t)v : (uint64_t)v);
}

void hawk_buf_printf(struct hawk_buf *b, const char *fmt, ...)
{
	va_list ap;
	char *to;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	to = n < 0 ? NULL : hawk_buf_room(b, (size_t)n + 1);
	if (!to)
		return;
	va_start(ap, fmt);
	vsnprintf(to, (size_t)n + 1, fmt, ap);
	va_end(ap);
	b->len += (size_t)n;
}

const char *hawk_buf_str(struct hawk_buf *b)
{
	char *to = hawk_buf_room(b, 1);

	if (!to)
		return NULL;
	*to = '\0';
	return b->data;
}
