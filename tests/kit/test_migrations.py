"""Migrations: what they make is what the models say, however often and by however many they are run."""

from dataclasses import replace
from importlib import import_module
from pathlib import Path

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from pydantic import SecretStr
from sqlalchemy import create_engine, pool

from kit.storage import migrations
from kit.storage.tables import KitTable
from kit.testing import PERSONAL_KEY
from tests.kit.notebook.app import service as notebook_service
from tests.processes import Process

SERVICES = sorted(path.parent.name for path in Path("services").glob("*/app.py"))


def test_there_are_services():
    assert len(SERVICES) >= 2


@pytest.mark.parametrize("name", [*SERVICES, "notebook"])
def test_the_migrated_database_is_what_the_models_say(empty, name):
    service = notebook_service if name == "notebook" else import_module(f"services.{name}.app").service
    for _ in range(2):
        migrations.migrate(service, SecretStr(empty))
    engine = create_engine(empty, poolclass=pool.NullPool)
    with engine.connect() as connection:
        options = {"include_name": migrations.own_table, "compare_type": True}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, [service.metadata, KitTable.metadata]) == []


def test_two_at_once_take_turns(empty):
    environment = {
        "NOTEBOOK_DATABASE_URL": empty,
        "NOTEBOOK_PERSONAL_KEY": PERSONAL_KEY.get_secret_value(),
        "NOTEBOOK_TOKEN_JWKS": "none",
    }
    running = [Process("tests.kit.notebook", "migrate", environment=environment) for _ in range(2)]
    assert [process.wait(60) for process in running] == [0, 0], [process.said() for process in running]
    with psycopg.connect(empty.replace("+psycopg", "")) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version ORDER BY 1").fetchall() == [
            ("0002",),
            ("k0018",),
        ]


def test_a_migration_that_fails_leaves_the_database_as_it_was(empty, tmp_path):
    for file in notebook_service.migrations.glob("*.py"):
        (tmp_path / file.name).write_text(file.read_text())
    (tmp_path / "0003_broken.py").write_text(
        'revision = "0003"\ndown_revision = "0002"\n\n'
        "def upgrade():\n    from alembic import op\n    op.drop_table('notes')\n    op.drop_table('nothing')\n"
    )
    migrations.migrate(notebook_service, SecretStr(empty))
    with pytest.raises(Exception, match="nothing"):
        migrations.migrate(replace(notebook_service, migrations=tmp_path), SecretStr(empty))
    with psycopg.connect(empty.replace("+psycopg", "")) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version ORDER BY 1").fetchall() == [
            ("0002",),
            ("k0018",),
        ]
        connection.execute("SELECT count(*) FROM notes")


def test_the_first_revision_lays_every_script_of_the_job_queue_there_is():
    newer = migrations.procrastinate_scripts(after=migrations.QUEUE_LAID, upto="99")
    assert newer == [], "a newer procrastinate brings further scripts by a further revision of every service"
