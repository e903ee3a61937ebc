#include "yaml/node.h"

#include "base/str.h"
#include "load_text.h"

static const struct {
	const char *a, *b;
	bool equal;
} pairs[] = {
	{ "{a: 1, b: 2}", "{b: 2, a: 1}", true },
	{ "{a: 1}", "{a: 1, b: 2}", false },
	{ "{a: 1}", "{b: 1}", false },
	{ "[1, 2]", "[2, 1]", false },
	{ "[1]", "[1, 1]", false },
	{ "1", "'1'", false },
	{ "31", "0x1f", true },
	{ "1", "+1", true },
	{ "1", "1.0", false },
	{ "1000.0", "1e3", true },
	{ "true", "TRUE", true },
	{ "~", "null", true },
	{ "!Ref a", "a", false },
	{ "!Ref a", "!Sub a", false },
	{ "!Ref a", "!Ref a", true },
	{ "[]", "{}", false },
};

START_TEST(equal)
{
	FP_AUTO(arena_release) struct arena a = ARENA_INIT;
	struct node *x = load_text(&a, pairs[_i].a), *y = load_text(&a, pairs[_i].b);

	ck_assert_msg(node_equal(x, y) == pairs[_i].equal, "%s and %s", pairs[_i].a,
		      pairs[_i].b);
	ck_assert(node_equal(x, node_copy(&a, x)));
}
END_TEST

static const struct {
	const char *path, *want;
} paths[] = {
	{ "a", "map" },		 { "a.b", "list" },   { "a.b.0", "number" },
	{ "a.b.1.c", "string" }, { "a.b.2", "null" }, { "a.x", "null" },
	{ "a.b.c", "null" },	 { "", "null" },      { "a.b.-1", "null" },
	{ "a.b.0.z", "null" },
};

START_TEST(paths_lead_to_nodes)
{
	FP_AUTO(arena_release) struct arena a = ARENA_INIT;
	struct node *n = load_text(&a, "{a: {b: [1, {c: d}]}}");

	ck_assert_str_eq(node_kind_name(node_at(n, paths[_i].path)), paths[_i].want);
}
END_TEST

static const struct {
	const char *in;
	bool ok;
	int64_t want;
} ints[] = {
	{ "12", true, 12 },
	{ "+12", true, 12 },
	{ "-3", true, -3 },
	{ "'12'", true, 12 },
	{ "0x10", true, 16 },
	{ "0o10", true, 8 },
	{ "0x7fffffffffffffff", true, INT64_MAX },
	{ "0x8000000000000000", false, 0 },
	{ "9223372036854775807", true, INT64_MAX },
	{ "9223372036854775808", false, 0 },
	{ "1.0", false, 0 },
	{ "a", false, 0 },
	{ "[]", false, 0 },
	{ "!Ref 1", false, 0 },
};

START_TEST(whole_numbers)
{
	FP_AUTO(arena_release) struct arena a = ARENA_INIT;
	int64_t got = 0;

	ck_assert_msg(node_as_int(load_text(&a, ints[_i].in), &got) == ints[_i].ok, "%s",
		      ints[_i].in);
	ck_assert_int_eq(got, ints[_i].ok ? ints[_i].want : got);
}
END_TEST

START_TEST(readers_take_anything)
{
	FP_AUTO(arena_release) struct arena a = ARENA_INIT;
	struct node *list = load_text(&a, "[1]");
	int64_t i;
	bool b;

	ck_assert_ptr_null(node_get(NULL, "a"));
	ck_assert_ptr_null(node_get(list, "a"));
	ck_assert_ptr_null(node_at(NULL, "a"));
	ck_assert_ptr_null(node_text(list));
	ck_assert(!node_is(NULL, "a") && !node_as_bool(NULL, &b) &&
		  !node_as_int(NULL, &i));
	ck_assert(node_is_null(NULL) && !node_is_null(list));
	ck_assert(!node_remove(&a, list, "a"));
}
END_TEST

START_TEST(a_shallow_copy_grows_alone)
{
	FP_AUTO(arena_release) struct arena a = ARENA_INIT;
	struct node *n = load_text(&a, "{a: 1}"), *copy = node_shallow(&a, n);

	node_put(&a, copy, "b", node_int(&a, 2));
	node_set(&a, copy, "b", node_bool(&a, true));
	ck_assert_uint_eq(n->map.n, 1);
	ck_assert_uint_eq(copy->map.n, 2);
	ck_assert(node_is(node_get(copy, "b"), "true"));
}
END_TEST

static const struct {
	const char *tag, *want;
} tags[] = {
	{ "!Ref", "Ref" },
	{ "!Condition", "Condition" },
	{ "!Sub", "Fn::Sub" },
	{ "!Fn::Sub", "Fn::Sub" },
};

START_TEST(long_names)
{
	FP_AUTO(buf_release) struct buf b = BUF_INIT;

	node_tag_function(&b, tags[_i].tag);
	ck_assert_str_eq(b.data, tags[_i].want);
}
END_TEST

static Suite *node_suite(void)
{
	Suite *s = suite_create("yaml/node");
	TCase *tc = tcase_create("node");

	tcase_add_loop_test(tc, equal, 0, ARRAY_SIZE(pairs));
	tcase_add_loop_test(tc, paths_lead_to_nodes, 0, ARRAY_SIZE(paths));
	tcase_add_loop_test(tc, whole_numbers, 0, ARRAY_SIZE(ints));
	tcase_add_loop_test(tc, long_names, 0, ARRAY_SIZE(tags));
	tcase_add_test(tc, readers_take_anything);
	tcase_add_test(tc, a_shallow_copy_grows_alone);
	suite_add_tcase(s, tc);
	return s;
}

CHECK_MAIN(node_suite)
