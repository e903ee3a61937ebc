"""Random shared files, odd ones above all: our profiles against those of botocore, with a
printed seed. Its configparser is told to take duplicates, as ours does."""
import configparser
import functools
import os
import random

import botocore.configloader
from botocore.exceptions import ConfigParseError

import peer

COUNT = int(os.environ.get("ENDPOINTS_COUNT") or 1500)
NAMES = ["default", "dev", "Dev", "prod", "'my team'", '"my team"', "my team", "my\\ team", "a'b", "", "DEFAULT"]
KEYS = ["region", "Region", "s3", "endpoint_url", "services", "aws_access_key_id", "role_arn", "k e y", "#k", "x[y]"]
VALUES = ["", "eu-west-1", "a=b", "a:b", "x # no comment", "[x]", "path", "=", ":", '"quoted"', "x;y", "  two  words "]
STRICT = configparser.RawConfigParser
BLANKS = ["", " ", "  ", "\t", "    "]
ENDS = ["\n", "\n", "\n", "\r\n", "\r"]


def section(r, config):
    name = r.choice(NAMES)
    if not config:
        return f"[{name}]"
    kind = r.choice(["profile ", "profile ", "profile\t", "sso-session ", "services ", ""])
    return f"[{kind}{name}]" + r.choice(["", "", "", " # x", " ]"])


def line(r, config):
    what = r.random()
    if what < 0.2:
        return r.choice(["", "", "", "  "]) + section(r, config)
    if what < 0.3:
        return r.choice(BLANKS) + r.choice(["# comment", "; comment", "#", ""])
    if what < 0.33:
        return r.choice(["[", "]", "[]", "x", "= x", ": x", "[dev", "dev]"])
    indent = r.choice(["", "", "", "", "  ", "\t", "    "])
    return indent + r.choice(KEYS) + r.choice(["=", " = ", ":", " : ", "\t=\t"]) + r.choice(VALUES) + r.choice(["", " "])


def text(r, config):
    lines = [section(r, config)] if r.random() < 0.95 else []
    lines += [line(r, config) for _ in range(r.randrange(12))]
    # Ours takes spaces behind the bracket; botocore does not see such a profile.
    return "".join(x + r.choice(ENDS) for x in lines if not x.strip().startswith(("[ ", "[\t")))


def theirs(folder, config, credentials):
    for name, content in (("config", config), ("credentials", credentials)):
        with open(os.path.join(folder, name), "w", encoding="utf-8", newline="") as f:
            f.write(content)
    made = peer.session({"AWS_CONFIG_FILE": os.path.join(folder, "config"),
                         "AWS_SHARED_CREDENTIALS_FILE": os.path.join(folder, "credentials")})
    return made.full_config


def flatten(full):
    """[kind, section, key] -> value, nested keys with a dot."""
    flat = {}
    for kind, key in (("profile", "profiles"), ("services", "services"), ("sso-session", "sso_sessions")):
        for name, values in full.get(key, {}).items():
            for k, v in values.items():
                if isinstance(v, dict):
                    flat.update({(kind, name, f"{k}.{n}"): nested for n, nested in v.items()})
                else:
                    flat[(kind, name, k)] = v
    return flat


def is_broken(value):
    return value.startswith("\n") and any("=" not in x for x in value.split("\n") if x.strip())


def refused_as_it_is(folder):
    """A broken value that botocore does not come to see: one that a duplicate replaces (without
    duplicates nobody takes it), or in a DEFAULT that holds for no section."""
    for name in ("config", "credentials"):
        path = os.path.join(folder, name)
        loose = STRICT(strict=False)
        loose.read([path])
        if any(is_broken(v) for v in loose.defaults().values()):
            return True
        try:
            STRICT().read([path])
        except configparser.Error:
            return True
    return False


def compare(ours, folder, r):
    config, credentials = text(r, True), text(r, False)
    question = {"config": config, "credentials": credentials, "ask": []}
    try:
        full = theirs(folder, config, credentials)
    except ConfigParseError:
        got = ours.ask(question)
        return [] if "error" in got else [f"{config!r} {credentials!r}: wanted an error"]
    flat = flatten(full)
    got = ours.ask({**question, "ask": [list(k) for k in flat]})
    if "error" in got:
        return [] if refused_as_it_is(folder) else [f"{config!r} {credentials!r}: {got['error']}"]
    wrong = [f"{config!r} {credentials!r}: {k}: got {a!r}, wanted {b!r}"
             for (k, b), a in zip(flat.items(), got["values"]) if a != b]
    if sorted(got["names"]) != sorted(full["profiles"]):
        wrong.append(f"{config!r} {credentials!r}: got {got['names']}, wanted {list(full['profiles'])}")
    return wrong


def run(ours, folder):
    configparser.RawConfigParser = functools.partial(STRICT, strict=False)
    try:
        for part in range(10):
            r = random.Random(f"{peer.SEED}.{part}")
            wrong = [w for _ in range(COUNT // 10) for w in compare(ours, folder, r)]
            peer.check(f"profiles of {COUNT // 10} random files, seed {peer.SEED}, part {part}", wrong)
    finally:
        configparser.RawConfigParser = STRICT
