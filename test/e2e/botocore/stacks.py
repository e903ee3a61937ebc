"""CloudFormation: stacks and change sets by waiters and paginators."""
import json

from botocore.exceptions import WaiterError

from check import case, client, equal, is_time, pages, refused, within

cfn, sns = client('cloudformation'), client('sns')
QUICK = {'Delay': 0.2, 'MaxAttempts': 100}


def wait(what, stack):
    cfn.get_waiter(what).wait(StackName=stack, WaiterConfig=QUICK)


def template(resources, **more):
    return json.dumps({'Resources': resources, **more})


TOPIC = {'T': {'Type': 'AWS::SNS::Topic'}}


@case
def stack_life():
    """create, describe, update and delete a stack, by its waiters"""
    made = cfn.create_stack(
        StackName='life', TemplateBody=template(
            {'T': {'Type': 'AWS::SNS::Topic', 'Properties': {'DisplayName': {'Ref': 'Name'}}}},
            Description='ü', Parameters={'Name': {'Type': 'String', 'Default': 'd'}},
            Outputs={'Topic': {'Value': {'Ref': 'T'}, 'Description': 'o',
                               'Export': {'Name': 'life-topic'}}}),
        Parameters=[{'ParameterKey': 'Name', 'ParameterValue': 'ü'}],
        Tags=[{'Key': 'a', 'Value': 'b'}])
    wait('stack_create_complete', 'life')
    stack = cfn.describe_stacks(StackName='life')['Stacks'][0]
    equal((stack['StackId'], stack['StackStatus'], stack['Description']),
          (made['StackId'], 'CREATE_COMPLETE', 'ü'))
    is_time(stack['CreationTime'])
    equal((stack['Parameters'][0]['ParameterValue'], stack['Tags']),
          ('ü', [{'Key': 'a', 'Value': 'b'}]))
    out = stack['Outputs'][0]
    equal((out['OutputKey'], out['Description'], out['ExportName']), ('Topic', 'o', 'life-topic'))
    equal(sns.get_topic_attributes(TopicArn=out['OutputValue'])['Attributes']['DisplayName'], 'ü')
    events, _ = pages(cfn, 'describe_stack_events', 'StackEvents', StackName='life')
    equal([e['ResourceStatus'] for e in events if e['LogicalResourceId'] == 'T'],
          ['CREATE_COMPLETE', 'CREATE_IN_PROGRESS'])
    equal(len({e['EventId'] for e in events}), len(events))
    is_time(events[0]['Timestamp'])
    one = cfn.describe_stack_resource(StackName='life', LogicalResourceId='T')['StackResourceDetail']
    equal(one['PhysicalResourceId'], out['OutputValue'])
    is_time(one['LastUpdatedTimestamp'])
    equal(len(cfn.describe_stack_resources(StackName='life')['StackResources']), 1)
    found, _ = pages(cfn, 'list_stack_resources', 'StackResourceSummaries', StackName='life')
    is_time(found[0]['LastUpdatedTimestamp'])
    assert 'life-topic' in [e['Name'] for e in pages(cfn, 'list_exports', 'Exports')[0]]
    got = cfn.get_template(StackName='life')['TemplateBody']
    equal((got if isinstance(got, dict) else json.loads(got))['Description'], 'ü')
    summary = cfn.get_template_summary(StackName='life')
    equal((summary['ResourceTypes'], summary['Parameters'][0]['ParameterKey']),
          (['AWS::SNS::Topic'], 'Name'))
    refused('ValidationError', cfn.update_stack, StackName='life', UsePreviousTemplate=True,
            Parameters=[{'ParameterKey': 'Name', 'UsePreviousValue': True}],
            Tags=[{'Key': 'a', 'Value': 'b'}], says='No updates are to be performed')
    cfn.update_stack(StackName='life', UsePreviousTemplate=True,
                     Parameters=[{'ParameterKey': 'Name', 'ParameterValue': 'new'}])
    wait('stack_update_complete', 'life')
    equal(sns.get_topic_attributes(TopicArn=out['OutputValue'])['Attributes']['DisplayName'], 'new')
    try:
        cfn.create_stack(StackName='life', TemplateBody=template(TOPIC))
        raise AssertionError('made twice')
    except cfn.exceptions.AlreadyExistsException:
        pass
    cfn.update_termination_protection(StackName='life', EnableTerminationProtection=True)
    refused('ValidationError', cfn.delete_stack, StackName='life', says='TerminationProtection')
    cfn.update_termination_protection(StackName='life', EnableTerminationProtection=False)
    cfn.delete_stack(StackName='life')
    wait('stack_delete_complete', 'life')
    refused('ValidationError', cfn.describe_stacks, StackName='life', says='does not exist')
    equal(cfn.describe_stacks(StackName=made['StackId'])['Stacks'][0]['StackStatus'],
          'DELETE_COMPLETE')
    cfn.delete_stack(StackName='never-there')


