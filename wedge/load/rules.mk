# SPDX-License-Identifier: GPL-2.0-or-later
#
# Opening, loading and relinking a guest kernel.
IMAGE_SOURCES := wedge/load/image.c wedge/load/kernel-file.c
IMAGE_LIBS := -lelf -lz
WEDGE_LOAD_SOURCES := $(IMAGE_SOURCES) wedge/load/kernel-log.c wedge/load/page-tables.c wedge/load/user-clock.c \
	wedge/load/relink.c wedge/load/segments.c wedge/load/structure.c wedge/load/tasks.c wedge/load/unwind.c
