/*
 * An event from outside: what is understood names objects, and can be reported.
 */
#include "processor/event.h"
#include "processor/result.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void report(const struct event_object *o)
{
	const struct result r = { .object = o,
				  .request_id = "r",
				  .status = RESULT_MISSING };
	FP_AUTO(json_freep) cJSON *message = result_message(&r);
	FP_AUTO(json_freep) cJSON *attributes = result_attributes(&r);
	FP_AUTO(freep) char *subject = result_subject(&r);
	FP_AUTO(buf_release) struct buf line = BUF_INIT;

	result_log(&line, &r);
	json_print(&line, message);
	json_print(&line, attributes);
	if (!o->bucket[0] || !o->key[0] || strlen(subject) > 99 || !line.len)
		fp_die("an object that cannot be reported");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	FP_AUTO(event_release) struct event e = EVENT_INIT;
	struct fp_error err = { 0 };

	if (event_parse(&e, (const char *)data, n, &err) < 0 && !err.message[0])
		fp_die("an event was refused without a reason");
	for (size_t i = 0; i < e.n; i++)
		report(&e.v[i]);
	return 0;
}
