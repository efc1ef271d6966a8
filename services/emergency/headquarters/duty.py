"""The 24-hour duty roster: one officer for every half day, hand-over notes, and who is on duty now (E-2.1d)."""

from datetime import date, datetime, timedelta
from typing import Annotated, Any, Self
from uuid import UUID

from fastapi import Query, Response
from pydantic import Field
from sqlalchemy import CheckConstraint, UniqueConstraint, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped

from kit.context import Context
from kit.district.clock import Day, LocalTime
from kit.events.event import Event
from kit.personal.phones import Phone, Reachable
from kit.storage import db
from kit.web import routes
from kit.web.access import requires
from kit.web.etags import set_etag
from kit.web.ownership import Whose
from kit.web.problems import Conflict, problems
from kit.web.register_endpoints import add_register
from kit.web.registers import Entry, EntryId, EntryOut, Register
from kit.web.routes import clauses
from kit.web.shapes import Answer, Body, Grounded, choices
from services.emergency.base import Base
from services.emergency.headquarters.watches import Half, Watch, watch_at
from services.emergency.plan.catalogue import catalogue

#: How long before its watch an officer may take over.
EARLY = timedelta(hours=1)

Reader = Annotated[Context, requires("emergency:read", whose=Whose.DISTRICTS)]
Writer = Annotated[Context, requires("emergency:write", whose=Whose.DISTRICTS)]


class Shift(Base, Entry, Reachable):
    """The officer of one watch (值班班次); a watch has one officer at most, so "now" has one answer."""

    __tablename__ = "duty_shifts"
    __table_args__ = (
        UniqueConstraint("day", "half"),
        CheckConstraint("half in ('day','night')", name="half"),
    )
    clauses = ("E-2.1d",)

    day: Mapped[date]
    half: Mapped[str]
    officer: Mapped[str]
    leader: Mapped[str | None]
    note: Mapped[str | None]
    handed_over_at: Mapped[datetime | None]
    taken_over_at: Mapped[datetime | None]

    @property
    def watch(self) -> Watch:
        return Watch(self.day, Half(self.half))


class DutyHandedOver(Event, type="emergency.duty.handed_over", title="值班交班"):
    """An officer left a note for the next watch."""

    shift: UUID = Field(description="班次编号")
    day: date = Field(description="值班日期")
    half: Half = Field(description="白班或夜班")


class DutyTakenOver(Event, type="emergency.duty.taken_over", title="值班接班"):
    """The next officer took the watch over."""

    shift: UUID = Field(description="班次编号")
    day: date = Field(description="值班日期")
    half: Half = Field(description="白班或夜班")


class WatchOut(Answer, title="没有排班的班次"):
    """A watch without an officer (值班空缺)."""

    day: date = Field(description="日期")
    half: Half = Field(description=choices(Half))
    begins_at: LocalTime = Field(description="开始时间")
    ends_at: LocalTime = Field(description="结束时间")


class DutyGaps(Grounded, title="值班空缺", clauses=("E-2.1d",)):
    """The watches without an officer (值班空缺)."""

    items: list[WatchOut] = Field(description="没有排班的班次")


class ShiftIn(
    Body,
    title="值班班次",
    example={
        "day": "2024-06-24",
        "half": "day",
        "officer": "某值班员（虚构）",
        "leader": "某带班领导（虚构）",
        "phone": "13800000000",
    },
):
    """A watch and its officer (值班班次)."""

    day: Day = Field(description="日期；夜班按开始的那天算")
    half: Half = Field(description=choices(Half))
    officer: str = Field(min_length=1, max_length=50, description="值班员")
    leader: str | None = Field(default=None, max_length=50, description="带班领导")
    phone: Phone | None = Field(default=None, description="值班员电话")


class ShiftOut(EntryOut, title="值班班次信息"):
    """What a shift shows besides: when it is, and how it was handed over (值班班次)."""

    begins_at: LocalTime = Field(description="开始时间")
    ends_at: LocalTime = Field(description="结束时间")
    note: str | None = Field(description="交班记录", examples=["夜间无警情，泊江海子镇一处泄漏已处置完毕"])
    handed_over_at: LocalTime | None = Field(description="交班时间；没有交班时为空")
    taken_over_at: LocalTime | None = Field(description="接班时间；没有接班时为空")

    @classmethod
    def of(cls, *rows: Any, **more: Any) -> Self:
        """The shift with its watch."""
        return super().of(*rows, rows[0].watch, **more)


async def _not_handed_over(_context: Context, _body: ShiftIn, row: Shift | None) -> None:
    if row is not None and row.handed_over_at is not None:
        raise Conflict("handed-over", "已经交班的班次不能再改。", clauses=Shift.clauses)


async def _not_served(_context: Context, row: Shift) -> None:
    if row.taken_over_at is not None or row.handed_over_at is not None:
        raise Conflict("served", "已经接班或交班的班次不能删除。", clauses=Shift.clauses)


SHIFTS = Register(
    "duty-shifts",
    "值班班次",
    Shift,
    ShiftIn,
    about="区指挥部办公室的 24 小时值班，每天分白班、夜班，每班一人。",
    shown=ShiftOut,
    filters=("day", "half"),
    search="officer",
    check=_not_handed_over,
    removable=_not_served,
)


