# SPDX-License-Identifier: GPL-2.0-or-later
#
# Sourced by bench/where and bench/net, with $top, $build and $out set: the marks between which metal/count.c counts, and in which part of a
# system an instruction is executed. $out/host.symbols is the Host's /proc/kallsyms.

# mark NAME: its word
mark()
{
	sed -n "s/^#define MARK_$1[	 ]*0x//p" "$top/bench/bench.h"
}

# symbols_of FILE NAME
symbols_of()
{
	"${TARGET:-mips64el-linux-gnuabi64}-nm" "$1" >"$out/$2.symbols"
}

# places_of SYSTEM COUNTS DIVISOR FUNCTIONS: a table.
places_of()
(
	system=$1
	high=c000000000000000:ffffffffffffffff:0 guest=$build/guest
	case ${TARGET-} in mips64-*) guest=$build/$TARGET/guest ;; esac
	set -- "$2" "$3" "$4"
	case $system in
	metal) symbols_of "$guest/vmlinux.debug" guest ;;
	metal-plain) symbols_of "$guest/vmlinux-plain" guest ;;
	*-host) ;;
	*)
		symbols_of "$guest/vmlinux.debug" guest
		symbols_of "$build/${TARGET:-mips64el-linux-gnuabi64}/wedge/wedge" wedge
		# wedge/core/layout.h. Without random addresses the Wedge, which is linked at 0, lies at the lowest place: wedge/host/place.h.
		set -- "$@" "the Wedge:f000000000:ffffffffff:ffffff1000000000:$out/wedge.symbols" \
			"the guest's kernel:40000000:4effffff:ffffffff40000000:$out/guest.symbols" \
			"burnt sites (code cache):4f000000:4fffffff:0:" "code that the guest's kernel made:e000000000:efffffffff:0:" ;;
	esac
	case $system in
	metal*) set -- "$@" "the kernel:$high:$out/guest.symbols" "code that the kernel made:8000000000000000:bfffffffffffffff:0:" ;;
	*) set -- "$@" "the Host's kernel:$high:$out/host.symbols" ;;
	esac
	"$build/native/bench/places" "$@" "programs:0:3fffffffffffffff:0:"
)
