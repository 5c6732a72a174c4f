// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A tool for streams of sockets, of the guest's and, as it needs nothing but Linux, of a Host's and of this machine's (tests/stream.c):
 *
 *	stream connect ADDRESS			standard input goes there, what comes goes to standard output
 *	stream listen ADDRESS COMMAND...	a command for each who connects, with the stream as input and output
 *	stream listen ADDRESS			takes all who connect, and nothing of what they send
 *	stream flood ADDRESS NUMBER		connects so often, keeps all, and says how many that were; or sends so many datagrams without a word
 *	stream flood ether:INTERFACE NUMBER	sends so many frames of no protocol to a station that there is not
 *	stream verify ADDRESS NUMBER SIZE	so many connections at once to whoever sends all back, or datagrams, one after the other: is each byte right?
 *	stream rounds ADDRESS NUMBER SIZE	so many requests over one connection to whoever sends all back, each when the one before it has come back whole
 *
 * ADDRESS: vsock:CID:PORT (to listen at, any CID), unix:PATH, wedge:PATH:PORT, a port of the guest whose --vsock is PATH, tcp:ADDRESS:PORT, or
 * udp:ADDRESS:PORT. Who listens at the last sends each datagram back.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <net/if.h>
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/vm_sockets.h>

#include "guests/programs/check.h"

union address {
	struct sockaddr any;
	struct sockaddr_vm vsock;
	struct sockaddr_un unix_socket;
	struct sockaddr_in internet;
};

