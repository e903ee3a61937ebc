#include "cfn/template.h"

#include "base/str.h"
#include "check_main.h"
#include "evaluate.h"

#define B "  B: {Type: 'AWS::S3::Bucket'}\n"
#define R "Resources:\n"

static const struct {
	const char *name, *in, *want;
} checks[] = {
	{ "good",
	  "AWSTemplateFormatVersion: '2010-09-09'\nParameters: {P: {Type: String}}\n"
	  "Conditions: {C: !Equals [!Ref P, x]}\nMappings: {M: {a: {b: c}}}\n" R B
	  "  Q: {Type: 'A::Queue', Condition: C, DependsOn: B, DeletionPolicy: "
	  "Retain,\n"
	  "      Properties: {QueueName: !Sub '${P}-${B.Arn}-${AWS::Region}', X: !If [C, "
	  "1, 2],\n"
	  "        Y: !FindInMap [M, a, b], Z: !Sub ['${v}', {v: !GetAtt B.Arn}]}}\n"
	  "Outputs: {O: {Value: !GetAtt Q.Arn, Condition: C, Export: {Name: x}}}\n",
	  "" },
	{ "a list", "[a]",
	  "1:1: a template is a map, not a list; it begins with 'Resources:'\n" },
	{ "no resources", "Description: x\n",
	  "1:1: a template needs at least one resource\n" },
	{ "empty resources", "Resources: {}\n",
	  "1:12: a template needs at least one resource\n" },
	{ "a misspelt section", "Resorces: {}\n" R B,
	  "1:1: a template has no section 'Resorces'; did you mean 'Resources'?\n" },
	{ "a section that is no map", "Parameters: []\n" R B,
	  "1:13: Parameters: must be a map, not a list\n" },
	{ "another version", "AWSTemplateFormatVersion: '2011-01-01'\n" R B,
	  "1:27: AWSTemplateFormatVersion: there is no such version; write "
	  "\"2010-09-09\"\n" },
	{ "a logical ID with a dash", R "  a-b: {Type: 'AWS::S3::Bucket'}\n",
	  "2:3: Resources.a-b: this is no logical ID; use letters and digits, at most "
	  "255\n" },
	{ "no type", R "  A: {Properties: {}}\n",
	  "2:3: Resources.A: the resource has no Type; such as AWS::S3::Bucket\n" },
	{ "a type that is none", R "  A: {Type: Bucket}\n",
	  "2:13: Resources.A.Type: must be a type's name, not 'Bucket'; such as "
	  "AWS::S3::Bucket\n" },
	{ "a resource that is no map", R "  A: x\n",
	  "2:6: Resources.A: must be a map, not a string\n" },
	{ "a misspelt attribute", R "  A: {Type: 'AWS::S3::Bucket', Propertys: {}}\n",
	  "2:32: Resources.A.Propertys: a resource has no such attribute; did you mean "
	  "'Properties'?\n" },
	{ "a deletion policy",
	  R "  A: {Type: 'AWS::S3::Bucket', DeletionPolicy: Retian}\n",
	  "2:48: Resources.A.DeletionPolicy: cannot be 'Retian'; did you mean "
	  "'Retain'?\n" },
	{ "one name for two", "Parameters: {B: {Type: String}}\n" R B,
	  "3:3: Resources.B: a parameter has the same name\n" },
	{ "an output without a value", R B "Outputs: {O: {Description: x}}\n",
	  "3:11: Outputs.O: the output has no Value\n" },
	{ "Ref to nothing", R "  Bucket: {Type: 'A::B', Properties: {N: !Ref Buckt}}\n",
	  "2:42: Resources.Bucket.Properties.N: unresolved reference 'Buckt'; did you "
	  "mean 'Bucket'?\n" },
	{ "Sub of nothing",
	  R B "  C: {Type: 'A::B', Properties: {N: !Sub 'x${Lost}y'}}\n",
	  "3:37: Resources.C.Properties.N: unresolved reference 'Lost'\n" },
	{ "GetAtt of nothing",
	  R B "  C: {Type: 'A::B', Properties: {N: !GetAtt D.Arn}}\n",
	  "3:37: Resources.C.Properties.N: unresolved reference 'D'\n" },
	{ "an attribute that is none",
	  R B "  C: {Type: 'A::B', Properties: {N: !GetAtt B.Url}}\n",
	  "3:37: Resources.C.Properties.N: AWS::S3::Bucket 'B' has no attribute "
	  "'Url'\n" },
	{ "DependsOn nothing", R B "  C: {Type: 'A::B', DependsOn: [B, D]}\n",
	  "3:36: Resources.C.DependsOn[1]: there is no resource 'D'\n" },
	{ "an unknown condition", R "  A: {Type: 'A::B', Condition: C}\n",
	  "2:32: Resources.A.Condition: there is no condition 'C'\n" },
	{ "an unknown condition in If",
	  R "  A: {Type: 'A::B', Properties: {X: !If [C, 1, 2]}}\n",
	  "2:42: Resources.A.Properties.X[0]: there is no condition 'C'\n" },
	{ "an unknown condition in conditions",
	  "Conditions: {A: !Not [{Condition: C}]}\n" R B,
	  "1:23: Conditions.A[0]: there is no condition 'C'\n" },
	{ "an unknown mapping",
	  R "  A: {Type: 'A::B', Properties: {X: !FindInMap [M, a, b]}}\n",
	  "2:49: Resources.A.Properties.X[0]: there is no mapping 'M'\n" },
	{ "a policy's Condition is none of ours",
	  R "  A: {Type: 'A::B', Properties: {Condition: {StringEquals: {a: b}}}}\n",
	  "" },
	{ "a cycle",
	  R "  X: {Type: 'A::B'}\n  A: {Type: 'A::B', Properties: {X: !Ref B}}\n"
	    "  B: {Type: 'A::B', DependsOn: C}\n"
	    "  C: {Type: 'A::B', Properties: {X: !Sub '${A.Arn}'}}\n",
	  "3:3: resources wait for one another: A -> B -> C -> A\n" },
	{ "a resource that waits for itself",
	  R "  A: {Type: 'A::B', Properties: {X: !Ref A}}\n",
	  "2:3: resources wait for one another: A -> A\n" },
	{ "loops may still make what is missing",
	  R "  Fn::ForEach::X: [x, [1], {}]\n  A: {Type: 'A::B', DependsOn: Z}\n", "" },
	{ "so may macros", "Transform: Mine\n" R "  A: {Type: 'A::B', DependsOn: Z}\n",
	  "" },
};

