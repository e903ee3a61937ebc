#include "result.h"

#include "base/clock.h"
#include "base/fs.h"

/* SNS: fewer than 100 characters. */
#define MAX_SUBJECT 99

static const char *status_name(enum result_status s)
{
	static const char *const names[] = { RESULT_STATUSES };

	return names[s];
}

static const char *finding(const struct result *r)
{
	return r->error ? r->error : r->file.first.text;
}

static bool was_read(const struct result *r)
{
	return r->status == RESULT_OK || r->status == RESULT_FAILED ||
	       r->status == RESULT_EMPTY;
}

/* What the log and the notification both tell. */
static void add_facts(cJSON *j, const struct result *r)
{
	json_set_str(j, "bucket", r->object->bucket);
	json_set_str(j, "key", r->object->key);
	json_set_str(j, "version", r->object->version);
	if (was_read(r)) {
		json_set_int(j, "size", r->file.size);
		json_set_str(j, "sha256", r->sha256[0] ? r->sha256 : NULL);
		json_set_str(j, "type", type_name(r->file.type));
		if (r->file.records >= 0)
			json_set_int(j, "records", r->file.records);
		if (r->file.bad)
			json_set_int(j, "bad_records", r->file.bad);
	}
	if (r->file.first.row) {
		json_set_int(j, "bad_row", r->file.first.row);
		json_set_int(j, "bad_column", r->file.first.column);
	}
	if (finding(r)[0])
		json_set_str(j, "finding", finding(r));
}

cJSON *result_message(const struct result *r)
{
	cJSON *j = cJSON_CreateObject();

	json_set_str(j, "status", status_name(r->status));
	add_facts(j, r);
	json_set_str(j, "request_id", r->request_id);
	if (r->object->time[0])
		json_set_str(j, "event_time", r->object->time);
	return j;
}

cJSON *result_attributes(const struct result *r)
{
	cJSON *j = cJSON_CreateObject();

	json_set_str(j, "status", status_name(r->status));
	json_set_str(j, "bucket", r->object->bucket);
	json_set_str(j, "type", type_name(was_read(r) ? r->file.type : TYPE_UNDECIDED));
	return j;
}

void result_log(struct buf *out, const struct result *r)
{
	FP_AUTO(json_freep) cJSON *j = cJSON_CreateObject();
	char now[25];

	time_iso(now, clock_now_ms());
	json_set_str(j, "time", now);
	json_set_str(j, "level",
		     r->status == RESULT_ERROR	  ? "error"
		     : r->status == RESULT_FAILED ? "warn"
						  : "info");
	json_set_str(j, "request_id", r->request_id);
	json_set_str(j, "event", r->object->name);
	json_set_str(j, "status", status_name(r->status));
	add_facts(j, r);
	json_set_int(j, "duration_ms", r->duration_ms);
	json_print(out, j);
	buf_putc(out, '\n');
}

char *result_subject(const struct result *r)
{
	FP_AUTO(buf_release) struct buf out = BUF_INIT;

	buf_printf(&out, "%s: ", status_name(r->status));
	for (const char *p = fs_basename(r->object->key); *p && out.len < MAX_SUBJECT;
	     p++) {
		unsigned char c = (unsigned char)*p;

		/* One mark for a character of several bytes. */
		if (c < 0x80 || c >= 0xc0)
			buf_putc(&out, c >= ' ' && c <= '~' ? *p : '?');
	}
	return buf_detach(&out);
}
