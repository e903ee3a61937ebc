/*
 * credential_process: how its command is split, and that the program ends, whatever it
 * does.
 */
#include "check_main.h"

#include <errno.h>
#include <sys/wait.h>

#include "aws/credentials/program.h"
#include "base/clock.h"

#define NO "(no)"

/* As Python's shlex.split() has it; words are joined by '|'. */
static const struct {
	const char *text, *want;
} splits[] = {
	{ "a b", "a|b" },
	{ " a  b ", "a|b" },
	{ "a\tb\r\nc", "a|b|c" },
	{ "a 'b c' d", "a|b c|d" },
	{ "a \"b c\" d", "a|b c|d" },
	{ "a 'b\\c'", "a|b\\c" },
	{ "a \"b \\\" c\"", "a|b \" c" },
	{ "a \"b\\\\c\"", "a|b\\c" },
	{ "a \"b\\c\"", "a|b\\c" },
	{ "a\\ b", "a b" },
	{ "a \\'b", "a|'b" },
	{ "a '' b", "a||b" },
	{ "a\"b c\"'d e'f", "ab cd ef" },
	{ "a # b", "a|#|b" },
	{ "$HOME *;ls", "$HOME|*;ls" },
	{ "", "" },
	{ "  ", "" },
	{ "a 'b", NO },
	{ "a \"b", NO },
	{ "a \"b\\", NO },
	{ "a\\", NO },
};

START_TEST(commands_are_split)
{
	FP_AUTO(strs_release) struct strs words = STRS_INIT;
	FP_AUTO(buf_release) struct buf joined = BUF_INIT;
	bool fine = program_split(&words, splits[_i].text);

	for (size_t i = 0; i < words.n; i++)
		buf_printf(&joined, "%s%s", i ? "|" : "", words.v[i]);
	ck_assert_str_eq(fine ? buf_str(&joined) : NO, splits[_i].want);
}
END_TEST

static const struct {
	const char *name, *script;
	int64_t limit_ms;
	const char *out; /* what it begins with; NULL: an error */
	enum fp_errc code;
	const char *error;
} runs[] = {
	{ "output", "echo hello", 10000, "hello\n", FP_OK, NULL },
	{ "both streams", "echo no >&2; echo yes", 10000, "yes\n", FP_OK, NULL },
	{ "much on standard error", "head -c 300000 /dev/zero >&2; echo yes", 10000,
	  "yes\n", FP_OK, NULL },
	{ "closes its output first", "exec >&-; exec 2>&-; sleep 0.2", 10000, "", FP_OK,
	  NULL },
	/* A child of its own holds the pipes open. */
	{ "leaves a child behind", "sleep 5 & echo yes", 3000, "yes\n", FP_OK, NULL },
	{ "a status", "echo why >&2; exit 7", 10000, NULL, FP_ERR_CREDENTIALS,
	  "status 7: why" },
	{ "a status without a word", "exit 1", 10000, NULL, FP_ERR_CREDENTIALS,
	  "it said nothing" },
	{ "controls in its words", "printf 'a\\033[31mb\\n\\n' >&2; exit 1", 10000, NULL,
	  FP_ERR_CREDENTIALS, "a [31mb" },
	{ "the end of many words", "seq 1 5000 >&2; exit 1", 10000, NULL,
	  FP_ERR_CREDENTIALS, "4999 5000" },
	{ "a signal", "kill -TERM $$", 10000, NULL, FP_ERR_CREDENTIALS, "signal 15" },
	{ "no end", "echo partly; sleep 100", 200, NULL, FP_ERR_TIMEOUT,
	  "did not end in time" },
	{ "no end, and deaf", "trap '' TERM INT; while :; do sleep 1; done", 200, NULL,
	  FP_ERR_TIMEOUT, "did not end in time" },
	/* Both streams are read for as long as they bring something. */
	{ "no end of complaints", "exec yes >&2", 200, NULL, FP_ERR_TIMEOUT,
	  "did not end in time" },
	{ "a child that goes on complaining", "timeout 60 yes >&2 & echo yes", 3000,
	  "yes\n", FP_OK, NULL },
	{ "too much", "exec cat /dev/zero", 10000, NULL, FP_ERR_LIMIT,
	  "more than 1048576 bytes" },
};

START_TEST(programs_end)
{
	const char *argv[] = { "/bin/sh", "-c", runs[_i].script, NULL };
	FP_AUTO(buf_release) struct buf out = BUF_INIT;
	struct fp_error err = { 0 };
	int64_t start = clock_monotonic_ms();
	int rc = program_run(&out, argv, runs[_i].limit_ms, &err);

	ck_assert_msg((rc == 0) == (runs[_i].out != NULL), "%s: %s", runs[_i].name,
		      err.message);
	if (rc == 0)
		ck_assert_str_eq(buf_str(&out), runs[_i].out);
	else
		ck_assert_msg(err.code == runs[_i].code &&
				      strstr(err.message, runs[_i].error),
			      "%s: %d, %s", runs[_i].name, err.code, err.message);
	ck_assert_msg(clock_monotonic_ms() - start < 20000, "%s hangs", runs[_i].name);
	/* None is left to be waited for. */
	ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
	ck_assert_int_eq(errno, ECHILD);
}
END_TEST

START_TEST(a_program_that_is_none)
{
	const char *argv[] = { "/nowhere/at/all", NULL };
	FP_AUTO(buf_release) struct buf out = BUF_INIT;
	struct fp_error err = { 0 };

	ck_assert_int_eq(program_run(&out, argv, 1000, &err), -1);
	ck_assert(strstr(err.message, "/nowhere/at/all") != NULL);
}
END_TEST

static Suite *program_suite(void)
{
	Suite *s = suite_create("aws/program");
	TCase *tc = tcase_create("program");

	tcase_add_loop_test(tc, commands_are_split, 0, ARRAY_SIZE(splits));
	tcase_add_loop_test(tc, programs_end, 0, ARRAY_SIZE(runs));
	tcase_add_test(tc, a_program_that_is_none);
	suite_add_tcase(s, tc);
	return s;
}

CHECK_MAIN(program_suite)
