#include "local.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/proc.h"
#include "http/client.h"

#define START_WAIT_MS 15000
#define STOP_WAIT_MS  15000
#define LOOK_EVERY_MS 1
#define LOG_MAX	      ((size_t)1 << 20)

char *local_state(const struct app *app, struct fp_error *err)
{
	const char *given = str_or(app->global.state, getenv("FPCTL_STATE"));
	const char *xdg = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
	FP_AUTO(freep) char *base = NULL;
	FP_AUTO(freep) char *here = NULL;

	if (given && *given == '/')
		return xstrdup(given);
	if (given && *given) {
		/* The emulator outlives this folder's being the current one. */
		here = getcwd(NULL, 0);
		if (here)
			return fs_join(here, given);
		(void)fp_fail_errno(err, "cannot tell the current folder");
		return NULL;
	}
	if (xdg && *xdg == '/')
		base = xstrdup(xdg);
	else if (home && *home)
		base = fs_join(home, ".local/state");
	if (base)
		return fs_join(base, "fpctl/local");
	(void)fp_fail(
		err, FP_ERR_INPUT,
		"there is no HOME to keep the emulator's state in; name a folder with "
		"--state");
	return NULL;
}

int local_find(struct app *app, struct emulator_address *out, struct fp_error *err)
{
	FP_AUTO(freep) char *state = local_state(app, err);
	int rc = state ? emulator_find(out, state, err) : -1;

	if (rc < 0)
		return -1;
	if (rc == 0)
		return fp_fail(
			err, FP_ERR_NOT_FOUND,
			"the emulator is not running (state '%s'); `fpctl local up` "
			"starts it",
			state);
	return 0;
}

/* What the emulator said when it ended: its own error, with its code. */
static int fail_with_log(const char *log, size_t from, struct fp_error *err)
{
	static const char mark[] = "fpctl: error FP";
	FP_AUTO(buf_release) struct buf text = BUF_INIT;
	const char *line;
	char *end;
	long code;

	if (fs_read(&text, log, LOG_MAX, NULL) < 0 || text.len < from)
		return fp_fail(err, FP_ERR_STATE, "the emulator ended at once; see '%s'",
			       log);
	line = strstr(buf_str(&text) + from, mark);
	if (!line)
		return fp_fail(err, FP_ERR_STATE, "the emulator ended at once; see '%s'",
			       log);
	code = strtol(line + strlen(mark), &end, 10);
	end += strspn(end, ": ");
	return fp_fail(err, (enum fp_errc)code, "%.*s", (int)strcspn(end, "\n"), end);
}

static size_t file_size(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 ? (size_t)st.st_size : 0;
}

/* Until it answers. One that lost the race against another of its kind does not
 * count: that one answers. */
static int wait_for_start(const char *state, pid_t child, const char *log, size_t from,
			  struct emulator_address *out, struct fp_error *err)
{
	int64_t until = clock_monotonic_ms() + START_WAIT_MS;
	bool alive = true;

	while (clock_monotonic_ms() < until) {
		int rc = emulator_find(out, state, err);

		if (rc != 0)
			return rc < 0 ? -1 : 0;
		if (alive && waitpid(child, NULL, WNOHANG) == child)
			alive = false;
		else if (!alive && !emulator_in_use(state))
			return fail_with_log(log, from, err);
		if (http_interrupted())
			return fp_fail(err, FP_ERR_INTERRUPTED, "interrupted");
		clock_sleep_ms(LOOK_EVERY_MS);
	}
	return fp_fail(err, FP_ERR_TIMEOUT, "the emulator does not answer; see '%s'",
		       log);
}

/* The path of this program, also where it is called otherwise. */
static char *own_program(void)
{
	FP_AUTO(freep) char *folder = fs_program_dir();
	char *path = fs_join(folder, "fpctl");

	if (access(path, X_OK) == 0)
		return path;
	free(path);
	return xstrdup("/proc/self/exe");
}

static int start_child(pid_t *child, const struct app *app, const char *state,
		       const char *log, struct fp_error *err)
{
	FP_AUTO(freep) char *program = own_program();
	FP_AUTO(freep) char *port = xasprintf("%lld", (long long)app->global.port);
	FP_AUTO(closep) int fd = fs_open(log, O_WRONLY | O_CREAT | O_APPEND, 0600, err);
	const char *argv[12] = { program,   "local", "up",	"--foreground",
				 "--color", "never", "--state", state };
	size_t n = 8;

	if (fd < 0)
		return -1;
	if (app->global.port >= 0) {
		argv[n++] = "--port";
		argv[n++] = port;
	}
	if (app->global.region) {
		argv[n++] = "--region";
		argv[n] = app->global.region;
	}
	return proc_start(child,
			  &(struct proc_spec){ .argv = argv,
					       .folder = "/",
					       .in = -1,
					       .out = fd,
					       .err = fd,
					       .own_session = true },
			  err);
}

int local_ensure(struct app *app, struct emulator_address *out, struct fp_error *err)
{
	FP_AUTO(freep) char *state = local_state(app, err);
	FP_AUTO(freep) char *log = NULL;
	int rc = state ? emulator_find(out, state, err) : -1;
	size_t from;
	pid_t child;

	if (rc != 0)
		return rc < 0 ? -1 : 0;
	if (fs_mkdirs(state, err) < 0)
		return fp_wrap(err, "cannot make the emulator's state folder");
	log = fs_join(state, "emulator.log");
	from = file_size(log);
	if (start_child(&child, app, state, log, err) < 0 ||
	    wait_for_start(state, child, log, from, out, err) < 0)
		return fp_wrap(err, "cannot start the emulator");
	return 0;
}

int local_stop(struct app *app, struct fp_error *err)
{
	FP_AUTO(emulator_address_release) struct emulator_address at = { 0 };
	FP_AUTO(freep) char *state = local_state(app, err);
	int64_t until = clock_monotonic_ms() + STOP_WAIT_MS;
	int rc = state ? emulator_find(&at, state, err) : -1;

	if (rc <= 0)
		return rc;
	if (kill((pid_t)at.pid, SIGTERM) < 0)
		return fp_fail_errno(err, "cannot stop the emulator (process %ld)",
				     at.pid);
	while (emulator_in_use(state)) {
		if (clock_monotonic_ms() > until)
			return fp_fail(
				err, FP_ERR_TIMEOUT,
				"the emulator (process %ld) does not end; its log is "
				"'%s/emulator.log'",
				at.pid, state);
		clock_sleep_ms(LOOK_EVERY_MS);
	}
	return 1;
}
