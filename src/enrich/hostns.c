/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/enrich/hostns.h"

#include <errno.h>
#include <fcntl.h>

#include "src/base/cleanup.h"
#include "src/enrich/procfs.h"

int hawk_hostns_read(int proc_fd, struct hawk_host_ns *ret)
{
	struct hawk_host_ns ns = { 0 };
	_cleanup_close_ int dir = hawk_procfs_open(proc_fd, 1);
	int r;

	if (dir < 0)
		return dir;
#define NAMESPACE(name, member, file) \
	r = hawk_procfs_namespace(dir, file, &ns.name); \
	if (r < 0 && r != -ENOENT) \
		return r;
#include "bpf/abi/namespaces.def"
#undef NAMESPACE
	*ret = ns;
	return 0;
}

struct hawk_host_ns hawk_hostns_from_task(const struct hawk_abi_task *task)
{
	return (struct hawk_host_ns){
#define NAMESPACE(json, member, file) .json = task->member,
#include "bpf/abi/namespaces.def"
#undef NAMESPACE
	};
}
