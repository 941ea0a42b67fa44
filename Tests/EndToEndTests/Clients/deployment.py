"""Checks the files of deploy/ that no engine is needed for, and prints what is wrong with them, a line each.

deployment.py DEPLOY NAMES: the directory, and the names of the variables that a program is told to trust the gate by
"""

import copy, pathlib, sys

import celpy, yaml

deploy, names = pathlib.Path(sys.argv[1]), sys.argv[2].split(",")
wrong = []


def check(condition, sentence):
    if not condition:
        wrong.append(sentence)


def read(name):
    return yaml.safe_load((deploy / name).read_text())


class Policy:
    """A ValidatingAdmissionPolicy, by another implementation of CEL than the API server's."""

    def __init__(self, document):
        self.spec = document["spec"]
        self.environment = celpy.Environment()

    def run(self, expression, values):
        program = self.environment.program(self.environment.compile(expression))
        return program.evaluate(values)

    def messages(self, pod):
        """Of the validations that refuse the pod; None where the policy does not ask."""
        values = {"object": celpy.json_to_cel(pod)}
        if not all(self.run(each["expression"], values) for each in self.spec["matchConditions"]):
            return None
        variables = {
            each["name"]: self.run(each["expression"], values) for each in self.spec["variables"]
        }
        values["variables"] = celpy.celtypes.MapType(
            {celpy.celtypes.StringType(name): value for name, value in variables.items()}
        )
        return [each["message"] for each in self.spec["validations"] if not self.run(each["expression"], values)]


deployment = read("kubernetes/base/deployment.yaml")
template = deployment["spec"]["template"]
pod = {"spec": template["spec"]}
spec = pod["spec"]
agent = spec["containers"][0]
network, trust, gate = spec["initContainers"]
policy = Policy(read("kubernetes/policy/policy.yaml"))


def changed(change):
    other = copy.deepcopy(pod)
    change(other["spec"], other["spec"]["containers"][0])
    return other


# What the base deploys is admitted, and each way around the gate is refused by the sentence about it.
check(policy.messages(pod) == [], f"the policy refuses the base: {policy.messages(pod)}")
check(policy.messages({"spec": {"containers": [agent]}}) is None, "the policy asks about pods without a gate")


def raw(spec, agent):
    agent["securityContext"]["capabilities"] = {"add": ["NET_RAW"]}


refused = {
    "drops NET_RAW": [
        lambda spec, agent: agent.pop("securityContext"),
        lambda spec, agent: agent["securityContext"].pop("capabilities"),
        lambda spec, agent: agent["securityContext"].update(capabilities={"drop": ["CHOWN"]}),
        raw,
        lambda spec, agent: spec.update(ephemeralContainers=[{"name": "debug", "image": "busybox"}]),
        lambda spec, agent: spec["initContainers"].append({"name": "setup", "image": "busybox"}),
    ],
    "adds a capability": [
        raw,
        lambda spec, agent: agent["securityContext"]["capabilities"].update(add=["NET_ADMIN"]),
        lambda spec, agent: agent["securityContext"]["capabilities"].update(add=["ALL"]),
    ],
    "privileged": [
        lambda spec, agent: agent["securityContext"].update(privileged=True),
        lambda spec, agent: agent["securityContext"].update(allowPrivilegeEscalation=True),
        lambda spec, agent: agent["securityContext"].pop("allowPrivilegeEscalation"),
    ],
    "runAsUser": [
        lambda spec, agent: agent["securityContext"].pop("runAsUser"),
        lambda spec, agent: agent["securityContext"].update(runAsUser=0),
        lambda spec, agent: agent["securityContext"].update(runAsUser=1337),
        lambda spec, agent: spec["initContainers"][2]["securityContext"].pop("runAsUser"),
    ],
    "processes of its own": [
        lambda spec, agent: spec.update(hostNetwork=True),
        lambda spec, agent: spec.update(hostPID=True),
        lambda spec, agent: spec.update(shareProcessNamespace=True),
    ],
    "mounts its state": [
        lambda spec, agent: agent["volumeMounts"].append({"name": "tiergate-run", "mountPath": "/run/tiergate"}),
        lambda spec, agent: agent["volumeMounts"].append({"name": "tiergate-state", "mountPath": "/x"}),
        lambda spec, agent: agent["volumeMounts"][0].pop("readOnly"),
    ],
    "first init container": [
        lambda spec, agent: spec["initContainers"].pop(0),
        lambda spec, agent: spec["initContainers"].insert(0, {**agent, "name": "early"}),
    ],
}
for words, changes in refused.items():
    for number, change in enumerate(changes):
        messages = policy.messages(changed(change))
        check(any(words in each for each in messages), f"the policy admits change {number} that it refuses for '{words}'")
check(
    policy.messages(changed(lambda spec, agent: agent["securityContext"]["capabilities"].update(add=["CHOWN"]))) == [],
    "the policy refuses a harmless capability",
)

# The pod.
check(network["securityContext"]["capabilities"] == {"drop": ["ALL"], "add": ["NET_ADMIN"]}, "the network's capabilities")
check(gate["restartPolicy"] == "Always", "the gate is no native sidecar")
for each in (trust, gate, agent):
    check(each["securityContext"]["capabilities"] == {"drop": ["ALL"]}, f"{each['name']} keeps capabilities")
for each in (network, trust, gate):
    check(each["securityContext"]["readOnlyRootFilesystem"], f"{each['name']} can write its image")
check(spec["automountServiceAccountToken"] is False, "the pod has a service account's token")
check(sorted(each["name"] for each in agent["env"]) == sorted(names), "the pod's agent is told other variables")

# Compose.
compose = read("compose.yaml")["services"]
beside = compose["agent"], compose["network"]
check(all(each["network_mode"] == "service:tiergate" for each in beside), "compose: not in the gate's network")
check(compose["tiergate"]["read_only"] and compose["tiergate"]["cap_drop"] == ["ALL"], "compose: the gate is not confined")
check(compose["network"]["cap_add"] == ["NET_ADMIN"] and compose["network"]["cap_drop"] == ["ALL"], "compose: network")
check(compose["agent"]["cap_drop"] == ["ALL"] and "cap_add" not in compose["agent"], "compose: the agent keeps capabilities")
check(compose["agent"]["user"].split(":")[0] not in ("0", "1337"), "compose: the agent has the gate's account")
check(sorted(compose["agent"]["environment"]) == sorted(names), "compose: the agent is told other variables")

# The image.
image = (deploy / "Dockerfile").read_text()
stages = [each for each in image.split("\n") if each.startswith("FROM ")]
last = image[image.index(stages[-1]) :]
check("--static-swift-stdlib" in image and len(stages) == 2, "Dockerfile: not in two stages with Swift linked in")
check("\nUSER 1337:1337\n" in last, "Dockerfile: the image runs as root")
check("swift:" not in stages[-1], "Dockerfile: the toolchain is in the image")

print("\n".join(wrong))
sys.exit(bool(wrong))
