"""STS, IAM, SNS and CloudWatch Logs."""
import datetime
import json
import time

from check import ACCOUNT, REGION, case, client, equal, is_time, pages, refused, within

sts, iam, sns, logs = (client(s) for s in ('sts', 'iam', 'sns', 'logs'))
TRUST = json.dumps({'Version': '2012-10-17', 'Statement': [
    {'Effect': 'Allow', 'Principal': {'Service': 'lambda.amazonaws.com'},
     'Action': 'sts:AssumeRole'}]})
ALLOW = {'Version': '2012-10-17', 'Statement': [
    {'Effect': 'Allow', 'Action': ['s3:GetObject'], 'Resource': 'arn:aws:s3:::a/*'}]}


def need(answer, *members):
    for m in members:
        assert m in answer, f'{m} is missing in {answer}'


@case
def identity():
    """who am I"""
    answer = sts.get_caller_identity()
    need(answer, 'UserId', 'Arn')
    equal(answer['Account'], ACCOUNT)


@case
def assumed_role():
    """assume a role, act as it, and be told when its time is over"""
    role = iam.create_role(RoleName='botocore-assumed', AssumeRolePolicyDocument=json.dumps(
        {'Version': '2012-10-17', 'Statement': [{'Effect': 'Allow', 'Principal': {'AWS': ACCOUNT},
                                                 'Action': 'sts:AssumeRole'}]}))['Role']
    answer = sts.assume_role(RoleArn=role['Arn'], RoleSessionName='me', DurationSeconds=900)
    c = answer['Credentials']
    left = (c['Expiration'] - datetime.datetime.now(datetime.timezone.utc)).total_seconds()
    assert 880 < left <= 901, left
    equal(answer['AssumedRoleUser']['Arn'],
          f'arn:aws:sts::{ACCOUNT}:assumed-role/botocore-assumed/me')
    keys = (c['AccessKeyId'], c['SecretAccessKey'], c['SessionToken'])
    equal(client('sts', keys=keys).get_caller_identity()['Arn'], answer['AssumedRoleUser']['Arn'])
    client('s3', keys=keys).list_buckets()
    refused('InvalidClientTokenId', client('sts', keys=keys[:2] + ('x',)).get_caller_identity)
    refused('UnrecognizedClientException', client('logs', keys=keys[:2] + (None,))
            .describe_log_groups)
    refused('InvalidToken', client('s3', keys=keys[:2] + (None,)).list_buckets)
    refused('ValidationError', sts.assume_role, RoleArn=role['Arn'], RoleSessionName='me',
            DurationSeconds=899999)


@case
def wrong_signatures():
    """a wrong signature by each protocol's code and status"""
    keys = ('AKIAIOSFODNN7EXAMPLE', 'secret', None)
    for service, call, code in (
            ('sts', 'get_caller_identity', 'InvalidClientTokenId'),
            ('iam', 'list_roles', 'InvalidClientTokenId'),
            ('sns', 'list_topics', 'InvalidClientTokenId'),
            ('cloudformation', 'list_stacks', 'InvalidClientTokenId'),
            ('logs', 'describe_log_groups', 'UnrecognizedClientException'),
            ('lambda', 'list_functions', 'UnrecognizedClientException')):
        refused(code, getattr(client(service, keys=keys), call), status=403)


@case
def not_implemented():
    """what no service here does says NotImplemented, and which operation it was"""
    arn = f'arn:aws:sns:{REGION}:{ACCOUNT}:x'
    for service, call, kwargs in (
            ('sts', 'get_session_token', {}), ('iam', 'list_users', {}),
            ('sns', 'list_platform_applications', {}),
            ('sns', 'confirm_subscription', {'TopicArn': arn, 'Token': 'x'}),
            ('logs', 'describe_queries', {}), ('lambda', 'list_layers', {}),
            ('cloudformation', 'list_stack_sets', {}),
            ('redshift', 'describe_clusters', {}), ('dynamodb', 'list_tables', {}),
            ('ec2', 'describe_vpcs', {}), ('apigateway', 'get_rest_apis', {})):
        e = refused('NotImplemented', getattr(client(service), call), status=501, **kwargs)
        assert e.response['Error']['Message'], e.response


