"""The signers of botocore, asked the same as ours."""
import base64
import datetime
import hashlib
import json
import os
import types
from urllib.parse import parse_qsl, urlsplit

os.environ["BOTO_DISABLE_CRT"] = "true"  # the signers in Python

import botocore
from botocore import auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

import cases
from peer import SEED, ask_all, finish, result

COUNT = int(os.environ.get("SIGV4_COUNT") or 5000)
ONLY = os.environ.get("SIGV4_ONLY")
UNSIGNED = tuple(n for n in cases.UNSIGNED if n.lower() in auth.SIGNED_HEADERS_BLACKLIST)


class Clock(datetime.datetime):
    now_is = datetime.datetime(2026, 1, 2)

    @classmethod
    def utcnow(cls):
        return cls.now_is


def stop_the_clock():
    if hasattr(auth, "get_current_datetime"):
        auth.get_current_datetime = lambda *_, **__: Clock.now_is
    else:
        auth.datetime = types.SimpleNamespace(datetime=Clock)


def watched(base):
    class Watched(base):
        def string_to_sign(self, request, canonical_request):
            made = super().string_to_sign(request, canonical_request)
            self.seen = (canonical_request, made)
            return made
    return Watched


SIGNERS = {("sign", False): watched(auth.SigV4Auth), ("sign", True): watched(auth.S3SigV4Auth),
           ("presign", False): watched(auth.SigV4QueryAuth), ("presign", True): watched(auth.S3SigV4QueryAuth)}


def choose_payload(case, request):
    """How the body is signed: told to botocore as it has it, and to us as we have it."""
    s3, presign, kind = case["service"] == "s3", case["op"] == "presign", case["payload"]
    if kind == "given" and (presign or not s3):
        digest = hashlib.sha256(b"given").hexdigest()
        request.headers["X-Amz-Content-SHA256"] = digest
        case["headers"] = case["headers"] + [["X-Amz-Content-SHA256", digest]]
    elif kind == "unsigned" and not presign:
        case["payload_hash"], case["body_hash_header"] = auth.UNSIGNED_PAYLOAD, 1
        if s3:
            config = types.SimpleNamespace(s3={"payload_signing_enabled": False})
            request.context["client_config"] = config
        else:
            request.context["payload_signing_enabled"] = False
    elif kind == "trailer" and s3 and not presign:
        case["payload_hash"] = auth.STREAMING_UNSIGNED_PAYLOAD_TRAILER
        request.context["checksum"] = {"request_algorithm": {"in": "trailer"}}


def botocore_signs(case):
    request = AWSRequest(method=case["method"], url=case["url"], data=case.pop("data", b""))
    for name, value in case["headers"]:
        request.headers[name] = value
    choose_payload(case, request)
    case["body"] = base64.b64encode(request.data or b"").decode()
    Clock.now_is = datetime.datetime.fromtimestamp(case["time_ms"] // 1000, datetime.timezone.utc)
    keys = Credentials(case["access_key"], case["secret_key"], case.get("session_token"))
    cls = SIGNERS[case["op"], case["service"] == "s3"]
    more = {"expires": case["expires"]} if case["op"] == "presign" else {}
    signer = cls(keys, case["service"], case["region"], **more)
    signer.add_auth(request)
    made = {"canonical_request": signer.seen[0], "string_to_sign": signer.seen[1]}
    if case["op"] == "presign":
        made["url"] = request.url
    else:
        for name in ("Authorization", "X-Amz-Date", "X-Amz-Security-Token", "X-Amz-Content-SHA256"):
            made[name] = request.headers.get(name)
    return made


def url_parts(url):
    """A URL, as far as its order and its spelling do not matter."""
    parts = urlsplit(url)
    return parts.scheme, parts.netloc.lower(), parts.path, sorted(parse_qsl(parts.query, keep_blank_values=True))


def shown(value):
    """The lines, each cut; SIGV4_ONLY shows the whole."""
    return "\n".join(line[:200] for line in str(value).split("\n"))


def difference(ours, theirs):
    if "error" in ours:
        return ours["error"]
    given = {name.lower(): value for name, value in ours["headers"]}
    for key, wanted in theirs.items():
        got = ours[key] if key in ours else given.get(key.lower())
        if key == "url":
            got, wanted = url_parts(got), url_parts(wanted)
        if got != wanted:
            return f"{key}: {shown(got)}\nwanted: {shown(wanted)}"
    return None


def main():
    stop_the_clock()
    numbers = [int(ONLY)] if ONLY else range(COUNT)
    asked = [cases.make(SEED, n, UNSIGNED) for n in numbers]
    theirs = [botocore_signs(case) for case in asked]
    ours = ask_all(asked)
    differ = {}
    for number, case, our, their in zip(numbers, asked, ours, theirs):
        if ONLY:
            print(json.dumps({"case": case, "ours": our, "theirs": their}, indent=2))
        why = difference(our, their)
        if why:
            differ.setdefault(case["op"], []).append(f"SIGV4_SEED={SEED} SIGV4_ONLY={number}: {why}")
    for op, what in (("sign", "signed by a header"), ("presign", "presigned")):
        n = sum(case["op"] == op for case in asked)
        wrong = differ.get(op, [])
        result(not wrong, f"{n} requests {what} as by botocore {botocore.__version__}",
               f"{len(wrong)} differ\n" + "\n".join(wrong[:3]))
    finish()


main()
