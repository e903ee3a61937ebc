"""SQS in the client's own protocol (Query before botocore 1.31, JSON since), and what
S3, SNS and Lambda do with queues."""
import hashlib
import json
import threading
import time

import functions as fn
from check import ACCOUNT, REGION, VERSION, case, client, equal, pages, refused, within

sqs, sns, s3 = client('sqs'), client('sns'), client('s3')
NONE = 'AWS.SimpleQueueService.NonExistentQueue'


def make(name, policy_for=None, **attributes):
    """A queue's URL and ARN; `policy_for` is a service that may send to it."""
    arn = f'arn:aws:sqs:{REGION}:{ACCOUNT}:{name}'
    if policy_for:
        attributes['Policy'] = json.dumps({'Version': '2012-10-17', 'Statement': [
            {'Effect': 'Allow', 'Principal': {'Service': policy_for}, 'Action': 'sqs:SendMessage',
             'Resource': arn}]})
    return sqs.create_queue(QueueName=name, Attributes=attributes)['QueueUrl'], arn


def receive(url, wait=10, **kwargs):
    return sqs.receive_message(QueueUrl=url, WaitTimeSeconds=wait, **kwargs).get('Messages', [])


def counts(url):
    found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=['All'])['Attributes']
    return tuple(int(found[f'ApproximateNumberOfMessages{n}']) for n in ('', 'NotVisible', 'Delayed'))


@case
def queue_life():
    """create, describe, change, list, tag and delete queues"""
    url, arn = make('life', VisibilityTimeout='7')
    equal(make('life', VisibilityTimeout='7')[0], url)
    equal(sqs.get_queue_url(QueueName='life')['QueueUrl'], url)
    refused('QueueAlreadyExists', make, 'life', VisibilityTimeout='8', status=400)
    found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=['All'])['Attributes']
    equal((found['QueueArn'], found['VisibilityTimeout'], found['DelaySeconds']), (arn, '7', '0'))
    sqs.set_queue_attributes(QueueUrl=url, Attributes={'DelaySeconds': '3'})
    found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=['DelaySeconds', 'QueueArn'])
    equal(found['Attributes'], {'DelaySeconds': '3', 'QueueArn': arn})
    sqs.tag_queue(QueueUrl=url, Tags={'a': 'ü', 'b': 'c'})
    sqs.untag_queue(QueueUrl=url, TagKeys=['b'])
    equal(sqs.list_queue_tags(QueueUrl=url)['Tags'], {'a': 'ü'})
    for n in range(5):
        make(f'page-{n}')
    found, n = pages(sqs, 'list_queues', 'QueueUrls', 2, QueueNamePrefix='page-')
    equal(([u.rsplit('/', 1)[1] for u in found], n), ([f'page-{k}' for k in range(5)], 3))
    sqs.delete_queue(QueueUrl=url)
    refused(NONE, sqs.get_queue_url, QueueName='life', status=400)


@case
def queue_errors():
    """errors of queues, as their classes too"""
    try:
        sqs.get_queue_url(QueueName='nothing')
    except sqs.exceptions.QueueDoesNotExist:
        pass
    url, _ = make('errors')
    for attributes, code in (({'VisibilityTimeout': 'x'}, 'InvalidAttributeValue'),
                             ({'Nothing': 'x'}, 'InvalidAttributeName'),
                             ({'RedrivePolicy': '{}'}, 'InvalidParameterValue')):
        refused(code, sqs.set_queue_attributes, QueueUrl=url, Attributes=attributes, status=400)
    refused('NotImplemented', sqs.create_queue, QueueName='x.fifo', says='FIFO',
            Attributes={'FifoQueue': 'true'}, status=501)
    refused('ReceiptHandleIsInvalid', sqs.delete_message, QueueUrl=url, ReceiptHandle='x')
    refused('InvalidMessageContents', sqs.send_message, QueueUrl=url, MessageBody='a\x02')
    refused('InvalidParameterValue', sqs.send_message, QueueUrl=url, MessageBody='x' * 1048577)
    refused('AWS.SimpleQueueService.EmptyBatchRequest', sqs.send_message_batch, QueueUrl=url,
            Entries=[])


