/*
 * The way to AWS: proxy, certificates, and whether each service answers. What they
 * answer says nothing yet of credentials, but carries their clock.
 */
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <pthread.h>

#include "base/clock.h"
#include "base/json.h"
#include "doctor.h"
#include "http/certificates.h"
#include "http/proxy.h"

#define PROBE_MS	10000
#define CLOCK_WARN_MS	60000
#define CLOCK_FAIL_MS	300000
#define CERTS_SHOWN_MAX 10000

void doctor_proxy(struct doctor *d)
{
	static const char *const names[] = { "https_proxy", "HTTPS_PROXY", "all_proxy",
					     "ALL_PROXY", "http_proxy" };
	const char *except = str_or(getenv("no_proxy"), getenv("NO_PROXY"));
	bool any = false;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		const char *value = str_or(getenv(names[i]), NULL);
		FP_AUTO(freep) char *shown = NULL;
		cJSON *j;

		if (!value)
			continue;
		any = true;
		shown = proxy_without_credentials(value);
		j = doctor_say(d, "proxy", DOCTOR_OK, NULL, "%s from %s%s%s", shown,
			       names[i], except ? ", but not for " : "",
			       str_or(except, ""));
		json_set_str(j, "url", shown);
		json_set_str(j, "no_proxy", except);
	}
	if (!any)
		doctor_say(d, "proxy", DOCTOR_OK, NULL, "none is set");
}

/* How many certificates a PEM file holds, and how many of them are over. */
static int count_certificates(const char *path, int *over, struct fp_error *err)
{
	FILE *f = fopen(path, "re");
	X509 *x;
	int n = 0;

	*over = 0;
	if (!f)
		return fp_fail_errno(err, "cannot read '%s'", path);
	while (n < CERTS_SHOWN_MAX && (x = PEM_read_X509(f, NULL, NULL, NULL))) {
		n++;
		*over += X509_cmp_current_time(X509_get0_notAfter(x)) < 0;
		X509_free(x);
	}
	(void)fclose(f);
	return n ? n : fp_fail(err, FP_ERR_INPUT, "'%s' holds no certificate", path);
}

void doctor_certificates(struct doctor *d)
{
	const struct aws_setting *own = d->settings ? &d->settings->ca_bundle : NULL;
	const char *path = own && own->value ? own->value : certificates_file();
	const char *from = own && own->value ? own->from : "the system";
	struct fp_error err = { 0 };
	int n, over;

	if (!path) {
		doctor_say(d, "certificates", DOCTOR_OK, NULL, "the system's own");
		return;
	}
	n = count_certificates(path, &over, &err);
	if (n < 0)
		doctor_say_error(
			d, "certificates", DOCTOR_FAIL,
			"let AWS_CA_BUNDLE or the profile's ca_bundle name a PEM file "
			"that this user can read",
			&err);
	else
		doctor_say(d, "certificates", over == n ? DOCTOR_FAIL : DOCTOR_OK,
			   over == n ? "replace it: all of them are over" : NULL,
			   "%d of %s, from %s", n, path, from);
}

/* A service, asked without credentials. */
struct probe {
	const char *service;
	char *url; /* owned */
	struct http_client *http;
	pthread_t thread;
	bool started, answered;
	int status;
	int64_t took_ms, clock_ms; /* theirs less ours; INT64_MAX: not told */
	struct fp_error err;
};

static void *probe_one(void *ctx)
{
	struct probe *p = ctx;
	FP_AUTO(request_release) struct http_request req;
	FP_AUTO(response_release) struct http_response res = { 0 };
	int64_t begun = clock_monotonic_ms(), theirs;
	const char *date;

	request_init(&req, "GET", "/");
	if (request_set_url(&req, p->url, &p->err) < 0 ||
	    http_send(p->http, &req, NULL, NULL, &res, &p->err) < 0)
		return NULL;
	p->answered = true;
	p->status = res.status;
	p->took_ms = clock_monotonic_ms() - begun;
	date = headers_get(&res.headers, "Date");
	if (date && time_parse(date, &theirs))
		p->clock_ms = theirs - clock_now_ms();
	return NULL;
}

/* Those that fpctl itself calls for such a manifest. */
static size_t services_of(const struct doctor *d, const char **out)
{
	static const char *const all[] = { "sts",    "cloudformation", "s3",
					   "lambda", "logs",	       "monitoring" };
	static const char *const pipeline[] = { "codepipeline", "codebuild",
						"codeconnections" };
	const struct app *app = d->app;
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_SIZE(all); i++)
		out[n++] = all[i];
	if (app->has_manifest && app->manifest.pipeline && !app->global.local)
		for (size_t i = 0; i < ARRAY_SIZE(pipeline); i++)
			out[n++] = pipeline[i];
	return n;
}

