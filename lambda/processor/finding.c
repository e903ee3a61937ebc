#include "finding.h"

#include <stdarg.h>

void finding_set(struct finding *f, int64_t row, int64_t column, const char *fmt, ...)
{
	va_list ap;

	if (f->text[0])
		return;
	f->row = row;
	f->column = column;
	va_start(ap, fmt);
	(void)vsnprintf(f->text, sizeof(f->text), fmt, ap);
	va_end(ap);
}
