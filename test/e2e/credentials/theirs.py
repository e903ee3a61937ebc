"""botocore's credentials for this environment, as one line of JSON."""
import json
import os
import sys

import botocore.credentials
import botocore.session
from botocore.utils import JSONFileCache


class Key:
    """What botocore wants of awscrt's EC, by the package cryptography: awscrt is rarely
    installed, and only the curve's arithmetic is its own."""

    def __init__(self, key):
        self._key = key

    @classmethod
    def new_key_from_der_data(cls, data):
        from cryptography.hazmat.primitives.serialization import load_der_private_key
        return cls(load_der_private_key(data, None))

    def get_public_coords(self):
        n = self._key.public_key().public_numbers()
        return n.x.to_bytes(32, "big"), n.y.to_bytes(32, "big")

    def sign(self, digest):
        from cryptography.hazmat.primitives.asymmetric import ec, utils
        from cryptography.hazmat.primitives import hashes
        return self._key.sign(digest, ec.ECDSA(utils.Prehashed(hashes.SHA256())))

    @staticmethod
    def decode_der_signature_to_padded_pair(signature, pad_to=32):
        from cryptography.hazmat.primitives.asymmetric import utils
        r, s = utils.decode_dss_signature(signature)
        return r.to_bytes(pad_to, "big") + s.to_bytes(pad_to, "big")


def bring_key():
    if not hasattr(botocore.credentials, "LoginProvider"):
        return "this botocore does not know login_session"
    if botocore.credentials.EC is None:
        try:
            import cryptography  # noqa: F401
        except ImportError:
            return "neither awscrt nor cryptography is installed"
        botocore.credentials.EC = Key
    return None


def main(url, feature, profile):
    why = bring_key() if feature == "login" else None
    if why:
        return {"skip": why}
    session = botocore.session.Session(profile=profile or None)
    make = session.create_client

    def create_client(service, **arguments):
        return make(service, endpoint_url=url, **arguments)

    # Debian's knows no AWS_ENDPOINT_URL.
    session.create_client = create_client
    # As the AWS CLI does it.
    session.get_component("credential_provider").get_provider("sso").cache = (
        JSONFileCache(os.path.expanduser("~/.aws/cli/cache")))
    try:
        found = session.get_credentials()
        if found is None:
            return {"error": "no credentials"}
        keys = found.get_frozen_credentials()
    except Exception as e:  # pylint: disable=broad-except
        return {"error": "%s: %s" % (type(e).__name__, e)}
    return {"access_key_id": keys.access_key, "secret_access_key": keys.secret_key,
            "session_token": keys.token, "provider": found.method}


print(json.dumps(main(*sys.argv[1:4])))
