"""S3: listings, versions, batch deletion, multipart uploads, a bucket's settings."""
import base64
import hashlib
import io
import json
import os
import threading
from concurrent.futures import ThreadPoolExecutor

from check import Skip, VERSION, case, client, equal, is_time, pages, refused

s3 = client('s3', max_pool_connections=20)
BUCKET = 'botocore-buckets'
s3.create_bucket(Bucket=BUCKET)
MIB = 1 << 20


def fresh(name, versioned=False):
    s3.create_bucket(Bucket=name)
    if versioned:
        s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={'Status': 'Enabled'})
    return name


@case
def bucket_life():
    """create, wait for, list, head and delete a bucket"""
    told = s3.create_bucket(Bucket='botocore-life')
    equal(told['Location'], '/botocore-life')
    s3.get_waiter('bucket_exists').wait(Bucket='botocore-life', WaiterConfig={'Delay': 1})
    equal(s3.head_bucket(Bucket='botocore-life')['ResponseMetadata']['HTTPHeaders']
          ['x-amz-bucket-region'], 'us-east-1')
    equal(s3.get_bucket_location(Bucket='botocore-life').get('LocationConstraint'), None)
    listed = s3.list_buckets()
    assert listed['Owner']['ID'], listed
    found = [b for b in listed['Buckets'] if b['Name'] == 'botocore-life']
    is_time(found[0]['CreationDate'])
    s3.put_object(Bucket='botocore-life', Key='k')
    s3.get_waiter('object_exists').wait(Bucket='botocore-life', Key='k', WaiterConfig={'Delay': 1})
    refused('BucketNotEmpty', s3.delete_bucket, Bucket='botocore-life', status=409)
    s3.delete_object(Bucket='botocore-life', Key='k')
    s3.get_waiter('object_not_exists').wait(Bucket='botocore-life', Key='k')
    s3.delete_bucket(Bucket='botocore-life')
    s3.get_waiter('bucket_not_exists').wait(Bucket='botocore-life')


@case
def bucket_names():
    """names that AWS refuses, and a bucket made twice"""
    for name in ('Upper', 'ab', 'a_b', '192.168.5.4', 'xn--abc', 'a..b', 'a' * 64):
        try:
            s3.create_bucket(Bucket=name)
            raise AssertionError(f'{name} was made')
        except Exception as e:
            assert 'InvalidBucketName' in str(e) or 'Invalid bucket name' in str(e), e
    s3.create_bucket(Bucket=BUCKET)
    west = client('s3', region='eu-west-1')
    west.create_bucket(Bucket='botocore-west',
                       CreateBucketConfiguration={'LocationConstraint': 'eu-west-1'})
    equal(west.get_bucket_location(Bucket='botocore-west')['LocationConstraint'], 'eu-west-1')
    refused('BucketAlreadyOwnedByYou', west.create_bucket, Bucket='botocore-west',
            CreateBucketConfiguration={'LocationConstraint': 'eu-west-1'}, status=409)
    refused('IllegalLocationConstraintException', west.create_bucket, Bucket='botocore-else',
            CreateBucketConfiguration={'LocationConstraint': 'eu-west-2'})


@case
def bucket_pages():
    """ListBuckets in pages"""
    if VERSION < (1, 36):
        raise Skip('this botocore is older than they are')
    for n in range(5):
        s3.create_bucket(Bucket=f'botocore-page-{n}')
    found, n = pages(s3, 'list_buckets', 'Buckets', 2, Prefix='botocore-page-')
    equal([b['Name'] for b in found], [f'botocore-page-{n}' for n in range(5)])
    equal(n, 3)


