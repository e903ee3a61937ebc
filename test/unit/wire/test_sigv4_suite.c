/*
 * AWS's own signing vectors, which are not part of this repository: read from
 * $FPCTL_SHARED/sigv4-suite or ../shared/sigv4-suite, skipped when absent.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/json.h"
#include "base/str.h"
#include "check_main.h"
#include "wire/sigv4.h"

static struct strs names = STRS_INIT;
static char *folder;

struct vector {
	cJSON *context;
	struct http_request req;
	struct aws_credentials creds;
	struct sigv4_scope scope;
	int64_t expires_s;
};

static char *read_part(const char *name, const char *file)
{
	FP_AUTO(freep) char *dir = fs_join(folder, name);
	FP_AUTO(freep) char *path = fs_join(dir, file);
	struct buf text = BUF_INIT;
	struct fp_error err = { 0 };

	ck_assert_msg(fs_read(&text, path, 1 << 20, &err) == 0, "%s", err.message);
	return buf_detach(&text);
}

/* Where the header that begins at `s` ends: folded lines belong to it. */
static const char *header_end(const char *s)
{
	const char *end = s + strcspn(s, "\n");

	while (*end && (end[1] == ' ' || end[1] == '\t'))
		end += 1 + strcspn(end + 1, "\n");
	return end;
}

/* The raw request of a vector: not quite HTTP, for its paths hold spaces. */
static void parse_request(struct http_request *req, const char *text)
{
	const char *eol = text + strcspn(text, "\n"), *space = strchr(text, ' ');
	FP_AUTO(freep) char *line = xstrndup(space + 1, (size_t)(eol - space - 1));
	FP_AUTO(freep) char *method = xstrndup(text, (size_t)(space - text));
	char *version = strstr(line, " HTTP/1.1"), *query;

	ck_assert_ptr_nonnull(version);
	*version = '\0';
	query = strchr(line, '?');
	if (query)
		*query++ = '\0';
	request_init(req, method, line);
	free(req->query);
	req->query = xstrdup(query ? query : "");
	for (text = *eol ? eol + 1 : eol; *text && *text != '\n';) {
		const char *colon = strchr(text, ':'), *end = header_end(text);
		FP_AUTO(freep) char *name = xstrndup(text, (size_t)(colon - text));
		FP_AUTO(freep)
		char *value = xstrndup(colon + 1, (size_t)(end - colon - 1));

		headers_add(&req->headers, name, value);
		text = *end ? end + 1 : end;
	}
	if (*text == '\n')
		buf_puts(&req->body, text + 1);
}

static void load(struct vector *v, const char *name)
{
	FP_AUTO(freep) char *context = read_part(name, "context.json");
	FP_AUTO(freep) char *request = read_part(name, "request.txt");
	struct fp_error err = { 0 };
	cJSON *c = json_parse(context, strlen(context), "context.json", &err);
	const char *token = json_str(c, "credentials.token", NULL);

	ck_assert_msg(c != NULL, "%s", err.message);
	*v = (struct vector){ .context = c };
	v->creds.access_key_id = xstrdup(json_str(c, "credentials.access_key_id", ""));
	v->creds.secret_access_key = xstrdup(
		json_str(c, "credentials.secret_access_key", ""));
	v->creds.session_token = token ? xstrdup(token) : NULL;
	v->expires_s = json_int(c, "expiration_in_seconds", 3600);
	v->scope = sigv4_for(json_str(c, "service", ""), json_str(c, "region", ""), 0);
	ck_assert(time_parse(json_str(c, "timestamp", ""), &v->scope.time_ms));
	v->scope.no_normalize = !json_bool(c, "normalize", true);
	v->scope.body_hash_header = json_bool(c, "sign_body", false);
	v->scope.omit_session_token = json_bool(c, "omit_session_token", false);
	parse_request(&v->req, request);
}

static void vector_release(struct vector *v)
{
	cJSON_Delete(v->context);
	request_release(&v->req);
	aws_credentials_release(&v->creds);
}

static void check_file(const char *name, const char *file, const char *got)
{
	FP_AUTO(freep) char *want = read_part(name, file);

	ck_assert_msg(str_eq(want, got), "%s/%s\nwant: %s\ngot:  %s", name, file, want,
		      got);
}

