/*
 * A file from outside: however it is cut into pieces, the verdict is the same.
 * The first byte chooses the name, the second the pieces' size.
 */
#include "base/error.h"
#include "processor/inspect.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void inspect(struct inspection *out, const char *name, const uint8_t *data,
		    size_t n, size_t step)
{
	struct inspect in;

	inspect_init(&in, name);
	for (size_t at = 0; at < n; at += step) {
		/* A copy of its own, so that reading beyond it is seen. */
		size_t size = FP_MIN(step, n - at);
		FP_AUTO(freep) char *piece = xmalloc(size);

		memcpy(piece, data + at, size);
		inspect_feed(&in, piece, size);
	}
	inspect_finish(&in, out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const char *const names[] = { "a.csv", "a.json", "a.ndjson", "a.tsv",
					     "a" };
	struct inspection whole, pieces;
	const char *name;

	if (n < 3)
		return 0;
	name = names[data[0] % ARRAY_SIZE(names)];
	inspect(&whole, name, data + 2, n - 2, n);
	inspect(&pieces, name, data + 2, n - 2, (size_t)data[1] + 1);
	if (whole.type != pieces.type || whole.records != pieces.records ||
	    whole.bad != pieces.bad || whole.first.row != pieces.first.row ||
	    whole.first.column != pieces.first.column ||
	    strcmp(whole.first.text, pieces.first.text) != 0)
		fp_die("%s: '%s' (%lld, %lld bad), in pieces '%s' (%lld, %lld bad)", name,
		       whole.first.text, (long long)whole.records, (long long)whole.bad,
		       pieces.first.text, (long long)pieces.records,
		       (long long)pieces.bad);
	if (whole.records < -1 || whole.bad < 0 || whole.size != (int64_t)(n - 2))
		fp_die("a number that cannot be");
	return 0;
}
