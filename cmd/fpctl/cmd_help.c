#include "command.h"

struct help_opts {
	bool man;
};

static const struct opt opts[] = {
	{ 0, "man", OPT_FLAG, offsetof(struct help_opts, man),
	  "write the man page (roff)", NULL },
};

static void option_line(FILE *to, const struct opt *o)
{
	char head[64], letter[5] = "    ";

	if (o->letter)
		snprintf(letter, sizeof(letter), "-%c, ", o->letter);
	snprintf(head, sizeof(head), "%s--%s%s%s", letter, o->name, o->arg ? " " : "",
		 str_or(o->arg, ""));
	fprintf(to, "  %-28s %s\n", head, o->help);
}

static void options(FILE *to, const char *title, const struct opt *o, size_t n)
{
	if (n)
		fprintf(to, "\n%s\n", title);
	for (size_t i = 0; i < n; i++)
		option_line(to, &o[i]);
}

/* Paragraphs broken at spaces, lines of at most 78 columns. */
static void wrapped(FILE *to, const char *s)
{
	size_t column = 0;

	while (*s) {
		size_t word = strcspn(s, " \n");

		if (column && column + 1 + word > 78) {
			fputc('\n', to);
			column = 0;
		}
		fprintf(to, "%s%.*s", column ? " " : "", (int)word, s);
		column += word + (column ? 1 : 0);
		s += word;
		if (*s == '\n' && s[1]) {
			fputc('\n', to);
			column = 0;
		}
		s += *s != '\0';
	}
	fputc('\n', to);
}

/* Each line of the examples, indented. */
static void examples(FILE *to, const char *s)
{
	fprintf(to, "\nexamples\n");
	while (*s) {
		size_t n = strcspn(s, "\n");

		fprintf(to, "  %.*s\n", (int)n, s);
		s += n + (s[n] == '\n');
	}
}

void help_usage(FILE *to, const struct command *parent, const struct command *cmd)
{
	fprintf(to, "fpctl %s%s%s: %s\n\nusage: fpctl %s%s%s%s%s%s [options]\n",
		parent ? parent->name : "", parent ? " " : "", cmd->name, cmd->summary,
		parent ? parent->name : "", parent ? " " : "", cmd->name,
		cmd->subs ? " COMMAND" : "", cmd->args ? " " : "", str_or(cmd->args, ""));
	if (cmd->details) {
		fputc('\n', to);
		wrapped(to, cmd->details);
	}
	if (cmd->subs) {
		fprintf(to, "\ncommands\n");
		for (size_t i = 0; cmd->subs[i]; i++)
			fprintf(to, "  %-12s %s\n", cmd->subs[i]->name,
				cmd->subs[i]->summary);
	}
	options(to, "options", cmd->opts, cmd->nopts);
	options(to, "options of every command", global_opts, nglobal_opts);
	if (cmd->examples)
		examples(to, cmd->examples);
}

static void overview(FILE *to)
{
	fprintf(to, "fpctl " FPCTL_VERSION
		    ": a manifest becomes a running file-processing system on AWS\n"
		    "\nusage: fpctl COMMAND [options]\n\ncommands\n");
	for (size_t i = 0; commands[i]; i++)
		fprintf(to, "  %-12s %s\n", commands[i]->name, commands[i]->summary);
	fprintf(to, "\nWith no AWS account: fpctl deploy --local\n"
		    "`fpctl help COMMAND` shows a command's options.\n");
}

/* Text for roff: a backslash, and a dot or quote that begins a line, are its own. */
static void roff(FILE *to, const char *s)
{
	for (bool line = true; *s; s++) {
		if (line && (*s == '.' || *s == '\''))
			fputs("\\&", to);
		if (*s == '\\')
			fputs("\\e", to);
		else if (*s == '-')
			fputs("\\-", to);
		else
			fputc(*s, to);
		line = *s == '\n';
	}
}

static void man_options(FILE *to, const struct opt *o, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		fputs(".TP\n\\fB", to);
		if (o[i].letter)
			fprintf(to, "\\-%c\\fR, \\fB", o[i].letter);
		fputs("\\-\\-", to);
		roff(to, o[i].name);
		fprintf(to, "\\fR%s\\fI%s\\fR\n", o[i].arg ? " " : "",
			str_or(o[i].arg, ""));
		roff(to, o[i].help);
		fputc('\n', to);
	}
}

static void man_command(FILE *to, const struct command *parent, const struct command *cmd)
{
	fprintf(to, ".SS \"fpctl %s%s%s%s%s\"\n", parent ? parent->name : "",
		parent ? " " : "", cmd->name, cmd->args ? " " : "",
		str_or(cmd->args, ""));
	roff(to, cmd->summary);
	fputs(".\n", to);
	if (cmd->details) {
		fputs(".PP\n", to);
		roff(to, cmd->details);
		fputc('\n', to);
	}
	man_options(to, cmd->opts, cmd->nopts);
	if (cmd->examples) {
		fputs(".PP\n.nf\n", to);
		roff(to, cmd->examples);
		fputs("\n.fi\n", to);
	}
	for (size_t i = 0; cmd->subs && cmd->subs[i]; i++)
		man_command(to, cmd, cmd->subs[i]);
}

