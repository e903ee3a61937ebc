/*
 * The S3 service as a client reaches it, behind the signature: "METHOD target",
 * header lines, an empty line, the body. One store for all inputs, so that what
 * one made is there for the next.
 */
#include "base/digest.h"
#include "cloud.h"

#define MAX_INPUT 65536

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* The next line, without its end; NULL behind the last one. */
static char *take_line(char **text)
{
	char *line = *text, *end;

	if (!line)
		return NULL;
	end = strchr(line, '\n');
	*text = end ? end + 1 : NULL;
	if (end)
		*end = '\0';
	return line;
}

static bool read_request(struct http_request *http, char *text)
{
	FP_AUTO(freep) char *url = NULL;
	char *line = take_line(&text), *space = line ? strchr(line, ' ') : NULL;

	if (!space)
		return false;
	*space = '\0';
	url = xasprintf("http://127.0.0.1/%s", space + 1 + (space[1] == '/'));
	request_init(http, line, "/");
	if (request_set_url(http, url, NULL) < 0)
		return false;
	while ((line = take_line(&text)) && *line) {
		char *colon = strstr(line, ": ");

		if (!colon)
			continue;
		*colon = '\0';
		headers_add(&http->headers, line, colon + 2);
	}
	if (text)
		buf_puts(&http->body, text);
	return true;
}

static void answer(struct http_request *http)
{
	struct call call = fuzz_call("s3");
	struct rest_response res = { .status = 200, .body_fd = -1 };
	struct rest_request req = { .http = http,
				    .body_size = (int64_t)http->body.len,
				    .body_md5 = "900150983cd24fb0d6963f7d28e17f72" };

	sha256_hex(req.body_sha256, http->body.data, http->body.len);
	/* A failure says why, with a status that is one. */
	if (service_find("s3")->rest(&call, &req, &res) < 0 &&
	    (call.fault.status < 300 || !call.fault.code[0]))
		abort();
	headers_release(&res.headers);
	buf_release(&res.body);
	if (res.body_fd >= 0)
		(void)close(res.body_fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	FP_AUTO(request_release) struct http_request http = { .body_fd = -1 };
	FP_AUTO(freep) char *text = NULL;

	if (n > MAX_INPUT)
		return 0;
	if (!emu.store)
		open_state();
	text = xstrndup((const char *)data, n);
	if (read_request(&http, text))
		answer(&http);
	return 0;
}
