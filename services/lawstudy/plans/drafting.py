"""How a version of a plan comes about: drafted by the justice bureau, approved by the district government, issued (L-6)."""

import re
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Final

from pydantic import Field
from sqlalchemy import delete, exists, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.attributes import flag_modified

from kit.context import Context
from kit.district import units
from kit.district.citations import cite
from kit.district.names import name_key
from kit.events.event import Event
from kit.storage import db
from kit.web.problems import Conflict, FieldError, Invalid
from services.lawstudy.plan import law_study as rules
from services.lawstudy.plan.planning import PLANNING, UNDER_WAY
from services.lawstudy.plans import work
from services.lawstudy.plans.models import PLANS, MonthException, PlanVersion, Topic, TopicEntry
from services.lawstudy.plans.shapes import MonthExceptionIn, PlanDraftIn, PlanIn, TopicIn

CLAUSES: Final = ("L-6",)
#: Letters in the ids of topics by form: 2024-P1, 2024-L1.
_LETTERS: Final[dict[rules.Form, str]] = {"pre_meeting": "P", "lecture": "L"}
#: What the topics of a plan rest on, by form.
_GROUNDS: Final[dict[rules.Form, str]] = {"pre_meeting": "L-3a", "lecture": "L-3b"}


class PlanIssued(Event, type="lawstudy.plan.issued", title="学法计划已印发"):
    """A version of a year's plan was issued and is in force."""

    year: int = Field(description="年份")
    version: int = Field(description="第几版")
    number: str = Field(description="发文字号")
    issued_on: date = Field(description="印发日期")


async def begin(context: Context, draft: PlanIn) -> PlanVersion:
    """Draft the plan of a year that has none, and none under way.

    Raises: Invalid; Conflict.
    """
    standing = select(exists().where(PlanVersion.year == draft.year, PlanVersion.state != "withdrawn"))
    if await context.session.scalar(standing):
        raise _exists(draft.year)
    if draft.year < context.today.year:
        raise Invalid(
            "year-is-over",
            f"{draft.year} 年已经过去，学法计划按年度事先制定，请核对年份。",
            errors=[FieldError(pointer="/year", reason="早于今年")],
            clauses=CLAUSES,
        )
    title = draft.title or f"东胜区人民政府常务会议{draft.year}年度学法计划"
    row = await _begin(context, PlanVersion(year=draft.year, title=title))
    await _write(context, row, [], draft.topics, draft.exceptions)
    return row


async def adjust(context: Context, year: int, reason: str) -> PlanVersion:
    """A new draft that begins as what is in force; what is studied keeps its identity.

    Raises: NotFound where nothing is in force; Conflict where an adjustment is under way.
    """
    former = await work.in_force(context.session, year)
    under_way = select(exists().where(PlanVersion.year == year, PlanVersion.state.in_(UNDER_WAY)))
    if await context.session.scalar(under_way):
        raise _under_way(year)
    made = PlanVersion(year=year, title=former.title, adjusts=former.version, reason=reason)
    row = await _begin(context, made)
    context.session.add_all(_copied(row, topic) for topic in former.topics)
    context.session.add_all(
        MonthException(version_id=row.id, month=each.month, reason=each.reason) for each in former.exceptions
    )
    return row


async def replace(context: Context, row: PlanVersion, draft: PlanDraftIn) -> None:
    """Write the whole of a draft anew; it may be incomplete until it is approved.

    Raises: Conflict where it is no draft any more; Invalid.
    """
    if row.state != "draft":
        raise Conflict(
            "not-a-draft",
            f"{PLANNING.states[row.state]}，不能再改。要改的，请先退回，或者提出调整。",
            clauses=CLAUSES,
            state=row.state,
        )
    row.title = draft.title
    flag_modified(row, "title")  # who read it before has not seen what its topics are now
    former = list(row.topics)
    for written in (TopicEntry, MonthException):
        await context.session.execute(delete(written).where(written.version_id == row.id))
    for entry in former:
        context.session.expunge(entry)
    await _write(context, row, former, draft.topics, draft.exceptions)
    context.audit("lawstudy.plan.drafted", str(row.id), year=row.year, version=row.version)


