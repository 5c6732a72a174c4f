// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Random user programs, as risu has them for emulators: what they do to registers, memory and signals must be the same on
 * metal and under the Wedge. tests/random/user runs this program in many places and compares what it prints.
 *
 *	random SEED FIRST COUNT [fp] [octeon] [show]
 *
 * Program n of a seed is made of that seed and n alone, so that each can be run by itself. One line is printed for each: its
 * number, a hash of all that it left, and the signals that it took. With `show` the program and what it left are printed:
 * words for objdump, registers, signals with code, address and place. A process runs ten programs; if one kills it,
 * the line says so and the next process goes on with the next program.
 *
 * A program is a handful of blocks (below) of random instructions on random registers. Its memory lies at fixed
 * addresses: pages that were never touched, that may only be read, not be read, are not there. Whatever raises a
 * signal is skipped by the handler, together with the slot of the branch in whose slot it stands. A timer's signals
 * come when they like; their handler leaves nothing behind.
 *
 * Not in here, because it may differ and nobody would be wrong: what is unpredictable by the manual, temporary registers behind a
 * system call, an SC without its LL, what has no slot in QEMU (a branch that compares a register with itself and is never
 * taken), BREAK codes that kernels use themselves (512, 514, 515). Nor jumps to odd addresses (hostile.c has them).
 */
#include <setjmp.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

/* Registers with a meaning; all others hold random values. k0, k1 and sp are left alone. */
enum { AT = 1, V0 = 2, T0 = 8, T9 = 25, SP = 29, RESUME = 30, RA = 31,
       TOUCHED = 16, EDGE, READ_ONLY, NO_ACCESS, UNMAPPED, THERE, COUNTER, FAR };

#define RANDOM_WIDE_REGISTERS	1, 2, 3, 4, 5, 6, 7, 24, 25, 28, 31
/* Those with addresses as well, and zero. */
#define RANDOM_OTHER_SOURCE	(pick(4) ? TOUCHED + pick(8) : 0)

#include "guests/programs/check.h"
#include "guests/random/instructions.h"

#define PAGE		4096UL
#define CODE		0x70000000UL	/* two pages, written and executed */
#define CODE_SIZE	(4 * PAGE)
#define DATA		0x71000000UL	/* RW, RW not touched, R, none; nothing behind them */
#define NOWHERE		(DATA + 4 * PAGE)
#define PER_PROCESS	10
#define MOST_SIGNALS	64
#define MOST_TRIES	10
#define END_CODE	0x2f5		/* of the BREAK at a program's end */

struct state {
	uint64_t r[32], hi, lo;
	uint64_t f[32];
	uint64_t fcsr;
	uint64_t pc;
};

struct event {
	int signal, code;
	uint64_t address, pc;
};

static uint64_t seed;
static bool with_fp, with_octeon, show;
static uint32_t *code;			/* where the next word goes */
static uint32_t *first_word, *last_word;
static struct event events[MOST_SIGNALS];
static int events_used;
static bool late;			/* a signal was: see is_late() */
static struct state result;
static sigjmp_buf finished;
static volatile sig_atomic_t ticks;

/* --- Words --- */

static void emit(uint32_t word)
{
	*code++ = word;
}

static uint64_t here(void)
{
	return CODE + (code - (uint32_t *)CODE) * 4;
}

static void load_constant(int r, uint64_t value)
{
	emit(immediate(0x0f, 0, r, value >> 48));			/* lui */
	emit(immediate(0x0d, r, r, value >> 32));			/* ori */
	emit(special(0, r, r, 16, 0x38));				/* dsll */
	emit(immediate(0x0d, r, r, value >> 16));
	emit(special(0, r, r, 16, 0x38));
	emit(immediate(0x0d, r, r, value));
}

/* --- Instructions --- */

static uint32_t compute(void)
{
	return with_octeon && !pick(4) ? octeon() : integer();
}

/* An address register and an offset from it that makes it interesting. */
static uint32_t memory_access(int opcode, int rt)
{
	static const unsigned char bases[] = { TOUCHED, TOUCHED, TOUCHED, EDGE, EDGE, READ_ONLY, NO_ACCESS, UNMAPPED, FAR };
	int base = ONE_OF(bases), offset = (int)pick(64) - 32;

	if (base == TOUCHED && pick(2))
		offset = pick(1024);
	if (pick(3))
		offset &= ~7;
	return immediate(opcode, base, rt, offset);
}

