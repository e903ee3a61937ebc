#include "manifest/manifest.h"

#include "base/str.h"
#include "check_main.h"
#include "processor/result.h" /* for its words alone */

/* Fields that every manifest needs, for rows about something else. */
#define HEAD "project: invoices\n"

static const struct {
	const char *name, *in;
	const char *error; /* in the findings; NULL: there are none */
} cases[] = {
	{ "smallest", HEAD, NULL },
	{ "the design's smallest",
	  HEAD "buckets:\n  uploads: {}\nnotify: ops@example.com\n", NULL },
	{ "a bucket without a value", HEAD "buckets:\n  uploads:\n", NULL },
	{ "anchors", HEAD "buckets:\n  a: &a {suffix: .csv}\n  b: *a\n", NULL },
	{ "JSON", "{\"project\": \"a\", \"buckets\": {\"b\": {}}}", NULL },

	{ "empty file", "", "1:1: the manifest is empty" },
	{ "comment only", "# nothing\n", "the manifest is empty" },
	{ "a list", "[a]", "the manifest must be a map of fields, not a list" },
	{ "a text", "hello", "the manifest must be a map of fields, not a string" },
	{ "no project", "buckets: {}\n", "'project' is missing" },
	{ "malformed", HEAD "tags: {a", "f.yaml:" },
	{ "tab", HEAD "buckets:\n\tuploads: {}\n",
	  "3:1: found character that cannot start any token" },
	{ "tab, in words", HEAD "buckets:\n\tuploads: {}\n", "not with tabs" },
	{ "second document", HEAD "---\nproject: b\n", "f.yaml:2:1: " },
	{ "duplicate key", HEAD "region: eu-west-1\nregion: eu-west-2\n",
	  "3:1: duplicate key 'region'" },

	{ "unknown field", HEAD "bukets: {}\n",
	  "2:1: unknown field 'bukets' in the manifest; did you mean 'buckets'?" },
	{ "unknown field of a bucket", HEAD "buckets: {a: {sufix: .csv}}\n",
	  "2:15: unknown field 'sufix' in 'buckets.a'; did you mean 'suffix'? known: on, "
	  "prefix, suffix, processor" },
	{ "nothing near", HEAD "xyzzy: 1\n",
	  "unknown field 'xyzzy' in the manifest; known: project" },
	{ "control characters are not printed", HEAD "\"\\e[31m\": 1\n", "'?[31m'" },

	{ "project of a number", "project: 12\n",
	  "1:10: 'project' must be a string, not '12'; put it in quotes" },
	{ "project of a list", "project: [a]\n",
	  "'project' must be a string, not a list" },
	{ "project of null", "project:\n", "'project' has no value" },
	{ "project in capitals", "project: Invoices\n",
	  "'project' cannot be 'Invoices'" },
	{ "project with a dash last", "project: a-\n", "'project' cannot be 'a-'" },
	{ "project with an underscore", "project: a_b\n", "'project' cannot be 'a_b'" },
	{ "project too long", "project: abcdefghijklmnopqrstuvwxyz\n",
	  "'project' has 26 characters; at most 25" },
	{ "project that S3 refuses", "project: xn--a\n", "begins with 'xn--'" },
	{ "project that S3 refuses with a dash behind it", "project: sthree\n",
	  "begins with 'sthree-'" },
	{ "environment that S3 refuses behind the project",
	  "project: amzn-s3\nenvironments: {demo: {}, prod: {}}\n",
	  "begins with 'amzn-s3-demo-' (in environment 'demo')" },
	{ "what S3 reserves, inside of the whole name",
	  HEAD "buckets: {sthree-a: {}, xn--a: {}, a-s3alias: {}, a--ol-s3: {}}\n",
	  NULL },
	{ "project with a NUL", "project: \"a\\0b\"\n", "NUL" },
	{ "region", HEAD "region: us-gov-west-1\n", NULL },
	{ "region of a wrong shape", HEAD "region: Ireland\n", "'region' cannot be" },

	{ "tags", HEAD "tags: {team: finance, cost-centre: 0815, on: true}\n", NULL },
	{ "tag in another script", HEAD "tags: {équipe: 経理}\n", NULL },
	{ "reserved tag", HEAD "tags: {AWS:x: y}\n", "begin with 'aws:'" },
	{ "tag of fpctl's own", HEAD "tags: {'fpctl:project': x}\n",
	  "fpctl sets the tag 'fpctl:project' itself" },
	{ "tag without a value", HEAD "tags: {a: }\n", "'tags.a' has no value" },
	{ "tag of a map", HEAD "tags: {a: {}}\n",
	  "'tags.a' must be a string, not a map" },

	{ "buckets as a list", HEAD "buckets: [uploads]\n",
	  "'buckets' must be a map of names, not a list" },
	{ "bucket as a text", HEAD "buckets: {uploads: x}\n",
	  "'buckets.uploads' must be a map of fields, not a string" },
	{ "bucket in capitals", HEAD "buckets: {Uploads: {}}\n",
	  "a name in 'buckets' cannot be 'Uploads'" },
	{ "bucket with an underscore", HEAD "buckets: {a_b: {}}\n", "cannot be 'a_b'" },
	{ "bucket with two dots", HEAD "buckets: {a..b: {}}\n", "two dots in a row" },
	{ "bucket with a dash last", HEAD "buckets: {a-: {}}\n", "ends with a letter" },
	{ "bucket with a dot last", HEAD "buckets: {a.: {}}\n", "ends with a letter" },
	{ "bucket of an output of fpctl's own", HEAD "buckets: {artifact: {}}\n",
	  "its output would be called as that of the bucket for the processors' code" },
	{ "bucket of fpctl's own", HEAD "buckets: {artifacts: {}}\n",
	  "the bucket for the processors' code" },
	/* invoices- 26 -123456789012-ap-southeast-1 are 63 characters. */
	{ "longest bucket", HEAD "buckets: {abcdefghijklmnopqrstuvwxyz: {}}\n", NULL },
	{ "bucket too long", HEAD "buckets: {abcdefghijklmnopqrstuvwxyz0: {}}\n",
	  "has 64 characters; S3 allows 63; shorten it by 1" },
	{ "a short region leaves more room",
	  HEAD "region: eu-west-1\nbuckets: {abcdefghijklmnopqrstuvwxyz01234: {}}\n",
	  NULL },
	{ "one logical ID twice", HEAD "buckets: {a-b: {}, a.b: {}}\n",
	  "'a.b' and 'a-b' would both have the logical ID 'AB'" },

	{ "on",
	  HEAD "buckets: {a: {on: removed}, b: {on: [created, tagged, restored]}}\n",
	  NULL },
	{ "on of what S3 has not", HEAD "buckets: {a: {on: createt}}\n",
	  "'buckets.a.on' cannot be 'createt'; did you mean 'created'? allowed: created, "
	  "removed, restored, tagged" },
	{ "on of a boolean", HEAD "buckets: {a: {on: true}}\n",
	  "must be a string or a list of them, not 'true'; allowed: created" },
	{ "on of nothing", HEAD "buckets: {a: {on: []}}\n", "must not be empty" },
	{ "on twice", HEAD "buckets: {a: {on: [created, created]}}\n",
	  "'created' is listed twice in 'buckets.a.on'" },
	{ "prefixes", HEAD "buckets: {a: {prefix: [in/, out/], suffix: [.csv, .json]}}\n",
	  NULL },
	{ "prefix of a number", HEAD "buckets: {a: {prefix: 2026}}\n",
	  "put it in quotes" },
	{ "empty prefix", HEAD "buckets: {a: {prefix: ''}}\n", "must not be empty" },
	{ "wildcard", HEAD "buckets: {a: {suffix: '*.csv'}}\n", "without wildcards" },
	{ "overlapping prefixes", HEAD "buckets: {a: {prefix: [in/, x/, in/a/]}}\n",
	  "overlapping filters, and 'in/a/' begins with 'in/'; leave 'in/a/' out" },
	{ "overlapping suffixes", HEAD "buckets: {a: {suffix: [a.csv, .csv]}}\n",
	  "overlapping filters, and 'a.csv' ends with '.csv'; leave 'a.csv' out" },
	{ "nested list", HEAD "buckets: {a: {suffix: [[.csv]]}}\n",
	  "must be a string or a list of them, not a list" },

	{ "processor of its own",
	  HEAD "buckets: {a: {processor: csv}}\nprocessors: {csv: {arch: arm64}}\n",
	  NULL },
	{ "unknown processor",
	  HEAD "buckets: {a: {processor: cvs}}\nprocessors: {csv: {}}\n",
	  "2:26: there is no processor 'cvs'; did you mean 'csv'?" },
	{ "no processor near", HEAD "buckets: {a: {processor: parquet}}\n",
	  "there is no processor 'parquet'; define it under 'processors'" },
	{ "arch", HEAD "processors: {default: {arch: x86-64}}\n",
	  "cannot be 'x86-64'; did you mean 'x86_64'?" },
	{ "memory too small", HEAD "processors: {default: {memory: 127}}\n",
	  "'processors.default.memory' cannot be 127 MiB; allowed: 128 to 10240 MiB" },
	{ "memory too large", HEAD "processors: {default: {memory: 10241}}\n",
	  "cannot be" },
	{ "memory far too large",
	  HEAD "processors: {default: {memory: 99999999999999999999}}\n", "cannot be" },
	{ "memory of a string", HEAD "processors: {default: {memory: 256MB}}\n",
	  "must be a whole number, not the string '256MB'" },
	{ "timeout in minutes", HEAD "processors: {default: {timeout: 15m}}\n", NULL },
	{ "timeout too long", HEAD "processors: {default: {timeout: 16m}}\n",
	  "cannot be 16m; allowed: 1s to 15m" },
	{ "timeout of zero", HEAD "processors: {default: {timeout: 0s}}\n",
	  "cannot be 0s" },
	{ "timeout without a unit", HEAD "processors: {default: {timeout: 60}}\n",
	  "needs a unit; write 60s, 60m or 60h" },
	{ "timeout in weeks", HEAD "processors: {default: {timeout: 1w}}\n",
	  "must be a duration such as 90s or 15m, not the string '1w'" },
	{ "timeout beyond all numbers",
	  HEAD "processors: {default: {timeout: 99999999999999d}}\n", "cannot be" },
	{ "processor too long",
	  HEAD "processors: {abcdefghijklmnopqrstuvwxyzabcdefghijklmnop: {}}\n",
	  "has 42 characters; at most 38" },

	{ "environment", HEAD "processors: {default: {environment: {A1: b, B_2: 012}}}\n",
	  NULL },
	{ "environment of a list", HEAD "processors: {default: {environment: [A=b]}}\n",
	  "must be a map of names, not a list" },
	{ "variable of one letter", HEAD "processors: {default: {environment: {A: b}}}\n",
	  "a name in 'processors.default.environment' cannot be 'A'" },
	{ "variable of Lambda's",
	  HEAD "processors: {default: {environment: {AWS_REGION: b}}}\n",
	  "Lambda reserves the environment variable 'AWS_REGION'" },
	{ "variable of Lambda's, by its beginning",
	  HEAD "processors: {default: {environment: {AWS_LAMBDA_ANY: b}}}\n",
	  "Lambda reserves the environment variable 'AWS_LAMBDA_ANY'" },
	{ "variable of fpctl's",
	  HEAD "processors: {default: {environment: {NOTIFICATION_TOPIC_ARNS: b}}}\n",
	  "fpctl sets the environment variable" },
	{ "variable with a tag",
	  HEAD "processors: {default: {environment: {AB: !Ref X}}}\n",
	  "cannot have a tag ('!Ref')" },

	{ "addresses", HEAD "notify: [a@example.com, b.c+d@example.co.uk]\n", NULL },
	{ "nobody", HEAD "notify: []\n", NULL },
	{ "no address", HEAD "notify: ops\n",
	  "'notify' cannot be 'ops'; allowed: an e-mail" },
	{ "address without a domain", HEAD "notify: a@b\n", "cannot be 'a@b'" },
	{ "address with a space", HEAD "notify: 'a b@example.com'\n", "cannot be" },
	{ "address twice", HEAD "notify: [a@b.com, a@b.com]\n", "is listed twice" },
	{ "notify of a map", HEAD "notify: {email: a@b.com}\n",
	  "2:10: 'email' is a field of what has a name in 'notify', and needs that "
	  "name" },
	{ "notify of nothing is the default", HEAD "notify: {}\n", NULL },
	{ "another kind of tag", HEAD "buckets: !Ref X\n",
	  "'buckets' cannot have a tag ('!Ref')" },
	{ "a name with a NUL", HEAD "buckets: {\"a\\0b\": {}}\n", "NUL" },
	{ "a field with a NUL", HEAD "\"buckets\\0\": {}\n", "a key holds a NUL" },

	{ "encryption by a key",
	  HEAD "buckets: {a: {encryption: "
	       "'arn:aws-cn:kms:cn-north-1:111122223333:key/mrk-1'}}\n",
	  NULL },
	{ "archive before expiry", HEAD "buckets: {a: {archive: 29d, expire: 30d}}\n",
	  NULL },
	{ "moved to where another bucket's prefix is",
	  HEAD "buckets: {a: {prefix: in/}}\nprocessors: {default: {on_success: {move: "
	       "out/}}}\n",
	  NULL },
	{ "moved, and only removals are looked at",
	  HEAD "buckets: {a: {on: removed}}\nprocessors: {default: {on_success: {move: "
	       "b/}}}\n",
	  NULL },
	{ "tagged, and only creations are looked at",
	  HEAD "buckets: {a: }\nprocessors: {default: {on_success: tag}}\n", NULL },
	{ "visibility of just six times the timeout",
	  HEAD "processors: {a: {timeout: 10s, queue: {visibility: 1m}}}\n", NULL },
	{ "visibility of the default timeout",
	  HEAD "processors: {a: {queue: {visibility: 359s}}}\n", "write 360s or more" },
	{ "a large batch with a window",
	  HEAD "processors: {a: {queue: {batch: 11, window: 1s}}}\n", NULL },
	{ "a large batch without a window",
	  HEAD "processors: {a: {queue: {batch: 11}}}\n", "add window: 1s" },
	{ "as much concurrency as is reserved",
	  HEAD "processors: {a: {concurrency: 2, queue: {concurrency: 2}}}\n", NULL },
	{ "less concurrency than a queue can have",
	  HEAD "processors: {a: {concurrency: 1, queue: {concurrency: 2}}}\n",
	  "only 1 are reserved; leave it out, or reserve more" },
	{ "dead letters of nobody", HEAD "processors: {x-dead-letters: {}}\n", NULL },
	{ "secrets",
	  HEAD "processors: {a: {secrets: {AB: 'ssm:/a/b.c_d-e', CD: "
	       "'secretsmanager:a/b+=.@-:json_key'}}}\n",
	  NULL },
	{ "actions",
	  HEAD "processors: {a: {on_success: tag, on_failure: {move: a/b/}}}\n", NULL },
	{ "rules of inspection",
	  HEAD
	  "processors: {a: {inspect: {csv: {delimiter: \"\\t\"}, json: , ndjson: }}}\n",
	  NULL },
	{ "a delimiter that rows may hold",
	  HEAD "processors: {a: {inspect: {csv: {delimiter: '\"'}}}}\n",
	  "delimiter' cannot be" },
	{ "topics",
	  HEAD "notify: {a: {email: a@b.cd, https: 'https://b.cd/e?f=g', sqs: "
	       "'arn:aws:sqs:eu-west-1:111122223333:q'}, b: }\n",
	  NULL },
	{ "alerts without an alert", HEAD "notify: {alerts: }\n", NULL },
	{ "filters of results",
	  HEAD "notify: {a: {filter: {status: [ok, failed], bucket: x, type: csv}}}\n",
	  NULL },
	{ "filters of one's own processor",
	  HEAD "processors: {a: {source: x}}\nnotify: {a: {filter: {colour: red}}}\n",
	  NULL },
	{ "150 combinations",
	  HEAD "processors: {a: {source: x}}\nnotify: {a: {filter: {"
	       "a: [1a, 2a, 3a, 4a, 5a, 6a, 7a, 8a, 9a, 0a, aa, ba, ca, "
	       "da, ea], b: [1a, 2a, 3a, 4a, 5a, 6a, 7a, 8a, 9a, 0a]}}}\n",
	  NULL },
	{ "no alarms",
	  HEAD "monitoring: {alarms: {errors: 0, throttles: 0, "
	       "duration_p99: 0, dead_letters: 0}}\n",
	  NULL },
	{ "pipeline",
	  HEAD "pipeline: {github: a-b/c.d, branch: release/1, paths: 'a/**', "
	       "compute: arm-small}\n",
	  NULL },
	{ "a repository of a managed user", HEAD "pipeline: {github: ann_corp/x}\n",
	  NULL },
	{ "a branch that git refuses", HEAD "pipeline: {github: a/b, branch: 'c\\d'}\n",
	  "branch' cannot be 'c\\d'" },
	{ "an exclusion as others write it",
	  HEAD "pipeline: {github: a/b, paths: ['!docs/**']}\n",
	  "paths' cannot be '!docs/**'" },
	{ "a password in a URL", HEAD "notify: {a: {https: 'https://u:p@b.cd/'}}\n",
	  "no user or password" },
	{ "stacks that need each other in order",
	  HEAD "stacks: {a: {template: a}, b: {template: b, needs: [a, s3]}, "
	       "c: {template: c, needs: [b, a]}}\n",
	  NULL },
	{ "two cycles",
	  HEAD "stacks: {a: {template: t, needs: b}, b: {template: t, needs: "
	       "a}, c: {template: t, needs: c}}\n",
	  "c -> c" },
	{ "stack parameters keep their text",
	  HEAD "stacks: {a: {template: t, parameters: {A: 012, B: true, C: 1e3}}}\n",
	  NULL },
};

