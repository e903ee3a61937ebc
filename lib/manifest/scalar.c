#include "base/str.h"
#include "manifest/checker.h"

#define SHOWN_MAX 60 /* bytes of a text in a message */

const char *shown(struct arena *a, const char *text)
{
	size_t n = strlen(text), k;
	FP_AUTO(buf_release) struct buf b = BUF_INIT;

	buf_putc(&b, '\'');
	for (size_t i = 0; i < n; i += k) {
		k = str_utf8_len(text + i, n - i);
		if (b.len + k > SHOWN_MAX) {
			buf_puts(&b, "...");
			break;
		}
		if (k && (unsigned char)text[i] >= ' ' && text[i] != 0x7f)
			buf_add(&b, text + i, k);
		else
			buf_putc(&b, '?');
		k = k ? k : 1;
	}
	buf_putc(&b, '\'');
	return arena_strndup(a, b.data, b.len);
}

static bool matches(struct checker *c, const struct field *f, const char *text)
{
	regex_t **r = &c->patterns[f - c->schema->fields];

	if (!*r) {
		*r = xmalloc(sizeof(**r));
		if (regcomp(*r, f->pattern, REG_EXTENDED | REG_NOSUB) != 0)
			fp_die("the pattern of '%s' does not compile", f->path);
	}
	return regexec(*r, text, 0, NULL, 0) == 0;
}

/* Words separated by a space as a list in the arena. */
static const char **words_of(struct checker *c, const char *words, size_t *n)
{
	const char **v = arena_array(c->arena, strlen(words) + 1, sizeof(*v));

	*n = 0;
	for (const char *p = words, *end; *p; p = *end ? end + 1 : end) {
		end = p + strcspn(p, " ");
		v[(*n)++] = arena_strndup(c->arena, p, (size_t)(end - p));
	}
	return v;
}

static const char *list_words(struct checker *c, const struct field *f)
{
	FP_AUTO(buf_release) struct buf b = BUF_INIT;
	size_t n;
	const char **v = words_of(c, f->words, &n);

	for (size_t i = 0; i < n; i++)
		buf_printf(&b, "%s%s", i ? ", " : "", v[i]);
	return arena_strdup(c->arena, buf_str(&b));
}

const char *checker_allowed(struct checker *c, const struct field *f)
{
	const char *words = f->words ? list_words(c, f) : NULL;

	if (words && f->type == FIELD_OBJECT)
		return arena_printf(c->arena, "allowed: %s, or a map such as %s", words,
				    f->example);
	if (words && f->allowed)
		return arena_printf(c->arena, "allowed: %s, or %s", words, f->allowed);
	if (words)
		return arena_printf(c->arena, "allowed: %s", words);
	return f->allowed ? arena_printf(c->arena, "allowed: %s", f->allowed) : NULL;
}

static bool has_word(const char *words, const char *text, size_t n)
{
	for (const char *p = words; p && *p; p += strspn(p, " ")) {
		size_t k = strcspn(p, " ");

		if (k == n && memcmp(p, text, n) == 0)
			return true;
		p += k;
	}
	return false;
}

bool checker_has_word(const struct field *f, const struct node *in)
{
	return has_word(f->words, in->scalar.text, in->scalar.len);
}

static bool check_word(struct checker *c, const struct field *f, const struct node *in,
		       const struct trail *at)
{
	const char *text = in->scalar.text, *nearest, **words;
	size_t n;

	if (checker_has_word(f, in))
		return true;
	if (f->pattern && strlen(text) == in->scalar.len && matches(c, f, text))
		return true;
	words = words_of(c, f->words, &n);
	nearest = str_nearest(text, words, n);
	diags_add(c->diags, in->pos,
		  nearest ? arena_printf(c->arena, "did you mean '%s'? %s", nearest,
					 checker_allowed(c, f))
			  : checker_allowed(c, f),
		  "%s cannot be %s", trail_text(c, at), shown(c->arena, text));
	return false;
}

/* "My_Files" as "my-files", when that is allowed; otherwise NULL. */
static const char *repaired(struct checker *c, const struct field *f, const char *text)
{
	char *out = str_lower(arena_strdup(c->arena, text));
	size_t n = strlen(out);

	for (char *p = out; *p; p++)
		if (*p == '_' || *p == ' ')
			*p = '-';
	while (n && out[n - 1] == '-')
		out[--n] = '\0';
	return n && n <= SHOWN_MAX && matches(c, f, out) ? out : NULL;
}

/* What was probably meant, or NULL. */
static const char *meant(struct checker *c, const struct field *f, const char *text)
{
	const char **words;
	size_t n;

	if (!f->likely)
		return repaired(c, f, text);
	words = words_of(c, f->likely, &n);
	return str_nearest(text, words, n);
}

