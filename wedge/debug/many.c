/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * See many.h.
 */
#include "wedge/debug/many.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define ANY	0u		/* VM, or core */
#define HUNDRED	100u		/* cores of a VM, at most: more than any board has */

/* What a stub is asked at first; the answers: whatever; OK; why it stops; its threads. */
static const char *const greetings[] = { "qSupported:swbreak+", "QStartNoAckMode", "?", "qfThreadInfo" };

/* --- Packets --- */

static void put(char *output, unsigned *queued, const char *data, unsigned length)
{
	if (*queued + PACKET_WIRE <= MANY_OUTPUT)	/* many__takes() has seen to that */
		*queued += packet__wrap(output + *queued, data, length);
}

static void tell(struct many *m, const char *text)
{
	put(m->output, &m->queued, text, strlen(text));
}

static void __attribute__((format(printf, 2, 3))) tell_of(struct many *m, const char *format, ...)
{
	char text[MANY_STOP];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	tell(m, text);
}

static void ask(struct many_vm *vm, const char *data, unsigned length)
{
	put(vm->output, &vm->queued, data, length);
}

static void interrupt(struct many_vm *vm)
{
	if (vm->state != MANY_RUNS || vm->interrupted || vm->queued >= MANY_OUTPUT)
		return;
	vm->output[vm->queued++] = PACKET_BREAK;
	vm->interrupted = true;
}

/* --- VMs --- */

static bool is_there(const struct many_vm *vm)
{
	return vm->state != MANY_AWAY && vm->state != MANY_GONE;
}

static struct many_vm *vm_of(struct many *m, unsigned n)
{
	return n && n <= m->count && is_there(&m->vm[n - 1]) ? &m->vm[n - 1] : NULL;
}

static unsigned first(const struct many *m)
{
	for (unsigned i = 0; i < m->count; i++)
		if (is_there(&m->vm[i]))
			return i + 1;
	return 0;
}

/* AWAY, if it can be attached to again, or GONE. */
static void leaves_us(struct many *m, unsigned n, enum many_state state)
{
	struct many_vm *vm = &m->vm[n - 1];

	vm->state = state;
	vm->queued = vm->greeted = vm->chosen = vm->unwanted = 0;
	vm->interrupted = false;
	vm->in.state = PACKET_OUTSIDE;
	if (m->vm_now == n) {
		m->vm_now = first(m);
		m->core_now = 1;
	}
	m->ends |= !first(m) && !m->extended;
}

/* pVM.CORE, pVM, CORE, where 0 and -1 are any; of no VM: the one that is chosen. False: it is none of these, or there is no such. */
static bool number_or_any(const char **text, unsigned *n)
{
	u64 value;

	if (!strncmp(*text, "-1", 2)) {
		*text += 2;
		*n = ANY;
		return true;
	}
	if (!packet__number(text, &value) || value > HUNDRED)
		return false;
	*n = value;
	return true;
}

static bool thread(struct many *m, const char **text, unsigned *vm, unsigned *core)
{
	*vm = m->vm_now;
	*core = ANY;
	if (**text != 'p')
		return number_or_any(text, core);
	(*text)++;
	if (!number_or_any(text, vm) || (**text == '.' && ((*text)++, !number_or_any(text, core))))
		return false;
	return *vm == ANY || (vm_of(m, *vm) && *core <= m->vm[*vm - 1].cores);
}

/* To the VM that is chosen, whose stub is to be asked of the core that is. */
static void forward(struct many *m, unsigned n, unsigned core, const char *data, unsigned length)
{
	struct many_vm *vm = vm_of(m, n);
	char choice[16];

	if (!vm || vm->state != MANY_RESTS) {
		tell(m, "E01");
		return;
	}
	if (core && vm->chosen != core) {
		snprintf(choice, sizeof(choice), "Hg%x", core);
		vm->queued += packet__wrap(vm->output + vm->queued, choice, strlen(choice));
		vm->chosen = core;
		vm->unwanted++;
	}
	vm->queued += packet__wrap(vm->output + vm->queued, data, length);
	m->asked = n;
}

