/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/collect/collect.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <unistd.h>

#include "src/base/cleanup.h"
#include "src/base/log.h"
#include "src/collect/features.h"
#include "src/collect/filter.h"
#include "src/collect/internal.h"
#include "src/collect/minbtf.h"
#include "src/event/process.h"

static const struct {
	const char *name;
	enum bpf_map_type type;
	uint32_t key, value, entries, flags;
} maps[] = {
#define SIZE_OF(type) sizeof(type)
#define SIZES_ARRAY(k, v) SIZE_OF(k), SIZE_OF(v)
#define SIZES_PERCPU_ARRAY SIZES_ARRAY
#define SIZES_LRU_HASH SIZES_ARRAY
#define SIZES_PROG_ARRAY SIZES_ARRAY
#define SIZES_RINGBUF(k, v) 0, 0
#define MAP(name, type, key, value, entries, flags, doc) \
	{ #name, BPF_MAP_TYPE_##type, SIZES_##type(key, value), entries, flags },
#include "bpf/abi/maps.def"
#undef MAP
};

/* libbpf speaks at length when a program does not load, the verifier's log included; that is for debugging only. */
static int libbpf_log(enum libbpf_print_level level, const char *fmt, va_list ap)
{
	_cleanup_free_ char *text = NULL;

	if (level == LIBBPF_DEBUG || hawk_log_level() < LOG_DEBUG)
		return 0;
	if (vasprintf(&text, fmt, ap) < 0) {
		text = NULL;
		return 0;
	}
	for (char *line = text, *rest = text; (line = strsep(&rest, "\n"));)
		if (*line)
			hawk_debug("%s", line);
	return 0;
}

static uint32_t map_entries(const struct hawk_collect *c, int id)
{
	if (id == HAWK_MAP_hawk_life && c->options.life_ring_bytes)
		return c->options.life_ring_bytes;
	if (id == HAWK_MAP_hawk_bulk && c->options.bulk_ring_bytes)
		return c->options.bulk_ring_bytes;
	return maps[id].entries;
}

static int create_maps(struct hawk_collect *c, char **ret_why)
{
	for (int i = 0; i < HAWK_MAP_MAX; i++) {
		LIBBPF_OPTS(bpf_map_create_opts, opts, .map_flags = maps[i].flags);

		c->map_fd[i] = bpf_map_create(maps[i].type, maps[i].name, maps[i].key, maps[i].value,
					      map_entries(c, i), &opts);
		if (c->map_fd[i] < 0) {
			int r = -errno;

			if (asprintf(ret_why, "BPF map %s: %s%s", maps[i].name, strerror(-r),
				     r == -EPERM ? "; run as root, or with CAP_BPF and CAP_PERFMON" : "") < 0)
				*ret_why = NULL;
			return r;
		}
	}
	return 0;
}

static int map_config(struct hawk_collect *c)
{
	struct hawk_abi_config *cfg;
	uint32_t bulk = map_entries(c, HAWK_MAP_hawk_bulk);

	cfg = mmap(NULL, (size_t)sysconf(_SC_PAGESIZE), PROT_READ | PROT_WRITE, MAP_SHARED,
		   c->map_fd[HAWK_MAP_hawk_cfg], 0);
	if (cfg == MAP_FAILED)
		return -errno;
	c->config = cfg;
	if (getrandom(&cfg->seed, sizeof(cfg->seed), 0) != sizeof(cfg->seed))
		return -EIO;
	cfg->generation = 1;
	cfg->self_tgid = c->options.exclude_self ? (uint32_t)getpid() : 0;
	cfg->wake_bytes = c->options.wake_bytes ? c->options.wake_bytes : bulk / 16;
	cfg->argv_max = c->options.argv_max < HAWK_LONG_BYTES ? c->options.argv_max : HAWK_LONG_BYTES;
	cfg->env_max = c->options.env_max < HAWK_LONG_BYTES ? c->options.env_max : HAWK_LONG_BYTES;
	cfg->cgroup_v1 = !hawk_features_cgroup2();
	cfg->host_mnt_ns = hawk_host_ns()->mnt;
	cfg->views = c->options.host_view ? HAWK_VIEW_HOST : 0;
	return 0;
}

static int map_rings(struct hawk_collect *c)
{
	const int ids[] = { HAWK_MAP_hawk_life, HAWK_MAP_hawk_bulk };
	struct hawk_kring *rings[] = { &c->life, &c->bulk };

	c->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (c->epoll_fd < 0)
		return -errno;
	for (size_t i = 0; i < ARRAY_SIZE(ids); i++) {
		/* edge-triggered: only a forced wake-up ends a wait, not every byte in the ring */
		struct epoll_event ev = { .events = EPOLLIN | EPOLLET };
		int r = hawk_kring_map(rings[i], c->map_fd[ids[i]], map_entries(c, ids[i]));

		if (r < 0)
			return r;
		if (epoll_ctl(c->epoll_fd, EPOLL_CTL_ADD, c->map_fd[ids[i]], &ev) < 0)
			return -errno;
	}
	return 0;
}

/* Objects load without the part as well, each from all types. */
static void set_types_aside(struct hawk_collect *c, const struct btf *types)
{
	c->types_path = c->btf;
	c->types_fd = hawk_minbtf_new(types);
	if (c->types_fd >= 0) {
		snprintf(c->types_fd_path, sizeof(c->types_fd_path), "/proc/self/fd/%d", c->types_fd);
		c->types_path = c->types_fd_path;
		return;
	}
	hawk_warning("what the programs need of the kernel's types cannot be put aside (%s): they load more slowly, and read "
		     "the kernel's memory by slower means", strerror(-c->types_fd));
	c->features.typed = false;
}

/* Looks into the types of the kernel for all that needs them. Returns 0, or -errno for a file that cannot be used. */
static int read_types(struct hawk_collect *c, const char *disable_kinds)
{
	struct btf *own = btf__load_vmlinux_btf(), *types = c->btf ? btf__parse(c->btf, NULL) : own, *module = NULL;
	int r = 0;

	if (libbpf_get_error(own))
		own = NULL;
	if (libbpf_get_error(types)) {
		if (c->btf)
			r = errno == ENOENT || errno == EACCES ? -errno : -EINVAL; /* libbpf has numbers of its own */
		types = NULL;
	}
	if (r == 0)
		hawk_features_probe(&c->features, disable_kinds, own, types);
	/* The only types of ours that need not be in the kernel itself, until 6.4; and a module's have other ids. */
	if (types && types == own)
		module = btf__load_module_btf("unix", own);
	if (!module || libbpf_get_error(module))
		module = NULL;
	else
		c->features.typed = false;
	if (r == 0 && types)
		set_types_aside(c, module ? module : types);
	btf__free(module);
	if (types != own)
		btf__free(types);
	btf__free(own);
	return r;
}

int hawk_collect_new(struct hawk_collect **ret, const struct hawk_collect_options *options, char **ret_why)
{
	struct hawk_collect *c = calloc(1, sizeof(*c));
	const char *lockdown;
	int r;

	if (!c)
		return -ENOMEM;
	*ret_why = NULL;
	c->options = *options;
	c->options.disable_kinds = NULL; /* the caller's, used below only */
	c->options.btf = c->btf = options->btf && *options->btf ? strdup(options->btf) : NULL;
	c->epoll_fd = c->stats_fd = c->grace_fd = c->types_fd = -1;
	for (int i = 0; i < HAWK_MAP_MAX; i++)
		c->map_fd[i] = -1;
	pthread_mutex_init(&c->lock, NULL);
	libbpf_set_print(libbpf_log);
	c->cpus = libbpf_num_possible_cpus();
	hawk_plan_make(&c->plan, &c->features, (uint64_t[HAWK_EVENTS_MAX / 64]){ 0 });
	r = c->cpus < 0 ? c->cpus : create_maps(c, ret_why);
	if (r == 0)
		r = map_config(c);
	if (r == 0)
		r = map_rings(c);
	if (r < 0) {
		if (!*ret_why && asprintf(ret_why, "BPF rings: %s", strerror(-r)) < 0)
			*ret_why = NULL;
		hawk_collect_free(c);
		return r;
	}
	lockdown = hawk_features_lockdown();
	c->confidential = lockdown && strcmp(lockdown, "confidentiality") == 0;
	r = read_types(c, options->disable_kinds);
	if (r < 0) {
		if (asprintf(ret_why, "%s (kernel.btf or --btf): %s", options->btf,
			     r == -EINVAL ? "it holds no BTF" : strerror(-r)) < 0)
			*ret_why = NULL;
		hawk_collect_free(c);
		return r;
	}
	hawk_seed_load(c);
	hawk_pages_find(c);
	*ret = c;
	return 0;
}

void hawk_collect_detach(struct hawk_collect *c)
{
	hawk_detach_all(c);
}

struct hawk_collect *hawk_collect_free(struct hawk_collect *c)
{
	if (!c)
		return NULL;
	hawk_detach_all(c);
	hawk_filters_free(c);
	hawk_guard_free(c);
	hawk_seed_close(c);
	hawk_collect_stats_stop(c);
	hawk_kring_unmap(&c->life);
	hawk_kring_unmap(&c->bulk);
	if (c->config)
		munmap(c->config, (size_t)sysconf(_SC_PAGESIZE));
	if (c->epoll_fd >= 0)
		close(c->epoll_fd);
	if (c->grace_fd >= 0)
		close(c->grace_fd);
	if (c->types_fd >= 0)
		close(c->types_fd);
	for (int i = 0; i < HAWK_MAP_MAX; i++)
		if (c->map_fd[i] >= 0)
			close(c->map_fd[i]);
	pthread_mutex_destroy(&c->lock);
	free(c->btf);
	free(c);
	return NULL;
}

void hawk_collect_set_checked(struct hawk_collect *c, const uint64_t *calls)
{
	memcpy(c->checked, calls, sizeof(c->checked));
}

int hawk_collect_set_both_views(struct hawk_collect *c, bool both)
{
	uint32_t host = hawk_host_ns()->mnt, own = c->options.host_view ? HAWK_VIEW_HOST : 0;

	if (both && !host)
		return -ENODATA;
	c->config->host_mnt_ns = host; /* not only /proc tells it, but later the seeds, too */
	__atomic_store_n(&c->config->views, own | (both ? HAWK_VIEW_BOTH : 0), __ATOMIC_RELEASE);
	return 0;
}

int hawk_collect_set_events(struct hawk_collect *c, const uint64_t *wanted)
{
	size_t n;
	int r;

	/* each turn marks at least one program as failed, so this ends */
	do {
		hawk_plan_make(&c->plan, &c->features, wanted);
		r = hawk_attach_plan(c);
	} while (r > 0);
	hawk_packets_write(c);
	if (r < 0)
		return r;
	hawk_filters_follow(c);
	for (const struct hawk_event_desc *const *d = hawk_event_descs(&n), *const *end = d + n; d < end; d++)
		if ((*d)->id == HAWK_EV_SCHED_PROCESS_EXEC && c->plan.alt[d - hawk_event_descs(&n)] < 0)
			return -EOPNOTSUPP;
	return 0;
}

const struct hawk_plan *hawk_collect_plan(const struct hawk_collect *c)
{
	return &c->plan;
}

const struct hawk_features *hawk_collect_features(const struct hawk_collect *c)
{
	return &c->features;
}

static int program_fd(const struct hawk_attached *a, const struct hawk_prog_desc *prog)
{
	return bpf_program__fd(bpf_object__find_program_by_name(a->instance->object, prog->name));
}

/* Calls FN for every attached program. */
static void each_attached(const struct hawk_collect *c,
			  void (*fn)(void *ctx, const struct hawk_link_info *link, const struct hawk_attached *on),
			  void *ctx)
{
	for (int p = 0; p < HAWK_PROG_MAX; p++) {
		const char *target = c->features.target[p];
		struct hawk_link_info link = { .prog = hawk_prog_desc(p) };

		link.target = target[0] ? target : link.prog->target;
		if (c->attached[p].link)
			fn(ctx, &link, &c->attached[p]);
	}
	for (size_t i = 0; i < HAWK_OWN_MAX; i++) {
		for (int f = 0; f < HAWK_OWN_FUNCTIONS; f++) {
			struct hawk_link_info link = {
				.prog = hawk_prog_desc(hawk_own_program(c->own[i].kind, f)),
				.target = c->own[i].target[f],
				.event = c->own[i].event,
			};

			if (c->own[i].on[f].link)
				fn(ctx, &link, &c->own[i].on[f]);
		}
	}
}

struct each_link {
	void (*fn)(void *ctx, const struct hawk_link_info *link);
	void *ctx;
};

static void with_id(void *ctx, const struct hawk_link_info *link, const struct hawk_attached *on)
{
	struct each_link *each = ctx;
	struct hawk_link_info full = *link;
	struct bpf_prog_info info = { 0 };
	uint32_t len = sizeof(info);

	if (bpf_obj_get_info_by_fd(program_fd(on, link->prog), &info, &len) == 0)
		full.prog_id = info.id;
	each->fn(each->ctx, &full);
}

void hawk_collect_each_link(struct hawk_collect *c,
			    void (*fn)(void *ctx, const struct hawk_link_info *link), void *ctx)
{
	struct each_link each = { fn, ctx };

	pthread_mutex_lock(&c->lock);
	each_attached(c, with_id, &each);
	pthread_mutex_unlock(&c->lock);
}

int hawk_collect_fd(const struct hawk_collect *c)
{
	return c->epoll_fd;
}

int hawk_collect_counts(const struct hawk_collect *c, uint16_t event, struct hawk_abi_counts *ret)
{
	struct hawk_abi_counts per_cpu[c->cpus], sum = { 0 };
	uint32_t key = event;

	if (bpf_map_lookup_elem(c->map_fd[HAWK_MAP_hawk_counts], &key, per_cpu) < 0)
		return -errno;
	for (int i = 0; i < c->cpus; i++) {
		sum.seen += per_cpu[i].seen + per_cpu[i].filtered;
		sum.filtered += per_cpu[i].filtered;
		sum.sent += per_cpu[i].sent;
		sum.lost += per_cpu[i].lost;
		sum.noargs += per_cpu[i].noargs;
		sum.stood_in += per_cpu[i].stood_in;
	}
	*ret = sum;
	return 0;
}

int hawk_collect_all_counts(const struct hawk_collect *c, struct hawk_abi_counts *ret)
{
	const struct hawk_event_desc *const *descs;
	size_t n;

	descs = hawk_event_descs(&n);
	memset(ret, 0, HAWK_EVENT_ID_MAX * sizeof(*ret));
	for (size_t i = 0; i < n; i++) {
		int r = hawk_collect_counts(c, descs[i]->id, &ret[descs[i]->id]);

		if (r < 0)
			return r;
	}
	return 0;
}

int hawk_collect_stats_start(struct hawk_collect *c)
{
	if (c->stats_fd < 0)
		c->stats_fd = bpf_enable_stats(BPF_STATS_RUN_TIME);
	return c->stats_fd < 0 ? -errno : 0;
}

void hawk_collect_stats_stop(struct hawk_collect *c)
{
	if (c->stats_fd >= 0)
		close(c->stats_fd);
	c->stats_fd = -1;
}

struct costs {
	struct hawk_prog_cost *to;
	size_t n, max;
};

/*
 * Returns of a function that its kretprobe had no room to follow, as a kernel
 * since 6.7 tells; 0 before, when it is not known. The head of what
 * bpf_link_info is there for links of this kind (include/uapi/linux/bpf.h),
 * which the headers that we build with do not have.
 */
static uint64_t missed_returns(const struct hawk_attached *on)
{
	struct {
		uint32_t type, id, prog_id, pad;
		uint32_t event, pad2;
		uint64_t func_name;
		uint32_t name_len, offset;
		uint64_t addr, missed;
	} info = { 0 };
	enum { LINK_PERF_EVENT = 7, EVENT_KRETPROBE = 4 };
	uint32_t len = sizeof(info);

	if (bpf_obj_get_info_by_fd(bpf_link__fd(on->link), &info, &len) < 0 || info.type != LINK_PERF_EVENT ||
	    info.event != EVENT_KRETPROBE)
		return 0;
	return info.missed;
}

static void add_cost(void *ctx, const struct hawk_link_info *link, const struct hawk_attached *on)
{
	struct bpf_prog_info info = { 0 };
	uint32_t len = sizeof(info);
	struct costs *costs = ctx;

	if (costs->n == costs->max || bpf_obj_get_info_by_fd(program_fd(on, link->prog), &info, &len) < 0)
		return;
	costs->to[costs->n++] = (struct hawk_prog_cost){
		.prog = link->prog,
		.target = link->target,
		.event = link->event,
		.runs = info.run_cnt,
		.ns = info.run_time_ns,
		.recursion_misses = info.recursion_misses +
				    (link->prog->kind == HAWK_PROG_KRETPROBE ? missed_returns(on) : 0),
	};
}

size_t hawk_collect_costs(struct hawk_collect *c, struct hawk_prog_cost *costs, size_t max)
{
	struct costs all = { .to = costs, .max = max };

	pthread_mutex_lock(&c->lock);
	each_attached(c, add_cost, &all);
	pthread_mutex_unlock(&c->lock);
	return all.n;
}

uint64_t hawk_map_memory(int fd)
{
	char path[64], line[256];
	_cleanup_fclose_ FILE *f = NULL;
	unsigned long long bytes;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "memlock: %llu", &bytes) == 1)
			return bytes;
	return 0;
}

uint64_t hawk_collect_memory(const struct hawk_collect *c)
{
	uint64_t sum = hawk_filters_memory(c);

	for (int i = 0; i < HAWK_MAP_MAX; i++)
		sum += hawk_map_memory(c->map_fd[i]);
	return sum;
}
