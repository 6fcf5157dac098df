/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_CONFIG_PARSE_H
#define HAWK_CONFIG_PARSE_H
/* Inside of config: one text into a configuration. */
#include "src/config/config.h"

/* A configuration with the defaults. Returns 0 or -ENOMEM. */
int hawk_config_new(struct hawk_config **ret);
/*
 * Applies TEXT of the file NAME over CONFIG. Faults go to ERRORS. Returns 0
 * (also when there are faults) or -ENOMEM.
 */
int hawk_config_apply(struct hawk_config *config, const char *name, const char *text,
		      struct hawk_config_errors *errors);
/* Adds a fault at LINE of FILE (0: no line). Control characters in it are replaced. */
void hawk_config_fault(struct hawk_config_errors *errors, const char *file, unsigned int line,
		       const char *fmt, ...) __attribute__((format(printf, 4, 5)));

#endif