static uint32_t load(void)
{
	static const unsigned char words[] = { 0x20, 0x21, 0x23, 0x24, 0x25, 0x22, 0x26, 0x30 };	/* lb ... lwl lwr ll */
	static const unsigned char doublewords[] = { 0x37, 0x27, 0x1a, 0x1b, 0x34 };			/* ld lwu ldl ldr lld */

	return pick(2) ? memory_access(ONE_OF(words), word_register()) : memory_access(ONE_OF(doublewords), wide_register());
}

static uint32_t store(void)
{
	static const unsigned char opcodes[] = { 0x28, 0x29, 0x2a, 0x2b, 0x2e, 0x3f, 0x2c, 0x2d };

	return memory_access(ONE_OF(opcodes), source());
}

/* Traps, breakpoints, reserved and privileged words. */
static uint32_t raises(void)
{
	static const unsigned short codes[] = { 0, 1, 5, 6, 7, 8, 100, 511, 1023 };
	static const unsigned char traps[] = { 0x30, 0x31, 0x32, 0x33, 0x34, 0x36 };
	static const unsigned char immediate_traps[] = { 8, 9, 10, 11, 12, 14 };
	static const uint32_t refused[] = {
		0x0000003d, 0x00000015, 0x7000003e, 0x7c00003f, 0x044d0000, 0x42000002, 0x42000018, 0x42000020,
		0x40086000, 0x40886000, 0x41606000, 0xbd010000, 0x40a86000, 0x4c00003f,
	};
	int code_of_it = ONE_OF(codes);

	switch (pick(4)) {
	case 0: return code_of_it << 16 | 0x0d;							/* break */
	case 1: return special(source(), source(), code_of_it >> 5, code_of_it & 31, ONE_OF(traps));
	case 2: return immediate(1, source(), ONE_OF(immediate_traps), random64());
	default: return ONE_OF(refused);
	}
}

static const unsigned char formats[] = { 0x10, 0x11 };						/* single, double */

static uint32_t floating(void)
{
	static const unsigned char twos[] = { 4, 5, 6, 7 };					/* sqrt abs mov neg */
	static const unsigned char rounds[] = { 8, 9, 10, 11, 12, 13, 14, 15, 0x24, 0x25 };
	static const unsigned char registers[] = { 0x00, 0x01, 0x04, 0x05 };			/* mfc1 dmfc1 mtc1 dmtc1 */
	int format = ONE_OF(formats), fs = pick(32), ft = pick(32), fd = pick(32);

	switch (pick(12)) {
	case 0: case 1: case 2:
		return 0x11U << 26 | special(format, ft, fs, fd, pick(4));			/* add sub mul div */
	case 3:
		return 0x11U << 26 | special(format, 0, fs, fd, ONE_OF(twos));
	case 4:
		return 0x11U << 26 | special(format, 0, fs, fd, ONE_OF(rounds));		/* to integers */
	case 5:
		format = 0x14 + pick(2);
		return 0x11U << 26 | special(format, 0, fs, fd, 0x20 + pick(2));		/* from integers */
	case 6:
		return 0x11U << 26 | special(format, 0, fs, fd, format == 0x10 ? 0x21 : 0x20);
	case 7:
		return 0x11U << 26 | special(format, ft, fs, pick(8) << 2, 0x30 + pick(16));	/* c.cond */
	case 8:
		return 0x11U << 26 | special(ONE_OF(registers), wide_register(), fs, 0, 0);
	case 9:
		return 0x11U << 26 | special(format, pick(8) << 2 | pick(2), fs, fd, 0x11);	/* movf, movt */
	case 10:
		return pick(2) ? memory_access(pick(2) ? 0x31 : 0x35, fd) : memory_access(pick(2) ? 0x39 : 0x3d, fd);
	default:
		if (pick(2))
			return special(source(), pick(8) << 2 | pick(2), wide_register(), 0, 0x01);		/* movf, movt of integers */
		return 0x11U << 26 | special(2, any(), 31, 0, 0);				/* cfc1 FCSR */
	}
}

/* --- Blocks --- */

