#include "http/transfer_error.h"

#include <ctype.h>
#include <string.h>

#include "base/str.h"

/* "5 s" or "250 ms". */
static char *span(int64_t ms)
{
	return ms % 1000 ? xasprintf("%lld ms", (long long)ms)
			 : xasprintf("%lld s", (long long)(ms / 1000));
}

int transfer_check_time(struct transfer *t, int64_t now)
{
	const struct http_options *o = t->options;
	FP_AUTO(freep) char *limit = NULL;

	if (o->idle_timeout_ms > 0 && now - t->last_moved_ms > o->idle_timeout_ms) {
		limit = span(o->idle_timeout_ms);
		return fp_fail(t->err, FP_ERR_TIMEOUT, "%s sent nothing for %s",
			       t->req->host, limit);
	}
	if (o->total_timeout_ms > 0 && now - t->start_ms > o->total_timeout_ms) {
		limit = span(o->total_timeout_ms);
		return fp_fail(t->err, FP_ERR_TIMEOUT,
			       "the exchange with %s took longer than %s", t->req->host,
			       limit);
	}
	return 0;
}

/* Why the system call failed, or else what libcurl says; owned by the caller. */
static char *reason(const struct transfer *t, CURLcode code)
{
	long number = 0;
	char *text;

	curl_easy_getinfo(t->easy, CURLINFO_OS_ERRNO, &number);
	text = xstrdup(number ? strerror((int)number)
			      : str_or(t->reason, curl_easy_strerror(code)));
	text[0] = (char)tolower((unsigned char)text[0]);
	return text;
}

static int explain_tls(struct transfer *t, CURLcode code, const char *why)
{
	const char *host = t->req->host;

	if (code == CURLE_SSL_CACERT_BADFILE)
		return fp_fail(t->err, FP_ERR_NETWORK,
			       "cannot use the certificates in '%s': %s",
			       str_or(t->options->ca_bundle, "the system's store"), why);
	if (code == CURLE_PEER_FAILED_VERIFICATION)
		return fp_fail(
			t->err, FP_ERR_NETWORK,
			"the certificate of %s is not trusted: %s; if a company's proxy "
			"signs it, set AWS_CA_BUNDLE to its certificates",
			host, str_or(t->reason, why));
	return fp_fail(t->err, FP_ERR_NETWORK, "no secure connection to %s: %s", host,
		       str_or(t->reason, why));
}

int transfer_explain(struct transfer *t, CURLcode code)
{
	const char *host = t->req->host;
	FP_AUTO(freep) char *why = reason(t, code);
	FP_AUTO(freep) char *limit = span(t->options->connect_timeout_ms);

	switch (code) {
	case CURLE_COULDNT_RESOLVE_HOST:
		return fp_fail(
			t->err, FP_ERR_NETWORK,
			"cannot resolve %s: the name is unknown or the network is down",
			host);
	case CURLE_COULDNT_RESOLVE_PROXY:
		return fp_fail(
			t->err, FP_ERR_NETWORK,
			"cannot resolve the proxy on the way to %s: check HTTPS_PROXY",
			host);
	case CURLE_COULDNT_CONNECT:
		return fp_fail(t->err, FP_ERR_NETWORK, "cannot connect to %s: %s", host,
			       why);
	case CURLE_OPERATION_TIMEDOUT: /* libcurl is told no limit but that one */
		return fp_fail(t->err, FP_ERR_TIMEOUT,
			       "cannot connect to %s: no answer within %s", host, limit);
	case CURLE_GOT_NOTHING:
		return fp_fail(t->err, FP_ERR_NETWORK,
			       "%s closed the connection without an answer", host);
	case CURLE_PARTIAL_FILE:
		return fp_fail(t->err, FP_ERR_NETWORK, "the answer of %s was cut off",
			       host);
	case CURLE_URL_MALFORMAT:
		return fp_fail(t->err, FP_ERR_INPUT, "'%s' is no usable host", host);
	case CURLE_SSL_CONNECT_ERROR:
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CACERT_BADFILE:
		return explain_tls(t, code, why);
	default:
		return fp_fail(t->err, FP_ERR_NETWORK,
			       "the exchange with %s broke off: %s", host, why);
	}
}
