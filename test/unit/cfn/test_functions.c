/* Every function on its own: short and long form, known and unknown arguments. */
#include "check_main.h"

#include "evaluate.h"

static const char surroundings[] =
	"Parameters:\n"
	"  P: {Type: String}\n"
	"  L: {Type: CommaDelimitedList}\n"
	"Mappings:\n"
	"  M: {prod: {size: big, list: [1, 2]}, dev: {size: small}}\n"
	"Conditions:\n"
	"  Yes: !Equals [!Ref Stage, prod]\n"
	"  No: !Not [!Condition Yes]\n"
	"  Open: !Equals [!Ref P, x]\n"
	"  Loop: !Condition Loop\n"
	"Resources:\n"
	"  Bucket: {Type: AWS::S3::Bucket}\n";

/* The value as compact JSON (so in long form), or "error: line:column: message". */
static void value_of(struct buf *out, const char *text, bool complete, bool yaml)
{
	FP_AUTO(arena_release) struct arena a = ARENA_INIT;
	struct cfn_scope scope = known_scope(&a, complete);
	struct fp_error err = { 0 };
	struct node *result;
	int rc = cfn_eval_value(&result, &a, load_text(&a, text),
				load_text(&a, surroundings), &scope, &err);

	if (rc < 0)
		buf_printf(out, "error: %s: %s", err.where, err.message);
	else if (!result)
		buf_puts(out, "nothing");
	else if (yaml)
		node_emit_yaml(out, result);
	else
		node_emit_json(out, result, 0);
}

