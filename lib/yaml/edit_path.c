/* Paths as people write them: buckets."a.b".prefix */
#include "yaml/edit.h"

static int wrong(struct fp_error *err, const char *text, const char *why)
{
	return fp_fail(err, FP_ERR_USAGE,
		       "the path '%s' %s; write names with dots between, such as "
		       "buckets.uploads.prefix",
		       text, why);
}

/* A part in quotes; returns what follows it, or NULL when none closes. */
static const char *quoted_part(struct buf *part, const char *p)
{
	char quote = *p++;

	for (; *p; p++) {
		if (*p == quote && p[1] != quote)
			return p + 1;
		p += *p == quote;
		buf_putc(part, *p);
	}
	return NULL;
}

int edit_path_parse(struct strs *path, const char *text, struct fp_error *err)
{
	const char *p = text;

	for (;; p++) {
		FP_AUTO(buf_release) struct buf part = BUF_INIT;

		if (*p == '"' || *p == '\'') {
			p = quoted_part(&part, p);
			if (!p)
				return wrong(err, text, "has a quote that is not closed");
			if (*p && *p != '.')
				return wrong(err, text, "has text behind a quote");
		} else {
			size_t n = strcspn(p, ".");

			if (!n)
				return wrong(err, text, "has an empty part");
			buf_add(&part, p, n);
			p += n;
		}
		strs_add(path, buf_str(&part));
		if (!*p)
			return 0;
	}
}

const struct node *edit_step(const struct node *n, const char *part)
{
	int64_t i;

	if (!n || n->kind != NODE_SEQUENCE)
		return node_get(n, part);
	if (!str_to_i64(part, 0, INT32_MAX, &i) || (size_t)i >= n->seq.n)
		return NULL;
	return n->seq.v[i];
}

void edit_path_put(struct buf *out, const struct strs *path)
{
	for (size_t i = 0; i < path->n; i++) {
		const char *part = path->v[i];

		if (i)
			buf_putc(out, '.');
		if (*part && *part != '\'' && !strpbrk(part, ".\"")) {
			buf_puts(out, part);
			continue;
		}
		buf_putc(out, '"');
		for (; *part; part++) {
			if (*part == '"')
				buf_putc(out, '"');
			buf_putc(out, *part);
		}
		buf_putc(out, '"');
	}
}
