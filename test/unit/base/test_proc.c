#include "check_main.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/proc.h"
#include "base/str.h"

static struct fp_error err;

static const char *const *shell(const char *script)
{
	static const char *argv[4] = { "/bin/sh", "-c" };

	argv[2] = script;
	return argv;
}

/* Run it to the end; returns its wait status, and its stdout in `out`. */
static int run(struct buf *out, struct proc_spec spec)
{
	int fds[2], status;
	char chunk[512];
	ssize_t n;
	pid_t pid;

	ck_assert_int_eq(pipe2(fds, O_CLOEXEC), 0);
	spec.out = fds[1];
	ck_assert_msg(proc_start(&pid, &spec, &err) == 0, "%s", err.message);
	(void)close(fds[1]);
	while ((n = read(fds[0], chunk, sizeof(chunk))) > 0)
		buf_add(out, chunk, (size_t)n);
	(void)close(fds[0]);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	return status;
}

static const char *const some_env[] = { "NAME=value", NULL };

static const struct {
	const char *name, *script;
	const char *folder;
	const char *const *envp;
	int status; /* exit status */
	const char *out;
} cases[] = {
	{ "output", "echo hello", NULL, NULL, 0, "hello\n" },
	{ "exit status", "exit 7", NULL, NULL, 7, "" },
	{ "working folder", "pwd", "/", NULL, 0, "/\n" },
	{ "environment", "echo $NAME", NULL, some_env, 0, "value\n" },
	{ "inherited environment", "echo $FPCTL_TEST", NULL, NULL, 0, "yes\n" },
	{ "no input", "cat; echo end", NULL, NULL, 0, "end\n" },
};

START_TEST(programs_run)
{
	const __typeof__(cases[0]) *c = &cases[_i];
	FP_AUTO(buf_release) struct buf out = BUF_INIT;
	struct proc_spec spec = { .argv = shell(c->script),
				  .envp = c->envp,
				  .folder = c->folder,
				  .in = -1,
				  .err = 2 };
	int status;

	(void)setenv("FPCTL_TEST", "yes", 1);
	status = run(&out, spec);
	ck_assert(WIFEXITED(status));
	ck_assert_int_eq(WEXITSTATUS(status), c->status);
	ck_assert_msg(str_eq(buf_str(&out), c->out), "%s: %s", c->name, buf_str(&out));
}
END_TEST

/* A descriptor without O_CLOEXEC, as a careless library leaves them. */
START_TEST(no_other_fd_is_inherited)
{
	FP_AUTO(buf_release) struct buf out = BUF_INIT;
	struct proc_spec spec = { .argv = shell("(: >&9) 2>/dev/null || echo closed"),
				  .in = -1,
				  .err = -1 };
	int fd = dup2(1, 9);

	ck_assert_int_eq(fd, 9);
	ck_assert_int_eq(run(&out, spec), 0);
	ck_assert_str_eq(buf_str(&out), "closed\n");
	(void)close(fd);
}
END_TEST

/* The child's 0 to 2 come from fds that lie crosswise in the parent. */
START_TEST(crossed_fds_are_placed)
{
	int in[2], out[2], status;
	struct proc_spec spec = { .argv = shell("read x; echo out-$x; echo err-$x >&2") };
	char got[64] = "";
	size_t n = 0;
	ssize_t k;
	pid_t pid;
	int saved[3];

	ck_assert_int_eq(pipe(in), 0);
	ck_assert_int_eq(pipe(out), 0);
	for (int i = 0; i < 3; i++)
		saved[i] = dup(i);
	ck_assert_int_eq(dup2(in[0], 1), 1);
	ck_assert_int_eq(dup2(out[1], 0), 0);
	spec.in = 1;
	spec.out = spec.err = 0;
	status = proc_start(&pid, &spec, &err);
	for (int i = 0; i < 3; i++)
		(void)dup2(saved[i], i);
	ck_assert_msg(status == 0, "%s", err.message);
	(void)close(out[1]);
	ck_assert_int_eq(write(in[1], "7\n", 2), 2);
	while (n < sizeof(got) - 1 &&
	       (k = read(out[0], got + n, sizeof(got) - 1 - n)) > 0)
		n += (size_t)k;
	ck_assert_str_eq(got, "out-7\nerr-7\n");
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
}
END_TEST

static const char *const missing[] = { "/does/not/exist", NULL };
static const char *const a_folder[] = { "/", NULL };
static const char *const a_true[] = { "/bin/true", NULL };

