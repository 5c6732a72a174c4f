// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * See net-user.h. This is the same program, started again with other arguments: so nothing of the guest is in its memory.
 *
 *	wedge --net-user-process DESCRIPTOR restricted|open [FORWARD]...
 *
 * Its first message is what went wrong, or empty; then each is a frame.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <seccomp.h>
#include <signal.h>
#include <slirp/libslirp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/clock.h"
#include "wedge/device/link.h"
#include "wedge/device/net-user.h"

#define NOBODY		65534
#define POLLS_MOST	1024		/* descriptors that it waits for: connections, most of them */
#define TIMERS		4
#define PATIENCE_MS	10000		/* for its first message */
#define END_LOOKS	200		/* of 10 ms, until it is killed */
#define SOCKET_BUFFER	0x100000
#define FRAMES		64		/* from the guest, before its connections have their turn */
#define NS_PER_MS	1000000ll
#define MEMORY_MOST	(1ull << 30)

struct timer {
	SlirpTimerCb call;
	void *user;
	int64_t due_ms;			/* -1: not running */
	bool used;
};

struct net_user {
	Slirp *slirp;
	int fd;
	struct pollfd fds[1 + POLLS_MOST];
	nfds_t count;
	struct timer timers[TIMERS];
};

/* --- What libslirp asks for --- */

/* It waits until there is room: the guest it is for takes nothing now, and nobody else is served here. */
static ssize_t send_packet(const void *frame, size_t size, void *user)
{
	struct net_user *n = user;
	ssize_t sent;

	do {
		sent = send(n->fd, frame, size, MSG_NOSIGNAL);
	} while (sent < 0 && errno == EINTR);
	/* The machine has ended, and so will we. libslirp would complain of each frame to the user. */
	return sent < 0 ? (ssize_t)size : sent;
}

static void guest_error(const char *message, void *user)
{
}

static int64_t clock_ns(void *user)
{
	return clock__now_ns();
}

static void *timer_new(SlirpTimerCb call, void *call_user, void *user)
{
	struct net_user *n = user;

	for (unsigned i = 0; i < TIMERS; i++)
		if (!n->timers[i].used) {
			n->timers[i] = (struct timer){ call, call_user, -1, true };
			return &n->timers[i];
		}
	die("user-mode network: libslirp wants more than %d timers", TIMERS);
}

static void timer_free(void *timer, void *user)
{
	((struct timer *)timer)->used = false;
}

static void timer_mod(void *timer, int64_t due_ms, void *user)
{
	((struct timer *)timer)->due_ms = due_ms;
}

static void poll_fd(int fd, void *user) { }
static void notify(void *user) { }

static int add_poll(int fd, int events, void *user)
{
	struct net_user *n = user;
	short wanted = (events & SLIRP_POLL_IN ? POLLIN : 0) | (events & SLIRP_POLL_OUT ? POLLOUT : 0) | (events & SLIRP_POLL_PRI ? POLLPRI : 0);

	if (n->count == 1 + POLLS_MOST)
		return -1;		/* its turn comes when others have gone */
	n->fds[n->count] = (struct pollfd){ fd, wanted, 0 };
	return n->count++;
}

static int get_revents(int index, void *user)
{
	const struct net_user *n = user;
	short got = index < 0 ? 0 : n->fds[index].revents;

	return (got & POLLIN ? SLIRP_POLL_IN : 0) | (got & POLLOUT ? SLIRP_POLL_OUT : 0) | (got & POLLPRI ? SLIRP_POLL_PRI : 0) |
	       (got & POLLERR ? SLIRP_POLL_ERR : 0) | (got & POLLHUP ? SLIRP_POLL_HUP : 0);
}

/* --- Its loop --- */

static int run_timers(struct net_user *n, uint32_t timeout)
{
	const int64_t now = clock_ns(n) / NS_PER_MS;

	for (unsigned i = 0; i < TIMERS; i++) {
		struct timer *t = &n->timers[i];

		if (!t->used || t->due_ms < 0)
			continue;
		if (t->due_ms <= now) {
			t->due_ms = -1;
			t->call(t->user);
		} else if (t->due_ms - now < timeout) {
			timeout = t->due_ms - now;
		}
	}
	return timeout < 1000000 ? (int)timeout : -1;
}

/* Whether the other end is still there. */
static bool take_frames(struct net_user *n)
{
	static u8 frame[LINK_FRAME_MOST];

	for (unsigned i = 0; i < FRAMES; i++) {
		ssize_t size = recv(n->fd, frame, sizeof(frame), MSG_DONTWAIT);

		if (!size || (size < 0 && errno != EAGAIN && errno != EINTR))
			return false;
		if (size < 0)
			break;
		slirp_input(n->slirp, frame, size);
	}
	return true;
}

