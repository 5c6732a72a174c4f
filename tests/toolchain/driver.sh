# SPDX-License-Identifier: GPL-2.0-or-later
#
# The driver: what Kbuild asks must be answered as GCC answers it; errors are GCC's. Sourced by run.

echo 'int one(void) { return 1; }' >plain.c
printf 'int f(void) { int r; __asm__ volatile("mfc0 %%0, $13" : "=r"(r)); return r; }\n' >site.c
printf '\t.text\nf:\tmfc0 $8, $13\n' >site.s
printf '#include "inc.h"\n\t.text\nf:\tmfc0 $8, C\n' >site.S
echo '#define C $13' >inc.h
printf 'int f(void) { return x; }\n' >wrong.c
printf '\tnosuchinsn $8\n' >wrong.s

same "--version" --version
same "-v without input" -v
same "-dumpmachine" -dumpmachine
same "-dumpversion" -dumpversion
same "-print-file-name=plugin" -print-file-name=plugin
same "-print-libgcc-file-name" -print-libgcc-file-name
same "-### shows GCC's own commands" '-###' -O2 -c plain.c
same "-E -P" -E -P plain.c
same "-E of a .S file" -E site.S
same "-M" -M site.S
same "-dM -E of nothing" -dM -E -x c /dev/null
same "no input: GCC's message" -c
same "missing input: GCC's message" -c missing.c -o missing.o
same "wrong option: GCC's message" -fno-such-option -c plain.c -o plain.o
same "wrong -m option" -march=no-such -c plain.c -o plain.o
same "error in C: GCC's message" -c wrong.c -o wrong.o
same "error in assembler: gas's message" -c wrong.s -o wrong.o
same "a warning" -Wall -Wmissing-prototypes -c plain.c -o plain.o
same "compiles /dev/null" -c -x c /dev/null -o /dev/null
same "assembles /dev/null" -c -x assembler-with-cpp /dev/null -o /dev/null
same "Kbuild's as-version" -Wa,--version -c -x assembler-with-cpp /dev/null -o /dev/null
same "Kbuild's cc-option that is wrong" -Werror -mno-such-thing -c -x c /dev/null -o /dev/null

# stdin NAME LANGUAGE SOURCE: a unit from standard input yields a site.
stdin() {
	rm -f stdin.o
	"$cc" $kernel_flags -x "$1" -c -o stdin.o - <"$2" && "$bin/afterburn-dump" stdin.o | grep ' mfc0 .*words=2'
}
check "C from standard input" stdin c site.c
check "assembler from standard input" stdin assembler site.s
check "assembler with cpp from standard input" stdin assembler-with-cpp site.S

has_site() { "$bin/afterburn-dump" "$1" | grep -q ' mfc0 .*words=2'; }
has_none() { [ -z "$("$bin/afterburn-dump" "$1")" ]; }

pipe() { "$cc" $kernel_flags -pipe -c site.c -o pipe.o && has_site pipe.o; }
check "-pipe" pipe

without_o() { rm -f site.o; "$cc" $kernel_flags -c site.c && has_site site.o; }
check "-c without -o" without_o

two() { rm -f site.o plain.o; "$cc" $kernel_flags -c site.c plain.c && has_site site.o && [ -f plain.o ]; }
check "two inputs" two

attached() { "$cc" $kernel_flags -c site.c -oattached.o && has_site attached.o; }
check "-oFILE in one word" attached

response() {
	printf -- '-O2 "-c" site.c\n-o response.o -fno-pic -mno-abicalls' >args.rsp
	"$cc" @args.rsp && has_site response.o
}
check "a response file" response

off() {
	"$cc" $kernel_flags --no-afterburn -c site.c -o off.o && has_none off.o &&
	AFTERBURN=0 "$cc" $kernel_flags -c site.S -o off.o && has_none off.o
}
check "--no-afterburn and AFTERBURN=0" off

