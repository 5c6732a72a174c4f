# SPDX-License-Identifier: GPL-2.0-or-later
#
# Opening, loading and relinking a guest kernel. Needs libelf (-lelf).
WEDGE_LOAD_SOURCES := \
	wedge/load/image.c wedge/load/kernel-log.c wedge/load/page-tables.c wedge/load/user-clock.c \
	wedge/load/relink.c wedge/load/segments.c wedge/load/structure.c wedge/load/tasks.c wedge/load/unwind.c
