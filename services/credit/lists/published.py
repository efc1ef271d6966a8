"""Who is on the published lists, and what of the reasons is public still (P-2.3.4b)."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from kit.storage import db
from services.credit.evaluations.models import Evaluation
from services.credit.evaluations.work import as_evaluated
from services.credit.lists.models import OF_ENTRY, ListEntry, ListExit
from services.credit.plan.lists import ListedAs, reasons
from services.credit.plan.scheme import Kind
from services.credit.records.amending import GONE
from services.credit.records.models import Amendment, Record
from services.credit.schemes.work import the_scheme
from services.credit.scoring.statement import EVERYTHING, ScoreOf
from services.credit.scoring.work import scores_of

#: Which entry a row is.
Key = tuple[UUID, UUID]
#: The evaluation whose lists were published last.
NEWEST: Final = (
    select(Evaluation.id)
    .where(Evaluation.listed_on.is_not(None))
    .order_by(Evaluation.listed_on.desc(), Evaluation.ends_on.desc(), Evaluation.id.desc())
    .limit(1)
    .scalar_subquery()
)


def entries(*, public: bool) -> Select[Any]:
    """Who is on published lists; public: without those that left the black one."""
    query = (
        select(
            *ListEntry.__table__.columns,
            Evaluation.begins_on,
            Evaluation.ends_on,
            Evaluation.listed_on,
            ListExit.left_on,
            ListExit.reason.label("exit_reason"),
        )
        .join(Evaluation, Evaluation.id == ListEntry.evaluation_id)
        .outerjoin(ListExit, OF_ENTRY)
    )
    return query.where(ListExit.left_on.is_(None)) if public else query


async def public_reasons(session: AsyncSession, rows: Sequence[Any]) -> dict[Key, list[str]]:
    """Why each of the entries is on its list, without what was repaired or taken back since: that is public no more.

    The entry itself stays as it was published; an entry of which nothing was is told as it stands.
    """
    told: dict[Key, list[str]] = {(row.evaluation_id, row.company_id): row.reasons for row in rows}
    changed = await _changed(session, rows)
    for id in {row.evaluation_id for row in changed}:
        of_it = {row.company_id: row for row in changed if row.evaluation_id == id}
        evaluation = await session.get_one(Evaluation, id)
        scheme = await the_scheme(session, evaluation.scheme, evaluation.ends_on)
        asked = await as_used_now(session, evaluation, tuple(of_it))
        for score in await scores_of(session, scheme, replace(asked, with_lines=True)):
            row = of_it[score.total["company_id"]]
            serious = (line.item.name for line in score.lines if line.item.kind is Kind.SERIOUS)
            listed = ListedAs(row.grade, row.score, score.total["vetoed"], tuple(dict.fromkeys(serious)))
            told[id, row.company_id] = reasons(scheme, row.listed, listed)
    return told


async def _changed(session: AsyncSession, rows: Sequence[Any]) -> list[Any]:
    """The entries behind which a record was repaired or taken back."""
    behind = {UUID(id) for row in rows for id in row.records}
    query = select(Amendment.record_id).where(
        db.among(Amendment.record_id, behind), Amendment.action.in_(GONE)
    )
    gone = {str(id) for id in await session.scalars(query)} if behind else set()
    return [row for row in rows if not gone.isdisjoint(row.records)]


async def as_used_now(session: AsyncSession, evaluation: Evaluation, companies: tuple[UUID, ...]) -> ScoreOf:
    """What an evaluation would ask of companies without what was repaired or taken back since, and with what corrects it."""
    query = select(Record.id).join(Amendment, Amendment.record_id == Record.id)
    of_them = query.where(db.among(Record.company_id, companies), Amendment.action == "repaired")
    repaired = tuple(await session.scalars(of_them))
    return replace(as_evaluated(evaluation), seq=EVERYTHING, which=companies, without=repaired)
