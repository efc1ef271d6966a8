"""An accident's investigation, its evaluation with measures followed until done, who is held to account."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from pydantic import Field
from sqlalchemy import select

from kit.context import Context
from kit.district.clock import local_day
from kit.events.event import Event
from kit.storage.db import new_id
from kit.web.problems import Conflict, FieldError, Invalid, NotFound
from services.emergency.aftermath.models import Accountability, Evaluation, Investigation, Measure
from services.emergency.case.case import Case, IncidentEvent
from services.emergency.case.incident import Incident
from services.emergency.clocks.work import clocks_of, set_clocks
from services.emergency.plan.accidents.grading import Grade
from services.emergency.plan.accidents.investigators import INVESTIGATORS
from services.emergency.plan.catalogue import catalogue
from services.emergency.response.work import response_of

NO_MEASURE = "没有这项改进措施，请核对编号。"
_APPROVALS = ("investigation-approval", "investigation-approval-higher", "investigation-approval-state")
_KINDS_ZH = {"commendation": "表扬奖励", "accountability": "责任追究"}


class InvestigationMoved(IncidentEvent, type="emergency.investigation.moved", title="事故调查进展"):
    """The investigation's report came in, or was approved."""

    action: str = Field(description="所作的操作：提交调查报告，或批复")


class Evaluated(IncidentEvent, type="emergency.incident.evaluated", title="处置工作已评估"):
    """How the accident was dealt with was evaluated."""

    measures: int = Field(description="评估提出的整改措施条数")


class MeasureDone(IncidentEvent, type="emergency.measure.done", title="整改措施已落实"):
    """A measure of the evaluation was done."""

    measure: UUID = Field(description="整改措施编号")
    owner: str = Field(description="落实措施的单位名称")


class ResponsibilityEstablished(Event, type="emergency.responsibility.established", title="事故责任认定"):
    """A company was found responsible for an accident, and is held to account."""

    accountability: UUID = Field(description="责任追究记录编号")
    incident: str = Field(description="事故编号")
    uscc: str = Field(description="负有责任的企业的统一社会信用代码")
    occurred_on: date = Field(description="事故发生日期")
    casualties: bool = Field(description="认定时所知的事故情况中是否有人死亡、失联或受伤")
    what: str = Field(description="事由和决定")
    document: str | None = Field(description="决定文件；没有时为空")
    decided_on: date = Field(description="决定日期")


async def investigation_of(case: Case) -> Investigation | None:
    """The investigation, once its report has come in."""
    return await case.session.get(Investigation, case.incident.id)


async def receive_report(case: Case, report: str, cause: str, received_at: datetime) -> Investigation:
    """The investigation's report comes in; its approval falls due (E-5.4).

    Where the grade has changed since, the report of the government that it now asks for takes the place of the one
    before, which is kept. Raises: Conflict when that government's has come in.
    """
    authority = INVESTIGATORS[Grade(case.incident.grade)]
    row = await investigation_of(case)
    if row is not None and row.authority == authority:
        raise Conflict("report-came-in", f"{authority}组织的事故调查报告已登记过。", clauses=("E-5.4",))
    if row is None:
        row = Investigation(**_of(case), former=[])
        case.session.add(row)
    else:
        row.former = [*row.former, _former(row)]
    row.authority, row.report, row.cause, row.received_at = authority, report, cause, received_at
    row.approval = row.approved_at = None
    case.incident.investigation_received_at, case.incident.investigation_approved_at = received_at, None
    await set_clocks(case, {"investigation-report": received_at})
    text = f"收到事故调查报告（{row.authority}组织调查）：{cause}"
    event = InvestigationMoved(action="received")
    case.happened("investigation", text, "E-5.4", at=received_at, event=event)
    return row


def _former(row: Investigation) -> dict[str, Any]:
    """An investigation that another's takes the place of, as JSON."""
    return {
        "authority": row.authority,
        "report": row.report,
        "cause": row.cause,
        "received_at": row.received_at.isoformat(),
        "approval": row.approval,
        "approved_at": row.approved_at.isoformat() if row.approved_at else None,
    }


async def extend(
    case: Case, deadline: str, days: int | None, appraisal_days: int | None, document: str
) -> None:
    """Extend a deadline of the investigation, or leave out days of appraisal, as far as the law goes (E-5.4).

    Raises: NotFound where the deadline does not run; Invalid for more than may be granted.
    """
    row = next((each for each in await clocks_of(case) if each.deadline == deadline), None)
    if row is None or not row.running:
        raise NotFound("not-found", f"事故 {case.incident.number} 没有正在计时的时限 {deadline}。")
    rule = next(each for each in catalogue().deadlines if each.id == deadline)
    wrong = []
    if days is not None and days > rule.extension_days:
        wrong.append(FieldError(pointer="/days", reason=f"最多延长 {rule.extension_days} 天。"))
    if appraisal_days is not None and not rule.appraisal_excluded:
        wrong.append(FieldError(pointer="/appraisal_days", reason="这项时限不扣除技术鉴定时间。"))
    if wrong:
        raise Invalid("not-extendable", "超出了法规允许的延长。", errors=wrong, clauses=(rule.clause,))
    if days is not None:
        row.extended_days = days
    if appraisal_days is not None:
        case.incident.appraisal_days = appraisal_days
    await case.session.flush()
    await set_clocks(case)
    case.happened("deadline", f"{row.asks}的时限变为 {row.due:%Y-%m-%d}（{document}）", rule.clause)


