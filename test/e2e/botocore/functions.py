"""Lambda: functions as bootstrap programs, invoked every way."""
import base64
import io
import json
import os
import zipfile

from botocore.exceptions import ClientError

from check import ACCOUNT, REGION, VERSION, case, client, equal, pages, refused, within

functions, iam, logs = client('lambda'), client('iam'), client('logs')
ROLE = iam.create_role(RoleName='botocore-lambda', AssumeRolePolicyDocument=json.dumps(
    {'Version': '2012-10-17', 'Statement': [
        {'Effect': 'Allow', 'Principal': {'Service': 'lambda.amazonaws.com'},
         'Action': 'sts:AssumeRole'}]}))['Role']['Arn']
ARCH = ['arm64' if os.uname().machine == 'aarch64' else 'x86_64']
# A runtime in shell: what the event asks for is what it does.
BOOTSTRAP = r'''#!/bin/bash
post() { # PATH BODY [HEADER]
	exec 3<>"/dev/tcp/${AWS_LAMBDA_RUNTIME_API%:*}/${AWS_LAMBDA_RUNTIME_API#*:}"
	printf 'POST /2018-06-01/runtime/%s HTTP/1.1\r\nHost: %s\r\n%sContent-Length: %d\r\nConnection: close\r\n\r\n%s' \
		"$1" "$AWS_LAMBDA_RUNTIME_API" "${3:-}" "${#2}" "$2" >&3
	cat <&3 >/dev/null
	exec 3<&-
}
LC_ALL=C
while :; do
	exec 3<>"/dev/tcp/${AWS_LAMBDA_RUNTIME_API%:*}/${AWS_LAMBDA_RUNTIME_API#*:}"
	printf 'GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: %s\r\n\r\n' \
		"$AWS_LAMBDA_RUNTIME_API" >&3
	id='' n=0
	while IFS= read -r line <&3 && line=${line%$'\r'} && [ -n "$line" ]; do
		case ${line,,} in
		lambda-runtime-aws-request-id:*) id=${line#*: } ;;
		content-length:*) n=${line#*: } ;;
		esac
	done
	IFS= read -r -N "$n" event <&3
	exec 3<&-
	echo "got $event with COLOUR=$COLOUR"
	case $event in
	*fail*) post "invocation/$id/error" '{"errorMessage":"as asked","errorType":"Asked"}' \
		$'Lambda-Runtime-Function-Error-Type: Asked\r\n' ;;
	*crash*) exit 3 ;;
	*slow*) sleep 10 ;;
	*) post "invocation/$id/response" "$event" ;;
	esac
done
'''


def zipped(text=BOOTSTRAP, name='bootstrap'):
    out = io.BytesIO()
    with zipfile.ZipFile(out, 'w') as z:
        entry = zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0))
        entry.external_attr = 0o755 << 16
        z.writestr(entry, text)
    return out.getvalue()


def make(name, **kwargs):
    told = functions.create_function(
        FunctionName=name, Runtime='provided.al2023' if VERSION >= (1, 34) else 'provided.al2',
        Role=ROLE, Handler='bootstrap', Code={'ZipFile': zipped()}, Architectures=ARCH,
        Environment={'Variables': {'COLOUR': 'ü red'}}, Timeout=3, MemorySize=128, **kwargs)
    functions.get_waiter('function_active_v2').wait(FunctionName=name, WaiterConfig={'Delay': 1})
    return told


def invoke(name, event, **kwargs):
    return functions.invoke(FunctionName=name, Payload=json.dumps(event), **kwargs)


@case
def function_life():
    """create, describe, change and delete a function"""
    told = make('life', Description='ü', Tags={'a': 'b'})
    for member in ('FunctionArn', 'CodeSha256', 'CodeSize', 'LastModified', 'RevisionId', 'Version'):
        assert member in told, f'no {member} in {told}'
    equal(told['FunctionArn'], f'arn:aws:lambda:{REGION}:{ACCOUNT}:function:life')
    got = functions.get_function(FunctionName='life')
    equal((got['Configuration']['State'], got['Configuration']['LastUpdateStatus'], got['Tags']),
          ('Active', 'Successful', {'a': 'b'}))
    assert got['Code']['RepositoryType'] and 'Location' in got['Code'], got['Code']
    for name in (told['FunctionArn'], f'{ACCOUNT}:function:life', told['FunctionArn'] + ':$LATEST'):
        equal(functions.get_function_configuration(FunctionName=name)['FunctionName'], 'life')
    changed = functions.update_function_configuration(FunctionName='life', Timeout=5,
                                                      Environment={'Variables': {}})
    equal((changed['Timeout'], changed.get('Environment', {}).get('Variables', {})), (5, {}))
    functions.get_waiter('function_updated_v2').wait(FunctionName='life', WaiterConfig={'Delay': 1})
    code = functions.update_function_code(FunctionName='life', ZipFile=zipped(BOOTSTRAP + '\n'))
    assert code['CodeSha256'] != told['CodeSha256'], code
    refused('PreconditionFailedException', functions.update_function_code, FunctionName='life',
            ZipFile=zipped(), RevisionId=told['RevisionId'], status=412)
    refused('ResourceConflictException', functions.create_function, FunctionName='life',
            Runtime=got['Configuration']['Runtime'], Role=ROLE, Handler='x', status=409,
            Code={'ZipFile': zipped()})
    functions.tag_resource(Resource=told['FunctionArn'], Tags={'c': 'ü'})
    functions.untag_resource(Resource=told['FunctionArn'], TagKeys=['a'])
    equal(functions.list_tags(Resource=told['FunctionArn'])['Tags'], {'c': 'ü'})
    functions.delete_function(FunctionName='life')
    try:
        functions.get_function(FunctionName='life')
        raise AssertionError('still there')
    except functions.exceptions.ResourceNotFoundException as e:
        equal(e.response['ResponseMetadata']['HTTPStatusCode'], 404)


