/* Whole templates: loops, conditions, and what vanishes. */
#include "check_main.h"

#include "evaluate.h"

#define R "Resources:\n"

static const struct {
	const char *name, *in, *want;
} cases[] = {
	{ "a loop over a map's entries",
	  R "  Fn::ForEach::B:\n    - b\n    - !Ref manifest.buckets\n"
	    "    - ${b.id}Bucket: {Type: 'A::B', Name: !Sub "
	    "'${manifest.project}-${b.name}'}\n",
	  R "  UpBucket:\n    Type: A::B\n    Name: inv-up\n"
	    "  DownBucket:\n    Type: A::B\n    Name: inv-down\n" },
	{ "a loop over texts, as CloudFormation has it",
	  R "  Fn::ForEach::B:\n    - N\n    - [One, Two]\n"
	    "    - Topic${N}: {Type: T, Name: '${N} and ${Other}', Ref: {Ref: N}}\n",
	  R "  TopicOne:\n    Type: T\n    Name: One and ${Other}\n    Ref: One\n"
	    "  TopicTwo:\n    Type: T\n    Name: Two and ${Other}\n    Ref: Two\n" },
	{ "&{x} leaves letters and digits",
	  R "  Fn::ForEach::B:\n    - N\n    - [10.0.0.1]\n    - T&{N}: {A: '&{N}', B: "
	    "'${N}'}\n",
	  R "  T10001:\n    A: \"10001\"\n    B: 10.0.0.1\n" },
	{ "a loop's keys and conditions in functions",
	  R "  Fn::ForEach::B:\n    - b\n    - !Ref manifest.buckets\n"
	    "    - ${b.id}:\n        DeletionPolicy: !If [b.keep, Retain, Delete]\n"
	    "        A: !GetAtt ${b.id}Role.Arn\n"
	    "        B: !Sub '${${b.id}Role.Arn}/*'\n"
	    "        C: !Ref X${b.name}Y\n"
	    "        DependsOn: ['${b.id}Role']\n",
	  R "  Up:\n    DeletionPolicy: Retain\n    A: !GetAtt UpRole.Arn\n"
	    "    B: !Sub ${UpRole.Arn}/*\n    C: !Ref XupY\n    DependsOn:\n      - "
	    "UpRole\n"
	    "  Down:\n    DeletionPolicy: Delete\n    A: !GetAtt DownRole.Arn\n"
	    "    B: !Sub ${DownRole.Arn}/*\n    C: !Ref XdownY\n    DependsOn:\n"
	    "      - DownRole\n" },
	{ "a loop in a list, and in a loop",
	  R "  X:\n    P:\n      - first\n      - Fn::ForEach::B:\n"
	    "          - b\n          - !Ref manifest.buckets\n"
	    "          - Name: !Ref b.name\n            Es:\n"
	    "              - Fn::ForEach::F: [f, !Ref b.filters, {E: !Ref f.e, N: "
	    "'${b.id}'}]\n"
	    "      - last\n",
	  R "  X:\n    P:\n      - first\n      - Name: up\n        Es:\n"
	    "          - E: c1\n            \"N\": Up\n          - E: c2\n            "
	    "\"N\": Up\n"
	    "      - Name: down\n        Es: []\n      - last\n" },
	{ "a list as a loop's body is spliced too",
	  R "  X:\n    P:\n      - Fn::ForEach::B: [n, [1, 2], ['${n}a', !Ref n]]\n",
	  R "  X:\n    P:\n      - 1a\n      - 1\n      - 2a\n      - 2\n" },
	{ "an item that is AWS::NoValue",
	  R "  X:\n    P:\n      - Fn::ForEach::B:\n          - b\n"
	    "          - !Ref manifest.buckets\n"
	    "          - !If [b.keep, !Ref b.id, !Ref AWS::NoValue]\n",
	  R "  X:\n    P:\n      - Up\n" },
	{ "a map's entry has a key",
	  R "  X:\n    Tags:\n      - Fn::ForEach::T:\n          - t\n"
	    "          - !Ref manifest.tags\n          - {Key: !Ref t.key, Value: !Ref "
	    "t}\n",
	  R "  X:\n    Tags:\n      - Key: team\n        Value: fin\n      - Key: cost\n"
	    "        Value: low\n" },
	{ "a map of a loop is named by its name",
	  R "  Fn::ForEach::B: [b, !Ref manifest.buckets, {'X${b}': {A: !Ref b.id}}]\n",
	  R "  Xup:\n    A: Up\n  Xdown:\n    A: Down\n" },
	{ "loops in parameters, conditions and outputs",
	  "Parameters:\n  Fn::ForEach::P:\n    [b, !Ref manifest.buckets, {'${b.id}Arn': "
	  "{Type: "
	  "String}}]\nConditions:\n  Fn::ForEach::C:\n    - b\n    - !Ref "
	  "manifest.buckets\n"
	  "    - ${b.id}Open: !Equals [!Ref '${b.id}Arn', '${b.name}']\n" R
	  "  X: {Condition: UpOpen, Type: T}\nOutputs:\n  Fn::ForEach::O:\n"
	  "    [b, !Ref manifest.buckets, {'${b.id}Out': {Value: !Ref '${b.id}Arn'}}]\n",
	  "Parameters:\n  UpArn:\n    Type: String\n  DownArn:\n    Type: String\n"
	  "Conditions:\n  UpOpen: !Equals\n    - !Ref UpArn\n    - up\n" R
	  "  X:\n    Condition: UpOpen\n    Type: T\nOutputs:\n  UpOut:\n    Value: !Ref "
	  "UpArn\n"
	  "  DownOut:\n    Value: !Ref DownArn\n" },
	{ "a loop over an unknown list stays, and so does its transform",
	  "Transform: AWS::LanguageExtensions\nParameters: {L: {Type: "
	  "CommaDelimitedList}}\n" R "  Fn::ForEach::B:\n    - N\n    - !Ref L\n"
	  "    - T${N}: {A: !Ref N, B: !Sub '${Stage}-${N}', C: !Sub '${N}'}\n",
	  "Transform: AWS::LanguageExtensions\nParameters:\n  L:\n    Type: "
	  "CommaDelimitedList\n" R "  Fn::ForEach::B:\n    - \"N\"\n    - !Ref L\n    - "
	  "T${N}:\n        A: !Ref \"N\"\n"
	  "        B: !Sub prod-${N}\n        C: !Ref \"N\"\n" },
	{ "a loop over an unknown list of conditions",
	  "Transform: AWS::LanguageExtensions\nParameters: {L: {Type: "
	  "CommaDelimitedList}}\n"
	  "Conditions: {Fn::ForEach::C: [N, !Ref L, {'C${N}': !Equals [!Ref N, a]}]}\n" R
	  "  X: {A: !If [Ca, 1, 2]}\n",
	  "Transform: AWS::LanguageExtensions\nParameters:\n  L:\n    Type: "
	  "CommaDelimitedList\n"
	  "Conditions:\n  Fn::ForEach::C:\n    - \"N\"\n    - !Ref L\n    - C${N}: "
	  "!Equals\n"
	  "        - !Ref \"N\"\n        - a\n" R
	  "  X:\n    A: !If\n      - Ca\n      - 1\n"
	  "      - 2\n" },
	{ "an empty loop", R "  X: {}\n  Fn::ForEach::B: [n, [], {'X${n}': {}}]\n",
	  R "  X: {}\n" },

	{ "conditions fold",
	  "Conditions:\n  Prod: !Equals [!Ref Stage, prod]\n" R
	  "  A: {Type: T, Condition: Prod}\n  B: {Type: T, Condition: manifest.off}\n"
	  "  C: {Type: T, DependsOn: [A, B]}\n  D: {Type: T, DependsOn: B}\n"
	  "  E: {Type: T, DependsOn: [B]}\n"
	  "Outputs:\n  O: {Condition: manifest.off, Value: !Ref B}\n",
	  R "  A:\n    Type: T\n  C:\n    Type: T\n    DependsOn:\n      - A\n  D:\n    "
	    "Type: T\n"
	    "  E:\n    Type: T\n" },
	{ "what is not known stays, and what that needs",
	  "Parameters:\n  P: {Type: String}\n  Q: {Type: String}\n  Unused: {Type: "
	  "String}\n"
	  "Conditions:\n  Inner: !Equals [!Ref P, x]\n  Outer: !Not [!Condition Inner]\n"
	  "  Idle: !Equals [!Ref Unused, x]\n  Done: !Equals [a, a]\n"
	  "Mappings:\n  M: {a: {b: c}}\n  N: {a: {b: c}}\n" R
	  "  X: {Type: T, Condition: Outer, V: !FindInMap [M, !Ref Q, b], W: !FindInMap "
	  "[N, a, "
	  "b]}\n",
	  "Parameters:\n  P:\n    Type: String\n  Q:\n    Type: String\n"
	  "Conditions:\n  Inner: !Equals\n    - !Ref P\n    - x\n  Outer: !Not\n"
	  "    - !Condition Inner\nMappings:\n  M:\n    a:\n      b: c\n" R
	  "  X:\n    Type: T\n    Condition: Outer\n    V: !FindInMap\n      - M\n      "
	  "- !Ref Q\n"
	  "      - b\n    W: c\n" },
	{ "the transform goes when nothing needs it",
	  "Transform: [AWS::LanguageExtensions, Mine]\n" R "  X: {N: !Length [a]}\n",
	  "Transform:\n  - Mine\n" R "  X:\n    \"N\": 1\n" },
	{ "a macro may name all that is there",
	  "Transform: Mine\nGlobals: {A: !Ref P}\nParameters: {P: {Type: String}, Q: "
	  "{Type: String}}\n" R "  X: {N: 1}\n",
	  "Transform: Mine\nGlobals:\n  A: !Ref P\nParameters:\n  P:\n    Type: "
	  "String\n  Q:\n    Type: String\n" R "  X:\n    \"N\": 1\n" },
	{ "a mapping that a macro gives",
	  "Mappings: {Fn::Transform: {Name: I}, M: {a: {b: c}}}\n" R
	  "  X: {V: !FindInMap [I, a, b]}\n",
	  "Mappings:\n  Fn::Transform:\n    Name: I\n" R
	  "  X:\n    V: !FindInMap\n      - I\n      - a\n      - b\n" },
	{ "rules name parameters by texts, too",
	  "Parameters: {P: {Type: String}, Q: {Type: String}}\nRules: {R: {Assertions: "
	  "[{Assert: {Fn::ValueOf: [P, x]}}]}}\n" R "  X: {A: 1}\n",
	  "Parameters:\n  P:\n    Type: String\nRules:\n  R:\n    Assertions:\n      - "
	  "Assert:\n          Fn::ValueOf:\n            - P\n            - x\n" R
	  "  X:\n    A: 1\n" },
	{ "a mapping's key that is a function needs it",
	  "Transform: AWS::LanguageExtensions\nMappings: {M: {a-b: {v: 1}}}\n" R
	  "  X: {A: !FindInMap [M, !Sub 'a-${AWS::Region}', v]}\n",
	  "Transform: AWS::LanguageExtensions\nMappings:\n  M:\n    a-b:\n      v: 1\n" R
	  "  X:\n    A: !FindInMap\n      - M\n      - !Sub a-${AWS::Region}\n"
	  "      - v\n" },
	{ "a mapping's key that is a Ref does not",
	  "Transform: AWS::LanguageExtensions\nMappings: {M: {a-b: {v: 1}}}\n" R
	  "  X: {A: !FindInMap [M, !Ref AWS::Region, v]}\n",
	  "Mappings:\n  M:\n    a-b:\n      v: 1\n" R
	  "  X:\n    A: !FindInMap\n      - M\n      - !Ref AWS::Region\n      - v\n" },
	{ "a deletion policy that is a function needs it",
	  "Transform: AWS::LanguageExtensions\n" R
	  "  X: {DeletionPolicy: !Ref AWS::Region}\n",
	  "Transform: AWS::LanguageExtensions\n" R
	  "  X:\n    DeletionPolicy: !Ref AWS::Region\n" },
	{ "rules are left alone, and use parameters",
	  "Parameters: {P: {Type: String}}\nRules:\n  A: {Assertions: [{Assert: "
	  "{Fn::Contains: "
	  "[[a], !Ref P]}}]}\n" R "  X: {}\n",
	  "Parameters:\n  P:\n    Type: String\nRules:\n  A:\n    Assertions:\n      - "
	  "Assert:\n"
	  "          Fn::Contains:\n            - - a\n            - !Ref P\n" R
	  "  X: {}\n" },
	{ "the order and the meaning of scalars stay",
	  "AWSTemplateFormatVersion: '2010-09-09'\nDescription: x\n" R
	  "  X: {C: '012345678901', A: 'on', B: 1e3, D: 0x10, E: '1e3'}\n",
	  "AWSTemplateFormatVersion: \"2010-09-09\"\nDescription: x\n" R
	  "  X:\n    C: \"012345678901\"\n    A: \"on\"\n    B: 1.0e+3\n    D: 16\n"
	  "    E: \"1e3\"\n" },
	{ "a known parameter vanishes",
	  "Parameters: {Stage: {Type: String}}\n" R "  X: {A: !Ref Stage}\n",
	  R "  X:\n    A: prod\n" },

	{ "no map", "[a]",
	  "1:1: a template is a map, not a list; it begins with 'Resources:'\n" },
	{ "a section that is no map", R "  - a\n",
	  "2:3: Resources: a section is a map, not a list\n" },
	{ "all findings come at once",
	  R "  X: {A: !Ref manifest.a, B: !Sub '${manifest.b}', C: !Foo x,\n"
	    "      D: !If [Nope, a, b]}\n",
	  "2:10: Resources.X.A: unresolved reference 'manifest.a'\n"
	  "2:30: Resources.X.B: unresolved reference 'manifest.b'\n"
	  "2:55: Resources.X.C: unknown function '!Foo'\n"
	  "3:15: Resources.X.D[0]: unknown condition 'Nope'\n" },
	{ "a misspelt path of a loop",
	  R "  Fn::ForEach::B: [b, !Ref manifest.buckets, {'${b.idd}': {}}]\n",
	  "2:47: Resources.Fn::ForEach::B[2].${b.idd}: unresolved reference 'b.idd'; did "
	  "you mean 'b.id'?\n" },
	{ "a loop that gives a key twice", R "  Fn::ForEach::B: [b, [1, 2], {X: {}}]\n",
	  "2:32: Resources.Fn::ForEach::B[2].X: the key 'X' comes out twice (also from "
	  "line 2)\n" },
	{ "a loop of a wrong shape", R "  Fn::ForEach::B: [b, [1]]\n",
	  "2:19: Resources.Fn::ForEach::B: Fn::ForEach takes a list of 3: variable, list "
	  "and body\n" },
	{ "a loop without a variable", R "  Fn::ForEach::B: ['a b', [1], {}]\n",
	  "2:20: Resources.Fn::ForEach::B[0]: Fn::ForEach takes a variable of letters "
	  "and digits first\n" },
	{ "a loop over a text", R "  Fn::ForEach::B: [b, x, {}]\n",
	  "2:23: Resources.Fn::ForEach::B[1]: Fn::ForEach runs over a list or a map, not "
	  "a text\n" },
	{ "a loop of keys without a map", R "  Fn::ForEach::B: [b, [1], x]\n",
	  "2:28: Resources.Fn::ForEach::B[2]: Fn::ForEach among keys takes a map as its "
	  "body\n" },
	{ "a map where a text is needed",
	  R "  Fn::ForEach::B: [b, [{a: 1}], {'X${b}': {}}]\n",
	  "2:34: Resources.Fn::ForEach::B[2].X${b}: 'b' is a map: it cannot be put into "
	  "a text\n" },
	{ "conditions in a circle",
	  "Conditions: {A: !Not [!Condition B], B: !Not [!Condition A]}\n" R "  X: {}\n",
	  "1:14: Conditions.A: a condition depends on itself: 'A'\n" },
};

