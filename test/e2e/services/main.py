"""main.py PEER...: each case of the peers against what botocore makes of the same.

Prints "ok", "skip" and "not ok" lines, and "counts PASSED FAILED SKIPPED" in the end.
"""
import collections
import http.server
import json
import os
import pathlib
import subprocess
import sys
import threading

import answers
import cases
import compare
import model

LIMIT_S = 20
# Forms that the AWS SDK for JavaScript wrote, where no botocore knows the members.
NEWEST = json.loads(pathlib.Path(os.environ['NEWEST']).read_text()) \
    if 'NEWEST' in os.environ else {}


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self):
        super().__init__(('127.0.0.1', 0), Handler)
        self.requests, self.answers = [], collections.deque()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'

    def serve(self):
        length = int(self.headers.get('Content-Length') or 0)
        self.server.requests.append({
            'method': self.command, 'target': self.path,
            'headers': {k.lower(): v for k, v in self.headers.items()},
            'body': self.rfile.read(length)})
        out = self.server.answers.popleft() if self.server.answers else \
            {'status_code': 400, 'headers': {}, 'body': b'nothing more was expected'}
        self.send_response(out['status_code'])
        for name, value in out['headers'].items():
            self.send_header(name, value)
        if out['status_code'] != 204 and 'Content-Length' not in out['headers']:
            self.send_header('Content-Length', str(len(out['body'])))
        self.end_headers()
        self.wfile.write(out['body'])

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = serve

    def log_message(self, *args):
        pass


def prepare(case):
    """The requests that botocore would send, the answers, and how it reads them."""
    wanted, served, parsed = [], [], []
    for i, call in enumerate(case.calls):
        op = model.Operation(case.service, call.operation, case.protocol)
        # Some input is what an earlier answer said.
        params = call.params(parsed) if callable(call.params) else call.params
        request = op.request(params)
        if call.form:
            request['body'] = dict(request['body'], **call.form)
        request['anonymous'] = case.anonymous
        wanted.append(request)
        document = {}
        if op.model.output_shape is not None:
            filler = answers.Filler(i + 1, call.length)
            document = filler.value(op.model.output_shape, 'Result')
            if call.fix:
                call.fix(document)
        answer = answers.answer(case.protocol, op.model, document)
        served.append(answer)
        parsed.append(op.parse(answer))
    return wanted, served, parsed


def run_peer(peer, name, port):
    env = {'PATH': os.environ.get('PATH', ''), 'HOME': '/nonexistent',
           'AWS_ACCESS_KEY_ID': 'AKIDEXAMPLE', 'AWS_SECRET_ACCESS_KEY': 'secret',
           'AWS_REGION': 'eu-west-1', 'AWS_ENDPOINT_URL': 'http://127.0.0.1:%d' % port}
    return subprocess.run([peer, name], env=env, capture_output=True, timeout=LIMIT_S,
                          check=False)


def check(peer, server, name, case):
    wanted, served, parsed = prepare(case)
    server.requests.clear()
    server.answers.clear()
    server.answers.extend(served)
    done = run_peer(peer, name.split(':')[0], server.server_port)
    found = []
    if done.returncode != 0:
        found.append('the peer: %s' % done.stderr.decode(errors='replace').strip())
    if len(server.requests) != len(wanted):
        found.append('%d requests instead of %d' % (len(server.requests), len(wanted)))
    if name in NEWEST and NEWEST[name] != wanted[0]['body']:
        found += compare.differ('the form by hand', wanted[0]['body'], NEWEST[name])
    for i, (got, want) in enumerate(zip(server.requests, wanted)):
        found += ['request %d: %s' % (i + 1, d)
                  for d in compare.requests(got, want, case.protocol)]
    if done.returncode == 0:
        found += compare.answers(json.loads(done.stdout), case.want(parsed))
    return found


def main(peers):
    server = Server()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    program = {}
    for peer in peers:
        names = subprocess.run([peer], capture_output=True, timeout=LIMIT_S, check=True)
        program.update(dict.fromkeys(names.stdout.decode().split(), peer))
    passed = failed = skipped = 0
    missing = set(program) - set(cases.CASES)
    if missing:
        failed += 1
        print('not ok every call of the peers has a case: %s' % ' '.join(sorted(missing)))
    for name, case in cases.CASES.items():
        try:
            found = check(program[name.split(':')[0]], server, name, case)
        except model.Unknown as e:
            skipped += 1
            print('skip %s: this botocore does not know %s' % (name, e))
            continue
        passed, failed = passed + (not found), failed + bool(found)
        print('%sok %s %s' % ('not ' if found else '', case.service, name))
        for line in found:
            print('     | %s' % line)
    print('counts %d %d %d' % (passed, failed, skipped))


main(sys.argv[1:])