/* Its length; *port is set if it has to be asked for. */
static socklen_t parse(const char *text, union address *a, const char **port)
{
	unsigned cid, number;
	char *colon, name[16];

	memset(a, 0, sizeof(*a));
	*port = NULL;
	if (sscanf(text, "vsock:%u:%u", &cid, &number) == 2) {
		a->vsock.svm_family = AF_VSOCK;
		a->vsock.svm_cid = cid;
		a->vsock.svm_port = number;
		return sizeof(a->vsock);
	}
	if (sscanf(text, "%*[tu]%*[cd]p:%15[0-9.]:%u", name, &number) == 2) {
		a->internet.sin_family = AF_INET;
		a->internet.sin_port = htons(number);
		CHECK(inet_pton(AF_INET, name, &a->internet.sin_addr) == 1);
		return sizeof(a->internet);
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

static int new_socket(const char *text, int family)
{
	return socket(family, *text == 'u' && family == AF_INET ? SOCK_DGRAM : SOCK_STREAM, 0);
}

/* -1 with errno. A guest that shares its processor with many waits longer than the two seconds that Linux has for an answer. */
static int open_stream(const char *text)
{
	const struct timeval patience = { .tv_sec = 60 };
	union address a;
	const char *port;
	socklen_t size = parse(text, &a, &port);
	int fd = new_socket(text, a.any.sa_family), error;

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
	/* Of a virtio-vsock that its peer has closed, shutdown() forgets that (vsock_shutdown(), SOCK_DONE): then the end is this error. */
	CHECK(n == 0 || errno == ENOTCONN);
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

static void send_back(int fd)
{
	static char bytes[0x10000];
	struct sockaddr_in from;
	socklen_t size;
	ssize_t n;

	for (;;) {
		size = sizeof(from);
		n = recvfrom(fd, bytes, sizeof(bytes), 0, (struct sockaddr *)&from, &size);
		/* What cannot be sent now is lost, as on any network. */
		if (n >= 0 && sendto(fd, bytes, n, 0, (struct sockaddr *)&from, size) < 0)
			continue;
	}
}

static int serve(const char *text, char **command)
{
	union address a;
	const char *port;
	socklen_t size = parse(text, &a, &port);
	int listener = new_socket(text, a.any.sa_family), fd, again = 1;

	if (a.any.sa_family == AF_UNIX)
		unlink(a.unix_socket.sun_path);
	if (a.any.sa_family == AF_INET)
		setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &again, sizeof(again));
	if (a.any.sa_family == AF_INET && *text == 'u') {
		CHECK(listener >= 0 && !bind(listener, &a.any, size));
		send_back(listener);
	}
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

/* It waits while the card takes none. */
static int flood_frames(const char *interface, int number)
{
	struct sockaddr_ll to = { .sll_family = AF_PACKET, .sll_ifindex = if_nametoindex(interface), .sll_halen = ETH_ALEN };
	const struct { struct ethhdr head; char body[1400]; } frame = {
		.head = { .h_dest = { 2, 0, 0, 0, 0, 0x33 }, .h_source = { 2, 0, 0, 0, 0, 0x34 }, .h_proto = htons(ETH_P_802_EX1) },
	};
	int fd = socket(AF_PACKET, SOCK_RAW, 0), i;

	CHECK(fd >= 0 && to.sll_ifindex);
	for (i = 0; i < number; i++)
		CHECK(sendto(fd, &frame, sizeof(frame), 0, (struct sockaddr *)&to, sizeof(to)) == sizeof(frame));
	return 0;
}

static int flood(const char *text, int number)
{
	static const char datagram[1400];
	int connected = 0, i, fd;

	if (!strncmp(text, "ether:", 6))
		return flood_frames(text + 6, number);
	if (!strncmp(text, "udp:", 4)) {
		fd = open_stream(text);
		CHECK(fd >= 0);
		/* Nobody need be there. */
		for (i = 0; i < number; i++)
			connected += send(fd, datagram, sizeof(datagram), 0) > 0;
		return connected == 0;
	}
	want_descriptors();
	for (i = 0; i < number; i++)
		connected += open_stream(text) >= 0;
	printf("%d of %d\n", connected, number);
	return 0;
}

/* --- Is each byte right? --- */

#define AT_ONCE		0x1000		/* bytes */

struct stretch {
	int fd, sent, came;
};

/* What is at `offset` of connection `number`. */
static unsigned char expected(int number, int offset)
{
	return (number * 131 + offset * 7) ^ offset >> 8;
}

static void fill(unsigned char *bytes, int number, int offset, int size)
{
	for (int i = 0; i < size; i++)
		bytes[i] = expected(number, offset + i);
}

static int smaller(int a, int b)
{
	return a < b ? a : b;
}

static void send_more(struct stretch *s, int number, int size)
{
	unsigned char bytes[AT_ONCE];
	int n = smaller(size - s->sent, AT_ONCE);

	fill(bytes, number, s->sent, n);
	n = send(s->fd, bytes, n, MSG_DONTWAIT | MSG_NOSIGNAL);
	CHECK(n > 0 || errno == EAGAIN);
	s->sent += n > 0 ? n : 0;
}

static void compare_more(struct stretch *s, int number, int size)
{
	unsigned char bytes[AT_ONCE], right[AT_ONCE];
	int n = recv(s->fd, bytes, smaller(size - s->came, AT_ONCE), MSG_DONTWAIT);

	CHECK(n > 0 || (n < 0 && errno == EAGAIN));
	if (n < 0)
		return;
	fill(right, number, s->came, n);
	CHECK(!memcmp(bytes, right, n));
	s->came += n;
}

static int verify_streams(const char *text, int number, int size)
{
	struct stretch *s = calloc(number, sizeof(*s));
	struct pollfd *fds = calloc(number, sizeof(*fds));
	int left = number, i;

	want_descriptors();
	CHECK(s && fds);
	for (i = 0; i < number; i++) {
		s[i].fd = open_stream(text);
		CHECK(s[i].fd >= 0);
	}
	while (left) {
		for (i = 0, left = 0; i < number; i++) {
			fds[i] = (struct pollfd){ s[i].came < size ? s[i].fd : -1, POLLIN | (s[i].sent < size ? POLLOUT : 0), 0 };
			left += s[i].came < size;
		}
		if (!left)
			break;
		CHECK(poll(fds, number, -1) > 0);
		for (i = 0; i < number; i++) {
			if (fds[i].revents & POLLOUT)
				send_more(&s[i], i, size);
			if (fds[i].revents & ~POLLOUT)
				compare_more(&s[i], i, size);
		}
	}
	printf("%d connections at once, %d bytes of each came back\n", number, size);
	return 0;
}

/* One that is lost is sent again. */
static int verify_datagrams(const char *text, int number, int size)
{
	unsigned char *bytes = malloc(size), *right = malloc(size);
	int fd = open_stream(text), i, tries;

	CHECK(fd >= 0 && bytes && right);
	for (i = 0; i < number; i++) {
		fill(right, i, 0, size);
		for (tries = 0; tries < 30; tries++) {
			struct pollfd answer = { fd, POLLIN, 0 };

			if (send(fd, right, size, 0) == size && poll(&answer, 1, 1000) == 1 && recv(fd, bytes, size, 0) == size && !memcmp(bytes, right, size))
				break;
		}
		CHECK(tries < 30);
	}
	printf("%d datagrams, %d bytes of each came back\n", number, size);
	return 0;
}

static int rounds(const char *text, int number, int size)
{
	unsigned char *bytes = malloc(size), *right = malloc(size);
	int fd = open_stream(text), i, came, n;

	CHECK(fd >= 0 && bytes && right);
	for (i = 0; i < number; i++) {
		fill(right, i, 0, size);
		CHECK(send(fd, right, size, MSG_NOSIGNAL) == size);
		for (came = 0; came < size; came += n) {
			n = recv(fd, bytes + came, size - came, 0);
			CHECK(n > 0);
		}
		CHECK(!memcmp(bytes, right, size));
	}
	printf("%d times %d bytes went there and came back\n", number, size);
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
	if (argc == 5 && !strcmp(argv[1], "verify"))
		return (strncmp(argv[2], "udp:", 4) ? verify_streams : verify_datagrams)(argv[2], atoi(argv[3]), atoi(argv[4]));
	if (argc == 5 && !strcmp(argv[1], "rounds"))
		return rounds(argv[2], atoi(argv[3]), atoi(argv[4]));
	fprintf(stderr, "stream: see guests/programs/stream.c for what it takes\n");
	return 2;
}
