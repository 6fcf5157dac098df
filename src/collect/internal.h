/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_COLLECT_INTERNAL_H
#define HAWK_COLLECT_INTERNAL_H
/* What the files of this room share. */
#include <bpf/libbpf.h>
#include <pthread.h>

#include "src/collect/collect.h"
#include "src/collect/kring.h"

enum hawk_map_id {
#define MAP(name, type, key, value, entries, flags, doc) HAWK_MAP_##name,
#include "bpf/abi/maps.def"
#undef MAP
	HAWK_MAP_MAX,
};

/* A loaded BPF object with some of its programs; shared by their links, freed with the last. */
struct hawk_cgen;
struct hawk_instance {
	struct bpf_object *object;
	unsigned int users;
};

struct hawk_attached {
	struct hawk_instance *instance;
	struct bpf_link *link;
};

/* A rare system call on its own functions. */
#define HAWK_OWN_MAX (2 * HAWK_PLAN_OWN_MAX) /* those that come and those that go */
struct hawk_own {
	uint16_t event; /* 0: free */
	enum hawk_prog_kind kind;
	struct hawk_attached on[HAWK_OWN_FUNCTIONS];
	char target[HAWK_OWN_FUNCTIONS][64];
	uint32_t function[HAWK_OWN_FUNCTIONS]; /* BTF ids of the targets, once somebody asked */
};

/* Seeds wait in one buffer, each record preceded by its length as a 64-bit word. */
struct hawk_seeds {
	uint8_t *data;
	size_t len, at;
	uint64_t begun; /* when the reading began, CLOCK_BOOTTIME ns */
	bool whole;     /* every process of the host is there */
};

/*
 * Programs (by id) of an object. TARGETS: where its function hooks go (by
 * program id) instead of what the features say; NULL: there.
 */
struct hawk_load {
	enum hawk_object_id object;
	const bool *programs;
	const char *const *targets;
};

/* Something to be loaded, and what came of it: an instance that the caller puts, or a negative result. */
struct hawk_load_job {
	struct hawk_load load;
	struct hawk_instance *instance;
	int result;
};

/* N rows for a map, from the entry FIRST on. */
struct hawk_rows {
	enum hawk_map_id map;
	uint32_t first, n;
	const void *rows;
};

#define HAWK_GUARDED_MAX 2 /* maps that guard.c looks after */

struct hawk_collect {
	struct hawk_collect_options options;
	char *btf; /* behind options.btf */
	int types_fd; /* the types that libbpf looks into (minbtf.h), or -1 */
	const char *types_path;
	char types_fd_path[32];
	int map_fd[HAWK_MAP_MAX];
	struct hawk_abi_config *config; /* mapped */
	struct hawk_kring life, bulk;
	int epoll_fd;
	struct hawk_features features;
	bool confidential; /* the kernel is locked down: programs may not read its memory */
	struct hawk_plan plan;
	uint64_t checked[HAWK_EVENTS_MAX / 64]; /* system calls, by row of hawk_event_descs() */
	bool attaching; /* programs may be attached: before, none can be running */
	struct hawk_attached attached[HAWK_PROG_MAX];
	struct hawk_own own[HAWK_OWN_MAX];
	void (*on_left_out)(void *ctx, const struct hawk_cgen *code, unsigned int bit, uint64_t n); /* may be NULL */
	void *on_left_out_ctx;
	struct hawk_filters *filters; /* in force; changed under the lock */
	uint32_t function[HAWK_PROG_MAX]; /* BTF ids of what programs are on, once somebody asked; 0: not yet */
	struct btf *types; /* of the kernel, while filters are loaded */
	int grace_fd;
	struct hawk_load_job iterator; /* loaded beside all else from the start on, used by the first seeding */
	pthread_t iterator_loader;
	bool iterator_loading;
	pthread_mutex_t lock; /* attached, own, fresh: stats are read by more than one thread */
	struct hawk_seeds fresh; /* read by the control thread, not taken yet */
	struct hawk_seeds seeds; /* the pipeline's */
	uint64_t seeded;         /* begin of the last whole seeding that was handed over */
	int stats_fd;
	int cpus;
	uint8_t *written[HAWK_GUARDED_MAX]; /* what these maps have in them; NULL: not written yet */
};

/*
 * attach.c: brings the attached programs, and what they do with each system call, in line with c->plan. Returns 0, 1
 * when a program failed and the plan must be made again, or -errno.
 */
int hawk_attach_plan(struct hawk_collect *c);
void hawk_detach_all(struct hawk_collect *c);
void hawk_detach_one(struct hawk_collect *c, int prog);

/* load.c: loads programs of an object, with the shared maps. The caller frees *ret with hawk_instance_put. */
int hawk_instance_load(struct hawk_collect *c, const struct hawk_load *load, struct hawk_instance **ret);
void hawk_instance_put(struct hawk_instance *i);

/* Bytes of kernel memory of a map. */
uint64_t hawk_map_memory(int fd);

/* Loads all of them, several at a time; the plan and what is attached must stay as they are meanwhile. */
void hawk_load_all(struct hawk_collect *c, struct hawk_load_job *jobs, size_t n);

/* own.c: the same for system calls on their own functions. */
int hawk_own_plan(struct hawk_collect *c);
void hawk_own_detach_all(struct hawk_collect *c);

/* packets.c: tells the programs which packets the plan wants. */
/* Control thread. */
void hawk_packets_write(struct hawk_collect *c);
/* Whether somebody else changed what they were told; then they are told again. */
bool hawk_packets_check(struct hawk_collect *c);

/* guard.c: writes ROWS into one of the maps that it looks after, and remembers them. Returns 0 or -errno. */
int hawk_guard_write(struct hawk_collect *c, const struct hawk_rows *rows);
void hawk_guard_free(struct hawk_collect *c);

/* seed.c: begins to load the iterator; returns at once. */
void hawk_seed_load(struct hawk_collect *c);
/* Finds where the memory of pages is, for programs that read what was written to a file; says so when it is not known. */
void hawk_pages_find(struct hawk_collect *c);
/* Frees the iterator and what it read. */
void hawk_seed_close(struct hawk_collect *c);

/* sysrows.c: fills the map of system calls for the plan. */
int hawk_sysrows_write(struct hawk_collect *c);

#endif
