#include "emulator/service.h"

#include <errno.h>
#include <stdarg.h>

#define DISK_FULL_STATUS 507 /* clients do not retry it, unlike 503 */

int fault_set(struct fault *f, int status, const char *code, const char *fmt, ...)
{
	va_list args;

	f->status = status;
	(void)snprintf(f->code, sizeof(f->code), "%s", code);
	va_start(args, fmt);
	(void)vsnprintf(f->message, sizeof(f->message), fmt, args);
	va_end(args);
	return -1;
}

int fault_from(struct fault *f, const struct fp_error *err)
{
	bool full = err->code == FP_ERR_IO && (errno == ENOSPC || errno == EDQUOT);

	if (full)
		return fault_set(f, DISK_FULL_STATUS, "ServiceUnavailable",
				 "the emulator's disk is full, nothing was stored: %s",
				 err->message);
	if (err->code == FP_ERR_INPUT || err->code == FP_ERR_LIMIT)
		return fault_set(f, 400,
				 err->aws_code[0] ? err->aws_code : "ValidationError",
				 "%s", err->message);
	return fault_set(f, 500, "InternalError", "%s", err->message);
}
