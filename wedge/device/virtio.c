// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * See virtio.h. Registers are little-endian and here plain numbers; who runs a big-endian guest turns them round.
 */
#include <string.h>

#include "wedge/device/virtio.h"

#define MAGIC		0x74726976u	/* "virt" */
#define VENDOR		0x4e525541u	/* "AURN" */
#define CONFIG		0x100
#define PATIENCE	1000		/* looks at a configuration that is being changed */

enum {
	REG_MAGIC = 0x000, REG_VERSION = 0x004, REG_DEVICE_ID = 0x008, REG_VENDOR_ID = 0x00c,
	REG_OFFERED = 0x010, REG_OFFERED_WORD = 0x014, REG_ACCEPTED = 0x020, REG_ACCEPTED_WORD = 0x024,
	REG_PAGE_SIZE = 0x028,							/* legacy */
	REG_QUEUE = 0x030, REG_QUEUE_SIZE_MOST = 0x034, REG_QUEUE_SIZE = 0x038,
	REG_QUEUE_ALIGN = 0x03c, REG_QUEUE_PAGE = 0x040,			/* legacy */
	REG_QUEUE_READY = 0x044,
	REG_NOTIFY = 0x050, REG_CAUSE = 0x060, REG_CAUSE_SEEN = 0x064, REG_STATUS = 0x070,
	REG_DESCRIPTORS = 0x080, REG_AVAILABLE = 0x090, REG_USED = 0x0a0,	/* low halves; the high ones follow */
	REG_GENERATION = 0x0fc,
};

static struct virtio_queue_setup *chosen(const struct virtio_slot *slot)
{
	return slot->queue < slot->queues && slot->queue < VIRTIO_QUEUES ?
		(struct virtio_queue_setup *)&slot->setup[slot->queue] : NULL;
}

static u32 half(u64 value, u32 word)
{
	return word == 0 ? value : word == 1 ? value >> 32 : 0;
}

/* A driver reads it before and after, and again if it has changed meanwhile: so it waits here until it has. */
static u32 generation(const struct virtio_slot *slot)
{
	u32 value;

	for (unsigned look = 0; look < PATIENCE; look++) {
		value = __atomic_load_n(&slot->config_generation, __ATOMIC_ACQUIRE);
		if (!(value & 1))
			break;
	}
	return value;
}

static u64 read_config(const struct virtio_slot *slot, unsigned offset, unsigned size)
{
	u64 value = 0;

	if (offset > VIRTIO_CONFIG_SIZE - size)
		return 0;
	for (unsigned i = 0; i < size; i++)
		value |= (u64)__atomic_load_n(&slot->config[offset + i], __ATOMIC_RELAXED) << 8 * i;
	return value;
}

u64 virtio__read(const struct virtio_slot *slot, unsigned offset, unsigned size)
{
	const struct virtio_queue_setup *queue = chosen(slot);

	if (offset >= CONFIG)
		return read_config(slot, offset - CONFIG, size);
	if (size != 4)
		return 0;
	switch (offset) {
	case REG_MAGIC: return MAGIC;
	case REG_VERSION: return slot->legacy ? 1 : 2;
	case REG_DEVICE_ID: return slot->id;
	case REG_VENDOR_ID: return VENDOR;
	case REG_OFFERED: return half(slot->offered, slot->offered_word);
	case REG_QUEUE_SIZE_MOST: return queue ? slot->queue_size : 0;
	case REG_QUEUE_PAGE: return queue ? queue->page : 0;
	case REG_QUEUE_READY: return queue && !slot->legacy ? queue->ready : 0;
	case REG_CAUSE: return __atomic_load_n(&slot->cause, __ATOMIC_SEQ_CST);
	case REG_STATUS: return __atomic_load_n(&slot->status, __ATOMIC_SEQ_CST);
	case REG_GENERATION: return slot->legacy ? 0 : generation(slot);
	default: return 0;
	}
}

/* All that the driver has said is forgotten; what it has in the queues is the device's to forget. */
static struct virtio_effect reset(struct virtio_slot *slot)
{
	struct virtio_effect effect = { .cause = true };

	if (__atomic_exchange_n(&slot->started, false, __ATOMIC_SEQ_CST)) {
		effect.ring = effect.reset = true;
		__atomic_add_fetch(&slot->resets, 1, __ATOMIC_SEQ_CST);
	}
	slot->offered_word = slot->accepted_word = slot->queue = 0;
	slot->accepted = 0;
	memset(slot->setup, 0, sizeof(slot->setup));
	__atomic_store_n(&slot->cause, 0, __ATOMIC_SEQ_CST);
	__atomic_store_n(&slot->status, 0, __ATOMIC_SEQ_CST);
	return effect;
}

/*
 * A driver that asks for what is not offered, or of a modern device for the virtio of before version 1, finds that its bit does not stay. One of
 * the legacy interface has no such bit, and is not asked.
 */
static struct virtio_effect set_status(struct virtio_slot *slot, u32 value)
{
	u32 before = __atomic_load_n(&slot->status, __ATOMIC_SEQ_CST);

	if (!value)
		return reset(slot);
	if (slot->legacy || slot->accepted & ~slot->offered || !(slot->accepted & VIRTIO_VERSION_1))
		value &= ~VIRTIO_FEATURES_OK;
	if (value & VIRTIO_DRIVER_OK)
		__atomic_store_n(&slot->started, true, __ATOMIC_SEQ_CST);
	/* The device may stop just now: its bit stays. */
	while (!__atomic_compare_exchange_n(&slot->status, &before, (value & 0xff) | (before & VIRTIO_NEEDS_RESET), false, __ATOMIC_SEQ_CST,
					    __ATOMIC_SEQ_CST))
		;
	return (struct virtio_effect){ .ring = value & ~before & VIRTIO_DRIVER_OK };
}

