# SPDX-License-Identifier: GPL-2.0-or-later
#
# What QEMU is built with: the machine octeon and its virtio devices. MIPS_CPS and MIPS_ITU are not on that
# board, but the code of QEMU's MIPS cores refers to them.
CONFIG_SEMIHOSTING=y
CONFIG_MIPS_CPS=y
CONFIG_MIPS_ITU=y
CONFIG_OCTEON=y
CONFIG_VIRTIO_BLK=y
CONFIG_VIRTIO_NET=y
CONFIG_VIRTIO_RNG=y
CONFIG_VIRTIO_SERIAL=y
CONFIG_VIRTIO_BALLOON=y
