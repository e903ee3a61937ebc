#include "aws/credentials/token_file.h"

#include <errno.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/fs.h"
#include "base/json.h"
#include "base/log.h"
#include "base/str.h"

#define MAX_FILE ((size_t)1 << 20)

char *token_file_path(const struct aws_env *env, const char *folder,
		      const char *algorithm, const char *name)
{
	FP_AUTO(digest_freep) struct digest *d = digest_new(algorithm);
	FP_AUTO(freep) char *at = profiles_expand(env, folder);
	uint8_t sum[64];
	char hex[2 * sizeof(sum) + 1];

	if (!at)
		return NULL;
	digest_update(d, name, strlen(name));
	hex_encode(hex, sum, digest_final(d, sum));
	return xasprintf("%s/%s.json", at, hex);
}

int token_file_read(cJSON **out, const char *path, struct fp_error *err)
{
	FP_AUTO(buf_wipe) struct buf text = BUF_INIT;

	errno = 0;
	if (fs_read(&text, path, MAX_FILE, err) < 0)
		return errno == ENOENT
			       ? fp_fail(err, FP_ERR_NOT_FOUND, "there is no '%s'", path)
			       : -1;
	*out = json_parse(buf_str(&text), text.len, path, err);
	if (*out && !cJSON_IsObject(*out)) {
		json_wipe_freep(out);
		return fp_fail(err, FP_ERR_INPUT, "'%s' holds no JSON object", path);
	}
	return *out ? 0 : -1;
}

void token_file_write(const char *path, const cJSON *token)
{
	FP_AUTO(buf_wipe) struct buf text = BUF_INIT;
	struct fp_error err = { 0 };

	/* Growing would leave copies behind. */
	buf_reserve(&text, 65536);
	json_print(&text, token);
	if (fs_write_atomic(path, buf_str(&text), text.len, 0600, &err) < 0)
		log_msg(LOG_WARN, "the refreshed login is not kept: %s", err.message);
}

void token_file_set(cJSON *token, const char *name, const char *value)
{
	cJSON *old = json_get(token, name);

	if (cJSON_IsString(old))
		mem_wipe(old->valuestring, strlen(old->valuestring));
	json_set_str(token, name, value);
}

void token_file_set_time(cJSON *token, const char *name, int64_t ms)
{
	char iso[25];

	time_iso(iso, ms);
	json_set_fmt(token, name, "%.19sZ", iso);
}
