#include "base/str.h"
#include "manifest/checker.h"
#include "manifest/reference.h"

#define COMMENT_COLUMN 32

enum how {
	LIVE,  /* it holds */
	OFF,   /* a comment where it would stand */
	BLOCK, /* a comment from the line's beginning, as its parent is one */
};

/* A line of the starter; its comment is the row's, its value the row's example. */
struct line {
	const char *path; /* of a row; NULL: a blank line */
	unsigned depth;
	enum how how;
	const char *name; /* of an item, or NULL: the row's own name */
	bool opens;	  /* what belongs to it follows */
};

static const struct line lines[] = {
	{ .path = NULL },
	{ "buckets", 0, LIVE, NULL, true },
	{ "buckets.*", 1, LIVE, "uploads", true },
	{ "buckets.*.prefix", 2, OFF, NULL, false },
	{ "buckets.*.suffix", 2, OFF, NULL, false },
	{ "buckets.*.versioning", 2, OFF, NULL, false },
	{ "buckets.*.expire", 2, OFF, NULL, false },
	{ .path = NULL },
	{ "processors", 0, BLOCK, NULL, true },
	{ "processors.*", 1, BLOCK, "default", true },
	{ "processors.*.memory", 2, BLOCK, NULL, false },
	{ "processors.*.timeout", 2, BLOCK, NULL, false },
	{ .path = NULL },
	{ "notify", 0, OFF, NULL, false },
	{ .path = NULL },
	{ "monitoring", 0, BLOCK, NULL, true },
	{ "monitoring.alert", 1, BLOCK, NULL, false },
};

static const struct field *row_of(const struct schema *s, const char *path)
{
	for (size_t i = 0; i < s->n; i++)
		if (str_eq(s->fields[i].path, path))
			return &s->fields[i];
	fp_die("the schema has no field '%s'", path);
}

static void put_line(struct buf *out, const struct schema *s, const struct line *l,
		     const char *value)
{
	const struct field *f = row_of(s, l->path);
	size_t start = out->len, width;

	if (l->how == BLOCK)
		buf_puts(out, "# ");
	buf_fill(out, ' ', 2 * (size_t)l->depth);
	if (l->how == OFF)
		buf_puts(out, "# ");
	buf_printf(out, "%s:", l->name ? l->name : field_name(f));
	if (!l->opens)
		buf_printf(out, " %s", str_or(value, f->example));
	if (l->name) {
		buf_putc(out, '\n');
		return;
	}
	width = out->len - start;
	buf_fill(out, ' ', width < COMMENT_COLUMN ? COMMENT_COLUMN - width : 1);
	buf_printf(out, "# %s\n", f->doc);
}

void schema_starter(struct buf *out, const struct schema *s, const char *project,
		    const char *region, const char *github)
{
	const struct line name = { "project", 0, LIVE, NULL, false };
	const struct line where = { "region", 0, region ? LIVE : OFF, NULL, false };
	const struct line pipeline = { "pipeline", 0, github ? LIVE : BLOCK, NULL, true };
	const struct line repository = { "pipeline.github", 1, pipeline.how, NULL,
					 false };

	buf_puts(out, "# Check it with `fpctl validate`, run it on this machine with "
		      "`fpctl deploy --local`.\n"
		      "# All fields: `fpctl schema --markdown`.\n\n");
	put_line(out, s, &name, project);
	put_line(out, s, &where, region);
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		if (lines[i].path)
			put_line(out, s, &lines[i], NULL);
		else
			buf_putc(out, '\n');
	}
	buf_putc(out, '\n');
	put_line(out, s, &pipeline, NULL);
	put_line(out, s, &repository, github);
}
