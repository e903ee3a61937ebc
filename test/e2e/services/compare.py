"""Whether two sides mean the same."""
import base64
import datetime
import hashlib
import json
import re
import urllib.parse
import xml.etree.ElementTree


def differ(path, ours, theirs):
    return ['%s: ours %r, theirs %r' % (path, ours, theirs)]


def moment(value):
    if isinstance(value, (int, float)):
        return value
    try:
        return datetime.datetime.fromisoformat(value.replace('Z', '+00:00')).timestamp()
    except (ValueError, AttributeError):
        return None


def scalar(ours, theirs):
    if isinstance(theirs, datetime.datetime):
        at = moment(ours)
        return at is not None and abs(at - theirs.timestamp()) < 0.0005
    if isinstance(theirs, bool):
        return ours is theirs or ours == ('true' if theirs else 'false')
    if isinstance(theirs, (int, float)):
        try:
            return not isinstance(ours, bool) and float(ours) == theirs
        except (TypeError, ValueError):
            return False
    if isinstance(theirs, bytes):
        theirs = base64.b64encode(theirs).decode()
    return ours == theirs


def answers(ours, theirs, path=''):
    """The peer's reading against botocore's. An empty list or structure of the Query
    protocol is an empty text."""
    if isinstance(theirs, dict):
        if not theirs and ours == '':
            return []
        if not isinstance(ours, dict):
            return differ(path, ours, theirs)
        found = []
        for k in sorted(set(ours) | set(theirs)):
            if k not in ours or k not in theirs:
                found += differ('%s.%s' % (path, k), ours.get(k), theirs.get(k))
            else:
                found += answers(ours[k], theirs[k], '%s.%s' % (path, k))
        return found
    if isinstance(theirs, (list, tuple)):
        if not theirs and ours == '':
            return []
        if not isinstance(ours, list) or len(ours) != len(theirs):
            return differ(path, ours, theirs)
        return [d for i, v in enumerate(theirs)
                for d in answers(ours[i], v, '%s[%d]' % (path, i))]
    return [] if scalar(ours, theirs) else differ(path, ours, theirs)


def form_of(body):
    pairs = urllib.parse.parse_qsl(body.decode(), keep_blank_values=True)
    assert len(pairs) == len(dict(pairs)), 'a parameter comes twice'
    return dict(pairs)


def without_fractions(form):
    """Moments: '.000' says nothing."""
    return {k: re.sub(r'(T\d\d:\d\d:\d\d)\.000Z$', r'\1Z', str(v))
            for k, v in form.items()}


def tree_of(element):
    """Names without their namespace; the order of members is no matter, of items it is."""
    children = [tree_of(e) for e in element]
    return (element.tag.rpartition('}')[2], element.text or '',
            sorted(children, key=lambda c: c[0]))


def body_of(protocol, body):
    if protocol == 'query':
        return without_fractions(form_of(body))
    if protocol == 'rest-xml' and body[:1] in (b'<', '<'):
        return tree_of(xml.etree.ElementTree.fromstring(body))
    if protocol == 'rest-xml':
        return body.encode() if isinstance(body, str) else body
    if isinstance(body, str):
        body = body.encode()
    try:
        return json.loads(body) if body else {}
    except ValueError:
        return body


def requests(got, want, protocol):
    """What arrived against what botocore would have sent."""
    url = urllib.parse.urlsplit(got['target'])
    query = sorted((k, str(v)) for k, v in dict(want['query_string']).items())
    found = []
    pairs = [
        ('method', got['method'], want['method']),
        # The older model of GetAccountSettings ends in a slash, the newer does not.
        ('path', url.path, want['url_path'] if protocol == 'rest-xml'
         else want['url_path'].rstrip('/') or '/'),
        ('query', sorted(urllib.parse.parse_qsl(url.query, keep_blank_values=True)),
         query),
        ('signing name', got['headers'].get('authorization', '').split('/')[3:4],
         [] if want['anonymous'] else [want['signing_name']]),
    ]
    for name in ('X-Amz-Target', 'X-Amz-Invocation-Type', 'X-Amz-Log-Type'):
        pairs.append((name, got['headers'].get(name.lower()), want['headers'].get(name)))
    if protocol != 'rest-json' and 'Content-Type' in want['headers']:
        pairs.append(('Content-Type', got['headers'].get('content-type'),
                      want['headers']['Content-Type']))
    if protocol == 'rest-xml':
        for name, value in want['headers'].items():
            pairs.append((name, got['headers'].get(name.lower()), str(value)))
        # What goes beyond: the body's digest, which S3 wants signed, and a checksum.
        extra = {k: v for k, v in got['headers'].items() if k.startswith('x-amz-') and
                 k not in [n.lower() for n in want['headers']] + ['x-amz-date']}
        digest = hashlib.sha256(got['body'])
        known = {'x-amz-content-sha256': digest.hexdigest()}
        if 'x-amz-checksum-sha256' in extra:
            known['x-amz-checksum-sha256'] = base64.b64encode(digest.digest()).decode()
        pairs.append(('further headers', extra, known))
    theirs = want['body']
    if protocol == 'query':
        pairs.append(('form', body_of(protocol, got['body']), without_fractions(theirs)))
    else:
        pairs.append(('body', body_of(protocol, got['body']), body_of(protocol, theirs)))
    for name, ours, other in pairs:
        if ours != other:
            found += differ(name, ours, other)
    return found