START_TEST(templates)
{
	const __typeof__(cases[0]) *c = &cases[_i];
	FP_AUTO(buf_release) struct buf got = BUF_INIT;

	evaluate(&got, c->in, false, false);
	ck_assert_msg(str_eq(got.data, c->want), "%s:\ngot\n%swant\n%s", c->name,
		      got.data, c->want);
}
END_TEST

/* Evaluating what came out changes nothing more. */
START_TEST(evaluating_is_idempotent)
{
	FP_AUTO(buf_release) struct buf once = BUF_INIT, twice = BUF_INIT;

	evaluate(&once, cases[_i].in, false, false);
	if (once.data[0] >= '0' && once.data[0] <= '9')
		return;
	evaluate(&twice, once.data, false, false);
	ck_assert_str_eq(once.data, twice.data);
}
END_TEST

/* A text that doubles itself at every level must not eat the machine. */
START_TEST(texts_cannot_explode)
{
	FP_AUTO(buf_release) struct buf text = BUF_INIT, got = BUF_INIT;

	buf_puts(&text, R "  X: ");
	for (int i = 0; i < 40; i++)
		buf_puts(&text, "!Sub ['${a}${a}', {a: ");
	buf_puts(&text, "0123456789");
	for (int i = 0; i < 40; i++)
		buf_puts(&text, "}]");
	buf_putc(&text, '\n');
	evaluate(&got, text.data, false, false);
	ck_assert_msg(strstr(got.data, "the text grows beyond"), "%.200s", got.data);
}
END_TEST

