/* Every pattern of the facts compiles, and says what its own dialect would. */
#include "cfn/pattern.h"

#include "base/str.h"
#include "cfn/factbook.h"
#include "check_main.h"

static size_t patterns;

static void compiles(const struct fact *f, const char *type)
{
	const char *const both[] = { f->pattern, f->keys };

	for (size_t i = 0; i < ARRAY_SIZE(both); i++) {
		enum pattern_result got;

		if (!both[i])
			continue;
		patterns++;
		got = pattern_match(both[i], "name-1", 6);
		ck_assert_msg(got == PATTERN_MATCHES || got == PATTERN_DIFFERS,
			      "%s.%s: %s", type, f->name ? f->name : "", both[i]);
	}
	for (size_t i = 0; i < f->nof; i++)
		compiles(&f->of[i], type);
	if (f->items)
		compiles(f->items, type);
	if (f->values)
		compiles(f->values, type);
}

static void each_type(void *types, const struct type_facts *type)
{
	++*(size_t *)types;
	compiles(&type->properties, type->name);
}

START_TEST(all_compile)
{
	size_t types = 0;

	factbook_each(each_type, &types);
	ck_assert_uint_eq(types, 30);
	ck_assert_uint_ge(patterns, 100);
}
END_TEST

static const struct {
	const char *type, *path, *text;
	bool matches;
} samples[] = {
	{ "AWS::S3::Bucket", "BucketName", "my-bucket.1", true },
	{ "AWS::S3::Bucket", "BucketName", "my_bucket", false },
	{ "AWS::S3::Bucket", "BucketName", "bucket\n", false },
	{ "AWS::IAM::Role", "RoleName", "a+b=c,d.e@f-g_h", true },
	{ "AWS::IAM::Role", "RoleName", "a b", false },
	{ "AWS::IAM::Role", "Path", "/a/b/", true },
	{ "AWS::IAM::Role", "Path", "a/", false },
	{ "AWS::IAM::Role", "Description", "caf\xc3\xa9\n", true },
	{ "AWS::IAM::Role", "Description", "\xe4\xb8\xad", false },
	{ "AWS::IAM::Role", "Description", "a\x01", false },
	{ "AWS::Lambda::Function", "Handler", "index.handler", true },
	{ "AWS::Lambda::Function", "Handler", "a b", false },
	{ "AWS::Lambda::Function", "Role", "arn:aws-cn:iam::111122223333:role/x/y",
	  true },
	{ "AWS::Lambda::Function", "Role", "arn:aws:iam::1111:role/x", false },
	{ "AWS::Lambda::Function", "Environment.Variables", NULL, true },
	{ "AWS::KMS::Alias", "AliasName", "alias/a-b/c", true },
	{ "AWS::KMS::Alias", "AliasName", "a", false },
	{ "AWS::Logs::LogGroup", "LogGroupName", "/aws/lambda/x#1", true },
	{ "AWS::Logs::LogGroup", "LogGroupName", "/aws/lambda/x\n", false },
	{ "AWS::Logs::LogGroup", "LogGroupName", "a b", false },
	{ "AWS::Logs::LogGroup", "KmsKeyId", "arn:aws:kms:eu-west-1:111122223333:key/x",
	  true },
	{ "AWS::Logs::LogGroup", "KmsKeyId", "key/x", false },
	{ "AWS::Lambda::Permission", "Action", "lambda:InvokeFunction", true },
	{ "AWS::Lambda::Permission", "Action", "s3:GetObject", false },
	{ "AWS::Lambda::Permission", "SourceAccount", "111122223333", true },
	{ "AWS::Lambda::Permission", "SourceAccount", "1111", false },
	{ "AWS::Events::Rule", "Name", "a.b-c_d", true },
	{ "AWS::Events::Rule", "Name", "a/b", false },
	{ "AWS::Scheduler::Schedule", "Name", "a b", false },
	{ "AWS::CodePipeline::Pipeline", "RoleArn", "x@y", false },
	{ "AWS::Lambda::Alias", "Name", "123", false },
	{ "AWS::Lambda::Alias", "Name", "live", true },
	{ "AWS::Lambda::Alias", "FunctionVersion", "$LATEST", true },
};

