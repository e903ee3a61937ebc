#include "wire/message.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "wire/uri.h"

const char *headers_get(const struct http_headers *h, const char *name)
{
	for (size_t i = 0; i < h->n; i++)
		if (str_ieq(h->v[i].name, name))
			return h->v[i].value;
	return NULL;
}

void headers_add(struct http_headers *h, const char *name, const char *value)
{
	if (h->n == h->cap) {
		h->cap = h->cap ? h->cap * 2 : 8;
		h->v = xrealloc(h->v, h->cap * sizeof(*h->v));
	}
	h->v[h->n].name = xstrdup(name);
	h->v[h->n].value = xstrdup(value);
	h->n++;
}

void headers_remove(struct http_headers *h, const char *name)
{
	size_t kept = 0;

	for (size_t i = 0; i < h->n; i++) {
		if (str_ieq(h->v[i].name, name)) {
			free(h->v[i].name);
			str_wipe(&h->v[i].value);
		} else {
			h->v[kept++] = h->v[i];
		}
	}
	h->n = kept;
}

void headers_set(struct http_headers *h, const char *name, const char *value)
{
	char *copy = xstrdup(value); /* it may be the very header that goes */

	headers_remove(h, name);
	headers_add(h, name, copy);
	str_wipe(&copy);
}

void headers_release(struct http_headers *h)
{
	for (size_t i = 0; i < h->n; i++) {
		free(h->v[i].name);
		str_wipe(&h->v[i].value);
	}
	free(h->v);
	*h = (struct http_headers){ 0 };
}

void request_init(struct http_request *r, const char *method, const char *path)
{
	*r = (struct http_request){ .body_fd = -1 };
	r->method = xstrdup(method);
	r->scheme = xstrdup("https");
	r->host = xstrdup("");
	r->path = xstrdup(path);
	r->query = xstrdup("");
}

void request_release(struct http_request *r)
{
	free(r->method);
	free(r->scheme);
	free(r->host);
	free(r->path);
	str_wipe(&r->query);
	headers_release(&r->headers);
	buf_wipe(&r->body);
	*r = (struct http_request){ .body_fd = -1 };
}

static bool is_host_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || strchr("-._", c);
}

/* "name", "name:port", "[v6]" or "[v6]:port". */
static bool host_is_valid(const char *host)
{
	size_t n;
	int64_t port;

	if (*host == '[') {
		n = 1 + strspn(host + 1, "0123456789abcdefABCDEF:.%");
		if (n == 1 || host[n] != ']')
			return false;
		n++;
	} else {
		for (n = 0; host[n] && is_host_char(host[n]); n++)
			;
		if (n == 0)
			return false;
	}
	return !host[n] || (host[n] == ':' && str_to_i64(host + n + 1, 1, 65535, &port));
}

static void replace(char **field, char *value)
{
	str_wipe(field);
	*field = value;
}

char *url_shown(const char *url)
{
	size_t n = strcspn(url, "?#"), scheme = 0, at;
	const char *sep = strstr(url, "://");

	if (sep && sep < url + n)
		scheme = (size_t)(sep - url) + 3;
	at = scheme + strcspn(url + scheme, "/?#");
	while (at > scheme && url[at - 1] != '@')
		at--;
	if (at > scheme)
		return xasprintf("%.*s...@%.*s", (int)scheme, url, (int)(n - at),
				 url + at);
	return xasprintf("%.*s%s", (int)n, url, url[n] ? "?..." : "");
}

int request_set_url(struct http_request *r, const char *url, struct fp_error *err)
{
	FP_AUTO(freep) char *shown = url_shown(url);
	const char *sep = strstr(url, "://"), *authority, *end;
	size_t scheme_len = sep ? (size_t)(sep - url) : 0, n;
	FP_AUTO(freep) char *scheme = NULL;
	FP_AUTO(freep) char *host = NULL;

	for (const char *p = url; *p; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			return fp_fail(err, FP_ERR_INPUT,
				       "a url may not hold control characters: '%.200s'",
				       shown);
	scheme = str_lower(xstrndup(url, scheme_len));
	if (!sep || (!str_eq(scheme, "http") && !str_eq(scheme, "https")))
		return fp_fail(err, FP_ERR_INPUT,
			       "'%.200s' is no url: write it as https://HOST/PATH",
			       shown);
	authority = sep + 3;
	end = authority + strcspn(authority, "/?#");
	host = str_lower(xstrndup(authority, (size_t)(end - authority)));
	if (!host_is_valid(host))
		return fp_fail(err, FP_ERR_INPUT, "'%.200s' is no url: the host is %s%s",
			       shown, *host ? "malformed" : "missing",
			       strchr(host, '@') ? ", a user name has no place in it"
						 : "");
	n = strcspn(end, "?#");
	replace(&r->path, n ? xstrndup(end, n) : xstrdup("/"));
	end += n;
	replace(&r->query,
		*end == '?' ? xstrndup(end + 1, strcspn(end + 1, "#")) : xstrdup(""));
	replace(&r->scheme, scheme);
	replace(&r->host, host);
	scheme = host = NULL;
	return 0;
}

char *request_url(const struct http_request *r)
{
	return xasprintf("%s://%s%s%s%s", r->scheme, r->host, r->path,
			 *r->query ? "?" : "", r->query);
}

void request_add_query(struct http_request *r, const char *name, const char *value)
{
	struct buf q = BUF_INIT;

	buf_reserve(&q, strlen(r->query) +
				3 * (strlen(name) + strlen(value ? value : "")) + 2);
	buf_puts(&q, r->query);
	if (q.len)
		buf_putc(&q, '&');
	uri_encode(&q, name, strlen(name), "");
	buf_putc(&q, '=');
	if (value)
		uri_encode(&q, value, strlen(value), "");
	replace(&r->query, buf_detach(&q));
}

void response_release(struct http_response *r)
{
	headers_release(&r->headers);
	buf_wipe(&r->body);
	r->status = 0;
}
