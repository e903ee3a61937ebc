#include "emulator/auth.h"

#include <pthread.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/map.h"
#include "base/str.h"

#define CLOCK_SKEW_MS (INT64_C(15) * 60 * 1000)
#define KEY_LETTERS   16
#define SECRET_BYTES  30 /* 40 letters of base64 */
#define TOKEN_BYTES   120
#define MAX_KNOWN     256

static const char schema[] =
	"CREATE TABLE IF NOT EXISTS auth_keys ("
	" access_key_id TEXT PRIMARY KEY, secret TEXT NOT NULL,"
	" token TEXT, arn TEXT NOT NULL, expires_ms INTEGER NOT NULL)"
	" WITHOUT ROWID";

/* Keys that signed lately. They never change, and an expired one stays refused. */
struct key {
	char *secret, *token, *arn; /* token NULL: permanent */
	int64_t expires_ms;
};
static struct {
	pthread_mutex_t lock;
	struct map known; /* access key ID -> struct key */
} keys = { .lock = PTHREAD_MUTEX_INITIALIZER };

enum refusal {
	NO_CLAIM,
	VERSION_2,
	MALFORMED_CLAIM,
	MALFORMED_URL,
	UNKNOWN_KEY,
	WRONG_TOKEN,
	EXPIRED_TOKEN,
	EXPIRED_URL,
	SKEWED_CLOCK,
	WRONG_SIGNATURE,
};

enum family { QUERY, JSON, S3, FAMILIES };

/* What each family of protocols calls it. */
static const struct {
	struct {
		int status;
		const char *code;
	} as[FAMILIES];
	const char *text;
} refusals[] = {
	[NO_CLAIM] = { { { 403, "MissingAuthenticationToken" },
			 { 403, "MissingAuthenticationTokenException" },
			 { 403, "AccessDenied" } },
		       "the request is not signed: use the credentials that `fpctl local "
		       "env` prints" },
	[VERSION_2] = { { { 400, "InvalidRequest" },
			  { 400, "InvalidRequest" },
			  { 400, "InvalidRequest" } },
			"The authorization mechanism you have provided is not supported. "
			"Please use AWS4-HMAC-SHA256." },
	[MALFORMED_CLAIM] = { { { 400, "IncompleteSignature" },
				{ 400, "IncompleteSignatureException" },
				{ 400, "AuthorizationHeaderMalformed" } },
			      "the authorization is malformed" },
	[MALFORMED_URL] = { { { 400, "IncompleteSignature" },
			      { 400, "IncompleteSignatureException" },
			      { 400, "AuthorizationQueryParametersError" } },
			    "the presigned URL is malformed" },
	[UNKNOWN_KEY] = { { { 403, "InvalidClientTokenId" },
			    { 403, "UnrecognizedClientException" },
			    { 403, "InvalidAccessKeyId" } },
			  "the access key ID is not known here: use the credentials that "
			  "`fpctl local env` prints" },
	[WRONG_TOKEN] = { { { 403, "InvalidClientTokenId" },
			    { 403, "UnrecognizedClientException" },
			    { 400, "InvalidToken" } },
			  "the security token included in the request is invalid" },
	[EXPIRED_TOKEN] = { { { 403, "ExpiredToken" },
			      { 403, "ExpiredTokenException" },
			      { 400, "ExpiredToken" } },
			    "the security token included in the request is expired" },
	[EXPIRED_URL] = { { { 403, "SignatureDoesNotMatch" },
			    { 403, "InvalidSignatureException" },
			    { 403, "AccessDenied" } },
			  "Request has expired" },
	[SKEWED_CLOCK] = { { { 403, "SignatureDoesNotMatch" },
			     { 403, "InvalidSignatureException" },
			     { 403, "RequestTimeTooSkewed" } },
			   "the difference between the request's time and this "
			   "computer's "
			   "is too large (15 minutes are allowed): set the clock" },
	[WRONG_SIGNATURE] = { { { 403, "SignatureDoesNotMatch" },
				{ 403, "InvalidSignatureException" },
				{ 403, "SignatureDoesNotMatch" } },
			      "the request signature that was calculated does not match "
			      "the signature you provided: check your secret access "
			      "key" },
};

static enum family family_of(const struct exchange *x)
{
	switch (x->protocol) {
	case SERVICE_QUERY:
		return QUERY;
	case SERVICE_REST_XML:
		return S3;
	default:
		return JSON;
	}
}

static int refuse(struct exchange *x, enum refusal why)
{
	enum family f = family_of(x);

	return fault_set(&x->fault, refusals[why].as[f].status, refusals[why].as[f].code,
			 "%s", refusals[why].text);
}

static char *random_key_id(const char *prefix)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
	uint8_t bytes[KEY_LETTERS];
	char id[KEY_LETTERS + 1];

	random_bytes(bytes, sizeof(bytes));
	for (size_t i = 0; i < KEY_LETTERS; i++)
		id[i] = letters[bytes[i] % 32];
	id[KEY_LETTERS] = '\0';
	return xasprintf("%s%s", prefix, id);
}

