"""The manifests for Kubernetes: what its schemas say, what the plan says, and who is given and reaches what."""

import os
import re
import shutil
import subprocess
import sys
from importlib import import_module

import kubernetes_validate
import pytest
import yaml

from adapter.settings import AdapterSettings
from console.settings import ConsoleSettings
from deploy import place
from deploy.parts import DRAIN, Choices, made_databases, password
from deploy.plan import HOMES, KEEP_FILES, PORTS, ROOT, SERVICES
from gateway.settings import GatewaySettings
from kit.settings import describe
from tests.deploy.manifests import (
    FOLDER,
    environment,
    every,
    labels,
    listed,
    of_kind,
    pod,
    process,
    reaches,
    read,
    renamed,
    secrets_of,
)

DEPLOYMENTS = of_kind("Deployment")
WORKLOADS = {**DEPLOYMENTS, **of_kind("Job")}
SERVERS = ("gateway", *HOMES)
#: The oldest release of Kubernetes that is thought of, and the newest whose schemas we have.
VERSIONS = ("1.30", kubernetes_validate.latest_version())
#: uvicorn's patience with what it has let in, behind the seconds in which a process still answers.
GRACE = 10


@pytest.mark.parametrize("version", VERSIONS)
def test_every_manifest_is_what_its_schema_says(version):
    for made in every():
        kubernetes_validate.validate(made, version, strict=True)


def test_a_field_that_no_schema_knows_is_found():
    made = renamed(DEPLOYMENTS["office"], {"readOnlyRootFilesystem": "readOnlyRoot"})
    with pytest.raises(kubernetes_validate.ValidationError, match="readOnlyRoot"):
        kubernetes_validate.validate(made, VERSIONS[0], strict=True)


@pytest.mark.parametrize("folder", [FOLDER, FOLDER / "adapter"], ids=lambda folder: folder.name)
def test_every_file_is_taken_in_and_read_alike_by_kustomize(folder):
    assert {*listed(folder), "kustomization.yaml"} == {file.name for file in folder.glob("*.yaml")}
    if shutil.which("kubectl") is None:
        return
    made = subprocess.run(["kubectl", "kustomize", folder], capture_output=True, text=True, check=True)
    ours = [each for name in listed(folder) for each in read(folder / name)]
    theirs = list(yaml.safe_load_all(made.stdout))
    for each in theirs:
        each["metadata"].pop("namespace", None)
    text = yaml.safe_dump(ours).replace("image: dongsheng\n", "image: dongsheng:latest\n")
    assert _by_name(theirs) == _by_name(yaml.safe_load(text))


def _by_name(manifests):
    return {(each["kind"], each["metadata"]["name"]): each for each in manifests}


def test_there_is_a_deployment_for_every_process_of_the_plan_and_a_service_where_it_is_reached():
    workers = {f"{name}-worker" for name in SERVICES}
    assert set(DEPLOYMENTS) == {*SERVERS, *workers, "adapter"}
    reached = of_kind("Service")
    for name in SERVERS:
        server = process(DEPLOYMENTS[name])
        module = f"services.{name}" if name in SERVICES else name
        assert server["command"] == ["python3", "-m", module, "serve"]
        assert server["ports"] == [{"name": "http", "containerPort": PORTS[name]}]
        assert reached[name]["spec"]["ports"] == [{"name": "http", "port": PORTS[name], "targetPort": "http"}]
        assert reached[name]["spec"]["selector"].items() <= labels(DEPLOYMENTS[name]).items()
    for name in SERVICES:
        assert process(DEPLOYMENTS[f"{name}-worker"])["command"][-2:] == [f"services.{name}", "worker"]
    for name, made in DEPLOYMENTS.items():
        assert made["spec"]["selector"]["matchLabels"] == {"part": name}
        assert labels(made)["part"] == name


@pytest.mark.parametrize("name", SERVICES)
def test_services_differ_by_name_port_and_files_alone(name):
    def without_files(made):
        if made["kind"] == "Deployment":
            volumes, container = pod(made)["volumes"], process(made)
            kept = [each for each in volumes if each["name"] == "files"]
            assert bool(kept) == (name in KEEP_FILES)
            pod(made)["volumes"] = [each for each in volumes if each["name"] != "files"]
            container["volumeMounts"] = [
                each for each in container["volumeMounts"] if each["name"] != "files"
            ]
            container["env"] = [
                each for each in container["env"] if not each["name"].endswith("_FILES_FOLDER")
            ]
        return made

    names = {"property": name, "PROPERTY": name.upper(), "8101": str(SERVICES[name])}
    ours = [without_files(made) for made in read(FOLDER / f"{name}.yaml")]
    assert ours == [renamed(made, names) for made in read(FOLDER / "property.yaml")]


