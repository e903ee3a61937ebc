#include "wire/sigv4_canonical.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/str.h"
#include "wire/uri.h"

/*
 * Proxies, HTTP libraries and tracing change these behind the signer's back.
 * The list is botocore's (SIGNED_HEADERS_BLACKLIST in auth.py), so that both
 * sign the same; Authorization cannot sign itself.
 */
static const char *const unsigned_headers[] = {
	"authorization",
	"connection",
	"expect",
	"keep-alive",
	"proxy-authenticate",
	"proxy-authorization",
	"te",
	"trailer",
	"transfer-encoding",
	"upgrade",
	"user-agent",
	"x-amzn-trace-id",
};

bool sigv4_is_s3(const char *service)
{
	return str_eq(service, "s3") || str_eq(service, "s3express") ||
	       str_eq(service, "s3-outposts") || str_eq(service, "s3-object-lambda");
}

#define USUAL_SIZE 1024 /* bytes */

/* Room for all of it at once: a buffer that grows leaves copies of a token behind, and
 * formatting into too little room is done twice. */
static size_t room_for(const struct http_request *req)
{
	size_t n = USUAL_SIZE + 3 * (strlen(req->path) + strlen(req->query));

	for (size_t i = 0; i < req->headers.n; i++)
		n += 2 * strlen(req->headers.v[i].name) +
		     strlen(req->headers.v[i].value) + 2;
	return n;
}

static bool is_signed(const char *lower_name)
{
	for (size_t i = 0; i < ARRAY_SIZE(unsigned_headers); i++)
		if (str_eq(lower_name, unsigned_headers[i]))
			return false;
	return true;
}

void sigv4_signed_headers(struct buf *out, const struct http_request *req,
			  const char *left_out)
{
	FP_AUTO(strs_release) struct strs names = STRS_INIT;

	for (size_t i = 0; i < req->headers.n; i++) {
		char *name = str_lower(xstrdup(req->headers.v[i].name));

		if (is_signed(name) && !str_eq(name, left_out) && !strs_has(&names, name))
			strs_add_owned(&names, name);
		else
			free(name);
	}
	if (!strs_has(&names, "host"))
		strs_add(&names, "host");
	strs_sort(&names);
	for (size_t i = 0; i < names.n; i++) {
		if (i)
			buf_putc(out, ';');
		buf_puts(out, names.v[i]);
	}
}

void sigv4_host(struct buf *out, const struct http_request *req)
{
	const char *own_port = str_eq(req->scheme, "http") ? ":80" : ":443";
	FP_AUTO(freep) char *host = str_lower(xstrdup(req->host));

	buf_puts(out, host);
	if (str_ends(host, own_port))
		buf_truncate(out, out->len - strlen(own_port));
}

/* "Without dot segments and empty ones", as all services but S3 want it. */
static void normalize_path(struct buf *out, const char *path)
{
	const char *s = path;

	while (*s) {
		size_t n = strcspn(s, "/");

		if (n == 2 && memcmp(s, "..", 2) == 0) {
			while (out->len && out->data[out->len - 1] != '/')
				buf_truncate(out, out->len - 1);
			if (out->len)
				buf_truncate(out, out->len - 1);
		} else if (n && !(n == 1 && *s == '.')) {
			buf_putc(out, '/');
			buf_add(out, s, n);
		}
		s += n + (s[n] == '/');
	}
	if (!out->len || str_ends(path, "/"))
		buf_putc(out, '/');
}

static void put_path(struct buf *out, const char *path, const struct sigv4_canonical *how)
{
	FP_AUTO(buf_release) struct buf plain = BUF_INIT;

	if (how->s3_path) {
		uri_escape_illegal(out, path);
		return;
	}
	if (how->no_normalize)
		buf_puts(&plain, path);
	else
		normalize_path(&plain, path);
	uri_encode(out, plain.data, plain.len, "/");
}

/* A parameter as it is signed: encoded anew, in a way that is everyone's. */
struct param {
	const char *name, *value;
};

static int compare_params(const void *a, const void *b)
{
	const struct param *x = a, *y = b;
	int order = strcmp(x->name, y->name);

	return order ? order : strcmp(x->value, y->value);
}