static const struct {
	const char *in, *want;
} partial[] = {
	{ "abc", "\"abc\"" },
	{ "{a: [1, true, null]}", "{\"a\":[1,true,null]}" },
	{ "'${AWS::Region} ${manifest.project}'",
	  "\"${AWS::Region} ${manifest.project}\"" },
	{ "'{{resolve:ssm:/a/b:1}}'", "\"{{resolve:ssm:/a/b:1}}\"" },

	{ "!Ref Stage", "\"prod\"" },
	{ "{Ref: Stage}", "\"prod\"" },
	{ "!Ref P", "{\"Ref\":\"P\"}" },
	{ "{Ref: AWS::Region}", "{\"Ref\":\"AWS::Region\"}" },
	{ "!Ref manifest.project", "\"inv\"" },
	{ "!Ref manifest.list", "[\"a\",\"b\"]" },
	{ "!Ref manifest.list.1", "\"b\"" },
	{ "!Ref manifest.none", "nothing" },
	{ "!Ref AWS::NoValue", "nothing" },
	{ "[1, !Ref AWS::NoValue, 2]", "[1,2]" },
	{ "{a: !Ref AWS::NoValue, b: {c: !Ref AWS::NoValue}}", "{\"b\":{}}" },
	{ "!Ref manifest.projekt",
	  "error: t:1:1: unresolved reference 'manifest.projekt': did you mean "
	  "'manifest.project'?" },
	{ "!Ref [a]", "error: t:1:1: Ref takes a name, not a function" },
	{ "{Ref: [a]}", "error: t:1:7: Ref takes a name, not a list" },
	{ "!Ref Lambda${manifest.project}Arn", "{\"Ref\":\"LambdainvArn\"}" },

	{ "!GetAtt Bucket.Arn", "{\"Fn::GetAtt\":[\"Bucket\",\"Arn\"]}" },
	{ "{Fn::GetAtt: Bucket.Arn}", "{\"Fn::GetAtt\":[\"Bucket\",\"Arn\"]}" },
	{ "{Fn::GetAtt: [Bucket, Arn]}", "{\"Fn::GetAtt\":[\"Bucket\",\"Arn\"]}" },
	{ "!GetAtt [Bucket, !Ref P]", "{\"Fn::GetAtt\":[\"Bucket\",{\"Ref\":\"P\"}]}" },
	{ "!GetAtt Known.Arn", "\"arn:known\"" },
	{ "!GetAtt [Known, Arn]", "\"arn:known\"" },
	{ "!GetAtt Known.Out.Url", "\"https://known\"" },
	{ "!GetAtt Bucket",
	  "error: t:1:1: Fn::GetAtt 'Bucket' names no attribute: write it as "
	  "Resource.Attribute" },
	{ "!GetAtt [a, b, c]",
	  "error: t:1:1: Fn::GetAtt takes 'Resource.Attribute' or a list of both" },

	{ "!Sub 'a-${Stage}-${manifest.count}'", "\"a-prod-3\"" },
	{ "!Sub 'a-${AWS::Region}'", "{\"Fn::Sub\":\"a-${AWS::Region}\"}" },
	{ "{Fn::Sub: '${Stage}-${AWS::Region}'}",
	  "{\"Fn::Sub\":\"prod-${AWS::Region}\"}" },
	{ "!Sub '${AWS::Region}'", "{\"Ref\":\"AWS::Region\"}" },
	{ "!Sub '${Bucket.Arn}'", "{\"Fn::GetAtt\":[\"Bucket\",\"Arn\"]}" },
	{ "!Sub '${Bucket.Arn}/*'", "{\"Fn::Sub\":\"${Bucket.Arn}/*\"}" },
	{ "!Sub '${Known.Arn}/*'", "\"arn:known/*\"" },
	{ "!Sub '${!Literal} ${Stage}'", "\"${Literal} prod\"" },
	{ "!Sub '${ Stage }-${ P }-${Stage }'", "{\"Fn::Sub\":\"prod-${P}-prod\"}" },
	{ "!Sub '${!Literal} ${P}'", "{\"Fn::Sub\":\"${!Literal} ${P}\"}" },
	{ "!Sub '${manifest.dollar} ${P}'", "{\"Fn::Sub\":\"a${!b}c ${P}\"}" },
	{ "!Sub ['${a}{b} ${P}', {a: $}]", "{\"Fn::Sub\":\"${!b} ${P}\"}" },
	{ "!Sub '${manifest.dollar}'", "\"a${b}c\"" },
	{ "!Sub 'no placeholder $ {x} ${'", "\"no placeholder $ {x} ${\"" },
	{ "!Sub ['${a}-${b}', {a: 1, b: !Ref Stage}]", "\"1-prod\"" },
	{ "!Sub ['${a}-${b}', {a: 1, b: !Ref P}]", "{\"Fn::Sub\":\"1-${P}\"}" },
	{ "!Sub ['x${a}', {a: !GetAtt Bucket.Arn}]", "{\"Fn::Sub\":\"x${Bucket.Arn}\"}" },
	{ "!Sub ['x${a}', {a: !Sub 'y${P}${!z}'}]", "{\"Fn::Sub\":\"xy${P}${!z}\"}" },
	{ "!Sub ['x${a}', {a: !Select [0, !Ref L]}]",
	  "{\"Fn::Sub\":[\"x${a}\",{\"a\":{\"Fn::Select\":[0,{\"Ref\":\"L\"}]}}]}" },
	{ "!Sub ['${a}', {a: !Select [0, !Ref L]}]",
	  "{\"Fn::Select\":[0,{\"Ref\":\"L\"}]}" },
	{ "!Sub ['x${a}${P}', {a: !Ref P, P: 1}]",
	  "{\"Fn::Sub\":[\"x${a}1\",{\"a\":{\"Ref\":\"P\"}}]}" },
	{ "!Sub ['x', {unused: !Ref P}]", "\"x\"" },
	{ "!Sub '${manifest.list}'",
	  "error: t:1:1: 'manifest.list' is a list: it cannot be put into a text" },
	{ "!Sub '${manifest.none}'",
	  "error: t:1:1: 'manifest.none' is a null: it cannot be put into a text" },
	{ "!Sub '${manifest.lost}'",
	  "error: t:1:1: unresolved reference 'manifest.lost': did "
	  "you mean 'manifest.list'?" },
	{ "!Sub '${}'", "error: t:1:1: Fn::Sub cannot put '${}' into a text" },
	{ "!Sub {a: b}", "error: t:1:1: Fn::Sub takes a text, or a list of a text and a "
			 "map of variables" },
	{ "!Sub [a, b]",
	  "error: t:1:10: Fn::Sub takes a map of variables second, not a string" },

	{ "!Join [',', [a, b, c]]", "\"a,b,c\"" },
	{ "{Fn::Join: ['', [a, !Ref Stage, 3]]}", "\"aprod3\"" },
	{ "!Join ['-', [a, b, !Ref P, c, d]]",
	  "{\"Fn::Join\":[\"-\",[\"a-b\",{\"Ref\":\"P\"},\"c-d\"]]}" },
	{ "!Join ['-', [!Ref P]]", "{\"Ref\":\"P\"}" },
	{ "!Join ['-', []]", "\"\"" },
	{ "!Join ['-', [a, !Ref AWS::NoValue, b]]", "\"a-b\"" },
	{ "!Join ['-', !Ref L]", "{\"Fn::Join\":[\"-\",{\"Ref\":\"L\"}]}" },
	{ "!Join ['-', !Ref Zones]", "\"x-y\"" },
	{ "!Join ['-', !Split ['/', a/b]]", "\"a-b\"" },
	{ "!Join ['-', x]", "error: t:1:13: Fn::Join takes a list, not a string" },
	{ "!Join ['-', [[a]]]", "error: t:1:14: Fn::Join takes a text, not a list" },
	{ "!Join ['-']", "error: t:1:1: Fn::Join takes a list of 2" },

	{ "!Select [1, [a, b]]", "\"b\"" },
	{ "!Select ['0', !Split ['.', a.b]]", "\"a\"" },
	{ "{Fn::Select: [1, [!Ref P, !GetAtt Bucket.Arn]]}",
	  "{\"Fn::GetAtt\":[\"Bucket\",\"Arn\"]}" },
	{ "!Select [0, !GetAZs '']", "{\"Fn::Select\":[0,{\"Fn::GetAZs\":\"\"}]}" },
	{ "!Select [!Ref P, [a]]", "{\"Fn::Select\":[{\"Ref\":\"P\"},[\"a\"]]}" },
	{ "!Select [2, [a, b]]",
	  "error: t:1:1: Fn::Select asks for item 2 of a list of 2" },
	{ "!Select [-1, [a]]",
	  "error: t:1:1: Fn::Select asks for item -1 of a list of 1" },
	{ "!Select [x, [a]]",
	  "error: t:1:10: Fn::Select takes the item's number first, from 0" },

	{ "!Split [',', 'a,b,,c']", "[\"a\",\"b\",\"\",\"c\"]" },
	{ "!Split ['--', 'a']", "[\"a\"]" },
	{ "!Split [',', !Ref P]", "{\"Fn::Split\":[\",\",{\"Ref\":\"P\"}]}" },
	{ "!Split ['', a]",
	  "error: t:1:1: Fn::Split takes a delimiter that is not empty" },

	{ "!If [Yes, a, b]", "\"a\"" },
	{ "{Fn::If: [No, a, b]}", "\"b\"" },
	{ "!If [Yes, a, !Ref manifest.lost]", "\"a\"" },
	{ "!If [Open, !Ref Stage, !Ref AWS::NoValue]",
	  "{\"Fn::If\":[\"Open\",\"prod\",{\"Ref\":\"AWS::NoValue\"}]}" },
	{ "!If [Open, {a: [!Ref P]}, !If [Yes, x, y]]",
	  "{\"Fn::If\":[\"Open\",{\"a\":[{\"Ref\":\"P\"}]},\"x\"]}" },
	{ "!If [Open, same, same]", "\"same\"" },
	{ "!If [manifest.retain, a, b]", "\"a\"" },
	{ "!If [manifest.off, a, b]", "\"b\"" },
	{ "!If [manifest.none, a, b]", "\"b\"" },
	{ "!If [!Equals [!Ref Stage, prod], a, b]", "\"a\"" },
	{ "!If [manifest.project, a, b]",
	  "error: t:1:6: 'manifest.project' is a string, not true or false" },
	{ "!If [Opn, a, b]",
	  "error: t:1:6: unknown condition 'Opn': did you mean 'Open'?" },
	{ "!If [Loop, a, b]", "error: t:10:3: a condition depends on itself: 'Loop'" },
	{ "!If [!Equals [!Ref P, x], a, b]", "error: t:1:6: Fn::If takes a condition's "
					     "name: this one is not known here: declare "
					     "it under Conditions" },
	{ "!If [Yes, a]",
	  "error: t:1:1: Fn::If takes a list of 3: condition, value if true, "
	  "value if false" },

	{ "!Equals [1, '1']", "true" },
	{ "!Equals ['true', true]", "true" },
	{ "!Equals [a, b]", "false" },
	{ "!Equals [[a], [a]]", "true" },
	{ "!And [!Condition Yes, !Equals [a, a]]", "true" },
	{ "!And [!Condition Yes, !Condition Open]", "{\"Condition\":\"Open\"}" },
	{ "!And [!Condition No, !Condition Open]", "false" },
	{ "!Or [!Condition No, !Condition Open]", "{\"Condition\":\"Open\"}" },
	{ "!Or [!Condition Yes, !Condition Open]", "true" },
	{ "!Or [{Condition: Open}, !Equals [!Ref P, y]]",
	  "{\"Fn::Or\":[{\"Condition\":\"Open\"},{\"Fn::Equals\":[{\"Ref\":\"P\"},\"y\"]}"
	  "]}" },
	{ "!Not [!Condition Open]", "{\"Fn::Not\":[{\"Condition\":\"Open\"}]}" },
	{ "!Not [!Ref manifest.retain]", "false" },
	{ "!Not [a, b]", "error: t:1:1: Fn::Not takes a list of 1" },
	{ "!Not [x]", "error: t:1:7: a condition is expected here, not a string" },

	{ "!FindInMap [M, !Ref Stage, size]", "\"big\"" },
	{ "{Fn::FindInMap: [M, dev, size]}", "\"small\"" },
	{ "!FindInMap [M, prod, list]", "[1,2]" },
	{ "!FindInMap [M, !Ref P, size]",
	  "{\"Fn::FindInMap\":[\"M\",{\"Ref\":\"P\"},\"size\"]}" },
	{ "!FindInMap [M, test, size, {DefaultValue: d}]", "\"d\"" },
	{ "!FindInMap [M, test, size, {DefaultValue: !Ref AWS::NoValue}]", "nothing" },
	{ "!FindInMap [N, a, b]", "error: t:1:13: no mapping is named 'N'" },
	{ "!FindInMap [M, prd, size]",
	  "error: t:1:16: the mapping 'M' has no 'prd': did you mean 'prod'?" },
	{ "!FindInMap [M, prod, siez]",
	  "error: t:1:22: the mapping 'M.prod' has no 'siez': did you mean 'size'?" },

	{ "!Base64 hello", "\"aGVsbG8=\"" },
	{ "{Fn::Base64: !Sub '${Stage}!'}", "\"cHJvZCE=\"" },
	{ "!Base64 {Ref: P}", "{\"Fn::Base64\":{\"Ref\":\"P\"}}" },
	{ "!Base64 [a]", "error: t:1:1: Fn::Base64 takes a text, not a list" },
	{ "!Cidr [10.0.0.0/16, 3, 8]",
	  "[\"10.0.0.0/24\",\"10.0.1.0/24\",\"10.0.2.0/24\"]" },
	{ "!Cidr [10.0.0.0/24, '2', '5']", "[\"10.0.0.0/27\",\"10.0.0.32/27\"]" },
	{ "!Cidr ['2001:db8::/56', 2, 64]", "[\"2001:db8::/64\",\"2001:db8:0:1::/64\"]" },
	{ "!Cidr [!Ref P, 2, 8]", "{\"Fn::Cidr\":[{\"Ref\":\"P\"},2,8]}" },
	{ "!Cidr [10.0.0.0/24, 2, 8]",
	  "error: t:1:1: Fn::Cidr: 10.0.0.0/24 has no room for 2 blocks of 8 host bits" },
	{ "!Cidr [nonsense, 2, 8]",
	  "error: t:1:8: Fn::Cidr takes an address block such as 10.0.0.0/16 first" },
	{ "!GetAZs eu-west-1", "{\"Fn::GetAZs\":\"eu-west-1\"}" },
	{ "{Fn::GetAZs: !Ref AWS::Region}",
	  "{\"Fn::GetAZs\":{\"Ref\":\"AWS::Region\"}}" },
	{ "!ImportValue exp", "\"exported\"" },
	{ "{Fn::ImportValue: !Sub '${Stage}-x'}", "{\"Fn::ImportValue\":\"prod-x\"}" },
	{ "!ImportValue {'Fn::Sub': '${P}-x'}",
	  "{\"Fn::ImportValue\":{\"Fn::Sub\":\"${P}-x\"}}" },
	{ "{Fn::GetStackOutput: {StackName: !Sub 's-${Stage}', OutputName: o}}",
	  "{\"Fn::GetStackOutput\":{\"StackName\":\"s-prod\",\"OutputName\":\"o\"}}" },
	{ "!GetStackOutput {StackName: other, OutputName: o}", "\"prod\"" },
	{ "!GetStackOutput x",
	  "error: t:1:1: Fn::GetStackOutput takes a map, not a string" },
	{ "!GetStackOutput {StackName: s}",
	  "error: t:1:1: Fn::GetStackOutput needs the key 'OutputName'" },
	{ "!GetStackOutput {StackName: s, OutputName: o, Regoin: r}",
	  "error: t:1:47: Fn::GetStackOutput has no key 'Regoin': did you mean "
	  "'Region'?" },
	{ "!Transform {Parameters: {}}",
	  "error: t:1:1: Fn::Transform needs the key 'Name'" },
	{ "!ToJsonString x",
	  "error: t:1:1: Fn::ToJsonString takes a list or a map, not a string" },
	{ "!Or [!Condition Open]",
	  "error: t:1:1: Fn::Or takes a list of 2 to 10 conditions" },
	{ "{Fn::Transform: {Name: X, Parameters: {a: !Ref Stage}}}",
	  "{\"Fn::Transform\":{\"Name\":\"X\",\"Parameters\":{\"a\":\"prod\"}}}" },

	{ "!Length [a, b]", "2" },
	{ "{Fn::Length: !Ref manifest.list}", "2" },
	{ "!Length [a, !Ref AWS::NoValue, !Ref P]", "2" },
	{ "{Fn::Length: !Ref L}", "{\"Fn::Length\":{\"Ref\":\"L\"}}" },
	{ "!Length abc", "error: t:1:1: Fn::Length takes a list, not a string" },

	{ "!ToJsonString {a: [1, 'x', true], b: null}",
	  "\"{\\\"a\\\":[1,\\\"x\\\",true],\\\"b\\\":null}\"" },
	{ "{Fn::ToJsonString: {r: !Ref AWS::Region, s: !Ref Stage}}",
	  "{\"Fn::Sub\":\"{\\\"r\\\":\\\"${AWS::Region}\\\",\\\"s\\\":\\\"prod\\\"}\"}" },
	{ "!ToJsonString ['a${b}', !GetAtt Bucket.Arn]",
	  "{\"Fn::Sub\":\"[\\\"a${!b}\\\",\\\"${Bucket.Arn}\\\"]\"}" },
	{ "!ToJsonString [!Sub \"one\\ntwo \\\"${AWS::Region}\\\" ${!X\\\"}\"]",
	  "{\"Fn::Sub\":\"[\\\"one\\\\ntwo \\\\\\\"${AWS::Region}\\\\\\\" "
	  "${!X\\\\\\\"}\\\"]\"}" },
	{ "!ToJsonString [!If [Open, x, y]]",
	  "{\"Fn::Sub\":[\"[\\\"${Value1}\\\"]\",{\"Value1\":{\"Fn::If\":[\"Open\",\"x\","
	  "\"y\"]}}]}" },
	{ "!ToJsonString {a: !Ref L}", "{\"Fn::ToJsonString\":{\"a\":{\"Ref\":\"L\"}}}" },
	{ "!ToJsonString {a: !If [Open, [x], y]}",
	  "{\"Fn::ToJsonString\":{\"a\":{\"Fn::If\":[\"Open\",[\"x\"],\"y\"]}}}" },

	{ "!Jion [a, b]",
	  "error: t:1:1: unknown function '!Jion': did you mean 'Fn::Join'?" },
	{ "{Fn::Foo: 1}", "error: t:1:1: unknown function 'Fn::Foo'" },
	{ "{Fn::Ref: 1}",
	  "error: t:1:1: unknown function 'Fn::Ref': did you mean 'Ref'?" },
	{ "{Condition: {a: b}}", "{\"Condition\":{\"a\":\"b\"}}" },
	{ "{'${manifest.project}X': 1, '${aws:username}': 2}",
	  "{\"invX\":1,\"${aws:username}\":2}" },
};

