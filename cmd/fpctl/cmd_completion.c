#include "command.h"

#include <ctype.h>

#include "base/buf.h"

static void option_words(struct buf *b, const struct opt *o, size_t n)
{
	for (size_t i = 0; i < n; i++)
		buf_printf(b, " --%s", o[i].name);
}

static void sub_words(struct buf *b, const struct command *c)
{
	for (size_t i = 0; c->subs && c->subs[i]; i++)
		buf_printf(b, " %s", c->subs[i]->name);
}

/* "bash|zsh|fish": one of these is the argument. */
static void choice_words(struct buf *b, const struct command *c)
{
	if (!strchr(str_or(c->args, ""), '|'))
		return;
	buf_putc(b, ' ');
	for (const char *s = c->args; *s; s++)
		buf_putc(b, *s == '|' ? ' ' : *s);
}

static void command_words(struct buf *b)
{
	for (size_t i = 0; commands[i]; i++)
		buf_printf(b, "%s%s", i ? " " : "", commands[i]->name);
}

/* All options of a command and of the commands below it. */
static void all_options(struct buf *b, const struct command *c)
{
	option_words(b, c->opts, c->nopts);
	for (size_t i = 0; c->subs && c->subs[i]; i++)
		option_words(b, c->subs[i]->opts, c->subs[i]->nopts);
}

/* Patterns of a `case`: the options whose next word is their value. */
static void valued(struct buf *b, const struct opt *o, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (!o[i].arg)
			continue;
		if (o[i].letter)
			buf_printf(b, "-%c|", o[i].letter);
		buf_printf(b, "--%s|", o[i].name);
	}
}

static void all_valued(struct buf *b)
{
	for (size_t i = 0; commands[i]; i++) {
		const struct command *c = commands[i];

		valued(b, c->opts, c->nopts);
		for (size_t k = 0; c->subs && c->subs[k]; k++)
			valued(b, c->subs[k]->opts, c->subs[k]->nopts);
	}
	valued(b, global_opts, nglobal_opts);
}

/* Where nothing is offered, bash's own completion offers files (-o default). */
static void bash(struct buf *b)
{
	buf_puts(b, "_fpctl()\n{\n"
		    "\tlocal cur=${COMP_WORDS[COMP_CWORD]} i=1 words= options=\n"
		    "\tcase ${COMP_WORDS[COMP_CWORD - 1]} in\n\t");
	all_valued(b);
	buf_puts(b, "--) return ;;\n\tesac\n"
		    "\tfor (( ; i < COMP_CWORD; i++)); do\n"
		    "\t\tcase ${COMP_WORDS[i]} in\n");
	for (size_t i = 0; commands[i]; i++) {
		buf_printf(b, "\t\t%s) words=\"", commands[i]->name);
		sub_words(b, commands[i]);
		choice_words(b, commands[i]);
		if (str_eq(commands[i]->name, "help"))
			command_words(b);
		buf_puts(b, "\" options=\"");
		all_options(b, commands[i]);
		buf_puts(b, "\" ;;\n");
	}
	buf_puts(b, "\t\t*) continue ;;\n\t\tesac\n\t\tbreak\n\tdone\n"
		    "\tif [ \"$i\" -eq \"$COMP_CWORD\" ]; then\n\t\twords=\"");
	command_words(b);
	buf_puts(b, "\"\n\telif [ \"$((i + 1))\" -ne \"$COMP_CWORD\" ]; then\n"
		    "\t\twords=\n\tfi\n"
		    "\tcase $cur in\n\t-*) words=\"$options");
	option_words(b, global_opts, nglobal_opts);
	buf_puts(b, "\" ;;\n\tesac\n"
		    "\tmapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$cur\")\n"
		    "}\ncomplete -o default -F _fpctl fpctl\n");
}

/* Single quotes end and begin again around an escaped one. */
static void quoted(struct buf *b, const char *s)
{
	buf_putc(b, '\'');
	for (; *s; s++)
		if (*s == '\'')
			buf_puts(b, "'\\''");
		else
			buf_putc(b, *s);
	buf_putc(b, '\'');
}

