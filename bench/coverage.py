"""Coverage by street over 100,000 compounds, against the bare statement that counts the same, and its figure against it.

    python -m bench.coverage [--rounds 5] [--check]

Ours is GET /property/v1/coverage of the property service as it ships, by street on a day, with its targets and as JSON, each
time after a change of everything, so that nothing of it was kept; what is kept is told beside it.
The reference is one statement, written by hand and run by psycopg in the same run against the same database; both must
count the same. The figure (format=svg) is asked for in turn with the answer that it is made from.
"""

import json
import sys
from dataclasses import dataclass
from decimal import Decimal
from statistics import median
from typing import Any, LiteralString
from urllib.request import Request, urlopen

import psycopg

from bench.command import run
from bench.served import Property, property_service
from bench.timing import seconds

#: What is promised: how many times its bare statement takes coverage by street takes.
COVERAGE = 1.5
#: How many times its JSON answer its figure takes, bars and tiles alike; of it, what is kept is answered in.
FIGURE, KEPT = 1.2, 0.1
COMPOUNDS = 100_000
DAY = "2024-06-30"
_TOLD = f"/coverage?level=street&on={DAY}"
_DRAWN = f"{_TOLD}&format=svg&figure="
_COUNTED = (
    *("compounds", "covered", "with_committee", "red", "with_company", "filed"),
    *("professional", "quasi", "unmanaged", "households", "covered_households", "area", "covered_area"),
)
#: Streets have communities, those their compounds; 300 companies, of which each is at work in some hundreds of them.
#: Three surveys name each compound, whose status changes; some have a committee, are red, or have a contract filed.
_FILL: tuple[LiteralString, ...] = (
    "SELECT setseed(0.5)",
    """INSERT INTO divisions (id, kind, parent_id, name, name_key, name_like, version)
    SELECT gen_random_uuid(), 'community', id, name || n, name || n, name || n, 1
    FROM divisions, generate_series(1, 15) n WHERE kind IN ('street', 'town')""",
    """INSERT INTO companies (id, name, name_key, name_like, found_by, version, entered_at, changed_at)
    SELECT gen_random_uuid(), '测速' || n, '测速' || n, '测速' || n, ARRAY['测速' || n], 1, now(), now()
    FROM generate_series(1, 300) n""",
    """INSERT INTO compounds (id, community_id, name, name_key, name_like, found_by, version, retired_on)
    SELECT gen_random_uuid(), communities[1 + mod(n, cardinality(communities))], name, name, name, ARRAY[name], 1,
        CASE WHEN mod(n, 100) = 0 THEN date '2024-03-01' END
    FROM (SELECT array_agg(id) communities FROM divisions WHERE kind = 'community') AS c,
        generate_series(1, %(compounds)s) n, LATERAL (SELECT '测速小区' || n AS name) AS named""",
    """INSERT INTO surveys (id, as_of, streets, unit, file_name, sha256, rows, added_headings, warnings, client,
        recorded_at, said)
    SELECT gen_random_uuid(), as_of, '{}', '测速', '测速.xlsx', as_of::text, 0, '{}', '[]', 'bench', now(), '[]'
    FROM unnest(ARRAY[date '2023-06-30', '2023-12-31', '2024-06-20']) as_of""",
    """INSERT INTO observations (compound_id, as_of, survey_id, position, status, company_id, households, area,
        members, added, recorded_at)
    SELECT c.id, s.as_of, s.id, 1, said.status,
        CASE WHEN said.status <> '无物业' THEN companies[1 + floor(random() * 300)::int] END,
        200, 20000, CASE WHEN random() < 0.5 THEN floor(random() * 7)::int END, '{}', now()
    FROM (SELECT array_agg(id) companies FROM companies) AS k, compounds c, surveys s,
        LATERAL (SELECT (ARRAY['专业化物业管理', '准物业管理', '无物业'])[1 + abs(hashtext(c.name || s.as_of) % 3)]
            AS status) AS said""",
    """INSERT INTO committees (id, compound_id, kind, formed_on, term_ends_on, dissolved_on, members, party_members,
        has_party_organisation, version)
    SELECT gen_random_uuid(), id, 'owners_committee', date '2023-01-01' + (random() * 700)::int, '2028-01-01',
        CASE WHEN random() < 0.1 THEN date '2025-01-01' END, 5, 2, true, 1
    FROM compounds WHERE random() < 0.4""",
    """INSERT INTO red_properties (id, compound_id, designated_on)
    SELECT gen_random_uuid(), id, '2024-01-01' FROM compounds WHERE random() < 0.003""",
    """INSERT INTO contracts (id, compound_id, company_id, signed_on, starts_on, ends_on, state, filed_on, version)
    SELECT gen_random_uuid(), compound_id, company_id, '2024-01-01', '2024-01-01', '2027-01-01', 'filed',
        date '2024-01-01' + (random() * 300)::int, 1
    FROM observations WHERE as_of = '2024-06-20' AND company_id IS NOT NULL AND random() < 0.7""",
    """INSERT INTO charges (id, compound_id, company_id, mode, begins_on, version, entered_at, changed_at)
    SELECT gen_random_uuid(), compound_id, company_id,
        (ARRAY['market', 'large_leads_small', 'new_leads_old', 'state_fallback'])[1 + (random() * 3)::int], '2024-01-01', 1,
        now(), now()
    FROM observations WHERE as_of = '2024-06-20' AND company_id IS NOT NULL AND random() < 0.8""",
    "VACUUM (ANALYZE)",
)
#: The modes that compounds are filled with.
_MODES = ("market", "large_leads_small", "new_leads_old", "state_fallback")
_BARE: LiteralString = """
WITH state AS (
    SELECT DISTINCT ON (compound_id) compound_id, status, company_id, households, area FROM observations
    WHERE as_of <= %(day)s ORDER BY compound_id, as_of DESC
), surveyed AS (
    SELECT DISTINCT ON (compound_id) compound_id, as_of, members > 0 AS has FROM observations
    WHERE as_of <= %(day)s AND members IS NOT NULL ORDER BY compound_id, as_of DESC
), registered AS (
    SELECT compound_id, bool_or(dissolved_on IS NULL OR dissolved_on > %(day)s) AS has,
        max(CASE WHEN dissolved_on <= %(day)s THEN dissolved_on ELSE formed_on END) AS said_on
    FROM committees WHERE formed_on <= %(day)s GROUP BY compound_id
)
SELECT street.name, count(*), count(*) FILTER (WHERE status IN ('专业化物业管理', '准物业管理')),
    count(*) FILTER (WHERE CASE WHEN surveyed.as_of > said_on OR said_on IS NULL THEN surveyed.has
        ELSE registered.has END),
    count(*) FILTER (WHERE EXISTS (SELECT FROM red_properties r WHERE r.compound_id = state.compound_id
        AND designated_on <= %(day)s AND (r.withdrawn_on IS NULL OR r.withdrawn_on > %(day)s))),
    count(state.company_id),
    count(*) FILTER (WHERE EXISTS (SELECT FROM contracts k WHERE k.compound_id = state.compound_id
        AND k.company_id = state.company_id AND filed_on <= %(day)s AND starts_on <= %(day)s AND ends_on >= %(day)s)),
    count(*) FILTER (WHERE status = '专业化物业管理'), count(*) FILTER (WHERE status = '准物业管理'),
    count(*) FILTER (WHERE status = '无物业'),
    sum(households), sum(households) FILTER (WHERE status <> '无物业'),
    sum(area), sum(area) FILTER (WHERE status <> '无物业'),
    count(*) FILTER (WHERE status <> '无物业' AND mode = 'market'),
    count(*) FILTER (WHERE status <> '无物业' AND mode = 'large_leads_small'),
    count(*) FILTER (WHERE status <> '无物业' AND mode = 'new_leads_old'),
    count(*) FILTER (WHERE status <> '无物业' AND mode = 'state_fallback'),
    count(*) FILTER (WHERE status <> '无物业' AND mode IS NULL)
FROM state
JOIN compounds ON compounds.id = state.compound_id
JOIN divisions community ON community.id = community_id
JOIN divisions street ON street.id = community.parent_id
LEFT JOIN surveyed ON surveyed.compound_id = state.compound_id
LEFT JOIN registered ON registered.compound_id = state.compound_id
LEFT JOIN charges ON charges.compound_id = state.compound_id AND begins_on <= %(day)s
    AND (ends_on IS NULL OR ends_on >= %(day)s)
WHERE (retired_on IS NULL OR retired_on > %(day)s) AND compounds.withdrawn_on IS NULL
GROUP BY street.id, street.name ORDER BY street.id"""


