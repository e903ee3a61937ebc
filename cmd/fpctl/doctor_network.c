/*
 * The way to AWS: proxy, certificates, and whether each service answers. What they
 * answer says nothing yet of credentials, but carries their clock.
 */
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <pthread.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/json.h"
#include "doctor.h"
#include "http/certificates.h"
#include "http/proxy.h"

#define PROBE_MS	10000
#define CLOCK_WARN_MS	60000
#define CLOCK_FAIL_MS	300000
#define CERTS_SHOWN_MAX 10000
#define SERVICES_MAX	16

/* The proxy on the way to `url`, without credentials; NULL: none. */
static char *proxy_to(const char *url)
{
	FP_AUTO(request_release) struct http_request req;

	request_init(&req, "GET", "/");
	if (request_set_url(&req, url, NULL) < 0)
		return NULL;
	return proxy_shown(req.scheme, req.host);
}

static void say_proxy(struct doctor *d, const char *url)
{
	FP_AUTO(freep) char *proxy = proxy_to(url);
	const char *from = proxy_variable(str_starts(url, "https:") ? "https" : "http");
	const char *but = proxy_exceptions();
	cJSON *j;

	if (proxy)
		j = doctor_say(d, "proxy", DOCTOR_OK, NULL, "%s, from %s%s%s", proxy,
			       from, but ? ", but not for " : "", but ? getenv(but) : "");
	else if (from)
		j = doctor_say(d, "proxy", DOCTOR_OK, NULL,
			       "none on the way to %s: %s does not count there", url,
			       from);
	else
		j = doctor_say(d, "proxy", DOCTOR_OK, NULL, "none is set");
	json_set_str(j, "url", proxy);
	json_set_str(j, "from", from);
	json_set_str(j, "no_proxy", but ? getenv(but) : NULL);
}

void doctor_proxy(struct doctor *d)
{
	FP_AUTO(freep) char *url = aws_endpoint(d->app->aws, "sts", NULL, NULL);
	FP_AUTO(freep) char *shown = url ? url_shown(url) : NULL;

	/* Without one, the endpoints' own check says why. */
	say_proxy(d, str_or(shown, "https://sts.amazonaws.com"));
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

/* In a folder certificates are looked for by the hash of their subject: "9d04f354.0". */
static bool is_hashed(const char *name)
{
	return strspn(name, "0123456789abcdef") == 8 && name[8] == '.' &&
	       strspn(name + 9, "0123456789") == strlen(name + 9) && name[9];
}

static int count_in_folder(const char *path, struct fp_error *err)
{
	FP_AUTO(strs_release) struct strs names = STRS_INIT;
	int n = 0;

	if (fs_list(&names, path, err) < 0)
		return -1;
	for (size_t i = 0; i < names.n; i++)
		n += is_hashed(names.v[i]);
	return n ? n
		 : fp_fail(err, FP_ERR_INPUT,
			   "'%s' holds no certificates under their hashes; run "
			   "'openssl rehash' on it",
			   path);
}

void doctor_certificates(struct doctor *d)
{
	const struct aws_setting *own = &d->settings->ca_bundle;
	const char *path = own->value ? own->value : certificates_file();
	const char *from = own->value ? own->from : "the system";
	struct fp_error err = { 0 };
	int n, over = 0;

	if (!path) {
		doctor_say(d, "certificates", DOCTOR_OK, NULL, "the system's own");
		return;
	}
	n = fs_is_dir(path) ? count_in_folder(path, &err)
			    : count_certificates(path, &over, &err);
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
	char *url; /* owned; NULL: there is none, as `err` says */
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

/* Whether one before it is at the same address, or has none either. */
static bool is_known(const struct probe *probes, size_t n, const char *url)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(probes[i].url, url) || (!probes[i].url && !url))
			return true;
	return false;
}

/* An emulator answers for all services at one address: asked once. The first is sts. */
static size_t start_probes(struct doctor *d, struct probe *probes,
			   struct http_client *http)
{
	const char *services[SERVICES_MAX];
	size_t nservices = services_of(d, services), n = 0;

