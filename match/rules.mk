# SPDX-License-Identifier: GPL-2.0-or-later
#
# `match`, the comparer of states, for this machine and for the Host.
MATCH_COMPARE_SOURCES := $(LOG_SOURCES) match/reader.c match/compare.c match/computed.c $(MIPS_INSN_SOURCES)
MATCH_SOURCES := $(MATCH_COMPARE_SOURCES) match/report.c match/main.c $(IMAGE_SOURCES) $(LIB_SOURCES)

$(NATIVE)/match/match: $(patsubst %.c,$(NATIVE)/%.o,$(MATCH_SOURCES))
	$(call step,LD)$(CC) $(CFLAGS) -o $@ $^ $(IMAGE_LIBS)

$(CROSS)/match/match: $(patsubst %.c,$(CROSS)/%.o,$(MATCH_SOURCES))
	$(call step,LD)$(CROSS_CC) $(CFLAGS) $(SYSROOT_LDFLAGS) -o $@ $^ $(IMAGE_LIBS)

$(NATIVE)/match/place: $(patsubst %.c,$(NATIVE)/%.o,match/place.c $(IMAGE_SOURCES) $(LIB_SOURCES))
	$(call step,LD)$(CC) $(CFLAGS) -o $@ $^ $(IMAGE_LIBS)

# `make match [GUESTS='tlb user']`: the guests on metal and under the Wedge, and a table of what matched.
MATCH_NEEDS := $(NATIVE)/match/match $(NATIVE)/match/place $(CROSS)/match/match $(NATIVE)/wedge/wedge $$(WEDGE) $$(HOST_IMAGE) $$(TINY_GUESTS)

.PHONY: match match-needs match-run match-big-endian
match-needs: $(MATCH_NEEDS)

# The same guests in the other byte order; not its kernel, which takes minutes, but which is run as well if it is there.
match-big-endian: match-needs
	@$(MAKE) --no-print-directory TARGET=$(BIG_ENDIAN) tiny

match: packages metal-packages
	@$(MAKE) --no-print-directory match-run

match-run: match-needs match-big-endian metal-qemu $$(GUEST_KERNEL)
	@match/run $(GUESTS)