static bool asked_already(const struct probe *probes, size_t n, const char *url)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(probes[i].url, url))
			return true;
	return false;
}

/* An emulator answers for all services at one address: asked once. */
static size_t start_probes(struct doctor *d, struct probe *probes,
			   struct http_client *http)
{
	const char *services[16];
	size_t nservices = services_of(d, services), n = 0;

	for (size_t i = 0; i < nservices; i++) {
		struct fp_error err = { 0 };
		char *url = aws_endpoint(d->app->aws, services[i], NULL, &err);

		if (!url)
			doctor_say_error(d, "endpoints", DOCTOR_FAIL, NULL, &err);
		if (!url || asked_already(probes, n, url)) {
			free(url);
			continue;
		}
		probes[n] = (struct probe){ .service = services[i],
					    .url = url,
					    .http = http,
					    .clock_ms = INT64_MAX };
		probes[n].started = pthread_create(&probes[n].thread, NULL, probe_one,
						   &probes[n]) == 0;
		n++;
	}
	return n;
}

static void say_clock(struct doctor *d, const struct probe *probes, size_t n)
{
	int64_t off = INT64_MAX, size;
	char text[24];
	cJSON *j;

	for (size_t i = 0; i < n && off == INT64_MAX; i++)
		off = probes[i].clock_ms;
	if (off == INT64_MAX) {
		doctor_say(d, "clock", DOCTOR_SKIP, NULL, "no service told its time");
		return;
	}
	/* A Date header has whole seconds. */
	size = llabs(off) < 2000 ? 0 : llabs(off);
	ui_duration(text, size);
	if (size < CLOCK_WARN_MS)
		j = doctor_say(d, "clock", DOCTOR_OK, NULL, "as AWS's%s%s",
			       size ? ", but for " : "", size ? text : "");
	else
		j = doctor_say(d, "clock",
			       size < CLOCK_FAIL_MS ? DOCTOR_WARN : DOCTOR_FAIL,
			       "set it (timedatectl set-ntp true); until then fpctl "
			       "corrects its signatures, other tools do not",
			       "%s %s AWS's", text, off > 0 ? "behind" : "ahead of");
	json_set_int(j, "skew_ms", -off);
}

static void say_endpoints(struct doctor *d, const struct probe *probes, size_t n)
{
	int64_t slowest = 0;
	size_t answered = 0;
	cJSON *list, *j;

	for (size_t i = 0; i < n; i++) {
		const struct probe *p = &probes[i];

		if (!p->answered) {
			j = doctor_say(
				d, "endpoints", DOCTOR_FAIL,
				"see that the region has the service, then network, "
				"proxy and --endpoint-url",
				"%s at %s: %s", p->service, p->url, p->err.message);
			json_set_str(j, "url", p->url);
			continue;
		}
		answered++;
		slowest = FP_MAX(slowest, p->took_ms);
	}
	if (!answered)
		return;
	j = doctor_say(d, "endpoints", DOCTOR_OK, NULL,
		       "%zu answer%s, the slowest after %lld ms", answered,
		       answered == 1 ? "s" : "", (long long)slowest);
	list = json_set_array(j, "answered");
	for (size_t i = 0; i < n; i++) {
		cJSON *one;

		if (!probes[i].answered)
			continue;
		one = json_push_object(list);
		json_set_str(one, "service", probes[i].service);
		json_set_str(one, "url", probes[i].url);
		json_set_int(one, "ms", probes[i].took_ms);
		doctor_detail(d, "%s: %s, %lld ms", probes[i].service, probes[i].url,
			      (long long)probes[i].took_ms);
	}
}

void doctor_endpoints(struct doctor *d)
{
	struct http_options options = { .total_timeout_ms = PROBE_MS };
	FP_AUTO(http_client_freep) struct http_client *http = NULL;
	struct probe probes[16] = { 0 };
	struct fp_error err = { 0 };
	size_t n;

	if (!d->settings)
		return;
	options.ca_bundle = d->settings->ca_bundle.value;
	if (http_client_new(&http, &options, &err) < 0) {
		doctor_say_error(d, "endpoints", DOCTOR_FAIL, NULL, &err);
		return;
	}
	n = start_probes(d, probes, http);
	for (size_t i = 0; i < n; i++)
		if (probes[i].started)
			(void)pthread_join(probes[i].thread, NULL);
	say_endpoints(d, probes, n);
	say_clock(d, probes, n);
	for (size_t i = 0; i < n; i++)
		free(probes[i].url);
}
