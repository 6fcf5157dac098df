/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * argv_fuse N: N children whose arguments cannot be read. /proc/PID/cmdline does
 * not touch memory behind which there is a file (FOLL_ANON, fs/proc/base.c), but
 * it takes the lock of the memory. Each child holds that for good: it maps over a
 * written page of a FUSE file, which waits for the page to reach the server, and
 * the server, this program, does not answer. Reports the children and stays until
 * its standard input ends.
 */
#include <linux/fuse.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>

#include "tests/kernel/triggers/trigger.h"

#define FIRST_NODE 2
#define PAGE 4096

static void answer(int dev, uint64_t unique, const void *data, size_t len, int error)
{
	struct { struct fuse_out_header h; char data[PAGE]; } out = {
		.h = { .len = (uint32_t)(sizeof(out.h) + len), .error = error, .unique = unique },
	};

	memcpy(out.data, data, len);
	/* the request may have been given up meanwhile */
	if (write(dev, &out, out.h.len) < 0 && errno != ENOENT)
		fail("answer");
}

static struct fuse_attr attributes(uint64_t node)
{
	return (struct fuse_attr){
		.ino = node, .size = PAGE, .nlink = 1,
		.mode = node == FUSE_ROOT_ID ? S_IFDIR | 0755 : S_IFREG | 0644,
	};
}

static void serve(int dev, const struct fuse_in_header *in, int ready)
{
	static const char page[PAGE];

	struct fuse_init_out init = { .major = FUSE_KERNEL_VERSION, .minor = FUSE_KERNEL_MINOR_VERSION,
				      .max_write = PAGE };
	struct fuse_entry_out entry = { .nodeid = FIRST_NODE + (uint64_t)atoi((const char *)(in + 1)), .attr_valid = 1000, .entry_valid = 1000,
					.attr = attributes(FIRST_NODE) };
	struct fuse_attr_out attr = { .attr_valid = 1000, .attr = attributes(in->nodeid) };
	struct fuse_open_out opened = { .fh = 1 };

	switch (in->opcode) {
	case FUSE_INIT:
		answer(dev, in->unique, &init, sizeof(init), 0);
		break;
	case FUSE_LOOKUP:
		answer(dev, in->unique, &entry, sizeof(entry), 0);
		break;
	case FUSE_GETATTR:
		answer(dev, in->unique, &attr, sizeof(attr), 0);
		break;
	case FUSE_OPEN:
		answer(dev, in->unique, &opened, sizeof(opened), 0);
		break;
	case FUSE_READ:
		answer(dev, in->unique, page, sizeof(page), 0);
		break;
	case FUSE_WRITE: /* this is what it is all about */
		must(write(ready, "", 1), "ready");
		break;
	case FUSE_FORGET: /* these want no answer */
	case FUSE_BATCH_FORGET:
	case FUSE_INTERRUPT:
		break;
	default:
		answer(dev, in->unique, "", 0, -ENOSYS);
		break;
	}
}

/* Ends with the mount or with its parent. */
static void server(int dev, int ready)
{
	static char request[FUSE_MIN_READ_BUFFER + PAGE];

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;) {
		long n = read(dev, request, sizeof(request));

		if (n < 0 && errno != EINTR && errno != ENOENT)
			_exit(0);
		if (n > 0)
			serve(dev, (struct fuse_in_header *)request, ready);
	}
}

static pid_t victim(const char *file, int dev)
{
	pid_t pid = fork();
	char *page;
	int fd;

	if (pid)
		return (pid_t)must(pid, "fork");
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	close(dev); /* the connection ends with the server */
	fd = (int)must(open(file, O_RDWR | O_CLOEXEC), "open");
	page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (page == MAP_FAILED)
		fail("mmap");
	*page = 1;
	mmap(page, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	_exit(0); /* the server is gone */
}

int main(int argc, char **argv)
{
	int dev = open("/dev/fuse", O_RDWR | O_CLOEXEC), ready[2], n = argc > 1 ? atoi(argv[1]) : 1;
	char dir[] = "/tmp/argv_fuse.XXXXXX", file[64], options[128], byte;
	pid_t serving;

	if (dev < 0)
		return 77; /* no FUSE here */
	/* the mount goes with the last process in the namespace */
	must(unshare(CLONE_NEWNS), "unshare");
	must(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), "private mounts");
	if (!mkdtemp(dir) || pipe(ready) < 0)
		fail("setting up");
	snprintf(options, sizeof(options), "fd=%d,rootmode=40000,user_id=0,group_id=0", dev);
	must(mount("argv_fuse", dir, "fuse", MS_NOSUID | MS_NODEV, options), "mount");
	serving = (pid_t)must(fork(), "fork");
	if (serving == 0)
		server(dev, ready[1]);
	for (int i = 0; i < n; i++) {
		pid_t pid;

		snprintf(file, sizeof(file), "%s/%d", dir, i);
		pid = victim(file, dev);
		must(read(ready[0], &byte, 1), "ready");
		report("{\"child\":%d}", pid);
	}
	close(dev);
	report("{\"ready\":true}");
	while (read(STDIN_FILENO, &byte, 1) > 0)
		;
	kill(serving, SIGKILL); /* which frees the children */
	umount2(dir, MNT_DETACH);
	rmdir(dir);
	return 0;
}
