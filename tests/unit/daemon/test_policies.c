/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Policies in the daemon: directories of files, lists of what is loaded, and which set an event belongs to. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "src/base/cleanup.h"
#include "src/daemon/matching.h"
#include "src/base/textfile.h"
#include "src/daemon/filedir.h"
#include "src/daemon/policylist.h"
#include "src/event/process.h"

static char vendor[64], admin[64];

static void path_of(char to[static 128], const char *dir, const char *name)
{
	snprintf(to, 128, "%s/%s", dir, name);
}

static void put(const char *dir, const char *name, const char *text)
{
	char path[128];
	FILE *to;

	path_of(path, dir, name);
	to = fopen(path, "we");
	assert_non_null(to);
	fputs(text, to);
	fclose(to);
}

static int make_dirs(void **state)
{
	(void)state;
	strcpy(vendor, "/tmp/hawk-policies-XXXXXX");
	strcpy(admin, "/tmp/hawk-policies-XXXXXX");
	return mkdtemp(vendor) && mkdtemp(admin) ? 0 : -1;
}

static int remove_dirs(void **state)
{
	char command[256];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf %s %s", vendor, admin);
	return system(command); /* made by us, a name of mkdtemp */
}

/* Names in order; a later directory overrides, a link to /dev/null masks, what is no policy is left out. */
static void directories(void **state)
{
	char none[] = "/nonexistent/policies", path[128];
	char *dirs[] = { vendor, none, admin };
	static const char *const endings[] = { ".yaml", ".yml", ".json", NULL };
	struct hawk_filedir d;

	(void)state;
	put(vendor, "20-b.yaml", "vendor");
	put(vendor, "10-a.yml", "vendor");
	put(vendor, "30-c.json", "vendor");
	put(vendor, "readme.txt", "");
	put(vendor, ".hidden.yaml", "");
	put(vendor, ".yaml", "");
	put(admin, "20-b.yaml", "admin");
	path_of(path, admin, "30-c.json");
	assert_int_equal(symlink("/dev/null", path), 0);
	assert_int_equal(hawk_filedir_list(&d, dirs, 3, endings), 0);
	assert_int_equal(d.n, 3);
	assert_string_equal(d.v[0].name, "10-a.yml");
	assert_memory_equal(d.v[1].path, admin, strlen(admin));
	assert_false(d.v[1].masked);
	assert_true(d.v[2].masked);
	assert_null(d.problem);
	hawk_filedir_done(&d);
	dirs[1] = path; /* no directory */
	assert_int_equal(hawk_filedir_list(&d, dirs, 3, endings), 0);
	assert_non_null(d.problem);
	assert_int_equal(d.n, 3);
	hawk_filedir_done(&d);
}

static void files(void **state)
{
	char path[128], *text;
	size_t len;

	(void)state;
	put(vendor, "f.yaml", "0123456789");
	path_of(path, vendor, "f.yaml");
	assert_int_equal(hawk_textfile_read(path, 10, &text, &len), 0);
	assert_int_equal(len, 10);
	assert_string_equal(text, "0123456789");
	free(text);
	assert_int_equal(hawk_textfile_read(path, 9, &text, &len), -E2BIG);
	assert_int_equal(hawk_textfile_read(vendor, 100, &text, &len), -EINVAL);
	path_of(path, vendor, "none.yaml");
	assert_int_equal(hawk_textfile_read(path, 100, &text, &len), -ENOENT);
	/* nobody writes to it: opening and reading must not wait */
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(hawk_textfile_read(path, 100, &text, &len), -EINVAL);
}

static struct hawk_policies_entry *entry(const char *name, const char *scope)
{
	struct hawk_policies_entry *e = NULL;
	char text[512], path[64], *why = NULL;

	snprintf(text, sizeof(text), "type: policy\nname: %s\nscope: [%s]\nrules:\n  - event: openat\n", name, scope);
	snprintf(path, sizeof(path), "/p/%s.yaml", name);
	assert_int_equal(hawk_policyentry_new(&e, path, text, strlen(text), NULL, &why), 0);
	assert_null(why);
	return e;
}

