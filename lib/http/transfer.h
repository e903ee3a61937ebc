/*
 * One exchange on a libcurl handle. For lib/http/client.c only.
 */
#ifndef FP_HTTP_TRANSFER_H
#define FP_HTTP_TRANSFER_H

#include <curl/curl.h>

#include "http/client.h"

struct transfer {
	const struct http_options *options; /* all defaults filled in */
	const struct http_request *req;
	const struct http_sink *sink;
	const struct http_progress *progress;
	struct http_response *res;
	struct fp_error *err;
	CURLSH *share;
	CURL *easy;
	CURLM *multi;
	/* Below: filled by transfer_run. */
	struct curl_slist *headers;
	int64_t sent_of_file, moved, last_moved_ms, last_report_ms, start_ms;
	bool failed; /* err says why: nothing that libcurl says matters */
	char reason[CURL_ERROR_SIZE];
};

/* Do it all; `easy` is new or reset. */
FP_MUST_CHECK int transfer_run(struct transfer *t);

#endif
