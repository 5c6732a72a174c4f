/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Guest user mode: address spaces, what is mapped of them, and running user code until it stops.
 *
 * All of it is portable. What only a Host can do, processes for user code and mappings, it asks of host.h; what
 * native execution asks of it goes through the operations of user__ops(). So this folder lies above wedge/host,
 * and its tests run with a Host of their own on any machine.
 */
#ifndef WEDGE_USER_USER_H
#define WEDGE_USER_USER_H

#include "abi/page-tables.h"
#include "lib/complain.h"
#include "wedge/core/vcpu.h"
#include "wedge/host/host.h"

struct user_mode;

/* For native execution; the machine and its vCPU must outlive it. -1 with a complaint of one line. */
int user__open(struct user_mode **user, struct host *host, struct machine *machine, bool direct, struct complaint *c);
/* May the guest have pages of so many bits? -1 with a complaint that says what may: each page has to be mapped on its own. */
int user__check_page(unsigned bits, struct complaint *c);
/* The guest has said how its page tables are laid out (checked, as page_tables__find() returns it). Before it runs. */
void user__know_tables(struct user_mode *u, const struct afterburn_page_tables *format);
/*
 * In the process that will run the vCPU, as processes for guest user code are traced by it: makes the first. -1 with a complaint that
 * says what forbids it.
 */
int user__start(struct user_mode *u, struct complaint *c);
/* Ends the processes of guest user code. The registers can still be looked at. NULL is allowed here and below: all is interpreted. */
void user__close(struct user_mode *u);
/*
 * Direct: system calls of programs become jumps, if the guest's kernel says in `near` (natively, at any time) where its page near them is: abi/near.h.
 * Before user__start().
 */
void user__know_near(struct user_mode *u, const u64 *near);
/* What host__map() is handed. */
struct host_user user__ops(struct user_mode *u);

/* One of AFTERBURN_ASK_*: does of it what can be done. What the guest's kernel finds done it does not do itself. */
void user__asked(struct user_mode *u, int number);

/* See struct machine_ops. */
void user__tlb_dropped(struct user_mode *u, u64 va, u64 size, unsigned asid, bool global);
void user__tlb_flushed(struct user_mode *u);
void user__tlb_written(struct user_mode *u, const struct tlb_entry *entry);
void user__fpu_fetch(struct user_mode *u);
void user__fpu_loaded(struct user_mode *u);

/* The guest's kernel has synchronised its instruction cache. */
void user__synchronised(struct user_mode *u);

/* machine.breakpoints has changed: pages that are held are mapped no more. */
void user__hold(struct user_mode *u);
/* What the guest's kernel has at `va`, of CKSSEG and not moved, must not be written unheard any more: machine_ops.lock_code. */
void user__lock_code(struct user_mode *u, u64 va);

#endif
