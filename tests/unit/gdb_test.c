// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * gdb's remote protocol: packets in a stream, and what is answered to those of a client that a machine of two cores stands behind, with
 * memory from 0x1000 to 0x2000.
 */
#include "tests/unit/vcpu_fixture.h"
#include "wedge/debug/gdb.h"
#include "wedge/debug/registers.h"

#define MEMORY		0x1000ull
#define MEMORY_SIZE	0x1000u

static struct {
	struct fixture f[2];
	struct gdb g;
	u8 memory[MEMORY_SIZE];
	u64 breakpoint;			/* 0: none */
	struct watchpoint watch;
	enum gdb_action action[MACHINE_CORES];
	unsigned changes, resumes, interrupts, kills;
} t;

static struct vcpu *core(void *user, unsigned n) { return &t.f[n].v; }
static void changed(void *user, unsigned n) { t.changes++; }

static unsigned read_memory(void *user, unsigned n, u64 va, void *bytes, unsigned size)
{
	const u64 at = va - MEMORY;

	if (at >= MEMORY_SIZE)
		return 0;
	size = size < MEMORY_SIZE - at ? size : MEMORY_SIZE - at;
	memcpy(bytes, t.memory + at, size);
	return size;
}

static bool write_memory(void *user, unsigned n, u64 va, const void *bytes, unsigned size)
{
	const u64 at = va - MEMORY;

	if (at >= MEMORY_SIZE || size > MEMORY_SIZE - at)
		return false;
	memcpy(t.memory + at, bytes, size);
	return true;
}

static bool set_breakpoint(void *user, unsigned n, u64 va)
{
	t.breakpoint = va;
	return va - MEMORY < MEMORY_SIZE;
}

static bool clear_breakpoint(void *user, unsigned n, u64 va)
{
	const bool was = t.breakpoint == va;

	t.breakpoint = 0;
	return was;
}

static bool set_watchpoint(void *user, const struct watchpoint *w)
{
	t.watch = *w;
	return true;
}

static bool clear_watchpoint(void *user, const struct watchpoint *w)
{
	return !memcmp(&t.watch, w, sizeof(*w));
}

static void resume(void *user, const enum gdb_action action[MACHINE_CORES])
{
	memcpy(t.action, action, sizeof(t.action));
	t.resumes++;
}

static void interrupt(void *user) { t.interrupts++; }
static void kill_machine(void *user) { t.kills++; }
static void describe(void *user, unsigned n, char *text, unsigned size) { snprintf(text, size, "core %u", n); }

static bool command(void *user, unsigned n, const char *text, FILE *out)
{
	if (strcmp(text, "echo"))
		return false;
	fprintf(out, "core %u says so\n", n);
	return true;
}

static const struct gdb_ops ops = {
	core, changed, read_memory, write_memory, set_breakpoint, clear_breakpoint, set_watchpoint, clear_watchpoint, resume, interrupt, kill_machine, describe, command,
};

static int begin_in_order(bool big_endian)
{
	memset(&t, 0, sizeof(t));
	for (unsigned i = 0; i < 2; i++)
		fixture_open(&t.f[i], big_endian);
	t.g = (struct gdb){ .ops = &ops, .cores = 2, .big_endian = big_endian };
	if (!gdb__open(&t.g))
		return -1;
	gdb__stopped(&t.g, &(struct gdb_stop){ .core = 0, .signal = GDB_SIGTRAP }, NULL);
	t.g.no_acks = true;
	return 0;
}

static int begin(void **state) { return begin_in_order(false); }
static int begin_big(void **state) { return begin_in_order(true); }

static int end(void **state)
{
	for (unsigned i = 0; i < 2; i++)
		fixture_close(&t.f[i]);
	gdb__close(&t.g);
	return 0;
}

/* What has come out since the last time. */
static const char *output(void)
{
	static char text[GDB_OUTPUT + 1];

	memcpy(text, t.g.output, t.g.queued);
	text[t.g.queued] = 0;
	t.g.queued = 0;
	return text;
}

