/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * See gdb.h. The protocol is in gdb's manual, appendix "gdb Remote Serial Protocol"; an empty answer says that a packet is not known.
 */
#define _GNU_SOURCE
#include "wedge/debug/gdb.h"

#include <stdlib.h>
#include <string.h>

#include "wedge/debug/registers.h"

#define MEMORY_MOST	(PACKET_MOST / 2)	/* bytes in one answer */
#define ANY		MACHINE_CORES		/* core */

/* --- Answers --- */

static void add(struct gdb *g, const char *bytes, unsigned n)
{
	if (n > PACKET_MOST - g->length)
		n = PACKET_MOST - g->length;
	memcpy(g->answer + g->length, bytes, n);
	g->length += n;
}

static void say(struct gdb *g, const char *text)
{
	add(g, text, strlen(text));
}

static void add_hex(struct gdb *g, const void *bytes, unsigned n)
{
	const u8 *from = bytes;

	for (unsigned i = 0; i < n; i++)
		add(g, (const char[]){ packet__hex(from[i] >> 4), packet__hex(from[i]) }, 2);
}

static void say_error(struct gdb *g)
{
	say(g, "E01");
}

static void say_whether(struct gdb *g, bool done)
{
	say(g, done ? "OK" : "E01");
}

static void send(struct gdb *g, const char *data, unsigned length)
{
	if (g->queued + PACKET_WIRE <= GDB_OUTPUT)	/* gdb__takes() has seen to that */
		g->queued += packet__wrap(g->output + g->queued, data, length);
}

/* --- Registers --- */

static void put64(const struct gdb *g, u8 *bytes, u64 value)
{
	for (unsigned i = 0; i < 8; i++)
		bytes[g->big_endian ? 7 - i : i] = value >> 8 * i;
}

static u64 get64(const struct gdb *g, const u8 *bytes)
{
	u64 value = 0;

	for (unsigned i = 0; i < 8; i++)
		value |= (u64)bytes[g->big_endian ? 7 - i : i] << 8 * i;
	return value;
}

static void add_register(struct gdb *g, struct vcpu *v, unsigned n)
{
	u8 bytes[8];

	put64(g, bytes, register__get(v, n));
	add_hex(g, bytes, sizeof(bytes));
}

static void read_registers(struct gdb *g, const char *text)
{
	struct vcpu *v = g->ops->core(g->user, g->core);

	for (unsigned n = 0; n < REGISTERS; n++)
		add_register(g, v, n);
}

static void read_register(struct gdb *g, const char *text)
{
	u64 n;

	if (packet__number(&text, &n) && n < REGISTERS && !*text)
		add_register(g, g->ops->core(g->user, g->core), n);
	else
		say_error(g);
}

static void write_register(struct gdb *g, const char *text)
{
	u8 bytes[8];
	u64 n;
	bool done = packet__number(&text, &n) && n < REGISTERS && *text++ == '=' && packet__bytes(&text, bytes, sizeof(bytes)) && !*text &&
		register__set(g->ops->core(g->user, g->core), n, get64(g, bytes));

	if (done)
		g->ops->changed(g->user, g->core);
	say_whether(g, done);
}

/* Those that cannot be written stay as they are: a client writes all that it has read. */
static void write_registers(struct gdb *g, const char *text)
{
	struct vcpu *v = g->ops->core(g->user, g->core);
	u8 bytes[8];

	for (unsigned n = 0; n < REGISTERS && packet__bytes(&text, bytes, sizeof(bytes)); n++)
		register__set(v, n, get64(g, bytes));
	g->ops->changed(g->user, g->core);
	say(g, "OK");
}

/* --- Memory --- */

static bool address_and_size(const char **text, u64 *va, u64 *size)
{
	return packet__number(text, va) && *(*text)++ == ',' && packet__number(text, size);
}

static void read_memory(struct gdb *g, const char *text)
{
	u8 bytes[MEMORY_MOST];
	u64 va, size;
	unsigned n;

	if (!address_and_size(&text, &va, &size) || *text) {
		say_error(g);
		return;
	}
	n = g->ops->read(g->user, g->core, va, bytes, size < MEMORY_MOST ? size : MEMORY_MOST);
	if (size && !n)
		say_error(g);
	else
		add_hex(g, bytes, n);
}

static void write_memory(struct gdb *g, const char *text)
{
	u8 bytes[MEMORY_MOST];
	u64 va, size;

	say_whether(g, address_and_size(&text, &va, &size) && *text++ == ':' && size <= MEMORY_MOST && packet__bytes(&text, bytes, size) &&
		    !*text && g->ops->write(g->user, g->core, va, bytes, size));
}

