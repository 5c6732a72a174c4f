# SPDX-License-Identifier: GPL-2.0-or-later
#
# --afterburn-user: programs in which syscall and rdhwr are padded and recorded, and nothing else is different. Sourced
# by run. What such programs do is seen in tests/boot: the guest's own test programs are made this way.

cat >user.c <<'END'
static __thread int counter;
double half(double x) { return x / 2; }		/* FP is no matter here */
int count(void) { return ++counter; }
long call(long n)
{
	register long v0 __asm__("$2") = n;

	__asm__ volatile("syscall" : "+r" (v0) : : "$7", "$8", "$25", "memory");
	return v0;
}
END
cat >user.S <<'END'
	.text
	.globl	f
	.ent	f
f:	.set	noreorder
	beqz	$4, 1f
	 syscall
1:	rdhwr	$3, $29
	.word	0x0000000c	# syscall that no macro sees
	jr	$31
	 nop
	.end	f
END
user_c() {
	for order in -EL -EB; do
		"$cc" $order --afterburn-user -O2 -c user.c -o user.o && "$bin/afterburn-dump" user.o | squeeze >user.txt && cat user.txt &&
		grep ' count+0x.* site rdhwr v1, $29, 0 words=2 width=64.* user' user.txt &&
		grep ' call+0x.* site syscall words=2 dead=at,t0,.*user' user.txt && [ "$(wc -l <user.txt)" = 2 ] &&
		"$bin/afterburn-check" --user user.o || return 1
	done
}
check "--afterburn-user: TLS of the compiler and inline asm" user_c
user_s() {
	"$cc" --afterburn-user -c user.S -o users.o && "$bin/afterburn-dump" users.o | squeeze >user.txt && cat user.txt &&
	grep ' f+0x4 site syscall words=2 delay-slot asm user' user.txt &&
	grep ' f+0xc site rdhwr v1, $29, 0 words=2 width=64 block-start asm user' user.txt &&
	grep ' f+0x14 site syscall words=1 .*unpadded user' user.txt && [ "$(wc -l <user.txt)" = 3 ]
}
check "--afterburn-user: a .S file" user_s

user_only() {
	"$cc" --afterburn-user -O2 -fno-pic -mno-abicalls -c site.c -o x.o && has_none x.o &&
	printf 'void f(void) { __asm__("syscall"); }\n' >sys.c && "$cc" $kernel_flags -c sys.c -o x.o && has_none x.o &&
	"$bin/afterburn-check" x.o && ! "$bin/afterburn-check" --user x.o
}
check "a kernel has no syscall sites, a program no mfc0 sites" user_only

user_links() {
	"$target-objdump" -d user.o | awk -F '\t' '/^ / && $3 != "nop" { print $3, $4 }' >own.txt
	"$gcc" -EB -O2 -c user.c -o gcc.o && "$target-objdump" -d gcc.o | awk -F '\t' '/^ / && $3 != "nop" { print $3, $4 }' | diff - own.txt
}
check "--afterburn-user: but for the NOPs it is GCC's code" user_links
