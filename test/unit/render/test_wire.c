#include "render/wire.h"

#include "base/str.h"
#include "load_text.h"

/* Up to three stacks, each by its template. */
static const struct {
	const char *name;
	const char *templates[3];
	const char *order; /* as deployed */
	const char *error; /* NULL: none */
} cases[] = {
	{ "nothing to wire", { "{}", "{}" }, "a b ", NULL },
	{ "an output gives a parameter its value",
	  { "Parameters: {X: {Type: String}}", "Outputs: {X: {Value: 1}}" },
	  "b a ",
	  NULL },
	{ "a chain turned round",
	  { "Parameters: {Y: {Type: String}}",
	    "Parameters: {X: {Type: String}}\nOutputs: {Y: {Value: 1}}",
	    "Outputs: {X: {Value: 1}}" },
	  "c b a ",
	  NULL },
	{ "what needs nothing stays in front",
	  { "{}", "Parameters: {X: {Type: String}}", "Outputs: {X: {Value: 1}}" },
	  "a c b ",
	  NULL },
	{ "the code of a processor",
	  { "Parameters: {ProcessorDefaultCodeKey: {}}" },
	  "a ",
	  NULL },
	{ "a default", { "Parameters: {X: {Default: 1}}" }, "a ", NULL },
	{ "an own output is no value",
	  { "Parameters: {X: {Type: String}}\nOutputs: {X: {Value: 1}}" },
	  "a ",
	  "parameter 'X' of stack 'a' has no value" },
	{ "no value",
	  { "Parameters: {X: {Type: String}}" },
	  "a ",
	  "parameter 'X' of stack 'a' has no value" },
	{ "an output twice",
	  { "Outputs: {X: {Value: 1}}", "Outputs: {X: {Value: 2}}" },
	  "a b ",
	  "output 'X' is in stack 'a' too" },
	{ "a cycle",
	  { "Parameters: {X: {}}\nOutputs: {Y: {Value: 1}}",
	    "Parameters: {Y: {}}\nOutputs: {X: {Value: 1}}" },
	  "a b ",
	  "stacks need each other: a -> b -> a" },
};

static void load_stacks(struct rendering *r, const char *const *templates)
{
	static const char *const names[] = { "a", "b", "c" };

	r->stacks = arena_array(&r->arena, 3, sizeof(*r->stacks));
	for (; r->nstacks < 3 && templates[r->nstacks]; r->nstacks++) {
		r->stacks[r->nstacks].name = names[r->nstacks];
		r->stacks[r->nstacks].template = load_text(&r->arena,
							   templates[r->nstacks]);
	}
}

START_TEST(stacks_are_wired)
{
	const __typeof__(cases[0]) *c = &cases[_i];
	struct manifest_processor processor = { .name = "default" };
	const struct manifest m = { .processors = &processor, .nprocessors = 1 };
	FP_AUTO(diags_release) struct diags d = DIAGS_INIT;
	FP_AUTO(rendering_release) struct rendering r = { 0 };
	FP_AUTO(buf_release) struct buf order = BUF_INIT;

	load_stacks(&r, c->templates);
	wire_stacks(&r, &m, &d);
	for (size_t i = 0; i < r.nstacks; i++)
		buf_printf(&order, "%s ", r.stacks[i].name);
	ck_assert_str_eq(buf_str(&order), c->order);
	ck_assert_msg((d.n > 0) == (c->error != NULL), "%s: %s", c->name,
		      d.n ? d.v[0].message : "no finding");
	if (c->error)
		ck_assert_str_eq(d.v[0].message, c->error);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("wire");
	TCase *tc = tcase_create("wire");

	tcase_add_loop_test(tc, stacks_are_wired, 0, ARRAY_SIZE(cases));
	suite_add_tcase(s, tc);
	return s;
}

CHECK_MAIN(suite)
