/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/golden/families.h"

#include <errno.h>
#include <linux/bpf.h>
#include <linux/capability.h>
#include <linux/io_uring.h>
#include <linux/prctl.h>
#include <linux/sched.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "bpf/abi/abi.h"
#include "src/base/cleanup.h"

/* What a field holds: a number, or bytes; and marks of it (HAWK_VAL_*). */
struct given {
	const char *field;
	int64_t number;
	const void *bytes;
	size_t len;
	uint32_t marks;
};

#define N(field, v) { field, v, NULL, 0, 0 }
#define BYTES(field, b) { field, 0, b, sizeof(b), 0 }
#define OBJECT(field, o) { field, 0, &(o), sizeof(o), 0 }
#define TEXT(field, s) { field, 0, s, sizeof(s) - 1, 0 }
#define LIST(field, s) { field, 0, s, sizeof(s), 0 } /* "one\0two" */
#define MARKED(field, s, marks) { field, 0, s, sizeof(s) - 1, marks }

/* 2024-02-03T04:05:06.000000007Z, when every file was changed. */
#define CHANGED 1706933106000000007
#define DISK (8 << 20 | 1)

static const uint8_t host[16] = { [10] = 0xff, [11] = 0xff, 192, 0, 2, 10 };
static const uint8_t resolver[16] = { [10] = 0xff, [11] = 0xff, 192, 0, 2, 53 };
static const uint8_t host6[16] = { 0x20, 0x01, 0x0d, 0xb8, [15] = 1 };
static const uint8_t remote6[16] = { 0x20, 0x01, 0x0d, 0xb8, [15] = 2 };
/* getpid: a SYSCALL_NR is that of x86_64 everywhere. */
#define GETPID 39

static const uint8_t elf[] = { 0x7f, 'E', 'L', 'F', 2, 1, 1, 0 };

static const struct sockaddr_in web = {
	.sin_family = AF_INET,
	.sin_port = 0xbb01, /* 443 in network order */
	.sin_addr = { 0x076433c6 }, /* 198.51.100.7 */
};
static const struct clone_args thread = {
	.flags = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD,
	.stack = 0x7f0000000000,
	.stack_size = 0x20000,
};
/* The kernel's struct sigaction: handler, flags, restorer, mask. */
static const uint64_t action[] = { 0x401000, SA_RESTART, 0, 1 << (SIGINT - 1) };
/* In a record the command stands before it. */
static const struct {
	uint64_t command;
	union bpf_attr attr;
} map = {
	.command = BPF_MAP_CREATE,
	.attr = { .map_type = BPF_MAP_TYPE_HASH, .key_size = 4, .value_size = 8, .max_entries = 64, .map_name = "hits" },
};

/* What all packets tell first; names.def has the numbers. */
#define INGRESS 0
#define EGRESS 1
#define PACKET(from, to, way, length) \
	BYTES("src", from), BYTES("dst", to), N("cookie", 77), N("packet_len", length), N("ifindex", 2), \
	N("direction", way), N("owner", 1)
#define FILE_AT(number, type) \
	N("inode", number), N("ctime", CHANGED), N("dev", DISK), N("inode_mode", type)

#define GIVEN_MAX 24

