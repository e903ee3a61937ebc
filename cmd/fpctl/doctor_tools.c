/* The tools that fpctl never runs by itself, but its user does: none must be there. */
#include <pthread.h>
#include <unistd.h>

#include "aws/credentials/program.h"
#include "base/json.h"
#include "doctor.h"

#define VERSION_MS 5000 /* the AWS CLI takes a second */

static const struct {
	const char *name, *use;
	bool compiles; /* what processors of one's own need */
	bool for_aws;  /* of no use with --local */
} kinds[] = { { "cc", "to compile processors of your own", true, false },
	      { "make", "to compile processors of your own", true, false },
	      { "git", "to push to the pipeline's repository", false, false },
	      { "aws", "for 'aws sso login' and 'aws login'", false, true } };

struct doctor_tool {
	char *path;    /* NULL: not here */
	char *version; /* "2.39.5"; NULL: it does not say */
	pthread_t thread;
	bool started;
};

/* In the folders of PATH; owned by the caller, NULL when it is in none. */
static char *find_tool(const char *name)
{
	FP_AUTO(strs_release) struct strs folders = STRS_INIT;

	strs_split(&folders, str_or(getenv("PATH"), "/usr/bin:/bin"), ':');
	for (size_t i = 0; i < folders.n; i++) {
		const char *folder = *folders.v[i] ? folders.v[i] : ".";
		char *path = xasprintf("%s/%s", folder, name);

		if (access(path, X_OK) == 0)
			return path;
		free(path);
	}
	return NULL;
}

/* The first number with a dot: of "aws-cli/2.9.19 Python/3.11.2", of "GNU Make 4.3". */
static char *version_in(const char *text)
{
	static const char digits[] = "0123456789", number[] = "0123456789.";

	for (const char *at = text; *(at += strcspn(at, digits));) {
		size_t whole = strspn(at, digits), n = strspn(at, number);

		if (n > whole + 1)
			return xstrndup(at, n);
		at += n;
	}
	return NULL;
}

static void *ask_version(void *ctx)
{
	struct doctor_tool *t = ctx;
	const char *const argv[] = { t->path, "--version", NULL };
	FP_AUTO(buf_release) struct buf out = BUF_INIT;

	if (program_run(&out, argv, VERSION_MS, NULL) == 0)
		t->version = version_in(buf_str(&out));
	return NULL;
}

void doctor_tools_start(struct doctor *d)
{
	d->tools = xcalloc(ARRAY_SIZE(kinds), sizeof(*d->tools));
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		struct doctor_tool *t = &d->tools[i];

		if (kinds[i].for_aws && d->app->global.local)
			continue;
		t->path = find_tool(kinds[i].name);
		t->started = t->path &&
			     pthread_create(&t->thread, NULL, ask_version, t) == 0;
	}
}

static bool wants_compiler(const struct app *app)
{
	for (size_t i = 0; app->has_manifest && i < app->manifest.nprocessors; i++)
		if (!str_eq(app->manifest.processors[i].source, "bundled"))
			return true;
	return false;
}

static void list(cJSON *to, size_t i, const struct doctor_tool *t)
{
	cJSON *one = json_push_object(to);

	json_set_str(one, "tool", kinds[i].name);
	json_set_str(one, "path", t->path);
	json_set_str(one, "version", t->version);
}

static void say_tools(struct doctor *d, cJSON *tools)
{
	FP_AUTO(buf_release) struct buf found = BUF_INIT, absent = BUF_INIT;
	bool compiler = true;
	cJSON *j;

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		const struct doctor_tool *t = &d->tools[i];
		struct buf *to = t->path ? &found : &absent;

		if (kinds[i].for_aws && d->app->global.local)
			continue;
		list(tools, i, t);
		buf_printf(to, "%s%s", to->len ? ", " : "", kinds[i].name);
		if (t->version)
			buf_printf(to, " %s", t->version);
		if (!t->path)
			buf_printf(to, " (%s)", kinds[i].use);
		compiler = compiler && (t->path || !kinds[i].compiles);
	}
	if (wants_compiler(d->app) && !compiler)
		j = doctor_say(
			d, "tools", DOCTOR_WARN,
			"install a C compiler and make, or bring each processor's "
			"bootstrap ready made",
			"the manifest has processors of your own, but missing is %s",
			buf_str(&absent));
	else
		j = doctor_say(d, "tools", DOCTOR_OK, NULL, "%s%s%s",
			       found.len ? buf_str(&found) : "none needed",
			       absent.len ? "; not here: " : "", buf_str(&absent));
	json_set(j, "tools", tools);
}

void doctor_tools(struct doctor *d)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (d->tools[i].started)
			(void)pthread_join(d->tools[i].thread, NULL);
	if (!http_interrupted())
		say_tools(d, cJSON_CreateArray());
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		free(d->tools[i].path);
		free(d->tools[i].version);
	}
	free(d->tools);
	d->tools = NULL;
}