static void man_errors(FILE *to)
{
	fputs(".SH ERRORS\nEvery error has a code that keeps its meaning; "
	      "\\fBfpctl explain\\fR CODE tells more, also of AWS's own codes:\n",
	      to);
	for (const struct fp_error_kind *k = fp_error_kinds; k->number; k++)
		fprintf(to, ".TP\n\\fBFP%u\\fR\n%s\n", k->number, k->summary);
}

static void man(FILE *to)
{
	fputs(".TH FPCTL 1 \"\" \"fpctl " FPCTL_VERSION "\" \"User Commands\"\n"
	      ".SH NAME\nfpctl \\- deploy file\\-processing systems to AWS, or to this "
	      "machine\n"
	      ".SH SYNOPSIS\n\\fBfpctl\\fR \\fICOMMAND\\fR [\\fIoptions\\fR]\n"
	      ".SH DESCRIPTION\n"
	      "Reads the manifest fpctl.yaml, renders CloudFormation templates from it "
	      "and\n"
	      "deploys them with requests that it signs itself. With \\fB\\-\\-local\\fR "
	      "the\n"
	      "whole system runs on an emulator inside the same program.\n"
	      ".SH COMMANDS\n",
	      to);
	for (size_t i = 0; commands[i]; i++)
		man_command(to, NULL, commands[i]);
	fputs(".SH OPTIONS\nEvery command takes these:\n", to);
	man_options(to, global_opts, nglobal_opts);
	fputs(".SH EXIT STATUS\n0 when done (\"nothing to change\" included), 1 for an "
	      "error,\n"
	      "2 for a wrong command line, 130 when interrupted.\n",
	      to);
	fputs(".SH FILES\n"
	      ".TP\n\\fIfpctl.yaml\\fR\nthe manifest\n"
	      ".TP\n\\fIstacks/NAME.yaml\\fR\nbeside it: stands in for the built\\-in "
	      "template NAME\n"
	      ".TP\n\\fIfpctl.lock\\fR\nbeside it, from 101 buckets on: which stack each "
	      "lies in\n"
	      ".TP\n\\fI.fpctl/\\fR\nbeside it: what `fpctl build` made\n"
	      ".TP\n\\fI~/.aws/config\\fR, \\fI~/.aws/credentials\\fR\nprofiles, as "
	      "AWS's "
	      "own tools read them\n"
	      ".TP\n\\fI~/.local/state/fpctl/\\fR\nthe emulator's state, and uploads "
	      "that "
	      "can go on\n"
	      ".SH ENVIRONMENT\n"
	      ".TP\n\\fBAWS_ACCESS_KEY_ID\\fR, \\fBAWS_PROFILE\\fR, \\fBAWS_REGION\\fR, "
	      "\\fBAWS_ENDPOINT_URL\\fR, ...\nas AWS's own tools read them\n"
	      ".TP\n\\fBHTTPS_PROXY\\fR, \\fBHTTP_PROXY\\fR, \\fBALL_PROXY\\fR, "
	      "\\fBNO_PROXY\\fR\nthe way to AWS\n"
	      ".TP\n\\fBFPCTL_STATE\\fR\nthe emulator's state folder\n"
	      ".TP\n\\fBFPCTL_PROCESSOR\\fR\nthe bundled processor's program\n"
	      ".TP\n\\fBNO_COLOR\\fR\nno colours, unless \\-\\-color says otherwise\n",
	      to);
	man_errors(to);
}

static int help_run(struct app *app, const void *args, struct fp_error *err)
{
	const struct help_opts *o = args;
	const struct command *parent = NULL, *cmd;

	if (o->man) {
		man(app->ui.out);
		return 0;
	}
	if (!app->nargs) {
		overview(app->ui.out);
		return 0;
	}
	cmd = command_find(commands, app->args[0]);
	if (cmd && app->nargs == 2) {
		parent = cmd;
		cmd = command_find(parent->subs, app->args[1]);
	}
	if (!cmd)
		return fp_fail(err, FP_ERR_USAGE,
			       "there is no command '%s'; see `fpctl help`",
			       app->args[app->nargs - 1]);
	help_usage(app->ui.out, parent, cmd);
	return 0;
}

const struct command cmd_help = {
	.name = "help",
	.summary = "show the commands, or one command's options",
	.args = "[COMMAND]",
	.max_args = 2,
	.opts = opts,
	.nopts = ARRAY_SIZE(opts),
	.opts_size = sizeof(struct help_opts),
	.run = help_run,
};
