/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/derive/derive.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/cleanup.h"
#include "src/derive/internal.h"

/* Streams that are being put together: a ClientHello is whole after some packets. */
#define STREAMS 64
#define STREAM_BYTES (HAWK_TLS_HELLO_MAX + HAWK_TLS_RECORD_HEAD + HAWK_CHUNK_BYTES)

/* What is made of a packet: the rows of packet_class.def. */
static const struct {
	uint16_t event;
	uint32_t class;
	void (*make)(struct hawk_making *m);
} rows[] = {
#define PACKET(token, class) { HAWK_EV_##token, HAWK_PKT_##class, hawk_make_##token },
#include "bpf/abi/packet_class.def"
#undef PACKET
};
_Static_assert(ARRAY_SIZE(rows) <= 64, "wanted has a bit per row");

int hawk_derive_new(struct hawk_derive **ret)
{
	struct hawk_derive *d = calloc(1, sizeof(*d));
	int r;

	if (!d)
		return -ENOMEM;
	atomic_store(&d->wanted, UINT64_MAX);
	for (size_t i = 0; i < ARRAY_SIZE(d->by_calls); i++)
		atomic_store(&d->by_calls[i], UINT64_MAX);
	hawk_made_init(&d->made);
	for (size_t i = 0; i < HAWK_DERIVE_LISTS; i++)
		d->list[i].max = HAWK_DERIVE_LIST_MAX;
	r = hawk_streams_new(&d->streams, STREAMS, STREAM_BYTES);
	if (r == 0)
		r = hawk_dnscache_new(&d->dns, 0);
	if (r == 0)
		r = hawk_targets_new(&d->targets, 0);
	if (r < 0) {
		hawk_derive_free(d);
		return r;
	}
	*ret = d;
	return 0;
}

struct hawk_derive *hawk_derive_free(struct hawk_derive *d)
{
	if (!d)
		return NULL;
	hawk_streams_free(d->streams);
	hawk_dnscache_free(d->dns);
	hawk_targets_free(d->targets);
	for (size_t i = 0; i < HAWK_DERIVE_LISTS; i++)
		hawk_buf_done(&d->list[i]);
	free(d);
	return NULL;
}

void hawk_derive_set_wanted(struct hawk_derive *d, const uint64_t *bits)
{
	const struct hawk_event_desc *const *descs;
	uint64_t wanted = 0;
	size_t n;

	descs = hawk_event_descs(&n);
	for (size_t row = 0; row < n; row++)
		for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
			if (rows[i].event == descs[row]->id && (bits[row / 64] >> row % 64 & 1))
				wanted |= 1ULL << i;
	atomic_store(&d->wanted, wanted);
}

void hawk_derive_set_by_calls(struct hawk_derive *d, const uint64_t *bits)
{
	const struct hawk_event_desc *const *descs;
	uint64_t ids[HAWK_EVENT_ID_MAX / 64] = { 0 };
	size_t n;

	descs = hawk_event_descs(&n);
	for (size_t row = 0; row < n; row++)
		if (bits[row / 64] >> row % 64 & 1)
			ids[descs[row]->id / 64] |= 1ULL << descs[row]->id % 64;
	for (size_t i = 0; i < ARRAY_SIZE(ids); i++)
		atomic_store(&d->by_calls[i], ids[i]);
}

void *hawk_make_begin(struct hawk_making *m, size_t size)
{
	memset(&m->fixed, 0, size);
	for (size_t i = 0; i < ARRAY_SIZE(m->var); i++)
		m->var[i] = (struct hawk_value){ .flags = HAWK_VAL_ABSENT };
	return &m->fixed;
}

void hawk_make_bytes(struct hawk_value *v, const void *data, size_t len, size_t full)
{
	*v = (struct hawk_value){ .bytes = data, .len = (uint32_t)len, .full = (uint32_t)full };
	if (full > len)
		v->flags = HAWK_VAL_TRUNCATED;
}

void hawk_make_list(struct hawk_value *v, const struct hawk_buf *list, bool cut)
{
	*v = (struct hawk_value){
		.bytes = list->len ? (const uint8_t *)list->data : (const uint8_t *)"",
		.len = (uint32_t)list->len,
		.full = (uint32_t)list->len,
		.flags = cut || list->error ? HAWK_VAL_INCOMPLETE : 0,
	};
}

