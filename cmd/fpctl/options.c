#include "command.h"

static const struct opt *find_letter(const struct opt *opts, size_t n, char c)
{
	for (size_t i = 0; i < n; i++)
		if (opts[i].letter && opts[i].letter == c)
			return &opts[i];
	return NULL;
}

static const struct opt *find_name(const struct opt *opts, size_t n, const char *name,
				   size_t len)
{
	for (size_t i = 0; i < n; i++)
		if (strlen(opts[i].name) == len && !strncmp(opts[i].name, name, len))
			return &opts[i];
	return NULL;
}

/* "90s", "5m", "1h", "250ms", or a bare number of seconds. */
static bool parse_duration(const char *s, int64_t *ms)
{
	static const struct {
		const char *unit;
		int64_t ms;
	} units[] = { { "ms", 1 },	{ "s", 1000 },	   { "m", 60000 },
		      { "h", 3600000 }, { "d", 86400000 }, { "", 1000 } };
	size_t digits = strspn(s, "0123456789");
	FP_AUTO(freep) char *number = xstrndup(s, digits);
	int64_t n;

	if (!str_to_i64(number, 0, 1000000000, &n))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(units); i++) {
		if (str_eq(s + digits, units[i].unit)) {
			*ms = n * units[i].ms;
			return true;
		}
	}
	return false;
}

static int unknown(const struct command *cmd, const char *given, size_t len,
		   struct fp_error *err)
{
	FP_AUTO(freep) char *name = xstrndup(given, len);
	FP_AUTO(freep) const char **all = NULL;
	const char *near;
	size_t n = 0;

	all = xcalloc(cmd->nopts + nglobal_opts, sizeof(*all));
	for (size_t i = 0; i < cmd->nopts; i++)
		all[n++] = cmd->opts[i].name;
	for (size_t i = 0; i < nglobal_opts; i++)
		all[n++] = global_opts[i].name;
	near = str_nearest(name, all, n);
	if (near)
		return fp_fail(err, FP_ERR_USAGE,
			       "unknown option '--%s': did you mean '--%s'?", name, near);
	return fp_fail(err, FP_ERR_USAGE, "unknown option '--%s'; see `fpctl help%s%s`",
		       name, *cmd->name ? " " : "", cmd->name);
}

static int store(const struct opt *o, void *values, const char *text,
		 struct fp_error *err)
{
	void *field = (char *)values + o->offset;

	switch (o->type) {
	case OPT_FLAG:
		*(bool *)field = true;
		return 0;
	case OPT_STRING:
		*(const char **)field = text;
		return 0;
	case OPT_INT:
		if (str_to_i64(text, 0, INT64_MAX, field))
			return 0;
		return fp_fail(err, FP_ERR_USAGE, "--%s takes a whole number, not '%s'",
			       o->name, text);
	case OPT_DURATION:
		if (parse_duration(text, field) && *(int64_t *)field > 0)
			return 0;
		return fp_fail(err, FP_ERR_USAGE,
			       "--%s takes a duration such as 30s, 5m or 1h, not '%s'",
			       o->name, text);
	case OPT_LIST:
		strs_add(field, text);
		return 0;
	}
	return 0;
}

struct parse {
	const struct command *cmd;
	void *values;
	struct global_options *global;
	int argc, i;
	char **argv;
};

/* Takes the value behind `=` or the next argument. */
static int take(struct parse *p, const struct opt *o, bool is_global,
		const char *inline_value, struct fp_error *err)
{
	const char *value = inline_value;

	if (o->type == OPT_FLAG && value)
		return fp_fail(err, FP_ERR_USAGE, "--%s takes no value", o->name);
	if (o->type != OPT_FLAG && !value) {
		if (p->i + 1 >= p->argc)
			return fp_fail(err, FP_ERR_USAGE, "--%s needs a value: --%s %s",
				       o->name, o->name, str_or(o->arg, "VALUE"));
		value = p->argv[++p->i];
	}
	return store(o, is_global ? (void *)p->global : p->values, value, err);
}

static int parse_long(struct parse *p, const char *text, struct fp_error *err)
{
	const char *equals = strchr(text, '=');
	size_t len = equals ? (size_t)(equals - text) : strlen(text);
	const struct opt *o = find_name(p->cmd->opts, p->cmd->nopts, text, len);
	bool is_global = !o;

	if (!o)
		o = find_name(global_opts, nglobal_opts, text, len);
	if (!o)
		return unknown(p->cmd, text, len, err);
	return take(p, o, is_global, equals ? equals + 1 : NULL, err);
}

static int parse_short(struct parse *p, const char *text, struct fp_error *err)
{
	for (; *text; text++) {
		const struct opt *o = find_letter(p->cmd->opts, p->cmd->nopts, *text);
		bool is_global = !o;

		if (!o)
			o = find_letter(global_opts, nglobal_opts, *text);
		if (!o)
			return fp_fail(err, FP_ERR_USAGE,
				       "unknown option '-%c'; see `fpctl help%s%s`",
				       *text, *p->cmd->name ? " " : "", p->cmd->name);
		if (o->type != OPT_FLAG)
			return take(p, o, is_global, text[1] ? text + 1 : NULL, err);
		if (take(p, o, is_global, NULL, err) < 0)
			return -1;
	}
	return 0;
}

static int check_count(const struct command *cmd, size_t n, const char *const *args,
		       struct fp_error *err)
{
	if (n > cmd->max_args)
		return fp_fail(err, FP_ERR_USAGE,
			       "unexpected argument '%s'; usage: fpctl %s%s%s",
			       args[cmd->max_args], cmd->name, cmd->args ? " " : "",
			       str_or(cmd->args, ""));
	if (n < cmd->min_args)
		return fp_fail(err, FP_ERR_USAGE, "too few arguments; usage: fpctl %s %s",
			       cmd->name, str_or(cmd->args, ""));
	return 0;
}

int options_parse(const struct command *cmd, int argc, char **argv, void *values,
		  struct global_options *global, const char ***args, size_t *nargs,
		  struct fp_error *err)
{
	struct parse p = { cmd, values, global, argc, 0, argv };
	bool only_args = false;

	*args = xcalloc((size_t)argc + 1, sizeof(**args));
	*nargs = 0;
	for (; p.i < argc; p.i++) {
		const char *a = argv[p.i];
		int rc = 0;

		if (only_args || a[0] != '-' || !a[1])
			(*args)[(*nargs)++] = a;
		else if (str_eq(a, "--"))
			only_args = true;
		else if (a[1] == '-')
			rc = parse_long(&p, a + 2, err);
		else
			rc = parse_short(&p, a + 1, err);
		if (rc < 0)
			return -1;
	}
	return global->help ? 0 : check_count(cmd, *nargs, *args, err);
}

void options_release(const struct command *cmd, void *values)
{
	for (size_t i = 0; values && i < cmd->nopts; i++)
		if (cmd->opts[i].type == OPT_LIST)
			strs_release(
				(struct strs *)((char *)values + cmd->opts[i].offset));
}
