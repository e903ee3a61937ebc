"""CloudWatch and KMS, and S3's encryption by it."""
import datetime
import json

from check import ACCOUNT, REGION, case, client, equal, is_time, refused

cloudwatch, kms, s3, sns = (client(s) for s in ('cloudwatch', 'kms', 's3', 'sns'))
ALARM = {'AlarmName': 'errors', 'MetricName': 'Errors', 'Namespace': 'AWS/Lambda', 'Period': 300,
         'Statistic': 'Sum', 'EvaluationPeriods': 1, 'Threshold': 1.5,
         'ComparisonOperator': 'GreaterThanThreshold',
         'Dimensions': [{'Name': 'FunctionName', 'Value': 'f'}]}


@case
def alarms():
    """an alarm is described, goes off, tells its topic, and is deleted"""
    topic = sns.create_topic(Name='botocore-alerts')['TopicArn']
    cloudwatch.put_metric_alarm(**ALARM, AlarmActions=[topic], Tags=[{'Key': 'k', 'Value': 'v'}])
    alarm = cloudwatch.describe_alarms(AlarmNames=['errors'])['MetricAlarms'][0]
    equal((alarm['Threshold'], alarm['ActionsEnabled'], alarm['StateValue']),
          (1.5, True, 'INSUFFICIENT_DATA'))
    is_time(alarm['StateUpdatedTimestamp'])
    equal(cloudwatch.list_tags_for_resource(ResourceARN=alarm['AlarmArn'])['Tags'],
          [{'Key': 'k', 'Value': 'v'}])
    cloudwatch.set_alarm_state(AlarmName='errors', StateValue='ALARM', StateReason='a test')
    items = cloudwatch.describe_alarm_history(AlarmName='errors')['AlarmHistoryItems']
    equal([i['HistoryItemType'] for i in items], ['Action', 'StateUpdate', 'ConfigurationUpdate'])
    refused('ResourceNotFound', cloudwatch.set_alarm_state, AlarmName='none', StateValue='OK',
            StateReason='r', status=404)
    refused('ValidationError', cloudwatch.put_metric_alarm, **{**ALARM, 'Period': 70}, status=400)
    cloudwatch.delete_alarms(AlarmNames=['errors'])
    equal(cloudwatch.describe_alarms(AlarmNames=['errors'])['MetricAlarms'], [])
    sns.delete_topic(TopicArn=topic)


@case
def dashboards():
    """a dashboard's body is checked, kept and listed"""
    widget = {'type': 'metric', 'x': 0, 'y': 0, 'width': 12, 'height': 6,
              'properties': {'region': REGION, 'metrics': [['AWS/Lambda', 'Errors']]}}
    body = json.dumps({'widgets': [widget]})
    cloudwatch.put_dashboard(DashboardName='board', DashboardBody=body)
    answer = cloudwatch.get_dashboard(DashboardName='board')
    equal((answer['DashboardBody'], answer['DashboardArn']),
          (body, f'arn:aws:cloudwatch::{ACCOUNT}:dashboard/board'))
    entry = cloudwatch.list_dashboards(DashboardNamePrefix='bo')['DashboardEntries'][0]
    equal(entry['Size'], len(body))
    is_time(entry['LastModified'])
    del widget['properties']['region']
    refused('InvalidParameterInput', cloudwatch.put_dashboard, DashboardName='board',
            DashboardBody=json.dumps({'widgets': [widget]}), status=400, says='region')
    cloudwatch.delete_dashboards(DashboardNames=['board'])
    refused('ResourceNotFound', cloudwatch.get_dashboard, DashboardName='board', status=404)


