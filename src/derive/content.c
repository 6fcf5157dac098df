/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Events about HTTP messages and TLS connections, and whom processes talk to. */
#include <string.h>

#include "src/derive/internal.h"

static void put_slice(struct hawk_value *v, const struct hawk_slice *s)
{
	if (s->len)
		hawk_make_bytes(v, s->data, s->len, s->len);
}

/* The last thing that is there of a head that was cut. */
static void put_last(struct hawk_making *m, struct hawk_value *v, const struct hawk_slice *s)
{
	put_slice(v, s);
	if (s->len && !m->http.version.len)
		v->flags |= HAWK_VAL_INCOMPLETE;
}

static void put_headers(struct hawk_making *m, struct hawk_value *v)
{
	struct hawk_slice rest = m->http.headers, line;
	struct hawk_buf *list = &m->d->list[0];

	hawk_buf_reset(list);
	while (hawk_http_line(&rest, &line)) {
		hawk_buf_put(list, line.data, line.len);
		hawk_buf_putc(list, '\0');
	}
	hawk_make_list(v, list, !m->http.complete);
}

void hawk_make_NET_PACKET_HTTP(struct hawk_making *m)
{
	struct hawk_abi_NET_PACKET_HTTP *e = HAWK_MAKE_PACKET(m, NET_PACKET_HTTP);

	e->status_code = m->http.status;
	put_slice(&m->var[HAWK_VAR_NET_PACKET_HTTP_method], &m->http.method);
	put_last(m, &m->var[HAWK_VAR_NET_PACKET_HTTP_uri], &m->http.target);
	put_slice(&m->var[HAWK_VAR_NET_PACKET_HTTP_protocol], &m->http.version);
	put_slice(&m->var[HAWK_VAR_NET_PACKET_HTTP_host], &m->http.host);
	put_slice(&m->var[HAWK_VAR_NET_PACKET_HTTP_status], &m->http.reason);
	put_headers(m, &m->var[HAWK_VAR_NET_PACKET_HTTP_headers]);
	hawk_make_end(m, HAWK_EV_NET_PACKET_HTTP);
}

void hawk_make_NET_PACKET_HTTP_REQUEST(struct hawk_making *m)
{
	if (m->http.response)
		return;
	HAWK_MAKE_PACKET(m, NET_PACKET_HTTP_REQUEST);
	put_slice(&m->var[HAWK_VAR_NET_PACKET_HTTP_REQUEST_method], &m->http.method);
	put_last(m, &m->var[HAWK_VAR_NET_PACKET_HTTP_REQUEST_uri], &m->http.target);
	put_slice(&m->var[HAWK_VAR_NET_PACKET_HTTP_REQUEST_protocol], &m->http.version);
	put_slice(&m->var[HAWK_VAR_NET_PACKET_HTTP_REQUEST_host], &m->http.host);
	put_slice(&m->var[HAWK_VAR_NET_PACKET_HTTP_REQUEST_user_agent], &m->http.user_agent);
	put_headers(m, &m->var[HAWK_VAR_NET_PACKET_HTTP_REQUEST_headers]);
	hawk_make_end(m, HAWK_EV_NET_PACKET_HTTP_REQUEST);
}

void hawk_make_NET_PACKET_HTTP_RESPONSE(struct hawk_making *m)
{
	struct hawk_abi_NET_PACKET_HTTP_RESPONSE *e;

	if (!m->http.response)
		return;
	e = HAWK_MAKE_PACKET(m, NET_PACKET_HTTP_RESPONSE);
	e->status_code = m->http.status;
	put_slice(&m->var[HAWK_VAR_NET_PACKET_HTTP_RESPONSE_status], &m->http.reason);
	put_slice(&m->var[HAWK_VAR_NET_PACKET_HTTP_RESPONSE_protocol], &m->http.version);
	put_slice(&m->var[HAWK_VAR_NET_PACKET_HTTP_RESPONSE_content_type], &m->http.content_type);
	put_headers(m, &m->var[HAWK_VAR_NET_PACKET_HTTP_RESPONSE_headers]);
	hawk_make_end(m, HAWK_EV_NET_PACKET_HTTP_RESPONSE);
}

void hawk_make_NET_TLS_CLIENT_HELLO(struct hawk_making *m)
{
	struct hawk_abi_NET_TLS_CLIENT_HELLO *e = HAWK_MAKE_PACKET(m, NET_TLS_CLIENT_HELLO);
	struct hawk_buf *list = &m->d->list[0];
	const struct hawk_slice name = { m->tls.server_name, m->tls.server_name_len };

	e->version = m->tls.version;
	e->ciphers = m->tls.ciphers;
	e->segments = (uint16_t)m->segments;
	put_slice(&m->var[HAWK_VAR_NET_TLS_CLIENT_HELLO_server_name], &name);
	hawk_buf_reset(list);
	for (size_t i = 0; i < m->tls.n_alpn; i++) {
		hawk_buf_put(list, m->tls.alpn[i].name, m->tls.alpn[i].len);
		hawk_buf_putc(list, '\0');
	}
	if (m->tls.n_alpn)
		hawk_make_list(&m->var[HAWK_VAR_NET_TLS_CLIENT_HELLO_alpn], list, false);
	hawk_make_end(m, HAWK_EV_NET_TLS_CLIENT_HELLO);
}

/* Of packets that the process sends: what others ask of it is no target. */
static void learn(struct hawk_making *m, enum hawk_target_kind kind, const struct hawk_slice *name)
{
	struct hawk_target t = {
		.pid = m->base->tgid,
		.start = m->base->start,
		.kind = kind,
		.port = m->p.dst_port,
		.len = (uint16_t)(name->len < HAWK_TARGET_NAME_MAX ? name->len : HAWK_TARGET_NAME_MAX),
		.last = m->base->time,
	};

	if (m->meta.direction != HAWK_EGRESS || !t.pid || !name->len)
		return;
	memcpy(t.name, name->data, t.len);
	memcpy(t.ip, m->p.dst, sizeof(t.ip));
	hawk_targets_add(m->d->targets, &t);
}

void hawk_learn_http(struct hawk_making *m)
{
	if (!m->http.response)
		learn(m, HAWK_TARGET_HTTP, &m->http.host);
}

void hawk_learn_tls(struct hawk_making *m)
{
	const struct hawk_slice name = { m->tls.server_name, m->tls.server_name_len };

	learn(m, HAWK_TARGET_TLS, &name);
}
