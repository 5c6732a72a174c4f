/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The Wedge's command line: what is understood, and the one line for what is not.
 */
#include "tests/unit/cmocka_all.h"
#include "wedge/monitor/options.h"

#define MB		(1ull << 20)
#define WORDS_MAX	12

/* A command line is one text, split at blanks; "~" stands for an empty word. */
static int parse(const char *line, struct options *o, struct complaint *c)
{
	static char copy[512];
	char *argv[WORDS_MAX + 2] = { "wedge" };
	int argc = 1;

	snprintf(copy, sizeof(copy), "%s", line);
	for (char *word = strtok(copy, " "); word && argc <= WORDS_MAX; word = strtok(NULL, " "))
		argv[argc++] = strcmp(word, "~") ? word : "";
	strcpy(c->text, "");
	return options__parse(o, argc, argv, c);
}

static const struct {
	const char *line;
	struct options expected;
} good[] = {
#define DEFAULTS .append = "console=ttyS0,115200", .memory = 256 * MB
#define CPUS(N) .cpus = N
#define UARTS .uart = { "stdio", "none" }
	{ "vmlinux", { .kernel = "vmlinux", DEFAULTS, UARTS } },
	{ "-i a.gz vmlinux -m 1G", { .kernel = "vmlinux", .initrd = "a.gz", .append = "console=ttyS0,115200",
				     .memory = 1024 * MB, UARTS } },
	{ "-ia.gz -m512m vmlinux", { .kernel = "vmlinux", .initrd = "a.gz", .append = "console=ttyS0,115200",
				     .memory = 512 * MB, UARTS } },
	{ "--memory=32M --append=x=y vmlinux", { .kernel = "vmlinux", .append = "x=y", .memory = 32 * MB, UARTS } },
	{ "--memory 2097152K -a quiet vmlinux", { .kernel = "vmlinux", .append = "quiet", .memory = 2048 * MB, UARTS } },
	{ "--memory=268435456 vmlinux", { .kernel = "vmlinux", DEFAULTS, UARTS } },
	{ "--user direct vmlinux", { .kernel = "vmlinux", DEFAULTS, UARTS, .direct = true } },
	{ "--user=isolated vmlinux", { .kernel = "vmlinux", DEFAULTS, UARTS } },
	{ "--append= vmlinux", { .kernel = "vmlinux", .append = "", .memory = 256 * MB, UARTS } },
	{ "-a ~ vmlinux", { .kernel = "vmlinux", .append = "", .memory = 256 * MB, UARTS } },
	{ "--console=file:x --uart1 unix:y vmlinux", { .kernel = "vmlinux", DEFAULTS, .uart = { "file:x", "unix:y" } } },
	{ "--layout", { DEFAULTS, UARTS, .layout = true } },
	{ "--at 0xf000000000 vmlinux", { .kernel = "vmlinux", DEFAULTS, UARTS, .at = 0xf000000000 } },
	{ "--at=f80a0b0000 --layout vmlinux", { .kernel = "vmlinux", DEFAULTS, UARTS, .layout = true, .at = 0xf80a0b0000 } },
	{ "--no-burn --interpret --check --trace --poison --translate-at-once vmlinux",
	  { .kernel = "vmlinux", DEFAULTS, UARTS, .no_burn = true, .interpret = true, .check = true, .trace = true,
	    .poison = true, .translate_at_once = true } },
	{ "--interpret --no-relink --count-time --record-clock=c v",
	  { .kernel = "v", DEFAULTS, UARTS, .interpret = true, .no_relink = true, .count_time = true, .record_clock = "c" } },
	{ "--replay-clock c v", { .kernel = "v", DEFAULTS, UARTS, .replay_clock = "c" } },
	{ "-c4 --interpret vmlinux", { .kernel = "vmlinux", DEFAULTS, UARTS, .interpret = true, CPUS(4) } },
	{ "--cpus 12 vmlinux", { .kernel = "vmlinux", DEFAULTS, UARTS, CPUS(12) } },
	{ "--cpus=1 vmlinux", { .kernel = "vmlinux", DEFAULTS, UARTS, CPUS(1) } },
	{ "--jail on vmlinux", { .kernel = "vmlinux", DEFAULTS, UARTS } },
	{ "--user=direct --jail=strict vmlinux", { .kernel = "vmlinux", DEFAULTS, UARTS, .direct = true, .jail = JAIL_STRICT } },
	{ "--jail=strict vmlinux", { .kernel = "vmlinux", DEFAULTS, UARTS, .jail = JAIL_STRICT } },
	{ "--jail=off vmlinux", { .kernel = "vmlinux", DEFAULTS, UARTS, .jail = JAIL_OFF } },
	{ "--watchdog=exit --flash nor,readonly vmlinux", { .kernel = "vmlinux", DEFAULTS, UARTS, .watchdog = WATCHDOG_EXIT, .flash = "nor,readonly" } },
	{ "--gdb tcp:0 --gdb-wait vmlinux", { .kernel = "vmlinux", DEFAULTS, UARTS, .gdb = "tcp:0", .gdb_wait = true } },
	{ "--virtio=1 --disk x vmlinux", { .kernel = "vmlinux", DEFAULTS, UARTS, .virtio = 1 } },
	{ "--virtio 2 --button vmlinux", { .kernel = "vmlinux", DEFAULTS, UARTS } },
	{ "--watchdog reset vmlinux", { .kernel = "vmlinux", DEFAULTS, UARTS } },
	{ "--stats vmlinux", { .kernel = "vmlinux", DEFAULTS, UARTS, .stats = "-" } },
	{ "--profile=out vmlinux", { .kernel = "vmlinux", DEFAULTS, UARTS, .profile = "out" } },
	{ "--profile out vmlinux", { .kernel = "vmlinux", DEFAULTS, UARTS, .profile = "out" } },
	{ "--stats=out vmlinux", { .kernel = "vmlinux", DEFAULTS, UARTS, .stats = "out" } },
	{ "--hvc stdio vmlinux", { .kernel = "vmlinux", DEFAULTS, .uart = { "none", "none" } } },
	{ "--uart1 stdio vmlinux", { .kernel = "vmlinux", DEFAULTS, .uart = { "none", "stdio" } } },
	{ "--hvc none --hvc pty,name=stdio --rng vmlinux", { .kernel = "vmlinux", DEFAULTS, UARTS } },
	{ "--interpret --flash=nor.img", { DEFAULTS, UARTS, .flash = "nor.img", .interpret = true, .firmware = true, .no_relink = true } },
	{ "--interpret --flash=nor.img vmlinux", { .kernel = "vmlinux", DEFAULTS, UARTS, .flash = "nor.img", .interpret = true } },
	{ "-- --odd", { .kernel = "--odd", DEFAULTS, UARTS } },
	{ "-", { .kernel = "-", DEFAULTS, UARTS } },
	{ "--help", { DEFAULTS, UARTS, .help = true } },
	{ "-h", { DEFAULTS, UARTS, .help = true } },
	{ "-V", { DEFAULTS, UARTS, .version = true } },
};

