# SPDX-License-Identifier: GPL-2.0-or-later
#
# The objects: what ld, objcopy, strip, ar and nm make of them, and what our tools say about damaged ones.
# Sourced by run.

cases=$top/tests/toolchain/cases
"$cc" $kernel_flags -c "$cases/kregions.S" -o k.o
"$cc" $kernel_flags -c "$cases/macros.S" -o m.o
"$cc" $kernel_flags -c "$cases/dead.c" -o d.o

linked() {
	# Addresses of a linked file are where the instructions lie, and ld -r keeps every record.
	"$target-objcopy" --redefine-sym f=h m.o m2.o && "$target-ld" -r -o all.o k.o m2.o d.o &&
	"$target-ld" -z max-page-size=4096 -Ttext=0x10000 --defsym=g=0x10000 -e 0 -o all all.o &&
	[ "$("$bin/afterburn-dump" all | wc -l)" = "$(for o in k.o m2.o d.o; do "$bin/afterburn-dump" $o; done | wc -l)" ] &&
	"$bin/afterburn-dump" all | awk '$3 == "site" && $4 != "eret" { print $1, $4 }' | sort >records.txt &&
	"$target-objdump" -d all | awk '$3 ~ /^(d?m[ft]c0|di|ei|cache)$/ { sub(":", "", $1); printf "%016s %s\n", $1, $3 }' |
		sed 's/^ */0000000000000000/; s/^0*\([0-9a-f]\{16\}\) /\1 /' | sort >code.txt &&
	diff records.txt code.txt
}
check "ld -r and ld: each record lies on its instruction" linked

other_tools() {
	"$target-objcopy" k.o k2.o && "$target-strip" -g -o k3.o k.o && "$target-ar" rcs k.a k.o d.o &&
	"$target-readelf" -aW k.o >readelf.txt 2>&1 && ! grep -iE 'warning|error|corrupt' readelf.txt &&
	for o in k2.o k3.o; do
		"$bin/afterburn-dump" $o >o.txt && "$bin/afterburn-dump" k.o | diff - o.txt || return 1
	done
}
check "objcopy, strip, ar and readelf take the object" other_tools

clean_symbols() { ! "$target-nm" -a k.o m.o d.o | grep -i afterburn_; }
check "no symbol of ours in the object" clean_symbols

not_allocated() { "$target-readelf" -SW all | grep ' \.afterburn ' | grep -v ' A'; }
check "the section is not allocated" not_allocated

finish_twice() { cp k.o twice.o && "$bin/afterburn-finish" twice.o && cmp k.o twice.o; }
check "a complete object stays as it is" finish_twice

leaves_others() {
	echo text >text.o && cp text.o before.o && "$bin/afterburn-finish" text.o && cmp text.o before.o &&
	cp "$bin/afterburn-dump" native && "$bin/afterburn-finish" native && cmp native "$bin/afterburn-dump"
}
check "afterburn-finish leaves other files alone" leaves_others

# The linker makes section symbols; an object whose text has none gets one, and relocations stay right.
no_section_symbol() {
	printf '\t.globl g\n\t.globl h\n\t.text\ng:\t.word 0x40086000\n\tjal h\nh:\tjr $31\n' >bare.S
	"$cc" $kernel_flags -c bare.S -o bare.o && "$bin/afterburn-dump" bare.o | grep unpadded &&
	"$target-objdump" -dr bare.o | grep 'R_MIPS_26.*h$'
}
check "section symbols and renumbered relocations" no_section_symbol

many_sections() {
	awk 'BEGIN { for (i = 0; i < 3000; i++) printf "void f%d(void) { __asm__(\"di\"); }\n", i }' >many.c
	"$cc" $kernel_flags -ffunction-sections -O1 -c many.c -o many.o &&
	[ "$("$bin/afterburn-dump" many.o | grep -c 'di zero.*block-start')" = 3000 ]
}
check "3000 sections" many_sections

# Branches over many sites: the padding must be in GCC's length of the asm, or gas cannot reach.
far_branch() {
	{
		echo 'int f(int x) { if (x) {'
		awk 'BEGIN { for (i = 0; i < 9000; i++) print "__asm__ volatile(\"di\");" }'
		echo '} return x; }'
	} >far.c
	"$cc" $kernel_flags -c far.c -o far.o
}
check "a branch over 9000 sites reaches" far_branch

