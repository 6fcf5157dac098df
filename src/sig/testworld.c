/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The processes of a test, by what it says of them. */
#include "src/sig/testworld.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "src/base/nearest.h"
#include "src/event/field.h"

#define DEFAULT_PID 1000
#define UNNAMED_PIDS 1000000 /* above those that tests give */
#define NO_ID UINT32_MAX
#define ALL_CAPS 0x1ffffffffffULL

/* Any numbers will do where nobody set those of this host. */
static void make_host_ns(void)
{
	struct hawk_host_ns ns = *hawk_host_ns();
	size_t n;
	const struct hawk_namespace *all = hawk_namespaces(&n);

	for (size_t i = 0; i < n; i++) {
		const uint32_t inode = 4026531000 + 16 * (uint32_t)i;

		if (!hawk_host_ns()->mnt)
			memcpy((char *)&ns + all[i].of_host, &inode, sizeof(inode));
	}
	hawk_host_ns_set(&ns);
}

static void set_host_ns(struct hawk_process *p)
{
	size_t n;
	const struct hawk_namespace *all = hawk_namespaces(&n);

	for (size_t i = 0; i < n; i++)
		memcpy((char *)&p->task + all[i].offset, (const char *)hawk_host_ns() + all[i].of_host,
		       sizeof(uint32_t));
}

void hawk_sig_world_init(struct hawk_sig_world *w, struct hawk_yaml_node *answers, struct hawk_diags *diags)
{
	make_host_ns();
	*w = (struct hawk_sig_world){ .yaml = { .diags = diags }, .answers = answers };
}

struct hawk_process *hawk_sig_world_by_pid(const struct hawk_sig_world *w, int32_t pid)
{
	for (size_t i = w->n_processes; i > 0; i--)
		if (w->processes[i - 1]->task.pid == pid)
			return w->processes[i - 1];
	return NULL;
}

struct hawk_process *hawk_sig_world_parent(const struct hawk_sig_world *w, const struct hawk_process *p)
{
	return p->task.ppid && p->task.ppid != p->task.pid ? hawk_sig_world_by_pid(w, p->task.ppid) : NULL;
}

static struct hawk_process *new_process(struct hawk_sig_world *w, struct hawk_yaml_node *node)
{
	struct hawk_process *p = NULL;

	if (w->n_processes < HAWK_SIG_WORLD_PROCESSES)
		p = hawk_sig_world_alloc(w, sizeof(*p));
	else if (node)
		hawk_yaml_refuse(&w->yaml, node, 0, "there are more than %d processes", HAWK_SIG_WORLD_PROCESSES);
	if (p)
		w->processes[w->n_processes++] = p;
	return p;
}

/* What a process of root on the host has when nothing is said. */
static struct hawk_process *add_process(struct hawk_sig_world *w, struct hawk_yaml_node *node, int32_t pid)
{
	struct hawk_process *p = new_process(w, node);

	if (!p)
		return NULL;
	p->task.pid = p->task.ns_pid = pid;
	p->task.start = HAWK_SIG_WORLD_BOOT - 3600ULL * 1000000000 + (uint64_t)(uint32_t)pid * 1000;
	p->task.loginuid = p->task.sessionid = NO_ID;
	p->task.cgroup = 1;
	p->task.cap_bounding = p->task.cap_effective = p->task.cap_permitted = ALL_CAPS;
	set_host_ns(p);
	return p;
}

struct hawk_process *hawk_sig_world_fork(struct hawk_sig_world *w, const struct hawk_process *parent, int32_t pid,
					 uint64_t time)
{
	struct hawk_process *p = new_process(w, NULL);

	if (!p)
		return NULL;
	*p = *parent;
	p->json = (struct hawk_bytes){ .data = NULL };
	p->json_valid = false;
	p->task.pid = p->task.ns_pid = pid;
	p->task.ppid = p->task.ns_ppid = parent->task.pid;
	p->task.parent_start = parent->task.start;
	p->task.start = time;
	return p;
}

/* What was said, so that the rest can be made to fit. */
struct said {
	bool uid, gid, euid, egid, caps, comm, exe, argv, cgroup, container;
};

