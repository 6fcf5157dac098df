# SPDX-License-Identifier: LGPL-2.1-or-later
# The policies that come with Sechawk: in force, quiet while a host does what hosts do, and not when they should not be.
. ./lib.sh
unit=sechawkd.service

state() { sechawkctl policy list -o json; }

loaded() { # all files, and nothing pending
	want=$(find /usr/share/sechawk/policies -name '*.yaml' | wc -l)
	state | jq -e --argjson want "$want" '[.policies[] | select(.name | startswith("host-"))] | length == $want' || {
		sechawkctl policy list
		return 1
	}
}

hits() { # POLICY
	state | jq -e --arg name "$1" '.policies[] | select(.name == $name) | .hits'
}

hit() { # POLICY
	[ "$(hits "$1")" -gt 0 ]
}

quiet() {
	state | jq -r '.policies[] | select(.hits > 0) | "\(.name) \(.hits)"' >noise
	[ ! -s noise ] && return 0
	cat noise
	journalctl --no-pager -t sechawkd -o cat -n 20
	return 1
}

busy() {
	systemctl daemon-reload
	for i in 1 2 3; do
		systemd-run --quiet --wait --property=PrivateTmp=yes --property=ProtectSystem=strict \
			--property=DynamicUser=yes sh -c 'id; touch /tmp/x'
		systemd-run --quiet --wait --property=PrivateUsers=yes --property=IPAddressDeny=any true
		cp -r /etc "/tmp/copy$i"
		find /usr /proc/1 -type f >/dev/null 2>&1
		ps ax >/dev/null
		python3 -c 'import json, subprocess; subprocess.run(["true"])'
		journalctl --no-pager -n 100 >/dev/null
		systemctl status --no-pager >/dev/null
		modprobe -r dummy; ip link add dum0 type bridge; ip link del dum0
	done 2>/dev/null
	dpkg --configure -a
	systemd-sysusers
	systemctl restart systemd-sysctl systemd-udevd systemd-journald
	udevadm trigger --subsystem-match=net && udevadm settle --timeout 10
	true
}

# Does it, and wants the policy to have seen it.
tells() { # POLICY COMMAND
	verdict "$1: $2" sh -c "$2"
	verdict "$1 tells it" within 10 hit "$1"
}

verdict "make install" install_tree || finish
without signatures
verdict "the service starts" systemctl start "$unit" || finish
verdict "all policies that come with it are in force" loaded
verdict "a busy host" busy
verdict "they are quiet on it" quiet
tells host-preload 'echo /tmp/x.so >/etc/ld.so.preload; rm -f /etc/ld.so.preload'
tells host-scheduled-tasks 'echo "* * * * * root true" >/etc/cron.d/x || mkdir /etc/cron.d && echo >/etc/cron.d/x'
tells host-accounts 'cp /etc/passwd /etc/x && mv /etc/x /etc/passwd'
tells host-authorisation 'mkdir -p /etc/sudoers.d && echo x >/etc/sudoers.d/x'
tells host-ssh 'mkdir -p /root/.ssh && ln -s /dev/null /root/.ssh/authorized_keys'
tells host-start-files 'ln -s /dev/null /etc/systemd/system/x.service'
tells host-kernel-settings 'cat /proc/sys/kernel/core_pattern >/tmp/p && cat /tmp/p >/proc/sys/kernel/core_pattern'
tells host-kernel-modules 'modprobe dummy || modprobe loop || modprobe tun'
tells host-bpf "python3 -c 'import ctypes, struct
code = ctypes.create_string_buffer(struct.pack(\"<BBhiBBhi\", 0xb7, 0, 0, 0, 0x95, 0, 0, 0))
name = ctypes.create_string_buffer(b\"GPL\")
attr = ctypes.create_string_buffer(struct.pack(\"<IIQQ\", 1, 2, ctypes.addressof(code), ctypes.addressof(name)), 128)
fd = ctypes.CDLL(None).syscall(321, 5, attr, 128)
assert fd >= 0'"
tells host-code-injection 'strace -p $$ -o /dev/null & sleep 1; kill $!; true'
tells host-fileless 'cp /usr/bin/true /dev/shm/x && /dev/shm/x'
tells host-namespaces 'setpriv --reuid 65534 --clear-groups unshare -r true'
tells host-file-privileges 'cp /usr/bin/true /tmp/t && setfattr -n security.capability -v 0x0100000200040000000000000000000000000000 /tmp/t || python3 -c "import os; os.setxattr(\"/tmp/t\", \"security.capability\", bytes.fromhex(\"0100000200040000000000000000000000000000\"))"'
tells host-logs 'touch /var/log/btmp && : >/var/log/btmp'
finish
