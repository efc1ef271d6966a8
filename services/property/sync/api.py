"""The smart-property platform's synchronisation (P-2.2.6): its rows come in, and what it needs to find a difference goes out."""

from datetime import timedelta
from typing import Annotated, Any, Literal, Self, cast
from uuid import UUID

from fastapi import Path, Query, Request
from pydantic import Field
from sqlalchemy import select

from kit.context import Context
from kit.district.clock import LocalTime
from kit.district.named_units import Street
from kit.storage import db
from kit.web import routes, streams
from kit.web.access import requires
from kit.web.ownership import Whose
from kit.web.pages import Page, PageRequest
from kit.web.problems import problems
from kit.web.routes import clauses
from kit.web.shapes import Answer, Grounded
from services.property.base import DistrictReader
from services.property.plan.owning import OWNED, Owned, Owns
from services.property.sync.differences import DIGEST, differing, digests
from services.property.sync.models import SyncReceipt
from services.property.sync.rows import EXAMPLE, ROWS, Kind, described
from services.property.sync.work import LISTED, Run

PLATFORM = "property:sync"
NO_SUCH_RECEIPT = "没有这份同步回执，请核对编号。"
Platform = Annotated[Context, requires(PLATFORM, whose=Whose.DISTRICTS)]
KindPath = Annotated[Kind, Path(description="companies 企业，projects 项目，compounds 小区，contracts 合同")]
KindAsked = Annotated[
    Kind, Query(description="companies 企业，projects 项目，compounds 小区，contracts 合同")
]
#: A receipt that says nothing for so long is of a process that has ended.
_SILENT = timedelta(minutes=10)
State = Literal["running", "done", "broken"]
_KINDS = "companies 企业，projects 项目，compounds 小区，contracts 合同"


class RejectionOut(Answer, title="未接收的行"):
    """A line that was not taken (未接收的行)."""

    line: int = Field(description="行号，从 1 起")
    key: str | None = Field(description="平台编号；读不出时为空", examples=["C-1"])
    reason: str = Field(
        description="原因和改法", examples=["/uscc 统一社会信用代码不对：应为 18 位，且校验码相符。"]
    )


class ReceiptOut(Grounded, title="同步回执", clauses=("P-2.2.6",)):
    """What became of a request (同步回执)."""

    id: UUID = Field(description="回执编号")
    kind: Kind = Field(description=_KINDS)
    client: str = Field(description="提交的客户端", examples=["smart-platform"])
    state: State = Field(
        description="running 进行中，done 已完成，broken 中断（已处理完的各批保留，可从头重新提交）"
    )
    accepted: int = Field(description="接收的行数：新增、更改和删除")
    unchanged: int = Field(description="与已收到的相同、没有变化的行数")
    stale: int = Field(description="版本旧于已收到的、跳过的行数")
    rejected: int = Field(description="未接收的行数")
    rejections: list[RejectionOut] = Field(description=f"未接收的行，最多列出前 {LISTED} 行")
    why: str | None = Field(description="中断的原因", examples=["gzip 正文在中途断开"])
    begun_at: LocalTime = Field(description="开始时间")
    moved_at: LocalTime = Field(description="最近一批处理完的时间")


class StreetDigestOut(Answer, title="街道摘要"):
    """The rows of a street in two numbers (街道摘要)."""

    street: str | None = Field(description="街道（镇）；企业属全区，为空", examples=["天骄街道"])
    rows: int = Field(description="行数，不含已删除的")
    hash: str = Field(description="摘要，15 位十六进制", examples=["0c4a1f00b2d3e45"])


class DigestOut(Grounded, title="同步摘要", clauses=("P-2.2.6",)):
    """The rows of a kind by street (同步摘要)."""

    kind: Kind = Field(description=_KINDS)
    items: list[StreetDigestOut] = Field(description="各街道（镇）")


class FieldOwnerOut(Answer, title="字段归属"):
    """Who owns a field (字段归属)."""

    kind: Kind = Field(description=_KINDS)
    field: str = Field(description="字段", examples=["uscc"])
    name: str = Field(description="字段名称", examples=["统一社会信用代码"])
    owner: Literal["platform", "people", "first"] = Field(
        description="platform 平台，people 人工，first 先填者"
    )
    means: str = Field(description="两边不同时如何办理", examples=[Owns.PLATFORM.means])

    @classmethod
    def owned(cls, kind: Kind, owned: Owned) -> Self:
        """A row of the table."""
        means = owned.owner.means
        return cls(kind=kind, field=owned.field, name=owned.zh, owner=owned.owner.code, means=means)


class DifferentFieldOut(Answer, title="不同的字段"):
    """A field that differs (不同的字段)."""

    field: str = Field(description="字段；deleted 为平台已删除而登记仍在册", examples=["name"])
    owner: Literal["platform", "people", "first"] = Field(
        description="归属：platform 平台，people 人工，first 先填者"
    )
    ours: Any = Field(description="本系统现在的值", examples=["和谐家园二期"])
    platform: Any = Field(description="平台最近所报的值", examples=["和谐家园"])
    replaced: Any = Field(description="被平台的值替换的人工原值；没有时为空", examples=[None])


