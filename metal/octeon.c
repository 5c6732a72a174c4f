/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The machine `octeon`: a Cavium EBH5610-class board with a CN56XX of 1 to 12 cores.
 *
 * This file is the glue between QEMU, which has the cores, memory, timers, consoles and virtio devices, and
 * the Board (board/board.h), a library that has everything else: the CIU, the UARTs, the other registers, what
 * U-Boot leaves in memory, and the device tree. The same library is the board of virtual machines under the
 * Wedge, so that a kernel sees one board in both places. Build with metal/build-qemu; it puts this file
 * into hw/mips of QEMU's sources.
 *
 * Without a kernel the cores begin as on the chip: core 0 at the reset vector, in the flash, the others when it lets them go.
 *
 * Where things are: RAM in up to three banks (board__ram_banks), all registers behind physical address bit
 * 48, virtio-mmio slots among them, the boot bus without it as well, the cores' CVMSEG far above.
 */
#include "qemu/osdep.h"
#include "qemu/bitops.h"
#include "qemu/cutils.h"
#include "qemu/error-report.h"
#include "qemu/guest-random.h"
#include "qemu/log.h"
#include "qemu/timer.h"
#include "qemu/units.h"
#include "qapi/error.h"
#include "cpu.h"
#include "internal.h"
#include "chardev/char-fe.h"
#include "elf.h"
#include "exec/exec-all.h"
#include "hw/boards.h"
#include "hw/irq.h"
#include "hw/loader.h"
#include "hw/mips/cpudevs.h"
#include "hw/qdev-clock.h"
#include "hw/qdev-properties.h"
#include "hw/core/tcg-cpu-ops.h"
#include "hw/sysbus.h"
#include "sysemu/block-backend.h"
#include "sysemu/device_tree.h"
#include "sysemu/reset.h"
#include "sysemu/rtc.h"
#include "sysemu/runstate.h"
#include "sysemu/sysemu.h"
#include "sysemu/watchdog.h"

#include "board/boot.h"
#include "lib/complain.h"
#include "format/log.h"

#define CLOCK_HZ                500000000ull
#define NS_PER_CYCLE            (NANOSECONDS_PER_SECOND / CLOCK_HZ)
#define SEGBITS_WEDGE           40              /* of the Wedge's vCPU: what a MIPS64 Linux gives a process */
#define WEDGE_RESERVED          0x0f000000      /* the Wedge hands this out to nobody, up to BOARD_LOW_RAM */
#define INTCTL_IPPCI            26
#define BUS_START               0x10000000      /* the boot bus, as addresses without bit 48 see it */
#define BUS_SIZE                0x10000000
#define IO_SIZE                 BOARD_IO_BIT    /* bits 47..0 of an address choose the register */

#define TYPE_OCTEON_MACHINE     MACHINE_TYPE_NAME("octeon")
OBJECT_DECLARE_SIMPLE_TYPE(OcteonMachine, OCTEON_MACHINE)

typedef struct OcteonUart {
    OcteonMachine *machine;
    unsigned number;
    CharBackend chr;
    bool full;                  /* QEMU holds characters back until we say that there is room */
} OcteonUart;

struct OcteonMachine {
    MachineState parent_obj;

    struct board *board;
    struct board_config config;
    struct board_boot boot;
    uint64_t entry;
    MIPSCPU *cpus[BOARD_CORES_MAX];
    QEMUTimer *timer;
    QEMUTimer *start;           /* pending while all cores but the first wait for it */
    uint32_t parked;            /* a bit for each core that was reset and waits for an NMI; changed with the big lock */
    uint32_t virtio_levels;     /* a bit for each slot */
    OcteonUart uarts[BOARD_UARTS];
    MemoryRegion io;
    MemoryRegion bus;
    MemoryRegion nothing;       /* where there might be RAM */
    MemoryRegion banks[3];
    MemoryRegion cvmseg;
    bool like_wedge;            /* core and board as the Wedge has them, where that is less than there is here */
    char *flash_name;           /* of a -drive; NULL: no flash */
    BlockBackend *flash;
    char *log_name;
    bool log_sensitive;
};

/* Cores. */

