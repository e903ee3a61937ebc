#include "emulator/service/cloudformation.h"

#include <math.h>
#include <regex.h>

#include "base/json.h"

#define HIDDEN "****"

static int refuse(struct call *c, const char *fmt, ...) FP_PRINTF(2, 3);
static int refuse(struct call *c, const char *fmt, ...)
{
	char text[sizeof(c->fault.message)];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	return fault_set(&c->fault, 400, "ValidationError", "%s", text);
}

static bool is_list(const char *type)
{
	return str_eq(type, "CommaDelimitedList") || str_starts(type, "List<");
}

static bool is_number(const char *text)
{
	char *end;
	double d = strtod(text, &end);

	return end != text && !*end && isfinite(d) &&
	       strspn(text, "+-.eE0123456789") == strlen(text);
}

/* The given ones that the template lacks, or the template's that nobody gave. */
static int refuse_names(struct call *c, const struct strs *names, const char *what)
{
	FP_AUTO(buf_release) struct buf text = BUF_INIT;

	for (size_t i = 0; i < names->n; i++)
		buf_printf(&text, "%s%s", i ? ", " : "", names->v[i]);
	return refuse(c, "Parameters: [%s] %s", buf_str(&text), what);
}

static int check_given(struct call *c, const struct node *declared, const cJSON *given)
{
	FP_AUTO(strs_release) struct strs unknown = STRS_INIT;

	json_each (p, given) {
		const char *key = json_str(p, "ParameterKey", NULL);

		if (!key)
			return refuse(c, "a parameter has no ParameterKey");
		if (!node_get(declared, key))
			strs_add(&unknown, key);
		if (json_str(p, "ParameterValue", NULL) &&
		    json_bool(p, "UsePreviousValue", false))
			return refuse(
				c,
				"Invalid input for parameter key %s. Cannot specify "
				"usePreviousValue as true and non empty value for a "
				"parameter",
				key);
	}
	return unknown.n ? refuse_names(c, &unknown, "do not exist in the template") : 0;
}

static const cJSON *find(const cJSON *list, const char *key)
{
	json_each (p, list)
		if (str_eq(json_str(p, "ParameterKey", NULL), key))
			return p;
	return NULL;
}

static bool in_sequence(const struct node *list, const char *value)
{
	for (size_t i = 0; list->kind == NODE_SEQUENCE && i < list->seq.n; i++)
		if (str_eq(node_text(list->seq.v[i]), value))
			return true;
	return false;
}

/* One escape of Java's; returns the letters it took. */
static size_t put_escape(struct buf *out, const char *s, bool bracket)
{
	static const struct {
		char letter;
		const char *inside;
	} classes[] = { { 'd', "0-9" }, { 'w', "A-Za-z0-9_" }, { 's', " \t\r\n" } };

	for (size_t i = 0; i < ARRAY_SIZE(classes); i++)
		if (s[1] == classes[i].letter) {
			buf_printf(out, bracket ? "%s" : "[%s]", classes[i].inside);
			return 2;
		}
	if (!bracket)
		buf_printf(out, "\\%c", s[1]);
	else if (strchr("-]^[", s[1]))
		buf_printf(out, "[.%c.]", s[1]);
	else
		buf_putc(out, s[1]);
	return 2;
}

/* Java's pattern as POSIX has it; what POSIX lacks makes regcomp fail. */
static void to_posix(struct buf *out, const char *pattern)
{
	bool bracket = false;

	buf_puts(out, "^(");
	for (const char *s = pattern; *s;) {
		if (*s == '\\' && s[1]) {
			s += put_escape(out, s, bracket);
			continue;
		}
		if (!bracket && str_starts(s, "(?:")) {
			buf_putc(out, '(');
			s += 3;
			continue;
		}
		bracket = bracket ? *s != ']' : *s == '[';
		buf_putc(out, *s++);
	}
	buf_puts(out, ")$");
}

static int check_pattern(struct call *c, const char *name, const char *pattern,
			 const char *value, bool *matches)
{
	FP_AUTO(buf_release) struct buf posix = BUF_INIT;
	regex_t re;

	to_posix(&posix, pattern);
	if (regcomp(&re, buf_str(&posix), REG_EXTENDED | REG_NOSUB) != 0)
		return fault_set(
			&c->fault, 501, "NotImplemented",
			"the emulator cannot read the AllowedPattern '%s' of parameter "
			"%s",
			pattern, name);
	*matches = regexec(&re, value, 0, NULL, 0) == 0;
	regfree(&re);
	return 0;
}

static int violated(struct call *c, const char *name, const struct node *declared,
		    const char *what, const char *limit)
{
	const char *own = node_text(node_get(declared, "ConstraintDescription"));

	if (own)
		return refuse(c, "Parameter '%s' failed to satisfy constraint: %s", name,
			      own);
	return refuse(c, "Parameter '%s' must %s%s", name, what, limit);
}

/* Length of a text, or worth of a number. */
static int check_range(struct call *c, const char *name, const struct node *declared,
		       const char *value, bool number)
{
	const char *least = node_text(
		node_get(declared, number ? "MinValue" : "MinLength"));
	const char *most = node_text(
		node_get(declared, number ? "MaxValue" : "MaxLength"));
	double worth = number ? strtod(value, NULL) : (double)strlen(value);

	if (least && worth < strtod(least, NULL))
		return violated(c, name, declared,
				number ? "be a number not less than "
				       : "have at least this many characters: ",
				least);
	if (most && worth > strtod(most, NULL))
		return violated(c, name, declared,
				number ? "be a number not greater than "
				       : "have at most this many characters: ",
				most);
	return 0;
}