/* --- Stops --- */

/* What a stub says of a stop, as it is said of one of several. */
static void say_stop(char stop[MANY_STOP], unsigned n, const char *text)
{
	const char *at = strstr(text, "thread:");
	char plain[MANY_STOP / 2];

	snprintf(plain, sizeof(plain), "%s", text);
	if (*text == 'W' || *text == 'X')
		snprintf(stop, MANY_STOP, "%.3s;process:%x", plain, n);
	else if (*text == 'T' && at && strlen(text) < sizeof(plain))
		snprintf(stop, MANY_STOP, "%.*sthread:p%x.%s", (int)(at - text), plain, n, at + strlen("thread:"));
	else
		snprintf(stop, MANY_STOP, "T05thread:p%x.1;", n);
}

/* The client hears of a stop, and what it asks then is of that core. */
static void tell_stop(struct many *m, const char *stop)
{
	const char *at = strstr(stop, "thread:");
	unsigned vm, core;

	if (at && (at += strlen("thread:"), thread(m, &at, &vm, &core)) && vm != ANY) {
		m->vm_now = vm;
		m->core_now = core == ANY ? 1 : core;
	}
	tell(m, stop);
	m->runs = false;
}

static bool any_runs(const struct many *m)
{
	for (unsigned i = 0; i < m->count; i++)
		if (m->vm[i].state == MANY_RUNS)
			return true;
	return false;
}

/* One of them has stopped, or ended. The first that did is what the client hears; an interrupt of ours is no reason. */
static void stopped(struct many *m, unsigned n, const char *text)
{
	struct many_vm *vm = &m->vm[n - 1];
	const bool ours = vm->interrupted && !strncmp(text, "T02", 3), ended = *text == 'W' || *text == 'X';
	char stop[MANY_STOP];

	say_stop(stop, n, text);
	vm->state = MANY_RESTS;
	vm->interrupted = false;
	if (ended)
		leaves_us(m, n, MANY_GONE);
	if (!m->stop[0])
		memcpy(m->stop, stop, sizeof(stop));
	else if (!ours)
		memcpy(vm->stop, stop, sizeof(stop));
	for (unsigned i = 0; i < m->count; i++)
		interrupt(&m->vm[i]);
	if (any_runs(m))
		return;
	tell_stop(m, m->stop);
	m->stop[0] = 0;
}

/* --- Going on --- */

/* Appends ACTION[:CORE] to what a VM is told. False: it has no room. */
static bool append(char *text, unsigned size, const char *action, unsigned length, unsigned core)
{
	const unsigned n = strlen(text);
	int added;

	if (core == ANY)
		added = snprintf(text + n, size - n, ";%.*s", (int)length, action);
	else
		added = snprintf(text + n, size - n, ";%.*s:%x", (int)length, action, core);
	return added >= 0 && (unsigned)added < size - n;
}

/* A stop of which the client has not heard, of a VM that it would have go on; or an end. */
static bool tells_pending(struct many *m, char told[][MANY_STOP])
{
	char stop[MANY_STOP];

	for (unsigned i = 0; i < m->count; i++)
		if ((told[i][0] || m->vm[i].state == MANY_GONE) && m->vm[i].stop[0]) {
			memcpy(stop, m->vm[i].stop, sizeof(stop));
			m->vm[i].stop[0] = 0;
			tell_stop(m, stop);
			return true;
		}
	return false;
}

