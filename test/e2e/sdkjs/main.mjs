// The AWS SDK for JavaScript against the emulator in AWS_ENDPOINT_URL: its defaults
// (checksums in trailers, streams, retries by class) and its error classes.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import * as s3 from '@aws-sdk/client-s3';
import * as sns from '@aws-sdk/client-sns';
import * as sqs from '@aws-sdk/client-sqs';
import * as lambda from '@aws-sdk/client-lambda';
import * as cfn from '@aws-sdk/client-cloudformation';
import * as cloudwatch from '@aws-sdk/client-cloudwatch';
import * as kms from '@aws-sdk/client-kms';
import * as logs from '@aws-sdk/client-cloudwatch-logs';
import * as iam from '@aws-sdk/client-iam';
import * as sts from '@aws-sdk/client-sts';
import { Upload } from '@aws-sdk/lib-storage';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';

const config = { endpoint: process.env.AWS_ENDPOINT_URL, region: 'us-east-1', maxAttempts: 1 };
const S3 = new s3.S3({ ...config, forcePathStyle: true });
const SQS = new sqs.SQS(config), SNS = new sns.SNS(config), Lambda = new lambda.Lambda(config);
const CloudWatch = new cloudwatch.CloudWatch(config), KMS = new kms.KMS(config);
const CFN = new cfn.CloudFormation(config), Logs = new logs.CloudWatchLogs(config);
const IAM = new iam.IAM(config), STS = new sts.STS(config);
const Bucket = 'sdkjs', account = '000000000000';
const text = (answer) => answer.Body.transformToString();

async function refused(promise, name, status) {
	try {
		await promise;
	} catch (e) {
		assert.equal(e.name, name, `${e.name}: ${e.message}`);
		if (status) assert.equal(e.$metadata.httpStatusCode, status);
		return e;
	}
	assert.fail(`no ${name}`);
}

async function all(pages, member) {
	const found = [];
	let n = 0;
	for await (const page of pages) {
		found.push(...(page[member] ?? []));
		n++;
	}
	return [found, n];
}

