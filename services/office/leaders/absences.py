"""When leaders are away, which decides who acts (D-2), and who holds a post of the leadership that no document prints (D-1)."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from fastapi import Response
from pydantic import Field
from sqlalchemy import CheckConstraint, ForeignKey, Text, or_, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from kit.context import Context
from kit.district.clock import Day, LocalTime
from kit.events.event import Event
from kit.storage import db
from kit.storage.exclusion import as_id, one_at_a_time, one_moment_at_a_time
from kit.web import routes, shapes
from kit.web.access import requires
from kit.web.etags import set_etag
from kit.web.ownership import Whose
from kit.web.problems import Conflict, FieldError, Invalid, problems
from kit.web.register_endpoints import add_register
from kit.web.registers import Change, Entry, EntryId, EntryOut, Register
from kit.web.routes import clauses
from kit.web.shapes import Body
from services.office.base import Base
from services.office.leaders.models import Leader
from services.office.plan.division import Slug
from services.office.plan.posts import RecordedPost
from services.office.plan.roles import MANAGER

Manager = Annotated[Context, requires("office:write", one_of=(MANAGER,), whose=Whose.DISTRICTS)]


class Absence(Base, Entry):
    """A leader's time away (外出): from its first moment up to its end, at which the leader is back; open while none is known."""

    __tablename__ = "absences"
    __table_args__ = (
        CheckConstraint("ends_at > begins_at", name="order"),
        CheckConstraint("(cancelled_at IS NULL) = (cancelled_because IS NULL)", name="cancelled"),
        one_moment_at_a_time("absences_leader", as_id("leader"), where="cancelled_at IS NULL"),
    )
    clauses = ("D-2",)

    leader: Mapped[str] = mapped_column(ForeignKey("leaders.slug"), index=True)
    begins_at: Mapped[datetime]
    ends_at: Mapped[datetime | None]
    reason: Mapped[str]
    cancelled_at: Mapped[datetime | None]
    cancelled_because: Mapped[str | None]
    who: Mapped[Leader] = relationship(lazy="joined", innerjoin=True, viewonly=True)

    @property
    def name(self) -> str:
        """The leader's name."""
        return self.who.name


class PostHolding(Base, Entry):
    """Who holds a post of the leadership that no document prints (领导任职), both days included; never two at once."""

    __tablename__ = "post_holdings"
    __table_args__ = (
        CheckConstraint("post IN ('executive_deputy')", name="post"),
        CheckConstraint("ends_on >= begins_on", name="order"),
        one_at_a_time("post_holdings_post", as_id("post")),
    )
    clauses = ("D-1",)

    post: Mapped[RecordedPost] = mapped_column(Text)
    leader: Mapped[str] = mapped_column(ForeignKey("leaders.slug"), index=True)
    begins_on: Mapped[date]
    ends_on: Mapped[date | None]
    source: Mapped[str]
    who: Mapped[Leader] = relationship(lazy="joined", innerjoin=True, viewonly=True)

    @property
    def name(self) -> str:
        """The leader's name."""
        return self.who.name


class AbsenceChanged(Event, type="office.absence.changed", title="领导外出登记变更"):
    """A leader's absence was entered, changed or cancelled."""

    absence: UUID = Field(description="登记编号")
    leader: str = Field(description="领导代号")
    begins_at: LocalTime = Field(description="外出开始时间")
    ends_at: LocalTime | None = Field(description="返回时间；没有定的为空")
    change: str = Field(description="entered 登记，changed 修改，cancelled 取消")


class AbsenceIn(
    Body,
    title="领导外出",
    example={
        "leader": "gao-ming",
        "begins_at": "2024-06-24T08:00:00+08:00",
        "ends_at": "2024-06-26T18:00:00+08:00",
        "reason": "赴外地考察",
    },
):
    """A leader's time away as entered (领导外出)."""

    leader: Slug = Field(description="领导代号", examples=["gao-ming"])
    begins_at: LocalTime = Field(description="外出开始时间，自这一刻起由他人代行")
    ends_at: LocalTime | None = Field(
        default=None, description="返回时间，自这一刻起由本人负责；没有定的不填"
    )
    reason: shapes.Text = Field(description="事由", examples=["赴外地考察"])


class AbsenceOut(EntryOut, title="领导外出信息"):
    """What an absence shows besides (领导外出)."""

    name: str = Field(description="领导姓名", examples=["高明"])
    cancelled_at: LocalTime | None = Field(description="取消时间；没有取消的为空")
    cancelled_because: str | None = Field(description="取消的理由", examples=["行程取消"])


class CancelIn(Body, title="取消外出", example={"reason": "行程取消"}):
    """Why an absence is cancelled (取消理由)."""

    reason: shapes.Text = Field(description="取消的理由", examples=["行程取消"])


