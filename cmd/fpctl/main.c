/*
 * fpctl: the command table, and what happens around a command.
 */
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "app.h"
#include "base/fault.h"
#include "base/log.h"
#include "command.h"
#include "http/client.h"

extern const struct command cmd_bucket, cmd_processor, cmd_set, cmd_unset, cmd_build,
	cmd_completion, cmd_deploy, cmd_destroy, cmd_doctor, cmd_eject, cmd_explain,
	cmd_get, cmd_graph, cmd_help, cmd_init, cmd_local, cmd_outputs, cmd_put,
	cmd_render, cmd_schema, cmd_sign, cmd_status, cmd_validate, cmd_version;

const struct command *const commands[] = {
	&cmd_init,	 &cmd_bucket,  &cmd_processor, &cmd_set,     &cmd_unset,
	&cmd_validate,	 &cmd_schema,  &cmd_render,    &cmd_eject,   &cmd_graph,
	&cmd_build,	 &cmd_deploy,  &cmd_status,    &cmd_outputs, &cmd_destroy,
	&cmd_put,	 &cmd_get,     &cmd_local,     &cmd_doctor,  &cmd_sign,
	&cmd_completion, &cmd_explain, &cmd_version,   &cmd_help,    NULL,
};

#define GLOBAL(field) offsetof(struct global_options, field)
const struct opt global_opts[] = {
	{ 'f', "file", OPT_STRING, GLOBAL(file), "the manifest (default fpctl.yaml)",
	  "FILE" },
	{ 'e', "env", OPT_STRING, GLOBAL(environment), "the manifest's environment",
	  "NAME" },
	{ 0, "region", OPT_STRING, GLOBAL(region), "the AWS region", "REGION" },
	{ 0, "profile", OPT_STRING, GLOBAL(profile), "the profile of ~/.aws", "NAME" },
	{ 0, "endpoint-url", OPT_STRING, GLOBAL(endpoint_url), "send all requests there",
	  "URL" },
	{ 0, "local", OPT_FLAG, GLOBAL(local),
	  "use the emulator; start it when none runs", NULL },
	{ 0, "state", OPT_STRING, GLOBAL(state), "the emulator's state folder", "DIR" },
	{ 0, "port", OPT_INT, GLOBAL(port),
	  "the emulator's port (default 4566; 0 takes any)", "PORT" },
	{ 0, "json", OPT_FLAG, GLOBAL(json), "print the result as JSON", NULL },
	{ 0, "color", OPT_STRING, GLOBAL(color), "auto, always or never", "WHEN" },
	{ 'q', "quiet", OPT_FLAG, GLOBAL(quiet), "no progress", NULL },
	{ 'v', "verbose", OPT_FLAG, GLOBAL(verbose), "say what is sent and decided",
	  NULL },
	{ 'y', "yes", OPT_FLAG, GLOBAL(yes), "answer yes to every question", NULL },
	{ 0, "no-input", OPT_FLAG, GLOBAL(no_input),
	  "never ask; fail where an answer is needed", NULL },
	{ 0, "timeout", OPT_DURATION, GLOBAL(timeout_ms),
	  "give up after this time: 90s, 5m, 1h", "TIME" },
	{ 'h', "help", OPT_FLAG, GLOBAL(help), "show the command's help", NULL },
};
const size_t nglobal_opts = ARRAY_SIZE(global_opts);

static void on_interrupt(int signo)
{
	/* The second one ends the program the hard way. */
	signal(signo, SIG_DFL);
	http_interrupt();
}

static void catch_interrupts(void)
{
	struct sigaction sa = { .sa_handler = on_interrupt };

	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGTERM, &sa, NULL);
}

/* A file that is opened must not become a standard stream that was closed: what
 * is printed would go into it. Writing to these still fails. */
static void keep_standard_fds(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0)
			(void)!open("/dev/null", O_RDONLY);
}

const struct command *command_find(const struct command *const *list, const char *name)
{
	for (size_t i = 0; list && list[i]; i++)
		if (str_eq(list[i]->name, name))
			return list[i];
	return NULL;
}

static int unknown_command(const struct command *parent, const char *name,
			   struct fp_error *err)
{
	const struct command *const *list = parent ? parent->subs : commands;
	const char *names[64];
	const char *near;
	size_t n = 0;

	for (; n < ARRAY_SIZE(names) && list[n]; n++)
		names[n] = list[n]->name;
	near = str_nearest(name, names, n);
	if (near)
		return fp_fail(err, FP_ERR_USAGE,
			       "unknown command '%s': did you mean '%s'?", name, near);
	return fp_fail(err, FP_ERR_USAGE, "unknown command '%s'; see `fpctl help%s%s`",
		       name, parent ? " " : "", parent ? parent->name : "");
}

/* Whether a word of options ends in one whose value is the next word. */
static bool takes_next(const char *word)
{
	char letters[ARRAY_SIZE(global_opts) + 1] = "";
	size_t n = 0;

	for (size_t i = 0; i < nglobal_opts; i++) {
		const struct opt *o = &global_opts[i];

		if (o->type == OPT_FLAG)
			continue;
		if (str_starts(word, "--") && str_eq(word + 2, o->name))
			return true;
		if (o->letter)
			letters[n++] = o->letter;
	}
	if (word[1] == '-')
		return false;
	word += 1 + strcspn(word + 1, letters);
	return *word && !word[1];
}