static void findings(struct buf *out, const char *text)
{
	FP_AUTO(arena_release) struct arena a = ARENA_INIT;
	FP_AUTO(diags_release) struct diags d = DIAGS_INIT;
	int rc = cfn_template_check(load_text(&a, text), &d);

	ck_assert_int_eq(rc, d.n ? -1 : 0);
	for (size_t i = 0; i < d.n; i++)
		buf_printf(out, "%u:%u: %s%s%s\n", d.v[i].pos.line, d.v[i].pos.column,
			   d.v[i].message, d.v[i].hint ? "; " : "",
			   str_or(d.v[i].hint, ""));
}

START_TEST(checked)
{
	FP_AUTO(buf_release) struct buf got = BUF_INIT;

	findings(&got, checks[_i].in);
	ck_assert_msg(str_eq(buf_str(&got), checks[_i].want), "%s:\ngot\n%swant\n%s",
		      checks[_i].name, buf_str(&got), checks[_i].want);
}
END_TEST

static const struct {
	const char *unit, *want;
	int times;
} quotas[] = {
	{ R "  R%d: {Type: 'A::B'}\n", "", 500 },
	{ R "  R%d: {Type: 'A::B'}\n",
	  "a stack holds at most 500 resources; these are 501", 501 },
	{ R B "Outputs:\n  O%d: {Value: x}\n",
	  "a stack holds at most 200 outputs; these are 201", 201 },
	{ R B "Parameters:\n  P%d: {Type: String}\n",
	  "a stack holds at most 200 parameters; these are 201", 201 },
};

START_TEST(quotas_hold)
{
	FP_AUTO(buf_release) struct buf text = BUF_INIT, got = BUF_INIT;
	const char *unit = quotas[_i].unit, *line = strrchr(unit, '%');

	while (line > unit && line[-1] != '\n')
		line--;
	buf_add(&text, unit, (size_t)(line - unit));
	for (int i = 0; i < quotas[_i].times; i++) {
		const char *percent = strchr(line, '%');

		buf_add(&text, line, (size_t)(percent - line));
		buf_printf(&text, "%d%s", i, percent + 2);
	}
	findings(&got, text.data);
	if (*quotas[_i].want)
		ck_assert_msg(strstr(buf_str(&got), quotas[_i].want), "%s",
			      buf_str(&got));
	else
		ck_assert_str_eq(buf_str(&got), "");
}
END_TEST