static void lists(void **state)
{
	static struct hawk_policylist l;
	struct hawk_policies_entry *e = NULL, *same;
	char *why = NULL;

	(void)state;
	assert_int_equal(hawk_policyentry_new(&e, "/p/bad.yaml", "type: policy\nname: x\n", 21, NULL, &why), -EINVAL);
	assert_non_null(strstr(why, "/p/bad.yaml:"));
	free(why);
	for (int i = HAWK_POLICIES_MAX - 1; i >= 0; i--) {
		char name[16];

		snprintf(name, sizeof(name), "p%03d", i);
		e = entry(name, "global");
		assert_null(hawk_policylist_refusal(&l, e));
		hawk_policylist_add(&l, e);
	}
	for (size_t i = 1; i < l.n; i++)
		assert_true(strcmp(l.v[i - 1]->policy->name, l.v[i]->policy->name) < 0);
	same = entry("p007", "global");
	why = hawk_policylist_refusal(&l, same);
	assert_non_null(strstr(why, "already a policy \"p007\", from /p/p007.yaml"));
	free(why);
	hawk_policyentry_put(same);
	e = entry("one-more", "global");
	why = hawk_policylist_refusal(&l, e);
	assert_non_null(strstr(why, "256 policies"));
	free(why);
	hawk_policyentry_put(e);
	assert_ptr_equal(hawk_policylist_by_path(&l, "/p/p255.yaml"), hawk_policylist_find(&l, "p255"));
	e = hawk_policylist_find(&l, "p100");
	hawk_policylist_remove(&l, e);
	hawk_policyentry_put(e);
	assert_null(hawk_policylist_find(&l, "p100"));
	hawk_policylist_done(&l);
	assert_int_equal(l.n, 0);
}

/* A policy that replaces one with the same name and scope goes on with its processes; another one has its own bit. */
static void follow_bits(void **state)
{
	static struct hawk_policylist l;
	const struct hawk_policylist *lists[] = { &l };
	struct hawk_policies_entry *a = entry("a", "comm=x, follow"), *b = entry("b", "comm=x, follow");
	struct hawk_policies_entry *again = entry("a", "comm=x, follow"), *other = entry("a", "comm=y, follow");

	(void)state;
	assert_true(hawk_policylist_follow_bit(lists, 1, a));
	hawk_policylist_add(&l, a);
	assert_true(hawk_policylist_follow_bit(lists, 1, b));
	assert_int_not_equal(a->follow_bit, b->follow_bit);
	hawk_policylist_add(&l, b);
	assert_false(hawk_policylist_follow_bit(lists, 1, again));
	assert_int_equal(again->follow_bit, a->follow_bit);
	assert_true(hawk_policylist_follow_bit(lists, 1, other));
	assert_true(other->follow_bit != a->follow_bit && other->follow_bit != b->follow_bit);
	hawk_policyentry_put(again);
	hawk_policyentry_put(other);
	hawk_policylist_done(&l);
}

static struct hawk_policy_set *set_of(struct hawk_policies_entry *e)
{
	const struct hawk_policy_member member = { e->policy, e->counts, 0, e->learned };
	struct hawk_policy_set *s = NULL;

	assert_int_equal(hawk_policy_set_new(&s, &member, 1), 0);
	return s;
}

/* The name of what matches an openat of GENERATION; "": nothing. */
static const char *match(const struct hawk_matching *m, uint32_t generation, uint8_t flags, uint64_t matched)
{
	static struct hawk_process process;
	static struct hawk_event e;

	e = (struct hawk_event){ .desc = hawk_event_by_name("openat"), .generation = generation, .rec_flags = flags,
				 .process = &process, .matched = { matched } };
	return hawk_matching_event(m, &e) ? (const char *)e.policies.bytes : "";
}

