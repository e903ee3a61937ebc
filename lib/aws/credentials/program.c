#include "aws/credentials/program.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/proc.h"
#include "http/client.h"

#define MAX_OUTPUT 1048576
#define MAX_ERRORS 600 /* of its standard error: the end, where the reason is */
#define TICK_MS	   50
/* Reads after its end, of 4 KiB a stream: all that pipes hold, and more. */
#define MAX_REST 512

struct run {
	pid_t pid;
	int fds[2]; /* its standard output and error; -1 at their end */
	struct buf *out;
	struct buf errors;
	int64_t end_ms;
	bool ended;
	int status;
};

static int open_pipe(int *ours, int *its, struct fp_error *err)
{
	int fds[2];

	if (pipe(fds) < 0)
		return fp_fail_errno(err, "cannot make a pipe");
	for (int i = 0; i < 2; i++)
		(void)fcntl(fds[i], F_SETFD, FD_CLOEXEC);
	*ours = fds[0];
	*its = fds[1];
	return 0;
}

static int start(struct run *r, const char *const *argv, struct fp_error *err)
{
	FP_AUTO(closep) int out = -1, errors = -1;
	struct proc_spec spec = { .argv = argv };

	if (open_pipe(&r->fds[0], &out, err) < 0 ||
	    open_pipe(&r->fds[1], &errors, err) < 0)
		return -1;
	/* It may ask the user: a code, a touch of a key. */
	spec.in = fcntl(STDIN_FILENO, F_GETFD) < 0 ? -1 : STDIN_FILENO;
	spec.out = out;
	spec.err = errors;
	return proc_start(&r->pid, &spec, err);
}

static void keep_end(struct buf *text)
{
	size_t extra = text->len > MAX_ERRORS ? text->len - MAX_ERRORS : 0;

	memmove(text->data, text->data + extra, text->len - extra);
	buf_truncate(text, text->len - extra);
}

/* What one of the pipes has; false when there is too much. */
static bool take(struct run *r, int which)
{
	char part[4096];
	ssize_t n = read(r->fds[which], part, sizeof(part));
	bool fits = true;

	if (n == 0 || (n < 0 && errno != EINTR && errno != EAGAIN))
		closep(&r->fds[which]);
	if (n > 0 && which == 0) {
		fits = r->out->len + (size_t)n <= MAX_OUTPUT;
		buf_add(r->out, part, (size_t)n);
	} else if (n > 0) {
		buf_add(&r->errors, part, (size_t)n);
		keep_end(&r->errors);
	}
	mem_wipe(part, sizeof(part));
	return fits;
}

/* Whether something was read, or an end: then there may be more. */
static bool take_some(struct run *r, int wait_ms, bool *fits)
{
	struct pollfd fds[2] = { { r->fds[0], POLLIN, 0 }, { r->fds[1], POLLIN, 0 } };

	if (poll(fds, 2, wait_ms) <= 0)
		return false;
	for (int i = 0; i < 2; i++)
		if (fds[i].revents)
			*fits = take(r, i) && *fits;
	return true;
}

/* What it left in the pipes. A child of its own may go on writing into them. */
static bool take_rest(struct run *r)
{
	bool fits = true;

	for (int i = 0; i < MAX_REST && fits && take_some(r, 0, &fits); i++)
		;
	return fits;
}

static int follow(struct run *r, struct fp_error *err)
{
	bool fits = true;

	while (fits && !r->ended) {
		(void)take_some(r, TICK_MS, &fits);
		if (waitpid(r->pid, &r->status, WNOHANG) == r->pid)
			r->ended = true;
		else if (http_interrupted())
			return fp_fail(err, FP_ERR_INTERRUPTED, "stopped");
		else if (clock_monotonic_ms() > r->end_ms)
			return fp_fail(err, FP_ERR_TIMEOUT,
				       "it did not end in time, and was stopped");
	}
	if (fits && take_rest(r))
		return 0;
	return fp_fail(err, FP_ERR_LIMIT, "it prints more than %d bytes", MAX_OUTPUT);
}

/* Its last words in one line. */
static const char *words(struct buf *text)
{
	while (text->len > 0 && strchr(" \t\r\n", text->data[text->len - 1]))
		buf_truncate(text, text->len - 1);
	for (size_t i = 0; i < text->len; i++)
		if ((unsigned char)text->data[i] < ' ' || text->data[i] == 0x7f)
			text->data[i] = ' ';
	return text->len ? buf_str(text) : "(it said nothing on standard error)";
}

static int judge(struct run *r, struct fp_error *err)
{
	/* Ctrl-C reaches it too. */
	if (http_interrupted())
		return fp_fail(err, FP_ERR_INTERRUPTED, "stopped");
	if (WIFEXITED(r->status) && WEXITSTATUS(r->status) == 0)
		return 0;
	if (WIFSIGNALED(r->status))
		return fp_fail(err, FP_ERR_CREDENTIALS, "signal %d ended it: %s",
			       WTERMSIG(r->status), words(&r->errors));
	return fp_fail(err, FP_ERR_CREDENTIALS, "it ended with status %d: %s",
		       WEXITSTATUS(r->status), words(&r->errors));
}

int program_run(struct buf *out, const char *const *argv, int64_t limit_ms,
		struct fp_error *err)
{
	struct run r = { .pid = -1,
			 .fds = { -1, -1 },
			 .out = out,
			 .end_ms = clock_monotonic_ms() + limit_ms };
	int rc = start(&r, argv, err);

	if (rc == 0) {
		rc = follow(&r, err);
		if (!r.ended) {
			(void)kill(r.pid, SIGKILL);
			while (waitpid(r.pid, &r.status, 0) < 0 && errno == EINTR)
				;
		}
	}
	if (rc == 0)
		rc = judge(&r, err);
	closep(&r.fds[0]);
	closep(&r.fds[1]);
	buf_wipe(&r.errors);
	return rc;
}