START_TEST(partially)
{
	FP_AUTO(buf_release) struct buf got = BUF_INIT;

	value_of(&got, partial[_i].in, false, false);
	ck_assert_msg(str_eq(got.data, partial[_i].want), "%s\n got %s\nwant %s",
		      partial[_i].in, got.data, partial[_i].want);
}
END_TEST

static const struct {
	const char *in, *want;
} complete[] = {
	{ "!Ref AWS::Region", "\"eu-west-1\"" },
	{ "!Ref Lost", "error: t:1:1: unresolved reference 'Lost'" },
	{ "{Ref: Buket}",
	  "error: t:1:1: unresolved reference 'Buket': did you mean 'Bucket'?" },
	{ "!GetAtt Known.Arn", "\"arn:known\"" },
	{ "!GetAtt Bucket.Arn", "error: t:1:1: unresolved reference 'Bucket.Arn'" },
	{ "a: !Sub '${Lost}'", "error: t:1:4: unresolved reference 'Lost'" },
	{ "!Sub '${Bucket.Arn}'", "error: t:1:1: unresolved reference 'Bucket.Arn'" },
	{ "!Sub 'arn:${AWS::Region}:${!x}'", "\"arn:eu-west-1:${x}\"" },
	{ "!GetAZs ''", "[\"eu-west-1a\",\"eu-west-1b\",\"eu-west-1c\"]" },
	{ "!Select [0, !GetAZs us-east-1]", "\"us-east-1a\"" },
	{ "!ImportValue lost", "error: t:1:1: no export is named 'lost'" },
	{ "!ImportValue exp", "\"exported\"" },
	{ "!GetStackOutput {StackName: other, OutputName: o}", "\"prod\"" },
	{ "!GetStackOutput {StackName: lost, OutputName: o}",
	  "error: t:1:1: Fn::GetStackOutput: its value is not known here" },
	{ "{Fn::Transform: {Name: X}}",
	  "error: t:1:1: Fn::Transform: its value is not known here" },
	{ "!ToJsonString {a: !Ref AWS::Region}", "\"{\\\"a\\\":\\\"eu-west-1\\\"}\"" },
	{ "!If [No, !Ref Lost, ok]", "\"ok\"" },
};

