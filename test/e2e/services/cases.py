"""The input of test/peer/services.c once more, for botocore; and what the peer shows.

Call(operation, params, ...) is what one request means. `want` turns the parsed answers
into what the peer prints.
"""
import base64
import json

ODD = 'st\u00e4ck & <x> "q" 100% a+b/c=d~e'
ROLE = 'arn:aws:iam::1:role/r'
QUEUE = 'https://sqs.eu-west-1.amazonaws.com/111122223333/q'
TOPIC = 'arn:aws:sns:eu-west-1:1:t'
TOKENS = ['p&2 ä/+=', 'page 3']


class Call:
    def __init__(self, operation, params, fix=None, form=None, length=None):
        self.operation, self.params, self.fix = operation, params, fix
        self.form = form  # what no botocore knows yet, by hand
        self.length = length


class Case:
    def __init__(self, service, protocol, calls, want, anonymous):
        self.service, self.protocol, self.calls = service, protocol, calls
        self.want, self.anonymous = want, anonymous


def nothing(parsed):
    return None


def whole(parsed):
    return parsed[-1]


def member(name):
    return lambda parsed: parsed[-1][name]


def joined(name, reverse=False):
    def join(parsed):
        items = [i for p in parsed for i in p.get(name, [])]
        return items[::-1] if reverse else items
    return join


def setting(**values):
    def fix(document):
        for k, v in values.items():
            if v is None:
                document.pop(k, None)
            else:
                document[k] = v
    return fix


def pages(operation, params, token='NextToken', out=None):
    """Three pages; the last one has no token."""
    out = out or token
    return [Call(operation, params, setting(**{out: TOKENS[0]})),
            Call(operation, dict(params, **{token: TOKENS[0]}),
                 setting(**{out: TOKENS[1]})),
            Call(operation, dict(params, **{token: TOKENS[1]}), setting(**{out: None}))]


CASES = {}


def add(name, service, protocol, calls, want, anonymous=False):
    calls = [calls] if isinstance(calls, Call) else calls
    CASES[name] = Case(service, protocol, calls, want, anonymous)


def listed(name, service, protocol, operation, params, items, token='NextToken'):
    add(name, service, protocol, pages(operation, params, token), joined(items))
    # And without any.
    add(name + ':empty', service, protocol,
        [Call(operation, params, setting(**{token: None}), length=0)], joined(items))


