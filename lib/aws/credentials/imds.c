/*
 * Credentials of the role of an EC2 instance, from its metadata service (IMDSv2).
 * Source: EC2 User Guide, "Use the Instance Metadata Service"; AWS SDKs and Tools
 * Reference Guide, "IMDS credential provider"; botocore where they are silent. As there,
 * IMDSv1 is asked where a service answers but gives no token, unless
 * ec2_metadata_v1_disabled says not to.
 */
#include <ctype.h>

#include "aws/credentials/metadata.h"
#include "base/clock.h"
#include "base/digest.h"
#include "base/log.h"
#include "base/str.h"
#include "wire/uri.h"

#define ADDRESS_V4   "http://169.254.169.254"
#define ADDRESS_V6   "http://[fd00:ec2::254]"
#define TOKEN_PATH   "/latest/api/token"
#define ROLES_PATH   "/latest/meta-data/iam/security-credentials/"
#define TTL_HEADER   "x-aws-ec2-metadata-token-ttl-seconds"
#define TOKEN_HEADER "x-aws-ec2-metadata-token"
#define TTL_SECONDS  "21600"

struct imds {
	struct http_client *http;
	char *address; /* without a slash at its end */
	unsigned attempts;
	bool v1_disabled;
	char *token; /* NULL: IMDSv1 */
};

static void release(struct imds *m)
{
	http_client_freep(&m->http);
	free(m->address);
	str_wipe(&m->token);
}

/* The variable before the profile's key, as all settings. */
static const char *setting(const struct cred_context *c, const char *variable,
			   const char *key)
{
	const char *value = cred_env(c->env, variable);

	if (!value)
		value = cred_setting(c, key);
	return value && *value ? value : NULL;
}

static int number(int64_t *out, const struct cred_context *c, const char *variable,
		  const char *key, struct fp_error *err)
{
	const char *text = setting(c, variable, key);

	*out = 1;
	if (text && !str_to_i64(text, 1, 100, out))
		return fp_fail(err, FP_ERR_INPUT,
			       "%s (%s) is '%s', not a number from 1 to 100", variable,
			       key, text);
	return 0;
}

static bool is_true(const char *text)
{
	return text && str_ieq(text, "true");
}

static int find_address(char **out, const struct cred_context *c, struct fp_error *err)
{
	const char *own = setting(c, "AWS_EC2_METADATA_SERVICE_ENDPOINT",
				  "ec2_metadata_service_endpoint");
	const char *mode = setting(c, "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE",
				   "ec2_metadata_service_endpoint_mode");
	bool v6 = is_true(setting(c, "AWS_IMDS_USE_IPV6", "imds_use_ipv6"));
	size_t n;

	if (mode && !str_ieq(mode, "ipv4") && !str_ieq(mode, "ipv6"))
		return fp_fail(err, FP_ERR_INPUT,
			       "ec2_metadata_service_endpoint_mode is '%s', neither IPv4 "
			       "nor IPv6",
			       mode);
	if (mode)
		v6 = str_ieq(mode, "ipv6");
	if (!own)
		own = v6 ? ADDRESS_V6 : ADDRESS_V4;
	for (n = strlen(own); n > 0 && own[n - 1] == '/'; n--)
		;
	*out = xstrndup(own, n);
	return 0;
}

static int configure(struct imds *m, const struct cred_context *c, struct fp_error *err)
{
	int64_t seconds, attempts;

	if (find_address(&m->address, c, err) < 0 ||
	    number(&seconds, c, "AWS_METADATA_SERVICE_TIMEOUT",
		   "metadata_service_timeout", err) < 0 ||
	    number(&attempts, c, "AWS_METADATA_SERVICE_NUM_ATTEMPTS",
		   "metadata_service_num_attempts", err) < 0)
		return -1;
	m->attempts = (unsigned)attempts;
	m->v1_disabled = is_true(
		setting(c, "AWS_EC2_METADATA_V1_DISABLED", "ec2_metadata_v1_disabled"));
	return metadata_client(&m->http, c, seconds * 1000, seconds * 1000, err);
}

static int send_once(const struct imds *m, const char *method, const char *path,
		     struct http_response *res, struct fp_error *err)
{
	FP_AUTO(request_release) struct http_request req;
	FP_AUTO(freep) char *url = xasprintf("%s%s", m->address, path);

	request_init(&req, method, "/");
	if (request_set_url(&req, url, err) < 0)
		return -1;
	req.answer_max = METADATA_MAX;
	if (str_eq(method, "PUT"))
		headers_set(&req.headers, TTL_HEADER, TTL_SECONDS);
	else if (m->token)
		headers_set(&req.headers, TOKEN_HEADER, m->token);
	return http_send(m->http, &req, NULL, NULL, res, err);
}

