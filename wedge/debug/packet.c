/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * See packet.h.
 */
#include "wedge/debug/packet.h"

#define ESCAPE		'}'
#define ESCAPED_BY	0x20

static enum packet_found outside(struct packet_input *in, u8 byte)
{
	if (byte == '$')
		*in = (struct packet_input){ .state = PACKET_INSIDE };
	return byte == PACKET_BREAK ? PACKET_INTERRUPT : PACKET_MORE;	/* else + and -, or rubbish */
}

static void keep(struct packet_input *in, u8 byte)
{
	if (in->length < PACKET_MOST)
		in->bytes[in->length++] = byte;
	else
		in->bad = true;
}

static void say(struct packet_input *in, u8 byte)
{
	const int digit = packet__digit(byte);

	in->bad |= digit < 0;
	in->said = in->said << 4 | (digit & 15);
}

enum packet_found packet__feed(struct packet_input *in, u8 byte)
{
	switch (in->state) {
	case PACKET_OUTSIDE:
		return outside(in, byte);
	case PACKET_INSIDE:
		if (byte == '#') {
			in->state = PACKET_SUM;
			return PACKET_MORE;
		}
		if (byte == '$')	/* the end of the one before has been lost */
			return outside(in, byte);
		in->sum += byte;
		if (byte == ESCAPE)
			in->state = PACKET_ESCAPED;
		else
			keep(in, byte);
		return PACKET_MORE;
	case PACKET_ESCAPED:
		in->sum += byte;
		in->state = PACKET_INSIDE;
		keep(in, byte ^ ESCAPED_BY);
		return PACKET_MORE;
	case PACKET_SUM:
		say(in, byte);
		in->state = PACKET_SUM_AGAIN;
		return PACKET_MORE;
	default:
		say(in, byte);
		in->state = PACKET_OUTSIDE;
		in->bytes[in->length] = 0;
		return in->bad || in->said != in->sum ? PACKET_BROKEN : PACKET_COMPLETE;
	}
}

unsigned packet__wrap(char *to, const char *data, unsigned length)
{
	unsigned n = 0;
	u8 sum = 0;

	to[n++] = '$';
	for (unsigned i = 0; i < length; i++) {
		const char c = data[i];

		if (c == '$' || c == '#' || c == ESCAPE || c == '*') {	/* * would be a run of the byte before */
			to[n++] = ESCAPE;
			sum += ESCAPE;
			to[n++] = c ^ ESCAPED_BY;
		} else {
			to[n++] = c;
		}
		sum += to[n - 1];
	}
	to[n++] = '#';
	to[n++] = packet__hex(sum >> 4);
	to[n++] = packet__hex(sum);
	return n;
}

char packet__hex(unsigned value)
{
	return "0123456789abcdef"[value & 15];
}

int packet__digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool packet__number(const char **text, u64 *value)
{
	const char *begin = *text;

	*value = 0;
	for (; packet__digit(**text) >= 0; (*text)++) {
		if (*value >> 60)
			return false;
		*value = *value << 4 | packet__digit(**text);
	}
	return *text != begin;
}

bool packet__bytes(const char **text, void *bytes, unsigned size)
{
	u8 *to = bytes;

	for (unsigned i = 0; i < size; i++) {
		const int high = packet__digit((*text)[0]), low = high < 0 ? -1 : packet__digit((*text)[1]);

		if (low < 0)
			return false;
		to[i] = high << 4 | low;
		*text += 2;
	}
	return true;
}