/* As a core leaves reset, but that it stands still. */
static void octeon_reset_core(OcteonMachine *s, unsigned core)
{
    CPUMIPSState *env = &s->cpus[core]->env;

    cpu_reset(CPU(s->cpus[core]));
    env->CP0_IntCtl |= 6 << INTCTL_IPPCI;       /* as CvmCtl says */
    if (s->like_wedge) {
        env->SEGBITS = SEGBITS_WEDGE;
        env->SEGMask = 3ull << 62 | MAKE_64BIT_MASK(0, SEGBITS_WEDGE);
        env->CP0_CvmCtl |= CVMCTL_NOMUL;
    }
    /* No two entries match anything: each is a page of its own in CKSEG0, which is never mapped. */
    for (unsigned i = 0; i < env->tlb->nb_tlb; i++) {
        env->tlb->mmu.r4k.tlb[i] = (r4k_tlb_t){ .VPN = (0xffffffff80000000ull + i * 0x2000) & env->SEGMask };
    }
    env->CP0_Count = 0;
    CPU(s->cpus[core])->halted = 1;
}

static void octeon_enter_kernel(OcteonMachine *s, unsigned core, const struct board_entry *entry)
{
    CPUMIPSState *env = &s->cpus[core]->env;

    env->CP0_Status = entry->status;
    compute_hflags(env);
    env->active_tc.PC = s->entry;
    env->active_tc.gpr[4] = entry->a0;
    env->active_tc.gpr[5] = entry->a1;
    env->active_tc.gpr[6] = core == 0;
    env->active_tc.gpr[7] = entry->a3;
    env->CP0_CvmMemCtl = entry->cvmmemctl;
    CPU(s->cpus[core])->halted = core != 0;
}

static void octeon_hold_core(CPUState *cs, run_on_cpu_data machine)
{
    OcteonMachine *s = machine.host_ptr;

    octeon_reset_core(s, cs->cpu_index);
    s->parked |= 1u << cs->cpu_index;
}

/* Linux's watchdog driver has a routine for it; where there is none we are the boot loader, which ignores it. */
static void octeon_take_nmi(OcteonMachine *s, CPUState *cs)
{
    if (board__takes_nmi(s->board)) {
        cs->exception_index = EXCP_NMI;
        CPU_GET_CLASS(cs)->tcg_ops->do_interrupt(cs);
        cs->halted = 0;
    }
}

static void octeon_wake_core(CPUState *cs, run_on_cpu_data machine)
{
    OcteonMachine *s = machine.host_ptr;
    CPUMIPSState *env = cs->env_ptr;
    struct board_start start = board__start(&s->config, s->boot.ram, s->boot.ckseg0, cs->cpu_index);

    if (!(s->parked >> cs->cpu_index & 1)) {
        octeon_take_nmi(s, cs);
        return;
    }
    s->parked &= ~(1u << cs->cpu_index);
    env->CP0_Status = start.status;
    compute_hflags(env);
    env->active_tc.PC = start.pc;
    env->active_tc.gpr[29] = start.sp;
    env->CP0_CvmMemCtl = start.cvmmemctl;
    cs->halted = 0;
}

/* At the reset vector, where its registers are since it was held. */
static void octeon_release_core(CPUState *cs, run_on_cpu_data machine)
{
    OcteonMachine *s = machine.host_ptr;

    s->parked &= ~(1u << cs->cpu_index);
    cs->halted = 0;
}

/* Callbacks of the Board. It calls them from within board__*(), under QEMU's big lock like these. */

static void octeon_irq(void *user, unsigned core, unsigned line, bool level)
{
    OcteonMachine *s = user;

    qemu_set_irq(s->cpus[core]->env.irq[line], level);
}

static uint64_t octeon_cycles(void *user)
{
    return qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL) / NS_PER_CYCLE;
}

/* What a guest's states are compared by must not depend on the day; otherwise it is as -rtc says. */
static uint64_t octeon_seconds(void *user)
{
    OcteonMachine *s = user;
    struct tm now;

    qemu_get_timedate(&now, 0);
    return s->like_wedge ? BOARD_SECONDS_COUNTED : mktimegm(&now);
}

static void octeon_event_moved(void *user)
{
    OcteonMachine *s = user;
    uint64_t cycles = s->board ? board__next_event(s->board) : BOARD_NEVER; /* board__new() calls, too */

    if (cycles < INT64_MAX / NS_PER_CYCLE) {
        timer_mod(s->timer, cycles * NS_PER_CYCLE);
    } else {
        timer_del(s->timer);
    }
}