@dataclass(frozen=True)
class Figures:
    """Seconds of coverage by street and of its bare statement, and how many times the one takes the other.

    drawn: how many times its answer its figure takes; kept: of it, the same answer takes when nothing has changed.
    """

    ours: float
    bare: float
    ratio: float
    drawn: float
    kept: float

    def broken(self) -> list[str]:
        """What takes longer than promised."""
        found = [
            (self.ratio > COVERAGE, f"coverage takes more than {COVERAGE} of its bare statement"),
            (self.drawn > FIGURE, f"a figure takes more than {FIGURE} of its answer"),
            (self.kept > KEPT, f"what is kept takes more than {KEPT} of counting"),
        ]
        return [text for is_broken, text in found if is_broken]


def main() -> None:
    """Run from the command line."""
    run("Coverage by street against its bare statement.", measure, rounds=5)


def measure(rounds: int) -> Figures:
    """Measure, check that both count the same, and print."""
    with property_service() as serving:
        fill(serving.database, COMPOUNDS)
        if (ours := _ours(serving)) != (bare := _bare(serving.database)):
            sys.exit(f"coverage is counted otherwise by the service and by hand: {ours[:1]}, {bare[:1]}")
        taken = [
            (seconds(lambda: _ours(serving)), seconds(lambda: _bare(serving.database))) for _ in range(rounds)
        ]
        drawn = [
            seconds(lambda: [_anew(serving, _DRAWN + kind) for kind in ("gaps", "places")])
            / seconds(lambda: [_anew(serving, _TOLD) for _ in range(2)])
            for _ in range(rounds)
        ]
        kept = median(seconds(lambda: _answer(serving, _TOLD)) for _ in range(rounds))
    ours, bare = (median(times) for times in zip(*taken, strict=True))
    ratio = median(each / reference for each, reference in taken)
    figures = Figures(ours, bare, ratio, median(drawn), kept / ours)
    print(
        f"\nCoverage by street over {COMPOUNDS:,} compounds: {figures.ours * 1000:.0f} ms,"
        f" {figures.ratio:.2f} of its bare statement ({figures.bare * 1000:.0f} ms); its figure"
        f" {figures.drawn:.2f} of it, and {figures.kept:.3f} of it the same when nothing has changed."
    )
    return figures


