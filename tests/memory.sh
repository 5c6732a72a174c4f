# SPDX-License-Identifier: GPL-2.0-or-later
#
# Sourced, here and in a Host: what the Wedge takes of a Host's memory.

# memory_in PID: what a Wedge has for itself, its processes and those of the guest's programs included, a line for each mapping, in KB, each page that several
# have once: all but the guest's RAM, and but for the text of programs, whose pages are those of the file, there once for all machines.
memory_in() {
	descendants=$1 last=
	while [ "$descendants" != "$last" ]; do
		last=$descendants
		descendants=$(cat /proc/[0-9]*/stat 2>/dev/null | sed 's/^\([0-9]*\) (.*) [A-Za-z] \([0-9]*\) .*/\1 \2/' | awk -v known=" $last " '
			{ if (index(known, " " $1 " ") || index(known, " " $2 " ")) printf "%s ", $1 }' | sed 's/ $//')
	done
	for process in $descendants; do
		awk -v who="$process $(cat "/proc/$process/comm" 2>/dev/null)" '
			/^[0-9a-f]+-[0-9a-f]+ / { name = $1 " " $2 " " $6; not_its_own = /memfd:guest-ram/ || $2 ~ /^r-.p/ }
			/^Pss:/ && !not_its_own { print $2, "KB of", who, "at", name }' "/proc/$process/smaps" 2>/dev/null
	done
}

# memory_of PID: all of that; and behind it what is more than 256 KB.
memory_of() {
	memory_in "$1" | awk '{ sum += $1 } $1 > 256 { large = large $0 "\n" } END { printf "%d\n%s", sum, large }'
}