/* Without what belongs into no header. */
static char *one_line(const struct buf *body)
{
	const char *s = buf_str(body);

	while (isspace((unsigned char)*s))
		s++;
	return xstrndup(s, strcspn(s, "\r\n"));
}

/*
 * What one attempt to get a token came to. botocore's view: a service that is silent or
 * refuses may still speak version 1; one that calls the request bad does not.
 */
enum token { TOKEN_GOT, TOKEN_V1, TOKEN_NOBODY, TOKEN_BAD };

static enum token ask_token(struct imds *m, struct fp_error *err)
{
	FP_AUTO(response_release) struct http_response res = { 0 };

	if (send_once(m, "PUT", TOKEN_PATH, &res, err) < 0)
		return err->code == FP_ERR_TIMEOUT && !err->unsent ? TOKEN_V1
								   : TOKEN_NOBODY;
	if (res.status == 200 && res.body.len) {
		m->token = one_line(&res.body);
		return TOKEN_GOT;
	}
	(void)metadata_refused(&res, err);
	return res.status == 400 ? TOKEN_BAD : TOKEN_V1;
}

static int get_token(struct imds *m, struct fp_error *err)
{
	enum token result = TOKEN_NOBODY;

	for (unsigned i = 0; i < m->attempts && result == TOKEN_NOBODY; i++)
		result = ask_token(m, err);
	if (result == TOKEN_GOT || (result == TOKEN_V1 && !m->v1_disabled))
		return 0;
	if (result == TOKEN_V1)
		return fp_wrap(err, "no token, and ec2_metadata_v1_disabled is set");
	return -1;
}

/* The body of a 200 that is not empty. */
static int get_text(struct buf *out, const struct imds *m, const char *path,
		    struct fp_error *err)
{
	for (unsigned i = 0; i < m->attempts; i++) {
		FP_AUTO(response_release) struct http_response res = { 0 };

		if (send_once(m, "GET", path, &res, err) < 0)
			continue;
		if (res.status == 200 && res.body.len) {
			*out = res.body;
			res.body = (struct buf)BUF_INIT;
			return 0;
		}
		(void)metadata_refused(&res, err);
	}
	return -1;
}

/*
 * AWS may be late with new credentials, and then takes the old ones for longer than they
 * say: botocore and the SDKs go on with them, and ask again some minutes later.
 */
static void extend(struct aws_credentials *creds)
{
	uint32_t random;
	int64_t window_ms;

	random_bytes(&random, sizeof(random));
	window_ms = (15 * 60 + 120 + random % 481) * 1000LL;
	if (creds->expires_ms - clock_now_ms() > window_ms)
		return;
	log_msg(LOG_INFO, "the instance's credentials are old; they are used for longer");
	creds->expires_ms = clock_now_ms() + window_ms;
}

static int no_role(const struct imds *m, struct fp_error *err)
{
	if (err->http_status == 404)
		return fp_fail(err, FP_ERR_CREDENTIALS, "this instance has no IAM role");
	if (err->http_status == 401 && !m->token)
		return fp_fail(err, FP_ERR_CREDENTIALS,
			       "it wants a token, but gives none (HTTP 401)");
	return -1;
}

static int fetch(struct aws_credentials *out, struct imds *m, struct buf *found,
		 struct fp_error *err)
{
	FP_AUTO(buf_release) struct buf roles = BUF_INIT;
	FP_AUTO(buf_release) struct buf path = BUF_INIT;
	FP_AUTO(buf_wipe) struct buf text = BUF_INIT;
	FP_AUTO(freep) char *role = NULL;

	if (get_text(&roles, m, ROLES_PATH, err) < 0)
		return no_role(m, err);
	role = one_line(&roles);
	buf_puts(&path, ROLES_PATH);
	uri_encode(&path, role, strlen(role), "+=,@");
	if (get_text(&text, m, buf_str(&path), err) < 0 ||
	    metadata_read(out, buf_str(&text), text.len, err) < 0)
		return fp_wrap(err, "role '%s'", role);
	extend(out);
	buf_printf(found, "role '%s' of this instance, by IMDSv%d", role,
		   m->token ? 2 : 1);
	return 0;
}

static enum cred_result get(struct aws_credentials *out, const struct cred_context *c,
			    struct fp_error *err)
{
	FP_AUTO(release) struct imds m = { 0 };
	FP_AUTO(freep) char *shown = NULL;

	if (is_true(cred_env(c->env, "AWS_EC2_METADATA_DISABLED")))
		return cred_none(err, "AWS_EC2_METADATA_DISABLED is set");
	if (configure(&m, c, err) < 0)
		return CRED_ERROR;
	if (get_token(&m, err) == 0 && fetch(out, &m, c->found, err) == 0)
		return CRED_FOUND;
	shown = url_shown(m.address);
	(void)fp_wrap(err, "%s", shown);
	return CRED_NONE;
}

const struct cred_provider cred_imds = { "instance metadata", get };
