/* RFC 8259. */
#include "base/str.h"
#include "yaml/loader.h"

struct json_reader {
	struct loader *l;
	const char *s, *end;
	const char *counted; /* up to where `line` and `column` are counted */
	unsigned line, column;
	struct buf text; /* a string's, while it is read */
	const char *problem;
	bool failed; /* a limit was passed: the finding is there */
};

/* Columns in characters, as libyaml counts. */
static struct fp_pos here(struct json_reader *r)
{
	for (; r->counted < r->s; r->counted++) {
		if (*r->counted == '\n') {
			r->line++;
			r->column = 1;
		} else {
			r->column += (*r->counted & 0xc0) != 0x80;
		}
	}
	return (struct fp_pos){ r->l->file, r->line, r->column };
}

static struct node *wrong(struct json_reader *r, const char *problem)
{
	if (!r->problem)
		r->problem = problem;
	return NULL;
}

static void skip_space(struct json_reader *r)
{
	while (r->s < r->end && *r->s && strchr(" \t\r\n", *r->s))
		r->s++;
}

static bool eat(struct json_reader *r, char c)
{
	if (r->s == r->end || *r->s != c)
		return false;
	r->s++;
	return true;
}

static void put_utf8(struct buf *b, uint32_t c)
{
	if (c < 0x80) {
		buf_putc(b, (char)c);
	} else if (c < 0x800) {
		buf_putc(b, (char)(0xc0 | c >> 6));
		buf_putc(b, (char)(0x80 | (c & 0x3f)));
	} else if (c < 0x10000) {
		buf_putc(b, (char)(0xe0 | c >> 12));
		buf_putc(b, (char)(0x80 | (c >> 6 & 0x3f)));
		buf_putc(b, (char)(0x80 | (c & 0x3f)));
	} else {
		buf_putc(b, (char)(0xf0 | c >> 18));
		buf_putc(b, (char)(0x80 | (c >> 12 & 0x3f)));
		buf_putc(b, (char)(0x80 | (c >> 6 & 0x3f)));
		buf_putc(b, (char)(0x80 | (c & 0x3f)));
	}
}

static bool read_hex4(struct json_reader *r, uint32_t *out)
{
	*out = 0;
	for (int i = 0; i < 4; i++, r->s++) {
		static const char digits[] = "0123456789abcdef0123456789ABCDEF";
		const char *at = r->s < r->end && *r->s ? strchr(digits, *r->s) : NULL;

		if (!at)
			return false;
		*out = *out << 4 | (uint32_t)((at - digits) & 15);
	}
	return true;
}

static bool read_unicode(struct json_reader *r)
{
	uint32_t c, low;

	if (!read_hex4(r, &c))
		return false;
	if (c >= 0xd800 && c < 0xdc00) {
		if (!eat(r, '\\') || !eat(r, 'u') || !read_hex4(r, &low) ||
		    low < 0xdc00 || low > 0xdfff)
			return false;
		c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
	} else if (c >= 0xdc00 && c < 0xe000) {
		return false;
	}
	put_utf8(&r->text, c);
	return true;
}

static bool read_escape(struct json_reader *r)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	const char *at;

	if (r->s == r->end)
		return false;
	if (eat(r, 'u'))
		return read_unicode(r);
	at = strchr(from, *r->s);
	if (!at || !*at)
		return false;
	buf_putc(&r->text, to[at - from]);
	r->s++;
	return true;
}

/* Behind the opening quote. */
static struct node *read_string(struct json_reader *r)
{
	buf_clear(&r->text);
	for (;;) {
		const char *run = r->s;

		while (r->s < r->end && *r->s != '"' && *r->s != '\\' &&
		       (unsigned char)*r->s >= 0x20)
			r->s++;
		buf_add(&r->text, run, (size_t)(r->s - run));
		if (eat(r, '"'))
			return node_string_n(r->l->a, buf_str(&r->text), r->text.len);
		if (r->s == r->end)
			return wrong(r, "a string has no end");
		if (*r->s != '\\')
			return wrong(r,
				     "a control character in a string must be escaped");
		r->s++;
		if (!read_escape(r))
			return wrong(r, "an escape in a string is not valid");
	}
}

static size_t digits(struct json_reader *r)
{
	const char *from = r->s;

	while (r->s < r->end && *r->s >= '0' && *r->s <= '9')
		r->s++;
	return (size_t)(r->s - from);
}

