"""Endpoints of credit information (P-2.3.2a, P-4.3)."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

from fastapi import Path, Query, Response
from sqlalchemy import Select, func, select

from kit.context import Context
from kit.district.clock import Day, local_day
from kit.storage import db
from kit.web import routes
from kit.web.ownership import Belonging
from kit.web.pages import Page, PageRequest, narrowed
from kit.web.problems import problems
from kit.web.routes import clauses
from services.credit.base import Reader, Recorder, Writer
from services.credit.companies.models import Company
from services.credit.companies.whose import CompanyQuery, named_company
from services.credit.lists.work import leave_lists
from services.credit.records import amending
from services.credit.records.entering import CLAUSES, enter_new, must_amend
from services.credit.records.models import Amendment, Record
from services.credit.records.shapes import (
    AmendmentOut,
    CorrectIn,
    DoubleOut,
    EvidenceOut,
    PutRightIn,
    RecordEnteredOut,
    RecordIn,
    RecordOut,
    State,
    WithdrawIn,
)

RecordId = Annotated[UUID, Path(description="信用信息编号")]
NO_SUCH_RECORD = "没有这条信用信息，请核对编号。"
_USCC = select(Company.uscc).where(Company.id == Record.company_id).scalar_subquery()
#: Every street and department reads every company's information, a company its own (P-2.3.2b).
READ = Belonging(company=_USCC)
#: A street amends what it entered itself.
WRITE = Belonging(Record.division, _USCC)


async def shown(context: Context, records: Sequence[Record]) -> list[RecordOut]:
    """Records with what was said of them later, in the order given."""
    said: dict[UUID, list[AmendmentOut]] = defaultdict(list)
    query = select(Amendment).where(db.among(Amendment.record_id, [each.id for each in records]))
    for row in await context.session.scalars(query.order_by(Amendment.seq)):
        said[row.record_id].append(AmendmentOut.of(row))
    return [
        RecordOut.of(
            each,
            evidence=[EvidenceOut(**one) for one in each.evidence],
            state=_state(said[each.id]),
            amendments=said[each.id],
        )
        for each in records
    ]


def _state(said: Sequence[AmendmentOut]) -> State:
    for each in said:
        if each.action == "withdrawn" or each.action == "corrected":
            return each.action
    return "standing"


async def _one(context: Context, record: Record) -> RecordOut:
    [found] = await shown(context, [record])
    return found


async def _locked(context: Context, id: UUID) -> Record:
    """The record, for one who may amend it: no company, a street its own, and whoever enters its item or the centre."""
    record = await db.locked(context.session, Record, id, NO_SUCH_RECORD)
    await context.must_hold(WRITE, Record.id == id, NO_SUCH_RECORD)
    await must_amend(context, record)
    return record


router = routes.router("信用信息")


@router.post(
    "/records",
    status_code=201,
    summary="登记信用信息",
    description="由街道（镇）、部门、法院等按评价方案登记企业的优良、不良和基础信息，写明行为时间、佐证。"
    "登记后不能修改，有误的更正或撤回，均保留记录。likely_same 列出同一天的同类信息，请核对是否重复。",
    openapi_extra=clauses(*CLAUSES),
)
async def enter_record(body: RecordIn, context: Recorder, response: Response) -> RecordEnteredOut:
    """Enter what a company did (P-2.3.2a, P-4.3)."""
    record = await enter_new(context, body.told)
    response.headers["Location"] = f"/credit/v1/records/{record.id}"
    same = select(Record.id).where(
        Record.company_id == record.company_id,
        Record.project_id.is_not_distinct_from(record.project_id),
        Record.item == record.item,
        Record.acted_on == local_day(record.acted_at),
        Record.id != record.id,
        ~_taken_back().exists(),
    )
    likely_same = list(await context.session.scalars(same.order_by(Record.seq)))
    return RecordEnteredOut.of(await _one(context, record), likely_same=likely_same)


@router.get(
    "/records",
    summary="列出信用信息",
    description="按登记先后分页列出，可按企业、服务项目、评价项目和行为日期筛选；已撤回、更正的也列出，并注明。",
    responses=problems(404),
    openapi_extra=clauses(*CLAUSES),
)
async def list_records(
    context: Reader,
    paging: PageRequest,
    company: CompanyQuery = None,
    project: Annotated[UUID | None, Query(description="服务项目编号")] = None,
    item: Annotated[str | None, Query(description="评价项目编码", max_length=10)] = None,
    since: Annotated[Day | None, Query(description="行为在这一天及以后的")] = None,
) -> Page[RecordOut]:
    """The records."""
    whose = None if company is None else (await named_company(context, company)).id
    query = narrowed(select(Record), company_id=whose, project_id=project, item=item)
    if since is not None:
        query = query.where(Record.acted_on >= since)
    rows, following = await paging.fetch(context.session, context.within(query, READ), Record.seq)
    return Page(items=await shown(context, rows), next=following)


@router.get(
    "/records/doubles",
    summary="列出疑似重复的信用信息",
    description="同一企业、同一服务项目、同一评价项目、同一天的多条信息；由人工核对，确属重复的撤回其一。",
    openapi_extra=clauses(*CLAUSES),
)
async def list_doubles(context: Reader, paging: PageRequest) -> Page[DoubleOut]:
    """Records that are likely one act."""
    doubles = context.within(_doubles(), READ).subquery("doubles")
    rows, following = await paging.fetch(
        context.session, select(*doubles.c), doubles.c.acted_on, doubles.c.first
    )
    return Page(items=[DoubleOut.of(row) for row in rows], next=following)


def _taken_back() -> Select[Any]:
    return select(Amendment.id).where(
        Amendment.record_id == Record.id, Amendment.action.in_(amending.TAKEN_BACK)
    )


def _doubles() -> Select[Any]:
    key = (Record.company_id, Record.project_id, Record.item, Record.acted_on)
    ids = func.array_agg(Record.id)
    several = func.count() > 1
    columns: tuple[Any, ...] = (*key, ids.label("records"), func.min(Record.seq).label("first"))
    return select(*columns).where(~_taken_back().exists()).group_by(*key).having(several)


@router.get(
    "/records/{id}",
    summary="查看一条信用信息",
    description="信用信息、佐证和后续记载。",
    responses=problems(404),
    openapi_extra=clauses(*CLAUSES),
)
async def read_record(id: RecordId, context: Reader) -> RecordOut:
    """A record."""
    record = await db.found(context.session, Record, id, NO_SUCH_RECORD)
    await context.must_hold(READ, Record.id == id, NO_SUCH_RECORD)
    return await _one(context, record)


@router.post(
    "/records/{id}/withdraw",
    summary="撤回信用信息",
    description="登记有误的撤回，写明理由；自撤回起不再计分，已公布的评价结果不变。重复撤回的不变。",
    responses=problems(404, 409),
    openapi_extra=clauses(*CLAUSES),
)
async def withdraw_record(id: RecordId, body: WithdrawIn, context: Writer) -> RecordOut:
    """Take a record back; it stays in the file."""
    record = await _locked(context, id)
    await amending.withdraw(context, record, body.reason)
    await leave_lists(context, record.company_id, "信用信息已撤回")
    return await _one(context, record)


@router.post(
    "/records/{id}/correct",
    status_code=201,
    summary="更正信用信息",
    description="登记有误的，以一条新的信息代替，写明理由；原信息保留并指向新的信息。",
    responses=problems(404, 409),
    openapi_extra=clauses(*CLAUSES),
)
async def correct_record(id: RecordId, body: CorrectIn, context: Writer) -> RecordOut:
    """Put a record in the place of a wrong one."""
    record = await _locked(context, id)
    made = await amending.correct(context, record, body.record.told, body.reason)
    await leave_lists(context, record.company_id, "信用信息已更正")
    return await _one(context, made)


@router.post(
    "/records/{id}/put-right",
    summary="登记整改或移出",
    description="严重不良信息已整改，或已移出失信被执行人名单的，登记日期；严重不良信息仍不短于最短期限。",
    responses=problems(404, 409),
    openapi_extra=clauses(*CLAUSES, "P-2.2.3c"),
)
async def put_record_right(id: RecordId, body: PutRightIn, context: Writer) -> RecordOut:
    """Keep that what was done is put right, or that a listing is over (P-2.2.3c)."""
    record = await _locked(context, id)
    await amending.put_right(context, record, body.on, body.reason)
    return await _one(context, record)
