# SPDX-License-Identifier: LGPL-2.1-or-later
# The signatures that come with Sechawk: what they find in attacks, and that they find nothing in what hosts do.
. ./lib.sh

verdict "make install" install_tree || finish
# The scenarios start daemons of their own.
mkdir -p build && ln -sf "$(command -v sechawkd)" "$(command -v sechawkctl)" build
mkdir -p /etc/ssh /boot/grub
# Connections must have somewhere to go.
ip link set lo up && ip address add 169.254.169.254/32 dev lo && ip address add 10.96.0.1/32 dev lo
export LABEL BUILDDIR="$PWD/build" SECHAWK_TEST_DEADLINE=200 # an emulated machine is slow to load programs
python3 ./scenarios/runner.py --vm --signatures /usr/share/sechawk/signatures || failures=1
finish