void hawk_make_end(struct hawk_making *m, uint16_t event)
{
	struct hawk_event *out = &m->d->out;
	const struct hawk_event_desc *desc = hawk_event_by_id(event);

	memcpy(out, m->base, offsetof(struct hawk_event, data));
	out->desc = desc;
	for (size_t i = 0; i < desc->n_fields; i++) {
		const struct hawk_field_desc *f = &desc->fields[i];
		const struct hawk_type_desc *t = hawk_type_desc(f->type);

		if (t->var)
			out->data[i] = m->var[f->var];
		else
			hawk_value_load(&out->data[i], t->vclass, t->size, m->fixed.bytes + f->offset);
	}
	m->fn(m->ctx, out);
}

static void run(struct hawk_making *m, uint32_t classes)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (rows[i].class & classes && m->wanted >> i & 1)
			rows[i].make(m);
}

static void on_dns(struct hawk_making *m, const uint8_t *data, size_t len, bool cut)
{
	m->dns = (struct hawk_dns_message){
		.data = data, .len = len, .cut = cut, .tcp = m->p.transport == HAWK_NET_TCP,
	};
	if (hawk_dns_parse(&m->dns.head, data, len) < 0) {
		m->d->stats.malformed++;
		return;
	}
	m->dns.answer = m->dns.head.flags & HAWK_DNS_QR;
	hawk_learn_dns(m);
	run(m, HAWK_PKT_DNS);
}

static struct hawk_stream_key key_of(const struct hawk_making *m, uint32_t class)
{
	return (struct hawk_stream_key){ m->meta.cookie, m->meta.direction | class << 1 };
}

static const uint8_t *add_segment(struct hawk_making *m, uint32_t class, bool begin, size_t *ret_len)
{
	const struct hawk_segment segment = {
		m->p.tcp.seq, m->p.payload, m->p.payload_len, m->p.payload_full,
	};

	return hawk_streams_add(m->d->streams, key_of(m, class), &segment, begin, ret_len);
}

/*
 * RFC 1035 4.2.2: each message after its length in two bytes. What is in one
 * piece is taken from the segment; a segment that was cut on its way to us
 * ends the stream.
 */
static void dns_stream(struct hawk_making *m)
{
	bool cut = m->p.payload_full > m->p.payload_len;
	struct hawk_stream_key key = key_of(m, HAWK_PKT_DNS);
	const uint8_t *data;
	size_t len, at = 0;

	if (!m->p.payload_len)
		return;
	data = add_segment(m, HAWK_PKT_DNS, true, &len);
	if (!data)
		return;
	while (len - at >= 2) {
		size_t n = hawk_net_16(data + at);

		if (n > len - at - 2 && !cut)
			break;
		if (n > len - at - 2)
			n = len - at - 2;
		if (n)
			on_dns(m, data + at + 2, n, cut && at + 2 + n == len);
		at += 2 + n;
	}
	if (cut)
		hawk_streams_drop(m->d->streams, key, false);
	else if (at)
		hawk_streams_take(m->d->streams, key, at);
}

static void on_http(struct hawk_making *m)
{
	if (hawk_http_parse(&m->http, m->p.payload, m->p.payload_len) < 0) {
		m->d->stats.malformed++;
		return;
	}
	hawk_learn_http(m);
	run(m, HAWK_PKT_HTTP);
}

static void tls_whole(struct hawk_making *m, const uint8_t *data, size_t len)
{
	if (hawk_tls_parse(&m->tls, data, len) < 0) {
		m->d->stats.malformed++;
		return;
	}
	hawk_learn_tls(m);
	run(m, HAWK_PKT_TLS);
}

static void on_tls(struct hawk_making *m)
{
	const uint8_t *data = m->p.payload;
	size_t len = m->p.payload_len;
	long need = hawk_tls_need(data, len);
	struct hawk_stream_key key = key_of(m, HAWK_PKT_TLS);

	m->segments = 1;
	if (need > 0 && (size_t)need <= len && !hawk_streams_segments(m->d->streams, key)) {
		tls_whole(m, data, len);
		return;
	}
	/* of a few bytes that may begin one, too */
	data = add_segment(m, HAWK_PKT_TLS, need > 0 || need == -EAGAIN, &len);
	if (!data)
		return;
	need = hawk_tls_need(data, len);
	if (need == -EAGAIN || (need > 0 && (size_t)need > len))
		return;
	m->segments = hawk_streams_segments(m->d->streams, key);
	if (need > 0)
		tls_whole(m, data, len);
	else
		m->d->stats.malformed++;
	hawk_streams_drop(m->d->streams, key, need > 0);
}

/* The classes of which the headers are enough. */
#define HEADERS (HAWK_PKT_ALL | HAWK_PKT_IPV4 | HAWK_PKT_IPV6 | HAWK_PKT_TCP | HAWK_PKT_UDP | HAWK_PKT_ICMP | HAWK_PKT_ICMPV6)

