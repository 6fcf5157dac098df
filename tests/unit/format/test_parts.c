/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What filters find inside of a value is what JSON shows there, by the same names. */
#include <arpa/inet.h>
#include <linux/if_alg.h>
#include <linux/if_packet.h>
#include <linux/if_xdp.h>
#include <linux/netlink.h>
#include <linux/sched.h>
#include <linux/vm_sockets.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <cmocka.h>
#include <jansson.h>

#include "src/base/cleanup.h"
#include "src/event/part.h"
#include "src/format/render.h"

static struct hawk_json writer;

static json_t *encode(enum hawk_type type, const struct hawk_value *v)
{
	const struct hawk_json_key key = { .type = (uint8_t)type, .how = (uint8_t)hawk_json_how(type) };
	struct hawk_buf out = HAWK_BUF_INIT;
	json_t *j;

	hawk_json_value(&writer, &key, v, &out);
	j = json_loadb(out.data, out.len, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
	assert_non_null(j);
	hawk_buf_done(&out);
	return j;
}

/* The I-th value of the part NAME is the JSON WANT. */
static void assert_part(enum hawk_type type, const struct hawk_value *v, const char *name, size_t i, json_t *want)
{
	struct hawk_part_store store;
	struct hawk_part part;
	struct hawk_value one;
	json_t *got;

	if (hawk_part_find(type, name, &part) < 0 || hawk_part_get(&part, v, i, &store, &one) < 0)
		fail_msg("%s is not found", name);
	got = encode((enum hawk_type)part.type, &one);
	/* the type of a socket is one word there, and bits where flags may stand beside it */
	if (!json_equal(json_is_array(got) && !json_is_array(want) ? json_array_get(got, 0) : got, want))
		fail_msg("%s differs", name);
	json_decref(got);
}

/* Every member of OBJECT is a part, but raw bytes. */
static void assert_members(enum hawk_type type, const struct hawk_value *v, const char *head, json_t *object)
{
	const char *key;
	json_t *member;

	json_object_foreach(object, key, member) {
		char name[64];

		snprintf(name, sizeof(name), "%s%s", head, key);
		if (strcmp(key, "sa_data") == 0 || strcmp(key, "sll_addr") == 0)
			continue;
		if (json_is_object(member))
			assert_members(type, v, "name.", member);
		else if (strcmp(key, "fds") == 0)
			for (size_t i = 0; i < json_array_size(member); i++)
				assert_part(type, v, name, i, json_array_get(member, i));
		else
			assert_part(type, v, name, 0, member);
	}
}

static void assert_same(enum hawk_type type, const void *bytes, size_t len, size_t members)
{
	const struct hawk_value v = { .bytes = bytes, .len = (uint32_t)len, .full = (uint32_t)len };
	json_t *object = encode(type, &v);

	assert_true(json_is_object(object));
	assert_int_equal(json_object_size(object), members);
	assert_members(type, &v, "", object);
	json_decref(object);
}

static void addresses(void **state)
{
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons(80) };
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6, .sin6_port = htons(443), .sin6_scope_id = 2,
				    .sin6_flowinfo = htonl(7), .sin6_addr = IN6ADDR_LOOPBACK_INIT };
	struct sockaddr_un un = { .sun_family = AF_UNIX, .sun_path = "/run/x.sock" };
	struct sockaddr_un hidden = { .sun_family = AF_UNIX, .sun_path = "\0a\0b" };
	struct sockaddr_nl nl = { .nl_family = AF_NETLINK, .nl_pid = 7, .nl_groups = 1 };
	struct sockaddr_vm vm = { .svm_family = AF_VSOCK, .svm_cid = VMADDR_CID_HOST, .svm_port = 22 };
	struct sockaddr_alg alg = { .salg_family = AF_ALG, .salg_type = "hash", .salg_name = "sha256", .salg_mask = 5 };
	struct sockaddr_xdp xdp = { .sxdp_family = AF_XDP, .sxdp_ifindex = 3, .sxdp_queue_id = 4 };
	struct sockaddr_ll ll = { .sll_family = AF_PACKET, .sll_protocol = htons(3), .sll_ifindex = -2,
				  .sll_hatype = 5, .sll_pkttype = 4, .sll_halen = 6 };

	(void)state;
	in.sin_addr.s_addr = htonl(0x0a010203);
	assert_same(HAWK_T_SOCKADDR, &in, sizeof(in), 3);
	assert_same(HAWK_T_SOCKADDR, &in6, sizeof(in6), 5);
	assert_same(HAWK_T_SOCKADDR_OUT, &in6, offsetof(struct sockaddr_in6, sin6_scope_id), 5);
	assert_same(HAWK_T_SOCKADDR, &un, sizeof(un), 2);
	assert_same(HAWK_T_SOCKADDR, &un, 2, 2);
	assert_same(HAWK_T_SOCKADDR, &hidden, 2 + 4, 2);
	assert_same(HAWK_T_SOCKADDR, &nl, sizeof(nl), 3);
	assert_same(HAWK_T_SOCKADDR, &vm, sizeof(vm), 4);
	assert_same(HAWK_T_SOCKADDR_OUT, &vm, 13, 4);
	assert_same(HAWK_T_SOCKADDR, &vm, 12, 2);
	assert_same(HAWK_T_SOCKADDR, &alg, sizeof(alg), 5);
	assert_same(HAWK_T_SOCKADDR, &xdp, sizeof(xdp), 5);
	assert_same(HAWK_T_SOCKADDR, &ll, sizeof(ll), 6);
}

