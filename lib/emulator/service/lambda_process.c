#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/syscall.h>
#endif

#include "base/fs.h"
#include "base/json.h"
#include "base/proc.h"
#include "emulator/auth.h"
#include "emulator/service/lambda_instance.h"

#define OPEN_FILES	1024 /* as on Lambda */
#define SESSION_LIFE_MS (12 * 60 * 60 * 1000)

#if defined(__aarch64__) || defined(__arm64__)
#define HOST_ARCH    "arm64"
#define HOST_LIBRARY "aarch64-linux-gnu"
#else
#define HOST_ARCH    "x86_64"
#define HOST_LIBRARY "x86_64-linux-gnu"
#endif

static void env_set(struct strs *env, const char *name, const char *value)
{
	size_t n = strlen(name);

	for (size_t k = 0; k < env->n; k++)
		if (strncmp(env->v[k], name, n) == 0 && env->v[k][n] == '=') {
			free(env->v[k]);
			env->v[k] = xasprintf("%s=%s", name, value);
			return;
		}
	strs_add_owned(env, xasprintf("%s=%s", name, value));
}

static void add_credentials(struct strs *env, const struct instance *i)
{
	FP_AUTO(aws_credentials_release) struct aws_credentials creds = { 0 };
	struct fp_error err = { 0 };

	if (auth_issue_session(i->emu, i->spec.role, i->spec.name, SESSION_LIFE_MS,
			       &creds, &err) < 0)
		return;
	env_set(env, "AWS_ACCESS_KEY_ID", creds.access_key_id);
	env_set(env, "AWS_SECRET_ACCESS_KEY", creds.secret_access_key);
	env_set(env, "AWS_SESSION_TOKEN", str_or(creds.session_token, ""));
}

/* Lambda's defined variables first; the user's win where the API lets them be set. */
static void make_environment(struct strs *env, const struct instance *i)
{
	const struct instance_spec *s = &i->spec;
	char text[64];

	env_set(env, "PATH", "/usr/local/bin:/usr/bin:/bin:/opt/bin");
	env_set(env, "LANG", "en_US.UTF-8");
	env_set(env, "TZ", ":UTC");
#ifdef __linux__
	/* The system's libraries come first, as on Lambda: a libc that the function
	 * brings must not be given to /bin/sh. */
	strs_add_owned(env,
		       xasprintf("LD_LIBRARY_PATH=/lib/" HOST_LIBRARY
				 ":/usr/lib/" HOST_LIBRARY ":/lib64:/usr/lib64:%s:%s/lib:"
				 "/opt/lib",
				 s->task_root, s->task_root));
#endif
	env_set(env, "LAMBDA_TASK_ROOT", s->task_root);
	env_set(env, "LAMBDA_RUNTIME_DIR", s->task_root);
	env_set(env, "AWS_EXECUTION_ENV", "AWS_Lambda_provided.al2023");
	env_set(env, "AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand");
	env_set(env, "AWS_LAMBDA_FUNCTION_NAME", s->name);
	env_set(env, "AWS_LAMBDA_FUNCTION_VERSION", "$LATEST");
	(void)snprintf(text, sizeof(text), "%lld", (long long)s->memory);
	env_set(env, "AWS_LAMBDA_FUNCTION_MEMORY_SIZE", text);
	env_set(env, "AWS_LAMBDA_LOG_GROUP_NAME", s->log_group);
	env_set(env, "AWS_LAMBDA_LOG_STREAM_NAME", s->log_stream);
	env_set(env, "AWS_REGION", s->region);
	env_set(env, "AWS_DEFAULT_REGION", s->region);
	env_set(env, "AWS_ENDPOINT_URL", i->emu->url);
	(void)snprintf(text, sizeof(text), "127.0.0.1:%d", i->port);
	env_set(env, "AWS_LAMBDA_RUNTIME_API", text);
	env_set(env, "_HANDLER", s->handler);
	add_credentials(env, i);
	json_each_member (v, s->variables)
		if (cJSON_IsString(v))
			env_set(env, v->string, v->valuestring);
}

static int check_bootstrap(const struct instance *i, const char *path,
			   struct fp_error *err)
{
	if (!str_eq(i->spec.arch, HOST_ARCH))
		return fp_fail(
			err, FP_ERR_INPUT,
			"the function '%s' is built for %s, but this machine is %s: set "
			"its Architectures to %s to run it locally",
			i->spec.name, i->spec.arch, HOST_ARCH, HOST_ARCH);
	if (!fs_exists(path))
		return fp_fail(err, FP_ERR_NOT_FOUND,
			       "Couldn't find valid bootstrap(s): [/var/task/bootstrap]");
	if (access(path, X_OK) < 0)
		return fp_fail(err, FP_ERR_INPUT,
			       "fork/exec /var/task/bootstrap: permission denied");
	return 0;
}

