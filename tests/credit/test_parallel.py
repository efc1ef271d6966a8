"""An evaluation comes to the same however many workers compute it (P-2.3.2a)."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Connection, create_engine, text

from kit.district.reference import read
from services.credit.plan.scheme import Scheme
from services.credit.scoring.statement import ScoreOf, scores

SCHEME = Scheme.of(read(Path("services/credit/plan/data/default-2026-1.yaml")))
DAY = date(2024, 6, 24)
WORKERS = (0, 1, 2, 4)
#: 200 companies with a project each; of every item a record of each, two thirds at the project, of a seventh of the area.
_FILL = (
    "INSERT INTO companies (id, name, name_key, name_like, listed_at, told_at, told_by)"
    " SELECT gen_random_uuid(), each, each, each, now(), now(), gen_random_uuid()"
    " FROM (SELECT CAST(generate_series(1, 200) AS text) AS each) AS numbers",
    "INSERT INTO projects (id, name, kind, street) SELECT id, name, 'residential', '天骄街道' FROM companies",
    "INSERT INTO holdings (id, project_id, company_id, begins_on, area)"
    " SELECT gen_random_uuid(), id, id, '2023-01-01', 1000 FROM companies",
    "INSERT INTO records (id, company_id, project_id, item, acted_at, entered_at, share_part, share_whole, units, area,"
    " company_area, company_projects, origin, origin_key, recorder, client, evidence)"
    " SELECT gen_random_uuid(), c.id, CASE WHEN at_project THEN c.id END, i.code,"
    " '2023-09-01 08:00+08'::timestamptz + make_interval(hours => CAST(c.name AS int) * 31 + CAST(i.number AS int)),"
    " now(), CASE WHEN i.is_share THEN 5 END, CASE WHEN i.is_share THEN 7 END, 1 + mod(i.number, 3), CASE WHEN at_project THEN 1000 END,"
    " CASE WHEN at_project THEN 7000 END, CASE WHEN at_project THEN 7 END, 'test', c.name || i.code, 'centre', 'test', '[]'"
    " FROM companies c, unnest(CAST(%s AS text[]), CAST(%s AS text[]), CAST(%s AS boolean[])) WITH ORDINALITY"
    " AS i(code, kind, is_share, number),"
    " LATERAL (SELECT i.kind <> 'base' AND mod(CAST(c.name AS int) + i.number, 3) > 0 AS at_project) AS place",
    "INSERT INTO amendments (id, record_id, action, effective_on, reason, entered_at, client)"
    " SELECT gen_random_uuid(), id, 'withdrawn', '2024-06-01', '有误', now(), 'test' FROM records WHERE mod(seq, 11) = 0",
    "ALTER TABLE records SET (parallel_workers = 8)",
    "ALTER TABLE companies SET (parallel_workers = 8)",
    "ALTER TABLE holdings SET (parallel_workers = 8)",
    "ANALYZE records",
)


@pytest.fixture
def database(credit) -> Iterator[Connection]:
    """A connection to a database of enough records that PostgreSQL shares them among as many workers as it may."""
    items = SCHEME.items
    told = [[getattr(each, field) for each in items] for field in ("code", "kind")]
    for statement in _FILL:
        shares = [each.measure == "share" for each in items]
        credit.sql(statement, *((*told, shares) if "unnest" in statement else ()))
    engine = create_engine(credit.clone.url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.connect() as connection:
        for setting in (
            "min_parallel_table_scan_size", "min_parallel_index_scan_size", "parallel_setup_cost", "parallel_tuple_cost",
        ):  # fmt: skip
            connection.execute(text(f"SET {setting} = 0"))
        yield connection
    engine.dispose()


@pytest.mark.clause("P-2.3.2a")
@pytest.mark.parametrize(
    "asked",
    [
        pytest.param(ScoreOf(DAY), id="companies"),
        pytest.param(ScoreOf(DAY, of_projects=True), id="projects"),
        pytest.param(ScoreOf(DAY, with_lines=True), id="explained"),
    ],
)
def test_results_are_the_same_to_the_last_digit_whatever_the_number_of_workers(database, asked):
    statement, parameters = scores(SCHEME, asked)
    found = []
    for workers in WORKERS:
        database.execute(text(f"SET max_parallel_workers_per_gather = {workers}"))
        plan = "\n".join(database.scalars(text(f"EXPLAIN {statement.text}"), parameters))
        assert (f"Workers Planned: {workers}" in plan) is (workers > 0)
        found.append(sorted(str(tuple(row)) for row in database.execute(statement, parameters)))
    assert len(found[0]) == 200
    assert all(each == found[0] for each in found)
