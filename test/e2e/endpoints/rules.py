"""Every service in every region of every partition, with FIPS and dual stack: our endpoint
against what botocore's rules give."""
import itertools

from botocore.endpoint_provider import EndpointProvider
from botocore.exceptions import BotoCoreError

import peer

# Our names of the services, where botocore's client has another.
CLIENTS = {"monitoring": "cloudwatch"}
SERVICES = ("cloudformation codebuild codeconnections codepipeline codestar-connections events iam kms "
            "lambda logs monitoring s3 signin sns sqs ssm sso sso-oidc sts").split()
VARIANTS = list(itertools.product((False, True), (False, True)))

# Where we differ and why. The first field: only from peers older than these rules.
RULES_SINCE, DEBIAN = (1, 43), (1, 29)
DIFFERENCES = [
    (False, "a partition as a whole has no host of a regional service: a DNS failure to botocore, an error to us",
     lambda q: q["region"].endswith("-global") and q["error"]),
    (False, "China has no FIPS: botocore makes up iam-fips.amazonaws.com.cn",
     lambda q: q["service"] == "iam" and q["region"].startswith(("cn-", "aws-cn-")) and q["fips"] and q["error"]),
    (True, "the secret partitions got dual stack",
     lambda q: q["region"].startswith(("us-iso", "aws-iso", "eu-iso")) and q["dual"]),
    (True, "IAM got hosts of its own for dual stack, and other ones for FIPS in the secret partitions",
     lambda q: q["service"] == "iam" and (q["dual"] or q["fips"] and "iso" in q["region"])),
    (True, "CloudWatch and EventBridge in GovCloud answer FIPS with dual stack at their usual host",
     lambda q: q["service"] in ("monitoring", "events") and q["region"].startswith("us-gov-") and q["fips"] and q["dual"]),
    (True, "CloudFormation and SSO in GovCloud lost their -fips hosts",
     lambda q: q["service"] in ("cloudformation", "sso", "sso-oidc") and q["region"].startswith("us-gov-") and q["fips"]),
    (True, "OIDC's signing name was changed; its calls are not signed",
     lambda q: q["service"] == "sso-oidc" and q["name_only"]),
]


def known(question):
    for index, (older, reason, test) in enumerate(DIFFERENCES):
        if (not older or peer.version() < RULES_SINCE) and test(question):
            return index, reason
    return None, None


def all_regions(loader):
    regions = set()
    for data in ("partitions", "endpoints"):
        for partition in loader.load_data(data)["partitions"]:
            regions.update(partition["regions"])
    return sorted(regions)


class Rules:
    """botocore's rules of a service, asked directly: building a client takes a hundred times as long."""

    def __init__(self, loader, service):
        client = CLIENTS.get(service, service)
        metadata = loader.load_service_model(client, "service-2")["metadata"]
        rules = loader.load_service_model(client, "endpoint-rule-set-1")
        self.signing_name = metadata.get("signingName", metadata["endpointPrefix"])
        self.parameters = rules["parameters"]
        self.provider = EndpointProvider(rules, loader.load_data("partitions"))

    def ask(self, region, fips, dual):
        given = {"Region": region, "UseFIPS": fips, "UseDualStack": dual, "UseGlobalEndpoint": False}
        try:
            got = self.provider.resolve_endpoint(**{k: v for k, v in given.items() if k in self.parameters})
        except BotoCoreError as e:
            return {"error": str(e)}
        scheme = (got.properties.get("authSchemes") or [{}])[0]
        return {"url": got.url, "region": scheme.get("signingRegion", region),
                "signing_name": scheme.get("signingName", self.signing_name)}


def question_of(service, region, fips, dual):
    env = {"AWS_REGION": region}
    env.update({"AWS_USE_FIPS_ENDPOINT": "true"} if fips else {})
    env.update({"AWS_USE_DUALSTACK_ENDPOINT": "true"} if dual else {})
    return {"env": env, "service": service}


def same(got, want):
    if "error" in want or "error" in got:
        return "error" in want and "error" in got
    return all(got[k] == want[k] for k in ("url", "region", "signing_name"))


def compare(service, regions, rules, ours, used):
    asked = [(r, f, d) for r in regions for f, d in VARIANTS]
    answers = ours.ask_all([question_of(service, *a) for a in asked])
    wrong = []
    for (region, fips, dual), got in zip(asked, answers):
        want = rules.ask(region, fips, dual)
        if same(got, want):
            continue
        index, reason = known({"service": service, "region": region, "fips": fips, "dual": dual,
                               "error": "error" in got, "name_only": got.get("url") == want.get("url")})
        used.add(index)
        if reason is None:
            wrong.append(f"{region} fips={fips} dual={dual}: got {got}, wanted {want}")
    peer.check(f"{service} in {len(regions)} regions, FIPS and dual stack", wrong)


def run(ours):
    loader = peer.session({}).get_component("data_loader")
    regions, used = all_regions(loader), set()
    services = loader.list_available_services("endpoint-rule-set-1")
    for service in SERVICES:
        if CLIENTS.get(service, service) in services:
            compare(service, regions, Rules(loader, service), ours, used)
        else:
            print(f"# this botocore has no {service}")
    unused = [reason for i, (older, reason, _) in enumerate(DIFFERENCES)
              if i not in used and (not older or peer.version() == DEBIAN)]
    peer.check("every difference that is listed is one", unused)
