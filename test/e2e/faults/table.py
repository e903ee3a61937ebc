"""table.py CALL TLS-FOLDER: what a caller of lib/aws sees when the other side misbehaves.

Each row is one call by test/peer/call against a mode of server.py, and how it must end:
after how many requests, with which number, within its time and within 100 MB."""
import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

from server import Server

CALL, TLS = sys.argv[1:3]
PEAK_KIB = 100 * 1024
PATIENCE = 3 if "/san/" in CALL else 1  # sanitizers are slow, and use memory
STS = ["query", "sts", "GetCallerIdentity"]
LOGS = ["json", "logs", "DescribeLogGroups"]
CREATE = ["json", "codepipeline", "CreatePipeline"]
GET = ["s3", "GET", "ListObjectsV2", "bucket", "/"]
PUT = ["s3", "PUT", "PutObject", "bucket", "/key"]
COMPLETE = ["s3", "POST", "CompleteMultipartUpload", "bucket", "/key"]
LARGE = ["body=20000000"]

plain = Server()
secure = {name: Server(f"{TLS}/{name}.pem", f"{TLS}/key.pem")
          for name in ("good", "expired", "other", "stranger")}


def mode(name):
    return lambda row: f"http://127.0.0.1:{plain.port}/{name}/{row}"


def tls(certificate):
    return lambda row: f"https://127.0.0.1:{secure[certificate].port}/good/{row}"


def fault(text):
    return {"FPCTL_FAULT": f"http:{text}"}