async def approve_report(case: Case, approval: str, at: datetime) -> Investigation:
    """The investigation's report is approved; rectification is to be evaluated within a year (E-5.4).

    Raises: Conflict before the report has come in, or when it was approved; Invalid for a time before that.
    """
    row = await investigation_of(case)
    if row is None or row.approved_at is not None:
        raise Conflict(
            "not-to-be-approved",
            "事故调查报告尚未登记，或已批复过。请先登记调查报告。",
            clauses=("E-5.4",),
        )
    if row.authority != (now := INVESTIGATORS[Grade(case.incident.grade)]):
        raise Conflict(
            "another-authority",
            f"事故等级已变化，应由{now}组织调查，现有报告由{row.authority}组织。请先登记{now}的调查报告。",
            clauses=("E-5.4",),
        )
    if at < row.received_at:
        came = f"收到报告是 {row.received_at:%Y-%m-%d %H:%M}。"
        raise Invalid(
            "before-received",
            "批复时间早于收到调查报告的时间，请核对。",
            errors=[FieldError(pointer="/approved_at", reason=came)],
        )
    row.approval, row.approved_at = approval, at
    case.incident.investigation_approved_at = at
    await set_clocks(case, dict.fromkeys(_APPROVALS, at))
    event = InvestigationMoved(action="approved")
    case.happened("investigation", f"批复事故调查报告：{approval}", "E-5.4", at=at, event=event)
    return row


async def evaluation_of(case: Case) -> Evaluation | None:
    """The evaluation, once it is made."""
    return await case.session.get(Evaluation, case.incident.id)


async def measures_of(case: Case) -> list[Measure]:
    """The measures in the order in which they were asked for."""
    query = select(Measure).where(Measure.incident_id == case.incident.id).order_by(Measure.id)
    return list(await case.session.scalars(query))


async def evaluate(case: Case, report: str, measures: Sequence[dict[str, Any]], at: datetime) -> Evaluation:
    """Evaluate how the accident was dealt with, and ask for measures (E-5.4).

    Raises: Conflict while the response runs, or when it was evaluated.
    """
    response = await response_of(case)
    if response is not None and response.state != "ended":
        raise Conflict("response-runs", "处置结束后才作总结评估，请先终止响应。", clauses=("E-5.4", "E-4.9"))
    if await evaluation_of(case) is not None:
        raise Conflict(
            "already-evaluated", "总结评估报告已登记过；改进措施可以继续增加。", clauses=("E-5.4",)
        )
    row = Evaluation(**_of(case), report=report, made_at=at)
    case.session.add(row)
    event = Evaluated(measures=len(measures))
    case.happened("evaluation", "形成总结评估报告", "E-5.4", at=at, event=event)
    await add_measures(case, measures)
    return row


async def add_measures(case: Case, measures: Sequence[dict[str, Any]]) -> None:
    """Ask for measures, each with an owner and a day (E-5.4)."""
    for given in measures:
        row = Measure(id=new_id(), **_of(case), **given)
        case.session.add(row)
        case.happened("measure", f"改进措施：{row.text}（{row.owner}，{row.due:%Y-%m-%d} 前）", "E-5.4")
    await case.session.flush()


async def finish_measure(
    context: Context, id: UUID, evidence: str, done_at: datetime | None
) -> tuple[Case, Measure]:
    """A measure is done, with evidence (E-5.4).

    Raises: NotFound; Conflict when it is done.
    """
    case, row = await Case.open_with(context, Measure, id, NO_MEASURE)
    if row.done_at is not None:
        raise Conflict("already-done", "这项改进措施已完成。", clauses=("E-5.4",))
    row.done_at, row.evidence = case.at(done_at, field="done_at"), evidence
    event = MeasureDone(measure=row.id, owner=row.owner)
    case.happened("measure", f"完成改进措施“{row.text}”：{evidence}", "E-5.4", at=row.done_at, event=event)
    return case, row


async def accountabilities_of(case: Case) -> list[Accountability]:
    """Commendations and accountability, in the order in which they were entered."""
    query = select(Accountability).where(Accountability.incident_id == case.incident.id)
    return list(await case.session.scalars(query.order_by(Accountability.id)))


def add_accountability(case: Case, given: dict[str, Any]) -> Accountability:
    """Enter a commendation, or somebody held to account; a company found responsible is told of (E-5.5)."""
    row = Accountability(id=new_id(), **_of(case), **given)
    case.session.add(row)
    case.happened("accountability", f"{_KINDS_ZH[row.kind]}：{row.whom}，{row.what}", "E-5.5")
    if row.company is not None:
        case.tell(_responsible(case.incident, row, row.company), str(row.id))
    return row


def _responsible(incident: Incident, row: Accountability, company: str) -> ResponsibilityEstablished:
    return ResponsibilityEstablished(
        accountability=row.id,
        incident=incident.number,
        uscc=company,
        occurred_on=local_day(incident.occurred_at or incident.began_at),
        casualties=incident.has_casualties,
        what=row.what,
        document=row.document,
        decided_on=row.decided_on,
    )


def _of(case: Case) -> dict[str, Any]:
    """What every row says of itself: of which accident it is, when and by whom it was written."""
    return {"incident_id": case.incident.id, "recorded_at": case.now, "client": case.caller.by}
