#include "check_main.h"

#include <signal.h>
#include <unistd.h>

#include "ui/ui.h"

static const struct {
	int64_t n;
	const char *want;
} sizes[] = {
	{ 0, "0 B" },
	{ 1023, "1023 B" },
	{ 1024, "1.0 KiB" },
	{ 1536, "1.5 KiB" },
	{ 1048575, "1.0 MiB" },
	{ 200LL * 1024 * 1024, "200.0 MiB" },
	{ 5LL * 1024 * 1024 * 1024, "5.0 GiB" },
	{ INT64_MAX, "8.0 EiB" },
};

START_TEST(bytes_are_readable)
{
	char out[16];

	ui_bytes(out, sizes[_i].n);
	ck_assert_str_eq(out, sizes[_i].want);
}
END_TEST

static const struct {
	int64_t ms;
	const char *want;
} times[] = {
	{ 0, "0 ms" },		 { 999, "999 ms" },	   { 1000, "1.0 s" },
	{ 1299, "1.2 s" },	 { 59999, "59.9 s" },	   { 60000, "1 min 0 s" },
	{ 184000, "3 min 4 s" }, { 3600000, "1 h 0 min" }, { 90000000, "25 h 0 min" },
};

START_TEST(durations_are_readable)
{
	char out[24];

	ui_duration(out, times[_i].ms);
	ck_assert_str_eq(out, times[_i].want);
}
END_TEST

static char *print_table(unsigned width, bool cut, bool color)
{
	static const char *const headers[] = { "NAME", "STATE" };
	static const char *const rows[][2] = { { "a", "created" },
					       { "größer", "a long text that is cut" },
					       { "last", NULL } };
	FP_AUTO(ui_table_freep) struct ui_table *t = ui_table_new(headers, 2);
	char *text = NULL;
	size_t n;
	struct ui ui = { .width = width, .cut = cut, .color_out = color };

	ui.out = open_memstream(&text, &n);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		ui_table_row(t, i == 0 ? UI_GREEN : UI_PLAIN, rows[i]);
	ui_table_print(t, &ui);
	fclose(ui.out);
	return text;
}

static const struct {
	const char *name;
	unsigned width;
	bool cut, color;
	const char *want;
} tables[] = {
	{ "columns count characters, not bytes", 80, false, false,
	  "NAME    STATE\na       created\ngrößer  a long text that is cut\nlast\n" },
	{ "a terminal cuts the last column", 18, true, false,
	  "NAME    STATE\na       created\ngrößer  a long tex\nlast\n" },
	{ "a narrow terminal leaves eight", 4, true, false,
	  "NAME    STATE\na       created\ngrößer  a long t\nlast\n" },
	{ "rows have colours", 80, false, true,
	  "\033[1mNAME    STATE\033[0m\n\033[32ma       created\033[0m\n"
	  "größer  a long text that is cut\033[0m\nlast\033[0m\n" },
};

START_TEST(tables_line_up)
{
	FP_AUTO(freep)
	char *got = print_table(tables[_i].width, tables[_i].cut, tables[_i].color);

	ck_assert_msg(strcmp(got, tables[_i].want) == 0, "%s:\n%s", tables[_i].name, got);
}
END_TEST

START_TEST(error_says_all_that_is_known)
{
	struct fp_error err = { .code = FP_ERR_AWS,
				.where = "fpctl.yaml:3:1",
				.aws_code = "AccessDenied",
				.request_id = "abc",
				.host_id = "d/e",
				.message = "sts GetCallerIdentity: no" };
	FP_AUTO(freep) char *text = NULL;
	size_t n;
	struct ui ui = { .err = open_memstream(&text, &n) };

	ui_error(&ui, &err);
	err = (struct fp_error){
		.code = FP_ERR_AWS, .number = 4101, .message = "no", .next = "ask"
	};
	ui_error(&ui, &err);
	fclose(ui.err);
	ck_assert_str_eq(text,
			 "fpctl: error FP4002: fpctl.yaml:3:1: sts GetCallerIdentity: no "
			 "(AccessDenied, request abc, x-amz-id-2 d/e)\n"
			 "fpctl: error FP4101: no; ask\n");
}
END_TEST

/* In the second row the text is lost by the time that anybody asks. */
START_TEST(a_full_disk_is_noticed)
{
	struct fp_error err = { 0 };
	FILE *full = fopen("/dev/full", "w");
	struct ui ui = { .out = full };

	if (!full)
		return;
	(void)fputs("x", full);
	if (_i)
		(void)fflush(full);
	ck_assert_int_eq(ui_finish(&ui, &err), -1);
	ck_assert_int_eq(err.code, FP_ERR_IO);
	ck_assert_msg(strstr(err.message, "o space left"), "%s", err.message);
	(void)fclose(full);
}
END_TEST

START_TEST(a_reader_that_has_gone_is_no_news)
{
	struct fp_error err = { 0 };
	struct ui ui = { 0 };
	int ends[2];

	ck_assert_int_eq(pipe(ends), 0);
	ui.out = fdopen(ends[1], "w");
	close(ends[0]);
	signal(SIGPIPE, SIG_IGN);
	(void)fputs("x", ui.out);
	ck_assert_int_eq(ui_finish(&ui, &err), 1);
	ck_assert_int_eq(err.code, 0);
	(void)fclose(ui.out);
}
END_TEST

static const struct {
	const char *in, *want;
} texts[] = {
	{ "größer\tthan\n", "größer\tthan\n" },
	{ "a\033[31mred", "a?[31mred" },
	{ "over\rwritten\b\177\a", "over?written???" },
	{ "\302\2331m and \302\240", "?1m and \302\240" },
	{ "cut\302", "cut\302" },
};

START_TEST(texts_control_no_terminal)
{
	char *text = NULL;
	size_t n;
	struct ui ui = { .err = open_memstream(&text, &n) };
	struct fp_error err = { .code = FP_ERR_INPUT };

	(void)snprintf(err.message, sizeof(err.message), "%s", texts[_i].in);
	ui_note(&ui, "%s", texts[_i].in);
	(void)fflush(ui.err);
	ck_assert_msg(strncmp(text, texts[_i].want, strlen(texts[_i].want)) == 0, "%s",
		      text);
	ui_error(&ui, &err);
	(void)fclose(ui.err);
	ck_assert_msg(!strpbrk(text, "\033\r\b\a"), "%s", text);
	free(text);
}
END_TEST

static Suite *ui_suite(void)
{
	Suite *s = suite_create("ui");
	TCase *tc = tcase_create("ui");

	tcase_add_loop_test(tc, bytes_are_readable, 0, ARRAY_SIZE(sizes));
	tcase_add_loop_test(tc, durations_are_readable, 0, ARRAY_SIZE(times));
	tcase_add_loop_test(tc, tables_line_up, 0, ARRAY_SIZE(tables));
	tcase_add_test(tc, error_says_all_that_is_known);
	tcase_add_loop_test(tc, texts_control_no_terminal, 0, ARRAY_SIZE(texts));
	tcase_add_loop_test(tc, a_full_disk_is_noticed, 0, 2);
	tcase_add_test(tc, a_reader_that_has_gone_is_no_news);
	suite_add_tcase(s, tc);
	return s;
}

CHECK_MAIN(ui_suite)