# name, endpoint, call, requests (or a range), what it ends with (0: well; else the
# number), seconds, a text of the message, more environment
ROWS = [
    ("refused", lambda row: "http://127.0.0.1:1", STS, 3, 4001, 5, "cannot connect to 127.0.0.1:1"),
    ("refused: a change is sent again too", lambda row: "http://127.0.0.1:1", CREATE, 3, 4001, 5,
     "start the emulator with 'fpctl local up'"),
    ("DNS failure", lambda row: "http://sts.nowhere.invalid", STS, 3, 4001, 20,
     "cannot resolve sts.nowhere.invalid"),
    ("reset before the headers", mode("reset-before"), STS, 3, 4001, 5, "3 attempts"),
    ("reset before the headers, once", mode("reset-before-once"), STS, 2, 0, 5, ""),
    ("reset before the headers, of a change", mode("reset-before"), CREATE, 1, 4001, 5,
     "codepipeline CreatePipeline: "),
    ("reset after the headers", mode("reset-after"), STS, 3, 4001, 5, "3 attempts"),
    ("reset after the headers, once", mode("reset-after-once"), STS, 2, 0, 5, ""),
    ("closed without an answer", mode("closed"), STS, 3, 4001, 5, "without an answer"),
    ("closed without an answer, once", mode("closed-once"), STS, 2, 0, 5, ""),
    ("half a body", mode("half"), STS, 3, 4001, 5, "cut off"),
    ("half a body, once", mode("half-once"), STS, 2, 0, 5, ""),
    ("half a body in chunks", mode("half-chunked"), STS, 3, 4001, 5, "3 attempts"),
    ("no HTTP at all", mode("no-http"), STS, 1, 4004, 5, ""),
    ("garbage for XML", mode("garbage"), STS, 1, 4004, 5, "sts GetCallerIdentity"),
    ("garbage for JSON", mode("garbage"), LOGS, 1, 4004, 5, "logs DescribeLogGroups"),
    ("garbage for an error", mode("garbage-error"), LOGS, 1, 4002, 5, "BadRequest (status 400)"),
    ("a million nested tags", mode("xml-nested"), STS, 1, 4004, 10, "nested too deeply"),
    ("four million tags", mode("xml-wide"), STS, 1, 4004, 20, "too many elements"),
    ("an entity bomb", mode("xml-bomb"), STS, 1, 4004, 5, "document type"),
    ("an entity bomb in an error", mode("xml-bomb-error"), STS, 1, 4002, 5, "BadRequest"),
    ("a million nested lists", mode("json-nested"), LOGS, 1, 4004, 10, ""),
    ("eight million values", mode("json-wide"), LOGS, 1, 4004, 20, "more than 500000 values"),
    ("a million nested objects in an error", mode("json-nested-error"), LOGS, (1, 3), None, 20, ""),
    ("a login page", mode("login-page"), STS, 1, 4004, 5, "'Sign in' answered"),
    ("a proxy's refusal", mode("proxy-page"), LOGS, 1, 4004, 5, "'Blocked' answered"),
    ("100-continue never answered", mode("continue-never"), LARGE + PUT, 1, 0, 10, ""),
    ("100-continue into a deaf ear", mode("continue-deaf"), ["timeout=4000"] + LARGE + PUT, 1,
     1006, 6, "s3 PutObject"),
    ("refused instead of 100-continue", mode("continue-refused"), LARGE + PUT, 1, 4101, 5, ""),
    ("headers that drip", mode("loris-head"), ["timeout=3000"] + STS, 1, 1006, 5, ""),
    ("a body that drips", mode("loris-body"), ["timeout=3000"] + STS, 1, 1006, 5, ""),
    ("silence", mode("silent"), ["timeout=2000"] + STS, 1, 1006, 4, "sts GetCallerIdentity"),
    ("a burst of 500, 502 and 503", mode("burst"), STS, 4, 0, 5, "", {"AWS_MAX_ATTEMPTS": "4"}),
    ("a burst that is longer", mode("burst"), STS, 3, 4123, 5, "3 attempts"),
    ("500 for ever", mode("always-500"), STS, 3, 4124, 5, "3 attempts"),
    ("503 for ever, of a change", mode("always-503"), CREATE, 1, 4123, 5, ""),
    ("throttled for ever", mode("throttle"), STS, 3, 4120, 10, "3 attempts: Rate exceeded"),
    ("throttled for ever, of a change", mode("throttle"), CREATE, 3, 4120, 10, "3 attempts"),
    ("throttled for 30 s", mode("throttle-30-s"), STS, (4, 20), 0, 200, "",
     {"AWS_MAX_ATTEMPTS": "20"}),
    ("throttled for 30 s, with 5 s to live", mode("throttle-30-s"), ["timeout=5000"] + STS,
     (1, 19), 4120, 7, "no time is left", {"AWS_MAX_ATTEMPTS": "20"}),
    ("told to come back in an hour", mode("retry-after"), STS, 2, 4123, 12, "",
     {"AWS_MAX_ATTEMPTS": "2"}),
    ("a redirect of a service that has none", mode("redirect"), STS, 1, 4169, 5, "status 302"),
    ("regions in a circle", mode("region-loop"), GET, 2, 4145, 5, "elsewhere"),
    ("a bucket in another region", mode("region-of-bucket"), GET, 2, 0, 5, ""),
    ("a clock a week slow", mode("clock"), STS, 2, 0, 5, ""),
    ("an error in an answer of 200", mode("disguised"), COMPLETE, 3, 0, 5, ""),
    ("a refusal, with its action", mode("denied"), STS, 1, 4101, 5,
     "sts GetCallerIdentity: User: a is not authorized to perform: sts:GetCallerIdentity ?[31m"),
    ("an expired token that stays", mode("expired"), STS, 1, 4102, 5, ""),
    ("10 GB announced", mode("announced"), STS, 1, 1005, 5, "16 MiB"),
    ("10 GB unannounced", mode("unannounced"), STS, 1, 1005, 20, "16 MiB"),
    ("10 GB of an error", mode("unannounced-error"), LOGS, 1, 1005, 20, "16 MiB"),
    ("10 GB of headers", mode("endless-headers"), STS, (1, 3), 1005, 20, ""),
    ("at the seam: refused twice", mode("good"), STS, 3, 0, 5, "", fault("1-2:refuse")),
    ("at the seam: refused twice, a change", mode("plain-json"), CREATE, 3, 0, 5, "",
     fault("1-2:refuse")),
    ("at the seam: reset", mode("good"), STS, 2, 0, 5, "", fault("1:reset")),
    ("at the seam: reset, a change", mode("plain-json"), CREATE, 1, 4001, 5, "",
     fault("1:reset")),
    ("at the seam: cut", mode("good"), STS, 2, 0, 5, "", fault("1:cut")),
    ("at the seam: cut, a change", mode("plain-json"), CREATE, 1, 4001, 5, "", fault("1:cut")),
    ("at the seam: 503 for ever", mode("good"), STS, 3, 4123, 5, "", fault("1-9:status=503")),
    ("at the seam: 500, a change", mode("plain-json"), CREATE, 1, 4124, 5, "",
     fault("1:status=500")),
    ("at the seam: throttled, a change", mode("plain-json"), CREATE, 2, 0, 5, "",
     fault("1:status=429")),
    ("at the seam: too late", mode("always-503"), ["timeout=1000"] + STS, 1, 4123, 4,
     "no time is left", fault("1:delay=1200")),
    ("a good certificate", tls("good"), STS, 1, 0, 5, ""),
    ("an expired certificate", tls("expired"), STS, 1, 4005, 5, "expired"),
    ("another host's certificate", tls("other"), STS, 1, 4005, 5, "another host's"),
    ("a stranger's certificate", tls("stranger"), STS, 1, 4005, 5, "AWS_CA_BUNDLE"),
]


