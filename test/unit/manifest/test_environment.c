#include "base/str.h"
#include "check_main.h"
#include "load_text.h"
#include "manifest/manifest.h"
#include "manifest/schema.h"
#include "yaml/emit.h"

/* What laying over makes of the base below. */
#define BASE                                                                  \
	"{tags: {team: finance, area: eu}, region: eu-west-1, "               \
	"buckets: {in: {suffix: [.a, .b], expire: 30d}, out: {expire: 1d}}, " \
	"notify: a@b.cd, processors: {p: {on_success: {move: x/}}}, project: q}"

static const struct {
	const char *name, *over;
	const char *path; /* in the result */
	const char *want; /* what is there, as JSON; NULL: nothing */
} merges[] = {
	{ "nothing changes nothing", "{}", "buckets.in.expire", "\"30d\"" },
	{ "a value replaces", "{region: us-east-1}", "region", "\"us-east-1\"" },
	{ "maps merge", "{tags: {team: sales}}", "tags",
	  "{\"team\":\"sales\",\"area\":\"eu\"}" },
	{ "deeply", "{buckets: {in: {expire: 9d}}}", "buckets.in",
	  "{\"suffix\":[\".a\",\".b\"],\"expire\":\"9d\"}" },
	{ "others stay", "{buckets: {in: {expire: 9d}}}", "buckets.out.expire",
	  "\"1d\"" },
	{ "new items come last", "{buckets: {new: {}}}", "buckets.new", "{}" },
	{ "lists replace", "{buckets: {in: {suffix: [.c]}}}", "buckets.in.suffix",
	  "[\".c\"]" },
	{ "a text replaces a list", "{buckets: {in: {suffix: .c}}}", "buckets.in.suffix",
	  "\".c\"" },
	{ "a map replaces a text", "{notify: {t: {}}}", "notify", "{\"t\":{}}" },
	{ "a text replaces a map", "{processors: {p: {on_success: tag}}}",
	  "processors.p.on_success", "\"tag\"" },
	{ "null takes a value away", "{buckets: {in: {expire: null}}}", "buckets.in",
	  "{\"suffix\":[\".a\",\".b\"]}" },
	{ "null takes an item of texts away", "{tags: {team: null}}", "tags",
	  "{\"area\":\"eu\"}" },
	{ "null takes what an item has away", "{buckets: {in: null}}", "buckets.in",
	  "null" },
	{ "null takes a whole map away", "{buckets: null}", "buckets", NULL },
	{ "null of what is not there", "{monitoring: null}", "monitoring", NULL },
	{ "an item of null is there", "{buckets: {new: }}", "buckets.new", "null" },
	{ "the project stays", "{project: other}", "project", "\"q\"" },
	{ "what is unknown is left out", "{bukets: {in: {}}}", "bukets", NULL },
	{ "not a map", "[a]", "", "[\"a\"]" },
};

START_TEST(environment_is_laid_over)
{
	const __typeof__(merges[0]) *c = &merges[_i];
	FP_AUTO(arena_release) struct arena a = ARENA_INIT;
	FP_AUTO(buf_release)
	struct buf got = BUF_INIT, before = BUF_INIT, after = BUF_INIT;
	struct node *base = load_text(&a, BASE);
	const struct node *out, *at;

	node_emit_json(&before, base, 0);
	out = schema_merge(&manifest_schema, &a, base, load_text(&a, c->over));
	at = *c->path ? node_at(out, c->path) : out;
	node_emit_json(&after, base, 0);
	ck_assert_str_eq(before.data, after.data);
	ck_assert_msg((at != NULL) == (c->want != NULL), "%s", c->name);
	if (!at)
		return;
	node_emit_json(&got, at, 0);
	while (got.len && got.data[got.len - 1] == '\n')
		buf_truncate(&got, got.len - 1);
	ck_assert_msg(str_eq(got.data, c->want), "%s: %s", c->name, got.data);
}
END_TEST