static void check_trace(const char *name, const char *form, const struct sigv4_trace *t)
{
	const char *got[] = { buf_str(&t->canonical_request), buf_str(&t->string_to_sign),
			      t->signature };
	const char *file[] = { "canonical-request", "string-to-sign", "signature" };

	for (size_t i = 0; i < ARRAY_SIZE(got); i++) {
		FP_AUTO(freep) char *path = xasprintf("%s-%s.txt", form, file[i]);

		check_file(name, path, got[i]);
	}
}

/* The request as the suite writes it. */
static void check_request(const char *name, const char *file,
			  const struct http_request *r)
{
	FP_AUTO(buf_release) struct buf text = BUF_INIT;

	buf_printf(&text, "%s %s%s%s HTTP/1.1\n", r->method, r->path,
		   *r->query ? "?" : "", r->query);
	for (size_t i = 0; i < r->headers.n; i++)
		buf_printf(&text, "%s:%s\n", r->headers.v[i].name, r->headers.v[i].value);
	buf_printf(&text, "\n%s", buf_str(&r->body));
	check_file(name, file, buf_str(&text));
}

static void check_verifies(const struct vector *v, const struct sigv4_trace *t)
{
	FP_AUTO(sigv4_claim_release) struct sigv4_claim claim = { 0 };
	struct fp_error err = { 0 };
	const char *hash = strrchr(buf_str(&t->canonical_request), '\n') + 1;

	/* The verifier cannot know that a sender leaves its path as it is. */
	if (v->scope.no_normalize || v->scope.omit_session_token)
		return;
	ck_assert_msg(sigv4_claim_read(&claim, &v->req, &err) == 0, "%s", err.message);
	ck_assert_str_eq(claim.signature, t->signature);
	ck_assert_msg(sigv4_verify(&v->req, &claim, v->creds.secret_access_key, hash,
				   &err) == 0,
		      "%s", err.message);
	ck_assert(sigv4_verify(&v->req, &claim, "another", hash, &err) < 0);
	ck_assert_str_eq(err.aws_code, "SignatureDoesNotMatch");
}

START_TEST(header_form_agrees)
{
	const char *name = names.v[_i];
	FP_AUTO(vector_release) struct vector v;
	FP_AUTO(sigv4_trace_release) struct sigv4_trace t = { 0 };
	struct fp_error err = { 0 };

	load(&v, name);
	ck_assert_msg(sigv4_sign(&v.req, &v.scope, &v.creds, &t, &err) == 0, "%s",
		      err.message);
	check_trace(name, "header", &t);
	check_request(name, "header-signed-request.txt", &v.req);
	check_verifies(&v, &t);
}
END_TEST

START_TEST(query_form_agrees)
{
	const char *name = names.v[_i];
	FP_AUTO(vector_release) struct vector v;
	FP_AUTO(sigv4_trace_release) struct sigv4_trace t = { 0 };
	struct fp_error err = { 0 };

	load(&v, name);
	ck_assert_msg(sigv4_presign(&v.req, &v.scope, &v.creds, v.expires_s, &t, &err) ==
			      0,
		      "%s", err.message);
	check_trace(name, "query", &t);
	check_request(name, "query-signed-request.txt", &v.req);
	check_verifies(&v, &t);
}
END_TEST

static void find_vectors(void)
{
	const char *shared = getenv("FPCTL_SHARED");
	FP_AUTO(strs_release) struct strs all = STRS_INIT;
	struct fp_error err = { 0 };

	folder = fs_join(str_or(shared, "../shared"), "sigv4-suite");
	if (fs_list(&all, folder, &err) < 0) {
		printf("skipped: AWS's signing vectors are not at %s\n", folder);
		return;
	}
	for (size_t i = 0; i < all.n; i++) {
		FP_AUTO(freep) char *path = fs_join(folder, all.v[i]);

		if (fs_is_dir(path))
			strs_add(&names, all.v[i]);
	}
}

static Suite *make_suite(void)
{
	Suite *s = suite_create("sigv4 suite");
	TCase *tc = tcase_create("vectors");

	find_vectors();
	tcase_add_loop_test(tc, header_form_agrees, 0, (int)names.n);
	tcase_add_loop_test(tc, query_form_agrees, 0, (int)names.n);
	suite_add_tcase(s, tc);
	return s;
}

CHECK_MAIN(make_suite)
