"""Region, profile, retries and endpoints from options, environment and files: ours against
what the AWS CLI (Debian's, with its own botocore) and botocore make of the same."""
import os

from botocore.exceptions import BotoCoreError

import peer

CONFIG = """
[default]
region = eu-west-1
ca_bundle = /from/default.pem
retry_mode = adaptive
max_attempts = 7

[profile dev]
region = eu-west-2
use_fips_endpoint = true
s3 =
  addressing_style = path

[profile local]
region = eu-west-3
endpoint_url = http://all.example:1000
services = mine

[profile all]
endpoint_url = http://all.example:1000/base/

[profile ignoring]
endpoint_url = http://all.example:1000
ignore_configured_endpoint_urls = true

[profile lost]
services = nowhere

[profile plain]
output = json

[services mine]
s3 =
  endpoint_url = http://s3.example:2000
cloudwatch_logs =
  endpoint_url = http://logs.example:3000
codestar_connections =
  endpoint_url = http://codestar.example:4000
sts =
  max_attempts = 3
iam =
  endpoint_url =
"""
CREDENTIALS = """
[dev]
region = us-west-2
aws_access_key_id = ID
aws_secret_access_key = secret

[keys]
region = ap-south-1
"""

# name, environment, --profile, --region
SETTINGS = [
    ("nothing", {}, None, None),
    ("AWS_REGION", {"AWS_REGION": "us-east-1"}, None, None),
    ("AWS_DEFAULT_REGION", {"AWS_DEFAULT_REGION": "us-east-2"}, None, None),
    ("both", {"AWS_REGION": "us-east-1", "AWS_DEFAULT_REGION": "us-east-2"}, None, None),
    ("the option", {"AWS_REGION": "us-east-1"}, None, "us-west-1"),
    ("--profile: the credentials file goes over the config file", {}, "dev", None),
    ("AWS_PROFILE", {"AWS_PROFILE": "dev"}, None, None),
    ("AWS_DEFAULT_PROFILE", {"AWS_DEFAULT_PROFILE": "local"}, None, None),
    ("both profiles", {"AWS_PROFILE": "dev", "AWS_DEFAULT_PROFILE": "local"}, None, None),
    ("--profile before AWS_PROFILE", {"AWS_PROFILE": "dev"}, "local", None),
    ("a profile of the credentials file alone", {}, "keys", None),
    ("a profile without a region, a region in the environment", {"AWS_REGION": "us-east-1"}, "plain", None),
    ("a profile that does not exist", {"AWS_PROFILE": "dve"}, None, None),
    ("a profile that does not exist, a region in the environment", {"AWS_REGION": "us-east-1"}, "dve", None),
    ("'default' may be named", {"AWS_PROFILE": "default"}, None, None),
    ("AWS_CA_BUNDLE", {"AWS_CA_BUNDLE": "/x.pem"}, None, None),
    ("AWS_RETRY_MODE", {"AWS_RETRY_MODE": "legacy"}, None, None),
    ("AWS_MAX_ATTEMPTS", {"AWS_MAX_ATTEMPTS": "9"}, None, None),
    ("attempts that are none", {"AWS_MAX_ATTEMPTS": "many"}, None, None),
    ("FIPS by the environment", {"AWS_USE_FIPS_ENDPOINT": "TRUE"}, None, None),
    ("no FIPS by the environment", {"AWS_USE_FIPS_ENDPOINT": "false"}, "dev", None),
    ("dual stack", {"AWS_USE_DUALSTACK_ENDPOINT": "true"}, None, None),
]
FIELDS = ["profile", "region", "ca_bundle", "max_attempts", "retry_mode", "use_fips_endpoint",
          "use_dualstack_endpoint"]

# A call without arguments of each service that has one at the path "/".
CALLS = {"sts": "get_caller_identity", "s3": "list_buckets", "logs": "describe_log_groups", "iam": "list_roles",
         "sns": "list_topics", "cloudformation": "list_stacks", "codestar-connections": "list_connections"}
STS_REGIONS = ["eu-west-1", "us-east-1", "us-west-2", "ap-east-1", "sa-east-1", "me-south-1", "cn-north-1",
               "us-gov-west-1", "aws-global"]