static uint32_t compute_quietly(void)
{
	return special(source(), source(), wide_register(), 0, 0x24 + pick(4));			/* and or xor nor */
}

static uint32_t slot(void)
{
	switch (pick(8)) {
	case 0: return load();
	case 1: return store();
	case 2: return raises();
	case 3: return with_fp ? floating() : 0;
	case 4: return 0;
	default: return compute();
	}
}

/* A branch over some instructions, in its slot anything. The distance is filled in when the end is known. */
static uint32_t branch(void)
{
	static const unsigned char one[] = { 0, 1, 2, 3, 0x10, 0x11, 0x12, 0x13 };
	int rs, rt;

	switch (pick(with_octeon ? 6 : 5)) {
	case 0:
		/* What never branches has no slot in QEMU: BNE of one register, BGTZ and BLTZ of $0. */
		rs = source();
		do
			rt = source();
		while (rt == rs);
		return immediate((pick(2) ? 0x14 : 4) + pick(2), rs, rt, 0);
	case 1:
		return immediate((pick(2) ? 0x16 : 6) + pick(2), any(), 0, 0);
	case 2:
		do
			rs = any();
		while (rs == RA);
		return immediate(1, rs, ONE_OF(one), 0);
	case 3:
		return immediate(pick(2) ? 4 : 0x14, 0, 0, 0);
	case 4:
		if (!with_fp)
			return immediate(1, 0, 0x11, 0);					/* bal */
		return 0x11U << 26 | 8 << 21 | pick(8) << 18 | pick(4) << 16;			/* bc1f bc1t bc1fl bc1tl */
	default:
		return immediate(0x32 + 4 * pick(4), source(), pick(32), 0);			/* bbit */
	}
}

static void a_branch(void)
{
	uint32_t *at = code;
	int n = pick(4);

	emit(branch());
	/* Linux emulates FP branches where there is no FPU, and takes what its slot raises for something of the slot's. */
	emit(*at >> 26 == 0x11 ? compute_quietly() : slot());
	while (n--)
		emit(compute());
	*at |= (code - at - 1) & 0xffff;
}

/* jr, jalr, j, jal to what follows, or to where no code can be. */
static void a_jump(void)
{
	uint32_t *at;
	int n = pick(3), r = T9;
	uint64_t target = here() + 4 * (6 + 6 + 2 + n);
	static const uint64_t wild[] = { NOWHERE, NOWHERE + 0xffc, 0x10000, 0x3000000000, DATA + 3 * PAGE, 0xffffffff80000000 };
	bool is_wild = !pick(6);

	load_constant(RESUME, target);
	load_constant(r, is_wild ? ONE_OF(wild) : target);
	at = code;
	switch (is_wild ? pick(2) : pick(4)) {
	case 0: emit(special(r, 0, 0, 0, 0x08)); break;
	case 1: emit(special(r, 0, pick(2) ? RA : any(), 0, 0x09)); break;
	case 2: emit(2U << 26 | (target >> 2 & 0x3ffffff)); break;
	default: emit(3U << 26 | (target >> 2 & 0x3ffffff)); break;
	}
	if (*at >> 26 == 0 && (*at >> 11 & 31) == (uint32_t)r)
		*at = special(r, 0, RA, 0, 0x09);
	/* Its emulation of an FP instruction goes on behind the jump, and says SIGBUS if nothing is there. */
	emit(is_wild ? compute_quietly() : slot());
	while (n--)
		emit(compute());
}

/* A counted loop, long enough now and then for a tick to fall into it. */
static void a_loop(void)
{
	uint32_t *top;
	int n = 1 + pick(6);

	emit(immediate(0x0d, 0, COUNTER, pick(20) ? 1 + pick(20) : 20000));			/* ori */
	top = code;
	while (n--)
		emit(with_fp && !pick(3) ? floating() : compute());
	emit(immediate(0x19, COUNTER, COUNTER, -1));						/* daddiu */
	emit(immediate(7, COUNTER, 0, top - code - 1));						/* bgtz */
	emit(compute());
}

