# SPDX-License-Identifier: GPL-2.0-or-later
#
# The tests. `make test` builds everything and runs them all; `make unit-tests` only the unit tests; `make test-long`
# those of tests/long, which take longer than anybody waits for after a change.
#
# A unit test is tests/unit/NAME_test.c (cmocka) with one row in this table: the sources it is linked with,
# and, if any, the libraries they need. All of it is compiled with the address and undefined behaviour
# sanitizers.
TEST_SOURCES_board   = $(BOARD_SOURCES) $(LIB_SOURCES)
TEST_LIBS_board      = -lfdt
TEST_SOURCES_ciu     = $(BOARD_SOURCES) $(LIB_SOURCES)
TEST_LIBS_ciu        = -lfdt
TEST_SOURCES_flash   = $(BOARD_SOURCES) $(LIB_SOURCES)
TEST_LIBS_flash      = -lfdt
TEST_SOURCES_uart    = $(BOARD_SOURCES) $(LIB_SOURCES)
TEST_LIBS_uart       = -lfdt
TEST_SOURCES_boot    = $(BOARD_SOURCES) $(LIB_SOURCES)
TEST_LIBS_boot       = -lfdt
TEST_SOURCES_fdt     = $(BOARD_SOURCES) $(LIB_SOURCES)
TEST_LIBS_fdt        = -lfdt
TEST_SOURCES_image   = $(IMAGE_SOURCES) $(LIB_SOURCES)
TEST_LIBS_image      = $(IMAGE_LIBS)
TEST_SOURCES_page_tables = wedge/load/image.c wedge/load/page-tables.c wedge/load/structure.c $(LIB_SOURCES)
TEST_LIBS_page_tables = -lelf
TEST_SOURCES_user_clock = wedge/load/image.c wedge/load/user-clock.c $(LIB_SOURCES)
TEST_LIBS_user_clock = -lelf
TEST_SOURCES_structure = wedge/load/image.c wedge/load/structure.c $(LIB_SOURCES)
TEST_LIBS_structure = -lelf
TEST_SOURCES_kernel_log = wedge/load/image.c wedge/load/kernel-log.c $(TEST_VCPU_SOURCES)
TEST_LIBS_kernel_log = -lelf
TEST_SOURCES_relink  = wedge/load/image.c wedge/load/relink.c $(LIB_SOURCES)
TEST_LIBS_relink     = -lelf

# The vCPU, which knows of the Board only where its RAM is.
TEST_VCPU_SOURCES    = $(WEDGE_CORE_SOURCES) board/memory.c $(LIB_SOURCES) $(HEAP_SOURCES)
TEST_SOURCES_trace   = wedge/trace/ring.c $(WEDGE_TRACE_SOURCES)
TEST_SOURCES_tasks   = $(addprefix wedge/load/,image.c tasks.c unwind.c) $(TEST_VCPU_SOURCES)
TEST_LIBS_tasks      = -lelf
TEST_SOURCES_cp0     = $(TEST_VCPU_SOURCES) $(SENSITIVE_SOURCES) $(MIPS_INSN_SOURCES)
TEST_SOURCES_tlb     = $(TEST_VCPU_SOURCES)
TEST_SOURCES_alu     = $(TEST_VCPU_SOURCES)
TEST_SOURCES_interp  = $(TEST_VCPU_SOURCES)
TEST_SOURCES_fpu     = $(TEST_VCPU_SOURCES)
TEST_SOURCES_loadstore = $(TEST_VCPU_SOURCES)
TEST_SOURCES_exception = $(TEST_VCPU_SOURCES)
TEST_SOURCES_memory  = $(TEST_VCPU_SOURCES)
TEST_SOURCES_translate = $(TEST_VCPU_SOURCES) $(addprefix wedge/translate/,decode.c elsewhere.c exits.c octeon.c translate.c) wedge/burn/sequence.c $(MIPS_INSN_SOURCES)
TEST_SOURCES_blocks  = $(sort $(TEST_BURN_SOURCES) $(WEDGE_TRANSLATE_SOURCES))
TEST_LIBS_blocks     = -lelf
TEST_SOURCES_code_pages = $(TEST_VCPU_SOURCES) wedge/translate/code-pages.c
TEST_SOURCES_bypass  = $(TEST_SOURCES_blocks)
TEST_LIBS_bypass     = -lelf
TEST_SOURCES_space   = $(TEST_VCPU_SOURCES) $(WEDGE_USER_SOURCES) $(MIPS_INSN_SOURCES) wedge/host/no-direct.c
TEST_SOURCES_ahead   = $(TEST_SOURCES_space)
TEST_SOURCES_direct  = $(filter-out wedge/host/no-direct.c,$(TEST_SOURCES_space))
TEST_SOURCES_uaccess = $(TEST_SOURCES_space)
TEST_SOURCES_breakpoint = $(TEST_VCPU_SOURCES) wedge/debug/memory.c wedge/user/tables.c
TEST_SOURCES_many    = $(addprefix wedge/debug/,many.c packet.c)
TEST_SOURCES_gdb     = $(TEST_VCPU_SOURCES) $(addprefix wedge/debug/,gdb.c packet.c registers.c)