static void assert_text(const char *line, const char *a, const char *b)
{
	if (!a != !b || (a && strcmp(a, b)))
		fail_msg("%s: \"%s\", not \"%s\"", line, a ? a : "NULL", b ? b : "NULL");
}

static void good_lines(void **state)
{
	for (size_t i = 0; i < COUNT(good); i++) {
		const struct options *e = &good[i].expected;
		struct complaint c;
		struct options o;

		if (parse(good[i].line, &o, &c))
			fail_msg("%s: %s", good[i].line, c.text);
		assert_text(good[i].line, o.kernel, e->kernel);
		assert_text(good[i].line, o.initrd, e->initrd);
		assert_text(good[i].line, o.append, e->append);
		assert_text(good[i].line, o.uart[0], e->uart[0]);
		assert_text(good[i].line, o.uart[1], e->uart[1]);
		assert_text(good[i].line, o.stats, e->stats);
		assert_text(good[i].line, o.profile, e->profile);
		assert_text(good[i].line, o.record_clock, e->record_clock);
		assert_text(good[i].line, o.replay_clock, e->replay_clock);
		assert_text(good[i].line, o.flash, e->flash);
		assert_text(good[i].line, o.gdb, e->gdb);
		assert_int_equal(o.watchdog, e->watchdog);
		assert_int_equal(o.gdb_wait, e->gdb_wait);
		assert_int_equal(o.memory, e->memory);
		assert_int_equal(o.cpus, e->cpus ? e->cpus : 1);
		assert_int_equal(o.virtio, e->virtio ? e->virtio : 2);
		assert_int_equal(o.jail, e->jail);
		assert_int_equal(o.direct, e->direct);
		assert_true(o.at == e->at && o.layout == e->layout);
		if (o.no_burn != e->no_burn || o.interpret != e->interpret || o.check != e->check ||
		    o.no_relink != e->no_relink || o.count_time != e->count_time || o.trace != e->trace || o.poison != e->poison ||
		    o.translate_at_once != e->translate_at_once || o.firmware != e->firmware || o.help != e->help || o.version != e->version)
			fail_msg("%s: a flag differs", good[i].line);
	}
}

