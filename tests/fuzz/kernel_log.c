/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The log of a guest's kernel, of which each byte of RAM is the guest's: reading it ends, stays in RAM, and what comes out is
 * printable.
 *
 * Input: a byte of flags (1: little endian), RAM from its beginning.
 */
#include "tests/unit/kernel_log_fixture.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

static void check(bool condition)
{
	if (!condition)
		abort();
}

static bool printable(const char *text)
{
	for (; *text; text++)
		if (*text != '\n' && *text != '\t' && (*text < ' ' || *text >= 0x7f))
			return false;
	return true;
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct log_kernel *k = malloc(sizeof(*k));
	u8 *ram = malloc(LOG_RAM);		/* so that one byte too many is seen */
	struct kernel_log_record r;
	struct kernel_log log;
	struct complaint c;
	unsigned n = 0;

	check(k && ram);
	log_make(k, size && data[0] & 1);
	memset(ram, 0, LOG_RAM);
	if (size)
		memcpy(ram, data + 1, size - 1 < LOG_RAM ? size - 1 : LOG_RAM);
	k->described.base = ram;
	if (kernel_log__open(&log, &k->image, &k->described, &k->windows, &c))
		check(c.text[0] && !strchr(c.text, '\n'));
	else
		for (; kernel_log__next(&log, 0, &r); n++)
			check(printable(r.text) && strlen(r.text) <= 4 * KERNEL_LOG_LINE);
	check(n <= LOG_RAM / 24);		/* each has a descriptor */
	free(ram);
	free(k);
	return 0;
}
