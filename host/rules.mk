# SPDX-License-Identifier: GPL-2.0-or-later
#
# The Host of tests and of `make run`: Debian's stock mips64el kernel in Debian's QEMU, with an initramfs of
# busybox. $(SYSROOT) is a link into the cache; whoever links with mips64el libraries depends on
# $(SYSROOT)/.stamp and adds SYSROOT_CFLAGS and SYSROOT_LDFLAGS.

SYSROOT := build/sysroot
SYSROOT_CFLAGS := -isystem $(SYSROOT)/usr/include -isystem $(SYSROOT)/usr/include/$(TARGET)
SYSROOT_LDFLAGS := -static -L$(SYSROOT)/usr/lib/$(TARGET)

HOST_IMAGE := build/host/image.cpio
HOST_KERNEL := $(SYSROOT)/boot/vmlinuz
WEDGE := $(CROSS)/wedge/wedge

$(SYSROOT)/.stamp: host/unpack host/install-packages
	host/install-packages $(CACHE)
	host/unpack $(CACHE) $(SYSROOT)
	@touch $@

$(HOST_IMAGE): host/init guests/initramfs/applets guests/make-initramfs $(NATIVE)/guests/gen_init_cpio $(SYSROOT)/.stamp
	guests/make-initramfs $(NATIVE)/guests/gen_init_cpio $(SYSROOT)/bin/busybox host/init $@ </dev/null

.PHONY: host run run-vm packages
host: $(HOST_IMAGE)

packages:
	@host/install-packages $(CACHE)

# make run [CMD='command for the guest']. As it was typed: a dollar in it is the guest shell's, not make's. A
# command that fails makes this make exit with 2; host/run itself exits with the command's status.
ifneq ($(value CMD),)
override CMD := $(value CMD)
export CMD
endif

# Packages first and in a make of its own: rules of other folders ask the compilers where their headers are.
run: packages
	@$(MAKE) --no-print-directory run-vm

run-vm: $(HOST_IMAGE) $(WEDGE) $(GUEST_KERNEL) $(GUEST_INITRD)
	@host/run $(if $(value CMD),"$$CMD")
