"""S3 on the wire: presigned URLs, bodies in chunks, Expect, and lies about lengths."""
import datetime
import hashlib
import hmac
import http.client
import os
import socket
import time
import urllib.error
import urllib.parse
import urllib.request

from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from check import REGION, VERSION, case, client, equal, refused

s3 = client('s3')
BUCKET = 'botocore-wire'
s3.create_bucket(Bucket=BUCKET)
ENDPOINT = os.environ['AWS_ENDPOINT_URL']
HOST = urllib.parse.urlparse(ENDPOINT).netloc
KEYS = Credentials(os.environ['AWS_ACCESS_KEY_ID'], os.environ['AWS_SECRET_ACCESS_KEY'])


def fetch(url, method='GET', data=None, headers=()):
    """Status, headers and body of a request as a browser or curl makes it."""
    request = urllib.request.Request(url, data=data, method=method, headers=dict(headers))
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as e:
        with e:
            return e.code, e.headers, e.read()


def presigned(method, expires=60, **params):
    return s3.generate_presigned_url(method, {'Bucket': BUCKET, **params}, ExpiresIn=expires)


@case
def presigned_urls():
    """presigned PUT, GET, HEAD and DELETE, without any header of ours"""
    for key in ('signed.csv', 'ü/ +%&=?#', 'a//b', './', "it's (1)!*"):
        status, headers, _ = fetch(presigned('put_object', Key=key), 'PUT', b'1,2\n')
        equal(status, 200)
        equal(fetch(presigned('get_object', Key=key))[2], b'1,2\n')
        equal(fetch(presigned('head_object', Key=key), 'HEAD')[1]['Content-Length'], '4')
        equal(fetch(presigned('delete_object', Key=key), 'DELETE')[0], 204)
        status, _, body = fetch(presigned('get_object', Key=key))
        equal((status, b'<Code>NoSuchKey</Code>' in body), (404, True))


@case
def presigned_headers():
    """presigned headers are kept to: a type, metadata, overrides"""
    url = presigned('put_object', Key='typed', ContentType='text/csv')
    equal(fetch(url, 'PUT', b'x', {'Content-Type': 'text/csv'})[0], 200)
    equal(fetch(url, 'PUT', b'x', {'Content-Type': 'text/html'})[0], 403)
    url = presigned('get_object', Key='typed', ResponseContentDisposition='attachment; filename="a b"')
    equal(fetch(url)[1]['Content-Disposition'], 'attachment; filename="a b"')


@case
def presigned_expired():
    """an expired, an early and a too long presigned URL"""
    s3.put_object(Bucket=BUCKET, Key='old', Body=b'x')
    url = presigned('get_object', expires=1, Key='old')
    equal(fetch(url)[0], 200)
    time.sleep(2.1)
    status, _, body = fetch(url)
    equal((status, b'Request has expired' in body, b'AccessDenied' in body), (403, True, True))
    status, _, body = fetch(presigned('get_object', expires=604801, Key='old'))
    equal((status, b'AuthorizationQueryParametersError' in body), (400, True))


@case
def presigned_tampered():
    """a presigned URL for another key, method, time, region or signature"""
    s3.put_object(Bucket=BUCKET, Key='mine', Body=b'x')
    s3.put_object(Bucket=BUCKET, Key='other', Body=b'x')
    url = presigned('get_object', Key='mine')
    for wrong, method in (
            (url.replace('/mine?', '/other?'), 'GET'), (url, 'PUT'),
            (url.replace('X-Amz-Expires=60', 'X-Amz-Expires=600'), 'GET'),
            (url[:-1] + ('0' if url[-1] != '0' else '1'), 'GET'),
            (url.replace('us-east-1', 'eu-west-1'), 'GET'), (url + '&versionId=null', 'GET')):
        status, _, body = fetch(wrong, method, b'x' if method == 'PUT' else None)
        equal((status, b'SignatureDoesNotMatch' in body), (403, True))
    status, _, body = fetch(url.replace('X-Amz-Signature=', 'X-Amz-Sign='))
    equal(status in (400, 403), True)
    status, _, body = fetch(url.split('?')[0])
    equal((status, b'<Code>AccessDenied</Code>' in body), (403, True))


