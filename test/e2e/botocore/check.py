"""Cases that count themselves, and clients of the emulator in $AWS_ENDPOINT_URL."""
import datetime
import os
import time
import traceback

import botocore.session
from botocore.config import Config
from botocore.exceptions import ClientError

VERSION = tuple(int(n) for n in botocore.__version__.split('.')[:2])
REGION = 'us-east-1'
ACCOUNT = '000000000000'
cases = []
# One for all: it reads each service's model once.
session = botocore.session.get_session()


def case(function):
    """Register a case: its docstring is its name."""
    cases.append(function)
    return function


class Skip(Exception):
    """This client cannot ask for what the case is about."""


def client(service, **config):
    keys = config.pop('keys', (None, None, None))
    settings = {'retries': {'max_attempts': 0}, 'read_timeout': 30, 'signature_version': 'v4'}
    if service == 's3':
        settings['signature_version'] = 's3v4'
    settings.update(config)
    return session.create_client(
        service, region_name=settings.pop('region', REGION),
        endpoint_url=settings.pop('endpoint', os.environ['AWS_ENDPOINT_URL']),
        aws_access_key_id=keys[0], aws_secret_access_key=keys[1], aws_session_token=keys[2],
        config=Config(**settings))


def refused(code, function, *args, status=None, says=None, **kwargs):
    """The call ends with that error code (and status and text); gives the error."""
    try:
        answer = function(*args, **kwargs)
    except ClientError as e:
        error = e.response['Error']
        assert error['Code'] == code, f"{error['Code']} instead of {code}: {error.get('Message')}"
        got = e.response['ResponseMetadata']['HTTPStatusCode']
        assert status is None or got == status, f'status {got} instead of {status}'
        assert says is None or says in error['Message'], error['Message']
        assert e.response['ResponseMetadata'].get('RequestId'), 'no request ID'
        return e
    raise AssertionError(f'no {code}, but {answer}')


def equal(got, want):
    assert got == want, f'{str(got)[:300]!r} instead of {str(want)[:300]!r}'


def is_time(value):
    assert isinstance(value, datetime.datetime) and value.tzinfo, f'{value!r} is no time'
    age = (datetime.datetime.now(datetime.timezone.utc) - value).total_seconds()
    assert -5 < age < 600, f'{value} is {age} s ago'


def within(seconds, ready):
    end = time.time() + seconds
    while True:
        found = ready()
        if found:
            return found
        assert time.time() < end, f'not within {seconds} s'
        time.sleep(0.05)


def pages(client_, operation, member, size=None, **kwargs):
    """All of a listing by its paginator in pages of `size`, and how many pages it took."""
    settings = {'PageSize': size} if size else {}
    found, n = [], 0
    for page in client_.get_paginator(operation).paginate(PaginationConfig=settings, **kwargs):
        found += page.get(member, [])
        n += 1
        assert n < 200, 'it pages for ever'
    return found, n


def run():
    counts = {'ok': 0, 'not ok': 0, 'skip': 0}
    for c in cases:
        name, text = (c.__doc__ or c.__name__).strip(), ''
        began = time.time()
        try:
            c()
            verdict = 'ok'
        except Skip as e:
            verdict, text = 'skip', f': {e}'
        except Exception:
            verdict = 'not ok'
            text = '\n' + traceback.format_exc()
        if os.environ.get('SHOW_TIMES'):
            text += f' ({time.time() - began:.1f} s)'
        counts[verdict] += 1
        print(f'{verdict.ljust(4)} {name}{text}', flush=True)
    print(f"counts {counts['ok']} {counts['not ok']} {counts['skip']}")
