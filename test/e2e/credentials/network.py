"""The providers that ask a network service: ours and botocore's, with the same files, of
the same stand-ins (peers.py). Both must get the same credentials, by the same requests,
and leave the same files behind.

usage: network.py PROGRAM PYTHON...   (test/peer/credentials, pythons with a botocore)
"""
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

import peers
from tally import Tally

PAST, SOON, LATER = -3600, 600, 7200
PORTAL = "https://corp.awsapps.com/start"

LEGACY = """
[profile test]
sso_start_url = %s
sso_region = us-east-1
sso_account_id = %s
sso_role_name = %s
""" % (PORTAL, peers.ACCOUNT, peers.ROLE)

SESSION = """
[profile test]
sso_session = corp
sso_account_id = %s
sso_role_name = %s
[sso-session corp]
sso_start_url = %s
sso_region = us-east-1
""" % (peers.ACCOUNT, peers.ROLE, PORTAL)

LOGIN = """
[profile test]
login_session = arn:aws:iam::123456789012:user/someone
region = eu-west-1
"""
LOGIN_NAME = peers.login_cache_name("arn:aws:iam::123456789012:user/someone")


def at(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + seconds))


def sso_token(expires, **more):
    return {"startUrl": PORTAL, "region": "us-east-1", "accessToken": peers.SSO_TOKEN,
            "expiresAt": at(expires), **more}


def refreshable(expires, registered=LATER, **more):
    return sso_token(expires, refreshToken="refresh-1", clientId="client-id",
                     clientSecret="client-secret",
                     registrationExpiresAt=at(registered), **more)


CLI_NAME = "cli/cache/%s.json" % hashlib.sha1(json.dumps(
    {"accountId": peers.ACCOUNT, "roleName": peers.ROLE, "startUrl": PORTAL},
    separators=(",", ":")).encode()).hexdigest()


def cli_keys(name, expires):
    k = peers.keys(name)
    return {"AccessKeyId": k["accessKeyId"], "SecretAccessKey": k["secretAccessKey"],
            "SessionToken": k["sessionToken"], "Expiration": at(expires)}


def login_token(key, expires, **more):
    k = peers.keys("LOGIN")
    return {"accessToken": {**k, "accountId": peers.ACCOUNT, "expiresAt": at(expires)},
            "tokenType": "aws_sigv4", "refreshToken": "login-refresh-1",
            "identityToken": "kept as it is", "clientId": peers.CLIENT_ID,
            "dpopKey": key.pem, **more}


class Case:
    """`want`: the name of the keys, or None for an error. `says`: what ours says then.
    `since`: the botocore that knows the feature. `differs`: why requests or files may
    differ from botocore's."""

    def __init__(self, name, want, config="", files=(), mode="", says="", since="",
                 differs="", feature="", **env):
        self.name, self.want, self.config, self.mode = name, want, config, mode
        self.files, self.says, self.env = dict(files), says, env
        self.since = tuple(int(n) for n in since.split(".")) if since else ()
        self.differs, self.feature = differs, feature
        self.profile = "test" if config else ""


