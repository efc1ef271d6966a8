"""The yearly ledger (台账) as a workbook."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from fastapi import Query, Response
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from kit.context import Context
from kit.web import routes
from kit.web.downloads import WorkbookResponse, download
from kit.web.problems import problems
from kit.web.routes import clauses
from kit.workbooks.writing import Part, book
from services.lawstudy.attendance.models import Attendance
from services.lawstudy.base import Reader
from services.lawstudy.compliance.work import Year
from services.lawstudy.ledger import sheets
from services.lawstudy.members import Member
from services.lawstudy.plan import compliance as rules
from services.lawstudy.plan.changes import Change
from services.lawstudy.plan.planning import ISSUED
from services.lawstudy.plans import work
from services.lawstudy.plans.models import PlanVersion
from services.lawstudy.self_study import SelfStudy
from services.lawstudy.sessions.models import Meeting, Session, SessionTopic
from services.lawstudy.texts.models import StudyText

router = routes.router("学法执行情况")


@router.get(
    "/ledger",
    summary="导出年度学法台账",
    description="一个工作簿：计划与落实、学法材料、出席与补学、自学、计划调整、执行情况，供存档和法治督察。",
    responses=problems(404),
    response_class=WorkbookResponse,
    openapi_extra=clauses("L-3a", "L-3b", "L-4b", "L-6", "N-2.1"),
)
async def read_ledger(
    context: Reader,
    year: Annotated[int, Query(ge=2000, le=2100, description="年份", examples=[2024])],
) -> Response:
    """The ledger of a year, as it stands."""
    found = await Year.read(context, year)
    lectures = rules.sentence_of_lectures(found.lectures(context.today))
    months = sheets.months(found.months(context.today), lectures, context.now)
    parts = [*await _studied(context, found), *await _people(context, year), months]
    return download(await asyncio.to_thread(book, parts), f"{year}年度常务会议学法台账.xlsx")


async def _studied(context: Context, found: Year) -> list[Part]:
    used = {row.meeting_id for row in found.sessions if row.meeting_id}
    meetings = await context.session.scalars(select(Meeting).where(Meeting.id.in_(used)))
    handed_in = await _texts(context, found.sessions)
    gone = select(SessionTopic.topic_id).join(Session, Session.id == SessionTopic.session_id)
    gone = gone.where(Session.plan_year == found.plan.year, Session.state == "cancelled")
    cancelled = set(await context.session.scalars(gone))
    known = {each.id: each for each in meetings}
    return [
        sheets.done(found, cancelled, known, context.now),
        sheets.texts(found.sessions, handed_in, context.now),
    ]


async def _people(context: Context, year: int) -> list[Part]:
    attended = (
        select(Session, Attendance)
        .join(Attendance, Attendance.session_id == Session.id)
        .where(Session.plan_year == year, Session.state == "held")
        .options(joinedload(Attendance.member))
        .order_by(Session.day, Session.id, Attendance.kind, Attendance.id)
    )
    alone = (
        select(SelfStudy, Member)
        .join(Member, Member.id == SelfStudy.member_id)
        .where(SelfStudy.year == year)
        .order_by(SelfStudy.day, SelfStudy.id)
    )
    issued = select(PlanVersion).where(PlanVersion.year == year, PlanVersion.state.in_(ISSUED))
    versions = (await context.session.scalars(issued.order_by(PlanVersion.version))).all()
    changed = [await _changes(context, version) for version in versions]
    return [
        sheets.attended(await context.session.execute(attended), context.now),
        sheets.alone(await context.session.execute(alone), context.now),
        sheets.versions(changed, context.now),
    ]


async def _changes(context: Context, version: PlanVersion) -> tuple[PlanVersion, list[Change]]:
    """A version with what it changes; the first changes nothing."""
    if version.adjusts is None:
        return version, []
    whole = await work.version_of(context, version.year, version.version)
    return version, await work.changes(context, whole)


async def _texts(context: Context, sessions: Sequence[Session]) -> dict[UUID, list[StudyText]]:
    query = select(StudyText).where(StudyText.session_id.in_([row.id for row in sessions]))
    found: dict[UUID, list[StudyText]] = defaultdict(list)
    for text in await context.session.scalars(query.order_by(StudyText.id)):
        found[text.session_id].append(text)
    return found