static void set_limits(pid_t pid)
{
#ifdef __linux__
	const struct rlimit files = { OPEN_FILES, OPEN_FILES }, core = { 0, 0 };

	(void)prlimit(pid, RLIMIT_NOFILE, &files, NULL);
	(void)prlimit(pid, RLIMIT_CORE, &core, NULL);
#else
	(void)pid;
#endif
}

static int exit_fd_of(pid_t pid)
{
#ifdef SYS_pidfd_open
	return (int)syscall(SYS_pidfd_open, pid, 0);
#else
	(void)pid;
	return -1;
#endif
}

static int open_output(int fds[2], struct fp_error *err)
{
	if (pipe(fds) < 0)
		return fp_fail_errno(err, "cannot make a pipe for a function's output");
	(void)fcntl(fds[0], F_SETFD, FD_CLOEXEC);
	(void)fcntl(fds[1], F_SETFD, FD_CLOEXEC);
	(void)fcntl(fds[0], F_SETFL, O_NONBLOCK);
	return 0;
}

int process_start(struct instance *i, const char **type, struct fp_error *err)
{
	FP_AUTO(freep) char *path = fs_join(i->spec.task_root, "bootstrap");
	FP_AUTO(strs_release) struct strs env = STRS_INIT;
	const char *argv[] = { path, NULL };
	struct proc_spec spec = { .argv = argv,
				  .folder = i->spec.task_root,
				  .in = -1,
				  .own_group = true,
				  .die_with_parent = true };
	int fds[2], rc;

	*type = "Runtime.InvalidEntrypoint";
	if (check_bootstrap(i, path, err) < 0)
		return -1;
	if (open_output(fds, err) < 0) {
		*type = "Sandbox.Failure";
		return -1;
	}
	make_environment(&env, i);
	env.v = xrealloc(env.v, (env.n + 1) * sizeof(*env.v));
	env.v[env.n] = NULL;
	spec.envp = (const char *const *)env.v;
	spec.out = spec.err = fds[1];
	rc = proc_start(&i->pid, &spec, err);
	(void)close(fds[1]);
	i->output = fds[0];
	if (rc < 0) {
		i->pid = 0;
		return -1;
	}
	set_limits(i->pid);
	i->exit_fd = exit_fd_of(i->pid);
	return 0;
}

void process_end(struct instance *i)
{
	if (!i->pid)
		return;
	(void)kill(-i->pid, SIGKILL);
	(void)kill(i->pid, SIGKILL);
	while (waitpid(i->pid, NULL, 0) < 0 && errno == EINTR)
		;
	i->pid = 0;
}

bool process_ended(struct instance *i, char why[64])
{
	siginfo_t info = { 0 };
	int rc;

	do
		rc = waitid(P_PID, (id_t)i->pid, &info, WEXITED | WNOHANG | WNOWAIT);
	while (rc < 0 && errno == EINTR);
	if (rc == 0 && info.si_pid == 0)
		return false;
	if (rc == 0 && info.si_code == CLD_EXITED)
		(void)snprintf(why, 64, "exit status %d", info.si_status);
	else
		(void)snprintf(why, 64, "signal: %s", strsignal(info.si_status));
	/* Not reaped yet, so its group is still its own: what it left there goes, too. */
	process_end(i);
	return true;
}

#ifdef __linux__
static int64_t status_kib(const char *status, const char *field)
{
	const char *at = strstr(status, field);

	return at ? strtoll(at + strlen(field), NULL, 10) * 1024 : 0;
}
#endif

int64_t process_memory(const struct instance *i, int64_t *peak)
{
#ifdef __linux__
	char path[64], text[4096];
	ssize_t n;
	int fd;

	(void)snprintf(path, sizeof(path), "/proc/%ld/status", (long)i->pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	n = read(fd, text, sizeof(text) - 1);
	(void)close(fd);
	text[n > 0 ? n : 0] = '\0';
	/* A process that has just ended tells nothing any more. */
	*peak = FP_MAX(*peak, status_kib(text, "VmHWM:"));
	return status_kib(text, "VmRSS:");
#else
	(void)i;
	(void)peak;
	return 0;
#endif
}