def sso_cases():
    legacy = peers.sso_cache_name(PORTAL)
    corp = peers.sso_cache_name("corp")
    rerun = "run 'aws sso login --"
    return [
        Case("SSO, legacy", "SSO", LEGACY, {legacy: sso_token(LATER)}),
        Case("SSO, the AWS CLI has been here", "CLI", LEGACY, {CLI_NAME: {
            "ProviderType": "sso", "Credentials": cli_keys("CLI", LATER)}}),
        Case("SSO, the AWS CLI's session ends soon", "SSO", LEGACY, {
            CLI_NAME: {"ProviderType": "sso", "Credentials": cli_keys("CLI", SOON)},
            legacy: sso_token(LATER)}),
        Case("SSO, legacy, the time as old programs write it", "SSO", LEGACY,
             {legacy: sso_token(LATER, expiresAt=at(LATER)[:-1] + "UTC")}),
        Case("SSO, legacy, expired", None, LEGACY, {legacy: sso_token(PAST)},
             says=rerun + "profile test'", since="1.40"),
        Case("SSO, legacy, no login", None, LEGACY, says=rerun + "profile test'"),
        Case("SSO, legacy, half a token", None, LEGACY,
             {legacy: {"accessToken": "x"}}, says="no accessToken and expiresAt"),
        Case("SSO, unauthorized", None, LEGACY, {legacy: sso_token(LATER)},
             mode="unauthorized", says=rerun + "profile test'"),
        Case("SSO, another role", None, LEGACY.replace(peers.ROLE, "Admin"),
             {legacy: sso_token(LATER)}, says="may not take role 'Admin'"),
        Case("SSO session", "SSO", SESSION, {corp: refreshable(LATER)}),
        Case("SSO session, without a registration", "SSO", SESSION,
             {corp: sso_token(LATER)}),
        Case("SSO session, soon over", "SSOFRESH", SESSION, {corp: refreshable(SOON)}),
        Case("SSO session, expired", "SSOFRESH", SESSION, {corp: refreshable(PAST)}),
        Case("SSO session, the last refresh token", "SSOFRESH", SESSION,
             {corp: refreshable(SOON)}, mode="norefresh"),
        Case("SSO session, soon over, revoked", "SSO", SESSION,
             {corp: refreshable(SOON)}, mode="revoked"),
        Case("SSO session, expired, revoked", None, SESSION,
             {corp: refreshable(PAST)}, mode="revoked",
             says=rerun + "sso-session corp'"),
        Case("SSO session, registration expired", None, SESSION,
             {corp: refreshable(PAST, registered=PAST)},
             says="registration of the client"),
        Case("SSO session, soon over, registration expired", "SSO", SESSION,
             {corp: refreshable(SOON, registered=PAST)}),
        Case("SSO session, expired, no refresh token", None, SESSION,
             {corp: sso_token(PAST)}, says="no refreshToken"),
        Case("SSO session, no login", None, SESSION, says=rerun + "sso-session corp'"),
        Case("SSO session that is nowhere", None,
             SESSION.replace("[sso-session corp]", "[sso-session other]"),
             says="not in the config file"),
        Case("SSO session that contradicts", None,
             SESSION.replace("[sso-session", "sso_region = eu-west-1\n[sso-session"),
             {corp: refreshable(LATER)}, says="sso_region is 'eu-west-1'"),
        Case("SSO without a role", None,
             LEGACY.replace("sso_role_name", "no_role_name"),
             {legacy: sso_token(LATER)}, says="has no sso_role_name"),
        Case("SSO without a region", None, LEGACY.replace("sso_region", "no_region"),
             {legacy: sso_token(LATER)}, says="has no sso_region"),
    ]


def login_cases(key):
    rerun = "run 'aws login --profile test'"
    broken = login_token(key, PAST)
    del broken["dpopKey"]

    def case(name, want, token, **more):
        return Case("aws login, " + name, want, LOGIN,
                    {LOGIN_NAME: token} if token else {}, feature="login",
                    since="1.41", **more)

    return [
        case("fresh", "LOGIN", login_token(key, LATER)),
        case("soon over", "LOGINFRESH", login_token(key, 100)),
        case("over", "LOGINFRESH", login_token(key, PAST)),
        case("ended", None, login_token(key, PAST), mode="ended", says=rerun),
        case("password changed", None, login_token(key, PAST), mode="changed",
             says=rerun),
        case("not allowed", None, login_token(key, PAST), mode="forbidden",
             says="signin:CreateOAuth2Token"),
        case("nobody logged in", None, None, says=rerun),
        case("without its key", None, broken, says="has no dpopKey"),
        case("with a key of another kind", None,
             login_token(key, PAST, dpopKey="-----BEGIN EC PRIVATE KEY-----\nAAAA\n"),
             says="no P-256 private key"),
    ]


def container_cases(url, folder):
    def case(name, want, **more):
        more.setdefault("AWS_CONTAINER_CREDENTIALS_FULL_URI", url + "/creds")
        return Case("container, " + name, want, **more)

    with open(folder + "/token", "w", encoding="ascii") as f:
        f.write(peers.CONTAINER_TOKEN)
    return [
        case("no token", "CONTAINER"),
        case("token", "CONTAINER", mode="token",
             AWS_CONTAINER_AUTHORIZATION_TOKEN=peers.CONTAINER_TOKEN),
        case("token file", "CONTAINER", mode="token", since="1.31",
             AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE=folder + "/token"),
        case("the file before the token", "CONTAINER", mode="token", since="1.31",
             AWS_CONTAINER_AUTHORIZATION_TOKEN="wrong",
             AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE=folder + "/token"),
        case("wrong token", None, mode="token", says="the token is wrong",
             AWS_CONTAINER_AUTHORIZATION_TOKEN="wrong",
             differs="a refusal is not asked again"),
        case("no such file", None, says="AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
             since="1.31", AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE=folder + "/none"),
        case("token with a line break", None, says="line break", since="1.31",
             AWS_CONTAINER_AUTHORIZATION_TOKEN="a\nb"),
        case("at the second attempt", "CONTAINER", mode="once"),
        case("host of somebody else", None, says="neither https nor",
             AWS_CONTAINER_CREDENTIALS_FULL_URI="http://127.0.0.1.example.com/creds"),
    ]


