"""Raw sockets against the emulator in $AWS_ENDPOINT_URL, whose process is $PID."""
import json
import os
import random
import socket
import subprocess
import time
import traceback
import urllib.parse

URL = os.environ['AWS_ENDPOINT_URL']
ADDRESS = urllib.parse.urlparse(URL).hostname, urllib.parse.urlparse(URL).port
HOST = '%s:%d' % ADDRESS
PID = os.environ['PID']
counts = [0, 0]


def check(name):
    def run(function):
        try:
            function()
            alive()
            counts[0] += 1
            print(f'ok   {name}', flush=True)
        except Exception:
            counts[1] += 1
            print(f'not ok {name}\n{traceback.format_exc()}', flush=True)
    return run


def dial(timeout=5.0):
    return socket.create_connection(ADDRESS, timeout=timeout)


def drain(s, most=1 << 20):
    got = b''
    try:
        while len(got) < most and (part := s.recv(65536)):
            got += part
    except OSError:
        pass
    return got


def talk(data, timeout=3.0):
    """Send, close our side, and read what comes until the end."""
    with dial(timeout) as s:
        try:
            s.sendall(data)
            s.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # it may hang up in the middle, and still have said why
        return drain(s)


def status_of(data, **kwargs):
    got = talk(data, **kwargs)
    return int(got.split(b' ', 2)[1]) if got.startswith(b'HTTP/1.') else None


def get(path, *headers, host=HOST, method='GET', body=b''):
    lines = [f'{method} {path} HTTP/1.1'] + ([f'Host: {host}'] if host is not None else [])
    return '\r\n'.join(lines + list(headers) + ['', '']).encode('latin1') + body


def alive():
    got = talk(get('/_fpctl/health', 'Connection: close'))
    assert b'"status":"ok"' in got.replace(b' ', b''), got[:200]


def rss():
    with open(f'/proc/{PID}/status') as f:
        fields = dict(line.split(':', 1) for line in f)
    return int(fields['VmRSS'].split()[0]), int(fields['Threads'])


def sign(method, path, *options):
    command = [os.environ['FPCTL'], 'sign', '--json', '--method', method, '--url', URL + path,
               '--service', 's3', '--region', 'us-east-1',
               '--access-key', os.environ['AWS_ACCESS_KEY_ID'],
               '--secret-key', os.environ['AWS_SECRET_ACCESS_KEY'], *options]
    return json.loads(subprocess.run(command, check=True, capture_output=True).stdout)


def signed(method, path, data=''):
    """The header lines of a request to S3 that is signed with its body."""
    made = sign(method, path, '--data', data)['headers']
    return [f'{k}: {v}' for k, v in made.items() if k.lower() not in ('host', 'content-length')]


def presigned(method, path):
    """The path with a signature in its query, which says nothing of the body."""
    return sign(method, path, '--query', '--expires', '60')['url'][len(URL):]


alive()
BEFORE = rss()


@check('a name that is not this computer is refused (DNS rebinding)')
def _():
    for host in ('evil.example', '127.0.0.1.evil.example', 'localhost.evil.example', '10.0.0.1',
                 '', '[::2]', 'evil.example:%d' % ADDRESS[1], 'localhost@evil.example', '0.0.0.0',
                 '127.0.0.1:80:80', '*', 'x' * 5000):
        for path in ('/', '/_fpctl/health'):
            got = status_of(get(path, host=host))
            assert got in (400, 403), (host, path, got)
    for host in ('localhost', 'LOCALHOST:1', 'a.s3.localhost', '127.0.0.1', '[::1]'):
        assert status_of(get('/_fpctl/health', host=host)) == 200, host
    assert status_of(get('/', host=None)) in (400, 403)


