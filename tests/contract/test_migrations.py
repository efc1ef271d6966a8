"""Every revision goes back and forward again on a database in which everything has happened, losing what it says it loses."""

import json
from collections import Counter
from contextlib import closing
from itertools import pairwise
from typing import Any

import psycopg
import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from pydantic import SecretStr

from kit.service import Service
from kit.storage import migrations, schema
from kit.storage.schema import Refused
from tests.contract.documents import NAMES, service_of
from tests.contract.shapes import Shape, hinders_older, shape_of
from tests.contract.stories import tell
from tests.contract.test_new_revisions import BEFORE

Rows = list[dict[str, Any]]


_NEW = "gen_random_uuid()"


def _again(table: str, where: str = "true", **other: str) -> str:
    """A statement that puts a row in again, with some columns otherwise."""
    said = ", ".join(f"'{name}', {value}" for name, value in other.items())
    return (
        f"INSERT INTO {table} SELECT (jsonb_populate_record(t, jsonb_build_object({said}))).*"
        f" FROM {table} t WHERE {where} LIMIT 1"
    )


#: In which service the revisions of the house are walked over.
HOUSE = "office"
#: What a revision refuses to leave behind, and what takes it away: rows that triggers and keys would keep.
MISFITS: dict[str, tuple[str, str]] = {
    "k0003": (
        "names that several clients gave to subscriptions: 1, the first is ",
        "DELETE FROM subscriptions WHERE client = 'other'",
    ),
    "k0007": (
        "requests with several parts: 3, the first is DS-",
        "DELETE FROM dispatch_legs l USING dispatch_legs o WHERE l.request_id = o.request_id AND l.id < o.id;"
        "DELETE FROM dispatch_steps WHERE leg_id NOT IN (SELECT id FROM dispatch_legs);"
        "UPDATE dispatch_requests SET units = 1;"
        "UPDATE dispatch_requests SET state = 'closed', merged_into = NULL, transferred_to = NULL"
        " WHERE state IN ('declined', 'merged', 'transferred')",
    ),
    "k0009": (
        "parts of requests raised again in another term: 1, the first is ",
        "DELETE FROM dispatch_steps WHERE client = 'other'",
    ),
    "k0012": (
        "figures appealed against in two rounds: 1, the first is ",
        "DELETE FROM dispatch_appeals WHERE round = 9",
    ),
    "credit 0009": (
        "evaluations given up: 1, the first is 20",
        "DELETE FROM evaluations WHERE state = 'cancelled'",
    ),
    "emergency 0006": (
        "corrections of files: 1, the first is ",
        "DELETE FROM corrections WHERE subject = 'attachment'",
    ),
    "lawstudy 0003": (
        "years with another version than one in force",
        "DELETE FROM plan_versions WHERE state <> 'in_force';"
        "UPDATE plan_versions SET version = 1, adjusts = NULL, reason = NULL;"
        "DELETE FROM topic_entries WHERE version_id NOT IN (SELECT id FROM plan_versions);"
        "DELETE FROM topics WHERE id NOT IN (SELECT topic_id FROM topic_entries)",
    ),
    "property 0008": (
        "merges undone: 2, the first is ",
        "DELETE FROM corrections WHERE action = 'restored' OR id IN (SELECT undoes_id FROM corrections)",
    ),
    "property 0016": (
        "projects that the platform has told: 1, the first is P-1",
        "DELETE FROM sync_rows WHERE kind = 'projects'",
    ),
}
#: What a revision is walked over with besides what the story of its service tells.
BESIDES = {
    "k0003": _again("subscriptions", id=_NEW, client="'other'"),
    "k0009": _again(
        "dispatch_steps", "leg_id IS NOT NULL", id=_NEW, client="'other'", rung="'late'", term="8"
    )
    + ";"
    + _again("dispatch_steps", "client = 'other'", id=_NEW, term="9"),
    "k0012": _again("dispatch_appeals", id=_NEW, round="9"),
    "property 0016": "INSERT INTO sync_rows (kind, key, source_version, deleted, fields, hash, made, stated_at)"
    " VALUES ('projects', 'P-1', 1, false, '{}', '', false, now())",
}
#: Columns that are said otherwise on the way, on purpose.
ALTERED: dict[str, set[str]] = {
    "k0007": {"dispatch_requests.grams", "dispatch_steps.leg_id"},
    "lawstudy 0003": {"plan_versions.id", "plan_versions.edits", "topic_entries.version_id"},
}
#: Columns that a revision takes away or changes, which processes of the release before do not use any more.
CONTRACTED: dict[str, set[str]] = {}
EMPTY: tuple[Any, ...] = (None, "", [], {}, False, 0)


@pytest.fixture(autouse=True)
def _read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The revisions' files are read once, not at each step."""
    read: dict[str | None, ScriptDirectory] = {}
    reads = ScriptDirectory.from_config

    def directory(config: Config) -> ScriptDirectory:
        folders = config.get_main_option("version_locations")
        if folders not in read:
            read[folders] = reads(config)
        return read[folders]

    monkeypatch.setattr(ScriptDirectory, "from_config", directory)


