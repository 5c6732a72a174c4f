# SPDX-License-Identifier: GPL-2.0-or-later
#
# Each row of abi/sensitive.def in each surrounding: the site must have the row's number of words, all its NOPs must
# stand behind the instruction wherever that is, and the record must say so. The table itself, read by the
# preprocessor, makes the sources; at the end it is asked again whether every row has had every surrounding. Sourced by run.

# Rows as "ID NAME FORM WORDS": rows SENSITIVE or rows SENSITIVE_USER
rows() {
	printf '#define %s(...)\n#define %s(ID, NAME, MATCH, MASK, FORM, WORDS) ID NAME FORM WORDS\n#include "abi/sensitive.def"\n' \
		"$([ "$1" = SENSITIVE ] && echo SENSITIVE_USER || echo SENSITIVE)" "$1" |
		gcc -E -P -x c -I "$top" - | grep .
}

# Operands for a form, as written in the source, and as afterburn-dump shows them.
operands_of() {
	case $1 in
	rdhwr/*)		written='$8, $2' shown='a4, $2, 0' ;;
	*/RT_RD_SEL)		written='$8, $12, 2' shown='a4, $12, 2' ;;
	*/RT)			written='$8' shown='a4' ;;
	*/OP_BASE_OFFSET)	written='0x15, -8($8)' shown='0x15, -8(a4)' ;;
	*/BASE_OFFSET)		written='-8($8)' shown='-8(a4)' ;;
	*)			written='' shown='' ;;
	esac
}

# Surroundings: name, the flag of the record that matters (none: neither), and the instructions of the function; SITE is
# the instruction. Behind its NOPs follows `ssnop`, or what the fourth column says.
surroundings() {
	cat <<'END'
plain||SITE; ssnop|
macro||wrapped; ssnop|
macro-argument||insn SITE; ssnop|
repeated||.rept 2; SITE; .endr; ssnop|SITE
reorder||.set reorder; SITE; jr $31|jr
noreorder||.set noreorder; SITE; jr $31; nop|jr
delay-slot|delay-slot|.set noreorder; beqz $8, 9f; SITE; 9: ssnop|
likely-slot|delay-slot|.set noreorder; beql $8, $9, 9f; SITE; 9: ssnop|
call-slot|delay-slot|.set noreorder; jal outside; SITE; ssnop|
behind-slot|none|.set noreorder; beqz $8, 9f; nop; SITE; 9: ssnop|
label-before|block-start|.set noreorder; nop; 8: SITE; ssnop; bnez $8, 8b; nop|
label-behind||.set noreorder; SITE; 8: ssnop; bnez $8, 8b; nop|
labels-between|block-start|1: SITE; 2: SITE; 3: ssnop; bnez $8, 1b; bnez $9, 2b; bnez $10, 3b|SITE
END
}

# The same surroundings as a function in assembler, and as one asm statement in C.
assembler_of() { # NAME TEXT
	printf '\t.globl\tf_%s\n\t.ent\tf_%s\nf_%s:\n\t.set push\n' "$1" "$1" "$1"
	echo "$2" | tr ';' '\n' | sed 's/^ */\t/'
	printf '\t.set pop\n\t.end\tf_%s\n' "$1"
}
c_of() {
	printf 'void f_%s(void)\n{\n\t__asm__ volatile(".set push\\n"\n' "$1"
	echo "$2" | tr ';' '\n' | sed 's/^ *//; s/.*/\t\t"&\\n"/'
	printf '\t\t".set pop" ::: "$8", "$9", "$10", "$31");\n}\n'
}

# Writes both sources for a row whose instruction is $1.
sources() {
	printf '\t.macro wrapped\n\t%s\n\t.endm\n\t.macro insn text:vararg\n\t\\text\n\t.endm\n\t.text\n' "$1" >row.S
	printf '__asm__(".macro wrapped\\n%s\\n.endm\\n.macro insn text:vararg\\n\\\\text\\n.endm");\n' "$1" >row.c
	surroundings | while IFS='|' read -r name flags text next; do
		text=$(echo "$text" | sed "s/SITE/$1/g")
		name=$(echo "$name" | tr - _)
		assembler_of "$name" "$text" >>row.S
		c_of "$name" "$text" >>row.c
	done
}

# What stands behind each NAME of an object: "function, number of NOPs, next mnemonic" for the first of each function.
behind() {
	"$target-objdump" -dz row.o | awk -v name="$1" '
		/^[0-9a-f]+ <f_/	{ function_ = $2; gsub(/[<>:]/, "", function_); seen = 0; next }
		!/^ /			{ next }
		seen == 1 && $3 == "nop"	{ nops++; next }
		seen == 1		{ print function_, nops, $3; seen = 2 }
		!seen && $3 == name	{ seen = 1; nops = 0 }'
}

# row ID NAME WORDS SHOWN FILE OPTION: one result for each surrounding in this file.
row() {
	if ! "$cc" $kernel_flags $6 -c "$5" -o row.o >row.log 2>&1; then
		result "row $1, $2, in $5: compiles" 1 row.log
		return
	fi
	"$bin/afterburn-dump" row.o | squeeze >row.txt
	behind "$2" >behind.txt
	surroundings | while IFS='|' read -r name flags text next; do
		case $next in SITE) next=$2 ;; '') next=ssnop ;; esac
		function=f_$(echo "$name" | tr - _)
		line=$(grep " $function+0x[0-9a-f]* site $2${4:+ $4} words=$3" row.txt | head -n 1)
		has=
		[ -z "$line" ] || has=yes
		case $flags:$line in
		delay-slot:*block-start* | none:*block-start*) has= ;;
		delay-slot:*" delay-slot"*) ;;
		delay-slot:* | *:*" delay-slot"*) has= ;;
		block-start:*" block-start"*) ;;
		block-start:*) has= ;;
		esac
		grep -q "^$function $(($3 - 1)) $next\$" behind.txt || has=
		echo "${has:-no} $1 $2 $5 $name"
	done >row.results
	grep -v '^yes ' row.results >row.bad
	{ cat row.bad; [ ! -s row.bad ] || cat row.txt behind.txt; } >row.log
	[ ! -s row.bad ]
	result "row $1, $2, in $5: $(grep -c . row.results) surroundings" $? row.log
	sed -n 's/^yes //p' row.results >>matrix
}

: >matrix
for list in SENSITIVE SENSITIVE_USER; do
	rows $list >rows.txt
	option=
	[ $list = SENSITIVE ] || option="--afterburn-user -mno-abicalls"
	while read -r id insn form words; do
		operands_of "$insn/$form"
		sources "$insn $written"
		row "$id" "$insn" "$words" "$shown" row.S "$option"
		row "$id" "$insn" "$words" "$shown" row.c "$option"
	done <rows.txt
done

# The matrix, from the table alone.
complete() {
	for list in SENSITIVE SENSITIVE_USER; do
		rows $list | while read -r id insn form words; do
			for file in row.S row.c; do
				surroundings | while IFS='|' read -r name rest; do echo "$id $insn $file $name"; done
			done
		done
	done | sort >matrix.expected
	sort matrix | diff matrix.expected - && [ "$(wc -l <matrix)" -gt 400 ]
}
check "every row in every surrounding, in assembler and in C: $(wc -l <matrix)" complete
