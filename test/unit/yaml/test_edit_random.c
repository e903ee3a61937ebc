/*
 * Random documents in random styles, edited at random places. The seed is printed with
 * a failure; FPCTL_SEED=N runs that one alone.
 */
#include "check_main.h"
#include "yaml/edit.h"
#include "yaml/load.h"

#define RUNS	  40 /* of DOCUMENTS each */
#define DOCUMENTS 50

/* How one document is written. */
struct style {
	uint64_t state;
	size_t step, dash;
	const char *newline;
	bool parted, padded;
	unsigned keys; /* names made so far */
};

static unsigned roll(struct style *s, unsigned n)
{
	s->state ^= s->state << 13;
	s->state ^= s->state >> 7;
	s->state ^= s->state << 17;
	return (unsigned)(s->state % n);
}

static void put_scalar(struct style *s, struct buf *out)
{
	static const char *const texts[] = {
		"plain",    "'single'",	       "\"double\"", "12",	"true",
		"~",	    "\"on\"",	       "30d",	     "'it''s'", "\"a\\tb\"",
		"\"日本\"", "ops@example.com", "\"x # y\"",  ".csv",	"'0123'",
	};

	buf_puts(out, texts[roll(s, ARRAY_SIZE(texts))]);
}

static void put_name(struct style *s, struct buf *out)
{
	static const char *const forms[][2] = { { "k", "" },	  { "k", "" },
						{ "key-", "" },	  { "'q", "'" },
						{ "\"d.", "\"" }, { "ü", "" } };
	const char *const *form = forms[roll(s, ARRAY_SIZE(forms))];

	buf_printf(out, "%s%u%s", form[0], s->keys++, form[1]);
}

static void put_flow(struct style *s, struct buf *out, unsigned depth)
{
	unsigned n = roll(s, 4);
	bool map = roll(s, 2), pad = s->padded && n;

	if (depth == 0 || roll(s, 2)) {
		put_scalar(s, out);
		return;
	}
	buf_printf(out, "%c%s", map ? '{' : '[', pad ? " " : "");
	for (unsigned i = 0; i < n; i++) {
		buf_puts(out, i ? ", " : "");
		if (map) {
			put_name(s, out);
			buf_puts(out, ": ");
		}
		put_flow(s, out, depth - 1);
	}
	buf_printf(out, "%s%s%c", n && roll(s, 6) == 0 ? "," : "", pad ? " " : "",
		   map ? '}' : ']');
}

static void end_line(struct style *s, struct buf *out)
{
	if (roll(s, 4) == 0)
		buf_printf(out, "%*s# note %u", (int)roll(s, 4) + 1, "", roll(s, 100));
	buf_puts(out, s->newline);
}

static void between(struct style *s, struct buf *out, size_t column)
{
	if (roll(s, 6) == 0)
		buf_puts(out, s->newline);
	for (unsigned n = roll(s, 5); n > 2; n--) {
		buf_fill(out, ' ', column);
		buf_printf(out, "# about %u%s", roll(s, 100), s->newline);
	}
}

static void put_block(struct style *s, struct buf *out, size_t column, unsigned depth,
		      bool map);

static void put_lines(struct style *s, struct buf *out, size_t column)
{
	static const char *const heads[] = { "|", ">", "|-", "|+", ">-" };

	buf_puts(out, heads[roll(s, ARRAY_SIZE(heads))]);
	buf_puts(out, s->newline);
	for (unsigned n = roll(s, 3) + 1; n; n--) {
		buf_fill(out, ' ', column + s->step);
		buf_printf(out, "line # %u%s", n, s->newline);
	}
	if (roll(s, 2))
		buf_puts(out, s->newline);
}

/* Over several lines, one member each. */
static void put_tall_flow(struct style *s, struct buf *out, size_t column)
{
	unsigned n = roll(s, 3) + 1;
	bool trailing = roll(s, 2);

	buf_printf(out, "{%s", s->newline);
	for (unsigned i = 0; i < n; i++) {
		between(s, out, column + s->step);
		buf_fill(out, ' ', column + s->step);
		put_name(s, out);
		buf_puts(out, ": ");
		put_flow(s, out, 1);
		buf_puts(out, i + 1 < n || trailing ? "," : "");
		end_line(s, out);
	}
	buf_fill(out, ' ', column + 1);
	buf_puts(out, "}");
	end_line(s, out);
}

/* Behind "key:" or "-", to the end of the line or of more lines. */
static void put_value(struct style *s, struct buf *out, size_t column, unsigned depth,
		      bool in_list)
{
	unsigned kind = roll(s, 10);

	if (depth && kind < 4 && !in_list) {
		bool map = roll(s, 3) > 0;

		end_line(s, out);
		put_block(s, out, column + (map ? s->step : s->dash), depth - 1, map);
	} else if (kind == 4 && !in_list) {
		end_line(s, out); /* nothing at all */
	} else if (kind == 5) {
		buf_putc(out, ' ');
		put_lines(s, out, column);
	} else if (kind == 6 && !in_list) {
		buf_putc(out, ' ');
		put_tall_flow(s, out, column);
	} else {
		buf_putc(out, ' ');
		put_flow(s, out, 2);
		end_line(s, out);
	}
}

