/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The Wedge's main(): options in, exit status out.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/descriptors.h"
#include "wedge/device/net-user.h"
#include "wedge/monitor/vm.h"

static struct vm vm;

static void print_check(void)
{
	printf("%s: %zu sites", vm.options.kernel, vm.plan.site_count);
	for (unsigned i = 0; i < BURN_WAYS; i++)
		if (vm.plan.counts[i])
			printf(", %u %s", vm.plan.counts[i], burn__how_names[i]);
	printf("; %zu regions; relocated: %u jumps, %u hi16, %u words, %u exception entries\n", vm.plan.code.region_count,
	       vm.relinked.jumps, vm.relinked.hi16, vm.relinked.words, vm.relinked.exceptions);
}

/* Opened before the guest starts, so that nobody waits in vain. NULL: standard error. */
static FILE *open_output(const char *what, const char *where)
{
	FILE *out;

	if (!where || !strcmp(where, "-"))
		return NULL;
	out = fopen(where, vm.restarted ? "ae" : "we");
	if (!out)
		die_errno("writing %s to '%s'", what, where);
	return out;
}

int main(int argc, char **argv)
{
	struct options options;
	struct complaint c;
	int status;

	descriptors__hold();
	if (argc > 1 && !strcmp(argv[1], NET_USER_ARGUMENT))
		return net_user__main(argc, argv);
	if (options__parse(&options, argc, argv, &c)) {
		fprintf(stderr, "wedge: %s\n", c.text);
		return EXIT_USAGE;
	}
	if (options.help) {
		options__usage();
		return 0;
	}
	if (options.version) {
		printf("wedge (Afterburn for MIPS64) %s\n", AFTERBURN_RELEASE);
		return 0;
	}
	if (host__settle_down(argv, options.at, &c))
		die("%s", c.text);
	if (options.kernel && vm__open(&vm, &options, &c))
		die("%s", c.text);
	if (options.layout) {
		layout__print(&vm);
		return 0;
	}
	if (options.check) {
		print_check();
		return 0;
	}
	vm.restarted = getenv("WEDGE_RESTARTED");
	vm.stats_file = open_output("statistics", options.stats);
	vm.profile_file = open_output("the profile", options.profile);
	status = vm__run(&vm);
	if (vm.restart) {
		/* All that the guest has changed goes with this image of the program. */
		setenv("WEDGE_RESTARTED", "1", 1);	/* what the last run wrote to files stays */
		execv("/proc/self/exe", argv);
		die_errno("starting again after the guest's reset");
	}
	return status;
}