def cloudformation():
    def one(name, operation, params, want=nothing, **more):
        add(name, 'cloudformation', 'query',
            Call(operation, dict(params, StackName=ODD), **more), want)

    def many(name, operation, params, items):
        listed(name, 'cloudformation', 'query', operation, params, items)

    stack = {'StackName': ODD}
    change_set = dict(stack, ChangeSetName='set-1')
    one('stack', 'DescribeStacks', {}, lambda p: p[0]['Stacks'][0])
    many('stacks', 'DescribeStacks', {}, 'Stacks')
    many('stack_list', 'ListStacks',
         {'StackStatusFilter': ['CREATE_FAILED', 'DELETE_COMPLETE']}, 'StackSummaries')
    many('stack_list_all', 'ListStacks', {}, 'StackSummaries')
    one('template', 'GetTemplate', {'TemplateStage': 'Original'}, member('TemplateBody'))
    one('template_of', 'GetTemplate',
        {'TemplateStage': 'Processed', 'ChangeSetName': 'set-1'}, member('TemplateBody'))
    many('resources', 'ListStackResources', stack, 'StackResourceSummaries')
    many('account_limits', 'DescribeAccountLimits', {}, 'AccountLimits')
    many('exports', 'ListExports', {}, 'Exports')
    many('imports', 'ListImports', {'ExportName': ODD}, 'Imports')
    one('protect', 'UpdateTerminationProtection', {'EnableTerminationProtection': False})
    token = {'ClientRequestToken': 't-1'}
    one('delete_plain', 'DeleteStack', token)
    one('delete_forced', 'DeleteStack',
        dict(token, RoleARN=ROLE, RetainResources=['A', 'B'],
             DeletionMode='FORCE_DELETE_STACK'))
    one('delete_express', 'DeleteStack', token,
        form={'DeploymentConfig.Mode': 'EXPRESS',
              'DeploymentConfig.DisableRollback': 'false'})
    one('cancel_update', 'CancelUpdateStack', token)
    one('continue_rollback', 'ContinueUpdateRollback',
        dict(token, RoleARN=ROLE, ResourcesToSkip=['A', 'Nested.B']))
    one('continue_forced', 'ContinueUpdateRollback', token,
        form={'ForceRollback': 'true'})
    one('rollback', 'RollbackStack',
        dict(token, RoleARN=ROLE, RetainExceptOnCreate=True),
        lambda p: p[0].get('OperationId'))

    def status(value):
        def fix(document):
            document['Stacks'][0]['StackStatus'] = value
        return fix
    add('wait_stack', 'cloudformation', 'query',
        [Call('DescribeStacks', stack, status('UPDATE_COMPLETE_CLEANUP_IN_PROGRESS')),
         Call('DescribeStacks', stack, status('UPDATE_COMPLETE'))],
        lambda p: p[1]['Stacks'][0])
    made = dict(ChangeSetName='set-1', ClientToken='t-1')
    one('change_set_body', 'CreateChangeSet', dict(
        made, ChangeSetType='CREATE', TemplateBody="Resources:\n  A: { Type: 'x' }\n",
        Parameters=[{'ParameterKey': 'P', 'ParameterValue': 'a,b c'},
                    {'ParameterKey': 'Kept', 'UsePreviousValue': True},
                    {'ParameterKey': 'Empty', 'ParameterValue': ''}],
        Tags=[{'Key': 'k:1', 'Value': ODD}, {'Key': 'k2', 'Value': 'v'}],
        Capabilities=['CAPABILITY_NAMED_IAM'], Description=ODD, RoleARN=ROLE,
        ImportExistingResources=True, OnStackFailure='DO_NOTHING'), member('StackId'))
    one('change_set_drift', 'CreateChangeSet', dict(
        made, ChangeSetType='UPDATE', UsePreviousTemplate=True,
        DeploymentMode='REVERT_DRIFT'), member('StackId'))
    one('change_set_express', 'CreateChangeSet', dict(
        made, ChangeSetType='UPDATE',
        TemplateURL='https://b.s3.eu-west-1.amazonaws.com/k%20k'), member('StackId'),
        form={'DeploymentConfig.Mode': 'EXPRESS',
              'DeploymentConfig.DisableRollback': 'true'})
    one('change_set', 'DescribeChangeSet', {'ChangeSetName': 'set-1'}, whole)
    add('changes', 'cloudformation', 'query',
        pages('DescribeChangeSet', dict(change_set, IncludePropertyValues=True)),
        lambda p: dict({k: v for k, v in p[0].items() if k != 'NextToken'},
                       Changes=[c for page in p for c in page['Changes']]))
    many('change_sets', 'ListChangeSets', stack, 'Summaries')
    one('delete_change_set', 'DeleteChangeSet', {'ChangeSetName': 'set-1'})
    run = dict(token, ChangeSetName='set-1')
    one('execute', 'ExecuteChangeSet', dict(run, RetainExceptOnCreate=True))
    one('execute_kept', 'ExecuteChangeSet', dict(run, DisableRollback=True))
    add('wait_change_set', 'cloudformation', 'query',
        [Call('DescribeChangeSet', change_set, setting(Status=s))
         for s in ('CREATE_PENDING', 'CREATE_IN_PROGRESS', 'FAILED')], whole)
    add('stack_events', 'cloudformation', 'query', pages('DescribeStackEvents', stack),
        joined('StackEvents', True))
    many('operation_events', 'DescribeEvents',
         dict(change_set, OperationId='op-1', Filters={'FailedEvents': True}),
         'OperationEvents')
    one('detect_drift', 'DetectStackDrift', {'LogicalResourceIds': ['A', 'B']},
        member('StackDriftDetectionId'))
    look = {'StackDriftDetectionId': 'd-1'}
    add('wait_drift', 'cloudformation', 'query',
        [Call('DescribeStackDriftDetectionStatus', look, setting(DetectionStatus=s))
         for s in ('DETECTION_IN_PROGRESS', 'DETECTION_FAILED')], whole)
    many('drifts', 'DescribeStackResourceDrifts',
         dict(stack, StackResourceDriftStatusFilters=['MODIFIED', 'DELETED']),
         'StackResourceDrifts')


