/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * empty_program TRACEPOINT…: has a program that does nothing on each of these raw tracepoints until its standard input
 * ends: what it costs to be there at all. empty_program packets: two, on the packets that come and go. Says "attached"
 * when it is. Root.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "src/base/cleanup.h"
#include "src/collect/cgroup.h"

static int load(enum bpf_prog_type type, enum bpf_attach_type place, int answer)
{
	const struct bpf_insn nothing[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = answer },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	LIBBPF_OPTS(bpf_prog_load_opts, options, .expected_attach_type = place);

	return bpf_prog_load(type, "empty", "Dual BSD/GPL", nothing, ARRAY_SIZE(nothing), &options);
}

static int on_tracepoint(const char *name)
{
	int prog = load(BPF_PROG_TYPE_RAW_TRACEPOINT, 0, 0);

	return prog < 0 ? prog : bpf_raw_tracepoint_open(name, prog);
}

/* Lets all packets pass, in both directions. */
static int on_packets(void)
{
	const enum bpf_attach_type places[] = { BPF_CGROUP_INET_INGRESS, BPF_CGROUP_INET_EGRESS };
	int root = hawk_cgroup_root(), r = root;

	for (size_t i = 0; i < ARRAY_SIZE(places) && r >= 0; i++) {
		r = load(BPF_PROG_TYPE_CGROUP_SKB, places[i], 1);
		if (r >= 0)
			r = bpf_link_create(r, root, places[i], NULL);
	}
	return r;
}

static int attach(const char *place)
{
	return strcmp(place, "packets") == 0 ? on_packets() : on_tracepoint(place);
}

int main(int argc, char **argv)
{
	char c;

	for (int i = 1; i < argc; i++) {
		if (attach(argv[i]) < 0) {
			fprintf(stderr, "empty_program: %s: %s\n", argv[i], strerror(errno));
			return EXIT_FAILURE;
		}
	}
	puts("attached");
	fflush(stdout);
	while (read(STDIN_FILENO, &c, 1) > 0)
		;
	return EXIT_SUCCESS;
}
