/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_DAEMON_CHECKCONF_H
#define HAWK_DAEMON_CHECKCONF_H
/*
 * What src/config cannot know: names of events, filter expressions, formats.
 * Used by --check-config, at start and before a reload, so that a
 * configuration that is called good starts.
 */
#include "src/config/config.h"

/*
 * Checks CONFIG. Calls FN with each fault ("FILE:LINE: …"). Returns how many
 * there are.
 */
size_t hawk_checkconf(const struct hawk_config *config, void (*fn)(void *ctx, const char *fault), void *ctx);

/*
 * Loads and checks the configuration at PATH, see hawk_config_load. All faults
 * are logged; *ret_why (malloc'ed) is set to the first one when there are any.
 * Returns 0 or -errno; -EINVAL: faults. *ret belongs to the caller.
 */
int hawk_checkconf_load(struct hawk_config **ret, const char *path, char **ret_why);

#endif
