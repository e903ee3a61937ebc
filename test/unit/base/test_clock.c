#include "check_main.h"

#include "base/clock.h"

static const struct {
	int64_t ms;
	const char *amz, *iso, *http;
} times[] = {
	{ 0, "19700101T000000Z", "1970-01-01T00:00:00.000Z",
	  "Thu, 01 Jan 1970 00:00:00 GMT" },
	{ 1767323045678, "20260102T030405Z", "2026-01-02T03:04:05.678Z",
	  "Fri, 02 Jan 2026 03:04:05 GMT" },
	{ 1709164800001, "20240229T000000Z", "2024-02-29T00:00:00.001Z",
	  "Thu, 29 Feb 2024 00:00:00 GMT" },
	{ -1, "19691231T235959Z", "1969-12-31T23:59:59.999Z",
	  "Wed, 31 Dec 1969 23:59:59 GMT" },
	{ 253402300799999, "99991231T235959Z", "9999-12-31T23:59:59.999Z",
	  "Fri, 31 Dec 9999 23:59:59 GMT" },
	{ -30610224000000, "10000101T000000Z", "1000-01-01T00:00:00.000Z",
	  "Wed, 01 Jan 1000 00:00:00 GMT" },
};

static int64_t whole_second(int64_t ms)
{
	return ms - (ms % 1000 + 1000) % 1000;
}

START_TEST(texts_go_there_and_back)
{
	const __typeof__(times[0]) *c = &times[_i];
	char amz[17], iso[25], http[30];
	int64_t back;

	time_amz(amz, c->ms);
	time_iso(iso, c->ms);
	time_http(http, c->ms);
	ck_assert_str_eq(amz, c->amz);
	ck_assert_str_eq(iso, c->iso);
	ck_assert_str_eq(http, c->http);
	ck_assert(time_parse(amz, &back));
	ck_assert_int_eq(back, whole_second(c->ms));
	ck_assert(time_parse(http, &back));
	ck_assert_int_eq(back, whole_second(c->ms));
	ck_assert(time_parse(iso, &back));
	ck_assert_int_eq(back, c->ms);
}
END_TEST

START_TEST(times_beyond_are_the_last_that_fit)
{
	char iso[25], http[30], amz[17];

	time_iso(iso, INT64_MAX);
	ck_assert_str_eq(iso, "9999-12-31T23:59:59.999Z");
	time_http(http, INT64_MIN);
	ck_assert_str_eq(http, "Wed, 01 Jan 1000 00:00:00 GMT");
	time_amz(amz, INT64_MIN);
	ck_assert_str_eq(amz, "10000101T000000Z");
}
END_TEST

static const struct {
	const char *s;
	int64_t ms;
} fractions[] = {
	{ "1970-01-01T00:00:01Z", 1000 },
	{ "1970-01-01T00:00:01.5Z", 1500 },
	{ "1970-01-01T00:00:01.05Z", 1050 },
	{ "1970-01-01T00:00:01.123456789Z", 1123 },
	{ "1970-01-01T00:00:01UTC", 1000 },
	{ "1970-01-01T00:00:01+00:00", 1000 },
	{ "1970-01-01T01:30:01.25+01:30", 1250 },
	{ "1970-01-01T01:00:01+01", 1000 },
	{ "1970-01-01 00:00:01+00:00", 1000 },
	{ "1970-01-01t00:00:01z", 1000 },
	{ "1970-01-01T00:00:01.1239999999999Z", 1123 },
	{ "1969-12-31T23:00:01-0100", 1000 },
};

START_TEST(fractions_vary)
{
	int64_t ms = -1;

	ck_assert(time_parse(fractions[_i].s, &ms));
	ck_assert_int_eq(ms, fractions[_i].ms);
}
END_TEST

static const char *const wrong[] = {
	"",
	"now",
	"2026-01-02T03:04:05",
	"2026-01-02T03:04:05.Z",
	"2026-01-02T03:04:05+1",
	"2026-01-02T03:04:05+24:00",
	"2026-01-02T03:04:05-01:60",
	"2026-01-02T03:04:05CET",
	"2026-01-02T03:04:05Z ",
	" 2026-01-02T03:04:05Z",
	"2026-01-02  03:04:05Z",
	"2026-01-02_03:04:05Z",
	"2026-01-02",
	"2026-01-02T",
	"2026-13-02T03:04:05Z",
	"2026-00-02T03:04:05Z",
	"2026-02-30T03:04:05Z",
	"2026-01-02T24:00:00Z",
	"2026-01-02T03:60:00Z",
	"2026-01-02T03:04:60Z",
	"2026-1-2T3:4:5Z",
	"20260102T030405",
	"20260102T0304Z",
	"20260102T030405ZZ",
	"Fri, 02 Jan 2026 03:04:05",
	"Fri, 02 Jan 2026 03:04:05 UTC",
	"Fri, 2 Jan 2026 03:04:05 GMT",
	"Fry, 02 Jan 2026 03:04:05 GMT",
	"Fri, 02 Jah 2026 03:04:05 GMT",
	"Fr",
};

START_TEST(what_is_no_time_is_refused)
{
	int64_t ms = 42;

	ck_assert_msg(!time_parse(wrong[_i], &ms), "'%s'", wrong[_i]);
	ck_assert_int_eq(ms, 42);
	ck_assert(!time_parse(NULL, &ms));
}
END_TEST

START_TEST(clocks_run)
{
	int64_t start = clock_monotonic_ms(), took;

	clock_sleep_ms(20);
	clock_sleep_ms(0);
	clock_sleep_ms(-5);
	took = clock_monotonic_ms() - start;
	ck_assert_int_ge(took, 19);
	ck_assert_int_gt(clock_now_ms(), 1700000000000);
}
END_TEST

static Suite *clock_suite(void)
{
	Suite *s = suite_create("base/clock");
	TCase *tc = tcase_create("clock");

	tcase_add_loop_test(tc, texts_go_there_and_back, 0, ARRAY_SIZE(times));
	tcase_add_test(tc, times_beyond_are_the_last_that_fit);
	tcase_add_loop_test(tc, fractions_vary, 0, ARRAY_SIZE(fractions));
	tcase_add_loop_test(tc, what_is_no_time_is_refused, 0, ARRAY_SIZE(wrong));
	tcase_add_test(tc, clocks_run);
	suite_add_tcase(s, tc);
	return s;
}

CHECK_MAIN(clock_suite)
