/*
 * The documents that credentials are read from: answers of containers, instances and
 * programs, the files of SSO and `aws login`, the AWS CLI's cache. Whatever they hold
 * gives whole credentials or an error; no network is asked.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "aws/credentials/metadata.h"
#include "aws/credentials/program.h"
#include "aws/credentials/providers.h"
#include "base/fs.h"
#include "base/str.h"
#include "http/client.h"

/* The names that the caches give to the profile below. */
#define SSO_FILE ".aws/sso/cache/ee0bfd2552fbd840c02cc48b6e823320543c450f.json"
#define CLI_FILE ".aws/cli/cache/20011583f1cc49d2daf324e1ee9cd59ed8e48f29.json"
#define LOGIN_FILE          \
	".aws/login/cache/" \
	"19f4c684a3ff4f2dfa73b8d9098257cfb08e3da6b5ac7f86aa3aa36537018265.json"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static char home[] = "/tmp/fpctl-fuzz-XXXXXX";

static const char *get(void *ctx, const char *name)
{
	static const char *const vars[][2] = {
		{ "AWS_ENDPOINT_URL", "http://127.0.0.1:1" },
		{ "AWS_MAX_ATTEMPTS", "1" },
		{ "AWS_REGION", "eu-west-1" },
	};

	(void)ctx;
	if (str_eq(name, "HOME"))
		return home;
	for (size_t i = 0; i < ARRAY_SIZE(vars); i++)
		if (str_eq(name, vars[i][0]))
			return vars[i][1];
	return NULL;
}

static void must(bool fine)
{
	if (!fine)
		abort();
}

static void check(enum cred_result result, struct aws_credentials *got,
		  const struct fp_error *err)
{
	if (result == CRED_FOUND)
		must(got->access_key_id && got->secret_access_key);
	else
		must(!got->access_key_id && *err->message);
	aws_credentials_release(got);
}

static void document(const char *text, size_t n)
{
	struct aws_credentials got = { 0 };
	struct fp_error err = { 0 };

	check(metadata_read(&got, text, n, &err) < 0 ? CRED_ERROR : CRED_FOUND, &got,
	      &err);
}

static void program(const char *text, size_t n)
{
	FP_AUTO(strs_release) struct strs words = STRS_INIT;
	FP_AUTO(freep) char *command = xstrndup(text, n);
	struct aws_credentials got = { 0 };
	struct fp_error err = { 0 };

	check(program_read(&got, text, n, &err) < 0 ? CRED_ERROR : CRED_FOUND, &got,
	      &err);
	/* Words hold nothing that the command has not. */
	must(!program_split(&words, command) || words.n <= strlen(command));
}

/* The file as what the provider finds in its cache. */
static void file(const struct cred_provider *provider, const char *path, const char *text,
		 size_t n)
{
	static const char config[] =
		"[profile test]\nsso_session=corp\nsso_account_id=1\nsso_role_name=x\n"
		"login_session=corp\n[sso-session corp]\nsso_start_url=https://x\n"
		"sso_region=eu-west-1\n";
	static struct profiles *profiles;
	struct aws_env env = { .get = get };
	FP_AUTO(buf_release) struct buf found = BUF_INIT;
	struct cred_context c = { .env = &env, .profile = "test", .found = &found };
	struct aws_credentials got = { 0 };
	struct fp_error err = { 0 };
	char *full = fs_join(home, path);
	int fd;

	if (!profiles)
		must(profiles_parse(&profiles, config, strlen(config), "", 0, NULL) == 0);
	c.profiles = profiles;
	fd = fs_open(full, O_WRONLY | O_CREAT | O_TRUNC, 0600, NULL);
	must(fd >= 0 && fs_write_all(fd, text, n, full, NULL) == 0);
	closep(&fd);
	check(provider->get(&got, &c, &err), &got, &err);
	must(unlink(full) == 0);
	free(full);
}

static void forget_home(void)
{
	(void)fs_remove_tree(home, NULL);
}

static void make_home(void)
{
	static const char *const folders[] = { ".aws/sso/cache", ".aws/login/cache",
					       ".aws/cli/cache" };

	must(mkdtemp(home) != NULL);
	(void)atexit(forget_home);
	for (size_t i = 0; i < ARRAY_SIZE(folders); i++) {
		char *path = fs_join(home, folders[i]);

		must(fs_mkdirs(path, NULL) == 0);
		free(path);
	}
	/* Every transfer ends at once: what is fuzzed is what comes before. */
	http_interrupt();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static bool ready;
	const char *text = (const char *)data + 1;

	if (!ready)
		make_home();
	ready = true;
	if (!n)
		return 0;
	if (data[0] == 'd')
		document(text, n - 1);
	else if (data[0] == 'p')
		program(text, n - 1);
	else if (data[0] == 's')
		file(&cred_sso, SSO_FILE, text, n - 1);
	else if (data[0] == 'l')
		file(&cred_login, LOGIN_FILE, text, n - 1);
	else if (data[0] == 'c')
		file(&cred_sso, CLI_FILE, text, n - 1);
	return 0;
}
