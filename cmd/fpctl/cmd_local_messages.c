/* fpctl local messages: what was published to the emulator's SNS topics. */
#include "base/clock.h"
#include "base/json.h"
#include "local.h"

#define LOOK_EVERY_MS	50
#define DEFAULT_WAIT_MS 60000

struct messages_opts {
	int64_t wait, last;
	const char *columns;
	bool clear;
};

static const struct opt opts[] = {
	{ 0, "wait", OPT_INT, offsetof(struct messages_opts, wait),
	  "wait for so many (--timeout, default 60s)", "N" },
	{ 0, "last", OPT_INT, offsetof(struct messages_opts, last),
	  "show the last N only", "N" },
	{ 0, "columns", OPT_STRING, offsetof(struct messages_opts, columns),
	  "a table of these members of each message's JSON", "A,B,C" },
	{ 0, "clear", OPT_FLAG, offsetof(struct messages_opts, clear),
	  "forget them instead", NULL },
};

/* Reading and clearing them twice does no harm. */
static const struct aws_api sns = { .service = "sns",
				    .version = "2010-03-31",
				    .protocol = AWS_QUERY,
				    .at_least_once = true };

/* The list, owned by the caller through `answer`. */
static cJSON *fetch(struct app *app, cJSON **answer, struct fp_error *err)
{
	FP_AUTO(json_freep) cJSON *in = cJSON_CreateObject();

	if (aws_call(app->aws, &sns, "FpctlListMessages", in, answer, err) < 0)
		return NULL;
	if (!json_get(*answer, "Messages"))
		(void)json_set_array(*answer, "Messages");
	return json_get(*answer, "Messages");
}

/* Until there are enough; what is there when time runs out is shown, too. */
static int fetch_enough(struct app *app, int64_t wanted, cJSON **answer,
			struct fp_error *late, struct fp_error *err)
{
	int64_t wait = app->global.timeout_ms ? app->global.timeout_ms : DEFAULT_WAIT_MS;
	int64_t until = clock_monotonic_ms() + wait;

	for (;;) {
		cJSON *list = fetch(app, answer, err);
		int n = cJSON_GetArraySize(list);

		if (!list)
			return -1;
		if (n >= wanted)
			return 0;
		if (clock_monotonic_ms() > until) {
			(void)fp_fail(late, FP_ERR_TIMEOUT,
				      "%d of %lld messages were published within %lld s",
				      n, (long long)wanted, (long long)(wait / 1000));
			return 0;
		}
		cJSON_Delete(*answer);
		*answer = NULL;
		if (!aws_pause(LOOK_EVERY_MS))
			return fp_fail(err, FP_ERR_INTERRUPTED, "interrupted");
	}
}

static void keep_last(cJSON *list, int64_t n)
{
	while (n > 0 && cJSON_GetArraySize(list) > n)
		cJSON_DeleteItemFromArray(list, 0);
}

/* A member of any type as a cell; owned, NULL when there is none. */
static char *cell_of(const cJSON *message, const char *column)
{
	const cJSON *v = json_get(message, column);

	if (!v || cJSON_IsNull(v))
		return NULL;
	return cJSON_IsString(v) ? xstrdup(v->valuestring) : json_text(v);
}

static void print_columns(struct app *app, const cJSON *list, const char *columns)
{
	FP_AUTO(strs_release) struct strs names = STRS_INIT;
	FP_AUTO(ui_table_freep) struct ui_table *table = NULL;
	FP_AUTO(freep) char **cells = NULL;

	strs_split(&names, columns, ',');
	cells = xcalloc(names.n, sizeof(*cells));
	table = ui_table_new((const char *const *)names.v, names.n);
	json_each (item, list) {
		FP_AUTO(json_freep)
		cJSON *message = cJSON_Parse(json_str(item, "Message", ""));

		for (size_t i = 0; i < names.n; i++)
			cells[i] = cell_of(message, names.v[i]);
		ui_table_row(table, UI_PLAIN, (const char *const *)cells);
		for (size_t i = 0; i < names.n; i++)
			free(cells[i]);
	}
	ui_table_print(table, &app->ui);
}

