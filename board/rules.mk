# SPDX-License-Identifier: GPL-2.0-or-later
#
# The Board, a portable library. boot.c and fdt.c need libfdt (-lfdt); the rest needs nothing.
BOARD_SOURCES := \
	board/board.c \
	board/boot.c \
	board/bootbus.c \
	board/ciu.c \
	board/fdt.c \
	board/flash.c \
	board/memory.c \
	board/misc.c \
	board/timer.c \
	board/twsi.c \
	board/uart.c
