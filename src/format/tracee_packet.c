/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What Tracee tells of packets, made of lists of texts: header lines of HTTP and records of DNS. */
#include <ctype.h>
#include <strings.h>

#include "src/base/cleanup.h"
#include "src/format/tracee.h"

/* Lines looked at: each is compared with those before it. Servers refuse more than about a hundred. */
#define HEADERS_MAX 128

struct text {
	const uint8_t *data;
	size_t len;
};

/* Takes the next string of a list; false: there is none. */
static bool next_string(struct text *list, struct text *ret)
{
	const uint8_t *end;

	if (!list->len)
		return false;
	end = memchr(list->data, '\0', list->len);
	*ret = (struct text){ list->data, end ? (size_t)(end - list->data) : list->len };
	list->data += ret->len + !!end;
	list->len -= ret->len + !!end;
	return true;
}

/* Takes the next word; empty when there is none. Names in records have no blanks (src/net/dns.c). */
static struct text next_word(struct text *line)
{
	const uint8_t *blank = line->len ? memchr(line->data, ' ', line->len) : NULL;
	struct text word = { line->data, blank ? (size_t)(blank - line->data) : line->len };

	line->data += word.len + !!blank;
	line->len -= word.len + !!blank;
	return word;
}

static void put_member(struct hawk_buf *out, const char *name, struct text value)
{
	hawk_buf_lit(out, ",\"");
	hawk_buf_puts(out, name);
	hawk_buf_lit(out, "\":");
	hawk_json_string(out, value.data, value.len);
}

/* A time to live is digits, as src/derive/dns.c writes it; 0 for what is none. */
static void put_ttl(struct hawk_buf *out, const char *name, struct text value)
{
	uint64_t ttl = 0;

	for (size_t i = 0; i < value.len && isdigit(value.data[i]) && ttl <= UINT32_MAX; i++)
		ttl = ttl * 10 + (uint64_t)(value.data[i] - '0');
	if (ttl > UINT32_MAX)
		ttl = 0;
	hawk_buf_lit(out, ",\"");
	hawk_buf_puts(out, name);
	hawk_buf_lit(out, "\":");
	hawk_buf_u64(out, ttl);
}

static bool is_word(struct text word, const char *text)
{
	return strlen(text) == word.len && memcmp(word.data, text, word.len) == 0;
}

/* "name class type" */
static void put_question(struct text line, struct hawk_buf *out)
{
	const struct text name = next_word(&line), class = next_word(&line), type = next_word(&line);

	put_member(out, "name", name);
	put_member(out, "type", type);
	put_member(out, "class", class);
}

/* "name ttl class type data"; the data of other types than these have a structure of their own there. */
static void put_record(struct text line, struct hawk_buf *out)
{
	static const char *const names[][2] = {
		{ "A", "IP" }, { "AAAA", "IP" }, { "NS", "NS" }, { "CNAME", "CNAME" }, { "PTR", "PTR" },
	};
	const struct text name = next_word(&line), ttl = next_word(&line), class = next_word(&line),
			  type = next_word(&line);

	put_member(out, "name", name);
	put_member(out, "type", type);
	put_member(out, "class", class);
	put_ttl(out, "TTL", ttl);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (is_word(type, names[i][0]))
			put_member(out, names[i][1], line);
}

static void put_answer(struct text line, struct hawk_buf *out)
{
	struct text ttl;

	next_word(&line);
	ttl = next_word(&line);
	next_word(&line);
	put_member(out, "answer_type", next_word(&line));
	put_ttl(out, "ttl", ttl);
	put_member(out, "answer", line);
}

/* The part of a header line before the colon; false: it has none. */
static bool header_name(struct text line, struct text *ret)
{
	const uint8_t *colon = line.len ? memchr(line.data, ':', line.len) : NULL;

	if (!colon)
		return false;
	*ret = (struct text){ line.data, (size_t)(colon - line.data) };
	return true;
}

static bool is_header(struct text line, struct text name)
{
	struct text other;

	return header_name(line, &other) && other.len == name.len &&
	       strncasecmp((const char *)other.data, (const char *)name.data, name.len) == 0;
}

/* "user-agent" is User-Agent: as net/http of Go has the names of headers, and so Tracee. */
static void put_header_name(struct text name, struct hawk_buf *out)
{
	uint8_t canonical[64];
	bool first = true;

	if (name.len > sizeof(canonical)) {
		hawk_json_string(out, name.data, name.len);
		return;
	}
	for (size_t i = 0; i < name.len; i++) {
		canonical[i] = (uint8_t)(first ? toupper(name.data[i]) : tolower(name.data[i]));
		first = name.data[i] == '-';
	}
	hawk_json_string(out, canonical, name.len);
}

static void put_header_value(struct text line, size_t name, struct hawk_buf *out)
{
	const uint8_t *at = line.data + name + 1, *end = line.data + line.len;

	while (at < end && (*at == ' ' || *at == '\t'))
		at++;
	while (end > at && (end[-1] == ' ' || end[-1] == '\t'))
		end--;
	hawk_buf_putc(out, ',');
	hawk_json_string(out, at, (size_t)(end - at));
}

/* An object of lists, since a header may be there more than once. Host has a member of its own. */
static void put_headers(struct text list, struct hawk_buf *out)
{
	static const struct text host = { (const uint8_t *)"Host", 4 };
	struct text line[HEADERS_MAX], name;
	size_t n = 0, start = out->len;

	while (n < HEADERS_MAX && next_string(&list, &line[n]))
		n++;
	for (size_t i = 0; i < n; i++) {
		size_t values, before = 0;

		if (!header_name(line[i], &name) || is_header(line[i], host))
			continue;
		while (before < i && !is_header(line[before], name))
			before++;
		if (before < i)
			continue;
		hawk_buf_putc(out, ',');
		put_header_name(name, out);
		hawk_buf_putc(out, ':');
		values = out->len;
		for (size_t k = i; k < n; k++)
			if (is_header(line[k], name))
				put_header_value(line[k], name.len, out);
		hawk_json_close_list(out, values);
	}
	hawk_json_close(out, start);
}

void hawk_tracee_list(enum hawk_tracee_how how, const uint8_t *strv, size_t len, struct hawk_buf *out)
{
	struct text list = { strv, len }, line;
	size_t start = out->len, one;

	if (how == HAWK_TRACEE_HEADERS) {
		put_headers(list, out);
		return;
	}
	while (next_string(&list, &line)) {
		hawk_buf_putc(out, ',');
		one = out->len;
		if (how == HAWK_TRACEE_QUESTIONS)
			put_question(line, out);
		else if (how == HAWK_TRACEE_RECORDS)
			put_record(line, out);
		else
			put_answer(line, out);
		hawk_json_close(out, one);
	}
	hawk_json_close_list(out, start);
}
