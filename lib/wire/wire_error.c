#include "wire/wire_error.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/str.h"
#include "wire/xml.h"

#define BODY_MAX    ((size_t)1 << 20) /* a larger one is no error of AWS's */
#define MESSAGE_MAX 1000
#define WORD_MAX    256 /* ARNs are shorter */
#define WORD_KEPT   48

/* What an error answer says; the texts are owned by `arena` or by the answer. */
struct finding {
	struct arena arena;
	const char *code, *message, *request_id, *host_id;
};

/* For answers without a body (HEAD), and from what stands before the service. */
static const char *code_of_status(int status)
{
	static const struct {
		int status;
		const char *code;
	} codes[] = {
		{ 301, "PermanentRedirect" },
		{ 302, "Redirect" },
		{ 303, "Redirect" },
		{ 304, "NotModified" },
		{ 307, "TemporaryRedirect" },
		{ 308, "PermanentRedirect" },
		{ 400, "BadRequest" },
		{ 401, "Unauthorized" },
		{ 403, "AccessDenied" },
		{ 404, "NotFound" },
		{ 405, "MethodNotAllowed" },
		{ 407, "ProxyAuthenticationRequired" },
		{ 409, "Conflict" },
		{ 412, "PreconditionFailed" },
		{ 413, "RequestEntityTooLarge" },
		{ 416, "InvalidRange" },
		{ 429, "TooManyRequests" },
		{ 500, "InternalError" },
		{ 502, "BadGateway" },
		{ 503, "ServiceUnavailable" },
		{ 504, "GatewayTimeout" },
		{ 511, "NetworkAuthenticationRequired" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(codes); i++)
		if (codes[i].status == status)
			return codes[i].code;
	return "UnknownError";
}

/* "com.amazonaws.x#Code", "Code:http://..." and "Code;Sender" are Code. */
static const char *bare_code(struct arena *a, const char *text)
{
	const char *hash = text ? strchr(text, '#') : NULL;
	size_t n;

	if (hash)
		text = hash + 1;
	n = text ? strcspn(text, ":; ,\t\r\n") : 0;
	return n ? arena_strndup(a, text, n) : NULL;
}

static const char *first_char(const struct http_response *res)
{
	const char *s = buf_str(&res->body);

	if (str_starts(s, "\xef\xbb\xbf"))
		s += 3;
	return s + strspn(s, " \t\r\n");
}

static const struct xml *parse(const struct http_response *res, struct arena *a)
{
	struct xml *root;

	if (*first_char(res) != '<' || res->body.len > BODY_MAX ||
	    xml_parse(&root, a, buf_str(&res->body), res->body.len, NULL) < 0)
		return NULL;
	return root;
}

/* S3's root is Error itself; EC2's errors stand in a list. */
static const struct xml *error_element(const struct xml *root)
{
	const struct xml *e = xml_child(root, "Errors") ? xml_child(root, "Errors")
							: root;

	return xml_child(e, "Error") ? xml_child(e, "Error") : e;
}

static void read_xml(struct finding *f, const struct http_response *res)
{
	const struct xml *root = parse(res, &f->arena), *e;

	if (!root)
		return;
	e = error_element(root);
	f->code = bare_code(&f->arena, xml_text(e, "Code", NULL));
	/* <AccessDeniedException><Message>: what stands before some JSON services. */
	if (!f->code && (str_ends(root->name, "Exception") ||
			 (str_ends(root->name, "Error") && strlen(root->name) > 5)))
		f->code = root->name;
	f->message = xml_text(e, "Message", xml_text(e, "message", NULL));
	f->host_id = xml_text(e, "HostId", NULL);
	f->request_id = xml_text(e, "RequestId", NULL);
	if (!f->request_id)
		f->request_id = xml_text(root, "RequestId",
					 xml_text(root, "RequestID", NULL));
}

/* The first member of `names` that is a text with something in it; or NULL. */
static const char *first_text(const cJSON *j, const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const char *text = json_str(j, names[i], NULL);

		if (text && *text)
			return text;
	}
	return NULL;
}

static void read_json(struct finding *f, const struct http_response *res)
{
	static const char *const messages[] = { "message", "Message", "errorMessage",
						"error_description", "Error.Message" };
	static const char *const codes[] = { "__type", "code", "Code", "error",
					     "Error.Code" };
	FP_AUTO(json_freep) cJSON *j = NULL;
	const char *message, *id;

	if (res->body.len > BODY_MAX)
		return;
	j = json_parse(buf_str(&res->body), res->body.len, "an error", NULL);
	message = first_text(j, messages, ARRAY_SIZE(messages));
	id = json_str(j, "RequestId", NULL);
	if (message)
		f->message = arena_strdup(&f->arena, message);
	if (id)
		f->request_id = arena_strdup(&f->arena, id);
	f->code = bare_code(&f->arena, first_text(j, codes, ARRAY_SIZE(codes)));
}

static void read_headers(struct finding *f, const struct http_headers *h)
{
	const char *id = headers_get(h, "x-amzn-requestid");
	/* Services that once spoke Query still give that protocol's code here. */
	const char *code = bare_code(&f->arena, headers_get(h, "x-amzn-query-error"));

	if (!id)
		id = headers_get(h, "x-amz-request-id");
	if (id)
		f->request_id = id;
	if (headers_get(h, "x-amz-id-2"))
		f->host_id = headers_get(h, "x-amz-id-2");
	if (!code && !f->code)
		code = bare_code(&f->arena, headers_get(h, "x-amzn-errortype"));
	if (code)
		f->code = code;
}

