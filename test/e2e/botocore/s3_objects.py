"""S3: what is in an object, and how it is read and written."""
import base64
import datetime
import hashlib
import io
import zlib

from check import ACCOUNT, VERSION, Skip, case, client, equal, is_time, refused

s3 = client('s3')
BUCKET = 'botocore-objects'
s3.create_bucket(Bucket=BUCKET)
DIGITS = b'0123456789'


def put(key, body=b'', **kwargs):
    return s3.put_object(Bucket=BUCKET, Key=key, Body=body, **kwargs)


def get(key, **kwargs):
    return s3.get_object(Bucket=BUCKET, Key=key, **kwargs)


def head(key, **kwargs):
    return s3.head_object(Bucket=BUCKET, Key=key, **kwargs)


@case
def round_trip():
    """put, head and get tell the same"""
    sent = put('a.csv', DIGITS, ContentType='text/csv', CacheControl='no-store',
               ContentDisposition='inline', ContentLanguage='de', ContentEncoding='gzip',
               Metadata={'Colour': 'red', 'empty': ''}, StorageClass='STANDARD_IA',
               Tagging='a=1&b=x%20y', Expires=datetime.datetime(2030, 1, 2))
    equal(sent['ETag'], f'"{hashlib.md5(DIGITS).hexdigest()}"')
    for answer in (head('a.csv'), get('a.csv')):
        equal(answer['ETag'], sent['ETag'])
        equal(answer['ContentLength'], 10)
        equal(answer['ContentType'], 'text/csv')
        equal(answer['CacheControl'], 'no-store')
        equal(answer['ContentDisposition'], 'inline')
        equal(answer['ContentLanguage'], 'de')
        equal(answer['ContentEncoding'], 'gzip')
        equal(answer['Metadata'], {'colour': 'red', 'empty': ''})
        equal(answer['StorageClass'], 'STANDARD_IA')
        equal(answer['ServerSideEncryption'], 'AES256')
        equal(answer['AcceptRanges'], 'bytes')
        equal(answer['ResponseMetadata']['HTTPHeaders']['expires'][:16], 'Wed, 02 Jan 2030')
        is_time(answer['LastModified'])
    equal(get('a.csv')['Body'].read(), DIGITS)
    equal(get('a.csv')['TagCount'], 2)


@case
def empty_object():
    """an empty object, its type and its ranges"""
    equal(put('empty')['ETag'], f'"{hashlib.md5(b"").hexdigest()}"')
    answer = get('empty')
    equal((answer['Body'].read(), answer['ContentLength']), (b'', 0))
    equal(answer['ContentType'], 'binary/octet-stream')
    refused('InvalidRange', get, 'empty', Range='bytes=0-0', status=416)


@case
def ranges():
    """ranges: first, middle, open, last, too long, two, nonsense, outside"""
    put('range', DIGITS)
    for asked, want, told in (
            ('bytes=0-0', b'0', 'bytes 0-0/10'), ('bytes=3-5', b'345', 'bytes 3-5/10'),
            ('bytes=7-', b'789', 'bytes 7-9/10'), ('bytes=-2', b'89', 'bytes 8-9/10'),
            ('bytes=8-1000', b'89', 'bytes 8-9/10'), ('bytes=-50', DIGITS, 'bytes 0-9/10'),
            ('bytes=0-1,3-4', DIGITS, None), ('bytes=5-3', DIGITS, None),
            ('lines=1-2', DIGITS, None)):
        answer = get('range', Range=asked)
        equal(answer['Body'].read(), want)
        equal(answer.get('ContentRange'), told)
        equal(answer['ResponseMetadata']['HTTPStatusCode'], 206 if told else 200)
        equal(head('range', Range=asked)['ContentLength'], len(want))
    refused('InvalidRange', get, 'range', Range='bytes=10-')
    refused('InvalidRange', get, 'range', Range='bytes=-0')


