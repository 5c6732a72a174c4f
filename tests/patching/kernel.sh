# SPDX-License-Identifier: GPL-2.0-or-later
#
# A kernel that writes into its own text, as ours does not: with jump labels, both function tracers, kprobes, uprobes and kgdb, and
# its modules. What the tests of it share; sourced behind tests/boot.sh. A quarter of an hour, once.
. "$top/tests/configured.sh"

patching_options() {
	cat <<'END'
CONFIG_JUMP_LABEL=y
CONFIG_KPROBES=y
CONFIG_FTRACE=y
CONFIG_FUNCTION_TRACER=y
CONFIG_FUNCTION_GRAPH_TRACER=y
CONFIG_DYNAMIC_FTRACE=y
CONFIG_KPROBE_EVENTS=y
CONFIG_KPROBE_EVENTS_ON_NOTRACE=y
CONFIG_UPROBE_EVENTS=y
CONFIG_TRACEPOINTS=y
CONFIG_PERF_EVENTS=y
CONFIG_VT=y
CONFIG_KGDB=y
CONFIG_KGDB_SERIAL_CONSOLE=y
CONFIG_KGDB_TESTS=y
CONFIG_KUNIT=m
CONFIG_KPROBES_SANITY_TEST=m
CONFIG_TEST_STATIC_KEYS=m
END
}

# Builds them, and makes $kernel and $initrd what they are.
patching_kernel() {
	patching_options >options
	configured_kernel patching <options
	"$top/guests/build-modules" "$kernel" "$work/modules" $target "$top/build/native/afterburner" >build.log 2>&1
	result "its modules build" $? build.log
	$target-gcc -O2 -static -pthread -o probed "$top/tests/patching/probed.c" >build.log 2>&1
	result "a program for uprobes builds" $? build.log
	patching_initrd
}

# unfair_words FUNCTION...: FUNCTION+OFFSET of words that are not what they were with a probe on them, on any machine. While a probe is handled the
# preemption count is one more: who loads or stores it then, also in the slot of a branch, leaves it wrong. Between LL and SC a link is lost
# each time.
unfair_words() {
	for f; do
		$target-objdump -d --disassemble="$f" "$kernel" | awk -v f="$f" '
			/^[0-9a-f]+:/ {
				counts = /\t(lw|sw)\t.*,28\(gp\)/
				if (counts && n) print f "+" 4 * (n - 1)
				if (counts || link) print f "+" 4 * n
				if (/\tlld?\t/) link = 1
				if (/\tscd?\t/) link = 0
				n++
			}'
	done
}

# Ours and, in a second archive, what belongs to this kernel.
patching_initrd() {
	# names, offsets in the file and sizes of functions
	set -- $($target-readelf -SW probed | sed -n 's/^.*\] \.text  *PROGBITS  *//p')
	difference=$((0x$1 - 0x$2))
	$target-nm -S probed | while read -r address size type name; do
		case $name in
		leaf | branch_first | rabbits) printf '%s 0x%x %d\n' "$name" $((0x$address - difference)) $((0x$size)) ;;
		esac
	done >functions
	unfair_words ktime_get try_to_wake_up >unfair
	# where busybox begins
	busybox=$top/build/sysroot/bin/busybox
	set -- $($target-readelf -SW "$busybox" | sed -n 's/^.*\] \.text  *PROGBITS  *//p')
	printf '0x%x\n' $(($($target-readelf -h "$busybox" | sed -n 's/^.*Entry point address: *//p') - 0x$1 + 0x$2)) >busybox
	{
		echo "dir /patching 0755 0 0"
		echo "file /patching/guest $top/tests/patching/guest 0755 0 0"
		for file in probed functions busybox unfair; do
			echo "file /patching/$file $work/$file 0755 0 0"
		done
		sed "s|^.*  \(.*\)|file /modules/\1 $work/modules/\1 0644 0 0|" modules/list
	} >more.list
	"$top/build/native/guests/gen_init_cpio" -t 0 more.list | gzip -n >more.gz
	cp "$initrd.tests" initrd.tests
	cat "$initrd" more.gz >initrd.gz
	initrd=$work/initrd.gz
}