static char *findings(struct diags *d, const char *source)
{
	struct buf b = BUF_INIT;

	diags_format(&b, d, source, strlen(source), SIZE_MAX);
	return buf_detach(&b);
}

START_TEST(manifest_is_checked)
{
	const __typeof__(cases[0]) *c = &cases[_i];
	FP_AUTO(diags_release) struct diags d = DIAGS_INIT;
	FP_AUTO(manifest_release) struct manifest m;
	int rc = manifest_parse(&m, c->in, strlen(c->in), "f.yaml", NULL, &d);
	FP_AUTO(freep) char *got = findings(&d, c->in);

	ck_assert_msg((rc < 0) == (c->error != NULL), "%s: %s", c->name, got);
	ck_assert_msg(!c->error || strstr(got, c->error), "%s: %s", c->name, got);
}
END_TEST

static void parse(struct manifest *m, const char *text)
{
	FP_AUTO(diags_release) struct diags d = DIAGS_INIT;
	int rc = manifest_parse(m, text, strlen(text), "sub/f.yaml", NULL, &d);
	FP_AUTO(freep) char *got = findings(&d, text);

	ck_assert_msg(rc == 0, "%s", got);
}

START_TEST(defaults_are_filled_in)
{
	FP_AUTO(manifest_release) struct manifest m;

	parse(&m, HEAD "buckets: {uploads: {}}\nnotify: a@b.com\n");
	ck_assert_str_eq(m.project, "invoices");
	ck_assert_str_eq(m.path, "sub/f.yaml");
	ck_assert_str_eq(m.folder, "sub");
	ck_assert_ptr_null(m.region);
	ck_assert_ptr_null(m.environment);
	ck_assert_uint_eq(m.nbuckets, 1);
	ck_assert_str_eq(m.buckets[0].name, "uploads");
	ck_assert_uint_eq(m.buckets[0].non, 1);
	ck_assert_str_eq(m.buckets[0].on[0], "created");
	ck_assert_uint_eq(m.buckets[0].nprefix, 0);
	ck_assert_str_eq(m.buckets[0].processor, "default");
	ck_assert_uint_eq(m.buckets[0].pos.line, 2);
	ck_assert_uint_eq(m.buckets[0].pos.column, 11);
	ck_assert_uint_eq(m.nprocessors, 1);
	ck_assert_str_eq(m.processors[0].name, "default");
	ck_assert_str_eq(m.processors[0].source, "bundled");
	ck_assert_str_eq(m.processors[0].arch, "x86_64");
	ck_assert_int_eq(m.processors[0].memory_mib, 256);
	ck_assert_int_eq(m.processors[0].timeout_s, 60);
	ck_assert_ptr_null(m.processors[0].environment);
	ck_assert_uint_eq(m.topics[0].nemail, 1);
	ck_assert_str_eq(m.topics[0].email[0], "a@b.com");
}
END_TEST

