/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_ENRICH_CONTAINER_H
#define HAWK_ENRICH_CONTAINER_H
/*
 * From the path of a cgroup to the container that it belongs to. Pure, on
 * untrusted bytes: whoever may create a cgroup can give it the name of a container.
 */
#include "src/enrich/unit.h"

/* The longest name of a container that is not a number. */
#define HAWK_CONTAINER_NAME_MAX 64

struct hawk_container {
	struct hawk_unit_name id;  /* in the path that was looked at; len 0: none */
	const char *runtime;       /* constant; "" when the name of the cgroup does not tell */
};

/*
 * Finds the container of the cgroup at PATH. Of containers in containers it is
 * the innermost one; a runtime's own process beside the container (conmon) is in none.
 */
struct hawk_container hawk_container_from_cgroup(const uint8_t *path, size_t len);

#endif
