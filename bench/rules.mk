# SPDX-License-Identifier: GPL-2.0-or-later
#
# What things cost, in instructions. The benchmark program runs unchanged on metal, under the Wedge and in the
# Host; bench/run runs it there, bench/report makes a table, JSON and a plot.
#
#	make bench [PEER=qemu] [BENCH_SYSTEMS='...']	metal, Wedge, Host; with PEER also QEMU in the Host
#	make bench-padding				the kernel with and without pads, on metal
#	make bench-whole				packs the whole programs that bench measures last; bench/run --programs
#	make bench-devices				networks, folders, a guest that does nothing: bench/devices, bench/net, bench/idle
#	make bench-tables [TABLES='traps lines']	the tables that papers have: bench/tables
#	make bench-where SYSTEM=malta-wedge OPERATION=null	where the instructions of an operation are executed

BENCH := $(CROSS)/bench/bench
BENCH_REPORT := $(NATIVE)/bench/report
BENCH_PLACES := $(NATIVE)/bench/places
BENCH_WAYS := $(CROSS)/bench/ways
BENCH_INITRD := $(if $(filter $(BIG_ENDIAN),$(TARGET)),$(CROSS),build)/bench/initrd.cpio
BENCH_PEER := build/bench/peer
# bench/tables: what it runs of Debian's, and programs of its own for this machine.
BENCH_TABLES_PROGRAMS := /usr/bin/sox /usr/bin/toast /usr/bin/untoast /usr/bin/rhash /usr/bin/cjpeg /usr/bin/djpeg
BENCH_TABLES_CPIO := build/bench/programs-tables.cpio
BENCH_TABLES_TOOLS := $(NATIVE)/bench/tables/inputs $(NATIVE)/bench/tables/expansion
# For bench/programs.def: Debian's programs, and one more file, which is compiled.
BENCH_PROGRAMS := /usr/bin/hackbench /usr/bin/sqlite3 /usr/bin/perl /usr/bin/lua5.4 /usr/bin/redis-server /usr/bin/redis-benchmark \
	/usr/lib/gcc/mips64el-linux-gnuabi64/12/cc1
BENCH_PROGRAMS_GUEST := build/bench/programs-guest.cpio
BENCH_PROGRAMS_HOST := build/bench/programs-host.cpio
BENCH_SOURCES := bench/main.c bench/watch.c bench/kernel.c bench/process.c bench/disk.c bench/computing.c bench/program.c

# bench/run explains the names.
BENCH_SYSTEMS := metal malta-host malta-wedge malta-no-burn octeon-host octeon-wedge octeon-no-burn
ifneq ($(PEER),)
BENCH_SYSTEMS += malta-$(PEER)
endif
# Whole programs: on one Host, as each takes minutes.
PROGRAM_SYSTEMS := metal octeon-host octeon-wedge

