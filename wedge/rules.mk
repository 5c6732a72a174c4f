# SPDX-License-Identifier: GPL-2.0-or-later
#
# The Wedge, twice: for the MIPS64 Host, and for this machine with the interpreter only.

include wedge/load/rules.mk

RELEASE := 0.1

WEDGE_CORE_SOURCES := $(addprefix wedge/core/,alu.c cp0.c exception.c fpu.c interp.c loadstore.c memory.c \
	octeon.c sensitive.c tlb.c)
WEDGE_BURN_SOURCES := $(addprefix wedge/burn/,burn.c check.c module.c pieces.c proof.c sequence.c)
WEDGE_TRANSLATE_SOURCES := $(addprefix wedge/translate/,blocks.c translate.c)
WEDGE_MEMORY_SOURCES := wedge/host/memory.c
WEDGE_USER_SOURCES := $(addprefix wedge/user/,fp.c space.c uaccess.c user.c)
WEDGE_DEVICE_SOURCES := $(sort $(wildcard wedge/device/*.c))
WEDGE_MONITOR_SOURCES := $(addprefix wedge/monitor/,callbacks.c clock.c cores.c devices.c exchange.c filter.c interpret.c \
	jail.c main.c monitor.c options.c profile.c run.c state-log.c stats.c vm.c)
WEDGE_PORTABLE_SOURCES := $(LOG_SOURCES) $(LIB_SOURCES) $(HEAP_SOURCES) $(BOARD_SOURCES) $(WEDGE_LOAD_SOURCES) $(WEDGE_CORE_SOURCES) \
	$(WEDGE_BURN_SOURCES) $(WEDGE_TRANSLATE_SOURCES) $(WEDGE_MEMORY_SOURCES) $(WEDGE_USER_SOURCES) $(WEDGE_DEVICE_SOURCES) $(WEDGE_MONITOR_SOURCES) $(RECORDS_SOURCES) $(MIPS_INSN_SOURCES)
WEDGE_LIBS := -lelf -lfdt -lz -lseccomp -lslirp -pthread

build/%/wedge/monitor/main.o: ALL_CFLAGS += -DAFTERBURN_RELEASE='"$(RELEASE)"'

# wedge/host/none.c: everything interpreted, on any machine.
$(NATIVE)/wedge/wedge: $(patsubst %.c,$(NATIVE)/%.o,$(WEDGE_PORTABLE_SOURCES) wedge/host/none.c)
	$(CC) $(CFLAGS) -o $@ $^ $(WEDGE_LIBS)

.PHONY: wedge-native
wedge-native: $(NATIVE)/wedge/wedge

# wedge/host/mips64: linked statically, at an address that no guest program uses (wedge/core/layout.h).
WEDGE_BASE := $(shell sed -n 's/^.define WEDGE_BASE[^0]*\(0x[0-9a-f]*\)ull$$/\1/p' wedge/core/layout.h)
WEDGE_HOST_SOURCES := $(addprefix wedge/host/mips64/,host.c native.c stub.c ways.c)
WEDGE_HOST_ASM := wedge/host/mips64/entry.S wedge/host/mips64/program.S
CROSS_CC := $(TARGET)-gcc

$(CROSS)/%.o: %.c $$(SYSROOT)/.stamp
	@mkdir -p $(@D)
	$(CROSS_CC) $(ALL_CFLAGS) $(SYSROOT_CFLAGS) -c -o $@ $<

$(CROSS)/wedge/device/net-user.o: SYSROOT_CFLAGS += -isystem $(LIBSLIRP)
$(CROSS)/wedge/device/net-user.o: $$(LIBSLIRP)/.stamp

$(CROSS)/%.o: %.S
	@mkdir -p $(@D)
	$(CROSS_CC) -I. -I$(CROSS) $(ASM_DEFINES) -MMD -MP -c -o $@ $<

$(CROSS)/asm-offsets.h: wedge/host/mips64/asm-offsets.c
	@mkdir -p $(@D)
	$(CROSS_CC) -std=gnu11 -I. -MMD -MP -MF $(CROSS)/asm-offsets.d -MT $@ -S -o $(CROSS)/asm-offsets.s $<
	sed -n 's/.*"->\([A-Z0-9_]*\) \([0-9]*\)".*/#define \1 \2/p' $(CROSS)/asm-offsets.s > $@

$(CROSS)/wedge/host/mips64/entry.o: $(CROSS)/asm-offsets.h
$(CROSS)/wedge/host/mips64/program.o: $(CROSS)/wedge/stub
$(CROSS)/wedge/host/mips64/program.o: ASM_DEFINES = -DSTUB_FILE='"$(CROSS)/wedge/stub"'

$(CROSS)/wedge/stub: wedge/host/mips64/stub.S wedge/host/mips64/stub.h linker-scripts/stub.lds
	@mkdir -p $(@D)
	$(CROSS_CC) -I. -fno-pic -mno-abicalls -nostdlib -static -Wl,--build-id=none -Wl,-T,linker-scripts/stub.lds -o $@ $<

$(CROSS)/wedge/wedge: $(patsubst %.c,$(CROSS)/%.o,$(WEDGE_PORTABLE_SOURCES) $(WEDGE_HOST_SOURCES)) \
		$(patsubst %.S,$(CROSS)/%.o,$(WEDGE_HOST_ASM))
	$(CROSS_CC) $(CFLAGS) -no-pie -Wl,-Ttext-segment=$(WEDGE_BASE) $(SYSROOT_LDFLAGS) -L$(LIBSLIRP) -o $@ $^ $(WEDGE_LIBS) -lglib-2.0 -lpcre2-8 -lm

.PHONY: wedge
wedge: $(CROSS)/wedge/wedge
