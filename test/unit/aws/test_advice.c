/* The table of what AWS's codes mean: whole, unambiguous, readable in a message. */
#include "aws/advice.h"

#include <ctype.h>

#include "base/str.h"
#include "check_main.h"

static size_t count_of(const char *code, const char *service)
{
	size_t n = 0;

	for (const struct aws_advice *a = aws_advices; a->number; a++) {
		FP_AUTO(strs_release) struct strs codes = STRS_INIT;

		strs_split(&codes, a->codes, ' ');
		n += str_eq(a->service, service) && strs_has(&codes, code);
	}
	return n;
}

START_TEST(the_table_is_sound)
{
	unsigned last = 4100, n = 0;

	for (const struct aws_advice *a = aws_advices; a->number; a++, n++) {
		FP_AUTO(strs_release) struct strs codes = STRS_INIT;

		strs_split(&codes, a->codes, ' ');
		ck_assert_msg(a->number > last && a->number < 4200, "FP%u", a->number);
		last = a->number;
		ck_assert_msg(!str_ends(a->summary, ".") && !str_ends(a->next, "."),
			      "FP%u ends in a full stop", a->number);
		ck_assert_msg(!strchr(a->summary, '\n') && !strchr(a->next, '\n'),
			      "FP%u is no line", a->number);
		for (size_t i = 0; i < codes.n; i++) {
			const char *code = codes.v[i];

			ck_assert_msg(*code, "FP%u: an empty code", a->number);
			ck_assert_msg(count_of(code, a->service) == 1, "%s twice", code);
			ck_assert_ptr_eq(aws_advice_of(a->service, code), a);
		}
		ck_assert_ptr_eq(aws_advice_numbered(a->number), a);
	}
	ck_assert_uint_ge(n, 50);
	ck_assert_ptr_null(aws_advice_numbered(4199));
}
END_TEST

static const struct {
	const char *service, *code;
	unsigned number;
} usual[] = {
	{ "cloudformation", "AccessDenied", 4101 },
	{ "codepipeline", "AccessDeniedException", 4101 },
	{ "sts", "ExpiredToken", 4102 },
	{ "s3", "SignatureDoesNotMatch", 4103 },
	{ "s3", "RequestTimeTooSkewed", 4104 },
	{ "sts", "InvalidClientTokenId", 4105 },
	{ "cloudformation", "Throttling", 4120 },
	{ "logs", "TooManyRequestsException", 4120 },
	{ "lambda", "TooManyRequestsException", 4121 },
	{ NULL, "TooManyRequestsException", 4120 },
	{ "iam", "LimitExceeded", 4126 },
	{ "cloudformation", "InsufficientCapabilitiesException", 4130 },
	{ "cloudformation", "AlreadyExistsException", 4131 },
	{ "iam", "EntityAlreadyExists", 4131 },
	{ "cloudformation", "ValidationError", 4132 },
	{ "s3", "NoSuchBucket", 4140 },
	{ "s3", "PermanentRedirect", 4145 },
	{ "lambda", "InvalidParameterValueException", 4162 },
	{ "sns", "InvalidParameter", 4163 },
	{ "cloudformation", "OperationInProgressException", 4135 },
	{ "cloudformation", "StackInstanceNotFoundException", 4160 },
	{ "sqs", "AWS.SimpleQueueService.NonExistentQueue", 4180 },
	{ "s3", "NoSuch", 0 },
	{ "s3", "", 0 },
};

START_TEST(the_usual_codes_have_numbers)
{
	const __typeof__(usual[0]) *c = &usual[_i];
	const struct aws_advice *a = aws_advice_of(c->service, c->code);

	ck_assert_msg((a ? a->number : 0) == c->number, "%s", c->code);
}
END_TEST

START_TEST(only_what_a_service_said_is_advised)
{
	struct fp_error err = { .code = FP_ERR_AWS, .aws_code = "NoSuchBucket" };

	aws_advise(&err, "s3");
	ck_assert_uint_eq(err.number, 4140);
	ck_assert_str_eq(err.next, aws_advice_numbered(4140)->next);
	err = (struct fp_error){ .code = FP_ERR_PROTOCOL, .aws_code = "NoSuchBucket" };
	aws_advise(&err, "s3");
	ck_assert_uint_eq(err.number, 0);
	ck_assert_ptr_null(err.next);
	err = (struct fp_error){ .code = FP_ERR_AWS, .aws_code = "Unheard" };
	aws_advise(&err, "s3");
	ck_assert_uint_eq(err.number, 0);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *s = suite_create("advice");
	TCase *tc = tcase_create("advice");

	tcase_add_test(tc, the_table_is_sound);
	tcase_add_loop_test(tc, the_usual_codes_have_numbers, 0, ARRAY_SIZE(usual));
	tcase_add_test(tc, only_what_a_service_said_is_advised);
	suite_add_tcase(s, tc);
	return s;
}

CHECK_MAIN(make_suite)
