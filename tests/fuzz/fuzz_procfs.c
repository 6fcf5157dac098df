/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The texts of /proc/PID, each input through every parser: what is taken lies within it. */
#include <stdlib.h>
#include <string.h>

#include "src/base/cleanup.h"
#include "src/control/peer.h"
#include "src/enrich/container.h"
#include "src/enrich/proctext.h"
#include "src/enrich/unit.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool truth)
{
	if (!truth)
		abort();
}

static void check_name(struct hawk_unit_name n, const uint8_t *data, size_t size)
{
	must(n.len <= size && (!n.len || (n.name >= data && n.name + n.len <= data + size)));
}

static void check_units(const uint8_t *path, size_t len)
{
	struct hawk_unit u = hawk_unit_from_cgroup(path, len);

	check_name(u.unit, path, len);
	check_name(u.user_unit, path, len);
	/* A name that goes into a journal field: systemd would take it. */
	must(u.unit.len <= 255 && u.user_unit.len <= 255 && (u.unit.len || !u.user_unit.len));
	for (size_t i = 0; i < u.unit.len; i++)
		must(u.unit.name[i] > ' ' && u.unit.name[i] < 0x7f && u.unit.name[i] != '/');
}

static void check_container(const uint8_t *path, size_t len)
{
	struct hawk_container c = hawk_container_from_cgroup(path, len);

	check_name(c.id, path, len);
	must(c.runtime && c.id.len <= HAWK_CONTAINER_NAME_MAX);
	for (size_t i = 0; i < c.id.len; i++)
		must(c.id.name[i] > ' ' && c.id.name[i] < 0x7f && c.id.name[i] != '/');
}

static void check_cgroup(const uint8_t *data, size_t size)
{
	_cleanup_(hawk_buf_done) struct hawk_buf unit = HAWK_BUF_INIT;
	struct hawk_unit_name path = hawk_unit_cgroup_path((const char *)data, size);

	check_name(path, data, size);
	must(!path.len || *path.name == '/');
	check_units(path.name, path.len);
	check_units(data, size);
	check_container(path.name, path.len);
	check_container(data, size);
	hawk_cgroup_unit((const char *)data, size, &unit);
	must(unit.len > 0 && unit.len <= size + 1);
}

static void check_argv(const char *s, size_t size, uint32_t argc)
{
	size_t len = hawk_proctext_argv_len(s, size, argc);

	must(len <= size);
	/* Only empty strings are left out, and either all of them or none. */
	for (size_t i = len; i < size; i++)
		must(!s[i]);
	must(len == size || !hawk_proctext_argv_padded(s, len));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	struct hawk_procfs p = { .start_ticks = 0 };
	struct hawk_abi_task task = { .pid = 0 };
	uint32_t id;

	if (hawk_proctext_stat(&p, text, size) == 0)
		must(!p.comm[sizeof(p.comm) - 1] && memchr(p.tty, 0, sizeof(p.tty)));
	hawk_proctext_status(&task, text, size);
	hawk_proctext_id(&id, text, size);
	hawk_proctext_namespace(&id, text, size);
	check_argv(text, size, 0);
	check_argv(text, size, size ? data[0] : 1);
	check_cgroup(data, size);
	return 0;
}
