/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#define HAWK_LSM
#include "bpf/lib/hawk.h"
#include "bpf/lib/kern.h"
#include "bpf/lib/probing.h"
#include "bpf/lib/hook.h"
#include "bpf/abi/hooks/kern.def"
