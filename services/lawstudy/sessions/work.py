"""What happens to a session: dated, postponed, cancelled, chaired and held (L-4a, L-4c, L-7a, L-7b, N-2.2)."""

from collections.abc import Collection
from datetime import date
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from kit.context import Context
from kit.district import units
from kit.district.periods import Month
from kit.storage import db
from kit.storage.keys import refused_by
from kit.web.problems import Conflict, FieldError, Invalid
from services.lawstudy.plan.sessions import HEAD, SESSION, Chair, chair_of
from services.lawstudy.plans.models import TopicEntry
from services.lawstudy.plans.work import in_force
from services.lawstudy.sessions.due import counting, give_day
from services.lawstudy.sessions.models import SESSIONS, Meeting, Session, SessionTopic
from services.lawstudy.sessions.shapes import HoldIn, ScheduleIn, SessionIn, SpeakerIn

NO_SUCH_MEETING = "没有这次常务会议，请核对编号。"


def new_session(context: Context, year: int, entries: Collection[TopicEntry], month: Month | None) -> Session:
    """A session over topics of one form, in the month of the plan or without one."""
    first = next(iter(entries))
    return Session(
        id=db.new_id(),
        plan_year=year,
        form=first.form,
        state="planned",
        month=month,
        unit=first.unit if first.form == "pre_meeting" else None,
        text_due_provisional=False,
        sequence=0,
        entered_at=context.now,
        changed_at=context.now,
        links=[SessionTopic(topic_id=entry.topic_id, title=entry.title, live=True) for entry in entries],
    )


async def add(context: Context, body: SessionIn) -> Session:
    """A further session over topics of the plan in force, all of one form (L-3b).

    Raises: NotFound; Invalid, Conflict for what is not in the plan or has a session.
    """
    plan = await in_force(context.session, body.year)
    entries = {entry.topic_id: entry for entry in plan.topics}
    if strange := [(at, id) for at, id in enumerate(body.topics) if id not in entries]:
        raise Conflict(
            "outside-the-plan",
            f"{body.year} 年学法计划中没有这些主题。需要新增学习内容的，请先调整计划。",
            errors=[FieldError(pointer=f"/topics/{at}", reason=f"计划中没有 {id}") for at, id in strange],
            clauses=("L-6", "N-2.2"),
        )
    chosen = [entries[id] for id in dict.fromkeys(body.topics)]
    if len({entry.form for entry in chosen}) > 1:
        raise Invalid(
            "mixed-forms",
            "一次学法安排的主题形式应当相同，会前学法和专题讲座请分开安排。",
            errors=[FieldError(pointer="/topics", reason="形式不同")],
            clauses=("L-3a", "L-3b"),
        )
    _refuse_other_year("/month", body.year, body.month)
    if chosen[0].form == "pre_meeting":
        _refuse_unplanned(body, chosen)
    elif body.unit is not None:
        _refuse_no_inviter("/unit", body.unit)
    row = new_session(context, body.year, chosen, body.month or chosen[0].month)
    row.unit = body.unit or row.unit
    await begin(context, row)
    return row


def _refuse_unplanned(body: SessionIn, chosen: Collection[TopicEntry]) -> None:
    """A pre-meeting study has the month and the department of the plan."""
    planned = next(iter(chosen))
    wrong = [
        FieldError(pointer=f"/{name}", reason="与计划不同")
        for name, given, own in (("month", body.month, planned.month), ("unit", body.unit, planned.unit))
        if given is not None and given != own
    ]
    if len({(entry.month, entry.unit) for entry in chosen}) > 1:
        wrong.append(FieldError(pointer="/topics", reason="月份或责任部门不同"))
    if wrong:
        raise Conflict(
            "outside-the-plan",
            "会前学法的月份和责任部门以计划为准，需要改变的请先调整计划。",
            errors=wrong,
            clauses=("L-6", "L-7a"),
        )


