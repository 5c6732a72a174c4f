# SPDX-License-Identifier: GPL-2.0-or-later
#
# The Host of tests and of `make run`: Debian's stock mips64el kernel in our QEMU (metal/), with an initramfs of
# busybox. $(SYSROOT) is a link into the cache; whoever links with mips64el libraries depends on
# $(SYSROOT)/.stamp and adds SYSROOT_CFLAGS and SYSROOT_LDFLAGS.

SYSROOT := build/sysroot
SYSROOT_CFLAGS := -isystem $(SYSROOT)/usr/include -isystem $(SYSROOT)/usr/include/$(TARGET)
SYSROOT_LDFLAGS := -static -L$(SYSROOT)/usr/lib/$(TARGET)

HOST_IMAGE := build/host/image.cpio
HOST_KERNEL := $(SYSROOT)/boot/vmlinuz
WEDGE := $(CROSS)/wedge/wedge

$(SYSROOT)/.stamp: host/unpack host/install-packages
	$(Q)host/install-packages $(CACHE)
	$(Q)host/unpack $(CACHE) $(SYSROOT)
	@touch $@

# The user-mode network, for the Wedge.
LIBSLIRP := $(CROSS)/libslirp
$(LIBSLIRP)/.stamp: host/build-libslirp $(SYSROOT)/.stamp
	@host/build-libslirp $(CACHE) $(SYSROOT) $(LIBSLIRP) $(TARGET)
	@touch $@

# JSON, for the Wedge's control socket and wedgectl.
LIBCJSON := $(CROSS)/libcjson
$(LIBCJSON)/.stamp: host/build-libcjson host/install-packages
	$(Q)host/install-packages $(CACHE)
	@host/build-libcjson $(CACHE) $(LIBCJSON) $(TARGET)
	@touch $@

$(HOST_IMAGE): host/init guests/initramfs/applets guests/make-initramfs $(NATIVE)/guests/gen_init_cpio $(SYSROOT)/.stamp
	$(call step,CPIO)guests/make-initramfs $(NATIVE)/guests/gen_init_cpio $(SYSROOT)/bin/busybox host/init $@ </dev/null

# HOST=octeon: another Host, a row of host/hosts; CORES of it.
HOST ?= malta
HOST_ROW := $(shell awk -v host='$(HOST)' '$$1 == host && !/^#/' host/hosts)
HOST_FOLDER := $(filter-out -,$(word 3,$(HOST_ROW)))

.PHONY: host run run-vm packages known-host
host: $(HOST_IMAGE) $(HOST_FOLDER:%=%-host)

known-host:
	$(if $(HOST_ROW),,$(error no Host "$(HOST)"; host/hosts has them))

packages:
	@host/install-packages $(CACHE) $(if $(filter $(BIG_ENDIAN),$(TARGET)),big-endian)

# make run [CMD='command for the guest'] [HOST=octeon [CORES=4]]. CMD as it was typed: a dollar in it is the
# guest shell's, not make's. A command that fails makes this make exit with 2; host/run itself exits with the
# command's status.
ifneq ($(value CMD),)
override CMD := $(value CMD)
export CMD
endif

# Packages first and in a make of its own: rules of other folders ask the compilers where their headers are.
run: known-host packages $(HOST_FOLDER:%=%-packages)
	@$(MAKE) --no-print-directory run-vm

run-vm: host $(WEDGE) $(GUEST_KERNEL) $(GUEST_INITRD)
	@HOST=$(HOST) CORES=$(CORES) host/run $(if $(value CMD),"$$CMD")
