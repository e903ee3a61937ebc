#include "manifest/edit.h"

#include "check_main.h"
#include "yaml/edit.h"

#define MANIFEST                      \
	"project: p\n"                \
	"buckets:\n"                  \
	"  a: {expire: 30d}\n"        \
	"processors:\n"               \
	"  archiver: {timeout: 2m}\n" \
	"notify: ops@example.com\n"   \
	"environments:\n"             \
	"  dev: {}\n"                 \
	"  prod: {region: us-east-1}\n"

/* The value as it is written; or the error. */
static const struct {
	const char *path, *given, *want, *error;
} values[] = {
	{ "buckets.a.expire", "30d", "30d", NULL },
	{ "buckets.a.suffix", "[.csv, '.a b']", "[.csv, .a b]", NULL },
	{ "buckets.a.suffix", ".csv", ".csv", NULL },
	{ "buckets.a.suffix.0", "[x]", "\"[x]\"", NULL },
	{ "buckets.a.suffix", "[1, true]", "[\"1\", \"true\"]", NULL },
	{ "buckets.a.prefix", "a: b #c", "\"a: b #c\"", NULL },
	{ "buckets.a.prefix", "'a b'", "a b", NULL },
	{ "buckets.a.prefix", "null", "null", NULL },
	{ "buckets.a.prefix", "", "\"\"", NULL },
	{ "buckets.a", "", "null", NULL },
	{ "buckets.a", "{versioning: true, prefix: 5}",
	  "{versioning: true, prefix: \"5\"}", NULL },
	{ "buckets.a.versioning", "true", "true", NULL },
	{ "processors.default.memory", "512", "512", NULL },
	{ "processors.default.environment.N", "0080", "\"0080\"", NULL },
	{ "processors.default.environment.N", "80", "80", NULL },
	{ "processors.default.environment.N", "1e3", "\"1e3\"", NULL },
	{ "processors.default.environment.N", "True", "\"True\"", NULL },
	{ "processors.default.environment.N", "*.csv", "\"*.csv\"", NULL },
	{ "processors.default.environment", "{A: 012, B: x}", "{A: \"012\", B: x}",
	  NULL },
	{ "processors.default.on_success", "tag", "tag", NULL },
	{ "processors.default.on_success", "{move: done/}", "{move: done/}", NULL },
	{ "environments.prod.account", "111122223333", "\"111122223333\"", NULL },
	{ "environments.prod", "{account: 111122223333, protect: true}",
	  "{account: \"111122223333\", protect: true}", NULL },
	{ "environments.prod.buckets.a.expire", "1d", "1d", NULL },
	{ "notify", "me@example.com", "me@example.com", NULL },
	{ "notify", "[a@example.com, b@example.com]", "[a@example.com, b@example.com]",
	  NULL },
	{ "notify.0", "me@example.com", "me@example.com", NULL },
	{ "notify.results.filter", "{status: [1]}", "{status: [\"1\"]}", NULL },
	{ "stacks.s.parameters", "{Size: 5}", "{Size: 5}", NULL },
	{ "buckets.a.sufix", "x", NULL,
	  "there is no field 'buckets.a.sufix'; did you mean 'suffix'? known: on, "
	  "prefix, " },
	{ "zzz", "x", NULL, "there is no field 'zzz'; known: project, region, " },
	{ "region.x", "y", NULL, "there is no field 'region.x'" },
	{ "environments.prod.project", "x", NULL,
	  "there is no field 'environments.prod.project'" },
	{ "processors.a.on_success", "{move: ", NULL, "did not find expected node" },
};

START_TEST(value_fits)
{
	const __typeof__(values[0]) *c = &values[_i];
	FP_AUTO(arena_release) struct arena a = ARENA_INIT;
	FP_AUTO(strs_release) struct strs path = STRS_INIT;
	FP_AUTO(buf_release) struct buf got = BUF_INIT;
	const struct node *value = NULL;
	struct fp_error err = { 0 };
	int rc;

	ck_assert_int_eq(edit_path_parse(&path, c->path, &err), 0);
	rc = manifest_edit_value(&value, &a, &path, c->given, &err);
	ck_assert_msg((rc < 0) == (c->error != NULL), "%s: %s", c->path, err.message);
	if (c->error) {
		ck_assert_msg(str_starts(err.message, c->error), "%s", err.message);
		return;
	}
	edit_inline(&got, value);
	ck_assert_str_eq(buf_str(&got), c->want);
}
END_TEST