# -fcx-limited-range: a multiplication of complex numbers is four multiplications, not a call.
$(BENCH): $(BENCH_SOURCES) $(wildcard bench/*.h) bench/operations.def bench/programs.def
	@mkdir -p $(@D)
	$(call step,CC)$(TARGET)-gcc -std=gnu11 $(WARNINGS) -I. -O2 -fcx-limited-range -static -s -o $@ $(BENCH_SOURCES) -lm

# Ways to a disk of the Host's: a program of its own, with the Wedge's pool of threads.
$(BENCH_WAYS): bench/ways.c wedge/device/pool.c wedge/device/pool.h wedge/device/thread.h
	@mkdir -p $(@D)
	$(call step,CC)$(TARGET)-gcc -std=gnu11 $(WARNINGS) -I. -O2 -static -s -o $@ $(filter %.c,$^)

$(BENCH_REPORT): $(patsubst %.c,$(NATIVE)/%.o,bench/report.c bench/results.c bench/plot.c)
	$(call step,LD)$(CC) $(CFLAGS) -o $@ $^ -lm

$(BENCH_PLACES): $(NATIVE)/bench/places.o $(NATIVE)/bench/results.o $(NATIVE)/lib/complain.o
	$(call step,LD)$(CC) $(CFLAGS) -o $@ $^

# All that a row of bench/programs.def needs lies behind the image of the Host and of the guest, whose first program measures.
# The file to compile is one of the kernel, as the compiler sees it behind the preprocessor.
$(BENCH_PROGRAMS_HOST): bench/rules.mk guests/make-programs guests/make-initramfs $(BENCH_INITRD) $(HOST_IMAGE)
	@mkdir -p $(@D)/programs
	@guests/make-programs $(CACHE) $(NATIVE)/guests/gen_init_cpio $(@D)/programs/debian.cpio $(BENCH_PROGRAMS)
	@out=$$(cd $(@D)/programs && pwd) && cd $(GUEST_KERNEL).build && sed -n \
		"1{s/^cmd_[^ ]* := [^ ]*/$(TARGET)-gcc/;s/ -Wp,-MMD,[^ ]*//;s|-c -o [^ ]*|-E -P -o $$out/cmdline.i|p}" \
		lib/.cmdline.o.cmd | sh
	@{ printf "dir /usr 0755 0 0\ndir /usr/src 0755 0 0\n"; \
	   echo "file /usr/src/cmdline.i $(@D)/programs/cmdline.i 0644 0 0"; \
	   echo "slink /bin/cc1 $(filter %/cc1,$(BENCH_PROGRAMS)) 0777 0 0"; } >$(@D)/programs/list
	@$(NATIVE)/guests/gen_init_cpio -t 0 $(@D)/programs/list >>$(@D)/programs/debian.cpio
	@sed "/zero\|vda\|kmsg/!d" $(BENCH_INITRD).list | guests/make-initramfs $(NATIVE)/guests/gen_init_cpio \
		$(SYSROOT)/bin/busybox $(BENCH) $(@D)/programs/bench.cpio
	@cat $(@D)/programs/bench.cpio $(@D)/programs/debian.cpio >$(BENCH_PROGRAMS_GUEST)
	$(call step,CPIO)cat $(HOST_IMAGE) $(@D)/programs/debian.cpio >$@

# The program alone: it is the guest's first and only one.
$(BENCH_INITRD): $(BENCH) bench/rules.mk $(NATIVE)/guests/gen_init_cpio
	@mkdir -p $(@D)
	@{ echo "dir /dev 0755 0 0"; \
	   echo "nod /dev/console 0600 0 0 c 5 1"; \
	   echo "nod /dev/null 0666 0 0 c 1 3"; \
	   echo "nod /dev/zero 0666 0 0 c 1 5"; \
	   echo "nod /dev/vda 0600 0 0 b 254 0"; \
	   echo "nod /dev/kmsg 0600 0 0 c 1 11"; \
	   echo "file /init $(BENCH) 0755 0 0"; } >$@.list
	$(call step,CPIO)$(NATIVE)/guests/gen_init_cpio -t 0 $@.list >$@

$(NATIVE)/bench/tables/inputs: $(NATIVE)/bench/tables/inputs.o
	$(call step,LD)$(CC) $(CFLAGS) -o $@ $^

$(NATIVE)/bench/tables/expansion: $(patsubst %.c,$(NATIVE)/%.o,bench/tables/expansion.c bench/results.c lib/complain.c) \
		$$(patsubst %.c,$(NATIVE)/%.o,$$(SENSITIVE_SOURCES) $$(MIPS_INSN_SOURCES))
	$(call step,LD)$(CC) $(CFLAGS) -o $@ $^ -lm

bench-tables-packages:
	@host/install-packages $(CACHE) tables
$(BENCH_TABLES_CPIO): bench/rules.mk guests/make-programs $(NATIVE)/guests/gen_init_cpio | bench-tables-packages
	@mkdir -p $(@D)
	$(call step,CPIO)guests/make-programs $(CACHE) $(NATIVE)/guests/gen_init_cpio $@ $(BENCH_TABLES_PROGRAMS)

.PHONY: bench-tables bench-tables-packages bench-tables-needs bench-tables-all bench-devices bench-devices-all bench-where bench-where-all bench bench-all bench-padding bench-padding-all bench-programs bench-peer bench-whole
bench-programs: $(BENCH_TABLES_TOOLS) $(BENCH_WAYS) $(BENCH_INITRD) $(BENCH_REPORT) $(BENCH_PLACES)
# For the target that has a Host.
ifneq ($(TARGET),$(BIG_ENDIAN))
ALL += bench-programs
endif

# Downloads packages, so it is no part of ALL.
bench-whole: bench-programs kernel host
	@host/install-packages $(CACHE) programs
	@$(MAKE) --no-print-directory $(BENCH_PROGRAMS_HOST)

bench: packages metal-packages
	@$(MAKE) --no-print-directory bench-all

bench-all: metal-host kernel host wedge bench-programs bench-whole $(if $(PEER),bench-peer)
	@status=0; bench/run $(BENCH_SYSTEMS) || status=1; bench/run --programs $(PROGRAM_SYSTEMS) || status=1; exit $$status

# What devices cost: folders and networks, beside metal and the Host, and a guest that does nothing.
bench-devices: packages metal-packages
	@$(MAKE) --no-print-directory bench-devices-all

bench-devices-all: metal-host kernel host wedge bench-programs $(METAL_COUNT) $$(TEST_TOOLS)
	@bench/devices && bench/net && bench/idle

# What the papers have tables of. Downloads packages, too.
bench-tables: packages metal-packages
	@$(MAKE) --no-print-directory bench-tables-all

bench-tables-needs: bench-programs metal-host kernel host wedge wedge-native $(METAL_COUNT) $$(TEST_TOOLS) $(BENCH_TABLES_CPIO)

test test-long: bench-tables-packages
test-needs: $(BENCH_TABLES_CPIO)

bench-tables-all: bench-tables-needs
	@bench/tables/run $(TABLES)

bench-peer: $$(SYSROOT)/.stamp
	@host/install-packages $(CACHE) peer
	@bench/peer $(CACHE) build/sysroot/boot/vmlinuz $(BENCH_PEER)

bench-padding: packages metal-packages
	@$(MAKE) --no-print-directory bench-padding-all

bench-padding-all: metal-qemu kernel kernel-plain bench-programs
	@bench/run --name padding --percent metal-plain metal
	@$(TARGET)-size $(GUEST_KERNEL_PLAIN) $(GUEST_KERNEL)

SYSTEM ?= malta-wedge
OPERATION ?= null
bench-where: packages metal-packages
	@$(MAKE) --no-print-directory bench-where-all

bench-where-all: metal-host kernel host wedge bench-programs $(METAL_COUNT)
	@bench/where $(SYSTEM) $(OPERATION)
