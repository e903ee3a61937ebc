#include "csv.h"

#include "scan.h"

/* The columns of a header that is itself wrong: rows are then not held to it. */
#define UNKNOWN (-1)

/* The next one of a byte at or behind `p`, looked for once and remembered. */
struct ahead {
	char byte;
	const char *at;
};

static const char *next(struct ahead *a, const char *p, const char *end)
{
	if (a->at < p) {
		a->at = memchr(p, a->byte, (size_t)(end - p));
		if (!a->at)
			a->at = end;
	}
	return a->at;
}

void csv_init(struct csv *c, char separator)
{
	*c = (struct csv){ .separator = separator, .row = 1, .line = 1, .row_line = 1 };
}

/* A spreadsheet counts rows, an editor lines: say both where they differ. */
static void find(struct csv *c, int64_t column, const char *text)
{
	if (c->row_line == c->row)
		finding_set(&c->first, c->row, column, "%s", text);
	else
		finding_set(&c->first, c->row, column, "%s (line %lld)", text,
			    (long long)c->row_line);
}

/* The row is wrong, whatever else stands in it. */
static void reject(struct csv *c, const char *text)
{
	find(c, c->fields + 1, text);
	c->state = CSV_SKIP;
}

static void check_columns(struct csv *c)
{
	int64_t got = c->fields + 1;
	char text[100];

	if (got == c->columns)
		return;
	(void)snprintf(text, sizeof(text), "%lld column%s where the header has %lld",
		       (long long)got, got == 1 ? "" : "s", (long long)c->columns);
	find(c, FP_MIN(got, c->columns) + 1, text);
	c->bad++;
}

static void end_row(struct csv *c)
{
	bool blank = c->bytes == 0 || (c->bytes == 1 && c->cr);

	if (c->state == CSV_SKIP)
		c->bad++;
	if (!blank && !c->columns) {
		c->columns = c->state == CSV_SKIP ? UNKNOWN : c->fields + 1;
	} else if (!blank) {
		c->records++;
		if (c->state != CSV_SKIP && c->columns != UNKNOWN)
			check_columns(c);
	}
	c->row++;
	c->fields = 0;
	c->bytes = 0;
	c->cr = false;
	c->state = CSV_FIELD;
}

static void end_line(struct csv *c)
{
	c->line++;
	end_row(c);
	c->row_line = c->line;
}

/* Bytes without quotes and line ends, which is most of most files. */
static void take_span(struct csv *c, const char *p, size_t n)
{
	c->cr = c->bytes == 0 && n == 1 && *p == '\r';
	c->bytes += (int64_t)n;
	if (c->state == CSV_SKIP)
		return;
	c->fields += (int64_t)scan_count(p, n, c->separator);
	c->state = p[n - 1] == c->separator ? CSV_FIELD : CSV_PLAIN;
}

static const char *feed_plain(struct csv *c, const char *p, const char *end,
			      struct ahead *quote, struct ahead *newline)
{
	const char *q = c->state == CSV_SKIP ? end : next(quote, p, end);
	const char *nl = next(newline, p, end);
	const char *stop = FP_MIN(q, nl);

	if (stop > p)
		take_span(c, p, (size_t)(stop - p));
	if (stop == end)
		return end;
	if (stop == nl) {
		end_line(c);
		return stop + 1;
	}
	c->bytes++;
	if (c->state == CSV_FIELD)
		c->state = CSV_QUOTED;
	else
		reject(c, "a quote inside a field that does not begin with one");
	return stop + 1;
}

static const char *feed_quoted(struct csv *c, const char *p, const char *end,
			       struct ahead *quote)
{
	const char *q = next(quote, p, end);

	c->line += (int64_t)scan_count(p, (size_t)(q - p), '\n');
	if (q == end)
		return end;
	c->state = CSV_QUOTE;
	return q + 1;
}

/* One byte behind a closing quote. */
static const char *feed_quote(struct csv *c, const char *p)
{
	if (*p == '\n') {
		end_line(c);
		return p + 1;
	}
	if (c->state == CSV_QUOTE && *p == '"') {
		c->state = CSV_QUOTED;
	} else if (c->state == CSV_QUOTE && *p == c->separator) {
		c->fields++;
		c->state = CSV_FIELD;
	} else if (c->state == CSV_QUOTE && *p == '\r') {
		c->state = CSV_QUOTE_CR;
	} else {
		reject(c, "text behind a closing quote");
	}
	return p + 1;
}

static void feed(struct csv *c, const char *p, const char *end)
{
	struct ahead quote = { '"', p - 1 }, newline = { '\n', p - 1 };

	while (p < end) {
		switch (c->state) {
		case CSV_FIELD:
		case CSV_PLAIN:
		case CSV_SKIP:
			p = feed_plain(c, p, end, &quote, &newline);
			break;
		case CSV_QUOTED:
			p = feed_quoted(c, p, end, &quote);
			break;
		case CSV_QUOTE:
		case CSV_QUOTE_CR:
			p = feed_quote(c, p);
			break;
		}
	}
}

void csv_feed(struct csv *c, const char *data, size_t n)
{
	const char *end = data + n;
	const char *nul;

	while ((nul = memchr(data, '\0', (size_t)(end - data)))) {
		feed(c, data, nul);
		if (c->state != CSV_SKIP)
			reject(c, "a NUL byte");
		c->bytes++;
		data = nul + 1;
	}
	feed(c, data, end);
}

void csv_finish(struct csv *c)
{
	if (c->state == CSV_QUOTED)
		reject(c, "a quoted field that never ends");
	if (c->bytes || c->fields)
		end_row(c);
}
