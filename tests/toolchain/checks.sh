# SPDX-License-Identifier: GPL-2.0-or-later
#
# What the tools say about a file: every class of findings of afterburn-check, its list of known ones, lines of the
# source, JSON, and afterburn-diff. Sourced by run.

# One function for each class, its name the class. Not afterburnt, so that the checker has something to find; the data
# hold a whole ELF file.
cat >class.S <<'END'
	.text
	.set	noreorder
	.macro	function name
	.globl	\name
	.type	\name, @function
\name:
	.endm
	.macro	done name
	jr	$31
	 nop
	.size	\name, . - \name
	.endm
	function uncovered
	mfc0	$8, $12
	done	uncovered
	function k_use
	move	$8, $26
	done	k_use
	function fp
	mtc1	$8, $f0
	done	fp
	function cop0
	.word	0x42000004	# tlbinvf
	done	cop0
	function cop2
	.word	0x482c0201	# dmfc2
	done	cop2
	function octeon
	.word	0x70641828	# baddu
	done	octeon
	function blank
	.space	80
	done	blank
	.balign	128
	function innocent
	ldl	$8, 7($4)
	done	innocent
	.data
	.globl	image
	.balign	8
image:	.incbin	"embedded.o"
END
printf '\tmfc0 $8, $12\n\ttlbwi\n' >embedded.s && "$gcc" $kernel_flags -c embedded.s
"$gcc" $kernel_flags -g1 -c class.S -o class.o
"$bin/afterburn-check" class.o >class.txt

for class in uncovered k-use fp cop0 cop2 octeon blank; do
	check "afterburn-check: $class, with its line" grep -E "class\.S:[0-9]+: $(echo $class | tr - _)\+0x[04]: $class: " class.txt
done
line_is_right() { [ "$(sed -n 's/.*class\.S:\([0-9]*\): uncovered+.*/\1/p' class.txt)" = "$(sed -n '/mfc0/=' class.S)" ]; }
check "afterburn-check: the line is the instruction's" line_is_right
check "afterburn-check: embedded" grep '^\.data+0x.*: image+0x.*: embedded: 42000002 tlbwi in .text' class.txt
counted() { [ "$(grep -c ': embedded: ' class.txt)" = 2 ] && ! grep innocent class.txt && grep ' 1 halves of unaligned accesses' class.txt; }
check "afterburn-check: nothing else" counted

# What only an afterburnt object can show.
cat >site.classes.S <<'END'
	.text
	.set	noreorder
	.globl	f
	.ent	f
f:	ll	$8, 0($4)
	rdhwr	$9, $2
	sc	$8, 0($4)
	beqz	$8, f
	 di
	.word	0x40086000
	jr	$31
	 nop
	.end	f
END
site_classes() {
	"$cc" $kernel_flags -c site.classes.S -o sc.o && ! "$bin/afterburn-check" sc.o >sc.txt && cat sc.txt &&
	grep ': ll-sc: .*stands between LL and SC' sc.txt && grep ': delay-slot: .*di is in a delay slot' sc.txt &&
	grep ': unpadded: .*mfc0 has no NOPs' sc.txt && grep ' 3 findings' sc.txt
}
check "afterburn-check: ll-sc, delay-slot, unpadded" site_classes

known() {
	printf '# reasons\n\nuncovered\tun*\tfor the test\nk-use k_use r\nfp fp r\ncop0 cop0 r\ncop2 cop2 r\nocteon octeon r\nblank blank r\nembedded image r\n' >known
	"$bin/afterburn-check" --known known class.o >known.txt && grep ' 0 findings, 0 doubts, 9 known, 0 stale' known.txt &&
	! grep '[0-9]: fp+' known.txt &&
	echo 'fp nowhere reason' >>known && ! "$bin/afterburn-check" --known known class.o >known.txt &&
	grep '^known:11: stale: there is no finding .fp. in .nowhere.' known.txt
}
check "afterburn-check --known" known
perhaps() {
	printf '%s\n' 'fp? nowhere reason' >>known.perhaps && printf 'uncovered un* r\nk-use k_use r\nfp? fp r\ncop0 cop0 r\ncop2 cop2 r\nocteon octeon r\nblank blank r\nembedded image r\n' >>known.perhaps
	"$bin/afterburn-check" --known known.perhaps class.o
}
check "afterburn-check --known: what need not be there" perhaps
complaint "a known finding without a reason" "^afterburn-check: known.bad:1: 'fp' wants a function and a reason" \
	sh -c 'echo "fp here" >known.bad; exec "$0" --known known.bad class.o' "$bin/afterburn-check"
