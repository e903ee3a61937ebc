"""aws-chunked bodies, stated anew from the S3 API Reference ("Signature calculations for
the Authorization header: transferring payload in multiple chunks", and with trailers)."""
import base64
import hashlib
import hmac
import zlib

SIGNED, SIGNED_TRAILER, UNSIGNED_TRAILER = 0, 1, 2
NAMES = {SIGNED: "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
         SIGNED_TRAILER: "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
         UNSIGNED_TRAILER: "STREAMING-UNSIGNED-PAYLOAD-TRAILER"}
EMPTY = hashlib.sha256(b"").hexdigest()


def reflected(data, polynomial, bits):
    """A CRC a bit at a time, as the definition has it."""
    register = mask = (1 << bits) - 1
    for byte in data:
        register ^= byte
        for _ in range(8):
            register = register >> 1 ^ (polynomial if register & 1 else 0)
    return (register ^ mask).to_bytes(bits // 8, "big")


CHECKSUMS = {
    "crc32": lambda data: zlib.crc32(data).to_bytes(4, "big"),
    "crc32c": lambda data: reflected(data, 0x82F63B78, 32),
    "crc64nvme": lambda data: reflected(data, 0x9A6C9329AC4BC9B5, 64),
    "sha1": lambda data: hashlib.sha1(data).digest(),
    "sha256": lambda data: hashlib.sha256(data).digest(),
    "sha512": lambda data: hashlib.sha512(data).digest(),
    "md5": lambda data: hashlib.md5(data).digest(),
}


def checksum(name, data):
    return base64.b64encode(CHECKSUMS[name](data)).decode()


class Chain:
    """Signatures that follow one another, from the request's own."""

    def __init__(self, secret, date, region, seed):
        self.date, self.scope = date, f"{date[:8]}/{region}/s3/aws4_request"
        self.previous = seed
        self.key = ("AWS4" + secret).encode()
        for part in (date[:8], region, "s3", "aws4_request"):
            self.key = hmac.new(self.key, part.encode(), "sha256").digest()

    def follow(self, kind, *rest):
        text = "\n".join((f"AWS4-HMAC-SHA256-{kind}", self.date, self.scope, self.previous, *rest))
        self.previous = hmac.new(self.key, text.encode(), "sha256").hexdigest()
        return self.previous

    def chunk(self, data):
        return self.follow("PAYLOAD", EMPTY, hashlib.sha256(data).hexdigest())

    def trailer(self, line):
        return self.follow("TRAILER", hashlib.sha256(line.encode() + b"\n").hexdigest())


def encode(form, pieces, algorithm, chain):
    """The parts of a body whose data come in these pieces."""
    parts = []
    for data in (*pieces, b""):
        head = f"{len(data):x}"
        if form != UNSIGNED_TRAILER:
            head += ";chunk-signature=" + chain.chunk(data)
        parts.append(head.encode() + b"\r\n" + data + (b"\r\n" if data else b""))
    if algorithm:
        line = f"x-amz-checksum-{algorithm}:{checksum(algorithm, b''.join(pieces))}"
        parts.append(line.encode() + b"\r\n")
        if form == SIGNED_TRAILER:
            parts.append(f"x-amz-trailer-signature:{chain.trailer(line)}\r\n".encode())
    return parts + [b"\r\n"]


def cut(data, size):
    return [data[at:at + size] for at in range(0, len(data), size)]
