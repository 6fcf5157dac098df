/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_DAEMON_PARAMS_H
#define HAWK_DAEMON_PARAMS_H
/* What the configuration and the policies that are loaded want to be looked at: system calls and symbols. */
#include "src/config/config.h"
#include "src/daemon/policies.h"
#include "src/symbol/symbols.h"

/* Puts it in force; of system calls when events are set the next time. Returns 0 or -ENOMEM; then the old one stays. */
int hawk_params_apply(struct hawk_collect *collect, struct hawk_symbols *symbols, const struct hawk_config *config,
		      const struct hawk_policies *policies);

#endif