static void note(struct said *said, const char *name)
{
	const struct {
		const char *name;
		bool *what;
	} all[] = {
		{ "uid", &said->uid }, { "gid", &said->gid }, { "euid", &said->euid }, { "egid", &said->egid },
		{ "caps.effective", &said->caps }, { "comm", &said->comm }, { "argv", &said->argv },
		{ "exe", &said->exe },
		{ "cgroup.id", &said->cgroup }, { "container_id", &said->container },
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (strcmp(all[i].name, name) == 0)
			*all[i].what = true;
}

static int unknown_field(struct hawk_sig_world *w, const struct hawk_yaml_node *node, const char *name)
{
	struct hawk_nearest near = hawk_nearest_start(name);

	for (size_t i = 0; i < hawk_process_fields(); i++)
		hawk_nearest_offer(&near, hawk_process_field(i)->name + strlen("process."));
	hawk_nearest_offer(&near, "parent");
	return hawk_yaml_refuse(&w->yaml, node, 0, "processes have no %s%s%s%s", name, near.best ? "; did you mean " : "",
				near.best ? near.best : "", near.best ? "?" : "");
}

/* One fact, or those below a name: "cgroup: {path: …}". */
static int set_fact(struct hawk_sig_world *w, struct hawk_process *p, const char *head, struct hawk_yaml_node *node,
		    struct said *said)
{
	char name[128];
	struct hawk_value v;
	int r = 0;

	if ((size_t)snprintf(name, sizeof(name), "%s%s", head, node->key) >= sizeof(name) - 1)
		return unknown_field(w, node, "name as long as this");
	for (size_t i = 0; i < hawk_process_fields(); i++) {
		const struct hawk_field *f = hawk_process_field(i);

		if (strcmp(f->name + strlen("process."), name) != 0)
			continue;
		if (hawk_sig_world_value(w, node, f->type, &v) < 0)
			return -EINVAL;
		hawk_process_set(i, p, &v);
		note(said, name);
		return 0;
	}
	if (node->kind != HAWK_YAML_MAP)
		return unknown_field(w, node, name);
	strcat(name, ".");
	for (struct hawk_yaml_node *one = node->first; one && r == 0; one = one->next)
		r = set_fact(w, p, name, one, said);
	return r;
}

/* What follows from what was said. */
static int complete(struct hawk_sig_world *w, struct hawk_process *p, const struct said *said)
{
	const char *exe = (const char *)p->exe.data, *base = exe;

	for (size_t i = 0; i < p->exe.len; i++)
		if (exe[i] == '/')
			base = exe + i + 1;
	if (said->uid && !said->euid)
		p->task.euid = p->task.suid = p->task.fsuid = p->task.uid;
	if (said->gid && !said->egid)
		p->task.egid = p->task.sgid = p->task.fsgid = p->task.gid;
	if (!said->caps && (said->uid || said->euid))
		p->task.cap_effective = p->task.cap_permitted = p->task.euid ? 0 : ALL_CAPS;
	if (said->exe && !said->comm) {
		memset(p->comm, 0, sizeof(p->comm));
		memcpy(p->comm, base, strnlen(base, HAWK_COMM_LEN - 1));
	}
	if (said->exe && !said->argv) {
		p->argv.data = hawk_sig_world_alloc(w, p->exe.len + 1);
		if (!p->argv.data)
			return -ENOMEM;
		memcpy(p->argv.data, exe, p->exe.len);
		p->argv.len = p->exe.len + 1;
	}
	/* Each container is a cgroup of its own. */
	if (said->container && !said->cgroup) {
		p->task.cgroup = 1;
		for (size_t i = 0; i < p->container_id.len; i++)
			p->task.cgroup = p->task.cgroup * 31 + p->container_id.data[i];
	}
	return 0;
}

static int read_pid(struct hawk_sig_world *w, struct hawk_yaml_node *node, int32_t *ret)
{
	struct hawk_yaml_node *pid = hawk_yaml_get(node, "pid");
	char *end;
	long v;

	*ret = DEFAULT_PID;
	if (!pid)
		return 0;
	v = pid->kind == HAWK_YAML_SCALAR ? strtol(pid->text, &end, 10) : 0;
	if (v <= 0 || v > INT32_MAX || *end)
		return hawk_yaml_refuse(&w->yaml, pid, 0, "expected the number of a process");
	*ret = (int32_t)v;
	return 0;
}

static int set_facts(struct hawk_sig_world *w, struct hawk_process *p, struct hawk_yaml_node *node)
{
	const struct hawk_bytes exe = p->exe;
	struct said said = { .uid = false };
	int r = 0;

	for (struct hawk_yaml_node *one = node->first; one && r == 0; one = one->next)
		if (strcmp(one->key, "parent") != 0)
			r = set_fact(w, p, "", one, &said);
	/* Said again it is the same image. */
	if (exe.len == p->exe.len && exe.len && memcmp(exe.data, p->exe.data, exe.len) == 0)
		said.exe = false;
	return r < 0 ? r : complete(w, p, &said);
}

/* The process of NODE is below P. */
static int set_parent(struct hawk_sig_world *w, struct hawk_process *p, struct hawk_yaml_node *node)
{
	struct hawk_process *parent;

	/* Where no number is given it is the one that is there, or a new one. */
	if (node->kind == HAWK_YAML_MAP && !hawk_yaml_get(node, "pid")) {
		parent = hawk_sig_world_parent(w, p);
		if (!parent)
			parent = add_process(w, node, p->task.pid + UNNAMED_PIDS);
		if (!parent || set_facts(w, parent, node) < 0)
			return -EINVAL;
		p->task.ppid = p->task.ns_ppid = parent->task.pid;
		node = hawk_yaml_get(node, "parent");
		if (node && set_parent(w, parent, node) < 0)
			return -EINVAL;
	} else {
		parent = hawk_sig_world_process(w, node);
	}
	if (!parent)
		return -EINVAL;
	p->task.ppid = p->task.ns_ppid = parent->task.pid;
	p->task.parent_start = parent->task.start;
	return 0;
}

/* Recursion, by way of parents, is bounded by HAWK_YAML_DEPTH_MAX. */
struct hawk_process *hawk_sig_world_process(struct hawk_sig_world *w, struct hawk_yaml_node *node)
{
	struct hawk_yaml_node *parent;
	struct hawk_process *p;
	int32_t pid = DEFAULT_PID;

	if (node && node->kind != HAWK_YAML_MAP) {
		hawk_yaml_refuse(&w->yaml, node, 0, "expected a process: {pid, exe, …}, not %s", hawk_yaml_kind_name(node));
		return NULL;
	}
	if (node && read_pid(w, node, &pid) < 0)
		return NULL;
	p = hawk_sig_world_by_pid(w, pid);
	if (!p)
		p = add_process(w, node, pid);
	if (!p || !node)
		return p;
	p->json_valid = false;
	if (set_facts(w, p, node) < 0)
		return NULL;
	parent = hawk_yaml_get(node, "parent");
	return parent && set_parent(w, p, parent) < 0 ? NULL : p;
}
