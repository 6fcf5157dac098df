/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Events about DNS messages, and what the cache learns of them. */
#include <string.h>
#include <strings.h>

#include "src/derive/internal.h"
#include "src/event/names.h"

#define KEEP_FOREVER UINT32_MAX

static void put_number(struct hawk_buf *out, enum hawk_type type, uint64_t u)
{
	const struct hawk_value v = { .u = u };

	hawk_value_print(out, type, &v, 0);
}

/*
 * "example.com 300 IN A 192.0.2.1", as in a master file (RFC 1035 5.1); a question has
 * neither TTL nor data.
 */
static void put_record(const struct hawk_dns *head, const struct hawk_dns_record *r, struct hawk_buf *out)
{
	size_t start = out->len;

	hawk_buf_puts(out, r->name);
	if (r->section != HAWK_DNS_QUESTION) {
		hawk_buf_putc(out, ' ');
		hawk_buf_u64(out, r->ttl);
	}
	hawk_buf_putc(out, ' ');
	put_number(out, HAWK_T_DNS_CLASS, r->class);
	hawk_buf_putc(out, ' ');
	put_number(out, HAWK_T_DNS_TYPE, r->type);
	if (r->section != HAWK_DNS_QUESTION) {
		hawk_buf_putc(out, ' ');
		hawk_dns_put_data(head, r, out);
	}
	hawk_buf_putc(out, '\0');
	if (out->error) /* no half strings */
		out->len = start;
}

/*
 * OPT (RFC 6891) and TSIG are about the message, not of the name space; their class and TTL
 * mean other things.
 */
static bool is_pseudo(const struct hawk_dns_record *r)
{
	return r->type == HAWK_DNS_OPT;
}

/* Writes the records of each section into a list. Returns true when the message ended early. */
static bool put_sections(struct hawk_making *m)
{
	struct hawk_dns walk = m->dns.head;
	struct hawk_derive *d = m->d;
	int r;

	for (size_t i = 0; i < HAWK_DERIVE_LISTS; i++)
		hawk_buf_reset(&d->list[i]);
	while ((r = hawk_dns_next(&walk, &d->record)) > 0)
		if (!is_pseudo(&d->record))
			put_record(&walk, &d->record, &d->list[d->record.section]);
	if (r < 0 && !m->dns.cut)
		d->stats.malformed++;
	return r < 0;
}

void hawk_make_NET_PACKET_DNS(struct hawk_making *m)
{
	struct hawk_abi_NET_PACKET_DNS *e = HAWK_MAKE_PACKET(m, NET_PACKET_DNS);
	bool cut = put_sections(m);

	e->id = m->dns.head.id;
	e->flags = m->dns.head.flags;
	e->rcode = m->dns.head.rcode;
	e->opcode = m->dns.head.opcode;
	e->tcp = m->dns.tcp;
	hawk_make_list(&m->var[HAWK_VAR_NET_PACKET_DNS_questions], &m->d->list[HAWK_DNS_QUESTION], cut);
	hawk_make_list(&m->var[HAWK_VAR_NET_PACKET_DNS_answers], &m->d->list[HAWK_DNS_ANSWER], cut);
	hawk_make_list(&m->var[HAWK_VAR_NET_PACKET_DNS_authority], &m->d->list[HAWK_DNS_AUTHORITY], cut);
	hawk_make_list(&m->var[HAWK_VAR_NET_PACKET_DNS_additional], &m->d->list[HAWK_DNS_ADDITIONAL], cut);
	hawk_make_end(m, HAWK_EV_NET_PACKET_DNS);
}

/*
 * The first question, which is the only one outside of theory: its name goes to .name.
 * Returns false without one.
 */
static bool first_question(struct hawk_making *m, uint16_t *ret_type, uint16_t *ret_class)
{
	struct hawk_dns walk = m->dns.head;
	struct hawk_derive *d = m->d;

	*ret_type = *ret_class = 0;
	if (hawk_dns_next(&walk, &d->record) <= 0 || d->record.section != HAWK_DNS_QUESTION)
		return false;
	*ret_type = d->record.type;
	*ret_class = d->record.class;
	memcpy(d->name, d->record.name, strlen(d->record.name) + 1);
	return true;
}

void hawk_make_NET_PACKET_DNS_REQUEST(struct hawk_making *m)
{
	struct hawk_abi_NET_PACKET_DNS_REQUEST *e;
	bool cut;

	if (m->dns.answer)
		return;
	e = HAWK_MAKE_PACKET(m, NET_PACKET_DNS_REQUEST);
	cut = put_sections(m);
	e->id = m->dns.head.id;
	e->opcode = m->dns.head.opcode;
	e->tcp = m->dns.tcp;
	if (first_question(m, &e->query_type, &e->query_class)) {
		size_t len = strlen(m->d->name);

		hawk_make_bytes(&m->var[HAWK_VAR_NET_PACKET_DNS_REQUEST_query], m->d->name, len, len);
	}
	hawk_make_list(&m->var[HAWK_VAR_NET_PACKET_DNS_REQUEST_questions], &m->d->list[HAWK_DNS_QUESTION], cut);
	hawk_make_end(m, HAWK_EV_NET_PACKET_DNS_REQUEST);
}

