#include "json_check.h"

#include "scan.h"

enum state {
	START,	     /* before a document's value */
	VALUE,	     /* a value must come */
	FIRST_VALUE, /* a value or the array's end */
	FIRST_KEY,   /* a name or the object's end */
	KEY,	     /* a name */
	COLON,
	AFTER, /* behind a value: a comma or an end */
	STRING,
	ESCAPE,
	HEX,
	UTF8,
	MINUS, /* numbers, by what was read of them */
	ZERO,
	INTEGER,
	POINT,
	FRACTION,
	EXPONENT,
	EXPONENT_SIGN,
	EXPONENT_DIGITS,
	LITERAL,
	DONE, /* behind a whole document */
	SKIP, /* a wrong line: to its end */
	STOP, /* a wrong document: nothing more to find */
};

void json_check_init(struct json_check *j, bool lines)
{
	*j = (struct json_check){ .lines = lines, .state = START, .line = 1 };
}

static void fail(struct json_check *j, int64_t at, const char *text)
{
	finding_set(&j->first, j->line, at - j->line_start + 1, "%s", text);
	j->bad++;
	j->state = j->lines ? SKIP : STOP;
}

/* "expected a value, found '}'" */
static void fail_expected(struct json_check *j, int64_t at, const char *what, char c)
{
	char text[80];

	if (c > ' ' && c < 0x7f)
		(void)snprintf(text, sizeof(text), "expected %s, found '%c'", what, c);
	else
		(void)snprintf(text, sizeof(text), "expected %s, found the byte 0x%02x",
			       what, (unsigned char)c);
	fail(j, at, text);
}

static bool in_object(const struct json_check *j)
{
	unsigned level = j->depth - 1;

	return j->is_object[level / 8] >> (level % 8) & 1;
}

static void open_level(struct json_check *j, int64_t at, bool object)
{
	uint8_t bit = (uint8_t)(1u << (j->depth % 8));

	if (j->depth == JSON_MAX_DEPTH) {
		fail(j, at, "nested more than 512 deep");
		return;
	}
	if (j->depth == 0)
		j->top_is_array = !object;
	if (object)
		j->is_object[j->depth / 8] |= bit;
	else
		j->is_object[j->depth / 8] &= (uint8_t)~bit;
	j->depth++;
	j->state = object ? FIRST_KEY : FIRST_VALUE;
}

static void value_done(struct json_check *j)
{
	j->state = j->depth ? AFTER : DONE;
	if (j->depth == 0)
		j->line_ended = false;
}

static void close_level(struct json_check *j)
{
	j->depth--;
	value_done(j);
}

static void open_string(struct json_check *j, enum state after)
{
	j->state = STRING;
	j->after_string = (int)after;
}

static void open_literal(struct json_check *j, const char *rest)
{
	j->state = LITERAL;
	j->literal = rest;
}

static void open_value(struct json_check *j, int64_t at, char c)
{
	if (j->depth == 1 && !in_object(j))
		j->elements++;
	switch (c) {
	case '{':
	case '[':
		open_level(j, at, c == '{');
		break;
	case '"':
		open_string(j, AFTER);
		break;
	case '-':
		j->state = MINUS;
		break;
	case '0':
		j->state = ZERO;
		break;
	case 't':
		open_literal(j, "rue");
		break;
	case 'f':
		open_literal(j, "alse");
		break;
	case 'n':
		open_literal(j, "ull");
		break;
	default:
		if (c >= '1' && c <= '9')
			j->state = INTEGER;
		else
			fail_expected(j, at, "a value", c);
	}
}

static void open_document(struct json_check *j, int64_t at, char c)
{
	j->documents++;
	j->value_line = j->line;
	j->depth = 0;
	open_value(j, at, c);
}

/* A second document: only on a line of its own, where the first had one, too. */
static void after_document(struct json_check *j, int64_t at, char c)
{
	bool could_be_lines = j->documents == 1 && j->value_line == 1 && j->line == 2 &&
			      (c == '{' || c == '[');

	if (j->lines ? !j->line_ended : !(could_be_lines && j->line_ended)) {
		fail(j, at, "text behind the end of the document");
		return;
	}
	j->lines = true;
	open_document(j, at, c);
}

