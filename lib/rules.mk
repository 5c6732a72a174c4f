# SPDX-License-Identifier: GPL-2.0-or-later
LIB_SOURCES := lib/complain.c lib/descriptors.c
# What only the Wedge uses: a kernel is known by the toolchain that made it.
HEAP_SOURCES := lib/heap.c