START_TEST(values_are_read)
{
	FP_AUTO(manifest_release) struct manifest m;

	parse(&m,
	      HEAD "region: eu-west-1\n"
		   "tags: {team: finance, code: 007}\n"
		   "buckets:\n"
		   "  a: {prefix: in/, suffix: [.csv, .json], processor: csv}\n"
		   "processors:\n"
		   "  csv: {arch: arm64, memory: 512, timeout: 2m, source: lambda/csv,\n"
		   "        environment: {CURRENCY: EUR, COUNT: 012}}\n");
	ck_assert_str_eq(m.region, "eu-west-1");
	ck_assert_uint_eq(m.ntags, 2);
	ck_assert_str_eq(m.tags[1].key, "code");
	ck_assert_str_eq(m.tags[1].value, "007");
	ck_assert_str_eq(m.buckets[0].prefix[0], "in/");
	ck_assert_uint_eq(m.buckets[0].nsuffix, 2);
	ck_assert_str_eq(m.buckets[0].suffix[1], ".json");
	/* Nothing goes to the default processor, so there is none. */
	ck_assert_uint_eq(m.nprocessors, 1);
	ck_assert_str_eq(m.processors[0].source, "lambda/csv");
	ck_assert_int_eq(m.processors[0].timeout_s, 120);
	ck_assert_str_eq(node_text(node_get(m.processors[0].environment, "COUNT")),
			 "012");
	ck_assert_str_eq(node_text(node_at(m.root, "processors.csv.timeout")), "120");
}
END_TEST

