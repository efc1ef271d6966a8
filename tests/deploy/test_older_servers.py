"""A service's database is laid on every PostgreSQL that the handbook names, not on the embedded one's version alone."""

from pathlib import Path

import psycopg
import pytest
from pydantic import SecretStr

from deploy import postgres
from deploy.prepare import service_named
from kit.storage import migrations, schema


def _binaries():
    """The wheel's older one, and Debian's where it is installed."""
    debian = Path("/usr/lib/postgresql/15/bin")
    missing = pytest.mark.skipif(not debian.exists(), reason="takes Debian's postgresql-15")
    (older,) = [folder for folder in postgres.all_binaries() if postgres.major(folder) == 16]
    return [pytest.param(older, id="16"), pytest.param(debian, id="15", marks=missing)]


@pytest.fixture
def url(tmp_path, monkeypatch, request):
    """An empty database on a server of its own."""
    monkeypatch.setenv("PG_BIN", str(request.param))
    with postgres.start(tmp_path / "pg", 0, fast=True) as server:
        yield server.ensure_database("office")


@pytest.mark.parametrize("url", _binaries(), indirect=True)
def test_a_database_is_laid_also_after_a_start_that_was_cut_off(url):
    service = service_named("office")
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as database:
        for script in migrations.procrastinate_scripts(after="", upto="02.06.00"):
            database.execute(script.encode())
    migrations.migrate(service, SecretStr(url))
    assert schema.standing(SecretStr(url)) == schema.newest_revisions(service)