/* `given` NULL takes out. `finding` is the first one. */
static const struct {
	const char *in, *path, *given, *want, *error, *finding;
} edits[] = {
	{ MANIFEST, "buckets.a.expire", "31d", "  a: {expire: 31d}\n", NULL, NULL },
	{ MANIFEST, "buckets.b", "{}", "  b: {}\n", NULL, NULL },
	{ MANIFEST, "buckets.b.expire", "1d", NULL,
	  "there is no bucket 'b'; `fpctl bucket add b` makes one", NULL },
	{ MANIFEST, "processors.arciver.memory", "512", NULL,
	  "there is no processor 'arciver'; did you mean 'archiver'? `fpctl processor "
	  "add "
	  "arciver` makes one",
	  NULL },
	{ MANIFEST, "processors.default.memory", "512", "  default: {memory: 512}\n",
	  NULL, NULL },
	{ MANIFEST, "environments.prd.region", "us-east-1", NULL,
	  "there is no environment 'prd'; did you mean 'prod'? `fpctl set "
	  "environments.prd '{}'` makes one",
	  NULL },
	{ MANIFEST, "environments.staging.region", "us-east-1",
	  "  staging: {region: us-east-1}\n", NULL, NULL },
	{ MANIFEST, "environments.prod.buckets.a.expire", "1d",
	  "  prod: {region: us-east-1, buckets: {a: {expire: 1d}}}\n", NULL, NULL },
	{ MANIFEST, "environments.prod.buckets.c.expire", "1d", NULL,
	  "there is no bucket 'c'; `fpctl bucket add c` makes one", NULL },
	{ MANIFEST, "buckets.a.expire", NULL, "  a: {}\n", NULL, NULL },
	{ MANIFEST, "buckets.a.expir", NULL, NULL,
	  "fpctl.yaml has no 'buckets.a.expir'; did you mean 'expire'?", NULL },
	{ MANIFEST, "project", NULL, NULL,
	  "nothing was changed: fpctl.yaml would have 1 error",
	  "'project' is missing: the name that all names in AWS begin with" },
	{ MANIFEST, "environments.prod.buckets.a.expire", "0d", NULL,
	  "nothing was changed: fpctl.yaml would have 1 error",
	  "'environments.prod.buckets.a.expire' cannot be 0d" },
	{ "project: p\nbuckets: {a: {expire: 30, sufix: x}}\n", "buckets.a.sufix", NULL,
	  "buckets: {a: {expire: 30}}\n", NULL, NULL },
	{ "project: p\nbuckets: {a: {expire: 30}}\n", "region", "eu-west-1", NULL,
	  "nothing was changed: fpctl.yaml is not valid as it is, and this edit mends "
	  "nothing",
	  "'buckets.a.expire' needs a unit" },
};

START_TEST(edit_is_checked)
{
	const __typeof__(edits[0]) *c = &edits[_i];
	FP_AUTO(arena_release) struct arena a = ARENA_INIT;
	FP_AUTO(strs_release) struct strs path = STRS_INIT;
	FP_AUTO(diags_release) struct diags d = DIAGS_INIT;
	FP_AUTO(manifest_edit_release) struct manifest_edit out = { 0 };
	const struct node *value = NULL;
	struct fp_error err = { 0 };
	int rc;

	ck_assert_int_eq(edit_path_parse(&path, c->path, &err), 0);
	if (c->given)
		ck_assert_int_eq(manifest_edit_value(&value, &a, &path, c->given, &err),
				 0);
	rc = manifest_edit(&out, c->in, strlen(c->in), "fpctl.yaml", &path, value, &d,
			   &err);
	ck_assert_msg((rc < 0) == (c->error != NULL), "%s: %s", c->path, err.message);
	ck_assert_int_eq(d.n > 0, c->finding != NULL);
	if (c->finding)
		ck_assert_str_eq(d.v[0].message, c->finding);
	if (c->error)
		ck_assert_str_eq(err.message, c->error);
	else
		ck_assert_msg(strstr(buf_str(&out.text), c->want), "%s",
			      buf_str(&out.text));
}
END_TEST

static const struct {
	const char *environment, *want, *error;
} environments[] = {
	{ NULL, "buckets.a", NULL },
	{ "prod", "environments.prod.buckets.a", NULL },
	{ "prd", NULL, "there is no environment 'prd'; did you mean 'prod'?" },
	{ "x", NULL,
	  "there is no environment 'x'; define it without -e: fpctl set "
	  "environments.NAME '{}'" },
};

START_TEST(environment_is_prefixed)
{
	const __typeof__(environments[0]) *c = &environments[_i];
	FP_AUTO(strs_release) struct strs path = STRS_INIT;
	FP_AUTO(buf_release) struct buf got = BUF_INIT;
	struct fp_error err = { 0 };
	int rc;

	ck_assert_int_eq(edit_path_parse(&path, "buckets.a", &err), 0);
	rc = manifest_edit_environment(&path, MANIFEST, strlen(MANIFEST), "fpctl.yaml",
				       c->environment, &err);
	ck_assert_int_eq(rc, c->error ? -1 : 0);
	if (c->error) {
		ck_assert_str_eq(err.message, c->error);
		return;
	}
	edit_path_put(&got, &path);
	ck_assert_str_eq(buf_str(&got), c->want);
}
END_TEST

static Suite *manifest_edit_suite(void)
{
	Suite *s = suite_create("manifest/edit");
	TCase *tc = tcase_create("edit");

	tcase_add_loop_test(tc, value_fits, 0, ARRAY_SIZE(values));
	tcase_add_loop_test(tc, edit_is_checked, 0, ARRAY_SIZE(edits));
	tcase_add_loop_test(tc, environment_is_prefixed, 0, ARRAY_SIZE(environments));
	suite_add_tcase(s, tc);
	return s;
}

CHECK_MAIN(manifest_edit_suite)
