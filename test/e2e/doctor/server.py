#!/usr/bin/env python3
"""What doctor asks of AWS, answered for one account; the port goes to stdout.

argv: how many seconds its clock is ahead; the connection's status.
"""
import email.utils
import http.server
import sys
import time

AHEAD, CONNECTION = float(sys.argv[1]), sys.argv[2]
REQUESTS = 200


def query(action, result):
    return (f'<{action}Response><{action}Result>{result}</{action}Result><ResponseMetadata>'
            f'<RequestId>r-1</RequestId></ResponseMetadata></{action}Response>')


ANSWERS = (
    ('Action=GetCallerIdentity', query('GetCallerIdentity', '<Account>111122223333</Account>'
                                       '<Arn>arn:aws:iam::111122223333:user/ada</Arn>')),
    ('Action=DescribeAccountLimits', query('DescribeAccountLimits', '<AccountLimits><member>'
                                           '<Name>StackLimit</Name><Value>3</Value></member>'
                                           '</AccountLimits>')),
    ('Action=DescribeStacks', query('DescribeStacks', '<Stacks><member><StackName>shop-sns'
                                    '</StackName><StackStatus>CREATE_COMPLETE</StackStatus>'
                                    '</member></Stacks>')),
    ('GetConnection', f'{{"Connection":{{"ConnectionName":"github","ConnectionStatus":'
                      f'"{CONNECTION}"}}}}'),
    ('account-settings', '{"AccountLimit":{"ConcurrentExecutions":1000,'
                         '"UnreservedConcurrentExecutions":120}}'),
    ('ListBuckets', '<ListAllMyBucketsResult><Buckets><Bucket><Name>shop-a</Name></Bucket>'
                    '</Buckets></ListAllMyBucketsResult>'),
)


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'

    def date_time_string(self, timestamp=None):
        return email.utils.formatdate(time.time() + AHEAD, usegmt=True)

    def log_message(self, *args):
        pass

    def answer(self):
        body = self.rfile.read(int(self.headers.get('Content-Length') or 0)).decode()
        signed = 'Authorization' in self.headers
        asked = ' '.join((self.headers.get('X-Amz-Target', ''), self.path, body))
        if signed and self.command == 'GET' and 'account-settings' not in asked:
            asked = 'ListBuckets'
        text = next((text for word, text in ANSWERS if signed and word in asked), None)
        self.send_response(200 if text else 403)
        text = (text or '<Error><Code>AccessDenied</Code><Message>no</Message></Error>').encode()
        self.send_header('Content-Length', str(len(text)))
        self.end_headers()
        self.wfile.write(text)
    do_GET = do_POST = answer


server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
print(server.server_address[1], flush=True)
server.timeout = 60
for _ in range(REQUESTS):
    server.handle_request()