off_is_gcc() {
	"$cc" $kernel_flags --no-afterburn -c site.c -o a.o && "$gcc" $kernel_flags -c site.c -o b.o && cmp a.o b.o
}
check "--no-afterburn gives GCC's object byte for byte" off_is_gcc

# All that its object has more is the word that it was looked at.
untouched() {
	"$cc" $kernel_flags -c plain.c -o a.o && "$gcc" $kernel_flags -c plain.c -o b.o && ! cmp a.o b.o &&
	"$target-objcopy" -R .afterburn -R .rela.afterburn a.o c.o && "$target-objcopy" b.o d.o && cmp c.o d.o &&
	[ -z "$("$bin/afterburn-dump" a.o)" ] && "$bin/afterburn-dump" --code a.o | grep '^\.text+0x0000  one+0x0  *code ' &&
	"$cc" --afterburn-user $kernel_flags -c plain.c -o a.o && cmp a.o b.o
}
check "a unit without sensitive code is GCC's, but for a record of that" untouched

dependencies() {
	"$cc" $kernel_flags -Wp,-MMD,own.d -c site.S -o dep.o && "$gcc" $kernel_flags -Wp,-MMD,gcc.d -c site.S -o dep.o &&
	diff gcc.d own.d && grep -q inc.h own.d &&
	"$cc" $kernel_flags -Wp,-MD,own.d -c site.c -o dep.o && "$gcc" $kernel_flags -Wp,-MD,gcc.d -c site.c -o dep.o &&
	without_marks own.d && diff gcc.d own.d
}
# C depends on the marks, and dependencies name them: taken out of such a file. Fails if they are not there.
without_marks() {
	grep -q " $bin/linux\.sensitive" "$1" && sed -i "s| $bin/linux\.sensitive||" "$1"
}
check "dependency files" dependencies

save_temps() {
	mkdir -p temps && "$cc" $kernel_flags -save-temps=obj -c site.c -o temps/site.o && has_site temps/site.o &&
	[ -f temps/site.s ] && [ -f temps/site.i ]
}
check "-save-temps" save_temps

through_s() {
	"$cc" $kernel_flags -S site.c -o through.s && "$cc" $kernel_flags -c through.s -o through.o &&
	"$bin/afterburn-dump" through.o | grep ' mfc0 .*words=2.*dead=at' && ! "$bin/afterburn-dump" through.o | grep asm
}
check "-S, then -c of the .s file, keeps the dead registers" through_s

# complaint NAME EXPECTED COMMAND...: fails with this one line.
complaint() {
	name=$1 expected=$2
	shift 2
	"$@" >complaint.out 2>&1
	status=$?
	{
		[ $status -ne 0 ] || echo "it succeeded"
		[ "$(wc -l <complaint.out)" -eq 1 ] || { echo "more or less than one line:"; cat complaint.out; }
		grep -q "$expected" complaint.out || { echo "expected: $expected; got:"; cat complaint.out; }
	} >complaint.log
	[ ! -s complaint.log ]
	result "$name" $? complaint.log
}
complaint "-flto is refused" "^afterburn-gcc: -flto: " "$cc" -flto -c site.c
complaint "a target without compiler" "no-such-target-gcc" "$bin/afterburn-gcc" --afterburn-target=no-such-target --version
complaint "a target without plugin" "afterburn_plugin.so is missing" \
	env CROSS_COMPILE= "$bin/afterburn-gcc" --afterburn-target=no-such-target -c site.c

mkdir -p lonely && cp "$bin/afterburn-gcc" lonely/
complaint "no target at all" "^afterburn-gcc: for which target?" env CROSS_COMPILE= lonely/afterburn-gcc -c site.c

by_environment() { CROSS_COMPILE="$target-" "$bin/afterburn-gcc" $kernel_flags -c site.c -o env.o && has_site env.o; }
check "the target from CROSS_COMPILE" by_environment

by_option() { "$bin/afterburn-gcc" --afterburn-target="$target" $kernel_flags -c site.c -o opt.o && has_site opt.o; }
check "the target from --afterburn-target" by_option