/* The addresses among the answers, into the list of the additional section, which is not told here. */
static bool put_addresses(struct hawk_making *m, struct hawk_buf *out)
{
	struct hawk_dns walk = m->dns.head;
	struct hawk_dns_record *r = &m->d->record;
	int e;

	hawk_buf_reset(out);
	while ((e = hawk_dns_next(&walk, r)) > 0) {
		bool v4 = r->type == HAWK_DNS_A && r->data_len == 4, v6 = r->type == HAWK_DNS_AAAA && r->data_len == 16;

		if (r->section != HAWK_DNS_ANSWER || !(v4 || v6))
			continue;
		hawk_dns_put_data(&walk, r, out);
		hawk_buf_putc(out, '\0');
	}
	return e < 0;
}

void hawk_make_NET_PACKET_DNS_RESPONSE(struct hawk_making *m)
{
	struct hawk_buf *addresses = &m->d->list[HAWK_DNS_ADDITIONAL];
	struct hawk_abi_NET_PACKET_DNS_RESPONSE *e;
	bool cut;

	if (!m->dns.answer)
		return;
	e = HAWK_MAKE_PACKET(m, NET_PACKET_DNS_RESPONSE);
	cut = put_sections(m);
	put_addresses(m, addresses);
	e->id = m->dns.head.id;
	e->flags = m->dns.head.flags;
	e->rcode = m->dns.head.rcode;
	e->opcode = m->dns.head.opcode;
	e->tcp = m->dns.tcp;
	if (first_question(m, &e->query_type, &e->query_class)) {
		size_t len = strlen(m->d->name);

		hawk_make_bytes(&m->var[HAWK_VAR_NET_PACKET_DNS_RESPONSE_query], m->d->name, len, len);
	}
	hawk_make_list(&m->var[HAWK_VAR_NET_PACKET_DNS_RESPONSE_answers], &m->d->list[HAWK_DNS_ANSWER], cut);
	hawk_make_list(&m->var[HAWK_VAR_NET_PACKET_DNS_RESPONSE_addresses], addresses, cut);
	hawk_make_end(m, HAWK_EV_NET_PACKET_DNS_RESPONSE);
}

/* Names compare without case (RFC 4343); clients play with it (0x20) to recognize their answers. */
static uint64_t name_hash(const char *name)
{
	uint64_t h = 14695981039346656037ULL; /* FNV-1a */

	for (; *name; name++) {
		uint8_t c = (uint8_t)*name;

		h = (h ^ (c >= 'A' && c <= 'Z' ? c + 32U : c)) * 1099511628211ULL;
	}
	return h;
}

static struct hawk_asked *asked_at(struct hawk_making *m, uint64_t name)
{
	uint64_t mix = (m->meta.cookie ^ name ^ (uint64_t)m->dns.head.id << 48) * 0x9e3779b97f4a7c15ULL;

	return &m->d->asked[mix >> 54];
}
_Static_assert(HAWK_DERIVE_ASKED == 1 << (64 - 54), "the top bits are the row");

static void learn_address(struct hawk_making *m, const struct hawk_dns_record *r, uint32_t chain_ttl)
{
	struct hawk_dns_answer a = {
		.ip = { [10] = 0xff, 0xff },
		.name = m->d->name,
		.ttl = r->ttl < chain_ttl ? r->ttl : chain_ttl,
		.pid = m->base->tgid,
		.now = m->base->time,
	};

	if (r->type == HAWK_DNS_A && r->data_len == 4)
		memcpy(a.ip + 12, r->data, 4);
	else if (r->type == HAWK_DNS_AAAA && r->data_len == 16)
		memcpy(a.ip, r->data, 16);
	else
		return;
	hawk_dnscache_add(m->d->dns, &a);
}

/*
 * Addresses of the name that was asked for, and of those that it is an alias
 * of, in the order in which servers give the chain. Others are not believed:
 * nobody asked for them.
 */
static void learn_answers(struct hawk_making *m)
{
	struct hawk_dns walk = m->dns.head;
	struct hawk_dns_record *r = &m->d->record;
	uint32_t ttl = KEEP_FOREVER;

	memcpy(m->d->chain, m->d->name, sizeof(m->d->chain));
	while (hawk_dns_next(&walk, r) > 0) {
		if (r->section != HAWK_DNS_ANSWER || r->class != 1 || strcasecmp(r->name, m->d->chain) != 0)
			continue;
		if (r->type != HAWK_DNS_CNAME) {
			learn_address(m, r, ttl);
			continue;
		}
		if (r->ttl < ttl)
			ttl = r->ttl;
		if (hawk_dns_target(&walk, r, m->d->chain) < 0)
			return;
	}
}

void hawk_learn_dns(struct hawk_making *m)
{
	struct hawk_asked *asked;
	uint16_t type, class;
	uint64_t name;

	if (!first_question(m, &type, &class) || class != 1)
		return;
	name = name_hash(m->d->name);
	asked = asked_at(m, name);
	if (!m->dns.answer && m->meta.direction == HAWK_EGRESS) {
		*asked = (struct hawk_asked){ m->meta.cookie, name, m->dns.head.id };
		return;
	}
	if (!m->dns.answer || m->meta.direction != HAWK_INGRESS || m->dns.head.rcode != 0 ||
	    asked->cookie != m->meta.cookie || asked->name != name || asked->id != m->dns.head.id)
		return;
	learn_answers(m);
}
