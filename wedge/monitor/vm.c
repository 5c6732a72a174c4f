/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The virtual machine: what it is put together from, in the order in which it happens.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "abi/near.h"
#include "abi/segments.h"
#include "lib/clock.h"
#include "wedge/burn/pieces.h"
#include "wedge/core/layout.h"
#include "wedge/load/page-tables.h"
#include "wedge/load/segments.h"
#include "wedge/load/structure.h"
#include "wedge/monitor/exchange.h"
#include "wedge/monitor/tracing.h"
#include "wedge/monitor/vm.h"

#define PIECES_SIZE	(64ull << 20)	/* of that, for modules: 100 bytes for each place that was burnt */
#define ALARMS_MOST	5000		/* a second: so many switches, with their interrupts, are half of what a Host does */

static int read_file(const char *path, void **bytes, u64 *size, struct complaint *c)
{
	struct stat s;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	u64 done = 0;

	if (fd < 0 || fstat(fd, &s)) {
		int e = errno;

		if (fd >= 0)
			close(fd);
		return complain(c, "initrd '%s': %s", path, strerror(e));
	}
	if (!S_ISREG(s.st_mode) || !s.st_size) {
		close(fd);
		return complain(c, "initrd '%s' is %s; a cpio archive would be right", path,
				S_ISREG(s.st_mode) ? "empty" : "no regular file");
	}
	*size = s.st_size;
	*bytes = malloc(*size);
	if (!*bytes) {
		close(fd);
		return complain(c, "initrd '%s': no memory for its %llu bytes", path, (unsigned long long)*size);
	}
	while (done < *size) {
		ssize_t n = read(fd, (u8 *)*bytes + done, *size - done);

		if (n <= 0) {
			close(fd);
			free(*bytes);
			return complain(c, "initrd '%s': reading stopped after %llu of %llu bytes", path,
					(unsigned long long)done, (unsigned long long)*size);
		}
		done += n;
	}
	close(fd);
	return 0;
}

static u64 low_ram(const struct vm *vm)
{
	return vm->options.memory < BOARD_LOW_RAM ? vm->options.memory : BOARD_LOW_RAM;
}

/* Who looks for symbols in it finds none. */
static int look_at_firmware(struct vm *vm, struct complaint *c)
{
	struct complaint why;
	int order = board__firmware_order(vm->flash.bytes, vm->flash.size, &why);

	if (order < 0)
		return complain(c, "--flash=%s: %s", vm->options.flash, why.text);
	vm->image = (struct image){ .name = vm->options.flash, .little_endian = order };
	return 0;
}

static int load_kernel(struct vm *vm, struct complaint *c)
{
	struct ram *ram = &vm->state->machine.ram;
	u64 low = ram->low < WINDOW_CKSEG0_SIZE ? ram->low : WINDOW_CKSEG0_SIZE;

	if (image__load(&vm->image, ram->base, low, c))
		return -1;
	if (vm->options.no_relink)
		return 0;
	if (relink(&vm->image, ram->base, low, RELINK_DELTA(WINDOW_CKSEG0), &vm->relinked, c))
		return -1;
	return segments__tell_guest(&vm->image, ram->base, low, c);
}

u64 vm__ckseg0(const struct vm *vm)
{
	return vm->options.no_relink ? IMAGE_CKSEG0 : WINDOW_CKSEG0;
}

static int prepare_boot(struct vm *vm, struct complaint *c)
{
	struct ram *ram = &vm->state->machine.ram;
	struct board_boot boot = {
		.ram = ram->base, .kernel_start = vm->image.start, .kernel_end = vm->image.end,
		.command_line = vm->options.append, .ckseg0 = vm__ckseg0(vm),
		.reserved_start = CODE_CACHE_PA, .reserved_size = CODE_CACHE_SIZE,
	};
	u8 seed[BOARD_RNG_SEED];
	void *initrd = NULL;
	int result;

	if (!vm__is_repeated(&vm->options) && getrandom(seed, sizeof(seed), 0) == sizeof(seed))
		boot.rng_seed = seed;
	if (ram->size <= CODE_CACHE_PA)
		boot.reserved_size = 0;
	if (vm->options.initrd && read_file(vm->options.initrd, &initrd, &boot.initrd_size, c))
		return -1;
	boot.initrd = initrd;
	result = board__boot(&vm->board_config, &boot, &vm->entry, c);
	free(initrd);
	return result;
}

