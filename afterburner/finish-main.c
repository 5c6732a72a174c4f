/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * afterburn-finish: the object pass by hand, for objects that afterburn-gcc did not see come into being, as those that
 * gas was called for directly. On an error the object is removed, as GCC removes it when it fails.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <unistd.h>

#include "afterburner/finish.h"
#include "lib/descriptors.h"

static const char usage[] =
	"usage: afterburn-finish [--user] [--] OBJECT...\n"
	"Completes the .afterburn records of relocatable objects in place, as afterburn-gcc does whenever it assembles.\n"
	"  --user   they are of a user program, not of a kernel\n";

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "user", no_argument, NULL, 'u' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	struct finish_report report;
	struct complaint c;
	bool user = false;
	int option;

	descriptors__hold();
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == 'u') {
			user = true;
		} else {
			fputs(usage, option == 'h' ? stdout : stderr);
			return option == 'h' ? 0 : 2;
		}
	}
	if (optind == argc) {
		fputs(usage, stderr);
		return 2;
	}
	for (int i = optind; i < argc; i++) {
		if (!finish__object(argv[i], user, &report, &c))
			continue;
		fprintf(stderr, "%s: %s\n", program_invocation_short_name, c.text);
		unlink(argv[i]);
		return 1;
	}
	return 0;
}
