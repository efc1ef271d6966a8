"""Endpoints of who was at the sessions of law study."""

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Path, Query, Response

from kit.context import Context
from kit.web import routes
from kit.web.access import requires
from kit.web.downloads import OR_WORKBOOK, download
from kit.web.etags import IfMatch, set_etag
from kit.web.ownership import Whose
from kit.web.problems import problems
from kit.web.routes import clauses, move
from kit.workbooks.writing import Column, Layout, table
from services.lawstudy.attendance import work
from services.lawstudy.attendance.models import Attendance
from services.lawstudy.attendance.shapes import (
    AttendanceOut,
    Counts,
    MakeUpIn,
    PersonAttendance,
    RecordIn,
    SessionAttendanceOut,
    SessionCounts,
    StatusIn,
    WithdrawIn,
    YearAttendanceOut,
)
from services.lawstudy.base import Reader
from services.lawstudy.members import Member
from services.lawstudy.plan.attendance import Attends
from services.lawstudy.plan.roles import OFFICE
from services.lawstudy.plan.sessions import SESSION
from services.lawstudy.sessions.api import SessionId, shown
from services.lawstudy.sessions.models import SESSIONS, Session
from services.lawstudy.sessions.shapes import SessionOut, WhyIn

AttendanceId = Annotated[UUID, Path(description="参加情况的登记编号")]
Recorder = Annotated[Context, requires(one_of=(OFFICE,), whose=Whose.DISTRICTS)]

router = routes.router("学法参加情况")


async def _shown(context: Context, row: Session) -> SessionAttendanceOut:
    recorded, missing, tally = await work.of_session(context, row)
    attendees = [AttendanceOut.shown(each, each.member) for each in recorded]
    members = [each for each in attendees if each.kind is Attends.MEMBER]
    expected = [AttendanceOut.expected(row.id, member) for member in missing]
    others = [each for each in attendees if each.kind is not Attends.MEMBER]
    return SessionAttendanceOut.of(
        session_id=row.id,
        day=row.day,
        held=row.state == "held",
        members=Counts.counted(tally),
        attendees=[*members, *expected, *others],
    )


def _one(response: Response, row: Attendance, member: Member | None) -> AttendanceOut:
    set_etag(response, row)
    return AttendanceOut.shown(row, member)


@router.get(
    "/sessions/{id}/attendance",
    summary="查看一次学法的参加情况",
    description="当天在任的组成人员都列出，还没有登记的注明；其后是邀请列席、其他列席和扩大参加的。",
    responses=problems(404),
    openapi_extra=clauses("L-4b"),
)
async def read_session_attendance(id: SessionId, context: Reader) -> SessionAttendanceOut:
    """Who was at a session (L-4b)."""
    return await _shown(context, await SESSIONS.read(context, id))


@router.post(
    "/sessions/{id}/attendance",
    summary="登记一次学法的参加情况",
    description="学法登记举行后，登记谁出席、谁请假（写明事由）、谁缺席；可以分几次登记。"
    "必要时扩大到组成部门主要负责人的，写明理由。",
    responses=problems(404, 409),
    openapi_extra=clauses("L-4b"),
)
async def record_attendance(id: SessionId, body: RecordIn, context: Recorder) -> SessionAttendanceOut:
    """Record who was at a session (L-4b)."""
    return await _shown(context, await work.record(context, id, body))


@router.get(
    "/attendance-records/{id}",
    summary="查看一人一次的参加情况",
    description="ETag 供更正时使用。",
    responses=problems(404),
    openapi_extra=clauses("L-4b"),
)
async def read_attendance(id: AttendanceId, context: Reader, response: Response) -> AttendanceOut:
    """Whether somebody was at a session (L-4b)."""
    return _one(response, *await work.read(context, id))


