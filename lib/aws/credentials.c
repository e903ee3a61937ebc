#include "aws/credentials.h"

#include <stdarg.h>

#include "aws/credentials/providers.h"
#include "base/clock.h"
#include "base/str.h"

/*
 * The AWS CLI's order. `profile`: asked for a source_profile too, which may not look at
 * the environment or the machine.
 */
static const struct {
	const struct cred_provider *provider;
	bool profile;
} chain[] = {
	{ &cred_environment, false },	  { &cred_assume_role, false },
	{ &cred_web_identity, true },	  { &cred_sso, true },
	{ &cred_credentials_file, true }, { &cred_login, true },
	{ &cred_process, true },	  { &cred_config_file, true },
	{ &cred_container, false },	  { &cred_imds, false },
};

void cred_report_release(struct cred_report *r)
{
	for (size_t i = 0; i < r->n; i++)
		free(r->v[i].why);
	free(r->v);
	*r = (struct cred_report){ 0 };
}

void cred_report_add(struct cred_report *r, const char *provider, enum cred_result result,
		     const char *why)
{
	if (r->n == r->cap) {
		r->cap = r->cap ? 2 * r->cap : 12;
		r->v = xrealloc(r->v, r->cap * sizeof(*r->v));
	}
	r->v[r->n++] = (struct cred_step){ provider, result, xstrdup(why) };
}

FP_PRINTF(3, 0)
static enum cred_result fail(struct fp_error *err, enum cred_result result,
			     const char *fmt, va_list ap)
{
	FP_AUTO(freep) char *text = NULL;

	if (vasprintf(&text, fmt, ap) < 0)
		fp_die("out of memory");
	(void)fp_fail(err, FP_ERR_CREDENTIALS, "%s", text);
	return result;
}

enum cred_result cred_none(struct fp_error *err, const char *fmt, ...)
{
	enum cred_result result;
	va_list ap;

	va_start(ap, fmt);
	result = fail(err, CRED_NONE, fmt, ap);
	va_end(ap);
	return result;
}

enum cred_result cred_error(struct fp_error *err, const char *fmt, ...)
{
	enum cred_result result;
	va_list ap;

	va_start(ap, fmt);
	result = fail(err, CRED_ERROR, fmt, ap);
	va_end(ap);
	return result;
}

const char *cred_setting(const struct cred_context *c, const char *key)
{
	return profiles_get(c->profiles, PROFILES_MERGED, SECTION_PROFILE, c->profile,
			    key);
}

struct aws_options cred_client_options(const struct cred_context *c)
{
	return (struct aws_options){ .region = c->region,
				     .env = c->env,
				     .total_timeout_ms = c->timeout_ms };
}

static bool expired(const struct aws_credentials *c)
{
	return c->expires_ms && c->expires_ms <= clock_now_ms();
}

enum cred_result cred_ask(const struct cred_provider *p, struct aws_credentials *out,
			  const struct cred_context *c, struct fp_error *why)
{
	enum cred_result result = p->get(out, c, why);
	char at[25], now[25];

	if (result != CRED_FOUND || !expired(out))
		return result;
	time_iso(at, out->expires_ms);
	time_iso(now, clock_now_ms());
	aws_credentials_release(out);
	return cred_error(why,
			  "they expired at %s, and this machine's clock says %s; get new "
			  "ones, or set the clock",
			  at, now);
}

enum cred_result cred_from_profile(struct aws_credentials *out,
				   const struct cred_context *c, struct fp_error *err)
{
	for (size_t i = 0; i < ARRAY_SIZE(chain); i++) {
		enum cred_result result;

		if (!chain[i].profile)
			continue;
		result = cred_ask(chain[i].provider, out, c, err);
		if (result != CRED_NONE)
			return result;
	}
	return cred_none(err, "profile '%s' has no credentials", c->profile);
}

static int ask_chain(struct aws_credentials *out, const char **name,
		     const struct cred_context *c, struct cred_report *report,
		     struct fp_error *err)
{
	for (size_t i = 0; i < ARRAY_SIZE(chain); i++) {
		const struct cred_provider *p = chain[i].provider;
		struct fp_error why = { 0 };
		enum cred_result result;

		buf_clear(c->found);
		result = cred_ask(p, out, c, &why);
		/* What a provider says after Ctrl-C is no finding of its own. */
		if (result != CRED_FOUND && http_interrupted())
			return fp_fail(err, FP_ERR_INTERRUPTED, "stopped");
		if (report)
			cred_report_add(report, p->name, result,
					result == CRED_FOUND ? buf_str(c->found)
							     : why.message);
		if (result == CRED_FOUND) {
			*name = p->name;
			return 0;
		}
		if (result == CRED_ERROR) {
			if (err)
				*err = why;
			return fp_wrap(err, "credentials from %s", p->name);
		}
	}
	return fp_fail(err, FP_ERR_CREDENTIALS,
		       "no credentials found with the profile '%s'; `fpctl doctor` says "
		       "where it looked and what to do, --local needs none",
		       c->profile);
}

int cred_resolve(struct aws_credentials *out, const char **name,
		 const struct cred_question *q, struct cred_report *report,
		 struct fp_error *err)
{
	FP_AUTO(profiles_freep) struct profiles *profiles = NULL;
	FP_AUTO(buf_release) struct buf found = BUF_INIT;
	struct cred_context c = { .env = q->env,
				  .profile = profile_name(q->env, NULL),
				  .no_env = q->env->profile != NULL,
				  .region = q->region,
				  .timeout_ms = q->timeout_ms,
				  .again = q->again,
				  .stale = q->stale,
				  .found = &found };

	if (profiles_read(&profiles, q->env, err) < 0)
		return fp_wrap(err, "credentials");
	c.profiles = profiles;
	if (profiles_check(profiles, q->env, err) < 0)
		return -1;
	return ask_chain(out, name, &c, report, err);
}
