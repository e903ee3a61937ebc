#include "type.h"

#include "base/str.h"

/* So many rows that agree make a table of a file that is not named one. */
#define TABLE_ROWS 10

static const char separators[] = { ',', ';', '\t', '|' };

static const struct {
	const char *suffix;
	struct type_guess guess;
} names[] = {
	{ ".csv", { TYPE_CSV, 0 } },	   { ".tsv", { TYPE_CSV, '\t' } },
	{ ".json", { TYPE_JSON, 0 } },	   { ".geojson", { TYPE_JSON, 0 } },
	{ ".ndjson", { TYPE_NDJSON, 0 } }, { ".jsonl", { TYPE_NDJSON, 0 } },
};

const char *type_name(enum file_type t)
{
	static const char *const texts[] = {
		[TYPE_UNDECIDED] = "unknown", [TYPE_EMPTY] = "empty",
		[TYPE_BINARY] = "binary",     [TYPE_TEXT] = "text",
		[TYPE_CSV] = "csv",	      [TYPE_JSON] = "json",
		[TYPE_NDJSON] = "ndjson",
	};

	return texts[t];
}

struct type_guess type_of_name(const char *name)
{
	size_t n = strlen(name);

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		size_t k = strlen(names[i].suffix);

		if (n >= k && str_ieq(name + n - k, names[i].suffix))
			return names[i].guess;
	}
	return (struct type_guess){ TYPE_UNDECIDED, 0 };
}

size_t type_bom(const char *head, size_t n)
{
	return n >= 3 && memcmp(head, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* A control character that texts do not have; form feed and escape are in some. */
static bool is_binary(const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)p[i];

		if (c < 0x20 && !is_space(p[i]) && c != '\f' && c != 0x1b)
			return true;
	}
	return false;
}

static const char *skip_space(const char *p, const char *end)
{
	while (p < end && is_space(*p))
		p++;
	return p;
}

/* Whether it begins as an object or an array does. */
static bool looks_like_json(const char *p, const char *end)
{
	char open;

	p = skip_space(p, end);
	if (p == end || (*p != '{' && *p != '['))
		return false;
	open = *p;
	p = skip_space(p + 1, end);
	if (p == end)
		return true;
	return *p && strchr(open == '{' ? "\"}" : "{[]\"-0123456789tfn", *p);
}

/* Separators outside quotes up to the row's end; *row moves behind it, or to NULL
 * when it does not end here. */
static size_t count_in_row(const char **row, const char *end, char separator)
{
	bool quoted = false;
	size_t n = 0;

	for (const char *p = *row; p < end; p++) {
		if (*p == '"')
			quoted = !quoted;
		else if (*p == separator && !quoted)
			n++;
		else if (*p == '\n' && !quoted) {
			*row = p + 1;
			return n;
		}
	}
	*row = NULL;
	return n;
}

static char best_separator(const char *head, const char *end)
{
	char best = ',';
	size_t most = 0;

	for (size_t i = 0; i < ARRAY_SIZE(separators); i++) {
		const char *row = head;
		size_t n = count_in_row(&row, end, separators[i]);

		if (n > most) {
			most = n;
			best = separators[i];
		}
	}
	return best;
}

/* At least two rows, and the first ones have the same number of columns. */
static bool looks_like_table(const char *head, const char *end, bool whole,
			     char separator)
{
	const char *row = head;
	size_t columns = count_in_row(&row, end, separator), rows = 1;

	if (!columns || !row)
		return false;
	while (row && row < end && rows < TABLE_ROWS) {
		size_t n = count_in_row(&row, end, separator);

		if (!row && !whole)
			break;
		if (n != columns)
			return false;
		rows++;
	}
	return rows >= 2;
}

enum file_type type_decide(const struct type_guess *guess, const char *head, size_t n,
			   bool whole, char *separator)
{
	const char *end = head + n;
	const char *text = skip_space(head, end);

	if (text == end && whole)
		return TYPE_EMPTY;
	if (is_binary(head, n))
		return TYPE_BINARY;
	if (guess->named == TYPE_JSON || guess->named == TYPE_NDJSON)
		return guess->named;
	if (looks_like_json(head, end))
		return TYPE_JSON;
	*separator = guess->separator ? guess->separator : best_separator(text, end);
	if (guess->named == TYPE_CSV || looks_like_table(head, end, whole, *separator))
		return TYPE_CSV;
	return TYPE_TEXT;
}