@case
def conditional_reads():
    """conditional reads, and which condition wins"""
    put('cond', DIGITS)
    etag, at = head('cond')['ETag'], head('cond')['LastModified']
    day = datetime.timedelta(days=1)
    for call in (get, head):
        call('cond', IfMatch=etag)
        call('cond', IfNoneMatch='"other"')
        call('cond', IfModifiedSince=at - day)
        call('cond', IfUnmodifiedSince=at + day)
        call('cond', IfMatch=etag, IfUnmodifiedSince=at - day)
        absent = 'PreconditionFailed' if call is get else '412'
        refused(absent, call, 'cond', IfMatch='"other"', status=412)
        refused('304', call, 'cond', IfNoneMatch=etag, status=304)
        refused('304', call, 'cond', IfModifiedSince=at, status=304)
        refused(absent, call, 'cond', IfUnmodifiedSince=at - day, status=412)
        refused('304', call, 'cond', IfNoneMatch=etag, IfModifiedSince=at - day, status=304)


def with_header(method, name, value):
    """A client whose `method` sends a header that its model may not have."""
    def replace(request, **_):
        del request.headers[name]
        request.headers[name] = value
    quiet = {} if VERSION < (1, 36) else {'request_checksum_calculation': 'when_required'}
    c = client('s3', **quiet)
    c.meta.events.register(f'before-sign.s3.{method}', replace)
    return c


@case
def conditional_writes():
    """conditional writes: If-None-Match: * and If-Match"""
    fresh = with_header('PutObject', 'If-None-Match', '*')
    fresh.put_object(Bucket=BUCKET, Key='once', Body=b'1')
    refused('PreconditionFailed', fresh.put_object, Bucket=BUCKET, Key='once', Body=b'2',
            status=412)
    etag = head('once')['ETag']
    with_header('PutObject', 'If-Match', etag).put_object(Bucket=BUCKET, Key='once', Body=b'3')
    stale = with_header('PutObject', 'If-Match', etag)
    refused('PreconditionFailed', stale.put_object, Bucket=BUCKET, Key='once', Body=b'4')
    refused('NoSuchKey', stale.put_object, Bucket=BUCKET, Key='never', Body=b'4', status=404)
    equal(get('once')['Body'].read(), b'3')


@case
def conditional_deletes():
    """a conditional delete is done as asked, or refused"""
    etag = put('del-if', b'1')['ETag']
    wrong = with_header('DeleteObject', 'If-Match', '"0123"')
    refused('PreconditionFailed', wrong.delete_object, Bucket=BUCKET, Key='del-if', status=412)
    equal(get('del-if')['Body'].read(), b'1')
    with_header('DeleteObject', 'If-Match', etag).delete_object(Bucket=BUCKET, Key='del-if')
    refused('NoSuchKey', get, 'del-if')


@case
def missing():
    """errors by class: a missing key, bucket, version and upload"""
    try:
        get('nothing')
        raise AssertionError('it is there')
    except s3.exceptions.NoSuchKey as e:
        equal(e.response['ResponseMetadata']['HTTPStatusCode'], 404)
    refused('404', head, 'nothing', status=404)
    for call in (s3.list_objects_v2, s3.get_bucket_location, s3.delete_bucket):
        try:
            call(Bucket='botocore-none')
            raise AssertionError('it is there')
        except s3.exceptions.NoSuchBucket:
            pass
    refused('404', s3.head_bucket, Bucket='botocore-none', status=404)
    put('v', b'1')
    refused('NoSuchVersion', get, 'v', VersionId='3Lg7aWzX', status=404)
    refused('NoSuchUpload', s3.list_parts, Bucket=BUCKET, Key='v', UploadId='none', status=404)
    refused('NoSuchUpload', s3.upload_part, Bucket=BUCKET, Key='v', UploadId='none',
            PartNumber=1, Body=b'x')
    s3.delete_object(Bucket=BUCKET, Key='nothing')


