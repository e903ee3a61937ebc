/*
 * Percent-encoding as AWS wants it (RFC 3986 unreserved characters stay), and
 * query strings.
 */
#ifndef FP_WIRE_URI_H
#define FP_WIRE_URI_H

#include "base/buf.h"

/* `keep` are further characters that stay, such as "/". */
void uri_encode(struct buf *out, const char *s, size_t n, const char *keep);
/* Decode %XX, and '+' to a space when `plus`; a broken % stays as it is. */
void uri_decode(struct buf *out, const char *s, size_t n, bool plus);

/* Encode only what may not stand in a URL (spaces, controls, bytes over 0x7e):
 * a path or query that is encoded already stays as it is. */
void uri_escape_illegal(struct buf *out, const char *s);

struct uri_param {
	char *name, *value; /* decoded; value "" when there was no '=' */
	bool has_value;	    /* whether there was a '=' */
};
struct uri_params {
	struct uri_param *v;
	size_t n, cap;
};
#define URI_PARAMS_INIT    \
	{                  \
		NULL, 0, 0 \
	}
/* Parse "a=1&b" (also an x-www-form-urlencoded body, with `plus`); what is empty
 * between two '&' is left out. */
void uri_params_parse(struct uri_params *p, const char *query, size_t n, bool plus);
const char *uri_params_get(const struct uri_params *p, const char *name); /* or NULL */
void uri_params_release(struct uri_params *p);

#endif
