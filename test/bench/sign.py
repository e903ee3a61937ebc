"""sign.py COUNT: what bench_sign does, by botocore; prints the microseconds."""
import os
import sys
import time

os.environ["BOTO_DISABLE_CRT"] = "true"

from botocore import auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

keys = Credentials("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
                   "IQoJb3JpZ2luX2VjEXAMPLE//token+with/odd=characters==")
start = time.perf_counter()
for i in range(int(sys.argv[1])):
    request = AWSRequest("PUT", f"https://bucket.s3.eu-central-1.amazonaws.com/reports/2026/{i:06}.csv",
                         {"Content-Type": "text/csv", "x-amz-meta-origin": "bench", "User-Agent": "bench"},
                         b"a,b,c\n1,2,3\n")
    auth.S3SigV4Auth(keys, "s3", "eu-central-1").add_auth(request)
print(round((time.perf_counter() - start) * 1e6))
