/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/net/dns.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#include "src/net/ip.h"

#define HEAD 12
#define NAME_WIRE_MAX 255 /* RFC 1035 2.3.4 */

int hawk_dns_parse(struct hawk_dns *d, const uint8_t *msg, size_t len)
{
	uint16_t word;

	if (len < HEAD)
		return -EBADMSG;
	word = hawk_net_16(msg + 2);
	*d = (struct hawk_dns){
		.msg = msg,
		.len = len,
		.id = hawk_net_16(msg),
		.flags = word & 0x87f0,
		.opcode = word >> 11 & 15,
		.rcode = word & 15,
		.at = HEAD,
	};
	for (int i = 0; i < 4; i++)
		d->count[i] = hawk_net_16(msg + 4 + 2 * i);
	d->left = d->count[0];
	return 0;
}

/*
 * Writes a label as text: dots, quotes and what is no plain ASCII are escaped (RFC 1035 5.1,
 * RFC 4343 2.1).
 */
static char *put_label(char *to, const uint8_t *label, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		uint8_t c = label[i];

		if (c <= ' ' || c >= 0x7f) {
			*to++ = '\\';
			*to++ = (char)('0' + c / 100);
			*to++ = (char)('0' + c / 10 % 10);
			*to++ = (char)('0' + c % 10);
			continue;
		}
		if (c == '.' || c == '\\' || c == '"')
			*to++ = '\\';
		*to++ = (char)c;
	}
	return to;
}

/*
 * Reads the name at *AT as text and steps over it. A pointer must go back behind
 * the place where the labels before it began, and so it happens only so often.
 */
static int read_name(const struct hawk_dns *d, size_t *at, char *to)
{
	size_t i = *at, begin = *at, wire = 1;
	bool jumped = false;
	char *first = to;

	for (;;) {
		uint8_t n;

		if (i >= d->len)
			return -EBADMSG;
		n = d->msg[i];
		if (n == 0)
			break;
		if (n >= 0xc0) {
			size_t target;

			if (i + 1 >= d->len)
				return -EBADMSG;
			target = hawk_net_16(d->msg + i) & 0x3fff;
			if (target >= begin || target < HEAD)
				return -EBADMSG;
			if (!jumped)
				*at = i + 2;
			jumped = true;
			i = begin = target;
			continue;
		}
		wire += n + 1U;
		if (n > 63 || wire > NAME_WIRE_MAX || i + n >= d->len)
			return -EBADMSG;
		if (to != first)
			*to++ = '.';
		to = put_label(to, d->msg + i + 1, n);
		i += n + 1U;
	}
	if (!jumped)
		*at = i + 1;
	if (to == first)
		*to++ = '.';
	*to = '\0';
	return 0;
}

static int read_record(struct hawk_dns *d, struct hawk_dns_record *r)
{
	size_t at = d->at;
	int e = read_name(d, &at, r->name);

	if (e < 0)
		return e;
	r->section = d->section;
	r->ttl = 0;
	r->data = NULL;
	r->data_len = 0;
	if (d->len - at < 4)
		return -EBADMSG;
	r->type = hawk_net_16(d->msg + at);
	r->class = hawk_net_16(d->msg + at + 2);
	at += 4;
	if (d->section != HAWK_DNS_QUESTION) {
		if (d->len - at < 6)
			return -EBADMSG;
		r->ttl = hawk_net_32(d->msg + at);
		r->data_len = hawk_net_16(d->msg + at + 4);
		at += 6;
		if (r->data_len > d->len - at)
			return -EBADMSG;
		r->data = d->msg + at;
		at += r->data_len;
	}
	d->at = at;
	return 1;
}

int hawk_dns_next(struct hawk_dns *d, struct hawk_dns_record *r)
{
	int e;

	while (d->section < HAWK_DNS_END && d->left == 0) {
		d->section++;
		d->left = d->section < HAWK_DNS_END ? d->count[d->section] : 0;
	}
	if (d->section == HAWK_DNS_END)
		return 0;
	e = read_record(d, r);
	if (e < 0) {
		d->section = HAWK_DNS_END;
		d->left = 0;
		return e;
	}
	d->left--;
	return 1;
}

/* A name that lies in the data of R, OFFSET bytes into it, and must end with the data when LAST. */
static int data_name(const struct hawk_dns *d, const struct hawk_dns_record *r, size_t *offset, char *to)
{
	size_t begin = (size_t)(r->data - d->msg), at = begin + *offset;
	int e;

	if (*offset >= r->data_len)
		return -EBADMSG;
	e = read_name(d, &at, to);
	if (e < 0 || at > begin + r->data_len)
		return -EBADMSG;
	*offset = at - begin;
	return 0;
}

int hawk_dns_target(const struct hawk_dns *d, const struct hawk_dns_record *r, char ret[HAWK_DNS_NAME_MAX])
{
	size_t at = 0;

	return data_name(d, r, &at, ret) < 0 || at != r->data_len ? -EBADMSG : 0;
}