class Database:
    """A database of a service, at whatever revision."""

    def __init__(self, service: Service, url: str) -> None:
        self.service, self.url = service, SecretStr(url)
        self.connection = psycopg.connect(
            url.replace("+psycopg", ""), autocommit=True, prepare_threshold=None
        )

    def close(self) -> None:
        self.connection.close()

    def go(self, *to: str, losing_data: bool = True) -> None:
        migrations.migrate(self.service, self.url, *to, losing_data=losing_data)

    def shape(self) -> Shape:
        return shape_of(self.connection)

    def rows(self) -> dict[str, Rows]:
        """All rows by table, but for those of the job queue."""
        tables = self.connection.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        ).fetchall()
        return {
            table: [
                row for (row,) in self.connection.execute(f'SELECT to_jsonb(t) FROM "{table}" t'.encode())
            ]
            for (table,) in tables
            if not table.startswith(("procrastinate_", "alembic_"))
        }


def way_of(service: Service) -> list[str]:
    """The revisions in an order in which each can be gone to; those of the house are walked in one service."""
    own, house = schema.branches(service)
    if service.name == HOUSE:
        return [house[0], *own[1:], *house[1:]]
    return [house[-1], *own[1:]]


@pytest.mark.parametrize("name", NAMES)
def test_every_revision_goes_back_and_forward_again(serve, empty, name):
    service = service_of(name)
    way = way_of(service)
    shapes = {}
    with closing(Database(service, empty)) as fresh:
        for revision in way:
            fresh.go(revision)
            shapes[revision] = fresh.shape()
    older_go_on(service, shapes)
    running = tell(serve, name).running
    running.bent = True
    with closing(Database(service, running.clone.url)) as database:
        assert database.shape() == shapes[way[-1]]
        for former, revision in zip(way[-2::-1], way[:0:-1], strict=True):
            back_and_forward(database, revision, shapes[former])
        if name != HOUSE:
            take_away(database, MISFITS["k0007"][1])
        with pytest.raises(Refused, match="events: "):
            database.go("base", losing_data=False)
        database.go("base")
        assert database.rows() == {}
        assert {kind for kind, _ in database.shape()} <= {"column", "constraint", "index"}, (
            "Alembic's own is left"
        )
        database.go()
        assert database.shape() == shapes[way[-1]]


def key_of(service: Service, revision: str) -> str:
    return revision if revision.startswith("k") else f"{service.name} {revision}"


def older_go_on(service: Service, shapes: dict[str, Shape]) -> None:
    """Each revision but those of before there was this rule leaves processes of the release before what they use."""
    for (_, former), (revision, latter) in pairwise(shapes.items()):
        if revision > BEFORE["house" if revision.startswith("k") else service.name]:
            key = key_of(service, revision)
            assert hinders_older(former, latter) <= CONTRACTED.get(key, set()), key


def back_and_forward(database: Database, revision: str, former: Shape) -> None:
    """Over one revision back, forward, and back again."""
    branch = next(names for names in schema.branches(database.service) if revision in names)
    to = branch[branch.index(revision) - 1]
    key = key_of(database.service, revision)
    latter = database.shape()
    if key in BESIDES:
        database.connection.execute(BESIDES[key].encode())
    if key in MISFITS:
        why, taken_away = MISFITS[key]
        before = database.rows()
        with pytest.raises(Refused, match=why):
            database.go(to)
        assert (database.shape(), database.rows()) == (latter, before)
        take_away(database, taken_away)
    before = database.rows()
    lost = go_back(database, to)
    assert database.shape() == former, key
    kept = database.rows()
    both = {table: columns_of(rows) & columns_of(kept.get(table, [])) for table, rows in before.items()}
    assert not differing(before, kept, both, ALTERED.get(key, set())), key
    database.go(revision)
    assert database.shape() == latter, key
    left = {
        table: columns_of(rows) - lost.get(table, set())
        for table, rows in before.items()
        if "*" not in lost.get(table, ())
    }
    assert not differing(before, database.rows(), left, ALTERED.get(key, set())), key
    database.go(to)


def take_away(database: Database, *statements: str) -> None:
    """Run statements without triggers and keys."""
    for statement in (
        "SET session_replication_role = replica",
        *statements,
        "RESET session_replication_role",
    ):
        database.connection.execute(statement.encode())


def go_back(database: Database, to: str) -> dict[str, set[str]]:
    """Go back; which columns that loses, as it says, by table; all of a table are `*`."""
    found: dict[str, set[str]] = {}
    try:
        database.go(to, losing_data=False)
    except Refused as refused:
        _, *lost = str(refused).splitlines()
        assert lost, refused
        for line in lost:
            table, _, column = line.strip().partition(":")[0].partition(".")
            found.setdefault(table, set()).add(column or "*")
        database.go(to)
    return found


def columns_of(rows: Rows) -> set[str]:
    return set(rows[0]) if rows else set()


def differing(
    before: dict[str, Rows], after: dict[str, Rows], columns: dict[str, set[str]], altered: set[str]
) -> list[str]:
    """The columns, of those named, that say something else than before, in whichever row."""
    found = []
    for table, names in columns.items():
        names = {name for name in names if f"{table}.{name}" not in altered}
        if not names:
            continue
        if telling(before[table], names) != telling(after[table], names):
            alone = [
                name for name in names if telling(before[table], {name}) != telling(after[table], {name})
            ]
            found += [f"{table}.{name}" for name in alone or sorted(names)]
    return found


def telling(rows: Rows, columns: set[str]) -> Counter[str]:
    """What rows say in these columns; one that is empty says nothing."""
    return Counter(
        json.dumps({name: row[name] for name in sorted(columns) if row.get(name) not in EMPTY})
        for row in rows
    )
