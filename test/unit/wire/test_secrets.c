/*
 * What stays in memory: after signing, verifying and encoding, and after everything was
 * released, the process's own memory holds no secret, no token, no derived key.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/str.h"
#include "check_main.h"
#include "wire/chunked.h"
#include "wire/sigv4.h"
#include "wire/source.h"

#define LEN	40
#define MASK	0x5a /* the texts that are looked for stand in memory masked */
#define CHUNK	((size_t)1 << 16)
#define LARGEST ((size_t)256 << 20) /* beyond are a sanitizer's own tables */
#define TIME_MS 1767323045000LL
#define REGION	"eu-central-1"

struct needle {
	uint8_t masked[LEN];
	size_t n;
};

static struct needle secret, token, derived;

static char *plain(const struct needle *needle)
{
	char *text = xmalloc(needle->n + 1);

	for (size_t i = 0; i < needle->n; i++)
		text[i] = (char)(needle->masked[i] ^ MASK);
	text[needle->n] = '\0';
	return text;
}

static void wiped_freep(char **text)
{
	mem_wipe(*text, strlen(*text));
	free(*text);
}

static void make_needle(struct needle *needle)
{
	random_bytes(needle->masked, LEN);
	for (size_t i = 0; i < LEN; i++)
		needle->masked[i] = (uint8_t)('a' + needle->masked[i] % 26) ^ MASK;
	needle->n = LEN;
}

static size_t count_in(const uint8_t *data, size_t n, const struct needle *needle)
{
	size_t found = 0;

	for (size_t i = 0; i + needle->n <= n; i++) {
		size_t k = 0;

		while (k < needle->n && (data[i + k] ^ MASK) == needle->masked[k])
			k++;
		found += k == needle->n;
	}
	return found;
}

static size_t count_in_region(int mem, size_t from, size_t to,
			      const struct needle *needle)
{
	static uint8_t data[CHUNK + LEN];
	size_t found = 0;

	for (size_t at = from; at < to; at += CHUNK) {
		ssize_t n = pread(mem, data, FP_MIN(sizeof(data), to - at), (off_t)at);

		if (n > 0)
			found += count_in(data, (size_t)n, needle);
	}
	mem_wipe(data, sizeof(data));
	return found;
}

/* How often it stands in what this process can write to. */
static size_t in_memory(const struct needle *needle)
{
	FILE *maps = fopen("/proc/self/maps", "r");
	int mem = open("/proc/self/mem", O_RDONLY);
	unsigned long from, to;
	size_t found = 0;
	char line[512], rights[5];

	while (maps && fgets(line, sizeof(line), maps))
		if (sscanf(line, "%lx-%lx %4s", &from, &to, rights) == 3 &&
		    str_starts(rights, "rw") && to - from < LARGEST)
			found += count_in_region(mem, from, to, needle);
	(void)fclose(maps);
	(void)close(mem);
	return found;
}

static void make_credentials(struct aws_credentials *creds)
{
	*creds = (struct aws_credentials){ .access_key_id = xstrdup("AKIDEXAMPLE"),
					   .secret_access_key = plain(&secret),
					   .session_token = plain(&token) };
}

static void make_request(struct http_request *req)
{
	request_init(req, "PUT", "/key");
	free(req->host);
	req->host = xstrdup("localhost");
	buf_puts(&req->body, "data");
}

/* What the derived key is, masked; its own copies go. */
static void learn_derived_key(void)
{
	FP_AUTO(sigv4_seed_wipe) struct sigv4_seed seed;
	FP_AUTO(wiped_freep) char *text = plain(&secret);
	const struct sigv4_claim claim = { .region = (char *)REGION,
					   .service = (char *)"s3",
					   .signature = (char *)"",
					   .time_ms = TIME_MS };

	sigv4_claim_seed(&seed, &claim, text);
	derived.n = SHA256_LEN;
	for (size_t i = 0; i < derived.n; i++)
		derived.masked[i] = seed.key.secret[i] ^ MASK;
}