static void say_bytes(const char *data, unsigned length)
{
	static char wire[PACKET_WIRE];
	unsigned n = packet__wrap(wire, data, length);

	assert_int_equal(gdb__take(&t.g, wire, n), n);
}

/* One packet with this in it. */
static void assert_output(const char *data)
{
	static char wire[PACKET_WIRE + 1];

	wire[packet__wrap(wire, data, strlen(data))] = 0;
	assert_string_equal(output(), wire);
}

/* A packet with this in it is answered by one with that in it. */
static void assert_answer(const char *packet, const char *answer)
{
	say_bytes(packet, strlen(packet));
	assert_output(answer);
}

/* --- Packets --- */

static enum packet_found feed(struct packet_input *in, const char *bytes)
{
	enum packet_found found = PACKET_MORE;

	for (; *bytes; bytes++)
		found = packet__feed(in, *bytes);
	return found;
}

static void packets(void **state)
{
	static struct packet_input in;

	assert_int_equal(feed(&in, "+junk$OK#9a"), PACKET_COMPLETE);
	assert_string_equal(in.bytes, "OK");
	assert_int_equal(feed(&in, "$OK#9b"), PACKET_BROKEN);
	assert_int_equal(feed(&in, "$O$OK#9a"), PACKET_COMPLETE);
	assert_int_equal(feed(&in, "$OK#zz"), PACKET_BROKEN);
	assert_int_equal(feed(&in, "$a}\x03#e1"), PACKET_COMPLETE);
	assert_string_equal(in.bytes, "a#");
	assert_int_equal(feed(&in, "\x03"), PACKET_INTERRUPT);
	assert_int_equal(feed(&in, "$#00"), PACKET_COMPLETE);
	assert_int_equal(in.length, 0);
}

static void too_long_a_packet(void **state)
{
	static struct packet_input in;
	u8 sum = 0;

	packet__feed(&in, '$');
	for (unsigned i = 0; i <= PACKET_MOST; i++, sum += 'x')
		assert_int_equal(packet__feed(&in, 'x'), PACKET_MORE);
	packet__feed(&in, '#');
	packet__feed(&in, "0123456789abcdef"[sum >> 4]);
	assert_int_equal(packet__feed(&in, "0123456789abcdef"[sum & 15]), PACKET_BROKEN);
	assert_int_equal(in.length, PACKET_MOST);
	assert_int_equal(feed(&in, "$OK#9a"), PACKET_COMPLETE);
}

static void round_trip(void **state)
{
	static struct packet_input in;
	static char wire[PACKET_WIRE], data[PACKET_MOST];
	enum packet_found found = PACKET_MORE;
	unsigned n;

	for (unsigned i = 0; i < sizeof(data); i++)
		data[i] = i * 7;
	n = packet__wrap(wire, data, sizeof(data));
	assert_true(n <= PACKET_WIRE);
	for (unsigned i = 0; i < n; i++)
		found = packet__feed(&in, wire[i]);
	assert_int_equal(found, PACKET_COMPLETE);
	assert_int_equal(in.length, sizeof(data));
	assert_memory_equal(in.bytes, data, sizeof(data));
}

/* --- Registers --- */

static void registers(void **state)
{
	t.f[0].v.gpr[2] = 0x1122334455667788;
	t.f[1].v.gpr[2] = 5;
	assert_answer("p2", "8877665544332211");
	assert_answer("Hg2", "OK");
	assert_answer("p2", "0500000000000000");
	assert_answer("P2=0100000000000000", "OK");
	assert_int_equal(t.f[1].v.gpr[2], 1);
	assert_int_equal(t.changes, 1);
	assert_answer("P0=0100000000000000", "E01");
	assert_answer("P0=0000000000000000", "OK");	/* what it has */
	assert_answer("P22=0100000000000000", "E01");	/* no pc */
	assert_answer("P22=0400000000000000", "OK");
	assert_int_equal(t.f[1].v.pc, 4);
	assert_answer("P2=01", "E01");
	assert_answer("pffff", "E01");
	assert_answer("p", "E01");
	assert_answer("Hg3", "E01");
}

