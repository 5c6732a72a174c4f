# SPDX-License-Identifier: GPL-2.0-or-later
RECORDS_SOURCES := format/records.c
LOG_SOURCES := format/log.c