@case
def metadata():
    """metadata: unicode as RFC 2047 has it, spaces, and too much of it"""
    put('meta', Metadata={'name': '=?UTF-8?B?w7zDtsOk?=', 'spaced': 'a  b'})
    equal(head('meta')['Metadata']['name'], '=?UTF-8?B?w7zDtsOk?=')
    equal(head('meta')['Metadata']['spaced'].replace('  ', ' '), 'a b')
    put('meta', Metadata={'k': 'x' * 2047})
    refused('MetadataTooLarge', put, 'meta', Metadata={'k': 'x' * 2048}, status=400)


ODD = ('a//b', 'a/../x', './', '../x', '/', '//', '/lead', 'trail/', 'ü/ +%', '%2F', 'a%20b', 'a+b',
       'a b', ' ', '?x=1&y', '#f', '&<>"\'', ';,:@=!*()~$', '\\', '日本語/🎈', 'a\tb', 'a\nb', 'x' * 1024,
       'é' * 512, '?acl', 'uploads', '.', '..', 'e\u0301', '\x01control')


@case
def odd_keys():
    """odd keys are kept, listed and deleted as they are"""
    bucket = 'botocore-odd'
    s3.create_bucket(Bucket=bucket)
    for n, key in enumerate(ODD):
        s3.put_object(Bucket=bucket, Key=key, Body=str(n).encode())
    for n, key in enumerate(ODD):
        equal((key, s3.get_object(Bucket=bucket, Key=key)['Body'].read()), (key, str(n).encode()))
        s3.copy_object(Bucket=BUCKET, Key=key, CopySource={'Bucket': bucket, 'Key': key})
        equal(get(key)['Body'].read(), str(n).encode())
        s3.delete_object(Bucket=BUCKET, Key=key)
        refused('NoSuchKey', get, key)
    in_order = sorted(ODD, key=lambda k: k.encode())
    for listing in (s3.list_objects_v2, s3.list_objects):
        equal([o['Key'] for o in listing(Bucket=bucket)['Contents']], in_order)
    upload = s3.create_multipart_upload(Bucket=bucket, Key='ü &<')
    listed = s3.list_multipart_uploads(Bucket=bucket)['Uploads']
    equal([u['Key'] for u in listed], ['ü &<'])
    s3.abort_multipart_upload(Bucket=bucket, Key='ü &<', UploadId=upload['UploadId'])
    printable = [k for k in ODD if '\x01' not in k]
    gone = s3.delete_objects(Bucket=bucket, Delete={'Objects': [{'Key': k} for k in printable]})
    equal(sorted(d['Key'] for d in gone['Deleted']), sorted(printable))
    s3.delete_object(Bucket=bucket, Key='\x01control')
    s3.delete_bucket(Bucket=bucket)


@case
def long_key():
    """a key of 1025 bytes is refused"""
    refused('KeyTooLongError', put, 'x' * 1025, status=400)
    refused('KeyTooLongError', put, 'é' * 513, status=400)


CRC = {'CRC32': base64.b64encode(zlib.crc32(DIGITS).to_bytes(4, 'big')).decode(),
       'CRC32C': 'KAwGng==', 'CRC64NVME': 'Ffmx7kz9nB0=',
       'SHA1': base64.b64encode(hashlib.sha1(DIGITS).digest()).decode(),
       'SHA256': base64.b64encode(hashlib.sha256(DIGITS).digest()).decode()}


@case
def checksums():
    """each checksum in a header: verified, kept, and a wrong one refused"""
    for name, value in CRC.items():
        header = f'x-amz-checksum-{name.lower()}'
        key = f'sum-{name}'
        c = with_header('PutObject', header, value)
        told = c.put_object(Bucket=BUCKET, Key=key, Body=DIGITS)
        equal(told['ResponseMetadata']['HTTPHeaders'].get(header), value)
        seen = get(key, ChecksumMode='ENABLED')
        equal(seen['Body'].read(), DIGITS)
        equal(seen['ResponseMetadata']['HTTPHeaders'].get(header), value)
        assert header not in head(key)['ResponseMetadata']['HTTPHeaders'], 'told unasked'
        wrong = with_header('PutObject', header, 'A' + value[1:])
        refused('BadDigest', wrong.put_object, Bucket=BUCKET, Key=key, Body=DIGITS, status=400)
        if name != 'CRC32':
            twice = with_header('PutObject', header, value)
            refused('InvalidRequest', twice.put_object, Bucket=BUCKET, Key=key, Body=DIGITS,
                    ChecksumCRC32=CRC['CRC32'], says='single')
        broken = with_header('PutObject', header, '!')
        refused('InvalidRequest', broken.put_object, Bucket=BUCKET, Key=key, Body=DIGITS,
                status=400)


