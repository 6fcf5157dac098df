/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>

#include "src/base/cleanup.h"
#include "src/control/peer.h"

static const struct hawk_access trusted = { .owner = 1000, .admin_gid = 20, .read_gid = 30 };

static enum hawk_role role(uid_t uid, gid_t gid, gid_t supplementary)
{
	gid_t groups[] = { 77, supplementary };
	struct hawk_peer peer = { .uid = uid, .gid = gid, .groups = groups, .n_groups = ARRAY_SIZE(groups) };

	return hawk_peer_role(&peer, &trusted);
}

static void roles(void **state)
{
	const struct hawk_access none = { .owner = 0, .admin_gid = (gid_t)-1, .read_gid = (gid_t)-1 };
	struct hawk_peer unknown = HAWK_PEER_INIT;

	(void)state;
	assert_int_equal(role(0, 0, 99), HAWK_ROLE_ADMIN);
	assert_int_equal(role(1000, 99, 99), HAWK_ROLE_ADMIN);
	assert_int_equal(role(1001, 20, 99), HAWK_ROLE_ADMIN);
	assert_int_equal(role(1001, 99, 20), HAWK_ROLE_ADMIN);
	assert_int_equal(role(1001, 30, 99), HAWK_ROLE_READ);
	assert_int_equal(role(1001, 99, 30), HAWK_ROLE_READ);
	assert_int_equal(role(1001, 30, 20), HAWK_ROLE_ADMIN);
	assert_int_equal(role(1001, 99, 99), HAWK_ROLE_NONE);
	/* A group that does not exist has no members; neither has a caller without credentials any right. */
	assert_int_equal(role((uid_t)-1, 20, 20), HAWK_ROLE_NONE);
	assert_int_equal(hawk_peer_role(&unknown, &none), HAWK_ROLE_NONE);
	assert_int_equal(hawk_group_id(""), (gid_t)-1);
	assert_int_equal(hawk_group_id(NULL), (gid_t)-1);
	assert_int_equal(hawk_group_id("no such group"), (gid_t)-1);
	assert_int_equal(hawk_group_id("root"), 0);
}

static void own_credentials(void **state)
{
	struct hawk_peer peer;
	int fd[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fd), 0);
	assert_int_equal(hawk_peer_read(&peer, fd[0]), 0);
	assert_int_equal(peer.uid, geteuid());
	assert_int_equal(peer.gid, getegid());
	assert_int_equal(peer.pid, getpid());
	hawk_peer_done(&peer);
	close(fd[0]);
	close(fd[1]);
	assert_true(hawk_peer_read(&peer, fd[0]) < 0);
}

static void unit(const char *text, const char *expected)
{
	_cleanup_(hawk_buf_done) struct hawk_buf out = HAWK_BUF_INIT;

	hawk_cgroup_unit(text, strlen(text), &out);
	assert_string_equal(hawk_buf_str(&out), expected);
}

static void units(void **state)
{
	(void)state;
	unit("0::/system.slice/sshd.service\n", "sshd.service");
	unit("0::/system.slice/a.service/b.service", "a.service");
	unit("0::/user.slice/user-1000.slice/session-3.scope\n", "session-3.scope");
	unit("12:pids:/x.service\n1:name=systemd:/system.slice/cron.service\n0::/\n", "cron.service");
	unit("12:pids:/x.service\n", "-");
	unit("0::/\n", "-");
	unit("0::/.service\n", "-");
	unit("", "-");
	unit("0", "-");
	unit("0:", "-");
	unit("::", "-");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(roles),
		cmocka_unit_test(own_credentials),
		cmocka_unit_test(units),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