ALL, OF_S3 = {"AWS_ENDPOINT_URL": "http://env.example"}, {"AWS_ENDPOINT_URL_S3": "https://env-s3.example"}
IGNORE = {"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"}
# name, environment, profile, --endpoint-url
ENDPOINTS = [
    ("AWS_ENDPOINT_URL", ALL, None, None),
    ("a service's own variable", OF_S3, None, None),
    ("both variables", {**ALL, **OF_S3}, None, None),
    ("CloudWatch Logs by its id", {"AWS_ENDPOINT_URL_CLOUDWATCH_LOGS": "http://l.example"}, None, None),
    ("CodeStar connections by its id", {"AWS_ENDPOINT_URL_CODESTAR_CONNECTIONS": "http://c.example"}, None, None),
    ("the option before all", {**ALL, **OF_S3}, "local", "http://option.example/"),
    ("the option is not ignored", {**ALL, **IGNORE}, None, "http://option.example"),
    ("ignored", {**ALL, **OF_S3, **IGNORE}, "local", None),
    ("ignored by the profile", ALL, "ignoring", None),
    ("not ignored after all", {"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "false"}, "ignoring", None),
    ("the profile's", {}, "all", None),
    ("the profile's services", {}, "local", None),
    ("AWS_ENDPOINT_URL before the services", ALL, "local", None),
    ("a variable before the services", OF_S3, "local", None),
    ("a services section that is not there", {}, "lost", None),
    ("AWS_ENDPOINT_URL hides that", ALL, "lost", None),
    ("none", {}, "plain", None),
    ("an empty variable", {"AWS_ENDPOINT_URL": "", "AWS_ENDPOINT_URL_S3": ""}, "local", None),
    ("FIPS and dual stack do not change it", {**ALL, "AWS_USE_FIPS_ENDPOINT": "true",
                                              "AWS_USE_DUALSTACK_ENDPOINT": "true"}, None, None),
    ("no URL", {"AWS_ENDPOINT_URL": "env.example"}, None, None),
]


def world(folder, env):
    for name, text in (("config", CONFIG), ("credentials", CREDENTIALS)):
        with open(os.path.join(folder, name), "w", encoding="utf-8") as f:
            f.write(text)
    return {"AWS_CONFIG_FILE": os.path.join(folder, "config"),
            "AWS_SHARED_CREDENTIALS_FILE": os.path.join(folder, "credentials"),
            "AWS_EC2_METADATA_DISABLED": "true", **env}


def cli_settings(env, profile, region):
    session = peer.session(env, profile)
    if region:
        session.set_config_variable("region", region)
    got = {name: session.get_config_variable(name) for name in FIELDS}
    got["profile"] = got["profile"] or "default"
    return got


def text_of(value):
    return None if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def compare_settings(ours, folder, case):
    name, env, profile, region = case
    env = world(folder, env)
    question = {k: v for k, v in (("env", env), ("profile", profile), ("region", region)) if v}
    got = ours.ask(question)
    try:
        want = cli_settings(env, profile, region)
    except Exception as e:  # noqa: BLE001 (the CLI's botocore has exceptions of its own)
        return [] if "error" in got else [f"{name}: got {got}, but the AWS CLI says {e}"]
    if "error" in got:
        return [f"{name}: {got['error']}"]
    wrong = []
    for field in FIELDS:
        value = got["settings"].get(field, {}).get("value")
        if (value or "").lower() != (text_of(want[field]) or "").lower():
            wrong.append(f"{field}: got {value!r}, wanted {want[field]!r}")
    return wrong


def compare_endpoint(ours, folder, case, service):
    _, env, profile, url = case
    env = world(folder, {"AWS_ACCESS_KEY_ID": "ID", "AWS_SECRET_ACCESS_KEY": "s", **env})
    question = {"env": env, "service": service, "region": "eu-west-1"}
    question.update({k: v for k, v in (("profile", profile), ("endpoint_url", url)) if v})
    got = ours.ask(question)
    try:
        session = peer.session(env, profile)
        credentials = {"aws_access_key_id": "ID", "aws_secret_access_key": "s"}
        client = session.create_client(service, region_name="eu-west-1", endpoint_url=url, **credentials)
        want = peer.request_of(client, CALLS[service])
    except (BotoCoreError, ValueError) as e:
        return [] if "error" in got else [f"{service}: got {got}, but botocore says {e}"]
    if any(got.get(k) != want.get(k) for k in ("url", "region", "signing_name")):
        return [f"{service}: got {got}, wanted {want}"]
    return []


def compare_sts(ours, mode, region):
    env = {"AWS_ACCESS_KEY_ID": "ID", "AWS_SECRET_ACCESS_KEY": "s", "AWS_DEFAULT_REGION": region,
           "AWS_STS_REGIONAL_ENDPOINTS": mode}
    got = ours.ask({"env": env, "service": "sts"})
    want = peer.request_of(peer.session(env).create_client("sts"), "get_caller_identity")
    return [f"{region}: got {got}, wanted {want}"] if any(got.get(k) != want[k] for k in want) else []


def run(ours, folder):
    for mode in ("legacy", "regional"):
        wrong = [w for region in STS_REGIONS for w in compare_sts(ours, mode, region)]
        peer.check(f"sts_regional_endpoints = {mode}", wrong)
    if peer.version() < (1, 31):
        print("# this botocore knows no AWS_ENDPOINT_URL: not compared")
        return
    for case in ENDPOINTS:
        wrong = [w for service in CALLS for w in compare_endpoint(ours, folder, case, service)]
        peer.check(f"endpoints: {case[0]}", wrong)


def run_cli(ours, folder):
    """With the AWS CLI's own botocore, which reads AWS_REGION and has the CLI's defaults."""
    for case in SETTINGS:
        peer.check(f"settings: {case[0]}", compare_settings(ours, folder, case))