def pipelines():
    def one(name, operation, params, want=nothing):
        add(name, 'codepipeline', 'json', Call(operation, params), want)

    here = {'pipelineName': ODD}
    run = dict(here, pipelineExecutionId='e-1')
    made = member('pipelineExecutionId')
    one('pipeline', 'GetPipeline', {'name': ODD}, whole)
    one('pipeline_state', 'GetPipelineState', {'name': ODD}, whole)
    listed('executions', 'codepipeline', 'json', 'ListPipelineExecutions', here,
           'pipelineExecutionSummaries', 'nextToken')
    add('executions_cut', 'codepipeline', 'json',
        [Call('ListPipelineExecutions', dict(here, maxResults=2), length=5)],
        lambda p: p[0]['pipelineExecutionSummaries'][:2])

    def status(value):
        def fix(document):
            document['pipelineExecution']['status'] = value
        return fix
    add('wait_execution', 'codepipeline', 'json',
        [Call('GetPipelineExecution', run, status(s))
         for s in ('InProgress', 'Stopping', 'Stopped')],
        lambda p: p[2]['pipelineExecution'])
    one('execution', 'GetPipelineExecution', run, member('pipelineExecution'))
    listed('actions', 'codepipeline', 'json', 'ListActionExecutions',
           dict(here, filter={'pipelineExecutionId': 'e-1'}), 'actionExecutionDetails',
           'nextToken')
    listed('actions_all', 'codepipeline', 'json', 'ListActionExecutions', here,
           'actionExecutionDetails', 'nextToken')
    one('start', 'StartPipelineExecution', {
        'name': ODD, 'clientRequestToken': 't-1',
        'variables': [{'name': 'V', 'value': ODD}, {'name': 'W', 'value': '2'}],
        'sourceRevisions': [
            {'actionName': 'Source', 'revisionType': 'COMMIT_ID', 'revisionValue': 'abc'},
            {'actionName': 'S3', 'revisionType': 'S3_OBJECT_KEY', 'revisionValue': ODD}],
    }, made)
    one('stop', 'StopPipelineExecution', dict(run, abandon=True, reason=ODD))
    one('retry_stage', 'RetryStageExecution',
        dict(run, stageName='Build', retryMode='ALL_ACTIONS'))
    one('rollback_stage', 'RollbackStage',
        dict(here, stageName='Deploy', targetPipelineExecutionId='e-1'), made)
    there = dict(here, stageName='Deploy', actionName='Approve', token='tok-1')
    one('approve', 'PutApprovalResult',
        dict(there, result={'summary': ODD, 'status': 'Approved'}))
    one('reject', 'PutApprovalResult',
        dict(there, result={'summary': '', 'status': 'Rejected'}))


def building():
    add('builds', 'codebuild', 'json',
        Call('BatchGetBuilds', {'ids': ['p:1', 'p:2']}), member('builds'))
    listed('project_builds', 'codebuild', 'json', 'ListBuildsForProject',
           {'projectName': ODD, 'sortOrder': 'DESCENDING'}, 'ids', 'nextToken')
    add('projects', 'codebuild', 'json',
        Call('BatchGetProjects', {'names': ['p', ODD]}), member('projects'))
    arn = 'arn:aws:%s:eu-west-1:111122223333:connection/u-1'
    for name, service in (('connection', 'codeconnections'),
                          ('connection_older', 'codestar-connections')):
        add(name, service, 'json',
            Call('GetConnection', {'ConnectionArn': arn % service}), member('Connection'))

    def status(value):
        def fix(document):
            document['Connection']['ConnectionStatus'] = value
        return fix
    add('wait_connection', 'codestar-connections', 'json',
        [Call('GetConnection', {'ConnectionArn': arn % 'codestar-connections'}, status(s))
         for s in ('PENDING', 'AVAILABLE')], lambda p: p[1]['Connection'])
    listed('connections', 'codeconnections', 'json', 'ListConnections',
           {'ProviderTypeFilter': 'GitHub'}, 'Connections')


