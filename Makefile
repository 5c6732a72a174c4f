# SPDX-License-Identifier: GPL-2.0-or-later
#
# The whole of Afterburn. Two targets do everything on a fresh Debian 12 machine:
#
#	make run	install what is needed, build, boot the afterburnt Linux under the Wedge
#	make test	every test, on a clean machine as well
#
# Each folder says in its rules.mk what it builds; this file holds only what they share. Programs for the
# machine that builds go to build/native, programs for the MIPS64 Host to build/$(TARGET). Downloads and
# slow builds go to $(CACHE), outside the checkout, keyed by version.

# make TARGET=$(BIG_ENDIAN) builds for the other byte order: toolchain, kernel, initrd, and the Wedge for a Host of that order. HOST is a row of
# host/hosts, which says what its order is.
BIG_ENDIAN := mips64-linux-gnuabi64
HOST ?= malta
HOST_ROW := $(shell awk -v host='$(HOST)' '$$1 == host && !/^#/' host/hosts)
TARGET ?= $(or $(word 3,$(HOST_ROW)),mips64el-linux-gnuabi64)
ifeq ($(filter $(TARGET),mips64el-linux-gnuabi64 $(BIG_ENDIAN)),)
$(error TARGET=$(TARGET) is neither mips64el-linux-gnuabi64 nor $(BIG_ENDIAN))
endif
CACHE ?= $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/afterburn
JOBS ?= $(shell nproc)

TOP := $(CURDIR)
NATIVE := build/native
CROSS := build/$(TARGET)

# -I.: every include names its folder, "abi/afterburn.h", which is what the layer check reads.
CFLAGS ?= -O2 -g
WARNINGS := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wno-unused-parameter -Werror
ALL_CFLAGS = -std=gnu11 $(WARNINGS) -I. -MMD -MP $(CFLAGS)

# A step is one line, `  CC      native/lib/heap.o`; with V=1 it is the whole command, with -s nothing. Recipes begin with
# $(call step,CC), what follows in them with $(Q); what says itself what it does has an @.
ifneq ($(V),1)
Q := @
step = @$(if $(findstring s,$(firstword -$(MAKEFLAGS))),,printf "  %-7s %s\n" $1 $(@:build/%=%); )
endif

.DEFAULT_GOAL := all
.SECONDEXPANSION:
.DELETE_ON_ERROR:

include lib/rules.mk
include format/rules.mk
include board/rules.mk
include afterburner/rules.mk
include wedge/rules.mk
include match/rules.mk
include guests/rules.mk
include guests/tiny/rules.mk
include host/rules.mk
include metal/rules.mk
include bench/rules.mk
include packages/rules.mk
include tests/rules.mk

# What `make run` and the tests need besides the programs: the guest, the Host, and a Wedge for this machine.
ALL += kernel initrd wedge-native
ifneq ($(TARGET),$(BIG_ENDIAN))
ALL += host wedge
else ifneq ($(filter deb deb-all test test-long test-needs run-tests run-tests-long,$(MAKECMDGOALS)),)
$(error TARGET=$(TARGET): `make test` tests both targets, and Debian has no packages for this one)
endif

.PHONY: all clean
all: $(ALL)

# $(call objects,DIR,sources): the objects of these sources below DIR.
# Native objects: build/native/FOLDER/FILE.o; sanitized ones, for the tests: build/sanitized/..., build/threads/...
build/native/%.o: %.c
	@mkdir -p $(@D)
	$(call step,CC)$(CC) $(ALL_CFLAGS) -c -o $@ $<

build/sanitized/%.o: %.c
	@mkdir -p $(@D)
	$(call step,CC)$(CC) $(ALL_CFLAGS) -fsanitize=address,undefined -fno-sanitize-recover=all -c -o $@ $<

# Of fences the sanitizer knows nothing, and -Wtsan says so of each: what is ordered by one alone it would report.
build/threads/%.o: %.c
	@mkdir -p $(@D)
	$(call step,CC)$(CC) $(ALL_CFLAGS) -fsanitize=thread -Wno-tsan -c -o $@ $<

clean:
	rm -rf build

-include $(shell find build/native build/sanitized build/threads build/$(TARGET) -name '*.d' 2>/dev/null)
