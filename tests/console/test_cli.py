"""The console's commands."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from pydantic import SecretStr
from sqlalchemy import create_engine

from console.cli import load, make_person
from console.home import HOME
from console.people import passwords
from console.people.accounts import Wrong
from kit.storage import migrations, schema
from kit.storage.schema import Refused
from kit.web.assertions import new_key


@pytest.fixture
def environment(empty: str, tmp_path: Path) -> dict[str, str]:
    (tmp_path / "key.pem").write_text(new_key())
    settings = {
        "DATABASE_URL": empty,
        "GATEWAY": "http://127.0.0.1:9",
        "ASSERTION_KEY": str(tmp_path / "key.pem"),
    }
    return {**os.environ, **{f"CONSOLE_{name}": value for name, value in settings.items()}}


def test_a_database_is_made_filled_told_of_checked_and_taken_away(environment: dict[str, str]) -> None:
    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "console", *arguments]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    assert run("migrate").returncode == 0
    first = run("load").stdout.splitlines()
    assert [line.split()[0] for line in first] == ["administrator", "security", "auditor"]
    assert all(passwords.refused(password, login) is None for login, password in map(str.split, first))
    assert run("load").stdout == "", "once"
    assert '"holds":true' in run("verify").stdout
    kept = run("migrate", "--to", "base")
    assert (kept.returncode, "people" in kept.stderr) == (1, True)
    assert run("migrate", "--to", "base", "--losing-data").returncode == 0


def test_an_account_is_made_for_a_role_or_refused_with_the_reason(empty: str) -> None:
    url = SecretStr(empty)
    migrations.migrate(HOME, url)
    assert schema.standing(url) == {"0002"}
    engine = create_engine(empty)
    with engine.connect() as connection:
        laid = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(laid, list(HOME.tables)) == [], "the tables are what the code thinks"
    engine.dispose()
    password = asyncio.run(make_person(url, "lihua", "李华", "street-clerk", "天骄街道"))
    assert passwords.refused(password, "lihua") is None
    with pytest.raises(Wrong, match="已经有了"):
        asyncio.run(make_person(url, "LiHua", "李华", "leader", ""))
    asyncio.run(load(url, lambda login, _: pytest.fail(f"{login} is made although there are accounts")))
    with pytest.raises(Refused, match="loses data"):
        migrations.migrate(HOME, url, "base")
