/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "src/base/cleanup.h"
#include "src/enrich/container.h"

#define A "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define B "fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210"
#define POD "/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod1234.slice/"
#define ROOTLESS "/user.slice/user-1000.slice/user@1000.service/user.slice/"

static const struct {
	const char *path, *id, *runtime;
} paths[] = {
	{ "/system.slice/docker-" A ".scope", A, "docker" },
	{ "/docker/" A, A, "docker" },
	{ "/docker/" A "/system.slice/nginx.service", A, "docker" },
	{ "/docker/" A "/docker/" B, B, "docker" },
	{ "/system.slice/docker-" A ".scope/docker/" B "/init", B, "docker" },
	{ "/actions_job/" A, A, "docker" },
	{ POD "cri-containerd-" A ".scope", A, "containerd" },
	{ POD "crio-" A ".scope", A, "crio" },
	{ POD "crio-" A ".scope/container", A, "crio" },
	{ "/kubepods/besteffort/pod1234/" A, A, "" },
	{ "/kubepods/besteffort/pod1234/crio-" A, A, "crio" },
	{ "/system.slice/containerd.service/kubepods-besteffort-pod1.slice:cri-containerd:" A, A, "containerd" },
	{ "/ecs/0123456789abcdef/" A, A, "" },
	{ "/default/" A, A, "" },
	{ "/system.slice/nerdctl-" A ".scope", A, "containerd" },
	{ "/machine.slice/libpod-" A ".scope/container", A, "podman" },
	{ ROOTLESS "libpod-" A ".scope", A, "podman" },
	{ "/libpod_parent/libpod-" A, A, "podman" },
	{ "/system.slice/crun-buildah-buildah3185292113.scope", "buildah-buildah3185292113", "crun" },
	{ "/system.slice/runc-box.scope/init", "box", "runc" },
	{ "/garden/0a1b2c3d-1234", "0a1b2c3d-1234", "garden" },
	{ "/lxc.payload.web1/system.slice/ssh.service", "web1", "lxc" },
	{ "/lxc.payload/web1", "web1", "lxc" },
	{ "/lxc/web1", "web1", "lxc" },
	{ "/machine.slice/systemd-nspawn@web2.service/payload/init.scope", "web2", "systemd-nspawn" },
	{ "/machine.slice/machine-web2.scope/payload", "web2", "systemd-nspawn" },
	{ "///docker//" A "//", A, "docker" },
	{ "docker-" A ".scope", A, "docker" },
	/* none */
	{ "", "", "" },
	{ "/", "", "" },
	{ "/init.scope", "", "" },
	{ "/system.slice/docker.service", "", "" },
	{ "/machine.slice/libpod-conmon-" A ".scope", "", "" },
	{ POD "crio-conmon-" A ".scope", "", "" },
	{ "/lxc.monitor.web1", "", "" },
	{ "/machine.slice/machine-qemu\\x2d1\\x2dvm.scope", "", "" },
	{ "/system.slice/machine-web.scope", "", "" },
	/* not quite */
	{ "/docker/" A "0", "", "" },
	{ "/docker/0123456789abcdef", "", "" },
	{ "/docker/0123456789ABCDEF0123456789abcdef0123456789abcdef0123456789abcdef", "", "" },
	{ "/system.slice/docker-" A ".service", "", "" },
	{ "/system.slice/docker-.scope", "", "" },
	{ "/system.slice/xdocker-" A ".scope", "", "" },
	{ "/x:cri-containerd:" A "0", "", "" },
	{ ":cri-containerd:" A, "", "" },
	{ "/lxc/a\nb", "", "" },
	{ "/lxc/a\xff", "", "" },
	{ "/lxc.payload.", "", "" },
	{ "/system.slice/crun-.scope", "", "" },
	{ "/system.slice/crun-box.service", "", "" },
	{ "/lxc/" A "0", "", "" },
};

static void from_cgroup(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		size_t len = strlen(paths[i].path);
		/* without the NUL behind it, so that reading too far is noticed */
		uint8_t *path = len ? malloc(len) : NULL;
		struct hawk_container c;

		if (path)
			memcpy(path, paths[i].path, len);
		c = hawk_container_from_cgroup(path, len);
		if (c.id.len != strlen(paths[i].id) || (c.id.len && memcmp(c.id.name, paths[i].id, c.id.len) != 0) ||
		    strcmp(c.runtime, paths[i].runtime) != 0)
			fail_msg("%s: %.*s of %s", paths[i].path, (int)c.id.len, (const char *)c.id.name, c.runtime);
		free(path);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(from_cgroup) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