def run(number, row):
    name, endpoint, call, requests, ends, seconds, text = row[:7]
    environment = {
        "PATH": os.environ["PATH"], "HOME": "/nonexistent", "AWS_REGION": "eu-west-1",
        "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_ENDPOINT_URL": endpoint(number), "AWS_CA_BUNDLE": f"{TLS}/ca.pem",
        **(row[7] if len(row) > 7 else {}),
    }
    limit = seconds * PATIENCE + 5
    try:
        done = subprocess.run([CALL, *call], env=environment, capture_output=True, text=True,
                              timeout=limit)
    except subprocess.TimeoutExpired:
        return name, f"still runs after {limit} s"
    if done.returncode or not done.stdout:
        return name, f"status {done.returncode}: {done.stderr[-2000:]}"
    got = json.loads(done.stdout)
    least, most = requests if isinstance(requests, tuple) else (requests, requests)
    ended = 0 if got["ok"] else got["number"]
    wrong = []
    if not least <= got["requests"] <= most:
        wrong.append(f"wanted {requests} requests")
    if ends is not None and ended != ends:
        wrong.append(f"wanted FP{ends}")
    if text not in got.get("message", ""):
        wrong.append(f"wanted '{text}'")
    if "\n" in got.get("message", ""):
        wrong.append("wanted one line")
    if got["ms"] > seconds * 1000 * PATIENCE:
        wrong.append(f"wanted at most {seconds} s")
    if got["peakKiB"] > PEAK_KIB and PATIENCE == 1:
        wrong.append("wanted at most 100 MiB")
    return name, "; ".join(wrong) + f": {done.stdout}" if wrong else "", got


def main():
    bad, peak = 0, (0, "")
    # What waits longest begins first.
    order = sorted(enumerate(ROWS), key=lambda at: -at[1][5])
    with ThreadPoolExecutor(16) as pool:
        for result in pool.map(lambda at: run(*at), order):
            name, wrong = result[:2]
            bad += bool(wrong)
            print(f"not ok {name}\n     | {wrong}" if wrong else f"ok   {name}", flush=True)
            if len(result) > 2:
                peak = max(peak, (result[2]["peakKiB"], name))
                if "-v" in sys.argv:
                    print(f"     {result[2]}")
    print(f"     most memory: {peak[0] / 1024:.0f} MiB ({peak[1]})")
    print(f"counts {len(ROWS) - bad} {bad}")


main()
