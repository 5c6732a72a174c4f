# SPDX-License-Identifier: GPL-2.0-or-later
#
# What runs in the VM: `make kernel` builds the afterburnt Linux, `make kernel-plain` the same with the plain
# compiler, to compare sizes; `make initrd` the guest's user space. Kernels are built in the cache.
# The guest of the Host's byte order lies in build/guest, the other one, for metal and the interpreter, in
# build/$(TARGET)/guest.

GUEST := $(if $(filter mips64el-%,$(TARGET)),build,$(CROSS))/guest
GUEST_KERNEL := $(GUEST)/vmlinux
GUEST_KERNEL_PLAIN := $(GUEST)/vmlinux-plain
GUEST_INITRD := $(GUEST)/initrd.gz
GUEST_TREE := build/guest/linux
GUEST_MODULES := $(GUEST)/modules/list
GUEST_PROGRAMS := $(CROSS)/guests/programs/programs
GUEST_PROGRAM_SOURCES := $(wildcard guests/programs/*.c)
GUEST_PROGRAM_OBJECTS := $(GUEST_PROGRAM_SOURCES:%.c=$(CROSS)/%.o)
GUEST_PROGRAM_NAMES := $(shell sed -n 's/^\(PROGRAM\|LONG\|WIDE\)(\(.*\))$$/\2/p' guests/programs/programs.def)
GUEST_O32_NAMES := $(shell sed -n 's/^PROGRAM(\(.*\))$$/\1/p' guests/programs/programs.def)
GUEST_N32_NAMES := $(shell sed -n 's/^\(PROGRAM\|LONG\)(\(.*\))$$/\2/p' guests/programs/programs.def)
GUEST_TOOL_NAMES := $(shell sed -n 's/^TOOL(\(.*\))$$/\1/p' guests/programs/programs.def)

# The user space of guest and Host. Debian has no packages for big-endian MIPS64; there it is built.
ifeq ($(TARGET),$(BIG_ENDIAN))
BUSYBOX := $(GUEST)/busybox
$(BUSYBOX): guests/build-busybox
	@guests/build-busybox $(CACHE) $@ $(TARGET) $(JOBS)
else
BUSYBOX := build/sysroot/bin/busybox
$(BUSYBOX): build/sysroot/.stamp ;
endif

.PHONY: kernel kernel-plain initrd guest-tree
kernel: $(GUEST_KERNEL)
kernel-plain: $(GUEST_KERNEL_PLAIN)
initrd: $(GUEST_INITRD)

guest-tree:
	@guests/linux-tree $(CACHE) $(GUEST_TREE)

# What a kernel consists of, more or less, to tell how far its build is.
KERNEL_OBJECTS := 980

# Phony prerequisites: the scripts know better than time stamps whether anything is to be done, and leave the
# file alone if not.
$(GUEST_KERNEL): guest-tree afterburner
	@host/time-left --of $(KERNEL_OBJECTS) guests/build-kernel $(GUEST_TREE) $(CACHE) $@ $(TARGET) $(JOBS) $(NATIVE)/afterburner

$(GUEST_KERNEL_PLAIN): guest-tree
	@host/time-left --of $(KERNEL_OBJECTS) guests/build-kernel $(GUEST_TREE) $(CACHE) $@ $(TARGET) $(JOBS)

$(GUEST_MODULES): $(GUEST_KERNEL) afterburner
	@guests/build-modules $(GUEST_KERNEL) $(@D) $(TARGET) $(NATIVE)/afterburner

$(NATIVE)/guests/gen_init_cpio: | guest-tree
	@mkdir -p $(@D)
	$(call step,CC)$(CC) -O2 -o $@ $(GUEST_TREE)/usr/gen_init_cpio.c

# With padded system calls, which must not be noticed, wherever they run.
# -ffp-contract=off: fused multiply-add would change the sums fp_loop knows.
$(GUEST_PROGRAM_OBJECTS): $(CROSS)/%.o: %.c guests/programs/check.h guests/programs/programs.def \
		$(wildcard guests/random/*.h) $(AFTERBURNER_NAMED)
	@mkdir -p $(@D)
	$(call step,CC)$(AFTERBURNER_NAMED) --afterburn-user -std=gnu11 $(WARNINGS) -D_GNU_SOURCE -I. -O2 -ffp-contract=off -pthread \
		-c -o $@ $<

$(GUEST_PROGRAMS): $(GUEST_PROGRAM_OBJECTS)
	$(call step,LD)$(TARGET)-gcc -static -pthread -s -o $@ $^ -lm

# The same as 32-bit programs, o32 and n32, which are /o32/NAME and /n32/NAME, and Debian's own busybox for mipsel, which is /o32/busybox:
# to be put behind the guest's initramfs.
.PHONY: narrow-root narrow-packages
narrow-packages:
	@host/install-packages $(CACHE) narrow
narrow-root: $(GUEST)/narrow.cpio.gz
GUEST_O32 := $(CROSS)/guests/programs/programs-o32
GUEST_N32 := $(CROSS)/guests/programs/programs-n32
$(GUEST_O32): ABI := -mabi=32
$(GUEST_N32): ABI := -mabi=n32
$(GUEST_O32): $(GUEST_O32_NAMES:%=guests/programs/%.c)
$(GUEST_N32): $(GUEST_N32_NAMES:%=guests/programs/%.c)
$(GUEST_O32) $(GUEST_N32): guests/programs/main.c guests/programs/check.h guests/programs/programs.def | narrow-packages
	@mkdir -p $(@D)
	$(call step,CC)$(TARGET)-gcc $(ABI) -std=gnu11 $(WARNINGS) -D_GNU_SOURCE -I. -O2 -ffp-contract=off -static -pthread -s -o $@ $(filter %.c,$^) -lm -latomic

$(GUEST)/narrow.cpio.gz: $(GUEST_O32) $(GUEST_N32) guests/make-narrow $(NATIVE)/guests/gen_init_cpio
	$(call step,CPIO)guests/make-narrow $(CACHE) $(NATIVE)/guests/gen_init_cpio $@ $(GUEST_O32) '$(GUEST_O32_NAMES)' $(GUEST_N32) '$(GUEST_N32_NAMES)'

$(GUEST_INITRD).contents: guests/programs/programs.def guests/rules.mk $(GUEST_MODULES)
	@mkdir -p $(@D)
	@printf '%s\n' $(GUEST_PROGRAM_NAMES) > $(GUEST_INITRD).tests
	@{ echo "file /tests/programs $(GUEST_PROGRAMS) 0755 0 0"; \
	   echo "file /tests/list $(GUEST_INITRD).tests 0644 0 0"; \
	   echo "file /tests/all guests/initramfs/all 0755 0 0"; \
	   echo "dir /modules 0755 0 0"; \
	   sed 's|^.*  \(.*\)|file /modules/\1 $(GUEST)/modules/\1 0644 0 0|' $(GUEST_MODULES); \
	   printf 'slink /tests/%s programs 0777 0 0\n' $(GUEST_PROGRAM_NAMES) $(GUEST_TOOL_NAMES); } > $@

$(GUEST_INITRD): $(GUEST_INITRD).contents $(GUEST_PROGRAMS) $(wildcard guests/initramfs/*) guests/make-initramfs \
		$(NATIVE)/guests/gen_init_cpio $(BUSYBOX)
	$(call step,CPIO)guests/make-initramfs $(NATIVE)/guests/gen_init_cpio $(BUSYBOX) guests/initramfs/init $@ \
		< $(GUEST_INITRD).contents

# A boot loader for the Board: U-Boot, to be put at the beginning of a flash (guests/make-flash).
U_BOOT := $(GUEST)/u-boot.bin
.PHONY: u-boot u-boot-bin
u-boot: packages metal-packages
	@$(MAKE) --no-print-directory u-boot-bin

u-boot-bin:
	@guests/build-u-boot $(CACHE) $(U_BOOT) $(TARGET) $(JOBS)

# The Debian guest: the disk of a small Debian 12, to be copied before use, and a key for its ssh, in build/guest/debian/$(DEBIAN).
# With DEBIAN=mipsel its programs are o32.
DEBIAN ?= mips64el
.PHONY: debian-packages debian-image debian-image-vm
debian-packages:
	@host/install-packages $(CACHE) debian

debian-image: packages debian-packages metal-packages
	@$(MAKE) --no-print-directory debian-image-vm

debian-image-vm: kernel metal-qemu
	@guests/debian/build-image $(CACHE) build/guest/debian/$(DEBIAN) '$(DEBIAN)'

# make run-debian [DEBIAN=mipsel] [MACHINE=metal]: a disk that stays is build/guest/debian/$(DEBIAN)/disk.
.PHONY: run-debian run-debian-vm
run-debian: debian-image
	@$(MAKE) --no-print-directory run-debian-vm

run-debian-vm: host metal-host $$(WEDGE) wedge-native
	@host/run-debian
