/*
 * The Query protocol against botocore's forms and answers (test/vectors/query,
 * made by tools/make-vectors), and against what nobody should send.
 */
#include "wire/query.h"

#include "vectors.h"
#include "wire/uri.h"

static struct vectors vectors = { "test/vectors/query", STRS_INIT };

static char *sorted(const char *form)
{
	FP_AUTO(strs_release) struct strs parts = STRS_INIT;
	struct buf out = BUF_INIT;

	strs_split(&parts, form, '&');
	strs_sort(&parts);
	for (size_t i = 0; i < parts.n; i++)
		buf_printf(&out, "%s\n", parts.v[i]);
	return buf_detach(&out);
}

static void check_same(const cJSON *got, const cJSON *want)
{
	FP_AUTO(freep) char *got_text = json_text(got);
	FP_AUTO(freep) char *want_text = json_text(want);

	ck_assert_msg(cJSON_Compare(got, want, true), "got:  %s\nwant: %s", got_text,
		      want_text);
}

static void check_request(const cJSON *v)
{
	FP_AUTO(buf_release) struct buf form = BUF_INIT;
	FP_AUTO(freep) char *got = NULL, *want = NULL;
	FP_AUTO(json_freep) cJSON *decoded = NULL;
	struct fp_error err = { 0 };

	query_encode_request(&form, json_str(v, "action", ""), json_str(v, "version", ""),
			     json_get(v, "input"));
	got = sorted(buf_str(&form));
	want = sorted(json_str(v, "form", ""));
	ck_assert_str_eq(got, want);
	decoded = query_decode_request(json_str(v, "form", ""),
				       strlen(json_str(v, "form", "")), &err);
	ck_assert_msg(decoded != NULL, "%s", err.message);
	ck_assert_str_eq(json_str(decoded, "Action", ""), json_str(v, "action", "?"));
	cJSON_DeleteItemFromObject(decoded, "Action");
	cJSON_DeleteItemFromObject(decoded, "Version");
	check_same(decoded, json_get(v, "texts"));
}

static void check_answer(const cJSON *v)
{
	FP_AUTO(buf_release) struct buf xml = BUF_INIT;
	FP_AUTO(json_freep) cJSON *decoded = NULL;
	struct fp_error err = { 0 };

	query_encode_response(&xml, json_str(v, "action", ""), json_str(v, "xmlns", ""),
			      "r-1", json_get(v, "result"));
	ck_assert_str_eq(buf_str(&xml), json_str(v, "xml", ""));
	decoded = query_decode_response(xml.data, xml.len, &err);
	ck_assert_msg(decoded != NULL, "%s", err.message);
	check_same(decoded, json_get(v, "texts"));
}

START_TEST(we_speak_as_botocore_does)
{
	FP_AUTO(json_freep) cJSON *v = vectors_load(&vectors, _i);

	if (str_eq(json_str(v, "kind", ""), "request"))
		check_request(v);
	else
		check_answer(v);
}
END_TEST

static const struct {
	const char *name, *form, *want; /* want NULL: refused */
} forms[] = {
	{ "nothing", "", "{}" },
	{ "plus is a space", "A=a+b%2B", "{\"A\":\"a b+\"}" },
	{ "no value", "A&B=", "{\"A\":\"\",\"B\":\"\"}" },
	{ "order of indices", "L.member.10=c&L.member.2=b&L.member.1=a",
	  "{\"L\":[\"a\",\"b\",\"c\"]}" },
	{ "gaps close", "L.member.5=b&L.member.3=a", "{\"L\":[\"a\",\"b\"]}" },
	{ "flattened list", "L.1=a&L.2=b", "{\"L\":[\"a\",\"b\"]}" },
	{ "empty list", "L=", "{\"L\":\"\"}" },
	{ "lists in lists", "L.member.1.M.member.1=a", "{\"L\":[{\"M\":[\"a\"]}]}" },
	{ "map", "M.entry.1.key=k&M.entry.1.value=v&M.entry.2.key=l",
	  "{\"M\":{\"k\":\"v\",\"l\":\"\"}}" },
	{ "map of Name", "M.entry.1.Name=k&M.entry.1.Value.A=v",
	  "{\"M\":{\"k\":{\"A\":\"v\"}}}" },
	{ "entry without a key", "M.entry.1.value=v", "{\"M\":{}}" },
	{ "entry that is a text", "M.entry.1=v", "{\"M\":{}}" },
	{ "names and indices", "A.1=x&A.b=y", "{\"A\":{\"1\":\"x\",\"b\":\"y\"}}" },
	{ "member at the top", "member.1=a", "{\"member\":[\"a\"]}" },
	{ "twice", "A=1&A=2", NULL },
	{ "value and members", "A=1&A.B=2", NULL },
	{ "empty part", "A..B=1", NULL },
	{ "empty name", "=1", NULL },
	{ "16 deep", "a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a=1",
	  "{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{"
	  "\"a\":{"
	  "\"a\":{\"a\":{\"a\":{\"a\":\"1\"}}}}}}}}}}}}}}}}" },
	{ "17 deep", "a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a=1", NULL },
};