static const struct fact *at_path(const char *type, const char *path)
{
	FP_AUTO(strs_release) struct strs parts = STRS_INIT;
	const struct fact *f = &factbook_type(type)->properties;

	strs_split(&parts, path, '.');
	for (size_t i = 0; f && i < parts.n; i++)
		f = fact_property(f, parts.v[i], strlen(parts.v[i]));
	ck_assert_msg(f != NULL, "%s has no %s", type, path);
	return f;
}

START_TEST(samples_match)
{
	const __typeof__(samples[0]) *s = &samples[_i];
	const struct fact *f = at_path(s->type, s->path);
	const char *text = s->text ? s->text : "KEY_1";
	const char *pattern = s->text ? f->pattern : f->keys;
	enum pattern_result got;

	ck_assert_msg(pattern != NULL, "%s.%s has no pattern", s->type, s->path);
	got = pattern_match(pattern, text, strlen(text));
	ck_assert_msg(got == (s->matches ? PATTERN_MATCHES : PATTERN_DIFFERS),
		      "%s.%s: '%s' and %s: %d", s->type, s->path, text, pattern, got);
}
END_TEST

static const struct {
	const char *pattern, *text;
	enum pattern_result want;
} dialects[] = {
	{ "^a$", "a", PATTERN_MATCHES },
	{ "^a$", "a\n", PATTERN_DIFFERS },
	{ "^a\\Z", "a\n", PATTERN_DIFFERS },
	{ "^a\\\\Z", "a\\Z", PATTERN_MATCHES },
	{ "^[\\u0041-\\u0043]+$", "ABC", PATTERN_MATCHES },
	{ "^[\\u0041-\\u0043]+$", "u004", PATTERN_DIFFERS },
	{ "^[\\s\\S]*$", "a\nb", PATTERN_MATCHES },
	{ "^\\w$", "\xc3\xa9", PATTERN_DIFFERS },
	{ "^\\p{L}$", "\xc3\xa9", PATTERN_MATCHES },
	{ "^.$", "\xf0\x9f\x98\x80", PATTERN_MATCHES },
	{ "(?<!\\.)$", "a.", PATTERN_DIFFERS },
	{ "[a-z", "a", PATTERN_BROKEN },
	{ "(a", "a", PATTERN_BROKEN },
	{ "a)", "a", PATTERN_BROKEN },
	{ "*a", "a", PATTERN_BROKEN },
	{ "a{3,2}", "a", PATTERN_BROKEN },
	{ "\\p{javaLowerCase}", "a", PATTERN_UNDECIDED },
	{ "a", "\xff", PATTERN_UNDECIDED },
	{ "^(a+)+$", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab",
	  PATTERN_UNDECIDED },
};

START_TEST(dialects_agree)
{
	const __typeof__(dialects[0]) *d = &dialects[_i];

	ck_assert_msg(pattern_match(d->pattern, d->text, strlen(d->text)) == d->want,
		      "%s on '%s': %d", d->pattern, d->text,
		      pattern_match(d->pattern, d->text, strlen(d->text)));
}
END_TEST

static Suite *pattern_suite(void)
{
	Suite *s = suite_create("cfn/pattern");
	TCase *tc = tcase_create("pattern");

	tcase_add_test(tc, all_compile);
	tcase_add_loop_test(tc, samples_match, 0, ARRAY_SIZE(samples));
	tcase_add_loop_test(tc, dialects_agree, 0, ARRAY_SIZE(dialects));
	suite_add_tcase(s, tc);
	return s;
}

CHECK_MAIN(pattern_suite)
