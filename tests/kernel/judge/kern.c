/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/kernel/judge/kern.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include "src/base/cleanup.h"

#define LOG_BYTES (1 << 20)

static int make_array(const struct kern *k, const char *name, uint32_t size, void **ret_memory)
{
	LIBBPF_OPTS(bpf_map_create_opts, opts, .map_flags = k->percpu ? 0 : BPF_F_MMAPABLE);
	int fd = bpf_map_create(k->percpu ? BPF_MAP_TYPE_PERCPU_ARRAY : BPF_MAP_TYPE_ARRAY, name, 4, size,
				k->percpu ? HAWK_SCRATCH_SLOTS : 1, &opts);
	const size_t page = (size_t)sysconf(_SC_PAGESIZE);

	if (fd < 0) {
		fprintf(stderr, "map %s: %s\n", name, strerror(-fd));
		return fd;
	}
	*ret_memory = NULL;
	if (k->percpu)
		return fd;
	*ret_memory = mmap(NULL, (size + page - 1) / page * page, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	return *ret_memory == MAP_FAILED ? -errno : fd;
}

static int load(const char *name, struct bpf_insn *insns, size_t n, bool verbose)
{
	LIBBPF_OPTS(bpf_prog_load_opts, opts);
	_cleanup_free_ char *log = verbose ? calloc(1, LOG_BYTES) : NULL;
	int fd;

	if (log) {
		opts.log_buf = log;
		opts.log_size = LOG_BYTES;
		opts.log_level = 1;
	}
	fd = bpf_prog_load(BPF_PROG_TYPE_RAW_TRACEPOINT, name, "Dual BSD/GPL", insns, n, &opts);
	if (fd < 0 && log)
		fprintf(stderr, "%s: %s\n%.20000s\n", name, strerror(-fd), log);
	return fd;
}

/* Has the kernel say which task we are. */
static int find_task(const struct kern *k)
{
	struct bpf_insn insns[] = {
		{ .code = BPF_ST | BPF_MEM | BPF_W, .dst_reg = 10, .off = -4 },
		{ .code = BPF_LD | BPF_IMM | BPF_DW,
		  .dst_reg = 1,
		  .src_reg = BPF_PSEUDO_MAP_FD,
		  .imm = k->now_fd },
		{ .code = 0 },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = 2, .src_reg = 10 },
		{ .code = BPF_ALU64 | BPF_ADD | BPF_K, .dst_reg = 2, .imm = -4 },
		{ .code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_map_lookup_elem },
		{ .code = BPF_JMP | BPF_JEQ | BPF_K, .dst_reg = 0, .off = 3 },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = 6, .src_reg = 0 },
		{ .code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_get_current_task },
		{ .code = BPF_STX | BPF_MEM | BPF_DW, .dst_reg = 6, .src_reg = 0 },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	int fd = load("which_task", insns, ARRAY_SIZE(insns), true), r;

	if (fd < 0)
		return fd;
	r = kern_run_one(fd);
	close(fd);
	return r < 0 ? r : k->now->task ? 0 : -ESRCH;
}

int kern_open(struct kern *ret, bool percpu)
{
	struct kern k = { .slot_fd = -1, .now_fd = -1, .known_fd = -1, .percpu = percpu };
	const struct rlimit all = { RLIM_INFINITY, RLIM_INFINITY };
	int r = 0;

	setrlimit(RLIMIT_MEMLOCK, &all); /* kernels before 5.11 count maps */
	k.slot_fd = make_array(&k, "hawk_scratch", sizeof(*k.slot), (void **)&k.slot);
	if (k.slot_fd >= 0)
		k.now_fd = make_array(&k, "hawk_now", sizeof(*k.now), (void **)&k.now);
	if (k.now_fd >= 0)
		k.known_fd =
			bpf_map_create(BPF_MAP_TYPE_LRU_HASH, "hawk_known", sizeof(struct hawk_abi_known_key),
				       sizeof(struct hawk_abi_known), 1024, NULL);
	r = k.slot_fd < 0 ? k.slot_fd : k.now_fd < 0 ? k.now_fd : k.known_fd < 0 ? k.known_fd : 0;
	if (r == 0 && !percpu)
		r = find_task(&k);
	if (r < 0)
		kern_close(&k);
	else
		*ret = k;
	return r;
}

