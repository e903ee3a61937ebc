"""yaml_values.py FPCTL SEED: render generated values and read them back.

The values go into a user template as JSON, under the Metadata of a resource, where
anything may stand. Prints a line a check; ends with 1 when one failed.
"""
import json
import random
import subprocess
import sys

import yaml

FIXED = """on off yes no y n Y N On OFF True TRUE true false null Null NULL ~ 012345678901 0123 08
1e3 1E3 1e+3 1_000 0x1F 0o17 0b11 +1 -1 1. .5 -.5 1:30:00 190:20:30 .inf -.Inf .nan 1,000 1.2.3
2012-10-17 2001-12-14t21:59:43.10-05:00 2001-1-1 = << <<: ! & * | > % @ ` - -- --- ... ? : , [ ]
{ } # ' " '' "" !Ref !Sub&a *a |- >+ x: x:y a:#b x# #x key: ${AWS::Region} {{resolve:ssm:x}}
arn:aws:s3:::x/* http://x/?a=b&c=d %TAG \\n C:\\x null: on: 1:""".split()
PIECES = [" ", "  ", "\t", "\n", "\n\n", "\r", "\r\n", "\x85", "\u2028", "\u2029", "\ufeff", "\u00a0",
          "\u00e9", "\u4e2d", "\u0300", "\U0001f600", "\x7f", "\x01", "\x1b", "\ufffd", "\ue000",
          "\U0010ffff", "a", "0", ":", ": ", "- ", " #", "'", '"', "\\", "---\n", "...\n", "\n---\n"]
POLICY = '{\n  "Version": "2012-10-17",\n  "Statement": [ \n\n    {"Effect": "Allow"}\t\n  ]\n}'
OWN = ["", " ", "  x", "x  ", "\tx", "x\t", "- x", "x: y", "x #y", "a\nb", "a\nb\n", "a\nb\n\n", "\na",
       "a \nb\t\n", "  a\nb", "a\r\nb", "a\rb", "a\x85b", "a\u2028b", "\ufeffa", POLICY, POLICY + "\n",
       POLICY + " \n \n", "x" * 3000, "word " * 500, "\U0001f600\u00e9\u4e2d"]
NUMBERS = [True, False, 0, 1, -5, 1234567890123, 1.5, -0.25, 1e10, 1e-7, 2.0]


class Loader(yaml.SafeLoader):
    """YAML 1.1 with CloudFormation's short forms as the long ones."""


def function(loader, suffix, node):
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = loader.construct_mapping(node, deep=True)
    if suffix == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {suffix if suffix in ("Ref", "Condition") else "Fn::" + suffix: value}


Loader.add_multi_constructor("!", function)


def text(rnd):
    kind = rnd.random()
    if kind < 0.3:
        return rnd.choice(FIXED + OWN)
    if kind < 0.5:
        return rnd.choice([" ", "", "\t"]) + rnd.choice(FIXED) + rnd.choice([" ", "", "\n", " \n", "\t"])
    if kind < 0.7:
        lines = [rnd.choice(["", "  ", " ", "\t"]) + rnd.choice(FIXED) + rnd.choice(["", " ", "\t"])
                 for _ in range(rnd.randrange(1, 6))]
        return "\n".join(lines) + rnd.choice(["", "\n", "\n\n", " "])
    return "".join(rnd.choice(PIECES + FIXED) for _ in range(rnd.randrange(0, 7)))


def value(rnd, depth):
    kind = rnd.random()
    if depth > 4 or kind < 0.6:
        return text(rnd)
    if kind < 0.65:
        return rnd.choice(NUMBERS)
    if kind < 0.8:
        return [value(rnd, depth + 1) for _ in range(rnd.randrange(0, 5))]
    return {"k" + text(rnd) if rnd.random() < 0.3 else text(rnd): value(rnd, depth + 1)
            for _ in range(rnd.randrange(0, 5))}


def render(fpctl, *options):
    done = subprocess.run([fpctl, "render", "--stack", "odd", *options], capture_output=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr.decode(errors="replace"))
    return done.stdout.decode()


def same(a, b):
    """Equal, of the same types, and keys in the same order."""
    return repr(a) == repr(b)



def check(name, fpctl, want):
    template = {"Resources": {"T": {"Type": "AWS::SNS::Topic", "Metadata": {"v": want},
                                    "Properties": {"TopicName": {"Ref": "AWS::StackName"}}}}}
    with open("odd.json", "w", encoding="utf-8") as f:
        json.dump(template, f, ensure_ascii=name.endswith("1"))
    try:
        read = yaml.load(render(fpctl), Loader=Loader)
        said = json.loads(render(fpctl, "--json"))
    except (RuntimeError, yaml.YAMLError, ValueError) as e:
        print(f"{name}: {e}".replace("\n", " "))
        return False
    body = said["stacks"]["odd"]["template"]
    got = read["Resources"]["T"]
    other = body["Resources"]["T"]
    if not same(got["Metadata"]["v"], want):
        print(f"{name}: YAML gave {got['Metadata']['v']!r:.300}, not {want!r:.300}")
    elif got["Properties"] != {"TopicName": {"Ref": "AWS::StackName"}}:
        print(f"{name}: the function came out as {got['Properties']!r}")
    elif not same(other["Metadata"]["v"], want):
        print(f"{name}: JSON gave {other['Metadata']['v']!r:.300}, not {want!r:.300}")
    else:
        print(f"ok {name}")
        return True
    return False


def main():
    fpctl, seed = sys.argv[1], int(sys.argv[2])
    rnd = random.Random(seed)
    good = check("each text as a value", fpctl, FIXED + OWN + NUMBERS)
    good &= check("each text as a key", fpctl, {k: "x" for k in FIXED + OWN})
    good &= check("each piece alone and between letters", fpctl, [s for p in PIECES for s in (p, f"a{p}b")])
    for i in range(30):
        good &= check(f"generated values, seed {seed}, round {i}", fpctl, [value(rnd, 0) for _ in range(40)])
    return 0 if good else 1


sys.exit(main())
