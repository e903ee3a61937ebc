/*
 * JSON checked as it streams by: a state machine a byte, a bit a level. One
 * document, or one document a line (NDJSON).
 */
#ifndef FP_PROCESSOR_JSON_CHECK_H
#define FP_PROCESSOR_JSON_CHECK_H

#include "finding.h"

#define JSON_MAX_DEPTH 512

struct json_check {
	bool lines;	  /* a document a line; found out by itself unless asked for */
	int state;	  /* enum state of json_check.c */
	int after_string; /* the state behind the string that is being read */
	unsigned depth;
	uint8_t is_object[JSON_MAX_DEPTH / 8]; /* a bit a level */
	const char *literal;		       /* what is left of true, false, null */
	unsigned digits;		       /* of \uXXXX that are left */
	unsigned utf8_left;		       /* bytes of a character that are left */
	uint8_t utf8_low, utf8_high;	       /* between which the next one must lie */
	int64_t line;			       /* from 1 */
	int64_t line_start, offset; /* bytes before this line, and before this piece */
	int64_t value_line;	    /* where the document began */
	bool line_ended;	    /* a line end stood behind the document */
	int64_t elements;	    /* of the top-level array */
	bool top_is_array;
	int64_t documents, bad;
	struct finding first;
};

void json_check_init(struct json_check *j, bool lines);
void json_check_feed(struct json_check *j, const char *data, size_t n);
void json_check_finish(struct json_check *j);
/* Elements of the top-level array, or documents. */
int64_t json_check_records(const struct json_check *j);

#endif