static void put_block(struct style *s, struct buf *out, size_t column, unsigned depth,
		      bool map)
{
	unsigned n = roll(s, 4) + 1;

	for (unsigned i = 0; i < n; i++) {
		if (s->parted && i && !column)
			buf_puts(out, s->newline);
		between(s, out, column);
		buf_fill(out, ' ', column);
		if (map) {
			put_name(s, out);
			buf_putc(out, ':');
			put_value(s, out, column, depth, false);
		} else if (depth && roll(s, 4) == 0) {
			/* "- key: value" and its further lines */
			buf_puts(out, "- ");
			put_name(s, out);
			buf_puts(out, ": 1");
			end_line(s, out);
			buf_fill(out, ' ', column + 2);
			put_name(s, out);
			buf_puts(out, ": 2");
			end_line(s, out);
		} else {
			buf_putc(out, '-');
			put_value(s, out, column, depth, true);
		}
	}
}

static void put_document(struct style *s, struct buf *out)
{
	static const char *const newlines[] = { "\n", "\n", "\r\n" };

	s->step = 1 + roll(s, 6);
	s->dash = roll(s, 2) ? 0 : s->step;
	s->newline = newlines[roll(s, ARRAY_SIZE(newlines))];
	s->parted = roll(s, 2);
	s->padded = roll(s, 3) == 0;
	if (roll(s, 8) == 0)
		buf_puts(out, "\xef\xbb\xbf");
	if (roll(s, 4) == 0)
		buf_printf(out, "# a file%s", s->newline);
	if (roll(s, 8) == 0)
		buf_printf(out, "---%s", s->newline);
	put_block(s, out, 0, 3, true);
	if (roll(s, 4) == 0)
		buf_printf(out, "# the end%s", s->newline);
	if (roll(s, 4) == 0)
		buf_truncate(out, out->len - strlen(s->newline));
}

/* A random collection's path; `depth` steps down at most. */
static const struct node *walk(struct style *s, const struct node *n, struct strs *path)
{
	for (;;) {
		size_t count = n->kind == NODE_MAPPING	  ? n->map.n
			       : n->kind == NODE_SEQUENCE ? n->seq.n
							  : 0;
		size_t i;
		char index[24];

		if (!count || roll(s, 4) == 0)
			return n;
		i = roll(s, (unsigned)count);
		if (n->kind == NODE_MAPPING) {
			strs_add(path, node_text(n->map.v[i].key));
			n = n->map.v[i].value;
		} else {
			snprintf(index, sizeof(index), "%zu", i);
			strs_add(path, index);
			n = n->seq.v[i];
		}
	}
}

static struct node *random_value(struct style *s, struct arena *a)
{
	static const char *const values[] = {
		"{}",	  "text",
		"'on'",	  "5",
		"[a, b]", "{x: 1, w: {z: [1, 2]}}",
		"'a: b'", "\"two\\nlines\"",
	};
	const char *text = values[roll(s, ARRAY_SIZE(values))];
	struct fp_error err = { 0 };
	struct node *n;

	ck_assert_int_eq(node_load_one(&n, a, text, strlen(text), "value", &err), 0);
	return n;
}

/* Whether `part` is what is left of `whole` when bytes are taken out. */
static bool is_rest(const struct buf *part, const struct buf *whole)
{
	size_t at = 0;

	for (size_t i = 0; i < whole->len && at < part->len; i++)
		at += part->data[at] == whole->data[i];
	return at == part->len;
}

struct trial {
	unsigned long seed;
	struct arena arena;
	struct buf text;
	struct node *doc;
	struct strs path;
	const struct node *at;
};

static void give_up(const struct trial *t, const char *what, const struct buf *got)
{
	FP_AUTO(buf_release) struct buf path = BUF_INIT;

	edit_path_put(&path, &t->path);
	ck_abort_msg("FPCTL_SEED=%lu: %s at %s\n--- in\n%s\n--- got\n%s", t->seed, what,
		     buf_str(&path), t->text.data, buf_str(got));
}

static bool is_empty(const struct node *n)
{
	return node_is_null(n) || (n->kind == NODE_MAPPING && !n->map.n) ||
	       (n->kind == NODE_SEQUENCE && !n->seq.n);
}

