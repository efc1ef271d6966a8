"""Laws of the score: the statement equals the loop over rows, and no bad record ever helps (P-2.3.2a)."""

import json
from dataclasses import asdict, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from bench.row_by_row import Fact, Result, evaluate
from kit.district.clock import SHANGHAI
from kit.district.reference import read
from kit.storage.db import new_id
from kit.testing import Client, Running
from services.credit.plan.scheme import Kind, Scheme
from tests.credit.conftest import listed

pytestmark = pytest.mark.clause("P-2.3.2a")
DEFAULT = Scheme.of(read(Path("services/credit/plan/data/default-2026-1.yaml")))
#: With a cap of each sort, so that all of them are tried.
CAPPED = Scheme.of(
    DEFAULT.model_dump(mode="json")
    | {
        "code": "capped-1",
        "effective_from": "2023-01-01",
        "groups": {"order": "9"},
        "limits": {"base": "60", "good": "9", "bad": "15"},
        "items": [
            each.model_dump(mode="json")
            | ({"group": "order"} if each.code in ("N03", "N04", "N07") else {})
            | ({"cap": {"points": "7", "per": "project"}} if each.code == "N07" else {})
            for each in DEFAULT.items
        ],
    }
)
DAY = date(2024, 6, 24)
ITEMS = {each.code: each for each in DEFAULT.items}
#: Those with rules of their own come up as often as all the others together.
OFTEN = sorted(ITEMS) + 8 * ["B08", "G05", "N03", "N07", "N10", "N11", "X12", "X13"]
PROJECTS = tuple((str(new_id()), Decimal(area)) for area in (500, 3000, 6500))


@some.composite
def facts(draw: some.DrawFn, code: str | None = None) -> Fact:
    """A record of any item, at a project or not, of the last years."""
    item = ITEMS[code or draw(some.sampled_from(OFTEN))]
    acted = datetime(2022, 1, 1, tzinfo=SHANGHAI) + timedelta(hours=draw(some.integers(24 * 300, 24 * 904)))
    project, area = (
        draw(some.sampled_from((*PROJECTS, (None, None)))) if item.kind is not Kind.BASE else (None, None)
    )
    known = draw(some.booleans())
    share = (draw(some.integers(0, 7)), 7) if item.measure == "share" else None
    ends = draw(some.none() | some.integers(1, 400))
    return Fact(
        id=str(new_id()),
        item=item.code,
        acted_at=acted,
        points=draw(some.none() | some.decimals(item.least, item.most, places=1)),
        units=draw(some.integers(1, 4)) if item.measure == "units" else 1,
        share=share,
        project=project,
        area=area if known else None,
        company_area=Decimal(10_000) if project and known else None,
        company_projects=3 if project else None,
        put_right_on=acted.date() + timedelta(days=ends)
        if ends and item.validity in ("put_right", "listed")
        else None,
    )


def bad(code: str) -> bool:
    return ITEMS[code].kind in (Kind.BAD, Kind.SERIOUS)


def rank(scheme: Scheme, result: Result) -> int:
    """How good a grade is; not to take part is the lowest but one."""
    return -len(scheme.grades) if result.grade == scheme.absent_grade else -scheme.grades.index(result.grade)


records = some.lists(facts(), max_size=12)
schemes = some.sampled_from((DEFAULT, CAPPED))


@given(schemes, records, facts().filter(lambda fact: bad(fact.item)))
def test_bad_record_never_raises_a_score_or_a_grade(scheme, known, more):
    before, after = evaluate(scheme, known, DAY), evaluate(scheme, [*known, more], DAY)
    assert after.score <= before.score
    if before.grade != scheme.absent_grade:
        assert rank(scheme, after) <= rank(scheme, before)
    assert not (after.list == "red" and before.list != "red")


@given(schemes, records, facts().filter(lambda fact: ITEMS[fact.item].kind is Kind.GOOD))
def test_good_record_never_lowers_a_score_or_a_grade(scheme, known, more):
    before, after = evaluate(scheme, known, DAY), evaluate(scheme, [*known, more], DAY)
    assert after.score >= before.score
    assert rank(scheme, after) >= rank(scheme, before)


@given(schemes, records, some.randoms())
def test_order_of_records_does_not_matter(scheme, known, random):
    shuffled = list(known)
    random.shuffle(shuffled)
    assert evaluate(scheme, shuffled, DAY) == evaluate(scheme, known, DAY)


@pytest.fixture
def capped(credit: Running) -> Scheme:
    credit.sql(
        "INSERT INTO schemes (code, effective_from, document, loaded_at, client) VALUES (%s, %s, %s, now(), 'test')",
        CAPPED.code, CAPPED.effective_from, CAPPED.model_dump_json(),
    )  # fmt: skip
    for id, _ in PROJECTS:
        credit.sql(
            "INSERT INTO projects (id, name, kind, street) VALUES (%s, '项目', 'residential', '天骄街道')",
            id,
        )
    return CAPPED


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(known=records, as_of=some.dates(date(2023, 6, 1), date(2025, 6, 1)))
def test_statement_and_loop_over_rows_agree_to_the_last_place(
    credit: Running, centre: Client, capped: Scheme, known: list[Fact], as_of: date
) -> None:
    company = listed(credit, f"企业{new_id()}")
    put_in(credit, company, known)
    for scheme in (DEFAULT, capped):
        told = centre.get(
            f"/companies/{company}/score", params={"as_of": str(as_of), "scheme": scheme.code}
        ).json()
        expected = evaluate(scheme, known, as_of)
        assert (Decimal(told["score"]), told["grade"]) == (expected.score, expected.grade)
        parts = sum(Decimal(line["points"]) for line in told["lines"])
        assert Decimal(told["start"]) + parts + Decimal(told["rounding"]) == Decimal(told["score"])


def put_in(credit: Running, company: UUID, known: list[Fact]) -> None:
    """Put records into the tables as they are."""
    rows = []
    for fact in known:
        row = asdict(replace(fact, acted_at=fact.acted_at.astimezone(UTC)))
        row["share_part"], row["share_whole"] = fact.share or (None, None)
        rows.append(row | {"company_id": company, "project_id": fact.project})
    credit.sql(
        "INSERT INTO records (id, company_id, project_id, item, acted_at, entered_at, points, units, share_part, share_whole,"
        " valid_until, area, company_area, company_projects, origin, origin_key, recorder, client, evidence)"
        " SELECT id, company_id, project_id, item, acted_at, now(), points, units, share_part, share_whole, valid_until,"
        " area, company_area, company_projects, 'test', CAST(id AS text), 'centre', 'test', '[]'"
        " FROM jsonb_populate_recordset(CAST(null AS records), CAST(%s AS jsonb))",
        json.dumps(rows, default=str),
    )
    for fact in known:
        if fact.put_right_on is not None:
            credit.sql(
                "INSERT INTO amendments (id, record_id, action, effective_on, reason, entered_at, client)"
                " VALUES (%s, %s, 'put_right', %s, '已整改', now(), 'test')",
                new_id(), UUID(fact.id), fact.put_right_on,
            )  # fmt: skip
