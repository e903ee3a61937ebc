"""peers.py FOLDER: servers with good and bad manners for test_transport, until it is
killed. FOLDER has the certificates that `certificates` makes. Prints one line NAME=PORT a
server, then "ready"."""
import gzip
import os
import socket
import ssl
import struct
import sys
import threading
import time

folder = sys.argv[1]
count_lock = threading.Lock()
connections = {}


def receive_head(sock):
    """The request's head and what of the body came with it; None when there is none."""
    data = b""
    while b"\r\n\r\n" not in data:
        block = sock.recv(65536)
        if not block:
            return None
        data += block
        if data[0] == 0x16:  # a TLS client, where none is expected
            sock.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            return None
    head, rest = data.split(b"\r\n\r\n", 1)
    return head.decode("latin-1"), rest


def header(head, name):
    for line in head.split("\r\n")[1:]:
        key, _, value = line.partition(":")
        if key.lower() == name:
            return value.strip()
    return ""


def answer(sock, body, status="200 OK", more=""):
    sock.sendall(f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{more}\r\n"
                 .encode() + body)


def reset(sock):
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    return False


def drip(sock, text, seconds=30):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        sock.sendall(text)
        time.sleep(0.05)


def chunked(sock, data, more=""):
    sock.sendall(f"HTTP/1.1 200 OK\r\nTransfer-Encoding: {more}chunked\r\n\r\n".encode())
    while True:
        for at in range(0, len(data), 1 << 20):
            block = data[at:at + (1 << 20)]
            sock.sendall(b"%x\r\n%s\r\n" % (len(block), block))
        if more:
            return sock.sendall(b"0\r\n\r\n")


def misbehave(sock, path):
    """Returns whether the connection stays."""
    if path == "/reset":
        return reset(sock)
    if path == "/reset-in-headers":
        sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Le")
        time.sleep(0.1)
        return reset(sock)
    if path == "/reset-in-body":
        sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nten bytes.")
        time.sleep(0.1)
        return reset(sock)
    if path == "/cut":
        sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nten bytes.")
    elif path == "/cut-chunked":
        sock.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nten")
    elif path == "/bad-chunk":
        sock.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\nten")
    elif path == "/http09":
        sock.sendall(b"<html>I have no headers</html>\n")
    elif path == "/garbage":
        sock.sendall(os.urandom(64) + b"\r\n\r\n")
    elif path == "/status-line":
        sock.sendall(b"HTTP/1.1 abc what\r\n\r\n")
    elif path == "/long-header":
        sock.sendall(b"HTTP/1.1 200 OK\r\nX-Long: " + b"x" * 400000 + b"\r\n\r\n")
    elif path == "/many-headers":
        sock.sendall(b"HTTP/1.1 200 OK\r\n" + b"X-Many: y\r\n" * 5000 + b"\r\n")
    elif path == "/large-headers":
        line = b"X-Large: " + b"y" * 10000 + b"\r\n"
        sock.sendall(b"HTTP/1.1 200 OK\r\n" + line * 40 + b"\r\n")
    elif path == "/drip-headers":
        sock.sendall(b"HTTP/1.1 200 OK\r\n")
        drip(sock, b"X-Drip: y\r\n")
    elif path == "/drip-body":
        sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        drip(sock, b"d")
    elif path == "/10gb":
        sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 10737418240\r\n\r\n")
        chunk = b"g" * (1 << 20)
        for _ in range(10240):
            sock.sendall(chunk)
    elif path == "/endless":
        chunked(sock, b"e" * (1 << 20))
    elif path == "/bomb":
        chunked(sock, gzip.compress(b"\0" * (200 << 20), 9), "gzip, ")
    elif path == "/gzip":
        answer(sock, gzip.compress(b"plain"), more="Content-Encoding: gzip\r\n")
        return True
    elif path == "/line-feeds":
        sock.sendall(b"HTTP/1.1 201 Created\nContent-Length: 2\n\nok")
    elif path == "/stall":
        time.sleep(20)
    else:
        answer(sock, b"no such path", "404 Not Found")
        return True
    return False