/* A new key, which taken out again leaves the bytes that were there. */
static void add_and_remove(struct trial *t, struct style *s)
{
	FP_AUTO(buf_release) struct buf with = BUF_INIT;
	FP_AUTO(buf_release) struct buf again = BUF_INIT;
	struct fp_error err = { 0 };
	bool was_null = node_is_null(t->at);

	if (t->at->kind == NODE_SEQUENCE) {
		char index[24];

		snprintf(index, sizeof(index), "%zu", t->at->seq.n);
		strs_add(&t->path, index);
	} else if (t->at->kind == NODE_MAPPING || was_null) {
		strs_add(&t->path, "added");
	} else {
		return;
	}
	if (edit_set(&with, t->text.data, t->text.len, "f", &t->path,
		     random_value(s, &t->arena), &err) < 0) {
		/* An item cannot follow a block scalar without its line's end. */
		if (t->at->kind == NODE_SEQUENCE && t->text.data[t->text.len - 1] != '\n')
			return;
		buf_puts(&with, err.message);
		give_up(t, "adding failed", &with);
	}
	if (!is_empty(t->at) && !is_rest(&t->text, &with))
		give_up(t, "adding took something away", &with);
	if (edit_unset(&again, with.data, with.len, "f", &t->path, &err) < 0) {
		buf_printf(&with, "\n--- %s", err.message);
		give_up(t, "removing failed", &with);
	}
	if (!was_null &&
	    (again.len != t->text.len || memcmp(again.data, t->text.data, again.len)))
		give_up(t, "adding and removing left a trace", &again);
}

static void replace_by_string(struct trial *t)
{
	FP_AUTO(buf_release) struct buf out = BUF_INIT;
	FP_AUTO(buf_release) struct buf back = BUF_INIT;
	struct fp_error err = { 0 };

	if (!t->path.n)
		return;
	if (edit_set(&out, t->text.data, t->text.len, "f", &t->path,
		     node_string(&t->arena, "fresh text"), &err) < 0) {
		buf_puts(&out, err.message);
		give_up(t, "setting failed", &out);
	}
	/* A line's text goes back to what it was. */
	if (t->at->kind != NODE_SCALAR ||
	    memchr(node_text(t->at), '\n', t->at->scalar.len))
		return;
	if (edit_set(&back, out.data, out.len, "f", &t->path, t->at, &err) < 0) {
		buf_puts(&back, err.message);
		give_up(t, "setting back failed", &back);
	}
	if (t->at->scalar.type == SCALAR_STRING && !strstr(t->text.data, "\"30d") &&
	    back.len == t->text.len && memcmp(back.data, t->text.data, back.len) != 0)
		give_up(t, "setting back left a trace", &back);
}

static void take_out(struct trial *t)
{
	FP_AUTO(buf_release) struct buf out = BUF_INIT;
	struct fp_error err = { 0 };

	if (!t->path.n)
		return;
	if (edit_unset(&out, t->text.data, t->text.len, "f", &t->path, &err) < 0) {
		buf_puts(&out, err.message);
		give_up(t, "taking out failed", &out);
	}
	if (!strstr(out.data, "{}") && !strstr(out.data, "[]") &&
	    !is_rest(&out, &t->text))
		give_up(t, "taking out put something in", &out);
}

static void try_one(unsigned long seed)
{
	struct style s = { .state = seed * 0x9e3779b97f4a7c15u + 1 };
	struct trial t = { .seed = seed };
	struct fp_error err = { 0 };

	put_document(&s, &t.text);
	if (node_load_one(&t.doc, &t.arena, t.text.data, t.text.len, "f", &err) < 0) {
		FP_AUTO(buf_release) struct buf why = BUF_INIT;

		buf_printf(&why, "%s %s", err.where, err.message);
		give_up(&t, "the document cannot be read", &why);
	}
	for (unsigned i = 0; i < 4; i++) {
		t.at = walk(&s, t.doc, &t.path);
		switch (roll(&s, 3)) {
		case 0:
			add_and_remove(&t, &s);
			break;
		case 1:
			replace_by_string(&t);
			break;
		default:
			take_out(&t);
		}
		strs_release(&t.path);
		t.path = (struct strs)STRS_INIT;
	}
	buf_release(&t.text);
	arena_release(&t.arena);
}

START_TEST(random_edits)
{
	const char *one = getenv("FPCTL_SEED");

	if (one) {
		try_one(strtoul(one, NULL, 10));
		return;
	}
	for (unsigned long i = 0; i < DOCUMENTS; i++)
		try_one((unsigned long)_i * DOCUMENTS + i);
}
END_TEST

static Suite *edit_random_suite(void)
{
	Suite *s = suite_create("yaml/edit_random");
	TCase *tc = tcase_create("edit_random");

	tcase_set_timeout(tc, 120);
	tcase_add_loop_test(tc, random_edits, 0, RUNS);
	suite_add_tcase(s, tc);
	return s;
}

CHECK_MAIN(edit_random_suite)
