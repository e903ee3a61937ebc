#include <ctype.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/json.h"
#include "base/str.h"
#include "emulator/common.h"
#include "emulator/service/lambda.h"
#include "wire/arn.h"

const char lambda_schema[] =
	"CREATE TABLE IF NOT EXISTS lambda_functions ("
	" region TEXT NOT NULL, name TEXT NOT NULL, config TEXT NOT NULL,"
	" tags TEXT NOT NULL, policy TEXT, event_config TEXT, code TEXT NOT NULL,"
	" concurrency INTEGER NOT NULL, PRIMARY KEY (region, name)) WITHOUT ROWID;"
	"CREATE TABLE IF NOT EXISTS lambda_mappings ("
	" uuid TEXT PRIMARY KEY, region TEXT NOT NULL, function TEXT NOT NULL,"
	" source TEXT NOT NULL, enabled INTEGER NOT NULL, config TEXT NOT NULL,"
	" tags TEXT NOT NULL, UNIQUE (function, source)) WITHOUT ROWID";

void lambda_function_release(struct lambda_function *f)
{
	free(f->region);
	free(f->name);
	free(f->code_sha256);
	cJSON_Delete(f->config);
	cJSON_Delete(f->tags);
	cJSON_Delete(f->policy);
	cJSON_Delete(f->event_config);
	memset(f, 0, sizeof(*f));
}

/* "name", "name:1", "000000000000:function:name" or an ARN, which alone says a region;
 * what follows the name is at *rest. */
static bool split_name(char name[141], char region[64], const char *text,
		       const char **rest)
{
	struct arn arn;
	size_t n = 0;

	*region = '\0';
	if (arn_parse(&arn, text)) {
		if (!str_eq(arn.service, "lambda") ||
		    !str_starts(arn.resource, "function:"))
			return false;
		(void)snprintf(region, 64, "%s", arn.region);
		text = arn.resource + strlen("function:");
	} else if (strstr(text, ":function:")) {
		text = strstr(text, ":function:") + strlen(":function:");
	} else if (str_starts(text, "function:")) {
		text += strlen("function:");
	}
	while (isalnum((unsigned char)text[n]) || (text[n] && strchr("-_", text[n])))
		n++;
	if (!n || n > 140 || (text[n] && text[n] != ':'))
		return false;
	memcpy(name, text, n);
	name[n] = '\0';
	*rest = text[n] ? text + n + 1 : NULL;
	return true;
}

bool lambda_name_of(char name[141], const char *text)
{
	char region[64];
	const char *rest;

	return split_name(name, region, text, &rest);
}

static cJSON *column_json(const struct store_rows *r, int column)
{
	const char *text = store_text(r, column);

	return text ? cJSON_Parse(text) : NULL;
}

static int not_found(struct call *c, const char *region, const char *name,
		     const char *qualifier)
{
	return fault_set(&c->fault, 404, "ResourceNotFoundException",
			 "Function not found: arn:%s:lambda:%s:%s:function:%s%s%s",
			 arn_partition(region), region, c->emu->account, name,
			 qualifier ? ":" : "", str_or(qualifier, ""));
}

static int load_row(struct call *c, struct lambda_function *out, const char *region,
		    const char *name)
{
	FP_AUTO(store_done) struct store_rows r = { 0 };
	struct fp_error err = { 0 };

	if (store_query(&r, c->emu->store, &err,
			"SELECT config, tags, policy, event_config, code, concurrency"
			" FROM lambda_functions WHERE region = ? AND name = ?",
			"ss", region, name) < 0)
		return fault_from(&c->fault, &err);
	if (!store_next(&r))
		return not_found(c, region, name, NULL);
	out->region = xstrdup(region);
	out->name = xstrdup(name);
	out->config = column_json(&r, 0);
	out->tags = column_json(&r, 1);
	out->policy = column_json(&r, 2);
	out->event_config = column_json(&r, 3);
	out->code_sha256 = xstrdup(store_text(&r, 4));
	out->concurrency = store_int(&r, 5);
	return 0;
}

int lambda_load(struct call *c, struct lambda_function *out, const char *name,
		const char *qualifier)
{
	char plain[141], region[64];
	const char *rest;

	memset(out, 0, sizeof(*out));
	if (!name || !split_name(plain, region, name, &rest))
		return fault_set(&c->fault, 400, "InvalidParameterValueException",
				 "'%s' is not the name or ARN of a function",
				 str_or(name, ""));
	qualifier = str_or(qualifier, rest);
	if (!*region)
		(void)snprintf(region, sizeof(region), "%s", c->region);
	/* Versions and aliases cannot be made here, so there are none. */
	if (qualifier && *qualifier && !str_eq(qualifier, "$LATEST"))
		return not_found(c, region, plain, qualifier);
	return load_row(c, out, region, plain);
}

