#include "aws/credentials/secret.h"

#include "base/str.h"

static void wipe_text(char *s)
{
	if (s)
		mem_wipe(s, strlen(s));
}

void secret_freep(char **text)
{
	wipe_text(*text);
	freep(text);
}

void secret_buf_release(struct buf *b)
{
	if (b->data)
		mem_wipe(b->data, b->cap);
	buf_release(b);
}

static void wipe_headers(struct http_headers *h)
{
	for (size_t i = 0; i < h->n; i++)
		wipe_text(h->v[i].value);
}

void secret_request_release(struct http_request *r)
{
	secret_buf_release(&r->body);
	wipe_headers(&r->headers);
	request_release(r);
}

void secret_response_release(struct http_response *r)
{
	secret_buf_release(&r->body);
	wipe_headers(&r->headers);
	response_release(r);
}