static const char text[] = "project: invoices\n"
			   "region: eu-west-1\n"
			   "buckets:\n"
			   "  uploads: {expire: 30d}\n"
			   "environments:\n"
			   "  dev: {}\n"
			   "  prod:\n"
			   "    account: 012345678901\n"
			   "    region: us-east-1\n"
			   "    protect: true\n"
			   "    buckets: {uploads: {expire: 90d}, more: }\n"
			   "    processors: {default: {memory: 1024}}\n";

static void parse(struct manifest *m, const char *in, const char *environment)
{
	FP_AUTO(diags_release) struct diags d = DIAGS_INIT;
	int rc = manifest_parse(m, in, strlen(in), "f.yaml", environment, &d);

	ck_assert_msg(rc == 0, "%s", d.n ? d.v[0].message : "");
}

static void is_prod(const struct manifest *m)
{
	ck_assert_str_eq(m->environment, "prod");
	ck_assert_str_eq(m->account, "012345678901");
	ck_assert_str_eq(m->region, "us-east-1");
	ck_assert(m->protect);
	ck_assert_uint_eq(m->nbuckets, 2);
	ck_assert_int_eq(m->buckets[0].expire_days, 90);
	ck_assert_int_eq(m->processors[0].memory_mib, 1024);
}

START_TEST(the_first_environment_is_taken)
{
	FP_AUTO(manifest_release) struct manifest m;

	parse(&m, text, NULL);
	ck_assert_str_eq(m.environment, "dev");
	ck_assert_ptr_null(m.account);
	ck_assert_str_eq(m.region, "eu-west-1");
	ck_assert(!m.protect);
	ck_assert_uint_eq(m.nbuckets, 1);
	ck_assert_int_eq(m.buckets[0].expire_days, 30);
	ck_assert_uint_eq(m.nenvironments, 2);
	ck_assert_str_eq(m.environments[1].name, "prod");
	ck_assert_str_eq(m.environments[1].region, "us-east-1");
	ck_assert_ptr_null(m.environments[0].region);
}
END_TEST

START_TEST(an_environment_is_taken_by_name)
{
	FP_AUTO(manifest_release) struct manifest m;

	parse(&m, text, "prod");
	is_prod(&m);
}
END_TEST

START_TEST(an_environment_is_selected)
{
	FP_AUTO(diags_release) struct diags d = DIAGS_INIT;
	FP_AUTO(manifest_release) struct manifest m, prod, again;

	parse(&m, text, NULL);
	ck_assert_int_eq(manifest_select(&prod, &m, "prod", &d), 0);
	is_prod(&prod);
	ck_assert_int_eq(manifest_select(&again, &prod, "dev", &d), 0);
	ck_assert_str_eq(again.environment, "dev");
	ck_assert_uint_eq(again.nbuckets, 1);
	/* What was selected from does not change. */
	ck_assert_str_eq(m.environment, "dev");
	ck_assert_int_eq(manifest_check_all(&m, &d), 0);
}
END_TEST

START_TEST(an_unknown_environment_has_a_suggestion)
{
	FP_AUTO(diags_release) struct diags d = DIAGS_INIT;
	FP_AUTO(manifest_release) struct manifest m, other;

	ck_assert_int_eq(manifest_parse(&m, text, strlen(text), "f", "prd", &d), -1);
	ck_assert_uint_eq(d.n, 1);
	ck_assert_str_eq(d.v[0].message, "there is no environment 'prd'");
	ck_assert_str_eq(d.v[0].hint, "did you mean 'prod'? known: dev, prod");

	parse(&m, text, NULL);
	ck_assert_int_eq(manifest_select(&other, &m, "qa", &d), -1);
	ck_assert_uint_eq(d.n, 2);
	ck_assert_str_eq(d.v[1].hint, "known: dev, prod");
}
END_TEST

