/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Devices of the machine: between the registers that the guest's cores see, the threads that serve them, and the Board's interrupts.
 *
 * A device raises its interrupt from a thread of the monitor's, which never takes the VM's lock: it sets a bit in exchange.raised and rings for
 * core 0, and that tells the Board.
 */
#include <byteswap.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "wedge/device/balloon.h"
#include "wedge/device/blk.h"
#include "wedge/device/button.h"
#include "wedge/device/net.h"
#include "wedge/device/p9.h"
#include "wedge/device/hvc.h"
#include "wedge/device/rng.h"
#include "wedge/device/vsock.h"
#include "wedge/monitor/exchange.h"
#include "wedge/monitor/vm.h"

#define RESET_LOOK_NS	200000

/* A descriptor that the program which has begun again was left by the one before. */
#define INHERITED	"WEDGE_DEVICE%u"
#define FLASH_SLOT	DEVICES_MOST	/* that of the flash, which has no slot */

static int inherited(unsigned slot)
{
	char name[32];
	const char *value;

	snprintf(name, sizeof(name), INHERITED, slot);
	value = getenv(name);
	return value ? atoi(value) : -1;
}

static void leave(unsigned slot, int fd)
{
	char name[32], value[16];

	snprintf(name, sizeof(name), INHERITED, slot);
	snprintf(value, sizeof(value), "%d", dup(fd));
	setenv(name, value, 1);
}

/* In the monitor's threads. The order is that of vm__kick(). */
static void interrupt(void *user, unsigned slot)
{
	struct vm *vm = user;

	__atomic_or_fetch(&vm->exchange->raised, 1u << slot, __ATOMIC_SEQ_CST);
	if (!exchange__wake(vm->exchange, 0) && !vm->options.interpret)
		kill(vm->vcpu_process, SIGUSR1);	/* one that interprets looks by itself */
}

static void pressed(void *user, enum console_key key)
{
	struct vm *vm = user;

	__atomic_or_fetch(&vm->pressed, 1u << key, __ATOMIC_SEQ_CST);
	bell__ring(vm->monitor_bell);
}

static int give_back(void *user, u64 offset, u64 size)
{
	return host__give_back_ram(user, offset, size);
}

static int reserve(void *user, u64 offset, u64 size)
{
	return host__reserve_ram(user, offset, size);
}

static struct device *make(struct vm *vm, unsigned slot, struct complaint *c)
{
	const struct device_option *option = &vm->options.device[slot];

	switch (option->kind) {
	case DEVICE_DISK: return blk__new(option->spec, inherited(slot), c);
	case DEVICE_NET: return net__new(option->spec, c);
	case DEVICE_BALLOON:
		return balloon__new(option->spec, vm->options.memory, &(struct balloon_memory){ give_back, reserve, vm->host }, c);
	case DEVICE_HVC: return hvc__new(vm->options.hvc, vm->options.hvcs, pressed, vm, c);
	case DEVICE_BUTTON: return button__new(option->spec, c);
	case DEVICE_RNG: return rng__new(option->spec, vm->options.count_time, c);
	case DEVICE_VSOCK: return vsock__new(option->spec, c);
	case DEVICE_SHARE: return p9__new(option->spec, vm->device, slot, c);
	}
	abort();
}

static enum virtio_interface interface_for(const struct vm *vm)
{
	if (vm->options.virtio == 2)
		return VIRTIO_MODERN;
	return vm->image.little_endian ? VIRTIO_LEGACY : VIRTIO_LEGACY_BIG_ENDIAN;
}

int devices__open(struct vm *vm, struct complaint *c)
{
	const struct options *o = &vm->options;

	for (unsigned i = 0; i < o->devices && !o->check && !o->dry_run; i++) {
		struct device *d = make(vm, i, c);

		if (!d)
			return -1;
		d->interface = interface_for(vm);
		if (device__open(d, &vm->slots[i], i, &vm->state->machine.ram, interrupt, vm, c))
			return -1;
		vm->device[i] = d;
	}
	return 0;
}

int devices__open_flash(struct vm *vm, struct complaint *c)
{
	if (!vm->options.flash || vm->options.check)
		return 0;
	return flash_file__open(&vm->flash, vm->options.flash, inherited(FLASH_SLOT), c);
}

unsigned devices__bells(const struct vm *vm, int *keep)
{
	for (unsigned i = 0; i < vm->options.devices; i++)
		keep[i] = vm->device[i]->bell;
	return vm->options.devices;
}

int devices__connect(struct vm *vm, struct complaint *c)
{
	for (unsigned i = 0; i < vm->options.devices; i++) {
		if (vm->options.device[i].kind == DEVICE_HVC && hvc__connect(vm->device[i], c))
			return -1;
		if (vm->options.device[i].kind == DEVICE_VSOCK && vsock__connect(vm->device[i], inherited(i), c))
			return -1;
	}
	return 0;
}

