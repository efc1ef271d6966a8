"""What is recorded of who was at a session, put right, made up for, and counted (L-4b)."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import and_, case, func, or_, select, update
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import joinedload

from kit.context import Context
from kit.district import units
from kit.storage import db
from kit.web.etags import IfMatch
from kit.web.problems import Conflict, FieldError, Invalid
from services.lawstudy.attendance.models import Attendance
from services.lawstudy.attendance.shapes import AttendeeIn, MakeUpIn, RecordIn, StatusIn
from services.lawstudy.members import Member, MemberKind
from services.lawstudy.plan.attendance import Attends, Presence, Tally
from services.lawstudy.sessions.models import SESSIONS, Session
from services.lawstudy.sessions.work import reopen as take_back

NO_SUCH_ATTENDANCE = "没有这条参加情况，请核对编号。"


async def record(context: Context, session_id: UUID, body: RecordIn) -> Session:
    """Record who was at a session that was held; all of it or nothing.

    Raises: NotFound; Conflict for one that was not held, or for who is recorded already; Invalid.
    """
    held: Session = await _lock_held(context, session_id)
    members = await _members(context, held, body.attendees)
    _refuse_unsaid_extension(body)
    known = {_who(row) for row in await _recorded(context, session_id)}
    for at, told in enumerate(body.attendees):
        member = members.get(told.member) if told.member else None
        row = _row(context, session_id, told, member, body.why_extended)
        if _who(row) in known:
            raise Conflict(
                "already-recorded",
                "有人的参加情况已经登记，请在原登记上更正，不要重复登记。",
                errors=[FieldError(pointer=f"/attendees/{at}", reason="已登记")],
                clauses=("L-4b",),
            )
        known.add(_who(row))
        context.session.add(row)
    SESSIONS.keep(context, held, "attendance", body.why_extended, {"recorded": len(body.attendees)})
    await context.session.flush()
    return held


def _who(row: Attendance) -> tuple[UUID | None, str | None, str | None]:
    return row.member_id, row.unit, row.post


def _row(
    context: Context, session_id: UUID, told: AttendeeIn, member: Member | None, why_extended: str | None
) -> Attendance:
    kind = Attends(member.kind) if member is not None else Attends(told.kind or "")
    return Attendance(
        id=db.new_id(),
        session_id=session_id,
        kind=kind,
        member_id=told.member,
        unit=told.unit,
        post=told.post if told.unit else None,
        status=told.status,
        reason=told.reason,
        why_extended=why_extended if kind is Attends.EXTENDED else None,
        entered_at=context.now,
        changed_at=context.now,
    )


async def _lock_held(context: Context, session_id: UUID) -> Session:
    row: Session = await SESSIONS.lock(context, session_id)
    if row.state != "held":
        raise Conflict(
            "session-not-held",
            "这项学法还没有登记举行，请先登记举行，再登记参加情况。",
            clauses=("L-4b", "L-4c"),
        )
    return row


async def _members(context: Context, held: Session, told: Sequence[AttendeeIn]) -> dict[UUID, Member]:
    """The registered persons who are told of, each in office on the session's day."""
    asked = {each.member for each in told if each.member is not None}
    rows = await context.session.scalars(select(Member).where(db.among(Member.id, asked)))
    found = {row.id: row for row in rows}
    assert held.day is not None  # kept by the database
    for at, each in enumerate(told):
        if each.member is None:
            continue
        pointer = f"/attendees/{at}/member"
        if each.member not in found:
            wrong = [FieldError(pointer=pointer, reason=f"没有编号为 {each.member} 的学法人员")]
            raise Invalid("unknown-reference", "没有这个学法人员，请先登记，或核对编号。", errors=wrong)
        member = found[each.member]
        if not member.held_on(held.day):
            raise Conflict(
                "not-in-office",
                f"{member.name}在 {held.day} 不在任，请核对人员，或改正任职起止。",
                errors=[FieldError(pointer=pointer, reason="学法当天不在任")],
                clauses=("L-4b",),
            )
    return found