@case
def virtual_host():
    """bucket.localhost and bucket.s3.localhost name the bucket"""
    port = HOST.split(':')[1]
    for suffix in ('localhost', 's3.localhost'):
        virtual = client('s3', endpoint=f'http://{suffix}:{port}', s3={'addressing_style': 'virtual'})
        try:
            virtual.put_object(Bucket=BUCKET, Key='by/host', Body=b'h')
        except OSError:
            continue
        except Exception as e:
            if 'EndpointConnection' in type(e).__name__:
                continue  # this machine resolves no names below localhost
            raise
        equal(virtual.get_object(Bucket=BUCKET, Key='by/host')['Body'].read(), b'h')
        equal(virtual.list_objects_v2(Bucket=BUCKET, Prefix='by/')['KeyCount'], 1)


def signed(method, path, headers, payload_hash, query='', minutes=0):
    """The head of a request, signed `minutes` from now."""
    request = AWSRequest(method, f'{ENDPOINT}{path}{query}', headers=headers)
    request.headers['X-Amz-Content-SHA256'] = payload_hash

    class Auth(S3SigV4Auth):
        def payload(self, _):
            return payload_hash

        def _should_sha256_sign_payload(self, _):
            return True

        def _modify_request_before_signing(self, request):
            when = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(minutes=minutes)
            request.context['timestamp'] = when.strftime('%Y%m%dT%H%M%SZ')
            super()._modify_request_before_signing(request)
    request.context['payload_signing_enabled'] = True
    Auth(KEYS, 's3', REGION).add_auth(request)
    return dict(request.headers.items())


def send(method, path, headers, body, chunks=False):
    connection = http.client.HTTPConnection(HOST, timeout=20)
    connection.putrequest(method, path, skip_accept_encoding=True)
    for name, value in headers.items():
        connection.putheader(name, value)
    connection.endheaders()
    connection.send(body)
    answer = connection.getresponse()
    text = answer.read()
    connection.close()
    return answer.status, text


DATA = os.urandom(70000)


def chunk_key(date):
    key = ('AWS4' + KEYS.secret_key).encode()
    for part in (date, REGION, 's3', 'aws4_request'):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return key


class Chunked:
    """A body in signed chunks, with a signed trailer when there is one."""

    def __init__(self, headers, data, trailer=None, spoil=None):
        self.stamp = headers['X-Amz-Date']
        self.scope = f'{self.stamp[:8]}/{REGION}/s3/aws4_request'
        self.key = chunk_key(self.stamp[:8])
        self.last = headers['Authorization'].split('Signature=')[1]
        self.body = b''
        parts = [data[i:i + 65536] for i in range(0, len(data), 65536)] + [b'']
        for n, part in enumerate(parts):
            signature = self.sign('PAYLOAD', hashlib.sha256(b'').hexdigest(),
                                  hashlib.sha256(part).hexdigest())
            if spoil == n:
                signature = '0' * 64
            self.body += f'{len(part):x};chunk-signature={signature}\r\n'.encode() + part
            self.body += b'\r\n' if part or not trailer else b''
        if trailer:
            text = f'{trailer[0]}:{trailer[1]}\n'
            signature = self.sign('TRAILER', hashlib.sha256(text.encode()).hexdigest())
            if spoil == 'trailer':
                signature = '0' * 64
            self.body += (f'{trailer[0]}:{trailer[1]}\r\n'
                          f'x-amz-trailer-signature:{signature}\r\n\r\n').encode()

    def sign(self, kind, *hashes):
        text = '\n'.join((f'AWS4-HMAC-SHA256-{kind}', self.stamp, self.scope, self.last) + hashes)
        self.last = hmac.new(self.key, text.encode(), hashlib.sha256).hexdigest()
        return self.last