@case
def many_keys():
    """1,100 keys, listed in pages of every kind"""
    bucket = fresh('botocore-many')
    keys = [f'{n // 100:02}/{n:04}' for n in range(1100)]
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda k: s3.put_object(Bucket=bucket, Key=k), keys))
    first = s3.list_objects_v2(Bucket=bucket)
    equal((first['KeyCount'], first['MaxKeys'], first['IsTruncated']), (1000, 1000, True))
    is_time(first['Contents'][0]['LastModified'])
    equal(first['Contents'][0]['StorageClass'], 'STANDARD')
    for operation in ('list_objects_v2', 'list_objects'):
        for size, want in ((None, 2), (400, 3), (5000, 2)):
            found, n = pages(s3, operation, 'Contents', size, Bucket=bucket)
            equal([o['Key'] for o in found], keys)
            equal(n, want)
        found, n = pages(s3, operation, 'CommonPrefixes', 4, Bucket=bucket, Delimiter='/')
        equal([p['Prefix'] for p in found], [f'{n:02}/' for n in range(11)])
        equal(n, 3)
        found, n = pages(s3, operation, 'Contents', 40, Bucket=bucket, Delimiter='/', Prefix='03/')
        equal(([o['Key'] for o in found], n), (keys[300:400], 3))
    found, n = pages(s3, 'list_object_versions', 'Versions', 600, Bucket=bucket)
    equal(([o['Key'] for o in found], n), (keys, 2))
    after = s3.list_objects_v2(Bucket=bucket, StartAfter='10/1098', FetchOwner=True)
    equal([o['Key'] for o in after['Contents']], ['10/1099'])
    assert after['Contents'][0]['Owner']['ID'], after
    none = s3.list_objects_v2(Bucket=bucket, MaxKeys=0)
    equal((none['KeyCount'], none['IsTruncated']), (0, False))
    equal(s3.list_objects_v2(Bucket=bucket, Prefix='zz').get('Contents'), None)
    refused('InvalidArgument', s3.list_objects_v2, Bucket=bucket, ContinuationToken='!!')
    gone = s3.delete_objects(Bucket=bucket, Delete={'Quiet': True,
                             'Objects': [{'Key': k} for k in keys[:1000]]})
    assert 'Deleted' not in gone and 'Errors' not in gone, gone
    refused('MalformedXML', s3.delete_objects, Bucket=bucket,
            Delete={'Objects': [{'Key': 'k'}] * 1001}, status=400)
    equal(s3.list_objects_v2(Bucket=bucket)['KeyCount'], 100)


@case
def mixed_listing():
    """keys and common prefixes on one page, in order; odd delimiters and prefixes"""
    bucket = fresh('botocore-mixed')
    for key in ('a', 'a/1', 'a/2', 'b', 'b//x', 'ü/1', 'ü/2', 'z||1', 'z||2'):
        s3.put_object(Bucket=bucket, Key=key)

    def listed(**kwargs):
        out = s3.list_objects_v2(Bucket=bucket, **kwargs)
        return ([o['Key'] for o in out.get('Contents', [])],
                [p['Prefix'] for p in out.get('CommonPrefixes', [])], out['KeyCount'])
    equal(listed(Delimiter='/'), (['a', 'b', 'z||1', 'z||2'], ['a/', 'b/', 'ü/'], 7))
    equal(listed(Delimiter='/', Prefix='b/'), ([], ['b//'], 1))
    equal(listed(Delimiter='||'), (['a', 'a/1', 'a/2', 'b', 'b//x', 'ü/1', 'ü/2'], ['z||'], 8))
    equal(listed(Prefix='ü'), (['ü/1', 'ü/2'], [], 2))
    equal(listed(Prefix='', Delimiter='1'),
          (['a', 'a/2', 'b', 'b//x', 'z||2', 'ü/2'], ['a/1', 'z||1', 'ü/1'], 9))
    out = s3.list_objects_v2(Bucket=bucket, Prefix='a', Delimiter='/', EncodingType='url')
    equal((out['Prefix'], out['Delimiter'], out['EncodingType']), ('a', '/', 'url'))


