#include "ui/ui.h"

#include <errno.h>
#include <stdarg.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/str.h"

static bool wants_color(enum ui_color color, FILE *to)
{
	const char *no = getenv("NO_COLOR");
	const char *term = getenv("TERM");

	if (color != UI_COLOR_AUTO)
		return color == UI_COLOR_ALWAYS;
	if ((no && *no) || (term && str_eq(term, "dumb")))
		return false;
	return isatty(fileno(to));
}

void ui_init(struct ui *ui, enum ui_color color, bool quiet)
{
	struct winsize size;
	const char *term = getenv("TERM");

	*ui = (struct ui){ .out = stdout, .err = stderr, .quiet = quiet, .width = 80 };
	ui->color_out = wants_color(color, ui->out);
	ui->color_err = wants_color(color, ui->err);
	ui->live = isatty(fileno(ui->err)) && !(term && str_eq(term, "dumb"));
	ui->cut = isatty(fileno(ui->out));
	if ((ioctl(fileno(ui->err), TIOCGWINSZ, &size) == 0 ||
	     ioctl(fileno(ui->out), TIOCGWINSZ, &size) == 0) &&
	    size.ws_col > 0)
		ui->width = size.ws_col;
}

static bool colored(const struct ui *ui, FILE *to)
{
	return to == ui->out ? ui->color_out : ui->color_err;
}

const char *ui_on(const struct ui *ui, FILE *to, enum ui_style style)
{
	static const char *const codes[] = {
		[UI_PLAIN] = "",	[UI_BOLD] = "\033[1m",	 [UI_DIM] = "\033[2m",
		[UI_RED] = "\033[31m",	[UI_GREEN] = "\033[32m", [UI_YELLOW] = "\033[33m",
		[UI_CYAN] = "\033[36m",
	};

	return colored(ui, to) ? codes[style] : "";
}

const char *ui_off(const struct ui *ui, FILE *to)
{
	return colored(ui, to) ? "\033[0m" : "";
}

void ui_puts(FILE *to, const char *text)
{
	for (const unsigned char *s = (const unsigned char *)text; *s; s++) {
		/* ESC, and the second half of the controls as UTF-8 has them: 80 to 9f.
		 */
		bool second = *s == 0xc2 && s[1] >= 0x80 && s[1] < 0xa0;
		bool control = (*s < 0x20 && *s != '\n' && *s != '\t') || *s == 0x7f;

		(void)fputc(second || control ? '?' : *s, to);
		s += second;
	}
}

void ui_note(struct ui *ui, const char *fmt, ...)
{
	FP_AUTO(freep) char *text = NULL;
	va_list args;
	int n;

	if (ui->quiet)
		return;
	va_start(args, fmt);
	n = vasprintf(&text, fmt, args);
	va_end(args);
	if (n < 0)
		fp_die("cannot format '%s'", fmt);
	ui_puts(ui->err, text);
	(void)fputc('\n', ui->err);
	(void)fflush(ui->err);
}

void ui_error(struct ui *ui, const struct fp_error *err)
{
	FP_AUTO(buf_release) struct buf more = BUF_INIT;

	if (err->aws_code[0])
		buf_puts(&more, err->aws_code);
	if (err->request_id[0])
		buf_printf(&more, "%srequest %s", more.len ? ", " : "", err->request_id);
	if (err->host_id[0])
		buf_printf(&more, "%sx-amz-id-2 %s", more.len ? ", " : "", err->host_id);
	(void)fprintf(ui->err, "%sfpctl: error FP%04u:%s ", ui_on(ui, ui->err, UI_RED),
		      err->number ? err->number : (unsigned)err->code,
		      ui_off(ui, ui->err));
	if (err->where[0]) {
		ui_puts(ui->err, err->where);
		(void)fputs(": ", ui->err);
	}
	ui_puts(ui->err, err->message);
	if (more.len) {
		(void)fputs(" (", ui->err);
		ui_puts(ui->err, buf_str(&more));
		(void)fputc(')', ui->err);
	}
	if (err->next)
		(void)fprintf(ui->err, "; %s", err->next);
	(void)fputc('\n', ui->err);
	(void)fflush(ui->err);
}

int ui_finish(struct ui *ui, struct fp_error *err)
{
	bool failed = fflush(ui->out) != 0;

	if (!failed && !ferror(ui->out))
		return 0;
	/* An earlier write failed and its reason is gone: another one tells it. */
	if (!failed) {
		clearerr(ui->out);
		failed = fputc('\n', ui->out) == EOF || fflush(ui->out) != 0;
	}
	/* `| head` has read enough: no news to anybody. */
	if (failed && errno == EPIPE)
		return 1;
	if (failed)
		return fp_fail_errno(err, "cannot write to standard output");
	return fp_fail(err, FP_ERR_IO, "a part of the output could not be written");
}

void ui_bytes(char out[16], int64_t n)
{
	static const char *const units[] = { "KiB", "MiB", "GiB", "TiB", "PiB", "EiB" };
	double value = (double)n / 1024;
	size_t u = 0;

	if (n < 1024) {
		(void)snprintf(out, 16, "%d B", (int)n);
		return;
	}
	/* 1023.95 would be printed as 1024.0 of the smaller unit. */
	for (; value >= 1023.95 && u + 1 < ARRAY_SIZE(units); u++)
		value /= 1024;
	(void)snprintf(out, 16, "%.1f %s", value, units[u]);
}

void ui_duration(char out[24], int64_t ms)
{
	int64_t s = ms / 1000;

	if (ms < 1000)
		(void)snprintf(out, 24, "%d ms", (int)ms);
	else if (ms < 60000)
		(void)snprintf(out, 24, "%d.%d s", (int)s, (int)(ms % 1000 / 100));
	else if (s < 3600)
		(void)snprintf(out, 24, "%d min %d s", (int)(s / 60), (int)(s % 60));
	else
		(void)snprintf(out, 24, "%lld h %d min", (long long)(s / 3600),
			       (int)(s % 3600 / 60));
}