complaint "a known finding of no class" "^afterburn-check: known.bad:2: 'pf' is no class" \
	sh -c 'printf "# x\npf here why\n" >known.bad; exec "$0" --known known.bad class.o' "$bin/afterburn-check"
complaint "a list that is not there" "^afterburn-check: nowhere: No such file" "$bin/afterburn-check" --known nowhere class.o

check_json() {
	"$bin/afterburn-check" --json --known known class.o >class.json
	python3 -c '
import json
c = json.load(open("class.json"))
assert len(c["findings"]) == 9 and c["known"] == 9 and c["unexplained"] == 0 and len(c["stale"]) == 1
assert all(f["known"] for f in c["findings"])
f = [f for f in c["findings"] if f["class"] == "cop0"][0]
assert f["file"].endswith("class.S") and f["line"] > 20 and f["symbol"] == "cop0+0x0" and f["word"] == 0x42000004'
}
if command -v python3 >/dev/null; then
	check "afterburn-check --json is JSON" check_json
else
	number=$((number + 1))
	echo "ok $number - afterburn-check --json is JSON # SKIP no python3 to read it"
fi

# Lines: several sections, both byte orders, and line tables that lie elsewhere.
lines_of_objects() {
	printf '__attribute__((section(".other"))) void g(void)\n{\n\t__asm__("ei");\n}\nvoid f(void)\n{\n\t__asm__("di");\n}\n' >lines.c
	for order in -EL -EB; do
		"$cc" $kernel_flags $order -g1 -c lines.c -o lines.o && "$bin/afterburn-dump" lines.o >lines.txt && cat lines.txt &&
			grep ' di .*lines\.c:7$' lines.txt && grep ' ei .*lines\.c:3$' lines.txt || return 1
	done
	"$cc" $kernel_flags -c lines.c -o lines.o && ! "$bin/afterburn-dump" lines.o | grep 'lines\.c'
}
check "afterburn-dump: lines in each section of an object" lines_of_objects
split() {
	"$cc" $kernel_flags -g1 -c lines.c -o lines.o && "$target-ld" -Ttext=0x10000 -e 0 -o lines.debug lines.o &&
	"$target-objcopy" --strip-debug --add-gnu-debuglink=lines.debug lines.debug lines.stripped &&
	"$bin/afterburn-dump" lines.stripped | grep ' di .*lines\.c:7$' &&
	echo >>lines.debug && ! "$bin/afterburn-dump" lines.stripped | grep 'lines\.c'
}
check "afterburn-dump: lines in a file of their own, if it is the right one" split

differ() {
	printf 'static void f(void) { __asm__("di"); }\nvoid g(void) { __asm__("ei"); }\nvoid h(void) { f(); }\n' >old.c
	printf 'static void f(void) { __asm__("di"); __asm__("di"); }\nvoid g(void) { __asm__("ei $8"); }\nvoid i(void) { __asm__("wait"); }\nvoid h(void) { f(); }\n' >new.c
	"$cc" $kernel_flags -c old.c && "$cc" $kernel_flags -c new.c && "$bin/afterburn-diff" old.o old.o &&
	! "$bin/afterburn-diff" old.o new.o >diff.txt && cat diff.txt &&
	grep '^+ h+0x8 *site *di zero' diff.txt && grep '^< g+0x0 *site *ei zero' diff.txt && grep '^> g+0x0 *site *ei a4' diff.txt &&
	grep '^+ i+0x0 *site *wait' diff.txt && grep '^di *1 added, 0 removed, 0 changed$' diff.txt &&
	"$bin/afterburn-diff" new.o old.o | grep '^- i+0x0 *site *wait'
}
check "afterburn-diff: added, removed, changed" differ
complaint "afterburn-diff: a file that is not there" "^afterburn-diff: none.o: No such file" "$bin/afterburn-diff" old.o none.o
status_two() { "$bin/afterburn-diff" old.o none.o; [ $? -eq 2 ] && ! "$bin/afterburn-diff" old.o 2>/dev/null; }
check "afterburn-diff: trouble is exit status 2" status_two