@check('an unsigned request gets the code of its protocol')
def _():
    assert b'<Code>AccessDenied</Code>' in talk(get('/bucket'))
    got = talk(get('/', 'Content-Type: application/x-www-form-urlencoded', 'Content-Length: 17',
                   method='POST', body=b'Action=ListTopics'))
    assert b'MissingAuthenticationToken' in got, got
    got = talk(get('/', 'X-Amz-Target: Logs_20140328.DescribeLogGroups', 'Content-Length: 2',
                   'Content-Type: application/x-amz-json-1.1', method='POST', body=b'{}'))
    assert b'MissingAuthenticationTokenException' in got, got


@check('malformed authorizations')
def _():
    for auth in ('', 'x', 'AWS4-HMAC-SHA256', 'AWS4-HMAC-SHA256 ', 'AWS4-HMAC-SHA256 ,,,=,=',
                 'AWS4-HMAC-SHA256 Credential=a/b/c/d/e, SignedHeaders=host, Signature=' + '0' * 64,
                 'AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/s3/aws4_request,SignedHeaders=host'
                 ',Signature=' + '0' * 64, 'Basic eDp5', 'AWS a:b', 'Bearer x',
                 'AWS4-HMAC-SHA256 Credential=' + '/' * 3000, '\xff\xfe'):
        got = status_of(get('/b', 'Authorization: ' + auth, 'X-Amz-Date: 20260101T000000Z'))
        assert got in (400, 403), (auth[:80], got)


@check('half requests and garbage')
def _():
    whole = get('/b', 'Content-Length: 10', method='PUT', body=b'0123456789')
    for end in (1, 3, 10, 20, len(whole) - 11, len(whole) - 1):
        assert status_of(whole[:end], timeout=1.0) in (None, 400, 403), whole[:end]
    rng = random.Random(1)
    for n in range(50):
        talk(bytes(rng.randrange(256) for _ in range(rng.randrange(1, 400))), timeout=1.0)
    for line in (b'GET\r\n\r\n', b'GET / HTTP/9.9\r\n\r\n', b'GET / HTTP/1.1\r\n: x\r\n\r\n', b'\0' * 100,
                 b'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', b'\x16\x03\x01\x02\x00\x01\x00', b'\r\n' * 100,
                 b'GET http://evil.example/ HTTP/1.1\r\nHost: evil.example\r\n\r\n',
                 b'OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n',
                 b'CONNECT evil.example:80 HTTP/1.1\r\nHost: evil.example\r\n\r\n',
                 b'GET ' + b'/' * 70000 + b' HTTP/1.1\r\nHost: localhost\r\n\r\n',
                 b'GET /%00%ff%zz?%00=%ff HTTP/1.1\r\nHost: localhost\r\n\r\n'):
        got = status_of(line, timeout=1.0)
        assert got is None or got >= 400, (line[:50], got)


@check('a target that is no path')
def _():
    for target in (b'?a', b'*', b'http://localhost/b', b'b'):
        got = status_of(b'GET ' + target + b' HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n')
        assert got == 400, (target, got)


@check('10,000 headers, a huge header, a huge URL')
def _():
    many = [f'X-H{n}: {n}' for n in range(10000)]
    for request in (get('/b', *many), get('/b', 'X-Big: ' + 'x' * (1 << 20)),
                    get('/b?' + 'x' * (1 << 20)), get('/b', *['X-Same: y'] * 10000)):
        got = status_of(request)
        assert got in (None, 400, 403, 413, 414, 431), got


@check('lengths that lie')
def _():
    lines = signed('PUT', '/abuse')
    assert status_of(get('/abuse', 'Content-Length: 0', *lines, method='PUT')) == 200
    lines = signed('PUT', '/abuse/short', data='0123456789')
    assert status_of(get('/abuse/short', 'Content-Length: 10', *lines, method='PUT',
                         body=b'0123'), timeout=1.0) in (None, 400)
    assert status_of(get('/abuse/short', *signed('HEAD', '/abuse/short'),
                         'Connection: close', method='HEAD')) == 404
    for length in ('-1', 'x', '1e3', '0x10', '99999999999999999999', '1, 2', ''):
        got = status_of(get('/abuse/short', f'Content-Length: {length}', *lines, method='PUT',
                            body=b'0123456789'), timeout=1.0)
        assert got in (None, 400, 413), (length, got)
    lines = signed('PUT', '/abuse/both', data='0123456789')
    both = get('/abuse/both', 'Content-Length: 10', 'Transfer-Encoding: chunked', *lines,
               method='PUT', body=b'a\r\n0123456789\r\n0\r\n\r\n')
    got = status_of(both, timeout=1.0)
    assert got in (200, 400), got


