/*
 * Role sessions on disk, in the AWS CLI's files: a code that was typed for the one
 * serves the other.
 */
#include "aws/credentials/providers.h"
#include "base/clock.h"
#include "base/digest.h"
#include "base/fs.h"
#include "base/json.h"
#include "base/log.h"
#include "base/str.h"

#define CACHE_FOLDER "~/.aws/cli/cache" /* without a home folder there is no cache */
#define MAX_ENTRY    65536
/* What has less life left than this is asked for anew, as the AWS CLI does. */
#define MIN_LIFE_MS (15 * 60 * 1000LL)

/* The code point of a well-formed character of `n` bytes. */
static unsigned code_point(const unsigned char *s, size_t n)
{
	static const unsigned char mask[] = { 0, 0x7f, 0x1f, 0x0f, 0x07 };
	unsigned c = s[0] & mask[n];

	for (size_t i = 1; i < n; i++)
		c = c << 6 | (s[i] & 0x3f);
	return c;
}

/* As Python writes a text: ASCII, and \u escapes in pairs for what is beyond. */
static void python_quote(struct buf *out, const char *s)
{
	static const char plain[] = "\"\\\b\f\n\r\t", letters[] = "\"\\bfnrt";
	const char *end = s + strlen(s), *special;

	buf_putc(out, '"');
	while (s < end) {
		size_t n = str_utf8_len(s, (size_t)(end - s));
		unsigned c = n ? code_point((const unsigned char *)s, n) : 0xfffd;

		special = c < 0x80 ? strchr(plain, (int)c) : NULL;
		if (special)
			buf_printf(out, "\\%c", letters[special - plain]);
		else if (c >= 0x20 && c < 0x7f)
			buf_putc(out, (char)c);
		else if (c < 0x10000)
			buf_printf(out, "\\u%04x", c);
		else
			buf_printf(out, "\\u%04x\\u%04x", 0xd800 + ((c - 0x10000) >> 10),
				   0xdc00 + ((c - 0x10000) & 0x3ff));
		s += n ? n : 1;
	}
	buf_putc(out, '"');
}

char *cred_cache_name(const struct cred_arg *args, size_t n, bool compact)
{
	FP_AUTO(buf_release) struct buf text = BUF_INIT;
	FP_AUTO(digest_freep) struct digest *sha1 = digest_new("SHA1");
	uint8_t sum[64];
	char hex[2 * sizeof(sum) + 1];

	buf_putc(&text, '{');
	for (size_t i = 0; i < n; i++) {
		if (!args[i].value)
			continue;
		if (text.len > 1)
			buf_puts(&text, compact ? "," : ", ");
		python_quote(&text, args[i].name);
		buf_puts(&text, compact ? ":" : ": ");
		if (args[i].number)
			buf_puts(&text, args[i].value);
		else
			python_quote(&text, args[i].value);
	}
	buf_putc(&text, '}');
	digest_update(sha1, text.data, text.len);
	hex_encode(hex, sum, digest_final(sha1, sum));
	return xasprintf("%s.json", hex);
}

static bool is_stale(const struct cred_context *c, const char *id, const char *token)
{
	return c->stale && str_eq(c->stale->access_key_id, id) &&
	       str_eq(c->stale->session_token, token);
}

bool cred_cache_read(struct aws_credentials *out, const struct cred_context *c,
		     const char *name)
{
	FP_AUTO(freep) char *folder = profiles_expand(c->env, CACHE_FOLDER);
	FP_AUTO(freep) char *path = folder ? fs_join(folder, name) : NULL;
	FP_AUTO(buf_wipe) struct buf text = BUF_INIT;
	FP_AUTO(json_wipe_freep) cJSON *j = NULL;
	const char *id, *secret, *token;
	int64_t expires_ms;

	if (!path || !fs_exists(path) || fs_read(&text, path, MAX_ENTRY, NULL) < 0)
		return false;
	j = json_parse(buf_str(&text), text.len, path, NULL);
	id = json_str(j, "Credentials.AccessKeyId", "");
	secret = json_str(j, "Credentials.SecretAccessKey", "");
	token = json_str(j, "Credentials.SessionToken", NULL);
	if (!*id || !*secret || !token ||
	    !time_parse(json_str(j, "Credentials.Expiration", NULL), &expires_ms) ||
	    expires_ms - clock_now_ms() < MIN_LIFE_MS || is_stale(c, id, token))
		return false;
	aws_credentials_set(out, id, secret, token);
	out->expires_ms = expires_ms;
	return true;
}

/* "2026-01-02T03:04:05UTC", as the AWS CLI writes a moment. */
static void set_time(cJSON *j, const char *name, int64_t ms)
{
	char iso[25];

	time_iso(iso, ms);
	json_set_fmt(j, name, "%.19sUTC", iso);
}

static void write_entry(const char *folder, const char *name, const struct buf *text)
{
	FP_AUTO(freep) char *path = fs_join(folder, name);
	struct fp_error err = { 0 };

	if (fs_mkdirs(folder, &err) < 0 ||
	    fs_write_atomic(path, text->data, text->len, 0600, &err) < 0)
		log_msg(LOG_WARN, "the role's session is not cached: %s", err.message);
}

void cred_cache_write(const struct cred_context *c, const char *name,
		      const struct aws_credentials *creds, const char *account,
		      const cJSON *more)
{
	FP_AUTO(freep) char *folder = profiles_expand(c->env, CACHE_FOLDER);
	FP_AUTO(json_wipe_freep)
	cJSON *j = more ? cJSON_Duplicate(more, true) : cJSON_CreateObject();
	cJSON *part = json_set_object(j, "Credentials");
	FP_AUTO(buf_wipe) struct buf text = BUF_INIT;

	if (!folder)
		return;
	json_set_str(part, "AccessKeyId", creds->access_key_id);
	json_set_str(part, "SecretAccessKey", creds->secret_access_key);
	json_set_str(part, "SessionToken", creds->session_token);
	set_time(part, "Expiration", creds->expires_ms);
	json_set_str(part, "AccountId", account);
	json_print(&text, j);
	write_entry(folder, name, &text);
}
