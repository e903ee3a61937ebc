/*
 * Any text, edited at a path and with a value that come with it: lines "PATH" and
 * "VALUE", then the document. What the editor gives out is read again here, apart from
 * its own check, and what was added comes out again.
 */
#include "yaml/edit.h"
#include "yaml/load.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* The next line as a string, and the text behind it. */
static char *take_line(const char **text, size_t *n)
{
	const char *nl = memchr(*text, '\n', *n);
	size_t len = nl ? (size_t)(nl - *text) : *n;
	char *line = xstrndup(*text, len);

	*text += len + (nl != NULL);
	*n -= len + (nl != NULL);
	return line;
}

static const struct node *at_path(const struct node *doc, const struct strs *path)
{
	for (size_t i = 0; doc && i < path->n; i++) {
		int64_t k;

		if (doc->kind == NODE_SEQUENCE)
			doc = str_to_i64(path->v[i], 0, INT32_MAX, &k) &&
					      (size_t)k < doc->seq.n
				      ? doc->seq.v[k]
				      : NULL;
		else
			doc = node_get(doc, path->v[i]);
	}
	return doc;
}

static const struct node *read_back(struct arena *a, const struct buf *text)
{
	struct fp_error err = { 0 };
	struct node *doc;

	if (node_load_one(&doc, a, buf_str(text), text->len, "edited", &err) < 0)
		fp_die("what was edited cannot be read: %s\n%s", err.message,
		       buf_str(text));
	return doc;
}

static void check_set(struct arena *a, const char *text, size_t n,
		      const struct strs *path, const struct node *value)
{
	FP_AUTO(buf_release) struct buf out = BUF_INIT;
	FP_AUTO(buf_release) struct buf again = BUF_INIT;
	struct fp_error err = { 0 };
	const struct node *doc;

	if (edit_set(&out, text, n, "f", path, value, &err) < 0) {
		if (out.len || !*err.message)
			fp_die("a refused edit gave out '%s'", buf_str(&out));
		return;
	}
	doc = read_back(a, &out);
	if (!node_equal(at_path(doc, path), value))
		fp_die("the value is not where it was set:\n%s", buf_str(&out));
	if (edit_set(&again, out.data, out.len, "f", path, value, &err) == 0 &&
	    !node_equal(read_back(a, &again), doc))
		fp_die("setting the same again changed the document:\n%s",
		       buf_str(&again));
}

static void check_unset(struct arena *a, const char *text, size_t n,
			const struct strs *path)
{
	FP_AUTO(buf_release) struct buf out = BUF_INIT;
	struct fp_error err = { 0 };
	const struct node *last;
	struct strs head = { path->v, path->n - 1, path->n - 1 };

	if (edit_unset(&out, text, n, "f", path, &err) < 0)
		return;
	last = at_path(read_back(a, &out), &head);
	if (!last || (last->kind == NODE_MAPPING && node_get(last, path->v[path->n - 1])))
		fp_die("what was taken out is there:\n%s", buf_str(&out));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	FP_AUTO(arena_release) struct arena a = ARENA_INIT;
	FP_AUTO(strs_release) struct strs path = STRS_INIT;
	const char *text = (const char *)data;
	FP_AUTO(freep) char *where = take_line(&text, &n);
	FP_AUTO(freep) char *given = take_line(&text, &n);
	struct fp_error err = { 0 };
	struct node *value;

	if (n > 1 << 16 || edit_path_parse(&path, where, &err) < 0)
		return 0;
	if (node_load_one(&value, &a, given, strlen(given), "value", &err) == 0)
		check_set(&a, text, n, &path, value);
	check_unset(&a, text, n, &path);
	return 0;
}