@case
def message_life():
    """send, receive, hide and delete messages with attributes"""
    url, _ = make('messages', VisibilityTimeout='60')
    body = 'ü 🎈 <&>"\'\\ \r\n\t' * 100
    sent = sqs.send_message(QueueUrl=url, MessageBody=body, MessageAttributes={
        'n': {'DataType': 'Number', 'StringValue': '1'},
        'b': {'DataType': 'Binary', 'BinaryValue': b'\x00\x01'},
        's': {'DataType': 'String', 'StringValue': 'x'}})
    equal(sent['MD5OfMessageBody'], hashlib.md5(body.encode()).hexdigest())
    equal(sent['MD5OfMessageAttributes'], 'e8fd96fba13158785b45408c35002cc8')
    got = receive(url, AttributeNames=['All'], MessageAttributeNames=['All'])[0]
    equal((got['Body'], got['MessageId']), (body, sent['MessageId']))
    equal(got['MessageAttributes']['b']['BinaryValue'], b'\x00\x01')
    equal(got['MD5OfMessageAttributes'], sent['MD5OfMessageAttributes'])
    equal(got['Attributes']['ApproximateReceiveCount'], '1')
    equal(receive(url, 0), [])
    equal(counts(url), (0, 1, 0))
    handle = {'QueueUrl': url, 'ReceiptHandle': got['ReceiptHandle']}
    sqs.change_message_visibility(VisibilityTimeout=0, **handle)
    again = receive(url)[0]
    sqs.delete_message(**handle)
    equal(counts(url), (0, 1, 0))
    sqs.delete_message(QueueUrl=url, ReceiptHandle=again['ReceiptHandle'])
    equal(counts(url), (0, 0, 0))


@case
def message_batches():
    """batches, of which each entry succeeds or fails alone"""
    url, _ = make('batches')
    sent = sqs.send_message_batch(QueueUrl=url, Entries=[
        {'Id': str(n), 'MessageBody': f'message {n}'} for n in range(9)] + [
        {'Id': 'bad', 'MessageBody': '\x01'}])
    equal(len(sent['Successful']), 9)
    equal([(f['Id'], f['Code'], f['SenderFault']) for f in sent['Failed']],
          [('bad', 'InvalidMessageContents', True)])
    got = receive(url, MaxNumberOfMessages=10)
    equal(sorted(m['Body'] for m in got), [f'message {n}' for n in range(9)])
    entries = [{'Id': str(n), 'ReceiptHandle': m['ReceiptHandle']} for n, m in enumerate(got)]
    changed = sqs.change_message_visibility_batch(
        QueueUrl=url, Entries=[e | {'VisibilityTimeout': 100} for e in entries])
    equal(len(changed['Successful']), 9)
    equal(len(sqs.delete_message_batch(QueueUrl=url, Entries=entries)['Successful']), 9)
    sqs.send_message(QueueUrl=url, MessageBody='late', DelaySeconds=900)
    equal(counts(url), (0, 0, 1))
    sqs.purge_queue(QueueUrl=url)
    equal(counts(url), (0, 0, 0))


@case
def long_polling():
    """long polling ends with the message, for each of several who wait"""
    url, _ = make('polled')
    found = []
    waiting = [threading.Thread(target=lambda: found.extend(receive(url, 20))) for _ in range(4)]
    for w in waiting:
        w.start()
    time.sleep(0.3)
    began = time.time()
    for n in range(4):
        sqs.send_message(QueueUrl=url, MessageBody=str(n))
    for w in waiting:
        w.join()
    equal(sorted(m['Body'] for m in found), ['0', '1', '2', '3'])
    assert time.time() - began < 15, 'they waited for the time to end'


@case
def dead_letters():
    """a message that fails too often goes to the dead-letter queue"""
    letters, arn = make('letters')
    url, own = make('source', VisibilityTimeout='0', RedrivePolicy=json.dumps(
        {'deadLetterTargetArn': arn, 'maxReceiveCount': 2}))
    equal(sqs.list_dead_letter_source_queues(QueueUrl=letters)['queueUrls'], [url])
    sqs.send_message(QueueUrl=url, MessageBody='poison')
    equal([len(receive(url, 0)) for _ in range(3)], [1, 1, 0])
    got = receive(letters, AttributeNames=['All'])[0]
    equal(got['Body'], 'poison')
    if VERSION >= (1, 31):
        equal(got['Attributes']['DeadLetterQueueSourceArn'], own)


