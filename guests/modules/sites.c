// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A module full of sites: every sensitive instruction that a module may use, and what drivers use them for. It says
 * the same on hardware, on metal and in each mode of the Wedge:
 *
 *	# insmod sites.ko && cat /sys/module/sites/parameters/run
 *	ok
 *
 * or the first check that failed. Not here: eret, which code in mapped memory cannot lead up to (a TLB refill on the
 * way would destroy EPC), and deret.
 */
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/module.h>
#include <linux/percpu.h>
#include <linux/timer.h>
#include <linux/uaccess.h>

#include <asm/cacheflush.h>
#include <asm/mipsregs.h>

#define UNIQUE(n)	(CKSEG0_CANONICAL + (n) * 0x2000UL)	/* as Linux fills unused TLB entries */
#define ENTRYHI_MASK	0xc00000ffffffe000UL	/* R, and of VPN2 what every CPU has */
#define PATTERN		0x123456789abcdef0UL

static bool status_ie(void)
{
	return read_c0_status() & ST0_IE;
}

static const char *interrupts(void)
{
	unsigned long outer, inner, old, at;

	local_irq_save(outer);
	if (!irqs_disabled() || status_ie())
		return "local_irq_save";
	local_irq_save(inner);
	local_irq_restore(inner);
	if (!irqs_disabled())
		return "nested local_irq_restore";
	local_irq_restore(outer);
	if (irqs_disabled() || !status_ie())
		return "local_irq_restore";
	asm volatile("di %0" : "=r"(old));
	if (!(old & ST0_IE) || status_ie())
		return "di with a register";
	asm volatile("ei %0" : "=r"(old));
	if ((old & ST0_IE) || !status_ie())
		return "ei with a register";
	/* no register is free but what the Wedge saves itself */
	asm volatile(".set push\n\t.set noat\n\tli $1, 42\n\tdi\n\tei\n\tmove %0, $1\n\t.set pop" : "=r"(at) : : "$1");
	return at == 42 && status_ie() ? NULL : "di and ei with $at in use";
}

/* Our text is mapped: a TLB refill between the two would leave its own EPC and EntryLo, but hardly three times. */
static __always_inline bool entrylo_holds(void)
{
	unsigned long flags, lo = 0;

	for (int i = 0; i < 3 && lo != (PATTERN & 0x3fffffc0); i++) {
		local_irq_save(flags);
		write_c0_entrylo0(PATTERN & 0x3fffffc0);
		lo = read_c0_entrylo0();
		local_irq_restore(flags);
	}
	return lo == (PATTERN & 0x3fffffc0);
}

static __always_inline bool epc_holds(void)
{
	unsigned long flags, epc = 0;

	for (int i = 0; i < 3 && epc != PATTERN; i++) {
		local_irq_save(flags);
		write_c0_epc(PATTERN);
		epc = read_c0_epc();
		local_irq_restore(flags);
	}
	return epc == PATTERN;
}

static const char *registers(void)
{
	unsigned long slot;

	if (!entrylo_holds())
		return "EntryLo0";
	if (!epc_holds())
		return "EPC";
	asm volatile(".set push\n\t.set noreorder\n\tb 1f\n\tmfc0 %0, $12\n\tli %0, 0\n1:\n\t.set pop" : "=r"(slot));
	if (!(slot & ST0_IE) || !(slot & ST0_KX))
		return "mfc0 in a delay slot";
	if (read_c0_prid() != boot_cpu_data.processor_id)
		return "PRId";
	return NULL;
}

static const char *clocks(void)
{
	unsigned int before = read_c0_count();

	udelay(10);
	if (read_c0_count() == before)
		return "Count";
#ifndef NOTHING_SILENT
	{
		unsigned long cpu, count, later;

		preempt_disable();
		asm volatile("rdhwr %0, $0" : "=r"(cpu));
		asm volatile("rdhwr %0, $2" : "=r"(count));
		udelay(10);
		asm volatile("rdhwr %0, $2" : "=r"(later));
		preempt_enable();
		if (cpu >= NR_CPUS || !cpu_online(cpu))
			return "rdhwr of the CPU's number";
		if (count == later)
			return "rdhwr of the cycle counter";
	}
#endif
	/* a tick comes, and ends it */
	asm volatile("wait");
	return NULL;
}

/*
 * Writes an entry that matches nothing, reads it back, looks for it. In one cache line: a TLB refill for our own code in
 * between would change EntryHi. The tlbr at its start sees to it that the page is in the TLB.
 */