/* The same with bytes as they are: the packet is all that is behind the colon, zeroes too. */
static void write_binary(struct gdb *g, const char *text)
{
	const char *end = g->in.bytes + g->in.length;
	u64 va, size;

	say_whether(g, address_and_size(&text, &va, &size) && *text++ == ':' && text <= end && size == (u64)(end - text) &&
		    g->ops->write(g->user, g->core, va, text, size));
}

/* --- Breakpoints: Z0 and Z1 are alike; and watchpoints: Z2 of stores, Z3 of loads, Z4 of both --- */

enum { KIND_BREAKPOINT = 1, KIND_STORES = 2, KIND_LOADS = 3, KIND_BOTH = 4 };

static void change_breakpoint(struct gdb *g, const char *text, bool set)
{
	u64 kind, va, size;
	struct watchpoint w;

	if (!packet__number(&text, &kind) || *text++ != ',' || !address_and_size(&text, &va, &size) || size > WATCHPOINT_SIZE) {
		say_error(g);
		return;
	}
	w = (struct watchpoint){ va, size, kind == KIND_LOADS || kind == KIND_BOTH, kind == KIND_STORES || kind == KIND_BOTH, 0 };
	if (kind <= KIND_BREAKPOINT)
		say_whether(g, set ? g->ops->set_breakpoint(g->user, g->core, va) : g->ops->clear_breakpoint(g->user, g->core, va));
	else if (kind <= KIND_BOTH)
		say_whether(g, set ? g->ops->set_watchpoint(g->user, &w) : g->ops->clear_watchpoint(g->user, &w));
}

static void set_breakpoint(struct gdb *g, const char *text)
{
	change_breakpoint(g, text, true);
}

static void clear_breakpoint(struct gdb *g, const char *text)
{
	change_breakpoint(g, text, false);
}

/* --- Threads --- */

/* -1 and 0 are any thread. False: there is no such. */
static bool thread(const struct gdb *g, const char **text, unsigned *core)
{
	u64 n;

	if (!strncmp(*text, "-1", 2)) {
		*text += 2;
		*core = ANY;
		return true;
	}
	if (!packet__number(text, &n) || n > g->cores)
		return false;
	*core = n ? n - 1 : ANY;
	return true;
}

static void choose_thread(struct gdb *g, const char *text)
{
	const char kind = *text ? *text++ : 0;
	unsigned core;

	if (!thread(g, &text, &core) || *text) {
		say_error(g);
		return;
	}
	if (kind == 'g')
		g->core = core == ANY ? g->core : core;
	else
		g->resumed = core;
	say(g, "OK");
}

static void is_alive(struct gdb *g, const char *text)
{
	unsigned core;

	say_whether(g, thread(g, &text, &core) && core != ANY);
}

static void list_threads(struct gdb *g, const char *text)
{
	char one[16];

	for (unsigned i = 0; i < g->cores; i++) {
		snprintf(one, sizeof(one), "%c%x", i ? ',' : 'm', i + 1);
		say(g, one);
	}
}

static void describe_thread(struct gdb *g, const char *text)
{
	char words[128];
	unsigned core;

	if (!thread(g, &text, &core) || core == ANY) {
		say_error(g);
		return;
	}
	g->ops->describe(g->user, core, words, sizeof(words));
	add_hex(g, words, strlen(words));
}

static void current_thread(struct gdb *g, const char *text)
{
	char words[16];

	snprintf(words, sizeof(words), "QC%x", g->core + 1);
	say(g, words);
}

/* --- Going on --- */

static void resume(struct gdb *g, const enum gdb_action action[MACHINE_CORES])
{
	g->runs = g->waits = true;
	g->ops->resume(g->user, action);
}

/* What one letter says; a signal behind it, which would be one of a program's, says nothing to a machine. False: it is none of these. */
static bool action_of(const char **text, enum gdb_action *action)
{
	const char letter = *(*text)++;
	u64 signal;

	*action = letter == 's' || letter == 'S' ? GDB_STEP : GDB_GO;
	if (letter == 'C' || letter == 'S')
		return packet__number(text, &signal);
	return letter == 'c' || letter == 's';
}