from_path() { PATH=$bin:$PATH CROSS_COMPILE=$target- afterburn-gcc $kernel_flags -c site.c -o path.o && has_site path.o; }
check "found in PATH" from_path

moved() {
	mkdir -p "mo ved,here" && cp -r "$bin/." "mo ved,here/" &&
	"mo ved,here/$target-afterburn-gcc" $kernel_flags -c site.c -o mv.o && has_site mv.o &&
	"mo ved,here/$target-afterburn-gcc" $kernel_flags -c site.S -o mv.o && has_site mv.o
}
check "works from another folder, with a blank and a comma in its name" moved

killed() {
	printf '#!/bin/sh\nkill -TERM $$\n' >killed-gcc && chmod +x killed-gcc
	sh -c 'CROSS_COMPILE=$2/killed- AFTERBURN=0 "$1" -c site.c' sh "$bin/afterburn-gcc" "$work"
	[ $? -eq 143 ]
}
check "GCC's death by a signal is passed on" killed

exit_code() {
	printf '#!/bin/sh\nexit 77\n' >seven-gcc && chmod +x seven-gcc
	mkdir -p folder/seven && cp -r "$bin/." folder/ && cp "$bin/$target/afterburn_plugin.so" folder/seven/
	CROSS_COMPILE=$work/seven- folder/afterburn-gcc -c site.c
	[ $? -eq 77 ]
}
check "GCC's exit code is passed on" exit_code

# --- As a compiler for others than Kbuild: whatever the options, the same files and messages as GCC's ---

# files NAME ARGS...: both compilers, each in a folder of its own, leave the same files, and the same text in them but
# for what the records change: objects (.o) and assembler output (.s) are only there in both.
files() {
	name=$1
	shift
	for who in gcc cc; do
		rm -rf "as-$who" && mkdir "as-$who" && cp site.c site.S site.s plain.c wrong.c inc.h "as-$who"
		eval "compiler=\$$who"
		# shellcheck disable=SC2154 # set by eval
		# What is the driver's own in them: the marks, which are in dependencies of C and at the end of what -E gives.
		# Lines of dependencies are joined, since where they break depends on how long the names of folders are.
		(cd "as-$who" && "$compiler" $kernel_flags "$@" >out.txt 2>err.txt <site.c; echo $? >status.txt
			sed -i -e ':join' -e '/ \\$/{N;s/ *\\\n */ /;b join' -e '}' \
				-e "s|/tmp/cc[A-Za-z0-9]*||g; s| $bin/linux\.sensitive||; /^# [0-9]* \".*linux\.sensitive\"$/d" \
				$(find . -type f ! -name '*.o'))
	done
	diff -r -x '*.o' -x '*.s' as-gcc as-cc >files.log 2>&1 &&
		diff -r -q as-gcc as-cc 2>&1 | grep '^Only in' >>files.log
	[ ! -s files.log ]
	result "$name" $? files.log
}
files "-MD" -MD -c site.S
files "-MMD -o" -MMD -c site.S -o x.o
files "-MD -MF -MT -MP" -MD -MF deps -MT 'a target' -MP -c site.S -o x.o
files "-MD -MQ" -MD -MF deps -MQ '$(target)' -c site.c -o x.o
files "-M -MF" -M -MF deps site.S
files "-MM -MG" -MM -MG site.S
files "-save-temps" -save-temps -c site.c
files "-save-temps of a .S file" -save-temps -c site.S -o x.o
files "-save-temps=cwd, two sources" -save-temps=cwd -c site.c plain.c
files "-dumpbase" -save-temps -dumpbase odd -c site.c
files "-E -o" -E site.S -o x.i
files "-E -o -" -E -dD site.c -o -
files "-fsyntax-only" -fsyntax-only site.c plain.c
files "several sources, one of them wrong" -c site.c wrong.c plain.c
files "several sources and -o" -c site.c plain.c -o x.o
files "an object among the sources" -c plain.c site.o
files "-c of what GCC does not know" -c inc.h.o
files "-x none" -x c -c inc.h -x none nothing.o
files "-pg" -pg -c site.c
files "-fpatchable-function-entry" -fpatchable-function-entry=4,2 -c site.c
files "-Wa,-L" -Wa,-L -c site.s
files "-xassembler-with-cpp -" -xassembler -c -o x.o -
files "standard input without -o" -x c -c -

