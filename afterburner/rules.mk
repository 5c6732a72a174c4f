# SPDX-License-Identifier: GPL-2.0-or-later
#
# `make afterburner`: the build-time half. All of it lies in build/native/afterburner, which may be moved
# as a whole: the driver finds its helpers beside itself. The plugin is built for one target, in a folder
# of that name; for another one: make afterburner TARGET=mips64-linux-gnuabi64.

AFTERBURNER := $(NATIVE)/afterburner
AFTERBURNER_PROGRAMS := $(addprefix $(AFTERBURNER)/,afterburn-gcc afterburn-as afterburn-finish afterburn-dump afterburn-check \
	afterburn-diff afterburn-report)
# What GCC loads comes last: it is there when all of it is.
AFTERBURNER_PASSES := $(AFTERBURNER)/$(TARGET)/afterburn_passes.so
AFTERBURNER_PLUGIN := $(AFTERBURNER)/$(TARGET)/afterburn_plugin.so
AFTERBURNER_AS := $(AFTERBURNER)/kernel/as $(AFTERBURNER)/user/as
AFTERBURNER_GCC_IS := $(AFTERBURNER)/$(TARGET)/.built-for
AFTERBURNER_MACROS := $(AFTERBURNER)/afterburn.s $(AFTERBURNER)/afterburn-user.s
AFTERBURNER_MARKS := $(AFTERBURNER)/linux.sensitive
AFTERBURNER_NAMED := $(AFTERBURNER)/$(TARGET)-afterburn-gcc

# What the Wedge uses as well.
MIPS_INSN_SOURCES := abi/mips_insn.c
SENSITIVE_SOURCES := afterburner/sensitive.c
TEST_SOURCES_records = $(RECORDS_SOURCES) $(LIB_SOURCES)
TEST_SOURCES_elf64 = afterburner/code.c afterburner/regions.c afterburner/elf64-edit.c $(AFTERBURN_ELF_SOURCES)

AFTERBURN_GCC_OBJECTS := $(patsubst %.c,$(NATIVE)/%.o,afterburner/gcc.c afterburner/gcc-plan.c $(LIB_SOURCES))
AFTERBURN_ELF_SOURCES := afterburner/elf64.c $(RECORDS_SOURCES) $(SENSITIVE_SOURCES) $(MIPS_INSN_SOURCES) $(LIB_SOURCES)
AFTERBURN_PASS_SOURCES := afterburner/finish.c afterburner/code.c afterburner/regions.c afterburner/elf64-edit.c \
	$(AFTERBURN_ELF_SOURCES)
AFTERBURN_AS_OBJECTS := $(patsubst %.c,$(NATIVE)/%.o,afterburner/as.c $(AFTERBURN_PASS_SOURCES))
AFTERBURN_FINISH_OBJECTS := $(patsubst %.c,$(NATIVE)/%.o,afterburner/finish-main.c $(AFTERBURN_PASS_SOURCES))
# What looks at files and prints, with the lines of the source: libdw reads them, zlib checks whose they are.
AFTERBURN_LISTING_SOURCES := afterburner/listing.c afterburner/lines.c $(AFTERBURN_ELF_SOURCES)
AFTERBURN_LISTING_LIBS := -ldw -lelf -lz
AFTERBURN_DUMP_OBJECTS := $(patsubst %.c,$(NATIVE)/%.o,afterburner/dump.c $(AFTERBURN_LISTING_SOURCES))
AFTERBURN_DIFF_OBJECTS := $(patsubst %.c,$(NATIVE)/%.o,afterburner/diff.c $(AFTERBURN_LISTING_SOURCES))
AFTERBURN_CHECK_OBJECTS := $(patsubst %.c,$(NATIVE)/%.o,afterburner/check.c afterburner/known.c afterburner/coverage.c \
	afterburner/coverage-data.c afterburner/coverage-dead.c afterburner/code.c afterburner/regions.c \
	$(AFTERBURN_LISTING_SOURCES))