void devices__resized(struct vm *vm)
{
	for (unsigned i = 0; i < vm->options.devices; i++)
		if (vm->options.device[i].kind == DEVICE_HVC)
			hvc__resized(vm->device[i]);
}

void devices__start(struct vm *vm)
{
	struct complaint c;

	for (unsigned i = 0; i < vm->options.devices; i++)
		if (device__start(vm->device[i], &c))
			die("%s", c.text);
}

void devices__close(struct vm *vm, bool restart)
{
	for (unsigned i = 0; i < vm->options.devices; i++) {
		if (restart && vm->options.device[i].kind == DEVICE_DISK)
			leave(i, blk__descriptor(vm->device[i]));
		if (restart && vm->options.device[i].kind == DEVICE_VSOCK)
			leave(i, vsock__listener(vm->device[i]));
		if (restart && vm->options.device[i].kind == DEVICE_HVC)
			hvc__will_restart(vm->device[i]);
		device__close(vm->device[i]);
	}
	if (restart && vm->flash.bytes)
		leave(FLASH_SLOT, vm->flash.fd);
	flash_file__close(&vm->flash);
}

/* --- In vCPU processes --- */

bool devices__have(const struct vm *vm, u64 pa)
{
	return pa - BOARD_VIRTIO_BASE < vm->options.devices * BOARD_VIRTIO_SIZE;
}

static struct virtio_slot *slot_at(const struct vm *vm, u64 pa, unsigned *number, unsigned *offset)
{
	*number = (pa - BOARD_VIRTIO_BASE) / BOARD_VIRTIO_SIZE;
	*offset = pa % BOARD_VIRTIO_SIZE;
	return &vm->slots[*number];
}

/* The registers are little-endian, whatever the cores are. */
static u64 in_order(const struct vm *vm, u64 value, unsigned size)
{
	if (vm->image.little_endian)
		return value;
	return bswap_64(value) >> (64 - 8 * size);
}

/* Slots that are four apart share an interrupt. */
static void update_line(struct vm *vm, unsigned slot)
{
	const unsigned source = slot % BOARD_VIRTIO_SOURCES;
	bool level = false;

	for (unsigned i = source; i < vm->options.devices; i += BOARD_VIRTIO_SOURCES)
		level |= __atomic_load_n(&vm->slots[i].cause, __ATOMIC_SEQ_CST) != 0;
	board__set_source(vm->board, BOARD_VIRTIO_SOURCE + source, level);
}

void devices__poll(struct vm *vm)
{
	u32 raised = __atomic_load_n(&vm->exchange->raised, __ATOMIC_RELAXED);

	if (!raised)
		return;
	raised = __atomic_exchange_n(&vm->exchange->raised, 0, __ATOMIC_SEQ_CST);
	for (unsigned i = 0; i < vm->options.devices; i++)
		if (raised >> i & 1)
			update_line(vm, i);
}

u64 devices__read(struct vm *vm, u64 pa, unsigned size)
{
	unsigned number, offset;
	const struct virtio_slot *slot = slot_at(vm, pa, &number, &offset);

	return in_order(vm, virtio__read(slot, offset, size), size);
}

/*
 * A device that was in use is reset when nothing of it is in flight, which only this core waits for. The end of the machine comes
 * first.
 */
static void await_reset(const struct vm *vm, const struct virtio_slot *slot)
{
	while (__atomic_load_n(&slot->resets_done, __ATOMIC_SEQ_CST) != slot->resets && !vm->state->stopped && !vm->termination &&
	       !(vm->exchange->asked & (ASKED_END | ASKED_QUIT | ASKED_RESET)))
		nanosleep(&(struct timespec){ .tv_nsec = RESET_LOOK_NS }, NULL);
}

void devices__write(struct vm *vm, const struct vcpu *v, u64 pa, unsigned size, u64 value)
{
	unsigned number, offset;
	struct virtio_slot *slot = slot_at(vm, pa, &number, &offset);
	struct virtio_effect effect;

	vm__lock(vm);
	effect = virtio__write(slot, offset, size, in_order(vm, value, size));
	if (effect.cause)
		update_line(vm, number);
	vm__unlock(vm);
	if (effect.kick && trace__on(v->tracing, TRACE_KICK))
		trace__put(v->trace, TRACE_KICK, v->core, number, in_order(vm, value, size), 0);
	if (effect.ring)
		device__ring(vm->device[number]);
	if (effect.reset) {
		await_reset(vm, slot);
		vm__lock(vm);
		update_line(vm, number);	/* it may have been raised meanwhile */
		vm__unlock(vm);
	}
}