def chunked_put(key, mode, trailer=None, spoil=None, data=DATA, length=None):
    headers = {'X-Amz-Decoded-Content-Length': str(len(data) if length is None else length),
               'Content-Encoding': 'aws-chunked'}
    if trailer:
        headers['X-Amz-Trailer'] = trailer[0]
    path = f'/{BUCKET}/{key}'
    made = Chunked({'X-Amz-Date': '20260101T000000Z', 'Authorization': 'Signature=' + '0' * 64},
                   data, trailer)
    headers['Content-Length'] = str(len(made.body))
    head = signed('PUT', path, headers, f'STREAMING-AWS4-HMAC-SHA256-PAYLOAD{mode}')
    return send('PUT', path, head, Chunked(head, data, trailer, spoil).body)


SHA = ('x-amz-checksum-sha256', __import__('base64').b64encode(hashlib.sha256(DATA).digest()).decode())


@case
def signed_chunks():
    """signed chunks, with and without a signed trailer"""
    equal(chunked_put('chunks', '')[0], 200)
    seen = s3.get_object(Bucket=BUCKET, Key='chunks')
    equal((seen['Body'].read() == DATA, seen.get('ContentEncoding')), (True, None))
    equal(chunked_put('trailer', '-TRAILER', SHA)[0], 200)
    seen = s3.get_object(Bucket=BUCKET, Key='trailer', ChecksumMode='ENABLED')
    equal((seen['Body'].read() == DATA, seen['ChecksumSHA256']), (True, SHA[1]))


@case
def spoiled_chunks():
    """a spoiled chunk, trailer, checksum or length stores nothing"""
    for kwargs, status, code in (
            ({'spoil': 0}, 403, b'SignatureDoesNotMatch'),
            ({'spoil': 1}, 403, b'SignatureDoesNotMatch'),
            ({'spoil': 2}, 403, b'SignatureDoesNotMatch'),
            ({'spoil': 'trailer', 'mode': '-TRAILER', 'trailer': SHA}, 403, b'SignatureDoesNotMatch'),
            ({'mode': '-TRAILER', 'trailer': (SHA[0], 'A' + SHA[1][1:])}, 400, b'BadDigest'),
            ({'length': 5}, 400, b'IncompleteBody'),
            ({'length': 70001}, 400, b'IncompleteBody')):
        got, text = chunked_put('spoiled', **{'mode': '', **kwargs})
        equal((got, code in text), (status, True))
        refused('404', s3.head_object, Bucket=BUCKET, Key='spoiled')


@case
def unsigned_trailer():
    """unsigned chunks with a trailer; none sent, garbage, and something behind the end"""
    path = f'/{BUCKET}/unsigned'
    good = b'a\r\n0123456789\r\n0\r\nx-amz-checksum-crc32:poTHxg==\r\n\r\n'

    def put(body):
        head = signed('PUT', path, {'X-Amz-Decoded-Content-Length': '10',
                                    'X-Amz-Trailer': 'x-amz-checksum-crc32',
                                    'Content-Encoding': 'gzip,aws-chunked',
                                    'Content-Length': str(len(body))},
                      'STREAMING-UNSIGNED-PAYLOAD-TRAILER')
        return send('PUT', path, head, body)
    for body, status in ((good, 200), (good.replace(b'poTH', b'qoTH'), 400),
                         (b'a\r\n0123456789\r\n0\r\n\r\n', 400), (b'garbage', 400),
                         (b'zz\r\n', 400), (b'-1\r\n\r\n', 400), (good + b'more', 400),
                         (b'ffffffffffffffff\r\n0', 400), (good[:-2], 400), (b'', 400)):
        equal((body, put(body)[0]), (body, status))
    seen = s3.get_object(Bucket=BUCKET, Key='unsigned')
    equal((seen['Body'].read(), seen['ContentEncoding']), (b'0123456789', 'gzip'))


@case
def payload_hash():
    """a body that is not what its hash says; an unsigned payload"""
    path = f'/{BUCKET}/hash'
    head = signed('PUT', path, {'Content-Length': '3'}, hashlib.sha256(b'abc').hexdigest())
    equal(send('PUT', path, head, b'abc')[0], 200)
    status, text = send('PUT', path, head, b'abd')
    equal((status, b'XAmzContentSHA256Mismatch' in text), (400, True))
    head = signed('PUT', path, {'Content-Length': '3'}, 'UNSIGNED-PAYLOAD')
    equal(send('PUT', path, head, b'abe')[0], 200)
    equal(s3.get_object(Bucket=BUCKET, Key='hash')['Body'].read(), b'abe')


