/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/enrich/container.h"

#include <stdbool.h>
#include <string.h>

#include "src/base/cleanup.h"

#define NUMBER_DIGITS 64

typedef struct hawk_unit_name span;

enum kind { NUMBER /* 64 hexadecimal digits */, NAME };

/* How runtimes call the cgroup of a container; the first row that fits decides. */
static const struct {
	const char *runtime;
	const char *parent; /* name of the cgroup above it; NULL: any */
	const char *before, *behind; /* what the name of the container stands between */
	enum kind kind;
} rows[] = {
	{ "docker", NULL, "docker-", ".scope", NUMBER },
	{ "crio", NULL, "crio-", ".scope", NUMBER },
	{ "crio", NULL, "crio-", "", NUMBER },
	{ "containerd", NULL, "cri-containerd-", ".scope", NUMBER },
	{ "containerd", NULL, "nerdctl-", ".scope", NUMBER },
	{ "podman", NULL, "libpod-", ".scope", NUMBER },
	{ "podman", NULL, "libpod-", "", NUMBER },
	/* as these call it when nobody else does: podman build */
	{ "crun", NULL, "crun-", ".scope", NAME },
	{ "runc", NULL, "runc-", ".scope", NAME },
	{ "docker", "docker", "", "", NUMBER },
	{ "docker", "actions_job", "", "", NUMBER },
	/* below a pod of Kubernetes, a task of ECS, a name space of containerd */
	{ "", NULL, "", "", NUMBER },
	{ "garden", "garden", "", "", NAME },
	{ "lxc", NULL, "lxc.payload.", "", NAME },
	{ "lxc", "lxc.payload", "", "", NAME },
	{ "lxc", "lxc", "", "", NAME },
	{ "systemd-nspawn", NULL, "systemd-nspawn@", ".service", NAME },
	{ "systemd-nspawn", "machine.slice", "machine-", ".scope", NAME },
};

static bool is(span s, const char *text)
{
	return s.len == strlen(text) && memcmp(s.name, text, s.len) == 0;
}

/* The last component of REST, which is cut off it with its slash. Empty at the root. */
static span last_component(span *rest)
{
	size_t end = rest->len, start;

	while (end && rest->name[end - 1] == '/')
		end--;
	for (start = end; start && rest->name[start - 1] != '/';)
		start--;
	rest->len = start;
	return (span){ rest->name + start, end - start };
}

static bool is_number(span s)
{
	if (s.len != NUMBER_DIGITS)
		return false;
	for (size_t i = 0; i < s.len; i++)
		if (!((s.name[i] >= '0' && s.name[i] <= '9') || (s.name[i] >= 'a' && s.name[i] <= 'f')))
			return false;
	return true;
}

/* A virtual machine of libvirt is in a cgroup like that of a container. */
static bool is_name(span s)
{
	static const char machine[] = "qemu\\x2d";

	if (!s.len || s.len > HAWK_CONTAINER_NAME_MAX ||
	    (s.len >= strlen(machine) && memcmp(s.name, machine, strlen(machine)) == 0))
		return false;
	for (size_t i = 0; i < s.len; i++)
		if (s.name[i] <= ' ' || s.name[i] >= 0x7f)
			return false;
	return true;
}

/* What stands between BEFORE and BEHIND in C. */
static bool strip(span *c, const char *before, const char *behind)
{
	size_t a = strlen(before), b = strlen(behind);

	if (c->len < a + b || memcmp(c->name, before, a) != 0 || memcmp(c->name + c->len - b, behind, b) != 0)
		return false;
	c->name += a;
	c->len -= a + b;
	return true;
}

/* "kubepods-burstable-podNNN.slice:cri-containerd:ID": a path for systemd that was taken for one of cgroups. */
static span behind_colons(span c)
{
	static const char mark[] = ":cri-containerd:";
	const size_t skip = strlen(mark) + NUMBER_DIGITS;
	span id = { .len = 0 };

	if (c.len > skip && memcmp(c.name + c.len - skip, mark, strlen(mark)) == 0)
		id = (span){ c.name + c.len - NUMBER_DIGITS, NUMBER_DIGITS };
	return id;
}

static bool recognise(span c, span parent, struct hawk_container *ret)
{
	span id = behind_colons(c);

	if (id.len && is_number(id)) {
		*ret = (struct hawk_container){ .id = id, .runtime = "containerd" };
		return true;
	}
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		id = c;
		if ((rows[i].parent && !is(parent, rows[i].parent)) || !strip(&id, rows[i].before, rows[i].behind))
			continue;
		if (!(rows[i].kind == NUMBER ? is_number(id) : is_name(id)))
			continue;
		*ret = (struct hawk_container){ .id = id, .runtime = rows[i].runtime };
		return true;
	}
	return false;
}

struct hawk_container hawk_container_from_cgroup(const uint8_t *path, size_t len)
{
	struct hawk_container found = { .runtime = "" };
	span rest = { .name = path, .len = len }, c, parent;

	if (!len) /* PATH may be NULL */
		return found;
	for (c = last_component(&rest); c.len; c = parent) {
		parent = last_component(&rest);
		if (recognise(c, parent, &found))
			break;
	}
	return found;
}
