/* What is on this machine: fpctl and its libraries, tools, the manifest. */
#include <curl/curl.h>
#include <expat.h>
#include <microhttpd.h>
#include <openssl/crypto.h>
#include <sqlite3.h>
#include <unistd.h>
#include <yaml.h>
#include <zip.h>
#include <zlib.h>

#include "base/fs.h"
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

/* In the folders of PATH; owned by the caller, NULL when it is in none. */
static char *find_tool(const char *name)
{
	FP_AUTO(strs_release) struct strs folders = STRS_INIT;

	strs_split(&folders, str_or(getenv("PATH"), "/usr/bin:/bin"), ':');
	for (size_t i = 0; i < folders.n; i++) {
		char *path = xasprintf("%s/%s", str_or(folders.v[i], "."), name);

		if (access(path, X_OK) == 0)
			return path;
		free(path);
	}
	return NULL;
}

static bool wants_compiler(const struct app *app)
{
	for (size_t i = 0; app->has_manifest && i < app->manifest.nprocessors; i++)
		if (!str_eq(app->manifest.processors[i].source, "bundled"))
			return true;
	return false;
}

/* The tools that fpctl never runs by itself, but its user does: none must be there. */
static void other_tools(struct doctor *d)
{
	static const struct {
		const char *name, *use;
	} tools[] = { { "cc", "to compile processors of your own" },
		      { "make", "to compile processors of your own" },
		      { "git", "to push to the pipeline's repository" },
		      { "aws", "for 'aws sso login' and 'aws login'" } };
	FP_AUTO(buf_release) struct buf found = BUF_INIT, absent = BUF_INIT;
	bool compiler = true;
	cJSON *j;

	for (size_t i = 0; i < ARRAY_SIZE(tools); i++) {
		FP_AUTO(freep) char *path = find_tool(tools[i].name);
		struct buf *to = path ? &found : &absent;

		buf_printf(to, "%s%s", to->len ? ", " : "", tools[i].name);
		if (!path)
			buf_printf(to, " (%s)", tools[i].use);
		if (!path && i < 2)
			compiler = false;
	}
	if (wants_compiler(d->app) && !compiler)
		j = doctor_say(
			d, "tools", DOCTOR_WARN,
			"install a C compiler and make, or bring each processor's "
			"bootstrap ready made",
			"the manifest has processors of your own, but missing is %s",
			buf_str(&absent));
	else
		j = doctor_say(d, "tools", DOCTOR_OK, NULL, "%s%s%s%s",
			       found.len ? buf_str(&found) : "none needed",
			       absent.len ? "; not here: " : "", buf_str(&absent), "");
	json_set_str(j, "found", buf_str(&found));
}

void doctor_tools(struct doctor *d)
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
	other_tools(d);
}
