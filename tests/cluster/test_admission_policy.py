"""The chart's ValidatingAdmissionPolicy: a real API server runs its rules on the Jobs of the operator.

One that serves custom resources alone has no such policies, but the same CEL: the rules become those of a
custom resource that holds a Job's document.
"""

import asyncio
import copy
import uuid

import pytest

from fakes.cel_server import STRICT, address, cel_server, define
from fakes.cluster import IMAGE, asked, experiment, request, settings
from fakes.helm import rendered
from seedbed.cluster.admission import Admitted
from seedbed.cluster.manifests import build_prepare_job, build_run_job
from seedbed.cluster.sources import Mirrors, Sources
from seedbed.errors import ClusterFailed, ClusterRefused, NotFound

pytestmark = [pytest.mark.cluster, pytest.mark.slow]

API = "admissionregistration.k8s.io/v1/ValidatingAdmissionPolicy"
STORE = {"endpoint": "http://10.0.0.1:8333", "bucket": "bucket"}
ANYTHING = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
TEXT = {"type": "string", "maxLength": 253}
BOOLEAN = {"type": "boolean"}


def record(**fields):
    return {"type": "object", "properties": fields}


def array(of, longest):
    return {"type": "array", "items": of, "maxItems": longest}


CONTAINER = record(
    **dict.fromkeys(("name", "image"), TEXT),
    **dict.fromkeys(("lifecycle", "livenessProbe", "readinessProbe", "startupProbe"), ANYTHING),
    command=array(TEXT, 4), args=array(TEXT, 8), envFrom=array(ANYTHING, 4),
    env=array(record(valueFrom=record(secretKeyRef=record(name=TEXT, key=TEXT), fieldRef=ANYTHING)), 24),
    securityContext=record(
        **dict.fromkeys(
            ("readOnlyRootFilesystem", "runAsNonRoot", "allowPrivilegeEscalation", "privileged"), BOOLEAN
        ),
        capabilities=record(add=array(TEXT, 4), drop=array(TEXT, 4)), seccompProfile=record(type=TEXT),
    ),
)  # fmt: skip
POD = record(
    **dict.fromkeys(("hostNetwork", "hostPID", "hostIPC", "automountServiceAccountToken"), BOOLEAN),
    **dict.fromkeys(("serviceAccountName", "runtimeClassName", "priorityClassName", "restartPolicy"), TEXT),
    volumes=array(record(emptyDir=ANYTHING, hostPath=ANYTHING), 12),
    containers=array(CONTAINER, 4), initContainers=array(CONTAINER, 4),
)  # fmt: skip
OWNER = record(apiVersion=TEXT, kind=TEXT, controller=BOOLEAN)
JOB = record(
    metadata=record(ownerReferences=array(OWNER, 4)),
    spec=record(backoffLimit={"type": "integer"}, template=record(spec=POD)),
)


def policy(values=None):
    chosen = {"profiles": {"default": {"image": IMAGE}}, "stores": {"default": STORE},
              "sources": {"tokenSecret": "hub"}}  # fmt: skip
    kinds = rendered(chosen | (values or {}), "--api-versions", API)
    (found,) = kinds["ValidatingAdmissionPolicy"]
    return found["spec"], kinds["ValidatingAdmissionPolicyBinding"][0]["spec"]


def as_rules(spec):
    """The policy's validations as rules of a custom resource: variables written out, `object` is `self`."""
    rules = []
    for validation in spec["validations"]:
        rule = validation["expression"]
        for variable in reversed(spec["variables"]):
            rule = rule.replace(f"variables.{variable['name']}", f"({variable['expression']})")
        rules.append({"rule": rule.replace("object.", "self."), "message": validation["message"]})
    return rules


@pytest.fixture(scope="module")
def server():
    found = cel_server()
    kind = f"Job{uuid.uuid4().hex[:8]}"
    plural = f"{kind.lower()}s"
    schema = record(spec=record(job=JOB | {"x-kubernetes-validations": as_rules(policy()[0])}))
    definition = {
        "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{plural}.seedbed.dev"},
        "spec": {
            "group": "seedbed.dev", "scope": "Namespaced",
            "names": {"kind": kind, "plural": plural, "singular": kind.lower()},
            "versions": [{"name": "v1alpha1", "served": True, "storage": True,
                          "schema": {"openAPIV3Schema": schema}}],
        },
    }  # fmt: skip

    def admit(job):
        document = {"apiVersion": "seedbed.dev/v1alpha1", "kind": kind, "metadata": {"name": "job"}}
        document["spec"] = {"job": {"metadata": job["metadata"], "spec": job["spec"]}}
        found.ask(lambda rest: rest.create(address(kind) + STRICT.replace("Strict", "Ignore"), document))

    async def ready(rest):
        await define(rest, definition)
        async with asyncio.timeout(30):
            while not await asyncio.to_thread(refuses_nonsense):
                await asyncio.sleep(0.1)

    def refuses_nonsense():
        try:
            admit({"metadata": {}, "spec": {"template": {"spec": {"containers": []}}}})
        except ClusterRefused:
            return True
        except (ClusterFailed, NotFound):
            return False
        return False

    found.ask(ready)
    yield admit
    found.ask(
        lambda rest: rest.delete(
            f"/apis/apiextensions.k8s.io/v1/customresourcedefinitions/{plural}.seedbed.dev"
        )
    )


