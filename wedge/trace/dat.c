// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Records as a trace.dat of version 6: trace-cmd.dat.v6(5). No library writes one that was not recorded by this machine's kernel: libtracecmd takes the
 * formats of events out of tracefs.
 *
 * The file says in text what its events look like, each made from a row of points.def, and has the pages of the ring buffer of each CPU: a
 * time, a length, and events, each 4 bytes (5 bits: a quarter of its length; 27 bits: nanoseconds since the one before) and its data.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "wedge/trace/export.h"

#define PAGE		4096u
#define PAGE_HEAD	16u		/* u64 time, u64 length */
#define FIRST_ID	500		/* of events; those of the kernel's tracers are below */
#define DELTA_BITS	27
#define TIME_EXTEND	30		/* in place of a length: eight bytes that only move the time on */
#define NAMES_MOST	4096		/* tasks whose names are told */
/*
 * Reasons of exits begin here: programs with plugins for kvm's events (KernelShark; trace-cmd without -N) have names of x86 for small numbers, and would say
 * TRIPLE_FAULT where a guest has asked for something.
 */
#define EXIT_BASE	1000
#define THREADS_PID	((1 << 22) + 1)	/* stands for the monitor's threads; no task of the guest has it */

#define HOST_BIG	(__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__)

/* --- Text --- */

static void put32(FILE *out, u32 value) { fwrite(&value, sizeof(value), 1, out); }
static void put64(FILE *out, u64 value) { fwrite(&value, sizeof(value), 1, out); }

/* What `write` writes, with its size in front, of so many bytes. */
static void put_sized(FILE *out, unsigned size_bytes, void (*write)(const struct trace_log *, unsigned, FILE *),
		      const struct trace_log *log, unsigned n)
{
	char *text = NULL;
	size_t size = 0;
	FILE *memory = open_memstream(&text, &size);

	if (!memory)
		return;
	write(log, n, memory);
	if (!fclose(memory)) {
		if (size_bytes == 8)
			put64(out, size);
		else
			put32(out, size);
		fwrite(text, 1, size, out);
	}
	free(text);
}

static void header_page(const struct trace_log *log, unsigned n, FILE *out)
{
	fprintf(out, "\tfield: u64 timestamp;\toffset:0;\tsize:8;\tsigned:0;\n"
		"\tfield: local_t commit;\toffset:8;\tsize:8;\tsigned:1;\n"
		"\tfield: int overwrite;\toffset:8;\tsize:1;\tsigned:1;\n"
		"\tfield: char data;\toffset:%u;\tsize:%u;\tsigned:1;\n", PAGE_HEAD, PAGE - PAGE_HEAD);
}

static void header_event(const struct trace_log *log, unsigned n, FILE *out)
{
	fputs("# compressed entry header\n\ttype_len    :    5 bits\n\ttime_delta  :   27 bits\n\tarray       :   32 bits\n\n"
	      "\tpadding     : type == 29\n\ttime_extend : type == 30\n\ttime_stamp : type == 31\n\tdata max type_len  == 28\n", out);
}

/* --- What an event looks like --- */

/* Where the fields of an event are in it: those of any event are in front. */
enum { VCPU = 8, FIELD_A = 12, FIELD_B = 16, FIELD_C = 24, EVENT_SIZE = 32, SWITCH_SIZE = 64 };

static void field(FILE *out, const char *type, const char *name, const char *array, unsigned offset, unsigned size, bool is_signed)
{
	fprintf(out, "\tfield:%s %s%s;\toffset:%u;\tsize:%u;\tsigned:%d;\n", type, name, array, offset, size, is_signed);
}

/* As the scheduler's own event, which every program knows. */
static void switch_format(FILE *out)
{
	field(out, "char", "prev_comm", "[16]", 8, 16, false);
	field(out, "pid_t", "prev_pid", "", 24, 4, true);
	field(out, "int", "prev_prio", "", 28, 4, true);
	field(out, "long", "prev_state", "", 32, 8, true);
	field(out, "char", "next_comm", "[16]", 40, 16, false);
	field(out, "pid_t", "next_pid", "", 56, 4, true);
	field(out, "int", "next_prio", "", 60, 4, true);
	fputs("\nprint fmt: \"prev_comm=%s prev_pid=%d ==> next_comm=%s next_pid=%d\", REC->prev_comm, REC->prev_pid, REC->next_comm, REC->next_pid\n", out);
}

static void symbolic(const struct trace_log *log, const char *name, enum trace_show show, FILE *out)
{
	const unsigned count = show == SHOW_EXIT ? log->exits : log->exceptions;
	bool some = false;

	fprintf(out, ", __print_symbolic(REC->%s", name);
	for (unsigned i = 0; i < count; i++) {
		const char *text = show == SHOW_EXIT ? log->exit_names[i] : log->exception_name(i);

		if (!text || *text == '?')
			continue;
		fprintf(out, ", { %u, \"%s\" }", i + (show == SHOW_EXIT ? EXIT_BASE : 0), text);
		some = true;
	}
	fprintf(out, "%s)", some ? "" : ", { 0, \"?\" }");
}

