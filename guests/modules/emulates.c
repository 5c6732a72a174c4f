// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What kprobes does for a probe on a word that looks like a branch: upon a breakpoint it computes where that word leads
 * (evaluate_branch_instruction() in the kernel) and sets EPC there. Under the Wedge the word may be a burnt site's jump
 * into the code cache; on metal it is `mfc0 v0, Count`, and nothing is done.
 */
#include <linux/kdebug.h>
#include <linux/module.h>

#include <asm/mipsregs.h>
#include <asm/ptrace.h>

static noinline unsigned long counts(void)
{
	return read_c0_count();
}

/* Its first instruction is the breakpoint that kprobes would have put into counts(). */
unsigned long probed(void);
asm(".text\n.globl probed\n.set push\n.set noreorder\nprobed: .word 0x000080cd\n nop\n jr $31\n li $2, 7\n.set pop");

static int broken(struct notifier_block *block, unsigned long what, void *data)
{
	struct die_args *args = data;
	u32 word = *(u32 *)counts;

	if (what != DIE_BREAK || args->regs->cp0_epc != (unsigned long)probed)
		return NOTIFY_DONE;
	if (word >> 26 == 2)
		args->regs->cp0_epc = ((unsigned long)counts & ~0xffffffful) | (word & 0x3ffffff) << 2;
	else
		args->regs->cp0_epc += 8;
	return NOTIFY_STOP;
}

static struct notifier_block block = { .notifier_call = broken };

static int __init emulates_init(void)
{
	register_die_notifier(&block);
	pr_info("emulates: %s\n", counts() && probed() ? "came back" : "nothing counted");
	unregister_die_notifier(&block);
	return 0;
}

static void __exit emulates_exit(void)
{
}

module_init(emulates_init);
module_exit(emulates_exit);
MODULE_LICENSE("GPL");
