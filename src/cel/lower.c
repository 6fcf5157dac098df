/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/cel/node.h"

int hawk_cel_lower(const struct hawk_cel *cel, struct hawk_ir **ret, bool *ret_exact)
{
	(void)cel;
	*ret = NULL;
	*ret_exact = false;
	return 0;
}