@case
def internal_operations():
    """what services say to each other is not for clients"""
    from botocore.model import OperationModel  # noqa: F401
    for service, call, inner in (('sns', 'list_topics', 'FpctlMayPublish'),
                                 ('iam', 'list_roles', 'FpctlReplacePolicy'),
                                 ('cloudformation', 'list_stacks', 'FpctlExecute')):
        c = client(service)

        def other(params, inner=inner, **_):
            params['body']['Action'] = inner
        c.meta.events.register('before-call', other)
        refused('NotImplemented', getattr(c, call))
    c = client('logs')
    c.meta.events.register('before-call', lambda params, **_: params['headers'].__setitem__(
        'X-Amz-Target', 'Logs_20140328.FpctlPutLines'))
    refused('NotImplemented', c.describe_log_groups)


@case
def roles():
    """a role's life: made, got, listed in pages, changed, tagged, deleted"""
    made = iam.create_role(RoleName='botocore-role', Path='/p/', AssumeRolePolicyDocument=TRUST,
                           Description='ü', MaxSessionDuration=7200,
                           Tags=[{'Key': 'a', 'Value': 'b'}])['Role']
    need(made, 'RoleId')
    equal(made['Arn'], f'arn:aws:iam::{ACCOUNT}:role/p/botocore-role')
    is_time(made['CreateDate'])
    got = iam.get_role(RoleName='botocore-role')['Role']
    equal((got['Description'], got['MaxSessionDuration'], got['Tags']),
          ('ü', 7200, [{'Key': 'a', 'Value': 'b'}]))
    equal(got['AssumeRolePolicyDocument'], json.loads(TRUST))
    iam.get_waiter('role_exists').wait(RoleName='botocore-role')
    for n in range(5):
        iam.create_role(RoleName=f'page-{n}', Path='/pages/', AssumeRolePolicyDocument=TRUST)
    found, n = pages(iam, 'list_roles', 'Roles', 2, PathPrefix='/pages/')
    equal(([r['RoleName'] for r in found], n), ([f'page-{n}' for n in range(5)], 3))
    is_time(found[0]['CreateDate'])
    equal(found[0]['AssumeRolePolicyDocument'], json.loads(TRUST))
    iam.update_role(RoleName='botocore-role', Description='new')
    iam.update_assume_role_policy(RoleName='botocore-role', PolicyDocument=TRUST)
    iam.tag_role(RoleName='botocore-role', Tags=[{'Key': 'c', 'Value': 'd'}])
    iam.untag_role(RoleName='botocore-role', TagKeys=['a'])
    equal(iam.list_role_tags(RoleName='botocore-role')['Tags'], [{'Key': 'c', 'Value': 'd'}])
    try:
        iam.create_role(RoleName='botocore-role', AssumeRolePolicyDocument=TRUST)
        raise AssertionError('made twice')
    except iam.exceptions.EntityAlreadyExistsException:
        pass
    refused('MalformedPolicyDocument', iam.create_role, RoleName='bad',
            AssumeRolePolicyDocument='{"no": "policy"')
    iam.delete_role(RoleName='botocore-role')
    try:
        iam.get_role(RoleName='botocore-role')
        raise AssertionError('still there')
    except iam.exceptions.NoSuchEntityException as e:
        equal(e.response['ResponseMetadata']['HTTPStatusCode'], 404)


@case
def policies():
    """inline and managed policies of a role"""
    iam.create_role(RoleName='botocore-policies', AssumeRolePolicyDocument=TRUST)
    role = {'RoleName': 'botocore-policies'}
    for n in range(3):
        iam.put_role_policy(PolicyName=f'p{n}', PolicyDocument=json.dumps(ALLOW), **role)
    found, n = pages(iam, 'list_role_policies', 'PolicyNames', 2, **role)
    equal((found, n), (['p0', 'p1', 'p2'], 2))
    got = iam.get_role_policy(PolicyName='p1', **role)
    equal(got['PolicyDocument'], ALLOW)
    made = iam.create_policy(PolicyName='botocore-managed', PolicyDocument=json.dumps(ALLOW))['Policy']
    is_time(made['CreateDate'])
    need(made, 'PolicyId', 'DefaultVersionId', 'AttachmentCount')
    version = iam.get_policy_version(PolicyArn=made['Arn'], VersionId='v1')['PolicyVersion']
    equal((version['Document'], version['IsDefaultVersion']), (ALLOW, True))
    iam.attach_role_policy(PolicyArn=made['Arn'], **role)
    iam.attach_role_policy(PolicyArn='arn:aws:iam::aws:policy/ReadOnlyAccess', **role)
    attached, n = pages(iam, 'list_attached_role_policies', 'AttachedPolicies', 1, **role)
    equal((sorted(a['PolicyName'] for a in attached), n), (['ReadOnlyAccess', 'botocore-managed'], 2))
    equal(iam.get_policy(PolicyArn=made['Arn'])['Policy']['AttachmentCount'], 1)
    refused('DeleteConflict', iam.delete_role, status=409, **role)
    refused('DeleteConflict', iam.delete_policy, PolicyArn=made['Arn'])
    assert made['Arn'] in [p['Arn'] for p in pages(iam, 'list_policies', 'Policies', 1,
                                                    Scope='Local')[0]]
    for a in attached:
        iam.detach_role_policy(PolicyArn=a['PolicyArn'], **role)
    for name in found:
        iam.delete_role_policy(PolicyName=name, **role)
    refused('NoSuchEntity', iam.get_role_policy, PolicyName='p1', status=404, **role)
    refused('MalformedPolicyDocument', iam.put_role_policy, PolicyName='p', PolicyDocument='x',
            **role)
    iam.delete_policy(PolicyArn=made['Arn'])
    iam.delete_role(**role)


