#include "base/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

#define FD_LIMIT 65536 /* where open fds must be closed one by one */

#ifdef __APPLE__
extern char **environ;
#endif

/* What the child tells when it cannot become the program. */
struct failure {
	enum { AT_SETUP, AT_FOLDER, AT_EXEC } step;
	int error;
};

static int make_pipe(int fds[2])
{
#ifdef __linux__
	return pipe2(fds, O_CLOEXEC);
#else
	if (pipe(fds) < 0)
		return -1;
	(void)fcntl(fds[0], F_SETFD, FD_CLOEXEC);
	(void)fcntl(fds[1], F_SETFD, FD_CLOEXEC);
	return 0;
#endif
}

/* From here to run_child: async-signal-safe calls only, for threads may be. */

static FP_NORETURN void give_up(int report, int step)
{
	struct failure f = { step, errno };

	(void)!write(report, &f, sizeof(f));
	_exit(127);
}

/* Out of the way of 0 to 2, which are filled next. */
static int lift(int fd)
{
	if (fd < 0)
		fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	return fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, 3);
}

static int place_fds(const struct proc_spec *spec)
{
	int fds[3] = { lift(spec->in), lift(spec->out), lift(spec->err) };

	for (int i = 0; i < 3; i++)
		if (fds[i] < 0 || dup2(fds[i], i) < 0)
			return -1;
	return 0;
}

/* The report's pipe has to live until exec, so they close there. */
static void close_others_on_exec(void)
{
	long max;

#ifdef CLOSE_RANGE_CLOEXEC
	if (close_range(3, ~0U, CLOSE_RANGE_CLOEXEC) == 0)
		return;
#endif
	max = sysconf(_SC_OPEN_MAX);
	if (max < 0 || max > FD_LIMIT)
		max = FD_LIMIT;
	for (int fd = 3; fd < max; fd++)
		(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
}

/* Ignored and blocked signals would outlive exec. */
static void reset_signals(void)
{
	sigset_t none;

	for (int sig = 1; sig < NSIG; sig++)
		(void)signal(sig, SIG_DFL);
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
}

static void follow_parent(pid_t parent)
{
#ifdef __linux__
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	/* It may have ended before the request was made. */
	if (getppid() != parent)
		_exit(127);
#else
	(void)parent;
#endif
}

static FP_NORETURN void run_child(const struct proc_spec *spec, int report, pid_t parent)
{
	char *const *argv = (char *const *)spec->argv;
	char *const *envp = spec->envp ? (char *const *)spec->envp : environ;
	int high = fcntl(report, F_DUPFD_CLOEXEC, 3);

	if (high < 0)
		give_up(report, AT_SETUP);
	if (spec->own_session && setsid() < 0)
		give_up(high, AT_SETUP);
	if (spec->own_group && !spec->own_session && setpgid(0, 0) < 0)
		give_up(high, AT_SETUP);
	if (spec->die_with_parent)
		follow_parent(parent);
	if (place_fds(spec) < 0)
		give_up(high, AT_SETUP);
	if (spec->folder && chdir(spec->folder) < 0)
		give_up(high, AT_FOLDER);
	close_others_on_exec();
	reset_signals();
	(void)execve(argv[0], argv, envp);
	give_up(high, AT_EXEC);
}

/* Returns 0 when the program runs: exec closed the pipe without a word. */
static int wait_for_exec(pid_t pid, int report, const struct proc_spec *spec,
			 struct fp_error *err)
{
	struct failure f;
	ssize_t n;

	do
		n = read(report, &f, sizeof(f));
	while (n < 0 && errno == EINTR);
	if (n == 0)
		return 0;
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	errno = n == (ssize_t)sizeof(f) ? f.error : EIO;
	if (n == (ssize_t)sizeof(f) && f.step == AT_FOLDER)
		return fp_fail_errno(err, "cannot enter the folder '%s'", spec->folder);
	return fp_fail_errno(err, "cannot start '%s'", spec->argv[0]);
}

int proc_start(pid_t *pid, const struct proc_spec *spec, struct fp_error *err)
{
	FP_AUTO(closep) int ours = -1;
	pid_t parent = getpid(), child;
	sigset_t all, before;
	int fds[2], error;

	if (make_pipe(fds) < 0)
		return fp_fail_errno(err, "cannot start '%s'", spec->argv[0]);
	ours = fds[0];
	/* Else a handler of ours could run in the child. */
	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	child = fork();
	if (child == 0)
		run_child(spec, fds[1], parent);
	error = errno;
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	(void)close(fds[1]);
	errno = error;
	if (child < 0)
		return fp_fail_errno(err, "cannot start '%s'", spec->argv[0]);
	if (wait_for_exec(child, ours, spec, err) < 0)
		return -1;
	*pid = child;
	return 0;
}