static void put_encoded(struct buf *texts, struct buf *plain, const char *s, size_t n)
{
	buf_clear(plain);
	uri_decode(plain, s, n, false);
	uri_encode(texts, plain->data, plain->len, "");
	buf_putc(texts, '\0');
}

/* The names and values one after the other, each with its end; returns how many pairs.
 * Also what is empty between two '&' is a parameter, as botocore has it. */
static size_t split_query(struct buf *texts, const char *query)
{
	FP_AUTO(buf_wipe) struct buf plain = BUF_INIT;
	size_t n = 0;

	buf_reserve(&plain, strlen(query));
	buf_reserve(texts, 4 * strlen(query) + 2);
	for (const char *s = query, *end; s; s = *end ? end + 1 : NULL, n++) {
		const char *eq = s + strcspn(s, "=&");

		end = s + strcspn(s, "&");
		put_encoded(texts, &plain, s, (size_t)(eq - s));
		eq += eq < end;
		put_encoded(texts, &plain, eq, (size_t)(end - eq));
	}
	return n;
}

static void put_query(struct buf *out, const char *query)
{
	FP_AUTO(buf_wipe) struct buf texts = BUF_INIT;
	FP_AUTO(freep) struct param *v = NULL;
	bool first = true;
	const char *text;
	size_t n;

	if (!*query)
		return;
	n = split_query(&texts, query);
	v = xcalloc(n, sizeof(*v));
	text = texts.data;
	for (size_t i = 0; i < n; i++) {
		v[i].name = text;
		v[i].value = text + strlen(text) + 1;
		text = v[i].value + strlen(v[i].value) + 1;
	}
	qsort(v, n, sizeof(*v), compare_params);
	for (size_t i = 0; i < n; i++) {
		if (str_eq(v[i].name, "X-Amz-Signature"))
			continue;
		buf_printf(out, "%s%s=%s", first ? "" : "&", v[i].name, v[i].value);
		first = false;
	}
}

/* Trimmed, and every run of white space inside (foldings too) as one space. */
static void put_folded(struct buf *out, const char *value)
{
	bool gap = false, begun = false;

	for (; *value; value++) {
		if (isspace((unsigned char)*value)) {
			gap = begun;
			continue;
		}
		if (gap)
			buf_putc(out, ' ');
		gap = false;
		begun = true;
		buf_putc(out, *value);
	}
}

static void put_header(struct buf *out, const struct http_request *req, const char *name)
{
	size_t found = 0;

	buf_puts(out, name);
	buf_putc(out, ':');
	for (size_t i = 0; i < req->headers.n; i++) {
		if (!str_ieq(req->headers.v[i].name, name))
			continue;
		if (found++)
			buf_putc(out, ',');
		put_folded(out, req->headers.v[i].value);
	}
	if (!found && str_eq(name, "host"))
		sigv4_host(out, req);
	buf_putc(out, '\n');
}

void sigv4_canonical_request(struct buf *out, const struct http_request *req,
			     const struct sigv4_canonical *how)
{
	FP_AUTO(strs_release) struct strs names = STRS_INIT;

	buf_reserve(out, room_for(req));
	buf_puts(out, req->method);
	buf_putc(out, '\n');
	put_path(out, req->path, how);
	buf_putc(out, '\n');
	put_query(out, req->query);
	buf_putc(out, '\n');
	strs_split(&names, how->signed_headers, ';');
	for (size_t i = 0; i < names.n; i++)
		put_header(out, req, names.v[i]);
	buf_printf(out, "\n%s\n%s", how->signed_headers, how->payload_hash);
}

void sigv4_string_to_sign(struct buf *out, const struct sigv4_key *k,
			  const struct buf *canonical_request)
{
	char digest[SHA256_HEX_LEN];

	sha256_hex(digest, canonical_request->data, canonical_request->len);
	buf_reserve(out, USUAL_SIZE);
	buf_printf(out, SIGV4_ALGORITHM "\n%s\n%s\n%s", k->amz_date, k->scope, digest);
}
