# SPDX-License-Identifier: GPL-2.0-or-later
#
# Results in TAP, for test scripts: a number for each, and `failures` for the exit status. Sourced, not run.

number=0 failures=0

# result NAME STATUS [FILE with what to show on failure]
result() {
	number=$((number + 1))
	if [ "$2" -eq 0 ]; then
		echo "ok $number - $1"
	else
		echo "not ok $number - $1"
		failures=1
		[ -z "${3-}" ] || tail -n 40 "$3" | sed 's/^/# /'
	fi
}

# check NAME COMMAND...: the command must succeed; what it says is shown if it does not.
check() {
	name=$1
	shift
	"$@" >check.log 2>&1
	result "$name" $? check.log
}
