# SPDX-License-Identifier: GPL-2.0-or-later
#
# Sourced, here and in a Host: what the Wedge takes of a Host's memory and processors.

# family_of PID: it and all processes that it or they have begun, of a Wedge those of its cores and of the guest's programs.
family_of() {
	family=$1 last=
	while [ "$family" != "$last" ]; do
		last=$family
		family=$(cat /proc/[0-9]*/stat 2>/dev/null | sed 's/^\([0-9]*\) (.*) [A-Za-z] \([0-9]*\) .*/\1 \2/' | awk -v known=" $last " '
			{ if (index(known, " " $1 " ") || index(known, " " $2 " ")) printf "%s ", $1 }' | sed 's/ $//')
	done
	echo "$family"
}

# used_by PID: what all of these, and those that they have waited for, have had of processors so far: in user code and in the kernel, in hundredths of a second.
used_by() {
	for process in $(family_of "$1"); do
		cat "/proc/$process/stat" 2>/dev/null
	done | sed 's/.*) //' | awk '{ user += $12 + $14; kernel += $13 + $15 } END { print user + 0, kernel + 0 }'
}

# memory_in PID: what a Wedge has for itself, its processes and those of the guest's programs included, a line for each mapping, in KB, each page that several
# have once: all but the guest's RAM, and but for the text of programs, whose pages are those of the file, there once for all machines.
memory_in() {
	for process in $(family_of "$1"); do
		awk -v who="$process $(cat "/proc/$process/comm" 2>/dev/null)" '
			/^[0-9a-f]+-[0-9a-f]+ / { name = $1 " " $2 " " $6; not_its_own = /memfd:guest-ram/ || $2 ~ /^r-.p/ }
			/^Pss:/ && !not_its_own { print $2, "KB of", who, "at", name }' "/proc/$process/smaps" 2>/dev/null
	done
}

# memory_of PID: all of that; and behind it what is more than 256 KB.
memory_of() {
	memory_in "$1" | awk '{ sum += $1 } $1 > 256 { large = large $0 "\n" } END { printf "%d\n%s", sum, large }'
}
