/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_DAEMON_NODENAME_H
#define HAWK_DAEMON_NODENAME_H
/* Host names in the uts namespaces of processes, uts_namespaces(7). */
#include "src/event/event.h"

/*
 * Reads the host name where the process of EVENT is, when it is not known or old. To be called by the thread that
 * evaluates predicates, which is in that namespace for a moment; at most once a second for a namespace, and at each exec.
 */
void hawk_nodename_learn(const struct hawk_event *event);

#endif