@case
def topics():
    """topics: made twice, listed in pages, attributes, tags, deleted"""
    arns = [sns.create_topic(Name=f'botocore-{n:03}')['TopicArn'] for n in range(105)]
    equal(sns.create_topic(Name='botocore-000')['TopicArn'], arns[0])
    found, n = pages(sns, 'list_topics', 'Topics')
    assert n >= 2 and set(arns) <= {t['TopicArn'] for t in found}, n
    sns.set_topic_attributes(TopicArn=arns[0], AttributeName='DisplayName', AttributeValue='ü <&>')
    got = sns.get_topic_attributes(TopicArn=arns[0])['Attributes']
    equal((got['DisplayName'], got['Owner'], got['SubscriptionsConfirmed']), ('ü <&>', ACCOUNT, '0'))
    json.loads(got['Policy'])
    sns.tag_resource(ResourceArn=arns[0], Tags=[{'Key': 'a', 'Value': ''}, {'Key': 'b', 'Value': 'x'}])
    sns.untag_resource(ResourceArn=arns[0], TagKeys=['b'])
    equal(sns.list_tags_for_resource(ResourceArn=arns[0])['Tags'], [{'Key': 'a', 'Value': ''}])
    for arn in arns:
        sns.delete_topic(TopicArn=arn)
    try:
        sns.get_topic_attributes(TopicArn=arns[0])
        raise AssertionError('still there')
    except sns.exceptions.NotFoundException as e:
        equal(e.response['ResponseMetadata']['HTTPStatusCode'], 404)
    try:
        sns.create_topic(Name='not a name')
        raise AssertionError('made')
    except sns.exceptions.InvalidParameterException:
        pass


@case
def subscriptions():
    """subscriptions: in pages, attributes, filter policies, gone with their topic"""
    topic = sns.create_topic(Name='botocore-subs')['TopicArn']
    arns = {sns.subscribe(TopicArn=topic, Protocol='email', Endpoint=f'a{n}@b.example',
                          ReturnSubscriptionArn=True)['SubscriptionArn'] for n in range(103)}
    found, n = pages(sns, 'list_subscriptions_by_topic', 'Subscriptions', TopicArn=topic)
    equal(({s['SubscriptionArn'] for s in found}, n), (arns, 2))
    assert arns <= {s['SubscriptionArn'] for s in pages(sns, 'list_subscriptions',
                                                       'Subscriptions')[0]}
    for s in found[:1]:
        need(s, 'Owner', 'Protocol', 'Endpoint', 'TopicArn')
    one = found[0]['SubscriptionArn']
    policy = json.dumps({'status': ['failed'], 'size': [{'numeric': ['>', 5]}]})
    sns.set_subscription_attributes(SubscriptionArn=one, AttributeName='FilterPolicy',
                                    AttributeValue=policy)
    got = sns.get_subscription_attributes(SubscriptionArn=one)['Attributes']
    equal((json.loads(got['FilterPolicy']), got['PendingConfirmation']),
          (json.loads(policy), 'false'))
    refused('InvalidParameter', sns.set_subscription_attributes, SubscriptionArn=one,
            AttributeName='FilterPolicy', AttributeValue='{"a": 1}')
    equal(sns.get_topic_attributes(TopicArn=topic)['Attributes']['SubscriptionsConfirmed'], '103')
    sns.unsubscribe(SubscriptionArn=one)
    refused('NotFound', sns.get_subscription_attributes, SubscriptionArn=one, status=404)
    refused('InvalidParameter', sns.subscribe, TopicArn=topic, Protocol='email', Endpoint='nobody')
    refused('NotImplemented', sns.subscribe, TopicArn=topic, Protocol='sms', Endpoint='+15555550100')
    sns.delete_topic(TopicArn=topic)
    equal(sns.list_subscriptions().get('Subscriptions'), [])


