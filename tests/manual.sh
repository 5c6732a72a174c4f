# SPDX-License-Identifier: GPL-2.0-or-later
#
# What tests/boot/manual and tests/long/manual share: the blocks of doc/manual.md, as a script that runs them in order, and a
# comparison of what they print. Sourced behind tests/boot.sh.
#
# A block is fenced, and its info string says what it is:
#
#	sh WHERE [WORD]...	commands for a shell. WHERE: `here`, the machine that builds, in the checkout; `host`, a MIPS64
#				Host, or here with --interpret; `guest NAME`, the shell on the console of that machine;
#				`guest`, that of the `console` block before it
#		console		one command, which has the console of a guest as its standard input and output
#		long		too long for `make test`
#		mips64		only on a MIPS64 Host
#		untested	cannot be run by a test: a line above, which begins with "*Not run by a test", says why
#	output			what the block before it prints; `...` stands for anything, on a line of its own for any lines
#	text			neither
#
# Each command has to succeed (sh -e). A block for a guest runs in a shell of its own there, but for one that is just `exit`,
# which ends the guest.

manual=$top/doc/manual.md

# Blocks go to the folder `blocks`: N.sh, and N.output if its output is given. blocks/list has a line for each that can be run: N,
# its line in the manual, and its words. What is wrong with fences is written to blocks/wrong.
split_manual() {
	mkdir -p blocks
	: >blocks/wrong
	: >blocks/list
	awk '
	function wrong(what) { print FILENAME ":" FNR ": " what >"blocks/wrong" }
	!inside && /^```/ {
		info = substr($0, 4)
		inside = 1
		if (info ~ /^sh (here|host|guest)( |$)/) {
			n++
			file = "blocks/" n ".sh"
			if (info !~ / untested/)
				printf "%d %d %s\n", n, FNR, substr(info, 4) >"blocks/list"
			printf "" >file
			if (info ~ / untested/ && above !~ /^\*Not run by a test.*: /)
				wrong("an untested block, without a line above it that says why")
		} else if (info == "output") {
			file = "blocks/" n ".output"
			printf "" >file
			if (above != "```")
				wrong("output has to stand directly behind its commands")
		} else {
			file = ""
			if (info != "text")
				wrong("a block of no known kind: \"" info "\"")
		}
		next
	}
	inside && /^```/ { inside = 0; if (file) close(file); above = "```"; next }
	inside { if (file) print >file; next }
	/^(    |\t)[^ ]/ { wrong("an indented block would not be run") }
	NF { above = $0 }
	END { if (inside) wrong("a block without an end") }' "$manual"
}

# What a session needs in front. It runs in dash and in the ash of busybox. A console is the file $session/raw, and descriptor 3.
session_head() {
	cat <<'END'
set -e
# await EXPRESSION: a line of the console is it, in two minutes.
await() {
	for i in $(seq 600); do ! tr -d '\r' <"$session/raw" | grep -q "$1" || return 0; sleep 0.2; done
	echo "no '$1' in two minutes, but:"; tail -n 20 "$session/raw"
	return 1
}
fresh() { rm -f "$session/in"; mkfifo "$session/in"; : >"$session/raw"; }
attach() {
	fresh
	wedgectl console "$1" <"$session/in" >"$session/raw" 2>&1 & attached=$!
	exec 3>"$session/in"
}
# The shell there listens, has no prompt, and its kernel is silent. What it was told before may be lost, but for the end.
greet() {
	for i in $(seq 240); do
		printf "PS1= PS2=; stty -echo; dmesg -n 1; echo rea''dy\$PS1\n" >&3
		sleep 0.5
		! tr -d '\r' <"$session/raw" | grep -q '^ready$' || return 0
	done
	echo "no shell answers in two minutes, but:"; tail -n 20 "$session/raw"
	return 1
}
# typed BLOCK: its commands are run there, and what they print goes to standard output.
typed() {
	{ echo "echo be''gin; sh -e <<'END OF BLOCK'"; cat "$1"; echo "END OF BLOCK"; echo "echo en''d of it: \$?"; } >&3
	await '^end of it: '
	tr -d '\r' <"$session/raw" | sed -n '/^begin$/,/^end of it: /p' | sed '1d; $d'
	status=$(tr -d '\r' <"$session/raw" | sed -n 's/^end of it: //p')
	return "$status"
}
# guest BLOCK [NAME]
guest() {
	[ -z "${2-}" ] || attach "$2"
	greet
	if [ "$(cat "$1")" = exit ]; then
		echo exit >&3
	else
		typed "$1"
		[ -n "${2-}" ] || return 0
		kill $attached
	fi
	exec 3>&-
	wait $attached || [ -n "${2-}" ]
}
END
}

# session EXPRESSION: the script for the blocks of blocks/list that match it. It has them in $session/blocks, and leaves what they
# print in $session.
session() {
	session_head
	grep -E "^[0-9]+ [0-9]+ $1" blocks/list | while read -r n _ where rest; do
		case "$where $rest" in
		guest*) echo "guest \$session/blocks/$n.sh ${rest%% *} >\$session/$n.got 2>&1" ;;
		*console*)
			printf 'fresh; %s <$session/in >$session/raw 2>&1 & attached=$!\n' "$(cat "blocks/$n.sh")"
			printf 'exec 3>$session/in; : >$session/%s.got\n' "$n" ;;
		*) printf '{\n%s\n} >$session/%s.got 2>&1\n' "$(cat "blocks/$n.sh")" "$n" ;;
		esac
		echo "echo $n >>\$session/done"
	done
}

# as_said EXPECTED GOT: the same, but for `...`.
as_said() {
	awk '
	# A line with "..." in it for anything.
	function like(text, pattern,	n, piece, i, at) {
		n = split(pattern, piece, /\.\.\./)
		if (n < 2)
			return text == pattern
		if (substr(text, 1, length(piece[1])) != piece[1])
			return 0
		text = substr(text, length(piece[1]) + 1)
		for (i = 2; i < n; i++) {
			at = index(text, piece[i])
			if (!at)
				return 0
			text = substr(text, at + length(piece[i]))
		}
		return length(text) >= length(piece[n]) && substr(text, length(text) - length(piece[n]) + 1) == piece[n]
	}
	function same(i, j) {
		if (i > wanted)
			return j > got
		if (want[i] == "...") {
			for (; j <= got + 1; j++)
				if (same(i + 1, j))
					return 1
			return 0
		}
		return j <= got && like(have[j], want[i]) && same(i + 1, j + 1)
	}
	FILENAME == ARGV[1] { want[++wanted] = $0; next }
	{ sub(/\r$/, ""); have[++got] = $0 }
	END { exit !same(1, 1) }' "$1" "$2" && return
	diff "$1" "$2"
	return 1
}

# judge EXPRESSION FOLDER: a result for each of those blocks; what they printed is in FOLDER.
judge() {
	grep -E "^[0-9]+ [0-9]+ $1" blocks/list >chosen
	while read -r n line words; do
		title="line $line, $words: $(sed -n 1p "blocks/$n.sh" | cut -c 1-60)"
		if ! grep -qx "$n" "$2/done" 2>/dev/null; then
			echo "this block failed, or one before it" >failed
			cat "$2/$n.got" >>failed 2>/dev/null
			result "$title" 1 failed
		elif [ -e "blocks/$n.output" ]; then
			check "$title" as_said "blocks/$n.output" "$2/$n.got"
		else
			result "$title" 0
		fi
	done <chosen
}
