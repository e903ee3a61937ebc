"""botocore's credentials (their_chain.py MODULE), case by case: each line of the standard input is a world (env,
profile, mfa) as JSON, each line of the output what botocore found in it. A case runs in a
child of its own, since botocore and its imports take longer than all the rest.

As in the AWS CLI, sessions of roles are kept in ~/.aws/cli/cache. HOME stays the same.
"""
import importlib
import json
import os
import sys

# "botocore", or "awscli.botocore": the AWS CLI 2 has its own.
NAME = sys.argv[1]
botocore = importlib.import_module(NAME)
session_module = importlib.import_module(NAME + ".session")
JSONFileCache = importlib.import_module(NAME + ".utils").JSONFileCache

CACHE = os.path.expanduser("~/.aws/cli/cache")


def prompter(code):
    def ask(prompt):
        if code is None:
            raise EOFError("nobody can be asked: " + prompt)
        return code
    return ask


def resolve(world):
    session = session_module.Session(profile=world["profile"])
    make = session.create_client

    def create_client(service, *arguments, **named):
        # Debian's knows no AWS_ENDPOINT_URL.
        named.setdefault("endpoint_url", world["url"])
        return make(service, *arguments, **named)

    session.create_client = create_client
    chain = session.get_component("credential_provider")
    role = chain.get_provider("assume-role")
    role.cache = JSONFileCache(CACHE)
    role._prompter = prompter(world["mfa"])
    chain.get_provider("assume-role-with-web-identity").cache = JSONFileCache(CACHE)
    found = session.get_credentials()
    if found is None:
        return {"error": "no credentials"}
    keys = found.get_frozen_credentials()
    expires = getattr(found, "_expiry_time", None)
    return {"access_key_id": keys.access_key, "secret_access_key": keys.secret_key,
            "session_token": keys.token, "provider": found.method,
            "expires": expires and int(expires.timestamp())}


def main():
    print(json.dumps({"version": botocore.__version__}), flush=True)
    for line in sys.stdin:
        world = json.loads(line)
        child = os.fork()
        if child == 0:
            os.environ.clear()
            os.environ.update(world["env"])
            os.chdir(world["env"]["HOME"])
            try:
                said = resolve(world)
            except Exception as e:  # pylint: disable=broad-except
                said = {"error": "%s: %s" % (type(e).__name__, e)}
            print(json.dumps(said), flush=True)
            os._exit(0)
        os.waitpid(child, 0)


main()
