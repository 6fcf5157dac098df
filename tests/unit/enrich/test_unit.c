/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "src/base/cleanup.h"
#include "src/enrich/unit.h"

#define HEX64 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static const struct {
	const char *path, *unit, *user_unit;
} paths[] = {
	{ "/system.slice/nginx.service", "nginx.service", "" },
	{ "/system.slice/nginx.service/worker/1.service", "nginx.service", "" },
	{ "/system.slice/system-getty.slice/getty@tty1.service", "getty@tty1.service", "" },
	{ "/init.scope", "init.scope", "" },
	{ "/", "", "" },
	{ "", "", "" },
	{ "///system.slice//x.service", "x.service", "" },
	{ "system.slice/x.service", "x.service", "" },
	{ "/system.slice", "", "" },
	{ "/-.slice/x.service", "x.service", "" },
	{ "/user.slice/user-1000.slice/session-2.scope", "session-2.scope", "" },
	{ "/user.slice/user-1000.slice/session-c1.scope/app.slice/x.service", "session-c1.scope",
	  "x.service" },
	{ "/user.slice/user-1000.slice/session-.scope/x.service", "session-.scope", "" },
	{ "/user.slice/user-1000.slice/user@1000.service/app.slice/app-gnome\\x2dterm.scope",
	  "user@1000.service", "app-gnome\\x2dterm.scope" },
	{ "/user.slice/user-1000.slice/user@1000.service/init.scope", "user@1000.service", "init.scope" },
	{ "/user.slice/user-1000.slice/user@1000.service", "user@1000.service", "" },
	{ "/user.slice/user-1000.slice/user@bob.service/x.service", "user@bob.service", "" },
	{ "/system.slice/docker-" HEX64 ".scope", "docker-" HEX64 ".scope", "" },
	{ "/docker/" HEX64, "", "" },
	{ "/machine.slice/libpod-" HEX64 ".scope/container", "libpod-" HEX64 ".scope", "" },
	{ "/kubepods.slice/kubepods-besteffort.slice/cri-containerd-" HEX64 ".scope",
	  "cri-containerd-" HEX64 ".scope", "" },
	/* the kernel's own names and those of controllers are escaped */
	{ "/system.slice/_cpu.service", "cpu.service", "" },
	{ "/_cpu.slice/__x.service", "_x.service", "" },
	/* not what systemd would make */
	{ "/system.slice/getty@.service", "", "" },
	{ "/system.slice/@x.service", "", "" },
	{ "/system.slice/.service", "", "" },
	{ "/system.slice/a b.service", "", "" },
	{ "/system.slice/a\nb.service", "", "" },
	{ "/system.slice/\xff.service", "", "" },
	{ "/system.slice/x.services", "", "" },
	{ "/a--b.slice/x.service", "", "" },
	{ "/-a.slice/x.service", "", "" },
	{ "/a-.slice/x.service", "", "" },
	{ "/a@b.slice/x.service", "", "" },
	{ "/system.slice/x/y.service", "", "" },
};

static void check(struct hawk_unit_name n, const char *want)
{
	assert_int_equal(n.len, strlen(want));
	if (n.len)
		assert_memory_equal(n.name, want, n.len);
}

static void units(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		size_t len = strlen(paths[i].path);
		/* of the exact size, so that reading on is caught */
		_cleanup_free_ uint8_t *copy = malloc(len + !len);
		struct hawk_unit u;

		memcpy(copy, paths[i].path, len);
		u = hawk_unit_from_cgroup(copy, len);
		check(u.unit, paths[i].unit);
		check(u.user_unit, paths[i].user_unit);
	}
}

static void long_and_nul(void **state)
{
	uint8_t path[300];
	struct hawk_unit u;

	memset(path, 'a', sizeof(path));
	path[0] = '/';
	memcpy(path + 256 - 7, ".service", 8); /* 256 bytes after the slash: one too many */
	u = hawk_unit_from_cgroup(path, 257);
	assert_int_equal(u.unit.len, 0);
	memcpy(path + 256 - 8, ".service", 8);
	u = hawk_unit_from_cgroup(path, 256);
	assert_int_equal(u.unit.len, 255);
	u = hawk_unit_from_cgroup((const uint8_t *)"/a\0b.service", 12);
	assert_int_equal(u.unit.len, 0);
	u = hawk_unit_from_cgroup(NULL, 0);
	assert_int_equal(u.unit.len, 0);
}

static const struct {
	const char *text, *path;
} files[] = {
	{ "0::/system.slice/x.service\n", "/system.slice/x.service" },
	{ "0::/\n", "/" },
	{ "0::/system.slice/x.service (deleted)\n", "/system.slice/x.service" },
	/* v1: systemd's hierarchy, wherever it stands */
	{ "11:pids:/p\n3:cpu,cpuacct:/c\n1:name=systemd:/system.slice/x.service\n",
	  "/system.slice/x.service" },
	{ "4:pids:/p/q\n2:cpu:/\n", "/p/q" },
	/* hybrid: the unified hierarchy is empty of units or has the same */
	{ "5:pids:/system.slice/x.service\n1:name=systemd:/system.slice/x.service\n0::/\n",
	  "/system.slice/x.service" },
	{ "1:name=systemd:/a\n0::/b\n", "/b" },
	/* a name may hold what separates fields */
	{ "0::/a:b:c\n", "/a:b:c" },
	{ "1:foo,name=systemd:/a\n", "/a" },
	{ "1:xname=systemd:/a\n", "" },
	{ "0::/last", "/last" },
	{ "", "" },
	{ "\n\n", "" },
	{ "0:\n0::\n::\n:\n", "" },
	{ "0::relative\n", "" },
};

static void cgroup_files(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		size_t len = strlen(files[i].text);
		_cleanup_free_ char *copy = malloc(len + !len);

		memcpy(copy, files[i].text, len);
		check(hawk_unit_cgroup_path(copy, len), files[i].path);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(units),
		cmocka_unit_test(long_and_nul),
		cmocka_unit_test(cgroup_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
