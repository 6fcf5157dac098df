/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What judging programs find of the task, against what the system says. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "src/base/cleanup.h"
#include "tests/kernel/filter_code.h"
#include "tests/kernel/filter_live.h"

#define TASK(member) (JUDGE(task) + offsetof(struct hawk_abi_task, member))
#define WORDS 3 /* of matched, behind the policy's */

struct fact {
	const char *name;
	size_t at;
	uint8_t size; /* BPF_W, BPF_DW */
	uint64_t expected;
};

struct seen {
	uint64_t word[WORDS];
	size_t n;
};

static void remember(struct live *l, const struct hawk_abi_rec *r, size_t len)
{
	struct seen *seen = l->ctx;

	(void)len;
	memcpy(seen->word, r->matched + 1, sizeof(seen->word));
	seen->n++;
}

static uint64_t namespace(const char *name)
{
	char path[64];
	struct stat st;

	snprintf(path, sizeof(path), "/proc/self/ns/%s", name);
	return stat(path, &st) == 0 ? st.st_ino : 0;
}

static uint64_t word_of(const char *text)
{
	uint64_t word = 0;

	memcpy(&word, text, strnlen(text, sizeof(word)));
	return word;
}

static void open_once(void *arg)
{
	(void)arg;
	close((int)syscall(SYS_openat, AT_FDCWD, "/etc/passwd", O_RDONLY | O_CLOEXEC));
}

/* Up to WORDS facts of a process of user UID in one go. */
static void compare(struct live *l, const char *event, const struct fact *facts, size_t n)
{
	struct hawk_cgen cg = { .columns = 1,
				.needs = HAWK_NEED_CRED | HAWK_NEED_NS | HAWK_NEED_UTS | HAWK_NEED_PARENT | HAWK_NEED_KNOWN |
					 HAWK_NEED_COMM | HAWK_NEED_PROCESS };
	struct code scope = { .n = 0 };
	struct seen seen = { .n = 0 };
	pid_t pid;

	prologue(&scope);
	for (unsigned int i = 0; i < HAWK_COLUMNS / 64; i++)
		set_pass(&scope, i, i == 0);
	for (size_t i = 0; i < n; i++) {
		load(&scope, facts[i].size, BPF_REG_1, BPF_REG_7, facts[i].at);
		store(&scope, BPF_DW, BPF_REG_7, PASS(1 + i), BPF_REG_1);
	}
	judged(&scope, HAWK_JUDGE_SCOPE);
	finish(&scope, &cg, HAWK_JUDGE_SCOPE);
	put(l, event, &cg, false);
	pid = in_child(UID, open_once, NULL);
	wait_for(l, pid);
	l->tgid = (uint32_t)pid;
	l->check = remember;
	l->ctx = &seen;
	drain(l);
	if (!seen.n)
		bad(l, "%s: no record", facts[0].name);
	for (size_t i = 0; seen.n && i < n; i++) {
		uint64_t expected = facts[i].expected == (uint64_t)-1 ? (uint64_t)pid : facts[i].expected;

		if (seen.word[i] != expected)
			bad(l, "%s: %#llx, expected %#llx", facts[i].name, (unsigned long long)seen.word[i],
			    (unsigned long long)expected);
	}
}

void case_facts(struct live *l, const char *event)
{
	struct utsname uts;
	const struct fact facts[] = {
		{ "pid", TASK(pid), BPF_W, (uint64_t)-1 },
		{ "ppid", TASK(ppid), BPF_W, (uint64_t)getpid() },
		{ "comm", JUDGE(comm), BPF_DW, word_of("filters") },
		{ "uid", TASK(uid), BPF_W, UID },
		{ "gid", TASK(gid), BPF_W, getgid() },
		{ "cap_effective", TASK(cap_effective), BPF_DW, 0 },
		{ "ns_mnt", TASK(ns_mnt), BPF_W, namespace("mnt") },
		{ "ns_pidns", TASK(ns_pidns), BPF_W, namespace("pid") },
		{ "ns_uts", TASK(ns_uts), BPF_W, namespace("uts") },
		{ "ns_net", TASK(ns_net), BPF_W, namespace("net") },
		{ "ns_pid", TASK(ns_pid), BPF_W, (uint64_t)-1 },
		{ "nodename", JUDGE(nodename), BPF_DW, (uname(&uts), word_of(uts.nodename)) },
		{ "known.tgid", JUDGE(known.tgid), BPF_W, (uint64_t)-1 },
		{ "end of comm", JUDGE(comm[8]), BPF_DW, 0 },
	};

	if (!watch(l, event))
		return;
	for (size_t i = 0; i < ARRAY_SIZE(facts); i += WORDS)
		compare(l, event, facts + i, ARRAY_SIZE(facts) - i < WORDS ? ARRAY_SIZE(facts) - i : WORDS);
}