static int serve(struct net_user *n)
{
	for (;;) {
		uint32_t timeout = UINT32_MAX;
		int ready;

		n->fds[0] = (struct pollfd){ n->fd, POLLIN, 0 };
		n->count = 1;
		slirp_pollfds_fill(n->slirp, &timeout, add_poll, n);
		ready = poll(n->fds, n->count, run_timers(n, timeout));
		slirp_pollfds_poll(n->slirp, ready < 0, get_revents, n);
		if (ready > 0 && n->fds[0].revents && !take_frames(n))
			return 0;
	}
}

/* --- Its beginning --- */

static struct in_addr address(u32 host)
{
	return (struct in_addr){ htonl(host) };
}

static bool parse_end(const char *text, struct in_addr *to, int *port)
{
	const char *colon = strchr(text, ':');
	char host[64], *end;
	long value;

	if (!colon || colon - text >= (long)sizeof(host))
		return false;
	memcpy(host, text, colon - text);
	host[colon - text] = 0;
	value = strtol(colon + 1, &end, 10);
	*port = value;
	return (!*host || inet_aton(host, to)) && end != colon + 1 && !*end && value > 0 && value < 65536;
}

/* (tcp|udp):[ADDRESS]:PORT-[ADDRESS]:PORT. All of the Host's addresses, and the one that DHCP gives, if none is said. */
static int forward(Slirp *slirp, const char *text, struct complaint *c)
{
	struct in_addr here = address(INADDR_ANY), there = address(0x0a00020f);
	bool udp = !strncmp(text, "udp:", 4);
	char copy[256], *minus;
	int port, guest_port;

	snprintf(copy, sizeof(copy), "%s", text);
	minus = strchr(copy, '-');
	if (minus)
		*minus++ = 0;
	if ((!udp && strncmp(text, "tcp:", 4)) || !minus || !parse_end(copy + 4, &here, &port) || !parse_end(minus, &there, &guest_port))
		return complain(c, "--net user: hostfwd=%.100s: hostfwd=tcp:127.0.0.1:2222-:22 would be right", text);
	if (slirp_add_hostfwd(slirp, udp, here, port, there, guest_port) < 0)
		return complain(c, "--net user: hostfwd=%.100s: port %d of this host: %s", text, port, strerror(errno));
	return 0;
}

/* What libslirp needs once it runs; a name server is looked up in a file, with statx() where stat() of the C library is made of that (MIPS). Anything
 * else ends the process. */
static int confine(struct complaint *c)
{
	static const int calls[] = {
		SCMP_SYS(read), SCMP_SYS(write), SCMP_SYS(readv), SCMP_SYS(writev), SCMP_SYS(recvfrom), SCMP_SYS(recvmsg), SCMP_SYS(recv),
		SCMP_SYS(send), SCMP_SYS(sendto), SCMP_SYS(sendmsg), SCMP_SYS(socket), SCMP_SYS(connect), SCMP_SYS(bind), SCMP_SYS(listen),
		SCMP_SYS(accept), SCMP_SYS(accept4), SCMP_SYS(shutdown), SCMP_SYS(getsockname), SCMP_SYS(getpeername),
		SCMP_SYS(getsockopt), SCMP_SYS(setsockopt), SCMP_SYS(poll), SCMP_SYS(ppoll), SCMP_SYS(fcntl), SCMP_SYS(close),
		SCMP_SYS(ioctl), SCMP_SYS(fstat), SCMP_SYS(newfstatat), SCMP_SYS(stat), SCMP_SYS(statx), SCMP_SYS(lseek), SCMP_SYS(brk),
		SCMP_SYS(mmap), SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(madvise), SCMP_SYS(mprotect), SCMP_SYS(futex), SCMP_SYS(clock_gettime),
		SCMP_SYS(gettimeofday), SCMP_SYS(time), SCMP_SYS(getrandom), SCMP_SYS(rt_sigaction), SCMP_SYS(rt_sigprocmask),
		SCMP_SYS(rt_sigreturn), SCMP_SYS(restart_syscall), SCMP_SYS(getpid), SCMP_SYS(exit), SCMP_SYS(exit_group),
	};
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
	int error = filter ? 0 : -ENOMEM;

	for (unsigned i = 0; !error && i < ARRAY_SIZE(calls); i++)
		error = seccomp_rule_add(filter, SCMP_ACT_ALLOW, calls[i], 0);
	/* To read only. */
	if (!error)
		error = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(openat), 1, SCMP_A2(SCMP_CMP_MASKED_EQ, O_ACCMODE | O_CREAT, O_RDONLY));
	if (!error)
		error = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(open), 1, SCMP_A1(SCMP_CMP_MASKED_EQ, O_ACCMODE | O_CREAT, O_RDONLY));
	if (!error)
		error = seccomp_load(filter);
	seccomp_release(filter);
	return error ? complain(c, "--net user: a filter of system calls: %s", strerror(-error)) : 0;
}