@case
def versions():
    """versions, delete markers, and going back"""
    bucket = fresh('botocore-versions', versioned=True)
    equal(s3.get_bucket_versioning(Bucket=bucket)['Status'], 'Enabled')
    ids = [s3.put_object(Bucket=bucket, Key='k', Body=str(n).encode())['VersionId']
           for n in range(3)]
    for n, version in enumerate(ids):
        seen = s3.get_object(Bucket=bucket, Key='k', VersionId=version)
        equal((seen['Body'].read(), seen['VersionId']), (str(n).encode(), version))
    gone = s3.delete_object(Bucket=bucket, Key='k')
    equal(gone['DeleteMarker'], True)
    e = refused('NoSuchKey', s3.get_object, Bucket=bucket, Key='k', status=404)
    equal(e.response['ResponseMetadata']['HTTPHeaders'].get('x-amz-delete-marker'), 'true')
    refused('MethodNotAllowed', s3.get_object, Bucket=bucket, Key='k', status=405,
            VersionId=gone['VersionId'])
    refused('405', s3.head_object, Bucket=bucket, Key='k', VersionId=gone['VersionId'])
    listed = s3.list_object_versions(Bucket=bucket)
    equal([(v['VersionId'], v['IsLatest']) for v in listed['Versions']],
          [(v, False) for v in reversed(ids)])
    equal([(m['VersionId'], m['IsLatest']) for m in listed['DeleteMarkers']],
          [(gone['VersionId'], True)])
    for entry in listed['Versions'] + listed['DeleteMarkers']:
        is_time(entry['LastModified'])
        assert entry['Owner']['ID'], entry
    equal(s3.list_objects_v2(Bucket=bucket)['KeyCount'], 0)
    back = s3.delete_object(Bucket=bucket, Key='k', VersionId=gone['VersionId'])
    equal((back['DeleteMarker'], back['VersionId']), (True, gone['VersionId']))
    equal(s3.get_object(Bucket=bucket, Key='k')['Body'].read(), b'2')
    s3.copy_object(Bucket=bucket, Key='k', CopySource={'Bucket': bucket, 'Key': 'k',
                                                       'VersionId': ids[0]})
    equal(s3.get_object(Bucket=bucket, Key='k')['Body'].read(), b'0')
    refused('BucketNotEmpty', s3.delete_bucket, Bucket=bucket)
    paged = [(v['Key'], v['VersionId']) for v in
             pages(s3, 'list_object_versions', 'Versions', 1, Bucket=bucket)[0]]
    equal(len(set(paged)), 4)
    done = s3.delete_objects(Bucket=bucket, Delete={'Objects': [
        {'Key': k, 'VersionId': v} for k, v in paged]})['Deleted']
    equal(sorted((d['Key'], d['VersionId']) for d in done), sorted(paged))
    s3.delete_bucket(Bucket=bucket)


@case
def suspended():
    """a bucket whose versioning is suspended has one null version"""
    bucket = fresh('botocore-suspended')
    s3.put_object(Bucket=bucket, Key='k', Body=b'null')
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={'Status': 'Enabled'})
    kept = s3.put_object(Bucket=bucket, Key='k', Body=b'kept')['VersionId']
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={'Status': 'Suspended'})
    s3.put_object(Bucket=bucket, Key='k', Body=b'new null')
    seen = {v['VersionId']: v['IsLatest'] for v in
            s3.list_object_versions(Bucket=bucket)['Versions']}
    equal(seen, {'null': True, kept: False})
    equal(s3.get_object(Bucket=bucket, Key='k', VersionId='null')['Body'].read(), b'new null')
    equal(s3.delete_object(Bucket=bucket, Key='k')['VersionId'], 'null')
    equal(s3.get_object(Bucket=bucket, Key='k', VersionId=kept)['Body'].read(), b'kept')


def upload_parts(key, parts, of_each={}, **kwargs):
    upload = s3.create_multipart_upload(Bucket=BUCKET, Key=key, **kwargs)['UploadId']
    target = {'Bucket': BUCKET, 'Key': key, 'UploadId': upload}
    with ThreadPoolExecutor(10) as pool:
        made = list(pool.map(lambda n: s3.upload_part(PartNumber=n + 1, Body=parts[n], **of_each,
                                                        **target),
                             range(len(parts))))
    return target, {'Parts': [{'PartNumber': n + 1, 'ETag': m['ETag']}
                              for n, m in enumerate(made)]}, made


