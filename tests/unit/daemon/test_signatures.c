/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Signatures in the daemon: their files, what is learnt of findings, when containers start, whom a descriptor talks to. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <cmocka.h>

#include "src/base/cleanup.h"
#include "src/daemon/facts.h"
#include "src/daemon/learning.h"
#include "src/daemon/sigfiles.h"
#include "src/daemon/stdiosock.h"
#include "src/event/process.h"

#define GOOD(id, name) \
	"id: " id "\nname: " name "\nversion: 1.0.0\ntitle: T\ndescription: D\nseverity: low\nauthor: A\n" \
	"events:\n  - event: sched_process_exec\n    where: process.exe == \"/x\"\nmessage: \"m\"\n"

static int add(struct hawk_sigfiles *f, const char *path, const char *text)
{
	const struct hawk_sig_source source = { path, text, strlen(text) };

	return hawk_sigfiles_add(f, &source, false, true);
}

static bool holds(const struct hawk_sigfiles *f, const char *name)
{
	for (size_t i = 0; i < f->held.n_signatures; i++)
		if (strcmp(f->held.signatures[i]->name, name) == 0)
			return true;
	return false;
}

/* A file that is wrong is a problem; what it held before comes back, one that is new is left out. */
static void broken_files(void **state)
{
	struct hawk_problems problems = { .what = "signatures" };
	const struct hawk_sigfiles none = { .v = NULL };
	struct hawk_sigfiles old = { .v = NULL }, new = { .v = NULL };

	(void)state;
	assert_int_equal(add(&old, "/a.yaml", GOOD("A-1", "a")), 0);
	assert_int_equal(add(&old, "/b.yaml", GOOD("B-1", "b")), 0);
	assert_int_equal(hawk_sigfiles_parse(&old, &none, &problems), 0);
	assert_int_equal(problems.n, 0);
	assert_true(holds(&old, "a") && holds(&old, "b"));
	assert_int_equal(add(&new, "/a.yaml", "id: A-1\nname: ["), 0);
	assert_int_equal(add(&new, "/b.yaml", GOOD("B-1", "b")), 0);
	assert_int_equal(add(&new, "/c.yaml", "nothing"), 0);
	assert_int_equal(hawk_sigfiles_parse(&new, &old, &problems), 0);
	assert_int_equal(problems.n, 2);
	assert_int_equal(new.n, 2);
	assert_true(holds(&new, "a") && holds(&new, "b"));
	hawk_problems_done(&problems);
	hawk_sigfiles_done(&old);
	hawk_sigfiles_done(&new);
}

static struct hawk_bytes bytes(const char *text)
{
	return (struct hawk_bytes){ .data = (uint8_t *)(uintptr_t)text, .len = (uint32_t)strlen(text) };
}

static void learn(struct hawk_learning *l, const char *exe, const char *unit, uint32_t uid)
{
	static const struct hawk_model model = { .ctx = NULL };
	struct hawk_sig sig = { .name = (char *)(uintptr_t)"open_of_x" };
	struct hawk_process process = { .exe = bytes(exe), .unit = bytes(unit), .task.uid = uid };
	const struct hawk_event event = { .desc = hawk_event_by_name("sched_process_exit"), .process = &process };
	const struct hawk_sig_found found = { .sig = &sig, .event = &event, .suppressed = 1 };

	hawk_learning_found(l, &found, &model);
}

/* What differs among findings alike is in no exception; text is quoted for both languages. */
static void learning(void **state)
{
	_cleanup_(hawk_buf_done) struct hawk_buf out = HAWK_BUF_INIT;
	struct hawk_learning_proposal p;
	struct hawk_learning *l;

	(void)state;
	assert_int_equal(hawk_learning_new(&l), 0);
	learn(l, "/before", "", 0);
	hawk_learning_begin(l, 5);
	learn(l, "/usr/bin/a", "a.service", 0);
	learn(l, "/usr/bin/a", "b.service", 0);
	learn(l, "/it's \"q\"", "c.service", 7);
	hawk_learning_end(l, 9);
	learn(l, "/after", "", 0);
	assert_int_equal(hawk_learning_state(l).findings, 6);
	assert_true(hawk_learning_propose(l, 0, &p, &out));
	assert_int_equal(p.findings, 4);
	assert_string_equal(hawk_buf_str(&out), "  - name: learned-1\n"
						"    where: 'process.exe == \"/usr/bin/a\" && process.uid == 0'\n"
						"    why: seen 4 times while learning\n");
	hawk_buf_reset(&out);
	assert_true(hawk_learning_propose(l, 1, &p, &out));
	assert_string_equal(hawk_buf_str(&out),
			    "  - name: learned-2\n"
			    "    where: 'process.exe == \"/it''s \\\"q\\\"\" && process.unit == \"c.service\" && process.uid == 7'\n"
			    "    why: seen 2 times while learning\n");
	assert_false(hawk_learning_propose(l, 2, &p, &out));
	hawk_learning_begin(l, 10);
	assert_false(hawk_learning_propose(l, 0, &p, &out));
	hawk_learning_free(l);
}

