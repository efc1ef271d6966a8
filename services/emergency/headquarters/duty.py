"""The 24-hour duty roster: one officer for every half day, hand-over notes, and who is on duty now (E-2.1d)."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated
from uuid import UUID

from fastapi import Query, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import CheckConstraint, UniqueConstraint, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped

from kit.district.citations import Basis, cite
from kit.district.clock import LocalTime, Now
from kit.district.natural_time import Day
from kit.events.event import Event, record
from kit.personal.phones import Phone, Reachable
from kit.storage import db
from kit.storage.transactions import Session
from kit.web import routes
from kit.web.etags import set_etag
from kit.web.problems import Conflict, problems
from kit.web.routes import clauses
from kit.web.tokens import Caller
from services.emergency.base import Base
from services.emergency.headquarters.watches import Half, Watch, watch_at
from services.emergency.plan.catalogue import catalogue
from services.emergency.register import Entry, EntryOut, Reader, Register, Writer, keep

#: How long before its watch an officer may take over.
EARLY = timedelta(hours=1)


class Shift(Base, Entry, Reachable):
    """The officer of one watch; a watch has one officer at most, so "now" has one answer."""

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

    @property
    def begins_at(self) -> datetime:
        return self.watch.begins

    @property
    def ends_at(self) -> datetime:
        return self.watch.ends


class DutyHandedOver(Event, type="emergency.duty.handed_over"):
    """An officer left a note for the next watch."""

    shift: UUID
    day: date
    half: Half


class DutyTakenOver(Event, type="emergency.duty.taken_over"):
    """The next officer took the watch over."""

    shift: UUID
    day: date
    half: Half


async def on_duty(session: AsyncSession, moment: datetime) -> tuple[Watch, Shift | None]:
    """The watch that a moment belongs to, and its officer's shift; None where the roster has a gap."""
    watch = watch_at(moment)
    return watch, await _shift_of(session, watch)


async def _shift_of(session: AsyncSession, watch: Watch) -> Shift | None:
    query = select(Shift).where(Shift.day == watch.day, Shift.half == watch.half)
    return (await session.scalars(query)).one_or_none()


async def hand_over(session: AsyncSession, caller: Caller, id: UUID, note: str, now: datetime) -> Shift:
    """Leave a note for the next watch, once, after the watch began.

    Raises: NotFound, Conflict.
    """
    shift = await db.locked(session, Shift, id, "没有这个值班班次，请核对编号。")
    if shift.handed_over_at is not None:
        raise Conflict("handed-over", "这个班次已经交班，交班记录不能再改。", clauses=Shift.clauses)
    if now < shift.begins_at:
        raise Conflict("not-begun", "这个班次还没有开始，不能交班。", clauses=Shift.clauses)
    shift.note, shift.handed_over_at, shift.changed_at = note, now, now
    await session.flush()
    record(session, DutyHandedOver(shift=id, day=shift.day, half=Half(shift.half)), str(id), caller, now)
    return shift


async def take_over(session: AsyncSession, caller: Caller, id: UUID, now: datetime) -> Shift:
    """Take the watch, once, from an hour before it begins until it ends.

    Raises: NotFound, Conflict.
    """
    shift = await db.locked(session, Shift, id, "没有这个值班班次，请核对编号。")
    if shift.taken_over_at is not None:
        raise Conflict("taken-over", "这个班次已经接班。", clauses=Shift.clauses)
    if not shift.begins_at - EARLY <= now < shift.ends_at:
        raise Conflict("not-its-time", "只能在班次开始前 1 小时至结束前接班。", clauses=Shift.clauses)
    shift.taken_over_at = shift.changed_at = now
    await session.flush()
    record(session, DutyTakenOver(shift=id, day=shift.day, half=Half(shift.half)), str(id), caller, now)
    return shift


class ShiftIn(BaseModel):
    """A watch and its officer."""

    model_config = ConfigDict(
        title="值班班次",
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "day": "2024-06-24",
                    "half": "day",
                    "officer": "某值班员（虚构）",
                    "leader": "某带班领导（虚构）",
                    "phone": "13800000000",
                }
            ]
        },
    )

    day: Day = Field(description="日期；夜班按开始的那天算")
    half: Half = Field(description="day 白班 8 时至 20 时，night 夜班 20 时至次日 8 时")
    officer: str = Field(min_length=1, max_length=50, description="值班员")
    leader: str | None = Field(default=None, max_length=50, description="带班领导")
    phone: Phone | None = Field(default=None, description="值班员电话")


class ShiftOut(EntryOut):
    """A watch with its notes."""

    model_config = ConfigDict(title="值班班次信息", from_attributes=True)

    day: date
    half: Half
    begins_at: LocalTime
    ends_at: LocalTime
    officer: str
    leader: str | None
    phone: str | None = Field(description="部分数字")
    note: str | None = Field(description="交班记录")
    handed_over_at: LocalTime | None
    taken_over_at: LocalTime | None


class HandOverIn(BaseModel):
    """What the next officer must know."""

    model_config = ConfigDict(
        title="交班",
        extra="forbid",
        json_schema_extra={"examples": [{"note": "罕台镇一处险情待续报，联系人已告知。"}]},
    )

    note: str = Field(min_length=1, max_length=4000, description="交班记录：未办完的事项和注意事项")


