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

static void print_sites(void)
{
	const struct burn_text *text = &vm.plan.text;

	for (size_t i = 0; i < vm.plan.site_count; i++) {
		const struct burn_site *site = &vm.plan.sites[i];
		const bool in_region = code__in_region(&vm.plan.code, site->address);

		printf("%016llx %08x %u %s%s\n", (unsigned long long)(site->address - text->delta), site->word,
		       in_region ? 0 : burn__executed(site, text->big_endian), burn__how_names[site->how], in_region ? ", in a region" : "");
	}
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
	if ((options.kernel || options.firmware) && vm__open(&vm, &options, &c))
		die("%s", c.text);
	if (options.layout) {
		layout__print(&vm);
		return 0;
	}
	if (options.dry_run) {
		if (dry_run__print(&vm, &c))
			die("%s", c.text);
		return 0;
	}
	if (options.check) {
		print_check();
		if (options.check_sites)
			print_sites();
		return 0;
	}
	vm.restarted = getenv("WEDGE_RESTARTED");
	outputs__open(&vm);
	status = vm__run(&vm);
	outputs__write(&vm);
	if (vm.restart) {
		/* All that the guest has changed goes with this image of the program. */
		setenv("WEDGE_RESTARTED", "1", 1);	/* what the last run wrote to files stays */
		execv("/proc/self/exe", argv);
		die_errno("starting again after the guest's reset");
	}
	return status;
}
