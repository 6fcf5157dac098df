/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the daemon may do for the rest of its life. It stays uid 0, since
 * journald takes OBJECT_PID from root only, but with these capabilities and no
 * way to gain others.
 */
#include <errno.h>
#include <linux/capability.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "src/base/cleanup.h"
#include "src/base/log.h"
#include "src/daemon/daemon.h"

static const struct {
	int cap;
	const char *why;
} kept[] = {
	{ 39 /* CAP_BPF */, "load programs and maps at any time, not only at start" },
	{ 38 /* CAP_PERFMON */, "tracing programs, reading kernel memory in them" },
	{ CAP_SYS_ADMIN, "iterators and LSM programs before 6.9; run-time statistics of programs" },
	{ CAP_SYS_PTRACE, "links in /proc/PID of other users' processes" },
	{ CAP_DAC_READ_SEARCH, "the rest of /proc/PID, and files seen through /proc/PID/root" },
	{ CAP_SYS_RESOURCE, "locked memory of maps before 5.11" },
	{ CAP_SYSLOG, "addresses in /proc/kallsyms, for kprobes" },
	{ CAP_NET_ADMIN, "cgroup_skb programs" },
	{ CAP_KILL, "responses: signals to processes of any user" },
	{ CAP_CHOWN, "the group of the control socket of an instance without systemd" },
};

static bool is_kept(int cap)
{
	for (size_t i = 0; i < ARRAY_SIZE(kept); i++)
		if (kept[i].cap == cap)
			return true;
	return false;
}

int hawk_privilege_bound(void)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = { { 0 } };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -errno;
	if (geteuid() != 0)
		return 0; /* nothing to give up; loading programs will say what is missing */
	/* needs CAP_SETPCAP, which is not kept itself: so the bounding set goes first */
	for (int cap = 0; prctl(PR_CAPBSET_READ, cap, 0, 0, 0) >= 0; cap++)
		if (!is_kept(cap) && prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) < 0 && errno != EPERM)
			return -errno;
	if (syscall(SYS_capget, &head, data) < 0)
		return -errno;
	for (int cap = 0; cap < 32 * _LINUX_CAPABILITY_U32S_3; cap++) {
		uint32_t bit = 1U << (cap % 32);

		if (is_kept(cap))
			continue;
		data[cap / 32].effective &= ~bit;
		data[cap / 32].permitted &= ~bit;
		data[cap / 32].inheritable = 0;
	}
	return syscall(SYS_capset, &head, data) < 0 ? -errno : 0;
}

void hawk_privilege_descriptors(void)
{
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) < 0)
		return;
	files.rlim_cur = files.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &files) < 0)
		hawk_debug("the limit of descriptors stays: %s", strerror(errno));
}
