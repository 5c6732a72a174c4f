# SPDX-License-Identifier: GPL-2.0-or-later
#
# What the cases of tests/toolchain/run share: golden comparisons, and GCC beside the driver. Sourced with $top set, not run.

. "$top/tests/tap.sh"

squeeze() {
	sed 's/[ 	][ 	]*/ /g; s/^ //; s/ $//'
}

# The rest of each line of a source that begins with this word, whatever the comment around it.
annotation() {
	sed -n "s|^[ 	/*#]*$1:[ 	]*||p" "$2" | sed 's| *\*/ *$||'
}

# golden CASE [OPTION]: the records of one case are those it expects.
golden() {
	name=$(basename "$1")${2:+ $2}
	flags=$(annotation flags "$1")
	annotation expect "$1" | squeeze >expected
	# shellcheck disable=SC2086 # flags are words
	if ! "$cc" $kernel_flags $flags $2 -c "$1" -o golden.o >golden.log 2>&1; then
		result "$name: compiles" 1 golden.log
		return
	fi
	"$bin/afterburn-dump" golden.o 2>&1 | squeeze >got
	diff expected got >golden.log 2>&1
	result "$name: records as expected" $? golden.log
}

# same NAME ARGS...: the driver and GCC give the same output, messages and exit code for these arguments.
same() {
	name=$1
	shift
	"$gcc" "$@" >gcc.out 2>gcc.err </dev/null
	gcc_status=$?
	"$cc" "$@" >own.out 2>own.err </dev/null
	own_status=$?
	# Names of temporary files differ in every run.
	sed -i 's|/tmp/cc[A-Za-z0-9]*||g' gcc.out own.out gcc.err own.err
	{
		[ "$gcc_status" = "$own_status" ] || echo "exit code $own_status, GCC's is $gcc_status"
		diff gcc.out own.out
		diff gcc.err own.err
	} >same.log
	[ ! -s same.log ]
	result "$name" $? same.log
}
