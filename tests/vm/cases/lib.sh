# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=sh
# What the cases inside the machines share. LABEL is put before each name.
socket=/run/sechawk/control.sock
failures=0

# verdict NAME COMMAND...: a test; what the command says is shown when it fails.
verdict() {
	name=$1
	shift
	if said=$("$@" 2>&1); then
		echo "ok $LABEL$name"
		return 0
	fi
	echo "not ok $LABEL$name"
	printf '%s\n' "$said" | tail -n 25 | sed 's/^/  /'
	failures=$((failures + 1))
	return 1
}

# within SECONDS COMMAND...: tries until the command succeeds; shows what it said last. The seconds are those of a quick
# host: there are some on which an emulated machine takes several times as long.
within() {
	end=$(($(date +%s) + 6 * $1))
	shift
	while ! last=$("$@" 2>&1); do
		if [ "$(date +%s)" -ge "$end" ]; then
			printf '%s\n' "$last"
			return 1
		fi
		sleep 0.2
	done
	printf '%s\n' "$last"
}

# To load the programs and signatures takes an emulated machine up to minutes.
install_tree() {
	cp -a install/. / && ldconfig && systemd-sysusers && systemd-tmpfiles --create sechawk.conf &&
		mkdir -p /etc/systemd/system/sechawkd.service.d &&
		printf '[Service]\nTimeoutStartSec=infinity\n' >/etc/systemd/system/sechawkd.service.d/slow.conf &&
		systemctl daemon-reload
}

# without WHAT...: from its next start on the daemon has no signatures, no policies. Loading them is most of a start in
# an emulated machine.
without() {
	for what in "$@"; do echo "$what = { enabled = false; };"; done >/etc/sechawk/conf.d/without.conf
}

active() { # UNIT [STATE]
	[ "$(systemctl is-active "$1")" = "${2:-active}" ] && return 0
	systemctl status --no-pager "$1"
	return 1
}

finish() {
	[ "$failures" != 0 ] || exit 0
	echo "# log of the daemon:"
	journalctl -u sechawkd.service -n 30 -o cat --no-pager
	exit 1
}
