// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A bug that kernels have: a NULL pointer to something large. Two threads read and write through it, and each ends in an
 * oops, at the address it says, wherever the kernel runs.
 */
#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/module.h>

static int reads(void *null)
{
	pr_info("nullfar: read %#lx\n", *(volatile unsigned long *)(null + 0x1108));
	return 0;
}

static int writes(void *null)
{
	*(volatile unsigned long *)(null + 0x2150) = 0;
	pr_info("nullfar: written\n");
	return 0;
}

static int __init nullfar_init(void)
{
	kthread_run(reads, NULL, "reads");
	msleep(100);
	kthread_run(writes, NULL, "writes");
	msleep(100);
	return 0;
}

module_init(nullfar_init);
MODULE_LICENSE("GPL");
