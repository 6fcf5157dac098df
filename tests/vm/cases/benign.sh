# SPDX-License-Identifier: LGPL-2.1-or-later
# The installed service with all that comes with it, on a host that does what hosts do (scenarios/host/FILE.toml).
. ./lib.sh

works() {
	sechawkctl status -o json >status.json && jq -e '.degraded == [] and .lost == 0' <status.json && return 0
	jq '{degraded, lost}' <status.json
	return 1
}

# The watchdog hears nothing for long while a busy machine loads programs again.
patience() {
	printf '[Service]\nWatchdogSec=0\n' >/etc/systemd/system/sechawkd.service.d/watchdog.conf &&
		systemctl daemon-reload && systemctl enable sechawkd.service
}

verdict "make install" install_tree || finish
verdict "time to start" patience
export LABEL SECHAWK_TEST_DEADLINE=600
# shellcheck disable=SC2086 # names
python3 ./scenarios/host.py "scenarios/host/$FILE.toml" ${NAMES:-} || failures=1
verdict "nothing was lost, all of it works" works
sechawkctl --no-pager finding list
finish
