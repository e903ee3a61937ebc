#include "aws/credentials/metadata.h"

#include <ctype.h>

#include "base/clock.h"
#include "base/json.h"

int metadata_client(struct http_client **out, const struct cred_context *c,
		    int64_t timeout_ms, int64_t total_ms, struct fp_error *err)
{
	struct http_options options = {
		.connect_timeout_ms = timeout_ms,
		.total_timeout_ms = total_ms,
		.ca_bundle = cred_env(c->env, "AWS_CA_BUNDLE"),
		.no_proxy = true,
	};

	return http_client_new(out, &options, err);
}

static const char *either(const cJSON *j, const char *name, const char *other)
{
	return json_str(j, name, json_str(j, other, NULL));
}

/* "Code: Message", or NULL when the document says no such thing. */
static char *complaint(const cJSON *j)
{
	const char *code = either(j, "Code", "code");
	const char *message = either(j, "Message", "message");

	if (!message || !code)
		return message || code ? xstrdup(message ? message : code) : NULL;
	return xasprintf("%s: %s", code, message);
}

int metadata_read(struct aws_credentials *out, const char *text, size_t n,
		  struct fp_error *err)
{
	FP_AUTO(json_wipe_freep) cJSON *j = json_parse(text, n, "the answer", err);
	const char *id = json_str(j, "AccessKeyId", NULL);
	const char *secret = json_str(j, "SecretAccessKey", NULL);
	const char *token = json_str(j, "Token", NULL);
	int64_t expires_ms;
	bool timed = time_parse(json_str(j, "Expiration", NULL), &expires_ms);
	FP_AUTO(freep) char *says = NULL;

	if (!j)
		return -1;
	if (id && secret && token && timed) {
		aws_credentials_set(out, id, secret, token);
		out->expires_ms = expires_ms;
		return 0;
	}
	says = complaint(j);
	if (!id && says)
		return fp_fail(err, FP_ERR_CREDENTIALS, "no credentials, but %s", says);
	return fp_fail(err, FP_ERR_CREDENTIALS, "the answer has no %s",
		       !id	 ? "AccessKeyId"
		       : !secret ? "SecretAccessKey"
		       : !token	 ? "Token"
				 : "Expiration");
}

/* The first words of an answer that is no JSON, for a line of text. */
static void add_excerpt(struct buf *out, const struct buf *body)
{
	size_t n = FP_MIN(body->len, (size_t)120);

	if (n)
		buf_puts(out, ": ");
	for (size_t i = 0; i < n; i++)
		buf_putc(out,
			 isprint((unsigned char)body->data[i]) ? body->data[i] : ' ');
}

int metadata_refused(const struct http_response *res, struct fp_error *err)
{
	FP_AUTO(json_wipe_freep)
	cJSON *j = json_parse(buf_str(&res->body), res->body.len, "the answer", NULL);
	FP_AUTO(freep) char *says = complaint(j);
	FP_AUTO(buf_release) struct buf text = BUF_INIT;

	if (says)
		buf_printf(&text, ": %s", says);
	else
		add_excerpt(&text, &res->body);
	(void)fp_fail(err, FP_ERR_CREDENTIALS, "the answer is HTTP %d%s", res->status,
		      buf_str(&text));
	if (err)
		err->http_status = res->status;
	return -1;
}