static char *random_text(size_t n)
{
	uint8_t bytes[TOKEN_BYTES];
	struct buf out = BUF_INIT;

	random_bytes(bytes, n);
	base64_encode(&out, bytes, n);
	mem_wipe(bytes, sizeof(bytes));
	return buf_detach(&out);
}

static int insert_key(struct emulator *emu, const struct aws_credentials *c,
		      const char *arn, struct fp_error *err)
{
	struct store *s = emu->store;

	if (store_begin(s, err) < 0)
		return -1;
	if (store_exec(s, err,
		       "DELETE FROM auth_keys WHERE expires_ms > 0 AND expires_ms < ?",
		       "i", clock_now_ms() - CLOCK_SKEW_MS) < 0 ||
	    store_exec(s, err,
		       "INSERT INTO auth_keys (access_key_id, secret, token, arn,"
		       " expires_ms) VALUES (?, ?, ?, ?, ?)",
		       "ssssi", c->access_key_id, c->secret_access_key, c->session_token,
		       arn, c->expires_ms) < 0) {
		store_rollback(s);
		return -1;
	}
	return store_commit(s, err);
}

static int make_root(struct emulator *emu, struct fp_error *err)
{
	FP_AUTO(freep) char *arn = xasprintf("arn:aws:iam::%s:root", emu->account);
	struct aws_credentials c = { .access_key_id = random_key_id("AKIA"),
				     .secret_access_key = random_text(SECRET_BYTES) };

	emu->access_key_id = c.access_key_id;
	emu->secret_access_key = c.secret_access_key;
	return insert_key(emu, &c, arn, err);
}

static void key_free(void *value)
{
	struct key *k = value;

	str_wipe(&k->secret);
	str_wipe(&k->token);
	free(k->arn);
	free(k);
}

static void forget_keys(void)
{
	(void)pthread_mutex_lock(&keys.lock);
	map_release(&keys.known, key_free);
	(void)pthread_mutex_unlock(&keys.lock);
	sigv4_forget_keys();
}

int auth_open(struct emulator *emu, struct fp_error *err)
{
	struct store_rows r;
	bool found;

	forget_keys(); /* of another state */
	if (store_script(emu->store, schema, err) < 0 ||
	    store_query(&r, emu->store, err,
			"SELECT access_key_id, secret FROM auth_keys"
			" WHERE token IS NULL ORDER BY access_key_id LIMIT 1",
			"") < 0)
		return -1;
	found = store_next(&r);
	if (found) {
		emu->access_key_id = xstrdup(store_text(&r, 0));
		emu->secret_access_key = xstrdup(store_text(&r, 1));
	}
	store_done(&r);
	return found ? 0 : make_root(emu, err);
}

char *auth_session_arn(const struct emulator *emu, const char *role_arn,
		       const char *session_name)
{
	const char *slash = strrchr(role_arn, '/');

	return xasprintf("arn:aws:sts::%s:assumed-role/%s/%s", emu->account,
			 slash ? slash + 1 : role_arn, session_name);
}

int auth_issue_session(struct emulator *emu, const char *role_arn,
		       const char *session_name, int64_t lifetime_ms,
		       struct aws_credentials *out, struct fp_error *err)
{
	FP_AUTO(freep) char *arn = auth_session_arn(emu, role_arn, session_name);

	*out = (struct aws_credentials){ .access_key_id = random_key_id("ASIA"),
					 .secret_access_key = random_text(SECRET_BYTES),
					 .session_token = random_text(TOKEN_BYTES),
					 .expires_ms = clock_now_ms() + lifetime_ms };
	if (insert_key(emu, out, arn, err) < 0) {
		aws_credentials_release(out);
		return fp_wrap(err, "cannot issue session credentials");
	}
	return 0;
}

/* With the lock: the key of the ID, or NULL with a fault or without one. */
static const struct key *load_key(struct exchange *x, const char *id)
{
	FP_AUTO(store_done) struct store_rows r = { 0 };
	struct fp_error err = { 0 };
	const char *token;
	struct key *k;

	if (store_query(&r, x->emu->store, &err,
			"SELECT secret, token, arn, expires_ms FROM auth_keys"
			" WHERE access_key_id = ?",
			"s", id) < 0) {
		(void)fault_from(&x->fault, &err);
		return NULL;
	}
	if (!store_next(&r))
		return NULL;
	token = store_text(&r, 1);
	k = xcalloc(1, sizeof(*k));
	*k = (struct key){ .secret = xstrdup(store_text(&r, 0)),
			   .token = token ? xstrdup(token) : NULL,
			   .arn = xstrdup(store_text(&r, 2)),
			   .expires_ms = store_int(&r, 3) };
	if (keys.known.n == MAX_KNOWN)
		map_release(&keys.known, key_free);
	(void)map_put(&keys.known, id, k);
	return k;
}

