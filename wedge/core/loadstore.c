/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Loads and stores of general registers, LL/SC among them.
 *
 * An LL executed here is paired with an SC executed here: whoever drives the vCPU does not go back to
 * native execution while one stands open. SC compares and swaps on the Host, so that a pair is atomic
 * against other host tasks that share the RAM.
 */
#include <string.h>

#include "wedge/core/interp.h"

static u64 sign_extend(u64 value, unsigned size)
{
	return (u64)((s64)(value << (64 - 8 * size)) >> (64 - 8 * size));
}

static int load(struct vcpu *v, u32 insn, unsigned size, bool sign, bool in_slot)
{
	u64 va = v->gpr[field_rs(insn)] + field_simm(insn), value;

	if (memory__load(v, va, size, in_slot, &value))
		return -1;
	if (sign)
		value = sign_extend(value, size);
	set_gpr(v, field_rt(insn), value);
	return 0;
}

static int store(struct vcpu *v, u32 insn, unsigned size, bool in_slot)
{
	return memory__store(v, v->gpr[field_rs(insn)] + field_simm(insn), size, in_slot, v->gpr[field_rt(insn)]);
}

/*
 * LWL, LWR, LDL, LDR and their stores move the bytes of an aligned word between the address and the
 * word's left (most significant) or right end. `left` counts the bytes from the address to the end of the
 * word on that side, in the guest's byte order.
 */
static int load_partial(struct vcpu *v, u32 insn, unsigned size, bool left_end, bool in_slot)
{
	u64 va = v->gpr[field_rs(insn)] + field_simm(insn);
	u64 base = va & ~(u64)(size - 1), aligned, t = v->gpr[field_rt(insn)], mask, merged;
	unsigned byte = v->machine->big_endian ? size - 1 - va % size : va % size;	/* significance */
	unsigned shift = left_end ? 8 * (size - 1 - byte) : 8 * byte;
	u64 all = size == 8 ? ~0ull : 0xffffffffull;

	/* A fault is at the address of the instruction, not at that of the word: ask for its byte first. */
	if (!memory__direct(v, base, size)) {
		struct location at = memory__locate(v, va, 1, ACCESS_LOAD);

		if (at.place == PLACE_FAULT)
			return exception__raise_address(v, at.code, va, at.refill, in_slot);
	}
	if (memory__load(v, base, size, in_slot, &aligned))
		return -1;
	if (left_end) {
		mask = all << shift & all;
		merged = (t & ~mask & all) | (aligned << shift & mask);
	} else {
		mask = all >> shift;
		merged = (t & ~mask & all) | (aligned >> shift & mask);
	}
	/* LWR of less than a word may leave the upper half or extend the sign. The CPUs of QEMU extend it, so guest code does natively. */
	set_gpr(v, field_rt(insn), size == 8 ? merged : word(merged));
	return 0;
}

static int store_partial(struct vcpu *v, u32 insn, unsigned size, bool left_end, bool in_slot)
{
	u64 va = v->gpr[field_rs(insn)] + field_simm(insn), t = v->gpr[field_rt(insn)];
	unsigned byte = v->machine->big_endian ? size - 1 - va % size : va % size;
	unsigned count = left_end ? byte + 1 : size - byte;
	u64 base = va & ~(u64)(size - 1);

	/* Byte `i` of significance lies at base + i (little endian) or base + size - 1 - i. */
	for (unsigned n = 0; n < count; n++) {
		unsigned i = left_end ? byte - n : byte + n;
		unsigned from = left_end ? size - 1 - n : n;
		u64 at = base + (v->machine->big_endian ? size - 1 - i : i);

		if (memory__store(v, at, 1, in_slot, t >> 8 * from))
			return -1;
	}
	return 0;
}

static int load_linked(struct vcpu *v, u32 insn, unsigned size, bool in_slot)
{
	u64 va = v->gpr[field_rs(insn)] + field_simm(insn), value;

	if (va % size)
		return exception__raise_address(v, EXC_ADEL, va, false, in_slot);
	if (memory__load(v, va, size, in_slot, &value))
		return -1;
	set_gpr(v, field_rt(insn), sign_extend(value, size));
	v->ll_valid = true;
	v->ll_address = va;
	v->ll_pc = v->pc;
	v->ll_value = value;
	return 0;
}

static bool swap_in(u8 *host, unsigned size, u64 old, u64 new)
{
	if (size == 4) {
		u32 expected = old;

		return __atomic_compare_exchange_n((u32 *)(void *)host, &expected, (u32)new, false,
						   __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
	}
	return __atomic_compare_exchange_n((u64 *)(void *)host, &old, new, false, __ATOMIC_SEQ_CST,
					   __ATOMIC_SEQ_CST);
}

static int store_conditional(struct vcpu *v, u32 insn, unsigned size, bool in_slot)
{
	u64 va = v->gpr[field_rs(insn)] + field_simm(insn);
	struct location at;
	bool swapped = false;

	if (va % size)
		return exception__raise_address(v, EXC_ADES, va, false, in_slot);
	at = memory__locate(v, va, size, ACCESS_STORE);
	if (at.place == PLACE_FAULT)
		return exception__raise_address(v, at.code, va, at.refill, in_slot);
	if (v->ll_valid && v->ll_address == va && at.host) {
		u64 old = v->ll_value, new = v->gpr[field_rt(insn)];

		if (vcpu__swapped(v)) {
			old = size == 4 ? __builtin_bswap32(old) : __builtin_bswap64(old);
			new = size == 4 ? __builtin_bswap32(new) : __builtin_bswap64(new);
		}
		swapped = swap_in(at.host, size, old, new);
	}
	v->ll_valid = false;
	set_gpr(v, field_rt(insn), swapped);
	return 0;
}

int exec_memory(struct vcpu *v, u32 insn, bool in_slot)
{
	switch (field_op(insn)) {
	case OP_LB: return load(v, insn, 1, true, in_slot);
	case OP_LBU: return load(v, insn, 1, false, in_slot);
	case OP_LH: return load(v, insn, 2, true, in_slot);
	case OP_LHU: return load(v, insn, 2, false, in_slot);
	case OP_LW: return load(v, insn, 4, true, in_slot);
	case OP_LWU: return load(v, insn, 4, false, in_slot);
	case OP_LD: return load(v, insn, 8, false, in_slot);
	case OP_SB: return store(v, insn, 1, in_slot);
	case OP_SH: return store(v, insn, 2, in_slot);
	case OP_SW: return store(v, insn, 4, in_slot);
	case OP_SD: return store(v, insn, 8, in_slot);
	case OP_LWL: return load_partial(v, insn, 4, true, in_slot);
	case OP_LWR: return load_partial(v, insn, 4, false, in_slot);
	case OP_LDL: return load_partial(v, insn, 8, true, in_slot);
	case OP_LDR: return load_partial(v, insn, 8, false, in_slot);
	case OP_SWL: return store_partial(v, insn, 4, true, in_slot);
	case OP_SWR: return store_partial(v, insn, 4, false, in_slot);
	case OP_SDL: return store_partial(v, insn, 8, true, in_slot);
	case OP_SDR: return store_partial(v, insn, 8, false, in_slot);
	case OP_LL: return load_linked(v, insn, 4, in_slot);
	case OP_LLD: return load_linked(v, insn, 8, in_slot);
	case OP_SC: return store_conditional(v, insn, 4, in_slot);
	case OP_SCD: return store_conditional(v, insn, 8, in_slot);
	default: return exception__raise(v, EXC_RI, in_slot);
	}
}