def _refuse_other_year(pointer: str, year: int, when: Month | date | None) -> None:
    if when is not None and when.year != year:
        raise Conflict(
            "outside-the-plan",
            f"这项学法安排属于 {year} 年的计划，时间应在 {year} 年内；要到别的年份学习，请列入那一年的计划。",
            errors=[FieldError(pointer=pointer, reason=f"不在 {year} 年内")],
            clauses=("L-6",),
        )


async def begin(context: Context, row: Session) -> None:
    """Write a session that begins its way. Raises: Conflict where a topic has another that is to be held or was."""
    try:
        await SESSIONS.begin(context, row, topics=row.topic_ids)
    except IntegrityError as error:
        raise _taken(error) from None


def _taken(error: IntegrityError) -> Exception:
    if refused_by(error) != "uq_session_topics_topic_id":
        return error
    return Conflict(
        "topic-has-session",
        "有的主题已经有学法安排，请在那一项上办理；确需另行安排的，请先取消原安排。",
        errors=[FieldError(pointer="/topics", reason="已有学法安排")],
        clauses=("L-6",),
    )


async def schedule(context: Context, id: UUID, body: ScheduleIn, workdays: int) -> Session:
    """Give a session the day of an executive meeting, or a lecture one of its own; and when its text is due (L-4c, N-2.1).

    Raises: NotFound; Conflict; Invalid.
    """
    # The meeting before the session, as whoever changes the meeting takes them.
    meeting = await _locked_meeting(context, body.meeting) if body.meeting else None
    row: Session = await SESSIONS.lock(context, id)
    move = SESSION.check(row.state, "schedule", context.caller)
    day = _day(row, body, meeting)
    _refuse_other_year("/meeting" if meeting else "/day", row.plan_year, day)
    _refuse_unsaid_month(row, day, body.reason)
    count = await counting(context)
    before = (row.day, row.begins_at)
    row.state = row.resumes_as or move.target
    row.resumes_as = row.postponed_to = None
    give_day(row, day, workdays, count)
    row.meeting_id = meeting.id if meeting else None
    row.begins_at = body.begins_at or (meeting.begins_at if meeting else None)
    row.place = body.place or (meeting.place if meeting else None)
    row.another_month = body.reason if row.month and Month.of(day) != row.month else None
    changed(context, row, moved=before != (row.day, row.begins_at))
    seen = {"day": day.isoformat(), "text_due_at": row.text_due_at and row.text_due_at.isoformat()}
    SESSIONS.keep(context, row, "schedule", body.reason, seen)
    return row


async def _locked_meeting(context: Context, id: UUID) -> Meeting:
    """A meeting whose day does not change meanwhile. Raises: Invalid."""
    meeting = await context.session.get(Meeting, id, with_for_update={"read": True})
    if meeting is None:
        raise Invalid(
            "unknown-reference",
            NO_SUCH_MEETING,
            errors=[FieldError(pointer="/meeting", reason="没有登记")],
        )
    return meeting


def _day(row: Session, body: ScheduleIn, meeting: Meeting | None) -> date:
    """The day of the meeting, or of a lecture one of its own. Raises: Invalid; Conflict."""
    if meeting is not None and body.day is not None:
        raise Invalid(
            "no-meeting",
            "日期以常务会议的为准，会议和日期请只填写一项。",
            errors=[FieldError(pointer="/day", reason="已填写会议")],
            clauses=("L-4c",),
        )
    if meeting is None:
        if row.form == "lecture" and body.day is not None:
            return body.day
        raise Invalid(
            "no-meeting",
            "会前学法随常务会议举行，请填写会议编号；专题讲座可以填会议编号，也可以单独填日期。",
            errors=[FieldError(pointer="/meeting", reason="没有填写")],
            clauses=("L-3a", "L-4c"),
        )
    if meeting.held_on is None:
        raise Conflict(
            "meeting-without-day",
            "这次常务会议的日期还没有登记，请先补登会议日期。",
            errors=[FieldError(pointer="/meeting", reason="会议日期为空")],
            clauses=("L-4c",),
        )
    return meeting.held_on


