"""A revision that is added keeps nobody from writing while it builds an index, nor older processes from going on."""

import ast
import re

import psycopg
import pytest

from kit.storage import revisions
from tests.contract.documents import NAMES, service_of
from tests.contract.shapes import hinders_older, shape_of

#: The newest revision of each that was made before there was `add_index`, on tables that were small.
BEFORE = {
    "credit": "0014",
    "emergency": "0008",
    "lawstudy": "0007",
    "office": "0004",
    "property": "0019",
    "house": "k0017",
}
#: What builds an index, with the place of its table among the arguments.
BUILDING = {
    "create_index": 1,
    "create_unique_constraint": 1,
    "create_primary_key": 1,
    "create_exclude_constraint": 1,
}
_TABLE_MADE = re.compile(r"CREATE TABLE (?:IF NOT EXISTS )?\"?(\w+)", re.I)
_INDEX_MADE = re.compile(r"CREATE (?:UNIQUE )?INDEX .*?\bON (?:ONLY )?\"?([\w{]+)", re.I | re.S)
_CONSTRAINT_MADE = re.compile(
    r"ALTER TABLE \"?(\w+)[^;]*?ADD[^;,]*?\b(?:UNIQUE|PRIMARY KEY|EXCLUDE)\b(?! *USING INDEX)", re.I
)


def wrong_in(source: str, sql: str = "") -> list[str]:
    """What of a revision, and of the SQL that stands beside it, keeps others from writing while an index is built."""
    tree = ast.parse(source)
    upgrade = [
        node
        for function in tree.body
        if isinstance(function, ast.FunctionDef) and function.name != "downgrade"
        for node in ast.walk(function)
    ]
    calls = [node for node in upgrade if isinstance(node, ast.Call)]
    texts = [sql, *filter(None, map(_said, ast.walk(tree)))]
    made = {_text(call.args[0]) for call in calls if _name(call) == "op.create_table"}
    made.update(table for text in texts for table in _TABLE_MADE.findall(text))
    named = [
        (_name(call), _text(call.args[BUILDING[_name(call)[3:]]]))
        for call in calls
        if _name(call).startswith("op.") and _name(call)[3:] in BUILDING
    ]
    named += [
        ("SQL", table)
        for text in texts
        for found in (_INDEX_MADE, _CONSTRAINT_MADE)
        for table in found.findall(text)
    ]
    wrong = [
        f"{how} on {table}: add_index of kit.storage.indexes" for how, table in named if table not in made
    ]
    besides = sorted({name for name in map(_name, calls) if name.startswith("op.")})
    if any(_name(call) == "add_index" for call in calls) and besides:
        wrong.append(
            f"{', '.join(besides)} beside add_index, which would be done twice: a revision of its own"
        )
    return wrong


def _name(call: ast.Call) -> str:
    return ast.unparse(call.func)


def _said(node: ast.AST) -> str | None:
    """A text that a revision holds, its places as `{…}`."""
    if isinstance(node, ast.JoinedStr):
        return ast.unparse(node)
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def _text(node: ast.expr) -> str:
    """A constant, or what can be no table's name."""
    return str(node.value) if isinstance(node, ast.Constant) else f"({ast.unparse(node)})"


@pytest.mark.parametrize("name", [*NAMES, "house"])
def test_a_revision_makes_indexes_on_tables_in_use_by_the_helper(name):
    folder = revisions.FOLDER if name == "house" else service_of(name).migrations
    files = {file.name.partition("_")[0]: file for file in folder.glob("*[0-9]_*.py")}
    assert BEFORE[name] in files
    for number, file in files.items():
        beside = file.with_suffix(".sql")
        if number > BEFORE[name]:
            sql = beside.read_text(encoding="utf-8") if beside.exists() else ""
            assert wrong_in(file.read_text(encoding="utf-8"), sql) == [], file.name


HEAD = "from alembic import op\n"
TABLE = 'op.create_table("pages")'


@pytest.mark.parametrize(
    ("body", "sql", "wrong"),
    [
        (f'{TABLE}; op.create_index("ix_pages_day", "pages", ["day"])', "", []),
        ('add_index(op, "ix_notes_day", "notes", ["day"])', "", []),
        ("pass", "CREATE TABLE pages (day date);\nCREATE INDEX ix_pages_day ON pages (day);", []),
        ("pass", "ALTER TABLE notes ADD CONSTRAINT uq_notes_day UNIQUE USING INDEX uq_notes_day;", []),
        (f'{TABLE}; op.create_index("ix_notes_day", "notes", ["day"])', "", ["op.create_index on notes"]),
        ('for table in TABLES: op.create_index("ix", table, ["day"])', "", ["op.create_index on (table)"]),
        ('op.create_unique_constraint("uq_notes_day", "notes", ["day"])', "", ["op.create_unique_constraint on notes"]),
        ('op.execute("CREATE UNIQUE INDEX uq_notes_day ON notes (day)")', "", ["SQL on notes"]),
        ('op.execute(f"CREATE INDEX ix_{table}_day ON {table} (day)")', "", ["SQL on {table"]),
        ("pass", "CREATE INDEX ix_notes_day\n    ON notes (day);", ["SQL on notes"]),
        ("pass", "ALTER TABLE notes\n    ADD CONSTRAINT uq_notes_day UNIQUE (day);", ["SQL on notes"]),
        (f'{TABLE}; add_index(op, "ix_notes_day", "notes", ["day"])', "", ["op.create_table beside add_index"]),
    ],
)  # fmt: skip
def test_what_keeps_others_from_writing_is_found(body, sql, wrong):
    found = wrong_in(f"{HEAD}def upgrade():\n    {body}\ndef downgrade():\n    {TABLE}\n", sql)
    assert [line.partition(":")[0].partition(", which")[0] for line in found] == wrong


@pytest.mark.parametrize(
    ("statement", "hinders"),
    [
        ("CREATE TABLE pages (day date NOT NULL)", set()),
        ("ALTER TABLE notes ADD mark text", set()),
        ("ALTER TABLE notes ADD mark text NOT NULL DEFAULT ''", set()),
        ("ALTER TABLE notes ADD mark bigint GENERATED ALWAYS AS IDENTITY", set()),
        ("ALTER TABLE notes ADD mark text NOT NULL GENERATED ALWAYS AS (text || '') STORED", set()),
        ("ALTER TABLE notes ADD mark text NOT NULL", {"notes.mark"}),
        ("ALTER TABLE notes DROP rank", {"notes.rank"}),
        ("ALTER TABLE notes ALTER rank SET NOT NULL", {"notes.rank"}),
        ("ALTER TABLE notes ALTER rank TYPE bigint", {"notes.rank"}),
        ("ALTER TABLE notes ALTER text DROP DEFAULT", {"notes.text"}),
        ("ALTER TABLE notes RENAME rank TO place", {"notes.rank"}),
        ("DROP TABLE notes", {"notes.rank", "notes.text"}),
    ],
)  # fmt: skip
def test_what_keeps_older_processes_from_going_on_is_found(empty, statement, hinders):
    with psycopg.connect(empty.replace("+psycopg", "")) as connection:
        connection.execute("CREATE TABLE notes (text text NOT NULL DEFAULT '', rank integer)")
        former = shape_of(connection)
        connection.execute(statement.encode())
        assert hinders_older(former, shape_of(connection)) == hinders