void kern_close(struct kern *k)
{
	int *fds[] = { &k->slot_fd, &k->now_fd, &k->known_fd };

	for (size_t i = 0; i < ARRAY_SIZE(fds); i++) {
		if (*fds[i] >= 0)
			close(*fds[i]);
		*fds[i] = -1;
	}
}

static int make_map(const struct hawk_cgen_map *m)
{
	const bool hash = m->kind == HAWK_CGEN_HASH;
	LIBBPF_OPTS(bpf_map_create_opts, opts, .map_flags = hash ? 0 : BPF_F_NO_PREALLOC);
	int fd = bpf_map_create(hash ? BPF_MAP_TYPE_HASH : BPF_MAP_TYPE_LPM_TRIE, m->name, m->key_size,
				m->value_size, m->n ? (uint32_t)m->n : 1, &opts);

	for (size_t i = 0; fd >= 0 && i < m->n; i++) {
		int r = bpf_map_update_elem(fd, m->keys + i * m->key_size, m->values + i * m->value_size,
					    BPF_NOEXIST);

		if (r < 0) {
			fprintf(stderr, "%s, entry %zu: %s\n", m->name, i, strerror(-r));
			close(fd);
			return r;
		}
	}
	return fd;
}

static int load_point(const struct kern *k, const struct hawk_cgen_program *p, struct kern_programs *ret,
		      unsigned int point, bool verbose)
{
	const int shared[HAWK_CGEN_OWN] = { [HAWK_CGEN_NOW] = k->now_fd, [HAWK_CGEN_SCRATCH] = k->slot_fd,
					    [HAWK_CGEN_KNOWN] = k->known_fd };
	_cleanup_free_ struct bpf_insn *insns = NULL;
	struct bpf_prog_info info = { .type = 0 };
	uint32_t len = sizeof(info);

	if (!p->insns)
		return 0;
	insns = calloc(p->n_insns, sizeof(*insns));
	if (!insns)
		return -ENOMEM;
	memcpy(insns, p->insns, p->n_insns * sizeof(*insns));
	for (size_t i = 0; i < p->n_relocs; i++) {
		uint32_t map = p->relocs[i].map;

		insns[p->relocs[i].insn].imm =
			map < HAWK_CGEN_OWN ? shared[map] : ret->maps[map - HAWK_CGEN_OWN];
	}
	ret->fd[point] = load(point ? "judge_args" : "judge_scope", insns, p->n_insns, verbose);
	if (ret->fd[point] < 0)
		return ret->fd[point];
	if (bpf_obj_get_info_by_fd(ret->fd[point], &info, &len) == 0)
		ret->verified[point] = info.verified_insns;
	return 0;
}

int kern_load(const struct kern *k, const struct hawk_cgen *cg, struct kern_programs *ret, bool verbose)
{
	int r = 0;

	*ret = (struct kern_programs){ .fd = { -1, -1 } };
	ret->maps = calloc(cg->n_maps + 1, sizeof(*ret->maps));
	if (!ret->maps)
		return -ENOMEM;
	for (size_t i = 0; i < cg->n_maps && r == 0; i++) {
		int fd = make_map(&cg->maps[i]);

		if (fd >= 0)
			ret->maps[ret->n_maps++] = fd;
		else
			r = fd;
	}
	for (unsigned int point = 0; point < HAWK_JUDGE_POINTS && r == 0; point++)
		r = load_point(k, &cg->programs[point], ret, point, verbose);
	if (r < 0)
		kern_unload(ret);
	return r;
}

void kern_unload(struct kern_programs *p)
{
	for (size_t i = 0; i < HAWK_JUDGE_POINTS; i++)
		if (p->fd[i] >= 0)
			close(p->fd[i]);
	for (size_t i = 0; i < p->n_maps; i++)
		close(p->maps[i]);
	free(p->maps);
	*p = (struct kern_programs){ .fd = { -1, -1 } };
}

int kern_run_one(int fd)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts);

	return bpf_prog_test_run_opts(fd, &opts);
}

int kern_run(const struct kern_programs *p)
{
	int r = 0;

	for (size_t i = 0; i < HAWK_JUDGE_POINTS && r == 0; i++)
		if (p->fd[i] >= 0)
			r = kern_run_one(p->fd[i]);
	return r;
}

int kern_know(const struct kern *k, const struct hawk_abi_known_key *key, const struct hawk_abi_known *known)
{
	if (known)
		return bpf_map_update_elem(k->known_fd, key, known, BPF_ANY);
	bpf_map_delete_elem(k->known_fd, key);
	return 0;
}
