# SPDX-License-Identifier: GPL-2.0-or-later
#
# For tests with gdb at a guest: guests that listen for one, what it is to do, and what it has said. Behind tests/boot.sh.

ctl=$top/build/native/wedge/wedgectl
if ! command -v gdb-multiarch >/dev/null; then
	echo "1..0 # SKIP no gdb-multiarch here: install it"
	exit 0
fi
mkdir -m 755 run
export XDG_RUNTIME_DIR="$work/run"

# start NAME COMMAND [OPTION]...: an interpreted guest; its process is $machine, its console the file NAME.
start() {
	name=$1 command=$2
	shift 2
	nice "$own_wedge" --interpret --no-reboot --memory 64M --initrd "$initrd" --append "$(append_for "$command")" "$@" "$kernel" \
		</dev/null >"$name" 2>"$name.err" & machine=$!
}
# debug WHERE FILE: gdb executes the commands of FILE there; what it says is in FILE.out.
debug() {
	timeout 600 gdb-multiarch -nx -batch -iex 'set confirm off' -iex 'set pagination off' -iex 'set remotetimeout 30' -iex 'set style enabled off' \
		-ex "target remote $1" -x "$2" "$guest/vmlinux.debug" >"$2.out" 2>&1 </dev/null
}
# says FILE PATTERN NAME: it is in what gdb said for FILE.
says() {
	check "$3" grep -Eq -- "$2" "$1.out"
}
# start_in_host COMMAND [OPTION OF host/boot]...: a guest in the Host, natively; gdb is here, its stream goes through a serial line of the Host, which
# is the socket serial.sock. The process of the Host is $boot. What the guest has said comes when it ends, behind its status, in host.out. $mode has
# further options of the Wedge.
start_in_host() {
	command=$1
	shift
	rm -f host.out		# another one's
	in_host "stty -F /dev/ttyS1 raw -echo
wedge ${mode-} --no-reboot --memory 64M --gdb unix:/tmp/gdb --console file:/tmp/console --initrd \$initrd --append '$(append_for "$command")' \$kernel </dev/null & wedge=\$!
while [ ! -S /tmp/gdb ] || ! grep -qs ^up /tmp/console; do sleep 0.2; done
grep ^where /tmp/console
echo ready
stream connect unix:/tmp/gdb </dev/ttyS1 >/dev/ttyS1 & stream=\$!
wait \$wedge
echo \"status \$?\"
kill \$stream
cat /tmp/console" --qemu "-serial unix:$work/serial.sock,server=on,wait=off" --file stream="$programs" --timeout 1000 "$@" & boot=$!
	await host.out '^ready'
}