/* Where findings are, and how many: "LINE:COLUMN ..." */
static const struct {
	const char *name, *in;
	const char *places;
} findings[] = {
	{ "a value of the environment's, at its line",
	  "project: p\n"
	  "buckets: {a: {archive: 30d}}\n"
	  "environments:\n"
	  "  dev: {}\n"
	  "  prod: {buckets: {a: {expire: 9d}}}\n",
	  "5:32 " },
	{ "what is wrong in the document is said once",
	  "project: p\n"
	  "buckets: {a: {expire: 9}}\n"
	  "environments: {dev: {}, prod: {}, test: {}}\n",
	  "2:23 " },
	{ "what is wrong in all environments is said once",
	  "project: p\n"
	  "buckets: {a: {processor: x}}\n"
	  "environments: {dev: {}, prod: {}, test: {}}\n",
	  "2:26 " },
	{ "names differ by the environment",
	  "project: p\n"
	  "buckets: {this-is-a-name-that-is-far-too-long: {}}\n"
	  "environments: {dev: {}, prod: {}}\n",
	  "2:11 2:11 " },
	{ "environments without a value",
	  "project: p\n"
	  "environments:\n"
	  "  dev:\n"
	  "  prod: ~\n",
	  "" },
	{ "environments of another kind",
	  "project: p\n"
	  "environments: {dev: [a], prod: b}\n",
	  "2:21 2:32 " },
	{ "one name in two regions",
	  "project: p\n"
	  "region: eu-west-1\n"
	  "buckets: {a: , us-a: }\n"
	  "environments: {dev: , dev-us: {region: us-east-1}}\n",
	  "" },
	{ "one name in one region",
	  "project: p\n"
	  "region: eu-west-1\n"
	  "buckets: {a: , us-a: }\n"
	  "environments: {dev: , dev-us: {region: eu-west-1}}\n",
	  "3:16 " },
	{ "one name in two accounts",
	  "project: p\n"
	  "buckets: {a: , us-a: }\n"
	  "environments: {dev: {account: '111122223333'}, dev-us: {account: "
	  "'444455556666'}}\n",
	  "" },
	{ "an environment that is fine, and one that is not",
	  "project: p\n"
	  "environments: {dev: {}, prod: {buckets: {x: {processor: q}}}}\n",
	  "2:57 " },
	{ "what an environment replaces must be right, too",
	  "project: p\n"
	  "buckets: {a: {expire: 9}}\n"
	  "environments: {dev: {buckets: {a: {expire: 9d}}}}\n",
	  "2:23 " },
	{ "what only environments say is not missed",
	  "project: p\n"
	  "stacks: {s: }\n"
	  "environments: {dev: {stacks: {s: {template: t}}}}\n",
	  "" },
	{ "what one environment does not say is",
	  "project: p\n"
	  "stacks: {s: {needs: lambda}}\n"
	  "environments: {dev: {stacks: {s: {template: t}}}, prod: {}}\n",
	  "2:13 " },
};

START_TEST(findings_are_where_they_were_written)
{
	const __typeof__(findings[0]) *c = &findings[_i];
	FP_AUTO(diags_release) struct diags d = DIAGS_INIT;
	FP_AUTO(manifest_release) struct manifest m;
	FP_AUTO(buf_release) struct buf got = BUF_INIT;

	if (manifest_parse(&m, c->in, strlen(c->in), "f", NULL, &d) == 0)
		ck_assert_int_eq(manifest_check_all(&m, &d), d.n ? -1 : 0);
	for (size_t i = 0; i < d.n; i++)
		buf_printf(&got, "%d:%d ", d.v[i].pos.line, d.v[i].pos.column);
	ck_assert_msg(str_eq(buf_str(&got), c->places), "%s: %s", c->name, buf_str(&got));
}
END_TEST

