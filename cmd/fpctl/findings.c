#include "findings.h"

#include "base/fs.h"
#include "base/json.h"

#define SHOWN_MAX  50
#define SOURCE_MAX (4u << 20)

/* What is said behind the path of a template's finding: "Resources.A.Type: ...". */
static const char *behind_path(const char *message)
{
	size_t n = strcspn(message, " ");

	return n && message[n] && message[n - 1] == ':' ? message + n : message;
}

/* The same mistake: of one line of a template, a loop makes it for each turn. */
static bool is_same(const struct diag *a, const struct diag *b)
{
	return a->pos.line == b->pos.line && a->pos.column == b->pos.column &&
	       str_eq(a->pos.file, b->pos.file) && str_eq(a->hint, b->hint) &&
	       str_eq(behind_path(a->message), behind_path(b->message));
}

/* Where the same stands among those at its position, which end at n; or n. */
static size_t find_same(const struct diags *d, size_t n, const struct diag *it)
{
	for (size_t i = n; i-- && d->v[i].pos.line == it->pos.line &&
			   d->v[i].pos.column == it->pos.column;)
		if (is_same(&d->v[i], it))
			return i;
	return n;
}

void findings_sort(struct diags *d)
{
	FP_AUTO(freep) size_t *more = xcalloc(d->n + 1, sizeof(*more));
	size_t n = 0;

	/* What environments say alike is one after the other then. */
	diags_sort(d);
	for (size_t i = 0; i < d->n; i++) {
		size_t at = find_same(d, n, &d->v[i]);

		if (at == n)
			d->v[n++] = d->v[i];
		else if (!str_eq(d->v[i - 1].message, d->v[i].message))
			more[at]++;
	}
	d->n = n;
	for (size_t i = 0; i < n; i++)
		if (more[i])
			d->v[i].message = arena_printf(&d->arena, "%s (the first of %zu)",
						       d->v[i].message, more[i] + 1);
}

/* What has the findings: one file beside the one known, or `what`. */
static const char *who_has(const struct diags *d, const struct findings_source *known,
			   const char *what)
{
	const char *file = d->n ? d->v[0].pos.file : NULL;

	for (size_t i = 1; i < d->n; i++)
		if (!str_eq(d->v[i].pos.file, file))
			return what;
	return file && !(known && str_eq(known->file, file)) ? file : what;
}

/* Findings of one file, which `from` begins with; returns how many. */
static size_t print_file(struct buf *out, const struct diags *d, size_t from,
			 const struct findings_source *known, size_t max)
{
	FP_AUTO(buf_release) struct buf text = BUF_INIT;
	const char *file = d->v[from].pos.file;
	struct diags part = { .v = d->v + from };
	struct fp_error ignored = { 0 };

	while (from + part.n < d->n && str_eq(d->v[from + part.n].pos.file, file))
		part.n++;
	if (known && str_eq(known->file, file))
		buf_puts(&text, str_or(known->text, ""));
	else if (file && fs_exists(file) &&
		 fs_read(&text, file, SOURCE_MAX, &ignored) < 0)
		buf_clear(&text);
	part.n = FP_MIN(part.n, max);
	diags_format(out, &part, text.data, text.len, max);
	return part.n;
}

int findings_fail(struct app *app, struct diags *d, const struct findings_source *known,
		  enum fp_errc code, const char *what, struct fp_error *err)
{
	FP_AUTO(buf_release) struct buf text = BUF_INIT;
	size_t n = 0;

	findings_sort(d);
	while (n < d->n && n < SHOWN_MAX)
		n += print_file(&text, d, n, known, SHOWN_MAX - n);
	if (d->n > n)
		buf_printf(&text, "and %zu more\n", d->n - n);
	(void)fputs(buf_str(&text), app->ui.err);
	return fp_fail(err, code, "%s has %zu error%s", who_has(d, known, what), d->n,
		       d->n == 1 ? "" : "s");
}

cJSON *findings_json(const struct diags *d)
{
	cJSON *list = cJSON_CreateArray();

	for (size_t i = 0; i < d->n; i++) {
		const struct diag *it = &d->v[i];
		cJSON *j = json_push_object(list);

		json_set_str(j, "file", it->pos.file);
		if (it->pos.line)
			json_set_int(j, "line", it->pos.line);
		if (it->pos.column)
			json_set_int(j, "column", it->pos.column);
		json_set_str(j, "message", it->message);
		json_set_str(j, "hint", it->hint);
	}
	return list;
}
