// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The guest's tool for taps, for this machine: see guests/programs/tap.c.
 */
#include "guests/programs/check.h"

int main(int argc, char **argv)
{
	return tool_tap(argc, argv);
}
