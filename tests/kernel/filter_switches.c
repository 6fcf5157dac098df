/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One set of filters after the other, under load and while calls wait. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "src/base/cleanup.h"
#include "tests/kernel/filter_code.h"
#include "tests/kernel/filter_live.h"

/* A generation leaves its mark at both points. */
#define MARK(generation) ((generation) * 0x9e3779b97f4a7c15ULL | 1)
struct marked {
	struct hawk_cgen cg;
	struct code scope, args;
};

static void mark_filter(struct marked *m, uint32_t generation)
{
	*m = (struct marked){ .cg.columns = 1 };
	prologue(&m->scope);
	for (unsigned int i = 0; i < HAWK_COLUMNS / 64; i++)
		set_pass(&m->scope, i, i < 2 ? MARK(generation) : 0);
	judged(&m->scope, HAWK_JUDGE_SCOPE);
	finish(&m->scope, &m->cg, HAWK_JUDGE_SCOPE);
	prologue(&m->args);
	load(&m->args, BPF_DW, BPF_REG_1, BPF_REG_7, PASS(1));
	constant(&m->args, BPF_REG_2, MARK(generation));
	add(&m->args, BPF_ALU64 | BPF_XOR | BPF_X, BPF_REG_1, BPF_REG_2, 0, 0);
	store(&m->args, BPF_DW, BPF_REG_7, PASS(1), BPF_REG_1);
	judged(&m->args, HAWK_JUDGE_ARGS);
	finish(&m->args, &m->cg, HAWK_JUDGE_ARGS);
}

struct load {
	volatile bool begin, stop;
	_Atomic uint64_t opened; /* by all children; shared memory */
	uint32_t current; /* in force */
	uint32_t pids[4];
	size_t own; /* records of them: others are on the host, too */
	size_t undecided; /* not judged: another task judged on that CPU just then */
};

static void check_mark(struct live *l, const struct hawk_abi_rec *r, size_t len)
{
	struct load *load = l->ctx;

	(void)len;
	for (size_t i = 0; i < ARRAY_SIZE(load->pids); i++)
		load->own += r->tgid == load->pids[i];
	if (!(r->flags & HAWK_REC_JUDGED)) {
		load->undecided++;
		return;
	}
	if (r->matched[0] != MARK(r->generation) || r->matched[1])
		bad(l, "a record of generation %u has the mark %#llx and %#llx", r->generation, r->matched[0], r->matched[1]);
	if (r->generation > load->current + 1)
		bad(l, "a record of generation %u, in force is %u", r->generation, load->current);
}

static void flood(void *arg)
{
	struct load *load = arg;

	while (!load->begin)
		sched_yield();
	while (!load->stop) {
		close((int)syscall(SYS_openat, AT_FDCWD, "/etc/passwd", O_RDONLY | O_CLOEXEC));
		load->opened++;
	}
}

static int listener(struct sockaddr_in *a)
{
	socklen_t len = sizeof(*a);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	*a = (struct sockaddr_in){ .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	if (fd < 0 || bind(fd, (struct sockaddr *)a, len) < 0 || listen(fd, 16) < 0 ||
	    getsockname(fd, (struct sockaddr *)a, &len) < 0)
		return -1;
	return fd;
}

static void do_accept(void *arg)
{
	int fd = *(int *)arg;

	_exit(accept4(fd, NULL, NULL, 0) < 0);
}

struct reader {
	struct live *l;
	volatile bool stop;
};

static void *read_rings(void *arg)
{
	struct reader *r = arg;

	while (!r->stop)
		drain(r->l);
	return NULL;
}

/* Under load: nothing is lost, nothing is judged by halves of two sets. */
void case_switches(struct live *l, const char *event)
{
	struct load *load = mmap(NULL, sizeof(*load), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct reader reader = { .l = l };
	struct hawk_abi_counts before, after;
	static struct marked set[2];
	uint32_t generation;
	uint64_t missed;
	pthread_t thread;
	pid_t pids[2];

	if (!watch(l, event))
		return;
	generation = put(l, event, NULL, false);
	mark_filter(&set[(generation + 1) & 1], generation + 1);
	load->current = generation = put(l, event, &set[(generation + 1) & 1].cg, false);
	drain(l);
	before = counts(l);
	missed = left_out(l);
	l->check = check_mark;
	l->ctx = load;
	l->n = l->judged = 0;
	if (pthread_create(&thread, NULL, read_rings, &reader))
		return;
	for (size_t i = 0; i < ARRAY_SIZE(pids); i++)
		load->pids[i] = (uint32_t)(pids[i] = in_child(0, flood, load));
	load->begin = true;
	for (unsigned int i = 0; i < l->switches && !l->failed; i++) {
		mark_filter(&set[(generation + 1) & 1], generation + 1);
		generation = put(l, event, &set[(generation + 1) & 1].cg, false);
		load->current = generation;
	}
	load->stop = true;
	for (size_t i = 0; i < ARRAY_SIZE(pids); i++)
		wait_for(l, pids[i]);
	reader.stop = true;
	pthread_join(thread, NULL);
	drain(l);
	after = counts(l);
	missed = left_out(l) - missed;
	printf("  %u switches, %llu calls, %zu records of them, %llu runs left out by the kernel, %zu not judged\n",
	       l->switches, (unsigned long long)load->opened, load->own, (unsigned long long)missed, load->undecided);
	if (load->undecided > load->own / 100)
		bad(l, "%zu of %zu records were not judged", load->undecided, load->own);
	if (load->own > load->opened || load->own + missed < load->opened || after.lost != before.lost ||
	    after.filtered != before.filtered)
		bad(l, "%llu lost, %llu filtered", after.lost - before.lost, after.filtered - before.filtered);
	munmap(load, sizeof(*load));
}

/* Calls that began under one generation and return under another. */
void case_accept(struct live *l, const char *event)
{
	struct load load = { .stop = false };
	static struct marked set[2];
	struct sockaddr_in a;
	int fd = listener(&a);
	uint32_t generation;
	pid_t pids[4];

	if (fd < 0 || !watch(l, event))
		return;
	generation = put(l, event, NULL, false);
	for (size_t i = 0; i < ARRAY_SIZE(pids); i++) {
		mark_filter(&set[(generation + 1) & 1], generation + 1);
		generation = put(l, event, &set[(generation + 1) & 1].cg, false);
		pids[i] = in_child(0, do_accept, &fd);
		load.pids[i] = (uint32_t)pids[i];
	}
	load.current = generation;
	l->check = check_mark;
	l->ctx = &load;
	for (size_t i = 0; i < ARRAY_SIZE(pids); i++) {
		int s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

		if (connect(s, (struct sockaddr *)&a, sizeof(a)) < 0)
			bad(l, "connect: %s", strerror(errno));
		close(s);
	}
	for (size_t i = 0; i < ARRAY_SIZE(pids); i++)
		wait_for(l, pids[i]);
	drain(l);
	if (load.own != ARRAY_SIZE(pids) || load.undecided)
		bad(l, "%zu records of %zu calls, %zu not judged", load.own, ARRAY_SIZE(pids), load.undecided);
	close(fd);
}
