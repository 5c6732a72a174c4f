# SPDX-License-Identifier: GPL-2.0-or-later
#
# The tiny guests: freestanding programs that run on metal and under the Wedge, and should leave the same log of
# states. One file each; start.S and segments.c are in all of them. --emit-relocs: the Wedge moves them. With
# TARGET=$(BIG_ENDIAN) they are of the other byte order, for metal and the interpreter.

TINY := $(GUEST)/tiny
TINY_NAMES := exceptions slots tlb levels interrupts llsc memory octeon user registers compat devices unaligned
TINY_CFLAGS := -std=gnu11 $(WARNINGS) -I. -O2 -mabi=64 -march=octeon -mno-abicalls -fno-pic -msym32 -G0 -ffreestanding
TINY_LDFLAGS := -mabi=64 -march=octeon -nostdlib -static -Wl,--emit-relocs,--build-id=none,-T,guests/tiny/tiny.lds
AFTERBURN_GCC := $(AFTERBURNER)/afterburn-gcc --afterburn-target=$(TARGET)
TINY_GUESTS := $(addprefix $(TINY)/,$(TINY_NAMES))

.PHONY: tiny
tiny: $(TINY_GUESTS)

$(TINY)/%.o: guests/tiny/%.S guests/tiny/tiny.h $(AFTERBURNER_PROGRAMS) $(AFTERBURNER_MACROS) $(AFTERBURNER_PLUGIN)
	@mkdir -p $(@D)
	$(call step,CC)$(AFTERBURN_GCC) $(TINY_CFLAGS) -c -o $@ $<

$(TINY)/%.o: guests/tiny/%.c guests/tiny/tiny.h abi/segments.h wedge/core/layout.h $(AFTERBURNER_PROGRAMS) $(AFTERBURNER_MACROS) $(AFTERBURNER_PLUGIN)
	@mkdir -p $(@D)
	$(call step,CC)$(AFTERBURN_GCC) $(TINY_CFLAGS) -c -o $@ $<

$(TINY_GUESTS): $(TINY)/%: $(TINY)/%.o $(TINY)/start.o $(TINY)/segments.o guests/tiny/tiny.lds
	$(call step,LD)$(TARGET)-gcc $(TINY_LDFLAGS) -o $@ $(filter %.o,$^)
