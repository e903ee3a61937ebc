"""Buckets of many names: the URL that botocore's client is about to ask, with dual stack,
FIPS, addressing styles and endpoints of one's own."""
import itertools
import os

from botocore.exceptions import BotoCoreError

import peer

NAMES = ["my-bucket", "a" * 63, "abc", "123", "12345", "a1b", "localhost", "xn--abc", "s3",
         "with.dots", "a.b.c", "x..y", "-dash", "dash-", "a.-b", "my_bucket", "MyBucket", "UPPER", "ab",
         "192.168.5.4", "1.2.3", "1.2.3.4.5", "a" * 64, "b.", ".b", "1234.1.1.1"]
STYLES = [None, "auto", "virtual", "path"]
REGIONS = ["us-east-1", "eu-west-1", "cn-north-1", "us-gov-west-1", "aws-global"]
ENDPOINTS = [None, "http://127.0.0.1:4566", "http://localhost:4566", "https://storage.example.com",
             "https://storage.example.com/base", "http://storage.example.com:8080/", "https://[::1]:9000"]
KEYS = {"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_S3_US_EAST_1_REGIONAL_ENDPOINT": "regional", "AWS_EC2_METADATA_DISABLED": "true"}
# What S3 has under such names is reached by other hosts: refused by us.
REFUSED = ["some--euw1-az1--x-s3", "name--op-s3", "alias--ol-s3", "arn:aws:s3:eu-west-1:111122223333:accesspoint/a",
           "arn:aws:s3:::bucket", "", "a/b", "a b", "ü", "..", "a" * 256]

# Where we differ and why. The first field: only from peers older than these rules.
RULES_SINCE = (1, 43)
DIFFERENCES = [
    (False, "a name before an IP address is no host: botocore makes http://with.dots.127.0.0.1",
     lambda name, want: "." in name and want["url"].endswith("127.0.0.1:4566")),
    (True, "FIPS was refused in path style",
     lambda name, want: want["url"].endswith("Path-style addressing cannot be used with FIPS")),
    (True, "a label of one letter did not count as one",
     lambda name, want: any(len(label) == 1 for label in name.split(".")) and want["url"].endswith("/" + name)),
]


def known(name, want):
    return any(test(name, want) and (not older or peer.version() < RULES_SINCE)
               for older, _, test in DIFFERENCES)


def configs():
    for region, style, fips, dual in itertools.product(REGIONS, STYLES, (False, True), (False, True)):
        if not (fips and region.startswith("cn-")):
            yield region, style, fips, dual, None
    for url, style in itertools.product(ENDPOINTS[1:], STYLES):
        yield "eu-west-1", style, False, False, url
    # A configured endpoint is taken as it is.
    yield "eu-west-1", None, True, True, ENDPOINTS[3]


def world(folder, config):
    region, style, fips, dual, _ = config
    path = os.path.join(folder, f"style-{style}")
    with open(path, "w", encoding="utf-8") as f:
        f.write("[default]\n" + (f"s3 =\n  addressing_style = {style}\n" if style else ""))
    env = {**KEYS, "AWS_DEFAULT_REGION": region, "AWS_CONFIG_FILE": path, "AWS_SHARED_CREDENTIALS_FILE": "/nonexistent"}
    env.update({"AWS_USE_FIPS_ENDPOINT": "true"} if fips else {})
    env.update({"AWS_USE_DUALSTACK_ENDPOINT": "true"} if dual else {})
    return env


def theirs(env, url):
    client = peer.session(env).create_client("s3", endpoint_url=url)
    answers = []
    for name in NAMES:
        try:
            answers.append(peer.request_of(client, "head_bucket", Bucket=name))
        except BotoCoreError as e:
            answers.append({"url": f"refused: {e}"})
    return answers


def compare(folder, config, ours):
    env, url = world(folder, config), config[-1]
    questions = [{"env": env, "service": "s3", "bucket": name} for name in NAMES]
    for q in questions:
        q.update({"endpoint_url": url} if url else {})
    wrong = []
    for name, got, want in zip(NAMES, ours.ask_all(questions), theirs(env, url)):
        differs = any(got.get(k) != want.get(k) for k in ("url", "region", "signing_name"))
        if differs and not known(name, want):
            wrong.append(f"{name}: got {got}, wanted {want}")
    return wrong


def run(ours, folder):
    for config in configs():
        region, style, fips, dual, url = config
        what = f"{region}, {style} style" + ", FIPS" * fips + ", dual stack" * dual + (f", {url}" if url else "")
        peer.check(f"buckets: {what}", compare(folder, config, ours))
    env = world(folder, ("eu-west-1", None, False, False, None))
    for name, got in zip(REFUSED, ours.ask_all([{"env": env, "service": "s3", "bucket": n} for n in REFUSED])):
        peer.check(f"no bucket: {name[:40]!r}", [] if "error" in got else [str(got)])
