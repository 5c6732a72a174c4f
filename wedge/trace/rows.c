// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * points.def as a table, for who shows records.
 */
#include "wedge/trace/export.h"

#define FIELD(name, show)	{ #name, SHOW_##show }
#define NONE			{ NULL, SHOW_NONE }
#define NAME16			{ "comm", SHOW_NAME16 }

const struct trace_row trace__rows[TRACE_POINTS] = {
#define POINT(name, system, event, flight, a, b, c, meaning) [TRACE_##name] = { #name, system, event, { a, b, c }, meaning },
#include "wedge/trace/points.def"
#undef POINT
};
