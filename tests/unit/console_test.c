// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The far end of a UART: nobody who does not read, no full disk and no socket whose client goes stops the guest.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/resource.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/cmocka_all.h"
#include "tests/unit/far_end.h"
#include "wedge/device/console.h"

static char folder[] = "/tmp/console-XXXXXX", path[64], where[80];
static struct console console;
static struct complaint c;

static int begin(void **state)
{
	strcpy(folder + sizeof(folder) - 7, "XXXXXX");
	signal(SIGPIPE, SIG_IGN);
	return mkdtemp(folder) ? 0 : -1;
}

static int end(void **state)
{
	console__give_back();
	unlink(path);
	return rmdir(folder);
}

static void open_at(const char *kind, const char *name)
{
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	snprintf(where, sizeof(where), "%s:%s", kind, path);
	assert_int_equal(console__open(&console, 0, where, &c), 0);
}

static void put_times(unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		console__put(&console, 'a' + i % 26);
}

/* Until nothing is left. */
static size_t read_all(int fd)
{
	size_t size = far_end_read(fd);

	while (console.fill) {
		console__flush(&console);
		size += far_end_read(fd);
	}
	return size;
}

/* A pipe with a name holds 64 KB, as our buffer does. */
static void a_reader_that_does_not_read(void **state)
{
	unsigned taken = 0;
	char byte;
	int fd;

	snprintf(path, sizeof(path), "%s/pipe", folder);
	assert_int_equal(mkfifo(path, 0600), 0);
	fd = open(path, O_RDONLY | O_NONBLOCK);
	open_at("file", "pipe");
	put_times(0x10000);
	assert_int_equal(console.fill, 0);
	assert_false(console__busy(&console));
	put_times(CONSOLE_BUFFER - CONSOLE_ROOM + 1);
	assert_true(console__busy(&console));		/* the guest is told to wait, */
	put_times(2000);
	console.moved_ns -= 2 * CONSOLE_PATIENCE_NS;
	console__flush(&console);
	assert_false(console__busy(&console));		/* but not for ever: */
	assert_int_equal(console.dropped, 2000 - CONSOLE_ROOM + 1);
	put_times(100);					/* the rest is lost, and counted, */
	assert_int_equal(console.dropped, 2100 - CONSOLE_ROOM + 1);
	taken += read_all(fd);
	assert_int_equal(taken, 0x10000 + CONSOLE_BUFFER);
	put_times(1);					/* until somebody reads again. */
	console__flush(&console);
	assert_int_equal(read(fd, &byte, 1), 1);
	assert_int_equal(console.flow, CONSOLE_FLOWING);
	close(fd);
}

/* A reader that is slow gets all: the guest waits for it. */
static void a_slow_reader(void **state)
{
	unsigned put = 0, taken = 0;
	char bytes[512];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "%s/pipe", folder);
	assert_int_equal(mkfifo(path, 0600), 0);
	fd = open(path, O_RDONLY | O_NONBLOCK);
	open_at("file", "pipe");
	for (unsigned i = 0; i < 4000; i++) {
		for (unsigned k = 0; k < 64 && !console__busy(&console); k++, put++)
			console__put(&console, 'x');
		console__flush(&console);
		n = read(fd, bytes, i % 8 ? 1 : sizeof(bytes));
		taken += n > 0 ? n : 0;
	}
	taken += read_all(fd);
	assert_true(put > 0x10000 + CONSOLE_BUFFER);
	assert_int_equal(taken, put);
	assert_int_equal(console.dropped, 0);
	close(fd);
}

/* A limit on the size of files is as good as a full disk. */
static void a_full_disk(void **state)
{
	struct rlimit before, little = { .rlim_cur = 1000, .rlim_max = RLIM_INFINITY };

	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &before);
	little.rlim_max = before.rlim_max;
	open_at("file", "log");
	setrlimit(RLIMIT_FSIZE, &little);
	put_times(3000);
	console__flush(&console);
	setrlimit(RLIMIT_FSIZE, &before);
	assert_int_equal(console.fill, 2000);
	console.retry_ns = 1;		/* long ago */
	console__flush(&console);
	assert_int_equal(console.fill, 0);
	assert_int_equal(lseek(console.out, 0, SEEK_END), 3000);
	close(console.out);
}

static int client(void)
{
	int fd = far_end_connect(path);

	assert_true(fd >= 0);
	return fd;
}

static void expect(int fd, const char *text)
{
	char bytes[64] = "";

	console__flush(&console);
	assert_int_equal(read(fd, bytes, sizeof(bytes) - 1), strlen(text));
	assert_string_equal(bytes, text);
}

