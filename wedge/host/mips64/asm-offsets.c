/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Addresses and offsets that entry.S needs, computed by the compiler: wedge/rules.mk turns the output of this file
 * into build/TARGET/asm-offsets.h.
 */
#include "wedge/core/layout.h"
#include "wedge/core/vcpu.h"
#include "wedge/host/mips64/entry.h"
#include "wedge/host/site.h"

#define DEFINE(name, value) __asm__ volatile("\n.ascii \"->" #name " %0\"" : : "i"(value))

#define IN_PAGE(field)		(VCPU_PAGE + offsetof(struct vcpu_page, field))
/* The lower half, which is a register of 32 bits. */
#define CP0_WORD(r)		(IN_PAGE(cp0[r]) + (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? 4 : 0))

void offsets(void);

void offsets(void)
{
	DEFINE(VCPU_GPR, offsetof(struct vcpu, gpr));
	DEFINE(VCPU_HI, offsetof(struct vcpu, hi));
	DEFINE(VCPU_LO, offsetof(struct vcpu, lo));
	DEFINE(VCPU_KICK, offsetof(struct vcpu, kick));
	DEFINE(VCPU_CALL_RETURN, offsetof(struct vcpu, call_return));
	DEFINE(VCPU_CALL_DONE, offsetof(struct vcpu, call_done));
	DEFINE(VCPU_STATE_UPPER, VCPU_STATE >> 32);
	DEFINE(VCPU_SAVED_RA, VCPU_SCRATCH);
	DEFINE(VCPU_SAVED_AT, VCPU_SCRATCH + 8);
	DEFINE(VCPU_SAVED_T8, VCPU_SCRATCH + 8 * NATIVE_SAVED_T8);
	DEFINE(PAGE_CAUSE, CP0_WORD(CP0_CAUSE));
	DEFINE(PAGE_STATUS, CP0_WORD(CP0_STATUS));
	DEFINE(PAGE_EPC, IN_PAGE(cp0[CP0_EPC]));
	DEFINE(PAGE_ENTRYHI, IN_PAGE(cp0[CP0_ENTRYHI]));
	DEFINE(PAGE_USERLOCAL, IN_PAGE(cp0[CP0_USERLOCAL]));
	DEFINE(PAGE_VECTOR, IN_PAGE(vector));
	DEFINE(SITES_BACK, IN_PAGE(sites.back));
	DEFINE(SITES_STUB, IN_PAGE(sites.stub));
	DEFINE(SITES_STATUS, IN_PAGE(sites.status));
	DEFINE(SITES_ENTRYHI, IN_PAGE(sites.entryhi));
	DEFINE(SITES_USERLOCAL, IN_PAGE(sites.userlocal));
	DEFINE(SITES_FRESH, IN_PAGE(sites.fresh));
	DEFINE(SITES_CALLS, IN_PAGE(sites.calls));
	DEFINE(SITE_FROM_LINK_EPC, 4 * (SITE_WORD_EPC - SITE_WORD_CALL));
	DEFINE(SITE_FROM_LINK_BACK, 4 * (SITE_WORD_BACK - SITE_WORD_CALL));
}