static void enter_kernel(const struct vm *vm, struct vcpu *v)
{
	v->pc = vm->image.entry + RELINK_DELTA(vm__ckseg0(vm));
	v->gpr[REG_A0] = vm->entry.a0;
	v->gpr[REG_A0 + 1] = vm->entry.a1;
	v->gpr[REG_A0 + 2] = v->core == 0;	/* the boot core */
	v->gpr[REG_A3] = vm->entry.a3;
	v->page->cp0[CP0_STATUS] = vm->entry.status;
	v->page->cp0[CP0_CVMMEMCTL] = vm->entry.cvmmemctl;
	v->page->cp0[CP0_EBASE] = vm__ckseg0(vm) | v->core;
}

/* Core 0 begins as it was reset; the others do when they are let go. */
static void enter_firmware(struct vm *vm, struct vcpu *v)
{
	vm->state->called_cores = true;
	if (v->core)
		vcpu__park(v);
}

static void reset_vcpu(struct vm *vm, unsigned core)
{
	struct vcpu *v = vm->vcpu[core] = host__vcpu(vm->host, core);

	vm->state->machine.vcpu[core] = v;
	vcpu__reset(v, &vm->state->machine, host__vcpu_page(vm->host, core), core);
	if (vm->state->machine.canonical)
		vcpu__set_addends(v);
	/* Where a clock was recorded, everything was interpreted: without an FPU. */
	v->fir = vm->options.replay_clock ? 0 : host__fir(vm->host);
	if (v->fir)
		v->page->cp0[CP0_CONFIG1] |= CONFIG1_FP;
	/* What the Host does not keep is not promised; but states are compared with those of a CPU that has it. */
	if (!vm->options.log_state && !host__enforces_rixi(vm->host))
		v->page->cp0[CP0_CONFIG3] &= ~(u64)CONFIG3_RXI;
}

/*
 * The parts of VM memory, in this order, but for the vCPUs, which the Host places first. The numbers are versions of what is
 * in them.
 */
static void place_state(struct vm *vm)
{
	const unsigned cpus = vm->options.cpus, processors = sysconf(_SC_NPROCESSORS_ONLN);

	vm->state = memory__place(vm->memory, "machine", 5, sizeof(*vm->state));
	exchange__make_mutex(&vm->state->lock);
	vm->board = memory__place(vm->memory, "board", 2, board__size());
	vm->exchange = memory__place(vm->memory, "exchange", 5, sizeof(*vm->exchange));
	vm->slots = memory__place(vm->memory, "virtio slots", 1, BOARD_VIRTIO_MAX * sizeof(*vm->slots));
	vm->stats = memory__place(vm->memory, "statistics", 2, cpus * sizeof(*vm->stats));
	vm->state->machine.heap = heap__make(memory__place(vm->memory, "pieces", 1, PIECES_SIZE), PIECES_SIZE);
	vm->several = cpus > 1 && !vm->options.interpret;
	vm->crowded = vm->several && cpus > processors;
	if (vm->several && cpus > 4 * processors)
		fprintf(stderr, "wedge: %u cores of the guest on %u processors of this host will wait for each other most of the time\n",
			cpus, processors);
}

static bool makes_blocks(const struct options *options)
{
	return !options->no_translate && !options->poison;	/* that wants to meet each site */
}

static int make_machine(struct vm *vm, bool native, struct complaint *c)
{
	vm->client = vm__host_client(vm);
	vm->memory = memory__open(VM_STATE_SIZE, c);
	if (!vm->memory || host__open(&vm->host, &vm->client, vm->memory, vm->options.memory, vm->options.cpus, !native, c))
		return -1;
	if (vm->options.spin && host__spin(vm->host, vm->options.cpus, c))
		return -1;
	place_state(vm);
	vm->state->machine = (struct machine){
		.heap = vm->state->machine.heap, .cpus = vm->options.cpus,
		.windows = LAYOUT_WINDOWS, .ram = { host__ram(vm->host), vm->options.memory, low_ram(vm) },
		.ops = &vm__machine_ops, .user = vm, .big_endian = !vm->image.little_endian, .canonical = native && vm->options.no_relink,
		.in_blocks = native && (vm->options.no_relink || vm->options.no_burn) && makes_blocks(&vm->options),
	};
	if (!vm__is_repeated(&vm->options)) {
		vm->state->machine.rest_most = vm->clock.hz / 50;
		vm->state->machine.alarm_least = vm->clock.hz / ALARMS_MOST;
	}
	if (vm->options.no_relink)
		vm->state->machine.windows = (struct windows)CANONICAL_WINDOWS;
	/* Before there are devices, which leave marks. */
	if (vm->state->machine.in_blocks) {
		vm->code_pages = memory__place(vm->memory, "code pages", 2, sizeof(*vm->code_pages));
		code_pages__make(vm->code_pages, &vm->state->machine);
		vm->jumps = memory__place(vm->memory, "jumps", 2, vm->options.cpus * sizeof(*vm->jumps));
	}
	for (unsigned i = 0; i < vm->options.cpus; i++)
		reset_vcpu(vm, i);
	return 0;
}

