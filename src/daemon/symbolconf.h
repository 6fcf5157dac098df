/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_DAEMON_SYMBOLCONF_H
#define HAWK_DAEMON_SYMBOLCONF_H
/* The section symbols of the configuration. */
#include "src/config/config.h"
#include "src/symbol/symbols.h"

/* Puts it in force, with N symbols to watch. Returns 0 or -ENOMEM; then the old one stays. */
int hawk_symbolconf_apply(struct hawk_symbols *symbols, const struct hawk_config *config, char *const *watched,
			  size_t n);
/*
 * What to tell about readers of libraries that stand still: once when the first
 * one does, once when the last one does. TOLD is how many of them are known, 0
 * at first. Returns a constant text, or NULL.
 */
const char *hawk_symbolconf_problem(struct hawk_symbols *symbols, uint64_t *told);

#endif