static void big_endian_registers(void **state)
{
	t.f[0].v.gpr[2] = 0x1122334455667788;
	assert_answer("p2", "1122334455667788");
	assert_answer("P2=0000000000000001", "OK");
	assert_int_equal(t.f[0].v.gpr[2], 1);
}

/* The number of a register in the description. */
static unsigned number_of(const char *name)
{
	char text[64];
	const char *at;

	snprintf(text, sizeof(text), "<reg name=\"%s\" bitsize=\"64\" regnum=\"", name);
	at = strstr(t.g.description, text);
	assert_non_null(at);
	return strtoul(at + strlen(text), NULL, 10);
}

static void every_register_is_described(void **state)
{
	struct vcpu *v = &t.f[0].v;
	char name[16];

	for (unsigned r = 0; r < CP0_REGISTERS; r++) {
		for (unsigned i = 0; i <= strlen(cp0_info[r].name); i++)
			name[i] = cp0_info[r].name[i] >= 'A' && cp0_info[r].name[i] <= 'Z' ? cp0_info[r].name[i] + 32 : cp0_info[r].name[i];
		if (r == CP0_RANDOM || r == CP0_COUNT || r == CP0_CVMCOUNT)
			continue;
		t.f[0].page->cp0[r] = 0x100 + r;
		assert_int_equal(register__get(v, number_of(name)), cp0__read(v, r));
	}
	for (unsigned n = 0; n < REGISTERS; n++) {
		snprintf(name, sizeof(name), "regnum=\"%u\"", n);
		assert_non_null(strstr(t.g.description, name));
	}
	assert_true(register__set(v, number_of("epc"), 0x1234));
	assert_int_equal(t.f[0].page->cp0[CP0_EPC], 0x1234);
	assert_false(register__set(v, number_of("compare"), 1));
	assert_true(register__set(v, number_of("f3"), 7));
	assert_int_equal(v->fpr[3], 7);
	assert_true(register__set(v, number_of("lo"), 8));
	assert_int_equal(v->lo, 8);
}

static void all_registers(void **state)
{
	static char packet[1 + 16 * REGISTERS + 1];
	const char *out;

	t.f[0].v.gpr[31] = 0xff;
	say_bytes("g", 1);
	out = output();
	assert_int_equal(strlen(out), 4 + 16 * REGISTERS);
	assert_memory_equal(out + 1 + 16 * 31, "ff00000000000000", 16);
	memcpy(packet, out, 1 + 16 * REGISTERS);
	packet[0] = 'G';
	packet[1 + 16 * 31] = 'e';
	assert_answer(packet, "OK");
	assert_int_equal(t.f[0].v.gpr[31], 0xef);
}

/* --- Memory and breakpoints --- */

static void memory(void **state)
{
	assert_answer("M1000,4:01020304", "OK");
	assert_answer("m1000,4", "01020304");
	assert_answer("X1004,3:a#b", "OK");		/* escaped on the way */
	assert_answer("m1004,3", "612362");
	assert_answer("m1ffe,4", "0000");		/* as far as there is any */
	assert_answer("m2000,4", "E01");
	assert_answer("m1000", "E01");
	assert_answer("m11111111111111111,4", "E01");
	assert_answer("M1000,4:0102", "E01");
	assert_answer("M1000,1:01020304", "E01");
	assert_answer("X1000,4:ab", "E01");
	assert_answer("M1fff,2:0102", "E01");
	assert_int_equal(t.memory[0xfff], 0);
	say_bytes("m1000,ffffffffffffffff", 22);
	assert_int_equal(strlen(output()), 4 + 2 * MEMORY_SIZE);
}

static void breakpoints(void **state)
{
	assert_answer("Z0,1000,4", "OK");
	assert_int_equal(t.breakpoint, 0x1000);
	assert_answer("z0,1000,4", "OK");
	assert_answer("z0,1000,4", "E01");
	assert_answer("Z1,1004,4", "OK");
	assert_answer("Z0,3000,4", "E01");
	assert_answer("Z0", "E01");
	assert_answer("Z5,1000,4", "");
	assert_answer("Z2,1000,ffffffff", "E01");
	assert_int_equal(t.watch.size, 0);
}