static noinline void write_and_probe(unsigned long index, unsigned long hi, unsigned long *read, long *found, long *at_random)
{
	unsigned long r, f, w;

	asm volatile(
		".set push\n\t.set noreorder\n\t.balign 128\n\t"
		"tlbr\n\tehb\n\t"
		"mtc0 %4, $0\n\tdmtc0 $0, $2\n\tdmtc0 $0, $3\n\tdmtc0 %3, $10\n\tehb\n\ttlbwi\n\tehb\n\t"
		"dmtc0 $0, $10\n\tehb\n\ttlbr\n\tehb\n\tdmfc0 %0, $10\n\t"
		"tlbp\n\tehb\n\tmfc0 %1, $0\n\t"
		"daddiu %3, 0x4000\n\tdmtc0 %3, $10\n\tehb\n\ttlbwr\n\tehb\n\ttlbp\n\tehb\n\tmfc0 %2, $0\n\t.set pop"
		: "=&r"(r), "=&r"(f), "=&r"(w), "+&r"(hi) : "r"(index));
	*read = r;
	*found = (int)f;
	*at_random = (int)w;
}

static const char *tlb(void)
{
	unsigned long flags, hi, read, mask;
	unsigned int index = boot_cpu_data.tlbsize - 1;
	long found, at_random;

	local_irq_save(flags);
	hi = read_c0_entryhi();
	mask = read_c0_pagemask();
	write_and_probe(index, UNIQUE(index), &read, &found, &at_random);
	if (at_random >= 0) {		/* as the kernel leaves entries */
		write_c0_index(at_random);
		write_c0_entryhi(UNIQUE(at_random));
		tlb_write_indexed();
	}
	write_c0_pagemask(mask);
	write_c0_entryhi(hi);
	local_irq_restore(flags);
	if ((read ^ UNIQUE(index)) & ENTRYHI_MASK)
		return "tlbwi and tlbr";
	if (found != index)
		return "tlbp";
	return at_random >= 0 && at_random <= index ? NULL : "tlbwr";
}

static const char *caches(void)
{
	unsigned long line = PATTERN;

	asm volatile("cache 0x15, 0(%0)" : : "r"(&line) : "memory");
#ifndef NOTHING_SILENT
	asm volatile("synci 0(%0)" : : "r"(&line) : "memory");
#endif
	flush_icache_range((unsigned long)caches, (unsigned long)caches + 64);
	return line == PATTERN ? NULL : "cache";
}

/* --- What drivers do --- */

static DEFINE_SPINLOCK(lock);
static DEFINE_PER_CPU(unsigned long, counter);
static DECLARE_COMPLETION(fired);
static atomic_t rounds;
static unsigned long guarded;

static void count_rounds(struct timer_list *timer)
{
	unsigned long flags;

	spin_lock_irqsave(&lock, flags);
	guarded++;
	spin_unlock_irqrestore(&lock, flags);
	this_cpu_inc(counter);
	if (atomic_inc_return(&rounds) < 5)
		mod_timer(timer, jiffies + 1);
	else
		complete(&fired);
}

static DEFINE_TIMER(timer, count_rounds);

static const char *timers(void)
{
	unsigned long before = guarded, sum = 0;
	int cpu;

	atomic_set(&rounds, 0);
	reinit_completion(&fired);
	mod_timer(&timer, jiffies + 1);
	for (int i = 0; i < 10000; i++) {
		spin_lock_irq(&lock);
		guarded++;
		spin_unlock_irq(&lock);
		wmb();
	}
	if (!wait_for_completion_timeout(&fired, 60 * HZ))
		return "the timer";
	del_timer_sync(&timer);
	mb();
	for_each_possible_cpu(cpu)
		sum += per_cpu(counter, cpu);
	if (!sum || sum % 5)
		return "per-CPU data";
	return guarded - before == 10005 ? NULL : "the spinlock";
}

/* The exception table of the module: a user address where nothing is. */
static const char *faults(void)
{
	unsigned int value = 1;

	if (__get_user(value, (unsigned int __user *)0x100000) != -EFAULT || value)
		return "__get_user of a wrong address";
	return NULL;
}

static const char *check(void)
{
	const char *(*const checks[])(void) = { interrupts, registers, clocks, tlb, caches, timers, faults };
	const char *failed = NULL;

	for (int i = 0; i < ARRAY_SIZE(checks) && !failed; i++)
		failed = checks[i]();
	return failed;
}

/* --- Loading, asking, unloading --- */

static int show(char *buffer, const struct kernel_param *kp)
{
	const char *failed = check();

	return sysfs_emit(buffer, "%s%s\n", failed ? "failed: " : "ok", failed ? failed : "");
}

static const struct kernel_param_ops run_ops = { .get = show };
module_param_cb(run, &run_ops, NULL, 0400);

/* Sites in init code, whose memory is given back. */
static int __init sites_init(void)
{
	return epc_holds() && !irqs_disabled() ? 0 : -EIO;
}

static void __exit sites_exit(void)
{
	del_timer_sync(&timer);
}

module_init(sites_init);
module_exit(sites_exit);
MODULE_DESCRIPTION("Sensitive instructions in a module");
MODULE_LICENSE("GPL");
