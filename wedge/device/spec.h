/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the user says of a device: VALUE[,key=value][,flag]..., or without VALUE key=value[,flag]... A comma within a value is doubled.
 */
#ifndef WEDGE_DEVICE_SPEC_H
#define WEDGE_DEVICE_SPEC_H

#include "lib/complain.h"
#include "lib/types.h"

enum spec_kind { SPEC_FLAG, SPEC_TEXT, SPEC_LIST, SPEC_NUMBER, SPEC_SIZE };

/* A key that may be given several times. The texts stay for ever. */
#define SPEC_LIST_MOST	16
struct spec_list {
	unsigned count;
	char *item[SPEC_LIST_MOST];
};

/* A key that is understood; the value goes to `into`: bool, char[SPEC_TEXT_SIZE], struct spec_list, u64 or u64 (with K, M, G). */
struct spec_key {
	const char *name;
	enum spec_kind kind;
	void *into;
};

#define SPEC_TEXT_SIZE	4096

/* A number, or with `size` one of bytes, which may have a suffix. -1 if it is none. */
int spec__number(const char *text, bool size, u64 *value);

/*
 * Takes `text` apart. What stands before the first comma goes to first[SPEC_TEXT_SIZE]. `option` ("--disk") is for the complaint, with
 * which it returns -1 for a key that is not among keys[count], one without a value, or a value that is none.
 */
int spec__parse(const char *option, const char *text, char *first, const struct spec_key *keys, unsigned count, struct complaint *c);
/* The same without VALUE; the text may be empty. */
int spec__parse_keys(const char *option, const char *text, const struct spec_key *keys, unsigned count, struct complaint *c);

#endif