def functions():
    def one(name, operation, params, want=whole, fix=None):
        add(name, 'lambda', 'rest-json', Call(operation, params, fix), want)

    one('function', 'GetFunction', {'FunctionName': ODD})
    one('function_configuration', 'GetFunctionConfiguration',
        {'FunctionName': 'arn:aws:lambda:eu-west-1:1:function:f', 'Qualifier': 'v & 1'})
    one('update_code_s3', 'UpdateFunctionCode', {
        'FunctionName': ODD, 'S3Bucket': 'bucket', 'S3Key': 'k/' + ODD,
        'S3ObjectVersion': 'v1',
        'Architectures': ['arm64'], 'RevisionId': 'r-1', 'Publish': True, 'DryRun': True})
    one('update_code_zip', 'UpdateFunctionCode',
        {'FunctionName': 'f', 'ZipFile': b'PK\3\4\0\xff\xfe'})
    one('lambda_limits', 'GetAccountSettings', {})

    def result(parsed):
        p = dict(parsed[0])
        p.pop('DurableExecutionArn', None)
        p['LogResult'] = base64.b64decode(p['LogResult']).decode() \
            if p.get('LogResult') else ''
        return p
    plain = {'DurableExecutionArn': None}
    one('invoke', 'Invoke', {
        'FunctionName': ODD, 'Qualifier': 'live', 'LogType': 'Tail',
        'InvocationType': 'RequestResponse', 'Payload': '{"a": "ä"}'.encode()},
        result, setting(StatusCode=200, FunctionError='Unhandled', ExecutedVersion='7',
                        LogResult=base64.b64encode('END ä\n'.encode()).decode(),
                        Payload=b'{"errorMessage": "x"}', **plain))
    quiet = dict(plain, FunctionError=None, LogResult=None, ExecutedVersion=None)
    one('invoke_async', 'Invoke', {
        'FunctionName': 'f', 'InvocationType': 'Event', 'LogType': 'None',
        'Payload': b'[]'}, result, setting(StatusCode=202, Payload=b'', **quiet))
    one('invoke_dry', 'Invoke', {
        'FunctionName': 'f', 'InvocationType': 'DryRun', 'LogType': 'None'},
        result, setting(StatusCode=204, Payload=b'', **quiet))


def telemetry():
    times = {'startTime': 1700000000123, 'endTime': 1800000000456}
    listed('filter_events', 'logs', 'json', 'FilterLogEvents', dict(
        times, logGroupName='/g/' + ODD, logStreamNames=['s1', ODD],
        filterPattern='{ $.a = "b" }'), 'events', 'nextToken')
    listed('filter_prefix', 'logs', 'json', 'FilterLogEvents',
           {'logGroupName': 'g', 'logStreamNamePrefix': '2026/', 'limit': 10000}, 'events',
           'nextToken')
    stream = dict(times, logGroupName='g', logStreamName=ODD, startFromHead=True)
    add('log_events', 'logs', 'json',
        [Call('GetLogEvents', dict(stream, nextToken=t), setting(nextForwardToken=n))
         for t, n in (('f/0', 'f/1'), ('f/1', 'f/2'), ('f/2', 'f/2'))],
        lambda p: {'events': joined('events')(p), 'token': 'f/2'})
    add('log_tail', 'logs', 'json',
        Call('GetLogEvents', {'logGroupName': 'g', 'logStreamName': ODD, 'limit': 50,
                              'startFromHead': False}), member('events'))
    listed('log_groups', 'logs', 'json', 'DescribeLogGroups',
           {'logGroupNamePrefix': '/aws/' + ODD}, 'logGroups', 'nextToken')
    listed('log_streams', 'logs', 'json', 'DescribeLogStreams',
           {'logGroupName': 'g', 'orderBy': 'LastEventTime', 'descending': True},
           'logStreams', 'nextToken')
    add('log_streams_cut', 'logs', 'json', Call('DescribeLogStreams', {
        'logGroupName': 'g', 'orderBy': 'LastEventTime', 'descending': True, 'limit': 1}),
        lambda p: p[0]['logStreams'][:1])
    queries = [
        {'Id': 'm1', 'ReturnData': False, 'MetricStat': {
            'Metric': {'Namespace': 'AWS/Lambda', 'MetricName': 'Duration',
                       'Dimensions': [{'Name': 'FunctionName', 'Value': ODD},
                                      {'Name': 'Resource', 'Value': 'f'}]},
            'Period': 60, 'Stat': 'p99.9'}},
        {'Id': 'e1', 'ReturnData': True, 'Label': ODD, 'Expression': 'm1 / 2',
         'Period': 300}]
    ask = {'MetricDataQueries': queries, 'StartTime': 1700000000,
           'EndTime': 1700003600, 'ScanBy': 'TimestampAscending'}
    calls = pages('GetMetricData', ask)
    for call in calls:
        call.fix = same_series(call.fix)
    add('metrics', 'cloudwatch', 'query', calls, series)


def same_series(fix):
    """Two series that go on over the pages, with as many values as moments."""
    def both(document):
        fix(document)
        one = document['MetricDataResults'][0]
        times = one['Timestamps']
        values = [i + 0.125 for i in range(len(times))]
        document['MetricDataResults'] = [
            dict(one, Id='a', Label=ODD, Values=values, StatusCode='Complete'),
            dict(one, Id='b', Label='', Values=values, StatusCode='PartialData')]
    return both


