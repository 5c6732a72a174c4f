// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Several VMs for one gdb: what their stubs are told of its packets, and what it hears of theirs.
 */
#include <stdio.h>
#include <stdlib.h>

#include "tests/unit/cmocka_all.h"
#include "wedge/debug/many.h"

static struct many *m;
static char heard[PACKET_WIRE];

static int begin(void **state)
{
	m = calloc(1, sizeof(*m));
	many__open(m, 3);
	return m ? 0 : -1;
}

static int end(void **state)
{
	free(m);
	return 0;
}

/* What has been sent since, without acknowledgements and sums; packets are parted by a blank. */
static const char *plain(const char *output, unsigned *queued)
{
	unsigned n = 0;

	for (unsigned i = 0; i < *queued; i++)
		if (output[i] == '$' && n)
			heard[n++] = ' ';
		else if (output[i] == '#')
			i += 2;
		else if (output[i] != '$' && (output[i] != '+' || i))
			heard[n++] = output[i];
	heard[n] = 0;
	*queued = 0;
	return heard;
}

static const char *client_hears(void) { return plain(m->output, &m->queued); }
static const char *vm_hears(unsigned n) { return plain(m->vm[n].output, &m->vm[n].queued); }

static void client_says(const char *text)
{
	char wire[PACKET_WIRE];
	const unsigned n = packet__wrap(wire, text, strlen(text));

	assert_int_equal(many__take(m, wire, n), n);
}

static void vm_says(unsigned n, const char *text)
{
	char wire[PACKET_WIRE];
	const unsigned length = packet__wrap(wire, text, strlen(text));

	assert_int_equal(many__take_from(m, n, wire, length), length);
}

static void greet(unsigned n, const char *threads)
{
	many__reached(m, n);
	assert_string_equal(vm_hears(n), "qSupported:swbreak+");
	vm_says(n, "PacketSize=4000");
	assert_string_equal(vm_hears(n), "QStartNoAckMode");
	vm_says(n, "OK");
	assert_string_equal(vm_hears(n), "?");
	vm_says(n, "T05thread:1;");
	assert_string_equal(vm_hears(n), "qfThreadInfo");
	vm_says(n, threads);
}

/* The client connects, to the first, and attaches to the second. */
static void open_two(void)
{
	client_says("qSupported:multiprocess+");
	assert_non_null(strstr(client_hears(), "multiprocess"));
	assert_int_equal(m->wants, 0);
	client_says("!");
	assert_string_equal(client_hears(), "OK");
	client_says("?");
	assert_int_equal(m->wants, 1);
	assert_false(many__takes(m, '$'));
	assert_string_equal(client_hears(), "");
	greet(0, "m1,2");
	assert_string_equal(client_hears(), "T05thread:p1.1;");
	client_says("vAttach;2");
	assert_int_equal(m->wants, 2);
	greet(1, "m1");
	assert_string_equal(client_hears(), "T05thread:p2.1;");
}

static void threads(void **state)
{
	open_two();
	client_says("qfThreadInfo");
	assert_string_equal(client_hears(), "mp1.1,p1.2,p2.1");
	client_says("qC");
	assert_string_equal(client_hears(), "QCp2.1");
	client_says("Hgp1.2");
	assert_string_equal(client_hears(), "OK");
	client_says("g");
	assert_string_equal(vm_hears(0), "Hg2 g");
	vm_says(0, "OK");
	assert_string_equal(client_hears(), "");
	vm_says(0, "0123");
	assert_string_equal(client_hears(), "0123");
	client_says("Z0,1000,4");	/* it is known there whom it asks of */
	assert_string_equal(vm_hears(0), "Z0,1000,4");
	assert_false(many__takes(m, '$'));
	vm_says(0, "OK");
	assert_string_equal(client_hears(), "OK");
	client_says("Tp2.1");
	assert_string_equal(vm_hears(1), "Hg1 T1");
	vm_says(1, "OK");
	vm_says(1, "OK");
	assert_string_equal(client_hears(), "OK");
	for (const char *const *p = (const char *const[]){ "Hgp3.1", "Hgp1.3", "Hgp9.1", "Tp2.2", "Tp1.-1", "Hgx", "vAttach;1", "vAttach;4", "vAttach;0", "D;3", NULL }; *p; p++) {
		client_says(*p);
		assert_string_equal(client_hears(), "E01");
	}
	client_says("vFile:open:2f");
	assert_string_equal(client_hears(), "");
}