@case
def failing_stack():
    """a stack that fails rolls back, says why, and can only be deleted"""
    bad = template({'Good': {'Type': 'AWS::SNS::Topic'},
                    'Bad': {'Type': 'AWS::S3::Bucket', 'DependsOn': 'Good',
                            'Properties': {'BucketName': 'xn--not-a-bucket'}}})
    cfn.create_stack(StackName='fails', TemplateBody=bad)
    try:
        wait('stack_create_complete', 'fails')
        raise AssertionError('it was made')
    except WaiterError as e:
        status = e.last_response['Stacks'][0]['StackStatus']
        assert 'ROLLBACK' in status, status
    events, _ = pages(cfn, 'describe_stack_events', 'StackEvents', StackName='fails')
    why = [e['ResourceStatusReason'] for e in events if e['ResourceStatus'] == 'CREATE_FAILED']
    assert any('xn--not-a-bucket' in w for w in why), why

    def status():
        return cfn.describe_stacks(StackName='fails')['Stacks'][0]['StackStatus']
    within(10, lambda: status() == 'ROLLBACK_COMPLETE')
    refused('ValidationError', cfn.update_stack, StackName='fails', TemplateBody=template(TOPIC))
    cfn.delete_stack(StackName='fails')
    wait('stack_delete_complete', 'fails')


@case
def change_sets():
    """change sets: made, described, executed, empty, deleted, listed"""
    name = {'StackName': 'changes'}
    cfn.create_change_set(ChangeSetName='one', ChangeSetType='CREATE', TemplateBody=template(TOPIC),
                          **name)
    cfn.get_waiter('change_set_create_complete').wait(ChangeSetName='one', WaiterConfig=QUICK, **name)
    got = cfn.describe_change_set(ChangeSetName='one', **name)
    change = got['Changes'][0]['ResourceChange']
    equal((change['Action'], change['LogicalResourceId'], got['ExecutionStatus']),
          ('Add', 'T', 'AVAILABLE'))
    is_time(got['CreationTime'])
    equal(cfn.describe_stacks(**name)['Stacks'][0]['StackStatus'], 'REVIEW_IN_PROGRESS')
    cfn.execute_change_set(ChangeSetName='one', **name)
    wait('stack_create_complete', 'changes')
    cfn.create_change_set(ChangeSetName='none', TemplateBody=template(TOPIC), **name)
    try:
        cfn.get_waiter('change_set_create_complete').wait(ChangeSetName='none', WaiterConfig=QUICK,
                                                          **name)
        raise AssertionError('it has changes')
    except WaiterError as e:
        equal(e.last_response['Status'], 'FAILED')
        assert "didn't contain changes" in e.last_response['StatusReason'], e.last_response
    try:
        cfn.execute_change_set(ChangeSetName='none', **name)
        raise AssertionError('it was executed')
    except cfn.exceptions.InvalidChangeSetStatusException:
        pass
    found, _ = pages(cfn, 'list_change_sets', 'Summaries', **name)
    equal({s['ChangeSetName']: s['ExecutionStatus'] for s in found},
          {'one': 'EXECUTE_COMPLETE', 'none': 'UNAVAILABLE'})
    cfn.delete_change_set(ChangeSetName='none', **name)
    try:
        cfn.describe_change_set(ChangeSetName='none', **name)
        raise AssertionError('still there')
    except cfn.exceptions.ChangeSetNotFoundException as e:
        equal(e.response['ResponseMetadata']['HTTPStatusCode'], 404)
    cfn.delete_stack(**name)
    wait('stack_delete_complete', 'changes')


