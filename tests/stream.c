// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The guest's tool for streams, for this machine: see guests/programs/stream.c.
 */
#include "guests/programs/check.h"

int main(int argc, char **argv)
{
	return tool_stream(argc, argv);
}
