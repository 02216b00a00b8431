/* SPDX-License-Identifier: MIT */
/*
 * latency: how long a pipe keeps an event. `latency COUNT GAP COMMAND` starts COMMAND, writes COUNT
 * events to it at random moments, GAP microseconds apart in the mean, and prints the microseconds from
 * the write of an event to the read of its text: p50, p99 and the most.
 *
 * The text of each event is its number, `#0000042;`, and the output is searched for that, so that it
 * does not matter whether a pipe prints the text or the JSON around it. The events before the counted
 * ones go one at a time: a start, and what compiles itself as it runs, are not what is measured.
 * The moments are the same in each run. A pipe that is silent for ten seconds is ended: status 3.
 */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { WARM = 200, MOST = 1000000, SILENCE = 10 };

struct pipe {
	pid_t pid;
	int to, from;
	unsigned total, sent, came; /* events; what came is always the next one */
	double *moment;             /* when it was sent, then how long it took */
	unsigned number;            /* being read: its digits so far */
	bool inside;
};

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static bool start(struct pipe *p, const char *command)
{
	int in[2], out[2];

	if (pipe2(in, O_CLOEXEC) < 0 || pipe2(out, O_CLOEXEC) < 0)
		return false;
	p->pid = fork();
	if (p->pid == 0) {
		setpgid(0, 0);
		signal(SIGPIPE, SIG_DFL);
		dup2(in[0], 0);
		dup2(out[1], 1);
		execl("/bin/sh", "sh", "-c", command, (char *)NULL);
		_exit(127);
	}
	setpgid(p->pid, p->pid);
	close(in[0]);
	close(out[1]);
	p->to = in[1];
	p->from = out[0];
	return p->pid > 0;
}

static bool send(struct pipe *p, const char *content, const char *finish)
{
	char b[400];
	int n = snprintf(b, sizeof b,
			 "data: {\"id\":\"gen-1\",\"object\":\"chat.completion.chunk\",\"created\":1773323586,\"model\":\"m\","
			 "\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"%s\"},"
			 "\"finish_reason\":%s}]}\n\n",
			 content, finish);

	return write(p->to, b, (size_t)n) == n;
}

static bool send_next(struct pipe *p)
{
	char number[16];

	snprintf(number, sizeof number, "#%07u;", p->sent);
	p->moment[p->sent++] = now();
	return send(p, number, "null");
}

static bool arrived(struct pipe *p, double at)
{
	if (p->number != p->came || p->came >= p->sent)
		return false;
	p->moment[p->came] = at - p->moment[p->came];
	p->came++;
	return true;
}

/* False: nothing more comes, or what came is not what was sent next. */
static bool receive(struct pipe *p)
{
	char b[1 << 16];
	ssize_t n = read(p->from, b, sizeof b);
	double at = now();

	for (ssize_t i = 0; i < n; i++) {
		if (b[i] == '#') {
			p->inside = true;
			p->number = 0;
		} else if (p->inside && b[i] >= '0' && b[i] <= '9') {
			p->number = p->number * 10 + (unsigned)(b[i] - '0');
		} else if (p->inside) {
			p->inside = false;
			if (!arrived(p, at))
				return false;
		}
	}
	return n > 0;
}

/* Waits for output until the moment UNTIL. False: see receive. */
static bool wait_until(struct pipe *p, double until)
{
	struct pollfd poll = { .fd = p->from, .events = POLLIN };
	double left = until - now();
	struct timespec t = { 0 };
	int ready;

	if (left > 0) {
		t.tv_sec = (time_t)left;
		t.tv_nsec = (long)((left - (double)t.tv_sec) * 1e9);
	}
	ready = ppoll(&poll, 1, &t, NULL);
	if (ready < 0)
		return errno == EINTR;
	return ready == 0 || receive(p);
}

/* An exponential gap: whoever waits does not know how much longer. */
static double gap(double mean)
{
	static uint64_t seed = 20260101;

	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return -mean * log((double)((seed >> 11) + 1) / 9007199254740993.0);
}

static bool converse(struct pipe *p, double mean)
{
	double next = 0, heard = now();
	unsigned came = 0;

	while (p->came < p->total) {
		bool warm = p->sent < WARM, due = warm ? p->came == p->sent : p->sent < p->total && now() >= next;

		if (due && !send_next(p))
			return false;
		if (due)
			next = now() + gap(mean);
		if (!wait_until(p, warm || p->sent == p->total ? heard + SILENCE : next))
			return false;
		if (p->came > came) {
			came = p->came;
			heard = now();
		}
		if (now() > heard + SILENCE)
			return false;
	}
	return true;
}

/* Ends what was started, all of it when it did not do its work. */
static void end(struct pipe *p, bool good)
{
	char rest[4096];

	if (!good)
		kill(-p->pid, SIGKILL);
	else
		send(p, "", "\"stop\"");
	close(p->to);
	while (good && read(p->from, rest, sizeof rest) > 0)
		;
	close(p->from);
	waitpid(p->pid, NULL, 0);
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
	unsigned long count = argc == 4 ? strtoul(argv[1], NULL, 10) : 0;
	double mean = argc == 4 ? strtod(argv[2], NULL) * 1e-6 : 0, *took;
	struct pipe p = { .total = (unsigned)count + WARM };
	bool good;

	if (count == 0 || count > MOST || !(mean >= 0 && mean <= 1)) {
		fputs("usage: latency COUNT GAP COMMAND\n", stderr);
		return 2;
	}
	p.moment = calloc(p.total, sizeof *p.moment);
	signal(SIGPIPE, SIG_IGN);
	if (!p.moment || !start(&p, argv[3])) {
		perror("latency");
		return 4;
	}
	good = converse(&p, mean);
	end(&p, good);
	if (!good) {
		fprintf(stderr, "latency: %s: event %u of %u did not come\n", argv[3], p.came, p.total);
		return 3;
	}
	took = p.moment + WARM;
	qsort(took, count, sizeof *took, by_size);
	printf("%.1f %.1f %.1f\n", took[count / 2] * 1e6, took[count * 99 / 100] * 1e6, took[count - 1] * 1e6);
	free(p.moment);
	return 0;
}