json() {
	"$bin/afterburn-dump" --json all >all.json && python3 -c '
import json
records = json.load(open("all.json"))
assert any(r["kind"] == "kregion" and r["end"] > r["address"] for r in records)
assert any(r["kind"] == "site" and r["insn"] == "di" and 1 in r["dead"] for r in records)'
}
if command -v python3 >/dev/null; then
	check "--json is JSON" json
else
	number=$((number + 1))
	echo "ok $number - --json is JSON # SKIP no python3 to read it"
fi

summary() { "$bin/afterburn-dump" --summary all | grep -q '^kregion  *[1-9]'; }
check "--summary" summary

# damaged NAME OFFSET BYTES EXPECTED: a record section with these bytes changed is refused with this line.
damaged() {
	"$target-objcopy" -O binary -j .afterburn --set-section-flags .afterburn=alloc all section.bin
	# shellcheck disable=SC2059 # octal escapes
	printf "$3" | dd of=section.bin bs=1 seek="$2" conv=notrunc 2>/dev/null
	"$target-objcopy" --update-section .afterburn=section.bin all damaged
	complaint "$1" "$4" "$bin/afterburn-dump" damaged
}
damaged "a wrong version is refused" 40 '\011' "record 1 at offset 0x28: version 9, this program reads version 1"
damaged "size 0 is refused" 2 '\000\000' "record 0 at offset 0: size 0"
damaged "a size beyond the end is refused" 2 '\100\100' "bytes are left of the section"
complaint "a file that is not there" "No such file" "$bin/afterburn-dump" nowhere
complaint "a file that is not ELF" "not an ELF64 file for MIPS" "$bin/afterburn-dump" text.o
head -c 3000 all >short
complaint "a file that was cut" "lie outside the file\|lies outside the file" "$bin/afterburn-dump" short

# GCC lets a caller keep a value in a register that its callee does not touch (-fipa-ra): a register that the
# callee's site hands out is touched. With a0-a7 out of the way plain GCC keeps it
# in v0, ours must save it in s0.
kept_by_caller() {
	cat >caller.c <<'END'
static __attribute__((noinline)) void callee(void) { __asm__ volatile("di" ::: "memory"); }
long caller(volatile long *p) { long kept = *p; callee(); return kept; }
END
	fixed="-ffixed-3 -ffixed-4 -ffixed-5 -ffixed-6 -ffixed-7 -ffixed-8 -ffixed-9 -ffixed-10 -ffixed-11"
	"$gcc" $kernel_flags $fixed -S caller.c -o caller.s && ! grep '\$16' caller.s &&
	"$cc" $kernel_flags $fixed -c caller.c -o caller.o && "$bin/afterburn-dump" caller.o | grep 'dead=at,v0,t0' &&
	"$target-objdump" -d --disassemble=caller caller.o >caller.txt && grep 's0' caller.txt
}
check "a caller keeps nothing in what its callee hands out" kept_by_caller

# The second opinion, from the words of the code.
agrees() {
	for o in k.o m.o d.o all many.o; do
		"$bin/afterburn-check" $o >agrees.txt || { cat agrees.txt; return 1; }
		grep -q ' 0 findings, 0 doubts' agrees.txt || { cat agrees.txt; return 1; }
	done
}
check "afterburn-check: code and records agree" agrees

uncovered() {
	"$gcc" $kernel_flags -c "$cases/kregions.S" -o stock.o && ! "$bin/afterburn-check" stock.o >stock.txt &&
	grep 'uncovered: 42000018 eret without a record$' stock.txt && grep 'names k0 or k1' stock.txt && grep '^3 sensitive instructions, 0 site' stock.txt
}
check "afterburn-check: a stock object is uncovered" uncovered

# A mask that claims too much, and code that was changed behind the build's back.
lying() {
	"$cc" $kernel_flags -S "$cases/dead.c" -o lying.s &&
	sed -i 's/\.Lafterburn_dead, 0x[0-9a-f]*/.Lafterburn_dead, 0xfe/' lying.s &&
	"$cc" $kernel_flags -c lying.s -o lying.o && "$bin/afterburn-check" lying.o | grep 'leave a0 dead'
}
check "afterburn-check: a register that is not dead" lying
changed() {
	"$target-objcopy" -O binary -j .text all text.bin &&
	printf '\000\000\000\000' | dd of=text.bin bs=1 seek=4 conv=notrunc 2>/dev/null &&
	"$target-objcopy" --update-section .text=text.bin all all.changed &&
	! "$bin/afterburn-check" all.changed >changed.txt && grep 'is not what its record says' changed.txt
}
check "afterburn-check: code that was changed" changed

