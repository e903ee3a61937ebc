"""aws-chunked bodies both ways: what our encoder makes equals the statement in chunks.py
and is taken by the emulator; what chunks.py makes our decoder reads; spoiled, neither."""
import base64
import http.client
import os
import random
import time
from urllib.parse import urlsplit

import chunks
from chunks import SIGNED, SIGNED_TRAILER, UNSIGNED_TRAILER
from peer import SEED, ask_all, finish, result

COUNT = int(os.environ.get("SIGV4_BODIES") or 150)
ENDPOINT = urlsplit(os.environ["AWS_ENDPOINT_URL"])
REGION = os.environ.get("AWS_REGION", "us-east-1")
ALGORITHMS = tuple(chunks.CHECKSUMS)
QUICK = ("crc32", "sha1", "sha256", "md5")


def b64(data):
    return base64.b64encode(data).decode()


def question(op, path, when=None, **more):
    return {"op": op, "method": "PUT", "url": f"{ENDPOINT.scheme}://{ENDPOINT.netloc}{path}", "service": "s3",
            "region": REGION, "time_ms": int((when or time.time()) * 1000), "headers": [],
            "access_key": os.environ["AWS_ACCESS_KEY_ID"], "secret_key": os.environ["AWS_SECRET_ACCESS_KEY"], **more}


def chain_of(asked, headers, seed):
    return chunks.Chain(asked["secret_key"], headers["x-amz-date"], REGION, seed)


def lower(pairs):
    return {name.lower(): value for name, value in pairs}


def random_bodies():
    rng = random.Random(f"{SEED}:bodies")
    for number in range(COUNT):
        form = number % 3
        size = rng.choice((0, 1, 8191, 8192, 8193, 16384, 30000, 65536, 65537, rng.randint(0, 40000)))
        asked = question("encode", f"/bodies/{number}", form=form, data=b64(rng.randbytes(size)),
                         chunk_size=rng.choice((0, 8192, 8193, 10000, 16384)))
        if form != SIGNED:
            # Longer ones only where the statement is not bit by bit.
            few = size > 17000
            asked["checksum"] = rng.choice(QUICK if few else ALGORITHMS)
        yield asked