def fill(database: psycopg.Connection[Any], compounds: int) -> None:
    """Put so many compounds into a property database that has none, with whatever is counted of them."""
    for statement in _FILL:
        database.execute(statement, {"compounds": compounds} if "%(" in statement else None)


def _ours(serving: Property) -> list[tuple[Any, ...]]:
    items = json.loads(_anew(serving, _TOLD))["items"]
    return [(item["name"], *(Decimal(item[name]) for name in _COUNTED), *_by_mode(item)) for item in items]


def _anew(serving: Property, path: str) -> bytes:
    """An answer of which nothing was kept."""
    serving.database.execute("INSERT INTO coverage_changes DEFAULT VALUES")
    return _answer(serving, path)


def _answer(serving: Property, path: str) -> bytes:
    asked = Request(serving.base + path, headers={"Authorization": f"Bearer {serving.token}"})
    with urlopen(asked, timeout=60) as answer:
        content: bytes = answer.read()
        return content


def _by_mode(item: dict[str, Any]) -> list[int]:
    counted = {each["mode"]: each["compounds"] for each in item["modes"]}
    return [counted.get(mode, 0) for mode in (*_MODES, None)]


def _bare(database: psycopg.Connection[Any]) -> list[tuple[Any, ...]]:
    return database.execute(_BARE, {"day": DAY}).fetchall()


if __name__ == "__main__":
    main()
