/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A client and the stubs of three VMs, all of which say what they like, by lines: the first byte says who, and whether as a packet of its own or as it is. Nobody
 * is told more than there is room for, and who has sent nothing yet can always be heard.
 */
#include <stdlib.h>
#include <string.h>

#include "wedge/debug/many.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

static struct many m;

static void check(void)
{
	if (m.queued > MANY_OUTPUT)
		abort();
	for (unsigned i = 0; i < m.count; i++)
		if (m.vm[i].queued > MANY_OUTPUT)
			abort();
}

static void say(unsigned who, const char *bytes, unsigned length)
{
	char *copy = malloc(length + 1);	/* so that one byte too many is seen */

	memcpy(copy, bytes, length);
	if (who)
		many__take_from(&m, who - 1, copy, length);
	else
		many__take(&m, copy, length);
	free(copy);
	check();
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	static char wire[PACKET_WIRE];

	memset(&m, 0, sizeof(m));
	many__open(&m, 3);
	for (size_t at = 0, length; at < size; at += length + 1) {
		const u8 *end = memchr(data + at, '\n', size - at);
		const u8 how = data[at];

		length = end ? (size_t)(end - data) - at : size - at;
		if (m.wants && how & 0x40)
			many__reached(&m, m.wants - 1);
		else if (m.wants)
			many__lost(&m, m.wants - 1);
		if (length > 1 && how & 0x10)
			say(how & 3, (const char *)data + at + 1, length - 1);
		else if (length > 1)
			say(how & 3, wire, packet__wrap(wire, (const char *)data + at + 1, length - 1 < PACKET_MOST ? length - 1 : PACKET_MOST));
		else if (how & 3)
			many__lost(&m, (how & 3) - 1);
		if (!(how & 0x20))
			continue;
		m.queued = 0;		/* all is sent */
		for (unsigned i = 0; i < m.count; i++)
			m.vm[i].queued = 0;
	}
	return 0;
}
