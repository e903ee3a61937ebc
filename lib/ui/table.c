#include "base/str.h"
#include "ui/ui.h"

#define GAP 2 /* spaces between two columns */

struct row {
	enum ui_style style;
	char **cells;
};

struct ui_table {
	size_t n; /* columns */
	char **headers;
	struct row *rows;
	size_t nrows, cap;
};

static char **copy_cells(const char *const *cells, size_t n)
{
	char **copy = xcalloc(n, sizeof(*copy));

	for (size_t i = 0; i < n; i++)
		copy[i] = xstrdup(cells[i] ? cells[i] : "");
	return copy;
}

static void free_cells(char **cells, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(cells[i]);
	free(cells);
}

struct ui_table *ui_table_new(const char *const *headers, size_t n)
{
	struct ui_table *t = xcalloc(1, sizeof(*t));

	t->n = n;
	t->headers = copy_cells(headers, n);
	return t;
}

void ui_table_row(struct ui_table *t, enum ui_style style, const char *const *cells)
{
	if (t->nrows == t->cap) {
		t->cap = t->cap ? t->cap * 2 : 8;
		t->rows = xrealloc(t->rows, t->cap * sizeof(*t->rows));
	}
	t->rows[t->nrows++] = (struct row){ style, copy_cells(cells, t->n) };
}

/* The bytes of at most `max` characters of the text; `*width` is their number. */
static size_t clip(const char *s, size_t max, size_t *width)
{
	size_t at = 0, n = strlen(s);

	for (*width = 0; at < n && *width < max; ++*width) {
		size_t len = str_utf8_len(s + at, n - at);

		at += len ? len : 1;
	}
	return at;
}

static size_t column_width(const struct ui_table *t, size_t column)
{
	size_t widest, width;

	(void)clip(t->headers[column], SIZE_MAX, &widest);
	for (size_t i = 0; i < t->nrows; i++) {
		(void)clip(t->rows[i].cells[column], SIZE_MAX, &width);
		widest = FP_MAX(widest, width);
	}
	return widest;
}

static void print_row(const struct ui_table *t, const struct ui *ui, const size_t *widths,
		      enum ui_style style, char *const *cells, bool cut)
{
	size_t used = 0, last = t->n, width;

	/* No spaces behind the last cell that has a text. */
	while (last > 0 && !cells[last - 1][0])
		last--;
	(void)fputs(ui_on(ui, ui->out, style), ui->out);
	for (size_t i = 0; i < last; i++) {
		size_t room = SIZE_MAX, bytes;

		if (cut && i + 1 == t->n)
			room = ui->width > used + 8 ? ui->width - used : 8;
		bytes = clip(cells[i], room, &width);
		(void)fwrite(cells[i], 1, bytes, ui->out);
		if (i + 1 < last)
			(void)fprintf(ui->out, "%*s", (int)(widths[i] - width + GAP), "");
		used += widths[i] + GAP;
	}
	(void)fprintf(ui->out, "%s\n", ui_off(ui, ui->out));
}

void ui_table_print(struct ui_table *t, struct ui *ui)
{
	FP_AUTO(freep) size_t *widths = xcalloc(t->n, sizeof(*widths));

	for (size_t i = 0; i < t->n; i++)
		widths[i] = column_width(t, i);
	print_row(t, ui, widths, UI_BOLD, t->headers, ui->cut);
	for (size_t i = 0; i < t->nrows; i++)
		print_row(t, ui, widths, t->rows[i].style, t->rows[i].cells, ui->cut);
}

void ui_table_freep(struct ui_table **t)
{
	if (!*t)
		return;
	for (size_t i = 0; i < (*t)->nrows; i++)
		free_cells((*t)->rows[i].cells, (*t)->n);
	free_cells((*t)->headers, (*t)->n);
	free((*t)->rows);
	free(*t);
	*t = NULL;
}