static const struct {
	const char *name, *in;
	size_t n;
} processors[] = {
	{ "none defined", HEAD, 1 },
	{ "another one defined, no bucket", HEAD "processors: {csv: {}}\n", 1 },
	{ "another one used",
	  HEAD "processors: {csv: {}}\nbuckets: {a: {processor: csv}}\n", 1 },
	{ "another one and the default used",
	  HEAD "processors: {csv: {}}\nbuckets: {a: {processor: csv}, b: }\n", 2 },
	{ "the default named",
	  HEAD "processors: {csv: {}}\nbuckets: {a: {processor: default}}\n", 2 },
	{ "the default defined", HEAD "processors: {default: {}}\n", 1 },
};

START_TEST(default_processor_is_there_when_needed)
{
	FP_AUTO(manifest_release) struct manifest m;

	parse(&m, processors[_i].in);
	ck_assert_msg(m.nprocessors == processors[_i].n, "%s: %zu", processors[_i].name,
		      m.nprocessors);
}
END_TEST

START_TEST(all_findings_come_sorted_in_one_run)
{
	static const char text[] = "notify: ops\n"
				   "project: A\n"
				   "buckets:\n"
				   "  a: {suffix: 1}\n"
				   "  a: {}\n"
				   "  b: {processor: x}\n"
				   "regio: eu-west-1\n";
	FP_AUTO(diags_release) struct diags d = DIAGS_INIT;
	FP_AUTO(manifest_release) struct manifest m;

	ck_assert_int_eq(manifest_parse(&m, text, strlen(text), "f", NULL, &d), -1);
	ck_assert_uint_eq(d.n, 6);
	for (size_t i = 0; i < d.n; i++) {
		static const unsigned lines[] = { 1, 2, 4, 5, 6, 7 };

		ck_assert_uint_eq(d.v[i].pos.line, lines[i]);
	}
}
END_TEST

