"""See test_endpoints. `main.py cli`: with the botocore inside the AWS CLI 2."""
import importlib.util
import os
import sys
import tempfile

CLI = sys.argv[1:] == ["cli"]
if CLI:
    # The CLI imports its copy as "botocore".
    found = importlib.util.find_spec("awscli")
    place = os.path.dirname(found.origin) if found else ""
    if not os.path.isdir(os.path.join(place, "botocore")):
        print("# no AWS CLI 2 with a botocore of its own")
        sys.exit(77)
    sys.path.insert(1, place)

import buckets  # noqa: E402
import peer  # noqa: E402
import profiles  # noqa: E402
import rules  # noqa: E402
import settings  # noqa: E402


def main():
    ours = peer.Ours()
    with tempfile.TemporaryDirectory() as folder:
        if CLI:
            settings.run_cli(ours, folder)
        else:
            rules.run(ours)
            buckets.run(ours, folder)
            settings.run(ours, folder)
            profiles.run(ours, folder)
    return peer.finish(ours)


if __name__ == "__main__":
    sys.exit(main())