/* Where the LL does not fault, since an SC that is not linked may fault or not. The SC may: it ends the loop, or its turns do. */
static void an_atomic_loop(void)
{
	static const unsigned char bases[] = { TOUCHED, TOUCHED, EDGE, READ_ONLY };
	bool wide = pick(2);
	int r = wide ? wide_register() : word_register(), base = ONE_OF(bases), offset = pick(8) * 8 - 32;
	uint32_t *top;

	emit(immediate(0x0d, 0, COUNTER, 100));							/* ori; more than ticks can break */
	top = code;
	emit(immediate(wide ? 0x34 : 0x30, base, r, offset));				/* ll, lld */
	emit(immediate(0x09 + 0x10 * wide, r, r, 1 + pick(100)));				/* addiu, daddiu */
	emit(immediate(wide ? 0x3c : 0x38, base, r, offset));					/* sc, scd */
	emit(immediate(0x06, COUNTER, 0, 3));							/* blez */
	emit(immediate(0x19, COUNTER, COUNTER, -1));
	emit(immediate(4, r, 0, top - code - 1));						/* beqz */
	emit(0);
	emit(immediate(0x0d, 0, COUNTER, 0));
}

/*
 * System calls that always fail the same way. The kernel leaves in temporary registers, HI and LO what it likes.
 */
static void a_call(void)
{
	static const unsigned short numbers[] = { 4999, 5990, 0, 5040, 65535, 5003 };
	static const unsigned char lost[] = { 1, 3, 8, 9, 10, 11, 12, 13, 14, 15, 24, 25 };
	size_t i;

	emit(immediate(0x0d, 0, V0, ONE_OF(numbers)));
	emit(immediate(0x09, 0, 4, -1));							/* the descriptor, if it takes one */
	if (pick(2))
		emit(immediate(4, 0, 0, 1));
	emit(pick(1024) << 6 | 0x0c);
	for (i = 0; i < sizeof(lost); i++)
		emit(immediate(0x09, 0, lost[i], random64()));
	emit(special(4, 0, 0, 0, 0x11));
	emit(special(V0, 0, 0, 0, 0x13));
}

/* An instruction is written in front of us. */
static void self_modifying(void)
{
	uint32_t word = compute();
	uint32_t *at;
	int r = 2 + pick(6), n = pick(3);

	load_constant(AT, 0);
	at = code;
	emit(immediate(0x0f, 0, r, word >> 16));
	emit(immediate(0x0d, r, r, word));
	emit(immediate(0x2b, AT, r, 0));							/* sw */
	emit(immediate(1, AT, 0x1f, 0));							/* synci */
	emit(0x0000000f);									/* sync */
	emit(0);
	load_constant(RESUME, here() + 4 * (6 + 2));
	emit(special(RESUME, 0, 0, 16, 0x08));							/* jr.hb */
	emit(0);
	while (n--)
		emit(compute());
	{
		uint32_t *end = code;
		uint64_t target = here();

		code = at - 6;
		load_constant(AT, target);
		code = end;
	}
	emit(0x0000003d);									/* reserved, if it is still there */
}

static void set_fcsr(void)
{
	uint32_t value = pick(4) | pick(2) << 24 | (pick(3) ? 0 : pick(32) << 7) | (pick(2) ? 0 : pick(32) << 2);

	emit(immediate(0x0f, 0, AT, value >> 16));
	emit(immediate(0x0d, AT, AT, value));
	emit(0x11U << 26 | special(6, AT, 31, 0, 0));						/* ctc1 */
}

static void a_division(void)
{
	bool wide = pick(2);
	int r = wide ? wide_register() : word_register();

	emit(immediate(0x0d, r, r, 1));								/* not zero */
	emit(special(wide ? source() : word_source(), r, 0, 0, (wide ? 0x1e : 0x1a) + pick(2)));
}

static void make_program(uint64_t number)
{
	int blocks;

	random_state = seed * 0x100000001b3 + number;
	random64();
	/* Near the end of a page, so that branches and slots lie on both sides of it. */
	code = first_word = (uint32_t *)CODE + 1024 - pick(200);
	blocks = 10 + pick(30);
	while (blocks--) {
		int n = 1 + pick(5);

		switch (pick(16)) {
		case 0: case 1: case 2: a_branch(); break;
		case 3: a_jump(); break;
		case 4: a_loop(); break;
		case 5: an_atomic_loop(); break;
		case 6: a_call(); break;
		case 7: pick(3) ? a_division() : self_modifying(); break;
		case 8: emit(raises()); break;
		case 9: case 10: while (n--) emit(load()); break;
		case 11: case 12: while (n--) emit(store()); break;
		case 13:
			if (with_fp) {
				set_fcsr();
				break;
			}
			/* fall through */
		default:
			while (n--)
				emit(with_fp && pick(2) ? floating() : compute());
		}
	}
	last_word = code;
	emit(END_CODE << 16 | 0x0d);
	emit(0);
}

