# SPDX-License-Identifier: GPL-2.0-or-later
#
# Metal: the Board as a machine of QEMU, to run the guest's kernel without the Wedge.
#
#	make metal				builds QEMU, once, in the cache
#	make metal-run [CMD='...'] [CORES=4]	boots the guest that `make run` boots
#	make metal-run TARGET=$(BIG_ENDIAN)	the big-endian one
#
# QEMU depends on no file: the script knows better than time stamps whether anything is to be done.

METAL := build/metal
METAL_CHECK := $(CROSS)/metal/check
METAL_STOCK := build/metal/stock
METAL_COUNT := build/metal/count.so

.PHONY: metal metal-packages metal-qemu metal-check metal-run metal-run-vm metal-stock metal-host qemu-packages qemu-host
metal-packages:
	@host/install-packages $(CACHE) metal

qemu-packages:
	@host/install-packages $(CACHE) qemu

metal-qemu:
	@host/time-left metal/build-qemu $(CACHE) $(METAL) $(JOBS)

# A guest without a kernel, for the tests.
metal-check: $(METAL_CHECK)
$(METAL_CHECK): metal/check.c
	@mkdir -p $(@D)
	$(call step,CC)$(TARGET)-gcc -std=gnu11 -O2 -mabi=64 -march=octeon -mno-abicalls -fno-pic -msym32 -G0 -ffreestanding -nostdlib \
		-static -Wl,-N,-e,_start,-Ttext-segment=0xffffffff81100000,--build-id=none -o $@ $<

# Debian's own kernel for such boards, for the tests.
metal-stock: $(NATIVE)/guests/gen_init_cpio $$(GUEST_INITRD)
	@metal/stock $(CACHE) $(NATIVE)/guests/gen_init_cpio $(GUEST_INITRD) $(METAL_STOCK)

# A plugin that counts instructions, for bench/where.
$(METAL_COUNT): metal/count.c | metal-qemu
	$(call step,CC)$(CC) -std=gnu11 $(WARNINGS) -O2 -fPIC -shared -I build/metal -o $@ $<

# What the little-endian Hosts need: host/hosts. One of the two programs will do: `make run` waits for it.
qemu-host:
	@host/time-left metal/build-qemu $(CACHE) $(METAL) $(JOBS) mips64el

metal-host: qemu-host metal-stock

metal: metal-packages
	@$(MAKE) --no-print-directory metal-qemu

metal-run: packages metal-packages
	@$(MAKE) --no-print-directory metal-run-vm

CORES ?= 1
metal-run-vm: metal-qemu $$(GUEST_KERNEL) $$(GUEST_INITRD)
	@MACHINE=metal CORES=$(CORES) host/run $(if $(value CMD),"$$CMD")

test test-long: metal-packages
test-needs: metal-qemu $(METAL_COUNT) metal-stock metal-check match-needs $$(GUEST_KERNEL) $$(GUEST_INITRD)
