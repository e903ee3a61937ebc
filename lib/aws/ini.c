#include "aws/ini.h"

#include <ctype.h>

#include "base/str.h"

/* A part of the text, without the spaces around it. */
struct span {
	const char *s;
	size_t n;
};

struct parser {
	struct ini *out;
	struct span rest;
	struct fp_pos pos;
	struct fp_error *err;
	struct ini_section *section; /* NULL: before the first */
	struct ini_value *value;     /* NULL: no key in this section yet */
	size_t indent;		     /* of the section's or key's line */
	size_t blank;		     /* lines since the value's last one */
};

static struct span trim(struct span p)
{
	while (p.n > 0 && isspace((unsigned char)p.s[0])) {
		p.s++;
		p.n--;
	}
	while (p.n > 0 && isspace((unsigned char)p.s[p.n - 1]))
		p.n--;
	return p;
}

static void wipe_text(void *p)
{
	char *text = p;

	str_wipe(&text);
}

static void value_clear(struct ini_value *v)
{
	str_wipe(&v->text);
	map_release(&v->nested, wipe_text);
	*v = (struct ini_value){ 0 };
}

static void value_free(void *p)
{
	value_clear(p);
	free(p);
}

static void section_free(void *p)
{
	struct ini_section *section = p;

	map_release(&section->values, value_free);
	free(section);
}

void ini_release(struct ini *ini)
{
	map_release(&ini->sections, section_free);
}

/* Cut the next line off: it ends with LF, CR LF or CR. */
static bool next_line(struct span *rest, struct span *line)
{
	size_t n = 0;

	if (rest->n == 0)
		return false;
	while (n < rest->n && rest->s[n] != '\n' && rest->s[n] != '\r')
		n++;
	*line = (struct span){ rest->s, n };
	if (n + 1 < rest->n && rest->s[n] == '\r' && rest->s[n + 1] == '\n')
		n++;
	n = FP_MIN(n + 1, rest->n);
	*rest = (struct span){ rest->s + n, rest->n - n };
	return true;
}

static int misfit(struct parser *p, const char *why)
{
	return fp_fail_at(p->err, FP_ERR_INPUT, p->pos, "%s", why);
}

/* "name = value" below a key without a value of its own. */
static int add_nested(struct parser *p, struct span line)
{
	const char *equals = memchr(line.s, '=', line.n);
	FP_AUTO(freep) char *name = NULL;
	struct span value;

	if (!equals)
		return misfit(p, "an indented line below 'key =' must be 'name = value'");
	value = trim((struct span){ equals + 1, line.n - (size_t)(equals + 1 - line.s) });
	line = trim((struct span){ line.s, (size_t)(equals - line.s) });
	name = xstrndup(line.s, line.n);
	wipe_text(p->value->text);
	p->value->text = NULL;
	wipe_text(map_put(&p->value->nested, name, xstrndup(value.s, value.n)));
	return 0;
}

/* Room for `more` characters. It doubles, for a file may be one long value; what is
 * moved is wiped behind it. */
static void make_room(struct ini_value *v, size_t more)
{
	char *longer;

	if (v->cap - v->len >= more)
		return;
	v->cap = FP_MAX(2 * v->cap, v->len + more);
	longer = xmalloc(v->cap + 1);
	memcpy(longer, v->text, v->len + 1);
	str_wipe(&v->text);
	v->text = longer;
}

static int continue_value(struct parser *p, struct span line)
{
	struct ini_value *v = p->value;
	size_t breaks = p->blank + 1;

	if (v->len == 0)
		return add_nested(p, line);
	make_room(v, breaks + line.n);
	memset(v->text + v->len, '\n', breaks);
	memcpy(v->text + v->len + breaks, line.s, line.n);
	v->len += breaks + line.n;
	v->text[v->len] = '\0';
	p->blank = 0;
	return 0;
}

/* "[name]"; what stands behind the last bracket is passed over. */
static bool begin_section(struct parser *p, struct span line)
{
	const char *end = memrchr(line.s, ']', line.n);
	FP_AUTO(freep) char *name = NULL;

	if (line.s[0] != '[' || !end || end - line.s < 2)
		return false;
	name = xstrndup(line.s + 1, (size_t)(end - line.s) - 1);
	p->section = map_get(&p->out->sections, name);
	if (!p->section) {
		p->section = xcalloc(1, sizeof(*p->section));
		(void)map_put(&p->out->sections, name, p->section);
	}
	p->value = NULL;
	return true;
}

static int begin_value(struct parser *p, struct span line)
{
	FP_AUTO(freep) char *key = NULL;
	struct span name = { line.s, 0 };

	if (!p->section)
		return misfit(p, "a setting before the first '[section]'");
	while (name.n < line.n && line.s[name.n] != '=' && line.s[name.n] != ':')
		name.n++;
	if (name.n == line.n)
		return misfit(p, "this line is neither '[section]' nor 'key = value'");
	line = trim((struct span){ line.s + name.n + 1, line.n - name.n - 1 });
	name = trim(name);
	if (name.n == 0)
		return misfit(p, "there is no key before the '='");
	key = str_lower(xstrndup(name.s, name.n));
	p->value = map_get(&p->section->values, key);
	if (p->value) {
		value_clear(p->value);
	} else {
		p->value = xcalloc(1, sizeof(*p->value));
		(void)map_put(&p->section->values, key, p->value);
	}
	p->value->text = xstrndup(line.s, line.n);
	p->value->len = p->value->cap = line.n;
	p->blank = 0;
	return 0;
}

static int parse_line(struct parser *p, struct span raw)
{
	struct span line = trim(raw);
	size_t indent = (size_t)(line.s - raw.s);

	if (line.n == 0) {
		p->blank++;
		return 0;
	}
	if (line.s[0] == '#' || line.s[0] == ';')
		return 0;
	if (memchr(line.s, '\0', line.n))
		return misfit(p, "a NUL byte; is this a text file in UTF-8?");
	if (p->value && indent > p->indent)
		return continue_value(p, line);
	p->indent = indent;
	return begin_section(p, line) ? 0 : begin_value(p, line);
}

int ini_parse(struct ini *out, const char *text, size_t n, const char *file,
	      struct fp_error *err)
{
	struct parser p = {
		.out = out, .rest = { text, n }, .pos = { file, 0, 0 }, .err = err
	};
	struct span line;

	if (n >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
		p.rest = (struct span){ text + 3, n - 3 };
	while (next_line(&p.rest, &line)) {
		p.pos.line++;
		if (parse_line(&p, line) < 0)
			return -1;
	}
	return 0;
}

/* The value that `key`, or what stands before its dot, names. */
static const struct ini_value *find(const struct ini *ini, const char *section,
				    const char *key)
{
	const struct ini_section *s = map_get(&ini->sections, section);
	FP_AUTO(freep) char *top = xstrndup(key, strcspn(key, "."));
	const struct ini_value *v = s ? map_get(&s->values, top) : NULL;

	if (!v && s && !str_eq(section, "DEFAULT"))
		return find(ini, "DEFAULT", key);
	return v;
}

const char *ini_get(const struct ini *ini, const char *section, const char *key)
{
	const struct ini_value *v = find(ini, section, key);
	const char *dot = strchr(key, '.');

	if (!v)
		return NULL;
	return dot ? map_get(&v->nested, dot + 1) : v->text;
}

bool ini_has_key(const struct ini *ini, const char *section, const char *key)
{
	return find(ini, section, key) != NULL;
}
