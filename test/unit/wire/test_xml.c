#include "wire/xml.h"

#include <string.h>

#include "base/str.h"
#include "check_main.h"

/* The tree as text: name(text)[children]. */
static void dump(struct buf *out, const struct xml *x)
{
	buf_printf(out, "%s(%s)", x->name, x->text);
	if (!x->first)
		return;
	buf_putc(out, '[');
	for (const struct xml *c = x->first; c; c = c->next)
		dump(out, c);
	buf_putc(out, ']');
}

static const struct {
	const char *xml, *want; /* want NULL: refused */
} documents[] = {
	{ "<a/>", "a()" },
	{ "<?xml version=\"1.0\"?>\n<a b='c'>text</a>\n", "a(text)" },
	{ "<a><b>1</b><c/><b>2</b></a>", "a()[b(1)c()b(2)]" },
	{ "<a>x<b/>y</a>", "a(xy)[b()]" },
	{ "<n:a xmlns:n='u'><n:b>1</n:b></n:a>", "a()[b(1)]" },
	{ "<a>&lt;&amp;&#xD;&#228;<![CDATA[<b>]]></a>", "a(<&\r\xc3\xa4<b>)" },
	{ "<a><!-- no --><?pi no?>yes</a>", "a(yes)" },
	{ "<a>1\r\n2</a>", "a(1\n2)" },
	{ "", NULL },
	{ "text", NULL },
	{ "<a>", NULL },
	{ "<a></b>", NULL },
	{ "<a/><b/>", NULL },
	{ "<a>\xff</a>", NULL },
	{ "<a>&x;</a>", NULL },
	{ "<!DOCTYPE a><a/>", NULL },
	{ "<!DOCTYPE a [<!ENTITY x 'xxxxxxxx'><!ENTITY y '&x;&x;&x;'>]><a>&y;</a>",
	  NULL },
	{ "<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>", NULL },
};

START_TEST(documents_are_read)
{
	FP_AUTO(arena_release) struct arena a = ARENA_INIT;
	FP_AUTO(buf_release) struct buf got = BUF_INIT;
	const char *text = documents[_i].xml, *want = documents[_i].want;
	struct fp_error err = { 0 };
	struct xml *root;
	int rc = xml_parse(&root, &a, text, strlen(text), &err);

	ck_assert_msg((rc < 0) == !want, "%s: %s", text, err.message);
	if (rc < 0) {
		ck_assert_int_eq(err.code, FP_ERR_PROTOCOL);
		ck_assert(str_starts(err.message, "malformed XML in line 1: "));
		return;
	}
	dump(&got, root);
	ck_assert_str_eq(buf_str(&got), want);
}
END_TEST

START_TEST(depth_is_limited)
{
	for (int depth = 63; depth <= 66; depth++) {
		FP_AUTO(arena_release) struct arena a = ARENA_INIT;
		FP_AUTO(buf_release) struct buf text = BUF_INIT;
		struct fp_error err = { 0 };
		struct xml *root;
		int rc;

		for (int i = 0; i < depth; i++)
			xml_open(&text, "a");
		for (int i = 0; i < depth; i++)
			xml_close(&text, "a");
		rc = xml_parse(&root, &a, text.data, text.len, &err);
		ck_assert_msg((rc == 0) == (depth <= 64), "%d", depth);
	}
}
END_TEST

START_TEST(paths_find_texts)
{
	FP_AUTO(arena_release) struct arena a = ARENA_INIT;
	const char *text = "<r><Error><Code>C</Code><Empty/></Error></r>";
	struct fp_error err = { 0 };
	struct xml *root;

	ck_assert_int_eq(xml_parse(&root, &a, text, strlen(text), &err), 0);
	ck_assert_str_eq(xml_text(root, "Error.Code", "-"), "C");
	ck_assert_str_eq(xml_text(root, "Error.Empty", "-"), "");
	ck_assert_str_eq(xml_text(root, "Error.None", "-"), "-");
	ck_assert_str_eq(xml_text(root, "Err", "-"), "-");
	ck_assert_str_eq(xml_text(NULL, "Error", "-"), "-");
	ck_assert_ptr_null(xml_child(NULL, "Error"));
	ck_assert_ptr_null(xml_child(root, "Code"));
}
END_TEST

static const struct {
	const char *text, *want;
} escapes[] = {
	{ "plain", "plain" },
	{ "<a href=\"x\">&'", "&lt;a href=&quot;x&quot;&gt;&amp;'" },
	{ "tab\tline\nreturn\r", "tab\tline\nreturn&#xD;" },
	{ "\x01\x1f", "\xef\xbf\xbd\xef\xbf\xbd" },
	{ "\xc3\xbc\xe6\x97\xa5\xf0\x9f\x98\x80",
	  "\xc3\xbc\xe6\x97\xa5\xf0\x9f\x98\x80" },
	{ "\xff\xc3", "\xef\xbf\xbd\xef\xbf\xbd" },
	{ "\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
	{ "\xef\xbf\xbe", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
	{ "", "" },
};

START_TEST(texts_are_escaped)
{
	FP_AUTO(arena_release) struct arena a = ARENA_INIT;
	FP_AUTO(buf_release) struct buf out = BUF_INIT;
	FP_AUTO(buf_release) struct buf document = BUF_INIT;
	struct fp_error err = { 0 };
	struct xml *root;

	xml_escape(&out, escapes[_i].text);
	ck_assert_str_eq(buf_str(&out), escapes[_i].want);
	/* Whatever the text is, what we write is XML. */
	xml_element(&document, "a", escapes[_i].text);
	ck_assert_msg(xml_parse(&root, &a, document.data, document.len, &err) == 0, "%s",
		      err.message);
}
END_TEST

START_TEST(elements_are_written)
{
	FP_AUTO(buf_release) struct buf out = BUF_INIT;

	xml_element(&out, "none", NULL);
	xml_element(&out, "empty", "");
	xml_element_int(&out, "least", INT64_MIN);
	ck_assert_str_eq(buf_str(&out),
			 "<empty></empty><least>-9223372036854775808</least>");
}
END_TEST

/* <a><b/>...</a> with that many elements. */
static int read_elements(int n, struct fp_error *err)
{
	FP_AUTO(arena_release) struct arena a = ARENA_INIT;
	FP_AUTO(buf_release) struct buf text = BUF_INIT;
	struct xml *root;

	buf_puts(&text, "<a>");
	for (int i = 1; i < n; i++)
		buf_puts(&text, "<b/>");
	buf_puts(&text, "</a>");
	return xml_parse(&root, &a, text.data, text.len, err);
}

START_TEST(elements_are_limited)
{
	struct fp_error err = { 0 };

	ck_assert_msg(read_elements(400000, &err) == 0, "%s", err.message);
	ck_assert_int_eq(read_elements(400001, &err), -1);
	ck_assert_str_eq(err.message,
			 "malformed XML in line 1: it has too many elements");
}
END_TEST

static Suite *make_suite(void)
{
	Suite *s = suite_create("xml");
	TCase *tc = tcase_create("xml");

	tcase_add_loop_test(tc, documents_are_read, 0, ARRAY_SIZE(documents));
	tcase_add_test(tc, depth_is_limited);
	tcase_add_test(tc, paths_find_texts);
	tcase_add_loop_test(tc, texts_are_escaped, 0, ARRAY_SIZE(escapes));
	tcase_add_test(tc, elements_are_written);
	tcase_add_test(tc, elements_are_limited);
	suite_add_tcase(s, tc);
	return s;
}

CHECK_MAIN(make_suite)