/* Each of many buckets in each of many environments must not take minutes. */
/* Whose a finding is: the end of the only message. */
static const struct {
	const char *name, *in;
	const char *end;
} owners[] = {
	{ "of one environment, where all may look for it",
	  "project: p\n"
	  "buckets: {a: {archive: 5d, expire: 10d}}\n"
	  "environments: {dev: {}, prod: {buckets: {a: {archive: 20d}}}}\n",
	  "archived after 20d (in environment 'prod')" },
	{ "of some",
	  "project: p\n"
	  "processors: {q: {secrets: {AB: ssm:/x}}}\n"
	  "environments: {dev: {}, prod: &it {processors: {q: {environment: {AB: c}}}}, "
	  "test: *it}\n",
	  "and in 'secrets' (in environment 'prod' and 1 more)" },
	{ "of all",
	  "project: p\n"
	  "buckets: {a: {processor: x}}\n"
	  "environments: {dev: {}, prod: {}}\n",
	  "no processor 'x'" },
	{ "in the environment's own part",
	  "project: p\n"
	  "environments: {dev: {}, prod: {buckets: {a: {processor: x}}}}\n",
	  "no processor 'x'" },
	{ "behind the last environment",
	  "project: p\n"
	  "environments: {dev: {}, prod: {buckets: {a: {archive: 20d}}}}\n"
	  "buckets: {a: {archive: 5d, expire: 10d}}\n",
	  "archived after 20d (in environment 'prod')" },
};

START_TEST(findings_say_whose_they_are)
{
	const __typeof__(owners[0]) *c = &owners[_i];
	FP_AUTO(manifest_release) struct manifest m;
	FP_AUTO(diags_release) struct diags d = DIAGS_INIT;

	if (manifest_parse(&m, c->in, strlen(c->in), "f.yaml", NULL, &d) == 0)
		ck_assert_int_eq(manifest_check_all(&m, &d), -1);
	ck_assert_uint_eq(d.n, 1);
	ck_assert_msg(str_ends(d.v[0].message, c->end), "%s: %s", c->name,
		      d.v[0].message);
}
END_TEST

START_TEST(many_environments)
{
	FP_AUTO(diags_release) struct diags d = DIAGS_INIT;
	FP_AUTO(buf_release) struct buf b = BUF_INIT;
	FP_AUTO(manifest_release) struct manifest m;

	buf_puts(&b, "project: p\nbuckets:\n");
	for (int i = 0; i < 500; i++)
		buf_printf(&b, "  b%d: {suffix: .csv}\n", i);
	buf_puts(&b, "environments:\n");
	for (int i = 0; i < 40; i++)
		buf_printf(&b, "  e%d: {buckets: {b%d: {expire: 1d}}}\n", i, i);
	parse(&m, b.data, "e39");
	ck_assert_int_eq(manifest_check_all(&m, &d), 0);
	ck_assert_int_eq(m.buckets[39].expire_days, 1);
	ck_assert_int_eq(m.buckets[38].expire_days, 0);
}
END_TEST

START_TEST(too_many_environments)
{
	FP_AUTO(diags_release) struct diags d = DIAGS_INIT;
	FP_AUTO(buf_release) struct buf b = BUF_INIT;
	FP_AUTO(manifest_release) struct manifest m;

	buf_puts(&b, "project: p\nenvironments:\n");
	for (int i = 0; i < 50000; i++)
		buf_printf(&b, "  e%d: {}\n", i);
	ck_assert_int_eq(manifest_parse(&m, b.data, b.len, "f", NULL, &d), -1);
	ck_assert_uint_eq(d.n, 1);
	ck_assert_str_eq(d.v[0].message,
			 "'environments' has 50000 entries; at most 40 are allowed");
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("environment");
	TCase *tc = tcase_create("environment");

	tcase_add_loop_test(tc, environment_is_laid_over, 0, ARRAY_SIZE(merges));
	tcase_add_loop_test(tc, findings_are_where_they_were_written, 0,
			    ARRAY_SIZE(findings));
	tcase_add_loop_test(tc, findings_say_whose_they_are, 0, ARRAY_SIZE(owners));
	tcase_add_test(tc, the_first_environment_is_taken);
	tcase_add_test(tc, an_environment_is_taken_by_name);
	tcase_add_test(tc, an_environment_is_selected);
	tcase_add_test(tc, an_unknown_environment_has_a_suggestion);
	tcase_add_test(tc, many_environments);
	tcase_add_test(tc, too_many_environments);
	suite_add_tcase(s, tc);
	return s;
}

CHECK_MAIN(suite)