static void set_half(u64 *field, bool high, u32 value)
{
	*field = high ? (*field & 0xffffffffu) | (u64)value << 32 : (*field & ~0xffffffffull) | value;
}

/* Section 2.7.2: one piece of memory, in which the used entries begin at a multiple of `align`. Where there is no RAM if that is none. */
static void set_page(struct virtio_queue_setup *queue, u32 page, u32 page_size)
{
	const u64 mask = queue->align - 1ull, available_size = 2 * (3 + (u64)queue->size);

	queue->page = page;
	queue->ready = page != 0;
	queue->descriptors = (u64)page * page_size;
	queue->available = queue->descriptors + 16 * (u64)queue->size;
	queue->used = queue->align && !(queue->align & mask) ? (queue->available + available_size + mask) & ~mask : UINT64_MAX;
}

/* What a driver says of a queue counts until it starts the device. */
static void set_up_legacy(const struct virtio_slot *slot, struct virtio_queue_setup *queue, unsigned offset, u32 value)
{
	switch (offset) {
	case REG_QUEUE_SIZE: queue->size = value; break;
	case REG_QUEUE_ALIGN: queue->align = value; break;
	case REG_QUEUE_PAGE: set_page(queue, value, slot->page_size); break;
	}
}

static void set_up(struct virtio_queue_setup *queue, unsigned offset, u32 value)
{
	switch (offset) {
	case REG_QUEUE_SIZE: queue->size = value; break;
	case REG_QUEUE_READY: queue->ready = value & 1; break;
	case REG_DESCRIPTORS: case REG_DESCRIPTORS + 4: set_half(&queue->descriptors, offset & 4, value); break;
	case REG_AVAILABLE: case REG_AVAILABLE + 4: set_half(&queue->available, offset & 4, value); break;
	case REG_USED: case REG_USED + 4: set_half(&queue->used, offset & 4, value); break;
	}
}

/* Here, and not by the device's thread: the driver looks at once. A part that there is not is empty. */
static void select_part(struct virtio_slot *slot)
{
	const struct virtio_selection none = { 0 }, *part = &none;

	for (unsigned i = 0; i < slot->selections && i < VIRTIO_SELECTIONS; i++)
		if (slot->selection[i].select == slot->config[0] && slot->selection[i].subselect == slot->config[1])
			part = &slot->selection[i];
	for (unsigned i = 0; i < sizeof(part->bytes); i++)
		__atomic_store_n(&slot->config[VIRTIO_SELECTED_BYTES + i], part->bytes[i], __ATOMIC_RELAXED);
	__atomic_store_n(&slot->config[VIRTIO_SELECTED_SIZE], part->size, __ATOMIC_RELAXED);
}

/* What the device says is not the driver's to change: the next one would believe it. */
static struct virtio_effect write_config(struct virtio_slot *slot, unsigned offset, unsigned size, u64 value)
{
	if (offset > VIRTIO_CONFIG_SIZE - size)
		return (struct virtio_effect){ 0 };
	for (unsigned i = 0; i < size; i++)
		if (slot->config_writable >> (offset + i) & 1)
			__atomic_store_n(&slot->config[offset + i], value >> 8 * i, __ATOMIC_RELAXED);
	if (slot->selections && offset < VIRTIO_SELECTED_SIZE)
		select_part(slot);
	return (struct virtio_effect){ .ring = true };
}

/* A legacy driver may use the device before it says that it is ready: Linux reads a disk's partitions so, until 3.18. */
static struct virtio_effect notify(struct virtio_slot *slot, u32 queue)
{
	if (slot->legacy && queue < slot->queues && queue < VIRTIO_QUEUES && slot->setup[queue].ready)
		__atomic_store_n(&slot->started, true, __ATOMIC_SEQ_CST);
	return (struct virtio_effect){ .ring = true, .kick = true };
}

struct virtio_effect virtio__write(struct virtio_slot *slot, unsigned offset, unsigned size, u64 value)
{
	struct virtio_effect effect = { 0 };

	if (offset >= CONFIG)
		return write_config(slot, offset - CONFIG, size, value);
	if (size != 4)
		return effect;
	switch (offset) {
	case REG_OFFERED_WORD: slot->offered_word = value; break;
	case REG_ACCEPTED_WORD: slot->accepted_word = value; break;
	case REG_ACCEPTED:
		if (slot->accepted_word < (slot->legacy ? 1 : 2) && !slot->started && !(slot->status & VIRTIO_FEATURES_OK))
			set_half(&slot->accepted, slot->accepted_word, value);
		break;
	case REG_QUEUE: slot->queue = value; break;
	case REG_PAGE_SIZE: slot->page_size = value; break;
	case REG_NOTIFY: return notify(slot, value);
	case REG_CAUSE_SEEN:
		__atomic_and_fetch(&slot->cause, ~(u32)value, __ATOMIC_SEQ_CST);
		effect.cause = true;
		break;
	case REG_STATUS: return set_status(slot, value);
	default:
		if (!chosen(slot) || slot->started)
			break;
		if (slot->legacy)
			set_up_legacy(slot, chosen(slot), offset, value);
		else
			set_up(chosen(slot), offset, value);
	}
	return effect;
}
