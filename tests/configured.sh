# SPDX-License-Identifier: GPL-2.0-or-later
#
# Kernels with another configuration than ours, for tests; sourced behind tests/boot.sh.

configured_from=$kernel

# configured_kernel NAME [FLAGS] <OPTIONS: builds one with these options besides ours, and FLAGS for the compiler, in the cache: a quarter of an hour, once. $kernel
# becomes it, in the folder NAME; its build is a result, and that it has what it should.
configured_kernel() {
	mkdir -p "$1"
	cat >"$1/options"
	kernel=$work/$1/vmlinux
	linux=$top/guests/linux
	case $target in mips64-*) order=$linux/big-endian.config ;; *) order= ;; esac
	KERNEL_CONFIG="$linux/afterburn.config $order $work/$1/options" KERNEL_FLAGS=${2-} "$top/guests/build-kernel" "$top/build/guest/linux" \
		"$(dirname "$(readlink -f "$configured_from.build")")" "$kernel" "$target" "$(nproc)" "$top/build/native/afterburner" 3>&2 >"$1/build.log" 2>&1
	result "$1: the kernel builds" $? "$1/build.log"
	grep -vxFf "$kernel.config" "$1/options" >"$1/missing"
	[ ! -s "$1/missing" ]
	result "$1: it has what it should" $? "$1/missing"
}
