/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* deep_path DIR N: N nested directories in DIR, made and opened step by step, and a file in the last. */
#include "tests/kernel/triggers/trigger.h"

int main(int argc, char **argv)
{
	int n = argc > 2 ? atoi(argv[2]) : 300, *dirs, fd;
	char path[8192], name[32];
	size_t len;

	if (argc < 2)
		return 2;
	dirs = calloc((size_t)n + 1, sizeof(*dirs));
	if (!dirs)
		fail("calloc");
	len = (size_t)snprintf(path, sizeof(path), "%s", argv[1]);
	dirs[0] = (int)must(open(argv[1], O_PATH | O_DIRECTORY), "open directory");
	for (int i = 0; i < n; i++) {
		snprintf(name, sizeof(name), "%03d-abcde", i);
		must(mkdirat(dirs[i], name, 0700), "mkdirat");
		dirs[i + 1] = (int)must(openat(dirs[i], name, O_PATH | O_DIRECTORY), "openat step");
		len += (size_t)snprintf(path + len, sizeof(path) - len, "/%s", name);
	}
	fd = (int)must(syscall(SYS_openat, dirs[n], "end", O_CREAT | O_RDWR, 0600), "openat end");
	snprintf(path + len, sizeof(path) - len, "/end");
	report("{\"pid\":%d,\"fd\":%d,\"components\":%d,\"path\":\"%s\"}", getpid(), fd, n, path);
	must(unlinkat(dirs[n], "end", 0), "unlinkat");
	for (int i = n - 1; i >= 0; i--) {
		snprintf(name, sizeof(name), "%03d-abcde", i);
		must(unlinkat(dirs[i], name, AT_REMOVEDIR), "unlinkat directory");
	}
	return 0;
}