START_TEST(forms_are_decoded)
{
	struct fp_error err = { 0 };
	FP_AUTO(json_freep)
	cJSON *got = query_decode_request(forms[_i].form, strlen(forms[_i].form), &err);
	FP_AUTO(freep) char *text = got ? json_text(got) : NULL;

	ck_assert_msg(str_eq(text, forms[_i].want), "%s: %s%s", forms[_i].name,
		      str_or(text, ""), err.message);
	ck_assert_int_eq(err.code, forms[_i].want ? FP_OK : FP_ERR_INPUT);
}
END_TEST

static const struct {
	const char *name, *input, *want; /* behind Action=A&Version=V; percent-decoded */
} inputs[] = {
	{ "nothing", "{}", "" },
	{ "no input", "null", "" },
	{ "a text", "{\"A\":\"b c&d\"}", "&A=b c&d" },
	{ "an empty text is said", "{\"A\":\"\"}", "&A=" },
	{ "numbers and booleans", "{\"A\":3,\"B\":0.5,\"C\":true,\"D\":false,\"E\":0}",
	  "&A=3&B=0.5&C=true&D=false&E=0" },
	{ "large numbers are exact", "{\"A\":9007199254740991,\"B\":-1}",
	  "&A=9007199254740991&B=-1" },
	{ "null is not said", "{\"A\":null,\"B\":1}", "&B=1" },
	{ "a list", "{\"L\":[\"a\",\"b\"]}", "&L.member.1=a&L.member.2=b" },
	{ "an empty list is said", "{\"L\":[]}", "&L=" },
	{ "a structure", "{\"S\":{\"A\":1,\"T\":{\"B\":2}}}", "&S.A=1&S.T.B=2" },
	{ "an empty structure is not", "{\"S\":{}}", "" },
	{ "a list of structures", "{\"L\":[{\"K\":\"k\",\"V\":\"\"},{\"K\":\"l\"}]}",
	  "&L.member.1.K=k&L.member.1.V=&L.member.2.K=l" },
	{ "a list in a list", "{\"L\":[{\"M\":[\"a\",\"b\"]},{\"M\":[]}]}",
	  "&L.member.1.M.member.1=a&L.member.1.M.member.2=b&L.member.2.M=" },
	{ "deep inside", "{\"Q\":[{\"S\":{\"D\":[{\"N\":\"n\"}]}}]}",
	  "&Q.member.1.S.D.member.1.N=n" },
	{ "a map", "{\"Attributes\":{\"a.b\":\"1\",\"c\":\"\"}}",
	  "&Attributes.entry.1.key=a.b&Attributes.entry.1.value=1"
	  "&Attributes.entry.2.key=c&Attributes.entry.2.value=" },
	{ "an empty map is not said", "{\"Attributes\":{}}", "" },
	{ "a map of structures",
	  "{\"MessageAttributes\":{\"k\":{\"DataType\":\"String\"}}}",
	  "&MessageAttributes.entry.1.Name=k"
	  "&MessageAttributes.entry.1.Value.DataType=String" },
	{ "a list that is called as a map is none", "{\"Attributes\":[\"a\"]}",
	  "&Attributes.member.1=a" },
};

START_TEST(inputs_are_encoded)
{
	FP_AUTO(json_freep)
	cJSON *in = json_parse(inputs[_i].input, strlen(inputs[_i].input), "row", NULL);
	FP_AUTO(buf_release) struct buf form = BUF_INIT, plain = BUF_INIT;
	FP_AUTO(freep) char *want = xasprintf("Action=A&Version=V%s", inputs[_i].want);

	query_encode_request(&form, "A", "V", in);
	uri_decode(&plain, form.data, form.len, false);
	ck_assert_msg(str_eq(buf_str(&plain), want), "%s: %s", inputs[_i].name,
		      buf_str(&plain));
	/* What is no name or value is percent-encoded. */
	ck_assert_ptr_null(strpbrk(form.data, " +/<>\"\xc3"));
}
END_TEST