static const struct family {
	const char *event;
	struct given data[GIVEN_MAX]; /* up to the one without a name */
} families[] = {
	/* Files */
	{ "security_inode_rename", {
		FILE_AT(11, S_IFREG | 0644), N("flags", 1 << 1), TEXT("old_path", "/home/ann/draft"),
		TEXT("new_path", "/home/ann/paper"),
	} },
	{ "security_inode_unlink", { FILE_AT(12, S_IFREG | 0600), TEXT("pathname", "/var/log/auth.log") } },
	{ "chmod_common", {
		FILE_AT(13, S_IFREG | 0755), N("mode", 04755), N("retval", -EPERM),
		MARKED("pathname", "/tmp/sh", HAWK_VAL_ANY_MOUNT),
	} },
	{ "magic_write", {
		FILE_AT(14, S_IFREG | 0755), N("retval", 4096), MARKED("pathname", "/tmp/dropped", HAWK_VAL_DELETED),
		BYTES("bytes", elf),
	} },
	{ "io_uring_submit", { N("user_data", 0xfeed), N("flags", 0), N("opcode", IORING_OP_OPENAT) } },

	/* Network and packets */
	{ "security_socket_connect", {
		N("cookie", 77), N("sockfd", 5), N("type", SOCK_STREAM), N("protocol", IPPROTO_TCP),
		N("family", AF_INET), OBJECT("remote_addr", web),
	} },
	{ "inet_sock_set_state", {
		BYTES("src", host6), BYTES("dst", remote6), N("cookie", 78), N("src_port", 50000), N("dst_port", 22),
		N("family", AF_INET6), N("old_state", TCP_SYN_SENT), N("new_state", TCP_ESTABLISHED),
		N("protocol", IPPROTO_TCP),
	} },
	{ "net_packet_tcp", {
		PACKET(host6, remote6, EGRESS, 80), N("src_port", 50000), N("dst_port", 22), N("window", 64800),
		N("seq", 4000000000), N("ack", 0), N("payload_len", 0), N("flags", 2), N("checksum", 0x1c46),
		N("urgent", 0), N("header_len", 40),
	} },
	{ "net_packet_icmp", {
		PACKET(host, resolver, EGRESS, 84), N("checksum", 0xbeef), N("type", 8), N("code", 0), N("id", 7),
		N("seq", 1),
	} },
	{ "net_packet_dns_request", {
		PACKET(host, resolver, EGRESS, 57), N("src_port", 40000), N("dst_port", 53), N("id", 4660),
		N("query_type", 1), N("query_class", 1), N("tcp", 0), N("opcode", 0), TEXT("query", "example.org"),
		LIST("questions", "example.org IN A"),
	} },
	{ "net_packet_dns_response", {
		PACKET(resolver, host, INGRESS, 100), N("src_port", 53), N("dst_port", 40000), N("id", 4660),
		N("query_type", 1), N("query_class", 1), N("rcode", 0), N("flags", 0x8180), N("tcp", 0), N("opcode", 0),
		TEXT("query", "example.org"),
		LIST("answers", "example.org 300 IN CNAME www.example.org\0www.example.org 60 IN A 198.51.100.7"),
		LIST("addresses", "198.51.100.7"),
	} },
	{ "net_packet_dns", {
		PACKET(resolver, host, INGRESS, 200), N("src_port", 53), N("dst_port", 40001), N("id", 4661),
		N("flags", 0x8180), N("rcode", 0), N("opcode", 0), N("tcp", 1),
		LIST("questions", "2.0.192.in-addr.arpa IN NS"),
		LIST("answers", "2.0.192.in-addr.arpa 60 IN NS ns.example.org"),
		LIST("additional", "ns.example.org 60 IN AAAA 2001:db8::2\0ns.example.org 9 IN MX 10 mail.example.org"),
	} },
	{ "net_packet_http_request", {
		PACKET(host, resolver, EGRESS, 200), N("src_port", 41000), N("dst_port", 80), TEXT("method", "GET"),
		TEXT("uri", "/index.html?q=1"), TEXT("protocol", "HTTP/1.1"), TEXT("host", "example.org"),
		TEXT("user_agent", "curl/8"),
		LIST("headers", "Host: example.org\0User-Agent: curl/8\0Accept: text/html\0Accept: */*"),
	} },
	{ "net_packet_http_response", {
		PACKET(resolver, host, INGRESS, 300), N("src_port", 80), N("dst_port", 41000), N("status_code", 404),
		TEXT("status", "Not Found"), TEXT("protocol", "HTTP/1.1"), TEXT("content_type", "text/html"),
		LIST("headers", "Content-Type: text/html\0Content-Length: 12"),
	} },

	/* Credentials, signals and memory */
	{ "commit_creds", {
		N("old_uid", 1000), N("old_euid", 1000), N("old_suid", 1000), N("old_gid", 1000), N("new_uid", 1000),
		N("new_euid", 0), N("new_suid", 0), N("new_gid", 1000), N("old_cap_effective", 0),
		N("new_cap_effective", 1 << CAP_NET_ADMIN | 1 << CAP_NET_RAW), N("old_user_ns", 4026531837),
		N("new_user_ns", 4026531837), N("old_securebits", 0), N("new_securebits", 1),
	} },
	{ "cap_capable", { N("retval", -EPERM), N("cap", CAP_SYS_ADMIN), N("user_ns", 4026531837) } },
	{ "signal_generate", {
		N("target_start_time", 900000000000), N("sig", SIGTERM), N("code", 0), N("target_pid", 900),
		N("target_tid", 900), N("target_uid", 0), N("group", 1), N("result", 0), TEXT("target_comm", "auditd"),
	} },
	{ "mem_prot_alert", {
		N("addr", 0x7f0000001000), N("len", 4096), N("alert", HAWK_ALERT_W_TO_X), N("prot", PROT_READ | PROT_EXEC),
		N("prev_prot", PROT_READ | PROT_WRITE),
	} },

	/* The kernel, and what is checked of it */
	{ "module_load", {
		N("inode", 15), N("ctime", CHANGED), N("taints", 1 << 12), N("dev", DISK), TEXT("name", "snoop"),
		TEXT("src_version", "533BB7E5866E52F63B9ACCB"), TEXT("pathname", "/root/snoop.ko"),
	} },
	{ "security_bpf_prog", {
		N("tag", 0x3b185187f1855c4c), N("type", BPF_PROG_TYPE_KPROBE), N("attach_type", 0), N("id", 40),
		N("load", 1), TEXT("name", "count"), TEXT("function", ""),
	} },
	{ "hidden_kernel_module", {
		N("address", (int64_t)0xffffffffc0a00000), TEXT("name", "snoop"), TEXT("found_in", "mod_tree"),
		TEXT("missing_from", "/proc/modules"),
	} },
	{ "hooked_syscall", {
		N("address", (int64_t)0xffffffffc0a01230), TEXT("call", "getdents64"), TEXT("function", "hide"),
		TEXT("module", "snoop"), TEXT("table", "sys_call_table"),
	} },
	{ "ftrace_hook", {
		N("callback_offset", 0), N("count", 1), TEXT("symbol", "tcp4_seq_show"), TEXT("callback", "hide_port"),
		TEXT("callback_owner", "snoop"), TEXT("ftrace_flags", "RI"),
	} },

	/* What signatures find */
	{ "finding", {
		N("severity", 3), N("count", 2), TEXT("id", "5f3a11c0-7"), TEXT("signature_id", "SHK-1017"),
		TEXT("signature", "kernel_module_loading"), TEXT("title", "Kernel module loaded"), TEXT("version", "1.0.0"), TEXT("tactic", "Persistence"),
		TEXT("technique", "T1547.006"), TEXT("message", "/usr/bin/bash (pid 4242) loaded the module snoop"),
		TEXT("trigger", "module_load"), TEXT("output", "name=snoop\0path=/root/snoop.ko\0"),
		TEXT("evidence", "-0.000s module_load pid 4242: {\"name\":\"snoop\"}\0"),
	} },

	/* System calls */
	{ "sys_enter", { N("syscall", GETPID), N("number", GETPID) } },
	{ "sys_exit", { N("syscall", GETPID), N("number", GETPID), N("retval", 4242) } },
	{ "clone3", { OBJECT("cl_args", thread), N("size", sizeof(thread)), N("retval", 4301) } },
	{ "rt_sigaction", {
		N("signum", SIGCHLD), OBJECT("act", action), N("sigsetsize", 8), N("retval", 0),
		{ "oldact", 0, NULL, 0, HAWK_VAL_NULL },
	} },
	{ "bpf", { N("cmd", BPF_MAP_CREATE), OBJECT("attr", map), N("size", 72), N("retval", 3) } },
	{ "prctl", { N("option", PR_SET_NO_NEW_PRIVS), N("arg2", 1), N("arg3", 0), N("retval", 0) } },
};

size_t families_count(void)
{
	return ARRAY_SIZE(families);
}

void families_make(size_t i, struct sample *s)
{
	const struct family *family = &families[i];

	sample_init(s, family->event);
	for (const struct given *g = family->data; g < family->data + GIVEN_MAX && g->field; g++) {
		if (g->bytes)
			sample_bytes(s, g->field, g->bytes, g->len);
		else
			sample_number(s, g->field, g->number);
		sample_value(s, g->field)->flags = g->marks;
	}
}
