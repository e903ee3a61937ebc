/*
 * Functions on this machine, for unit tests: a cloud whose S3 has one object, the
 * code, whose bootstrap is the test's own program as a tiny runtime. A test that
 * includes this defines `services` with `lambda_s3` and the true Lambda, logs and
 * IAM in it, and its main() is lambda_world_main().
 */
#ifndef FP_TEST_LAMBDA_WORLD_H
#define FP_TEST_LAMBDA_WORLD_H

#include <sys/utsname.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "base/digest.h"
#include "emulator/auth.h"
#include "emulator/service/lambda.h"
#include "emulator/service/lambda_http.h"
#include "pack/zip.h"
#include "steps.h"
#include "tiny_runtime.h"

#define ROLE_ARN "arn:aws:iam::000000000000:role/r"
#define TRUST                                                                  \
	"{\\\"Statement\\\":{\\\"Effect\\\":\\\"Allow\\\",\\\"Principal\\\":{" \
	"\\\"Service\\\":"                                                     \
	"\\\"lambda.amazonaws.com\\\"},\\\"Action\\\":\\\"sts:AssumeRole\\\"}}"

static char program[4096]; /* this test, which the functions run */
static char *code_path;	   /* of the zip that the fake S3 has */

static const char *this_arch(void)
{
	static struct utsname u;

	(void)uname(&u);
	return str_eq(u.machine, "aarch64") ? "arm64" : u.machine;
}

static int object_path(struct call *c, const cJSON *in, cJSON *out)
{
	if (!str_eq(json_str(in, "Key", ""), "code.zip"))
		return fault_set(&c->fault, 404, "NoSuchKey", "no such key");
	json_set_str(out, "Path", code_path);
	return 0;
}

/* A zip whose bootstrap is this program; `salt` makes another digest. */
static void make_code(struct buf *zip, const char *salt)
{
	FP_AUTO(freep)
	char *script = xasprintf("#!/bin/sh\n# %s\nexec '%s'\n", salt, program);
	struct pack_entry e = {
		.name = "bootstrap", .data = script, .size = strlen(script), .mode = 0755
	};
	struct fp_error err = { 0 };

	ck_assert_msg(pack_zip(zip, &e, 1, &err) == 0, "%s", err.message);
}

static void world_open(struct cloud *c, char *state)
{
	FP_AUTO(buf_release) struct buf zip = BUF_INIT;
	struct fp_error err = { 0 };

	cloud_open(c, state);
	ck_assert_msg(auth_open(&c->emu, &err) == 0, "%s", err.message);
	ck_assert_msg(service_lambda.start(&c->emu, &err) == 0, "%s", err.message);
	code_path = fs_join(c->state, "code.zip");
	make_code(&zip, "first");
	ck_assert_int_eq(fs_write_atomic(code_path, zip.data, zip.len, 0600, &err), 0);
}

static FP_UNUSED char *world_stop(struct cloud *c)
{
	bus_quiesce(c->emu.bus);
	service_lambda.stop(&c->emu);
	ck_assert_uint_eq(lambda_pool_size(), 0);
	free(code_path);
	freep(&c->emu.access_key_id);
	freep(&c->emu.secret_access_key);
	return cloud_stop(c);
}

static FP_UNUSED void world_close(struct cloud *c)
{
	scrap(world_stop(c));
}

/* The function "f"; `more` are further members of the request. */
static FP_UNUSED void make_function(struct cloud *c, const char *more)
{
	FP_AUTO(freep)
	char *in = xasprintf("{\"FunctionName\":\"f\",\"Runtime\":\"provided.al2023\","
			     "\"Handler\":\"h\","
			     "\"Role\":\"" ROLE_ARN "\",\"Architectures\":[\"%s\"],"
			     "\"Code\":{\"S3Bucket\":\"b\",\"S3Key\":\"code.zip\"}%s}",
			     this_arch(), more);

	cJSON_Delete(call_json(c, "iam", "CreateRole",
			       "{\"RoleName\":\"r\",\"AssumeRolePolicyDocument\":\"" TRUST
			       "\"}"));
	cJSON_Delete(call_json(c, "lambda", "CreateFunction", in));
	ck_assert_msg(!c->call.fault.status, "%s", c->call.fault.message);
}

static int lambda_world_main(char **argv, Suite *(*make_suite)(void))
{
	const char *runtime = getenv("AWS_LAMBDA_RUNTIME_API");
	SRunner *runner;
	int failed;

	if (runtime)
		return tiny_runtime(runtime);
	if (!realpath(argv[0], program))
		return EXIT_FAILURE;
	runner = srunner_create(make_suite());
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

#endif