@router.put(
    "/attendance-records/{id}",
    summary="更正参加情况",
    description="可以事后更正，须写明理由；原来的登记留在学法安排的办理过程中。先读取，再带 If-Match 提交。",
    responses=problems(404, 412, 428),
    openapi_extra=clauses("L-4b"),
)
async def correct_attendance(
    id: AttendanceId, body: StatusIn, context: Recorder, if_match: IfMatch, response: Response
) -> AttendanceOut:
    """Put an attendance right (L-4b)."""
    await work.correct(context, id, body, if_match)
    return _one(response, *await work.read(context, id))


@router.post(
    "/attendance-records/{id}/make-up",
    summary="登记补学",
    description="请假或缺席的，事后补学的日期和方式；再次登记的替换原来的。",
    responses=problems(404, 409),
    openapi_extra=clauses("L-4b"),
)
async def record_make_up(
    id: AttendanceId, body: MakeUpIn, context: Recorder, response: Response
) -> AttendanceOut:
    """Record the study that made up for a session (L-4b)."""
    await work.make_up(context, id, body)
    return _one(response, *await work.read(context, id))


@router.post(
    "/attendance-records/{id}/withdraw",
    status_code=204,
    summary="撤销参加情况",
    description="登记错了人或错了一次学法的，写明理由撤销；撤销留在学法安排的办理过程中。",
    responses=problems(404),
    openapi_extra=clauses("L-4b"),
)
async def withdraw_attendance(id: AttendanceId, body: WithdrawIn, context: Recorder) -> None:
    """Take an attendance back (L-4b)."""
    await work.withdraw(context, id, body.why)


@move(
    router,
    "/sessions/{id}",
    SESSION,
    "reopen",
    "误登记为已举行的撤回，恢复为已就绪；已登记的参加情况随之撤销，内容留在办理过程中。",
    summary="撤回举行登记",
    also=("L-4b",),
)
async def reopen_session(id: SessionId, body: WhyIn, context: Recorder) -> SessionOut:
    """It was not held after all (L-4c)."""
    return shown(await work.reopen(context, id, body.reason), context)


@router.get(
    "/attendance",
    response_model=YearAttendanceOut,
    summary="统计一年的参加情况",
    description="一年中已举行的学法，按人和按次各应到、出席、请假、缺席、补学多少；format=xlsx 返回可打印的表格。",
    responses=OR_WORKBOOK,
    openapi_extra=clauses("L-4b"),
)
async def read_year_attendance(
    context: Reader,
    year: Annotated[int, Query(ge=2000, le=2100, description="年份", examples=[2024])],
    format: Annotated[Literal["json", "xlsx"], Query(description="返回的格式")] = "json",
) -> Any:
    """Who was at the sessions of a year, by person and by session (L-4b)."""
    persons = await persons_of(context, year)
    sessions = [
        SessionCounts.counted(tally, session_id=row.id, day=row.day, titles=row.titles)
        for row, tally in await work.by_session(context, year)
    ]
    if format == "xlsx":
        return download(_workbook(year, persons, context), f"{year}年学法参加情况.xlsx")
    return YearAttendanceOut.of(year=year, sessions_held=len(sessions), persons=persons, sessions=sessions)


async def persons_of(context: Context, year: int) -> list[PersonAttendance]:
    """How often each registered person was at the sessions held in a year (L-4b)."""
    return [
        PersonAttendance.counted(tally, name=name, post=post, kind=kind, kind_zh=kind.zh)
        for name, post, kind, tally in await work.by_person(context, year)
    ]


_COLUMNS = (
    *(Column("姓名", width=12), Column("职务", width=28), Column("参加身份", width=12)),
    *(Column(head, width=8) for head in ("应到", "出席", "请假", "缺席", "补学", "未登记")),
    *(Column(head, width=12) for head in ("到会率%", "学习率%")),
)


def _workbook(year: int, persons: list[PersonAttendance], context: Context) -> bytes:
    rows = [
        (
            *(each.name, each.post, each.kind_zh),
            *(each.expected, each.present, each.leave, each.absent, each.made_up, each.unrecorded),
            *(each.rate, each.studied_rate),
        )
        for each in persons
    ]
    title = f"{year}年区人民政府常务会议学法参加情况"
    return table(_COLUMNS, rows, Layout(sheet=f"{year}年", title=title, created=context.now))