static void octeon_transmit(void *user, unsigned uart, uint8_t byte)
{
    OcteonMachine *s = user;

    qemu_chr_fe_write_all(&s->uarts[uart].chr, &byte, 1);
}

static void octeon_soft_reset(void *user)
{
    qemu_system_reset_request(SHUTDOWN_CAUSE_GUEST_RESET);
}

/* As -action watchdog= says: a reset, if nothing else. */
static void octeon_watchdog(void *user, unsigned core)
{
    warn_report("the watchdog of core %u has expired", core);
    watchdog_perform_action();
}

static void octeon_power_off(void *user)
{
    qemu_system_shutdown_request(SHUTDOWN_CAUSE_GUEST_SHUTDOWN);
}

static void octeon_nmi(void *user, unsigned core)
{
    OcteonMachine *s = user;

    async_run_on_cpu(CPU(s->cpus[core]), octeon_wake_core, RUN_ON_CPU_HOST_PTR(s));
}

static void octeon_hold(void *user, unsigned core)
{
    OcteonMachine *s = user;

    async_run_on_cpu(CPU(s->cpus[core]), octeon_hold_core, RUN_ON_CPU_HOST_PTR(s));
}

static void octeon_release(void *user, unsigned core)
{
    OcteonMachine *s = user;

    async_run_on_cpu(CPU(s->cpus[core]), octeon_release_core, RUN_ON_CPU_HOST_PTR(s));
}

/* Before the guest can ask whether it is done. */
static void octeon_flash_written(void *user, uint32_t offset, uint32_t size)
{
    OcteonMachine *s = user;
    int result = blk_pwrite(s->flash, offset, size, s->config.flash + offset, 0);

    if (result < 0) {
        error_report("flash: %s", strerror(-result));
    }
}

static void octeon_unknown(void *user, uint64_t pa, unsigned size, bool write, uint64_t value)
{
    const char *name = board__register_name(pa, NULL);

    qemu_log_mask(LOG_UNIMP, "octeon: %s of %u bytes at 0x%012" PRIx64 " (%s), value 0x%" PRIx64 "\n",
                  write ? "write" : "read", size, pa, name ? name : "no register of the Board", value);
}

static uint64_t octeon_random(void *user)
{
    uint64_t value;

    qemu_guest_getrandom_nofail(&value, sizeof(value));
    return value;
}

static const struct board_callbacks octeon_callbacks = {
    .irq = octeon_irq, .cycles = octeon_cycles, .seconds = octeon_seconds, .event_moved = octeon_event_moved,
    .uart_transmit = octeon_transmit, .reset = octeon_soft_reset, .power_off = octeon_power_off,
    .watchdog = octeon_watchdog, .flash_written = octeon_flash_written, .nmi = octeon_nmi, .hold = octeon_hold, .release = octeon_release,
    .random = octeon_random, .unknown = octeon_unknown,
};

static void octeon_tick(void *opaque)
{
    OcteonMachine *s = opaque;

    board__tick(s->board);
    octeon_event_moved(s);
}

/* Consoles. */

static int octeon_can_receive(void *opaque)
{
    OcteonUart *uart = opaque;
    unsigned room = board__uart_space(uart->machine->board, uart->number);

    uart->full = !room;
    return room;
}

static void octeon_receive(void *opaque, const uint8_t *buf, int size)
{
    OcteonUart *uart = opaque;

    board__uart_receive(uart->machine->board, uart->number, buf, size);
}

/*
 * Any access may have made room in a receiver: by reading it, or by clearing or enabling its FIFO. Only a
 * console that was turned away is worth a look.
 */
static void octeon_poll_consoles(OcteonMachine *s)
{
    for (unsigned n = 0; n < BOARD_UARTS; n++) {
        OcteonUart *uart = &s->uarts[n];

        if (uart->full && board__uart_space(s->board, n)) {
            uart->full = false;
            qemu_chr_fe_accept_input(&uart->chr);
        }
    }
}

/*
 * All cores enter the kernel at its entry, and all but core 0 wait in a loop there until it calls them. On
 * hardware that costs nothing; here it would take so much from core 0 that booting with 4 cores took three
 * times as long. So they begin to run a little later: when core 0 clears its mailbox, which Linux does before it
 * calls the others, and after a second at the latest.
 */