@case
def multipart():
    """parts from ten threads, listed, put together, and read back"""
    parts = [bytes([65 + n]) * (5 * MIB) for n in range(10)] + [b'tail']
    target, listing, _ = upload_parts('big', parts, ContentType='text/big', Metadata={'a': 'b'})
    found, n = pages(s3, 'list_parts', 'Parts', 4, **target)
    equal(([p['PartNumber'] for p in found], n), (list(range(1, 12)), 3))
    equal(found[10]['Size'], 4)
    is_time(found[0]['LastModified'])
    done = s3.complete_multipart_upload(MultipartUpload=listing, **target)
    of_parts = hashlib.md5(b''.join(hashlib.md5(p).digest() for p in parts)).hexdigest()
    equal(done['ETag'], f'"{of_parts}-11"')
    seen = s3.get_object(Bucket=BUCKET, Key='big')
    equal(hashlib.sha256(seen['Body'].read()).digest(), hashlib.sha256(b''.join(parts)).digest())
    equal((seen['ContentType'], seen['Metadata'], seen['ETag']),
          ('text/big', {'a': 'b'}, done['ETag']))
    refused('NoSuchUpload', s3.list_parts, **target)
    copied = s3.copy_object(Bucket=BUCKET, Key='big-copy', CopySource=f'{BUCKET}/big')
    equal(copied['CopyObjectResult']['ETag'],
          f'"{hashlib.md5(b"".join(parts)).hexdigest()}"')


@case
def multipart_refusals():
    """wrong parts, order, sizes and numbers; an abort leaves nothing"""
    target, listing, _ = upload_parts('bad', [b'small', b'parts'])
    complete = s3.complete_multipart_upload
    refused('EntityTooSmall', complete, MultipartUpload=listing, **target)
    refused('InvalidPartOrder', complete,
            MultipartUpload={'Parts': list(reversed(listing['Parts']))}, **target)
    refused('InvalidPart', complete, MultipartUpload={'Parts': [
        {'PartNumber': 1, 'ETag': '"0123456789abcdef0123456789abcdef"'}]}, **target)
    refused('InvalidPart', complete, MultipartUpload={'Parts': [
        {'PartNumber': 7, 'ETag': listing['Parts'][0]['ETag']}]}, **target)
    refused('MalformedXML', complete, MultipartUpload={'Parts': []}, **target)
    for number in (0, 10001):
        refused('InvalidArgument', s3.upload_part, PartNumber=number, Body=b'', **target)
    s3.abort_multipart_upload(**target)
    refused('NoSuchUpload', s3.abort_multipart_upload, **target)
    refused('NoSuchUpload', complete, MultipartUpload=listing, **target)
    refused('404', s3.head_object, Bucket=BUCKET, Key='bad')


@case
def upload_pages():
    """the uploads under way in pages"""
    uploads = {s3.create_multipart_upload(Bucket=BUCKET, Key=f'up/{n % 3}')['UploadId']
               for n in range(7)}
    found, n = pages(s3, 'list_multipart_uploads', 'Uploads', 2, Bucket=BUCKET, Prefix='up/')
    equal(({u['UploadId'] for u in found}, len(found), n), (uploads, 7, 4))
    is_time(found[0]['Initiated'])
    grouped = s3.list_multipart_uploads(Bucket=BUCKET, Delimiter='/')
    equal([p['Prefix'] for p in grouped['CommonPrefixes']], ['up/'])
    for u in found:
        s3.abort_multipart_upload(Bucket=BUCKET, Key=u['Key'], UploadId=u['UploadId'])


@case
def part_copies():
    """parts copied from objects, whole and by range"""
    s3.put_object(Bucket=BUCKET, Key='part-src', Body=b'x' * (5 * MIB) + b'0123456789')
    source = f'{BUCKET}/part-src'
    upload = s3.create_multipart_upload(Bucket=BUCKET, Key='part-dst')['UploadId']
    target = {'Bucket': BUCKET, 'Key': 'part-dst', 'UploadId': upload}
    ends = []
    for number, span in ((1, None), (2, f'bytes={5 * MIB}-{5 * MIB + 4}')):
        kwargs = {'CopySourceRange': span} if span else {}
        made = s3.upload_part_copy(PartNumber=number, CopySource=source, **target, **kwargs)
        is_time(made['CopyPartResult']['LastModified'])
        ends.append({'PartNumber': number, 'ETag': made['CopyPartResult']['ETag']})
    refused('InvalidArgument', s3.upload_part_copy, PartNumber=3, CopySource=source,
            CopySourceRange='bytes=1-', **target)
    s3.complete_multipart_upload(MultipartUpload={'Parts': ends}, **target)
    seen = s3.get_object(Bucket=BUCKET, Key='part-dst', Range='bytes=-15')
    equal(seen['Body'].read(), b'012345678901234')