def _refuse_unsaid_extension(body: RecordIn) -> None:
    extended = [(at, each.unit) for at, each in enumerate(body.attendees) if each.kind == "extended"]
    if extended and body.why_extended is None:
        raise Invalid(
            "extension-without-reason",
            "必要时才扩大到组成部门主要负责人，请填写扩大参加的理由。",
            errors=[FieldError(pointer="/why_extended", reason="没有填写")],
            clauses=("L-4b",),
        )
    for at, unit in extended:
        if units.unit(unit or "").kind is not units.Kind.DEPARTMENT:
            raise Invalid(
                "not-a-department",
                "扩大参加的是区人民政府组成部门主要负责人，其他单位请登记为邀请列席或其他列席。",
                errors=[FieldError(pointer=f"/attendees/{at}/unit", reason="不是政府部门")],
                clauses=("L-4b",),
            )


async def _locked(context: Context, id: UUID) -> tuple[Attendance, Session]:
    row = await db.found(context.session, Attendance, id, NO_SUCH_ATTENDANCE)
    held = await _lock_held(context, row.session_id)
    await context.session.refresh(row, with_for_update=True)
    return row, held


async def correct(context: Context, id: UUID, body: StatusIn, if_match: IfMatch) -> Attendance:
    """Put an attendance right, however late; how it read before stays in the session's steps.

    A study that made up for it falls away where somebody was present. Raises: NotFound; PreconditionFailed.
    """
    row, held = await _locked(context, id)
    if_match.check(row)
    seen = {
        "attendance": str(id),
        "before": row.status,
        "before_reason": row.reason,
        "after": body.status.value,
    }
    row.status, row.reason, row.changed_at = body.status, body.reason, context.now
    if body.status is Presence.PRESENT:
        row.made_up_on = row.made_up_how = None
    SESSIONS.keep(context, held, "correct-attendance", body.why, seen)
    await context.session.flush()
    return row


async def withdraw(context: Context, id: UUID, why: str) -> None:
    """Take an attendance back that was recorded by mistake. Raises: NotFound."""
    row, held = await _locked(context, id)
    seen = {
        "attendance": str(id),
        "member": row.member_id and str(row.member_id),
        "unit": row.unit,
        "before": row.status,
    }
    await context.session.delete(row)
    if row.member_id is not None:  # whose own calendar shows the session again
        changed = update(Member).where(Member.id == row.member_id).values(changed_at=context.now)
        await context.session.execute(changed.execution_options(synchronize_session=False))
    SESSIONS.keep(context, held, "withdraw-attendance", why, seen)


async def reopen(context: Context, session_id: UUID, reason: str) -> Session:
    """Take back that a session was held: who was said to be there was not, and stays in the session's steps alone (L-4b).

    Raises: NotFound; Conflict.
    """
    row = await take_back(context, session_id, reason)
    recorded = await _recorded(context, session_id)
    if recorded:
        names = ("member_id", "unit", "post", "status", "reason", "made_up_on", "made_up_how")
        gone = [
            {name: str(value) for name in names if (value := getattr(each, name)) is not None}
            for each in recorded
        ]
        SESSIONS.keep(context, row, "withdraw-attendance", reason, {"attendances": gone})
    for each in recorded:
        await context.session.delete(each)
    return row


async def make_up(context: Context, id: UUID, body: MakeUpIn) -> Attendance:
    """Record the study that made up for a session. Raises: NotFound; Conflict for who was present; Invalid."""
    context.refuse_future(day=body.day)
    row, held = await _locked(context, id)
    if row.status == Presence.PRESENT:
        raise Conflict("was-present", "出席的不需要补学，请核对人员。", clauses=("L-4b",))
    if held.day is not None and body.day < held.day:
        raise Invalid(
            "made-up-before",
            f"补学日期不能早于学法日期 {held.day}。",
            errors=[FieldError(pointer="/day", reason="早于学法日期")],
            clauses=("L-4b",),
        )
    row.made_up_on, row.made_up_how, row.changed_at = body.day, body.how, context.now
    seen = {"attendance": str(id), "day": body.day.isoformat()}
    SESSIONS.keep(context, held, "make-up", body.how, seen)
    await context.session.flush()
    return row


