# SPDX-License-Identifier: LGPL-2.1-or-later
# The live tests of policies on this kernel. KINDS: probe kinds not to use; LIGHT: without the forms of the language.
. ./lib.sh
install_tree || exit 1
exec python3 policy.py --daemon /usr/sbin/sechawkd --bin bin --label "$LABEL" ${KINDS:+--disable-kinds "$KINDS"} ${LIGHT:+--light}