class OnDuty(BaseModel):
    """Who is on duty at a moment: one officer, or a gap that is named."""

    model_config = ConfigDict(title="当前值班")

    day: date
    half: Half
    begins_at: LocalTime
    ends_at: LocalTime
    shift: ShiftOut | None = Field(description="值班班次；没有排班时为空")
    gap: bool = Field(description="是否没有排班")
    duty_phone: str = Field(description="指挥部办公室 24 小时值班电话")
    last_note: str | None = Field(description="上一班的交班记录")
    basis: Basis


class DutyGap(BaseModel):
    """A watch without an officer."""

    model_config = ConfigDict(title="没有排班的班次", from_attributes=True)

    day: date
    half: Half
    begins_at: LocalTime = Field(validation_alias="begins")
    ends_at: LocalTime = Field(validation_alias="ends")


class DutyGaps(BaseModel):
    """The watches without an officer."""

    model_config = ConfigDict(title="值班空缺")

    items: list[DutyGap]
    basis: Basis


@dataclass
class ShiftFilter:
    day: Annotated[date | None, Query(description="日期")] = None
    half: Annotated[Half | None, Query(description="day 白班，night 夜班")] = None


async def _not_handed_over(_session: AsyncSession, _body: object, row: Shift | None, _now: datetime) -> None:
    if row is not None and row.handed_over_at is not None:
        raise Conflict("handed-over", "已经交班的班次不能再改。", clauses=Shift.clauses)


async def _not_served(_session: AsyncSession, row: Shift) -> None:
    if row.taken_over_at is not None or row.handed_over_at is not None:
        raise Conflict("served", "已经接班或交班的班次不能删除。", clauses=Shift.clauses)


SHIFTS = Register(
    path="duty-shifts",
    noun="值班班次",
    about="区指挥部办公室的 24 小时值班，每天分白班、夜班，每班一人。",
    model=Shift,
    entry=ShiftIn,
    shown=ShiftOut,
    filters=ShiftFilter,
    search="officer",
    check=_not_handed_over,
    removable=_not_served,
)

router = routes.router("值班")


@router.get(
    "/duty/now",
    summary="查看现在谁值班",
    description="当前时刻唯一的值班员；没有排班时明确说明空缺，并给出值班电话。",
    openapi_extra=clauses("E-2.1d"),
)
async def read_on_duty(session: Session, _caller: Reader, now: Now) -> OnDuty:
    """Who is on duty now (E-2.1d)."""
    watch, shift = await on_duty(session, now)
    last = select(Shift.note).where(Shift.handed_over_at.is_not(None)).order_by(Shift.handed_over_at.desc())
    return OnDuty(
        day=watch.day,
        half=watch.half,
        begins_at=watch.begins,
        ends_at=watch.ends,
        shift=ShiftOut.model_validate(shift) if shift else None,
        gap=shift is None,
        duty_phone=catalogue().duty_phone.number,
        last_note=await session.scalar(last.limit(1)),
        basis=cite("E-2.1d"),
    )


@router.get(
    "/duty-shifts/lacking",
    summary="列出没有排班的班次",
    description="从现在或指定日期起若干天内没有值班员的班次。",
    openapi_extra=clauses("E-2.1d"),
)
async def list_duty_gaps(
    session: Session,
    _caller: Reader,
    now: Now,
    since: Annotated[Day | None, Query(description="从哪天起；不填为今天")] = None,
    days: Annotated[int, Query(ge=1, le=92, description="看多少天")] = 14,
) -> DutyGaps:
    """Watches without an officer (E-2.1d)."""
    first = since or now.date()
    query = select(Shift.day, Shift.half).where(Shift.day >= first, Shift.day < first + timedelta(days=days))
    filled = {(day, half) for day, half in await session.execute(query)}
    watches = (Watch(first + timedelta(days=n), half) for n in range(days) for half in Half)
    gaps = [DutyGap.model_validate(each) for each in watches if (each.day, each.half) not in filled]
    return DutyGaps(items=gaps, basis=cite("E-2.1d"))


@router.post(
    "/duty-shifts/{id}/hand-over",
    summary="交班",
    description="值班员写下交班记录，供下一班查看。只能交一次，交后不能再改。",
    responses=problems(404, 409),
    openapi_extra=clauses("E-2.1d"),
)
async def hand_duty_over(
    id: UUID, body: HandOverIn, session: Session, caller: Writer, now: Now, response: Response
) -> ShiftOut:
    """Leave a note for the next watch (E-2.1d)."""
    shift = await hand_over(session, caller, id, body.note, now)
    set_etag(response, shift)
    return ShiftOut.model_validate(shift)


@router.post(
    "/duty-shifts/{id}/take-over",
    summary="接班",
    description="下一班值班员确认接班，班次开始前 1 小时起可以办理。",
    responses=problems(404, 409),
    openapi_extra=clauses("E-2.1d"),
)
async def take_duty_over(
    id: UUID, session: Session, caller: Writer, now: Now, response: Response
) -> ShiftOut:
    """Take the watch (E-2.1d)."""
    shift = await take_over(session, caller, id, now)
    set_etag(response, shift)
    return ShiftOut.model_validate(shift)


keep(router, SHIFTS)