static void line_end(struct json_check *j, int64_t at)
{
	if (j->state == DONE)
		j->line_ended = true;
	else if (j->lines && j->state != START && j->state != SKIP)
		fail(j, at, "the line ends inside a value");
	if (j->state == SKIP)
		j->state = START;
	j->line++;
	j->line_start = at + 1;
}

/* A byte between values: punctuation. */
static void punctuation(struct json_check *j, int64_t at, char c)
{
	switch ((enum state)j->state) {
	case START:
		open_document(j, at, c);
		break;
	case DONE:
		after_document(j, at, c);
		break;
	case FIRST_VALUE:
		if (c == ']') {
			close_level(j);
			break;
		}
		/* fallthrough */
	case VALUE:
		open_value(j, at, c);
		break;
	case FIRST_KEY:
		if (c == '}') {
			close_level(j);
			break;
		}
		/* fallthrough */
	case KEY:
		if (c == '"')
			open_string(j, COLON);
		else
			fail_expected(j, at, "a name in quotes", c);
		break;
	case COLON:
		if (c == ':')
			j->state = VALUE;
		else
			fail_expected(j, at, "':'", c);
		break;
	default:
		if (c == ',')
			j->state = in_object(j) ? KEY : VALUE;
		else if (c == (in_object(j) ? '}' : ']'))
			close_level(j);
		else
			fail_expected(j, at, in_object(j) ? "',' or '}'" : "',' or ']'",
				      c);
	}
}

/* A run of white space, and one byte of punctuation behind it. */
static const char *feed_between(struct json_check *j, const char *p, const char *end,
				const char *data)
{
	for (; p < end; p++) {
		if (*p == '\n')
			line_end(j, j->offset + (p - data));
		else if (*p != ' ' && *p != '\t' && *p != '\r')
			break;
	}
	if (p == end)
		return p;
	punctuation(j, j->offset + (p - data), *p);
	return p + 1;
}

static bool begin_utf8(struct json_check *j, uint8_t c)
{
	j->utf8_low = 0x80;
	j->utf8_high = 0xbf;
	if (c >= 0xc2 && c <= 0xdf) {
		j->utf8_left = 1;
	} else if ((c & 0xf0) == 0xe0) {
		j->utf8_left = 2;
		/* Neither longer than needed, nor half of a surrogate pair. */
		j->utf8_low = c == 0xe0 ? 0xa0 : 0x80;
		j->utf8_high = c == 0xed ? 0x9f : 0xbf;
	} else if (c >= 0xf0 && c <= 0xf4) {
		j->utf8_left = 3;
		j->utf8_low = c == 0xf0 ? 0x90 : 0x80;
		j->utf8_high = c == 0xf4 ? 0x8f : 0xbf;
	} else {
		return false;
	}
	j->state = UTF8;
	return true;
}

static void end_string(struct json_check *j)
{
	if (j->after_string == AFTER)
		value_done(j);
	else
		j->state = j->after_string;
}

/* Leaves a line end that must not be there for feed_between(), which counts it. */
static const char *feed_string(struct json_check *j, const char *p, const char *end,
			       const char *data)
{
	uint8_t c;

	p = scan_plain(p, end);
	if (p == end)
		return p;
	c = (uint8_t)*p;
	if (c == '"') {
		end_string(j);
	} else if (c == '\\') {
		j->state = ESCAPE;
	} else if (c == '\n') {
		fail(j, j->offset + (p - data), "a line end inside a string");
		return p;
	} else if (c < 0x20) {
		fail(j, j->offset + (p - data), "a control character inside a string");
	} else if (c >= 0x80 && !begin_utf8(j, c)) {
		fail(j, j->offset + (p - data), "a byte that is not UTF-8");
	}
	return p + 1;
}

