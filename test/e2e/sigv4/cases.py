"""Random requests: every odd thing that a signer may be given. What is left out, because
botocore and AWS's own rules differ there, is said where it is left out."""
import random
from urllib.parse import quote

METHODS = ("GET", "PUT", "POST", "DELETE", "HEAD", "PATCH", "OPTIONS")
SERVICES = ("s3", "sts", "cloudformation", "execute-api", "lambda", "es", "iot", "dynamodb")
REGIONS = ("us-east-1", "eu-central-1", "cn-north-1", "us-gov-west-1", "ap-southeast-4")
HOSTS = ("example.com", "bucket.s3.us-east-1.amazonaws.com", "127.0.0.1", "[::1]", "[2001:db8::1]",
         "UPPER.Example.COM", "localhost", "a-b_c.example")
PORTS = ("", "", "", ":80", ":443", ":4566", ":8443")
WORDS = ("", ".", "..", "...", "a", "b", "A", "~", "-", "_", "*", "a.b", "%20", "%2F", "%2f", "%25", "%",
         "%zz", "+", "a+b", "%2B", "=", "&", "a=b", ":", "@", "!", "'", "(", ")", ",", ";", "$", "%E4%BD%A0",
         "%F0%9F%98%80", "index.html", "2026", "x" * 300)
RAW = (" ", "\u00e9", "\u4f60\u597d", "\U0001f600", '"', "<", ">", "\\", "^", "`", "{", "|", "}")
TEXTS = ("", "a", "b", "A", "1", "0", "~", "a b", " ", "+", "%", "%20", "&", "=", "/", "?", "#", ";", ":",
         "\u00e9", "\u4f60\u597d", "\U0001f600", "a=b&c", "..", "*", "!'()", "\0", "\t", "\n", "\"", "x" * 200)
# Names that sort differently with and without case, and that end where others go on.
NAMES = ("Zeta", "alpha", "Alpha", "My-Header", "my-header1", "My-Header-2", "x-amz-meta-a", "X-Amz-Meta-B",
         "x-amz-acl", "Accept", "Content-Type", "content-md5", "Range", "p", "P2", "a.b", "a_b", "a!b", "Cache-Control",
         "Content-Length", "If-Match", "amz-sdk-request", "X-Amz-Target")
UNSIGNED = ("Connection", "Expect", "Keep-Alive", "TE", "Trailer", "Transfer-Encoding", "Upgrade",
            "User-Agent", "X-Amzn-Trace-Id", "Proxy-Authorization", "proxy-authenticate")
VALUES = ("", " ", "a", "  a  ", "a  b", "\ta\t b ", "a,b", "a, b", '"a  b"', "caf\u00e9", "\u4f60\u597d", "=", ";x=y",
          "a\n b", "a\r\n\tb", "a\n   b\n c", "a \v \f b", "0", "text/plain; charset=utf-8", "y" * 500)
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"


def text(rng, choices, most):
    return "".join(rng.choice(choices) for _ in range(rng.randint(0, most)))


def path(rng, s3):
    # S3's path is signed as it stands, and only what may stand in a URL is sent.
    words = WORDS if s3 else WORDS + RAW
    parts = [text(rng, words, 2) for _ in range(rng.randint(0, 6))]
    return "/" + "/".join(parts)


def query(rng, once):
    """Pairs of names and values, percent-encoded; a value None has no '='. Encoded in one
    way only: botocore signs a query as it finds it, where AWS decodes and encodes anew."""
    pairs, names = [], set()
    for _ in range(rng.choice((0, 0, 1, 2, 3, 8))):
        name = text(rng, TEXTS, 2)
        if once and (name in names or not name):
            continue
        names.add(name)
        pairs.append((name, None if rng.random() < 0.15 else text(rng, TEXTS, 2)))
        if not once and rng.random() < 0.2:
            pairs.append((name, text(rng, TEXTS, 1)))
    rng.shuffle(pairs)

    def one(name, value):
        name = quote(name, safe="-._~")
        return name if value is None else name + "=" + quote(value, safe="-._~")
    written = [one(*pair) for pair in pairs]
    if not once and rng.random() < 0.05:
        written.insert(rng.randint(0, len(written)), "")
    return "&".join(written)


def headers(rng, unsigned):
    found = []
    for _ in range(rng.choice((0, 1, 2, 3, 6, 12))):
        name = rng.choice(NAMES + unsigned)
        name = rng.choice((name, name, name.lower(), name.upper()))
        found.append([name, text(rng, VALUES, 2).strip("\r\n")])
        if rng.random() < 0.3:
            found.append([name.swapcase(), rng.choice(VALUES)])
    # A folding is followed by what it folds; no value ends in a line break.
    return [[n, v] for n, v in found if not v.rstrip(" \t\v\f").endswith("\n")]


def make(seed, number, unsigned):
    """The request of that number; `unsigned` are the names that botocore leaves out too."""
    rng = random.Random(f"{seed}:{number}")
    service = rng.choice(SERVICES + ("s3",) * 5)
    s3 = service == "s3"
    presign = rng.random() < 0.3
    scheme = rng.choice(("https", "https", "http"))
    host = rng.choice(HOSTS) + rng.choice(PORTS)
    q = query(rng, presign)
    request = {
        "op": "presign" if presign else "sign",
        "method": rng.choice(METHODS),
        "url": f"{scheme}://{host}{path(rng, s3)}{'?' if q else ''}{q}",
        "service": service,
        "region": rng.choice(REGIONS),
        "time_ms": rng.randint(10 ** 9, 3 * 10 ** 9) * 1000,
        "access_key": rng.choice(("AKIA", "ASIA")) + text(rng, "ABCDEFGHIJ234567", 16),
        "secret_key": "s" + text(rng, LETTERS, 100),
        "headers": headers(rng, unsigned),
    }
    if rng.random() < 0.4:
        request["session_token"] = "t" + text(rng, LETTERS + "=", 800)
    if rng.random() < 0.1:
        request["headers"].append(["Host", rng.choice(HOSTS).lower()])
    if presign:
        request["expires"] = rng.choice((1, 60, 3600, 604800))
    else:
        request["data"] = rng.randbytes(rng.choice((0, 0, 1, 20, 5000))) if rng.random() < 0.7 else b""
    request["payload"] = rng.choice(("hash", "hash", "unsigned", "trailer", "given"))
    return request