@case
def multipart_checksums():
    """checksums of parts and of the whole"""
    parts = [b'a' * (5 * MIB), b'b']
    sha = {'ChecksumAlgorithm': 'SHA256'}
    target, listing, made = upload_parts('sums', parts, of_each=sha, **sha)
    for part, m in zip(listing['Parts'], made):
        part['ChecksumSHA256'] = m['ChecksumSHA256']
    equal([p['ChecksumSHA256'] for p in s3.list_parts(**target)['Parts']],
          [base64.b64encode(hashlib.sha256(p).digest()).decode() for p in parts])
    refused('InvalidRequest', s3.upload_part, PartNumber=3, Body=b'c',
            ChecksumAlgorithm='CRC32', **target)
    wrong = json.loads(json.dumps(listing))
    wrong['Parts'][0]['ChecksumSHA256'] = wrong['Parts'][1]['ChecksumSHA256']
    refused('InvalidPart', s3.complete_multipart_upload, MultipartUpload=wrong, **target)
    done = s3.complete_multipart_upload(MultipartUpload=listing, **target)
    whole = base64.b64encode(hashlib.sha256(b''.join(
        hashlib.sha256(p).digest() for p in parts)).digest()).decode()
    equal(done['ChecksumSHA256'], f'{whole}-2')
    seen = s3.get_object(Bucket=BUCKET, Key='sums', ChecksumMode='ENABLED')
    equal((seen['ChecksumSHA256'], len(seen['Body'].read())), (f'{whole}-2', 5 * MIB + 1))


@case
def added_checksums():
    """the CRC64NVME that S3 adds: in one piece and in parts, the same, and checked"""
    # A client that sends no checksum by itself; older ones never do.
    quiet = client('s3', **({} if VERSION < (1, 36) else {'request_checksum_calculation': 'when_required'}))
    header, sent = 'x-amz-checksum-crc64nvme', {}

    def headers(answer):
        return answer['ResponseMetadata']['HTTPHeaders']

    def add(request, **_):
        for name, value in sent.items():
            request.headers[name] = value
    quiet.meta.events.register('before-sign.s3.CompleteMultipartUpload', add)
    parts = [b'a' * (5 * MIB), b'b']
    whole = headers(quiet.put_object(Bucket=BUCKET, Key='added', Body=b''.join(parts)))[header]
    target = {'Bucket': BUCKET, 'Key': 'added-parts'}
    target['UploadId'] = quiet.create_multipart_upload(**target)['UploadId']
    listing = {'Parts': [{'PartNumber': n, 'ETag': quiet.upload_part(PartNumber=n, Body=p, **target)['ETag']}
                         for n, p in enumerate(parts, 1)]}
    sent[header] = 'AAAAAAAAAAA='
    refused('BadDigest', quiet.complete_multipart_upload, MultipartUpload=listing, **target)
    sent[header] = whole
    quiet.complete_multipart_upload(MultipartUpload=listing, **target)
    for key in ('added', 'added-parts'):
        seen = headers(quiet.head_object(Bucket=BUCKET, Key=key, ChecksumMode='ENABLED'))
        equal((seen[header], seen['x-amz-checksum-type']), (whole, 'FULL_OBJECT'))