@case
def publishing():
    """publish: attributes of each type, structure, limits; a batch with a bad entry"""
    topic = sns.create_topic(Name='botocore-publish')['TopicArn']
    told = sns.publish(TopicArn=topic, Message='ü 🎈 <&>', Subject='s', MessageAttributes={
        'text': {'DataType': 'String', 'StringValue': 'ü'},
        'number': {'DataType': 'Number', 'StringValue': '12.5'},
        'list': {'DataType': 'String.Array', 'StringValue': '["a",1]'},
        'bytes': {'DataType': 'Binary', 'BinaryValue': b'\x00\xff'}})
    assert len(told['MessageId']) == 36, told
    sns.publish(TopicArn=topic, MessageStructure='json', Message=json.dumps({'default': 'd'}))
    sns.publish(TargetArn=topic, Message='x' * 262144)
    for wrong in ({'Message': 'x' * 262145}, {'Message': ''},
                  {'Message': '{}', 'MessageStructure': 'json'},
                  {'Message': 'm', 'Subject': 'a\nb'}, {'Message': 'm', 'Subject': 'x' * 101}):
        refused('InvalidParameter', sns.publish, TopicArn=topic, status=400, **wrong)
    refused('ParameterValueInvalid', sns.publish, TopicArn=topic, Message='m',
            MessageAttributes={'a': {'DataType': 'Odd', 'StringValue': 'x'}})
    refused('NotFound', sns.publish, TopicArn=topic + '-none', Message='m', status=404)
    entry = [{'Id': str(n), 'Message': f'm{n}'} for n in range(3)]
    entry[1]['MessageAttributes'] = {'a': {'DataType': 'Odd', 'StringValue': 'x'}}
    told = sns.publish_batch(TopicArn=topic, PublishBatchRequestEntries=entry)
    equal([s['Id'] for s in told['Successful']], ['0', '2'])
    failed = told['Failed'][0]
    equal((failed['Id'], failed['SenderFault'], failed['Code']),
          ('1', True, 'ParameterValueInvalid'))
    refused('BatchEntryIdsNotDistinct', sns.publish_batch, TopicArn=topic,
            PublishBatchRequestEntries=[entry[0], entry[0]])
    refused('TooManyEntriesInBatchRequest', sns.publish_batch, TopicArn=topic,
            PublishBatchRequestEntries=[{'Id': str(n), 'Message': 'm'} for n in range(11)])


@case
def groups_and_streams():
    """log groups and streams: in pages, retention, tags, made twice, deleted"""
    for n in range(5):
        logs.create_log_group(logGroupName=f'/botocore/{n}', tags={'a': 'ü'})
    found, n = pages(logs, 'describe_log_groups', 'logGroups', 2, logGroupNamePrefix='/botocore/')
    equal(([g['logGroupName'] for g in found], n), ([f'/botocore/{n}' for n in range(5)], 3))
    need(found[0], 'arn', 'creationTime', 'storedBytes')
    assert isinstance(found[0]['creationTime'], int), found[0]
    group = {'logGroupName': '/botocore/0'}
    logs.put_retention_policy(retentionInDays=30, **group)
    equal(logs.describe_log_groups(logGroupNamePrefix='/botocore/0')['logGroups'][0]
          ['retentionInDays'], 30)
    logs.delete_retention_policy(**group)
    refused('InvalidParameterException', logs.put_retention_policy, retentionInDays=31, **group)
    equal(logs.list_tags_log_group(**group)['tags'], {'a': 'ü'})
    logs.tag_log_group(tags={'b': 'c'}, **group)
    logs.untag_log_group(tags=['a'], **group)
    equal(logs.list_tags_for_resource(resourceArn=found[0]['arn'].rstrip(':*'))['tags'], {'b': 'c'})
    for n in range(5):
        logs.create_log_stream(logStreamName=f's{n}', **group)
    streams, n = pages(logs, 'describe_log_streams', 'logStreams', 2, **group)
    equal(([s['logStreamName'] for s in streams], n), ([f's{n}' for n in range(5)], 3))
    for call, kwargs, wrong in (
            (logs.create_log_group, group, logs.exceptions.ResourceAlreadyExistsException),
            (logs.create_log_stream, {'logStreamName': 's0', **group},
             logs.exceptions.ResourceAlreadyExistsException),
            (logs.delete_log_group, {'logGroupName': 'none'},
             logs.exceptions.ResourceNotFoundException),
            (logs.get_log_events, {'logStreamName': 'none', **group},
             logs.exceptions.ResourceNotFoundException),
            (logs.create_log_group, {'logGroupName': 'a b'},
             logs.exceptions.InvalidParameterException)):
        try:
            call(**kwargs)
            raise AssertionError(f'no {wrong.__name__}')
        except wrong:
            pass
    logs.delete_log_stream(logStreamName='s0', **group)
    logs.delete_log_group(**group)


