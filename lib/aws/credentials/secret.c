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

void secret_request_release(struct http_request *r)
{
	secret_buf_release(&r->body);
	request_release(r);
}

void secret_response_release(struct http_response *r)
{
	secret_buf_release(&r->body);
	response_release(r);
}
