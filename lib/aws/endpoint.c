#include "aws/endpoint.h"

#include <ctype.h>

#include "aws/credentials/providers.h"
#include "base/str.h"
#include "wire/arn.h"

/* "AWS_ENDPOINT_URL_CLOUDFORMATION": the SDKs' service ids, in capitals. */
static void variable_of(struct buf *out, const char *service)
{
	static const struct {
		const char *service, *id;
	} odd[] = {
		{ "logs", "CLOUDWATCH_LOGS" },
		{ "monitoring", "CLOUDWATCH" },
		{ "events", "EVENTBRIDGE" },
	};

	buf_puts(out, "AWS_ENDPOINT_URL_");
	for (size_t i = 0; i < ARRAY_SIZE(odd); i++) {
		if (str_eq(service, odd[i].service)) {
			buf_puts(out, odd[i].id);
			return;
		}
	}
	for (const char *p = service; *p; p++)
		buf_putc(out, *p == '-' ? '_' : (char)toupper((unsigned char)*p));
}

static const char *configured_url(const struct aws_env *env, const char *configured,
				  const char *service)
{
	FP_AUTO(buf_release) struct buf name = BUF_INIT;
	const char *ignore = cred_env(env, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS");
	const char *url;

	if (ignore && str_ieq(ignore, "true"))
		return NULL;
	variable_of(&name, service);
	url = cred_env(env, buf_str(&name));
	if (!url)
		url = cred_env(env, "AWS_ENDPOINT_URL");
	return url ? url : configured;
}

char *endpoint_of(const struct aws_env *env, const char *override, const char *configured,
		  const char *service, const char *region)
{
	const char *url = override ? override : configured_url(env, configured, service);
	size_t n;

	if (!url)
		return xasprintf("https://%s.%s.%s", service, region,
				 arn_dns_suffix(region));
	for (n = strlen(url); n > 0 && url[n - 1] == '/'; n--)
		;
	return xstrndup(url, n);
}

bool endpoint_is_local(const char *host)
{
	size_t n = strcspn(host, ":");

	if (host[0] == '[' || (n == 9 && strncasecmp(host, "localhost", n) == 0))
		return true;
	/* A host name cannot end in a label of digits, an IPv4 address always does. */
	return n > 0 && strspn(host, "0123456789.") == n;
}
