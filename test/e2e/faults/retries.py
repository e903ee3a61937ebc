"""retries.py CALL: which failures are tried again, against botocore's standard mode.

Every error that the models of our services know, and those that any service may give,
with every status: never, transient or throttled. Where we go beyond botocore stands in
`beyond`, with the reason."""
import subprocess
import sys

import botocore.session
from botocore.awsrequest import AWSResponse
from botocore.retries import standard

SERVICES = {  # botocore's name: ours
    "cloudformation": "cloudformation", "s3": "s3", "sts": "sts", "lambda": "lambda",
    "logs": "logs", "cloudwatch": "monitoring", "sns": "sns", "sqs": "sqs", "ssm": "ssm",
    "iam": "iam", "codepipeline": "codepipeline", "codebuild": "codebuild", "kms": "kms",
    "codestar-connections": "codestar-connections", "codeconnections": "codeconnections",
    "sso": "sso", "sso-oidc": "sso-oidc", "events": "events",
}
STATUSES = [301, 400, 403, 404, 408, 409, 412, 429, 500, 501, 502, 503, 504, 509]
COMMON = [
    "AccessDenied", "BandwidthLimitExceeded", "EC2ThrottledException", "ExpiredToken",
    "IDPCommunicationError", "InternalError", "InternalFailure", "InvalidArgument",
    "LimitExceeded", "LimitExceededException", "NoSuchBucket", "OperationAborted",
    "PriorRequestNotComplete", "ProvisionedThroughputExceededException",
    "RequestLimitExceeded", "RequestThrottled", "RequestThrottledException",
    "RequestTimeTooSkewed", "RequestTimeout", "RequestTimeoutException", "ServiceUnavailable",
    "SignatureDoesNotMatch", "SlowDown", "Throttling", "ThrottledException",
    "ThrottlingException", "TooManyRequestsException", "TransactionInProgressException",
    "UnknownError", "ValidationError", "KmsThrottled", "KMSThrottling",
]


def beyond(service, status, code):
    if status == 429:
        return "throttled"  # RFC 6585; the SDK for JavaScript does so too
    if (service, code) in {("sqs", "KmsThrottled"), ("sns", "KMSThrottling")}:
        return "throttled"  # KMS's throttling, passed on
    return None


def theirs(operation, status, code):
    context = standard.RetryContext(
        attempt_number=1, operation_model=operation,
        http_response=AWSResponse("https://x/", status, {}, None),
        parsed_response={"Error": {"Code": code}, "ResponseMetadata": {}})
    if not standard.StandardRetryConditions(max_attempts=9).is_retryable(context):
        return "never"
    if standard.ThrottledRetryableChecker().is_retryable(context):
        return "throttled"
    kind = standard.ModeledRetryErrorDetector().detect_error_type(context)
    return "throttled" if kind == "THROTTLING_ERROR" else "transient"


def cases():
    session = botocore.session.get_session()
    known = set(session.get_available_services())
    for name, ours in SERVICES.items():
        if name not in known:
            continue
        model = session.get_service_model(name)
        seen = {}
        for operation in map(model.operation_model, model.operation_names):
            for code in COMMON:
                seen.setdefault(code, operation)
            for shape in operation.error_shapes:
                seen[shape.metadata.get("error", {}).get("code") or shape.name] = operation
        for code, operation in seen.items():
            for status in STATUSES:
                yield ours, status, code, operation


def main():
    rows = list(cases())
    asked = "".join(f"{service} {status} {code}\n" for service, status, code, _ in rows)
    got = subprocess.run([sys.argv[1], "judge"], input=asked, capture_output=True, text=True,
                         check=True, timeout=60).stdout.split()
    bad, exceptions = 0, 0
    if len(got) != len(rows):
        print(f"not ok {len(rows)} questions have {len(got)} answers")
        bad = 1
    for (service, status, code, operation), mine in zip(rows, got):
        wanted = theirs(operation, status, code)
        other = beyond(service, status, code)
        exceptions += other is not None and other != wanted
        if mine != (other or wanted):
            bad += 1
            if bad < 20:
                print(f"not ok {service} {status} {code}: {mine}, botocore says {wanted}")
    if not bad:
        print(f"ok   {len(rows)} failures are judged as botocore {botocore.__version__} does "
              f"({exceptions} go beyond it)")
    print(f"counts {int(not bad)} {bad}")


main()
