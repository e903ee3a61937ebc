"""A stand-in for STS, as one more route of peers.py: AssumeRole and
AssumeRoleWithWebIdentity, with STS's own limits on their parameters.

A session's keys come from what was asked and by whom, so that equal keys show that the
whole way to them was equal.
"""
import hashlib
import json
import re
import time
import urllib.parse

import peers

HOUR = 3600
MFA_CODE = "918273"
WEB_TOKEN = "header.claims.signature"
NAMESPACE = "https://sts.amazonaws.com/doc/2011-06-15/"
# When the sessions begin: the same for all who ask.
START = int(time.time())

LIMITS = {
    "RoleArn": r"arn:aws[\w-]*:iam::\d{12}:role/.{1,}",
    "RoleSessionName": r"[\w+=,.@-]{2,64}",
    "ExternalId": r"[\w+=,.@:/-]{2,1224}",
    "SerialNumber": r"[\w+=/:,.@-]{9,256}",
    "TokenCode": r"\d{6}",
    "DurationSeconds": r"(9\d\d|\d{4}|[1-3]\d{4}|4[0-2]\d{3}|43[01]\d\d|43200)",
    "WebIdentityToken": r"\S{4,}",
    "Action": r"\w+",
    "Version": r"2011-06-15",
}
MADE_UP = re.compile(r"^(botocore|fpctl)-session-\d{9,11}$")


def refuse(status, code, message):
    raise peers.Refused(status, (
        '<ErrorResponse xmlns="%s"><Error><Type>Sender</Type><Code>%s</Code>'
        "<Message>%s</Message></Error><RequestId>r-1</RequestId></ErrorResponse>"
        % (NAMESPACE, code, message)).encode(), {"Content-Type": "text/xml"})


def signer(request):
    """(access key, region, token) of a signed request; None of an unsigned one."""
    header = request["headers"].get("authorization")
    if header is None:
        return None
    scope = re.match(r"AWS4-HMAC-SHA256 Credential=([^/]+)/\d{8}/([^/]+)/sts/", header)
    if not scope:
        refuse(400, "IncompleteSignature", "no SigV4")
    return scope[1], scope[2], request["headers"].get("x-amz-security-token")


def meaning(request):
    """What a request asks for, and who: what ours and theirs have to have equal."""
    form = dict(urllib.parse.parse_qsl(request["body"], True))
    if MADE_UP.match(form.get("RoleSessionName", "")):
        form["RoleSessionName"] = "(made up)"
    return form, signer(request)


def answer(peer, request):
    form, who = meaning(request)
    form_sent = dict(urllib.parse.parse_qsl(request["body"], True))
    for name, value in form_sent.items():
        if not re.fullmatch(LIMITS.get(name, r"\Z."), value):
            refuse(400, "ValidationError", "%s '%s' is not valid" % (name, value))
    action, role = form.get("Action"), form.get("RoleArn", "")
    if action == "GetCallerIdentity" and who:
        return xml(action, "<Account>%s</Account><Arn>arn:of:%s</Arn><UserId>u</UserId>"
                   % (peers.ACCOUNT, who[0]))
    if action == "AssumeRole":
        peer.must(who is not None, "AssumeRole is not signed", 403)
    elif action == "AssumeRoleWithWebIdentity":
        peer.must(who is None, "AssumeRoleWithWebIdentity is signed")
        if form.get("WebIdentityToken") != WEB_TOKEN:
            refuse(400, "InvalidIdentityToken", "the token is another one")
    else:
        refuse(400, "InvalidAction", "%s is not known" % action)
    if role.endswith("/denied"):
        refuse(403, "AccessDenied", "User is not authorized to perform: sts:%s" % action)
    if role.endswith("/garbage"):
        return b"<AssumeRoleResponse><Cred", {"Content-Type": "text/xml"}
    if role.endswith("/mfa") and form.get("TokenCode") != MFA_CODE:
        refuse(403, "AccessDenied", "MultiFactorAuthentication failed with invalid MFA "
                                    "one time pass code")
    if role.endswith("/external") and form.get("ExternalId") != "ext:1/2":
        refuse(403, "AccessDenied", "the external id is another one")
    life = int(form.get("DurationSeconds", HOUR))
    name = hashlib.sha1(json.dumps([form, who], sort_keys=True).encode()).hexdigest()
    k = peers.keys(name[:16].upper())
    return xml(action, (
        "<Credentials><AccessKeyId>%s</AccessKeyId><SecretAccessKey>%s</SecretAccessKey>"
        "<SessionToken>%s</SessionToken><Expiration>%s</Expiration></Credentials>"
        "<AssumedRoleUser><AssumedRoleId>AROA1:%s</AssumedRoleId>"
        "<Arn>arn:aws:sts::%s:assumed-role/%s/%s</Arn></AssumedRoleUser>" % (
            k["accessKeyId"], k["secretAccessKey"], k["sessionToken"],
            time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(START + life)),
            form.get("RoleSessionName"), peers.ACCOUNT, role.split("/")[-1],
            form.get("RoleSessionName"))))


def xml(action, result):
    return ('<%sResponse xmlns="%s"><%sResult>%s</%sResult><ResponseMetadata><RequestId>'
            "r-1</RequestId></ResponseMetadata></%sResponse>" % (
                action, NAMESPACE, action, result, action, action)
            ).encode(), {"Content-Type": "text/xml"}


peers.ROUTES.append(("/", "POST", answer, True))
