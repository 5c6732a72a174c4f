# SPDX-License-Identifier: GPL-2.0-or-later
LIB_SOURCES := lib/complain.c lib/descriptors.c
