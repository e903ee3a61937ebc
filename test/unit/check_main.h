/*
 * The main() of a unit test program: one suite, its exit status, and the line
 * that tools/test-sum adds up.
 */
#ifndef FP_CHECK_MAIN_H
#define FP_CHECK_MAIN_H

#include <check.h>
#include <stdlib.h>

#define CHECK_MAIN(make_suite)                                  \
	int main(void)                                          \
	{                                                       \
		SRunner *runner = srunner_create(make_suite()); \
		int failed;                                     \
		srunner_run_all(runner, CK_NORMAL);             \
		failed = srunner_ntests_failed(runner);         \
		srunner_free(runner);                           \
		return failed ? EXIT_FAILURE : EXIT_SUCCESS;    \
	}

#endif