/* ;ACTION[:THREAD]...: for each VM what is for it. */
static void resume(struct many *m, const char *text)
{
	char told[MANY_MOST][MANY_STOP] = { "" }, packet[MANY_STOP + 8];
	bool fits = true, any = false, understood = true;
	unsigned vm, core;

	while (*text == ';' && fits) {
		const char *action = ++text;
		unsigned length;

		text += strcspn(text, ":;");
		length = text - action;
		vm = core = ANY;
		understood = length && length <= 4 && (*text != ':' || (text++, thread(m, &text, &vm, &core)));
		if (!understood)
			break;
		for (unsigned i = 0; i < m->count; i++)
			if ((vm == ANY || vm == i + 1) && m->vm[i].state == MANY_RESTS)
				fits &= append(told[i], MANY_STOP, action, length, core);
	}
	for (unsigned i = 0; i < m->count; i++)
		any |= told[i][0];
	if (tells_pending(m, told))
		return;
	if (*text || !understood || !any || !fits) {
		tell(m, "E01");
		return;
	}
	for (unsigned i = 0; i < m->count; i++) {
		if (!told[i][0])
			continue;
		memcpy(packet, "vCont", 5);
		memcpy(packet + 5, told[i], strlen(told[i]));
		ask(&m->vm[i], packet, 5 + strlen(told[i]));
		m->vm[i].state = MANY_RUNS;
	}
	m->runs = true;
}

static void interrupt_one(struct many *m)
{
	struct many_vm *now = vm_of(m, m->vm_now);

	for (unsigned i = 0; i < m->count && (!now || now->state != MANY_RUNS); i++)
		now = &m->vm[i];
	if (now)
		interrupt(now);
}

/* --- What the client asks --- */

static void choose(struct many *m, const char *text)
{
	const char kind = *text ? *text++ : 0;
	unsigned vm, core;

	if (!thread(m, &text, &vm, &core) || *text || (vm != ANY && !vm_of(m, vm))) {
		tell(m, "E01");
		return;
	}
	if (kind == 'g') {
		const bool other = vm != ANY && vm != m->vm_now;

		m->vm_now = vm == ANY ? m->vm_now : vm;
		m->core_now = core == ANY ? (other ? 1 : m->core_now) : core;
	}
	tell(m, "OK");
}

static void list(struct many *m)
{
	char text[MANY_MOST * HUNDRED * 8];
	unsigned n = 0;

	for (unsigned i = 0; i < m->count; i++)
		for (unsigned core = 1; is_there(&m->vm[i]) && core <= m->vm[i].cores; core++)
			n += snprintf(text + n, sizeof(text) - n, "%cp%x.%x", n ? ',' : 'm', i + 1, core);
	put(m->output, &m->queued, n ? text : "l", n ? n : 1);
}

/* The same of one thread, which the stub knows by its core: T, qThreadExtraInfo. */
static void ask_of_thread(struct many *m, const char *begin, const char *text)
{
	char packet[64];
	unsigned vm, core;

	if (!thread(m, &text, &vm, &core) || *text || vm == ANY || core == ANY) {
		tell(m, "E01");
		return;
	}
	snprintf(packet, sizeof(packet), "%s%x", begin, core);
	forward(m, vm, core, packet, strlen(packet));
}

/* D;VM, vKill;VM: it goes on without us, or ends. */
static void leave(struct many *m, const char *packet, const char *text)
{
	u64 n;

	if (*text++ != ';' || !packet__number(&text, &n) || *text || n > m->count || !vm_of(m, n)) {
		tell(m, "E01");
		return;
	}
	forward(m, n, ANY, packet, strlen(packet));
	m->leaves = m->asked;
}

/* vAttach;VM: answered when it has greeted us. */
static void attach(struct many *m, const char *text)
{
	u64 n;

	if (!packet__number(&text, &n) || *text || !n || n > m->count || m->vm[n - 1].state != MANY_AWAY)
		tell(m, "E01");
	else
		m->wants = m->attaches = n;
}

/* All of them. A stub may have no room to be told: then it hears that we are gone. */
static void leave_all(struct many *m, const char *packet)
{
	for (unsigned i = 0; i < m->count; i++)
		if (m->vm[i].state == MANY_RESTS)
			ask(&m->vm[i], packet, strlen(packet));
	m->ends = true;
}

static void say_what_is_known(struct many *m)
{
	tell_of(m, "PacketSize=%x;qXfer:features:read+;QStartNoAckMode+;vContSupported+;swbreak+;hwbreak-;multiprocess+", PACKET_MOST);
}