	for (size_t i = 0; i < nservices; i++) {
		struct probe *p = &probes[n];

		*p = (struct probe){ .service = services[i],
				     .http = http,
				     .clock_ms = INT64_MAX };
		p->url = aws_endpoint(d->app->aws, services[i], NULL, &p->err);
		if (is_known(probes, n, p->url)) {
			free(p->url);
			*p = (struct probe){ 0 };
			continue;
		}
		p->started = p->url &&
			     pthread_create(&p->thread, NULL, probe_one, p) == 0;
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

/* What to do where an answer did not come, and the error does not say it. */
static char *how_to_reach(const struct doctor *d)
{
	const struct aws_setting *own = &d->settings->endpoint_url;

	if (own->value)
		return xasprintf("see that the endpoint from %s is the one you mean, and "
				 "runs ('fpctl local up' starts the emulator)",
				 own->from);
	return xasprintf("see that there is a region %s and that it has the service, "
			 "then network, proxy and firewall",
			 aws_client_region(d->app->aws));
}

static cJSON *say_summary(struct doctor *d, const struct probe *probes, size_t n)
{
	FP_AUTO(freep) char *mend = how_to_reach(d);
	const struct fp_error *why = NULL;
	int64_t slowest = 0;
	size_t failed = 0;

	for (size_t i = 0; i < n; i++) {
		slowest = FP_MAX(slowest, probes[i].took_ms);
		failed += !probes[i].answered;
		if (!probes[i].answered && !why)
			why = &probes[i].err;
	}
	if (!failed)
		return doctor_say(d, "endpoints", DOCTOR_OK, NULL, "%s after %lld ms",
				  n == 1 ? "one for all, which answers"
					 : "all answer, the slowest",
				  (long long)slowest);
	return doctor_say(d, "endpoints", DOCTOR_FAIL, why->next ? why->next : mend,
			  failed == n ? "none answers" : "some do not answer");
}

static void say_endpoints(struct doctor *d, const struct probe *probes, size_t n)
{
	cJSON *list = json_set_array(say_summary(d, probes, n), "endpoints");

	for (size_t i = 0; i < n; i++) {
		const struct probe *p = &probes[i];
		FP_AUTO(freep) char *url = p->url ? url_shown(p->url) : NULL;
		FP_AUTO(freep) char *proxy = p->url ? proxy_to(p->url) : NULL;
		cJSON *one = json_push_object(list);

		json_set_str(one, "service", p->service);
		json_set_str(one, "url", url);
		json_set_str(one, "proxy", proxy);
		if (p->answered) {
			json_set_int(one, "ms", p->took_ms);
			doctor_detail(d, "%s: %s%s%s, %lld ms", p->service, url,
				      proxy ? " through " : "", str_or(proxy, ""),
				      (long long)p->took_ms);
			continue;
		}
		json_set_str(one, "error", p->err.message);
		doctor_detail(d, "%s: %s", p->service, p->err.message);
	}
}

void doctor_endpoints(struct doctor *d)
{
	struct http_options options = { .total_timeout_ms = PROBE_MS };
	FP_AUTO(http_client_freep) struct http_client *http = NULL;
	struct probe probes[SERVICES_MAX] = { 0 };
	struct fp_error err = { 0 };
	size_t n;

	if (d->app->global.timeout_ms)
		options.total_timeout_ms = FP_MIN(PROBE_MS, d->app->global.timeout_ms);
	options.ca_bundle = d->settings->ca_bundle.value;
	if (http_client_new(&http, &options, &err) < 0) {
		doctor_say_error(d, "endpoints", DOCTOR_FAIL, NULL, &err);
		return;
	}
	n = start_probes(d, probes, http);
	for (size_t i = 0; i < n; i++)
		if (probes[i].started)
			(void)pthread_join(probes[i].thread, NULL);
	if (!http_interrupted()) {
		say_endpoints(d, probes, n);
		say_clock(d, probes, n);
	}
	d->has_sts = probes[0].answered;
	for (size_t i = 0; i < n; i++)
		free(probes[i].url);
}
