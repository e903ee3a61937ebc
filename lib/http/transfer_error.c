#include "http/transfer_error.h"

#include <ctype.h>
#include <openssl/x509_vfy.h>
#include <string.h>

#include "base/str.h"
#include "http/proxy.h"

/* "5 s" or "250 ms"; owned by the caller. */
static char *span(int64_t ms)
{
	return ms % 1000 ? xasprintf("%lld ms", (long long)ms)
			 : xasprintf("%lld s", (long long)(ms / 1000));
}

static char *size_text(size_t n)
{
	return n >> 20 ? xasprintf("%zu MiB", n >> 20) : xasprintf("%zu bytes", n);
}

/* Whether the request never began: no connection stood, or none was made yet; or the
 * proxy kept it. */
static bool is_unsent(const struct transfer *t)
{
	curl_off_t began = 0;

	curl_easy_getinfo(t->easy, CURLINFO_PRETRANSFER_TIME_T, &began);
	return began == 0 || (t->proxy && t->status == 407);
}

static int failed(struct transfer *t)
{
	if (t->err)
		t->err->unsent = is_unsent(t);
	return -1;
}

static int explain_large(struct transfer *t)
{
	FP_AUTO(freep) char *most = size_text(t->answer_max);

	return fp_fail(t->err, FP_ERR_LIMIT, "the answer of %s is larger than %s",
		       t->req->host, most);
}

static int explain_late(struct transfer *t, enum stop why)
{
	bool idle = why == STOP_IDLE;
	FP_AUTO(freep)
	char *limit = span(idle ? t->idle_ms : t->total_ms);

	if (!idle)
		return fp_fail(t->err, FP_ERR_TIMEOUT,
			       "the exchange with %s took longer than %s", t->req->host,
			       limit);
	return fp_fail(t->err, FP_ERR_TIMEOUT,
		       t->status || t->received ? "%s sent next to nothing for %s"
						: "%s sent nothing for %s",
		       t->req->host, limit);
}

static int explain_source(struct transfer *t, enum stop why)
{
	if (why == STOP_BY_SOURCE)
		return -1;
	if (why == STOP_SOURCE_SHORT)
		return fp_fail(t->err, FP_ERR_IO,
			       "the body that is being sent became shorter");
	if (why == STOP_FILE_SHORT)
		return fp_fail(t->err, FP_ERR_IO,
			       "the file that is being sent became shorter");
	return fp_fail(t->err, FP_ERR_IO, "cannot read the file that is being sent: %s",
		       strerror(t->stop_errno));
}

static int explain_stop(struct transfer *t, enum stop why)
{
	const char *host = t->req->host;

	switch (why) {
	case STOP_BY_SOURCE:
	case STOP_SOURCE_SHORT:
	case STOP_FILE:
	case STOP_FILE_SHORT:
		return explain_source(t, why);
	case STOP_MANY_HEADERS:
	case STOP_LARGE_HEADERS:
		return fp_fail(t->err, FP_ERR_LIMIT,
			       "%s answered with more headers than any service does",
			       host);
	case STOP_LARGE_ANSWER:
		return explain_large(t);
	case STOP_IDLE:
	case STOP_TOTAL:
		return explain_late(t, why);
	case STOP_BY_SINK:
		return fp_fail(t->err, FP_ERR_INTERRUPTED, "stopped receiving from %s",
			       host);
	default:
		return fp_fail(t->err, FP_ERR_INTERRUPTED,
			       "the exchange with %s was stopped", host);
	}
}

int transfer_explain_stop(struct transfer *t)
{
	(void)explain_stop(t, t->stop);
	return failed(t);
}

/* Why the system call failed, or else what libcurl says; owned by the caller. */
static char *reason(const struct transfer *t, CURLcode code)
{
	long number = 0;
	char *text;

	curl_easy_getinfo(t->easy, CURLINFO_OS_ERRNO, &number);
	text = xstrdup(number ? strerror((int)number)
			      : str_or(t->reason, curl_easy_strerror(code)));
	if (islower((unsigned char)text[1])) /* not "HTTP/2 ..." */
		text[0] = (char)tolower((unsigned char)text[0]);
	return text;
}

/* What is the matter with a certificate, and what to do; NULL when it is rare. */
static const char *certificate_fault(long verify, const char *text)
{
	switch (verify) {
	case X509_V_ERR_CERT_HAS_EXPIRED:
		return "has expired: check this machine's clock, "
		       "or have the server's certificate renewed";
	case X509_V_ERR_CERT_NOT_YET_VALID:
		return "is not valid yet: check this machine's "
		       "clock";
	case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
		return "is self-signed: when it is the one you "
		       "mean, set AWS_CA_BUNDLE to a file with it";
	case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
	case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
		return "is signed by an authority that is not "
		       "trusted here: if a company's proxy signs it, set AWS_CA_BUNDLE "
		       "to its certificates";
	default:
		return strstr(text, "subject name") || strstr(text, "host name")
			       ? "is another host's: check the "
				 "endpoint, and what the name resolves to"
			       : NULL;
	}
}

static int explain_certificate(struct transfer *t, const char *why)
{
	long verify = 0;
	const char *known;

	curl_easy_getinfo(t->easy, CURLINFO_SSL_VERIFYRESULT, &verify);
	known = certificate_fault(verify, t->reason);
	if (known)
		return fp_fail(t->err, FP_ERR_TLS, "the certificate of %s %s",
			       t->req->host, known);
	return fp_fail(t->err, FP_ERR_TLS, "the certificate of %s is not trusted: %s",
		       t->req->host, str_or(t->reason, why));
}

