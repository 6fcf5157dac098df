/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/daemon/facts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/siphash.h"
#include "src/daemon/stdiosock.h"

/* Containers that are remembered: sets of some, of which the one that was not heard of for longest goes. */
#define SETS 512
#define WAYS 8
/* Descriptors that are looked at in a second of event time: each costs some microseconds of the pipeline. */
#define LOOKS_MAX 500
#define SECOND_NS (1000ULL * 1000 * 1000)

struct container {
	uint64_t hash; /* of its id; 0: a free place */
	uint64_t heard; /* time of the last exec */
	struct hawk_model_container known;
};

struct hawk_facts {
	struct hawk_facts_parts parts;
	struct hawk_model model;
	uint64_t now; /* time of the event */
	uint64_t second, looks; /* descriptors looked at in this second */
	uint64_t evicted;
	struct container containers[SETS][WAYS];
};

/* --- processes --- */

static bool in_tree(void *ctx, const struct hawk_process *process, uint32_t ancestor)
{
	return hawk_proctab_in_tree(ctx, process, ancestor);
}

static const struct hawk_process *parent_of(void *ctx, const struct hawk_process *process)
{
	return hawk_proctab_parent(ctx, process);
}

static const struct hawk_process *process_of(void *ctx, uint32_t pid, uint64_t start)
{
	return hawk_proctab_find(((struct hawk_facts *)ctx)->parts.proctab, pid, start);
}

struct hawk_ir_env hawk_facts_env(struct hawk_proctab *proctab)
{
	return (struct hawk_ir_env){ .in_tree = in_tree, .parent = parent_of, .ctx = proctab };
}

/* --- containers --- */

static uint64_t hash_of(const struct hawk_process *process)
{
	/* constant: a replay forgets the same ones */
	static const struct hawk_siphash_key key = { { 0x736563686177b, 0x636f6e7461696e } };

	return hawk_siphash(&key, process->container_id.data, process->container_id.len) | 1;
}

static struct container *find(struct hawk_facts *f, uint64_t hash)
{
	struct container *set = f->containers[(hash >> 1) % SETS];

	for (size_t i = 0; i < WAYS; i++)
		if (set[i].hash == hash)
			return &set[i];
	return NULL;
}

static struct container *add(struct hawk_facts *f, uint64_t hash)
{
	struct container *set = f->containers[(hash >> 1) % SETS], *oldest = set;

	for (size_t i = 1; i < WAYS; i++)
		if (set[i].heard < oldest->heard)
			oldest = &set[i];
	f->evicted += oldest->hash != 0;
	*oldest = (struct container){ .hash = hash };
	return oldest;
}

/*
 * A container starts with the first exec in it that is not of what prepares it. One with a process from before
 * our time is older than we; and once containers were forgotten a first exec
 * whose parent is in the container is not the first.
 */
static void learn_container(struct hawk_facts *f, const struct hawk_event *event)
{
	const struct hawk_process *p = event->process;
	bool exec = event->desc->id == HAWK_EV_SCHED_PROCESS_EXEC && !p->came_in;
	bool older = event->desc->id == HAWK_EV_PROCESS_SEED && p->task.start < hawk_watch_since();
	struct container *c;
	uint64_t hash;

	if (!(exec || older) || !p->container_id.len)
		return;
	hash = hash_of(p);
	c = find(f, hash);
	if (!c) {
		older = older || (f->evicted && event->parent && hawk_process_same_container(p, event->parent));
		c = add(f, hash);
		if (!older)
			c->known = (struct hawk_model_container){ .started = event->time };
	}
	c->heard = event->time;
	if (older)
		c->known = (struct hawk_model_container){ 0 };
}

static bool container(void *ctx, const struct hawk_process *process, struct hawk_model_container *ret)
{
	const struct container *c;

	if (!process->container_id.len)
		return false;
	c = find(ctx, hash_of(process));
	*ret = c ? c->known : (struct hawk_model_container){ 0 };
	ret->runtime = process->came_in;
	return true;
}

/* --- names --- */

struct pick {
	size_t i; /* so many are to be passed */
	const struct hawk_dns_name *found;
};

static void pick_name(void *ctx, const struct hawk_dns_name *name)
{
	struct pick *p = ctx;

	if (p->i-- == 0)
		p->found = name;
}

static bool dns_name(void *ctx, const uint8_t address[16], size_t i, const char **ret, size_t *ret_len)
{
	const struct hawk_facts *f = ctx;
	struct pick p = { i, NULL };

	hawk_dnscache_each(hawk_derive_dns(f->parts.derive), address, f->now, pick_name, &p);
	if (!p.found)
		return false;
	*ret = p.found->name;
	*ret_len = p.found->len;
	return true;
}

/* --- packages --- */

void hawk_facts_set_packages(struct hawk_facts *f, struct hawk_packages *packages)
{
	f->parts.packages = packages;
}

/* Those of the host: what a container has is not in its databases. */
static bool package(void *ctx, const struct hawk_process *process, const uint8_t *path, size_t len,
		    struct hawk_model_package *ret)
{
	const struct hawk_facts *f = ctx;
	struct hawk_package known;

	if (!f->parts.packages || process->container_id.len || !hawk_packages_ask(f->parts.packages, path, len, &known))
		return false;
	memcpy(ret->name, known.name, sizeof(ret->name));
	ret->state = known.state == HAWK_PACKAGED_INTACT  ? HAWK_ORIGIN_INTACT :
		     known.state == HAWK_PACKAGED_CHANGED ? HAWK_ORIGIN_CHANGED :
							    HAWK_ORIGIN_UNKNOWN;
	return true;
}

/* --- descriptors --- */

/* So many processes are looked into per second: what follows asks the kernel. */
static bool may_look(struct hawk_facts *f, const struct hawk_process *process)
{
	if (!f->parts.live || process->exit_time)
		return false;
	if (f->now / SECOND_NS != f->second) {
		f->second = f->now / SECOND_NS;
		f->looks = 0;
	}
	return f->looks++ < LOOKS_MAX;
}

static int stdio_socket(void *ctx, const struct hawk_process *process, unsigned int fd, char *out, size_t size)
{
	struct hawk_facts *f = ctx;

	if (fd > 2 || !may_look(f, process))
		return -ENODATA;
	return hawk_stdiosock_read((uint32_t)process->task.pid, fd, out, size);
}

static int connection(void *ctx, const struct hawk_process *process, char *out, size_t size)
{
	return may_look(ctx, process) ? hawk_stdiosock_any((uint32_t)process->task.pid, out, size) : -ENODATA;
}

int hawk_facts_new(struct hawk_facts **ret, const struct hawk_facts_parts *parts)
{
	struct hawk_facts *f = calloc(1, sizeof(*f));

	if (!f)
		return -ENOMEM;
	f->parts = *parts;
	f->model = (struct hawk_model){
		.env = hawk_facts_env(parts->proctab),
		.process = process_of,
		.dns_name = dns_name,
		.container = container,
		.package = package,
		.stdio_socket = stdio_socket,
		.connection = connection,
		.ctx = f,
	};
	*ret = f;
	return 0;
}

struct hawk_facts *hawk_facts_free(struct hawk_facts *f)
{
	free(f);
	return NULL;
}

void hawk_facts_event(struct hawk_facts *f, const struct hawk_event *event)
{
	f->now = event->time;
	learn_container(f, event);
}

const struct hawk_model *hawk_facts_model(const struct hawk_facts *f)
{
	return &f->model;
}

uint64_t hawk_facts_evicted(const struct hawk_facts *f)
{
	return f->evicted;
}
