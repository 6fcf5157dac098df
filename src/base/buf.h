/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_BASE_BUF_H
#define HAWK_BASE_BUF_H
/*
 * A byte buffer that grows up to a bound. The first failure (no memory, bound
 * reached) sticks in .error and makes later writes no-ops, so a writer checks
 * once at the end. Reused buffers keep their memory: no allocation per event.
 */
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct hawk_buf {
	char *data;
	size_t len, cap;
	size_t max; /* bound of cap; 0: 1 MiB */
	int error;  /* 0, -ENOMEM or -E2BIG */
};

#define HAWK_BUF_INIT { .data = NULL }

/* Frees the memory; the buffer can be used again. */
void hawk_buf_done(struct hawk_buf *b);
/* Makes it empty, keeps memory, clears the error. */
static inline void hawk_buf_reset(struct hawk_buf *b)
{
	b->len = 0;
	b->error = 0;
}
/* Grows so that N more bytes fit. Returns 0 or the sticky error. */
int hawk_buf_grow(struct hawk_buf *b, size_t n);
/* Makes room for N bytes (at least 1) and returns where to write them (then add to .len), or NULL. */
static inline char *hawk_buf_room(struct hawk_buf *b, size_t n)
{
	if (__builtin_expect(b->error || b->cap - b->len < n, 0) && hawk_buf_grow(b, n) < 0)
		return NULL;
	return b->data + b->len;
}
static inline void hawk_buf_put(struct hawk_buf *b, const void *p, size_t n)
{
	char *to = n ? hawk_buf_room(b, n) : NULL;

	if (to) {
		memcpy(to, p, n);
		b->len += n;
	}
}
static inline void hawk_buf_putc(struct hawk_buf *b, char c)
{
	char *to = hawk_buf_room(b, 1);

	if (to) {
		*to = c;
		b->len++;
	}
}
/* Puts a string literal. */
#define hawk_buf_lit(b, s) hawk_buf_put(b, s, sizeof(s) - 1)
/* Writes the last N decimal digits of V to TO, zeros in front. */
void hawk_digits_put(char *to, uint64_t v, size_t n);
void hawk_buf_puts(struct hawk_buf *b, const char *s);
void hawk_buf_u64(struct hawk_buf *b, uint64_t v);
void hawk_buf_s64(struct hawk_buf *b, int64_t v);
void hawk_buf_printf(struct hawk_buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* The contents as a NUL-terminated string (the NUL is not counted), or NULL on error. Owned by the buffer. */
const char *hawk_buf_str(struct hawk_buf *b);

#endif