START_TEST(environment_needs_environments)
{
	FP_AUTO(diags_release) struct diags d = DIAGS_INIT;
	FP_AUTO(manifest_release) struct manifest m;

	ck_assert_int_eq(manifest_parse(&m, HEAD, strlen(HEAD), "f", "dev", &d), -1);
	ck_assert_uint_eq(d.n, 1);
	ck_assert_str_eq(d.v[0].message,
			 "there is no environment 'dev': the manifest defines none");
}
END_TEST

/* "project: a\nprocessors: {default: {environment: {AB: xxx...}}}" */
static void environment_of(struct buf *b, size_t n)
{
	buf_puts(b, HEAD "processors: {default: {environment: {AB: ");
	buf_fill(b, 'x', n);
	buf_puts(b, "}}}\n");
}

START_TEST(environment_fits_into_4_kib)
{
	/* ,"AB":"x..." and what fpctl sets: the names of project, processor, topic */
	static const size_t sizes[] = { 4096 - 8 - 154, 4096 - 7 - 154 };
	FP_AUTO(buf_release) struct buf b = BUF_INIT;
	FP_AUTO(diags_release) struct diags d = DIAGS_INIT;
	FP_AUTO(manifest_release) struct manifest m;

	environment_of(&b, sizes[_i]);
	ck_assert_int_eq(manifest_parse(&m, b.data, b.len, "f", NULL, &d), -_i);
}
END_TEST

