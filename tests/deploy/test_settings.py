"""docs/settings.md says what the classes read."""

from pathlib import Path

import pytest
from pydantic_settings import BaseSettings

from deploy import settings
from gateway.settings import GatewaySettings
from kit.settings import ServiceSettings, describe


def test_the_page_is_up_to_date():
    assert settings.main(["--check"]) == 0


def test_a_page_of_another_day_is_found_out_and_written_anew(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(settings, "PAGE", tmp_path / "settings.md")
    assert settings.main(["--check"]) == 1
    assert "python -m deploy.settings" in capsys.readouterr().err
    assert settings.main([]) == 0
    assert settings.main(["--check"]) == 0
    settings.PAGE.write_text("old")
    assert settings.main(["--check"]) == 1


@pytest.mark.parametrize("kind", [GatewaySettings, ServiceSettings])
def test_every_setting_says_what_it_means(kind: type[BaseSettings]):
    rows = describe(kind)
    assert len(rows) == len(kind.model_fields)
    assert all(meaning for _, _, meaning in rows)


def test_no_secret_and_no_path_of_this_machine_is_on_the_page():
    page = settings.page()
    assert str(Path.cwd()) not in page
    assert "(required)" in page


def test_a_setting_of_one_service_stands_under_its_name():
    page = settings.page()
    assert page.index("## Emergency") < page.index("`EMERGENCY_CAP_SENDER`")
    assert page.count("PERSONAL_KEY") == 1
