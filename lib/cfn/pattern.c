#define PCRE2_CODE_UNIT_WIDTH 8

#include "cfn/pattern.h"

#include <pcre2.h>
#include <pthread.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/map.h"
#include "base/str.h"

/* A pattern that needs more than this for one text is given up. */
#define MATCH_LIMIT 200000
#define HEAP_LIMIT  4096 /* KiB */
#define MAX_KEPT    1000

struct compiled {
	pcre2_code *code; /* NULL: it does not compile */
	bool broken;
};

static struct {
	pthread_mutex_t lock;
	struct map patterns; /* text -> struct compiled; kept until the program ends */
	pcre2_match_context *limits;
} kept = { .lock = PTHREAD_MUTEX_INITIALIZER };

/* In PCRE \Z also stands before a last line break; the others mean \z. */
static void translate(struct buf *out, const char *pattern)
{
	for (const char *s = pattern; *s; s++) {
		bool end = s[0] == '\\' && s[1] == 'Z';

		if (s[0] == '\\' && s[1]) {
			buf_putc(out, '\\');
			s++;
		}
		buf_putc(out, end ? 'z' : *s);
	}
}

/* Errors that are the pattern's own, whatever the dialect. */
static bool is_broken(int code)
{
	static const int codes[] = { PCRE2_ERROR_END_BACKSLASH,
				     PCRE2_ERROR_MISSING_SQUARE_BRACKET,
				     PCRE2_ERROR_CLASS_RANGE_ORDER,
				     PCRE2_ERROR_QUANTIFIER_INVALID,
				     PCRE2_ERROR_QUANTIFIER_OUT_OF_ORDER,
				     PCRE2_ERROR_MISSING_CLOSING_PARENTHESIS,
				     PCRE2_ERROR_UNMATCHED_CLOSING_PARENTHESIS };

	for (size_t i = 0; i < ARRAY_SIZE(codes); i++)
		if (codes[i] == code)
			return true;
	return false;
}

static struct compiled compile(const char *pattern)
{
	FP_AUTO(buf_release) struct buf text = BUF_INIT;
	struct compiled c;
	PCRE2_SIZE at;
	int code;

	translate(&text, pattern);
	c.code = pcre2_compile((PCRE2_SPTR)buf_str(&text), text.len,
			       PCRE2_UTF | PCRE2_ALT_BSUX | PCRE2_DOLLAR_ENDONLY |
				       PCRE2_NEVER_BACKSLASH_C,
			       &code, &at, NULL);
	c.broken = !c.code && is_broken(code);
	return c;
}

static void make_limits(void)
{
	kept.limits = pcre2_match_context_create(NULL);
	if (!kept.limits)
		fp_die("out of memory");
	pcre2_set_match_limit(kept.limits, MATCH_LIMIT);
	pcre2_set_heap_limit(kept.limits, HEAP_LIMIT);
}

static struct compiled *take(const char *pattern)
{
	struct compiled *c;

	pthread_mutex_lock(&kept.lock);
	if (!kept.limits)
		make_limits();
	c = map_get(&kept.patterns, pattern);
	if (!c && kept.patterns.n < MAX_KEPT) {
		c = xcalloc(1, sizeof(*c));
		*c = compile(pattern);
		map_put(&kept.patterns, pattern, c);
	}
	pthread_mutex_unlock(&kept.lock);
	return c;
}

static enum pattern_result match(const char *pattern, const char *text, size_t n,
				 uint32_t options)
{
	const struct compiled *c = take(pattern);
	pcre2_match_data *data;
	int rc;

	if (!c || !c->code)
		return c && c->broken ? PATTERN_BROKEN : PATTERN_UNDECIDED;
	data = pcre2_match_data_create(1, NULL);
	if (!data)
		fp_die("out of memory");
	rc = pcre2_match(c->code, (PCRE2_SPTR)text, n, 0, options, data, kept.limits);
	pcre2_match_data_free(data);
	if (rc >= 0)
		return PATTERN_MATCHES;
	return rc == PCRE2_ERROR_NOMATCH ? PATTERN_DIFFERS : PATTERN_UNDECIDED;
}

enum pattern_result pattern_match(const char *pattern, const char *text, size_t n)
{
	return match(pattern, text, n, 0);
}

enum pattern_result pattern_match_whole(const char *pattern, const char *text, size_t n)
{
	return match(pattern, text, n, PCRE2_ANCHORED | PCRE2_ENDANCHORED);
}