@case
def numbers():
    """numbers are put, listed and summed"""
    now = datetime.datetime.now(datetime.timezone.utc)
    about = {'StartTime': now - datetime.timedelta(minutes=5),
             'EndTime': now + datetime.timedelta(minutes=5)}
    metric = {'Namespace': 'botocore', 'MetricName': 'Files',
              'Dimensions': [{'Name': 'Project', 'Value': 'p'}]}
    datum = {'MetricName': 'Files', 'Dimensions': metric['Dimensions'], 'Timestamp': now}
    cloudwatch.put_metric_data(Namespace='botocore', MetricData=[
        {**datum, 'Value': 2.5}, {**datum, 'Values': [1.0, 2.0], 'Counts': [2.0, 1.0]}])
    equal(cloudwatch.list_metrics(Namespace='botocore')['Metrics'], [metric])
    point = cloudwatch.get_metric_statistics(
        **metric, **about, Period=3600, Statistics=['Sum', 'SampleCount'])['Datapoints'][0]
    equal((point['Sum'], point['SampleCount']), (6.5, 4))
    result = cloudwatch.get_metric_data(**about, MetricDataQueries=[
        {'Id': 'm', 'MetricStat': {'Metric': metric, 'Period': 3600, 'Stat': 'Maximum'}}])
    equal(result['MetricDataResults'][0]['Values'], [2.5])


@case
def keys():
    """a key encrypts, is disabled, and waits for its end"""
    key = kms.create_key(Description='d', Tags=[{'TagKey': 'a', 'TagValue': 'b'}])['KeyMetadata']
    is_time(key['CreationDate'])
    kms.create_alias(AliasName='alias/botocore', TargetKeyId=key['KeyId'])
    blob = kms.encrypt(KeyId='alias/botocore', Plaintext=b'hello',
                       EncryptionContext={'b': '2', 'a': '1'})['CiphertextBlob']
    plain = kms.decrypt(CiphertextBlob=blob, EncryptionContext={'a': '1', 'b': '2'})
    equal((plain['Plaintext'], plain['KeyId']), (b'hello', key['Arn']))
    refused('InvalidCiphertextException', kms.decrypt, CiphertextBlob=blob, status=400)
    data = kms.generate_data_key(KeyId=key['Arn'], KeySpec='AES_256')
    equal(kms.decrypt(CiphertextBlob=data['CiphertextBlob'])['Plaintext'], data['Plaintext'])
    kms.enable_key_rotation(KeyId=key['KeyId'])
    equal(kms.get_key_rotation_status(KeyId=key['KeyId'])['KeyRotationEnabled'], True)
    equal(kms.list_resource_tags(KeyId=key['KeyId'])['Tags'], [{'TagKey': 'a', 'TagValue': 'b'}])
    kms.disable_key(KeyId=key['KeyId'])
    refused('DisabledException', kms.encrypt, KeyId=key['KeyId'], Plaintext=b'x', status=400)
    end = kms.schedule_key_deletion(KeyId=key['KeyId'], PendingWindowInDays=7)['DeletionDate']
    assert 6 < (end - key['CreationDate']).total_seconds() / 86400 < 8, end
    kms.cancel_key_deletion(KeyId=key['KeyId'])
    kms.delete_alias(AliasName='alias/botocore')
    refused('NotFoundException', kms.describe_key, KeyId='alias/botocore', status=400)


@case
def encrypted_buckets():
    """objects are encrypted as their bucket says, or as they say themselves"""
    key = kms.create_key()['KeyMetadata']['Arn']
    s3.create_bucket(Bucket='sealed')
    s3.put_bucket_encryption(Bucket='sealed', ServerSideEncryptionConfiguration={'Rules': [{
        'ApplyServerSideEncryptionByDefault': {'SSEAlgorithm': 'aws:kms', 'KMSMasterKeyID': key},
        'BucketKeyEnabled': True}]})
    for answer in (s3.put_object(Bucket='sealed', Key='k', Body=b'x'),
                   s3.head_object(Bucket='sealed', Key='k')):
        equal((answer['ServerSideEncryption'], answer['SSEKMSKeyId'], answer['BucketKeyEnabled']),
              ('aws:kms', key, True))
    answer = s3.put_object(Bucket='sealed', Key='k', Body=b'x', ServerSideEncryption='AES256')
    equal(answer['ServerSideEncryption'], 'AES256')
    answer = s3.copy_object(Bucket='sealed', Key='c', CopySource={'Bucket': 'sealed', 'Key': 'k'})
    equal(answer['ServerSideEncryption'], 'aws:kms')
    kms.disable_key(KeyId=key)
    refused('KMS.DisabledException', s3.put_object, Bucket='sealed', Key='k', Body=b'x', status=400)
