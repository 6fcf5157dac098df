/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/collect/features.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "src/base/cleanup.h"
#include "src/collect/cgroup.h"

/* Reads a small file of sysfs or procfs. Returns its length or -errno. */
static long read_small(const char *path, char *buf, size_t size)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return -errno;
	n = read(fd, buf, size - 1);
	if (n < 0)
		return -errno;
	buf[n] = '\0';
	return n;
}

const char *hawk_features_lockdown(void)
{
	static const char *const states[] = { "none", "integrity", "confidentiality" };
	char buf[128], bracketed[32];

	if (read_small("/sys/kernel/security/lockdown", buf, sizeof(buf)) < 0)
		return NULL;
	for (size_t i = 0; i < ARRAY_SIZE(states); i++) {
		snprintf(bracketed, sizeof(bracketed), "[%s]", states[i]);
		if (strstr(buf, bracketed))
			return states[i];
	}
	return NULL;
}

bool hawk_features_cgroup2(void)
{
	_cleanup_fclose_ FILE *f = fopen("/proc/self/mountinfo", "re");
	char line[4096];

	while (f && fgets(line, sizeof(line), f))
		if (strstr(line, " - cgroup2 "))
			return true;
	return false;
}

/* Loads "return 0" as a tracing or LSM program on a function. Returns 0 or -errno. */
static int try_tracing(const struct btf *btf, enum bpf_prog_type type, enum bpf_attach_type attach, const char *func)
{
	const struct bpf_insn insns[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = 0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	LIBBPF_OPTS(bpf_prog_load_opts, opts, .expected_attach_type = attach);
	int id = btf__find_by_name_kind(btf, func, BTF_KIND_FUNC), fd, link;

	if (id < 0)
		return -ENOENT;
	opts.attach_btf_id = (__u32)id;
	fd = bpf_prog_load(type, "hawk_probe", "Dual BSD/GPL", insns, ARRAY_SIZE(insns), &opts);
	if (fd < 0)
		return fd;
	/* the trampoline is made when it is attached: aarch64 before 6.4 fails only here */
	link = bpf_raw_tracepoint_open(NULL, fd);
	close(fd);
	if (link < 0)
		return link;
	close(link);
	return 0;
}

static void set_kind(struct hawk_features *f, enum hawk_prog_kind kind, bool ok, const char *why)
{
	f->kind[kind] = ok;
	f->kind_why[kind] = ok ? NULL : why;
}

static void probe_btf_kinds(struct hawk_features *f, const struct btf *btf)
{
	char lsms[256] = "";
	int r;

	if (!btf) {
		set_kind(f, HAWK_PROG_FENTRY, false, "the kernel shows no BTF (CONFIG_DEBUG_INFO_BTF)");
		set_kind(f, HAWK_PROG_FEXIT, false, "the kernel shows no BTF (CONFIG_DEBUG_INFO_BTF)");
		set_kind(f, HAWK_PROG_LSM, false, "the kernel shows no BTF (CONFIG_DEBUG_INFO_BTF)");
		return;
	}
	r = try_tracing(btf, BPF_PROG_TYPE_TRACING, BPF_TRACE_FENTRY, "security_file_open");
	set_kind(f, HAWK_PROG_FENTRY, r == 0, "the kernel refuses tracing programs on functions");
	set_kind(f, HAWK_PROG_FEXIT, r == 0, "the kernel refuses tracing programs on functions");
	r = try_tracing(btf, BPF_PROG_TYPE_LSM, BPF_LSM_MAC, "bpf_lsm_file_open");
	set_kind(f, HAWK_PROG_LSM, r == 0, "the kernel refuses LSM programs (CONFIG_BPF_LSM)");
	if (r == 0 && read_small("/sys/kernel/security/lsm", lsms, sizeof(lsms)) > 0 && !strstr(lsms, "bpf"))
		set_kind(f, HAWK_PROG_LSM, false, "bpf is not among the active LSMs (boot with lsm=…,bpf)");
}

/*
 * The functions of the kernel by name. BTF has no index: a look-up by name goes
 * through all of its 100,000 types, and we have hundreds of names.
 */
struct functions {
	const struct btf *btf;
	uint32_t mask;
	uint32_t *ids; /* 0: free */
};

static uint32_t hash(const char *name, size_t len)
{
	uint32_t h = 2166136261U; /* FNV-1a */

	for (size_t i = 0; i < len; i++)
		h = (h ^ (uint8_t)name[i]) * 16777619U;
	return h;
}

static const char *name_of(const struct functions *f, uint32_t id)
{
	return btf__name_by_offset(f->btf, btf__type_by_id(f->btf, id)->name_off);
}

static int functions_init(struct functions *f, const struct btf *btf)
{
	uint32_t n = btf__type_cnt(btf), size = 1024;

	while (size < n)
		size *= 2;
	*f = (struct functions){ .btf = btf, .mask = size - 1, .ids = calloc(size, sizeof(*f->ids)) };
	if (!f->ids)
		return -ENOMEM;
	for (uint32_t id = 1; id < n; id++) {
		const char *name;
		uint32_t at;

		if (!btf_is_func(btf__type_by_id(btf, id)))
			continue;
		name = name_of(f, id);
		for (at = hash(name, strlen(name)) & f->mask; f->ids[at]; at = (at + 1) & f->mask)
			;
		f->ids[at] = id;
	}
	return 0;
}

/* True when the kernel has the function NAME (LEN bytes), with ARGS arguments when that is not -1. */
static bool has_function(const struct functions *f, const char *name, size_t len, int args)
{
	for (uint32_t at = hash(name, len) & f->mask; f->ids[at]; at = (at + 1) & f->mask) {
		const char *found = name_of(f, f->ids[at]);
		const struct btf_type *proto;

		if (strncmp(found, name, len) || found[len])
			continue;
		proto = btf__type_by_id(f->btf, btf__type_by_id(f->btf, f->ids[at])->type);
		if (args < 0 || (proto && btf_vlen(proto) == args))
			return true;
	}
	return false;
}

/* Picks the first function of each target list that the kernel has; without BTF the first one, for attaching to decide. */
static void resolve_targets(struct hawk_features *f, const struct functions *functions)
{
	for (int i = 0; i < HAWK_PROG_MAX; i++) {
		const struct hawk_prog_desc *p = hawk_prog_desc(i);

		if (!hawk_prog_hooks_function(p->kind) || !p->target[0])
			continue;
		for (const char *t = p->target; *t && !f->target[i][0]; t += strcspn(t, "|"), t += *t == '|') {
			size_t len = strcspn(t, "/|");
			int args = t[len] == '/' ? atoi(t + len + 1) : -1;
			char func[64];

			if (len >= sizeof(f->target[i]))
				continue;
			/* the kernel's own name for a hook of the BPF LSM, kernel/bpf/bpf_lsm.c */
			snprintf(func, sizeof(func), "%s%.*s", p->kind == HAWK_PROG_LSM ? "bpf_lsm_" : "", (int)len, t);
			if (!functions || has_function(functions, func, strlen(func), args))
				memcpy(f->target[i], t, len);
		}
	}
}

/* The kernel's function of a system call has its name, with few exceptions: the tables in arch/x86/entry/syscalls. */
static const char *function_of(const char *call, bool native)
{
	static const struct {
		const char *call, *native, *compat;
	} others[] = {
		{ "umount2", "umount", "umount" },
		{ "umount", "oldumount", "oldumount" },
		{ "stime", "stime32", "stime32" },
		{ "adjtimex", "adjtimex", "adjtimex_time32" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		if (strcmp(others[i].call, call) == 0)
			return native ? others[i].native : others[i].compat;
	return call;
}

void hawk_features_own_function(int i, const char *name, char *func, size_t size)
{
	/* arch/x86/include/asm/syscall_wrapper.h, arch/arm64/include/asm/syscall_wrapper.h */
#if defined(__x86_64__)
	static const char *const prefixes[HAWK_OWN_FUNCTIONS] = { "__x64_sys_", "__ia32_sys_", "__ia32_compat_sys_" };
#else
	static const char *const prefixes[HAWK_OWN_FUNCTIONS] = { "__arm64_sys_", "__arm64_sys_32_",
								  "__arm64_compat_sys_" };
#endif

	snprintf(func, size, "%s%s", prefixes[i], function_of(name, i == 0));
}

/* Which rare system calls have functions of their own to hook. */
static void find_own(struct hawk_features *f, const struct functions *functions)
{
	const struct hawk_event_desc *const *descs;
	char func[64];
	size_t n;

	descs = hawk_event_descs(&n);
	for (size_t row = 0; row < n && functions; row++) {
		if (!descs[row]->syscall || !hawk_plan_rare(descs[row]->id))
			continue;
		for (int i = 0; i < HAWK_OWN_FUNCTIONS; i++) {
			hawk_features_own_function(i, descs[row]->name, func, sizeof(func));
			if (has_function(functions, func, strlen(func), 1))
				f->own[descs[row]->id] |= (uint8_t)(1 << i);
		}
	}
}

/*
 * Classic tracepoints cost more than raw ones and are wanted only where those
 * can be preempted, since 7.0: an order of preference, so the version will do.
 * A fork finds the child by bpf_task_from_pid.
 */
static void probe_tp(struct hawk_features *f, const struct btf *btf)
{
	struct utsname uts;

	if (uname(&uts) < 0 || atoi(uts.release) < 7)
		set_kind(f, HAWK_PROG_TP, false, "raw tracepoints are cheaper and always run on this kernel");
	else if (!btf || btf__find_by_name_kind(btf, "bpf_task_from_pid", BTF_KIND_FUNC) < 0)
		set_kind(f, HAWK_PROG_TP, false, "the kernel has no bpf_task_from_pid");
	else
		set_kind(f, HAWK_PROG_TP, true, NULL);
}

static bool listed(const char *list, const char *name)
{
	size_t len = strlen(name);

	for (const char *p = list; p && *p; p += strcspn(p, ","), p += *p == ',')
		if (strcspn(p, ",") == len && memcmp(p, name, len) == 0)
			return true;
	return false;
}

#define NO_TYPES "the kernel shows no BTF: give its types with kernel.btf or --btf"
#define NO_KPROBES "the kernel has no kprobes (CONFIG_KPROBES)"

/* Programs on cgroups: whether the kernel takes them, and whether there is a hierarchy to put them on. */
static void probe_cgroup(struct hawk_features *f, const struct btf *types)
{
	const struct bpf_insn insns[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = 1 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	_cleanup_close_ int root = hawk_cgroup_root();
	_cleanup_close_ int prog = bpf_prog_load(BPF_PROG_TYPE_CGROUP_SKB, "hawk_probe", "Dual BSD/GPL", insns,
						 ARRAY_SIZE(insns), NULL);
	const char *why = root < 0 ? "there is no cgroup2 hierarchy, and none can be mounted"
				   : "the kernel refuses cgroup programs (CONFIG_CGROUP_BPF)";

	set_kind(f, HAWK_PROG_CGROUP, types && root >= 0 && prog >= 0, types ? why : NO_TYPES);
}

static void refuse(struct hawk_features *f, enum hawk_prog_id prog, const char *why)
{
	f->failed[prog] = true;
	snprintf(f->failed_why[prog], sizeof(f->failed_why[prog]), "%s", why);
}

/* How the mappings of a process can be searched; the maple tree came with 6.1, and they live in it since. */
static void probe_mappings(struct hawk_features *f, const struct btf *btf, const struct btf *types)
{
	if (!btf || libbpf_probe_bpf_helper(BPF_PROG_TYPE_RAW_TRACEPOINT, BPF_FUNC_find_vma, NULL) != 1)
		refuse(f, HAWK_PROG_sys_vma_rtp, "the kernel has no bpf_find_vma (it came with 5.17), or hides its types");
	if (types && btf__find_by_name_kind(types, "maple_tree", BTF_KIND_STRUCT) >= 0)
		refuse(f, HAWK_PROG_sys_vmatree_rtp, "the kernel keeps mappings in another kind of tree (since 6.1)");
}

/*
 * Typed reads name a type by its id, so they need the kernel's own. The function came with 6.2, with 6.3 the form of
 * capabilities that our programs are written for: a plain load of a member that is not there does not load.
 */
static bool has_typed_reads(const struct btf *btf, const struct functions *functions)
{
	return has_function(functions, "bpf_rdonly_cast", strlen("bpf_rdonly_cast"), -1) &&
	       btf__find_by_name_kind(btf, "kernel_cap_struct", BTF_KIND_STRUCT) < 0;
}

void hawk_features_probe(struct hawk_features *f, const char *disabled, const struct btf *own, const struct btf *types)
{
	struct functions functions = { .ids = NULL };
	bool kprobe, known;

	memset(f, 0, sizeof(*f));
	set_kind(f, HAWK_PROG_RAW_TP, types, NO_TYPES);
	probe_tp(f, own);
	set_kind(f, HAWK_PROG_ITER, own != NULL, "the kernel shows no BTF (CONFIG_DEBUG_INFO_BTF)");
	/* the kprobe PMU came with 4.17 and is there exactly when kprobes are built in */
	kprobe = access("/sys/bus/event_source/devices/kprobe/type", F_OK) == 0;
	set_kind(f, HAWK_PROG_KPROBE, kprobe && types, kprobe ? NO_TYPES : NO_KPROBES);
	set_kind(f, HAWK_PROG_KRETPROBE, kprobe && types, kprobe ? NO_TYPES : NO_KPROBES);
	probe_btf_kinds(f, own);
	probe_cgroup(f, types);
	probe_mappings(f, own, types);
	known = types && functions_init(&functions, types) == 0;
	resolve_targets(f, known ? &functions : NULL);
	find_own(f, known ? &functions : NULL);
	f->typed = known && types == own && has_typed_reads(own, &functions);
	free(functions.ids);
	for (int kind = 0; kind < HAWK_PROG_KIND_MAX; kind++)
		if (listed(disabled, hawk_prog_kind_name(kind)))
			set_kind(f, kind, false, "disabled by configuration (kernel.disable_kinds)");
}