@case
def objects_to_queues():
    """S3 tells a queue of its objects, once its policy lets the bucket in"""
    closed, arn = make('closed')
    s3.create_bucket(Bucket='to-queues')
    rule = {'Events': ['s3:ObjectCreated:*'], 'Filter': {'Key': {'FilterRules': [
        {'Name': 'suffix', 'Value': '.csv'}]}}}

    def configure(queue):
        s3.put_bucket_notification_configuration(Bucket='to-queues', NotificationConfiguration={
            'QueueConfigurations': [rule | {'QueueArn': queue}]})
    refused('InvalidArgument', configure, arn, says='Unable to validate')
    url, arn = make('objects', 's3.amazonaws.com')
    configure(arn)
    got = s3.get_bucket_notification_configuration(Bucket='to-queues')['QueueConfigurations'][0]
    equal(got['QueueArn'], arn)
    test = receive(url)[0]
    equal(json.loads(test['Body'])['Event'], 's3:TestEvent')
    s3.put_object(Bucket='to-queues', Key='other.txt', Body=b'x')
    s3.put_object(Bucket='to-queues', Key='a b.csv', Body=b'x')
    record = json.loads(receive(url)[0]['Body'])['Records'][0]
    equal((record['s3']['object']['key'], record['eventName']), ('a+b.csv', 'ObjectCreated:Put'))
    equal(counts(closed), (0, 0, 0))


@case
def topics_to_queues():
    """SNS sends to queues, plain, raw and filtered"""
    topic = sns.create_topic(Name='to-queues')['TopicArn']
    plain, plain_arn = make('plain', 'sns.amazonaws.com')
    raw, raw_arn = make('raw', 'sns.amazonaws.com')
    picky, picky_arn = make('picky', 'sns.amazonaws.com')
    closed, closed_arn = make('shut')
    for arn, attributes in ((plain_arn, {}), (closed_arn, {}),
                            (raw_arn, {'RawMessageDelivery': 'true'}),
                            (picky_arn, {'FilterPolicyScope': 'MessageBody', 'FilterPolicy': json.dumps(
                                {'file': {'size': [{'numeric': ['>', 9]}]}})})):
        sns.subscribe(TopicArn=topic, Protocol='sqs', Endpoint=arn, Attributes=attributes)
    for size in (1, 10):
        sns.publish(TopicArn=topic, Subject='s', Message=json.dumps({'file': {'size': size}}),
                    MessageAttributes={'status': {'DataType': 'String', 'StringValue': 'ok'}})
    within(10, lambda: counts(plain)[0] == 2 and counts(raw)[0] == 2 and counts(picky)[0] == 1)
    got = json.loads(receive(plain)[0]['Body'])
    equal((got['Type'], got['TopicArn'], got['Subject']), ('Notification', topic, 's'))
    equal(got['MessageAttributes'], {'status': {'Type': 'String', 'Value': 'ok'}})
    got = receive(raw, MessageAttributeNames=['All'])[0]
    equal(json.loads(got['Body'])['file']['size'] in (1, 10), True)
    equal(got['MessageAttributes']['status']['StringValue'], 'ok')
    equal(json.loads(json.loads(receive(picky)[0]['Body'])['Message'])['file']['size'], 10)
    equal(counts(closed), (0, 0, 0))


# A runtime that refuses the messages whose body is "bad".
PARTIAL = r'''#!/usr/bin/env python3
import http.client, json, os
api = http.client.HTTPConnection(os.environ['AWS_LAMBDA_RUNTIME_API'])
base = '/2018-06-01/runtime/invocation/'
while True:
    api.request('GET', base + 'next')
    answer = api.getresponse()
    records = json.loads(answer.read())['Records']
    bad = [{'itemIdentifier': r['messageId']} for r in records if r['body'] == 'bad']
    api.request('POST', base + answer.headers['Lambda-Runtime-Aws-Request-Id'] + '/response',
                json.dumps({'batchItemFailures': bad}))
    api.getresponse().read()
'''


