"""Repair of credit information (信用修复): applied for, checked, approved or refused.

What is repaired stays in the file and is used and public no more from that day; final results stay as they are.
"""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Path, Query
from pydantic import Field
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from kit.context import Context
from kit.district.clock import LocalTime, local_day
from kit.district.workdays import add_workdays
from kit.storage import db
from kit.web import routes
from kit.web.access import requires
from kit.web.ownership import Whose
from kit.web.pages import Page, PageRequest, narrowed
from kit.web.problems import Conflict, NotFound, problems
from kit.web.routes import clauses, move
from kit.web.shapes import Body, Grounded, Text
from services.credit.base import Reader
from services.credit.companies.models import Company
from services.credit.companies.whose import own_company
from services.credit.evaluations.shapes import DecideIn
from services.credit.lists.work import leave_lists
from services.credit.plan.evaluation import COMPANY, REPAIR
from services.credit.plan.repair import repairable_from, rule_of
from services.credit.plan.scheme import Scheme
from services.credit.recording.api import NO_SUCH_RECORD, RecordId
from services.credit.records.amending import amend
from services.credit.records.models import Amendment, Record
from services.credit.records.shapes import EvidenceIn, EvidenceOut
from services.credit.repairs.models import REPAIRS, Repair
from services.credit.schemes.work import the_scheme
from services.credit.scoring.statement import ScoreOf
from services.credit.scoring.work import Line, score_of

CLAUSES = ("P-2.3.4a",)
RepairId = Annotated[UUID, Path(description="信用修复编号")]
#: Who takes a step; the table says who may.
Actor = Annotated[Context, requires(whose=Whose.PLACES)]
State = Literal["filed", "approved", "refused"]


class RepairIn(
    Body,
    title="信用修复申请",
    example={
        "commitment": "已恢复物业管理用房用途，承诺不再发生",
        "evidence": [{"title": "整改复查意见", "number": "DSZB-2024-031", "day": "2024-06-20"}],
    },
):
    """An application for repair (信用修复)."""

    commitment: Text = Field(description="信用承诺和整改情况")
    evidence: list[EvidenceIn] = Field(min_length=1, max_length=20, description="已履行义务、完成整改的佐证")


class RepairOut(Grounded, title="信用修复情况", clauses=CLAUSES):
    """An application for repair and what became of it (信用修复)."""

    id: UUID = Field(description="信用修复编号")
    record_id: UUID = Field(description="信用信息编号")
    company_id: UUID = Field(description="企业编号")
    commitment: str = Field(description="信用承诺和整改情况")
    evidence: list[EvidenceOut] = Field(description="佐证")
    filed_at: LocalTime = Field(description="申请时间")
    due_on: date = Field(description="审核期限")
    state: State = Field(description="filed 已申请，approved 已同意，refused 未同意")
    decision: str | None = Field(description="审核意见；没有审核的为空", examples=["整改属实，同意修复"])
    decided_at: LocalTime | None = Field(description="审核时间；没有审核的为空")
    allowed: list[str] = Field(description="您目前可做的操作", examples=[["approve"]])


def _shown(row: Repair, context: Context) -> RepairOut:
    evidence = [EvidenceOut(**each) for each in row.evidence]
    return RepairOut.of(row, evidence=evidence, allowed=REPAIR.allowed(row.state, context.caller))


router = routes.router("信用修复")


@router.post(
    "/records/{id}/repairs",
    status_code=201,
    summary="申请信用修复",
    description="企业对本企业的不良信息，在最短公示期满、完成整改后申请修复，附佐证。未满期限、已失效或没有登记整改的返回 409，"
    "并写明可以申请的日期。",
    responses=problems(404, 409),
    openapi_extra=clauses(*CLAUSES),
)
async def file_repair(
    id: RecordId,
    body: RepairIn,
    context: Annotated[Context, requires(one_of=(COMPANY,), whose=Whose.PLACES)],
) -> RepairOut:
    """Apply for the repair of a record of one's own."""
    company = await own_company(context)
    record = await db.locked(context.session, Record, id, NO_SUCH_RECORD)
    if record.company_id != company.id:
        raise NotFound("not-found", NO_SUCH_RECORD)
    scheme = await the_scheme(context.session, None, context.today)
    await _must_be_repairable(context, record, company, scheme)
    row = Repair(
        id=db.new_id(),
        record_id=id,
        company_id=company.id,
        commitment=body.commitment,
        evidence=body.model_dump(mode="json")["evidence"],
        filed_at=context.now,
        due_on=add_workdays(context.today, scheme.periods.repair_check).day,
        state="filed",
    )
    try:
        await REPAIRS.begin(context, row)
    except IntegrityError:
        raise Conflict("repair-exists", "这条信息的信用修复已经申请或已经同意。", clauses=CLAUSES) from None
    return _shown(row, context)


