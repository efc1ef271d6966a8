"""A member's own calendar, behind an address that nobody guesses and that can be taken back (N-2.2, L-4b)."""

import hashlib
import secrets
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from fastapi import Path, Request, Response
from pydantic import Field
from sqlalchemy import ForeignKey, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from kit.context import Context
from kit.district.clock import LocalTime
from kit.storage import db
from kit.web import routes
from kit.web.access import requires
from kit.web.ownership import Whose
from kit.web.problems import NotFound, problems
from kit.web.published import published
from kit.web.routes import clauses
from kit.web.shapes import Answer
from services.lawstudy.attendance.models import Attendance
from services.lawstudy.base import Base
from services.lawstudy.calendar.api import CALENDAR, MEDIA_TYPE, Public
from services.lawstudy.members import Member
from services.lawstudy.plan.roles import OFFICE
from services.lawstudy.sessions.models import Session

MISSING = "没有登记这位学法人员，请核对编号。"
_SPAN = "学法的主题、时间和地点"


class CalendarAddress(Base):
    """Where a member's own calendar is (日历地址): of the address only a hash, so that nobody reads it from the table."""

    __tablename__ = "calendar_addresses"

    member_id: Mapped[UUID] = mapped_column(ForeignKey("members.id", ondelete="CASCADE"), primary_key=True)
    token_sha256: Mapped[str] = mapped_column(unique=True)
    made_at: Mapped[datetime]


class CalendarAddressOut(Answer, title="个人日历地址的登记"):
    """That a member has a calendar of its own, and since when (个人日历地址)."""

    member_id: UUID = Field(description="学法人员编号")
    made_at: LocalTime = Field(description="地址的发放时间")


class CalendarAddressShown(CalendarAddressOut, title="个人日历地址"):
    """The address of a member's own calendar, which is shown this once (个人日历地址)."""

    path: str = Field(
        description="日历地址，接在本系统的网址之后；只显示这一次，知道地址的人都能读，请只交给本人",
        examples=["/lawstudy/v1/calendars/7Q0pJ3kq9mT1vX5bC8dE2fG4hI6jK0lM1nO3pQ5rS7t.ics"],
    )


MemberId = Annotated[UUID, Path(description="学法人员编号")]
Office = Annotated[Context, requires(one_of=(OFFICE,), whose=Whose.DISTRICTS)]
router = routes.router("学法日历")


@router.put(
    "/members/{id}/calendar-address",
    summary="发放个人日历地址",
    description="给一位学法人员发放本人的日历地址，含本人应当参加的学法的时间和地点。地址只显示这一次；再次发放即换成新的，"
    "旧的随即停用。本系统只保存地址的摘要，记录和日志中都没有地址。",
    responses=problems(404),
    openapi_extra=clauses("N-2.2", "L-4b"),
)
async def give_calendar_address(id: MemberId, context: Office) -> CalendarAddressShown:
    """Give a member an address for its own calendar, in the place of any that it had (N-2.2)."""
    await db.locked(context.session, Member, id, MISSING)
    token = secrets.token_urlsafe(32)
    written = {"token_sha256": _digest(token), "made_at": context.now}
    statement = insert(CalendarAddress).values(member_id=id, **written)
    await context.session.execute(statement.on_conflict_do_update(index_elements=["member_id"], set_=written))
    context.audit("lawstudy.calendar.given", str(id))
    path = f"/lawstudy/v1/calendars/{token}.ics"
    return CalendarAddressShown(member_id=id, made_at=context.now, path=path)


@router.get(
    "/members/{id}/calendar-address",
    summary="查看个人日历地址的登记",
    description="是否发放过、何时发放。地址本身不再显示。",
    responses=problems(404),
    openapi_extra=clauses("N-2.2"),
)
async def read_calendar_address(id: MemberId, context: Office) -> CalendarAddressOut:
    """Whether a member has an address, and since when; never the address (N-2.2)."""
    return CalendarAddressOut.of(await _given(context, id))


@router.delete(
    "/members/{id}/calendar-address",
    status_code=204,
    summary="停用个人日历地址",
    description="停用以后，原来的地址与从未有过的一样。",
    responses=problems(404),
    openapi_extra=clauses("N-2.2"),
)
async def revoke_calendar_address(id: MemberId, context: Office) -> None:
    """Take an address back: it is as if it had never been (N-2.2)."""
    await context.session.delete(await _given(context, id))
    context.audit("lawstudy.calendar.revoked", str(id))


async def _given(context: Context, id: UUID) -> CalendarAddress:
    row = await context.session.get(CalendarAddress, id)
    if row is None:
        raise NotFound("no-such-calendar", "这位学法人员没有日历地址，请先发放。", clauses=("N-2.2",))
    return row


@router.get(
    "/calendars/{token}.ics",
    summary="订阅个人学法日历（iCalendar）",
    description="本人应当参加的学法的主题、时间和地点，供手机和电脑的日历订阅。地址由区人民政府办公室发放，不需令牌；停用以后找不到。"
    "支持 ETag 和 If-Modified-Since。",
    response_class=Response,
    responses=CALENDAR | problems(404),
    openapi_extra=clauses("N-2.2", "L-4b"),
)
@router.head("/calendars/{token}.ics", include_in_schema=False)
async def read_own_calendar(
    request: Request,
    context: Public,
    token: Annotated[
        str, Path(description="日历地址中不可猜测的部分", examples=["7Q0pJ3kq9mT1vX5bC8dE2fG4"])
    ],
) -> Response:
    """The sessions that a member takes part in, or should (N-2.2, L-4b)."""
    from services.lawstudy.calendar import feed  # here, since its library takes its time

    asked = select(CalendarAddress).where(CalendarAddress.token_sha256 == _digest(token))
    address = (await context.session.scalars(asked)).one_or_none()
    if address is None:
        raise NotFound(
            "no-such-calendar",
            "没有这个日历地址，可能已经停用，请向区人民政府办公室领取新的地址。",
            clauses=("N-2.2",),
        )
    member = await context.session.get_one(Member, address.member_id)
    own = select(Attendance).where(Attendance.member_id == member.id)
    said = {each.session_id: each for each in await context.session.scalars(own)}
    rows = (await context.session.scalars(select(Session).order_by(Session.id))).all()
    sessions = [row for row in rows if _takes_part(member, row, said.get(row.id))]
    changes = [address.made_at, member.changed_at, *(each.changed_at for each in rows)]
    changes += [each.changed_at for each in said.values()]
    body = feed.to_ics(sessions, "我的政府常务会议学法", _SPAN, own=True)
    return published(request, body, MEDIA_TYPE, max(changes))


def _digest(token: str) -> str:
    """What is kept of an address; of 256 random bits, so that no salt is needed."""
    return hashlib.sha256(token.encode()).hexdigest()


def _takes_part(member: Member, session: Session, said: Attendance | None) -> bool:
    """Whether somebody takes part in a session or should: as is said of it, or as a member of the meeting at that time."""
    if said is not None:
        return said.status != "leave"
    if member.kind != "member":
        return False
    first, last = _span(session)
    return member.begins_on <= last and (member.ends_on is None or first <= member.ends_on)


def _span(session: Session) -> tuple[date, date]:
    if session.day is not None:
        return session.day, session.day
    month = session.postponed_to or session.month
    return (month.first, month.last) if month else (date.max, date.min)
