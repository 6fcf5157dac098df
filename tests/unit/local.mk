# SPDX-License-Identifier: LGPL-2.1-or-later
# Unit tests: one program per module, tests/unit/<room>/test_<module>.c.
if HAVE_CMOCKA
include tests/unit/base/local.mk
include tests/unit/event/local.mk
include tests/unit/config/local.mk
include tests/unit/proto/local.mk
include tests/unit/decode/local.mk
include tests/unit/enrich/local.mk
include tests/unit/net/local.mk
include tests/unit/derive/local.mk
include tests/unit/symbol/local.mk
include tests/unit/ir/local.mk
include tests/unit/cel/local.mk
include tests/unit/cgen/local.mk
include tests/unit/probe/local.mk
include tests/unit/collect/local.mk
include tests/unit/format/local.mk
include tests/unit/sink/local.mk
include tests/unit/integrity/local.mk
include tests/unit/package/local.mk
include tests/unit/policy/local.mk
include tests/unit/sig/local.mk
include tests/unit/finding/local.mk
include tests/unit/control/local.mk
include tests/unit/ctl/local.mk
include tests/unit/daemon/local.mk
endif
