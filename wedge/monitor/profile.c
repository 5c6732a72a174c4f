/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * --profile: where the guest's kernel trapped, for the next build (abi/profile.h has the format).
 *
 * Only the traps that a pad would avoid: an illegal instruction, and an access to an address that the Host
 * has not. A SIGSEGV is a page that is missing, which a pad would not bring.
 */
#include <inttypes.h>

#include "abi/profile.h"
#include "wedge/core/layout.h"
#include "wedge/monitor/stats.h"
#include "wedge/monitor/vm.h"

void profile__look(struct vm *vm)
{
	const struct image_section *text = &vm->image.text;

	vm->kernel_hash = profile__hash(text->bytes, text->bytes ? text->size : 0);
}

int profile__name(struct vm *vm, struct complaint *c)
{
	struct image image;

	if (vm->kernel_hash)
		return 0;
	if (image__open(&image, vm->options.kernel, c))
		return -1;
	vm->kernel_hash = profile__hash(image.text.bytes, image.text.bytes ? image.text.size : 0);
	image__close(&image);
	return 0;
}

void profile__write(const struct vm *vm, FILE *out, bool head)
{
	const struct stats *s = stats__all(vm);

	if (head)
		fprintf(out, PROFILE_HEAD "\nkernel %016" PRIx64 "\n# %s: count, reason, address\n",
			vm->kernel_hash, vm->options.kernel);
	for (size_t i = 0; i < STATS_PCS; i++) {
		u64 pc = s->places.slot[i].pc;

		if (!s->places.slot[i].count || (s->places.slot[i].reason != HOST_EXIT_SIGILL && s->places.slot[i].reason != HOST_EXIT_SIGBUS))
			continue;
		if (pc - WINDOW_CKSEG0 < IMAGE_CKSEG0_SIZE)
			pc -= RELINK_DELTA(WINDOW_CKSEG0);
		fprintf(out, "%u %s %#" PRIx64 "\n", s->places.slot[i].count, host__exit_names[s->places.slot[i].reason], pc);
	}
	if (s->places.lost)
		fprintf(out, "# %" PRIu64 " exits at places that were not counted singly\n", s->places.lost);
}
