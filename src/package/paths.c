/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/package/paths.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "src/base/cleanup.h"

#define HOPS_MAX 8 /* a link to a link; a circle ends here */

/* Where distributions have moved directories. */
static const char *const moved[] = {
	"/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/usr/sbin", "/usr/lib64", "/usr/tmp", "/var/run",
	"/var/lock", "/var/mail",
};

void hawk_paths_add(struct hawk_paths *p, const char *from, const char *to)
{
	struct hawk_paths_link *link = &p->links[p->n];
	size_t dir = (size_t)(strrchr(from, '/') - from), len;
	bool absolute = to[0] == '/';

	if (p->n == ARRAY_SIZE(p->links) || strlen(from) >= sizeof(link->from))
		return;
	while (!absolute && strncmp(to, "../", 3) == 0) {
		to += 3;
		while (dir && from[--dir] != '/')
			;
	}
	len = strlen(to);
	while (len && to[len - 1] == '/')
		len--;
	/* what is left of dots, and what is too long, is no directory of packages */
	if (!len || len + dir + 2 > sizeof(link->to) || strstr(to, "..") || to[0] == '.')
		return;
	strcpy(link->from, from);
	snprintf(link->to, sizeof(link->to), "%.*s%s%.*s", absolute ? 0 : (int)dir, from, absolute ? "" : "/",
		 (int)len, to);
	p->n++;
}

void hawk_paths_read(struct hawk_paths *p, int root_fd)
{
	char to[sizeof(p->links[0].to)];

	memset(p, 0, sizeof(*p));
	for (size_t i = 0; i < ARRAY_SIZE(moved); i++) {
		ssize_t len = readlinkat(root_fd, moved[i] + 1, to, sizeof(to) - 1);

		if (len <= 0 || (size_t)len == sizeof(to) - 1)
			continue;
		to[len] = '\0';
		hawk_paths_add(p, moved[i], to);
	}
}

/* Replaces the link that PATH goes through. Returns the new length, LEN: none, or 0: too long. */
static size_t hop(const struct hawk_paths *p, char *path, size_t len)
{
	for (size_t i = 0; i < p->n; i++) {
		size_t from = strlen(p->links[i].from), to = strlen(p->links[i].to);

		if (len < from || memcmp(path, p->links[i].from, from) != 0 || (path[from] && path[from] != '/'))
			continue;
		if (len - from + to >= HAWK_PATHS_MAX)
			return 0;
		memmove(path + to, path + from, len - from + 1);
		memcpy(path, p->links[i].to, to);
		return len - from + to;
	}
	return len;
}

size_t hawk_paths_name(const struct hawk_paths *p, const char *path, size_t len, char ret[HAWK_PATHS_MAX])
{
	if (!len || len >= HAWK_PATHS_MAX || path[0] != '/')
		return 0;
	memcpy(ret, path, len);
	ret[len] = '\0';
	for (int i = 0; i < HOPS_MAX; i++) {
		size_t next = hop(p, ret, len);

		if (!next || next == len)
			return next;
		len = next;
	}
	return len;
}
