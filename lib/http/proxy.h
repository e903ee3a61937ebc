/*
 * Which proxy the environment names for a request: HTTPS_PROXY, HTTP_PROXY,
 * ALL_PROXY and NO_PROXY, each in lower case first, as curl and botocore read them.
 * NO_PROXY lists, with commas or spaces: "*"; a domain (with all below it, whether or
 * not it begins with a dot), an address or a block of them ("10.0.0.0/8",
 * "fd00::/8"); each may have a port behind. HTTP_PROXY counts for nothing inside a
 * CGI program, where a request could set it. This machine's own addresses (localhost,
 * 127.0.0.0/8, ::1) need no proxy, ever.
 */
#ifndef FP_HTTP_PROXY_H
#define FP_HTTP_PROXY_H

#include "base/base.h"

/* `host` as in struct http_request. NULL: none; else owned, perhaps with credentials. */
char *proxy_of(const char *scheme, const char *host);
/* The same of another environment than the process's. */
typedef const char *(*proxy_env_fn)(void *ctx, const char *name);
char *proxy_in(proxy_env_fn get, void *ctx, const char *scheme, const char *host);

/* For messages: the variable that names a scheme's proxy ("https_proxy"), whatever the
 * host, and the one that lists who needs none; NULL: no such variable is set. */
const char *proxy_variable(const char *scheme);
const char *proxy_exceptions(void);
/* "http://proxy:3128", without credentials; owned. */
char *proxy_shown(const char *scheme, const char *host);
char *proxy_without_credentials(const char *proxy);

#endif
