# SPDX-License-Identifier: GPL-2.0-or-later
#
# Sourced by the tables of this folder, with $name set: where things are, what is said when something is wrong, and the Host.

die()
{
	echo "$name: $1" >&2
	exit "${2:-2}"
}

top=$(cd "$(dirname "$0")/../.." && pwd)
build=$top/build cross=$top/build/mips64el-linux-gnuabi64
out=${OUT:-$build/bench/tables}
mkdir -p "$out"
out=$(cd "$out" && pwd)
# An instruction is a nanosecond of the machine's clock.
counted='-icount shift=0,sleep=off -rtc base=2026-01-01,clock=vm -seed 1'

# needs FILE...: all that make has made for this
needs()
{
	for file; do
		[ -r "$file" ] || die "${file#"$top/"} is not there; 'make bench-tables-needs' makes what the tables need" 1
	done
}

# in_host HOST LOG SCRIPT [OPTION OF host/boot]...: with the Wedge and the guest's kernel, and one core
in_host()
(
	host=$1 log=$2 script=$3
	shift 3
	CORES=1 "$top/host/boot" --host "$host" --timeout 3000 --log "$out/$log.console" --append "norandmaps nokaslr" \
		--emulator "$build/metal/qemu-system-mips64el" --file wedge="$cross/wedge/wedge" --file vmlinux="$build/guest/vmlinux" \
		--file bench="$cross/bench/bench" --file memory.sh="$top/tests/memory.sh" "$@" "$script" >"$out/$log.said" || {
		tail -n 20 "$out/$log.said" >&2
		die "the Host $host did not get to its end; $out/$log.console has its console" 1
	}
	tr -d '\r' <"$out/$log.said" >"$out/$log"
)