START_TEST(loops_cannot_explode)
{
	FP_AUTO(buf_release) struct buf text = BUF_INIT, got = BUF_INIT;

	buf_puts(&text, R "  X:\n    P:\n      - ");
	for (int i = 0; i < 12; i++)
		buf_printf(&text,
			   "Fn::ForEach::L%d: [v%d, [1, 2, 3, 4, 5, 6, 7, 8, 9, 0], [{",
			   i, i);
	buf_puts(&text, "a: b");
	for (int i = 0; i < 12; i++)
		buf_puts(&text, "}]]");
	buf_putc(&text, '\n');
	evaluate(&got, text.data, false, false);
	ck_assert_msg(strstr(got.data, "grow too large"), "%.300s", got.data);
}
END_TEST

START_TEST(a_chain_of_conditions_is_bounded)
{
	FP_AUTO(buf_release) struct buf text = BUF_INIT, got = BUF_INIT;

	buf_puts(&text, "Conditions:\n  C0: !Equals [!Ref P, x]\n");
	for (int i = 1; i < 50000; i++)
		buf_printf(&text, "  C%d: !Not [!Condition C%d]\n", i, (i + 1) % 50000);
	buf_puts(&text, R "  X: {}\n");
	evaluate(&got, text.data, false, false);
	ck_assert_msg(strstr(got.data, "nested too deeply"), "%.300s", got.data);
}
END_TEST

