# SPDX-License-Identifier: GPL-2.0-or-later
#
# A round of profile feedback without a Wedge: a kernel is built, a profile of it written by hand, the report says at
# which lines it trapped, and the next build has sites there. Sourced by run; accesses.sh before it.

cat >kernel.c <<'END'
static inline void poke(int *p) { *p = 1; }
void first(int *p) { poke(p + 1); }
int second(int *p, int x)
{
	int *q = p + x;
	return *q + 5;
}
int third(int *p) { return *p; }
int sensitive(void) { int r; __asm__ volatile("mfc0 %0, $12" : "=r"(r)); return r; }
int unseen(void) { int r; __asm__ volatile(".word 0x40026000\n\tmove %0, $2" : "=r"(r) :: "$2"); return r; }
END
printf '\t.globl made\n\t.text\nmade:\t.space 32\n\t.globl hand\nhand:\tlw $2, 0($4)\n\tjr $31\n\tnop\n' >hand.S

# kernel FILE [OPTION...]
kernel() {
	linked=$1
	shift
	"$cc" $kernel_flags -g1 "$@" -c kernel.c -o kernel.o && "$cc" $kernel_flags -g1 -c hand.S -o hand.o &&
	"$target-ld" -z max-page-size=4096 -Ttext=0xffffffff80100000 -e 0xffffffff80100000 -o "$linked" kernel.o hand.o
}

# at FUNCTION MNEMONIC: the address of the first such instruction in the function.
at() {
	"$target-objdump" -dz --no-show-raw-insn --disassemble="$1" kernel |
		sed -n "s/^\(ffffffff[0-9a-f]*\):[[:space:]]*$2.*/0x\1/p" | head -n 1
}

# The hash of the kernel that this profile should name.
hash_of_kernel() {
	"$bin/afterburn-report" profile kernel 2>&1 | sed -n 's/.* is \([0-9a-f]\{16\}\); .*/\1/p'
}

write_profile() {
	printf 'afterburn-profile 1\nkernel 0\n' >profile
	printf 'afterburn-profile 1\nkernel %s\n# by hand\n' "$(hash_of_kernel)" >profile.new
	cat >>profile.new <<END
30 SIGBUS $(at second lw)
40 SIGBUS $(at third jr)
10 SIGBUS $(at first jr)
5 SIGBUS $(at first jr)
6 SIGILL $(at sensitive mfc0)
3 SIGILL $(at unseen mfc0)
2 SIGILL $(at made nop)
2 SIGBUS $(at hand lw)
1 SIGBUS 0xffffffffc0001000
1 SIGBUS $(at second addiu)
END
	mv profile.new profile
}

cat >report.expected <<END
afterburn-places 1
# 100 traps, 85 at places that can be padded
# traps share what function file:line
40 40.0% SIGBUS/slot third kernel.c:8
30 30.0% SIGBUS second kernel.c:6
15 15.0% SIGBUS/slot first kernel.c:2
# 6 6.0% SIGILL sensitive+0x0 (has a pad, and was not burnt)
# 3 3.0% SIGILL unseen+0x0 (written as a word, where no macro sees it)
# 2 2.0% SIGBUS hand+0x4 (an assembler source; afterburn_lw for lw pads it)
# 2 2.0% SIGILL made+0x0 (code made at run time)
END
reports() {
	kernel kernel -fno-reorder-functions && write_profile && cat profile && "$bin/afterburn-report" profile kernel >report.txt || return 1
	# Two lines are left out: what stands at those addresses is a matter of the compiler.
	sed '/^# 1 1.0%/d; s|[^ ]*/kernel.c|kernel.c|' report.txt | diff report.expected - && [ "$(grep -c '^# 1 1.0%' report.txt)" = 2 ]
}
check "afterburn-report: places, shares, and why the rest cannot be padded" reports

next_build() {
	[ "$("$bin/afterburn-dump" kernel | grep -c access)" = 0 ] &&
	kernel kernel2 --afterburn-profile=report.txt &&
	"$bin/afterburn-dump" kernel2 | squeeze | sed -n 's/^[^ ]* \([a-z]*\)+0x[0-9a-f]* access \([a-z]*\) .*/\1 \2/p' | sort >sites.txt &&
	printf 'first sw\nsecond lw\nthird lw\n' | diff - sites.txt
}
check "the next build has sites where the last one trapped" next_build

stripped() {
	"$target-strip" -g -o kernel.stripped kernel && cp kernel kernel.debug &&
	"$target-objcopy" --add-gnu-debuglink=kernel.debug kernel.stripped kernel.linked &&
	"$bin/afterburn-report" profile kernel.linked >linked.txt && grep '^30 30.0% SIGBUS second .*/kernel.c:6$' linked.txt
}
check "afterburn-report: lines from the file that .gnu_debuglink names" stripped

# refused NAME CONTENT EXPECTED
refused() {
	printf "$2" >refused.txt
	complaint "$1" "$3" "$bin/afterburn-report" refused.txt kernel
}
refused "afterburn-report: an empty file" '' "refused.txt:1: .*'afterburn-profile 1' would be right here"
refused "afterburn-report: another version" 'afterburn-profile 2\n' "refused.txt:1: "
refused "afterburn-report: no kernel" 'afterburn-profile 1\n' "refused.txt:2: .*'kernel HASH' would be right here"
refused "afterburn-report: a line that is none" 'afterburn-profile 1\nkernel 1\n\n7 SIGBUS\n' "refused.txt:4: .*'COUNT REASON ADDRESS'"
refused "afterburn-report: an address that is none" 'afterburn-profile 1\nkernel 1\n7 SIGBUS 0x1002\n' "refused.txt:3: "
refused "afterburn-report: another kernel" 'afterburn-profile 1\nkernel 1\n' "refused.txt: of kernel 0000000000000001, but kernel is [0-9a-f]\{16\}"
complaint "afterburn-report: no profile" "No such file" "$bin/afterburn-report" nowhere kernel
cp kernel.stripped kernel.bare
complaint "afterburn-report: a kernel without line tables" "kernel.bare: no line tables" "$bin/afterburn-report" profile kernel.bare
