# SPDX-License-Identifier: GPL-2.0-or-later
#
# The Host of tests and of `make run`: Debian's stock mips64el kernel in our QEMU (metal/), with an initramfs of
# busybox. $(SYSROOT) is a link into the cache; whoever links with libraries of the target depends on
# $(SYSROOT)/.stamp and adds SYSROOT_CFLAGS and SYSROOT_LDFLAGS. What lies there is Debian's, or, big-endian, built from Debian's sources.

ifeq ($(TARGET),$(BIG_ENDIAN))
HOST_OUT := $(CROSS)/host
SYSROOT := $(CROSS)/sysroot
else
HOST_OUT := build/host
SYSROOT := build/sysroot
endif
SYSROOT_CFLAGS := -isystem $(SYSROOT)/usr/include -isystem $(SYSROOT)/usr/include/$(TARGET)
SYSROOT_LDFLAGS := -static -L$(SYSROOT)/usr/lib/$(TARGET)

HOST_IMAGE := $(HOST_OUT)/image.cpio
WEDGE := $(CROSS)/wedge/wedge

build/sysroot/.stamp: host/unpack host/install-packages
	$(Q)host/install-packages $(CACHE)
	$(Q)host/unpack $(CACHE) $(@D)
	@touch $@

build/$(BIG_ENDIAN)/sysroot/.stamp: host/build-libraries host/install-packages | guest-tree
	$(Q)host/install-packages $(CACHE) big-endian
	@host/build-libraries $(CACHE) $(GUEST_TREE) $(@D) $(BIG_ENDIAN)
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

$(HOST_IMAGE): host/init guests/initramfs/applets guests/make-initramfs $(NATIVE)/guests/gen_init_cpio $(BUSYBOX)
	$(call step,CPIO)guests/make-initramfs $(NATIVE)/guests/gen_init_cpio $(BUSYBOX) host/init $@ </dev/null

# HOST=octeon: another Host, a row of host/hosts; CORES of it.
HOST_FOLDER := $(filter-out -,$(word 4,$(HOST_ROW)))

# The big-endian Octeon.
.PHONY: octeon-be-packages octeon-be-host
octeon-be-packages: metal-packages
	@host/install-packages $(CACHE) big-endian

octeon-be-host:
	@host/time-left metal/build-qemu $(CACHE) $(METAL) $(JOBS) mips64
	@host/time-left --of $(KERNEL_OBJECTS) guests/build-vanilla $(CACHE) build/$(BIG_ENDIAN)/host/vmlinux $(BIG_ENDIAN) $(JOBS)

# The Loongson: pages of 16 KB.
.PHONY: loongson-packages loongson-host
loongson-packages:
	@host/install-packages $(CACHE) loongson

loongson-host: qemu-host
	@host/unpack-kernel $(CACHE) loongson-3 build/loongson/vmlinuz

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