/* ;ACTION[:THREAD]...: of each core the first that is meant for it. */
static void resume_cores(struct gdb *g, const char *text)
{
	enum gdb_action action[MACHINE_CORES] = { GDB_STAY }, said;
	bool settled[MACHINE_CORES] = { false }, goes = false;
	unsigned core;

	while (*text == ';') {
		text++;
		core = ANY;
		if (!action_of(&text, &said) || (*text == ':' && (text++, !thread(g, &text, &core))))
			break;
		for (unsigned i = 0; i < g->cores; i++)
			if (!settled[i] && (core == ANY || core == i)) {
				action[i] = said;
				settled[i] = goes = true;
			}
	}
	if (*text || !goes)
		say_error(g);
	else
		resume(g, action);
}

/* c, s, C, S, as before vCont: the core that H has chosen for it, or all; only a core that was looked at steps. */
static void resume_as_before(struct gdb *g, const char *text)
{
	enum gdb_action action[MACHINE_CORES] = { GDB_STAY }, said;
	u64 address;

	if (!action_of(&text, &said)) {
		say_error(g);
		return;
	}
	text += *text == ';';
	if (packet__number(&text, &address) && register__set(g->ops->core(g->user, g->core), REGISTER_PC, address))
		g->ops->changed(g->user, g->core);
	for (unsigned i = 0; i < g->cores; i++)
		if (g->resumed == ANY || g->resumed == i)
			action[i] = GDB_GO;
	if (said == GDB_STEP)
		action[g->resumed == ANY ? g->core : g->resumed] = GDB_STEP;
	resume(g, action);
}

static void say_actions(struct gdb *g, const char *text)
{
	say(g, "vCont;c;C;s;S");
}

/* --- Beginning and end --- */

static void say_stop(struct gdb *g, const char *text)
{
	say(g, g->stop);
}

static void detach(struct gdb *g, const char *text)
{
	g->ends = true;
	say(g, "OK");
}

static void kill_machine(struct gdb *g, const char *text)
{
	g->ends = true;
	g->ops->kill(g->user);
	say(g, "OK");
}

/* gdb believes that a stub can step a MIPS only of one that says what it can in answer to vCont?. */
static void say_what_is_known(struct gdb *g, const char *text)
{
	char words[160];

	g->says_breakpoint = strstr(text, "swbreak+");
	snprintf(words, sizeof(words), "PacketSize=%x;qXfer:features:read+;QStartNoAckMode+;vContSupported+;swbreak+;hwbreak-;multiprocess-",
		 PACKET_MOST);
	say(g, words);
}

static void stop_acks(struct gdb *g, const char *text)
{
	g->no_acks = true;
	say(g, "OK");
}

static void say_attached(struct gdb *g, const char *text)
{
	say(g, "1");
}

/* Where the one segment of a kernel lies that was linked to elsewhere: gdb moves its symbols there. */
static void say_where(struct gdb *g, const char *text)
{
	char words[40];

	if (!g->text)
		return;
	snprintf(words, sizeof(words), "TextSeg=%llx", (unsigned long long)g->text);
	say(g, words);
}

/* target.xml:OFFSET,LENGTH */
static void read_description(struct gdb *g, const char *text)
{
	static const char name[] = "target.xml:";
	u64 offset, length;

	if (strncmp(text, name, sizeof(name) - 1)) {
		say(g, "E00");
		return;
	}
	text += sizeof(name) - 1;
	if (!address_and_size(&text, &offset, &length) || *text || offset > g->description_length) {
		say_error(g);
		return;
	}
	if (length > PACKET_MOST - 1)
		length = PACKET_MOST - 1;
	say(g, length < g->description_length - offset ? "m" : "l");
	if (length > g->description_length - offset)
		length = g->description_length - offset;
	add(g, g->description + offset, length);
}

/* A line that somebody has typed behind `monitor`. */
static void do_command(struct gdb *g, const char *text)
{
	char line[200], *said = NULL;
	const unsigned n = strlen(text) / 2;
	size_t length = 0;
	FILE *out;

	if (n >= sizeof(line) || !packet__bytes(&text, line, n) || *text || !(out = open_memstream(&said, &length))) {
		say_error(g);
		return;
	}
	line[n] = 0;
	if (!g->ops->command(g->user, g->core, line, out))
		fprintf(out, "no command '%.40s'; monitor help lists them\n", line);
	fclose(out);
	if (length > MEMORY_MOST - 1)
		length = MEMORY_MOST - 1;
	add_hex(g, said, length);
	if (!length)
		say(g, "OK");
	free(said);
}

static void list_no_more(struct gdb *g, const char *text)
{
	say(g, "l");
}