def imds_cases(url):
    def case(name, want, **more):
        more.setdefault("AWS_EC2_METADATA_SERVICE_ENDPOINT", url)
        more.setdefault("AWS_EC2_METADATA_DISABLED", "false")
        return Case("instance, " + name, want, **more)

    return [
        case("version 2", "INSTANCE"),
        case("slash behind the address", "INSTANCE",
             AWS_EC2_METADATA_SERVICE_ENDPOINT=url + "/"),
        case("version 1 only", "INSTANCE", mode="v1"),
        case("version 1 only, not wanted", None, mode="v1", since="1.31",
             says="ec2_metadata_v1_disabled", AWS_EC2_METADATA_V1_DISABLED="true"),
        case("token never answered", "INSTANCE", mode="silent"),
        case("switched off", None, mode="off",
             says="wants a token", differs="a refusal is final"),
        case("bad request", None, mode="bad", says="HTTP 400"),
        case("no role", None, mode="norole", says="no IAM role"),
        case("role that EC2 may not take", None, mode="untrusted",
             says="EC2 cannot assume the role"),
        case("old credentials", "INSTANCE", mode="old"),
        case("disabled", None, AWS_EC2_METADATA_DISABLED="true",
             says="AWS_EC2_METADATA_DISABLED"),
        case("bad mode", None, says="neither IPv4 nor IPv6",
             AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE="ipv5"),
        case("nobody there", None, says="cannot connect",
             AWS_EC2_METADATA_SERVICE_ENDPOINT="http://127.0.0.1:1"),
    ]


HEADERS = ("accept", "authorization", "content-type", "x-amz-sso_bearer_token",
           "x-aws-ec2-metadata-token", "x-aws-ec2-metadata-token-ttl-seconds")
MEANT = {"/creds": ("accept",), "/token": ("content-type",),
         "/v1/token": ("content-type",)}


def wire(request):
    """What a service sees of a request, but for who asks and when."""
    kept = {n: v for n, v in request["headers"].items()
            if n in HEADERS and (n not in ("accept", "content-type") or
                                 n in MEANT.get(request["path"], ()))}
    body = json.loads(request["body"]) if request["body"] else None
    return (request["method"], request["path"], request["query"], kept, body,
            "dpop" in request["headers"])


def seconds_of(text):
    """botocore itself writes and reads both names of UTC."""
    try:
        return time.mktime(time.strptime(text.replace("UTC", "Z"),
                                         "%Y-%m-%dT%H:%M:%SZ"))
    except (AttributeError, ValueError):
        return None