void lambda_touch(struct lambda_function *f)
{
	char revision[37], now[25];

	random_uuid(revision);
	time_iso(now, clock_now_ms());
	json_set_str(f->config, "RevisionId", revision);
	json_set_fmt(f->config, "LastModified", "%.23s+0000", now);
}

static char *text_or_null(const cJSON *j)
{
	return j ? json_text(j) : NULL;
}

static int write_row(struct call *c, struct lambda_function *f, const char *sql)
{
	FP_AUTO(freep) char *config = NULL, *tags = json_text(f->tags);
	FP_AUTO(freep) char *policy = text_or_null(f->policy);
	FP_AUTO(freep) char *event_config = text_or_null(f->event_config);
	struct store *s = c->emu->store;
	struct fp_error err = { 0 };

	config = json_text(f->config);
	if (store_blob_ref(s, f->code_sha256, &err) < 0 ||
	    store_exec(s, &err, sql, "sssssiss", config, tags, policy, event_config,
		       f->code_sha256, f->concurrency, f->region, f->name) < 0)
		return fault_from(&c->fault, &err);
	return 0;
}

int lambda_insert(struct call *c, struct lambda_function *f)
{
	FP_AUTO(store_done) struct store_rows r = { 0 };
	struct fp_error err = { 0 };

	if (store_query(&r, c->emu->store, &err,
			"SELECT 1 FROM lambda_functions WHERE region = ? AND name = ?",
			"ss", f->region, f->name) < 0)
		return fault_from(&c->fault, &err);
	if (store_next(&r))
		return fault_set(&c->fault, 409, "ResourceConflictException",
				 "Function already exist: %s", f->name);
	return write_row(
		c, f,
		"INSERT INTO lambda_functions (config, tags, policy, event_config,"
		" code, concurrency, region, name) VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
}

static int drop_code(struct call *c, const char *sha256)
{
	struct fp_error err = { 0 };

	return store_blob_unref(c->emu->store, sha256, &err) < 0
		       ? fault_from(&c->fault, &err)
		       : 0;
}

static int save(struct call *c, struct lambda_function *f, const char *code_before)
{
	if (write_row(c, f,
		      "UPDATE lambda_functions SET config = ?, tags = ?, policy = ?,"
		      " event_config = ?, code = ?, concurrency = ?"
		      " WHERE region = ? AND name = ?") < 0)
		return -1;
	return drop_code(c, code_before);
}

int lambda_remove(struct call *c, const struct lambda_function *f)
{
	struct fp_error err = { 0 };

	if (store_exec(c->emu->store, &err,
		       "DELETE FROM lambda_functions WHERE region = ? AND name = ?", "ss",
		       f->region, f->name) < 0)
		return fault_from(&c->fault, &err);
	return drop_code(c, f->code_sha256);
}

struct change {
	const cJSON *in;
	int (*change)(struct call *c, struct lambda_function *f, void *ctx);
	void *ctx;
	char name[141], region[64];
	bool new_revision;
};

static int load_change_save(struct call *c, void *arg)
{
	FP_AUTO(lambda_function_release) struct lambda_function f = LAMBDA_FUNCTION_INIT;
	FP_AUTO(freep) char *code = NULL, *revision = NULL;
	struct change *ch = arg;

	if (lambda_load(c, &f, json_str(ch->in, "FunctionName", NULL),
			json_str(ch->in, "Qualifier", NULL)) < 0)
		return -1;
	(void)snprintf(ch->name, sizeof(ch->name), "%s", f.name);
	(void)snprintf(ch->region, sizeof(ch->region), "%s", f.region);
	code = xstrdup(f.code_sha256);
	revision = xstrdup(json_str(f.config, "RevisionId", ""));
	if (ch->change(c, &f, ch->ctx) < 0)
		return -1;
	ch->new_revision = !str_eq(revision, json_str(f.config, "RevisionId", ""));
	return save(c, &f, code);
}

int lambda_change(struct call *c, const cJSON *in,
		  int (*change)(struct call *c, struct lambda_function *f, void *ctx),
		  void *ctx)
{
	struct change ch = { .in = in, .change = change, .ctx = ctx };

	if (in_transaction(c, load_change_save, &ch) < 0)
		return -1;
	if (ch.new_revision)
		lambda_pool_retire(ch.region, ch.name);
	return 0;
}