static const struct {
	const char *const *argv;
	const char *folder, *message;
	int in;
} failures[] = {
	{ missing, NULL, "cannot start '/does/not/exist': No such file or directory",
	  -1 },
	{ a_folder, NULL, "cannot start '/': Permission denied", -1 },
	{ a_true, "/does/not/exist",
	  "cannot enter the folder '/does/not/exist': No such file or directory", -1 },
	{ a_true, NULL, "cannot start '/bin/true': Bad file descriptor", 999 },
};

START_TEST(what_cannot_start_is_told)
{
	struct proc_spec spec = { .argv = failures[_i].argv,
				  .folder = failures[_i].folder,
				  .in = failures[_i].in,
				  .out = -1,
				  .err = -1 };
	pid_t pid = 42;

	ck_assert_int_eq(proc_start(&pid, &spec, &err), -1);
	ck_assert_str_eq(err.message, failures[_i].message);
	ck_assert_int_eq(err.code, FP_ERR_IO);
	ck_assert_int_eq(pid, 42);
	/* No child is left behind. */
	ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
	ck_assert_int_eq(errno, ECHILD);
}
END_TEST

static const struct {
	bool own_group, own_session;
} groups[] = { { false, false }, { true, false }, { false, true }, { true, true } };

START_TEST(groups_and_sessions)
{
	struct proc_spec spec = { .argv = shell("read x"),
				  .out = -1,
				  .err = -1,
				  .own_group = groups[_i].own_group,
				  .own_session = groups[_i].own_session };
	bool leads = spec.own_group || spec.own_session;
	int fds[2], status;
	pid_t pid;

	ck_assert_int_eq(pipe2(fds, O_CLOEXEC), 0);
	spec.in = fds[0];
	ck_assert_int_eq(proc_start(&pid, &spec, &err), 0);
	ck_assert_int_eq(getpgid(pid), leads ? pid : getpgrp());
	ck_assert_int_eq(getsid(pid), spec.own_session ? pid : getsid(0));
	(void)close(fds[1]);
	(void)close(fds[0]);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
}
END_TEST

START_TEST(signals_are_as_by_default)
{
	FP_AUTO(buf_release) struct buf out = BUF_INIT;
	struct proc_spec spec = { .argv = shell("kill -s PIPE $$; echo survived"),
				  .in = -1,
				  .err = -1 };
	sigset_t set, after;
	int status;

	(void)signal(SIGPIPE, SIG_IGN);
	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGPIPE);
	(void)sigprocmask(SIG_BLOCK, &set, NULL);
	status = run(&out, spec);
	ck_assert(WIFSIGNALED(status));
	ck_assert_int_eq(WTERMSIG(status), SIGPIPE);
	(void)sigprocmask(SIG_SETMASK, NULL, &after);
	ck_assert(sigismember(&after, SIGPIPE) && !sigismember(&after, SIGINT));
}
END_TEST

#ifdef __linux__
/* The grandchild's end is seen by the pipe that only it holds open. */
START_TEST(a_child_dies_with_its_parent)
{
	struct proc_spec spec = { .argv = shell("exec sleep 30"),
				  .in = -1,
				  .err = -1,
				  .die_with_parent = true };
	int64_t start = clock_monotonic_ms();
	int fds[2], status;
	pid_t middle, pid;
	char c;

	ck_assert_int_eq(pipe2(fds, O_CLOEXEC), 0);
	middle = fork();
	if (middle == 0) {
		spec.out = fds[1];
		_exit(proc_start(&pid, &spec, &err) < 0);
	}
	(void)close(fds[1]);
	ck_assert_int_eq(waitpid(middle, &status, 0), middle);
	ck_assert_int_eq(status, 0);
	ck_assert_int_eq(read(fds[0], &c, 1), 0);
	ck_assert_int_lt(clock_monotonic_ms() - start, 20000);
}
END_TEST
#endif

static Suite *proc_suite(void)
{
	Suite *s = suite_create("base/proc");
	TCase *tc = tcase_create("proc");

	tcase_add_loop_test(tc, programs_run, 0, ARRAY_SIZE(cases));
	tcase_add_test(tc, no_other_fd_is_inherited);
	tcase_add_test(tc, crossed_fds_are_placed);
	tcase_add_loop_test(tc, what_cannot_start_is_told, 0, ARRAY_SIZE(failures));
	tcase_add_loop_test(tc, groups_and_sessions, 0, ARRAY_SIZE(groups));
	tcase_add_test(tc, signals_are_as_by_default);
#ifdef __linux__
	tcase_add_test(tc, a_child_dies_with_its_parent);
#endif
	suite_add_tcase(s, tc);
	return s;
}

CHECK_MAIN(proc_suite)