async def read(context: Context, id: UUID) -> tuple[Attendance, Member | None]:
    """An attendance with its person. Raises: NotFound."""
    row = await db.found(context.session, Attendance, id, NO_SUCH_ATTENDANCE)
    member = await context.session.get(Member, row.member_id) if row.member_id else None
    return row, member


async def _recorded(context: Context, session_id: UUID) -> Sequence[Attendance]:
    query = (
        select(Attendance).where(Attendance.session_id == session_id).options(joinedload(Attendance.member))
    )
    order = case({kind.value: at for at, kind in enumerate(Attends)}, value=Attendance.kind)
    return (await context.session.scalars(query.order_by(order, Attendance.id))).all()


async def of_session(context: Context, row: Session) -> tuple[list[Attendance], list[Member], Tally]:
    """Who is recorded of a session, the members in office that day of whom nothing is, and the members' counts."""
    recorded = list(await _recorded(context, row.id))
    expected = await members_on(context, row.day) if row.day is not None else []
    known = {each.member_id for each in recorded}
    missing = [member for member in expected if member.id not in known]
    members = [each for each in recorded if each.kind == Attends.MEMBER]
    count = {status: sum(each.status == status for each in members) for status in Presence}
    tally = Tally(
        expected=len(members) + len(missing),
        present=count[Presence.PRESENT],
        leave=count[Presence.LEAVE],
        absent=count[Presence.ABSENT],
        made_up=sum(each.made_up_on is not None for each in members),
    )
    return recorded, missing, tally


async def members_on(context: Context, day: date) -> Sequence[Member]:
    """The members of the executive meeting in office on a day, in the register's order."""
    query = select(Member).where(Member.kind == MemberKind.MEMBER, Member.on(day)).order_by(Member.id)
    return (await context.session.scalars(query)).all()


#: What of a statement over expected and recorded persons is counted: as `Tally` has it.
_TALLY = (
    func.count().label("expected"),
    *(func.count().filter(Attendance.status == status).label(status.value) for status in Presence),
    func.count(Attendance.made_up_on).label("made_up"),
)


def _expected(year: int) -> Any:
    """Sessions held in a year with each registered person who was expected at or is recorded of them."""
    was_there = and_(Attendance.session_id == Session.id, Attendance.member_id == Member.id)
    expected = and_(Member.kind == MemberKind.MEMBER, Member.on(Session.day))
    return (
        select()
        .select_from(Session)
        .join(Member, Session.state == "held")
        .outerjoin(Attendance, was_there)
        .where(Session.plan_year == year, or_(expected, Attendance.id.is_not(None)))
    )


async def by_person(context: Context, year: int) -> list[tuple[str, str, Attends, Tally]]:
    """Name, newest post, kind and counts of each registered person over the sessions held in a year."""
    newest = func.array_agg(aggregate_order_by(Member.post, Member.begins_on.desc()))[1]
    kind = func.coalesce(Attendance.kind, Member.kind)
    query = (
        _expected(year)
        .add_columns(Member.name, newest.label("post"), kind.label("kind"), *_TALLY)
        .group_by(Member.name, kind)
        .order_by(case({each.value: at for at, each in enumerate(Attends)}, value=kind), Member.name)
    )
    rows = (await context.session.execute(query)).all()
    return [(row.name, row.post, Attends(row.kind), _tally(row)) for row in rows]


async def by_session(context: Context, year: int) -> list[tuple[Session, Tally]]:
    """The members' counts of each session held in a year, by its day; one nobody was expected at among them."""
    members = _expected(year).where(func.coalesce(Attendance.kind, Member.kind) == Attends.MEMBER)
    counted = members.add_columns(Session.id, *_TALLY).group_by(Session.id)
    tallies = {row.id: _tally(row) for row in await context.session.execute(counted)}
    held = select(Session).where(Session.plan_year == year, Session.state == "held")
    rows = await context.session.scalars(held.order_by(Session.day, Session.id))
    nobody = Tally(0, 0, 0, 0, 0)
    return [(row, tallies.get(row.id, nobody)) for row in rows]


def _tally(row: Any) -> Tally:
    return Tally(row.expected, row.present, row.leave, row.absent, row.made_up)
