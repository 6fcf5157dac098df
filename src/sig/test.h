/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_SIG_TEST_H
#define HAWK_SIG_TEST_H
/*
 * The tests inside of signature files: events as YAML, and what is to be found
 * in them. They run in an engine of their own, with a process model made of what
 * the events say; no kernel, no clock, no I/O.
 */
#include "src/sig/engine.h"
#include "src/yaml/yaml.h"

struct hawk_sig_test {
	char *name;
	struct hawk_yaml_node *events; /* a list; owned */
	struct hawk_yaml_node *model;  /* answers: dns, containers, packages, stdio; NULL: none */
	char **finds;                  /* names of signatures, once per finding, in order; none: silence */
	size_t n_finds;
	unsigned int line, column;
};

/* Reads the list TESTS of a signature. Returns 0, -EINVAL with DIAGS, or -ENOMEM. */
int hawk_sig_tests_read(struct hawk_sig_test **ret, size_t *ret_n, struct hawk_yaml_node *tests,
			struct hawk_diags *diags);
void hawk_sig_tests_free(struct hawk_sig_test *tests, size_t n);

/*
 * Runs test I of SIG with the signatures SET, of which only the findings of SIG count. Appends what went wrong
 * to OUT. Returns 1 when it passed, 0 when it failed, -EINVAL when its events are wrong (with DIAGS), -ENOMEM.
 */
int hawk_sig_test_run(const struct hawk_sig *sig, size_t i, const struct hawk_sig_set *set, struct hawk_buf *out,
		      struct hawk_diags *diags);

#endif
