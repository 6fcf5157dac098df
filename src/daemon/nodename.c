/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/daemon/nodename.h"

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/utsname.h>

#include "src/base/cleanup.h"
#include "src/base/log.h"
#include "src/event/process.h"

/* Our own namespace: an open file, and its inode. */
static int own_fd = -1;
static uint32_t own_uts;

static bool open_own(void)
{
	struct stat st;

	if (own_fd >= 0)
		return true;
	own_fd = open("/proc/self/ns/uts", O_RDONLY | O_CLOEXEC);
	if (own_fd >= 0 && fstat(own_fd, &st) == 0)
		own_uts = (uint32_t)st.st_ino;
	return own_fd >= 0;
}

/* Goes where the process is and back. A process that has ended, or another one with its number, tells nothing. */
static bool read_there(const struct hawk_process *process, struct utsname *ret)
{
	_cleanup_close_ int fd = -1;
	char path[64];
	struct stat st;
	bool good;

	snprintf(path, sizeof(path), "/proc/%d/ns/uts", process->task.pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0 || (uint32_t)st.st_ino != process->task.ns_uts)
		return false;
	if (setns(fd, CLONE_NEWUTS) < 0)
		return false;
	good = uname(ret) == 0;
	if (setns(own_fd, CLONE_NEWUTS) < 0)
		hawk_error("the thread cannot leave the uts namespace of process %d: %m", process->task.pid);
	return good;
}

void hawk_nodename_learn(const struct hawk_event *event)
{
	const struct hawk_process *process = event->process;
	const uint32_t uts = process ? process->task.ns_uts : 0;
	struct utsname name;
	bool exec = event->desc->id == HAWK_EV_SCHED_PROCESS_EXEC, known;

	if (!uts || !open_own())
		return;
	/* A container gets its name between its birth and its program. */
	if (!hawk_nodename_due(uts, event->time) && (!exec || uts == own_uts))
		return;
	known = uts == own_uts ? uname(&name) == 0 : read_there(process, &name);
	/* Of a process that has ended the name is what it was. */
	if (known || !hawk_nodename(uts))
		hawk_nodename_set(uts, known ? name.nodename : NULL, event->time);
}