static void watchpoints(void **state)
{
	static const char *const kinds[] = { "watch", "rwatch", "awatch" };
	char text[64];

	for (unsigned i = 0; i < ARRAY_SIZE(kinds); i++) {
		snprintf(text, sizeof(text), "Z%u,1234,4", i + 2);
		memset(&t.watch, 0, sizeof(t.watch));
		assert_answer(text, "OK");
		assert_int_equal(t.watch.va, 0x1234);
		assert_int_equal(t.watch.size, 4);
		assert_int_equal(t.watch.loads, i != 0);
		assert_int_equal(t.watch.stores, i != 1);
		say_bytes("c", 1);
		gdb__stopped(&t.g, &(struct gdb_stop){ .core = 1, .signal = GDB_SIGTRAP, .watch = &t.watch }, NULL);
		snprintf(text, sizeof(text), "T05thread:2;%s:1234;", kinds[i]);
		assert_output(text);
		snprintf(text, sizeof(text), "z%u,1234,4", i + 2);
		assert_answer(text, "OK");
	}
	assert_answer("z2,1234,4", "E01");
}

/* --- Going on --- */

static void goes_on_and_stops(void **state)
{
	assert_answer("vCont?", "vCont;c;C;s;S");
	say_bytes("vCont;s:2;c", 11);
	assert_string_equal(output(), "");
	assert_int_equal(t.action[0], GDB_GO);
	assert_int_equal(t.action[1], GDB_STEP);
	/* No packet is looked at meanwhile, but an interrupt is. */
	assert_int_equal(gdb__take(&t.g, "$?#3f", 5), 0);
	assert_int_equal(gdb__take(&t.g, "\x03$?#3f", 6), 1);
	assert_int_equal(t.interrupts, 1);
	gdb__stopped(&t.g, &(struct gdb_stop){ .core = 1, .signal = GDB_SIGINT }, "slow");
	assert_string_equal(output(), "$O736c6f77#5c$T02thread:2;#d5");
	assert_answer("?", "T02thread:2;");
	assert_answer("qC", "QC2");
	assert_int_equal(gdb__take(&t.g, "\x03", 1), 1);	/* it rests already */
	assert_int_equal(t.interrupts, 1);
}

static void who_goes_on(void **state)
{
	say_bytes("vCont;c:2", 9);
	assert_int_equal(t.action[0], GDB_STAY);
	assert_int_equal(t.action[1], GDB_GO);
	gdb__stopped(&t.g, &(struct gdb_stop){ .core = 0, .signal = GDB_SIGTRAP, .breakpoint = true }, NULL);
	assert_output("T05thread:1;");
	say_bytes("s", 1);
	assert_int_equal(t.action[0], GDB_STEP);
	assert_int_equal(t.action[1], GDB_GO);
	gdb__stopped(&t.g, &(struct gdb_stop){ .core = 0, .signal = GDB_SIGTRAP, .breakpoint = true }, NULL);
	output();
	assert_answer("Hc2", "OK");
	say_bytes("C05;1230", 8);
	assert_int_equal(t.f[0].v.pc, 0x1230);
	assert_int_equal(t.action[0], GDB_STAY);
	assert_int_equal(t.action[1], GDB_GO);
	gdb__stopped(&t.g, &(struct gdb_stop){ .core = 0, .signal = GDB_SIGTRAP, .breakpoint = true }, NULL);
	output();
	assert_int_equal(t.resumes, 3);
	assert_answer("vCont", "E01");
	assert_answer("vCont;x", "E01");
	assert_answer("vCont;c:9", "E01");
	assert_answer("vCont;c:1x", "E01");
	assert_int_equal(t.resumes, 3);
}

static void ends(void **state)
{
	assert_answer("D", "OK");
	assert_true(t.g.ends);
	assert_int_equal(gdb__take(&t.g, "$?#3f", 5), 0);
}