static const char graph[] = R
	"  A: {Type: 'A::B', Properties: {X: [!Ref D, !GetAtt C.Arn, !Ref P], Y: !Ref "
	"D}}\n"
	"  B: {Type: 'A::B'}\n"
	"  C: {Type: 'A::B', DependsOn: [E], Properties: {X: !Sub '${D}-${!B}-${P}'}}\n"
	"  D: {Type: 'A::B', DependsOn: E}\n"
	"  E: {Type: 'A::B', Properties: {X: !Sub ['${v}', {v: !If [q, !Ref B, '']}]}}\n"
	"  F: {Type: 'A::B', Properties: {X: {Ref: B}}}\n";

static const struct {
	const char *id, *want;
} needs[] = {
	{ "A", "D C" }, { "B", "" },  { "C", "E D" }, { "D", "E" },
	{ "E", "B" },	{ "F", "B" }, { "Z", "" },
};

static void join(struct buf *out, const struct strs *l)
{
	for (size_t i = 0; i < l->n; i++)
		buf_printf(out, "%s%s", i ? " " : "", l->v[i]);
}

START_TEST(dependencies)
{
	FP_AUTO(arena_release) struct arena a = ARENA_INIT;
	FP_AUTO(strs_release) struct strs l = STRS_INIT;
	FP_AUTO(buf_release) struct buf got = BUF_INIT;

	cfn_dependencies(&l, load_text(&a, graph), needs[_i].id);
	join(&got, &l);
	ck_assert_str_eq(buf_str(&got), needs[_i].want);
}
END_TEST

START_TEST(order)
{
	FP_AUTO(arena_release) struct arena a = ARENA_INIT;
	FP_AUTO(strs_release) struct strs l = STRS_INIT;
	FP_AUTO(buf_release) struct buf got = BUF_INIT;
	struct fp_error err = { 0 };

	ck_assert_int_eq(cfn_resource_order(&l, load_text(&a, graph), &err), 0);
	join(&got, &l);
	ck_assert_str_eq(buf_str(&got), "B E D C A F");
}
END_TEST

START_TEST(a_cycle_is_named)
{
	FP_AUTO(arena_release) struct arena a = ARENA_INIT;
	FP_AUTO(strs_release) struct strs l = STRS_INIT;
	struct fp_error err = { 0 };
	struct node *n = load_text(&a, R "  A: {DependsOn: B}\n  B: {DependsOn: A}\n");

	ck_assert_int_eq(cfn_resource_order(&l, n, &err), -1);
	ck_assert_int_eq(err.code, FP_ERR_TEMPLATE);
	ck_assert_str_eq(err.where, "t:2:3");
	ck_assert_str_eq(err.message, "resources wait for one another: A -> B -> A");
}
END_TEST

static const struct {
	const char *in, *want;
} capabilities[] = {
	{ R B, "none" },
	{ R "  A: {Type: 'AWS::IAM::Role', Properties: {}}\n", "CAPABILITY_IAM" },
	{ R "  A: {Type: 'AWS::IAM::Role', Properties: {RoleName: x}}\n",
	  "CAPABILITY_NAMED_IAM" },
	{ R "  A: {Type: 'AWS::IAM::Policy', Properties: {PolicyName: x}}\n",
	  "CAPABILITY_IAM" },
	{ "Transform: X\n" R B, "CAPABILITY_AUTO_EXPAND" },
	{ R "  A: {Type: T, Properties: {X: [!Transform {Name: Y}]}}\n",
	  "CAPABILITY_AUTO_EXPAND" },
};

START_TEST(capability)
{
	FP_AUTO(arena_release) struct arena a = ARENA_INIT;
	const char *got = cfn_capability(load_text(&a, capabilities[_i].in));

	ck_assert_str_eq(got ? got : "none", capabilities[_i].want);
}
END_TEST

static Suite *template_suite(void)
{
	Suite *s = suite_create("cfn/template");
	TCase *tc = tcase_create("template");

	tcase_add_loop_test(tc, checked, 0, ARRAY_SIZE(checks));
	tcase_add_loop_test(tc, quotas_hold, 0, ARRAY_SIZE(quotas));
	tcase_add_loop_test(tc, dependencies, 0, ARRAY_SIZE(needs));
	tcase_add_loop_test(tc, capability, 0, ARRAY_SIZE(capabilities));
	tcase_add_test(tc, order);
	tcase_add_test(tc, a_cycle_is_named);
	suite_add_tcase(s, tc);
	return s;
}

CHECK_MAIN(template_suite)
