"""Stand-ins for the services that give credentials, in one server: the SSO portal and
its OIDC service, AWS Sign-In, a container's endpoint and an instance's metadata.

They are strict: what a real one would not understand is refused, and `problems` says
why. botocore gets its credentials here too, which shows that the answers are faithful.
"""
import base64
import hashlib
import http.server
import json
import os
import re
import subprocess
import tempfile
import threading
import time
import urllib.parse

ACCOUNT = "123456789012"
ROLE = "Read+Only"
SSO_TOKEN = "sso-access-token"
SSO_TOKEN_FRESH = "sso-access-token-refreshed"
CONTAINER_TOKEN = "Basic container-token"
IMDS_TOKEN = "imds-token=="
IMDS_ROLE = "instance-role"
CLIENT_ID = "arn:aws:signin:::devtools/same-device"
EXPIRES = 4102444800  # 2100-01-01T00:00:00Z
EXPIRES_TEXT = "2100-01-01T00:00:00Z"


def unbase64url(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


class Key:
    """A P-256 key, by the openssl program."""

    def __init__(self):
        self.pem = subprocess.run(
            ["openssl", "ecparam", "-genkey", "-name", "prime256v1", "-noout"],
            check=True, capture_output=True).stdout.decode()
        self.public = subprocess.run(
            ["openssl", "ec", "-pubout", "-outform", "DER"], input=self.pem.encode(),
            check=True, capture_output=True).stdout

    def point(self):
        return self.public[-64:]

    def verifies(self, message, signature):
        """A signature of r and s behind each other."""
        if len(signature) != 64:
            return False
        with tempfile.TemporaryDirectory() as folder:
            files = {"key": self.public, "signature": der_signature(signature)}
            for name, data in files.items():
                with open(os.path.join(folder, name), "wb") as f:
                    f.write(data)
            done = subprocess.run(
                ["openssl", "dgst", "-sha256", "-verify", "key", "-keyform", "DER",
                 "-signature", "signature"], input=message, cwd=folder,
                capture_output=True, check=False)
        return done.returncode == 0


def der_signature(raw):
    def integer(data):
        data = data.lstrip(b"\0") or b"\0"
        if data[0] & 0x80:
            data = b"\0" + data
        return b"\x02" + bytes([len(data)]) + data

    body = integer(raw[:32]) + integer(raw[32:])
    return b"\x30" + bytes([len(body)]) + body


class Refused(Exception):
    def __init__(self, status, body=b"", headers=()):
        super().__init__(status)
        self.status, self.headers = status, dict(headers)
        self.body = body if isinstance(body, bytes) else json.dumps(body).encode()


class Peers(http.server.ThreadingHTTPServer):
    """`mode` says what is the matter in this case; `requests` is what came."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.url = "http://127.0.0.1:%d" % self.server_port
        self.key = Key()
        self.reset("")
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def reset(self, mode):
        self.mode = set(mode.split())
        self.requests, self.problems, self.proofs = [], [], set()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def handle_any(self):
        path, _, query = self.path.partition("?")
        size = int(self.headers.get("Content-Length") or 0)
        request = {"method": self.command, "path": path,
                   "query": sorted(urllib.parse.parse_qsl(query, True)),
                   "headers": {k.lower(): v for k, v in self.headers.items()},
                   "body": self.rfile.read(size).decode()}
        self.server.requests.append(request)
        try:
            status, body, headers = 200, *self.route(request)
        except Refused as r:
            status, body, headers = r.status, r.body, r.headers
        if isinstance(body, dict):
            body = json.dumps(body).encode()
            headers = {"Content-Type": "application/json", **headers}
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        try:
            self.end_headers()
            self.wfile.write(body)
        except ConnectionError:
            self.close_connection = True  # the client did not wait

    do_GET = do_PUT = do_POST = handle_any

    def has(self, word):
        return word in self.server.mode

    def must(self, fine, what, status=400):
        if fine:
            return
        self.server.problems.append("%s %s: %s" % (self.command, self.path, what))
        raise Refused(status, {"message": what})

    def route(self, request):
        for pattern, method, answer, authorized in ROUTES:
            if re.fullmatch(pattern, request["path"]):
                self.must(method == self.command, "the method is " + self.command, 405)
                self.must(authorized or "authorization" not in request["headers"],
                          "it is signed")
                return answer(self, request)
        self.must(False, "nothing is there", 404)


def keys(name):
    return {"accessKeyId": "ASIA" + name, "secretAccessKey": "secret of " + name,
            "sessionToken": "session+token/of=" + name}


def role_credentials(peer, request):
    query = dict(request["query"])
    peer.must(set(query) == {"role_name", "account_id"}, "the query is %s" % query)
    token = request["headers"].get("x-amz-sso_bearer_token")
    if token not in (SSO_TOKEN, SSO_TOKEN_FRESH) or peer.has("unauthorized"):
        raise Refused(401, {"message": "Session token not found or invalid",
                            "__type": "com.amazonaws.switchboard.portal"
                                      "#UnauthorizedException"},
                      {"x-amzn-ErrorType": "UnauthorizedException"})
    if (query["account_id"], query["role_name"]) != (ACCOUNT, ROLE):
        raise Refused(403, {"message": "No access",
                            "__type": "com.amazonaws.switchboard.portal"
                                      "#ForbiddenException"},
                      {"x-amzn-ErrorType": "ForbiddenException"})
    name = "SSOFRESH" if token == SSO_TOKEN_FRESH else "SSO"
    return {"roleCredentials": {**keys(name), "expiration": EXPIRES * 1000}}, {}


def json_body(peer, request):
    kind = request["headers"].get("content-type", "")
    peer.must(kind.startswith("application/json"), "the content type is '%s'" % kind)
    return json.loads(request["body"])


def oidc_token(peer, request):
    wanted = {"grantType": "refresh_token", "clientId": "client-id",
              "clientSecret": "client-secret", "refreshToken": "refresh-1"}
    got = json_body(peer, request)
    peer.must(got == wanted, "the input is %s" % got)
    if peer.has("revoked"):
        raise Refused(400, {"error": "invalid_grant",
                            "error_description": "Invalid refresh token provided"},
                      {"x-amzn-ErrorType": "InvalidGrantException"})
    answer = {"accessToken": SSO_TOKEN_FRESH, "expiresIn": 28800, "tokenType": "Bearer"}
    if not peer.has("norefresh"):
        answer["refreshToken"] = "refresh-2"
    return answer, {}


def check_proof(peer, request):
    """RFC 9449, section 4.3."""
    proof = request["headers"].get("dpop", "")
    parts = proof.split(".")
    peer.must(len(parts) == 3 and "=" not in proof, "the proof is '%s'" % proof)
    header, claims = (json.loads(unbase64url(p)) for p in parts[:2])
    key = peer.server.key
    jwk = header.pop("jwk")
    peer.must(header == {"typ": "dpop+jwt", "alg": "ES256"}, "the header is %s" % header)
    peer.must(set(jwk) == {"kty", "crv", "x", "y"} and jwk["kty"] == "EC" and
              jwk["crv"] == "P-256", "the key is %s" % jwk)
    peer.must(unbase64url(jwk["x"]) + unbase64url(jwk["y"]) == key.point(),
              "the key is another one")
    peer.must(set(claims) == {"htm", "htu", "iat", "jti"}, "the claims are %s" % claims)
    peer.must(claims["htm"] == "POST", "htm is %s" % claims["htm"])
    peer.must(claims["htu"] == peer.server.url + request["path"],
              "htu is %s" % claims["htu"])
    peer.must(abs(claims["iat"] - time.time()) < 60, "iat is %s" % claims["iat"])
    peer.must(claims["jti"] and claims["jti"] not in peer.server.proofs, "jti is used")
    peer.server.proofs.add(claims["jti"])
    peer.must(key.verifies(".".join(parts[:2]).encode(), unbase64url(parts[2])),
              "the signature is wrong")


def signin_token(peer, request):
    check_proof(peer, request)
    got = json_body(peer, request)
    wanted = {"clientId": CLIENT_ID, "refreshToken": "login-refresh-1",
              "grantType": "refresh_token"}
    peer.must(got == wanted, "the input is %s" % got)
    for word, status, code in (("ended", 401, "TOKEN_EXPIRED"),
                               ("changed", 403, "USER_CREDENTIALS_CHANGED"),
                               ("forbidden", 403, "INSUFFICIENT_PERMISSIONS")):
        if peer.has(word):
            raise Refused(status, {"error": code, "message": "the reason"},
                          {"x-amzn-ErrorType": "AccessDeniedException"})
    return {"accessToken": keys("LOGINFRESH"), "tokenType": "aws_sigv4",
            "expiresIn": 900, "refreshToken": "login-refresh-2"}, {}


def metadata(name):
    k = keys(name)
    return {"AccessKeyId": k["accessKeyId"], "SecretAccessKey": k["secretAccessKey"],
            "Token": k["sessionToken"], "Expiration": EXPIRES_TEXT}


def container(peer, request):
    headers = request["headers"]
    peer.must(headers.get("accept") == "application/json", "it accepts anything")
    if peer.has("token") and headers.get("authorization") != CONTAINER_TOKEN:
        raise Refused(401, {"code": "AccessDenied", "message": "the token is wrong"})
    if peer.has("once") and len(peer.server.requests) == 1:
        raise Refused(500, b"just a moment")
    return {"RoleArn": "arn:aws:iam::%s:role/task" % ACCOUNT,
            **metadata("CONTAINER")}, {}


def imds_token(peer, request):
    headers = request["headers"]
    ttl = headers.get("x-aws-ec2-metadata-token-ttl-seconds", "")
    peer.must(ttl.isdigit() and 1 <= int(ttl) <= 21600, "the TTL is '%s'" % ttl)
    peer.must(request["body"] == "", "it has a body")
    for word, status in (("v1", 404), ("off", 403), ("bad", 400)):
        if peer.has(word):
            raise Refused(status)
    if peer.has("silent"):
        time.sleep(4)
        raise Refused(504)
    return IMDS_TOKEN.encode(), {"X-Aws-Ec2-Metadata-Token-Ttl-Seconds": ttl,
                                 "Content-Type": "text/plain"}


def check_imds(peer, request):
    peer.must("x-forwarded-for" not in request["headers"], "it comes by a proxy", 403)
    token = request["headers"].get("x-aws-ec2-metadata-token")
    if token is None and not peer.server.mode & {"v1", "silent"}:
        raise Refused(401)
    peer.must(token in (None, IMDS_TOKEN), "the token is '%s'" % token, 401)


def imds_roles(peer, request):
    check_imds(peer, request)
    if peer.has("norole"):
        raise Refused(404)
    return IMDS_ROLE.encode(), {"Content-Type": "text/plain"}


def imds_credentials(peer, request):
    check_imds(peer, request)
    if peer.has("untrusted"):
        return {"Code": "AssumeRoleUnauthorizedAccess",
                "Message": "EC2 cannot assume the role " + IMDS_ROLE,
                "LastUpdated": "2026-01-02T03:04:05Z"}, {}
    answer = {"Code": "Success", "LastUpdated": "2026-01-02T03:04:05Z",
              "Type": "AWS-HMAC", **metadata("INSTANCE")}
    if peer.has("old"):
        answer["Expiration"] = "2026-01-02T03:04:05Z"
    return answer, {}


# Path, method, who answers, whether an Authorization header belongs there.
ROUTES = [
    ("/federation/credentials", "GET", role_credentials, False),
    ("/token", "POST", oidc_token, False),
    ("/v1/token", "POST", signin_token, False),
    ("/creds", "GET", container, True),
    ("/latest/api/token", "PUT", imds_token, False),
    ("/latest/meta-data/iam/security-credentials/", "GET", imds_roles, False),
    ("/latest/meta-data/iam/security-credentials/" + IMDS_ROLE, "GET",
     imds_credentials, False),
]


def sso_cache_name(name):
    return "sso/cache/%s.json" % hashlib.sha1(name.encode()).hexdigest()


def login_cache_name(name):
    return "login/cache/%s.json" % hashlib.sha256(name.encode()).hexdigest()
