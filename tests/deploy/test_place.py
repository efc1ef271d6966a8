"""What processes that stand alone are given: each its own settings, and nobody else's secrets; and what deploy/compose.yaml does with them."""

import shlex
import stat

import pytest
import yaml

from adapter.settings import AdapterSettings
from console.settings import ConsoleSettings
from deploy import place, rekey
from deploy.datafolder import Refused
from deploy.parts import DRAIN, Choices, kept_choices, made_databases
from deploy.plan import HOMES, PORTS, ROOT, SERVICES
from gateway.clients import read
from gateway.settings import GatewaySettings
from kit.settings import SETTINGS_FILE
from kit.web.assertions import public_jwk, read_key
from services.property.settings import PropertySettings

COMPOSE = yaml.safe_load((ROOT / "deploy" / "compose.yaml").read_text())
PARTS = {
    name: made for name, made in COMPOSE["services"].items() if name not in ("postgres", "prepare", "tools")
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        made = tmp_path_factory.mktemp("containers") / "place"
        secrets(
            patch, made, "--public-url=https://api.example.gov.cn", "--pages-url=https://www.example.gov.cn"
        )
    return made


def secrets(patch, folder, *options):
    patch.setattr(place, "_give_away", lambda *_: None)
    patch.setattr("os.environ", {"LOCAL_FOLDER": str(folder)})
    patch.setattr("sys.argv", ["place", "secrets", *options])
    place.main()


def settings_of(file):
    words = shlex.split(file.read_text())
    return dict(word.split("=", 1) for word in words)


def test_each_part_has_a_file_of_its_own_settings_which_only_its_owner_may_read(folder):
    for name in (*HOMES, "gateway"):
        file = folder / "parts" / name
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert {each.partition("_")[0] for each in settings_of(file)} == {name.upper()}


def test_every_service_is_reached_by_its_name_and_has_a_database_and_a_role_of_its_own(folder):
    whole = settings_of(folder / "run.env")
    assert whole["GATEWAY_UPSTREAMS"].count("http://") == len(SERVICES)
    for name, port in SERVICES.items():
        assert f'"{name}": "http://{name}:{port}"' in whole["GATEWAY_UPSTREAMS"]
    for name in HOMES:
        role, _, rest = (
            whole[f"{name.upper()}_DATABASE_URL"].removeprefix("postgresql+psycopg://").partition(":")
        )
        password, _, where = rest.partition("@")
        assert (role, where) == (name, f"postgres:5432/{name}")
        assert password == (folder / "secrets" / f"{name}.database-password").read_text()
    assert whole["BASE"] == "http://gateway:8000"
    assert whole["CREDIT_PUBLIC_URL"] == "https://api.example.gov.cn"


def test_the_console_is_given_the_gateway_within_and_what_people_reach_from_outside(folder):
    given = settings_of(folder / "parts" / "console")
    assert given["CONSOLE_GATEWAY"] == "http://gateway:8000"
    assert given["CONSOLE_DOCUMENTATION"] == "https://api.example.gov.cn/docs"
    assert given["CONSOLE_PUBLIC_URL"] == "https://www.example.gov.cn"
    assert settings_of(folder / "parts" / "gateway")["GATEWAY_CONSOLE"] == "https://www.example.gov.cn"
    key = folder / "secrets" / "console.assertion-key"
    assert given["CONSOLE_ASSERTION_KEY"] == str(key)
    assert read(folder / "clients.yaml")["console"].assertion_keys[0]["x"] == public_jwk(read_key(key))["x"]


def test_a_service_reads_its_settings_from_its_file(folder, monkeypatch):
    monkeypatch.setenv(SETTINGS_FILE, str(folder / "parts" / "property"))
    settings = PropertySettings()
    assert (settings.host, settings.port, settings.drain) == ("0.0.0.0", 8101, DRAIN)
    assert settings.token_jwks.exists()


def test_a_process_that_is_replaced_answers_for_longer_than_the_gateway_keeps_an_idle_connection():
    assert GatewaySettings.model_fields["idle_connection"].default < DRAIN


def test_the_public_keys_lie_where_the_signing_key_does_not(folder):
    assert [path.name for path in (folder / "keys" / "public").iterdir()] == ["jwks.json"]
    assert (folder / "keys" / "signing.pem").exists()


def test_again_changes_no_secret(folder, monkeypatch):
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    secrets(monkeypatch, folder)
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before
    assert "hotline" in read(folder / "clients.yaml")


def test_a_folder_that_is_closed_is_refused_with_what_to_do(tmp_path, monkeypatch):
    def closed(*_, **__):
        raise PermissionError(13, "closed", str(tmp_path))

    monkeypatch.setattr(place, "make_parts", closed)
    with pytest.raises(Refused, match="as root once"):
        place.make_folder(tmp_path, Choices())


def test_on_one_server_all_listen_at_it_alone_and_postgresql_is_where_it_is_said(tmp_path, monkeypatch):
    secrets(monkeypatch, tmp_path, "--here", "--postgres=[fd00::5]:5433")
    whole = settings_of(tmp_path / "run.env")
    assert {value for name, value in whole.items() if name.endswith("_HOST")} == {"127.0.0.1"}
    assert '"credit": "http://127.0.0.1:8102"' in whole["GATEWAY_UPSTREAMS"]
    assert whole["BASE"] == "http://127.0.0.1:8000"
    assert {(url.host, url.port) for url in made_databases(tmp_path).values()} == {("fd00::5", 5433)}

    secrets(monkeypatch, tmp_path, "--postgres=")
    assert {(url.host, url.port) for url in made_databases(tmp_path).values()} == {("127.0.0.1", 5432)}
    assert kept_choices(tmp_path).here, "what was chosen holds"
    secrets(monkeypatch, tmp_path, "--no-here")
    assert {url.host for url in made_databases(tmp_path).values()} == {"postgres"}


def test_the_adapter_is_given_what_the_city_said_and_its_own_client(tmp_path, monkeypatch):
    secrets(monkeypatch, tmp_path, "--here")
    assert not (tmp_path / "parts" / "adapter").exists()
    city = 'ADAPTER_PLATFORM=https://12345.example.gov.cn ADAPTER_APP_ID=ds\nADAPTER_APP_SECRET="s p"  # theirs\n'
    (tmp_path / "secrets" / "adapter.env").write_text(city)
    secrets(monkeypatch, tmp_path)
    monkeypatch.setenv(SETTINGS_FILE, str(tmp_path / "parts" / "adapter"))
    settings = AdapterSettings()
    assert (str(settings.gateway), settings.app_secret.get_secret_value()) == (
        "http://127.0.0.1:8000/",
        "s p",
    )
    secret = (tmp_path / "secrets" / "clients" / "city-platform").read_text()
    assert settings.client_secret.get_secret_value() == secret
    assert {name.partition("_")[0] for name in settings_of(tmp_path / "parts" / "adapter")} == {"ADAPTER"}


def test_the_console_is_given_who_signs_people_in(tmp_path, monkeypatch):
    secrets(monkeypatch, tmp_path, "--here")
    provider = "CONSOLE_OIDC_ISSUER=https://sso.example.gov.cn  # ours\nCONSOLE_OIDC_CLIENT_ID=dongsheng\n"
    (tmp_path / "secrets" / "console.env").write_text(provider)
    secrets(monkeypatch, tmp_path)
    monkeypatch.setenv(SETTINGS_FILE, str(tmp_path / "parts" / "console"))
    settings = ConsoleSettings()
    assert (settings.oidc_issuer, settings.oidc_client_id) == ("https://sso.example.gov.cn", "dongsheng")
    assert settings.gateway == "http://127.0.0.1:8000"


def test_the_environment_says_where_a_database_is_before_the_folder_does(folder, monkeypatch):
    monkeypatch.setenv("CREDIT_DATABASE_URL", "postgresql+psycopg://credit:x@elsewhere/credit")
    assert {name: url.host for name, url in made_databases(folder).items() if url.host != "postgres"} == {
        "credit": "elsewhere"
    }


@pytest.mark.parametrize("given", ["db:port", "db:70000"])
def test_what_is_no_address_of_a_server_is_refused(tmp_path, monkeypatch, given):
    with pytest.raises(SystemExit, match=f"{given} is no HOST:PORT"):
        secrets(monkeypatch, tmp_path, f"--postgres={given}")


def test_choices_that_cannot_be_read_are_refused(tmp_path):
    (tmp_path / "choices.json").write_text('{"here": "perhaps"}')
    with pytest.raises(Refused, match=r"choices\.json cannot be read"):
        kept_choices(tmp_path)


def test_a_database_that_cannot_be_prepared_is_told_in_one_line(tmp_path, monkeypatch):
    secrets(monkeypatch, tmp_path, "--here", "--postgres=127.0.0.1:1")
    monkeypatch.setattr(place, "make_databases", lambda folder: None)
    monkeypatch.setenv(SETTINGS_FILE, str(tmp_path / "run.env"))
    monkeypatch.setattr("sys.argv", ["place", "prepare"])
    with pytest.raises(SystemExit, match=r"^property: the database that PROPERTY_DATABASE_URL names"):
        place.main()


def test_a_key_that_is_changed_is_in_what_the_service_is_given(tmp_path, monkeypatch):
    secrets(monkeypatch, tmp_path, "--public-url=https://api.example.gov.cn")
    monkeypatch.setattr("sys.argv", ["rekey", "announce", "office"])
    before = {path.name: path.read_bytes() for path in (tmp_path / "parts").iterdir()}
    rekey.main()
    now = settings_of(tmp_path / "parts" / "office")
    assert now["OFFICE_PERSONAL_KEY"] == (tmp_path / "secrets" / "office.personal-key").read_text()
    changed = [path.name for path in (tmp_path / "parts").iterdir() if path.read_bytes() != before[path.name]]
    assert changed == ["office"]


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
        "console": ["/secrets/console.assertion-key"],
        "lawstudy": ["/keys/public", "/files/lawstudy"],
    }
    assert mounted == allowed.get(own, ["/keys/public"])


def test_there_is_a_process_and_a_worker_for_each_service_started_when_the_databases_are_prepared():
    assert set(PARTS) == {"gateway", *HOMES, *(f"{name}-worker" for name in SERVICES)}
    for name, part in PARTS.items():
        wanted = {"prepare": "service_completed_successfully"}
        if name == "gateway":
            wanted = dict.fromkeys(SERVICES, "service_healthy")
        elif name == "console":
            wanted["gateway"] = "service_healthy"
        elif name.endswith("-worker"):
            wanted = {name.removesuffix("-worker"): "service_healthy"}
        assert {other: each["condition"] for other, each in part["depends_on"].items()} == wanted
    for name, port in PORTS.items():
        assert PARTS[name]["healthcheck"]["test"][-1] == str(port)


def test_nobody_from_outside_reaches_the_database():
    assert COMPOSE["networks"]["data"] == {"internal": True}
    assert COMPOSE["services"]["postgres"]["networks"] == ["data"]
    assert "data" not in PARTS["gateway"]["networks"]
    assert [name for name, part in COMPOSE["services"].items() if "ports" in part] == ["gateway", "console"]
