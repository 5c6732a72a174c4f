// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A tool for streams of sockets, of the guest's and, as it needs nothing but Linux, of a Host's and of this machine's (tests/stream.c):
 *
 *	stream connect ADDRESS			standard input goes there, what comes goes to standard output
 *	stream listen ADDRESS COMMAND...	a command for each who connects, with the stream as input and output
 *	stream listen ADDRESS			takes all who connect, and nothing of what they send
 *	stream flood ADDRESS NUMBER		connects so often, keeps all, and says how many that were
 *
 * ADDRESS: vsock:CID:PORT (to listen at, any CID), unix:PATH, or wedge:PATH:PORT, a port of the guest whose --vsock is PATH.
 */
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/vm_sockets.h>

#include "guests/programs/check.h"

union address {
	struct sockaddr any;
	struct sockaddr_vm vsock;
	struct sockaddr_un unix_socket;
};

/* Its length; *port is set if it has to be asked for. */
static socklen_t parse(const char *text, union address *a, const char **port)
{
	unsigned cid, number;
	char *colon;

	memset(a, 0, sizeof(*a));
	*port = NULL;
	if (sscanf(text, "vsock:%u:%u", &cid, &number) == 2) {
		a->vsock.svm_family = AF_VSOCK;
		a->vsock.svm_cid = cid;
		a->vsock.svm_port = number;
		return sizeof(a->vsock);
	}
	CHECK(!strncmp(text, "unix:", 5) || !strncmp(text, "wedge:", 6));
	a->unix_socket.sun_family = AF_UNIX;
	snprintf(a->unix_socket.sun_path, sizeof(a->unix_socket.sun_path), "%s", strchr(text, ':') + 1);
	colon = strrchr(a->unix_socket.sun_path, ':');
	if (*text == 'w') {
		CHECK(colon);
		*colon = 0;
		*port = strrchr(text, ':') + 1;
	}
	return sizeof(a->unix_socket);
}

/* False: the guest does not want that port. */
static int greet(int fd, const char *port)
{
	char line[32];
	int n = snprintf(line, sizeof(line), "CONNECT %s\n", port);

	CHECK(write(fd, line, n) == n);
	for (n = 0; n < (int)sizeof(line) - 1 && read(fd, line + n, 1) == 1 && line[n] != '\n'; n++)
		;
	return n > 3 && !memcmp(line, "OK ", 3);
}

/* -1 with errno. A guest that shares its processor with many waits longer than the two seconds that Linux has for an answer. */
static int open_stream(const char *text)
{
	const struct timeval patience = { .tv_sec = 60 };
	union address a;
	const char *port;
	socklen_t size = parse(text, &a, &port);
	int fd = socket(a.any.sa_family, SOCK_STREAM, 0), error;

	if (a.any.sa_family == AF_VSOCK)
		setsockopt(fd, AF_VSOCK, SO_VM_SOCKETS_CONNECT_TIMEOUT, &patience, sizeof(patience));
	if (fd < 0 || (!connect(fd, &a.any, size) && (!port || greet(fd, port))))
		return fd;
	error = errno;
	close(fd);
	errno = error;
	return -1;
}

static void copy(int from, int to)
{
	static char bytes[0x8000];
	ssize_t n, done, k;

	while ((n = read(from, bytes, sizeof(bytes))) > 0)
		for (done = 0; done < n; done += k) {
			k = write(to, bytes + done, n - done);
			CHECK(k > 0);
		}
	CHECK(n == 0);
}

static int relay(const char *text)
{
	int fd = open_stream(text), status;
	pid_t pid;

	if (fd < 0) {
		printf("refused\n");
		return 1;
	}
	pid = fork();
	CHECK(pid >= 0);
	if (!pid) {
		copy(0, fd);
		CHECK(!shutdown(fd, SHUT_WR));
		_exit(0);
	}
	copy(fd, 1);
	CHECK(waitpid(pid, &status, 0) == pid);
	return status != 0;
}

static void want_descriptors(void)
{
	struct rlimit limit;

	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
}

static int serve(const char *text, char **command)
{
	union address a;
	const char *port;
	socklen_t size = parse(text, &a, &port);
	int listener = socket(a.any.sa_family, SOCK_STREAM, 0), fd;

	if (a.any.sa_family == AF_UNIX)
		unlink(a.unix_socket.sun_path);
	if (!*command)
		want_descriptors();
	CHECK(listener >= 0 && !bind(listener, &a.any, size) && !listen(listener, 1000));
	signal(SIGCHLD, SIG_IGN);
	for (;;) {
		fd = accept(listener, NULL, NULL);
		if (fd < 0 || !*command)
			continue;
		if (!fork()) {
			dup2(fd, 0);
			dup2(fd, 1);
			close(fd);
			close(listener);
			execvp(*command, command);
			_exit(127);
		}
		close(fd);
	}
}

static int flood(const char *text, int number)
{
	int connected = 0, i;

	want_descriptors();
	for (i = 0; i < number; i++)
		connected += open_stream(text) >= 0;
	printf("%d of %d\n", connected, number);
	return 0;
}

int tool_stream(int argc, char **argv)
{
	if (argc == 3 && !strcmp(argv[1], "connect"))
		return relay(argv[2]);
	if (argc >= 3 && !strcmp(argv[1], "listen"))
		return serve(argv[2], argv + 3);
	if (argc == 4 && !strcmp(argv[1], "flood"))
		return flood(argv[2], atoi(argv[3]));
	fprintf(stderr, "stream: see guests/programs/stream.c for what it takes\n");
	return 2;
}
