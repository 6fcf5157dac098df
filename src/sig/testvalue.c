/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Values of fields as tests write them. */
#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/un.h>

#include "src/base/duration.h"
#include "src/event/names.h"
#include "src/sig/testworld.h"

struct hawk_sig_block {
	struct hawk_sig_block *next;
	_Alignas(16) uint8_t data[];
};

void *hawk_sig_world_alloc(struct hawk_sig_world *w, size_t n)
{
	struct hawk_sig_block *b = calloc(1, sizeof(*b) + n);

	if (!b) {
		w->no_memory = true;
		return NULL;
	}
	b->next = w->blocks;
	w->blocks = b;
	return b->data;
}

void hawk_sig_world_done(struct hawk_sig_world *w)
{
	for (size_t i = 0; i < w->n_processes; i++)
		free(w->processes[i]->json.data);
	while (w->blocks) {
		struct hawk_sig_block *next = w->blocks->next;

		free(w->blocks);
		w->blocks = next;
	}
}

int hawk_sig_world_duration(struct hawk_sig_world *w, struct hawk_yaml_node *node, int64_t *ret)
{
	const char *text = node->kind == HAWK_YAML_SCALAR ? node->text : "";
	const bool minus = text[0] == '-';
	uint64_t ns;

	if (hawk_duration_parse(text + minus, strlen(text + minus), &ns) < 0 || ns > INT64_MAX / 4)
		return hawk_yaml_refuse(&w->yaml, node, 0, "expected a time such as 10s or 5min");
	*ret = minus ? -(int64_t)ns : (int64_t)ns;
	return 0;
}

static int bytes(struct hawk_sig_world *w, const void *p, size_t n, struct hawk_value *ret)
{
	uint8_t *copy = hawk_sig_world_alloc(w, n + 1);

	if (!copy)
		return -ENOMEM;
	memcpy(copy, p, n);
	*ret = (struct hawk_value){ .bytes = copy, .len = (uint32_t)n, .full = (uint32_t)n };
	return 0;
}

/* "10.0.0.1:443", "[::1]:443", "unix:/path", "/path", "@abstract" */
static int address(struct hawk_sig_world *w, struct hawk_yaml_node *node, struct hawk_value *ret)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	struct sockaddr_in in = { .sin_family = AF_INET };
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6 };
	const char *text = node->text, *colon = strrchr(text, ':');
	char host[INET6_ADDRSTRLEN] = "";
	size_t len;

	text += strncmp(text, "unix:", 5) == 0 ? 5 : 0;
	len = strlen(text);
	if (text[0] == '/' || text[0] == '@') {
		if (len >= sizeof(un.sun_path))
			return hawk_yaml_refuse(&w->yaml, node, 0, "the path is too long for a socket");
		memcpy(un.sun_path, text, len);
		if (text[0] == '@')
			un.sun_path[0] = 0;
		return bytes(w, &un, offsetof(struct sockaddr_un, sun_path) + len + (text[0] == '/'), ret);
	}
	if (colon && (size_t)(colon - text) < sizeof(host)) {
		len = (size_t)(colon - text);
		if (text[0] == '[' && len > 2 && colon[-1] == ']')
			memcpy(host, text + 1, len - 2);
		else
			memcpy(host, text, len);
	}
	in.sin_port = in6.sin6_port = htons((uint16_t)(colon ? strtoul(colon + 1, NULL, 10) : 0));
	if (inet_pton(AF_INET, host, &in.sin_addr) == 1)
		return bytes(w, &in, sizeof(in), ret);
	if (inet_pton(AF_INET6, host, &in6.sin6_addr) == 1)
		return bytes(w, &in6, sizeof(in6), ret);
	return hawk_yaml_refuse(&w->yaml, node, 0,
				"expected an address: 10.0.0.1:443, [::1]:443, /path of a socket or @name");
}

static int strings(struct hawk_sig_world *w, struct hawk_yaml_node *node, struct hawk_value *ret)
{
	struct hawk_buf all = HAWK_BUF_INIT;
	int r = 0;

	for (struct hawk_yaml_node *one = node->first; one && r == 0; one = one->next) {
		if (one->kind != HAWK_YAML_SCALAR)
			r = hawk_yaml_refuse(&w->yaml, one, 0, "expected a text, not %s", hawk_yaml_kind_name(one));
		else
			hawk_buf_put(&all, one->text, strlen(one->text) + 1);
	}
	if (r == 0)
		r = all.error ? all.error : bytes(w, all.len ? all.data : "", all.len, ret);
	hawk_buf_done(&all);
	return r;
}