@case
def event_source_mappings():
    """a queue's messages reach the function; those that it refuses come again, then go to the dead letters"""
    letters, letters_arn = make('refused')
    url, arn = make('mapped', VisibilityTimeout='3', RedrivePolicy=json.dumps(
        {'deadLetterTargetArn': letters_arn, 'maxReceiveCount': 2}))
    fn.make('mapped')
    fn.functions.update_function_code(FunctionName='mapped', ZipFile=fn.zipped(PARTIAL))
    refused('InvalidParameterValueException', fn.functions.create_event_source_mapping,
            EventSourceArn=arn + '-not', FunctionName='mapped', status=400)
    made = fn.functions.create_event_source_mapping(
        EventSourceArn=arn, FunctionName='mapped', BatchSize=5,
        FunctionResponseTypes=['ReportBatchItemFailures'])
    equal((made['BatchSize'], made['State']), (5, 'Enabled'))
    refused('ResourceConflictException', fn.functions.create_event_source_mapping,
            EventSourceArn=arn, FunctionName='mapped', status=409)
    sqs.send_message_batch(QueueUrl=url, Entries=[
        {'Id': str(n), 'MessageBody': 'bad' if n == 3 else 'good'} for n in range(8)])
    within(20, lambda: sum(counts(url)) == 1)
    equal(within(20, lambda: receive(letters, 2))[0]['Body'], 'bad')
    equal(counts(url), (0, 0, 0))
    found = fn.functions.list_event_source_mappings(FunctionName='mapped')['EventSourceMappings']
    equal([m['UUID'] for m in found], [made['UUID']])
    changed = fn.functions.update_event_source_mapping(UUID=made['UUID'], Enabled=False)
    equal(changed['State'], 'Disabled')
    fn.functions.delete_event_source_mapping(UUID=made['UUID'])
    refused('ResourceNotFoundException', fn.functions.get_event_source_mapping,
            UUID=made['UUID'], status=404)


@case
def lost_events():
    """an event that the function fails on goes to its destination, as a record"""
    url, arn = make('lost')
    fn.make('loses')
    fn.functions.put_function_event_invoke_config(
        FunctionName='loses', MaximumRetryAttempts=0,
        DestinationConfig={'OnFailure': {'Destination': arn}})
    fn.functions.invoke(FunctionName='loses', InvocationType='Event', Payload=b'{"a":"fail"}')
    record = json.loads(receive(url, 20)[0]['Body'])
    equal(record['requestContext']['condition'], 'RetriesExhausted')
    equal(record['requestPayload'], {'a': 'fail'})
    equal(record['responsePayload']['errorMessage'], 'as asked')


@case
def queues_of_stacks():
    """a stack makes a queue, its policy and its dead-letter queue"""
    cfn = client('cloudformation')
    template = json.dumps({'Resources': {
        'Letters': {'Type': 'AWS::SQS::Queue'},
        'Queue': {'Type': 'AWS::SQS::Queue', 'Properties': {
            'QueueName': 'stacked', 'VisibilityTimeout': 90, 'RedrivePolicy': {
                'deadLetterTargetArn': {'Fn::GetAtt': ['Letters', 'Arn']}, 'maxReceiveCount': 3}}},
        'Policy': {'Type': 'AWS::SQS::QueuePolicy', 'Properties': {
            'Queues': [{'Ref': 'Queue'}], 'PolicyDocument': {
                'Version': '2012-10-17', 'Statement': [{
                    'Effect': 'Allow', 'Principal': {'Service': 's3.amazonaws.com'},
                    'Action': 'sqs:SendMessage', 'Resource': {'Fn::GetAtt': ['Queue', 'Arn']}}]}}}},
        'Outputs': {'Url': {'Value': {'Ref': 'Queue'}}}})
    cfn.create_stack(StackName='queues', TemplateBody=template)
    cfn.get_waiter('stack_create_complete').wait(
        StackName='queues', WaiterConfig={'Delay': 1, 'MaxAttempts': 30})
    outputs = cfn.describe_stacks(StackName='queues')['Stacks'][0]['Outputs']
    url = sqs.get_queue_url(QueueName='stacked')['QueueUrl']
    equal(outputs[0]['OutputValue'], url)
    found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=['All'])['Attributes']
    equal((found['VisibilityTimeout'], json.loads(found['RedrivePolicy'])['maxReceiveCount']), ('90', 3))
    equal(json.loads(found['Policy'])['Statement'][0]['Action'], 'sqs:SendMessage')
    cfn.delete_stack(StackName='queues')
    cfn.get_waiter('stack_delete_complete').wait(
        StackName='queues', WaiterConfig={'Delay': 1, 'MaxAttempts': 30})
    refused(NONE, sqs.get_queue_url, QueueName='stacked')