class DifferenceOut(Answer, title="与平台的差异"):
    """An entry that the platform states otherwise (与平台的差异)."""

    key: str = Field(description="平台编号", examples=["X-1"])
    entry: UUID | None = Field(description="本系统的登记编号")
    street: str | None = Field(description="平台所报的街道（镇）", examples=["天骄街道"])
    fields: list[DifferentFieldOut] = Field(description="不同的字段")


router = routes.router("平台同步")
taking = streams.router("平台同步")


@taking.put(
    "/sync/{kind}",
    summary="同步平台登记",
    description="智慧物业平台提交登记：每行一个 JSON 对象（NDJSON，可用 gzip 压缩），行数不限，逐批接收。"
    "key 是平台自己的编号，source_version 是只增不减的版本号；deleted 为 true 的行是删除。重复的行没有变化，"
    "旧版本的行跳过；有误的行按行号列出，不影响其他行。中途断开的，已处理完的各批保留，从头重新提交即可。"
    "处理期间可按回执查看进度。各字段归谁见字段归属。",
    responses=problems(400, 413, 415),
    openapi_extra=clauses("P-2.2.6")
    | streams.taking(described(), EXAMPLE, {"key": "C-2", "source_version": 7, "deleted": True}),
)
async def sync_rows(kind: KindPath, request: Request, context: Platform) -> ReceiptOut:
    """Take the platform's rows in (P-2.2.6)."""
    run = Run(request, context, kind)
    await run.take()
    async with streams.transaction(request, context) as reading:
        return _receipt(reading, await db.found(reading.session, SyncReceipt, run.receipt, NO_SUCH_RECEIPT))


@router.get(
    "/sync/receipts",
    summary="列出同步回执",
    description="各次同步的结果，最近的在前；进行中的随每一批更新。",
    openapi_extra=clauses("P-2.2.6"),
)
async def list_receipts(
    context: DistrictReader,
    paging: PageRequest,
    kind: Annotated[Kind | None, Query(description=_KINDS)] = None,
) -> Page[ReceiptOut]:
    """The receipts, newest first."""
    query = select(SyncReceipt)
    if kind is not None:
        query = query.where(SyncReceipt.kind == kind)
    rows, following = await paging.fetch(context.session, query, SyncReceipt.id, descending=True)
    return Page(items=[_receipt(context, row) for row in rows], next=following)


@router.get(
    "/sync/receipts/{id}",
    summary="查看同步回执",
    description="一次同步接收、未变、过时和未接收的行数；进行中的为目前的进度。",
    responses=problems(404),
    openapi_extra=clauses("P-2.2.6"),
)
async def read_receipt(
    id: Annotated[UUID, Path(description="回执编号")], context: DistrictReader
) -> ReceiptOut:
    """A receipt."""
    return _receipt(
        context, await db.found(context.session, SyncReceipt, id, "没有这份同步回执，请核对编号。")
    )


def _receipt(context: Context, row: SyncReceipt) -> ReceiptOut:
    silent = row.state == "running" and context.now - row.moved_at > _SILENT
    return ReceiptOut.of(row, **({"state": "broken", "why": "系统中断；请从头重新提交。"} if silent else {}))


def _add_digest(kind: Kind, noun: str) -> None:
    """A path for each kind, as one with a parameter would be mistaken for a receipt's."""

    @router.get(
        f"/sync/{kind}/digest",
        name=f"read_{kind}_digest",
        summary=f"查看{noun}的同步摘要",
        description=DIGEST,
        openapi_extra=clauses("P-2.2.6"),
    )
    async def read_digest(context: DistrictReader) -> DigestOut:
        """Counts and hashes by street."""
        items = [StreetDigestOut.of(row) for row in await digests(context.session, kind)]
        return DigestOut.of(kind=kind, items=items)


for _kind, _noun in (
    ("companies", "企业"),
    ("projects", "项目"),
    ("compounds", "小区"),
    ("contracts", "合同"),
):
    _add_digest(cast(Kind, _kind), _noun)


@router.get(
    "/sync/ownership",
    summary="查看字段归属",
    description="平台所报的各字段归谁：平台、人工或先填者，以及两边不同时如何办理；不在表中的都归人工。",
    openapi_extra=clauses("P-2.2.6"),
)
async def read_field_owners(_: DistrictReader) -> list[FieldOwnerOut]:
    """Who owns which field."""
    return [FieldOwnerOut.owned(kind, owned) for kind in ROWS for owned in OWNED[kind]]


@router.get(
    "/sync/differences",
    summary="列出与平台的差异",
    description="登记与平台最近所报不同的，逐个字段列出归属和两边的值，按平台编号分页。",
    openapi_extra=clauses("P-2.2.6"),
)
async def list_differences(
    context: DistrictReader,
    paging: PageRequest,
    kind: KindAsked,
    street: Annotated[Street | None, Query(description="平台所报的街道（镇）")] = None,
) -> Page[DifferenceOut]:
    """What the platform states otherwise."""
    query, order = differing(kind, street)
    rows, following = await paging.fetch(context.session, query, order)
    return Page(items=[DifferenceOut.of(row) for row in rows], next=following)