@case
def sdk_checksums():
    """checksums as the SDK makes and checks them, in one piece and in a trailer"""
    for name in ('CRC32', 'SHA1', 'SHA256'):
        for body in (DIGITS, io.BytesIO(DIGITS * 1000)):
            told = put('sdk-sum', body, ChecksumAlgorithm=name)
            assert told[f'Checksum{name}'], told
            seen = get('sdk-sum', ChecksumMode='ENABLED')
            equal(seen[f'Checksum{name}'], told[f'Checksum{name}'])
            equal(len(seen['Body'].read()) % 10, 0)
    copied = s3.copy_object(Bucket=BUCKET, Key='sdk-copy', ChecksumAlgorithm='SHA256',
                            CopySource=f'{BUCKET}/sdk-sum')['CopyObjectResult']
    equal(head('sdk-copy', ChecksumMode='ENABLED')['ChecksumSHA256'], copied['ChecksumSHA256'])


@case
def content_md5():
    """a wrong or malformed Content-MD5"""
    right = base64.b64encode(hashlib.md5(DIGITS).digest()).decode()
    put('md5', DIGITS, ContentMD5=right)
    refused('BadDigest', put, 'md5', DIGITS + b'x', ContentMD5=right, status=400)
    refused('InvalidDigest', put, 'md5', DIGITS, ContentMD5='xyz', status=400)


@case
def copies():
    """copies: attributes kept or replaced, conditions, to itself, of nothing"""
    put('src', DIGITS, ContentType='text/a', Metadata={'k': 'v'}, Tagging='t=1')
    source = {'Bucket': BUCKET, 'Key': 'src'}
    done = s3.copy_object(Bucket=BUCKET, Key='dst', CopySource=source)['CopyObjectResult']
    is_time(done['LastModified'])
    equal(done['ETag'], head('src')['ETag'])
    equal((head('dst')['ContentType'], head('dst')['Metadata']), ('text/a', {'k': 'v'}))
    equal(s3.get_object_tagging(Bucket=BUCKET, Key='dst')['TagSet'], [{'Key': 't', 'Value': '1'}])
    s3.copy_object(Bucket=BUCKET, Key='dst', CopySource=source, MetadataDirective='REPLACE',
                   ContentType='text/b', Metadata={'n': 'w'}, TaggingDirective='REPLACE',
                   Tagging='u=2')
    equal((head('dst')['ContentType'], head('dst')['Metadata']), ('text/b', {'n': 'w'}))
    equal(s3.get_object_tagging(Bucket=BUCKET, Key='dst')['TagSet'], [{'Key': 'u', 'Value': '2'}])
    refused('InvalidRequest', s3.copy_object, Bucket=BUCKET, Key='src', CopySource=source)
    refused('PreconditionFailed', s3.copy_object, Bucket=BUCKET, Key='dst', CopySource=source,
            CopySourceIfMatch='"x"')
    refused('PreconditionFailed', s3.copy_object, Bucket=BUCKET, Key='dst', CopySource=source,
            CopySourceIfNoneMatch=done['ETag'])
    refused('NoSuchKey', s3.copy_object, Bucket=BUCKET, Key='d', CopySource=f'{BUCKET}/none')
    refused('NoSuchBucket', s3.copy_object, Bucket=BUCKET, Key='d', CopySource='botocore-no/k')