def talk(data, timeout=5.0):
    """Send raw bytes; what came back until silence or the end."""
    with socket.create_connection(HOST.split(':'), timeout=timeout) as s:
        s.sendall(data)
        s.settimeout(timeout)
        got = b''
        try:
            while part := s.recv(65536):
                got += part
        except socket.timeout:
            pass
        return got


def head_of(method, path, headers):
    return (f'{method} {path} HTTP/1.1\r\n' +
            ''.join(f'{k}: {v}\r\n' for k, v in headers.items())).encode()


@case
def too_large():
    """a header of 5 GB and more is refused before its body comes"""
    path = f'/{BUCKET}/large'
    head = signed('PUT', path, {'Content-Length': str((5 << 30) + 1), 'Expect': '100-continue'},
                  'UNSIGNED-PAYLOAD')
    equal(b'EntityTooLarge' in talk(head_of('PUT', path, head) + b'Host: ' + HOST.encode() +
                                    b'\r\n\r\n', 2.0), True)
    head = signed('PUT', path, {'Content-Length': '99999999999999999999999', 'Expect': '100-continue'},
                  'UNSIGNED-PAYLOAD')
    got = talk(head_of('PUT', path, head) + b'Host: ' + HOST.encode() + b'\r\n\r\n', 2.0)
    equal(got[:12] in (b'HTTP/1.1 400', b'HTTP/1.1 413'), True)


@case
def expect_continue():
    """100-continue is sent to who may put, and an error to who may not"""
    path = f'/{BUCKET}/expect'
    base = {'Content-Length': '3', 'Expect': '100-continue', 'Host': HOST, 'Connection': 'close'}
    head = head_of('PUT', path, {**signed('PUT', path, {'Content-Length': '3'}, 'UNSIGNED-PAYLOAD'),
                                 **base})
    with socket.create_connection(HOST.split(':'), timeout=5) as s:
        s.sendall(head + b'\r\n')
        equal(s.recv(100)[:12], b'HTTP/1.1 100')
        s.sendall(b'abc')
        equal(s.recv(100)[:12], b'HTTP/1.1 200')
    got = talk(head_of('PUT', path, base) + b'\r\n')
    equal((got[:12], b'AccessDenied' in got), (b'HTTP/1.1 403', True))


@case
def nul_in_a_key():
    """a key with a NUL or broken UTF-8 is refused, not cut short"""
    s3.put_object(Bucket=BUCKET, Key='cut', Body=b'safe')
    for path in (f'/{BUCKET}/cut%00more', f'/{BUCKET}/cut%ff', f'/{BUCKET}%00x/cut'):
        head = signed('PUT', path, {'Content-Length': '1'}, 'UNSIGNED-PAYLOAD')
        equal((path, send('PUT', path, head, b'x')[0]), (path, 400))
    equal(s3.get_object(Bucket=BUCKET, Key='cut')['Body'].read(), b'safe')


@case
def clocks():
    """a clock that is off is told so"""
    for minutes, want in ((-20, (403, True)), (20, (403, True)), (-10, (200, False))):
        head = signed('GET', f'/{BUCKET}', {}, 'UNSIGNED-PAYLOAD', minutes=minutes)
        status, text = send('GET', f'/{BUCKET}', head, b'')
        equal((minutes, status, b'RequestTimeTooSkewed' in text), (minutes, *want))


@case
def wrong_credentials():
    """a wrong secret, key and token by S3's codes"""
    key, secret = KEYS.access_key, KEYS.secret_key
    for keys, code in (((key, 'x' + secret, None), 'SignatureDoesNotMatch'),
                       (('AKIAIOSFODNN7EXAMPLE', secret, None), 'InvalidAccessKeyId'),
                       ((key, secret, 'token'), 'InvalidToken')):
        refused(code, client('s3', keys=keys).list_buckets)
