#include "inspect.h"

#include "scan.h"

void inspect_init(struct inspect *i, const char *name)
{
	/* Not the head: it is filled before it is read. */
	i->type = TYPE_UNDECIDED;
	i->guess = type_of_name(name);
	i->nhead = 0;
	i->size = 0;
	i->lines = 0;
	i->last = '\n';
}

static void feed(struct inspect *i, const char *data, size_t n)
{
	if (!n)
		return;
	switch (i->type) {
	case TYPE_CSV:
		csv_feed(&i->csv, data, n);
		break;
	case TYPE_JSON:
	case TYPE_NDJSON:
		json_check_feed(&i->json, data, n);
		break;
	case TYPE_TEXT:
		i->lines += (int64_t)scan_count(data, n, '\n');
		i->last = data[n - 1];
		break;
	default:
		break;
	}
}

static void decide(struct inspect *i, bool whole)
{
	size_t bom = type_bom(i->head, i->nhead);
	char separator = ',';

	i->type = type_decide(&i->guess, i->head + bom, i->nhead - bom, whole,
			      &separator);
	csv_init(&i->csv, separator);
	json_check_init(&i->json, i->type == TYPE_NDJSON);
	feed(i, i->head + bom, i->nhead - bom);
}

void inspect_feed(struct inspect *i, const void *data, size_t n)
{
	const char *p = data;

	i->size += (int64_t)n;
	if (i->type == TYPE_UNDECIDED) {
		size_t take = FP_MIN(n, sizeof(i->head) - i->nhead);

		memcpy(i->head + i->nhead, p, take);
		i->nhead += take;
		p += take;
		n -= take;
		if (i->nhead < sizeof(i->head))
			return;
		decide(i, false);
	}
	feed(i, p, n);
}

static void finish_csv(struct inspect *i, struct inspection *out)
{
	csv_finish(&i->csv);
	/* White space to the end, but more of it than the head. */
	if (!i->csv.columns)
		out->type = TYPE_EMPTY;
	out->records = i->csv.records;
	out->bad = i->csv.bad;
	out->first = i->csv.first;
}

static void finish_json(struct inspect *i, struct inspection *out)
{
	json_check_finish(&i->json);
	/* A file without a suffix, or named .json, may turn out to be lines. */
	if (i->json.lines)
		out->type = TYPE_NDJSON;
	if (!i->json.documents)
		out->type = TYPE_EMPTY;
	out->records = json_check_records(&i->json);
	out->bad = i->json.bad;
	out->first = i->json.first;
}

void inspect_finish(struct inspect *i, struct inspection *out)
{
	if (i->type == TYPE_UNDECIDED)
		decide(i, true);
	*out = (struct inspection){ .type = i->type, .size = i->size };
	switch (i->type) {
	case TYPE_CSV:
		finish_csv(i, out);
		break;
	case TYPE_JSON:
	case TYPE_NDJSON:
		finish_json(i, out);
		break;
	case TYPE_TEXT:
		out->records = i->lines + (i->last != '\n');
		break;
	case TYPE_BINARY:
		out->records = -1;
		if (i->guess.named != TYPE_UNDECIDED)
			finding_set(&out->first, 1, 1,
				    "named as %s, but it holds binary data",
				    type_name(i->guess.named));
		break;
	default:
		break;
	}
}
