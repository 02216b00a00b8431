/* SPDX-License-Identifier: MIT */
/* stop: SIGINT, SIGTERM and SIGHUP as a descriptor that becomes readable. See stop.h. */
#include "net/stop.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

static int ends[2] = { -1, -1 };
static volatile sig_atomic_t came, interrupts, by_terminal;

static void die_of(int sig)
{
	struct sigaction dfl = { .sa_handler = SIG_DFL };

	sigaction(sig, &dfl, NULL);
	raise(sig); /* delivered when the handler returns, or now outside of one */
}

static void on_signal(int sig, siginfo_t *info, void *context)
{
	int saved = errno;

	(void)context;
	came = sig;
	by_terminal = info->si_code > 0; /* of the kernel, nobody's kill(2) */
	if (write(ends[1], "", 1) < 0) {
		/* full: readable already */
	}
	if (interrupts)
		alarm(1);
	errno = saved;
}

/* A signal between a look at stop_signal and a call that blocks interrupts nothing; the next second does. */
static void on_alarm(int sig)
{
	(void)sig;
	if (interrupts)
		alarm(1);
}

int stop_init(struct fault *f)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
	struct sigaction old, mine = { .sa_sigaction = on_signal, .sa_flags = SA_SIGINFO };
	struct sigaction tick = { .sa_handler = on_alarm };

	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) < 0)
		return fault_set(f, ST_TROUBLE, "%s", strerror(errno));
	for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) {
		sigaction(signals[i], NULL, &old);
		if (old.sa_handler != SIG_IGN)
			sigaction(signals[i], &mine, NULL);
	}
	sigaction(SIGALRM, &tick, NULL);
	signal(SIGPIPE, SIG_IGN);
	return 0;
}

int stop_fd(void)
{
	return ends[0];
}

int stop_signal(void)
{
	return came;
}

int stop_take(bool *to_all)
{
	char some[64];
	int sig = came;

	*to_all = by_terminal;
	came = 0;
	while (read(ends[0], some, sizeof some) > 0)
		;
	return sig;
}

void stop_interrupts(bool on)
{
	interrupts = on;
	if (came)
		alarm(on ? 1 : 0);
}

void stop_die(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, came);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	die_of(came);
	for (;;) /* not reached: the default action ends the process */
		pause();
}
