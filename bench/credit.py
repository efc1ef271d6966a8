"""An evaluation over 10,000 companies and 1,000,000 records, against its bare SQL and a loop over rows; and one score.

    python -m bench.credit [--companies 10000] [--check]

The evaluation is `services.credit.evaluations.work.compute`, as the service runs it. The bare SQL does the same arithmetic for
the default scheme alone, with nothing that is data in it but the table of items; the loop is `bench.row_by_row` over the
records of a tenth of the companies, as rows come from the database. All three have to agree.

One score with its explanation is asked for through the API of the service as it ships, and in turn with it the same company by
its key, of one process over one connection with one token.
"""

import asyncio
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from http.client import HTTPConnection
from pathlib import Path
from random import Random
from statistics import median
from typing import Any, LiteralString
from uuid import UUID

import psycopg
from pydantic import SecretStr
from sqlalchemy import create_engine
from sqlalchemy.engine import make_url

from bench.command import run
from bench.gateway import keys_and_token
from bench.processes import free_ports, running
from bench.row_by_row import Fact, Result, evaluate
from deploy import postgres
from deploy.kept import random_key
from kit.context import Context
from kit.district.clock import SHANGHAI
from kit.district.reference import read
from kit.service import open_database
from kit.storage.db import new_id
from services.credit.app import service
from services.credit.evaluations.models import Evaluation
from services.credit.evaluations.work import compute
from services.credit.plan.scheme import Kind, Scheme
from services.credit.schemes.work import DEFAULT
from services.credit.scoring.statement import ScoreOf, scores
from services.credit.settings import CreditSettings

#: What is promised: of the bare SQL, of the loop, how the cost of a company may grow from a tenth to all, and of look-ups.
BARE, LOOP, FLAT, SCORE = 1.5, 20.0, 1.25, 3.0
COMPANIES, RECORDS_EACH = 10_000, 100
#: How many companies are asked for, one after the other, before it is measured and while it is.
WARM, ASKED = 50, 500
#: How often an evaluation and its bare SQL are measured, in turn.
ROUNDS = 3
DAY = date(2024, 12, 31)
_COMMAND = [sys.executable, "-m", "services.credit"]
_COPY: LiteralString = (
    "COPY records (id, company_id, project_id, item, acted_at, entered_at, points, units, share_part, share_whole, area,"
    " company_area, company_projects, origin, origin_key, recorder, client, evidence) FROM STDIN"
)


@dataclass(frozen=True)
class Figures:
    """An evaluation by its bare SQL, the loop by an evaluation, the cost of a company of all by that of a tenth's.

    score: one score with its explanation by a look-up of its company.
    """

    of_bare: float
    of_loop: float
    growth: float
    score: float

    def broken(self) -> list[str]:
        """What is not kept."""
        found = [
            (self.of_bare > BARE, f"an evaluation takes more than {BARE} of its bare SQL"),
            (self.of_loop < LOOP, f"an evaluation is less than {LOOP} times as fast as a loop over rows"),
            (self.growth > FLAT, f"a company costs more than {FLAT} times as much among ten times as many"),
            (self.score > SCORE, f"a score with its explanation takes more than {SCORE} look-ups by key"),
        ]
        return [text for is_broken, text in found if is_broken]


def main() -> None:
    """Run from the command line."""
    run("An evaluation of all companies.", measure, companies=COMPANIES)


def measure(companies: int = COMPANIES) -> Figures:
    """Measure and print."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="dongsheng-bench-")))
        folder.chmod(0o755)  # PostgreSQL runs as another user where we are root
        token = keys_and_token(folder, "credit:read")
        server = stack.enter_context(postgres.start(folder / "postgres", 0))
        smaller, _ = _filled(server, folder, "credit_few", companies // 10)
        environment, url = _filled(server, folder, "credit_many", companies)
        few = median(_evaluated(smaller) for _ in range(ROUNDS))
        rounds = [(_evaluated(environment), _seconds(lambda: _bare(url))) for _ in range(ROUNDS)]
        many, bare = (median(seconds) for seconds in zip(*rounds, strict=True))
        sample, looped = _loop(url, companies // 10)
        _must_agree(url, sample)
        _put_right(url)
        score, look_up = _one_score(url, environment, token)
    figures = Figures(many / bare, looped * 10 / many, many / few / 10, score / look_up)
    print(
        f"\n{companies:,} companies with {companies * RECORDS_EACH:,} records: {many:.1f} s,"
        f" bare SQL {bare:.1f} s (ratio {figures.of_bare:.2f}), loop over rows {looped * 10:.0f} s"
        f" ({figures.of_loop:.0f} times), a company {figures.growth:.2f} of what it costs among a tenth as many."
        f" One score with its explanation: {score * 1000:.1f} ms, {figures.score:.2f} look-ups by key through the API."
    )
    return figures


def _filled(server: Any, folder: Path, name: str, companies: int) -> tuple[dict[str, str], str]:
    """A database of its own with so many companies: the service's settings for it, and where it is."""
    environment = {
        "CREDIT_DATABASE_URL": server.ensure_database(name),
        "CREDIT_PERSONAL_KEY": random_key(),
        "CREDIT_TOKEN_JWKS": str(folder / "jwks.json"),
    }
    for step in ("migrate", "load"):
        subprocess.run([*_COMMAND, step], env=os.environ | environment, check=True, capture_output=True)
    url = make_url(environment["CREDIT_DATABASE_URL"]).set(drivername="postgresql")
    plain = url.render_as_string(hide_password=False)
    _fill(plain, companies)
    return environment, plain


