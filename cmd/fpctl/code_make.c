#include "code_make.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/proc.h"
#include "http/client.h"

#define DEFAULT_TIMEOUT_MS (10 * 60 * 1000)
#define POLL_MS		   10
#define MAX_SHOWN	   ((long)4096)

static void file_closep(FILE **f)
{
	if (*f)
		(void)fclose(*f);
}

static int start_make(pid_t *pid, const char *folder, const char *arch, int out,
		      struct fp_error *err)
{
	FP_AUTO(freep) char *variable = xasprintf("FPCTL_ARCH=%s", arch);
	/* env finds make in PATH. */
	const char *const argv[] = { "/usr/bin/env", variable, "make",
				     "--no-print-directory", NULL };
	const struct proc_spec spec = { .argv = argv,
					.folder = folder,
					.in = -1,
					.out = out,
					.err = out,
					.own_group = true,
					.die_with_parent = true };

	return proc_start(pid, &spec, err);
}

/* The whole group: make's children, too. */
static void end_make(pid_t pid)
{
	(void)kill(-pid, SIGKILL);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}

static int wait_for_make(pid_t pid, int64_t timeout_ms, int *status, struct fp_error *err)
{
	int64_t end = clock_monotonic_ms() + timeout_ms;

	for (;;) {
		pid_t done = waitpid(pid, status, WNOHANG);

		if (done == pid)
			return 0;
		if (done < 0 && errno != EINTR)
			return fp_fail_errno(err, "cannot wait for make");
		if (http_interrupted() || clock_monotonic_ms() > end)
			break;
		clock_sleep_ms(POLL_MS);
	}
	end_make(pid);
	if (http_interrupted())
		return fp_fail(err, FP_ERR_INTERRUPTED, "make was stopped");
	return fp_fail(err, FP_ERR_TIMEOUT,
		       "make did not end within %lld s: see --timeout",
		       (long long)(timeout_ms / 1000));
}

/* The last part of what it printed, where the error stands. */
static void show_output(struct app *app, FILE *log)
{
	char text[MAX_SHOWN + 1];
	long size;
	size_t n;

	if (fseek(log, 0, SEEK_END) < 0 || (size = ftell(log)) <= 0)
		return;
	if (fseek(log, size > MAX_SHOWN ? size - MAX_SHOWN : 0, SEEK_SET) < 0)
		return;
	n = fread(text, 1, (size_t)MAX_SHOWN, log);
	(void)fwrite(text, 1, n, app->ui.err);
	if (n && text[n - 1] != '\n')
		(void)fputc('\n', app->ui.err);
}

int code_make(struct app *app, const char *folder, const char *arch, struct fp_error *err)
{
	FP_AUTO(file_closep) FILE *log = tmpfile();
	int64_t limit = app->global.timeout_ms ? app->global.timeout_ms
					       : DEFAULT_TIMEOUT_MS;
	int out = STDERR_FILENO;
	int status = 0;
	pid_t pid;

	if (!log)
		return fp_fail_errno(err, "cannot make a temporary file");
	if (!app->global.verbose)
		out = fileno(log);
	if (start_make(&pid, folder, arch, out, err) < 0 ||
	    wait_for_make(pid, limit, &status, err) < 0)
		return fp_wrap(err, "cannot run make in '%s'", folder);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	show_output(app, log);
	return fp_fail(err, FP_ERR_BUILD, "make failed in '%s' (see above)", folder);
}