@case
def transfers():
    """boto3's transfers: up, down and across in parts, with each of its checksums"""
    try:
        import boto3
        from boto3.s3.transfer import TransferConfig
    except ImportError as e:
        raise Skip('boto3 is not installed') from e
    c = boto3.client('s3', region_name='us-east-1', endpoint_url=os.environ['AWS_ENDPOINT_URL'])
    parts = TransferConfig(multipart_threshold=5 * MIB, multipart_chunksize=5 * MIB)
    data = os.urandom(12 * MIB)
    for extra in ({}, {'ChecksumAlgorithm': 'CRC32'}, {'ChecksumAlgorithm': 'SHA256'}):
        c.upload_fileobj(io.BytesIO(data), BUCKET, 'tm', ExtraArgs=extra, Config=parts)
        c.copy({'Bucket': BUCKET, 'Key': 'tm'}, BUCKET, 'tm-copy', Config=parts)
        for key in ('tm', 'tm-copy'):
            back = io.BytesIO()
            c.download_fileobj(BUCKET, key, back, Config=parts)
            equal(hashlib.sha256(back.getvalue()).digest(), hashlib.sha256(data).digest())


@case
def same_key_at_once():
    """puts of one key at once: one of them wins whole"""
    start = threading.Barrier(10)

    def put(n):
        start.wait()
        for _ in range(5):
            s3.put_object(Bucket=BUCKET, Key='race', Body=bytes([65 + n]) * 100000)
    with ThreadPoolExecutor(10) as pool:
        list(pool.map(put, range(10)))
    body = s3.get_object(Bucket=BUCKET, Key='race')['Body'].read()
    equal((len(body), len(set(body))), (100000, 1))


SETTINGS = (
    ('encryption', 'ServerSideEncryptionConfiguration', {'Rules': [
        {'ApplyServerSideEncryptionByDefault': {'SSEAlgorithm': 'AES256'},
         'BucketKeyEnabled': True}]}, None),
    ('policy', 'Policy', json.dumps({'Version': '2012-10-17', 'Statement': []}),
     'NoSuchBucketPolicy'),
    ('lifecycle_configuration', 'LifecycleConfiguration', {'Rules': [
        {'ID': 'old', 'Filter': {'Prefix': 'a/'}, 'Status': 'Enabled',
         'Expiration': {'Days': 30}}]}, 'NoSuchLifecycleConfiguration'),
    ('tagging', 'Tagging', {'TagSet': [{'Key': 'a', 'Value': 'ü'}]}, 'NoSuchTagSet'),
    ('cors', 'CORSConfiguration', {'CORSRules': [
        {'AllowedMethods': ['GET'], 'AllowedOrigins': ['*']}]}, 'NoSuchCORSConfiguration'),
)


@case
def settings():
    """a bucket's settings: none, put, got as put, deleted"""
    bucket = fresh('botocore-settings')
    for name, member, value, absent in SETTINGS:
        get = getattr(s3, f'get_bucket_{name}')
        if absent:
            refused(absent, get, Bucket=bucket, status=404)
        getattr(s3, f'put_bucket_{name}')(Bucket=bucket, **{member: value})
        told = get(Bucket=bucket)
        told.pop('ResponseMetadata')
        told.pop('TransitionDefaultMinimumObjectSize', None)
        equal(told.get(member, told), value)
        remove = getattr(s3, f'delete_bucket_{name}'.replace('lifecycle_configuration', 'lifecycle'))
        remove(Bucket=bucket)
        if absent:
            refused(absent, get, Bucket=bucket)
    access = {'BlockPublicAcls': True, 'IgnorePublicAcls': True, 'BlockPublicPolicy': False,
              'RestrictPublicBuckets': True}
    s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration=access)
    equal(s3.get_public_access_block(Bucket=bucket)['PublicAccessBlockConfiguration'], access)
    s3.delete_public_access_block(Bucket=bucket)
    owned = {'Rules': [{'ObjectOwnership': 'BucketOwnerEnforced'}]}
    s3.put_bucket_ownership_controls(Bucket=bucket, OwnershipControls=owned)
    equal(s3.get_bucket_ownership_controls(Bucket=bucket)['OwnershipControls'], owned)
    assert 'LambdaFunctionConfigurations' not in s3.get_bucket_notification_configuration(
        Bucket=bucket)
    refused('InvalidArgument', s3.put_bucket_notification_configuration, Bucket=bucket,
            NotificationConfiguration={'LambdaFunctionConfigurations': [
                {'LambdaFunctionArn': 'arn:aws:lambda:us-east-1:000000000000:function:none',
                 'Events': ['s3:ObjectCreated:*']}]})
