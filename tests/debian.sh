# SPDX-License-Identifier: GPL-2.0-or-later
#
# A Debian guest that host/run-debian runs in the background, for tests that have read tests/boot.sh: DISK, PORT, LOG and BATCH are set, and $debian is
# where its key is. `minutes` is how long one may take to come up.

PATH=$PATH:/usr/sbin:/sbin
export DISK="$work/disk" BATCH=yes LOG="$work/log" PORT=$((20000 + $$ % 10000))

machine=
end_machine() {
	[ -z "$machine" ] || ! kill -- "-$machine" 2>/dev/null || wait "$machine"
	rm -rf "$work"
}
trap end_machine EXIT

# start_machine PLACE: metal, host or here; its console goes to the file `console`.
start_machine() {
	MACHINE=$1 setsid "$top/host/run-debian" </dev/null >console 2>&1 &
	machine=$!
}

# Within $limit seconds.
in_guest() {
	timeout "${limit:-900}" ssh -p "$PORT" -i "$debian/key" -o BatchMode=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null \
		-o LogLevel=ERROR -o ConnectTimeout=60 root@127.0.0.1 "$@" </dev/null
}

# What its kernel has to complain of: nothing.
complaints() { in_guest 'dmesg | grep -E "BUG:|WARNING:|\bstall|lockup|Oops|EXT4-fs error"'; }

# The guest is there: as long as its machine is.
wait_for_guest() {
	for _ in $(seq $((minutes * 6))); do
		limit=90 in_guest true 2>/dev/null && return
		kill -0 "$machine" 2>/dev/null || return 1
		sleep 10
	done
	return 1
}

# Up to ten minutes.
ended() {
	for _ in $(seq 120); do
		kill -0 "$machine" 2>/dev/null || return 0
		sleep 5
	done
	return 1
}

# power_off PLACE [COMMAND...]: the guest does, by systemctl or as asked by this command, and that ends its machine.
power_off() {
	place=$1
	shift
	[ $# -gt 0 ] || set -- in_guest systemctl poweroff
	"$@"
	ended
	result "$place: powered off, which ends the machine" $? console
	! kill -0 "$machine" 2>/dev/null || kill -- "-$machine"
	wait "$machine"
	machine=
}
