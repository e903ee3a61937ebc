#include "emulator/service/lambda_http.h"

#include "base/str.h"

#include <strings.h>

void runtime_parser_init(struct runtime_parser *p, size_t max_body)
{
	memset(p, 0, sizeof(*p));
	p->max_body = max_body;
}

void runtime_parser_release(struct runtime_parser *p)
{
	buf_release(&p->in);
	buf_release(&p->req.body);
}

void runtime_parser_feed(struct runtime_parser *p, const void *data, size_t n)
{
	buf_add(&p->in, data, n);
}

bool runtime_parser_amid(const struct runtime_parser *p)
{
	return p->state != READ_HEAD || p->in.len > 0;
}

static void consume(struct runtime_parser *p, size_t n)
{
	if (n == p->in.len) {
		buf_clear(&p->in);
		return;
	}
	memmove(p->in.data, p->in.data + n, p->in.len - n);
	buf_truncate(&p->in, p->in.len - n);
}

/* Copy text of a line; false when it does not fit. */
static bool take(char *out, size_t size, const char *s, size_t n)
{
	if (n >= size)
		return false;
	memcpy(out, s, n);
	out[n] = '\0';
	return true;
}

static bool read_request_line(struct runtime_request *r, const char *line, size_t n)
{
	const char *a = memchr(line, ' ', n), *b;

	if (!a)
		return false;
	b = memchr(a + 1, ' ', n - (size_t)(a + 1 - line));
	if (!b || n - (size_t)(b + 1 - line) != 8 || strncmp(b + 1, "HTTP/1.", 7) != 0)
		return false;
	r->close = b[8] == '0';
	return take(r->method, sizeof(r->method), line, (size_t)(a - line)) &&
	       take(r->path, sizeof(r->path), a + 1, (size_t)(b - a - 1));
}

static bool read_length(struct runtime_request *r, const char *value, size_t n)
{
	char digits[24];

	return take(digits, sizeof(digits), value, n) &&
	       str_to_i64(digits, 0, INT64_MAX, &r->length);
}

static bool is(const char *s, size_t n, const char *word)
{
	return strlen(word) == n && strncasecmp(s, word, n) == 0;
}

static bool read_header(struct runtime_request *r, const char *line, size_t n)
{
	const char *colon = memchr(line, ':', n), *value;
	size_t name = colon ? (size_t)(colon - line) : 0, nvalue;

	if (!name)
		return false;
	value = colon + 1;
	nvalue = n - name - 1;
	while (nvalue && (*value == ' ' || *value == '\t'))
		value++, nvalue--;
	while (nvalue && (value[nvalue - 1] == ' ' || value[nvalue - 1] == '\t'))
		nvalue--;
	if (is(line, name, "Content-Length"))
		return read_length(r, value, nvalue);
	if (is(line, name, "Transfer-Encoding"))
		return r->chunked = is(value, nvalue, "chunked");
	if (is(line, name, "Connection"))
		r->close = is(value, nvalue, "close") ||
			   (r->close && !is(value, nvalue, "keep-alive"));
	else if (is(line, name, "Host"))
		return take(r->host, sizeof(r->host), value, nvalue);
	else if (is(line, name, "Origin"))
		r->has_origin = true;
	else if (is(line, name, "Expect"))
		r->expect_continue = is(value, nvalue, "100-continue");
	else if (is(line, name, "Lambda-Runtime-Function-Error-Type"))
		(void)take(r->error_type, sizeof(r->error_type), value, nvalue);
	else if (is(line, name, "Lambda-Runtime-Function-Response-Mode"))
		(void)take(r->response_mode, sizeof(r->response_mode), value, nvalue);
	return true;
}

/* The next line of `in` from *at, without its end; false when there is none yet. */
static bool next_line(const struct buf *in, size_t *at, const char **line, size_t *n)
{
	const char *start = in->data + *at;
	const char *end = in->len > *at ? memchr(start, '\n', in->len - *at) : NULL;

	if (!end)
		return false;
	*line = start;
	*n = (size_t)(end - start);
	*at += *n + 1;
	if (*n && start[*n - 1] == '\r')
		--*n;
	return true;
}