static int explain_tls(struct transfer *t, CURLcode code, const char *why)
{
	const char *host = t->req->host;

	if (code == CURLE_SSL_CACERT_BADFILE)
		return fp_fail(t->err, FP_ERR_TLS,
			       "cannot use the certificates in '%s': it has none in PEM "
			       "form; check AWS_CA_BUNDLE",
			       str_or(t->options->ca_bundle, "the system's store"));
	if (code == CURLE_PEER_FAILED_VERIFICATION)
		return explain_certificate(t, why);
	if (strstr(t->reason, "wrong version number") ||
	    strstr(t->reason, "packet length too long"))
		return fp_fail(t->err, FP_ERR_TLS,
			       "%s does not speak TLS: is its address http:// instead?",
			       host);
	if (strstr(t->reason, "protocol version") ||
	    strstr(t->reason, "unsupported protocol"))
		return fp_fail(t->err, FP_ERR_TLS,
			       "%s speaks only TLS older than 1.2, which is not safe: "
			       "have it, or the proxy before it, brought up to date",
			       host);
	return fp_fail(t->err, FP_ERR_NETWORK, "no secure connection to %s: %s", host,
		       str_or(t->reason, why));
}

/* True when it was the proxy that said no, or that did not answer. */
static bool explain_proxy(struct transfer *t, CURLcode code, const char *why)
{
	FP_AUTO(freep) char *proxy = proxy_without_credentials(t->proxy);
	const char *host = t->req->host;
	long status = 0, port = 0;
	curl_off_t connected = 0;

	curl_easy_getinfo(t->easy, CURLINFO_HTTP_CONNECTCODE, &status);
	curl_easy_getinfo(t->easy, CURLINFO_CONNECT_TIME_T, &connected);
	curl_easy_getinfo(t->easy, CURLINFO_PRIMARY_PORT, &port);
	if (t->status == 407 || status == 407)
		fp_fail(t->err, FP_ERR_PROXY,
			"the proxy %s wants credentials%s on the way to %s: write "
			"HTTPS_PROXY as http://USER:PASSWORD@HOST:PORT",
			proxy, strchr(t->proxy, '@') ? " other than the given ones" : "",
			host);
	else if (status >= 300)
		fp_fail(t->err, status >= 500 ? FP_ERR_NETWORK : FP_ERR_PROXY,
			"the proxy %s refuses the way to %s: it answered %ld; allow the "
			"host there, or add it to NO_PROXY",
			proxy, host, status);
	else if (code == CURLE_COULDNT_RESOLVE_PROXY)
		fp_fail(t->err, FP_ERR_NETWORK,
			"cannot resolve the proxy %s on the way to %s: check HTTPS_PROXY",
			proxy, host);
	else if (code == CURLE_COULDNT_CONNECT && !connected)
		fp_fail(t->err, FP_ERR_NETWORK,
			"cannot connect to the proxy %s on the way to %s: %s", proxy,
			host, why);
	else
		return false;
	return true;
}

static int explain_answer(struct transfer *t, CURLcode code, const char *why)
{
	const char *host = t->req->host;

	switch ((int)code) {
	case CURLE_GOT_NOTHING:
		return fp_fail(t->err, FP_ERR_NETWORK,
			       "%s closed the connection without an answer", host);
	case CURLE_PARTIAL_FILE:
		return fp_fail(t->err, FP_ERR_NETWORK, "the answer of %s was cut off",
			       host);
	case CURLE_UNSUPPORTED_PROTOCOL: /* HTTP/0.9 */
	case CURLE_WEIRD_SERVER_REPLY:
		return fp_fail(t->err, FP_ERR_PROTOCOL,
			       "what answers at %s does not speak HTTP: check the "
			       "endpoint and the proxy",
			       host);
	case CURLE_OUT_OF_MEMORY: /* libcurl 7's word for a line of 100 KB; 8's: 100 */
	case 100:
		return explain_stop(t, STOP_LARGE_HEADERS);
	default:
		return fp_fail(t->err, FP_ERR_NETWORK,
			       "the exchange with %s broke off: %s", host, why);
	}
}

static int explain(struct transfer *t, CURLcode code, const char *why)
{
	const char *host = t->req->host;
	FP_AUTO(freep) char *limit = span(t->options->connect_timeout_ms);

	switch (code) {
	case CURLE_COULDNT_RESOLVE_HOST:
		return fp_fail(
			t->err, FP_ERR_NETWORK,
			"cannot resolve %s: the name is unknown or the network is down",
			host);
	case CURLE_COULDNT_RESOLVE_PROXY:
	case CURLE_COULDNT_CONNECT:
		return fp_fail(t->err, FP_ERR_NETWORK, "cannot connect to %s: %s", host,
			       why);
	case CURLE_OPERATION_TIMEDOUT: /* libcurl is told no limit but that one */
		return fp_fail(t->err, FP_ERR_TIMEOUT,
			       "cannot connect to %s%s: no answer within %s", host,
			       t->proxy ? " through the proxy" : "", limit);
	case CURLE_URL_MALFORMAT:
		return fp_fail(t->err, FP_ERR_INPUT, "'%s' is no usable host", host);
	case CURLE_SSL_CONNECT_ERROR:
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CACERT_BADFILE:
		return explain_tls(t, code, why);
	default:
		return explain_answer(t, code, why);
	}
}

int transfer_explain(struct transfer *t, CURLcode code)
{
	FP_AUTO(freep) char *why = reason(t, code);

	if (!t->proxy || !explain_proxy(t, code, why))
		(void)explain(t, code, why);
	return failed(t);
}
