# SPDX-License-Identifier: LGPL-2.1-or-later
# The signatures that come with Sechawk: what they find in attacks, and that they find nothing in what hosts do.
. ./lib.sh

verdict "make install" install_tree || finish
# The scenarios start daemons of their own.
mkdir -p build && ln -sf "$(command -v sechawkd)" "$(command -v sechawkctl)" build
mkdir -p /etc/ssh /boot/grub
export LABEL BUILDDIR="$PWD/build"
python3 ./scenarios/runner.py --vm --signatures /usr/share/sechawk/signatures || failures=1
finish
