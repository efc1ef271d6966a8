"""What sessions do when something above them changes: the plan in force, or the day of an executive meeting (N-2.2)."""

from collections.abc import Mapping
from datetime import time
from typing import Any

from pydantic import Field
from sqlalchemy import exists, select

from kit.context import Context
from kit.district.periods import Month
from kit.events.event import Event
from kit.web.problems import Conflict, FieldError
from services.lawstudy.plan.law_study import Form
from services.lawstudy.plan.sessions import HAVING_TEXT, OPEN
from services.lawstudy.plans.models import PlanVersion, TopicEntry
from services.lawstudy.plans.work import plans
from services.lawstudy.sessions.due import counting, give_day
from services.lawstudy.sessions.models import SESSIONS, Meeting, Session
from services.lawstudy.sessions.work import begin, cancel, changed, new_session

BY_PLAN = "学法计划已调整，不再学习"


class SessionMoved(Event, type="lawstudy.session.moved", title="学法安排变动"):
    """A session follows the plan, or its executive meeting: its month, day, topics or department changed."""

    month: str | None = Field(description="计划学习的月份")
    day: str | None = Field(description="日期；未定的为空")
    titles: list[str] = Field(description="学习的法律法规")


def _told(context: Context, row: Session) -> None:
    day = row.day and row.day.isoformat()
    context.record(SessionMoved(month=row.month and str(row.month), day=day, titles=row.titles), str(row.id))


async def follow_plan(context: Context, plan: PlanVersion) -> None:
    """Bring the sessions of a year to the version that is now in force: the same session for the same topic.

    A topic with a month gets a session; one that moved moves its own, while that has no day yet; one that left the plan
    cancels its own, if nothing else is studied there. What was held stays. Doing it again changes nothing.
    """
    entries = {entry.topic_id: entry for entry in plan.topics}
    query = select(Session).where(Session.plan_year == plan.year).with_for_update().order_by(Session.id)
    rows = (await context.session.scalars(query)).all()
    for row in rows:
        if row.state in OPEN:
            await _follow(context, row, entries)
    taken = {link.topic_id for row in rows for link in row.links if link.live}
    known = await _months_before(context, plan)
    for entry in plan.topics:
        # One that stood here before has or had its session, which the office may have cancelled.
        stood = known.get(entry.topic_id) == (entry.form, entry.month)
        if entry.month is not None and entry.topic_id not in taken and not stood:
            await begin(context, new_session(context, plan.year, [entry], entry.month))


async def _months_before(context: Context, plan: PlanVersion) -> dict[str, tuple[Form, Month | None]]:
    """Form and month of each topic in the version that this one adjusts."""
    if plan.adjusts is None:
        return {}
    former = select(TopicEntry).join(PlanVersion, PlanVersion.id == TopicEntry.version_id)
    former = former.where(PlanVersion.year == plan.year, PlanVersion.version == plan.adjusts)
    return {entry.topic_id: (entry.form, entry.month) for entry in await context.session.scalars(former)}


async def load_sessions(context: Context) -> None:
    """Give the plans in force their sessions, where a year has none yet (N-1.1); again changes nothing."""
    for plan in (await context.session.scalars(plans())).all():
        if not await context.session.scalar(select(exists().where(Session.plan_year == plan.year))):
            await follow_plan(context, plan)


async def _follow(context: Context, row: Session, entries: Mapping[str, TopicEntry]) -> None:
    kept = [
        link for link in row.links if link.topic_id in entries and entries[link.topic_id].form == row.form
    ]
    if not kept:
        await cancel(context, row, BY_PLAN)
        await context.session.flush()  # its topics may get another session
        return
    before = _seen(row)
    for link in row.links:
        if link not in kept:
            await context.session.delete(link)
    row.links = kept
    for link in kept:
        link.title = entries[link.topic_id].title
    if row.form == "pre_meeting":
        row.unit = entries[kept[0].topic_id].unit
    _follow_month(row, [entries[link.topic_id] for link in kept])
    after = _seen(row)
    if (after["titles"], after["unit"]) != (before["titles"], before["unit"]):
        _void_text(context, row)
    if after != before:
        changed(context, row, moved=after["month"] != before["month"] and row.day is None)
        _told(context, row)


def _void_text(context: Context, row: Session) -> None:
    """What was handed in or passed was for another law or department: the text is to be handed in and reviewed anew (L-7c)."""
    if row.state in HAVING_TEXT or row.state == "returned":
        row.state = "scheduled"
    elif row.resumes_as is not None:
        row.resumes_as = "scheduled"
    else:
        return
    voided = row.passed_sha256
    row.passed_sha256 = row.passed_at = None
    SESSIONS.keep(context, row, "void-text", "学法计划已调整，材料须重新提交审核", {"voided": voided})


def _follow_month(row: Session, entries: list[TopicEntry]) -> None:
    """The month of the plan, where it is the same for all that is studied; what has a day keeps it."""
    months: set[Month | None] = {entry.month for entry in entries}
    if len(months) == 1 and None not in months:
        [month] = months
        row.postponed_to = row.postponed_to if month == row.month else None
        row.month = month
    if row.day is not None and row.month == Month.of(row.day):
        row.another_month = None


def _seen(row: Session) -> dict[str, Any]:
    return {"month": row.month, "titles": list(row.titles), "unit": row.unit}


async def follow_meeting(context: Context, meeting: Meeting, told: Mapping[str, Any]) -> None:
    """Bring the sessions of an executive meeting to the day, time and place that are told of it.

    told: held_on, begins_at and place. Raises: Conflict where the day is taken away, leaves the year, or would make of
    what was held something to come.
    """
    query = select(Session).where(Session.meeting_id == meeting.id, Session.state != "cancelled")
    rows = (await context.session.scalars(query.with_for_update().order_by(Session.id))).all()
    count = await counting(context)
    for row in rows:
        _refuse_day(row, told)
        before = (row.day, row.begins_at, row.place)
        assert row.text_workdays is not None  # of a session that has a day
        give_day(row, told["held_on"], row.text_workdays, count)
        row.begins_at = _follows(row.begins_at, meeting.begins_at, told["begins_at"])
        row.place = _follows(row.place, meeting.place, told["place"])
        if row.month is not None and row.day is not None and Month.of(row.day) != row.month:
            row.another_month = row.another_month or "随常务会议改期"
        if before != (row.day, row.begins_at, row.place):
            changed(context, row, moved=before[:2] != (row.day, row.begins_at))
            _told(context, row)


def _follows(own: Any, former: Any, now: time | str | None) -> Any:
    """What a session has of its meeting changes with it; what was said of the session alone stays."""
    return now if own == former else own


def _refuse_day(row: Session, told: Mapping[str, Any]) -> None:
    day = told["held_on"]
    if row.state == "held" and day != row.day:
        reason = "这次会议上的学法已登记举行，会议日期不能改；登记有误的，请先撤回举行登记。"
    elif day is None or day.year != row.plan_year:
        reason = "这次会议上安排有学法，会议日期不能清空，也不能改到别的年份；请先将学法延期或改期。"
    else:
        return
    raise Conflict(
        "meeting-has-sessions",
        reason,
        errors=[FieldError(pointer="/held_on", reason="会上安排有学法")],
        clauses=("L-4c",),
    )
