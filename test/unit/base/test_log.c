#include "check_main.h"

#include <pthread.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"

static const struct {
	enum log_level open, level;
	const char *text, *want; /* behind the time; NULL for no line */
} cases[] = {
	{ LOG_DEBUG, LOG_DEBUG, "x", "debug x\n" },
	{ LOG_INFO, LOG_DEBUG, "x", NULL },
	{ LOG_INFO, LOG_INFO, "x", "info x\n" },
	{ LOG_INFO, LOG_WARN, "x", "warn x\n" },
	{ LOG_ERROR, LOG_ERROR, "x", "error x\n" },
	{ LOG_ERROR, LOG_WARN, "x", NULL },
	{ LOG_INFO, LOG_INFO, "a\nforged", "info a\\nforged\n" },
	{ LOG_INFO, LOG_INFO, "\x1b[2J\r\x7f", "info \\x1b[2J\\x0d\\x7f\n" },
	{ LOG_INFO, LOG_INFO, "\xc3\xa4", "info \xc3\xa4\n" },
};

START_TEST(one_line_a_message)
{
	const __typeof__(cases[0]) *c = &cases[_i];
	FP_AUTO(freep) char *got = NULL;
	size_t n = 0;
	FILE *f = open_memstream(&got, &n);
	char now[25];
	int64_t ms;

	log_open(f, c->open);
	ck_assert_int_eq(log_enabled(c->level), c->want != NULL);
	log_msg(c->level, "%s", c->text);
	log_open(NULL, LOG_DEBUG);
	log_msg(LOG_ERROR, "after the end");
	ck_assert(!log_enabled(LOG_ERROR));
	(void)fclose(f);
	if (!c->want) {
		ck_assert_uint_eq(n, 0);
		return;
	}
	ck_assert_uint_gt(n, 25);
	ck_assert_str_eq(got + 25, c->want);
	(void)snprintf(now, sizeof(now), "%s", got);
	ck_assert(time_parse(now, &ms));
}
END_TEST

START_TEST(off_until_opened)
{
	ck_assert(!log_enabled(LOG_ERROR));
	log_msg(LOG_ERROR, "nobody sees this");
}
END_TEST

static void *chatter(void *arg)
{
	for (int i = 0; i < 200; i++)
		log_msg(LOG_INFO, "thread %d says %d", *(const int *)arg, i);
	return NULL;
}

START_TEST(threads_do_not_mix_lines)
{
	FP_AUTO(freep) char *got = NULL;
	size_t n = 0, lines = 0;
	FILE *f = open_memstream(&got, &n);
	static int ids[] = { 0, 1, 2, 3 };
	pthread_t threads[4];

	log_open(f, LOG_INFO);
	for (int i = 0; i < 4; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, chatter, &ids[i]), 0);
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	log_open(NULL, LOG_INFO);
	(void)fclose(f);
	for (char *p = got, *end; (end = strchr(p, '\n')); p = end + 1, lines++)
		ck_assert_int_eq(strncmp(p + 24, " info thread ", 13), 0);
	ck_assert_uint_eq(lines, 800);
}
END_TEST

static Suite *log_suite(void)
{
	Suite *s = suite_create("base/log");
	TCase *tc = tcase_create("log");

	tcase_add_loop_test(tc, one_line_a_message, 0, ARRAY_SIZE(cases));
	tcase_add_test(tc, off_until_opened);
	tcase_add_test(tc, threads_do_not_mix_lines);
	suite_add_tcase(s, tc);
	return s;
}

CHECK_MAIN(log_suite)