/* --- Running them --- */

static bool is_branch(uint32_t word)
{
	switch (word >> 26) {
	case 0: return (word & 0x3e) == 0x08;							/* jr, jalr */
	case 1: return (word >> 16 & 0x0c) == 0;
	case 2 ... 7: case 0x14 ... 0x17: return true;
	case 0x11: return (word >> 21 & 31) == 8;
	case 0x32: case 0x36: case 0x3a: case 0x3e: return with_octeon;
	}
	return false;
}

static void leave(const mcontext_t *context)
{
	int i;

	for (i = 1; i < 32; i++)
		result.r[i] = context->gregs[i];
	result.hi = context->mdhi;
	result.lo = context->mdlo;
	result.pc = context->pc;
	if (with_fp) {
		memcpy(result.f, &context->fpregs, sizeof(result.f));
		result.fcsr = context->fpc_csr;
	}
	siglongjmp(finished, 1);
}

/*
 * Several causes of an FP exception can be set at once: CTC1 sets any, and what overflows is inexact, too. Which of them a SIGFPE
 * names, Linux decides by whether the CPU has an FPU: if so the first, enabled or not, else the first that is enabled. Metal
 * has none, a guest on a Host is shown one. So one code stands for all; what FCSR holds in the end is compared.
 */
static int signal_code(const siginfo_t *info)
{
	return info->si_signo == SIGFPE && info->si_code >= FPE_FLTDIV ? FPE_FLTDIV : info->si_code;
}

/*
 * Linux's emulation of an FPU sets the causes in FCSR, then looks there whether one is enabled. Preempted between the two (one program of
 * 4,000 with FP on metal), it finds none: switch_to() has taken them and sent the signal, with the address of the instruction, which is now
 * completed. So the signal comes one instruction late.
 */
static bool is_late(int signal, const siginfo_t *info, uint64_t pc)
{
	const uint64_t at = (uint64_t)info->si_addr;

	return signal == SIGFPE && at >= CODE && at < CODE + CODE_SIZE && at != pc;
}

static void handle(int signal, siginfo_t *info, void *ucontext)
{
	mcontext_t *context = &((ucontext_t *)ucontext)->uc_mcontext;
	uint64_t pc = context->pc, address;

	if (pc == (uint64_t)last_word && signal == SIGTRAP)
		leave(context);
	late |= is_late(signal, info, pc);
	/* What stands in the slot of an FP branch that is emulated runs elsewhere: where, says si_addr. */
	address = signal == SIGSEGV || signal == SIGBUS ? (uint64_t)info->si_addr : 0;
	events[events_used++] = (struct event){ signal, signal_code(info), address, pc };
	if (events_used == MOST_SIGNALS)
		leave(context);
	if (pc < CODE || pc >= CODE + CODE_SIZE)
		context->pc = context->gregs[RESUME];
	else
		context->pc += is_branch(*(uint32_t *)pc) ? 8 : 4;
	context->fpc_csr &= ~0x3f000;								/* the causes */
}

static void tick(int signal)
{
	ticks++;
}

#define LOAD(n)		"ld $" #n ", " #n "*8($30)\n\t"
#define LOADF(n)	"ldc1 $f" #n ", 272+" #n "*8($30)\n\t"

