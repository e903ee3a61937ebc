/*
 * endpoints: settings and endpoints as fpctl finds them, one JSON object a line on stdin
 * and one a line on stdout. `env` is the whole environment; `region`, `profile` and
 * `endpoint_url` are the options of the command line.
 *   `service`         -> url, region, signing_name; `bucket` goes into the url
 *   `config`, `credentials` (texts), `ask`: [[kind, name, key] ...]
 *                     -> `values`, `names`: the profiles
 *   otherwise         -> `settings`: {name: {value, from}}
 * An answer with `error` is a refusal.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/client.h"
#include "aws/endpoint.h"
#include "aws/profile.h"
#include "base/json.h"

static const char *get(void *ctx, const char *name)
{
	return json_str(ctx, name, NULL);
}

static void put_setting(cJSON *out, const char *name, const struct aws_setting *s)
{
	cJSON *j = json_set_object(out, name);

	json_set_str(j, "value", s->value);
	json_set_str(j, "from", s->from);
}

static void put_settings(cJSON *out, const struct aws_settings *s)
{
	cJSON *j = json_set_object(out, "settings");

	put_setting(j, "profile", &s->profile);
	put_setting(j, "region", &s->region);
	put_setting(j, "endpoint_url", &s->endpoint_url);
	put_setting(j, "ca_bundle", &s->ca_bundle);
	put_setting(j, "max_attempts", &s->max_attempts);
	put_setting(j, "retry_mode", &s->retry_mode);
	put_setting(j, "use_fips_endpoint", &s->fips);
	put_setting(j, "use_dualstack_endpoint", &s->dualstack);
	put_setting(j, "sts_regional_endpoints", &s->sts_regional_endpoints);
	put_setting(j, "s3.addressing_style", &s->s3_addressing_style);
}

static int put_endpoint(cJSON *out, const cJSON *in, const struct aws_env *env,
			const struct aws_settings *s, struct fp_error *err)
{
	const char *bucket = json_str(in, "bucket", NULL);
	FP_AUTO(endpoint_release) struct endpoint e = { 0 };
	int rc = bucket ? endpoint_resolve_bucket(&e, env, s, bucket, err)
			: endpoint_resolve(&e, env, s, json_str(in, "service", ""), err);

	if (rc < 0)
		return -1;
	json_set_str(out, "url", e.url);
	json_set_str(out, "from", e.from);
	json_set_str(out, "region", e.region);
	json_set_str(out, "signing_name", e.signing_name);
	return 0;
}

static int resolve(cJSON *out, const cJSON *in, struct fp_error *err)
{
	struct aws_env env = { .get = get,
			       .ctx = json_get(in, "env"),
			       .profile = json_str(in, "profile", NULL) };
	struct aws_options o = { .region = json_str(in, "region", NULL),
				 .endpoint_url = json_str(in, "endpoint_url", NULL) };
	FP_AUTO(settings_release) struct aws_settings s = { 0 };

	if (settings_load(&s, &env, &o, err) < 0)
		return -1;
	if (json_get(in, "service"))
		return put_endpoint(out, in, &env, &s, err);
	put_settings(out, &s);
	return 0;
}

static const char *text_at(const cJSON *list, int i)
{
	return cJSON_GetStringValue(cJSON_GetArrayItem(list, i));
}

static int read_profiles(cJSON *out, const cJSON *in, struct fp_error *err)
{
	const char *config = json_str(in, "config", "");
	const char *credentials = json_str(in, "credentials", "");
	FP_AUTO(profiles_freep) struct profiles *p = NULL;
	FP_AUTO(strs_release) struct strs names = STRS_INIT;
	cJSON *list;

	if (profiles_parse(&p, config, strlen(config), credentials, strlen(credentials),
			   err) < 0)
		return -1;
	list = json_set_array(out, "values");
	json_each (ask, json_get(in, "ask")) {
		enum profiles_section kind = strcmp(text_at(ask, 0), "profile") == 0
						     ? SECTION_PROFILE
					     : strcmp(text_at(ask, 0), "services") == 0
						     ? SECTION_SERVICES
						     : SECTION_SSO_SESSION;
		const char *value = profiles_get(p, PROFILES_MERGED, kind,
						 text_at(ask, 1), text_at(ask, 2));

		(void)cJSON_AddItemToArray(list, value ? cJSON_CreateString(value)
						       : cJSON_CreateNull());
	}
	profiles_names(&names, p, SECTION_PROFILE);
	list = json_set_array(out, "names");
	for (size_t i = 0; i < names.n; i++)
		json_push_str(list, names.v[i]);
	return 0;
}

int main(void)
{
	char *line = NULL;
	size_t cap = 0;
	ssize_t n;

	while ((n = getline(&line, &cap, stdin)) > 0) {
		struct fp_error err = { 0 };
		FP_AUTO(json_freep) cJSON *in = json_parse(line, (size_t)n, "line", &err);
		FP_AUTO(json_freep) cJSON *out = cJSON_CreateObject();
		FP_AUTO(buf_release) struct buf text = BUF_INIT;
		int rc = -1;

		if (in)
			rc = json_get(in, "ask") ? read_profiles(out, in, &err)
						 : resolve(out, in, &err);
		if (rc < 0)
			json_set_fmt(out, "error", "%s%s%s", err.where,
				     *err.where ? ": " : "", err.message);
		json_print(&text, out);
		puts(buf_str(&text));
		if (fflush(stdout) != 0)
			break;
	}
	free(line);
	return 0;
}
