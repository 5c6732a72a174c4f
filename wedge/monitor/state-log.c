/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * --log-state: the registers before each instruction that comes to the Wedge, for `match` to compare with
 * those of the same guest on metal.
 *
 * With --interpret that is all of them. In the native modes it is what traps, what calls, and what is
 * interpreted after either; a site burnt inline is the Host CPU's. The head of the log says which places
 * always come to us, so that the comparer knows what is missing from what cannot be there.
 */
#include <stdlib.h>
#include <string.h>

#include "wedge/burn/pieces.h"
#include "wedge/core/layout.h"
#include "wedge/monitor/vm.h"

#define CKSSEG		0xffffffffc0000000ull

static const struct log_window windows[] = {
	{ WINDOW_CKSEG0, WINDOW_CKSEG0_SIZE, IMAGE_CKSEG0 },
	{ WINDOW_MODULES, WINDOW_MODULES_END - WINDOW_MODULES, CKSSEG },
	{ WINDOW_PHYSMAP, WINDOW_PHYSMAP_SIZE, XKPHYS },
	{ WINDOW_MAP, WINDOW_MAP_END - WINDOW_MAP, XKSEG | WINDOW_MAP },
};

void vm__log_instruction(struct vcpu *v, u32 insn)
{
	struct vm *vm = v->machine->user;
	u64 value[LOG_VALUES];

	if (!vm->log || !log__wants(vm->log, insn))
		return;
	memcpy(value, v->gpr, sizeof(v->gpr));
	value[LOG_PC] = v->pc;
	value[LOG_HI] = v->hi;
	value[LOG_LO] = v->lo;
#define CP0_STATE(NAME, TITLE) \
	value[LOG_CP0_##NAME] = cp0_info[CP0_##NAME].bits == 32 ? word(v->page->cp0[CP0_##NAME]) : v->page->cp0[CP0_##NAME];
#include "format/state.def"
#undef CP0_STATE
	value[LOG_CP0_ENTRYLO0] = cp0__read(v, CP0_ENTRYLO0);
	value[LOG_CP0_ENTRYLO1] = cp0__read(v, CP0_ENTRYLO1);
	for (unsigned i = 0; i < 3; i++) {
		value[LOG_MPL0 + i] = v->mpl[i];
		value[LOG_P0 + i] = v->product[i];
	}
	log__put(vm->log, insn, value);
}

/* What is left as it was traps; but a load or store that may reach a device (abi/accesses.def) only if it does. */
static bool comes_to_us(const struct burn_site *site)
{
	return site->how == BURN_CALL || site->how == BURN_GUARD ||
	       (site->how >= BURN_LEFT_SLOT && log__is_sensitive(site->word));
}

/* TLB operations, eret, wait: blocks have none of them. */
static bool is_never_translated(const struct burn_site *site)
{
	return (site->word & 0xfe000000) == 0x42000000 && site->how < BURN_LEFT_SLOT;
}

/* What blocks leave to us: they do what else would come. */
static size_t list_places_with_blocks(const struct burn_plan *plan, struct log_place *places)
{
	size_t n = 0;

	for (size_t i = 0; i < plan->site_count; i++)
		if (is_never_translated(&plan->sites[i]))
			places[n++] = (struct log_place){ plan->sites[i].address, plan->sites[i].address + 4 };
	return n;
}

/* A call to us stands for the whole site: its NOPs are not executed. */
static bool skips_pad(const struct burn_site *site)
{
	return site->how == BURN_CALL || site->how == BURN_OUTLINE;
}

/*
 * A site that calls or traps, and all of a region, is always seen; what is burnt inline or outline need not be, outside
 * of regions. `places` has room for one for each region and two for each site.
 */
static size_t list_places(const struct burn_plan *plan, struct log_place *places)
{
	size_t n = 0, r = 0;

	for (size_t i = 0; i < plan->site_count || r < plan->code.region_count;) {
		const struct burn_site *site = &plan->sites[i];
		bool region = r < plan->code.region_count && (i == plan->site_count || plan->code.regions[r].start <= site->address);
		struct log_place *last = n ? &places[n - 1] : NULL;

		if (region) {
			places[n++] = (struct log_place){ plan->code.regions[r].start, plan->code.regions[r].end };
			r++;
			continue;
		}
		if (last && site->address < last->end && skips_pad(site)) {
			u64 end = last->end, behind = site->address + 4 * site->words;

			last->end = site->address + 4;
			if (behind < end)
				places[n++] = (struct log_place){ behind, end };
		} else if (comes_to_us(site) && (!last || site->address >= last->end)) {
			places[n++] = (struct log_place){ site->address, site->address + 4 };
		}
		i++;
	}
	return n;
}

/* Splits FILE,WHAT; the caller frees the file's name. */
static char *parse(const char *text, unsigned *flags, struct complaint *c)
{
	char *path = strdup(text), *what = path ? strrchr(path, ',') : NULL;

	if (!path) {
		complain(c, "no memory for the name of a log");
		return NULL;
	}
	if (what && !strcmp(what + 1, "sensitive"))
		*flags |= LOG_SENSITIVE;
	if (what && strcmp(what + 1, "sensitive") && strcmp(what + 1, "all")) {
		complain(c, "--log-state: '%s' is neither 'all' nor 'sensitive'", what + 1);
		free(path);
		return NULL;
	}
	if (what)
		*what = 0;
	return path;
}

int vm__open_log(struct vm *vm, struct complaint *c)
{
	const struct options *o = &vm->options;
	struct log_head head = {
		.machine = o->interpret ? "wedge --interpret" : o->no_burn ? "wedge --no-burn" : "wedge",
		.flags = o->interpret ? LOG_EVERYWHERE : 0, .windows = windows,
		.window_count = o->no_relink ? 0 : ARRAY_SIZE(windows),
	};
	struct log_place *places;
	char *path;

	if (!o->log_state || o->check || o->dry_run)
		return 0;
	path = parse(o->log_state, &head.flags, c);
	if (!path)
		return -1;
	places = calloc(2 * vm->plan.site_count + vm->plan.code.region_count + 1, sizeof(*places));
	if (places) {
		head.places = places;
		head.place_count = vm->blocks ? list_places_with_blocks(&vm->plan, places) : list_places(&vm->plan, places);
		vm->log = log__create(path, &head, c);
	} else {
		complain(c, "no memory for the log of states");
	}
	free(places);
	free(path);
	return vm->log ? 0 : -1;
}

void vm__close_log(struct vm *vm)
{
	struct complaint c;

	if (vm->log && log__close(vm->log, &c))
		die("%s", c.text);
	vm->log = NULL;
}