/* Registers from the state, and its PC, which begins in $30. The way back is a BREAK. */
void random_enter(const struct state *state);
void random_enter_fp(const struct state *state);
__asm__(
"	.text\n	.set push\n	.set noreorder\n	.set noat\n	.set nomacro\n"
"	.globl random_enter_fp\n	.ent random_enter_fp\nrandom_enter_fp:\n"
"	move $30, $4\n	ld $5, 528($30)\n	ctc1 $5, $31\n	"
	LOADF(0) LOADF(1) LOADF(2) LOADF(3) LOADF(4) LOADF(5) LOADF(6) LOADF(7) LOADF(8) LOADF(9) LOADF(10) LOADF(11)
	LOADF(12) LOADF(13) LOADF(14) LOADF(15) LOADF(16) LOADF(17) LOADF(18) LOADF(19) LOADF(20) LOADF(21) LOADF(22)
	LOADF(23) LOADF(24) LOADF(25) LOADF(26) LOADF(27) LOADF(28) LOADF(29) LOADF(30) LOADF(31)
"	.end random_enter_fp\n"
"	.globl random_enter\n	.ent random_enter\nrandom_enter:\n"
"	move $30, $4\n	ld $5, 256($30)\n	mthi $5\n	ld $5, 264($30)\n	mtlo $5\n	"
	LOAD(1) LOAD(2) LOAD(3) LOAD(4) LOAD(5) LOAD(6) LOAD(7) LOAD(8) LOAD(9) LOAD(10) LOAD(11) LOAD(12) LOAD(13)
	LOAD(14) LOAD(15) LOAD(16) LOAD(17) LOAD(18) LOAD(19) LOAD(20) LOAD(21) LOAD(22) LOAD(23) LOAD(24) LOAD(25)
	LOAD(28) LOAD(31)
"	ld $30, 240($30)\n	jr $30\n	 nop\n	.end random_enter\n	.set pop\n");
_Static_assert(offsetof(struct state, hi) == 256 && offsetof(struct state, f) == 272 && offsetof(struct state, fcsr) == 528,
	       "random_enter knows the offsets");