def send(method, path, headers, body=None):
    connection = http.client.HTTPConnection(ENDPOINT.netloc, timeout=20)
    try:
        connection.request(method, path, body=body, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.read(), answer.headers
    finally:
        connection.close()


def send_signed(method, path, headers=()):
    asked = {**question("sign", path), "method": method, "headers": list(headers)}
    return send(method, path, dict(ask_all([asked])[0]["headers"]))


def encoded():
    """Ours against the statement, byte by byte, and each then sent to the emulator."""
    asked = list(random_bodies())
    wrong, refused = [], []
    send_signed("PUT", "/bodies")
    for question_, answer in zip(asked, ask_all(asked)):
        if "error" in answer:
            wrong.append(answer["error"])
            continue
        data = base64.b64decode(question_["data"])
        headers, body = lower(answer["headers"]), base64.b64decode(answer["body"])
        algorithm = question_.get("checksum")
        chain = chain_of(question_, headers, answer["signature"])
        wanted = b"".join(chunks.encode(question_["form"], chunks.cut(data, question_["chunk_size"] or 65536),
                                        algorithm, chain))
        if body != wanted or (algorithm and answer["checksum"] != chunks.checksum(algorithm, data)):
            wrong.append(f"{question_['url']}: form {question_['form']}, {len(data)} bytes, {algorithm}: "
                         f"{body[:120]} wanted {wanted[:120]}")
        path = urlsplit(question_["url"]).path
        status, text, got = send("PUT", path, dict(answer["headers"]), body)
        if status == 200 and algorithm and got[f"x-amz-checksum-{algorithm}"] != answer["checksum"]:
            status = "no checksum in the answer"
        if status == 200:
            status, text, _ = send_signed("GET", path)
            status = 200 if text == data else "another object"
        if status != 200:
            refused.append(f"{path}: {status} {text[:300]}")
    result(not wrong, f"{len(asked)} encoded bodies are as S3's documentation has them", "\n".join(wrong[:3]))
    result(not refused, f"{len(asked)} encoded bodies are taken by the emulator", "\n".join(refused[:3]))


def spoil(parts, rng, form):
    """The parts of a body with one thing wrong, and what that is."""
    parts = list(parts)
    kind = rng.choice(("data", "signature", "drop", "swap", "cut", "end", "trailer"))
    if form == UNSIGNED_TRAILER and kind in ("data", "signature", "drop", "swap", "trailer"):
        kind = "cut"  # only the checksum tells, and that is the emulator's matter
    chunks_ = [i for i, part in enumerate(parts) if b"chunk-signature" in part]
    if kind == "data" and len(parts[0]) > 100:
        parts[0] = parts[0][:-3] + bytes([parts[0][-3] ^ 1]) + parts[0][-2:]
    elif kind == "signature":
        at = rng.choice(chunks_)
        head, _, rest = parts[at].partition(b"\r\n")
        parts[at] = head[:-1] + (b"0" if head[-1:] != b"0" else b"1") + b"\r\n" + rest
    elif kind == "drop" and len(chunks_) > 1:
        del parts[rng.choice(chunks_)]
    elif kind == "swap" and len(chunks_) > 2:
        parts[chunks_[0]], parts[chunks_[1]] = parts[chunks_[1]], parts[chunks_[0]]
    elif kind == "end":
        parts.append(b"0\r\n\r\n")
    elif kind == "trailer" and form == SIGNED_TRAILER:
        at = rng.choice((-3, -2))
        parts[at] = b"" if rng.random() < 0.5 else parts[at][:-4] + b"\r\n"
    else:
        whole = b"".join(parts)
        parts, kind = [whole[:rng.randint(0, len(whole) - 1)]], "cut"
    return kind, b"".join(parts)


def decoded():
    """The statement's bodies, in pieces of any size, read by our decoder; and spoiled."""
    rng = random.Random(f"{SEED}:decode")
    when, asked, wanted = time.time(), [], []
    for number in range(COUNT):
        form = number % 3
        # Only the last chunk may have fewer than 8192 bytes.
        pieces = [rng.randbytes(rng.choice((8192, 8193, 10000))) for _ in range(rng.choice((0, 0, 1, 2)))]
        pieces.append(rng.randbytes(rng.randint(1, 3000)))
        data = b"".join(pieces)
        seed_of = {**question("sign", "/bodies/k", when), "payload_hash": chunks.NAMES[form]}
        asked.append((seed_of, form, data, pieces, None if form == SIGNED else rng.choice(QUICK)))
    questions = []
    for (seed_of, form, data, pieces, algorithm), answer in zip(asked, ask_all([a[0] for a in asked])):
        chain = chain_of(seed_of, lower(answer["headers"]), answer["signature"])
        parts = chunks.encode(form, pieces, algorithm, chain)
        for kind, body in (("whole", b"".join(parts)), spoil(parts, rng, form)):
            questions.append({**seed_of, "op": "decode", "form": form, "headers": answer["headers"], "body": b64(body)})
            wanted.append((kind, data, algorithm))
    unread, taken = [], []
    for answer, (kind, data, algorithm) in zip(ask_all(questions), wanted):
        if kind != "whole":
            if "error" not in answer:
                taken.append(kind)
        elif "error" in answer or base64.b64decode(answer["data"]) != data:
            unread.append(answer.get("error", "other data"))
        elif algorithm and lower(answer["trailers"])[f"x-amz-checksum-{algorithm}"] != chunks.checksum(algorithm, data):
            unread.append("another checksum")
    result(not unread, f"{COUNT} bodies of S3's documentation are read", "\n".join(unread[:3]))
    result(not taken, f"{COUNT} spoiled bodies are refused", f"taken: {taken}")


encoded()
decoded()
finish()