def series(parsed):
    found = []
    for page in parsed:
        for i, r in enumerate(page['MetricDataResults']):
            if i == len(found):
                found.append({'Id': r['Id'], 'Label': r['Label'], 'points': [],
                              'partial': r['StatusCode'] != 'Complete'})
            found[i]['points'] += [{'t': round(t.timestamp() * 1000), 'v': v}
                                   for t, v in zip(r['Timestamps'], r['Values'])]
    return found


def messaging():
    text = {'DataType': 'String'}
    add('publish', 'sns', 'query', Call('Publish', {
        'TopicArn': TOPIC, 'Subject': 's & s', 'Message': ODD, 'MessageAttributes': {
            'status': dict(text, StringValue='ok'), 'what': dict(text, StringValue=ODD)},
    }), nothing)
    listed('subscriptions', 'sns', 'query', 'ListSubscriptionsByTopic',
           {'TopicArn': TOPIC}, 'Subscriptions')
    add('topic_attributes', 'sns', 'query',
        Call('GetTopicAttributes', {'TopicArn': TOPIC}), member('Attributes'))

    def one(name, operation, params, want, fix=None):
        add(name, 'sqs', 'json', Call(operation, params, fix), want)

    here = {'QueueUrl': QUEUE}
    counts = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible',
              'ApproximateNumberOfMessagesDelayed']
    one('queue_url', 'GetQueueUrl', {'QueueName': 'q.fifo'}, member('QueueUrl'))
    one('queue_attributes', 'GetQueueAttributes', dict(here, AttributeNames=['All']),
        member('Attributes'))
    one('queue_count', 'GetQueueAttributes', dict(here, AttributeNames=counts),
        lambda p: 60, setting(Attributes=dict(zip(counts, ('10', '20', '30')))))
    one('send_message', 'SendMessage', dict(
        here, MessageBody=ODD, DelaySeconds=5, MessageGroupId='g',
        MessageDeduplicationId='d'), member('MessageId'))
    one('receive', 'ReceiveMessage', dict(
        here, AttributeNames=['All'], MessageAttributeNames=['All'],
        MaxNumberOfMessages=10, VisibilityTimeout=30, WaitTimeSeconds=20),
        member('Messages'))
    one('delete_message', 'DeleteMessage', dict(here, ReceiptHandle=ODD), nothing)
    one('redrive', 'StartMessageMoveTask', {
        'SourceArn': 'arn:aws:sqs:eu-west-1:1:dlq',
        'DestinationArn': 'arn:aws:sqs:eu-west-1:1:q',
        'MaxNumberOfMessagesPerSecond': 10}, member('TaskHandle'))


def others():
    add('parameter', 'ssm', 'json',
        Call('GetParameter', {'Name': '/a/' + ODD, 'WithDecryption': True}),
        lambda p: p[0]['Parameter']['Value'])
    names = ['/%d' % i for i in range(1, 12)]
    add('parameters', 'ssm', 'json',
        [Call('GetParameters', {'Names': some, 'WithDecryption': True})
         for some in (names[:10], names[10:])], joined('Parameters'))
    policy = json.dumps({'Statement': [{'Sid': ODD}]}, ensure_ascii=False)

    def role(document):
        document['Role']['AssumeRolePolicyDocument'] = percent(policy)
    add('role', 'iam', 'query', Call('GetRole', {'RoleName': ODD}, role),
        lambda p: dict(p[0]['Role'], AssumeRolePolicyDocument=policy))


def percent(text):
    return ''.join('%%%02X' % b for b in text.encode())


def identities():
    add('caller', 'sts', 'query', Call('GetCallerIdentity', {}), whole)
    role = {'RoleArn': 'arn:aws:iam::111122223333:role/p/r', 'RoleSessionName': 's@x'}

    def session(parsed):
        user = parsed[0]['AssumedRoleUser']
        return dict(parsed[0]['Credentials'], Arn=user['Arn'],
                    AssumedRoleId=user['AssumedRoleId'])
    add('assume_role', 'sts', 'query', Call('AssumeRole', dict(
        role, DurationSeconds=900, ExternalId='e&1', SerialNumber='arn:aws:iam::1:mfa/u',
        TokenCode='012345')), session)
    add('web_identity', 'sts', 'query', Call('AssumeRoleWithWebIdentity', dict(
        role, WebIdentityToken='abc.d+f/g=')), session, anonymous=True)