@pytest.mark.parametrize("name", WORKLOADS)
def test_every_process_runs_without_rights_on_a_file_system_it_cannot_change_within_limits(name):
    spec, container = pod(WORKLOADS[name]), process(WORKLOADS[name])
    assert spec["securityContext"]["runAsNonRoot"]
    assert spec["securityContext"]["runAsUser"] == place.OWNER
    assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert spec["automountServiceAccountToken"] is False
    assert spec["enableServiceLinks"] is False, "PROPERTY_PORT=tcp://… would be taken for our setting"
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert container["resources"]["limits"]["memory"]
    assert set(container["resources"]["requests"]) == {"cpu", "memory"}
    writable = {each["name"] for each in container["volumeMounts"] if not each.get("readOnly")}
    assert writable <= {"tmp", "files", "data"}


@pytest.mark.parametrize("name", WORKLOADS)
def test_a_process_is_given_its_own_settings_and_no_others(name):
    own = name.removesuffix("-worker")
    allowed = {
        "gateway": {"gateway", "keys", "clients"},
        "console": {"console", "console-key"},
        "adapter": {"adapter"},
        "prepare": {"prepare"},
    }
    given = secrets_of(WORKLOADS[name])
    assert set(given) == allowed.get(own, {own, "public-keys"})
    assert all(each["defaultMode"] == 0o440 for each in given.values()), "a signing key for all is refused"


@pytest.mark.parametrize("name", SERVERS)
def test_a_server_is_replaced_without_one_less_and_ends_in_peace(name):
    spec = DEPLOYMENTS[name]["spec"]
    assert spec["strategy"]["rollingUpdate"]["maxUnavailable"] == 0
    assert spec["replicas"] > of_kind("PodDisruptionBudget")[name]["spec"]["minAvailable"] > 0
    assert of_kind("PodDisruptionBudget")[name]["spec"]["selector"] == spec["selector"]
    assert pod(DEPLOYMENTS[name])["terminationGracePeriodSeconds"] > DRAIN + GRACE
    probes = process(DEPLOYMENTS[name])
    assert probes["livenessProbe"]["httpGet"] == {"path": "/health/live", "port": "http"}
    ready = "/health/live" if name == "gateway" else "/health/ready"
    assert probes["readinessProbe"]["httpGet"] == {"path": ready, "port": "http"}
    assert probes["readinessProbe"]["periodSeconds"] < DRAIN, "callers hear of a successor before one ends"
    startup = probes["startupProbe"]
    assert startup["periodSeconds"] * startup["failureThreshold"] >= 120


@pytest.mark.parametrize("name", DEPLOYMENTS)
def test_what_a_manifest_sets_is_a_setting(name):
    known = {
        row[0] for row in describe(AdapterSettings) + describe(GatewaySettings) + describe(ConsoleSettings)
    }
    for service in SERVICES:
        known |= {row[0] for row in describe(import_module(f"services.{service}.app").service.settings)}
    given = environment(DEPLOYMENTS[name])
    assert given.pop("SETTINGS_FILE") == "/run/settings/settings"
    assert set(given) <= known
    mounted = [each["mountPath"] for each in process(DEPLOYMENTS[name])["volumeMounts"]]
    paths = [value for value in given.values() if value.startswith("/")]
    assert all(any(path.startswith(each) for each in mounted) for path in paths)


def test_who_reaches_whom():
    tiers = {labels(made)["tier"]: labels(made) for made in WORKLOADS.values()}
    stranger, database = {"tier": "stranger"}, {"tier": "database"}
    service = labels(DEPLOYMENTS["credit"])
    to_services = {tier for tier, own in tiers.items() if reaches(own, service, "http")}
    assert to_services == {"gateway", "service", "worker"}
    to_database = {tier for tier, own in tiers.items() if reaches(own, database, 5432)}
    assert to_database == {"service", "worker", "prepare", "console"}
    assert not reaches(tiers["console"], labels(DEPLOYMENTS["credit-worker"]), "http")
    to_gateway = {tier for tier, own in tiers.items() if reaches(own, tiers["gateway"], PORTS["gateway"])}
    assert to_gateway >= {"service", "worker", "adapter", "console"}
    assert not reaches(stranger, service, "http")
    assert not reaches(stranger, labels(DEPLOYMENTS["adapter"]), "http")
    assert not reaches(tiers["gateway"], {"tier": "elsewhere"}, 5432), (
        "a database outside is closed to it too"
    )
    assert not reaches(tiers["gateway"], labels(DEPLOYMENTS["credit-worker"]), "http")