/* Who got it: the subscribers whose filter lets it through. */
static void print_deliveries(FILE *out, const cJSON *deliveries)
{
	if (!cJSON_GetArraySize(deliveries))
		(void)fprintf(out, "  to: nobody\n");
	json_each (to, deliveries)
		(void)fprintf(out, "  to: %s (%s)\n", json_str(to, "Endpoint", ""),
			      json_str(to, "Protocol", ""));
}

/* JSON is indented; any other text stays as it is. */
static void print_message(struct app *app, const cJSON *item)
{
	const char *message = json_str(item, "Message", "");
	const char *topic = json_str(item, "TopicArn", "");
	FP_AUTO(json_freep) cJSON *j = cJSON_Parse(message);
	FP_AUTO(buf_release) struct buf text = BUF_INIT;
	FILE *out = app->ui.out;

	if (cJSON_IsObject(j) || cJSON_IsArray(j))
		json_print_pretty(&text, j);
	else
		buf_puts(&text, message);
	(void)fprintf(out, "%s%s  %s  %s%s\n", ui_on(&app->ui, out, UI_BOLD),
		      json_str(item, "Timestamp", ""), topic,
		      json_str(item, "Subject", ""), ui_off(&app->ui, out));
	json_each (attribute, json_get(item, "Attributes"))
		if (cJSON_IsString(attribute))
			(void)fprintf(out, "  %s: %s\n", attribute->string,
				      attribute->valuestring);
	print_deliveries(out, json_get(item, "Deliveries"));
	(void)fprintf(out, "%s\n\n", buf_str(&text));
}

static void print_all(struct app *app, const cJSON *list, const struct messages_opts *o)
{
	if (app->global.json) {
		app_print_json(app, list);
	} else if (o->columns) {
		print_columns(app, list, o->columns);
	} else {
		json_each (item, list)
			print_message(app, item);
	}
}

static int clear(struct app *app, struct fp_error *err)
{
	FP_AUTO(json_freep) cJSON *in = cJSON_CreateObject();

	if (aws_call(app->aws, &sns, "FpctlClearMessages", in, NULL, err) < 0)
		return -1;
	ui_note(&app->ui, "the published messages are forgotten");
	return 0;
}

static int messages_run(struct app *app, const void *args, struct fp_error *err)
{
	FP_AUTO(emulator_address_release) struct emulator_address at = { 0 };
	FP_AUTO(json_freep) cJSON *answer = NULL;
	const struct messages_opts *o = args;
	struct fp_error late = { 0 };

	/* There are no messages where nothing runs: none is started for them. */
	if (local_find(app, &at, err) < 0)
		return -1;
	app->global.local = true;
	if (app_aws(app, err) < 0)
		return -1;
	if (o->clear)
		return clear(app, err);
	if (fetch_enough(app, o->wait, &answer, &late, err) < 0)
		return -1;
	keep_last(json_get(answer, "Messages"), o->last);
	print_all(app, json_get(answer, "Messages"), o);
	if (!late.code)
		return 0;
	*err = late;
	return -1;
}

const struct command cmd_local_messages = {
	.name = "messages",
	.summary = "show what was published to the emulator's SNS topics",
	.details = "Every message, with the subscribers whose filter lets it through. "
		   "Those by email and https get nothing from an emulator; this shows "
		   "what they would have got. With --wait it returns when enough were "
		   "published, and fails when --timeout passes before.",
	.examples = "fpctl local messages --last 3\n"
		    "fpctl local messages --wait 6 --timeout 30s --columns status,key",
	.opts = opts,
	.nopts = ARRAY_SIZE(opts),
	.opts_size = sizeof(struct messages_opts),
	.run = messages_run,
};
