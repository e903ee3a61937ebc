/*
 * What a provider that asks a network service needs in a test: a home folder with a
 * login, an environment, a context, and a server that answers as a table says.
 */
#ifndef FP_TEST_SCENE_H
#define FP_TEST_SCENE_H

#include "aws/credentials/providers.h"
#include "base/clock.h"
#include "base/fs.h"
#include "base/json.h"
#include "test_server.h"
#include "world.h"

#define LATER  "2100-01-01T00:00:00Z"
#define BEFORE "2020-01-01T00:00:00Z"
#define SOON   "@SOON@" /* in five minutes less a little; see scene_login */

/* The first one whose target is a prefix of "METHOD /path?query" answers. */
struct scene_answer {
	const char *target;
	int status;
	const char *body;
	const char *header; /* a whole line with \r\n, or NULL */
	unsigned late_ms;
};

struct scene {
	char *home, *login; /* the login's file, or NULL */
	struct test_server server;
	const struct scene_answer *answers; /* ends with a NULL target */
	struct buf asked;		    /* "METHOD /path?query" a line */
	struct buf heads, bodies;	    /* of all requests, one behind the other */
	char *owned[3];
	const char *vars[12];
	size_t nvars;
	struct aws_env env;
	struct profiles *profiles;
	struct buf found;
	struct cred_context context;
	struct aws_credentials got;
	struct fp_error err;
};

static inline void scene_answers(void *ctx, const struct test_request *req,
				 struct test_answer *out)
{
	struct scene *s = ctx;
	FP_AUTO(freep) char *target = xasprintf("%s %s", req->method, req->target);

	buf_printf(&s->asked, "%s\n", target);
	buf_puts(&s->heads, req->head);
	buf_add(&s->bodies, req->body, req->body_len);
	out->status = 404;
	for (const struct scene_answer *a = s->answers; a && a->target; a++) {
		if (!str_starts(target, a->target))
			continue;
		out->status = a->status;
		buf_puts(&out->body, a->body ? a->body : "");
		buf_puts(&out->headers, a->header ? a->header : "");
		clock_sleep_ms(a->late_ms);
		return;
	}
}

static inline void scene_variable(struct scene *s, const char *text)
{
	ck_assert_uint_lt(s->nvars + 1, ARRAY_SIZE(s->vars));
	s->vars[s->nvars++] = text;
}

/* `config` is the config file's text, whose profile "test" is asked. */
static inline void scene_start(struct scene *s, const char *config,
			       const struct scene_answer *answers)
{
	const char *tmp = getenv("TMPDIR");

	*s = (struct scene){ .answers = answers };
	s->home = xasprintf("%s/fpctl-test-XXXXXX", tmp ? tmp : "/tmp");
	ck_assert(mkdtemp(s->home) != NULL);
	test_server_start(&s->server, scene_answers, s);
	s->owned[0] = xasprintf("HOME=%s", s->home);
	s->owned[1] = xasprintf("AWS_ENDPOINT_URL=%s", s->server.url);
	scene_variable(s, s->owned[0]);
	scene_variable(s, s->owned[1]);
	scene_variable(s, "AWS_MAX_ATTEMPTS=1");
	scene_variable(s, "AWS_REGION=eu-west-1");
	s->env = world(s->vars, NULL);
	ck_assert_int_eq(
		profiles_parse(&s->profiles, config, strlen(config), "", 0, &s->err), 0);
	s->context = (struct cred_context){ .env = &s->env,
					    .profiles = s->profiles,
					    .profile = "test",
					    .found = &s->found };
}

/* `file` is under ~/.aws; SOON in the text becomes a time within its last minutes. */
static inline void scene_login(struct scene *s, const char *file, const char *text)
{
	const char *soon = strstr(text, SOON);
	FP_AUTO(buf_release) struct buf out = BUF_INIT;
	FP_AUTO(freep) char *folder = NULL;
	char iso[25];

	time_iso(iso, clock_now_ms() + 290000);
	buf_add(&out, text, soon ? (size_t)(soon - text) : strlen(text));
	if (soon)
		buf_printf(&out, "%s%s", iso, soon + strlen(SOON));
	s->login = xasprintf("%s/.aws/%s", s->home, file);
	folder = fs_dirname(s->login);
	ck_assert_int_eq(fs_mkdirs(folder, NULL), 0);
	ck_assert_int_eq(fs_write_atomic(s->login, buf_str(&out), out.len, 0644, NULL),
			 0);
}

/* The login's file as it is now; free with json_freep. */
static inline cJSON *scene_read_login(const struct scene *s)
{
	FP_AUTO(buf_release) struct buf text = BUF_INIT;
	cJSON *j;

	ck_assert_int_eq(fs_read(&text, s->login, 65536, NULL), 0);
	j = json_parse(buf_str(&text), text.len, "the login", NULL);
	ck_assert(j != NULL);
	return j;
}

static inline enum cred_result scene_ask(struct scene *s, const struct cred_provider *p)
{
	aws_credentials_release(&s->got);
	s->err = (struct fp_error){ 0 };
	return p->get(&s->got, &s->context, &s->err);
}

static inline void scene_end(struct scene *s)
{
	test_server_stop(&s->server);
	aws_credentials_release(&s->got);
	profiles_freep(&s->profiles);
	buf_release(&s->asked);
	buf_release(&s->heads);
	buf_release(&s->bodies);
	buf_release(&s->found);
	ck_assert_int_eq(fs_remove_tree(s->home, NULL), 0);
	free(s->home);
	free(s->login);
	for (size_t i = 0; i < ARRAY_SIZE(s->owned); i++)
		free(s->owned[i]);
}

/* The result and, for an error, that its message has `error` in it. */
static inline void scene_expect(const struct scene *s, const char *name,
				enum cred_result got, enum cred_result want,
				const char *id, const char *error)
{
	ck_assert_msg(got == want, "%s: %d, %s", name, got, s->err.message);
	if (want == CRED_FOUND) {
		ck_assert_str_eq(s->got.access_key_id, id);
		return;
	}
	ck_assert_msg(!s->got.access_key_id, "%s: an error with credentials", name);
	ck_assert_msg(strstr(s->err.message, error) != NULL, "%s: '%s'", name,
		      s->err.message);
}

#endif
