# SPDX-License-Identifier: GPL-2.0-or-later
#
# Loads and stores that are sites because a file says so: each row of abi/accesses.def, each kind of mark, the
# places of a profile, and files that are wrong. Sourced by run.

# Rows as "ID NAME BITS WORDS".
accesses() {
	sed -n 's/^ACCESS( *\([0-9]*\), *\([a-z]*\), *[^,]*, *\([0-9]*\), *\([0-9]*\))/\1 \2 \3 \4/p' "$top/abi/accesses.def"
}

access_row() {
	printf '\t.text\n\t.globl f\nf:\tafterburn_%s $8, -8($9)\n\tssnop\n\t%s $8, -8($9)\n' "$1" "$1" >access.S
	"$cc" $kernel_flags -c access.S -o access.o && "$bin/afterburn-dump" access.o | squeeze >access.txt && cat access.txt &&
	[ "$(cat access.txt)" = ".text+0x0000 f+0x0 access $1 a4, -8(a5) words=$3 width=$2 block-start asm" ] &&
	"$bin/afterburn-check" access.o
}
accesses >accesses.txt
[ "$(wc -l <accesses.txt)" = 11 ]
result "abi/accesses.def has the rows that this test knows" $?
while read -r id insn bits words; do
	check "row $id, $insn, in a .S file" access_row "$insn" "$bits" "$words"
done <accesses.txt

cat >marks.c <<'END'
typedef struct { unsigned long pte; } pte_t;
struct device { unsigned char status; struct { int a[4]; } inner; };
typedef unsigned int reg __attribute__((mmio));
extern struct device a_device __attribute__((mmio));
static inline int inlined(volatile int *p) { return *p; }
void set_pte(pte_t *p, pte_t v) { *p = v; }
int through_type(struct device *d) { return d->inner.a[2]; }
int through_attribute(reg *r) { return *r; }
__attribute__((mmio)) int marked_function(volatile int *p, int *q) { return *p + *q; }
int by_file(volatile int *p) { return p[1]; }
int by_function(volatile int *p, int *q) { int x = inlined(p + 4); return x * *q; }
END
# marked MARKS FUNCTION...: with these marks there are sites in these functions, one in each, and nowhere else.
marked() {
	printf "$1\n" >marks.txt
	shift
	"$cc" $kernel_flags -Wno-attributes --afterburn-sensitive marks.txt -c marks.c -o marks.o && "$bin/afterburn-check" marks.o &&
	[ "$("$bin/afterburn-dump" marks.o | sed -n 's/^[^ ]* *\([a-z_]*\)+.* access .*/\1/p' | tr '\n' ' ')" = "$*${1:+ }" ] ||
	{ "$bin/afterburn-dump" marks.o; return 1; }
}
check "no marks, no sites" marked '# nothing'
check "function: a volatile access, where it was inlined" marked 'function inlined' by_function
check "function: a pattern of the shell" marked 'function in[k-m]i*  # comment' by_function
check "type: a typedef of a structure" marked 'type pte_t' set_pte
check "type: an array inside a structure inside a structure" marked 'type device' through_type
check "attribute: of a function and of a typedef" marked 'attribute mmio' through_attribute marked_function
check "file: volatile accesses whose text is there" marked 'file *marks.c\nfile nowhere.c' marked_function by_file by_function
check "several marks" marked 'type pte_t\n\ntype device\n' set_pte through_type

# The same instructions as GCC's, but for the NOPs and what GCC puts into delay slots: no register differs.
unchanged() {
	printf 'function *\n' >marks.txt
	"$cc" $kernel_flags -fno-delayed-branch --afterburn-sensitive=marks.txt -c "$cases/accesses.c" -o own.o &&
	"$gcc" $kernel_flags -fno-delayed-branch -c "$cases/accesses.c" -o gcc.o &&
	for o in own gcc; do
		"$target-objdump" -dz --no-show-raw-insn $o.o | sed 's/^ *[0-9a-f]*:\t//; s/[0-9a-f]* </</; s/+0x[0-9a-f]*>/>/' |
			grep -v '^nop\|^$\|file format' >$o.txt || return 1
	done
	"$bin/afterburn-dump" own.o | grep -c access && diff gcc.txt own.txt
}
cases=$top/tests/toolchain/cases
check "the code is GCC's, but for the NOPs" unchanged

# A profile names file, line and function; paths may begin elsewhere, and GCC calls copies of a function name.isra.0.
line_of() { grep -n "$1" marks.c | head -n 1 | cut -d : -f 1; }
profiled() {
	printf 'afterburn-places 1\n# comment\n407 65.1%% SIGBUS by_function.isra.0 /elsewhere/%s/marks.c:%s\n%s\n' \
		"${work##*/}" "$(line_of inlined)" "12 1% SIGBUS through_type marks.c:1 # not there" >places
	echo >marks.txt
	"$cc" $kernel_flags -Wno-attributes --afterburn-sensitive marks.txt --afterburn-profile places -c marks.c -o marks.o &&
	"$bin/afterburn-dump" marks.o | squeeze >marks.out && cat marks.out && [ "$(wc -l <marks.out)" = 1 ] &&
	grep 'by_function.* access lw' marks.out
}
check "a profile: the place it names becomes a site, no other" profiled

# wrong NAME OPTION CONTENT EXPECTED
wrong() {
	printf "$3" >wrong.txt
	complaint "$1" "^afterburn-plugin: wrong.txt:$4" "$cc" $kernel_flags "$2" wrong.txt -c marks.c -o wrong.o
}
wrong "marks: an unknown word" --afterburn-sensitive '# x\nfunktion f\n' "2: this is no kind of mark; "
wrong "marks: a word too many" --afterburn-sensitive 'type struct device\n' "1: two words were expected; "
wrong "a profile: no head" --afterburn-profile '407 65%% SIGBUS f a.c:1\n' "1: 'afterburn-places 1' was expected"
wrong "a profile: another version" --afterburn-profile 'afterburn-places 2\n' "1: 'afterburn-places 1' was expected"
wrong "a profile: no line number" --afterburn-profile 'afterburn-places 1\n1 1%% SIGBUS f a.c\n' "2: the last word is not FILE:LINE"
wrong "a profile: words are missing" --afterburn-profile 'afterburn-places 1\n1 1%% SIGBUS f\n' "2: five words were expected"
wrong "a profile: an empty file" --afterburn-profile '' " it is empty; "
complaint "marks: no such file" "^afterburn-plugin: nowhere: No such file" "$cc" --afterburn-sensitive=nowhere -c marks.c -o wrong.o
complaint "--afterburn-profile without a file" "^afterburn-gcc: --afterburn-profile needs a value" "$cc" -c marks.c --afterburn-profile