static int make_board(struct vm *vm, struct complaint *c)
{
	struct board_callbacks callbacks = vm__board_callbacks;

	if (vm__is_repeated(&vm->options))
		callbacks.random = NULL;
	vm->board_config = (struct board_config){
		.cores = vm->options.cpus, .ram_size = vm->options.memory, .clock_hz = vm->clock.hz,
		.little_endian = vm->image.little_endian, .virtio_slots = vm->options.devices,
		.firmware = vm->options.firmware, .flash_size = vm->flash.size, .flash_readonly = vm->flash.readonly, .flash = vm->flash.bytes,
		.random_seed = 1,
	};
	if (board__check_config(&vm->board_config, c))
		return -1;
	board__make(vm->board, &vm->board_config, &callbacks, vm);
	vm->board_made = true;
	return 0;
}

static enum burn_mode burn_mode(const struct options *options)
{
	if (options->no_burn)
		return BURN_NONE;
	if (options->poison)
		return BURN_POISON;
	return vm__is_compared(options) ? BURN_EXACTLY : BURN_ALL;
}

static void make_blocks(struct vm *vm)
{
	const u64 start = host__blocks_start(vm->host), place = WINDOW_CKSEG0 + CODE_CACHE_PA;
	const bool closely = vm__is_compared(&vm->options);

	if (!makes_blocks(&vm->options))
		return;
	/* Where all is blocks or interpreted, what is met once will be met again; and each place that is not a block's is one less for those. */
	vm->blocks = memory__place(vm->memory, "blocks", 5, sizeof(*vm->blocks));
	blocks__make(vm->blocks, &vm->state->machine, (u32 *)(host__code_cache(vm->host) + start), place + start, place,
		     closely || vm->options.translate_at_once || vm->code_pages ? 1 : BLOCKS_MET, closely, vm->code_pages, vm->jumps);
	vm->blocks->no_octeon = !host__has_octeon(vm->host);
}

/* Not where states are to be as on metal: pages that are mapped ahead cause no exceptions. */
static int tell_of_page_tables(struct vm *vm, struct complaint *c)
{
	struct afterburn_page_tables format;

	if (page_tables__find(&vm->image, vm->state->machine.ram.base, vm->options.memory, &format, c))
		return -1;
	if (format.levels && user__check_page(format.level[format.levels - 1].shift, c))
		return -1;
	if (!format.levels || vm__is_compared(&vm->options))
		return 0;
	user__know_tables(vm->user, &format);
	page_tables__tell_guest(&vm->image, vm->state->machine.ram.base);
	return 0;
}

/* For system calls of programs that become jumps. A kernel that does not know of that is none the worse. */
static int ask_for_near(struct vm *vm, struct complaint *c)
{
	const struct machine *m = &vm->state->machine;
	u8 *const ram = m->ram.base;
	u64 at;
	int found;

	if (!vm->options.direct || vm->options.no_user_burn || !vm->blocks || vm__is_compared(&vm->options))
		return 0;
	found = structure__find(&vm->image, ram, vm->options.memory, AFTERBURN_NEAR_SYMBOL, AFTERBURN_NEAR_MAGIC, sizeof(struct afterburn_near), &at, c);
	if (found <= 0)
		return found;
	image__put64(&vm->image, ram + at + offsetof(struct afterburn_near, wanted), 1);
	user__know_near(vm->user, (const u64 *)(ram + at + offsetof(struct afterburn_near, page)));
	vm->blocks->eret = host__eret_entry(vm->host);
	burn__lead_erets(burn__plan_at(m, m->code->start), host__code_cache(vm->host), vm->blocks->eret);
	return 0;
}

static void burn(struct vm *vm)
{
	struct machine *m = &vm->state->machine;
	struct burn_plan *kernel = pieces__new(m);

	burn__commit(&vm->plan, host__code_cache(vm->host));
	if (vm->options.direct)
		burn__drop_asks(&vm->plan, m->ram.base);
	m->slots = WINDOW_CKSEG0 + CODE_CACHE_PA + host__call_entry_size(vm->host, &vm->state->machine);
	*kernel = vm->plan;		/* what that points to never changes */
	kernel->code.in_blocks = m->in_blocks;
	pieces__add(m, kernel);
	vm->state->modules = (struct modules){
		.machine = m, .code_cache = host__code_cache(vm->host), .entry_size = host__call_entry_size(vm->host, &vm->state->machine),
		.mode = burn_mode(&vm->options),
	};
}

