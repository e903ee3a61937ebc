#include "aws/advice.h"

#include <string.h>

#include "base/str.h"

const struct aws_advice aws_advices[] = {
	/* Who asks, and how it was signed. */
	{ 4101,
	  "AccessDenied AccessDeniedException UnauthorizedOperation AuthorizationError "
	  "AuthorizationErrorException ForbiddenException Forbidden",
	  NULL, "these credentials have no right to do this",
	  "give the role or user the right to the action named (docs/deploy.md lists "
	  "what a deployment needs); `fpctl doctor` shows who you are" },
	{ 4102, "ExpiredToken ExpiredTokenException TokenRefreshRequired", NULL,
	  "the credentials have expired",
	  "sign in again (`aws sso login`, `aws login`) or fetch new credentials" },
	{ 4103, "SignatureDoesNotMatch InvalidSignatureException", NULL,
	  "the signature is not that of the access key",
	  "check the secret access key: it must be the access key's own and whole; a "
	  "proxy that changes requests does this too" },
	{ 4104, "RequestTimeTooSkewed RequestInTheFuture RequestExpired", NULL,
	  "this machine's clock differs too much from the service's",
	  "set the clock (`timedatectl set-ntp true`)" },
	{ 4105,
	  "InvalidClientTokenId UnrecognizedClientException InvalidAccessKeyId "
	  "InvalidToken",
	  NULL, "the access key or session token is not known here",
	  "check that the key is active and of this partition, that temporary keys come "
	  "with their AWS_SESSION_TOKEN, and that the region is enabled in the account" },
	{ 4106,
	  "MissingAuthenticationToken MissingAuthenticationTokenException "
	  "MissingSecurityHeader",
	  NULL, "the request came without a signature",
	  "check the endpoint and the credentials (`fpctl doctor`); a proxy may drop the "
	  "Authorization header" },
	{ 4107,
	  "IncompleteSignature IncompleteSignatureException AuthorizationHeaderMalformed "
	  "AuthorizationQueryParametersError",
	  NULL, "the signature is malformed, or made for another region",
	  "check --region and the access key for stray characters" },
	{ 4108, "OptInRequired SubscriptionRequiredException NotSignedUp AccountProblem",
	  NULL, "the account may not use this service or region",
	  "enable the region or finish the account's sign-up in the console, or choose "
	  "another --region" },
	{ 4109, "AuthFailure", NULL, "the credentials were not accepted",
	  "check the keys, the clock and the region: `fpctl doctor` does" },
	{ 4110, "IDPCommunicationError", NULL,
	  "AWS could not reach the identity provider",
	  "try again; see whether the provider's address is reachable from the "
	  "internet" },
	{ 4111, "InvalidIdentityToken InvalidIdentityTokenException IDPRejectedClaim",
	  NULL, "the web identity token was not accepted",
	  "check the token file's age and audience, and the trust policy of the role" },
	{ 4112,
	  "MalformedPolicyDocument MalformedPolicyDocumentException PackedPolicyTooLarge",
	  NULL, "an IAM policy is malformed or too large",
	  "mend the policy that the message names; `fpctl render` shows what is sent" },
	{ 4113, "RegionDisabledException", NULL,
	  "STS is switched off for this region in the account",
	  "activate it under IAM, Account settings, or set "
	  "AWS_STS_REGIONAL_ENDPOINTS=legacy" },
	{ 4114,
	  "KMSAccessDeniedException KMSAccessDenied KmsAccessDenied "
	  "KMS.AccessDeniedException",
	  NULL, "the encryption key may not be used",
	  "give the role kms:Decrypt and kms:GenerateDataKey on the key, in its policy "
	  "and in the key's" },
	{ 4115,
	  "KMSDisabledException KMSDisabled KmsDisabled KMSInvalidStateException "
	  "KMSInvalidState "
	  "KmsInvalidState KMSNotFoundException KMSNotFound KmsNotFound "
	  "KMS.DisabledException "
	  "KMS.NotFoundException",
	  NULL, "the encryption key is disabled, being deleted, or absent",
	  "enable the key in KMS or cancel its deletion, or name another in the "
	  "manifest" },
	{ 4116,
	  "UnauthorizedException InvalidGrantException UnauthorizedClientException "
	  "InvalidClientException "
	  "invalid_grant",
	  NULL, "the sign-in session is over",
	  "sign in again: `aws sso login` or `aws login`" },

	/* Too much, too often, not now: fpctl has tried again already. */
	{ 4120,
	  "Throttling ThrottlingException ThrottledException RequestThrottled "
	  "RequestThrottledException "
	  "RequestLimitExceeded BandwidthLimitExceeded EC2ThrottledException "
	  "TooManyRequests "
	  "TooManyRequestsException PriorRequestNotComplete KmsThrottled KMSThrottling",
	  NULL, "the account asks this service too often",
	  "wait a little; AWS_MAX_ATTEMPTS=10 lets fpctl be more patient" },
	{ 4121, "TooManyRequestsException", "lambda",
	  "all of the functions' concurrency is in use, or Lambda is asked too often",
	  "wait, or raise the account's or the function's concurrency" },
	{ 4122, "SlowDown", NULL, "S3 asks for fewer requests a second to these keys",
	  "wait a little; AWS_MAX_ATTEMPTS=10 lets fpctl be more patient" },
	{ 4123,
	  "ServiceUnavailable ServiceUnavailableException BadGateway GatewayTimeout",
	  NULL, "the service is not available at the moment",
	  "try again in a few minutes; health.aws.amazon.com shows disturbances" },
	{ 4124,
	  "InternalError InternalFailure InternalServerError InternalServiceError "
	  "InternalServerException "
	  "ServiceException ServiceFailure InternalErrorException",
	  NULL, "the service failed by itself",
	  "try again; if it stays, give the request id to AWS's support" },
	{ 4125, "RequestTimeout RequestTimeoutException", NULL,
	  "the service did not get all of the request in time",
	  "see whether the network is slow, then try again" },
	{ 4126,
	  "LimitExceeded LimitExceededException ServiceQuotaExceededException "
	  "ServiceQuotaExceeded "
	  "AccountLimitExceededException ResourceLimitExceededException "
	  "TopicLimitExceeded "
	  "PipelineLimitExceededException ParameterLimitExceeded "
	  "PolicyLengthExceededException",
	  NULL, "a quota of the account or a limit of the service is reached",
	  "ask for more in the Service Quotas console, or remove what is unused; `fpctl "
	  "doctor` shows the quotas that this manifest needs" },
	{ 4127, "TooManyBuckets", NULL, "the account has as many buckets as it may",
	  "ask for more in the Service Quotas console, or remove unused buckets" },
	{ 4128, "CodeStorageExceededException", NULL,
	  "the account's storage for Lambda code is full",
	  "remove old functions and versions, or ask for more in the Service Quotas "
	  "console" },
	{ 4129, "ProxyAuthenticationRequired NetworkAuthenticationRequired", NULL,
	  "the network wants a sign-in before it lets requests through",
	  "put the user and password into HTTPS_PROXY, or sign in to the network in a "
	  "browser" },

	/* CloudFormation. */
	{ 4130, "InsufficientCapabilitiesException InsufficientCapabilities", NULL,
	  "the template makes roles or uses macros, which needs to be allowed",
	  "`fpctl deploy` allows roles (CAPABILITY_NAMED_IAM) by itself, but no macros: "
	  "take them out of the template, or process it beforehand" },
	{ 4131,
	  "AlreadyExistsException AlreadyExists EntityAlreadyExists "
	  "EntityAlreadyExistsException "
	  "ResourceAlreadyExistsException ParameterAlreadyExists "
	  "PipelineNameInUseException "
	  "QueueAlreadyExists QueueNameExists NameAlreadyExistsException",
	  NULL, "something of that name exists already",
	  "choose another name in the manifest, or remove or import what is there" },
	{ 4132, "ValidationError", NULL, "the request or the template is not acceptable",
	  "mend what the message names; `fpctl validate` and `fpctl render` show what is "
	  "sent" },
	{ 4133, "ChangeSetNotFound ChangeSetNotFoundException", NULL,
	  "the change set does not exist any more",
	  "run `fpctl deploy` again: it makes a new one" },
	{ 4134, "InvalidChangeSetStatus InvalidChangeSetStatusException", NULL,
	  "the change set cannot be executed as it stands",
	  "run `fpctl deploy` again: it makes a new one" },
	{ 4135, "OperationInProgressException", NULL, "another operation is under way",
	  "wait for it (`fpctl status` shows it), then run the command again" },
	{ 4136, "TokenAlreadyExistsException", NULL,
	  "the same request was made before with other contents",
	  "run the command again: it takes a new token" },
	{ 4137, "StackNotFoundException", NULL, "the stack does not exist",
	  "check the region and the environment (`--region`, `-e`); `fpctl deploy` "
	  "creates it" },

	/* S3. */
	{ 4140, "NoSuchBucket", NULL, "the bucket does not exist",
	  "check its name and the account; `fpctl outputs` lists the project's buckets, "
	  "`fpctl deploy` makes them" },
	{ 4141, "NoSuchKey NoSuchVersion", NULL, "there is no such object in the bucket",
	  "check the key: case, slashes and blanks count; without s3:ListBucket an "
	  "absent object is AccessDenied instead" },
	{ 4142, "BucketAlreadyExists", NULL, "another account has a bucket of that name",
	  "choose another name: names of buckets are shared by all accounts" },
	{ 4143, "BucketAlreadyOwnedByYou", NULL, "this account has that bucket already",
	  "choose another name, or import the bucket into the stack" },
	{ 4144, "BucketNotEmpty", NULL, "the bucket still holds objects or versions",
	  "`fpctl destroy --delete-data` empties it; by hand remove all versions and "
	  "delete "
	  "markers too" },
	{ 4145,
	  "PermanentRedirect TemporaryRedirect Redirect "
	  "IllegalLocationConstraintException",
	  "s3", "the bucket lies in another region, which could not be found out",
	  "give the bucket's own --region" },
	{ 4146, "InvalidBucketName", NULL, "that is no name for a bucket",
	  "use 3 to 63 lower-case letters, digits and dashes" },
	{ 4147,
	  "EntityTooLarge RequestEntityTooLarge RequestTooLargeException "
	  "MaxMessageLengthExceeded",
	  NULL, "what was sent is larger than the service takes",
	  "send less at once; the message or the service's limits say how much" },
	{ 4148,
	  "PreconditionFailed ConditionalRequestConflict PreconditionFailedException",
	  NULL, "somebody else changed it meanwhile, or it exists already",
	  "look at what is there now, then run the command again" },
	{ 4149,
	  "BadDigest InvalidDigest XAmzContentSHA256Mismatch XAmzContentChecksumMismatch",
	  NULL, "what arrived is not what was sent",
	  "try again; if it stays, something on the way changes the data, or the file "
	  "changed while it was sent" },
	{ 4150, "NoSuchUpload InvalidPart InvalidPartOrder EntityTooSmall", NULL,
	  "the upload in parts was aborted or does not fit together",
	  "upload the file again; a life-cycle rule may remove unfinished uploads too "
	  "soon" },
	{ 4151, "InvalidObjectState", NULL, "the object is archived",
	  "restore it first (`aws s3api restore-object`)" },
	{ 4152, "InvalidRange", NULL, "the object is smaller than the part asked for",
	  "start the download anew: the object was replaced" },
	{ 4153, "AccessControlListNotSupported", NULL,
	  "the bucket takes no access control lists",
	  "leave the ACL out: bucket policies decide" },

	/* What is named does not exist, or is not as it must be. */
	{ 4160,
	  "ResourceNotFoundException ResourceNotFound NotFound NotFoundException "
	  "NoSuchEntity "
	  "NoSuchEntityException ParameterNotFound DashboardNotFoundError "
	  "OperationNotFoundException StackInstanceNotFoundException",
	  NULL, "what the request names does not exist",
	  "check the name, the region and the account; `fpctl status` shows what is "
	  "deployed" },
	{ 4161, "ResourceConflictException ResourceInUseException ResourceInUse", NULL,
	  "it exists already, or is being changed at the moment",
	  "wait until it is done, then run the command again" },
	{ 4162, "InvalidParameterValueException", "lambda",
	  "Lambda does not accept a value",
	  "mend what the message names; a role made a moment ago may take some seconds "
	  "to be usable" },
	{ 4163,
	  "InvalidParameterValueException InvalidParameterValue InvalidParameter "
	  "InvalidParameterException "
	  "InvalidParameterCombination InvalidParameterCombinationException "
	  "InvalidArgument "
	  "InvalidInputException InvalidInput InvalidRequest InvalidRequestException "
	  "BadRequestException ValidationException MissingParameter "
	  "MissingRequiredParameterException "
	  "InvalidAttributeName InvalidAttributeValue SerializationException "
	  "MalformedXML "
	  "InvalidRequestContentException MalformedInput",
	  NULL, "a value in the request is not acceptable",
	  "mend what the message names" },
	{ 4164, "ResourceNotReadyException", NULL,
	  "the function is not ready yet, or was idle too long",
	  "wait a few seconds and try again" },
	{ 4165, "InvalidZipFileException", NULL,
	  "the function's archive cannot be unpacked", "build it again: `fpctl build`" },
	{ 4166, "RecursiveInvocationException", NULL,
	  "Lambda stopped functions that call one another for ever",
	  "see that no processor writes to the prefix that triggers it" },
	{ 4167, "UnsupportedMediaTypeException UnsupportedMediaType MethodNotAllowed",
	  NULL, "the service does not take such a request there",
	  "check --endpoint-url and AWS_ENDPOINT_URL: another service may answer" },
	{ 4168,
	  "UnknownOperationException UnknownOperation InvalidAction NotImplemented "
	  "UnsupportedOperation "
	  "NoSuchVersionException",
	  NULL, "what answers at the endpoint does not know this operation",
	  "check --endpoint-url, AWS_ENDPOINT_URL and the region; the emulator names "
	  "what it does not do" },
	{ 4169, "Redirect TemporaryRedirect PermanentRedirect", NULL,
	  "the endpoint sends requests elsewhere, which this service does not do",
	  "check --endpoint-url and AWS_ENDPOINT_URL; a network's login page does this "
	  "too" },

	/* Pipeline, build, connection. */
	{ 4170, "PipelineNotFoundException PipelineVersionNotFoundException", NULL,
	  "the pipeline does not exist",
	  "check the region and the account; `fpctl deploy` makes it when the manifest "
	  "has one" },
	{ 4171,
	  "PipelineExecutionNotFoundException StageNotFoundException "
	  "ActionNotFoundException",
	  NULL, "the pipeline has no such execution, stage or action",
	  "look at its state first: it may have been changed or replaced" },
	{ 4172,
	  "StageNotRetryableException NotLatestPipelineExecutionException "
	  "PipelineExecutionNotStoppableException PipelineExecutionOutdatedException "
	  "DuplicatedStopRequestException UnableToRollbackStageException "
	  "ConditionNotOverridableException",
	  NULL, "the pipeline went on meanwhile",
	  "look at its state, then decide again" },
	{ 4173, "ConcurrentPipelineExecutionsLimitExceededException", NULL,
	  "too many executions of the pipeline run at once",
	  "wait until one ends, or use executionMode SUPERSEDED" },
	{ 4174, "ApprovalAlreadyCompletedException InvalidApprovalTokenException", NULL,
	  "somebody else decided already, or the approval waits for a newer execution",
	  "look at the pipeline's state again" },
	{ 4175, "ResourceUnavailableException ConnectionNotFoundException", NULL,
	  "the connection to the repository is not available",
	  "finish its handshake in the console: Developer Tools, Settings, Connections" },
	{ 4176,
	  "InvalidStructureException InvalidStageDeclarationException "
	  "InvalidActionDeclarationException",
	  NULL, "the pipeline's definition is not valid",
	  "mend what the message names; `fpctl render` shows what is sent" },

	/* Messages, roles, changes at the same time. */
	{ 4180, "AWS.SimpleQueueService.NonExistentQueue QueueDoesNotExist", NULL,
	  "the queue does not exist",
	  "check its name, the region and the account; `fpctl deploy` makes the "
	  "project's queues" },
	{ 4181, "AWS.SimpleQueueService.QueueDeletedRecently QueueDeletedRecently", NULL,
	  "a queue of that name was deleted less than a minute ago",
	  "wait a minute and run the command again" },
	{ 4182, "AWS.SimpleQueueService.PurgeQueueInProgress PurgeQueueInProgress", NULL,
	  "the queue was purged less than a minute ago",
	  "wait a minute and run the command again" },
	{ 4183, "ReceiptHandleIsInvalid InvalidReceiptHandle", NULL,
	  "the message was taken by somebody else meanwhile",
	  "receive it again; a longer visibility timeout helps" },
	{ 4184, "DeleteConflict DeleteConflictException", NULL,
	  "something else still uses it", "detach or remove what uses it first" },
	{ 4185,
	  "ConcurrentModification ConcurrentModificationException "
	  "ConcurrentUpdateException "
	  "OperationAborted OperationAbortedException TooManyUpdates "
	  "EntityTemporarilyUnmodifiable "
	  "ConflictException Conflict StaleRequestException",
	  NULL, "somebody else is changing the same thing",
	  "wait until that is done, then run the command again" },
	{ 4186, "UnmodifiableEntity", NULL,
	  "AWS itself keeps this role; it cannot be changed", "use a role of your own" },
	{ 0, NULL, NULL, NULL, NULL },
};

static bool has_code(const char *codes, const char *code)
{
	size_t n = strlen(code);

	for (const char *p = codes; *p; p += strspn(p, " ")) {
		size_t len = strcspn(p, " ");

		if (len == n && memcmp(p, code, n) == 0)
			return true;
		p += len;
	}
	return false;
}

const struct aws_advice *aws_advice_of(const char *service, const char *code)
{
	const struct aws_advice *general = NULL, *other = NULL;

	for (const struct aws_advice *a = aws_advices; a->number; a++) {
		if (!has_code(a->codes, code))
			continue;
		if (!a->service)
			general = a;
		else if (str_eq(a->service, service))
			return a;
		else if (!service)
			other = a;
	}
	return general ? general : other;
}

const struct aws_advice *aws_advice_numbered(unsigned number)
{
	for (const struct aws_advice *a = aws_advices; a->number; a++)
		if (a->number == number)
			return a;
	return NULL;
}

void aws_advise(struct fp_error *err, const char *service)
{
	const struct aws_advice *a;

	if (err->code != FP_ERR_AWS)
		return;
	a = aws_advice_of(service, err->aws_code);
	if (!a)
		return;
	err->number = a->number;
	err->next = a->next;
}