/* A number by name or digits; a list of names are flags. */
static int number(struct hawk_sig_world *w, struct hawk_yaml_node *node, enum hawk_type type, struct hawk_value *ret)
{
	uint64_t one;
	int64_t ns;

	if (node->kind == HAWK_YAML_LIST) {
		*ret = (struct hawk_value){ .u = 0 };
		for (struct hawk_yaml_node *n = node->first; n; n = n->next) {
			struct hawk_value v;

			if (n->kind != HAWK_YAML_SCALAR || number(w, n, type, &v) < 0)
				return hawk_yaml_refuse(&w->yaml, n, 0, "expected the name of a flag");
			ret->u |= v.u;
		}
		return 0;
	}
	/* A time of the event's clock is told from when the test begins. */
	if (type == HAWK_T_TIME) {
		if (hawk_sig_world_duration(w, node, &ns) < 0)
			return -EINVAL;
		*ret = (struct hawk_value){ .u = HAWK_SIG_WORLD_BOOT + (uint64_t)ns };
		return 0;
	}
	if (hawk_value_parse_number(type, node->text, &one) < 0)
		return hawk_yaml_refuse(&w->yaml, node, 0, "\"%.64s\" is no %s", node->text, hawk_type_desc(type)->name);
	*ret = (struct hawk_value){ .u = one };
	return 0;
}

/* {type: SOCK_DGRAM, local_port: 40000}: what a descriptor is that is a socket. */
static int socket_facts(struct hawk_sig_world *w, struct hawk_yaml_node *node, struct hawk_value *ret)
{
	struct hawk_abi_socket facts = { .family = AF_INET };
	const struct {
		const char *name;
		enum hawk_type type;
		uint16_t *to;
	} parts[] = {
		{ "family", HAWK_T_FAMILY, &facts.family },	   { "type", HAWK_T_SOCKET_TYPE, &facts.type },
		{ "protocol", HAWK_T_IPPROTO, &facts.protocol },   { "local_port", HAWK_T_PORT, &facts.local_port },
		{ "remote_port", HAWK_T_PORT, &facts.remote_port },
	};

	for (struct hawk_yaml_node *one = node->first; one; one = one->next) {
		struct hawk_value v;
		size_t i = 0;

		while (i < sizeof(parts) / sizeof(parts[0]) && strcmp(parts[i].name, one->key) != 0)
			i++;
		if (i == sizeof(parts) / sizeof(parts[0]) || one->kind != HAWK_YAML_SCALAR)
			return hawk_yaml_refuse(&w->yaml, one, 0, "\"%.64s\" of a socket is not written here",
						one->key);
		if (number(w, one, parts[i].type, &v) < 0)
			return -EINVAL;
		*parts[i].to = (uint16_t)v.u;
	}
	return bytes(w, &facts, sizeof(facts), ret);
}

int hawk_sig_world_value(struct hawk_sig_world *w, struct hawk_yaml_node *node, enum hawk_type type,
			 struct hawk_value *ret)
{
	enum hawk_vclass vclass = hawk_type_desc(type)->vclass;
	uint8_t ip[16];

	if (vclass == HAWK_V_STRV && node->kind == HAWK_YAML_LIST)
		return strings(w, node, ret);
	if (type == HAWK_T_SOCKET && node->kind == HAWK_YAML_MAP)
		return socket_facts(w, node, ret);
	if (node->kind == HAWK_YAML_MAP || (node->kind == HAWK_YAML_LIST && vclass >= HAWK_V_IP))
		return hawk_yaml_refuse(&w->yaml, node, 0, "expected a value of type %s, not %s",
					hawk_type_desc(type)->name, hawk_yaml_kind_name(node));
	switch (vclass) {
	case HAWK_V_UINT:
	case HAWK_V_SINT:
		return number(w, node, type, ret);
	case HAWK_V_IP:
		if (hawk_ip_parse(node->text, ip) < 0)
			return hawk_yaml_refuse(&w->yaml, node, 0, "\"%.64s\" is no address", node->text);
		return bytes(w, ip, 16, ret);
	case HAWK_V_STRV:
		return bytes(w, node->text, strlen(node->text) + 1, ret);
	case HAWK_V_BYTES:
		if (type == HAWK_T_SOCKADDR || type == HAWK_T_SOCKADDR_OUT)
			return address(w, node, ret);
		return bytes(w, node->text, strlen(node->text), ret);
	default:
		return hawk_yaml_refuse(&w->yaml, node, 0, "a %s is not written here", hawk_type_desc(type)->name);
	}
}