static void format(const struct trace_log *log, unsigned point, FILE *out)
{
	static const char *const shown[] = {
		[SHOW_DECIMAL] = "%llu", [SHOW_HEX] = "0x%llx", [SHOW_ADDRESS] = "0x%llx (%pS)", [SHOW_EXIT] = "%s", [SHOW_EXCEPTION] = "%s",
	};
	static const unsigned offset[] = { FIELD_A, FIELD_B, FIELD_C };
	const struct trace_row *row = &trace__rows[point];

	fprintf(out, "name: %s\nID: %u\nformat:\n", row->event, FIRST_ID + point);
	field(out, "unsigned short", "common_type", "", 0, 2, false);
	field(out, "unsigned char", "common_flags", "", 2, 1, false);
	field(out, "unsigned char", "common_preempt_count", "", 3, 1, false);
	field(out, "int", "common_pid", "", 4, 4, true);
	fputc('\n', out);
	if (point == TRACE_SWITCH) {
		switch_format(out);
		return;
	}
	field(out, "unsigned int", "vcpu_id", "", VCPU, 4, false);
	for (unsigned i = 0; i < 3; i++)
		if (row->field[i].show)
			field(out, i ? "unsigned long" : "unsigned int", row->field[i].name, "", offset[i], i ? 8 : 4, false);
	fputs("\nprint fmt: \"vcpu %u", out);
	for (unsigned i = 0; i < 3; i++)
		if (row->field[i].show)
			fprintf(out, " %s=%s", row->field[i].name, shown[row->field[i].show]);
	fputs("\", REC->vcpu_id", out);
	for (unsigned i = 0; i < 3; i++)
		switch (row->field[i].show) {
		case SHOW_NONE:
			break;
		case SHOW_EXIT: case SHOW_EXCEPTION:
			symbolic(log, row->field[i].name, row->field[i].show, out);
			break;
		case SHOW_ADDRESS:
			fprintf(out, ", REC->%s, (void *)REC->%s", row->field[i].name, row->field[i].name);
			break;
		default:
			fprintf(out, ", REC->%s", row->field[i].name);
		}
	fputc('\n', out);
}

/* Rows of one system need not stand together. */
static bool is_first_of_system(unsigned point)
{
	for (unsigned i = 0; i < point; i++)
		if (!strcmp(trace__rows[i].system, trace__rows[point].system))
			return false;
	return true;
}

static void put_formats(const struct trace_log *log, FILE *out)
{
	unsigned systems = 0;

	for (unsigned i = 0; i < TRACE_POINTS; i++)
		systems += is_first_of_system(i);
	put32(out, systems);
	for (unsigned i = 0; i < TRACE_POINTS; i++) {
		u32 events = 0;

		if (!is_first_of_system(i))
			continue;
		for (unsigned j = i; j < TRACE_POINTS; j++)
			events += !strcmp(trace__rows[j].system, trace__rows[i].system);
		fwrite(trace__rows[i].system, 1, strlen(trace__rows[i].system) + 1, out);
		put32(out, events);
		for (unsigned j = i; j < TRACE_POINTS; j++)
			if (!strcmp(trace__rows[j].system, trace__rows[i].system))
				put_sized(out, 8, format, log, j);
	}
}

/* --- Tasks --- */

/* The name that each number had last. */
static void command_lines(const struct trace_log *log, unsigned n, FILE *out)
{
	struct task { u32 pid; char name[16]; } *task = calloc(NAMES_MOST, sizeof(*task));
	unsigned count = 0;

	fprintf(out, "%d wedge\n", THREADS_PID);
	for (u64 i = log->count; task && i-- > 0;) {
		const struct trace_record *r = &log->record[i];
		unsigned at = 0;

		if (r->point != TRACE_SWITCH || !r->a)
			continue;
		while (at < count && task[at].pid != r->a)
			at++;
		if (at < count || count == NAMES_MOST)
			continue;
		task[count].pid = r->a;
		memcpy(task[count++].name, &r->b, 16);
		fprintf(out, "%d %.16s\n", (int)r->a, *task[at].name ? task[at].name : "?");
	}
	free(task);
}

static void symbols(const struct trace_log *log, unsigned n, FILE *out)
{
	if (log->symbols)
		log->symbols(log->user, out);
}

/* --- The pages of a CPU --- */

struct pages {
	FILE *out;
	u8 page[PAGE];
	unsigned fill;			/* 0: no page has been begun */
	u64 time, bytes;		/* of the last event; written in all */
	u32 pid;
	char name[16];
};