static void happens(struct hawk_facts *f, const char *name, const struct hawk_process *process, uint64_t time)
{
	const struct hawk_event event = { .desc = hawk_event_by_name(name), .process = process, .time = time };

	hawk_facts_event(f, &event);
}

static uint64_t started(struct hawk_facts *f, const struct hawk_process *process)
{
	const struct hawk_model *model = hawk_facts_model(f);
	struct hawk_model_container c;

	return model->container(model->ctx, process, &c) ? c.started : 1;
}

/* The first exec starts a container; one with a process from before our time is of unknown age. */
static void containers(void **state)
{
	const struct hawk_facts_parts parts = { .live = false };
	struct hawk_process fresh = { .container_id = bytes("fresh"), .task.start = 200 };
	struct hawk_process old = { .container_id = bytes("old"), .task.start = 50 };
	struct hawk_process host = { .task.start = 200 };
	struct hawk_facts *f;
	char id[16];

	(void)state;
	hawk_watch_since_set(100);
	assert_int_equal(hawk_facts_new(&f, &parts), 0);
	assert_int_equal(started(f, &host), 1);
	assert_int_equal(started(f, &fresh), 0);
	happens(f, "sched_process_exec", &fresh, 300);
	happens(f, "sched_process_exec", &fresh, 400);
	assert_int_equal(started(f, &fresh), 300);
	happens(f, "sched_process_exec", &old, 300);
	happens(f, "process.seed", &old, 310);
	assert_int_equal(started(f, &old), 0);
	happens(f, "sched_process_exec", &old, 400);
	assert_int_equal(started(f, &old), 0);
	/* however many there are, the memory is the same */
	for (unsigned int i = 0; i < 20000; i++) {
		snprintf(id, sizeof(id), "c%u", i);
		fresh.container_id = bytes(id);
		happens(f, "sched_process_exec", &fresh, 1000 + i);
		assert_int_equal(started(f, &fresh), 1000 + i);
	}
	assert_true(hawk_facts_evicted(f) > 0);
	hawk_facts_free(f);
}

/* Descriptors of this process, as of any other. */
static void descriptors(void **state)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(a);
	int l = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), c = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), pair[2];
	char text[64], want[64];
	int r;

	(void)state;
	assert_int_equal(bind(l, (struct sockaddr *)&a, len), 0);
	assert_int_equal(listen(l, 1), 0);
	assert_int_equal(getsockname(l, (struct sockaddr *)&a, &len), 0);
	assert_int_equal(connect(c, (struct sockaddr *)&a, len), 0);
	snprintf(want, sizeof(want), "127.0.0.1:%u", ntohs(a.sin_port));
	r = hawk_stdiosock_read((uint32_t)getpid(), (unsigned int)c, text, sizeof(text));
	if (r == -ENODATA) /* pidfd_getfd came with 5.6, and may be forbidden */
		skip();
	assert_int_equal(r, strlen(want));
	assert_string_equal(text, want);
	assert_int_equal(hawk_stdiosock_read((uint32_t)getpid(), (unsigned int)c, text, 5), -ENODATA);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	assert_true(hawk_stdiosock_read((uint32_t)getpid(), (unsigned int)pair[0], text, sizeof(text)) > 0);
	assert_string_equal(text, "unix:");
	assert_int_equal(hawk_stdiosock_read((uint32_t)getpid(), 999, text, sizeof(text)), 0);
	assert_int_equal(hawk_stdiosock_read(0x7ffffff0, 0, text, sizeof(text)), -ENODATA);
	close(pair[0]);
	close(pair[1]);
	close(c);
	close(l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(broken_files), cmocka_unit_test(learning), cmocka_unit_test(containers),
		cmocka_unit_test(descriptors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