class PostHoldingIn(
    Body,
    title="领导任职",
    example={
        "post": "executive_deputy",
        "leader": "gao-ming",
        "begins_on": "2024-06-07",
        "source": "任职文件（示例，以正式文件为准）",
    },
):
    """Who holds a post as entered (领导任职)."""

    post: RecordedPost = Field(description=shapes.choices(RecordedPost))
    leader: Slug = Field(description="领导代号", examples=["gao-ming"])
    begins_on: Day = Field(description="自哪一天起任职")
    ends_on: Day | None = Field(default=None, description="任职到哪一天为止，含当日；现任的不填")
    source: shapes.Text = Field(
        description="依据，写明文件或会议", examples=["任职文件（示例，以正式文件为准）"]
    )


class PostHoldingOut(EntryOut, title="领导任职信息"):
    """What a holding shows besides (领导任职)."""

    name: str = Field(description="领导姓名", examples=["高明"])


def _ordered(begins: date | datetime, ends: date | datetime | None, pointer: str, reason: str) -> None:
    if ends is not None and ends < begins:
        raise Invalid(
            "period-reversed",
            "结束时间早于开始时间，请核对。",
            errors=[FieldError(pointer=pointer, reason=reason)],
        )


async def _holds_together(_context: Context, body: AbsenceIn, row: Absence | None) -> None:
    if row is not None and row.cancelled_at is not None:
        raise _cancelled()
    if body.ends_at == body.begins_at:
        raise Invalid(
            "period-reversed",
            "返回时间应当晚于外出开始时间，请核对。",
            errors=[FieldError(pointer="/ends_at", reason="与外出开始时间相同")],
            clauses=Absence.clauses,
        )
    _ordered(body.begins_at, body.ends_at, "/ends_at", "早于外出开始时间")


async def _days_in_order(_context: Context, body: PostHoldingIn, _row: PostHolding | None) -> None:
    _ordered(body.begins_on, body.ends_on, "/ends_on", "早于任职开始日期")


def _cancelled() -> Conflict:
    return Conflict(
        "absence-cancelled", "这次外出已经取消，不能再改；要重新登记请另登一条。", clauses=Absence.clauses
    )


def _told(row: Absence, change: Change | str) -> Event:
    return AbsenceChanged(
        absence=row.id, leader=row.leader, begins_at=row.begins_at, ends_at=row.ends_at, change=change
    )


ABSENCES = Register(
    "absences",
    "领导外出",
    Absence,
    AbsenceIn,
    about="领导外出期间由AB角代行；登记不删除，不去的取消。",
    shown=AbsenceOut,
    filters=("leader",),
    search=None,
    check=_holds_together,
    removable=None,
    told=_told,
    overlap="这位领导在这段时间已经登记了外出，请修改原有的一条。",
    writers=(MANAGER,),
)
POST_HOLDINGS = Register(
    "post-holdings",
    "领导任职",
    PostHolding,
    PostHoldingIn,
    about="分工文件没有写明的职务由谁担任，凭任职依据登记，没有登记的不推定。",
    shown=PostHoldingOut,
    filters=("post", "leader"),
    search=None,
    check=_days_in_order,
    overlap="这个职务在这段时间已经有人担任，请先给原有的一条填写任职到哪一天为止。",
    writers=(MANAGER,),
)

router = routes.router("领导外出和任职")
for register in (ABSENCES, POST_HOLDINGS):
    add_register(router, "office", register)


@router.post(
    "/absences/{id}/cancel",
    summary="取消领导外出",
    description="取消后这段时间不再由他人代行；登记和取消的理由都保留。",
    responses=problems(404, 409),
    openapi_extra=clauses("D-2"),
)
async def cancel_absence(id: EntryId, body: CancelIn, context: Manager, response: Response) -> ABSENCES.out:  # type: ignore[name-defined]
    """An absence that does not take place; it stays in the register (D-2)."""
    row = await db.locked(context.session, Absence, id, ABSENCES.missing)
    if row.cancelled_at is not None:
        raise _cancelled()
    row.cancelled_at = row.changed_at = context.now
    row.cancelled_because = body.reason
    await context.session.flush()
    context.record(_told(row, "cancelled"), str(row.id))
    set_etag(response, row)
    return ABSENCES.out.of(row)


async def away_at(context: Context, at: datetime) -> dict[str, datetime | None]:
    """The leaders who are away at a moment, and until when; None where that is open (D-2)."""
    query = select(Absence.leader, Absence.ends_at).where(
        Absence.cancelled_at.is_(None),
        Absence.begins_at <= at,
        or_(Absence.ends_at.is_(None), Absence.ends_at > at),
    )
    return dict((await context.session.execute(query)).all())


async def holders_on(context: Context, day: date) -> dict[RecordedPost, Leader]:
    """Who holds the recorded posts on a day."""
    query = select(PostHolding).where(
        PostHolding.begins_on <= day, or_(PostHolding.ends_on.is_(None), PostHolding.ends_on >= day)
    )
    return {RecordedPost(each.post): each.who for each in await context.session.scalars(query)}
