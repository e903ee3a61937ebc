#include "base/str.h"
#include "manifest/checker.h"

static const struct {
	char letter;
	int64_t seconds;
} units[] = { { 'd', 86400 }, { 'h', 3600 }, { 'm', 60 }, { 's', 1 } };
#define DAY 86400

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
		if (!str_to_i64(digits, 0, INT64_MAX / units[i].seconds, &v))
			return false;
		*seconds = v * units[i].seconds;
		return true;
	}
	return false;
}

/* In the largest unit that keeps it whole: "15m". */
static const char *duration_text(struct checker *c, int64_t seconds)
{
	size_t i = 0;

	if (!seconds)
		return "0s";
	while (seconds % units[i].seconds)
		i++;
	return arena_printf(c->arena, "%lld%c", (long long)(seconds / units[i].seconds),
			    units[i].letter);
}

/* "allowed: 128 to 10240 MiB" */
static const char *range_of(struct checker *c, const struct field *f)
{
	long long min = f->min, max = f->max;

	switch (f->type) {
	case FIELD_DURATION:
		return arena_printf(c->arena, "allowed: %s to %s",
				    duration_text(c, f->min), duration_text(c, f->max));
	case FIELD_DAYS:
		return f->words ? checker_allowed(c, f)
				: arena_printf(c->arena, "allowed: %lldd to %lldd", min,
					       max);
	case FIELD_PERCENT:
		return arena_printf(c->arena, "allowed: %lld%% to %lld%%", min, max);
	default:
		return arena_printf(c->arena, "allowed: %lld to %lld%s%s", min, max,
				    f->unit ? " " : "", str_or(f->unit, ""));
	}
}

static struct node *in_range(struct checker *c, const struct field *f,
			     const struct node *in, int64_t v, const struct trail *at)
{
	struct node *out;

	if (v < f->min || v > f->max) {
		diags_add(c->diags, in->pos, range_of(c, f), "%s cannot be %.24s%s%s",
			  trail_text(c, at), in->scalar.text, f->unit ? " " : "",
			  str_or(f->unit, ""));
		return NULL;
	}
	out = node_int(c->arena, v);
	out->pos = in->pos;
	return out;
}

static bool is_int(const struct node *in)
{
	return in->kind == NODE_SCALAR && in->scalar.type == SCALAR_INT;
}

/* What "512MB" and a quoted "512" were probably meant to be. */
static const char *number_hint(struct checker *c, const struct field *f,
			       const struct node *in)
{
	const char *text = in->kind == NODE_SCALAR ? in->scalar.text : "";
	size_t n = strspn(text, "0123456789");
	const char *digits = arena_strndup(c->arena, text, n);
	int64_t v;

	if (text[n] != '.' && str_to_i64(digits, f->min, f->max, &v))
		return arena_printf(c->arena, "write %s; %s", digits, range_of(c, f));
	return range_of(c, f);
}

static struct node *check_int(struct checker *c, const struct field *f, struct node *in,
			      const struct trail *at)
{
	int64_t v;

	if (!is_int(in))
		return checker_wrong_type(c, in, at, "a whole number",
					  number_hint(c, f, in));
	if (!node_as_int(in, &v))
		v = INT64_MIN;
	return in_range(c, f, in, v, at);
}

static struct node *no_unit(struct checker *c, const struct node *in,
			    const struct trail *at, const char *hint)
{
	diags_add(c->diags, in->pos, hint, "%s needs a unit", trail_text(c, at));
	return NULL;
}

static struct node *check_duration(struct checker *c, const struct field *f,
				   struct node *in, const struct trail *at)
{
	int64_t v;

	if (is_int(in))
		return no_unit(c, in, at,
			       arena_printf(c->arena, "write %.24ss, %.24sm or %.24sh",
					    in->scalar.text, in->scalar.text,
					    in->scalar.text));
	if (in->kind != NODE_SCALAR || !parse_duration(in->scalar.text, &v))
		return checker_wrong_type(c, in, at, "a duration such as 90s or 15m",
					  range_of(c, f));
	return in_range(c, f, in, v, at);
}

/* Of the row's words the one that comes next in time: CloudWatch has no 100d. */
static const char *next_word(struct checker *c, const struct field *f, int64_t days)
{
	const char *word = NULL;
	int64_t v = 0;

	for (const char *p = f->words; *p && v < days; p += strspn(p, " ")) {
		size_t n = strcspn(p, " ");

		word = arena_strndup(c->arena, p, n);
		parse_duration(word, &v);
		v /= DAY;
		p += n;
	}
	return word;
}

static struct node *check_days(struct checker *c, const struct field *f, struct node *in,
			       const struct trail *at)
{
	int64_t v;

	if (is_int(in))
		return no_unit(c, in, at,
			       arena_printf(c->arena, "write %.24sd", in->scalar.text));
	if (in->kind != NODE_SCALAR || !parse_duration(in->scalar.text, &v))
		return checker_wrong_type(c, in, at, "a number of days such as 30d",
					  range_of(c, f));
	if (!str_ends(in->scalar.text, "d")) {
		diags_add(c->diags, in->pos,
			  arena_printf(c->arena, "write %lldd",
				       (long long)FP_MAX((v + DAY - 1) / DAY, 1)),
			  "%s must be in whole days, not %s", trail_text(c, at),
			  in->scalar.text);
		return NULL;
	}
	if (f->words && !checker_has_word(f, in)) {
		diags_add(c->diags, in->pos,
			  arena_printf(c->arena, "did you mean %s? %s",
				       next_word(c, f, v / DAY), range_of(c, f)),
			  "%s cannot be %s", trail_text(c, at), in->scalar.text);
		return NULL;
	}
	return in_range(c, f, in, v / DAY, at);
}

static struct node *check_percent(struct checker *c, const struct field *f,
				  struct node *in, const struct trail *at)
{
	FP_AUTO(buf_release) struct buf digits = BUF_INIT;
	int64_t v;

	if (is_int(in) && !node_is(in, "0"))
		return no_unit(c, in, at,
			       arena_printf(c->arena, "write %.24s%%", in->scalar.text));
	if (in->kind != NODE_SCALAR)
		return checker_wrong_type(c, in, at, "a percentage such as 80%",
					  range_of(c, f));
	buf_puts(&digits, in->scalar.text);
	if (digits.len && digits.data[digits.len - 1] == '%')
		buf_truncate(&digits, digits.len - 1);
	else if (!is_int(in))
		buf_truncate(&digits, 0);
	if (!str_to_i64(buf_str(&digits), 0, INT32_MAX, &v))
		return checker_wrong_type(c, in, at, "a percentage such as 80%",
					  range_of(c, f));
	return in_range(c, f, in, v, at);
}

struct node *checker_number(struct checker *c, const struct field *f, struct node *in,
			    const struct trail *at)
{
	switch (f->type) {
	case FIELD_DURATION:
		return check_duration(c, f, in, at);
	case FIELD_DAYS:
		return check_days(c, f, in, at);
	case FIELD_PERCENT:
		return check_percent(c, f, in, at);
	default:
		return check_int(c, f, in, at);
	}
}