static void map(uint64_t at, uint64_t size, int rights)
{
	CHECK(mmap((void *)at, size, rights, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == (void *)at);
}

static void make_state(struct state *state)
{
	/* The FPU's emulation says SIGBUS of an address below the guest's lowest one, where metal says SIGSEGV: not with it. */
	const uint64_t far[] = { 0xffffffff80001000, 0x8000000000001000, 0xffffffffffffff80, with_fp ? NOWHERE : 64 };
	uint64_t *words = (uint64_t *)DATA;
	int i;

	map(CODE, CODE_SIZE, PROT_READ | PROT_WRITE | PROT_EXEC);
	map(DATA, PAGE, PROT_READ | PROT_WRITE);
	map(DATA + PAGE, PAGE, PROT_READ | PROT_WRITE);
	map(DATA + 2 * PAGE, PAGE, PROT_READ);
	map(DATA + 3 * PAGE, PAGE, PROT_NONE);
	for (i = 0; i < 512; i++)
		words[i] = i % 8 ? (uint64_t)i * 0x0123456789abcdef : random_value();
	for (i = 0; i < 32; i++) {
		state->r[i] = i >= T0 && i < T0 + 8 ? (uint64_t)(int32_t)random_value() : random_value();
		state->f[i] = pick(2) ? random_value() : (uint64_t)(1023 - 8 + pick(16)) << 52 | random64() >> 12;
	}
	state->hi = random_value();
	state->lo = random_value();
	state->fcsr = pick(4);
	state->r[TOUCHED] = DATA + 2048;
	state->r[EDGE] = DATA + PAGE - 8;
	state->r[READ_ONLY] = DATA + 2 * PAGE - 8;
	state->r[NO_ACCESS] = DATA + 3 * PAGE - 8;
	state->r[UNMAPPED] = NOWHERE + 64;
	state->r[THERE] = CODE + 64;
	state->r[FAR] = ONE_OF(far);
}

static uint64_t hash_of(uint64_t hash, const void *data, size_t size)
{
	const uint64_t *words = data;

	for (size /= 8; size; size--)
		hash = (hash ^ *words++) * 0x100000001b3 ^ hash >> 29;
	return hash;
}

static void print_program(void)
{
	uint32_t *word;

	for (word = first_word; word <= last_word; word++)
		printf("word %lx %08x\n", (unsigned long)word, *word);
}

static void print_result(void)
{
	int i;

	for (i = 0; i < events_used; i++)
		printf("signal %d code %d address %lx pc %lx\n", events[i].signal, events[i].code,
		       (unsigned long)events[i].address, (unsigned long)events[i].pc);
	for (i = 1; i < 32; i++)
		printf("r%d %016lx\n", i, (unsigned long)result.r[i]);
	printf("hi %016lx\nlo %016lx\npc %lx\n", (unsigned long)result.hi, (unsigned long)result.lo, (unsigned long)result.pc);
	if (with_fp) {
		for (i = 0; i < 32; i++)
			printf("f%d %016lx\n", i, (unsigned long)result.f[i]);
		printf("fcsr %08lx\n", (unsigned long)result.fcsr);
	}
	for (i = 0; i < 3; i++)
		printf("page %d %016lx\n", i, (unsigned long)hash_of(0, (void *)(DATA + i * PAGE), PAGE));
}

static void execute(const struct state *state)
{
	if (sigsetjmp(finished, 1))
		return;
	(with_fp ? random_enter_fp : random_enter)(state);
}

static void run_once(uint64_t number, bool again)
{
	struct state state;
	struct itimerval every = { { 0, 3000 }, { 0, 1000 } }, never = { { 0, 0 }, { 0, 0 } };

	random_state = ~seed * 0x100000001b3 + number;
	make_state(&state);
	make_program(number);
	state.pc = state.r[RESUME] = (uint64_t)first_word;
	__builtin___clear_cache((char *)CODE, (char *)CODE + CODE_SIZE);
	if (show && !again)
		print_program();
	events_used = 0;
	late = false;
	memset(&result, 0, sizeof(result));
	if (number % 4 == 3)
		setitimer(ITIMER_REAL, &every, NULL);
	execute(&state);
	setitimer(ITIMER_REAL, &never, NULL);
	if (with_fp)
		__asm__ volatile("ctc1 $0, $31");
	result.r[SP] = result.r[26] = result.r[27] = 0;
}

static void run(uint64_t number)
{
	uint64_t hash = 0;
	int i;

	for (i = 0; i < MOST_TRIES && (!i || late); i++)
		run_once(number, i);
	if (show)
		print_result();
	hash = hash_of(hash, &result, sizeof(result));
	hash = hash_of(hash, events, events_used * sizeof(events[0]));
	hash = hash_of(hash, (void *)DATA, 3 * PAGE);
	hash = hash_of(hash, (void *)CODE, CODE_SIZE);
	printf("%lu %016lx", (unsigned long)number, (unsigned long)hash);
	for (i = 0; i < events_used; i++)
		printf(" %d", events[i].signal);
	printf("\n");
	fflush(stdout);
}

int tool_random(int argc, char **argv)
{
	static const int signals[] = { SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGFPE, SIGSYS };
	static char stack[16 * 4096];
	struct sigaction action = { .sa_sigaction = handle, .sa_flags = SA_SIGINFO | SA_ONSTACK };
	stack_t alternate = { .ss_sp = stack, .ss_size = sizeof(stack) };
	volatile uint64_t *next = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	uint64_t end;
	size_t i;

	if (argc < 4) {
		fprintf(stderr, "random: takes SEED FIRST COUNT [fp] [octeon] [show]\n");
		return 2;
	}
	seed = strtoul(argv[1], NULL, 0);
	*next = strtoul(argv[2], NULL, 0);
	end = *next + strtoul(argv[3], NULL, 0);
	for (i = 4; i < (size_t)argc; i++) {
		with_fp |= !strcmp(argv[i], "fp");
		with_octeon |= !strcmp(argv[i], "octeon");
		show |= !strcmp(argv[i], "show");
	}
	CHECK(!sigaltstack(&alternate, NULL));
	for (i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		sigaddset(&action.sa_mask, SIGALRM);
		CHECK(!sigaction(signals[i], &action, NULL));
	}
	CHECK(!sigaction(SIGALRM, &(struct sigaction){ .sa_handler = tick, .sa_flags = SA_ONSTACK }, NULL));
	while (*next < end) {
		pid_t child = fork();
		int status;

		CHECK(child >= 0);
		if (!child) {
			for (i = 0; i < PER_PROCESS && *next < end; i++) {
				run(*next);
				++*next;
			}
			_exit(0);
		}
		CHECK(waitpid(child, &status, 0) == child);
		if (status) {
			printf("%lu ended with status %x\n", (unsigned long)*next, status);
			fflush(stdout);
			++*next;
		}
	}
	return 0;
}