def _refuse_unsaid_month(row: Session, day: date, reason: str | None) -> None:
    if row.month is not None and Month.of(day) != row.month and reason is None:
        raise Conflict(
            "another-month",
            f"计划学习时间是 {row.month.year} 年 {row.month.month} 月，定在别的月份请填写理由，或先调整计划。",
            errors=[FieldError(pointer="/reason", reason="没有填写")],
            clauses=("N-2.2",),
        )


async def postpone(context: Context, id: UUID, reason: str, month: Month | None) -> Session:
    """Put a session off; its text stays what it is (N-2.2). Raises: NotFound; Conflict."""
    row: Session = await SESSIONS.lock(context, id)
    SESSION.check(row.state, "postpone", context.caller)
    _refuse_other_year("/month", row.plan_year, month)
    seen = {"day": row.day and row.day.isoformat(), "month": month and str(month)}
    row.resumes_as, row.postponed_to = row.state, month
    _undate(row)
    SESSIONS.step(context, row, "postpone", reason, **seen)
    changed(context, row, moved=True)
    return row


def _undate(row: Session) -> None:
    row.last_day = row.day or row.last_day
    row.meeting_id = row.day = row.begins_at = row.place = row.another_month = None
    row.text_workdays = row.text_due_at = None
    row.text_due_provisional = False


async def cancel(context: Context, row: Session, reason: str) -> None:
    """Cancel a locked session; its topics may get another (N-2.2). Raises: Forbidden; Conflict."""
    SESSIONS.step(context, row, "cancel", reason)
    row.resumes_as = row.postponed_to = None
    row.meeting_id = None  # so that the meeting may go
    for link in row.links:
        link.live = False
    changed(context, row, moved=True)


async def reinstate(context: Context, id: UUID, reason: str) -> Session:
    """Take a cancellation back: the session is planned again, without a day (N-2.2).

    Raises: NotFound; Conflict, also where a topic has another session by now.
    """
    row: Session = await SESSIONS.lock(context, id)
    SESSIONS.step(context, row, "reinstate", reason)
    _undate(row)
    row.passed_sha256 = row.passed_at = None
    for link in row.links:
        link.live = True
    changed(context, row, moved=True)
    try:
        await context.session.flush()
    except IntegrityError as error:
        raise _taken(error) from None
    return row


async def name_speaker(context: Context, id: UUID, body: SpeakerIn) -> Session:
    """Who speaks: of a pre-meeting study the head unless there is a reason, of a lecture an expert from outside (L-7a, L-7b).

    Raises: NotFound; Conflict; Invalid.
    """
    row: Session = await SESSIONS.lock(context, id)
    if row.state in ("held", "cancelled"):
        raise SESSION.refusal(row.state, "ready", context.caller)
    (_refuse_no_expert if row.form == "lecture" else _refuse_unsaid_speaker)(row, body)
    row.speaker, row.speaker_title, row.speaker_reason = body.name, body.title, body.reason
    row.speaker_organisation = body.organisation
    if row.form == "lecture":
        row.unit = body.invited_by
    SESSIONS.keep(context, row, "name-speaker", body.reason, {"organisation": body.organisation})
    return row


def _refuse_no_expert(_: Session, body: SpeakerIn) -> None:
    missing = [name for name in ("name", "title", "organisation", "invited_by") if not getattr(body, name)]
    if missing:
        raise Invalid(
            "no-expert",
            "专题讲座由区司法局或责任部门邀请的外部法律专家学者主讲，请填写姓名、职务或职称、所在单位和邀请单位。",
            errors=[FieldError(pointer=f"/{name}", reason="没有填写") for name in missing],
            clauses=("L-7b",),
        )
    assert body.organisation is not None  # just seen
    assert body.invited_by is not None
    if units.resolve(body.organisation) is not None:
        raise Conflict(
            "not-from-outside",
            "专题讲座邀请外部的法律专家学者主讲，所填单位是本区单位，请核对。",
            errors=[FieldError(pointer="/organisation", reason="是本区单位")],
            clauses=("L-7b",),
        )
    _refuse_no_inviter("/invited_by", body.invited_by)


