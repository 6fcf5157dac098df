/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_DAEMON_SINKCONF_H
#define HAWK_DAEMON_SINKCONF_H
/* From the sinks of the configuration to those of the engine. */
#include "src/config/config.h"
#include "src/sink/sink.h"

/*
 * Configures SINKS from CONFIG; without any in it, with the journald sink when
 * journald is there. Returns 0, or -errno with *ret_why (malloc'ed).
 */
int hawk_sinkconf_apply(struct hawk_sinks *sinks, const struct hawk_config *config, char **ret_why);

#endif
