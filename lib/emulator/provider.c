#include "emulator/provider.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/error.h"

char *resource_name(const struct resource_request *r, size_t max)
{
	size_t tail = strlen(r->suffix) + 1;
	size_t room = max > tail ? max - tail : 0;
	struct buf b = BUF_INIT;

	buf_printf(&b, "%s-%s", r->stack_name, r->logical_id);
	if (b.len > room)
		buf_truncate(&b, room);
	buf_printf(&b, "%s%s", b.len ? "-" : "", r->suffix);
	return buf_detach(&b);
}
