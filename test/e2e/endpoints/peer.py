"""The program under test, the peer's botocore, and counting."""
import json
import os
import random
import subprocess
import sys

PEER = os.environ["ENDPOINTS_PEER"]
SEED = int(os.environ.get("ENDPOINTS_SEED") or random.randrange(2**32))
RESULTS = {"passed": 0, "failed": 0}
SHOWN = 5


class Ours:
    """test/peer/endpoints.c: a question a line, an answer a line."""

    def __init__(self):
        self.process = subprocess.Popen([PEER], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def ask(self, question):
        return self.ask_all([question])[0]

    def ask_all(self, questions, at_once=64):
        answers = []
        for i in range(0, len(questions), at_once):
            part = questions[i : i + at_once]
            self.process.stdin.write(b"".join(json.dumps(q).encode() + b"\n" for q in part))
            self.process.stdin.flush()
            answers += [json.loads(self.process.stdout.readline()) for _ in part]
        return answers

    def close(self):
        self.process.stdin.close()
        return self.process.wait(10)


def check(name, mismatches):
    """One check of many comparisons: it passes when the list is empty."""
    RESULTS["failed" if mismatches else "passed"] += 1
    if mismatches:
        print(f"not ok {name}")
        for line in mismatches[:SHOWN]:
            print(f"     | {line}")
        if len(mismatches) > SHOWN:
            print(f"     | and {len(mismatches) - SHOWN} more")


def finish(ours):
    check("the peer program ends well", [f"status {rc}" for rc in [ours.close()] if rc])
    print(f"counts {RESULTS['passed']} {RESULTS['failed']}")
    return 1 if RESULTS["failed"] else 0


def version():
    import botocore

    return tuple(int(x) for x in botocore.__version__.split(".")[:2])


_loader = None


def session(env, profile=None):
    """A session in an environment of its own; the models are shared."""
    global _loader
    import botocore.session

    os.environ.clear()
    os.environ.update(env)
    made = botocore.session.Session(profile=profile)
    _loader = _loader or made.get_component("data_loader")
    made.register_component("data_loader", _loader)
    return made


class Sent(Exception):
    """The request that a client was about to send."""


def request_of(client, operation, **arguments):
    """URL, signing region and name of a request, without sending it."""

    def stop(request, **_):
        raise Sent(request)

    service = client.meta.service_model.service_name
    client.meta.events.register_first(f"before-send.{service}", stop)
    try:
        getattr(client, operation)(**arguments)
    except Sent as e:
        request = e.args[0]
        signed = request.headers.get("Authorization", b"")
        signed = signed.decode() if isinstance(signed, bytes) else signed
        scope = signed.split("Credential=")[-1].split(",")[0].split("/") if signed else [""] * 5
        return {"url": request.url.split("?")[0].rstrip("/"), "region": scope[2], "signing_name": scope[3]}
    return {"url": "nothing was sent"}