# A device (tests/unit/virtio_fixture.h), to which a test adds its own file.
TEST_DEVICE_SOURCES  = $(addprefix wedge/device/,device.c queue.c spec.c virtio.c) $(TEST_VCPU_SOURCES)
TEST_SOURCES_virtio  = $(TEST_DEVICE_SOURCES)
TEST_SOURCES_blk     = $(addprefix wedge/device/,blk.c disk.c pool.c ring.c) $(TEST_DEVICE_SOURCES)
TEST_LIBS_blk        = -pthread -luring -Wl,--wrap=ring__is_there,--wrap=ring__sync
TEST_SOURCES_rng     = wedge/device/rng.c $(TEST_DEVICE_SOURCES)
TEST_P9_SOURCES      = $(sort $(wildcard wedge/device/p9*.c))
TEST_SOURCES_p9      = $(TEST_P9_SOURCES) wedge/device/pool.c $(TEST_DEVICE_SOURCES)
TEST_LIBS_p9         = -pthread
# It has p9.c in itself, to hold up its threads.
TEST_SOURCES_p9_threads = $(filter-out wedge/device/p9.c,$(TEST_SOURCES_p9))
TEST_LIBS_p9_threads = -pthread
TEST_SOURCES_p9_escape = $(TEST_SOURCES_p9)
TEST_LIBS_p9_escape  = -pthread
TEST_SOURCES_button  = wedge/device/button.c $(TEST_DEVICE_SOURCES)
TEST_SOURCES_balloon = wedge/device/balloon.c $(TEST_DEVICE_SOURCES)
TEST_SOURCES_net     = $(addprefix wedge/device/,link.c net.c net-user.c) $(TEST_DEVICE_SOURCES)
TEST_LIBS_net        = -lslirp -lseccomp
TEST_SOURCES_vsock   = $(addprefix wedge/device/,console.c console-open.c socket.c terminal.c vsock.c vsock-packets.c vsock-stream.c) $(TEST_DEVICE_SOURCES)
TEST_SOURCES_vsock_ends = $(TEST_SOURCES_vsock)
TEST_HVC_SOURCES     = $(addprefix wedge/device/,console.c console-open.c hvc-control.c hvc.c socket.c terminal.c) $(TEST_DEVICE_SOURCES)
TEST_SOURCES_hvc     = $(TEST_HVC_SOURCES)

