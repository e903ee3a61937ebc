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

/* The words of a row as a list in the arena. */
static const char **words_of(struct checker *c, const struct field *f, size_t *n)
{
	const char **v = arena_array(c->arena, strlen(f->words) + 1, sizeof(*v));

	*n = 0;
	for (const char *p = f->words, *end; *p; p = *end ? end + 1 : end) {
		end = p + strcspn(p, " ");
		v[(*n)++] = arena_strndup(c->arena, p, (size_t)(end - p));
	}
	return v;
}

static const char *list_words(struct checker *c, const struct field *f)
{
	FP_AUTO(buf_release) struct buf b = BUF_INIT;
	size_t n;
	const char **v = words_of(c, f, &n);

	for (size_t i = 0; i < n; i++)
		buf_printf(&b, "%s%s", i ? ", " : "", v[i]);
	return arena_strdup(c->arena, buf_str(&b));
}

const char *checker_allowed(struct checker *c, const struct field *f)
{
	if (f->words)
		return arena_printf(c->arena, "allowed: %s", list_words(c, f));
	return f->allowed ? arena_printf(c->arena, "allowed: %s", f->allowed) : NULL;
}

static bool check_word(struct checker *c, const struct field *f, const struct node *in,
		       const char *where)
{
	const char *text = in->scalar.text, *nearest;
	size_t n;
	const char **words = words_of(c, f, &n);

	for (size_t i = 0; i < n; i++)
		if (str_eq(words[i], text))
			return true;
	nearest = str_nearest(text, words, n);
	diags_add(c->diags, in->pos,
		  nearest ? arena_printf(c->arena, "did you mean '%s'? allowed: %s",
					 nearest, list_words(c, f))
			  : checker_allowed(c, f),
		  "%s cannot be %s", where, shown(c->arena, text));
	return false;
}

/* Length, NULs and pattern of a string, be it a value or a key. */
static bool check_text(struct checker *c, const struct field *f, const struct node *in,
		       const char *what)
{
	const char *text = in->scalar.text;
	size_t n = in->scalar.len;

	if (strlen(text) != n)
		diags_add(c->diags, in->pos, NULL, "%s must not hold a NUL character",
			  what);
	else if (f->max && n > (size_t)f->max)
		diags_add(c->diags, in->pos, NULL,
			  "%s has %zu characters; at most %d are allowed", what, n,
			  (int)f->max);
	else if (!n && f->min)
		diags_add(c->diags, in->pos, checker_allowed(c, f),
			  "%s must not be empty", what);
	else if (f->pattern && !matches(c, f, text))
		diags_add(c->diags, in->pos, checker_allowed(c, f), "%s cannot be %s",
			  what, shown(c->arena, text));
	else
		return true;
	return false;
}

void checker_key(struct checker *c, const struct field *f, const struct node *key,
		 const char *where)
{
	check_text(c, f, key, arena_printf(c->arena, "a name in %s", where));
}

static struct node *wrong_type(struct checker *c, const struct node *in,
			       const char *where, const char *want, const char *hint)
{
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
				 struct node *in, const char *where)
{
	const char *want = f->flags & FIELD_LIST ? "a string or a list of them"
						 : "a string";
	bool is_null = node_is_null(in);

	if (in->kind != NODE_SCALAR || is_null)
		return wrong_type(c, in, where, want, checker_allowed(c, f));
	if (f->type == FIELD_STRING && in->scalar.type != SCALAR_STRING)
		return wrong_type(c, in, where, want, "put it in quotes");
	if (f->words ? !check_word(c, f, in, where) : !check_text(c, f, in, where))
		return NULL;
	if (in->scalar.type == SCALAR_STRING)
		return in;
	in = node_copy(c->arena, in);
	in->scalar.type = SCALAR_STRING;
	return in;
}

static struct node *number(struct checker *c, const struct node *in, int64_t value)
{
	struct node *out = node_int(c->arena, value);

	out->pos = in->pos;
	return out;
}

static struct node *check_int(struct checker *c, const struct field *f, struct node *in,
			      const char *where)
{
	const char *unit = f->unit ? f->unit : "";
	const char *range = arena_printf(c->arena, "allowed: %lld to %lld%s%s",
					 (long long)f->min, (long long)f->max,
					 f->unit ? " " : "", unit);
	int64_t v;

	if (in->kind != NODE_SCALAR || in->scalar.type != SCALAR_INT)
		return wrong_type(c, in, where, "a whole number", range);
	if (!node_as_int(in, &v) || v < f->min || v > f->max) {
		diags_add(c->diags, in->pos, range, "%s cannot be %s%s%s", where,
			  in->scalar.text, f->unit ? " " : "", unit);
		return NULL;
	}
	return number(c, in, v);
}

static const struct {
	char letter;
	int64_t seconds;
} units[] = { { 'd', 86400 }, { 'h', 3600 }, { 'm', 60 }, { 's', 1 } };

static bool parse_duration(const char *text, int64_t *seconds)
{
	size_t n = strlen(text);
	char digits[16];
	int64_t v;

	if (n < 2 || n > sizeof(digits))
		return false;
	memcpy(digits, text, n - 1);
	digits[n - 1] = '\0';
	for (size_t i = 0; i < ARRAY_SIZE(units); i++) {
		if (text[n - 1] != units[i].letter)
			continue;
		if (!str_to_i64(digits, 0, INT64_MAX / 86400, &v))
			return false;
		*seconds = v * units[i].seconds;
		return true;
	}
	return false;
}

/* In the largest unit that divides it: "15m". */
static const char *duration_text(struct checker *c, int64_t seconds)
{
	size_t i = 0;

	while (seconds % units[i].seconds)
		i++;
	return arena_printf(c->arena, "%lld%c", (long long)(seconds / units[i].seconds),
			    units[i].letter);
}

static struct node *check_duration(struct checker *c, const struct field *f,
				   struct node *in, const char *where)
{
	const char *range = arena_printf(c->arena, "allowed: %s to %s",
					 duration_text(c, f->min),
					 duration_text(c, f->max));
	int64_t v;

	if (in->kind == NODE_SCALAR && in->scalar.type == SCALAR_INT) {
		diags_add(c->diags, in->pos,
			  arena_printf(c->arena, "write %ss, %sm, %sh or %sd",
				       in->scalar.text, in->scalar.text, in->scalar.text,
				       in->scalar.text),
			  "%s needs a unit", where);
		return NULL;
	}
	if (in->kind != NODE_SCALAR || !parse_duration(in->scalar.text, &v))
		return wrong_type(c, in, where, "a duration such as 90s or 15m", range);
	if (v < f->min || v > f->max) {
		diags_add(c->diags, in->pos, range, "%s cannot be %s", where,
			  in->scalar.text);
		return NULL;
	}
	return number(c, in, v);
}

static struct node *check_bool(struct checker *c, struct node *in, const char *where)
{
	bool v;

	return node_as_bool(in, &v) ? in
				    : wrong_type(c, in, where, "true or false", NULL);
}

struct node *checker_scalar(struct checker *c, const struct field *f, struct node *in,
			    const char *where)
{
	/* A tag would make of the value something else in a template: !Ref X. */
	if (in->tag) {
		diags_add(c->diags, in->pos, "write the value itself",
			  "%s cannot have a tag (%s)", where, shown(c->arena, in->tag));
		return NULL;
	}
	switch (f->type) {
	case FIELD_INT:
		return check_int(c, f, in, where);
	case FIELD_DURATION:
		return check_duration(c, f, in, where);
	case FIELD_BOOL:
		return check_bool(c, in, where);
	default:
		return check_string(c, f, in, where);
	}
}
