/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/daemon/symbolconf.h"

static struct hawk_symbols_list list(const struct hawk_config_list *from)
{
	return (struct hawk_symbols_list){ from->v, from->n };
}

int hawk_symbolconf_apply(struct hawk_symbols *symbols, const struct hawk_config *config, char *const *watched,
			  size_t n)
{
	const struct hawk_symbols_config c = {
		.watched = { watched, n },
		.allowed = list(&config->symbols.allowed_libraries),
		.ignored = list(&config->symbols.ignored),
	};

	return hawk_symbols_configure(symbols, &c);
}

const char *hawk_symbolconf_problem(struct hawk_symbols *symbols, uint64_t *told)
{
	uint64_t hung = hawk_symbols_stats(symbols).hung, before = *told;

	*told = hung;
	if (hung == before)
		return NULL;
	if (hung >= HAWK_SYMBOLS_READERS)
		return "file systems do not answer when shared libraries are read, time and again: symbols_loaded and "
		       "symbols_collision are not made any more until the daemon is restarted";
	return before ? NULL
		      : "a file system does not answer when a shared library is read: symbols_loaded and "
			"symbols_collision of some libraries are missing (events.lost)";
}