static void say_why(struct many *m)
{
	struct many_vm *vm = vm_of(m, m->vm_now);

	if (!vm)
		tell(m, "W00");
	else if (vm->stop[0])
		tell_stop(m, vm->stop);
	else
		tell_of(m, "T05thread:p%x.%x;", m->vm_now, m->core_now);
	if (vm)
		vm->stop[0] = 0;
}

static bool begins(const char *text, const char *with)
{
	return !strncmp(text, with, strlen(with));
}

static void answer(struct many *m)
{
	const char *text = m->in.bytes;

	if (begins(text, "qSupported")) {
		say_what_is_known(m);
	} else if (!strcmp(text, "QStartNoAckMode")) {
		m->no_acks = true;
		tell(m, "OK");
	} else if (!strcmp(text, "!")) {
		m->extended = true;
		tell(m, "OK");
	} else if (begins(text, "vAttach;")) {
		attach(m, text + strlen("vAttach;"));
	} else if (!strcmp(text, "?")) {
		say_why(m);
	} else if (!strcmp(text, "vCont?")) {
		tell(m, "vCont;c;C;s;S");
	} else if (begins(text, "vCont;")) {
		resume(m, text + strlen("vCont"));
	} else if (*text == 'H') {
		choose(m, text + 1);
	} else if (!strcmp(text, "qfThreadInfo")) {
		list(m);
	} else if (!strcmp(text, "qsThreadInfo")) {
		tell(m, "l");
	} else if (!strcmp(text, "qC")) {
		tell_of(m, "QCp%x.%x", m->vm_now, m->core_now);
	} else if (begins(text, "qAttached")) {
		tell(m, "1");
	} else if (*text == 'T') {
		ask_of_thread(m, "T", text + 1);
	} else if (begins(text, "qThreadExtraInfo,")) {
		ask_of_thread(m, "qThreadExtraInfo,", text + strlen("qThreadExtraInfo,"));
	} else if (begins(text, "vKill")) {
		leave(m, "k", text + strlen("vKill"));
	} else if (*text == 'D' && text[1]) {
		leave(m, "D", text + 1);
	} else if (*text == 'D') {
		leave_all(m, "D");
		tell(m, "OK");
	} else if (!strcmp(text, "k")) {
		leave_all(m, "k");
	} else if (*text && (strchr("gGpPmMXZz", *text) || begins(text, "qOffsets") || begins(text, "qXfer:features:read:") || begins(text, "qRcmd,"))) {
		forward(m, m->vm_now, m->core_now, text, m->in.length);
	} else {
		tell(m, "");
	}
}

/* --- What stubs say --- */

/* What needs no VM is answered at once: gdb asks again after two seconds, and a busy machine takes nearly as long to rest. */
static bool can_wait(const char *text)
{
	return !begins(text, "qSupported") && strcmp(text, "QStartNoAckMode") && strcmp(text, "!") && strcmp(text, "vMustReplyEmpty");
}

static bool any_greets(const struct many *m)
{
	for (unsigned i = 0; i < m->count; i++)
		if (m->vm[i].state == MANY_GREETS)
			return true;
	return false;
}

static void answer_held(struct many *m)
{
	if (!m->held || any_greets(m))
		return;
	m->held = false;
	answer(m);
}

static unsigned count_threads(const char *text)
{
	unsigned n = *text == 'm';

	for (; *text; text++)
		n += *text == ',';
	return n < 1 ? 1 : n > HUNDRED ? HUNDRED : n;
}

static void greet(struct many *m, unsigned n)
{
	struct many_vm *vm = &m->vm[n];

	vm->greeted++;
	if (vm->greeted < sizeof(greetings) / sizeof(*greetings)) {
		ask(vm, greetings[vm->greeted], strlen(greetings[vm->greeted]));
		return;
	}
	vm->cores = count_threads(vm->in.bytes);
	vm->state = MANY_RESTS;
	if (m->attaches == n + 1) {
		m->attaches = 0;
		m->vm_now = n + 1;
		m->core_now = 1;
		tell_of(m, "T05thread:p%x.1;", n + 1);
	}
	answer_held(m);
}

