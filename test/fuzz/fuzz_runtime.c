/* The Runtime API's requests: any bytes, in any parts, give the same requests. */
#include <stdlib.h>

#include "emulator/service/lambda_http.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

#define MAX_BODY 64

/* How the bytes end, and how much they held: they must not depend on the parts. */
static int count(const uint8_t *data, size_t n, size_t part, size_t *bytes)
{
	struct runtime_parser p;
	int requests = 0, rc = 0;

	*bytes = 0;
	runtime_parser_init(&p, MAX_BODY);
	for (size_t at = 0; at < n && rc >= 0; at += part) {
		runtime_parser_feed(&p, data + at, FP_MIN(part, n - at));
		while ((rc = runtime_parser_run(&p)) > 0) {
			if (p.req.body.len > MAX_BODY)
				abort();
			requests++;
			*bytes += p.req.body.len;
			runtime_parser_next(&p);
		}
	}
	runtime_parser_release(&p);
	return rc < 0 ? -1 - requests : requests;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	size_t whole, parts;

	if (n && n < 4096 &&
	    (count(data, n, n, &whole) != count(data, n, 1, &parts) || whole != parts))
		abort();
	return 0;
}
