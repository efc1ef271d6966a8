"""All that happened to a compound, in order of time: one list over all capabilities."""

from datetime import date

from pydantic import Field
from sqlalchemy import Text, literal, select, union_all

from kit.storage import db
from kit.web import routes
from kit.web.pages import Page, PageRequest
from kit.web.problems import MERGED, problems
from kit.web.routes import clauses
from kit.web.shapes import Answer
from services.property import attention, charges, inspections
from services.property.base import Reader
from services.property.committees import happened as committees
from services.property.compounds import happened as compounds
from services.property.compounds.models import Compound
from services.property.compounds.work import BELONGING, NO_SUCH_COMPOUND
from services.property.contracts import happened as contracts
from services.property.directory import CompoundId
from services.property.surveys import happened as surveys

HAPPENED = (
    *compounds.HAPPENED,
    *surveys.HAPPENED,
    *committees.HAPPENED,
    *contracts.HAPPENED,
    *charges.HAPPENED,
    *inspections.HAPPENED,
    *attention.HAPPENED,
)
_TITLES = {each.kind: each.title for each in HAPPENED}


class HappeningOut(Answer, title="小区历史"):
    """Something that happened to a compound (小区历史)."""

    day: date = Field(description="发生日期；摸底为截至日期")
    kind: str = Field(
        description="种类：" + "，".join(f"{kind} {title}" for kind, title in _TITLES.items()),
        examples=["contract_filed"],
    )
    title: str = Field(description="种类的名称", examples=["合同备案"])
    sentence: str = Field(description="发生了什么", examples=["首次摸底：专业化物业管理"])
    clause: str | None = Field(description="所依据的条款；没有的为空", examples=["P-2.2.5"])
    link: str = Field(
        description="有关记录的地址",
        examples=["/property/v1/contracts/01990000-0000-7000-8000-000000000000"],
    )


router = routes.router("小区")


@router.get(
    "/compounds/{id}/history",
    summary="查看小区的历史",
    description="截至今天小区发生的一切，后发生的在前：各次摸底逐格的改动、更名、改属、合并，业委会（物管会）的成立和解散，"
    "红色物业的认定和撤销，合同的签订和备案，管理单位的更替，联合执法检查，因诉求异常聚集的重点关注，停用。已并入另一小区的，转到该小区。",
    responses=problems(404) | MERGED,
    openapi_extra=clauses("P-3.1"),
)
async def read_compound_history(id: CompoundId, context: Reader, paging: PageRequest) -> Page[HappeningOut]:
    """What happened to a compound up to today, newest first."""
    await db.found(context.session, Compound, id, NO_SUCH_COMPOUND)
    await context.must_hold(BELONGING, Compound.id == id, NO_SUCH_COMPOUND)
    of_each = ((each.kind, each.of(id).subquery()) for each in HAPPENED)
    parts = (select(literal(kind, Text).label("kind"), *part.c) for kind, part in of_each)
    rows = union_all(*parts).subquery("history")
    query = select(*rows.c).where(rows.c.day <= context.today)
    page, following = await paging.fetch(
        context.session, query, rows.c.day, rows.c.kind, rows.c.id, descending=True
    )
    return Page(items=[HappeningOut.of(row, title=_TITLES[row.kind]) for row in page], next=following)