static void put_hex(const struct hawk_dns_record *r, struct hawk_buf *out)
{
	hawk_buf_lit(out, "\\# ");
	hawk_buf_u64(out, r->data_len);
	if (r->data_len)
		hawk_buf_putc(out, ' ');
	for (size_t i = 0; i < r->data_len; i++) {
		hawk_buf_putc(out, "0123456789abcdef"[r->data[i] >> 4]);
		hawk_buf_putc(out, "0123456789abcdef"[r->data[i] & 15]);
	}
}

static int put_address(const struct hawk_dns_record *r, struct hawk_buf *out)
{
	char text[INET6_ADDRSTRLEN];

	if (r->data_len != (r->type == HAWK_DNS_A ? 4U : 16U))
		return -EBADMSG;
	hawk_buf_puts(out, inet_ntop(r->type == HAWK_DNS_A ? AF_INET : AF_INET6, r->data, text, sizeof(text)));
	return 0;
}

/* NUMBERS 16-bit numbers, then a name: MX, SRV. */
static int put_numbered(const struct hawk_dns *d, const struct hawk_dns_record *r, size_t numbers,
			struct hawk_buf *out)
{
	char name[HAWK_DNS_NAME_MAX];
	size_t at = 2 * numbers;

	if (data_name(d, r, &at, name) < 0 || at != r->data_len)
		return -EBADMSG;
	for (size_t i = 0; i < numbers; i++) {
		hawk_buf_u64(out, hawk_net_16(r->data + 2 * i));
		hawk_buf_putc(out, ' ');
	}
	hawk_buf_puts(out, name);
	return 0;
}

static int put_soa(const struct hawk_dns *d, const struct hawk_dns_record *r, struct hawk_buf *out)
{
	char server[HAWK_DNS_NAME_MAX], mail[HAWK_DNS_NAME_MAX];
	size_t at = 0;

	if (data_name(d, r, &at, server) < 0 || data_name(d, r, &at, mail) < 0 || r->data_len - at != 20)
		return -EBADMSG;
	hawk_buf_puts(out, server);
	hawk_buf_putc(out, ' ');
	hawk_buf_puts(out, mail);
	for (; at < r->data_len; at += 4) {
		hawk_buf_putc(out, ' ');
		hawk_buf_u64(out, hawk_net_32(r->data + at));
	}
	return 0;
}

static int put_text(const struct hawk_dns_record *r, struct hawk_buf *out)
{
	for (size_t at = 0; at < r->data_len; at += 1U + r->data[at])
		if (r->data[at] >= r->data_len - at)
			return -EBADMSG;
	for (size_t at = 0; at < r->data_len; at += 1U + r->data[at]) {
		if (at)
			hawk_buf_putc(out, ' ');
		hawk_buf_putc(out, '"');
		for (size_t i = 0; i < r->data[at]; i++) {
			uint8_t c = r->data[at + 1 + i];

			if (c == '"' || c == '\\')
				hawk_buf_putc(out, '\\');
			if (c < ' ' || c >= 0x7f)
				hawk_buf_printf(out, "\\%03u", c);
			else
				hawk_buf_putc(out, (char)c);
		}
		hawk_buf_putc(out, '"');
	}
	return 0;
}

/* Priority and target; the parameters (RFC 9460) are left to who needs them. */
static int put_service(const struct hawk_dns *d, const struct hawk_dns_record *r, struct hawk_buf *out)
{
	char name[HAWK_DNS_NAME_MAX];
	size_t at = 2;

	if (data_name(d, r, &at, name) < 0)
		return -EBADMSG;
	hawk_buf_u64(out, hawk_net_16(r->data));
	hawk_buf_putc(out, ' ');
	hawk_buf_puts(out, name);
	return 0;
}

static int put_known(const struct hawk_dns *d, const struct hawk_dns_record *r, struct hawk_buf *out)
{
	char name[HAWK_DNS_NAME_MAX];

	switch (r->type) {
	case HAWK_DNS_A:
	case HAWK_DNS_AAAA:
		return put_address(r, out);
	case HAWK_DNS_NS:
	case HAWK_DNS_CNAME:
	case HAWK_DNS_PTR:
	case HAWK_DNS_DNAME:
		if (hawk_dns_target(d, r, name) < 0)
			return -EBADMSG;
		hawk_buf_puts(out, name);
		return 0;
	case HAWK_DNS_MX:
		return put_numbered(d, r, 1, out);
	case HAWK_DNS_SRV:
		return put_numbered(d, r, 3, out);
	case HAWK_DNS_SOA:
		return put_soa(d, r, out);
	case HAWK_DNS_TXT:
		return put_text(r, out);
	case HAWK_DNS_SVCB:
	case HAWK_DNS_HTTPS:
		return put_service(d, r, out);
	}
	return -EBADMSG;
}

void hawk_dns_put_data(const struct hawk_dns *d, const struct hawk_dns_record *r, struct hawk_buf *out)
{
	if (put_known(d, r, out) < 0)
		put_hex(r, out);
}
