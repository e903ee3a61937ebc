"""The table: shared files and environments, and the keys that they lead to."""
import json

import peers

A = "arn:aws:iam::123456789012:role/"
KEYS = "aws_access_key_id = %s\naws_secret_access_key = secret\n"
ROLE = object()   # keys of a session, made of what was asked (sts.py)
FAILS = None


def both(want):
    """What botocore and the AWS CLI 2, which has one of its own, do alike."""
    return {"botocore": want, "awscli.botocore": want}


class Case:
    """`want`: the access key, ROLE or FAILS. `theirs`: where another module wants another
    one, and `differs` why. `since`: the botocore that knows the feature. `says`: what our
    error says. `exec`: the text of the program ~/process."""

    def __init__(self, name, want, config="", credentials="", says="", profile=None,
                 env=None, files=None, mfa=None, since="", differs="", provider="",
                 mode="", **more):
        self.name, self.want, self.says, self.profile = name, want, says, profile
        self.config, self.credentials, self.mfa, self.mode = (config, credentials, mfa,
                                                             mode)
        self.env, self.files = env or {}, files or {}
        self.since = tuple(int(n) for n in since.split(".")) if since else ()
        self.differs, self.provider = differs, provider
        self.theirs = more.pop("theirs", {})
        self.exec = more.pop("exec", None)
        assert not more, more
        assert not self.theirs or self.differs, name


def keys(name, token=None):
    return KEYS % name + ("aws_session_token = %s\n" % token if token else "")


def role(name="plain", source="base", **more):
    lines = ["role_arn = " + A + name]
    if source:
        lines.append("source_profile = " + source)
    lines += ["%s = %s" % item for item in more.items()]
    return "\n".join(lines) + "\n"


BASE = "[base]\n" + keys("AKIABASE")
ENV_KEYS = {"AWS_ACCESS_KEY_ID": "AKIAENV", "AWS_SECRET_ACCESS_KEY": "secret"}
WEB_ENV = {"AWS_WEB_IDENTITY_TOKEN_FILE": "~/token", "AWS_ROLE_ARN": A + "web"}
TOKEN_FILE = {"token": "header.claims.signature"}