START_TEST(completely)
{
	FP_AUTO(buf_release) struct buf got = BUF_INIT;

	value_of(&got, complete[_i].in, true, false);
	ck_assert_msg(str_eq(got.data, complete[_i].want), "%s\n got %s\nwant %s",
		      complete[_i].in, got.data, complete[_i].want);
}
END_TEST

/* What stays is written in short form, unless YAML cannot say it. */
static const struct {
	const char *in, *want;
} kept[] = {
	{ "{Ref: P}", "!Ref P\n" },
	{ "{Fn::GetAtt: [Bucket, Arn]}", "!GetAtt Bucket.Arn\n" },
	{ "{Fn::Sub: 'a${P}'}", "!Sub a${P}\n" },
	{ "{Fn::If: [Open, {Ref: P}, {Fn::GetAZs: ''}]}",
	  "!If\n- Open\n- !Ref P\n- !GetAZs \"\"\n" },
	{ "{Fn::Base64: {Fn::Sub: 'a${P}'}}", "Fn::Base64: !Sub a${P}\n" },
	{ "{Fn::GetStackOutput: {StackName: !Ref P, OutputName: o}}",
	  "Fn::GetStackOutput:\n  StackName: !Ref P\n  OutputName: o\n" },
	{ "!GetStackOutput {StackName: !Ref P, OutputName: o}",
	  "Fn::GetStackOutput:\n  StackName: !Ref P\n  OutputName: o\n" },
	{ "!GetStackOutput {StackName: s, OutputName: o}",
	  "!GetStackOutput\nStackName: s\nOutputName: o\n" },
	{ "{Fn::GetAZs: {Ref: AWS::Region}}", "Fn::GetAZs: !Ref AWS::Region\n" },
	{ "{Fn::Or: [{Condition: Open}, {Fn::Not: [{Condition: Open}]}]}",
	  "!Or\n- !Condition Open\n- !Not\n  - !Condition Open\n" },
	{ "{Fn::Split: [',', {Ref: P}]}", "!Split\n- \",\"\n- !Ref P\n" },
};

START_TEST(kept_in_short_form)
{
	FP_AUTO(buf_release) struct buf got = BUF_INIT;

	value_of(&got, kept[_i].in, false, true);
	ck_assert_str_eq(got.data, kept[_i].want);
}
END_TEST

static Suite *functions_suite(void)
{
	Suite *s = suite_create("cfn/functions");
	TCase *tc = tcase_create("functions");

	tcase_add_loop_test(tc, partially, 0, ARRAY_SIZE(partial));
	tcase_add_loop_test(tc, completely, 0, ARRAY_SIZE(complete));
	tcase_add_loop_test(tc, kept_in_short_form, 0, ARRAY_SIZE(kept));
	suite_add_tcase(s, tc);
	return s;
}

CHECK_MAIN(functions_suite)
