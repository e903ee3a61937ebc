"""Answers built from a model's output shape, every member filled, and their bytes.

A document is made of plain Python values (moments are datetime, blobs are bytes); it is
written here without botocore's help, in the form that the protocol gives it.
"""
import base64
import datetime
import json
from xml.sax.saxutils import escape

MAX_DEPTH = 12
START = datetime.datetime(2026, 1, 2, 3, 4, 5, tzinfo=datetime.timezone.utc)
ODD = 'ü & <b> "q" \'a\' 100% [x]'


class Filler:
    """Values that differ from each other; `length` items a list, by turns of 1 to 3."""

    def __init__(self, seed, length=None):
        self.count = seed * 1000
        self.length = length

    def value(self, shape, name, depth=0):
        self.count += 1
        make = getattr(self, '_' + shape.type_name)
        return make(shape, name, depth)

    def _structure(self, shape, name, depth):
        if depth > MAX_DEPTH:
            return {}
        return {m: self.value(s, m, depth + 1) for m, s in shape.members.items()}

    def _list(self, shape, name, depth):
        n = 1 + self.count % 3 if self.length is None else self.length
        return [self.value(shape.member, name, depth + 1) for _ in range(n)]

    def _map(self, shape, name, depth):
        keys = [self.value(shape.key, name + 'Key', depth + 1) for _ in range(2)]
        return {k: self.value(shape.value, name, depth + 1) for k in dict.fromkeys(keys)}

    def _string(self, shape, name, depth):
        if shape.enum:
            return shape.enum[self.count % len(shape.enum)]
        return '%s %d %s' % (name, self.count, ODD)

    def _integer(self, shape, name, depth):
        return self.count

    def _long(self, shape, name, depth):
        return 2 ** 40 + self.count

    def _double(self, shape, name, depth):
        return self.count / 8

    _float = _double

    def _boolean(self, shape, name, depth):
        return self.count % 2 == 0

    def _timestamp(self, shape, name, depth):
        return START + datetime.timedelta(seconds=self.count, milliseconds=250)

    def _blob(self, shape, name, depth):
        return b'\x00\xff' + name.encode()


def iso(moment):
    return moment.strftime('%Y-%m-%dT%H:%M:%S.') + '%03dZ' % (moment.microsecond // 1000)


def json_value(shape, value, outer=True):
    kind = shape.type_name
    if kind == 'structure':
        return {s.serialization.get('name', m): json_value(s, value[m])
                for m, s in shape.members.items() if m in value}
    if kind == 'list':
        return [json_value(shape.member, v) for v in value]
    if kind == 'map':
        return {k: json_value(shape.value, v) for k, v in value.items()}
    if kind == 'timestamp':
        return iso(value) if shape.serialization.get('timestampFormat') == 'iso8601' \
            else value.timestamp()
    if kind == 'blob':
        return base64.b64encode(value).decode()
    return value


def xml_text(shape, value):
    kind = shape.type_name
    if kind == 'timestamp':
        return iso(value)
    if kind == 'blob':
        return base64.b64encode(value).decode()
    if kind == 'boolean':
        return 'true' if value else 'false'
    return escape(str(value))


def xml_value(shape, value, name):
    kind = shape.type_name
    flat = shape.serialization.get('flattened')
    if kind == 'structure':
        inner = ''.join(xml_value(s, value[m], s.serialization.get('name', m))
                        for m, s in shape.members.items() if m in value)
    elif kind == 'list':
        item = shape.member.serialization.get('name', 'member')
        inner = ''.join(xml_value(shape.member, v, name if flat else item) for v in value)
    elif kind == 'map':
        key = shape.key.serialization.get('name', 'key')
        val = shape.value.serialization.get('name', 'value')
        inner = ''.join('<entry>%s%s</entry>' % (xml_value(shape.key, k, key),
                                                 xml_value(shape.value, v, val))
                        for k, v in value.items())
    else:
        inner = xml_text(shape, value)
    # The blanks between elements are those that some services answer with.
    return inner if flat else '<%s>%s</%s>\n' % (name, inner, name)


def query_answer(operation, document):
    shape, name = operation.output_shape, operation.name
    inner = ''
    if shape is not None:
        wrapper = shape.serialization.get('resultWrapper', name + 'Result')
        inner = xml_value(shape, document, wrapper)
    body = ('<?xml version="1.0"?>\n<%sResponse xmlns="http://x.amazonaws.com/doc/">\n%s'
            '<ResponseMetadata>\n<RequestId>r-1</RequestId></ResponseMetadata>'
            '</%sResponse>' % (name, inner, name))
    return {'status_code': 200, 'headers': {'Content-Type': 'text/xml'},
            'body': body.encode()}


def json_answer(operation, document):
    shape = operation.output_shape
    body = json.dumps(json_value(shape, document), ensure_ascii=True) if shape else ''
    return {'status_code': 200, 'headers': {'Content-Type': 'application/x-amz-json-1.1'},
            'body': body.encode()}


def rest_json_answer(operation, document):
    shape = operation.output_shape
    headers, body, status = {'Content-Type': 'application/json'}, {}, 200
    payload = shape.serialization.get('payload')
    for member, s in shape.members.items():
        if member not in document:
            continue
        where = s.serialization.get('location')
        if where == 'header':
            headers[s.serialization['name']] = str(document[member])
        elif where == 'statusCode':
            status = document[member]
        elif member != payload:
            body[s.serialization.get('name', member)] = json_value(s, document[member])
    raw = document[payload] if payload else json.dumps(body, ensure_ascii=False).encode()
    return {'status_code': status, 'headers': headers, 'body': raw}


def rest_xml_answer(operation, document):
    shape = operation.output_shape
    headers, inner, raw = {}, '', None
    if shape is None:
        return {'status_code': 204, 'headers': {}, 'body': b''}
    payload = shape.serialization.get('payload')
    for member, s in shape.members.items():
        if member not in document:
            continue
        name, value = s.serialization.get('name', member), document[member]
        where = s.serialization.get('location')
        if where == 'header':
            headers[name] = header_text(s, value)
        elif where == 'headers':
            headers.update({name + k: v for k, v in value.items()})
        elif member == payload and s.type_name in ('blob', 'string'):
            raw = value
        elif member == payload:
            inner = xml_value(s, value, name)
        elif payload is None:
            inner += xml_value(s, value, name)
    root = shape.serialization.get('name', shape.name)
    body = raw if raw is not None else inner.encode()
    if payload is None:
        body = ('<?xml version="1.0" encoding="UTF-8"?>\n<%s xmlns="http://s3/">%s</%s>'
                % (root, inner, root)).encode()
    if operation.http['method'] == 'HEAD':
        body = b''
    return {'status_code': 200, 'headers': headers, 'body': body}


def header_text(shape, value):
    if shape.type_name == 'timestamp':
        return value.strftime('%a, %d %b %Y %H:%M:%S GMT')
    text = value if shape.type_name == 'string' else xml_text(shape, value)
    return text.encode('ascii', 'ignore').decode()


def answer(protocol, operation, document):
    return {'query': query_answer, 'json': json_answer, 'rest-json': rest_json_answer,
            'rest-xml': rest_xml_answer}[protocol](operation, document)
