/*
 * Evaluating with some of the values, and what that leaves with all of them, gives the
 * same as evaluating at once: on generated templates. The values hold nothing that JSON
 * escapes: what Fn::ToJsonString does not know is taken to be so.
 */
#include "check_main.h"

#include "base/str.h"
#include "cfn/eval.h"
#include "yaml/emit.h"
#include "yaml/load.h"

#define TEMPLATES  300
#define MAX_DEPTH  4
#define EVERYTHING ~0u

static const char values_text[] = "P0: plain\n"
				  "P1: a,b,c\n"
				  "P2: 'x${P0}y $ {{'\n"
				  "P3: not escaped in JSON\n"
				  "P4: 3\n"
				  "P5: ''\n"
				  "L0: [one, 'two ${x}', three]\n"
				  "L1: [a]\n"
				  "R.A0: arn:aws:s3:::x\n"
				  "R.A1: 'é $ q'\n"
				  "K: k1\n";

struct random {
	uint64_t state;
};

static unsigned pick(struct random *r, unsigned n)
{
	r->state = r->state * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(r->state >> 33) % n;
}

static void put_list(struct buf *out, struct random *r, unsigned depth);
static void put_text(struct buf *out, struct random *r, unsigned depth);

static void put_condition(struct buf *out, struct random *r)
{
	buf_printf(out, "\"C%u\"", pick(r, 4));
}

static void put_if(struct buf *out, struct random *r, unsigned depth, bool list)
{
	buf_puts(out, "{\"Fn::If\": [");
	put_condition(out, r);
	for (int i = 0; i < 2; i++) {
		buf_puts(out, ", ");
		if (list)
			put_list(out, r, depth);
		else
			put_text(out, r, depth);
	}
	buf_puts(out, "]}");
}

/* What may vanish: an item or a property. */
static void put_maybe(struct buf *out, struct random *r, unsigned depth)
{
	if (pick(r, 4)) {
		put_text(out, r, depth);
		return;
	}
	buf_puts(out, "{\"Fn::If\": [");
	put_condition(out, r);
	buf_puts(out, ", {\"Ref\": \"AWS::NoValue\"}, ");
	put_text(out, r, depth);
	buf_puts(out, "]}");
}

static void put_items(struct buf *out, struct random *r, unsigned depth)
{
	unsigned n = 1 + pick(r, 3);

	buf_putc(out, '[');
	for (unsigned i = 0; i < n; i++) {
		buf_puts(out, i ? ", " : "");
		if (i)
			put_maybe(out, r, depth);
		else /* so that there is one for Fn::Select */
			put_text(out, r, depth);
	}
	buf_putc(out, ']');
}

static void put_list(struct buf *out, struct random *r, unsigned depth)
{
	switch (depth ? pick(r, 5) : pick(r, 2)) {
	case 0:
		buf_printf(out, "{\"Ref\": \"L%u\"}", pick(r, 2));
		return;
	case 1:
		buf_puts(out, "[\"x\", \"y,z\"]");
		return;
	case 2:
		buf_puts(out, "{\"Fn::Split\": [\",\", ");
		put_text(out, r, depth - 1);
		buf_puts(out, "]}");
		return;
	case 3:
		put_if(out, r, depth - 1, true);
		return;
	default:
		put_items(out, r, depth - 1);
	}
}

static void put_sub(struct buf *out, struct random *r, unsigned depth)
{
	static const char *const texts[] = { "a ${P0} ${R.A0}", "${!kept} ${P2}${P3}",
					     "${v}-${P1}-${v}", "${v}", "$${P4}{}" };
	const char *text = texts[pick(r, ARRAY_SIZE(texts))];

	if (!strstr(text, "${v}")) {
		buf_printf(out, "{\"Fn::Sub\": \"%s\"}", text);
		return;
	}
	buf_printf(out, "{\"Fn::Sub\": [\"%s\", {\"v\": ", text);
	put_text(out, r, depth);
	buf_puts(out, "}]}");
}

static void put_json(struct buf *out, struct random *r, unsigned depth)
{
	buf_puts(out, "{\"Fn::ToJsonString\": {\"a\": ");
	put_maybe(out, r, depth);
	buf_puts(out, ", \"b\\\"c\": ");
	put_list(out, r, depth);
	buf_puts(out, "}}");
}

static void put_text(struct buf *out, struct random *r, unsigned depth)
{
	static const char *const literals[] = { "lit", "a,b", "${P0}", "q \\\" \\n", "" };

	switch (depth ? pick(r, 10) : pick(r, 3)) {
	case 0:
		buf_printf(out, "\"%s\"", literals[pick(r, ARRAY_SIZE(literals))]);
		return;
	case 1:
		buf_printf(out, "{\"Ref\": \"P%u\"}", pick(r, 6));
		return;
	case 2:
		buf_printf(out, "{\"Fn::GetAtt\": [\"R\", \"A%u\"]}", pick(r, 2));
		return;
	case 3:
		put_sub(out, r, depth - 1);
		return;
	case 4:
		buf_printf(out, "{\"Fn::Join\": [\"%s\", ", pick(r, 2) ? "-" : "");
		put_list(out, r, depth - 1);
		buf_puts(out, "]}");
		return;
	case 5:
		buf_puts(out, "{\"Fn::Select\": [0, ");
		put_list(out, r, depth - 1);
		buf_puts(out, "]}");
		return;
	case 6:
		put_if(out, r, depth - 1, false);
		return;
	case 7:
		buf_puts(out, "{\"Fn::FindInMap\": [\"M\", {\"Ref\": \"K\"}, \"a\"]}");
		return;
	case 8:
		buf_puts(out, "{\"Fn::Base64\": ");
		put_text(out, r, depth - 1);
		buf_putc(out, '}');
		return;
	default:
		put_json(out, r, depth - 1);
	}
}