files "--compile" --compile site.c
files "--compile --output" --compile --output x.o site.c
files "--output=" --compile --output=x.o site.c
files "--assemble" --assemble site.c
files "--preprocess" --preprocess --output=x.i site.c
files "--language" --language c -c --output x.o inc.h --language=none nothing.o
files "--user-dependencies" --user-dependencies site.S
files "-r" -r -nostdlib site.c site.S -o x.o
files "--pipe" --pipe -c site.c

# Whatever GCC is asked to do, and however: what was assembled on the way has its records, complete ones.
every_spelling() {
	printf '\t.globl g\ng:\tmfc0 $8, $13\n\tjr $31\n' >other.s
	for spelling in '-c -o SPELL' '-c -oSPELL' '--compile --output SPELL' '--compile --output=SPELL' '-c --output SPELL' \
			'-c -x c -o SPELL' '--language c -c -o SPELL' '--language=c --compile -o SPELL' '-r -nostdlib -o SPELL' \
			'-r -nostdlib other.s -o SPELL' '-c -Wa,-mips64r2 -o SPELL' '-c --for-assembler -mips64r2 --include inc.h -o SPELL' \
			'-c --pipe -save-temps=obj -o SPELL' '-nostdlib -Wl,-e,f -o SPELL'; do
		rm -f spell.o
		"$cc" $kernel_flags $(echo "$spelling" | sed 's/SPELL/spell.o/') site.c || { echo "does not compile: $spelling"; return 1; }
		"$bin/afterburn-dump" spell.o >spell.txt
		if ! grep -q ' mfc0 .*words=2' spell.txt || grep incomplete spell.txt || ! "$bin/afterburn-check" spell.o >spell.check; then
			cat spell.txt spell.check
			echo "not complete: $spelling"
			return 1
		fi
	done
	rm -f site.s site.o
	"$cc" $kernel_flags --assemble site.c && mv site.s spell.s && "$cc" $kernel_flags --language=assembler --compile spell.s && has_site spell.o
	printf '\tmfc0 $8, $13\n' >site.s
}
check "all of GCC's spellings" every_spelling

# The options whose argument is the next word, as GCC lists them itself: a source there is no source.
separate() {
	for option in $("$gcc" --help=separate 2>/dev/null | sed -n 's/^  \(-[^ <[]*\).*/\1/p'); do
		case $option in
		*=) continue ;;
		-MD | -MMD | --write-*) continue ;;	# the driver of GCC takes none
		-Hd | -Hf | -Xf | -gnatO) continue ;;	# not of C
		esac
		"$bin/afterburn-gcc" --afterburn-target=nowhere "$option" x.c 2>&1 | grep 'plugin' && { echo "$option"; return 1; }
	done
	:
}
check "the options whose argument is a word of its own" separate

odd_names() {
	mkdir -p odd && cd odd || return 1
	for name in 'a blank.o' './-dash.o' 'semi;colon.o' 'quote"s.o' "apo'strophe.o" 'a$b.o' 'no-suffix' 'comma,at@.o' '--user'; do
		"$cc" $kernel_flags -c ../site.c -o "$name" && has_site "./$name" || return 1
	done
	cp ../site.c 'a b,c.c' && "$cc" $kernel_flags -c 'a b,c.c' && has_site 'a b,c.o'
	cd ..
}
check "-c -o with odd names" odd_names

to_stdout() { "$cc" $kernel_flags -S -o - site.c | grep '^	\.equ \.Lafterburn_dead, 0x' && ! [ -e ./- ]; }
check "-S -o -" to_stdout

