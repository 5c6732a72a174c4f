# SPDX-License-Identifier: GPL-2.0-or-later
#
# All that a guest's programs and modules have to say, for tests of other kernels and other Hosts; sourced behind tests/boot.sh.

cat >everything <<'END'
/tests/all
for m in sites plain traps emulates; do
	insmod /modules/$m.ko && rmmod $m && echo "$m: came and went"
done
insmod /modules/brd.ko rd_nr=1 rd_size=4096 && insmod /modules/ext2.ko
mke2fs /dev/ram0 >/dev/null 2>&1 && mount -t ext2 /dev/ram0 /mnt && seq 1 2000 >/mnt/numbers
umount /mnt && mount -t ext2 /dev/ram0 /mnt && md5sum </mnt/numbers
umount /mnt && rmmod ext2 && rmmod brd && lsmod | wc -l
dmesg | grep -E 'Oops|BUG: |WARNING:|nable to handle|rcu.*stall' | sed 's/^\[[^]]*\]/the kernel complains:/'
END
append=$(append_for "$(cat everything)")
# Direct mode has no wall between programs and their kernel, which these two look for.
direct=$(append_for "for program in \$(grep -vx -e hostile -e escape /tests/list); do /tests/\$program; done; $(sed 1d everything)")

# natively HOST MODE... [-- OPTION OF host/boot...]: one boot of the Host, a guest for each mode; burnt, or an option of the Wedge. They say what the file
# `expected` has. $series, if it is set, is in front of the results.
natively() {
	on=$1 modes=
	shift
	while [ $# -gt 0 ] && [ "$1" != -- ]; do modes="$modes $1"; shift; done
	[ $# = 0 ] || shift
	in_host "for mode in $modes; do
		echo \"== \$mode\"
		[ \$mode != burnt ] && option=\$mode || option=
		[ \$mode = --user=direct ] && append='$direct' || append='$append'
		wedge \$option --no-reboot --initrd \$initrd --append \"\$append\" \$kernel </dev/null
	done" --host "$on" --timeout 5000 "$@"
	result "${series:+$series: }the Host $on reaches the end" $? host.out
	for mode in $modes; do
		part "$mode" | programs_output >got
		[ "$mode" = --user=direct ] && grep -vx -e 'hostile: ok' -e 'escape: ok' expected >wanted || cp expected wanted
		same "${series:+$series: }$on, $mode" wanted got
	done
}
