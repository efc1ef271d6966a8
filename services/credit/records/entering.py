"""How credit information is entered: checked against the scheme of its day, and put down to who was in charge then."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from pydantic import Field
from sqlalchemy import func, or_, select
from sqlalchemy.dialects.postgresql import insert

from kit.context import Context, limited_away
from kit.district.clock import local_day
from kit.events.event import Event
from kit.storage import db
from kit.web.problems import FieldError, Forbidden, Invalid
from services.credit.companies.models import Company
from services.credit.plan.roles import recorder
from services.credit.plan.scheme import Item, Measure, Recorder
from services.credit.projects.models import Holding, Project
from services.credit.records.models import Record
from services.credit.schemes.work import scheme_on

CLAUSES: Final = ("P-2.3.2a", "P-4.3")


class RecordEntered(Event, type="credit.record.entered", title="登记信用信息"):
    """Credit information was entered about a company."""

    record: UUID = Field(description="信用信息编号")
    company: UUID = Field(description="企业编号")
    project: UUID | None = Field(description="服务项目编号；与项目无关的为空")
    item: str = Field(description="评价项目编码")
    acted_on: date = Field(description="行为日期")


@dataclass(frozen=True)
class Fact:
    """What is to be entered; of what concerns a project, the company is who was in charge on the day of the act.

    origin, origin_key: where it comes from, the same of what is told again.
    """

    item: str
    acted_at: datetime
    company_id: UUID | None = None
    project_id: UUID | None = None
    points: Decimal | None = None
    units: int = 1
    share: tuple[int, int] | None = None
    valid_until: date | None = None
    evidence: tuple[dict[str, Any], ...] = ()
    note: str | None = None
    origin: str = "entered"
    origin_key: str | None = None


@dataclass(frozen=True)
class InCharge:
    """Who was in charge of a project on a day, and its part of what that company had: square metres, projects."""

    company_id: UUID
    area: Decimal | None
    company_area: Decimal | None
    company_projects: int


async def enter(context: Context, told: Fact, by: Recorder | None = None) -> Record | None:
    """Enter credit information; None where what has this origin has been entered before.

    by: as what the caller enters; the caller's own role where it is not said.

    Raises: Invalid naming the field and the rule; Forbidden for an item that the caller does not record.
    """
    return await keep(context, await checked(context, told, by))


async def keep(context: Context, record: Record) -> Record | None:
    """Keep a record that was checked; None where what has its origin has been entered before."""
    values = {
        column.key: getattr(record, column.key) for column in Record.__table__.columns if _given(column)
    }
    statement = insert(Record).values(values).on_conflict_do_nothing(index_elements=["origin", "origin_key"])
    made = await context.session.scalar(statement.returning(Record))
    if made is not None:
        _tell(context, made)
    return made


async def enter_new(context: Context, told: Fact) -> Record:
    """Enter what a person says, which is new each time it is said. Raises: as `enter`."""
    record = await checked(context, told)
    context.session.add(record)
    await context.session.flush()
    _tell(context, record)
    return record


def _tell(context: Context, record: Record) -> None:
    event = RecordEntered(
        record=record.id,
        company=record.company_id,
        project=record.project_id,
        item=record.item,
        acted_on=local_day(record.acted_at),
    )
    context.record(event, str(record.id))


async def checked(context: Context, told: Fact, by: Recorder | None = None) -> Record:
    """The record that would be entered. Raises: as `enter`."""
    context.refuse_future(acted_at=told.acted_at)
    day = local_day(told.acted_at)
    item = await _item(context, told, day)
    by = by or _recorder(context, item)
    _must_keep_the_rules(item, told, day)
    charge = await _in_charge(context, told, day)
    if charge is not None and by is Recorder.STREET:
        context.must_cover(
            await context.session.scalar(select(Project.street).where(Project.id == told.project_id))
        )
    company = charge.company_id if charge is not None else await _company(context, told)
    id = db.new_id()
    return Record(
        id=id,
        company_id=company,
        project_id=told.project_id,
        item=item.code,
        acted_at=told.acted_at,
        entered_at=context.now,
        points=told.points,
        units=told.units,
        share_part=told.share and told.share[0],
        share_whole=told.share and told.share[1],
        valid_until=told.valid_until,
        area=charge and charge.area,
        company_area=charge and charge.company_area,
        company_projects=charge and charge.company_projects,
        origin=told.origin,
        origin_key=told.origin_key or str(id),
        recorder=by.value,
        client=context.caller.by,
        unit=context.caller.unit,
        division=context.caller.division,
        evidence=list(told.evidence),
        note=told.note,
    )


async def must_amend(context: Context, record: Record) -> None:
    """Refuse who neither enters records of this item nor is the centre. Raises: Forbidden."""
    scheme = await scheme_on(context.session, local_day(record.acted_at))
    item = None if scheme is None else scheme.item(record.item)
    if recorder(context.caller) is not Recorder.CENTRE and item is not None:
        _recorder(context, item)


def _recorder(context: Context, item: Item) -> Recorder:
    """As what the caller enters records of an item. Raises: Forbidden for a company, and for who does not."""
    if context.caller.company is not None:
        raise limited_away(context.caller)
    by = recorder(context.caller)
    if by not in item.recorders:
        who = "、".join(each.zh for each in item.recorders)
        raise Forbidden("not-your-item", f"{item.code} {item.name}由{who}登记。", clauses=CLAUSES)
    return by


def _given(column: Any) -> bool:
    return column.computed is None and column.key != "seq"


async def _item(context: Context, told: Fact, day: date) -> Item:
    scheme = await scheme_on(context.session, day)
    if scheme is None:
        raise Invalid(
            "before-scheme", **_at("acted_at", f"{day} 还没有施行的评价方案，不能登记这一天的行为。")
        )
    item = scheme.item(told.item)
    if item is None:
        raise Invalid(
            "unknown-item", **_at("item", f"评价方案 {scheme.code} 没有编码为 {told.item} 的项目。")
        )
    return item


def _must_keep_the_rules(item: Item, told: Fact, day: date) -> None:
    if item.evidence and not told.evidence:
        raise Invalid("evidence-missing", **_at("evidence", f"{item.name}须有佐证。"))
    if told.points is not None and not item.least <= told.points <= item.most:
        limits = str(item.most) if item.least == item.most else f"{item.least} 到 {item.most}"
        raise Invalid("points-out-of-limits", **_at("points", f"{item.name}的分值为 {limits}。"))
    if told.points is not None and item.steps and told.points not in item.steps:
        steps = "、".join(str(each) for each in item.steps)
        raise Invalid("points-out-of-limits", **_at("points", f"{item.name}，分值只可为 {steps}。"))
    if told.units > 1 and item.measure is not Measure.UNITS:
        raise Invalid("not-by-units", **_at("units", f"{item.name}不按数量计分。"))
    if (item.measure is Measure.SHARE) != (told.share is not None):
        raise Invalid("by-share", **_at("item", f"{item.name}按比例计分，由系统根据登记计算。"))
    if told.valid_until is not None and told.valid_until <= day:
        raise Invalid("ends-before-act", **_at("valid_until", "有效期应在行为日期之后。"))


async def _company(context: Context, told: Fact) -> UUID:
    if told.company_id is None:
        raise Invalid("nobody-named", **_at("company_id", "请填写企业编号，或填写服务项目编号。"))
    found = select(Company.id).where(Company.id == told.company_id, Company.left_at.is_(None))
    if await context.session.scalar(found) is None:
        raise Invalid(
            "not-registered", **_at("company_id", "没有这家纳入信用评价的企业，请先在物业服务中登记。")
        )
    return told.company_id


async def _in_charge(context: Context, told: Fact, day: date) -> InCharge | None:
    """Who was in charge of the project. Raises: Invalid where nobody was, or another than is told."""
    if told.project_id is None:
        return None
    charge = await in_charge_on(context, told.project_id, day)
    if charge is None:
        raise Invalid("nobody-in-charge", **_at("project_id", f"{day} 没有企业在管这个服务项目。"))
    if told.company_id not in (None, charge.company_id):
        name = await context.session.scalar(select(Company.name).where(Company.id == charge.company_id))
        told_instead = f"{day} 在管这个项目的是{name}，信用信息记在行为时在管的企业。"
        raise Invalid("another-in-charge", **_at("company_id", told_instead))
    return charge


async def in_charge_on(context: Context, project: UUID, day: date) -> InCharge | None:
    """Who was in charge of a project on a day, with the areas of that day; None where nobody was."""
    on = (Holding.begins_on <= day, or_(Holding.ends_on.is_(None), Holding.ends_on >= day))
    own = select(Holding.company_id, Holding.area).where(Holding.project_id == project, *on)
    found = (await context.session.execute(own.order_by(Holding.begins_on.desc()).limit(1))).one_or_none()
    if found is None:
        return None
    # Where one area is not known, none is used: the mean over projects stands in.
    whole = select(func.count(), func.sum(Holding.area), func.bool_and(Holding.area.is_not(None)))
    count, area, is_known = (
        await context.session.execute(whole.where(Holding.company_id == found.company_id, *on))
    ).one()
    return InCharge(found.company_id, found.area if is_known else None, area if is_known else None, count)


def _at(field: str, reason: str) -> dict[str, Any]:
    """What a refusal says besides its type."""
    return {
        "detail": reason,
        "errors": [FieldError(pointer=f"/{field}", reason=reason)],
        "clauses": CLAUSES,
    }
