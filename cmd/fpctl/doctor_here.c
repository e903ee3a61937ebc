/* What is on this machine: fpctl and its libraries, the manifest. */
#include <curl/curl.h>
#include <expat.h>
#include <microhttpd.h>
#include <openssl/crypto.h>
#include <sqlite3.h>
#include <unistd.h>
#include <yaml.h>
#include <zip.h>
#include <zlib.h>

#include "base/json.h"
#include "doctor.h"

/* All of them are linked in or shared; which one it is matters for a bug report. */
static void library_versions(cJSON *out)
{
	const curl_version_info_data *curl = curl_version_info(CURLVERSION_NOW);

	json_set_str(out, "libcurl", curl->version);
	json_set_bool(out, "http2", curl->features & CURL_VERSION_HTTP2);
	json_set_str(out, "openssl", OpenSSL_version(OPENSSL_VERSION_STRING));
	json_set_str(out, "expat", XML_ExpatVersion());
	json_set_str(out, "cjson", cJSON_Version());
	json_set_str(out, "libyaml", yaml_get_version_string());
	json_set_str(out, "libzip", zip_libzip_version());
	json_set_str(out, "zlib", zlibVersion());
	json_set_str(out, "sqlite", sqlite3_libversion());
	json_set_str(out, "libmicrohttpd", MHD_get_version());
}

void doctor_fpctl(struct doctor *d)
{
	const curl_version_info_data *curl = curl_version_info(CURLVERSION_NOW);
	cJSON *j = doctor_say(d, "fpctl", DOCTOR_OK, NULL,
			      FPCTL_VERSION ", libcurl %s%s, OpenSSL %s", curl->version,
			      curl->features & CURL_VERSION_HTTP2 ? " with HTTP/2" : "",
			      OpenSSL_version(OPENSSL_VERSION_STRING));

	json_set_str(j, "version", FPCTL_VERSION);
	library_versions(json_set_object(j, "libraries"));
}

static void say_manifest(struct doctor *d)
{
	const struct manifest *m = &d->app->manifest;
	cJSON *j = doctor_say(d, "manifest", DOCTOR_OK, NULL,
			      "%s: project %s%s%s, %zu bucket%s, %zu stack%s", m->path,
			      m->project, m->environment ? ", environment " : "",
			      str_or(m->environment, ""), m->nbuckets,
			      m->nbuckets == 1 ? "" : "s", d->app->rendering.nstacks,
			      d->app->rendering.nstacks == 1 ? "" : "s");

	json_set_str(j, "project", m->project);
	json_set_str(j, "environment", m->environment);
}

void doctor_manifest(struct doctor *d)
{
	struct fp_error err = { 0 };

	if (!app_manifest_exists(d->app) && !d->app->global.file)
		doctor_say(d, "manifest", DOCTOR_SKIP,
			   "'fpctl init' writes one, -f FILE names one elsewhere",
			   "no fpctl.yaml in this folder");
	else if (app_manifest(d->app, &err) < 0 || app_rendering(d->app, &err) < 0)
		doctor_say_error(d, "manifest", DOCTOR_FAIL,
				 "'fpctl validate' shows what is wrong with it", &err);
	else
		say_manifest(d);
}