START_TEST(bombs_and_masses_end_soon)
{
	FP_AUTO(buf_release) struct buf b = BUF_INIT;
	FP_AUTO(diags_release) struct diags d = DIAGS_INIT;
	FP_AUTO(manifest_release) struct manifest m;

	buf_puts(&b, HEAD "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
	for (int i = 1; i < 10; i++) {
		buf_printf(&b, "a%d: &a%d [", i, i);
		for (int k = 0; k < 10; k++)
			buf_printf(&b, "%s*a%d", k ? ", " : "", i - 1);
		buf_puts(&b, "]\n");
	}
	ck_assert_int_eq(manifest_parse(&m, b.data, b.len, "f", NULL, &d), -1);
	ck_assert_uint_le(d.n, 3);
	ck_assert_uint_lt(m.arena.used, 1u << 20);
}
END_TEST

START_TEST(ten_thousand_buckets)
{
	FP_AUTO(buf_release) struct buf b = BUF_INIT;
	FP_AUTO(manifest_release) struct manifest m;

	buf_puts(&b, HEAD "buckets:\n");
	for (int i = 0; i < 10000; i++)
		buf_printf(&b, "  b%d: {prefix: in/, suffix: [.csv, .json]}\n", i);
	parse(&m, b.data);
	ck_assert_uint_eq(m.nbuckets, 10000);
	ck_assert_str_eq(m.buckets[9999].name, "b9999");
}
END_TEST

/* Each unknown name compared with each known one would take minutes. */
START_TEST(masses_of_unknown_names)
{
	FP_AUTO(buf_release) struct buf b = BUF_INIT;
	FP_AUTO(diags_release) struct diags d = DIAGS_INIT;
	FP_AUTO(manifest_release) struct manifest m;

	buf_puts(&b, HEAD "buckets:\n");
	for (int i = 0; i < 20000; i++)
		buf_printf(&b, "  b%d: {processor: nobody%d}\n", i, i);
	buf_puts(&b, "processors:\n");
	for (int i = 0; i < 20000; i++)
		buf_printf(&b, "  somebody%d: {}\n", i);
	ck_assert_int_eq(manifest_parse(&m, b.data, b.len, "f", NULL, &d), -1);
	ck_assert_uint_eq(d.n, 20000);
}
END_TEST

/* CloudFormation has 50 tags a stack, of which fpctl takes one or two. */
static const struct {
	const char *more;
	int tags;
	size_t findings;
} tags[] = {
	{ "", 49, 0 },
	{ "", 50, 1 },
	{ "environments: {dev: }\n", 48, 0 },
	{ "environments: {dev: }\n", 49, 1 },
};

START_TEST(too_many_tags)
{
	FP_AUTO(buf_release) struct buf b = BUF_INIT;
	FP_AUTO(diags_release) struct diags d = DIAGS_INIT;
	FP_AUTO(manifest_release) struct manifest m = { 0 };

	buf_printf(&b, HEAD "%stags:\n", tags[_i].more);
	for (int i = 0; i < tags[_i].tags; i++)
		buf_printf(&b, "  t%d: x\n", i);
	ck_assert_int_eq(manifest_parse(&m, b.data, b.len, "f", NULL, &d),
			 tags[_i].findings ? -1 : 0);
	ck_assert_uint_eq(d.n, tags[_i].findings);
}
END_TEST

/* Nor must topics be looked at once for each processor, or for each other. */
START_TEST(masses_of_topics)
{
	FP_AUTO(buf_release) struct buf b = BUF_INIT;
	FP_AUTO(diags_release) struct diags d = DIAGS_INIT;
	FP_AUTO(manifest_release) struct manifest m;

	buf_puts(&b, HEAD "notify:\n");
	for (int i = 0; i < 10000; i++)
		buf_printf(&b, "  a%d-policy: {filter: {status: ok}}\n", i);
	buf_puts(&b, "processors:\n");
	for (int i = 0; i < 10000; i++)
		buf_printf(&b, "  b%d: {}\n", i);
	buf_puts(&b, "stacks: {s: {template: t, needs: [\n");
	for (int i = 0; i < 10000; i++)
		buf_printf(&b, "    sn%d,\n", i);
	buf_puts(&b, "]}}\n");
	ck_assert_int_eq(manifest_parse(&m, b.data, b.len, "f", NULL, &d), -1);
	/* One for the number of topics; one a processor, one a need. */
	ck_assert_uint_eq(d.n, 1 + 10000 + 10000);
}
END_TEST

/* A filter may name what the processor publishes, and nothing else. */
START_TEST(filters_know_the_words_of_results)
{
	static const struct {
		const char *filter, *words[8];
	} lists[] = { { "colour: red", { RESULT_ATTRIBUTES } },
		      { "status: red", { RESULT_STATUSES } } };
	FP_AUTO(freep)
	char *text = xasprintf(HEAD "notify: {a: {filter: {%s}}}\n", lists[_i].filter);
	FP_AUTO(buf_release) struct buf known = BUF_INIT;
	FP_AUTO(diags_release) struct diags d = DIAGS_INIT;
	FP_AUTO(manifest_release) struct manifest m;

	for (size_t i = 0; lists[_i].words[i]; i++)
		buf_printf(&known, "%s%s", i ? ", " : "known: ", lists[_i].words[i]);
	ck_assert_int_eq(manifest_parse(&m, text, strlen(text), "f", NULL, &d), -1);
	ck_assert_uint_eq(d.n, 1);
	ck_assert_str_eq(d.v[0].hint, buf_str(&known));
}
END_TEST

START_TEST(too_many_filters)
{
	FP_AUTO(buf_release) struct buf b = BUF_INIT;
	FP_AUTO(diags_release) struct diags d = DIAGS_INIT;
	FP_AUTO(manifest_release) struct manifest m;

	buf_puts(&b, HEAD "buckets: {a: {suffix: [");
	for (int i = 0; i < 101; i++)
		buf_printf(&b, ".x%03d, ", i);
	buf_puts(&b, "]}}\n");
	ck_assert_int_eq(manifest_parse(&m, b.data, b.len, "f", NULL, &d), -1);
	ck_assert_uint_eq(d.n, 1);
	ck_assert_str_eq(d.v[0].message, "bucket 'a': 101 combinations of on, prefix and "
					 "suffix; S3 allows 100");
}
END_TEST

START_TEST(a_file_that_is_not_there)
{
	FP_AUTO(diags_release) struct diags d = DIAGS_INIT;
	FP_AUTO(manifest_release) struct manifest m;
	FP_AUTO(freep) char *source = NULL;
	struct fp_error err = { 0 };

	ck_assert_int_eq(manifest_load(&m, "no/such.yaml", NULL, &d, &source, &err), -1);
	ck_assert_int_eq(err.code, FP_ERR_NOT_FOUND);
	ck_assert_uint_eq(d.n, 0);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("manifest");
	TCase *tc = tcase_create("manifest");

	tcase_add_loop_test(tc, manifest_is_checked, 0, ARRAY_SIZE(cases));
	tcase_add_loop_test(tc, default_processor_is_there_when_needed, 0,
			    ARRAY_SIZE(processors));
	tcase_add_loop_test(tc, environment_fits_into_4_kib, 0, 2);
	tcase_add_test(tc, defaults_are_filled_in);
	tcase_add_test(tc, values_are_read);
	tcase_add_test(tc, all_findings_come_sorted_in_one_run);
	tcase_add_test(tc, environment_needs_environments);
	tcase_add_test(tc, bombs_and_masses_end_soon);
	tcase_add_test(tc, ten_thousand_buckets);
	tcase_add_test(tc, masses_of_unknown_names);
	tcase_add_test(tc, masses_of_topics);
	tcase_add_loop_test(tc, filters_know_the_words_of_results, 0, 2);
	tcase_add_test(tc, too_many_filters);
	tcase_add_loop_test(tc, too_many_tags, 0, ARRAY_SIZE(tags));
	tcase_add_test(tc, a_file_that_is_not_there);
	suite_add_tcase(s, tc);
	return s;
}

CHECK_MAIN(suite)
