#include "base/json.h"
#include "base/str.h"
#include "emulator/common.h"
#include "emulator/service/lambda.h"

#define MAX_NAME      64
#define DEFAULT_ITEMS 50

static void copy_members(cJSON *out, const cJSON *from)
{
	json_each_member (m, from)
		json_set(out, m->string, cJSON_Duplicate(m, true));
}

static int insert(struct call *c, void *f)
{
	return lambda_insert(c, f);
}

static int remove_row(struct call *c, void *f)
{
	return lambda_remove(c, f);
}

static int check_new_name(struct call *c, const char *text, char name[141])
{
	struct lambda_function other;

	if (!text || !lambda_name_of(name, text) || strlen(name) > MAX_NAME)
		return fault_set(
			&c->fault, 400, "ValidationException",
			"1 validation error detected: Value '%s' at 'functionName' "
			"failed "
			"to satisfy constraint: letters, digits, '-' and '_', at most %d",
			str_or(text, ""), MAX_NAME);
	if (lambda_load(c, &other, name, NULL) == 0) {
		lambda_function_release(&other);
		return fault_set(&c->fault, 409, "ResourceConflictException",
				 "Function already exist: %s", name);
	}
	return c->fault.status == 404 ? 0 : -1;
}

static int fill_new(struct call *c, struct lambda_function *f, const cJSON *in)
{
	f->config = lambda_config_new(c, f->name);
	f->tags = cJSON_CreateObject();
	tags_merge(f->tags, json_get(in, "Tags"));
	f->concurrency = -1;
	if (!require_str(c, in, "Role", "ValidationException") ||
	    !require_str(c, in, "Runtime", "InvalidParameterValueException") ||
	    !require_str(c, in, "Handler", "InvalidParameterValueException") ||
	    lambda_config_apply(c, f->config, in) < 0)
		return -1;
	return lambda_code_take(c, f, json_get(in, "Code"));
}

int lambda_CreateFunction(struct call *c, const cJSON *in, cJSON *out)
{
	FP_AUTO(lambda_function_release) struct lambda_function f = LAMBDA_FUNCTION_INIT;
	char name[141];

	if (check_new_name(c, json_str(in, "FunctionName", NULL), name) < 0)
		return -1;
	memset(&c->fault, 0, sizeof(c->fault));
	f.region = xstrdup(c->region);
	f.name = xstrdup(name);
	if (fill_new(c, &f, in) < 0)
		return -1;
	lambda_touch(&f);
	if (in_transaction(c, insert, &f) < 0)
		return -1;
	copy_members(out, f.config);
	return 0;
}

static int load(struct call *c, struct lambda_function *f, const cJSON *in)
{
	return lambda_load(c, f, json_str(in, "FunctionName", NULL),
			   json_str(in, "Qualifier", NULL));
}

int lambda_GetFunction(struct call *c, const cJSON *in, cJSON *out)
{
	FP_AUTO(lambda_function_release) struct lambda_function f = LAMBDA_FUNCTION_INIT;
	FP_AUTO(freep) char *blob = NULL;
	cJSON *code;

	if (load(c, &f, in) < 0)
		return -1;
	blob = store_blob_path(c->emu->store, f.code_sha256);
	json_set(out, "Configuration", cJSON_Duplicate(f.config, true));
	code = json_set_object(out, "Code");
	json_set_str(code, "RepositoryType", "S3");
	json_set_fmt(code, "Location", "file://%s", blob);
	if (f.tags->child)
		json_set(out, "Tags", cJSON_Duplicate(f.tags, true));
	if (f.concurrency >= 0)
		json_set_int(json_set_object(out, "Concurrency"),
			     "ReservedConcurrentExecutions", f.concurrency);
	return 0;
}

static int load_configuration(struct call *c, const cJSON *in, cJSON *out)
{
	FP_AUTO(lambda_function_release) struct lambda_function f = LAMBDA_FUNCTION_INIT;

	if (load(c, &f, in) < 0)
		return -1;
	copy_members(out, f.config);
	return 0;
}

int lambda_GetFunctionConfiguration(struct call *c, const cJSON *in, cJSON *out)
{
	return load_configuration(c, in, out);
}

int lambda_ListFunctions(struct call *c, const cJSON *in, cJSON *out)
{
	FP_AUTO(store_done) struct store_rows r = { 0 };
	int64_t max = json_int(in, "MaxItems", DEFAULT_ITEMS);
	cJSON *list = json_set_array(out, "Functions");
	struct fp_error err = { 0 };

	if (max < 1 || max > DEFAULT_ITEMS)
		max = DEFAULT_ITEMS;
	if (store_query(
		    &r, c->emu->store, &err,
		    "SELECT config FROM lambda_functions WHERE region = ? AND name > ?"
		    " ORDER BY name LIMIT ?",
		    "ssi", c->region, json_str(in, "Marker", ""), max + 1) < 0)
		return fault_from(&c->fault, &err);
	while (store_next(&r)) {
		if (max-- == 0) {
			const cJSON *last = cJSON_GetArrayItem(
				list, cJSON_GetArraySize(list) - 1);

			json_set_str(out, "NextMarker",
				     json_str(last, "FunctionName", NULL));
			break;
		}
		cJSON_AddItemToArray(list, cJSON_Parse(store_text(&r, 0)));
	}
	return 0;
}

