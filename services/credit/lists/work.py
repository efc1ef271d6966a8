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
from kit.storage import db
from kit.web.problems import Conflict
from services.credit.companies.models import Company
from services.credit.evaluations.models import Evaluation, Result
from services.credit.evaluations.work import as_evaluated
from services.credit.lists.models import OF_ENTRY, ListEntry, ListExit
from services.credit.lists.published import as_used_now
from services.credit.plan.lists import ListedAs, Year, reasons, rectified
from services.credit.plan.scheme import Kind, Scheme
from services.credit.records.amending import GONE
from services.credit.records.models import Amendment, Record
from services.credit.schemes.work import the_scheme
from services.credit.scoring.work import Line, scores_of

CLAUSES: Final = ("P-2.3.4b",)
#: How many companies' lines are read at once.
_AT_ONCE: Final = 500


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
    black = tuple(id for id, each in results.items() if each.listed == "black")
    lines = await _lines(context, row, scheme, black)
    context.session.add_all(_entry(row, scheme, each, lines.get(id, [])) for id, each in results.items())
    await context.session.flush()
    for company in await context.session.scalars(_amended(black, row.known_to or 0)):
        await leave_lists(context, company, "结果确定后信用信息已修复、撤回或更正")
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


async def _lines(
    context: Context, row: Evaluation, scheme: Scheme, companies: tuple[UUID, ...]
) -> dict[UUID, list[Line]]:
    """What counted for each company, some companies at a time, since every line of all would be much at once."""
    found = {}
    for start in range(0, len(companies), _AT_ONCE):
        asked = as_evaluated(row, which=companies[start : start + _AT_ONCE], with_lines=True)
        for each in await scores_of(context.session, scheme, asked):
            found[each.total["company_id"]] = [line for line in each.lines if line.sign < 0]
    return found


def _entry(row: Evaluation, scheme: Scheme, result: Result, lines: list[Line]) -> ListEntry:
    assert result.listed is not None
    names = tuple(dict.fromkeys(line.item.name for line in lines if line.item.kind is Kind.SERIOUS))
    return ListEntry(
        evaluation_id=row.id,
        company_id=result.company_id,
        listed=result.listed,
        name=result.name,
        uscc=result.uscc,
        score=result.score,
        grade=result.grade,
        reasons=reasons(scheme, result.listed, ListedAs(result.grade, result.score, result.vetoed, names)),
        records=[line.row["id"] for line in lines],
    )


def _amended(companies: tuple[UUID, ...], known_to: int) -> Select[UUID]:
    """The companies of whose records something was taken back or repaired after what was known."""
    later = (Amendment.seq > known_to) & Amendment.action.in_(GONE)
    query = select(Record.company_id).join(Amendment, Amendment.record_id == Record.id).where(later)
    return query.where(db.among(Record.company_id, companies)).distinct()


async def leave_lists(context: Context, company: UUID, reason: str) -> None:
    """Let a company leave the public black lists that it would not be on without what was repaired or taken back."""
    # One after the other for a company, so that two who approve at once see what the other did.
    await context.session.execute(select(Company.id).where(Company.id == company).with_for_update())
    query = (
        select(Evaluation)
        .join(ListEntry, ListEntry.evaluation_id == Evaluation.id)
        .outerjoin(ListExit, OF_ENTRY)
        .where(ListEntry.company_id == company, ListEntry.listed == "black", ListExit.left_on.is_(None))
    )
    for row in (await context.session.scalars(query)).all():
        scheme = await the_scheme(context.session, row.scheme, row.ends_on)
        [score] = await scores_of(
            context.session, scheme, await as_used_now(context.session, row, (company,))
        )
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
        .outerjoin(ListExit, OF_ENTRY)
        .where(
            Evaluation.listed_on <= day, Result.project_id.is_(None), db.among(Result.company_id, companies)
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
