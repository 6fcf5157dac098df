/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the model answers in a test. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "src/event/names.h"
#include "src/sig/testworld.h"

/* The member of answers[SECTION] whose key is the LEN bytes at NAME. *RET_SECTION: whether there is such a section. */
static struct hawk_yaml_node *answer(const struct hawk_sig_world *w, const char *section, const void *name, size_t len,
				     bool *ret_section)
{
	struct hawk_yaml_node *map = w->answers ? hawk_yaml_get(w->answers, section) : NULL;

	*ret_section = map != NULL;
	for (struct hawk_yaml_node *one = map ? map->first : NULL; one; one = one->next)
		if (strlen(one->key) == len && memcmp(one->key, name, len) == 0)
			return one;
	return NULL;
}

static const struct hawk_process *parent_of(void *ctx, const struct hawk_process *process)
{
	return hawk_sig_world_parent(ctx, process);
}

static bool in_tree(void *ctx, const struct hawk_process *process, uint32_t ancestor)
{
	for (size_t i = 0; process && i < HAWK_SIG_WORLD_PROCESSES; i++) {
		if (process->task.pid == (int32_t)ancestor)
			return true;
		process = hawk_sig_world_parent(ctx, process);
	}
	return false;
}

static bool dns_name(void *ctx, const uint8_t address[16], size_t i, const char **ret, size_t *ret_len)
{
	const struct hawk_sig_world *w = ctx;
	struct hawk_yaml_node *map = w->answers ? hawk_yaml_get(w->answers, "dns") : NULL;

	for (struct hawk_yaml_node *one = map ? map->first : NULL; one; one = one->next) {
		struct hawk_yaml_node *name = one->kind == HAWK_YAML_LIST ? one->first : one;
		uint8_t ip[16];

		if (hawk_ip_parse(one->key, ip) < 0 || memcmp(ip, address, 16) != 0)
			continue;
		for (size_t k = 0; name && k < i; k++)
			name = one->kind == HAWK_YAML_LIST ? name->next : NULL;
		if (!name)
			return false;
		*ret = name->text;
		*ret_len = strlen(name->text);
		return true;
	}
	return false;
}

static bool container(void *ctx, const struct hawk_process *process, struct hawk_model_container *ret)
{
	struct hawk_sig_world *w = ctx;
	struct hawk_yaml_node *node, *started, *runtime;
	bool any;
	int64_t ns;

	*ret = (struct hawk_model_container){ .started = 0 };
	if (!process->container_id.len)
		return false;
	node = answer(w, "containers", process->container_id.data, process->container_id.len, &any);
	started = node ? hawk_yaml_get(node, "started") : NULL;
	if (started && hawk_sig_world_duration(w, started, &ns) == 0)
		ret->started = HAWK_SIG_WORLD_BOOT + (uint64_t)ns;
	runtime = node ? hawk_yaml_get(node, "runtime") : NULL;
	ret->runtime = runtime && strtol(runtime->text, NULL, 10) == process->task.pid;
	for (size_t i = 0; !node && i < w->n_containers; i++)
		if (hawk_process_same_container(w->containers[i].process, process))
			ret->started = w->containers[i].time;
	return true;
}

void hawk_sig_world_exec(struct hawk_sig_world *w, const struct hawk_process *p, uint64_t time)
{
	if (!p->container_id.len || w->n_containers == HAWK_SIG_WORLD_PROCESSES)
		return;
	for (size_t i = 0; i < w->n_containers; i++)
		if (hawk_process_same_container(w->containers[i].process, p))
			return;
	w->containers[w->n_containers].process = p;
	w->containers[w->n_containers++].time = time;
}

static bool package(void *ctx, const struct hawk_process *process, const uint8_t *path, size_t len,
		    struct hawk_model_package *ret)
{
	const struct hawk_sig_world *w = ctx;
	struct hawk_yaml_node *node, *part;
	bool any;

	(void)process;
	*ret = (struct hawk_model_package){ .state = HAWK_ORIGIN_UNKNOWN };
	node = answer(w, "packages", path, len, &any);
	/* Who says of some files where they come from says of the others that they come from nowhere. */
	if (!node)
		return any;
	part = hawk_yaml_get(node, "name");
	if (part)
		strncpy(ret->name, part->text, sizeof(ret->name) - 1);
	part = hawk_yaml_get(node, "state");
	if (part && strcmp(part->text, "none") == 0)
		ret->name[0] = 0;
	else if (part)
		ret->state = strcmp(part->text, "changed") == 0 ? HAWK_ORIGIN_CHANGED : HAWK_ORIGIN_INTACT;
	return true;
}