def run_job():
    made, chosen = experiment(), settings()
    return build_run_job(made, request(made), chosen.profiles["default"], chosen.stores["default"])


def prepare_job():
    chosen = settings()
    sources = Sources(token_secret="hub", mirrors=Mirrors(mnist="http://mirror/mnist"))
    return build_prepare_job(asked(), Admitted(chosen.profiles["default"], chosen.stores["default"], sources))


@pytest.mark.parametrize("make", [run_job, prepare_job])
def test_what_the_operator_makes_is_admitted(server, make):
    server(make())


def edited(job, change):
    job = copy.deepcopy(job)
    pod = job["spec"]["template"]["spec"]
    change(job, pod, {each["name"]: each for each in (*pod["initContainers"], *pod["containers"])})
    return job


KEY = {"name": "K", "valueFrom": {"secretKeyRef": {"name": "seedbed-s3", "key": "AWS_ACCESS_KEY_ID"}}}
OTHER = {"name": "K", "valueFrom": {"secretKeyRef": {"name": "team-b", "key": "AWS_ACCESS_KEY_ID"}}}
HUB = {"name": "HF_TOKEN", "valueFrom": {"secretKeyRef": {"name": "hub", "key": "HF_TOKEN"}}}
FIELD = {"name": "K", "valueFrom": {"fieldRef": {"fieldPath": "spec.nodeName"}}}
FORBIDDEN = {
    "nobody's": (lambda job, pod, steps: job["metadata"].pop("ownerReferences"), "belongs to a ResearchGoal"),
    "another's": (
        lambda job, pod, steps: job["metadata"]["ownerReferences"][0].update(kind="ConfigMap"),
        "belongs to a ResearchGoal",
    ),
    "again": (lambda job, pod, steps: job["spec"].update(backoffLimit=3), "runs once"),
    "restarts": (lambda job, pod, steps: pod.update(restartPolicy="OnFailure"), "runs once"),
    "image": (lambda job, pod, steps: steps["train"].update(image="evil/miner:1"), "one of a profile's"),
    "command": (lambda job, pod, steps: steps["score"].update(command=["sh"]), "one of its steps"),
    "other step": (lambda job, pod, steps: steps["train"].update(args=["score"]), "one of its steps"),
    "other name": (lambda job, pod, steps: steps["train"].update(name="shell"), "one of its steps"),
    "hook": (lambda job, pod, steps: steps["score"].update(lifecycle={"preStop": {}}), "one of its steps"),
    "probe": (lambda job, pod, steps: steps["score"].update(livenessProbe={"exec": {}}), "one of its steps"),
    "host path": (
        lambda job, pod, steps: pod["volumes"].append({"name": "host", "hostPath": {"path": "/"}}),
        "nothing of the node",
    ),
    "host network": (lambda job, pod, steps: pod.update(hostNetwork=True), "nothing of the node"),
    "token": (lambda job, pod, steps: pod.update(automountServiceAccountToken=True), "no token"),
    "account": (lambda job, pod, steps: pod.update(serviceAccountName="admin"), "no token"),
    "privileged": (
        lambda job, pod, steps: steps["train"]["securityContext"].update(privileged=True), "is restricted",
    ),
    "writable root": (
        lambda job, pod, steps: steps["train"]["securityContext"].update(readOnlyRootFilesystem=False),
        "is restricted",
    ),
    "unconfined": (
        lambda job, pod, steps: steps["train"]["securityContext"].update(
            seccompProfile={"type": "Unconfined"}
        ),
        "is restricted",
    ),
    "keys for code": (lambda job, pod, steps: steps["train"].setdefault("env", []).append(KEY), "no Secret"),
    "other Secret": (lambda job, pod, steps: steps["score"]["env"].append(OTHER), "no Secret"),
    "a hub's token beside a model": (lambda job, pod, steps: steps["fetch"]["env"].append(HUB), "no Secret"),
    "all of a Secret": (lambda job, pod, steps: steps["score"].update(envFrom=[{}]), "no Secret"),
    "a field": (lambda job, pod, steps: steps["train"].setdefault("env", []).append(FIELD), "no Secret"),
    "runtime": (lambda job, pod, steps: pod.update(runtimeClassName="runc"), "are a profile's"),
    "priority": (lambda job, pod, steps: pod.update(priorityClassName="system"), "are a profile's"),
}  # fmt: skip


@pytest.mark.parametrize("name", FORBIDDEN)
def test_what_it_never_makes_is_refused(server, name):
    change, sentence = FORBIDDEN[name]
    with pytest.raises(ClusterRefused, match=sentence):
        server(edited(run_job(), change))


def test_it_speaks_of_the_operators_account_alone_and_denies():
    spec, binding = policy({"serviceAccount": {"name": "it"}})
    assert [each["expression"] for each in spec["matchConditions"]] == [
        "request.userInfo.username == 'system:serviceaccount:seedbed-system:it'"
    ]
    assert spec["failurePolicy"] == "Fail" and binding["validationActions"] == ["Deny"]


def test_it_is_left_out_where_it_is_not_wanted_or_not_served():
    unwanted = rendered({"admissionPolicy": {"enabled": False}}, "--api-versions", API)
    old = rendered({}, "--kube-version", "1.25.0")
    assert "ValidatingAdmissionPolicy" not in unwanted.keys() | old.keys()
