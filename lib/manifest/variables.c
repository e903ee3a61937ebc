#include "base/json.h"
#include "base/str.h"
#include "manifest/rules.h"

/* Source: Lambda Developer Guide, "Using environment variables". */
#define SIZE_MAX_BYTES 4096

static const char *const reserved[] = {
	"AWS_REGION",	     "AWS_DEFAULT_REGION", "AWS_EXECUTION_ENV",
	"AWS_ACCESS_KEY",    "AWS_ACCESS_KEY_ID",  "AWS_SECRET_ACCESS_KEY",
	"AWS_SESSION_TOKEN", "LAMBDA_TASK_ROOT",   "LAMBDA_RUNTIME_DIR",
};

/* What stacks/lambda.yaml sets itself. */
#define TOPIC_VARIABLE "NOTIFICATION_TOPIC_ARN"
#define TOPIC_RESERVE  160 /* bytes of that variable with the longest ARN */

static bool is_reserved(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(reserved); i++)
		if (str_eq(name, reserved[i]))
			return true;
	return str_starts(name, "AWS_LAMBDA_");
}

static void check_name(const struct node *key, struct diags *diags)
{
	const char *name = node_text(key);

	if (is_reserved(name))
		diags_add(diags, key->pos, "choose another name",
			  "Lambda reserves the environment variable '%s'", name);
	else if (str_eq(name, TOPIC_VARIABLE))
		diags_add(diags, key->pos, "leave it out",
			  "fpctl sets the environment variable '%s' itself", name);
}

void rules_check_environment(const struct node *environment, struct diags *diags)
{
	FP_AUTO(buf_release) struct buf json = BUF_INIT;
	size_t size;

	if (!environment || !environment->map.n)
		return;
	/* Lambda measures the variables as one JSON object. */
	for (size_t i = 0; i < environment->map.n; i++) {
		const struct node *key = environment->map.v[i].key;
		const struct node *value = environment->map.v[i].value;

		check_name(key, diags);
		buf_putc(&json, ',');
		json_quote(&json, node_text(key), key->scalar.len);
		buf_putc(&json, ':');
		json_quote(&json, node_text(value), value->scalar.len);
	}
	size = json.len + TOPIC_RESERVE;
	if (size > SIZE_MAX_BYTES)
		diags_add(diags, environment->map.v[0].key->pos,
			  "put large values into a parameter or an object",
			  "the environment has %zu bytes, %d of them fpctl's own; "
			  "Lambda allows %d",
			  size, TOPIC_RESERVE, SIZE_MAX_BYTES);
}
