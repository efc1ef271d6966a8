"""What happens to programmes: stages begin and end, measures get units, units report (P-4.2, T-3, T-5)."""

from datetime import date
from typing import Any, Final
from uuid import UUID

from pydantic import Field
from sqlalchemy import func, select

from kit.context import Context
from kit.district import units
from kit.district.named_units import unit_of
from kit.events.event import Event
from kit.storage import db
from kit.web.problems import Conflict, FieldError, Forbidden, Invalid, NotFound
from services.office.plan.roles import MANAGER
from services.office.plan.stages import STAGE, out_of_order
from services.office.programmes.due import reports_due
from services.office.programmes.models import (
    STAGES,
    Measure,
    Programme,
    ProgressReport,
    Responsibility,
    Stage,
)
from services.office.programmes.shapes import HeldIn, ReleaseIn, ReportIn, clause_of

NO_SUCH_PROGRAMME: Final = "没有这项专项工作，请核对编号。"
NO_SUCH_MEASURE: Final = "这项专项工作没有这条措施，请核对编号。"
NO_SUCH_STAGE: Final = "这项专项工作没有这个阶段，请核对序号。"
NO_SUCH_REPORT: Final = "没有这份进展报告，请核对编号。"


class ProgressReported(Event, type="office.progress.reported", title="报送进展"):
    """A unit reported on a measure."""

    programme: str = Field(description="专项工作编号")
    measure: str = Field(description="措施编号")
    unit: str = Field(description="报告单位编号")
    due_on: date | None = Field(description="所报的是哪一天到期的报告；平时进展为空")
    share: int | None = Field(description="完成的百分比；没有填写的为空")


class ProgressWithdrawn(Event, type="office.progress.withdrawn", title="撤回进展报告"):
    """A unit took a report back."""

    programme: str = Field(description="专项工作编号")
    measure: str = Field(description="措施编号")
    unit: str = Field(description="报告单位编号")
    due_on: date | None = Field(description="所报的是哪一天到期的报告；平时进展为空")


class UnitHeld(Event, type="office.measure.unit", title="责任单位增加或免除"):
    """A measure holds a unit responsible that it did not, or no longer does."""

    programme: str = Field(description="专项工作编号")
    measure: str = Field(description="措施编号")
    unit: str = Field(description="单位编号")
    since: date = Field(description="自哪一天起负责")
    until: date | None = Field(description="负责到哪一天；没有免除的为空")


async def programme(context: Context, id: str) -> Programme:
    """The programme. Raises: NotFound."""
    return await db.found(context.session, Programme, id, NO_SUCH_PROGRAMME)


async def measure(context: Context, programme: str, number: str) -> Measure:
    """The measure. Raises: NotFound."""
    row = await context.session.get(Measure, (programme, number))
    if row is None:
        raise NotFound("not-found", NO_SUCH_MEASURE)
    return row


def unknown(pointer: str, sentence: str) -> Invalid:
    """The problem of a body that names something that there is not."""
    error = FieldError(pointer=pointer, reason="没有这个编号")
    return Invalid("unknown-reference", sentence, errors=[error])


def must_lead(context: Context, programme: Programme) -> None:
    """Refuse whoever is neither the government office nor the unit that leads the programme. Raises: Forbidden."""
    if not context.caller.may(MANAGER) and unit_of(context.caller) != programme.lead:
        name = units.unit(programme.lead).name
        raise Forbidden(
            "not-the-lead",
            f"这项工作由{name}牵头，请由其或区政府办公室办理。",
            clauses=(programme.clause,),
        )


def own_unit(context: Context) -> str:
    """The unit that reports: the token's. Raises: Forbidden where it names none, or is a company's."""
    unit = unit_of(context.caller)
    if unit is None:
        raise Forbidden("no-unit", "您的令牌没有写明单位，不能报送；请用责任单位的令牌。")
    kind = units.unit(unit).kind
    context.must_cover(units.unit(unit).name if kind in (units.Kind.STREET, units.Kind.TOWN) else None)
    return unit


# ------------------------------------------------------------------------------------ stages
async def move_stage(context: Context, id: str, number: int, action: str, note: str) -> Stage:
    """Take a stage a step further, in the order of the programme's stages.

    Raises: Forbidden for another unit than the one that leads; NotFound; Conflict.
    """
    row = await db.locked(context.session, Programme, id, NO_SUCH_PROGRAMME)
    must_lead(context, row)
    stage = stage_of(row, number)
    STAGE.check(stage.state, action, context.caller)
    refused = out_of_order([each.state for each in row.stages], number, action)
    if refused is not None:
        raise Conflict("stage-out-of-order", refused, clauses=(stage.clause,))
    if action == "open":
        stage.opened_on = context.today
    stage.closed_on = context.today if action == "close" else None
    STAGES.step(context, stage, action, note, programme=id, number=number)
    return stage


