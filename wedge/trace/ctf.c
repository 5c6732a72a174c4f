// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Records as the Common Trace Format (CTF, version 1.8.3), which babeltrace2 and Trace Compass read: a folder with a text that says what events look like,
 * made from points.def, and a stream for each core, all of it one packet. Nothing is aligned.
 */
#include <errno.h>

#include "wedge/trace/export.h"

#define MAGIC		0xc1fc1fc1u
#define HEADER_SIZE	(4 + 4 * 8 + 4)		/* magic, the packet's context */
#define EVENT_HEADER	(2 + 8)
#define NAME_SIZE	16

#define HOST_BIG	(__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__)

/* --- What events look like --- */

/* Only names that differ can be those of an enumeration. */
static void put_enumeration(const struct trace_log *log, enum trace_show show, FILE *out)
{
	const unsigned count = show == SHOW_EXIT ? log->exits : log->exceptions;
	const char *between = "";

	fputs("enum : u32 { ", out);
	for (unsigned i = 0; i < count; i++) {
		const char *text = show == SHOW_EXIT ? log->exit_names[i] : log->exception_name(i);

		if (!text || *text == '?')
			continue;
		fprintf(out, "%s\"%s\" = %u", between, text, i);
		between = ", ";
	}
	fprintf(out, "%s }", *between ? "" : "\"?\" = 0");
}

/* An underscore in front is taken off: so a name may be a word of the language's. */
static void put_field(const struct trace_log *log, const struct trace_row *row, unsigned n, FILE *out)
{
	const enum trace_show show = row->field[n].show;

	if (show == SHOW_NONE)
		return;
	fputs("\t\t", out);
	switch (show) {
	case SHOW_EXIT: case SHOW_EXCEPTION: put_enumeration(log, show, out); break;
	case SHOW_NAME16: fputs("text", out); break;
	case SHOW_HEX: case SHOW_ADDRESS: fputs(n ? "hex64" : "hex32", out); break;
	default: fputs(n ? "u64" : "u32", out);
	}
	fprintf(out, " _%s%s;\n", row->field[n].name, show == SHOW_NAME16 ? "[16]" : "");
}

static void put_integer(FILE *out, const char *name, unsigned bits, const char *more)
{
	fprintf(out, "typealias integer { size = %u; align = 8; signed = false;%s } := %s;\n", bits, more, name);
}

int trace_ctf__metadata(const struct trace_log *log, FILE *out)
{
	fputs("/* CTF 1.8 */\n\n", out);
	put_integer(out, "u16", 16, "");
	put_integer(out, "u32", 32, "");
	put_integer(out, "u64", 64, "");
	put_integer(out, "hex32", 32, " base = 16;");
	put_integer(out, "hex64", 64, " base = 16;");
	put_integer(out, "text", 8, " encoding = UTF8;");
	fprintf(out, "\ntrace {\n\tmajor = 1;\n\tminor = 8;\n\tbyte_order = %s;\n\tpacket.header := struct { u32 magic; };\n};\n\n", HOST_BIG ? "be" : "le");
	fprintf(out, "env {\n\tvm = \"%s\";\n\ttracer_name = \"afterburn\";\n};\n\n", log->vm);
	fputs("clock {\n\tname = monotonic;\n\tdescription = \"CLOCK_MONOTONIC of the Host\";\n\tfreq = 1000000000;\n};\n", out);
	put_integer(out, "time", 64, " map = clock.monotonic.value;");
	fputs("\nstream {\n\tevent.header := struct { u16 id; time timestamp; };\n"
	      "\tpacket.context := struct { time timestamp_begin; time timestamp_end; u64 content_size; u64 packet_size; u32 cpu_id; };\n};\n", out);
	for (unsigned i = 0; i < TRACE_POINTS; i++) {
		const struct trace_row *row = &trace__rows[i];

		fprintf(out, "\nevent {\n\tname = \"%s:%s\";\n\tid = %u;\n\tfields := struct {\n", row->system, row->event, i);
		for (unsigned n = 0; n < 3; n++)
			put_field(log, row, n, out);
		fputs("\t};\n};\n", out);
	}
	return ferror(out) ? -1 : 0;
}

/* --- Events --- */

static void put16(FILE *out, u16 value) { fwrite(&value, sizeof(value), 1, out); }
static void put32(FILE *out, u32 value) { fwrite(&value, sizeof(value), 1, out); }
static void put64(FILE *out, u64 value) { fwrite(&value, sizeof(value), 1, out); }

static unsigned size_of(unsigned point)
{
	const struct trace_row *row = &trace__rows[point];
	unsigned size = EVENT_HEADER;

	for (unsigned n = 0; n < 3; n++)
		if (row->field[n].show)
			size += row->field[n].show == SHOW_NAME16 ? NAME_SIZE : n ? 8 : 4;
	return size;
}

static void put_event(const struct trace_record *r, FILE *out)
{
	const struct trace_row *row = &trace__rows[r->point];
	const u64 value[] = { r->a, r->b, r->c };

	put16(out, r->point);
	put64(out, r->time);
	for (unsigned n = 0; n < 3; n++)
		if (row->field[n].show == SHOW_NAME16)
			fwrite(&r->b, 1, NAME_SIZE, out);	/* b and c */
		else if (row->field[n].show && n)
			put64(out, value[n]);
		else if (row->field[n].show)
			put32(out, value[n]);
}

int trace_ctf__stream(const struct trace_log *log, unsigned core, FILE *out)
{
	u64 size = HEADER_SIZE, begin = 0, end = 0;
	bool some = false;

	for (u64 i = 0; i < log->count; i++)
		if (log->record[i].core == core) {
			size += size_of(log->record[i].point);
			begin = some ? begin : log->record[i].time;
			end = log->record[i].time;
			some = true;
		}
	put32(out, MAGIC);
	put64(out, begin);
	put64(out, end);
	put64(out, 8 * size);
	put64(out, 8 * size);
	put32(out, core);
	for (u64 i = 0; i < log->count; i++)
		if (log->record[i].core == core)
			put_event(&log->record[i], out);
	return ferror(out) ? -1 : 0;
}
