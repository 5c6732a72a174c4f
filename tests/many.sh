# SPDX-License-Identifier: GPL-2.0-or-later
#
# Many VMs on one machine, and two that are busy: for tests/long/many-vms, which runs it here and in the Host. In dash and in the
# ash of busybox. Says what it has found, a line each: NAME VALUE.
#
#	sh many.sh NUMBER KERNEL INITRD [OPTION OF wedge]...
#
# memory.sh lies beside it.

number=$1 kernel=$2 initrd=$3
shift 3
. "$(dirname "$0")/memory.sh"
mkdir -p run
export XDG_RUNTIME_DIR="$PWD/run"

# A guest that runs a command. With less than 44 MB our kernel, which has its place at 17 MB, does not come up.
start() {	# NAME COMMAND [OPTION OF wedge]...
	its_name=$1 command=$(printf 'echo up; %s\n' "$2" | base64 | tr -d '\n')
	shift 2
	$pin wedge "$@" --name "$its_name" --memory 48M --initrd "$initrd" \
		--append "console=ttyS0,115200 quiet afterburn.run=$command" "$kernel" </dev/null >"$its_name.out" 2>&1 &
	echo $! >"$its_name.pid"
}
await() {	# NAME
	for i in $(seq 3000); do
		! grep -q '^up' "$1.out" || return 0
		[ -e "/proc/$(cat "$1.pid")" ] || return 1
		sleep 0.2
	done
	return 1
}
# A process and all that came of it.
family() {
	echo "$1"
	for child in $(cat /proc/"$1"/task/*/children 2>/dev/null); do family "$child"; done
}
alive() { for process; do [ ! -e "/proc/$process/exe" ] || echo "$process"; done; }
stat() {	# NAME FIELD, of its statistics
	wedgectl qmp "$1" '{"execute":"x-afterburn-stats"}' | sed -n "s/^[[:space:]]*\"$2\":[[:space:]]*\([0-9]*\).*/\1/p" |
		head -n 1
}
shared_memory() { awk '/^Shmem:/ { print $2 }' /proc/meminfo; }
ended() {	# PID...: in two minutes
	for i in $(seq 600); do
		[ -n "$(alive "$@")" ] || return 0
		sleep 0.2
	done
	return 1
}

# --- Many ---

memory=$(shared_memory) objects=$(ls /dev/shm | wc -l)
for i in $(seq "$number"); do start "vm$i" 'sleep 100000' "$@"; done
up=0
for i in $(seq "$number"); do ! await "vm$i" || up=$((up + 1)); done
echo "up $up"
echo "listed $(wedgectl list | grep -c running)"
all=$(for i in $(seq "$number"); do family "$(cat "vm$i.pid")"; done)
echo "processes $(echo "$all" | wc -l)"
# At rest, in ten seconds: what the scheduler knows of each thread, in nanoseconds.
busy() {
	for process in $all; do cat /proc/"$process"/task/*/schedstat 2>/dev/null; done | awk '{ sum += $1 } END { printf "%.0f\n", sum }'
}
sleep 10
before=$(busy); sleep 10
echo "$before $(busy)" | awk '{ printf "percent-of-a-processor %.2f\n", ($2 - $1) / 1e8 }'
# Proportional shares of what is resident, the RAM with it; and without, of ten, as each takes a while to add up.
for process in $all; do cat "/proc/$process/smaps_rollup" 2>/dev/null; done |
	awk -v n="$number" '/^Pss:/ { sum += $2 } END { printf "resident-KB-each %d\n", sum / n }'
for i in $(seq $((number < 10 ? number : 10))); do memory_of "$(cat "vm$i.pid")" | head -n 1; done |
	awk '{ sum += $1 } $1 > most { most = $1 } END { printf "beside-its-RAM-KB-each %d\nbeside-its-RAM-KB-most %d\n", sum / NR, most }'
echo "shared-MB $(( ($(shared_memory) - memory) / 1024 ))"
for i in $(seq "$number"); do wedgectl quit "vm$i" || echo "not-ended vm$i"; done
ended $all || echo "late $(alive $all | wc -l)"
echo "left-processes $(alive $all | wc -l)"
echo "left-files $(ls run/afterburn | wc -l)"
echo "left-shared-objects $(( $(ls /dev/shm | wc -l) - objects ))"
echo "left-shared-MB $(( ($(shared_memory) - memory) / 1024 ))"

# --- One, many times ---

start again 'reboot -f' "$@"
await again
again=$(cat again.pid)
resets() { grep -c '^up' again.out; }
until [ "$(resets)" -ge 3 ]; do sleep 0.2; done
descriptors=$(ls "/proc/$again/fd" | wc -l) before=$(resets)
until [ "$(resets)" -ge $((before + ${RESETS:-10})) ]; do sleep 0.2; done
now=$(ls "/proc/$again/fd" | wc -l)
echo "more-descriptors $((now > descriptors + 2 ? now - descriptors : 0))"
echo "its-processes $(family "$again" | wc -l)"
wedgectl quit again
ended "$again"

# --- Two that are busy, on one processor ---

pin="taskset -c 0"
fairness() {	# NAME COMMAND COMMAND [OPTION OF wedge]...
	what=$1 one=$2 two=$3
	shift 3
	start one "$one" "$@"; start two "$two" "$@"
	await one; await two
	sleep 5
	for vm in one two; do stat $vm cpu-ms >$vm.before; stat $vm interpreted >$vm.insns; done
	sleep "${BUSY_SECONDS:-20}"
	for vm in one two; do stat $vm cpu-ms >$vm.after; stat $vm interpreted >$vm.done; done
	awk -v what="$what" '
	function apart(a, b) { return a + b ? 100 * (a > b ? a - b : b - a) / ((a + b) / 2) : 200 }
	{ v[FILENAME] = $1 }
	END {
		a = v["one.after"] - v["one.before"]; b = v["two.after"] - v["two.before"]
		printf "fairness-%s %.1f %% apart in processor time (%d and %d ms), %.1f %% in instructions interpreted\n", what,
		       apart(a, b), a, b, apart(v["one.done"] - v["one.insns"], v["two.done"] - v["two.insns"])
	}' one.before one.after two.before two.after one.insns one.done two.insns two.done
	both="$(family "$(cat one.pid)") $(family "$(cat two.pid)")"
	wedgectl quit one; wedgectl quit two
	ended $both
}
loop='i=0; while :; do i=$((i + 1)); done'
fairness alike "$loop" "$loop" "$@"
fairness unlike "$loop" 'while :; do /bin/true; done' "$@"
