/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/daemon/steps.h"

#include <stdlib.h>
#include <string.h>

#include "src/base/cleanup.h"
#include "src/base/log.h"

static void take_back(hawk_step *const *steps, size_t n, void *ctx, const struct hawk_config *before)
{
	while (n--) {
		_cleanup_free_ char *why = NULL;
		int r = steps[n](ctx, before, &why);

		if (r < 0)
			hawk_error("a part of the old configuration cannot be put in force again: %s",
				   why ? why : strerror(-r));
	}
}

int hawk_steps_take(hawk_step *const *steps, size_t n, void *ctx, const struct hawk_config *config,
		    const struct hawk_config *before, char **ret_why)
{
	int r = 0;

	for (size_t i = 0; i < n && r == 0; i++) {
		r = steps[i](ctx, config, ret_why);
		if (r < 0 && before != config)
			take_back(steps, i, ctx, before);
	}
	return r;
}