static void octeon_start_core(CPUState *cs, run_on_cpu_data machine)
{
    OcteonMachine *s = machine.host_ptr;

    cs->halted = s->parked >> cs->cpu_index & 1;
}

static void octeon_start_others(void *opaque)
{
    OcteonMachine *s = opaque;

    timer_del(s->start);
    for (unsigned core = 1; core < s->config.cores; core++) {
        async_run_on_cpu(CPU(s->cpus[core]), octeon_start_core, RUN_ON_CPU_HOST_PTR(s));
    }
}

/* Registers. */

static uint64_t octeon_io_read(void *opaque, hwaddr offset, unsigned size)
{
    OcteonMachine *s = opaque;
    uint64_t value = board__read(s->board, BOARD_IO_BIT | offset, size);

    octeon_poll_consoles(s);
    return value;
}

static void octeon_io_write(void *opaque, hwaddr offset, uint64_t value, unsigned size)
{
    OcteonMachine *s = opaque;

    uint64_t pa = BOARD_IO_BIT | offset;

    if (unlikely(timer_pending(s->start)) && pa >= BOARD_MAILBOXES && pa < BOARD_MAILBOXES_END) {
        octeon_start_others(s);
    }
    board__write(s->board, pa, size, value);
    octeon_poll_consoles(s);
}

static const MemoryRegionOps octeon_io_ops = {
    .read = octeon_io_read,
    .write = octeon_io_write,
    .endianness = DEVICE_NATIVE_ENDIAN,
    .valid = { .min_access_size = 1, .max_access_size = 8, .unaligned = true },
    .impl = { .min_access_size = 1, .max_access_size = 8, .unaligned = true },
};

/* Cores address the boot bus so, too, and execute from it. What is not there is a bus error. */
static MemTxResult octeon_bus_read(void *opaque, hwaddr offset, uint64_t *value, unsigned size, MemTxAttrs attrs)
{
    OcteonMachine *s = opaque;

    if (!board__executes(s->board, BUS_START + offset)) {
        return MEMTX_DECODE_ERROR;
    }
    *value = board__read(s->board, BUS_START + offset, size);
    return MEMTX_OK;
}

static MemTxResult octeon_bus_write(void *opaque, hwaddr offset, uint64_t value, unsigned size, MemTxAttrs attrs)
{
    OcteonMachine *s = opaque;

    if (!board__executes(s->board, BUS_START + offset)) {
        return MEMTX_DECODE_ERROR;
    }
    board__write(s->board, BUS_START + offset, size, value);
    return MEMTX_OK;
}

static const MemoryRegionOps octeon_bus_ops = {
    .read_with_attrs = octeon_bus_read,
    .write_with_attrs = octeon_bus_write,
    .endianness = DEVICE_NATIVE_ENDIAN,
    .valid = { .min_access_size = 1, .max_access_size = 8, .unaligned = true },
    .impl = { .min_access_size = 1, .max_access_size = 8, .unaligned = true },
};

/* A boot loader finds out so how much memory there is. To a kernel, which was told, such an access is a bus error. */
static uint64_t octeon_nothing_read(void *opaque, hwaddr offset, unsigned size)
{
    return 0;
}

static void octeon_nothing_write(void *opaque, hwaddr offset, uint64_t value, unsigned size)
{
}

static const MemoryRegionOps octeon_nothing_ops = {
    .read = octeon_nothing_read,
    .write = octeon_nothing_write,
    .endianness = DEVICE_NATIVE_ENDIAN,
    .valid = { .min_access_size = 1, .max_access_size = 8, .unaligned = true },
    .impl = { .min_access_size = 1, .max_access_size = 8, .unaligned = true },
};

/* A virtio device changes its interrupt, which it may share with others. */
static void octeon_source(void *opaque, int slot, int level)
{
    OcteonMachine *s = opaque;
    unsigned source = slot % BOARD_VIRTIO_SOURCES;
    bool any = false;

    s->virtio_levels = deposit32(s->virtio_levels, slot, 1, !!level);
    for (slot = source; slot < BOARD_VIRTIO_MAX; slot += BOARD_VIRTIO_SOURCES) {
        any |= extract32(s->virtio_levels, slot, 1);
    }
    board__set_source(s->board, BOARD_VIRTIO_SOURCE + source, any);
}