async def approve(context: Context, row: PlanVersion, approved_by: str, approved_on: date) -> None:
    """Approve what was submitted, by the rules of the study system.

    Raises: Conflict naming every breach with its place and clause.
    """
    PLANNING.check(row.state, "approve", context.caller)
    context.refuse_future(approved_on=approved_on)
    await _refuse_before_former(context, row, approved_on)
    if found := against(row, approved_on):
        raise Conflict(
            "plan-breaks-rules",
            f"学法计划有 {len(found)} 处不符合学法制度，请退回改正后再审定。",
            errors=[FieldError(pointer=each.pointer, reason=_with_source(each)) for each in found],
            clauses=[each.clause for each in found],
            breaches=[
                {"pointer": each.pointer, "reason": each.sentence, "clause": each.clause} for each in found
            ],
        )
    row.approved_by, row.approved_on, row.settled = approved_by, approved_on, True
    PLANS.step(context, row, "approve", approved_by, approved_on=str(approved_on))


async def _refuse_before_former(context: Context, row: PlanVersion, approved_on: date) -> None:
    """A version comes after the one that it adjusts. Raises: Invalid."""
    if row.adjusts is None:
        return
    issued = select(PlanVersion.issued_on).where(
        PlanVersion.year == row.year, PlanVersion.version == row.adjusts
    )
    former = await context.session.scalar(issued)
    if former is not None and approved_on < former:
        raise Invalid(
            "approved-before-former",
            f"前一版 {former} 才印发，调整的审定日期不能更早，请核对。",
            errors=[FieldError(pointer="/approved_on", reason=f"早于前一版的印发日期 {former}")],
            clauses=CLAUSES,
        )


async def send_back(context: Context, row: PlanVersion, reason: str) -> None:
    """Back to a draft, whatever it was approved by being void."""
    PLANS.step(context, row, "return", reason)
    row.approved_by = row.approved_on = None
    row.settled = False


async def issue(context: Context, row: PlanVersion, number: str, issued_on: date) -> PlanVersion | None:
    """Issue what was approved: it is in force, and the version that was so until now is superseded and returned.

    Raises: Invalid for a day before the approval; Conflict for a number that another document has.
    """
    PLANNING.check(row.state, "issue", context.caller)
    context.refuse_future(issued_on=issued_on)
    if row.approved_on is not None and issued_on < row.approved_on:
        raise Invalid(
            "issued-before-approved",
            f"{row.approved_on} 才审定，印发日期不能更早，请核对。",
            errors=[FieldError(pointer="/issued_on", reason=f"早于审定日期 {row.approved_on}")],
            clauses=CLAUSES,
        )
    former = await context.session.scalar(work.plans().where(PlanVersion.year == row.year).with_for_update())
    if former is not None:
        former.state = "superseded"
        await context.session.flush()  # one is in force at a time
    row.number, row.issued_on = number, issued_on
    PLANS.step(context, row, "issue", number, supersedes=former.version if former else None)
    try:
        await context.session.flush()
    except IntegrityError:
        raise Conflict(
            "number-taken",
            f"{number} 已经用于另一份学法计划，请核对发文字号。",
            errors=[FieldError(pointer="/number", reason="已用于另一份学法计划")],
            clauses=CLAUSES,
        ) from None
    told = PlanIssued(year=row.year, version=row.version, number=number, issued_on=issued_on)
    context.record(told, f"{row.year}")
    return former


def against(row: PlanVersion, day: date) -> tuple[rules.Objection, ...]:
    """What stands against approving a version on a day."""
    months = {each.month: each.reason for each in row.exceptions}
    return rules.breaches(rules.Draft(row.year, row.topics, months), day)


def _with_source(found: rules.Objection) -> str:
    [source] = cite(found.clause)
    return f"{found.sentence}（《{source.title}》{source.at}）"


async def _begin(context: Context, row: PlanVersion) -> PlanVersion:
    """Write a new draft, and take its first step.

    Raises: Conflict where somebody else has begun one meanwhile.
    """
    last = await context.session.scalar(
        select(func.max(PlanVersion.version)).where(PlanVersion.year == row.year)
    )
    row.id, row.version = db.new_id(), (last or 0) + 1
    row.state, row.settled, row.drafted_by = "draft", False, units.unit("区司法局").id
    try:
        await PLANS.begin(context, row, year=row.year, version=row.version)
    except IntegrityError:
        raise _under_way(row.year) from None
    return row