static bool same_secret(const char *a, const char *b)
{
	if (!a || !b)
		return a == b;
	return strlen(a) == strlen(b) && mem_eq_secret(a, b, strlen(a));
}

static int take_key(struct exchange *x, const struct key *k)
{
	if (!same_secret(k->token, x->claim.session_token))
		return refuse(x, WRONG_TOKEN);
	if (k->expires_ms && k->expires_ms < clock_now_ms())
		return refuse(x, EXPIRED_TOKEN);
	x->secret = xstrdup(k->secret);
	(void)snprintf(x->caller_arn, sizeof(x->caller_arn), "%s", k->arn);
	return 0;
}

/* Who holds the claim's key, and its secret. */
static int find_key(struct exchange *x)
{
	const struct key *k;
	int rc;

	(void)pthread_mutex_lock(&keys.lock);
	k = map_get(&keys.known, x->claim.access_key_id);
	if (!k)
		k = load_key(x, x->claim.access_key_id);
	if (k)
		rc = take_key(x, k);
	else
		rc = x->fault.status ? -1 : refuse(x, UNKNOWN_KEY);
	(void)pthread_mutex_unlock(&keys.lock);
	return rc;
}

static int check_clock(struct exchange *x)
{
	int64_t now = clock_now_ms(), sent = x->claim.time_ms;

	if (sent > now + CLOCK_SKEW_MS)
		return refuse(x, SKEWED_CLOCK);
	if (x->claim.presigned)
		return now > sent + x->claim.expires_s * 1000 ? refuse(x, EXPIRED_URL)
							      : 0;
	return sent < now - CLOCK_SKEW_MS ? refuse(x, SKEWED_CLOCK) : 0;
}

static int verify(struct exchange *x, const char *payload_hash)
{
	if (sigv4_verify(&x->http, &x->claim, x->secret, payload_hash, NULL) < 0)
		return refuse(x, WRONG_SIGNATURE);
	x->verified = true;
	return 0;
}

/* As some clients presign for S3 when they are not told otherwise. */
static bool is_version_2(const struct http_request *http)
{
	const char *header = headers_get(&http->headers, "Authorization");

	return (header && str_starts(header, "AWS ")) ||
	       (!header && strstr(http->query, "AWSAccessKeyId="));
}

/* It becomes part of ARNs, and the name of a folder. */
static bool is_region(const char *s)
{
	return *s && s[strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789-")] == '\0';
}

int auth_refuse_unsigned(struct exchange *x)
{
	return refuse(x, NO_CLAIM);
}

/* STS alone has an operation that is asked for without a signature, by POST. */
static bool may_be_open(const struct exchange *x)
{
	return x->protocol == SERVICE_QUERY && str_eq(x->http.method, "POST") &&
	       str_eq(x->http.path, "/") && !*x->http.query;
}

static int take_unsigned(struct exchange *x)
{
	if (!may_be_open(x))
		return refuse(x, NO_CLAIM);
	x->claim.service = xstrdup("sts");
	router_identify(x);
	x->secret = xstrdup("");
	x->verified = x->unsigned_form = true;
	return 0;
}

static int read_claim(struct exchange *x)
{
	struct fp_error err = { 0 };
	int rc = sigv4_claim_read(&x->claim, &x->http, &err);

	router_identify(x);
	if (rc == 0 && is_region(x->claim.region))
		return 0;
	if (rc == 0)
		(void)fp_fail(&err, FP_ERR_CREDENTIALS,
			      "the credential should be scoped to a valid region, not "
			      "'%.100s'",
			      x->claim.region);
	if (is_version_2(&x->http))
		return refuse(x, VERSION_2);
	if (str_eq(err.aws_code, "MissingAuthenticationToken"))
		return take_unsigned(x);
	(void)refuse(x, x->claim.presigned || str_eq(err.aws_code,
						     "AuthorizationQueryParametersError")
				? MALFORMED_URL
				: MALFORMED_CLAIM);
	(void)snprintf(x->fault.message, sizeof(x->fault.message), "%.1000s",
		       err.message);
	return -1;
}

int auth_begin(struct exchange *x)
{
	const char *declared = headers_get(&x->http.headers, "x-amz-content-sha256");

	if (read_claim(x) < 0)
		return -1;
	if (x->unsigned_form)
		return 0;
	if (find_key(x) < 0 || check_clock(x) < 0)
		return -1;
	if (declared)
		return verify(x, declared);
	if (x->claim.presigned && x->protocol == SERVICE_REST_XML)
		return verify(x, SIGV4_UNSIGNED_PAYLOAD);
	return 0;
}

int auth_end(struct exchange *x)
{
	return x->verified ? 0 : verify(x, x->body.sha256_hex);
}