/* Start and restart. */

static void octeon_boot(OcteonMachine *s, struct board_entry *entry)
{
    uint8_t seed[BOARD_RNG_SEED];
    struct complaint c;

    if (!s->like_wedge) {
        qemu_guest_getrandom_nofail(seed, sizeof(seed));
        s->boot.rng_seed = seed;
    }
    if (board__boot(&s->config, &s->boot, entry, &c)) {
        error_report("%s", c.text);
        exit(1);
    }
    s->boot.rng_seed = NULL;
}

/*
 * The memory is made afresh, because a guest that resets the board has used it; the kernel is a ROM to QEMU,
 * which loads it again by itself.
 */
static void octeon_reset(void *opaque)
{
    OcteonMachine *s = opaque;
    struct board_entry entry;

    board__reset(s->board);
    tb_flush(first_cpu);
    for (unsigned core = 0; core < s->config.cores; core++) {
        octeon_reset_core(s, core);
    }
    if (s->config.firmware) {
        s->parked = MAKE_64BIT_MASK(0, s->config.cores) & ~1u;
        CPU(s->cpus[0])->halted = 0;
        return;
    }
    s->parked = 0;
    octeon_boot(s, &entry);
    for (unsigned core = 0; core < s->config.cores; core++) {
        octeon_enter_kernel(s, core, &entry);
    }
    if (s->config.cores > 1) {
        timer_mod(s->start, qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL) + NANOSECONDS_PER_SECOND);
    }
}

static bool is_foreign_linux(const char *name, uint64_t entry)
{
    g_autofree char *file = NULL;
    uint32_t word[BOARD_ENTRY_WORDS] = { 0 };
    gsize size;

    for (unsigned i = 0; i < BOARD_ENTRY_WORDS; i++) {
        uint32_t *at = rom_ptr(cpu_mips_kseg0_to_phys(NULL, entry) + 4 * i, 4);

        word[i] = at ? tswap32(*at) : 0;
    }
    return g_file_get_contents(name, &file, &size, NULL) &&
           board__is_foreign_linux((const uint8_t *)file, size, word, BOARD_ENTRY_WORDS);
}

static void octeon_load_kernel(OcteonMachine *s, const char *name)
{
    ssize_t result;

    result = load_elf(name, NULL, cpu_mips_kseg0_to_phys, NULL, &s->entry, &s->boot.kernel_start,
                      &s->boot.kernel_end, NULL, TARGET_BIG_ENDIAN, EM_MIPS, 1, 0);
    if (result < 0) {
        error_report("%s: not a kernel for this machine: %s", name, load_elf_strerror(result));
        exit(1);
    }
    if (is_foreign_linux(name, s->entry)) {
        error_report("%s: a Linux kernel for another platform: it does not begin as one for Octeon does", name);
        exit(1);
    }
}

static void octeon_check_firmware(OcteonMachine *s)
{
    struct complaint c;
    int order;

    if (!s->flash) {
        error_report("nothing to begin with: give it a kernel with -kernel, or a flash with a boot loader in it");
        exit(1);
    }
    order = board__firmware_order(s->config.flash, s->config.flash_size, &c);
    if (order < 0) {
        error_report("flash: the drive '%s' holds %s", s->flash_name, c.text);
        exit(1);
    }
    if (order != s->config.little_endian) {
        error_report("flash: the drive '%s' holds a %s-endian boot loader, and these cores are %s-endian", s->flash_name,
                     order ? "little" : "big", order ? "big" : "little");
        exit(1);
    }
}

static void octeon_load_file(const char *what, const char *name, const void **data, uint64_t *size)
{
    g_autoptr(GError) error = NULL;
    gsize length;
    char *contents;

    if (!name) {
        return;
    }
    if (!g_file_get_contents(name, &contents, &length, &error)) {
        error_report("%s: %s", what, error->message);
        exit(1);
    }
    *data = contents;
    *size = length;
}

static void octeon_init_boot(OcteonMachine *s)
{
    MachineState *machine = MACHINE(s);
    struct board_entry entry;

    s->boot.ram = memory_region_get_ram_ptr(machine->ram);
    s->boot.command_line = machine->kernel_cmdline;
    s->boot.ckseg0 = 0xffffffff80000000ull;
    if (s->config.firmware) {
        return;
    }
    octeon_load_kernel(s, machine->kernel_filename);
    octeon_load_file("-initrd", machine->initrd_filename, &s->boot.initrd, &s->boot.initrd_size);
    octeon_load_file("-dtb", machine->dtb, &s->boot.device_tree, &s->boot.device_tree_size);
    octeon_boot(s, &entry);     /* so that complaints come now */
}