@case
def log_events():
    """log events: put, got both ways, filtered in pages, refused when malformed"""
    group = {'logGroupName': '/botocore/events'}
    logs.create_log_group(**group)
    now = int(time.time() * 1000)
    for s in ('a', 'b'):
        logs.create_log_stream(logStreamName=s, **group)
        logs.put_log_events(logStreamName=s, logEvents=[
            {'timestamp': now + n, 'message': json.dumps({'n': n, 's': s, 't': 'ü\n\t"'}, ensure_ascii=False)}
            for n in range(25)], **group)
    got = logs.get_log_events(logStreamName='a', startFromHead=True, limit=10, **group)
    equal([json.loads(e['message'])['n'] for e in got['events']], list(range(10)))
    need(got['events'][0], 'timestamp', 'ingestionTime')
    more = logs.get_log_events(logStreamName='a', nextToken=got['nextForwardToken'], **group)
    equal(len(more['events']), 15)
    end = logs.get_log_events(logStreamName='a', nextToken=more['nextForwardToken'], **group)
    equal((end['events'], end['nextForwardToken']), ([], more['nextForwardToken']))
    last = logs.get_log_events(logStreamName='a', limit=5, **group)
    equal([json.loads(e['message'])['n'] for e in last['events']], list(range(20, 25)))
    found, n = pages(logs, 'filter_log_events', 'events', 7, **group)
    equal((len(found), n), (50, 8))
    need(found[0], 'eventId', 'logStreamName', 'timestamp', 'ingestionTime', 'message')
    equal(len({e['eventId'] for e in found}), 50)
    equal([e['timestamp'] for e in found], sorted(e['timestamp'] for e in found))
    for pattern, want in (('{ $.n = 3 }', 2), ('{ $.n >= 20 && $.s = "b" }', 5), ('"nothing"', 0),
                          ('ü', 50), ('', 50)):
        equal((pattern, len(pages(logs, 'filter_log_events', 'events', filterPattern=pattern,
                                  **group)[0])), (pattern, want))
    equal(len(logs.filter_log_events(logStreamNames=['b'], **group)['events']), 25)
    equal(len(logs.filter_log_events(startTime=now + 5, endTime=now + 9, **group)['events']), 10)
    refused('InvalidParameterException', logs.filter_log_events, filterPattern='{ $.n = ', **group)
    refused('InvalidParameterException', logs.filter_log_events, nextToken='x', **group)
    refused('InvalidParameterException', logs.put_log_events, logStreamName='a', logEvents=[
        {'timestamp': now + 100, 'message': 'x'}, {'timestamp': now, 'message': 'x'}], **group)
    told = logs.put_log_events(logStreamName='a', logEvents=[
        {'timestamp': now - 15 * 86400000, 'message': 'old'}], **group)
    need(told, 'rejectedLogEventsInfo')
    stream = logs.describe_log_streams(logStreamNamePrefix='b', **group)['logStreams'][0]
    equal((stream['firstEventTimestamp'], stream['lastEventTimestamp']), (now, now + 24))
    within(5, lambda: logs.describe_log_groups(
        logGroupNamePrefix='/botocore/events')['logGroups'][0]['storedBytes'] >= 0)


@case
def nul_in_texts():
    """a NUL in a text is refused, not the end of it"""
    topic = sns.create_topic(Name='botocore-nul')['TopicArn']
    refused('MalformedQueryString', sns.publish, TopicArn=topic, Message='a\0b')
    logs.create_log_group(logGroupName='nul')
    refused('SerializationException', logs.tag_log_group, logGroupName='nul', tags={'a': 'b\0c'})
