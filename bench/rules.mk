# SPDX-License-Identifier: GPL-2.0-or-later
#
# What things cost, in instructions. The benchmark program runs unchanged on metal, under the Wedge and in the
# Host; bench/run runs it there, bench/report makes a table, JSON and a plot.
#
#	make bench [PEER=qemu] [BENCH_SYSTEMS='...']	metal, Wedge, Host; with PEER also QEMU in the Host
#	make bench-padding				the kernel with and without pads, on metal
#	make bench-where SYSTEM=malta-wedge OPERATION=null	where the instructions of an operation are executed

BENCH := $(CROSS)/bench/bench
BENCH_REPORT := $(NATIVE)/bench/report
BENCH_PLACES := $(NATIVE)/bench/places
BENCH_INITRD := build/bench/initrd.cpio
BENCH_PEER := build/bench/peer
BENCH_SOURCES := bench/main.c bench/watch.c bench/kernel.c bench/process.c bench/disk.c bench/computing.c

# bench/run explains the names.
BENCH_SYSTEMS := metal malta-host malta-wedge malta-no-burn octeon-host octeon-wedge octeon-no-burn
ifneq ($(PEER),)
BENCH_SYSTEMS += malta-$(PEER)
endif

# -fcx-limited-range: a multiplication of complex numbers is four multiplications, not a call.
$(BENCH): $(BENCH_SOURCES) $(wildcard bench/*.h) bench/operations.def
	@mkdir -p $(@D)
	$(call step,CC)$(TARGET)-gcc -std=gnu11 $(WARNINGS) -I. -O2 -fcx-limited-range -static -s -o $@ $(BENCH_SOURCES) -lm

$(BENCH_REPORT): $(patsubst %.c,$(NATIVE)/%.o,bench/report.c bench/results.c bench/plot.c)
	$(call step,LD)$(CC) $(CFLAGS) -o $@ $^ -lm

$(BENCH_PLACES): $(NATIVE)/bench/places.o $(NATIVE)/bench/results.o
	$(call step,LD)$(CC) $(CFLAGS) -o $@ $^

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

.PHONY: bench-where bench-where-all bench bench-all bench-padding bench-padding-all bench-programs bench-peer
bench-programs: $(BENCH_INITRD) $(BENCH_REPORT) $(BENCH_PLACES)
# For the target that has a Host.
ifneq ($(TARGET),$(BIG_ENDIAN))
ALL += bench-programs
endif

bench: packages metal-packages
	@$(MAKE) --no-print-directory bench-all

bench-all: metal-host kernel host wedge bench-programs $(if $(PEER),bench-peer)
	@bench/run $(BENCH_SYSTEMS)

bench-peer: $$(SYSROOT)/.stamp
	@host/install-packages $(CACHE) peer
	@bench/peer $(CACHE) $(HOST_KERNEL) $(BENCH_PEER)

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
