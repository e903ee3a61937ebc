/*
 * credential_process: a program of the user's prints the keys as JSON.
 * Source: AWS SDKs and Tools Reference Guide, "Process credential provider".
 */
#include <errno.h>
#include <unistd.h>

#include "aws/credentials/program.h"
#include "aws/credentials/providers.h"
#include "base/clock.h"
#include "base/fs.h"
#include "base/json.h"
#include "base/str.h"

#define DEFAULT_PATH "/bin:/usr/bin"

/* A character that begins or ends a quote, or escapes. */
static bool is_special(char c)
{
	return c == '\'' || c == '"' || c == '\\';
}

/* Append what `*s` quotes, and step behind it; false when it does not end. */
static bool take_special(struct buf *word, const char **s)
{
	const char *p = *s;
	char quote = *p++;

	if (quote == '\\') {
		if (!*p)
			return false;
		buf_putc(word, *p);
		*s = p + 1;
		return true;
	}
	for (; *p && *p != quote; p++) {
		/* Between double quotes it escapes only them and itself. */
		if (quote == '"' && *p == '\\' && (p[1] == '"' || p[1] == '\\'))
			p++;
		buf_putc(word, *p);
	}
	*s = p + 1;
	return *p == quote;
}

bool program_split(struct strs *words, const char *text)
{
	static const char spaces[] = " \t\r\n";

	for (const char *s = text + strspn(text, spaces); *s; s += strspn(s, spaces)) {
		FP_AUTO(buf_release) struct buf word = BUF_INIT;

		while (*s && !strchr(spaces, *s)) {
			if (!is_special(*s))
				buf_putc(&word, *s++);
			else if (!take_special(&word, &s))
				return false;
		}
		strs_add(words, buf_str(&word));
	}
	return true;
}

/* Where the program is, as execvp() finds it; owned, or NULL. */
static char *find_program(const struct aws_env *env, const char *name)
{
	FP_AUTO(strs_release) struct strs folders = STRS_INIT;
	const char *path = cred_env(env, "PATH");

	if (strchr(name, '/'))
		return xstrdup(name);
	strs_split(&folders, path ? path : DEFAULT_PATH, ':');
	for (size_t i = 0; i < folders.n; i++) {
		char *file = fs_join(*folders.v[i] ? folders.v[i] : ".", name);

		if (access(file, X_OK) == 0 && !fs_is_dir(file))
			return file;
		free(file);
	}
	return NULL;
}

static int start(struct buf *out, const struct cred_context *c, const char *command,
		 struct fp_error *err)
{
	FP_AUTO(strs_release) struct strs words = STRS_INIT;
	char *path;

	if (!program_split(&words, command) || words.n == 0)
		return fp_fail(err, FP_ERR_CREDENTIALS,
			       words.n ? "a quote of the command does not end"
				       : "the command is empty, or a quote does not end");
	path = find_program(c->env, words.v[0]);
	if (!path)
		return fp_fail(err, FP_ERR_CREDENTIALS,
			       "there is no program '%s' in PATH", words.v[0]);
	free(words.v[0]);
	words.v[0] = path;
	strs_add_owned(&words, NULL);
	return program_run(out, (const char *const *)words.v, PROGRAM_LIMIT_MS, err);
}

int program_read(struct aws_credentials *out, const char *text, size_t n,
		 struct fp_error *err)
{
	FP_AUTO(json_wipe_freep)
	cJSON *j = json_parse(text, n, "its output", err);
	const cJSON *version = json_get(j, "Version");
	const char *id = json_str(j, "AccessKeyId", NULL);
	const char *secret = json_str(j, "SecretAccessKey", NULL);
	const cJSON *expires = json_get(j, "Expiration");
	int64_t expires_ms = 0;

	if (!j)
		return -1;
	if (!cJSON_IsNumber(version) || version->valuedouble != 1)
		return fp_fail(err, FP_ERR_CREDENTIALS,
			       "its output has no \"Version\": 1");
	if (!id || !secret)
		return fp_fail(err, FP_ERR_CREDENTIALS, "its output has no %s",
			       id ? "SecretAccessKey" : "AccessKeyId");
	if (expires && !cJSON_IsNull(expires) &&
	    !time_parse(json_str(j, "Expiration", ""), &expires_ms))
		return fp_fail(err, FP_ERR_CREDENTIALS,
			       "its Expiration '%s' is no time like "
			       "2026-01-02T03:04:05Z",
			       json_str(j, "Expiration", "(no text)"));
	aws_credentials_set(out, id, secret, json_str(j, "SessionToken", NULL));
	out->expires_ms = expires_ms;
	return 0;
}

static enum cred_result get(struct aws_credentials *out, const struct cred_context *c,
			    struct fp_error *err)
{
	const char *command = cred_setting(c, "credential_process");
	FP_AUTO(buf_wipe) struct buf text = BUF_INIT;

	if (!command)
		return cred_none(err, "profile '%s' has no credential_process",
				 c->profile);
	if (start(&text, c, command, err) == 0 &&
	    program_read(out, buf_str(&text), text.len, err) == 0) {
		buf_printf(c->found, "credential_process of profile '%s'", c->profile);
		return CRED_FOUND;
	}
	(void)fp_wrap(err, "credential_process of profile '%s'", c->profile);
	return CRED_ERROR;
}

const struct cred_provider cred_process = { "process", get };