def environment():
    return [
        Case("environment", "AKIAENV", env=ENV_KEYS, provider="environment"),
        Case("environment with a token", "AKIAENV",
             env={**ENV_KEYS, "AWS_SESSION_TOKEN": "token"}),
        Case("the token's old name", "AKIAENV",
             env={**ENV_KEYS, "AWS_SECURITY_TOKEN": "old"}),
        Case("both names of the token", "AKIAENV",
             env={**ENV_KEYS, "AWS_SECURITY_TOKEN": "old", "AWS_SESSION_TOKEN": "new"}),
        Case("environment that expires", "AKIAENV",
             env={**ENV_KEYS, "AWS_CREDENTIAL_EXPIRATION": "2100-01-01T00:00:00Z"}),
        Case("environment that expires, with an offset", "AKIAENV",
             env={**ENV_KEYS, "AWS_CREDENTIAL_EXPIRATION": "2100-01-01T01:00:00+01:00"}),
        Case("environment that expired", FAILS, says="expired at 2020",
             env={**ENV_KEYS, "AWS_CREDENTIAL_EXPIRATION": "2020-01-01T00:00:00Z"}),
        Case("environment with a wrong expiry", FAILS, says="AWS_CREDENTIAL_EXPIRATION",
             env={**ENV_KEYS, "AWS_CREDENTIAL_EXPIRATION": "soon"}),
        Case("an id without a secret", FAILS, env={"AWS_ACCESS_KEY_ID": "AKIAENV"},
             credentials="[default]\n" + keys("AKIAFILE"), says="AWS_SECRET_ACCESS_KEY"),
        Case("a secret without an id", "AKIAFILE",
             env={"AWS_SECRET_ACCESS_KEY": "secret"},
             credentials="[default]\n" + keys("AKIAFILE")),
        Case("an empty id", "AKIAFILE", credentials="[default]\n" + keys("AKIAFILE"),
             env={"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "x"}),
        Case("environment before files", "AKIAENV", env=ENV_KEYS,
             credentials="[default]\n" + keys("AKIAFILE")),
        Case("environment before AWS_PROFILE", "AKIAENV",
             env={**ENV_KEYS, "AWS_PROFILE": "base"}, credentials=BASE),
        Case("--profile before environment", "AKIABASE", profile="base", env=ENV_KEYS,
             credentials=BASE, provider="credentials file"),
        Case("environment before a role", "AKIAENV", env=ENV_KEYS,
             config="[default]\n" + role(), credentials=BASE),
        Case("nothing at all", FAILS, says="no credentials found"),
    ]


def files():
    return [
        Case("credentials file", "AKIAFILE", provider="credentials file",
             credentials="[default]\n" + keys("AKIAFILE")),
        Case("credentials file with a token", "AKIAFILE",
             credentials="[default]\n" + keys("AKIAFILE", "token")),
        Case("both names of the token in a file", "AKIAFILE",
             credentials="[default]\n" + keys("AKIAFILE", "new") +
             "aws_security_token = old\n"),
        Case("config file", "AKIACONFIG", provider="config file",
             config="[default]\n" + keys("AKIACONFIG", "token")),
        Case("credentials file before config file", "AKIAFILE",
             credentials="[default]\n" + keys("AKIAFILE"),
             config="[default]\n" + keys("AKIACONFIG")),
        Case("a profile of the config file", "AKIAP", profile="p",
             config="[profile p]\n" + keys("AKIAP")),
        Case("a quoted profile", "AKIAP", profile="a b",
             config="[profile \"a b\"]\n" + keys("AKIAP")),
        Case("AWS_PROFILE", "AKIABASE", env={"AWS_PROFILE": "base"}, credentials=BASE),
        Case("AWS_DEFAULT_PROFILE", "AKIABASE", env={"AWS_DEFAULT_PROFILE": "base"},
             credentials=BASE),
        Case("AWS_PROFILE before AWS_DEFAULT_PROFILE", "AKIABASE", credentials=BASE +
             "[other]\n" + keys("AKIAOTHER"),
             env={"AWS_DEFAULT_PROFILE": "other", "AWS_PROFILE": "base"},
             theirs={"botocore": "AKIAOTHER"},
             differs="the AWS CLI 2 takes AWS_PROFILE first, as all other SDKs"),
        Case("the other files' names", "AKIAOTHER",
             env={"AWS_SHARED_CREDENTIALS_FILE": "~/keys", "AWS_CONFIG_FILE": "~/none"},
             credentials="[default]\n" + keys("AKIAFILE"),
             files={"keys": "[default]\n" + keys("AKIAOTHER")}),
        Case("a profile that is nowhere", FAILS, profile="gone", credentials=BASE,
             says="no profile 'gone'"),
        Case("AWS_PROFILE that is nowhere", FAILS, env={"AWS_PROFILE": "gone"},
             credentials=BASE, says="'gone'"),
        Case("AWS_PROFILE that is nowhere, with keys", FAILS,
             env={"AWS_PROFILE": "gone", **ENV_KEYS}, says="'gone'"),
        Case("an id without a secret in the file", FAILS,
             credentials="[default]\naws_access_key_id = x\n",
             says="no aws_secret_access_key"),
        Case("a secret without an id in the file", "AKIACONFIG",
             credentials="[default]\naws_secret_access_key = x\n",
             config="[default]\n" + keys("AKIACONFIG")),
        Case("keys in two halves", FAILS,
             credentials="[default]\naws_access_key_id = x\n",
             config="[default]\naws_secret_access_key = x\n"),
        Case("an empty id in the file", FAILS,
             credentials="[default]\naws_access_key_id =\naws_secret_access_key = x\n",
             says="empty aws_access_key_id", theirs=both(""),
             differs="botocore signs with an empty key, and the service refuses it"),
        Case("capitals in a key's name", "AKIAFILE", credentials="[default]\n" +
             "AWS_ACCESS_KEY_ID = AKIAFILE\nAws_Secret_Access_Key = secret\n"),
        Case("a broken file", FAILS, credentials="[default\n", env=ENV_KEYS),
        Case("a profile without keys", FAILS, profile="p",
             config="[profile p]\nregion = eu-west-1\n", says="no credentials found"),
        Case("'profile' in the credentials file", FAILS, profile="p",
             credentials="[profile p]\n" + keys("AKIAP"), says="'p'"),
    ]


def roles():
    mfa = role("mfa", mfa_serial="arn:aws:iam::123456789012:mfa/me")
    chain = ("[profile a]\n" + role("a", "b") + "[profile b]\n" + role("b", "c") +
             "[profile c]\n" + role("c"))
    return [
        Case("role", ROLE, "[profile r]\n" + role(), BASE, profile="r",
             provider="assume role"),
        Case("role by AWS_PROFILE", ROLE, "[profile r]\n" + role(), BASE,
             env={"AWS_PROFILE": "r"}),
        Case("role of the default profile", ROLE, "[default]\n" + role(), BASE),
        Case("role in the credentials file", ROLE, "", BASE + "[r]\n" + role(),
             profile="r"),
        Case("role, its source's keys in the config file", ROLE, "[profile base]\n" +
             keys("AKIABASE") + "[profile r]\n" + role(), profile="r"),
        Case("role, its source has a token", ROLE, "[profile r]\n" + role(),
             "[base]\n" + keys("AKIABASE", "token"), profile="r"),
        Case("role before its profile's own keys", ROLE, "[profile r]\n" + role(),
             BASE + "[r]\n" + keys("AKIAR"), profile="r"),
        Case("role, all its settings", ROLE, "[profile r]\n" + role(
            "external", external_id="ext:1/2", role_session_name="me@work",
            duration_seconds=7200), BASE, profile="r"),
        Case("role, no external id", FAILS, "[profile r]\n" + role("external"), BASE,
             profile="r", says="external id"),
        Case("role, a wrong external id", FAILS, "[profile r]\n" +
             role(external_id="a b"), BASE, profile="r"),
        Case("role, duration is no number", ROLE, "[profile r]\n" +
             role(duration_seconds="an hour"), BASE, profile="r"),
        Case("role, duration too short", FAILS, "[profile r]\n" +
             role(duration_seconds=60), BASE, profile="r", says="900"),
        Case("role, duration too long", FAILS, "[profile r]\n" +
             role(duration_seconds=50000), BASE, profile="r"),
        Case("role, the region of the profile", ROLE, "[profile r]\nregion = eu-west-3\n"
             + role(), BASE, profile="r", env={"AWS_DEFAULT_REGION": None}),
        Case("role, denied", FAILS, "[profile r]\n" + role("denied"), BASE, profile="r",
             says="not authorized"),
        Case("role, a garbled answer", FAILS, "[profile r]\n" + role("garbage"), BASE,
             profile="r"),
        Case("role, no source", FAILS, "[profile r]\n" + role(source=None), BASE,
             profile="r", says="neither source_profile nor credential_source"),
        Case("role, two sources", FAILS, "[profile r]\n" +
             role(credential_source="Environment"), BASE, profile="r", env=ENV_KEYS,
             says="both source_profile and credential_source"),
        Case("role, a source that is nowhere", FAILS, "[profile r]\n" +
             role(source="gone"), BASE, profile="r", says="'gone'"),
        Case("role, a source without keys", FAILS, "[profile r]\n" + role(source="e") +
             "[profile e]\nregion = eu-west-1\n", profile="r", says="no credentials"),
        Case("role, its source has half a key", FAILS, "[profile r]\n" + role(),
             "[base]\naws_access_key_id = x\n", profile="r"),
        Case("role, its source is itself", ROLE, "[profile r]\n" + role(source="r"),
             "[r]\n" + keys("AKIAR"), profile="r"),
        Case("role, itself, without keys", FAILS, "[profile r]\n" + role(source="r"),
             BASE, profile="r", says="'r' -> 'r'"),
        Case("role, in a circle", FAILS, "[profile a]\n" + role("a", "b") +
             "[profile b]\n" + role("b", "a"), profile="a", says="'a' -> 'b' -> 'a'"),
        Case("role, in a circle further on", FAILS, "[profile a]\n" + role("a", "b") +
             "[profile b]\n" + role("b", "c") + "[profile c]\n" + role("c", "b"),
             profile="a", says="'a' -> 'b' -> 'c' -> 'b'"),
        Case("role of a role of a role", ROLE, chain, BASE, profile="a"),
        Case("role of a role, denied on the way", FAILS, "[profile a]\n" +
             role("a", "b") + "[profile b]\n" + role("denied"), BASE, profile="a",
             says="role/denied"),
        Case("role, keys of its source before its role", ROLE, "[profile a]\n" +
             role("a", "b") + "[profile b]\n" + role("b"), BASE + "[b]\n" +
             keys("AKIAB"), profile="a"),
        Case("role, a source that ignores the environment", FAILS, "[profile r]\n" +
             role(source="e") + "[profile e]\nregion = x\n", profile="r", env=ENV_KEYS),
        Case("role, --profile and environment", ROLE, "[profile r]\n" + role(), BASE,
             profile="r", env=ENV_KEYS),
        Case("role, MFA", ROLE, "[profile r]\n" + mfa, BASE, profile="r", mfa="918273"),
        Case("role, MFA, a wrong code", FAILS, "[profile r]\n" + mfa, BASE, profile="r",
             mfa="654321", says="MultiFactorAuthentication failed"),
        Case("role, MFA, nobody to ask", FAILS, "[profile r]\n" + mfa, BASE, profile="r",
             says="nobody can be asked"),
        Case("role of a role with MFA", ROLE, "[profile a]\n" + role("a", "r") +
             "[profile r]\n" + mfa, BASE, profile="a", mfa="918273"),
    ]


def sources(url):
    container = {"AWS_CONTAINER_CREDENTIALS_FULL_URI": url + "/creds"}
    instance = {"AWS_EC2_METADATA_DISABLED": "false",
                "AWS_EC2_METADATA_SERVICE_ENDPOINT": url + "/"}
    sso = ("sso_start_url = https://x\nsso_region = us-east-1\nsso_account_id = %s\n"
           "sso_role_name = %s\n" % (peers.ACCOUNT, peers.ROLE))
    token = {".aws/" + peers.sso_cache_name("https://x"): json.dumps({
        "startUrl": "https://x", "region": "us-east-1", "accessToken": peers.SSO_TOKEN,
        "expiresAt": peers.EXPIRES_TEXT})}

    def by(source):
        return "[profile r]\n" + role(source=None, credential_source=source)

    return [
        Case("credential_source Environment", ROLE, by("Environment"), profile="r",
             env=ENV_KEYS),
        Case("credential_source Environment, with a token", ROLE, by("Environment"),
             profile="r", env={**ENV_KEYS, "AWS_SESSION_TOKEN": "token"}),
        Case("credential_source Environment, empty", FAILS, by("Environment"),
             profile="r", says="AWS_ACCESS_KEY_ID is not set"),
        Case("credential_source in small letters", FAILS, by("environment"), profile="r",
             env=ENV_KEYS, says="none of"),
        Case("credential_source EcsContainer", ROLE, by("EcsContainer"), profile="r",
             env=container),
        Case("credential_source EcsContainer, nothing there", FAILS, by("EcsContainer"),
             profile="r"),
        Case("credential_source Ec2InstanceMetadata", ROLE, by("Ec2InstanceMetadata"),
             profile="r", env=instance),
        Case("credential_source Ec2InstanceMetadata, disabled", FAILS,
             by("Ec2InstanceMetadata"), profile="r"),
        Case("role, its source uses SSO", ROLE, "[profile r]\n" + role(source="s") +
             "[profile s]\n" + sso, profile="r", files=token),
        Case("role, its source uses SSO, no login", FAILS, "[profile r]\n" +
             role(source="s") + "[profile s]\n" + sso, profile="r"),
        Case("SSO before static keys", "ASIASSO", "[default]\n" + sso,
             "[default]\n" + keys("AKIAFILE"), files=token),
        Case("static keys before the container", "AKIAFILE", env=container,
             credentials="[default]\n" + keys("AKIAFILE")),
        Case("container before instance", "ASIACONTAINER", env={**container, **instance},
             provider="container"),
        Case("instance at the end", "ASIAINSTANCE", env=instance,
             provider="instance metadata"),
        Case("a profile that is nowhere, in a container", FAILS, profile="gone",
             env=container, says="no profile 'gone'"),
        Case("a profile without keys in a container", "ASIACONTAINER", profile="p",
             env=container, config="[profile p]\nregion = eu-west-1\n"),
    ]


def web_identity():
    web = "web_identity_token_file = ~/token\nrole_arn = " + A + "web\n"
    return [
        Case("web identity", ROLE, env=WEB_ENV, files=TOKEN_FILE,
             provider="web identity"),
        Case("web identity, a session's name", ROLE, files=TOKEN_FILE,
             env={**WEB_ENV, "AWS_ROLE_SESSION_NAME": "pod-1"}),
        Case("web identity of a profile", ROLE, "[profile w]\n" + web, profile="w",
             files=TOKEN_FILE),
        Case("web identity of a profile, a session's name", ROLE, "[profile w]\n" + web +
             "role_session_name = me\n", profile="w", files=TOKEN_FILE),
        Case("web identity, the environment over the profile", ROLE, "[default]\n" + web,
             env={"AWS_ROLE_ARN": A + "other"}, files=TOKEN_FILE),
        Case("web identity of the environment, --profile", "AKIABASE", "", BASE,
             profile="base", env=WEB_ENV, files=TOKEN_FILE),
        Case("web identity before keys", ROLE, "", "[default]\n" + keys("AKIAFILE"),
             env=WEB_ENV, files=TOKEN_FILE),
        Case("a role before web identity", ROLE, "[default]\n" + role(), BASE,
             env=WEB_ENV, files=TOKEN_FILE, provider="assume role"),
        Case("keys before web identity", "AKIAENV", env={**WEB_ENV, **ENV_KEYS},
             files=TOKEN_FILE),
        Case("web identity, no role", FAILS, files=TOKEN_FILE, says="AWS_ROLE_ARN",
             env={"AWS_WEB_IDENTITY_TOKEN_FILE": "~/token"}),
        Case("web identity, no file", FAILS, env=WEB_ENV, says="token"),
        Case("web identity, another token", FAILS, env=WEB_ENV, files={"token": "a.b.d"},
             says="the token is another one"),
        Case("web identity, a line's end behind the token", ROLE, env=WEB_ENV,
             files={"token": TOKEN_FILE["token"] + "\n"}, theirs=both(FAILS),
             differs="botocore sends the line's end along, which STS refuses"),
        Case("web identity, denied", FAILS, files=TOKEN_FILE, says="not authorized",
             env={**WEB_ENV, "AWS_ROLE_ARN": A + "denied"}),
        Case("role, its source is a web identity", ROLE, "[profile r]\n" +
             role(source="w") + "[profile w]\n" + web, profile="r", files=TOKEN_FILE),
        Case("role, its source ignores the environment's web identity", FAILS,
             "[profile r]\n" + role(source="e") + "[profile e]\nregion = x\n",
             env={**WEB_ENV, "AWS_PROFILE": "r"}, files=TOKEN_FILE,
             says="profile 'e' has no credentials"),
    ]


def process():
    def prints(**answer):
        return "#!/bin/sh\ncat <<'END'\n%s\nEND\n" % json.dumps(answer)

    good = {"Version": 1, "AccessKeyId": "AKIAPROCESS", "SecretAccessKey": "s"}
    config = "[profile p]\ncredential_process = ~/process\n"

    def case(name, want, text, **more):
        return Case("process, " + name, want, config, profile="p", exec=text, **more)

    # Quotes and backslashes as letters, for the JSON.
    split = """#!/bin/sh
words=$(printf %s "$#$1$2$3" | tr '"\\\\' QB)
printf '{"Version": 1, "AccessKeyId": "%s", "SecretAccessKey": "s"}' "$words"
"""
    return [
        case("keys", "AKIAPROCESS", prints(**good), provider="process"),
        case("a token", "AKIAPROCESS", prints(**good, SessionToken="t")),
        case("no token", "AKIAPROCESS", prints(**good, SessionToken=None,
                                               Expiration=None)),
        case("an expiry", "AKIAPROCESS", prints(
            **good, SessionToken="t", Expiration="2100-01-01T00:00:00+00:00")),
        case("an expiry with a fraction", "AKIAPROCESS", prints(
            **good, SessionToken="t", Expiration="2100-01-01T00:00:00.123456Z")),
        case("an expiry as Python prints it", "AKIAPROCESS", prints(
            **good, SessionToken="t", Expiration="2100-01-01 00:00:00+00:00")),
        case("an expiry in small letters", "AKIAPROCESS", prints(
            **good, SessionToken="t", Expiration="2100-01-01t00:00:00z")),
        case("an expiry to the picosecond", "AKIAPROCESS", prints(
            **good, SessionToken="t", Expiration="2100-01-01T00:00:00.123456789012Z")),
        case("expired", FAILS, prints(**good, Expiration="2020-01-01T00:00:00Z"),
             says="expired at 2020"),
        case("a wrong expiry", FAILS, prints(**good, Expiration="soon"), says="soon"),
        case("version 2", FAILS, prints(**{**good, "Version": 2}), says="Version"),
        case("version as a text", FAILS, prints(**{**good, "Version": "1"})),
        case("no version", FAILS, prints(AccessKeyId="x", SecretAccessKey="y")),
        case("no secret", FAILS, prints(Version=1, AccessKeyId="x"),
             says="SecretAccessKey"),
        case("no JSON", FAILS, "#!/bin/sh\necho hello\n"),
        case("nothing", FAILS, "#!/bin/sh\nexit 0\n"),
        case("a failure", FAILS, "#!/bin/sh\necho 'log in first' >&2\nexit 3\n",
             says="status 3: log in first"),
        case("words on standard error", "AKIAPROCESS",
             prints(**good).replace("cat", "echo warning >&2\ncat")),
        case("ended by a signal", FAILS, "#!/bin/sh\nkill -9 $$\n", says="signal 9"),
        Case("process, quotes and escapes", "3a bcQdxBy", exec=split, profile="p",
             config="[profile p]\ncredential_process = "
                    "~/process 'a b' \"c\\\"d\" x\\\\y\n"),
        Case("process, no shell", "3$HOME*;ls", exec=split, profile="p",
             config="[profile p]\ncredential_process = ~/process $HOME '*' ';ls'\n"),
        Case("process, an open quote", FAILS, exec=split, profile="p",
             config="[profile p]\ncredential_process = ~/process 'a\n", says="quote"),
        Case("process, found in PATH", "AKIAPROCESS", exec=prints(**good), profile="p",
             config="[profile p]\ncredential_process = process\n",
             env={"PATH": "~:/usr/bin:/bin"}),
        Case("process, no program", FAILS, profile="p", says="no-such-program",
             config="[profile p]\ncredential_process = no-such-program -x\n"),
        Case("process before the config file's keys", "AKIAPROCESS", config +
             keys("AKIACONFIG"), profile="p", exec=prints(**good)),
        Case("the credentials file's keys before the process", "AKIAFILE", config,
             "[p]\n" + keys("AKIAFILE"), profile="p", exec=prints(**good)),
        Case("role, its source is a process", ROLE, config + "[profile r]\n" +
             role(source="p"), profile="r", exec=prints(**good)),
        Case("role, its source is a process that fails", FAILS, config +
             "[profile r]\n" + role(source="p"), profile="r",
             exec="#!/bin/sh\nexit 1\n", says="status 1"),
    ]


def all_cases(url):
    return (environment() + files() + roles() + sources(url) + web_identity() +
            process())