def _evaluated(environment: dict[str, str]) -> float:
    """Seconds of an evaluation, of which nothing is kept."""
    settings = CreditSettings(
        database_url=SecretStr(environment["CREDIT_DATABASE_URL"]),
        personal_key=SecretStr(environment["CREDIT_PERSONAL_KEY"]),
        token_jwks=environment["CREDIT_TOKEN_JWKS"],
    )
    return asyncio.run(_compute(settings))


async def _compute(settings: CreditSettings) -> float:
    now, seconds = datetime(2025, 1, 6, 9, tzinfo=SHANGHAI), 0.0
    async with open_database(service, settings, lambda: now) as database:
        for _ in range(2):  # the first time, which is cold, is not counted
            async with database.transaction() as session:
                row = Evaluation(
                    id=new_id(),
                    begins_on=date(2024, 1, 1),
                    ends_on=DAY,
                    scheme="default-2026-1",
                    state="opened",
                )
                session.add(row)
                await session.flush()
                started = time.perf_counter()
                await compute(Context.of_system(session, now), row)
                seconds = time.perf_counter() - started
                await session.rollback()
    return seconds


def _put_right(url: str) -> None:
    """Say of one record in twenty that it is put right, since what is said of all is not to be read for one."""
    with psycopg.connect(url, autocommit=True) as database:
        database.execute(
            "INSERT INTO amendments (id, record_id, action, effective_on, reason, entered_at, client)"
            " SELECT gen_random_uuid(), id, 'put_right', %s, '已整改', now(), 'bench' FROM records WHERE mod(seq, 20) = 0",
            [DAY],
        )
        database.execute("VACUUM (ANALYZE) amendments")


def _one_score(url: str, environment: dict[str, str], token: str) -> tuple[float, float]:
    """Seconds of a score with its explanation, and of a look-up of the company: medians of companies asked in turn."""
    with psycopg.connect(url) as database:
        database.execute("SELECT setseed(0.5)")
        query = "SELECT id FROM companies ORDER BY random() LIMIT %s"
        ids = [id for (id,) in database.execute(query, [WARM + ASKED])]
    (port,) = free_ports(1)
    settings = environment | {"CREDIT_PORT": str(port)}
    with running([*_COMMAND, "serve"], port, settings):
        connection = HTTPConnection("127.0.0.1", port)

        def ask(path: str) -> None:
            headers = {"Authorization": f"Bearer {token}"}
            connection.request("GET", f"/credit/v1/companies/{path}", headers=headers)
            with connection.getresponse() as answer:
                if answer.status != 200:
                    sys.exit(f"{path} answers {answer.status}")
                answer.read()

        taken = [(_seconds(lambda: ask(f"{id}/score")), _seconds(lambda: ask(f"{id}"))) for id in ids]  # noqa: B023
        connection.close()
    return median(each[0] for each in taken[WARM:]), median(each[1] for each in taken[WARM:])


def _fill(url: str, companies: int) -> None:
    scheme, rng = Scheme.of(read(DEFAULT)), Random(1)
    items = [each for each in scheme.items if each.kind is not Kind.BASE]
    base = [each for each in scheme.items if each.kind is Kind.BASE]
    ids, projects = [new_id() for _ in range(companies)], []
    with psycopg.connect(url, autocommit=True) as database, database.cursor() as cursor:
        with cursor.copy(
            "COPY companies (id, name, name_key, name_like, listed_at, told_at, told_by) FROM STDIN"
        ) as copy:
            for id in ids:
                copy.write_row((id, str(id), str(id), str(id), _at(0), _at(0), id))
        with cursor.copy("COPY projects (id, name, kind, street) FROM STDIN") as copy:
            for _ in ids:
                project = new_id()
                projects.append(project)
                copy.write_row((project, "项目", "residential", "天骄街道"))
        with cursor.copy(_COPY) as copy:
            for id, project in zip(ids, projects, strict=True):
                chosen = [*base, *rng.choices(items, k=RECORDS_EACH - len(base))]
                for item in chosen:
                    at_project = item.kind is not Kind.BASE and rng.random() < 0.7
                    share = (3, 4) if item.measure == "share" else (None, None)
                    record, acted = new_id(), _at(rng.randrange(600 * 24))
                    copy.write_row(
                        (record, id, project if at_project else None, item.code, acted, _at(0), None,
                         rng.randint(1, 3) if item.measure == "units" else 1, *share,
                         *((500, 10_000, 4) if at_project else (None, None, None)), "bench", str(record), "centre", "bench", "[]")
                    )  # fmt: skip
        cursor.execute("VACUUM (ANALYZE) records, companies, projects")