def serve_one(sock, number, name):
    got = receive_head(sock)
    if got is None:
        return False
    head, rest = got
    method, path = head.split(" ")[:2]
    left = int(header(head, "content-length") or 0) - len(rest)
    if header(head, "expect") and path == "/continue":
        sock.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
    size = len(rest)
    while left > 0:
        block = sock.recv(min(left, 1 << 20))
        if not block:
            return False
        left -= len(block)
        size += len(block)
    if path in ("/", "/leave", "/no-continue", "/continue"):
        with count_lock:
            made = connections[name]
        text = f"{method} {size} bytes on connection {number} of {made}"
        answer(sock, b"" if method == "HEAD" else text.encode())
        return path != "/leave"
    return misbehave(sock, path)


def serve(sock, number, name, context):
    try:
        if context:
            sock = context.wrap_socket(sock, server_side=True)
        while serve_one(sock, number, name):
            pass
    except (OSError, ValueError):
        pass
    finally:
        sock.close()


def listen(name, family=socket.AF_INET, handler=serve, extra=None):
    sock = socket.socket(family)
    sock.bind(("::1" if family == socket.AF_INET6 else "127.0.0.1", 0))
    sock.listen(64)
    connections[name] = 0

    def accept():
        while True:
            peer, _ = sock.accept()
            with count_lock:
                connections[name] += 1
                number = connections[name]
            threading.Thread(target=handler, args=(peer, number, name, extra),
                             daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    print(f"{name}={sock.getsockname()[1]}")


def tls(certificate, old=False):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(f"{folder}/{certificate}.pem", f"{folder}/key.pem")
    if old:
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    return context


def pump(a, b):
    try:
        while block := a.recv(65536):
            b.sendall(block)
    except OSError:
        pass
    for s in (a, b):
        try:
            s.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


def proxy(sock, _number, name, allowed):
    """A proxy to 127.0.0.1, whatever host is asked for. `allowed` is the value that
    Proxy-Authorization must have; None: everybody; "": nobody. Each request that it
    grants is a line of FOLDER/NAME.log."""
    got = receive_head(sock)
    if got is None:
        return
    head, rest = got
    method, target = head.split(" ")[:2]
    if allowed == "":
        return answer(sock, b"", "403 Forbidden")
    if allowed and header(head, "proxy-authorization") != allowed:
        return answer(sock, b"", "407 Proxy Authentication Required",
                      "Proxy-Authenticate: Basic realm=\"test\"\r\n")
    with open(f"{folder}/{name}.log", "a", encoding="utf-8") as log:
        log.write(f"{method} {target}\n")
    place = target if method == "CONNECT" else target.split("/")[2]
    with socket.create_connection(("127.0.0.1", int(place.rsplit(":", 1)[1]))) as to:
        if method == "CONNECT":
            sock.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        else:
            lines = [l for l in head.split("\r\n")[1:]
                     if not l.lower().startswith("proxy-")]
            path = "/" + target.split("/", 3)[3]
            to.sendall("\r\n".join([f"{method} {path} HTTP/1.1"] + lines).encode() +
                       b"\r\n\r\n" + rest)
        back = threading.Thread(target=pump, args=(to, sock), daemon=True)
        back.start()
        pump(sock, to)
        back.join()
    sock.close()


listen("PLAIN")
listen("KEPT")
for certificate in ("good", "expired", "early", "other", "self", "stranger"):
    listen(certificate.upper(), extra=tls(certificate))
listen("OLD", extra=tls("good", old=True))
listen("PROXY", handler=proxy)
listen("PROXY_AUTH", handler=proxy, extra="Basic dXNlcjpwQHNzL3dvcmQ=")
listen("PROXY_NO", handler=proxy, extra="")
try:
    listen("SIX", socket.AF_INET6)
    listen("SIX_TLS", socket.AF_INET6, extra=tls("good"))
except OSError:
    pass
print("ready", flush=True)
threading.Event().wait()