def stage_of(programme: Programme, number: int) -> Stage:
    """A stage by its number. Raises: NotFound."""
    for stage in programme.stages:
        if stage.number == number:
            return stage
    raise NotFound("not-found", NO_SUCH_STAGE)


def must_be_open(stage: Stage, *, of: str) -> None:
    """Refuse what belongs to a stage that does not run; of: what it is, in Chinese. Raises: Conflict."""
    name = f"第 {stage.number} 阶段（{stage.name}）"
    if stage.state == "closed":
        raise Conflict(
            "stage-closed",
            f"{name}已经结束，不能登记{of}；确需登记的，请区政府办公室说明理由让它重新进行。",
            clauses=(stage.clause,),
        )
    if stage.state == "planned":
        raise Conflict(
            "stage-not-open",
            f"{name}还没有启动，不能登记{of}；请先由牵头单位启动。",
            clauses=(stage.clause,),
        )


# ------------------------------------------------------------------------------------ responsible units
async def hold(context: Context, programme: Programme, number: str, told: HeldIn) -> Responsibility:
    """Hold a further unit responsible for a measure, from a day on.

    Raises: Forbidden; NotFound; Invalid for a word for several units; Conflict where it is responsible already.
    """
    must_lead(context, programme)
    await measure(context, programme.id, number)
    unit = units.unit(told.unit)
    if unit.kind is units.Kind.COLLECTIVE:
        raise Invalid(
            "not-one-unit",
            f"“{unit.name}”是统称，请逐个登记单位。",
            errors=[FieldError(pointer="/unit", reason="不是一个单位")],
        )
    rows = await _held(context, programme.id, number, unit.id)
    last = max((row.until or date.max for row in rows), default=None)
    if last is not None and told.since <= last:
        raise Conflict(
            "already-responsible",
            f"{unit.name}在这段时间已经是这条措施的责任单位。",
            errors=[FieldError(pointer="/since", reason="与已登记的一段时间重叠")],
        )
    row = Responsibility(
        id=db.new_id(),
        programme_id=programme.id,
        measure=number,
        unit=unit.id,
        written=unit.name,
        by_name=False,
        since=told.since,
        entered_for=told.reason,
    )
    context.session.add(row)
    _tell_held(context, row)
    return row


async def release(
    context: Context, programme: Programme, number: str, unit: str, told: ReleaseIn
) -> Responsibility:
    """Release a unit from a measure that does not name it itself, after a day and with a reason.

    Raises: Forbidden; NotFound; Conflict for a unit that the document names.
    """
    must_lead(context, programme)
    await measure(context, programme.id, number)
    rows = [row for row in await _held(context, programme.id, number, unit) if row.until is None]
    if not rows:
        raise NotFound("not-found", "这个单位目前不是这条措施的责任单位，请核对。")
    [row] = rows
    if row.by_name:
        raise Conflict(
            "named-by-document",
            f"{units.unit(unit).name}由文件点名负责这条措施，不能免除。",
            clauses=(programme.clause,),
        )
    row.until, row.released_for = told.until, told.reason
    _tell_held(context, row)
    return row


async def _held(context: Context, programme: str, number: str, unit: str) -> list[Responsibility]:
    """How a unit is held by a measure, locked, so that two changes come one after the other."""
    await db.locked(context.session, Programme, programme, NO_SUCH_PROGRAMME)
    query = select(Responsibility).filter_by(programme_id=programme, measure=number, unit=unit)
    return list(await context.session.scalars(query.order_by(Responsibility.since)))


def _tell_held(context: Context, row: Responsibility) -> None:
    told = UnitHeld(
        programme=row.programme_id, measure=row.measure, unit=row.unit, since=row.since, until=row.until
    )
    context.record(told, f"{row.programme_id}/{row.measure}")


