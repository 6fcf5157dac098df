/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the programs are told, as it was written. Whoever has the rights of the
 * daemon finds its maps by their numbers, and its links, and could make it
 * blind without ending it; that must not stay unseen.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "src/base/cleanup.h"
#include "src/collect/filter.h"
#include "src/collect/internal.h"

static const struct {
	enum hawk_map_id map;
	uint32_t value, entries;
	const char *what;
} guarded[HAWK_GUARDED_MAX] = {
	{ HAWK_MAP_hawk_sysrow, sizeof(struct hawk_abi_sysrow), HAWK_SYSROWS, "the map of system calls, hawk_sysrow" },
	{ HAWK_MAP_hawk_filter, sizeof(struct hawk_abi_filter_row), 2 * HAWK_EVENT_ID_MAX,
	  "the map of filters, hawk_filter" },
};

/* A number for each entry from FIRST on. */
static uint32_t *keys_from(uint32_t first, uint32_t n)
{
	uint32_t *keys = calloc(n, sizeof(*keys));

	for (uint32_t i = 0; keys && i < n; i++)
		keys[i] = first + i;
	return keys;
}

int hawk_guard_write(struct hawk_collect *c, const struct hawk_rows *rows)
{
	_cleanup_free_ uint32_t *keys = keys_from(rows->first, rows->n);
	uint32_t n = rows->n;
	size_t g = 0;

	while (guarded[g].map != rows->map)
		g++;
	if (!c->written[g])
		c->written[g] = calloc(guarded[g].entries, guarded[g].value);
	if (!keys || !c->written[g])
		return -ENOMEM;
	memcpy(c->written[g] + (size_t)rows->first * guarded[g].value, rows->rows, (size_t)n * guarded[g].value);
	return bpf_map_update_batch(c->map_fd[rows->map], keys, rows->rows, &n, NULL) < 0 ? -errno : 0;
}

void hawk_guard_free(struct hawk_collect *c)
{
	for (size_t g = 0; g < HAWK_GUARDED_MAX; g++)
		free(c->written[g]);
}

/* What cannot be read is taken for sound: memory is short, or the kernel has no such call. */
static bool map_changed(struct hawk_collect *c, size_t g)
{
	uint32_t n = guarded[g].entries, after = 0;
	_cleanup_free_ uint32_t *keys = keys_from(0, n);
	_cleanup_free_ uint8_t *now = calloc(n, guarded[g].value);
	const int fd = c->map_fd[guarded[g].map];

	if (!c->written[g] || !keys || !now)
		return false;
	if ((bpf_map_lookup_batch(fd, NULL, &after, keys, now, &n, NULL) < 0 && errno != ENOENT) ||
	    n != guarded[g].entries || memcmp(now, c->written[g], (size_t)n * guarded[g].value) == 0)
		return false;
	for (uint32_t i = 0; i < n; i++)
		keys[i] = i;
	bpf_map_update_batch(fd, keys, c->written[g], &n, NULL);
	return true;
}

/* Others may detach programs of control groups, but no others: the kernel has no call for that. */
static bool link_gone(struct hawk_collect *c, int p)
{
	struct bpf_link_info info = { 0 };
	uint32_t len = sizeof(info);

	return hawk_prog_desc(p)->kind == HAWK_PROG_CGROUP && c->attached[p].link &&
	       bpf_obj_get_info_by_fd(bpf_link__fd(c->attached[p].link), &info, &len) == 0 &&
	       info.type == BPF_LINK_TYPE_CGROUP && !info.cgroup.cgroup_id;
}

static bool links_changed(struct hawk_collect *c)
{
	bool gone = false;

	for (int p = 0; p < HAWK_PROG_MAX; p++)
		if (link_gone(c, p)) {
			hawk_detach_one(c, p);
			gone = true;
		}
	if (gone && hawk_attach_plan(c) == 0)
		hawk_filters_follow(c);
	return gone;
}

const char *hawk_collect_guard(struct hawk_collect *c)
{
	const uint32_t self = c->options.exclude_self ? (uint32_t)getpid() : 0;
	const char *what = NULL;

	for (size_t g = 0; g < HAWK_GUARDED_MAX; g++)
		if (map_changed(c, g))
			what = guarded[g].what;
	if (c->config->self_tgid != self) {
		c->config->self_tgid = self;
		what = "the process that is left out, hawk_cfg";
	}
	if (hawk_packets_check(c))
		what = "the packets to send, hawk_cfg";
	if (links_changed(c))
		what = "the programs of control groups, which were detached";
	return what;
}