others_stay() {
	rm -f site.o && "$cc" $kernel_flags -c site.c wrong.c plain.c 2>/dev/null
	has_site site.o && "$bin/afterburn-dump" site.o | grep -v incomplete &&
	"$gcc" $kernel_flags -c site.c -o stock.o && cp -p stock.o before.o && ! "$cc" $kernel_flags -c wrong.c -o stock.o 2>/dev/null &&
	{ [ ! -e stock.o ] || cmp stock.o before.o; } && cp before.o stock.o && "$cc" $kernel_flags -c plain.c stock.o 2>/dev/null &&
	cmp stock.o before.o
}
check "objects of others, and of what failed, stay as they are" others_stay

# What the tracers of Linux ask for: their code is GCC's own. (In another order: gas puts no site into a delay slot.)
instrumented() {
	for option in -pg -fpatchable-function-entry=3,1; do
		"$cc" $kernel_flags $option -c site.c -o own.o && "$gcc" $kernel_flags $option -c site.c -o gcc.o && has_site own.o || return 1
		"$bin/afterburn-check" own.o || return 1
		for o in own gcc; do
			"$target-objdump" -dr $o.o | awk -F '\t' '$3 != "nop" && /^ / { print $3, $4 }' | sort >$o.txt
			"$target-readelf" -SW $o.o | grep -c patchable_function >$o.count
		done
		diff gcc.txt own.txt && diff gcc.count own.count || return 1
	done
}
check "-pg and -fpatchable-function-entry" instrumented

nested_response() {
	printf -- '-c\n"-pipe"\n@inner.rsp' >outer.rsp && printf -- 'site.c -o nested.o' >inner.rsp
	"$cc" $kernel_flags @outer.rsp && has_site nested.o &&
	printf -- 'site.c --no-afterburn -o nested.o' >inner.rsp && "$cc" $kernel_flags @outer.rsp && has_none nested.o
}
check "response files within response files, with -pipe and our options" nested_response
complaint "-flto in a response file is refused" "^afterburn-gcc: -flto: " sh -c 'echo "-flto -c site.c" >lto.rsp; exec "$0" @lto.rsp' "$cc"
no_lto() { "$cc" $kernel_flags -flto -fno-lto -c site.c -o x.o && has_site x.o; }
check "-flto -fno-lto" no_lto

version() {
	"$cc" --afterburn-version >v1 && grep -E '^afterburn-gcc [0-9a-f]{16}$' v1 && grep "$("$gcc" -dumpfullversion)" v1 &&
	cp -r "$bin/." versions/ && versions/$target-afterburn-gcc --afterburn-version | diff - v1 &&
	echo "# new" >>versions/afterburn.s && ! versions/$target-afterburn-gcc --afterburn-version | diff - v1
}
mkdir versions
check "--afterburn-version changes with the helpers" version

# --- make ---

# make 4.3 does not hand its variables to $(shell), where Kbuild asks what the compiler can. With plugins of several targets
# beside the driver, the answers must be those for the target that make was told, and the object the same.
cat >asks.mk <<'END'
can = $(shell if $(CC) -Werror $(1) -c -x c /dev/null -o asks.tmp >/dev/null 2>&1; then echo "$(1)"; fi)
flags := $(call can,-fno-strict-aliasing) $(call can,--no-afterburn) $(call can,-mno-such-thing)
order := $(shell $(CC) -dumpmachine | grep -q 'mips64el' && echo little || echo big)
deep := $(shell sh -c 'sh -c "$(CC) -dumpmachine; :"; :')
asks.o: asks.c
	echo "$(flags) $(order) $(deep)" >asks.txt
	$(CC) -O2 -fno-pic -mno-abicalls $(filter-out --no-afterburn,$(flags)) -c $< -o $@
