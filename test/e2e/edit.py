"""Edits of random manifests by fpctl, read by another YAML reader.

edit.py FPCTL FOLDER N SEED: prints "ok" or what is wrong, with the seed that shows it.
"""

import copy
import difflib
import os
import random
import subprocess
import sys

import yaml


class Text(yaml.SafeLoader):
    """YAML 1.2's idea of true and false, as fpctl has it: `on` is a text."""


Text.yaml_implicit_resolvers = {
    k: [(tag, pattern) for tag, pattern in v if not tag.endswith((":bool", ":int"))]
    for k, v in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
Text.add_implicit_resolver(
    "tag:yaml.org,2002:bool", __import__("re").compile("^(true|false)$"), list("tf"))
Text.add_implicit_resolver(
    "tag:yaml.org,2002:int", __import__("re").compile("^[0-9]+$"), list("0123456789"))


def manifest(r):
    buckets = {}
    for i in range(r.randrange(1, 5)):
        bucket = {}
        if r.random() < 0.5:
            bucket["prefix"] = r.choice(["in/", ["a/", "b/"], "ü/"])
        if r.random() < 0.5:
            bucket["suffix"] = r.choice([".csv", [".csv", ".json"]])
        if r.random() < 0.3:
            bucket["expire"] = "90d"
        if r.random() < 0.3:
            bucket["versioning"] = True
        buckets["bucket-%d" % i] = bucket
    doc = {"project": "invoices", "buckets": buckets}
    if r.random() < 0.7:
        doc["tags"] = {"team": "finance", "cost": "0012"}
    if r.random() < 0.7:
        doc["processors"] = {"default": {"memory": 512, "timeout": "2m"}}
    if r.random() < 0.7:
        doc["notify"] = "ops@example.com"
    if r.random() < 0.5:
        doc["environments"] = {"dev": {}, "prod": {"account": "111122223333"}}
    return doc


def written(r, doc):
    text = yaml.safe_dump(
        doc, sort_keys=False, allow_unicode=True, indent=r.randrange(2, 7),
        default_flow_style=r.choice([False, None, None]), width=r.choice([40, 200]),
        default_style=r.choice([None, None, None, '"']), line_break="\n")
    lines = []
    for line in text.splitlines():
        indent = line[:len(line) - len(line.lstrip())]
        top = line[:1] not in (" ", "-", "}", "]")
        if top and r.random() < 0.4:
            lines.append("")
        if line.rstrip().endswith(":") and r.random() < 0.4:
            lines.append(indent + "# about " + line.strip())
        if r.random() < 0.2 and line.rstrip()[-1:] in ":]},":
            line += "   # note"
        lines.append(line)
    end = r.choice(["\n", "\n", "\r\n"])
    return end.join(lines) + r.choice([end, end, ""])


def edits(r, doc):
    bucket = r.choice(list(doc["buckets"]))
    return r.choice([
        (["bucket", "add", "fresh"], ["buckets", "fresh"], {}),
        (["bucket", "add", "fresh", "--on", "removed", "--expire", "1d"],
         ["buckets", "fresh"], {"on": "removed", "expire": "1d"}),
        (["set", "buckets.%s.expire" % bucket, "10d"],
         ["buckets", bucket, "expire"], "10d"),
        (["set", "buckets.%s.suffix" % bucket, "[.a, '.b c']"],
         ["buckets", bucket, "suffix"], [".a", ".b c"]),
        (["set", "buckets.%s.retain" % bucket, "false"],
         ["buckets", bucket, "retain"], False),
        (["set", "tags.build", "012345678901"], ["tags", "build"], "012345678901"),
        (["set", "processors.default.memory", "1024"],
         ["processors", "default", "memory"], 1024),
        (["set", "environments.test.account", "012345678901"],
         ["environments", "test", "account"], "012345678901"),
        (["set", "monitoring.alarms.errors", "5"],
         ["monitoring", "alarms", "errors"], 5),
    ])


def put(doc, path, value):
    had = True
    for key in path[:-1]:
        had = had and key in doc
        doc = doc.setdefault(key, {})
    had = had and path[-1] in doc
    doc[path[-1]] = value
    return had


def trial(fpctl, path, seed):
    r = random.Random(seed)
    doc = manifest(r)
    text = written(r, doc)
    with open(path, "w", newline="") as f:
        f.write(text)
    if yaml.load(text, Loader=Text) != doc:
        return "the generated manifest is not what was meant:\n" + text
    arguments, where, value = edits(r, doc)
    want = copy.deepcopy(doc)
    parent = copy.deepcopy(doc)
    for key in where[:-1]:
        parent = parent.get(key) if isinstance(parent, dict) else None
    had = put(want, where, value)
    done = subprocess.run([fpctl, "-f", path] + arguments, capture_output=True, text=True)
    with open(path, newline="") as f:
        after = f.read()
    story = " ".join(arguments) + "\n" + done.stderr + "--- before\n" + text + \
        "\n--- after\n" + after
    if done.returncode:
        return "it failed: " + story
    if yaml.load(after, Loader=Text) != want:
        return "another document than meant: " + story
    if yaml.safe_load(after).get("buckets") != \
            yaml.load(after, Loader=Text).get("buckets"):
        return "YAML 1.1 reads something else: " + story
    changed = [line for line in difflib.ndiff(text.splitlines(), after.splitlines())
               if line[:1] in "+-"]
    if len(changed) > 8:
        return "more lines changed than need be: " + story
    if not had and parent:
        subprocess.run([fpctl, "-f", path, "unset", ".".join(where)],
                       capture_output=True, text=True, check=True)
        with open(path, newline="") as f:
            again = f.read()
        if again != text:
            return "unset did not give the old text back: " + story + \
                "\n--- again\n" + again
    return None


def main():
    fpctl, folder, count, first = sys.argv[1], sys.argv[2], int(sys.argv[3]), \
        int(sys.argv[4])
    path = os.path.join(folder, "fpctl.yaml")
    for seed in range(first, first + count):
        wrong = trial(fpctl, path, seed)
        if wrong:
            sys.exit("seed %d: %s" % (seed, wrong))
    print("ok")


if __name__ == "__main__":
    main()
