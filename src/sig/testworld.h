/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_SIG_TESTWORLD_H
#define HAWK_SIG_TESTWORLD_H
/* What the tests inside of signatures make up: values, processes, answers of the model. Private to this room. */
#include "src/base/buf.h"
#include "src/cel/model.h"
#include "src/event/process.h"
#include "src/sig/test.h"
#include "src/yaml/reader.h"

#define HAWK_SIG_WORLD_PROCESSES 256
/* When tests begin: CLOCK_BOOTTIME and 1970 ns. */
#define HAWK_SIG_WORLD_BOOT (24ULL * 3600 * 1000000000)
#define HAWK_SIG_WORLD_WALL (1767268800ULL * 1000000000)

struct hawk_sig_block;

struct hawk_sig_world {
	struct hawk_yaml_reader yaml;
	struct hawk_sig_block *blocks; /* memory that lives as long as the world */
	bool no_memory;
	struct hawk_process *processes[HAWK_SIG_WORLD_PROCESSES];
	size_t n_processes;
	struct hawk_yaml_node *answers; /* of the test's model:; NULL: none */
	struct hawk_model model;
	struct {
		const struct hawk_process *process; /* that began it */
		uint64_t time;
	} containers[HAWK_SIG_WORLD_PROCESSES]; /* that began in the test */
	size_t n_containers;
};

void hawk_sig_world_init(struct hawk_sig_world *w, struct hawk_yaml_node *answers, struct hawk_diags *diags);
void hawk_sig_world_done(struct hawk_sig_world *w);
/* Zeroed memory of the world, or NULL. */
void *hawk_sig_world_alloc(struct hawk_sig_world *w, size_t n);

/* Reads NODE as a value of TYPE. Returns 0 or -EINVAL (told). */
int hawk_sig_world_value(struct hawk_sig_world *w, struct hawk_yaml_node *node, enum hawk_type type,
			 struct hawk_value *ret);
/* Nanoseconds of a duration, which may have a - in front. Returns 0 or -EINVAL (told). */
int hawk_sig_world_duration(struct hawk_sig_world *w, struct hawk_yaml_node *node, int64_t *ret);

/*
 * The process that NODE describes, which may be known already: then what NODE says is changed. NODE NULL: the one
 * that the test is about when it says nothing. Returns NULL (told) when it is wrong.
 */
struct hawk_process *hawk_sig_world_process(struct hawk_sig_world *w, struct hawk_yaml_node *node);
struct hawk_process *hawk_sig_world_by_pid(const struct hawk_sig_world *w, int32_t pid);
struct hawk_process *hawk_sig_world_parent(const struct hawk_sig_world *w, const struct hawk_process *p);
/* A child of PARENT that was just made; NULL: no room. */
struct hawk_process *hawk_sig_world_fork(struct hawk_sig_world *w, const struct hawk_process *parent, int32_t pid,
					 uint64_t time);
/* P executed something at TIME: the first time in a container that is its start. */
void hawk_sig_world_exec(struct hawk_sig_world *w, const struct hawk_process *p, uint64_t time);

/* Makes w->model from the answers. Returns 0 or -EINVAL (told). */
int hawk_sig_world_model(struct hawk_sig_world *w);

#endif
