# SPDX-License-Identifier: GPL-2.0-or-later
#
# What the tests in tests/boot share: results in TAP, one boot of the emulated Host for many runs of the Wedge,
# and parts of its output by name. Sourced with $top set; each test ends with `finish`.

. "$top/tests/tap.sh"
own_wedge=$top/build/native/wedge/wedge			# for this machine: interprets
target=${TARGET:-mips64el-linux-gnuabi64}
wedge=$top/build/$target/wedge/wedge			# for the Host
programs=$top/build/$target/guests/programs/programs
# With TARGET=mips64-linux-gnuabi64 guest and Host are the big-endian ones. If that Host's own kernel has not been built it is that of the guest, on metal.
host_kernel= guest=$top/build/guest host=$top/build/host/image.cpio octeon=octeon octeon_kernel=$top/build/metal/stock/vmlinux hosts='malta octeon'
case $target in
mips64-*)
	guest=$top/build/$target/guest host=$top/build/$target/host/image.cpio octeon=octeon-be octeon_kernel=$top/build/$target/host/vmlinux hosts=octeon-be
	HOST=${HOST:-octeon-be}
	export HOST
	[ -r "$octeon_kernel" ] || octeon_kernel=$guest/vmlinux host_kernel=$guest/vmlinux ;;
esac
[ -r "$octeon_kernel" ] || hosts=malta
kernel=$guest/vmlinux
initrd=$guest/initrd.gz
# With HOST=loongson that Host is the only one, and KERNEL and INITRD are a guest of pages as large as its (tests/long/loongson).
if [ "${HOST-}" = loongson ]; then
	hosts=loongson octeon_kernel=/nonexistent kernel=${KERNEL:-$kernel} initrd=${INITRD:-$initrd}
fi
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

for file in "$host" "$wedge" "$own_wedge" "$kernel" "$initrd"; do
	if [ ! -r "$file" ]; then
		echo "1..1"
		echo "not ok 1 - $file is not built; 'make' builds everything"
		exit 1
	fi
done
cd "$work" || exit 1

# same NAME EXPECTED GOT: two files are equal.
same() {
	check "$1" diff "$2" "$3"
}

# await FILE TEXT [SECONDS]: until it is there; 1 if it is not by then (120).
await() {
	for looks in $(seq $((10 * ${3:-120}))); do grep -qs "$2" "$1" && return; sleep 0.1; done
	return 1
}

# A command line with which the guest runs COMMAND and ends.
append_for() {
	echo "console=ttyS0,115200 quiet afterburn.run=$(printf '%s\n' "$1" | base64 -w 0)"
}

no_namespaces="^wedge: this host's kernel has no user, PID or network namespaces: a filter of system calls alone holds the guest's kernel"

# in_host SCRIPT [OPTION OF host/boot]...: runs it in the Host; its output in the file `host.out`. The script
# finds the guest's files as $kernel and $initrd.
in_host() {
	script="kernel=/afterburn/vmlinux initrd=/afterburn/initrd.gz
$1"
	shift
	"$top/host/boot" --log "$work/console.log" --file wedge="$wedge" --file vmlinux="$kernel" \
		--file initrd.gz="$initrd" ${host_kernel:+--kernel "$host_kernel"} "$@" "$script" >host.out 2>host.err
	host_status=$?
	[ $host_status != 125 ] || cat host.err >>host.out
	# What each run says on a Host whose kernel has been configured without (tests/long/big-endian looks whether it does).
	grep -q "$no_namespaces" host.out && host_confines=no && sed -i "/$no_namespaces/d" host.out
	return $host_status
}

# Ends the test, if there is no Host octeon.
needs_octeon() {
	[ -r "$octeon_kernel" ] && return
	result "$octeon # SKIP no kernel for it: run make host HOST=$octeon" 0
	finish
}

# part NAME: the lines of host.out behind "== NAME", up to the next "== ".
part() {
	awk -v name="== $1" '/^== / { on = $0 == name; next } on' host.out
}

# guest_output <CONSOLE: what the guest's command wrote, and its exit status.
guest_output() {
	tr -d '\r' | sed -n '/^afterburn: begin$/,/^afterburn: exit status/p' | sed 1d
}

# The same without what its kernel says on the console meanwhile, in the middle of that.
programs_output() {
	guest_output | grep -v '^\[ *[0-9]*\.[0-9]*\] '
}

finish() {
	echo "1..$number"
	exit $failures
}

# check_poison FILE: statistics of a run with --poison, which must have reached most of the kernel's sites that a boot reaches.
check_poison() {
	sed -n 's/^registers poisoned: \([0-9]*\), at \([0-9]*\) of the \([0-9]*\) sites.*/\1 \2 \3/p' "$1" >poison.counts
	read -r registers reached sites <poison.counts
	echo "# registers poisoned: $registers, at $reached of $sites sites"
	check "dead registers poisoned: at more than 400 sites" [ "${reached:-0}" -gt 400 ]
}