def alike(ours, theirs):
    """Equal, but for times that both wrote a moment apart, and the account, which older
    ones do not keep."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        names = (set(ours) | set(theirs)) - {"AccountId"}
        return all(n in ours and n in theirs and alike(ours[n], theirs[n])
                   for n in names)
    if ours == theirs:
        return True
    times = [seconds_of(ours), seconds_of(theirs)]
    return None not in times and abs(times[0] - times[1]) < 120


def cached_sessions(home):
    folder = os.path.join(home, ".aws", "cli", "cache")
    names = os.listdir(folder) if os.path.isdir(folder) else []
    return ["cli/cache/" + name for name in names]


class Run(Tally):
    def __init__(self, server, work):
        super().__init__()
        self.server, self.work = server, work

    def ask(self, case, command):
        """What the program says, the requests, and the login files behind it."""
        home = os.path.join(self.work, "home")
        shutil.rmtree(home, ignore_errors=True)
        for name, content in {**case.files, "config": case.config}.items():
            path = os.path.join(home, ".aws", name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w", encoding="utf-8") as f:
                f.write(content if name == "config" else json.dumps(content))
            os.chmod(path, 0o600)
        env = {"HOME": home, "PATH": os.environ["PATH"], "AWS_MAX_ATTEMPTS": "1",
               "AWS_EC2_METADATA_DISABLED": "true", "PYTHONDONTWRITEBYTECODE": "1",
               "http_proxy": "http://127.0.0.1:1",
               "no_proxy": "127.0.0.1", **case.env}
        if "peer" in command[0]:
            env["AWS_ENDPOINT_URL"] = self.server.url
        env.update((k, v) for k, v in os.environ.items() if k.endswith("SAN_OPTIONS"))
        self.server.reset(case.mode)
        done = subprocess.run(command, env=env, capture_output=True, text=True,
                              timeout=60, check=False)
        try:
            said = json.loads(done.stdout.splitlines()[-1])
        except (IndexError, ValueError):
            said = {"error": "it printed: " + done.stdout + done.stderr}
        said["stderr"] = done.stderr
        files = {}
        for name in [*case.files, *cached_sessions(home)]:
            with open(os.path.join(home, ".aws", name), encoding="utf-8") as f:
                files[name] = json.load(f)
        return said, [wire(r) for r in self.server.requests], files

    def expect(self, case, who, said):
        got = {k: said.get(k) for k in ("access_key_id", "secret_access_key",
                                         "session_token")}
        want = {k: None for k in got}
        if case.want:
            k = peers.keys(case.want)
            want = dict(zip(got, (k["accessKeyId"], k["secretAccessKey"],
                                  k["sessionToken"])))
        problems = self.server.problems
        self.check("%s: %s %s" % (case.name, who, "gets its credentials"
                                  if case.want else "gets none"),
                   got == want and not problems and
                   ("error" in said) == (case.want is None),
                   "wanted %s\ngot %s\nproblems: %s" % (want, said, problems))
        return got == want

    def ours(self, case, program):
        command = [program] + (["--profile", case.profile] if case.profile else [])
        said, requests, files = self.ask(case, command)
        self.expect(case, "fpctl", said)
        error = said.get("error", "") + "".join(s["why"] for s in said.get("report", []))
        if "Sanitizer" in said["stderr"]:
            self.check("%s: it runs cleanly" % case.name, False, said["stderr"])
        if case.says:
            self.check("%s: fpctl says why" % case.name, case.says in error,
                       "wanted '%s' in '%s'" % (case.says, error))
        for secret in ("refresh-1", "client-secret", "BEGIN EC", peers.SSO_TOKEN):
            if secret in error + said["stderr"]:
                self.check("%s: no secret is told" % case.name, False, error)
        return requests, files

    def theirs(self, case, python, version, requests, files):
        if case.since and version < case.since:
            self.skip("%s: botocore is older than %s" %
                  (case.name, ".".join(map(str, case.since))))
            return
        here = os.path.dirname(os.path.abspath(__file__))
        said, their_requests, their_files = self.ask(
            case, [python, os.path.join(here, "theirs.py"), self.server.url,
                   case.feature, case.profile])
        if "skip" in said:
            self.skip("%s: %s" % (case.name, said["skip"]))
            return
        if not self.expect(case, "botocore", said) or case.differs:
            return
        self.check("%s: the same requests" % case.name, requests == their_requests,
                   "ours:   %s\ntheirs: %s" % (requests, their_requests))
        self.check("%s: the same files" % case.name, alike(files, their_files),
                   "ours:   %s\ntheirs: %s" % (files, their_files))


def version_of(python):
    done = subprocess.run([python, "-c", "import botocore; print(botocore.__version__)"],
                          capture_output=True, text=True, check=False)
    return tuple(int(n) for n in done.stdout.strip().split(".")[:3] if n.isdigit())


def main(program, *pythons):
    versions = {version_of(p): p for p in reversed(pythons)}
    versions.pop((), None)
    with tempfile.TemporaryDirectory() as work:
        server = peers.Peers()
        run = Run(server, work)
        cases = (sso_cases() + login_cases(server.key) +
                 container_cases(server.url, work) + imds_cases(server.url))
        print("# botocore", ", ".join(".".join(map(str, v)) for v in versions) or "none")
        for case in cases:
            requests, files = run.ours(case, program)
            for version, python in versions.items():
                run.theirs(case, python, version, requests, files)
        if not versions:
            run.skip("comparisons: no python3 here has botocore")
    run.end()


main(*sys.argv[1:])