/* All stop when one does; of what another has stopped for the client hears when it goes on. */
static void stops(void **state)
{
	open_two();
	client_says("vCont;s:p1.2;c");
	assert_string_equal(vm_hears(0), "vCont;s:2;c");
	assert_string_equal(vm_hears(1), "vCont;c");
	assert_false(many__takes(m, '$'));
	vm_says(0, "O616263");
	assert_string_equal(client_hears(), "O616263");
	vm_says(0, "T05thread:2;swbreak:;");
	assert_string_equal(client_hears(), "");
	assert_string_equal(vm_hears(1), "\x03");
	vm_says(1, "T05thread:1;watch:1234;");		/* not for our sake */
	assert_string_equal(client_hears(), "T05thread:p1.2;swbreak:;");
	client_says("vCont;c:p1.-1");			/* the other rests */
	assert_string_equal(vm_hears(0), "vCont;c");
	assert_string_equal(vm_hears(1), "");
	many__take(m, "\x03", 1);
	assert_string_equal(vm_hears(0), "\x03");
	vm_says(0, "T02thread:1;");
	assert_string_equal(client_hears(), "T02thread:p1.1;");
	client_says("vCont;c");
	assert_string_equal(client_hears(), "T05thread:p2.1;watch:1234;");
	assert_string_equal(vm_hears(0), "");
	client_says("vCont;c");
	vm_hears(0);
	vm_hears(1);
	vm_says(1, "T05thread:1;swbreak:;");
	vm_says(0, "T02thread:1;");			/* that was us */
	assert_string_equal(client_hears(), "T05thread:p2.1;swbreak:;");
	vm_hears(0);
	client_says("vCont;c");
	assert_string_equal(client_hears(), "");
	assert_string_equal(vm_hears(0), "vCont;c");
}

static void nonsense_resumes_nothing(void **state)
{
	open_two();
	for (const char *const *p = (const char *const[]){ "vCont;", "vCont;c:p3.1", "vCont;c:p1.1x", "vCont;cccccc", "vCont;c;", NULL }; *p; p++) {
		client_says(*p);
		assert_string_equal(client_hears(), "E01");
	}
	assert_string_equal(vm_hears(0), "");
}

static void ends(void **state)
{
	open_two();
	client_says("vCont;c");
	vm_hears(0);
	vm_hears(1);
	vm_says(0, "W00");
	assert_string_equal(vm_hears(1), "\x03");
	vm_says(1, "T02thread:1;");
	assert_string_equal(client_hears(), "W00;process:1");
	assert_int_equal(m->vm[0].state, MANY_GONE);
	client_says("qfThreadInfo");
	assert_string_equal(client_hears(), "mp2.1");
	client_says("D;2");
	assert_int_equal(m->vm[1].state, MANY_RESTS);
	vm_says(1, "OK");
	assert_string_equal(client_hears(), "OK");
	assert_int_equal(m->vm[1].state, MANY_AWAY);	/* and it may come again */
	assert_false(m->ends);
	client_says("g");
	assert_string_equal(client_hears(), "E01");
	client_says("vAttach;2");
	vm_hears(1);
	greet(1, "m1");
	assert_string_equal(client_hears(), "T05thread:p2.1;");
}

static void lost(void **state)
{
	open_two();
	client_says("g");
	many__lost(m, 1);
	assert_string_equal(client_hears(), "E01");
	client_says("vAttach;3");
	many__lost(m, 2);			/* there was no way to it */
	assert_string_equal(client_hears(), "E01");
	client_says("vCont;c");
	vm_hears(0);
	many__lost(m, 0);
	assert_string_equal(client_hears(), "X09;process:1");
	client_says("?");
	assert_string_equal(client_hears(), "W00");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(threads, begin, end),
		cmocka_unit_test_setup_teardown(stops, begin, end),
		cmocka_unit_test_setup_teardown(nonsense_resumes_nothing, begin, end),
		cmocka_unit_test_setup_teardown(ends, begin, end),
		cmocka_unit_test_setup_teardown(lost, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