END
cat >asks.c <<'END'
int f(int *i, short *s) { *i = 1; *s = 2; __asm__ volatile("di"); return *i; }
END
mkdir -p several/other-linux && cp -r "$bin/." several/ && cp "$bin/$target"/*.so several/other-linux/
asks() { # CC=... VARIABLE=...
	rm -f asks.o asks.txt
	env -u CROSS_COMPILE -u MAKEFLAGS -u MFLAGS -u MAKELEVEL PATH="$work/several:$PATH" $environment make -s -f asks.mk "$@"
}
make_tells() {
	environment=
	asks CC="$target-afterburn-gcc" && has_asks && mv asks.o asks.named.o && mv asks.txt asks.named.txt && cat asks.named.txt &&
	grep '^-fno-strict-aliasing --no-afterburn' asks.named.txt || return 1
	for environment in '' CROSS_COMPILE=other-linux- "CROSS_COMPILE=$target-"; do
		asks CC=afterburn-gcc CROSS_COMPILE="$target-" && cmp asks.o asks.named.o && diff asks.txt asks.named.txt || return 1
	done
	environment="CROSS_COMPILE=$target-"
	asks CC=afterburn-gcc && cmp asks.o asks.named.o && diff asks.txt asks.named.txt
}
has_asks() { "$bin/afterburn-dump" asks.o | grep ' di .*words=2'; }
check "make CROSS_COMPILE=... CC=afterburn-gcc makes what the target's name in CC makes" make_tells
environment=
make_stops() { ! asks CC=afterburn-gcc 2>stops.txt && grep '^afterburn-gcc: for which target' stops.txt; }
check "make without CROSS_COMPILE stops where several are possible" make_stops

# A plugin is for one build of one compiler. The compiler's, and the plugin's, are made up: what counts is when it is made.
rebuilt() {
	mkdir -p fake && printf '#!/bin/sh\nwhile [ $# -gt 0 ]; do [ "$1" != -o ] || out=$2; shift; done\necho "$out" >>%s/made; : >"$out"\n' \
		"$work" >fake/c++ && chmod +x fake/c++
	plugin=$work/made-by/$target/afterburn_plugin.so
	one() {
		: >made
		env -u MAKEFLAGS -u MAKELEVEL PATH="$work/fake:$PATH" make -s -C "$top" TARGET="$target" AFTERBURNER="$work/made-by" \
			CXX="$work/fake/c++" "$plugin"
	}
	one && grep 'afterburn_plugin.so' made && grep 'afterburn_passes.so' made || return 1
	one && ! grep . made || return 1
	printf '#!/bin/sh\n[ "$*" != -v ] || echo "gcc version 99"\nexec %s "$@"\n' "$(command -v "$gcc")" >"fake/$gcc" && chmod +x "fake/$gcc"
	one && grep 'afterburn_plugin.so' made && grep 'afterburn_passes.so' made
}
check "another compiler makes another plugin" rebuilt

# GCC for this machine is another one, and lacks functions that the plugin wants.
mkdir -p "several/$(gcc -dumpmachine)" && cp "$bin/$target"/*.so "several/$(gcc -dumpmachine)/"
complaint "a plugin for another compiler: both are named" \
	"^afterburn-plugin: .* was built for GCC $("$gcc" -dumpfullversion) .* for $target, this is GCC $(gcc -dumpfullversion) .*: build it .*make afterburner" \
	several/afterburn-gcc --afterburn-target="$(gcc -dumpmachine)" -c plain.c -o x.o

# --- Caches of compilers ---

cat >marked.c <<'END'
unsigned int f(unsigned int *p) { return *(volatile unsigned int *)p; }
unsigned int g(unsigned int *p) { return *(volatile unsigned int *)p + 1; }
END
marked() { "$bin/afterburn-dump" "$1" | sed 's/.*  \([fg]\)+.*/\1/' | tr -d '\n'; }
depends_on_marks() {
	echo 'function f' >my.marks && printf 'afterburn-places 1\n1 1%% lw g marked.c:2\n' >my.profile
	"$cc" $kernel_flags -g1 --afterburn-sensitive=my.marks --afterburn-profile=my.profile -MD -c marked.c -o marked.o && cat marked.d &&
	[ "$(marked marked.o)" = fg ] && grep '^marked.o: marked.c my.marks my.profile$' marked.d &&
	"$cc" $kernel_flags -g1 --afterburn-sensitive my.marks -Wp,-MMD,marked.d -c marked.c -o marked.o && grep ' my.marks$' marked.d &&
	"$cc" $kernel_flags --no-afterburn -MD -c marked.c -o marked.o && ! grep my.marks marked.d &&
	"$cc" $kernel_flags --afterburn-sensitive=my.marks -E marked.c -o marked.1 && echo 'function g' >>my.marks &&
	"$cc" $kernel_flags --afterburn-sensitive=my.marks -E marked.c >marked.2 && ! cmp marked.1 marked.2 &&
	"$gcc" $kernel_flags -fpreprocessed -x c -Wall -Werror -c marked.2 -o marked.o
}
check "dependencies and preprocessed text change with the marks" depends_on_marks