static void put_template(struct buf *out, struct random *r)
{
	static const char *const conditions[] = {
		"{\"Fn::Not\": [{\"Condition\": \"C0\"}]}",
		"{\"Fn::And\": [{\"Condition\": \"C0\"}, {\"Condition\": \"C1\"}]}",
		("{\"Fn::Or\": [{\"Condition\": \"C2\"}, {\"Fn::Equals\": [\"a\", "
		 "{\"Ref\": \"P0\"}]}]}"),
	};

	buf_puts(out, "{\"Parameters\": {\"L0\": {\"Type\": \"CommaDelimitedList\"}, "
		      "\"L1\": {\"Type\": \"CommaDelimitedList\"}}, \"Mappings\": "
		      "{\"M\": {\"k1\": {\"a\": \"found\"}}}, "
		      "\"Conditions\": {\"C0\": {\"Fn::Equals\": [");
	put_text(out, r, 1);
	buf_puts(out, ", ");
	put_text(out, r, 1);
	buf_puts(out, "]}");
	for (size_t i = 0; i < ARRAY_SIZE(conditions); i++)
		buf_printf(out, ", \"C%zu\": %s", i + 1, conditions[i]);
	buf_puts(out, "}, \"Resources\": {\"X\": {\"Type\": \"T\"}, \"Y\": {\"Type\": "
		      "\"T\", \"Condition\": ");
	put_condition(out, r);
	buf_puts(out, ", \"DependsOn\": [\"X\"], \"Properties\": {\"A\": ");
	put_maybe(out, r, MAX_DEPTH);
	buf_puts(out, ", \"B\": ");
	put_list(out, r, MAX_DEPTH);
	buf_puts(out, "}}, \"Z\": {\"Type\": \"T\", \"DependsOn\": [\"Y\"], "
		      "\"Properties\": {\"C\": ");
	put_text(out, r, MAX_DEPTH);
	buf_puts(out, "}}}}");
}

/* Names whose bit is not in `known` are not known yet. */
struct partial {
	const struct node *values;
	unsigned known;
};

static const struct node *lookup(void *ctx, const char *name)
{
	const struct partial *p = ctx;

	for (size_t i = 0; i < p->values->map.n; i++)
		if (node_is(p->values->map.v[i].key, name))
			return p->known & (1u << i) ? p->values->map.v[i].value : NULL;
	return NULL;
}

static const struct node *lookup_att(void *ctx, const char *id, const char *attribute)
{
	char name[64];

	snprintf(name, sizeof(name), "%s.%s", id, attribute);
	return lookup(ctx, name);
}

/* One stage; false when there are findings, which are appended to `found`. */
static bool stage(struct node **out, struct arena *a, const struct node *tmpl,
		  const struct node *values, unsigned known, struct buf *found)
{
	bool complete = known == EVERYTHING;
	FP_AUTO(diags_release) struct diags diags = DIAGS_INIT;
	struct partial p = { values, known };
	struct cfn_scope scope = {
		.ref = lookup, .get_att = lookup_att, .ctx = &p, .complete = complete
	};

	if (cfn_eval_template(out, a, tmpl, &scope, &diags) == 0)
		return true;
	for (size_t i = 0; i < diags.n; i++)
		buf_printf(found, "%s\n", diags.v[i].message);
	return false;
}

START_TEST(stages_agree)
{
	FP_AUTO(arena_release) struct arena a = ARENA_INIT;
	FP_AUTO(buf_release) struct buf text = BUF_INIT, one = BUF_INIT, two = BUF_INIT;
	FP_AUTO(buf_release) struct buf found = BUF_INIT;
	struct random r = { (uint64_t)_i * 7919 + 1 };
	struct node *tmpl, *values, *once = NULL, *half = NULL, *twice = NULL;
	struct fp_error err = { 0 };
	unsigned known = pick(&r, 1u << 11);
	bool ok, staged;

	ck_assert_int_eq(node_load_one(&values, &a, values_text, strlen(values_text),
				       "values", &err),
			 0);
	put_template(&text, &r);
	ck_assert_msg(node_load_one(&tmpl, &a, text.data, text.len, "t", &err) == 0,
		      "%s: %s", text.data, err.message);
	ok = stage(&once, &a, tmpl, values, EVERYTHING, &found);
	staged = stage(&half, &a, tmpl, values, known, &found) &&
		 stage(&twice, &a, half, values, EVERYTHING, &found);
	ck_assert_msg(ok == staged, "%s, known %x: at once %d, in stages %d: %s",
		      text.data, known, ok, staged, buf_str(&found));
	if (!ok)
		return;
	node_emit_json(&one, once, 0);
	node_emit_json(&two, twice, 0);
	ck_assert_msg(str_eq(buf_str(&one), buf_str(&two)), "%s, known %x:\n%s\n%s",
		      text.data, known, one.data, two.data);
}
END_TEST

static Suite *stages_suite(void)
{
	Suite *s = suite_create("cfn/stages");
	TCase *tc = tcase_create("stages");

	tcase_add_loop_test(tc, stages_agree, 0, TEMPLATES);
	suite_add_tcase(s, tc);
	return s;
}

CHECK_MAIN(stages_suite)
