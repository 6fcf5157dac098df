/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_DAEMON_STEPS_H
#define HAWK_DAEMON_STEPS_H
/* A change of the configuration in steps, all of it or nothing. */
#include <stddef.h>

#include "src/config/config.h"

/* Puts its part of CONFIG in force. Returns 0, or -errno with *ret_why (malloc'ed, may stay NULL): nothing has changed. */
typedef int hawk_step(void *ctx, const struct hawk_config *config, char **ret_why);

/*
 * Takes the STEPS in their order. When one fails those before it are taken back,
 * the last one first, by carrying out BEFORE; the same as CONFIG: there is nothing
 * to go back to. Returns 0 or what the step that failed said.
 */
int hawk_steps_take(hawk_step *const *steps, size_t n, void *ctx, const struct hawk_config *config,
		    const struct hawk_config *before, char **ret_why);

#endif