/* "--json deploy" works as "deploy --json" does: the command is the first word. */
static int find_command(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		if (argv[i][0] != '-')
			return i;
		if (takes_next(argv[i]))
			i++;
	}
	return 0;
}

static int ui_from_options(struct app *app, struct fp_error *err)
{
	static const char *const names[] = { "auto", "always", "never" };
	const struct global_options *g = &app->global;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (str_eq(str_or(g->color, "auto"), names[i])) {
			ui_init(&app->ui, (enum ui_color)i, g->quiet);
			return 0;
		}
	}
	return fp_fail(err, FP_ERR_USAGE, "--color takes auto, always or never, not '%s'",
		       g->color);
}

static int run(struct app *app, const struct command *parent, const struct command *cmd,
	       int argc, char **argv, struct fp_error *err)
{
	FP_AUTO(freep) void *values = xcalloc(1, cmd->opts_size + 1);
	FP_AUTO(freep) const char **args = NULL;
	int rc = options_parse(cmd, argc, argv, values, &app->global, &args, &app->nargs,
			       err);

	app->args = args;
	if (rc == 0)
		rc = ui_from_options(app, err);
	if (rc == 0 && app->global.verbose)
		log_open(stderr, LOG_DEBUG);
	if (rc == 0 && app->global.help) {
		help_usage(stdout, parent, cmd);
	} else {
		if (rc == 0 && (cmd->needs & NEED_MANIFEST))
			rc = app_manifest(app, err);
		/* A manifest that is a pipe may never end: until here a signal does. */
		catch_interrupts();
		if (rc == 0)
			rc = cmd->run(app, values, err);
	}
	if (rc == 0)
		rc = ui_finish(&app->ui, err);
	options_release(cmd, values);
	return rc;
}

/* `fpctl`, `fpctl --help` and `fpctl --version`; of other options the first
 * thing that is wrong with them. */
static int without_command(struct app *app, int argc, char **argv, struct fp_error *err)
{
	static const struct command none = { .name = "" };
	FP_AUTO(freep) const char **args = NULL;
	size_t nargs;

	if (argc > 1 && str_eq(argv[1], "--version"))
		return run(app, NULL, &cmd_version, 0, NULL, err);
	if (options_parse(&none, FP_MAX(argc, 1) - 1, argv + 1, NULL, &app->global, &args,
			  &nargs, err) < 0)
		return -1;
	if (argc > 1 && !app->global.help)
		return fp_fail(err, FP_ERR_USAGE, "no command given; see `fpctl help`");
	app->global.help = false;
	return run(app, NULL, &cmd_help, 0, NULL, err);
}

static int dispatch(struct app *app, int argc, char **argv, struct fp_error *err)
{
	const struct command *parent = NULL, *cmd;
	int at = find_command(argc, argv);

	if (!at)
		return without_command(app, argc, argv, err);
	cmd = command_find(commands, argv[at]);
	if (!cmd)
		return unknown_command(NULL, argv[at], err);
	/* What stood before the command is parsed with what follows it. */
	memmove(argv + 2, argv + 1, (size_t)(at - 1) * sizeof(*argv));
	argc -= 2;
	argv += 2;
	if (!cmd->subs)
		return run(app, NULL, cmd, argc, argv, err);
	at = argc ? find_command(argc + 1, argv - 1) : 0;
	if (!at) {
		help_usage(argc ? stdout : stderr, NULL, cmd);
		if (argc)
			return 0;
		return fp_fail(err, FP_ERR_USAGE, "`fpctl %s` needs one of its commands",
			       cmd->name);
	}
	parent = cmd;
	cmd = command_find(parent->subs, argv[at - 1]);
	if (!cmd)
		return unknown_command(parent, argv[at - 1], err);
	memmove(argv + 1, argv, (size_t)(at - 1) * sizeof(*argv));
	return run(app, parent, cmd, argc - 1, argv + 1, err);
}

static int exit_status(const struct fp_error *err)
{
	if (err->code == FP_ERR_USAGE)
		return 2;
	return err->code == FP_ERR_INTERRUPTED ? 130 : 1;
}

/* For tests of what a broken network or disk does to a command. */
static int arm_faults(struct fp_error *err)
{
	const char *fault = getenv("FPCTL_FAULT");

	if (!fault || fault_arm_text(fault))
		return 0;
	return fp_fail(err, FP_ERR_USAGE,
		       "FPCTL_FAULT is '%s': write it as OPERATION:NTH[-LAST][:KIND]",
		       fault);
}

int main(int argc, char **argv)
{
	struct app app = { .global.port = -1 };
	struct fp_error err = { 0 };
	int rc;

	keep_standard_fds();
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN); /* beyond `ulimit -f`: the write says so */
	ui_init(&app.ui, UI_COLOR_AUTO, false);
	rc = arm_faults(&err) < 0 ? -1 : dispatch(&app, argc, argv, &err);
	app_release(&app);
	if (rc >= 0)
		return rc;
	fflush(stdout);
	ui_error(&app.ui, &err);
	return exit_status(&err);
}
