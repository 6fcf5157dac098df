# SPDX-License-Identifier: LGPL-2.1-or-later
include bench/micro/local.mk
include bench/workloads/local.mk
EXTRA_DIST += bench/run bench/README.md bench/instance.py bench/measure.py bench/figures.py bench/peers.py bench/policies.py \
	bench/choices.py bench/catalogue.py bench/journal.py
