/*
 * The main() of a unit test program: one suite, its exit status, and the line
 * that tools/run-tests adds up. A test that hangs is ended after a minute: Check's own
 * four seconds are too few for a machine that does much else.
 */
#ifndef FP_CHECK_MAIN_H
#define FP_CHECK_MAIN_H

#include <check.h>
#include <stdlib.h>

#define CHECK_MAIN(make_suite)                               \
	int main(void)                                       \
	{                                                    \
		SRunner *runner;                             \
		int failed;                                  \
		(void)setenv("CK_DEFAULT_TIMEOUT", "60", 0); \
		runner = srunner_create(make_suite());       \
		srunner_run_all(runner, CK_NORMAL);          \
		failed = srunner_ntests_failed(runner);      \
		srunner_free(runner);                        \
		return failed ? EXIT_FAILURE : EXIT_SUCCESS; \
	}

#endif