static void release_finding(struct finding *f)
{
	arena_release(&f->arena);
}

/* One word of a message. Cut where it says nothing to people. */
static void add_word(struct buf *out, const char *word, size_t n)
{
	size_t kept = n > WORD_MAX ? WORD_KEPT : n, step;

	if (out->len)
		buf_putc(out, ' ');
	for (size_t i = 0; i < kept; i += step ? step : 1) {
		step = str_utf8_len(word + i, n - i);
		if (step)
			buf_add(out, word + i, step);
		else
			buf_putc(out, '?');
	}
	if (kept < n)
		buf_puts(out, "...");
}

/* Bytes of the blank or control character at `s`, also of U+0080 to U+009F, which
 * terminals obey as they do ESC; 0 when it is none. */
static size_t gap_len(const char *s)
{
	unsigned char c = (unsigned char)*s, next;

	if (!c)
		return 0;
	next = (unsigned char)s[1];
	if (c == 0xc2 && next >= 0x80 && next < 0xa0)
		return 2;
	return c <= ' ' || c == 0x7f;
}

/* Some services repeat what was signed, with the session token in it. */
#define REPETITION "The Canonical String for this request"

/* One line of printable text, of bounded length. */
static void add_line(struct buf *out, const char *text)
{
	const char *end = strstr(text, REPETITION);

	for (const char *s = text; *s && s != end;) {
		size_t n = 0;

		while (s[n] && !gap_len(s + n))
			n++;
		if (n && out->len > MESSAGE_MAX) {
			buf_puts(out, " ...");
			return;
		}
		if (n)
			add_word(out, s, n);
		s += n;
		while ((n = gap_len(s)))
			s += n;
	}
}

/* What stands in headers and codes is ours to print only where it is plain. */
static void copy_plain(char *out, size_t cap, const char *text)
{
	size_t n = 0;

	for (; *text && n + 1 < cap; text++)
		if (isgraph((unsigned char)*text))
			out[n++] = *text;
	out[n] = '\0';
}

static const char *title_of(const char *page, size_t *n)
{
	const char *from = strcasestr(page, "<title"), *end;

	from = from ? strchr(from, '>') : NULL;
	end = from ? strchr(from, '<') : NULL;
	*n = end ? (size_t)(end - from - 1) : 0;
	return *n ? from + 1 : NULL;
}

static void read_page(const struct http_response *res, struct fp_error *err)
{
	FP_AUTO(buf_release) struct buf title = BUF_INIT;
	size_t n;
	const char *text = title_of(buf_str(&res->body), &n);

	if (text) {
		FP_AUTO(freep) char *copy = xstrndup(text, FP_MIN(n, (size_t)100));

		add_line(&title, copy);
	}
	fp_fail(err, res->status < 500 ? FP_ERR_PROTOCOL : FP_ERR_AWS,
		"a web page%s%s%s answered (status %d), not the service: a proxy, a "
		"login page or a wrong endpoint may be in the way",
		title.len ? " '" : "", buf_str(&title), title.len ? "'" : "",
		res->status);
}

bool wire_is_web_page(const struct http_response *res)
{
	const char *s = first_char(res);

	return strncasecmp(s, "<!doctype html", 14) == 0 ||
	       strncasecmp(s, "<html", 5) == 0;
}

bool wire_is_error_document(const struct http_response *res)
{
	FP_AUTO(release_finding) struct finding f = { .arena = ARENA_INIT };
	const struct xml *root = parse(res, &f.arena);

	return root && str_eq(root->name, "Error");
}

bool wire_error_member(const struct http_response *res, const char *name, char *out,
		       size_t cap)
{
	FP_AUTO(release_finding) struct finding f = { .arena = ARENA_INIT };
	const struct xml *root = parse(res, &f.arena);

	copy_plain(out, cap, root ? xml_text(error_element(root), name, "") : "");
	return *out != '\0';
}

void wire_read_error(const struct http_response *res, struct fp_error *err)
{
	FP_AUTO(release_finding) struct finding f = { .arena = ARENA_INIT };
	FP_AUTO(buf_release) struct buf message = BUF_INIT;
	char code[sizeof(err->aws_code)];
	bool page = wire_is_web_page(res);

	if (!err)
		return;
	if (*first_char(res) == '<' && !page)
		read_xml(&f, res);
	else if (*first_char(res) == '{')
		read_json(&f, res);
	read_headers(&f, &res->headers);
	copy_plain(code, sizeof(code), str_or(f.code, ""));
	if (!*code)
		copy_plain(code, sizeof(code), code_of_status(res->status));
	if (f.message)
		add_line(&message, f.message);
	if (page)
		read_page(res, err);
	else if (message.len)
		fp_fail(err, FP_ERR_AWS, "%s", buf_str(&message));
	else
		fp_fail(err, FP_ERR_AWS,
			"the service answered %s (status %d) without a message", code,
			res->status);
	err->http_status = res->status;
	if (err->code == FP_ERR_AWS)
		memcpy(err->aws_code, code, sizeof(code));
	copy_plain(err->request_id, sizeof(err->request_id), str_or(f.request_id, ""));
	copy_plain(err->host_id, sizeof(err->host_id), str_or(f.host_id, ""));
}