# ------------------------------------------------------------------------------------ progress
async def report(context: Context, told: ReportIn) -> ProgressReport:
    """Take in what the caller's unit reports on a measure.

    Raises: Forbidden where the measure does not hold it responsible; Invalid; Conflict for a closed stage.
    """
    unit = own_unit(context)
    id, number = told.programme_id, told.measure
    # A stage does not end while a report on it comes in.
    row = await context.session.get(Programme, id, with_for_update={"read": True})
    if row is None:
        raise unknown("/programme_id", NO_SUCH_PROGRAMME)
    if await context.session.get(Measure, (id, number)) is None:
        raise unknown("/measure", NO_SUCH_MEASURE)
    await _must_be_responsible(context, id, number, unit)
    context.refuse_future(as_of=told.as_of)
    _refuse_before(row, told.as_of)
    stage = _stage_for(row, told.stage)
    if told.due_on is not None:
        await _must_be_owed(context, (id, number, unit), told.due_on)
    made = ProgressReport(
        id=db.new_id(),
        unit=unit,
        stage=stage.number,
        received_at=context.now,
        **told.model_dump(exclude={"stage", "evidence"}),
        evidence=[each.model_dump() for each in told.evidence],
    )
    context.session.add(made)
    event = ProgressReported(programme=id, measure=number, unit=unit, due_on=told.due_on, share=told.share)
    context.record(event, str(made.id))
    return made


def _refuse_before(programme: Programme, as_of: date) -> None:
    if as_of < programme.issued_on:
        raise Invalid(
            "before-programme",
            f"实施方案 {programme.issued_on} 才印发，进展情况的截至日期不能更早，请核对。",
            errors=[FieldError(pointer="/as_of", reason=f"早于印发日期 {programme.issued_on}")],
            clauses=(programme.clause,),
        )


def _stage_for(programme: Programme, number: int | None) -> Stage:
    """The stage that a report is of: the one that is named, else the last that runs. Raises: Invalid; Conflict."""
    if number is not None:
        if number > len(programme.stages):
            raise unknown("/stage", NO_SUCH_STAGE)
        stage = stage_of(programme, number)
    else:
        running = [each for each in programme.stages if each.state == "open"]
        begun = [each for each in programme.stages if each.state != "planned"]
        stage = (running or begun or programme.stages[:1])[-1]
    must_be_open(stage, of="进展")
    return stage


async def _must_be_responsible(context: Context, id: str, number: str, unit: str) -> None:
    query = select(func.count()).where(
        Responsibility.programme_id == id, Responsibility.measure == number, Responsibility.unit == unit
    )
    if not await context.session.scalar(query):
        raise Forbidden(
            "not-responsible",
            f"{units.unit(unit).name}不是这条措施的责任单位，不能报送；如应负责，请由牵头单位登记。",
            clauses=(clause_of(id),),
        )


async def _must_be_owed(context: Context, of: tuple[str, str, str], due_on: date) -> None:
    """Refuse a report for a day on which the unit owes none, or before the one that is due next. Raises: Invalid."""
    rows = reports_due(due_on, due_on).subquery()
    asked: dict[str, Any] = dict(zip(("programme_id", "number", "unit"), of, strict=True))
    query = select(rows.c.due_on).filter_by(**asked).where(rows.c.due_on >= min(due_on, context.today))
    days = sorted(await context.session.scalars(query))
    if due_on in days and days[0] != due_on and due_on > context.today:
        raise Invalid(
            "not-due-next",
            f"下一次应报送的是 {days[0]} 的报告，{due_on} 的到时再报。",
            errors=[FieldError(pointer="/due_on", reason=f"在 {days[0]} 之后")],
            clauses=(clause_of(of[0]),),
        )
    if due_on not in days:
        raise Invalid(
            "no-such-due-day",
            f"{due_on} 没有应由您单位报送的报告，请按应报事项中的日期填写，平时进展不填。",
            errors=[FieldError(pointer="/due_on", reason="不是报告时间")],
            clauses=(clause_of(of[0]),),
        )


async def withdraw(context: Context, id: UUID, reason: str) -> ProgressReport:
    """Take a report back; it stays, with the reason. By the unit that made it.

    Raises: NotFound; Forbidden for another unit; Conflict where it is taken back already.
    """
    unit = own_unit(context)
    row = await db.locked(context.session, ProgressReport, id, NO_SUCH_REPORT)
    if row.unit != unit:
        raise Forbidden(
            "not-responsible",
            f"这份进展报告由{units.unit(row.unit).name}报送，请由其撤回。",
            clauses=(clause_of(row.programme_id),),
        )
    if row.withdrawn_at is not None:
        raise Conflict("report-withdrawn", "这份进展报告已经撤回。", clauses=(clause_of(row.programme_id),))
    row.withdrawn_at, row.withdrawn_for = context.now, reason
    event = ProgressWithdrawn(programme=row.programme_id, measure=row.measure, unit=unit, due_on=row.due_on)
    context.record(event, str(row.id))
    return row