class OnDuty(WatchOut, Grounded, title="当前值班", clauses=("E-2.1d",)):
    """Who is on duty at a moment: one officer, or a gap that is named (当前值班)."""

    shift: SHIFTS.out | None = Field(description="值班班次；没有排班时为空")  # type: ignore[name-defined]
    gap: bool = Field(description="是否没有排班")
    duty_phone: str = Field(description="指挥部办公室 24 小时值班电话", examples=["0477-8575464"])
    last_note: str | None = Field(
        description="上一班的交班记录", examples=["夜间无警情，泊江海子镇一处泄漏已处置完毕"]
    )


class HandOverIn(Body, title="交班", example={"note": "罕台镇一处险情待续报，联系人已告知。"}):
    """What the next officer must know (交班)."""

    note: str = Field(min_length=1, max_length=4000, description="交班记录：未办完的事项和注意事项")


async def shift_at(session: AsyncSession, moment: datetime) -> Shift | None:
    """The shift of the watch that a moment belongs to; None where there is a gap (E-2.1d)."""
    watch = watch_at(moment)
    query = select(Shift).where(Shift.day == watch.day, Shift.half == watch.half)
    return (await session.scalars(query)).one_or_none()


router = routes.router("值班")


@router.get(
    "/duty/now",
    summary="查看现在谁值班",
    description="当前时刻唯一的值班员；没有排班时明确说明空缺，并给出值班电话。",
    openapi_extra=clauses("E-2.1d"),
)
async def read_on_duty(context: Reader) -> OnDuty:
    """Who is on duty now (E-2.1d)."""
    watch, shift = watch_at(context.now), await shift_at(context.session, context.now)
    last = select(Shift.note).where(Shift.handed_over_at.is_not(None)).order_by(Shift.handed_over_at.desc())
    return OnDuty.of(
        watch,
        shift=SHIFTS.out.of(shift) if shift else None,
        gap=shift is None,
        duty_phone=catalogue().duty_phone.number,
        last_note=await context.session.scalar(last.limit(1)),
    )


@router.get(
    "/duty-shifts/lacking",
    summary="列出没有排班的班次",
    description="从现在或指定日期起若干天内没有值班员的班次。",
    openapi_extra=clauses("E-2.1d"),
)
async def list_duty_gaps(
    context: Reader,
    since: Annotated[Day | None, Query(description="从哪天起；不填为今天")] = None,
    days: Annotated[int, Query(ge=1, le=92, description="看多少天")] = 14,
) -> DutyGaps:
    """Watches without an officer (E-2.1d)."""
    first = since or context.today
    query = select(Shift.day, Shift.half).where(Shift.day >= first, Shift.day < first + timedelta(days=days))
    filled = {(day, half) for day, half in await context.session.execute(query)}
    watches = (Watch(first + timedelta(days=n), half) for n in range(days) for half in Half)
    return DutyGaps.of(items=[WatchOut.of(each) for each in watches if (each.day, each.half) not in filled])


@router.post(
    "/duty-shifts/{id}/hand-over",
    response_model=SHIFTS.out,
    summary="交班",
    description="值班员写下交班记录，供下一班查看。只能交一次，交后不能再改。",
    responses=problems(404, 409),
    openapi_extra=clauses("E-2.1d"),
)
async def hand_duty_over(id: EntryId, body: HandOverIn, context: Writer, response: Response) -> EntryOut:
    """Leave a note for the next watch, once, after the watch began (E-2.1d)."""
    shift = await db.locked(context.session, Shift, id, SHIFTS.missing)
    if shift.handed_over_at is not None:
        raise Conflict("handed-over", "这个班次已经交班，交班记录不能再改。", clauses=Shift.clauses)
    if context.now < shift.watch.begins_at:
        raise Conflict("not-begun", "这个班次还没有开始，不能交班。", clauses=Shift.clauses)
    shift.note = body.note
    shift.handed_over_at = shift.changed_at = context.now
    await context.session.flush()
    context.record(DutyHandedOver(shift=id, day=shift.day, half=shift.watch.half), str(id))
    set_etag(response, shift)
    return SHIFTS.out.of(shift)


@router.post(
    "/duty-shifts/{id}/take-over",
    response_model=SHIFTS.out,
    summary="接班",
    description="下一班值班员确认接班，班次开始前 1 小时起可以办理。",
    responses=problems(404, 409),
    openapi_extra=clauses("E-2.1d"),
)
async def take_duty_over(id: EntryId, context: Writer, response: Response) -> EntryOut:
    """Take the watch, once, from an hour before it begins until it ends (E-2.1d)."""
    shift = await db.locked(context.session, Shift, id, SHIFTS.missing)
    if shift.taken_over_at is not None:
        raise Conflict("taken-over", "这个班次已经接班。", clauses=Shift.clauses)
    if not shift.watch.begins_at - EARLY <= context.now < shift.watch.ends_at:
        raise Conflict("not-its-time", "只能在班次开始前 1 小时至结束前接班。", clauses=Shift.clauses)
    shift.taken_over_at = shift.changed_at = context.now
    await context.session.flush()
    context.record(DutyTakenOver(shift=id, day=shift.day, half=shift.watch.half), str(id))
    set_etag(response, shift)
    return SHIFTS.out.of(shift)


add_register(router, "emergency", SHIFTS)