/* After the ports were taken, for which it may need to be root. */
static int give_up_rights(struct complaint *c)
{
	const struct rlimit none = { 0, 0 }, memory = { MEMORY_MOST, MEMORY_MOST };

	if (geteuid() == 0 && (setresgid(NOBODY, NOBODY, NOBODY) || setresuid(NOBODY, NOBODY, NOBODY)))
		return complain(c, "--net user: becoming an unprivileged user: %s", strerror(errno));
	/* Cleared by the change of user. Who has started us may have died before. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (setrlimit(RLIMIT_CORE, &none) || setrlimit(RLIMIT_AS, &memory) || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return complain(c, "--net user: giving up rights: %s", strerror(errno));
	return confine(c);
}

static int begin(struct net_user *n, int argc, char **argv, struct complaint *c)
{
	static const SlirpCb callbacks = {
		.send_packet = send_packet, .guest_error = guest_error, .clock_get_ns = clock_ns, .timer_new = timer_new,
		.timer_free = timer_free, .timer_mod = timer_mod, .register_poll_fd = poll_fd, .unregister_poll_fd = poll_fd,
		.notify = notify,
	};
	const SlirpConfig config = {
		.version = 1, .restricted = !strcmp(argv[3], "restricted"), .in_enabled = true,
		.vnetwork = address(0x0a000200), .vnetmask = address(0xffffff00), .vhost = address(0x0a000202),
		.vdhcp_start = address(0x0a00020f), .vnameserver = address(0x0a000203), .vhostname = "afterburn",
	};

	n->slirp = slirp_new(&config, &callbacks, n);
	if (!n->slirp)
		return complain(c, "--net user: libslirp does not start");
	for (int i = 4; i < argc; i++)
		if (forward(n->slirp, argv[i], c))
			return -1;
	return give_up_rights(c);
}

int net_user__main(int argc, char **argv)
{
	static struct net_user n;
	struct complaint c = { "" };
	int result;

	if (argc < 4)
		return 2;
	n.fd = atoi(argv[2]);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGINT, SIG_IGN);	/* of the terminal's: our end follows the monitor's */
	signal(SIGTSTP, SIG_IGN);
	result = begin(&n, argc, argv, &c);
	if (send(n.fd, c.text, strlen(c.text) + 1, MSG_NOSIGNAL) < 0 || result)
		return 1;
	return serve(&n);
}

/* --- In the monitor --- */

static _Noreturn void become(int fd, const struct net_user_options *o)
{
	char number[16];
	char *argv[SPEC_LIST_MOST + 5] = { "wedge", NET_USER_ARGUMENT, number, o->restricted ? "restricted" : "open" };
	unsigned n = 4;

	snprintf(number, sizeof(number), "%d", fd);
	for (unsigned i = 0; i < o->forward.count; i++)
		argv[n++] = o->forward.item[i];
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	fcntl(fd, F_SETFD, 0);
	execv("/proc/self/exe", argv);
	_exit(1);
}

static int hear(int fd, struct complaint *c)
{
	struct pollfd p = { fd, POLLIN, 0 };
	ssize_t n = poll(&p, 1, PATIENCE_MS) > 0 ? recv(fd, c->text, sizeof(c->text) - 1, 0) : -1;

	if (n <= 0)
		return complain(c, "--net user: its process did not start");
	c->text[n] = 0;
	return *c->text ? -1 : 0;
}

int net_user__start(const struct net_user_options *options, int *process, struct complaint *c)
{
	int fds[2], size = SOCKET_BUFFER;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds))
		return complain(c, "--net user: a socket: %s", strerror(errno));
	for (unsigned i = 0; i < 2; i++)
		setsockopt(fds[i], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	fflush(NULL);
	*process = fork();
	if (!*process)
		become(fds[1], options);
	close(fds[1]);
	if (*process < 0 || hear(fds[0], c)) {
		if (*process < 0)
			complain(c, "--net user: a process for it: %s", strerror(errno));
		close(fds[0]);
		return -1;
	}
	fcntl(fds[0], F_SETFL, O_NONBLOCK);
	return fds[0];
}

void net_user__await(int process)
{
	for (unsigned look = 0; look < END_LOOKS; look++) {
		if (waitpid(process, NULL, WNOHANG))
			return;
		usleep(10000);
	}
	kill(process, SIGKILL);
	waitpid(process, NULL, 0);
}
