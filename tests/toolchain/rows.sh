# SPDX-License-Identifier: GPL-2.0-or-later
#
# Each row of abi/sensitive.def, in an assembler source and in inline asm: the site must have the row's
# number of words, the NOPs must be there, and the record must name the row. Sourced by run.

# Rows as "ID NAME FORM WORDS".
rows() {
	sed -n 's/^SENSITIVE( *\([0-9]*\), *\([a-z0-9]*\), *[^,]*, *[^,]*, *\([A-Z_]*\), *\([0-9]*\))/\1 \2 \3 \4/p' \
		"$top/abi/sensitive.def"
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

# row NAME WORDS SHOWN FILE: one site, padded to WORDS, followed by the marker `ssnop` that the source has.
row() {
	"$cc" $kernel_flags -c "$4" -o row.o || return 1
	"$bin/afterburn-dump" row.o >row.txt
	cat row.txt
	[ "$(grep -c ' site ' row.txt)" = 1 ] || { echo "one site was expected"; return 1; }
	squeeze <row.txt | grep -q " site $1${3:+ $3} words=$2" || { echo "expected: $1 $3 words=$2"; return 1; }
	"$target-objdump" -dz row.o | awk -v name="$1" -v words="$2" '
		$3 == name	{ at = NR; nops = 0; next }
		at && $3 == "nop"	{ nops++; next }
		at && $3 == "ssnop"	{ exit found = (nops == words - 1) ? 0 : 1 }
		END		{ if (!at) exit 1 }' || { echo "not followed by $(($2 - 1)) NOPs"; "$target-objdump" -dz row.o; return 1; }
}

rows >rows.txt
[ -s rows.txt ]
result "abi/sensitive.def has rows that this test can read" $?
while read -r id insn form words; do
	operands_of "$insn/$form"
	printf '\t.text\n\t.globl f\nf:\t%s %s\n\tssnop\n' "$insn" "$written" >row.S
	printf 'void f(void) { __asm__ volatile("%s %s\\n\\tssnop"); }\n' "$insn" "$written" >row.c
	check "row $id, $insn, in a .S file" row "$insn" "$words" "$shown" row.S
	check "row $id, $insn, in inline asm" row "$insn" "$words" "$shown" row.c
done <rows.txt
