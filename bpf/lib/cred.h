/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The bodies behind the hooks of cred events. */
#ifndef HAWK_BPF_CRED_H
#define HAWK_BPF_CRED_H

#include "bpf/lib/hook.h"

#endif