/* For `-machine dumpdtb=FILE` and the monitor's command of that name. */
static void octeon_publish_tree(OcteonMachine *s)
{
    MachineState *machine = MACHINE(s);
    struct complaint c;
    int size = 64 * KiB;
    const void *tree = s->boot.device_tree;

    machine->fdt = g_malloc0(size);
    if (tree) {
        size = s->boot.device_tree_size;
        memcpy(machine->fdt, tree, size);
    } else {
        size = board__device_tree(&s->config, NULL, machine->fdt, size, &c);
    }
    qemu_fdt_dumpdtb(machine->fdt, size);
}

static void octeon_init_cores(OcteonMachine *s)
{
    MachineState *machine = MACHINE(s);
    Clock *clock = clock_new(OBJECT(machine), "core-clock");

    clock_set_hz(clock, CLOCK_HZ);
    for (unsigned core = 0; core < s->config.cores; core++) {
        s->cpus[core] = mips_cpu_create_with_clock(machine->cpu_type, clock);
        cpu_mips_irq_init_cpu(s->cpus[core]);
        cpu_mips_clock_init(s->cpus[core]);
    }
    memory_region_init_ram(&s->cvmseg, OBJECT(machine), "octeon.cvmseg",
                           BOARD_CORES_MAX * OCTEON_CVMSEG_SIZE, &error_fatal);
    memory_region_add_subregion(get_system_memory(), OCTEON_CVMSEG_PHYS, &s->cvmseg);
}

static void octeon_init_ram(OcteonMachine *s)
{
    MachineState *machine = MACHINE(s);
    struct board_bank banks[3];
    unsigned count = board__ram_banks(machine->ram_size, banks);

    for (unsigned i = 0; i < count; i++) {
        g_autofree char *name = g_strdup_printf("octeon.bank%u", i);

        memory_region_init_alias(&s->banks[i], OBJECT(machine), name, machine->ram, banks[i].offset,
                                 banks[i].size);
        memory_region_add_subregion(get_system_memory(), banks[i].pa, &s->banks[i]);
    }
}

/* -M octeon,flash=ID: a drive with the contents, as `wedge --flash` takes them from a file. */
static void octeon_init_flash(OcteonMachine *s)
{
    uint64_t perm = BLK_PERM_CONSISTENT_READ;
    struct complaint c;
    int64_t size;

    if (!s->flash_name) {
        return;
    }
    s->flash = blk_by_name(s->flash_name);
    size = s->flash ? blk_getlength(s->flash) : -1;
    if (size < 0) {
        error_report("flash: no drive '%s' with contents; give it -drive if=none,id=%s,format=raw,file=...",
                     s->flash_name, s->flash_name);
        exit(1);
    }
    s->config.flash_size = MIN(size, UINT32_MAX);
    s->config.flash_readonly = !blk_supports_write_perm(s->flash);
    if (!size || board__check_config(&s->config, &c)) {
        error_report("flash: %s", size ? c.text : "the drive is empty");
        exit(1);
    }
    perm |= s->config.flash_readonly ? 0 : BLK_PERM_WRITE;
    blk_set_perm(s->flash, perm, BLK_PERM_ALL, &error_fatal);
    s->config.flash = g_malloc(size);
    if (blk_pread(s->flash, 0, size, s->config.flash, 0) < 0) {
        error_report("flash: the drive '%s' cannot be read", s->flash_name);
        exit(1);
    }
}

static void octeon_init_uart(OcteonMachine *s, unsigned n)
{
    OcteonUart *uart = &s->uarts[n];

    uart->machine = s;
    uart->number = n;
    if (serial_hd(n)) {
        qemu_chr_fe_init(&uart->chr, serial_hd(n), &error_fatal);
        qemu_chr_fe_set_handlers(&uart->chr, octeon_can_receive, octeon_receive, NULL, NULL, uart, NULL, true);
    }
}