@case
def many():
    """105 stacks, listed in pages, and one of 101 resources"""
    body = template({f'T{n}': {'Type': 'AWS::SNS::Topic'} for n in range(101)})
    cfn.create_stack(StackName='wide', TemplateBody=body)
    wait('stack_create_complete', 'wide')
    for operation, member in (('list_stack_resources', 'StackResourceSummaries'),
                              ('describe_stack_events', 'StackEvents')):
        found, n = pages(cfn, operation, member, StackName='wide')
        assert n >= 2 and len(found) >= 101, (operation, n, len(found))
    for n in range(104):
        cfn.create_change_set(StackName=f'many-{n:03}', ChangeSetName='c', ChangeSetType='CREATE',
                              TemplateBody=template(TOPIC))
    found, n = pages(cfn, 'describe_stacks', 'Stacks')
    equal((len({s['StackId'] for s in found if s['StackName'].startswith('many-')}), n), (104, 2))
    found, n = pages(cfn, 'list_stacks', 'StackSummaries',
                     StackStatusFilter=['REVIEW_IN_PROGRESS'])
    equal((len(found), n), (104, 2))
    is_time(found[0]['CreationTime'])
    cfn.delete_stack(StackName='wide')
    wait('stack_delete_complete', 'wide')


@case
def refusals():
    """templates and requests that are refused, and what they say"""
    for body, says in (('{', ''), ('{}', 'Resources'), (template({}), ''),
                       (template({'X': {'Type': 'AWS::EC2::VPC'}}), 'AWS::EC2::VPC'),
                       (template({'X': {'Type': 'AWS::SNS::Topic', 'Properties':
                                        {'TopicName': {'Ref': 'Nobody'}}}}), 'Nobody')):
        try:
            cfn.create_stack(StackName='refused', TemplateBody=body)
        except cfn.exceptions.ClientError as e:
            assert e.response['Error']['Code'] in ('ValidationError', 'NotImplemented'), e
            assert says in e.response['Error']['Message'], e
            continue
        # What is found later makes the stack fail.
        try:
            wait('stack_create_complete', 'refused')
            raise AssertionError(f'made of {body}')
        except WaiterError:
            events = cfn.describe_stack_events(StackName='refused')['StackEvents']
            assert any(says in e.get('ResourceStatusReason', '') for e in events), events
            cfn.delete_stack(StackName='refused')
            wait('stack_delete_complete', 'refused')
    told = cfn.validate_template(TemplateBody=template(TOPIC, Parameters={
        'P': {'Type': 'String', 'Default': 'x', 'NoEcho': True, 'Description': 'd'}}))
    equal(told['Parameters'], [{'ParameterKey': 'P', 'DefaultValue': 'x', 'NoEcho': True,
                                'Description': 'd'}])
    refused('ValidationError', cfn.create_stack, StackName='1-bad-name',
            TemplateBody=template(TOPIC))
    refused('ValidationError', cfn.create_stack, StackName='p', TemplateBody=template(
        TOPIC, Parameters={'P': {'Type': 'String'}}), says='P')
    role = {'R': {'Type': 'AWS::IAM::Role', 'Properties': {'AssumeRolePolicyDocument': {
        'Version': '2012-10-17', 'Statement': []}}}}
    try:
        cfn.create_stack(StackName='caps', TemplateBody=template(role))
        raise AssertionError('made')
    except cfn.exceptions.InsufficientCapabilitiesException:
        pass


@case
def account_limits():
    """the account's limits"""
    limits = cfn.describe_account_limits()['AccountLimits']
    equal({one['Name']: one['Value'] for one in limits}['StackLimit'], 2000)