static void zsh_options(struct buf *b, const struct opt *o, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		buf_printf(b, " '--%s%s[", o[i].name, o[i].arg ? "=" : "");
		for (const char *s = o[i].help; *s; s++) {
			if (*s == '[' || *s == ']' || *s == ':')
				buf_putc(b, '\\');
			buf_puts(b, *s == '\'' ? "'\\''" : (char[]){ *s, '\0' });
		}
		buf_printf(b, "]%s%s%s'", o[i].arg ? ":" : "", str_or(o[i].arg, ""),
			   o[i].arg ? ":_files" : "");
	}
}

static void zsh(struct buf *b)
{
	buf_puts(b, "#compdef fpctl\n_fpctl()\n{\n\tlocal -a commands=(");
	for (size_t i = 0; commands[i]; i++) {
		FP_AUTO(freep)
		char *entry = xasprintf("%s:%s", commands[i]->name, commands[i]->summary);

		buf_puts(b, "\n\t\t");
		quoted(b, entry);
	}
	buf_puts(b,
		 "\n\t)\n\tif (( CURRENT == 2 )); then\n\t\t_describe command commands\n"
		 "\t\treturn\n\tfi\n\tcase $words[2] in\n");
	for (size_t i = 0; commands[i]; i++) {
		buf_printf(b, "\t%s) _arguments '*:: :_files'", commands[i]->name);
		zsh_options(b, commands[i]->opts, commands[i]->nopts);
		for (size_t k = 0; commands[i]->subs && commands[i]->subs[k]; k++)
			zsh_options(b, commands[i]->subs[k]->opts,
				    commands[i]->subs[k]->nopts);
		if (commands[i]->subs) {
			buf_puts(b, " '2:command:(");
			sub_words(b, commands[i]);
			buf_puts(b, ")'");
		}
		zsh_options(b, global_opts, nglobal_opts);
		buf_puts(b, " ;;\n");
	}
	buf_puts(b, "\tesac\n}\n_fpctl \"$@\"\n");
}

static void fish_option(struct buf *b, const char *condition, const struct opt *o)
{
	buf_puts(b, "complete -c fpctl");
	if (condition)
		buf_printf(b, " -n '__fish_seen_subcommand_from %s'", condition);
	if (o->letter)
		buf_printf(b, " -s %c", o->letter);
	buf_printf(b, " -l %s%s -d ", o->name, o->arg ? " -r" : "");
	quoted(b, o->help);
	buf_putc(b, '\n');
}

static void fish(struct buf *b)
{
	for (size_t i = 0; commands[i]; i++) {
		const struct command *c = commands[i];

		buf_printf(b, "complete -c fpctl -n __fish_use_subcommand -a %s -d ",
			   c->name);
		quoted(b, c->summary);
		buf_putc(b, '\n');
		for (size_t k = 0; k < c->nopts; k++)
			fish_option(b, c->name, &c->opts[k]);
		for (size_t s = 0; c->subs && c->subs[s]; s++) {
			buf_printf(b,
				   "complete -c fpctl -n '__fish_seen_subcommand_from "
				   "%s' -a %s -d ",
				   c->name, c->subs[s]->name);
			quoted(b, c->subs[s]->summary);
			buf_putc(b, '\n');
			for (size_t k = 0; k < c->subs[s]->nopts; k++)
				fish_option(b, c->subs[s]->name, &c->subs[s]->opts[k]);
		}
	}
	for (size_t k = 0; k < nglobal_opts; k++)
		fish_option(b, NULL, &global_opts[k]);
}

static int completion_run(struct app *app, const void *args, struct fp_error *err)
{
	static const struct {
		const char *shell;
		void (*write)(struct buf *b);
	} shells[] = { { "bash", bash }, { "zsh", zsh }, { "fish", fish } };
	FP_AUTO(buf_release) struct buf b = BUF_INIT;

	(void)args;
	for (size_t i = 0; i < ARRAY_SIZE(shells); i++) {
		if (!str_eq(app->args[0], shells[i].shell))
			continue;
		shells[i].write(&b);
		fputs(buf_str(&b), app->ui.out);
		return 0;
	}
	return fp_fail(err, FP_ERR_USAGE,
		       "there is completion for bash, zsh and fish, not for '%s'",
		       app->args[0]);
}

const struct command cmd_completion = {
	.name = "completion",
	.summary = "print the completion script of a shell",
	.args = "bash|zsh|fish",
	.min_args = 1,
	.max_args = 1,
	.examples = "source <(fpctl completion bash)\n"
		    "fpctl completion zsh >~/.zsh/completions/_fpctl",
	.run = completion_run,
};