/* One byte inside an escape or a character of several bytes. */
static const char *feed_in_character(struct json_check *j, const char *p,
				     const char *data)
{
	uint8_t c = (uint8_t)*p;
	const char *wrong = NULL;

	if (j->state == UTF8) {
		if (c < j->utf8_low || c > j->utf8_high)
			wrong = "a byte that is not UTF-8";
		j->utf8_low = 0x80;
		j->utf8_high = 0xbf;
		if (--j->utf8_left == 0)
			j->state = STRING;
	} else if (j->state == HEX) {
		if (!(c >= '0' && c <= '9') && !((c | 0x20) >= 'a' && (c | 0x20) <= 'f'))
			wrong = "\\u without four hexadecimal digits";
		if (--j->digits == 0)
			j->state = STRING;
	} else if (c == 'u') {
		j->state = HEX;
		j->digits = 4;
	} else {
		if (!c || !strchr("\"\\/bfnrt", c))
			wrong = "an unknown escape in a string";
		j->state = STRING;
	}
	if (!wrong)
		return p + 1;
	fail(j, j->offset + (p - data), wrong);
	return p;
}

/* The number's next state: DONE when `c` is behind it, STOP when it may not be there. */
static enum state number_next(enum state state, char c)
{
	bool digit = c >= '0' && c <= '9';

	switch (state) {
	case MINUS:
		return c == '0' ? ZERO : digit ? INTEGER : STOP;
	case ZERO:
	case INTEGER:
		if (digit)
			return state == ZERO ? STOP : INTEGER;
		return c == '.' ? POINT : (c | 0x20) == 'e' ? EXPONENT : DONE;
	case POINT:
		return digit ? FRACTION : STOP;
	case FRACTION:
		return digit ? FRACTION : (c | 0x20) == 'e' ? EXPONENT : DONE;
	case EXPONENT:
		if (c == '+' || c == '-')
			return EXPONENT_SIGN;
		return digit ? EXPONENT_DIGITS : STOP;
	case EXPONENT_SIGN:
		return digit ? EXPONENT_DIGITS : STOP;
	default:
		return digit ? EXPONENT_DIGITS : DONE;
	}
}

static const char *feed_number(struct json_check *j, const char *p, const char *end,
			       const char *data)
{
	enum state next = (enum state)j->state;

	for (; p < end; p++) {
		next = number_next(next, *p);
		if (next == DONE) {
			value_done(j);
			return p;
		}
		if (next == STOP) {
			fail_expected(j, j->offset + (p - data), "the rest of a number",
				      *p);
			return p;
		}
	}
	j->state = (int)next;
	return p;
}

static const char *feed_literal(struct json_check *j, const char *p, const char *end,
				const char *data)
{
	for (; p < end && *j->literal; p++, j->literal++) {
		if (*p == *j->literal)
			continue;
		fail(j, j->offset + (p - data),
		     "a word that is neither true, false nor null");
		return p;
	}
	if (!*j->literal)
		value_done(j);
	return p;
}

static const char *skip_line(const char *p, const char *end)
{
	const char *nl = memchr(p, '\n', (size_t)(end - p));

	return nl ? nl : end;
}

void json_check_feed(struct json_check *j, const char *data, size_t n)
{
	const char *p = data, *end = data + n;

	while (p < end && j->state != STOP) {
		switch ((enum state)j->state) {
		case STRING:
			p = feed_string(j, p, end, data);
			break;
		case ESCAPE:
		case HEX:
		case UTF8:
			p = feed_in_character(j, p, data);
			break;
		case MINUS:
		case ZERO:
		case INTEGER:
		case POINT:
		case FRACTION:
		case EXPONENT:
		case EXPONENT_SIGN:
		case EXPONENT_DIGITS:
			p = feed_number(j, p, end, data);
			break;
		case LITERAL:
			p = feed_literal(j, p, end, data);
			break;
		case SKIP:
			p = skip_line(p, end);
			if (p < end)
				line_end(j, j->offset + (p++ - data));
			break;
		default:
			p = feed_between(j, p, end, data);
		}
	}
	j->offset += (int64_t)n;
}

void json_check_finish(struct json_check *j)
{
	enum state state = (enum state)j->state;

	/* The end of the file ends a number, as a space would. */
	if (state >= MINUS && state <= EXPONENT_DIGITS && number_next(state, ' ') == DONE)
		value_done(j);
	if (j->state != START && j->state != DONE && j->state != SKIP && j->state != STOP)
		fail(j, j->offset, "the file ends inside a value");
}

int64_t json_check_records(const struct json_check *j)
{
	return !j->lines && j->top_is_array ? j->elements : j->documents;
}