START_TEST(many_rounds_are_linear)
{
	FP_AUTO(arena_release) struct arena a = ARENA_INIT;
	FP_AUTO(diags_release) struct diags d = DIAGS_INIT;
	struct node *known = node_mapping(&a), *list = node_sequence(&a), *out;
	struct cfn_scope scope = { .ref = known_ref, .ctx = known };
	int rc;

	for (int i = 0; i < 20000; i++)
		node_push(&a, list, node_string(&a, arena_printf(&a, "N%d", i)));
	node_put(&a, known, "list", list);
	rc = cfn_eval_template(
		&out, &a,
		load_text(&a, R "  Fn::ForEach::L:\n    - n\n    - !Ref list\n"
				"    - X${n}: {Type: T, DependsOn: 'Y${n}'}\n"
				"      Y${n}: {Type: T, N: [1, 2, {a: '${n}'}]}\n"),
		&scope, &d);
	ck_assert_int_eq(rc, 0);
	ck_assert_uint_eq(node_get(out, "Resources")->map.n, 40000);
	ck_assert_str_eq(node_text(node_at(out, "Resources.YN19999.N.2.a")), "N19999");
	ck_assert_uint_lt(a.used, 100u << 20);
}
END_TEST

static Suite *eval_suite(void)
{
	Suite *s = suite_create("cfn/eval");
	TCase *tc = tcase_create("eval");

	tcase_add_loop_test(tc, templates, 0, ARRAY_SIZE(cases));
	tcase_add_loop_test(tc, evaluating_is_idempotent, 0, ARRAY_SIZE(cases));
	tcase_add_test(tc, texts_cannot_explode);
	tcase_add_test(tc, loops_cannot_explode);
	tcase_add_test(tc, a_chain_of_conditions_is_bounded);
	tcase_add_test(tc, many_rounds_are_linear);
	suite_add_tcase(s, tc);
	return s;
}

CHECK_MAIN(eval_suite)
