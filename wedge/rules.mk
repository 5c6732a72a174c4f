# SPDX-License-Identifier: GPL-2.0-or-later
#
# The Wedge, twice: for the MIPS64 Host, and for this machine with the interpreter only.

include wedge/load/rules.mk

RELEASE := 0.1

WEDGE_CORE_SOURCES := $(addprefix wedge/core/,alu.c breakpoint.c cp0.c exception.c fpu.c interp.c loadstore.c memory.c \
	octeon.c sensitive.c tlb.c) wedge/trace/ring.c
WEDGE_TRACE_SOURCES := $(addprefix wedge/trace/,collect.c ctf.c dat.c perfetto.c rows.c)
WEDGE_BURN_SOURCES := $(addprefix wedge/burn/,burn.c bypass.c check.c kernel.c module.c pieces.c proof.c sequence.c unrecorded.c)
WEDGE_TRANSLATE_SOURCES := $(addprefix wedge/translate/,blocks.c code-pages.c decode.c elsewhere.c exits.c forget.c octeon.c seen.c translate.c)
WEDGE_MEMORY_SOURCES := $(addprefix wedge/host/,memory.c place.c)
WEDGE_USER_SOURCES := $(addprefix wedge/user/,ahead.c bind.c direct.c fp.c pages.c sites.c space.c tables.c uaccess.c user.c)
WEDGE_DEVICE_SOURCES := $(sort $(wildcard wedge/device/*.c))
WEDGE_CONTROL_SOURCES := $(sort $(wildcard wedge/control/*.c))
# Several VMs in one session are wedgectl's.
WEDGE_DEBUG_SOURCES := $(filter-out wedge/debug/many.c,$(sort $(wildcard wedge/debug/*.c)))
WEDGE_CTL_SOURCES := $(sort $(wildcard wedge/ctl/*.c))
WEDGE_MONITOR_SOURCES := $(addprefix wedge/monitor/,callbacks.c clock.c config.c control.c control-devices.c control-log.c control-metrics.c control-profile.c control-stats.c control-tasks.c control-trace.c cores.c debugged.c debugger.c devices.c dry-run.c exchange.c filter.c interpret.c \
	jail.c layout.c main.c monitor.c options.c outputs.c processes.c profile.c run.c spool.c state-log.c stats.c stolen.c symbols.c tracing.c vm.c)
WEDGE_PORTABLE_SOURCES := $(WEDGE_TRACE_SOURCES) $(LOG_SOURCES) $(LIB_SOURCES) $(HEAP_SOURCES) $(BOARD_SOURCES) $(WEDGE_LOAD_SOURCES) $(WEDGE_CORE_SOURCES) \
	$(WEDGE_BURN_SOURCES) $(WEDGE_TRANSLATE_SOURCES) $(WEDGE_MEMORY_SOURCES) $(WEDGE_USER_SOURCES) $(WEDGE_DEVICE_SOURCES) $(WEDGE_CONTROL_SOURCES) $(WEDGE_DEBUG_SOURCES) $(WEDGE_MONITOR_SOURCES) $(RECORDS_SOURCES) $(MIPS_INSN_SOURCES)
WEDGE_LIBS := -lelf -lfdt -lz -lseccomp -lslirp -lcjson -luring -pthread
WEDGE_TRACE_LIBS := -ltracefs -ltraceevent

# As Debian has them: two folders of their own.
TRACEFS_INCLUDES = $(addprefix -isystem $(1)/usr/include/,traceevent tracefs)
$(NATIVE)/wedge/trace/host.o build/sanitized/wedge/trace/host.o: ALL_CFLAGS += $(call TRACEFS_INCLUDES,)
$(CROSS)/wedge/trace/host.o: SYSROOT_CFLAGS += $(call TRACEFS_INCLUDES,$(SYSROOT))

build/%/wedge/monitor/main.o build/%/wedge/monitor/control.o: ALL_CFLAGS += -DAFTERBURN_RELEASE='"$(RELEASE)"'

# wedge/host/none.c: everything interpreted, on any machine.
$(NATIVE)/wedge/wedge: $(patsubst %.c,$(NATIVE)/%.o,$(WEDGE_PORTABLE_SOURCES) wedge/trace/host.c wedge/host/none.c wedge/host/no-direct.c)
	$(call step,LD)$(CC) $(CFLAGS) -o $@ $^ $(WEDGE_LIBS) $(WEDGE_TRACE_LIBS)

.PHONY: wedge-native
wedge-native: $(NATIVE)/wedge/wedge

# wedge/host/mips64: linked statically, to be put anywhere (wedge/host/mips64/start.c). gcc -static drops -pie here, as glibc has no start
# file for that on MIPS; ours is wedge_start.
WEDGE_LINK := -static -Wl,-pie,--no-dynamic-linker,-e,wedge_start,-z,text,-z,relro,-z,noexecstack
WEDGE_HOST_SOURCES := $(addprefix wedge/host/mips64/,counter.c direct.c drive.c host.c native.c no-break.c ram.c settle.c spin.c start.c stub.c ways.c)
WEDGE_HOST_ASM := $(addprefix wedge/host/mips64/,entry.S sites.S first.S program.S)
CROSS_CC := $(TARGET)-gcc
# A Loongson 3 before the 3A4000 may lose an LL without a `sync` in front of it, or hang: Linux and Debian's compilers have it there, and where a branch out of such a loop
# leads. One binary is for all Hosts; it costs 700 instructions of 1.6 million, and none between LL and SC.
CROSS_LLSC := $(if $(filter $(BIG_ENDIAN),$(TARGET)),,-Wa,-mfix-loongson3-llsc)

# What is built from Debian's sources (host/build-libraries) has no libtracefs.
ifeq ($(TARGET),$(BIG_ENDIAN))
WEDGE_HOST_SOURCES += wedge/trace/no-host.c
else
WEDGE_HOST_SOURCES += wedge/trace/host.c
WEDGE_HOST_LIBS := $(WEDGE_TRACE_LIBS)
endif

$(CROSS)/%.o: %.c $$(SYSROOT)/.stamp
	@mkdir -p $(@D)
	$(call step,CC)$(CROSS_CC) $(ALL_CFLAGS) $(CROSS_LLSC) $(SYSROOT_CFLAGS) -c -o $@ $<

# Before it has relocated itself: no table for a switch, no call for a loop.
$(CROSS)/wedge/host/mips64/start.o: ALL_CFLAGS += -fno-jump-tables -fno-tree-loop-distribute-patterns

$(CROSS)/wedge/device/net-user.o: SYSROOT_CFLAGS += -isystem $(LIBSLIRP)
$(CROSS)/wedge/device/net-user.o: $$(LIBSLIRP)/.stamp

WEDGE_JSON_OBJECTS := $(patsubst %.c,$(CROSS)/%.o,$(WEDGE_CONTROL_SOURCES) $(WEDGE_CTL_SOURCES) $(addprefix wedge/monitor/,control.c control-devices.c control-log.c control-metrics.c control-profile.c control-stats.c control-tasks.c control-trace.c))
$(WEDGE_JSON_OBJECTS): SYSROOT_CFLAGS += -isystem $(LIBCJSON)
$(WEDGE_JSON_OBJECTS): $$(LIBCJSON)/.stamp

$(CROSS)/%.o: %.S
	@mkdir -p $(@D)
	$(call step,AS)$(CROSS_CC) -I. -I$(CROSS) $(ASM_DEFINES) -MMD -MP -c -o $@ $<

$(CROSS)/asm-offsets.h: wedge/host/mips64/asm-offsets.c
	@mkdir -p $(@D)
	$(call step,GEN)$(CROSS_CC) -std=gnu11 -I. -MMD -MP -MF $(CROSS)/asm-offsets.d -MT $@ -S -o $(CROSS)/asm-offsets.s $<
	$(Q)sed -n 's/.*"->\([A-Z0-9_]*\) \([0-9]*\)".*/#define \1 \2/p' $(CROSS)/asm-offsets.s > $@

$(addprefix $(CROSS)/wedge/host/mips64/,entry.o sites.o): $(CROSS)/asm-offsets.h
$(CROSS)/wedge/host/mips64/program.o: $(CROSS)/wedge/stub
$(CROSS)/wedge/host/mips64/program.o: ASM_DEFINES = -DSTUB_FILE='"$(CROSS)/wedge/stub"'

$(CROSS)/wedge/stub: wedge/host/mips64/stub.S wedge/host/mips64/stub.h linker-scripts/stub.lds
	@mkdir -p $(@D)
	$(call step,LD)$(CROSS_CC) -I. -fno-pic -mno-abicalls -nostdlib -static -Wl,--build-id=none -Wl,-T,linker-scripts/stub.lds -o $@ $<

$(CROSS)/wedge/wedge: $(patsubst %.c,$(CROSS)/%.o,$(WEDGE_PORTABLE_SOURCES) $(WEDGE_HOST_SOURCES)) \
		$(patsubst %.S,$(CROSS)/%.o,$(WEDGE_HOST_ASM))
	$(call step,LD)$(CROSS_CC) $(CFLAGS) $(WEDGE_LINK) $(SYSROOT_LDFLAGS) -L$(LIBSLIRP) -L$(LIBCJSON) -o $@ $^ $(WEDGE_LIBS) $(WEDGE_HOST_LIBS) -lglib-2.0 -lpcre2-8 -lm

.PHONY: wedge
wedge: $(CROSS)/wedge/wedge

# wedgectl, which speaks to VMs that run; also both.
WEDGE_CTL_OBJECTS := $(patsubst %.c,%.o,$(WEDGE_CTL_SOURCES) $(addprefix wedge/debug/,many.c packet.c) wedge/control/place.c wedge/device/socket.c wedge/device/terminal.c $(LIB_SOURCES))
$(NATIVE)/wedge/wedgectl: $(addprefix $(NATIVE)/,$(WEDGE_CTL_OBJECTS))
	$(call step,LD)$(CC) $(CFLAGS) -o $@ $^ -lcjson

$(CROSS)/wedge/wedgectl: $(addprefix $(CROSS)/,$(WEDGE_CTL_OBJECTS))
	$(call step,LD)$(CROSS_CC) $(CFLAGS) $(SYSROOT_LDFLAGS) -L$(LIBCJSON) -o $@ $^ -lcjson

wedge-native: $(NATIVE)/wedge/wedgectl
wedge: $(CROSS)/wedge/wedgectl