static void messages(void **state)
{
	struct {
		struct hawk_abi_msg head;
		struct sockaddr_in name;
		uint64_t len;
		int32_t words[4];
		struct hawk_abi_iov iov;
		uint64_t entries[2];
		char data[5];
	} __attribute__((packed)) wire = {
		.head = { .controllen = 24, .name_len = sizeof(wire.name), .control_len = 24, .flags = MSG_PEEK },
		.name = { .sin_family = AF_INET, .sin_port = htons(53) },
		.len = 24,
		.words = { SOL_SOCKET, SCM_RIGHTS, 7, 8 },
		.iov = { 1, 16, 5 },
		.entries = { 0x1000, 5 },
		.data = "hello",
	};

	(void)state;
	assert_same(HAWK_T_MSGHDR, &wire, sizeof(wire), 7);
	assert_same(HAWK_T_MSGHDR_OUT, &wire, sizeof(wire), 7);
	assert_same(HAWK_T_MMSGHDR, &wire, sizeof(wire), 7);
	assert_same(HAWK_T_IOVEC, &wire.iov, sizeof(wire.iov) + 16 + 5, 3);
	/* without what it leads to, which lies in another process */
	wire.iov.data_len = 0;
	assert_same(HAWK_T_IOVEC_REMOTE, &wire.iov, sizeof(wire.iov) + 16, 3);
	wire.iov.entries_len = 0;
	assert_same(HAWK_T_IOVEC_REMOTE, &wire.iov, sizeof(wire.iov), 2);
}

static void sockets(void **state)
{
	struct {
		struct hawk_abi_socket s;
		char names[8];
	} wire = {
		.s = { .family = AF_UNIX, .type = SOCK_STREAM, .name_len = 4, .peer_len = 2, .inode = 77 },
		.names = "\0abs/x",
	};
	const uint8_t v4[16] = { [10] = 0xff, 0xff, 127, 0, 0, 1 };

	(void)state;
	assert_same(HAWK_T_SOCKET, &wire, sizeof(wire), 6);
	wire.s = (struct hawk_abi_socket){ .family = AF_INET, .type = SOCK_DGRAM, .protocol = IPPROTO_UDP,
					   .local_port = 80, .remote_port = 81, .inode = 5 };
	memcpy(wire.s.local.b, v4, 16);
	memcpy(wire.s.remote.b, v4, 16);
	assert_same(HAWK_T_SOCKET, &wire, sizeof(wire.s), 8);
	wire.s.remote_port = 0;
	assert_same(HAWK_T_SOCKET, &wire, sizeof(wire.s), 6);
}

static void structures(void **state)
{
	const uint64_t args[11] = { CLONE_NEWNS, 1, 2, 3, 17, 5, 6, 7, 8, 9, 10 };
	const uint64_t attr[8] = { 0 /* BPF_MAP_CREATE */, 1 | 4ULL << 32, 8 | 9ULL << 32 };

	(void)state;
	assert_same(HAWK_T_CLONE_ARGS, args, sizeof(args), 11);
	assert_same(HAWK_T_OPEN_HOW, args, 24, 3);
	assert_same(HAWK_T_BPF_ATTR, attr, sizeof(attr), 8);
}

/* A filter is checked by the type that it finds first: the commands of bpf(2) must agree on theirs. */
static void one_type_per_name(void **state)
{
	struct hawk_part a, b;

	(void)state;
	for (int type = 0; type < HAWK_T_MAX; type++)
		for (size_t i = 0; hawk_part_nth((enum hawk_type)type, i, &a) == 0; i++) {
			assert_int_equal(hawk_part_find((enum hawk_type)type, a.name, &b), 0);
			if (a.type != b.type)
				fail_msg("%s has two types", a.name);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses), cmocka_unit_test(messages), cmocka_unit_test(sockets),
		cmocka_unit_test(structures), cmocka_unit_test(one_type_per_name),
	};
	int r = cmocka_run_group_tests(tests, NULL, NULL);

	hawk_json_done(&writer);
	return r;
}
