/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/daemon/symbolconf.h"

static struct hawk_symbols_list list(const struct hawk_config_list *from)
{
	return (struct hawk_symbols_list){ from->v, from->n };
}

int hawk_symbolconf_apply(struct hawk_symbols *symbols, const struct hawk_config *config)
{
	const struct hawk_symbols_config c = {
		.watched = list(&config->symbols.watched),
		.allowed = list(&config->symbols.allowed_libraries),
		.ignored = list(&config->symbols.ignored),
	};

	return hawk_symbols_configure(symbols, &c);
}