const cases = {
	async 'objects of each kind of body'() {
		await S3.createBucket({ Bucket });
		const body = 'ü 🎈'.repeat(5000);
		for (const Body of [body, Buffer.from(body), new TextEncoder().encode(body)]) {
			const put = await S3.putObject({ Bucket, Key: 'k', Body, Metadata: { a: 'b' } });
			assert.ok(put.ChecksumCRC32, 'no checksum by default');
			const got = await S3.getObject({ Bucket, Key: 'k' });
			assert.equal(await text(got), body);
			assert.deepEqual(got.Metadata, { a: 'b' });
			assert.ok(got.LastModified instanceof Date);
			assert.equal(got.ETag, `"${createHash('md5').update(body).digest('hex')}"`);
		}
		const length = Buffer.byteLength(body);
		await S3.putObject({ Bucket, Key: 'k', Body: Readable.from([body]), ContentLength: length });
		assert.equal(await text(await S3.getObject({ Bucket, Key: 'k' })), body);
		assert.equal((await S3.headObject({ Bucket, Key: 'k' })).ContentEncoding, undefined);
		await S3.putObject({ Bucket, Key: 'none', Body: '' });
		assert.equal((await S3.headObject({ Bucket, Key: 'none' })).ContentLength, 0);
	},
	async 'each checksum, and a wrong one'() {
		for (const ChecksumAlgorithm of ['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256']) {
			try {
				const put = await S3.putObject({ Bucket, Key: 'sum', Body: 'x', ChecksumAlgorithm });
				const got = await S3.getObject({ Bucket, Key: 'sum', ChecksumMode: 'ENABLED' });
				assert.equal(got[`Checksum${ChecksumAlgorithm}`], put[`Checksum${ChecksumAlgorithm}`]);
				assert.equal(got.ChecksumType, 'FULL_OBJECT');
				assert.equal(await text(got), 'x');
			} catch (e) {
				// The checksum that the SDK has in a package of its own.
				if (!/crt|CRC64NVME is not/i.test(e.message)) throw e;
			}
		}
		await refused(S3.putObject({ Bucket, Key: 'sum', Body: 'x', ChecksumCRC32: 'AAAAAA==' }),
			'BadDigest', 400);
	},
	async 'odd keys'() {
		const keys = ['a//b', '../x', './', '/', 'ü/ +%', '&<>"\'', 'trail/', 'a/../b', '日本語', '!*()~'];
		for (const Key of keys) await S3.putObject({ Bucket: Bucket, Key: `odd/${Key}`, Body: Key });
		for (const Key of keys)
			assert.equal(await text(await S3.getObject({ Bucket, Key: `odd/${Key}` })), Key);
		const [found] = await all(s3.paginateListObjectsV2({ client: S3, pageSize: 3 },
			{ Bucket, Prefix: 'odd/' }), 'Contents');
		assert.deepEqual(found.map((o) => o.Key.slice(4)).sort(), [...keys].sort());
		const [prefixes] = await all(s3.paginateListObjectsV2({ client: S3 },
			{ Bucket, Prefix: 'odd/', Delimiter: '/' }), 'CommonPrefixes');
		assert.deepEqual(prefixes.map((p) => p.Prefix), ['odd/../', 'odd/./', 'odd//', 'odd/a/',
			'odd/trail/', 'odd/ü/']);
		const gone = await S3.deleteObjects({ Bucket, Delete: {
			Objects: keys.map((Key) => ({ Key: `odd/${Key}` })) } });
		assert.equal(gone.Deleted.length, keys.length);
	},
	async 'errors by class'() {
		const missing = await refused(S3.getObject({ Bucket, Key: 'no' }), 'NoSuchKey', 404);
		assert.ok(missing instanceof s3.NoSuchKey);
		await refused(S3.headObject({ Bucket, Key: 'no' }), 'NotFound', 404);
		await refused(S3.listObjectsV2({ Bucket: 'sdkjs-none' }), 'NoSuchBucket', 404);
		await refused(S3.putObject({ Bucket, Key: 'k', Body: 'x', IfNoneMatch: '*' }),
			'PreconditionFailed', 412);
		await refused(S3.getObject({ Bucket, Key: 'k', Range: 'bytes=9999999-' }), 'InvalidRange', 416);
		await refused(S3.getObjectAcl({ Bucket, Key: 'k' }), 'NotImplemented', 501);
		await refused(STS.getSessionToken({}), 'NotImplemented', 501);
		await refused(SNS.listPlatformApplications({}), 'NotImplemented', 501);
		await refused(Lambda.listLayers({}), 'NotImplemented', 501);
		await refused(Logs.describeQueries({}), 'NotImplemented', 501);
		await refused(CFN.listStackSets({}), 'NotImplemented', 501);
		await refused(IAM.listUsers({}), 'NotImplemented', 501);
		const wrong = { ...config, credentials: { accessKeyId: 'AKIANONE', secretAccessKey: 'x' } };
		await refused(new s3.S3(wrong).listBuckets({}), 'InvalidAccessKeyId', 403);
		await refused(new logs.CloudWatchLogs(wrong).describeLogGroups({}),
			'UnrecognizedClientException', 403);
		await refused(new sns.SNS(wrong).listTopics({}), 'InvalidClientTokenId', 403);
	},
	async 'an upload in parts from a stream, and its abort'() {
		const part = Buffer.alloc(5 << 20, 'p');
		const parts = function* () { for (let i = 0; i < 4; i++) yield part; yield Buffer.from('end'); };
		const up = new Upload({ client: S3, queueSize: 4, partSize: 5 << 20,
			params: { Bucket, Key: 'parts', Body: Readable.from(parts()) } });
		const done = await up.done();
		assert.match(done.ETag, /-5"$/);
		const got = await S3.getObject({ Bucket, Key: 'parts' });
		assert.equal((await got.Body.transformToByteArray()).length, 4 * part.length + 3);
		const abandoned = new Upload({ client: S3, params: { Bucket, Key: 'left', Body: Readable.from(parts()) } });
		abandoned.on('httpUploadProgress', () => abandoned.abort());
		await assert.rejects(abandoned.done());
		await refused(S3.headObject({ Bucket, Key: 'left' }), 'NotFound');
		// The SDK goes on aborting after done() has failed, and may be first.
		for (const u of (await S3.listMultipartUploads({ Bucket })).Uploads ?? [])
			await S3.abortMultipartUpload({ Bucket, Key: u.Key, UploadId: u.UploadId }).catch((e) => {
				if (e.name !== 'NoSuchUpload')
					throw e;
			});
	},
	async 'presigned URLs'() {
		const put = await getSignedUrl(S3, new s3.PutObjectCommand({ Bucket, Key: 'ü/ signed' }), {
			expiresIn: 60 });
		assert.equal((await fetch(put, { method: 'PUT', body: 'by URL' })).status, 200);
		const get = await getSignedUrl(S3, new s3.GetObjectCommand({ Bucket, Key: 'ü/ signed' }), {
			expiresIn: 60 });
		assert.equal(await (await fetch(get)).text(), 'by URL');
		assert.equal((await fetch(get.replace('X-Amz-Expires=60', 'X-Amz-Expires=61'))).status, 403);
	},
	async 'versions and waiters'() {
		await S3.createBucket({ Bucket: 'sdkjs-v' });
		await s3.waitUntilBucketExists({ client: S3, maxWaitTime: 10 }, { Bucket: 'sdkjs-v' });
		await S3.putBucketVersioning({ Bucket: 'sdkjs-v', VersioningConfiguration: { Status: 'Enabled' } });
		const { VersionId } = await S3.putObject({ Bucket: 'sdkjs-v', Key: 'k', Body: '1' });
		assert.equal((await S3.deleteObject({ Bucket: 'sdkjs-v', Key: 'k' })).DeleteMarker, true);
		assert.equal(await text(await S3.getObject({ Bucket: 'sdkjs-v', Key: 'k', VersionId })), '1');
		const listed = await S3.listObjectVersions({ Bucket: 'sdkjs-v' });
		assert.deepEqual([listed.Versions.length, listed.DeleteMarkers.length], [1, 1]);
		await s3.waitUntilObjectNotExists({ client: S3, maxWaitTime: 10 }, { Bucket: 'sdkjs-v', Key: 'k' });
	},
	async 'STS and IAM'() {
		assert.equal((await STS.getCallerIdentity({})).Account, account);
		const policy = JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow',
			Principal: { Service: 'lambda.amazonaws.com', AWS: account }, Action: 'sts:AssumeRole' }] });
		const { Role } = await IAM.createRole({ RoleName: 'sdkjs', AssumeRolePolicyDocument: policy });
		assert.ok(Role.CreateDate instanceof Date && Role.RoleId);
		assert.equal(decodeURIComponent((await IAM.getRole({ RoleName: 'sdkjs' })).Role
			.AssumeRolePolicyDocument), policy);
		const { Credentials: c } = await STS.assumeRole({ RoleArn: Role.Arn, RoleSessionName: 'me' });
		assert.ok(c.Expiration > new Date());
		const as = new sts.STS({ ...config, credentials: { accessKeyId: c.AccessKeyId,
			secretAccessKey: c.SecretAccessKey, sessionToken: c.SessionToken } });
		assert.match((await as.getCallerIdentity({})).Arn, /assumed-role\/sdkjs\/me$/);
		await refused(IAM.getRole({ RoleName: 'none' }), 'NoSuchEntityException', 404);
	},
	async 'SNS'() {
		const { TopicArn } = await SNS.createTopic({ Name: 'sdkjs', Tags: [{ Key: 'a', Value: 'b' }] });
		for (let i = 0; i < 3; i++)
			await SNS.subscribe({ TopicArn, Protocol: 'email', Endpoint: `a${i}@b.example`,
				Attributes: { FilterPolicy: '{"a":["b"]}' } });
		const [subscriptions] = await all(sns.paginateListSubscriptionsByTopic({ client: SNS },
			{ TopicArn }), 'Subscriptions');
		assert.equal(subscriptions.length, 3);
		const told = await SNS.publish({ TopicArn, Message: 'ü', MessageAttributes: {
			a: { DataType: 'Binary', BinaryValue: new Uint8Array([0, 255]) } } });
		assert.equal(told.MessageId.length, 36);
		await refused(SNS.publish({ TopicArn: `${TopicArn}x`, Message: 'm' }), 'NotFoundException', 404);
	},
	async 'SQS'() {
		const { QueueUrl } = await SQS.createQueue({ QueueName: 'sdkjs', tags: { a: 'b' },
			Attributes: { VisibilityTimeout: '60' } });
		assert.deepEqual((await SQS.listQueueTags({ QueueUrl })).Tags, { a: 'b' });
		const { Attributes } = await SQS.getQueueAttributes({ QueueUrl, AttributeNames: ['All'] });
		assert.equal(Attributes.QueueArn, `arn:aws:sqs:us-east-1:${account}:sdkjs`);
		const MessageAttributes = { b: { DataType: 'Binary', BinaryValue: new Uint8Array([0, 1]) } };
		const poll = SQS.receiveMessage({ QueueUrl, WaitTimeSeconds: 20, MessageAttributeNames: ['All'],
			MessageSystemAttributeNames: ['All'] });
		const told = await SQS.sendMessage({ QueueUrl, MessageBody: 'ü 🎈', MessageAttributes });
		const [got] = (await poll).Messages; // the SDK compares the bodies' digests
		assert.equal(got.Body, 'ü 🎈');
		assert.equal(got.MD5OfMessageAttributes, told.MD5OfMessageAttributes);
		assert.deepEqual(got.MessageAttributes.b.BinaryValue, new Uint8Array([0, 1]));
		assert.equal(got.Attributes.ApproximateReceiveCount, '1');
		const batch = await SQS.deleteMessageBatch({ QueueUrl, Entries: [
			{ Id: 'a', ReceiptHandle: got.ReceiptHandle }, { Id: 'b', ReceiptHandle: 'x' }] });
		assert.deepEqual([batch.Successful[0].Id, batch.Failed[0].Code], ['a', 'ReceiptHandleIsInvalid']);
		assert.equal((await SQS.receiveMessage({ QueueUrl })).Messages, undefined);
		const error = await refused(SQS.getQueueUrl({ QueueName: 'none' }), 'QueueDoesNotExist', 400);
		assert.ok(error instanceof sqs.QueueDoesNotExist);
		await refused(SQS.createQueue({ QueueName: 'sdkjs', Attributes: { VisibilityTimeout: '9' } }),
			'QueueNameExists', 400);
		await SQS.deleteQueue({ QueueUrl });
	},

	async 'CloudWatch Logs'() {
		const logGroupName = '/sdkjs', logStreamName = 's', timestamp = Date.now();
		await Logs.createLogGroup({ logGroupName });
		await Logs.createLogStream({ logGroupName, logStreamName });
		await Logs.putLogEvents({ logGroupName, logStreamName, logEvents: [...Array(25).keys()].map(
			(n) => ({ timestamp: timestamp + n, message: `line ${n}` })) });
		const [events, n] = await all(logs.paginateFilterLogEvents({ client: Logs, pageSize: 10 },
			{ logGroupName }), 'events');
		assert.deepEqual([events.length, n, events[24].message], [25, 3, 'line 24']);
		await refused(Logs.createLogGroup({ logGroupName }), 'ResourceAlreadyExistsException', 400);
	},
	async 'CloudWatch'() {
		const alarm = { AlarmName: 'sdkjs', MetricName: 'Errors', Namespace: 'AWS/Lambda', Statistic: 'Sum',
			Period: 300, EvaluationPeriods: 1, Threshold: 1.5, ComparisonOperator: 'GreaterThanThreshold' };
		await CloudWatch.putMetricAlarm(alarm);
		const [found] = (await CloudWatch.describeAlarms({ AlarmNames: ['sdkjs'] })).MetricAlarms;
		assert.deepEqual([found.Threshold, found.ActionsEnabled, found.Dimensions], [1.5, true, []]);
		assert.ok(found.StateUpdatedTimestamp instanceof Date && found.StateUpdatedTimestamp > new Date(0));
		const refusal = await CloudWatch.putMetricAlarm({ ...alarm, Period: 70 }).catch((e) => e);
		assert.deepEqual([refusal.$metadata.httpStatusCode, refusal.message],
			[400, 'Period must be 10, 20, 30 or a multiple of 60']);
		const Timestamp = new Date();
		await CloudWatch.putMetricData({ Namespace: 'sdkjs', MetricData: [
			{ MetricName: 'Files', Value: 2, Timestamp }, { MetricName: 'Files', Value: 3.5, Timestamp }] });
		const [point] = (await CloudWatch.getMetricStatistics({ Namespace: 'sdkjs', MetricName: 'Files', Period: 3600,
			Statistics: ['Sum'], StartTime: new Date(Date.now() - 9e5), EndTime: new Date(Date.now() + 9e5) })).Datapoints;
		assert.equal(point.Sum, 5.5);
		const error = await CloudWatch.getDashboard({ DashboardName: 'none' }).catch((e) => e);
		assert.deepEqual([error.$metadata.httpStatusCode, error.message], [404, 'Dashboard none does not exist']);
		await CloudWatch.deleteAlarms({ AlarmNames: ['sdkjs'] });
	},
	async 'KMS'() {
		const { KeyMetadata: { KeyId, Arn, CreationDate } } = await KMS.createKey({});
		assert.ok(CreationDate instanceof Date);
		const { CiphertextBlob } = await KMS.encrypt({ KeyId, Plaintext: Buffer.from('hello'),
			EncryptionContext: { a: '1' } });
		const plain = await KMS.decrypt({ CiphertextBlob, EncryptionContext: { a: '1' } });
		assert.deepEqual([Buffer.from(plain.Plaintext).toString(), plain.KeyId], ['hello', Arn]);
		await refused(KMS.decrypt({ CiphertextBlob }), 'InvalidCiphertextException', 400);
	},
	async 'CloudFormation'() {
		const StackName = 'sdkjs', wait = { client: CFN, maxWaitTime: 20, minDelay: 1, maxDelay: 1 };
		const TemplateBody = JSON.stringify({ Resources: { T: { Type: 'AWS::SNS::Topic' } },
			Outputs: { T: { Value: { Ref: 'T' } } } });
		await CFN.createStack({ StackName, TemplateBody });
		await cfn.waitUntilStackCreateComplete(wait, { StackName });
		const stack = (await CFN.describeStacks({ StackName })).Stacks[0];
		assert.ok(stack.CreationTime instanceof Date && stack.Outputs[0].OutputValue);
		const [events] = await all(cfn.paginateDescribeStackEvents({ client: CFN }, { StackName }), 'StackEvents');
		assert.ok(events.length >= 4);
		await CFN.createChangeSet({ StackName, ChangeSetName: 'c', TemplateBody });
		await assert.rejects(cfn.waitUntilChangeSetCreateComplete(wait, { StackName, ChangeSetName: 'c' }));
		await refused(CFN.updateStack({ StackName, TemplateBody }), 'ValidationError', 400);
		await refused(CFN.createStack({ StackName, TemplateBody }), 'AlreadyExistsException', 400);
		await CFN.deleteStack({ StackName });
		await cfn.waitUntilStackDeleteComplete(wait, { StackName: stack.StackId });
	},
	async 'Lambda'() {
		const ZipFile = Buffer.from(process.env.BOOTSTRAP_ZIP, 'base64'), FunctionName = 'sdkjs';
		const Role = `arn:aws:iam::${account}:role/sdkjs`;
		const made = await Lambda.createFunction({ FunctionName, Role, Runtime: 'provided.al2023',
			Handler: 'bootstrap', Code: { ZipFile }, Timeout: 5,
			Architectures: [process.arch === 'arm64' ? 'arm64' : 'x86_64'] });
		assert.ok(made.CodeSha256 && made.LastModified);
		await lambda.waitUntilFunctionActiveV2({ client: Lambda, maxWaitTime: 10 }, { FunctionName });
		const [found] = await all(lambda.paginateListFunctions({ client: Lambda, pageSize: 1 }, {}), 'Functions');
		assert.equal(found.length, 1);
		const told = await Lambda.invoke({ FunctionName, LogType: 'Tail', Payload: '{}' });
		assert.equal(told.FunctionError, 'Unhandled');
		assert.match(Buffer.from(told.Payload).toString(), /Runtime\.ExitError/);
		assert.match(Buffer.from(told.LogResult, 'base64').toString(), /hello of the bootstrap/);
		assert.equal((await Lambda.invoke({ FunctionName, InvocationType: 'Event' })).StatusCode, 202);
		await refused(Lambda.invoke({ FunctionName: 'none' }), 'ResourceNotFoundException', 404);
		await Lambda.deleteFunction({ FunctionName });
	},
};

let passed = 0, failed = 0;
for (const [name, run] of Object.entries(cases)) {
	try {
		await run();
		passed++;
		console.log(`ok   ${name}`);
	} catch (e) {
		failed++;
		console.log(`not ok ${name}\n${e.stack}`);
	}
}
console.log(`counts ${passed} ${failed} 0`);
process.exit(0);