# The second time the object comes from the cache, as it was. Other macros are another compiler.
cached() {
	export CCACHE_DIR="$work/ccache" CCACHE_COMPILERCHECK='%compiler% --afterburn-version'
	for n in 1 2; do
		ccache "$cc" $kernel_flags -MD -c site.c -o cached$n.o && ccache "$cc" $kernel_flags -c site.S -o cachedS$n.o || return 1
	done
	ccache --print-stats >stats.txt; grep -E 'direct_cache_hit|preprocessed_cache_hit|cache_miss' stats.txt
	[ "$(awk '/^(direct|preprocessed)_cache_hit/ { n += $2 } END { print n }' stats.txt)" = 2 ] &&
	[ "$(awk '/^cache_miss/ { print $2 }' stats.txt)" = 2 ] &&
	"$cc" $kernel_flags -c site.c -o uncached.o && cmp cached1.o cached2.o && cmp cachedS1.o cachedS2.o &&
	cmp cached1.o uncached.o && has_site cached2.o &&
	ccache versions/$target-afterburn-gcc $kernel_flags -c site.c -o cached3.o && ccache --print-stats | grep '^cache_miss	3$'
}

# In each of its modes, and as it is without any setting, a cache must see that marks have changed, and that they have not.
cache_sees_marks() {
	unset CCACHE_COMPILERCHECK
	mkdir -p marks.bin && cp -rp "$bin/." marks.bin/
	for mode in CCACHE_DIRECT=1 CCACHE_NODIRECT=1 CCACHE_DEPEND=1; do
		rm -rf "$work/ccache"
		cp "$bin/linux.sensitive" marks.bin/
		compile() { # expected, options
			env "$mode" CCACHE_SLOPPINESS=include_file_mtime,include_file_ctime ccache "marks.bin/$target-afterburn-gcc" $kernel_flags -g1 \
				-MD $2 -c marked.c -o marked.o && [ "$(marked marked.o)" = "$1" ] || { echo "$mode, $2: not '$1' but '$(marked marked.o)'"; return 1; }
		}
		: >my.marks && compile '' --afterburn-sensitive=my.marks && echo 'function f' >my.marks && compile f --afterburn-sensitive=my.marks &&
		compile f --afterburn-sensitive=my.marks && echo 'function g' >>my.marks && compile fg --afterburn-sensitive=my.marks || return 1
		[ "$(ccache --print-stats | awk '/^(direct|preprocessed)_cache_hit/ { n += $2 } END { print n }')" = 1 ] || { ccache -s; return 1; }
		printf 'afterburn-places 1\n1 1%% lw g marked.c:2\n' >my.profile && compile g --afterburn-profile=my.profile &&
		printf 'afterburn-places 1\n1 1%% lw f marked.c:1\n' >my.profile && compile f --afterburn-profile=my.profile || return 1
		compile '' && echo 'function f' >>marks.bin/linux.sensitive && compile f || return 1
	done
}
if command -v ccache >/dev/null; then
	check "ccache" cached
	check "ccache sees other marks, and other places" cache_sees_marks
else
	number=$((number + 2))
	echo "ok $((number - 1)) - ccache # SKIP no ccache here"
	echo "ok $number - ccache sees other marks # SKIP no ccache here"
fi