static void say(const char *text)
{
	while (*text)
		console__put(&console, *text++);
}

static unsigned heard(u8 *bytes)
{
	enum console_key key;

	return console__get(&console, bytes, 16, &key);
}

/* Clients of a socket that is ours come and go; what the guest said before the first is kept for it. */
static void clients_come_and_go(void **state)
{
	u8 bytes[16];
	int fd;

	open_at("listen", "socket");
	say("before\n");
	fd = client();
	expect(fd, "before\n");
	assert_int_equal(write(fd, "in", 2), 2);
	assert_int_equal(heard(bytes), 2);
	assert_int_equal(shutdown(fd, SHUT_WR), 0);	/* as `echo ... | nc -U` does */
	assert_int_equal(heard(bytes), 0);
	say("still\n");
	expect(fd, "still\n");
	close(fd);
	heard(bytes);
	say("between\n");
	fd = client();
	expect(fd, "between\n");
	/* A guest's reset: the next program goes on with the same client. */
	console__hand_over(&console, 0);
	assert_int_equal(console__open(&console, 0, where, &c), 0);
	say("after\n");
	expect(fd, "after\n");
	close(fd);
	heard(bytes);
	fd = client();
	say("again\n");
	expect(fd, "again\n");
	close(fd);
	close(console.out);
	close(console.second);
}

/* The name of one that was killed is taken; that of one that lives is not. */
static void names_of_sockets(void **state)
{
	struct console other;

	open_at("listen", "socket");
	assert_int_equal(console__open(&other, 1, where, &c), -1);
	assert_non_null(strstr(c.text, "Address already in use"));
	close(other.second);
	close(console.second);
	open_at("listen", "socket");
	console__give_back();
	assert_int_equal(access(path, F_OK), -1);
	close(console.second);
}

/* Nobody listens at a file either: but it is somebody's. */
static void a_file_of_that_name(void **state)
{
	int fd;

	snprintf(path, sizeof(path), "%s/socket", folder);
	fd = open(path, O_WRONLY | O_CREAT, 0600);
	assert_int_equal(write(fd, "mine", 4), 4);
	close(fd);
	snprintf(where, sizeof(where), "listen:%s", path);
	assert_int_equal(console__open(&console, 0, where, &c), -1);
	assert_non_null(strstr(c.text, "Address already in use"));
	assert_int_equal(access(path, F_OK), 0);
}

/* Where we are the client, we come again. */
static void a_server_that_ends(void **state)
{
	u8 bytes[16];
	int server, fd;

	snprintf(path, sizeof(path), "%s/socket", folder);
	server = far_end_listen(path);
	assert_true(server >= 0);
	open_at("unix", "socket");
	fd = accept(server, NULL, NULL);
	say("one\n");
	expect(fd, "one\n");
	close(fd);
	heard(bytes);
	say("two\n");
	console.retry_ns = 1;
	console__flush(&console);
	fd = accept(server, NULL, NULL);
	expect(fd, "two\n");
	close(fd);
	close(server);
	close(console.out);
}

static void a_pseudo_terminal(void **state)
{
	char bytes[16] = "";
	u8 in[16];
	int fd;

	assert_int_equal(console__open(&console, 0, "pty", &c), 0);
	fd = open(ptsname(console.out), O_RDWR | O_NOCTTY | O_NONBLOCK);
	assert_true(fd >= 0);
	say("hello\n");
	assert_int_equal(read(fd, bytes, sizeof(bytes)), 6);
	assert_int_equal(write(fd, "x", 1), 1);
	assert_int_equal(heard(in), 1);
	close(fd);
	assert_int_equal(heard(in), 0);
	assert_false(console.end_of_input);
	put_times(10 * CONSOLE_BUFFER);
	assert_true(console.dropped > 0);
	close(console.out);
	close(console.second);
	path[0] = 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_reader_that_does_not_read, begin, end),
		cmocka_unit_test_setup_teardown(a_slow_reader, begin, end),
		cmocka_unit_test_setup_teardown(a_full_disk, begin, end),
		cmocka_unit_test_setup_teardown(clients_come_and_go, begin, end),
		cmocka_unit_test_setup_teardown(names_of_sockets, begin, end),
		cmocka_unit_test_setup_teardown(a_file_of_that_name, begin, end),
		cmocka_unit_test_setup_teardown(a_server_that_ends, begin, end),
		cmocka_unit_test_setup_teardown(a_pseudo_terminal, begin, end),
	};

	return cmocka_run_group_tests_name("console", tests, NULL, NULL);
}