static void end_page(struct pages *p)
{
	const u64 length = p->fill - PAGE_HEAD;

	if (!p->fill)
		return;
	memcpy(p->page + 8, &length, sizeof(length));
	memset(p->page + p->fill, 0, PAGE - p->fill);
	fwrite(p->page, 1, PAGE, p->out);
	p->bytes += PAGE;
	p->fill = 0;
}

/* A bit field's first member is at the low end of the word, or on a big-endian machine at the high one. */
static void put_head(struct pages *p, unsigned length, u64 delta)
{
	const u32 low = delta & ((1u << DELTA_BITS) - 1), word = HOST_BIG ? length << DELTA_BITS | low : length | low << 5;

	memcpy(p->page + p->fill, &word, sizeof(word));
	p->fill += sizeof(word);
}

static void put_event(struct pages *p, u64 time, const void *bytes, unsigned size)
{
	u64 delta = time - p->time;
	u32 high;

	if (p->fill + 8 + 4 + size > PAGE)
		end_page(p);
	if (!p->fill) {
		memcpy(p->page, &time, sizeof(time));
		p->fill = PAGE_HEAD;
		delta = 0;
	}
	if (delta >> DELTA_BITS) {
		put_head(p, TIME_EXTEND, delta);
		high = delta >> DELTA_BITS;
		memcpy(p->page + p->fill, &high, sizeof(high));
		p->fill += sizeof(high);
		delta = 0;
	}
	put_head(p, size / 4, delta);
	memcpy(p->page + p->fill, bytes, size);
	p->fill += size;
	p->time = time;
}

static void put_record(struct pages *p, const struct trace_record *r, bool thread)
{
	u8 event[SWITCH_SIZE] = { 0 };
	const u16 id = FIRST_ID + r->point;
	const u32 pid = thread ? THREADS_PID : p->pid, vcpu = r->core, priority = 120;
	const u32 a = r->a + (trace__rows[r->point].field[0].show == SHOW_EXIT ? EXIT_BASE : 0);

	memcpy(event, &id, sizeof(id));
	memcpy(event + 4, &pid, sizeof(pid));
	if (r->point != TRACE_SWITCH) {
		memcpy(event + VCPU, &vcpu, sizeof(vcpu));
		memcpy(event + FIELD_A, &a, sizeof(a));
		memcpy(event + FIELD_B, &r->b, sizeof(r->b));
		memcpy(event + FIELD_C, &r->c, sizeof(r->c));
		put_event(p, r->time, event, EVENT_SIZE);
		return;
	}
	memcpy(event + 8, p->name, 16);
	memcpy(event + 24, &p->pid, 4);
	memcpy(event + 28, &priority, 4);
	memcpy(event + 40, &r->b, 16);
	memcpy(event + 56, &r->a, 4);
	memcpy(event + 60, &priority, 4);
	p->pid = r->a;
	memcpy(p->name, &r->b, 16);
	put_event(p, r->time, event, SWITCH_SIZE);
}

static u64 put_cpu(const struct trace_log *log, unsigned core, FILE *out)
{
	struct pages p = { .out = out, .name = "?" };

	for (u64 i = 0; i < log->count; i++)
		if (log->record[i].core == core)
			put_record(&p, &log->record[i], core == log->cores);
	end_page(&p);
	return p.bytes;
}

int trace_dat__write(const struct trace_log *log, FILE *out)
{
	static const char magic[] = "\x17\x08\x44tracing6";	/* and its 0 */
	const unsigned cpus = log->cores + 1;
	long table, at;

	errno = 0;
	fwrite(magic, 1, sizeof(magic), out);
	fputc(HOST_BIG, out);
	fputc(8, out);
	put32(out, PAGE);
	fwrite("header_page", 1, 12, out);
	put_sized(out, 8, header_page, log, 0);
	fwrite("header_event", 1, 13, out);
	put_sized(out, 8, header_event, log, 0);
	put32(out, 0);			/* events of the kernel's tracers */
	put_formats(log, out);
	put_sized(out, 4, symbols, log, 0);
	put32(out, 0);			/* formats of trace_printk() */
	put_sized(out, 8, command_lines, log, 0);
	put32(out, cpus);
	fwrite("flyrecord", 1, 10, out);
	table = ftell(out);
	for (unsigned i = 0; i < 2 * cpus; i++)
		put64(out, 0);
	while ((at = ftell(out)) > 0 && at % PAGE)
		fputc(0, out);
	for (unsigned i = 0; i < cpus; i++) {
		const u64 bytes = put_cpu(log, i, out);

		if (fseek(out, table + 16 * i, SEEK_SET))
			return -1;
		put64(out, at);
		put64(out, bytes);
		at += bytes;
		if (fseek(out, 0, SEEK_END))
			return -1;
	}
	return ferror(out) ? -1 : 0;
}
