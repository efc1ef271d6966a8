"""What keeps a set from being prepared or started: said in one line, without secrets."""

from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory

from deploy import prepare, worker
from deploy.plan import SERVICES
from kit.settings import SETTINGS_FILE
from kit.storage import migrations, revisions, schema
from tests.deploy.test_plan import plan


@pytest.mark.parametrize(
    ("setting", "value", "told"),
    [
        ("CREDIT_DATABASE_URL", "nonsense", "CREDIT_DATABASE_URL: "),
        (
            "CREDIT_DATABASE_URL",
            "postgresql+psycopg://credit:secret@127.0.0.1:1/credit",
            "credit: the database that",
        ),
        ("CREDIT_LOG_LEVEL", "LOUD", "CREDIT_LOG_LEVEL: "),
    ],
)
def test_what_keeps_a_database_from_being_prepared_is_told_by_its_setting_without_secrets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, setting: str, value: str, told: str
) -> None:
    for name, chosen in (plan(tmp_path).environment | {setting: value}).items():
        monkeypatch.setenv(name, chosen)
    monkeypatch.setattr("sys.argv", ["prepare", "credit"])
    monkeypatch.setattr(prepare, "configure", lambda *_: None)  # the logs of this process stay as they are
    with pytest.raises(SystemExit) as stopped:
        prepare.main()
    assert str(stopped.value).startswith(told)
    assert "secret" not in str(stopped.value)
    assert "nonsense" not in str(stopped.value)


def test_a_file_of_settings_that_cannot_be_read_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SETTINGS_FILE, "/none")
    with pytest.raises(SystemExit, match=r"^credit: SETTINGS_FILE=/none cannot be read"):
        prepare.prepare_all(["credit"])


@pytest.mark.parametrize("command", [prepare, worker])
def test_a_newer_database_ends_what_is_started_on_it_with_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: ModuleType
) -> None:
    for name, chosen in plan(tmp_path).environment.items():
        monkeypatch.setenv(name, chosen)
    monkeypatch.setattr("sys.argv", ["prepare", "credit"])
    monkeypatch.setattr(command, "configure", lambda *_: None)
    for module in (prepare, migrations, schema):
        monkeypatch.setattr(module, "standing", lambda _url: {"9999", "k0002"})
    with pytest.raises(SystemExit) as stopped:
        command.main()
    name, _, told = str(stopped.value).partition(": ")
    assert name in (SERVICES if command is worker else ["credit"]), "of several whichever looks first"
    assert told.startswith("the database stands at revision 9999,")


@pytest.mark.parametrize("name", SERVICES)
def test_revisions_are_known_without_alembic(name: str) -> None:
    service = import_module(f"services.{name}.app").service
    config = Config()
    config.set_main_option("script_location", str(service.migrations))
    config.set_main_option("version_locations", f"{service.migrations}\n{revisions.FOLDER}")
    config.set_main_option("path_separator", "newline")
    script = ScriptDirectory.from_config(config)
    assert schema.newest_revisions(service) == set(script.get_heads())
    assert schema.known_revisions(service) == {each.revision for each in script.walk_revisions()}
