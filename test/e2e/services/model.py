"""What botocore makes of an input, and of an answer."""
from urllib.parse import parse_qsl

import botocore.exceptions
import botocore.parsers
import botocore.serialize
import botocore.session

SESSION = botocore.session.get_session()


class Unknown(Exception):
    """This botocore does not know the service, the operation or a member."""


def put_bucket(made, bucket):
    """Path style, as for this endpoint; the newer models leave the bucket to its rules."""
    path, _, more = made['url_path'].partition('?')
    if bucket and path != '/' + bucket and not path.startswith('/' + bucket + '/'):
        path = '/' + bucket + path
    made['url_path'] = path if path.count('/') > 1 or not bucket else path + '/'
    if more:
        made['query_string'] = dict(made['query_string'],
                                    **dict(parse_qsl(more, keep_blank_values=True)))


IDEMPOTENCY = {'ClientRequestToken', 'ClientToken', 'clientRequestToken',
               'idempotencyToken', 'IdempotencyToken'}


class Operation:
    def __init__(self, service, name, protocol):
        try:
            self.service = SESSION.get_service_model(service)
            self.model = self.service.operation_model(name)
        except (botocore.exceptions.UnknownServiceError,
                botocore.model.OperationNotFoundError) as e:
            raise Unknown('%s %s' % (service, name)) from e
        known = self.service.metadata.get('protocols', [self.service.protocol])
        if protocol not in known:
            raise Unknown('%s by the %s protocol' % (service, protocol))
        self.protocol = protocol

    def check_members(self, shape, value, path):
        """Its own validation calls unknown members fine in some versions."""
        kind = shape.type_name
        if kind == 'structure':
            for k, v in value.items():
                if k not in shape.members:
                    raise Unknown('%s.%s' % (path, k))
                self.check_members(shape.members[k], v, '%s.%s' % (path, k))
        elif kind == 'list':
            for v in value:
                self.check_members(shape.member, v, path)

    def request(self, params):
        if self.model.input_shape is None and params:
            raise Unknown('input of %s' % self.model.name)
        if self.model.input_shape is not None:
            self.check_members(self.model.input_shape, params, self.model.name)
            lacking = IDEMPOTENCY & set(self.model.input_shape.members) - set(params)
            assert not lacking, '%s takes a token' % self.model.name
        serializer = botocore.serialize.create_serializer(self.protocol, True)
        made = serializer.serialize_to_request(params, self.model)
        made['signing_name'] = self.service.signing_name
        if self.protocol == 'rest-xml':
            put_bucket(made, params.get('Bucket'))
        return made

    def parse(self, answer):
        if self.model.output_shape is None:
            return None
        parser = botocore.parsers.create_parser(self.protocol)
        parsed = parser.parse(dict(answer), self.model.output_shape)
        parsed.pop('ResponseMetadata', None)
        for k, v in parsed.items():
            if hasattr(v, 'read'):
                parsed[k] = v.read()
            if isinstance(parsed[k], bytes):
                parsed[k] = parsed[k].decode()
        return parsed