/* What the test says of KEY of the stdio of PROCESS. */
static int said_of_stdio(const struct hawk_sig_world *w, const struct hawk_process *process, const char *key, char *out,
			 size_t size)
{
	struct hawk_yaml_node *node;
	char text[16];
	bool any;
	size_t n = (size_t)snprintf(text, sizeof(text), "%d", process->task.pid);

	node = answer(w, "stdio", text, n, &any);
	if (!any)
		return -ENODATA;
	node = node ? hawk_yaml_get(node, key) : NULL;
	if (!node)
		return 0;
	n = strnlen(node->text, size);
	memcpy(out, node->text, n);
	return (int)n;
}

static int stdio_socket(void *ctx, const struct hawk_process *process, unsigned int fd, char *out, size_t size)
{
	char key[16];

	snprintf(key, sizeof(key), "%u", fd);
	return said_of_stdio(ctx, process, key, out, size);
}

static int connection(void *ctx, const struct hawk_process *process, char *out, size_t size)
{
	return said_of_stdio(ctx, process, "connection", out, size);
}

/* --- what may be written --- */

static int check_scalar(struct hawk_sig_world *w, struct hawk_yaml_node *node)
{
	return node->kind == HAWK_YAML_SCALAR ? 0 : hawk_yaml_refuse(&w->yaml, node, 0, "expected a text, not %s",
								      hawk_yaml_kind_name(node));
}

static int check_dns(struct hawk_sig_world *w, struct hawk_yaml_node *one)
{
	uint8_t ip[16];
	int r = 0;

	if (hawk_ip_parse(one->key, ip) < 0)
		return hawk_yaml_refuse(&w->yaml, one, 0, "\"%.64s\" is no address", one->key);
	if (one->kind != HAWK_YAML_LIST)
		return check_scalar(w, one);
	for (struct hawk_yaml_node *n = one->first; n && r == 0; n = n->next)
		r = check_scalar(w, n);
	return r;
}

/* A mapping of texts with these keys, or any when there are none. */
static int check_map(struct hawk_sig_world *w, struct hawk_yaml_node *one, const char *const *keys, const char *what)
{
	int r = 0;

	if (one->kind != HAWK_YAML_MAP)
		return hawk_yaml_refuse(&w->yaml, one, 0, "expected a mapping, not %s", hawk_yaml_kind_name(one));
	if (keys)
		hawk_yaml_only_keys(&w->yaml, one, keys, what);
	for (struct hawk_yaml_node *n = one->first; n && r == 0; n = n->next)
		r = check_scalar(w, n);
	return r;
}

static int check_container(struct hawk_sig_world *w, struct hawk_yaml_node *one)
{
	static const char *const keys[] = { "started", "runtime", NULL };
	struct hawk_yaml_node *started;
	int64_t ns;
	int r = check_map(w, one, keys, "a container");

	started = r == 0 ? hawk_yaml_get(one, "started") : NULL;
	return started ? hawk_sig_world_duration(w, started, &ns) : r;
}

static int check_package(struct hawk_sig_world *w, struct hawk_yaml_node *one)
{
	static const char *const keys[] = { "name", "state", NULL };
	struct hawk_yaml_node *state;
	int r = check_map(w, one, keys, "a package");

	state = r == 0 ? hawk_yaml_get(one, "state") : NULL;
	if (state && strcmp(state->text, "intact") != 0 && strcmp(state->text, "changed") != 0 &&
	    strcmp(state->text, "none") != 0)
		return hawk_yaml_refuse(&w->yaml, state, 0, "expected intact, changed or none");
	return r;
}

static int check_stdio(struct hawk_sig_world *w, struct hawk_yaml_node *one)
{
	static const char *const keys[] = { "0", "1", "2", "connection", NULL };

	return check_map(w, one, keys, "stdio of a process");
}

int hawk_sig_world_model(struct hawk_sig_world *w)
{
	static const struct {
		const char *key;
		int (*check)(struct hawk_sig_world *w, struct hawk_yaml_node *one);
	} sections[] = {
		{ "dns", check_dns }, { "containers", check_container }, { "packages", check_package },
		{ "stdio", check_stdio },
	};
	static const char *const keys[] = { "dns", "containers", "packages", "stdio", NULL };
	int r = 0;

	w->model = (struct hawk_model){
		.env = { .in_tree = in_tree, .parent = parent_of, .ctx = w },
		.dns_name = dns_name,
		.container = container,
		.package = package,
		.stdio_socket = stdio_socket,
		.connection = connection,
		.ctx = w,
	};
	if (!w->answers)
		return 0;
	hawk_yaml_only_keys(&w->yaml, w->answers, keys, "model");
	for (size_t i = 0; i < sizeof(sections) / sizeof(sections[0]); i++) {
		struct hawk_yaml_node *map = hawk_yaml_get(w->answers, sections[i].key);

		if (map && map->kind != HAWK_YAML_MAP)
			return hawk_yaml_refuse(&w->yaml, map, 0, "expected a mapping, not %s", hawk_yaml_kind_name(map));
		for (struct hawk_yaml_node *one = map ? map->first : NULL; one && r == 0; one = one->next)
			r = sections[i].check(w, one);
	}
	return r;
}