def _at(hours: int) -> datetime:
    return datetime(2023, 5, 1, tzinfo=UTC) + timedelta(hours=hours)


def _bare(url: str) -> None:
    scheme = Scheme.of(read(DEFAULT))
    with psycopg.connect(url) as database:
        database.execute(
            "CREATE TEMP TABLE i (code text, kind text, most numeric, usual numeric, cap numeric, months int, units bool,"
            " quarterly bool)"
        )
        for item in scheme.items:
            database.execute(
                "INSERT INTO i VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
                [item.code, item.kind.value, item.most, item.usual, item.cap and item.cap.points, item.months,
                 item.measure == "units", item.cap is not None and item.cap.per == "quarter"],
            )  # fmt: skip
        database.execute("ANALYZE i")
        database.execute("CREATE TEMP TABLE out AS " + _BARE, {"day": DAY})
        database.rollback()


_BARE: LiteralString = """
WITH worth AS (
  SELECT r.company_id, i.kind, i.cap, CASE WHEN i.cap IS NOT NULL THEN i.code END AS capped,
    CASE WHEN i.quarterly THEN date_trunc('quarter', r.acted_on::timestamp) END AS quarter,
    coalesce(r.points, i.usual) * CASE WHEN i.units THEN r.units ELSE 1 END
      * CASE WHEN r.project_id IS NULL OR i.kind = 'serious' THEN 1 ELSE r.area / r.company_area END AS points
  FROM records r JOIN i ON i.code = r.item
  WHERE r.acted_on <= %(day)s AND i.kind <> 'base'
    AND (i.months IS NULL OR r.acted_on + make_interval(months => i.months) > %(day)s)
    AND NOT EXISTS (SELECT FROM amendments a WHERE a.record_id = r.id)
  UNION ALL (
    SELECT DISTINCT ON (r.company_id, r.item) r.company_id, 'base', null, null, null,
      CASE WHEN r.share_part IS NULL THEN coalesce(r.points, i.usual) ELSE i.most * r.share_part / r.share_whole END
    FROM records r JOIN i ON i.code = r.item
    WHERE r.acted_on <= %(day)s AND i.kind = 'base' AND NOT EXISTS (SELECT FROM amendments a WHERE a.record_id = r.id)
    ORDER BY r.company_id, r.item, r.acted_at DESC, r.id DESC)
),
capped AS (SELECT company_id, kind, least(cap, sum(points)) AS points FROM worth
  GROUP BY company_id, kind, cap, capped, quarter),
kinds AS (SELECT company_id, kind, sum(points) AS points FROM capped GROUP BY company_id, kind)
SELECT company_id, round(least(80, coalesce(sum(points) FILTER (WHERE kind = 'base'), 0))
  + least(40, coalesce(sum(points) FILTER (WHERE kind = 'good'), 0))
  - coalesce(sum(points) FILTER (WHERE kind IN ('bad', 'serious')), 0), 2) AS score
FROM kinds GROUP BY company_id"""


def _loop(url: str, companies: int) -> tuple[dict[UUID, Result], float]:
    """Results of so many companies by the loop over rows, and its seconds."""
    scheme, found = Scheme.of(read(DEFAULT)), {}
    started = time.perf_counter()
    with psycopg.connect(url) as database:
        database.execute("SET timezone = 'Asia/Shanghai'")
        ids = [id for (id,) in database.execute("SELECT id FROM companies ORDER BY id LIMIT %s", [companies])]
        for id in ids:
            rows = database.execute(
                "SELECT id, item, acted_at, points, units, share_part, share_whole, project_id, area, company_area,"
                " company_projects FROM records WHERE company_id = %s",
                [id],
            )
            found[id] = evaluate(scheme, [_fact(row) for row in rows], DAY)
    return found, time.perf_counter() - started


def _fact(row: tuple[Any, ...]) -> Fact:
    id, item, acted_at, points, units, part, whole, project, area, company_area, projects = row
    share = None if part is None else (part, whole)
    return Fact(str(id), item, acted_at, points, units, share, project, area, company_area, projects)


def _must_agree(url: str, sample: dict[UUID, Result]) -> None:
    settled = _scores(url)
    wrong = [id for id, result in sample.items() if settled[id] != result.score]
    if wrong:
        sys.exit(f"{len(wrong)} companies come out otherwise in the loop over rows")


def _scores(url: str) -> dict[UUID, Decimal]:
    scheme = Scheme.of(read(DEFAULT))
    engine = create_engine(make_url(url).set(drivername="postgresql+psycopg"))
    with engine.connect() as connection:
        statement, parameters = scores(scheme, ScoreOf(DAY))
        return {row.subject: row.score for row in connection.execute(statement, parameters)}


def _seconds(run: Callable[[], object]) -> float:
    started = time.perf_counter()
    run()
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
