/*
 * The screen: data on stdout, progress and diagnostics on stderr. Colour by
 * --color, then NO_COLOR, then whether it is a terminal.
 */
#ifndef FP_UI_H
#define FP_UI_H

#include "base/buf.h"
#include "base/error.h"

enum ui_color { UI_COLOR_AUTO, UI_COLOR_ALWAYS, UI_COLOR_NEVER };

struct ui {
	FILE *out, *err; /* borrowed */
	bool color_out, color_err;
	bool live;	/* stderr is a terminal: lines may be redrawn */
	bool cut;	/* stdout is a terminal: tables are cut to its width */
	bool quiet;	/* no progress */
	unsigned width; /* columns of the terminal, 80 when it is none */
};

enum ui_style { UI_PLAIN, UI_BOLD, UI_DIM, UI_RED, UI_GREEN, UI_YELLOW, UI_CYAN };

void ui_init(struct ui *ui, enum ui_color color, bool quiet);
/* "\033[31m" or "", for stdout or stderr. */
const char *ui_on(const struct ui *ui, FILE *to, enum ui_style style);
const char *ui_off(const struct ui *ui, FILE *to);

/* Text that others chose, such as a key of S3's or a server's message: what would
 * control the terminal, but line ends and tabs, becomes "?". */
void ui_puts(FILE *to, const char *text);
/* A line of progress on stderr, unless quiet. */
void ui_note(struct ui *ui, const char *fmt, ...) FP_PRINTF(2, 3);
/* "fpctl: error ..." with number, place, AWS's code and request id, and what to do next:
 * one line. */
void ui_error(struct ui *ui, const struct fp_error *err);
/* Flush stdout; FP_ERR_IO when what was printed did not arrive (a full disk), 1 when
 * its reader has gone (a pipe into head), of which nobody needs to hear. */
FP_MUST_CHECK int ui_finish(struct ui *ui, struct fp_error *err);

/* A table: columns as wide as needed, the last one cut to the terminal. */
struct ui_table;
struct ui_table *ui_table_new(const char *const *headers, size_t n);
/* n cells, copied; NULL is an empty one. `style` of the whole row. */
void ui_table_row(struct ui_table *t, enum ui_style style, const char *const *cells);
void ui_table_print(struct ui_table *t, struct ui *ui);
void ui_table_freep(struct ui_table **t);

/* "1.2 MiB", "340 B": `out` holds 16 bytes. */
void ui_bytes(char out[16], int64_t n);
/* "1.2 s", "3 min 4 s": `out` holds 24 bytes. */
void ui_duration(char out[24], int64_t ms);

#endif