@case
def function_pages():
    """functions in pages"""
    for n in range(5):
        functions.create_function(FunctionName=f'page-{n}', Runtime='provided.al2', Role=ROLE,
                                  Handler='x', Code={'ZipFile': zipped()}, Architectures=ARCH)
    found, n = pages(functions, 'list_functions', 'Functions', 2)
    equal(([f['FunctionName'] for f in found], n), ([f'page-{n}' for n in range(5)], 3))
    for n in range(5):
        functions.delete_function(FunctionName=f'page-{n}')


@case
def bad_functions():
    """functions that AWS refuses"""
    base = {'FunctionName': 'bad', 'Runtime': 'provided.al2', 'Role': ROLE, 'Handler': 'x',
            'Code': {'ZipFile': zipped()}}
    for change, code in (
            ({'Code': {'ZipFile': b'no zip'}}, 'InvalidParameterValueException'),
            ({'Code': {'S3Bucket': 'botocore-none', 'S3Key': 'k'}}, 'InvalidParameterValueException'),
            ({'Role': ROLE + '-none'}, 'InvalidParameterValueException'),
            ({'MemorySize': 10241}, 'InvalidParameterValueException'),
            ({'Timeout': 901}, 'InvalidParameterValueException'),
            ({'Runtime': 'python3.9'}, 'NotImplemented'),
            ({'Layers': [f'arn:aws:lambda:{REGION}:{ACCOUNT}:layer:x:1']}, 'NotImplemented')):
        try:
            functions.create_function(**{**base, **change})
            raise AssertionError(f'made with {change}')
        except ClientError as e:
            got = e.response['Error']['Code']
            assert got in (code, 'ValidationException'), f'{got} instead of {code} for {change}'


@case
def invocations():
    """invoke: synchronous with a log tail, failing, crashing, dry, too slow, too large"""
    make('run')
    told = invoke('run', {'n': 'ü'}, LogType='Tail')
    equal((told['StatusCode'], told['ExecutedVersion'], told.get('FunctionError')),
          (200, '$LATEST', None))
    equal(json.loads(told['Payload'].read()), {'n': 'ü'})
    tail = base64.b64decode(told['LogResult']).decode()
    for text in ('START RequestId', 'COLOUR=ü red', 'END RequestId', 'REPORT RequestId', 'Duration'):
        assert text in tail, f'no {text} in {tail}'
    told = invoke('run', 'fail')
    equal((told['StatusCode'], told['FunctionError']), (200, 'Unhandled'))
    equal(json.loads(told['Payload'].read())['errorMessage'], 'as asked')
    told = invoke('run', 'crash')
    equal(told['FunctionError'], 'Unhandled')
    assert 'Runtime.ExitError' in told['Payload'].read().decode()
    equal(json.loads(invoke('run', [1])['Payload'].read()), [1])
    equal(invoke('run', {}, InvocationType='DryRun')['StatusCode'], 204)
    functions.update_function_configuration(FunctionName='run', Timeout=1)
    told = invoke('run', 'slow')
    equal(told['FunctionError'], 'Unhandled')
    assert 'timed out' in told['Payload'].read().decode()
    refused('InvalidRequestContentException', functions.invoke, FunctionName='run', Payload=b'{')
    refused('RequestTooLargeException', functions.invoke, FunctionName='run', status=413,
            Payload=b'"' + b'x' * 6291556 + b'"')
    refused('ResourceNotFoundException', functions.invoke, FunctionName='none', Payload=b'{}',
            status=404)


