"""An HTTP server that misbehaves as the first part of the path says: /MODE/ID/...

Every request of one ID is counted, so that a mode can answer better the next time. Plain
sockets: what is sent is what stands here, valid or not. Connections are closed behind
each answer unless a mode says otherwise."""
import json
import socket
import ssl
import struct
import threading
import time

IDENTITY = (b"<GetCallerIdentityResponse><GetCallerIdentityResult><Account>1</Account>"
            b"</GetCallerIdentityResult></GetCallerIdentityResponse>")
MILLION = 1000000
ENDLESS = 10 << 30


def error(code, message="no"):
    return (f"<ErrorResponse><Error><Code>{code}</Code><Message>{message}</Message></Error>"
            f"<RequestId>r-1</RequestId></ErrorResponse>").encode()


def bomb(root):
    entities = b"".join(b'<!ENTITY e%d "%s">' % (i, b"&e%d;" % (i - 1) * 10)
                        for i in range(1, 10))
    return b'<!DOCTYPE x [<!ENTITY e0 "boom">' + entities + b"]><" + root + b">&e9;</" + root + b">"


class Request:
    def __init__(self, connection, head, rest, count, since):
        self.connection, self.head, self.rest = connection, head, rest
        self.count, self.since = count, since  # 1 is the ID's first; seconds since that
        self.method = head.split(b" ", 1)[0].decode()
        lower = head.lower()
        at = lower.find(b"\r\ncontent-length:")
        self.length = int(lower[at + 17:].split(b"\r\n", 1)[0]) if at >= 0 else 0
        at = head.find(b"Credential=")
        self.region = head[at:].split(b"/")[2].decode() if at >= 0 else ""

    def read_body(self):
        while len(self.rest) < self.length:
            block = self.connection.recv(1 << 20)
            if not block:
                return
            self.rest += block

    def send(self, data):
        self.connection.sendall(data)

    def head_only(self, status, *headers):
        self.send(b"HTTP/1.1 %d Text\r\n" % status +
                  b"".join(h.encode() + b"\r\n" for h in headers) + b"\r\n")

    def answer(self, status=200, body=IDENTITY, *headers):
        self.read_body()
        self.head_only(status, f"Content-Length: {len(body)}", "Connection: close", *headers)
        if self.method != "HEAD":
            self.send(body)

    def reset(self):
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                   struct.pack("ii", 1, 0))

    def wait(self, seconds):
        """Until the client goes; it may be that long."""
        self.connection.settimeout(seconds)
        try:
            while self.connection.recv(65536):
                pass
        except OSError:
            pass

    def drip(self, data, seconds=0.2):
        for i in range(len(data)):
            self.send(data[i:i + 1])
            time.sleep(seconds)

    def flood(self, block, total):
        for _ in range(0, total, len(block)):
            self.send(block)


def once(bad):
    """The first request goes wrong, the next ones go well."""
    return lambda r: bad(r) if r.count == 1 else r.answer()


def reset_before(r):
    r.read_body()
    r.reset()


def reset_after(r):
    r.read_body()
    r.head_only(200, "Content-Length: 1000")
    r.send(IDENTITY)
    time.sleep(0.1)
    r.reset()


def half(r):
    r.read_body()
    r.head_only(200, f"Content-Length: {2 * len(IDENTITY)}")
    r.send(IDENTITY)


def half_chunked(r):
    r.read_body()
    r.head_only(200, "Transfer-Encoding: chunked")
    r.send(b"%x\r\n" % (2 * len(IDENTITY)) + IDENTITY)


def closed(r):
    r.read_body()


def announced(r):
    r.read_body()
    r.head_only(200, f"Content-Length: {ENDLESS}")
    r.flood(b"x" * (1 << 20), ENDLESS)


def unannounced(status):
    def mode(r):
        r.read_body()
        r.head_only(status, "Connection: close")
        r.flood(b"x" * (1 << 20), ENDLESS)
    return mode


def endless_headers(r):
    r.read_body()
    r.send(b"HTTP/1.1 200 Text\r\n")
    r.flood(b"X-Long: " + b"x" * 1000 + b"\r\n", ENDLESS)


def continue_never(r):
    """100-continue is asked for and not given; the body is taken all the same."""
    r.answer(200, b"")


def continue_deaf(r):
    """Neither given nor refused, and nothing is read."""
    time.sleep(30)


def continue_refused(r):
    """Refused before the body: that is an answer."""
    r.head_only(403, "Content-Length: 0", "Connection: close")


def loris_head(r):
    r.read_body()
    r.drip(b"HTTP/1.1 200 Text\r\n" + b"X: y\r\n" * 1000)


def loris_body(r):
    r.read_body()
    r.head_only(200, "Content-Length: 100000")
    r.drip(b" " * 100000)


def burst(r):
    statuses = [500, 502, 503]
    if r.count > len(statuses):
        r.answer()
    else:
        r.answer(statuses[r.count - 1], b"" if r.count == 1 else b"<html>oh</html>")


def throttle_30_s(r):
    if r.since < 30:
        r.answer(400, error("Throttling", "Rate exceeded"))
    else:
        r.answer()