static const struct {
	const char *xml, *want; /* want NULL: refused */
} answers[] = {
	{ "<DeleteStackResponse><ResponseMetadata/></DeleteStackResponse>", "{}" },
	{ "<R><XResult/></R>", "{}" },
	{ "<R>\n <XResult>\n  <A>1</A>\n </XResult>\n</R>", "{\"A\":\"1\"}" },
	{ "<R><XResult><A><member>1</member></A><B><entry><key>k</key><value>v</value></"
	  "entry></B>"
	  "</XResult></R>",
	  "{\"A\":[\"1\"],\"B\":{\"k\":\"v\"}}" },
	{ "<R><XResult><A>1</A><A>2</A><A>3</A><B>4</B></XResult></R>",
	  "{\"A\":[\"1\",\"2\",\"3\"],\"B\":\"4\"}" },
	{ "<R><XResult><M><entry><Name>k</Name><Value><A>1</A></Value></entry></M></"
	  "XResult></R>",
	  "{\"M\":{\"k\":{\"A\":\"1\"}}}" },
	{ "<R><XResult><M><entry/></M></XResult></R>", "{\"M\":{\"\":\"\"}}" },
	/* Empty lists and structures cannot be told from texts. */
	{ "<R><XResult><A/><B></B><C> </C></XResult></R>",
	  "{\"A\":\"\",\"B\":\"\",\"C\":\" \"}" },
	{ "<R><XResult><A><member/><member> x </member></A></XResult></R>",
	  "{\"A\":[\"\",\" x \"]}" },
	{ "<R><XResult><A><member><member>1</member></member><member/></A></XResult></R>",
	  "{\"A\":[[\"1\"],\"\"]}" },
	{ "<R><XResult><A><member><L><member>1</member></L><K>k</K></member></A></"
	  "XResult></R>",
	  "{\"A\":[{\"L\":[\"1\"],\"K\":\"k\"}]}" },
	{ "<R><XResult><M><entry><key/><value/></entry><entry><key>a</key></entry></M></"
	  "XResult></R>",
	  "{\"M\":{\"\":\"\",\"a\":\"\"}}" },
	{ "<R><XResult><A>&lt;&amp;&#xE4;&gt;<!-- c --></A></XResult></R>",
	  "{\"A\":\"<&\xc3\xa4>\"}" },
	{ "<R><XResult><A><![CDATA[<b>]]></A></XResult></R>", "{\"A\":\"<b>\"}" },
	{ "<R", NULL },
	{ "", NULL },
	{ "{}", NULL },
};

START_TEST(answers_are_decoded)
{
	struct fp_error err = { 0 };
	FP_AUTO(json_freep)
	cJSON *got = query_decode_response(answers[_i].xml, strlen(answers[_i].xml),
					   &err);
	FP_AUTO(freep) char *text = got ? json_text(got) : NULL;

	ck_assert_msg(str_eq(text, answers[_i].want), "%s%s", str_or(text, ""),
		      err.message);
	ck_assert_int_eq(err.code, answers[_i].want ? FP_OK : FP_ERR_PROTOCOL);
}
END_TEST

START_TEST(a_large_form_takes_no_square_time)
{
	FP_AUTO(buf_release) struct buf form = BUF_INIT;
	FP_AUTO(json_freep) cJSON *got = NULL;
	struct fp_error err = { 0 };

	for (int i = 50000; i; i--)
		buf_printf(&form, "%sL.member.%d.K=v&", i % 2 ? "x" : "", i);
	got = query_decode_request(form.data, form.len, &err);
	ck_assert_int_eq(cJSON_GetArraySize(json_get(got, "L")), 25000);
	for (int i = 0; i < 100001; i++)
		buf_puts(&form, "a&");
	ck_assert_ptr_null(query_decode_request(form.data, form.len, &err));
	ck_assert_str_eq(err.message, "a request has at most 100000 parameters");
}
END_TEST

static Suite *make_suite(void)
{
	Suite *s = suite_create("query");
	TCase *tc = tcase_create("query");
	int n = vectors_list(&vectors);

	tcase_add_loop_test(tc, we_speak_as_botocore_does, 0, n);
	tcase_add_loop_test(tc, forms_are_decoded, 0, ARRAY_SIZE(forms));
	tcase_add_loop_test(tc, inputs_are_encoded, 0, ARRAY_SIZE(inputs));
	tcase_add_loop_test(tc, answers_are_decoded, 0, ARRAY_SIZE(answers));
	tcase_add_test(tc, a_large_form_takes_no_square_time);
	suite_add_tcase(s, tc);
	return s;
}

CHECK_MAIN(make_suite)