static struct node *read_number(struct json_reader *r)
{
	const char *from = r->s;
	enum scalar_type type = SCALAR_INT;
	struct node *n;

	eat(r, '-');
	if (!eat(r, '0') && digits(r) == 0)
		return wrong(r, "a value was expected");
	if (eat(r, '.')) {
		type = SCALAR_FLOAT;
		if (digits(r) == 0)
			return wrong(r, "a digit must follow the point");
	}
	if (eat(r, 'e') || eat(r, 'E')) {
		type = SCALAR_FLOAT;
		if (!eat(r, '+'))
			eat(r, '-');
		if (digits(r) == 0)
			return wrong(r, "a digit must follow the exponent");
	}
	n = node_string_n(r->l->a, from, (size_t)(r->s - from));
	n->scalar.type = type;
	return n;
}

static struct node *read_word(struct json_reader *r)
{
	static const struct {
		const char *word;
		enum scalar_type type;
	} words[] = { { "true", SCALAR_BOOL },
		      { "false", SCALAR_BOOL },
		      { "null", SCALAR_NULL } };

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		size_t len = strlen(words[i].word);
		struct node *n;

		if ((size_t)(r->end - r->s) < len ||
		    memcmp(r->s, words[i].word, len) != 0)
			continue;
		r->s += len;
		n = node_string_n(r->l->a, words[i].word, len);
		n->scalar.type = words[i].type;
		return n;
	}
	return read_number(r);
}

static struct node *read_value(struct json_reader *r, size_t depth);

static struct node *read_array(struct json_reader *r, size_t depth)
{
	struct node *seq = node_sequence(r->l->a);

	skip_space(r);
	if (eat(r, ']'))
		return seq;
	for (;;) {
		struct node *item = read_value(r, depth + 1);

		if (!item)
			return NULL;
		node_push(r->l->a, seq, item);
		skip_space(r);
		if (eat(r, ']'))
			return seq;
		if (!eat(r, ','))
			return wrong(r, "',' or ']' was expected");
	}
}

static struct node *read_object(struct json_reader *r, size_t depth)
{
	struct node *map = node_mapping(r->l->a);

	skip_space(r);
	if (eat(r, '}'))
		return map;
	for (;;) {
		struct node *key, *value;
		struct fp_pos pos;

		skip_space(r);
		pos = here(r);
		if (!eat(r, '"'))
			return wrong(r, "a key in double quotes was expected");
		key = read_string(r);
		if (!key)
			return NULL;
		key->pos = pos;
		if (strlen(key->scalar.text) != key->scalar.len)
			return wrong(r, "a key holds a NUL character");
		skip_space(r);
		if (!eat(r, ':'))
			return wrong(r, "':' was expected behind a key");
		value = read_value(r, depth + 1);
		if (!value)
			return NULL;
		loader_put(r->l, map, key, value);
		skip_space(r);
		if (eat(r, '}'))
			return map;
		if (!eat(r, ','))
			return wrong(r, "',' or '}' was expected");
	}
}

static struct node *read_value(struct json_reader *r, size_t depth)
{
	struct fp_pos pos;
	struct node *n;

	skip_space(r);
	pos = here(r);
	if (r->s == r->end)
		return wrong(r, "the document ends too early");
	if (!loader_count(r->l, pos, 1) ||
	    ((*r->s == '{' || *r->s == '[') && !loader_depth_ok(r->l, pos, depth))) {
		r->failed = true;
		return NULL;
	}
	if (eat(r, '{'))
		n = read_object(r, depth);
	else if (eat(r, '['))
		n = read_array(r, depth);
	else if (eat(r, '"'))
		n = read_string(r);
	else
		n = read_word(r);
	if (n)
		n->pos = pos;
	return n;
}

struct node *load_json(struct loader *l, const char *text, size_t n, struct fp_pos *where,
		       const char **problem)
{
	struct json_reader r = { .l = l,
				 .s = text,
				 .end = text + n,
				 .counted = text,
				 .line = 1,
				 .column = 1 };
	struct node *node = read_value(&r, 1);

	if (node) {
		skip_space(&r);
		if (r.s < r.end)
			node = wrong(&r, "more text behind the end of the document");
	}
	*where = here(&r);
	*problem = r.failed ? NULL : r.problem;
	buf_release(&r.text);
	return node;
}