/* What runs natively: programs, and the kernel if it is where the Host can execute it. */
static int go_native(struct vm *vm, struct complaint *c)
{
	struct machine *m = &vm->state->machine;
	struct host_user user;

	if (!m->canonical)
		burn(vm);
	make_blocks(vm);
	vm->state->modules.bypass = vm->blocks;
	if (user__open(&vm->user, vm->host, m, vm->options.direct, c) || tell_of_page_tables(vm, c) || vm__tell_of_clock(vm, c) ||
	    ask_for_near(vm, c))
		return -1;
	user = user__ops(vm->user);
	host__map(vm->host, m, &user, vm->blocks);
	return 0;
}

/* Native execution is in the Host's byte order: no user process can change it. */
static int check_byte_order(const struct vm *vm, struct complaint *c)
{
	if (vm->image.little_endian != host__big_endian())
		return 0;
	return complain(c, "%s: a %s-endian kernel, which this Host can only run with --interpret", vm->options.kernel,
			vm->image.little_endian ? "little" : "big");
}

/* As a distribution ships it: with none of our patches, and built by another compiler. */
static bool is_stock(const struct image *image)
{
	u64 address;

	return !image->afterburn.bytes && !image__symbol(image, AFTERBURN_SEGMENTS_SYMBOL, &address);
}

static bool is_foreign(const struct image *image)
{
	u32 word[BOARD_ENTRY_WORDS];
	unsigned n = 0;
	const u8 *at;

	while (n < BOARD_ENTRY_WORDS && (at = image__bytes(image, image->entry + 4 * n, 4)))
		word[n++] = image__get32(image, at);
	return board__is_foreign_linux(image->file, image->file_size, word, n);
}

/* Natively as the kernel itself sees it: a place that it has just been at costs no miss of the Host's TLB, of which there would be one for each call. */
static const u64 *place_of_stack(const struct vm *vm, unsigned core, bool native)
{
	const u64 *at = tasks__stack_word(&vm->tasks, &vm->state->machine.ram, core);

	return at && native ? (const u64 *)(WINDOW_CKSEG0 + vm->tasks.kernelsp - CKSEG0 + 8ull * core) : at;
}

/* The kernel, or the boot loader. */
static int open_program(struct vm *vm, bool native, struct complaint *c)
{
	if (vm->options.firmware)
		return look_at_firmware(vm, c);
	if (image__open(&vm->image, vm->options.kernel, c) || (native && check_byte_order(vm, c)))
		return -1;
	if (!vm->options.check && is_stock(&vm->image)) {
		if (is_foreign(&vm->image))
			return complain(c, "%s: a Linux kernel for another platform: it does not begin as one for Octeon does", vm->image.name);
		vm->options.no_relink = true;
		if (native)
			fprintf(stderr, "wedge: %s is a stock kernel: it has no records and cannot be moved, so it runs as blocks, its programs natively\n",
				vm->image.name);
	}
	return 0;
}

int vm__open(struct vm *vm, const struct options *options, struct complaint *c)
{
	bool native = !options->interpret && !options->check && !options->layout && !options->dry_run;

	*vm = (struct vm){ .options = *options };
	if (vm__start_clock(vm, native, c) || devices__open_flash(vm, c) || open_program(vm, native, c) ||
	    make_machine(vm, native, c) || devices__open(vm, c) || make_board(vm, c) || (!options->firmware && (load_kernel(vm, c) || prepare_boot(vm, c))))
		return -1;
	if (((native && !vm->options.no_relink) || options->check || options->poison) &&
	    burn__plan(&vm->plan, &vm->image, vm->state->machine.ram.base, options->memory, host__call_entry_size(vm->host, &vm->state->machine),
		       burn_mode(options), c))
		return -1;
	if (options->poison) {
		vm->poisoned = memory__place(vm->memory, "poisoned", 1, vm->plan.site_count);
		vm->state->machine.executed = vm__poison;
	}
	for (unsigned i = 0; i < options->cpus; i++)
		if (options->firmware)
			enter_firmware(vm, vm->vcpu[i]);
		else
			enter_kernel(vm, vm->vcpu[i]);
	if (native && go_native(vm, c))
		return -1;
	if (options->profile)
		profile__look(vm);
	if (vm__count_stolen(vm, c))
		return -1;
	if (tasks__find(&vm->tasks, &vm->image))
		for (unsigned i = 0; i < options->cpus; i++)
			vm->stack[i].at = place_of_stack(vm, i, native);
	image__settle(&vm->image);
	tracing__place(vm);
	vm->vcpu[0]->watched = options->log_state || vm->clock.file;
	return vm__open_log(vm, c);
}
