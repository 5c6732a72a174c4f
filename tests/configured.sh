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

# configured_modules NAME: $initrd becomes one with the modules of that kernel.
configured_modules() {
	"$top/guests/build-modules" "$kernel" "$work/$1/modules" "$target" "$top/build/native/afterburner" >"$1/modules.log" 2>&1
	result "$1: its modules build" $? "$1/modules.log"
	sed "s|^.*  \(.*\)|file /modules/\1 $work/$1/modules/\1 0644 0 0|" "$1/modules/list" >"$1/modules.list"
	"$top/build/native/guests/gen_init_cpio" -t 0 "$1/modules.list" | gzip -n | cat "$initrd" - >"$1/initrd.gz"
	initrd=$work/$1/initrd.gz
}
