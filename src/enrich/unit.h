/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_ENRICH_UNIT_H
#define HAWK_ENRICH_UNIT_H
/*
 * From the path of a cgroup to the systemd unit that it belongs to. Pure
 * functions on untrusted bytes: anybody who may create a cgroup chooses names.
 */
#include <stddef.h>
#include <stdint.h>

/* A part of the path that was looked at; len 0: none. */
struct hawk_unit_name {
	const uint8_t *name;
	size_t len;
};

struct hawk_unit {
	struct hawk_unit_name unit;      /* of the system manager: "nginx.service", "session-2.scope" */
	struct hawk_unit_name user_unit; /* of a user manager below it: "app-foo.scope" */
};

/*
 * Finds the units of the cgroup at PATH ("/system.slice/nginx.service/worker").
 * Slices lead to a unit and are not one; what a unit creates below itself is
 * its own business; a "_" in front, with which systemd escapes names that the
 * kernel keeps for itself, is taken off. The names point into PATH. A template
 * without instance and anything that is not a valid unit name is no unit.
 */
struct hawk_unit hawk_unit_from_cgroup(const uint8_t *path, size_t len);

/*
 * Chooses the path of interest from the text of /proc/PID/cgroup: that of the
 * unified hierarchy unless it is the root, else of systemd's own v1 hierarchy
 * (v1 and hybrid layouts), else of the pids controller, else the root. The
 * mark of a removed cgroup is taken off. The result points into TEXT; len 0
 * when no line is usable.
 */
struct hawk_unit_name hawk_unit_cgroup_path(const char *text, size_t len);

#endif