TEST_BURN_SOURCES    = $(TEST_VCPU_SOURCES) $(WEDGE_BURN_SOURCES) wedge/load/image.c $(RECORDS_SOURCES) $(MIPS_INSN_SOURCES)
TEST_SOURCES_burn    = $(TEST_BURN_SOURCES)
TEST_LIBS_burn       = -lelf
TEST_SOURCES_burnt   = $(TEST_BURN_SOURCES)
TEST_LIBS_burnt      = -lelf
TEST_SOURCES_module  = $(TEST_BURN_SOURCES)
TEST_LIBS_module     = -lelf
TEST_SOURCES_match   = $(MATCH_COMPARE_SOURCES) $(LIB_SOURCES)
TEST_SOURCES_console = $(addprefix wedge/device/,console.c console-open.c socket.c terminal.c) $(LIB_SOURCES)
TEST_SOURCES_heap    = $(HEAP_SOURCES)
TEST_SOURCES_vm_memory = wedge/host/memory.c $(LIB_SOURCES)
TEST_SOURCES_place   = wedge/host/place.c
TEST_SOURCES_exchange = wedge/monitor/exchange.c $(LIB_SOURCES)
TEST_LIBS_exchange   = -pthread
TEST_SOURCES_cores_threads = $(sort wedge/monitor/exchange.c $(BOARD_SOURCES) $(TEST_VCPU_SOURCES))
TEST_LIBS_cores_threads = -lfdt -pthread
TEST_SOURCES_descriptors = $(LIB_SOURCES)
TEST_SOURCES_options = $(addprefix wedge/monitor/,config.c options.c) wedge/control/place.c $(LIB_SOURCES)
TEST_SOURCES_qmp     = $(addprefix wedge/control/,qmp.c split.c) $(LIB_SOURCES)
TEST_LIBS_qmp        = -lcjson
TEST_SOURCES_stats   = $(sort $(addprefix wedge/monitor/,profile.c stats.c symbols.c) wedge/host/memory.c $(TEST_BURN_SOURCES) $(IMAGE_SOURCES))
TEST_LIBS_stats      = $(IMAGE_LIBS)
TEST_SOURCES_stolen  = wedge/monitor/stolen.c

