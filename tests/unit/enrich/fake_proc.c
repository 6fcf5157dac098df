/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/enrich/fake_proc.h"

#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

void fake_proc_init(struct fake_proc *f)
{
	strcpy(f->dir, "/tmp/hawk-proc-XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	f->fd = open(f->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(f->fd >= 0);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	return remove(path);
}

void fake_proc_done(struct fake_proc *f)
{
	close(f->fd);
	nftw(f->dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static void path_of(char path[128], struct fake_proc *f, uint32_t pid, const char *name)
{
	snprintf(path, 128, "%s/%u", f->dir, pid);
	mkdir(path, 0700);
	snprintf(path, 128, "%s/%u/ns", f->dir, pid);
	mkdir(path, 0700);
	snprintf(path, 128, "%s/%u/%s", f->dir, pid, name);
}

void fake_file(struct fake_proc *f, uint32_t pid, const char *name, const void *data, size_t len)
{
	char path[128];
	int fd;

	path_of(path, f, pid, name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, data, len), (ssize_t)len);
	close(fd);
}

void fake_link(struct fake_proc *f, uint32_t pid, const char *name, const char *target)
{
	char path[128];

	path_of(path, f, pid, name);
	unlink(path);
	assert_int_equal(symlink(target, path), 0);
}

void fake_stat(struct fake_proc *f, uint32_t pid, const char *comm, uint32_t ppid, uint64_t ticks)
{
	char text[512];

	snprintf(text, sizeof(text),
		 "%u (%s) S %u 7 7 34818 -1 4194304 1 2 3 4 5 6 7 8 20 0 1 0 %llu 9 9 9 9 9 16\n",
		 pid, comm, ppid, (unsigned long long)ticks);
	fake_file(f, pid, "stat", text, strlen(text));
}

void fake_process(struct fake_proc *f, uint32_t pid, uint32_t ppid, uint64_t ticks)
{
	static const char cgroup[] = "0::/system.slice/demo.service\n", cmdline[] = "demo\0--flag";
	char status[512];

	fake_stat(f, pid, "demo", ppid, ticks);
	snprintf(status, sizeof(status),
		 "Name:\tdemo\nTgid:\t%u\nNgid:\t0\nPPid:\t%u\nUid:\t1000\t1001\t1002\t1003\n"
		 "Gid:\t100\t101\t102\t103\nNSpid:\t%u\t42\n"
		 "CapInh:\t0000000000000001\nCapPrm:\t0000000000000002\n"
		 "CapEff:\t0000000000000003\nCapBnd:\t000001ffffffffff\nCapAmb:\t0000000000000005\n",
		 pid, ppid, pid);
	fake_file(f, pid, "status", status, strlen(status));
	fake_file(f, pid, "cmdline", cmdline, sizeof(cmdline));
	fake_file(f, pid, "cgroup", cgroup, strlen(cgroup));
	fake_file(f, pid, "loginuid", "1000", 4);
	fake_file(f, pid, "sessionid", "3", 1);
	fake_link(f, pid, "exe", "/usr/bin/demo");
	fake_link(f, pid, "cwd", "/var/lib/demo");
	fake_link(f, pid, "ns/mnt", "mnt:[4026531841]");
	fake_link(f, pid, "ns/pid_for_children", "pid:[4026531836]");
}
