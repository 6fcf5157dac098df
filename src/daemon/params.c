/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/daemon/params.h"

#include <errno.h>

#include "src/base/cleanup.h"
#include "src/collect/collect.h"
#include "src/daemon/interest.h"
#include "src/daemon/symbolconf.h"

/* Adds the system calls; names that are none were told when their text was checked. */
static void add_calls(char *const *names, size_t n, uint64_t bits[HAWK_EVENT_WORDS])
{
	uint64_t some[HAWK_EVENT_WORDS];
	const char *unknown;

	for (size_t i = 0; i < n; i++) {
		memset(some, 0, sizeof(some));
		if (hawk_interest_parse_syscalls(&names[i], 1, some, &unknown) < 0)
			continue;
		for (size_t w = 0; w < HAWK_EVENT_WORDS; w++)
			bits[w] |= some[w];
	}
}

int hawk_params_apply(struct hawk_collect *collect, struct hawk_symbols *symbols, const struct hawk_config *config,
		      const struct hawk_policies *policies)
{
	uint64_t calls[HAWK_EVENT_WORDS] = { 0 };
	const struct hawk_policies_entry *e;
	_cleanup_free_ char **watched = NULL;
	size_t n = config->symbols.watched.n;
	int r;

	for (size_t i = 0; (e = hawk_policies_entry(policies, i)); i++)
		n += e->policy->n_watched_symbols;
	watched = calloc(n + 1, sizeof(*watched));
	if (!watched)
		return -ENOMEM;
	add_calls(config->events.checked_syscalls.v, config->events.checked_syscalls.n, calls);
	n = 0;
	for (; n < config->symbols.watched.n; n++)
		watched[n] = config->symbols.watched.v[n];
	for (size_t i = 0; (e = hawk_policies_entry(policies, i)); i++) {
		add_calls(e->policy->checked_syscalls, e->policy->n_checked_syscalls, calls);
		for (size_t k = 0; k < e->policy->n_watched_symbols; k++)
			watched[n++] = e->policy->watched_symbols[k];
	}
	r = hawk_symbolconf_apply(symbols, config, watched, n);
	if (r == 0)
		hawk_collect_set_checked(collect, calls);
	return r;
}