static int check_revision(struct call *c, const struct lambda_function *f,
			  const cJSON *in)
{
	const char *wanted = json_str(in, "RevisionId", NULL);

	if (!wanted || str_eq(wanted, json_str(f->config, "RevisionId", "")))
		return 0;
	return fault_set(
		&c->fault, 412, "PreconditionFailedException",
		"The RevisionId provided does not match the latest Revision Id. Call the "
		"GetFunction/GetAlias API to retrieve the latest Revision Id");
}

struct update {
	const cJSON *in, *config;
	cJSON *out;
	struct lambda_function code; /* with new code, or empty */
	char *code_before;
};

static int apply_update(struct call *c, struct lambda_function *f, void *ctx)
{
	struct update *u = ctx;

	if (check_revision(c, f, u->in) < 0 ||
	    lambda_config_apply(c, f->config, u->config) < 0)
		return -1;
	u->code_before = f->code_sha256;
	f->code_sha256 = xstrdup(str_or(u->code.code_sha256, f->code_sha256));
	copy_members(f->config, u->code.config);
	lambda_touch(f);
	copy_members(u->out, f->config);
	return 0;
}

static int update_code(struct call *c, struct update *u)
{
	int rc;

	if (lambda_code_take(c, &u->code, u->in) < 0)
		return -1;
	if (json_bool(u->in, "DryRun", false))
		return load_configuration(c, u->in, u->out);
	rc = lambda_change(c, u->in, apply_update, u);
	if (rc == 0)
		lambda_code_forget(c->emu, u->code.region, u->code.name,
				   u->code.code_sha256, u->code_before);
	return rc;
}

int lambda_UpdateFunctionCode(struct call *c, const cJSON *in, cJSON *out)
{
	static const char *const known[] = { "FunctionName",	"ZipFile",
					     "S3Bucket",	"S3Key",
					     "S3ObjectVersion", "DryRun",
					     "RevisionId",	"Architectures",
					     "Publish",		NULL };
	static const char *const config_members[] = { "Architectures", "Publish" };
	FP_AUTO(lambda_function_release) struct lambda_function f = LAMBDA_FUNCTION_INIT;
	FP_AUTO(json_freep) cJSON *config = cJSON_CreateObject();
	struct update u = { .in = in, .config = config, .out = out };
	int rc;

	if (refuse_unsupported(c, "UpdateFunctionCode", in, known) < 0 ||
	    load(c, &f, in) < 0)
		return -1;
	for (size_t k = 0; k < ARRAY_SIZE(config_members); k++)
		if (json_get(in, config_members[k]))
			json_set(config, config_members[k],
				 cJSON_Duplicate(json_get(in, config_members[k]), true));
	u.code.region = xstrdup(f.region);
	u.code.name = xstrdup(f.name);
	u.code.config = cJSON_CreateObject();
	rc = update_code(c, &u);
	lambda_function_release(&u.code);
	free(u.code_before);
	return rc;
}

int lambda_UpdateFunctionConfiguration(struct call *c, const cJSON *in, cJSON *out)
{
	struct update u = { .in = in, .config = in, .out = out };
	int rc = lambda_change(c, in, apply_update, &u);

	free(u.code_before);
	return rc;
}

int lambda_DeleteFunction(struct call *c, const cJSON *in, cJSON *out FP_UNUSED)
{
	FP_AUTO(lambda_function_release) struct lambda_function f = LAMBDA_FUNCTION_INIT;

	if (load(c, &f, in) < 0 || in_transaction(c, remove_row, &f) < 0)
		return -1;
	lambda_pool_retire(f.region, f.name);
	lambda_code_forget(c->emu, f.region, f.name, NULL, f.code_sha256);
	return 0;
}

static int set_concurrency(struct call *c FP_UNUSED, struct lambda_function *f, void *n)
{
	f->concurrency = *(int64_t *)n;
	return 0;
}

int lambda_PutFunctionConcurrency(struct call *c, const cJSON *in, cJSON *out)
{
	int64_t n = json_int(in, "ReservedConcurrentExecutions", -1);

	if (n < 0)
		return fault_set(&c->fault, 400, "InvalidParameterValueException",
				 "ReservedConcurrentExecutions is a number from 0 on");
	if (lambda_change(c, in, set_concurrency, &n) < 0)
		return -1;
	json_set_int(out, "ReservedConcurrentExecutions", n);
	return 0;
}

int lambda_GetFunctionConcurrency(struct call *c, const cJSON *in, cJSON *out)
{
	FP_AUTO(lambda_function_release) struct lambda_function f = LAMBDA_FUNCTION_INIT;

	if (load(c, &f, in) < 0)
		return -1;
	if (f.concurrency >= 0)
		json_set_int(out, "ReservedConcurrentExecutions", f.concurrency);
	return 0;
}

int lambda_DeleteFunctionConcurrency(struct call *c, const cJSON *in,
				     cJSON *out FP_UNUSED)
{
	int64_t none = -1;

	return lambda_change(c, in, set_concurrency, &none);
}