def objects():
    bucket, key = {'Bucket': 'bucket-1'}, 'a/ü b+c&d=e%20~<x>.txt'
    there = dict(bucket, Key=key)
    version = dict(there, VersionId='v&1')

    def one(name, calls, want=nothing):
        add(name, 's3', 'rest-xml', calls, want)

    # Checksums would have to be right, and there is none of what is not sent.
    def plain(**values):
        def fix(document):
            for member in [m for m in document if m.startswith('Checksum')]:
                del document[member]
            setting(**dict({'Expires': None, 'ExpiresString': None,
                            'ContentEncoding': None, 'ContentRange': None}, **values))(
                                document)
        return fix

    def shown(parsed):
        p = parsed[0]
        seen = {'size': p['ContentLength'], 'etag': p['ETag'], 'type': p['ContentType'],
                'version': p['VersionId']}
        return dict(seen, body=p['Body']) if 'Body' in p else seen
    ask = dict(version, ChecksumMode='ENABLED')
    one('head', Call('HeadObject', ask, plain()), shown)
    one('get', Call('GetObject', ask, plain(Body=b'hello', ContentLength=5)), shown)
    one('put', Call('PutObject', dict(
        there, Body=b'hello', ContentType='text/x; a=b',
        ChecksumCRC64NVME='M3eFcAZSQlc='), plain()))
    named = ('Key', 'ETag', 'LastModified', 'StorageClass', 'Size')
    one('list', truncated(pages('ListObjectsV2', dict(
        bucket, Prefix='a/ü &', EncodingType='url'), 'ContinuationToken',
        'NextContinuationToken'), EncodingType=None),
        lambda p: [{k: c[k] for k in named} for page in p for c in page['Contents']])
    one('bucket_region', Call('HeadBucket', bucket, setting(BucketRegion='eu-north-1')),
        lambda p: p[0]['BucketRegion'] if p[0] else 'eu-west-1')
    one('bucket_names', pages('ListBuckets', {'MaxBuckets': 1000}, 'ContinuationToken'),
        lambda p: [b['Name'] for page in p for b in page['Buckets']])
    one('delete_object', Call('DeleteObject', version))
    source = 'bucket-2/a/%C3%BC%20b%2Bc%26d%3De%2520~%3Cx%3E.txt?versionId=v%261'
    one('copy_object', [
        Call('HeadObject', dict(ask, Bucket='bucket-2'), plain(
            ETag='"e"', ContentLength=5, VersionId='v&1')),
        Call('CopyObject', {'Bucket': 'bucket-1', 'Key': 'k', 'CopySource': source,
                            'CopySourceIfMatch': '"e"'}, plain())],
        lambda p: p[1]['CopyObjectResult']['ETag'])

    def number(parsed):
        return sum(len(p[k]) for p in parsed for k in ('Versions', 'DeleteMarkers')
                   if k in p)
    every = dict(bucket, EncodingType='url')
    one('count_objects', truncated([
        Call('ListObjectVersions', every,
             setting(NextKeyMarker=TOKENS[0], NextVersionIdMarker=TOKENS[1])),
        Call('ListObjectVersions', dict(every, KeyMarker=TOKENS[0],
                                        VersionIdMarker=TOKENS[1]))],
        EncodingType=None), number)

    def listed_before(parsed):
        found = parsed[-1]['Versions'] + parsed[-1]['DeleteMarkers']
        return dict(bucket, ChecksumAlgorithm='SHA256', Delete={
            'Quiet': True, 'Objects': [{k: v[k] for k in ('Key', 'VersionId')}
                                       for v in found]})
    one('empty_bucket', [
        Call('ListObjectVersions', every, setting(IsTruncated=False, EncodingType=None)),
        Call('DeleteObjects', listed_before, setting(Errors=None)),
        Call('ListObjectVersions', every, setting(IsTruncated=False), length=0)],
        lambda p: number(p[:1]))
    one('delete_bucket', Call('DeleteBucket', bucket))


def truncated(calls, **more):
    """All but the last page say that another follows."""
    for call in calls:
        call.fix = both(call.fix, setting(IsTruncated=call is not calls[-1], **more))
    return calls


def both(first, second):
    def fix(document):
        if first:
            first(document)
        second(document)
    return fix


for subject in (cloudformation, pipelines, building, functions, telemetry, messaging,
                others, identities, objects):
    subject()