/* From the last to the first: QEMU plugs a device into the slot that was made last, guests count upwards. */
static void octeon_init_virtio(OcteonMachine *s)
{
    qemu_irq *irqs = qemu_allocate_irqs(octeon_source, s, BOARD_VIRTIO_MAX);

    for (int slot = s->config.virtio_slots - 1; slot >= 0; slot--) {
        DeviceState *dev = qdev_new("virtio-mmio");

        qdev_prop_set_bit(dev, "force-legacy", false);
        sysbus_realize_and_unref(SYS_BUS_DEVICE(dev), &error_fatal);
        sysbus_mmio_map_overlap(SYS_BUS_DEVICE(dev), 0, BOARD_VIRTIO_BASE + slot * BOARD_VIRTIO_SIZE, 1);
        sysbus_connect_irq(SYS_BUS_DEVICE(dev), 0, irqs[slot]);
    }
}

/*
 * -M octeon,log-state=FILE: the registers before each instruction, to be compared with those of the same guest under
 * the Wedge (match/).
 */

static struct log_writer *octeon_log;

static void octeon_log_instruction(CPUMIPSState *env, uint32_t insn)
{
    const TCState *tc = &env->active_tc;
    uint64_t value[LOG_VALUES];

    if (!log__wants(octeon_log, insn)) {
        return;
    }
    memcpy(value, tc->gpr, sizeof(tc->gpr));
    value[LOG_PC] = tc->PC;
    value[LOG_HI] = tc->HI[0];
    value[LOG_LO] = tc->LO[0];
    /* Like the general registers this one is a thread's. */
#define CP0_UserLocal active_tc.CP0_UserLocal
#define CP0_STATE(NAME, TITLE) value[LOG_CP0_##NAME] = env->CP0_##TITLE;
#include "format/state.def"
#undef CP0_STATE
#undef CP0_UserLocal
    for (unsigned i = 0; i < 3; i++) {
        value[LOG_MPL0 + i] = env->octeon_mpl[i];
        value[LOG_P0 + i] = env->octeon_p[i];
    }
    log__put(octeon_log, insn, value);
}

static void octeon_close_log(void)
{
    struct complaint c;

    if (log__close(octeon_log, &c)) {
        error_report("%s", c.text);
    }
}

static void octeon_init_log(OcteonMachine *s)
{
    struct log_head head = {
        .machine = "metal", .flags = LOG_EVERYWHERE | (s->log_sensitive ? LOG_SENSITIVE : 0),
    };
    struct complaint c;

    if (!s->log_name) {
        return;
    }
    if (s->config.cores != 1) {
        error_report("log-state: for one core, not %u", s->config.cores);
        exit(1);
    }
    octeon_log = log__create(s->log_name, &head, &c);
    if (!octeon_log) {
        error_report("%s", c.text);
        exit(1);
    }
    atexit(octeon_close_log);
    mips_cpu_watch = octeon_log_instruction;
}

static void octeon_init(MachineState *machine)
{
    OcteonMachine *s = OCTEON_MACHINE(machine);
    struct board_callbacks callbacks = octeon_callbacks;
    struct complaint c;

    s->config = (struct board_config){
        .cores = machine->smp.cpus, .ram_size = machine->ram_size, .clock_hz = CLOCK_HZ,
        .little_endian = !TARGET_BIG_ENDIAN, .virtio_slots = BOARD_VIRTIO_MAX,
    };
    if (board__check_config(&s->config, &c)) {
        error_report("%s", c.text);
        exit(1);
    }
    octeon_init_flash(s);
    if (!machine->kernel_filename) {
        octeon_check_firmware(s);
        s->config.firmware = true;
    }
    octeon_init_log(s);
    octeon_init_cores(s);
    s->timer = timer_new_ns(QEMU_CLOCK_VIRTUAL, octeon_tick, s);
    s->start = timer_new_ns(QEMU_CLOCK_VIRTUAL, octeon_start_others, s);
    if (s->like_wedge) {
        s->config.virtio_slots = 0;
        callbacks.random = NULL;
        s->config.random_seed = 1;      /* that of wedge --count-time */
        s->boot.reserved_start = WEDGE_RESERVED;
        s->boot.reserved_size = machine->ram_size > WEDGE_RESERVED ? BOARD_LOW_RAM - WEDGE_RESERVED : 0;
    }
    s->board = board__new(&s->config, &callbacks, s);
    octeon_init_ram(s);
    memory_region_init_io(&s->io, OBJECT(machine), &octeon_io_ops, s, "octeon.io", IO_SIZE);
    memory_region_add_subregion(get_system_memory(), BOARD_IO_BIT, &s->io);
    memory_region_init_io(&s->bus, OBJECT(machine), &octeon_bus_ops, s, "octeon.bootbus", BUS_SIZE);
    memory_region_add_subregion(get_system_memory(), BUS_START, &s->bus);
    if (s->config.firmware) {
        memory_region_init_io(&s->nothing, OBJECT(machine), &octeon_nothing_ops, s, "octeon.nothing", BOARD_IO_BIT);
        memory_region_add_subregion_overlap(get_system_memory(), 0, &s->nothing, -1);
    }
    for (unsigned n = 0; n < BOARD_UARTS; n++) {
        octeon_init_uart(s, n);
    }
    octeon_init_virtio(s);
    octeon_init_boot(s);
    octeon_publish_tree(s);
    qemu_register_reset(octeon_reset, s);
}