@case
def asynchronous():
    """invoke: an event is accepted and runs; its log can be read"""
    make('later')
    told = invoke('later', {'mark': 'asynchronously'}, InvocationType='Event')
    equal((told['StatusCode'], told['Payload'].read()), (202, b''))

    def seen():
        try:
            return logs.filter_log_events(logGroupName='/aws/lambda/later',
                                          filterPattern='asynchronously')['events']
        except logs.exceptions.ResourceNotFoundException:
            return None
    within(10, seen)
    functions.put_function_event_invoke_config(FunctionName='later', MaximumRetryAttempts=0,
                                               MaximumEventAgeInSeconds=60)
    equal(functions.get_function_event_invoke_config(FunctionName='later')['MaximumRetryAttempts'], 0)
    functions.delete_function_event_invoke_config(FunctionName='later')
    refused('ResourceNotFoundException', functions.get_function_event_invoke_config,
            FunctionName='later')


@case
def permissions():
    """permissions: added, told, doubled, removed"""
    make('open')
    told = functions.add_permission(FunctionName='open', StatementId='s3', SourceAccount=ACCOUNT,
                                    Action='lambda:InvokeFunction', Principal='s3.amazonaws.com',
                                    SourceArn='arn:aws:s3:::x')
    json.loads(told['Statement'])
    got = functions.get_policy(FunctionName='open')
    equal(json.loads(got['Policy'])['Statement'][0]['Sid'], 's3')
    assert got['RevisionId'], got
    refused('ResourceConflictException', functions.add_permission, FunctionName='open',
            StatementId='s3', Action='lambda:InvokeFunction', Principal='s3.amazonaws.com')
    functions.remove_permission(FunctionName='open', StatementId='s3')
    refused('ResourceNotFoundException', functions.get_policy, FunctionName='open')
    functions.put_function_concurrency(FunctionName='open', ReservedConcurrentExecutions=0)
    equal(functions.get_function_concurrency(FunctionName='open')['ReservedConcurrentExecutions'], 0)
    refused('TooManyRequestsException', functions.invoke, FunctionName='open', Payload=b'{}',
            status=429)
    functions.delete_function_concurrency(FunctionName='open')


@case
def by_events_of_s3():
    """an object put reaches the function, by its key as S3 encodes it"""
    s3 = client('s3')
    s3.create_bucket(Bucket='botocore-events')
    arn = make('on-put')['FunctionArn']
    functions.add_permission(FunctionName='on-put', StatementId='s3', Principal='s3.amazonaws.com',
                             Action='lambda:InvokeFunction', SourceArn='arn:aws:s3:::botocore-events',
                             SourceAccount=ACCOUNT)
    rules = [{'Id': 'r', 'LambdaFunctionArn': arn, 'Events': ['s3:ObjectCreated:*'],
              'Filter': {'Key': {'FilterRules': [{'Name': 'prefix', 'Value': 'in/'},
                                                 {'Name': 'suffix', 'Value': '.csv'}]}}}]
    s3.put_bucket_notification_configuration(
        Bucket='botocore-events', NotificationConfiguration={'LambdaFunctionConfigurations': rules})
    told = s3.get_bucket_notification_configuration(Bucket='botocore-events')
    kept = told['LambdaFunctionConfigurations'][0]
    names = {r['Name'].lower(): r['Value'] for r in kept['Filter']['Key']['FilterRules']}
    equal((kept['LambdaFunctionArn'], kept['Events'], names),
          (arn, ['s3:ObjectCreated:*'], {'prefix': 'in/', 'suffix': '.csv'}))
    s3.put_object(Bucket='botocore-events', Key='in/no.txt')
    s3.put_object(Bucket='botocore-events', Key='in/ü a+b.csv', Body=b'x')

    def seen():
        try:
            return logs.filter_log_events(logGroupName='/aws/lambda/on-put',
                                          filterPattern='"in/%C3%BC+a%2Bb.csv"')['events']
        except logs.exceptions.ResourceNotFoundException:
            return None
    within(10, seen)
    equal(logs.filter_log_events(logGroupName='/aws/lambda/on-put', filterPattern='"no.txt"')['events'], [])


@case
def account_settings():
    """the account's settings count functions, their code and what they reserve"""
    made = functions.list_functions()['Functions']
    functions.put_function_concurrency(FunctionName=made[0]['FunctionName'],
                                       ReservedConcurrentExecutions=30)
    seen = functions.get_account_settings()
    equal((seen['AccountLimit']['ConcurrentExecutions'],
           seen['AccountLimit']['UnreservedConcurrentExecutions'],
           seen['AccountUsage']['FunctionCount'], seen['AccountUsage']['TotalCodeSize']),
          (1000, 970, len(made), sum(one['CodeSize'] for one in made)))
    functions.delete_function_concurrency(FunctionName=made[0]['FunctionName'])