# --- What a source can do to the macros ---

# says NAME STATUS EXPECTED SOURCE: what is assembled ends so, and the line is there; GCC's and gas's own lines as well.
says() {
	printf "$4" >says.s
	"$cc" $kernel_flags -c says.s -o says.o >says.txt 2>&1
	[ $? -eq "$2" ] && { [ -z "$3" ] || grep -q "$3" says.txt; }
	result "$1" $? says.txt
}
says "a macro of the source's with the name of one of ours" 1 "^afterburn-gcc: says.s:2: '.macro ei' defines a macro that afterburn-gcc has defined" \
	'\tnop\n\t.macro ei\n\tnop\n\t.endm\n'
says "in capitals" 1 "^afterburn-gcc: says.s:1: '.macro mfc0' " '\t.MACRO MFC0 a, b\n\tnop\n\t.endm\n'
says "another error says nothing of macros" 1 '^says.s:1: Error' '\tnosuchinsn\n'
! grep -q afterburn-gcc says.txt
result "nothing but gas's own there" $? says.txt
says ".purgem of one of our macros" 0 "^afterburn-gcc: says.s:1: '.purgem mtc0' takes away the macro" '\t.purgem mtc0\n\tmtc0 $8, $12\n'
"$bin/afterburn-dump" says.o | grep -q 'mtc0.*unpadded'
result "what follows is recorded, unpadded" $? says.o
says ".purgem of another macro, and a .word" 0 '' '\t.macro m\n\t.endm\n\t.purgem m\n\t.word 0x40086000\n'
[ ! -s says.txt ]
result "nothing to say of that" $? says.txt
for isa in micromips mips16; do
	rm -f says.o
	says ".set $isa" 1 "^afterburn-gcc: says.o: [micros]*MIPS[16]* code, in which nothing can be recorded" "\t.set $isa\nf:\tnop\n\t.set no$isa\n"
	[ ! -e says.o ] && "$cc" --no-afterburn $kernel_flags -c says.s -o says.o
	result ".set $isa leaves no object, and GCC's with --no-afterburn" $?
done

# --- Objects that no pass has completed ---

without_relocations() {
	"$target-objcopy" -R .rela.afterburn k.o torn.o && ! "$bin/afterburn-dump" torn.o 2>torn.txt && cat torn.txt &&
	grep '^afterburn-dump: torn.o: records without relocations.*\.rela\.afterburn' torn.txt && ! "$bin/afterburn-check" torn.o
}
check "records without their relocations are refused" without_relocations

# Linked together with an object of GCC's own, which uses k0 and has no record to say so.
unseen() {
	printf '\t.globl stock\n\t.ent stock\nstock:\tmove $26, $4\n\tjr $31\n\t.end stock\n' >stock.s && "$gcc" $kernel_flags -c stock.s -o stock.o &&
	"$target-ld" -r -o part.o k.o stock.o && ! "$bin/afterburn-check" part.o >unseen.txt; cat unseen.txt
	grep ' stock+0x0: unseen: .*begins [0-9]* words that no object pass has seen' unseen.txt && [ "$(grep -c ': unseen: ' unseen.txt)" = 1 ] &&
	"$bin/afterburn-finish" stock.o && "$target-ld" -r -o part.o k.o stock.o && "$bin/afterburn-check" part.o
}
check "afterburn-check: code that no object pass has seen" unseen

# A name in a delay slot, with k0 live: nothing can guard it.
entry_in_slot() {
	cat >slot.S <<'END'
	.set	noreorder
	.globl	f
	.ent	f
f:	mfc0	$26, $13
	bnez	$8, 1f
inside:	move	$9, $26
1:	jr	$31
	 nop
	.end	f
END
	"$cc" $kernel_flags -c slot.S && ! "$bin/afterburn-check" slot.o >entry.txt; cat entry.txt
	grep ' inside+0x0: k-entry: ' entry.txt && [ "$(grep -c k-entry entry.txt)" = 1 ]
}
check "afterburn-check: a way into a k-region that nothing guards" entry_in_slot
