"""Kubernetes' manifests as tests read them."""

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from deploy.plan import ROOT

FOLDER = ROOT / "deploy" / "kubernetes"
Manifest = dict[str, Any]
Labels = dict[str, str]


def listed(folder: Path) -> list[str]:
    """The files that a folder's kustomization takes in."""
    made = yaml.safe_load((folder / "kustomization.yaml").read_text(encoding="utf-8"))
    return [str(name) for name in made["resources"]]


def read(file: Path) -> list[Manifest]:
    return list(yaml.safe_load_all(file.read_text(encoding="utf-8")))


def every() -> Iterator[Manifest]:
    """All manifests, the adapter's too."""
    for folder in (FOLDER, FOLDER / "adapter"):
        for name in listed(folder):
            yield from read(folder / name)


def of_kind(kind: str) -> dict[str, Manifest]:
    """The manifests of a kind, by name."""
    return {made["metadata"]["name"]: made for made in every() if made["kind"] == kind}


def pod(workload: Manifest) -> Manifest:
    """What a workload's pods are."""
    made: Manifest = workload["spec"]["template"]["spec"]
    return made


def labels(workload: Manifest) -> Labels:
    made: Labels = workload["spec"]["template"]["metadata"]["labels"]
    return made


def process(workload: Manifest) -> Manifest:
    """The one container of a workload's pods."""
    [made] = pod(workload)["containers"]
    found: Manifest = made
    return found


def secrets_of(workload: Manifest) -> dict[str, Manifest]:
    """The secrets that a workload's pods are given, by name."""
    return {
        each["secret"]["secretName"]: each["secret"] for each in pod(workload)["volumes"] if "secret" in each
    }


def environment(workload: Manifest) -> dict[str, str]:
    return {each["name"]: each["value"] for each in process(workload)["env"]}


def selects(selector: Manifest, pod_labels: Labels) -> bool:
    """Whether a label selector takes pods with these labels."""
    exactly = selector.get("matchLabels", {}).items() <= pod_labels.items()
    return exactly and all(
        each["operator"] == "In" and pod_labels.get(each["key"]) in each["values"]
        for each in selector.get("matchExpressions", [])
    )


def let_through(policy: Manifest, direction: str, peer: Labels, port: int | str) -> bool:
    """Whether one policy lets pods of this namespace with these labels through in a direction, at a port."""
    side = {"ingress": "from", "egress": "to"}[direction]
    for rule in policy["spec"].get(direction, []):
        pods = [each["podSelector"] for each in rule.get(side, []) if "podSelector" in each]
        ports = [each["port"] for each in rule.get("ports", [])]
        if (side not in rule or any(selects(each, peer) for each in pods)) and (not ports or port in ports):
            return True
    return False


def reaches(source: Labels, target: Labels, port: int | str) -> bool:
    """Whether the policies let pods with the first labels reach those with the second at a port."""
    policies = list(of_kind("NetworkPolicy").values())

    def open_for(own: Labels, direction: str, peer: Labels) -> bool:
        bound = [
            each
            for each in policies
            if selects(each["spec"]["podSelector"], own)
            and direction.capitalize() in each["spec"]["policyTypes"]
        ]
        return not bound or any(let_through(each, direction, peer, port) for each in bound)

    return open_for(source, "egress", target) and open_for(target, "ingress", source)


def renamed(made: object, names: dict[str, str]) -> object:
    """A manifest in which words are replaced wherever they stand."""
    text = yaml.safe_dump(copy.deepcopy(made))
    for old, new in names.items():
        text = text.replace(old, new)
    return yaml.safe_load(text)
