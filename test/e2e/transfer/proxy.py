"""A proxy before the emulator that counts and misbehaves.

proxy.py UPSTREAM-PORT FOLDER [PEM]: prints its port; with certificate and key it speaks
TLS. FOLDER/log gets a line "METHOD TARGET RANGE
STATUS" a request; FOLDER/break holds a number n: of each n requests the last one gets no
answer; FOLDER/hold holds a number n: once n parts or ranges have passed, further ones wait
until the file is gone.
"""
import http.server
import os
import socket
import ssl
import sys
import threading
import time

UPSTREAM, FOLDER = int(sys.argv[1]), sys.argv[2]
LIMIT_S = 60
lock = threading.Lock()
counts = {"all": 0, "pieces": 0}


def setting(name):
    try:
        with open(os.path.join(FOLDER, name), encoding="ascii") as f:
            return int(f.read() or 0)
    except (OSError, ValueError):
        return None


class Proxy(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def note(self, status):
        with lock, open(os.path.join(FOLDER, "log"), "a", encoding="utf-8") as f:
            f.write("%s %s %s %s\n" % (self.command, self.path,
                                       self.headers.get("Range", "-"), status))

    def hold(self):
        if "partNumber=" not in self.path and "Range" not in self.headers:
            return
        with lock:
            counts["pieces"] += 1
            mine = counts["pieces"]
        end = time.monotonic() + LIMIT_S
        while time.monotonic() < end:
            limit = setting("hold")
            if limit is None or mine <= limit:
                return
            time.sleep(0.05)

    def is_broken(self):
        every = setting("break")
        with lock:
            counts["all"] += 1
            return bool(every) and counts["all"] % every == 0

    def send_body(self, upstream):
        left = int(self.headers.get("Content-Length", 0))
        while left:
            data = self.rfile.read1(min(left, 1 << 18))
            if not data:
                raise ConnectionError("the client has gone")
            upstream.sendall(data)
            left -= len(data)

    def forward(self):
        upstream = socket.create_connection(("127.0.0.1", UPSTREAM), LIMIT_S)
        with upstream:
            head = "%s %s HTTP/1.1\r\n" % (self.command, self.path)
            for name, value in self.headers.items():
                if name.lower() not in ("expect", "connection"):
                    head += "%s: %s\r\n" % (name, value)
            upstream.sendall((head + "Connection: close\r\n\r\n").encode("latin-1"))
            self.send_body(upstream)
            answer = upstream.recv(1 << 18)
            status = answer.split(b" ", 2)[1].decode("ascii") if answer else "-"
            if self.is_broken():
                self.note("broken")
                return
            while answer:
                self.wfile.write(answer)
                answer = upstream.recv(1 << 18)
            self.note(status)

    def do(self):
        # One request a connection: where the answer ends is the emulator's to say.
        self.close_connection = True
        self.hold()
        try:
            self.forward()
        except OSError:
            self.note("gone")

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = do


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128


server = Server(("127.0.0.1", 0), Proxy)
if len(sys.argv) > 3:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(sys.argv[3])
    server.socket = tls.wrap_socket(server.socket, server_side=True)
print(server.server_address[1], flush=True)
server.serve_forever()