static void is_killed(void **state)
{
	assert_answer("vKill;1", "OK");
	assert_true(t.g.ends);
	assert_int_equal(t.kills, 1);
}

static void machine_ends(void **state)
{
	say_bytes("c", 1);
	gdb__ended(&t.g, 3);
	assert_string_equal(output(), "$W03#ba");
}

/* --- The rest --- */

static void what_it_can(void **state)
{
	t.g.no_acks = false;
	say_bytes("qSupported:swbreak+;hwbreak+", 28);
	assert_memory_equal(output(), "+$PacketSize=4000;", 18);
	say_bytes("QStartNoAckMode", 15);
	assert_string_equal(output(), "+$OK#9a");
	say_bytes("c", 1);
	gdb__stopped(&t.g, &(struct gdb_stop){ .core = 0, .signal = GDB_SIGTRAP, .breakpoint = true }, NULL);
	assert_output("T05thread:1;swbreak:;");
}

static void threads_and_words(void **state)
{
	assert_answer("qfThreadInfo", "m1,2");
	assert_answer("qsThreadInfo", "l");
	assert_answer("qThreadExtraInfo,2", "636f72652031");
	assert_answer("qThreadExtraInfo,0", "E01");
	assert_answer("T1", "OK");
	assert_answer("T3", "E01");
	assert_answer("qAttached", "1");
	assert_answer("qOffsets", "");
	t.g.text = 0x40100000;
	assert_answer("qOffsets", "TextSeg=40100000");
	assert_answer("vMustReplyEmpty", "");
	assert_answer("qCRC:0,10", "");
	assert_answer("", "");
	assert_answer("qXfer:features:read:target.xml:0,5", "m<?xml");
	assert_answer("qXfer:features:read:target.xml:ffff,5", "E01");
	assert_answer("qXfer:features:read:other.xml:0,5", "E00");
	assert_answer("qRcmd,6563686f", "636f72652030207361797320736f0a");
	assert_answer("qRcmd,6", "E01");
	say_bytes("qRcmd,6562", 10);
	assert_memory_equal(output(), "$6e6f20636f6d6d616e64", 21);
}

/* Whoever does not read is not listened to, and loses nothing. */
static void slow_client(void **state)
{
	unsigned taken = 0, asked = 0;
	char wire[16];
	unsigned n = packet__wrap(wire, "g", 1);

	while ((taken = gdb__take(&t.g, wire, n)) == n)
		asked++;
	assert_int_equal(taken, 0);
	assert_true(t.g.queued <= GDB_OUTPUT - 2 * PACKET_WIRE);
	assert_int_equal(t.g.queued, asked * (4 + 16 * REGISTERS));
	t.g.queued = 0;
	assert_int_equal(gdb__take(&t.g, wire, n), n);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(packets),
		cmocka_unit_test(too_long_a_packet),
		cmocka_unit_test(round_trip),
		cmocka_unit_test_setup_teardown(registers, begin, end),
		cmocka_unit_test_setup_teardown(big_endian_registers, begin_big, end),
		cmocka_unit_test_setup_teardown(every_register_is_described, begin, end),
		cmocka_unit_test_setup_teardown(all_registers, begin, end),
		cmocka_unit_test_setup_teardown(memory, begin, end),
		cmocka_unit_test_setup_teardown(breakpoints, begin, end),
		cmocka_unit_test_setup_teardown(watchpoints, begin, end),
		cmocka_unit_test_setup_teardown(goes_on_and_stops, begin, end),
		cmocka_unit_test_setup_teardown(who_goes_on, begin, end),
		cmocka_unit_test_setup_teardown(ends, begin, end),
		cmocka_unit_test_setup_teardown(is_killed, begin, end),
		cmocka_unit_test_setup_teardown(machine_ends, begin, end),
		cmocka_unit_test_setup_teardown(what_it_can, begin, end),
		cmocka_unit_test_setup_teardown(threads_and_words, begin, end),
		cmocka_unit_test_setup_teardown(slow_client, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
