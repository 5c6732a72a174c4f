# SPDX-License-Identifier: GPL-2.0-or-later
#
# Sourced, here and in a Host: what the Wedge takes of a Host's memory.

# memory_of PID: the KB that a Wedge has for itself, its processes and those of the guest's programs included, each page that several have once: all but the guest's RAM.
memory_of() {
	descendants=$1 last=
	while [ "$descendants" != "$last" ]; do
		last=$descendants
		descendants=$(cat /proc/[0-9]*/stat 2>/dev/null | sed 's/^\([0-9]*\) (.*) [A-Za-z] \([0-9]*\) .*/\1 \2/' | awk -v known=" $last " '
			{ if (index(known, " " $1 " ") || index(known, " " $2 " ")) printf "%s ", $1 }' | sed 's/ $//')
	done
	for process in $descendants; do
		cat "/proc/$process/smaps" 2>/dev/null
	done | awk '/^[0-9a-f]+-[0-9a-f]+ / { ram = /memfd:guest-ram/ } /^Pss:/ && !ram { sum += $2 } END { print sum + 0 }'
}