UNIT_TESTS := $(patsubst tests/unit/%.c,build/tests/%,$(wildcard tests/unit/*_test.c))
# Scripts that speak TAP. Where one needs more than two minutes it says so: "# timeout: SECONDS". They run some at a time, in
# this order: the longest first, and those last that fill the end.
BOOT_TESTS := $(addprefix tests/boot/,linux isolation smp big-endian watchdog networks place disks flash vsock shares stock u-boot consoles-virtio hostile octeon interpreted match metal modules bench)
LAST_TESTS := $(addprefix tests/,persistence series toolchain/run toolchain/big-endian kernel fuzz/run runner make packages)
SCRIPT_TESTS := tests/layers tests/private tests/llsc tests/words $(BOOT_TESTS) $(filter-out $(BOOT_TESTS),$(wildcard tests/boot/*)) $(LAST_TESTS)
LONG_TESTS := $(wildcard tests/long/*)

# The generator of random kernels, for tests/random/kernels.
RANDOM_KERNEL := $(NATIVE)/tests/random/kernel
$(RANDOM_KERNEL): tests/random/kernel.c guests/random/instructions.h
	@mkdir -p $(@D)
	$(call step,CC)$(CC) $(filter-out -MMD -MP,$(ALL_CFLAGS)) -o $@ $<
ALL += $(RANDOM_KERNEL)

# Tools of the guest's, for this machine: what its streams speak to, and a tap to give away.
TEST_TOOLS := $(NATIVE)/tests/stream $(NATIVE)/tests/tap
$(TEST_TOOLS): $(NATIVE)/tests/%: tests/%.c guests/programs/%.c guests/programs/check.h guests/programs/programs.def
	@mkdir -p $(@D)
	$(call step,CC)$(CC) $(filter-out -MMD -MP,$(ALL_CFLAGS)) -D_GNU_SOURCE -o $@ $(filter %.c,$^)
ALL += $(TEST_TOOLS)

build/tests/%_test: build/sanitized/tests/unit/%_test.o $$(addprefix build/sanitized/,$$(subst .c,.o,$$(TEST_SOURCES_$$*)))
	@mkdir -p $(@D)
	$(call step,LD)$(CC) -fsanitize=address,undefined -o $@ $(filter %.o,$^) -lcmocka $(TEST_LIBS_$*)

# Those that have threads as cores: with ThreadSanitizer.
build/tests/%_threads_test: build/threads/tests/unit/%_threads_test.o $$(addprefix build/threads/,$$(subst .c,.o,$$(TEST_SOURCES_$$*_threads)))
	@mkdir -p $(@D)
	$(call step,LD)$(CC) -fsanitize=thread -o $@ $(filter %.o,$^) -lcmocka $(TEST_LIBS_$*_threads)

# Objects are kept, so that a second run compiles nothing.
.SECONDARY:

.PHONY: test test-long test-needs run-tests run-tests-long unit-tests

# Packages first: nothing can be built without them. The rest is a second make, which sees them. It builds several
# things at once: a kernel and QEMU each have minutes in which they use one processor.
test test-long:
	$(if $(wildcard host/install-packages),host/install-packages $(CACHE))
	@$(MAKE) --no-print-directory $(if $(findstring -j,$(MAKEFLAGS)),,-j$(JOBS)) run-$(subst test,tests,$@)

test test-long: narrow-packages
test-needs: $$(ALL) u-boot-bin narrow-root

run-tests: test-needs $(UNIT_TESTS)
	@tests/run $(UNIT_TESTS) $(SCRIPT_TESTS)

run-tests-long: test-needs stress-root debuggers-root cluster-root generators-root bench-whole
	@tests/run $(LONG_TESTS)

# For tests/long/stress: Debian's stress-ng, to be put behind the guest's initramfs.
.PHONY: stress-root
stress-root: initrd
	@host/install-packages $(CACHE) stress
	@guests/make-programs $(CACHE) $(NATIVE)/guests/gen_init_cpio build/guest/stress.cpio.gz /usr/bin/stress-ng

# For tests/long/debuggers: Debian's strace and gdb, likewise.
.PHONY: debuggers-root
debuggers-root: initrd
	@host/install-packages $(CACHE) debuggers
	@guests/make-programs $(CACHE) $(NATIVE)/guests/gen_init_cpio build/guest/debuggers.cpio.gz /usr/bin/strace /usr/bin/gdb

# For tests/long/generators: LuaJIT, Node, and tests of Go's.
.PHONY: generators-root
generators-root: initrd
	@host/install-packages $(CACHE) generators
	@tests/generators/image $(CACHE) $(NATIVE)/guests/gen_init_cpio build/guest/generators.cpio.gz

# For tests/long/cluster and tests/long/nfs: Debian's Pacemaker and Corosync, and drivers, to be put behind the Host's initramfs.
.PHONY: cluster-root
cluster-root: $(HOST_IMAGE)
	@host/install-packages $(CACHE) cluster
	@tests/cluster/image $(CACHE) $(NATIVE)/guests/gen_init_cpio build/host

# The other byte order: a kernel, a busybox, libraries, and a Wedge, eight minutes, once. AFTERBURN_TEST_BIG_ENDIAN=no leaves them
# out; their tests are skipped then. After the rest, since both use programs in build/native.
.PHONY: big-endian-packages big-endian-guest
ifneq ($(AFTERBURN_TEST_BIG_ENDIAN),no)
test test-long: big-endian-packages
test-needs: big-endian-guest
endif
big-endian-packages:
	@host/install-packages $(CACHE) big-endian
big-endian-guest: $$(ALL)
	@$(MAKE) --no-print-directory TARGET=$(BIG_ENDIAN) afterburner kernel initrd metal-check tiny u-boot-bin wedge build/$(BIG_ENDIAN)/host/image.cpio build/$(BIG_ENDIAN)/match/match

unit-tests: $(UNIT_TESTS)
	@tests/run $(UNIT_TESTS)

# `make fuzz`: each libFuzzer target of tests/fuzz for a while, from its seeds. What it finds on the way stays
# in build/fuzz/corpus; an input that breaks something is written to build/fuzz. Needs clang and its runtime.
FUZZERS := $(patsubst tests/fuzz/%.c,%,$(wildcard tests/fuzz/*.c))
FUZZ_CC ?= clang
FUZZ_SECONDS ?= 20
FUZZ_LIMIT = $(if $(FUZZ_RUNS),-runs=$(FUZZ_RUNS),-max_total_time=$(FUZZ_SECONDS))
FUZZ_FLAGS := -std=gnu11 -O1 -g -I. -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all
FUZZ_SOURCES := $(TEST_BURN_SOURCES) wedge/load/relink.c
FUZZ_SOURCES_image := wedge/load/kernel-file.c
FUZZ_LIBS_image := -lz
FUZZ_SOURCES_object := afterburner/coverage.c afterburner/coverage-data.c afterburner/coverage-dead.c afterburner/code.c \
	afterburner/regions.c $(AFTERBURN_LISTING_SOURCES)
FUZZ_SOURCES_translate := $(TEST_SOURCES_translate)
FUZZ_SOURCES_virtio := $(addprefix wedge/device/,blk.c disk.c pool.c ring.c) $(TEST_DEVICE_SOURCES)
FUZZ_LIBS_virtio := -pthread -luring
FUZZ_SOURCES_p9 := $(TEST_SOURCES_p9)
FUZZ_LIBS_p9 := -pthread
FUZZ_SOURCES_hvc := $(TEST_HVC_SOURCES)
FUZZ_SOURCES_balloon := $(TEST_SOURCES_balloon)
FUZZ_SOURCES_vsock := $(TEST_SOURCES_vsock)
FUZZ_SOURCES_qmp := $(TEST_SOURCES_qmp)
FUZZ_LIBS_qmp := -lcjson
FUZZ_SOURCES_gdb := $(addprefix wedge/debug/,commands.c gdb.c memory.c packet.c registers.c) wedge/user/tables.c
FUZZ_SOURCES_many := $(TEST_SOURCES_many)
FUZZ_SOURCES_trace := $(WEDGE_TRACE_SOURCES) wedge/load/tasks.c wedge/load/unwind.c
FUZZ_SOURCES_kernel_log := wedge/load/kernel-log.c
FUZZ_SOURCES_net := $(TEST_SOURCES_net)
FUZZ_LIBS_net := $(TEST_LIBS_net)
FUZZ_SOURCES_flash := $(BOARD_SOURCES)
FUZZ_LIBS_flash := -lfdt
FUZZ_LIBS_object := $(AFTERBURN_LISTING_LIBS)

build/fuzz/%: tests/fuzz/%.c $(FUZZ_SOURCES) $$(FUZZ_SOURCES_$$*) $(wildcard tests/unit/*.h tests/fuzz/*.h wedge/*/*.h afterburner/*.h)
	@mkdir -p $(@D)
	$(call step,CC)$(FUZZ_CC) $(FUZZ_FLAGS) -o $@ $< $(sort $(FUZZ_SOURCES) $(FUZZ_SOURCES_$*)) -lelf -lcmocka $(FUZZ_LIBS_$*)

.PHONY: fuzz $(addprefix fuzz-,$(FUZZERS))
fuzz: $(addprefix fuzz-,$(FUZZERS))

$(addprefix fuzz-,$(FUZZERS)): fuzz-%: build/fuzz/%
	@mkdir -p build/fuzz/corpus/$*
	$< $(FUZZ_LIMIT) -artifact_prefix=build/fuzz/ build/fuzz/corpus/$* tests/fuzz/corpus/$*