static int read_head(struct runtime_parser *p)
{
	struct runtime_request *r = &p->req;
	const char *line;
	size_t at = 0, n;
	bool first = true;

	if (!p->in.len)
		return 0;
	if (!memmem(p->in.data, p->in.len, "\r\n\r\n", 4))
		return p->in.len > RUNTIME_MAX_HEAD ? -1 : 0;
	while (next_line(&p->in, &at, &line, &n) && n) {
		if (!(first ? read_request_line(r, line, n) : read_header(r, line, n)))
			return -1;
		first = false;
	}
	if (first)
		return -1;
	consume(p, at);
	p->left = r->chunked ? 0 : r->length;
	p->state = r->chunked ? READ_CHUNK_SIZE : READ_BODY;
	return 1;
}

/* As much of the body, or chunk, as there is; what is over the cap is dropped. */
static void read_body(struct runtime_parser *p)
{
	size_t n = (int64_t)p->in.len < p->left ? p->in.len : (size_t)p->left;
	size_t room = p->max_body - p->req.body.len;

	if (!n)
		return;
	if (n > room)
		p->req.too_large = true;
	buf_add(&p->req.body, p->in.data, FP_MIN(n, room));
	consume(p, n);
	p->left -= (int64_t)n;
}

static int read_chunk_size(struct runtime_parser *p)
{
	const char *line;
	size_t at = 0, n, i = 0;
	int64_t size = 0;

	if (!next_line(&p->in, &at, &line, &n))
		return p->in.len > 1024 ? -1 : 0;
	for (; i < n && line[i] != ';'; i++) {
		const char *digits = "0123456789abcdef", *d;
		char lower = line[i] >= 'A' && line[i] <= 'F' ? (char)(line[i] | 0x20)
							      : line[i];

		d = lower ? strchr(digits, lower) : NULL;
		if (!d || i >= 8)
			return -1;
		size = size * 16 + (d - digits);
	}
	if (i == 0)
		return -1;
	consume(p, at);
	p->left = size;
	p->state = size ? READ_CHUNK : READ_TRAILER;
	return 1;
}

/* A line that is thrown away: 1 when it was empty, 2 when not, 0: not there yet. */
static int skip_line(struct runtime_parser *p)
{
	const char *line;
	size_t at = 0, n;

	if (!next_line(&p->in, &at, &line, &n))
		return p->in.len > RUNTIME_MAX_HEAD ? -1 : 0;
	consume(p, at);
	return n ? 2 : 1;
}

int runtime_parser_run(struct runtime_parser *p)
{
	for (;;) {
		int rc = 1;

		switch (p->state) {
		case READ_HEAD:
			rc = read_head(p);
			break;
		case READ_BODY:
			read_body(p);
			return p->left == 0;
		case READ_CHUNK_SIZE:
			rc = read_chunk_size(p);
			break;
		case READ_CHUNK:
			read_body(p);
			rc = p->left == 0;
			if (rc)
				p->state = READ_CHUNK_END;
			break;
		case READ_CHUNK_END:
			rc = skip_line(p);
			if (rc == 2)
				return -1;
			if (rc == 1)
				p->state = READ_CHUNK_SIZE;
			break;
		case READ_TRAILER:
			rc = skip_line(p);
			if (rc == 1)
				return 1;
			break;
		}
		if (rc <= 0)
			return rc;
	}
}

void runtime_parser_next(struct runtime_parser *p)
{
	struct buf body = p->req.body;

	/* An answer of 6 MiB should not keep its memory for good. */
	if (body.cap > 65536)
		buf_release(&body);
	buf_clear(&body);
	memset(&p->req, 0, sizeof(p->req));
	p->req.body = body;
	p->state = READ_HEAD;
	p->left = 0;
}

static const char *reason(int status)
{
	switch (status) {
	case 200:
		return "OK";
	case 202:
		return "Accepted";
	case 400:
		return "Bad Request";
	case 403:
		return "Forbidden";
	case 404:
		return "Not Found";
	case 413:
		return "Payload Too Large";
	default:
		return "Error";
	}
}

void runtime_answer_head(struct buf *out, int status, const char *content_type,
			 const char *extra, size_t length)
{
	buf_printf(out,
		   "HTTP/1.1 %d %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\n%s\r\n",
		   status, reason(status), content_type, length, extra);
}
