"""The whole chain: ours and botocore's, with the same files and environment, of the same
stand-ins. Both must get the same keys, by the same requests to STS, and find the sessions
that the other one left in the AWS CLI's cache.

usage: chain.py PROGRAM PYTHON...   (test/peer/credentials, pythons with a botocore)
"""
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

import chain_cases
import peers
import sts
from tally import Tally

PROVIDERS = {"env": "environment", "assume-role": "assume role",
             "assume-role-with-web-identity": "web identity", "sso": "sso",
             "shared-credentials-file": "credentials file", "login": "login",
             "custom-process": "process", "config-file": "config file",
             "container-role": "container", "iam-role": "instance metadata"}
SECRETS = ("secret of", "session+token", "BEGIN EC", peers.SSO_TOKEN, sts.WEB_TOKEN,
           sts.MFA_CODE)


class Theirs:
    """A botocore that is asked case by case."""

    def __init__(self, python, module, home):
        self.home = home
        here = os.path.dirname(os.path.abspath(__file__))
        self.program = subprocess.Popen(
            [python, os.path.join(here, "their_chain.py"), module], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
            env={"HOME": home, "PATH": os.environ["PATH"],
                 "PYTHONDONTWRITEBYTECODE": "1"})
        first = self.program.stdout.readline()
        text = json.loads(first)["version"] if first else ""
        self.module = module
        self.version = tuple(int(n) for n in text.split(".")[:3] if n.isdigit())
        self.name = module + " " + text

    def ask(self, case, env, url):
        self.program.stdin.write(json.dumps({"env": env, "profile": case.profile,
                                             "mfa": case.mfa, "url": url}) + "\n")
        self.program.stdin.flush()
        said = json.loads(self.program.stdout.readline())
        said["provider"] = PROVIDERS.get(said.get("provider"))
        return said

    def end(self):
        self.program.stdin.close()
        self.program.wait(10)


class Ours:
    name = "fpctl"
    version = (999,)

    def __init__(self, program):
        self.program = program

    def ask(self, case, env, url):
        env = {**env, "AWS_ENDPOINT_URL": url}
        if case.mfa:
            env["TEST_MFA_CODE"] = case.mfa
        env.update((k, v) for k, v in os.environ.items() if k.endswith("SAN_OPTIONS"))
        done = subprocess.run(
            [self.program] + (["--profile", case.profile] if case.profile else []),
            env=env, cwd=env["HOME"], capture_output=True, text=True, timeout=60,
            check=False)
        try:
            said = json.loads(done.stdout)
        except ValueError:
            return {"error": "", "crash": done.stdout + done.stderr}
        if done.returncode or done.stderr:
            said["crash"] = done.stderr
        if "expires" in said:
            at = time.strptime(said["expires"][:19], "%Y-%m-%dT%H:%M:%S")
            said["expires"] = int(time.mktime(at) - time.timezone)
        return said


class Run(Tally):
    def __init__(self, server, home):
        super().__init__()
        self.server, self.home = server, home

    def settle(self, case):
        """The case's home, afresh."""
        for name in os.listdir(self.home):
            path = os.path.join(self.home, name)
            shutil.rmtree(path) if os.path.isdir(path) else os.unlink(path)
        files = {".aws/config": case.config, ".aws/credentials": case.credentials,
                 **case.files, "process": case.exec or ""}
        for name, text in files.items():
            path = os.path.join(self.home, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w", encoding="utf-8") as f:
                f.write(text.replace("~/", self.home + "/"))
            os.chmod(path, 0o700 if name == "process" else 0o600)

    def ask(self, who, case):
        env = {"HOME": self.home, "PATH": os.environ["PATH"],
               "AWS_DEFAULT_REGION": "eu-central-1", "AWS_EC2_METADATA_DISABLED": "true",
               "AWS_MAX_ATTEMPTS": "1"}
        env.update((k, v and v.replace("~", self.home)) for k, v in case.env.items())
        env = {k: v for k, v in env.items() if v is not None}
        self.server.reset(case.mode)
        said = who.ask(case, env, self.server.url)
        asked = [sts.meaning(r) for r in self.server.requests if r["path"] == "/"]
        return said, asked

    def expect(self, case, who, want, said):
        """What the table says."""
        key = said.get("access_key_id")
        fine = ("error" in said if want is chain_cases.FAILS else
                bool(key) and key.startswith("ASIA") if want is chain_cases.ROLE else
                key == want)
        if who.name == "fpctl":
            fine = fine and "crash" not in said and case.says in said.get("error", "")
            fine = fine and (not case.provider or said.get("provider") == case.provider)
        self.check("%s: %s" % (case.name, who.name), fine, said)

    def case(self, case, ours, theirs):
        self.settle(case)
        said, asked = self.ask(ours, case)
        self.expect(case, ours, case.want, said)
        text = json.dumps([said.get("error"), said.get("report")])
        told = [s for s in SECRETS if s in text]
        if told:
            self.check("%s: no secret is told" % case.name, False, told)
        for other in theirs:
            if case.since and other.version < case.since:
                self.skip("%s: %s does not know it" % (case.name, other.name))
                continue
            self.compare(case, ours, other, said, asked)

    def compare(self, case, ours, other, said, asked):
        self.settle(case)
        their_said, their_asked = self.ask(other, case)
        self.expect(case, other, case.theirs.get(other.module, case.want), their_said)
        if case.differs or "error" in their_said or "error" in said:
            return
        same = {k: (said.get(k), their_said.get(k)) for k in
                ("access_key_id", "secret_access_key", "session_token", "provider",
                 "expires") if said.get(k) != their_said.get(k)}
        self.check("%s: as %s" % (case.name, other.name), not same, same)
        self.check("%s: the same requests as %s" % (case.name, other.name),
                   asked == their_asked, "%s\n%s" % (asked, their_asked))
        if asked:
            self.cache(case, ours, other)

    def cache(self, case, ours, other):
        """Each reads what the other one wrote: nobody asks STS again."""
        for writer, reader in ((ours, other), (other, ours)):
            self.settle(case)
            wrote, _ = self.ask(writer, case)
            folder = os.path.join(self.home, ".aws/cli/cache")
            modes = [os.stat(os.path.join(folder, n)).st_mode & 0o777
                     for n in os.listdir(folder)]
            read, asked = self.ask(reader, case)
            self.check("%s: %s reads what %s wrote" % (case.name, reader.name,
                                                       writer.name),
                       not asked and set(modes) == {0o600} and all(
                           wrote[k] == read.get(k) for k in
                           ("access_key_id", "secret_access_key", "session_token",
                            "expires")), "%s\n%s\n%s\n%s" % (modes, wrote, read, asked))


def main(program, *pythons):
    with tempfile.TemporaryDirectory() as work:
        home = os.path.join(work, "home")
        os.mkdir(home)
        versions = {}
        for python in pythons:
            for module in ("botocore", "awscli.botocore"):
                them = Theirs(python, module, home)
                if them.version and them.name not in versions:
                    versions[them.name] = them
        server = peers.Peers()
        run = Run(server, home)
        cases = chain_cases.all_cases(server.url)
        names = [t.name for t in versions.values()]
        print("# %d cases, against %s" % (len(cases), ", ".join(names) or "nobody"))
        for case in cases:
            run.case(case, Ours(program), versions.values())
        if not versions:
            run.skip("comparisons: no python3 here has botocore")
        for them in versions.values():
            them.end()
    run.end()


main(*sys.argv[1:])
