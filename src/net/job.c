/* SPDX-License-Identifier: MIT */
/* job: commands run beside each other. See job.h. */
#include "net/job.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

#include "base/clock.h"
#include "base/mem.h"
#include "net/ended.h"
#include "net/stop.h"

enum { LINE = 1000, PIECE = 65536 };

/* How long a group has to end itself after SIGTERM. */
static const double grace = 1;

struct crew {
	struct job *jobs;
	size_t n, next, running;
	const struct job_limits *limits;
	job_said *said;
	void *ctx;
	struct fault *fault;
	struct pollfd *polled;
	bool stopping;
};

static void shut(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* ---- the beginning */

struct pipes {
	int in[2], out[2], err[2], why[2]; /* why: the errno of an exec that failed */
};

static void close_pipes(struct pipes *p)
{
	int *fd = (int *)p;

	for (size_t i = 0; i < sizeof *p / sizeof *fd; i++)
		shut(&fd[i]);
}

/* 0, or the errno. */
static int open_pipes(struct pipes *p)
{
	int error;

	memset(p, -1, sizeof *p);
	if (pipe2(p->in, O_CLOEXEC) == 0 && pipe2(p->out, O_CLOEXEC) == 0 && pipe2(p->err, O_CLOEXEC) == 0 &&
	    pipe2(p->why, O_CLOEXEC) == 0)
		return 0;
	error = errno;
	close_pipes(p);
	return error;
}

/* In the new process. Signals become what they were before this program changed them; the parent may
 * have died before it could be said that this one is to follow. */
static void become(const struct job *job, const struct pipes *p, pid_t parent) __attribute__((noreturn));
static void become(const struct job *job, const struct pipes *p, pid_t parent)
{
	extern char **environ;
	int error;

	setpgid(0, 0);
#ifdef __linux__
	prctl(PR_SET_PDEATHSIG, SIGKILL);
#endif
	signal(SIGPIPE, SIG_DFL);
	environ = job->envp;
	if (getppid() == parent && dup2(p->in[0], 0) == 0 && dup2(p->out[1], 1) == 1 && dup2(p->err[1], 2) == 2)
		execvp(job->argv[0], job->argv);
	error = errno;
	if (write(p->why[1], &error, sizeof error) < 0) {
		/* nobody is there to hear it */
	}
	for (;;)
		raise(SIGKILL);
}

/* Reads until exec has closed the pipe, or told why it failed. */
static int exec_error(int fd)
{
	int error = 0;
	ssize_t r;

	while ((r = read(fd, &error, sizeof error)) < 0 && errno == EINTR)
		;
	return r == (ssize_t)sizeof error ? error : 0;
}

/* There are no more descriptors or processes: it waits as long as other jobs hold some. */
static int no_room(struct crew *crew, int error)
{
	bool later = error == EMFILE || error == ENFILE || error == EAGAIN;

	if (later && crew->running)
		return 1;
	return fault_set(crew->fault, ST_TROUBLE, "%s", strerror(error));
}

static void unrunnable(struct job *job, int error)
{
	while (waitpid(job->pid, NULL, 0) < 0 && errno == EINTR)
		;
	job->end = JOB_UNRUNNABLE;
	job->code = error;
}

/* 1: not yet. */
static int start(struct crew *crew, struct job *job)
{
	pid_t parent = getpid();
	struct pipes p;
	int error;

	if ((error = open_pipes(&p)) != 0)
		return no_room(crew, error);
	job->pid = fork();
	if (job->pid == 0)
		become(job, &p, parent);
	if (job->pid < 0) {
		error = errno;
		close_pipes(&p);
		return no_room(crew, error);
	}
	setpgid(job->pid, job->pid); /* both do, since either may come first */
	job->in = p.in[1];
	job->out = p.out[0];
	job->err = p.err[0];
	p.in[1] = p.out[0] = p.err[0] = -1;
	shut(&p.why[1]);
	error = exec_error(p.why[0]);
	close_pipes(&p);
	if (error) {
		shut(&job->in);
		shut(&job->out);
		shut(&job->err);
		unrunnable(job, error);
		return 0;
	}
	fcntl(job->in, F_SETFL, O_NONBLOCK);
	fcntl(job->out, F_SETFL, O_NONBLOCK);
	fcntl(job->err, F_SETFL, O_NONBLOCK);
	job->end = job->why = JOB_RUNS;
	job->deadline = crew->limits->seconds > 0 ? clock_now() + crew->limits->seconds : 0;
	crew->running++;
	return 0;
}

/* ---- the end */

/* Asks the group to end; it is killed when it has not done so in time. */
static void end_group(struct job *job, enum job_end why)
{
	if (job->end != JOB_RUNS || job->why != JOB_RUNS)
		return;
	job->why = why;
	kill(-job->pid, SIGTERM);
	job->deadline = clock_now() + grace;
}

static void end_all(struct crew *crew, enum job_end why)
{
	crew->stopping = true;
	for (size_t i = 0; i < crew->n; i++)
		end_group(&crew->jobs[i], why);
}

static void time_is_up(struct job *job)
{
	if (job->why == JOB_RUNS) {
		end_group(job, JOB_TIMEOUT);
		return;
	}
	kill(-job->pid, SIGKILL);
	job->deadline = 0;
}

/* ---- what goes in and comes out */

static void feed(struct job *job)
{
	while (job->written < job->input.n) {
		ssize_t r = write(job->in, job->input.p + job->written, job->input.n - job->written);

		if (r < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (r < 0)
			break; /* it does not want to know */
		job->written += (size_t)r;
	}
	shut(&job->in);
}

static void say_line(struct crew *crew, struct job *job, struct span line)
{
	if (line.n && line.p[line.n - 1] == '\r')
		line.n--;
	crew->said(crew->ctx, job, line);
}

static void say_lines(struct crew *crew, struct job *job, bool all)
{
	struct buf *b = &job->line;
	const char *lf;

	while (b->len && ((lf = memchr(b->p, '\n', b->len)) != NULL || b->len >= LINE || all)) {
		size_t n = lf ? (size_t)(lf - b->p) : b->len;

		say_line(crew, job, (struct span){ b->p, n });
		buf_drop(b, n + (lf != NULL));
	}
}

/* False: there is no more now, or ever. */
static bool take(int *fd, struct buf *to, bool *full)
{
	char piece[PIECE];
	ssize_t r = *fd < 0 ? -1 : read(*fd, piece, sizeof piece);

	if (r > 0) {
		buf_add(to, piece, (size_t)r);
		*full = to->full;
		return true;
	}
	if (r == 0 || (errno != EAGAIN && errno != EINTR))
		shut(fd);
	return false;
}

static void hear(struct crew *crew, struct job *job)
{
	bool full = false;

	if (take(&job->err, &job->line, &full))
		say_lines(crew, job, false);
}

static void gather(struct job *job)
{
	bool full = false;

	take(&job->out, &job->output, &full);
	if (full)
		end_group(job, JOB_FULL);
}

/* The command is no more: what is in its pipes is all there is. */
static void drain(struct crew *crew, struct job *job)
{
	bool full = false;

	shut(&job->in);
	while (!full && take(&job->out, &job->output, &full))
		;
	if (full && job->why == JOB_RUNS)
		job->why = JOB_FULL;
	while (take(&job->err, &job->line, &full))
		say_lines(crew, job, false);
	say_lines(crew, job, true);
	shut(&job->out);
	shut(&job->err);
}

/* If the command has ended: its group is killed while its number is still taken, then it is let go. */
static void reap(struct crew *crew, struct job *job)
{
	siginfo_t info = { 0 };
	int status = 0;

	if (waitid(P_PID, (id_t)job->pid, &info, WEXITED | WNOHANG | WNOWAIT) < 0 || info.si_pid != job->pid)
		return;
	kill(-job->pid, SIGKILL);
	drain(crew, job);
	while (waitpid(job->pid, &status, 0) < 0 && errno == EINTR)
		;
	job->end = job->why != JOB_RUNS ? job->why : WIFSIGNALED(status) ? JOB_SIGNAL : JOB_EXIT;
	job->code = WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status);
	crew->running--;
	if (crew->limits->strict && job_failed(job))
		end_all(crew, JOB_STOPPED);
}

static void reap_all(struct crew *crew)
{
	ended_clear();
	for (size_t i = 0; i < crew->n; i++)
		if (crew->jobs[i].end == JOB_RUNS)
			reap(crew, &crew->jobs[i]);
}

/* ---- the loop */

static int start_some(struct crew *crew)
{
	size_t most = crew->limits->at_once ? crew->limits->at_once : crew->n;

	while (!crew->stopping && crew->next < crew->n && crew->running < most) {
		struct job *job = &crew->jobs[crew->next];
		int r = start(crew, job);

		if (r != 0)
			return r < 0 ? -1 : 0;
		crew->next++;
		if (crew->limits->strict && job->end == JOB_UNRUNNABLE)
			end_all(crew, JOB_STOPPED);
	}
	return 0;
}

/* Until something happens, at the latest when the next deadline has come. */
static int until(const struct crew *crew)
{
	double first = 0, left;

	for (size_t i = 0; i < crew->n; i++) {
		const struct job *job = &crew->jobs[i];

		if (job->end == JOB_RUNS && job->deadline > 0 && (first == 0 || job->deadline < first))
			first = job->deadline;
	}
	if (first == 0)
		return -1;
	left = (first - clock_now()) * 1000;
	return left <= 0 ? 0 : left > 3600000 ? 3600000 : (int)left + 1;
}

static void wait_some(struct crew *crew)
{
	struct pollfd *p = crew->polled;
	size_t k = 0;

	p[k++] = (struct pollfd){ .fd = ended_fd(), .events = POLLIN };
	p[k++] = (struct pollfd){ .fd = crew->stopping ? -1 : stop_fd(), .events = POLLIN };
	for (size_t i = 0; i < crew->n; i++) {
		const struct job *job = &crew->jobs[i];

		if (job->end != JOB_RUNS)
			continue;
		p[k++] = (struct pollfd){ .fd = job->in, .events = POLLOUT };
		p[k++] = (struct pollfd){ .fd = job->out, .events = POLLIN };
		p[k++] = (struct pollfd){ .fd = job->err, .events = POLLIN };
	}
	if (poll(p, (nfds_t)k, until(crew)) < 0)
		for (size_t i = 0; i < k; i++)
			p[i].revents = 0;
}

static void serve(struct crew *crew)
{
	const struct pollfd *p = crew->polled + 2;

	for (size_t i = 0; i < crew->n; i++) {
		struct job *job = &crew->jobs[i];

		if (job->end != JOB_RUNS)
			continue;
		if (p[0].revents)
			feed(job);
		if (p[1].revents)
			gather(job);
		if (p[2].revents)
			hear(crew, job);
		p += 3;
		if (job->deadline > 0 && clock_now() >= job->deadline)
			time_is_up(job);
	}
}

static void run(struct crew *crew)
{
	while (crew->next < crew->n || crew->running) {
		if (start_some(crew) < 0)
			end_all(crew, JOB_STOPPED);
		if (crew->running == 0)
			break;
		wait_some(crew);
		if (!crew->stopping && stop_signal())
			end_all(crew, JOB_STOPPED);
		serve(crew);
		reap_all(crew);
	}
}

int jobs_run(struct job *jobs, size_t n, const struct job_limits *limits, job_said *said, void *ctx, struct fault *f)
{
	struct crew crew = { .jobs = jobs, .n = n, .limits = limits, .said = said, .ctx = ctx, .fault = f };

	if (ended_watch(f) < 0)
		return -1;
	crew.polled = mem_alloc((3 * n + 2) * sizeof *crew.polled);
	run(&crew);
	free(crew.polled);
	ended_watch_no_more();
	for (size_t i = 0; i < n; i++)
		buf_release(&jobs[i].line);
	return f->status == ST_OK ? 0 : -1;
}

void job_why(const struct job *job, const struct job_limits *limits, struct buf *b)
{
	if (job->end == JOB_EXIT)
		buf_addf(b, "exit status %d", job->code);
	else if (job->end == JOB_SIGNAL)
		buf_addf(b, "killed by signal %d", job->code);
	else if (job->end == JOB_TIMEOUT)
		buf_addf(b, "not done after %g s", limits->seconds);
	else if (job->end == JOB_FULL)
		buf_adds(b, "output of more than --max-size");
	else if (job->end == JOB_UNRUNNABLE)
		buf_addf(b, "cannot be run: %s", strerror(job->code));
	else
		buf_adds(b, "stopped");
}