static void generations(void **state)
{
	const uint64_t fresh[HAWK_POLICY_WORDS] = { 0 };
	struct hawk_policies_entry *first = entry("first", "global"), *second = entry("second", "global");
	struct hawk_policy_set *old = set_of(first), *new = set_of(second);
	struct hawk_proctab_options options = { .proc_fd = -1 };
	struct hawk_matching m = { .frontier = 0 };

	(void)state;
	assert_int_equal(hawk_proctab_new(&m.proctab, &options), 0);
	assert_string_equal(match(&m, 1, 0, 0), "");
	hawk_matching_switch(&m, old, 2, fresh, 100);
	assert_string_equal(match(&m, 2, 0, 0), "first");
	hawk_matching_switch(&m, new, 3, fresh, 200);
	/* each by the set of its time, what is older than all by the one in force */
	assert_string_equal(match(&m, 2, 0, 0), "first");
	assert_string_equal(match(&m, 3, 0, 0), "second");
	assert_string_equal(match(&m, 1, 0, 0), "second");
	/* what the kernel says counts for its own generation only */
	assert_string_equal(match(&m, 3, HAWK_REC_JUDGED, 0), "");
	assert_string_equal(match(&m, 3, HAWK_REC_JUDGED, 1), "second");
	assert_string_equal(match(&m, 1, HAWK_REC_JUDGED, 0), "second");
	hawk_matching_advance(&m, 1000);
	assert_true(hawk_matching_has(&m, old));
	hawk_matching_advance(&m, 5000000000ULL);
	assert_false(hawk_matching_has(&m, old));
	assert_true(hawk_matching_has(&m, new));
	assert_string_equal(match(&m, 2, 0, 0), "second");
	hawk_proctab_free(m.proctab);
	hawk_policy_set_free(old);
	hawk_policy_set_free(new);
	hawk_policyentry_put(first);
	hawk_policyentry_put(second);
}

/* The kernel is told of a process once, and only what is sure. */
static void known(void **state)
{
	const uint64_t fresh[HAWK_POLICY_WORDS] = { 0 };
	struct hawk_policies_entry *policy = entry("exec", "exec=/bin/x");
	struct hawk_policy_set *set = set_of(policy);
	struct hawk_process process = { .task = { .pid = 5, .start = 7, .cgroup = 9, .exec_id = 3 } };
	struct hawk_event e = { .desc = hawk_event_by_name("openat"), .generation = 2, .process = &process, .tgid = 5,
				.start = 7, .cgroup = 9, .rec_flags = HAWK_REC_JUDGED | HAWK_REC_UNKNOWN };
	struct hawk_proctab_options options = { .proc_fd = -1 };
	struct hawk_matching m = { .frontier = 0 };
	struct hawk_abi_known_key key;
	struct hawk_abi_known bits;

	(void)state;
	assert_non_null(policy->learned);
	assert_int_equal(hawk_proctab_new(&m.proctab, &options), 0);
	hawk_matching_switch(&m, set, 2, fresh, 100);
	assert_false(hawk_matching_known(&m, &e, &key, &bits)); /* its program is not known */
	process.exe = (struct hawk_bytes){ .data = (uint8_t *)"/bin/x", .len = 6 };
	process.source = HAWK_FROM_HEADER;
	assert_false(hawk_matching_known(&m, &e, &key, &bits));
	process.source = HAWK_FROM_EVENT;
	e.cgroup = 8;
	assert_false(hawk_matching_known(&m, &e, &key, &bits)); /* a thread elsewhere */
	e.cgroup = 9;
	assert_true(hawk_matching_known(&m, &e, &key, &bits));
	assert_true(key.start == 7 && key.cgroup == 9 && key.tgid == 5 && key.exec_id == 3);
	assert_int_equal(bits.pass[0], 1);
	assert_false(hawk_matching_known(&m, &e, &key, &bits)); /* told */
	process.task.exec_id = 4;
	process.exe.data = (uint8_t *)"/bin/y";
	assert_true(hawk_matching_known(&m, &e, &key, &bits));
	assert_int_equal(bits.pass[0], 0);
	e.generation = 1; /* nobody waits for that any more */
	process.task.exec_id = 5;
	assert_false(hawk_matching_known(&m, &e, &key, &bits));
	hawk_proctab_free(m.proctab);
	hawk_policy_set_free(set);
	hawk_policyentry_put(policy);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(directories, make_dirs, remove_dirs),
		cmocka_unit_test_setup_teardown(files, make_dirs, remove_dirs),
		cmocka_unit_test(lists), cmocka_unit_test(follow_bits),
		cmocka_unit_test(generations), cmocka_unit_test(known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