def _exists(year: int) -> Conflict:
    return Conflict(
        "plan-exists",
        f"{year} 年已有学法计划或者草案。已印发的请提出调整，草案请直接修改。",
        errors=[FieldError(pointer="/year", reason="这一年已有学法计划或者草案")],
        clauses=CLAUSES,
        plan=f"/lawstudy/v1/plans/{year}/versions",
    )


def _under_way(year: int) -> Conflict:
    return Conflict(
        "plan-under-way",
        f"{year} 年的学法计划已有一版正在办理，请接着办理，或者先撤回。",
        clauses=CLAUSES,
        plan=f"/lawstudy/v1/plans/{year}/versions",
    )


def _copied(row: PlanVersion, topic: TopicEntry) -> TopicEntry:
    columns = [each.key for each in TopicEntry.__table__.columns]
    values = {name: getattr(topic, name) for name in columns}
    return TopicEntry(**values | {"version_id": row.id, "settled": False})


async def _write(
    context: Context,
    row: PlanVersion,
    former: Sequence[TopicEntry],
    topics: Sequence[TopicIn],
    exceptions: Sequence[MonthExceptionIn],
) -> None:
    """Write the topics and months of a draft; a topic that was there keeps its identity, by its id or by its law.

    Raises: Invalid for an id that is not of the year or stands twice, and for a month that stands twice.
    """
    identities = list(await context.session.scalars(select(Topic.id).where(Topic.plan_year == row.year)))
    _refuse_unknown(topics, identities)
    _refuse_twice("exceptions", "month", [str(each.month) for each in exceptions])
    by_law = {(each.form, each.title_key): each.topic_id for each in former}
    for given in topics:
        by_law = {law: id for law, id in by_law.items() if id != given.id}
    before = {each.topic_id: each for each in former}
    taken: set[str] = set()
    for position, given in enumerate(topics, 1):
        id = given.id or by_law.pop((given.form, name_key(given.title)), None)
        if id is None:
            id = _next_id(row.year, given.form, identities)
            identities.append(id)
            context.session.add(Topic(id=id, plan_year=row.year))
            await context.session.flush()
        taken.add(id)
        context.session.add(_entry(row, id, position, given, before.get(id)))
    context.session.add_all(
        MonthException(version_id=row.id, month=each.month, reason=each.reason) for each in exceptions
    )
    await context.session.flush()
    await context.session.execute(
        delete(Topic).where(
            Topic.plan_year == row.year,
            Topic.id.not_in(taken),
            ~exists().where(TopicEntry.topic_id == Topic.id),
        )
    )


def _entry(row: PlanVersion, id: str, position: int, given: TopicIn, before: TopicEntry | None) -> TopicEntry:
    written = before.unit_written if before is not None and before.unit == given.department else None
    return TopicEntry(
        version_id=row.id,
        topic_id=id,
        plan_year=row.year,
        settled=False,
        position=position,
        form=given.form,
        title=given.title,
        title_key=name_key(given.title),
        month=given.month,
        unit=given.department,
        unit_written=written or (units.unit(given.department).name if given.department else None),
        category_number=given.category,
        category_reason=given.category_reason,
        clause=before.clause if before is not None else _GROUNDS[given.form],
    )


def _next_id(year: int, form: rules.Form, identities: Iterable[str]) -> str:
    letter = _LETTERS[form]
    numbers = [int(found[1]) for id in identities if (found := re.fullmatch(rf"{year}-{letter}(\d+)", id))]
    return f"{year}-{letter}{max(numbers, default=0) + 1}"


def _refuse_unknown(topics: Sequence[TopicIn], identities: Iterable[str]) -> None:
    known = set(identities)
    wrong = [
        FieldError(pointer=f"/topics/{place}/id", reason="这一年的学法计划没有这个主题，新增的请不要填编号")
        for place, topic in enumerate(topics)
        if topic.id is not None and topic.id not in known
    ]
    if wrong:
        raise Invalid("unknown-topic", "有主题的编号不属于这一年的学法计划，请核对。", errors=wrong)
    _refuse_twice("topics", "id", [topic.id for topic in topics])


def _refuse_twice(list_: str, field: str, values: Sequence[str | None]) -> None:
    wrong = [
        FieldError(pointer=f"/{list_}/{place}/{field}", reason=f"与第 {values.index(value) + 1} 项重复")
        for place, value in enumerate(values)
        if value is not None and values.index(value) < place
    ]
    if wrong:
        raise Invalid("stands-twice", "有编号或者月份重复，请删去一项。", errors=wrong)
