/*
 * What the base library reads from outside: JSON, base64, times, numbers,
 * patterns, UTF-8. What was read must come back when it is written and read
 * again. The first byte chooses the reader.
 */
#include "base/clock.h"
#include "base/diag.h"
#include "base/digest.h"
#include "base/json.h"
#include "base/str.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void expect(bool ok, const char *what)
{
	if (!ok)
		fp_die("fuzz: %s", what);
}

static void try_json(const char *s, size_t n)
{
	FP_AUTO(json_freep) cJSON *j = json_parse(s, n, "input", NULL);
	FP_AUTO(freep) char *text = NULL;
	FP_AUTO(freep) char *again = NULL;
	FP_AUTO(json_freep) cJSON *back = NULL;
	FP_AUTO(buf_release) struct buf pretty = BUF_INIT;

	if (!j)
		return;
	text = json_text(j);
	json_print_pretty(&pretty, j);
	back = json_parse(pretty.data, pretty.len, "pretty output", NULL);
	expect(back != NULL, "printed JSON cannot be parsed");
	again = json_text(back);
	expect(str_eq(text, again), "printed JSON is another value");
}

static void try_quote(const char *s, size_t n)
{
	FP_AUTO(buf_release) struct buf b = BUF_INIT;
	FP_AUTO(json_freep) cJSON *j = NULL;

	json_quote(&b, s, n);
	j = json_parse(b.data, b.len, "quoted text", NULL);
	expect(j != NULL, "quoted text is no JSON");
	for (size_t i = 0; i < b.len;) {
		size_t k = str_utf8_len(b.data + i, b.len - i);

		expect(k > 0, "quoted text is no UTF-8");
		i += k;
	}
}

static void try_base64(const char *s, size_t n)
{
	FP_AUTO(buf_release) struct buf plain = BUF_INIT;
	FP_AUTO(buf_release) struct buf text = BUF_INIT;
	FP_AUTO(buf_release) struct buf back = BUF_INIT;

	(void)base64_decode(&plain, s, n);
	base64_encode(&text, s, n);
	expect(base64_decode(&back, buf_str(&text), text.len), "base64 cannot be read");
	expect(back.len == n && (!n || memcmp(back.data, s, n) == 0),
	       "base64 is other data");
}

static void try_texts(const char *s, size_t n)
{
	static const char *const names[] = { "bucket", "prefix", "suffix" };
	FP_AUTO(freep) char *text = xstrndup(s, n);
	char iso[25];
	int64_t v, back;

	if (time_parse(text, &v) && v >= 0) {
		time_iso(iso, v);
		expect(time_parse(iso, &back) && back == v, "a time is another");
	}
	if (str_to_i64(text, -1000, 1000, &v))
		expect(v >= -1000 && v <= 1000, "a number is out of bounds");
	(void)str_nearest(text, names, ARRAY_SIZE(names));
	if (n < 200) {
		expect(str_glob("*", text), "a star does not match");
		(void)str_glob(text, "arn:aws:s3:::bucket/in/file.csv");
	}
}

static void try_diag(const char *s, size_t n)
{
	FP_AUTO(diags_release) struct diags d = DIAGS_INIT;
	FP_AUTO(buf_release) struct buf out = BUF_INIT;
	struct fp_pos pos = { "f", 0, 0 };

	if (n < 3)
		return;
	pos.line = (uint8_t)s[0];
	pos.column = (uint8_t)s[1] * 256U + (uint8_t)s[2];
	diags_add(&d, pos, NULL, "bad");
	diags_format(&out, &d, s + 3, n - 3, 1);
	expect(!memchr(out.data, '\x1b', out.len), "a control character gets out");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static void (*const readers[])(const char *s, size_t n) = {
		try_json, try_quote, try_base64, try_texts, try_diag,
	};

	if (n)
		readers[data[0] % ARRAY_SIZE(readers)]((const char *)data + 1, n - 1);
	return 0;
}
