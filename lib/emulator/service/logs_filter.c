#include <ctype.h>
#include <math.h>

#include "base/json.h"
#include "base/str.h"
#include "emulator/service/logs.h"

#define MAX_TERMS 64

enum op { OP_EQ, OP_NE, OP_LT, OP_LE, OP_GT, OP_GE };

struct term {
	enum { TERM_ALL, TERM_NONE, TERM_ANY } kind;
	char *text;
};

struct comparison {
	char *path; /* "a.b" */
	enum op op;
	char *value; /* may hold '*' */
	bool quoted;
};

struct logs_filter {
	struct term terms[MAX_TERMS];
	struct comparison comparisons[MAX_TERMS];
	size_t nterms, ncomparisons;
	bool either; /* comparisons are joined by || */
};

void logs_filter_freep(struct logs_filter **f)
{
	if (!*f)
		return;
	for (size_t k = 0; k < (*f)->nterms; k++)
		free((*f)->terms[k].text);
	for (size_t k = 0; k < (*f)->ncomparisons; k++) {
		free((*f)->comparisons[k].path);
		free((*f)->comparisons[k].value);
	}
	free(*f);
	*f = NULL;
}

static void skip_space(const char **s)
{
	while (isspace((unsigned char)**s))
		(*s)++;
}

/* A word, or a text in quotes; owned by the caller. NULL: the quote is not closed. */
static char *read_word(const char **s, const char *ends, bool *quoted)
{
	struct buf word = BUF_INIT;

	*quoted = **s == '"';
	if (!*quoted) {
		size_t n = 0;

		while ((*s)[n] && !isspace((unsigned char)(*s)[n]) &&
		       !strchr(ends, (*s)[n]))
			n++;
		buf_add(&word, *s, n);
		*s += n;
		return buf_detach(&word);
	}
	for ((*s)++; **s && **s != '"'; (*s)++) {
		if (**s == '\\' && (*s)[1])
			(*s)++;
		buf_putc(&word, **s);
	}
	if (**s != '"') {
		buf_release(&word);
		return NULL;
	}
	(*s)++;
	return buf_detach(&word);
}

static int bad(struct fp_error *err, const char *why)
{
	return fp_fail(err, FP_ERR_INPUT, "Invalid filter pattern: %s", why);
}

static int parse_terms(struct logs_filter *f, const char *s, struct fp_error *err)
{
	for (skip_space(&s); *s; skip_space(&s)) {
		struct term *t = &f->terms[f->nterms];
		bool quoted;

		if (f->nterms == MAX_TERMS)
			return bad(err, "it has too many terms");
		if (*s == '[' || *s == '%')
			return bad(err,
				   "the emulator knows terms and { $.key = value } only");
		t->kind = *s == '-' ? TERM_NONE : *s == '?' ? TERM_ANY : TERM_ALL;
		s += t->kind != TERM_ALL;
		t->text = read_word(&s, "", &quoted);
		if (!t->text)
			return bad(err, "a quote is not closed");
		f->nterms++;
	}
	return 0;
}

static bool read_op(const char **s, enum op *op)
{
	static const struct {
		const char *text;
		enum op op;
	} ops[] = { { "!=", OP_NE }, { "<=", OP_LE }, { ">=", OP_GE }, { "==", OP_EQ },
		    { "=", OP_EQ },  { "<", OP_LT },  { ">", OP_GT } };

	for (size_t k = 0; k < ARRAY_SIZE(ops); k++)
		if (str_starts(*s, ops[k].text)) {
			*op = ops[k].op;
			*s += strlen(ops[k].text);
			return true;
		}
	return false;
}

static int parse_comparison(struct logs_filter *f, const char **s, struct fp_error *err)
{
	struct comparison *x = &f->comparisons[f->ncomparisons];
	bool quoted;

	if (f->ncomparisons == MAX_TERMS)
		return bad(err, "it has too many comparisons");
	skip_space(s);
	if (!str_starts(*s, "$."))
		return bad(err, "a comparison begins with $.");
	*s += 2;
	x->path = read_word(s, "=!<>})&|", &quoted);
	f->ncomparisons++;
	skip_space(s);
	if (!x->path || !*x->path || !read_op(s, &x->op))
		return bad(err,
			   "a comparison is $.key, one of = != < <= > >=, and a value");
	skip_space(s);
	x->value = read_word(s, "})&|", &x->quoted);
	if (!x->value || (!*x->value && !x->quoted))
		return bad(err, "a comparison has no value");
	skip_space(s);
	return 0;
}

static int parse_json(struct logs_filter *f, const char *s, struct fp_error *err)
{
	for (s++;;) {
		bool join;

		if (parse_comparison(f, &s, err) < 0)
			return -1;
		if (*s == '}')
			break;
		join = str_starts(s, "||");
		if (!join && !str_starts(s, "&&"))
			return bad(err, "comparisons are joined by && or ||");
		if (f->ncomparisons > 1 && join != f->either)
			return bad(err, "the emulator does not mix && and ||");
		f->either = join;
		s += 2;
	}
	s++;
	skip_space(&s);
	return *s ? bad(err, "something follows the }") : 0;
}

int logs_filter_parse(struct logs_filter **out, const char *pattern, struct fp_error *err)
{
	struct logs_filter *f = xcalloc(1, sizeof(*f));
	int rc;

	pattern = str_or(pattern, "");
	skip_space(&pattern);
	rc = *pattern == '{' ? parse_json(f, pattern, err) : parse_terms(f, pattern, err);
	if (rc < 0)
		logs_filter_freep(&f);
	*out = f;
	return rc;
}

static bool compare(const struct comparison *x, const cJSON *j)
{
	const cJSON *m = json_get(j, x->path);
	FP_AUTO(freep) char *text = NULL;
	char *end;
	double value = strtod(x->value, &end);
	bool number = !x->quoted && *x->value && !*end;

	if (!m)
		return false;
	if (number && cJSON_IsNumber(m)) {
		double d = m->valuedouble - value;
		const bool holds[] = { fabs(d) == 0, fabs(d) != 0, d<0, d <= 0, d> 0,
				       d >= 0 };

		return holds[x->op];
	}
	text = cJSON_IsString(m) ? xstrdup(m->valuestring) : json_text(m);
	if (x->op == OP_EQ)
		return str_glob(x->value, text);
	return x->op == OP_NE && !str_glob(x->value, text);
}

static bool matches_json(const struct logs_filter *f, const char *message)
{
	FP_AUTO(json_freep) cJSON *j = cJSON_Parse(message);

	if (!j)
		return false;
	for (size_t k = 0; k < f->ncomparisons; k++)
		if (compare(&f->comparisons[k], j) == f->either)
			return f->either;
	return !f->either;
}

bool logs_filter_matches(const struct logs_filter *f, const char *message)
{
	bool any = false, found = false;

	if (f->ncomparisons)
		return matches_json(f, message);
	for (size_t k = 0; k < f->nterms; k++) {
		bool here = strstr(message, f->terms[k].text) != NULL;

		if (f->terms[k].kind == TERM_ANY) {
			any = true;
			found = found || here;
		} else if (here != (f->terms[k].kind == TERM_ALL)) {
			return false;
		}
	}
	return !any || found;
}