async def _must_be_repairable(context: Context, record: Record, company: Company, scheme: Scheme) -> None:
    """Refuse what counts no more, what is not put right yet, and what is too young. Raises: Conflict."""
    line = await _in_force(context, record, company, scheme)
    rule = None if line is None else rule_of(scheme, line.item)
    if line is None or rule is None:
        raise Conflict(
            "nothing-to-repair", "这条信息已经失效、撤回或不是不良信息，不需修复。", clauses=CLAUSES
        )
    since = repairable_from(rule, local_day(record.acted_at))
    if context.today < since:
        raise Conflict(
            "repair-too-early",
            f"最短公示期未满，{since} 起可以申请修复。",
            clauses=CLAUSES,
            repairable_from=str(since),
        )
    if line.item.validity == "put_right":
        said = select(Amendment.id).where(Amendment.record_id == record.id, Amendment.action == "put_right")
        if await context.session.scalar(said) is None:
            raise Conflict(
                "not-put-right", "这条信息还没有登记整改，请先由登记单位登记整改日期。", clauses=CLAUSES
            )


async def _in_force(context: Context, record: Record, company: Company, scheme: Scheme) -> Line | None:
    """The record as it counts today, by the same statement as the score; None where it does not."""
    score = await score_of(
        context.session, scheme, ScoreOf(context.today, which=(company.id,), with_lines=True)
    )
    lines = [] if score is None else score.lines
    return next((line for line in lines if line.row["id"] == str(record.id)), None)


@router.get(
    "/repairs",
    summary="列出信用修复",
    description="按申请先后分页列出，可按企业和状态筛选；企业只能看本企业的。",
    openapi_extra=clauses(*CLAUSES),
)
async def list_repairs(
    context: Reader,
    paging: PageRequest,
    company: Annotated[UUID | None, Query(description="企业编号")] = None,
    state: Annotated[State | None, Query(description="状态")] = None,
) -> Page[RepairOut]:
    """The applications."""
    query = context.within(narrowed(select(Repair), company_id=company, state=state), REPAIRS.belongs)
    return await paging.page(context.session, query, lambda row: _shown(row, context), Repair.id)


@router.get(
    "/repairs/{id}",
    summary="查看一项信用修复",
    description="申请、审核期限和审核意见。",
    responses=problems(404),
    openapi_extra=clauses(*CLAUSES),
)
async def read_repair(id: RepairId, context: Reader) -> RepairOut:
    """An application."""
    return _shown(await REPAIRS.read(context, id), context)


@move(
    router,
    "/repairs/{id}",
    REPAIR,
    "approve",
    "同意修复：自当日起不再公开、不再使用，当前得分和等级随之更新；因此已不符合黑榜条件的，移出公开的黑榜。档案仍保留，"
    "已确定的评价结果不变。",
    summary="同意信用修复",
)
async def approve_repair(id: RepairId, body: DecideIn, context: Actor) -> RepairOut:
    """Approve: from today on the record is used and public no more."""
    row = await _decided(context, id, "approve", body.decision)
    record = await db.locked(context.session, Record, row.record_id, NO_SUCH_RECORD)
    await amend(
        context, record, Amendment(action="repaired", effective_on=context.today, reason=body.decision)
    )
    await leave_lists(context, record.company_id, "信用修复")
    return _shown(row, context)


@move(
    router,
    "/repairs/{id}",
    REPAIR,
    "refuse",
    "不同意修复，写明理由；可以重新申请。",
    summary="不同意信用修复",
)
async def refuse_repair(id: RepairId, body: DecideIn, context: Actor) -> RepairOut:
    """Refuse."""
    return _shown(await _decided(context, id, "refuse", body.decision), context)


async def _decided(context: Context, id: UUID, action: str, decision: str) -> Repair:
    row: Repair = await REPAIRS.lock(context, id)
    REPAIRS.step(context, row, action, decision)
    row.decision, row.decided_at = decision, context.now
    return row