def region_loop(r):
    region = "eu-west-1" if r.region != "eu-west-1" else "us-west-2"
    r.answer(301, b"<Error><Code>PermanentRedirect</Code><Message>elsewhere</Message></Error>",
             f"x-amz-bucket-region: {region}")


def region_of_bucket(r):
    if r.region != "us-west-2":
        r.answer(301, b"", "x-amz-bucket-region: us-west-2")
    else:
        r.answer(200, b"<ListBucketResult/>")


def clock(r):
    date = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(time.time() + 7 * 86400))
    day = time.strftime("%Y%m%d", time.gmtime(time.time() + 7 * 86400))
    if f"x-amz-date: {day}".encode() in r.head.lower():
        r.answer()
    else:
        r.answer(403, error("RequestTimeTooSkewed"), f"Date: {date}")


def silent(r):
    r.wait(60)


MODES = {
    "good": lambda r: r.answer(),
    "plain-json": lambda r: r.answer(200, b"{}"),
    "reset-before": reset_before,
    "reset-before-once": once(reset_before),
    "reset-after": reset_after,
    "reset-after-once": once(reset_after),
    "closed": closed,
    "closed-once": once(closed),
    "half": half,
    "half-once": once(half),
    "half-chunked": half_chunked,
    "no-http": lambda r: (r.read_body(), r.send(b"SSH-2.0-OpenSSH_9.2\r\n")),
    "garbage": lambda r: r.answer(200, bytes(range(256)) * 100),
    "garbage-error": lambda r: r.answer(400, bytes(range(255, -1, -1)) * 100),
    "xml-nested": lambda r: r.answer(200, b"<a>" * MILLION + b"</a>" * MILLION),
    "xml-wide": lambda r: r.answer(200, b"<a>" + b"<b/>" * 4 * MILLION + b"</a>"),
    "xml-bomb": lambda r: r.answer(200, bomb(b"GetCallerIdentityResponse")),
    "xml-bomb-error": lambda r: r.answer(400, bomb(b"ErrorResponse")),
    "json-nested": lambda r: r.answer(200, b"[" * MILLION + b"]" * MILLION),
    "json-wide": lambda r: r.answer(200, b"[" + b"0," * 8 * MILLION + b"0]"),
    "json-nested-error": lambda r: r.answer(400, b'{"a":' * MILLION + b"}" * MILLION),
    "login-page": lambda r: r.answer(200, b"<!DOCTYPE html><title>Sign in</title>"),
    "proxy-page": lambda r: r.answer(403, b"<html><title>Blocked</title></html>"),
    "continue-never": continue_never,
    "continue-deaf": continue_deaf,
    "continue-refused": continue_refused,
    "loris-head": loris_head,
    "loris-body": loris_body,
    "burst": burst,
    "always-500": lambda r: r.answer(500, b""),
    "always-503": lambda r: r.answer(503, error("ServiceUnavailable")),
    "throttle-30-s": throttle_30_s,
    "throttle": lambda r: r.answer(400, error("Throttling", "Rate exceeded")),
    "retry-after": lambda r: r.answer(503, b"", "Retry-After: 3600"),
    "redirect": lambda r: r.answer(302, b"", "Location: /redirect/x/"),
    "region-loop": region_loop,
    "region-of-bucket": region_of_bucket,
    "clock": clock,
    "denied": lambda r: r.answer(403, error("AccessDenied", "User: a is not authorized to "
                                            "perform: sts:GetCallerIdentity&#10;\u001b[31m"
                                            .replace("\u001b", "?"))),
    "disguised": lambda r: r.answer(200, b"<Error><Code>InternalError</Code></Error>")
    if r.count < 3 else r.answer(200, b"<CompleteMultipartUploadResult/>"),
    "announced": announced,
    "unannounced": unannounced(200),
    "unannounced-error": unannounced(500),
    "endless-headers": endless_headers,
    "silent": silent,
    "expired": lambda r: r.answer(403, error("ExpiredToken")),
}


class Server:
    """On 127.0.0.1, any port; with a certificate's file, over TLS."""

    def __init__(self, certificate=None, key=None):
        self.socket = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port = self.socket.getsockname()[1]
        self.context = None
        if certificate:
            self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.context.load_cert_chain(certificate, key)
        self.lock, self.seen = threading.Lock(), {}
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            connection, _ = self.socket.accept()
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        try:
            connection.settimeout(60)
            if self.context:
                connection = self.context.wrap_socket(connection, server_side=True)
            data = b""
            while b"\r\n\r\n" not in data:
                block = connection.recv(65536)
                if not block:
                    return
                data += block
            head, rest = data.split(b"\r\n\r\n", 1)
            _, mode, name = head.split(b" ", 2)[1].decode().split("/")[:3]
            with self.lock:
                seen = self.seen.setdefault(name, [0, time.monotonic()])
                seen[0] += 1
                count, since = seen[0], time.monotonic() - seen[1]
            MODES[mode](Request(connection, head, rest, count, since))
        except (OSError, ValueError):
            pass  # the client went away: that is what it is to do
        finally:
            connection.close()


if __name__ == "__main__":
    print(json.dumps({"port": Server().port}), flush=True)
    threading.Event().wait(600)