static void hear(struct many *m, unsigned n)
{
	struct many_vm *vm = &m->vm[n];
	const char *text = vm->in.bytes;

	if (vm->state == MANY_GREETS) {
		greet(m, n);
	} else if (vm->state == MANY_RUNS && *text == 'O') {
		put(m->output, &m->queued, text, vm->in.length);
	} else if (vm->state == MANY_RUNS) {
		stopped(m, n + 1, text);
	} else if (vm->unwanted) {
		vm->unwanted--;
	} else if (m->asked == n + 1) {
		m->asked = 0;
		put(m->output, &m->queued, text, vm->in.length);
		if (m->leaves)
			leaves_us(m, n + 1, MANY_AWAY);
		m->leaves = false;
	}
}

void many__lost(struct many *m, unsigned n)
{
	struct many_vm *vm = &m->vm[n];

	if (m->wants == n + 1)
		m->wants = 0;
	else if (!is_there(vm))
		return;
	if (m->attaches == n + 1) {
		m->attaches = 0;
		tell(m, "E01");
	}
	if (m->asked == n + 1) {
		m->asked = 0;
		tell(m, m->leaves ? "OK" : "E01");
		m->leaves = false;
	}
	if (vm->state == MANY_RUNS)
		stopped(m, n + 1, "X09");
	else
		leaves_us(m, n + 1, MANY_GONE);
	answer_held(m);
}

void many__reached(struct many *m, unsigned n)
{
	m->wants = 0;
	m->vm[n].state = MANY_GREETS;
	ask(&m->vm[n], greetings[0], strlen(greetings[0]));
}

/* --- Streams --- */

bool many__takes_from(const struct many *m, unsigned n)
{
	return is_there(&m->vm[n]) && m->queued + PACKET_WIRE <= MANY_OUTPUT && m->vm[n].queued + 2 * 64 + PACKET_WIRE <= MANY_OUTPUT;
}

unsigned many__take_from(struct many *m, unsigned n, const void *bytes, unsigned size)
{
	const u8 *from = bytes;
	unsigned taken = 0;

	while (taken < size && many__takes_from(m, n))
		if (packet__feed(&m->vm[n].in, from[taken++]) == PACKET_COMPLETE)
			hear(m, n);
	return taken;
}

/* While all rest, and nobody is asked, whose packets are all away; an interrupt while one runs. */
bool many__takes(const struct many *m, u8 byte)
{
	if (m->ends || m->asked || m->wants || m->attaches || m->held || m->queued > PACKET_MOST)
		return false;
	for (unsigned i = 0; i < m->count; i++)
		if (m->vm[i].state != MANY_GREETS && m->vm[i].queued)
			return false;
	return !m->runs || byte != '$';
}

unsigned many__take(struct many *m, const void *bytes, unsigned size)
{
	const u8 *from = bytes;
	unsigned n = 0;

	while (n < size && many__takes(m, from[n])) {
		const u8 byte = from[n++];

		if (m->runs) {
			if (byte == PACKET_BREAK)
				interrupt_one(m);
			continue;
		}
		switch (packet__feed(&m->in, byte)) {
		case PACKET_COMPLETE:
			if (!m->no_acks)
				m->output[m->queued++] = '+';
			m->held = can_wait(m->in.bytes) && (any_greets(m) || !m->began);
			if (m->held && !m->began)
				m->wants = 1;
			m->began |= m->held;
			if (!m->held)
				answer(m);
			break;
		case PACKET_BROKEN:
			if (!m->no_acks)
				m->output[m->queued++] = '-';
			break;
		default:
			break;
		}
	}
	return n;
}

void many__open(struct many *m, unsigned count)
{
	m->count = count;
	m->vm_now = m->core_now = 1;
}
