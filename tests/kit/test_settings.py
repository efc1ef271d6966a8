"""Settings from the environment: what is wrong is named, what is secret is not shown."""

import base64
import shlex
import subprocess
import sys

import pytest

from kit.settings import describe, read
from tests.kit.notebook.app import NotebookSettings, service

GOOD = {
    "NOTEBOOK_DATABASE_URL": "postgresql+psycopg://owner:hunter2@127.0.0.1/notebook",
    "NOTEBOOK_PERSONAL_KEY": base64.b64encode(b"k" * 32).decode(),
    "NOTEBOOK_TOKEN_JWKS": "jwks.json",
}


@pytest.fixture
def environment(monkeypatch):
    def use(**changes):
        for name, value in (GOOD | changes).items():
            monkeypatch.setenv(name, value)

    return use


def test_settings_are_read_with_the_prefix_of_the_service(environment):
    environment(NOTEBOOK_PORT="8123", NOTEBOOK_EVENT_SECRETS='{"property": "whsec_' + "A" * 32 + '"}')
    settings = read(NotebookSettings)
    assert settings.port == 8123
    assert set(settings.event_secrets) == {"property"}
    assert settings.log_level == "INFO"


def test_a_file_of_variables_holds_where_the_environment_has_none(environment, monkeypatch, tmp_path):
    environment(NOTEBOOK_PORT="8123")
    monkeypatch.delenv("NOTEBOOK_PERSONAL_KEY")
    file = tmp_path / "settings"
    secrets = '{"property": "whsec_' + "A" * 32 + '"}'
    lines = {
        "NOTEBOOK_PERSONAL_KEY": GOOD["NOTEBOOK_PERSONAL_KEY"],
        "NOTEBOOK_EVENT_SECRETS": secrets,
        "NOTEBOOK_PORT": "9",
        "OTHER_PORT": "1",
    }
    file.write_text("".join(f"{name}={shlex.quote(value)}\n" for name, value in lines.items()))
    monkeypatch.setenv("SETTINGS_FILE", str(file))
    settings = read(NotebookSettings)
    assert settings.personal_key.get_secret_value() == GOOD["NOTEBOOK_PERSONAL_KEY"]
    assert (settings.port, set(settings.event_secrets)) == (8123, {"property"})


def test_a_file_of_variables_that_is_not_there_is_named(environment, monkeypatch):
    environment(SETTINGS_FILE="/nowhere/settings")
    with pytest.raises(SystemExit, match="SETTINGS_FILE=/nowhere/settings cannot be read"):
        read(NotebookSettings)


def test_every_missing_variable_is_named(monkeypatch):
    for name in GOOD:
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(SystemExit) as ended:
        read(NotebookSettings)
    assert set(str(ended.value).splitlines()) == {f"{name}: Field required" for name in GOOD}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("NOTEBOOK_DATABASE_URL", "postgresql://owner:hunter2@127.0.0.1/notebook"),
        ("NOTEBOOK_DATABASE_URL", "hunter2"),
        ("NOTEBOOK_PERSONAL_KEY", "hunter2"),
        ("NOTEBOOK_PORT", "hunter2"),
        ("NOTEBOOK_LOG_LEVEL", "hunter2"),
        ("NOTEBOOK_EVENT_SECRETS", '{"property": "hunter2"}'),
        ("NOTEBOOK_EVENT_SECRETS", "hunter2"),
        ("NOTEBOOK_SUBSCRIBERS", '[{"name": "hunter2"}]'),
    ],
)
def test_a_wrong_variable_is_named_and_its_value_is_not_shown(environment, name, value):
    environment(**{name: value})
    with pytest.raises(SystemExit) as ended:
        read(NotebookSettings)
    assert name.removeprefix("NOTEBOOK_").lower() in str(ended.value).lower()
    assert "hunter2" not in str(ended.value)


def test_a_secret_does_not_show_itself(environment):
    environment()
    assert "hunter2" not in repr(read(NotebookSettings))


def test_a_command_without_settings_ends_with_words_and_no_traceback():
    ended = subprocess.run(
        [sys.executable, "-m", "tests.kit.notebook", "serve"],
        env={"PATH": ""},
        capture_output=True,
        text=True,
    )
    assert ended.returncode == 1
    assert "NOTEBOOK_DATABASE_URL: Field required" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_settings_describe_themselves():
    rows = {name: (default, meaning) for name, default, meaning in describe(service.settings)}
    assert rows["NOTEBOOK_PORT"] == ("8000", "port to listen on")
    assert rows["NOTEBOOK_DATABASE_URL"][0] == "(required)"
    assert rows["NOTEBOOK_SUBSCRIBERS"][0] == "(none)"