static int check_one(struct call *c, const char *name, const struct node *declared,
		     const char *type, const char *value)
{
	const struct node *allowed = node_get(declared, "AllowedValues");
	const char *pattern = node_text(node_get(declared, "AllowedPattern"));
	bool number = str_eq(type, "Number") || str_eq(type, "List<Number>"),
	     matches = true;

	if (number && !is_number(value))
		return refuse(c, "Parameter '%s' must be a number.", name);
	if (allowed && !in_sequence(allowed, value))
		return violated(c, name, declared, "be one of AllowedValues", "");
	if (pattern && check_pattern(c, name, pattern, value, &matches) < 0)
		return -1;
	if (!matches)
		return violated(c, name, declared, "match pattern ", pattern);
	return check_range(c, name, declared, value, number);
}

/* The parts of a list without the spaces around them. */
static void split(struct strs *out, const char *value)
{
	FP_AUTO(strs_release) struct strs raw = STRS_INIT;

	if (!*value)
		return;
	strs_split(&raw, value, ',');
	for (size_t i = 0; i < raw.n; i++) {
		const char *s = raw.v[i] + strspn(raw.v[i], " \t\r\n");
		size_t n = strlen(s);

		while (n && strchr(" \t\r\n", s[n - 1]))
			n--;
		strs_add_owned(out, xstrndup(s, n));
	}
}

static int check_value(struct call *c, const char *name, const struct node *declared,
		       const char *value)
{
	FP_AUTO(strs_release) struct strs parts = STRS_INIT;
	const char *type = str_or(node_text(node_get(declared, "Type")), "String");

	if (str_starts(type, "AWS::SSM::"))
		return fault_set(
			&c->fault, 501, "NotImplemented",
			"the emulator does not read parameter '%s' of type %s from "
			"Systems Manager (template line %u)",
			name, type, declared->pos.line);
	if (!is_list(type))
		return check_one(c, name, declared, type, value);
	split(&parts, value);
	for (size_t i = 0; i < parts.n; i++)
		if (check_one(c, name, declared, type, parts.v[i]) < 0)
			return -1;
	return 0;
}

/* The value that holds, or NULL when there is none. */
static int choose(struct call *c, const char *name, const struct node *declared,
		  const cJSON *given, const cJSON *previous, const char **value)
{
	const cJSON *p = find(given, name);

	*value = json_str(p, "ParameterValue", NULL);
	if (p && json_bool(p, "UsePreviousValue", false)) {
		*value = json_str(find(previous, name), "ParameterValue", NULL);
		if (!*value)
			return refuse(
				c,
				"Invalid input for parameter key %s. Cannot specify "
				"usePreviousValue as true for a parameter key not in the "
				"previous template",
				name);
	}
	if (!*value)
		*value = node_text(node_get(declared, "Default"));
	return 0;
}

int engine_parameters(struct call *c, const struct node *source, const cJSON *given,
		      const cJSON *previous, cJSON *out)
{
	FP_AUTO(strs_release) struct strs missing = STRS_INIT;
	const struct node *section = node_get(source, "Parameters");

	if (check_given(c, section, given) < 0)
		return -1;
	for (size_t i = 0; section && i < section->map.n; i++) {
		const char *name = section->map.v[i].key->scalar.text, *value;
		const struct node *declared = section->map.v[i].value;
		cJSON *p;

		if (choose(c, name, declared, given, previous, &value) < 0)
			return -1;
		if (!value) {
			strs_add(&missing, name);
			continue;
		}
		if (check_value(c, name, declared, value) < 0)
			return -1;
		p = json_push_object(out);
		json_set_str(p, "ParameterKey", name);
		json_set_str(p, "ParameterValue", value);
	}
	return missing.n ? refuse_names(c, &missing, "must have values") : 0;
}

struct node *engine_parameter_node(struct arena *a, const struct node *source,
				   const char *name, const char *value)
{
	FP_AUTO(strs_release) struct strs parts = STRS_INIT;
	const struct node *declared = node_get(node_get(source, "Parameters"), name);
	const char *type = str_or(node_text(node_get(declared, "Type")), "String");
	struct node *n;

	if (!is_list(type)) {
		n = node_string(a, value);
		if (str_eq(type, "Number"))
			n->scalar.type = node_scalar_type(value, strlen(value));
		return n;
	}
	split(&parts, value);
	n = node_sequence(a);
	for (size_t i = 0; i < parts.n; i++)
		node_push(a, n, node_string(a, parts.v[i]));
	return n;
}

cJSON *engine_parameters_shown(const struct node *source, const cJSON *parameters)
{
	cJSON *shown = cJSON_Duplicate(parameters, true);

	json_each (p, shown) {
		const struct node *declared = node_get(node_get(source, "Parameters"),
						       json_str(p, "ParameterKey", ""));
		bool hidden = false;

		if (node_as_bool(node_get(declared, "NoEcho"), &hidden) && hidden)
			json_set_str(p, "ParameterValue", HIDDEN);
	}
	return shown;
}