static void refuse(struct checker *c, const struct field *f, const struct node *in,
		   const struct trail *at, const char *what)
{
	const char *text = in->scalar.text, *other = meant(c, f, text);
	const char *allowed = checker_allowed(c, f);

	diags_add(c->diags, in->pos,
		  other ? arena_printf(c->arena, "did you mean '%s'? %s", other, allowed)
			: allowed,
		  "%s%s cannot be %s", what, trail_text(c, at), shown(c->arena, text));
}

/* Length, NULs and pattern of a string, be it a value or a key. */
static bool check_text(struct checker *c, const struct field *f, const struct node *in,
		       const struct trail *at, const char *what)
{
	const char *text = in->scalar.text;
	size_t n = in->scalar.len;

	if (strlen(text) != n)
		diags_add(c->diags, in->pos, NULL, "%s%s must not hold a NUL character",
			  what, trail_text(c, at));
	else if (f->max && n > (size_t)f->max)
		diags_add(c->diags, in->pos, NULL,
			  "%s%s has %zu characters; at most %d are allowed", what,
			  trail_text(c, at), n, (int)f->max);
	else if (!n && f->min)
		diags_add(c->diags, in->pos, checker_allowed(c, f),
			  "%s%s must not be empty", what, trail_text(c, at));
	else if (f->pattern && !matches(c, f, text))
		refuse(c, f, in, at, what);
	else
		return true;
	return false;
}

void checker_key(struct checker *c, const struct field *f, const struct node *key,
		 const struct trail *at)
{
	check_text(c, f, key, at, "a name in ");
}

struct node *checker_wrong_type(struct checker *c, const struct node *in,
				const struct trail *at, const char *want,
				const char *hint)
{
	const char *where = trail_text(c, at);

	if (node_is_null(in))
		diags_add(c->diags, in->pos, hint, "%s has no value", where);
	else if (in->kind == NODE_SCALAR)
		diags_add(c->diags, in->pos, hint, "%s must be %s, not %s%s", where, want,
			  in->scalar.type == SCALAR_STRING ? "the string " : "",
			  shown(c->arena, in->scalar.text));
	else
		diags_add(c->diags, in->pos, hint, "%s must be %s, not a %s", where, want,
			  node_kind_name(in));
	return NULL;
}

static struct node *check_string(struct checker *c, const struct field *f,
				 struct node *in, const struct trail *at)
{
	const char *want = f->flags & FIELD_LIST     ? "a string or a list of them"
			   : f->type == FIELD_OBJECT ? "a word or a map"
						     : "a string";

	if (in->kind != NODE_SCALAR || node_is_null(in))
		return checker_wrong_type(c, in, at, want, checker_allowed(c, f));
	if (f->type != FIELD_TEXT && in->scalar.type != SCALAR_STRING)
		return checker_wrong_type(c, in, at, want,
					  f->words ? checker_allowed(c, f)
						   : "put it in quotes");
	if (f->words ? !check_word(c, f, in, at) : !check_text(c, f, in, at, ""))
		return NULL;
	if (in->scalar.type == SCALAR_STRING)
		return in;
	in = node_copy(c->arena, in);
	in->scalar.type = SCALAR_STRING;
	return in;
}

/* What people write for true and false elsewhere. */
static const struct {
	const char *text;
	bool value;
} bools[] = {
	{ "yes", true }, { "y", true },	 { "on", true },   { "enabled", true },
	{ "no", false }, { "n", false }, { "off", false }, { "disabled", false },
	{ "1", true },	 { "0", false },
};

static struct node *check_bool(struct checker *c, struct node *in, const struct trail *at)
{
	const char *hint = NULL;
	bool v;

	if (node_as_bool(in, &v))
		return in;
	for (size_t i = 0; in->kind == NODE_SCALAR && i < ARRAY_SIZE(bools); i++)
		if (str_ieq(bools[i].text, in->scalar.text))
			hint = bools[i].value ? "write true" : "write false";
	return checker_wrong_type(c, in, at, "true or false", hint);
}

struct node *checker_scalar(struct checker *c, const struct field *f, struct node *in,
			    const struct trail *at)
{
	/* A tag would make of the value something else in a template: !Ref X. */
	if (in->tag) {
		diags_add(c->diags, in->pos, "write the value itself",
			  "%s cannot have a tag (%s)", trail_text(c, at),
			  shown(c->arena, in->tag));
		return NULL;
	}
	switch (f->type) {
	case FIELD_INT:
	case FIELD_DURATION:
	case FIELD_DAYS:
	case FIELD_PERCENT:
		return checker_number(c, f, in, at);
	case FIELD_BOOL:
		return check_bool(c, in, at);
	default:
		return check_string(c, f, in, at);
	}
}
