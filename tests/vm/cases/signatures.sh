# SPDX-License-Identifier: LGPL-2.1-or-later
# The signatures that come with Sechawk: what they find in attacks, and that they find nothing in what hosts do.
. ./lib.sh

# The finding of a process that has ended, as journalctl -u UNIT has it, and the catalog's text with it.
in_the_journal_of_the_unit() {
	systemctl start sechawkd.service || return 1
	systemd-run --quiet --unit=demo-finding --wait cat /etc/shadow
	within 20 told && journalctl --update-catalog &&
		journalctl --no-pager -u demo-finding.service -t sechawkd -x | grep 'Password hashes or rules of sudo were read' &&
		sechawkctl finding list --unit demo-finding.service | grep sensitive_file_read
}

told() {
	journalctl --no-pager -u demo-finding.service -t sechawkd -o json >entries
	jq -e -s 'any(.SECHAWK_SIGNATURE == "sensitive_file_read" and (.SECHAWK_SIGNATURE_ID | startswith("SHK-")) and
		.SECHAWK_SEVERITY == "medium" and .PRIORITY == "4" and (.MESSAGE_ID | length == 32) and
		.SECHAWK_UNIT == "demo-finding.service" and (.SECHAWK_TECHNIQUE | startswith("T1")) and
		(.MESSAGE | contains("/etc/shadow")) and .SECHAWK_EVIDENCE != null and
		(.SECHAWK_EXCEPT_HINT | contains("sensitive_file_read")))' <entries || { cat entries; return 1; }
}

# What a module from elsewhere does to the kernel, one thing after the other; and that it was loaded.
rootkit() {
	insmod "bin/standin-$(uname -r).ko" || return 1
	for deed in call interrupt proc seq function hidden; do
		echo $deed >/sys/module/standin/parameters/deed && sechawkctl integrity check || return 1
	done
	echo none >/sys/module/standin/parameters/deed && rmmod standin && within 20 rootkit_told
}

rootkit_told() {
	journalctl --no-pager -t sechawkd -o json >entries
	for name in module_from_unusual_place hooked_syscall_detector interrupt_handler_hooked proc_fops_hooking \
		hooked_seq_ops_detector function_hooked_by_module hidden_kernel_module; do
		jq -e -s "any(.SECHAWK_SIGNATURE == \"$name\" and (.MESSAGE | contains(\"standin\")))" <entries >/dev/null ||
			{ echo "not told: $name"; jq -c '[.SECHAWK_SIGNATURE, .MESSAGE]' <entries; return 1; }
	done
}

verdict "make install" install_tree || finish
verdict "journalctl -u tells a finding about the unit, with its catalog text" in_the_journal_of_the_unit
verdict "what a rootkit does to the kernel is found" rootkit
systemctl stop sechawkd.service sechawkd.socket
# The scenarios start daemons of their own.
mkdir -p build && ln -sf "$(command -v sechawkd)" "$(command -v sechawkctl)" build
mkdir -p /etc/ssh /boot/grub
# Connections must have somewhere to go.
ip link set lo up && ip address add 169.254.169.254/32 dev lo && ip address add 10.96.0.1/32 dev lo
export LABEL BUILDDIR="$PWD/build" SECHAWK_TEST_DEADLINE=600 # an emulated machine is slow to load programs
python3 ./scenarios/runner.py --vm --signatures /usr/share/sechawk/signatures || failures=1
finish