@check('chunks of garbage')
def _():
    lines = signed('PUT', '/abuse/chunks', data='0123456789')

    def put(body):
        return status_of(get('/abuse/chunks', 'Transfer-Encoding: chunked', *lines, method='PUT',
                             body=body), timeout=1.0)
    assert put(b'a\r\n0123456789\r\n0\r\n\r\n') == 200
    for body in (b'zz\r\nx\r\n', b'-1\r\n', b'ffffffffffffffffffff\r\nx', b'a;' + b'x' * 100000,
                 b'5\r\n0123456789\r\n0\r\n\r\n', b'\r\n\r\n', b'a\n0123456789\n0\n\n', b'A\r\n0123'):
        got = put(body)
        assert got is None or got in (200, 400, 413), (body[:40], got)
    head = signed('GET', '/abuse/chunks')
    assert b'0123456789' in talk(get('/abuse/chunks', *head, 'Connection: close'))


@check('pipelined requests are answered in their order')
def _():
    with dial() as s:
        s.sendall(get('/_fpctl/health') * 20 + get('/b') + get('/_fpctl/health', 'Connection: close'))
        got = drain(s)
    assert got.count(b'HTTP/1.1 200') == 21 and got.count(b'HTTP/1.1 403') == 1, got[-500:]


@check('two requests hidden in one are refused or told apart')
def _():
    smuggled = get('/b', 'Content-Length: 5', 'Content-Length: 50', method='POST', body=b'12345' +
                   get('/_fpctl/health', 'Connection: close'))
    got = talk(smuggled)
    assert b'"status"' not in got or got.count(b'HTTP/1.1') >= 1, got


@check('slow requests and 200 idle connections do not keep others out')
def _():
    slow = [dial() for _ in range(50)]
    idle = [dial() for _ in range(200)]
    for step in range(5):
        for s in slow:
            s.sendall(get('/b', 'X-Slow: 1')[step * 3:step * 3 + 3])
        began = time.time()
        alive()
        assert time.time() - began < 1, time.time() - began
    for s in slow + idle:
        s.close()


@check('600 connections at once: some wait or are refused, none harms')
def _():
    held = []
    for _ in range(600):
        try:
            held.append(dial(1.0))
        except OSError:
            break
    for s in held:
        s.close()
    for _ in range(50):
        try:
            return alive()
        except (OSError, AssertionError):
            time.sleep(0.1)


@check('a client that hangs up in the middle of an answer')
def _():
    put = get(presigned('PUT', '/abuse/big'), 'Content-Length: 20000000', method='PUT')
    with dial() as s:
        s.sendall(put + b'x' * 20000000)
        answer = s.recv(100)
    assert answer.startswith(b'HTTP/1.1 200'), answer
    lines = signed('GET', '/abuse/big')
    for _ in range(20):
        with dial() as s:
            s.sendall(get('/abuse/big', *lines))
            s.recv(1000)
    with dial() as s:
        s.sendall(put + b'x' * 1000)


@check('what it holds did not grow')
def _():
    for _ in range(200):
        talk(get('/b', *[f'X-H{n}: {n}' for n in range(1000)]), timeout=1.0)
    time.sleep(0.5)
    kib, threads = rss()
    assert threads < BEFORE[1] + 20, f'{threads} threads instead of {BEFORE[1]}'
    limit = BEFORE[0] + (200 << 10 if 'san' in os.environ['FPCTL'].split('/') else 24 << 10)
    assert kib < limit, f'{kib} KiB instead of {BEFORE[0]}'
    print(f'     ({BEFORE[0]} KiB before, {kib} KiB after)')


print(f'counts {counts[0]} {counts[1]}')
