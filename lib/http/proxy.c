#include "http/proxy.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/str.h"

/* A host as the lists have it: without brackets, port and final dot. */
struct place {
	char *name;
	int port;
	int family; /* AF_INET or AF_INET6 when `name` is an address */
	unsigned char address[16];
};

static void place_release(struct place *p)
{
	free(p->name);
}

static int family_of(const char *name, unsigned char address[16])
{
	if (inet_pton(AF_INET, name, address) == 1)
		return AF_INET;
	return inet_pton(AF_INET6, name, address) == 1 ? AF_INET6 : 0;
}

/* "name", "name:port", "[v6]", "[v6]:port" or a bare v6; `port` when it has none. */
static struct place place_of(const char *text, size_t n, int port)
{
	struct place p = { .port = port };
	const char *colon = memchr(text, ':', n);
	const char *end = text + n;
	int64_t number;

	if (n && *text == '[') {
		const char *close = memchr(text, ']', n);

		colon = close && close + 1 < end && close[1] == ':' ? close + 1 : NULL;
		text++;
		end = close ? close : end;
	} else if (colon && memchr(colon + 1, ':', (size_t)(end - colon - 1))) {
		colon = NULL;
	}
	if (colon) {
		FP_AUTO(freep) char *digits = xstrndup(colon + 1, n);

		digits[strcspn(digits, ", ")] = '\0';
		if (str_to_i64(digits, 1, 65535, &number))
			p.port = (int)number;
		end = FP_MIN(end, colon);
	}
	n = (size_t)(end - text);
	if (n && text[n - 1] == '.')
		n--;
	p.name = str_lower(xstrndup(text, n));
	p.family = family_of(p.name, p.address);
	return p;
}

static bool same_bits(const unsigned char *a, const unsigned char *b, int64_t bits)
{
	size_t whole = (size_t)bits / 8;
	unsigned mask = 0xff00U >> (bits % 8) & 0xff;

	return memcmp(a, b, whole) == 0 && (!mask || ((a[whole] ^ b[whole]) & mask) == 0);
}

static bool in_block(const struct place *host, const char *block, size_t n)
{
	FP_AUTO(freep) char *text = xstrndup(block, n);
	char *slash = strchr(text, '/');
	unsigned char address[16];
	int64_t bits, most;

	if (!slash)
		return false;
	*slash = '\0';
	most = host->family == AF_INET ? 32 : 128;
	return family_of(text, address) == host->family &&
	       str_to_i64(slash + 1, 0, most, &bits) &&
	       same_bits(host->address, address, bits);
}

static bool entry_matches(const struct place *host, const char *entry, size_t n)
{
	FP_AUTO(place_release) struct place e = { 0 };
	size_t len, tail;

	if (n == 1 && *entry == '*')
		return true;
	if (host->family && memchr(entry, '/', n))
		return in_block(host, entry, n);
	if (n > 1 && *entry == '*' && entry[1] == '.')
		entry++, n--;
	if (n && *entry == '.')
		entry++, n--;
	e = place_of(entry, n, host->port);
	if (!*e.name || e.port != host->port)
		return false;
	if (host->family)
		return e.family == host->family &&
		       memcmp(e.address, host->address, e.family == AF_INET ? 4 : 16) ==
			       0;
	len = strlen(host->name);
	tail = strlen(e.name);
	return str_ends(host->name, e.name) &&
	       (len == tail || host->name[len - tail - 1] == '.');
}

static bool listed(const struct place *host, const char *list)
{
	while (list && *list) {
		size_t n = strcspn(list, ", \t");

		if (n && entry_matches(host, list, n))
			return true;
		list += n + strspn(list + n, ", \t");
	}
	return false;
}

static bool is_this_machine(const struct place *host)
{
	static const unsigned char loopback[16] = { [15] = 1 };

	if (host->family == AF_INET)
		return host->address[0] == 127;
	if (host->family == AF_INET6)
		return memcmp(host->address, loopback, sizeof(loopback)) == 0;
	return str_eq(host->name, "localhost") || str_ends(host->name, ".localhost");
}

static const char *set_one(proxy_env_fn get, void *ctx, const char *a, const char *b)
{
	const char *const names[] = { a, b };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		const char *value = get(ctx, names[i]);

		if (value && *value)
			return names[i];
	}
	return NULL;
}

static const char *variable_in(proxy_env_fn get, void *ctx, const char *scheme)
{
	bool tls = str_eq(scheme, "https");
	const char *upper = tls ? "HTTPS_PROXY" : "HTTP_PROXY", *name;

	if (!tls && get(ctx, "REQUEST_METHOD"))
		upper = "http_proxy";
	name = set_one(get, ctx, tls ? "https_proxy" : "http_proxy", upper);
	return name ? name : set_one(get, ctx, "all_proxy", "ALL_PROXY");
}

static const char *exceptions_in(proxy_env_fn get, void *ctx)
{
	return set_one(get, ctx, "no_proxy", "NO_PROXY");
}

char *proxy_in(proxy_env_fn get, void *ctx, const char *scheme, const char *host)
{
	const char *name = variable_in(get, ctx, scheme), *but = exceptions_in(get, ctx);
	FP_AUTO(place_release) struct place p = { 0 };

	if (!name)
		return NULL;
	p = place_of(host, strlen(host), str_eq(scheme, "https") ? 443 : 80);
	if (is_this_machine(&p) || listed(&p, but ? get(ctx, but) : NULL))
		return NULL;
	return xstrdup(get(ctx, name));
}

static const char *from_process(void *ctx FP_UNUSED, const char *name)
{
	return getenv(name);
}

const char *proxy_variable(const char *scheme)
{
	return variable_in(from_process, NULL, scheme);
}

const char *proxy_exceptions(void)
{
	return exceptions_in(from_process, NULL);
}

char *proxy_of(const char *scheme, const char *host)
{
	return proxy_in(from_process, NULL, scheme, host);
}

char *proxy_shown(const char *scheme, const char *host)
{
	FP_AUTO(str_wipe) char *proxy = proxy_of(scheme, host);

	return proxy ? proxy_without_credentials(proxy) : NULL;
}

char *proxy_without_credentials(const char *proxy)
{
	const char *sep = strstr(proxy, "://");
	const char *authority = sep ? sep + 3 : proxy, *at;
	int scheme = (int)(authority - proxy);

	/* As libcurl: a password may hold an '@' and even a '/'. */
	at = strrchr(authority, '@');
	return xasprintf("%.*s%s", scheme, proxy, at ? at + 1 : authority);
}