@case
def tags():
    """tags of an object: set, got, deleted, too many, doubled"""
    put('tags')
    def tag(n):
        return [{'Key': f'k{i}', 'Value': 'ü +%&='} for i in range(n)]
    s3.put_object_tagging(Bucket=BUCKET, Key='tags', Tagging={'TagSet': tag(10)})
    equal(s3.get_object_tagging(Bucket=BUCKET, Key='tags')['TagSet'], tag(10))
    refused('BadRequest', s3.put_object_tagging, Bucket=BUCKET, Key='tags',
            Tagging={'TagSet': tag(11)})
    refused('InvalidTag', s3.put_object_tagging, Bucket=BUCKET, Key='tags',
            Tagging={'TagSet': tag(1) + tag(1)})
    s3.delete_object_tagging(Bucket=BUCKET, Key='tags')
    equal(s3.get_object_tagging(Bucket=BUCKET, Key='tags')['TagSet'], [])
    refused('NoSuchKey', s3.get_object_tagging, Bucket=BUCKET, Key='no-tags')


@case
def header_overrides():
    """response-* parameters replace headers"""
    put('over', DIGITS)
    answer = get('over', ResponseContentType='text/x', ResponseCacheControl='private',
                 ResponseContentDisposition='attachment; filename="ü.csv"'.encode().decode('latin1'))
    equal((answer['ContentType'], answer['CacheControl']), ('text/x', 'private'))
    assert 'attachment' in answer['ContentDisposition'], answer


@case
def unsupported():
    """what is not there answers NotImplemented and names it"""
    put('un', b'x')
    target = {'Bucket': BUCKET, 'Key': 'un'}
    for call, kwargs, says in (
            (s3.get_object_acl, target, 'acl'),
            (s3.get_object_torrent, target, 'torrent'),
            (s3.get_object_retention, target, 'retention'),
            (s3.restore_object, target, 'restore'),
            (s3.put_object, dict(target, SSECustomerKey='x' * 32, SSECustomerAlgorithm='AES256'),
             'customer'),
            (s3.put_object, dict(target, ObjectLockLegalHoldStatus='ON'), 'legal-hold'),
            (s3.select_object_content, dict(target, Expression='x', ExpressionType='SQL',
                                            InputSerialization={}, OutputSerialization={}), 'select'),
            (s3.get_bucket_acl, {'Bucket': BUCKET}, 'acl'),
            (s3.get_bucket_website, {'Bucket': BUCKET}, 'website'),
            (s3.get_bucket_replication, {'Bucket': BUCKET}, 'replication'),
            (s3.get_bucket_logging, {'Bucket': BUCKET}, 'logging')):
        refused('NotImplemented', call, status=501, says=says, **kwargs)
    refused('AccessControlListNotSupported', s3.put_object, ACL='public-read', **target)


@case
def parts_of_objects():
    """HEAD and GET of a part, and GetObjectAttributes: done right or refused"""
    put('part', DIGITS)
    for call in (head, get):
        try:
            answer = call('part', PartNumber=1)
            equal((answer['ContentLength'], answer['ResponseMetadata']['HTTPStatusCode']), (10, 206))
        except s3.exceptions.ClientError as e:
            equal(e.response['ResponseMetadata']['HTTPStatusCode'], 501)
    refused('NotImplemented', s3.get_object_attributes, Bucket=BUCKET, Key='part',
            ObjectAttributes=['ETag'])


@case
def expected_owner():
    """the expected owner of a bucket is checked"""
    s3.head_object(Bucket=BUCKET, Key='un', ExpectedBucketOwner=ACCOUNT)
    refused('AccessDenied', get, 'un', ExpectedBucketOwner='111122223333', status=403)


@case
def newest_defaults():
    """the newest defaults: CRC32 of a stream in a trailer, checked on the way back"""
    if VERSION < (1, 36):
        raise Skip('this botocore is older than they are')
    put('new', io.BytesIO(DIGITS * 100000))
    seen = get('new')
    equal(len(seen['Body'].read()), 1000000)
    assert seen['ChecksumCRC32'], 'no checksum came back'
    equal(seen['ChecksumType'], 'FULL_OBJECT')
