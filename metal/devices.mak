# SPDX-License-Identifier: GPL-2.0-or-later
#
# What QEMU is built with. MIPS_CPS and MIPS_ITU are on neither board, but the code of QEMU's MIPS cores refers to
# them.
CONFIG_SEMIHOSTING=y
CONFIG_MIPS_CPS=y
CONFIG_MIPS_ITU=y

# The machine octeon and its virtio devices.
CONFIG_OCTEON=y
CONFIG_VIRTIO_BLK=y
CONFIG_VIRTIO_NET=y
CONFIG_VIRTIO_RNG=y
CONFIG_VIRTIO_SERIAL=y
CONFIG_VIRTIO_BALLOON=y

# The machine malta, the default Host: patches 2 and 3 mend its timer, 15 its jumps to odd addresses, 16 its FPU.
CONFIG_MALTA=y
CONFIG_PCI=y
CONFIG_ACPI=y
CONFIG_ACPI_SMBUS=y
CONFIG_APM=y
CONFIG_PIIX4=y
CONFIG_SERIAL_ISA=y
CONFIG_PARALLEL=y
CONFIG_PFLASH_CFI01=y
CONFIG_EMPTY_SLOT=y
CONFIG_SMBUS_EEPROM=y

# The machine loongson3-virt, a Host with pages of 16 KB: its UART, clock and interrupts come with it.
CONFIG_LOONGSON3V=y
CONFIG_UNIMP=y
