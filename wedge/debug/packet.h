/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Packets of gdb's remote protocol in a stream: $DATA#SUM, acknowledged by + or -, and an interrupt, which is a byte of
 * its own. What a client has not got well is not sent again: our streams lose nothing. See "Overview" in the appendix "gdb Remote Serial Protocol" of gdb's manual.
 *
 * A client may send anything. What is kept of it is one packet of at most so many bytes; a longer one is none.
 */
#ifndef WEDGE_DEBUG_PACKET_H
#define WEDGE_DEBUG_PACKET_H

#include "lib/types.h"

#define PACKET_MOST	0x4000u		/* bytes between $ and #, in either direction */
#define PACKET_BREAK	0x03		/* outside of packets: the client interrupts */
#define PACKET_WIRE	(2 * PACKET_MOST + 4)	/* as it is sent at most: any byte may take two */

/* Bytes that come in. All zeroes to begin with. */
struct packet_input {
	enum { PACKET_OUTSIDE, PACKET_INSIDE, PACKET_ESCAPED, PACKET_SUM, PACKET_SUM_AGAIN } state;
	u8 sum, said;			/* of the bytes; what the client says of it */
	bool bad;
	unsigned length;
	char bytes[PACKET_MOST + 1];	/* with a zero behind them */
};

enum packet_found {
	PACKET_MORE,
	PACKET_COMPLETE,		/* bytes[] has it, until the next call */
	PACKET_BROKEN,			/* its sum is wrong, or it is too long */
	PACKET_INTERRUPT,
};
enum packet_found packet__feed(struct packet_input *in, u8 byte);

/* Puts `data` into a packet; how many bytes that is. `to` has room for PACKET_WIRE, `length` is at most PACKET_MOST. */
unsigned packet__wrap(char *to, const char *data, unsigned length);

/* The hexadecimal digit of the low four bits. */
char packet__hex(unsigned value);
/* The value of a hexadecimal digit; -1: it is none. */
int packet__digit(char c);
/* A number in hex at *text, which moves behind it. False: there is none, or it has more than 64 bits. */
bool packet__number(const char **text, u64 *value);
/* `size` bytes in hex at *text, which moves behind them. False: there are not so many. */
bool packet__bytes(const char **text, void *bytes, unsigned size);

#endif