def test_the_ways_in_are_the_gateway_and_for_people_the_console():
    [ingress] = of_kind("Ingress").values()
    rules = ingress["spec"]["rules"]
    for rule, name in zip(rules, ("gateway", "console"), strict=True):
        [path] = rule["http"]["paths"]
        assert path["backend"] == {"service": {"name": name, "port": {"name": "http"}}}
    assert [rule["host"] for rule in rules] == ingress["spec"]["tls"][0]["hosts"]
    assert {each["spec"].get("type", "ClusterIP") for each in of_kind("Service").values()} == {"ClusterIP"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(place, "_give_away", lambda *_: None)
        patch.setattr("os.environ", {})
        made = tmp_path_factory.mktemp("kubernetes") / "place"
        (made / "secrets").mkdir(parents=True)
        (made / "secrets" / "adapter.env").write_text("ADAPTER_PLATFORM=https://12345.example.gov.cn\n")
        place.make_folder(made, Choices(postgres="db.example.internal:5433"))
    return made


def test_the_handbooks_commands_make_the_secrets_before_they_are_needed(tmp_path):
    page = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    [block] = re.findall(
        r"^```console\n(.*?)^```$", page.split("\n## Kubernetes\n")[1].split("\n## ")[0], re.M | re.S
    )
    script = (
        block.replace("$ ", "").replace("/srv/", f"{tmp_path}/").replace(".venv/bin/python", sys.executable)
    )
    (tmp_path / "superuser.password").write_text("theirs")
    script = script.replace("superuser.password", str(tmp_path / "superuser.password"))
    (tmp_path / "kubectl").write_text('#!/bin/sh\necho "$@" >> "$NOTED"\n')
    (tmp_path / "kubectl").chmod(0o755)
    paths = {"PATH": f"{tmp_path}:/usr/bin:/bin", "NOTED": str(tmp_path / "noted")}
    subprocess.run(["bash", "-euc", script], cwd=ROOT, env=paths, check=True, timeout=100)
    noted = (tmp_path / "noted").read_text().splitlines()
    assert noted[-3] == "apply -k deploy/kubernetes"
    assert "--namespace dongsheng create secret generic prepare" in "\n".join(noted[:-3])
    place = tmp_path / "dongsheng"
    assert password(place, "postgres").read_text() == "theirs"
    assert "@postgres.example.internal:5432/credit" in (place / "parts" / "credit").read_text()


@pytest.fixture(scope="module")
def made_secrets(folder, tmp_path_factory):
    """What secrets.sh makes of the folder: secrets, each with its keys and the files they come from."""
    programs = tmp_path_factory.mktemp("programs")
    (programs / "kubectl").write_text('#!/bin/sh\necho "$@" >> "$NOTED"\n')
    (programs / "kubectl").chmod(0o755)
    noted = programs / "noted"
    paths = {"PATH": f"{programs}:{os.environ['PATH']}", "NOTED": str(noted)}
    command = ["sh", ROOT / "deploy" / "kubernetes" / "secrets.sh", folder]
    subprocess.run(command, env=paths, check=True, timeout=30)
    made = {}
    for words in map(str.split, noted.read_text().splitlines()):
        if words[2:5] == ["create", "secret", "generic"]:
            files = [word.removeprefix("--from-file=") for word in words if word.startswith("--from-file=")]
            pairs = [
                file.partition("=")[::2] if "=" in file else (file.rpartition("/")[2], file) for file in files
            ]
            made[words[5]] = {key: folder / file for key, file in pairs}
    return made


def test_every_secret_that_a_process_is_given_is_made(made_secrets):
    wanted = {name for made in WORKLOADS.values() for name in secrets_of(made)}
    assert set(made_secrets) == wanted
    assert all(file.is_file() for made in made_secrets.values() for file in made.values())
    for name in (*SERVERS, "adapter"):
        assert set(made_secrets[name]) == {"settings"}
    assert set(made_secrets["public-keys"]) == {"jwks.json"}
    assert set(made_secrets["console-key"]) == {"console.assertion-key"}
    assert set(made_secrets["keys"]) == {"jwks.json", "signing.pem"}


def test_what_prepares_the_databases_finds_all_that_it_reads(made_secrets, tmp_path, monkeypatch):
    monkeypatch.setattr("os.environ", {})
    for item in secrets_of(WORKLOADS["prepare"])["prepare"]["items"]:
        file = tmp_path / item["path"]
        file.parent.mkdir(exist_ok=True)
        shutil.copy(made_secrets["prepare"][item["key"]], file)
    assert {url.host for url in made_databases(tmp_path).values()} == {"db.example.internal"}
    assert all(password(tmp_path, name).read_text() for name in ("postgres", *HOMES))
    assert len(secrets_of(WORKLOADS["prepare"])["prepare"]["items"]) == len(made_secrets["prepare"])
