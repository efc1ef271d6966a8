"""The way back: to revisions that are named, whole or not at all, and losing nothing unless that is said."""

from dataclasses import replace

import psycopg
import pytest
from pydantic import SecretStr

from kit.storage import migrations, schema
from kit.storage.schema import Refused
from tests.kit.notebook.app import service

FURTHER = {
    "0003_marks.py": """
def upgrade():
    op.add_column("notes", sa.Column("mark", sa.Text()))
    op.add_column("notes", sa.Column("pinned", sa.Boolean(), server_default="false", nullable=False))
    op.add_column("notes", sa.Column("copies", sa.Integer(), server_default="1", nullable=False))
    op.execute("ALTER TABLE notes ADD COLUMN length integer GENERATED ALWAYS AS (length(text)) STORED")


def downgrade():
    for column in ("length", "copies", "pinned", "mark"):
        op.drop_column("notes", column)
""",
    "0004_pages.py": """
from kit.storage.going_back import drop_derived, loses, refuse_where


def upgrade():
    op.create_table("pages", sa.Column("id", sa.Uuid(), primary_key=True), sa.Column("text", sa.Text()))
    op.add_column("notes", sa.Column("letters", sa.Integer()))
    op.execute("UPDATE notes SET letters = length(text)")


def downgrade():
    refuse_where(op, "pages of several notes", "SELECT text FROM pages WHERE text LIKE 'several%'")
    loses(op, "short pages", "SELECT FROM pages WHERE length(text) < 3")
    drop_derived(op, "notes", "letters")
    op.drop_table("pages")
""",
}


@pytest.fixture
def further(tmp_path):
    for file in service.migrations.glob("*.py"):
        (tmp_path / file.name).write_text(file.read_text())
    for name, text in FURTHER.items():
        number = name[:4]
        head = f"import sqlalchemy as sa\nfrom alembic import op\nrevision = '{number}'\ndown_revision = '{int(number) - 1:04}'\n"
        (tmp_path / name).write_text(head + text)
    return replace(service, migrations=tmp_path)


@pytest.fixture
def database(empty, further):
    """At the newest revision, with a note."""
    migrations.migrate(further, SecretStr(empty))
    with psycopg.connect(empty.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(
            "INSERT INTO notes (id, version, number, text, rank, amount, day, written_at, letters)"
            " VALUES (gen_random_uuid(), 1, 'N1', '灯泡', 1, 1, '2024-06-24', now(), 2)"
        )
        yield connection


def stands(empty):
    return schema.standing(SecretStr(empty))


def go(further, empty, *to, **how):
    migrations.migrate(further, SecretStr(empty), *to, **how)
    return stands(empty)


def test_revisions_are_gone_back_to_and_forward_again_each_branch_by_itself(empty, further, database):
    [newest] = {each for each in stands(empty) if each.startswith("k")}
    assert go(further, empty, "0002") == {"0002", newest}
    assert go(further, empty, "0003", "k0012") == {"0003", "k0012"}
    assert go(further, empty, "0002", newest) == {"0002", newest}
    assert go(further, empty, "0002") == {"0002", newest}
    assert go(further, empty) == {"0004", newest}
    assert database.execute("SELECT text, pinned, copies, length FROM notes").fetchall() == [
        ("灯泡", False, 1, 2)
    ]


def test_what_says_nothing_is_no_loss_and_what_says_something_is_one(empty, further, database):
    database.execute("UPDATE notes SET mark = '', pinned = false")
    database.execute(
        "INSERT INTO notes SELECT gen_random_uuid(), 1, 'N2', 'b', 1, 1, day, written_at FROM notes"
    )
    database.execute("UPDATE notes SET mark = 'red', copies = 3 WHERE number = 'N2'")
    database.execute("INSERT INTO pages VALUES (gen_random_uuid(), 'ab'), (gen_random_uuid(), 'abc')")
    with pytest.raises(Refused) as refused:
        go(further, empty, "0002")
    assert str(refused.value).splitlines()[1:] == [
        "  short pages: 1",
        "  pages: 2",
        "  notes.copies: 1",
        "  notes.mark: 1",
    ]
    assert "0004" in stands(empty)
    assert database.execute("SELECT mark, copies FROM notes WHERE number = 'N2'").fetchall() == [("red", 3)]
    assert "0002" in go(further, empty, "0002", losing_data=True)
    go(further, empty)
    assert database.execute("SELECT number, mark FROM notes ORDER BY 1").fetchall() == [
        ("N1", None),
        ("N2", None),
    ]


def test_what_has_no_place_in_the_former_tables_is_never_left_behind(empty, further, database):
    database.execute(
        "INSERT INTO pages VALUES (gen_random_uuid(), 'several b'), (gen_random_uuid(), 'several a')"
    )
    with pytest.raises(Refused, match="pages of several notes: 2, the first is several a"):
        go(further, empty, "0002", losing_data=True)
    assert "0004" in stands(empty)
    assert database.execute("SELECT count(*) FROM pages").fetchone() == (2,)


def test_what_a_constraint_refuses_is_told_without_the_rows(empty, further, database):
    (further.migrations / "0005_texts.py").write_text(
        "from alembic import op\nrevision = '0005'\ndown_revision = '0004'\ndef upgrade():\n    pass\n"
        "def downgrade():\n    op.create_unique_constraint('uq_notes_text', 'notes', ['text'])\n"
    )
    go(further, empty)
    database.execute(
        "INSERT INTO notes SELECT gen_random_uuid(), 1, 'N2', text, 1, 1, day, written_at FROM notes"
    )
    with pytest.raises(Refused) as refused:
        go(further, empty, "0004", losing_data=True)
    assert str(refused.value) == (
        'rows have no place in the former tables: could not create unique index "uq_notes_text"'
    )
    assert "0005" in stands(empty)


def test_a_revision_that_is_none_is_refused(empty, further, database):
    with pytest.raises(Refused, match="0005 is no revision of this release"):
        go(further, empty, "0005")


def test_the_command_refuses_in_lines_of_its_own_and_goes_back_when_it_is_told_to(notebook, start):
    assert notebook.client().post("/notes", json={"text": "买灯泡"}).status_code == 201
    refused = start("migrate", "--to", "0001")
    assert refused.wait(30) == 1, refused.said()
    first, *lost = refused.said().splitlines()
    assert first.startswith("notebook: the way back to 0001 loses data, so nothing was changed")
    assert lost == ["  notes: 1"]
    assert start("migrate", "--to", "0001", "--losing-data").wait(30) == 0
    assert notebook.sql("SELECT to_regclass('notes')") == [(None,)]