static void sign_and_verify(bool presign)
{
	FP_AUTO(aws_credentials_release) struct aws_credentials creds = { 0 };
	FP_AUTO(sigv4_claim_release) struct sigv4_claim claim = { 0 };
	FP_AUTO(sigv4_trace_release) struct sigv4_trace trace = { 0 };
	FP_AUTO(request_release) struct http_request req;
	const struct sigv4_scope scope = sigv4_for("s3", REGION, TIME_MS);
	struct fp_error err = { 0 };
	const char *hash;
	int rc;

	make_credentials(&creds);
	make_request(&req);
	rc = presign ? sigv4_presign(&req, &scope, &creds, 60, &trace, &err)
		     : sigv4_sign(&req, &scope, &creds, &trace, &err);
	ck_assert_msg(rc == 0, "%s", err.message);
	hash = strrchr(buf_str(&trace.canonical_request), '\n') + 1;
	ck_assert_int_eq(sigv4_claim_read(&claim, &req, &err), 0);
	ck_assert_int_eq(sigv4_verify(&req, &claim, creds.secret_access_key, hash, &err),
			 0);
	ck_assert_uint_gt(in_memory(&secret), 0);
	ck_assert_uint_gt(in_memory(&token), 0);
	ck_assert_uint_gt(in_memory(&derived), 0);
}

static void by_header(void)
{
	sign_and_verify(false);
}

static void presigned(void)
{
	sign_and_verify(true);
}

static void in_chunks(void)
{
	const struct chunked_options options = { CHUNKED_SIGNED_TRAILER, "crc32", 0 };
	const struct sigv4_scope scope = sigv4_for("s3", REGION, TIME_MS);
	FP_AUTO(aws_credentials_release) struct aws_credentials creds = { 0 };
	FP_AUTO(sigv4_claim_release) struct sigv4_claim claim = { 0 };
	FP_AUTO(chunked_source_freep) struct chunked_source *source = NULL;
	FP_AUTO(chunked_freep) struct chunked *decoder = NULL;
	FP_AUTO(request_release) struct http_request req;
	FP_AUTO(buf_release) struct buf out = BUF_INIT;
	struct source_bytes bytes = { .data = "hello", .size = 5 };
	struct http_source inner = source_memory(&bytes);
	struct fp_error err = { 0 };
	char body[1024];
	ssize_t n;

	make_credentials(&creds);
	make_request(&req);
	ck_assert_int_eq(chunked_source_new(&source, &inner, &options, &err), 0);
	chunked_source_attach(source, &req);
	ck_assert_int_eq(sigv4_sign(&req, &scope, &creds, NULL, &err), 0);
	n = req.source->read(req.source->ctx, body, sizeof(body), &err);
	ck_assert_int_eq(n, req.source->size);
	ck_assert_int_eq(sigv4_claim_read(&claim, &req, &err), 0);
	decoder = chunked_new(options.form, &claim, creds.secret_access_key, NULL);
	ck_assert_int_eq(chunked_feed(decoder, &out, body, (size_t)n, &err), 0);
	ck_assert(chunked_done(decoder));
	ck_assert_uint_gt(in_memory(&derived), 0);
}

static const struct {
	const char *name;
	void (*run)(void);
} uses[] = {
	{ "by header", by_header },
	{ "presigned", presigned },
	{ "in chunks", in_chunks },
};

START_TEST(nothing_stays)
{
	if (access("/proc/self/mem", R_OK) < 0) {
		puts("skipped: this system does not show a process its own memory");
		return;
	}
	make_needle(&secret);
	make_needle(&token);
	learn_derived_key();
	uses[_i].run();
	sigv4_forget_keys();
	ck_assert_msg(in_memory(&secret) == 0, "%s: the secret stays", uses[_i].name);
	ck_assert_msg(in_memory(&token) == 0, "%s: the token stays", uses[_i].name);
	ck_assert_msg(in_memory(&derived) == 0, "%s: the key stays", uses[_i].name);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *s = suite_create("secrets");
	TCase *tc = tcase_create("secrets");

	tcase_add_loop_test(tc, nothing_stays, 0, ARRAY_SIZE(uses));
	suite_add_tcase(s, tc);
	return s;
}

CHECK_MAIN(make_suite)