static const struct {
	const char *line, *complaint;
} bad[] = {
	{ "", "no kernel given; usage: wedge [OPTION]... KERNEL" },
	{ "--interpret", "no kernel given" },
	{ "--flash=nor.img", "no kernel given: a boot loader in the flash can only be run with --interpret" },
	{ "--interpret --flash=nor.img -i a.gz", "--initrd is for a kernel, and none is given" },
	{ "--interpret --flash=nor.img --append quiet", "--append is for a kernel" },
	{ "--interpret --flash=nor.img --check", "--check is about a kernel's sites" },
	{ "--interpret --flash=nor.img --poison", "--poison is about a kernel's sites" },
	{ "a b", "two kernels given, 'a' and 'b'; one is right" },
	{ "a -- b", "two kernels given, 'a' and 'b'" },
	{ "--nonsense a", "unknown option '--nonsense'; wedge --help lists them" },
	{ "--memor=64M a", "unknown option '--memor=64M'" },
	{ "--memoryx=64M a", "unknown option '--memoryx=64M'" },
	{ "-x a", "unknown option '-x'" },
	{ "-hV a", "--help takes no value, but was given 'V'" },
	{ "--interpret=yes a", "--interpret takes no value, but was given 'yes'" },
	{ "a --initrd", "--initrd needs a value: --initrd=FILE" },
	{ "--at=here a", "--at: 'here' is no address; 0xf000000000 would be one" },
	{ "--at=0 a", "--at: '0' is no address" },
	{ "--at=-10000 a", "--at: '-10000' is no address" },
	{ "--at=0x a", "--at: '0x' is no address" },
	{ "--at=f0000000000000000 a", "--at: 'f0000000000000000' is no address" },
	{ "--layout=all", "--layout takes no value" },
	{ "a -m", "--memory needs a value: --memory=SIZE" },
	{ "a -c", "--cpus needs a value: --cpus=NUMBER" },
	{ "a --interpret --cpus 0", "--cpus: '0' is not a number of cores, 1 to 12" },
	{ "a --interpret --cpus 13", "'13' is not a number" },
	{ "a --interpret --cpus=2x", "'2x' is not a number" },
	{ "a --interpret --cpus=-1", "'-1' is not a number" },
	{ "a --interpret --cpus=18446744073709551617", "is not a number" },
	{ "a --user=fast", "--user: 'fast' is neither isolated nor direct" },
	{ "a --user=direct --interpret", "--user direct with --interpret: nothing runs natively; leave one out" },
	{ "a --jail=yes", "--jail: 'yes' is none of on, strict, off" },
	{ "a --virtio=3", "--virtio: '3' is none of 1, 2" },
	{ "a --virtio=", "--virtio: '' is none of 1, 2" },
	{ "a --virtio=10", "--virtio: '10' is none of 1, 2" },
	{ "a --vsock x --virtio=1", "--virtio=1 with --vsock, which has never been there; leave one out" },
	{ "a --virtio=1 --rng --button", "--virtio=1 with --button" },
	{ "a --watchdog=bark", "--watchdog: 'bark' is none of reset, exit" },
	{ "a --watchdog", "--watchdog needs a value: --watchdog=WHAT" },
	{ "a --flash", "--flash needs a value: --flash=FILE[,readonly]" },
	{ "a --jail=", "--jail: '' is none of" },
	{ "a --interpret --cpus=2 --log-state=x", "of one core only" },
	{ "a --hvc", "--hvc needs a value: --hvc=WHERE[,name=NAME]" },
	{ "a --hvc=none --hvc stdio --uart1=stdio", "--uart1 and --hvc are both stdio; one of them can be" },
	{ "a --console stdio --hvc=stdio,name=x", "--console and --hvc are both stdio" },
	{ "a --hvc stdio --hvc stdio", "--hvc and --hvc are both stdio" },
	{ "a --rng=1 --rng=2 --rng --rng --rng --rng --rng --rng --rng", "one too many; a machine has room for 8 devices" },
	{ "a --gdb", "--gdb needs a value: --gdb=WHERE" },
	{ "a --gdb-wait", "--gdb-wait: nothing to wait for; it goes with --gdb only" },
	{ "a --gdb tcp:0 --log-state x", "--gdb: states and clocks are logged of a machine that nobody stops" },
	{ "a --vsock", "--vsock needs a value: --vsock=PATH[,cid=N]" },
	{ "a --vsock x --vsock y", "--vsock is given twice; a machine has one" },
	{ "a --balloon --rng --balloon", "--balloon is given twice; a machine has one" },
{ "a --profile", "--profile needs a value: --profile=FILE" },
	{ "--profile=out --interpret a", "--profile with --interpret: nothing traps" },
	{ "--no-relink a", "goes with --interpret only" },
	{ "--count-time a", "goes with --interpret only" },
	{ "--record-clock=c --interpret a", "--record-clock: the Host's clock is no use to another run" },
	{ "--replay-clock=c --interpret --count-time a", "two clocks for one guest" },
	{ "-m ~ a", "--memory: '' is not a size; 256M would be one" },
	{ "-m much a", "--memory: 'much' is not a size" },
	{ "-m 64Q a", "--memory: '64Q' is not a size" },
	{ "-m 64MB a", "--memory: '64MB' is not a size" },
	{ "-m 1.5G a", "--memory: '1.5G' is not a size" },
	{ "-m -64M a", "--memory: '-64M' is not a size" },
	{ "-m +64M a", "--memory: '+64M' is not a size" },
	{ "-m -18446744073642442752 a", "--memory: '-18446744073642442752' is not a size" },	/* 64 MB - 2^64 */
	{ "-m 99999999999999999999 a", "--memory: '99999999999999999999' is not a size" },
	{ "-m 31M a", "--memory: 31M is not a whole number of megabytes from 32M to 16G" },
	{ "-m 64 a", "--memory: 64 is not a whole number of megabytes" },
	{ "-m 65537K a", "--memory: 65537K is not a whole number of megabytes" },
	{ "-m 17G a", "--memory: 17G is not a whole number of megabytes from 32M to 16G" },
	{ "-m 2147483648G a", "--memory: 2147483648G is not a whole number" },
};

static void bad_lines(void **state)
{
	for (size_t i = 0; i < COUNT(bad); i++) {
		struct complaint c;
		struct options o;

		if (!parse(bad[i].line, &o, &c))
			fail_msg("'%s' was accepted", bad[i].line);
		assert_contains(c.text, bad[i].complaint);
		assert_null(strchr(c.text, '\n'));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_lines),
		cmocka_unit_test(bad_lines),
	};

	return cmocka_run_group_tests_name("options", tests, NULL, NULL);
}
