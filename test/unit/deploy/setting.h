/*
 * A project, its code and a cloud, for tests of deployments.
 */
#ifndef FP_TEST_SETTING_H
#define FP_TEST_SETTING_H

#include "check_main.h"

#include "base/fs.h"
#include "deploy/deploy.h"
#include "fake_aws.h"
#include "http/client.h"

/* Alarms and dashboard are a stack of their own. */
#define WITHOUT_MONITORING                                                  \
	"monitoring: {dashboard: false, alarms: {errors: 0, throttles: 0, " \
	"duration_p99: 0, dead_letters: 0}}\n"
#define MANIFEST                                                                    \
	"project: p\nregion: eu-west-1\ntags: {team: x}\nbuckets:\n  uploads: {}\n" \
	"notify: ops@example.com\n" WITHOUT_MONITORING
/* A project, its code, and the cloud that it is deployed to. */
struct setting {
	struct fake_aws fake;
	const char *environment; /* -e; or NULL */
	struct manifest manifest;
	struct rendering rendering;
	struct aws_client *aws;
	struct deploy_code code;
	struct deploy_context d;
	struct deploy_summary sum;
	struct fp_error err;
	struct strs reports;		     /* "failed p-lambda: reason" */
	enum deploy_event_kind interrupt_at; /* of this kind; 0: never */
};

static void note_report(void *ctx, const struct deploy_event *e)
{
	static const char *const kinds[] = { "planned", "started", "resource",
					     "done",	"failed",  "skipped",
					     "upload",	"emptied", "queue" };
	struct setting *s = ctx;

	strs_add_owned(&s->reports,
		       xasprintf("%s %s %s %s", kinds[e->kind], str_or(e->stack, "-"),
				 str_or(e->resource, "-"), str_or(e->reason, "-")));
	if (s->interrupt_at && e->kind == s->interrupt_at)
		http_interrupt();
}

static void render_text(struct setting *s, const char *text)
{
	FP_AUTO(diags_release) struct diags diags = DIAGS_INIT;
	const struct render_input in = { .manifest = &s->manifest };

	ck_assert_msg(manifest_parse(&s->manifest, text, strlen(text), "fpctl.yaml",
				     s->environment, &diags) == 0 &&
			      render_manifest(&s->rendering, &in, &diags) == 0,
		      "%s", diags.n ? diags.v[0].message : "no finding");
}

static void begin(struct setting *s, const char *manifest)
{
	struct aws_credentials creds = { .access_key_id = (char[]){ "AKIDEXAMPLE" },
					 .secret_access_key = (char[]){ "secret" } };
	struct aws_options o = { .region = "eu-west-1", .credentials = &creds };
	const char *tmp = getenv("TMPDIR");
	int fd;

	s->fake.lasts = 2;
	fake_aws_start(&s->fake);
	o.endpoint_url = s->fake.http.url;
	render_text(s, manifest);
	ck_assert_int_eq(aws_client_new(&s->aws, &o, NULL), 0);
	s->code.processor = "default";
	s->code.asset.key = xstrdup("processors/1.zip");
	s->code.asset.path = xasprintf("%s/fpctl-test-XXXXXX", tmp ? tmp : "/tmp");
	fd = mkstemp(s->code.asset.path);
	ck_assert_int_eq(fs_write_all(fd, "zip", 3, "zip", NULL), 0);
	close(fd);
	s->d = (struct deploy_context){ .aws = s->aws,
					.manifest = &s->manifest,
					.rendering = &s->rendering,
					.code = &s->code,
					.ncode = 1,
					.report = note_report,
					.report_ctx = s };
}

static void end(struct setting *s)
{
	(void)unlink(s->code.asset.path);
	asset_release(&s->code.asset);
	aws_client_freep(&s->aws);
	rendering_release(&s->rendering);
	manifest_release(&s->manifest);
	strs_release(&s->reports);
	fake_aws_stop(&s->fake);
}

static void forget(struct setting *s)
{
	strs_release(&s->fake.log);
	strs_release(&s->reports);
}

static bool logged(const struct strs *l, const char *text)
{
	for (size_t i = 0; i < l->n; i++)
		if (strstr(l->v[i], text))
			return true;
	return false;
}

FP_UNUSED static size_t position(const struct strs *l, const char *text)
{
	for (size_t i = 0; i < l->n; i++)
		if (strstr(l->v[i], text))
			return i;
	ck_abort_msg("%s is not in the log", text);
	return 0;
}

FP_UNUSED static char *joined(const struct strs *l)
{
	FP_AUTO(buf_release) struct buf out = BUF_INIT;

	for (size_t i = 0; i < l->n; i++)
		buf_printf(&out, "%s\n", l->v[i]);
	return buf_detach(&out);
}

static int run(struct setting *s)
{
	s->err = (struct fp_error){ 0 };
	return deploy_run(&s->d, &s->sum, &s->err);
}

/* The setting's code, for two processors. */
FP_UNUSED static void use_code(struct setting *s, struct deploy_code code[2],
			       const char *first, const char *second)
{
	code[0] = code[1] = s->code;
	code[0].processor = first;
	code[1].processor = second;
	s->d.code = code;
	s->d.ncode = 2;
}

/* The manifest is another one from now on, and the log begins anew. */
FP_UNUSED static void render_anew(struct setting *s, const char *manifest)
{
	forget(s);
	rendering_release(&s->rendering);
	manifest_release(&s->manifest);
	render_text(s, manifest);
}

FP_UNUSED static size_t count_of(const struct strs *l, const char *text)
{
	size_t n = 0;

	for (size_t i = 0; i < l->n; i++)
		n += strstr(l->v[i], text) != NULL;
	return n;
}

FP_UNUSED static size_t last_position(const struct strs *l, const char *text)
{
	size_t last = position(l, text);

	for (size_t i = last; i < l->n; i++)
		if (strstr(l->v[i], text))
			last = i;
	return last;
}

FP_UNUSED static const struct fake_stack *deployed(struct setting *s, const char *name)
{
	const struct fake_stack *stack = fake_find(&s->fake, name);

	ck_assert_msg(stack != NULL, "%s is not there", name);
	return stack;
}

#endif