AFTERBURN_REPORT_OBJECTS := $(patsubst %.c,$(NATIVE)/%.o,afterburner/report.c $(AFTERBURN_LISTING_SOURCES))

.PHONY: afterburner
afterburner: $(AFTERBURNER_PROGRAMS) $(AFTERBURNER_AS) $(AFTERBURNER_PLUGIN) $(AFTERBURNER_MACROS) $(AFTERBURNER_NAMED)
ALL += afterburner

# Caches of compilers look at the driver's time stamp: so it is linked anew when anything changes that shapes an object.
$(AFTERBURNER)/afterburn-gcc: $(AFTERBURN_GCC_OBJECTS) $(AFTERBURNER)/afterburn-as $(AFTERBURNER_PLUGIN) $(AFTERBURNER_MACROS) \
	$(AFTERBURNER_MARKS)
$(AFTERBURNER)/afterburn-as: $(AFTERBURN_AS_OBJECTS)
$(AFTERBURNER)/afterburn-finish: $(AFTERBURN_FINISH_OBJECTS)
$(AFTERBURNER)/afterburn-dump: $(AFTERBURN_DUMP_OBJECTS)
$(AFTERBURNER)/afterburn-check: $(AFTERBURN_CHECK_OBJECTS)
$(AFTERBURNER)/afterburn-diff: $(AFTERBURN_DIFF_OBJECTS)
$(AFTERBURNER)/afterburn-report: $(AFTERBURN_REPORT_OBJECTS)
$(addprefix $(AFTERBURNER)/afterburn-,dump diff check report): LIBS := $(AFTERBURN_LISTING_LIBS)
$(AFTERBURNER_PROGRAMS):
	$(call step,LD)$(CC) $(CFLAGS) -o $@ $(filter %.o,$^) $(LIBS)

$(AFTERBURNER_MARKS): afterburner/linux.sensitive
	@mkdir -p $(@D)
	$(Q)cp $< $@

$(AFTERBURNER_NAMED): $(AFTERBURNER)/afterburn-gcc
	$(Q)ln -sf afterburn-gcc $@

# In folders of their own: GCC is told where its assembler is, not which (-B).
$(AFTERBURNER_AS): | $(AFTERBURNER)/afterburn-as
	@mkdir -p $(@D)
	$(Q)ln -sfn ../afterburn-as $@

# A plugin fits one build of one compiler. The file changes when that does.
.PHONY: gcc-is
$(AFTERBURNER_GCC_IS): gcc-is
	@mkdir -p $(@D)
	@{ echo '$(CXX)'; $(TARGET)-gcc -v; } >$@.new 2>&1; if cmp -s $@.new $@; then rm $@.new; else mv $@.new $@; fi

# GCC's headers are the system's, and not clean under our warnings: hence -isystem.
AFTERBURNER_CXX = $(CXX) -std=gnu++14 -O2 -g -Wall -Wextra -Wno-unused-parameter -fno-rtti -fno-exceptions -fPIC -shared \
	-I. -isystem $(shell $(TARGET)-gcc -print-file-name=plugin)/include -o $@
$(AFTERBURNER_PASSES): $(wildcard afterburner/plugin/*) abi/sensitive.def abi/accesses.def $(AFTERBURNER_GCC_IS)
	@mkdir -p $(@D)
	$(call step,CXX)$(AFTERBURNER_CXX) $(filter-out %/load.cc,$(filter %.cc,$^))

$(AFTERBURNER_PLUGIN): afterburner/plugin/load.cc $(AFTERBURNER_GCC_IS) $(AFTERBURNER_PASSES)
	$(call step,CXX)$(AFTERBURNER_CXX) $<

$(AFTERBURNER)/generate-macros: $(NATIVE)/gas-macros/generate.o
	@mkdir -p $(@D)
	$(call step,LD)$(CC) $(CFLAGS) -o $@ $^

$(AFTERBURNER)/afterburn.s: $(AFTERBURNER)/generate-macros
	$(call step,GEN)$< > $@

$(AFTERBURNER)/afterburn-user.s: $(AFTERBURNER)/generate-macros
	$(call step,GEN)$< --user > $@