/* The first row whose text a packet begins with, or, if it ends in a blank, is. */
static const struct row {
	const char *begins;
	void (*run)(struct gdb *g, const char *rest);
} rows[] = {
	{ "? ", say_stop },
	{ "g ", read_registers },
	{ "G", write_registers },
	{ "p", read_register },
	{ "P", write_register },
	{ "m", read_memory },
	{ "M", write_memory },
	{ "X", write_binary },
	{ "Z", set_breakpoint },
	{ "z", clear_breakpoint },
	{ "H", choose_thread },
	{ "T", is_alive },
	{ "qfThreadInfo ", list_threads },
	{ "qsThreadInfo ", list_no_more },
	{ "qThreadExtraInfo,", describe_thread },
	{ "qC ", current_thread },
	{ "vCont? ", say_actions },
	{ "vCont", resume_cores },
	{ "D", detach },
	{ "k ", kill_machine },
	{ "vKill", kill_machine },
	{ "qSupported", say_what_is_known },
	{ "QStartNoAckMode ", stop_acks },
	{ "qAttached", say_attached },
	{ "qOffsets ", say_where },
	{ "qXfer:features:read:", read_description },
	{ "qRcmd,", do_command },
};

/* What stands behind it; NULL: the packet is not for this row. */
static const char *rest_of(const struct row *r, const char *packet)
{
	const size_t n = strlen(r->begins), whole = r->begins[n - 1] == ' ';

	return strncmp(packet, r->begins, n - whole) || (whole && packet[n - 1]) ? NULL : packet + n - whole;
}

static void answer(struct gdb *g)
{
	const char *text = g->in.bytes, *rest = NULL;

	g->length = 0;
	if (*text && strchr("csCS", *text))
		resume_as_before(g, text);
	for (const struct row *r = rows; !g->runs && !rest && r < rows + ARRAY_SIZE(rows); r++) {
		rest = rest_of(r, text);
		if (rest)
			r->run(g, rest);
	}
	if (!g->waits)
		send(g, g->answer, g->length);
}

/* --- The stream --- */

static void acknowledge(struct gdb *g, char how)
{
	if (!g->no_acks)
		g->output[g->queued++] = how;
}

static void take(struct gdb *g, u8 byte)
{
	switch (packet__feed(&g->in, byte)) {
	case PACKET_COMPLETE:
		acknowledge(g, '+');
		answer(g);
		break;
	case PACKET_BROKEN:
		acknowledge(g, '-');
		break;
	default:		/* an interrupt of what rests */
		break;
	}
}

bool gdb__takes(const struct gdb *g, u8 byte)
{
	return !g->ends && !(g->runs && byte == '$') && g->queued <= PACKET_WIRE;
}

unsigned gdb__take(struct gdb *g, const void *bytes, unsigned size)
{
	const u8 *from = bytes;
	unsigned n = 0;

	while (n < size && gdb__takes(g, from[n])) {
		const u8 byte = from[n++];

		if (!g->runs)
			take(g, byte);
		else if (byte == PACKET_BREAK)
			g->ops->interrupt(g->user);
	}
	return n;
}

/* What gdb calls a watchpoint of this kind. */
static const char *kind_of(const struct watchpoint *w)
{
	return !w->loads ? "watch" : w->stores ? "awatch" : "rwatch";
}

void gdb__stopped(struct gdb *g, const struct gdb_stop *stop, const char *said)
{
	unsigned n = snprintf(g->stop, sizeof(g->stop), "T%02xthread:%x;", stop->signal, stop->core + 1);

	if (stop->watch)
		snprintf(g->stop + n, sizeof(g->stop) - n, "%s:%llx;", kind_of(stop->watch), (unsigned long long)stop->watch->va);
	else if (stop->breakpoint && g->says_breakpoint)
		snprintf(g->stop + n, sizeof(g->stop) - n, "swbreak:;");
	g->core = stop->core;
	g->runs = false;
	if (!g->waits)
		return;			/* for the first time: it will ask */
	g->waits = false;
	if (said) {
		g->length = 0;
		say(g, "O");
		add_hex(g, said, strlen(said));
		send(g, g->answer, g->length);
	}
	send(g, g->stop, strlen(g->stop));
}

void gdb__ended(struct gdb *g, unsigned status)
{
	char text[16];

	snprintf(text, sizeof(text), "W%02x", status & 0xff);
	if (!g->ends && g->waits)
		send(g, text, strlen(text));
	g->ends = true;
}

bool gdb__open(struct gdb *g)
{
	FILE *out;

	g->resumed = ANY;
	g->runs = true;
	out = open_memstream(&g->description, &g->description_length);
	if (!out)
		return false;
	registers__describe(out);
	return !fclose(out);
}

void gdb__close(struct gdb *g)
{
	free(g->description);
	g->description = NULL;
}