static void on_packet(struct hawk_making *m)
{
	const struct hawk_event_desc *desc = m->base->desc;
	uint32_t classes;

	m->d->stats.packets++;
	m->data = &m->base->data[hawk_event_field(desc, "data")];
	for (size_t i = 0; i < desc->n_fields; i++) {
		const struct hawk_field_desc *f = &desc->fields[i];

		if (!hawk_type_desc(f->type)->var) /* little-endian, as event.c demands */
			memcpy((uint8_t *)&m->meta + f->offset, &m->base->data[i].u, hawk_type_desc(f->type)->size);
	}
	if (hawk_net_parse(&m->p, m->data->bytes, m->data->len, m->meta.packet_len) < 0) {
		m->d->stats.malformed++;
		return;
	}
	classes = m->meta.classes;
	run(m, classes & HEADERS);
	if (classes & HAWK_PKT_DNS && m->p.transport == HAWK_NET_UDP)
		on_dns(m, m->p.payload, m->p.payload_len, m->p.payload_full > m->p.payload_len);
	else if (classes & HAWK_PKT_DNS && m->p.transport == HAWK_NET_TCP)
		dns_stream(m);
	if (classes & HAWK_PKT_HTTP && m->p.transport == HAWK_NET_TCP)
		on_http(m);
	if (classes & HAWK_PKT_TLS && m->p.transport == HAWK_NET_TCP)
		on_tls(m);
}

/* Sets the field TO of EVENT to the names of the address in FROM; without any it stays absent. */
static void add_names(struct hawk_derive *d, struct hawk_event *event, const char *from, const char *to)
{
	const struct hawk_value *ip = &event->data[hawk_event_field(event->desc, from)];
	struct hawk_value *names = &event->data[hawk_event_field(event->desc, to)];
	struct hawk_buf *list = &d->list[to[0] == 's']; /* two lists of an event live at once */

	if (!(names->flags & HAWK_VAL_ABSENT)) /* a recording has them */
		return;
	hawk_buf_reset(list);
	if (hawk_dnscache_names(d->dns, ip->bytes, event->time, list) > 0)
		hawk_make_list(names, list, false);
}

/* Who is told of what is made. */
struct teller {
	struct hawk_derive *d;
	void (*fn)(void *ctx, struct hawk_event *derived);
	void *ctx;
};

static void count_and_tell(void *ctx, struct hawk_event *derived)
{
	struct teller *t = ctx;
	_Atomic uint64_t *count = &t->d->counts[derived->desc->id];

	atomic_store_explicit(count, atomic_load_explicit(count, memory_order_relaxed) + 1, memory_order_relaxed);
	t->fn(t->ctx, derived);
}

uint64_t hawk_derive_count(const struct hawk_derive *d, uint16_t event)
{
	return atomic_load_explicit(&d->counts[event], memory_order_relaxed);
}

void hawk_derive_event(struct hawk_derive *d, struct hawk_event *event,
		       void (*fn)(void *ctx, struct hawk_event *derived), void *ctx)
{
	struct teller teller = { d, fn, ctx };
	struct hawk_making m;

	if (event->rec_flags & HAWK_REC_MAKES && event->desc->syscall) {
		hawk_made_of(&d->made, d->by_calls, event, &d->out, count_and_tell, &teller);
		return;
	}
	switch (event->desc->id) {
	case HAWK_EV_NET_FLOW_TCP_BEGIN:
	case HAWK_EV_NET_FLOW_TCP_END:
		add_names(d, event, "src", "src_dns");
		/* fall through */
	case HAWK_EV_NET_TCP_CONNECT:
		add_names(d, event, "dst", "dst_dns");
		return;
	}
	if (event->desc->id != HAWK_EV_NET_PACKET_BASE)
		return;
	m.d = d;
	m.base = event;
	m.fn = count_and_tell;
	m.ctx = &teller;
	m.wanted = atomic_load_explicit(&d->wanted, memory_order_relaxed);
	on_packet(&m);
}

struct hawk_derive_stats hawk_derive_stats(const struct hawk_derive *d)
{
	struct hawk_derive_stats stats = d->stats;

	stats.streams = hawk_streams_stats(d->streams);
	return stats;
}

struct hawk_dnscache *hawk_derive_dns(struct hawk_derive *d)
{
	return d->dns;
}

struct hawk_targets *hawk_derive_targets(struct hawk_derive *d)
{
	return d->targets;
}