def _refuse_no_inviter(pointer: str, unit: str) -> None:
    if units.unit(unit).kind is not units.Kind.DEPARTMENT:
        raise Conflict(
            "not-the-inviting-unit",
            "专题讲座的专家由区司法局或者责任部门邀请，请核对邀请单位。",
            errors=[FieldError(pointer=pointer, reason="不是政府部门")],
            clauses=("L-7b",),
        )


def _refuse_unsaid_speaker(row: Session, body: SpeakerIn) -> None:
    named = units.resolve(body.organisation) if body.organisation else None
    elsewhere = body.organisation is not None and (named is None or named.id != row.unit)
    if (elsewhere or body.title not in (None, HEAD)) and body.reason is None:
        raise Invalid(
            "another-speaker",
            "会前学法由责任部门主要负责人主讲，由其他人主讲的请填写理由。",
            errors=[FieldError(pointer="/reason", reason="没有填写")],
            clauses=("L-7a",),
        )


async def delegate(context: Context, id: UUID, delegated_on: date, how: str) -> Session:
    """Record that the head of the district asked the executive deputy to chair (L-4a). Raises: NotFound; Conflict; Invalid."""
    context.refuse_future(delegated_on=delegated_on)
    row: Session = await SESSIONS.lock(context, id)
    if row.state in ("held", "cancelled"):
        raise SESSION.refusal(row.state, "hold", context.caller)
    row.delegated_on, row.delegation = delegated_on, how
    SESSIONS.keep(context, row, "delegate", how, {"delegated_on": delegated_on.isoformat()})
    return row


async def make_ready(context: Context, id: UUID) -> Session:
    """Say that all is ready: the text has passed, and it is known who speaks (L-7b, L-7c). Raises: NotFound; Conflict."""
    row: Session = await SESSIONS.lock(context, id)
    if row.form == "lecture" and row.speaker_title is None:
        SESSION.check(row.state, "ready", context.caller)
        raise Conflict("expert-not-named", "专题讲座还没有登记外部专家，请先登记主讲人。", clauses=("L-7b",))
    SESSIONS.step(context, row, "ready")
    return row


async def hold(context: Context, id: UUID, body: HoldIn) -> Session:
    """Record that a session was held, and who chaired it (L-4a, L-4c). Raises: NotFound; Conflict."""
    row: Session = await SESSIONS.lock(context, id)
    SESSION.check(row.state, "hold", context.caller)
    assert row.day is not None  # kept by the database
    if row.day > context.today:
        raise Conflict(
            "not-yet-held",
            f"学法定在 {row.day}，还没有到，请在举行后登记；提前举行的请先改日期。",
            clauses=("L-4c",),
        )
    row.chair, row.chair_name = _chair(row, body), body.name
    SESSIONS.step(context, row, "hold", body.note, chair=row.chair)
    return row


def _chair(row: Session, body: HoldIn) -> Chair:
    chair = chair_of(body.chair)
    wrong = [FieldError(pointer="/chair", reason=f"“{body.chair}”不能主持")]
    if chair is None:
        raise Conflict(
            "chair-not-allowed",
            "学法由区长主持，或者由区长委托常务副区长主持，请核对主持人的职务。",
            errors=wrong,
            clauses=("L-4a",),
        )
    if chair is Chair.EXECUTIVE_DEPUTY and (
        row.delegated_on is None or row.delegated_on > (row.day or date.max)
    ):
        raise Conflict(
            "chair-not-allowed",
            "常务副区长主持须受区长委托，请先登记不晚于学法当天的委托。",
            errors=wrong,
            clauses=("L-4a",),
        )
    return chair


async def reopen(context: Context, id: UUID, reason: str) -> Session:
    """Take back that a session was held, entered by mistake. Raises: NotFound; Conflict."""
    row: Session = await SESSIONS.lock(context, id)
    row.chair = row.chair_name = None
    SESSIONS.step(context, row, "reopen", reason)
    return row


def changed(context: Context, row: Session, *, moved: bool) -> None:
    """Something that the calendar shows has changed; moved: its time, or that it takes place at all (N-2.2)."""
    row.changed_at = context.now
    row.sequence += moved
