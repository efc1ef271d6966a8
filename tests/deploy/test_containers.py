"""What containers mount: each its own settings, and nobody else's secrets; and what deploy/compose.yaml does with them."""

import shlex
import stat

import pytest
import yaml

from deploy import containers
from deploy.datafolder import Refused
from deploy.plan import ROOT, SERVICES
from gateway.clients import read
from gateway.settings import GatewaySettings
from kit.settings import SETTINGS_FILE
from services.property.settings import PropertySettings

COMPOSE = yaml.safe_load((ROOT / "deploy" / "compose.yaml").read_text())
PARTS = {
    name: made for name, made in COMPOSE["services"].items() if name not in ("postgres", "prepare", "tools")
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(containers, "_give_away", lambda folder: None)
        patch.setattr("os.environ", {})
        made = tmp_path_factory.mktemp("containers") / "place"
        containers.make_folder(made, "https://api.example.gov.cn")
    return made


def settings_of(file):
    words = shlex.split(file.read_text())
    return dict(word.split("=", 1) for word in words)


def test_each_part_has_a_file_of_its_own_settings_which_only_its_owner_may_read(folder):
    for name in (*SERVICES, "gateway"):
        file = folder / "parts" / name
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert {each.partition("_")[0] for each in settings_of(file)} == {name.upper()}


def test_every_service_is_reached_by_its_name_and_has_a_database_and_a_role_of_its_own(folder):
    whole = settings_of(folder / "run.env")
    assert whole["GATEWAY_UPSTREAMS"].count("http://") == len(SERVICES)
    for name, port in SERVICES.items():
        assert f'"{name}": "http://{name}:{port}"' in whole["GATEWAY_UPSTREAMS"]
        role, _, rest = (
            whole[f"{name.upper()}_DATABASE_URL"].removeprefix("postgresql+psycopg://").partition(":")
        )
        password, _, where = rest.partition("@")
        assert (role, where) == (name, f"postgres:5432/{name}")
        assert password == (folder / "secrets" / f"{name}.database-password").read_text()
    assert whole["BASE"] == "http://gateway:8000"
    assert whole["CREDIT_PUBLIC_URL"] == "https://api.example.gov.cn"


def test_a_service_reads_its_settings_from_its_file(folder, monkeypatch):
    monkeypatch.setenv(SETTINGS_FILE, str(folder / "parts" / "property"))
    settings = PropertySettings()
    assert (settings.host, settings.port, settings.drain) == ("0.0.0.0", 8101, containers.DRAIN)
    assert settings.token_jwks.exists()


def test_a_process_that_is_replaced_answers_for_longer_than_the_gateway_keeps_an_idle_connection():
    assert GatewaySettings.model_fields["idle_connection"].default < containers.DRAIN


def test_the_public_keys_lie_where_the_signing_key_does_not(folder):
    assert [path.name for path in (folder / "keys" / "public").iterdir()] == ["jwks.json"]
    assert (folder / "keys" / "signing.pem").exists()


def test_again_changes_no_secret(folder, monkeypatch):
    monkeypatch.setattr(containers, "_give_away", lambda folder: None)
    monkeypatch.setattr("os.environ", {})
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    containers.make_folder(folder, "https://api.example.gov.cn")
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before
    assert "hotline" in read(folder / "clients.yaml")


def test_a_folder_that_is_closed_is_refused_with_what_to_do(tmp_path, monkeypatch):
    def closed(*_, **__):
        raise PermissionError(13, "closed", str(tmp_path))

    monkeypatch.setattr(containers, "make_plan", closed)
    with pytest.raises(Refused, match="run as root once"):
        containers.make_folder(tmp_path, "http://127.0.0.1:8000")


@pytest.mark.parametrize("name", PARTS)
def test_every_process_runs_without_rights_on_a_file_system_it_cannot_change_within_limits(name):
    part = PARTS[name]
    assert part["read_only"] and part["cap_drop"] == ["ALL"]
    assert part["security_opt"] == ["no-new-privileges:true"]
    assert part["mem_limit"] and part["pids_limit"]
    assert "user" not in part, "the image's own, which is not root"


@pytest.mark.parametrize("name", PARTS)
def test_no_process_is_given_another_ones_secrets_and_only_the_gateway_the_signing_key(name):
    part = PARTS[name]
    own = name.removesuffix("-worker")
    assert part["secrets"] == [{"source": own, "target": "settings"}]
    mounted = [volume.split("}")[1].split(":")[0] for volume in part["volumes"]]
    allowed = {
        "gateway": ["/keys", "/clients.yaml"],
        "lawstudy": ["/keys/public", "/files/lawstudy"],
    }
    assert mounted == allowed.get(own, ["/keys/public"])


def test_there_is_a_process_and_a_worker_for_each_service_started_when_the_databases_are_prepared():
    assert set(PARTS) == {"gateway", *SERVICES, *(f"{name}-worker" for name in SERVICES)}
    for name, part in PARTS.items():
        wanted = {"prepare": "service_completed_successfully"}
        if name == "gateway":
            wanted = dict.fromkeys(SERVICES, "service_healthy")
        assert {other: each["condition"] for other, each in part["depends_on"].items()} == wanted
    for name, port in SERVICES.items():
        assert PARTS[name]["healthcheck"]["test"][-1] == str(port)


def test_nobody_from_outside_reaches_the_database():
    assert COMPOSE["networks"]["data"] == {"internal": True}
    assert COMPOSE["services"]["postgres"]["networks"] == ["data"]
    assert "data" not in PARTS["gateway"]["networks"]
    assert [name for name, part in COMPOSE["services"].items() if "ports" in part] == ["gateway"]
