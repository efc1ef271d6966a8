"""How the lists come from an evaluation, how a company leaves the black one, and what two years on it mean."""

from collections.abc import Iterable
from datetime import date
from typing import Final
from uuid import UUID

from pydantic import Field
from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from kit.context import Context
from kit.district.workdays import add_workdays
from kit.events.event import Event
from kit.web.problems import Conflict
from services.credit.evaluations.models import Evaluation, Result
from services.credit.lists.models import ListEntry, ListExit
from services.credit.plan.lists import ListedAs, Year, reasons, rectified
from services.credit.plan.scheme import Kind, Scheme
from services.credit.records.models import Amendment, Record
from services.credit.schemes.work import the_scheme
from services.credit.scoring.statement import ScoreOf
from services.credit.scoring.work import Score, scores_of

CLAUSES: Final = ("P-2.3.4b",)


class ListsPublished(Event, type="credit.lists.published", title="公布红黑榜"):
    """An evaluation's red and black lists were published."""

    evaluation: UUID = Field(description="信用评价编号")
    begins_on: date = Field(description="评价周期的第一天")
    ends_on: date = Field(description="评价周期的最后一天")
    red: int = Field(description="红榜企业数")
    black: int = Field(description="黑榜企业数")


class ListLeft(Event, type="credit.list.left", title="移出黑榜"):
    """A company left the public black list before the next one."""

    evaluation: UUID = Field(description="信用评价编号")
    company: UUID = Field(description="企业编号")
    reason: str = Field(description="移出原因")


async def publish_lists(context: Context, row: Evaluation) -> int:
    """Publish the red and the black list, after the publicity that the scheme asks for; returns how many are on them.

    Raises: Conflict.
    """
    scheme = await the_scheme(context.session, row.scheme, row.ends_on)
    until = add_workdays(row.final_on or context.today, scheme.periods.publicity).day
    if context.today <= until:
        raise Conflict(
            "in-publicity", f"红黑榜公布前公示到 {until} 为止。", clauses=CLAUSES, until=str(until)
        )
    on_list = select(Result).where(
        Result.evaluation_id == row.id, Result.project_id.is_(None), Result.listed.is_not(None)
    )
    results = {each.company_id: each for each in await context.session.scalars(on_list)}
    asked = ScoreOf(row.ends_on, seq=row.known_to or 0, which=tuple(results), with_lines=True)
    for score in await scores_of(context.session, scheme, asked):
        context.session.add(_entry(row, scheme, results[score.total["company_id"]], score))
    lists = [each.listed for each in results.values()]
    event = ListsPublished(
        evaluation=row.id,
        begins_on=row.begins_on,
        ends_on=row.ends_on,
        red=lists.count("red"),
        black=lists.count("black"),
    )
    row.listed_on = context.today
    context.record(event, str(row.id))
    return len(results)


def _entry(row: Evaluation, scheme: Scheme, result: Result, score: Score) -> ListEntry:
    assert result.listed is not None
    serious = [line for line in score.lines if line.item.kind is Kind.SERIOUS]
    names = tuple(dict.fromkeys(line.item.name for line in serious))
    why = reasons(scheme, result.listed, ListedAs(result.grade, result.score, result.vetoed, names))
    behind = [line.row["id"] for line in score.lines if line.sign < 0] if result.listed == "black" else []
    return ListEntry(
        evaluation_id=row.id,
        company_id=result.company_id,
        listed=result.listed,
        name=result.name,
        uscc=result.uscc,
        score=result.score,
        grade=result.grade,
        reasons=why,
        records=behind,
    )


async def leave_lists(context: Context, record: Record, reason: str) -> None:
    """Let a company leave the public black lists that it would not be on without what was repaired or taken back."""
    company = record.company_id
    query = (
        select(Evaluation)
        .join(ListEntry, ListEntry.evaluation_id == Evaluation.id)
        .outerjoin(
            ListExit,
            (ListExit.evaluation_id == Evaluation.id) & (ListExit.company_id == ListEntry.company_id),
        )
        .where(ListEntry.company_id == company, ListEntry.listed == "black", ListExit.left_on.is_(None))
    )
    for row in (await context.session.scalars(query)).all():
        scheme = await the_scheme(context.session, row.scheme, row.ends_on)
        gone = tuple(await context.session.scalars(_gone(company)))
        asked = ScoreOf(row.ends_on, seq=row.known_to or 0, which=(company,), without=gone)
        [score] = await scores_of(context.session, scheme, asked)
        if score.total["listed"] == "black":
            continue
        context.session.add(
            ListExit(
                evaluation_id=row.id,
                company_id=company,
                left_on=context.today,
                reason=reason,
                entered_at=context.now,
            )
        )
        context.record(ListLeft(evaluation=row.id, company=company, reason=reason), str(company))


def _gone(company: UUID) -> Select[UUID]:
    return (
        select(Record.id)
        .join(Amendment, Amendment.record_id == Record.id)
        .where(Record.company_id == company, Amendment.action.in_(("withdrawn", "corrected", "repaired")))
    )


async def rectification(
    session: AsyncSession, companies: Iterable[UUID], day: date
) -> dict[UUID, tuple[Year, Year]]:
    """The companies under key rectification on a day, with the two periods that led to it (P-2.3.5b)."""
    query = (
        select(Result.company_id, Result.grade, ListEntry.listed, ListExit.left_on, Evaluation)
        .join(Evaluation, Evaluation.id == Result.evaluation_id)
        .outerjoin(
            ListEntry,
            (ListEntry.evaluation_id == Result.evaluation_id) & (ListEntry.company_id == Result.company_id),
        )
        .outerjoin(
            ListExit,
            (ListExit.evaluation_id == Result.evaluation_id) & (ListExit.company_id == Result.company_id),
        )
        .where(
            Evaluation.listed_on <= day, Result.project_id.is_(None), Result.company_id.in_(list(companies))
        )
    )
    years: dict[UUID, list[Year]] = {}
    schemes: dict[str, Scheme] = {}
    newest: dict[UUID, Evaluation] = {}
    for company, grade, which, left_on, row in await session.execute(query.order_by(Evaluation.begins_on)):
        if row.scheme not in schemes:
            schemes[row.scheme] = await the_scheme(session, row.scheme, row.ends_on)
        absent = grade == schemes[row.scheme].absent_grade
        repaired = left_on is not None and left_on <= day
        years.setdefault(company, []).append(Year(row.begins_on, row.ends_on, which, absent, repaired))
        newest[company] = row
    found = {}
    for company, told in years.items():
        counts = schemes[newest[company].scheme].lists.repaired_year_counts
        if (pair := rectified(told, repaired_counts=counts)) is not None:
            found[company] = pair
    return found