static char *octeon_get_log(Object *obj, Error **errp)
{
    return g_strdup(OCTEON_MACHINE(obj)->log_name);
}

static void octeon_set_log(Object *obj, const char *value, Error **errp)
{
    OcteonMachine *s = OCTEON_MACHINE(obj);

    g_free(s->log_name);
    s->log_name = g_strdup(value);
}

static char *octeon_get_flash(Object *obj, Error **errp)
{
    return g_strdup(OCTEON_MACHINE(obj)->flash_name);
}

static void octeon_set_flash(Object *obj, const char *value, Error **errp)
{
    OcteonMachine *s = OCTEON_MACHINE(obj);

    g_free(s->flash_name);
    s->flash_name = g_strdup(value);
}

static bool octeon_get_log_sensitive(Object *obj, Error **errp)
{
    return OCTEON_MACHINE(obj)->log_sensitive;
}

static void octeon_set_log_sensitive(Object *obj, bool value, Error **errp)
{
    OCTEON_MACHINE(obj)->log_sensitive = value;
}

static bool octeon_get_like_wedge(Object *obj, Error **errp)
{
    return OCTEON_MACHINE(obj)->like_wedge;
}

static void octeon_set_like_wedge(Object *obj, bool value, Error **errp)
{
    OCTEON_MACHINE(obj)->like_wedge = value;
}

static void octeon_class_init(ObjectClass *oc, void *data)
{
    static const char *cpu_types[] = { MIPS_CPU_TYPE_NAME("CN56XX"), NULL };
    MachineClass *mc = MACHINE_CLASS(oc);

    mc->desc = "Cavium EBH5610-class board, Octeon Plus CN56XX";
    mc->init = octeon_init;
    mc->max_cpus = BOARD_CORES_MAX;
    mc->default_cpu_type = cpu_types[0];
    mc->valid_cpu_types = cpu_types;
    mc->default_ram_size = 256 * MiB;
    mc->default_ram_id = "octeon.ram";
    mc->no_floppy = true;
    mc->no_cdrom = true;
    mc->no_parallel = true;
    object_class_property_add_str(oc, "log-state", octeon_get_log, octeon_set_log);
    object_class_property_set_description(oc, "log-state", "File for the registers before each instruction");
    object_class_property_add_str(oc, "flash", octeon_get_flash, octeon_set_flash);
    object_class_property_set_description(oc, "flash", "Drive with the contents of the boot bus's flash");
    object_class_property_add_bool(oc, "log-sensitive", octeon_get_log_sensitive, octeon_set_log_sensitive);
    object_class_property_set_description(oc, "log-sensitive", "Log sensitive instructions only");
    object_class_property_add_bool(oc, "like-wedge", octeon_get_like_wedge, octeon_set_like_wedge);
    object_class_property_set_description(oc, "like-wedge", "As the Wedge: 40 bits of mapped addresses, no multiplier, no virtio");
}

static const TypeInfo octeon_info = {
    .name = TYPE_OCTEON_MACHINE,
    .parent = TYPE_MACHINE,
    .instance_size = sizeof(OcteonMachine),
    .class_init = octeon_class_init,
};

static void octeon_register_types(void)
{
    type_register_static(&octeon_info);
}

type_init(octeon_register_types)
